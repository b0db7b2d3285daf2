/* Random traces, with writes, in random blocks: the counts of every policy at every size equal those
 * of the blackboard (support/textbook.h); the LRU curve equals the LRU runs; what is in memory with n
 * frames is in memory with n + 1, for LRU and OPT (the inclusion of Mattson et al. 1970). */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "replay/replay.h"
#include "support/textbook.h"

enum { TRACES = 600, LENGTH_MAX = 300, PAGES_MAX_HERE = 24, SIZES = PAGES_MAX_HERE + 2 };
enum { LONG = 200000, LONG_PAGES = 3000 };

struct sample {
    uint64_t page[LONG];
    uint8_t kind[LONG];
    bool writes[LONG];
    size_t n, pages;
    bool load_r0;
    uint64_t seed;
};

/* Now and then anywhere, mostly near where it was, sometimes round and round; some traces go to and fro
 * between two pages, as programs do. */
static void
draw(struct sample *s, struct rng *r, size_t n, size_t pages)
{
    uint64_t name[LONG_PAGES], at = 0, stride = rng_below(r, 3), writes = rng_below(r, 4);
    bool sparse = rng_below(r, 2), to_and_fro = rng_below(r, 2);

    for (size_t i = 0; i < pages; i++)
        name[i] = sparse ? rng_next(r) : i;
    for (size_t i = 0; i < n; i++) {
        if (rng_below(r, 3) == 0)
            at = rng_below(r, rng_below(r, 2) ? pages : pages / 4 + 1);
        else
            at += stride;
        s->page[i] = i > 1 && to_and_fro && rng_below(r, 3) ? s->page[i - 2] : name[at % pages];
        s->writes[i] = rng_below(r, 10) < writes;
        s->kind[i] = s->writes[i] ? ACCESS_WRITE : rng_below(r, 2) ? ACCESS_READ : ACCESS_FETCH;
    }
    s->n = n;
    s->pages = pages;
    s->load_r0 = rng_below(r, 2);
    s->seed = rng_next(r);
}

/* Blocks of any length; a stretch without writes may come without kinds. */
static struct replay *
replay_in_blocks(const struct sample *s, const struct replay_want *want, struct rng *r)
{
    struct error e = {0};
    struct replay *replay = replay_open(want, &e);

    assert_non_null(replay);
    for (size_t at = 0, n; at < s->n; at += n) {
        n = 1 + rng_below(r, rng_below(r, 2) ? 8 : s->n);
        n = n < s->n - at ? n : s->n - at;
        struct block b = {s->page + at, s->kind + at, NULL, n};
        if (!memchr(b.kind, ACCESS_WRITE, n))
            b.kind = NULL;
        assert_true(replay_feed(replay, &b, &e));
    }
    assert_true(replay_end(replay, &e));
    return replay;
}

static void
compare(const struct sample *s, const struct replay_run *run)
{
    struct textbook_count c =
        textbook_run(run->policy, run->frames, s->load_r0, s->seed, s->page, s->writes, s->n);

    if (run->faults != c.faults || run->writebacks != c.writebacks || run->hits != s->n - c.faults)
        fail_msg("%s, %d frames, %d references: %d faults %d writebacks, textbook %d %d",
                 policy_row[run->policy].name, (int)run->frames, (int)s->n, (int)run->faults,
                 (int)run->writebacks, (int)c.faults, (int)c.writebacks);
}

static void
compare_curve(const struct replay *replay, const struct replay_run *run, size_t runs)
{
    size_t n;
    const uint64_t *curve = replay_curve(replay, &n);

    assert_int_equal(n, replay_pages(replay));
    for (size_t i = 0; i + 1 < n; i++)
        assert_true(curve[i] >= curve[i + 1]);
    for (size_t i = 0; i < runs; i++)
        if (run[i].policy == POLICY_LRU && n)
            assert_int_equal(run[i].faults, curve[(run[i].frames < n ? run[i].frames : n) - 1]);
}

