/* The swap device: where the pages go that have no file to go back to.
 *
 * A page that was read in keeps its slot. As long as it is not written the disk still has the same
 * bytes, so it may leave again without a write, and another process whose entry names the slot
 * finds it in memory. Linux mm/swapfile.c (swap_map: the counts), mm/swap_state.c (the swap
 * cache); OSTEP 21.
 */
#include "os/swap.h"

#include "base/assert.h"
#include "os/os.h"

_Static_assert(sizeof(struct swap_slot) == 24, "no padding: a state is compared byte by byte");

static struct swap_slot *
swap_edit(struct os *os, uint32_t slot)
{
    struct swap_slot *s = &os->swap[slot];

    pw_assert(slot != 0 && slot <= os->hw->geo.swap_slots);
    arena_touch(os->hw->arena, s, sizeof *s);
    return s;
}

/* --- entries --- */

/* Bits of the frame field without a gap, from the lowest. */
uint64_t
swap_slots_most(const struct format *f)
{
    uint64_t field = f->frame >> (f->page_shift - f->frame_up), most = field & ~(field + 1);

    return most < UINT32_MAX / 4 ? most : UINT32_MAX / 4;
}

pte_t
swap_entry(const struct os *os, uint32_t slot)
{
    const struct format *f = &os->hw->geo.format;

    return format_naming(f, pa_of(f, slot));
}

uint32_t
swap_entry_slot(const struct os *os, pte_t entry)
{
    const struct format *f = &os->hw->geo.format;
    uint64_t slot = pfn_of(f, format_address(f, entry));

    if (slot == 0 || slot > os->hw->geo.swap_slots || entry != swap_entry(os, (uint32_t)slot))
        return 0;
    return os->swap[slot].refs ? (uint32_t)slot : 0;
}

/* --- slots --- */

/* A frame whose slot nobody else needs, or 0. */
static pfn_t
lender(const struct os *os)
{
    for (pfn_t pfn = os->s->ring_first; pfn; pfn = os->resident[pfn].next)
        if (os->frame[pfn].slot && !os->frame[pfn].locked &&
            os->swap[os->frame[pfn].slot].refs == 1)
            return pfn;
    return 0;
}

static bool
has_free_slot(const struct os *os)
{
    return os->s->swap_free || os->s->swap_ever < os->hw->geo.swap_slots;
}

bool
swap_has_room(const struct os *os)
{
    return has_free_slot(os) || lender(os);
}

uint32_t
swap_used(const struct os *os)
{
    return os->s->swap_used;
}

static uint32_t
slot_new(struct os *os)
{
    uint32_t slot = os->s->swap_free;

    if (slot)
        os->s->swap_free = os->swap[slot].frame;
    else
        slot = ++os->s->swap_ever;
    return slot;
}

uint32_t
swap_take(struct os *os, unsigned cpu, pfn_t pfn)
{
    uint32_t slot;

    if (!has_free_slot(os) && os->hw->geo.swap_slots)
        swap_detach(os, cpu, lender(os));
    if (!has_free_slot(os))
        return 0;
    slot = slot_new(os);
    *swap_edit(os, slot) = (struct swap_slot){.refs = 1, .frame = (uint32_t)pfn};
    frame_edit(os, pfn)->slot = slot;
    os->s->swap_used++;
    EMIT(os->hw, cpu, SLOT_ALLOC, .slot = slot, .frame = pfn);
    return slot;
}

/* Nobody holds it: what it kept is forgotten. */
static void
slot_forget(struct os *os, uint32_t slot)
{
    struct swap_slot *s = swap_edit(os, slot);

    phys_forget(&os->hw->phys, &s->content);
    s->refs = 0;
    s->frame = os->s->swap_free;
    os->s->swap_free = slot;
    os->s->swap_used--;
}

static void
slot_free(struct os *os, unsigned cpu, uint32_t slot)
{
    if (os->swap[slot].frame)
        frame_edit(os, os->swap[slot].frame)->slot = 0;
    slot_forget(os, slot);
    EMIT(os->hw, cpu, SLOT_FREE, .slot = slot);
}

void
swap_get(struct os *os, unsigned cpu, uint32_t slot)
{
    struct swap_slot *s = swap_edit(os, slot);

    s->refs++;
    EMIT(os->hw, cpu, SLOT_REFS, .slot = slot, .count = s->refs);
}

void
swap_put(struct os *os, unsigned cpu, uint32_t slot)
{
    struct swap_slot *s = swap_edit(os, slot);

    if (--s->refs == 0)
        slot_free(os, cpu, slot);
    else
        EMIT(os->hw, cpu, SLOT_REFS, .slot = slot, .count = s->refs);
}

void
swap_attach(struct os *os, unsigned cpu, uint32_t slot, pfn_t pfn)
{
    swap_edit(os, slot)->frame = (uint32_t)pfn;
    frame_edit(os, pfn)->slot = slot;
    swap_get(os, cpu, slot);
}

void
swap_detach(struct os *os, unsigned cpu, pfn_t pfn)
{
    uint32_t slot = os->frame[pfn].slot;

    if (slot == 0)
        return;
    frame_edit(os, pfn)->slot = 0;
    swap_edit(os, slot)->frame = 0;
    swap_put(os, cpu, slot);
}

/* --- bytes --- */

void
swap_outdate(struct os *os, pfn_t pfn)
{
    swap_edit(os, os->frame[pfn].slot)->kept = 0;
}

void
swap_save(struct os *os, pfn_t pfn)
{
    struct swap_slot *s = swap_edit(os, os->frame[pfn].slot);

    s->kept = 1;
    phys_save(&os->hw->phys, &s->content, pfn);
}

uint32_t
swap_keep(struct os *os, pfn_t pfn)
{
    uint32_t slot = slot_new(os);
    struct swap_slot *s = swap_edit(os, slot);

    *s = (struct swap_slot){.refs = 1, .kept = 1};
    phys_save(&os->hw->phys, &s->content, pfn);
    os->s->swap_used++;
    os->s->swap_writes++;
    return slot;
}

void
swap_give_back(struct os *os, uint32_t slot, pfn_t pfn)
{
    if (pfn) {
        phys_load(&os->hw->phys, pfn, &os->swap[slot].content);
        os->s->swap_reads++;
    }
    slot_forget(os, slot);
}

void
swap_load(struct os *os, pfn_t pfn)
{
    phys_load(&os->hw->phys, pfn, &os->swap[os->frame[pfn].slot].content);
}
