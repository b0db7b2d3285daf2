/* One pass: leave repeats out, number the pages, let every counter have them, a stretch at a time. The
 * stages are loops of their own so that each keeps its tables in the cache and many references in flight;
 * those that count run in a thread of their own. */
#include "replay/replay.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "replay/belt.h"
#include "replay/counter.h"

struct counter {
    const struct counter_kind *kind;
    void *state;
};

struct replay {
    struct replay_want want;
    struct replay_run **run; /* those of want, by policy, the most frames first */
    bool repeats; /* some counter must see them */
    struct belt *belt;
    /* While there is a belt, of the thread that feeds: */
    uint64_t refs;
    bool writes; /* there was a write */
    /* Of whichever of the two numbers, under the belt's lock: */
    struct pages pages;
    /* Of the one that counts: */
    struct counter *counter;
    size_t counters;
    uint32_t grown; /* the counters have room for numbers up to here */
};

static const struct counter_kind *
kind_of(enum policy policy, bool load_r0)
{
    static const struct counter_kind *const kind[POLICIES] = {
        [POLICY_FIFO] = &counter_fifo,   [POLICY_LRU] = &counter_lru,
        [POLICY_CLOCK] = &counter_clock, [POLICY_OPT] = &counter_opt,
        [POLICY_LFU] = &counter_lfu,     [POLICY_RANDOM] = &counter_random,
    };

    return policy == POLICY_CLOCK && load_r0 ? &counter_clock_r0 : kind[policy];
}

static int
by_policy_and_frames(const void *a, const void *b)
{
    const struct replay_run *x = *(struct replay_run *const *)a,
                            *y = *(struct replay_run *const *)b;

    if (x->policy != y->policy)
        return x->policy < y->policy ? -1 : 1;
    return (x->frames < y->frames) - (x->frames > y->frames);
}

static bool
add_counter(struct replay *r, const struct counter_kind *kind, struct replay_run **run, size_t runs,
            struct error *e)
{
    struct counter *c = &r->counter[r->counters];

    c->kind = kind;
    c->state = memory_new(1, kind->size);
    r->counters++;
    r->repeats |= kind->repeats;
    return kind->open(c->state, &r->want, run, runs, e);
}

static bool
add_counters(struct replay *r, struct error *e)
{
    size_t n;

    for (size_t i = 0; i < r->want.runs; i += n) {
        const struct counter_kind *kind = kind_of(r->run[i]->policy, r->want.load_r0);
        for (n = 1; kind->shares && i + n < r->want.runs; n++)
            if (r->run[i + n]->policy != r->run[i]->policy)
                break;
        if (!add_counter(r, kind, &r->run[i], n, e))
            return false;
    }
    return !r->want.curve || add_counter(r, &counter_curve, NULL, 0, e);
}

static bool
sort_runs(struct replay *r, struct error *e)
{
    r->run = memory_new(r->want.runs + 1, sizeof *r->run);
    r->counter = memory_new(r->want.runs + 1, sizeof *r->counter);
    for (size_t i = 0; i < r->want.runs; i++) {
        r->run[i] = &r->want.run[i];
        if (r->run[i]->frames == 0)
            return error_set(e, EXIT_USAGE, "no frames: a page needs one");
    }
    qsort(r->run, r->want.runs, sizeof *r->run, by_policy_and_frames);
    return true;
}

/* --- counting, in a thread of its own --- */

static bool
grow(struct replay *r, uint32_t end, struct error *e)
{
    if (r->grown == end)
        return true;
    r->grown = end;
    for (size_t i = 0; i < r->counters; i++)
        if (!r->counter[i].kind->grow(r->counter[i].state, end, e))
            return false;
    return true;
}

static bool
count(void *replay, struct load *l, struct error *e)
{
    struct replay *r = replay;

    if (!grow(r, l->end, e))
        return false;
    for (size_t at = 0; at < l->n; at += STRETCH_MAX) {
        const struct stretch s = {.id = l->id + at,
                                  .write = l->writes ? l->write + at : NULL,
                                  .n = l->n - at < STRETCH_MAX ? l->n - at : STRETCH_MAX};
        for (size_t i = 0; i < r->counters; i++)
            if (!r->counter[i].kind->feed(r->counter[i].state, &s, e))
                return false;
    }
    return true;
}

/* By whichever thread has time. */
static bool
number(void *replay, struct load *l, struct error *e)
{
    struct replay *r = replay;
    bool done = pages_number(&r->pages, l->page, l->id, l->n, e);

    l->end = r->pages.end;
    return done;
}

