/* map.c - see map.h. */
#include "app/map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/screen.h"
#include "base/lang.h"
#include "base/memory.h"
#include "base/text.h"
#include "view/draw.h"
#include "view/pane.h"

/* --- items --------------------------------------------------------------------------------------- */

static void
add(struct map *m, enum map_kind kind, int lesson)
{
    m->item[m->items++] = (struct map_item){kind, lesson};
}

static void
fill_items(struct map *m)
{
    const struct course *c = &m->course;
    const char *part = "";

    m->item = memory_new(2u * c->count + 4u, sizeof *m->item);
    if (c->last >= 0 || c->next >= 0)
        add(m, MAP_CONTINUE, c->last >= 0 ? c->last : c->next);
    add(m, MAP_PLAY, -1);
    add(m, MAP_HELP, -1);
    for (unsigned i = 0; i < c->count; i++) {
        if (strcmp(part, c->lesson[i].part) != 0)
            add(m, MAP_PART, (int)i);
        part = c->lesson[i].part;
        add(m, MAP_LESSON, (int)i);
    }
}

bool
map_open(struct map *m, const struct progress *p, struct error *e)
{
    *m = (struct map){0};
    if (!course_open(&m->course, p, e))
        return false;
    fill_items(m);
    if (m->course.bad) {
        m->message = m->course.bad_text;
        m->message_is_error = true;
    }
    return true;
}

void
map_close(struct map *m)
{
    course_close(&m->course);
    free(m->item);
    m->item = NULL;
    m->items = 0;
}

void
map_move(struct map *m, int delta)
{
    int at = (int)m->picked;

    do
        at += delta < 0 ? -1 : 1;
    while (at >= 0 && at < (int)m->items && m->item[at].kind == MAP_PART);
    if (at >= 0 && at < (int)m->items)
        m->picked = (unsigned)at;
}

const struct map_item *
map_picked(const struct map *m)
{
    return &m->item[m->picked];
}

/* --- drawing ------------------------------------------------------------------------------------- */

enum { HEAD_ROWS = 3, FOOT_ROWS = 1 };

static const char *
title_of(const struct course_lesson *l)
{
    return l->title[lang_now()] ? l->title[lang_now()] : l->title[LANG_EN];
}

static enum glyph
state_glyph(enum course_state state)
{
    return state == COURSE_DONE ? GLYPH_CHECK : state == COURSE_BEGUN ? GLYPH_CURSOR : GLYPH_EMPTY;
}

static void
lesson_state(const struct course_lesson *l, bool next, char out[64])
{
    if (l->state == COURSE_DONE)
        snprintf(out, 64, "%s", tr("done"));
    else if (l->state == COURSE_BEGUN)
        snprintf(out, 64, "%s %u/%u", tr("at step"), l->step, l->steps);
    else if (next)
        snprintf(out, 64, "%s", tr("next"));
    else
        snprintf(out, 64, "%u %s", l->minutes, tr("min"));
}

static void
draw_lesson(const struct map *m, struct canvas *c, struct rect r, const struct map_item *item, bool picked)
{
    const struct course_lesson *l = &m->course.lesson[item->lesson];
    bool next = item->lesson == m->course.next;
    enum role role = picked ? ROLE_CURSOR : l->state == COURSE_DONE ? ROLE_CORRECT : next ? ROLE_ACCENT : ROLE_TEXT;
    char state[64];
    int w;

    lesson_state(l, next, state);
    w = (int)text_width(state);
    canvas_put_glyph(c, r.x + 4, r.y, state_glyph(l->state), role, CELL_BOLD);
    canvas_put_fit(c, r.x + 6, r.y, r.w - 8 - w, title_of(l), role, next ? CELL_BOLD : 0);
    canvas_put(c, r.x + r.w - w - 1, r.y, state, picked ? role : next ? ROLE_ACCENT : ROLE_DIM, 0);
}

static bool
is_untouched(const struct course *c)
{
    for (unsigned i = 0; i < c->count; i++)
        if (c->lesson[i].state != COURSE_NEW)
            return false;
    return true;
}

static void
continue_text(const struct map *m, const struct map_item *item, char out[256])
{
    const struct course_lesson *l = &m->course.lesson[item->lesson];

    if (l->state == COURSE_BEGUN)
        snprintf(out, 256, tr("Continue: %s, step %u/%u"), title_of(l), l->step, l->steps);
    else if (is_untouched(&m->course))
        snprintf(out, 256, tr("Begin here: %s"), title_of(l));
    else
        snprintf(out, 256, tr("Go on with: %s"), title_of(l));
}

