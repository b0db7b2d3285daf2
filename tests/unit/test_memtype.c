/* Memory types: every cell of the manual's table, and what a type does to the caches. */
#include "test.h"

#include "hw/hierarchy.h"
#include "support/bare.h"

#define W 2u
#define U 4u
#define PWT 8u
#define PCD 16u

/* Page 0x400000 lies at 0x800000; its entry has `bits` too. */
static struct bare *
open_page(uint64_t bits)
{
    struct geometry geo = {.cpus = 1,
                           .maxpa = 46,
                           .tlb_sets = 4,
                           .tlb_ways = 4,
                           .frames = 4096,
                           .slot_max = 4096,
                           .far_max = 64};
    struct bare *b;

    bare_format("x86-64", &geo.format);
    geo.cache[CACHE_L1] = (struct cache_geometry){
        .sets = 64, .ways = 8, .line_shift = 6, .traits = CACHE_BACK | CACHE_FIRST};
    b = bare_open_geometry(&geo);
    b->hw.s->cpu[0].cr0 = CR0_PE | CR0_PG | CR0_WP;
    b->hw.s->cpu[0].cr4 = CR4_PAE;
    b->hw.s->cpu[0].efer = EFER_LME | EFER_LMA | EFER_NXE;
    bare_map(b, 0x400000, 0x800000, 12, W | U | 0x60 | bits); /* A and D set already */
    return b;
}

static uint64_t
act(struct bare *b, enum access_kind kind, uint64_t value)
{
    struct access a = {
        .va = 0x400000, .kind = (uint8_t)kind, .size = 1, .user = true, .value = value};
    struct access_result r;

    assert_true(cpu_access(&b->hw, 0, &a, false, &r));
    return r.value;
}

/* SDM vol. 3A, table 11-7 (12-7 in newer editions), typed from there, rows in its order. The last row is
 * what that edition (253668-032, page 11-23) prints for MTRR WP: UC, WC, WC, WT, WP, WP. */
static void
every_cell_of_the_table(void **state)
{
    enum { UC = 0, WC = 1, WT = 4, WP = 5, WB = 6, UCM = 7 };
    static const unsigned mtrr[] = {UC, WC, WT, WB, WP}, pat[] = {UC, UCM, WC, WT, WB, WP};
    static const unsigned want[5][6] = {
        {UC, UC, WC, UC, UC, UC}, /* UC */
        {UC, WC, WC, UC, WC, UC}, /* WC */
        {UC, UC, WC, WT, WT, WP}, /* WT */
        {UC, UC, WC, WT, WB, WP}, /* WB */
        {UC, WC, WC, WT, WP, WP}, /* WP */
    };

    (void)state;
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < 6; j++)
            assert_int_equal(memory_type_of(mtrr[i], pat[j]), want[i][j]);
}

/* What reached memory for data of that type. */
static void
counted(const struct bare *b, unsigned type, unsigned reads, unsigned fills, unsigned stores)
{
    const struct traffic *t = &b->hw.s->traffic[0][type];

    assert_int_equal(t->reads, reads);
    assert_int_equal(t->fills, fills);
    assert_int_equal(t->stores, stores);
}

/* PCD and PWT: entry 3 of the power-on PAT, UC. Neither: entry 0, WB. */
static void
a_hundred_loads(void **state)
{
    struct bare *b = open_page(PCD | PWT);
    unsigned memory = 0;

    (void)state;
    b->hw.s->tunable[TUNE_WALKS_CACHED] = 0;
    bare_record(b, true);
    for (int i = 0; i < 100; i++)
        act(b, ACCESS_READ, 0);
    assert_int_equal(bare_count(b, EV_LINE_FILL), 0);
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(bare_event(b, EV_DATA_READ, i)->cycles, 200);
        memory += bare_event(b, EV_DATA_READ, i)->peer == CACHES;
    }
    assert_int_equal(memory, 100);
    counted(b, MEMORY_UC, 100, 0, 0);
    bare_close(b);
    b = open_page(0);
    b->hw.s->tunable[TUNE_WALKS_CACHED] = 0;
    bare_record(b, true);
    for (int i = 0; i < 100; i++)
        act(b, ACCESS_READ, 0);
    assert_int_equal(bare_count(b, EV_LINE_FILL), 1);
    counted(b, MEMORY_WB, 1, 1, 0);
    counted(b, MEMORY_UC, 0, 0, 0);
    bare_close(b);
}

/* PWT alone: entry 1, WT. Kept for reading, and memory is never old. */
static void
write_through_keeps_memory_new(void **state)
{
    struct bare *b = open_page(PWT);

    (void)state;
    act(b, ACCESS_READ, 0);
    act(b, ACCESS_WRITE, 0x42);
    assert_int_equal(phys_read(&b->hw.phys, 0x800000, 1), 0x42);
    assert_false(cache_lookup(&b->hw.cache[CACHE_L1], 0, 0x800000)->dirty);
    assert_int_equal(act(b, ACCESS_READ, 0), 0x42);
    counted(b, MEMORY_WT, 1, 1, 1);
    bare_close(b);
}

