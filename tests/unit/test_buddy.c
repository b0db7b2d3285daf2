/* The buddy allocator and frames: blocks split and merge as Knuth says, and nothing is lost. */
#include "support/tiny.h"
#include "test.h"

static int
setup(void **state)
{
    *state = tiny_open(TINY_64, 0, 1);
    return 0;
}

static int
teardown(void **state)
{
    tiny_close(*state);
    return 0;
}

/* Silberschatz, 10.8.1: the buddy of the 128 KiB block at offset 0x60000 is at 0x40000. With 64 KiB
 * frames that is frame 6, order 1. */
static void
a_buddy_is_one_bit_away(void **state)
{
    (void)state;
    assert_int_equal(buddy_of(0x60000 / 0x10000, 1), 0x40000 / 0x10000);
    assert_int_equal(buddy_of(0x60000 / 0x1000, 5), 0x40000 / 0x1000);
    assert_int_equal(buddy_of(4, 0), 5);
    assert_int_equal(buddy_of(5, 0), 4);
}

/* 64 frames: 0 is reserved and 1 is the zero page, so 2, 4, 8, 16 and 32 begin free blocks of their
 * own size. */
static void
boot_leaves_the_largest_blocks(void **state)
{
    struct tiny *t = *state;

    assert_int_equal(t->os.s->zero_page, 1);
    assert_int_equal(t->os.s->free_frames, 62);
    for (unsigned k = 1; k <= 5; k++) {
        assert_int_equal(t->os.s->free_count[k], 1);
        assert_int_equal(t->os.s->free_head[k], 1u << k);
    }
    assert_int_equal(t->os.s->free_count[0], 0);
    assert_null(tiny_wrong(t));
}

static void
taking_one_frame_halves_a_block_and_giving_it_back_merges(void **state)
{
    struct tiny *t = *state;
    pfn_t pfn;

    assert_int_equal(buddy_take(&t->os, 0, 0), 2);
    assert_int_equal(buddy_take(&t->os, 0, 0), 3);
    tiny_record(t);
    pfn = buddy_take(&t->os, 0, 0);
    assert_int_equal(pfn, 4);
    assert_string_equal(tiny_blocks(t), "buddy_split buddy_split");
    assert_int_equal(tiny_event(t, EV_BUDDY_SPLIT, 1)->frame, 4);
    assert_int_equal(tiny_event(t, EV_BUDDY_SPLIT, 1)->frame2, 5);
    assert_int_equal(tiny_event(t, EV_BUDDY_SPLIT, 1)->order, 1);

    tiny_record(t);
    assert_int_equal(buddy_take(&t->os, 0, 2), 8); /* 4..7 has a hole now */
    assert_string_equal(tiny_blocks(t), "buddy_split");
    assert_int_equal(t->os.s->free_head[2], 12);

    tiny_record(t);
    buddy_give(&t->os, 0, 4, 0);
    assert_string_equal(
        tiny_blocks(t),
        "frame_free buddy_merge buddy_merge"); /* 4+5, 4..5 + 6..7; 0..3 is not free */
    assert_int_equal(t->os.s->free_count[0], 0);
    buddy_give(&t->os, 0, 8, 2);
    buddy_give(&t->os, 0, 3, 0);
    buddy_give(&t->os, 0, 2, 0);
    assert_int_equal(t->os.s->free_frames, 62);
    assert_null(tiny_wrong(t));
}

static void
every_frame_is_handed_out_once_and_then_there_is_none(void **state)
{
    struct tiny *t = *state;
    bool seen[64] = {false};

    for (int i = 0; i < 62; i++) {
        pfn_t pfn = frame_alloc(&t->os, 0, USE_ANON, true);

        assert_in_range(pfn, 2, 63);
        assert_false(seen[pfn]);
        seen[pfn] = true;
    }
    tiny_record(t);
    assert_int_equal(frame_alloc(&t->os, 0, USE_ANON, true), 0);
    assert_string_equal(tiny_blocks(t), "no_memory");
    for (pfn_t pfn = 63; pfn >= 2; pfn--)
        frame_put(&t->os, 0, pfn ^ 1); /* in another order */
    assert_int_equal(t->os.s->free_frames, 62);
    assert_int_equal(t->os.s->free_count[5], 1);
    assert_null(tiny_wrong(t));
}

