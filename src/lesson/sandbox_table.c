/* table.*: raw, bounded, and paid for by the number of slots touched.
 *
 * liblua's own versions ask `__len` and walk billions of slots in one C call, where no hook runs.
 * sort is a merge sort: it ends whatever the comparison says, keeps the order of equals, makes the
 * same comparisons on every machine, and writes to the table only when it is done.
 */
#include "lesson/sandbox_internal.h"

/* --- sort ---------------------------------------------------------------------------------- */

/* Is the value at `a` less than the one at `b`? */
static bool
is_less(lua_State *L, int compare_index, int a, int b)
{
    sandbox_charge(L, 4);
    if (compare_index) {
        lua_pushvalue(L, compare_index);
        lua_pushvalue(L, a);
        lua_pushvalue(L, b);
        lua_call(L, 2, 1);
        bool less = lua_toboolean(L, -1);
        lua_pop(L, 1);
        return less;
    }
    if (lua_type(L, a) == LUA_TSTRING)
        sandbox_charge(L, lua_rawlen(L, a) / 64);
    return lua_compare(L, a, b, LUA_OPLT);
}

/* Merge from[low, middle) and from[middle, high) into to[low, high). */
static void
merge_runs(lua_State *L, int from, int to, lua_Integer low, lua_Integer middle, lua_Integer high,
           int compare_index)
{
    lua_Integer i = low, j = middle;

    for (lua_Integer k = low; k < high; k++) {
        bool right = i == middle;
        if (!right && j < high) {
            lua_rawgeti(L, from, i);
            lua_rawgeti(L, from, j);
            int top = lua_gettop(L);
            right = is_less(L, compare_index, top, top - 1);
            lua_pop(L, 2);
        }
        lua_rawgeti(L, from, right ? j++ : i++);
        lua_rawseti(L, to, k);
    }
}

void
sandbox_merge_sort(lua_State *L, lua_Integer n, int compare_index)
{
    int result = lua_gettop(L), from = result, to = result + 1;

    lua_createtable(L, (int)n, 0);
    for (lua_Integer width = 1; width < n; width *= 2) {
        sandbox_charge(L, (uint64_t)n * 4);
        for (lua_Integer low = 1; low <= n; low += 2 * width) {
            lua_Integer middle = low + width > n + 1 ? n + 1 : low + width;
            lua_Integer high = middle + width > n + 1 ? n + 1 : middle + width;
            merge_runs(L, from, to, low, middle, high, compare_index);
        }
        int other = from;
        from = to;
        to = other;
    }
    if (from != result)
        lua_replace(L, result);
    else
        lua_pop(L, 1);
}

/* How many slots 1..# there are; more than a table can hold within the block limit cannot be. */
static lua_Integer
writable_length(lua_State *L, int arg)
{
    sandbox_check_writable(L, arg);
    return (lua_Integer)lua_rawlen(L, arg);
}

static int
table_sort(lua_State *L)
{
    lua_Integer n = writable_length(L, 1);
    int compare = lua_isnoneornil(L, 2) ? 0 : 2;

    if (compare)
        luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    luaL_argcheck(L, n <= 1 << 24, 1, "too many entries");
    sandbox_charge(L, (uint64_t)n * 4);
    lua_createtable(L, (int)n, 0);
    for (lua_Integer i = 1; i <= n; i++) {
        if (lua_rawgeti(L, 1, i) == LUA_TNIL)
            return luaL_error(L, "entry %I is nil: only lists can be sorted", (LUAI_UACINT)i);
        lua_rawseti(L, 3, i);
    }
    sandbox_merge_sort(L, n, compare);
    sandbox_check_writable(L, 1);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, 3, i);
        lua_rawseti(L, 1, i);
    }
    return 0;
}

/* --- insert, remove ------------------------------------------------------------------------ */

static int
table_insert(lua_State *L)
{
    lua_Integer n = writable_length(L, 1), at = n + 1;
    int args = lua_gettop(L);

    if (args != 2 && args != 3)
        return luaL_error(L, "insert takes a list, perhaps a position, and a value");
    if (args == 3)
        at = sandbox_check_range(L, 2, 1, n + 1);
    sandbox_charge(L, (uint64_t)(n + 1 - at));
    for (lua_Integer i = n; i >= at; i--) {
        lua_rawgeti(L, 1, i);
        lua_rawseti(L, 1, i + 1);
    }
    lua_settop(L, args);
    lua_rawseti(L, 1, at);
    return 0;
}

