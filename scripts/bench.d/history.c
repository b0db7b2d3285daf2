/* Time travel on a long history: 100,000 operations of several processes on x86-64, over a million
 * events. Seeds are fixed; what is measured is random jumps, single steps back, and "who wrote this
 * last?", each over many positions and all kinds of subjects. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "support/drive.h"
#include "test.h"

enum { OPERATIONS = 100000, JUMPS = 2000, STEPS = 2000, QUESTIONS = 300 };

static double
now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int
by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void
report(const char *name, double *sample, int n, double p99_target)
{
    char target[16] = "-";

    qsort(sample, (size_t)n, sizeof *sample, by_value);
    if (p99_target > 0)
        snprintf(target, sizeof target, "<%g", p99_target);
    printf("BENCH %s_median %.3f ms -\n", name, sample[n / 2]);
    printf("BENCH %s_p99 %.3f ms %s\n", name, sample[n * 99 / 100], target);
    printf("BENCH %s_worst %.3f ms -\n", name, sample[n - 1]);
}

/* Mostly reads and writes: three of four in a dozen pages, which fit into the TLB, the rest over a
 * few hundred; now and then everything else. */
static void
next_operation(struct rng *r, const struct machine *m, struct operation *op, uint8_t *blob)
{
    vaddr_t base = 0x10000000;

    if (rng_below(r, 100) == 0) {
        drive_random(r, m, op, blob);
        return;
    }
    *op =
        (struct operation){.blob = blob, .given = 1, .code = rng_below(r, 3) ? OP_READ : OP_WRITE};
    op->arg[0] = base + rng_below(r, 512) * 8;
    op->arg[0] += rng_below(r, rng_below(r, 4) ? 12 : 300) * 4096;
    if (op->code == OP_WRITE) {
        op->given = 3;
        op->arg[1] = rng_below(r, 256);
    }
}

static void
try_line(struct history *h, const char *line)
{
    struct operation op;
    uint8_t blob[OPERATION_BLOB];
    struct outcome out;
    struct error e = {0};

    if (operation_parse(line, &op, blob, &e))
        history_do(h, &op, &out, &e);
}

/* The process that runs must have its 300 pages promised. */
static void
prepare(struct history *h)
{
    const struct machine *m = history_machine(h);

    if (!m->hw.s->cpu[0].task)
        for (int pid = 1; pid < TASK_MAX && !m->hw.s->cpu[0].task; pid++)
            if (m->os.s->task[pid].state == TASK_READY) {
                char line[32];
                snprintf(line, sizeof line, "switch %d", pid);
                try_line(h, line);
            }
    if (!m->hw.s->cpu[0].task)
        try_line(h, "spawn");
    if (m->hw.s->cpu[0].task &&
        !area_find(&m->os, os_current(&m->os, 0)->mm, 0x10000000 + 299 * 4096))
        try_line(h, "mmap 0x10000000 1200K rw");
}

static void
build(struct history *h, struct rng *r)
{
    double start = now_ms();

    while (history_operations(h) < OPERATIONS) {
        struct operation op;
        uint8_t blob[OPERATION_BLOB];
        struct outcome out;
        struct error e = {0};

        prepare(h);
        next_operation(r, history_machine(h), &op, blob);
        history_do(h, &op, &out, &e);
    }
    printf("BENCH history_operations %llu count -\n", (unsigned long long)history_operations(h));
    printf("BENCH history_events %llu count >1000000\n",
           (unsigned long long)history_event_number(h, history_end(h)));
    printf("BENCH history_build %.0f ms -\n", now_ms() - start);
}

static void
jumps(struct history *h, struct rng *r, uint64_t events)
{
    static double sample[JUMPS];

    for (int i = 0; i < JUMPS; i++) {
        struct position p = history_at_number(h, 1 + rng_below(r, events));
        double start = now_ms();
        history_seek(h, p);
        sample[i] = now_ms() - start;
    }
    report("random_jump", sample, JUMPS, 16);
}

static void
steps_back(struct history *h, struct rng *r, uint64_t events)
{
    static double sample[STEPS];

    for (int i = 0; i < STEPS; i++) {
        double start;
        if (i % 100 == 0)
            history_seek(h, history_at_number(h, 200 + rng_below(r, events - 200)));
        start = now_ms();
        history_seek(h, history_previous(h, history_position(h)));
        sample[i] = now_ms() - start;
    }
    report("step_back", sample, STEPS, 4);
}

static void
writers(struct history *h, struct rng *r, uint64_t events)
{
    static double sample[QUESTIONS];

    for (int i = 0; i < QUESTIONS; i++) {
        struct position p = history_at_number(h, events / 2 + rng_below(r, events / 2)), found;
        struct subject s[] = {
            {SUBJECT_MEMORY, rng_below(r, 4096) * 4096 + rng_below(r, 512) * 8, 0, 8},
            {SUBJECT_TLB, 0, rng_below(r, 4), (uint32_t)rng_below(r, 4)},
            {SUBJECT_FRAME, 1 + rng_below(r, 4095), 0, 0},
        };
        double start = now_ms();
        history_writer(h, p, &s[i % 3], &found);
        sample[i] = now_ms() - start;
    }
    report("who_wrote", sample, QUESTIONS, 100);
}

int
main(void)
{
    struct preset p;
    struct error e = {0};
    struct history *h;
    struct rng r;
    struct rusage usage;
    uint64_t events;

    drive_preset("x86-64", &p);
    h = history_open(&p, 1, &e);
    rng_seed(&r, 20260101);
    build(h, &r);
    events = history_event_number(h, history_end(h));
    jumps(h, &r, events);
    steps_back(h, &r, events);
    writers(h, &r, events);
    history_close(h);
    getrusage(RUSAGE_SELF, &usage);
    printf("BENCH history_peak %.1f MiB <64\n", (double)usage.ru_maxrss / 1024);
    return 0;
}
