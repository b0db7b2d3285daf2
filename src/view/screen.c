/* screen.c - the whole picture: title, panes in their borders, the sentence of the event, the timeline, the keys or the line being typed.
 */
#include <stdio.h>
#include <string.h>

#include "base/lang.h"
#include "base/text.h"
#include "view/layout.h"
#include "view/panes.h"
#include "view/search.h"

static void
title_place(struct pen *p, const struct scene *s, char *out, size_t size)
{
    unsigned event = s->op ? s->at.event : 0;

    (void)p;
    /* The last event there was belongs to the page before. */
    if (s->page.begins) {
        snprintf(out, size, "%s %u/%u", tr("step"), s->page.step, s->page.steps);
        return;
    }
    if (s->page.steps)
        snprintf(out, size, "%s %u/%u   %s %u/", tr("step"), s->page.step, s->page.steps,
                 tr("event"), event);
    else
        snprintf(out, size, "%s %llu   %s %u/", tr("operation"), (unsigned long long)s->at.op,
                 tr("event"), event);
    /* How many there are gives away how it ends. */
    if (s->page.steps && scene_asks(s))
        snprintf(out + strlen(out), size - strlen(out), "?");
    else
        snprintf(out + strlen(out), size - strlen(out), "%u", s->events);
}

static void
title_part(struct pen *p, const char *text, unsigned flags)
{
    if (!text || pen_left(p) < 8)
        return;
    pen_put(p, " > ", ROLE_STATUS, 0);
    pen_rest(p, text, ROLE_STATUS, flags);
}

/* Left: where in the course. Right: the machine with its dialect, and the place. */
static void
title_draw(const struct scene *s, struct canvas *c, struct rect r)
{
    const struct preset *m = &s->now->preset;
    char place[96], machine[96];
    struct pen p;
    int w;

    canvas_fill(c, r, ROLE_STATUS, 0);
    pen_open(&p, c, r);
    title_place(&p, s, place, sizeof place);
    snprintf(machine, sizeof machine, "%s  %s %s", m->name, tr("dialect"), m->dialect);
    pen_put(&p, " pagewalk", ROLE_STATUS, CELL_BOLD);
    w = (int)text_width(place) + 1;
    canvas_put(c, r.x + r.w - w, r.y, place, ROLE_STATUS, CELL_BOLD);
    p.r.w -= w + 1;
    if (r.w >= 100) {
        w = (int)text_width(machine) + 2;
        p.r.w -= w;
        canvas_put(c, p.r.x + p.r.w, r.y, machine, ROLE_STATUS, 0);
        p.r.w--;
    }
    if (s->set.numbers == NUMBERS_DECIMAL) /* a number without 0x must not be taken for hex */
        title_part(&p, tr("decimal"), CELL_BOLD);
    if (s->on_branch) /* first, so that it is never what has no room */
        title_part(&p, tr("your own branch"), CELL_BOLD | CELL_UNDERLINE);
    if (r.w < 100 && !s->page.steps)
        title_part(&p, machine, 0);
    title_part(&p, s->page.steps ? s->page.part : tr("Playground"), 0);
    title_part(&p, s->page.lesson_title, CELL_BOLD);
    pen_close(&p);
}

/* --- panes and their borders -------------------------------------------------------------------- */

/* The names of the panes behind a tab; as many as fit around the one that is shown. */
static void
strip_draw(const struct scene *s, struct canvas *c, const struct placement *l, const struct place *at)
{
    enum pane_id tab[PANES];
    unsigned n = layout_tabs(s, l, tab), shown = 0, first;
    int w = at->r.w - 6;
    struct pen p;

    while (shown < n && tab[shown] != at->pane)
        shown++;
    first = shown;
    for (int used = 0; first < n; first--) {
        used += (int)text_width(tr(pane_row[tab[first]].title)) + 3;
        if (used > w - (first > 0 ? 10 : 0)) { /* leave something to see on the right too */
            first = first < shown ? first + 1 : shown;
            break;
        }
        if (first == 0)
            break;
    }
    pen_open(&p, c, rect_of(at->r.x + 1, at->r.y, at->r.w - 2, 1));
    if (first > 0 && first < n) {
        canvas_target(c, TARGET_PANE, tab[first - 1], 0);
        pen_glyph(&p, GLYPH_POINT_LEFT, ROLE_DIM, 0);
    }
    for (unsigned i = first; i < n; i++) {
        const char *title = tr(pane_row[tab[i]].title);
        bool front = tab[i] == at->pane, focused = front && s->set.focus == (int)at->pane;

        canvas_target(c, TARGET_PANE, tab[i], 0);
        if ((int)text_width(title) + 3 > pen_left(&p) - 1) {
            pen_glyph(&p, GLYPH_POINT_RIGHT, ROLE_DIM, 0);
            break;
        }
        if (front) /* the sign says it without colour */
            pen_glyph(&p, GLYPH_POINT_DOWN, focused ? ROLE_BORDER_FOCUS : ROLE_TITLE, CELL_BOLD);
        else
            pen_put(&p, " ", ROLE_BORDER, 0);
        pen_put(&p, title, focused ? ROLE_BORDER_FOCUS : front ? ROLE_TITLE : ROLE_DIM,
                front ? CELL_BOLD | CELL_UNDERLINE : 0);
        pen_put(&p, " ", ROLE_BORDER, 0);
        if (i + 1 < n)
            p.x++;
    }
    canvas_target(c, TARGET_NONE, 0, 0);
    pen_close(&p);
}

