/* pane_frames.c - physical memory, one letter a frame: whose it is. With more frames than cells a letter stands for several neighbours, and
 * the frame in question is told in full below.
 */
#include "view/panes.h"

#include <stdio.h>

#include "base/json.h"
#include "base/lang.h"

/* Scanning more records than this for one picture would be felt; then a window of memory is shown. */
enum { FRAMES_SCAN = 1 << 16, DETAIL_ROWS = 3 };

struct map_shape {
    unsigned cells;    /* frames (or groups) in a row */
    unsigned rows;
    uint64_t each;     /* frames a cell stands for */
    uint64_t first;    /* frame of the first cell */
    int label;         /* cells of a row's label */
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
        return 'K';
    case USE_ZERO:
        return 'Z';
    case USE_TABLE:
        return 'T';
    case USE_ANON:
        return f->maps > 1 ? 'S' : pid_letter(f->owner);
    case USE_FILE:
        return f->maps > 1 ? 'S' : 'F';
    default:
        return 0;
    }
}

static enum role
frame_role(const struct frame *f)
{
    switch (f->use) {
    case USE_RESERVED:
        return ROLE_KERNEL;
    case USE_ZERO:
        return ROLE_ZERO_PAGE;
    case USE_TABLE:
        return ROLE_PAGE_TABLE;
    case USE_ANON:
        return f->maps > 1 ? ROLE_SHARED : ROLE_USER;
    case USE_FILE:
        return f->maps > 1 ? ROLE_SHARED : ROLE_ACCENT;
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
map_fit(const struct scene *s, int w, int h)
{
    uint64_t frames = s->now->hw.geo.frames, room;
    struct map_shape m = {.cells = 8, .rows = h > 0 ? (unsigned)h : 1, .each = 1};

    m.label = hex_digits(frames - 1) + 2;
    while (m.cells < 128 && m.label + (int)(m.cells * 2 + m.cells * 2 / 8 - 1) <= w)
        m.cells *= 2;
    if (frames > (uint64_t)m.cells * m.rows && frames <= FRAMES_SCAN)
        while (m.each * m.cells * m.rows < frames)
            m.each *= 2;
    room = m.each * m.cells * m.rows;
    if (room < frames) { /* a window with the wanted frame in its middle */
        uint64_t row = m.each * m.cells, at = frame_wanted(s) / row, half = m.rows / 2, last = (frames + row - 1) / row - m.rows;

        at = at > half ? at - half : 0;
        m.first = (at > last ? last : at) * row;
    }
    return m;
}

/* A group's letter is that of its frames when they agree. */
static void
cell_draw(struct pen *p, const struct scene *s, const struct map_shape *m, uint64_t first)
{
    const struct frame *f = s->now->os.frame;
    char letter = frame_letter(&f[first]), text[2] = {letter, 0};
    enum role role = frame_role(&f[first]);
    uint64_t end = first + m->each, used = 0;
    unsigned link = 0;

    if (end > s->now->hw.geo.frames)
        end = s->now->hw.geo.frames;
    for (uint64_t i = first; i < end; i++) {
        unsigned mark = link_frame(s, i);

        link = mark > link && link != CELL_CHANGED ? mark : link;
        if (mark == CELL_CHANGED)
            link = CELL_CHANGED;
        used += !frame_is_free(&f[i]);
        if (frame_letter(&f[i]) != letter)
            text[0] = '*';
    }
    if (pane_selected(s, PANE_FRAMES) && s->set.select_a >= first && s->set.select_a < end)
        link |= CELL_FOCUS;
    if (text[0] == '*')
        pen_glyph(p, used * 2 > m->each ? GLYPH_SHADE : GLYPH_LIGHT, ROLE_TEXT, link);
    else if (!letter)
        pen_glyph(p, GLYPH_DOT, role, link);
    else
        pen_put(p, text, role, link);
}

static void
map_draw(struct pen *p, const struct scene *s, const struct map_shape *m)
{
    uint64_t frames = s->now->hw.geo.frames;

    for (unsigned y = 0; y < m->rows; y++) {
        uint64_t row = m->first + y * m->each * m->cells;

        if (row >= frames)
            return;
        pen_putf(p, ROLE_DIM, 0, "f%-*llx", m->label - 1, (unsigned long long)row);
        for (unsigned x = 0; x < m->cells && row + x * m->each < frames && pen_left(p) > 0; x++) {
            if (x && x % 8 == 0)
                pen_put(p, " ", ROLE_TEXT, 0);
            cell_draw(p, s, m, row + x * m->each);
        }
        pen_line(p);
    }
}

static void
detail_owner(struct pen *p, const struct scene *s, const struct frame *f)
{
    if (f->use == USE_TABLE) {
        const struct format *fmt = scene_format(s);

        pen_putf(p, ROLE_PAGE_TABLE, 0, "  %s", f->level < fmt->levels ? fmt->level[f->level].name : "?");
    }
    if ((f->use == USE_TABLE || f->use == USE_ANON) && f->owner)
        pen_putf(p, ROLE_DIM, 0, "  %s %u", tr("pid"), f->owner);
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
    unsigned shown = 0;

    for (uint32_t n = f->rmap; n && pen_left(p) > 8 && shown < 16; n = os->rmap[n].next, shown++) {
        pen_putf(p, ROLE_DIM, 0, shown ? "  " : "");
        pen_putf(p, ROLE_DIM, 0, "%s %u ", tr("pid"), mm_pid(os, os->rmap[n].mm));
        pen_putf(p, ROLE_ADDRESS, 0, "0x%llx", (unsigned long long)os->rmap[n].va);
    }
    if (!f->rmap)
        pen_rest(p, tr("No user page is mapped here."), ROLE_DIM, 0);
}

static void
map_detail(struct pen *p, const struct scene *s, pfn_t pfn)
{
    const struct frame *f = &s->now->os.frame[pfn];

    pen_label(p, pfn, link_frame(s, pfn));
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
    detail_maps(p, s, f);
    pen_line(p);
}

/* What the letters mean. */
static void
map_legend(struct pen *p, const struct scene *s, const struct map_shape *m)
{
    static const struct { const char *letter, *text; enum role role; } row[] = {
        {"K", "kernel", ROLE_KERNEL}, {"T", "table", ROLE_PAGE_TABLE}, {"1", "pid", ROLE_USER},
        {"F", "file", ROLE_ACCENT},   {"S", "shared", ROLE_SHARED},    {"Z", "zeros", ROLE_ZERO_PAGE},
    };

    for (size_t i = 0; i < sizeof row / sizeof *row && pen_left(p) > 10; i++) {
        pen_put(p, row[i].letter, row[i].role, 0);
        pen_putf(p, ROLE_DIM, 0, " %s  ", tr(row[i].text));
    }
    if (pen_left(p) > 8) {
        pen_glyph(p, GLYPH_DOT, ROLE_FREE, 0);
        pen_putf(p, ROLE_DIM, 0, " %s ", tr("free"));
        pen_putf(p, ROLE_NUMBER, 0, "%u", s->now->os.s->free_frames);
        pen_putf(p, ROLE_DIM, 0, "/%llu", (unsigned long long)s->now->hw.geo.frames);
    }
    if (m->each > 1 && pen_left(p) > 16)
        pen_putf(p, ROLE_DIM, 0, "   1:%llu", (unsigned long long)m->each);
    pen_line(p);
}

void
pane_frames(const struct scene *s, struct canvas *c, struct rect r)
{
    int below = r.h >= 5 ? DETAIL_ROWS : 0;
    struct map_shape m = map_fit(s, r.w, r.h - below);
    struct pen p;

    pen_open(&p, c, r);
    if (!s->now->os.frame || !s->now->preset.kernel) {
        pen_rest(&p, tr("No kernel keeps books about frames on this machine."), ROLE_DIM, 0);
    } else {
        uint64_t used = (s->now->hw.geo.frames - m.first + m.each * m.cells - 1) / (m.each * m.cells);

        map_draw(&p, s, &m);
        if (below) {
            p.y = used < m.rows ? (int)used : (int)m.rows;
            map_legend(&p, s, &m);
            map_detail(&p, s, frame_wanted(s));
        }
    }
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
        for (pfn_t i = 0; i < s->now->hw.geo.frames; i++)
            if (!frame_is_free(&s->now->os.frame[i]) && s->now->os.frame[i].use != USE_RESERVED)
                frame_json(s, i, out);
    json_close(out, ']');
    if (s->now->preset.kernel) {
        json_key(out, "free");
        json_put_uint(out, s->now->os.s->free_frames);
    }
}
