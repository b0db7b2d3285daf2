/* buddy.h - the page allocator: free blocks of 2^order frames; a block's buddy differs from it in
 * exactly one bit of its number.
 *
 * Promises   Smallest order that fits, lowest address first among equals is not promised: lists are
 *            last in, first out. Deterministic.
 * Owns       os_state.free_head[], free_count[]; the next/prev/order of free frames.
 * Emits      BUDDY_SPLIT, BUDDY_MERGE, NO_MEMORY, and FRAME_FREE (BLOCK_FREE for a block of the
 *            kernel) when a block is on its list, before it merges.
 * Source     Knuth, TAOCP 1, 2.5; Linux mm/page_alloc.c.
 * Invariant: free blocks and allocated frames tile memory exactly once. A block of order k starts
 * at a multiple of 2^k.
 * Invariant: two buddies of the same order are never both free (below the top order).
 */
#pragma once

#include "os/frame.h"

enum { BUDDY_ORDERS = 11 }; /* 0 .. 10 at most, the geometry says how far: 4 KiB to 4 MiB */

/* The block it was once one with: the number with one bit turned over, relative to frame 0. */
static inline pfn_t
buddy_of(pfn_t pfn, unsigned order)
{
    return pfn ^ UINT64_C(1) << order;
}

/* First frame of a block of 1 << order frames, or 0. Its record is taken off the lists; use is set
 * by the caller. */
pfn_t buddy_take(struct os *os, unsigned cpu, unsigned order);
void buddy_give(struct os *os, unsigned cpu, pfn_t pfn, unsigned order);

/* All of [from, to) becomes free, in the largest aligned blocks; at boot. */
void buddy_add_range(struct os *os, pfn_t from, pfn_t to);
