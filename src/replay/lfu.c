/* Least frequently used; of equals the least recently used.
 *
 * A hit only counts. Order is made when a victim is needed, and no more of it than that needs:
 *
 *   - Newcomers stand in a queue in the order they came. One found at its head with a single use is
 *     the victim: nobody has been used less, and of those used once it is the oldest.
 *   - One found at the head with more uses goes into a heap under the (uses, last use) it has then.
 *     Later hits leave the heap alone. Both numbers only grow, so what the heap says of a page is at
 *     most what is true; a page at the top whose numbers have changed is put back under the new ones.
 *
 * Each put-back is paid for by a hit, so references cost O(log frames) at worst, and nearly nothing
 * as long as newcomers are what is evicted. */
#include "replay/counter.h"

struct usage {
    uint64_t uses; /* since it was loaded; 0: not resident */
    uint64_t last;
};

struct heap_entry {
    struct usage then; /* what was true when it was put here */
    uint32_t id;
};

struct lfu {
    struct replay_run *run;
    struct column usage; /* struct usage a page */
    struct column dirty; /* uint8_t a page */
    struct column queue; /* uint32_t a frame: a ring of newcomers */
    struct column heap;  /* struct heap_entry a frame */
    uint64_t frames, resident;
    uint64_t head, queued; /* of the queue */
    uint64_t heaped;
    uint64_t now;
    uint64_t faults, writebacks;
};

static bool
lfu_open(void *counter, const struct replay_want *want, struct replay_run **run, size_t runs,
         struct error *e)
{
    struct lfu *l = counter;

    (void)want, (void)runs, (void)e;
    l->run = *run;
    l->frames = (*run)->frames;
    return true;
}

static bool
lfu_grow(void *counter, uint32_t pages, struct error *e)
{
    struct lfu *l = counter;
    uint64_t frames = l->frames < pages ? l->frames : pages;

    return column_reserve(&l->usage, pages + UINT64_C(1), sizeof(struct usage), e) &&
           column_reserve(&l->dirty, pages + UINT64_C(1), sizeof(uint8_t), e) &&
           column_reserve(&l->queue, frames, sizeof(uint32_t), e) &&
           column_reserve(&l->heap, frames + 1, sizeof(struct heap_entry), e);
}

static inline bool
less(const struct usage *a, const struct usage *b)
{
    return a->uses < b->uses || (a->uses == b->uses && a->last < b->last);
}

/* The heap begins at [1]: the children of i are 2i and 2i + 1. */
static void
heap_push(struct lfu *l, const struct heap_entry *x)
{
    struct heap_entry *heap = l->heap.cell;
    uint64_t i = ++l->heaped;

    for (; i > 1 && less(&x->then, &heap[i / 2].then); i /= 2)
        heap[i] = heap[i / 2];
    heap[i] = *x;
}

/* Put x where the top is, and down to where it belongs. */
static void
heap_replace(struct lfu *l, const struct heap_entry *x)
{
    struct heap_entry *heap = l->heap.cell;
    uint64_t i = 1, child;

    while ((child = 2 * i) <= l->heaped) {
        child += child < l->heaped && less(&heap[child + 1].then, &heap[child].then);
        if (!less(&heap[child].then, &x->then))
            break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = *x;
}

static void
heap_pop(struct lfu *l)
{
    struct heap_entry *heap = l->heap.cell, last = heap[l->heaped--];

    heap_replace(l, &last);
}

static uint32_t
victim(struct lfu *l)
{
    const struct usage *usage = l->usage.cell;
    const uint32_t *queue = l->queue.cell;
    struct heap_entry *top = (struct heap_entry *)l->heap.cell + 1, x;

    while (l->queued) {
        x.id = queue[l->head];
        l->head = l->head + 1 < l->frames ? l->head + 1 : 0;
        l->queued--;
        x.then = usage[x.id];
        if (x.then.uses == 1)
            return x.id;
        heap_push(l, &x);
    }
    for (;;) {
        x = (struct heap_entry){usage[top->id], top->id};
        if (x.then.last == top->then.last)
            break;
        heap_replace(l, &x);
    }
    heap_pop(l);
    return x.id;
}

static void
load(struct lfu *l, uint32_t id)
{
    struct usage *usage = l->usage.cell;
    uint8_t *dirty = l->dirty.cell;
    uint32_t *queue = l->queue.cell, out;
    uint64_t tail;

    l->faults++;
    if (l->resident < l->frames) {
        l->resident++;
    } else {
        out = victim(l);
        usage[out].uses = 0;
        l->writebacks += dirty[out];
        dirty[out] = 0;
    }
    tail = l->head + l->queued++;
    queue[tail < l->frames ? tail : tail - l->frames] = id;
}

static inline void
count(struct lfu *l, const struct stretch *s, const bool writes)
{
    struct usage *usage = l->usage.cell;
    uint8_t *dirty = l->dirty.cell;

    for (size_t i = 0; i < s->n; i++) {
        struct usage *u = &usage[s->id[i]];
        if (!u->uses)
            load(l, s->id[i]);
        u->uses++;
        u->last = l->now++;
        if (writes)
            dirty[s->id[i]] |= s->write[i];
    }
}

static bool
lfu_feed(void *counter, const struct stretch *s, struct error *e)
{
    (void)e;
    if (s->write)
        count(counter, s, true);
    else
        count(counter, s, false);
    return true;
}

static bool
lfu_end(void *counter, const struct pages *pages, struct error *e)
{
    struct lfu *l = counter;

    (void)pages, (void)e;
    l->run->faults = l->faults;
    l->run->writebacks = l->writebacks;
    return true;
}

static void
lfu_close(void *counter)
{
    struct lfu *l = counter;

    column_free(&l->usage);
    column_free(&l->dirty);
    column_free(&l->queue);
    column_free(&l->heap);
}

const struct counter_kind counter_lfu = {
    .size = sizeof(struct lfu),
    .repeats = true,
    .open = lfu_open,
    .grow = lfu_grow,
    .feed = lfu_feed,
    .end = lfu_end,
    .close = lfu_close,
};