static int
table_remove(lua_State *L)
{
    lua_Integer n = writable_length(L, 1), at = n;

    if (!lua_isnoneornil(L, 2))
        at = sandbox_check_range(L, 2, n == 0 ? 0 : 1, n + 1);
    lua_settop(L, 1);
    sandbox_charge(L, (uint64_t)(n - at > 0 ? n - at : 0));
    lua_rawgeti(L, 1, at);
    for (; at < n; at++) {
        lua_rawgeti(L, 1, at + 1);
        lua_rawseti(L, 1, at);
    }
    if (at == n) {
        lua_pushnil(L);
        lua_rawseti(L, 1, at);
    }
    return 1;
}

/* --- concat, pack, unpack ------------------------------------------------------------------ */

/* The range i..j of arguments 3 and 4 (2 and 3 for unpack), default 1..#. */
static void
check_span(lua_State *L, int arg, int members, lua_Integer *first, lua_Integer *last)
{
    *first = luaL_optinteger(L, arg, 1);
    *last = lua_isnoneornil(L, arg + 1) ? (lua_Integer)lua_rawlen(L, members)
                                        : luaL_checkinteger(L, arg + 1);
}

static int
table_concat(lua_State *L)
{
    size_t separator_length = 0, total = 0;
    const char *separator = luaL_optlstring(L, 2, "", &separator_length);
    lua_Integer i, last;
    luaL_Buffer out;

    lua_settop(L, 4);
    sandbox_check_table(L, 1);
    check_span(L, 3, 5, &i, &last);
    luaL_buffinit(L, &out);
    for (bool more = i <= last; more; more = i < last, i++) {
        size_t length = 0;
        int type = lua_rawgeti(L, 5, i);
        if (type != LUA_TSTRING && type != LUA_TNUMBER)
            return luaL_error(L, "entry %I is a %s; only texts and numbers can be joined",
                              (LUAI_UACINT)i, lua_typename(L, type));
        lua_tolstring(L, -1, &length);
        total += length + (i < last ? separator_length : 0);
        sandbox_charge(L, 4 + length / 8);
        if (total > sandbox_get(L)->limits.string_bytes)
            sandbox_check_length(L, total);
        luaL_addvalue(&out);
        if (i < last)
            luaL_addlstring(&out, separator, separator_length);
    }
    luaL_pushresult(&out);
    return 1;
}

static int
table_pack(lua_State *L)
{
    int n = lua_gettop(L);

    sandbox_charge(L, (uint64_t)n);
    lua_createtable(L, n, 1);
    lua_insert(L, 1);
    for (int i = n; i >= 1; i--)
        lua_rawseti(L, 1, i);
    lua_pushinteger(L, n);
    lua_setfield(L, 1, "n");
    return 1;
}

static int
table_unpack(lua_State *L)
{
    lua_Integer first, last;

    lua_settop(L, 3);
    sandbox_check_table(L, 1);
    check_span(L, 2, 4, &first, &last);
    if (first > last)
        return 0;
    lua_Unsigned n = (lua_Unsigned)last - (lua_Unsigned)first;
    if (n >= SANDBOX_RESULTS)
        return luaL_error(L, "unpack gives at most %d values", SANDBOX_RESULTS);
    luaL_checkstack(L, SANDBOX_RESULTS, "unpack");
    sandbox_charge(L, n);
    for (lua_Unsigned k = 0; k <= n; k++)
        lua_rawgeti(L, 4, (lua_Integer)((lua_Unsigned)first + k));
    return (int)n + 1;
}

void
sandbox_open_table(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"table.concat", table_concat},
        {"table.insert", table_insert},
        {"table.pack", table_pack},
        {"table.remove", table_remove},
        {"table.sort", table_sort},
        {"table.unpack", table_unpack},
        {NULL, NULL},
    };

    sandbox_put_functions(L, functions);
}
