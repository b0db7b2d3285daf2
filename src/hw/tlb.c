/* tlb.c - remembered translations.
 *
 * A walk costs one memory access per level; the TLB keeps its result, page by page. It is found
 * by the page number alone:
 *
 *    virtual page number        offset
 *  |     tag      |   set   |            |     the `ways` entries of the set are compared at once
 *
 * The page number depends on the page's size, which is not known before the entry is found: so
 * every size the format has is tried (silicon has one array per size, or hashes twice). Nothing
 * tells the TLB when a table in memory changes: what it remembers can be out of date, and
 * software has to say so (SDM vol. 3A, 4.10.2 to 4.10.4).
 */
#include "hw/tlb.h"

#include "hw/tlb_parts.h"
#include "hw/tlb_policy.h"
#include "hw/walk_cache.h"

asid_t
tlb_asid(const struct hw *hw, unsigned cpu)
{
    const struct cpu *c = &hw->s->cpu[cpu];

    return hw->geo.format.family != FAMILY_X86 || (c->cr4 & CR4_PCIDE) ? c->asid : 0;
}

/* CR4.PSE does not matter: entries made before it changed are still there. Where bits of their own say
 * that an entry maps a page, they may say so at every level. */
bool
tlb_holds(const struct format *f, unsigned level)
{
    uint8_t rule = f->level[level].large;

    return level + 1 == f->levels || f->leaf || rule == LARGE_ALWAYS || rule == LARGE_IF_PSE;
}

static vaddr_t
page_of(vaddr_t va, unsigned shift)
{
    return va & ~low_bits(shift);
}

unsigned
tlb_set(const struct hw *hw, vaddr_t va, unsigned shift)
{
    if (hw->s->quirks && hw_quirk(hw, QUIRK_TLB_ANY_SET))
        shift = 0;
    return (unsigned)(va >> shift) & (hw->geo.tlb_sets - 1U);
}

/* Where the page of va may stand: the ways of its set. A quirk takes the same entries for another
 * shape: all of them one set, or each a set of its own. */
struct tlb_entry *
tlb_places(const struct hw *hw, unsigned cpu, vaddr_t va, unsigned shift, unsigned *ways)
{
    unsigned all = (unsigned)hw->geo.tlb_sets * hw->geo.tlb_ways;

    if (hw->s->quirks && hw_quirk(hw, QUIRK_TLB_ONE_SET)) {
        *ways = all;
        return tlb_at(hw, cpu, 0, 0);
    }
    if (hw->s->quirks && hw_quirk(hw, QUIRK_TLB_ONE_WAY)) {
        *ways = 1;
        return tlb_at(hw, cpu, 0, 0) + (va >> shift) % all;
    }
    *ways = hw->geo.tlb_ways;
    return tlb_at(hw, cpu, tlb_set(hw, va, shift), 0);
}

/* The same, quickly where nobody has a belief. */
static inline struct tlb_entry *
places(const struct hw *hw, unsigned cpu, vaddr_t va, unsigned shift, unsigned *ways)
{
    if (hw->s->quirks)
        return tlb_places(hw, cpu, va, shift, ways);
    *ways = hw->geo.tlb_ways;
    return tlb_at(hw, cpu, (unsigned)(va >> shift) & (hw->geo.tlb_sets - 1U), 0);
}

static struct tlb_entry *
find_invalid(const struct hw *hw, unsigned cpu, vaddr_t va)
{
    unsigned shift = hw->geo.format.page_shift;
    struct tlb_entry *e = tlb_at(hw, cpu, tlb_set(hw, va, shift), 0);

    for (struct tlb_entry *end = e + hw->geo.tlb_ways; e < end; e++)
        if (!(e->flags & TLB_VALID) && e->shift == shift && e->page == page_of(va, shift))
            return e;
    return NULL;
}

bool
tlb_invalid(const struct hw *hw, unsigned cpu, vaddr_t va)
{
    return find_invalid(hw, cpu, va) != NULL;
}

static unsigned
set_of(const struct hw *hw, unsigned cpu, const struct tlb_entry *e)
{
    return (unsigned)(e - tlb_at(hw, cpu, 0, 0)) / hw->geo.tlb_ways;
}

static unsigned
way_of(const struct hw *hw, unsigned cpu, const struct tlb_entry *e)
{
    return (unsigned)(e - tlb_at(hw, cpu, 0, 0)) % hw->geo.tlb_ways;
}

/* --- finding --- */

