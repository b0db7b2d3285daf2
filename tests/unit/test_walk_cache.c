/* The paging-structure caches: what they save, what they may keep, what makes them forget (SDM vol.
 * 3A, 4.10.3 and 4.10.4). */
#include "test.h"

#include "hw/walk_cache.h"
#include "support/bare.h"
#include "support/drive.h"
#include "machine/invariant.h"

#define A 0x123456789000 /* the pair of the textbook: neighbours in one page table */
#define B 0x12345678a000
#define W 2u
#define U 4u
#define G 0x100u

static struct bare *
open_with(uint8_t entries)
{
    struct geometry geo = {.cpus = 1,
                           .maxpa = 46,
                           .tlb_sets = 16,
                           .tlb_ways = 4,
                           .frames = 4096,
                           .slot_max = 4096,
                           .far_max = 64,
                           .walk_cache = {entries, entries, entries}};
    struct bare *b;

    bare_format("x86-64", &geo.format);
    b = bare_open_geometry(&geo);
    b->hw.s->cpu[0].cr0 = CR0_PE | CR0_PG | CR0_WP;
    b->hw.s->cpu[0].cr4 = CR4_PAE | CR4_PGE;
    b->hw.s->cpu[0].efer = EFER_LME | EFER_LMA | EFER_NXE;
    return b;
}

static bool
access_at(struct bare *b, vaddr_t va, enum access_kind kind, bool user)
{
    struct access a = {.va = va, .kind = (uint8_t)kind, .size = 1, .user = user};
    struct access_result r;

    return cpu_access(&b->hw, 0, &a, false, &r);
}

/* Table reads of one load that the TLB does not know. */
static unsigned
reads_at(struct bare *b, vaddr_t va)
{
    unsigned reads;

    bare_record(b, true);
    assert_true(access_at(b, va, ACCESS_READ, true));
    assert_int_equal(bare_count(b, EV_TLB_MISS), 1);
    reads = bare_count(b, EV_WALK_READ);
    bare_record(b, false);
    return reads;
}

static void
map_both(struct bare *b)
{
    bare_map(b, A, 0x800000, 12, W | U);
    bare_map(b, B, 0x801000, 12, W | U);
}

/* 4 reads, then 1 next door; 2 MiB on shares three indices with it, 1 GiB on two, 512 GiB on one,
 * of four. */
static void
the_nearer_the_fewer_reads(void **state)
{
    static const struct {
        vaddr_t on;
        unsigned reads;
    } step[] = {{0, 4},
                {UINT64_C(1) << 12, 1},
                {UINT64_C(1) << 21, 2},
                {UINT64_C(1) << 30, 3},
                {UINT64_C(1) << 39, 4}};

    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        struct bare *b = open_with(4), *without = open_with(0);

        bare_map(b, A, 0x800000, 12, U);
        bare_map(b, A + step[i].on, 0x801000, 12, U);
        bare_map(without, A, 0x800000, 12, U);
        bare_map(without, A + step[i].on, 0x801000, 12, U);
        if (i) {
            assert_int_equal(reads_at(b, A), 4);
            reads_at(without, A);
        }
        assert_int_equal(reads_at(b, A + step[i].on), step[i].reads);
        assert_int_equal(reads_at(without, A + step[i].on), 4);
        bare_close(b);
        bare_close(without);
    }
}

/* The first byte, +2 MiB, +1 GiB, +512 GiB after one another: 4, 2, 3, 4 reads. */
static void
one_after_another(void **state)
{
    struct bare *b = open_with(4);

    (void)state;
    for (unsigned i = 0; i < 4; i++)
        bare_map(b, A + (i ? UINT64_C(1) << (12 + 9 * i) : 0), 0x800000 + i * 0x1000, 12, U);
    assert_int_equal(reads_at(b, A), 4);
    assert_int_equal(reads_at(b, A + (UINT64_C(1) << 21)), 2);
    assert_int_equal(reads_at(b, A + (UINT64_C(1) << 30)), 3);
    assert_int_equal(reads_at(b, A + (UINT64_C(1) << 39)), 4);
    bare_close(b);
}

/* A 2 MiB page is mapped by an entry of the PD: that one is the TLB's to keep, those above are not.
 */
