/* trap.h - between the CPU and the kernel: take the fault an access returned, let the kernel mend
 * it, run the instruction again.
 *
 * Promises   os_access ends when the access is done, the process is dead, or (when told not to
 *            wait) the process sleeps on I/O; otherwise it drives emulated time until the disk is
 *            done. The instruction is restarted from its beginning after every mended fault.
 * Emits      The seven steps of a fault in order: PAGE_FAULT, TRAP, AREA_FOUND | AREA_MISSING |
 *            AREA_DENIES, what leaves (os/evict.h), frame events, ENTRY_WRITE, RESTART.
 * Source     Silberschatz, Operating System Concepts, 10.2.1; Linux mm/memory.c handle_mm_fault.
 */
#pragma once

#include "os/os.h"

enum access_end {
    END_DONE,
    END_SIGNAL,
    END_BLOCKED,
    END_NO_PROCESS,
    END_SKIPPED, /* QUIRK_NO_RESTART */
};

struct access_end_result {
    enum access_end end;
    enum signal_kind signal;
    uint64_t value;
    paddr_t pa;
    uint32_t faults; /* page faults on the way */
    uint32_t absent; /* of these: no page was there */
};

/* `access->user` false: the kernel itself touches memory, a fault it cannot mend ends the process
 * that runs (an oops, told as SIGKILL). */
void os_access(struct os *os, unsigned cpu, const struct access *a, bool wait,
               struct access_end_result *r);

/* Advance blocked faults whose I/O is done by now; on every CPU and task, in order of pid. */
void os_wake(struct os *os, unsigned cpu);

/* Let time pass up to `until`, stopping at each I/O that ends. */
void os_tick(struct os *os, unsigned cpu, uint64_t cycles);

/* The process that was just switched in goes on with the instruction it slept in, if there is
 * one. */
void os_resume(struct os *os, unsigned cpu);

/* When the next I/O ends, 0 when no process sleeps. */
uint64_t os_next_io(const struct os *os);

/* The same, or when something happens to an interrupt between CPUs, whichever is first. */
uint64_t os_next_event(const struct os *os);
