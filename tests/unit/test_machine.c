/* The machine as a whole: refusals change nothing, registers and tunables are set as the table
 * says, branches and searches in time. */
#include <string.h>

#include "support/drive.h"
#include "test.h"

static int
setup(void **state)
{
    static struct machine m;
    struct preset p;
    struct error e = {0};

    drive_preset("x86-64", &p);
    if (!machine_open(&m, &p, 1, &e))
        return 1;
    *state = &m;
    return 0;
}

static int
teardown(void **state)
{
    machine_close(*state);
    return 0;
}

static void
refused(struct machine *m, const char *line, const char *because)
{
    struct operation op;
    uint8_t blob[OPERATION_BLOB];
    struct outcome out;
    struct error e = {0};
    struct hash128 before = machine_hash(m);

    if (!operation_parse(line, &op, blob, &e))
        fail_msg("%s: %s", line, e.text);
    assert_false(machine_do(m, &op, &out, &e));
    if (!strstr(e.text, because))
        fail_msg("\"%s\" gives \"%s\", expected \"%s\" in it", line, e.text, because);
    assert_true(hash_equal(before, machine_hash(m)));
}

static void
a_refused_operation_changes_nothing(void **state)
{
    struct machine *m = *state;

    refused(m, "read 0x1000", "no process runs");
    drive_machine(m, "spawn");
    refused(m, "switch 7", "no process 7");
    refused(m, "switch 1", "runs already");
    refused(m, "read 0x1000 cpu=1", "no cpu 1");
    refused(m, "write 0x406000 0x100", "does not fit");
    refused(m, "poke 0x1000000 00", "beyond this machine's 4096 frames");
    refused(m, "poke 0xffffff 00 00", "beyond");
    refused(m, "poke 0xffffffffffffffff 00 00", "beyond"); /* the sum is 0 */
    refused(m, "set tlb_cycles 5000", "0 to 1000");
    refused(m, "set cr0.wp 2", "0 or 1");
    refused(m, "set cr0 0", "cannot change");
    refused(m, "exit 9", "no process 9");
}

static void
bits_of_registers_obey(void **state)
{
    struct machine *m = *state;
    int wp = set_field_by_name("cr0.wp");

    drive_machine(m, "spawn");
    drive_machine(m, "mmap 0x10000000 4096 r");
    drive_machine(m, "read 0x10000000"); /* the zero page, read-only */
    assert_int_equal(machine_field(m, 0, set_field_at((unsigned)wp)), 1);
    drive_machine(m, "set cr0.wp 0");
    assert_int_equal(m->hw.s->cpu[0].cr0 & (UINT64_C(1) << 16), 0);
    /* SDM vol. 3A, 4.6.1: with WP = 0 a supervisor write to a read-only page is allowed. */
    assert_int_equal(drive_machine(m, "write 0x10000000 7 as=kernel").faults, 0);
}

/* Bit 63 of CR3 without CR4.PCIDE is #GP (SDM vol. 2B, MOV CR): the CPU answers, nothing changes. */
static void
a_register_that_the_cpu_refuses_is_an_answer(void **state)
{
    struct machine *m = *state;
    uint64_t cr3;

    drive_machine(m, "spawn");
    cr3 = m->hw.s->cpu[0].cr3;
    assert_int_equal(drive_machine(m, "set cr3 0x8000000000000000").kind, OUT_FAULT);
    assert_int_equal(m->hw.s->cpu[0].cr3, cr3);
}

static void
write_without_a_value_stores_the_operation_number(void **state)
{
    struct machine *m = *state;
    struct outcome out;

    drive_machine(m, "spawn");
    drive_machine(m, "write 0x406000"); /* operation 2 */
    out = drive_machine(m, "read 0x406000");
    assert_int_equal(out.value, 2);
}

static void
an_access_may_cross_a_page(void **state)
{
    struct machine *m = *state;

    drive_machine(m, "spawn");
    drive_machine(m, "write 0x406ffc 0x1122334455667788 size=8");
    assert_int_equal(drive_machine(m, "read 0x406ffc size=4").value, 0x55667788);
    assert_int_equal(drive_machine(m, "read 0x407000 size=4").value, 0x11223344);
    assert_int_equal(drive_machine(m, "read 0x406ffc size=8").value, 0x1122334455667788);
}

static void
blocked_reads_end_by_tick(void **state)
{
    struct machine *m = *state;

    drive_machine(m, "spawn");
    assert_int_equal(drive_machine(m, "read 0x401000 wait=no").kind, OUT_BLOCKED);
    refused(m, "read 0x402000", "sleeps");
    drive_machine(m, "tick");
    assert_int_equal(drive_machine(m, "read 0x401000").faults, 0);
}

