/* session_act.c - the hand on the machine: operations, branches, bytes in the hex pane, invariants. */
#include "app/session_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "hw/hashed.h"
#include "machine/invariant.h"
#include "view/draw.h"

/* --- operations ---------------------------------------------------------------------------------- */

/* The one made last. */
static void
say_reference(struct session *s, bool fault)
{
    const struct machine *m = history_machine(s->history);
    const struct refstring *r = &m->os.s->string;
    struct reference ref = refstring_at(&m->os, r->at ? r->at - 1 : 0);

    session_say(s,
                fault ? tr("Reference %u of %u, page %u%s: a fault. Hits %u, faults %u.")
                      : tr("Reference %u of %u, page %u%s: a hit. Hits %u, faults %u."),
                r->at, r->length, ref.page, ref.write ? "w" : "", r->hits, r->faults);
}

static void
say_value(struct session *s, const struct operation *op, const struct outcome *out)
{
    char value[NUMBER_TEXT], pa[NUMBER_TEXT];

    value_text(&s->scene, out->value, 0, value);
    value_text(&s->scene, out->pa, 0, pa);
    switch (op->code) {
    case OP_READ:
        session_say(s, session_words(s, tr("%s, from physical address %s. {unop} shows how, event by event"),
                                     tr("%s, from physical address %s. unop, then next shows how, event by event")), value, pa);
        break;
    case OP_WRITE:
    case OP_FETCH:
        session_say(s, session_words(s, tr("Done, at physical address %s. {unop} shows how, event by event"),
                                     tr("Done, at physical address %s. unop, then next shows how, event by event")), pa);
        break;
    case OP_MMAP:
    case OP_BRK:
    case OP_ALLOC:
        session_say(s, tr("Address %s"), value);
        break;
    case OP_REF:
        say_reference(s, out->absent != 0);
        break;
    case OP_SPAWN:
    case OP_FORK:
        session_say(s, tr("Process %llu"), (unsigned long long)out->value);
        break;
    default:
        session_say(s, "%s", tr("Done."));
    }
}

static void
say_outcome(struct session *s, const struct operation *op, const struct outcome *out)
{
    switch (out->kind) {
    case OUT_DONE:
        say_value(s, op, out);
        break;
    case OUT_SIGNAL:
        session_say(s, session_words(s, tr("The process got %s. {unop} shows why, event by event"),
                                     tr("The process got %s. unop, then next shows why, event by event")), signal_name[out->signal]);
        break;
    case OUT_FAULT:
        session_say(s, "%s", session_words(s, tr("The access faulted, and no kernel mends it. [ shows why, event by event"),
                                           tr("The access faulted, and no kernel mends it. unop, then next shows why, event by event")));
        break;
    case OUT_BLOCKED:
        session_say(s, "%s", tr("The process sleeps until the disk is done: tick"));
        break;
    case OUT_WAITS:
        session_say(s, tr("CPU %u waits for the others to acknowledge: tick"), op->cpu);
        break;
    case OUT_CALL_ERROR:
        session_say(s, tr("The call failed: %s"), call_error_name[out->error]);
        break;
    case OUT_SKIPPED:
        session_say(s, "%s", tr("The instruction was skipped."));
        break;
    }
}

/* Is the event asked about one of an operation under way? Its end must not be seen yet. */
static bool
question_in_mid_operation(const struct session *s)
{
    const struct question *q = session_on_branch(s) ? NULL : session_open_question(s);
    struct position at = history_position(s->history);

    if (!q || session_here(s) != session_number(s, session_before(s, q)) || at.event == 0)
        return false;
    return at.event < history_events(s->history, at.op);
}

static bool
run(struct session *s, const struct operation *op, struct outcome *out, struct error *e)
{
    bool began = s->player && !session_on_branch(s);
    struct session_place left = {s->step, history_position(s->history)};

    if (!began)
        return history_act(s->history, op, out, e);
    history_branch(s->history);
    if (history_do(s->history, op, out, e)) {
        s->left = left;
        return true;
    }
    history_leave_branch(s->history);
    history_seek(s->history, left.at);
    return false;
}

static void
judge_task(struct session *s)
{
    struct error e = {0};
    bool holds = false;

    if (!s->player || !session_task_open(s))
        return;
    if (!player_task_holds(s->player, s->step, &holds, &e)) {
        session_error(s, &e);
        return;
    }
    if (!holds)
        return;
    player_task_done(s->player, s->step, false);
    session_say(s, session_words(s, tr("Task done. {story} goes back to the story."), tr("Task done. story goes back to the story.")));
}

/* Of what was just done; or where the machine beside this one did something else. */
static void
stand_at_the_end(struct session *s)
{
    if (s->beside) {
        session_stand(s, (struct position){history_operations(s->history), 0});
        beside_follow(s->beside, s->history);
    }
    session_stand(s, session_part(s, history_end(s->history)));
}

bool
session_operate(struct session *s, const char *line)
{
    struct operation op;
    struct outcome out = {0};
    struct error e = {0};
    uint8_t blob[OPERATION_BLOB];

    s->status[0] = '\0';
    if (!operation_parse(line, &op, blob, &e))
        return session_error(s, &e);
    if (op.code == OP_NONE)
        return true;
    if (question_in_mid_operation(s))
        return session_fail(s, session_words(s, tr("This operation is not told to its end yet: answer first, or {skip}."),
                                                   tr("This operation is not told to its end yet: answer first, or skip.")));
    if (!run(s, &op, &out, &e))
        return session_error(s, &e);
    say_outcome(s, &op, &out);
    stand_at_the_end(s);
    judge_task(s);
    return true;
}

