/* session.c - opening, closing, gathering what is seen, and the gate.
 *
 * Where the viewer is = the page of the story and the position in the history. Both are needed: at the border of two pages the position is
 * the same and the page is not.
 */
#include "app/session_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/keymap.h"
#include "base/text.h"

/* --- the status line ----------------------------------------------------------------------------- */

static void __attribute__((format(printf, 3, 0)))
status_set(struct session *s, bool error, const char *fmt, va_list ap)
{
    char raw[sizeof s->status];

    vsnprintf(raw, sizeof raw, fmt, ap);
    text_clean_to(s->status, sizeof s->status, raw, 0);
    s->status_is_error = error;
}

bool
session_say(struct session *s, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    status_set(s, false, fmt, ap);
    va_end(ap);
    return true;
}

bool
session_fail(struct session *s, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    status_set(s, true, fmt, ap);
    va_end(ap);
    return false;
}

const char *
session_words(const struct session *s, const char *keys, const char *commands)
{
    return s->scene.set.plain ? commands : keymap_text(keys);
}

bool
session_error(struct session *s, const struct error *e)
{
    char text[sizeof s->status];

    error_format(e, text, sizeof text);
    return session_fail(s, "%s", text);
}

/* --- opening and closing ------------------------------------------------------------------------- */

static void
session_clear(struct session *s)
{
    memset(s, 0, sizeof *s);
    s->stale = true;
    s->edit_digit = SESSION_EDIT_NONE;
    s->scene.set.hex_follows = true;
}

static bool
open_history(struct session *s, const struct preset *preset, uint64_t seed, struct error *e)
{
    s->history = history_open(preset, seed, e);
    return s->history != NULL;
}

bool
session_open_lesson(struct session *s, const char *id_or_path, struct error *e)
{
    struct preset preset;

    session_clear(s);
    if (!lesson_find(id_or_path, &s->lesson, e))
        return false;
    if (!preset_load(s->lesson.machine, &preset, e) || !open_history(s, &preset, s->lesson.seed, e) ||
        !(s->player = player_open(&s->lesson, s->history, e))) {
        lesson_free(&s->lesson);
        session_close(s);
        return false;
    }
    pane_focus(&s->scene.set, PANE_STORY);
    if (session_open_at(s, 1, e))
        return true;
    session_close(s);
    return false;
}

bool
session_open_bare(struct session *s, const struct preset *preset, uint64_t seed, struct error *e)
{
    session_clear(s);
    if (!open_history(s, preset, seed, e))
        return false;
    pane_focus(&s->scene.set, format_is_tree(&preset->geo.format) ? PANE_TREE : PANE_CHAINS);
    return true;
}

bool
session_open_machine(struct session *s, const struct preset *preset, uint64_t seed, struct error *e)
{
    struct operation spawn = {.code = OP_SPAWN};
    struct outcome out;

    if (!session_open_bare(s, preset, seed, e))
        return false;
    if (!preset->kernel || history_do(s->history, &spawn, &out, e))
        return true;
    session_close(s);
    return false;
}

void
session_close(struct session *s)
{
    if (s->player) {
        player_close(s->player);
        lesson_free(&s->lesson);
    }
    history_close(s->history);
    free(s->marks);
    bookmarks_close(s->bookmarks);
    beside_close(s->beside);
    s->bookmarks = NULL;
    s->beside = NULL;
    s->player = NULL;
    s->history = NULL;
    s->marks = NULL;
}

void
session_done(struct session *s)
{
    session_stand(s, history_end(s->history));
}

bool
session_recall(struct question *q, const struct progress_lesson *past)
{
    for (unsigned i = 0; past && i < past->questions; i++)
        if (strcmp(past->question[i].id, q->id) == 0 && past->question[i].state != ANSWER_OPEN) {
            q->state = past->question[i].state;
            q->tries = past->question[i].tries;
            q->answered = true;
            return true;
        }
    return false;
}

static void
close_what_is_open(struct session *s, unsigned step, const struct progress_lesson *past)
{
    struct question *q;

    while ((q = player_open_question(s->player, step)))
        if (!session_recall(q, past))
            player_skip(s->player, q);
    if (player_step(s->player, step)->task[LANG_EN] && !player_step(s->player, step)->task_done)
        player_task_done(s->player, step, true);
}

/* False with code 0: there is no such step. */
static bool
tell_up_to(struct session *s, unsigned step, const struct progress_lesson *past, struct error *e)
{
    for (unsigned k = 1; k <= step; k++) {
        if (k > player_told(s->player) && !player_tell(s->player, e))
            return false;
        if (k < step)
            close_what_is_open(s, k, past);
    }
    return true;
}

bool
session_open_at(struct session *s, unsigned step, struct error *e)
{
    return session_resume(s, step, NULL, e);
}

bool
session_resume(struct session *s, unsigned step, const struct progress_lesson *past, struct error *e)
{
    if (step > s->lesson.steps)
        step = s->lesson.steps;
    if (!tell_up_to(s, step, past, e) && e->code != 0)
        return false;
    if (step > player_told(s->player))
        step = player_told(s->player);
    if (step == 0)
        return error_at(e, EXIT_DATA, s->lesson.path, 0, "the lesson has no step");
    session_enter(s, step, player_step_start(s->player, step));
    return true;
}

/* --- where we are -------------------------------------------------------------------------------- */

