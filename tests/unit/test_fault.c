/* The page-fault handler: what each first touch costs, in faults, frames and tables. Error codes:
 * Intel SDM vol. 3A, 4.7. */
#include "support/tiny.h"
#include "test.h"

enum { R = RIGHT_R, RW = RIGHT_R | RIGHT_W, PAGE = 4096, ANY = 0x10000 };

static int
setup(void **state)
{
    struct tiny *t = tiny_open(TINY_X86, 0, 2);

    tiny_run(t);
    *state = t;
    return 0;
}

static struct task *
task(struct tiny *t, uint32_t pid)
{
    return &t->os.s->task[pid];
}

static void
quirk(struct tiny *t, enum quirk q)
{
    t->hw.s->quirks = UINT64_C(1) << q;
}

/* --- anonymous memory --- */

static void
the_first_write_takes_one_frame_in_one_minor_fault(void **state)
{
    struct tiny *t = *state;
    struct access_end_result r;

    tiny_mmap(t, ANY, 1, RW);
    tiny_read(t, ANY); /* makes the tables */
    os_munmap(&t->os, 0, ANY, PAGE);
    tiny_mmap(t, ANY, 2, RW);
    tiny_read(t, ANY + PAGE);
    tiny_record(t);
    r = tiny_write(t, ANY + 0x123, 0x5a);
    assert_string_equal(tiny_story(t),
                        "page_fault trap area_found frame_alloc entry_write restart");
    assert_int_equal(r.end, END_DONE);
    assert_int_equal(r.faults, 1);
    assert_int_equal(tiny_event(t, EV_PAGE_FAULT, 0)->error, 6); /* U W, not P */
    assert_int_equal(tiny_event(t, EV_TRAP, 0)->cycles, 1000);
    assert_int_equal(tiny_event(t, EV_AREA_FOUND, 0)->start, ANY);
    assert_int_equal(tiny_event(t, EV_ENTRY_WRITE, 0)->old, 0);
    assert_int_equal(tiny_event(t, EV_ENTRY_WRITE, 0)->level, 3);
    assert_int_equal(tiny_event(t, EV_ENTRY_WRITE, 0)->index, 0x10);
    assert_int_equal(tiny_event(t, EV_ENTRY_WRITE, 0)->new, /* NX, D and A are still 0 */
                     UINT64_C(1) << 63 | tiny_event(t, EV_FRAME_ALLOC, 0)->frame << 12 | 7);
    assert_int_equal(tiny_count(t, EV_ACCESS),
                     1); /* the instruction is restarted, not issued again */
    assert_int_equal(tiny_read(t, ANY + 0x123).value, 0x5a);
    assert_int_equal(tiny_read(t, ANY + 0x124).value, 0);
}

static void
reading_then_writing_is_two_minor_faults(void **state)
{
    struct tiny *t = *state;

    tiny_mmap(t, ANY, 1, RW);
    assert_int_equal(tiny_read(t, ANY).value, 0);
    assert_int_equal(tiny_frame(t, 1, ANY), t->os.s->zero_page);
    assert_int_equal(t->os.s->mm[1].rss_anon, 0);
    tiny_record(t);
    assert_int_equal(tiny_write(t, ANY, 1).faults, 1);
    assert_string_equal(tiny_story(t),
                        "tlb_drop page_fault trap area_found cow_copy frame_alloc entry_write "
                        "frame_dropped restart");
    assert_int_equal(tiny_event(t, EV_PAGE_FAULT, 0)->error, 7);
    assert_int_equal(task(t, 1)->minor, 2);
    assert_int_equal(task(t, 1)->major, 0);
    assert_int_equal(t->os.s->mm[1].rss_anon, 1);
    assert_int_equal(t->os.frame[t->os.s->zero_page].refs, 1);
}

static void
without_a_zero_page_the_first_read_takes_the_frame(void **state)
{
    struct tiny *t = *state;

    quirk(t, QUIRK_NO_ZERO_PAGE);
    tiny_mmap(t, ANY, 1, RW);
    tiny_read(t, ANY);
    assert_int_equal(t->os.s->mm[1].rss_anon, 1);
    assert_int_equal(tiny_write(t, ANY, 1).faults, 0);
}

