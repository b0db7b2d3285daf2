/* The basic functions of Lua, as far as lessons get them.
 *
 * What differs from the manual (section 6.1) differs so that two runs are equal and no run is
 * stuck: pairs and next visit numbers, then strings, in order; tostring shows no addresses; pcall
 * passes on what may not be caught; error takes a text.
 */
#include <stdlib.h>
#include <string.h>

#include "lesson/sandbox_internal.h"

/* --- shared with the other libraries ------------------------------------------------------- */

lua_Integer
sandbox_check_range(lua_State *L, int arg, lua_Integer low, lua_Integer high)
{
    lua_Integer n = luaL_checkinteger(L, arg);

    if (n < low || n > high) {
        const char *text = lua_pushfstring(L, "%I is out of range %I to %I", (LUAI_UACINT)n,
                                           (LUAI_UACINT)low, (LUAI_UACINT)high);
        luaL_argerror(L, arg, text);
    }
    return n;
}

void
sandbox_check_length(lua_State *L, size_t n)
{
    size_t most = sandbox_get(L)->limits.string_bytes;

    if (n > most)
        luaL_error(L, "the text would be longer than %d bytes", (int)most);
    sandbox_charge(L, n / 8);
}

/* NaN has a sign that differs between processors: show none. */
void
sandbox_push_text(lua_State *L, int index)
{
    switch (lua_type(L, index)) {
    case LUA_TNIL:
        lua_pushliteral(L, "nil");
        break;
    case LUA_TBOOLEAN:
        lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false");
        break;
    case LUA_TSTRING:
        lua_pushvalue(L, index);
        break;
    case LUA_TNUMBER:
        if (lua_tonumber(L, index) != lua_tonumber(L, index)) {
            lua_pushliteral(L, "nan");
        } else {
            lua_pushvalue(L, index);
            lua_tostring(L, -1);
        }
        break;
    default:
        lua_pushstring(L, luaL_typename(L, index));
        break;
    }
}

/* --- order --------------------------------------------------------------------------------- */

enum key_kind { KEY_INTEGER, KEY_FLOAT, KEY_STRING };

struct key {
    enum key_kind kind;
    union {
        lua_Integer integer;
        lua_Number number;
        struct {
            const char *bytes; /* lives as long as the table holds the key */
            size_t length;
        } text;
    } as;
};

/* Lua keeps a float with an integral value as an integer, so beyond 2^53 only infinities are left.
 */
static int
compare_numbers(const struct key *a, const struct key *b)
{
    if (a->kind == KEY_INTEGER && b->kind == KEY_INTEGER)
        return (a->as.integer > b->as.integer) - (a->as.integer < b->as.integer);
    double x = a->kind == KEY_INTEGER ? (double)a->as.integer : a->as.number;
    double y = b->kind == KEY_INTEGER ? (double)b->as.integer : b->as.number;
    return (x > y) - (x < y);
}

static int
compare_keys(const void *left, const void *right)
{
    const struct key *a = left, *b = right;

    if (a->kind != KEY_STRING && b->kind != KEY_STRING)
        return compare_numbers(a, b);
    if (a->kind != KEY_STRING || b->kind != KEY_STRING)
        return a->kind == KEY_STRING ? 1 : -1;
    size_t n = a->as.text.length < b->as.text.length ? a->as.text.length : b->as.text.length;
    int order = memcmp(a->as.text.bytes, b->as.text.bytes, n);
    if (order)
        return order;
    return (a->as.text.length > b->as.text.length) - (a->as.text.length < b->as.text.length);
}

static struct key
key_at(lua_State *L, int index)
{
    struct key k = {0};

    if (lua_isinteger(L, index)) {
        k.kind = KEY_INTEGER;
        k.as.integer = lua_tointeger(L, index);
    } else if (lua_type(L, index) == LUA_TNUMBER) {
        k.kind = KEY_FLOAT;
        k.as.number = lua_tonumber(L, index);
    } else if (lua_type(L, index) == LUA_TSTRING) {
        k.kind = KEY_STRING;
        k.as.text.bytes = lua_tolstring(L, index, &k.as.text.length);
    } else {
        luaL_error(L, "keys of this table have no order: one is a %s (use numbers and strings)",
                   luaL_typename(L, index));
    }
    return k;
}

static void
push_key(lua_State *L, const struct key *k)
{
    if (k->kind == KEY_INTEGER)
        lua_pushinteger(L, k->as.integer);
    else if (k->kind == KEY_FLOAT)
        lua_pushnumber(L, k->as.number);
    else
        lua_pushlstring(L, k->as.text.bytes, k->as.text.length);
}

static size_t
count_keys(lua_State *L, int t)
{
    size_t n = 0;

    for (lua_pushnil(L); lua_next(L, t); lua_pop(L, 1))
        n++;
    sandbox_charge(L, 4 * n);
    return n;
}

