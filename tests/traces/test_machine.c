/* Counting and the machine agree: a trace through replay.h, and the same trace as accesses of a process
 * on x86-64 with resident_limit, give the same faults and the same writebacks. Every policy, both
 * dialects of the clock, several sizes; opt, which must know the future, as `string` and `ref`.
 *
 * The long traces come without writes; every fifth reference or so is made one here, by its place. The
 * kernel looks at every candidate, so large memories get short prefixes. PW_SCALE makes all of them
 * longer. */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "replay/reader.h"
#include "replay/replay.h"
#include "replay/stepwise.h"
#include "support/drive.h"
#include "support/trace.h"

enum { SEED = 20261126, LACKEY_MOST = 400000 };

struct sample {
    uint64_t *page;
    uint8_t *kind;
    size_t n;
};

/* A policy in a dialect, with so many frames. */
struct way {
    enum policy policy;
    bool load_r0;
};

static const struct way ways[] = {{POLICY_FIFO, false}, {POLICY_LRU, false}, {POLICY_CLOCK, false},
                                  {POLICY_CLOCK, true}, {POLICY_LFU, false}, {POLICY_RANDOM, false},
                                  {POLICY_OPT, false}};
enum { WAYS = sizeof ways / sizeof *ways, FORWARD = WAYS - 1 /* without opt */ };

static size_t
scaled(size_t n)
{
    const char *scale = getenv("PW_SCALE");

    return n * (scale ? strtoul(scale, NULL, 10) : 1);
}

/* --- samples ------------------------------------------------------------------------------------ */

static struct sample
sample_of(size_t most)
{
    return (struct sample){memory_new(most + 1, sizeof(uint64_t)), memory_new(most + 1, 1), 0};
}

static void
sample_free(struct sample *s)
{
    free(s->page);
    free(s->kind);
}

/* Writes by place, so that neither every page nor every reference of a page is one. */
static struct sample
recorded(const char *name, size_t most, bool writes)
{
    struct sample s = sample_of(most);
    struct trace *t = trace_open(name);
    size_t n;

    while (s.n < most && (n = trace_read(t, s.page + s.n, most - s.n)) > 0)
        s.n += n;
    trace_close(t);
    for (size_t i = 0; i < s.n; i++)
        s.kind[i] =
            writes && (i * UINT64_C(0x9e3779b97f4a7c15) >> 60) < 3 ? ACCESS_WRITE : ACCESS_READ;
    return s;
}

/* --- both ways ---------------------------------------------------------------------------------- */

static struct replay_run
counted(const struct sample *s, const struct way *way, uint64_t frames)
{
    struct replay_run run = {.policy = way->policy, .frames = frames};
    const struct replay_want want = {.run = &run, .runs = 1, .load_r0 = way->load_r0, .seed = SEED};
    struct error e = {0};
    struct replay *r = replay_open(&want, &e);

    assert_non_null(r);
    assert_true(replay_feed(r, &(struct block){.page = s->page, .kind = s->kind, .n = s->n}, &e));
    assert_true(replay_end(r, &e));
    replay_close(r);
    return run;
}

static void
compare(const char *name, const struct sample *s, const struct way *way, uint64_t frames,
        uint64_t faults, uint64_t writebacks)
{
    struct replay_run run = counted(s, way, frames);

    if (run.faults != faults || run.writebacks != writebacks)
        fail_msg("%s, %s%s, %d frames, %d references: counted %d faults %d writebacks, the machine "
                 "has %d and %d",
                 name, policy_row[way->policy].name, way->load_r0 ? " (R = 0)" : "", (int)frames,
                 (int)s->n, (int)run.faults, (int)run.writebacks, (int)faults, (int)writebacks);
}

static void
open_machine(struct stepwise *x, const struct way *way, uint64_t frames, bool addresses)
{
    struct preset preset;
    struct error e = {0};
    const struct stepwise_want want = {.preset = &preset,
                                       .policy = way->policy,
                                       .frames = frames,
                                       .seed = SEED,
                                       .load_r0 = way->load_r0,
                                       .addresses = addresses};

    drive_preset("x86-64", &preset);
    assert_true(stepwise_open(x, &want, &e));
}

