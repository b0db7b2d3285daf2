/* Telling a lesson: a step runs once, forwards, and leaves records; everything else reads them. */
#include "lesson/player.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/memory.h"
#include "lesson/api.h"
#include "lesson/player_internal.h"

/* --- for the functions that lessons call ---------------------------------------------------- */

struct player *
player_of(lua_State *L)
{
    struct player *p = ((struct script *)sandbox_user(L))->player;

    if (!p)
        luaL_error(L, "this works only inside a step");
    return p;
}

struct player *
player_telling(lua_State *L)
{
    struct player *p = player_of(L);

    if (p->telling == TELLING_ANSWER)
        luaL_error(L, "an answer or a goal only looks: nothing can be done or recorded in it");
    if (p->telling != TELLING_STEP)
        luaL_error(L, "this works only inside a step");
    return p;
}

struct step *
player_now(struct player *p)
{
    return &p->step[p->told];
}

/* --- life ----------------------------------------------------------------------------------- */

static struct player *
allocate(void)
{
    struct player *p = memory_new(1, sizeof *p);

    p->step = memory_new(STEPS_MAX + 1, sizeof *p->step);
    p->goal = memory_new(STEPS_MAX + 1, sizeof *p->goal);
    p->line = memory_new(STEPS_MAX + 1, sizeof *p->line);
    for (int i = 0; i <= STEPS_MAX; i++)
        p->goal[i] = LUA_NOREF;
    return p;
}

struct player *
player_open(const struct lesson *lesson, struct history *h, struct error *e)
{
    struct player *p = allocate();

    p->history = h;
    if (script_open(&p->script, lesson->path, p, &p->lesson, e))
        return p;
    player_close(p);
    return NULL;
}

void
player_close(struct player *p)
{
    if (!p)
        return;
    script_close(&p->script);
    for (unsigned i = 0; i <= STEPS_MAX; i++)
        step_free(&p->step[i]);
    for (unsigned i = 0; i < p->questions; i++)
        question_free(p->question[i]);
    if (p->draft)
        question_free(p->draft);
    bound_free(p);
    trail_free(&p->trail);
    buffer_free(&p->scratch);
    lesson_free(&p->lesson);
    free(p->question);
    free(p->step);
    free(p->goal);
    free(p->line);
    free(p);
}

void
player_set_views(struct player *p, const char *const *views)
{
    p->views = views;
}

void
player_start_at(struct player *p, unsigned n)
{
    pw_assert(p->told == 0 && n >= 1);
    p->told = n - 1;
}

const struct lesson *
player_lesson(const struct player *p)
{
    return &p->lesson;
}

/* --- telling a step ------------------------------------------------------------------------- */

static void
ask_all(lua_State *L, struct player *p, int step)
{
    int top = lua_gettop(L);

    if (given_get(L, step, "ask") == LUA_TNIL) {
        lua_settop(L, top);
        return;
    }
    if (lua_type(L, -1) != LUA_TTABLE)
        luaL_error(L, "ask: a question { ... } or a list of them is expected");
    lua_Integer n = given_count(L, -1);
    if (n == 0)
        ask_from(L, p, -1);
    sandbox_resolve(L, top + 1);
    int list = lua_gettop(L);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, list, i);
        ask_from(L, p, -1);
        lua_settop(L, list);
    }
    lua_settop(L, top);
}

/* Push m and call the function below it, for nothing. */
static void
call_with_m(lua_State *L, int results)
{
    act_push_m(L);
    lua_call(L, 1, results);
}

static void
tell_bind(lua_State *L, int step)
{
    int type = given_get(L, step, "bind");

    if (type == LUA_TFUNCTION)
        call_with_m(L, 1);
    if (type != LUA_TNIL)
        record_bind(L, lua_gettop(L));
    lua_pop(L, 1);
}

static void
tell_text(lua_State *L, struct player *p, int step, const char *name, char *slot[LANGS])
{
    if (given_get(L, step, name) != LUA_TNIL)
        record_text(L, -1, name, p->has_last_event ? &p->last_event : NULL, NULL, NULL, slot, RECORD_APPEND);
    lua_pop(L, 1);
}