/* --- a string of references ---------------------------------------------------------------------- */

const struct refstring *
session_string(const struct session *s)
{
    const struct machine *m = history_machine(s->history);
    const struct task *t = m->preset.kernel ? os_current(&m->os, 0) : NULL;
    const struct refstring *r = &m->os.s->string;

    return t && r->length && r->mm == t->mm ? r : NULL;
}

bool
session_refer(struct session *s)
{
    return session_operate(s, "ref");
}

/* How it ends is not told yet. */
bool
session_watch_reference(struct session *s)
{
    const struct refstring *r = session_string(s);

    session_stand(s, (struct position){history_operations(s->history), 1});
    return !r || session_say(s, tr("Reference %u of %u, event by event"), r->at, r->length);
}

bool
session_leave_branch(struct session *s)
{
    if (!session_on_branch(s))
        return session_fail(s, "%s", s->player ? tr("You are in the story.") : tr("There is no branch to leave."));
    s->status[0] = '\0';
    history_leave_branch(s->history);
    s->jumps = 0;
    if (!s->player) {
        session_stand(s, history_position(s->history));
        return true;
    }
    session_enter(s, s->left.step, s->left.at);
    if (player_step(s->player, s->step)->task[LANG_EN] && !session_task_open(s))
        return session_say(s, "%s", tr("Back in the story: the author's way comes next."));
    return true;
}

/* --- invariants ---------------------------------------------------------------------------------- */

bool
session_check(struct session *s)
{
    struct violation broken[4];
    struct position at = history_position(s->history);
    unsigned n;

    s->status[0] = '\0';
    if (at.event != 0 && at.event < history_events(s->history, at.op))
        return session_fail(s, session_words(s, tr("Mid-operation the kernel is not done yet: {op} goes to the end, check there."),
                                                   tr("Mid-operation the kernel is not done yet: op goes to the end, check there.")));
    n = invariant_check(history_machine(s->history), broken, 4);
    if (n == 0)
        return session_say(s, tr("All %d invariants hold."), INVARIANTS);
    return session_fail(s, tr("%u of %d invariants broken: %s (%s) %s"), n, INVARIANTS, invariant_row[broken[0].invariant].id,
                        tr(invariant_row[broken[0].invariant].text), broken[0].where);
}

/* --- the hex pane -------------------------------------------------------------------------------- */

static paddr_t
root_table(const struct session *s)
{
    const struct hw *hw = &history_machine(s->history)->hw;

    return walker_root(hw, hw->s->cpu[s->scene.set.cpu < hw->geo.cpus ? s->scene.set.cpu : 0].cr3) &
           ~hashed_tags(&hw->geo.format);
}

bool
session_hex(struct session *s, const char *address)
{
    struct scene_settings *set = &s->scene.set;
    struct subject subject;
    struct error e = {0};
    uint64_t at;

    s->status[0] = '\0';
    session_refresh(s);
    if (address && *address) {
        if (!number_parse(address, &at, &e))
            return session_error(s, &e);
        set->hex_at = at;
        set->hex_follows = false;
    } else if (pane_subject(&s->scene, (enum pane_id)set->focus, &subject) &&
               (subject.kind == SUBJECT_FRAME || subject.kind == SUBJECT_MEMORY)) {
        set->hex_at = subject.kind == SUBJECT_FRAME ? subject.a << history_machine(s->history)->hw.geo.format.page_shift : subject.a;
        set->hex_follows = false;
    }
    if (pane_subject(&s->scene, PANE_HEX, &subject) && subject.a == 0 && !(address && *address))
        set->hex_at = root_table(s); /* nothing to follow yet: more telling than the kernel's first bytes */
    set->hex_low_digit = false;
    s->edit_digit = SESSION_EDIT_NONE;
    pane_focus(set, PANE_HEX);
    return session_say(s, session_words(s, tr("Type two hex digits to change the byte; {pane} leaves."),
                                              tr("state hex shows the bytes; poke PA BYTES changes them.")));
}

bool
session_hex_digit(struct session *s, int digit)
{
    struct scene_settings *set = &s->scene.set;
    struct subject at;
    char line[64];

    session_refresh(s);
    if (!pane_subject(&s->scene, PANE_HEX, &at))
        return session_fail(s, "%s", tr("No byte is here."));
    set->hex_at = at.a;
    set->hex_follows = false;
    if (s->edit_digit == SESSION_EDIT_NONE) {
        s->edit_digit = digit;
        set->hex_low_digit = true;
        return session_say(s, tr("Byte at 0x%llx becomes %x_: one more digit"), (unsigned long long)at.a, (unsigned)digit);
    }
    snprintf(line, sizeof line, "poke 0x%llx %x%x", (unsigned long long)at.a, (unsigned)s->edit_digit, (unsigned)digit);
    set->hex_low_digit = false;
    s->edit_digit = SESSION_EDIT_NONE;
    if (!session_operate(s, line))
        return false;
    set->hex_at = at.a + 1;
    return session_say(s, tr("%s. A TLB that knows the old entry still uses it: invlpg, flush"), line);
}
