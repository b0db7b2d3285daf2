/* replay_run.c - from a trace to numbers: blocks from the reader to the counters, until the trace,
 * the limit or the patience of somebody at the keyboard ends.
 *
 * The first ^C sets a flag that the reader obeys; the second ends the process, in case the first
 * came between looking at the flag and waiting for a pipe. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/lines.h"
#include "app/meter.h"
#include "app/output.h"
#include "app/replay_machine.h"
#include "base/memory.h"

enum { BATCH = 64 }; /* sizes that --frames all runs at once */

static volatile sig_atomic_t interrupted;

static void
on_interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

static void
listen_for_interrupts(void)
{
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};

    interrupted = 0;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
}

/* --- a small trace, kept to run it again --- */

struct keep {
    bool wanted;
    uint64_t *page;
    uint8_t *kind;
    size_t n;
};

static void
keep_block(struct keep *k, const struct block *b)
{
    if (!k->page) {
        k->page = memory_new(KEEP_REFS_MAX, sizeof *k->page);
        k->kind = memory_new(KEEP_REFS_MAX, 1);
    }
    memcpy(k->page + k->n, b->page, b->n * sizeof *k->page);
    if (b->kind)
        memcpy(k->kind + k->n, b->kind, b->n);
    k->n += b->n;
}

static bool
too_large_to_keep(const struct replay_ask *ask, struct error *e)
{
    const unsigned other = ask->policy[0] == POLICY_LRU; /* the first that is not lru */

    return error_set(e, EXIT_LIMIT,
                     "--frames all runs %s once for every size, which takes a trace of at most %d "
                     "references and %d pages: name sizes, like --frames 64,256,1K",
                     policy_row[ask->policy[other]].name, KEEP_REFS_MAX, KEEP_PAGES_MAX);
}

/* --- one pass over the trace --- */

struct pass {
    const struct replay_ask *ask;
    struct replay_want want;
    struct reader *reader;
    struct replay *counters;
    struct machines machines; /* instead of counters */
    struct keep keep;
    struct meter meter;
};

static uint64_t
fed(const struct pass *p)
{
    return p->ask->machine ? machines_fed(&p->machines) : replay_refs(p->counters);
}

static bool
feed(struct pass *p, struct block *b, struct error *e)
{
    const uint64_t left = p->ask->limit - fed(p);

    b->n = b->n < left ? b->n : (size_t)left;
    if (p->ask->machine ? !machines_feed(&p->machines, b, e) : !replay_feed(p->counters, b, e))
        return error_place(e, p->ask->name, 0);
    if (p->keep.wanted) {
        if (b->n > KEEP_REFS_MAX - p->keep.n)
            return too_large_to_keep(p->ask, e);
        keep_block(&p->keep, b);
    }
    meter_move(&p->meter, reader_taken(p->reader), reader_size(p->reader), fed(p));
    return true;
}

static bool
feed_all(struct pass *p, struct error *e)
{
    struct block b;

    meter_start(&p->meter);
    while (fed(p) < p->ask->limit && reader_next(p->reader, &b, e))
        if (!feed(p, &b, e))
            break;
    meter_stop(&p->meter);
    return e->code == 0;
}

/* --- what is wrong with it --- */

/* What is counted: a list of numbers may be one long line. */
static const char *
unit(const struct reader_facts *f)
{
    return f->form == READER_LACKEY ? "lines" : "words";
}

static void
tell_bad_lines(const char *name, const struct reader_facts *f)
{
    const uint64_t told = f->bad < READER_BAD_KEPT ? f->bad : READER_BAD_KEPT;

    for (uint64_t i = 0; i < told; i++) {
        struct error e = {0};
        error_set(&e, EXIT_DATA, "%s:%llu: %s", name, (unsigned long long)f->first[i].line,
                  f->first[i].what);
        output_complain(&e);
    }
    if (f->bad > told)
        output_warn("%s: %llu of %llu %s are no reference and were left out", name,
                    (unsigned long long)f->bad, (unsigned long long)(f->bad + f->refs), unit(f));
}

static bool
check_facts(const char *name, const struct reader_facts *f, struct error *e)
{
    if (f->assumed[0])
        output_warn("%s: %s", name, f->assumed);
    tell_bad_lines(name, f);
    if (f->bad > (f->bad + f->refs) / 100)
        return error_at(e, EXIT_DATA, name, 0,
                        "more than 1 %% of it is no %s: %llu of %llu %s (--input says how it is "
                        "written)",
                        f->form == READER_LACKEY ? "lackey trace" : "list of numbers",
                        (unsigned long long)f->bad, (unsigned long long)(f->bad + f->refs),
                        unit(f));
    if (f->refs == 0 && !interrupted)
        return error_at(e, EXIT_DATA, name, 0, "there is no memory reference in it");
    return true;
}

/* --- runs --- */

