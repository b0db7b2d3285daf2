/* What a lesson sees as its world: names, and tables that cannot be changed.
 *
 * Lessons get no metatables, so every table that has one is ours, and is read-only: the table
 * itself is empty and `__index` leads to the one that holds the members. An assignment to an empty
 * table always asks `__newindex`, which is C and refuses. The environment is such a table too; its
 * `__newindex` lets new names in until the lesson is frozen. Lua 5.4 manual, section 2.4.
 */
#include <stdlib.h>
#include <string.h>

#include "lesson/sandbox_internal.h"

/* In a metatable of ours: the table that holds the members. */
enum { BACKING = 1 };

/* --- frozen tables ------------------------------------------------------------------------- */

bool
sandbox_is_frozen(lua_State *L, int index)
{
    if (lua_type(L, index) != LUA_TTABLE || !lua_getmetatable(L, index))
        return false;
    lua_pop(L, 1);
    return true;
}

void
sandbox_resolve(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    if (lua_getmetatable(L, index)) {
        lua_rawgeti(L, -1, BACKING);
        lua_remove(L, -2);
    } else {
        lua_pushvalue(L, index);
    }
}

void
sandbox_check_table(lua_State *L, int arg)
{
    luaL_checktype(L, arg, LUA_TTABLE);
    sandbox_resolve(L, arg);
}

void
sandbox_check_writable(lua_State *L, int arg)
{
    luaL_checktype(L, arg, LUA_TTABLE);
    if (sandbox_is_frozen(L, arg))
        luaL_error(L, "this table is read-only");
}

static int
refuse_write(lua_State *L)
{
    sandbox_charge(L, 8);
    if (lua_type(L, 2) == LUA_TSTRING)
        return luaL_error(L, "this table is read-only: '%s' cannot be set", lua_tostring(L, 2));
    return luaL_error(L, "this table is read-only");
}

static int
frozen_length(lua_State *L)
{
    sandbox_charge(L, 4);
    sandbox_resolve(L, 1);
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, -1));
    return 1;
}

/* Give the table below `backing` (top) its metatable; pops backing. */
static void
put_in_front(lua_State *L, lua_CFunction on_write)
{
    lua_createtable(L, 1, 3);
    lua_pushvalue(L, -2);
    lua_rawseti(L, -2, BACKING);
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, on_write);
    lua_setfield(L, -2, "__newindex");
    lua_pushcfunction(L, frozen_length);
    lua_setfield(L, -2, "__len");
    lua_remove(L, -2);
    lua_setmetatable(L, -2);
}

/* Move the members of the table at `t` to a new table, left on the stack. Tables among them are
 * appended to the list at `todo`. */
static void
move_members(lua_State *L, int t, int todo)
{
    lua_newtable(L);
    int backing = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, t);) {
        sandbox_charge(L, 4);
        if (lua_type(L, -1) == LUA_TTABLE && !sandbox_is_frozen(L, -1)) {
            lua_pushvalue(L, -1);
            lua_rawseti(L, todo, (lua_Integer)lua_rawlen(L, todo) + 1);
        }
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, backing);
    }
    for (lua_pushnil(L); lua_next(L, t);) {
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        lua_pushnil(L);
        lua_rawset(L, t);
    }
}

/* A list of work instead of recursion: a lesson may nest as deep as its memory goes. */
void
sandbox_freeze_table(lua_State *L, int index)
{
    luaL_checkstack(L, 12, "freezing a table");
    index = lua_absindex(L, index);
    lua_newtable(L);
    int todo = lua_gettop(L);
    lua_pushvalue(L, index);
    lua_rawseti(L, todo, 1);
    for (lua_Integer n; (n = (lua_Integer)lua_rawlen(L, todo)) > 0;) {
        lua_rawgeti(L, todo, n);
        lua_pushnil(L);
        lua_rawseti(L, todo, n);
        if (!sandbox_is_frozen(L, -1)) {
            move_members(L, lua_gettop(L), todo);
            put_in_front(L, refuse_write);
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* --- names --------------------------------------------------------------------------------- */

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The known name nearest to `word`. Sorted, because lua_next visits in an order that differs from
 * run to run. The strings stay where they are while the globals hold them. */
static const char *
nearest_name(lua_State *L, int globals, const char *word)
{
    const char *names[256];
    unsigned n = 0;

    for (lua_pushnil(L); lua_next(L, globals);) {
        lua_pop(L, 1);
        if (n < 255 && lua_type(L, -1) == LUA_TSTRING)
            names[n++] = lua_tostring(L, -1);
    }
    qsort(names, n, sizeof names[0], compare_names);
    names[n] = NULL;
    return error_nearest(word, names);
}

static bool
is_never(const char *name)
{
    static const char *const never[] = {
        "setmetatable", "getmetatable",   "coroutine", "xpcall",  "load", "loadstring",
        "loadfile",     "dofile",         "require",   "package", "io",   "os",
        "debug",        "collectgarbage", "print",     "warn",    "_G",   NULL,
    };

    for (unsigned i = 0; never[i]; i++) {
        if (strcmp(never[i], name) == 0)
            return true;
    }
    return false;
}

/* __index behind the globals: a name nobody knows is a mistake, not a nil. */
static int
undefined_name(lua_State *L)
{
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : NULL;

    sandbox_charge(L, 1000);
    if (!name)
        return 0;
    if (is_never(name))
        return luaL_error(L, "'%s' is not available to lessons", name);
    const char *near = nearest_name(L, 1, name);
    if (near)
        return luaL_error(L, "no such name: '%s' (did you mean '%s'?)", name, near);
    return luaL_error(L, "no such name: '%s'", name);
}

/* __index behind a table of ours whose members are called: "attempt to call a nil value" names neither
 * the table nor what was meant. */
static int
undefined_member(lua_State *L)
{
    const char *table = lua_tostring(L, lua_upvalueindex(1));
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : NULL;

    sandbox_charge(L, 1000);
    if (!name)
        return 0;
    const char *near = nearest_name(L, 1, name);
    if (near)
        return luaL_error(L, "%s has no \"%s\" (did you mean \"%s\"?)", table, name, near);
    return luaL_error(L, "%s has no \"%s\"", table, name);
}

void
sandbox_close_members(lua_State *L, int index, const char *name)
{
    sandbox_resolve(L, index);
    lua_createtable(L, 0, 1);
    lua_pushstring(L, name);
    lua_pushcclosure(L, undefined_member, 1);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}

static int
set_global(lua_State *L)
{
    sandbox_charge(L, 8);
    if (lua_type(L, 2) != LUA_TSTRING)
        return luaL_error(L, "a global needs a name");
    const char *name = lua_tostring(L, 2);
    lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_BUILTINS);
    lua_getfield(L, -1, name);
    if (lua_toboolean(L, -1))
        return luaL_error(L, "'%s' is a built-in name; choose another", name);
    if (sandbox_get(L)->frozen)
        return luaL_error(L,
                          "global '%s' cannot be set inside a step: nothing is carried from step"
                          " to step in Lua; use a local, or keep it in the machine",
                          name);
    lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_GLOBALS);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 3);
    lua_rawset(L, -3);
    return 0;
}

