/* out_svg.h - a canvas as a picture: SVG 1.1, one file, no scripts, no links, no fonts of its own.
 *
 * Promises   Valid XML. Columns never drift whatever font the viewer has: runs of ASCII are
 *            stretched to their cells, everything else is placed by its x, and borders are
 *            strokes, not letters.
 */
#pragma once

#include "base/buffer.h"
#include "view/canvas.h"

/* title: for screen readers and tabs; NULL: none. */
void out_svg(const struct canvas *c, enum theme theme, const char *title, struct buffer *out);

/* One row as elements of a picture, its upper edge at 0, for what puts pictures together itself. Lines are in
 * a group of class "lines", letters in one of class "letters": their looks are the page's to say. */
void out_svg_row(const struct canvas *c, enum theme theme, int y, struct buffer *out);
/* Where such a row belongs: its upper edge (y), and the whole picture's width and height. */
struct rect out_svg_place(const struct canvas *c, int y);
