/* session_move.c - moving about: events, operations, pages, jumps. All of it clipped to the gate. */
#include "app/session_internal.h"

#include <string.h>

#include "base/number.h"

/* --- one page to the next ------------------------------------------------------------------------- */

/* Say why the story cannot go on from here. */
static bool
refuse_to_go_on(struct session *s)
{
    const struct question *q = session_question(s);

    if (q && q->choices)
        return session_fail(s, session_words(s, tr("Answer first: a letter, or arrows and Enter. {hint}: a hint, {skip}: the answer."),
                                             tr("Answer first: type its letter. hint: a hint, skip: the answer.")));
    if (q)
        return session_fail(s, session_words(s, tr("Answer first: type the number, then Enter. {hint}: a hint, {skip}: the answer."),
                                             tr("Answer first: type the number. hint: a hint, skip: the answer.")));
    return session_fail(s, session_words(s, tr("First your task: act with {prompt}  ({skip} shows one way to do it)"),
                                         tr("First your task: type an operation (skip shows one way to do it)")));
}

static bool
tell_one_more(struct session *s)
{
    struct error why = {0};

    if (player_tell(s->player, &why))
        return true;
    if (why.code != 0)
        return session_error(s, &why);
    return session_fail(s, session_words(s, tr("That was the last page. {map}: back to the course, {back}: back in time"),
                                         tr("That was the last page. quit: leave, back: back in time")));
}

static bool
next_page(struct session *s)
{
    if (session_question(s) || session_task_open(s))
        return refuse_to_go_on(s);
    if (s->step >= player_told(s->player) && !tell_one_more(s))
        return false;
    session_enter(s, s->step + 1, player_step_start(s->player, s->step + 1));
    return true;
}

static bool
previous_page(struct session *s, bool at_its_end)
{
    unsigned to = s->step - 1;

    if (s->step <= 1)
        return session_fail(s, tr("This is the beginning."));
    session_enter(s, to, at_its_end ? player_step_end(s->player, to) : player_step_start(s->player, to));
    return true;
}

/* The answer just given is in view, and another question waits at the same place: moving on shows that one. */
static bool
show_the_next_question(struct session *s)
{
    const struct question *q = session_on_branch(s) ? NULL : session_open_question(s);

    if (!s->shown || !q || q->step != s->step || session_number(s, session_before(s, q)) != session_here(s))
        return false;
    session_stand(s, history_position(s->history));
    return true;
}

/* Outside a story a string of references goes on by itself. */
static bool
string_goes_on(const struct session *s)
{
    const struct refstring *r = s->player ? NULL : session_string(s);

    return r && r->at < r->length;
}

/* An address to try first: a process has data there. 0: this machine knows no processes with pages. */
static vaddr_t
last_data_page(const struct machine *m)
{
    const struct layout *l = &m->os.layout;

    return m->preset.kernel && l->data_size ? l->data + l->data_size - format_page(&m->hw.geo.format) : 0;
}

static bool
nothing_more(struct session *s)
{
    const struct refstring *r = s->player ? NULL : session_string(s);
    vaddr_t va;

    if (r)
        return session_fail(s, tr("All %u references are made. Hits %u, faults %u."), r->length, r->hits, r->faults);
    if (session_on_branch(s))
        return session_fail(s, s->player ? session_words(s, tr("The branch ends here. {story}: back to the story, {prompt} to act"),
                                                         tr("The branch ends here. story: back to the story; or type an operation"))
                                         : session_words(s, tr("The branch ends here. {story}: back to the trunk, {prompt} to act"),
                                                         tr("The branch ends here. story: back to the trunk; or type an operation")));
    if (!(va = last_data_page(history_machine(s->history))))
        return session_fail(s, session_words(s, tr("Nothing more has happened. Press {prompt} and type an operation."),
                                             tr("Nothing more has happened. Type an operation.")));
    return session_fail(s, session_words(s, tr("Nothing more has happened. Press {prompt} and type, for example, read %#llx"),
                                         tr("Nothing more has happened. Type an operation, for example, read %#llx")),
                        (unsigned long long)va);
}

/* --- events --------------------------------------------------------------------------------------- */

struct position
session_part(struct session *s, struct position to)
{
    const struct difference *d = s->beside ? beside_difference(s->beside) : NULL;

    if (!d || session_number(s, d->at[0]) <= session_here(s) || session_number(s, d->at[0]) > session_number(s, to))
        return to;
    session_say(s, "%s", tr("Here the two machines part."));
    return d->at[0];
}

/* Forward to `to`, but no further than this page or the gate. False: we stood there already. */
static bool
forward_to(struct session *s, struct position to)
{
    struct position limit = session_limit(s);

    if (session_number(s, to) > session_number(s, limit))
        to = limit;
    if (session_number(s, to) <= session_here(s))
        return false;
    session_stand(s, session_part(s, to));
    return true;
}

static struct position
page_start(const struct session *s)
{
    if (!s->player || session_on_branch(s))
        return (struct position){0, 0};
    return player_step_start(s->player, s->step);
}

