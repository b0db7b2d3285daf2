/* column.h - one cell a page (or a frame, or a reference), for as many as there will be.
 *
 * Promises   New cells read as zero. Cells never written cost address space, not memory. Growing
 *            moves the cells without copying them: take `cell` anew after column_reserve.
 * Owns       One anonymous mapping, from the first reservation to column_free.
 */
#pragma once

#include "base/error.h"
#include "base/types.h"

struct column {
    void *cell;
    size_t bytes;
};

/* At least `cells` of `size` bytes each. EXIT_LIMIT when the host refuses; the column is then as it
 * was. */
bool column_reserve(struct column *c, uint64_t cells, size_t size, struct error *e);
void column_free(struct column *c);

/* Cells in no order lie in no near cache: loops that know which they will need ask for them so many
 * references ahead. */
enum { AHEAD = 32 };

/* A column of bits is one of 64-bit words. */
static inline bool
bit_is_set(const uint64_t *word, uint64_t i)
{
    return word[i / 64] >> i % 64 & 1;
}

static inline void
bit_set(uint64_t *word, uint64_t i)
{
    word[i / 64] |= UINT64_C(1) << i % 64;
}

static inline void
bit_clear(uint64_t *word, uint64_t i)
{
    word[i / 64] &= ~(UINT64_C(1) << i % 64);
}
