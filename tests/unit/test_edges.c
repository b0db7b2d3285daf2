/* At the edges: error codes from the manual, addresses nobody would write by accident, a memory of
 * eight frames, two CPUs. */
#include <stdio.h>
#include <string.h>

#include "machine/invariant.h"
#include "support/drive.h"
#include "test.h"

static uint16_t last_error; /* of the last #PF */
static unsigned general_faults;
static uint8_t data_cpu; /* who read last */

static void
note(void *ctx, const struct event *ev)
{
    (void)ctx;
    if (ev->code == EV_PAGE_FAULT)
        last_error = ev->error;
    if (ev->code == EV_DATA_READ)
        data_cpu = ev->cpu;
    general_faults += ev->code == EV_GENERAL_FAULT;
}

static const struct watch watching = {note, NULL};

static void
open_with_swap(struct machine *m, const char *name, uint8_t cpus, uint32_t slots)
{
    struct preset p;
    struct error e = {0};

    drive_preset(name, &p);
    p.geo.cpus = cpus;
    p.geo.swap_slots = slots;
    assert_true(machine_open(m, &p, 1, &e));
    machine_watch(m, &watching);
    last_error = 0xffff;
    general_faults = 0;
}

static void
open_machine(struct machine *m, const char *name, uint8_t cpus)
{
    open_with_swap(m, name, cpus, 7);
}

static void
sound(const struct machine *m, const char *where)
{
    struct violation v;

    if (invariant_check(m, &v, 1))
        fail_msg("%s: %s: %s", where, invariant_row[v.invariant].id, v.where);
}

/* --- error codes (SDM vol. 3A, 4.7) -------------------------------------------------------------
 */

struct code {
    const char *machine;
    const char *before[4]; /* "bit51 VA" sets that bit in the page's entry */
    const char *line;
    unsigned error;
};

static const struct code code[] = {
    {"x86-64", {NULL}, "read 0x406000", 0x4},
    {"x86-64", {NULL}, "write 0x406000 1", 0x6},
    {"x86-64", {NULL}, "fetch 0x401000", 0x14},
    {"x86-64", {"read 0x406000"}, "write 0x406000 1", 0x7},
    {"x86-64", {"write 0x406000 1"}, "fetch 0x406000", 0x15},
    {"x86-64", {"write 0x406000 1", "bit51", "flush"}, "read 0x406000", 0xd},
    {"x86-64", {"write 0x406000 1", "bit51", "flush"}, "write 0x406000 1", 0xf},
    {"x86-64", {NULL}, "read 0xffff888000000000", 0x5},
    {"x86-64", {NULL}, "read 0xffff888000000000 as=kernel", 0xffff},
    {"x86-64", {"read 0x401000", "set cr4.smep 1"}, "fetch 0x401000 as=kernel", 0x11},
    {"x86-64", {"read 0x406000", "set cr4.smap 1"}, "read 0x406000 as=kernel", 0x1},
    {"x86-64", {"read 0x401000"}, "fetch 0x401000 as=kernel", 0xffff},
    {"i386", {NULL}, "fetch 0x8048000", 0x4}, /* no NXE, no SMEP: a fetch is a read */
    {"i386", {NULL}, "write 0xc0000000 1", 0x7},
    {"i386", {NULL}, "read 0xc0000000 as=kernel", 0xffff},
    {"la57", {NULL}, "read 0x406000", 0x4},
};

static void
set_bit_51(struct machine *m)
{
    struct translation t;
    char line[64];

    assert_true(walker_peek(&m->hw, m->os.s->mm[1].root, 0x406000, &t));
    snprintf(line, sizeof line, "poke 0x%llx %02x", (unsigned long long)t.slot[t.level] + 6,
             (unsigned)(t.entry[t.level] >> 48 & 0xff) | 8);
    drive_machine(m, line);
}

static void
error_codes_are_the_manuals(void **state)
{
    struct machine m;

    (void)state;
    for (size_t i = 0; i < sizeof code / sizeof *code; i++) {
        const struct code *c = &code[i];

        open_machine(&m, c->machine, 1);
        drive_machine(&m, "spawn");
        for (int k = 0; k < 4 && c->before[k]; k++) {
            if (strcmp(c->before[k], "bit51") == 0)
                set_bit_51(&m);
            else
                drive_machine(&m, c->before[k]);
        }
        last_error = 0xffff; /* no #PF */
        drive_machine(&m, c->line);
        if (last_error != c->error)
            fail_msg("%s %s: expected 0x%x, got 0x%x", c->machine, c->line, c->error, last_error);
        machine_close(&m);
    }
}

