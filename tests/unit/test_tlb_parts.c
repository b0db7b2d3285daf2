/* TLBs beside the first one: for instructions, for large pages, a second level. What fills what is
 * from Intel's optimization manual (Skylake: ITLB, DTLB for 4 KiB, DTLB for 2 MiB, shared second
 * level); counts and cycles by hand. */
#include "test.h"

#include <string.h>

#include "hw/tlb_parts.h"
#include "support/bare.h"

#define W 2u
#define U 4u

enum { SMALL = 12, LARGE = 21, CODE = 0x400000, DATA = 0x600000 };

/* 4 x 4; instructions 1 x 2, large pages 1 x 2, second level 8 x 4. Small pages are mapped from CODE and
 * DATA on, two large ones at 1 GiB. */
static struct bare *
open_parts(bool fetch, bool large, bool second)
{
    struct bare *like = bare_open("x86-64", 4, 4), *b;
    struct geometry geo = like->geo;
    struct cpu registers = like->hw.s->cpu[0];

    bare_close(like);
    if (fetch)
        geo.tlb_part[TLB_FETCH] = (struct tlb_part_geometry){1, 2};
    if (large)
        geo.tlb_part[TLB_LARGE] = (struct tlb_part_geometry){1, 2};
    if (second)
        geo.tlb_part[TLB_SECOND] = (struct tlb_part_geometry){8, 4};
    b = bare_open_geometry(&geo);
    b->hw.s->cpu[0] = registers;
    for (unsigned i = 0; i < 40; i++) {
        bare_map(b, CODE + i * 0x1000u, 0x100000 + i * 0x1000u, SMALL, U);
        bare_map(b, DATA + i * 0x1000u, 0x200000 + i * 0x1000u, SMALL, W | U);
    }
    for (unsigned i = 0; i < 2; i++)
        bare_map(b, (1u << 30) + ((vaddr_t)i << LARGE), (paddr_t)i << LARGE, LARGE, W | U);
    return b;
}

static void
touch(struct bare *b, vaddr_t va, enum access_kind kind)
{
    struct access a = {.va = va, .kind = (uint8_t)kind, .size = 1, .user = true};
    struct access_result r;

    assert_true(cpu_access(&b->hw, 0, &a, false, &r));
}

static unsigned
held(const struct bare *b, enum tlb_part part)
{
    const struct tlb_part_geometry *g = &b->geo.tlb_part[part];
    unsigned n = 0;

    for (unsigned i = 0; i < (unsigned)g->sets * g->ways; i++)
        n += tlb_part_at(&b->hw, 0, part, 0, i)->flags & TLB_VALID;
    return n;
}

static unsigned
held_in_first(const struct bare *b)
{
    unsigned n = 0;

    for (unsigned i = 0; i < 16; i++)
        n += tlb_at(&b->hw, 0, 0, i)->flags & TLB_VALID;
    return n;
}

static void
a_fetch_never_fills_the_data_tlb(void **state)
{
    struct bare *b = open_parts(true, false, false);

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        touch(b, CODE + i * 0x1000u, ACCESS_FETCH);
    assert_int_equal(held(b, TLB_FETCH), 2);
    assert_int_equal(held_in_first(b), 0);
    touch(b, DATA, ACCESS_READ);
    assert_int_equal(held(b, TLB_FETCH), 2);
    assert_int_equal(held_in_first(b), 1);
    assert_int_equal(b->hw.s->cpu[0].misses, 4);
    touch(b, CODE + 0x2000, ACCESS_READ); /* known to the other TLB: no help */
    assert_int_equal(b->hw.s->cpu[0].misses, 5);
    touch(b, CODE + 0x2000, ACCESS_FETCH);
    assert_int_equal(b->hw.s->cpu[0].misses, 5);
    bare_close(b);
}

static void
each_size_has_its_own(void **state)
{
    struct bare *b = open_parts(false, true, false);

    (void)state;
    touch(b, 1u << 30, ACCESS_READ);
    touch(b, DATA, ACCESS_READ);
    assert_int_equal(held(b, TLB_LARGE), 1);
    assert_int_equal(held_in_first(b), 1);
    assert_int_equal(tlb_part_at(&b->hw, 0, TLB_LARGE, 0, 0)->shift, LARGE);
    touch(b, (1u << 30) + 0x12345, ACCESS_READ);
    assert_int_equal(b->hw.s->cpu[0].misses, 2);
    assert_int_equal(tlb_reach(&b->hw, 0), (2u << 20) + 4096);
    bare_close(b);
}