/* Push a list of the keys of the table at `t`, in order. */
static void
push_sorted_keys(lua_State *L, int t)
{
    size_t n = count_keys(L, t), i = 0, rounds = 0;
    if (n > sandbox_get(L)->limits.block_bytes / sizeof(struct key))
        luaL_error(L, "%d keys are too many to visit in order; use a numeric loop", (int)n);
    struct key *keys = lua_newuserdatauv(L, (n ? n : 1) * sizeof(struct key), 0);

    for (lua_pushnil(L); lua_next(L, t); lua_pop(L, 1))
        keys[i++] = key_at(L, -2);
    while (((size_t)1 << rounds) < n)
        rounds++;
    sandbox_charge(L, n * rounds);
    qsort(keys, n, sizeof *keys, compare_keys);
    lua_createtable(L, (int)n, 0);
    for (i = 0; i < n; i++) {
        push_key(L, &keys[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_remove(L, -2);
}

/* Upvalues: the members, the keys, the position. Keys that went away meanwhile are left out. */
static int
pairs_step(lua_State *L)
{
    lua_Integer i = lua_tointeger(L, lua_upvalueindex(3));

    sandbox_charge(L, 8);
    for (;;) {
        lua_settop(L, 0);
        if (lua_rawgeti(L, lua_upvalueindex(2), ++i) == LUA_TNIL)
            break;
        lua_pushvalue(L, -1);
        if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
            break;
        sandbox_charge(L, 2);
    }
    lua_pushinteger(L, i);
    lua_replace(L, lua_upvalueindex(3));
    return lua_gettop(L);
}

static int
base_pairs(lua_State *L)
{
    sandbox_check_table(L, 1);
    push_sorted_keys(L, lua_gettop(L));
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, pairs_step, 3);
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

/* The key that follows in the order of pairs: a search through all of them, paid for. */
static int
base_next(lua_State *L)
{
    struct key after = {0}, best = {0};
    bool found = false, from_start = lua_isnoneornil(L, 2);

    lua_settop(L, 2);
    sandbox_check_table(L, 1);
    if (!from_start)
        after = key_at(L, 2);
    for (lua_pushnil(L); lua_next(L, 3); lua_pop(L, 1)) {
        struct key k = key_at(L, -2);
        sandbox_charge(L, 4);
        if ((from_start || compare_keys(&k, &after) > 0) &&
            (!found || compare_keys(&k, &best) < 0)) {
            best = k;
            found = true;
        }
    }
    if (!found) {
        lua_pushnil(L);
        return 1;
    }
    push_key(L, &best);
    lua_pushvalue(L, -1);
    lua_rawget(L, 3);
    return 2;
}

static int
ipairs_step(lua_State *L)
{
    lua_Integer i = luaL_checkinteger(L, 2);

    sandbox_charge(L, 8);
    i = (lua_Integer)((lua_Unsigned)i + 1);
    sandbox_check_table(L, 1);
    lua_pushinteger(L, i);
    return lua_rawgeti(L, -2, i) == LUA_TNIL ? 1 : 2;
}

static int
base_ipairs(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_pushcfunction(L, ipairs_step);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

/* --- errors -------------------------------------------------------------------------------- */

/* Push the text at `index`, cut to a fair length at a whole character. */
static void
push_error_text(lua_State *L, int index)
{
    size_t len = 0;
    const char *text = lua_tolstring(L, index, &len);

    if (len <= SANDBOX_ERROR_BYTES) {
        lua_pushvalue(L, index);
        return;
    }
    for (len = SANDBOX_ERROR_BYTES; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80;)
        len--;
    lua_pushlstring(L, text, len);
    lua_pushliteral(L, "...");
    lua_concat(L, 2);
}

static int
base_error(lua_State *L)
{
    lua_Integer level = lua_isnoneornil(L, 2) ? 1 : sandbox_check_range(L, 2, 0, 100);

    if (lua_type(L, 1) != LUA_TSTRING)
        return luaL_error(L, "error() was called with a %s; give it a text", luaL_typename(L, 1));
    luaL_where(L, (int)level);
    push_error_text(L, 1);
    lua_concat(L, 2);
    return lua_error(L);
}

static int
base_assert(lua_State *L)
{
    luaL_checkany(L, 1);
    if (lua_toboolean(L, 1))
        return lua_gettop(L);
    if (lua_isnoneornil(L, 2))
        return luaL_error(L, "assertion failed");
    if (lua_type(L, 2) != LUA_TSTRING)
        return luaL_error(L, "assertion failed with a %s; give it a text", luaL_typename(L, 2));
    luaL_where(L, 1);
    push_error_text(L, 2);
    lua_concat(L, 2);
    return lua_error(L);
}

/* A dead lesson catches nothing, and running out of memory is death: which allocation fails would
 * otherwise become part of the result. */
static int
base_pcall(lua_State *L)
{
    struct sandbox *sb = sandbox_get(L);

    luaL_checkany(L, 1);
    int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
    if (status == LUA_ERRMEM)
        sandbox_note_memory_death(sb);
    if (sb->dead)
        sandbox_die(L, sb, "");
    sb->raised = EXIT_OK;
    lua_pushboolean(L, status == LUA_OK);
    lua_insert(L, 1);
    return lua_gettop(L);
}

/* --- the rest ------------------------------------------------------------------------------ */

static int
base_rawequal(lua_State *L)
{
    luaL_checkany(L, 1);
    luaL_checkany(L, 2);
    lua_pushboolean(L, lua_rawequal(L, 1, 2));
    return 1;
}

static int
base_rawget(lua_State *L)
{
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    sandbox_check_table(L, 1);
    lua_pushvalue(L, 2);
    lua_rawget(L, 3);
    return 1;
}

static int
base_rawlen(lua_State *L)
{
    lua_settop(L, 1);
    if (lua_type(L, 1) != LUA_TSTRING)
        sandbox_check_table(L, 1);
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, -1));
    return 1;
}

static int
base_rawset(lua_State *L)
{
    sandbox_check_writable(L, 1);
    luaL_checkany(L, 3);
    lua_settop(L, 3);
    luaL_argcheck(L, lua_type(L, 2) != LUA_TNIL, 2, "a key cannot be nil");
    luaL_argcheck(L, lua_rawequal(L, 2, 2), 2, "a key cannot be nan");
    lua_rawset(L, 1);
    return 1;
}

static int
base_select(lua_State *L)
{
    int n = lua_gettop(L);

    sandbox_charge(L, (uint64_t)n);
    if (lua_type(L, 1) == LUA_TSTRING && strcmp(lua_tostring(L, 1), "#") == 0) {
        lua_pushinteger(L, n - 1);
        return 1;
    }
    lua_Integer i = luaL_checkinteger(L, 1);
    if (i < 0)
        i = n + i;
    else if (i > n)
        i = n;
    luaL_argcheck(L, i >= 1, 1, "there are not that many values");
    return n - (int)i;
}

static int
digit_value(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

/* Digits of another base, with a sign and blanks around; wraps like Lua's integers. */
static int
tonumber_in_base(lua_State *L)
{
    size_t len = 0;
    lua_Integer base = sandbox_check_range(L, 2, 2, 36);
    luaL_checktype(L, 1, LUA_TSTRING);
    const char *s = lua_tolstring(L, 1, &len), *end = s + len, *digits;
    lua_Unsigned n = 0;

    while (s < end && strchr(" \t\n\v\f\r", *s) && *s)
        s++;
    while (end > s && strchr(" \t\n\v\f\r", end[-1]) && end[-1])
        end--;
    bool negative = s < end && *s == '-';
    s += s < end && (*s == '-' || *s == '+');
    for (digits = s; s < end && digit_value((unsigned char)*s) < base; s++)
        n = n * (lua_Unsigned)base + (lua_Unsigned)digit_value((unsigned char)*s);
    if (s != end || s == digits)
        lua_pushnil(L);
    else
        lua_pushinteger(L, (lua_Integer)(negative ? 0 - n : n));
    return 1;
}

static int
base_tonumber(lua_State *L)
{
    size_t len = 0;

    if (!lua_isnoneornil(L, 2))
        return tonumber_in_base(L);
    luaL_checkany(L, 1);
    if (lua_type(L, 1) == LUA_TNUMBER) {
        lua_settop(L, 1);
        return 1;
    }
    if (lua_type(L, 1) == LUA_TSTRING) {
        const char *s = lua_tolstring(L, 1, &len);
        sandbox_charge(L, len / 8);
        if (lua_stringtonumber(L, s) == len + 1)
            return 1;
    }
    lua_pushnil(L);
    return 1;
}

static int
base_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    sandbox_push_text(L, 1);
    return 1;
}

static int
base_type(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_pushstring(L, luaL_typename(L, 1));
    return 1;
}

void
sandbox_open_base(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"assert", base_assert},     {"error", base_error},
        {"ipairs", base_ipairs},     {"next", base_next},
        {"pairs", base_pairs},       {"pcall", base_pcall},
        {"rawequal", base_rawequal}, {"rawget", base_rawget},
        {"rawlen", base_rawlen},     {"rawset", base_rawset},
        {"select", base_select},     {"tonumber", base_tonumber},
        {"tostring", base_tostring}, {"type", base_type},
        {"use", sandbox_use},        {NULL, NULL},
    };

    sandbox_put_functions(L, functions);
    lua_pushliteral(L, "Lua 5.4");
    sandbox_put_builtin(L, "_VERSION");
}
