/* What a call, a switch of threads and a switch of processes take from the TLB; and a kernel that hides
 * in tables of its own. Expected: SDM vol. 3A, 4.10.4.1 (what MOV to CR3 drops); Linux arch/x86/mm/pti.c
 * and arch/x86/entry/calling.h (one load of CR3 on each way, PCIDs n and n | 0x800). */
#include <stdio.h>
#include <string.h>

#include "hw/tlb.h"
#include "machine/invariant.h"
#include "support/drive.h"
#include "test.h"

enum { SESSIONS = 60, OPERATIONS = 120 };

struct seen {
    unsigned loads, flushes, dropped;
    uint16_t error;
};

static void
on_event(void *context, const struct event *ev)
{
    struct seen *s = context;

    s->loads += ev->code == EV_CR3_LOAD;
    s->flushes += ev->code == EV_TLB_FLUSH;
    s->dropped += ev->code == EV_TLB_FLUSH ? (unsigned)ev->count : 0;
    if (ev->code == EV_PAGE_FAULT)
        s->error = ev->error;
}

static void
expect_sound(const struct machine *m)
{
    struct violation v;

    if (invariant_check(m, &v, 1))
        fail_msg("operation %llu: %s: %s", (unsigned long long)m->s->op,
                 invariant_row[v.invariant].id, v.where);
}

/* Two processes; the first runs and has three pages in the TLB. */
static void
open_two(struct machine *m, bool kpti, bool tags)
{
    struct preset p;
    struct error e = {0};

    drive_preset("pcid", &p);
    p.cr4 &= ~CR4_PGE;
    assert_true(machine_open(m, &p, 1, &e));
    drive_machine(m, "spawn");
    drive_machine(m, "spawn");
    if (kpti)
        drive_machine(m, "set kpti 1");
    if (tags)
        drive_machine(m, "set cr4.pcide 1");
    for (unsigned i = 0; i < 2; i++) { /* the second time all are there */
        drive_machine(m, "write 0x406000 1");
        drive_machine(m, "write 0x407000 1");
        drive_machine(m, "write 0x408000 1");
    }
    expect_sound(m);
}

static struct seen
watched(struct machine *m, const char *line)
{
    struct seen s = {0};
    struct watch w = {on_event, &s};

    m->hw.watch = &w;
    drive_machine(m, line);
    m->hw.watch = NULL;
    expect_sound(m);
    return s;
}

static uint64_t
misses_of_three(struct machine *m)
{
    uint64_t before = m->hw.s->cpu[0].misses;

    drive_machine(m, "read 0x406000");
    drive_machine(m, "read 0x407000");
    drive_machine(m, "read 0x408000");
    return m->hw.s->cpu[0].misses - before;
}

