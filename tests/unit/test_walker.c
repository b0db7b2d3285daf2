/* The page-table walk. Expected values are from the Intel SDM vol. 3A chapter 4 or worked out by
 * hand. */
#include "test.h"

#include <string.h>

#include "support/bare.h"

#define P 1u
#define W 2u
#define U 4u
#define A 0x20u
#define D 0x40u
#define NX (UINT64_C(1) << 63)

static bool
walk(struct bare *b, vaddr_t va, enum access_kind kind, bool user, struct translation *t)
{
    struct access a = {.va = va, .kind = (uint8_t)kind, .size = 1, .user = user};

    return walker_walk(&b->hw, 0, &a, t);
}

/* Expect #PF with this error code, and CR2 = va. */
static void
expect_fault(struct bare *b, vaddr_t va, enum access_kind kind, bool user, unsigned error)
{
    struct translation t;

    assert_false(walk(b, va, kind, user, &t));
    assert_int_equal(t.fault.vector, FAULT_PF);
    assert_int_equal(t.fault.error, error);
    assert_true(b->hw.s->cpu[0].cr2 == va);
}

static void
expect_pa(struct bare *b, vaddr_t va, enum access_kind kind, bool user, paddr_t pa)
{
    struct translation t;

    assert_true(walk(b, va, kind, user, &t));
    assert_int_equal(t.pa, pa);
}

/* 0x123456789000 = 9 + 9 + 9 + 9 + 12 bits: 0x24, 0xd1, 0xb3, 0x189. */
static void
an_address_is_four_indices_and_an_offset(void **state)
{
    static const unsigned index[] = {0x24, 0xd1, 0xb3, 0x189};
    struct bare *b = bare_open("x86-64", 4, 4);
    struct translation t;

    (void)state;
    bare_map(b, 0x123456789000, 0x800000, 12, W | U);
    bare_record(b, true);
    assert_true(walk(b, 0x123456789abc, ACCESS_READ, true, &t));
    assert_int_equal(t.pa, 0x800abc);
    assert_string_equal(bare_names(b), "walk_start walk_read walk_read walk_read walk_read "
                                       "entry_mark entry_mark entry_mark entry_mark");
    for (unsigned i = 0; i < 4; i++) {
        const struct event *ev = bare_event(b, EV_WALK_READ, i);

        assert_int_equal(ev->level, i);
        assert_int_equal(ev->index, index[i]);
        assert_int_equal(ev->pa & 0xfff, index[i] * 8);
        assert_int_equal(ev->frame, i < 3 ? i + 2 : 0x800);
    }
    bare_close(b);
}

static void
non_canonical_addresses_are_general_faults_and_read_nothing(void **state)
{
    static const vaddr_t bad[] = {0x0000800000000000, 0xffff7fffffffffff, 0x0001000000000000};
    struct bare *b = bare_open("x86-64", 4, 4);
    struct translation t;

    (void)state;
    bare_map(b, 0x00007ffffffff000, 0x5000, 12, W | U);
    bare_map(b, 0xffff800000000000, 0x6000, 12, W | U);
    b->hw.s->cpu[0].cr2 = 0x1234;
    for (unsigned i = 0; i < 3; i++) {
        bare_record(b, true);
        assert_false(walk(b, bad[i], ACCESS_READ, true, &t));
        assert_int_equal(t.fault.vector, FAULT_GP);
        assert_string_equal(bare_names(b), "general_fault");
    }
    assert_int_equal(b->hw.s->cpu[0].cr2, 0x1234);
    assert_int_equal(b->hw.s->cpu[0].walks, 0);
    expect_pa(b, 0x00007fffffffffff, ACCESS_READ, true, 0x5fff);
    expect_pa(b, 0xffff800000000000, ACCESS_READ, true, 0x6000);
    bare_close(b);
}