void
sandbox_env_open(lua_State *L)
{
    lua_newtable(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, SLOT_BUILTINS);
    lua_newtable(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, SLOT_MODULES);
    lua_newtable(L);
    lua_newtable(L);
    lua_newtable(L);
    lua_pushcfunction(L, undefined_name);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_rawseti(L, LUA_REGISTRYINDEX, SLOT_GLOBALS);
    put_in_front(L, set_global);
    lua_rawseti(L, LUA_REGISTRYINDEX, SLOT_ENV);
}

/* --- built-ins ----------------------------------------------------------------------------- */

/* Push the table that holds the members of the built-in table `name`, made if need be. */
static void
push_library(lua_State *L, const char *name)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_GLOBALS);
    lua_pushstring(L, name);
    if (lua_rawget(L, -2) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        sandbox_freeze_table(L, -1);
        lua_pushvalue(L, -1);
        sandbox_put_builtin(L, name);
    }
    sandbox_resolve(L, -1);
    lua_replace(L, -3);
    lua_pop(L, 1);
}

void
sandbox_put_builtin(lua_State *L, const char *name)
{
    const char *dot = strchr(name, '.');

    if (dot) {
        lua_pushlstring(L, name, (size_t)(dot - name));
        push_library(L, lua_tostring(L, -1));
        lua_remove(L, -2);
        lua_pushstring(L, dot + 1);
    } else {
        lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_BUILTINS);
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, name);
        lua_pop(L, 1);
        lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_GLOBALS);
        lua_pushstring(L, name);
    }
    lua_pushvalue(L, -3);
    lua_rawset(L, -3);
    lua_pop(L, 2);
}

/* In front of every function that lessons can call: no call is free. */
static int
metered(lua_State *L)
{
    sandbox_charge(L, 8);
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

void
sandbox_put_functions(lua_State *L, const luaL_Reg *functions)
{
    for (; functions->name; functions++) {
        lua_pushcfunction(L, functions->func);
        lua_pushcclosure(L, metered, 1);
        sandbox_put_builtin(L, functions->name);
    }
}

static void
put_one_function(lua_State *L, void *ctx)
{
    sandbox_put_functions(L, ctx);
}

bool
sandbox_register(struct sandbox *sb, const char *name, lua_CFunction fn, struct error *err)
{
    luaL_Reg functions[] = {{name, fn}, {NULL, NULL}};

    sb->exempt = true;
    bool done = sandbox_protect(sb, put_one_function, functions, err);
    sb->exempt = false;
    return done;
}

static int
put_value(lua_State *L)
{
    const char *name = lua_touserdata(L, 2);

    lua_settop(L, 1);
    if (lua_type(L, 1) == LUA_TTABLE)
        sandbox_freeze_table(L, 1);
    sandbox_put_builtin(L, name);
    return 0;
}

bool
sandbox_set_builtin(struct sandbox *sb, const char *name, struct error *err)
{
    lua_State *L = sb->L;

    lua_pushcfunction(L, put_value);
    lua_insert(L, -2);
    lua_pushlightuserdata(L, (void *)name);
    sb->exempt = true;
    bool done = sandbox_call(sb, 2, 0, err);
    sb->exempt = false;
    return done;
}

/* --- the end of loading -------------------------------------------------------------------- */

static void
freeze_globals(lua_State *L, void *ctx)
{
    (void)ctx;
    lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_GLOBALS);
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        if (lua_type(L, -1) == LUA_TTABLE)
            sandbox_freeze_table(L, -1);
    }
}

bool
sandbox_freeze(struct sandbox *sb, struct error *err)
{
    sb->frozen = true;
    return sandbox_protect(sb, freeze_globals, NULL, err);
}
