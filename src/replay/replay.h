/* replay.h - count what page replacement would do with a trace: several policies, several sizes,
 * one pass over the trace.
 *
 * Promises   Exactly the definitions of os/policies.def: a page is cold-missed on its first
 *            reference, and that counts as a fault. The counts equal those of the stepwise machine
 *            with resident_limit. Memory does not grow with the length of the trace, only with the
 *            number of different pages; OPT excepted, which keeps two bits a reference.
 * Owns       A thread, from replay_open to replay_end: it counts while the caller gets the next block.
 */
#pragma once

#include "base/error.h"
#include "os/policy.h"
#include "replay/block.h"

/* One combination asked for, and what came of it. */
struct replay_run {
    enum policy policy;
    uint64_t frames;
    uint64_t faults, hits; /* hits + faults = refs */
    uint64_t writebacks;   /* evicted pages that were written since they were loaded */
};

struct replay_want {
    struct replay_run *run; /* policy and frames filled in; results are put beside them */
    size_t runs;
    bool load_r0;           /* the dialect in which a load leaves R = 0 (clock) */
    bool curve;             /* the LRU faults of every size, from 1 to as many as there are pages */
    uint64_t seed;          /* random: each run seeds a generator of its own with it, fills frames in
                               the order 0, 1, 2 ... and evicts from frame rng_below(frames) */
};

struct replay;

/* NULL: no memory, or no thread: EXIT_LIMIT. */
struct replay *replay_open(const struct replay_want *want, struct error *e);
void replay_close(struct replay *r);
/* False: what was fed before could not be counted; only replay_close may follow. */
bool replay_feed(struct replay *r, const struct block *b, struct error *e);
/* The trace is over, or was interrupted: what was fed so far is counted and put into want->run. */
bool replay_end(struct replay *r, struct error *e);

uint64_t replay_refs(const struct replay *r);
uint64_t replay_pages(const struct replay *r); /* different pages; after replay_end */
/* After replay_end, with want.curve: entry i is the number of LRU faults with i + 1 frames. */
const uint64_t *replay_curve(const struct replay *r, size_t *n);
