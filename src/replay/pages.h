/* pages.h - page numbers of 64 bits, renumbered into 32, so that what is known of a page can stand in
 * an array.
 *
 * Promises   Any page number. Numbers are below `end`; number 0 is never given and means "none".
 * Owns       The directories, a slot a region, and a byte a page.
 * Simplifies Neighbours stay neighbours: each REGION of pages has as many numbers, given in the order
 *            of the regions' first references. A column over the numbers has cells for pages that
 *            never come. When most never do, new regions are pairs of pages: slower, but a trace of
 *            a million pages all far apart does not pay for a hundred million.
 */
#pragma once

#include "replay/column.h"

enum { REGION_SHIFT = 7, REGION = 1 << REGION_SHIFT };

/* Numbers end here at most: positions and frames, each a little more, fit 32 bits. */
#define PAGES_MAX (UINT32_MAX - 0xffff)

struct directory {
    struct column slot; /* struct region_slot, a power of two of them */
    unsigned bits;      /* 2^bits slots */
    unsigned shift;     /* 2^shift pages a region */
    uint32_t regions;
};

struct pages {
    struct directory wide, pairs;
    bool far_apart; /* new regions are pairs */
    struct column near_tag, near_delta;
    struct column seen; /* a byte a number: 1 if its page was referenced */
    uint32_t end;       /* numbers given are below, a multiple of REGION */
    uint32_t pair;      /* the next pair's; a multiple of REGION: there is none yet */
};

bool pages_open(struct pages *p, struct error *e);
void pages_close(struct pages *p);

/* Put the numbers of n pages into id. EXIT_LIMIT: no memory, or more than PAGES_MAX numbers. */
bool pages_number(struct pages *p, const uint64_t *page, uint32_t *id, size_t n, struct error *e);

/* Different pages so far. Looks at all numbers. */
uint32_t pages_count(const struct pages *p);

/* rank[id], below `end`: the lower the page number, the lower the rank; all are different. */
bool pages_rank(const struct pages *p, uint32_t *rank, struct error *e);
