/* pane_timeline.c - where we are in time: one row from the boot to the last position that may be seen. */
#include "view/panes.h"

#include <stdio.h>

#include "base/json.h"
#include "base/lang.h"
#include "base/text.h"

static int
track_x(const struct scene *s, uint64_t number, int w)
{
    uint64_t n = s->numbers > s->origin ? s->numbers - s->origin : 1;

    number = number > s->origin ? number - s->origin : 0;
    return number >= n ? w - 1 : (int)(number * (uint64_t)(w - 1) / n);
}

/* The event that a cell of the track stands for. */
static uint64_t
track_number(const struct scene *s, int x, int w)
{
    uint64_t n = s->numbers > s->origin ? s->numbers - s->origin : 0;

    return s->origin + (n * (uint64_t)x + (uint64_t)(w - 1) / 2) / (uint64_t)(w - 1);
}

/* Where several marks share a cell the weightiest is seen. */
static int
mark_weight(enum event_class class)
{
    return class == CLASS_FAULT ? 4 : class == CLASS_WRITE ? 3 : class == CLASS_MISS ? 2 : 1;
}

static void
mark_draw(struct canvas *c, int x, int y, enum event_class class)
{
    switch (class) {
    case CLASS_FAULT:
        canvas_put(c, x, y, "!", ROLE_ERROR, CELL_BOLD);
        break;
    case CLASS_WRITE:
        canvas_put_glyph(c, x, y, GLYPH_POINT_DOWN, ROLE_TIMELINE_MARK, 0);
        break;
    case CLASS_MISS:
        canvas_put_glyph(c, x, y, GLYPH_TIMES, ROLE_TLB_MISS, 0);
        break;
    default:
        canvas_put_glyph(c, x, y, GLYPH_STEP, ROLE_TITLE, 0);
        break;
    }
}

/* Where one stands on a bookmark the cursor has its shape. */
static void
bookmarks_draw(const struct scene *s, struct canvas *c, int x0, int y, int w)
{
    int here = track_x(s, s->number, w);

    for (unsigned i = 0; i < s->bookmarks; i++) {
        int x = track_x(s, s->bookmark[i], w);

        if (x != here || s->bookmark[i] == s->number)
            canvas_put_glyph(c, x0 + x, y, GLYPH_BOOKMARK, x == here ? ROLE_CURSOR : ROLE_ACCENT, CELL_BOLD);
    }
}

static void
track_draw(const struct scene *s, struct canvas *c, int x0, int y, int w)
{
    uint8_t seen[CANVAS_WIDTH_MAX] = {0};

    for (int x = 0; x < w; x++) {
        canvas_target(c, TARGET_TIME, track_number(s, x, w), 0);
        canvas_put_glyph(c, x0 + x, y, x == 0 ? GLYPH_TRACK_START : x == w - 1 ? GLYPH_TRACK_END : GLYPH_TRACK, ROLE_TIMELINE, 0);
    }
    for (unsigned i = 0; i < s->marks; i++) {
        int x = track_x(s, s->mark[i].number, w), weight = mark_weight(s->mark[i].class);

        if (s->mark[i].number > s->numbers || s->mark[i].number <= s->origin || x >= CANVAS_WIDTH_MAX || seen[x] >= weight)
            continue;
        seen[x] = (uint8_t)weight;
        canvas_target(c, TARGET_TIME, s->mark[i].number, 0);
        mark_draw(c, x0 + x, y, s->mark[i].class);
    }
    canvas_target(c, TARGET_TIME, s->number, 0);
    canvas_put_glyph(c, x0 + track_x(s, s->number, w), y, GLYPH_CURSOR, ROLE_CURSOR, CELL_BOLD);
    canvas_target(c, TARGET_NONE, 0, 0);
    bookmarks_draw(s, c, x0, y, w);
}

void
pane_timeline(const struct scene *s, struct canvas *c, struct rect r)
{
    char label[48];
    int used, w;

    /* What comes after an open question is not known, so there is no total. */
    snprintf(label, sizeof label, scene_asks(s) ? "%llu/?" : "%llu/%llu", (unsigned long long)s->number, (unsigned long long)s->numbers);
    used = r.w >= 40 ? (int)text_width(label) + 2 : 0;
    w = r.w - used;
    if (w > CANVAS_WIDTH_MAX)
        w = CANVAS_WIDTH_MAX;
    canvas_clip_push(c, r);
    if (w >= 3)
        track_draw(s, c, r.x, r.y, w);
    if (used)
        canvas_put(c, r.x + w + 1, r.y, label, ROLE_NUMBER, 0);
    if (r.h > 1)
        canvas_put_wrapped(c, rect_of(r.x, r.y + 2, r.w, r.h - 2), 0,
                           tr("! fault   x TLB miss   v eviction or exit   + a page of the story begins"), ROLE_DIM, 0);
    if (s->bookmarks && r.h > 1) {
        canvas_put_glyph(c, r.x, r.y + 1, GLYPH_BOOKMARK, ROLE_ACCENT, CELL_BOLD);
        canvas_put(c, r.x + 2, r.y + 1, tr("a bookmark"), ROLE_DIM, 0);
    }
    canvas_clip_pop(c);
}

void
pane_timeline_json(const struct scene *s, struct buffer *out)
{
    static const char *const name[] = {"step", "hit", "miss", "read", "write", "fault"};

    json_key(out, "number");
    json_put_uint(out, s->number);
    if (!scene_asks(s)) {
        json_key(out, "numbers");
        json_put_uint(out, s->numbers);
    }
    json_key(out, "op");
    json_put_uint(out, s->at.op);
    json_key(out, "event");
    json_put_uint(out, s->at.event);
    if (s->bookmarks) {
        json_key(out, "bookmarks");
        json_open(out, '[');
        for (unsigned i = 0; i < s->bookmarks; i++)
            json_put_uint(out, s->bookmark[i]);
        json_close(out, ']');
    }
    json_key(out, "marks");
    json_open(out, '[');
    for (unsigned i = 0; i < s->marks; i++) {
        if (s->mark[i].number > s->numbers || s->mark[i].number <= s->origin)
            continue;
        json_open(out, '{');
        json_key(out, "number");
        json_put_uint(out, s->mark[i].number);
        json_key(out, "class");
        json_put_string(out, name[s->mark[i].class]);
        json_close(out, '}');
    }
    json_close(out, ']');
}
