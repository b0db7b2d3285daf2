/* canvas.h - a grid of cells that panes draw on and backends read.
 *
 * Promises   What cannot be shown never gets into a cell: every code point passes text_is_safe.
 *            A wide character is always whole: writing over one half blanks the other (curses
 *            shifts the rest of the row instead). Drawing outside the clip does nothing. With
 *            ASCII glyphs no cell holds anything above 0x7e.
 *            What a click on a cell means is named when the cell is drawn (canvas_target), so the
 *            mouse acts on what is seen, and nothing is laid out twice.
 * Owns       The cells. Styles are meanings (view/theme.h); only a backend knows colours.
 *
 * Invariant: a cell of width 2 is followed by a cell of width 0 in the same row, and every cell
 * of width 0 follows one of width 2.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "view/theme.h"

enum {
    CANVAS_WIDTH_MAX = 500,
    CANVAS_HEIGHT_MAX = 200,
    CANVAS_CLIPS_MAX = 16,
    CANVAS_SHEET_MAX = 4096,
};

enum glyph_set { GLYPHS_UNICODE, GLYPHS_ASCII };

enum glyph {
#define GLYPH(name, unicode, ascii) GLYPH_##name,
#include "view/glyphs.def"
#undef GLYPH
    GLYPH_COUNT
};

/* What is special about a cell beside its meaning. Several may be set. */
enum cell_flags {
    CELL_BOLD = 1,
    CELL_DIM = 2,
    CELL_UNDERLINE = 4,
    CELL_REVERSE = 8,
    CELL_FOCUS = 16,   /* under the cursor of the focused pane */
    CELL_CHANGED = 32, /* the current event wrote it */
    CELL_READ = 64,    /* the current event read it */
    CELL_LINKED = 128, /* belongs to what is selected in another pane */
};

/* Sides of a cell that a drawn line touches; lines that meet are joined by it. */
enum cell_line { LINE_UP = 1, LINE_RIGHT = 2, LINE_DOWN = 4, LINE_LEFT = 8 };

/* What a click means. */
enum target_kind {
    TARGET_NONE,
    TARGET_ITEM,   /* a, b: the selection it is in the pane that drew it */
    TARGET_PANE,   /* a: a pane, where its name stands */
    TARGET_TIME,   /* a: an event's number */
    TARGET_CHOICE, /* a: a choice of the open question, from 0 */
    TARGET_KEY,    /* a: a part of the row of keys, from 0 */
    TARGET_ROW,    /* a: a line of a list, from 0 */
    TARGET_SCROLL, /* there is more: a 0 above, 1 below */
};

struct target {
    enum target_kind kind;
    uint64_t a, b;
};

struct cell {
    uint32_t cp;           /* ' ' in an empty cell, 0 in the right half of a wide character */
    uint32_t combining[2]; /* 0: none */
    uint16_t owner;        /* the pane that drew it, 0: nobody */
    uint16_t target;       /* what a click on it means, 0: nothing of its own */
    uint8_t width;         /* 0, 1, 2 */
    uint8_t role;          /* enum role */
    uint8_t flags;         /* enum cell_flags */
    uint8_t line;          /* enum cell_line; 0: text */
};

struct rect {
    int x, y, w, h;
};

struct canvas {
    int w, h;
    struct cell *cells; /* row by row */
    enum glyph_set glyphs;
    uint16_t owner;         /* written into every cell drawn from now on */
    uint16_t target;        /* the same */
    struct target *targets; /* what the numbers in cells stand for; 0 is TARGET_NONE */
    unsigned target_count, target_room;
    struct rect clip;
    struct rect clips[CANVAS_CLIPS_MAX];
    int clip_count;
};

/* Sizes are clamped to 1 .. the maximum. Resizing empties the canvas. */
struct canvas *canvas_create(int w, int h, enum glyph_set glyphs);
/* A canvas for reading only, which no terminal has room for: up to CANVAS_SHEET_MAX rows. */
struct canvas *canvas_create_sheet(int w, int h, enum glyph_set glyphs);
void canvas_destroy(struct canvas *c);
void canvas_resize(struct canvas *c, int w, int h);
void canvas_clear(struct canvas *c);

/* The clip becomes its intersection with r, until the pop. */
void canvas_clip_push(struct canvas *c, struct rect r);
void canvas_clip_pop(struct canvas *c);

/* Draw text from (x, y) to the right; returns the cells it takes, clipped or not. '\n' and tabs
 * show as marks. */
int canvas_put(struct canvas *c, int x, int y, const char *text, enum role role, unsigned flags);
int canvas_put_n(struct canvas *c, int x, int y, const char *text, size_t length, enum role role,
                 unsigned flags);
int canvas_putf(struct canvas *c, int x, int y, enum role role, unsigned flags, const char *fmt,
                ...) __attribute__((format(printf, 6, 7)));
int canvas_put_glyph(struct canvas *c, int x, int y, enum glyph g, enum role role, unsigned flags);

/* Into exactly `width` cells: cut with an ellipsis when longer, blanks when shorter. Returns
 * width. */
int canvas_put_fit(struct canvas *c, int x, int y, int width, const char *text, enum role role,
                   unsigned flags);

/* Wrapped text from the top of r, skipping the first `skip` lines; returns the lines the whole
 * text has. */
int canvas_put_wrapped(struct canvas *c, struct rect r, int skip, const char *text, enum role role,
                       unsigned flags);

void canvas_fill(struct canvas *c, struct rect r, enum role role, unsigned flags);

/* Give cells another role or more flags, keeping what they show. */
void canvas_restyle(struct canvas *c, struct rect r, enum role role);
void canvas_flag(struct canvas *c, struct rect r, unsigned flags);

/* Cells of another canvas, with all they are, to (x, y). */
void canvas_copy(struct canvas *c, int x, int y, const struct canvas *from, struct rect r);

/* Lines join what they meet: a vertical line that ends on a box's border gives a T.
 * ROLE_BORDER_FOCUS wins where roles meet. */
void canvas_hline(struct canvas *c, int x, int y, int w, enum role role);
void canvas_vline(struct canvas *c, int x, int y, int h, enum role role);

/* What a click on the cells drawn from now on means; TARGET_NONE: nothing of their own. There is room
 * for as many as there are cells, so only what is in sight should be named. */
void canvas_target(struct canvas *c, enum target_kind kind, uint64_t a, uint64_t b);
/* Name what is in r already. */
void canvas_target_fill(struct canvas *c, struct rect r);
/* What was drawn there; TARGET_NONE outside. */
struct target canvas_target_at(const struct canvas *c, int x, int y);

/* A border along the inside of r with a title on its upper edge (NULL: none). */
void canvas_box(struct canvas *c, struct rect r, const char *title, enum role role);

/* Read back. canvas_cell gives NULL outside; canvas_row_text appends a row, trailing blanks cut. */
const struct cell *canvas_cell(const struct canvas *c, int x, int y);
void canvas_row_text(const struct canvas *c, int y, struct buffer *out);

/* Would a backend show the same? */
bool cell_looks_same(const struct cell *a, const struct cell *b);
/* Do two canvases of one width show the same in row y? */
bool canvas_same_row(const struct canvas *a, const struct canvas *b, int y);

/* The bytes of one cell's text (at most 12 and a NUL); "" for a right half. */
const char *canvas_cell_text(const struct cell *cell, char out[16]);

const char *glyph_text(enum glyph_set set, enum glyph g);

struct rect rect_of(int x, int y, int w, int h);
struct rect rect_inside(struct rect r, int margin);
struct rect rect_cut(struct rect a, struct rect b); /* the intersection; w or h 0 when empty */
