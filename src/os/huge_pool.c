/* Huge pages that are set aside while memory still has large blocks, for those who ask: Linux
 * mm/hugetlb.c, vm.nr_hugepages.
 */
#include "os/huge_internal.h"

static const struct format *
format_of(const struct os *os)
{
    return &os->hw->geo.format;
}

/* Nobody's, and not free either. */
static void
hold(struct os *os, unsigned cpu, pfn_t first)
{
    for (pfn_t pfn = first; pfn < first + huge_frames(os); pfn++) {
        struct frame *f = frame_edit(os, pfn);

        f->use = USE_RESERVED;
        f->refs = 1;
    }
    os->s->huge_pool[os->s->huge_pooled++] = (uint32_t)first;
    EMIT(os->hw, cpu, HUGE_RESERVED, .frame = first, .count = os->s->huge_pooled);
}

void
huge_reserve(struct os *os, unsigned cpu, uint64_t wanted)
{
    pfn_t first;

    if (huge_size(os) == 0)
        return;
    while (os->s->huge_pooled > wanted)
        buddy_give(os, cpu, os->s->huge_pool[--os->s->huge_pooled], huge_order(os));
    while (os->s->huge_pooled < wanted && os->s->huge_pooled < HUGE_POOL_MAX &&
           (first = buddy_take(os, cpu, huge_order(os))) != 0)
        hold(os, cpu, first);
}

static bool
map_one(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va)
{
    paddr_t slot = table_reach(os, cpu, mm, os->s->mm[mm].root, huge_level(os), va);
    pfn_t first;

    if (slot == 0)
        return false;
    first = os->s->huge_pool[--os->s->huge_pooled];
    huge_claim(os, first, mm);
    for (uint64_t i = 0; i < huge_frames(os); i++)
        if (!huge_move(os, cpu, mm, huge_page(os, va, i), first + i))
            return false; /* a limit of ours, not of the machine */
    table_entry_write(os, cpu, huge_level(os), va, slot,
                      huge_entry_for(os, mm, va, first,
                                     walker_marks(os->hw, cpu) ? 0
                                                               : format_of(os)->flag.accessed |
                                                                     format_of(os)->flag.dirty));
    os->s->mm[mm].huge++;
    return true;
}

bool
huge_in_pool(const struct os *os, unsigned cpu, uint64_t pages)
{
    if (pages > os->s->huge_pooled)
        EMIT(os->hw, cpu, HUGE_NONE_LEFT, .count = os->s->huge_pooled, .index = (uint32_t)pages);
    return pages <= os->s->huge_pooled;
}

bool
huge_map(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, uint64_t pages)
{
    for (uint64_t i = 0; i < pages; i++)
        if (!map_one(os, cpu, mm, va + i * huge_size(os)))
            return false;
    return true;
}
