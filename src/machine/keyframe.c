/* Two levels, like the tables this program is about: a directory of leaves, a leaf of chunk
 * references. Both are counted and shared; only what was touched is copied, and of a touched chunk
 * only the lines that differ from the chunk before it. */
#include "machine/keyframe.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/memory.h"

enum { LEAF_SHIFT = 7, LEAF = 1 << LEAF_SHIFT, LINE = 64, LINES = CHUNK / LINE, DEPTH_MAX = 12 };

/* A chunk is another one with some lines replaced, or whole (no base, all lines). */
struct chunk {
    uint32_t users;
    uint32_t depth; /* chunks below it */
    struct chunk *base;
    uint64_t lines;        /* bit i: line i is here */
    unsigned char bytes[]; /* the lines, in order */
};

struct leaf {
    uint32_t users;
    struct chunk *chunk[LEAF]; /* NULL: zeros */
};

struct touched {
    uint32_t chunk;
    uint64_t slices; /* bit i: slice i of it */
};

struct keyframe {
    uint32_t chunks; /* chunks covered; those above are zeros */
    uint32_t hot;    /* chunks below are always taken as touched */
    uint32_t touched_count;
    struct touched *touched; /* sorted */
    uint32_t leaves;
    struct leaf *leaf[];
};

/* --- chunks and leaves --------------------------------------------------------------------------
 */

static bool
is_zero(const unsigned char *p)
{
    return p[0] == 0 && memcmp(p, p + 1, CHUNK - 1) == 0;
}

static void
chunk_put(struct chunk *c)
{
    while (c && --c->users == 0) {
        struct chunk *base = c->base;
        free(c);
        c = base;
    }
}

/* The chunk's bytes, from the whole one at the bottom upwards. NULL is zeros. */
static void
chunk_read(const struct chunk *c, unsigned char out[CHUNK])
{
    const struct chunk *stack[DEPTH_MAX + 1];
    unsigned n = 0;

    if (!c)
        memset(out, 0, CHUNK);
    for (; c; c = c->base)
        stack[n++] = c;
    while (n--) {
        const unsigned char *from = stack[n]->bytes;
        for (uint64_t left = stack[n]->lines; left; left &= left - 1, from += LINE)
            memcpy(out + __builtin_ctzll(left) * LINE, from, LINE);
    }
}

/* A chunk with these bytes; where few lines differ from `base` it leans on it. */
static struct chunk *
chunk_new(const unsigned char bytes[CHUNK], const unsigned char was[CHUNK], struct chunk *base)
{
    bool lean = base && base->depth < DEPTH_MAX;
    uint64_t lines = 0;
    struct chunk *c;
    unsigned char *to;

    for (int i = 0; i < LINES; i++)
        if (!lean || memcmp(bytes + i * LINE, was + i * LINE, LINE) != 0)
            lines |= UINT64_C(1) << i;
    c = memory_new(1, sizeof *c + (size_t)__builtin_popcountll(lines) * LINE);
    *c = (struct chunk){.users = 1,
                        .depth = lean ? base->depth + 1 : 0,
                        .base = lean ? base : NULL,
                        .lines = lines};
    if (lean)
        base->users++;
    to = c->bytes;
    for (uint64_t left = lines; left; left &= left - 1, to += LINE)
        memcpy(to, bytes + __builtin_ctzll(left) * LINE, LINE);
    return c;
}

static void
leaf_put(struct leaf *l)
{
    if (!l || --l->users)
        return;
    for (int i = 0; i < LEAF; i++)
        chunk_put(l->chunk[i]);
    free(l);
}

/* A leaf of this keyframe alone, so that it may be changed. */
static struct leaf *
own_leaf(struct keyframe *k, uint32_t index)
{
    struct leaf *old = k->leaf[index], *own;

    if (old && old->users == 1)
        return old;
    own = memory_new(1, sizeof *own);
    own->users = 1;
    if (old) {
        memcpy(own->chunk, old->chunk, sizeof own->chunk);
        for (int i = 0; i < LEAF; i++)
            if (own->chunk[i])
                own->chunk[i]->users++;
        old->users--;
    }
    k->leaf[index] = own;
    return own;
}