static void
only_entries_that_lead_to_a_table(void **state)
{
    struct bare *b = open_with(4);

    (void)state;
    bare_map(b, 0x40000000, 0xc00000, 21, U);
    bare_map(b, 0x40200000, 0xe00000, 21, U);
    assert_int_equal(reads_at(b, 0x40000000), 3);
    assert_int_equal(walk_cache_find(&b->hw, 0, 0x40000000)->level, 1);
    assert_int_equal(reads_at(b, 0x40200000), 1);
    bare_close(b);
}

/* Rights are those of all levels together, also of the levels that are not read. */
static void
rights_of_skipped_levels_count(void **state)
{
    struct bare *b = open_with(4);
    paddr_t pml4e = 0x1000 + 8 * 0x24;

    (void)state;
    map_both(b);
    phys_write(&b->hw.phys, pml4e, 8, phys_read(&b->hw.phys, pml4e, 8) & ~(uint64_t)W);
    assert_true(access_at(b, A, ACCESS_READ, true));
    assert_false(access_at(b, B, ACCESS_WRITE, true)); /* the leaf alone would allow it */
    assert_int_equal(b->hw.s->cpu[0].cr2, B);
    bare_close(b);
}

/* Nothing tells them that a table in memory changed: the walk goes on in the old one. INVLPG of any
 * address makes all of them forget. */
static void
they_do_not_see_memory_change(void **state)
{
    struct bare *b = open_with(4);
    paddr_t pde, leaf;

    (void)state;
    map_both(b);
    leaf = bare_map(b, B, 0x801000, 12, W | U);
    assert_true(access_at(b, A, ACCESS_READ, true));
    pde = (walk_cache_find(&b->hw, 0, A)->table); /* the page table */
    assert_int_equal(leaf & ~UINT64_C(0xfff), pde);
    phys_write(&b->hw.phys, 0x1000 + 8 * 0x24, 8, 0); /* the PML4 entry goes */
    assert_int_equal(reads_at(b, B), 1);              /* and is not missed */
    cpu_invlpg(&b->hw, 0, 0x7000);                    /* another page altogether */
    assert_int_equal(tlb_count(&b->hw, 0), 2);
    assert_null(walk_cache_find(&b->hw, 0, A));
    cpu_invlpg(&b->hw, 0, B);
    assert_false(access_at(b, B, ACCESS_READ, true));
    bare_close(b);
}

/* A page fault forgets what was used for its address, so that it cannot come again without cause. */
static void
a_fault_forgets_its_own_way(void **state)
{
    struct bare *b = open_with(4);

    (void)state;
    bare_map(b, A, 0x800000, 12, U);
    bare_map(b, 0x40000000, 0x801000, 12, U);
    reads_at(b, A);
    reads_at(b, 0x40000000);
    bare_record(b, true);
    assert_false(access_at(b, B, ACCESS_READ, true)); /* absent in the same page table */
    assert_int_equal(bare_count(b, EV_WALK_READ), 1);
    assert_null(walk_cache_find(&b->hw, 0, A));
    assert_non_null(walk_cache_find(&b->hw, 0, 0x40000000));
    bare_map(b, B, 0x802000, 12, U);
    assert_int_equal(reads_at(b, B), 4);
    bare_close(b);
}

/* MOV CR3, INVPCID, CR4.PGE: with a tag what carries it, without all of PCID 0; global pages do not
 * matter here. */