/* WP by the PAT: a store reaches memory and the line goes. */
static void
write_protected_memory_drops_the_line(void **state)
{
    struct bare *b = open_page(PWT);

    (void)state;
    b->hw.s->tunable[TUNE_PAT] = 0x0007040600070506;
    act(b, ACCESS_READ, 0);
    assert_non_null(cache_lookup(&b->hw.cache[CACHE_L1], 0, 0x800000));
    act(b, ACCESS_WRITE, 0x42);
    assert_null(cache_lookup(&b->hw.cache[CACHE_L1], 0, 0x800000));
    assert_int_equal(phys_read(&b->hw.phys, 0x800000, 1), 0x42);
    counted(b, MEMORY_WP, 1, 1, 1);
    bare_close(b);
}

/* The same page, and the MTRR says UC for its megabyte: a WB entry does not help. */
static void
an_mtrr_counts_by_address(void **state)
{
    struct bare *b = open_page(0);

    (void)state;
    b->hw.s->tunable[TUNE_MTRR_BASE] = 0x800000 | MEMORY_UC;
    b->hw.s->tunable[TUNE_MTRR_MASK] = 0x3ffffff00000 | 0x800; /* 1 MiB */
    assert_int_equal(memory_mtrr(&b->hw, 0x8fffff), MEMORY_UC);
    assert_int_equal(memory_mtrr(&b->hw, 0x900000), MEMORY_WB);
    act(b, ACCESS_READ, 0);
    assert_null(cache_lookup(&b->hw.cache[CACHE_L1], 0, 0x800000));
    b->hw.s->tunable[TUNE_MTRR_DEF] = 6; /* off: all is UC */
    assert_int_equal(memory_mtrr(&b->hw, 0x900000), MEMORY_UC);
    bare_close(b);
}

/* PCD and PWT of CR3 are about the root table only; those of an entry about the table it names. */
static void
tables_are_read_as_what_names_them_says(void **state)
{
    struct bare *b = open_page(0);
    paddr_t root = walker_root(&b->hw, b->hw.s->cpu[0].cr3), below = root + 0x1000;

    (void)state;
    b->hw.s->cpu[0].cr3 |= PCD | PWT;
    act(b, ACCESS_READ, 0);
    assert_null(cache_lookup(&b->hw.cache[CACHE_L1], 0, root));
    assert_int_equal(b->hw.s->traffic[1][MEMORY_UC].reads, 1); /* of four: the root's */
    assert_int_equal(b->hw.s->traffic[1][MEMORY_UC].fills, 0);
    assert_int_equal(b->hw.s->traffic[1][MEMORY_WB].reads, 3);
    assert_int_equal(b->hw.s->traffic[1][MEMORY_WB].fills, 3);
    assert_non_null(cache_lookup(&b->hw.cache[CACHE_L1], 0, below));
    b->hw.s->cpu[0].cr3 &= ~(uint64_t)(PCD | PWT);
    hierarchy_flush(&b->hw, 0);
    tlb_flush(&b->hw, 0, true);
    phys_write(&b->hw.phys, root, 8, phys_read(&b->hw.phys, root, 8) | PCD | PWT);
    act(b, ACCESS_READ, 0);
    assert_non_null(cache_lookup(&b->hw.cache[CACHE_L1], 0, root));
    assert_null(cache_lookup(&b->hw.cache[CACHE_L1], 0, below));
    bare_close(b);
}

/* CR0.CD: hits go on, nothing comes in. */
static void
no_fill_mode(void **state)
{
    struct bare *b = open_page(0);

    (void)state;
    act(b, ACCESS_WRITE, 0x11);
    b->hw.s->cpu[0].cr0 |= CR0_CD;
    assert_int_equal(act(b, ACCESS_READ, 0), 0x11);
    assert_int_equal(phys_read(&b->hw.phys, 0x800000, 1), 0);
    hierarchy_flush(&b->hw, 0);
    bare_record(b, true);
    assert_int_equal(act(b, ACCESS_READ, 0), 0x11);
    assert_int_equal(bare_count(b, EV_LINE_FILL), 0);
    counted(b, MEMORY_WB, 2, 1, 0); /* the store brought the line, the last load none */
    bare_close(b);
}

static void
reserved_types_are_refused(void **state)
{
    (void)state;
    assert_true(memory_may_set(TUNE_PAT, 0x0007040600070406));
    assert_false(memory_may_set(TUNE_PAT, 0x0007040600070402));
    assert_false(memory_may_set(TUNE_MTRR_DEF, 0x807)); /* UC- is for the PAT only */
    assert_true(memory_may_set(TUNE_MTRR_BASE, 0x800001));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_of_the_table),
        cmocka_unit_test(a_hundred_loads),
        cmocka_unit_test(write_through_keeps_memory_new),
        cmocka_unit_test(write_protected_memory_drops_the_line),
        cmocka_unit_test(an_mtrr_counts_by_address),
        cmocka_unit_test(tables_are_read_as_what_names_them_says),
        cmocka_unit_test(no_fill_mode),
        cmocka_unit_test(reserved_types_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
