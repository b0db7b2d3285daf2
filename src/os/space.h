/* space.h - address spaces: areas (what is promised) and page tables (what is there).
 *
 * Promises   Areas are sorted, disjoint, page-aligned, non-empty and in the user half; neighbours that could be one are one.
 *            Tables are made when the first entry below them is, and given back when the last one goes. Every change of an entry that takes away
 *            rights or presence drops it from every TLB that may hold it, at once.
 * Owns       os->mm[], os->area[]; the bytes of the page tables.
 * Emits      AREA_*, TABLE_*, ENTRY_WRITE, TLB_DROP, and what frames emit.
 */
#pragma once

#include "os/frame.h"
#include "hw/walker.h"

#define AREA_KINDS(X) X(CODE, "code") X(DATA, "data") X(HEAP, "heap") X(MMAP, "mmap") X(STACK, "stack") X(KERNEL, "kernel")

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
    uint32_t unused;
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
    vaddr_t brk_start, brk;
    vaddr_t stack_top;
};

/* --- areas (area.c) --- */

struct area *area_edit(struct os *os, uint32_t index);
/* Index of the area that contains va, or 0. */
uint32_t area_find(const struct os *os, uint32_t mm, vaddr_t va);
/* Highest gap of `length` bytes at or below the mmap base, 0 when there is none. */
vaddr_t area_gap(const struct os *os, uint32_t mm, uint64_t length);
bool area_range_is_free(const struct os *os, uint32_t mm, vaddr_t start, vaddr_t end);
/* Add one; merges with equal neighbours (same prot, kind, sharing, and object at the continuing offset). Takes over one reference of the object.
 * False when the pool is full. Emits AREA_ADDED. */
bool area_add(struct os *os, unsigned cpu, uint32_t mm, const struct area *like);
/* Take [start, end) out of all areas (splitting), without touching pages. Emits AREA_REMOVED per piece. */
bool area_cut(struct os *os, unsigned cpu, uint32_t mm, vaddr_t start, vaddr_t end);
/* Change rights of [start, end), which must be covered. Emits AREA_CHANGED. */
bool area_protect(struct os *os, unsigned cpu, uint32_t mm, vaddr_t start, vaddr_t end, uint8_t prot);

/* --- page tables (table.c) --- */

/* A new root with the kernel's half copied in; false when out of memory. */
bool table_new_root(struct os *os, unsigned cpu, uint32_t mm);
/* Where the last-level entry of va lies; makes missing tables when `make` (0 when absent or out of memory). */
paddr_t table_slot(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, bool make);
/* Write a last-level entry: present, for a user page with these rights. The caller has done the counting. */
void table_set(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, paddr_t slot, pte_t entry);
pte_t table_get(const struct os *os, paddr_t slot);
pte_t table_entry(const struct os *os, pfn_t pfn, uint8_t prot, bool writable);
/* After the entry of va went: give back tables that are empty, up to but not including the root. */
void table_trim(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va);
/* Give back every table of this address space (user half), the root last. */
void table_free_all(struct os *os, unsigned cpu, uint32_t mm);
/* Drop va from the TLBs of all CPUs that run this mm (unless QUIRK_NO_INVALIDATE). */
void table_invalidate(struct os *os, uint32_t mm, vaddr_t va);

/* --- pages (page.c): an entry together with its counting --- */

/* Map a frame at va: entry, reverse map, rss; the reference is the caller's and passes to the entry. */
bool page_map(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, pfn_t pfn, uint8_t prot, bool writable);
/* Remove what is mapped in [start, end): entries, reverse map, references, empty tables. */
void page_unmap_range(struct os *os, unsigned cpu, uint32_t mm, vaddr_t start, vaddr_t end);
