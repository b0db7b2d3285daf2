/* The replacement policies: whom to evict.
 *
 * Each is one small function over the ring of pages that can leave (policies.def says exactly what
 * each does). All look at every candidate: an eviction costs a disk access anyway. The clock is the
 * one that real kernels could afford, because all it needs is the bit that the MMU sets by itself.
 *
 * Silberschatz, Operating System Concepts, 10.4; Tanenbaum, Modern Operating Systems, 3.4; OSTEP 22.
 */
#include "os/evict.h"
#include "os/os.h"
#include "os/tag.h"

/* A search for a victim. */
struct search {
    const struct os *os;
    struct os *changes; /* the same; NULL when one only looks */
    unsigned cpu;
    uint32_t mm; /* whose pages; 0: everybody's */
    bool room;   /* on the swap device */
    struct event *why;
};

/* --- what the entries of a page say --- */

/* All flags of all entries that map the page, or'ed. */
static pte_t
entries_of(const struct os *os, pfn_t pfn)
{
    pte_t all = 0;

    for (uint32_t n = os->frame[pfn].rmap; n; n = os->rmap[n].next) {
        paddr_t place = huge_or_page(os, os->rmap[n].mm, os->rmap[n].va);
        pte_t entry = place ? table_get(os, place) : 0;

        if (huge_or_page_known(os, os->rmap[n].mm, os->rmap[n].va, entry))
            all |= format_plain(&os->hw->geo.format, entry);
    }
    return all;
}

bool
choose_referenced(const struct os *os, pfn_t pfn)
{
    return entries_of(os, pfn) & os->hw->geo.format.flag.accessed;
}

bool
evict_is_dirty(const struct os *os, pfn_t pfn)
{
    return os->frame[pfn].dirty || (entries_of(os, pfn) & table_tells_dirty(&os->hw->geo.format));
}

/* Somebody besides its entries and the page cache holds it: it is on its way somewhere. */
static bool
is_pinned(const struct frame *f)
{
    return f->locked || f->refs != f->maps + (f->use == USE_FILE && f->object);
}

bool
evict_can(const struct os *os, pfn_t pfn, bool room)
{
    const struct frame *f = &os->frame[pfn];

    if (is_pinned(f) || (os->s->free_frames == 0 && huge_holds(os, pfn)))
        return false;
    if (f->use == USE_FILE)
        return f->object && os->s->object[f->object].kind == OBJECT_FILE &&
               !evict_is_dirty(os, pfn);
    return f->maps && (f->slot || room);
}

/* The next candidate after pfn (0: the first), 0 at the end of the ring. */
static pfn_t
candidate(const struct search *s, pfn_t pfn)
{
    do
        pfn = resident_next(s->os, s->mm, pfn);
    while (pfn && !evict_can(s->os, pfn, s->room));
    return pfn;
}

/* --- policies that compare: the first on the ring among equals --- */

typedef bool goes_before(const struct os *os, pfn_t a, pfn_t b);

/* Whether a page can leave takes a look at its entries, so it is asked only of those that would be
 * chosen. */
static pfn_t
choose_first(const struct search *s, goes_before *before)
{
    pfn_t best = candidate(s, 0);

    for (pfn_t pfn = best; pfn; pfn = resident_next(s->os, s->mm, pfn))
        if (before(s->os, pfn, best) && evict_can(s->os, pfn, s->room))
            best = pfn;
    return best;
}

static bool
loaded_before(const struct os *os, pfn_t a, pfn_t b)
{
    return os->resident[a].loaded < os->resident[b].loaded;
}

static bool
used_before(const struct os *os, pfn_t a, pfn_t b)
{
    return os->resident[a].used < os->resident[b].used;
}

static bool
used_less(const struct os *os, pfn_t a, pfn_t b)
{
    uint32_t x = os->resident[a].uses, y = os->resident[b].uses;

    return x < y || (x == y && used_before(os, a, b));
}

