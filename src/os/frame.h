/* frame.h - one record per page frame: who owns it, how often, for what. The kernel's own
 * bookkeeping, not emulated bytes.
 *
 * Promises   Every frame is in exactly one use. frame_edit is the one door to a record that will be
 *            written.
 * Invariant: refs = page-table leaves of user areas that map the frame + 1 for the page cache + 1
 * for a kernel owner (table, zero page, reserved, first frame of a block, memory of programs) + 1 for a fault that has it
 * in hand.
 * Invariant: maps = user leaves that map the frame = length of its reverse map; (mm, va) is in it
 * exactly when walking mm at va ends here.
 * Invariant: a free frame has refs 0, maps 0, no reverse map, no content of anybody, and no TLB
 * entry names it.
 */
#pragma once

#include "base/arena.h"

#define FRAME_USES(X)                                                                              \
    X(TAIL, "part of a free block") /* not its first frame; 0: see os.c */                         \
    X(FREE, "free")                                                                                \
    X(RESERVED, "the kernel itself")                                                               \
    X(ZERO, "the zero page")                                                                       \
    X(TABLE, "a page table")                                                                       \
    X(ANON, "a page of the process")                                                               \
    X(FILE, "a page of a file")                                                                    \
    X(BLOCK, "a block of the kernel") /* its first frame (os/block.h) */                           \
    X(PART, "part of a block of the kernel")                                                       \
    X(PROGRAM, "memory for programs in one piece") /* os/partition.h */

enum frame_use {
#define X(code, text) USE_##code,
    FRAME_USES(X)
#undef X
    FRAME_USE_COUNT
};

extern const char *const frame_use_name[FRAME_USE_COUNT];

struct frame {
    uint32_t refs;
    uint32_t maps;
    uint32_t rmap;    /* first reverse-map node, 0 none (os/rmap.h) */
    uint32_t next;    /* free: next block of this order; FILE: next in the hash chain */
    uint32_t prev;    /* free: previous free block */
    uint32_t object;  /* FILE: which object (os/object.h) */
    uint64_t offset;  /* FILE: which page of it; TABLE: first virtual address it translates;
                         BLOCK: bytes that were asked for */
    uint32_t owner;   /* TABLE: process it belongs to (0: the kernel's); ANON: who first took it;
                         PROGRAM: whose partition it is in, 0: a hole */
    uint8_t use;      /* enum frame_use */
    uint8_t order;    /* free block, BLOCK: its order */
    uint8_t level;    /* TABLE: level, 0 = root */
    uint8_t locked;   /* enum lock (os/evict.h): the disk is still filling or emptying it */
    uint32_t slot;    /* ANON: the slot of the swap device that holds the same page, 0 none */
    uint8_t dirty;    /* told by an entry that no longer says it (page_keep_dirty) */
    uint8_t history;  /* RESIDENT: A as os_sample found it, the last look in the highest bit */
    uint8_t seen;     /* ... in how many looks it was set, 255: or more */
    uint8_t unused;
};

struct os;

static inline bool
frame_is_free(const struct frame *f)
{
    return f->use == USE_FREE || f->use == USE_TAIL;
}

/* The record for writing. */
struct frame *frame_edit(struct os *os, pfn_t pfn);

/* Take one frame (order 0) for a use: refs 1, bytes zero (a table or anonymous page; emits
 * FRAME_ZEROED when something was in it). When none is free a page is evicted first. 0 when there is
 * none: emits NO_MEMORY. Emits BUDDY_SPLIT*, FRAME_ALLOC, FRAME_ZEROED?. */
pfn_t frame_alloc(struct os *os, unsigned cpu, enum frame_use use, bool zero);

/* The same for a frame whose page was just evicted: it stays where it is on the ring. Emits
 * FRAME_REUSED, FRAME_ZEROED?. */
void frame_reuse(struct os *os, unsigned cpu, pfn_t pfn, enum frame_use use, bool zero);

/* One owner more or less. At 0 the frame goes back to the buddy allocator. Emits FRAME_SHARED /
 * FRAME_DROPPED, FRAME_FREE, BUDDY_MERGE*. */
void frame_get(struct os *os, unsigned cpu, pfn_t pfn);
void frame_put(struct os *os, unsigned cpu, pfn_t pfn);
