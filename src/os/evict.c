/* Eviction: the way of a page out of memory.
 *
 *   choose --> entries name the slot (or nothing) --> TLBs drop it --> written, if it differs
 *
 * The entries change before the disk is asked: from then on nobody can write to a page that is on
 * its way out. Linux mm/vmscan.c shrink_folio_list, mm/rmap.c try_to_unmap; OSTEP 21.
 */
#include "os/evict.h"

#include "base/assert.h"
#include "os/device.h"
#include "os/os.h"
#include "os/tag.h"

/* --- one entry --- */

/* Not through table_set: whether the TLB hears of it is a question of its own here. */
static void
change_entry(struct os *os, unsigned cpu, const struct rmap *at, paddr_t place, uint32_t slot)
{
    if (slot) {
        swap_get(os, cpu, slot);
        os->s->mm[at->mm].swapped++;
    }
    table_write(os, cpu, at->va, place, slot ? swap_entry(os, slot) : 0);
    if (!hw_quirk(os->hw, QUIRK_VICTIM_IN_TLB))
        tag_invalidate_now(os, cpu, at->mm, at->va);
}

/* An entry that is not as the kernel left it was poked: the kernel only forgets it. */
static void
take_from(struct os *os, unsigned cpu, pfn_t pfn, uint32_t slot)
{
    struct rmap at = os->rmap[os->frame[pfn].rmap];
    paddr_t place = table_slot(os, cpu, at.mm, at.va, false);

    if (place && page_is_known(os, at.mm, at.va, table_get(os, place)))
        change_entry(os, cpu, &at, place, slot);
    page_forget(os, at.mm, at.va, pfn);
    frame_edit(os, pfn)->refs--;
}

/* --- a page with a slot, a page of a file --- */

static enum evicted
leave_to_swap(struct os *os, unsigned cpu, pfn_t pfn)
{
    bool dirty = os->frame[pfn].slot == 0 || evict_is_dirty(os, pfn);
    uint32_t slot = os->frame[pfn].slot ? os->frame[pfn].slot : swap_take(os, cpu, pfn);
    struct frame *f = frame_edit(os, pfn);

    f->refs++; /* ours */
    while (f->rmap)
        take_from(os, cpu, pfn, slot);
    if (dirty)
        swap_outdate(os, pfn);
    if ((dirty && !hw_quirk(os->hw, QUIRK_LOSES_DIRTY)) || hw_quirk(os->hw, QUIRK_WRITES_CLEAN)) {
        f->locked = LOCK_WRITE;
        f->dirty = 0;
        swap_save(os, pfn);
        EMIT(os->hw, cpu, PAGE_OUT, .frame = pfn, .slot = slot);
        return EVICT_WRITES;
    }
    f->dirty = 0;
    EMIT(os->hw, cpu, VICTIM_CLEAN, .frame = pfn, .slot = slot);
    swap_detach(os, cpu, pfn);
    return EVICT_CLEAN;
}

/* The reference of the page cache becomes ours. */
static enum evicted
leave_to_file(struct os *os, unsigned cpu, pfn_t pfn)
{
    struct frame was = os->frame[pfn];

    while (os->frame[pfn].rmap)
        take_from(os, cpu, pfn, 0);
    cache_remove(os, pfn);
    EMIT(os->hw, cpu, VICTIM_DROPPED, .frame = pfn, .offset = was.offset, .object = was.object);
    return EVICT_CLEAN;
}

/* --- eviction --- */

enum evicted
evict_page(struct os *os, unsigned cpu, uint32_t mm, pfn_t *pfn)
{
    struct event why = {.code = EV_VICTIM_CHOSEN};
    bool room = swap_has_room(os), split;

    *pfn = choose_victim(os, cpu, mm, room, &why);
    if (*pfn == 0 && !room && os->hw->geo.swap_slots)
        EMIT(os->hw, cpu, SWAP_FULL, .count = os->hw->geo.swap_slots);
    if (*pfn == 0)
        return EVICT_NONE;
    os->s->evictions++;
    if (os->hw->watch)
        hw_emit(os->hw, cpu, &why);
    split = huge_split_frame(os, cpu, *pfn);
    pw_assert(split); /* else it would have been no candidate */
    return os->frame[*pfn].use == USE_FILE ? leave_to_file(os, cpu, *pfn)
                                           : leave_to_swap(os, cpu, *pfn);
}

void
evict_written(struct os *os, unsigned cpu, pfn_t pfn, uint64_t cycles)
{
    struct frame *f = frame_edit(os, pfn);

    pw_assert(f->locked == LOCK_WRITE);
    f->locked = UNLOCKED;
    os->s->swap_writes++;
    EMIT(os->hw, cpu, SWAP_WRITE, .frame = pfn, .slot = f->slot, .cycles = (uint32_t)cycles);
    swap_detach(os, cpu, pfn);
}

void
evict_now(struct os *os, unsigned cpu)
{
    enum evicted done;
    pfn_t pfn;

    shootdown_reclaim(os);
    if (os->s->free_frames)
        return;
    EMIT(os->hw, cpu, NO_FRAME);
    done = evict_page(os, cpu, 0, &pfn);
    if (done == EVICT_WRITES)
        evict_written(os, cpu, pfn, hw_spend(os->hw, device_cycles(os, TUNE_SWAP_ON)));
    if (done != EVICT_NONE)
        frame_put(os, cpu, pfn);
}
