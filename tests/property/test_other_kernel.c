/* The kernel on CPUs beyond x86: random sessions on RISC-V with marks by hardware and by fault, and on
 * AArch64; with and without walk caches, data caches, more TLBs and a second CPU. Every invariant holds
 * after every operation, and enough pages come, are shared, leave and come back. */
#include <stdio.h>
#include <string.h>

#include "hw/tlb.h"
#include "machine/invariant.h"
#include "os/shootdown.h"
#include "support/drive.h"
#include "test.h"

enum { SESSIONS = 400, OPERATIONS = 150, MACHINES = 5 };

static struct {
    uint64_t operations, evictions, writes, reads;
} sum;

static void
holds(const struct machine *m, const char *name, uint64_t seed, const struct operation *op)
{
    struct violation v[4];
    struct buffer line = {0};

    if (invariant_check(m, v, 4) == 0)
        return;
    operation_format(op, &line);
    fail_msg("%s, seed %llu, operation %llu \"%s\": %s: %s", name, (unsigned long long)seed,
             (unsigned long long)m->s->op, buffer_text(&line), invariant_row[v[0].invariant].id,
             v[0].where);
}

static void
session(const struct preset *preset, uint64_t seed)
{
    struct preset p = *preset;
    struct machine m;
    struct rng r;
    struct error e = {0};

    rng_seed(&r, seed);
    p.tunable[TUNE_RESIDENT_LIMIT] = rng_below(&r, 6);
    p.tunable[TUNE_POLICY] = rng_below(&r, 6);
    p.tunable[TUNE_SHOOTDOWN] = rng_below(&r, SHOOTDOWNS);
    p.tunable[TUNE_LAZY_TLB] = rng_below(&r, 2);
    p.geo.swap_slots = 1 + (uint32_t)rng_below(&r, 7);
    if (!machine_open(&m, &p, seed, &e))
        fail_msg("%s", e.text);
    for (int i = 0; i < OPERATIONS; i++) {
        struct operation op;
        uint8_t blob[OPERATION_BLOB];
        struct outcome out;
        struct error refused = {0};

        drive_random(&r, &m, &op, blob);
        if (machine_do(&m, &op, &out, &refused))
            holds(&m, p.name, seed, &op);
        else if (refused.code == EXIT_LIMIT)
            break;
        else
            continue;
        sum.operations++;
    }
    sum.evictions += m.os.s->evictions;
    sum.writes += m.os.s->swap_writes;
    sum.reads += m.os.s->swap_reads;
    machine_close(&m);
}

static void
size(struct preset *p, const char *assignment)
{
    struct error e = {0};

    if (!preset_override(p, assignment, &e))
        fail_msg("%s", e.text);
}

static void
every_invariant_holds_on_other_cpus(void **state)
{
    struct preset p[MACHINES];

    (void)state;
    drive_preset("sv39", &p[0]);
    drive_preset("sv48", &p[1]);
    drive_preset("aarch64", &p[2]);
    p[3] = p[0];
    p[3].efer = 0; /* menvcfg.ADUE = 0: A and D by fault */
    p[4] = p[2];
    size(&p[0], "frames=64");
    size(&p[1], "frames=96");
    size(&p[2], "frames=64");
    size(&p[3], "frames=80");
    size(&p[4], "frames=1K");
    for (int i = 0; i < 4; i++)
        p[i].layout.kernel = 0; /* else the map of RAM is most of it */
    p[0].geo.cpus = p[3].geo.cpus = p[4].geo.cpus = 2;
    size(&p[1], "walk_cache=2");
    size(&p[2], "cache.sets=8");
    size(&p[3], "walk_cache=1");
    size(&p[4], "walk_cache=3");
    p[0].geo.tlb_part[TLB_SECOND] = (struct tlb_part_geometry){.sets = 4, .ways = 2};
    p[2].geo.tlb_part[TLB_FETCH] = (struct tlb_part_geometry){.sets = 2, .ways = 2};
    p[4].geo.tlb_part[TLB_LARGE] = (struct tlb_part_geometry){.sets = 1, .ways = 2};
    for (uint64_t s = 0; s < SESSIONS; s++)
        session(&p[s % MACHINES], s + 1);
    printf("COUNT other_operations %llu\n", (unsigned long long)sum.operations);
    assert_in_range(sum.evictions, 300, UINT64_MAX);
    assert_in_range(sum.writes, 150, UINT64_MAX);
    assert_in_range(sum.reads, 40, UINT64_MAX);
}

/* The same lines on every CPU: a program reads the same, and faults as often wherever the hardware sets
 * A and D. */
