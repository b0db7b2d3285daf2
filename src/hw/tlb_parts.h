/* tlb_parts.h - TLBs beside the one of hw/tlb.h: for instructions, for large pages, and a second level.
 *
 *   fetch ----> instruction TLB ----.
 *   data  -+--> TLB (small pages) ---+--> second level ----> walk
 *          '--> large-page TLB -----'
 *
 * Promises   Each is there where the geometry has it, and none else; a machine without any pays
 *            nothing. All that one access may find is asked at once. What the second level knows, or a
 *            walk finds, is kept in the TLB of its kind and size; what a walk finds, in the second
 *            level too. The second level counts while the tunable `tlb_second` is 1. Forgetting (tlb_drop,
 *            tlb_flush ...) reaches all of them. From a full set of a part the LRU entry
 *            leaves.
 * Emits      TLB_HIT or TLB_PART_HIT, TLB_FIRST_MISS, TLB_MISS; TLB_EVICT and TLB_FILL, or
 *            TLB_PART_EVICT and TLB_PART_FILL; TLB_PART_DROP.
 * Simplifies An entry that leaves the first level is not written to the second. Of the beliefs about
 *            TLBs (base/quirks.def) only those about shape and about remembering nothing apply.
 * Invariant: an entry lies in the set its page number names, of a part that may hold its size.
 */
#pragma once

#include "hw/tlb.h"

extern const char *const tlb_part_name[TLB_PARTS];

static inline bool
tlb_parts_exist(const struct hw *hw)
{
    return hw->tlb_more_entries != 0;
}

/* Entry `way` of `set` of a part that exists. */
struct tlb_entry *tlb_part_at(const struct hw *hw, unsigned cpu, enum tlb_part part, unsigned set,
                              unsigned way);

/* In place of tlb_lookup and tlb_fill. */
struct tlb_entry *tlb_parts_lookup(struct hw *hw, unsigned cpu, const struct access *a);
void tlb_parts_fill(struct hw *hw, unsigned cpu, const struct access *a,
                    const struct translation *t);

/* Set and way of an entry, wherever it is. */
void tlb_parts_place(const struct hw *hw, unsigned cpu, const struct tlb_entry *e, unsigned *set,
                     unsigned *way);

/* An entry of a part that translates va now, or NULL. */
struct tlb_entry *tlb_parts_find(const struct hw *hw, unsigned cpu, vaddr_t va);