/* LA57: the user half ends at 0x00ffffffffffffff. */
static void
five_levels_are_one_more_index(void **state)
{
    struct bare *b = bare_open("la57", 4, 4);
    struct translation t;

    (void)state;
    bare_map(b, 0x00fffffffffff000, 0x5000, 12, W | U);
    assert_true(walk(b, 0x00ffffffffffffff, ACCESS_READ, true, &t));
    assert_int_equal(t.reads, 5);
    assert_false(walk(b, 0x0100000000000000, ACCESS_READ, true, &t));
    assert_int_equal(t.fault.vector, FAULT_GP);
    bare_close(b);
}

/* Error codes: P=1 W=2 U=4 RSVD=8 I=16 (SDM 4.7). */
static void
the_error_code_tells_what_was_wrong(void **state)
{
    struct bare *b = bare_open("x86-64", 4, 4);

    (void)state;
    bare_map(b, 0x401000, 0x5000, 12, U | NX);
    expect_fault(b, 0x401000, ACCESS_WRITE, true, 7);    /* read-only */
    expect_fault(b, 0x401000, ACCESS_FETCH, true, 0x15); /* no execution */
    expect_fault(b, 0x402000, ACCESS_READ, true, 4);     /* absent */
    expect_fault(b, 0x402000, ACCESS_WRITE, true, 6);
    expect_fault(b, 0x402000, ACCESS_READ, false, 0);
    bare_map(b, 0x403000, UINT64_C(1) << 46, 12, U); /* bit 46 is not an address bit of this CPU */
    expect_fault(b, 0x403000, ACCESS_READ, true, 0xd);
    bare_map(b, 0x404000, 0x5000, 12, W);
    expect_fault(b, 0x404000, ACCESS_READ, true, 5); /* the kernel's */
    expect_pa(b, 0x404000, ACCESS_READ, false, 0x5000);
    bare_close(b);
}

static void
a_fetch_is_reported_only_where_it_could_be_forbidden(void **state)
{
    struct bare *b = bare_open("x86-64", 4, 4);

    (void)state;
    b->hw.s->cpu[0].efer &= ~EFER_NXE;
    expect_fault(b, 0x402000, ACCESS_FETCH, true, 4);
    b->hw.s->cpu[0].cr4 |= CR4_SMEP;
    expect_fault(b, 0x402000, ACCESS_FETCH, true, 0x14);
    b->hw.s->cpu[0].cr4 &= ~CR4_SMEP;
    bare_map(b, 0x403000, 0x5000, 12, U | NX); /* NX is a reserved bit while NXE is off */
    expect_fault(b, 0x403000, ACCESS_READ, true, 0xd);
    bare_close(b);
}

static void
rights_are_combined_over_all_levels(void **state)
{
    struct bare *b = bare_open("x86-64", 4, 4);
    struct translation t;

    (void)state;
    bare_map(b, 0x401000, 0x5000, 12, W | U);
    for (unsigned level = 0; level < 4; level++) {
        paddr_t slot;
        pte_t old;

        assert_true(walker_peek(&b->hw, 0x1000, 0x401000, &t));
        slot = t.slot[level];
        old = phys_read(&b->hw.phys, slot, 8);
        phys_write(&b->hw.phys, slot, 8, old & ~(pte_t)W);
        expect_fault(b, 0x401000, ACCESS_WRITE, true, 7);
        expect_pa(b, 0x401000, ACCESS_READ, true, 0x5000);
        phys_write(&b->hw.phys, slot, 8, old & ~(pte_t)U);
        expect_fault(b, 0x401000, ACCESS_READ, true, 5);
        phys_write(&b->hw.phys, slot, 8, old | NX);
        expect_fault(b, 0x401000, ACCESS_FETCH, true, 0x15);
        phys_write(&b->hw.phys, slot, 8, old);
    }
    bare_close(b);
}

