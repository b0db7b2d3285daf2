/* Pages: an entry of the page tables together with everything that is counted about it.
 *
 * A mapped page is one fact told in four places: the entry (for the MMU), the frame's count of
 * owners (for freeing it), the reverse map (for finding the entry again), the resident size (for
 * the user). They change together here and nowhere else. Linux mm/memory.c: do_anonymous_page,
 * zap_pte_range; mm/mprotect.c: change_pte_range.
 */
#include "os/os.h"
#include "os/swap.h"

/* Mapped pages of the kind that this frame is. The zero page is counted apart: it costs nobody any
 * memory. */
static void
rss_count(struct os *os, uint32_t mm, pfn_t pfn, uint64_t more)
{
    struct mm *space = &os->s->mm[mm];

    if (os->frame[pfn].use == USE_ANON)
        space->rss_anon += more;
    else if (os->frame[pfn].use == USE_FILE)
        space->rss_file += more;
    else
        space->zeros += more;
}

void
page_forget(struct os *os, uint32_t mm, vaddr_t va, pfn_t pfn)
{
    rmap_remove(os, pfn, mm, va);
    rss_count(os, mm, pfn, UINT64_MAX); /* - 1 */
    resident_left(os, mm, pfn);
}

bool
page_remember(struct os *os, uint32_t mm, vaddr_t va, pfn_t pfn)
{
    if (!rmap_add(os, pfn, mm, va))
        return false;
    rss_count(os, mm, pfn, 1);
    return true;
}

bool
page_is_known(const struct os *os, uint32_t mm, vaddr_t va, pte_t entry)
{
    pfn_t pfn = rmap_frame(os, mm, va);

    return pfn != 0 && pfn == table_pfn(&os->hw->geo.format, entry);
}

/* Whatever the kernel still believes to be at va goes, although its entry is no longer there:
 * somebody poked the table. */
static void
forget_lost_page(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va)
{
    pfn_t lost = rmap_frame(os, mm, va);

    if (lost == 0)
        return;
    page_forget(os, mm, va, lost);
    frame_put(os, cpu, lost);
}

/* The entry that named this slot (0: it named none) is another now. Of a process that has no page
 * there it was poked: the slot is somebody else's. */
static void
leave_slot(struct os *os, unsigned cpu, uint32_t mm, uint32_t slot)
{
    if (slot == 0 || os->s->mm[mm].swapped == 0)
        return;
    os->s->mm[mm].swapped--;
    swap_put(os, cpu, slot);
}

bool
page_map(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, pfn_t pfn, uint8_t prot,
         bool writable)
{
    paddr_t slot = table_slot(os, cpu, mm, va, true);
    uint32_t swapped;

    if (slot == 0)
        return false;
    forget_lost_page(os, cpu, mm, va);
    if (os->frame[pfn].maps == 0 && os->resident[pfn].on_ring)
        resident_load(os, pfn);
    if (!page_remember(os, mm, va, pfn))
        return false;
    swapped = swap_entry_slot(os, table_get(os, slot));
    table_set(os, cpu, mm, va, slot, table_entry(os, pfn, prot, writable));
    leave_slot(os, cpu, mm, swapped);
    return true;
}

/* Whether the disk has the same bytes must still be known when the entry no longer says it. */
void
page_keep_dirty(struct os *os, pfn_t pfn, pte_t old, pte_t new)
{
    const struct format *f = &os->hw->geo.format;

    if (format_plain(f, old) & ~format_plain(f, new) & table_tells_dirty(f))
        frame_edit(os, pfn)->dirty = 1;
}

/* The new frame takes the node that the old one gives back, so the reverse map cannot be full. */
void
page_replace(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, paddr_t slot, pfn_t pfn,
             pte_t entry)
{
    pfn_t old = table_pfn(&os->hw->geo.format, table_get(os, slot));

    if (os->resident[old].on_ring)
        resident_inherit(os, pfn, old);
    else
        resident_load(os, pfn);
    if (os->s->mm[mm].hand == old)
        os->s->mm[mm].hand = (uint32_t)pfn;
    page_keep_dirty(os, old, table_get(os, slot), 0);
    page_forget(os, mm, va, old);
    page_remember(os, mm, va, pfn);
    table_set(os, cpu, mm, va, slot, entry);
    frame_put(os, cpu, old);
}

/* The entry first, then the frame: a frame that is free while an entry, or a TLB, still names it could
 * be handed to somebody else. */
static void
unmap(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, paddr_t slot)
{
    pte_t entry = table_get(os, slot);
    pfn_t pfn = table_pfn(&os->hw->geo.format, entry);
    bool known = page_is_known(os, mm, va, entry);
    uint32_t swapped = swap_entry_slot(os, entry);

    if (known) {
        page_keep_dirty(os, pfn, entry, 0);
        page_forget(os, mm, va, pfn);
    }
    table_set(os, cpu, mm, va, slot, 0);
    if (known)
        shootdown_put(os, cpu, mm, pfn);
    leave_slot(os, cpu, mm, swapped);
}

void
page_zap_range(struct os *os, unsigned cpu, uint32_t mm, vaddr_t start, vaddr_t end)
{
    uint64_t page = format_page(&os->hw->geo.format);
    paddr_t slot;

    huge_zap_range(os, cpu, mm, start, end);
    for (vaddr_t va = start; table_next(os, mm, &va, end, &slot); va += page)
        unmap(os, cpu, mm, va, slot);
}

/* Looks at every node there is, but only when the counts do not come out even. */
void
page_forget_rest(struct os *os, unsigned cpu, uint32_t mm)
{
    const struct mm *m = &os->s->mm[mm];

    for (uint32_t node = 1; node <= os->s->rmap_used && m->rss_anon + m->rss_file + m->zeros;
         node++)
        if (os->rmap[node].mm == mm)
            forget_lost_page(os, cpu, mm, os->rmap[node].va);
}

/* Pages first, then tables: one look at each last-level table in the range, not one per page. */
void
page_unmap_range(struct os *os, unsigned cpu, uint32_t mm, vaddr_t start, vaddr_t end)
{
    const struct format *f = &os->hw->geo.format;
    unsigned last = f->levels - 1u;
    uint64_t span = low_bits(f->level[last].shift + f->level[last].bits);
    paddr_t slot;

    huge_zap_range(os, cpu, mm, start, end);
    for (vaddr_t va = start, stop; table_next(os, mm, &va, end, &slot); va = stop) {
        vaddr_t here = va;

        stop = (va | span) + 1;
        if (stop > end || stop < va)
            stop = end;
        page_zap_range(os, cpu, mm, va, stop);
        table_trim(os, cpu, mm, here);
    }
}

void
page_protect_range(struct os *os, unsigned cpu, uint32_t mm, vaddr_t start, vaddr_t end,
                   uint8_t prot)
{
    const struct format *f = &os->hw->geo.format;
    pte_t marks = f->flag.accessed | f->flag.dirty;
    paddr_t slot;

    for (vaddr_t va = start; table_next(os, mm, &va, end, &slot); va += format_page(f)) {
        pte_t old = table_get(os, slot);
        bool writable = format_has(f, old, f->flag.writable) && (prot & RIGHT_W);
        pte_t new = table_entry(os, table_pfn(f, old), prot, writable) | (old & marks);

        if (!(old & f->flag.present) || new == old)
            continue;
        if (page_is_known(os, mm, va, old))
            page_keep_dirty(os, table_pfn(f, old), old, new);
        table_set(os, cpu, mm, va, slot, new);
    }
}
