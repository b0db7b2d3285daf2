/* A burst leaves the machine as its accesses would one by one with somebody watching, who has every step
 * told: byte for byte, on every machine that has a kernel, in random sessions in which random operations (huge pages too, where there are any) come
 * between bursts over the memory of whoever runs. */
#include <stdio.h>
#include <stdlib.h>

#include "machine/burst.h"
#include "support/drive.h"
#include "test.h"

enum { SESSIONS = 300, ROUNDS = 30, ACCESSES = 400, PRESETS_MAX = 64, FEW = 256 };

/* Somewhere in the memory of the process that runs, often near the last one; now and then nowhere. */
static vaddr_t
address(struct rng *r, const struct machine *m, vaddr_t near)
{
    const struct task *t = os_current(&m->os, 0);
    uint64_t page = format_page(&m->preset.geo.format);
    uint32_t area = t ? m->os.s->mm[t->mm].area : 0;
    uint64_t skip = rng_below(r, 6);

    if (rng_below(r, 3))
        return (near & ~(page - 1)) + rng_below(r, page);
    while (area && skip-- && m->os.area[area].next)
        area = m->os.area[area].next;
    if (!area || rng_below(r, 2000) == 0)
        return rng_below(r, m->preset.layout.user_end) | rng_below(r, 2) << 62;
    return m->os.area[area].start + rng_below(r, m->os.area[area].end - m->os.area[area].start);
}

/* What the area there allows, or now and then anything: a signal ends the burst and the process. */
static uint8_t
kind_at(struct rng *r, const struct machine *m, vaddr_t va)
{
    const struct task *t = os_current(&m->os, 0);
    uint32_t area = t ? area_find(&m->os, t->mm, va) : 0;
    uint8_t prot = area ? m->os.area[area].prot : 0, kind = (uint8_t)rng_below(r, 3);

    if (rng_below(r, 2000) == 0)
        return kind;
    if (kind == ACCESS_WRITE && (prot & RIGHT_W))
        return ACCESS_WRITE;
    return kind == ACCESS_FETCH && (prot & RIGHT_X) ? ACCESS_FETCH : ACCESS_READ;
}

static size_t
make_burst(struct rng *r, const struct machine *m, vaddr_t va[ACCESSES], uint8_t kind[ACCESSES])
{
    size_t n = 1 + rng_below(r, ACCESSES);

    for (size_t i = 0; i < n; i++) {
        va[i] = address(r, m, i ? va[i - 1] : m->preset.layout.data);
        kind[i] = kind_at(r, m, va[i]);
    }
    return n;
}

static bool
one_by_one(struct machine *m, const vaddr_t *va, const uint8_t *kind, size_t n, uint64_t *absent)
{
    static const enum operation_code code[] = {OP_READ, OP_WRITE, OP_FETCH};

    for (size_t i = 0; i < n; i++) {
        struct operation op = {.code = (uint8_t)code[kind[i]], .given = 1, .arg = {va[i]}};
        struct outcome out;
        struct error e = {0};

        if (!machine_do(m, &op, &out, &e))
            return false;
        *absent += out.absent != 0;
        if (out.kind != OUT_DONE)
            return false;
    }
    return true;
}

static void
compare(struct rng *r, struct machine *a, struct machine *b)
{
    static vaddr_t va[ACCESSES];
    static uint8_t kind[ACCESSES];
    size_t n = make_burst(r, a, va, kind);
    uint64_t absent_a = 0, absent_b = 0;
    struct error e = {0};
    bool done = machine_burst(a, 0, &(struct burst){.va = va, .kind = kind, .n = n}, &absent_a, &e);

    assert_int_equal(done, one_by_one(b, va, kind, n, &absent_b));
    assert_int_equal(absent_a, absent_b);
    assert_true(machine_equal(a, b));
}

static void
both_do(struct rng *r, struct machine *a, struct machine *b)
{
    struct operation op;
    uint8_t blob[OPERATION_BLOB];
    struct outcome out;
    struct error why = {0};

    drive_random(r, a, &op, blob);
    assert_int_equal(machine_do(a, &op, &out, &why), machine_do(b, &op, &out, &why));
}

/* What CPU 0 did in both. */
struct tally {
    uint64_t hits, walks;
};

static void
see(void *ctx, const struct event *ev)
{
    (void)ctx;
    (void)ev;
}

static struct preset shipped[PRESETS_MAX];
static size_t presets;

/* Every second session is short of memory, where its place for programs does not fix how much there is. */
static void
session(const struct preset *preset, uint64_t seed, int rounds, struct tally *tally)
{
    static const struct watch watch = {see, NULL};
    struct preset p = *preset;
    struct machine a, b;
    struct rng r;
    struct error e = {0};

    if (seed / presets % 2 && !p.geo.program_frames && p.geo.frames > FEW)
        p.geo.frames = FEW;
    rng_seed(&r, seed);
    assert_true(machine_open(&a, &p, seed, &e) && machine_open(&b, &p, seed, &e));
    machine_watch(&b, &watch);
    for (int round = 0; round < rounds; round++) {
        for (uint64_t n = rng_below(&r, 8); n > 0; n--)
            both_do(&r, &a, &b);
        if (!os_current(&a.os, 0)) {
            drive_machine(&a, "spawn");
            drive_machine(&b, "spawn");
        }
        compare(&r, &a, &b);
    }
    tally->hits += a.hw.s->cpu[0].hits;
    tally->walks += a.hw.s->cpu[0].walks;
    machine_close(&a);
    machine_close(&b);
}

static void
add_preset(void *ctx, const char *name)
{
    struct preset *p = &shipped[presets];

    (void)ctx;
    assert_true(presets < PRESETS_MAX);
    drive_preset(name, p);
    presets += p->kernel;
}

static void
a_burst_is_its_accesses(void **state)
{
    const char *scale = getenv("PW_SCALE"), *slow = getenv("PW_SLOW");
    uint64_t sessions = SESSIONS * (scale ? strtoull(scale, NULL, 10) : 1);
    struct tally tally = {0};
    int rounds = ROUNDS;

    (void)state;
    preset_list(add_preset, NULL);
    assert_true(presets > 0);
    if (slow && atoi(slow) > 1) { /* each machine once, for a while: every access checks everything */
        sessions = presets;
        rounds = 3;
    }
    for (uint64_t s = 1; s <= sessions; s++)
        session(&shipped[s % presets], s, rounds, &tally);
    printf("COUNT burst_hits %llu\n", (unsigned long long)tally.hits);
    printf("COUNT burst_walks %llu\n", (unsigned long long)tally.walks);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_burst_is_its_accesses)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
