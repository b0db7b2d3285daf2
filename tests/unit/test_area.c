/* Areas: sorted, disjoint, merged, and what mmap, munmap, mprotect and brk make of them (mmap(2),
 * brk(2)). */
#include <stdio.h>
#include <string.h>

#include "support/tiny.h"
#include "test.h"

enum { RW = RIGHT_R | RIGHT_W, PAGE = 4096 };

static int
setup(void **state)
{
    struct tiny *t = tiny_open(TINY_X86, 0, 1);

    tiny_run(t);
    *state = t;
    return 0;
}

/* "code 400000-403000 5" per area, blank between. */
static const char *
areas(const struct tiny *t, uint32_t mm)
{
    static char text[4096];
    size_t at = 0;

    text[0] = '\0';
    for (uint32_t i = t->os.s->mm[mm].area; i; i = t->os.area[i].next) {
        const struct area *a = &t->os.area[i];

        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s %lx-%lx %d", at ? ", " : "",
                               area_kind_name[a->kind], (unsigned long)a->start,
                               (unsigned long)a->end, a->prot);
    }
    return text;
}

static const char *
mmaps(const struct tiny *t)
{
    const char *from = strstr(areas(t, 1), "mmap");
    char *end = from ? strstr(from, ", stack") : NULL;

    if (end)
        *end = '\0';
    return from ? from : "";
}

static enum call_error
map_at(struct tiny *t, vaddr_t va, uint64_t length, uint8_t prot)
{
    return os_mmap(&t->os, 0, &va, length, prot, false, 0);
}

static void
a_new_process_has_what_its_layout_says(void **state)
{
    assert_string_equal(
        areas(*state, 1),
        "code 400000-403000 5, data 600000-602000 3, stack 7ffffffdd000-7ffffffdf000 3");
}

static void
mmap_goes_top_down_and_neighbours_become_one(void **state)
{
    struct tiny *t = *state;

    tiny_record(t);
    assert_int_equal(tiny_mmap(t, 0, 2, RW), 0x7ffff7000000 - 2 * PAGE);
    assert_string_equal(tiny_story(t), "area_added");
    assert_int_equal(tiny_mmap(t, 0, 1, RW), 0x7ffff7000000 - 3 * PAGE);
    assert_string_equal(mmaps(t), "mmap 7ffff6ffd000-7ffff7000000 3");
    assert_int_equal(tiny_mmap(t, 0, 1, RIGHT_R), 0x7ffff7000000 - 4 * PAGE);
    assert_string_equal(mmaps(t),
                        "mmap 7ffff6ffc000-7ffff6ffd000 1, mmap 7ffff6ffd000-7ffff7000000 3");
}

static void
a_hole_in_the_middle_is_found_again(void **state)
{
    struct tiny *t = *state;
    vaddr_t va = tiny_mmap(t, 0, 8, RW);

    assert_int_equal(os_munmap(&t->os, 0, va + 2 * PAGE, 3 * PAGE), CALL_OK);
    assert_int_equal(t->os.s->mm[1].areas, 5);
    assert_int_equal(tiny_mmap(t, 0, 4, RW), va - 4 * PAGE); /* 4 do not fit into 3 */
    assert_int_equal(tiny_mmap(t, 0, 3, RW), va + 2 * PAGE);
    assert_int_equal(t->os.s->mm[1].areas, 4); /* all one */
}

static void
mmap_refuses_what_it_must(void **state)
{
    struct tiny *t = *state;

    assert_int_equal(map_at(t, 0x10000, 0, RW), CALL_EINVAL);
    assert_int_equal(map_at(t, 0x10001, PAGE, RW), CALL_EINVAL);
    assert_int_equal(map_at(t, 0x10000, PAGE, 8), CALL_EINVAL);
    assert_int_equal(map_at(t, 0x800000000000, PAGE, RW), CALL_EINVAL);
    assert_int_equal(map_at(t, 0x7ffffffff000, 2 * PAGE, RW), CALL_EINVAL);
    assert_int_equal(map_at(t, 0x402000, PAGE, RW), CALL_EEXIST);
    assert_int_equal(map_at(t, 0x3ff000, 2 * PAGE, RW), CALL_EEXIST);
    assert_int_equal(map_at(t, 0, UINT64_MAX, RW), CALL_EINVAL); /* rounds up to 0 */
    assert_int_equal(map_at(t, 0, UINT64_C(1) << 47, RW), CALL_ENOMEM);
    assert_int_equal(map_at(t, 0x3ff000, 1, RW), CALL_OK);
    assert_int_equal(os_munmap(&t->os, 0, 0x3ff001, PAGE), CALL_EINVAL);
    assert_int_equal(os_munmap(&t->os, 0, 0x3ff000, 0), CALL_EINVAL);
    assert_int_equal(os_mprotect(&t->os, 0, 0x3fe000, 2 * PAGE, RW), CALL_ENOMEM); /* a gap */
}

