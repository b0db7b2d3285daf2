/* textbook.h - page replacement as one would explain it at a blackboard: a list of the pages in
 * memory, looked through from end to end at every reference. Shares nothing with src/replay. */
#pragma once

#include "base/rng.h"
#include "os/policy.h"

struct textbook_count {
    uint64_t faults, writebacks;
};

/* writes[i]: reference i writes. load_r0: a load leaves the reference bit 0 (clock). */
struct textbook_count textbook_run(enum policy policy, size_t frames, bool load_r0, uint64_t seed,
                                   const uint64_t *page, const bool *writes, size_t n);

/* The pages in memory at the end, in ascending order; returns how many. */
size_t textbook_residents(enum policy policy, size_t frames, const uint64_t *page, size_t n,
                          uint64_t *out);
