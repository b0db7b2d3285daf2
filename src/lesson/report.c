#include "lesson/report.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "machine/invariant.h"

/* --- running ------------------------------------------------------------------------------------ */

static void
answer_all(struct report *r)
{
    struct question *q;

    for (unsigned i = 0; (q = player_question(r->player, i)); i++) {
        r->questions++;
        if (q->has_number)
            player_answer_number(r->player, q, q->number);
        for (unsigned k = 0; k < q->choices; k++)
            if (q->choice[k].right)
                player_answer(r->player, q, k);
    }
}

static bool
count_kind(void *ctx, struct position at, const struct event *ev)
{
    struct report *r = ctx;

    (void)at;
    r->kind[ev->code]++;
    return true;
}

/* Does the lesson break it on purpose? Then *which is its bit. */
static bool
is_meant(const struct lesson *l, enum invariant_code broken, unsigned *which)
{
    for (unsigned i = 0; i < l->break_count; i++)
        if (strcmp(l->breaks[i], invariant_row[broken].id) == 0) {
            *which = 1u << i;
            return true;
        }
    return false;
}

static void
count_violation(struct report *r, const char *when, const char *id, const char *where)
{
    if (!r->violations++)
        snprintf(r->first_violation, sizeof r->first_violation, "%s: %s: %s", when, id, where);
}

/* What a lesson says it breaks must be broken at some time, or it says so for nothing. */
static void
check_invariants(const struct lesson *l, struct report *r)
{
    struct violation found[INVARIANTS];
    unsigned broken = 0, which;
    char when[48];

    for (uint64_t n = 1; n <= r->operations; n++, r->checked++) {
        history_seek(r->history, (struct position){n, history_events(r->history, n)});
        snprintf(when, sizeof when, "after operation %llu", (unsigned long long)n);
        for (unsigned i = invariant_check(history_machine(r->history), found, INVARIANTS); i-- > 0;)
            if (is_meant(l, found[i].invariant, &which))
                broken |= which;
            else
                count_violation(r, when, invariant_row[found[i].invariant].id, found[i].where);
    }
    for (unsigned i = 0; i < l->break_count; i++)
        if (!(broken >> i & 1))
            count_violation(r, "in the whole lesson", l->breaks[i], "it is said to be broken and never was");
}

static bool
open_run(const struct lesson *l, const uint64_t *seed, struct report *r, struct error *e)
{
    struct preset preset;

    memset(r, 0, sizeof *r);
    if (!preset_load(l->machine, &preset, e))
        return error_place(e, l->path, 0);
    r->history = history_open(&preset, seed ? *seed : l->seed, e);
    r->player = r->history ? player_open(l, r->history, e) : NULL;
    return r->player;
}

static bool
tell_all(struct report *r, struct error *e)
{
    while (player_tell(r->player, e))
        continue;
    return e->code == EXIT_OK;
}

bool
report_run(const struct lesson *l, const uint64_t *seed, struct report *r, struct error *e)
{
    if (!open_run(l, seed, r, e) || !tell_all(r, e)) {
        report_close(r);
        return false;
    }
    r->operations = history_operations(r->history);
    r->events = history_event_number(r->history, history_end(r->history));
    history_scan(r->history, (struct position){1, 1}, history_end(r->history), count_kind, r);
    player_expectations(r->player, &r->passed, &r->failed);
    answer_all(r);
    check_invariants(l, r);
    history_seek(r->history, history_end(r->history));
    hash_hex(machine_hash(history_machine(r->history)), r->state);
    return true;
}

void
report_close(struct report *r)
{
    player_close(r->player);
    if (r->history)
        history_close(r->history);
    r->player = NULL;
    r->history = NULL;
}

bool
report_passed(const struct report *r)
{
    return r->failed == 0 && r->violations == 0;
}

bool
report_questions(const struct lesson *l, unsigned *questions, struct error *e)
{
    struct report r;
    bool told = open_run(l, NULL, &r, e) && tell_all(&r, e);

    *questions = 0;
    while (told && player_question(r.player, *questions))
        ++*questions;
    report_close(&r);
    return told;
}

