/* TLB and access path: what is remembered, what is forgotten, what it costs. */
#include "test.h"

#include <string.h>

#include "support/bare.h"

#define W 2u
#define U 4u
#define G 0x100u

static bool
access_at(struct bare *b, vaddr_t va, enum access_kind kind, unsigned size, uint64_t value,
          struct access_result *r)
{
    struct access a = {
        .va = va, .kind = (uint8_t)kind, .size = (uint8_t)size, .user = true, .value = value};

    return cpu_access(&b->hw, 0, &a, false, r);
}

static uint64_t
read1(struct bare *b, vaddr_t va)
{
    struct access_result r;

    assert_true(access_at(b, va, ACCESS_READ, 1, 0, &r));
    return r.value;
}

static unsigned
misses_of_a_loop(struct bare *b, unsigned pages, unsigned stride, unsigned rounds)
{
    uint64_t before;

    for (unsigned i = 0; i < pages; i++)
        bare_map(b, 0x400000 + (vaddr_t)i * stride * 0x1000, 0x800000 + (paddr_t)i * 0x1000, 12,
                 W | U);
    before = b->hw.s->cpu[0].misses;
    for (unsigned k = 0; k < rounds * pages; k++)
        read1(b, 0x400000 + (vaddr_t)(k % pages) * stride * 0x1000);
    return (unsigned)(b->hw.s->cpu[0].misses - before);
}

/* 4 sets x 4 ways: five pages whose numbers differ by 4 meet in one set, and LRU always throws
 * out the one needed next. */
static void
five_pages_of_one_set_always_miss(void **state)
{
    struct bare *b = bare_open("x86-64", 4, 4), *full = bare_open("x86-64", 1, 16);

    (void)state;
    assert_int_equal(misses_of_a_loop(b, 5, 4, 10), 50);
    assert_int_equal(misses_of_a_loop(full, 5, 4, 10), 5);
    bare_close(b);
    bare_close(full);
}

/* Reads of one, then the same page: 4 table reads, then none. The neighbours at +2 MiB, +1 GiB,
 * +512 GiB are walks of their own. */
static void
a_hit_reads_no_table(void **state)
{
    struct bare *b = bare_open("x86-64", 4, 4);

    (void)state;
    bare_map(b, 0x401000, 0x5000, 12, W | U);
    bare_record(b, true);
    read1(b, 0x401000);
    assert_int_equal(bare_count(b, EV_WALK_READ), 4);
    assert_string_equal(
        bare_names(b),
        "access tlb_miss walk_start walk_read walk_read walk_read walk_read entry_mark entry_mark "
        "entry_mark entry_mark tlb_fill translated data_read");
    bare_record(b, true);
    read1(b, 0x401fff);
    assert_string_equal(bare_names(b), "access tlb_hit translated data_read");
    assert_int_equal(bare_event(b, EV_TLB_HIT, 0)->set, 1); /* page number 0x401 */
    assert_int_equal(b->hw.s->cpu[0].hits, 1);
    assert_int_equal(b->hw.s->cpu[0].misses, 1);
    assert_int_equal(b->hw.s->cpu[0].walks, 1);
    bare_close(b);
}

/* tlb 1, memory 200 cycles: a miss is 1 + 4 x 200 + 200, a hit 1 + 200. The events add up to the
 * same. */
static void
cycles_add_up(void **state)
{
    struct bare *b = bare_open("x86-64", 4, 4);
    uint64_t sum = 0;

    (void)state;
    bare_map(b, 0x401000, 0x5000, 12, W | U);
    bare_record(b, true);
    read1(b, 0x401000);
    assert_int_equal(b->hw.s->cycles, 1 + 4 * 200 + 200);
    read1(b, 0x401000);
    assert_int_equal(b->hw.s->cycles, 1 + 4 * 200 + 200 + 1 + 200);
    for (unsigned i = 0; i < b->events; i++)
        sum += b->event[i].cycles;
    assert_int_equal(sum, b->hw.s->cycles);
    bare_close(b);
}

