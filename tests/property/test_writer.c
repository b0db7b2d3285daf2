/* "Who wrote this last?" skips whole stretches of time in which nothing can have happened. Here
 * nothing is skipped: a straight run looks at every subject after every event and notes when it
 * changed; both must agree for every subject at every position asked about. */
#include <stdio.h>
#include <stdlib.h>

#include "hw/cache.h"
#include "hw/tlb.h"
#include "support/drive.h"
#include "test.h"

enum { SUBJECTS = 96, CHANGES = 200000, BYTES = 4096 + 64 };

#ifdef PW_DEBUG /* every operation that is run again checks the invariants */
enum { OPERATIONS = 800, ASKED_OF = 8, QUERIES = 1 };
#else
enum { OPERATIONS = 5000, ASKED_OF = 1, QUERIES = 8 };
#endif

struct diary {
    struct subject subject;
    unsigned char was[BYTES];
    uint64_t *change; /* numbers of the events that changed it, in order */
    uint32_t changes;
};

static struct diary diary[SUBJECTS];
static struct machine straight;
static uint64_t events;

static const unsigned char *
line_bytes_of(const struct machine *m, const struct subject *s)
{
    const struct cache *c = &m->hw.cache[CACHE_L1];

    return cache_bytes(c, cache_at(c, (unsigned)s->a, (unsigned)s->b, s->n));
}

/* All that belongs to the subject; a stamp of use is not a write. */
static size_t
look(const struct machine *m, const struct subject *s, unsigned char *out)
{
    struct tlb_entry entry;
    struct cache_line line;
    struct frame frame;

    if (s->kind == SUBJECT_MEMORY) {
        phys_copy_out(&m->hw.phys, s->a, out, s->n);
        return s->n;
    }
    if (s->kind == SUBJECT_TLB) {
        entry = *tlb_at(&m->hw, (unsigned)s->a, (unsigned)s->b, s->n);
        entry.used = 0;
        memcpy(out, &entry, sizeof entry);
        return sizeof entry;
    }
    if (s->kind == SUBJECT_LINE) {
        line = *cache_at(&m->hw.cache[CACHE_L1], (unsigned)s->a, (unsigned)s->b, s->n);
        memcpy(out + sizeof line, line_bytes_of(m, s), 64);
        line.used = 0;
        memcpy(out, &line, sizeof line);
        return sizeof line + 64;
    }
    frame = m->os.frame[s->a];
    frame.rmap = frame.next = frame.prev = frame.level = frame.locked = 0; /* how lists are kept */
    frame.offset = 0;
    memcpy(out, &frame, sizeof frame);
    phys_copy_out(&m->hw.phys, s->a << 12, out + sizeof frame, 4096);
    return sizeof frame + 4096;
}

static void
note(void *ctx, const struct event *ev)
{
    unsigned char now[BYTES];

    (void)ctx;
    (void)ev;
    events++;
    for (int i = 0; i < SUBJECTS; i++) {
        struct diary *d = &diary[i];
        size_t n = look(&straight, &d->subject, now);

        if (memcmp(now, d->was, n) == 0)
            continue;
        memcpy(d->was, now, n);
        assert_in_range(d->changes, 0, CHANGES - 1);
        d->change[d->changes++] = events;
    }
}

/* A word of the data or the heap. */
static void
write_somewhere(struct rng *r, const struct machine *m, struct operation *op)
{
    uint64_t page = rng_below(r, 6), word = rng_below(r, 512), value = rng_next(r);

    *op = (struct operation){.code = OP_WRITE, .given = 3};
    op->arg[0] = m->preset.layout.data + page * 4096 + word * 8;
    op->arg[1] = value & 0xff;
}

static void
live(struct history *h, struct rng *r, unsigned quiet)
{
    for (int i = 0; i < OPERATIONS; i++) {
        struct operation op;
        uint8_t blob[OPERATION_BLOB];
        struct outcome out;
        struct error e = {0};

        if (rng_below(r, quiet) == 0 || !history_machine(h)->hw.s->cpu[0].task)
            drive_random(r, history_machine(h), &op, blob);
        else
            write_somewhere(r, history_machine(h), &op);
        if (i % 128 == 64) /* what the kernel notes of a page is in its frame's record */
            op = (struct operation){.code = OP_SAMPLE};
        history_do(h, &op, &out, &e);
    }
}

struct picking {
    struct rng *r;
    uint64_t seen;
};

