/* Hashed and inverted tables: their sizes, what a search costs, and what sharing costs. */
#include <string.h>

#include "hw/hashed.h"
#include "support/drive.h"
#include "test.h"

enum { SEEN = 4096 };

struct bench {
    struct machine m;
    struct watch watch;
    struct event seen[SEEN];
    unsigned n;
};

static struct bench bench;

static void
note(void *context, const struct event *ev)
{
    struct bench *b = context;

    assert_in_range(b->n, 0, SEEN - 1);
    b->seen[b->n++] = *ev;
}

static struct bench *
bench_open(const char *preset, const char *setting)
{
    struct preset p;
    struct error e = {0};

    drive_preset(preset, &p);
    assert_true(!setting || preset_override(&p, setting, &e));
    assert_true(machine_open(&bench.m, &p, 1, &e));
    bench.watch = (struct watch){note, &bench};
    machine_watch(&bench.m, &bench.watch);
    bench.n = 0;
    return &bench;
}

static struct outcome
does(struct bench *b, const char *line)
{
    b->n = 0;
    return drive_machine(&b->m, line);
}

static unsigned
count(const struct bench *b, enum event_code code)
{
    unsigned n = 0;

    for (unsigned i = 0; i < b->n; i++)
        n += b->seen[i].code == code;
    return n;
}

static unsigned
compares(const struct bench *b)
{
    return count(b, EV_PROBE_MISS) + count(b, EV_PROBE_HIT);
}

/* --- sizes ---------------------------------------------------------------------------------------- */

static void
a_gibibyte_has_two_to_the_eighteen_entries(void **state)
{
    struct geometry g = {.frames = UINT64_C(1) << 30 >> 12, .format.kind = TABLE_HASHED};

    (void)state;
    assert_int_equal(hashed_anchors(&g), 262144);
    assert_int_equal(hashed_entries(&g), 262144); /* full: a mean chain of 1 */
    assert_int_equal(hashed_bytes(&g), 5 << 20);  /* 2^18 x (16 + 4) */
    g.format.kind = TABLE_INVERTED;
    assert_int_equal(hashed_entries(&g), 262144);
    g.frames = 100; /* one entry a frame, but a hash wants a power of two */
    assert_int_equal(hashed_entries(&g), 100);
    assert_int_equal(hashed_anchors(&g), 128);
}

/* A tree's root is a frame for each process; here a process costs none. */
static void
processes_take_no_frames(void **state)
{
    struct bench *b = bench_open("inverted", NULL);
    uint32_t before = b->m.os.s->free_frames;

    (void)state;
    for (int i = 0; i < TASK_MAX - 1; i++)
        does(b, "spawn");
    assert_int_equal(b->m.os.s->task[TASK_MAX - 1].pid, TASK_MAX - 1);
    assert_int_equal(b->m.os.s->free_frames, before);
    machine_close(&b->m);
}

/* --- a chain of three ------------------------------------------------------------------------------ */

/* Folded to 8 bits, pages 0x10000, 0x10101 and 0x10202 are 00^00^01, 01^01^01, 02^02^01: all 1. */
static void
three_that_collide(struct bench *b)
{
    does(b, "spawn");
    does(b, "mmap 0x10000000 4K rw");
    does(b, "mmap 0x10101000 4K rw");
    does(b, "mmap 0x10202000 4K rw");
    does(b, "write 0x10000000 1");
    does(b, "write 0x10101000 2");
    does(b, "write 0x10202000 3");
    does(b, "flush");
}

static void
a_chain_of_three_costs_three_compares(void **state)
{
    struct bench *b = bench_open("hashed", NULL);

    (void)state;
    three_that_collide(b);
    assert_int_equal(does(b, "read 0x10000000").value, 1);
    assert_int_equal(count(b, EV_ANCHOR_READ), 1);
    assert_int_equal(compares(b), 3); /* what came first lies deepest */
    assert_int_equal(count(b, EV_PROBE_HIT), 1);
    assert_int_equal(count(b, EV_WALK_READ), 1);
    assert_int_equal(does(b, "read 0x10202000").value, 3);
    assert_int_equal(compares(b), 1);
    machine_close(&b->m);
}

