/* The functions a lesson tells with, and the table that puts all of them into the sandbox. */
#include <string.h>

#include "lesson/player_internal.h"

#define API(section, function, name, params, returns, doc) int function(lua_State *L);
#include "lesson/api.def"
#undef API

static const struct api_row {
    lua_CFunction function;
    const char *name;
} api_row[] = {
#define API(section, function, name, params, returns, doc) {function, name},
#include "lesson/api.def"
#undef API
};
enum { API_ROWS = sizeof api_row / sizeof *api_row };

/* --- telling -------------------------------------------------------------------------------- */

static const struct event *
event_now(const struct player *p)
{
    return p->has_last_event ? &p->last_event : NULL;
}

int
api_title(lua_State *L)
{
    struct player *p = player_telling(L);

    record_text(L, 1, "title", NULL, NULL, NULL, player_now(p)->title, 0);
    return 0;
}

int
api_say(lua_State *L)
{
    struct player *p = player_telling(L);

    if (p->story_closed)
        luaL_error(L, "m.say comes before the first question; what is known later belongs into m.after");
    record_text(L, 1, "say", event_now(p), NULL, NULL, player_now(p)->text, RECORD_APPEND);
    return 0;
}

int
api_after(lua_State *L)
{
    struct player *p = player_telling(L);

    record_text(L, 1, "after", event_now(p), NULL, NULL, player_now(p)->after, RECORD_APPEND);
    return 0;
}

int
api_note(lua_State *L)
{
    struct player *p = player_telling(L);

    record_text(L, 1, "note", event_now(p), NULL, NULL, player_now(p)->note, RECORD_APPEND);
    return 0;
}

int
api_view(lua_State *L)
{
    record_view(L, luaL_checkstring(L, 1));
    if (!lua_isnoneornil(L, 2))
        record_view_at(L, (uint64_t)luaL_checkinteger(L, 2));
    return 0;
}

int
api_card(lua_State *L)
{
    record_card(L, 1);
    return 0;
}

int
api_bind(lua_State *L)
{
    record_bind(L, 1);
    return 0;
}

int
api_ask(lua_State *L)
{
    struct player *p = player_telling(L);

    luaL_checktype(L, 1, LUA_TTABLE);
    ask_from(L, p, 1);
    return 1;
}

int
api_task(lua_State *L)
{
    struct player *p = player_telling(L);

    luaL_checktype(L, 1, LUA_TTABLE);
    task_from(L, p, 1);
    return 0;
}

/* --- expectations --------------------------------------------------------------------------- */

/* A value in a message: short, and never an address. */
static void
put_value(lua_State *L, int index, struct buffer *out)
{
    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
        if (lua_isinteger(L, index)) {
            lua_Integer n = lua_tointeger(L, index);
            buffer_printf(out, "%lld", (long long)n);
            if (n < 0 || n > 9999)
                buffer_printf(out, " (0x%llx)", (unsigned long long)n);
            return;
        }
        buffer_printf(out, "%.14g", lua_tonumber(L, index));
        return;
    case LUA_TBOOLEAN:
        buffer_puts(out, lua_toboolean(L, index) ? "true" : "false");
        return;
    case LUA_TSTRING:
        buffer_printf(out, "\"%.80s\"", lua_tostring(L, index));
        return;
    default:
        buffer_puts(out, luaL_typename(L, index));
    }
}

static void
note_failure(lua_State *L, struct player *p, const char *what)
{
    char *first = p->expect.first;
    lua_Debug ar;
    int line = 0;

    if (first[0])
        return;
    if (lua_getstack(L, 1, &ar) && lua_getinfo(L, "l", &ar) && ar.currentline > 0)
        line = ar.currentline;
    buffer_truncate(&p->scratch, 0);
    buffer_printf(&p->scratch, "%s:%d: step %u: %.120s: got ", p->lesson.path, line, p->told + 1, what);
    put_value(L, 1, &p->scratch);
    buffer_puts(&p->scratch, ", expected ");
    put_value(L, 2, &p->scratch);
    snprintf(first, sizeof p->expect.first, "%s", buffer_text(&p->scratch));
}

int
api_expect(lua_State *L)
{
    struct player *p = player_telling(L);
    const char *what = luaL_optstring(L, 3, "expectation");

    if (lua_gettop(L) < 2)
        luaL_error(L, "expect: two values are compared: what is, and what should be");
    for (int i = 1; i <= 2; i++)
        if (lua_type(L, i) == LUA_TTABLE || lua_type(L, i) == LUA_TFUNCTION)
            luaL_error(L, "expect: a %s cannot be compared; compare its members", luaL_typename(L, i));
    if (lua_rawequal(L, 1, 2)) {
        p->expect.passed++;
    } else {
        p->expect.failed++;
        note_failure(L, p, what);
    }
    return 0;
}

/* --- into the sandbox ----------------------------------------------------------------------- */

/* In front of every function: no call is free. */
static int
metered(lua_State *L)
{
    sandbox_charge(L, 8);
    return api_row[lua_tointeger(L, lua_upvalueindex(1))].function(L);
}

static void
push_function(lua_State *L, int row)
{
    lua_pushinteger(L, row);
    lua_pushcclosure(L, metered, 1);
}

static int
make_m(lua_State *L)
{
    lua_newtable(L);
    act_register(L);
    for (int i = 0; i < API_ROWS; i++) {
        if (strncmp(api_row[i].name, "m.", 2) != 0)
            continue;
        push_function(L, i);
        lua_setfield(L, -2, api_row[i].name + 2);
    }
    sandbox_freeze_table(L, -1);
    sandbox_close_members(L, -1, "m");
    return 1;
}

static int
make_helper(lua_State *L)
{
    push_function(L, (int)lua_tointeger(L, 1));
    return 1;
}

bool
api_open(struct sandbox *sb, struct error *e)
{
    lua_State *L = sandbox_state(sb);

    lua_pushcfunction(L, make_m);
    if (!sandbox_call(sb, 0, 1, e) || !sandbox_set_builtin(sb, "m", e))
        return false;
    for (int i = 0; i < API_ROWS; i++) {
        if (strncmp(api_row[i].name, "m.", 2) == 0)
            continue;
        lua_pushcfunction(L, make_helper);
        lua_pushinteger(L, i);
        if (!sandbox_call(sb, 1, 1, e) || !sandbox_set_builtin(sb, api_row[i].name, e))
            return false;
    }
    return true;
}
