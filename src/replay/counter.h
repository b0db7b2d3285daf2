/* counter.h - what every module that counts for a policy looks like, and what it is fed.
 *
 * Promises   A counter counts faults and writebacks of its runs exactly; hits are what is left of
 *            the references. It learns of pages by number (replay/pages.h) and may keep columns
 *            over these numbers.
 * Simplifies A reference to the page just referenced is left out when no counter says that it `counts
 *            repeats`: such a hit changes nothing that decides about a victim.
 */
#pragma once

#include "replay/column.h"
#include "replay/pages.h"
#include "replay/replay.h"

enum { STRETCH_MAX = 2048 };

/* A loop that is compiled anew for each combination of its constant arguments. */
#define SPECIALISED __attribute__((always_inline)) inline

/* At most STRETCH_MAX references in a row, and AHEAD numbers of pages behind them that mean nothing. `write` is NULL until the first write of the trace. */
struct stretch {
    const uint32_t *id;
    const uint8_t *write;
    size_t n;
};

struct counter_kind {
    size_t size; /* of its state, which begins as zeros */
    bool
        shares; /* one counter for all runs of the policy, which are ordered by frames, most first */
    bool repeats; /* it must see every single reference */
    bool (*open)(void *counter, const struct replay_want *want, struct replay_run **run,
                 size_t runs, struct error *e);
    /* Numbers below `end` may come. */
    bool (*grow)(void *counter, uint32_t end, struct error *e);
    bool (*feed)(void *counter, const struct stretch *s, struct error *e);
    /* The trace is over: faults and writebacks into the runs. */
    bool (*end)(void *counter, const struct pages *pages, struct error *e);
    void (*close)(void *counter);
};

extern const struct counter_kind counter_fifo, counter_lru, counter_clock, counter_opt, counter_lfu,
    counter_random, counter_clock_r0, counter_curve;

/* Of curve.c, after its end: entry i is the LRU faults with i + 1 frames. */
const uint64_t *curve_faults(const void *counter, size_t *n);
