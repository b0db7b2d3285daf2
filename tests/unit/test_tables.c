/* What page tables cost: by where the pages lie, not by how many they are. Worked out by hand. */
#include <stdio.h>

#include "support/drive.h"
#include "test.h"

enum { REGIONS = 640, REACH = 4 << 20 }; /* what one table of 32-bit paging serves */

static void
open_machine(struct machine *m, const char *name)
{
    struct preset p;
    struct error e = {0};

    drive_preset(name, &p);
    assert_true(machine_open(m, &p, 1, &e));
    drive_machine(m, "spawn");
}

static uint32_t
tables(const struct machine *m)
{
    return m->os.s->mm[1].tables;
}

/* Only read: all map the one page of zeros, and what is taken from the free frames is tables. */
static void
a_page_in_each_region_costs_a_table_each(void **state)
{
    char line[32];
    struct machine m;
    uint32_t free;

    (void)state;
    open_machine(&m, "i386");
    drive_machine(&m, "mmap 0x10000000 0xa0000000 r");
    free = m.os.s->free_frames;
    assert_int_equal(tables(&m), 1);
    for (unsigned i = 0; i < REGIONS; i++) {
        snprintf(line, sizeof line, "read 0x%x", 0x10000000 + i * REACH);
        drive_machine(&m, line);
    }
    assert_int_equal(tables(&m), 1 + REGIONS);
    assert_int_equal(free - m.os.s->free_frames, REGIONS);
    drive_machine(&m, "munmap 0x10000000 0xa0000000");
    assert_int_equal(tables(&m), 1);
    assert_int_equal(m.os.s->free_frames, free);
    machine_close(&m);
}

/* 0x400000 is 0, 0, 2, 0 and 0x7ffffffde000 is 255, 511, 511, 478: one root, two tables on each other level, 28 KiB. */
static void
two_pages_at_the_ends_take_seven_tables(void **state)
{
    struct machine m;

    (void)state;
    open_machine(&m, "x86-64");
    drive_machine(&m, "mmap 0x400000 4K rw");
    drive_machine(&m, "write 0x400000 1");
    drive_machine(&m, "write 0x7ffffffde000 1");
    assert_int_equal(tables(&m), 7);
    machine_close(&m);
}

/* A 4 MiB page of the kernel's map needs no table below the directory; an entry of zero needs none either. */
static void
large_pages_and_absent_entries_need_no_table(void **state)
{
    struct machine m;
    uint32_t free;

    (void)state;
    open_machine(&m, "i386");
    free = m.os.s->free_frames;
    assert_int_equal(drive_machine(&m, "read 0xc0123456 as=kernel").pa, 0x123456);
    assert_int_equal(m.os.s->free_frames, free);
    assert_int_equal(tables(&m), 1);
    machine_close(&m);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_in_each_region_costs_a_table_each),
        cmocka_unit_test(two_pages_at_the_ends_take_seven_tables),
        cmocka_unit_test(large_pages_and_absent_entries_need_no_table),
    };

    return RUN_TESTS(tests);
}