/* All that was sent is counted. */
static bool
stop(struct replay *r, struct error *e)
{
    struct belt *belt = r->belt;

    r->belt = NULL;
    return belt_close(belt, e);
}

struct replay *
replay_open(const struct replay_want *want, struct error *e)
{
    struct replay *r = memory_new(1, sizeof *r);

    r->want = *want;
    if (pages_open(&r->pages, e) && sort_runs(r, e) && add_counters(r, e) &&
        (r->belt = belt_open(number, count, r, e)))
        return r;
    replay_close(r);
    return NULL;
}

void
replay_close(struct replay *r)
{
    struct error ignored = {0};

    if (!r)
        return;
    stop(r, &ignored);
    for (size_t i = 0; i < r->counters; i++) {
        r->counter[i].kind->close(r->counter[i].state);
        free(r->counter[i].state);
    }
    pages_close(&r->pages);
    free(r->counter);
    free(r->run);
    free(r);
}

/* --- feeding --- */

/* Whether each of n references writes. From the first write of the trace on, every load is taken to have
 * some; until then nobody has put anything but zeros into one. */
static void
note_writes(struct replay *r, struct load *l, const uint8_t *kind, size_t n, uint8_t *write)
{
    uint8_t any = 0;

    for (size_t i = 0; i < n; i++)
        any |= write[i] = kind && kind[i] == ACCESS_WRITE;
    l->writes = r->writes |= any;
}

/* Leave out reads of the page just referenced. The first of each call stays, which is harmless. */
SPECIALISED static void
load_changes(struct load *l, const uint64_t *page, const uint8_t *write, size_t n, const bool writes)
{
    uint64_t before = ~page[0];
    size_t kept = l->n;

#pragma GCC unroll 8
    for (size_t i = 0; i < n; i++) {
        l->page[kept] = page[i];
        if (writes)
            l->write[kept] = write[i];
        kept += (page[i] != before) | (writes && write[i]);
        before = page[i];
    }
    l->n = kept;
}

static void
load_all(struct load *l, const uint64_t *page, const uint8_t *write, size_t n)
{
    memcpy(l->page + l->n, page, n * sizeof *page);
    if (l->writes)
        memcpy(l->write + l->n, write, n);
    l->n += n;
}

/* A load that has room for a stretch. */
static struct load *
next_load(struct replay *r)
{
    struct load *l = belt_load(r->belt);

    if (!l || l->n <= LOAD_MAX - STRETCH_MAX)
        return l;
    belt_send(r->belt);
    return belt_load(r->belt);
}

static bool
feed(struct replay *r, const uint64_t *page, const uint8_t *kind, size_t n, struct error *e)
{
    uint8_t write[STRETCH_MAX];
    struct load *l = next_load(r);

    if (!l)
        return stop(r, e);
    if (kind || r->writes)
        note_writes(r, l, kind, n, write);
    if (r->repeats)
        load_all(l, page, write, n);
    else if (l->writes)
        load_changes(l, page, write, n, true);
    else
        load_changes(l, page, NULL, n, false);
    r->refs += n;
    return true;
}

bool
replay_feed(struct replay *r, const struct block *b, struct error *e)
{
    for (size_t at = 0, n; at < b->n; at += n) {
        n = b->n - at < STRETCH_MAX ? b->n - at : STRETCH_MAX;
        if (!feed(r, b->page + at, b->kind ? b->kind + at : NULL, n, e))
            return false;
    }
    return true;
}

bool
replay_end(struct replay *r, struct error *e)
{
    if (belt_load(r->belt))
        belt_send(r->belt);
    if (!stop(r, e))
        return false;
    for (size_t i = 0; i < r->counters; i++)
        if (!r->counter[i].kind->end(r->counter[i].state, &r->pages, e))
            return false;
    for (size_t i = 0; i < r->want.runs; i++)
        r->want.run[i].hits = r->refs - r->want.run[i].faults;
    return true;
}

uint64_t
replay_refs(const struct replay *r)
{
    return r->refs;
}

uint64_t
replay_pages(const struct replay *r)
{
    return pages_count(&r->pages);
}

const uint64_t *
replay_curve(const struct replay *r, size_t *n)
{
    *n = 0;
    return r->want.curve ? curve_faults(r->counter[r->counters - 1].state, n) : NULL;
}
