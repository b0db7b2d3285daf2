/* Looks at A: the kernel counts looks that found a page used, not uses. */
#include "support/drive.h"
#include "test.h"

static void
open_machine(struct machine *m)
{
    struct preset p;
    struct error e = {0};

    drive_preset("x86-64", &p);
    assert_true(machine_open(m, &p, 1, &e));
    drive_machine(m, "spawn");
}

/* The frame's record of the page at va. */
static struct frame
page_at(const struct machine *m, vaddr_t va)
{
    struct translation t;

    assert_true(walker_peek(&m->hw, m->os.s->mm[1].root, va, &t));
    return m->os.frame[t.pfn];
}

static bool
has_a(const struct machine *m, vaddr_t va)
{
    struct translation t;

    assert_true(walker_peek(&m->hw, m->os.s->mm[1].root, va, &t));
    return t.entry[t.level] & m->preset.geo.format.flag.accessed;
}

/* Four looks, the page used before the first, second and fourth, once or ten times: bits 1 1 0 1
 * from the oldest on, so 1011 0000 with the newest in front (Tanenbaum 3.4.7). */
static void
four_looks_of_which_three_found_it_used(void **state)
{
    static const unsigned uses[] = {1, 10, 0, 1};
    struct machine m;

    (void)state;
    open_machine(&m);
    for (unsigned look = 0; look < 4; look++) {
        for (unsigned i = 0; i < uses[look]; i++)
            drive_machine(&m, "write 0x406000 1");
        assert_int_equal(drive_machine(&m, "sample").value, 1);
        assert_false(has_a(&m, 0x406000));
    }
    assert_int_equal(page_at(&m, 0x406000).seen, 3);
    assert_int_equal(page_at(&m, 0x406000).history, 0xb0);
    machine_close(&m);
}

/* The kernel that leaves the TLB alone sees nothing of a use that needed no walk. */
static void
without_invalidation_a_use_goes_unseen(void **state)
{
    struct machine m;

    (void)state;
    open_machine(&m);
    drive_machine(&m, "set hand-keeps-tlb on");
    drive_machine(&m, "write 0x406000 1");
    drive_machine(&m, "sample");
    drive_machine(&m, "read 0x406000");
    drive_machine(&m, "sample");
    assert_int_equal(page_at(&m, 0x406000).seen, 1);
    machine_close(&m);
}

/* What was seen of one page says nothing of the next in the same frame. */
static void
a_new_page_has_no_history(void **state)
{
    struct machine m;
    struct outcome first, second;

    (void)state;
    open_machine(&m);
    first = drive_machine(&m, "write 0x406000 1");
    drive_machine(&m, "sample");
    drive_machine(&m, "munmap 0x406000 4K");
    second = drive_machine(&m, "write 0x407000 1");
    assert_int_equal(first.pa >> 12, second.pa >> 12);
    assert_int_equal(page_at(&m, 0x407000).seen, 0);
    assert_int_equal(page_at(&m, 0x407000).history, 0);
    machine_close(&m);
}

/* A page of two processes is in use when either of them used it. */
static void
a_shared_page_is_used_by_whoever_touches_it(void **state)
{
    struct machine m;

    (void)state;
    open_machine(&m);
    drive_machine(&m, "write 0x406000 1");
    drive_machine(&m, "fork");
    drive_machine(&m, "sample 1");
    drive_machine(&m, "switch 2");
    drive_machine(&m, "read 0x406000");
    drive_machine(&m, "sample 1");
    assert_int_equal(page_at(&m, 0x406000).seen, 2);
    assert_int_equal(page_at(&m, 0x406000).history, 0xc0);
    machine_close(&m);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_looks_of_which_three_found_it_used),
        cmocka_unit_test(without_invalidation_a_use_goes_unseen),
        cmocka_unit_test(a_new_page_has_no_history),
        cmocka_unit_test(a_shared_page_is_used_by_whoever_touches_it),
    };

    return RUN_TESTS(tests);
}
