/* mend.h - putting right what a fault found wrong: the page gets there, or becomes writable. Shared
 * by fault.c, mend.c and cow.c.
 *
 * Promises   mend_page ends with the stage it was called with when the entry allows the access, or
 *            with STAGE_OUT, STAGE_IO (the disk works: wait until io_done, then call
 *            fault_io_done), or STAGE_MAP (a page left: try again). Nothing is held between two
 *            tries but task->fault.hand.
 */
#pragma once

#include "os/evict.h"
#include "os/os.h"

/* What must be at a page, and for whom. */
struct need {
    uint32_t mm;
    uint32_t area;
    vaddr_t va;    /* first byte of the page */
    uint64_t page; /* of the object */
    bool write;
    bool loaded; /* the disk has just delivered it */
};

enum signal_kind mend_page(struct os *os, unsigned cpu, const struct need *n, struct task *task);

/* --- room --- */

enum { ROOM_RESIDENT = 1, ROOM_FRAME = 2 };
enum room { ROOM_THERE, ROOM_LATER, ROOM_NONE };

/* Is there room for one more resident page of this process, for one more frame? If not, a page
 * leaves. */
enum room mend_room(struct os *os, unsigned cpu, const struct need *n, struct task *task,
                    unsigned wants);
/* The same while the bytes of `source` are needed: it does not leave. */
enum room mend_room_beside(struct os *os, unsigned cpu, const struct need *n, struct task *task,
                           unsigned wants, pfn_t source);
/* What a room that is not there means: a signal, or another try later. */
enum signal_kind mend_without_room(enum room room);
/* The frame there is room for. */
pfn_t mend_frame(struct os *os, unsigned cpu, struct task *task, enum frame_use use, bool zero);
/* The frame in hand is not needed. */
void mend_drop_hand(struct os *os, unsigned cpu, struct task *task);
/* When the transfer of this locked frame ends. */
uint64_t mend_io_end(const struct os *os, pfn_t pfn);

/* --- frames of one's own --- */

bool mend_may_write(const struct os *os, const struct need *n);
pfn_t mend_copy(struct os *os, unsigned cpu, struct task *task, uint32_t mm, pfn_t from);

/* The entry is present and read-only, and this is a write. */
enum signal_kind cow_write(struct os *os, unsigned cpu, const struct need *n, struct task *task,
                           paddr_t slot, pte_t entry);
