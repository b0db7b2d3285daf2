/* preset_internal.h - what the files of the preset share. Nobody else includes this. */
#pragma once

#include "base/json.h"
#include "machine/preset.h"

bool preset_power_of_two(struct json v, int64_t n, struct error *e);

/* "cache" or "caches", and the longest line a machine of this format may have. */
bool preset_read_cache(struct json root, struct preset *p, struct error *e);
unsigned preset_line_most(const struct format *f);

/* Resolve a document and free it; NULL: false, its reader has said why. */
bool preset_from_document(struct json_doc *doc, struct preset *out, struct error *e);
