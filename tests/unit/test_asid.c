/* ASIDs that are handed out: two bits, so 1 to 3 can be given (0 is the kernel's). What must happen is
 * Linux's, arch/arm64/mm/context.c: a fourth address space begins a generation, each CPU flushes once,
 * and what runs keeps its number. */
#include "test.h"

#include <stdio.h>

#include "hw/tlb.h"
#include "machine/invariant.h"
#include "support/drive.h"

struct seen {
    unsigned flushes[CPU_MAX], rollovers, given, kept;
    struct event last; /* of those that give or keep a number */
};

static void
on_event(void *context, const struct event *ev)
{
    struct seen *s = context;

    s->flushes[ev->cpu] += ev->code == EV_TLB_FLUSH;
    s->rollovers += ev->code == EV_ASID_ROLLOVER;
    s->given += ev->code == EV_ASID_GIVEN;
    s->kept += ev->code == EV_ASID_KEPT;
    if (ev->code == EV_ASID_GIVEN || ev->code == EV_ASID_KEPT)
        s->last = *ev;
}

static struct watch
watch_of(struct seen *s)
{
    return (struct watch){on_event, s};
}

/* Five processes; process n keeps 0xa0 + n at 0x404000. Process 1 runs on CPU 0, the others have
 * never run. */
static void
open_five(struct machine *m)
{
    struct preset p;
    struct error e = {0};

    drive_preset("asid", &p);
    assert_true(machine_open(m, &p, 1, &e));
    for (int i = 0; i < 5; i++)
        drive_machine(m, "spawn");
}

static asid_t
number(const struct machine *m, unsigned cpu)
{
    return (asid_t)(m->hw.s->cpu[cpu].cr3 & 0xfff);
}

static void
expect_sound(const struct machine *m)
{
    struct violation v;

    if (invariant_check(m, &v, 1))
        fail_msg("%s: %s", invariant_row[v.invariant].id, v.where);
}

static void
run_on(struct machine *m, uint32_t pid, unsigned cpu)
{
    char line[64];

    snprintf(line, sizeof line, "switch %u cpu=%u", pid, cpu);
    drive_machine(m, line);
    snprintf(line, sizeof line, "write 0x404000 0x%x cpu=%u", 0xa0 + pid, cpu);
    drive_machine(m, line);
    expect_sound(m);
}

static void
the_fourth_begins_a_generation(void **state)
{
    struct machine m;
    struct seen s = {0};
    struct watch w = watch_of(&s);

    (void)state;
    open_five(&m);
    drive_machine(&m, "write 0x404000 0xa1");
    m.hw.watch = &w;
    run_on(&m, 2, 1);
    run_on(&m, 3, 0);
    assert_int_equal(number(&m, 1), 2);
    assert_int_equal(number(&m, 0), 3);
    assert_int_equal(s.rollovers, 0);
    assert_int_equal(s.flushes[0] + s.flushes[1], 0);

    run_on(&m, 4, 0);
    assert_int_equal(s.rollovers, 1);
    assert_int_equal(m.os.asids->generation, 2);
    assert_int_equal(s.flushes[0], 1);
    assert_int_equal(s.flushes[1], 0); /* it has not switched yet */
    assert_int_equal(number(&m, 0), 1); /* 2 and 3 are kept by what runs */
    m.hw.watch = NULL;
    machine_close(&m);
}