static void
the_kernel_obeys_wp_smep_and_smap(void **state)
{
    struct bare *b = bare_open("x86-64", 4, 4);
    struct access ac = {.va = 0x402000, .size = 1, .ac = true};
    struct cpu *c = &b->hw.s->cpu[0];
    struct translation t;

    (void)state;
    bare_map(b, 0x401000, 0x5000, 12, 0);
    bare_map(b, 0x402000, 0x6000, 12, W | U);
    expect_fault(b, 0x401000, ACCESS_WRITE, false, 3);
    c->cr0 &= ~CR0_WP;
    expect_pa(b, 0x401000, ACCESS_WRITE, false, 0x5000);
    expect_pa(b, 0x402000, ACCESS_FETCH, false, 0x6000);
    c->cr4 |= CR4_SMEP | CR4_SMAP;
    expect_fault(b, 0x402000, ACCESS_FETCH, false, 0x11);
    expect_fault(b, 0x402000, ACCESS_READ, false, 1);
    assert_true(walker_walk(&b->hw, 0, &ac, &t));
    expect_pa(b, 0x402000, ACCESS_READ, true, 0x6000);
    bare_close(b);
}

static void
a_and_d_are_set_on_success_only(void **state)
{
    struct bare *b = bare_open("x86-64", 4, 4);
    paddr_t leaf = bare_map(b, 0x401000, 0x5000, 12, U);
    struct translation t;

    (void)state;
    expect_fault(b, 0x401000, ACCESS_WRITE, true, 7);
    walker_peek(&b->hw, 0x1000, 0x401000, &t);
    for (unsigned i = 0; i < 4; i++)
        assert_false(t.entry[i] & (A | D));
    expect_pa(b, 0x401000, ACCESS_READ, true, 0x5000);
    walker_peek(&b->hw, 0x1000, 0x401000, &t);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(t.entry[i] & (A | D), A);
    phys_write(&b->hw.phys, leaf, 8, 0x5000 | P | W | U);
    expect_pa(b, 0x401000, ACCESS_WRITE, true, 0x5000);
    walker_peek(&b->hw, 0x1000, 0x401000, &t);
    assert_int_equal(t.entry[2] & (A | D), A);
    assert_int_equal(t.entry[3], 0x5000 | P | W | U | A | D);
    bare_close(b);
}

static void
large_pages_end_the_walk_early(void **state)
{
    struct bare *b = bare_open("x86-64", 4, 4);
    struct translation t;

    (void)state;
    bare_map(b, 0x40000000, 0xc0000000, 30, W | U);
    bare_map(b, 0x200000, 0xa00000, 21, W | U);
    assert_true(walk(b, 0x7654321f, ACCESS_READ, true, &t));
    assert_int_equal(t.pa, 0xf654321f);
    assert_int_equal(t.reads, 2);
    assert_true(walk(b, 0x3fffff, ACCESS_READ, true, &t));
    assert_int_equal(t.pa, 0xbfffff);
    assert_int_equal(t.reads, 3);
    bare_map(b, 0x400000, 0x602000, 21, W | U); /* bit 13 of a 2 MiB entry is reserved */
    expect_fault(b, 0x400000, ACCESS_READ, true, 0xd);
    phys_write(&b->hw.phys, 0x1000, 8,
               phys_read(&b->hw.phys, 0x1000, 8) | 0x80); /* PS in a PML4 entry, too */
    expect_fault(b, 0x200000, ACCESS_READ, true, 0xd);
    bare_close(b);
}

/* 32-bit paging: 4 MiB pages need CR4.PSE; bits 20:13 are physical bits 39:32 as far as
 * MAXPHYADDR (36) goes. */