static void
mprotect_splits_and_joins(void **state)
{
    struct tiny *t = *state;

    tiny_mmap(t, 0x10000, 4, RW);
    tiny_record(t);
    assert_int_equal(os_mprotect(&t->os, 0, 0x11000, 2 * PAGE, RIGHT_R), CALL_OK);
    assert_string_equal(tiny_story(t), "area_changed");
    assert_int_equal(tiny_event(t, EV_AREA_CHANGED, 0)->start, 0x11000);
    assert_int_equal(tiny_event(t, EV_AREA_CHANGED, 0)->end, 0x13000);
    assert_true(strncmp(areas(t, 1),
                        "mmap 10000-11000 3, mmap 11000-13000 1, mmap 13000-14000 3, code",
                        64) == 0);
    assert_int_equal(os_mprotect(&t->os, 0, 0x10000, 4 * PAGE, RW), CALL_OK);
    assert_true(strncmp(areas(t, 1), "mmap 10000-14000 3, code", 24) == 0);
}

/* A file's pieces are one again only where its pages go on. */
static void
a_split_file_area_keeps_its_offsets(void **state)
{
    struct tiny *t = *state;
    uint32_t file = object_open(&t->os, "a.txt");
    vaddr_t va = 0x10000;

    assert_int_equal(os_mmap(&t->os, 0, &va, 4 * PAGE, RIGHT_R, false, file), CALL_OK);
    assert_int_equal(os_munmap(&t->os, 0, 0x11000, PAGE), CALL_OK);
    assert_int_equal(t->os.s->object[file].refs, 2);
    assert_int_equal(t->os.area[area_find(&t->os, 1, 0x12000)].offset, 2);
    va = 0x11000;
    assert_int_equal(os_mmap(&t->os, 0, &va, PAGE, RIGHT_R, false, file),
                     CALL_OK); /* page 0 of the file, not 1 */
    assert_int_equal(t->os.s->object[file].refs, 3);
    assert_int_equal(os_munmap(&t->os, 0, 0x10000, 4 * PAGE), CALL_OK);
    assert_int_equal(t->os.s->object[file].refs, 0);
}

static void
munmap_gives_back_pages_and_tables(void **state)
{
    struct tiny *t = *state;
    uint32_t before = t->os.s->free_frames;

    tiny_mmap(t, 0x40000000, 3, RW);
    for (vaddr_t va = 0x40000000; va < 0x40003000; va += PAGE)
        tiny_write(t, va, 1);
    assert_int_equal(before - t->os.s->free_frames, 3 + 3); /* pages; PDPT, PD, PT */
    assert_int_equal(t->os.s->mm[1].rss_anon, 3);
    tiny_record(t);
    assert_int_equal(os_munmap(&t->os, 0, 0x40000000, 2 * PAGE), CALL_OK);
    assert_int_equal(tiny_count(t, EV_TABLE_FREE), 0);
    assert_int_equal(tiny_count(t, EV_TLB_DROP), 2);
    assert_int_equal(os_munmap(&t->os, 0, 0x40000000, 3 * PAGE), CALL_OK);
    assert_int_equal(tiny_count(t, EV_TABLE_FREE), 3);
    assert_int_equal(t->os.s->free_frames, before);
    assert_int_equal(t->os.s->mm[1].tables, 1);
}