static void
a_write_through_a_clean_entry_walks_again(void **state)
{
    struct bare *b = bare_open("x86-64", 4, 4);
    struct access_result r;
    paddr_t leaf = bare_map(b, 0x401000, 0x5000, 12, W | U);

    (void)state;
    read1(b, 0x401000);
    assert_int_equal(phys_read(&b->hw.phys, leaf, 8) & 0x40, 0);
    bare_record(b, true);
    assert_true(access_at(b, 0x401008, ACCESS_WRITE, 4, 0x11223344, &r));
    assert_string_equal(
        bare_names(b),
        "access tlb_hit tlb_recheck walk_start walk_read walk_read walk_read walk_read entry_mark "
        "tlb_fill translated data_write");
    assert_int_equal(phys_read(&b->hw.phys, leaf, 8) & 0x40, 0x40);
    bare_record(b, true);
    assert_true(access_at(b, 0x40100a, ACCESS_WRITE, 1, 0xff, &r));
    assert_string_equal(bare_names(b), "access tlb_hit translated data_write");
    assert_int_equal(bare_event(b, EV_DATA_WRITE, 0)->old, 0x22);
    assert_int_equal(phys_read(&b->hw.phys, 0x5008, 4), 0x11ff3344);
    assert_int_equal(tlb_count(&b->hw, 0), 1);
    bare_close(b);
}

/* C10: taking a right away is not seen until INVLPG; then the write faults with 7. */
static void
the_tlb_does_not_see_memory_change(void **state)
{
    struct bare *b = bare_open("x86-64", 4, 4);
    struct access_result r;
    paddr_t leaf = bare_map(b, 0x401000, 0x5000, 12, W | U);

    (void)state;
    assert_true(access_at(b, 0x401000, ACCESS_WRITE, 1, 1, &r));
    phys_write(&b->hw.phys, leaf, 8, 0x5000 | 0x65); /* P, U, A, D: read-only now */
    assert_true(access_at(b, 0x401000, ACCESS_WRITE, 1, 2, &r));
    cpu_invlpg(&b->hw, 0, 0x401abc);
    assert_int_equal(tlb_count(&b->hw, 0), 0);
    assert_false(access_at(b, 0x401000, ACCESS_WRITE, 1, 3, &r));
    assert_int_equal(r.fault.error, 7);
    assert_int_equal(phys_read(&b->hw.phys, 0x5000, 1), 2);
    bare_close(b);
}

/* Absent to present needs no INVLPG: a translation that failed is never kept. */
static void
absence_is_not_cached(void **state)
{
    struct bare *b = bare_open("x86-64", 4, 4);
    struct access_result r;

    (void)state;
    assert_false(access_at(b, 0x401000, ACCESS_READ, 1, 0, &r));
    assert_int_equal(r.fault.error, 4);
    assert_int_equal(tlb_count(&b->hw, 0), 0);
    bare_map(b, 0x401000, 0x5000, 12, W | U);
    assert_true(access_at(b, 0x401000, ACCESS_READ, 1, 0, &r));
    bare_close(b);
}

static void
a_fault_drops_the_entry_it_found(void **state)
{
    struct bare *b = bare_open("x86-64", 4, 4);
    struct access_result r;
    paddr_t leaf = bare_map(b, 0x401000, 0x5000, 12, U);

    (void)state;
    read1(b, 0x401000);
    bare_record(b, true);
    assert_false(access_at(b, 0x401000, ACCESS_WRITE, 1, 1, &r));
    assert_int_equal(r.fault.error, 7);
    assert_string_equal(bare_names(b), "access tlb_hit tlb_drop page_fault");
    phys_write(&b->hw.phys, leaf, 8, 0x5000 | 7);
    assert_true(access_at(b, 0x401000, ACCESS_WRITE, 1, 1, &r)); /* no INVLPG was needed */
    bare_close(b);
}

/* A: page 2 -> frame 4, B: page 2 -> frame 5. */
static void
loading_cr3_forgets_unless_told_not_to(void **state)
{
    struct bare *b = bare_open("x86-64", 4, 4);
    uint64_t second = 0x100000;

    (void)state;
    bare_map(b, 0x2000, 0x804000, 12, W | U);
    b->hw.s->cpu[0].cr3 = second;
    bare_map(b, 0x2000, 0x805000, 12, W | U);
    phys_write(&b->hw.phys, 0x804000, 1, 'A');
    phys_write(&b->hw.phys, 0x805000, 1, 'B');
    cpu_load_cr3(&b->hw, 0, 0x1000);
    assert_int_equal(read1(b, 0x2000), 'A');
    cpu_load_cr3(&b->hw, 0, second);
    assert_int_equal(read1(b, 0x2000), 'B');
    b->hw.s->quirks = UINT64_C(1) << QUIRK_TLB_KEEPS_SWITCH;
    cpu_load_cr3(&b->hw, 0, 0x1000);
    assert_int_equal(read1(b, 0x2000), 'B'); /* the wrong byte: A's address, B's entry */
    bare_close(b);
}

