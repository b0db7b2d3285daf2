/* pane_frames.c - physical memory, one letter a frame: whose it is. Rows without an owner are summed up in one line, so that a machine
 * with a million frames shows the few that matter. Free blocks are stepped over whole: the picture costs what is used, not what there is.
 */
#include "view/panes.h"

#include <stdio.h>

#include "base/json.h"
#include "base/lang.h"
#include "base/text.h"

enum { DETAIL_ROWS = 3 };

struct map_shape {
    unsigned cells;    /* frames in a row */
    int label;         /* cells of a row's label */
};

/* A row of the picture: frames, or a stretch of free ones. */
struct map_row {
    pfn_t first;
    uint64_t free;     /* not 0: so many frames, all free */
};

static pfn_t
frame_wanted(const struct scene *s)
{
    pfn_t pfn = pane_selected(s, PANE_FRAMES) ? s->set.select_a : event_frame(s);

    if (!pfn && s->walk.translated)
        pfn = pfn_of(scene_format(s), s->walk.pa);
    return pfn < s->now->hw.geo.frames ? pfn : 0;
}

static char
pid_letter(uint32_t pid)
{
    return pid == 0 ? 'a' : pid < 10 ? (char)('0' + pid) : pid < 36 ? (char)('a' + pid - 10) : '+';
}

/* '\0' stands for a free frame, which is a glyph. */
static char
frame_letter(const struct frame *f)
{
    switch (f->use) {
    case USE_RESERVED:
    case USE_BLOCK:
    case USE_PART:
        return 'K';
    case USE_ZERO:
        return 'Z';
    case USE_TABLE:
        return 'T';
    case USE_ANON:
        return f->maps > 1 ? 'S' : pid_letter(f->owner);
    case USE_FILE:
        return f->maps > 1 ? 'S' : 'F';
    case USE_PROGRAM:
        return f->owner ? pid_letter(f->owner) : 0;
    default:
        return 0;
    }
}

static enum role
frame_role(const struct frame *f)
{
    switch (f->use) {
    case USE_RESERVED:
    case USE_BLOCK:
    case USE_PART:
        return ROLE_KERNEL;
    case USE_ZERO:
        return ROLE_ZERO_PAGE;
    case USE_TABLE:
        return ROLE_PAGE_TABLE;
    case USE_ANON:
        return f->maps > 1 ? ROLE_SHARED : ROLE_USER;
    case USE_FILE:
        return f->maps > 1 ? ROLE_SHARED : ROLE_ACCENT;
    case USE_PROGRAM:
        return f->owner ? ROLE_USER : ROLE_FREE;
    default:
        return ROLE_FREE;
    }
}

static int
hex_digits(uint64_t value)
{
    int n = 1;

    while (value >>= 4)
        n++;
    return n;
}

/* The largest row of 8, 16, 32, 64 or 128 that fits with a blank after every eight. */
static struct map_shape
map_fit(const struct scene *s, int w)
{
    struct map_shape m = {.cells = 8};

    m.label = hex_digits(s->now->hw.geo.frames - 1) + 2;
    while (m.cells < 128 && m.cells * 2 <= s->now->hw.geo.frames &&
           m.label + (int)(m.cells * 2 + m.cells * 2 / 8 - 1) <= w)
        m.cells *= 2;
    return m;
}

/* How far memory is free from here on: the end of the free block that begins here, else the frame itself. */
static pfn_t
free_until(const struct scene *s, pfn_t at)
{
    const struct frame *f = s->now->os.frame;

    while (at < s->now->hw.geo.frames && f[at].use == USE_FREE)
        at += UINT64_C(1) << f[at].order;
    return at < s->now->hw.geo.frames ? at : s->now->hw.geo.frames;
}