/* A member that is a function(m) which acts. */
static bool
tell_acts(lua_State *L, int step, const char *name)
{
    if (given_get(L, step, name) == LUA_TFUNCTION) {
        call_with_m(L, 0);
        return true;
    }
    if (!lua_isnil(L, -1))
        luaL_error(L, "%s: function(m) ... end is expected, not a %s", name, luaL_typename(L, -1));
    lua_pop(L, 1);
    return false;
}

static void
tell_table(lua_State *L, struct player *p, int step)
{

    given_only(L, step, api_members("step"), "step");
    p->step_ref = step;
    if (given_get(L, step, "view") != LUA_TNIL)
        record_view(L, luaL_checkstring(L, -1));
    lua_pop(L, 1);
    if (tell_acts(L, step, "prepare"))
        player_now(p)->shown_op = history_operations(p->history) + 1;
    tell_bind(L, step);
    tell_acts(L, step, "run");
    ask_all(L, p, step);
    record_story(L, p);
    if (given_get(L, step, "task") != LUA_TNIL)
        task_from(L, p, -1);
    lua_pop(L, 1);
    tell_text(L, p, step, "after", player_now(p)->after);
    tell_text(L, p, step, "note", player_now(p)->note);
    if (given_get(L, step, "card") != LUA_TNIL)
        record_card(L, -1);
    lua_pop(L, 1);
}

static void
tell_step(lua_State *L, void *ctx)
{
    struct player *p = ctx;

    script_push_step(L, p->told + 1);
    p->line[p->told] = script_line(L, 1);
    if (lua_type(L, 1) == LUA_TTABLE) {
        tell_table(L, p, 1);
    } else {
        lua_pushvalue(L, 1);
        call_with_m(L, 0);
        record_story(L, p);
    }
    if (p->asking[0])
        luaL_error(L, "it failed, and its error was caught; a question or a task that fails ends the step");
}

/* --- around it ------------------------------------------------------------------------------ */

static void
begin(struct player *p)
{
    struct history *h = p->history;
    struct step *s = player_now(p);

    history_leave_branch(h);
    history_seek(h, history_end(h));
    s->first_op = s->shown_op = history_operations(h) + 1;
    p->eyes = history_machine(h);
    p->has_last_event = false;
    p->telling = TELLING_STEP;
    p->story_closed = p->task_told = false;
    p->step_ref = 0;
    p->asking[0] = '\0';
    rng_seed(&p->script.rng, p->lesson.seed * 1000 + p->told);
    sandbox_begin_step(p->script.sandbox);
}

static void
finish(struct player *p, struct position place)
{
    bound_free(p);
    p->telling = TELLING_NOTHING;
    p->eyes = NULL;
    history_seek(p->history, place);
}

/* As if the step had never begun. */
static void
undo(struct player *p)
{
    struct step *s = player_now(p);

    while (p->questions > 0 && p->question[p->questions - 1]->step == p->told + 1)
        question_free(p->question[--p->questions]);
    if (p->draft)
        question_free(p->draft);
    p->draft = NULL;
    history_truncate(p->history, s->first_op - 1);
    step_free(s);
}

/* "step 4: question first-read: ..." with a line, if only the step's own. */
static bool
fail(struct player *p, const struct error *cause, struct error *e)
{
    struct error full = {.code = cause->code, .line = cause->line};
    int line = p->line[p->told];

    snprintf(full.file, sizeof full.file, "%s", cause->file);
    snprintf(full.text, sizeof full.text, "step %u: %s%.380s", p->told + 1, p->asking, cause->text);
    error_place(&full, p->lesson.path, line);
    if (!e->code)
        *e = full;
    return false;
}

bool
player_tell(struct player *p, struct error *e)
{
    struct position place;
    struct expectation_record before = p->expect;
    struct error cause = {0};

    if (p->told >= p->lesson.steps)
        return false;
    history_leave_branch(p->history);
    place = history_position(p->history);
    begin(p);
    bool done = sandbox_protect(p->script.sandbox, tell_step, p, &cause);
    if (done) {
        player_now(p)->last_op = history_operations(p->history);
    } else {
        undo(p);
        p->expect = before;
    }
    finish(p, place);
    if (!done)
        return fail(p, &cause, e);
    p->told++;
    return true;
}

