/* pages.h - page numbers of 64 bits, renumbered 1, 2, 3 ... in the order of their first reference.
 *
 * Promises   Any page number. Same trace, same numbers. Number 0 is never given and means "none", so
 *            that whoever keeps a column over the numbers may use zero for a page not seen yet.
 * Owns       The directory and the leaves: memory grows with the different pages only.
 */
#pragma once

#include "replay/column.h"

/* So many different pages at most: positions, loads and frames, each a little more, fit 32 bits. */
#define PAGES_MAX (UINT32_MAX - 0xffff)

struct pages {
    struct column slot; /* the directory: struct region_slot, a power of two of them */
    struct column leaf; /* REGION numbers for each region; leaf 0 is never used */
    uint32_t count;     /* the highest number given */
    uint32_t regions;
    unsigned bits; /* the directory has 2^bits slots */
};

bool pages_open(struct pages *p, struct error *e);
void pages_close(struct pages *p);

/* Put the numbers of n pages into id. EXIT_LIMIT: no memory, or more than PAGES_MAX pages. */
bool pages_number(struct pages *p, const uint64_t *page, uint32_t *id, size_t n, struct error *e);

/* rank[id] = how many of the pages have a lower page number. `rank` has count + 1 entries. */
bool pages_rank(const struct pages *p, uint32_t *rank, struct error *e);