/* The next row at or after frame `at`; `known_free` is how far the rows before found memory free. Rows with a mark on them are shown. */
static struct map_row
map_next(const struct scene *s, const struct map_shape *m, pfn_t at, pfn_t *known_free)
{
    struct map_row row = {.first = at};
    pfn_t wanted = frame_wanted(s), rows_end;
    bool kept;

    if (*known_free < at)
        *known_free = at;
    *known_free = free_until(s, *known_free);
    rows_end = *known_free == s->now->hw.geo.frames ? *known_free : *known_free / m->cells * m->cells;
    kept = wanted >= at && wanted < rows_end;
    if (kept) /* the stretch ends before the row of the frame in question */
        rows_end = wanted / m->cells * m->cells;
    if (rows_end > at && rows_end - at > m->cells)
        row.free = rows_end - at;
    return row;
}

static pfn_t
map_after(const struct map_shape *m, const struct map_row *row)
{
    return row->first + (row->free ? row->free : m->cells);
}

static void
row_cells(struct pen *p, const struct scene *s, const struct map_shape *m, pfn_t first)
{
    for (unsigned x = 0; x < m->cells && first + x < s->now->hw.geo.frames; x++) {
        const struct frame *f = &s->now->os.frame[first + x];
        char text[2] = {frame_letter(f), 0};
        unsigned link = link_frame(s, first + x);

        if (pane_selected(s, PANE_FRAMES) && s->set.select_a == first + x)
            link |= CELL_FOCUS;
        if (x && x % 8 == 0)
            pen_put(p, " ", ROLE_TEXT, 0);
        canvas_target(p->c, TARGET_ITEM, first + x, 0);
        if (text[0])
            pen_put(p, text, frame_role(f), link);
        else
            pen_glyph(p, GLYPH_DOT, ROLE_FREE, link);
        canvas_target(p->c, TARGET_NONE, 0, 0);
    }
}

/* Draws the rows from number `skip` on; a dry pen only counts. Returns the number of the row with the frame in question. */
static int
map_draw(struct pen *p, const struct scene *s, const struct map_shape *m)
{
    pfn_t at = 0, known_free = 0, wanted = frame_wanted(s);
    int interest = 0;

    while (at < s->now->hw.geo.frames && (p->dry || !pen_full(p))) {
        struct map_row row = map_next(s, m, at, &known_free);

        at = map_after(m, &row);
        if (wanted >= row.first && wanted < at)
            interest = p->y;
        if (!p->dry && p->y >= 0) {
            pen_putf(p, ROLE_DIM, 0, "f%-*llx", m->label - 1, (unsigned long long)row.first);
            if (row.free) {
                pen_glyph(p, GLYPH_ELLIPSIS, ROLE_FREE, 0);
                pen_putf(p, ROLE_FREE, 0, " %llu %s", (unsigned long long)row.free, tr("free"));
            } else {
                row_cells(p, s, m, row.first);
            }
        }
        pen_line(p);
    }
    return interest;
}

static void
detail_owner(struct pen *p, const struct scene *s, const struct frame *f)
{
    if (f->use == USE_TABLE) {
        const struct format *fmt = scene_format(s);

        pen_putf(p, ROLE_PAGE_TABLE, 0, "  %s", f->level < fmt->levels ? fmt->level[f->level].name : "?");
    }
    if ((f->use == USE_TABLE || f->use == USE_ANON || f->use == USE_PROGRAM) && f->owner)
        pen_putf(p, ROLE_DIM, 0, "  %s %u", tr("pid"), f->owner);
    if (f->use == USE_BLOCK)
        pen_putf(p, ROLE_DIM, 0, "  %s %u", tr("order"), f->order);
    if (f->use == USE_FILE && f->object < OBJECT_MAX)
        pen_putf(p, ROLE_DIM, 0, "  \"%s\" +%llu", s->now->os.s->object[f->object].name, (unsigned long long)f->offset);
}

