/* Looking at page replacement: the ring of resident pages, the string of references, the swap device. */
#include "lesson/look.h"
#include "os/evict.h"

#define API(section, function, name, params, returns, doc) int function(lua_State *L);
#include "lesson/api.def"
#undef API

static const struct machine *
eyes_with_kernel(lua_State *L)
{
    const struct machine *m = eyes(L);

    if (!m->preset.kernel)
        luaL_error(L, "machine %s has no kernel", m->preset.name);
    return m;
}

/* --- resident pages ------------------------------------------------------------------------- */

void
look_at_page(lua_State *L, const struct machine *m, pfn_t pfn)
{
    const struct resident *r = &m->os.resident[pfn];
    uint64_t next = choose_next_use(&m->os, pfn);

    set_int(L, "loaded", r->loaded);
    set_int(L, "used", r->used);
    set_int(L, "uses", r->uses);
    set_bool(L, "referenced", choose_referenced(&m->os, pfn));
    set_bool(L, "dirty", evict_is_dirty(&m->os, pfn));
    set_bool(L, "locked", m->os.frame[pfn].locked);
    set_int(L, "history", m->os.frame[pfn].history);
    set_int(L, "seen", m->os.frame[pfn].seen);
    if (next)
        set_int(L, "next_use", next);
    if (m->os.frame[pfn].slot)
        set_int(L, "slot", m->os.frame[pfn].slot);
}

static void
push_page(lua_State *L, const struct machine *m, uint32_t mm, pfn_t pfn)
{
    const struct refstring *s = &m->os.s->string;
    vaddr_t va = rmap_address(&m->os, mm, pfn);

    sandbox_charge(L, 60);
    lua_createtable(L, 0, 16);
    set_int(L, "frame", pfn);
    set_int(L, "va", va);
    if (s->mm && (mm == s->mm || mm == 0) && va >= s->base)
        set_int(L, "page", vpn_of(&m->hw.geo.format, va - s->base));
    set_bool(L, "can_leave", evict_can(&m->os, pfn, swap_has_room(&m->os)));
    look_at_page(L, m, pfn);
}

/* The pages of the ring in order; 0 pages: the hand stands nowhere. */
int
api_resident(lua_State *L)
{
    const struct machine *m = eyes_with_kernel(L);
    lua_Integer pid = luaL_optinteger(L, 1, m->hw.s->cpu[0].task), n = 0, hand = 0;
    uint32_t mm = pid ? check_pid(L, pid, m)->mm : 0;

    lua_newtable(L);
    for (pfn_t pfn = resident_next(&m->os, mm, 0); pfn; pfn = resident_next(&m->os, mm, pfn)) {
        push_page(L, m, mm, pfn);
        lua_rawseti(L, -2, ++n);
        if (pfn == resident_hand(&m->os, mm))
            hand = n;
    }
    set_int(L, "hand", (uint64_t)hand);
    set_int(L, "limit", hw_tunable(&m->hw, TUNE_RESIDENT_LIMIT));
    set_text(L, "policy", policy_row[hw_tunable(&m->hw, TUNE_POLICY)].name);
    set_int(L, "references", m->os.s->references);
    set_int(L, "evictions", m->os.s->evictions);
    return 1;
}

/* --- the string ----------------------------------------------------------------------------- */

int
api_refs(lua_State *L)
{
    const struct machine *m = eyes_with_kernel(L);
    const struct refstring *s = &m->os.s->string;

    sandbox_charge(L, 10 * (uint64_t)s->length);
    lua_createtable(L, (int)s->length, 8);
    for (uint32_t i = 0; i < s->length; i++) {
        lua_createtable(L, 0, 2);
        set_int(L, "page", refstring_at(&m->os, i).page);
        set_bool(L, "write", refstring_at(&m->os, i).write);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    set_int(L, "pid", s->mm);
    set_int(L, "base", s->base);
    set_int(L, "at", s->at);
    set_int(L, "hits", s->hits);
    set_int(L, "faults", s->faults);
    return 1;
}

/* --- the device ----------------------------------------------------------------------------- */

int
api_swap(lua_State *L)
{
    const struct machine *m = eyes_with_kernel(L);
    lua_Integer n = 0;

    lua_newtable(L);
    for (uint32_t slot = 1; slot <= m->os.s->swap_ever; slot++) {
        if (!m->os.swap[slot].refs)
            continue;
        sandbox_charge(L, 20);
        lua_createtable(L, 0, 4);
        set_int(L, "slot", slot);
        set_int(L, "refs", m->os.swap[slot].refs);
        if (m->os.swap[slot].frame)
            set_int(L, "frame", m->os.swap[slot].frame);
        lua_rawseti(L, -2, ++n);
    }
    set_int(L, "slots", m->hw.geo.swap_slots);
    set_int(L, "used", swap_used(&m->os));
    set_int(L, "reads", m->os.s->swap_reads);
    set_int(L, "writes", m->os.s->swap_writes);
    return 1;
}
