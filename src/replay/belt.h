/* belt.h - references on their way from the thread that reads a trace to one that counts, so that both
 * work at the same time.
 *
 * Promises   Loads are taken in the order in which they were sent, by one thread, which takes all of them
 *            or fails. Before that each is numbered, in the same order, one at a time, by whoever of the
 *            two would have to wait for the other. So no result depends on who was quicker. Constant
 *            memory. Signals are left to the thread that reads, whose waiting they must interrupt.
 * Owns       A thread and the loads, from belt_open to belt_close.
 */
#pragma once

#include "base/error.h"
#include "replay/column.h"

enum { LOAD_MAX = 1 << 13 }; /* references */

struct load {
    size_t n;
    bool writes; /* some reference of the trace so far is a write; if not, `write` is zeros */
    uint64_t page[LOAD_MAX];
    uint8_t write[LOAD_MAX];
    uint32_t id[LOAD_MAX + AHEAD]; /* numbers of the pages; behind them some that mean nothing */
    uint32_t end;                  /* numbers are below */
};

struct belt;

typedef bool belt_work(void *context, struct load *l, struct error *e);

/* NULL: the host refuses a thread, EXIT_LIMIT. */
struct belt *belt_open(belt_work *number, belt_work *take, void *context, struct error *e);

/* A load to fill, empty at first and the same until it is sent; waits until there is one. NULL: the work
 * has failed; belt_close tells why. */
struct load *belt_load(struct belt *belt);
void belt_send(struct belt *belt);

/* Waits until all that was sent is taken, and frees the belt (NULL: there is none). False: the work failed. */
bool belt_close(struct belt *belt, struct error *e);
