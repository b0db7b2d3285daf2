/* evict.h - take a page out of memory to make room for another.
 *
 * Promises   The policy in force chooses among the pages that can leave: of one process when it has
 *            reached its limit (local replacement), of everybody when no frame is free (global).
 *            All entries that map the page go, in every process, and what TLBs held of it.
 * Emits      HAND_PASSED*, VICTIM_CHOSEN, SLOT_ALLOC?; SLOT_REFS, ENTRY_WRITE and TLB_DROP for each
 *            entry; then PAGE_OUT (SWAP_WRITE when the disk is done), VICTIM_CLEAN or VICTIM_DROPPED.
 * Simplifies Not evicted: shared memory, and pages of a shared file that were written (their file
 *            has nowhere to keep them). A page table that became empty this way stays until its
 *            range is unmapped. One page at a time, when it is needed: no clustering, nothing in
 *            advance.
 */
#pragma once

#include "os/policy.h"
#include "os/swap.h"

enum evicted {
    EVICT_NONE,   /* no page can leave */
    EVICT_CLEAN,  /* the frame may be used at once */
    EVICT_WRITES, /* ... after evict_written */
};

/* frame.locked */
enum lock { UNLOCKED, LOCK_READ, LOCK_WRITE };

/* One page of mm (0: of anybody) leaves. Its frame is the caller's, with one reference, unmapped; it
 * keeps its place on the ring. */
enum evicted evict_page(struct os *os, unsigned cpu, uint32_t mm, pfn_t *pfn);

/* The disk has written it. */
void evict_written(struct os *os, unsigned cpu, pfn_t pfn, uint64_t cycles);

/* Make one frame free at once, waiting for the disk on the spot: for the kernel's own needs. */
void evict_now(struct os *os, unsigned cpu);

/* --- choosing (choose.c) --- */

/* Can this page leave? `room`: a page without a slot could get one. */
bool evict_can(const struct os *os, pfn_t pfn, bool room);
/* Was it written since the disk had it? */
bool evict_is_dirty(const struct os *os, pfn_t pfn);

/* The victim by the policy in force, 0 when no page can leave. `why` gets the reasons: what
 * VICTIM_CHOSEN carries. */
pfn_t choose_victim(struct os *os, unsigned cpu, uint32_t mm, bool room, struct event *why);
/* Whom it would be, with nothing changed; 0 for random, which nobody knows before. */
pfn_t choose_peek(const struct os *os, uint32_t mm);
/* R: has an entry that maps the page its A bit set? */
bool choose_referenced(const struct os *os, pfn_t pfn);
/* Clear it in all of them, and have the TLBs forget the page. */
void choose_clear(struct os *os, unsigned cpu, pfn_t pfn);
/* Where the page is mapped (the first that can be told), and its next use in the string, 0 never. */
uint64_t choose_next_use(const struct os *os, pfn_t pfn);
/* A quirk of the clock: see quirks.def. */
void choose_after_use(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, bool loaded);