/* Places that some event names, each of them equally likely: questions about the rest are easy. */
static bool
pick(void *ctx, struct position at, const struct event *ev)
{
    struct picking *p = ctx;
    uint64_t place;

    (void)at;
    if (event_row[ev->code].class != CLASS_WRITE || !(event_row[ev->code].fields >> FIELD_PA & 1))
        return true;
    place = p->seen++ < SUBJECTS ? p->seen - 1 : rng_below(p->r, p->seen);
    if (place < SUBJECTS)
        diary[place].subject = place % 3 ? (struct subject){SUBJECT_MEMORY, ev->pa & ~7ull, 0, 8}
                                         : (struct subject){SUBJECT_FRAME, ev->pa >> 12, 0, 0};
    return true;
}

static void
choose_subjects(struct history *h, struct rng *r)
{
    struct picking p = {r, 0};

    history_scan(h, (struct position){1, 1}, history_end(h), pick, &p);
    assert_in_range(p.seen, SUBJECTS, UINT64_MAX);
    for (int i = 0; i < SUBJECTS; i++) {
        if (i % 16 == 0)
            diary[i].subject =
                (struct subject){SUBJECT_TLB, 0, (unsigned)i / 16 % 4, (unsigned)i / 64};
        if (i % 16 == 2)
            diary[i].subject =
                (struct subject){SUBJECT_LINE, 0, (unsigned)i / 16 % 8, (unsigned)i / 16 % 2};
        if (i % 16 == 1) /* a neighbour */
            diary[i].subject.a ^= 64;
        diary[i].change = malloc(CHANGES * sizeof *diary[i].change);
        assert_non_null(diary[i].change);
    }
}

static void
live_again(const struct history *h, const struct preset *p)
{
    struct watch watch = {note, NULL};
    struct outcome out;
    struct error e = {0};

    assert_true(machine_open(&straight, p, 1, &e));
    for (int i = 0; i < SUBJECTS; i++)
        look(&straight, &diary[i].subject, diary[i].was);
    machine_watch(&straight, &watch);
    for (uint64_t n = 1; n <= history_operations(h); n++)
        assert_true(machine_do(&straight, history_operation(h, n), &out, &e));
    assert_int_equal(events, history_event_number(h, history_end(h)));
}

/* A write of what was there already is a write into the frame, though nothing looks different. */
static bool
writes_into(struct history *h, struct position at, uint64_t frame)
{
    struct event ev;

    history_seek(h, at);
    return history_event(h, &ev) && event_row[ev.code].class == CLASS_WRITE &&
           (ev.pa >> 12 == frame || ev.frame == frame);
}

static void
ask(struct history *h, const struct diary *d, uint64_t number)
{
    uint64_t expected = 0, got = 0;
    struct position found;

    for (uint32_t i = 0; i < d->changes && d->change[i] <= number; i++)
        expected = d->change[i];
    if (history_writer(h, history_at_number(h, number), &d->subject, &found))
        got = history_event_number(h, found);
    if (got > expected && d->subject.kind == SUBJECT_FRAME && writes_into(h, found, d->subject.a))
        return;
    if (got != expected)
        fail_msg("kind %d a 0x%llx at event %llu: event %llu wrote it, not %llu", d->subject.kind,
                 (unsigned long long)d->subject.a, (unsigned long long)number,
                 (unsigned long long)expected, (unsigned long long)got);
}

/* One operation in `quiet` is anything at all, the others write somewhere. */
static void
compare_a_life(unsigned quiet, uint64_t seed)
{
    struct preset p;
    struct error e = {0};
    struct history *h;
    struct rng r;
    uint64_t changes = 0;

    drive_preset("x86-64", &p);
    p.geo.cache[CACHE_L1] = (struct cache_geometry){.sets = 8, .ways = 2, .line_shift = 6};
    h = history_open(&p, 1, &e);
    assert_non_null(h);
    rng_seed(&r, seed);
    memset(diary, 0, sizeof diary);
    events = 0;
    live(h, &r, quiet);
    choose_subjects(h, &r);
    live_again(h, &p);
    for (int i = 0; i < SUBJECTS; i++) {
        changes += diary[i].changes;
        for (int k = 0; i % ASKED_OF == 0 && k < QUERIES; k++)
            ask(h, &diary[i], k ? 1 + rng_below(&r, events) : events);
        free(diary[i].change);
    }
    assert_in_range(events, OPERATIONS * 4, 10000000); /* more than one keyframe or two */
    assert_in_range(changes, OPERATIONS / 8, UINT64_MAX);
    printf("COUNT writers %d\n", SUBJECTS / ASKED_OF * QUERIES);
    machine_close(&straight);
    history_close(h);
}

/* Where much goes on nearly everything must be run; where little does nearly everything is skipped.
 */
static void
the_writer_is_who_a_straight_run_saw(void **state)
{
    (void)state;
    compare_a_life(1, 20260103);
    compare_a_life(32, 20260104);
    compare_a_life(2000, 20260105);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_writer_is_who_a_straight_run_saw)};

    return RUN_TESTS(tests);
}
