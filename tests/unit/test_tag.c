/* PCIDs as a kernel uses them: what a switch loses, what it must not keep, and who tells the TLB of
 * an address space that does not run. The machine is x86-64, byte 0x404000 of each program. */
#include "test.h"

#include <string.h>

#include "hw/tlb.h"
#include "machine/invariant.h"
#include "support/drive.h"

#define CR4_PGE_BIT (UINT64_C(1) << 7)

/* Two processes, each with a byte of its own at the same address; the second runs. */
static void
open_two(struct machine *m, uint64_t cr4_more)
{
    struct preset p;
    struct error e = {0};

    drive_preset("x86-64", &p);
    p.cr4 |= cr4_more;
    if (!machine_open(m, &p, 1, &e))
        fail_msg("%s", e.text);
    drive_machine(m, "spawn");
    drive_machine(m, "spawn");
    drive_machine(m, "write 0x404000 0xa1");
    drive_machine(m, "switch 2");
    drive_machine(m, "write 0x404000 0xb2");
}

static uint64_t
misses_of(struct machine *m, const char *line)
{
    uint64_t before = m->hw.s->cpu[0].misses;

    drive_machine(m, line);
    return m->hw.s->cpu[0].misses - before;
}

static bool
refused(struct machine *m, const char *line)
{
    struct operation op;
    uint8_t blob[OPERATION_BLOB];
    struct outcome out;
    struct error e = {0};

    if (!operation_parse(line, &op, blob, &e))
        return true;
    return !machine_do(m, &op, &out, &e) || out.kind == OUT_FAULT; /* #GP */
}

static void
expect_true_tlb(struct machine *m)
{
    struct violation v;

    if (invariant_check(m, &v, 1))
        fail_msg("%s: %s", invariant_row[v.invariant].id, v.where);
}

/* Two pages of two processes with one name: without a flush the second reads what the first wrote.
 */
static void
without_a_flush_a_homonym_is_believed(void **state)
{
    struct machine m;

    (void)state;
    open_two(&m, 0);
    drive_machine(&m, "set no-flush-on-switch 1");
    drive_machine(&m, "switch 1");
    assert_int_equal(drive_machine(&m, "read 0x404000").value, 0xb2); /* wrong: the other's */
    machine_close(&m);
    open_two(&m, 0);
    drive_machine(&m, "switch 1");
    assert_int_equal(tlb_count(&m.hw, 0), 0);
    assert_int_equal(misses_of(&m, "read 0x404000"), 1);
    assert_int_equal(drive_machine(&m, "read 0x404000").value, 0xa1);
    machine_close(&m);
}

/* Tagged, both may stay: right bytes, and nothing to fetch again after coming back. */
static void
with_pcids_both_stay(void **state)
{
    struct machine m;

    (void)state;
    open_two(&m, 0);
    drive_machine(&m, "set cr4.pcide 1");
    drive_machine(&m, "read 0x404000");
    drive_machine(&m, "switch 1");
    assert_int_equal(drive_machine(&m, "read 0x404000").value, 0xa1);
    assert_int_equal(m.hw.s->cpu[0].cr3 & 0xfff, 1);
    assert_int_equal(m.hw.s->cpu[0].cr3 >> 63, 0);
    assert_int_equal(tlb_count(&m.hw, 0), 2);
    drive_machine(&m, "switch 2");
    assert_int_equal(misses_of(&m, "read 0x404000"), 0);
    assert_int_equal(drive_machine(&m, "read 0x404000").value, 0xb2);
    drive_machine(&m, "switch 1");
    assert_int_equal(misses_of(&m, "read 0x404000"), 0);
    expect_true_tlb(&m);
    machine_close(&m);
}

/* Bit 63 clear drops the entries of the PCID that is loaded: those of the process that comes, not of
 * the one that goes (SDM 4.10.4.1). */
static void
without_bit_63_who_comes_back_finds_nothing(void **state)
{
    struct machine m;

    (void)state;
    open_two(&m, 0);
    drive_machine(&m, "set cr4.pcide 1");
    drive_machine(&m, "set switch_keeps 0");
    drive_machine(&m, "read 0x404000");
    drive_machine(&m, "switch 1");
    assert_int_equal(tlb_count(&m.hw, 0), 1); /* of process 2, which does not run */
    assert_int_equal(misses_of(&m, "read 0x404000"), 1);
    drive_machine(&m, "switch 2");
    assert_int_equal(tlb_count(&m.hw, 0), 1);
    assert_int_equal(misses_of(&m, "read 0x404000"), 1);
    machine_close(&m);
}

/* Pages of a process that does not run may still be in the TLB: taking them away must reach it. */
static void
the_absent_are_told_too(void **state)
{
    struct machine m;

    (void)state;
    open_two(&m, 0);
    drive_machine(&m, "set cr4.pcide 1");
    drive_machine(&m, "read 0x404000");
    drive_machine(&m, "switch 1");
    drive_machine(&m, "read 0x404000");
    drive_machine(&m, "exit 2");
    assert_int_equal(tlb_count(&m.hw, 0), 1);
    expect_true_tlb(&m);
    drive_machine(&m, "spawn"); /* number 2 again */
    drive_machine(&m, "switch 2");
    assert_int_equal(drive_machine(&m, "read 0x404000").faults, 1);
    machine_close(&m);
}

