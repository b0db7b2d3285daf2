#include "lesson/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/memory.h"
#include "base/text.h"
#include "lesson/statefile.h"

enum { LESSONS_MAX = 20000, QUESTIONS_MAX = 4000, STEPS_LARGEST = 100000 };

struct records {
    struct progress_lesson *lesson;
    unsigned count, room;
};

struct progress {
    struct records table;
    struct statefile file;
};

static const char *const state_name[] = {[ANSWER_OPEN] = "open", [ANSWER_RIGHT] = "right", [ANSWER_WRONG] = "wrong",
                                         [ANSWER_SKIPPED] = "skipped"};

/* --- the table ---------------------------------------------------------------------------------- */

static void
lesson_clear(struct progress_lesson *l)
{
    free(l->question);
    *l = (struct progress_lesson){0};
}

static void
records_free(struct records *t)
{
    for (unsigned i = 0; i < t->count; i++)
        lesson_clear(&t->lesson[i]);
    free(t->lesson);
    *t = (struct records){0};
}

static struct progress_lesson *
records_find(const struct records *t, const char *id)
{
    for (unsigned i = 0; i < t->count; i++)
        if (strcmp(t->lesson[i].id, id) == 0)
            return &t->lesson[i];
    return NULL;
}

static struct progress_lesson *
records_put(struct records *t, const char *id)
{
    struct progress_lesson *l = records_find(t, id);

    if (l || t->count == LESSONS_MAX)
        return l;
    if (t->count == t->room) {
        t->room = t->room ? 2 * t->room : 16;
        t->lesson = memory_resize(t->lesson, t->room, sizeof *t->lesson);
    }
    l = &t->lesson[t->count++];
    *l = (struct progress_lesson){0};
    snprintf(l->id, sizeof l->id, "%s", id);
    return l;
}

/* --- the join: in any order, any number of times, the result is the same -------------------------- */

static unsigned
rank(enum answer_state s)
{
    static const unsigned ranks[] = {[ANSWER_OPEN] = 0, [ANSWER_SKIPPED] = 1, [ANSWER_WRONG] = 2, [ANSWER_RIGHT] = 3};

    return ranks[s];
}

static void
join_question(struct progress_lesson *l, const struct progress_question *q)
{
    struct progress_question *mine = NULL;

    for (unsigned i = 0; i < l->questions && !mine; i++)
        if (strcmp(l->question[i].id, q->id) == 0)
            mine = &l->question[i];
    if (!mine) {
        if (l->questions == QUESTIONS_MAX)
            return;
        l->question = memory_resize(l->question, l->questions + 1, sizeof *l->question);
        mine = &l->question[l->questions++];
        *mine = (struct progress_question){0};
        snprintf(mine->id, sizeof mine->id, "%s", q->id);
    }
    if (rank(q->state) > rank(mine->state))
        mine->state = q->state;
    if (q->tries > mine->tries)
        mine->tries = q->tries;
}

static void
join_lesson(struct records *t, const struct progress_lesson *other)
{
    struct progress_lesson *l = records_put(t, other->id);

    if (!l)
        return;
    l->done = l->done || other->done;
    if (other->best > l->best)
        l->best = other->best;
    if (other->turn > l->turn || (other->turn == l->turn && other->step > l->step)) {
        l->turn = other->turn;
        l->step = other->step;
    }
    for (unsigned i = 0; i < other->questions; i++)
        join_question(l, &other->question[i]);
}

/* --- reading -------------------------------------------------------------------------------------- */

static bool
is_id(const char *id, size_t most)
{
    return text_is_id(id, strlen(id), most);
}

static bool
read_question(struct json v, struct progress_lesson *l, struct error *e)
{
    static const char *const members[] = {"state", "tries", NULL};
    struct progress_question q = {0};
    const char *state;
    int64_t tries = 0;
    int found = -1;

    if (!is_id(json_name(v), sizeof q.id - 1))
        return json_fail(v, e, "a question's id is expected");
    if (!json_only_members(v, members, e) || !json_get_string(v, "state", &state, e) ||
        !json_opt_int(v, "tries", 0, INT32_MAX, &tries, e))
        return false;
    for (int i = 0; i < 4; i++)
        if (strcmp(state_name[i], state) == 0)
            found = i;
    if (found < 0)
        return json_fail(v, e, "state is open, right, wrong or skipped");
    snprintf(q.id, sizeof q.id, "%s", json_name(v));
    q.state = (enum answer_state)found;
    q.tries = (unsigned)tries;
    join_question(l, &q);
    return true;
}

static bool
read_lesson(struct json v, struct records *t, struct error *e)
{
    static const char *const members[] = {"done", "step", "best", "turn", "questions", NULL};
    struct progress_lesson *l;
    int64_t step = 0, best = 0, turn = 0;
    struct json questions;
    bool done = false;

    if (!is_id(json_name(v), 64))
        return json_fail(v, e, "a lesson's id is expected");
    if (!json_only_members(v, members, e) || !json_opt_bool(v, "done", &done, e) || !json_opt_int(v, "step", 0, STEPS_LARGEST, &step, e) ||
        !json_opt_int(v, "best", 0, INT32_MAX, &best, e) || !json_opt_int(v, "turn", 0, JSON_INTEGER_MAX - 1, &turn, e))
        return false;
    l = records_put(t, json_name(v));
    if (!l)
        return json_fail(v, e, "more than %d lessons", LESSONS_MAX);
    l->done = done;
    l->step = (unsigned)step;
    l->best = (unsigned)best;
    l->turn = (uint64_t)turn;
    questions = json_find(v, "questions");
    if (questions.node && json_kind(questions) != JSON_OBJECT)
        return json_fail(questions, e, "an object is expected");
    for (struct json q = json_first(questions); questions.node && q.node; q = json_next(q))
        if (!read_question(q, l, e))
            return false;
    return true;
}

