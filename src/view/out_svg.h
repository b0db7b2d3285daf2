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