/* --- steps ---------------------------------------------------------------------------------- */

unsigned
player_told(const struct player *p)
{
    return p->told;
}

const struct step *
player_step(const struct player *p, unsigned step)
{
    return step >= 1 && step <= p->told ? &p->step[step - 1] : NULL;
}

static struct position
end_of(const struct player *p, uint64_t op)
{
    return (struct position){op, op ? history_events(p->history, op) : 0};
}

struct position
player_step_start(const struct player *p, unsigned step)
{
    const struct step *s = player_step(p, step);

    pw_assert(s);
    return end_of(p, s->shown_op - 1);
}

struct position
player_step_end(const struct player *p, unsigned step)
{
    const struct step *s = player_step(p, step);

    pw_assert(s);
    if (s->task_op && !s->task_done)
        return end_of(p, s->task_op - 1);
    return end_of(p, s->last_op);
}

/* --- questions ------------------------------------------------------------------------------ */

struct question *
player_question(struct player *p, unsigned index)
{
    return index < p->questions ? p->question[index] : NULL;
}

struct question *
player_open_question(struct player *p, unsigned step)
{
    for (unsigned i = 0; i < p->questions; i++)
        if (p->question[i]->step == step && !p->question[i]->answered)
            return p->question[i];
    return NULL;
}

static bool
judge(struct question *q, bool right)
{
    q->tries++;
    if (!right) {
        q->state = ANSWER_WRONG;
        return false;
    }
    if (q->state == ANSWER_OPEN)
        q->state = ANSWER_RIGHT;
    q->answered = true;
    return true;
}

bool
player_answer(struct player *p, struct question *q, unsigned choice)
{
    (void)p;
    if (q->answered || choice >= q->choices)
        return false;
    q->picked = choice;
    if (!q->choice[choice].right)
        q->tried |= 1u << choice;
    return judge(q, q->choice[choice].right);
}

bool
player_answer_number(struct player *p, struct question *q, uint64_t number)
{
    (void)p;
    return !q->answered && q->has_number && judge(q, number == q->number);
}

void
player_skip(struct player *p, struct question *q)
{
    (void)p;
    if (q->answered)
        return;
    q->state = ANSWER_SKIPPED;
    q->answered = true;
}

/* --- tasks ---------------------------------------------------------------------------------- */

struct judging {
    struct player *p;
    int goal;
    bool holds;
};

static void
judge_task(lua_State *L, void *ctx)
{
    struct judging *j = ctx;

    j->holds = task_judge(L, j->p, j->goal, history_machine(j->p->history));
}

bool
player_task_holds(struct player *p, unsigned step, bool *holds, struct error *e)
{
    struct history *h = p->history;
    struct judging judging = {p, LUA_NOREF, false};
    struct position place = history_position(h);
    struct error cause = {0};
    bool done;

    *holds = false;
    if (!player_step(p, step) || p->goal[step - 1] == LUA_NOREF || !history_on_branch(h))
        return true;
    judging.goal = p->goal[step - 1];
    history_seek(h, history_end(h));
    act_scan(p, history_branch_point(h) + 1, history_operations(h), EVENTS_TASK);
    p->eyes = history_machine(h);
    sandbox_begin_step(p->script.sandbox);
    done = sandbox_protect(p->script.sandbox, judge_task, &judging, &cause);
    p->telling = TELLING_NOTHING;
    p->eyes = NULL;
    history_seek(h, place);
    *holds = judging.holds;
    if (!done)
        error_at(e, cause.code, cause.line ? cause.file : p->lesson.path, cause.line ? cause.line : p->line[step - 1],
                 "step %u: task: %.400s", step, cause.text);
    return done;
}

void
player_task_done(struct player *p, unsigned step, bool given_up)
{
    pw_assert(player_step(p, step));
    p->step[step - 1].task_done = true;
    p->step[step - 1].task_given_up = given_up;
}

/* --- expectations --------------------------------------------------------------------------- */

void
player_expectations(const struct player *p, unsigned *passed, unsigned *failed)
{
    *passed = p->expect.passed;
    *failed = p->expect.failed;
}

const char *
player_failure(const struct player *p)
{
    return p->expect.first[0] ? p->expect.first : NULL;
}