static struct chunk *
chunk_at(const struct keyframe *k, uint32_t chunk)
{
    const struct leaf *l;

    if (!k || chunk >= k->chunks)
        return NULL;
    l = k->leaf[chunk >> LEAF_SHIFT];
    return l ? l->chunk[chunk & (LEAF - 1)] : NULL;
}

static void
save_chunk(struct keyframe *k, const struct arena *a, uint32_t index)
{
    const unsigned char *bytes = a->base + ((size_t)index << CHUNK_SHIFT);
    unsigned char was[CHUNK];
    struct chunk *old = chunk_at(k, index), *new = NULL;
    struct leaf *l;

    chunk_read(old, was);
    if (memcmp(bytes, was, CHUNK) == 0)
        return;
    if (!is_zero(bytes))
        new = chunk_new(bytes, was, old);
    l = own_leaf(k, index >> LEAF_SHIFT);
    chunk_put(l->chunk[index & (LEAF - 1)]);
    l->chunk[index & (LEAF - 1)] = new;
}

/* One line of a chunk, from the uppermost that has it. NULL is zeros. */
static const unsigned char *
chunk_line(const struct chunk *c, unsigned line)
{
    while (c && !(c->lines >> line & 1))
        c = c->base;
    return c ? c->bytes + (size_t)__builtin_popcountll(c->lines & low_bits(line)) * LINE : NULL;
}

void
keyframe_read(const struct keyframe *k, size_t offset, size_t n, void *out)
{
    unsigned char *to = out;

    while (n) {
        size_t at = offset % LINE, part = n < LINE - at ? n : LINE - at;
        const unsigned char *line = chunk_line(chunk_at(k, (uint32_t)(offset >> CHUNK_SHIFT)),
                                               (unsigned)(offset % CHUNK / LINE));

        if (line)
            memcpy(to, line + at, part);
        else
            memset(to, 0, part);
        offset += part;
        to += part;
        n -= part;
    }
}

/* --- taking -------------------------------------------------------------------------------------
 */

static int
by_chunk(const void *a, const void *b)
{
    uint32_t x = ((const struct touched *)a)->chunk, y = ((const struct touched *)b)->chunk;

    return (x > y) - (x < y);
}

static void
remember_touched(struct keyframe *k, const struct arena *a)
{
    k->touched_count = a->listed;
    k->touched = memory_new(1, ((size_t)a->listed + 1) * sizeof *k->touched);
    for (uint32_t i = 0; i < a->listed; i++)
        k->touched[i] = (struct touched){a->list[i], a->slices[a->list[i]]};
    qsort(k->touched, k->touched_count, sizeof *k->touched, by_chunk);
}

#ifdef PW_DEBUG
enum { BEYOND = 64 }; /* chunks; all there are would be too many to look at */

/* Invariant: a chunk above `hot` that is not marked equals what it was, and so does a slice; one that
 * no chunk marked lies above is zeros. */
static void
check_doors(const struct arena *a, const struct keyframe *base)
{
    unsigned char was[CHUNK];
    size_t chunks = a->size >> CHUNK_SHIFT;

    for (uint32_t c = (uint32_t)(a->hot >> CHUNK_SHIFT); base && c < a->highest; c++) {
        const unsigned char *is = a->base + ((size_t)c << CHUNK_SHIFT);

        chunk_read(chunk_at(base, c), was);
        for (size_t i = 0; i < SLICES; i++)
            pw_assert(a->slices[c] >> i & 1 || memcmp(is + i * SLICE, was + i * SLICE, SLICE) == 0);
    }
    for (size_t c = a->highest; c < chunks && c < a->highest + (size_t)BEYOND; c++)
        pw_assert(chunk_is_zero(a->base + (c << CHUNK_SHIFT)));
}
#endif

