/* timeline.h - when each page was last referenced, and which moments are still somebody's last.
 *
 *   reference    a  b  c  b  d  c
 *   position     1  2  3  4  5  6
 *   live         1  0  0  1  1  1      the LRU stack from the bottom: a b d c
 *
 * Promises   A mark is set in advance for positions still to come, so that a reference only has to
 *            clear the mark of the page's former one. Positions are 32 bits; when they run out, those
 *            still needed are numbered again and memory stays proportional to the pages.
 * Invariant: from the earliest position anybody asks for up to `now`, as many marks are set as pages
 *            have their position there.
 */
#pragma once

#include "replay/column.h"

struct timeline {
    struct column last; /* uint32_t a page: the position of its last reference, 0 none */
    struct column live; /* a bit a position, in words of 64 */
    struct column sums; /* for numbering again: uint32_t a word, the marks before it */
    uint32_t ids;       /* numbers of pages are below */
    uint32_t now;       /* the next reference's position, at least 1 */
    uint32_t end;       /* positions end here, a multiple of 64 */
    uint32_t first, second; /* for timeline_look_back: the pages at the top of the stack, 0 none */
};

bool timeline_open(struct timeline *t, struct error *e);
void timeline_close(struct timeline *t);
bool timeline_grow(struct timeline *t, uint32_t ids, struct error *e);

/* Forget positions below `from`, number the others again from 1, make room for twice the pages. The
 * n positions in `tail`, which are >= from, move along. */
bool timeline_compact(struct timeline *t, uint32_t from, uint32_t *tail, size_t n, struct error *e);

/* n pages are referenced, one after the other; `id` goes on for AHEAD. Where each was before, 0 for never. The marks of those
 * positions are left to the caller, who looks at them first. */
void timeline_refer(struct timeline *t, const uint32_t *id, size_t n, uint32_t *before);

/* The same, for whoever remembers two pages at least and asks of the others only: `before` has the
 * former positions of pages that were not among the two at the top of the stack; returns how many.
 * hits[1] and hits[2] grow by the references to the first and to the second. */
size_t timeline_look_back(struct timeline *t, const uint32_t *id, size_t n, uint32_t *before,
                          uint64_t hits[3]);

static inline bool
timeline_has_room(const struct timeline *t, size_t n)
{
    return n <= t->end - t->now;
}

/* The first mark at or after a position. There always is one: those of the future are set. */
static inline uint32_t
timeline_next(const uint64_t *live, uint32_t at)
{
    uint32_t word = at / 64;
    uint64_t marks = live[word] & ~UINT64_C(0) << at % 64;

    while (!marks)
        marks = live[++word];
    return word * 64 + (uint32_t)__builtin_ctzll(marks);
}

static inline unsigned
bits_set(uint64_t x)
{
    x -= x >> 1 & UINT64_C(0x5555555555555555);
    x = (x & UINT64_C(0x3333333333333333)) + (x >> 2 & UINT64_C(0x3333333333333333));
    x = (x + (x >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (unsigned)(x * UINT64_C(0x0101010101010101) >> 56);
}
