/* PAE: a root of four entries that MOV CR3 copies into the CPU. Expected values are from the Intel
 * SDM vol. 3A, 4.4, or worked out by hand. */
#include "test.h"

#include <stdio.h>

#include "support/bare.h"
#include "support/drive.h"

#define W 2u
#define U 4u
#define GIB (UINT64_C(1) << 30)

static bool
walk(struct bare *b, vaddr_t va, enum access_kind kind, struct translation *t)
{
    struct access a = {.va = va, .kind = (uint8_t)kind, .size = 1, .user = true};

    return walker_walk(&b->hw, 0, &a, t);
}

static paddr_t
root(const struct bare *b)
{
    return walker_root(&b->hw, b->hw.s->cpu[0].cr3);
}

/* 0x7f123456 = 1, 0x1f8, 0x123, 0x456. */
static void
a_walk_begins_in_a_register_and_reads_two_entries(void **state)
{
    struct bare *b = bare_open("pae", 4, 4);
    struct translation t;

    (void)state;
    bare_map(b, 0x7f123000, 0x800000, 12, W | U);
    assert_true(control_load_cr3(&b->hw, 0, 0x1000));
    bare_record(b, true);
    assert_true(walk(b, 0x7f123456, ACCESS_WRITE, &t));
    assert_int_equal(t.pa, 0x800456);
    assert_int_equal(t.reads, 2);
    assert_string_equal(bare_names(b), "walk_register walk_read walk_read entry_mark entry_mark");
    assert_int_equal(bare_event(b, EV_WALK_REGISTER, 0)->index, 1);
    assert_int_equal(bare_event(b, EV_WALK_REGISTER, 0)->new, 0x2001);
    assert_int_equal(bare_event(b, EV_WALK_READ, 0)->index, 0x1f8);
    assert_int_equal(bare_event(b, EV_WALK_READ, 1)->index, 0x123);
    /* A in PD and PT, D in PT; the root's entry has no such bit. */
    assert_int_equal(phys_read(&b->hw.phys, root(b) + 8, 8), 0x2001);
    assert_int_equal(phys_read(&b->hw.phys, 0x2000 + 0x1f8 * 8, 8), 0x3027);
    assert_int_equal(phys_read(&b->hw.phys, 0x3000 + 0x123 * 8, 8), 0x800067);
    bare_close(b);
}

static void
large_pages_are_two_mebibytes(void **state)
{
    struct bare *b = bare_open("pae", 4, 4);
    struct translation t;

    (void)state;
    bare_map(b, 0x40200000, 0xc00000, 21, U);
    assert_true(control_load_cr3(&b->hw, 0, 0x1000));
    assert_true(walk(b, 0x403fffff, ACCESS_READ, &t));
    assert_int_equal(t.pa, 0xdfffff);
    assert_int_equal(t.shift, 21);
    assert_int_equal(t.reads, 1);
    bare_close(b);
}

/* Memory changes, the register does not; MOV CR3 with the same value is enough. */
static void
a_changed_root_is_not_seen_until_cr3_is_loaded(void **state)
{
    struct bare *b = bare_open("pae", 4, 4);
    struct translation t;

    (void)state;
    bare_map(b, 0, 0x5000, 12, U);
    assert_true(control_load_cr3(&b->hw, 0, 0x1000));
    bare_map(b, GIB, 0x6000, 12, U); /* makes a table, and so root entry 1 */
    phys_write(&b->hw.phys, 0x1000, 8, 0);
    assert_int_equal(phys_read(&b->hw.phys, 0x1008, 8) & 1, 1);
    assert_true(walk(b, 0, ACCESS_READ, &t));    /* absent in memory, still held */
    assert_false(walk(b, GIB, ACCESS_READ, &t)); /* present in memory, not held */
    assert_int_equal(t.fault.vector, FAULT_PF);
    assert_int_equal(t.fault.error, 4);
    assert_int_equal(t.fault.level, 0);
    assert_false(walker_peek_cpu(&b->hw, 0, GIB, &t));
    assert_true(walker_peek(&b->hw, 0x1000, GIB, &t)); /* what memory says */
    bare_record(b, true);
    assert_true(control_load_cr3(&b->hw, 0, 0x1000));
    assert_string_equal(bare_names(b),
                        "cr3_load root_load root_load root_load root_load tlb_flush");
    assert_int_equal(bare_event(b, EV_ROOT_LOAD, 1)->old, 0);
    assert_int_equal(bare_event(b, EV_ROOT_LOAD, 1)->pa, 0x1008);
    assert_true(walk(b, GIB, ACCESS_READ, &t));
    assert_false(walk(b, 0, ACCESS_READ, &t));
    bare_close(b);
}

