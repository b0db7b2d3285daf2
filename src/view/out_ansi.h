/* out_ansi.h - a canvas as text with colours, to be printed with cat or piped into less -R.
 *
 * Promises   SGR sequences only, no cursor motion. Every row starts and ends in the default
 *            style; a style is written only where it changes.
 */
#pragma once

#include "base/buffer.h"
#include "view/canvas.h"

/* colours: 256, 16, 8, or 0 for attributes only. */
void out_ansi(const struct canvas *c, enum theme theme, int colours, struct buffer *out);
/* One row of it, without the end of the line. */
void out_ansi_row(const struct canvas *c, int y, enum theme theme, int colours, struct buffer *out);
