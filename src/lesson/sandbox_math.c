/* math.* and utf8.*: what gives the same answer on every machine.
 *
 * No sin, exp or log: their last digit depends on the C library. random is ours, seeded by the
 * machine. utf8 is strict: overlong forms, surrogates and stray continuation bytes are errors
 * (Lua 5.4.4 lets the last pass).
 */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "lesson/sandbox_internal.h"

/* --- math ---------------------------------------------------------------------------------- */

static int
push_rounded(lua_State *L, lua_Number n)
{
    lua_Integer i;

    if (lua_numbertointeger(n, &i))
        lua_pushinteger(L, i);
    else
        lua_pushnumber(L, n);
    return 1;
}

static int
math_floor(lua_State *L)
{
    if (lua_isinteger(L, 1)) {
        lua_settop(L, 1);
        return 1;
    }
    return push_rounded(L, floor(luaL_checknumber(L, 1)));
}

static int
math_ceil(lua_State *L)
{
    if (lua_isinteger(L, 1)) {
        lua_settop(L, 1);
        return 1;
    }
    return push_rounded(L, ceil(luaL_checknumber(L, 1)));
}

static int
math_abs(lua_State *L)
{
    if (lua_isinteger(L, 1)) {
        lua_Integer n = lua_tointeger(L, 1);
        lua_pushinteger(L, n < 0 ? (lua_Integer)(0u - (lua_Unsigned)n) : n);
    } else {
        lua_pushnumber(L, fabs(luaL_checknumber(L, 1)));
    }
    return 1;
}

/* The argument that no other beats. */
static int
extreme(lua_State *L, bool want_least)
{
    int n = lua_gettop(L), best = 1;

    luaL_checknumber(L, 1);
    sandbox_charge(L, (uint64_t)n);
    for (int i = 2; i <= n; i++) {
        luaL_checknumber(L, i);
        if (want_least ? lua_compare(L, i, best, LUA_OPLT) : lua_compare(L, best, i, LUA_OPLT))
            best = i;
    }
    lua_pushvalue(L, best);
    return 1;
}

static int
math_min(lua_State *L)
{
    return extreme(L, true);
}

static int
math_max(lua_State *L)
{
    return extreme(L, false);
}

static int
math_tointeger(lua_State *L)
{
    int ok = 0;

    luaL_checkany(L, 1);
    lua_Integer n = lua_tointegerx(L, 1, &ok);
    if (ok)
        lua_pushinteger(L, n);
    else
        lua_pushnil(L);
    return 1;
}

static int
math_type(lua_State *L)
{
    luaL_checkany(L, 1);
    if (lua_type(L, 1) != LUA_TNUMBER)
        lua_pushnil(L);
    else
        lua_pushstring(L, lua_isinteger(L, 1) ? "integer" : "float");
    return 1;
}

static int
math_ult(lua_State *L)
{
    lua_Unsigned a = (lua_Unsigned)luaL_checkinteger(L, 1);

    lua_pushboolean(L, a < (lua_Unsigned)luaL_checkinteger(L, 2));
    return 1;
}

/* Uniform in 0..span: mask to the next power of two, draw again when above. */
static lua_Unsigned
random_up_to(struct sandbox *sb, lua_Unsigned span)
{
    lua_Unsigned mask = span, n;

    for (unsigned shift = 1; shift < 64; shift *= 2)
        mask |= mask >> shift;
    do {
        n = sandbox_random(sb) & mask;
    } while (n > span);
    return n;
}

/* random() in [0,1), random(n) in 1..n, random(a, b) in a..b. */
static int
math_random(lua_State *L)
{
    struct sandbox *sb = sandbox_get(L);
    lua_Integer low = 1, high;

    sandbox_charge(L, 8);
    if (lua_gettop(L) == 0) {
        lua_pushnumber(L, (lua_Number)(sandbox_random(sb) >> 11) * 0x1p-53);
        return 1;
    }
    high = luaL_checkinteger(L, 1);
    if (lua_gettop(L) > 1) {
        low = high;
        high = luaL_checkinteger(L, 2);
    }
    luaL_argcheck(L, low <= high, lua_gettop(L) > 1 ? 2 : 1, "the range is empty");
    lua_Unsigned n = random_up_to(sb, (lua_Unsigned)high - (lua_Unsigned)low);
    lua_pushinteger(L, (lua_Integer)((lua_Unsigned)low + n));
    return 1;
}

void
sandbox_open_math(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"math.abs", math_abs},
        {"math.ceil", math_ceil},
        {"math.floor", math_floor},
        {"math.max", math_max},
        {"math.min", math_min},
        {"math.random", math_random},
        {"math.type", math_type},
        {"math.ult", math_ult},
        {"math.tointeger", math_tointeger},
        {NULL, NULL},
    };

    sandbox_put_functions(L, functions);
    lua_pushinteger(L, LUA_MAXINTEGER);
    sandbox_put_builtin(L, "math.maxinteger");
    lua_pushinteger(L, LUA_MININTEGER);
    sandbox_put_builtin(L, "math.mininteger");
    lua_pushnumber(L, HUGE_VAL);
    sandbox_put_builtin(L, "math.huge");
}

/* --- utf8 ---------------------------------------------------------------------------------- */

static bool
is_continuation(const char *s, size_t length, size_t at)
{
    return at < length && ((unsigned char)s[at] & 0xc0) == 0x80;
}

