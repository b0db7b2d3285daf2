/* table.h - single steps on the tree of page tables, for table.c and huge.c only; the doors are in
 * os/space.h.
 */
#pragma once

#include "os/os.h"

/* The one door through which the kernel writes entries of a tree. Emits ENTRY_WRITE. */
void table_entry_write(struct os *os, unsigned cpu, unsigned level, vaddr_t va, paddr_t slot,
                       pte_t entry);
/* Follow the tables of `owner` down from root: the level of the last table that is there. slot[] is
 * where va's entry in each one lies. */
unsigned table_descend(const struct os *os, uint32_t owner, paddr_t root, vaddr_t va,
                       paddr_t slot[LEVEL_MAX]);
/* The entry of va at `wanted`, tables made on the way; 0 when out of memory. */
paddr_t table_reach(struct os *os, unsigned cpu, uint32_t owner, paddr_t root, unsigned wanted,
                    vaddr_t va);
/* A table of this level for the addresses around va, empty and linked nowhere; 0: out of memory. */
pfn_t table_new(struct os *os, unsigned cpu, uint32_t owner, unsigned level, vaddr_t va);
/* Emits TABLE_FREE. */
void table_free(struct os *os, unsigned cpu, uint32_t mm, pfn_t pfn);
/* An entry of `level` that leads to a table. */
pte_t table_link_entry(const struct os *os, unsigned level, pfn_t pfn);
/* An entry of `level` that maps memory for the user from pfn on: table_entry for any size. */
pte_t table_leaf_entry(const struct os *os, unsigned level, pfn_t pfn, uint8_t prot, bool writable);
