/* search.c - see search.h. A sheet is a canvas nobody sees. Where all matches are in the pane's own picture they are marked there; else the
 * pane shows a window of the sheet around the current match.
 */
#include "view/search.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

enum { SHEET_SMALL = 512, MATCHES_MOST = 10000 };

struct pattern {
    uint32_t cp[SEARCH_TEXT];
    unsigned length;
    bool exact;  /* capitals count */
    bool blanks; /* and so do blanks */
};

struct match {
    int row, first, end; /* cells first .. end-1 */
};

struct matches {
    struct match *match;
    unsigned count, room;
};

/* --- matching ------------------------------------------------------------------------------------ */

static uint32_t
folded(const struct pattern *p, uint32_t cp)
{
    return !p->exact && cp >= 'A' && cp <= 'Z' ? cp + 'a' - 'A' : cp;
}

static struct pattern
pattern_of(const char *text, bool blanks)
{
    struct pattern p = {.blanks = blanks};
    size_t length = strlen(text);
    uint32_t cp;

    for (const char *at = text; *at; at++)
        p.exact |= *at >= 'A' && *at <= 'Z';
    for (size_t at = 0; at < length && p.length < SEARCH_TEXT;) {
        at += text_step(text + at, length - at, &cp);
        if (blanks || cp != ' ')
            p.cp[p.length++] = folded(&p, cp);
    }
    return p;
}

/* The cell after the match that begins at x, or -1. */
static int
match_at(const struct canvas *c, const struct pattern *p, int x, int y)
{
    unsigned i = 0;

    for (; i < p->length && x < c->w; x++) {
        const struct cell *cell = canvas_cell(c, x, y);

        if (cell->width == 0 || (!p->blanks && i > 0 && cell->cp == ' '))
            continue;
        if (folded(p, cell->cp) != p->cp[i])
            return -1;
        i++;
    }
    while (x < c->w && canvas_cell(c, x, y)->width == 0)
        x++;
    return p->length && i == p->length ? x : -1;
}

static void
add_match(struct matches *m, struct match found)
{
    if (m->count == m->room) {
        m->room = m->room ? 2 * m->room : 64;
        m->match = memory_resize(m->match, m->room, sizeof *m->match);
    }
    m->match[m->count++] = found;
}

static void
find_all(const struct canvas *c, struct rect r, const struct pattern *p, struct matches *m)
{
    for (int y = r.y; y < r.y + r.h; y++)
        for (int x = r.x; x < r.x + r.w && m->count < MATCHES_MOST; x++) {
            int end = canvas_cell(c, x, y)->width ? match_at(c, p, x, y) : -1;

            if (end < 0 || end > r.x + r.w)
                continue;
            add_match(m, (struct match){y, x, end});
            x = end - 1;
        }
}

static struct matches
find(const struct canvas *c, struct rect r, const char *text)
{
    struct pattern p = pattern_of(text, true);
    struct matches m = {0};

    find_all(c, r, &p, &m);
    p = pattern_of(text, false);
    if (!m.count && p.length > 1)
        find_all(c, r, &p, &m);
    return m;
}

/* --- the sheet ----------------------------------------------------------------------------------- */

static bool
row_is_blank(const struct canvas *c, int y)
{
    for (int x = 0; x < c->w; x++)
        if (canvas_cell(c, x, y)->cp != ' ' && canvas_cell(c, x, y)->width)
            return false;
    return true;
}

/* A pane may keep something at its foot: of several blank rows only one is kept. Returns the rows. */
static int
close_gaps(struct canvas *c)
{
    int rows = 0;

    for (int y = 0; y < c->h; y++) {
        if (row_is_blank(c, y) && (y + 1 == c->h || row_is_blank(c, y + 1)))
            continue;
        if (rows != y)
            memmove(&c->cells[rows * c->w], &c->cells[y * c->w], (size_t)c->w * sizeof *c->cells);
        rows++;
    }
    return rows;
}

