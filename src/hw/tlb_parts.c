/* tlb_parts.c - which TLB is asked, and which is filled: one rule for the kind of access and the size
 * of the page. */
#include "hw/tlb_parts.h"

#include "hw/tlb_policy.h"

const char *const tlb_part_name[TLB_PARTS] = {
    [TLB_FETCH] = "instruction", [TLB_LARGE] = "large-page", [TLB_SECOND] = "second-level"};

/* One of them, the first one too. */
struct array {
    enum tlb_part part; /* TLB_PARTS: the TLB of hw/tlb.h */
    struct tlb_entry *first;
    unsigned sets, ways;
};

static bool
has(const struct hw *hw, enum tlb_part part)
{
    return hw->geo.tlb_part[part].sets != 0;
}

struct tlb_entry *
tlb_part_at(const struct hw *hw, unsigned cpu, enum tlb_part part, unsigned set, unsigned way)
{
    size_t before = 0;

    for (unsigned i = 0; i < part; i++)
        before += (size_t)hw->geo.tlb_part[i].sets * hw->geo.tlb_part[i].ways;
    return hw->tlb_more + (size_t)cpu * hw->tlb_more_entries + before +
           (size_t)set * hw->geo.tlb_part[part].ways + way;
}

static struct array
array_of(const struct hw *hw, unsigned cpu, enum tlb_part part)
{
    if (part == TLB_PARTS)
        return (struct array){part, tlb_at(hw, cpu, 0, 0), hw->geo.tlb_sets, hw->geo.tlb_ways};
    return (struct array){part, tlb_part_at(hw, cpu, part, 0, 0), hw->geo.tlb_part[part].sets,
                          hw->geo.tlb_part[part].ways};
}

/* Where a page of that size, wanted for this, is kept on the first level. */
static enum tlb_part
first_level(const struct hw *hw, enum access_kind kind, unsigned shift)
{
    if (kind == ACCESS_FETCH && has(hw, TLB_FETCH))
        return TLB_FETCH;
    return shift != hw->geo.format.page_shift && has(hw, TLB_LARGE) ? TLB_LARGE : TLB_PARTS;
}

static bool
uses_second(const struct hw *hw)
{
    return has(hw, TLB_SECOND) && hw_tunable(hw, TUNE_TLB_SECOND);
}

/* --- finding --- */

static struct tlb_entry *
places(const struct hw *hw, unsigned cpu, const struct array *a, vaddr_t va, unsigned shift,
       unsigned *ways)
{
    if (a->part == TLB_PARTS)
        return tlb_places(hw, cpu, va, shift, ways);
    *ways = a->ways;
    return a->first + (size_t)((va >> shift) & (a->sets - 1)) * a->ways;
}

static struct tlb_entry *
find_in(const struct hw *hw, unsigned cpu, enum tlb_part part, vaddr_t va, unsigned shift)
{
    struct array a = array_of(hw, cpu, part);
    unsigned ways;
    struct tlb_entry *e = places(hw, cpu, &a, va, shift, &ways);

    for (struct tlb_entry *end = e + ways; e < end; e++)
        if (tlb_matches(e, va & ~low_bits(shift), shift, tlb_asid(hw, cpu)))
            return e;
    return NULL;
}

/* Of any size; `level` is the second or the first one. */
static struct tlb_entry *
find_on(const struct hw *hw, unsigned cpu, enum access_kind kind, vaddr_t va, bool second,
        enum tlb_part *part)
{
    const struct format *f = &hw->geo.format;

    for (unsigned level = f->levels; level-- > 0;) {
        struct tlb_entry *e;

        *part = second ? TLB_SECOND : first_level(hw, kind, f->level[level].shift);
        if (tlb_holds(f, level) && (e = find_in(hw, cpu, *part, va, f->level[level].shift)))
            return e;
    }
    return NULL;
}

struct tlb_entry *
tlb_parts_find(const struct hw *hw, unsigned cpu, vaddr_t va)
{
    enum tlb_part part;
    struct tlb_entry *e = find_on(hw, cpu, ACCESS_READ, va, false, &part);

    if (!e)
        e = find_on(hw, cpu, ACCESS_FETCH, va, false, &part);
    return e || !uses_second(hw) ? e : find_on(hw, cpu, ACCESS_READ, va, true, &part);
}

