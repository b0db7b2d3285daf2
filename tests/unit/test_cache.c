/* Data cache: what is kept, who leaves, what it costs, and that it never differs from memory. Costs
 * are the defaults of the model: TLB 1, cache 4, memory 200. */
#include "test.h"

#include <string.h>

#include "hw/cache.h"
#include "support/bare.h"

#define W 2u
#define U 4u

/* x86-64 hardware with a page at 0x400000 that lies at 0x800000. */
static struct bare *
open_cached(unsigned cpus, unsigned sets, unsigned ways, unsigned line_shift)
{
    struct geometry geo = {.cpus = (uint8_t)cpus,
                           .maxpa = 46,
                           .tlb_sets = 4,
                           .tlb_ways = 4,
                           .frames = 4096,
                           .slot_max = 4096,
                           .far_max = 64};
    struct bare *b;

    bare_format("x86-64", &geo.format);
    geo.cache[CACHE_L1] = (struct cache_geometry){
        .sets = (uint16_t)sets, .ways = (uint16_t)ways, .line_shift = (uint8_t)line_shift};
    b = bare_open_geometry(&geo);
    for (unsigned cpu = 0; cpu < cpus; cpu++) {
        b->hw.s->cpu[cpu].cr0 = CR0_PE | CR0_PG | CR0_WP;
        b->hw.s->cpu[cpu].cr4 = CR4_PAE;
        b->hw.s->cpu[cpu].efer = EFER_LME | EFER_LMA | EFER_NXE;
    }
    bare_map(b, 0x400000, 0x800000, 12, W | U | 0x60); /* A and D set already */
    bare_map(b, 0x401000, 0x801000, 12, W | U | 0x60);
    return b;
}

/* A load, store or fetch; returns the value, adds nothing to the watch. */
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
cycles_of(struct bare *b, enum access_kind kind, vaddr_t va, unsigned size)
{
    uint64_t before = b->hw.s->cycles;

    act(b, 0, kind, va, size, 0x5a);
    return b->hw.s->cycles - before;
}

static uint64_t
lookups(const struct bare *b, unsigned cpu)
{
    return b->hw.s->cpu[cpu].line_hits[CACHE_L1] + b->hw.s->cpu[cpu].line_misses[CACHE_L1];
}

/* Every valid line of every CPU holds what memory holds. */
static void
expect_true_copies(const struct bare *b)
{
    const struct cache *c = &b->hw.cache[CACHE_L1];
    size_t size = (size_t)1 << c->geo.line_shift;
    unsigned char bytes[256];

    for (size_t i = 0; i < (size_t)c->cpus * c->geo.sets * c->geo.ways; i++) {
        if (!c->line[i].valid)
            continue;
        phys_copy_out(&b->hw.phys, c->line[i].pa, bytes, size);
        assert_memory_equal(bytes, cache_bytes(c, &c->line[i]), size);
    }
}

static void
a_miss_brings_the_line_and_a_hit_is_cheap(void **state)
{
    struct bare *b = open_cached(1, 16, 1, 6);

    (void)state;
    phys_write(&b->hw.phys, 0x800010, 1, 0x77);
    assert_int_equal(act(b, 0, ACCESS_READ, 0x400010, 1, 0), 0x77);
    bare_record(b, true);
    assert_int_equal(cycles_of(b, ACCESS_READ, 0x400050, 1), 1 + 200);
    assert_string_equal(bare_names(b), "access tlb_hit translated line_miss line_fill data_read");
    bare_record(b, true);
    assert_int_equal(cycles_of(b, ACCESS_READ, 0x40007f, 1), 1 + 4); /* the same 64 bytes */
    assert_string_equal(bare_names(b), "access tlb_hit translated line_hit data_read");
    /* 0x80007f: byte 0x3f of line 0x20001, and 0x20001 = 0x2000 * 16 + 1 */
    assert_int_equal(bare_event(b, EV_LINE_HIT, 0)->offset, 0x3f);
    assert_int_equal(bare_event(b, EV_LINE_HIT, 0)->set, 1);
    assert_int_equal(bare_event(b, EV_LINE_HIT, 0)->tag, 0x2000);
    assert_int_equal(bare_event(b, EV_LINE_HIT, 0)->what, LINE_DATA);
    bare_close(b);
}

