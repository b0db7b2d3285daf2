/* pane_talk.c - who turns to whom during one operation: a lane each for CPU, MMU, cache, memory, kernel and disk, an arrow each time one asks
 * or answers another. Beside it the same events as three books number the steps of a page fault.
 *
 *   CPU   MMU   memory  kernel  disk    A B C
 *   [----->                              1        access
 *         [----->                        2        walk_read
 *         <-----]                        3
 */
#include "view/panes.h"

#include <string.h>

#include "base/json.h"
#include "base/lang.h"
#include "hw/cache.h"

enum lane { LANE_CPU, LANE_MMU, LANE_CACHE, LANE_MEMORY, LANE_KERNEL, LANE_DISK, LANES };
enum { BOOKS = 3, LANE_LEAST = 5, LANE_MOST = 10, STEP_WIDTH = 2, NAME_WIDTH = 16 };

static const char *const lane_name[LANES] = {"cpu", "mmu", "cache", "memory", "kernel", "disk"};
static const char *const lane_title[LANES] = {"CPU", "MMU", "cache", "memory", "kernel", "disk"};
static const char *const book_name[BOOKS] = {
    "A: CS:APP, five steps of a hit, seven of a miss",
    "B: Silberschatz, seven steps of the kernel",
    "C: six steps, as notes often have them",
};

static const struct talk {
    enum event_code code;
    enum lane from, to;
    uint8_t step[BOOKS];
} talks[] = {
#define TALK(code, from, to, a, b, c) {EV_##code, LANE_##from, LANE_##to, {a, b, c}},
#include "view/talks.def"
#undef TALK
};

enum { TALKS = sizeof talks / sizeof *talks };

/* --- what was said --- */

/* What goes to memory, and what comes from there, passes the cache, where there is one. */
static enum lane
lane_of(const struct scene *s, const struct talk *t, enum lane lane)
{
    bool hardware = t->from < LANE_KERNEL && t->to < LANE_KERNEL;
    bool of_cache = t->from == LANE_CACHE || t->to == LANE_CACHE;

    return lane == LANE_MEMORY && hardware && !of_cache && cache_exists(&s->now->hw) ? LANE_CACHE
                                                                                     : lane;
}

static bool
has_lane(const struct scene *s, int lane)
{
    if (lane == LANE_CACHE)
        return cache_exists(&s->now->hw);
    return lane < LANE_KERNEL || s->now->preset.kernel;
}

/* A cache is asked for an entry before it has it or fetches it; without one, memory is asked. */
static bool
is_said(const struct scene *s, const struct event *ev, const struct talk *t)
{
    if (t->code != ev->code)
        return false;
    if (t->from == LANE_MMU && t->to == LANE_CACHE)
        return ev->what == LINE_ENTRY;
    return t->code != EV_WALK_READ || t->from == LANE_MEMORY || !cache_exists(&s->now->hw);
}

/* The first line of the log that belongs to the operation under way. */
static unsigned
first_line(const struct scene *s)
{
    unsigned i = s->logged;

    while (i > 0 && s->log[i - 1].at.op == s->at.op)
        i--;
    return i;
}

/* Was this page chosen to leave, earlier in the operation? */
static bool
leaves(const struct scene *s, unsigned line, vaddr_t va)
{
    for (unsigned i = first_line(s); i < line; i++)
        if (s->log[i].ev.code == EV_VICTIM_CHOSEN && s->log[i].ev.va == va)
            return true;
    return false;
}

/* The books speak of the page's frame, not of those that tables are made in; and what is written into the entry of a page that
 * leaves belongs to making room, like the choice of that page. */
static unsigned
step_of(const struct scene *s, unsigned line, const struct talk *t, int book)
{
    static const uint8_t making_room[BOOKS] = {5, 4, 3};
    const struct format *f = &s->now->hw.geo.format;
    const struct event *ev = &s->log[line].ev;

    if (t->code == EV_FRAME_ALLOC && ev->use == USE_TABLE)
        return 0;
    if (t->code == EV_ENTRY_WRITE && vpn_of(f, ev->va) != vpn_of(f, s->walk.va))
        return ev->level + 1u < f->levels ? t->step[book] : leaves(s, line, ev->va) ? making_room[book] : 0;
    return t->step[book];
}

/* --- drawing --- */

struct shape {
    int lane[LANES]; /* columns; -1: not on this machine */
    int each, right; /* cells a lane has; where the lanes end */
    bool books, names;
};

static struct shape
shape_for(const struct scene *s, int width)
{
    struct shape f = {.books = width >= 40, .names = width >= 58};
    int beside = (f.books ? BOOKS * STEP_WIDTH + 1 : 0) + (f.names ? NAME_WIDTH : 0), lanes = 0,
        each, x = 0;

    for (int i = 0; i < LANES; i++)
        lanes += has_lane(s, i);
    each = (width - beside) / lanes;
    each = each > LANE_MOST ? LANE_MOST : each < LANE_LEAST ? LANE_LEAST : each;
    for (int i = 0; i < LANES; i++) {
        f.lane[i] = has_lane(s, i) ? x : -1;
        x += has_lane(s, i) ? each : 0;
    }
    f.each = each;
    f.right = x;
    return f;
}

static void
draw_head(struct pen *p, const struct shape *f)
{
    static const char *const letter[BOOKS] = {"A", "B", "C"};

    for (int i = 0; i < LANES; i++) {
        if (f->lane[i] < 0)
            continue;
        canvas_put_fit(p->c, p->r.x + f->lane[i], p->r.y, f->each - 1, tr(lane_title[i]), ROLE_TITLE, CELL_BOLD);
    }
    for (int i = 0; f->books && i < BOOKS; i++) {
        p->x = f->right + i * STEP_WIDTH;
        pen_put(p, letter[i], ROLE_DIM, CELL_BOLD);
    }
    pen_line(p);
}

