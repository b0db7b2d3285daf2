/* Tasks: the learner acts on a branch until a predicate over its events and its machine holds. Any way that fits is accepted; the trunk goes on
 * with the author's own, so that later steps are the same for everybody.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "lesson/api.h"
#include "lesson/player_internal.h"

enum { SOLUTION_LINES = 50 };

bool
task_judge(lua_State *L, struct player *p, int goal, const struct machine *eyes)
{
    struct error *why = &p->complaint;
    bool holds;

    if (p->trail.total > p->trail.count) {
        *why = (struct error){0};
        error_set(why, EXIT_LIMIT, "more than %d events: a task is judged by fewer", EVENTS_TASK);
        sandbox_raise(L, why);
    }
    luaL_checkstack(L, 20, NULL);
    lua_rawgeti(L, LUA_REGISTRYINDEX, goal);
    result_push(L, p, eyes, 0, NULL);
    act_push_m(L);
    lua_setfield(L, -2, "m");
    act_look(L, p, eyes, 1);
    if (lua_type(L, -1) != LUA_TBOOLEAN)
        luaL_error(L, "goal: true or false is expected, not a %s", luaL_typename(L, -1));
    holds = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return holds;
}

static void
keep_goal(lua_State *L, struct player *p, int table)
{
    if (given_get(L, table, "goal") != LUA_TFUNCTION)
        luaL_error(L, "goal: a function of what happened is expected");
    p->goal[p->told] = luaL_ref(L, LUA_REGISTRYINDEX);
}

static void
read_texts(lua_State *L, struct player *p, int table)
{
    struct step *s = player_now(p);

    given_get(L, table, "text");
    record_text(L, -1, "text", NULL, NULL, NULL, s->task, 0);
    if (given_get(L, table, "hints") != LUA_TTABLE || given_count(L, -1) != 3)
        luaL_error(L, "hints: exactly three are expected: a nudge, the concept, the explicit one");
    sandbox_resolve(L, -1);
    for (int i = 0; i < 3; i++) {
        lua_rawgeti(L, -1, i + 1);
        record_text(L, -1, "hint", NULL, NULL, NULL, s->task_hint[i], 0);
        lua_pop(L, 1);
    }
    lua_pop(L, 3);
}

static void
append_line(struct step *s, const struct operation *op)
{
    struct buffer line = {0};

    if (s->solution)
        buffer_printf(&line, "%s\n", s->solution);
    operation_format(op, &line);
    free(s->solution);
    s->solution = memory_text(buffer_text(&line));
    buffer_free(&line);
}

/* Run the author's way on the trunk. */
static void
run_solution(lua_State *L, struct player *p, int table)
{
    struct operation op;
    uint8_t blob[OPERATION_BLOB];

    if (given_get(L, table, "solution") == LUA_TFUNCTION) {
        act_push_m(L);
        act_look(L, p, p->eyes, 1);
    }
    if (lua_type(L, -1) != LUA_TTABLE)
        luaL_error(L, "solution: a list of operations is expected");
    lua_Integer n = given_count(L, -1);
    if (n < 1 || n > SOLUTION_LINES)
        luaL_error(L, "solution: 1 to %d operations are expected", SOLUTION_LINES);
    sandbox_resolve(L, -1);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, -1, i);
        act_parse(L, -1, &op, blob);
        append_line(player_now(p), &op);
        act_do(L, p, &op);
        lua_pop(L, 1);
    }
    lua_pop(L, 2);
}

void
task_from(lua_State *L, struct player *p, int index)
{
    int table = lua_absindex(L, index);
    struct step *s = player_now(p);

    if (p->task_told)
        luaL_error(L, "a step has one task");
    luaL_checkstack(L, 40, NULL);
    snprintf(p->asking, sizeof p->asking, "task: ");
    given_only(L, table, api_members("task"), "task");
    record_story(L, p);
    read_texts(L, p, table);
    keep_goal(L, p, table);
    trail_begin(&p->trail, EVENTS_TASK);
    if (task_judge(L, p, p->goal[p->told], p->eyes))
        luaL_error(L, "the goal already holds before anything is done");
    s->task_op = history_operations(p->history) + 1;
    run_solution(L, p, table);
    act_scan(p, s->task_op, history_operations(p->history), EVENTS_TASK);
    if (!task_judge(L, p, p->goal[p->told], p->eyes))
        luaL_error(L, "the goal does not hold after the solution");
    p->task_told = true;
    p->asking[0] = '\0';
}
