/* out_text.h - a canvas as plain text: a line a row, trailing blanks trimmed, no escapes. */
#pragma once

#include "base/buffer.h"
#include "view/canvas.h"

void out_text(const struct canvas *c, struct buffer *out);