/* Lua's positions count from 1, or from the end when negative. May lie outside. */
static lua_Integer
byte_position(lua_Integer at, size_t length)
{
    if (at >= 0)
        return at;
    return (lua_Unsigned) - (at + 1) >= length ? 0 : (lua_Integer)length + at + 1;
}

static int
utf8_char(lua_State *L)
{
    int n = lua_gettop(L);
    luaL_Buffer out;
    char bytes[4];

    sandbox_check_length(L, (size_t)n * 4);
    luaL_buffinit(L, &out);
    for (int i = 1; i <= n; i++) {
        lua_Integer cp = sandbox_check_range(L, i, 0, 0x10ffff);
        size_t length = text_encode((uint32_t)cp, bytes);
        luaL_argcheck(L, length > 0, i, "a surrogate is no character");
        luaL_addlstring(&out, bytes, length);
    }
    luaL_pushresult(&out);
    return 1;
}

static int
utf8_codepoint(lua_State *L)
{
    size_t length = 0;
    const char *s = luaL_checklstring(L, 1, &length);
    lua_Integer at = byte_position(luaL_optinteger(L, 2, 1), length);
    lua_Integer last = byte_position(luaL_optinteger(L, 3, at), length);
    int n = 0;

    luaL_argcheck(L, at >= 1, 2, "out of the text");
    luaL_argcheck(L, last <= (lua_Integer)length, 3, "out of the text");
    luaL_checkstack(L, SANDBOX_RESULTS, "codepoint");
    for (at--; at < last; n++) {
        uint32_t cp = 0;
        size_t bytes = text_decode(s + at, length - (size_t)at, &cp);
        if (bytes == 0)
            return luaL_error(L, "byte %I is not UTF-8", (LUAI_UACINT)at + 1);
        if (n == SANDBOX_RESULTS)
            return luaL_error(L, "codepoint gives at most %d values", SANDBOX_RESULTS);
        lua_pushinteger(L, (lua_Integer)cp);
        at += (lua_Integer)bytes;
    }
    return n;
}

static int
utf8_len(lua_State *L)
{
    size_t length = 0;
    const char *s = luaL_checklstring(L, 1, &length);
    lua_Integer at = byte_position(luaL_optinteger(L, 2, 1), length);
    lua_Integer last = byte_position(luaL_optinteger(L, 3, -1), length), n = 0;

    luaL_argcheck(L, at >= 1 && at <= (lua_Integer)length + 1, 2, "out of the text");
    luaL_argcheck(L, last <= (lua_Integer)length, 3, "out of the text");
    sandbox_charge(L, length / 8);
    for (at--; at < last; n++) {
        uint32_t cp = 0;
        size_t bytes = text_decode(s + at, length - (size_t)at, &cp);
        if (bytes == 0) {
            lua_pushnil(L);
            lua_pushinteger(L, at + 1);
            return 2;
        }
        at += (lua_Integer)bytes;
    }
    lua_pushinteger(L, n);
    return 1;
}

/* Where the n-th character, counted from byte i, starts; nil when there is none. */
static int
utf8_offset(lua_State *L)
{
    size_t length = 0;
    const char *s = luaL_checklstring(L, 1, &length);
    lua_Integer n = luaL_checkinteger(L, 2);
    lua_Integer i = luaL_optinteger(L, 3, n > 0 ? 1 : (lua_Integer)length + 1);
    lua_Integer at = byte_position(i, length) - 1, end = (lua_Integer)length;

    luaL_argcheck(L, at >= 0 && at <= end, 3, "out of the text");
    sandbox_charge(L, length / 8);
    if (n == 0) {
        while (at > 0 && is_continuation(s, length, (size_t)at))
            at--;
    } else if (is_continuation(s, length, (size_t)at)) {
        return luaL_error(L, "byte %I is inside a character", (LUAI_UACINT)at + 1);
    }
    for (; n < 0 && at > 0; n++) {
        do {
            at--;
        } while (at > 0 && is_continuation(s, length, (size_t)at));
    }
    for (n -= n > 0; n > 0 && at < end; n--) {
        do {
            at++;
        } while (is_continuation(s, length, (size_t)at));
    }
    if (n == 0)
        lua_pushinteger(L, at + 1);
    else
        lua_pushnil(L);
    return 1;
}

static int
codes_step(lua_State *L)
{
    size_t length = 0;
    const char *s = luaL_checklstring(L, 1, &length);
    lua_Unsigned at = (lua_Unsigned)luaL_checkinteger(L, 2);
    uint32_t cp = 0;

    sandbox_charge(L, 8);
    if (at > 0 && at <= length)
        at += text_decode(s + at - 1, length - (size_t)at + 1, &cp) - 1;
    if (at >= length)
        return 0;
    if (text_decode(s + at, length - (size_t)at, &cp) == 0)
        return luaL_error(L, "byte %I is not UTF-8", (LUAI_UACINT)at + 1);
    lua_pushinteger(L, (lua_Integer)at + 1);
    lua_pushinteger(L, (lua_Integer)cp);
    return 2;
}

static int
utf8_codes(lua_State *L)
{
    luaL_checkstring(L, 1);
    lua_pushcfunction(L, codes_step);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

void
sandbox_open_utf8(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"utf8.char", utf8_char}, {"utf8.codepoint", utf8_codepoint}, {"utf8.codes", utf8_codes},
        {"utf8.len", utf8_len},   {"utf8.offset", utf8_offset},       {NULL, NULL},
    };

    sandbox_put_functions(L, functions);
}