/* Two leaves under different PML4 entries need a PDPT, a PD and a PT each, and share the root: 1 +
 * 3 + 3 = 7 tables, 28 KiB. */
static void
two_pages_far_apart_need_seven_tables(void **state)
{
    struct tiny *t = *state;

    assert_int_equal(t->os.s->mm[1].tables, 1);
    tiny_read(t, 0x400000);
    assert_int_equal(t->os.s->mm[1].tables, 4);
    tiny_read(t, 0x7ffffffde000);
    assert_int_equal(t->os.s->mm[1].tables, 7);
    tiny_read(t, 0x7ffffffdd000);
    assert_int_equal(t->os.s->mm[1].tables, 7);
}

static void
an_access_across_two_pages_faults_twice_and_happens_once(void **state)
{
    struct tiny *t = *state;
    struct access a = {.va = ANY + PAGE - 4,
                       .kind = ACCESS_WRITE,
                       .size = 8,
                       .user = true,
                       .value = 0x1122334455667788};
    struct access_end_result r;

    tiny_mmap(t, ANY, 2, RW);
    tiny_record(t);
    os_access(&t->os, 0, &a, true, &r);
    assert_int_equal(r.faults, 2);
    assert_int_equal(tiny_event(t, EV_PAGE_FAULT, 0)->va, ANY + PAGE - 4);
    assert_int_equal(tiny_event(t, EV_PAGE_FAULT, 1)->va, ANY + PAGE);
    assert_int_equal(tiny_count(t, EV_RESTART), 2);
    assert_int_equal(tiny_read(t, ANY + PAGE - 1).value, 0x55);
    assert_int_equal(tiny_read(t, ANY + PAGE).value, 0x44);
}

/* --- signals --- */

static void
an_address_nobody_promised_is_maperr(void **state)
{
    struct tiny *t = *state;
    struct access_end_result r;

    tiny_record(t);
    r = tiny_read(t, 0x123456789000);
    assert_int_equal(r.end, END_SIGNAL);
    assert_int_equal(r.signal, SIGNAL_SEGV_MAPERR);
    assert_int_equal(tiny_event(t, EV_PAGE_FAULT, 0)->error, 4);
    assert_int_equal(tiny_count(t, EV_AREA_MISSING), 1);
    assert_int_equal(tiny_event(t, EV_SIGNAL, 0)->va, 0x123456789000);
    assert_int_equal(task(t, 1)->state, TASK_DEAD);
    assert_int_equal(task(t, 1)->signal, SIGNAL_SEGV_MAPERR);
    assert_int_equal(t->hw.s->cpu[0].task, 0);
    assert_int_equal(os_spawn(&t->os, 0),
                     2); /* a dead number is not reused while there are others */
}

/* What a learner of x86 should see for each forbidden access. */
static void
rights_are_told_by_the_error_code(void **state)
{
    static const struct {
        uint8_t prot, before, kind, error, signal;
    } row[] = {
        {R, ACCESS_READ, ACCESS_WRITE, 0x7,
         SIGNAL_SEGV_ACCERR}, /* write to a read-only page that is there */
        {RW, ACCESS_READ, ACCESS_FETCH, 0x15, SIGNAL_SEGV_ACCERR}, /* fetch from an NX page */
        {R, ACCESS_FETCH, ACCESS_FETCH, 0x14, SIGNAL_SEGV_ACCERR}, /* ... that is not there yet */
        {R, ACCESS_WRITE, ACCESS_WRITE, 0x6, SIGNAL_SEGV_ACCERR},
        {0, ACCESS_READ, ACCESS_READ, 0x4, SIGNAL_SEGV_ACCERR},
    };

    for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct tiny *t = *state;
        uint32_t pid;

        if (os_current(&t->os, 0))
            os_exit(&t->os, 0, t->hw.s->cpu[0].task, SIGNAL_NONE);
        pid = tiny_run(t);
        tiny_mmap(t, ANY, 1, row[i].prot);
        if (row[i].before != row[i].kind)
            assert_int_equal(tiny_access(t, 0, ANY, row[i].before, true).end, END_DONE);
        tiny_record(t);
        assert_int_equal(tiny_access(t, 0, ANY, row[i].kind, true).signal, row[i].signal);
        assert_int_equal(tiny_event(t, EV_PAGE_FAULT, 0)->error, row[i].error);
        assert_int_equal(tiny_count(t, EV_AREA_DENIES), 1);
        assert_int_equal(tiny_event(t, EV_AREA_DENIES, 0)->kind, row[i].kind);
        assert_int_equal(task(t, pid)->state, TASK_DEAD);
    }
}