/* With PCIDs and bit 63 both processes keep their entries: no miss on return. */
static void
pcids_keep_processes_apart(void **state)
{
    struct bare *b = bare_open("x86-64", 4, 4);
    uint64_t misses;

    (void)state;
    assert_true(control_load_cr4(&b->hw, 0, CR4_PAE | CR4_PCIDE));
    bare_map(b, 0x2000, 0x804000, 12, W | U);
    b->hw.s->cpu[0].cr3 = 0x100000;
    bare_map(b, 0x2000, 0x805000, 12, W | U);
    phys_write(&b->hw.phys, 0x804000, 1, 'A');
    phys_write(&b->hw.phys, 0x805000, 1, 'B');
    assert_true(control_load_cr3(&b->hw, 0, 0x1000 | 1 | CR3_KEEP));
    assert_int_equal(read1(b, 0x2000), 'A');
    assert_true(control_load_cr3(&b->hw, 0, 0x100000 | 2 | CR3_KEEP));
    assert_int_equal(read1(b, 0x2000), 'B');
    misses = b->hw.s->cpu[0].misses;
    assert_true(control_load_cr3(&b->hw, 0, 0x1000 | 1 | CR3_KEEP));
    assert_int_equal(read1(b, 0x2000), 'A');
    assert_int_equal(b->hw.s->cpu[0].misses, misses);
    assert_true(control_load_cr3(&b->hw, 0, 0x100000 | 2));
    assert_int_equal(tlb_count(&b->hw, 0), 1);
    bare_close(b);
}

/* C9: a global page survives MOV CR3 with CR4.PGE = 1, and not with 0. INVLPG takes it either way.
 */
static void
global_pages_survive_cr3_only_with_pge(void **state)
{
    for (unsigned pge = 0; pge < 2; pge++) {
        struct bare *b = bare_open("x86-64", 4, 4);

        (void)state;
        if (pge)
            b->hw.s->cpu[0].cr4 |= CR4_PGE;
        bare_map(b, 0x401000, 0x5000, 12, W | U | G);
        bare_map(b, 0x402000, 0x6000, 12, W | U);
        read1(b, 0x401000);
        read1(b, 0x402000);
        cpu_load_cr3(&b->hw, 0, 0x1000);
        assert_int_equal(tlb_count(&b->hw, 0), pge);
        read1(b, 0x401000);
        cpu_invlpg(&b->hw, 0, 0x401000);
        assert_int_equal(tlb_count(&b->hw, 0), 0);
        bare_close(b);
    }
}

/* One 2 MiB entry serves 512 pages; when small ones were there before, an address never matches
 * twice. */
static void
a_large_page_is_one_entry(void **state)
{
    struct bare *b = bare_open("x86-64", 4, 4);
    struct translation t;

    (void)state;
    bare_map(b, 0x400000, 0x800000, 21, W | U);
    for (unsigned i = 0; i < 512; i++)
        read1(b, 0x400000 + i * 0x1000);
    assert_int_equal(b->hw.s->cpu[0].misses, 1);
    cpu_invlpg(&b->hw, 0, 0x5fffff);
    assert_int_equal(tlb_count(&b->hw, 0), 0);

    bare_map(b, 0x600000, 0xa00000, 12, W | U);
    read1(b, 0x600000);
    bare_map(b, 0x600000, 0xc00000, 21, W | U); /* nobody says INVLPG */
    read1(b, 0x601000);
    assert_int_equal(tlb_count(&b->hw, 0), 1);
    assert_true(
        cpu_translate(&b->hw, 0, &(struct access){.va = 0x600000, .size = 1, .user = true}, &t));
    assert_int_equal(t.pa, 0xc00000);
    bare_close(b);
}

/* Bytes on both sides of a boundary come from two frames; if the second page is missing, nothing
 * has happened to the first. */
static void
an_access_across_pages_is_all_or_nothing(void **state)
{
    struct bare *b = bare_open("x86-64", 4, 4);
    struct access_result r;

    (void)state;
    bare_map(b, 0x401000, 0x5000, 12, W | U);
    phys_write(&b->hw.phys, 0x5ffd, 1, 0x77);
    assert_false(access_at(b, 0x401ffd, ACCESS_WRITE, 8, 0x8877665544332211, &r));
    assert_true(r.fault.va == 0x402000);
    assert_int_equal(r.fault.error, 6);
    assert_int_equal(phys_read(&b->hw.phys, 0x5ffd, 1), 0x77);
    bare_map(b, 0x402000, 0x9000, 12, W | U);
    assert_true(access_at(b, 0x401ffd, ACCESS_WRITE, 8, 0x8877665544332211, &r));
    assert_int_equal(r.pa, 0x5ffd);
    assert_int_equal(phys_read(&b->hw.phys, 0x5ffd, 1), 0x11);
    assert_int_equal(phys_read(&b->hw.phys, 0x9000, 4), 0x77665544);
    assert_true(access_at(b, 0x401ffd, ACCESS_READ, 8, 0, &r));
    assert_true(r.value == 0x8877665544332211);
    bare_close(b);
}

