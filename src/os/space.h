/* space.h - address spaces: areas (what is promised) and page tables (what is there).
 *
 * Promises   Areas are sorted, disjoint, page-aligned, non-empty and in the user half; neighbours
 *            that could be one are one. Tables are made when the first entry below them is, and
 *            given back when the last one goes (but for eviction, os/evict.h). Every change of an
 *            entry that takes away rights or presence drops it from this CPU's TLB at once, and
 *            from every other that may hold it before its frame is anybody else's.
 * Owns       os->mm[], os->area[]; the bytes of the page tables.
 * Emits      AREA_*, TABLE_*, ENTRY_WRITE, TLB_DROP, and what frames emit.
 */
#pragma once

#include "os/frame.h"
#include "hw/walker.h"

#define AREA_KINDS(X)                                                                              \
    X(CODE, "code")                                                                                \
    X(DATA, "data")                                                                                \
    X(HEAP, "heap")                                                                                \
    X(MMAP, "mmap")                                                                                \
    X(STACK, "stack")                                                                              \
    X(KERNEL, "kernel")

enum area_kind {
#define X(code, text) AREA_##code,
    AREA_KINDS(X)
#undef X
    AREA_KIND_COUNT
};

extern const char *const area_kind_name[AREA_KIND_COUNT];

struct area {
    vaddr_t start, end;  /* [start, end), page-aligned */
    uint64_t offset;     /* page of the object that `start` shows */
    uint32_t object;     /* 0: anonymous */
    uint32_t next;       /* next area by address, 0 none */
    uint8_t prot;        /* enum right */
    uint8_t kind;        /* enum area_kind */
    uint8_t shared;      /* writes are seen by all who map the object */
    uint8_t used;        /* 0: record is free */
    uint32_t waste;      /* bytes at its end that nobody asked for: the rest of a huge page */
};

/* An address space. mm number = index; 0 is none. */
struct mm {
    paddr_t root;        /* table that CR3 gets */
    uint32_t area;       /* first area */
    uint32_t areas;
    uint32_t users;      /* tasks that run in it */
    uint32_t tables;     /* page-table frames of its own, root included */
    uint64_t rss_anon;   /* user leaves that map anonymous frames */
    uint64_t rss_file;   /* ... frames of files or shared memory; the zero page counts in neither */
    uint64_t zeros;      /* ... the zero page */
    vaddr_t brk_start, brk;
    vaddr_t stack_top;
    uint64_t swapped;    /* user leaves that name a slot of the swap device */
    uint32_t hand;       /* the clock's, on the ring of this process (os/resident.h); 0: at its start */
    uint32_t mappings;   /* its first record by address, where the table is no tree (os/mapping.h) */
    uint64_t huge;       /* huge pages it maps; their frames count in rss_anon, too (os/huge.h) */
};

/* --- areas (area.c) --- */

struct area *area_edit(struct os *os, uint32_t index);
/* Index of the area that contains va, or 0. */
uint32_t area_find(const struct os *os, uint32_t mm, vaddr_t va);
/* Highest gap of `length` bytes at or below the mmap base, 0 when there is none. */
vaddr_t area_gap(const struct os *os, uint32_t mm, uint64_t length);
bool area_range_is_free(const struct os *os, uint32_t mm, vaddr_t start, vaddr_t end);
/* Does every page of [start, end) lie in an area? */
bool area_covers(const struct os *os, uint32_t mm, vaddr_t start, vaddr_t end);
/* Add one; merges with equal neighbours (same prot, kind, sharing, and object at the continuing
 * offset). Takes over one reference of the object. False when the pool is full. Emits
 * AREA_ADDED. */
bool area_add(struct os *os, unsigned cpu, uint32_t mm, const struct area *like);
/* Take [start, end) out of all areas (splitting), without touching pages. Emits AREA_REMOVED per
 * piece. */
bool area_cut(struct os *os, unsigned cpu, uint32_t mm, vaddr_t start, vaddr_t end);
/* Change rights of [start, end), which must be covered. Emits AREA_CHANGED. */
bool area_protect(struct os *os, unsigned cpu, uint32_t mm, vaddr_t start, vaddr_t end,
                  uint8_t prot);
/* An area below which va lies may be a stack that grows down to it: then its index, and the area
 * now contains va; else 0. Emits AREA_GROWN. */
uint32_t area_grow(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va);
/* Pages from the start of the object to the one that va shows. */
uint64_t area_page(const struct os *os, uint32_t index, vaddr_t va);