static bool
backward_to(struct session *s, struct position to)
{
    struct position start = page_start(s);

    if (session_number(s, to) < session_number(s, start))
        to = start;
    if (session_number(s, to) >= session_here(s))
        return false;
    session_stand(s, to);
    return true;
}

bool
session_next_event(struct session *s)
{
    s->status[0] = '\0';
    if (show_the_next_question(s) || forward_to(s, history_next(s->history, history_position(s->history))))
        return true;
    if (string_goes_on(s))
        return session_refer(s) && session_watch_reference(s);
    return s->player && !session_on_branch(s) ? next_page(s) : nothing_more(s);
}

bool
session_previous_event(struct session *s)
{
    s->status[0] = '\0';
    if (backward_to(s, history_previous(s->history, history_position(s->history))))
        return true;
    if (s->player && !session_on_branch(s))
        return previous_page(s, true);
    return session_fail(s, tr("This is the beginning."));
}

/* --- operations ----------------------------------------------------------------------------------- */

bool
session_next_operation(struct session *s)
{
    struct position at = history_position(s->history);

    s->status[0] = '\0';
    if (at.op == 0 || at.event >= history_events(s->history, at.op))
        at = history_next(s->history, at);
    at.event = history_events(s->history, at.op);
    if (show_the_next_question(s) || forward_to(s, at))
        return true;
    if (string_goes_on(s))
        return session_refer(s);
    return s->player && !session_on_branch(s) ? next_page(s) : nothing_more(s);
}

bool
session_previous_operation(struct session *s)
{
    struct position at = history_position(s->history);

    s->status[0] = '\0';
    if (at.event == 0 && at.op)
        at = history_previous(s->history, at);
    if (backward_to(s, (struct position){at.op, 0}))
        return true;
    if (s->player && !session_on_branch(s))
        return previous_page(s, true);
    return session_fail(s, tr("This is the beginning."));
}

/* --- pages ---------------------------------------------------------------------------------------- */

bool
session_next_step(struct session *s)
{
    s->status[0] = '\0';
    if (!s->player || session_on_branch(s))
        return session_next_operation(s);
    if (s->scene.set.present && session_waits(s)) /* a presenter's remote has no key but this; the class has answered aloud */
        return session_skip(s);
    if (show_the_next_question(s) || forward_to(s, session_limit(s)))
        return true;
    return next_page(s);
}

bool
session_previous_step(struct session *s)
{
    s->status[0] = '\0';
    if (!s->player || session_on_branch(s))
        return session_previous_operation(s);
    if (backward_to(s, page_start(s)))
        return true;
    return previous_page(s, false);
}

/* --- jumps ---------------------------------------------------------------------------------------- */

void
session_mark_jump(struct session *s)
{
    if (s->jumps == SESSION_JUMPS) {
        memmove(s->jump, s->jump + 1, sizeof s->jump - sizeof s->jump[0]);
        s->jumps--;
    }
    s->jump[s->jumps++] = (struct session_place){s->step, history_position(s->history)};
}

/* The page a position belongs to: the first whose end it does not pass. */
static unsigned
page_of(const struct session *s, struct position at)
{
    unsigned told = player_told(s->player);

    for (unsigned k = 1; k < told; k++)
        if (session_number(s, at) <= session_number(s, player_step_end(s->player, k)))
            return k;
    return told;
}

/* A jump is about what the focused pane shows, so the page's own choice of a pane is not followed. */
static void
arrive(struct session *s, unsigned step, struct position at)
{
    if (step != s->step)
        s->task_hints = 0;
    s->step = step;
    session_enter(s, step, at);
}

void
session_jump(struct session *s, struct position at)
{
    struct position gate = session_gate(s);

    if (session_number(s, at) > session_number(s, gate))
        at = gate;
    if (s->player && !session_on_branch(s))
        arrive(s, page_of(s, at), at);
    else
        session_stand(s, at);
}

bool
session_go_start(struct session *s)
{
    s->status[0] = '\0';
    session_mark_jump(s);
    if (s->player && !session_on_branch(s))
        session_enter(s, 1, player_step_start(s->player, 1));
    else
        session_stand(s, (struct position){0, 0});
    return true;
}

bool
session_go_end(struct session *s)
{
    const struct question *q = session_on_branch(s) ? NULL : session_open_question(s);

    s->status[0] = '\0';
    session_mark_jump(s);
    if (s->player && !session_on_branch(s))
        session_enter(s, q ? q->step : player_told(s->player), session_gate(s));
    else
        session_stand(s, session_part(s, session_gate(s)));
    return true;
}

bool
session_go_step(struct session *s, unsigned step)
{
    const struct question *q;

    s->status[0] = '\0';
    if (!s->player)
        return session_fail(s, tr("There is no story here, so there are no pages."));
    if (session_on_branch(s))
        return session_fail(s, session_words(s, tr("{story} first: back to the story."), tr("story first: it goes back to the story.")));
    if (step < 1 || step > s->lesson.steps)
        return session_fail(s, tr("This story has pages 1 to %u."), s->lesson.steps);
    session_mark_jump(s);
    while (player_told(s->player) < step) {
        q = session_open_question(s);
        s->step = q ? q->step : player_told(s->player);
        if (q || session_task_open(s)) {
            session_enter(s, s->step, session_limit(s));
            return refuse_to_go_on(s);
        }
        if (!tell_one_more(s))
            return false;
    }
    q = session_open_question(s);
    if (q && q->step < step) {
        session_enter(s, q->step, session_before(s, q));
        return refuse_to_go_on(s);
    }
    session_enter(s, step, player_step_start(s->player, step));
    return true;
}

