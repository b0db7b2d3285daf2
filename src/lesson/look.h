/* look.h - small change of the looking functions (api_look.c, api_swap.c): whom they see, and how a
 * table is filled. */
#pragma once

#include "lesson/player_internal.h"

static inline const struct machine *
eyes(lua_State *L)
{
    struct player *p = player_of(L);

    if (!p->eyes)
        luaL_error(L, "the machine can be looked at only inside a step");
    sandbox_charge(L, 100);
    return p->eyes;
}

static inline void
set_int(lua_State *L, const char *name, uint64_t value)
{
    lua_pushinteger(L, (lua_Integer)value);
    lua_setfield(L, -2, name);
}

static inline void
set_bool(lua_State *L, const char *name, bool value)
{
    lua_pushboolean(L, value);
    lua_setfield(L, -2, name);
}

static inline void
set_text(lua_State *L, const char *name, const char *value)
{
    lua_pushstring(L, value);
    lua_setfield(L, -2, name);
}

static inline unsigned
check_cpu(lua_State *L, int arg, const struct machine *m)
{
    lua_Integer cpu = luaL_optinteger(L, arg, 0);

    if (cpu < 0 || cpu >= m->hw.geo.cpus)
        luaL_error(L, "cpu %d: this machine has %d", (int)(cpu > 999 || cpu < -999 ? 999 : cpu), (int)m->hw.geo.cpus);
    return (unsigned)cpu;
}

static inline const struct task *
check_pid(lua_State *L, lua_Integer pid, const struct machine *m)
{
    if (!m->preset.kernel)
        luaL_error(L, "machine %s has no kernel, so no processes", m->preset.name);
    if (pid < 1 || pid >= TASK_MAX || !m->os.s->task[pid].pid)
        luaL_error(L, "there is no process %I", (LUAI_UACINT)pid);
    return &m->os.s->task[pid];
}

/* What page replacement knows of a resident page, into the table on top (api_swap.c). */
void look_at_page(lua_State *L, const struct machine *m, pfn_t pfn);
