/* isolation.h - kernel page-table isolation (KPTI): a second root for each address space, without the kernel.
 *
 *      kernel's root                user's root
 *   | user half | kernel half |   | user half | nothing |      the tables below the user half are the same
 *
 * Promises   While the tunable `kpti` is 1 a program runs under its user root: the kernel's half is not even
 *            mapped there. On the way into the kernel (call, fault, switch, an access of the kernel's own) CR3 gets the
 *            kernel's root, on the way out the user's. With CR4.PCIDE both have a tag, n and n | 0x800, and the
 *            loads keep what the TLB knows; without, each load drops it. Global pages are given up (CR4.PGE).
 *            A machine without "kpti" in its preset has no second roots and cannot turn it on.
 * Owns       struct isolation (hot), the frames of the user roots.
 * Emits      CR3_LOAD, TLB_FLUSH; ENTRY_WRITE of the second copy of a root's entry.
 * Simplifies One CPU. The page with the code that loads CR3, which both halves must map, is not shown;
 *            nor is the user half marked no-execute in the kernel's root.
 * Source     Linux arch/x86/mm/pti.c, arch/x86/entry/calling.h (SWITCH_TO_KERNEL_CR3, X86_CR3_PTI_PCID_USER_BIT).
 * Invariant: between operations a CPU that runs a process is under its user root.
 */
#pragma once

#include "base/types.h"

#define ISOLATION_TAG 0x800u /* bit 11 of a PCID: the user's view */

struct isolation {
    paddr_t user_root[TASK_MAX]; /* of each address space, 0 none */
};

struct os;

/* Is it on? */
bool isolation_is_on(const struct os *os);

/* A user root for mm, beside the one it gets; false when out of memory. Nothing without "kpti". */
bool isolation_new(struct os *os, unsigned cpu, uint32_t mm);
void isolation_free(struct os *os, unsigned cpu, uint32_t mm);
/* The entry at `slot` of a root was written: the user's root gets it too, if it is of the user half. */
void isolation_mirror(struct os *os, unsigned cpu, vaddr_t va, paddr_t slot, uint64_t entry);

/* What this CPU does next it does as the user, or as the kernel: CR3 is loaded if it must change. */
void isolation_view(struct os *os, unsigned cpu, bool user);
/* The tunable has changed. */
void isolation_turned(struct os *os, unsigned cpu);
