/* Counting replacement: textbook strings with the answers books give, writebacks worked out by hand,
 * page numbers of every kind, limits. (Random traces: tests/property/test_replay.c; long ones with
 * outside counts: tests/traces.) */
#include "test.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "replay/replay.h"

/* The strings of Silberschatz, "Operating System Concepts", and of Belady, Nelson and Shedler 1969. */
static const uint64_t silberschatz[] = {7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1};
static const uint64_t belady[] = {1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5};

#define LENGTH(a) (sizeof(a) / sizeof *(a))

static void
replay_all(const struct replay_want *want, const struct block *b)
{
    struct error e = {0};
    struct replay *r = replay_open(want, &e);

    if (!r || !replay_feed(r, b, &e) || !replay_end(r, &e))
        fail_msg("%s", e.text);
    assert_int_equal(replay_refs(r), b->n);
    for (size_t i = 0; i < want->runs; i++)
        assert_int_equal(want->run[i].hits + want->run[i].faults, b->n);
    replay_close(r);
}

static struct replay_run
replay_one(enum policy policy, uint64_t frames, bool load_r0, const struct block *b)
{
    struct replay_run run = {.policy = policy, .frames = frames};
    struct replay_want want = {.run = &run, .runs = 1, .load_r0 = load_r0};

    replay_all(&want, b);
    return run;
}

static void
textbook_strings_give_textbook_faults(void **state)
{
    static const struct {
        const uint64_t *page;
        size_t n;
        enum policy policy;
        uint64_t frames, faults;
    } known[] = {
        {silberschatz, 20, POLICY_FIFO, 3, 15}, {silberschatz, 20, POLICY_LRU, 3, 12},
        {silberschatz, 20, POLICY_OPT, 3, 9},   {silberschatz, 20, POLICY_CLOCK, 3, 14},
        {silberschatz, 20, POLICY_LFU, 3, 11},  {silberschatz, 20, POLICY_FIFO, 4, 10},
        {silberschatz, 20, POLICY_LRU, 4, 8},   {silberschatz, 20, POLICY_OPT, 4, 8},
        {silberschatz, 20, POLICY_CLOCK, 4, 9}, {belady, 12, POLICY_FIFO, 3, 9},
        {belady, 12, POLICY_FIFO, 4, 10},       {belady, 12, POLICY_LRU, 3, 10},
        {belady, 12, POLICY_LRU, 4, 8},         {belady, 12, POLICY_OPT, 3, 7},
        {belady, 12, POLICY_OPT, 4, 6},         {belady, 12, POLICY_CLOCK, 3, 9},
        {belady, 12, POLICY_CLOCK, 4, 10},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(known); i++) {
        struct block b = {known[i].page, NULL, NULL, known[i].n};
        struct replay_run run = replay_one(known[i].policy, known[i].frames, false, &b);
        if (run.faults != known[i].faults)
            fail_msg("row %zu: %s, %d frames: %d faults, the book says %d", i,
                     policy_row[run.policy].name, (int)run.frames, (int)run.faults,
                     (int)known[i].faults);
    }
}

/* A page loaded with R = 0 is evicted before one that was hit: 1 is spared at the load of 3. With
 * R = 1 on load all bits are set, the hand comes round to 1 and takes it. */
static void
the_dialect_of_the_clock_is_another_clock(void **state)
{
    static const uint64_t page[] = {1, 2, 1, 3, 1};
    struct block b = {page, NULL, NULL, LENGTH(page)};

    (void)state;
    assert_int_equal(replay_one(POLICY_CLOCK, 2, true, &b).faults, 3);
    assert_int_equal(replay_one(POLICY_CLOCK, 2, false, &b).faults, 4);
}

/* In two frames: 1 is written and evicted for 3, so written back; 2 was only read; 1 comes back
 * clean and is evicted clean, 3 was fetched only. 4 is written last and stays. */
