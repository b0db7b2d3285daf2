/* How fast the machine itself is, unwatched and watched. Each rate is the median of some rounds of
 * the same deterministic work, after one to warm up; what the work was (hits only, misses only) is
 * asserted from the machine's own counters.
 *
 * Hits: reads of 8 pages that the TLB holds. Cold walks: reads of 512 pages in turn, far more than
 * it holds, so with LRU each misses and walks four levels. Operations: a seeded text of reads and
 * writes with a little of everything, parsed and run as `exec` does. */
#include "base/assert.h"
#include "base/rng.h"
#include "bench.h"
#include "hw/cpu.h"
#include "lesson/player.h"
#include "machine/narrate.h"
#include "support/drive.h"
#include "test.h"

enum {
    ROUNDS = 7,
    BASE = 0x10000000,
    HOT = 8,
    COLD = 512,
    HITS = 2000000,
    WALKS = 512 * 400,
    LINES = 40000,
    SEED = 20260102
};

/* Work says how much it did, in whatever unit; so much a second. */
static double
rate(double (*work)(void *), void *ctx)
{
    double sample[ROUNDS], start, units;

    work(ctx);
    for (int i = 0; i < ROUNDS; i++) {
        start = now_ms();
        units = work(ctx);
        sample[i] = units / (now_ms() - start) * 1e3;
    }
    return percentile(sample, ROUNDS, 50);
}

static void
open_machine(struct machine *m)
{
    struct preset preset;
    struct error e = {0};
    char line[64];

    drive_preset("x86-64", &preset);
    pw_assert(machine_open(m, &preset, 1, &e));
    drive_machine(m, "spawn");
    snprintf(line, sizeof line, "mmap 0x%x %dK rw", BASE, COLD * 4);
    drive_machine(m, line);
    for (int i = 0; i < COLD; i++) {
        snprintf(line, sizeof line, "write 0x%x 1", BASE + i * 4096);
        drive_machine(m, line);
    }
}

/* --- accesses -----------------------------------------------------------------------------------
 */

struct accesses {
    struct machine *m;
    int pages, count;
    uint64_t events;
};

static double
read_in_turn(void *context)
{
    struct accesses *x = context;
    struct access a = {.kind = ACCESS_READ, .size = 8, .user = true};
    struct access_result r;

    for (int i = 0; i < x->count; i++) {
        a.va = BASE + (uint64_t)(i % x->pages) * 4096 + (uint64_t)(i % 64) * 8;
        pw_assert(cpu_access(&x->m->hw, 0, &a, false, &r));
    }
    return x->count;
}

static void
count_event(void *context, const struct event *ev)
{
    struct accesses *x = context;

    (void)ev;
    x->events++;
}

static double
watch_reads(void *context)
{
    struct accesses *x = context;
    struct watch watch = {count_event, x};
    uint64_t before = x->events;

    machine_watch(x->m, &watch);
    read_in_turn(x);
    machine_watch(x->m, NULL);
    return (double)(x->events - before);
}

static double
do_reads(void *context)
{
    struct accesses *x = context;
    struct operation op = {.code = OP_READ, .given = 1};
    struct outcome out;
    struct error e = {0};

    for (int i = 0; i < x->count; i++) {
        op.arg[0] = BASE + (uint64_t)(i % x->pages) * 4096;
        pw_assert(machine_do(x->m, &op, &out, &e));
    }
    return x->count;
}

static void
measure_accesses(void)
{
    struct machine m;
    const struct cpu *cpu;
    uint64_t misses;

    open_machine(&m);
    cpu = &m.hw.s->cpu[0];
    struct accesses hot = {&m, HOT, HITS, 0}, cold = {&m, COLD, WALKS, 0};
    read_in_turn(&hot);
    misses = cpu->misses;
    bench_line("speed_tlb_hit_reads", rate(read_in_turn, &hot) / 1e6, "M/s", "-");
    bench_line("speed_read_operations", rate(do_reads, &hot) / 1e6, "M/s", "-");
    pw_assert(cpu->misses == misses);
    read_in_turn(&cold); /* until the hot pages are gone */
    misses = cpu->misses;
    bench_line("speed_cold_walks", rate(read_in_turn, &cold) / 1e6, "M/s", "-");
    pw_assert(cpu->misses == misses + (ROUNDS + 1) * (uint64_t)WALKS);
    bench_line("speed_events_watched", rate(watch_reads, &cold) / 1e6, "M/s", "-");
    machine_close(&m);
}

/* --- text in, events out ------------------------------------------------------------------------
 */

struct script {
    char (*line)[48];
    struct machine m;
    struct buffer out;
    uint64_t events;
};

