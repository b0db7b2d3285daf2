/* Physical memory: zeros, patterns, stored bytes, and what is handed back. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "support/bare.h"

static struct bare *
open_small(unsigned slots, unsigned fars)
{
    struct geometry geo = {
        .cpus = 1, .tlb_sets = 1, .tlb_ways = 1, .frames = 64, .slot_max = slots, .far_max = fars};

    bare_format("x86-64", &geo.format);
    return bare_open_geometry(&geo);
}

static void
what_was_never_written_is_zero(void **state)
{
    struct bare *b = open_small(8, 16);
    unsigned char bytes[32], zeros[32] = {0};

    (void)state;
    assert_int_equal(phys_read(&b->hw.phys, 0x5000, 8), 0);
    assert_int_equal(phys_read(&b->hw.phys, UINT64_C(0xfffffffffff08), 8), 0);
    memset(bytes, 1, sizeof bytes);
    phys_copy_out(&b->hw.phys, 0x5ff0, bytes, sizeof bytes);
    assert_memory_equal(bytes, zeros, sizeof bytes);
    assert_null(phys_content(&b->hw.phys, 64));
    assert_int_equal(b->arena.listed, 0);
    bare_close(b);
}

static void
words_are_little_endian(void **state)
{
    struct bare *b = open_small(8, 16);
    unsigned char bytes[4];

    (void)state;
    phys_write(&b->hw.phys, 0x5000, 4, 0x11223344);
    phys_copy_out(&b->hw.phys, 0x5000, bytes, 4);
    assert_memory_equal(bytes, "\x44\x33\x22\x11", 4);
    assert_int_equal(phys_read(&b->hw.phys, 0x5001, 2), 0x2233);
    phys_write(&b->hw.phys, 0x5002, 1, 0xfff); /* only a byte of it */
    assert_int_equal(phys_read(&b->hw.phys, 0x5000, 4), 0x11ff3344);
    bare_close(b);
}

static void
ranges_may_cross_frames(void **state)
{
    struct bare *b = open_small(8, 16);
    unsigned char out[5000], in[5000];

    (void)state;
    for (unsigned i = 0; i < sizeof in; i++)
        in[i] = (unsigned char)(i * 7);
    phys_copy_in(&b->hw.phys, 0x3ffff - 100, in, sizeof in); /* the last frame of RAM and beyond */
    phys_copy_out(&b->hw.phys, 0x3ffff - 100, out, sizeof out);
    assert_memory_equal(in, out, sizeof in);
    assert_int_equal(b->hw.s->phys.fars, 2);
    bare_close(b);
}

/* A pattern is the same whichever way it is read, and stays under what is written over it. */
static void
patterns_are_computed_until_written(void **state)
{
    struct bare *b = open_small(8, 16);
    unsigned char bytes[4096];

    (void)state;
    phys_pattern_frame(&b->hw.phys, 5, 0x70001);
    assert_int_equal(b->hw.s->phys.slots_used, 0);
    phys_copy_out(&b->hw.phys, 0x5000, bytes, sizeof bytes);
    for (unsigned i = 0; i < sizeof bytes; i++)
        assert_int_equal(bytes[i], phys_pattern(0x70001, i));
    assert_int_equal(phys_read(&b->hw.phys, 0x5010, 2), bytes[0x10] | bytes[0x11] << 8);
    phys_write(&b->hw.phys, 0x5100, 1, 0x5a);
    assert_int_equal(b->hw.s->phys.slots_used, 1);
    assert_int_equal(phys_read(&b->hw.phys, 0x5100, 1), 0x5a);
    assert_int_equal(phys_read(&b->hw.phys, 0x5101, 1), bytes[0x101]);
    assert_true(memchr(bytes, bytes[0] + 1, sizeof bytes) != NULL); /* not one byte repeated */
    bare_close(b);
}

static void
zeroing_gives_the_slot_back(void **state)
{
    struct bare *b = open_small(1, 16);

    (void)state;
    for (pfn_t f = 1; f < 20; f++) {
        phys_write(&b->hw.phys, f << 12 | 8, 8, f);
        assert_int_equal(phys_read(&b->hw.phys, f << 12 | 8, 8), f);
        assert_int_equal(phys_read(&b->hw.phys, f << 12, 8),
                         0); /* nothing of the frame before shows through */
        phys_write(&b->hw.phys, f << 12, 8, ~UINT64_C(0));
        phys_zero_frame(&b->hw.phys, f);
        assert_int_equal(phys_read(&b->hw.phys, f << 12 | 8, 8), 0);
    }
    assert_int_equal(b->hw.s->phys.slots_used, 1);
    assert_int_equal(b->hw.s->phys.slots_full, 0);
    bare_close(b);
}

