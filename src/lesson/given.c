/* Reading the tables that a lesson wrote. A member nobody knows is a mistake, not a nil: a typing error shall not silently change a lesson. */
#include <string.h>

#include "base/text.h"
#include "lesson/api.h"
#include "lesson/player_internal.h"

static bool
is_one_of(const char *word, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(word, *names) == 0)
            return true;
    return false;
}

void
given_nearest(lua_State *L, const char *what, const char *word, const char *const *names)
{
    const char *near = error_nearest(word, names);

    if (near)
        luaL_error(L, "%s \"%s\" (did you mean \"%s\"?)", what, word, near);
    luaL_error(L, "%s \"%s\"", what, word);
    __builtin_unreachable();
}

/* lua_next visits in an order that differs from run to run, so the first in the alphabet is complained about. */
void
given_only(lua_State *L, int index, const char *const *names, const char *what)
{
    const char *wrong = NULL;
    char text[96];

    index = lua_absindex(L, index);
    if (lua_type(L, index) != LUA_TTABLE)
        luaL_error(L, "%s: a %s instead of a table", what, luaL_typename(L, index));
    sandbox_resolve(L, index);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
        sandbox_charge(L, 4);
        if (!key)
            luaL_error(L, "%s: a value without a name (names are needed: name = value)", what);
        if (!is_one_of(key, names) && (!wrong || strcmp(key, wrong) < 0))
            wrong = key;
    }
    lua_pop(L, 1);
    if (wrong) {
        snprintf(text, sizeof text, "%s: no member", what);
        given_nearest(L, text, wrong, names);
    }
}

int
given_get(lua_State *L, int index, const char *name)
{
    index = lua_absindex(L, index);
    sandbox_resolve(L, index);
    lua_pushstring(L, name);
    int type = lua_rawget(L, -2);
    lua_remove(L, -2);
    return type;
}

lua_Integer
given_count(lua_State *L, int index)
{
    sandbox_resolve(L, index);
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
    lua_pop(L, 1);
    return n;
}

void
given_text(lua_State *L, int index, const char *what, const char *raw[LANGS])
{

    index = lua_absindex(L, index);
    raw[LANG_EN] = raw[LANG_ZH] = NULL;
    if (lua_type(L, index) == LUA_TSTRING) {
        raw[LANG_EN] = lua_tostring(L, index);
        return;
    }
    if (lua_type(L, index) != LUA_TTABLE)
        luaL_error(L, "%s: a %s, expected { en = \"...\", zh = \"...\" }", what, luaL_typename(L, index));
    given_only(L, index, api_members("text"), what);
    for (int lang = 0; lang < LANGS; lang++) {
        int type = given_get(L, index, lang_code[lang]);
        if (type == LUA_TSTRING)
            raw[lang] = lua_tostring(L, -1);
        else if (type != LUA_TNIL)
            luaL_error(L, "%s: %s is a %s instead of a text", what, lang_code[lang], luaL_typename(L, -1));
        lua_pop(L, 1);
    }
    if (!raw[LANG_EN])
        luaL_error(L, "%s: the English text (en) is missing, expected { en = \"...\", zh = \"...\" }", what);
}

/* A text that somebody reads is written in every language: a plain string would be English for everybody. */
void
given_story(lua_State *L, int index, const char *what, const char *raw[LANGS])
{
    static const char *const language[LANGS] = {[LANG_EN] = "English", [LANG_ZH] = "Chinese"};

    if (lua_type(L, index) == LUA_TSTRING)
        luaL_error(L, "%s: a plain string, expected { en = \"...\", zh = \"...\" }", what);
    given_text(L, index, what, raw);
    for (int lang = 0; lang < LANGS; lang++)
        if (!raw[lang] || !raw[lang][0])
            luaL_error(L, "%s: the %s text (%s) is %s, expected { en = \"...\", zh = \"...\" }", what, language[lang],
                       lang_code[lang], raw[lang] ? "empty" : "missing");
}

const char *
given_word(lua_State *L, int index, const char *what, size_t least, size_t most)
{
    const char *word;
    size_t n;

    if (lua_type(L, index) != LUA_TSTRING)
        luaL_error(L, "%s: a %s instead of a word", what, luaL_typename(L, index));
    word = lua_tolstring(L, index, &n);
    if (n < least || !text_is_id(word, n, most))
        luaL_error(L, "%s: \"%s\" is not %d to %d of a-z, 0-9 and -", what, n > 80 ? "..." : word, (int)least, (int)most);
    return word;
}
