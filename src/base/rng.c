/* xoshiro256** and its seeder. 256 bits of state, period 2^256 - 1; the low bits are as good as
 * the high ones. */
#include "base/rng.h"

#include "base/assert.h"

static uint64_t
rotate(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t
rng_splitmix(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void
rng_seed(struct rng *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        r->s[i] = rng_splitmix(&seed);
}

uint64_t
rng_next(struct rng *r)
{
    uint64_t *s = r->s, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

/* 2^64 is rarely a multiple of the bound. The first 2^64 mod bound values would make small
 * results likelier: draw again. */
uint64_t
rng_below(struct rng *r, uint64_t bound)
{
    uint64_t x, surplus;

    pw_assert(bound != 0);
    surplus = -bound % bound;
    do
        x = rng_next(r);
    while (x < surplus);
    return x % bound;
}

uint64_t
rng_between(struct rng *r, uint64_t low, uint64_t high)
{
    pw_assert(low <= high);
    if (high - low == UINT64_MAX)
        return rng_next(r);
    return low + rng_below(r, high - low + 1);
}
