/* Copy on write: there, but read-only, and somebody writes.
 *
 *   area private   the only owner: just allow it. Else the writer gets a copy
 *   area shared    just allow it
 *
 * Linux mm/memory.c do_wp_page; OSTEP 23.
 */
#include "os/mend.h"

static pte_t
writable(const struct os *os, pte_t entry)
{
    const struct format *f = &os->hw->geo.format;

    return format_with(f, entry, f->flag.writable);
}

/* Of a frame that two entries map: where it is mapped besides here. */
static const struct rmap *
other_mapping(const struct os *os, const struct need *n, pfn_t pfn)
{
    const struct rmap *r = &os->rmap[os->frame[pfn].rmap];

    return r->mm == n->mm && r->va == n->va ? &os->rmap[r->next] : r;
}

/* The belief that the one who did not write gets the copy: hand the frame to the writer and a copy
 * to the other. */
static enum signal_kind
give_other_the_copy(struct os *os, unsigned cpu, const struct need *n, struct task *task,
                    paddr_t slot, pfn_t pfn)
{
    const struct format *f = &os->hw->geo.format;
    struct rmap other = *other_mapping(os, n, pfn);
    paddr_t other_slot = table_slot(os, cpu, other.mm, other.va, false);
    pfn_t copy = mend_copy(os, cpu, task, other.mm, pfn);

    if (copy == 0)
        return SIGNAL_KILL;
    page_replace(os, cpu, other.mm, other.va, other_slot, copy,
                 (table_get(os, other_slot) & ~f->frame) | format_naming(f, pa_of(f, copy)));
    table_set(os, cpu, n->mm, n->va, slot, writable(os, table_get(os, slot)));
    return SIGNAL_NONE;
}

/* 0 when nothing is mapped there. */
static pte_t
entry_at(struct os *os, uint32_t mm, vaddr_t va)
{
    paddr_t slot = table_slot(os, 0, mm, va, false);
    pte_t entry = slot ? table_get(os, slot) : 0;

    return entry & os->hw->geo.format.flag.present ? entry : 0;
}

/* Exactly two entries, both as the kernel wrote them. */
static bool
other_can_copy(struct os *os, const struct need *n, pfn_t pfn)
{
    const struct frame *f = &os->frame[pfn];
    const struct rmap *r = other_mapping(os, n, pfn);

    if (!hw_quirk(os->hw, QUIRK_OTHER_COPIES) || f->use != USE_ANON || f->refs != 2 || f->maps != 2)
        return false;
    return page_is_known(os, r->mm, r->va, entry_at(os, r->mm, r->va));
}

static enum signal_kind
copy_on_write(struct os *os, unsigned cpu, const struct need *n, struct task *task, paddr_t slot,
              pfn_t pfn)
{
    bool more = pfn == os->s->zero_page; /* which counts as no page of the process */
    enum room room =
        mend_room_beside(os, cpu, n, task, ROOM_FRAME | (more ? ROOM_RESIDENT : 0), pfn);
    pfn_t copy;

    if (room != ROOM_THERE)
        return mend_without_room(room);
    EMIT(os->hw, cpu, COW_COPY, .va = n->va, .frame = pfn, .count = os->frame[pfn].refs);
    if (other_can_copy(os, n, pfn))
        return give_other_the_copy(os, cpu, n, task, slot, pfn);
    copy = mend_copy(os, cpu, task, n->mm, pfn);
    if (copy == 0)
        return SIGNAL_KILL;
    page_replace(os, cpu, n->mm, n->va, slot, copy,
                 table_entry(os, copy, os->area[n->area].prot, true));
    return SIGNAL_NONE;
}

/* The last owner needs no copy: nobody else can see the write, not even through a slot. */
static bool
is_only_owner(const struct os *os, pfn_t pfn)
{
    const struct frame *f = &os->frame[pfn];

    return f->use == USE_ANON && f->refs == 1 && (f->slot == 0 || os->swap[f->slot].refs == 1) &&
           !hw_quirk(os->hw, QUIRK_LAST_COPIES);
}

enum signal_kind
cow_write(struct os *os, unsigned cpu, const struct need *n, struct task *task, paddr_t slot,
          pte_t entry)
{
    pfn_t pfn = table_pfn(&os->hw->geo.format, entry);
    bool shared = os->area[n->area].shared;

    if (!shared && !is_only_owner(os, pfn))
        return copy_on_write(os, cpu, n, task, slot, pfn);
    if (!shared)
        EMIT(os->hw, cpu, COW_REUSE, .va = n->va, .frame = pfn);
    table_set(os, cpu, n->mm, n->va, slot, writable(os, entry));
    return SIGNAL_NONE;
}
