/* cpu.h - one CPU's access path: TLB, else walk and fill; then the bytes.
 *
 * Promises   Either the whole access happens or none of it: both pages of an access that
 *            crosses a page boundary are translated before a byte moves. A fault is a result;
 *            CR2 is written for #PF, untouched for #GP and #SS. A fault drops the TLB entry it found
 *            (SDM 4.10.4.1).
 * Emits      ACCESS, per page TLB_HIT | TLB_MISS walk TLB_FILL, TRANSLATED, then what the data cache
 *            says, DATA_READ or DATA_WRITE; or the fault.
 * Simplifies One access at a time, in program order. With CR0.PG = 0 the address is the
 *            physical address, or what a segment makes of it (hw/segment.h).
 */
#pragma once

#include "hw/tlb.h"

struct access_result {
    struct fault fault; /* vector FAULT_NONE: done */
    uint64_t value;     /* what a read or fetch returned */
    paddr_t pa;         /* of the first byte */
    paddr_t beyond;     /* of the first byte in the second page; 0: one page */
};

/* True when done. `again` marks the restart of an instruction after a fault: no ACCESS event. */
bool cpu_access(struct hw *hw, unsigned cpu, const struct access *a, bool again,
                struct access_result *r);

/* The address alone, as far as TRANSLATED: what a debugger or a vector asks. va is within the
 * format (format_extend). */
bool cpu_translate(struct hw *hw, unsigned cpu, const struct access *a, struct translation *t);

/* MOV CR3: loads the root and drops every non-global entry; with CR4.PCIDE only those of the new
 * PCID, and none if bit 63 is set. */
void cpu_load_cr3(struct hw *hw, unsigned cpu, uint64_t value);

/* What a kernel does to run in the address space of this root: on x86 MOV CR3; elsewhere the root
 * register (address space 0), then the order to forget. */
void cpu_load_root(struct hw *hw, unsigned cpu, paddr_t root);

/* INVLPG: the page, global or not, and the walk caches of this PCID whatever the address (SDM
 * 4.10.4.1). */
void cpu_invlpg(struct hw *hw, unsigned cpu, vaddr_t va);