static void
what_was_written_is_written_back_when_it_leaves(void **state)
{
    static const uint64_t page[] = {1, 2, 3, 1, 2, 4};
    static const uint8_t kind[] = {ACCESS_WRITE, ACCESS_READ, ACCESS_FETCH,
                                   ACCESS_READ,  ACCESS_READ, ACCESS_WRITE};
    struct block b = {page, kind, NULL, LENGTH(page)};
    static const enum policy alike[] = {POLICY_FIFO, POLICY_LRU, POLICY_CLOCK};

    (void)state;
    for (size_t i = 0; i < LENGTH(alike); i++) {
        assert_int_equal(replay_one(alike[i], 2, false, &b).writebacks, 1);
        assert_int_equal(replay_one(alike[i], 2, false, &b).faults, 6);
    }
    assert_int_equal(replay_one(POLICY_LRU, 4, false, &b).writebacks, 0);
}

/* Long after the last write of the trace, and after reads only. */
static void
what_was_written_long_ago_is_written_back(void **state)
{
    enum { READS = 50000, WRITES = 10, N = READS + WRITES + READS };
    static uint64_t page[N];
    static uint8_t kind[N];
    struct block b = {.page = page, .kind = kind, .n = N};

    (void)state;
    for (int i = 0; i < N; i++) {
        const bool writes = i >= READS && i < READS + WRITES;
        page[i] = writes ? 1000 + (uint64_t)i : (uint64_t)(i % 2 ? 1 : 2);
        kind[i] = writes ? ACCESS_WRITE : ACCESS_READ;
    }
    for (int i = N - 200; i < N; i++)
        page[i] = 2000000 + (uint64_t)i;
    for (int policy = 0; policy < POLICIES; policy++)
        if (policy != POLICY_LFU && policy != POLICY_RANDOM) /* each of which may keep some */
            assert_int_equal(replay_one((enum policy)policy, 20, false, &b).writebacks, WRITES);
}

/* 5 and 9 are never used again; 5 is the lower number and goes first, written; 9 stays. */
static void
opt_breaks_ties_by_the_lowest_page_number(void **state)
{
    static const uint64_t page[] = {9, 5, 7}, high[] = {5, 9, 7};
    static const uint8_t kind[] = {ACCESS_READ, ACCESS_WRITE, ACCESS_READ};
    struct block b = {page, kind, NULL, 3}, other = {high, kind, NULL, 3};

    (void)state;
    assert_int_equal(replay_one(POLICY_OPT, 2, false, &b).writebacks, 1);
    assert_int_equal(replay_one(POLICY_OPT, 2, false, &other).writebacks, 0);
}

static void
every_page_number_is_a_page(void **state)
{
    static const uint64_t page[] = {
        0, UINT64_MAX, UINT64_MAX - 127, 127, 128, 1, UINT64_C(1) << 63,
        0, UINT64_MAX, UINT64_MAX - 127, 127, 128, 1, UINT64_C(1) << 63};
    struct block b = {page, NULL, NULL, LENGTH(page)};

    (void)state;
    for (int policy = 0; policy < POLICIES; policy++) {
        assert_int_equal(replay_one((enum policy)policy, 7, false, &b).faults, 7);
        assert_int_equal(replay_one((enum policy)policy, UINT64_MAX, false, &b).faults, 7);
        assert_in_range(replay_one((enum policy)policy, 1, false, &b).faults, 14, 14);
    }
}

/* A region each, so that the directory grows many times; and twice the same walk, in which LRU finds
 * every page at the greatest depth. */
static void
pages_far_apart_are_told_apart(void **state)
{
    enum { PAGES = 20000 };
    static uint64_t page[2 * PAGES];
    struct block b = {page, NULL, NULL, 2 * PAGES};
    struct replay_want want = {.curve = true};
    struct error e = {0};
    struct replay *r = replay_open(&want, &e);
    const uint64_t *curve;
    size_t n;

    (void)state;
    for (uint64_t i = 0; i < 2 * PAGES; i++)
        page[i] = (i % PAGES) << 40 | (i % PAGES);
    assert_true(r && replay_feed(r, &b, &e) && replay_end(r, &e));
    assert_int_equal(replay_pages(r), PAGES);
    curve = replay_curve(r, &n);
    assert_int_equal(n, PAGES);
    for (size_t i = 0; i + 1 < n; i++)
        assert_int_equal(curve[i], 2 * PAGES);
    assert_int_equal(curve[PAGES - 1], PAGES);
    replay_close(r);
}