/* When it came and when it was used last; a line that just came is not the oldest. */
static void
a_line_knows_when(void **state)
{
    struct bare *b = open_cached(1, 8, 2, 6);
    const struct cache_line *l;

    (void)state;
    b->hw.s->tunable[TUNE_WALKS_CACHED] = 0;
    act(b, 0, ACCESS_READ, 0x400000, 1, 0); /* stamp 1 */
    act(b, 0, ACCESS_READ, 0x400000, 1, 0); /* 2 */
    act(b, 0, ACCESS_READ, 0x400200, 1, 0); /* 3 */
    l = cache_lookup(&b->hw.cache[CACHE_L1], 0, 0x800000);
    assert_int_equal(l->filled, 1);
    assert_int_equal(l->used, 2);
    l = cache_lookup(&b->hw.cache[CACHE_L1], 0, 0x800200);
    assert_int_equal(l->filled, 3);
    assert_int_equal(l->used, 3);
    act(b, 0, ACCESS_READ, 0x400400, 1, 0);
    assert_null(cache_lookup(&b->hw.cache[CACHE_L1], 0, 0x800000));
    bare_close(b);
}

/* 16 lines of 64 bytes: addresses 1 KiB apart share a line's place, and two of them take turns. */
static void
direct_mapped_lines_push_each_other_out(void **state)
{
    struct bare *b = open_cached(1, 16, 1, 6);

    (void)state;
    b->hw.s->tunable[TUNE_WALKS_CACHED] = 0;
    for (int i = 0; i < 6; i++)
        act(b, 0, ACCESS_READ, 0x400000 + (vaddr_t)(i % 2) * 0x400, 1, 0);
    assert_int_equal(b->hw.s->cpu[0].line_misses[CACHE_L1], 6);
    bare_close(b);
    b = open_cached(1, 8, 2, 6);
    b->hw.s->tunable[TUNE_WALKS_CACHED] = 0;
    for (int i = 0; i < 6; i++)
        act(b, 0, ACCESS_READ, 0x400000 + (vaddr_t)(i % 2) * 0x400, 1, 0);
    assert_int_equal(b->hw.s->cpu[0].line_misses[CACHE_L1], 2); /* with two ways both stay */
    bare_close(b);
}

static void
the_least_recently_used_line_of_a_set_leaves(void **state)
{
    struct bare *b = open_cached(1, 8, 2, 6);

    (void)state;
    b->hw.s->tunable[TUNE_WALKS_CACHED] = 0;
    act(b, 0, ACCESS_READ, 0x400000, 1, 0);
    act(b, 0, ACCESS_READ, 0x400200, 1, 0);
    act(b, 0, ACCESS_READ, 0x400000, 1, 0);
    bare_record(b, true);
    act(b, 0, ACCESS_READ, 0x400400, 1, 0);
    assert_int_equal(bare_count(b, EV_LINE_EVICT), 1);
    assert_int_equal(bare_event(b, EV_LINE_EVICT, 0)->pa, 0x800200);
    assert_int_equal(bare_event(b, EV_LINE_FILL, 0)->way, bare_event(b, EV_LINE_EVICT, 0)->way);
    assert_non_null(cache_lookup(&b->hw.cache[CACHE_L1], 0, 0x800000));
    bare_close(b);
}

static void
a_store_goes_to_memory_and_to_the_line(void **state)
{
    struct bare *b = open_cached(1, 16, 1, 6);

    (void)state;
    act(b, 0, ACCESS_READ, 0x400010, 1, 0);
    bare_record(b, true);
    act(b, 0, ACCESS_WRITE, 0x400010, 8, 0x1122334455667788);
    assert_string_equal(bare_names(b), "access tlb_hit translated line_hit data_write");
    assert_int_equal(phys_read(&b->hw.phys, 0x800010, 8), 0x1122334455667788);
    assert_int_equal(act(b, 0, ACCESS_READ, 0x400011, 1, 0), 0x77);
    expect_true_copies(b);
    bare_close(b);
}