static void
write_script(struct script *x)
{
    struct rng r;

    x->line = malloc(LINES * sizeof *x->line);
    pw_assert(x->line);
    rng_seed(&r, SEED);
    for (int i = 0; i < LINES; i++) {
        uint64_t va = BASE + rng_below(&r, 512) * 8, dice = rng_below(&r, 100);

        va += rng_below(&r, dice % 4 ? 12 : 300) * 4096;
        if (dice < 60)
            snprintf(x->line[i], sizeof *x->line, "read 0x%llx", (unsigned long long)va);
        else if (dice < 97)
            snprintf(x->line[i], sizeof *x->line, "write 0x%llx %d", (unsigned long long)va,
                     i % 256);
        else if (dice < 99)
            snprintf(x->line[i], sizeof *x->line, "%s 0x20000000 16K%s", i % 2 ? "mmap" : "munmap",
                     i % 2 ? " rw" : "");
        else
            snprintf(x->line[i], sizeof *x->line, "flush");
    }
}

static double
run_script(void *context)
{
    struct script *x = context;
    uint8_t blob[OPERATION_BLOB];
    struct operation op;
    struct outcome out;
    struct error e = {0};

    for (int i = 0; i < LINES; i++) {
        pw_assert(operation_parse(x->line[i], &op, blob, &e));
        pw_assert(machine_do(&x->m, &op, &out, &e));
    }
    return LINES;
}

static void
tell_event(void *context, const struct event *ev)
{
    struct script *x = context;

    narrate_json(&x->m, ++x->events, x->m.s->op, ev, &x->out);
    buffer_putc(&x->out, '\n');
}

static double
stream_script(void *context)
{
    struct script *x = context;
    struct watch watch = {tell_event, x};

    buffer_truncate(&x->out, 0);
    machine_watch(&x->m, &watch);
    run_script(x);
    machine_watch(&x->m, NULL);
    return (double)x->out.length / 1e6;
}

static void
measure_text(void)
{
    static struct script x;
    uint64_t told;

    write_script(&x);
    open_machine(&x.m);
    bench_line("speed_text_operations", rate(run_script, &x) / 1e6, "M/s", "-");
    told = x.events;
    double megabytes = rate(stream_script, &x);
    bench_line("speed_json_stream", megabytes, "MB/s", "-");
    bench_line("speed_json_events",
               megabytes * (double)(x.events - told) / (ROUNDS + 1) / ((double)x.out.length / 1e6) /
                   1e6,
               "M/s", "-");
    machine_close(&x.m);
    buffer_free(&x.out);
    free(x.line);
}

/* --- lessons ------------------------------------------------------------------------------------
 */

struct sitting {
    char id[65];
    double load[ROUNDS], open[ROUNDS], tell[ROUNDS];
};

/* All of a lesson: its head, its machine, each step with the clones its questions ask. */
static void
tell_all(struct sitting *x, int round)
{
    double start = now_ms(), loaded, opened;
    struct lesson l;
    struct preset preset;
    struct history *h;
    struct player *p;
    struct error e = {0};

    pw_assert(lesson_find(x->id, &l, &e));
    loaded = now_ms();
    pw_assert(preset_load(l.machine, &preset, &e) && (h = history_open(&preset, l.seed, &e)) &&
              (p = player_open(&l, h, &e)));
    opened = now_ms();
    while (player_tell(p, &e))
        continue;
    if (e.code)
        fprintf(stderr, "%s: %s\n", x->id, e.text);
    if (round >= 0) {
        x->load[round] = loaded - start;
        x->open[round] = opened - loaded;
        x->tell[round] = now_ms() - opened;
    }
    player_close(p);
    history_close(h);
    lesson_free(&l);
}

enum { LESSONS_MAX = 32 };

struct course {
    struct sitting lesson[LESSONS_MAX];
    int count;
};

static void
add_lesson(void *context, const struct lesson *l)
{
    struct course *c = context;

    if (c->count < LESSONS_MAX)
        snprintf(c->lesson[c->count++].id, sizeof l->id, "%s", l->id);
}

static void
skip_bad(void *context, const struct error *e)
{
    (void)context;
    fprintf(stderr, "%s: %s\n", e->file, e->text);
}

/* Every head of the course: what the course map waits for. */
static double
list_course(void *context)
{
    struct course *c = context;
    struct error e = {0};

    c->count = 0;
    pw_assert(lesson_list(add_lesson, skip_bad, c, &e));
    return 1;
}

static void
measure_lessons(void)
{
    static struct course c;

    bench_line("course_list", 1e3 / rate(list_course, &c), "ms", "-");
    for (int i = 0; i < c.count; i++) {
        struct sitting *x = &c.lesson[i];

        for (int round = -1; round < ROUNDS; round++)
            tell_all(x, round);
        bench_part(x->id, "load_head", percentile(x->load, ROUNDS, 50), "ms", "-");
        bench_part(x->id, "open", percentile(x->open, ROUNDS, 50), "ms", "-");
        bench_part(x->id, "tell_all", percentile(x->tell, ROUNDS, 50), "ms", "-");
    }
}

int
main(void)
{
    measure_accesses();
    measure_text();
    measure_lessons();
    return 0;
}
