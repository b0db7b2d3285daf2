/* A ring of loads between a producer and a consumer (E. Dijkstra's bounded buffer, 1965). Being woken costs
 * as much as a few loads of work; so whoever has run out of loads sleeps until WAKE of them are there, and
 * meanwhile the other has half the ring to go on with.
 *
 *     taken           numbered            sent
 *       | numbers, pages |      pages       |     empty      |        always taken + LOADS
 */
#include "replay/belt.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/memory.h"

enum { LOADS = 16, WAKE = LOADS / 2 };

struct belt {
    belt_work *number, *take;
    void *context;
    pthread_t thread;

    pthread_mutex_t numbering;
    uint64_t numbered; /* loads, ever, like the two below */

    pthread_mutex_t lock;
    pthread_cond_t room, work;
    uint64_t sent, taken;
    bool over;
    struct error error; /* the first */

    struct load load[LOADS];
};

/* Number the next load if it is one before `end`. */
static bool
number_one(struct belt *b, uint64_t end, struct error *e)
{
    bool todo;

    pthread_mutex_lock(&b->numbering);
    todo = b->numbered < end;
    if (todo && b->number(b->context, &b->load[b->numbered % LOADS], e))
        b->numbered++;
    pthread_mutex_unlock(&b->numbering);
    return todo && !e->code;
}

static void
note_error(struct belt *b, const struct error *e)
{
    if (e->code && !b->error.code)
        b->error = *e;
}

/* --- the consumer --- */

static bool
wait_for_work(struct belt *b)
{
    bool work;

    pthread_mutex_lock(&b->lock);
    if (b->sent == b->taken)
        while (!b->over && b->sent - b->taken < WAKE)
            pthread_cond_wait(&b->work, &b->lock);
    work = b->sent > b->taken && !b->error.code;
    pthread_mutex_unlock(&b->lock);
    return work;
}

static void
has_taken(struct belt *b, const struct error *e)
{
    pthread_mutex_lock(&b->lock);
    b->taken++;
    note_error(b, e);
    if (e->code || b->sent - b->taken <= LOADS - WAKE)
        pthread_cond_signal(&b->room);
    pthread_mutex_unlock(&b->lock);
}

static void *
take_all(void *belt)
{
    struct belt *b = belt;
    struct error e = {0};

    while (!e.code && wait_for_work(b)) {
        struct load *l = &b->load[b->taken % LOADS];
        while (number_one(b, b->taken + 1, &e))
            ;
        if (!e.code)
            b->take(b->context, l, &e);
        l->n = 0;
        l->writes = false;
        has_taken(b, &e);
    }
    return NULL;
}

/* --- the producer --- */

static bool
is_full(struct belt *b)
{
    bool full;

    pthread_mutex_lock(&b->lock);
    full = b->sent - b->taken == LOADS && !b->error.code;
    pthread_mutex_unlock(&b->lock);
    return full;
}

struct load *
belt_load(struct belt *b)
{
    struct error e = {0};
    bool failed, full;

    while ((full = is_full(b)) && number_one(b, b->sent, &e))
        ;
    pthread_mutex_lock(&b->lock);
    note_error(b, &e);
    while (full && !b->error.code && b->sent - b->taken > LOADS - WAKE)
        pthread_cond_wait(&b->room, &b->lock);
    failed = b->error.code != 0;
    pthread_mutex_unlock(&b->lock);
    return failed ? NULL : &b->load[b->sent % LOADS];
}

void
belt_send(struct belt *b)
{
    pthread_mutex_lock(&b->lock);
    b->sent++;
    if (b->sent - b->taken >= WAKE)
        pthread_cond_signal(&b->work);
    pthread_mutex_unlock(&b->lock);
}

/* --- life --- */

/* A new thread starts with the signal mask of the one that makes it. */
static bool
start(struct belt *b)
{
    sigset_t all, before;
    bool started;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    started = pthread_create(&b->thread, NULL, take_all, b) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

struct belt *
belt_open(belt_work *number, belt_work *take, void *context, struct error *e)
{
    struct belt *b = memory_new(1, sizeof *b);

    b->number = number;
    b->take = take;
    b->context = context;
    pthread_mutex_init(&b->numbering, NULL);
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->room, NULL);
    pthread_cond_init(&b->work, NULL);
    if (start(b))
        return b;
    free(b);
    error_set(e, EXIT_LIMIT, "the host refuses a thread for the replay: out of memory or of threads");
    return NULL;
}

bool
belt_close(struct belt *b, struct error *e)
{
    bool failed;

    if (!b)
        return true;
    pthread_mutex_lock(&b->lock);
    b->over = true;
    pthread_cond_signal(&b->work);
    pthread_mutex_unlock(&b->lock);
    pthread_join(b->thread, NULL);
    failed = b->error.code != 0;
    if (failed)
        *e = b->error;
    pthread_mutex_destroy(&b->numbering);
    pthread_mutex_destroy(&b->lock);
    pthread_cond_destroy(&b->room);
    pthread_cond_destroy(&b->work);
    free(b);
    return !failed;
}