/* No line is brought for a store, and its time is memory's either way. */
static void
a_store_that_misses_brings_nothing(void **state)
{
    struct bare *b = open_cached(1, 16, 1, 6);

    (void)state;
    act(b, 0, ACCESS_READ, 0x400000, 1, 0);
    bare_record(b, true);
    assert_int_equal(cycles_of(b, ACCESS_WRITE, 0x400100, 1), 1 + 200);
    assert_string_equal(bare_names(b), "access tlb_hit translated line_miss data_write");
    assert_null(cache_lookup(&b->hw.cache[CACHE_L1], 0, 0x800100));
    assert_int_equal(cycles_of(b, ACCESS_WRITE, 0x400000, 1), 1 + 200);
    bare_close(b);
}

static void
whoever_changes_memory_changes_the_line(void **state)
{
    struct bare *b = open_cached(2, 16, 2, 4);

    (void)state;
    for (vaddr_t va = 0x400000; va < 0x400080; va += 16) {
        act(b, 0, ACCESS_READ, va, 1, 0);
        act(b, 1, ACCESS_READ, va, 1, 0);
    }
    act(b, 1, ACCESS_WRITE, 0x400021, 1, 0xab); /* another CPU */
    assert_int_equal(act(b, 0, ACCESS_READ, 0x400021, 1, 0), 0xab);
    expect_true_copies(b);
    phys_copy_in(&b->hw.phys, 0x80000e, "abcdef", 6); /* over a line's end */
    assert_int_equal(act(b, 0, ACCESS_READ, 0x400010, 1, 0), 'c');
    expect_true_copies(b);
    phys_pattern_frame(&b->hw.phys, 0x800, 9);
    assert_int_equal(act(b, 0, ACCESS_READ, 0x400023, 1, 0), phys_pattern(9, 0x23));
    expect_true_copies(b);
    phys_write(&b->hw.phys, 0x801000, 1, 0x31);
    phys_copy_frame(&b->hw.phys, 0x800, 0x801);
    assert_int_equal(act(b, 0, ACCESS_READ, 0x400000, 1, 0), 0x31);
    expect_true_copies(b);
    phys_zero_frame(&b->hw.phys, 0x800);
    assert_int_equal(act(b, 1, ACCESS_READ, 0x400000, 1, 0), 0);
    expect_true_copies(b);
    bare_close(b);
}

static void
an_access_over_a_lines_end_asks_twice(void **state)
{
    struct bare *b = open_cached(1, 16, 1, 2);

    (void)state;
    phys_write(&b->hw.phys, 0x800000, 8, 0x8877665544332211);
    phys_write(&b->hw.phys, 0x801000, 4, 0xddccbbaa);
    act(b, 0, ACCESS_READ, 0x400ff0, 1, 0);
    act(b, 0, ACCESS_READ, 0x401ff0, 1, 0);
    bare_record(b, true);
    assert_int_equal(act(b, 0, ACCESS_READ, 0x400002, 4, 0), 0x66554433);
    assert_int_equal(bare_count(b, EV_LINE_MISS), 2);
    assert_int_equal(bare_event(b, EV_LINE_MISS, 0)->size, 2);
    assert_int_equal(bare_event(b, EV_LINE_MISS, 1)->pa, 0x800004);
    bare_record(b, true);
    assert_int_equal(act(b, 0, ACCESS_READ, 0x400ffe, 4, 0), 0xbbaa0000); /* two pages */
    assert_int_equal(bare_count(b, EV_LINE_HIT) + bare_count(b, EV_LINE_MISS), 2);
    bare_record(b, true);
    act(b, 0, ACCESS_WRITE, 0x400001, 8, 0x0102030405060708);
    assert_int_equal(bare_count(b, EV_LINE_HIT) + bare_count(b, EV_LINE_MISS), 3);
    assert_int_equal(phys_read(&b->hw.phys, 0x800008, 1), 0x01);
    expect_true_copies(b);
    bare_close(b);
}

/* Four levels: four entries and the byte, five questions to the cache. All five lie at the start of
 * a frame, so in one set: with eight ways they have room, with one they push each other out. */
