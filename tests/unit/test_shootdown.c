/* Telling other TLBs: how many interrupts, who gets them, when the frame is freed, what the initiator
 * waits. The numbers are counted by hand from the costs set in setup. */
#include <stdarg.h>
#include <stdio.h>

#include "machine/invariant.h"
#include "support/drive.h"
#include "test.h"

enum {
    CPUS = 8,
    EVENTS = 8192,
    SEND = 10,
    ARRIVE = 1000,
    HANDLER = 500,
    INVLPG = 100,
    FLUSH = 200
};

struct story {
    struct machine m;
    struct watch watch;
    struct event event[EVENTS];
    unsigned events;
};

static void
note(void *ctx, const struct event *ev)
{
    struct story *s = ctx;

    assert_in_range(s->events, 0, EVENTS - 1);
    s->event[s->events++] = *ev;
}

static unsigned
count(const struct story *s, enum event_code code)
{
    unsigned n = 0;

    for (unsigned i = 0; i < s->events; i++)
        n += s->event[i].code == code;
    return n;
}

static const struct event *
first(const struct story *s, enum event_code code)
{
    for (unsigned i = 0; i < s->events; i++)
        if (s->event[i].code == code)
            return &s->event[i];
    fail_msg("no %s", event_row[code].name);
    return NULL;
}

static struct outcome
run(struct story *s, const char *line)
{
    s->events = 0;
    return drive_machine(&s->m, line);
}

__attribute__((format(printf, 2, 3))) static void
runf(struct story *s, const char *format, ...)
{
    char line[80];
    va_list ap;

    va_start(ap, format);
    vsnprintf(line, sizeof line, format, ap);
    va_end(ap);
    run(s, line);
}

/* A machine of `cpus` CPUs; on the first `runners` of them threads of one process run, and have all
 * used `pages` pages at 0x10000000. */
static void
open_story(struct story *s, unsigned cpus, unsigned runners, unsigned pages)
{
    struct preset p;
    struct error e = {0};

    drive_preset("smp", &p);
    p.geo.cpus = (uint8_t)cpus;
    p.tunable[TUNE_IPI_SEND] = SEND;
    p.tunable[TUNE_IPI_CYCLES] = ARRIVE;
    p.tunable[TUNE_HANDLER_CYCLES] = HANDLER;
    p.tunable[TUNE_INVLPG_CYCLES] = INVLPG;
    p.tunable[TUNE_FLUSH_CYCLES] = FLUSH;
    assert_true(machine_open(&s->m, &p, 1, &e));
    s->watch = (struct watch){note, s};
    machine_watch(&s->m, &s->watch);
    run(s, "spawn");
    run(s, "mmap 0x10000000 1M rw");
    for (unsigned cpu = 1; cpu < runners; cpu++) {
        run(s, "thread");
        runf(s, "switch %u cpu=%u", cpu + 1, cpu);
    }
    for (unsigned i = 0; i < pages; i++)
        for (unsigned cpu = 0; cpu < runners; cpu++)
            runf(s, "write 0x%x cpu=%u", 0x10000000 + i * 0x1000, cpu);
}

static void
close_story(struct story *s)
{
    struct violation v;

    if (s->m.hw.s->quirks == 0 && invariant_check(&s->m, &v, 1))
        fail_msg("%s: %s", invariant_row[v.invariant].id, v.where);
    machine_close(&s->m);
}

/* --- how many -----------------------------------------------------------------------------------
 */

/* n CPUs, one page: n - 1 if all run the address space, none if nobody else does. */
static void
one_page_costs_an_interrupt_a_runner(void **state)
{
    static struct story s;

    (void)state;
    for (unsigned cpus = 1; cpus <= CPUS; cpus++)
        for (unsigned runners = 1; runners <= cpus; runners++) {
            open_story(&s, cpus, runners, 1);
            run(&s, "munmap 0x10000000 4K");
            assert_int_equal(count(&s, EV_IPI_SENT), runners - 1);
            assert_int_equal(count(&s, EV_IPI_ACK), runners - 1);
            close_story(&s);
        }
}

/* Processes of their own have nothing to forget. */
static void
another_process_is_not_told(void **state)
{
    static struct story s;

    (void)state;
    open_story(&s, 4, 1, 1);
    for (unsigned cpu = 1; cpu < 4; cpu++)
        runf(&s, "spawn cpu=%u", cpu);
    assert_int_equal(s.m.hw.s->cpu[3].task, 4);
    run(&s, "munmap 0x10000000 4K");
    assert_int_equal(count(&s, EV_IPI_SENT), 0);
    close_story(&s);
}

