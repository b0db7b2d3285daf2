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
    uint64_t uses; /* since it was loaded */
    uint64_t last;
};

struct heap_entry {
    struct usage then; /* what was true when it was put here */
    uint64_t frame;
};

struct lfu {
    struct replay_run *run;
    struct column frame_of; /* uint32_t a page: its frame + 1, 0 not resident */
    struct column page_in;  /* uint32_t a frame */
    struct column usage;    /* struct usage a frame: of the page in it */
    struct column dirty;    /* uint8_t a frame */
    struct column queue;    /* uint32_t, as many as frames: a ring of frames with newcomers */
    struct column heap;     /* struct heap_entry, from [1] on, as many as frames */
    uint64_t frames, used;
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
lfu_grow(void *counter, uint32_t end, struct error *e)
{
    struct lfu *l = counter;
    uint64_t frames = l->frames < end ? l->frames : end;

    return column_reserve(&l->frame_of, end, sizeof(uint32_t), e) &&
           column_reserve(&l->page_in, frames, sizeof(uint32_t), e) &&
           column_reserve(&l->usage, frames, sizeof(struct usage), e) &&
           column_reserve(&l->dirty, frames, sizeof(uint8_t), e) &&
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
        x.frame = queue[l->head];
        l->head = l->head + 1 < l->frames ? l->head + 1 : 0;
        l->queued--;
        x.then = usage[x.frame];
        if (x.then.uses == 1)
            return (uint32_t)x.frame;
        heap_push(l, &x);
    }
    for (;;) {
        x = (struct heap_entry){usage[top->frame], top->frame};
        if (x.then.last == top->then.last)
            break;
        heap_replace(l, &x);
    }
    heap_pop(l);
    return (uint32_t)x.frame;
}

/* A frame for a newcomer: its former page has left. */
static uint32_t
vacate(struct lfu *l)
{
    uint32_t frame, *page_in = l->page_in.cell, *frame_of = l->frame_of.cell;
    uint8_t *dirty = l->dirty.cell;

    if (l->used < l->frames)
        return (uint32_t)l->used++;
    frame = victim(l);
    frame_of[page_in[frame]] = 0;
    l->writebacks += dirty[frame];
    dirty[frame] = 0;
    return frame;
}

static uint32_t
load(struct lfu *l, uint32_t id)
{
    uint32_t frame = vacate(l), *queue = l->queue.cell;
    uint64_t tail = l->head + l->queued++;

    l->faults++;
    queue[tail < l->frames ? tail : tail - l->frames] = frame;
    ((uint32_t *)l->page_in.cell)[frame] = id;
    ((uint32_t *)l->frame_of.cell)[id] = frame + 1;
    ((struct usage *)l->usage.cell)[frame].uses = 0;
    return frame;
}

SPECIALISED static void
count(struct lfu *l, const struct stretch *s, const bool writes)
{
    const uint32_t *frame_of = l->frame_of.cell;
    struct usage *usage = l->usage.cell;
    uint8_t *dirty = l->dirty.cell;

    for (size_t i = 0; i < s->n; i++) {
        uint32_t frame = frame_of[s->id[i]] - 1;
        __builtin_prefetch(&frame_of[s->id[i + AHEAD]]);
        if (frame == UINT32_MAX)
            frame = load(l, s->id[i]);
        usage[frame].uses++;
        usage[frame].last = l->now++;
        if (writes)
            dirty[frame] |= s->write[i];
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

    column_free(&l->frame_of);
    column_free(&l->page_in);
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