/* The last byte below the hole in the address space is followed by no address at all. */
static void
an_access_into_the_hole_is_a_general_fault(void **state)
{
    struct bare *b = bare_open("x86-64", 4, 4);
    struct access_result r;

    (void)state;
    bare_map(b, 0x7ffffffff000, 0x5000, 12, W | U);
    assert_false(access_at(b, 0x7ffffffffffc, ACCESS_READ, 8, 0, &r));
    assert_int_equal(r.fault.vector, FAULT_GP);
    bare_close(b);

    b = bare_open("i386", 4, 4); /* 32 bits simply start again at 0 */
    bare_map(b, 0xfffff000, 0x5000, 12, W | U);
    bare_map(b, 0, 0x6000, 12, W | U);
    phys_write(&b->hw.phys, 0x5ffe, 2, 0x2211);
    phys_write(&b->hw.phys, 0x6000, 2, 0x4433);
    assert_true(access_at(b, 0xfffffffe, ACCESS_READ, 4, 0, &r));
    assert_int_equal(r.value, 0x44332211);
    bare_close(b);
}

static void
without_paging_addresses_are_physical(void **state)
{
    struct bare *b = bare_open("i386", 4, 4);
    struct access_result r;

    (void)state;
    b->hw.s->cpu[0].cr0 = CR0_PE;
    bare_record(b, true);
    assert_true(access_at(b, 0x5004, ACCESS_WRITE, 4, 0xcafe, &r));
    assert_int_equal(phys_read(&b->hw.phys, 0x5004, 4), 0xcafe);
    assert_string_equal(bare_names(b), "access data_write");
    bare_close(b);
}

/* Fill one set A B C D, use A, then E: LRU throws out B, FIFO throws out A. */
static void
fifo_forgets_that_a_page_was_used(void **state)
{
    for (unsigned fifo = 0; fifo < 2; fifo++) {
        struct bare *b = bare_open("x86-64", 1, 4);

        (void)state;
        for (unsigned i = 0; i < 5; i++)
            bare_map(b, 0x400000 + i * 0x1000, 0x800000, 12, U);
        b->hw.s->quirks = (uint64_t)fifo << QUIRK_TLB_FIFO;
        for (unsigned i = 0; i < 4; i++)
            read1(b, 0x400000 + i * 0x1000);
        read1(b, 0x400000);
        bare_record(b, true);
        read1(b, 0x404000);
        assert_int_equal(bare_event(b, EV_TLB_EVICT, 0)->va, fifo ? 0x400000 : 0x401000);
        bare_close(b);
    }
}

static void
other_quirks_of_the_tlb(void **state)
{
    struct bare *b = bare_open("x86-64", 4, 4);
    struct access_result r;
    paddr_t leaf = bare_map(b, 0x401000, 0x5000, 12, W | U);

    (void)state;
    b->hw.s->quirks = UINT64_C(1) << QUIRK_TLB_OFF;
    read1(b, 0x401000);
    read1(b, 0x401000);
    assert_int_equal(b->hw.s->cpu[0].misses, 2);
    b->hw.s->quirks = UINT64_C(1) << QUIRK_TLB_ANY_SET;
    bare_record(b, true);
    read1(b, 0x401002);
    assert_int_equal(bare_event(b, EV_TLB_FILL, 0)->set, 2);
    bare_record(b, false);
    tlb_flush(&b->hw, 0, true);
    b->hw.s->quirks = UINT64_C(1) << QUIRK_TLB_AUTO;
    read1(b, 0x401000);
    phys_write(&b->hw.phys, 0x6000, 1, 0x66);
    phys_write(&b->hw.phys, leaf, 8, 0x6007);
    assert_int_equal(read1(b, 0x401000), 0x66);
    phys_write(&b->hw.phys, leaf, 8, 0);
    assert_false(access_at(b, 0x401000, ACCESS_READ, 1, 0, &r));
    bare_close(b);
}