static void
what_a_call_takes(void **state)
{
    static const struct {
        bool kpti, tags;
        unsigned loads, flushes;
        uint64_t misses;
    } row[] = {{false, false, 0, 0, 0}, {true, false, 2, 2, 3}, {true, true, 2, 0, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct machine m;
        struct seen s;

        open_two(&m, row[i].kpti, row[i].tags);
        s = watched(&m, "syscall");
        assert_int_equal(s.loads, row[i].loads);
        assert_int_equal(s.flushes, row[i].flushes);
        assert_int_equal(s.dropped, row[i].misses);
        assert_int_equal(misses_of_three(&m), row[i].misses);
        machine_close(&m);
    }
}

/* A thread has the address space of its process: CR3 stays. */
static void
what_a_switch_takes(void **state)
{
    struct machine m;
    struct seen s;

    (void)state;
    open_two(&m, false, false);
    drive_machine(&m, "thread");
    s = watched(&m, "switch 3");
    assert_int_equal(s.loads, 0);
    assert_int_equal(s.flushes, 0);
    assert_int_equal(misses_of_three(&m), 0);
    s = watched(&m, "switch 2");
    assert_int_equal(s.loads, 1);
    assert_int_equal(s.dropped, 3);
    machine_close(&m);
}

/* 5: present and forbidden. 4: there is nothing. */
static void
the_kernel_is_not_there(void **state)
{
    struct machine m;

    (void)state;
    for (unsigned kpti = 0; kpti < 2; kpti++) {
        open_two(&m, kpti, false);
        assert_int_equal(watched(&m, "read 0xffff888000001000").error, kpti ? 4 : 5);
        machine_close(&m);
    }
    open_two(&m, true, false);
    drive_machine(&m, "read 0xffff888000001000 as=kernel");
    expect_sound(&m);
    machine_close(&m);
}

/* The kernel has used the page too, under its own tag: both go. */
static void
both_views_forget(void **state)
{
    struct machine m;

    (void)state;
    open_two(&m, true, true);
    drive_machine(&m, "read 0x406000 as=kernel");
    assert_int_equal(tlb_count(&m.hw, 0), 4);
    drive_machine(&m, "mprotect 0x406000 4K r");
    expect_sound(&m);
    assert_int_equal(tlb_count(&m.hw, 0), 2);
    drive_machine(&m, "switch 2");
    drive_machine(&m, "exit 1");
    expect_sound(&m);
    assert_int_equal(tlb_count(&m.hw, 0), 0);
    machine_close(&m);
}

static void
only_where_there_are_two_roots(void **state)
{
    struct operation op;
    uint8_t blob[OPERATION_BLOB];
    struct outcome out;
    struct preset p;
    struct machine m;
    struct error e = {0};

    (void)state;
    drive_preset("x86-64", &p);
    assert_true(machine_open(&m, &p, 1, &e));
    assert_true(operation_parse("set kpti 1", &op, blob, &e));
    assert_false(machine_do(&m, &op, &out, &e));
    assert_string_equal(e.text, "kpti: this machine's address spaces have one root each");
    machine_close(&m);
    drive_preset("pcid", &p);
    e = (struct error){0};
    assert_false(preset_override(&p, "cpus=2", &e));
    assert_int_equal(p.geo.cpus, 1);
}

/* Memory is short now and then; every invariant after every operation. */
static void
random_sessions_hold(void **state)
{
    uint64_t loads = 0;

    (void)state;
    for (unsigned n = 0; n < SESSIONS; n++) {
        struct preset p;
        struct machine m;
        struct error e = {0};
        struct rng r;

        drive_preset("pcid", &p);
        p.geo.frames = n % 3 ? 200 : 64;
        p.layout.kernel = 0;
        if (n % 4 > 1)
            memset(p.geo.walk_cache, 2, 3);
        if (n % 5 == 1)
            p.geo.tlb_part[TLB_SECOND] = (struct tlb_part_geometry){4, 2};
        p.tunable[TUNE_KPTI] = 1;
        p.cr4 = (p.cr4 & ~CR4_PGE) | (n % 2 ? CR4_PCIDE : 0);
        rng_seed(&r, n + 1);
        assert_true(machine_open(&m, &p, n, &e));
        for (int i = 0; i < OPERATIONS; i++) {
            struct operation op;
            uint8_t blob[OPERATION_BLOB];
            struct outcome out;
            uint64_t cr3 = m.hw.s->cpu[0].cr3;

            drive_random(&r, &m, &op, blob);
            if (op.code != OP_POKE && machine_do(&m, &op, &out, &e))
                expect_sound(&m);
            loads += cr3 != m.hw.s->cpu[0].cr3;
        }
        machine_close(&m);
    }
    assert_true(loads > SESSIONS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_call_takes),
        cmocka_unit_test(what_a_switch_takes),
        cmocka_unit_test(the_kernel_is_not_there),
        cmocka_unit_test(both_views_forget),
        cmocka_unit_test(only_where_there_are_two_roots),
        cmocka_unit_test(random_sessions_hold),
    };

    return RUN_TESTS(tests);
}
