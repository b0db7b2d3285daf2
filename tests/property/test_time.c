/* Time travel is exact: a thousand random sessions with random jumps equal a straight run, byte for
 * byte; watching changes nothing. */
#include <stdio.h>
#include <stdlib.h>

#include "support/drive.h"
#include "test.h"

enum { SESSIONS = 1000, EARLY_SESSIONS = 200, OPERATIONS = 40, JUMPS = 6, EVENTS = 20000 };
/* Long enough for several keyframes (one in about 4096 events). */
enum { LONG_SESSIONS = 2, LONG_EVENTS = 10000, LONG_JUMPS = 20, BASE = 0x10000000, PAGES = 12 };

/* The state after every event of a straight run, as hashes. */
struct trail {
    struct machine m;
    struct hash128 hash[EVENTS];
    uint32_t count;
    uint64_t swap_writes, swap_reads;
};

static struct trail *trail;

static void
note(void *ctx, const struct event *ev)
{
    (void)ctx;
    (void)ev;
    assert_in_range(trail->count, 0, EVENTS - 1);
    trail->hash[trail->count++] = machine_hash(&trail->m);
}

static void
random_session(struct history *h, struct rng *r)
{
    for (int i = 0; i < OPERATIONS; i++) {
        struct operation op;
        uint8_t blob[OPERATION_BLOB];
        struct outcome out;
        struct error e = {0};

        if (i == 0 && history_machine(h)->preset.kernel)
            operation_parse("spawn", &op, blob, &e);
        else
            drive_random(r, history_machine(h), &op, blob);
        if (!history_do(h, &op, &out, &e))
            assert_true(e.code == EXIT_DATA || e.code == EXIT_LIMIT);
        if (rng_below(r, 5) == 0) /* acting from elsewhere must not matter */
            history_seek(
                h, history_at_number(h, rng_below(r, history_event_number(h, history_end(h)) + 1)));
    }
}

static void
straight_run(const struct history *h, const struct preset *p, uint64_t seed, bool watched)
{
    struct error e = {0};
    struct watch watch = {note, NULL};

    trail->count = 0;
    assert_true(machine_open(&trail->m, p, seed, &e));
    machine_watch(&trail->m, watched ? &watch : NULL);
    for (uint64_t n = 1; n <= history_operations(h); n++) {
        struct outcome out;
        assert_true(machine_do(&trail->m, history_operation(h, n), &out, &e));
    }
}

static void
jumps_arrive_where_a_straight_run_was(struct history *h, struct rng *r, int jumps)
{
    for (int i = 0; i < jumps; i++) {
        uint64_t number = 1 + rng_below(r, trail->count);
        struct position p = history_at_number(h, number);

        history_seek(h, p);
        assert_int_equal(history_event_number(h, history_position(h)), number);
        if (p.event <
            history_events(h, p.op)) /* at the last event the operation has also run to its end */
            assert_true(hash_equal(machine_hash(history_machine(h)), trail->hash[number - 1]));
        if (p.event > 1)
            assert_true(hash_equal(machine_hash(history_before(h)), trail->hash[number - 2]));
    }
}

/* The pages at BASE are read and written, as soon as somebody runs and has them. */
static void
touch_pages(struct rng *r, const struct machine *m, struct operation *op, uint8_t *blob)
{
    const struct task *t = os_current(&m->os, 0);
    bool writes = rng_below(r, 2);
    uint64_t page = rng_below(r, PAGES);
    struct error e = {0};

    if (!t) {
        operation_parse("spawn", op, blob, &e);
    } else if (!area_find(&m->os, t->mm, BASE)) {
        operation_parse("mmap 0x10000000 48K rw", op, blob, &e);
    } else {
        op->code = writes ? OP_WRITE : OP_READ;
        op->given = 1;
        op->arg[0] = BASE + page * format_page(&m->preset.geo.format);
    }
}

/* Pages come and go, over several keyframes; now and then something else happens. */
static void
long_session(struct history *h, struct rng *r)
{
    while (history_event_number(h, history_end(h)) < LONG_EVENTS) {
        const struct machine *m = history_machine(h);
        uint8_t blob[OPERATION_BLOB];
        struct operation op = {.blob = blob};
        struct outcome out;
        struct error e = {0};

        if (rng_below(r, 10))
            touch_pages(r, m, &op, blob);
        else
            drive_random(r, m, &op, blob);
        if (!history_do(h, &op, &out, &e))
            assert_int_equal(e.code, EXIT_DATA);
        if (rng_below(r, 200) == 0)
            history_seek(
                h, history_at_number(h, rng_below(r, history_event_number(h, history_end(h)) + 1)));
    }
}

