/* Invariants of tables, TLBs, areas, sharing and processes. */
#include "machine/invariant_internal.h"

#include <string.h>

#include "hw/hierarchy.h"
#include "machine/narrate.h"
#include "os/tag.h"

typedef unsigned long long ull;

static const struct format *
format_of(const struct census *c)
{
    return &c->m->hw.geo.format;
}

/* --- page tables --------------------------------------------------------------------------------
 */

bool
check_entry_form(const struct census *c, char *where)
{
    return !c->bad_entry || broken(where, "the entry at 0x%llx is malformed", (ull)c->bad_entry);
}

bool
check_table_parents(const struct census *c, char *where)
{
    if (c->cycle)
        return broken(where, "a table is reached twice");
    for (uint64_t i = 0; i < c->m->preset.geo.frames; i++)
        if (c->parents[i] && c->m->os.frame[i].use != USE_TABLE)
            return broken(where, "frame f%llx serves as a table, but is %s", (ull)i,
                          frame_use_name[c->m->os.frame[i].use]);
    return true;
}

bool
check_table_counts(const struct census *c, char *where)
{
    uint64_t owned = 0, found = 0;

    for (uint32_t i = 1; i < TASK_MAX; i++) {
        const struct mm *mm = &c->m->os.s->mm[i];
        found += c->tables[i];
        if ((mm->users ? mm->tables : 0) != c->tables[i])
            return broken(where, "process %u: %u tables, found %u", i, mm->tables, c->tables[i]);
    }
    for (uint64_t i = 0; i < c->m->preset.geo.frames; i++)
        owned += c->m->os.frame[i].use == USE_TABLE && c->m->os.frame[i].owner;
    return owned == found || broken(where, "%llu frames are tables of processes, %llu are reached",
                                    (ull)owned, (ull)found);
}

bool
check_table_reach(const struct census *c, char *where)
{
    return !c->any_outside || broken(where, "0x%llx is mapped for the user", (ull)c->outside);
}

/* --- TLB ----------------------------------------------------------------------------------------
 */

/* Every valid entry of every CPU, until one fails. */
static bool
each_entry(const struct census *c,
           bool (*each)(const struct census *, unsigned cpu, const struct tlb_entry *, char *),
           char *where)
{
    const struct geometry *g = &c->m->preset.geo;

    for (unsigned cpu = 0; cpu < g->cpus; cpu++)
        for (unsigned set = 0; set < g->tlb_sets; set++)
            for (unsigned way = 0; way < g->tlb_ways; way++) {
                const struct tlb_entry *x = tlb_at(&c->m->hw, cpu, set, way);
                if (x->flags & TLB_VALID && !each(c, cpu, x, where))
                    return false;
            }
    return true;
}

/* Those of the other TLBs too. */
static bool
each_entry_everywhere(const struct census *c,
                      bool (*each)(const struct census *, unsigned cpu, const struct tlb_entry *,
                                   char *),
                      char *where)
{
    const struct hw *hw = &c->m->hw;
    size_t n = hw->tlb_more_entries;

    for (size_t i = 0; i < n * hw->geo.cpus; i++)
        if (hw->tlb_more[i].flags & TLB_VALID &&
            !each(c, (unsigned)(i / n), &hw->tlb_more[i], where))
            return false;
    return each_entry(c, each, where);
}

static bool
peek(const struct census *c, unsigned cpu, const struct tlb_entry *x, struct translation *t)
{
    return tag_peek(&c->m->os, cpu, x, t);
}

static bool
entry_is_marked(const struct census *c, unsigned cpu, const struct tlb_entry *x, char *where)
{
    const struct format *f = format_of(c);
    struct translation t;
    pte_t want = f->flag.accessed | (x->flags & TLB_D ? f->flag.dirty : 0);

    if (shootdown_excuses(&c->m->os, cpu, x->asid, x->page) ||
        !peek(c, cpu, x, &t)) /* L1 says that */
        return true;
    return (format_plain(f, t.entry[t.level]) & want) == want ||
           broken(where, "0x%llx is in the TLB, its entry 0x%llx lacks A or D", (ull)x->page,
                  (ull)t.entry[t.level]);
}

bool
check_entry_marks(const struct census *c, char *where)
{
    return each_entry_everywhere(c, entry_is_marked, where);
}

