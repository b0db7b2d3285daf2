/* Programs in one piece. The exercise of Silberschatz (holes of 100, 500, 200, 300 and 600 KB, programs of
 * 212, 417, 112 and 426 KB) by every fit, worked out by hand; what is lost, and what it costs to get it
 * back; and two programs without an MMU between them. */
#include <stdio.h>
#include <string.h>

#include "machine/invariant.h"
#include "os/partition.h"
#include "support/drive.h"
#include "test.h"

#define KIB UINT64_C(1024)

static struct machine machine;

static int
open_machine(void **state, const char *name)
{
    struct preset p;
    struct error e = {0};

    drive_preset(name, &p);
    assert_true(machine_open(&machine, &p, 1, &e));
    *state = &machine;
    return 0;
}

static int
setup(void **state)
{
    return open_machine(state, "partitions");
}

static int
setup_without_mmu(void **state)
{
    return open_machine(state, "no-mmu");
}

static int
teardown(void **state)
{
    struct violation v;

    if (invariant_check(*state, &v, 1) && !((struct machine *)*state)->s->tampered)
        fail_msg("%s: %s", invariant_row[v.invariant].id, v.where);
    machine_close(*state);
    return 0;
}

static uint64_t
run(struct machine *m, const char *line)
{
    return drive_machine(m, line).value;
}

static bool
is_refused(struct machine *m, const char *line)
{
    struct operation op;
    uint8_t blob[OPERATION_BLOB];
    struct outcome out;
    struct error e = {0};

    assert_true(operation_parse(line, &op, blob, &e));
    return !machine_do(m, &op, &out, &e);
}

/* KiB from the low end of the memory for programs; -1: not in memory. */
static int64_t
place(const struct machine *m, uint64_t pid)
{
    int at = partition_of(&m->os, (uint32_t)pid);

    return at < 0 ? -1 : (int64_t)((m->os.partitions->at[at].start - partition_base(&m->os)) / KIB);
}

/* The five holes, with 55 KiB between each two: they begin at 0, 155, 710, 965 and 1320. */
static void
make_holes(struct machine *m)
{
    static const char *const line[] = {"load 100K", "load 55K",  "load 500K",
                                       "load 55K",  "load 200K", "load 55K",
                                       "load 300K", "load 55K",  "load 600K"};

    for (size_t i = 0; i < sizeof line / sizeof *line; i++)
        assert_int_equal(run(m, line[i]), i + 1);
    assert_int_equal(partition_free(&m->os), 0); /* 1700 + 4 * 55 = 1920 */
    for (const char *const *l =
             (const char *const[]){"exit 1", "exit 3", "exit 5", "exit 7", "exit 9", NULL};
         *l; l++)
        run(m, *l);
    assert_int_equal(partition_free(&m->os), 1700 * KIB);
    assert_int_equal(partition_largest(&m->os), 600 * KIB);
}

static void
expect_places(struct machine *m, const int64_t want[4])
{
    static const char *const line[] = {"load 212K", "load 417K", "load 112K", "load 426K"};
    uint64_t pid[4];

    for (int i = 0; i < 4; i++)
        pid[i] = run(m, line[i]);
    for (int i = 0; i < 4; i++)
        assert_int_equal(place(m, pid[i]), want[i]);
    for (int i = 0; i < 4; i++)
        assert_int_equal(m->os.s->task[pid[i]].state == TASK_WAITING, want[i] < 0);
}

static void
first_fit(void **state)
{
    make_holes(*state);
    expect_places(*state, (const int64_t[]){155, 1320, 155 + 212, -1});
}

static void
best_fit(void **state)
{
    make_holes(*state);
    run(*state, "set fit best");
    expect_places(*state, (const int64_t[]){965, 155, 710, 1320});
}

static void
worst_fit(void **state)
{
    make_holes(*state);
    run(*state, "set fit worst");
    expect_places(*state, (const int64_t[]){1320, 155, 1320 + 212, -1});
}

/* 212 at 500's; from there on 417 finds 600, 112 the 183 behind it; 426 goes round and finds nothing. */
static void
next_fit(void **state)
{
    struct machine *m = *state;

    make_holes(m);
    m->os.partitions->rover = 0; /* as if nothing had been searched for */
    run(m, "set fit next");
    expect_places(m, (const int64_t[]){155, 1320, 1320 + 417, -1});
}

/* By hand: first looks at 2, 5, 2 and 5 holes. Best and worst always look at all: five, then five (best
 * fills none), and so on. */
static void
holes_looked_at(void **state)
{
    static const struct {
        const char *set;
        uint64_t examined;
    } row[] = {{"set fit first", 2 + 5 + 2 + 5},
               {"set fit best", 5 + 5 + 5 + 5},
               {"set fit worst", 5 + 5 + 5 + 5}};

    teardown(state);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        uint64_t before;

        setup(state);
        make_holes(*state);
        run(*state, row[i].set);
        before = machine.os.partitions->examined;
        for (const char *const *l =
                 (const char *const[]){"load 212K", "load 417K", "load 112K", "load 426K", NULL};
             *l; l++)
            run(*state, *l);
        assert_int_equal(machine.os.partitions->examined - before, row[i].examined);
        if (i + 1 < sizeof row / sizeof *row)
            teardown(state);
    }
}

