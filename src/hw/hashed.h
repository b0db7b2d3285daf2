/* hashed.h - page tables that are no trees: one for the whole machine, found by hashing.
 *
 * Promises   The key is (process, page number), so one table serves all processes and its size
 *            follows memory, not address spaces. A tree asks "what is at this address?", this
 *            table "who has this page?", and asks entry after entry.
 * Emits      WALK_START ANCHOR_READ PROBE_MISS* PROBE_HIT WALK_READ; without PROBE_HIT and
 *            WALK_READ where there is no entry. With `table_scan` there is no ANCHOR_READ.
 * Simplifies The process number is in the root's low bits. PowerPC and the IBM RT PC put a segment
 *            register's number there, so that processes may also share segments.
 *
 * In memory, from the address that CR3 names: entries of 16 bytes, then anchors of 4.
 *
 *    entry 0   entry 1        entry n-1   anchor 0  anchor 1
 *   |    :    |    :    | ... |    :    |    |    |    |    | ...
 *
 *    63     56 55                20 19             0
 *   | process |     page number    |  next entry   |   whose it is; its chain goes on there (0: ends)
 *   |            an entry as in a tree             |   the translation; 8 bytes on
 *
 * An anchor is the number of the first entry of its chain, 0 when the chain is empty: entry 0 is
 * never used, as frame 0 is not. In an inverted table entry i tells about frame i, so the
 * translation's frame bits are not used (IBM RT PC; Silberschatz, Operating System Concepts, 9.4.2
 * and 9.4.3; Tanenbaum, Modern Operating Systems, 3.3.4).
 */
#pragma once

#include "hw/walker.h"

enum {
    HASHED_ENTRY = 16, /* bytes */
    HASHED_ANCHOR = 4,
    HASHED_LINK_BITS = 20,
    HASHED_PAGE_BITS = 36,
    HASHED_TAG_BITS = 8, /* of a process number */
};

/* The bits of a root that name a process; a tree's has none. */
static inline uint64_t
hashed_tags(const struct format *f)
{
    return format_is_tree(f) ? 0 : low_bits(HASHED_TAG_BITS);
}

/* --- sizes --- */

/* As many as there are frames; a hash wants a power of two. */
uint32_t hashed_anchors(const struct geometry *g);
/* Inverted: one a frame. Hashed: one an anchor, so that a full table has chains of 1 on average. */
uint32_t hashed_entries(const struct geometry *g);
uint64_t hashed_bytes(const struct geometry *g);

/* --- places --- */

/* The anchor of a page. Neighbouring pages have neighbouring anchors, and every process begins
 * somewhere else. */
uint32_t hashed_slot(const struct geometry *g, uint32_t process, vpn_t vpn);

static inline paddr_t
hashed_entry_pa(paddr_t root, uint32_t index)
{
    return (root & ~low_bits(HASHED_TAG_BITS)) + (uint64_t)index * HASHED_ENTRY;
}

paddr_t hashed_anchor_pa(const struct geometry *g, paddr_t root, uint32_t slot);

/* The number of the entry whose translation lies at pa. */
uint32_t hashed_index(const struct hw *hw, unsigned cpu, paddr_t pa);

/* --- the first word --- */

static inline uint64_t
hashed_word(uint32_t process, vpn_t vpn, uint32_t next)
{
    return (uint64_t)process << (HASHED_LINK_BITS + HASHED_PAGE_BITS) | vpn << HASHED_LINK_BITS |
           next;
}

/* 0: the entry is not in use. */
static inline uint32_t
hashed_process(uint64_t word)
{
    return (uint32_t)(word >> (HASHED_LINK_BITS + HASHED_PAGE_BITS));
}

static inline vpn_t
hashed_page(uint64_t word)
{
    return word >> HASHED_LINK_BITS & low_bits(HASHED_PAGE_BITS);
}

static inline uint32_t
hashed_next(uint64_t word)
{
    return (uint32_t)(word & low_bits(HASHED_LINK_BITS));
}

/* --- the second word --- */

/* What an entry says, given what stands in memory: the frame is filled in where the place tells it.
 * 0 stays 0. */
static inline pte_t
hashed_translation(const struct format *f, uint32_t index, uint64_t stored)
{
    return f->kind == TABLE_INVERTED && stored
               ? (stored & ~f->frame) | format_naming(f, pa_of(f, index))
               : stored;
}

/* What stands in memory for it. */
static inline uint64_t
hashed_stored(const struct format *f, pte_t entry)
{
    return f->kind == TABLE_INVERTED ? entry & ~f->frame : entry;
}

/* --- looking up --- */

/* The MMU looks for va. True: t->entry[0] and t->slot[0] are its translation. */
bool hashed_find(struct hw *hw, unsigned cpu, vaddr_t va, struct translation *t);
/* The same for `root` without time, events and quirks, always by the hash. */
bool hashed_peek(const struct hw *hw, paddr_t root, vaddr_t va, struct translation *t);