static void
programs_see_the_same_on_every_cpu(void **state)
{
    static const char *const name[] = {"x86-64", "sv39", "sv48", "aarch64"};
    static const char *const line[] = {"spawn",
                                       "mmap 0x30000000 64K rw",
                                       "write 0x30000000 0x11",
                                       "write 0x30001008 0x22",
                                       "read 0x30002000",
                                       "fork",
                                       "write 0x30000000 0x33",
                                       "switch 2",
                                       "read 0x30000000",
                                       "write 0x30001008 0x44",
                                       "read 0x30001008",
                                       "switch 1",
                                       "read 0x30000000",
                                       "read 0x30001008",
                                       "mprotect 0x30000000 4K r",
                                       "read 0x30000000"};
    uint64_t want[sizeof line / sizeof *line][2];

    (void)state;
    for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
        struct preset p;
        struct machine m;
        struct error e = {0};

        drive_preset(name[i], &p);
        assert_true(machine_open(&m, &p, 1, &e));
        for (size_t k = 0; k < sizeof line / sizeof *line; k++) {
            struct outcome out = drive_machine(&m, line[k]);
            uint64_t value = strncmp(line[k], "read", 4) == 0 ? out.value : 0;

            if (i == 0)
                want[k][0] = value, want[k][1] = out.faults;
            else if (want[k][0] != value || (walker_marks(&m.hw, 0) && want[k][1] != out.faults))
                fail_msg("%s: \"%s\": value %llu after %u faults, on x86-64 %llu after %llu",
                         name[i], line[k], (unsigned long long)value, out.faults,
                         (unsigned long long)want[k][0], (unsigned long long)want[k][1]);
        }
        assert_int_equal(want[8][0], 0x11);
        assert_int_equal(want[12][0], 0x33);
        assert_int_equal(want[13][0], 0x22);
        machine_close(&m);
    }
}

/* RISC-V without Svadu: a fault for A, another for D. */
static void
software_sets_the_marks_that_hardware_leaves(void **state)
{
    struct preset p;
    struct machine m;
    struct error e = {0};
    struct outcome out;

    (void)state;
    drive_preset("sv39", &p);
    p.efer = 0;
    assert_true(machine_open(&m, &p, 1, &e));
    drive_machine(&m, "spawn");
    drive_machine(&m, "mmap 0x30000000 4K rw shared");
    assert_int_equal(drive_machine(&m, "read 0x30000000").absent, 1);
    out = drive_machine(&m, "write 0x30000000 1"); /* there and writable, but D = 0 */
    assert_int_equal(out.faults, 1);
    assert_int_equal(out.absent, 0);
    assert_int_equal(drive_machine(&m, "write 0x30000000 2").faults, 0);
    drive_machine(&m, "fork");
    drive_machine(&m, "switch 2");
    out = drive_machine(&m, "read 0x30000000"); /* the child's entry is new: A = 0 */
    assert_int_equal(out.faults, 1);
    assert_int_equal(out.absent, 0);
    assert_int_equal(out.value, 2);
    drive_machine(&m, "set menvcfg.adue 1");
    assert_int_equal(drive_machine(&m, "write 0x30000000 3").faults, 0); /* the hardware sets D */
    machine_close(&m);
}

/* "No reading" and "not for the kernel to execute" are rights that x86's TLB does not know. */
static void
a_tlb_that_allows_what_tables_forbid_is_found(void **state)
{
    static const struct {
        const char *name, *map, *use;
        uint8_t flag;
    } row[] = {{"sv39", "mmap 0x30000000 4K x", "fetch 0x30000000", TLB_NR},
               {"aarch64", "mmap 0x30000000 4K rx", "read 0x30000000", TLB_KNX}};

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct preset p;
        struct machine m;
        struct error e = {0};
        struct violation v[4];
        struct tlb_entry *x;

        drive_preset(row[i].name, &p);
        assert_true(machine_open(&m, &p, 1, &e));
        drive_machine(&m, "spawn");
        drive_machine(&m, row[i].map);
        assert_int_equal(drive_machine(&m, row[i].use).kind, OUT_DONE);
        x = tlb_find(&m.hw, 0, 0x30000000);
        assert_non_null(x);
        assert_true(x->flags & row[i].flag);
        assert_int_equal(invariant_check(&m, v, 4), 0);
        x->flags &= (uint8_t)~row[i].flag;
        assert_int_equal(invariant_check(&m, v, 4), 1);
        assert_string_equal(invariant_row[v[0].invariant].id, "L1");
        machine_close(&m);
    }
}

static void
an_order_of_x86_alone_is_refused(void **state)
{
    uint8_t blob[OPERATION_BLOB];
    struct operation op;
    struct outcome out;
    struct preset p;
    struct machine m;
    struct error e = {0};

    (void)state;
    drive_preset("sv39", &p);
    assert_true(machine_open(&m, &p, 1, &e));
    assert_true(operation_parse("invpcid 2 0 0", &op, blob, &e));
    assert_false(machine_do(&m, &op, &out, &e));
    assert_string_equal(e.text, "the CPU of this machine has no INVPCID");
    machine_close(&m);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_invariant_holds_on_other_cpus),
        cmocka_unit_test(programs_see_the_same_on_every_cpu),
        cmocka_unit_test(software_sets_the_marks_that_hardware_leaves),
        cmocka_unit_test(a_tlb_that_allows_what_tables_forbid_is_found),
        cmocka_unit_test(an_order_of_x86_alone_is_refused),
    };

    return RUN_TESTS(tests);
}