static void
title_on_border(const struct scene *s, struct canvas *c, const struct place *at)
{
    bool focused = s->set.focus == (int)at->pane;
    struct pen p;

    pen_open(&p, c, rect_of(at->r.x + 1, at->r.y, at->r.w - 2, 1));
    canvas_target(c, TARGET_PANE, at->pane, 0);
    pen_put(&p, " ", ROLE_BORDER, 0);
    if (focused) {
        pen_glyph(&p, GLYPH_POINT_RIGHT, ROLE_BORDER_FOCUS, CELL_BOLD);
        pen_put(&p, " ", ROLE_BORDER, 0);
    }
    pen_rest(&p, tr(pane_row[at->pane].title), focused ? ROLE_BORDER_FOCUS : ROLE_TITLE, CELL_BOLD);
    pen_put(&p, " ", ROLE_BORDER, 0);
    canvas_target(c, TARGET_NONE, 0, 0);
    pen_close(&p);
}

static void
panes_draw(const struct scene *s, struct canvas *c, const struct placement *l)
{
    for (unsigned i = 0; i < l->places; i++)
        canvas_box(c, l->place[i].r, NULL, ROLE_BORDER);
    for (unsigned i = 0; i < l->places; i++)
        if (s->set.focus == (int)l->place[i].pane)
            canvas_box(c, l->place[i].r, NULL, ROLE_BORDER_FOCUS);
    for (unsigned i = 0; i < l->places; i++) {
        const struct place *at = &l->place[i];

        if (at->tabs)
            strip_draw(s, c, l, at);
        else
            title_on_border(s, c, at);
        c->owner = (uint16_t)at->pane;
        canvas_fill(c, rect_inside(at->r, 1), ROLE_TEXT, 0); /* the blanks are the pane's too */
        if (s->set.sought && s->set.focus == (int)at->pane)
            search_draw(s, at->pane, c, layout_inside(at), s->set.sought, s->set.sought_at);
        else
            pane_row[at->pane].draw(s, c, layout_inside(at));
        c->owner = 0;
    }
}

/* --- the lines below ---------------------------------------------------------------------------- */

static void
sentence_cost(const struct scene *s, struct canvas *c, struct rect r, int *room)
{
    char cost[96];
    int w;

    *room = r.w - 2;
    if (!s->has_event || r.w < 90)
        return;
    if (s->event.cycles)
        snprintf(cost, sizeof cost, "+%u   %s %llu %s", s->event.cycles, tr("total"), (unsigned long long)s->walk.cycles,
                 tr("cycles (model)"));
    else
        snprintf(cost, sizeof cost, "%s %llu %s", tr("total"), (unsigned long long)s->walk.cycles, tr("cycles (model)"));
    w = (int)text_width(cost);
    canvas_put(c, r.x + r.w - w - 1, r.y, cost, ROLE_DIM, 0);
    *room = r.w - w - 4;
}

static void
sentence_draw(const struct scene *s, struct canvas *c, struct rect r)
{
    const struct event_row *row = &event_row[s->event.code];
    const char *text, *actor;
    int room, x = r.x + 1;

    canvas_clip_push(c, r);
    sentence_cost(s, c, r, &room);
    if (!s->has_event) {
        text = s->origin && s->number <= s->origin ? tr("The machine is ready; nothing has happened in this story yet.")
               : s->at.op                          ? tr("The operation is about to begin.")
                                                   : tr("The machine has just booted.");
        canvas_put_fit(c, x, r.y, room, text, ROLE_DIM, 0);
        canvas_clip_pop(c);
        return;
    }
    actor = actor_title(row->actor);
    canvas_put_glyph(c, x, r.y, class_glyph(row->class), class_role(row->class), CELL_BOLD);
    x += 2;
    x += canvas_put(c, x, r.y, actor, ROLE_ACCENT, CELL_BOLD) + 2;
    text = sentence_text(s, &s->event);
    room -= x - r.x - 1;
    if (r.h > 1 && (int)text_width(text) > room)
        canvas_put_wrapped(c, rect_of(x, r.y, room, r.h), 0, text, ROLE_TITLE, CELL_BOLD);
    else
        canvas_put_fit(c, x, r.y, room, text, ROLE_TITLE, CELL_BOLD);
    canvas_clip_pop(c);
}

