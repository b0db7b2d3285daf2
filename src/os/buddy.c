/* The buddy system: split to take, merge to give.
 *
 * A block of order k may only begin at a multiple of 2^k, so the block it can merge with is known
 * without searching: flip bit k of its number. Taking halves the smallest block that is large
 * enough; giving undoes the halving as far as the other halves are free. Merging bounds external
 * fragmentation but does not end it: one frame in use keeps every block around it from growing.
 *
 *   order 2   |      0      |      4      |        take(0):  split 4 -> 6, split 4 -> 5, hand out 4
 *   order 1   |  0   |  2   |  4   |  6   |        give(4):  5 = 4^1 is free, merge; so is 6 = 4^2
 *   order 0   |0 |1 |2 |3 |4 |5 |6 |7 |
 *
 * Knuth, The Art of Computer Programming 1, 2.5; Linux mm/page_alloc.c, __free_one_page.
 */
#include "os/buddy.h"

#include <string.h>

#include "base/assert.h"
#include "os/os.h"

static pfn_t
block_size(unsigned order)
{
    return UINT64_C(1) << order;
}

static void
list_push(struct os *os, pfn_t pfn, unsigned order)
{
    struct frame *f = frame_edit(os, pfn);
    uint32_t head = os->s->free_head[order];

    f->use = USE_FREE;
    f->order = (uint8_t)order;
    f->next = head;
    f->prev = 0;
    if (head)
        frame_edit(os, head)->prev = (uint32_t)pfn;
    os->s->free_head[order] = (uint32_t)pfn;
    os->s->free_count[order]++;
}

/* Off its list; the record becomes that of a frame inside a block, which is all zeros. */
static void
list_remove(struct os *os, pfn_t pfn, unsigned order)
{
    struct frame *f = frame_edit(os, pfn);

    if (f->prev)
        frame_edit(os, f->prev)->next = f->next;
    else
        os->s->free_head[order] = f->next;
    if (f->next)
        frame_edit(os, f->next)->prev = f->prev;
    os->s->free_count[order]--;
    memset(f, 0, sizeof *f);
}

/* Hand the upper half back until the block is as small as asked for. */
static void
split(struct os *os, unsigned cpu, pfn_t pfn, unsigned order, unsigned wanted)
{
    while (order > wanted) {
        pfn_t upper = pfn + block_size(--order);

        list_push(os, upper, order);
        EMIT(os->hw, cpu, BUDDY_SPLIT, .frame = pfn, .frame2 = upper,
             .order = (uint8_t)(order + 1));
    }
}

pfn_t
buddy_take(struct os *os, unsigned cpu, unsigned order)
{
    for (unsigned k = order; k <= os->hw->geo.max_order; k++) {
        pfn_t pfn = os->s->free_head[k];

        if (pfn == 0)
            continue;
        list_remove(os, pfn, k);
        os->s->free_frames -= (uint32_t)block_size(order);
        split(os, cpu, pfn, k, order);
        return pfn;
    }
    EMIT(os->hw, cpu, NO_MEMORY, .order = (uint8_t)order);
    return 0;
}

static bool
is_free_block(const struct os *os, pfn_t pfn, unsigned order)
{
    return pfn < os->hw->geo.frames && os->frame[pfn].use == USE_FREE &&
           os->frame[pfn].order == order;
}

/* Whom a freed block asks: its buddy. The quirks ask the neighbour on one side, whichever that is,
 * so blocks end up where no block of their order may begin. */
static pfn_t
partner(const struct os *os, pfn_t pfn, unsigned order)
{
    if (hw_quirk(os->hw, QUIRK_WRONG_BUDDY))
        return pfn - block_size(order);
    return hw_quirk(os->hw, QUIRK_NEXT_BUDDY) ? pfn + block_size(order) : buddy_of(pfn, order);
}

static bool
may_merge(const struct os *os, pfn_t other, unsigned order)
{
    return is_free_block(os, other, order) && !hw_quirk(os->hw, QUIRK_NO_MERGE);
}

static void
put_on_list(struct os *os, unsigned cpu, pfn_t pfn, unsigned order)
{
    bool kernel = os->frame[pfn].use == USE_BLOCK;

    for (pfn_t i = pfn; i < pfn + block_size(order); i++)
        memset(frame_edit(os, i), 0, sizeof(struct frame));
    list_push(os, pfn, order);
    os->s->free_frames += (uint32_t)block_size(order);
    if (kernel)
        EMIT(os->hw, cpu, BLOCK_FREE, .frame = pfn, .order = (uint8_t)order);
    else
        EMIT(os->hw, cpu, FRAME_FREE, .frame = pfn, .order = (uint8_t)order);
}

void
buddy_give(struct os *os, unsigned cpu, pfn_t pfn, unsigned order)
{
    put_on_list(os, cpu, pfn, order);
    for (; order < os->hw->geo.max_order; order++) {
        pfn_t other = partner(os, pfn, order);

        if (!may_merge(os, other, order))
            return;
        list_remove(os, pfn, order);
        list_remove(os, other, order);
        list_push(os, pfn < other ? pfn : other, order + 1);
        EMIT(os->hw, cpu, BUDDY_MERGE, .frame = pfn, .frame2 = other,
             .order = (uint8_t)(order + 1));
        pfn = pfn < other ? pfn : other;
    }
}

/* The largest block that ends at `to` and does not begin before `from`. */
static unsigned
order_below(const struct os *os, pfn_t from, pfn_t to)
{
    unsigned order = 0;

    while (order < os->hw->geo.max_order && to % block_size(order + 1) == 0 &&
           to - from >= block_size(order + 1))
        order++;
    return order;
}

/* From the top down, so that the lowest frames are at the heads of the lists and are handed out
 * first. */
void
buddy_add_range(struct os *os, pfn_t from, pfn_t to)
{
    pw_assert(to <= os->hw->geo.frames);
    while (to > from) {
        unsigned order = order_below(os, from, to);

        to -= block_size(order);
        list_push(os, to, order);
        os->s->free_frames += (uint32_t)block_size(order);
    }
}
