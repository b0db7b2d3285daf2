/* partition.h - contiguous allocation: each program has one piece of physical memory, as before
 * paging.
 *
 *   low                                                              high
 *   | kernel, its frames || program 1 |  hole  | program 3 |p 2|  hole    |
 *                         '----- the memory for programs: partitions -----'
 *
 * Promises   Partitions and holes follow each other in one array, ordered by address; neighbouring
 *            holes are merged at once. Sizes are whole frames; what a program did not ask for is
 *            wasted inside (internal fragmentation), what lies in holes that are too small is
 *            wasted outside (external). Moving a program copies the bytes of its frames.
 * Owns       struct partitions (hot part), the frames with USE_PROGRAM, and image_next.
 * Emits      HOLE_EXAMINED for each hole looked at, then what is done.
 * Simplifies A program begins as zeros. Descriptors lie in frame 0 at 8 * pid; a machine without
 *            segments has none, its programs use physical addresses and can never be moved.
 * Source     Knuth, TAOCP 1, 2.5; Silberschatz, Operating System Concepts, 9.2.
 *
 * Invariant: partitions and holes cover the memory for programs without gap or overlap.
 * Invariant: two holes are never neighbours.
 */
#pragma once

#include "base/types.h"

struct os;

#define FITS(X)                                                                                    \
    X(FIRST, "first") /* the first hole that is large enough, from the low end */                  \
    X(BEST, "best")   /* the smallest that is; of equals the lowest */                             \
    X(WORST, "worst") /* the largest; of equals the lowest */                                      \
    X(NEXT, "next")   /* the first one from where the last search ended, round the end */

enum fit {
#define X(code, name) FIT_##code,
    FITS(X)
#undef X
        FIT_COUNT
};

extern const char *const fit_name[FIT_COUNT];

enum { PARTITIONS_MAX = 2 * TASK_MAX };

/* A partition, or a hole. */
struct partition {
    paddr_t start;
    uint64_t size;
    uint32_t pid; /* 0: a hole */
    uint32_t unused;
};

struct program {
    uint64_t asked; /* bytes it wants */
    uint32_t image; /* first slot of what it left on the swap device, 0: nothing */
    uint32_t pages; /* slots of the image */
};

struct partitions {
    uint64_t examined; /* holes looked at */
    uint64_t searches;
    uint64_t copied;  /* bytes, by moving programs */
    uint64_t swapped; /* bytes, written to the swap device and read from it */
    paddr_t rover;    /* next fit goes on here */
    uint32_t count;   /* of at[] */
    uint32_t waiting; /* of queue[] */
    struct partition at[PARTITIONS_MAX];
    struct program program[TASK_MAX]; /* by pid */
    uint32_t queue[TASK_MAX];         /* pids that wait for room, longest first */
};

/* The memory for programs becomes one hole; nothing happens on a machine without it. */
void partition_boot(struct os *os);

/* --- looking (partition.c) --- */

/* First address and bytes of the memory for programs. */
paddr_t partition_base(const struct os *os);
uint64_t partition_total(const struct os *os);
/* Bytes a request takes: whole frames. */
uint64_t partition_round(const struct os *os, uint64_t bytes);
/* Where the program of a process is in the array; -1: not in memory. */
int partition_of(const struct os *os, uint32_t pid);
uint64_t partition_free(const struct os *os);
uint64_t partition_largest(const struct os *os); /* hole */
/* Inside partitions, not asked for. */
uint64_t partition_wasted(const struct os *os);
/* Where the descriptor of a process lies. */
paddr_t partition_descriptor(uint32_t pid);

/* --- changing the array (partition.c) --- */

/* The hole that `size` bytes go into by the policy `fit`, -1 when none is large enough. */
int partition_choose(struct os *os, unsigned cpu, uint64_t size);
/* The low end of hole `at` becomes the partition of a process. */
void partition_take(struct os *os, unsigned cpu, int at, uint32_t pid);
/* The partition becomes a hole, and merges with its neighbours. */
void partition_release(struct os *os, unsigned cpu, int at);
/* Grow into the hole behind; false when it is too small. */
bool partition_extend(struct os *os, unsigned cpu, int at, uint64_t size);
/* Swap the hole `at` and the partition behind it. The bytes are the caller's. */
void partition_swap_places(struct os *os, int at);
/* Hole `at` and the holes beside it become one. Emits HOLES_MERGED, once. */
void partition_merge(struct os *os, unsigned cpu, int at);
/* The kernel tells the hardware where the program is. */
void partition_describe(struct os *os, unsigned cpu, uint32_t pid);

/* --- programs (program.c) --- */

/* A new process with a program of so many bytes, READY or WAITING; 0: no process number is left.
 * Emits SPAWNED last. */
uint32_t program_load(struct os *os, unsigned cpu, uint64_t bytes);
/* The program wants so many bytes. In place, else moved, else swapped out until there is room. False:
 * nothing of it is possible. */
bool program_grow(struct os *os, unsigned cpu, uint32_t pid, uint64_t bytes);
void program_compact(struct os *os, unsigned cpu);
/* The whole program goes to the swap device and to the end of the queue; others may take its place. */
void program_swap_out(struct os *os, unsigned cpu, uint32_t pid);
/* Free slots enough for it? */
bool program_fits_swap(const struct os *os, uint32_t pid);
/* Whose image a slot belongs to, 0 nobody's; *page: which page of it. */
uint32_t program_of_slot(const struct os *os, uint32_t slot, uint32_t *page);
/* It ended: memory, slots and its place in the queue come back; returns the frames. */
uint32_t program_leave(struct os *os, unsigned cpu, uint32_t pid);
/* Whoever waits and fits is loaded, longest waiting first. */
void program_serve_queue(struct os *os, unsigned cpu);
