/* Paging modes and who selects them: Intel SDM vol. 3A, 4.1.1 and 4.1.2; vol. 2B, MOV to control
 * registers. Addresses and indices by hand. */
#include <stdio.h>
#include <string.h>

#include "hw/control.h"
#include "machine/history.h"
#include "support/drive.h"
#include "test.h"

struct seen {
    struct machine m;
    struct event last; /* the last CONTROL_FAULT */
    unsigned reads, faults;
    struct watch watch;
};

static void
note(void *context, const struct event *ev)
{
    struct seen *s = context;

    if (ev->code == EV_CONTROL_FAULT)
        s->last = *ev;
    s->faults += ev->code == EV_CONTROL_FAULT;
    s->reads += ev->code == EV_WALK_READ;
}

static struct seen *
on(void)
{
    static struct seen s;
    struct preset p;
    struct error e = {0};

    memset(&s, 0, sizeof s);
    if (!preset_load("x86", &p, &e) || !machine_open(&s.m, &p, 1, &e))
        fail_msg("%s", e.text);
    s.watch = (struct watch){note, &s};
    machine_watch(&s.m, &s.watch);
    return &s;
}

static void
act(struct seen *s, const char *lines)
{
    char line[80];

    for (const char *at = lines; *at; at += strcspn(at, ";"), at += *at == ';') {
        snprintf(line, sizeof line, "%.*s", (int)strcspn(at, ";"), at);
        drive_machine(&s->m, line);
    }
}

/* The way from power-on to each mode; each root is where the preset's image has it. */
#define TO_PAE "set cr4.pae 1;set cr3 0x3020;set cr0.pg 1"
#define TO_4LEVEL "set cr4.pae 1;set efer.lme 1;set cr3 0x4000;set cr0.pg 1"
#define TO_5LEVEL "set cr4.pae 1;set cr4.la57 1;set efer.lme 1;set cr3 0x7000;set cr0.pg 1"

/* 0x403abc is 1, 3 in two levels; 0, 2, 3 in three; 0, 0, 2, 3; 0, 0, 0, 2, 3: frame 0x20 each time,
 * where "Hell" stands. */
static void
one_address_in_four_modes(void **state)
{
    static const struct {
        const char *way;
        enum paging_mode mode;
        unsigned reads;
    } row[] = {{"set cr0.pg 1", PAGING_32BIT, 2},
               {TO_PAE, PAGING_PAE, 2},
               {TO_4LEVEL, PAGING_4LEVEL, 4},
               {TO_5LEVEL, PAGING_5LEVEL, 5}};

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct seen *s = on();
        struct outcome out;

        assert_int_equal(mode_of(&s->m.hw.s->cpu[0]), PAGING_NONE);
        act(s, row[i].way);
        assert_int_equal(mode_of(&s->m.hw.s->cpu[0]), row[i].mode);
        assert_int_equal(s->faults, 0);
        out = drive_machine(&s->m, "read 0x403abc size=4");
        assert_int_equal(out.kind, OUT_DONE);
        assert_int_equal(out.pa, 0x20abc);
        assert_int_equal(out.value, 0x6c6c6548);
        assert_int_equal(s->reads, row[i].reads);
        machine_close(&s->m);
    }
}

/* LMA follows LME at the moment paging begins, and goes with it. */
static void
the_cpu_sets_lma_when_paging_begins(void **state)
{
    struct seen *s = on();
    struct cpu *c = &s->m.hw.s->cpu[0];

    (void)state;
    act(s, "set cr4.pae 1;set efer.lme 1;set cr3 0x4000");
    assert_int_equal(c->efer & EFER_LMA, 0);
    act(s, "set cr0.pg 1");
    assert_int_equal(c->efer & EFER_LMA, EFER_LMA);
    act(s, "set cr0.pg 0");
    assert_int_equal(c->efer & (EFER_LMA | EFER_LME), EFER_LME);
    machine_close(&s->m);
}