void
tlb_parts_place(const struct hw *hw, unsigned cpu, const struct tlb_entry *e, unsigned *set,
                unsigned *way)
{
    const struct tlb_entry *more = hw->tlb_more + (size_t)cpu * hw->tlb_more_entries;
    struct array a = array_of(hw, cpu, TLB_PARTS);

    for (unsigned i = 0; e >= more && e < more + hw->tlb_more_entries && i < TLB_PARTS; i++) {
        struct array b = array_of(hw, cpu, (enum tlb_part)i);

        if (e >= b.first && e < b.first + (size_t)b.sets * b.ways)
            a = b;
    }
    *set = (unsigned)(e - a.first) / a.ways;
    *way = (unsigned)(e - a.first) % a.ways;
}

/* --- filling --- */

/* An invalid way, else the policy's of hw/tlb_policy.h, or the least recently used. */
static struct tlb_entry *
victim(struct hw *hw, enum tlb_part part, struct tlb_entry *set, unsigned ways)
{
    struct tlb_entry *oldest = set;

    for (struct tlb_entry *e = set; e < set + ways; e++) {
        if (!(e->flags & TLB_VALID))
            return e;
        if (e->used < oldest->used)
            oldest = e;
    }
    return part == TLB_PARTS ? set + tlb_policy_victim(hw, set, ways) : oldest;
}

static void
tell_gone(struct hw *hw, unsigned cpu, enum tlb_part part, const struct tlb_entry *gone,
          const struct tlb_entry *e)
{
    unsigned set, way;

    tlb_parts_place(hw, cpu, e, &set, &way);
    if (part == TLB_PARTS)
        EMIT(hw, cpu, TLB_EVICT, .va = gone->page, .frame = gone->pfn, .set = set, .way = way,
             .policy = tlb_policy_now(hw));
    else
        EMIT(hw, cpu, TLB_PART_EVICT, .va = gone->page, .frame = gone->pfn, .set = set, .way = way,
             .use = (uint8_t)part);
}

static void
tell_filled(struct hw *hw, unsigned cpu, enum tlb_part part, vaddr_t va, const struct tlb_entry *e)
{
    unsigned set, way;

    tlb_parts_place(hw, cpu, e, &set, &way);
    if (part == TLB_PARTS)
        EMIT(hw, cpu, TLB_FILL, .va = va, .frame = e->pfn, .set = set, .way = way,
             .size = (uint32_t)(UINT64_C(1) << e->shift));
    else
        EMIT(hw, cpu, TLB_PART_FILL, .va = va, .frame = e->pfn, .set = set, .way = way,
             .use = (uint8_t)part, .size = (uint32_t)(UINT64_C(1) << e->shift));
}

static struct tlb_entry *
keep(struct hw *hw, unsigned cpu, enum tlb_part part, vaddr_t va, const struct tlb_entry *new)
{
    struct array a = array_of(hw, cpu, part);
    struct tlb_entry *e = find_in(hw, cpu, part, va, new->shift);

    if (!e) {
        unsigned ways;

        e = places(hw, cpu, &a, va, new->shift, &ways);
        e = victim(hw, part, e, ways);
        if (e->flags & TLB_VALID) {
            struct tlb_entry gone = *e;

            *e = (struct tlb_entry){0};
            tell_gone(hw, cpu, part, &gone, e);
        }
    }
    *e = *new;
    e->used = e->filled = ++hw->s->tlb_clock;
    tell_filled(hw, cpu, part, va, e);
    return e;
}

/* Entries of another size for the same address are out of date. */
static void
drop_overlaps(struct hw *hw, unsigned cpu, vaddr_t va, unsigned shift)
{
    asid_t tag = tlb_asid(hw, cpu);
    struct tlb_entry *e = hw->tlb_more + (size_t)cpu * hw->tlb_more_entries;

    tlb_drop_overlaps(hw, cpu, va, shift);
    for (struct tlb_entry *end = e + hw->tlb_more_entries; e < end; e++) {
        unsigned wider = e->shift > shift ? e->shift : shift;

        if (e->shift != shift && tlb_matches(e, e->page, e->shift, tag) &&
            e->page >> wider == va >> wider)
            *e = (struct tlb_entry){0};
    }
}

