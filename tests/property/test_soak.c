/* Whatever happens to an honest machine, every invariant holds after every operation; PW_SCALE runs
 * it longer. */
#include <stdio.h>
#include <stdlib.h>

#include "machine/invariant.h"
#include "support/drive.h"
#include "test.h"

enum { SESSIONS = 320, OPERATIONS = 200 };

static void
holds(const struct machine *m, uint64_t seed, const struct operation *op)
{
    struct violation v[4];
    unsigned n = invariant_check(m, v, 4);
    struct buffer line = {0};

    if (n == 0)
        return;
    operation_format(op, &line);
    fail_msg("seed %llu, operation %llu \"%s\": %s: %s", (unsigned long long)seed,
             (unsigned long long)m->s->op, buffer_text(&line), invariant_row[v[0].invariant].id,
             v[0].where);
}

/* Sessions in which no page ever leaves would prove little. */
static uint64_t evictions, swap_writes, swap_reads;

static uint64_t
session(const struct preset *preset, uint64_t seed)
{
    struct preset p = *preset;
    struct machine m;
    struct rng r;
    struct error e = {0};
    uint64_t done = 0;

    rng_seed(&r, seed);
    p.tunable[TUNE_RESIDENT_LIMIT] = rng_below(&r, 6); /* in one of six sessions none */
    p.tunable[TUNE_POLICY] = rng_below(&r, 6);
    p.geo.swap_slots = 1 + (uint32_t)rng_below(&r, 7);
    assert_true(machine_open(&m, &p, seed, &e));
    for (int i = 0; i < OPERATIONS; i++) {
        struct operation op;
        uint8_t blob[OPERATION_BLOB];
        struct outcome out;
        struct error refused = {0};

        drive_random(&r, &m, &op, blob);
        if (!machine_do(&m, &op, &out, &refused)) {
            if (refused.code == EXIT_LIMIT)
                break;
            continue;
        }
        holds(&m, seed, &op);
        done++;
    }
    evictions += m.os.s->evictions;
    swap_writes += m.os.s->swap_writes;
    swap_reads += m.os.s->swap_reads;
    machine_close(&m);
    return done;
}

static void
every_invariant_holds_after_every_operation(void **state)
{
    static const char *const name[] = {"x86-64", "i386", "toy16"};
    struct preset p[10], early;
    const char *scale = getenv("PW_SCALE");
    uint64_t sessions = SESSIONS * (scale ? strtoull(scale, NULL, 10) : 1), done = 0;

    (void)state;
    for (int i = 0; i < 3; i++) {
        drive_preset(name[i], &p[i]);
        p[i + 3] = p[i];
    }
    p[3].geo.frames = p[4].geo.frames = 48;
    p[3].layout.kernel = p[4].layout.kernel = 0;
    for (int i = 0; i < 3; i++)
        p[i].geo.frames = p[i].geo.frames > 1024 ? 1024 : p[i].geo.frames;
    p[0].geo.cpus = 2;
    p[0].geo.cache[CACHE_L1] = (struct cache_geometry){.sets = 16, .ways = 2, .line_shift = 6};
    p[4].geo.cache[CACHE_L1] = (struct cache_geometry){.sets = 4, .ways = 4, .line_shift = 4};
    drive_preset("toy64k", &p[6]);    /* where memory is few large blocks */
    drive_preset("hierarchy", &p[7]); /* and what is newest may be in a cache only */
    p[7].geo.frames = 48;
    p[7].layout.kernel = 0;
    drive_preset("pae", &p[8]); /* where the CPU keeps the root */
    p[9] = p[8];
    p[8].geo.frames = 1024;
    p[8].geo.cpus = 2;
    p[9].geo.frames = 48;
    p[9].layout.kernel = 0;
    drive_preset("partitions", &early); /* before paging */
    early.geo.frames = 256;
    early.geo.program_frames = 200;
    for (uint64_t s = 0; s < sessions; s++)
        done += session(&p[s % 10], s + 1);
    for (uint64_t s = 0; s < (sessions + 9) / 10; s++)
        done += session(&early, s + 1);
    printf("COUNT checked_operations %llu\n", (unsigned long long)done);
    printf("COUNT evictions %llu\n", (unsigned long long)evictions);
    printf("COUNT swap_writes %llu\n", (unsigned long long)swap_writes);
    printf("COUNT swap_reads %llu\n", (unsigned long long)swap_reads);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_invariant_holds_after_every_operation)};

    return RUN_TESTS(tests);
}
