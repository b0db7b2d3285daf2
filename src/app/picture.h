/* picture.h - a picture among what a command prints: on a terminal in its width and colours, elsewhere as plain text, or as SVG.
 *
 * Promises   Never an escape sequence when stdout is no terminal. A theme or a set of signs that was not asked for (-1) is the terminal's.
 */
#pragma once

#include "view/canvas.h"
#include "view/theme.h"

struct buffer;

enum { PICTURE_HEIGHT = 22 };

int picture_width(bool svg);
enum glyph_set picture_glyphs(int asked, bool svg);
void picture_put(const struct canvas *c, int theme, bool svg, const char *title, struct buffer *out);
