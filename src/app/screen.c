/* screen.c - cells to curses. A row with a wide character in it, now or before, is cleared and written whole from left to right: curses 6.4
 * shifts the rest of a row when half of a wide character is overwritten in the same frame.
 */
#include "app/screen.h"

#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "app/terminfo.h"
#include "base/memory.h"
#include "view/pane.h"

enum { PAIR_SLOTS = 512 /* a power of two */ };

struct pair {
    int16_t fg, bg;
    int number; /* 0: free slot */
};

struct screen {
    struct canvas *canvas;
    struct cell *shown; /* what the terminal shows, w * h; NULL: unknown */
    int w, h;
    enum theme theme;
    int colours;
    struct pair pair[PAIR_SLOTS];
    int pairs;
};

/* --- opening ------------------------------------------------------------------------------------- */

/* Asked for with the first theme that has colours: until then (NO_COLOR) not even the default ones are set. */
static int
colours_for(enum theme theme)
{
    static bool started;

    if (theme == THEME_MONO || !has_colors())
        return 0;
    if (!started) {
        terminfo_enter();
        start_color();
        use_default_colors();
        terminfo_leave();
        started = true;
    }
    return COLORS >= 256 ? 256 : COLORS >= 16 ? 16 : COLORS >= 8 ? 8 : 0;
}

struct screen *
screen_open(enum theme theme, enum glyph_set glyphs)
{
    struct screen *s = memory_new(1, sizeof *s);

    s->theme = theme;
    s->colours = colours_for(theme);
    s->canvas = canvas_create(COLS, LINES, glyphs);
    screen_fit(s);
    return s;
}

void
screen_close(struct screen *s)
{
    if (!s)
        return;
    canvas_destroy(s->canvas);
    free(s->shown);
    free(s);
}

struct canvas *
screen_canvas(struct screen *s)
{
    return s->canvas;
}

enum theme
screen_theme(const struct screen *s)
{
    return s->theme;
}

void
screen_set_theme(struct screen *s, enum theme theme)
{
    s->theme = theme;
    s->colours = colours_for(theme);
    screen_forget(s);
}

void
screen_set_glyphs(struct screen *s, enum glyph_set glyphs)
{
    s->canvas->glyphs = glyphs;
    screen_forget(s);
}

void
screen_fit(struct screen *s)
{
    canvas_resize(s->canvas, COLS, LINES);
    s->w = s->canvas->w;
    s->h = s->canvas->h;
    screen_forget(s);
}

void
screen_forget(struct screen *s)
{
    free(s->shown);
    s->shown = NULL;
    clearok(stdscr, TRUE);
}

/* --- styles -------------------------------------------------------------------------------------- */

static int
pair_of(struct screen *s, int16_t fg, int16_t bg)
{
    unsigned at = ((unsigned)(fg + 1) * 263u + (unsigned)(bg + 1)) % PAIR_SLOTS;

    if (fg < 0 && bg < 0)
        return 0;
    while (s->pair[at].number) {
        if (s->pair[at].fg == fg && s->pair[at].bg == bg)
            return s->pair[at].number;
        at = (at + 1) % PAIR_SLOTS;
    }
    if (s->pairs + 2 >= COLOR_PAIRS || s->pairs + 2 >= PAIR_SLOTS || init_extended_pair(s->pairs + 1, fg, bg) != OK)
        return 0;
    s->pair[at] = (struct pair){fg, bg, ++s->pairs};
    return s->pairs;
}

static attr_t
attributes_of(const struct style *style)
{
    attr_t a = A_NORMAL;

    if (style->attributes & STYLE_BOLD)
        a |= A_BOLD;
    if (style->attributes & STYLE_DIM)
        a |= A_DIM;
    if (style->attributes & STYLE_UNDERLINE)
        a |= A_UNDERLINE;
    if (style->attributes & STYLE_REVERSE)
        a |= A_REVERSE;
    return a;
}

static void
put_cell(struct screen *s, int x, int y, const struct cell *cell)
{
    struct style style = theme_style(s->theme, s->colours, (enum role)cell->role, cell->flags);
    int pair = pair_of(s, style.fg, style.bg);
    wchar_t text[4] = {(wchar_t)cell->cp, (wchar_t)cell->combining[0], (wchar_t)cell->combining[1], 0};
    cchar_t out;

    setcchar(&out, text, attributes_of(&style), 0, &pair);
    mvadd_wch(y, x, &out); /* ERR in the last corner only says that the cursor cannot go on */
}

/* --- rows ---------------------------------------------------------------------------------------- */

static bool
row_has_wide(const struct cell *row, int w)
{
    for (int x = 0; x < w; x++)
        if (row[x].width != 1)
            return true;
    return false;
}

static bool
row_is_same(const struct cell *a, const struct cell *b, int w)
{
    for (int x = 0; x < w; x++)
        if (!cell_looks_same(&a[x], &b[x]))
            return false;
    return true;
}

static void
show_row(struct screen *s, int y)
{
    const struct cell *now = s->canvas->cells + (size_t)y * (size_t)s->w;
    const struct cell *old = s->shown ? s->shown + (size_t)y * (size_t)s->w : NULL;
    bool whole = !old;

    if (old && row_is_same(now, old, s->w))
        return;
    if (row_has_wide(now, s->w) || (old && row_has_wide(old, s->w))) {
        move(y, 0);
        clrtoeol();
        whole = true;
    }
    for (int x = 0; x < s->w; x++)
        if (now[x].width && (whole || !cell_looks_same(&now[x], &old[x])))
            put_cell(s, x, y, &now[x]);
}

static void
keep_shown(struct screen *s)
{
    size_t bytes = (size_t)s->w * (size_t)s->h * sizeof *s->shown;

    if (!s->shown)
        s->shown = memory_new(1, bytes);
    memcpy(s->shown, s->canvas->cells, bytes);
}

/* --- the cursor ---------------------------------------------------------------------------------- */

/* How much a cell deserves the cursor; 0: not at all. */
static int
cursor_rank(const struct screen *s, const struct cell *cell, int y, bool typing)
{
    if (cell->owner == SCREEN_OVERLAY)
        return cell->role == ROLE_CURSOR ? 4 : 0;
    if (typing)
        return y == s->h - 1 && cell->role == ROLE_CURSOR ? 3 : 0;
    if (cell->flags & CELL_FOCUS)
        return 2;
    return cell->owner == PANE_STORY && cell->role == ROLE_CURSOR;
}

static void
place_cursor(struct screen *s, bool typing)
{
    int best = 0, at_x = 0, at_y = 0;

    for (int y = 0; y < s->h; y++)
        for (int x = 0; x < s->w; x++) {
            int rank = cursor_rank(s, &s->canvas->cells[y * s->w + x], y, typing);
            if (rank > best) {
                best = rank;
                at_x = x;
                at_y = y;
            }
        }
    curs_set(best ? 1 : 0);
    move(at_y, at_x);
}

void
screen_show(struct screen *s, bool typing)
{
    terminfo_enter();
    for (int y = 0; y < s->h; y++)
        show_row(s, y);
    keep_shown(s);
    place_cursor(s, typing);
    wnoutrefresh(stdscr);
    doupdate();
    terminfo_leave();
}