/* All a pane has to say at this width. */
static struct canvas *
sheet_of(const struct scene *s, enum pane_id pane, int w, enum glyph_set glyphs, int *rows)
{
    struct scene still = *s;
    struct canvas *c;

    memset(still.set.scroll, 0, sizeof still.set.scroll);
    for (int h = SHEET_SMALL;; h = CANVAS_SHEET_MAX) {
        c = canvas_create_sheet(w, h, glyphs);
        c->owner = (uint16_t)pane;
        pane_row[pane].draw(&still, c, rect_of(0, 0, w, h));
        *rows = close_gaps(c);
        if (*rows < h - 8 || h == CANVAS_SHEET_MAX)
            return c;
        canvas_destroy(c);
    }
}

/* --- outside ------------------------------------------------------------------------------------- */

static void
mark(struct canvas *c, const struct match *m, int dx, int dy, bool current)
{
    struct rect at = rect_of(m->first + dx, m->row + dy, m->end - m->first, 1);

    canvas_restyle(c, at, current ? ROLE_CURSOR : ROLE_FOUND);
    canvas_flag(c, at, current ? CELL_BOLD | CELL_UNDERLINE : CELL_UNDERLINE);
}

/* The rows of the sheet around the current match. */
static void
draw_window(struct canvas *c, struct rect r, struct canvas *sheet, int rows,
            const struct matches *m, unsigned at)
{
    int top = m->match[at].row - r.h / 2;

    if (top > rows - r.h)
        top = rows - r.h;
    if (top < 0)
        top = 0;
    canvas_fill(c, r, ROLE_TEXT, 0);
    canvas_copy(c, r.x, r.y, sheet, rect_of(0, top, r.w, rows - top < r.h ? rows - top : r.h));
    canvas_clip_push(c, r);
    for (unsigned i = 0; i < m->count; i++)
        mark(c, &m->match[i], r.x, r.y - top, i == at);
    canvas_clip_pop(c);
}

unsigned
search_draw(const struct scene *s, enum pane_id pane, struct canvas *c, struct rect r,
            const char *text, unsigned at)
{
    struct rect seen = rect_cut(r, rect_of(0, 0, c->w, c->h));
    struct matches here, all;
    struct canvas *sheet;
    unsigned count;
    int rows;

    pane_row[pane].draw(s, c, r);
    if (seen.w < 1 || seen.h < 1)
        return 0;
    sheet = sheet_of(s, pane, r.w, c->glyphs, &rows);
    all = find(sheet, rect_of(0, 0, r.w, rows), text);
    here = find(c, seen, text);
    count = all.count;
    at = count ? at % count : 0;
    if (here.count == count)
        for (unsigned i = 0; i < count; i++)
            mark(c, &here.match[i], 0, 0, i == at);
    else if (count)
        draw_window(c, r, sheet, rows, &all, at);
    free(here.match);
    free(all.match);
    canvas_destroy(sheet);
    return count;
}

unsigned
search_count(const struct scene *s, enum pane_id pane, int w, int h, enum glyph_set glyphs,
             const char *text)
{
    struct canvas *c = canvas_create(w, h, glyphs);
    unsigned count = search_draw(s, pane, c, rect_of(0, 0, w, h), text, 0);

    canvas_destroy(c);
    return count;
}

unsigned
search_rows(const struct scene *s, enum pane_id pane, int w, const char *text,
            void (*each)(void *ctx, const char *row), void *ctx)
{
    struct buffer row = {0};
    int rows, last = -1;
    unsigned shown = 0;
    struct canvas *c = sheet_of(s, pane, w, GLYPHS_ASCII, &rows);
    struct matches m = find(c, rect_of(0, 0, w, rows), text);

    for (unsigned i = 0; i < m.count; i++) {
        if (m.match[i].row == last)
            continue;
        last = m.match[i].row;
        buffer_truncate(&row, 0);
        canvas_row_text(c, last, &row);
        each(ctx, buffer_text(&row));
        shown++;
    }
    buffer_free(&row);
    free(m.match);
    canvas_destroy(c);
    return shown;
}

unsigned
search_all_rows(const struct scene *s, enum pane_id pane, int w, enum glyph_set glyphs,
                void (*each)(void *ctx, const char *row), void *ctx)
{
    struct buffer row = {0};
    int rows;
    struct canvas *c = sheet_of(s, pane, w, glyphs, &rows);

    for (int y = 0; y < rows; y++) {
        buffer_truncate(&row, 0);
        canvas_row_text(c, y, &row);
        each(ctx, buffer_text(&row));
    }
    buffer_free(&row);
    canvas_destroy(c);
    return (unsigned)rows;
}