static bool
entry_is_true(const struct census *c, unsigned cpu, const struct tlb_entry *x, char *where)
{
    struct translation t;
    uint8_t more = (uint8_t)(x->flags & (TLB_W | TLB_U));

    if (shootdown_excuses(&c->m->os, cpu, x->asid, x->page))
        return true;
    if (!peek(c, cpu, x, &t))
        return broken(where, "0x%llx is in the TLB, but not mapped", (ull)x->page);
    if (t.pfn != x->pfn || t.shift != x->shift)
        return broken(where, "0x%llx: the TLB says f%llx, the tables f%llx", (ull)x->page,
                      (ull)x->pfn, (ull)t.pfn);
    return !((more & ~t.flags) || (t.flags & ~x->flags & (TLB_NX | TLB_NR | TLB_KNX))) ||
           broken(where, "0x%llx: the TLB grants more than the tables", (ull)x->page);
}

bool
check_tlb_true(const struct census *c, char *where)
{
    return each_entry_everywhere(c, entry_is_true, where);
}

static bool
entry_is_single(const struct census *c, unsigned cpu, const struct tlb_entry *x, char *where)
{
    const struct geometry *g = &c->m->preset.geo;

    for (unsigned set = 0; set < g->tlb_sets; set++)
        for (unsigned way = 0; way < g->tlb_ways; way++) {
            const struct tlb_entry *y = tlb_at(&c->m->hw, cpu, set, way);
            unsigned shift = x->shift > y->shift ? x->shift : y->shift;
            if (x != y && y->flags & TLB_VALID && x->page >> shift == y->page >> shift &&
                (x->asid == y->asid || (x->flags | y->flags) & TLB_G))
                return broken(where, "cpu %u holds 0x%llx twice", cpu, (ull)x->page);
        }
    return true;
}

bool
check_tlb_single(const struct census *c, char *where)
{
    return each_entry(c, entry_is_single, where);
}

static bool
entry_in_place(const struct census *c, unsigned cpu, const struct tlb_entry *x, char *where)
{
    const struct geometry *g = &c->m->preset.geo;
    unsigned set = (unsigned)(((size_t)(x - c->m->hw.tlb) / g->tlb_ways) % g->tlb_sets), ways;
    const struct tlb_entry *first = tlb_places(&c->m->hw, cpu, x->page, x->shift, &ways);

    if (x < first || x >= first + ways)
        return broken(where, "0x%llx lies in set %u", (ull)x->page, set);
    for (const struct tlb_entry *y = first; y < first + ways; y++) {
        if (x != y && y->flags & TLB_VALID && x->used == y->used)
            return broken(where, "two entries of set %u were used last at once", set);
    }
    return true;
}

bool
check_tlb_place(const struct census *c, char *where)
{
    return each_entry(c, entry_in_place, where);
}

/* The rights that the entries from the root down to `level` leave. */
static uint8_t
rights_above(const struct format *f, const struct translation *t, unsigned level)
{
    uint8_t flags = TLB_W | TLB_U;

    for (unsigned i = 0; i <= level; i++) {
        if ((t->entry[i] & f->flag.writable) != f->flag.writable)
            flags &= (uint8_t)~TLB_W;
        if ((t->entry[i] & f->flag.user) != f->flag.user)
            flags &= (uint8_t)~TLB_U;
        if (t->entry[i] & f->flag.no_execute)
            flags |= TLB_NX;
    }
    return flags;
}

/* The same beyond x86, where tables have bits of their own for it, or none. */
static uint8_t
rights_of_tables(const struct format *f, const struct translation *t, unsigned level)
{
    uint8_t flags = TLB_W | TLB_U;
    pte_t all = 0;

    for (unsigned i = 0; i <= level; i++)
        all |= t->entry[i];
    if (all & f->table.no_write)
        flags &= (uint8_t)~TLB_W;
    if (all & f->table.no_user)
        flags &= (uint8_t)~TLB_U;
    if (all & f->table.no_execute)
        flags |= TLB_NX;
    if (all & f->table.no_kernel_execute)
        flags |= TLB_KNX;
    return flags;
}

static bool
walk_entry_is_true(const struct census *c, unsigned cpu, const struct walk_entry *x, char *where)
{
    const struct tlb_entry like = {.page = x->region, .asid = x->asid};
    const struct format *f = format_of(c);
    struct translation t = {0};
    uint8_t flags;

    if (shootdown_excuses(&c->m->os, cpu, x->asid, x->region))
        return true;
    peek(c, cpu, &like, &t);
    if (t.level <= x->level || format_address(f, t.entry[x->level]) != x->table)
        return broken(where, "0x%llx: a walk cache says %s leads to f%llx, the tables do not",
                      (ull)x->region, f->level[x->level].name, (ull)pfn_of(f, x->table));
    flags = f->family == FAMILY_X86 ? rights_above(f, &t, x->level)
                                    : rights_of_tables(f, &t, x->level);
    return !((x->flags & ~flags & (TLB_W | TLB_U)) || (flags & ~x->flags & (TLB_NX | TLB_KNX))) ||
           broken(where, "0x%llx: a walk cache grants more than the tables", (ull)x->region);
}