static void
every_policy_at_every_size_counts_as_the_textbook_does(void **state)
{
    static struct sample s;
    static struct replay_run run[POLICIES * SIZES];
    unsigned traces = tries(TRACES);
    const char *scale = getenv("PW_SCALE");
    struct rng r;

    (void)state;
    traces *= scale ? (unsigned)atoi(scale) : 1;
    rng_seed(&r, 20260203);
    for (unsigned t = 0; t < traces; t++) {
        struct replay_want want = {.run = run, .runs = POLICIES * SIZES, .curve = true};
        struct replay *replay;
        draw(&s, &r, 1 + rng_below(&r, LENGTH_MAX), 1 + rng_below(&r, PAGES_MAX_HERE));
        want.load_r0 = s.load_r0;
        want.seed = s.seed;
        for (size_t i = 0; i < want.runs; i++) /* in no order of sizes */
            run[i] = (struct replay_run){.policy = (enum policy)(i % POLICIES),
                                         .frames = 1 + i / POLICIES * 7 % SIZES};
        replay = replay_in_blocks(&s, &want, &r);
        for (size_t i = 0; i < want.runs; i++)
            compare(&s, &run[i]);
        compare_curve(replay, run, want.runs);
        replay_close(replay);
    }
    printf("COUNT replays %u\n", traces);
}

/* Each alone: a counter that sees repeats must not be what the others lean on. */
static void
a_policy_alone_counts_the_same(void **state)
{
    static struct sample s;
    struct rng r;

    (void)state;
    rng_seed(&r, 20260204);
    for (unsigned t = 0; t < tries(200); t++) {
        draw(&s, &r, 1 + rng_below(&r, LENGTH_MAX), 1 + rng_below(&r, PAGES_MAX_HERE));
        for (int policy = 0; policy < POLICIES; policy++) {
            struct replay_run run = {.policy = (enum policy)policy,
                                     .frames = 1 + rng_below(&r, SIZES)};
            struct replay_want want = {
                .run = &run, .runs = 1, .load_r0 = s.load_r0, .seed = s.seed};
            replay_close(replay_in_blocks(&s, &want, &r));
            compare(&s, &run);
        }
    }
}

/* Long enough for the time line to be numbered again many times, and for pages to come late. */
static void
long_traces_count_the_same(void **state)
{
    static struct sample s;
    static const enum policy policy[] = {POLICY_FIFO, POLICY_LRU, POLICY_CLOCK, POLICY_LFU,
                                         POLICY_RANDOM};
    enum { POLICIES_HERE = sizeof policy / sizeof *policy };
    struct replay_run run[3 * POLICIES_HERE];
    struct replay_want want = {.run = run, .runs = 3 * POLICIES_HERE, .curve = true};
    struct replay *replay;
    struct rng r;

    (void)state;
    rng_seed(&r, 20260205);
    draw(&s, &r, tries(LONG), LONG_PAGES);
    want.load_r0 = s.load_r0;
    want.seed = s.seed;
    for (size_t i = 0; i < want.runs; i++)
        run[i] = (struct replay_run){.policy = policy[i % POLICIES_HERE],
                                     .frames = (uint64_t[]){5, 65, 200}[i / POLICIES_HERE]};
    replay = replay_in_blocks(&s, &want, &r);
    for (size_t i = 0; i < want.runs; i++)
        compare(&s, &run[i]);
    compare_curve(replay, run, want.runs);
    replay_close(replay);
}

/* Over the borders of stretches and loads; in every other trace without a write for its greater part. */
static void
long_traces_of_few_pages_count_as_the_textbook_does(void **state)
{
    enum { MANY = 30000, EACH = 4, RUNS = EACH * POLICIES };
    static struct sample s;
    struct replay_run run[RUNS];
    struct rng r;

    (void)state;
    rng_seed(&r, 20260208);
    for (unsigned t = 0; t < tries(12); t++) {
        struct replay_want want = {.run = run, .runs = RUNS};
        draw(&s, &r, MANY, 3 + rng_below(&r, PAGES_MAX_HERE - 4));
        for (size_t i = MANY / 5; t % 2 && i < MANY; i++) {
            s.writes[i] = false;
            s.kind[i] = ACCESS_READ;
        }
        want.load_r0 = s.load_r0;
        want.seed = s.seed;
        for (size_t i = 0; i < RUNS; i++)
            run[i] = (struct replay_run){.policy = (enum policy)(i % POLICIES),
                                         .frames = 2 + rng_below(&r, 9)};
        replay_close(replay_in_blocks(&s, &want, &r));
        for (size_t i = 0; i < RUNS; i++)
            compare(&s, &run[i]);
    }
}