/* Internal: what whole KiB have over what was asked. */
static void
waste_inside(void **state)
{
    struct machine *m = *state;

    run(m, "load 1");      /* 1023 of 1 KiB */
    run(m, "load 1025");   /* 1023 of 2 KiB */
    run(m, "load 212000"); /* 208 KiB are 212992: 992 */
    assert_int_equal(partition_wasted(&m->os), 1023 + 1023 + 992);
    assert_int_equal(partition_free(&m->os), (1920 - 1 - 2 - 208) * KIB);
}

/* 959 KiB are free and 426 fail; after compaction they do not. What is copied is what lies above the
 * first hole: 4 * 55 + 212 + 417 + 112. */
static void
compaction_pays(void **state)
{
    struct machine *m = *state;

    make_holes(m);
    expect_places(m, (const int64_t[]){155, 1320, 155 + 212, -1});
    assert_int_equal(partition_free(&m->os), (1700 - 212 - 417 - 112) * KIB);
    assert_int_equal(partition_largest(&m->os), 300 * KIB);
    run(m, "switch 3"); /* the 417 */
    run(m, "write 0x1234 0xab");
    assert_int_equal(run(m, "compact"), (4 * 55 + 212 + 417 + 112) * KIB);
    assert_int_equal(m->os.partitions->waiting, 0);
    assert_int_equal(place(m, 7), 4 * 55 + 212 + 417 + 112); /* the 426, behind all others */
    assert_int_equal(run(m, "read 0x1234"), 0xab);
    assert_int_equal(run(m, "compact"), 0); /* nothing is left to move */
}

/* Every byte comes along: a pattern written before a move is read after it. */
static void
bytes_come_along(void **state)
{
    struct machine *m = *state;
    uint8_t before[3000], after[3000];

    run(m, "load 4K");
    run(m, "load 3000");
    run(m, "switch 2");
    for (unsigned va = 0; va < 3000; va += 500) {
        char line[40];

        snprintf(line, sizeof line, "write %u %u", va, va % 251);
        run(m, line);
    }
    phys_copy_out(&m->hw.phys, m->os.partitions->at[1].start, before, sizeof before);
    run(m, "exit 1");
    assert_int_equal(run(m, "compact"), 3 * KIB);
    assert_int_equal(place(m, 2), 0);
    phys_copy_out(&m->hw.phys, m->os.partitions->at[0].start, after, sizeof after);
    assert_memory_equal(before, after, sizeof before);
}

static void
growing(void **state)
{
    struct machine *m = *state;

    run(m, "load 10K");
    run(m, "load 10K");
    run(m, "load 10K");
    run(m, "write 0x27ff 0x77"); /* the last byte of 10 KiB */
    assert_int_equal(drive_machine(m, "read 0x2800").kind, OUT_SIGNAL); /* and the first outside */
    assert_int_equal(run(m, "load 10K"), 4); /* 1 is dead; 4 gets its place */
    assert_int_equal(place(m, 4), 0);
    run(m, "write 0x27ff 0x77");
    run(m, "grow 11K"); /* 2 stands behind it: it moves behind 3 */
    assert_int_equal(place(m, 4), 30);
    assert_int_equal(m->os.partitions->copied, 10 * KIB);
    assert_int_equal(run(m, "read 0x27ff"), 0x77);
    assert_int_equal(run(m, "read 0x2800"), 0);
    run(m, "grow 20K"); /* a hole is behind it: no copy */
    assert_int_equal(place(m, 4), 30);
    assert_int_equal(m->os.partitions->copied, 10 * KIB);
    assert_true(is_refused(m, "grow 19K"));
}

/* Memory is full: who wants more leaves it, and waits for the other to end. */
static void
no_room_to_grow(void **state)
{
    struct machine *m = *state;

    run(m, "load 1000K");
    run(m, "load 920K");
    run(m, "switch 2");
    run(m, "write 0x100 0x42");
    run(m, "grow 921K");
    assert_int_equal(m->os.s->task[2].state, TASK_WAITING);
    assert_int_equal(m->hw.s->cpu[0].task, 0);
    assert_int_equal(m->os.s->swap_used, 920);
    run(m, "exit 1");
    assert_int_equal(place(m, 2), 0);
    assert_int_equal(m->os.s->swap_used, 0);
    run(m, "switch 2");
    assert_int_equal(run(m, "read 0x100"), 0x42);
}

static void
swapped_out_as_a_whole(void **state)
{
    struct machine *m = *state;

    run(m, "load 1000K");
    run(m, "write 0x0 0x11");
    run(m, "load 900K");
    run(m, "load 500K"); /* waits */
    assert_int_equal(place(m, 3), -1);
    run(m, "swapout 1"); /* runs: it leaves its CPU */
    assert_int_equal(place(m, 3), 0);
    assert_int_equal(place(m, 1), -1);
    assert_int_equal(m->os.s->swap_used, 1000);
    assert_true(is_refused(m, "switch 1"));
    assert_true(is_refused(m, "swapout 1"));
    run(m, "exit 3"); /* its 500 and the 500 behind them are what process 1 needs */
    assert_int_equal(place(m, 1), 0);
    assert_int_equal(m->os.s->swap_used, 0);
    run(m, "switch 1");
    assert_int_equal(run(m, "read 0x0"), 0x11);
}

