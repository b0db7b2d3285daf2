/* Caches behind caches: what an access costs, where the only new copy of a byte is, and who gets it.
 * Expected cycles are sums by hand of the costs set below: TLB 1, L1 4, L2 10, L3 30, memory 200. */
#include "test.h"

#include <string.h>

#include "hw/hierarchy.h"
#include "machine/burst.h"
#include "support/bare.h"
#include "support/drive.h"

#define W 2u
#define U 4u

/* L1 4 sets x 2 ways, L2 8 x 2, L3 16 x 2, lines of 64 bytes; pages 0x400000 and 0x401000 lie at
 * 0x800000 and 0x801000. */
static struct bare *
open_levels(unsigned cpus, bool code)
{
    const struct cache_geometry l1 = {4, 2, 6, CACHE_BACK | CACHE_FIRST, {0}};
    const struct cache_geometry l2 = {8, 2, 6, CACHE_BACK | CACHE_FIRST, {0}};
    const struct cache_geometry l3 = {16, 2, 6, CACHE_BACK | CACHE_FIRST | CACHE_SHARED, {0}};
    struct geometry geo = {.cpus = (uint8_t)cpus,
                           .maxpa = 46,
                           .tlb_sets = 4,
                           .tlb_ways = 4,
                           .frames = 4096,
                           .slot_max = 4096,
                           .far_max = 64};
    struct bare *b;

    bare_format("x86-64", &geo.format);
    geo.cache[CACHE_L1] = l1;
    geo.cache[CACHE_L2] = l2;
    geo.cache[CACHE_L3] = l3;
    if (code)
        geo.cache[CACHE_L1I] = l1;
    b = bare_open_geometry(&geo);
    for (unsigned cpu = 0; cpu < cpus; cpu++) {
        b->hw.s->cpu[cpu].cr0 = CR0_PE | CR0_PG | CR0_WP;
        b->hw.s->cpu[cpu].cr4 = CR4_PAE;
        b->hw.s->cpu[cpu].efer = EFER_LME | EFER_LMA | EFER_NXE;
    }
    bare_map(b, 0x400000, 0x800000, 12, W | U | 0x60); /* A and D set already */
    bare_map(b, 0x401000, 0x801000, 12, W | U | 0x60);
    b->hw.s->tunable[TUNE_WALKS_CACHED] = 0;
    return b;
}

static uint64_t
act(struct bare *b, unsigned cpu, enum access_kind kind, vaddr_t va, unsigned size, uint64_t value)
{
    struct access a = {
        .va = va, .kind = (uint8_t)kind, .size = (uint8_t)size, .user = true, .value = value};
    struct access_result r;

    assert_true(cpu_access(&b->hw, cpu, &a, false, &r));
    return r.value;
}

static uint64_t
cycles_of(struct bare *b, enum access_kind kind, vaddr_t va)
{
    uint64_t before = b->hw.s->cycles;

    act(b, 0, kind, va, 1, 0x5a);
    return b->hw.s->cycles - before;
}

static uint64_t
told(const struct bare *b)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < b->events; i++)
        sum += b->event[i].cycles;
    return sum;
}

