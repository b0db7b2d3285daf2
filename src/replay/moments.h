/* moments.h - an ordered set of 32-bit numbers.
 *
 * A bit a number; above each word of bits a bit that tells whether there are any, and so on up to a
 * single word: the search for a neighbour goes up only as far as it must (van Emde Boas's tree,
 * flattened; 64 children a node).
 *
 * Promises   Every operation looks at most twice at each of the LEVELS. Number 0 is nobody's: it is
 *            what a search that finds nothing returns.
 */
#pragma once

#include "replay/column.h"

enum { MOMENTS_LEVELS = 6 }; /* 64^6 > 2^32 */

struct moments {
    struct column level[MOMENTS_LEVELS];
};

/* Room for numbers below n. */
static inline bool
moments_reserve(struct moments *m, uint64_t n, struct error *e)
{
    for (int k = 0; k < MOMENTS_LEVELS; k++) {
        n = n / 64 + 2; /* a search may look at the word behind */
        if (!column_reserve(&m->level[k], n, sizeof(uint64_t), e))
            return false;
    }
    return true;
}

static inline void
moments_close(struct moments *m)
{
    for (int k = 0; k < MOMENTS_LEVELS; k++)
        column_free(&m->level[k]);
}

static inline void
moments_put(const struct moments *m, uint64_t i)
{
    for (int k = 0; k < MOMENTS_LEVELS; k++, i /= 64) {
        uint64_t *word = (uint64_t *)m->level[k].cell + i / 64, before = *word;
        *word |= UINT64_C(1) << i % 64;
        if (before)
            break;
    }
}

static inline void
moments_take(const struct moments *m, uint64_t i)
{
    for (int k = 0; k < MOMENTS_LEVELS; k++, i /= 64) {
        uint64_t *word = (uint64_t *)m->level[k].cell + i / 64;
        *word &= ~(UINT64_C(1) << i % 64);
        if (*word)
            break;
    }
}

/* The latest at or before i; 0: none. */
static inline uint64_t
moments_latest(const struct moments *m, uint64_t i)
{
    uint64_t bits;

    i++;
    for (int k = 0; k < MOMENTS_LEVELS; k++, i /= 64) {
        bits = ((uint64_t *)m->level[k].cell)[i / 64] & low_bits(i % 64);
        if (!bits)
            continue;
        i = i / 64 * 64 + 63 - (unsigned)__builtin_clzll(bits);
        while (k-- > 0)
            i = i * 64 + 63 - (unsigned)__builtin_clzll(((uint64_t *)m->level[k].cell)[i]);
        return i;
    }
    return 0;
}

/* The earliest at or after i; 0: none. */
static inline uint64_t
moments_earliest(const struct moments *m, uint64_t i)
{
    uint64_t bits;

    for (int k = 0; k < MOMENTS_LEVELS; k++, i = i / 64 + 1) {
        bits = ((uint64_t *)m->level[k].cell)[i / 64] & ~low_bits(i % 64);
        if (!bits)
            continue;
        i = i / 64 * 64 + (unsigned)__builtin_ctzll(bits);
        while (k-- > 0)
            i = i * 64 + (unsigned)__builtin_ctzll(((uint64_t *)m->level[k].cell)[i]);
        return i;
    }
    return 0;
}

/* Put `to`, take the latest at or before `from`; false, and nothing is done: not all in one word. */
static inline bool
moments_advance(const struct moments *m, uint64_t from, uint64_t to)
{
    uint64_t *word = (uint64_t *)m->level[0].cell + to / 64, put = *word | UINT64_C(1) << to % 64,
             upto = (UINT64_C(2) << from % 64) - 1, bits = put & upto;

    if (from / 64 != to / 64 || !bits)
        return false;
    *word = put ^ UINT64_C(1) << (63 - __builtin_clzll(bits));
    return true;
}
