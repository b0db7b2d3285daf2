/* Time travel is exact: a thousand random sessions with random jumps equal a straight run, byte for
 * byte; watching changes nothing. */
#include <stdio.h>
#include <stdlib.h>

#include "support/drive.h"
#include "test.h"

enum { SESSIONS = 1000, OPERATIONS = 40, JUMPS = 6 };

/* The state after every event of a straight run, as hashes. */
struct trail {
    struct machine m;
    struct hash128 hash[20000];
    uint32_t count;
};

static struct trail *trail;

static void
note(void *ctx, const struct event *ev)
{
    (void)ctx;
    (void)ev;
    assert_in_range(trail->count, 0, 19999);
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
jumps_arrive_where_a_straight_run_was(struct history *h, struct rng *r)
{
    for (int i = 0; i < JUMPS; i++) {
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

static void
one_session(const struct preset *p, uint64_t seed)
{
    struct error e = {0};
    struct rng r;
    struct history *h = history_open(p, seed, &e);
    struct hash128 watched;

    rng_seed(&r, seed);
    assert_non_null(h);
    random_session(h, &r);
    straight_run(h, p, seed, true);
    watched = machine_hash(&trail->m);
    assert_int_equal(trail->count, history_event_number(h, history_end(h)));
    jumps_arrive_where_a_straight_run_was(h, &r);
    history_seek(h, history_end(h));
    assert_true(machine_equal(&trail->m, history_machine(h)));
    machine_close(&trail->m);
    straight_run(h, p, seed, false);
    assert_true(hash_equal(watched, machine_hash(&trail->m)));
    machine_close(&trail->m);
    history_close(h);
}

static void
a_thousand_sessions(void **state)
{
    static const char *const name[] = {"x86-64", "i386", "toy16", "toy64k", "x86-64", "csapp"};
    struct preset p[6];

    (void)state;
    for (int i = 0; i < 6; i++)
        drive_preset(name[i], &p[i]);
    p[0].geo.frames = p[1].geo.frames = 64; /* small enough to run out of memory now and then */
    p[4].geo.frames = 64;
    p[0].layout.kernel = p[1].layout.kernel = p[4].layout.kernel = 0;
    p[4].geo.cache = (struct cache_geometry){.sets = 16, .ways = 2, .line_shift = 6};
    p[0].tunable[TUNE_RESIDENT_LIMIT] = 3; /* pages come and go all the time */
    for (uint64_t s = 0; s < SESSIONS; s++)
        one_session(&p[s % 6], s + 1);
    printf("COUNT sessions %d\n", SESSIONS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_thousand_sessions)};
    int failed;

    trail = malloc(sizeof *trail);
    failed = RUN_TESTS(tests);
    free(trail);
    return failed;
}