/* 100 pages: 100 (n - 1) interrupts one by one, n - 1 together. */
static void
a_hundred_pages_together_cost_as_much_as_one(void **state)
{
    static struct story s;

    (void)state;
    for (unsigned cpus = 2; cpus <= CPUS; cpus += 3) {
        open_story(&s, cpus, cpus, 100);
        run(&s, "set shootdown each");
        run(&s, "munmap 0x10000000 400K");
        assert_int_equal(count(&s, EV_IPI_SENT), 100 * (cpus - 1));
        assert_int_equal(count(&s, EV_SHOOTDOWN_DONE), 100);
        close_story(&s);
        open_story(&s, cpus, cpus, 100);
        run(&s, "munmap 0x10000000 400K");
        assert_int_equal(count(&s, EV_IPI_SENT), cpus - 1);
        assert_int_equal(count(&s, EV_SHOOTDOWN_DONE), 1);
        close_story(&s);
    }
}

static void
only_what_takes_rights_away_is_told(void **state)
{
    static struct story s;

    (void)state;
    open_story(&s, 4, 4, 1);
    run(&s, "mprotect 0x10000000 4K r");
    assert_int_equal(count(&s, EV_IPI_SENT), 3);
    run(&s, "mprotect 0x10000000 4K rw");
    assert_int_equal(count(&s, EV_IPI_SENT), 0);
    run(&s, "munmap 0x10001000 4K"); /* nothing was there */
    assert_int_equal(count(&s, EV_IPI_SENT), 0);
    close_story(&s);
}

/* After fork every CPU must ask before it writes; after a copy the others must not read the old one. */
static void
copy_on_write_is_told_too(void **state)
{
    static struct story s;

    (void)state;
    open_story(&s, 3, 3, 2);
    run(&s, "fork");
    assert_int_equal(count(&s, EV_IPI_SENT), 2);
    run(&s, "read 0x10000000 cpu=1");
    run(&s, "write 0x10000000 9");
    assert_int_equal(count(&s, EV_COW_COPY), 1);
    assert_int_equal(count(&s, EV_IPI_SENT), 2);
    assert_int_equal(run(&s, "read 0x10000000 cpu=1").value, 9);
    close_story(&s);
}

/* --- when -----------------------------------------------------------------------------------------
 */

/* Sent one after the other, handled side by side: the last is sent at (n - 1) SEND, arrives ARRIVE later,
 * and is acknowledged after its handler. */
static void
the_wait_is_the_last_ones(void **state)
{
    static struct story s;

    (void)state;
    for (unsigned cpus = 2; cpus <= CPUS; cpus++) {
        open_story(&s, cpus, cpus, 2);
        run(&s, "munmap 0x10000000 8K");
        assert_int_equal(first(&s, EV_SHOOTDOWN_DONE)->count,
                         (cpus - 1) * SEND + ARRIVE + HANDLER + 2 * INVLPG);
        assert_int_equal(s.m.os.shoot->waited, first(&s, EV_SHOOTDOWN_DONE)->count);
        close_story(&s);
    }
}

/* 33 pages are dropped one by one, of 34 the whole TLB. */
static void
above_the_threshold_everything_goes(void **state)
{
    static struct story s;

    (void)state;
    open_story(&s, 2, 2, 34);
    run(&s, "munmap 0x10000000 132K");
    assert_int_equal(count(&s, EV_TLB_FLUSH), 0);
    assert_int_equal(first(&s, EV_SHOOTDOWN_DONE)->count, SEND + ARRIVE + HANDLER + 33 * INVLPG);
    close_story(&s);
    open_story(&s, 2, 2, 34);
    run(&s, "munmap 0x10000000 136K");
    assert_int_equal(count(&s, EV_TLB_FLUSH), 1);
    assert_int_equal(first(&s, EV_SHOOTDOWN_DONE)->count, SEND + ARRIVE + HANDLER + FLUSH);
    assert_int_equal(s.m.os.shoot->full, 1);
    close_story(&s);
}

