/* The texts of steps that are written as tables, looked at when the file is loaded: a lesson that lacks a language says so before it
 * is told, not on its seventh page. What a function says through `m` is only known when it is told, and refused there in the same words.
 */
#include <stdio.h>

#include "lesson/player_internal.h"

/* The text called `name` of the table at `index`, if there is one. Other kinds of values are complained about when told. */
static void
look_at(lua_State *L, int index, const char *prefix, const char *name, const char *what)
{
    const char *raw[LANGS];
    char full[160];
    int type = given_get(L, index, name);

    snprintf(full, sizeof full, "%s%s", prefix, what);
    if (type == LUA_TSTRING || type == LUA_TTABLE)
        given_story(L, -1, full, raw);
    lua_pop(L, 1);
}

/* Push the list called `name`, what really holds it; returns how many of its entries to look at, at most `most`. */
static lua_Integer
open_list(lua_State *L, int index, const char *name, lua_Integer most)
{
    lua_Integer n = 0;

    if (given_get(L, index, name) == LUA_TTABLE) {
        n = given_count(L, -1);
        sandbox_resolve(L, -1);
        lua_remove(L, -2);
    }
    return n < most ? n : most;
}

static void
look_at_hints(lua_State *L, int index, const char *prefix)
{
    char full[160];
    lua_Integer n = open_list(L, index, "hints", 3);

    snprintf(full, sizeof full, "%shint", prefix);
    for (lua_Integer i = 1; i <= n; i++) {
        const char *raw[LANGS];
        int type = lua_rawgeti(L, -1, i);
        if (type == LUA_TSTRING || type == LUA_TTABLE)
            given_story(L, -1, full, raw);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static void
look_at_question(lua_State *L, int index)
{
    char prefix[80];
    lua_Integer n;

    if (given_get(L, index, "id") == LUA_TSTRING)
        snprintf(prefix, sizeof prefix, "question %.47s: ", lua_tostring(L, -1));
    else
        snprintf(prefix, sizeof prefix, "question: ");
    lua_pop(L, 1);
    look_at(L, index, prefix, "text", "text");
    n = open_list(L, index, "wrong", CHOICES - 1);
    for (lua_Integer i = 1; i <= n; i++) {
        if (lua_rawgeti(L, -1, i) == LUA_TTABLE)
            look_at(L, lua_gettop(L), prefix, "because", "because");
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    look_at(L, index, prefix, "right", "right");
    look_at_hints(L, index, prefix);
}

/* One question, or a list of them. */
static void
look_at_questions(lua_State *L, int index)
{
    lua_Integer n = open_list(L, index, "ask", QUESTIONS_STEP);

    for (lua_Integer i = 1; i <= n; i++) {
        if (lua_rawgeti(L, -1, i) == LUA_TTABLE)
            look_at_question(L, lua_gettop(L));
        lua_pop(L, 1);
    }
    if (n == 0 && lua_type(L, -1) == LUA_TTABLE)
        look_at_question(L, lua_gettop(L));
    lua_pop(L, 1);
}

void
script_look_at_texts(lua_State *L, int step)
{
    static const char *const names[] = {"title", "text", "after", "note"};

    luaL_checkstack(L, 30, NULL);
    step = lua_absindex(L, step);
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        look_at(L, step, "", names[i], names[i]);
    if (given_get(L, step, "card") == LUA_TTABLE) {
        look_at(L, lua_gettop(L), "card ", "claim", "claim");
        look_at(L, lua_gettop(L), "card ", "truth", "truth");
    }
    lua_pop(L, 1);
    look_at_questions(L, step);
    if (given_get(L, step, "task") == LUA_TTABLE) {
        look_at(L, lua_gettop(L), "task: ", "text", "text");
        look_at_hints(L, lua_gettop(L), "task: ");
    }
    lua_pop(L, 1);
}