/* Pages far apart, under several tables, with holes: one call takes them all. */
static void
munmap_of_a_wide_range_takes_every_page(void **state)
{
    struct tiny *t = *state;
    static const vaddr_t at[] = {0x10000000, 0x101ff000,    0x10200000,
                                 0x50000000, 0x7fffffff000, 0x80000000000};
    uint32_t before = t->os.s->free_frames;

    for (unsigned i = 0; i < 6; i++) {
        tiny_mmap(t, at[i], 1, RW);
        tiny_write(t, at[i], 1);
    }
    tiny_record(t);
    assert_int_equal(os_munmap(&t->os, 0, 0x10000000, 0x80000001000 - 0x10000000), CALL_OK);
    assert_int_equal(t->os.s->free_frames, before);
    assert_int_equal(tiny_count(t, EV_AREA_REMOVED), 4); /* two pairs are neighbours */
}

static void
brk_grows_and_shrinks_by_pages(void **state)
{
    struct tiny *t = *state;

    assert_int_equal(os_brk(&t->os, 0, 0x7fffff), CALL_EINVAL);
    assert_int_equal(os_brk(&t->os, 0, 0x800001), CALL_OK);
    assert_non_null(strstr(areas(t, 1), "heap 800000-801000 3"));
    assert_int_equal(os_brk(&t->os, 0, 0x803000), CALL_OK);
    assert_non_null(strstr(areas(t, 1), "heap 800000-803000 3"));
    tiny_write(t, 0x802fff, 1);
    assert_int_equal(t->os.s->mm[1].rss_anon, 1);
    assert_int_equal(os_brk(&t->os, 0, 0x802000), CALL_OK);
    assert_int_equal(t->os.s->mm[1].rss_anon, 0);
    assert_int_equal(os_brk(&t->os, 0, 0x800000), CALL_OK);
    assert_null(strstr(areas(t, 1), "heap"));
    tiny_mmap(t, 0x810000, 1, RW);
    assert_int_equal(os_brk(&t->os, 0, 0x810000), CALL_ENOMEM); /* would touch */
    assert_int_equal(os_brk(&t->os, 0, 0x80f000), CALL_OK);
    assert_int_equal(t->os.s->mm[1].brk, 0x80f000);
}

/* AREA_MAX areas at most: the split that would need one more is refused and nothing changes. */
static void
the_last_area_is_not_split(void **state)
{
    struct tiny *t = *state;
    uint32_t n = t->os.s->mm[1].areas;

    tiny_mmap(t, 0x10000, 3, RW);
    for (n++; n < AREA_MAX; n++)
        tiny_mmap(t, 0x100000000 + n * 2 * (vaddr_t)PAGE, 1, RW);
    assert_int_equal(map_at(t, 0x30000, PAGE, RW), CALL_ENOMEM);
    assert_int_equal(os_munmap(&t->os, 0, 0x11000, PAGE), CALL_ENOMEM);
    assert_int_equal(os_mprotect(&t->os, 0, 0x11000, PAGE, RIGHT_R), CALL_ENOMEM);
    assert_int_equal(t->os.s->mm[1].areas, AREA_MAX);
    assert_int_equal(os_munmap(&t->os, 0, 0x10000, 3 * PAGE), CALL_OK);
    os_exit(&t->os, 0, 1, SIGNAL_NONE);
    assert_int_equal(t->os.s->mm[1].areas, 0);
}

#define WITH_PROCESS(f) cmocka_unit_test_setup_teardown(f, setup, tiny_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PROCESS(a_new_process_has_what_its_layout_says),
        WITH_PROCESS(mmap_goes_top_down_and_neighbours_become_one),
        WITH_PROCESS(a_hole_in_the_middle_is_found_again),
        WITH_PROCESS(mmap_refuses_what_it_must),
        WITH_PROCESS(mprotect_splits_and_joins),
        WITH_PROCESS(a_split_file_area_keeps_its_offsets),
        WITH_PROCESS(munmap_gives_back_pages_and_tables),
        WITH_PROCESS(munmap_of_a_wide_range_takes_every_page),
        WITH_PROCESS(brk_grows_and_shrinks_by_pages),
        WITH_PROCESS(the_last_area_is_not_split),
    };

    return RUN_TESTS(tests);
}
