/* session_reload.c - the same place in a lesson that was saved meanwhile.
 *
 * The page is kept by what it is, not by its number: the page with the same title (the nearest, if several have it), else the one that asks a
 * question of the page in view, else the one with its number. So pages may be inserted before it, and its title or its question may be changed.
 * On the page, the operation and the event are kept, counted from the page's beginning, as far as they still exist and may be seen. Answers are kept
 * by the questions' ids. A branch is left: it began in a story that is no more.
 */
#include "app/session_internal.h"

#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


/* --- the page ------------------------------------------------------------------------------------ */

static const char *
title_of(const struct player *p, unsigned step)
{
    const struct step *page = player_step(p, step);

    return page && page->title[LANG_EN] ? page->title[LANG_EN] : "";
}

static bool
asks(struct player *p, unsigned step, const char *id)
{
    struct question *q;

    for (unsigned i = 0; (q = player_question(p, i)); i++)
        if (q->step == step && strcmp(q->id, id) == 0)
            return true;
    return false;
}

/* Does page `n` of the new telling ask a question of page `step` of the old one? */
static bool
asks_the_same(struct player *now, unsigned n, struct player *old, unsigned step)
{
    struct question *q;

    for (unsigned i = 0; (q = player_question(old, i)); i++)
        if (q->step == step && asks(now, n, q->id))
            return true;
    return false;
}

static unsigned
distance(unsigned a, unsigned b)
{
    return a > b ? a - b : b - a;
}

/* `now` is told to its end. */
static unsigned
page_in(struct player *now, struct player *old, unsigned step)
{
    const char *title = title_of(old, step);
    unsigned same = 0, asking = 0, last = player_told(now);

    for (unsigned n = 1; n <= last; n++) {
        if (*title && strcmp(title_of(now, n), title) == 0 &&
            (!same || distance(n, step) < distance(same, step)))
            same = n;
        if (!asking && asks_the_same(now, n, old, step))
            asking = n;
    }
    if (same || asking)
        return same ? same : asking;
    return step < last ? step : last;
}

/* --- the answers ----------------------------------------------------------------------------------- */

/* How the questions went, as the progress file would have it; only of those that are closed. The caller frees `question`. */
static struct progress_lesson
answers_of(const struct session *s)
{
    struct progress_lesson past = {0};
    struct question *q;
    unsigned n = 0;

    while (player_question(s->player, n))
        n++;
    past.question = memory_new(n + 1, sizeof *past.question);
    for (unsigned i = 0; (q = player_question(s->player, i)); i++) {
        if (!q->answered)
            continue;
        struct progress_question *to = &past.question[past.questions++];
        memcpy(to->id, q->id, sizeof to->id);
        to->state = q->state;
        to->tries = q->tries;
    }
    return past;
}

/* Of the page itself: those before it came with session_resume. */
static void
recall_page(struct session *s, const struct progress_lesson *past, const struct step *old)
{
    struct question *q;

    for (unsigned i = 0; (q = player_question(s->player, i)); i++)
        if (q->step == s->step)
            session_recall(q, past);
    if (old->task_done && player_step(s->player, s->step)->task[LANG_EN])
        player_task_done(s->player, s->step, old->task_given_up);
}

/* --- the event ------------------------------------------------------------------------------------- */

/* The position on the page that is as far from its beginning as `at` was on the old one. */
static struct position
position_on(const struct session *s, const struct step *old, struct position at)
{
    const struct step *page = player_step(s->player, s->step);
    struct position to = player_step_start(s->player, s->step), limit = session_limit(s);

    if (at.op >= old->shown_op) {
        to = (struct position){page->shown_op + (at.op - old->shown_op), at.event};
        if (to.op > page->last_op)
            return limit;
        if (to.event > history_events(s->history, to.op))
            to.event = history_events(s->history, to.op);
    }
    return session_number(s, to) > session_number(s, limit) ? limit : to;
}

/* --- all of it ------------------------------------------------------------------------------------- */

/* Panes, scrolling and selections stay; what the author changed about the page's view comes. */
static void
keep_settings(struct session *s, const struct session *old, const struct step *before)
{
    const struct step *page = player_step(s->player, s->step);
    struct scene_settings fresh = s->scene.set;

    s->scene.set = old->scene.set;
    s->width = old->width;
    s->height = old->height;
    s->glyphs = old->glyphs;
    s->pane_by_hand = old->pane_by_hand;
    if (strcmp(page->view, before->view) == 0 && page->view_at == before->view_at)
        return;
    if (page->view[0])
        pane_focus(&s->scene.set, pane_by_name(page->view));
    s->scene.set.hex_at = fresh.hex_at;
    s->scene.set.hex_follows = fresh.hex_follows;
}

/* Tell the whole lesson aside: only then is it known to be whole, and what its pages are called. 0: it is broken; else the page to stand on. */
static unsigned
prove(const struct session *old, unsigned step, char failure[512], struct error *e)
{
    struct lesson lesson = {0};
    struct preset preset;
    struct history *h = NULL;
    struct player *p = NULL;
    unsigned page = 0;

    if (!lesson_load(old->lesson.path, &lesson, e))
        return 0;
    if (preset_load(lesson.machine, &preset, e) && (h = history_open(&preset, lesson.seed, e)) &&
        (p = player_open(&lesson, h, e))) {
        player_set_views(p, pane_names());
        while (player_tell(p, e))
            continue;
        page = e->code ? 0 : page_in(p, old->player, step);
        snprintf(failure, 512, "%s", player_failure(p) ? player_failure(p) : "");
    }
    player_close(p);
    history_close(h);
    lesson_free(&lesson);
    return page;
}

/* Where the story stands; on a branch, where it was left. */
static struct session_place
place_of(const struct session *s)
{
    if (session_on_branch(s))
        return s->left;
    return (struct session_place){s->step, history_position(s->history)};
}

static bool
open_page(struct session *s, const struct session *old, unsigned page, struct session_place place,
          struct error *e)
{
    const struct step *before = player_step(old->player, place.step);
    struct progress_lesson past = answers_of(old);
    bool opened = session_open_lesson(s, old->lesson.path, e) && session_resume(s, page, &past, e);

    if (opened) {
        recall_page(s, &past, before);
        keep_settings(s, old, before);
        session_stand(s, position_on(s, before, place.at));
    }
    free(past.question);
    return opened;
}

bool
session_reload(struct session *s, struct error *e)
{
    struct session_place place = place_of(s);
    char failure[512];
    unsigned page = prove(s, place.step, failure, e);
    struct session *now = page ? memory_new(1, sizeof *now) : NULL;

    if (!page)
        return false;
    if (open_page(now, s, page, place, e)) {
        now->bookmarks = s->bookmarks;
        s->bookmarks = NULL;
        session_close(s);
        *s = *now;
    } else {
        session_close(now);
    }
    free(now);
    if (e->code)
        return false;
    if (*failure)
        session_fail(s, "%s", failure);
    else
        session_say(s, tr("loaded again: page %u of %u"), s->step, s->lesson.steps);
    return true;
}