bool
check_walk_cache_true(const struct census *c, char *where)
{
    const struct hw *hw = &c->m->hw;

    for (unsigned cpu = 0; cpu < hw->geo.cpus; cpu++)
        for (unsigned i = 0; i < hw->walk_entries; i++) {
            const struct walk_entry *x = &hw->walk[(size_t)cpu * hw->walk_entries + i];

            if (x->valid && !walk_entry_is_true(c, cpu, x, where))
                return false;
        }
    return true;
}

/* Not AArch64's: there a register can forbid walks (TCR.EPD), and a miss is a fault at once. */
bool
check_tlb_counts(const struct census *c, char *where)
{
    for (unsigned cpu = 0; cpu < c->m->preset.geo.cpus; cpu++) {
        const struct cpu *x = &c->m->hw.s->cpu[cpu];

        /* A write through an entry with D=0 walks after a hit, so walks may be more. */
        if (x->walks < x->misses && c->m->preset.geo.format.family != FAMILY_ARM)
            return broken(where, "cpu %u: %llu misses, %llu walks", cpu, (ull)x->misses,
                          (ull)x->walks);
    }
    return true;
}

/* --- data caches --------------------------------------------------------------------------------
 */

/* Of one level's caches, one after the other. */
struct line_place {
    enum cache_id id;
    size_t at; /* the next line to look at */
    unsigned cpu, set;
    const struct cache_line *first; /* of the set */
};

/* The next valid line of the machine. */
static const struct cache_line *
next_line(const struct machine *m, struct line_place *p)
{
    for (; p->id < CACHES; p->id++, p->at = 0) {
        const struct cache *c = &m->hw.cache[p->id];
        size_t n = cache_lines(c);

        while (p->at < n && !c->line[p->at].valid)
            p->at++;
        if (p->at >= n)
            continue;
        p->set = (unsigned)(p->at / c->geo.ways % c->geo.sets);
        p->cpu = (unsigned)(p->at / c->geo.ways / c->geo.sets);
        p->first = c->line + p->at / c->geo.ways * c->geo.ways;
        return &c->line[p->at++];
    }
    return NULL;
}

static bool
line_is_true(const struct machine *m, const struct line_place *p, const struct cache_line *l)
{
    const struct cache *c = &m->hw.cache[p->id];
    unsigned char bytes[256];
    size_t n = (size_t)1 << c->geo.line_shift;

    if (l->dirty)
        return c->geo.traits & CACHE_BACK;
    if (cache_index(&m->hw.cache[CACHE_L1]) != INDEX_PHYSICAL)
        return true; /* two lines may hold one byte: that is what this machine is there to show */
    hierarchy_lies_below(&m->hw, p->cpu, p->id, l->pa, bytes, n);
    return memcmp(bytes, cache_bytes(c, l), n) == 0;
}

static bool
line_in_place(const struct machine *m, const struct line_place *p, const struct cache_line *l)
{
    const struct cache *c = &m->hw.cache[p->id];
    bool physical = cache_index(c) == INDEX_PHYSICAL;

    if (cache_set(&c->geo, physical ? l->pa : l->va) != p->set || cache_offset(&c->geo, l->pa))
        return false;
    for (const struct cache_line *x = p->first; x < p->first + c->geo.ways; x++)
        if (x != l && x->valid && (cache_tag_of(c, x) == cache_tag_of(c, l) || x->used == l->used))
            return false;
    return true;
}

/* Who has a line that is newer than memory is the only one who has it, among the CPUs. */
static bool
line_is_alone(const struct machine *m, const struct line_place *p, const struct cache_line *l)
{
    if (!l->dirty || m->hw.geo.cache[p->id].traits & CACHE_SHARED)
        return true;
    for (enum cache_id id = CACHE_L1; id <= CACHE_L2; id++)
        for (unsigned cpu = 0; cpu < m->hw.cache[id].cpus; cpu++)
            if (cpu != p->cpu && !(m->hw.geo.cache[id].traits & CACHE_SHARED) &&
                cache_lookup(&m->hw.cache[id], cpu, l->pa))
                return false;
    return true;
}

