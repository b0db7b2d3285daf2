/* Long traces, and the counts other programs found (counts.tsv): all rows of a trace in one pass.
 *
 *     test_counts           as a test; unif, whose rows take longest, only when PW_SCALE is set
 *     test_counts TRACE     writes the page numbers of a trace, 64 bits each, to stdout
 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "replay/replay.h"
#include "support/trace.h"

enum { ROWS_MAX = 512, BLOCK = 1 << 13 };

struct row {
    char trace[16], policy[16];
    uint64_t refs, distinct, frames, faults;
};

static struct row row[ROWS_MAX];
static size_t rows;

/* The two clocks are dialects: a replay each. */
static const char *const column[2][POLICIES] = {
    {[POLICY_FIFO] = "FIFO",
     [POLICY_LRU] = "LRU",
     [POLICY_CLOCK] = "Clock1",
     [POLICY_OPT] = "OPT",
     [POLICY_LFU] = "LFU"},
    {[POLICY_CLOCK] = "Clock0"},
};

static int
load_rows(void **state)
{
    FILE *file = fopen("tests/traces/counts.tsv", "r");
    char line[256];

    (void)state;
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        struct row *r = &row[rows];
        unsigned long long n[4];
        if (sscanf(line, "%15s %llu %llu %15s %llu %llu", r->trace, &n[0], &n[1], r->policy, &n[2],
                   &n[3]) != 6)
            continue;
        r->refs = n[0];
        r->distinct = n[1];
        r->frames = n[2];
        r->faults = n[3];
        assert_true(++rows < ROWS_MAX);
    }
    fclose(file);
    return 0;
}

struct side {
    struct replay_run run[ROWS_MAX];
    const struct row *row[ROWS_MAX];
    struct replay_want want;
    struct replay *replay;
};

static void
want_rows(struct side *s, const char *trace, bool load_r0)
{
    struct error e = {0};

    memset(s, 0, sizeof *s);
    s->want = (struct replay_want){.run = s->run, .load_r0 = load_r0, .curve = !load_r0};
    for (size_t i = 0; i < rows; i++)
        for (int p = 0; p < POLICIES; p++)
            if (column[load_r0][p] && strcmp(row[i].policy, column[load_r0][p]) == 0 &&
                strcmp(row[i].trace, trace) == 0) {
                s->row[s->want.runs] = &row[i];
                s->run[s->want.runs++] =
                    (struct replay_run){.policy = (enum policy)p, .frames = row[i].frames};
            }
    assert_true(s->want.runs > 0);
    s->replay = replay_open(&s->want, &e);
    assert_non_null(s->replay);
}

static void
check_rows(struct side *s)
{
    struct error e = {0};
    const uint64_t *curve;
    size_t n;

    assert_true(replay_end(s->replay, &e));
    curve = replay_curve(s->replay, &n);
    for (size_t i = 0; i < s->want.runs; i++) {
        const struct row *r = s->row[i];
        assert_int_equal(replay_refs(s->replay), r->refs);
        assert_int_equal(replay_pages(s->replay), r->distinct);
        if (s->run[i].faults != r->faults)
            fail_msg("%s %s %d: %d faults, listed are %d", r->trace, r->policy, (int)r->frames,
                     (int)s->run[i].faults, (int)r->faults);
        if (curve && s->run[i].policy == POLICY_LRU)
            assert_int_equal(curve[(r->frames < n ? r->frames : n) - 1], r->faults);
    }
    printf("COUNT trace_counts %zu\n", s->want.runs);
    replay_close(s->replay);
}

static void
check_trace(const char *name)
{
    static struct side side[2];
    static uint64_t page[BLOCK];
    struct trace *t = trace_open(name);
    struct error e = {0};
    struct block b = {.page = page};

    for (int i = 0; i < 2; i++)
        want_rows(&side[i], name, i);
    while ((b.n = trace_read(t, page, BLOCK)) > 0)
        for (int i = 0; i < 2; i++)
            assert_true(replay_feed(side[i].replay, &b, &e));
    trace_close(t);
    for (int i = 0; i < 2; i++)
        check_rows(&side[i]);
}

static void
textbook_strings(void **state)
{
    (void)state;
    check_trace("belady12");
    check_trace("silb20");
    check_trace("ostep11");
}

static void
a_loop_of_pages(void **state)
{
    (void)state;
    check_trace("loop100k");
}

static void
pages_by_the_law_of_zipf(void **state)
{
    (void)state;
    check_trace("zipf10");
}

static void
pages_drawn_evenly(void **state)
{
    (void)state;
    if (!getenv("PW_SCALE"))
        skip();
    check_trace("unif");
}

static void
a_recorded_ls(void **state)
{
    (void)state;
    check_trace("ls");
}

static void
a_recorded_sort(void **state)
{
    (void)state;
    check_trace("sort");
}

static int
write_trace(const char *name)
{
    static uint64_t page[BLOCK];
    struct trace *t = trace_open(name);
    size_t n;

    while ((n = trace_read(t, page, BLOCK)) > 0)
        if (fwrite(page, sizeof *page, n, stdout) != n)
            return 1;
    trace_close(t);
    return fflush(stdout) != 0;
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(textbook_strings),
        cmocka_unit_test(a_loop_of_pages),
        cmocka_unit_test(pages_by_the_law_of_zipf),
        cmocka_unit_test(pages_drawn_evenly),
        cmocka_unit_test(a_recorded_ls),
        cmocka_unit_test(a_recorded_sort),
    };

    if (argc == 2)
        return write_trace(argv[1]);
    return cmocka_run_group_tests_name(__FILE__, tests, load_rows, NULL);
}