static void
i386_has_4_mib_pages_with_pse_36(void **state)
{
    struct bare *b = bare_open("i386", 4, 4);
    struct translation t;

    (void)state;
    bare_map(b, 0x00400000, 0x00800000 | 0xfu << 13, 22, W | U);
    assert_true(walk(b, 0x00412345, ACCESS_READ, true, &t));
    assert_true(t.pa == UINT64_C(0xf00812345));
    assert_int_equal(t.reads, 1);
    bare_map(b, 0x00800000, 0x00800000 | 0x10u << 13, 22, W | U); /* physical bit 36 */
    expect_fault(b, 0x00800000, ACCESS_READ, true, 0xd);
    bare_map(b, 0x00c00000, 0x00800000 | 1u << 21, 22, W | U);
    expect_fault(b, 0x00c00000, ACCESS_READ, true, 0xd);
    b->hw.s->cpu[0].cr4 &=
        ~CR4_PSE; /* now PS is ignored and the entry names a table in frame 0x81e */
    expect_fault(b, 0x00412345, ACCESS_READ, true, 4);
    bare_map(b, 0xfffff000, 0x7000, 12, W | U);
    expect_pa(b, 0xffffffff, ACCESS_READ, true, 0x7fff);
    bare_close(b);
}

static void
toy16_is_one_table_of_sixteen(void **state)
{
    struct bare *b = bare_open("toy16", 1, 4);
    struct translation t;

    (void)state;
    assert_int_equal(bare_map(b, 0x2000, 0x6000, 12, W | U), 0x1004);
    assert_true(walk(b, 0x2004, ACCESS_READ, true, &t)); /* Tanenbaum: 8196 -> 24580 */
    assert_int_equal(t.pa, 24580);
    assert_int_equal(t.reads, 1);
    assert_int_equal(phys_read(&b->hw.phys, 0x1004, 2), 0x6000 | P | W | U | A);
    expect_fault(b, 0x3000, ACCESS_WRITE, true, 6);
    bare_close(b);
}

/* One table as PML4 and PT at once: the mark made for one level is not lost when the other is
 * marked. */
static void
a_table_may_serve_two_levels(void **state)
{
    struct bare *b = bare_open("x86-64", 4, 4);
    struct translation t;

    (void)state;
    phys_write(&b->hw.phys, 0x1000 + 511 * 8, 8, 0x1000 | P | W | U);
    bare_record(b, true);
    assert_true(walk(b, 0xfffffffffffff123, ACCESS_WRITE, true, &t));
    assert_int_equal(t.pa, 0x1123);
    assert_int_equal(phys_read(&b->hw.phys, 0x1ff8, 8), 0x1000 | P | W | U | A | D);
    assert_int_equal(bare_count(b, EV_ENTRY_MARK), 2); /* A, then D */
    bare_close(b);
}

static void
a_peek_changes_nothing_and_says_where_it_stopped(void **state)
{
    struct bare *b = bare_open("x86-64", 4, 4);
    struct translation t;

    (void)state;
    bare_map(b, 0x401000, 0x5000, 12, W);
    bare_record(b, true);
    assert_true(walker_peek(&b->hw, 0x1000, 0x401777, &t));
    assert_int_equal(t.pa, 0x5777);
    assert_int_equal(t.flags & (TLB_W | TLB_U | TLB_NX | TLB_D), TLB_W);
    assert_false(walker_peek(&b->hw, 0x1000, 0x800000, &t)); /* its PD entry is empty */
    assert_int_equal(t.level, 2);
    assert_int_equal(t.slot[2], t.entry[1] >> 12 << 12 | 4 * 8);
    assert_false(walker_peek(&b->hw, 0x1000, 0x800000000000, &t));
    assert_int_equal(b->events, 0);
    assert_int_equal(b->hw.s->cycles, 0);
    assert_int_equal(b->hw.s->cpu[0].walks, 0);
    bare_close(b);
}