bool
check_line_true(const struct census *c, char *where)
{
    struct line_place p = {0};
    const struct cache_line *l;

    while ((l = next_line(c->m, &p)))
        if (!line_is_true(c->m, &p, l))
            return broken(where, "the line of 0x%llx in set %u of %s is not what lies below it",
                          (ull)l->pa, p.set, narrate_cache(p.id));
    return true;
}

bool
check_line_place(const struct census *c, char *where)
{
    struct line_place p = {0};
    const struct cache_line *l;

    while ((l = next_line(c->m, &p)))
        if (!line_in_place(c->m, &p, l))
            return broken(where, "the line of 0x%llx in set %u of %s lies wrong, or twice",
                          (ull)l->pa, p.set, narrate_cache(p.id));
    return true;
}

bool
check_line_alone(const struct census *c, char *where)
{
    struct line_place p = {0};
    const struct cache_line *l;

    while ((l = next_line(c->m, &p)))
        if (!line_is_alone(c->m, &p, l))
            return broken(where, "another CPU still has the line of 0x%llx, dirty in %s of cpu %u",
                          (ull)l->pa, narrate_cache(p.id), p.cpu);
    return true;
}

/* --- areas --------------------------------------------------------------------------------------
 */

static bool
could_merge(const struct os *os, const struct area *a, const struct area *b)
{
    uint64_t pages = (a->end - a->start) >> os->hw->geo.format.page_shift;

    return a->end == b->start && a->prot == b->prot && a->kind == b->kind &&
           a->shared == b->shared && a->object == b->object && a->waste == 0 &&
           (!a->object || a->offset + pages == b->offset);
}

static bool
areas_of(const struct census *c, uint32_t mm, char *where)
{
    const struct os *os = &c->m->os;
    uint64_t page = format_page(format_of(c));
    const struct area *before = NULL;
    uint32_t n = 0;

    for (uint32_t i = os->s->mm[mm].area; i; i = os->area[i].next, n++) {
        const struct area *a = &os->area[i];
        if (n > os->s->mm[mm].areas)
            break;
        if (!a->used || a->start >= a->end || a->start % page || a->end % page ||
            a->end > os->layout.user_end)
            return broken(where, "process %u: 0x%llx to 0x%llx is no area", mm, (ull)a->start,
                          (ull)a->end);
        if (before && before->end > a->start)
            return broken(where, "process %u: areas overlap at 0x%llx", mm, (ull)a->start);
        if (before && could_merge(os, before, a))
            return broken(where, "process %u: areas at 0x%llx could be one", mm, (ull)a->start);
        before = a;
    }
    return n == os->s->mm[mm].areas ||
           broken(where, "process %u: %u areas, counted %u", mm, n, os->s->mm[mm].areas);
}

bool
check_area_order(const struct census *c, char *where)
{
    for (uint32_t mm = 1; mm < TASK_MAX; mm++)
        if (c->m->os.s->mm[mm].users && !areas_of(c, mm, where))
            return false;
    return true;
}

/* The bit that forbids fetching, where this CPU has it (EFER.NXE): elsewhere it is reserved. */
static pte_t
no_execute(const struct census *c, const struct leaf *l)
{
    return format_of(c)->flag.no_execute & ~walker_reserved(&c->m->hw, 0, l->level, true);
}

bool
check_area_leaves(const struct census *c, char *where)
{
    const struct format *f = format_of(c);

    for (size_t i = 0; i < c->leaves; i++) {
        const struct leaf *l = &c->leaf[i];
        uint32_t area = area_find(&c->m->os, l->mm, l->va);
        if (l->va >= c->m->preset.layout.user_end) /* T7 says that */
            continue;
        if (!area)
            return broken(where, "process %u: 0x%llx is mapped and in no area", l->mm, (ull)l->va);
        if (format_has(f, l->entry, f->flag.writable) && !(c->m->os.area[area].prot & RIGHT_W))
            return broken(where, "process %u: 0x%llx is writable, its area is not", l->mm,
                          (ull)l->va);
        if (no_execute(c, l) && !format_has(f, l->entry, no_execute(c, l)) &&
            !(c->m->os.area[area].prot & RIGHT_X))
            return broken(where, "process %u: 0x%llx is executable, its area is not", l->mm,
                          (ull)l->va);
    }
    return true;
}

/* --- sharing and accounting ---------------------------------------------------------------------
 */

