/* string.*: every result has a length known, capped and paid for before it is made.
 *
 * find is plain by default and match uses our own matcher with a budget of steps, because a
 * backtracking search inside one C call cannot be stopped. upper, lower and the classes know ASCII
 * only, so that no locale changes a result. All texts share one read-only metatable: ("x"):rep(3).
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "lesson/pattern.h"
#include "lesson/sandbox_internal.h"

/* --- positions ----------------------------------------------------------------------------- */

/* From 1, or from the end when negative; clipped to 1 .. length + 1. */
static size_t
start_position(lua_Integer at, size_t length)
{
    if (at < 0)
        at = at < -(lua_Integer)length ? 1 : (lua_Integer)length + at + 1;
    if (at < 1)
        return 1;
    return at > (lua_Integer)length + 1 ? length + 1 : (size_t)at;
}

/* The last byte of a range; clipped to 0 .. length. */
static size_t
end_position(lua_Integer at, size_t length)
{
    if (at < 0)
        at = at < -(lua_Integer)length ? 0 : (lua_Integer)length + at + 1;
    return at > (lua_Integer)length ? length : (size_t)at;
}

/* --- bytes --------------------------------------------------------------------------------- */

static int
string_byte(lua_State *L)
{
    size_t length = 0;
    const char *s = luaL_checklstring(L, 1, &length);
    lua_Integer from = luaL_optinteger(L, 2, 1);
    size_t first = start_position(from, length);
    size_t last = end_position(luaL_optinteger(L, 3, (lua_Integer)first), length);

    if (first > last)
        return 0;
    if (last - first >= SANDBOX_RESULTS)
        return luaL_error(L, "byte gives at most %d values", SANDBOX_RESULTS);
    luaL_checkstack(L, SANDBOX_RESULTS, "byte");
    sandbox_charge(L, last - first);
    for (size_t i = first; i <= last; i++)
        lua_pushinteger(L, (unsigned char)s[i - 1]);
    return (int)(last - first + 1);
}

static int
string_char(lua_State *L)
{
    int n = lua_gettop(L);
    luaL_Buffer out;

    sandbox_check_length(L, (size_t)n);
    luaL_buffinit(L, &out);
    for (int i = 1; i <= n; i++)
        luaL_addchar(&out, (char)sandbox_check_range(L, i, 0, 255));
    luaL_pushresult(&out);
    return 1;
}

static int
string_len(lua_State *L)
{
    size_t length = 0;

    luaL_checklstring(L, 1, &length);
    lua_pushinteger(L, (lua_Integer)length);
    return 1;
}

static int
string_sub(lua_State *L)
{
    size_t length = 0;
    const char *s = luaL_checklstring(L, 1, &length);
    size_t first = start_position(luaL_checkinteger(L, 2), length);
    size_t last = end_position(luaL_optinteger(L, 3, -1), length);
    size_t n = first > last ? 0 : last - first + 1;

    sandbox_check_length(L, n);
    lua_pushlstring(L, s + first - 1, n);
    return 1;
}

/* --- whole texts --------------------------------------------------------------------------- */