static void
one_session(const struct preset *p, uint64_t seed, void (*session)(struct history *, struct rng *),
            int jumps)
{
    struct error e = {0};
    struct rng r;
    struct history *h = history_open(p, seed, &e);
    struct hash128 watched;

    rng_seed(&r, seed);
    assert_non_null(h);
    session(h, &r);
    straight_run(h, p, seed, true);
    watched = machine_hash(&trail->m);
    assert_int_equal(trail->count, history_event_number(h, history_end(h)));
    jumps_arrive_where_a_straight_run_was(h, &r, jumps);
    history_seek(h, history_end(h));
    assert_true(machine_equal(&trail->m, history_machine(h)));
    machine_close(&trail->m);
    straight_run(h, p, seed, false);
    assert_true(hash_equal(watched, machine_hash(&trail->m)));
    trail->swap_writes += trail->m.os.s->swap_writes;
    trail->swap_reads += trail->m.os.s->swap_reads;
    machine_close(&trail->m);
    history_close(h);
}

static void
a_thousand_sessions(void **state)
{
    static const char *const name[] = {"x86-64", "i386",   "toy16",    "toy64k",   "x86-64",
                                       "csapp",  "hashed", "inverted", "hierarchy", "pae",
                                       "toy8",   "toy512"};
    enum { PRESETS = sizeof name / sizeof *name };
    struct preset p[PRESETS];

    (void)state;
    for (int i = 0; i < PRESETS; i++)
        drive_preset(name[i], &p[i]);
    p[0].geo.frames = p[1].geo.frames = 64; /* small enough to run out of memory now and then */
    p[4].geo.frames = p[6].geo.frames = p[7].geo.frames = p[8].geo.frames = p[9].geo.frames = 64;
    p[0].layout.kernel = p[1].layout.kernel = p[4].layout.kernel = p[8].layout.kernel = 0;
    p[4].geo.cache[CACHE_L1] = (struct cache_geometry){.sets = 16, .ways = 2, .line_shift = 6};
    p[0].tunable[TUNE_RESIDENT_LIMIT] = 3; /* pages come and go all the time */
    for (uint64_t s = 0; s < tries(SESSIONS); s++)
        one_session(&p[s % PRESETS], s + 1, random_session, JUMPS);
    printf("COUNT sessions %u\n", tries(SESSIONS));
}

/* Programs in one piece are moved, swapped out and brought back; time travel knows nothing of it. */
static void
sessions_before_paging(void **state)
{
    struct preset p;

    (void)state;
    drive_preset("partitions", &p);
    p.geo.frames = 256; /* so small that programs wait now and then */
    p.geo.program_frames = 200;
    for (uint64_t s = 0; s < tries(EARLY_SESSIONS); s++) {
        p.geo.swap_slots = s % 3 ? 400 : 60;
        one_session(&p, s + 1, random_session, JUMPS);
    }
}

/* What lies on the swap device goes back in time too. */
static void
long_sessions_over_keyframes(void **state)
{
    struct preset p;

    (void)state;
    drive_preset("x86-64", &p);
    p.geo.frames = 48;
    p.layout.kernel = 0;
    trail->swap_writes = trail->swap_reads = 0;
    for (uint64_t s = 0; s < tries(LONG_SESSIONS); s++) {
        p.tunable[TUNE_RESIDENT_LIMIT] = s % 2 ? 0 : 4;
        p.geo.swap_slots = s % 3 ? 1024 : 20;
        p.geo.cache[CACHE_L1] =
            (struct cache_geometry){.sets = s % 2 ? 0 : 16, .ways = 2, .line_shift = 6};
        one_session(&p, s + 1, long_session, LONG_JUMPS);
    }
    printf("COUNT long_session_swap_writes %llu\n", (unsigned long long)trail->swap_writes);
    printf("COUNT long_session_swap_reads %llu\n", (unsigned long long)trail->swap_reads);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_thousand_sessions),
                                       cmocka_unit_test(sessions_before_paging),
                                       cmocka_unit_test(long_sessions_over_keyframes)};
    int failed;

    trail = malloc(sizeof *trail);
    failed = RUN_TESTS(tests);
    free(trail);
    return failed;
}
