/* fault.h - what the kernel does about a page fault: was the access promised, and if so, put the
 * page there.
 *
 * Promises   Works on the record of a task, never on the call stack. Either the entry allows the
 *            access afterwards, or I/O has begun (the record says so), or a signal says why not.
 * Emits      AREA_FOUND | AREA_MISSING | AREA_DENIES, AREA_GROWN, SPURIOUS, CACHE_HIT, IO_START,
 *            COW_*, and what frames and tables emit.
 */
#pragma once

#include "os/os.h"

/* Judge the fault in task->fault by the areas, then mend it. When it needs the disk, stage becomes
 * STAGE_IO. */
enum signal_kind fault_handle(struct os *os, unsigned cpu, struct task *task);

/* The disk has delivered: the page gets its bytes (unless another process waited for it too and was
 * first). */
void fault_io_done(struct os *os, unsigned cpu, struct task *task, uint64_t cycles);

/* After that: write the entry, which may need the disk again when the page is gone already. */
enum signal_kind fault_map(struct os *os, unsigned cpu, struct task *task);

/* A task dies in its sleep: nobody may be left waiting for its disk transfer, or the page goes. */
void fault_cancel(struct os *os, unsigned cpu, struct task *task);

/* Put a page at va as if it had been touched, disk time included; false when out of memory. */
bool fault_populate(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va);
