/* Huge pages. The numbers are arithmetic on the format (Intel SDM vol. 3A, 4.5): an entry of a PD maps
 * 2 MiB = 512 pages, PS is bit 7, a walk that ends there has read PML4, PDPT and PD: 3 entries. */
#include <string.h>

#include "machine/invariant.h"
#include "os/huge.h"
#include "support/drive.h"
#include "test.h"

enum { PAGE = 4096, PAGES = 512 };

#define BASE UINT64_C(0x40000000)

struct rig {
    struct machine m;
    uint64_t of[EVENT_CODES]; /* events of the last operation */
    struct event last[EVENT_CODES];
};

static void
note(void *ctx, const struct event *ev)
{
    struct rig *r = ctx;

    r->of[ev->code]++;
    r->last[ev->code] = *ev;
}

static struct outcome
run(struct rig *r, const char *line)
{
    const struct watch watch = {note, r};
    struct outcome out;

    memset(r->of, 0, sizeof r->of);
    machine_watch(&r->m, &watch);
    out = drive_machine(&r->m, line);
    machine_watch(&r->m, NULL);
    return out;
}

static void
refused(struct rig *r, const char *line, const char *why)
{
    struct operation op;
    uint8_t blob[OPERATION_BLOB];
    struct outcome out;
    struct error e = {0};

    assert_true(operation_parse(line, &op, blob, &e));
    assert_false(machine_do(&r->m, &op, &out, &e));
    assert_non_null(strstr(e.text, why));
}

static void
check(const struct rig *r)
{
    struct violation v = {0};

    if (invariant_check(&r->m, &v, 1))
        fail_msg("%s: %s", invariant_row[v.invariant].id, v.where);
}

static void
open_machine(struct rig *r, const char *preset)
{
    struct preset p;
    struct error e = {0};

    drive_preset(preset, &p);
    assert_true(machine_open(&r->m, &p, 1, &e));
    run(r, "spawn");
}

static int
setup(void **state)
{
    static struct rig r;

    open_machine(&r, "x86-64");
    *state = &r;
    return 0;
}

static int
teardown(void **state)
{
    struct rig *r = *state;

    check(r);
    machine_close(&r->m);
    return 0;
}

static const struct mm *
space(const struct rig *r)
{
    return &r->m.os.s->mm[1];
}

/* Two pages written, one read, and one huge page of them. */
static void
collapse_one(struct rig *r)
{
    run(r, "mmap 0x40000000 4M rw");
    run(r, "write 0x40000000 7");
    run(r, "write 0x40001008 9");
    run(r, "read 0x40002000");
    run(r, "collapse 0x40001fff");
}

static pte_t
entry_at(const struct rig *r, vaddr_t va)
{
    return table_get(&r->m.os, huge_or_page(&r->m.os, 1, va));
}

static void
collapse_frees_a_table_and_shortens_the_walk(void **state)
{
    struct rig *r = *state;
    uint64_t free_before;
    uint32_t tables;

    run(r, "mmap 0x40000000 4M rw");
    run(r, "write 0x40000000 7");
    run(r, "write 0x40001008 9");
    run(r, "read 0x40002000");
    tables = space(r)->tables;
    free_before = r->m.os.s->free_frames;
    run(r, "flush");
    run(r, "read 0x40000000");
    assert_int_equal(r->of[EV_WALK_READ], 4);

    run(r, "collapse 0x40001fff");
    assert_int_equal(r->of[EV_TABLE_FREE], 1);
    assert_int_equal(r->of[EV_FRAME_COPIED], 2); /* the third was nobody's zeros */
    assert_int_equal(space(r)->tables, tables - 1);
    assert_int_equal(space(r)->rss_anon, PAGES);
    assert_int_equal(space(r)->zeros, 0);
    /* A block of 512 for two frames and a table. */
    assert_int_equal(r->m.os.s->free_frames, free_before - PAGES + 2 + 1);

    assert_int_equal(run(r, "read 0x40001008").value, 9);
    assert_int_equal(r->of[EV_WALK_READ], 3);
    assert_int_equal(run(r, "read 0x40000000").value, 7);
    assert_int_equal(r->of[EV_TLB_HIT], 1); /* one entry reaches 2 MiB */
    assert_int_equal(run(r, "read 0x401ff000").value, 0);
    assert_int_equal(r->of[EV_TLB_HIT], 1);
    assert_int_equal(r->of[EV_PAGE_FAULT], 0);
}