static void
draw_item(const struct map *m, struct canvas *c, struct rect r, unsigned i)
{
    const struct map_item *item = &m->item[i];
    bool picked = i == m->picked;
    enum role role = picked ? ROLE_CURSOR : ROLE_TITLE;
    char text[256];

    canvas_fill(c, r, picked ? ROLE_CURSOR : ROLE_TEXT, 0);
    if (picked)
        canvas_put_glyph(c, r.x, r.y, GLYPH_POINT_RIGHT, ROLE_CURSOR, 0);
    switch (item->kind) {
    case MAP_PART:
        canvas_put(c, r.x + 2, r.y, lesson_part_title(m->course.lesson[item->lesson].part), ROLE_DIM, CELL_BOLD);
        break;
    case MAP_CONTINUE:
        continue_text(m, item, text);
        canvas_put_fit(c, r.x + 2, r.y, r.w - 2, text, role, CELL_BOLD);
        break;
    case MAP_LESSON:
        draw_lesson(m, c, r, item, picked);
        break;
    case MAP_PLAY:
        canvas_put_fit(c, r.x + 2, r.y, r.w - 2, tr("Playground: a machine of your own, every operation by hand"), role, 0);
        break;
    case MAP_HELP:
        canvas_put_fit(c, r.x + 2, r.y, r.w - 2, tr("Help: keys and commands"), role, 0);
        break;
    }
}

/* A blank row before what begins something new. */
static bool
gap_before(const struct map *m, unsigned i)
{
    return i > 0 && m->item[i].kind == MAP_PART;
}

/* The row of item i, counted from the first. */
static int
row_of(const struct map *m, unsigned i, bool gaps)
{
    int row = 0;

    for (unsigned k = 0; k < i; k++)
        row += 1 + (gaps && gap_before(m, k + 1));
    return row;
}

/* Blank rows only where everything is in sight with them. */
static bool
has_room(const struct map *m, int h)
{
    return m->items && row_of(m, m->items - 1, true) < h;
}

static struct rect
list_of(const struct canvas *c)
{
    int w = c->w > 96 ? 92 : c->w - 4;

    return rect_of((c->w - w) / 2, HEAD_ROWS, w, c->h - HEAD_ROWS - FOOT_ROWS - 1);
}

static int
top_of(const struct map *m, int h)
{
    bool gaps = has_room(m, h);
    int total = m->items ? row_of(m, m->items - 1, gaps) + 1 : 0, at = row_of(m, m->picked, gaps), top;

    top = at < h * 2 / 3 ? 0 : at - h * 2 / 3;
    if (top > total - h)
        top = total - h;
    return top > 0 ? top : 0;
}

/* Small signs beside the list: there is more above, below. */
static void
draw_more(const struct map *m, struct canvas *c, struct rect r, int top)
{
    struct pen p;

    pen_open(&p, c, rect_of(r.x, r.y, r.w + 1, r.h));
    pen_more(&p, top > 0, top + r.h <= row_of(m, m->items - 1, has_room(m, r.h)));
    pen_close(&p);
}

/* How far the learner is with what virtual memory is for. */
static void
gift_text(const struct course *c, enum gift gift, char out[128])
{
    unsigned done = 0, all = 0;

    for (unsigned i = 0; i < c->count; i++) {
        bool shows = c->lesson[i].gifts >> gift & 1;
        all += shows;
        done += shows && c->lesson[i].state == COURSE_DONE;
    }
    snprintf(out, 128, "%s %u/%u", tr(gift_row[gift].text), done, all);
}

static void
draw_gifts(const struct map *m, struct canvas *c, struct rect r)
{
    char text[128];

    r.x += 2 + canvas_put(c, r.x + 2, r.y, tr("Three gifts:"), ROLE_DIM, CELL_BOLD);
    for (int gift = 0; gift < GIFTS; gift++) {
        gift_text(&m->course, (enum gift)gift, text);
        r.x += 2 + canvas_put(c, r.x + 2, r.y, text, ROLE_DIM, 0);
    }
}

static void
draw_foot(const struct map *m, struct canvas *c)
{
    if (m->message)
        canvas_put_fit(c, 1, c->h - 1, c->w - 2, m->message, m->message_is_error ? ROLE_ERROR : ROLE_ACCENT, 0);
    else
        screen_keys(m->footer, c, rect_of(0, c->h - 1, c->w, 1));
}

void
map_draw(const struct map *m, struct canvas *c)
{
    struct rect r = list_of(c);
    int top = top_of(m, r.h);

    canvas_clear(c);
    c->owner = SCREEN_OVERLAY;
    canvas_fill(c, rect_of(0, 0, c->w, 1), ROLE_STATUS, 0);
    canvas_put(c, 1, 0, "pagewalk", ROLE_STATUS, CELL_BOLD);
    canvas_put_fit(c, 12, 0, c->w - 13, tr("see virtual memory at work"), ROLE_STATUS, 0);
    canvas_clip_push(c, r);
    for (unsigned i = 0; i < m->items; i++) {
        int y = r.y + row_of(m, i, has_room(m, r.h)) - top;
        bool seen = y >= r.y && y < r.y + r.h && m->item[i].kind != MAP_PART;
        canvas_target(c, seen ? TARGET_ROW : TARGET_NONE, i, 0);
        draw_item(m, c, rect_of(r.x, y, r.w, 1), i);
    }
    canvas_target(c, TARGET_NONE, 0, 0);
    canvas_clip_pop(c);
    draw_more(m, c, r, top);
    draw_gifts(m, c, rect_of(r.x, 1, r.w, 1));
    draw_foot(m, c);
    c->owner = 0;
}