/* Room for the runs of every policy but, when all sizes are asked, lru's: those are the curve. */
static void
plan_runs(const struct replay_ask *ask, struct replay_answer *a, const uint64_t *frames,
          size_t sizes)
{
    a->run = memory_new(ask->policies * sizes + 1, sizeof *a->run);
    for (unsigned k = 0; k < ask->policies; k++)
        for (size_t i = 0; i < sizes && !(ask->all && ask->policy[k] == POLICY_LRU); i++)
            a->run[a->runs++] =
                (struct replay_run){.policy = ask->policy[k], .frames = frames ? frames[i] : i + 1};
}

/* The kept trace through some of the runs. False: interrupted, or an error. */
static bool
run_batch(const struct replay_ask *ask, const struct keep *k, struct replay_run *run, size_t runs,
          struct error *e)
{
    const struct replay_want want = {run, runs, ask->load_r0, false, ask->seed};
    const struct block all = {.page = k->page, .kind = k->kind, .n = k->n};
    struct replay *r = replay_open(&want, e);
    bool done = r && !interrupted && replay_feed(r, &all, e) && replay_end(r, e);

    replay_close(r);
    return done;
}

static bool
run_every_size(const struct replay_ask *ask, const struct keep *k, struct replay_answer *a,
               struct error *e)
{
    struct meter meter;
    size_t done = 0;

    plan_runs(ask, a, NULL, a->pages);
    meter_start(&meter);
    while (done < a->runs) {
        size_t n = a->runs - done < BATCH ? a->runs - done : BATCH;
        if (!run_batch(ask, k, a->run + done, n, e))
            break;
        done += n;
        meter_move(&meter, done, a->runs, done * k->n);
    }
    meter_stop(&meter);
    a->runs = done;
    return e->code == 0;
}

static void
take_curve(const struct replay *r, struct replay_answer *a)
{
    const uint64_t *curve = replay_curve(r, &a->sizes);

    a->curve = memory_new((a->sizes + 1), sizeof *a->curve);
    if (a->sizes)
        memcpy(a->curve, curve, a->sizes * sizeof *a->curve);
}

/* --- the answer --- */

static bool
open_reader(struct pass *p, struct error *e)
{
    const struct replay_ask *ask = p->ask;
    const struct reader_want how = {
        ask->form, ask->machine ? 0 : (unsigned)__builtin_ctzll(ask->page), &interrupted};
    const bool is_stdin = strcmp(ask->path, "-") == 0;
    int fd = is_stdin ? dup(STDIN_FILENO) : lines_descriptor(ask->path, e);

    if (fd < 0)
        return error_at(e, EXIT_OPEN, ask->name, 0, "cannot read it");
    p->reader = reader_open(fd, ask->name, &how, e);
    return p->reader != NULL;
}

static bool
open_pass(struct pass *p, struct replay_answer *a, struct error *e)
{
    const struct replay_ask *ask = p->ask;

    if (!open_reader(p, e))
        return false;
    a->facts = *reader_facts(p->reader);
    if (ask->machine) {
        plan_runs(ask, a, ask->sizes ? ask->frames : &ask->machine->geo.frames,
                  ask->sizes ? ask->sizes : 1);
        return machines_open(&p->machines, ask, a, e);
    }
    if (!ask->all)
        plan_runs(ask, a, ask->frames, ask->sizes);
    p->want = (struct replay_want){a->run, a->runs, ask->load_r0, ask->all, ask->seed};
    p->counters = replay_open(&p->want, e);
    p->keep.wanted = ask->all && (ask->policies > 1 || ask->policy[0] != POLICY_LRU);
    return p->counters != NULL;
}

static bool
run_pass(struct pass *p, struct replay_answer *a, struct error *e)
{
    const struct replay_ask *ask = p->ask;

    if (!open_pass(p, a, e) || !feed_all(p, e))
        return false;
    a->facts = *reader_facts(p->reader);
    if (p->counters && !replay_end(p->counters, e))
        return error_place(e, ask->name, 0);
    if (!check_facts(ask->name, &a->facts, e))
        return false;
    if (ask->machine) {
        machines_end(&p->machines, a);
        return true;
    }
    a->refs = replay_refs(p->counters);
    a->pages = replay_pages(p->counters);
    if (ask->all)
        take_curve(p->counters, a);
    if (p->keep.wanted && a->pages > KEEP_PAGES_MAX)
        return too_large_to_keep(ask, e);
    return !p->keep.wanted || run_every_size(ask, &p->keep, a, e);
}

bool
replay_answer(const struct replay_ask *ask, struct replay_answer *a, struct error *e)
{
    struct pass p = {.ask = ask};
    bool done;

    listen_for_interrupts();
    done = run_pass(&p, a, e);
    signal(SIGINT, SIG_DFL);
    a->interrupted = interrupted;
    reader_close(p.reader);
    replay_close(p.counters);
    machines_close(&p.machines);
    free(p.keep.page);
    free(p.keep.kind);
    return done;
}

void
replay_answer_free(struct replay_answer *a)
{
    free(a->run);
    free(a->machine);
    free(a->curve);
    *a = (struct replay_answer){0};
}