/* Each event's value is what memory holds at its address, and leads to the next. */
static void
probes_read_bytes(void **state)
{
    struct bench *b = bench_open("hashed", NULL);
    uint32_t next = 0;
    unsigned probes = 0;

    (void)state;
    three_that_collide(b);
    does(b, "read 0x10000000");
    for (unsigned i = 0; i < b->n; i++) {
        const struct event *ev = &b->seen[i];
        bool probe = ev->code == EV_PROBE_MISS || ev->code == EV_PROBE_HIT;

        if (ev->code == EV_ANCHOR_READ)
            next = (uint32_t)ev->new;
        if (!probe)
            continue;
        assert_int_equal(ev->pa, 0x1000 + 16 * next);
        assert_int_equal(phys_read(&b->m.hw.phys, ev->pa, 8), ev->new);
        assert_int_equal(ev->new >> 56, 1);
        assert_int_equal(ev->cycles, 200);
        next = ev->new & 0xfffff;
        probes++;
    }
    assert_int_equal(probes, 3);
    assert_int_equal(next, 0);
    machine_close(&b->m);
}

/* The one in the middle goes: the others stay reachable. */
static void
a_chain_closes_over_a_gap(void **state)
{
    struct bench *b = bench_open("hashed", NULL);

    (void)state;
    three_that_collide(b);
    does(b, "munmap 0x10101000 4K");
    assert_int_equal(does(b, "read 0x10000000").value, 1);
    assert_int_equal(compares(b), 2);
    assert_int_equal(does(b, "read 0x10202000").value, 3);
    machine_close(&b->m);
}

/* A hand bends the chain into a ring: the MMU gives up after as many entries as there are. */
static void
a_ring_ends(void **state)
{
    struct bench *b = bench_open("hashed", NULL);
    paddr_t first = 0;
    uint64_t word;

    (void)state;
    three_that_collide(b);
    does(b, "read 0x10202000");
    for (unsigned i = 0; i < b->n; i++)
        if (b->seen[i].code == EV_PROBE_HIT)
            first = b->seen[i].pa;
    word = phys_read(&b->m.hw.phys, first, 8);
    phys_write(&b->m.hw.phys, first, 8, (word & ~UINT64_C(0xfffff)) | (first - 0x1000) / 16);
    b->m.s->tampered = true;
    does(b, "flush");
    does(b, "read 0x10000000");
    assert_int_equal(count(b, EV_SIGNAL), 1);
    assert_int_equal(compares(b), 255);
    machine_close(&b->m);
}

/* --- load ------------------------------------------------------------------------------------------ */

/* 2^18 pages of 63 processes at random. Of n keys in m chains a search that finds its key compares
 * 1 + (n - 1) / 2m on average: 1.5 (Knuth, vol. 3, 6.4). */
static void
a_full_table_costs_one_and_a_half(void **state)
{
    struct bench *b = bench_open("hashed", "frames=262144");
    struct os *os = &b->m.os;
    struct rng r;
    uint64_t reads = 0, keys = 0, most = (UINT64_C(1) << 18) - 1;

    (void)state;
    machine_watch(&b->m, NULL);
    rng_seed(&r, 1);
    for (uint32_t mm = 1; keys < most; mm++) {
        vpn_t vpn = UINT64_C(1) << 35;

        for (int i = 0; i < 8192 && keys < most;
             i++, keys++) { /* downwards: lists grow at their head */
            vpn -= 1 + rng_below(&r, 1 << 22);
            table_set(os, 0, mm, vpn << 12, table_slot(os, 0, mm, vpn << 12, true), 0x5001);
        }
    }
    for (uint32_t i = 1; i <= os->mappings.pool->used; i++) {
        const struct mapping *m = &os->mappings.at[i];
        struct translation t;

        assert_true(walker_peek(&b->m.hw, mapping_root(os, m->mm), m->va, &t));
        reads += t.reads - 2; /* the anchor, and the translation */
    }
    assert_in_range(reads * 1000 / keys, 1490, 1510);
    assert_int_equal(os->mappings.pool->waiting, 0);
    machine_close(&b->m);
}

/* --- the scan -------------------------------------------------------------------------------------- */

static void
a_scan_compares_every_entry_before_the_frame(void **state)
{
    struct bench *b = bench_open("inverted", NULL);
    struct outcome done;

    (void)state;
    does(b, "spawn");
    does(b, "write 0x406000 5");
    does(b, "set table_scan 1");
    does(b, "flush");
    done = does(b, "read 0x406000");
    assert_int_equal(done.value, 5);
    assert_int_equal(compares(b), done.pa >> 12); /* entries 1 to the frame's */
    assert_int_equal(count(b, EV_ANCHOR_READ), 0);
    does(b, "set table_scan 0");
    does(b, "flush");
    does(b, "read 0x406000");
    assert_int_equal(compares(b), 1);
    does(b, "set table_scan 1");
    does(b, "mmap 0x10000000 4K rw");
    does(b, "read 0x10000000"); /* nobody has it: all are compared before the fault says so */
    assert_int_equal(b->seen[0].code, EV_ACCESS);
    assert_in_range(compares(b), 255, 2 * 255);
    machine_close(&b->m);
}