static void
what_else_makes_them_forget(void **state)
{
    struct bare *b = open_with(4);
    struct cpu *c = &b->hw.s->cpu[0];

    (void)state;
    bare_map(b, A, 0x800000, 12, U | G);
    reads_at(b, A);
    assert_true(control_load_cr3(&b->hw, 0, 0x1000));
    assert_int_equal(tlb_count(&b->hw, 0), 1);
    assert_null(walk_cache_find(&b->hw, 0, A));
    assert_true(control_load_cr4(&b->hw, 0, c->cr4 | CR4_PCIDE));
    for (unsigned tag = 1; tag <= 2; tag++) {
        control_load_cr3(&b->hw, 0, 0x1000 | tag);
        cpu_invlpg(&b->hw, 0, A);
        reads_at(b, A);
    }
    control_load_cr3(&b->hw, 0, 0x1001 | CR3_KEEP);
    assert_non_null(walk_cache_find(&b->hw, 0, A));
    control_load_cr3(&b->hw, 0, 0x1001);
    assert_null(walk_cache_find(&b->hw, 0, A));
    control_load_cr3(&b->hw, 0, 0x1002 | CR3_KEEP);
    assert_non_null(walk_cache_find(&b->hw, 0, A));
    assert_true(control_invpcid(&b->hw, 0, INVPCID_ADDRESS, 2, A + (UINT64_C(1) << 39)));
    assert_non_null(walk_cache_find(&b->hw, 0, A)); /* not used for that address */
    assert_true(control_invpcid(&b->hw, 0, INVPCID_ADDRESS, 2, B));
    assert_null(walk_cache_find(&b->hw, 0, A));
    cpu_invlpg(&b->hw, 0, A);
    reads_at(b, A);
    assert_true(control_load_cr4(&b->hw, 0, c->cr4 & ~CR4_PGE));
    assert_null(walk_cache_find(&b->hw, 0, A));
    bare_close(b);
}

/* Two places for a level: of three regions in turn, the one unused for longest has gone. */
static void
a_full_cache_forgets_the_oldest(void **state)
{
    struct bare *b = open_with(2);

    (void)state;
    for (unsigned i = 0; i < 6; i++)
        bare_map(b, 0x40000000 + (i % 3) * 0x200000 + i / 3 * 0x1000, 0x800000 + i * 0x1000, 12, U);
    for (unsigned i = 0; i < 3; i++)
        reads_at(b, 0x40000000 + i * 0x200000);
    assert_int_equal(reads_at(b, 0x40201000), 1);
    assert_int_equal(reads_at(b, 0x40401000), 1);
    assert_int_equal(reads_at(b, 0x40001000), 2); /* from the PD on */
    bare_close(b);
}

static void
belief_that_walks_start_at_the_root(void **state)
{
    struct bare *b = open_with(4);

    (void)state;
    map_both(b);
    b->hw.s->quirks = UINT64_C(1) << QUIRK_WALK_FROM_ROOT;
    assert_int_equal(reads_at(b, A), 4);
    assert_int_equal(reads_at(b, B), 4);
    bare_close(b);
}

/* A kernel that gives tables back tells them, whatever happens; with PCIDs and without. */
static void
an_honest_kernel_keeps_them_true(void **state)
{
    unsigned held = 0;

    (void)state;
    for (unsigned tagged = 0; tagged < 2; tagged++) {
        struct preset p;
        struct machine m;
        struct error e = {0};
        struct rng r;

        drive_preset("walk-cache", &p);
        assert_true(machine_open(&m, &p, 3, &e));
        if (tagged)
            drive_machine(&m, "set cr4.pcide 1");
        rng_seed(&r, 88);
        for (unsigned i = 0; i < 4000; i++) {
            uint8_t blob[OPERATION_BLOB];
            struct operation op;
            struct outcome out;
            struct violation v;

            drive_random(&r, &m, &op, blob);
            machine_do(&m, &op, &out, &e);
            if (i % 8 == 0 && invariant_check(&m, &v, 1))
                fail_msg("%s: %s", invariant_row[v.invariant].id, v.where);
            for (unsigned k = 0; k < m.hw.walk_entries; k++)
                held += m.hw.walk[k].valid;
        }
        machine_close(&m);
    }
    assert_true(held > 4000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearer_the_fewer_reads),
        cmocka_unit_test(one_after_another),
        cmocka_unit_test(only_entries_that_lead_to_a_table),
        cmocka_unit_test(rights_of_skipped_levels_count),
        cmocka_unit_test(they_do_not_see_memory_change),
        cmocka_unit_test(a_fault_forgets_its_own_way),
        cmocka_unit_test(what_else_makes_them_forget),
        cmocka_unit_test(a_full_cache_forgets_the_oldest),
        cmocka_unit_test(belief_that_walks_start_at_the_root),
        cmocka_unit_test(an_honest_kernel_keeps_them_true),
    };

    return RUN_TESTS(tests);
}
