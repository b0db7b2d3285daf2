/* Two threads and a ring of loads between them: all of it arrives, in order, numbered before it is counted,
 * whoever is slower; an error of either work stops both. Each work is seen in the thread it belongs to. */
#include "test.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <time.h>

#include "base/rng.h"
#include "replay/belt.h"

enum { LOADS = 300, SECONDS = 60 };

struct works {
    pthread_t reader;
    sem_t number_first; /* the taker waits until the reader has numbered */
    uint64_t numbered, taken;
    uint64_t refs_numbered, refs_taken;
    uint64_t by_reader, by_taker; /* loads numbered */
    uint64_t fail_number, fail_take; /* at this one, from 1 */
    bool hold, numbered_out_of_order, taken_out_of_order, taken_by_reader, signals;
};

static bool
number(void *context, struct load *l, struct error *e)
{
    struct works *w = context;
    const bool reader = pthread_equal(w->reader, pthread_self());

    w->numbered_out_of_order |= l->page[0] != w->numbered++;
    w->refs_numbered += l->n;
    *(reader ? &w->by_reader : &w->by_taker) += 1;
    for (size_t i = 0; i < l->n; i++)
        l->id[i] = (uint32_t)l->page[i] + 1;
    if (reader && w->hold)
        sem_post(&w->number_first);
    return w->numbered != w->fail_number || error_set(e, EXIT_LIMIT, "number %d", (int)w->numbered);
}

static bool
take(void *context, struct load *l, struct error *e)
{
    struct works *w = context;
    struct timespec until;
    sigset_t mask;

    if (w->hold && w->taken == 0) {
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += SECONDS;
        while (sem_timedwait(&w->number_first, &until) && errno == EINTR)
            ;
    }
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    w->signals |= !sigismember(&mask, SIGINT) || !sigismember(&mask, SIGTERM);
    w->taken_by_reader |= pthread_equal(w->reader, pthread_self());
    for (size_t i = 0; i < l->n; i++)
        w->taken_out_of_order |= l->page[i] != w->taken || l->id[i] != w->taken + 1 ||
                                 l->writes != (w->taken % 3 == 0);
    w->taken++;
    w->refs_taken += l->n;
    return w->taken != w->fail_take || error_set(e, EXIT_LIMIT, "take %d", (int)w->taken);
}

/* Loads whose references are all of the page with the load's own number. */
static uint64_t
send(struct belt *belt, uint64_t loads)
{
    uint64_t refs = 0;
    struct load *l;
    struct rng r;

    rng_seed(&r, 1);
    for (uint64_t k = 0; k < loads && (l = belt_load(belt)); k++) {
        assert_int_equal(l->n, 0);
        assert_false(l->writes);
        assert_ptr_equal(belt_load(belt), l);
        l->n = 1 + rng_below(&r, LOAD_MAX);
        l->writes = k % 3 == 0;
        for (size_t i = 0; i < l->n; i++)
            l->page[i] = k;
        refs += l->n;
        belt_send(belt);
    }
    return refs;
}

static void
all_of_it_arrives_in_order(void **state)
{
    (void)state;
    for (uint64_t loads = 0; loads <= LOADS; loads = loads * 2 + 1) {
        struct works w = {.reader = pthread_self()};
        struct error e = {0};
        struct belt *b = belt_open(number, take, &w, &e);
        uint64_t refs = send(b, loads);
        sigset_t mask;

        assert_true(belt_close(b, &e));
        assert_int_equal(w.numbered, loads);
        assert_int_equal(w.taken, loads);
        assert_int_equal(w.refs_numbered, refs);
        assert_int_equal(w.refs_taken, refs);
        assert_false(w.numbered_out_of_order || w.taken_out_of_order);
        assert_false(w.taken_by_reader);
        assert_false(w.signals);
        pthread_sigmask(SIG_BLOCK, NULL, &mask);
        assert_false(sigismember(&mask, SIGINT));
    }
}

static void
who_would_have_to_wait_numbers(void **state)
{
    struct works w = {.reader = pthread_self(), .hold = true};
    struct error e = {0};
    struct belt *b = belt_open(number, take, &w, &e);

    (void)state;
    assert_int_equal(sem_init(&w.number_first, 0, 0), 0);
    send(b, LOADS);
    assert_true(belt_close(b, &e));
    assert_false(w.numbered_out_of_order || w.taken_out_of_order);
    assert_true(w.by_reader > 0); /* else the taker has waited for a minute */
    assert_true(w.by_taker > 0);  /* at least the last: the reader does not wait for room then */
    assert_int_equal(w.by_reader + w.by_taker, LOADS);
    sem_destroy(&w.number_first);
}

static void
an_error_stops_both(void **state)
{
    (void)state;
    for (int k = 0; k < 4; k++) {
        struct works w = {.reader = pthread_self()};
        struct error e = {0};
        struct belt *b = belt_open(number, take, &w, &e);
        const uint64_t at = k % 2 ? 1 : 100;

        *(k < 2 ? &w.fail_number : &w.fail_take) = at;
        send(b, LOADS);
        assert_false(belt_close(b, &e));
        assert_int_equal(e.code, EXIT_LIMIT);
        assert_string_equal(e.text, k == 0   ? "number 100"
                                    : k == 1 ? "number 1"
                                    : k == 2 ? "take 100"
                                             : "take 1");
        assert_true(w.taken == at || (k < 2 && w.taken < at));
    }
}

static void
a_belt_that_never_was_is_closed(void **state)
{
    struct error e = {0};

    (void)state;
    assert_true(belt_close(NULL, &e));
    assert_int_equal(e.code, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_it_arrives_in_order),
        cmocka_unit_test(who_would_have_to_wait_numbers),
        cmocka_unit_test(an_error_stops_both),
        cmocka_unit_test(a_belt_that_never_was_is_closed),
    };

    return RUN_TESTS(tests);
}
