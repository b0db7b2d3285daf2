/* A page table turned round: its upper part finds a region of neighbouring pages, the rest of the
 * number is an offset that stays as it is. The directory of regions is a hash table instead of an
 * array, since 64-bit page numbers are sparse; it has a slot a region, not a page, and so stays in the
 * cache, which hashing every page would not. Linear probing, multiplicative hash (Knuth, TAOCP
 * vol. 3, 6.4).
 *
 * In front of it stands what stands in front of a page table: a direct-mapped cache, by the low bits
 * of the region, of what must be added to a page to get its number. */
#include "replay/pages.h"

#include <stdlib.h>

enum {
    BITS_MIN = 8,
    NEAR = 1 << 13, /* regions in the cache */
    PAIR_SHIFT = 1, /* not 0: a region + 1 fits 64 bits */
    PAIR = 1 << PAIR_SHIFT,
    WIDE_MIN = 1 << 15,  /* so many wide regions there may always be; */
    WIDE_PAGES = 8,      /* more only while each has on average so many pages, */
    WIDE_LOOK = 1 << 12, /* which is looked at whenever so many have come */
};

struct region_slot {
    uint64_t tag;   /* the region + 1; 0: the slot is free */
    uint64_t first; /* the number of its first page */
};

static bool
directory_open(struct directory *d, unsigned shift, struct error *e)
{
    *d = (struct directory){.bits = BITS_MIN, .shift = shift};
    return column_reserve(&d->slot, UINT64_C(1) << BITS_MIN, sizeof(struct region_slot), e);
}

bool
pages_open(struct pages *p, struct error *e)
{
    *p = (struct pages){.end = REGION};
    if (!column_reserve(&p->near_tag, NEAR, sizeof(uint64_t), e) ||
        !column_reserve(&p->near_delta, NEAR, sizeof(uint32_t), e))
        return false;
    *(uint64_t *)p->near_tag.cell = UINT64_MAX; /* where only 0 belongs, 0 is not nothing */
    return directory_open(&p->wide, REGION_SHIFT, e) && directory_open(&p->pairs, PAIR_SHIFT, e);
}

void
pages_close(struct pages *p)
{
    column_free(&p->wide.slot);
    column_free(&p->pairs.slot);
    column_free(&p->seen);
    column_free(&p->near_tag);
    column_free(&p->near_delta);
}

static inline uint64_t
hash(uint64_t region, unsigned bits)
{
    return region * UINT64_C(0x9e3779b97f4a7c15) >> (64 - bits);
}

/* The slot of this region, or the free one where it belongs. */
static struct region_slot *
probe(struct region_slot *slot, unsigned bits, uint64_t region)
{
    uint64_t i = hash(region, bits), mask = (UINT64_C(1) << bits) - 1;

    while (slot[i].tag && slot[i].tag != region + 1)
        i = (i + 1) & mask;
    return &slot[i];
}

/* Twice the slots, so that at most half are taken. */
static bool
widen(struct directory *d, struct error *e)
{
    struct region_slot *old = d->slot.cell, *new;
    struct column twice = {0};

    if (!column_reserve(&twice, UINT64_C(2) << d->bits, sizeof *new, e))
        return false;
    new = twice.cell;
    for (uint64_t i = 0; i < UINT64_C(1) << d->bits; i++)
        if (old[i].tag)
            *probe(new, d->bits + 1, old[i].tag - 1) = old[i];
    column_free(&d->slot);
    d->slot = twice;
    d->bits++;
    return true;
}

/* A stretch of REGION numbers that nobody has. */
static bool
more_numbers(struct pages *p, struct error *e)
{
    if (p->end > PAGES_MAX - REGION)
        return error_set(e, EXIT_LIMIT,
                         "more different pages, or farther apart, than %u numbers do for",
                         PAGES_MAX);
    if (!column_reserve(&p->seen, p->end + REGION, 1, e))
        return false;
    p->end += REGION;
    return true;
}

/* A new region's first number, `first`. */
static const struct region_slot *
add(struct directory *d, uint64_t region, uint64_t first, struct error *e)
{
    struct region_slot *slot;

    if (d->regions >= UINT64_C(1) << (d->bits - 1) && !widen(d, e))
        return NULL;
    slot = probe(d->slot.cell, d->bits, region);
    *slot = (struct region_slot){region + 1, first};
    d->regions++;
    return slot;
}

static const struct region_slot *
add_pair(struct pages *p, uint64_t pair, struct error *e)
{
    if (p->pair % REGION == 0) {
        p->pair = p->end;
        if (!more_numbers(p, e))
            return NULL;
    }
    p->pair += PAIR;
    return add(&p->pairs, pair, p->pair - PAIR, e);
}

