/* Four independent lanes of 64 bits eat 32 bytes a round, so the multiplications of the lanes
 * overlap in the pipeline; the end
 * folds the lanes twice, in opposite orders, into the two halves.
 *
 * A round is (lane ^ word) * A, rotated, * B. Why two multiplications: with one, flipping a
 * word's top bit changes exactly one known
 * bit of the lane, and a second flip 32 bytes later takes it back. NX is bit 63, so page tables
 * would collide that way.
 */
#include "base/hash.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK = 32 };

static const uint64_t A = UINT64_C(0xc2a8e6f31d4b9757), B = UINT64_C(0x9d3f21b7c60e854b);

static uint64_t
rotate(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t
hash_word(uint64_t x)
{
    x ^= x >> 32;
    x *= A;
    x ^= x >> 29;
    x *= B;
    return x ^ (x >> 32);
}

static uint64_t
word_at(const unsigned char *p)
{
    uint64_t w;

    memcpy(&w, p, sizeof w);
    return le64toh(w);
}

static void
mix_blocks(struct hash_state *h, const unsigned char *p, size_t blocks)
{
    uint64_t a = h->lane[0], b = h->lane[1], c = h->lane[2], d = h->lane[3];

    for (; blocks; blocks--, p += BLOCK) {
        a = rotate((a ^ word_at(p)) * A, 29) * B;
        b = rotate((b ^ word_at(p + 8)) * A, 31) * B;
        c = rotate((c ^ word_at(p + 16)) * A, 35) * B;
        d = rotate((d ^ word_at(p + 24)) * A, 37) * B;
    }
    h->lane[0] = a;
    h->lane[1] = b;
    h->lane[2] = c;
    h->lane[3] = d;
}

void
hash_begin(struct hash_state *h, uint64_t seed)
{
    memset(h, 0, sizeof *h);
    for (unsigned i = 0; i < 4; i++)
        h->lane[i] = hash_word(seed + (i + 1) * A);
}

void
hash_add(struct hash_state *h, const void *bytes, size_t length)
{
    const unsigned char *p = bytes;
    size_t held = h->total % BLOCK;

    h->total += length;
    if (held) {
        size_t take = length < BLOCK - held ? length : BLOCK - held;
        memcpy(h->tail + held, p, take);
        if (held + take < BLOCK)
            return;
        mix_blocks(h, h->tail, 1);
        p += take;
        length -= take;
    }
    mix_blocks(h, p, length / BLOCK);
    if (length % BLOCK)
        memcpy(h->tail, p + length / BLOCK * BLOCK, length % BLOCK);
}

/* The rest is padded with zeros; the length, which is mixed in, tells "a" from "a\0". */
struct hash128
hash_end(const struct hash_state *state)
{
    struct hash_state h = *state;
    size_t held = h.total % BLOCK;
    struct hash128 out;

    if (held) {
        memset(h.tail + held, 0, BLOCK - held);
        mix_blocks(&h, h.tail, 1);
    }
    out.hi = hash_word(h.total + A);
    out.lo = hash_word(h.total ^ B);
    for (int i = 0; i < 4; i++) {
        out.hi = hash_word(out.hi ^ h.lane[i]);
        out.lo = hash_word(out.lo + rotate(h.lane[3 - i], 17)) * B;
    }
    return out;
}

struct hash128
hash_bytes(const void *bytes, size_t length, uint64_t seed)
{
    struct hash_state h;

    hash_begin(&h, seed);
    hash_add(&h, bytes, length);
    return hash_end(&h);
}

char *
hash_hex(struct hash128 h, char out[33])
{
    snprintf(out, 33, "%016llx%016llx", (unsigned long long)h.hi, (unsigned long long)h.lo);
    return out;
}
