/* Tunables: each changes what it names, and the model's cycles add up. */
#include <stdio.h>
#include <string.h>

#include "support/drive.h"
#include "test.h"

static void
open_machine(struct machine *m, const char *name)
{
    struct preset p;
    struct error e = {0};

    drive_preset(name, &p);
    assert_true(machine_open(m, &p, 1, &e));
}

static uint64_t
cycles_of(struct machine *m, const char *line)
{
    uint64_t before = m->hw.s->cycles;

    drive_machine(m, line);
    return m->hw.s->cycles - before;
}

/* --- the textbook's arithmetic ------------------------------------------------------------------
 */

/* Cycles of `total` reads of a mapped page, of which every total/misses-th finds no TLB entry. */
static uint64_t
reads(struct machine *m, unsigned total, unsigned misses)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < total; i++) {
        if (i % (total / misses) == 0)
            drive_machine(m, "invlpg 0x3000");
        sum += cycles_of(m, "read 0x3000");
    }
    return sum;
}

/* Silberschatz, Operating System Concepts, 9.3.2.2: memory 100, a flat table, lookup free: with 80 %
 * hits 120 on average, with 99 % 101. */
static void
effective_access_time_is_the_textbooks(void **state)
{
    struct machine m;

    (void)state;
    open_machine(&m, "toy16");
    drive_machine(&m, "spawn");
    drive_machine(&m, "write 0x3000 1");
    drive_machine(&m, "set tlb_cycles 0");
    drive_machine(&m, "set dram_cycles 100");
    assert_int_equal(reads(&m, 100, 20), 100 * 120);
    assert_int_equal(reads(&m, 100, 1), 100 * 101);
    machine_close(&m);
}

/* --- each number counts -------------------------------------------------------------------------
 */

struct price {
    const char *name;
    const char *before[3];
    const char *line; /* what costs it ... */
    unsigned times;   /* ... so many times */
};

/* x86-64: four levels. */
static const struct price price[] = {
    {"tlb_cycles", {"write 0x406000 1"}, "read 0x406000", 1},
    {"dram_cycles", {"write 0x406000 1"}, "read 0x406000", 1},
    {"dram_cycles", {"write 0x406000 1", "flush"}, "read 0x406000", 4 + 1},
    {"trap_cycles", {NULL}, "read 0x406000", 1},
    {"trap_cycles", {"read 0x406000"}, "read 0x406000", 0},
    {"zero_cycles",
     {"write 0x408000 1", "write 0x406000 1", "munmap 0x406000 4K"},
     "write 0x407000",
     1},
    {"copy_cycles", {"write 0x406000 1", "fork"}, "write 0x406000 2", 1},
    {"disk_cycles", {NULL}, "read 0x401000", 1},
    {"disk_cycles", {"read 0x401000"}, "read 0x401000", 0},
};

static uint64_t
cycles_at(const struct price *p, uint64_t value)
{
    struct machine m;
    char set[64];
    uint64_t cycles;

    open_machine(&m, "x86-64");
    drive_machine(&m, "spawn");
    for (int i = 0; i < 3 && p->before[i]; i++)
        drive_machine(&m, p->before[i]);
    snprintf(set, sizeof set, "set %s %llu", p->name, (unsigned long long)value);
    drive_machine(&m, set);
    cycles = cycles_of(&m, p->line);
    machine_close(&m);
    return cycles;
}

static void
each_price_is_paid_as_often_as_it_is_due(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof price / sizeof *price; i++) {
        uint64_t more = cycles_at(&price[i], 777) - cycles_at(&price[i], 0);

        if (more != UINT64_C(777) * price[i].times)
            fail_msg("%s, \"%s\": 777 each and %u of them, but %llu more", price[i].name,
                     price[i].line, price[i].times, (unsigned long long)more);
    }
}

static void
a_stack_grows_as_far_as_stack_pages(void **state)
{
    struct machine m;
    struct outcome out;

    (void)state;
    open_machine(&m, "x86-64"); /* the stack's top is 0x7ffffffff000 */
    drive_machine(&m, "spawn");
    drive_machine(&m, "set stack_pages 16");
    assert_int_equal(drive_machine(&m, "write 0x7ffffffef000 1").kind, OUT_DONE);
    out = drive_machine(&m, "write 0x7ffffffeefff 1");
    assert_int_equal(out.kind, OUT_SIGNAL);
    assert_int_equal(out.signal, SIGNAL_SEGV_MAPERR);
    machine_close(&m);
}

static void
resident_limit_is_per_process(void **state)
{
    struct machine m;

    (void)state;
    open_machine(&m, "x86-64");
    assert_int_equal(m.preset.geo.swap_slots, 1024);
    drive_machine(&m, "spawn");
    drive_machine(&m, "spawn");
    drive_machine(&m, "set resident_limit 2");
    drive_machine(&m, "write 0x406000 1");
    drive_machine(&m, "write 0x407000 1");
    drive_machine(&m, "switch 2");
    assert_int_equal(drive_machine(&m, "write 0x406000 1").kind, OUT_DONE);
    drive_machine(&m, "switch 1");
    assert_int_equal(drive_machine(&m, "write 0x408000 1").kind, OUT_DONE); /* one left */
    assert_int_equal(m.os.s->mm[1].rss_anon, 2);
    assert_int_equal(m.os.s->mm[1].swapped, 1);
    assert_int_equal(m.os.s->mm[2].rss_anon, 1);
    machine_close(&m);
}

/* --- what is told adds up -----------------------------------------------------------------------
 */

static void
add(void *sum, const struct event *ev)
{
    *(uint64_t *)sum += ev->cycles;
}

static void
events_account_for_every_cycle(void **state)
{
    static const char *const name[] = {"x86-64", "i386", "toy16", "la57"};
    struct machine m;
    struct preset p;
    struct rng r;

    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        uint64_t told = 0;
        const struct watch watch = {add, &told};
        struct error e = {0};

        drive_preset(name[seed % 4], &p);
        p.geo.cpus = 1 + seed % 3;
        rng_seed(&r, seed);
        assert_true(machine_open(&m, &p, seed, &e));
        machine_watch(&m, &watch);
        for (int i = 0; i < 200; i++) {
            struct operation op;
            uint8_t blob[OPERATION_BLOB];
            struct outcome out;
            struct error refused = {0};

            drive_random(&r, &m, &op, blob);
            op.cpu = (uint8_t)rng_below(&r, p.geo.cpus);
            machine_do(&m, &op, &out, &refused);
            assert_int_equal(told, m.hw.s->cycles);
        }
        machine_close(&m);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(effective_access_time_is_the_textbooks),
        cmocka_unit_test(each_price_is_paid_as_often_as_it_is_due),
        cmocka_unit_test(a_stack_grows_as_far_as_stack_pages),
        cmocka_unit_test(resident_limit_is_per_process),
        cmocka_unit_test(events_account_for_every_cycle),
    };

    return RUN_TESTS(tests);
}
