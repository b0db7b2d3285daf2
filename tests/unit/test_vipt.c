/* L1 found by virtual addresses: when two lines hold one byte, and what puts it right. Sizes as in the
 * textbooks: 32 KiB of 8 ways, 64 KiB of 4 ways, lines of 64 bytes, pages of 4 KiB. */
#include "test.h"

#include <string.h>

#include "hw/hierarchy.h"
#include "support/bare.h"

#define W 2u
#define U 4u

/* Frame 0x800 at 0x400000, 0x401000 and 0x404000; frame 0x900 at 0x408000. */
static struct bare *
open_l1(unsigned sets, unsigned ways, enum cache_index how)
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
    geo.cache[CACHE_L1] = (struct cache_geometry){.sets = (uint16_t)sets,
                                                  .ways = (uint16_t)ways,
                                                  .line_shift = 6,
                                                  .traits = CACHE_BACK | CACHE_FIRST};
    b = bare_open_geometry(&geo);
    b->hw.s->cpu[0].cr0 = CR0_PE | CR0_PG | CR0_WP;
    b->hw.s->cpu[0].cr4 = CR4_PAE;
    b->hw.s->cpu[0].efer = EFER_LME | EFER_LMA | EFER_NXE;
    b->hw.s->tunable[TUNE_L1_INDEX] = how;
    bare_map(b, 0x400000, 0x800000, 12, W | U | 0x60);
    bare_map(b, 0x401000, 0x800000, 12, W | U | 0x60);
    bare_map(b, 0x404000, 0x800000, 12, W | U | 0x60);
    bare_map(b, 0x408000, 0x900000, 12, W | U | 0x60);
    return b;
}

static uint64_t
act(struct bare *b, enum access_kind kind, vaddr_t va, uint64_t value)
{
    struct access a = {.va = va, .kind = (uint8_t)kind, .size = 1, .user = true, .value = value};
    struct access_result r;

    assert_true(cpu_access(&b->hw, 0, &a, false, &r));
    return r.value;
}

static unsigned
copies(const struct bare *b, paddr_t pa)
{
    unsigned n = 0;

    for (struct cache_line *l = NULL; (l = cache_next(&b->hw.cache[CACHE_L1], 0, pa, l));)
        n++;
    return n;
}

/* Both names are in use before the write: what does the second name read after it? */
static uint64_t
read_by_the_other_name(struct bare *b, vaddr_t one, vaddr_t other)
{
    act(b, ACCESS_READ, one, 0);
    act(b, ACCESS_READ, other, 0);
    act(b, ACCESS_WRITE, one, 0x77);
    return act(b, ACCESS_READ, other, 0);
}

/* 64 sets x 64 bytes = 4 KiB: the set lies within the page's offset. */
static void
a_set_within_the_offset_has_no_synonyms(void **state)
{
    struct bare *b = open_l1(64, 8, INDEX_VIRTUAL_SET);

    (void)state;
    assert_int_equal(cache_colour_bits(&b->hw.geo.cache[CACHE_L1], 12), 0);
    assert_int_equal(read_by_the_other_name(b, 0x400000, 0x401000), 0x77);
    assert_int_equal(copies(b, 0x800000), 1);
    bare_close(b);
}

/* 256 sets x 64 bytes = 16 KiB: two bits above the page. */
static void
a_set_beyond_the_offset_gives_two_lines_and_a_stale_read(void **state)
{
    struct bare *b = open_l1(256, 4, INDEX_VIRTUAL_SET);

    (void)state;
    phys_write(&b->hw.phys, 0x800000, 1, 0x11);
    assert_int_equal(cache_colour_bits(&b->hw.geo.cache[CACHE_L1], 12), 2);
    assert_int_equal(read_by_the_other_name(b, 0x400000, 0x401000), 0x11);
    assert_int_equal(copies(b, 0x800000), 2);
    /* One way out: write the one back, drop the other. */
    hierarchy_flush_line(&b->hw, 0, 0x400000, 0x800000);
    assert_int_equal(phys_read(&b->hw.phys, 0x800000, 1), 0x77);
    assert_int_equal(act(b, ACCESS_READ, 0x401000, 0), 0x11);
    hierarchy_flush_line(&b->hw, 0, 0x401000, 0x800000);
    assert_int_equal(act(b, ACCESS_READ, 0x401000, 0), 0x77);
    bare_close(b);
}

/* Another: names that agree in the two bits, one colour. 0x400000 and 0x404000 do. */
static void
names_of_one_colour_share_a_line(void **state)
{
    struct bare *b = open_l1(256, 4, INDEX_VIRTUAL_SET);

    (void)state;
    assert_int_equal(read_by_the_other_name(b, 0x400000, 0x404000), 0x77);
    assert_int_equal(copies(b, 0x800000), 1);
    bare_close(b);
}

/* The third: look it up by the physical address. */
static void
a_physical_set_has_one_line(void **state)
{
    struct bare *b = open_l1(256, 4, INDEX_PHYSICAL);

    (void)state;
    assert_int_equal(read_by_the_other_name(b, 0x400000, 0x401000), 0x77);
    assert_int_equal(copies(b, 0x800000), 1);
    bare_close(b);
}

/* A homonym: the same name means another frame now, and a virtual tag cannot tell. */
static void
a_virtual_tag_takes_another_process_for_this_one(void **state)
{
    struct bare *b = open_l1(64, 8, INDEX_VIRTUAL);

    (void)state;
    phys_write(&b->hw.phys, 0x800000, 1, 0x11);
    phys_write(&b->hw.phys, 0x900000, 1, 0x22);
    assert_int_equal(act(b, ACCESS_READ, 0x408000, 0), 0x22);
    bare_map(b, 0x408000, 0x800000, 12, W | U | 0x60); /* as after a switch to another space */
    tlb_flush(&b->hw, 0, true);
    assert_int_equal(act(b, ACCESS_READ, 0x408000, 0), 0x22);
    hierarchy_flush(&b->hw, 0);
    assert_int_equal(act(b, ACCESS_READ, 0x408000, 0), 0x11);
    bare_close(b);
}

/* The tag of VIPT has all bits above the page: with fewer, two frames could not be told apart. */
static void
the_tag_of_a_virtual_set_is_the_frame(void **state)
{
    struct bare *b = open_l1(256, 4, INDEX_VIRTUAL_SET);

    (void)state;
    bare_record(b, true);
    act(b, ACCESS_READ, 0x401040, 0);
    assert_int_equal(bare_event(b, EV_LINE_FILL, 0)->set, 0x41);
    assert_int_equal(bare_event(b, EV_LINE_FILL, 0)->tag, 0x800);
    bare_close(b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_within_the_offset_has_no_synonyms),
        cmocka_unit_test(a_set_beyond_the_offset_gives_two_lines_and_a_stale_read),
        cmocka_unit_test(names_of_one_colour_share_a_line),
        cmocka_unit_test(a_physical_set_has_one_line),
        cmocka_unit_test(a_virtual_tag_takes_another_process_for_this_one),
        cmocka_unit_test(the_tag_of_a_virtual_set_is_the_frame),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