static inline struct tlb_entry *
find_size(const struct hw *hw, unsigned cpu, vaddr_t va, unsigned shift, asid_t tag)
{
    vaddr_t page = page_of(va, shift);
    unsigned ways;
    struct tlb_entry *e = places(hw, cpu, va, shift, &ways);

    for (struct tlb_entry *end = e + ways; e < end; e++)
        if (tlb_matches(e, page, shift, tag))
            return e;
    return NULL;
}

/* The smallest size first: it is the most frequent by far. */
struct tlb_entry *
tlb_find(const struct hw *hw, unsigned cpu, vaddr_t va)
{
    const struct format *f = &hw->geo.format;
    const asid_t tag = tlb_asid(hw, cpu);
    struct tlb_entry *e = find_size(hw, cpu, va, f->page_shift, tag);

    for (unsigned level = f->levels - 1U; !e && level-- > 0;)
        if (tlb_holds(f, level))
            e = find_size(hw, cpu, va, f->level[level].shift, tag);
    return e || !tlb_parts_exist(hw) ? e : tlb_parts_find(hw, cpu, va);
}

/* The belief that memory tells the TLB (QUIRK_TLB_AUTO): the entry becomes what the tables say
 * now, or goes. */
static struct tlb_entry *
follow_memory(struct hw *hw, unsigned cpu, vaddr_t va, struct tlb_entry *e)
{
    struct translation t;

    if (!walker_peek_cpu(hw, cpu, va, &t) || t.shift != e->shift) {
        *e = (struct tlb_entry){0};
        return NULL;
    }
    e->pfn = t.pfn;
    e->flags = TLB_VALID | t.flags;
    return e;
}

static struct tlb_entry *
find_quirky(struct hw *hw, unsigned cpu, vaddr_t va)
{
    struct tlb_entry *e = hw_quirk(hw, QUIRK_TLB_OFF) ? NULL : tlb_find(hw, cpu, va);

    if (!e && hw_quirk(hw, QUIRK_TLB_NO_VALID) && (e = find_invalid(hw, cpu, va)))
        e->flags |= TLB_VALID | TLB_W | TLB_U | TLB_D;
    return e && hw_quirk(hw, QUIRK_TLB_AUTO) ? follow_memory(hw, cpu, va, e) : e;
}

struct tlb_entry *
tlb_lookup(struct hw *hw, unsigned cpu, vaddr_t va)
{
    struct tlb_entry *e = hw->s->quirks ? find_quirky(hw, cpu, va) : tlb_find(hw, cpu, va);
    uint32_t cycles = hw_spend(hw, hw_tunable(hw, TUNE_TLB_CYCLES));

    if (!e) {
        hw->s->cpu[cpu].misses++;
        EMIT(hw, cpu, TLB_MISS, .va = va, .set = tlb_set(hw, va, hw->geo.format.page_shift),
             .cycles = cycles);
        return NULL;
    }
    hw->s->cpu[cpu].hits++;
    e->used = ++hw->s->tlb_clock;
    EMIT(hw, cpu, TLB_HIT, .va = va, .frame = e->pfn, .set = set_of(hw, cpu, e),
         .way = way_of(hw, cpu, e), .cycles = cycles);
    return e;
}

/* --- filling --- */

void
tlb_drop_overlaps(struct hw *hw, unsigned cpu, vaddr_t va, unsigned shift)
{
    struct tlb_entry *e = tlb_at(hw, cpu, 0, 0),
                     *end = e + (size_t)hw->geo.tlb_sets * hw->geo.tlb_ways;
    asid_t tag = tlb_asid(hw, cpu);

    for (; e < end; e++) {
        unsigned wider = e->shift > shift ? e->shift : shift;

        if (e->shift != shift && tlb_matches(e, e->page, e->shift, tag) &&
            page_of(e->page, wider) == page_of(va, wider))
            *e = (struct tlb_entry){0};
    }
}

/* An invalid way, else the one the policy names. */
static struct tlb_entry *
victim(struct hw *hw, struct tlb_entry *set, unsigned ways)
{
    for (struct tlb_entry *e = set; e < set + ways; e++)
        if (!(e->flags & TLB_VALID))
            return e;
    return set + tlb_policy_victim(hw, set, ways);
}

/* Where a new translation goes: into the victim's place, who is then gone. */
static struct tlb_entry *
free_place(struct hw *hw, unsigned cpu, vaddr_t va, unsigned shift, struct tlb_entry *gone)
{
    unsigned ways;
    struct tlb_entry *set = places(hw, cpu, va, shift, &ways), *e = victim(hw, set, ways);

    *gone = *e;
    if (e->flags & TLB_VALID) {
        *e = (struct tlb_entry){0};
        EMIT(hw, cpu, TLB_EVICT, .va = gone->page, .frame = gone->pfn, .set = set_of(hw, cpu, e),
             .way = way_of(hw, cpu, e), .policy = tlb_policy_now(hw));
    }
    return e;
}