/* The initiator waits less by the flush, and in the end the TLBs are the same. */
static void
an_early_acknowledgement_only_saves_time(void **state)
{
    static struct story late, early;

    (void)state;
    open_story(&late, 4, 4, 3);
    open_story(&early, 4, 4, 3);
    run(&early, "set early_ack 1");
    run(&early, "munmap 0x10000000 8K");
    run(&late, "munmap 0x10000000 8K");
    assert_int_equal(first(&late, EV_SHOOTDOWN_DONE)->count -
                         first(&early, EV_SHOOTDOWN_DONE)->count,
                     2 * INVLPG);
    for (unsigned cpu = 0; cpu < 4; cpu++) {
        assert_int_equal(tlb_count(&late.m.hw, cpu), tlb_count(&early.m.hw, cpu));
        assert_null(tlb_find(&early.m.hw, cpu, 0x10000000));
        assert_non_null(tlb_find(&early.m.hw, cpu, 0x10002000));
    }
    close_story(&late);
    close_story(&early);
}

/* Until it takes the interrupt the other CPU uses the old translation, and that does no harm: the
 * frame is still held. */
static void
the_frame_is_freed_after_the_last_acknowledgement(void **state)
{
    static struct story s;
    pfn_t pfn;

    (void)state;
    open_story(&s, 3, 3, 1);
    run(&s, "write 0x10000000 7");
    pfn = rmap_frame(&s.m.os, 1, 0x10000000);
    assert_int_equal(run(&s, "munmap 0x10000000 4K wait=no").kind, OUT_WAITS);
    assert_true(shootdown_waits(&s.m.os, 0));
    assert_int_equal(run(&s, "read 0x10000000 cpu=1").value, 7); /* ARRIVE is longer than a hit */
    assert_int_equal(count(&s, EV_TLB_HIT), 1);
    assert_int_equal(s.m.os.frame[pfn].refs, 1);
    run(&s, "tick"); /* CPU 1 is in the handler */
    run(&s, "tick"); /* CPU 2 too */
    assert_int_equal(count(&s, EV_IPI_TAKEN), 1);
    run(&s, "tick"); /* CPU 1 acknowledges */
    assert_int_equal(count(&s, EV_IPI_ACK), 1);
    assert_int_equal(s.m.os.frame[pfn].refs, 1);
    assert_int_equal(count(&s, EV_FRAME_FREE), 0);
    run(&s, "tick");
    assert_int_equal(count(&s, EV_FRAME_FREE), 1);
    assert_true(frame_is_free(&s.m.os.frame[pfn]));
    assert_int_equal(run(&s, "read 0x10000000 cpu=1").kind, OUT_SIGNAL);
    close_story(&s);
}

/* A call that changes the same address space waits its turn; the initiator can do nothing else. */
static void
who_changes_the_same_space_waits(void **state)
{
    static struct story s;
    struct operation op;
    uint8_t blob[OPERATION_BLOB];
    struct outcome out;
    struct error e = {0};

    (void)state;
    open_story(&s, 2, 2, 1);
    run(&s, "munmap 0x10000000 4K wait=no");
    assert_true(operation_parse("read 0x10001000", &op, blob, &e));
    assert_false(machine_do(&s.m, &op, &out, &e));
    run(&s, "mmap 0x10000000 4K rw cpu=1"); /* first the other call ends */
    assert_int_equal(count(&s, EV_SHOOTDOWN_DONE), 1);
    assert_false(shootdown_waits(&s.m.os, 0));
    assert_int_equal(run(&s, "read 0x10000000 cpu=1").value, 0);
    close_story(&s);
}

/* --- who need not be told -----------------------------------------------------------------------
 */

/* A CPU that runs nobody is skipped, and flushes when the process comes back; when nothing changed it
 * loads nothing at all. */
static void
a_lazy_cpu_flushes_when_it_comes_back(void **state)
{
    static struct story s;

    (void)state;
    open_story(&s, 3, 3, 2);
    run(&s, "set lazy_tlb 1");
    run(&s, "switch 0 cpu=2");
    assert_int_equal(count(&s, EV_CR3_LOAD), 0);
    run(&s, "switch 3 cpu=2");
    assert_int_equal(count(&s, EV_CR3_LOAD), 0);
    assert_int_equal(tlb_count(&s.m.hw, 2), 2);
    run(&s, "switch 0 cpu=2");
    run(&s, "munmap 0x10000000 4K");
    assert_int_equal(count(&s, EV_IPI_SENT), 1);
    assert_int_equal(count(&s, EV_IPI_SKIPPED), 1);
    assert_non_null(
        tlb_find(&s.m.hw, 2, 0x10000000)); /* leads to a free frame, but nobody is there */
    run(&s, "switch 3 cpu=2");
    assert_int_equal(count(&s, EV_TLB_FLUSH), 1);
    assert_int_equal(tlb_count(&s.m.hw, 2), 0);
    close_story(&s);
}

