/* Blocks of the kernel: round up, take, remember how much was asked.
 *
 *   asked 100 KiB, pages of 64 KiB      |  page  |  page  |      order 1: 128 KiB
 *                                       |###########....|      28 KiB of it nobody asked for
 *
 * The allocator hands out powers of two only, because only then a block's buddy is found without
 * searching. The price is paid inside the blocks: up to half of each. Linux marks the frames after
 * the first as tails of a compound page (include/linux/page-flags.h), and so do we.
 */
#include "os/block.h"

#include "base/assert.h"
#include "os/os.h"

unsigned
block_order(const struct os *os, uint64_t bytes)
{
    uint64_t pages = (bytes - 1) >> os->hw->geo.format.page_shift; /* beside the first */

    return pages ? 64 - (unsigned)__builtin_clzll(pages) : 0;
}

static void
claim(struct os *os, pfn_t pfn, unsigned order, uint64_t bytes)
{
    struct frame *first = frame_edit(os, pfn);

    first->use = USE_BLOCK;
    first->refs = 1;
    first->order = (uint8_t)order;
    first->offset = bytes;
    for (pfn_t i = pfn + 1; i < pfn + (UINT64_C(1) << order); i++)
        frame_edit(os, i)->use = USE_PART;
}

pfn_t
block_alloc(struct os *os, unsigned cpu, uint64_t bytes)
{
    unsigned order = block_order(os, bytes);
    uint64_t size = format_page(&os->hw->geo.format) << order;
    pfn_t pfn = buddy_take(os, cpu, order);

    if (pfn == 0)
        return 0;
    claim(os, pfn, order, bytes);
    EMIT(os->hw, cpu, BLOCK_ALLOC, .frame = pfn, .order = (uint8_t)order, .count = bytes,
         .new = size, .old = size - bytes);
    return pfn;
}

void
block_free(struct os *os, unsigned cpu, pfn_t pfn)
{
    pw_assert(os->frame[pfn].use == USE_BLOCK);
    buddy_give(os, cpu, pfn, os->frame[pfn].order);
}