static const struct region_slot *
add_wide(struct pages *p, uint64_t region, struct error *e)
{
    return more_numbers(p, e) ? add(&p->wide, region, p->end - REGION, e) : NULL;
}

/* Once regions turn out to be nearly empty, those to come are pairs, and stay it. */
static bool
pages_are_far_apart(struct pages *p)
{
    const uint32_t regions = p->wide.regions;

    if (!p->far_apart && regions >= WIDE_MIN && regions % WIDE_LOOK == 0)
        p->far_apart = pages_count(p) / regions < WIDE_PAGES;
    return p->far_apart;
}

static void
remember(struct pages *p, uint64_t region, uint32_t delta)
{
    ((uint64_t *)p->near_tag.cell)[region % NEAR] = region;
    ((uint32_t *)p->near_delta.cell)[region % NEAR] = delta;
}

/* The slow way: the region is not in the cache, or is a pair, or is new. */
static bool
find(struct pages *p, uint64_t page, uint32_t *id, struct error *e)
{
    uint64_t region = page >> REGION_SHIFT, pair = page >> PAIR_SHIFT;
    const struct region_slot *found = probe(p->wide.slot.cell, p->wide.bits, region);

    if (found->tag || !pages_are_far_apart(p)) {
        if (!found->tag && !(found = add_wide(p, region, e)))
            return false;
        *id = (uint32_t)(found->first + page % REGION);
        remember(p, region, *id - (uint32_t)page);
        return true;
    }
    found = probe(p->pairs.slot.cell, p->pairs.bits, pair);
    if (!found->tag && !(found = add_pair(p, pair, e)))
        return false;
    *id = (uint32_t)(found->first + page % PAIR);
    return true;
}

/* As many pages as are in the cache, one after the other: their numbers, and how many they are. No call
 * inside, so that all stays in registers. */
static size_t
number_known(const struct pages *p, const uint64_t *page, uint32_t *id, size_t n)
{
    const uint64_t *tag = p->near_tag.cell;
    const uint32_t *delta = p->near_delta.cell;
    uint8_t *seen = p->seen.cell;
    size_t i;

#pragma GCC unroll 4
    for (i = 0; i < n; i++) {
        uint64_t region = page[i] >> REGION_SHIFT;
        uint32_t number = (uint32_t)page[i] + delta[region % NEAR];
        if (tag[region % NEAR] != region)
            break;
        id[i] = number;
        if (!seen[number]) /* a look costs less than a store */
            seen[number] = 1;
    }
    return i;
}

bool
pages_number(struct pages *p, const uint64_t *page, uint32_t *id, size_t n, struct error *e)
{
    for (size_t i = number_known(p, page, id, n); i < n;
         i += number_known(p, page + i, id + i, n - i)) {
        if (!find(p, page[i], &id[i], e))
            return false;
        ((uint8_t *)p->seen.cell)[id[i]] = 1;
        i++;
    }
    return true;
}

uint32_t
pages_count(const struct pages *p)
{
    const uint64_t *seen = p->seen.cell;
    uint64_t count = 0;

    for (uint32_t i = REGION / 8; i < p->end / 8; i++)
        count += seen[i] * UINT64_C(0x0101010101010101) >> 56; /* the sum of eight bytes */
    return (uint32_t)count;
}

/* --- in order --- */

struct span { /* of pages, and of their numbers */
    uint64_t page;
    uint32_t first, length;
};

static size_t
collect(const struct directory *d, struct span *to)
{
    const struct region_slot *slot = d->slot.cell;
    size_t n = 0;

    for (uint64_t i = 0; i < UINT64_C(1) << d->bits; i++)
        if (slot[i].tag)
            to[n++] = (struct span){(slot[i].tag - 1) << d->shift, (uint32_t)slot[i].first,
                                    UINT32_C(1) << d->shift};
    return n;
}

static int
by_page(const void *a, const void *b)
{
    uint64_t x = ((const struct span *)a)->page, y = ((const struct span *)b)->page;

    return (x > y) - (x < y);
}

bool
pages_rank(const struct pages *p, uint32_t *rank, struct error *e)
{
    size_t n = p->wide.regions + p->pairs.regions;
    struct span *sorted;
    struct column room = {0};
    uint32_t next = 0;

    if (!column_reserve(&room, n + 1, sizeof *sorted, e)) /* none has a place too, for qsort */
        return false;
    sorted = room.cell;
    collect(&p->pairs, sorted + collect(&p->wide, sorted));
    qsort(sorted, n, sizeof *sorted, by_page);
    for (size_t s = 0; s < n; s++)
        for (uint32_t i = 0; i < sorted[s].length; i++)
            rank[sorted[s].first + i] = next++;
    column_free(&room);
    return true;
}