static void
a_non_canonical_address_is_not_looked_up(void **state)
{
    struct tiny *t = *state;

    tiny_record(t);
    assert_int_equal(tiny_read(t, 0x0000800000000000).signal, SIGNAL_SEGV_MAPERR);
    assert_int_equal(tiny_count(t, EV_GENERAL_FAULT), 1);
    assert_int_equal(tiny_count(t, EV_WALK_READ), 0);
    assert_int_equal(tiny_count(t, EV_AREA_MISSING), 0);
}

static void
the_kernels_half_is_mapped_but_not_for_users(void **state)
{
    struct tiny *t = *state;
    struct access a = {.va = 0xffff888000384000, .size = 8};
    struct access_end_result r;

    phys_write(&t->hw.phys, 0x384000, 8, 0xfeedface);
    os_access(&t->os, 0, &a, true, &r);
    assert_int_equal(r.end, END_DONE);
    assert_int_equal(r.pa, 0x384000);
    assert_int_equal(r.value, 0xfeedface);
    tiny_record(t);
    assert_int_equal(tiny_read(t, 0xffff888000384000).signal, SIGNAL_SEGV_MAPERR);
    assert_int_equal(tiny_event(t, EV_PAGE_FAULT, 0)->error, 5); /* P U */
}

/* 1024 frames are two pages of 2 MiB: root, PDPT and PD, no PT. 513 frames: a page of 2 MiB and a
 * PT with one entry. */
static void
ram_is_mapped_with_the_largest_pages_that_fit(void **state)
{
    struct tiny *t = *state, *odd = tiny_open(TINY_X86, 513, 1);
    struct translation tr;

    assert_int_equal(t->os.s->free_frames, 1024 - 2 - 3 - 1 /* the process' root */);
    assert_true(walker_peek(&t->hw, t->os.s->kernel_root, 0xffff8880003ff000, &tr));
    assert_int_equal(tr.shift, 21);
    assert_int_equal(tr.pa, 0x3ff000);
    assert_int_equal(tr.entry[2], UINT64_C(1) << 63 | 0x200000 | 0x83);
    assert_false(walker_peek(&t->hw, t->os.s->kernel_root, 0xffff888000400000, &tr));
    assert_true(walker_peek(&odd->hw, odd->os.s->kernel_root, 0xffff888000200000, &tr));
    assert_int_equal(tr.shift, 12);
    assert_int_equal(odd->os.s->free_frames, 513 - 2 - 4);
    tiny_close(odd);
}

static void
a_fault_in_the_kernel_ends_the_process(void **state)
{
    struct tiny *t = *state;
    struct access a = {.va = 0x10000, .size = 1};
    struct access_end_result r;

    os_access(&t->os, 0, &a, true, &r);
    assert_int_equal(r.signal, SIGNAL_KILL);
}

static void
a_reserved_bit_kills(void **state)
{
    struct tiny *t = *state;
    struct translation tr;

    tiny_mmap(t, ANY, 1, RW);
    tiny_write(t, ANY, 1);
    walker_peek(&t->hw, t->os.s->mm[1].root, ANY, &tr);
    phys_write(&t->hw.phys, tr.slot[3], 8,
               tr.entry[3] | UINT64_C(1) << 50); /* above MAXPHYADDR 46 */
    tlb_drop(&t->hw, 0, ANY);
    tiny_record(t);
    assert_int_equal(tiny_read(t, ANY).signal, SIGNAL_KILL);
    assert_int_equal(tiny_event(t, EV_PAGE_FAULT, 0)->error, 0xd); /* P U RSVD */
}

