/* control.h - the instructions that change how translation works: MOV to CR0, CR3, CR4, WRMSR to
 * EFER, and what they do to the mode and the TLB.
 *
 * Promises   A value is judged before anything changes. Which TLB entries go is the least the manual
 *            demands (SDM vol. 3A, 4.10.4.1): a machine that forgets more would hide the mistakes
 *            that lessons are about.
 *            Where the root is in registers, a malformed entry of it is #GP(0) here (4.4.1).
 * Emits      CR3_LOAD, ROOT_LOAD, PAGING, TLB_FLUSH.
 * Simplifies Only bits the walker looks at are judged.
 */
#pragma once

#include "hw/cpu.h"
#include "hw/mode.h"

#define CR3_KEEP (UINT64_C(1) << 63) /* with CR4.PCIDE: drop nothing */

/* Why the CPU refuses a value. The text goes on after "#GP: ... ". */
#define CONTROL_REASONS(X)                                                                         \
    X(NONE, "nothing is wrong with it")                                                            \
    X(PG_PE, "paging exists only in protected mode, PE = 1")                                       \
    X(PG_PCIDE, "paging cannot end while CR4.PCIDE = 1")                                           \
    X(LONG_PAE, "EFER.LME = 1 asks for long mode, which needs CR4.PAE = 1 first")                  \
    X(PAE_LONG, "long mode (EFER.LMA = 1) cannot do without PAE")                                  \
    X(LA57_LONG, "in long mode the number of levels cannot change: turn paging off first")         \
    X(PCIDE_LONG, "PCIDs exist in long mode only")                                                 \
    X(PCIDE_CR3, "bits 11:0 of CR3 are not 0, and would be a PCID at once")                        \
    X(LME_PG, "EFER.LME cannot change while paging is on")                                         \
    X(CR3_BITS, "bits at MAXPHYADDR and above must be 0")                                          \
    X(ROOT_BITS, "an entry of the root that it would load has reserved bits")

enum control_reason {
#define X(code, text) REFUSED_##code,
    CONTROL_REASONS(X)
#undef X
        CONTROL_REASON_COUNT
};

extern const char *const control_reason_text[CONTROL_REASON_COUNT];

/* What the CPU would say to this value in register `number`: 0 CR0, 3 CR3, 4 CR4, CONTROL_EFER. Changes
 * nothing. */
enum { CONTROL_EFER = 5 };
enum control_reason control_judge(const struct hw *hw, unsigned cpu, unsigned number,
                                  uint64_t value);

/* False: #GP(0), nothing changed. */
bool control_load_cr0(struct hw *hw, unsigned cpu, uint64_t value);
bool control_load_cr3(struct hw *hw, unsigned cpu, uint64_t value);
bool control_load_cr4(struct hw *hw, unsigned cpu, uint64_t value);
/* WRMSR. LMA is not software's to write: it stays as it is. */
bool control_load_efer(struct hw *hw, unsigned cpu, uint64_t value);

/* Beyond x86: a register by its place in struct cpu (0, 2 .. 5), as CSR or MSR instructions write it.
 * Nothing is dropped from the TLB, not even by a new root: that is software's business. False: satp
 * names a mode this CPU does not have (which the write then does not change). */
bool control_load_other(struct hw *hw, unsigned cpu, unsigned index, uint64_t value);

enum invpcid_type { INVPCID_ADDRESS, INVPCID_CONTEXT, INVPCID_ALL_GLOBAL, INVPCID_ALL };

/* INVPCID (SDM vol. 2A): one address of a PCID, one PCID, everything, everything but global
 * entries. */
bool control_invpcid(struct hw *hw, unsigned cpu, uint64_t type, uint64_t pcid, vaddr_t va);