/* SDM vol. 1, 3.3.7.1: the halves of 4-level and 5-level paging. */
static void
canonical_borders(void **state)
{
    static const struct {
        const char *machine, *line;
        unsigned general;
    } border[] = {
        {"x86-64", "read 0x00007fffffffffff", 0}, {"x86-64", "read 0x0000800000000000", 1},
        {"x86-64", "read 0xffff7fffffffffff", 1}, {"x86-64", "read 0xffff800000000000", 0},
        {"la57", "read 0x00ffffffffffffff", 0},   {"la57", "read 0x0100000000000000", 1},
        {"la57", "read 0xfeffffffffffffff", 1},   {"la57", "read 0xff00000000000000", 0},
    };
    struct machine m;

    (void)state;
    for (size_t i = 0; i < sizeof border / sizeof *border; i++) {
        open_machine(&m, border[i].machine, 1);
        drive_machine(&m, "spawn");
        assert_int_equal(drive_machine(&m, border[i].line).kind, OUT_SIGNAL);
        assert_int_equal(general_faults, border[i].general);
        assert_int_equal(m.hw.s->cpu[0].walks, 1 - border[i].general); /* #GP: no table is read */
        sound(&m, border[i].line);
        machine_close(&m);
    }
}

/* --- hostile numbers ----------------------------------------------------------------------------
 */

enum { REFUSED = 100, DONE, KILLED };

struct hostile {
    const char *machine, *line;
    int outcome; /* one of the above, or enum call_error */
};

static const struct hostile hostile[] = {
    {"x86-64", "mmap - 0 rw", CALL_EINVAL},
    {"x86-64", "mmap - 0x8000000000000000 rw", CALL_ENOMEM},
    {"x86-64", "mmap - 0xffffffffffffffff rw", CALL_EINVAL},
    {"x86-64", "mmap - 0xfffffffffffff000 rw", CALL_ENOMEM},
    {"x86-64", "mmap 0xfffffffffffff000 4096 rw", CALL_EINVAL},
    {"x86-64", "mmap 0x10000001 4096 rw", CALL_EINVAL},
    {"x86-64", "mmap 0x401000 4096 rw", CALL_EEXIST},
    {"x86-64", "munmap 0x401001 4096", CALL_EINVAL},
    {"x86-64", "munmap 0x401000 0", CALL_EINVAL},
    {"x86-64", "munmap 0xfffffffffffff000 0xfffffffffffff000", CALL_EINVAL},
    {"x86-64", "munmap 0 0x800000000000", DONE}, /* everything at once */
    {"x86-64", "mprotect 0x401000 0xffffffffffffffff r", CALL_EINVAL},
    {"x86-64", "mprotect 0x10000000 4096 r", CALL_ENOMEM},
    {"x86-64", "brk 0", CALL_EINVAL},
    {"x86-64", "brk 0x405fff", CALL_EINVAL},
    {"x86-64", "brk 0xffffffffffffffff", CALL_ENOMEM},
    {"x86-64", "brk 0x7ffffffff000", CALL_ENOMEM}, /* through the stack */
    {"x86-64", "read 0xffffffffffffffff", KILLED},
    {"x86-64", "read 0xffffffffffffffff size=8 as=kernel", KILLED},
    {"x86-64", "write 0x7fffffffffff 1 size=8", KILLED},
    {"x86-64", "invlpg 0xffffffffffffffff", DONE},
    {"x86-64", "poke 0xffffff 00", DONE}, /* the last byte of 16 MiB */
    {"x86-64", "poke 0xffffff 00 00", REFUSED},
    {"x86-64", "poke 0xffffffffffffffff 00 00", REFUSED},
    {"x86-64", "tick 0", REFUSED},
    {"x86-64", "tick 4294967295", DONE},
    {"x86-64", "tick 4294967296", REFUSED},
    {"x86-64", "switch 18446744073709551615", REFUSED},
    {"x86-64", "exit 64", REFUSED},
    {"i386", "read 0xffffffff size=8 as=kernel", KILLED},
    {"i386", "read 0x100000000", REFUSED},
    {"i386", "mmap 0xbffff000 0x2000 rw", CALL_EINVAL},
    {"toy16", "read 0x10000", REFUSED},
    {"toy16", "write 0xffff 1 size=8", KILLED}, /* goes round to page 0, which nobody has */
    {"toy16", "mmap 0xf000 0x2000 rw", CALL_EINVAL},
    {"toy16", "munmap 0x10000 4096", CALL_EINVAL},
    {"toy16", "brk 0x12000", CALL_ENOMEM},
    {"toy16", "invlpg 0x13000", DONE},
    {"toy16", "poke 0x7fff 00", DONE},
    {"toy16", "poke 0x8000 00", REFUSED},
    {"la57", "mmap - 0x80000000000000 rw", CALL_ENOMEM},
};