/* P=1 and any of bits 2:1, 8:5, 63:36 (MAXPHYADDR is 36 here): #GP, and nothing is loaded. */
static void
mov_cr3_refuses_reserved_bits(void **state)
{
    struct bare *b = bare_open("pae", 4, 4);
    struct translation t;

    (void)state;
    bare_map(b, 0, 0x5000, 12, U);
    assert_true(control_load_cr3(&b->hw, 0, 0x1000));
    for (unsigned bit = 1; bit < 64; bit++) {
        bool reserved = bit == 1 || bit == 2 || (bit >= 5 && bit <= 8) || bit >= 36;

        phys_write(&b->hw.phys, 0x8018, 8, 1 | UINT64_C(1) << bit);
        bare_record(b, true);
        assert_int_equal(control_load_cr3(&b->hw, 0, 0x8000), !reserved);
        assert_int_equal(b->hw.s->cpu[0].cr3, reserved ? 0x1000 : 0x8000);
        assert_int_equal(bare_count(b, EV_ROOT_LOAD), reserved ? 0 : 4);
        assert_true(control_load_cr3(&b->hw, 0, 0x1000));
        phys_write(&b->hw.phys, 0x8018, 8, UINT64_C(1) << bit); /* P=0: nobody's business */
        assert_true(control_load_cr3(&b->hw, 0, 0x8000));
        assert_true(control_load_cr3(&b->hw, 0, 0x1000));
        assert_true(walk(b, 0, ACCESS_READ, &t));
    }
    bare_close(b);
}

/* The other dialect looks at the entry when it is used, in memory, and tells by #PF. */
static void
read_at_use_the_root_is_a_table_like_others(void **state)
{
    struct bare *b = bare_open("pae", 4, 4);
    struct translation t;

    (void)state;
    b->hw.s->quirks = UINT64_C(1) << QUIRK_ROOT_ON_USE;
    bare_map(b, 0, 0x5000, 12, U);
    bare_map(b, GIB, 0x6000, 12, U);
    phys_write(&b->hw.phys, 0x1008, 8, phys_read(&b->hw.phys, 0x1008, 8) | 2);
    assert_true(control_load_cr3(&b->hw, 0, 0x1000));
    bare_record(b, true);
    assert_true(walk(b, 0, ACCESS_READ, &t));
    assert_int_equal(t.reads, 3);
    assert_int_equal(bare_count(b, EV_WALK_REGISTER), 0);
    assert_false(walk(b, GIB, ACCESS_READ, &t));
    assert_int_equal(t.fault.vector, FAULT_PF);
    assert_int_equal(t.fault.error, 0xd); /* P, user, reserved */
    bare_close(b);
}

/* Bits 31:5 of CR3: four tables of 32 bytes, side by side. */
static void
a_root_lies_at_any_multiple_of_32_bytes(void **state)
{
    struct bare *b = bare_open("pae", 4, 4);
    struct translation t;

    (void)state;
    bare_map(b, 0, 0x5000, 12, U);
    phys_write(&b->hw.phys, 0x9fe0, 8, phys_read(&b->hw.phys, 0x1000, 8));
    assert_true(control_load_cr3(&b->hw, 0, 0x9fff)); /* the low five bits are not part of it */
    assert_int_equal(root(b), 0x9fe0);
    assert_true(walk(b, 0xabc, ACCESS_READ, &t));
    assert_int_equal(t.pa, 0x5abc);
    bare_close(b);
}

/* MOV to CR0 or CR4 loads the root too when it changes CD, NW, PG, PAE, PGE, PSE or SMEP; WP and
 * SMAP do not. */
