/* search.h - a text sought in what a pane draws, also in its rows out of sight.
 *
 * Promises   One mechanism for all panes: the pane is drawn on a sheet as tall as all it has to say, and the sheet is searched. So what a
 *            pane does not show (anything later than the gate) cannot be found. Case counts only when the text sought has a capital. When
 *            nothing is found as it stands, blanks do not count: "488b" finds the bytes 48 8b. A match lies within one row.
 * Owns       Nothing: the sheet is gone afterwards.
 */
#pragma once

#include "view/pane.h"

enum { SEARCH_TEXT = 128 };

/* Draw a pane with its matches marked, number `at` (from 0) as the current one and in sight. Returns how many there are; with none the pane
 * looks as always. */
unsigned search_draw(const struct scene *s, enum pane_id pane, struct canvas *c, struct rect r,
                     const char *text, unsigned at);

/* How many a rectangle of this size would show. */
unsigned search_count(const struct scene *s, enum pane_id pane, int w, int h, enum glyph_set glyphs,
                      const char *text);

/* All rows a pane has to say at this width, as text. Returns how many. */
unsigned search_all_rows(const struct scene *s, enum pane_id pane, int w, enum glyph_set glyphs,
                         void (*each)(void *ctx, const char *row), void *ctx);

/* The rows that contain it, as text. Returns how many. */
unsigned search_rows(const struct scene *s, enum pane_id pane, int w, const char *text,
                     void (*each)(void *ctx, const char *row), void *ctx);
