/* traveller.h - a machine that can be put at the end of any operation, and stopped inside one.
 *
 * Promises   travel_to(n) leaves the state at the end of operation n, from the nearest keyframe or
 *            from where the traveller stands, whichever is closer. After travel_into the machine is
 *            inside an operation and can only be looked at, or sent elsewhere.
 */
#pragma once

#include <setjmp.h>

#include "machine/line.h"

struct history {
    struct line trunk, branch;
    bool on_branch;
    struct traveller *now, *before, *scout;
    struct position at;
    bool has_event;
    struct event event;
    bool before_is_late; /* `before` has not been brought to one event ago yet: nobody asked */
};

struct traveller {
    struct machine m;
    const struct keyframe *base; /* what the arena was last saved to or restored from */
    uint64_t op;                 /* the state is the end of this operation ... */
    bool adrift;                 /* ... or something else: only a keyframe helps */
};

struct traveller *traveller_open(const struct preset *preset, uint64_t seed, struct error *e);
void traveller_close(struct traveller *t);

void travel_to(struct traveller *t, const struct history *h, uint64_t n);

/* Run operation t->op + 1, watched. `seen` gets (k, event) for each event from 1 on; false stops
 * the machine right there (adrift). Returns events seen. */
typedef bool travel_seen(void *ctx, uint32_t k, const struct event *ev);
uint32_t travel_through(struct traveller *t, const struct history *h, travel_seen *seen, void *ctx);

/* Make `to` a copy of `from`, wherever that stands. */
void travel_copy(struct traveller *to, const struct traveller *from);

/* --- the line we are on -------------------------------------------------------------------------
 */

const struct line *history_line(const struct history *h, uint64_t n);
const struct entry *history_entry(const struct history *h, uint64_t n);
const struct mark *history_mark_before(const struct history *h, uint64_t n);
