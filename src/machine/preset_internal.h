/* preset_internal.h - what the files of the preset share. Nobody else includes this. */
#pragma once

#include "base/json.h"
#include "machine/preset.h"

/* Resolve a document and free it; NULL: false, its reader has said why. */
bool preset_from_document(struct json_doc *doc, struct preset *out, struct error *e);

/* "segments" and "programs" (preset_program.c); geometry, control and kernel are known. */
bool preset_read_segments(struct json root, struct preset *p, struct error *e);
bool preset_read_programs(struct json root, struct preset *p, struct error *e);
/* Frames that memory may have at most with programs in one piece. */
uint64_t preset_programs_most(const struct preset *p);
