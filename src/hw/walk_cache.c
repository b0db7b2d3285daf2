/* walk_cache.c - remembered tables.
 *
 *     va     |  PML4  |  PDPT  |   PD   |   PT   |  offset  |
 *
 *   PML4's    ========> PDPT                                   the upper 9 bits of the index
 *   PDPT's    =================> PD                            18
 *   PD's      ==========================> PT                   27: one read is left
 *
 * The longest match is the best: it is tried first. The key is the address above the level's shift,
 * so one entry serves a whole region: 2 MiB for the PD's, 1 GiB, 512 GiB.
 */
#include "hw/walk_cache.h"

#include "hw/memtype.h"
#include "hw/tlb.h"

struct walk_entry *
walk_cache_at(const struct hw *hw, unsigned cpu, unsigned level, unsigned way)
{
    size_t at = (size_t)cpu * hw->walk_entries + way;

    for (unsigned i = 0; i < level; i++)
        at += hw->geo.walk_cache[i];
    return hw->walk + at;
}

static vaddr_t
region_of(const struct hw *hw, unsigned level, vaddr_t va)
{
    return va & ~low_bits(hw->geo.format.level[level].shift);
}

static struct walk_entry *
find_level(const struct hw *hw, unsigned cpu, unsigned level, vaddr_t va)
{
    struct walk_entry *e = walk_cache_at(hw, cpu, level, 0);
    vaddr_t region = region_of(hw, level, va);
    asid_t tag = tlb_asid(hw, cpu);

    for (struct walk_entry *end = e + hw->geo.walk_cache[level]; e < end; e++)
        if (e->valid && e->region == region && e->asid == tag)
            return e;
    return NULL;
}

struct walk_entry *
walk_cache_find(const struct hw *hw, unsigned cpu, vaddr_t va)
{
    struct walk_entry *e;

    for (unsigned level = hw->geo.format.levels - 1; level-- > 0;)
        if ((e = find_level(hw, cpu, level, va)) != NULL)
            return e;
    return NULL;
}

static uint32_t
way_of(const struct hw *hw, unsigned cpu, const struct walk_entry *e)
{
    return (uint32_t)(e - walk_cache_at(hw, cpu, e->level, 0));
}

const struct walk_entry *
walk_cache_lookup(struct hw *hw, unsigned cpu, vaddr_t va)
{
    struct walk_entry *e = walk_cache_find(hw, cpu, va);

    if (!e)
        return NULL;
    e->used = ++hw->s->tlb_clock;
    EMIT(hw, cpu, WALK_CACHE_HIT, .va = va, .level = e->level, .way = way_of(hw, cpu, e),
         .frame = pfn_of(&hw->geo.format, e->table));
    return e;
}

static void
evict(struct hw *hw, unsigned cpu, struct walk_entry *e)
{
    struct walk_entry gone = *e;
    uint32_t way = way_of(hw, cpu, e);

    *e = (struct walk_entry){0};
    EMIT(hw, cpu, WALK_CACHE_EVICT, .va = gone.region, .level = gone.level, .way = way,
         .frame = pfn_of(&hw->geo.format, gone.table));
}

/* Over what is kept of the same region, else into an invalid place, else into that of the least
 * recently used. */
static struct walk_entry *
place_for(struct hw *hw, unsigned cpu, unsigned level, vaddr_t va)
{
    struct walk_entry *oldest = walk_cache_at(hw, cpu, level, 0);
    struct walk_entry *end = oldest + hw->geo.walk_cache[level];
    struct walk_entry *same = find_level(hw, cpu, level, va);

    if (same)
        return same;
    for (struct walk_entry *e = oldest; e < end; e++) {
        if (!e->valid)
            return e;
        if (e->used < oldest->used)
            oldest = e;
    }
    evict(hw, cpu, oldest);
    return oldest;
}

void
walk_cache_fill(struct hw *hw, unsigned cpu, vaddr_t va, unsigned level, pte_t entry, uint8_t flags)
{
    paddr_t table = format_address(&hw->geo.format, entry);
    struct walk_entry *e;

    if (!hw->geo.walk_cache[level])
        return;
    e = place_for(hw, cpu, level, va);
    *e = (struct walk_entry){.region = region_of(hw, level, va),
                             .table = table,
                             .used = ++hw->s->tlb_clock,
                             .asid = tlb_asid(hw, cpu),
                             .level = (uint8_t)level,
                             .flags = flags,
                             .valid = 1,
                             .pat = (uint8_t)memory_table_index(hw, cpu, entry, false)};
    EMIT(hw, cpu, WALK_CACHE_FILL, .va = va, .level = (uint8_t)level, .way = way_of(hw, cpu, e),
         .frame = pfn_of(&hw->geo.format, table));
}

/* --- forgetting --- */

struct rule {
    vaddr_t va;
    asid_t asid;
    bool any_va, any_asid;
};

static bool
picked(const struct hw *hw, const struct walk_entry *e, const struct rule *r)
{
    return e->valid && (r->any_asid || e->asid == r->asid) &&
           (r->any_va || e->region == region_of(hw, e->level, r->va));
}

static void
forget(struct hw *hw, unsigned cpu, const struct rule *r)
{
    struct walk_entry *e = walk_cache_at(hw, cpu, 0, 0), *end = e + hw->walk_entries;
    unsigned gone = 0;

    for (; e < end; e++)
        if (picked(hw, e, r)) {
            *e = (struct walk_entry){0};
            gone++;
        }
    if (gone)
        EMIT(hw, cpu, WALK_CACHE_FLUSH, .count = gone);
}

void
walk_cache_drop(struct hw *hw, unsigned cpu, vaddr_t va, asid_t asid)
{
    forget(hw, cpu, &(struct rule){.va = va, .asid = asid});
}

void
walk_cache_flush_asid(struct hw *hw, unsigned cpu, asid_t asid)
{
    forget(hw, cpu, &(struct rule){.asid = asid, .any_va = true});
}

void
walk_cache_flush(struct hw *hw, unsigned cpu)
{
    forget(hw, cpu, &(struct rule){.any_va = true, .any_asid = true});
}