/* Where mm has the page, else where anybody has it. */
static const struct rmap *
mapping_of(const struct os *os, uint32_t mm, pfn_t pfn)
{
    uint32_t first = os->frame[pfn].rmap, n = first;

    while (n && os->rmap[n].mm != mm)
        n = os->rmap[n].next;
    return &os->rmap[n ? n : first]; /* node 0 is all zeros */
}

uint64_t
choose_next_use(const struct os *os, pfn_t pfn)
{
    const struct rmap *at = mapping_of(os, os->s->string.mm, pfn);

    return refstring_next_use(os, at->mm, at->va);
}

/* "Never" is farther than any place in the string. */
static bool
needed_after(const struct os *os, pfn_t a, pfn_t b)
{
    uint64_t x = choose_next_use(os, a) - 1, y = choose_next_use(os, b) - 1;

    return x > y || (x == y && mapping_of(os, os->s->string.mm, a)->va <
                                   mapping_of(os, os->s->string.mm, b)->va);
}

static pfn_t
choose_fifo(struct search *s)
{
    return choose_first(s, hw_quirk(s->os->hw, QUIRK_FIFO_RENEWED) ? used_before : loaded_before);
}

static pfn_t
choose_lru(struct search *s)
{
    return choose_first(s, hw_quirk(s->os->hw, QUIRK_LRU_LOADED) ? loaded_before : used_before);
}

static pfn_t
choose_opt(struct search *s)
{
    return choose_first(s, needed_after);
}

static pfn_t
choose_lfu(struct search *s)
{
    return choose_first(s, used_less);
}

/* --- random --- */

/* One draw an eviction: an index into the ring of candidates, 0 the first. */
static pfn_t
choose_random(struct search *s)
{
    uint64_t n = 0, drawn;
    pfn_t pfn;

    for (pfn = candidate(s, 0); pfn; pfn = candidate(s, pfn))
        n++;
    if (n == 0)
        return 0;
    drawn = rng_below(&s->changes->s->rng, n);
    s->why->index = (uint32_t)drawn;
    for (pfn = candidate(s, 0); drawn--; pfn = candidate(s, pfn))
        ;
    return pfn;
}

/* --- the clock --- */

/* The kernel writes the entries with A = 0 and has the TLBs forget them, so that the next access
 * walks and sets A again. Linux on x86 leaves the TLB alone here and accepts that some uses go
 * unseen (arch/x86/mm/pgtable.c, ptep_clear_flush_young). */
void
choose_clear(struct os *os, unsigned cpu, pfn_t pfn)
{
    const struct format *f = &os->hw->geo.format;

    for (uint32_t n = os->frame[pfn].rmap; n; n = os->rmap[n].next) {
        const struct rmap *at = &os->rmap[n];
        paddr_t place = huge_or_page(os, at->mm, at->va);
        pte_t entry = place ? table_get(os, place) : 0;

        if (!format_has(f, entry, f->flag.accessed) ||
            !huge_or_page_known(os, at->mm, at->va, entry))
            continue;
        huge_or_page_write(os, cpu, at->mm, at->va, format_without(f, entry, f->flag.accessed));
        if (!hw_quirk(os->hw, QUIRK_CLEARED_IN_TLB))
            tag_invalidate_now(os, cpu, at->mm, at->va);
    }
}

static void
second_chance(const struct search *s, pfn_t pfn)
{
    const struct rmap *at = mapping_of(s->os, s->mm, pfn);

    choose_clear(s->changes, s->cpu, pfn);
    resident_set_hand(s->changes, s->mm, resident_round(s->os, s->mm, pfn));
    EMIT(s->os->hw, s->cpu, HAND_PASSED, .va = at->va, .frame = pfn, .other = at->mm);
}