/* --- page tables (table.c; mapping.c where the format is no tree) --- */

/* The frame that an entry of a table, or of a 4 KiB page, names. */
static inline pfn_t
table_pfn(const struct format *f, pte_t entry)
{
    return pfn_of(f, format_address(f, entry));
}

/* What in an entry tells that its page may have been written: D, or the right to write where a format
 * has no D. */
static inline pte_t
table_tells_dirty(const struct format *f)
{
    return f->flag.dirty ? f->flag.dirty : f->flag.writable;
}

/* A new root with the kernel's half copied in; false when out of memory. */
bool table_new_root(struct os *os, unsigned cpu, uint32_t mm);
/* Where the last-level entry of va lies; makes missing tables when `make` (0 when absent or out of
 * memory). */
paddr_t table_slot(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, bool make);
/* The same without making any. */
paddr_t table_find(const struct os *os, uint32_t mm, vaddr_t va);
/* Write a last-level entry: present, for a user page with these rights. The caller has done the
 * counting. */
void table_set(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, paddr_t slot, pte_t entry);
/* The bytes only: TLBs are the caller's business. */
void table_write(struct os *os, unsigned cpu, vaddr_t va, paddr_t slot, pte_t entry);
pte_t table_get(const struct os *os, paddr_t slot);
/* Move *va on to the first page in [*va, end) whose entry says anything (not 0: present, or names a
 * slot), and say where that entry lies. False when there is none. */
bool table_next(const struct os *os, uint32_t mm, vaddr_t *va, vaddr_t end, paddr_t *slot);
/* An entry that maps pfn for the user. `prot` 0 keeps the page but shuts the user out (U = 0). */
pte_t table_entry(const struct os *os, pfn_t pfn, uint8_t prot, bool writable);
/* Where the hardware leaves A and D to software (RISC-V without Svadu, AArch64): set in the entry of va
 * what an access needs, if the entry allows it. True when something changed. */
bool table_mark(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, bool write);
/* After the entry of va went: give back tables that are empty, up to but not including the root. */
void table_trim(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va);
/* Give back every table of this address space (user half), the root last. */
void table_free_all(struct os *os, unsigned cpu, uint32_t mm);
/* The kernel's own root, and in it a map of all RAM at layout.kernel with the largest pages that
 * fit; at boot. */
bool table_map_ram(struct os *os);

/* --- pages (page.c): an entry together with its counting --- */

/* Map a frame at va: entry, reverse map, rss; the reference is the caller's and passes to the
 * entry. A slot that the entry named loses it. */
bool page_map(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, pfn_t pfn, uint8_t prot,
              bool writable);
/* Put another frame (and entry) where one is mapped; the old frame loses this owner, the new one's
 * reference is the caller's. */
void page_replace(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, paddr_t slot, pfn_t pfn,
                  pte_t entry);
/* Remove what is mapped in [start, end): entries, reverse map, references, empty tables. */
void page_unmap_range(struct os *os, unsigned cpu, uint32_t mm, vaddr_t start, vaddr_t end);
/* The same, but the tables stay: those of a dying process go all at once. */
void page_zap_range(struct os *os, unsigned cpu, uint32_t mm, vaddr_t start, vaddr_t end);
/* The last page of a dying address space is gone: whatever is still counted lost its entry to a
 * poke, and goes too. */
void page_forget_rest(struct os *os, unsigned cpu, uint32_t mm);
/* Give the entries of [start, end) the rights `prot`. The right to write is only taken: a fault
 * gives it back, after asking who owns the frame. */
void page_protect_range(struct os *os, unsigned cpu, uint32_t mm, vaddr_t start, vaddr_t end,
                        uint8_t prot);
/* An entry of pfn changes. When it told that the page was written and no longer does, the frame's
 * record must: the slot on the swap device is out of date. */
void page_keep_dirty(struct os *os, pfn_t pfn, pte_t old, pte_t new);
/* The kernel notes that pfn is mapped at va, which the caller's entry says: reverse map, rss. False
 * when the reverse map is full. */
bool page_remember(struct os *os, uint32_t mm, vaddr_t va, pfn_t pfn);
/* The kernel forgets that pfn is mapped at va: reverse map, rss. The entry and the reference are the
 * caller's. */
void page_forget(struct os *os, uint32_t mm, vaddr_t va, pfn_t pfn);
/* Is the present entry at va one the kernel wrote, so that its counts can be trusted? A poked one
 * is not. */
bool page_is_known(const struct os *os, uint32_t mm, vaddr_t va, pte_t entry);