void
tlb_parts_fill(struct hw *hw, unsigned cpu, const struct access *a, const struct translation *t)
{
    struct tlb_entry new = {.page = a->va & ~low_bits(t->shift),
                            .pfn = t->pfn,
                            .asid = tlb_asid(hw, cpu),
                            .shift = t->shift,
                            .flags = TLB_VALID | t->flags,
                            .pat = t->pat};

    if (hw->s->quirks && hw_quirk(hw, QUIRK_TLB_OFF))
        return;
    if (t->shift != hw->geo.format.page_shift)
        drop_overlaps(hw, cpu, a->va, t->shift);
    keep(hw, cpu, first_level(hw, (enum access_kind)a->kind, t->shift), a->va, &new);
    if (uses_second(hw))
        keep(hw, cpu, TLB_SECOND, a->va, &new);
}

/* --- looking up --- */

static void
tell_hit(struct hw *hw, unsigned cpu, enum tlb_part part, vaddr_t va, const struct tlb_entry *e,
         uint32_t cycles)
{
    unsigned set, way;

    tlb_parts_place(hw, cpu, e, &set, &way);
    if (part == TLB_PARTS)
        EMIT(hw, cpu, TLB_HIT, .va = va, .frame = e->pfn, .set = set, .way = way, .cycles = cycles);
    else
        EMIT(hw, cpu, TLB_PART_HIT, .va = va, .frame = e->pfn, .set = set, .way = way,
             .use = (uint8_t)part, .cycles = cycles);
}

static struct tlb_entry *
hit(struct hw *hw, unsigned cpu, enum tlb_part part, vaddr_t va, struct tlb_entry *e,
    uint32_t cycles)
{
    e->used = ++hw->s->tlb_clock;
    tell_hit(hw, cpu, part, va, e, cycles);
    return e;
}

/* The first level did not know. What the second knows goes up. */
static struct tlb_entry *
ask_second(struct hw *hw, unsigned cpu, const struct access *a, uint32_t cycles)
{
    enum tlb_part part;
    struct tlb_entry *e;

    EMIT(hw, cpu, TLB_FIRST_MISS, .va = a->va, .cycles = cycles);
    cycles = hw_spend(hw, hw_tunable(hw, TUNE_TLB2_CYCLES));
    e = find_on(hw, cpu, (enum access_kind)a->kind, a->va, true, &part);
    if (!e) {
        hw->s->cpu[cpu].misses++;
        EMIT(hw, cpu, TLB_MISS, .va = a->va, .set = tlb_set(hw, a->va, hw->geo.format.page_shift),
             .cycles = cycles);
        return NULL;
    }
    hw->s->cpu[cpu].hits++;
    hit(hw, cpu, TLB_SECOND, a->va, e, cycles);
    return keep(hw, cpu, first_level(hw, (enum access_kind)a->kind, e->shift), a->va, e);
}

struct tlb_entry *
tlb_parts_lookup(struct hw *hw, unsigned cpu, const struct access *a)
{
    bool off = hw->s->quirks && hw_quirk(hw, QUIRK_TLB_OFF);
    enum tlb_part part = TLB_PARTS;
    struct tlb_entry *e =
        off ? NULL : find_on(hw, cpu, (enum access_kind)a->kind, a->va, false, &part);
    uint32_t cycles = hw_spend(hw, hw_tunable(hw, TUNE_TLB_CYCLES));

    if (e) {
        hw->s->cpu[cpu].hits++;
        return hit(hw, cpu, part, a->va, e, cycles);
    }
    if (!off && uses_second(hw))
        return ask_second(hw, cpu, a, cycles);
    hw->s->cpu[cpu].misses++;
    EMIT(hw, cpu, TLB_MISS, .va = a->va, .set = tlb_set(hw, a->va, hw->geo.format.page_shift),
         .cycles = cycles);
    return NULL;
}
