/* The reverse map: from a frame to the entries that name it.
 *
 * Page tables answer "where is this page?". To take a frame away, or to give one of two sharers a
 * copy, the kernel must ask the other way round: "who maps this frame?". Without an index that
 * question costs a walk through every table of every process. Linux mm/rmap.c; OSTEP 22 on why
 * replacement needs it.
 */
#include "os/rmap.h"

#include "os/os.h"

_Static_assert(sizeof(struct rmap) == 32, "no padding: a state is compared byte by byte");

static struct rmap *
rmap_edit(struct os *os, uint32_t node)
{
    struct rmap *r = &os->rmap[node];

    arena_touch(os->hw->arena, r, sizeof *r);
    return r;
}

/* Neighbouring pages fall into neighbouring buckets, so a run of faults touches few chunks of the
 * arena. */
static uint32_t
bucket_of(const struct os *os, uint32_t mm, vaddr_t va)
{
    uint64_t vpn = vpn_of(&os->hw->geo.format, va);
    uint64_t mixed = vpn + (vpn >> os->rmap_bits) + mm * UINT64_C(0x9e3779b1);

    return (uint32_t)(mixed & low_bits(os->rmap_bits));
}

static void
bucket_set(struct os *os, uint32_t bucket, uint32_t node)
{
    arena_touch(os->hw->arena, &os->rmap_bucket[bucket], sizeof *os->rmap_bucket);
    os->rmap_bucket[bucket] = node;
}

static uint32_t
find(const struct os *os, uint32_t mm, vaddr_t va)
{
    uint32_t node = os->rmap_bucket[bucket_of(os, mm, va)];

    while (node && (os->rmap[node].mm != mm || os->rmap[node].va != va))
        node = os->rmap[node].chain;
    return node;
}

static uint32_t
node_new(struct os *os)
{
    uint32_t node = os->s->rmap_free;

    if (node) {
        os->s->rmap_free = os->rmap[node].next;
        return node;
    }
    if (os->s->rmap_used == os->rmap_max) {
        os->s->limit_hit = 1;
        return 0;
    }
    return ++os->s->rmap_used;
}

bool
rmap_add(struct os *os, pfn_t pfn, uint32_t mm, vaddr_t va)
{
    uint32_t node = node_new(os), bucket = bucket_of(os, mm, va);
    struct frame *f = frame_edit(os, pfn);

    if (node == 0)
        return false;
    *rmap_edit(os, node) = (struct rmap){
        .mm = mm, .va = va, .pfn = (uint32_t)pfn, .next = f->rmap, .chain = os->rmap_bucket[bucket],
    };
    if (f->rmap)
        rmap_edit(os, f->rmap)->prev = node;
    f->rmap = node;
    f->maps++;
    bucket_set(os, bucket, node);
    return true;
}

static void
chain_remove(struct os *os, uint32_t node)
{
    uint32_t bucket = bucket_of(os, os->rmap[node].mm, os->rmap[node].va);
    uint32_t at = os->rmap_bucket[bucket];

    if (at == node) {
        bucket_set(os, bucket, os->rmap[node].chain);
        return;
    }
    while (os->rmap[at].chain != node)
        at = os->rmap[at].chain;
    rmap_edit(os, at)->chain = os->rmap[node].chain;
}

static void
list_remove(struct os *os, uint32_t node)
{
    const struct rmap *r = &os->rmap[node];
    struct frame *f = frame_edit(os, r->pfn);

    if (r->prev)
        rmap_edit(os, r->prev)->next = r->next;
    else
        f->rmap = r->next;
    if (r->next)
        rmap_edit(os, r->next)->prev = r->prev;
    f->maps--;
}

/* Does nothing when the frame is not mapped there. */
void
rmap_remove(struct os *os, pfn_t pfn, uint32_t mm, vaddr_t va)
{
    uint32_t node = find(os, mm, va);

    if (node == 0 || os->rmap[node].pfn != pfn)
        return;
    chain_remove(os, node);
    list_remove(os, node);
    *rmap_edit(os, node) = (struct rmap){.next = os->s->rmap_free};
    os->s->rmap_free = node;
}

pfn_t
rmap_frame(const struct os *os, uint32_t mm, vaddr_t va)
{
    return os->rmap[find(os, mm, va)].pfn; /* node 0 is all zeros */
}

vaddr_t
rmap_address(const struct os *os, uint32_t mm, pfn_t pfn)
{
    uint32_t n = os->frame[pfn].rmap;

    while (n && mm && os->rmap[n].mm != mm)
        n = os->rmap[n].next;
    return os->rmap[n].va; /* node 0 is nobody's, and zero */
}
