/* replay_machine.h - `pagewalk replay --machine`: a machine for each policy and number of frames, all
 * fed the same trace.
 *
 * Promises   What replay/stepwise.h does. Blocks come from a reader that was asked for addresses.
 * Owns       The machines.
 */
#pragma once

#include "app/replay.h"
#include "replay/stepwise.h"

enum { MACHINES_MAX = 64 }; /* at once: each has memory of its own */

struct machines {
    struct stepwise *s;
    size_t n;
};

/* One for each run, whose policy and frames are filled in. machines_close must follow, whatever the
 * result. */
bool machines_open(struct machines *m, const struct replay_ask *ask, const struct replay_answer *a,
                   struct error *e);
void machines_close(struct machines *m);
bool machines_feed(struct machines *m, const struct block *b, struct error *e);
/* References of the trace so far. */
uint64_t machines_fed(const struct machines *m);
/* What came of it into the answer. */
void machines_end(const struct machines *m, struct replay_answer *a);
