/* huge_internal.h - what huge*.c share; only they include it. */
#pragma once

#include "os/huge.h"
#include "os/table.h"

/* The level whose entries map huge pages; how many frames one has. */
unsigned huge_level(const struct os *os);
uint64_t huge_frames(const struct os *os);
/* First address of the one around va, and of its page i. */
vaddr_t huge_first(const struct os *os, vaddr_t va);
vaddr_t huge_page(const struct os *os, vaddr_t base, uint64_t i);

/* The frames of a block become pages of mm, each with one owner: the entry that is to come. */
void huge_claim(struct os *os, pfn_t first, uint32_t mm);
/* The page at va, there or not, goes on in frame `to`. Its node of the reverse map is taken over, so only
 * one that was not there can find the pool empty: false. */
bool huge_move(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, pfn_t to);
/* The entry for the block at `first`, with the rights of the area, and these marks. */
pte_t huge_entry_for(const struct os *os, uint32_t mm, vaddr_t base, pfn_t first, pte_t marks);