/* The same trace twice: its pages side by side, and by twos so far apart that they are numbered by
 * twos. Only their order may matter. */
static void
how_far_apart_pages_are_does_not_matter(void **state)
{
    enum { MANY = 100000, EACH = 3, RUNS = EACH * POLICIES };
    static struct sample near, far;
    static struct replay_run run[2][RUNS];
    struct replay *replay[2];
    const uint64_t *curve[2];
    uint64_t at = 0;
    size_t n[2];
    struct rng r;

    (void)state;
    rng_seed(&r, 20260207);
    near.n = far.n = LONG;
    for (size_t i = 0; i < LONG; i++) {
        at = (rng_below(&r, 2) ? rng_below(&r, MANY) : at + rng_below(&r, 3)) % MANY;
        near.page[i] = at;
        far.page[i] = at == MANY - 1 ? UINT64_MAX : at / 2 << 40 | at % 2;
        near.kind[i] = far.kind[i] = rng_below(&r, 5) ? ACCESS_READ : ACCESS_WRITE;
    }
    for (size_t k = 0; k < 2; k++) {
        struct replay_want want = {.run = run[k], .runs = RUNS, .curve = true, .seed = 1};
        for (size_t i = 0; i < RUNS; i++)
            run[k][i] =
                (struct replay_run){.policy = (enum policy)(i % POLICIES),
                                    .frames = (uint64_t[EACH]){3, 1000, 50000}[i / POLICIES]};
        replay[k] = replay_in_blocks(k ? &far : &near, &want, &r);
        curve[k] = replay_curve(replay[k], &n[k]);
    }
    assert_int_equal(n[0], n[1]);
    assert_memory_equal(curve[0], curve[1], n[0] * sizeof *curve[0]);
    for (size_t i = 0; i < RUNS; i++) {
        assert_int_equal(run[0][i].faults, run[1][i].faults);
        assert_int_equal(run[0][i].writebacks, run[1][i].writebacks);
    }
    for (size_t k = 0; k < 2; k++)
        replay_close(replay[k]);
}

static bool
includes(const uint64_t *large, size_t n, const uint64_t *small, size_t m)
{
    size_t i = 0;

    for (size_t j = 0; j < m; j++) {
        while (i < n && large[i] < small[j])
            i++;
        if (i == n || large[i] != small[j])
            return false;
    }
    return true;
}

static void
a_larger_memory_holds_what_a_smaller_one_holds(void **state)
{
    static const enum policy stack[] = {POLICY_LRU, POLICY_OPT};
    static struct sample s;
    uint64_t small[SIZES], large[SIZES];
    struct rng r;

    (void)state;
    rng_seed(&r, 20260206);
    for (unsigned t = 0; t < tries(300); t++) {
        draw(&s, &r, 1 + rng_below(&r, LENGTH_MAX), 1 + rng_below(&r, PAGES_MAX_HERE));
        for (size_t p = 0; p < 2; p++)
            for (size_t frames = 1; frames + 1 < SIZES; frames++) {
                size_t m = textbook_residents(stack[p], frames, s.page, s.n, small);
                size_t n = textbook_residents(stack[p], frames + 1, s.page, s.n, large);
                assert_true(includes(large, n, small, m));
            }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_policy_at_every_size_counts_as_the_textbook_does),
        cmocka_unit_test(a_policy_alone_counts_the_same),
        cmocka_unit_test(long_traces_count_the_same),
        cmocka_unit_test(long_traces_of_few_pages_count_as_the_textbook_does),
        cmocka_unit_test(how_far_apart_pages_are_does_not_matter),
        cmocka_unit_test(a_larger_memory_holds_what_a_smaller_one_holds),
    };

    return RUN_TESTS(tests);
}