static uint64_t
reach_after(struct bare *b, unsigned pages, unsigned shift)
{
    for (unsigned i = 0; i < pages; i++) {
        bare_map(b, UINT64_C(0x40000000) + ((vaddr_t)i << shift), (paddr_t)i << shift, shift,
                 W | U);
        read1(b, UINT64_C(0x40000000) + ((vaddr_t)i << shift));
    }
    return tlb_reach(&b->hw, 0);
}

/* Intel Skylake's second level has 1536 entries, 128 sets of 12 ways, for pages of 4 KiB and 2 MiB:
 * 6 MiB, or 3 GiB (Intel optimization manual, table of TLBs; arithmetic). */
static void
reach_is_the_sum_of_the_pages_held(void **state)
{
    struct bare *small = bare_open("x86-64", 128, 12), *large = bare_open("x86-64", 128, 12);

    (void)state;
    assert_int_equal(tlb_reach(&small->hw, 0), 0);
    assert_int_equal(reach_after(small, 3, 12), 3 * 4096);
    assert_int_equal(reach_after(small, 1536, 12), 6u << 20);
    assert_int_equal(tlb_reach_most(&small->hw, 12), 6u << 20);
    assert_int_equal(reach_after(large, 1536, 21), UINT64_C(3) << 30);
    assert_int_equal(tlb_reach_most(&large->hw, 21), UINT64_C(3) << 30);
    tlb_flush(&large->hw, 0, true);
    assert_int_equal(tlb_reach(&large->hw, 0), 0);
    bare_close(small);
    bare_close(large);
}

/* A lookup takes 1 cycle, memory 200 (tunables.def): a read that misses 1 + 4 x 200 + 200, one that
 * hits 201. Nine of ten hit: 281 on average. */
static void
effective_access_time_is_measured(void **state)
{
    struct bare *b = bare_open("x86-64", 4, 4);
    const struct cpu *c = &b->hw.s->cpu[0];

    (void)state;
    bare_map(b, 0x401000, 0x5000, 12, W | U);
    for (unsigned i = 0; i < 10; i++)
        read1(b, 0x401000 + i);
    assert_int_equal(c->accesses, 10);
    assert_int_equal(c->access_cycles / c->accesses, 281);
    bare_close(b);
}

/* Watching changes nothing: the same accesses give the same bytes. */
static void
watched_and_unwatched_are_equal(void **state)
{
    struct bare *b[2] = {bare_open("x86-64", 4, 4), bare_open("x86-64", 4, 4)};

    (void)state;
    for (unsigned k = 0; k < 2; k++) {
        struct access_result r;

        bare_record(b[k], k == 0);
        for (unsigned i = 0; i < 8; i++)
            bare_map(b[k], 0x400000 + i * 0x3000, 0x800000 + i * 0x1000, 12, i % 3 ? W | U : U);
        for (unsigned i = 0; i < 200; i++)
            access_at(b[k], 0x400000 + i * 0x17b3 % 0x18000, i % 2 ? ACCESS_WRITE : ACCESS_READ,
                      1 << i % 4, i, &r);
    }
    assert_memory_equal(b[0]->arena.base, b[1]->arena.base, b[0]->arena.size);
    assert_true(b[0]->hw.s->cycles > 0);
    bare_close(b[0]);
    bare_close(b[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_pages_of_one_set_always_miss),
        cmocka_unit_test(a_hit_reads_no_table),
        cmocka_unit_test(cycles_add_up),
        cmocka_unit_test(a_write_through_a_clean_entry_walks_again),
        cmocka_unit_test(the_tlb_does_not_see_memory_change),
        cmocka_unit_test(absence_is_not_cached),
        cmocka_unit_test(a_fault_drops_the_entry_it_found),
        cmocka_unit_test(loading_cr3_forgets_unless_told_not_to),
        cmocka_unit_test(pcids_keep_processes_apart),
        cmocka_unit_test(reach_is_the_sum_of_the_pages_held),
        cmocka_unit_test(effective_access_time_is_measured),
        cmocka_unit_test(global_pages_survive_cr3_only_with_pge),
        cmocka_unit_test(a_large_page_is_one_entry),
        cmocka_unit_test(an_access_across_pages_is_all_or_nothing),
        cmocka_unit_test(an_access_into_the_hole_is_a_general_fault),
        cmocka_unit_test(without_paging_addresses_are_physical),
        cmocka_unit_test(fifo_forgets_that_a_page_was_used),
        cmocka_unit_test(other_quirks_of_the_tlb),
        cmocka_unit_test(watched_and_unwatched_are_equal),
    };

    return RUN_TESTS(tests);
}