/* --- the stack --- */

static void
the_stack_grows_down_to_its_limit(void **state)
{
    struct tiny *t = *state;
    vaddr_t top = 0x7ffffffdf000;

    t->hw.s->tunable[TUNE_STACK_PAGES] = 16;
    tiny_record(t);
    assert_int_equal(tiny_write(t, top - 8 * PAGE, 1).end, END_DONE);
    assert_int_equal(tiny_event(t, EV_AREA_GROWN, 0)->start, top - 8 * PAGE);
    assert_int_equal(tiny_write(t, top - 16 * PAGE, 1).end, END_DONE);
    assert_int_equal(tiny_write(t, top - 16 * PAGE - 1, 1).signal, SIGNAL_SEGV_MAPERR);
}

static void
a_guard_page_stays_below_the_stack(void **state)
{
    struct tiny *t = *state;
    vaddr_t top = 0x7ffffffdf000;

    tiny_mmap(t, top - 8 * PAGE, 1, RW);
    assert_int_equal(tiny_write(t, top - 6 * PAGE, 1).end, END_DONE);
    assert_int_equal(tiny_write(t, top - 7 * PAGE, 1).signal, SIGNAL_SEGV_MAPERR);
}

/* --- files --- */

static void
a_page_of_a_file_comes_from_the_disk_once(void **state)
{
    struct tiny *t = *state;
    uint64_t before = t->hw.s->cycles;
    uint32_t tag = object_page_tag(&t->os, object_open(&t->os, "program"), 1);

    tiny_record(t);
    assert_int_equal(tiny_read(t, 0x401010).value, phys_pattern(tag, 0x10));
    assert_string_equal(
        tiny_story(t),
        "page_fault trap area_found frame_alloc table_alloc entry_write frame_alloc "
        "table_alloc entry_write frame_alloc table_alloc entry_write frame_alloc io_start "
        "frame_loaded frame_shared entry_write restart");
    assert_true(t->hw.s->cycles - before >= 300000);
    assert_int_equal(task(t, 1)->major, 1);
    assert_int_equal(t->os.s->mm[1].rss_file, 1);

    os_switch(&t->os, 0, os_spawn(&t->os, 0));
    before = t->hw.s->cycles;
    tiny_record(t);
    assert_int_equal(tiny_read(t, 0x401010).value, phys_pattern(tag, 0x10));
    assert_int_equal(tiny_count(t, EV_CACHE_HIT), 1);
    assert_int_equal(tiny_count(t, EV_IO_START), 0);
    assert_true(t->hw.s->cycles - before < 300000);
    assert_int_equal(task(t, 2)->major, 0);
    assert_int_equal(task(t, 2)->minor, 1);
    assert_int_equal(tiny_frame(t, 2, 0x401000), tiny_frame(t, 1, 0x401000));
    assert_int_equal(t->os.frame[tiny_frame(t, 1, 0x401000)].refs, 3);
}

static void
a_private_write_leaves_the_file_as_it_is(void **state)
{
    struct tiny *t = *state;
    uint32_t tag = object_page_tag(&t->os, object_open(&t->os, "program"),
                                   3); /* data follows 3 pages of code */

    tiny_record(t);
    assert_int_equal(tiny_write(t, 0x600004, (uint8_t)~phys_pattern(tag, 4)).faults, 1);
    assert_int_equal(tiny_count(t, EV_FRAME_COPIED), 1);
    assert_int_equal(tiny_event(t, EV_FRAME_COPIED, 0)->cycles, 800);
    assert_int_equal(tiny_read(t, 0x600004).value, (uint8_t)~phys_pattern(tag, 4));
    assert_int_equal(tiny_read(t, 0x600005).value, phys_pattern(tag, 5));
    assert_int_equal(t->os.s->mm[1].rss_anon, 1);
    os_switch(&t->os, 0, os_spawn(&t->os, 0));
    assert_int_equal(tiny_read(t, 0x600004).value, phys_pattern(tag, 4));
    tiny_record(t);
    assert_int_equal(tiny_write(t, 0x600004, 1).faults, 1); /* was mapped read-only */
    assert_int_equal(tiny_event(t, EV_PAGE_FAULT, 0)->error, 7);
    assert_int_equal(tiny_count(t, EV_COW_COPY), 1);
}