void
screen_keys(const char *footer, struct canvas *c, struct rect r)
{
    struct pen p;
    unsigned part = 0;

    pen_open(&p, c, r);
    pen_put(&p, " ", ROLE_TEXT, 0);
    for (const char *at = footer; at && *at;) {
        size_t n = strcspn(at, "|"), key = strcspn(at, " |");
        char word[96];

        snprintf(word, sizeof word, "%.*s", (int)(key < 40 ? key : 40), at);
        if ((int)text_width_n(at, n) + 2 > pen_left(&p))
            break;
        canvas_target(c, TARGET_KEY, part++, 0);
        pen_put(&p, word, ROLE_KEY, CELL_BOLD);
        snprintf(word, sizeof word, "%.*s", (int)(n - key < 90 ? n - key : 90), at + key);
        pen_put(&p, word, ROLE_DIM, 0);
        canvas_target(c, TARGET_NONE, 0, 0);
        pen_put(&p, "  ", ROLE_TEXT, 0);
        at += n + (at[n] == '|');
    }
    pen_close(&p);
}

static void
prompt_draw(const struct scene *s, struct canvas *c, struct rect r)
{
    size_t cursor = s->set.prompt_cursor, length = strlen(s->set.prompt), n = 1;
    uint32_t cp;
    struct pen p;
    int before, x0 = 2;

    if (cursor > length)
        cursor = length;
    before = (int)text_width_n(s->set.prompt, cursor);
    pen_open(&p, c, r);
    if (before > r.w - 4) /* keep the cursor in sight */
        x0 = r.w - 4 - before + 2;
    p.x = x0;
    pen_put(&p, s->set.prompt, ROLE_TITLE, 0);
    p.x = x0 + before;
    if (cursor < length)
        n = text_step(s->set.prompt + cursor, length - cursor, &cp);
    if (cursor < length)
        canvas_put_n(c, r.x + p.x, r.y, s->set.prompt + cursor, n, ROLE_CURSOR, 0);
    else
        canvas_put(c, r.x + p.x, r.y, " ", ROLE_CURSOR, 0);
    canvas_put(c, r.x, r.y, ": ", ROLE_KEY, CELL_BOLD);
    pen_close(&p);
}

static void
footer_draw(const struct scene *s, struct canvas *c, struct rect r)
{
    if (s->set.prompt)
        prompt_draw(s, c, r);
    else if (s->set.message && *s->set.message)
        canvas_put_fit(c, r.x + 1, r.y, r.w - 2, s->set.message, s->set.message_is_error ? ROLE_ERROR : ROLE_ACCENT, 0);
    else
        screen_keys(s->set.footer, c, r);
}

static void
small_draw(struct canvas *c)
{
    char need[64];

    snprintf(need, sizeof need, "60 x 18, %s %d x %d", tr("this one has"), c->w, c->h);
    canvas_put_wrapped(c, rect_of(0, 0, c->w, c->h), 0, tr("pagewalk needs a larger window:"), ROLE_WARNING, CELL_BOLD);
    canvas_put_wrapped(c, rect_of(0, (int)text_wrap_count(tr("pagewalk needs a larger window:"), (unsigned)c->w), c->w, c->h), 0, need,
                       ROLE_TEXT, 0);
}

void
screen_draw(const struct scene *s, struct canvas *c)
{
    struct placement l;

    canvas_clear(c);
    layout_place(s, c->w, c->h, &l);
    if (l.too_small) {
        small_draw(c);
        return;
    }
    title_draw(s, c, l.title);
    panes_draw(s, c, &l);
    sentence_draw(s, c, l.sentence);
    c->owner = PANE_TIMELINE;
    pane_row[PANE_TIMELINE].draw(s, c, rect_of(l.timeline.x + 1, l.timeline.y, l.timeline.w - 2, 1));
    c->owner = 0;
    footer_draw(s, c, l.footer);
}
