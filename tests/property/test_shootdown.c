/* Random sessions on several CPUs: no TLB ever leads a program to a frame that is free, every
 * invariant holds after every operation, and time travel arrives where a straight run was. */
#include <stdio.h>
#include <string.h>

#include "hw/tlb.h"
#include "machine/invariant.h"
#include "support/drive.h"
#include "test.h"

enum { SESSIONS = 240, OPERATIONS = 150, CPUS_LEAST = 2, CPUS_MOST = 8 };

static uint64_t interrupts, checked, deferred, skipped, early, rollovers;

/* Looks for itself, sharing no code with the invariants: an entry that a program could use and that
 * leads to a free frame. */
static const struct tlb_entry *
entry_of_a_free_frame(const struct machine *m)
{
    for (unsigned cpu = 0; cpu < m->preset.geo.cpus; cpu++)
        for (unsigned i = 0; i < m->preset.geo.tlb_sets * m->preset.geo.tlb_ways; i++) {
            const struct tlb_entry *e = tlb_at(&m->hw, cpu, 0, 0) + i;

            if (e->flags & TLB_VALID && m->hw.s->cpu[cpu].task &&
                frame_is_free(&m->os.frame[e->pfn]))
                return e;
        }
    return NULL;
}

static void
invariants_hold(const struct machine *m)
{
    struct violation v;

    if (invariant_check(m, &v, 1))
        fail_msg("operation %llu: %s: %s", (unsigned long long)m->s->op,
                 invariant_row[v.invariant].id, v.where);
    checked++;
}

static void
smp(struct preset *p, unsigned n)
{
    drive_preset("smp", p);
    p->geo.cpus = (uint8_t)(CPUS_LEAST + n % (CPUS_MOST - CPUS_LEAST + 1));
    p->geo.frames = n % 3 ? 96 : 48; /* now and then there is no room */
    p->layout.kernel = 0;
    p->tunable[TUNE_SHOOTDOWN] = n % SHOOTDOWNS;
    p->tunable[TUNE_TIMER_CYCLES] = 3000;
    p->tunable[TUNE_LAZY_TLB] = n / 3 % 2;
    p->tunable[TUNE_EARLY_ACK] = n / 6 % 2;
    p->tunable[TUNE_RESIDENT_LIMIT] = n % 5 ? 0 : 6;
    if (n % 4 > 1)
        memset(p->geo.walk_cache, 2, 3);
    if (n % 7 == 3)
        for (unsigned i = 0; i < TLB_PARTS; i++)
            p->geo.tlb_part[i] = (struct tlb_part_geometry){1u << i, 2};
    while (n % 8 > 4 && (1u << p->geo.asid_bits) - 1 <= p->geo.cpus)
        p->geo.asid_bits++; /* as few numbers as will do */
}

/* Every other session with tags, so that a CPU knows address spaces that it does not run. */
static void
use_tags(struct machine *m, unsigned n)
{
    for (unsigned cpu = 0; n % 2 && cpu < m->preset.geo.cpus; cpu++) {
        char line[40];

        snprintf(line, sizeof line, "set cr4.pcide 1 cpu=%u", cpu);
        drive_machine(m, line);
    }
}

static unsigned
idle_cpu(const struct machine *m)
{
    unsigned cpu = 0;

    while (cpu < m->preset.geo.cpus && m->hw.s->cpu[cpu].task)
        cpu++;
    return cpu;
}

static uint32_t
ready_task(const struct machine *m)
{
    for (uint32_t pid = 1; pid < TASK_MAX; pid++)
        if (m->os.s->task[pid].state == TASK_READY)
            return pid;
    return 0;
}

/* Threads of one process soon run on most CPUs, and touch the same few pages. */
static void
next_operation(struct rng *r, const struct machine *m, struct operation *op, uint8_t *blob)
{
    unsigned cpu = idle_cpu(m), dice = (unsigned)rng_below(r, 4);
    unsigned some = (unsigned)rng_below(r, m->preset.geo.cpus), page = (unsigned)rng_below(r, 4);
    uint32_t pid = ready_task(m);
    struct error e = {0};
    char line[80];

    if (!m->hw.s->cpu[0].task && !pid)
        snprintf(line, sizeof line, "spawn");
    else if (cpu < m->preset.geo.cpus && dice < 3)
        snprintf(line, sizeof line, pid ? "switch %u cpu=%u" : "thread", pid, cpu);
    else if (dice == 3)
        snprintf(line, sizeof line, "%s 0x%llx cpu=%u", some % 2 ? "write" : "read",
                 (unsigned long long)m->preset.layout.heap + page * 4096, some);
    else {
        drive_random(r, m, op, blob);
        if (op->code == OP_EXIT && rng_below(r, 8))
            op->code = OP_FORK;
        return;
    }
    assert_true(operation_parse(line, op, blob, &e));
}

