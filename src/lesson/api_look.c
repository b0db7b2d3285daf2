/* Looking: each call gives a fresh plain table about the machine that is being looked at, and changes nothing. */
#include <string.h>

#include "hw/cache.h"
#include "hw/hashed.h"
#include "hw/memtype.h"
#include "hw/tlb.h"
#include "hw/walk_cache.h"
#include "lesson/api.h"
#include "lesson/look.h"
#include "machine/narrate.h"
#include "os/os.h"
#include "os/swap.h"
#include "os/tag.h"

#define API(section, function, name, params, returns, doc) int function(lua_State *L);
#include "lesson/api.def"
#undef API

/* --- page tables ---------------------------------------------------------------------------- */

static void
push_entry(lua_State *L, const struct machine *m, const struct translation *t, unsigned level,
           vaddr_t va, bool leaf)
{
    const struct format *f = &m->hw.geo.format;
    pte_t value = t->entry[level];

    lua_createtable(L, 0, 8);
    set_text(L, "table", f->level[level].name);
    set_int(L, "level", level);
    set_int(L, "index", format_is_tree(f) ? format_index(f, level, va) : hashed_index(&m->hw, 0, t->slot[level]));
    set_int(L, "pa", t->slot[level]);
    set_int(L, "value", value);
    set_bool(L, "present", value & f->flag.present);
    set_bool(L, "large", leaf && level + 1 < f->levels);
    if (m->preset.kernel && level + 1u == f->levels && swap_entry_slot(&m->os, value))
        set_int(L, "slot", swap_entry_slot(&m->os, value));
    set_int(L, "frame", leaf ? t->pfn : pfn_of(f, format_address(f, value)));
}

static void
set_flags(lua_State *L, const struct machine *m, const struct translation *t)
{
    const struct format *f = &m->hw.geo.format;
    pte_t leaf = t->entry[t->level];

    lua_createtable(L, 0, 6);
    set_bool(L, "writable", t->flags & TLB_W);
    set_bool(L, "user", t->flags & TLB_U);
    set_bool(L, "nx", t->flags & TLB_NX);
    set_bool(L, "global", t->flags & TLB_G);
    set_bool(L, "accessed", leaf & f->flag.accessed);
    set_bool(L, "dirty", leaf & f->flag.dirty);
    lua_setfield(L, -2, "flags");
}

/* Of a format whose entries choose one. */
static void
set_type(lua_State *L, const struct machine *m, const struct translation *t)
{
    const struct format *f = &m->hw.geo.format;
    unsigned index = memory_pat_index(f, t->entry[t->level], t->level + 1 == f->levels);

    if (f->family == FAMILY_X86 && f->flag.cache_disable)
        set_text(L, "type", memory_type_name[memory_type_at(&m->hw, t->pa, index)]);
}

static void
push_walk(lua_State *L, const struct machine *m, const struct translation *found, bool present, vaddr_t va)
{
    const struct translation t = *found;
    bool tree = format_is_tree(&m->hw.geo.format);
    unsigned last = t.level < m->hw.geo.format.levels ? t.level : m->hw.geo.format.levels - 1u;

    lua_createtable(L, 0, 11);
    set_bool(L, "present", present);
    set_int(L, "level", t.level);
    set_int(L, "reads", tree ? last + 1 : t.reads);
    lua_createtable(L, (int)last + 1, 0);
    for (unsigned level = 0; level <= last && (tree || t.slot[0]); level++) {
        push_entry(L, m, &t, level, va, present && level == last);
        lua_rawseti(L, -2, (lua_Integer)level + 1);
    }
    lua_setfield(L, -2, "entries");
    if (!present)
        return;
    set_int(L, "pa", t.pa);
    set_int(L, "frame", t.pfn);
    set_int(L, "shift", t.shift);
    set_int(L, "size", UINT64_C(1) << t.shift);
    set_flags(L, m, &t);
    set_type(L, m, &t);
}

static lua_Integer
option(lua_State *L, int index, const char *name, lua_Integer otherwise)
{
    lua_Integer value = otherwise;
    int exact = 1;

    if (lua_type(L, index) != LUA_TTABLE)
        return otherwise;
    if (given_get(L, index, name) != LUA_TNIL)
        value = lua_tointegerx(L, -1, &exact);
    if (!exact)
        luaL_error(L, "%s is a whole number", name);
    lua_pop(L, 1);
    return value;
}

