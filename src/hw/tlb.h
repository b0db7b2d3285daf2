/* tlb.h - the translation lookaside buffer: sets x ways of recent translations, compared in
 * parallel.
 *
 * Promises   An entry holds a page of any size of the format; the set index is the low bits of
 *            the page number of that size. Who leaves a full set: hw/tlb_policy.h. Non-present translations are never
 *            cached. Staleness is derived (compare with walker_peek), never stored.
 * Emits      TLB_HIT or TLB_MISS; TLB_EVICT, TLB_FILL; TLB_DROP, TLB_FLUSH.
 * Invariant: at most one valid entry per CPU matches an (asid, va). An entry lies in the set its
 *            page number names.
 */
#pragma once

#include "hw/walker.h"

/* Entry `way` of `set`. */
static inline struct tlb_entry *
tlb_at(const struct hw *hw, unsigned cpu, unsigned set, unsigned way)
{
    return hw->tlb + ((size_t)cpu * hw->geo.tlb_sets + set) * hw->geo.tlb_ways + way;
}

/* The set that a page of 1 << shift bytes at va belongs to. */
unsigned tlb_set(const struct hw *hw, vaddr_t va, unsigned shift);

/* The first of the *ways entries among which the page of 1 << shift bytes at va may stand. */
struct tlb_entry *tlb_places(const struct hw *hw, unsigned cpu, vaddr_t va, unsigned shift,
                             unsigned *ways);

/* The entry that translates va now, or NULL. No events, no stamps. */
struct tlb_entry *tlb_find(const struct hw *hw, unsigned cpu, vaddr_t va);

/* Does an invalid entry remember va's page? Only an initial state has such entries: a dropped entry
 * is zeros. */
bool tlb_invalid(const struct hw *hw, unsigned cpu, vaddr_t va);

/* The CPU looks va up: counts, stamps, emits. NULL on a miss. */
struct tlb_entry *tlb_lookup(struct hw *hw, unsigned cpu, vaddr_t va);

/* Keep a translation; replaces an entry for the same page, else fills an invalid way, else evicts
 * the one the policy names. */
void tlb_fill(struct hw *hw, unsigned cpu, vaddr_t va, const struct translation *t);

/* The same where a lookup has just found no entry, of any size the TLB holds. Returns the new one, and
 * in *gone what was in its place; NULL when nothing is remembered. */
struct tlb_entry *tlb_add(struct hw *hw, unsigned cpu, vaddr_t va, const struct translation *t,
                          struct tlb_entry *gone);

/* All of these tell the walk caches too. */

/* Drop what translates va (INVLPG, and what a page fault does by itself). Returns how many went. */
unsigned tlb_drop(struct hw *hw, unsigned cpu, vaddr_t va);

/* Drop everything; global entries too if `globals`. Returns how many went. */
unsigned tlb_flush(struct hw *hw, unsigned cpu, bool globals);

/* The same for one address-space tag: entries of others stay, and so do global ones unless
 * `globals`. */
unsigned tlb_drop_asid(struct hw *hw, unsigned cpu, vaddr_t va, asid_t asid, bool globals);
unsigned tlb_flush_asid(struct hw *hw, unsigned cpu, asid_t asid);

/* The tag entries get now: the PCID while CR4.PCIDE is set, else 0 for all (SDM vol. 3A, 4.10.1);
 * beyond x86 always the address space's. */
asid_t tlb_asid(const struct hw *hw, unsigned cpu);

/* Put an entry where an initial state has it: valid, or (flags without TLB_VALID) with the tag only.
 */
void tlb_put(struct hw *hw, unsigned cpu, unsigned way, vaddr_t page, pfn_t pfn, uint8_t flags);

/* Does an entry hold this page for this tag? */
static inline bool
tlb_matches(const struct tlb_entry *e, vaddr_t page, unsigned shift, asid_t tag)
{
    return e->page == page && e->shift == shift && (e->flags & TLB_VALID) &&
           (e->asid == tag || (e->flags & TLB_G));
}

/* Entries of another size that cover part of va's page go: an address must not match twice. */
void tlb_drop_overlaps(struct hw *hw, unsigned cpu, vaddr_t va, unsigned shift);

/* Valid entries now, of all TLBs of this CPU. */
unsigned tlb_count(const struct hw *hw, unsigned cpu);

/* TLB reach: bytes that translate without a walk, the sum of the pages that valid entries hold; and the
 * most it could be, all entries full of pages of 1 << shift bytes. */
uint64_t tlb_reach(const struct hw *hw, unsigned cpu);
uint64_t tlb_reach_most(const struct hw *hw, unsigned shift);
/* Can the TLB hold pages as large as those of this level? */
bool tlb_holds(const struct format *f, unsigned level);
