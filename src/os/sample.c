/* One bit a page and look is all the hardware gives. Kept as a number that is halved at each look,
 * with A coming in from the left, it ages: the larger, the more recently used (Tanenbaum, Modern
 * Operating Systems, 3.4.7; Linux mm/vmscan.c, folio_referenced).
 */
#include "os/sample.h"

#include "os/evict.h"

static void
look(struct os *os, unsigned cpu, uint32_t mm, pfn_t pfn)
{
    bool used = choose_referenced(os, pfn);
    struct frame *f;
    uint8_t old;

    if (used)
        choose_clear(os, cpu, pfn);
    f = frame_edit(os, pfn);
    old = f->history;
    f->history = (uint8_t)(old >> 1 | used << 7);
    f->seen = (uint8_t)(f->seen + (used && f->seen < UINT8_MAX));
    EMIT(os->hw, cpu, PAGE_SAMPLED, .va = rmap_address(os, mm, pfn), .frame = pfn, .old = old,
         .new = f->history, .count = f->seen);
}

uint64_t
os_sample(struct os *os, unsigned cpu, uint32_t mm)
{
    uint64_t pages = 0;

    for (pfn_t pfn = resident_next(os, mm, 0); pfn; pfn = resident_next(os, mm, pfn), pages++)
        look(os, cpu, mm, pfn);
    return pages;
}

void
sample_begin(struct os *os, pfn_t pfn, pfn_t from)
{
    struct frame *f = frame_edit(os, pfn);

    f->history = from ? os->frame[from].history : 0;
    f->seen = from ? os->frame[from].seen : 0;
}