static void
shared_memory_is_one_frame_for_all(void **state)
{
    struct tiny *t = *state;
    vaddr_t va = ANY, vb = 2 * ANY;
    uint32_t file = object_open(&t->os, "shared.dat");

    os_mmap(&t->os, 0, &va, PAGE, RW, true, file);
    os_mmap(&t->os, 0, &vb, PAGE, RW, true, file);
    assert_int_equal(tiny_write(t, va, 0x77).faults, 1);
    assert_int_equal(tiny_read(t, vb).value, 0x77);
    assert_int_equal(tiny_frame(t, 1, va), tiny_frame(t, 1, vb));
    assert_int_equal(t->os.frame[tiny_frame(t, 1, va)].maps, 2);
    os_mprotect(&t->os, 0, va, PAGE, R);
    os_mprotect(&t->os, 0, va, PAGE, RW);
    tiny_record(t);
    assert_int_equal(tiny_write(t, va, 0x78).faults,
                     1); /* the right comes back by a fault; nothing is copied */
    assert_int_equal(tiny_count(t, EV_COW_COPY) + tiny_count(t, EV_COW_REUSE), 0);
    assert_int_equal(tiny_read(t, vb).value, 0x78);
}

/* --- sleeping on the disk --- */

static void
another_process_runs_while_one_waits(void **state)
{
    struct tiny *t = *state;
    uint32_t second = os_spawn(&t->os, 0);

    tiny_record(t);
    assert_int_equal(tiny_access(t, 0, 0x400000, ACCESS_READ, false).end, END_BLOCKED);
    assert_int_equal(task(t, 1)->state, TASK_BLOCKED);
    assert_int_equal(tiny_event(t, EV_BLOCKED, 0)->count, 300000);
    assert_int_equal(tiny_read(t, 0x400000).end, END_BLOCKED); /* it cannot run */
    os_switch(&t->os, 0, second);
    tiny_write(t, 0x7ffffffde000, 1);
    tiny_record(t);
    os_tick(&t->os, 0, 300000);
    assert_string_equal(tiny_story(t), "frame_loaded woken frame_shared entry_write");
    assert_int_equal(task(t, 1)->state, TASK_READY);
    assert_int_equal(task(t, 1)->major, 1);
    assert_int_equal(tiny_count(t, EV_TICKED), 2); /* up to the interrupt, and the rest */
    tiny_record(t);
    os_switch(&t->os, 0, 1);
    assert_string_equal(tiny_story(t), "switched restart");
    assert_int_equal(tiny_count(t, EV_DATA_READ), 1);
    assert_int_equal(task(t, 1)->fault.stage, STAGE_NONE);
}

static void
alone_on_its_cpu_it_goes_on_at_once(void **state)
{
    struct tiny *t = *state;

    tiny_access(t, 0, 0x400000, ACCESS_READ, false);
    tiny_record(t);
    os_tick(&t->os, 0, os_next_io(&t->os) - t->hw.s->cycles);
    assert_string_equal(tiny_story(t), "frame_loaded woken frame_shared entry_write restart");
    assert_int_equal(tiny_count(t, EV_DATA_READ), 1);
    assert_int_equal(task(t, 1)->state, TASK_RUNNING);
    assert_int_equal(os_next_io(&t->os), 0);
}

static void
two_that_want_one_page_wait_for_one_transfer(void **state)
{
    struct tiny *t = *state;

    os_switch(&t->os, 1, os_spawn(&t->os, 1));
    tiny_record(t);
    tiny_access(t, 0, 0x400000, ACCESS_READ, false);
    tiny_access(t, 1, 0x400000, ACCESS_READ, false);
    assert_int_equal(tiny_count(t, EV_IO_START), 1);
    assert_int_equal(task(t, 1)->fault.io_done, task(t, 2)->fault.io_done);
    os_tick(&t->os, 0, 300000);
    assert_int_equal(tiny_count(t, EV_FRAME_LOADED), 1);
    assert_int_equal(tiny_count(t, EV_WOKEN), 2);
    assert_int_equal(tiny_frame(t, 1, 0x400000), tiny_frame(t, 2, 0x400000));
}