/* Bits 20..13 of the entry are reserved: the block's number is a multiple of 512. */
static void
a_huge_page_is_aligned(void **state)
{
    struct rig *r = *state;
    pte_t entry;

    collapse_one(r);
    entry = entry_at(r, BASE);
    assert_true(entry & 1 << 7);
    assert_int_equal(entry >> 12 & (PAGES - 1), 0);
}

static void
split_names_the_same_frames(void **state)
{
    struct rig *r = *state;
    pfn_t first;
    uint32_t tables;

    collapse_one(r);
    first = rmap_frame(&r->m.os, 1, BASE);
    tables = space(r)->tables;
    run(r, "split 0x40100000");
    assert_int_equal(r->of[EV_TABLE_ALLOC], 1);
    assert_int_equal(r->of[EV_FRAME_COPIED], 0);
    assert_int_equal(r->of[EV_ENTRY_WRITE], PAGES + 1); /* and the one above */
    assert_int_equal(space(r)->tables, tables + 1);
    assert_int_equal(space(r)->huge, 0);
    for (uint64_t i = 0; i < PAGES; i++) {
        pte_t entry = entry_at(r, BASE + i * PAGE);

        assert_int_equal((entry & ~(UINT64_C(1) << 63)) >> 12, first + i);
        assert_int_equal(entry & 7, 7);      /* present, writable, user */
        assert_int_equal(entry >> 63, 1);    /* no fetching, as before */
        assert_int_equal(entry & 1 << 7, 0); /* PAT here */
    }
    assert_int_equal(run(r, "read 0x40001008").value, 9);
    assert_int_equal(r->of[EV_WALK_READ], 4);
}

static void
what_concerns_a_part_splits_first(void **state)
{
    static const char *const line[] = {"fork", "mprotect 0x40003000 4K r", "munmap 0x40003000 4K"};
    struct rig *r = *state;

    collapse_one(r);
    for (size_t i = 0; i < sizeof line / sizeof *line; i++) {
        run(r, line[i]);
        assert_int_equal(r->of[EV_HUGE_SPLIT], 1);
        check(r);
        assert_int_equal(run(r, "read 0x40001008").value, 9);
        run(r, "munmap 0x40000000 4M");
        collapse_one(r);
    }
    run(r, "munmap 0x40000000 2M"); /* all of it: nothing to split */
    assert_int_equal(r->of[EV_HUGE_SPLIT], 0);
    assert_int_equal(r->of[EV_TABLE_ALLOC], 0);
    assert_int_equal(space(r)->rss_anon, 0);
}

static void
after_fork_both_have_the_bytes(void **state)
{
    struct rig *r = *state;

    collapse_one(r);
    run(r, "fork");
    run(r, "write 0x40001008 1");
    assert_int_equal(r->of[EV_COW_COPY], 1);
    run(r, "switch 2");
    assert_int_equal(run(r, "read 0x40001008").value, 9);
}

/* Its owner may write to all of it, so pages that a child still shares are copied too. */
static void
collapse_copies_what_is_shared(void **state)
{
    struct rig *r = *state;

    collapse_one(r);
    run(r, "fork");
    run(r, "collapse 0x40000000");
    assert_int_equal(r->of[EV_FRAME_COPIED] + r->of[EV_FRAME_ZEROED], PAGES);
    run(r, "write 0x40000000 1");
    assert_int_equal(r->of[EV_PAGE_FAULT], 0);
    run(r, "switch 2");
    assert_int_equal(run(r, "read 0x40000000").value, 7);
}

