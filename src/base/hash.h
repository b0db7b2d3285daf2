/* hash.h - 128 bits that stand for many bytes: states, keyframes, sessions.
 *
 * Promises   Deterministic on every machine, compiler and optimisation level; over 1 GB/s. The
 *            order and the cutting into pieces of hash_add calls do not matter beyond the bytes
 *            themselves: adding "ab" and "c" equals adding "abc".
 * Simplifies Not cryptographic: it finds accidents, it does not withstand an adversary.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash128 {
    uint64_t hi, lo;
};

struct hash_state {
    uint64_t lane[4];
    uint64_t total;         /* bytes so far */
    unsigned char tail[32]; /* the total % 32 bytes not yet mixed in */
};

void hash_begin(struct hash_state *h, uint64_t seed);
void hash_add(struct hash_state *h, const void *bytes, size_t length);
struct hash128 hash_end(const struct hash_state *h);

/* begin, add, end in one. */
struct hash128 hash_bytes(const void *bytes, size_t length, uint64_t seed);

/* A 64-bit mix of one word, for hash tables. */
uint64_t hash_word(uint64_t x);

static inline bool
hash_equal(struct hash128 a, struct hash128 b)
{
    return a.hi == b.hi && a.lo == b.lo;
}

/* 32 lower-case hex digits, the high half first, and a NUL. Returns out. */
char *hash_hex(struct hash128 h, char out[33]);