static void
changing_pcide_leaves_no_entry_with_a_wrong_tag(void **state)
{
    struct machine m;

    (void)state;
    open_two(&m, 0);
    drive_machine(&m, "read 0x404000");
    drive_machine(&m, "set cr4.pcide 1");
    assert_int_equal(tlb_count(&m.hw, 0), 0);
    assert_int_equal(m.hw.s->cpu[0].cr3 & 0xfff, 2);
    drive_machine(&m, "read 0x404000");
    drive_machine(&m, "set cr4.pcide 0");
    assert_int_equal(tlb_count(&m.hw, 0), 0);
    assert_int_equal(m.hw.s->cpu[0].cr3 & 0xfff, 0);
    drive_machine(&m, "read 0x404000");
    assert_int_equal(m.s->tampered, 0);
    expect_true_tlb(&m);
    machine_close(&m);
}

/* The kernel's map of memory is the same for all: with CR4.PGE its entries survive a switch. */
static void
global_pages_survive_a_switch_only_with_pge(void **state)
{
    static const char kernel_byte[] = "read 0xffff888000001000 as=kernel";
    struct machine m;

    (void)state;
    open_two(&m, CR4_PGE_BIT);
    assert_int_equal(misses_of(&m, kernel_byte), 1);
    drive_machine(&m, "switch 1");
    assert_int_equal(misses_of(&m, kernel_byte), 0);
    drive_machine(&m, "invlpg 0xffff888000001000");
    assert_int_equal(misses_of(&m, kernel_byte), 1);
    drive_machine(&m, "set cr4.pge 0"); /* changing it drops everything */
    assert_int_equal(tlb_count(&m.hw, 0), 0);
    assert_int_equal(misses_of(&m, kernel_byte), 1);
    drive_machine(&m, "switch 2");
    assert_int_equal(misses_of(&m, kernel_byte), 1);
    machine_close(&m);
}

/* Types 0 to 3 (SDM vol. 2A): one page of a PCID, a PCID, everything, all but global entries. In the
 * TLB: a page each of processes 1 and 2, another of 2, a global page of the kernel. */
static void
each_type_of_invpcid_drops_its_own(void **state)
{
    static const struct {
        const char *line;
        unsigned left;
    } type[] = {
        {"invpcid 0 2 0x404abc", 3},
        {"invpcid 0 2 0x409000", 4},
        {"invpcid 0 2 0xffff888000001000", 4}, /* global: not this way */
        {"invpcid 1 2", 2},
        {"invpcid 1 7", 4},
        {"invpcid 3", 1},
        {"invpcid 2", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof type / sizeof *type; i++) {
        struct machine m;

        open_two(&m, CR4_PGE_BIT);
        drive_machine(&m, "set cr4.pcide 1");
        drive_machine(&m, "read 0x404000");
        drive_machine(&m, "read 0x405000");
        drive_machine(&m, "read 0xffff888000001000 as=kernel");
        drive_machine(&m, "switch 1");
        drive_machine(&m, "read 0x404000");
        assert_int_equal(tlb_count(&m.hw, 0), 4);
        drive_machine(&m, type[i].line);
        if (tlb_count(&m.hw, 0) != type[i].left)
            fail_msg("%s leaves %u entries, expected %u", type[i].line, tlb_count(&m.hw, 0),
                     type[i].left);
        machine_close(&m);
    }
}

static void
what_the_cpu_refuses_changes_nothing(void **state)
{
    struct preset p;
    struct machine m;
    struct error e = {0};

    (void)state;
    open_two(&m, 0);
    assert_true(refused(&m, "invpcid 4"));
    assert_true(refused(&m, "invpcid 1 2")); /* PCIDE is 0: only PCID 0 */
    assert_false(refused(&m, "invpcid 1 0"));
    drive_machine(&m, "set cr4.pcide 1");
    assert_true(refused(&m, "invpcid 1 4096"));
    assert_true(refused(&m, "invpcid 0 2 0x800000000000"));
    assert_true(refused(&m, "set cr0.pg 0"));
    machine_close(&m);
    drive_preset("i386", &p);
    assert_true(machine_open(&m, &p, 1, &e));
    assert_true(refused(&m, "set cr4.pcide 1")); /* not in long mode */
    machine_close(&m);
}

/* Whatever happens, a tagged TLB tells the truth about every address space it knows. */
static void
a_tagged_tlb_stays_true(void **state)
{
    struct machine m;
    struct rng r;
    unsigned others = 0;

    (void)state;
    open_two(&m, CR4_PGE_BIT);
    drive_machine(&m, "set cr4.pcide 1");
    rng_seed(&r, 20260401);
    for (unsigned i = 0; i < 6000; i++) {
        uint8_t blob[OPERATION_BLOB];
        struct operation op;
        struct outcome out;
        struct error e = {0};

        drive_random(&r, &m, &op, blob);
        machine_do(&m, &op, &out, &e);
        if (i % 16 == 0)
            expect_true_tlb(&m);
        for (unsigned at = 0; at < 16; at++)
            others += (m.hw.tlb[at].flags & TLB_VALID) && m.hw.tlb[at].asid != tlb_asid(&m.hw, 0);
    }
    assert_true(others > 1000); /* it did hold entries of processes that did not run */
    machine_close(&m);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_flush_a_homonym_is_believed),
        cmocka_unit_test(with_pcids_both_stay),
        cmocka_unit_test(without_bit_63_who_comes_back_finds_nothing),
        cmocka_unit_test(the_absent_are_told_too),
        cmocka_unit_test(changing_pcide_leaves_no_entry_with_a_wrong_tag),
        cmocka_unit_test(global_pages_survive_a_switch_only_with_pge),
        cmocka_unit_test(each_type_of_invpcid_drops_its_own),
        cmocka_unit_test(what_the_cpu_refuses_changes_nothing),
        cmocka_unit_test(a_tagged_tlb_stays_true),
    };

    return RUN_TESTS(tests);
}
