/* screen.h - a canvas on the terminal. The only file that draws with curses, and it only copies cells.
 *
 * Promises   Cells that did not change are not written. Colours are asked for when first used; a terminal that runs out of pairs gets
 *            attributes only. One doupdate a frame. The cursor stands where one types or at what is selected.
 * Owns       The canvas, what was shown last, the colour pairs.
 */
#pragma once

#include "view/canvas.h"

struct screen;

/* Owner (struct cell) of what is drawn over the scene: its ROLE_CURSOR cells get the cursor first. */
enum { SCREEN_OVERLAY = 0xffff };

struct screen *screen_open(enum theme theme, enum glyph_set glyphs);
void screen_close(struct screen *s);

struct canvas *screen_canvas(struct screen *s);
enum theme screen_theme(const struct screen *s);
void screen_set_theme(struct screen *s, enum theme theme);
void screen_set_glyphs(struct screen *s, enum glyph_set glyphs);

/* The size of the terminal, in cells. */
void screen_fit(struct screen *s);
/* Everything must be written again: the terminal shows something else. */
void screen_forget(struct screen *s);
/* Show the canvas. `typing`: the last row is an input line. */
void screen_show(struct screen *s, bool typing);