/* The pid of the first task in this address space. */
static uint32_t
mm_pid(const struct os *os, uint32_t mm)
{
    for (uint32_t pid = 1; pid < TASK_MAX; pid++)
        if (os->s->task[pid].pid && os->s->task[pid].mm == mm && os->s->task[pid].state != TASK_DEAD)
            return pid;
    return 0;
}

static void
detail_maps(struct pen *p, const struct scene *s, const struct frame *f)
{
    const struct os *os = &s->now->os;
    char pid[32], va[NUMBER_TEXT];
    unsigned shown = 0;

    for (uint32_t n = f->rmap; n && shown < 16; n = os->rmap[n].next, shown++) {
        snprintf(pid, sizeof pid, "%s%s %u ", shown ? "  " : "", tr("pid"), mm_pid(os, os->rmap[n].mm));
        value_text(s, os->rmap[n].va, 0, va);
        if (pen_left(p) < (int)(text_width(pid) + text_width(va) + (os->rmap[n].next ? 2 : 0))) {
            pen_glyph(p, GLYPH_ELLIPSIS, ROLE_DIM, 0); /* half an address would be another address */
            break;
        }
        pen_put(p, pid, ROLE_DIM, 0);
        pen_put(p, va, ROLE_ADDRESS, 0);
    }
}

static void
map_detail(struct pen *p, const struct scene *s, pfn_t pfn)
{
    const struct frame *f = &s->now->os.frame[pfn];
    char number[NUMBER_TEXT];

    pen_label(p, pfn, link_frame(s, pfn));
    pen_frame_number(p, s, pfn);
    pen_putf(p, ROLE_TEXT, 0, "  %s", tr(frame_use_name[f->use]));
    detail_owner(p, s, f);
    pen_line(p);
    if (frame_is_free(f))
        return;
    pen_putf(p, ROLE_DIM, 0, "%s ", tr("owners"));
    pen_putf(p, ROLE_NUMBER, link_frame(s, pfn) & CELL_CHANGED, "%u", f->refs);
    pen_putf(p, ROLE_DIM, 0, "  %s ", tr("mapped"));
    pen_putf(p, ROLE_NUMBER, 0, "%u", f->maps);
    pen_put(p, "  ", ROLE_TEXT, 0);
    if (f->use == USE_TABLE && f->owner && pen_left(p) >= (int)text_width(tr("translates from")) + 16) {
        pen_putf(p, ROLE_DIM, 0, "%s ", tr("translates from"));
        pen_put(p, value_text(s, f->offset, 0, number), ROLE_ADDRESS, 0);
    }
    detail_maps(p, s, f);
    pen_line(p);
}

/* What the letters mean. */
static void
map_legend(struct pen *p, const struct scene *s)
{
    static const struct { const char *letter, *text; enum role role; } row[] = {
        {"T", "table", ROLE_PAGE_TABLE}, {"1", "pid", ROLE_USER},         {"F", "file", ROLE_ACCENT},
        {"S", "shared", ROLE_SHARED},    {"Z", "zeros", ROLE_ZERO_PAGE}, {"K", "kernel", ROLE_KERNEL},
    };

    pen_putf(p, ROLE_DIM, 0, "%s ", tr("free"));
    pen_putf(p, ROLE_NUMBER, 0, "%u", s->now->os.s->free_frames);
    pen_putf(p, ROLE_DIM, 0, "/%llu", (unsigned long long)s->now->hw.geo.frames);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (pen_left(p) < (int)text_width(tr(row[i].text)) + 4)
            break;
        pen_put(p, "  ", ROLE_TEXT, 0);
        pen_put(p, row[i].letter, row[i].role, 0);
        pen_putf(p, ROLE_DIM, 0, " %s", tr(row[i].text));
    }
    pen_line(p);
}