static int
try(struct machine *m, const char *line)
{
    struct operation op;
    uint8_t blob[OPERATION_BLOB];
    struct outcome out;
    struct error e = {0};

    assert_true(operation_parse(line, &op, blob, &e));
    if (!machine_do(m, &op, &out, &e)) {
        assert_int_equal(e.code, EXIT_DATA);
        return REFUSED;
    }
    if (out.kind == OUT_CALL_ERROR)
        return (int)out.error;
    return out.kind == OUT_SIGNAL ? KILLED : DONE;
}

static void
hostile_numbers_end_well(void **state)
{
    struct machine m;

    (void)state;
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        const struct hostile *h = &hostile[i];
        int got;

        open_machine(&m, h->machine, 1);
        drive_machine(&m, "spawn");
        got = try(&m, h->line);
        if (got != h->outcome)
            fail_msg("%s %s: expected %d, got %d", h->machine, h->line, h->outcome, got);
        sound(&m, h->line);
        machine_close(&m);
    }
}

/* --- eight frames -------------------------------------------------------------------------------
 */

/* 8 frames: 0 is the kernel's, 1 the zero page; each process takes one for its table. */
static void
processes_until_memory_is_full(void **state)
{
    struct machine m;
    char line[32];

    (void)state;
    open_machine(&m, "toy16", 1);
    assert_int_equal(m.os.s->free_frames, 6);
    for (int i = 1; i <= 6; i++)
        assert_int_equal(drive_machine(&m, "spawn").value, i);
    assert_int_equal(drive_machine(&m, "spawn").error, CALL_ENOMEM);
    assert_int_equal(drive_machine(&m, "fork").error, CALL_ENOMEM);
    sound(&m, "full");
    assert_int_equal(drive_machine(&m, "read 0x3000").kind, OUT_DONE); /* the zero page is there */
    assert_int_equal(drive_machine(&m, "write 0x3000 1").signal, SIGNAL_KILL);
    assert_int_equal(m.os.s->free_frames, 1);
    for (int i = 2; i <= 6; i++) {
        snprintf(line, sizeof line, "exit %d", i);
        drive_machine(&m, line);
        sound(&m, line);
    }
    assert_int_equal(m.os.s->free_frames, 6);
    machine_close(&m);
}

/* Fork without a frame left for the copy, and nowhere to put a page: whoever writes dies, the other lives. */
static void
a_copy_that_does_not_fit_kills_the_writer(void **state)
{
    struct machine m;

    (void)state;
    open_with_swap(&m, "toy16", 1, 0);
    drive_machine(&m, "spawn");          /* its table: 5 left */
    drive_machine(&m, "write 0x3000 7"); /* 4 */
    drive_machine(&m, "mmap 0x4000 0x5000 rw");
    drive_machine(&m, "write 0x4000 1");                  /* 3 */
    drive_machine(&m, "write 0x5000 1");                  /* 2 */
    assert_int_equal(drive_machine(&m, "fork").value, 2); /* its table: 1 left */
    drive_machine(&m, "write 0x6000 1");                  /* 0 */
    assert_int_equal(m.os.s->free_frames, 0);
    assert_int_equal(drive_machine(&m, "write 0x3000 8").signal, SIGNAL_KILL);
    sound(&m, "after the kill");
    assert_int_equal(m.os.s->free_frames, 2); /* its table and 0x6000; the rest is the child's */
    drive_machine(&m, "switch 2");
    assert_int_equal(drive_machine(&m, "read 0x3000").value, 7);
    assert_int_equal(drive_machine(&m, "write 0x3000 9").kind, OUT_DONE);
    drive_machine(&m, "exit");
    assert_int_equal(m.os.s->free_frames, 6);
    machine_close(&m);
}