static void
stepped(const char *name, const struct sample *s, const struct way *way, uint64_t frames)
{
    struct stepwise x;
    struct error e = {0};

    open_machine(&x, way, frames, false);
    if (!stepwise_feed(&x, &(struct block){.page = s->page, .kind = s->kind, .n = s->n}, &e))
        fail_msg("%s: %s", name, e.text);
    assert_int_equal(x.refs, s->n);
    compare(name, s, way, frames, x.faults, x.m.os.s->swap_writes);
    stepwise_close(&x);
}

/* --- opt ---------------------------------------------------------------------------------------- */

static void
load_string(struct machine *m, const struct sample *s)
{
    char line[256];

    for (size_t at = 0; at < s->n;) {
        int n = snprintf(line, sizeof line, "string %s", at ? "-" : "0x1000");
        for (int i = 0; i < 20 && at < s->n; i++, at++)
            n += snprintf(line + n, sizeof line - (size_t)n, " %d%s", (int)s->page[at],
                          s->kind[at] == ACCESS_WRITE ? "w" : "");
        drive_machine(m, line);
    }
}

/* As `string` and `ref`, like a lesson does it. */
static void
foretold(const char *name, const struct sample *s, const struct way *way, uint64_t frames)
{
    struct preset preset;
    struct stepwise x;
    struct error e = {0};
    char line[64];

    drive_preset("x86-64", &preset);
    preset.geo.string_max = (uint32_t)s->n;
    assert_true(stepwise_open(
        &x, &(struct stepwise_want){.preset = &preset, .frames = frames, .seed = SEED}, &e));
    load_string(&x.m, s);
    snprintf(line, sizeof line, "set policy %s", policy_row[way->policy].name);
    drive_machine(&x.m, line);
    if (way->load_r0)
        drive_machine(&x.m, "set load-leaves-r-0 1");
    for (size_t left = s->n; left > 0;) {
        size_t n = left < 1000 ? left : 1000;
        snprintf(line, sizeof line, "ref %d", (int)n);
        drive_machine(&x.m, line);
        left -= n;
    }
    assert_int_equal(x.m.os.s->string.hits + x.m.os.s->string.faults, s->n);
    compare(name, s, way, frames, x.m.os.s->string.faults, x.m.os.s->swap_writes);
    stepwise_close(&x);
}

/* --- traces ------------------------------------------------------------------------------------- */

static uint64_t compared;

static void
check_forward(const char *name, size_t refs, const uint64_t *frames)
{
    struct sample s = recorded(name, scaled(refs), true);

    for (; *frames; frames++)
        for (int i = 0; i < FORWARD; i++, compared++)
            stepped(name, &s, &ways[i], *frames);
    sample_free(&s);
}

static void
check_string(const char *name, size_t refs, const uint64_t *frames, bool writes)
{
    struct sample s = recorded(name, refs, writes);

    for (; *frames; frames++)
        for (int i = 0; i < WAYS; i++, compared++)
            foretold(name, &s, &ways[i], *frames);
    sample_free(&s);
}

static void
textbook_strings(void **state)
{
    static const char *const name[] = {"belady12", "silb20", "ostep11"};
    static const uint64_t frames[] = {1, 2, 3, 4, 5, 0};

    (void)state;
    for (int i = 0; i < 3; i++) {
        check_forward(name[i], 20, frames);
        check_string(name[i], 20, frames, false);
        check_string(name[i], 20, frames, true);
    }
}

static void
prefixes_as_strings(void **state)
{
    static const char *const name[] = {"ls", "sort", "zipf10", "unif", "loop100k"};
    static const uint64_t frames[] = {3, 16, 50, 0};

    (void)state;
    for (int i = 0; i < 5; i++)
        check_string(name[i], 1500, frames, true);
}

static void
recordings(void **state)
{
    (void)state;
    check_forward("ls", 150000, (const uint64_t[]){8, 64, 0});
    check_forward("sort", 150000, (const uint64_t[]){8, 64, 0});
}