/* A line in each level: the first access pays for all, and the next ones find it nearer. */
static void
each_level_adds_its_time(void **state)
{
    struct bare *b = open_levels(1, false);

    (void)state;
    act(b, 0, ACCESS_READ, 0x400fc0, 1, 0); /* the translation; set 3 of L1 */
    bare_record(b, true);
    assert_int_equal(cycles_of(b, ACCESS_READ, 0x400000), 1 + 4 + 10 + 30 + 200);
    assert_string_equal(bare_names(b), "access tlb_hit translated line_miss line_miss line_miss "
                                       "line_fill line_fill line_fill data_read");
    assert_int_equal(told(b), 245);
    assert_int_equal(cycles_of(b, ACCESS_READ, 0x40003f), 1 + 4);
    act(b, 0, ACCESS_READ, 0x400100, 1, 0); /* the same set of L1, not of L2: 0x100 = 4 lines */
    act(b, 0, ACCESS_READ, 0x400300, 1, 0);
    assert_null(cache_lookup(&b->hw.cache[CACHE_L1], 0, 0x800000));
    assert_int_equal(cycles_of(b, ACCESS_READ, 0x400000), 1 + 4 + 10);
    act(b, 0, ACCESS_READ, 0x400200, 1, 0); /* 8 lines: the same set of L2 as 0, not of L3 */
    act(b, 0, ACCESS_READ, 0x400600, 1, 0);
    act(b, 0, ACCESS_READ, 0x400a00, 1, 0);
    assert_null(cache_lookup(&b->hw.cache[CACHE_L2], 0, 0x800000));
    assert_non_null(cache_lookup(&b->hw.cache[CACHE_L3], 0, 0x800000));
    assert_int_equal(cycles_of(b, ACCESS_READ, 0x400000), 1 + 4 + 10 + 30);
    bare_close(b);
}

/* 0x1f0 = 245 + 5 + 5 ... : the mean over what was done, as a sum and a count. */
static void
the_average_is_time_over_accesses(void **state)
{
    struct bare *b = open_levels(1, false);
    struct cpu *c = &b->hw.s->cpu[0];

    (void)state;
    act(b, 0, ACCESS_READ, 0x400fc0, 1, 0);
    c->accesses = c->access_cycles = 0;
    for (int i = 0; i < 10; i++)
        act(b, 0, ACCESS_READ, 0x400000, 1, 0); /* one of 245, nine of 5 */
    assert_int_equal(c->accesses, 10);
    assert_int_equal(c->access_cycles, 245 + 9 * 5);
    bare_close(b);
}

/* The store ends in L1; memory is old until the line has to go, level by level. */
static void
a_dirty_line_is_newer_than_memory_until_it_is_written_back(void **state)
{
    struct bare *b = open_levels(1, false);

    (void)state;
    phys_write(&b->hw.phys, 0x800000, 1, 0x11);
    bare_record(b, true);
    act(b, 0, ACCESS_WRITE, 0x400000, 1, 0x22);
    assert_int_equal(bare_event(b, EV_DATA_WRITE, 0)->old, 0x11);
    assert_int_equal(bare_event(b, EV_DATA_WRITE, 0)->peer, CACHE_L1);
    assert_int_equal(phys_read(&b->hw.phys, 0x800000, 1), 0x11);
    assert_int_equal(act(b, 0, ACCESS_READ, 0x400000, 1, 0), 0x22);
    assert_int_equal(hierarchy_newest(&b->hw, 0x800000, 1), 0x22);
    bare_record(b, true);
    act(b, 0, ACCESS_READ, 0x400100, 1, 0);
    act(b, 0, ACCESS_READ, 0x400200, 1, 0); /* the third of L1's set 0 */
    assert_int_equal(bare_count(b, EV_LINE_BACK), 1);
    assert_int_equal(bare_event(b, EV_LINE_BACK, 0)->peer, CACHE_L2);
    assert_int_equal(bare_event(b, EV_LINE_BACK, 0)->cycles, 10);
    assert_int_equal(phys_read(&b->hw.phys, 0x800000, 1), 0x11);
    act(b, 0, ACCESS_READ, 0x400400, 1, 0); /* L2's set 0: 0x000, 0x200, 0x400 */
    assert_int_equal(bare_event(b, EV_LINE_BACK, 1)->peer, CACHE_L3);
    act(b, 0, ACCESS_READ, 0x400800, 1, 0);
    act(b, 0, ACCESS_READ, 0x400c00, 1, 0); /* L3's set 0: 0x000, 0x400, 0x800, 0xc00 */
    assert_int_equal(bare_event(b, EV_LINE_BACK, 2)->peer, CACHES);
    assert_int_equal(bare_event(b, EV_LINE_BACK, 2)->cycles, 200);
    assert_int_equal(phys_read(&b->hw.phys, 0x800000, 1), 0x22);
    assert_int_equal(act(b, 0, ACCESS_READ, 0x400000, 1, 0), 0x22);
    bare_close(b);
}