static void
table_entries_come_through_the_cache_if_so_set(void **state)
{
    struct bare *b = open_cached(1, 64, 1, 6);

    (void)state;
    act(b, 0, ACCESS_READ, 0x400000, 1, 0);
    tlb_flush(&b->hw, 0, true);
    assert_int_equal(cycles_of(b, ACCESS_READ, 0x400000, 1), 1 + 5 * 200);
    bare_close(b);
    b = open_cached(1, 8, 8, 6);
    assert_int_equal(cycles_of(b, ACCESS_READ, 0x400000, 1), 1 + 5 * 200);
    assert_int_equal(lookups(b, 0), 1 + 4);
    tlb_flush(&b->hw, 0, true);
    assert_int_equal(cycles_of(b, ACCESS_READ, 0x400000, 1), 1 + 5 * 4);
    assert_int_equal(lookups(b, 0), 2 * (1 + 4));
    tlb_flush(&b->hw, 0, true);
    b->hw.s->tunable[TUNE_WALKS_CACHED] = 0;
    bare_record(b, true);
    assert_int_equal(cycles_of(b, ACCESS_READ, 0x400000, 1), 1 + 4 * 200 + 4);
    assert_int_equal(lookups(b, 0), 2 * (1 + 4) + 1);
    assert_int_equal(bare_event(b, EV_LINE_HIT, 0)->what, LINE_DATA);
    bare_close(b);
}

static void
fetches_go_through_it_too(void **state)
{
    struct bare *b = open_cached(1, 16, 1, 6);

    (void)state;
    act(b, 0, ACCESS_READ, 0x400000, 1, 0);
    assert_int_equal(cycles_of(b, ACCESS_FETCH, 0x400001, 1), 1 + 4);
    bare_close(b);
}

/* A kernel's write to a page table reaches a cached entry: only the TLB can be out of date. */
static void
a_cached_table_entry_follows_memory(void **state)
{
    struct bare *b = open_cached(1, 64, 1, 6);
    paddr_t slot = bare_map(b, 0x400000, 0x800000, 12, W | U | 0x60);

    (void)state;
    act(b, 0, ACCESS_READ, 0x400000, 1, 0);
    phys_write(&b->hw.phys, 0x801000, 1, 0x42);
    phys_write(&b->hw.phys, slot, 8, 0x801067);
    tlb_flush(&b->hw, 0, true);
    assert_int_equal(act(b, 0, ACCESS_READ, 0x400000, 1, 0), 0x42);
    expect_true_copies(b);
    bare_close(b);
}

static void
without_a_cache_nothing_is_different(void **state)
{
    struct bare *b = open_cached(1, 0, 1, 6);

    (void)state;
    bare_record(b, true);
    assert_int_equal(cycles_of(b, ACCESS_READ, 0x400000, 1), 1 + 5 * 200);
    assert_int_equal(cycles_of(b, ACCESS_WRITE, 0x400000, 1), 1 + 200);
    assert_int_equal(bare_count(b, EV_LINE_HIT) + bare_count(b, EV_LINE_MISS), 0);
    assert_int_equal(lookups(b, 0), 0);
    bare_close(b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_miss_brings_the_line_and_a_hit_is_cheap),
        cmocka_unit_test(a_line_knows_when),
        cmocka_unit_test(direct_mapped_lines_push_each_other_out),
        cmocka_unit_test(the_least_recently_used_line_of_a_set_leaves),
        cmocka_unit_test(a_store_goes_to_memory_and_to_the_line),
        cmocka_unit_test(a_store_that_misses_brings_nothing),
        cmocka_unit_test(whoever_changes_memory_changes_the_line),
        cmocka_unit_test(an_access_over_a_lines_end_asks_twice),
        cmocka_unit_test(table_entries_come_through_the_cache_if_so_set),
        cmocka_unit_test(fetches_go_through_it_too),
        cmocka_unit_test(a_cached_table_entry_follows_memory),
        cmocka_unit_test(without_a_cache_nothing_is_different),
    };

    return RUN_TESTS(tests);
}
