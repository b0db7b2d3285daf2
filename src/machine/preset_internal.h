/* preset_internal.h - what the files of the preset share. Nobody else includes this. */
#pragma once

#include "base/json.h"
#include "machine/preset.h"

/* Resolve a document and free it; NULL: false, its reader has said why. */
bool preset_from_document(struct json_doc *doc, struct preset *out, struct error *e);