static bool
read_document(const struct json_doc *doc, void *ctx, struct error *e)
{
    static const char *const members[] = {"schema", "lessons", NULL};
    struct records *t = ctx;
    struct json lessons;

    if (!json_only_members(json_root(doc), members, e) ||
        !json_get_object(json_root(doc), "lessons", &lessons, e))
        return false;
    for (struct json l = json_first(lessons); l.node; l = json_next(l))
        if (!read_lesson(l, t, e))
            return false;
    return true;
}

/* --- writing -------------------------------------------------------------------------------------- */

static void
put_lesson(struct buffer *b, const struct progress_lesson *l)
{
    json_key(b, l->id);
    json_open(b, '{');
    json_key(b, "done");
    json_put_bool(b, l->done);
    json_key(b, "step");
    json_put_uint(b, l->step);
    json_key(b, "best");
    json_put_uint(b, l->best);
    json_key(b, "turn");
    json_put_uint(b, l->turn);
    json_key(b, "questions");
    json_open(b, '{');
    for (unsigned i = 0; i < l->questions; i++) {
        json_key(b, l->question[i].id);
        json_open(b, '{');
        json_key(b, "state");
        json_put_string(b, state_name[l->question[i].state]);
        json_key(b, "tries");
        json_put_uint(b, l->question[i].tries);
        json_close(b, '}');
    }
    json_close(b, '}');
    json_close(b, '}');
}

static bool
save(const struct progress *p, struct error *e)
{
    struct buffer b = {0};
    bool done;

    json_open(&b, '{');
    json_key(&b, "schema");
    json_put_string(&b, p->file.schema);
    json_key(&b, "lessons");
    json_open(&b, '{');
    for (unsigned i = 0; i < p->table.count; i++) {
        buffer_putc(&b, '\n');
        put_lesson(&b, &p->table.lesson[i]);
        if (i + 1 < p->table.count)
            buffer_putc(&b, ',');
    }
    buffer_putc(&b, '\n');
    json_close(&b, '}');
    json_close(&b, '}');
    buffer_putc(&b, '\n');
    done = statefile_save(&p->file, &b, e);
    buffer_free(&b);
    return done;
}

/* Read what is there and join it with what we know. */
static void
take_in(struct progress *p, struct error *note)
{
    struct records there = {0};

    if (statefile_read(&p->file, read_document, &there, note))
        for (unsigned i = 0; i < there.count; i++)
            join_lesson(&p->table, &there.lesson[i]);
    records_free(&there);
}

/* --- outside -------------------------------------------------------------------------------------- */

struct progress *
progress_open(struct error *note)
{
    struct progress *p = memory_new(1, sizeof *p);

    statefile_open(&p->file, "progress", "pagewalk.progress/1", note);
    take_in(p, note);
    return p;
}

void
progress_close(struct progress *p)
{
    if (!p)
        return;
    records_free(&p->table);
    free(p);
}

const struct progress_lesson *
progress_find(const struct progress *p, const char *id)
{
    return records_find(&p->table, id);
}

const struct progress_lesson *
progress_latest(const struct progress *p)
{
    const struct progress_lesson *latest = NULL;

    for (unsigned i = 0; i < p->table.count; i++)
        if (!latest || p->table.lesson[i].turn > latest->turn)
            latest = &p->table.lesson[i];
    return latest && latest->turn ? latest : NULL;
}

static bool
read_join_write(struct progress *p, struct progress_lesson *now, struct error *e)
{
    struct error why = {0};
    const struct progress_lesson *latest;
    bool saved;

    if (statefile_begin(&p->file, &why))
        take_in(p, &why);
    latest = progress_latest(p);
    now->turn = latest ? latest->turn + 1 : 1;
    join_lesson(&p->table, now);
    saved = save(p, &why);
    statefile_end(&p->file);
    return saved || statefile_say(&p->file, &why, e);
}

bool
progress_merge(struct progress *p, const struct progress_lesson *given, struct error *e)
{
    struct progress_lesson now = *given;

    pw_assert(is_id(now.id, 64));
    return read_join_write(p, &now, e);
}

bool
progress_record(struct progress *p, struct player *player, unsigned step, bool done, struct error *e)
{
    struct progress_lesson now = {.done = done, .step = step};
    const struct question *q;
    bool saved;

    snprintf(now.id, sizeof now.id, "%s", player_lesson(player)->id);
    while (player_question(player, now.questions))
        now.questions++;
    now.question = memory_new(now.questions + 1, sizeof *now.question);
    for (unsigned i = 0; (q = player_question(player, i)); i++) {
        snprintf(now.question[i].id, sizeof now.question[i].id, "%s", q->id);
        now.question[i].state = q->state;
        now.question[i].tries = q->tries;
        now.best += q->state == ANSWER_RIGHT;
    }
    saved = progress_merge(p, &now, e);
    free(now.question);
    return saved;
}
