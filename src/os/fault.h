/* fault.h - what the kernel does about a page fault: was the access promised, and if so, put the
 * page there.
 *
 * Promises   Works on the record of a task, never on the call stack. Either the entry allows the
 *            access afterwards, or I/O has begun (the record says so), or a signal says why not.
 * Emits      AREA_FOUND | AREA_MISSING | AREA_DENIES, AREA_GROWN, SPURIOUS, NO_ROOM, CACHE_HIT,
 *            IO_START, PAGE_IN, SWAP_HIT, COW_*, and what evictions, frames and tables emit.
 */
#pragma once

#include "os/os.h"

/* Judge the fault in task->fault by the areas, then mend it. When that takes more than one try the
 * stage becomes STAGE_OUT, STAGE_IO or STAGE_MAP (os/mend.h). */
enum signal_kind fault_handle(struct os *os, unsigned cpu, struct task *task);

/* The disk is done: the page gets its bytes, or has been saved (unless another process waited for it
 * too and was first). */
void fault_io_done(struct os *os, unsigned cpu, struct task *task, uint64_t cycles);

/* After that: mend again, which may need the disk once more. */
enum signal_kind fault_map(struct os *os, unsigned cpu, struct task *task);

/* A task dies in its sleep: nobody may be left waiting for its disk transfer, or the page goes. */
void fault_cancel(struct os *os, unsigned cpu, struct task *task);

/* Put a page at va as if it had been touched, disk time included; false when out of memory. */
bool fault_populate(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va);
