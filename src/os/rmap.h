/* rmap.h - the reverse map: for each frame, which (address space, virtual page) maps it. Pool of nodes, links are indices, 0 is none. */
#pragma once

#include "os/frame.h"

struct rmap {
    uint32_t mm;    /* os/space.h, 0: node unused */
    uint32_t next;
    vaddr_t va;
};

/* Also counts frame.maps. False when the pool is exhausted (a limit, not an emulated out-of-memory). */
bool rmap_add(struct os *os, pfn_t pfn, uint32_t mm, vaddr_t va);
void rmap_remove(struct os *os, pfn_t pfn, uint32_t mm, vaddr_t va);