static void
the_wrong_buddy_makes_a_block_that_is_not_aligned(void **state)
{
    struct tiny *t = *state;

    buddy_take(&t->os, 0, 1); /* 2, 3 */
    buddy_take(&t->os, 0, 2); /* 4 .. 7 */
    t->hw.s->quirks = UINT64_C(1) << QUIRK_WRONG_BUDDY;
    buddy_give(&t->os, 0, 5, 0);
    assert_int_equal(t->os.s->free_count[1], 0);
    buddy_give(&t->os, 0, 6, 0); /* 6's buddy is 7, its left neighbour is 5 */
    assert_int_equal(t->os.s->free_head[1], 5);
    assert_non_null(tiny_wrong(t));
}

/* The quirk breaks the emulated memory, never the list that the host walks. */
static void
with_the_wrong_buddy_frames_are_still_handed_out_once(void **state)
{
    struct tiny *t = *state;
    bool taken[64] = {false};
    unsigned seed = 1;

    t->hw.s->quirks = UINT64_C(1) << QUIRK_WRONG_BUDDY;
    for (int i = 0; i < 5000; i++) {
        pfn_t pfn = 2 + (seed = seed * 1103515245u + 12345u) / 65536u % 62;

        if (i == 4000)
            t->hw.s->quirks = 0;
        if (taken[pfn]) {
            frame_put(&t->os, 0, pfn);
            taken[pfn] = false;
        } else if ((pfn = frame_alloc(&t->os, 0, USE_ANON, false)) != 0) {
            assert_in_range(pfn, 2, 63);
            assert_false(taken[pfn]);
            taken[pfn] = true;
        }
    }
}

static void
what_the_last_owner_left_is_wiped(void **state)
{
    struct tiny *t = *state;
    pfn_t pfn = frame_alloc(&t->os, 0, USE_ANON, true);

    phys_write(&t->hw.phys, pa_of(&t->hw.geo.format, pfn), 1, 0x5a);
    frame_put(&t->os, 0, pfn);
    tiny_record(t);
    assert_int_equal(frame_alloc(&t->os, 0, USE_ANON, true), pfn);
    assert_int_equal(phys_read(&t->hw.phys, pa_of(&t->hw.geo.format, pfn), 1), 0);
    assert_int_equal(tiny_event(t, EV_FRAME_ZEROED, 0)->cycles, 400);

    phys_write(&t->hw.phys, pa_of(&t->hw.geo.format, pfn), 1, 0x5a);
    frame_put(&t->os, 0, pfn);
    t->hw.s->quirks = UINT64_C(1) << QUIRK_NO_ZEROING;
    assert_int_equal(frame_alloc(&t->os, 0, USE_ANON, true), pfn);
    assert_int_equal(phys_read(&t->hw.phys, pa_of(&t->hw.geo.format, pfn), 1), 0x5a);
}

static void
the_reverse_map_finds_what_it_was_told(void **state)
{
    struct tiny *t = *state;
    pfn_t pfn = t->os.s->zero_page;

    for (vaddr_t va = 0; va < 0x10000; va += 0x100)
        for (uint32_t mm = 1; mm < 9; mm++)
            assert_true(rmap_add(&t->os, pfn, mm, va));
    assert_int_equal(t->os.frame[pfn].maps, 256 * 8);
    assert_int_equal(rmap_frame(&t->os, 8, 0xff00), pfn);
    assert_int_equal(rmap_frame(&t->os, 9, 0xff00), 0);
    for (uint32_t mm = 1; mm < 9; mm++)
        for (vaddr_t va = 0; va < 0x10000; va += 0x100)
            rmap_remove(&t->os, pfn, mm, va);
    assert_int_equal(t->os.frame[pfn].maps, 0);
    assert_int_equal(t->os.frame[pfn].rmap, 0);
    assert_int_equal(rmap_frame(&t->os, 8, 0xff00), 0);
}

#define WITH_MACHINE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buddy_is_one_bit_away),
        WITH_MACHINE(boot_leaves_the_largest_blocks),
        WITH_MACHINE(taking_one_frame_halves_a_block_and_giving_it_back_merges),
        WITH_MACHINE(every_frame_is_handed_out_once_and_then_there_is_none),
        WITH_MACHINE(the_wrong_buddy_makes_a_block_that_is_not_aligned),
        WITH_MACHINE(with_the_wrong_buddy_frames_are_still_handed_out_once),
        WITH_MACHINE(what_the_last_owner_left_is_wiped),
        WITH_MACHINE(the_reverse_map_finds_what_it_was_told),
    };

    return RUN_TESTS(tests);
}
