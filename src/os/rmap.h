/* rmap.h - the reverse map: for each frame, which (address space, virtual page) maps it. Pool of
 * nodes, links are indices, 0 is none.
 *
 * Promises   The nodes of a frame are a list, last added first. A node is also found by (mm, va),
 *            so taking one out costs the same for the zero page, which a hundred thousand entries
 *            may map, as for any other frame.
 * Simplifies One node per mapped page. Linux keeps one anon_vma per area and computes the address
 *            (mm/rmap.c): less memory, more to explain.
 * Invariant: at most one node has a given (mm, va), and it names the frame the kernel believes to
 * be there.
 */
#pragma once

#include "os/frame.h"

struct rmap {
    uint32_t mm;    /* os/space.h, 0: node unused */
    uint32_t next;  /* of the same frame; of the free list */
    vaddr_t va;
    uint32_t prev;  /* of the same frame */
    uint32_t chain; /* next node with the same hash */
    uint32_t pfn;
    uint32_t unused;
};

/* Also counts frame.maps. False when the pool is exhausted (a limit, not an emulated
 * out-of-memory). */
bool rmap_add(struct os *os, pfn_t pfn, uint32_t mm, vaddr_t va);
void rmap_remove(struct os *os, pfn_t pfn, uint32_t mm, vaddr_t va);

/* The frame that the kernel believes mm maps at va, or 0. The page tables may say otherwise once
 * somebody poked them. */
pfn_t rmap_frame(const struct os *os, uint32_t mm, vaddr_t va);

/* An address at which mm (0: anybody) maps the frame, the last added; 0 when there is none. */
vaddr_t rmap_address(const struct os *os, uint32_t mm, pfn_t pfn);
