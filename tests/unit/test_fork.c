/* Fork and copy on write: who owns which frame, and who pays for the copy. */
#include "support/tiny.h"
#include "test.h"

enum { RW = RIGHT_R | RIGHT_W, PAGE = 4096, PAGES = 8, ANY = 0x10000 };

/* Process 1 with PAGES anonymous pages, page i holding the byte i; running. */
static int
setup(void **state)
{
    struct tiny *t = tiny_open(TINY_X86, 0, 2);

    tiny_run(t);
    tiny_mmap(t, ANY, PAGES, RW);
    for (unsigned i = 0; i < PAGES; i++)
        tiny_write(t, ANY + i * PAGE, (uint8_t)i);
    *state = t;
    return 0;
}

static void
quirk(struct tiny *t, enum quirk q)
{
    t->hw.s->quirks = UINT64_C(1) << q;
}

static void
fork_copies_tables_and_no_page(void **state)
{
    struct tiny *t = *state;
    uint32_t before = t->os.s->free_frames, child;

    tiny_record(t);
    child = os_fork(&t->os, 0);
    assert_int_equal(child, 2);
    assert_int_equal(tiny_event(t, EV_FORKED, 0)->count, PAGES);
    assert_int_equal(tiny_count(t, EV_FRAME_COPIED), 0);
    assert_int_equal(before - t->os.s->free_frames, 4); /* root, PDPT, PD, PT */
    assert_int_equal(tiny_count(t, EV_TABLE_ALLOC), 4);
    assert_int_equal(tiny_count(t, EV_FRAME_SHARED), PAGES);
    assert_int_equal(tiny_count(t, EV_TLB_DROP), PAGES);
    for (unsigned i = 0; i < PAGES; i++) {
        vaddr_t va = ANY + i * PAGE;

        assert_int_equal(tiny_frame(t, 1, va), tiny_frame(t, 2, va));
        assert_int_equal((tiny_entry(t, 1, va) | tiny_entry(t, 2, va)) & 2, 0);
        assert_int_equal(t->os.frame[tiny_frame(t, 1, va)].refs, 2);
    }
    assert_int_equal(t->os.s->mm[1].rss_anon + t->os.s->mm[2].rss_anon,
                     2 * PAGES); /* RSS counts shared frames twice */
    assert_int_equal(t->os.s->task[2].parent, 1);
    assert_int_equal(t->os.s->task[2].state, TASK_READY);
}

static void
the_writer_gets_the_copy_and_the_last_owner_none(void **state)
{
    struct tiny *t = *state;
    vaddr_t p = ANY + 3 * PAGE;
    pfn_t old = tiny_frame(t, 1, p);
    uint32_t child = os_fork(&t->os, 0);

    tiny_record(t);
    assert_int_equal(tiny_write(t, p, 0xaa).faults, 1);
    assert_string_equal(tiny_story(t),
                        "page_fault trap area_found cow_copy frame_alloc frame_copied entry_write "
                        "frame_dropped restart");
    assert_int_equal(tiny_event(t, EV_PAGE_FAULT, 0)->error, 7);
    assert_int_equal(tiny_event(t, EV_COW_COPY, 0)->count, 2);
    assert_int_equal(tiny_event(t, EV_FRAME_COPIED, 0)->frame2, old);
    assert_int_equal(tiny_frame(t, 1, p), tiny_event(t, EV_FRAME_COPIED, 0)->frame);
    assert_int_equal(tiny_frame(t, child, p), old);

    os_switch(&t->os, 0, child);
    assert_int_equal(tiny_read(t, p).value, 3);
    tiny_record(t);
    assert_int_equal(tiny_write(t, p, 0xbb).faults, 1);
    assert_string_equal(tiny_story(t),
                        "tlb_drop page_fault trap area_found cow_reuse entry_write restart");
    assert_int_equal(tiny_frame(t, child, p), old);
    os_switch(&t->os, 0, 1);
    assert_int_equal(tiny_read(t, p).value, 0xaa);
}

/* 1000 pages, 100 of them written by the parent: 100 frames more, and the child still reads what
 * was there at the fork. */