/* What was left in memory is not read by the next one. */
static void
a_new_program_begins_as_zeros(void **state)
{
    struct machine *m = *state;

    run(m, "load 4K");
    run(m, "write 0x10 0x99");
    run(m, "exit 1");
    run(m, "load 4K");
    assert_int_equal(place(m, 1), 0);
    assert_int_equal(run(m, "read 0x10"), 0);
}

/* --- without an MMU ----------------------------------------------------------------------------- */

/* A3: the second program lies right behind the first; one address, one byte. */
static void
a_stray_write_ruins_another_program(void **state)
{
    struct machine *m = *state;
    paddr_t b;
    char line[48];

    run(m, "load 16K");
    run(m, "load 16K");
    b = m->os.partitions->at[1].start;
    assert_int_equal(b, partition_base(&m->os) + 16 * KIB);
    run(m, "switch 2");
    snprintf(line, sizeof line, "write 0x%llx 0x42", (unsigned long long)b + 8);
    run(m, line);
    run(m, "switch 1");
    snprintf(line, sizeof line, "write 0x%llx 0x66", (unsigned long long)b + 8);
    assert_int_equal(drive_machine(m, line).pa, b + 8);
    run(m, "switch 2");
    snprintf(line, sizeof line, "read 0x%llx", (unsigned long long)b + 8);
    assert_int_equal(run(m, line), 0x66);
    assert_true(is_refused(m, "compact"));
    assert_true(is_refused(m, "swapout 1"));
    assert_true(is_refused(m, "set cr0.pg on")); /* 2 runs and has no tables */
}

static uint32_t
hash_of_frame(struct machine *m, pfn_t pfn)
{
    uint8_t bytes[4096];
    uint32_t hash = 2166136261u; /* FNV-1a */

    phys_copy_out(&m->hw.phys, pa_of(&m->preset.geo.format, pfn), bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        hash = (hash ^ bytes[i]) * 16777619u;
    return hash;
}

/* A8: the same write with paging on reaches the writer's own frame. */
static void
paging_keeps_them_apart(void **state)
{
    struct machine *m = *state;
    paddr_t a, b;
    uint32_t hash;

    run(m, "set cr0.pg on");
    assert_int_equal(run(m, "spawn"), 1);
    assert_int_equal(run(m, "spawn"), 2);
    run(m, "switch 2");
    b = drive_machine(m, "write 0x406008 0x42").pa;
    hash = hash_of_frame(m, pfn_of(&m->preset.geo.format, b));
    run(m, "switch 1");
    a = drive_machine(m, "write 0x406008 0x66").pa;
    assert_int_not_equal(pfn_of(&m->preset.geo.format, a), pfn_of(&m->preset.geo.format, b));
    assert_int_equal(hash_of_frame(m, pfn_of(&m->preset.geo.format, b)), hash);
    run(m, "switch 2");
    assert_int_equal(run(m, "read 0x406008"), 0x42);
    assert_int_equal(m->preset.layout.user_end, UINT64_C(1) << 47);
}

static void
one_piece_has_no_pages(void **state)
{
    struct machine *m = *state;

    run(m, "load 16K");
    assert_true(is_refused(m, "mmap - 4K rw"));
    assert_true(is_refused(m, "brk 0x1000"));
    assert_true(is_refused(m, "fork"));
    assert_true(is_refused(m, "string 0x1000 1,2"));
    run(m, "switch 0");
    run(m, "set cr0.pg on");
    assert_true(is_refused(m, "switch 1"));
    run(m, "exit 1");
}

static void
a_machine_with_pages_alone_loads_nothing(void **state)
{
    struct preset p;
    struct error e = {0};

    (void)state;
    drive_preset("x86-64", &p);
    assert_true(machine_open(&machine, &p, 1, &e));
    assert_null(machine.os.partitions);
    assert_true(is_refused(&machine, "load 4K"));
    machine_close(&machine);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define BARE(name) cmocka_unit_test_setup_teardown(name, setup_without_mmu, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(first_fit),
        TEST(best_fit),
        TEST(worst_fit),
        TEST(next_fit),
        TEST(holes_looked_at),
        TEST(waste_inside),
        TEST(compaction_pays),
        TEST(bytes_come_along),
        TEST(growing),
        TEST(no_room_to_grow),
        TEST(swapped_out_as_a_whole),
        TEST(a_new_program_begins_as_zeros),
        BARE(a_stray_write_ruins_another_program),
        BARE(paging_keeps_them_apart),
        BARE(one_piece_has_no_pages),
        cmocka_unit_test(a_machine_with_pages_alone_loads_nothing),
    };

    return RUN_TESTS(tests);
}