/* --- as JSON ------------------------------------------------------------------------------------ */

static void
put_question(const struct question *q, struct buffer *out)
{
    static const char *const states[] = {[ANSWER_OPEN] = "open", [ANSWER_RIGHT] = "right", [ANSWER_WRONG] = "wrong",
                                         [ANSWER_SKIPPED] = "skipped"};

    json_open(out, '{');
    json_key(out, "id");
    json_put_string(out, q->id);
    json_key(out, "kind");
    json_put_string(out, q->kind);
    json_key(out, "answer");
    json_put_string(out, q->answer);
    json_key(out, "choices");
    json_put_uint(out, q->choices);
    json_key(out, "step");
    json_put_uint(out, q->step);
    json_key(out, "state");
    json_put_string(out, states[q->state]);
    json_close(out, '}');
}

/* Only the kinds that happened: a kind that is not there did not. */
static void
put_kinds(const struct report *r, struct buffer *out)
{
    json_key(out, "events_by_kind");
    json_open(out, '{');
    for (int code = 0; code < EVENT_CODES; code++) {
        if (r->kind[code] == 0)
            continue;
        json_key(out, event_row[code].name);
        json_put_uint(out, r->kind[code]);
    }
    json_close(out, '}');
}

static void
put_pair(struct buffer *out, const char *name, const char *first, uint64_t a, const char *second, uint64_t b)
{
    json_key(out, name);
    json_open(out, '{');
    json_key(out, first);
    json_put_uint(out, a);
    json_key(out, second);
    json_put_uint(out, b);
    json_close(out, '}');
}

void
report_json(const struct report *r, struct buffer *out)
{
    const struct lesson *l = player_lesson(r->player);

    json_open(out, '{');
    json_key(out, "schema");
    json_put_string(out, "pagewalk.run/1");
    json_key(out, "lesson");
    json_put_string(out, l->id);
    json_key(out, "steps");
    json_put_uint(out, player_told(r->player));
    json_key(out, "events");
    json_put_uint(out, r->events);
    json_key(out, "operations");
    json_put_uint(out, r->operations);
    json_key(out, "questions");
    json_open(out, '[');
    for (unsigned i = 0; i < r->questions; i++)
        put_question(player_question(r->player, i), out);
    json_close(out, ']');
    put_pair(out, "expectations", "passed", r->passed, "failed", r->failed);
    put_pair(out, "invariants", "checked", r->checked, "violations", r->violations);
    json_key(out, "state");
    json_put_string(out, r->state);
    put_kinds(r, out);
    json_close(out, '}');
    buffer_putc(out, '\n');
}

void
report_list_json(const struct lesson *l, unsigned questions, struct buffer *out)
{
    json_open(out, '{');
    json_key(out, "id");
    json_put_string(out, l->id);
    json_key(out, "part");
    json_put_string(out, l->part);
    json_key(out, "title");
    json_open(out, '{');
    for (int lang = 0; lang < LANGS; lang++) {
        json_key(out, lang_code[lang]);
        json_put_string(out, l->title[lang]);
    }
    json_close(out, '}');
    json_key(out, "rows");
    json_open(out, '[');
    for (unsigned i = 0; i < l->row_count; i++)
        json_put_string(out, l->rows[i]);
    json_close(out, ']');
    json_key(out, "steps");
    json_put_uint(out, l->steps);
    json_key(out, "questions");
    json_put_uint(out, questions);
    json_key(out, "machine");
    json_put_string(out, l->machine);
    json_key(out, "minutes");
    json_put_uint(out, l->minutes);
    json_key(out, "needs");
    json_open(out, '[');
    for (unsigned i = 0; i < l->need_count; i++)
        json_put_string(out, l->needs[i]);
    json_close(out, ']');
    json_key(out, "gifts");
    json_open(out, '[');
    for (int gift = 0; gift < GIFTS; gift++)
        if (l->gifts >> gift & 1)
            json_put_string(out, gift_row[gift].name);
    json_close(out, ']');
    json_close(out, '}');
}