static void
frames_draw(const struct scene *s, struct canvas *c, struct rect r)
{
    int below = r.h >= 5 ? DETAIL_ROWS : 0, h = r.h - below, skip;
    struct map_shape m = map_fit(s, r.w);
    struct pen p = {.c = c, .r = r, .dry = true};
    int interest = map_draw(&p, s, &m), total = p.y;

    skip = scroll_for(total, h, interest, s->set.scroll[PANE_FRAMES]);
    pen_open(&p, c, rect_of(r.x, r.y, r.w, h));
    p.y = -skip;
    map_draw(&p, s, &m);
    pen_more(&p, skip > 0, total - skip > h);
    pen_close(&p);
    if (!below)
        return;
    pen_open(&p, c, rect_of(r.x, r.y + r.h - below, r.w, below));
    map_legend(&p, s);
    if (frame_wanted(s))
        map_detail(&p, s, frame_wanted(s));
    pen_close(&p);
}

void
pane_frames(const struct scene *s, struct canvas *c, struct rect r)
{
    struct pen p;

    if (s->now->os.frame && s->now->preset.kernel) {
        frames_draw(s, c, r);
        return;
    }
    pen_open(&p, c, r);
    pen_rest(&p, tr("No kernel keeps books about frames on this machine."), ROLE_DIM, 0);
    pen_close(&p);
}

void
frames_move(const struct scene *s, int dx, int dy, struct scene_settings *set)
{
    int64_t last = (int64_t)s->now->hw.geo.frames - 1;
    int64_t at = (int64_t)frame_wanted(s);

    if (pane_selected(s, PANE_FRAMES))
        at += dx + (int64_t)dy * 16;
    set->selected = true;
    set->select_a = (uint64_t)(at < 0 ? 0 : at > last ? last : at);
}

static void
frame_json(const struct scene *s, pfn_t pfn, struct buffer *out)
{
    const struct frame *f = &s->now->os.frame[pfn];
    const struct os *os = &s->now->os;
    unsigned link = link_frame(s, pfn);

    json_open(out, '{');
    json_key(out, "frame");
    json_put_uint(out, pfn);
    json_key(out, "use");
    json_put_string(out, frame_use_name[f->use]);
    json_key(out, "refs");
    json_put_uint(out, f->refs);
    json_key(out, "maps");
    json_put_uint(out, f->maps);
    json_key(out, "owner");
    json_put_uint(out, f->owner);
    if (f->use == USE_TABLE) {
        json_key(out, "level");
        json_put_uint(out, f->level);
        json_key(out, "va");
        json_put_hex(out, f->offset);
    }
    if (f->use == USE_BLOCK) {
        json_key(out, "order");
        json_put_uint(out, f->order);
        json_key(out, "asked");
        json_put_uint(out, f->offset);
    }
    if (f->use == USE_FILE) {
        json_key(out, "offset");
        json_put_uint(out, f->offset);
    }
    json_key(out, "event");
    json_put_string(out, link == CELL_CHANGED ? "changed" : link ? "read" : "");
    json_key(out, "mapped_by");
    json_open(out, '[');
    for (uint32_t n = f->rmap; n; n = os->rmap[n].next) {
        json_open(out, '{');
        json_key(out, "pid");
        json_put_uint(out, mm_pid(os, os->rmap[n].mm));
        json_key(out, "va");
        json_put_hex(out, os->rmap[n].va);
        json_close(out, '}');
    }
    json_close(out, ']');
    json_close(out, '}');
}

void
pane_frames_json(const struct scene *s, struct buffer *out)
{
    json_key(out, "frames");
    json_put_uint(out, s->now->hw.geo.frames);
    json_key(out, "used");
    json_open(out, '[');
    if (s->now->os.frame && s->now->preset.kernel)
        for (pfn_t i = free_until(s, 0); i < s->now->hw.geo.frames; i = free_until(s, i + 1))
            if (!frame_is_free(&s->now->os.frame[i]) && s->now->os.frame[i].use != USE_RESERVED)
                frame_json(s, i, out);
    json_close(out, ']');
    if (s->now->preset.kernel) {
        json_key(out, "free");
        json_put_uint(out, s->now->os.s->free_frames);
    }
}