bool
session_go_event(struct session *s, uint64_t number)
{
    uint64_t last = session_number(s, session_gate(s));

    s->status[0] = '\0';
    if (number > last)
        return session_fail(s, tr("Only events 0 to %llu have been shown so far."), (unsigned long long)last);
    session_mark_jump(s);
    session_jump(s, history_at_number(s->history, number));
    return true;
}

bool
session_go_back(struct session *s)
{
    struct session_place to;

    s->status[0] = '\0';
    while (s->jumps && s->jump[s->jumps - 1].at.op > history_operations(s->history))
        s->jumps--; /* that future was cut off, or lies on the trunk behind this branch */
    if (!s->jumps)
        return session_fail(s, tr("No jump to come back from."));
    to = s->jump[--s->jumps];
    if (s->player && !session_on_branch(s) && to.step >= 1 && to.step <= player_told(s->player))
        arrive(s, to.step, to.at);
    else
        session_jump(s, to.at);
    return true;
}

/* --- searches ------------------------------------------------------------------------------------- */

static const char *const class_name[] = {"plain", "hit", "miss", "read", "write", "fault", NULL};

struct wanted {
    enum event_code code; /* EV_NONE: any of the class */
    int class;
};

static bool
is_wanted(void *ctx, const struct event *ev)
{
    const struct wanted *w = ctx;

    return w->code != EV_NONE ? ev->code == w->code : (int)event_row[ev->code].class == w->class;
}

static bool
read_kind(struct session *s, const char *kind, struct wanted *w)
{
    const char *names[EVENT_CODES + 8];
    const char *near;
    int n = 0;

    *w = (struct wanted){event_by_name(kind), -1};
    for (int i = 0; class_name[i]; i++)
        if (strcmp(kind, class_name[i]) == 0)
            w->class = i;
    if (w->code != EV_NONE || w->class >= 0)
        return true;
    for (int i = EV_NONE + 1; i < EVENT_CODES; i++)
        names[n++] = event_row[i].name;
    for (int i = 0; class_name[i]; i++)
        names[n++] = class_name[i];
    names[n] = NULL;
    near = error_nearest(kind, names);
    if (near)
        return session_fail(s, tr("No kind of event is called \"%s\" (did you mean \"%s\"?)"), kind, near);
    return session_fail(s, tr("No kind of event is called \"%s\". Kinds: fault, miss, hit, read, write, or an event's name."), kind);
}

bool
session_find_event(struct session *s, int direction, const char *kind)
{
    struct wanted w;
    struct position found;

    s->status[0] = '\0';
    if (!kind || !*kind)
        return session_fail(s, tr("Which kind? fault, miss, hit, read, write, or an event's name"));
    if (!read_kind(s, kind, &w))
        return false;
    if (!history_find(s->history, history_position(s->history), direction, session_gate(s), is_wanted, &w, &found))
        return session_fail(s, direction > 0 ? tr("No %s after this, as far as has been shown.") : tr("No %s before this."), kind);
    session_mark_jump(s);
    session_jump(s, found);
    return true;
}

static bool
read_subject(struct session *s, struct subject *out)
{
    session_refresh(s);
    if (pane_subject(&s->scene, (enum pane_id)s->scene.set.focus, out))
        return true;
    return session_fail(s, session_words(s, tr("Nothing is selected: Tab to the tables, TLB, frames, swap or memory, then arrows."),
                                         tr("Nothing is selected: pane tree, tlb, frames, swap or hex, then down or up.")));
}

bool
session_who_wrote(struct session *s)
{
    struct subject subject;
    struct position found;

    s->status[0] = '\0';
    if (!read_subject(s, &subject))
        return false;
    if (!history_writer(s->history, history_position(s->history), &subject, &found))
        return session_fail(s, tr("Nobody wrote this: it is as it was at boot."));
    session_mark_jump(s);
    session_jump(s, found);
    return session_say(s, session_words(s, tr("This event wrote it last. ' goes back to where you were."),
                                        tr("This event wrote it last. return goes back to where you were.")));
}

bool
session_next_use(struct session *s)
{
    struct subject subject;
    struct position found;

    s->status[0] = '\0';
    if (!read_subject(s, &subject))
        return false;
    if (!history_next_use(s->history, history_position(s->history), session_gate(s), &subject, &found))
        return session_fail(s, tr("Not used after this, as far as has been shown."));
    session_mark_jump(s);
    session_jump(s, found);
    return session_say(s, session_words(s, tr("This event uses it next. ' goes back to where you were."),
                                        tr("This event uses it next. return goes back to where you were.")));
}