int
api_walk(lua_State *L)
{
    const struct machine *m = eyes(L);
    vaddr_t va = (vaddr_t)luaL_checkinteger(L, 1);
    struct translation t = {0};
    bool present;

    if (!lua_isnoneornil(L, 2))
        given_only(L, 2, api_members("walk_options"), "walk");
    lua_Integer pid = option(L, 2, "pid", 0), cpu = option(L, 2, "cpu", 0);
    if (cpu < 0 || cpu >= m->hw.geo.cpus)
        luaL_error(L, "walk: this machine has no such cpu");
    va = format_extend(&m->hw.geo.format, va);
    if (pid)
        present = walker_peek(&m->hw, m->os.s->mm[check_pid(L, pid, m)->mm].root, va, &t);
    else
        present = walker_peek_cpu(&m->hw, (unsigned)cpu, va, &t);
    push_walk(L, m, &t, present, va);
    return 1;
}

/* --- TLB ------------------------------------------------------------------------------------ */

/* Does the entry differ from what the tables of its address space say now? */
static bool
is_stale(const struct machine *m, unsigned cpu, const struct tlb_entry *e)
{
    struct translation t = {0};
    uint8_t rights = TLB_W | TLB_U | TLB_NX;

    if (!tag_root(&m->os, cpu, e)) /* of nobody's: there is nothing to compare with */
        return false;
    if (!tag_peek(&m->os, cpu, e, &t))
        return true;
    return t.pfn != e->pfn || t.shift != e->shift || (t.flags & rights) != (e->flags & rights);
}

static void
push_tlb_entry(lua_State *L, const struct machine *m, unsigned cpu, unsigned set, unsigned way)
{
    const struct tlb_entry *e = tlb_at(&m->hw, cpu, set, way);

    sandbox_charge(L, 60);
    lua_createtable(L, 0, 16);
    set_int(L, "set", set);
    set_int(L, "way", way);
    set_int(L, "va", e->page);
    set_int(L, "vpn", e->page >> e->shift);
    set_int(L, "frame", e->pfn);
    set_int(L, "asid", e->asid);
    set_int(L, "size", UINT64_C(1) << e->shift);
    set_bool(L, "writable", e->flags & TLB_W);
    set_bool(L, "user", e->flags & TLB_U);
    set_bool(L, "nx", e->flags & TLB_NX);
    set_bool(L, "global", e->flags & TLB_G);
    set_bool(L, "dirty", e->flags & TLB_D);
    set_bool(L, "stale", is_stale(m, cpu, e));
}

int
api_tlb(lua_State *L)
{
    const struct machine *m = eyes(L);
    unsigned cpu = check_cpu(L, 1, m);
    const struct cpu *c = &m->hw.s->cpu[cpu];
    lua_Integer n = 0;

    lua_newtable(L);
    for (unsigned set = 0; set < m->hw.geo.tlb_sets; set++) {
        for (unsigned way = 0; way < m->hw.geo.tlb_ways; way++) {
            if (!(tlb_at(&m->hw, cpu, set, way)->flags & TLB_VALID))
                continue;
            push_tlb_entry(L, m, cpu, set, way);
            lua_rawseti(L, -2, ++n);
        }
    }
    set_int(L, "sets", m->hw.geo.tlb_sets);
    set_int(L, "ways", m->hw.geo.tlb_ways);
    set_int(L, "hits", c->hits);
    set_int(L, "misses", c->misses);
    set_int(L, "walks", c->walks);
    set_int(L, "reach", tlb_reach(&m->hw, cpu));
    set_int(L, "accesses", c->accesses);
    set_int(L, "access_cycles", c->access_cycles);
    return 1;
}