/* What the kernel does to memory, and takes from it. */
static void
the_kernel_sees_what_is_new(void **state)
{
    struct bare *b = open_levels(1, false);

    (void)state;
    act(b, 0, ACCESS_WRITE, 0x400008, 1, 0x22);
    phys_write(&b->hw.phys, 0x800010, 1, 0x33); /* beside it, in the dirty line */
    assert_int_equal(act(b, 0, ACCESS_READ, 0x400010, 1, 0), 0x33);
    assert_int_equal(act(b, 0, ACCESS_READ, 0x400008, 1, 0), 0x22);
    phys_copy_frame(&b->hw.phys, 0x900, 0x800);
    assert_int_equal(phys_read(&b->hw.phys, 0x900008, 1), 0x22);
    act(b, 0, ACCESS_WRITE, 0x400008, 1, 0x44);
    phys_zero_frame(&b->hw.phys, 0x800);
    assert_int_equal(act(b, 0, ACCESS_READ, 0x400008, 1, 0), 0);
    bare_close(b);
}

/* Never stored, only promised: zeros in memory, and yet a dirty line to forget. */
static void
a_frame_of_zeros_drops_what_a_line_added(void **state)
{
    struct bare *b = open_levels(1, false);

    (void)state;
    act(b, 0, ACCESS_WRITE, 0x401000, 1, 0x66);
    assert_int_equal(phys_content(&b->hw.phys, 0x801)->slot, 0);
    phys_zero_frame(&b->hw.phys, 0x801);
    assert_int_equal(act(b, 0, ACCESS_READ, 0x401000, 1, 0), 0);
    bare_close(b);
}

/* One CPU writes; what the other one has is dropped, and it reads the new byte. */
static void
only_one_cpu_has_a_line_that_is_written(void **state)
{
    struct bare *b = open_levels(2, false);

    (void)state;
    act(b, 0, ACCESS_READ, 0x400000, 1, 0);
    act(b, 1, ACCESS_READ, 0x400000, 1, 0);
    bare_record(b, true);
    act(b, 0, ACCESS_WRITE, 0x400000, 1, 0x77);
    assert_int_equal(bare_count(b, EV_LINE_DROP), 2); /* L1 and L2 of cpu 1 */
    assert_int_equal(bare_event(b, EV_LINE_DROP, 0)->cpu, 1);
    assert_null(cache_lookup(&b->hw.cache[CACHE_L1], 1, 0x800000));
    bare_record(b, true);
    assert_int_equal(act(b, 1, ACCESS_READ, 0x400000, 1, 0), 0x77);
    assert_int_equal(bare_event(b, EV_LINE_BACK, 0)->cpu, 0);
    assert_int_equal(bare_event(b, EV_LINE_BACK, 1)->peer, CACHE_L3); /* where both can see it */
    act(b, 1, ACCESS_WRITE, 0x400001, 1, 0x88);
    assert_int_equal(act(b, 0, ACCESS_READ, 0x400000, 2, 0), 0x8877);
    bare_close(b);
}

/* Code has a cache of its own; a store to it is seen by the next fetch. */
static void
code_that_was_written_is_fetched_new(void **state)
{
    struct bare *b = open_levels(1, true);

    (void)state;
    act(b, 0, ACCESS_FETCH, 0x400000, 1, 0);
    assert_non_null(cache_lookup(&b->hw.cache[CACHE_L1I], 0, 0x800000));
    assert_null(cache_lookup(&b->hw.cache[CACHE_L1], 0, 0x800000));
    act(b, 0, ACCESS_WRITE, 0x400000, 1, 0x90);
    assert_null(cache_lookup(&b->hw.cache[CACHE_L1I], 0, 0x800000));
    assert_int_equal(act(b, 0, ACCESS_FETCH, 0x400000, 1, 0), 0x90);
    bare_close(b);
}