static char
lower_letter(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static char
upper_letter(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

static int
map_letters(lua_State *L, char (*map)(char))
{
    size_t length = 0;
    const char *s = luaL_checklstring(L, 1, &length);
    luaL_Buffer out;

    sandbox_check_length(L, length);
    char *to = luaL_buffinitsize(L, &out, length);
    for (size_t i = 0; i < length; i++)
        to[i] = map(s[i]);
    luaL_pushresultsize(&out, length);
    return 1;
}

static int
string_lower(lua_State *L)
{
    return map_letters(L, lower_letter);
}

static int
string_upper(lua_State *L)
{
    return map_letters(L, upper_letter);
}

static int
string_reverse(lua_State *L)
{
    size_t length = 0;
    const char *s = luaL_checklstring(L, 1, &length);
    luaL_Buffer out;

    sandbox_check_length(L, length);
    char *to = luaL_buffinitsize(L, &out, length);
    for (size_t i = 0; i < length; i++)
        to[i] = s[length - 1 - i];
    luaL_pushresultsize(&out, length);
    return 1;
}

/* The length is worked out without overflow: an empty text may be asked for 2^62 times. */
static int
string_rep(lua_State *L)
{
    size_t length = 0, gap = 0;
    const char *s = luaL_checklstring(L, 1, &length);
    lua_Integer n = luaL_checkinteger(L, 2);
    const char *separator = luaL_optlstring(L, 3, "", &gap);
    luaL_Buffer out;

    if (n <= 0 || length + gap == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    size_t most = sandbox_get(L)->limits.string_bytes;
    if ((lua_Unsigned)n > (most + gap) / (length + gap))
        sandbox_check_length(L, most + 1);
    size_t total = (size_t)n * (length + gap) - gap;
    sandbox_check_length(L, total);
    char *to = luaL_buffinitsize(L, &out, total ? total : 1);
    for (lua_Integer i = 1; i <= n; i++) {
        memcpy(to, s, length);
        to += length;
        if (i < n)
            memcpy(to, separator, gap);
        to += gap;
    }
    luaL_pushresultsize(&out, total);
    return 1;
}

static bool
is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static int
string_trim(lua_State *L)
{
    size_t length = 0;
    const char *s = luaL_checklstring(L, 1, &length), *end = s + length;

    sandbox_check_length(L, length);
    while (s < end && is_blank(*s))
        s++;
    while (end > s && is_blank(end[-1]))
        end--;
    lua_pushlstring(L, s, (size_t)(end - s));
    return 1;
}

static int
string_startswith(lua_State *L)
{
    size_t length = 0, n = 0;
    const char *s = luaL_checklstring(L, 1, &length);
    const char *prefix = luaL_checklstring(L, 2, &n);

    sandbox_charge(L, n / 64);
    lua_pushboolean(L, n <= length && memcmp(s, prefix, n) == 0);
    return 1;
}

/* split(text, separator): the pieces as a list; the separator is plain. */
static int
string_split(lua_State *L)
{
    size_t length = 0, gap = 0;
    const char *s = luaL_checklstring(L, 1, &length), *end = s + length;
    const char *separator = luaL_checklstring(L, 2, &gap);

    luaL_argcheck(L, gap > 0, 2, "a separator is not empty");
    sandbox_charge(L, length / 8);
    lua_newtable(L);
    for (lua_Integer n = 1;; n++) {
        const char *hit = memmem(s, (size_t)(end - s), separator, gap);
        sandbox_charge(L, 8);
        lua_pushlstring(L, s, (size_t)((hit ? hit : end) - s));
        lua_rawseti(L, -2, n);
        if (!hit)
            return 1;
        s = hit + gap;
    }
}

/* width(text): cells on the screen. */
static int
string_width(lua_State *L)
{
    size_t length = 0;
    const char *s = luaL_checklstring(L, 1, &length);

    sandbox_charge(L, length);
    lua_pushinteger(L, (lua_Integer)text_width_n(s, length));
    return 1;
}

/* pad(text, cells [, "left" | "right" | "center"]): where the text stands, default left. */
static int
string_pad(lua_State *L)
{
    static const char *const sides[] = {"left", "right", "center", NULL};
    size_t length = 0;
    const char *s = luaL_checklstring(L, 1, &length);
    lua_Integer cells = sandbox_check_range(L, 2, 0, 1000);
    int side = luaL_checkoption(L, 3, "left", sides);
    luaL_Buffer out;

    sandbox_charge(L, length);
    lua_Integer blanks = cells - (lua_Integer)text_width_n(s, length);
    if (blanks < 0)
        blanks = 0;
    sandbox_check_length(L, length + (size_t)blanks);
    lua_Integer before = side == 0 ? 0 : side == 1 ? blanks : blanks / 2;
    char *to = luaL_buffinitsize(L, &out, length + (size_t)blanks);
    memset(to, ' ', length + (size_t)blanks);
    memcpy(to + before, s, length);
    luaL_pushresultsize(&out, length + (size_t)blanks);
    return 1;
}

/* hex(number [, digits]): "0x00ff", unsigned. hex(text): its bytes, "48656c". */
static int
string_hex(lua_State *L)
{
    char number[32];
    size_t length = 0;
    luaL_Buffer out;

    if (lua_type(L, 1) != LUA_TSTRING) {
        lua_Integer n = luaL_checkinteger(L, 1);
        int digits = lua_isnoneornil(L, 2) ? 1 : (int)sandbox_check_range(L, 2, 1, 16);
        snprintf(number, sizeof number, "0x%0*llx", digits, (unsigned long long)n);
        lua_pushstring(L, number);
        return 1;
    }
    const char *s = lua_tolstring(L, 1, &length);
    sandbox_check_length(L, length * 2);
    char *to = luaL_buffinitsize(L, &out, length * 2 + 1);
    for (size_t i = 0; i < length; i++)
        snprintf(to + 2 * i, 3, "%02x", (unsigned char)s[i]);
    luaL_pushresultsize(&out, length * 2);
    return 1;
}

/* --- searching ----------------------------------------------------------------------------- */

static void
push_capture(lua_State *L, const char *s, const struct pattern_capture *c)
{
    if (c->is_position)
        lua_pushinteger(L, (lua_Integer)c->start + 1);
    else
        lua_pushlstring(L, s + c->start, c->length);
}

/* Match argument 2 as a pattern from byte `from`; pays for the steps; false: no match. */
static bool
run_pattern(lua_State *L, const char *s, size_t length, size_t from, struct pattern_match *m)
{
    size_t pattern_length = 0;
    const char *pattern = luaL_checklstring(L, 2, &pattern_length);
    enum pattern_result r =
        pattern_find(s, length, pattern, pattern_length, from, PATTERN_STEPS, m);

    sandbox_charge(L, m->steps);
    if (r == PATTERN_MALFORMED)
        luaL_error(L, "malformed pattern: %s", m->complaint);
    if (r == PATTERN_TOO_DEAR)
        luaL_error(L, "this pattern takes too long: %s", m->complaint);
    luaL_checkstack(L, PATTERN_CAPTURES + 2, "captures");
    return r == PATTERN_YES;
}

static int
string_match(lua_State *L)
{
    size_t length = 0;
    const char *s = luaL_checklstring(L, 1, &length);
    size_t from = start_position(luaL_optinteger(L, 3, 1), length) - 1;
    struct pattern_match m;

    if (!run_pattern(L, s, length, from, &m)) {
        lua_pushnil(L);
        return 1;
    }
    if (m.captures == 0)
        lua_pushlstring(L, s + m.start, m.end - m.start);
    for (unsigned i = 0; i < m.captures; i++)
        push_capture(L, s, &m.capture[i]);
    return m.captures ? (int)m.captures : 1;
}

static int
find_pattern(lua_State *L, const char *s, size_t length, size_t from)
{
    struct pattern_match m;

    if (!run_pattern(L, s, length, from, &m)) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushinteger(L, (lua_Integer)m.start + 1);
    lua_pushinteger(L, (lua_Integer)m.end);
    for (unsigned i = 0; i < m.captures; i++)
        push_capture(L, s, &m.capture[i]);
    return (int)m.captures + 2;
}

/* find(text, what [, from [, plain = true]]). Why not patterns by default: nearly every search in a
 * lesson is for a word, and "." or "(" in it should mean themselves. */
static int
string_find(lua_State *L)
{
    size_t length = 0, n = 0;
    const char *s = luaL_checklstring(L, 1, &length);
    const char *what = luaL_checklstring(L, 2, &n);
    lua_Integer wanted = luaL_optinteger(L, 3, 1);
    size_t from = start_position(wanted, length) - 1;

    if (!lua_isnoneornil(L, 4) && !lua_toboolean(L, 4))
        return find_pattern(L, s, length, from);
    sandbox_charge(L, (length - from) / 16);
    const char *hit = memmem(s + from, length - from, what, n);
    if (!hit || wanted > (lua_Integer)length + 1) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushinteger(L, (lua_Integer)(hit - s) + 1);
    lua_pushinteger(L, (lua_Integer)(hit - s) + (lua_Integer)n);
    return 2;
}

/* --- the library --------------------------------------------------------------------------- */

void
sandbox_open_string(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"string.byte", string_byte},
        {"string.char", string_char},
        {"string.find", string_find},
        {"string.format", sandbox_format},
        {"string.hex", string_hex},
        {"string.len", string_len},
        {"string.lower", string_lower},
        {"string.match", string_match},
        {"string.pad", string_pad},
        {"string.rep", string_rep},
        {"string.reverse", string_reverse},
        {"string.split", string_split},
        {"string.startswith", string_startswith},
        {"string.sub", string_sub},
        {"string.trim", string_trim},
        {"string.upper", string_upper},
        {"string.width", string_width},
        {NULL, NULL},
    };

    sandbox_put_functions(L, functions);
    lua_pushliteral(L, "");
    lua_createtable(L, 0, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_GLOBALS);
    lua_getfield(L, -1, "string");
    lua_setfield(L, -3, "__index");
    lua_pop(L, 1);
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}
