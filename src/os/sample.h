/* sample.h - how the kernel learns who uses memory: A is set by the MMU and read and cleared by the
 * kernel, now and then.
 *
 * Promises   One look at every page of one process on the ring: A goes into its frame's history, the
 *            last look in the highest bit, and is cleared wherever the page is mapped; TLBs forget the
 *            page, or its next use would set no A. How often a page was used between two looks cannot
 *            be known. A page that comes into memory begins with no history.
 * Owns       frame.history, frame.seen.
 * Emits      ENTRY_WRITE and TLB_DROP for each entry with A set, then PAGE_SAMPLED for the page.
 * Simplifies Linux on x86 leaves the TLB alone and accepts that some uses go unseen.
 */
#pragma once

#include "os/os.h"

/* The pages looked at. */
uint64_t os_sample(struct os *os, unsigned cpu, uint32_t mm);

/* The page in this frame is new, or `from`'s (0: new). */
void sample_begin(struct os *os, pfn_t pfn, pfn_t from);
