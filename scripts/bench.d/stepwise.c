/* A trace on a whole machine: the recordings of ls and sort as 64-bit page numbers on x86-64, with as
 * much memory as the machine has. Unwatched, through the short way of machine/burst.h; and watched, by
 * an observer that counts events, through the long one. Millions of references a second of CPU time,
 * the best of some rounds over the same blocks, which are read beforehand.
 *
 * ls misses a TLB of 16 entries four times as often as sort. With 64 frames, besides, each fault is a
 * trap, a victim, a transfer, two entries. */
#include "base/assert.h"
#include "base/memory.h"
#include "bench.h"
#include "replay/stepwise.h"
#include "support/drive.h"
#include "support/trace.h"
#include "test.h"

enum { BLOCK = 8192, WATCHED = 300000, ROUNDS = 5 };

struct recording {
    uint64_t *page;
    size_t n;
};

static struct recording
record(const char *name, size_t most)
{
    struct recording r = {memory_new(most, sizeof *r.page), 0};
    struct trace *t = trace_open(name);
    size_t n;

    while (r.n < most && (n = trace_read(t, r.page + r.n, most - r.n)) > 0)
        r.n += n;
    trace_close(t);
    return r;
}

static void
count_event(void *ctx, const struct event *ev)
{
    (void)ev;
    ++*(uint64_t *)ctx;
}

/* Millions of references a second. */
static double
run(const struct recording *r, size_t refs, uint64_t frames, bool watched)
{
    struct preset preset;
    struct stepwise s;
    struct error e = {0};
    uint64_t events = 0;
    const struct watch watch = {count_event, &events};
    double start;

    drive_preset("x86-64", &preset);
    pw_assert(stepwise_open(
        &s, &(struct stepwise_want){.preset = &preset, .policy = POLICY_LRU, .frames = frames},
        &e));
    machine_watch(&s.m, watched ? &watch : NULL);
    start = cpu_ms();
    for (size_t at = 0; at < refs; at += BLOCK) {
        size_t n = refs - at < BLOCK ? refs - at : BLOCK;
        pw_assert(stepwise_feed(&s, &(struct block){.page = r->page + at, .n = n}, &e));
    }
    start = cpu_ms() - start;
    pw_assert(s.refs == refs && (events > refs) == watched);
    stepwise_close(&s);
    return (double)refs / start / 1e3;
}

static void
measure(const char *name, const struct recording *r, size_t refs, uint64_t frames, bool watched,
        const char *target)
{
    double best = 0;

    for (int i = 0; i < ROUNDS; i++) {
        double rate = run(r, refs, frames, watched);
        best = rate > best ? rate : best;
    }
    bench_part("stepwise", name, best, "Mrefs/s", target);
}

int
main(void)
{
    struct recording ls = record("ls", 20000000), sort = record("sort", 20000000);

    measure("ls", &ls, ls.n, 0, false, ">100");
    measure("sort", &sort, sort.n, 0, false, ">100");
    measure("sort_64_frames", &sort, sort.n, 64, false, ">100");
    measure("sort_watched", &sort, WATCHED, 0, true, ">3");
    free(ls.page);
    free(sort.page);
    return 0;
}
