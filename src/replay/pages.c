/* A two-level table, as the MMU itself would have it: neighbouring pages form a region and share a
 * leaf of numbers. The upper level is a hash table instead of an array, since 64-bit page numbers
 * are sparse; it stays small (a slot per region, not per page) and so stays in the cache, which is
 * what makes this three times as fast as hashing every page. Linear probing, multiplicative hash
 * (Knuth, TAOCP vol. 3, 6.4). */
#include "replay/pages.h"

#include <stdlib.h>

enum { REGION_SHIFT = 7, REGION = 1 << REGION_SHIFT, BITS_MIN = 8, BATCH = 128 };

struct region_slot {
    uint64_t tag;  /* the region + 1; 0: the slot is free */
    uint64_t leaf; /* where its numbers begin in the leaf column */
};

bool
pages_open(struct pages *p, struct error *e)
{
    *p = (struct pages){.bits = BITS_MIN};
    return column_reserve(&p->slot, UINT64_C(1) << BITS_MIN, sizeof(struct region_slot), e) &&
           column_reserve(&p->leaf, REGION, sizeof(uint32_t), e);
}

void
pages_close(struct pages *p)
{
    column_free(&p->slot);
    column_free(&p->leaf);
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
    if (p->regions + UINT64_C(1) > UINT64_C(1) << (p->bits - 1)) {
        if (!widen(p, e))
            return NULL;
        found = probe(p->slot.cell, p->bits, region);
    }
    if (!column_reserve(&p->leaf, (p->regions + UINT64_C(2)) * REGION, sizeof(uint32_t), e))
        return NULL;
    *found = (struct region_slot){region + 1, ++p->regions * (uint64_t)REGION};
    return found;
}

/* Where the numbers of n pages stand in the leaves. They are fetched into the cache meanwhile, all at
 * once: waiting for one after the other is what a large trace spends its time on. */
static bool
locate(struct pages *p, const uint64_t *page, uint64_t *at, size_t n, struct error *e)
{
    const struct region_slot *slot = p->slot.cell, *found;
    const uint32_t *leaf = p->leaf.cell;
    unsigned bits = p->bits;

    for (size_t i = 0; i < n; i++) {
        uint64_t region = page[i] >> REGION_SHIFT;
        found = &slot[hash(region, bits)];
        if (found->tag != region + 1) {
            if (!(found = region_slot(p, region, e)))
                return false;
            slot = p->slot.cell;
            leaf = p->leaf.cell;
            bits = p->bits;
        }
        at[i] = found->leaf + page[i] % REGION;
        __builtin_prefetch(&leaf[at[i]]);
    }
    return true;
}

bool
pages_number(struct pages *p, const uint64_t *page, uint32_t *id, size_t n, struct error *e)
{
    uint64_t at[BATCH];

    if (n > PAGES_MAX - p->count)
        return error_set(e, EXIT_LIMIT, "more than %u different pages", PAGES_MAX);
    for (size_t done = 0, some; done < n; done += some) {
        some = n - done < BATCH ? n - done : BATCH;
        if (!locate(p, page + done, at, some, e))
            return false;
        for (size_t i = 0; i < some; i++) {
            uint32_t *number = (uint32_t *)p->leaf.cell + at[i];
            if (!*number)
                *number = ++p->count;
            id[done + i] = *number;
        }
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
    const uint32_t *leaf = p->leaf.cell;
    struct region_slot *sorted;
    struct column copy = {0};
    uint32_t regions = 0, next = 0;

    if (!column_reserve(&copy, p->regions + UINT64_C(1), sizeof *sorted, e))
        return false;
    sorted = copy.cell;
    for (uint64_t i = 0; i < UINT64_C(1) << p->bits; i++)
        if (slot[i].tag)
            sorted[regions++] = slot[i];
    qsort(sorted, regions, sizeof *sorted, by_tag);
    for (uint32_t r = 0; r < regions; r++)
        for (int i = 0; i < REGION; i++)
            if (leaf[sorted[r].leaf + i])
                rank[leaf[sorted[r].leaf + i]] = next++;
    column_free(&copy);
    return true;
}
