/* api.h - what a lesson can call, for editors, completion and the author's reference. */
#pragma once

#include "base/buffer.h"

/* Every function: operations first ("m.read", "VA [size=1|2|4|8] ..."), then api.def's rows. */
void api_list(void (*each)(void *ctx, const char *name, const char *arguments, const char *doc), void *ctx);

/* The editor's annotations (pagewalk.d.lua) and the linter's list of globals (.luacheckrc). */
void api_annotations(struct buffer *out);
void api_luacheckrc(struct buffer *out);