uint64_t
session_number(const struct session *s, struct position at)
{
    return history_event_number(s->history, at);
}

uint64_t
session_here(const struct session *s)
{
    return session_number(s, history_position(s->history));
}

bool
session_on_branch(const struct session *s)
{
    return history_on_branch(s->history);
}

struct question *
session_open_question(const struct session *s)
{
    struct question *q;

    if (!s->player)
        return NULL;
    for (unsigned i = 0; (q = player_question(s->player, i)); i++)
        if (!q->answered)
            return q;
    return NULL;
}

struct position
session_before(const struct session *s, const struct question *q)
{
    uint64_t n = q->before.op - 1;

    if (q->before.event > 1)
        return (struct position){q->before.op, q->before.event - 1};
    return (struct position){n, history_events(s->history, n)};
}

struct position
session_gate(const struct session *s)
{
    struct question *q;

    if (!s->player || session_on_branch(s))
        return history_end(s->history);
    q = session_open_question(s);
    return q ? session_before(s, q) : player_step_end(s->player, player_told(s->player));
}

struct position
session_limit(const struct session *s)
{
    struct position gate = session_gate(s), end;

    if (!s->player || session_on_branch(s))
        return gate;
    end = player_step_end(s->player, s->step);
    return session_number(s, end) < session_number(s, gate) ? end : gate;
}

struct question *
session_question(const struct session *s)
{
    struct question *q = session_on_branch(s) ? NULL : session_open_question(s);

    if (!q || q == s->shown || q->step != s->step || session_here(s) != session_number(s, session_before(s, q)))
        return NULL;
    return s->shown && session_here(s) == session_number(s, session_before(s, s->shown)) ? NULL : q;
}

bool
session_task_open(const struct session *s)
{
    const struct step *step = s->player ? player_step(s->player, s->step) : NULL;

    return step && step->task[LANG_EN] && !step->task_done;
}

bool
session_waits(const struct session *s)
{
    if (session_on_branch(s))
        return false;
    return session_question(s) || (session_task_open(s) && session_here(s) >= session_number(s, session_limit(s)));
}

bool
session_is_done(const struct session *s)
{
    const struct step *step = s->player ? player_step(s->player, s->step) : NULL;

    if (s->finished || !step)
        return s->finished;
    return s->step == s->lesson.steps && step->task[LANG_EN] && step->task_done && !session_open_question(s);
}

void
session_stand(struct session *s, struct position at)
{
    history_seek(s->history, at);
    s->shown = NULL;
    s->wrong = false;
    s->picked = 0;
    s->edit_digit = SESSION_EDIT_NONE;
    s->stale = true;
}

/* The bytes a page is about; after that page the pane follows the events again. */
static void
aim_hex(struct session *s, const struct step *left, const struct step *page)
{
    struct scene_settings *set = &s->scene.set;

    if (page->has_view_at) {
        set->hex_at = page->view_at;
        set->hex_follows = false;
    } else if (left && left->has_view_at) {
        set->hex_follows = true;
    }
}

void
session_enter(struct session *s, unsigned step, struct position at)
{
    const struct step *page = player_step(s->player, step);
    enum pane_id wanted = page && page->view[0] && step != s->step ? pane_by_name(page->view) : PANE_NONE;

    if (page && step != s->step)
        aim_hex(s, player_step(s->player, s->step), page);
    if (step != s->step) {
        s->task_hints = 0;
        s->pane_by_hand = false;
    }
    s->step = step;
    if (wanted != PANE_NONE)
        pane_focus(&s->scene.set, wanted);
    session_stand(s, at);
}

/* --- the scene ----------------------------------------------------------------------------------- */

static void
gather_marks(struct session *s, struct position gate)
{
    enum { STEPS = 256 };
    struct position start[STEPS];
    unsigned told = s->player ? player_told(s->player) : 0, count = 0;
    uint64_t key[4] = {session_number(s, gate), history_operations(s->history), session_on_branch(s), told};

    s->scene.mark = s->marks;
    if (s->marks && key[0] == s->marks_key.gate && key[1] == s->marks_key.operations &&
        key[2] == s->marks_key.branch && key[3] == s->marks_key.told)
        return;
    for (unsigned i = 0; i < told && i < STEPS; i++)
        start[i] = player_step_start(s->player, i + 1);
    free(s->marks);
    s->marks = scene_marks(s->history, gate, start, told < STEPS ? told : STEPS, &count);
    s->scene.mark = s->marks;
    s->scene.marks = s->marks ? count : 0;
    s->marks_key.gate = key[0];
    s->marks_key.operations = key[1];
    s->marks_key.branch = key[2];
    s->marks_key.told = key[3];
}

void
session_refresh(struct session *s)
{
    struct position gate;

    s->scene.set.key = keymap_key_named;
    s->scene.set.message = s->status[0] ? s->status : NULL;
    s->scene.set.message_is_error = s->status_is_error;
    s->scene.set.sought = session_searching(s) ? s->sought : NULL;
    if (!s->stale)
        return;
    gate = session_gate(s);
    s->scene.origin = s->player ? session_number(s, player_step_start(s->player, 1)) : 0;
    scene_gather(&s->scene, s->history, gate);
    if (s->beside) {
        beside_follow(s->beside, s->history);
        beside_gather(s->beside, s->history, &s->scene);
    }
    session_page(s);
    gather_marks(s, gate);
    session_gather_bookmarks(s);
    s->stale = false;
}
