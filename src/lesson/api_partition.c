/* Looking at memory before paging: segments, and programs in one piece. */
#include "hw/segment.h"
#include "lesson/look.h"
#include "machine/narrate.h"
#include "os/partition.h"

#define API(section, function, name, params, returns, doc) int function(lua_State *L);
#include "lesson/api.def"
#undef API

static void
push_piece(lua_State *L, const struct partitions *p, const struct partition *x)
{
    lua_createtable(L, 0, 4);
    set_int(L, "start", x->start);
    set_int(L, "size", x->size);
    set_int(L, "pid", x->pid);
    if (x->pid)
        set_int(L, "asked", p->program[x->pid].asked);
}

int
api_partitions(lua_State *L)
{
    const struct machine *m = eyes(L);
    const struct partitions *p = m->preset.kernel ? m->os.partitions : NULL;

    if (!p)
        return luaL_error(L, "machine %s keeps no memory for programs in one piece",
                          m->preset.name);
    sandbox_charge(L, 20 * (uint64_t)p->count);
    lua_newtable(L);
    for (uint32_t i = 0; i < p->count; i++) {
        push_piece(L, p, &p->at[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_newtable(L);
    for (uint32_t i = 0; i < p->waiting; i++) {
        lua_pushinteger(L, p->queue[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "queue");
    set_int(L, "base", partition_base(&m->os));
    set_int(L, "total", partition_total(&m->os));
    set_int(L, "free", partition_free(&m->os));
    set_int(L, "largest", partition_largest(&m->os));
    set_int(L, "wasted", partition_wasted(&m->os));
    set_int(L, "examined", p->examined);
    set_int(L, "copied", p->copied);
    set_int(L, "swapped", p->swapped);
    return 1;
}

/* --- segments ------------------------------------------------------------------------------- */

static void
push_descriptor(lua_State *L, const struct machine *m, paddr_t pa)
{
    struct descriptor d = descriptor_of(phys_read(&m->hw.phys, pa, DESCRIPTOR_BYTES));
    char prot[4];

    narrate_prot(segment_prot(d.rights), prot);
    sandbox_charge(L, 30);
    lua_createtable(L, 0, 6);
    set_int(L, "pa", pa);
    set_int(L, "base", d.base);
    set_int(L, "limit", d.limit);
    set_text(L, "prot", prot);
    set_bool(L, "present", d.rights & SEGMENT_P);
    set_bool(L, "down", d.rights & SEGMENT_DOWN);
}

int
api_segments(lua_State *L)
{
    const struct machine *m = eyes(L);
    unsigned cpu = check_cpu(L, 1, m);
    const struct segment_unit *u = &m->hw.segment[cpu];

    if (!segment_exists(&m->hw))
        return luaL_error(L, "machine %s has no segments", m->preset.name);
    lua_newtable(L);
    for (uint32_t i = 0; i < u->count; i++) {
        push_descriptor(L, m, u->table + (paddr_t)i * DESCRIPTOR_BYTES);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    set_int(L, "table", u->table);
    set_int(L, "offset_bits", m->hw.geo.format.va_bits - m->hw.geo.segment.bits);
    return 1;
}