/* A third wants the page that comes first: it does not wait for the other one too. */
static void
who_joins_waits_for_that_transfer_only(void **state)
{
    struct tiny *t = *state;
    uint32_t third = os_spawn(&t->os, 0);

    os_switch(&t->os, 1, os_spawn(&t->os, 1));
    tiny_access(t, 0, 0x400000, ACCESS_READ, false);
    os_tick(&t->os, 0, 5000);
    tiny_access(t, 1, 0x401000, ACCESS_READ, false);
    os_switch(&t->os, 0, third);
    tiny_access(t, 0, 0x400000, ACCESS_READ, false);
    assert_int_equal(task(t, third)->fault.io_done, task(t, 1)->fault.io_done);
    assert_true(task(t, 3)->fault.io_done > task(t, 1)->fault.io_done);
}

static void
a_sleeper_that_is_killed_takes_its_page_along(void **state)
{
    struct tiny *t = *state;
    uint32_t before = t->os.s->free_frames;

    os_switch(&t->os, 1, os_spawn(&t->os, 1));
    tiny_access(t, 0, 0x400000, ACCESS_READ, false);
    tiny_access(t, 1, 0x400000, ACCESS_READ, false);
    os_exit(&t->os, 1, 1, SIGNAL_KILL);
    assert_null(tiny_wrong(t));
    os_tick(&t->os, 1, 300000); /* the second still gets it */
    assert_int_equal(task(t, 2)->major, 1);
    tiny_access(t, 1, 0x401000, ACCESS_READ, false);
    os_exit(&t->os, 1, 2, SIGNAL_KILL);
    assert_int_equal(os_next_io(&t->os), 0);
    assert_int_equal(t->os.s->free_frames, before + 1 /* the first process' root */);
}

/* --- stale, poked, quirky --- */

static void
a_stale_tlb_entry_makes_a_spurious_fault(void **state)
{
    struct tiny *t = *state;
    struct translation tr;

    tiny_mmap(t, ANY, 1, RW);
    tiny_read(t, ANY);
    tiny_write(t, ANY, 1);
    walker_peek(&t->hw, t->os.s->mm[1].root, ANY, &tr);
    phys_write(&t->hw.phys, tr.slot[3], 8, tr.entry[3] & ~UINT64_C(2));
    tlb_drop(&t->hw, 0, ANY);
    tiny_read(t, ANY); /* the TLB learns: read-only */
    phys_write(&t->hw.phys, tr.slot[3], 8, tr.entry[3]);
    tiny_record(t);
    assert_int_equal(tiny_write(t, ANY, 2).end, END_DONE);
    assert_string_equal(tiny_story(t), "tlb_drop page_fault trap area_found spurious restart");
}

/* An entry that forbids what its area allows was not written by the kernel, which gives up; one that
 * says nothing is a page that is not there, whatever was. */
static void
a_right_that_somebody_took_is_not_given_back(void **state)
{
    struct tiny *t = *state;
    struct translation tr;

    tiny_mmap(t, ANY, 1, RW);
    tiny_write(t, ANY, 5);
    walker_peek(&t->hw, t->os.s->mm[1].root, ANY, &tr);
    phys_write(&t->hw.phys, tr.slot[3], 8, tr.entry[3] & ~UINT64_C(1)); /* P: SDM vol. 3A, 4-20 */
    tlb_drop(&t->hw, 0, ANY);
    assert_int_equal(tiny_read(t, ANY).end, END_DONE);
    walker_peek(&t->hw, t->os.s->mm[1].root, ANY, &tr);
    phys_write(&t->hw.phys, tr.slot[3], 8, tr.entry[3] & ~UINT64_C(4)); /* U */
    tlb_drop(&t->hw, 0, ANY);
    assert_int_equal(tiny_read(t, ANY).signal, SIGNAL_SEGV_ACCERR);
}