static void
flushing_writes_back_and_empties(void **state)
{
    struct bare *b = open_levels(1, true);

    (void)state;
    act(b, 0, ACCESS_WRITE, 0x400000, 1, 0x12);
    act(b, 0, ACCESS_WRITE, 0x400040, 1, 0x34);
    assert_int_equal(hierarchy_flush_line(&b->hw, 0, 0x400000, 0x800000), 3); /* L1, L2, L3 */
    assert_int_equal(phys_read(&b->hw.phys, 0x800000, 1), 0x12);
    assert_int_equal(phys_read(&b->hw.phys, 0x800040, 1), 0);
    hierarchy_flush(&b->hw, 0);
    assert_int_equal(phys_read(&b->hw.phys, 0x800040, 1), 0x34);
    for (unsigned id = 0; id < CACHES; id++)
        for (size_t i = 0; i < cache_lines(&b->hw.cache[id]); i++)
            assert_false(b->hw.cache[id].line[i].valid);
    bare_close(b);
}

/* Whatever happens, reads give what was last written: a shadow memory knows. */
static void
every_read_gives_what_was_written_last(void **state)
{
    struct bare *b = open_levels(2, true);
    static uint8_t shadow[0x2000];
    uint64_t dice = 1;

    (void)state;
    memset(shadow, 0, sizeof shadow);
    for (unsigned i = 0; i < 40000; i++) {
        unsigned at, cpu, kind;
        uint64_t before = b->hw.s->cycles;

        dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        at = (unsigned)(dice >> 40) % 0x1fff;
        cpu = dice >> 33 & 1;
        kind = dice >> 34 & 3;
        bare_record(b, true);
        if (kind == 1) {
            act(b, cpu, ACCESS_WRITE, 0x400000 + at, 2, i & 0xffff);
            shadow[at] = (uint8_t)i;
            shadow[at + 1] = (uint8_t)(i >> 8);
        } else {
            assert_int_equal(
                act(b, cpu, kind == 2 ? ACCESS_FETCH : ACCESS_READ, 0x400000 + at, 2, 0),
                shadow[at] | shadow[at + 1] << 8);
        }
        if ((dice >> 20) % 512 == 7)
            hierarchy_flush(&b->hw, cpu);
        assert_int_equal(told(b), b->hw.s->cycles - before);
    }
    cache_clean(b->hw.cache, &b->hw.phys, 0x800000, sizeof shadow);
    for (unsigned i = 0; i < sizeof shadow; i++)
        assert_int_equal(phys_read(&b->hw.phys, 0x800000 + i, 1), shadow[i]);
    bare_close(b);
}

/* Operating System Concepts, 9.3.2: a flat table in memory, a lookup that takes no time. Memory 100,
 * 80 % hits: 0.8 x 100 + 0.2 x 200 = 120; 99 %: 101. */
static void
the_textbooks_tlb_arithmetic(void **state)
{
    const unsigned hits[] = {80, 99}, average[] = {120, 101};

    (void)state;
    for (int k = 0; k < 2; k++) {
        struct bare *b = bare_open("toy64k", 1, 4);
        uint64_t before;

        b->hw.s->tunable[TUNE_TLB_CYCLES] = 0;
        b->hw.s->tunable[TUNE_DRAM_CYCLES] = 100;
        bare_map(b, 0x20000, 0x30000, 16, 0x66);
        before = b->hw.s->cycles;
        for (unsigned i = 0; i < 100; i++) {
            if (i < 100 - hits[k])
                tlb_flush(&b->hw, 0, true);
            act(b, 0, ACCESS_READ, 0x20000 + i, 1, 0);
        }
        assert_int_equal(b->hw.s->cpu[0].hits, hits[k]);
        assert_int_equal((b->hw.s->cycles - before) / 100, average[k]);
        bare_close(b);
    }
}

/* The same book, 10.2.3: memory 200 ns, a fault 8 ms, one in a thousand: 999 x 200 ns + 8 ms over 1000
 * is 8.2 us to the first digit it prints. A cycle is a nanosecond here. */
