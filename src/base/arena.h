/* arena.h - the one block of memory that is a machine.
 *
 * Promises   One reserved mapping; untouched pages cost nothing and read as zero, and zero is a
 * valid state everywhere. Never moves. A region is a range of offsets. What lies below `hot` is
 * compared whole at every keyframe; whoever writes above it calls arena_touch first (the doors:
 * frame_edit, rmap_edit, area_edit, phys_write ...).
 * Owns       The mapping and, outside the state, which 4 KiB chunks were touched since the last
 * arena_clean, and which of their slices of 64 bytes.
 * Invariant: a chunk above `hot` that is not marked equals what it was at the last arena_clean, and
 * so does a slice.
 */
#pragma once

#include <string.h>

#include "base/error.h"
#include "base/types.h"

enum { CHUNK_SHIFT = 12, CHUNK = 1 << CHUNK_SHIFT };
enum { SLICES = 64, SLICE_SHIFT = CHUNK_SHIFT - 6, SLICE = 1 << SLICE_SHIFT };
enum arena_flag { ARENA_EVER = 1, ARENA_TOUCHED = 2 };

struct arena {
    unsigned char *base;
    size_t size;     /* bytes reserved, a multiple of CHUNK */
    size_t hot;      /* bytes at the start that are always taken as touched, a multiple of CHUNK */
    uint8_t *marked; /* one byte a chunk: 1 ever touched, 2 touched since arena_clean */
    uint64_t *slices; /* one word a chunk: bit i: its slice i was touched since arena_clean */
    uint32_t *list;  /* the marked chunks, in the order they were touched */
    uint32_t listed;
    uint32_t highest; /* no chunk at or above this one was ever touched */
};

/* Reserve `size` bytes, all zero. EXIT_LIMIT when the host refuses. */
bool arena_open(struct arena *a, size_t size, size_t hot, struct error *e);
void arena_close(struct arena *a);

/* Forget which chunks were touched (they were saved, or restored). */
void arena_clean(struct arena *a);

void arena_mark(struct arena *a, size_t chunk, uint64_t slices);

static inline uint32_t
arena_chunks(const struct arena *a)
{
    return (uint32_t)(a->size >> CHUNK_SHIFT);
}

/* The last slice, not after `last`, of the chunk that slice `from` is in. */
static inline size_t
chunk_end(size_t from, size_t last)
{
    return last / SLICES == from / SLICES ? last : from | (SLICES - 1);
}

/* The bits of slices `from` to `to` of one chunk. */
static inline uint64_t
slices_between(size_t from, size_t to)
{
    return ~UINT64_C(0) >> (SLICES - 1 - to % SLICES) & ~UINT64_C(0) << from % SLICES;
}

/* Call before writing n bytes at p (n > 0). */
static inline void
arena_touch(struct arena *a, const void *p, size_t n)
{
    size_t from = (size_t)((const unsigned char *)p - a->base) >> SLICE_SHIFT;
    size_t last = ((size_t)((const unsigned char *)p - a->base) + n - 1) >> SLICE_SHIFT;

    for (size_t to; from <= last; from = to + 1) {
        uint64_t slices;

        to = chunk_end(from, last);
        slices = slices_between(from, to);
        if (slices & ~a->slices[from / SLICES])
            arena_mark(a, from / SLICES, slices);
    }
}

static inline bool
chunk_is_zero(const unsigned char *p)
{
    return p[0] == 0 && memcmp(p, p + 1, CHUNK - 1) == 0;
}

/* Was the chunk ever touched? If not, it is zeros. */
static inline bool
arena_ever(const struct arena *a, uint32_t chunk)
{
    return chunk < a->hot >> CHUNK_SHIFT || a->marked[chunk];
}

/* Plan of regions: each call returns the offset of `count` records of `size` bytes, aligned to a
 * chunk when `own` is true, else to 64. */
size_t arena_plan(size_t *next, size_t count, size_t size, bool own);
