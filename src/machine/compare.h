/* compare.h - two machines that do the same operations: where do they first part?
 *
 * Promises   Operation n of one is held against operation n of the other, event by event in order, then
 *            what each came to. The same two histories always give the same answer, wherever they stand,
 *            and neither moves.
 *            What counts is a grain:
 *              faults  only events of the class fault, and what the operation came to: what programs and
 *                      kernel argue about, whatever the tables look like
 *              events  every event but splits and merges of free blocks: its name, CPU and process, and all
 *                      it carries but places and prices
 *              all     places too: free blocks, frames, physical addresses, tables' levels, indices and entries, sets,
 *                      ways, slots, tags, cycles; and the address that mmap or brk gives
 *            Two formats put the same page into other frames and other entries, by design; so places
 *            count only when they are asked for. Another number of levels is another number of reads,
 *            so two formats part at a walk at the latest, unless only faults count.
 */
#pragma once

#include "machine/history.h"

enum compare_grain { COMPARE_FAULTS, COMPARE_EVENTS, COMPARE_ALL, COMPARE_GRAINS };

extern const char *const compare_grain_name[COMPARE_GRAINS + 1]; /* ends with NULL */

/* The events of an operation that count, in order. */
struct told {
    struct event *event;
    struct position *at;
    uint32_t n, room;
    enum compare_grain grain;
};

/* Of operation n, into room that is used again and again. */
void told_read(struct told *t, struct history *h, uint64_t n, enum compare_grain grain);
void told_free(struct told *t);

enum difference_kind {
    DIFFER_NOT,
    DIFFER_EVENT,   /* both have an event there, another */
    DIFFER_MISSING, /* only one of them has one there */
    DIFFER_OUTCOME, /* the same events, another end */
    DIFFER_REFUSED, /* one cannot do it at all; set by whoever asked it to */
};

struct difference {
    enum difference_kind kind;
    uint64_t op;
    uint32_t index;                  /* among the events that count */
    struct position at[2];           /* of the event, else the operation's end */
    uint64_t fields;                 /* bit i: enum event_field i differs; DIFFER_EVENT */
    bool name, cpu, pid, cycles;     /* these differ */
};

/* Operation n, which both have done and told. False: no difference. */
bool compare_operation(struct history *h[2], const struct told told[2], uint64_t n, struct difference *out);