/* No interrupts and no wait: the frames wait for the timers, 2000 cycles apart. */
static void
deferred_frames_wait_for_the_timers(void **state)
{
    static struct story s;
    uint32_t before;

    (void)state;
    open_story(&s, 3, 3, 2);
    run(&s, "set timer_cycles 2000");
    run(&s, "set shootdown deferred");
    before = s.m.os.s->free_frames;
    assert_int_equal(run(&s, "munmap 0x10000000 4K").kind, OUT_DONE);
    assert_int_equal(count(&s, EV_IPI_SENT), 0);
    assert_int_equal(count(&s, EV_IPI_DEFERRED), 2);
    assert_int_equal(s.m.os.s->free_frames, before);
    run(&s, "tick 2000");
    assert_int_equal(count(&s, EV_IPI_ACK), 2);
    assert_int_equal(s.m.os.s->free_frames, before + 1);
    run(&s, "mprotect 0x10001000 4K r"); /* rights cannot wait */
    assert_int_equal(count(&s, EV_IPI_SENT), 2);
    close_story(&s);
}

/* --- broken kernels -----------------------------------------------------------------------------
 */

/* The freed frame is handed to another process, which writes its secret; CPU 1 reads it. */
static void
without_waiting_a_cpu_reads_somebody_elses_memory(void **state)
{
    static struct story s;
    struct violation v;

    (void)state;
    open_story(&s, 3, 2, 4);
    run(&s, "spawn cpu=2");
    run(&s, "write 0x406000 cpu=2"); /* its page tables are made */
    run(&s, "set no-ack-wait 1");
    run(&s, "set ipi_cycles 100000");
    run(&s, "munmap 0x10001000 4K");
    assert_true(frame_is_free(&s.m.os.frame[first(&s, EV_FRAME_FREE)->frame]));
    assert_int_equal(invariant_check(&s.m, &v, 1), 1);
    assert_int_equal(v.invariant, INV_F4);
    run(&s, "write 0x407000 0x5e cpu=2");
    assert_int_equal(run(&s, "read 0x10001000 cpu=1").value, 0x5e);
    close_story(&s);
}

static void
threads_share_and_end_together(void **state)
{
    static struct story s;
    uint32_t before;

    (void)state;
    open_story(&s, 2, 1, 0);
    before = s.m.os.s->free_frames;
    run(&s, "write 0x10000000 7");
    assert_int_equal(run(&s, "thread").value, 2);
    run(&s, "switch 2 cpu=1");
    assert_int_equal(run(&s, "read 0x10000000 cpu=1").value, 7);
    run(&s, "thread");
    run(&s, "switch 3"); /* another thread: the same tables, nothing to load */
    assert_int_equal(count(&s, EV_CR3_LOAD), 0);
    run(&s, "exit cpu=1");
    for (uint32_t pid = 1; pid < 4; pid++)
        assert_int_equal(s.m.os.s->task[pid].state, TASK_NONE);
    assert_true(s.m.os.s->free_frames > before);
    close_story(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_page_costs_an_interrupt_a_runner),
        cmocka_unit_test(another_process_is_not_told),
        cmocka_unit_test(a_hundred_pages_together_cost_as_much_as_one),
        cmocka_unit_test(only_what_takes_rights_away_is_told),
        cmocka_unit_test(copy_on_write_is_told_too),
        cmocka_unit_test(the_wait_is_the_last_ones),
        cmocka_unit_test(above_the_threshold_everything_goes),
        cmocka_unit_test(an_early_acknowledgement_only_saves_time),
        cmocka_unit_test(the_frame_is_freed_after_the_last_acknowledgement),
        cmocka_unit_test(who_changes_the_same_space_waits),
        cmocka_unit_test(a_lazy_cpu_flushes_when_it_comes_back),
        cmocka_unit_test(deferred_frames_wait_for_the_timers),
        cmocka_unit_test(without_waiting_a_cpu_reads_somebody_elses_memory),
        cmocka_unit_test(threads_share_and_end_together),
    };

    return RUN_TESTS(tests);
}
