/* One pass, a stretch of references at a time: leave repeats out, number the pages, let every counter
 * have the stretch. The stages are loops of their own so that each keeps its tables in the cache and
 * many references in flight; a stretch is small enough to stay in the first-level cache between them. */
#include "replay/replay.h"

#include <stdlib.h>

#include "base/memory.h"
#include "replay/counter.h"

struct counter {
    const struct counter_kind *kind;
    void *state;
};

struct replay {
    struct replay_want want;
    struct replay_run **run; /* those of want, by policy, the most frames first */
    struct counter *counter;
    size_t counters;
    struct pages pages;
    uint64_t refs;
    uint32_t grown; /* the counters have room for numbers up to here */
    bool repeats;   /* some counter must see them */
    bool writes;    /* there was a write */
    uint64_t page[STRETCH_MAX];
    uint32_t id[STRETCH_MAX + AHEAD];
    uint8_t write[STRETCH_MAX];
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

struct replay *
replay_open(const struct replay_want *want, struct error *e)
{
    struct replay *r = memory_new(1, sizeof *r);

    r->want = *want;
    if (pages_open(&r->pages, e) && sort_runs(r, e) && add_counters(r, e))
        return r;
    replay_close(r);
    return NULL;
}

void
replay_close(struct replay *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->counters; i++) {
        r->counter[i].kind->close(r->counter[i].state);
        free(r->counter[i].state);
    }
    pages_close(&r->pages);
    free(r->counter);
    free(r->run);
    free(r);
}

/* Leave out reads of the page just referenced. The first of a stretch stays, which is harmless. */
static inline size_t
drop_repeats(struct replay *r, const uint64_t *page, const uint8_t *write, size_t n,
             const bool writes)
{
    uint64_t before = ~page[0];
    size_t kept = 0;

#pragma GCC unroll 8
    for (size_t i = 0; i < n; i++) {
        r->page[kept] = page[i];
        if (writes)
            r->write[kept] = write[i];
        kept += (page[i] != before) | (writes && write[i]);
        before = page[i];
    }
    return kept;
}

/* Does a stretch write? From the first write of the trace on, every one is taken to. */
static bool
note_writes(struct replay *r, const uint8_t *kind, size_t n, uint8_t *write)
{
    uint8_t any = 0;

    for (size_t i = 0; i < n; i++)
        any |= write[i] = kind && kind[i] == ACCESS_WRITE;
    return r->writes |= any;
}

static bool
grow(struct replay *r, struct error *e)
{
    if (r->grown == r->pages.end)
        return true;
    r->grown = r->pages.end;
    for (size_t i = 0; i < r->counters; i++)
        if (!r->counter[i].kind->grow(r->counter[i].state, r->grown, e))
            return false;
    return true;
}

static bool
feed(struct replay *r, const uint64_t *page, const uint8_t *kind, size_t n, struct error *e)
{
    uint8_t write[STRETCH_MAX];
    struct stretch s = {.id = r->id, .n = n};

    r->refs += n;
    if ((kind || r->writes) && note_writes(r, kind, n, write))
        s.write = write;
    if (!r->repeats) {
        s.n =
            s.write ? drop_repeats(r, page, write, n, true) : drop_repeats(r, page, NULL, n, false);
        s.write = s.write ? r->write : NULL;
        page = r->page;
    }
    if (!pages_number(&r->pages, page, r->id, s.n, e) || !grow(r, e))
        return false;
    for (size_t i = 0; i < r->counters; i++)
        if (!r->counter[i].kind->feed(r->counter[i].state, &s, e))
            return false;
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
