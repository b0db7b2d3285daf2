/* Asking machines: the one that ran, and clones of it that have one quirk. The same answer function is asked of each. */
#include <string.h>

#include "base/assert.h"
#include "lesson/ask_internal.h"

/* --- events --------------------------------------------------------------------------------- */

/* The event asked about among those in the trail, counted from 1; 0: it did not happen. */
uint32_t
inquire_event(const struct asking *a)
{
    const struct trail *t = &a->p->trail;
    uint32_t nth = 0;

    if (a->kind == EV_NONE)
        return t->count >= a->nth ? a->nth : 0;
    for (uint32_t i = 0; i < t->count; i++)
        if (t->event[i].code == a->kind && ++nth == a->nth)
            return i + 1;
    return 0;
}

void
inquire_before(struct asking *a)
{
    lua_State *L = a->L;
    const char *names[EVENT_CODES];
    int top = lua_gettop(L);

    a->kind = EV_NONE;
    a->nth = 1;
    if (given_get(L, a->table, "before") == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    if (lua_type(L, -1) == LUA_TSTRING) {
        lua_pushvalue(L, -1);
        lua_pushinteger(L, 1);
    } else if (lua_type(L, -1) == LUA_TTABLE) {
        sandbox_resolve(L, -1);
        lua_rawgeti(L, -1, 1);
        if (lua_rawgeti(L, -2, 2) == LUA_TNIL) {
            lua_pop(L, 1);
            lua_pushinteger(L, 1);
        }
    } else {
        luaL_error(L, "before: { \"event\", n } is expected");
    }
    if (lua_type(L, -2) != LUA_TSTRING || !lua_isinteger(L, -1) || lua_tointeger(L, -1) < 1 ||
        lua_tointeger(L, -1) > EVENTS_SHOWN)
        luaL_error(L, "before: { \"event\", n } is expected, with n from 1");
    a->nth = (uint32_t)lua_tointeger(L, -1);
    a->kind = event_by_name(lua_tostring(L, -2));
    if (a->kind == EV_NONE) {
        for (int i = 1; i < EVENT_CODES; i++)
            names[i - 1] = event_row[i].name;
        names[EVENT_CODES - 1] = NULL;
        given_nearest(L, "before: no event", lua_tostring(L, -2), names);
    }
    lua_settop(L, top);
}

/* --- asking a machine ----------------------------------------------------------------------- */

/* r of the answer function: the outcome, the events in the trail, the event asked about, m. */
void
inquire_push(struct asking *a, const struct machine *m, const struct outcome *out)
{
    lua_State *L = a->L;
    uint32_t at = a->op ? inquire_event(a) : 0;

    result_push(L, a->p, m, a->op, out);
    act_push_m(L);
    lua_setfield(L, -2, "m");
    if (at) {
        result_push_event(L, m, &a->p->trail.event[at - 1], at);
        lua_setfield(L, -2, "event");
    }
}

/* What does `function` (a stack index) say about the machine m after the operation? */
void
inquire(struct asking *a, int function, const struct machine *m, const struct outcome *out, struct reply *reply)
{
    lua_pushvalue(a->L, function);
    inquire_push(a, m, out);
    act_look(a->L, a->p, m, 1);
    reply_take(a, reply);
}

static void
seen(void *context, const struct event *ev)
{
    trail_add(context, ev);
}

/* Run operations first..a->op in a clone with the quirk on. NULL: the clone refused one of them. The clone is the history's and lives until the
 * history is used again. */
const struct machine *
inquire_clone(struct asking *a, uint64_t first, enum quirk quirk, struct outcome *out)
{
    struct history *h = a->p->history;
    struct watch watch = {seen, &a->p->trail};
    struct machine *clone = NULL;
    struct error ignored = {0};

    sandbox_charge(a->L, 30000); /* a clone is a journey from the nearest keyframe */
    trail_begin(&a->p->trail, EVENTS_SHOWN);
    if (!history_what_if(h, first - 1, quirk, history_operation(h, first), first == a->op ? &watch : NULL, out, &clone, &ignored))
        return NULL;
    for (uint64_t n = first + 1; n <= a->op; n++) {
        machine_watch(clone, n == a->op ? &watch : NULL);
        bool done = machine_do(clone, history_operation(h, n), out, &ignored);
        machine_watch(clone, NULL);
        if (!done)
            return NULL;
    }
    sandbox_charge(a->L, 10 * a->p->trail.total);
    return clone;
}

/* Machine, outcome and trail of the operation as it really went. */
const struct machine *
inquire_truth(struct asking *a, struct outcome *out)
{
    struct history *h = a->p->history;
    const struct machine *m;

    if (a->op == 0) {
        trail_begin(&a->p->trail, 0);
        return history_machine(h);
    }
    if (a->op == history_operations(h)) {
        act_scan(a->p, a->op, a->op, EVENTS_SHOWN);
        *out = *history_outcome(h, a->op);
        return history_machine(h);
    }
    m = inquire_clone(a, a->op, QUIRKS, out);
    pw_assert(m);
    return m;
}

/* The number of the operation whose result stands in member `name` of the table at index; 0: not given. */
uint64_t
inquire_operation(struct asking *a, int index, const char *name)
{
    lua_State *L = a->L;
    uint64_t op = 0, most = history_operations(a->p->history);

    if (given_get(L, index, name) != LUA_TNIL) {
        if (lua_type(L, -1) != LUA_TTABLE || given_get(L, -1, "op") != LUA_TNUMBER || !lua_isinteger(L, -1))
            luaL_error(L, "%s: the result of an operation is expected", name);
        op = (uint64_t)lua_tointeger(L, -1);
        lua_pop(L, 1);
        if (op < player_now(a->p)->first_op || op > most)
            luaL_error(L, "%s: not an operation of this step", name);
    }
    lua_pop(L, 1);
    return op;
}
