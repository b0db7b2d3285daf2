/* ordinary.h - a well-made simulator of the usual kind, to measure against.
 *
 * A hash table with chains leads from page numbers to records; the records stand in a list, in lists
 * by use count, or in a heap by next use. One policy and one size a run, one reference at a time, as
 * general cache simulators do it. LRU depths come from a splay tree with subtree counts (Olken 1981).
 *
 * Promises   The same faults as replay for fifo, lru, clock, opt and lfu, and the same curve.
 */
#pragma once

#include "os/policy.h"

/* The hash table has 2^bits chains. Next uses, for opt, come from ordinary_next_uses. */
uint64_t ordinary_faults(enum policy policy, size_t frames, unsigned bits, const uint64_t *page,
                         const uint32_t *next_use, size_t n);
/* next_use[i]: the next reference to the page of reference i; n and more: never. */
void ordinary_next_uses(unsigned bits, const uint64_t *page, size_t n, uint32_t *next_use);

/* hits[d]: references that found their page at depth d (1 is the top); `pages` + 1 entries. Returns
 * the references to pages not seen before. */
uint64_t ordinary_depths(unsigned bits, const uint64_t *page, size_t n, uint64_t *hits);