static void
a_snapshot_costs_what_is_written(void **state)
{
    struct tiny *t = tiny_open(TINY_X86, 4096, 1);
    vaddr_t va = 0x40000000;
    uint32_t child, before;

    (void)state;
    tiny_run(t);
    tiny_mmap(t, va, 1000, RW);
    for (unsigned i = 0; i < 1000; i++)
        tiny_write(t, va + i * PAGE, (uint8_t)i);
    child = os_fork(&t->os, 0);
    before = t->os.s->free_frames;
    for (unsigned i = 0; i < 1000; i += 10)
        tiny_write(t, va + i * PAGE, 0xee);
    assert_int_equal(before - t->os.s->free_frames, 100);
    os_switch(&t->os, 0, child);
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(tiny_read(t, va + i * PAGE).value, (uint8_t)i);
    assert_null(tiny_wrong(t));
    tiny_close(t);
}

static void
shared_mappings_stay_shared_and_writable(void **state)
{
    struct tiny *t = *state;
    vaddr_t va = 0;
    uint32_t child;

    assert_int_equal(os_mmap(&t->os, 0, &va, PAGE, RW, true, 0), CALL_OK);
    tiny_write(t, va, 1);
    child = os_fork(&t->os, 0);
    assert_int_equal(tiny_write(t, va, 2).faults, 0);
    os_switch(&t->os, 0, child);
    assert_int_equal(tiny_read(t, va).value, 2);
    assert_int_equal(tiny_write(t, va, 3).faults, 0);
    os_exit(&t->os, 0, child, SIGNAL_NONE);
    os_switch(&t->os, 0, 1);
    assert_int_equal(tiny_read(t, va).value, 3);
}

/* A page that neither had touched is not shared: each gets its own later. Shared memory is found
 * through its object. */
static void
pages_touched_after_the_fork(void **state)
{
    struct tiny *t = *state;
    vaddr_t shared = 0, own = 0x20000000;
    uint32_t child;

    assert_int_equal(os_mmap(&t->os, 0, &shared, PAGE, RW, true, 0), CALL_OK);
    tiny_mmap(t, own, 1, RW);
    child = os_fork(&t->os, 0);
    tiny_write(t, shared, 0x11);
    tiny_write(t, own, 0x22);
    os_switch(&t->os, 0, child);
    assert_int_equal(tiny_read(t, shared).value, 0x11);
    assert_int_equal(tiny_read(t, own).value, 0);
    assert_int_equal(os_brk(&t->os, 0, 0x801000), CALL_OK); /* the child's areas are its own */
    assert_int_equal(t->os.s->mm[1].brk, 0x800000);
}

static void
three_owners_make_two_copies(void **state)
{
    struct tiny *t = *state;
    uint32_t second, third;

    second = os_fork(&t->os, 0);
    third = os_fork(&t->os, 0);
    assert_int_equal(t->os.frame[tiny_frame(t, 1, ANY)].refs, 3);
    tiny_record(t);
    tiny_write(t, ANY, 1);
    os_switch(&t->os, 0, second);
    tiny_write(t, ANY, 2);
    os_switch(&t->os, 0, third);
    tiny_write(t, ANY, 3);
    assert_int_equal(tiny_count(t, EV_FRAME_COPIED), 2);
    assert_int_equal(tiny_count(t, EV_COW_REUSE), 1);
    os_switch(&t->os, 0, second);
    assert_int_equal(tiny_read(t, ANY).value, 2);
}

static void
fork_without_memory_leaves_nothing_behind(void **state)
{
    struct tiny *t = *state;
    uint32_t free, child = 0;

    while (t->os.s->free_frames > 2)
        assert_true(frame_alloc(&t->os, 0, USE_RESERVED, false) != 0);
    free = t->os.s->free_frames;
    tiny_record(t);
    child = os_fork(&t->os, 0);
    assert_int_equal(child, 0);
    assert_int_equal(tiny_count(t, EV_NO_MEMORY), 1);
    assert_int_equal(tiny_count(t, EV_FORKED), 0);
    assert_int_equal(t->os.s->free_frames, free);
    assert_int_equal(t->os.s->task[2].state, TASK_NONE);
    assert_int_equal(t->os.frame[tiny_frame(t, 1, ANY)].refs, 1);
    assert_int_equal(tiny_write(t, ANY, 5).end, END_DONE);
}