/* Process 2 goes on with its number and its entry; only when its CPU switches the old ones go. */
static void
what_runs_keeps_its_number(void **state)
{
    struct machine m;
    struct seen s = {0};
    struct watch w = watch_of(&s);
    uint64_t misses;

    (void)state;
    open_five(&m);
    run_on(&m, 2, 1);
    run_on(&m, 3, 0);
    run_on(&m, 4, 0);
    misses = m.hw.s->cpu[1].misses;
    assert_int_equal(drive_machine(&m, "read 0x404000 cpu=1").value, 0xa2);
    assert_int_equal(m.hw.s->cpu[1].misses, misses);

    m.hw.watch = &w;
    run_on(&m, 5, 1); /* 1, 2, 3 are taken: another roll-over */
    assert_int_equal(s.rollovers, 1);
    assert_int_equal(s.flushes[1], 1);
    assert_int_equal(number(&m, 1), 3);
    run_on(&m, 2, 0);
    assert_int_equal(number(&m, 0), 2); /* it ran on CPU 1 when the generation began */
    assert_int_equal(s.flushes[0], 1);
    run_on(&m, 4, 0);
    assert_int_equal(number(&m, 0), 1); /* and this one on CPU 0 */
    assert_int_equal(s.kept, 2);
    assert_int_equal(s.flushes[0], 1);
    assert_int_equal(s.rollovers, 1);
    m.hw.watch = NULL;
    machine_close(&m);
}

/* context.id is in the mm: SMP threads of one process run under one number. */
static void
threads_share_a_number(void **state)
{
    struct machine m;
    uint32_t thread;
    char line[40];

    (void)state;
    open_five(&m);
    thread = (uint32_t)drive_machine(&m, "thread").value;
    snprintf(line, sizeof line, "switch %u cpu=1", thread);
    drive_machine(&m, line);
    assert_int_equal(number(&m, 0), 1);
    assert_int_equal(number(&m, 1), 1);
    run_on(&m, 2, 0);
    run_on(&m, 3, 0);
    run_on(&m, 4, 0); /* roll-over: the thread on CPU 1 keeps 1 for its process */
    assert_int_not_equal(number(&m, 0), 1);
    run_on(&m, 1, 0);
    assert_int_equal(number(&m, 0), 1);
    machine_close(&m);
}

/* Not before the generation ends: until then nothing would flush what is known of it. */
static void
an_exit_frees_no_number(void **state)
{
    struct machine m;

    (void)state;
    open_five(&m);
    run_on(&m, 2, 0);
    drive_machine(&m, "exit 2");
    expect_sound(&m);
    run_on(&m, 3, 0);
    assert_int_equal(number(&m, 0), 3);
    assert_int_equal(m.os.asids->generation, 1);
    machine_close(&m);
}

/* The broken kernel: 1 is given to process 4, and what the TLB knows under 1 is process 1's. */
static void
without_the_flush_a_process_reads_anothers_byte(void **state)
{
    struct machine m;
    struct violation v;

    (void)state;
    open_five(&m);
    drive_machine(&m, "set no-flush-at-rollover 1");
    drive_machine(&m, "write 0x404000 0xa1");
    run_on(&m, 2, 0);
    run_on(&m, 3, 0);
    drive_machine(&m, "switch 4");
    assert_int_equal(m.hw.s->cpu[0].asid, 1);
    assert_true(invariant_check(&m, &v, 1) > 0);
    assert_int_equal(v.invariant, INV_L1);
    assert_int_equal(drive_machine(&m, "read 0x404000").value, 0xa1);
    machine_close(&m);
}

static void
a_preset_with_too_few_is_refused(void **state)
{
    struct preset p;
    struct error e = {0};

    (void)state;
    drive_preset("asid", &p);
    assert_false(preset_override(&p, "cpus=3", &e)); /* 1 to 3, and three may be kept */
    assert_string_equal(e.text, "asid_bits 2 are too few for 3 CPUs");
    assert_int_equal(p.geo.cpus, 2);
    e = (struct error){0};
    assert_true(preset_override(&p, "asid_bits=3", &e));
    assert_true(preset_override(&p, "cpus=6", &e));
    assert_false(preset_override(&p, "asid_bits=13", &e));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fourth_begins_a_generation),
        cmocka_unit_test(what_runs_keeps_its_number),
        cmocka_unit_test(threads_share_a_number),
        cmocka_unit_test(an_exit_frees_no_number),
        cmocka_unit_test(without_the_flush_a_process_reads_anothers_byte),
        cmocka_unit_test(a_preset_with_too_few_is_refused),
    };

    return RUN_TESTS(tests);
}
