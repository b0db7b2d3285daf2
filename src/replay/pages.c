/* A page table turned round: its upper part finds a region of neighbouring pages, the rest of the
 * number is an offset that stays as it is. The directory of regions is a hash table instead of an
 * array, since 64-bit page numbers are sparse; it has a slot a region, not a page, and so stays in the
 * cache, which hashing every page would not. Linear probing, multiplicative hash (Knuth, TAOCP
 * vol. 3, 6.4). */
#include "replay/pages.h"

#include <stdlib.h>

enum { BITS_MIN = 8 };

struct region_slot {
    uint64_t tag;   /* the region + 1; 0: the slot is free */
    uint64_t first; /* the number of its first page */
};

bool
pages_open(struct pages *p, struct error *e)
{
    *p = (struct pages){.bits = BITS_MIN, .end = REGION};
    return column_reserve(&p->slot, UINT64_C(1) << BITS_MIN, sizeof(struct region_slot), e);
}

void
pages_close(struct pages *p)
{
    column_free(&p->slot);
    column_free(&p->seen);
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
widen(struct pages *p, struct error *e)
{
    struct region_slot *old = p->slot.cell, *new;
    struct column wide = {0};

    if (!column_reserve(&wide, UINT64_C(2) << p->bits, sizeof *new, e))
        return false;
    new = wide.cell;
    for (uint64_t i = 0; i < UINT64_C(1) << p->bits; i++)
        if (old[i].tag)
            *probe(new, p->bits + 1, old[i].tag - 1) = old[i];
    column_free(&p->slot);
    p->slot = wide;
    p->bits++;
    return true;
}

/* The slow way: the region is not where it would be without collisions, or is new. */
static const struct region_slot *
region_slot(struct pages *p, uint64_t region, struct error *e)
{
    struct region_slot *found = probe(p->slot.cell, p->bits, region);

    if (found->tag)
        return found;
    if (p->end > PAGES_MAX - REGION)
        return error_set(e, EXIT_LIMIT,
                         "more different pages, or farther apart, than %u numbers do for",
                         PAGES_MAX),
               NULL;
    if (p->end / REGION > UINT64_C(1) << (p->bits - 1)) {
        if (!widen(p, e))
            return NULL;
        found = probe(p->slot.cell, p->bits, region);
    }
    if (!column_reserve(&p->seen, (p->end + REGION) / 64, sizeof(uint64_t), e))
        return NULL;
    *found = (struct region_slot){region + 1, p->end};
    p->end += REGION;
    return found;
}

bool
pages_number(struct pages *p, const uint64_t *page, uint32_t *id, size_t n, struct error *e)
{
    const struct region_slot *slot = p->slot.cell, *found;
    uint64_t *seen;
    unsigned bits = p->bits;

    for (size_t i = 0; i < n; i++) {
        uint64_t region = page[i] >> REGION_SHIFT;
        found = &slot[hash(region, bits)];
        if (found->tag != region + 1) {
            if (!(found = region_slot(p, region, e)))
                return false;
            slot = p->slot.cell;
            bits = p->bits;
        }
        id[i] = (uint32_t)(found->first + page[i] % REGION);
    }
    seen = p->seen.cell;
#pragma GCC unroll 4
    for (size_t i = 0; i < n; i++)
        if (!bit_is_set(seen, id[i])) {
            bit_set(seen, id[i]);
            p->count++;
        }
    return true;
}

static int
by_tag(const void *a, const void *b)
{
    uint64_t x = ((const struct region_slot *)a)->tag, y = ((const struct region_slot *)b)->tag;

    return (x > y) - (x < y);
}

bool
pages_rank(const struct pages *p, uint32_t *rank, struct error *e)
{
    const struct region_slot *slot = p->slot.cell;
    struct region_slot *sorted;
    struct column copy = {0};
    uint32_t regions = 0;

    if (!column_reserve(&copy, p->end / REGION, sizeof *sorted, e))
        return false;
    sorted = copy.cell;
    for (uint64_t i = 0; i < UINT64_C(1) << p->bits; i++)
        if (slot[i].tag)
            sorted[regions++] = slot[i];
    qsort(sorted, regions, sizeof *sorted, by_tag);
    for (uint32_t r = 0; r < regions; r++)
        for (uint32_t i = 0; i < REGION; i++)
            rank[sorted[r].first + i] = r * REGION + i;
    column_free(&copy);
    return true;
}
