/* control.h - the instructions that change how translation works: MOV to CR0, CR3, CR4 and what
 * they do to the TLB.
 *
 * Promises   False: #GP(0), nothing changed. Which TLB entries go is the least the manual demands
 *            (SDM vol. 3A, 4.10.4.1): a machine that forgets more would hide the mistakes that
 *            lessons are about.
 * Emits      CR3_LOAD, TLB_FLUSH.
 * Simplifies Only bits the walker looks at are judged. 32-bit PAE does not exist.
 */
#pragma once

#include "hw/cpu.h"

#define CR3_KEEP (UINT64_C(1) << 63) /* with CR4.PCIDE: drop nothing */
#define CR4_LA57 (UINT64_C(1) << 12)

bool control_load_cr0(struct hw *hw, unsigned cpu, uint64_t value);
bool control_load_cr3(struct hw *hw, unsigned cpu, uint64_t value);
bool control_load_cr4(struct hw *hw, unsigned cpu, uint64_t value);

/* Beyond x86: a register by its place in struct cpu (0, 2 .. 5), as CSR or MSR instructions write it.
 * Nothing is dropped from the TLB, not even by a new root: that is software's business. False: satp
 * names a mode this CPU does not have (which the write then does not change). */
bool control_load_other(struct hw *hw, unsigned cpu, unsigned index, uint64_t value);

enum invpcid_type { INVPCID_ADDRESS, INVPCID_CONTEXT, INVPCID_ALL_GLOBAL, INVPCID_ALL };

/* INVPCID (SDM vol. 2A): one address of a PCID, one PCID, everything, everything but global
 * entries. */
bool control_invpcid(struct hw *hw, unsigned cpu, uint64_t type, uint64_t pcid, vaddr_t va);