int
api_walk_cache(lua_State *L)
{
    const struct machine *m = eyes(L);
    const struct format *f = &m->hw.geo.format;
    unsigned cpu = check_cpu(L, 1, m);
    lua_Integer n = 0;

    lua_newtable(L);
    for (unsigned level = f->levels - 1u; level-- > 0;) {
        for (unsigned way = 0; way < m->hw.geo.walk_cache[level]; way++) {
            const struct walk_entry *e = walk_cache_at(&m->hw, cpu, level, way);

            if (!e->valid)
                continue;
            sandbox_charge(L, 30);
            lua_createtable(L, 0, 6);
            set_int(L, "level", level);
            lua_pushstring(L, f->level[level].name);
            lua_setfield(L, -2, "table");
            set_int(L, "va", e->region);
            set_int(L, "size", UINT64_C(1) << f->level[level].shift);
            set_int(L, "frame", pfn_of(f, e->table));
            set_int(L, "asid", e->asid);
            lua_rawseti(L, -2, ++n);
        }
    }
    return 1;
}

/* --- data cache ----------------------------------------------------------------------------- */

static void
push_line(lua_State *L, const struct cache *c, const struct cache_line *l, unsigned set,
          unsigned way)
{
    unsigned n = 1u << c->geo.line_shift;

    sandbox_charge(L, 30 + n);
    lua_createtable(L, 0, 7);
    set_int(L, "set", set);
    set_int(L, "way", way);
    set_int(L, "tag", cache_tag_of(c, l));
    set_int(L, "pa", l->pa);
    lua_pushboolean(L, l->dirty);
    lua_setfield(L, -2, "dirty");
    lua_createtable(L, (int)n, 0);
    for (unsigned i = 0; i < n; i++) {
        lua_pushinteger(L, cache_bytes(c, l)[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "bytes");
}

/* Which cache: "L1" when it is left out. */
static unsigned
check_cache(lua_State *L, int arg)
{
    const char *name = luaL_optstring(L, arg, narrate_cache(CACHE_L1));

    for (unsigned id = 0; id < CACHES; id++)
        if (strcmp(name, narrate_cache(id)) == 0)
            return id;
    return (unsigned)luaL_argerror(L, arg, "a cache is \"L1\", \"L1I\", \"L2\" or \"L3\"");
}

int
api_cache(lua_State *L)
{
    const struct machine *m = eyes(L);
    unsigned cpu = check_cpu(L, 1, m), id = check_cache(L, 2);
    const struct cache *c = &m->hw.cache[id];
    const struct cache_geometry *g = &c->geo;
    lua_Integer n = 0;

    lua_newtable(L);
    for (unsigned set = 0; set < g->sets; set++)
        for (unsigned way = 0; way < g->ways; way++) {
            const struct cache_line *l = cache_at(c, cpu, set, way);

            sandbox_charge(L, 1);
            if (!l->valid)
                continue;
            push_line(L, c, l, set, way);
            lua_rawseti(L, -2, ++n);
        }
    set_int(L, "sets", g->sets);
    set_int(L, "ways", g->ways);
    set_int(L, "line", g->sets ? UINT64_C(1) << g->line_shift : 0);
    set_int(L, "hits", m->hw.s->cpu[cpu].line_hits[id]);
    set_int(L, "misses", m->hw.s->cpu[cpu].line_misses[id]);
    return 1;
}

/* --- frames --------------------------------------------------------------------------------- */

static const char *const use_word[] = {
    [USE_FREE] = "free",   [USE_RESERVED] = "reserved", [USE_ZERO] = "zero",
    [USE_TABLE] = "table", [USE_ANON] = "anon",         [USE_FILE] = "file",
    [USE_TAIL] = "free",   [USE_BLOCK] = "block",       [USE_PART] = "part"};

int
api_frame(lua_State *L)
{
    const struct machine *m = eyes(L);
    lua_Integer pfn = luaL_checkinteger(L, 1);

    if (pfn < 0 || (uint64_t)pfn >= m->hw.geo.frames)
        luaL_error(L, "frame: this machine has frames 0 to %I",
                   (LUAI_UACINT)(m->hw.geo.frames - 1));
    if (!m->preset.kernel)
        luaL_error(L, "machine %s has no kernel that keeps records of frames", m->preset.name);
    const struct frame *f = &m->os.frame[pfn];
    lua_createtable(L, 0, 10);
    set_text(L, "use", use_word[f->use]);
    set_bool(L, "free", frame_is_free(f));
    set_int(L, "refs", f->refs);
    set_int(L, "maps", f->maps);
    set_int(L, "order", f->order);
    set_int(L, "owner", f->owner);
    if (m->os.resident[pfn].on_ring)
        look_at_page(L, m, (pfn_t)pfn);
    if (f->use == USE_TABLE)
        set_int(L, "level", f->level);
    if (f->use == USE_BLOCK)
        set_int(L, "asked", f->offset);
    if (f->use == USE_FILE) {
        set_text(L, "file", m->os.s->object[f->object].name);
        set_int(L, "offset", f->offset);
    }
    return 1;
}

int
api_free(lua_State *L)
{
    const struct machine *m = eyes(L);

    lua_pushinteger(L, m->preset.kernel ? (lua_Integer)m->os.s->free_frames : 0);
    return 1;
}

int
api_blocks(lua_State *L)
{
    const struct machine *m = eyes(L);

    lua_createtable(L, BUDDY_ORDERS, 0);
    for (int order = 0; order < BUDDY_ORDERS; order++) {
        lua_pushinteger(L, m->preset.kernel ? (lua_Integer)m->os.s->free_count[order] : 0);
        lua_rawseti(L, -2, order + 1);
    }
    return 1;
}

int
api_word(lua_State *L)
{
    const struct machine *m = eyes(L);
    paddr_t pa = (paddr_t)luaL_checkinteger(L, 1);
    lua_Integer n = luaL_optinteger(L, 2, 8);
    uint8_t bytes[8];
    uint64_t value = 0;

    if (n < 1 || n > 8 || pa > (UINT64_C(1) << 52) - 8)
        luaL_error(L, "word: 1 to 8 bytes below 2^52");
    phys_copy_out(&m->hw.phys, pa, bytes, (size_t)n);
    for (lua_Integer i = n; i > 0; i--)
        value = value << 8 | bytes[i - 1];
    lua_pushinteger(L, (lua_Integer)value);
    return 1;
}

int
api_bytes(lua_State *L)
{
    const struct machine *m = eyes(L);
    paddr_t pa = (paddr_t)luaL_checkinteger(L, 1);
    lua_Integer n = luaL_checkinteger(L, 2);
    uint8_t bytes[4096];

    if (n < 1 || n > (lua_Integer)sizeof bytes || pa > (UINT64_C(1) << 52) - sizeof bytes)
        luaL_error(L, "bytes: 1 to %d bytes below 2^52", (int)sizeof bytes);
    sandbox_charge(L, (uint64_t)n);
    phys_copy_out(&m->hw.phys, pa, bytes, (size_t)n);
    lua_createtable(L, (int)n, 0);
    for (lua_Integer i = 0; i < n; i++) {
        lua_pushinteger(L, bytes[i]);
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

/* --- processes ------------------------------------------------------------------------------ */

static void
push_area(lua_State *L, const struct machine *m, const struct area *a)
{
    char prot[4] = {a->prot & RIGHT_R ? 'r' : '-', a->prot & RIGHT_W ? 'w' : '-',
                    a->prot & RIGHT_X ? 'x' : '-', 0};

    sandbox_charge(L, 30);
    lua_createtable(L, 0, 8);
    set_int(L, "start", a->start);
    set_int(L, "stop", a->end);
    set_int(L, "size", a->end - a->start);
    set_text(L, "kind", area_kind_name[a->kind]);
    set_text(L, "prot", prot);
    set_bool(L, "shared", a->shared);
    if (a->object && m->os.s->object[a->object].name[0]) {
        set_text(L, "file", m->os.s->object[a->object].name);
        set_int(L, "offset", a->offset);
    }
}

static uint64_t
push_areas(lua_State *L, const struct machine *m, const struct mm *mm)
{
    uint64_t size = 0;
    lua_Integer n = 0;

    lua_newtable(L);
    for (uint32_t i = mm->area; i; i = m->os.area[i].next) {
        push_area(L, m, &m->os.area[i]);
        lua_rawseti(L, -2, ++n);
        size += m->os.area[i].end - m->os.area[i].start;
    }
    return size;
}

int
api_process(lua_State *L)
{
    static const char *const states[] = {[TASK_NONE] = "none", [TASK_READY] = "ready", [TASK_RUNNING] = "running",
                                         [TASK_BLOCKED] = "blocked", [TASK_DEAD] = "dead", [TASK_WAITING] = "waiting"};
    const struct machine *m = eyes(L);
    const struct task *t = check_pid(L, luaL_optinteger(L, 1, m->hw.s->cpu[0].task), m);
    const struct mm *mm = &m->os.s->mm[t->mm];

    lua_createtable(L, 0, 16);
    set_int(L, "pid", t->pid);
    set_int(L, "parent", t->parent);
    set_text(L, "state", states[t->state]);
    set_int(L, "minor", t->minor);
    set_int(L, "major", t->major);
    if (t->state == TASK_DEAD) {
        set_text(L, "signal", signal_name[t->signal]);
        return 1;
    }
    set_int(L, "rss", mm->rss_anon + mm->rss_file);
    set_int(L, "rss_anon", mm->rss_anon);
    set_int(L, "rss_file", mm->rss_file);
    set_int(L, "swapped", mm->swapped);
    set_int(L, "tables", mm->tables);
    set_int(L, "root", mm->root);
    set_int(L, "brk", mm->brk);
    uint64_t size = push_areas(L, m, mm);
    lua_setfield(L, -2, "areas");
    set_int(L, "vsz", size);
    return 1;
}

int
api_pid(lua_State *L)
{
    const struct machine *m = eyes(L);

    lua_pushinteger(L, m->hw.s->cpu[check_cpu(L, 1, m)].task);
    return 1;
}

int
api_pids(lua_State *L)
{
    const struct machine *m = eyes(L);
    lua_Integer n = 0;

    lua_newtable(L);
    for (uint32_t pid = 1; m->preset.kernel && pid < TASK_MAX; pid++) {
        const struct task *t = &m->os.s->task[pid];
        if (!t->pid || t->state == TASK_DEAD)
            continue;
        lua_pushinteger(L, pid);
        lua_rawseti(L, -2, ++n);
    }
    return 1;
}

/* --- the rest ------------------------------------------------------------------------------- */

int
api_field(lua_State *L)
{
    static const char *names[256];
    const struct machine *m = eyes(L);
    const char *name = luaL_checkstring(L, 1);
    unsigned cpu = check_cpu(L, 2, m);
    int found = set_field_by_name(name);

    if (found < 0) {
        unsigned n = 0;
        for (; n < set_field_count() && n < 255; n++)
            names[n] = set_field_at(n)->name;
        names[n] = NULL;
        given_nearest(L, "no field", name, names);
    }
    lua_pushinteger(L, (lua_Integer)machine_field(m, cpu, set_field_at((unsigned)found)));
    return 1;
}

int
api_cycles(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)eyes(L)->hw.s->cycles);
    return 1;
}

int
api_op(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)eyes(L)->s->op);
    return 1;
}