static void
the_textbooks_fault_arithmetic(void **state)
{
    struct machine m;
    struct preset p;
    struct error e = {0};
    uint64_t before, all;

    (void)state;
    drive_preset("x86-64", &p);
    p.tunable[TUNE_TLB_CYCLES] = p.tunable[TUNE_TRAP_CYCLES] = p.tunable[TUNE_ZERO_CYCLES] = 0;
    p.tunable[TUNE_DRAM_CYCLES] = 200;
    assert_true(machine_open(&m, &p, 1, &e));
    drive_machine(&m, "spawn");
    drive_machine(&m, "mmap 0x10000000 4K r private file=book");
    drive_machine(&m, "set seek_cycles 3000000");
    drive_machine(&m, "set rotation_cycles 4900000");
    drive_machine(&m, "set disk_cycles 100000");
    before = m.hw.s->cycles;
    for (int i = 0; i < 1000; i++)
        drive_machine(&m, "read 0x10000000");
    all = m.hw.s->cycles - before;
    assert_in_range(all, 999 * 200 + 8000000,
                    999 * 200 + 8000000 + 10 * 200); /* + the walks of one */
    assert_int_equal((all / 1000 + 50) / 100, 82);
    machine_close(&m);
}

/* A matrix of side x side numbers of 4 bytes, a row on each page, added up along the rows or the
 * columns. 64 entries in one set, least recently used: along the rows a page is left for good after side
 * numbers, along the columns side pages lie between two numbers of one. */
static uint64_t
misses_of_a_matrix(unsigned side, bool by_columns)
{
    enum { MOST = 1024, INT = 4, PAGE = 4096 };
    static vaddr_t va[MOST];
    struct machine m;
    struct preset p;
    struct error e = {0};
    uint64_t absent = 0, before;

    drive_preset("x86-64", &p);
    p.geo.tlb_sets = 1;
    p.geo.tlb_ways = 64;
    assert_true(machine_open(&m, &p, 1, &e));
    drive_machine(&m, "spawn");
    drive_machine(&m, "mmap 0x10000000 4M rw");
    for (vaddr_t row = 0; row < side; row++)
        va[row] = 0x10000000 + row * PAGE;
    assert_true(machine_burst(&m, 0, &(struct burst){.va = va, .n = side}, &absent, &e));
    drive_machine(&m, "flush");
    before = m.hw.s->cpu[0].misses;
    for (vaddr_t i = 0; i < side; i++) {
        for (vaddr_t j = 0; j < side; j++)
            va[j] = 0x10000000 + (by_columns ? j * PAGE + i * INT : i * PAGE + j * INT);
        assert_true(machine_burst(&m, 0, &(struct burst){.va = va, .n = side}, &absent, &e));
    }
    before = m.hw.s->cpu[0].misses - before;
    machine_close(&m);
    return before;
}

static void
rows_against_columns(void **state)
{
    const unsigned side = slowness() > 1 ? 96 : 1024; /* both more pages than entries */

    (void)state;
    assert_int_equal(misses_of_a_matrix(side, false), side);
    assert_int_equal(misses_of_a_matrix(side, true), side * side);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_level_adds_its_time),
        cmocka_unit_test(the_average_is_time_over_accesses),
        cmocka_unit_test(a_dirty_line_is_newer_than_memory_until_it_is_written_back),
        cmocka_unit_test(the_kernel_sees_what_is_new),
        cmocka_unit_test(a_frame_of_zeros_drops_what_a_line_added),
        cmocka_unit_test(only_one_cpu_has_a_line_that_is_written),
        cmocka_unit_test(code_that_was_written_is_fetched_new),
        cmocka_unit_test(flushing_writes_back_and_empties),
        cmocka_unit_test(every_read_gives_what_was_written_last),
        cmocka_unit_test(the_textbooks_tlb_arithmetic),
        cmocka_unit_test(the_textbooks_fault_arithmetic),
        cmocka_unit_test(rows_against_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