/* --- wrong kernels --- */

static void
fork_that_copies_all(void **state)
{
    struct tiny *t = *state;
    uint32_t child;

    quirk(t, QUIRK_FORK_COPIES);
    tiny_record(t);
    child = os_fork(&t->os, 0);
    assert_int_equal(tiny_count(t, EV_FRAME_COPIED), PAGES);
    assert_int_equal(tiny_event(t, EV_FORKED, 0)->count, 0);
    assert_int_equal(tiny_write(t, ANY, 0xaa).faults, 0);
    os_switch(&t->os, 0, child);
    assert_int_equal(tiny_read(t, ANY + PAGE).value, 1);
    assert_int_equal(tiny_read(t, ANY).value, 0);
}

static void
fork_that_forgets_to_write_protect(void **state)
{
    struct tiny *t = *state;
    uint32_t child;

    quirk(t, QUIRK_FORK_WRITABLE);
    child = os_fork(&t->os, 0);
    assert_int_equal(tiny_write(t, ANY, 0xaa).faults, 0);
    os_switch(&t->os, 0, child);
    assert_int_equal(tiny_read(t, ANY).value, 0xaa); /* the child's page changed under it */
}

static void
fork_that_forgets_the_tlb(void **state)
{
    struct tiny *t = *state;
    uint32_t child;

    tiny_write(t, ANY, 0); /* in the TLB, writable and dirty */
    quirk(t, QUIRK_NO_INVALIDATE);
    child = os_fork(&t->os, 0);
    assert_int_equal(tiny_write(t, ANY, 0xaa).faults, 0);
    os_switch(&t->os, 0, child);
    assert_int_equal(tiny_read(t, ANY).value, 0xaa);
}

static void
the_other_gets_the_copy(void **state)
{
    struct tiny *t = *state;
    pfn_t old = tiny_frame(t, 1, ANY);
    uint32_t child = os_fork(&t->os, 0);

    quirk(t, QUIRK_OTHER_COPIES);
    assert_int_equal(tiny_write(t, ANY, 0xaa).end, END_DONE);
    assert_int_equal(tiny_frame(t, 1, ANY), old);
    assert_int_not_equal(tiny_frame(t, child, ANY), old);
    os_switch(&t->os, 0, child);
    assert_int_equal(tiny_read(t, ANY).value, 0);
}

static void
the_last_owner_copies_too(void **state)
{
    struct tiny *t = *state;
    pfn_t old = tiny_frame(t, 1, ANY);

    quirk(t, QUIRK_LAST_COPIES);
    os_exit(&t->os, 0, os_fork(&t->os, 0), SIGNAL_NONE);
    tiny_record(t);
    tiny_write(t, ANY, 0xaa);
    assert_int_equal(tiny_count(t, EV_FRAME_COPIED), 1);
    assert_int_not_equal(tiny_frame(t, 1, ANY), old);
    assert_true(frame_is_free(&t->os.frame[old]));
}

#define WITH_PAGES(f) cmocka_unit_test_setup_teardown(f, setup, tiny_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PAGES(fork_copies_tables_and_no_page),
        WITH_PAGES(the_writer_gets_the_copy_and_the_last_owner_none),
        cmocka_unit_test(a_snapshot_costs_what_is_written),
        WITH_PAGES(shared_mappings_stay_shared_and_writable),
        WITH_PAGES(pages_touched_after_the_fork),
        WITH_PAGES(three_owners_make_two_copies),
        WITH_PAGES(fork_without_memory_leaves_nothing_behind),
        WITH_PAGES(fork_that_copies_all),
        WITH_PAGES(fork_that_forgets_to_write_protect),
        WITH_PAGES(fork_that_forgets_the_tlb),
        WITH_PAGES(the_other_gets_the_copy),
        WITH_PAGES(the_last_owner_copies_too),
    };

    return RUN_TESTS(tests);
}
