/* rng.h - seeded random numbers, the same on every machine and compiler.
 *
 * Promises   Same seed, same numbers. No state but the struct, no clock, no libc. The struct is
 *            plain data and may live in an arena. Seed before use: xoshiro stands still on an
 *            all-zero state, which no seed produces.
 * Reads      D. Blackman and S. Vigna, "Scrambled linear pseudorandom number generators"
 *            (xoshiro256**), seeded by splitmix64.
 */
#pragma once

#include <stdint.h>

struct rng {
    uint64_t s[4];
};

/* The next output of splitmix64, which also serves to stretch one seed into many. */
uint64_t rng_splitmix(uint64_t *state);

void rng_seed(struct rng *r, uint64_t seed);
uint64_t rng_next(struct rng *r);

/* Uniform in 0 .. bound-1, without bias. bound must not be 0. */
uint64_t rng_below(struct rng *r, uint64_t bound);

/* Uniform in low .. high, both included. */
uint64_t rng_between(struct rng *r, uint64_t low, uint64_t high);