static void
illegal_changes_say_why_and_change_nothing(void **state)
{
    static const struct {
        const char *way, *line;
        enum control_reason why;
    } row[] = {
        {"", "set cr0 0x80010000", REFUSED_PG_PE},
        {"set efer.lme 1", "set cr0.pg 1", REFUSED_LONG_PAE},
        {TO_4LEVEL, "set cr4.pae 0", REFUSED_PAE_LONG},
        {TO_4LEVEL, "set cr4.la57 1", REFUSED_LA57_LONG},
        {TO_5LEVEL, "set cr4.la57 0", REFUSED_LA57_LONG},
        {TO_4LEVEL, "set efer.lme 0", REFUSED_LME_PG},
        {TO_PAE, "set efer.lme 1", REFUSED_LME_PG},
        {TO_4LEVEL, "set cr3 0x10000004000", REFUSED_CR3_BITS}, /* bit 40, MAXPHYADDR */
        {TO_PAE, "set cr3 0x4000", REFUSED_ROOT_BITS},          /* a PML4 is no PDPT: W and U */
        {"set cr4.pae 1;set cr3 0x4000", "set cr0.pg 1", REFUSED_ROOT_BITS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct seen *s = on();
        struct cpu before;

        act(s, row[i].way);
        assert_int_equal(s->faults, 0);
        before = s->m.hw.s->cpu[0];
        assert_int_equal(drive_machine(&s->m, row[i].line).kind, OUT_FAULT);
        assert_int_equal(s->faults, 1);
        assert_int_equal(s->last.reason, row[i].why);
        assert_memory_equal(&before, &s->m.hw.s->cpu[0], sizeof before);
        machine_close(&s->m);
    }
}

/* PCIDE is not among the bits `set` changes; the rules about it stand below. */
static void
pcids_need_long_mode(void **state)
{
    struct seen *s = on();
    struct hw *hw = &s->m.hw;

    (void)state;
    act(s, TO_PAE);
    assert_int_equal(control_judge(hw, 0, 4, hw->s->cpu[0].cr4 | CR4_PCIDE), REFUSED_PCIDE_LONG);
    act(s, "set cr0.pg 0;set efer.lme 1;set cr3 0x4000;set cr0.pg 1");
    assert_true(control_load_cr4(hw, 0, hw->s->cpu[0].cr4 | CR4_PCIDE));
    assert_int_equal(control_judge(hw, 0, 0, hw->s->cpu[0].cr0 & ~CR0_PG), REFUSED_PG_PCIDE);
    machine_close(&s->m);
}

/* A bit a machine with one mode does not have cannot change there, whatever the CPU would say. */
static void
a_machine_with_one_mode_keeps_it(void **state)
{
    struct machine m;
    struct preset p;
    struct operation op;
    struct outcome out;
    uint8_t blob[OPERATION_BLOB];
    struct error e = {0};

    (void)state;
    assert_true(preset_load("x86-64", &p, &e) && machine_open(&m, &p, 1, &e));
    assert_true(operation_parse("set cr4.la57 1", &op, blob, &e));
    assert_false(machine_do(&m, &op, &out, &e));
    assert_string_equal(e.text, "cr4.la57 cannot change on this machine");
    machine_close(&m);
}

/* The last address below the hole works, the first in it is #GP with no table read and CR2 as it was;
 * under LA57 the same one is in the user's half, and the tables there lead it to frame 0x20. */
static void
the_hole_is_judged_before_any_table(void **state)
{
    struct seen *s = on();
    struct cpu *c = &s->m.hw.s->cpu[0];
    struct outcome out;

    (void)state;
    act(s, TO_4LEVEL);
    act(s, "set cr2 0x1234");
    assert_int_equal(drive_machine(&s->m, "read 0x00007fffffffffff").kind, OUT_DONE);
    s->reads = 0;
    assert_int_equal(drive_machine(&s->m, "read 0x0000800000000000").kind, OUT_FAULT);
    assert_int_equal(drive_machine(&s->m, "write 0xffff7fffffffffff 1").kind, OUT_FAULT);
    assert_int_equal(drive_machine(&s->m, "read 0x0000800000403abc seg=ss").kind, OUT_FAULT);
    assert_int_equal(s->reads, 0);
    assert_int_equal(c->cr2, 0x1234);
    act(s, "set cr0.pg 0;set cr4.la57 1;set cr3 0x7000;set cr0.pg 1");
    out = drive_machine(&s->m, "read 0x0000800000403abc size=4");
    assert_int_equal(out.value, 0x6c6c6548);
    assert_int_equal(drive_machine(&s->m, "read 0x0100000000000000").kind, OUT_FAULT);
    assert_int_equal(c->cr2, 0x1234);
    machine_close(&s->m);
}

static void
note_vector(void *context, const struct event *ev)
{
    unsigned *n = context;

    n[0] += ev->code == EV_GENERAL_FAULT;
    n[1] += ev->code == EV_STACK_FAULT;
    n[2] += ev->code == EV_SIGNAL ? ev->signal : 0;
}

/* Through SS it is #SS, and Linux sends another signal for it. */
static void
the_stack_segment_has_its_own_vector(void **state)
{
    static const struct {
        const char *line;
        unsigned n[3];
    } row[] = {{"read 0x800000000000", {1, 0, SIGNAL_SEGV_MAPERR}},
               {"write 0x800000000000 1 seg=ss", {0, 1, SIGNAL_BUS}}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct machine m;
        struct preset p;
        struct error e = {0};
        unsigned n[3] = {0};
        struct watch watch = {note_vector, n};

        assert_true(preset_load("x86-64", &p, &e) && machine_open(&m, &p, 1, &e));
        drive_machine(&m, "spawn");
        machine_watch(&m, &watch);
        assert_int_equal(drive_machine(&m, row[i].line).kind, OUT_SIGNAL);
        assert_memory_equal(n, row[i].n, sizeof n);
        assert_int_equal(m.hw.s->cpu[0].cr2, 0);
        machine_close(&m);
    }
}

/* Travel over mode changes, to the end of every operation from every other: the format is always that
 * of the moment. */
static void
time_travel_keeps_format_and_mode_together(void **state)
{
    static const char *const line[] = {
        "set cr0.pg 1", "read 0x403abc", "set cr0.pg 0", "set cr4.pae 1",  "set cr3 0x3020",
        "set cr0.pg 1", "read 0x403abc", "set cr0.pg 0", "set efer.lme 1", "set cr3 0x4000",
        "set cr0.pg 1", "read 0x403abc", "set cr0.pg 0", "set cr4.la57 1", "set cr3 0x7000",
        "set cr0.pg 1", "read 0x403abc"};
    enum { N = sizeof line / sizeof *line };
    struct history *h;
    struct preset p;
    struct error e = {0};

    (void)state;
    assert_true(preset_load("x86", &p, &e));
    h = history_open(&p, 1, &e);
    assert_non_null(h);
    for (int i = 0; i < N; i++)
        drive_history(h, line[i]);
    for (uint64_t from = 1; from <= N; from++)
        for (uint64_t to = 1; to <= N; to++) {
            const struct machine *m;

            history_seek(h, (struct position){from, 1});
            history_seek(h, (struct position){to, history_events(h, to)});
            m = history_machine(h);
            assert_memory_equal(&m->hw.geo.format, &m->hw.geo.of_mode[mode_of(&m->hw.s->cpu[0])],
                                sizeof(struct format));
        }
    history_close(h);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_address_in_four_modes),
        cmocka_unit_test(the_cpu_sets_lma_when_paging_begins),
        cmocka_unit_test(illegal_changes_say_why_and_change_nothing),
        cmocka_unit_test(pcids_need_long_mode),
        cmocka_unit_test(a_machine_with_one_mode_keeps_it),
        cmocka_unit_test(the_hole_is_judged_before_any_table),
        cmocka_unit_test(the_stack_segment_has_its_own_vector),
        cmocka_unit_test(time_travel_keeps_format_and_mode_together),
    };

    return RUN_TESTS(tests);
}
