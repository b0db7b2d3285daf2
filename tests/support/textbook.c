#include "support/textbook.h"

#include <stdlib.h>

#include "base/assert.h"

struct frame {
    uint64_t page;
    size_t loaded, used; /* when */
    size_t uses;
    bool referenced, dirty;
};

struct memory {
    struct frame *frame;
    size_t frames, filled, hand;
    const uint64_t *trace;
    size_t length;
    struct rng rng;
};

static size_t
next_use(const struct memory *m, uint64_t page, size_t now)
{
    size_t i = now + 1;

    while (i < m->length && m->trace[i] != page)
        i++;
    return i;
}

/* Is a the better victim? */
static bool
rather(const struct memory *m, enum policy policy, const struct frame *a, const struct frame *b,
       size_t now)
{
    size_t next_a, next_b;

    switch (policy) {
    case POLICY_FIFO:
        return a->loaded < b->loaded;
    case POLICY_LRU:
        return a->used < b->used;
    case POLICY_LFU:
        return a->uses < b->uses || (a->uses == b->uses && a->used < b->used);
    case POLICY_OPT:
        next_a = next_use(m, a->page, now);
        next_b = next_use(m, b->page, now);
        return next_a > next_b || (next_a == next_b && a->page < b->page);
    default:
        pw_assert(!"a policy that compares");
        return false;
    }
}

static size_t
clock_victim(struct memory *m)
{
    size_t victim;

    while (m->frame[m->hand].referenced) {
        m->frame[m->hand].referenced = false;
        m->hand = (m->hand + 1) % m->frames;
    }
    victim = m->hand;
    m->hand = (m->hand + 1) % m->frames;
    return victim;
}

static size_t
choose_victim(struct memory *m, enum policy policy, size_t now)
{
    size_t victim = 0;

    if (policy == POLICY_CLOCK)
        return clock_victim(m);
    if (policy == POLICY_RANDOM)
        return rng_below(&m->rng, m->frames);
    for (size_t f = 1; f < m->frames; f++)
        if (rather(m, policy, &m->frame[f], &m->frame[victim], now))
            victim = f;
    return victim;
}

static struct textbook_count
play(struct memory *m, enum policy policy, bool load_r0, const bool *writes)
{
    struct textbook_count count = {0};

    for (size_t now = 0; now < m->length; now++) {
        size_t f = 0;
        while (f < m->filled && m->frame[f].page != m->trace[now])
            f++;
        bool hit = f < m->filled;
        if (!hit) {
            count.faults++;
            if (m->filled < m->frames) {
                f = m->filled++;
            } else {
                f = choose_victim(m, policy, now);
                count.writebacks += m->frame[f].dirty;
            }
            m->frame[f] = (struct frame){.page = m->trace[now], .loaded = now};
        }
        m->frame[f].used = now;
        m->frame[f].uses++;
        m->frame[f].referenced |= hit || !load_r0;
        m->frame[f].dirty |= writes && writes[now];
    }
    return count;
}

static struct memory
empty(size_t frames, uint64_t seed, const uint64_t *page, size_t n)
{
    struct memory m = {
        .frame = calloc(frames, sizeof *m.frame), .frames = frames, .trace = page, .length = n};

    pw_assert(m.frame);
    rng_seed(&m.rng, seed);
    return m;
}

struct textbook_count
textbook_run(enum policy policy, size_t frames, bool load_r0, uint64_t seed, const uint64_t *page,
             const bool *writes, size_t n)
{
    struct memory m = empty(frames, seed, page, n);
    struct textbook_count count = play(&m, policy, load_r0, writes);

    free(m.frame);
    return count;
}

static int
by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

size_t
textbook_residents(enum policy policy, size_t frames, const uint64_t *page, size_t n, uint64_t *out)
{
    struct memory m = empty(frames, 0, page, n);
    size_t filled;

    play(&m, policy, false, NULL);
    filled = m.filled;
    for (size_t f = 0; f < filled; f++)
        out[f] = m.frame[f].page;
    qsort(out, filled, sizeof *out, by_number);
    free(m.frame);
    return filled;
}