/* Two pages far apart: a root they share, and three tables each; 28 KiB of tables for 8 KiB. */
static void
two_pages_may_need_seven_tables(void **state)
{
    struct machine m;

    (void)state;
    open_machine(&m, "x86-64", 1);
    drive_machine(&m, "spawn");
    drive_machine(&m, "munmap 0 0x800000000000");
    drive_machine(&m, "mmap 0x400000 4096 rw");
    drive_machine(&m, "mmap 0x7ffffffde000 4096 rw");
    drive_machine(&m, "write 0x400000 1");
    drive_machine(&m, "write 0x7ffffffde000 1");
    assert_int_equal(m.os.s->mm[1].tables, 7);
    drive_machine(&m, "munmap 0x400000 4096"); /* its three go with it */
    assert_int_equal(m.os.s->mm[1].tables, 4);
    machine_close(&m);
}

/* --- two CPUs -----------------------------------------------------------------------------------
 */

static void
a_fork_on_the_other_cpu_takes_writing_from_its_tlb(void **state)
{
    struct machine m;

    (void)state;
    open_machine(&m, "x86-64", 2);
    drive_machine(&m, "spawn cpu=1");
    drive_machine(&m, "write 0x406000 7 cpu=1");
    assert_int_equal(drive_machine(&m, "fork cpu=1").value, 2);
    drive_machine(&m, "switch 2"); /* the child on CPU 0, both run now */
    assert_int_equal(drive_machine(&m, "write 0x406000 8 cpu=1").faults, 1);
    assert_int_equal(drive_machine(&m, "read 0x406000").value, 7);
    assert_int_equal(drive_machine(&m, "read 0x406000 cpu=1").value, 8);
    sound(&m, "fork on cpu 1");
    machine_close(&m);
}

static void
a_process_that_runs_elsewhere_can_be_ended(void **state)
{
    struct machine m;

    (void)state;
    open_machine(&m, "x86-64", 2);
    drive_machine(&m, "spawn");
    drive_machine(&m, "spawn cpu=1");
    drive_machine(&m, "write 0x406000 7 cpu=1");
    assert_true(tlb_count(&m.hw, 1) > 0);
    drive_machine(&m, "exit 2"); /* from CPU 0 */
    assert_int_equal(m.hw.s->cpu[1].task, 0);
    assert_int_equal(tlb_count(&m.hw, 1), 0);
    assert_int_equal(m.hw.s->cpu[0].task, 1);
    assert_int_equal(try(&m, "read 0x406000 cpu=1"), REFUSED);
    sound(&m, "exit of another");
    assert_int_equal(try(&m, "switch 1 cpu=1"), REFUSED); /* runs on CPU 0 */
    machine_close(&m);
}

/* CPU 1 takes the interrupt; the instruction runs again where its process is. */
static void
a_sleeper_goes_on_at_home(void **state)
{
    struct machine m;

    (void)state;
    open_machine(&m, "x86-64", 2);
    drive_machine(&m, "spawn");
    drive_machine(&m, "spawn cpu=1");
    assert_int_equal(drive_machine(&m, "read 0x401000 wait=no").kind, OUT_BLOCKED);
    assert_int_equal(drive_machine(&m, "read 0x401000 wait=no cpu=1").kind, OUT_BLOCKED);
    assert_int_equal(try(&m, "read 0x406000"), REFUSED);
    data_cpu = 9;
    drive_machine(&m, "exit 2"); /* a sleeper, from elsewhere; the transfer goes on for the other */
    sound(&m, "one of two sleepers gone");
    drive_machine(&m, "tick cpu=1");
    assert_int_equal(data_cpu, 0);
    assert_int_equal(m.os.s->task[1].state, TASK_RUNNING);
    assert_int_equal(m.os.s->task[1].major, 1);
    assert_int_equal(drive_machine(&m, "read 0x401000").faults, 0);
    sound(&m, "woken from cpu 1");
    machine_close(&m);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_codes_are_the_manuals),
        cmocka_unit_test(canonical_borders),
        cmocka_unit_test(hostile_numbers_end_well),
        cmocka_unit_test(processes_until_memory_is_full),
        cmocka_unit_test(a_copy_that_does_not_fit_kills_the_writer),
        cmocka_unit_test(two_pages_may_need_seven_tables),
        cmocka_unit_test(a_fork_on_the_other_cpu_takes_writing_from_its_tlb),
        cmocka_unit_test(a_process_that_runs_elsewhere_can_be_ended),
        cmocka_unit_test(a_sleeper_goes_on_at_home),
    };

    return RUN_TESTS(tests);
}