/* Who compares page numbers alone reads another's memory. */
static void
the_key_is_process_and_page(void **state)
{
    struct bench *b = bench_open("inverted", NULL);

    (void)state;
    does(b, "set table_scan 1");
    does(b, "spawn");
    does(b, "write 0x406000 1");
    does(b, "spawn");
    does(b, "switch 2");
    does(b, "write 0x406000 2");
    does(b, "flush");
    assert_int_equal(does(b, "read 0x406000").value, 2);
    does(b, "set tag-without-process on");
    does(b, "flush");
    assert_int_equal(does(b, "read 0x406000").value, 1);
    machine_close(&b->m);
}

/* --- sharing --------------------------------------------------------------------------------------- */

/* Faults in `turns` turns of two processes that read one shared page. */
static unsigned
faults_of_taking_turns(const char *preset, int turns)
{
    struct bench *b = bench_open(preset, NULL);
    unsigned faults = 0;

    does(b, "spawn");
    does(b, "mmap 0x10000000 4K rw shared");
    does(b, "write 0x10000000 7");
    does(b, "fork");
    does(b, "switch 2");
    does(b, "read 0x10000000");
    for (int i = 0; i < turns; i++) {
        does(b, i % 2 ? "switch 2" : "switch 1");
        assert_int_equal(does(b, "read 0x10000000").value, 7);
        faults += count(b, EV_PAGE_FAULT);
        assert_int_equal(count(b, EV_PAGE_FAULT), count(b, EV_ENTRY_DISPLACED));
    }
    machine_close(&b->m);
    return faults;
}

static void
a_shared_frame_faults_at_every_turn(void **state)
{
    (void)state;
    assert_int_equal(faults_of_taking_turns("inverted", 10), 10);
    assert_int_equal(faults_of_taking_turns("hashed", 10), 0);
    assert_int_equal(faults_of_taking_turns("x86-64", 10), 0);
}

/* What the hardware noted in an entry that went is not lost. */
static void
marks_survive_the_change_of_hands(void **state)
{
    struct bench *b = bench_open("inverted", NULL);
    const struct format_flags *flag = &b->m.preset.geo.format.flag;
    pte_t entry;

    (void)state;
    does(b, "spawn");
    does(b, "mmap 0x10000000 4K rw shared");
    does(b, "write 0x10000000 7");
    does(b, "fork");
    does(b, "switch 2");
    does(b, "read 0x10000000");
    entry = table_get(&b->m.os, table_find(&b->m.os, 1, 0x10000000));
    assert_int_equal(entry & flag->dirty, flag->dirty);
    assert_int_equal(b->m.os.mappings.pool->waiting, 1);
    machine_close(&b->m);
}

/* Nobody shares zeros where a frame has one entry. */
static void
zeros_are_not_shared(void **state)
{
    struct bench *b = bench_open("inverted", NULL);

    (void)state;
    does(b, "spawn");
    does(b, "read 0x406000");
    does(b, "read 0x407000");
    does(b, "flush");
    does(b, "read 0x406000");
    assert_int_equal(count(b, EV_PAGE_FAULT), 0);
    machine_close(&b->m);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gibibyte_has_two_to_the_eighteen_entries),
        cmocka_unit_test(processes_take_no_frames),
        cmocka_unit_test(a_chain_of_three_costs_three_compares),
        cmocka_unit_test(probes_read_bytes),
        cmocka_unit_test(a_chain_closes_over_a_gap),
        cmocka_unit_test(a_ring_ends),
        cmocka_unit_test(a_full_table_costs_one_and_a_half),
        cmocka_unit_test(a_scan_compares_every_entry_before_the_frame),
        cmocka_unit_test(the_key_is_process_and_page),
        cmocka_unit_test(a_shared_frame_faults_at_every_turn),
        cmocka_unit_test(marks_survive_the_change_of_hands),
        cmocka_unit_test(zeros_are_not_shared),
    };

    return RUN_TESTS(tests);
}
