/* resident.h - the pages in memory as page replacement sees them: a ring of frames, and when each
 * was loaded and used.
 *
 * Promises   The ring holds every frame with a page of a process or a file, each once. Frames join
 *            at its end; a page that comes into its victim's frame takes its victim's place. The
 *            ring of one process is the ring without the frames it does not map. Load time, last
 *            use and count are always kept, so the policy can change at any time; R is not here,
 *            it is the A bit of the entries.
 * Owns       os->resident[] (through its door), os_state.ring_*, hand, mm.hand.
 * Simplifies Exact times of use: a store at each access. No real kernel has them; that is why
 *            there are clocks (OSTEP 22, "Approximating LRU").
 * Invariant: the hand of a process is 0 or on its ring.
 */
#pragma once

#include "os/frame.h"

/* Times are numbers of references: accesses of user programs, one for each page touched. */
struct resident {
    uint64_t loaded; /* the reference that brought the page into memory */
    uint64_t used;   /* the last one to it */
    uint32_t uses;   /* references since it was loaded */
    uint32_t next;   /* on the ring, 0 at its end */
    uint32_t prev;
    uint32_t on_ring;
};

void resident_add(struct os *os, pfn_t pfn);
void resident_remove(struct os *os, pfn_t pfn);

/* A page has come into this frame: its times begin. */
void resident_load(struct os *os, pfn_t pfn);
/* The page in `from` goes on in `pfn`: same times, same place. */
void resident_inherit(struct os *os, pfn_t pfn, pfn_t from);
/* Only the place: pfn is behind `from` now. */
void resident_follow(struct os *os, pfn_t pfn, pfn_t from);
/* A program touched the page at pa. */
void resident_use(struct os *os, paddr_t pa);

/* The frame after pfn on the ring of mm (0: of everybody), or 0 at its end; pfn 0: the first. */
pfn_t resident_next(const struct os *os, uint32_t mm, pfn_t pfn);
/* The same, going round; 0 only when the ring is empty. */
pfn_t resident_round(const struct os *os, uint32_t mm, pfn_t pfn);
/* The hand of mm (0: of everybody), which stands on the first frame as long as it has not moved. */
pfn_t resident_hand(const struct os *os, uint32_t mm);
void resident_set_hand(struct os *os, uint32_t mm, pfn_t pfn);
/* mm no longer maps pfn: its hand must not stay there. */
void resident_left(struct os *os, uint32_t mm, pfn_t pfn);
/* Is one of mm's pages in this frame? */
bool resident_maps(const struct os *os, uint32_t mm, pfn_t pfn);
