/* Random strings of references with writes: the machine that makes them as `ref` finds them, and the
 * one that is fed them as a trace, have the faults and the writebacks that the counting engine says;
 * every policy, on three machines. For random, whose seed they share, that means the same victims. */
#include <stdio.h>
#include <stdlib.h>

#include "replay/replay.h"
#include "replay/stepwise.h"
#include "support/drive.h"
#include "test.h"

enum { STRINGS = 600, LENGTH_MAX = 200, PAGES_MOST = 12 };

struct string {
    uint64_t page[LENGTH_MAX];
    uint8_t kind[LENGTH_MAX];
    size_t n;
    uint64_t pages, frames, seed;
    enum policy policy;
    bool load_r0;
    struct preset preset;
};

/* Now and then anywhere, mostly near the last page or round and round. */
static void
draw(struct string *s, struct rng *r)
{
    uint64_t at = 0, stride = rng_below(r, 3), writes = rng_below(r, 5);

    s->n = 1 + rng_below(r, LENGTH_MAX);
    s->pages = 1 + rng_below(r, PAGES_MOST);
    for (size_t i = 0; i < s->n; i++) {
        at = rng_below(r, 3) ? at + stride : rng_below(r, s->pages);
        s->page[i] = at % s->pages;
        s->kind[i] = rng_below(r, 10) < writes ? ACCESS_WRITE : ACCESS_READ;
    }
    s->frames = 1 + rng_below(r, s->pages);
    s->policy = (enum policy)rng_below(r, POLICIES);
    s->load_r0 = rng_below(r, 3) == 0;
    s->seed = rng_next(r);
}

static struct replay_run
counted(const struct string *s)
{
    struct replay_run run = {.policy = s->policy, .frames = s->frames};
    const struct replay_want want = {
        .run = &run, .runs = 1, .load_r0 = s->load_r0, .seed = s->seed};
    struct error e = {0};
    struct replay *r = replay_open(&want, &e);

    assert_non_null(r);
    assert_true(replay_feed(r, &(struct block){.page = s->page, .kind = s->kind, .n = s->n}, &e));
    assert_true(replay_end(r, &e));
    replay_close(r);
    return run;
}

/* opt is set later, when the string is there. */
static void
open_machine(struct stepwise *x, const struct string *s)
{
    struct error e = {0};
    const struct stepwise_want want = {.preset = &s->preset,
                                       .policy = s->policy == POLICY_OPT ? 0 : s->policy,
                                       .frames = s->frames,
                                       .seed = s->seed,
                                       .load_r0 = s->load_r0};

    if (!stepwise_open(x, &want, &e))
        fail_msg("%s: %s", s->preset.name, e.text);
}

static void
compare(const struct string *s, const char *how, const struct stepwise *x, uint64_t faults)
{
    struct replay_run run = counted(s);

    if (run.faults != faults || run.writebacks != x->m.os.s->swap_writes)
        fail_msg("%s on %s, %s%s, %d of %d pages, %d references, seed %llx: counted %d faults %d "
                 "writebacks, the machine has %d and %d",
                 how, s->preset.name, policy_row[s->policy].name, s->load_r0 ? " (R = 0)" : "",
                 (int)s->frames, (int)s->pages, (int)s->n, (unsigned long long)s->seed,
                 (int)run.faults, (int)run.writebacks, (int)faults, (int)x->m.os.s->swap_writes);
}

static void
feed(const struct string *s)
{
    struct stepwise x;
    struct error e = {0};

    open_machine(&x, s);
    assert_true(
        stepwise_feed(&x, &(struct block){.page = s->page, .kind = s->kind, .n = s->n}, &e));
    assert_int_equal(x.refs, s->n);
    compare(s, "fed", &x, x.faults);
    stepwise_close(&x);
}

static void
make_references(const struct string *s)
{
    struct stepwise x;
    char line[128];

    open_machine(&x, s);
    for (size_t i = 0; i < s->n; i++) {
        snprintf(line, sizeof line, "string %s %d%s", i ? "-" : "", (int)s->page[i],
                 s->kind[i] == ACCESS_WRITE ? "w" : "");
        if (i == 0)
            snprintf(line, sizeof line, "string 0x%llx %d%s", (unsigned long long)x.base,
                     (int)s->page[i], s->kind[i] == ACCESS_WRITE ? "w" : "");
        drive_machine(&x.m, line);
    }
    snprintf(line, sizeof line, "set policy %s", policy_row[s->policy].name);
    drive_machine(&x.m, line);
    for (size_t i = 0; i < s->n; i++)
        drive_machine(&x.m, "ref");
    assert_int_equal(x.m.os.s->string.hits + x.m.os.s->string.faults, s->n);
    compare(s, "made by ref", &x, x.m.os.s->string.faults);
    stepwise_close(&x);
}

static void
machines_and_counters_agree(void **state)
{
    static const char *const name[] = {"x86-64", "i386", "la57"};
    static struct string s;
    const char *scale = getenv("PW_SCALE");
    unsigned strings = tries(STRINGS) * (scale ? (unsigned)atoi(scale) : 1);
    struct rng r;

    (void)state;
    rng_seed(&r, 20261126);
    for (unsigned i = 0; i < strings; i++) {
        drive_preset(name[i % 3], &s.preset);
        s.preset.geo.maxpa =
            19; /* 128 frames: debug builds look at each of them after each operation */
        s.preset.geo.frames = 128;
        draw(&s, &r);
        make_references(&s);
        if (s.policy != POLICY_OPT)
            feed(&s);
    }
    printf("COUNT strings_compared %u\n", strings);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(machines_and_counters_agree)};

    return RUN_TESTS(tests);
}
