/* tag.h - address spaces and the PCIDs that tag them in a TLB, and what the kernel tells TLBs.
 *
 * Promises   While CR4.PCIDE is set on a CPU, address space n has PCID n there (or the number that
 *            os/asid.h gave it) and nobody at all has PCID 0; else CR3 has none. A switch keeps what the TLB knows when the tunable
 *            `switch_keeps` is 1. Whoever changes an entry calls tag_invalidate, whoever takes an
 *            address space away tag_forget.
 * Reads      SDM vol. 3A, 4.10.1 and 4.10.4; Linux arch/x86/mm/tlb.c.
 * Simplifies Linux has six PCIDs per CPU and gives them out anew; here every process has its own, or
 *            the numbers are handed out as on ARM (os/asid.h).
 */
#pragma once

#include "os/os.h"

/* Load CR3 for the address space that `pid` runs in; 0: the kernel's own root. */
void tag_load(struct os *os, unsigned cpu, uint32_t pid);

/* CR4.PCIDE was changed on this CPU: what runs there gets its PCID, or gives it up. */
void tag_begin(struct os *os, unsigned cpu);

/* Drop va of this address space from every TLB that may hold it (unless QUIRK_NO_INVALIDATE): from
 * this CPU's at once, from the others' as os/shootdown.h tells; `_now` ends when it is gone from
 * all. */
void tag_invalidate(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va);
void tag_invalidate_now(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va);

/* What a CPU does to itself: va of mm, or all of mm, is dropped from its TLB. */
void tag_drop(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va);
void tag_drop_all(struct os *os, unsigned cpu, uint32_t mm);

/* The address space that CR3 of this CPU names, run or kept; 0: none. */
uint32_t tag_runs(const struct os *os, unsigned cpu);
/* The one that an entry with this tag belongs to. */
uint32_t tag_owner(const struct os *os, unsigned cpu, asid_t asid);
/* Does a CPU with tags hold anything of mm, whoever runs there? */
bool tag_knows(const struct os *os, unsigned cpu, uint32_t mm);

/* An address space is gone, and its number may be given again. */
void tag_forget(struct os *os, uint32_t mm);

/* The root of the tables that a TLB entry of this CPU was made from; 0: there are none any more. */
paddr_t tag_root(const struct os *os, unsigned cpu, const struct tlb_entry *e);
/* What those tables say now of its page; false: nothing. */
bool tag_peek(const struct os *os, unsigned cpu, const struct tlb_entry *e, struct translation *t);