/* How often a TLB led to a free frame; `quirk` QUIRKS: an honest kernel. */
static unsigned
one_session(unsigned n, enum quirk quirk)
{
    unsigned found = 0;
    struct preset p;
    struct machine m;
    struct error e = {0};
    struct rng r;

    smp(&p, n);
    if (quirk != QUIRKS)
        p.quirks = UINT64_C(1) << quirk;
    rng_seed(&r, n + 1);
    assert_true(machine_open(&m, &p, n, &e));
    use_tags(&m, n);
    for (int i = 0; i < OPERATIONS; i++) {
        struct operation op;
        uint8_t blob[OPERATION_BLOB];
        struct outcome out;

        next_operation(&r, &m, &op, blob);
        if (!machine_do(&m, &op, &out, &e)) {
            assert_true(e.code == EXIT_DATA || e.code == EXIT_LIMIT);
            continue;
        }
        found += entry_of_a_free_frame(&m) != NULL;
        if (quirk == QUIRKS)
            invariants_hold(&m);
    }
    rollovers += p.geo.asid_bits ? m.os.asids->generation - 1 : 0;
    interrupts += m.os.shoot->interrupts;
    skipped += m.os.shoot->skipped;
    deferred += p.tunable[TUNE_SHOOTDOWN] == SHOOTDOWN_DEFERRED;
    early += p.tunable[TUNE_EARLY_ACK];
    machine_close(&m);
    return found;
}

static void
no_session_breaks_anything(void **state)
{
    (void)state;
    for (unsigned n = 0; n < tries(SESSIONS); n++)
        assert_int_equal(one_session(n, QUIRKS), 0);
    assert_true(deferred && early);
    printf("COUNT asid_rollovers %llu\n", (unsigned long long)rollovers);
    printf("COUNT shootdown_operations %llu\n", (unsigned long long)checked);
    printf("COUNT interrupts %llu\n", (unsigned long long)interrupts);
    printf("COUNT interrupts_skipped %llu\n", (unsigned long long)skipped);
}

/* The same sessions find out a kernel that tells nobody, and one that does not wait. */
static void
broken_kernels_are_found_out(void **state)
{
    static const enum quirk broken[] = {QUIRK_NO_SHOOTDOWN, QUIRK_NO_ACK_WAIT, QUIRK_NO_INVALIDATE};

    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        unsigned found = 0;

        for (unsigned n = 0; n < 40 && !found; n++)
            found = one_session(n, broken[i]);
        if (!found)
            fail_msg("%s: no session shows it", quirk_row[broken[i]].name);
    }
}

/* --- time --- */

/* Sessions with a history: jump about, come back, and it is the machine that never jumped. */
static void
jumps_change_nothing(void **state)
{
    (void)state;
    for (unsigned n = 0; n < tries(40); n++) {
        struct preset p;
        struct machine straight;
        struct error e = {0};
        struct rng r;
        struct history *h;

        smp(&p, n);
        rng_seed(&r, n + 1000);
        h = history_open(&p, n, &e);
        for (int i = 0; i < OPERATIONS / 2; i++) {
            struct operation op;
            uint8_t blob[OPERATION_BLOB];
            struct outcome out;

            next_operation(&r, history_machine(h), &op, blob);
            if (history_do(h, &op, &out, &e) && rng_below(&r, 5) == 0)
                history_seek(h, history_at_number(
                                    h, rng_below(&r, history_event_number(h, history_end(h)) + 1)));
        }
        assert_true(machine_open(&straight, &p, n, &e));
        for (uint64_t i = 1; i <= history_operations(h); i++) {
            struct outcome out;

            assert_true(machine_do(&straight, history_operation(h, i), &out, &e));
        }
        history_seek(h, history_end(h));
        assert_true(machine_equal(&straight, history_machine(h)));
        machine_close(&straight);
        history_close(h);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_session_breaks_anything),
                                       cmocka_unit_test(broken_kernels_are_found_out),
                                       cmocka_unit_test(jumps_change_nothing)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