/* One page over the limit: the huge page comes apart, one page of it is written out and comes back. */
static void
a_page_that_leaves_splits_it(void **state)
{
    struct rig *r = *state;

    collapse_one(r);
    run(r, "set resident_limit 512");
    run(r, "write 0x40200000 1");
    assert_int_equal(r->of[EV_HUGE_SPLIT], 1);
    assert_int_equal(r->of[EV_SWAP_WRITE], 1); /* 4 KiB, not 2 MiB */
    assert_int_equal(space(r)->swapped, 1);
    check(r);
    assert_int_equal(run(r, "read 0x40000000").value, 7);
    assert_int_equal(run(r, "read 0x40001008").value, 9);
    refused(r, "collapse 0x40000000", "swap device");
}

/* A is one bit for all 512. */
static void
sampling_clears_one_bit(void **state)
{
    struct rig *r = *state;

    collapse_one(r);
    run(r, "read 0x40000000");
    run(r, "sample");
    assert_int_equal(r->of[EV_ENTRY_WRITE], 1);
    assert_int_equal(entry_at(r, BASE) & 1 << 5, 0);
    run(r, "read 0x40100000");
    assert_int_equal(r->of[EV_ENTRY_MARK], 1);
}

static void
refusals_say_why_and_change_nothing(void **state)
{
    struct rig *r = *state;

    refused(r, "collapse 0x401000", "area"); /* code: smaller than 2 MiB */
    refused(r, "split 0x40000000", "no huge page");
    run(r, "mmap 0x40000000 4M rw");
    refused(r, "collapse 0x40000000", "in memory");
    run(r, "mmap 0x50000000 2M rw shared");
    run(r, "write 0x50000000 1");
    refused(r, "collapse 0x50000000", "private");
    run(r, "write 0x40000000 1");
    run(r, "set resident_limit 400");
    refused(r, "collapse 0x40000000", "resident_limit");
    run(r, "set resident_limit 0");
    run(r, "collapse 0x40000000");
    refused(r, "collapse 0x40000000", "already");
    refused(r, "mmap 0x60001000 2M rw huge=yes", "multiple of 2");
    refused(r, "mmap 0x60000000 2M rw shared huge=yes", "private");
}

/* Of 16 MiB, frame 0 and more are taken in the first 2 MiB: 7 blocks. Single frames taken from all of
 * them leave none. */
static void
without_a_block_there_is_no_huge_page(void **state)
{
    struct rig *r = *state;

    run(r, "set huge_pages 64");
    assert_int_equal(r->m.os.s->huge_pooled, 7);
    run(r, "mmap 0x40000000 4M rw");
    run(r, "write 0x40000000 7");
    assert_int_equal(run(r, "collapse 0x40000000").error, CALL_ENOMEM);
    check(r);
    assert_int_equal(run(r, "read 0x40000000").value, 7);
    run(r, "set huge_pages 0");
    run(r, "collapse 0x40000000");
    assert_int_equal(r->of[EV_HUGE_COLLAPSED], 1);
}

/* 2 MiB and a byte need two pages of 2 MiB: 2 MiB - 1 B nobody asked for. */
static void
mmap_takes_from_the_pool(void **state)
{
    struct rig *r = *state;

    run(r, "set huge_pages 3");
    assert_int_equal(r->of[EV_HUGE_RESERVED], 3);
    assert_int_equal(run(r, "mmap 0x40000000 2097153 rw huge=yes").value, BASE);
    assert_int_equal(r->last[EV_HUGE_MAPPED].count, 2097153);
    assert_int_equal(r->last[EV_HUGE_MAPPED].new, 4194304);
    assert_int_equal(r->last[EV_HUGE_MAPPED].old, 2097151);
    assert_int_equal(space(r)->huge, 2);
    assert_int_equal(r->m.os.s->huge_pooled, 1);
    run(r, "write 0x403ff000 5");
    assert_int_equal(r->of[EV_PAGE_FAULT], 0);
    assert_int_equal(r->of[EV_WALK_READ], 3);
    assert_int_equal(r->m.os.area[area_find(&r->m.os, 1, BASE)].waste, 2097151);
    run(r, "mprotect 0x40000000 8K r"); /* two areas, and one again */
    run(r, "mprotect 0x40000000 8K rw");
    assert_int_equal(r->m.os.area[area_find(&r->m.os, 1, BASE)].waste, 2097151);
    run(r, "munmap 0x403ff000 4K"); /* of the waste a page goes, too */
    assert_int_equal(r->m.os.area[area_find(&r->m.os, 1, BASE)].waste, 2097151 - 4096);
    assert_int_equal(run(r, "mmap - 2097153 rw huge=yes").error, CALL_ENOMEM);
    assert_int_equal(r->of[EV_HUGE_NONE_LEFT], 1);
    assert_int_equal(run(r, "mmap - 1 r huge=yes").value % (2 << 20), 0);
    run(r, "exit");
    assert_int_equal(r->m.os.s->huge_pooled, 0);
}