static void
some_bits_of_cr0_and_cr4_load_the_root(void **state)
{
    static const struct {
        uint64_t cr0, cr4;
        unsigned loads;
    } row[] = {{CR0_CD, 0, 4},  {CR0_NW, 0, 4},   {CR0_WP, 0, 0},  {0, CR4_PGE, 4},
               {0, CR4_PSE, 4}, {0, CR4_SMEP, 4}, {0, CR4_SMAP, 0}};
    struct bare *b = bare_open("pae", 4, 4);

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct cpu *c = &b->hw.s->cpu[0];

        bare_record(b, true);
        assert_true(row[i].cr0 ? control_load_cr0(&b->hw, 0, c->cr0 ^ row[i].cr0)
                               : control_load_cr4(&b->hw, 0, c->cr4 ^ row[i].cr4));
        assert_int_equal(bare_count(b, EV_ROOT_LOAD), row[i].loads);
    }
    phys_write(&b->hw.phys, 0x1010, 8, 3);
    assert_false(control_load_cr4(&b->hw, 0, b->hw.s->cpu[0].cr4 ^ CR4_PGE));
    assert_int_equal(b->hw.s->cpu[0].cr4 & CR4_PGE, CR4_PGE);
    bare_close(b);
}

/* --- the kernel on it ---------------------------------------------------------------------------
 */

struct count {
    unsigned writes, loads;
};

static void
count_root(void *context, const struct event *ev)
{
    struct count *n = context;

    n->writes += ev->code == EV_ENTRY_WRITE && ev->level == 0;
    n->loads += ev->code == EV_CR3_LOAD;
}

static struct outcome
act(struct machine *m, const char *line)
{
    uint8_t blob[OPERATION_BLOB];
    struct operation op;
    struct outcome out;
    struct error e = {0};

    if (!operation_parse(line, &op, blob, &e) || !machine_do(m, &op, &out, &e))
        fail_msg("%s: %s", line, e.text);
    return out;
}

/* A new GiB is a new entry of the root: the kernel writes it and loads CR3, or the CPU would fault
 * for ever. */
static void
the_kernel_loads_cr3_after_it_changed_the_root(void **state)
{
    struct machine m;
    struct preset p;
    struct error e = {0};
    struct count n = {0};
    struct watch watch = {count_root, &n};

    (void)state;
    assert_true(preset_load("pae", &p, &e) && machine_open(&m, &p, 1, &e));
    act(&m, "spawn");
    machine_watch(&m, &watch);
    act(&m, "mmap 0x40000000 4K rw");
    assert_int_equal(act(&m, "write 0x40000000 7").faults, 1);
    assert_int_equal(n.writes, 1);
    assert_int_equal(n.loads, 1);
    act(&m, "munmap 0x40000000 4K"); /* the table below is empty, and goes */
    assert_int_equal(n.writes, 2);
    assert_int_equal(n.loads, 2);
    act(&m, "fork"); /* the child's root is in no CPU yet */
    assert_int_equal(n.loads, 2);
    act(&m, "switch 2");
    assert_int_equal(n.loads, 3);
    assert_int_equal(act(&m, "read 0x8048000").kind, OUT_DONE);
    machine_close(&m);
}

static void
a_hand_in_the_root_shows_after_a_load(void **state)
{
    struct machine m;
    struct preset p;
    struct error e = {0};
    char line[64];

    (void)state;
    assert_true(preset_load("pae", &p, &e) && machine_open(&m, &p, 1, &e));
    act(&m, "spawn");
    act(&m, "read 0x8048000");
    snprintf(line, sizeof line, "poke 0x%llx 0000000000000000",
             (unsigned long long)m.os.s->mm[1].root);
    act(&m, line);
    act(&m, "flush");
    assert_int_equal(act(&m, "read 0x8048000").faults, 0);
    snprintf(line, sizeof line, "set cr3 0x%llx", (unsigned long long)m.os.s->mm[1].root);
    act(&m, line);
    assert_int_equal(act(&m, "read 0x8048000").faults, 1);
    machine_close(&m);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_walk_begins_in_a_register_and_reads_two_entries),
        cmocka_unit_test(large_pages_are_two_mebibytes),
        cmocka_unit_test(a_changed_root_is_not_seen_until_cr3_is_loaded),
        cmocka_unit_test(mov_cr3_refuses_reserved_bits),
        cmocka_unit_test(read_at_use_the_root_is_a_table_like_others),
        cmocka_unit_test(a_root_lies_at_any_multiple_of_32_bytes),
        cmocka_unit_test(some_bits_of_cr0_and_cr4_load_the_root),
        cmocka_unit_test(the_kernel_loads_cr3_after_it_changed_the_root),
        cmocka_unit_test(a_hand_in_the_root_shows_after_a_load),
    };

    return RUN_TESTS(tests);
}