static inline void
keep_in(struct hw *hw, unsigned cpu, struct tlb_entry *e, vaddr_t va, const struct translation *t)
{
    hw->s->tlb_clock++;
    *e = (struct tlb_entry){
        .page = page_of(va, t->shift),
        .pfn = t->pfn,
        .used = hw->s->tlb_clock,
        .filled = hw->s->tlb_clock,
        .asid = tlb_asid(hw, cpu),
        .shift = t->shift,
        .flags = TLB_VALID | t->flags,
        .pat = t->pat,
    };
    EMIT(hw, cpu, TLB_FILL, .va = va, .frame = e->pfn, .set = set_of(hw, cpu, e),
         .way = way_of(hw, cpu, e), .size = (uint32_t)(UINT64_C(1) << t->shift));
}

void
tlb_fill(struct hw *hw, unsigned cpu, vaddr_t va, const struct translation *t)
{
    struct tlb_entry *e, gone;

    if (hw->s->quirks && hw_quirk(hw, QUIRK_TLB_OFF))
        return;
    if (t->shift != hw->geo.format.page_shift)
        tlb_drop_overlaps(hw, cpu, va, t->shift);
    e = find_size(hw, cpu, va, t->shift, tlb_asid(hw, cpu));
    keep_in(hw, cpu, e ? e : free_place(hw, cpu, va, t->shift, &gone), va, t);
}

struct tlb_entry *
tlb_add(struct hw *hw, unsigned cpu, vaddr_t va, const struct translation *t,
        struct tlb_entry *gone)
{
    struct tlb_entry *e;

    if (hw->s->quirks && hw_quirk(hw, QUIRK_TLB_OFF))
        return NULL;
    if (t->shift != hw->geo.format.page_shift)
        tlb_drop_overlaps(hw, cpu, va, t->shift);
    e = free_place(hw, cpu, va, t->shift, gone);
    keep_in(hw, cpu, e, va, t);
    return e;
}

void
tlb_put(struct hw *hw, unsigned cpu, unsigned way, vaddr_t page, pfn_t pfn, uint8_t flags)
{
    uint8_t shift = hw->geo.format.page_shift;
    struct tlb_entry *e = tlb_at(hw, cpu, tlb_set(hw, page, shift), way);

    hw->s->tlb_clock++;
    *e = (struct tlb_entry){.page = page,
                            .pfn = pfn,
                            .used = hw->s->tlb_clock,
                            .filled = hw->s->tlb_clock,
                            .asid = tlb_asid(hw, cpu),
                            .shift = shift,
                            .flags = flags};
}

/* --- forgetting --- */

/* Entries that a rule picks go, each with an event of its own if `tell`. */
struct rule {
    vaddr_t va;
    asid_t asid;
    bool any_va, any_asid; /* va, asid do not matter */
    bool globals;          /* global entries go too, whatever their tag */
};

static bool
picked(const struct tlb_entry *e, const struct rule *r)
{
    if (!(e->flags & TLB_VALID) || (!r->any_va && e->page != page_of(r->va, e->shift)))
        return false;
    return e->flags & TLB_G ? r->globals : r->any_asid || e->asid == r->asid;
}

/* The same in the other TLBs. */
static unsigned
forget_more(struct hw *hw, unsigned cpu, const struct rule *r, bool tell)
{
    struct tlb_entry *e = hw->tlb_more + (size_t)cpu * hw->tlb_more_entries;
    unsigned gone = 0;

    for (unsigned part = 0; part < TLB_PARTS; part++) {
        const struct tlb_part_geometry *g = &hw->geo.tlb_part[part];
        unsigned entries = (unsigned)g->sets * g->ways;

        for (unsigned i = 0; i < entries; i++, e++) {
            struct tlb_entry old = *e;

            if (!picked(e, r))
                continue;
            *e = (struct tlb_entry){0};
            gone++;
            if (tell)
                EMIT(hw, cpu, TLB_PART_DROP, .va = old.page, .frame = old.pfn, .set = i / g->ways,
                     .way = i % g->ways, .use = (uint8_t)part);
        }
    }
    return gone;
}

/* All of them are looked at, not only va's sets: forgetting is rare, and a quirk may have filled
 * another set. */