/* The leaf's reserved bits give it away, to the invariant and to the MMU (error code bit 3, RSVD). */
static void
a_misaligned_one_is_seen(void **state)
{
    struct rig *r = *state;
    struct violation v[8];
    unsigned found;
    bool seen = false;

    run(r, "set misaligned-huge-page 1");
    collapse_one(r);
    found = invariant_check(&r->m, v, 8);
    for (unsigned i = 0; i < found && i < 8; i++)
        seen |= v[i].invariant == INV_T3;
    assert_true(seen);
    run(r, "read 0x40000000");
    assert_true(r->last[EV_PAGE_FAULT].error & 1 << 3);
}

static int
teardown_broken(void **state)
{
    machine_close(&((struct rig *)*state)->m);
    return 0;
}

/* The other formats that have the level: the same story ends with the same bytes. */
static void
other_formats_have_them(void **state)
{
    static const struct {
        const char *preset;
        unsigned reads; /* levels, but the last one: and PAE's first is in registers */
    } row[] = {{"pae", 1}, {"la57", 4}, {"sv39", 2}, {"sv48", 3}, {"smp", 3}, {"walk-cache", 3}, {"aarch64", 3}};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        machine_close(&r->m);
        open_machine(r, row[i].preset);
        if (!huge_size(&r->m.os))
            fail_msg("%s has none", row[i].preset);
        collapse_one(r);
        check(r);
        run(r, "flush");
        assert_int_equal(run(r, "read 0x40001008").value, 9);
        assert_int_equal(r->of[EV_WALK_READ], row[i].reads);
        assert_int_equal(run(r, "write 0x40100000 3").faults, 0);
        run(r, "sample");
        run(r, "write 0x40100000 4");
        check(r);
        run(r, "split 0x40000000");
        check(r);
        assert_int_equal(run(r, "read 0x40001008").value, 9);
        assert_int_equal(run(r, "read 0x40100000").value, 4);
    }
    machine_close(&r->m);
    open_machine(r, "i386");
    run(r, "mmap 0x40000000 4M rw");
    run(r, "write 0x40000000 7");
    refused(r, "collapse 0x40000000", "no huge pages");
}

/* Another thread's TLB has the pages: it is told before they are copied, and sees what comes after. */
static void
other_cpus_are_told(void **state)
{
    struct rig *r = *state;

    machine_close(&r->m);
    open_machine(r, "smp");
    run(r, "mmap 0x40000000 4M rw");
    run(r, "write 0x40000000 7");
    run(r, "thread");
    run(r, "switch 2 cpu=1");
    run(r, "read 0x40000000 cpu=1");
    run(r, "collapse 0x40000000");
    assert_int_equal(r->of[EV_IPI_SENT], 1);
    check(r);
    run(r, "write 0x40000000 8");
    assert_int_equal(run(r, "read 0x40000000 cpu=1").value, 8);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(collapse_frees_a_table_and_shortens_the_walk),
        T(a_huge_page_is_aligned),
        T(split_names_the_same_frames),
        T(what_concerns_a_part_splits_first),
        T(after_fork_both_have_the_bytes),
        T(collapse_copies_what_is_shared),
        T(a_page_that_leaves_splits_it),
        T(sampling_clears_one_bit),
        T(refusals_say_why_and_change_nothing),
        T(without_a_block_there_is_no_huge_page),
        T(mmap_takes_from_the_pool),
        T(other_formats_have_them),
        T(other_cpus_are_told),
        cmocka_unit_test_setup_teardown(a_misaligned_one_is_seen, setup, teardown_broken),
    };

    return RUN_TESTS(tests);
}