/* --- history ------------------------------------------------------------------------------------
 */

static struct history *
open_history(void)
{
    struct preset p;
    struct error e = {0};

    drive_preset("x86-64", &p);
    return history_open(&p, 1, &e);
}

static void
a_branch_leaves_the_trunk_alone(void **state)
{
    struct history *h = open_history();
    struct operation op;
    uint8_t blob[OPERATION_BLOB];
    struct outcome out;
    struct error e = {0};
    struct hash128 trunk;

    (void)state;
    drive_history(h, "spawn");
    drive_history(h, "write 0x406000 1");
    drive_history(h, "write 0x406000 2");
    trunk = machine_hash(history_machine(h));
    history_seek(h, (struct position){2, 3});
    operation_parse("write 0x406000 9", &op, blob, &e);
    assert_true(history_act(h, &op, &out, &e));
    assert_true(history_on_branch(h));
    assert_int_equal(history_branch_point(h), 2);
    assert_int_equal(history_operations(h), 3);
    assert_int_equal(drive_history(h, "read 0x406000").value, 9);
    history_leave_branch(h);
    assert_int_equal(history_position(h).op, 2);
    assert_int_equal(history_operations(h), 3);
    history_seek(h, history_end(h));
    assert_true(hash_equal(trunk, machine_hash(history_machine(h))));
    history_close(h);
}

static bool
is_named(void *name, const struct event *ev)
{
    return strcmp(event_row[ev->code].name, name) == 0;
}

static void
who_wrote_finds_the_event(void **state)
{
    struct history *h = open_history();
    struct position found, fault;
    struct event ev;
    struct outcome out;

    (void)state;
    drive_history(h, "spawn");
    drive_history(h, "write 0x406000 1");
    out = drive_history(h, "write 0x406000 2");
    drive_history(h, "read 0x406000");
    struct subject byte = {SUBJECT_MEMORY, out.pa, 0, 1},
                   frame = {SUBJECT_FRAME, out.pa >> 12, 0, 0};
    assert_true(history_writer(h, history_end(h), &byte, &found));
    assert_int_equal(found.op, 3);
    history_seek(h, found);
    assert_true(history_event(h, &ev));
    assert_string_equal(event_row[ev.code].name, "data_write");
    assert_int_equal(ev.new, 2);
    assert_true(history_writer(h, (struct position){3, 0}, &byte, &found));
    assert_int_equal(found.op, 2);
    assert_true(history_writer(h, history_end(h), &frame, &found));
    assert_int_equal(found.op, 3);
    assert_true(history_find(h, history_end(h), -1, history_end(h), is_named,
                             (void *)(uintptr_t) "page_fault", &fault));
    assert_int_equal(fault.op, 2);
    assert_true(history_next_use(h, found, history_end(h), &byte, &found));
    assert_int_equal(found.op, 4);
    byte.a = 0x900000; /* never touched */
    assert_false(history_writer(h, history_end(h), &byte, &found));
    history_close(h);
}

static void
a_clone_with_a_quirk_does_not_touch_the_history(void **state)
{
    struct history *h = open_history();
    struct hash128 before;
    struct operation op;
    uint8_t blob[OPERATION_BLOB];
    struct outcome out;
    struct error e = {0};
    struct machine *clone;

    (void)state;
    drive_history(h, "spawn");
    drive_history(h, "read 0x406000");
    before = machine_hash(history_machine(h));
    operation_parse("read 0x406000", &op, blob, &e);
    assert_true(history_what_if(h, 2, QUIRK_TLB_OFF, &op, NULL, &out, &clone, &e));
    assert_int_equal(clone->hw.s->cpu[0].walks, history_machine(h)->hw.s->cpu[0].walks + 1);
    assert_true(hash_equal(before, machine_hash(history_machine(h))));
    assert_int_equal(history_operations(h), 2);
    history_seek(h, (struct position){1, 1});
    history_seek(h, history_end(h));
    assert_true(hash_equal(before, machine_hash(history_machine(h))));
    history_close(h);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_refused_operation_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(bits_of_registers_obey, setup, teardown),
        cmocka_unit_test_setup_teardown(a_register_that_the_cpu_refuses_is_an_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(write_without_a_value_stores_the_operation_number, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_access_may_cross_a_page, setup, teardown),
        cmocka_unit_test_setup_teardown(blocked_reads_end_by_tick, setup, teardown),
        cmocka_unit_test(a_branch_leaves_the_trunk_alone),
        cmocka_unit_test(who_wrote_finds_the_event),
        cmocka_unit_test(a_clone_with_a_quirk_does_not_touch_the_history),
    };

    return RUN_TESTS(tests);
}
