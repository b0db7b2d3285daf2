/* session_ask.c - predict before reveal: picking, answering, hints, skipping. */
#include "app/session_internal.h"

#include <ctype.h>
#include <stdio.h>

#include "base/number.h"

static struct question *
must_be_asked(struct session *s)
{
    struct question *q = session_question(s);

    s->status[0] = '\0';
    if (!q)
        session_fail(s, "%s", tr("No question is open here."));
    return q;
}

bool
session_pick(struct session *s, int delta)
{
    struct question *q = must_be_asked(s);
    int picked;

    if (!q || !q->choices)
        return false;
    picked = s->wrong ? (int)q->picked : (int)s->picked;
    picked += delta;
    if (picked < 0)
        picked = (int)q->choices - 1;
    s->picked = (unsigned)picked % q->choices;
    s->wrong = false;
    s->stale = true;
    return true;
}

static bool
judged(struct session *s, struct question *q, bool right)
{
    s->stale = true;
    s->wrong = !right;
    s->shown = right ? q : NULL; /* the page says how it went; the footer goes on saying which keys work */
    return true;
}

static bool
answer_number(struct session *s, struct question *q, const char *text)
{
    struct error e = {0};
    uint64_t value;

    if (!text || !*text)
        return session_fail(s, session_words(s, tr("Type the number, then Enter: 4096, 0x1000, 4K or 1000h"),
                                                   tr("Type the number: 4096, 0x1000, 4K or 1000h")));
    if (!number_parse(text, &value, &e))
        return session_error(s, &e);
    snprintf(s->typed, sizeof s->typed, "%s", text);
    return judged(s, q, player_answer_number(s->player, q, value));
}

bool
session_answer(struct session *s, const char *text)
{
    struct question *q = must_be_asked(s);
    unsigned choice;

    if (!q)
        return false;
    while (text && *text == ' ')
        text++;
    if (!q->choices)
        return answer_number(s, q, text);
    choice = s->wrong ? q->choices : s->picked;
    if (text && *text) {
        choice = (unsigned)(tolower((unsigned char)text[0]) - 'a');
        if (text[1] || choice >= q->choices)
            return session_fail(s, tr("The answers here are a to %c."), 'a' + (int)q->choices - 1);
    }
    if (choice >= q->choices)
        return session_fail(s, session_words(s, tr("Pick another answer first: the arrows, or its letter."),
                                                   tr("Pick another answer first: type its letter.")));
    s->picked = choice;
    return judged(s, q, player_answer(s->player, q, choice));
}

static unsigned
hint_count(char *const hint[3][LANGS])
{
    unsigned n = 0;

    while (n < 3 && hint[n][LANG_EN])
        n++;
    return n;
}

static bool
task_hint(struct session *s)
{
    const struct step *step = player_step(s->player, s->step);
    unsigned count = hint_count(step->task_hint);

    if (!count)
        return session_fail(s, session_words(s, tr("There is no hint for this task. {skip} shows one way to do it."),
                                                   tr("There is no hint for this task. skip shows one way to do it.")));
    if (s->task_hints >= count)
        return session_fail(s, session_words(s, tr("That was the last hint. {skip} shows one way to do it."),
                                                   tr("That was the last hint. skip shows one way to do it.")));
    s->task_hints++;
    s->stale = true;
    return true;
}

bool
session_hint(struct session *s)
{
    struct question *q = session_question(s);

    s->status[0] = '\0';
    if (!q && session_task_open(s))
        return task_hint(s);
    if (!must_be_asked(s))
        return false;
    if (q->hints_shown >= hint_count(q->hint))
        return session_fail(s, q->hints_shown ? session_words(s, tr("That was the last hint. {skip} shows the answer."),
                                                                    tr("That was the last hint. skip shows the answer."))
                                                    : session_words(s, tr("There is no hint here. {skip} shows the answer."),
                                                                    tr("There is no hint here. skip shows the answer.")));
    q->hints_shown++;
    s->stale = true;
    return true;
}

bool
session_skip(struct session *s)
{
    struct question *q = session_question(s);

    s->status[0] = '\0';
    if (!q && session_task_open(s)) {
        session_leave_branch(s);
        player_task_done(s->player, s->step, true);
        s->stale = true;
        return session_say(s, "%s", tr("Skipped: the author's way comes next."));
    }
    if (!must_be_asked(s))
        return false;
    player_skip(s->player, q);
    s->shown = q;
    s->wrong = false;
    s->stale = true;
    return true;
}