struct keyframe *
keyframe_take(struct arena *a, struct keyframe *base)
{
    uint32_t leaves = (a->highest + LEAF - 1) >> LEAF_SHIFT;
    struct keyframe *k;

    if (base && base->leaves > leaves)
        leaves = base->leaves;
    k = memory_new(1, sizeof *k + leaves * sizeof *k->leaf);
    k->leaves = leaves;
    k->chunks = leaves << LEAF_SHIFT;
    k->hot = (uint32_t)(a->hot >> CHUNK_SHIFT);
    for (uint32_t i = 0; base && i < base->leaves; i++) {
        k->leaf[i] = base->leaf[i];
        if (k->leaf[i])
            k->leaf[i]->users++;
    }
#ifdef PW_DEBUG
    check_doors(a, base);
#endif
    for (uint32_t c = 0; c < k->hot; c++)
        save_chunk(k, a, c);
    for (uint32_t i = 0; i < a->listed; i++)
        save_chunk(k, a, a->list[i]);
    remember_touched(k, a);
    arena_clean(a);
    return k;
}

void
keyframe_drop(struct keyframe *k)
{
    if (!k)
        return;
    for (uint32_t i = 0; i < k->leaves; i++)
        leaf_put(k->leaf[i]);
    free(k->touched);
    free(k);
}

static uint64_t
touched_slices(const struct keyframe *k, size_t chunk)
{
    const struct touched key = {.chunk = (uint32_t)chunk}, *found;

    if (key.chunk < k->hot)
        return ~UINT64_C(0);
    found = bsearch(&key, k->touched, k->touched_count, sizeof *k->touched, by_chunk);
    return found ? found->slices : 0;
}

bool
keyframe_touched(const struct keyframe *k, size_t offset, size_t n)
{
    size_t from = offset >> SLICE_SHIFT, last = (offset + n - 1) >> SLICE_SHIFT;

    for (size_t to; from <= last; from = to + 1) {
        to = chunk_end(from, last);
        if (touched_slices(k, from / SLICES) & slices_between(from, to))
            return true;
    }
    return false;
}

/* --- restoring ----------------------------------------------------------------------------------
 */

static void
load_chunk(struct arena *a, const struct keyframe *k, uint32_t index)
{
    chunk_read(chunk_at(k, index), a->base + ((size_t)index << CHUNK_SHIFT));
}

/* A chunk that a keyframe brings along was touched by whoever was there before. */
static void
adopt(struct arena *a, uint32_t chunk)
{
    a->marked[chunk] |= ARENA_EVER;
    if (a->highest <= chunk)
        a->highest = chunk + 1;
}

/* What differs between two keyframes, leaf by leaf: shared leaves and chunks are equal without a
 * look at their bytes. */
static void
load_difference(struct arena *a, const struct keyframe *base, const struct keyframe *to)
{
    uint32_t leaves = base && base->leaves > to->leaves ? base->leaves : to->leaves;

    for (uint32_t i = 0; i < leaves; i++) {
        const struct leaf *was = base && i < base->leaves ? base->leaf[i] : NULL;
        const struct leaf *is = i < to->leaves ? to->leaf[i] : NULL;

        for (uint32_t j = 0; was != is && j < LEAF; j++) {
            uint32_t c = (i << LEAF_SHIFT) + j;
            if ((was ? was->chunk[j] : NULL) == (is ? is->chunk[j] : NULL))
                continue;
            load_chunk(a, to, c);
            adopt(a, c);
        }
    }
}

void
keyframe_restore(struct arena *a, const struct keyframe *base, const struct keyframe *to)
{
    if (base != to)
        load_difference(a, base, to);
    for (uint32_t c = 0; c < to->hot; c++)
        load_chunk(a, to, c);
    for (uint32_t i = 0; i < a->listed; i++)
        load_chunk(a, to, a->list[i]);
    arena_clean(a);
}

static void
copy_chunk(struct arena *to, const struct arena *from, uint32_t c)
{
    memcpy(to->base + ((size_t)c << CHUNK_SHIFT), from->base + ((size_t)c << CHUNK_SHIFT), CHUNK);
}

void
keyframe_sync(struct arena *to, const struct keyframe *to_base, const struct arena *from,
              const struct keyframe *from_base)
{
    keyframe_restore(to, to_base, from_base);
    memcpy(to->base, from->base, from->hot);
    for (uint32_t i = 0; i < from->listed; i++) {
        copy_chunk(to, from, from->list[i]);
        arena_touch(to, to->base + ((size_t)from->list[i] << CHUNK_SHIFT), CHUNK);
    }
}