/* Any bytes in a page table: the emulated process may die, but the kernel keeps its own records,
 * and in the end all comes back. */
static void
poked_tables_do_not_hurt_the_kernel(void **state)
{
    static const uint64_t poke[] = {0,        0x7,  0x1007, ~UINT64_C(0), 0x3fffffffff067,
                                    0x400067, 0x87, 0x2007, 0x5067,       0x9007};
    struct tiny *t = *state;
    uint32_t before;

    os_exit(&t->os, 0, 1, SIGNAL_NONE);
    before = t->os.s->free_frames;
    for (unsigned i = 0; i < 4 * sizeof poke / sizeof poke[0]; i++) {
        uint32_t pid = tiny_run(t), child;
        struct translation tr;

        tiny_mmap(t, ANY, 4, RW);
        for (unsigned p = 0; p < 4; p++)
            tiny_write(t, ANY + p * PAGE, (uint8_t)p);
        tiny_read(t, 0x7ffffffde000);
        walker_peek(&t->hw, t->os.s->mm[pid].root, ANY + PAGE, &tr);
        phys_write(&t->hw.phys, tr.slot[i % 4], 8, poke[i / 4]);
        tlb_flush(&t->hw, 0, true);
        if (tiny_write(t, ANY + PAGE, 9).end == END_DONE) {
            if ((child = os_fork(&t->os, 0)) != 0)
                os_exit(&t->os, 0, child, SIGNAL_NONE);
            os_mprotect(&t->os, 0, ANY, 4 * PAGE, R);
            os_munmap(&t->os, 0, ANY, 2 * PAGE);
        }
        if (os_current(&t->os, 0))
            os_exit(&t->os, 0, pid, SIGNAL_NONE);
        assert_int_equal(t->os.s->free_frames, before);
        assert_null(tiny_wrong(t));
    }
}

static void
fault_kills_and_fault_skips_are_beliefs(void **state)
{
    struct tiny *t = *state;

    quirk(t, QUIRK_NO_RESTART);
    assert_int_equal(tiny_write(t, 0x7ffffffde000, 9).end, END_SKIPPED);
    assert_int_equal(tiny_read(t, 0x7ffffffde000).value, 0); /* mapped, but nobody wrote */
    quirk(t, QUIRK_FAULT_KILLS);
    assert_int_equal(tiny_write(t, 0x7ffffffdd000, 9).signal, SIGNAL_SEGV_MAPERR);
}

static void
an_mmu_that_reads_elsewhere_does_not_hang_the_kernel(void **state)
{
    struct tiny *t = *state;

    quirk(t, QUIRK_INDEX_LEFT);
    assert_int_equal(tiny_write(t, 0x7ffffffde000, 9).signal, SIGNAL_KILL);
}

static void
mmap_that_takes_frames_at_once(void **state)
{
    struct tiny *t = *state;
    uint32_t before = t->os.s->free_frames;

    quirk(t, QUIRK_EAGER_MAP);
    tiny_mmap(t, ANY, 5, RW);
    assert_int_equal(before - t->os.s->free_frames, 5 + 3);
    assert_int_equal(tiny_write(t, ANY + 4 * PAGE, 1).faults, 0);
}

/* --- room --- */

static void
without_frames_the_process_is_killed_and_everything_comes_back(void **state)
{
    struct tiny *t = *state;
    uint32_t before = t->os.s->free_frames, i = 0;
    struct access_end_result r;

    tiny_mmap(t, 0x40000000, 2048, RW);
    do
        r = tiny_write(t, 0x40000000 + (vaddr_t)PAGE * i++, 1);
    while (r.end == END_DONE);
    assert_int_equal(r.signal, SIGNAL_KILL);
    assert_true(i > 1000 && i < 1024);
    assert_int_equal(t->os.s->free_frames, before + 1);
}