/* At most twice round: the second time every bit is 0. */
static pfn_t
choose_clock(struct search *s)
{
    pfn_t pfn = resident_hand(s->os, s->mm), first = candidate(s, 0);

    for (uint64_t left = first ? 2 * (uint64_t)s->os->s->ring_pages + 1 : 0; left; left--) {
        if (evict_can(s->os, pfn, s->room)) {
            if (!choose_referenced(s->os, pfn))
                break;
            second_chance(s, pfn);
        }
        pfn = resident_round(s->os, s->mm, pfn);
    }
    if (first && !evict_can(s->os, pfn, s->room)) /* bits that will not go: a poked table */
        pfn = first;
    if (first)
        resident_set_hand(s->changes, s->mm, resident_round(s->os, s->mm, pfn));
    return first ? pfn : 0;
}

/* --- the table --- */

typedef pfn_t choose_fn(struct search *s);

static choose_fn *const choose_row[POLICIES] = {
    [POLICY_FIFO] = choose_fifo, [POLICY_LRU] = choose_lru, [POLICY_CLOCK] = choose_clock,
    [POLICY_OPT] = choose_opt,   [POLICY_LFU] = choose_lfu, [POLICY_RANDOM] = choose_random,
};

static void
tell_why(const struct search *s, pfn_t pfn)
{
    const struct os *os = s->os;
    const struct rmap *at = mapping_of(os, s->mm, pfn);

    s->why->va = at->va;
    s->why->other = at->mm;
    s->why->frame = pfn;
    s->why->policy = (uint32_t)hw_tunable(os->hw, TUNE_POLICY);
    s->why->loaded = os->resident[pfn].loaded;
    s->why->used = os->resident[pfn].used;
    s->why->count = os->resident[pfn].uses;
    s->why->next = choose_next_use(os, pfn);
}

pfn_t
choose_victim(struct os *os, unsigned cpu, uint32_t mm, bool room, struct event *why)
{
    struct search s = {.os = os, .changes = os, .cpu = cpu, .mm = mm, .room = room, .why = why};
    pfn_t pfn = choose_row[hw_tunable(os->hw, TUNE_POLICY)](&s);

    if (pfn)
        tell_why(&s, pfn);
    return pfn;
}

/* --- looking ahead --- */

/* As choose_clock would find it: the first whose bit is 0, else (all get their chance) the first. */
static pfn_t
peek_clock(const struct os *os, uint32_t mm, bool room)
{
    pfn_t pfn = resident_hand(os, mm), first = 0;

    for (uint64_t left = os->s->ring_pages; pfn && left; left--) {
        if (evict_can(os, pfn, room) && !choose_referenced(os, pfn))
            return pfn;
        if (!first && evict_can(os, pfn, room))
            first = pfn;
        pfn = resident_round(os, mm, pfn);
    }
    return first;
}

pfn_t
choose_peek(const struct os *os, uint32_t mm)
{
    struct search s = {.os = os, .mm = mm, .room = swap_has_room(os)};
    enum policy policy = (enum policy)hw_tunable(os->hw, TUNE_POLICY);

    if (policy == POLICY_RANDOM)
        return 0;
    if (policy == POLICY_CLOCK)
        return peek_clock(os, mm, s.room);
    return choose_row[policy](&s);
}

/* --- beliefs about the clock --- */

static void
forget_reference(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va)
{
    pfn_t pfn = rmap_frame(os, mm, va & ~(format_page(&os->hw->geo.format) - 1));

    if (pfn && os->resident[pfn].on_ring)
        choose_clear(os, cpu, pfn);
}

void
choose_after_use(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, bool loaded)
{
    pfn_t hand = resident_hand(os, mm);

    if (loaded && hw_quirk(os->hw, QUIRK_LOAD_R0))
        forget_reference(os, cpu, mm, va);
    if (!loaded && hand && hw_quirk(os->hw, QUIRK_HAND_ON_HIT))
        resident_set_hand(os, mm, resident_round(os, mm, hand));
}