/* As it was recorded: with addresses, kinds and sizes. What crosses a page is two references. */
static void
each_block(const char *path, unsigned page_shift, void (*take)(void *ctx, const struct block *b),
           void *ctx)
{
    const struct reader_want want = {.form = READER_LACKEY, .page_shift = page_shift};
    struct error e = {0};
    struct block b;
    struct reader *r = reader_open(open(path, O_RDONLY), path, &want, &e);

    assert_non_null(r);
    while (reader_next(r, &b, &e))
        take(ctx, &b);
    assert_int_equal(e.code, 0);
    reader_close(r);
}

static void
split_block(void *ctx, const struct block *b)
{
    struct sample *s = ctx;

    for (size_t i = 0; i < b->n; i++)
        for (uint64_t p = b->page[i] >> 12; p <= (b->page[i] + b->size[i] - 1) >> 12; p++) {
            assert_true(s->n < LACKEY_MOST);
            s->page[s->n] = p;
            s->kind[s->n++] = b->kind[i];
        }
}

static void
feed_block(void *ctx, const struct block *b)
{
    struct error e = {0};

    assert_true(stepwise_feed(ctx, b, &e));
}

static void
a_recording_with_addresses(void **state)
{
    static const char path[] = "tests/traces/ls_head300k.lackey.zst";
    static const uint64_t frames[] = {8, 32, 128};
    struct sample s = sample_of(LACKEY_MOST);

    (void)state;
    each_block(path, 0, split_block, &s);
    for (int f = 0; f < 3; f++)
        for (int i = 0; i < FORWARD; i++, compared++) {
            struct stepwise x;

            open_machine(&x, &ways[i], frames[f], true);
            each_block(path, 0, feed_block, &x);
            assert_int_equal(x.fed, 300000);
            assert_int_equal(x.refs, s.n);
            assert_int_equal(pages_count(&x.pages), 129);
            compare(path, &s, &ways[i], frames[f], x.faults, x.m.os.s->swap_writes);
            stepwise_close(&x);
        }
    sample_free(&s);
}

/* Misses of a direct-mapped TLB with so many entries, as another program counted them. A fault looks
 * a second time, when the access is made again: one more for each page. Where page 0 lies only turns
 * the sets round. */
static void
tlb_misses_as_counted_elsewhere(void **state)
{
    static const struct {
        const char *name;
        uint16_t entries;
        uint64_t misses, pages;
    } row[] = {{"ls", 64, 359244, 443},
               {"ls", 1024, 15078, 443},
               {"sort", 64, 60489, 280},
               {"sort", 1024, 660, 280}};

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++, compared++) {
        struct sample s = recorded(row[i].name, 20000000, false);
        struct preset preset;
        struct stepwise x;
        struct error e = {0};

        drive_preset("x86-64", &preset);
        preset.geo.tlb_sets = row[i].entries;
        preset.geo.tlb_ways = 1;
        assert_true(stepwise_open(
            &x, &(struct stepwise_want){.preset = &preset, .policy = POLICY_CLOCK}, &e));
        assert_true(stepwise_feed(&x, &(struct block){.page = s.page, .n = s.n}, &e));
        assert_int_equal(x.faults, row[i].pages);
        assert_int_equal(x.m.hw.s->cpu[0].misses, row[i].misses + row[i].pages);
        assert_int_equal(x.m.hw.s->cpu[0].hits, s.n - row[i].misses);
        stepwise_close(&x);
        sample_free(&s);
    }
}

static void
computed_traces(void **state)
{
    (void)state;
    check_forward("zipf10", 10000, (const uint64_t[]){64, 256, 0});
    check_forward("unif", 5000, (const uint64_t[]){64, 256, 0});
    check_forward("loop100k", 5000, (const uint64_t[]){64, 256, 0});
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(textbook_strings), cmocka_unit_test(prefixes_as_strings),
        cmocka_unit_test(recordings),       cmocka_unit_test(a_recording_with_addresses),
        cmocka_unit_test(computed_traces),  cmocka_unit_test(tlb_misses_as_counted_elsewhere),
    };
    int failed = cmocka_run_group_tests_name(__FILE__, tests, NULL, NULL);

    printf("COUNT machine_comparisons %llu\n", (unsigned long long)compared);
    return failed;
}
