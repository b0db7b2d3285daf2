/* glance.h - the walk at a glance: of a tree whose entries are all as usual.
 *
 * Promises   What walker_walk would find, read from the same bytes, where it has nothing to tell, to
 *            mark or to refuse: nobody watches, no cache stands between, every entry is present, well
 *            formed and marked accessed, and the page is of the smallest size. Anything else is left to
 *            walker_walk, before anything has changed. Rights are for the caller to judge.
 * Source     SDM vol. 3A, 4.3 to 4.5; the rules are those of hw/entry.h, asked once for all walks.
 */
#pragma once

#include "hw/entry.h"

/* As long as the registers stay as they are. */
struct glance {
    struct rules rules;
    paddr_t root;
    struct {
        unsigned shift; /* va >> shift & mask: where in its table an entry lies, in bytes */
        uint64_t mask;
    } index[LEVEL_MAX];
    uint64_t entry_mask;  /* of an entry's bytes */
    uint64_t usual;       /* bits that every entry has */
    uint64_t grants;      /* bits that count only if every entry has them */
    uint64_t forbids;     /* ... already if one has them */
    uint64_t table_wrong; /* bits that none above the last level has */
    uint64_t leaf_wrong;  /* ... and none of the last */
    uint64_t frame;       /* bits that name a frame */
    /* Pages in a row mostly have the same flags: the bits of the last one, and what they mean. */
    uint64_t bits;
    uint8_t flags; /* enum tlb_flag */
};

/* Can this machine's walks be such? */
bool glance_exists(const struct hw *hw);

void glance_prepare(struct glance *g, const struct hw *hw, unsigned cpu);

/* True: t has pfn, shift, flags and pat. False: this walk is not as usual. No events, no time. */
bool glance_walk(const struct hw *hw, struct glance *g, vaddr_t va, struct translation *t);
