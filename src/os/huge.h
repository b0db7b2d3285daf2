/* huge.h - huge pages: one entry of the level above the last that maps as much memory as a whole table
 * of the last level would (2 MiB where a page is 4 KiB).
 *
 * Promises   A huge page is anonymous, private, its process's alone, and aligned in virtual and in
 *            physical memory. Each of its frames is counted as if it had an entry of its own: an
 *            owner, a node of the reverse map, a resident page. Whatever concerns a part of it
 *            (fork, mprotect, munmap of a part, a page that leaves memory, a fault) splits it first.
 * Owns       mm.huge, os_state.huge_pool[].
 * Emits      HUGE_COLLAPSED, HUGE_SPLIT, HUGE_MAPPED, HUGE_RESERVED, HUGE_NONE_LEFT.
 * Source     Linux mm/khugepaged.c (collapse_huge_page), mm/huge_memory.c (__split_huge_pmd_locked),
 *            mm/hugetlb.c; Intel SDM vol. 3A, 4.5.
 * Simplifies Not where CR4.PSE decides whether there are such pages (i386). No pages of 1 GiB for
 *            programs: the page allocator's largest block is smaller. A page of the pool is mapped at
 *            once, not by its first fault, and goes to the page allocator afterwards. When no frame is
 *            free no page of a huge one leaves memory: the table that the split needs would have to come
 *            from somewhere (Linux keeps the one that the collapse took away).
 */
#pragma once

#include "os/space.h"

enum { HUGE_POOL_MAX = 64 };

#define HUGE_WHYS(X)                                                                               \
    X(FINE, "")                                                                                    \
    X(NO_FORMAT, "this machine has no huge pages for programs")                                    \
    X(AREA, "no private, anonymous area covers all of the huge page around it")                    \
    X(ALREADY, "a huge page is there already")                                                     \
    X(NOT_THERE, "no huge page is there")                                                          \
    X(EMPTY, "none of its pages is in memory yet")                                                 \
    X(SWAPPED, "one of its pages is on the swap device")                                           \
    X(BUSY, "one of its pages is on its way in or out")                                            \
    X(STRANGE, "one of its entries is not as the kernel left it")                                  \
    X(LIMIT, "resident_limit leaves no room for a whole huge page")

enum huge_why {
#define X(code, text) HUGE_##code,
    HUGE_WHYS(X)
#undef X
        HUGE_WHY_COUNT
};

extern const char *const huge_why_text[HUGE_WHY_COUNT];

/* Bytes of a huge page, 0 where there are none; and the order of its block. */
uint64_t huge_size(const struct os *os);
unsigned huge_order(const struct os *os);

/* The entry of the huge page around va, or 0. */
paddr_t huge_find(const struct os *os, uint32_t mm, vaddr_t va);

/* What stands against it, or HUGE_FINE. */
enum huge_why huge_may_collapse(const struct os *os, uint32_t mm, vaddr_t va);
/* Its pages are copied into one block, the table goes. After HUGE_FINE only; false: no block is free.
 * Waits for the other CPUs. */
bool huge_collapse(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va);

/* The huge page around va, if there is one, becomes a table whose entries name the same frames. False:
 * no memory for the table. */
bool huge_split(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va);
/* All that [start, end) touches; only those that reach beyond it. */
bool huge_split_range(struct os *os, unsigned cpu, uint32_t mm, vaddr_t start, vaddr_t end);
bool huge_split_edges(struct os *os, unsigned cpu, uint32_t mm, vaddr_t start, vaddr_t end);
/* The one that this frame is part of. */
bool huge_split_frame(struct os *os, unsigned cpu, pfn_t pfn);
/* Is the frame part of one? */
bool huge_holds(const struct os *os, pfn_t pfn);

/* Remove those that lie in [start, end) as a whole, and empty tables above. */
void huge_zap_range(struct os *os, unsigned cpu, uint32_t mm, vaddr_t start, vaddr_t end);

/* The entry of va, of a page or of the huge page around it; 0: none. And: write it, TLBs are the
 * caller's business. */
paddr_t huge_or_page(const struct os *os, uint32_t mm, vaddr_t va);
void huge_or_page_write(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, pte_t entry);
/* Is this entry of va as the kernel left it? */
bool huge_or_page_known(const struct os *os, uint32_t mm, vaddr_t va, pte_t entry);

/* --- the pool --- */

/* Hold as many free blocks as this, or as many as there are. */
void huge_reserve(struct os *os, unsigned cpu, uint64_t wanted);
/* Are there so many in the pool? Emits HUGE_NONE_LEFT. */
bool huge_in_pool(const struct os *os, unsigned cpu, uint64_t pages);
/* Map `pages` of the pool, which has them, from va on; they lie in a new area. False: no memory for a
 * table above them, with some mapped. */
bool huge_map(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, uint64_t pages);