static void
resident_limit_counts_user_pages(void **state)
{
    struct tiny *t = *state;

    t->hw.s->tunable[TUNE_RESIDENT_LIMIT] = 3;
    tiny_mmap(t, ANY, 4, RW);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(tiny_write(t, ANY + i * PAGE, 1).end, END_DONE);
    assert_int_equal(tiny_read(t, ANY + 3 * PAGE).end, END_DONE); /* the zero page is free */
    tiny_record(t);
    assert_int_equal(tiny_write(t, ANY + 3 * PAGE, 1).signal, SIGNAL_KILL);
    assert_int_equal(tiny_event(t, EV_NO_ROOM, 0)->count, 3);
    assert_int_equal(tiny_count(t, EV_NO_MEMORY), 0);
}

/* The kernel of the small machine is the same kernel. */
static void
sixty_four_frames_are_enough(void **state)
{
    struct tiny *t = tiny_open(TINY_64, 0, 1);
    uint32_t before = t->os.s->free_frames;

    (void)state;
    tiny_run(t);
    assert_int_equal(tiny_write(t, 0x3000, 7).end, END_DONE);
    assert_int_equal(tiny_read(t, 0x1001).end, END_DONE);
    assert_int_equal(tiny_write(t, 0xeff0, 7).end, END_DONE);
    assert_int_equal(t->os.s->mm[1].tables, 4);
    assert_int_equal(tiny_read(t, 0x3000).value, 7);
    assert_null(tiny_wrong(t));
    os_exit(&t->os, 0, 1, SIGNAL_NONE);
    assert_int_equal(t->os.s->free_frames, before);
    tiny_close(t);
}

#define WITH_PROCESS(f) cmocka_unit_test_setup_teardown(f, setup, tiny_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PROCESS(the_first_write_takes_one_frame_in_one_minor_fault),
        WITH_PROCESS(reading_then_writing_is_two_minor_faults),
        WITH_PROCESS(without_a_zero_page_the_first_read_takes_the_frame),
        WITH_PROCESS(two_pages_far_apart_need_seven_tables),
        WITH_PROCESS(an_access_across_two_pages_faults_twice_and_happens_once),
        WITH_PROCESS(an_address_nobody_promised_is_maperr),
        WITH_PROCESS(rights_are_told_by_the_error_code),
        WITH_PROCESS(a_non_canonical_address_is_not_looked_up),
        WITH_PROCESS(the_kernels_half_is_mapped_but_not_for_users),
        WITH_PROCESS(ram_is_mapped_with_the_largest_pages_that_fit),
        WITH_PROCESS(a_fault_in_the_kernel_ends_the_process),
        WITH_PROCESS(a_reserved_bit_kills),
        WITH_PROCESS(the_stack_grows_down_to_its_limit),
        WITH_PROCESS(a_guard_page_stays_below_the_stack),
        WITH_PROCESS(a_page_of_a_file_comes_from_the_disk_once),
        WITH_PROCESS(a_private_write_leaves_the_file_as_it_is),
        WITH_PROCESS(shared_memory_is_one_frame_for_all),
        WITH_PROCESS(another_process_runs_while_one_waits),
        WITH_PROCESS(alone_on_its_cpu_it_goes_on_at_once),
        WITH_PROCESS(two_that_want_one_page_wait_for_one_transfer),
        WITH_PROCESS(who_joins_waits_for_that_transfer_only),
        WITH_PROCESS(a_sleeper_that_is_killed_takes_its_page_along),
        WITH_PROCESS(a_stale_tlb_entry_makes_a_spurious_fault),
        WITH_PROCESS(a_right_that_somebody_took_is_not_given_back),
        WITH_PROCESS(poked_tables_do_not_hurt_the_kernel),
        WITH_PROCESS(fault_kills_and_fault_skips_are_beliefs),
        WITH_PROCESS(an_mmu_that_reads_elsewhere_does_not_hang_the_kernel),
        WITH_PROCESS(mmap_that_takes_frames_at_once),
        WITH_PROCESS(without_frames_the_process_is_killed_and_everything_comes_back),
        WITH_PROCESS(resident_limit_counts_user_pages),
        cmocka_unit_test(sixty_four_frames_are_enough),
    };

    return RUN_TESTS(tests);
}