static void
draw_arrow(struct pen *p, int from, int to, enum role role)
{
    int left = from < to ? from : to, right = from < to ? to : from;

    p->x = left;
    if (from == to) {
        pen_glyph(p, GLYPH_BULLET, role, CELL_BOLD);
        return;
    }
    pen_glyph(p, from < to ? GLYPH_TRACK_START : GLYPH_POINT_LEFT, role, CELL_BOLD);
    while (p->x < right)
        pen_glyph(p, GLYPH_TRACK, role, 0);
    pen_glyph(p, from < to ? GLYPH_POINT_RIGHT : GLYPH_TRACK_END, role, CELL_BOLD);
}

static void
draw_talk(struct pen *p, const struct scene *s, const struct shape *f, unsigned line,
          const struct talk *t)
{
    const struct event *ev = &s->log[line].ev;
    const struct event_row *row = &event_row[ev->code];
    bool current = line + 1 == s->logged;

    pen_target(p, TARGET_TIME, s->number - (s->logged - 1 - line), 0);
    for (int i = 0; i < LANES; i++) {
        if (f->lane[i] < 0)
            continue;
        p->x = f->lane[i];
        pen_glyph(p, GLYPH_DOT, ROLE_DIM, 0);
    }
    draw_arrow(p, f->lane[lane_of(s, t, t->from)], f->lane[lane_of(s, t, t->to)],
               class_role(row->class));
    for (int i = 0; f->books && i < BOOKS; i++) {
        p->x = f->right + i * STEP_WIDTH;
        if (step_of(s, line, t, i))
            pen_putf(p, ROLE_NUMBER, current ? CELL_BOLD : 0, "%u", step_of(s, line, t, i));
    }
    if (f->names) {
        p->x = f->right + BOOKS * STEP_WIDTH + 1;
        pen_rest(p, row->name, current ? ROLE_TITLE : ROLE_DIM, current ? CELL_BOLD : 0);
    }
    pen_target(p, TARGET_NONE, 0, 0);
    pen_line(p);
}

static void
draw_lines(struct pen *p, const struct scene *s, const struct shape *f)
{
    for (unsigned i = first_line(s); i < s->logged; i++)
        for (int t = 0; t < TALKS; t++) {
            if (!is_said(s, &s->log[i].ev, &talks[t]))
                continue;
            if (p->dry || p->y < 0 || pen_full(p))
                pen_line(p);
            else
                draw_talk(p, s, f, i, &talks[t]);
        }
}

static void
draw_books(struct canvas *c, struct rect r)
{
    for (int i = 0; i < BOOKS; i++)
        canvas_put_fit(c, r.x, r.y + i, r.w, tr(book_name[i]), ROLE_DIM, 0);
}

void
pane_talk(const struct scene *s, struct canvas *c, struct rect r)
{
    struct shape f = shape_for(s, r.w);
    struct pen p, dry = {.c = c, .r = r, .dry = true};
    bool legend = f.books && r.h >= 12;
    int room = r.h - 1 - (legend ? BOOKS : 0), skip;

    draw_lines(&dry, s, &f);
    skip = dry.y - room + (s->set.scroll[PANE_TALK] < 0 ? s->set.scroll[PANE_TALK] : 0);
    skip = skip > 0 ? skip : 0;
    pen_open(&p, c, r);
    draw_head(&p, &f);
    pen_close(&p);
    pen_open(&p, c, rect_of(r.x, r.y + 1, r.w, room));
    p.y = -skip;
    draw_lines(&p, s, &f);
    if (dry.y == 0)
        pen_rest(&p, tr("Nobody has turned to anybody yet."), ROLE_DIM, 0);
    pen_more(&p, skip > 0, dry.y - skip > room);
    pen_close(&p);
    if (legend)
        draw_books(c, rect_of(r.x, r.y + r.h - BOOKS, r.w, BOOKS));
}

/* --- as JSON --- */

static void
talk_json(const struct scene *s, unsigned line, const struct talk *t, struct buffer *out)
{
    const struct event *ev = &s->log[line].ev;

    json_open(out, '{');
    json_key(out, "n");
    json_put_uint(out, s->number - (s->logged - 1 - line));
    json_key(out, "event");
    json_put_string(out, event_row[ev->code].name);
    json_key(out, "from");
    json_put_string(out, lane_name[lane_of(s, t, t->from)]);
    json_key(out, "to");
    json_put_string(out, lane_name[lane_of(s, t, t->to)]);
    json_key(out, "steps");
    json_open(out, '[');
    for (int i = 0; i < BOOKS; i++)
        json_put_uint(out, step_of(s, line, t, i));
    json_close(out, ']');
    json_close(out, '}');
}

void
pane_talk_json(const struct scene *s, struct buffer *out)
{
    json_key(out, "books");
    json_open(out, '[');
    for (int i = 0; i < BOOKS; i++)
        json_put_string(out, book_name[i]);
    json_close(out, ']');
    json_key(out, "talks");
    json_open(out, '[');
    for (unsigned i = first_line(s); i < s->logged; i++)
        for (int t = 0; t < TALKS; t++)
            if (is_said(s, &s->log[i].ev, &talks[t]))
                talk_json(s, i, &talks[t], out);
    json_close(out, ']');
}
