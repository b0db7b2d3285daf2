/* meter.h - how far a long run is, in one line on stderr that is written over and taken away.
 *
 * Promises   Nothing at all unless stderr is a terminal and the run lasts longer than half a second.
 *            No escape sequences: a carriage return and blanks.
 */
#pragma once

#include <stdint.h>

#include "base/error.h"

struct meter {
    bool on, shown;
    uint64_t begun, told; /* milliseconds (base/clock.h) */
};

void meter_start(struct meter *m);
/* `size` 0: nobody knows how much there is. */
void meter_move(struct meter *m, uint64_t taken, uint64_t size, uint64_t refs);
void meter_stop(struct meter *m);