bool
check_cow_shared(const struct census *c, char *where)
{
    for (size_t i = 0; i < c->leaves; i++) {
        const struct leaf *l = &c->leaf[i];
        uint32_t area = area_find(&c->m->os, l->mm, l->va);
        bool shared = area && c->m->os.area[area].shared;
        if (l->pfn < c->m->preset.geo.frames && !shared &&
            format_has(format_of(c), l->entry, format_of(c)->flag.writable) &&
            c->m->os.frame[l->pfn].refs > 1)
            return broken(where, "process %u may write 0x%llx, whose frame f%llx has %u owners",
                          l->mm, (ull)l->va, (ull)l->pfn, c->m->os.frame[l->pfn].refs);
    }
    return true;
}

bool
check_rss_counts(const struct census *c, char *where)
{
    for (uint32_t i = 1; i < TASK_MAX; i++) {
        const struct mm *mm = &c->m->os.s->mm[i];
        if (mm->users && (mm->rss_anon != c->anon[i] || mm->rss_file != c->file[i]))
            return broken(where, "process %u: rss %llu + %llu, found %llu + %llu", i,
                          (ull)mm->rss_anon, (ull)mm->rss_file, (ull)c->anon[i], (ull)c->file[i]);
        if (mm->users && mm->zeros != c->zeros[i])
            return broken(where, "process %u: the zero page %llu times, found %llu", i,
                          (ull)mm->zeros, (ull)c->zeros[i]);
    }
    return true;
}

bool
check_cache_index(const struct census *c, char *where)
{
    uint32_t pages[OBJECT_MAX] = {0};

    for (uint64_t i = 0; i < c->m->preset.geo.frames; i++) {
        const struct frame *f = &c->m->os.frame[i];
        if (f->use != USE_FILE || !f->object)
            continue;
        if (f->object >= OBJECT_MAX || cache_find(&c->m->os, f->object, f->offset) != i)
            return broken(where, "page %llu of object %u in f%llx is not found there",
                          (ull)f->offset, f->object, (ull)i);
        pages[f->object]++;
    }
    for (uint32_t i = 1; i < OBJECT_MAX; i++)
        if (pages[i] != c->m->os.s->object[i].pages)
            return broken(where, "object %u: %u pages in memory, counted %u", i, pages[i],
                          c->m->os.s->object[i].pages);
    return true;
}

bool
check_object_refs(const struct census *c, char *where)
{
    uint32_t refs[OBJECT_MAX] = {0};
    const struct os *os = &c->m->os;

    for (uint32_t mm = 1; mm < TASK_MAX; mm++)
        for (uint32_t i = os->s->mm[mm].users ? os->s->mm[mm].area : 0, n = 0;
             i && n <= os->area_max; i = os->area[i].next, n++)
            if (os->area[i].object < OBJECT_MAX)
                refs[os->area[i].object]++;
    for (uint32_t i = 1; i < OBJECT_MAX; i++)
        if (refs[i] != os->s->object[i].refs)
            return broken(where, "object %u: %u areas, counted %u", i, refs[i],
                          os->s->object[i].refs);
    return true;
}

bool
check_cpu_runs(const struct census *c, char *where)
{
    for (unsigned i = 0; i < c->m->preset.geo.cpus; i++) {
        const struct cpu *cpu = &c->m->hw.s->cpu[i];
        const struct task *t = &c->m->os.s->task[cpu->task % TASK_MAX];
        paddr_t root = t->mm ? c->m->os.s->mm[t->mm].root : c->m->os.s->kernel_root;

        if (t->mm && isolation_is_on(&c->m->os))
            root = c->m->os.isolation->user_root[t->mm];
        if (cpu->task && walker_root(&c->m->hw, cpu->cr3) != root)
            return broken(where, "cpu %u runs process %u with another's tables", i, cpu->task);
    }
    return true;
}

/* Given out and marked so; and told to the CPU. */
bool
check_asids_apart(const struct census *c, char *where)
{
    const struct os *os = &c->m->os;

    if (!asid_exists(os))
        return true;
    for (uint32_t mm = 1; mm < TASK_MAX; mm++) {
        asid_t number = asid_of(os, mm);

        if (number &&
            (asid_owner(os, number) != mm || !(os->asids->used[number / 64] >> number % 64 & 1)))
            return broken(where, "address space %u has ASID %u, and so has another, or nobody", mm,
                          number);
    }
    for (unsigned i = 0; i < c->m->preset.geo.cpus; i++) {
        const struct cpu *cpu = &c->m->hw.s->cpu[i];
        uint32_t mm = tag_runs(os, i);

        if (mm && hw_has_pcids(&c->m->hw, i) && cpu->asid != asid_of(os, mm))
            return broken(where, "cpu %u runs address space %u under ASID %u", i, mm, cpu->asid);
    }
    return true;
}
