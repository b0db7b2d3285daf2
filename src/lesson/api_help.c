/* Helpers for lessons: bits, addresses, and finding events in a result. */
#include <string.h>

#include "lesson/player_internal.h"

#define API(section, function, name, params, returns, doc) int function(lua_State *L);
#include "lesson/api.def"
#undef API

/* --- numbers -------------------------------------------------------------------------------- */

int
help_bits(lua_State *L)
{
    uint64_t v = (uint64_t)luaL_checkinteger(L, 1);
    lua_Integer high = luaL_checkinteger(L, 2), low = luaL_optinteger(L, 3, high);

    if (low < 0 || high > 63 || low > high)
        luaL_error(L, "bits: 63 >= hi >= lo >= 0 is expected, the higher bit first");
    lua_pushinteger(L, (lua_Integer)(v >> low & low_bits((unsigned)(high - low + 1))));
    return 1;
}

int
help_sext(lua_State *L)
{
    uint64_t v = (uint64_t)luaL_checkinteger(L, 1);
    lua_Integer n = luaL_checkinteger(L, 2);

    if (n < 1 || n > 64)
        luaL_error(L, "sext: 1 to 64 bits");
    v &= low_bits((unsigned)n);
    if (v >> (n - 1) & 1)
        v |= ~low_bits((unsigned)n);
    lua_pushinteger(L, (lua_Integer)v);
    return 1;
}

static int
push_formatted(lua_State *L, const char *format)
{
    lua_Integer v = luaL_checkinteger(L, 1), digits = luaL_optinteger(L, 2, 0);
    struct player *p = player_of(L);
    char spec[24];

    if (digits < 0 || digits > 64)
        luaL_error(L, "%s: 0 to 64 digits", format);
    snprintf(spec, sizeof spec, digits ? "%s%d" : "%s", format, (int)digits);
    buffer_truncate(&p->scratch, 0);
    template_number(v, spec, &p->scratch);
    lua_pushlstring(L, buffer_text(&p->scratch), p->scratch.length);
    return 1;
}

int
help_hex(lua_State *L)
{
    return push_formatted(L, "hex");
}

int
help_bin(lua_State *L)
{
    return push_formatted(L, "bin");
}

int
help_label(lua_State *L)
{
    return push_formatted(L, "label");
}

int
help_size(lua_State *L)
{
    return push_formatted(L, "size");
}

int
help_le(lua_State *L)
{
    uint64_t v = (uint64_t)luaL_checkinteger(L, 1);
    lua_Integer n = luaL_checkinteger(L, 2);
    char text[17];

    if (n < 1 || n > 8)
        luaL_error(L, "le: 1 to 8 bytes");
    for (lua_Integer i = 0; i < n; i++)
        snprintf(text + 2 * i, 3, "%02x", (unsigned)(v >> (8 * i) & 0xff));
    lua_pushstring(L, text);
    return 1;
}

/* --- addresses ------------------------------------------------------------------------------ */

static const struct format *
format_of(lua_State *L)
{
    struct player *p = player_of(L);

    if (!p->eyes)
        luaL_error(L, "this helper needs the machine, which is there only inside a step");
    return &p->eyes->hw.geo.format;
}

int
help_page(lua_State *L)
{
    vaddr_t va = (vaddr_t)luaL_checkinteger(L, 1);

    lua_pushinteger(L, (lua_Integer)(va & ~(format_page(format_of(L)) - 1)));
    return 1;
}

int
help_offset(lua_State *L)
{
    vaddr_t va = (vaddr_t)luaL_checkinteger(L, 1);

    lua_pushinteger(L, (lua_Integer)(va & (format_page(format_of(L)) - 1)));
    return 1;
}

int
help_vpn(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)vpn_of(format_of(L), (vaddr_t)luaL_checkinteger(L, 1)));
    return 1;
}

int
help_pfn(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)pfn_of(format_of(L), (paddr_t)luaL_checkinteger(L, 1)));
    return 1;
}

int
help_index(lua_State *L)
{
    const struct format *f = format_of(L);
    lua_Integer level = luaL_checkinteger(L, 2);

    if (!format_is_tree(f))
        luaL_error(L, "index: the page table of this machine is no tree; look at anchor_read");
    if (level < 0 || level >= f->levels)
        luaL_error(L, "index: levels are 0 (the root) to %d", f->levels - 1);
    lua_pushinteger(L, format_index(f, (unsigned)level, (vaddr_t)luaL_checkinteger(L, 1)));
    return 1;
}

/* --- events --------------------------------------------------------------------------------- */

/* Push r.events; check that the event's name exists. */
static const char *
push_events(lua_State *L)
{
    const char *name = luaL_checkstring(L, 2);

    luaL_checktype(L, 1, LUA_TTABLE);
    if (given_get(L, 1, "events") != LUA_TTABLE)
        luaL_error(L, "the first argument is the result of an operation");
    if (event_by_name(name) == EV_NONE) {
        const char *names[EVENT_CODES];
        for (int i = 1; i < EVENT_CODES; i++)
            names[i - 1] = event_row[i].name;
        names[EVENT_CODES - 1] = NULL;
        given_nearest(L, "no event", name, names);
    }
    sandbox_resolve(L, -1);
    sandbox_charge(L, 2 * (uint64_t)lua_rawlen(L, -1));
    return name;
}

/* Is the table on top of the stack an event of that name? Leaves it. */
static bool
is_event(lua_State *L, const char *name)
{
    bool same = false;

    if (lua_type(L, -1) == LUA_TTABLE) {
        if (given_get(L, -1, "event") == LUA_TSTRING)
            same = strcmp(lua_tostring(L, -1), name) == 0;
        lua_pop(L, 1);
    }
    return same;
}

int
help_count(lua_State *L)
{
    const char *name = push_events(L);
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1), found = 0;

    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, -1, i);
        found += is_event(L, name);
        lua_pop(L, 1);
    }
    lua_pushinteger(L, found);
    return 1;
}

int
help_find(lua_State *L)
{
    lua_Integer nth = luaL_optinteger(L, 3, 1);
    const char *name = push_events(L);
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1);

    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, -1, i);
        if (is_event(L, name) && --nth == 0)
            return 1;
        lua_pop(L, 1);
    }
    lua_pushnil(L);
    return 1;
}