/* So many that looking at all of them whenever another comes would take a quarter of an hour. */
static void
a_million_pages_far_apart_are_no_trouble(void **state)
{
    enum { PAGES = 1000000, BLOCK = 4096 };
    static uint64_t page[BLOCK];
    struct block b = {page, NULL, NULL, BLOCK};
    struct replay_run run = {.policy = POLICY_FIFO, .frames = 1000};
    struct replay_want want = {.run = &run, .runs = 1};
    struct error e = {0};
    struct replay *r = replay_open(&want, &e);
    uint64_t n = 0;

    (void)state;
    while (n < tries(PAGES)) {
        for (size_t i = 0; i < BLOCK; i++)
            page[i] = n++ << 20;
        assert_true(replay_feed(r, &b, &e));
    }
    assert_true(replay_end(r, &e));
    assert_int_equal(replay_pages(r), n);
    assert_int_equal(run.faults, n);
    replay_close(r);
}

static void
nothing_fed_is_nothing_counted(void **state)
{
    struct block b = {NULL, NULL, NULL, 0};

    (void)state;
    for (int policy = 0; policy < POLICIES; policy++) {
        struct replay_run run = replay_one((enum policy)policy, 3, false, &b);
        assert_int_equal(run.faults + run.hits + run.writebacks, 0);
    }
}

static void
no_frames_are_a_mistake(void **state)
{
    struct replay_run run = {.policy = POLICY_LRU};
    struct replay_want want = {.run = &run, .runs = 1};
    struct error e = {0};

    (void)state;
    assert_null(replay_open(&want, &e));
    assert_int_equal(e.code, EXIT_USAGE);
}

/* In a child that may have a few MiB more than it has: 75 if the error says so. */
static int
replay_in_little_memory(void)
{
    struct rlimit limit = {64 << 20, 64 << 20};
    struct replay_run run[POLICIES] = {{0}};
    struct replay_want want = {.run = run, .runs = POLICIES, .curve = true};
    struct error e = {0};
    uint64_t page[1024], next = 0;
    struct block b = {page, NULL, NULL, LENGTH(page)};
    struct replay *r;
    bool fed = true;

    for (int i = 0; i < POLICIES; i++)
        run[i] = (struct replay_run){.policy = (enum policy)i, .frames = 1000};
    setrlimit(RLIMIT_AS, &limit);
    r = replay_open(&want, &e);
    while (r && fed && next < UINT64_C(1) << 32) {
        for (size_t i = 0; i < b.n; i++)
            page[i] = next++ << 8;
        fed = replay_feed(r, &b, &e);
    }
    replay_close(r);
    return e.code;
}

static void
memory_that_runs_out_is_a_limit(void **state)
{
    const char *slow = getenv("PW_SLOW");
    int status;
    pid_t child;

    (void)state;
    if (slow && atoi(slow) > 1) /* a sanitizer needs terabytes of addresses for itself */
        skip();
    child = fork();
    if (child == 0)
        _exit(replay_in_little_memory());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EXIT_LIMIT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(textbook_strings_give_textbook_faults),
        cmocka_unit_test(the_dialect_of_the_clock_is_another_clock),
        cmocka_unit_test(what_was_written_is_written_back_when_it_leaves),
        cmocka_unit_test(what_was_written_long_ago_is_written_back),
        cmocka_unit_test(opt_breaks_ties_by_the_lowest_page_number),
        cmocka_unit_test(every_page_number_is_a_page),
        cmocka_unit_test(pages_far_apart_are_told_apart),
        cmocka_unit_test(a_million_pages_far_apart_are_no_trouble),
        cmocka_unit_test(nothing_fed_is_nothing_counted),
        cmocka_unit_test(no_frames_are_a_mistake),
        cmocka_unit_test(memory_that_runs_out_is_a_limit),
    };

    return RUN_TESTS(tests);
}
