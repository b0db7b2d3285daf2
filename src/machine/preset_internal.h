/* preset_internal.h - what the files of the preset share. Nobody else includes this. */
#pragma once

#include "base/json.h"
#include "machine/preset.h"

/* Resolve a document and free it; NULL: false, its reader has said why. */
bool preset_from_document(struct json_doc *doc, struct preset *out, struct error *e);

/* "format", or "modes". */
bool preset_read_format(struct json root, struct preset *p, struct error *e);
/* Does the rest fit a machine that changes its mode (one CPU, no kernel)? And its format is that of the
 * registers it is switched on with. */
bool preset_check_modes(struct json root, struct preset *p, struct error *e);
