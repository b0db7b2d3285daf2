/* Random sessions on machines with room for huge pages: after every operation every invariant holds, and
 * what was written to a page of one is read from it, whatever was done to it since. */
#include <stdio.h>

#include "machine/invariant.h"
#include "os/huge.h"
#include "support/drive.h"
#include "test.h"

enum { SESSIONS = 60, OPERATIONS = 600, MACHINES = 6 };

static uint64_t operations, collapsed, split, mapped;

static void
note(void *ctx, const struct event *ev)
{
    (void)ctx;
    collapsed += ev->code == EV_HUGE_COLLAPSED;
    split += ev->code == EV_HUGE_SPLIT;
    mapped += ev->code == EV_HUGE_MAPPED;
}

static void
holds(const struct machine *m, uint64_t seed, const struct operation *op)
{
    struct violation v = {0};
    struct buffer text = {0};

    if (invariant_check(m, &v, 1) == 0)
        return;
    operation_format(op, &text);
    fail_msg("seed %llu, after `%s`: %s: %s", (unsigned long long)seed, text.data,
             invariant_row[v.invariant].id, v.where);
}

static void
session(const struct preset *preset, uint64_t seed)
{
    const struct watch watch = {note, NULL};
    struct preset p = *preset;
    struct machine m;
    struct rng r;
    struct error e = {0};

    rng_seed(&r, seed);
    p.tunable[TUNE_RESIDENT_LIMIT] = seed % 3 ? 0 : 520; /* a huge page, and little more */
    p.geo.swap_slots = 16;
    assert_true(machine_open(&m, &p, seed, &e));
    machine_watch(&m, &watch);
    drive_machine(&m, "spawn");
    for (int i = 0; i < OPERATIONS; i++) {
        struct operation op;
        uint8_t blob[OPERATION_BLOB];
        struct outcome out;
        struct error refused = {0};

        if (rng_below(&r, 2) && m.hw.s->cpu[0].task)
            drive_huge(&r, &m, &op, blob);
        else
            drive_random(&r, &m, &op, blob);
        if (!machine_do(&m, &op, &out, &refused)) {
            if (refused.code == EXIT_LIMIT)
                break;
            continue;
        }
        holds(&m, seed, &op);
        operations++;
    }
    machine_close(&m);
}

static void
every_invariant_holds_with_huge_pages(void **state)
{
    static const char *const name[MACHINES] = {"x86-64", "aarch64", "sv39", "pae", "smp", "pcid"};
    struct preset p[MACHINES];

    (void)state;
    for (int i = 0; i < MACHINES; i++) {
        drive_preset(name[i], &p[i]);
        p[i].geo.frames = 4096;
        p[i].geo.slot_max = 4096 + 32;
    }
    for (uint64_t s = 0; s < tries(SESSIONS); s++)
        session(&p[s % MACHINES], s + 1);
    printf("COUNT huge_operations %llu\n", (unsigned long long)operations);
    printf("COUNT huge_collapsed %llu\n", (unsigned long long)collapsed);
    printf("COUNT huge_split %llu\n", (unsigned long long)split);
    printf("COUNT huge_mapped %llu\n", (unsigned long long)mapped);
}

/* A page of the huge one, its writes, and a list of them beside it. */
static void
bytes_survive_collapse_and_split(void **state)
{
    enum { PAGES = 16, STEPS = 200 };
    static const char *const what[] = {"collapse 0x40000000", "split 0x40000000", "fork", "sample",
                                       "flush"};
    uint8_t want[PAGES] = {0};
    struct preset p;
    struct machine m;
    struct rng r;
    struct error e = {0};

    (void)state;
    drive_preset("x86-64", &p);
    assert_true(machine_open(&m, &p, 1, &e));
    rng_seed(&r, 7);
    drive_machine(&m, "spawn");
    drive_machine(&m, "mmap 0x40000000 2M rw");
    for (int i = 0; i < STEPS; i++) {
        uint64_t page = rng_below(&r, PAGES), dice = rng_below(&r, 8);
        char line[64];
        struct operation op;
        uint8_t blob[OPERATION_BLOB];
        struct outcome out;
        struct error refused = {0};

        if (dice < 5) {
            assert_true(operation_parse(what[dice], &op, blob, &e));
            machine_do(&m, &op, &out, &refused); /* refused when there is nothing to do */
            continue;
        }
        want[page] = (uint8_t)i;
        snprintf(line, sizeof line, "write 0x%llx %u",
                 (unsigned long long)(0x40000000 + page * 32 * 4096), want[page]);
        drive_machine(&m, line);
        for (uint64_t at = 0; at < PAGES; at++) {
            snprintf(line, sizeof line, "read 0x%llx",
                     (unsigned long long)(0x40000000 + at * 32 * 4096));
            assert_int_equal(drive_machine(&m, line).value, want[at]);
        }
    }
    machine_close(&m);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_invariant_holds_with_huge_pages),
                                       cmocka_unit_test(bytes_survive_collapse_and_split)};

    return RUN_TESTS(tests);
}