static void
copies_are_independent(void **state)
{
    struct bare *b = open_small(8, 16);

    (void)state;
    phys_write(&b->hw.phys, 0x5000, 8, 55);
    phys_copy_frame(&b->hw.phys, 6, 5);
    phys_write(&b->hw.phys, 0x5000, 8, 1);
    assert_int_equal(phys_read(&b->hw.phys, 0x6000, 8), 55);
    phys_pattern_frame(&b->hw.phys, 7, 99);
    phys_copy_frame(&b->hw.phys, 6, 7);
    assert_int_equal(phys_content(&b->hw.phys, 6)->slot, 0);
    assert_int_equal(phys_read(&b->hw.phys, 0x6003, 1), phys_pattern(99, 3));
    phys_copy_frame(&b->hw.phys, 6, 8); /* a frame of zeros */
    assert_int_equal(phys_read(&b->hw.phys, 0x6003, 8), 0);
    assert_int_equal(b->hw.s->phys.slots_used, 2);
    bare_close(b);
}

/* The limit is said, nothing is overwritten, and reading goes on. */
static void
a_limit_is_reported_and_harmless(void **state)
{
    struct bare *b = open_small(2, 4);

    (void)state;
    phys_write(&b->hw.phys, 0x1000, 8, 1);
    phys_write(&b->hw.phys, 0x2000, 8, 2);
    assert_int_equal(b->hw.s->phys.slots_full, 0);
    phys_write(&b->hw.phys, 0x3000, 8, 3);
    assert_int_equal(b->hw.s->phys.slots_full, 1);
    assert_int_equal(phys_read(&b->hw.phys, 0x1000, 8), 1);
    assert_int_equal(phys_read(&b->hw.phys, 0x2000, 8), 2);
    assert_int_equal(phys_read(&b->hw.phys, 0x3000, 8), 0);
    for (pfn_t f = 100; f < 110; f++)
        phys_pattern_frame(&b->hw.phys, f, 7); /* needs no slot, only a place: 3 of 4 */
    assert_int_equal(b->hw.s->phys.fars, 3);
    assert_int_equal(phys_read(&b->hw.phys, UINT64_C(102) << 12, 1), phys_pattern(7, 0));
    assert_int_equal(phys_read(&b->hw.phys, UINT64_C(109) << 12, 8), 0);
    bare_close(b);
}

/* Invariant of arena.h: what is not marked equals what it was. */
static void
every_write_marks_its_chunk(void **state)
{
    struct bare *b = open_small(16, 16);
    unsigned char *before = malloc(b->arena.size);
    uint64_t x = 7;

    (void)state;
    assert_non_null(before);
    for (unsigned round = 0; round < 200; round++) {
        memcpy(before, b->arena.base, b->arena.size);
        arena_clean(&b->arena);
        for (unsigned i = 0; i < 3; i++) {
            x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
            pfn_t f = x >> 33 & 7, g = (x >> 40 & 7) + (x >> 50 & 1) * 100;

            switch (x >> 60) {
            case 0:
            case 1:
                phys_zero_frame(&b->hw.phys, g);
                break;
            case 2:
                phys_pattern_frame(&b->hw.phys, f, (uint32_t)(x >> 32) | 1);
                break;
            case 3:
            case 4:
                phys_copy_frame(&b->hw.phys, g, f);
                break;
            default:
                phys_write(&b->hw.phys, g << 12 | (x >> 44 & 0xff8), 8, x);
            }
        }
        for (uint32_t c = (uint32_t)(b->arena.hot >> CHUNK_SHIFT); c < arena_chunks(&b->arena); c++)
            if (!(b->arena.marked[c] & ARENA_TOUCHED))
                assert_memory_equal(before + ((size_t)c << CHUNK_SHIFT),
                                    b->arena.base + ((size_t)c << CHUNK_SHIFT), CHUNK);
    }
    assert_int_equal(b->hw.s->phys.slots_full, 0);
    free(before);
    bare_close(b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_never_written_is_zero),
        cmocka_unit_test(words_are_little_endian),
        cmocka_unit_test(ranges_may_cross_frames),
        cmocka_unit_test(patterns_are_computed_until_written),
        cmocka_unit_test(zeroing_gives_the_slot_back),
        cmocka_unit_test(copies_are_independent),
        cmocka_unit_test(a_limit_is_reported_and_harmless),
        cmocka_unit_test(every_write_marks_its_chunk),
    };

    return RUN_TESTS(tests);
}