static void
push_levels(lua_State *L, const struct format *f)
{
    lua_createtable(L, f->levels, 0);
    for (unsigned level = 0; level < f->levels; level++) {
        lua_createtable(L, 0, 4);
        set_text(L, "name", f->level[level].name);
        set_int(L, "shift", f->level[level].shift);
        set_int(L, "bits", f->level[level].bits);
        set_int(L, "bytes", format_table_bytes(f, level));
        lua_rawseti(L, -2, (lua_Integer)level + 1);
    }
}

int
api_geometry(lua_State *L)
{
    const struct geometry *g = &eyes(L)->hw.geo;
    const struct format *f = &g->format;

    lua_createtable(L, 0, 12);
    set_int(L, "page", format_page(f));
    set_int(L, "page_shift", f->page_shift);
    set_int(L, "va_bits", f->va_bits);
    set_int(L, "pa_bits", f->pa_bits);
    set_int(L, "maxpa", g->maxpa);
    set_int(L, "entry_bytes", f->entry_bytes);
    set_int(L, "frames", g->frames);
    set_int(L, "max_order", g->max_order);
    set_int(L, "cpus", g->cpus);
    set_int(L, "tlb_sets", g->tlb_sets);
    set_int(L, "tlb_ways", g->tlb_ways);
    set_int(L, "cache_sets", g->cache[CACHE_L1].sets);
    set_int(L, "cache_ways", g->cache[CACHE_L1].sets ? g->cache[CACHE_L1].ways : 0);
    set_int(L, "cache_line",
            g->cache[CACHE_L1].sets ? UINT64_C(1) << g->cache[CACHE_L1].line_shift : 0);
    set_text(L, "format", f->name);
    push_levels(L, f);
    lua_setfield(L, -2, "levels");
    return 1;
}