/* 20 pages, read in order, twice: the first level has 16 entries in 4 sets and LRU never keeps the one
 * needed next; the second has 32. */
static void
the_second_level_saves_the_walk(void **state)
{
    struct bare *b = open_parts(false, false, true);
    uint64_t cycles;

    (void)state;
    for (unsigned i = 0; i < 20; i++)
        touch(b, DATA + i * 0x1000u, ACCESS_READ);
    assert_int_equal(b->hw.s->cpu[0].misses, 20);
    bare_record(b, true);
    cycles = b->hw.s->cycles;
    touch(b, DATA, ACCESS_READ);
    assert_string_equal(bare_names(b), "access tlb_first_miss tlb_part_hit tlb_evict tlb_fill "
                                       "translated data_read");
    assert_int_equal(b->hw.s->cycles - cycles, 1 + 7 + 200);
    bare_record(b, false);
    for (unsigned i = 1; i < 20; i++)
        touch(b, DATA + i * 0x1000u, ACCESS_READ);
    assert_int_equal(b->hw.s->cpu[0].misses, 20);
    assert_int_equal(b->hw.s->cpu[0].hits, 20);
    assert_int_equal(tlb_reach(&b->hw, 0), 20 * 4096); /* each page once */
    assert_int_equal(tlb_reach_most(&b->hw, SMALL), 32 * 4096);
    bare_close(b);
}

static void
switched_off_it_is_not_asked(void **state)
{
    struct bare *b = open_parts(false, false, true);

    (void)state;
    b->hw.s->tunable[TUNE_TLB_SECOND] = 0;
    for (unsigned i = 0; i < 40; i++)
        touch(b, DATA + i % 20 * 0x1000u, ACCESS_READ);
    assert_int_equal(b->hw.s->cpu[0].misses, 40);
    assert_int_equal(held(b, TLB_SECOND), 0);
    bare_close(b);
}

/* INVLPG, a flush and a fault's own drop reach every level: a page that stays anywhere would be
 * used (SDM vol. 3A, 4.10.4.1). */
static void
forgetting_reaches_all(void **state)
{
    struct bare *b = open_parts(true, true, true);
    uint64_t walks;

    (void)state;
    touch(b, CODE, ACCESS_FETCH);
    touch(b, CODE, ACCESS_READ);
    touch(b, CODE + 0x1000, ACCESS_FETCH);
    touch(b, 1u << 30, ACCESS_READ);
    walks = b->hw.s->cpu[0].walks;
    bare_record(b, true);
    cpu_invlpg(&b->hw, 0, CODE);
    assert_int_equal(bare_count(b, EV_TLB_DROP), 1);
    assert_int_equal(bare_count(b, EV_TLB_PART_DROP), 2); /* instruction, second level */
    bare_record(b, false);
    assert_null(tlb_find(&b->hw, 0, CODE));
    assert_non_null(tlb_find(&b->hw, 0, CODE + 0x1000));
    touch(b, CODE, ACCESS_READ);
    assert_int_equal(b->hw.s->cpu[0].walks, walks + 1);
    assert_int_equal(tlb_flush(&b->hw, 0, true), 6); /* 1 first, 1 instruction, 1 large, 3 second */
    assert_int_equal(tlb_count(&b->hw, 0), 0);
    bare_close(b);
}

/* D=0 in the entry and a write: the entry of its own TLB gets D, the walk marks memory. */
static void
a_write_rechecks_in_the_large_tlb(void **state)
{
    struct bare *b = open_parts(false, true, true);

    (void)state;
    touch(b, 1u << 30, ACCESS_READ);
    bare_record(b, true);
    touch(b, 1u << 30, ACCESS_WRITE);
    assert_int_equal(bare_count(b, EV_TLB_RECHECK), 1);
    assert_int_equal(bare_event(b, EV_TLB_RECHECK, 0)->set, 0);
    bare_record(b, true);
    touch(b, 1u << 30, ACCESS_WRITE);
    assert_string_equal(bare_names(b), "access tlb_part_hit translated data_write");
    assert_int_equal(held(b, TLB_LARGE), 1);
    bare_close(b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fetch_never_fills_the_data_tlb),
        cmocka_unit_test(each_size_has_its_own),
        cmocka_unit_test(the_second_level_saves_the_walk),
        cmocka_unit_test(switched_off_it_is_not_asked),
        cmocka_unit_test(forgetting_reaches_all),
        cmocka_unit_test(a_write_rechecks_in_the_large_tlb),
    };

    return RUN_TESTS(tests);
}