/* Beliefs: what would the address be if ... (page 0x401 -> frame 5, offset 0x234). */
static void
quirks_are_wrong_in_one_named_way(void **state)
{
    struct bare *b = bare_open("x86-64", 4, 4);
    struct translation t;

    (void)state;
    bare_map(b, 0x401000, 0x5000, 12, W | U);
    b->hw.s->quirks = UINT64_C(1) << QUIRK_NO_OFFSET;
    expect_pa(b, 0x401234, ACCESS_READ, true, 0x5000);
    b->hw.s->quirks = UINT64_C(1) << QUIRK_FRAME_PLUS;
    expect_pa(b, 0x401234, ACCESS_READ, true, 5 + 0x234);
    b->hw.s->quirks = UINT64_C(1) << QUIRK_INDEX_LEFT; /* 0x401234 >> 40 >> 31 >> 22 are 0 */
    bare_record(b, true);
    assert_false(walk(b, 0x401234, ACCESS_READ, true, &t));
    assert_int_equal(bare_event(b, EV_WALK_READ, 2)->index, 1);
    b->hw.s->quirks = UINT64_C(1) << QUIRK_INDEX_TEN_BITS;
    bare_record(b, true);
    walk(b, 0xfffffc0000000000, ACCESS_READ, true,
         &t); /* bits 51..42 are ones: the last of 1024, outside the table */
    assert_int_equal(bare_event(b, EV_WALK_READ, 0)->index, 0x3ff);
    assert_int_equal(bare_event(b, EV_WALK_READ, 0)->pa, 0x1000 + 0x3ff * 8);
    b->hw.s->quirks = UINT64_C(1) << QUIRK_ENTRY_BYTES;
    bare_record(b, true);
    walk(b, 0x7fffffffffff, ACCESS_READ, true, &t);
    assert_int_equal(bare_event(b, EV_WALK_READ, 0)->pa, 0x1000 + 0xff);
    b->hw.s->quirks = UINT64_C(1) << QUIRK_ENTRY_HALF;
    bare_record(b, true);
    walk(b, 0x7fffffffffff, ACCESS_READ, true, &t);
    assert_int_equal(bare_event(b, EV_WALK_READ, 0)->pa, 0x1000 + 0xff * 4);
    bare_close(b);
}

/* All quirks at once on random tables: whatever comes out, no read leaves a frame (phys_read
 * asserts it). */
static void
quirky_walks_stay_in_memory(void **state)
{
    static const char *const presets[] = {"toy16", "i386", "x86-64", "la57"};
    uint64_t x = 1;

    (void)state;
    for (unsigned p = 0; p < 4; p++) {
        struct bare *b = bare_open(presets[p], 4, 4);

        for (unsigned i = 0; i < 4096; i += 8)
            phys_write(&b->hw.phys, 0x1000 + i, 8, UINT64_C(0x1007100710071007));
        for (unsigned i = 0; i < 20000; i++) {
            struct translation t;
            uint64_t mix;

            x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
            mix = x >> 20;
            b->hw.s->quirks = x >> 57;
            walk(b, format_extend(&b->geo.format, mix << 13 ^ mix), i % 3, i & 1, &t);
            assert_true(t.fault.vector || t.pa < UINT64_C(1) << 52);
        }
        bare_close(b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_four_indices_and_an_offset),
        cmocka_unit_test(non_canonical_addresses_are_general_faults_and_read_nothing),
        cmocka_unit_test(five_levels_are_one_more_index),
        cmocka_unit_test(the_error_code_tells_what_was_wrong),
        cmocka_unit_test(a_fetch_is_reported_only_where_it_could_be_forbidden),
        cmocka_unit_test(rights_are_combined_over_all_levels),
        cmocka_unit_test(the_kernel_obeys_wp_smep_and_smap),
        cmocka_unit_test(a_and_d_are_set_on_success_only),
        cmocka_unit_test(large_pages_end_the_walk_early),
        cmocka_unit_test(i386_has_4_mib_pages_with_pse_36),
        cmocka_unit_test(toy16_is_one_table_of_sixteen),
        cmocka_unit_test(a_table_may_serve_two_levels),
        cmocka_unit_test(a_peek_changes_nothing_and_says_where_it_stopped),
        cmocka_unit_test(quirks_are_wrong_in_one_named_way),
        cmocka_unit_test(quirky_walks_stay_in_memory),
    };

    return RUN_TESTS(tests);
}