static unsigned
forget(struct hw *hw, unsigned cpu, const struct rule *r, bool tell)
{
    struct tlb_entry *e = tlb_at(hw, cpu, 0, 0),
                     *end = e + (size_t)hw->geo.tlb_sets * hw->geo.tlb_ways;
    unsigned gone = 0;

    for (; e < end; e++) {
        struct tlb_entry old = *e;

        if (!picked(e, r))
            continue;
        *e = (struct tlb_entry){0};
        gone++;
        if (tell)
            EMIT(hw, cpu, TLB_DROP, .va = old.page, .frame = old.pfn, .set = set_of(hw, cpu, e),
                 .way = way_of(hw, cpu, e));
    }
    return gone + (tlb_parts_exist(hw) ? forget_more(hw, cpu, r, tell) : 0);
}

unsigned
tlb_drop_asid(struct hw *hw, unsigned cpu, vaddr_t va, asid_t asid, bool globals)
{
    if (walk_cache_exists(hw))
        walk_cache_drop(hw, cpu, va, asid);
    return forget(hw, cpu, &(struct rule){.va = va, .asid = asid, .globals = globals}, true);
}

unsigned
tlb_drop(struct hw *hw, unsigned cpu, vaddr_t va)
{
    return tlb_drop_asid(hw, cpu, va, tlb_asid(hw, cpu), true);
}

static unsigned
flush(struct hw *hw, unsigned cpu, const struct rule *r)
{
    unsigned gone = forget(hw, cpu, r, false);

    EMIT(hw, cpu, TLB_FLUSH, .count = gone);
    return gone;
}

unsigned
tlb_flush(struct hw *hw, unsigned cpu, bool globals)
{
    if (walk_cache_exists(hw))
        walk_cache_flush(hw, cpu);
    return flush(hw, cpu, &(struct rule){.any_va = true, .any_asid = true, .globals = globals});
}

unsigned
tlb_flush_asid(struct hw *hw, unsigned cpu, asid_t asid)
{
    if (walk_cache_exists(hw))
        walk_cache_flush_asid(hw, cpu, asid);
    return flush(hw, cpu, &(struct rule){.any_va = true, .asid = asid});
}

/* Valid entries among n. */
static unsigned
count_valid(const struct tlb_entry *e, size_t n)
{
    unsigned valid = 0;

    for (size_t i = 0; i < n; i++)
        valid += (e[i].flags & TLB_VALID) != 0;
    return valid;
}

unsigned
tlb_count(const struct hw *hw, unsigned cpu)
{
    return count_valid(tlb_at(hw, cpu, 0, 0), (size_t)hw->geo.tlb_sets * hw->geo.tlb_ways) +
           count_valid(hw->tlb_more + (size_t)cpu * hw->tlb_more_entries, hw->tlb_more_entries);
}

/* What an entry adds to the reach; a page that stands among those before it (on another level) adds
 * nothing. */
static uint64_t
adds(const struct tlb_entry *e, const struct tlb_entry *before, size_t n)
{
    if (!(e->flags & TLB_VALID))
        return 0;
    for (size_t i = 0; i < n; i++)
        if (tlb_matches(&before[i], e->page, e->shift, e->asid))
            return 0;
    return UINT64_C(1) << e->shift;
}

uint64_t
tlb_reach(const struct hw *hw, unsigned cpu)
{
    const struct tlb_entry *e = tlb_at(hw, cpu, 0, 0);
    const struct tlb_entry *more = hw->tlb_more + (size_t)cpu * hw->tlb_more_entries;
    size_t n = (size_t)hw->geo.tlb_sets * hw->geo.tlb_ways;
    uint64_t bytes = 0;

    for (size_t i = 0; i < n; i++)
        bytes += adds(&e[i], NULL, 0);
    for (size_t i = 0; i < hw->tlb_more_entries; i++)
        bytes += adds(&more[i], e, n) ? adds(&more[i], more, i) : 0;
    return bytes;
}

/* With a second level, what is on it; what the first level holds besides is a matter of chance. */
uint64_t
tlb_reach_most(const struct hw *hw, unsigned shift)
{
    const struct tlb_part_geometry *second = &hw->geo.tlb_part[TLB_SECOND];
    const struct tlb_part_geometry *large = &hw->geo.tlb_part[TLB_LARGE];

    if (second->sets && hw_tunable(hw, TUNE_TLB_SECOND))
        return ((uint64_t)second->sets * second->ways) << shift;
    if (large->sets && shift != hw->geo.format.page_shift)
        return ((uint64_t)large->sets * large->ways) << shift;
    return ((uint64_t)hw->geo.tlb_sets * hw->geo.tlb_ways) << shift;
}
