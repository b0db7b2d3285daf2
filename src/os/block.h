/* block.h - memory that the kernel takes for itself: a block of the buddy allocator, as large as it
 * must be and no larger.
 *
 * Promises   A request is rounded up to a power of two pages; what is left over at its end is lost
 *            until the block comes back (internal fragmentation). The whole block belongs together:
 *            it is given back by its first frame, all at once.
 * Owns       The records of the block's frames: BLOCK at the first, PART at the others.
 * Emits      BUDDY_SPLIT*, BLOCK_ALLOC, or NO_MEMORY; BLOCK_FREE, BUDDY_MERGE*.
 * Simplifies No zones and no GFP flags: the request neither waits nor reclaims.
 * Source     Linux mm/page_alloc.c, alloc_pages and free_pages; get_order.
 */
#pragma once

#include "os/frame.h"

/* The smallest order whose block holds so many bytes (1 or more). */
unsigned block_order(const struct os *os, uint64_t bytes);

/* Its first frame, or 0 when no block of that order or above is free. */
pfn_t block_alloc(struct os *os, unsigned cpu, uint64_t bytes);

/* The first frame of a block that block_alloc gave. */
void block_free(struct os *os, unsigned cpu, pfn_t pfn);
