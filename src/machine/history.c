/* Moving about in time. See history.h for what a position is. */
#include "machine/history.h"

#include <stdlib.h>

#include "base/memory.h"
#include "machine/traveller.h"

/* A keyframe at the latest after so many events, or operations: a few hundred microseconds of
 * running. */
enum { KEYFRAME_EVENTS = 4096, KEYFRAME_OPERATIONS = 4096 };

/* --- opening ------------------------------------------------------------------------------------
 */

static void
first_keyframe(struct history *h)
{
    struct keyframe *k = keyframe_take(&h->now->m.arena, NULL);

    line_mark(&h->trunk, 0, k);
    h->now->base = k;
    h->before->adrift = h->scout->adrift = true;
    travel_to(h->before, h, 0);
    travel_to(h->scout, h, 0);
}

struct history *
history_open(const struct preset *preset, uint64_t seed, struct error *e)
{
    struct history *h = memory_new(1, sizeof *h);

    h->now = traveller_open(preset, seed, e);
    h->before = h->now ? traveller_open(preset, seed, e) : NULL;
    h->scout = h->before ? traveller_open(preset, seed, e) : NULL;
    if (!h->scout) {
        history_close(h);
        return NULL;
    }
    first_keyframe(h);
    return h;
}

void
history_close(struct history *h)
{
    if (!h)
        return;
    traveller_close(h->now);
    traveller_close(h->before);
    traveller_close(h->scout);
    line_free(&h->branch);
    line_free(&h->trunk);
    free(h);
}

/* --- facts --------------------------------------------------------------------------------------
 */

uint64_t
history_operations(const struct history *h)
{
    return line_end(h->on_branch ? &h->branch : &h->trunk);
}

uint32_t
history_events(const struct history *h, uint64_t op)
{
    return op == 0 || op > history_operations(h) ? 0 : history_entry(h, op)->events;
}

const struct operation *
history_operation(const struct history *h, uint64_t op)
{
    return op == 0 || op > history_operations(h) ? NULL : &history_entry(h, op)->op;
}

const struct outcome *
history_outcome(const struct history *h, uint64_t op)
{
    return op == 0 || op > history_operations(h) ? NULL : &history_entry(h, op)->outcome;
}

uint64_t
history_event_number(const struct history *h, struct position p)
{
    return p.op == 0 ? 0 : history_entry(h, p.op)->first + p.event;
}

struct position
history_end(const struct history *h)
{
    uint64_t n = history_operations(h);

    return (struct position){n, history_events(h, n)};
}

struct position
history_at_number(const struct history *h, uint64_t number)
{
    uint64_t low = 1, high = history_operations(h) + 1;

    if (number == 0)
        return (struct position){0, 0};
    while (low < high) { /* the first operation whose events reach the number */
        uint64_t middle = (low + high) / 2;
        const struct entry *x = history_entry(h, middle);
        if (x->first + x->events < number)
            low = middle + 1;
        else
            high = middle;
    }
    if (low > history_operations(h))
        return history_end(h);
    return (struct position){low, (uint32_t)(number - history_entry(h, low)->first)};
}

bool
history_on_branch(const struct history *h)
{
    return h->on_branch;
}

uint64_t
history_branch_point(const struct history *h)
{
    return h->branch.start;
}

struct position
history_position(const struct history *h)
{
    return h->at;
}

const struct machine *
history_machine(const struct history *h)
{
    return &h->now->m;
}

static bool
stop_at(void *ctx, uint32_t k, const struct event *ev)
{
    (void)ev;
    return k < *(uint32_t *)ctx;
}

/* One event ago, for a position that was reached by doing and not by going. */
static void
bring_before(struct history *h)
{
    uint32_t k = h->at.event ? h->at.event - 1 : 0;

    travel_to(h->before, h, h->at.event ? h->at.op - 1 : h->at.op);
    if (k)
        travel_through(h->before, h, stop_at, &k);
    h->before_is_late = false;
}

const struct machine *
history_before(struct history *h)
{
    if (h->before_is_late)
        bring_before(h);
    return &h->before->m;
}

bool
history_event(const struct history *h, struct event *ev)
{
    if (h->has_event)
        *ev = h->event;
    return h->has_event;
}

struct position
history_next(const struct history *h, struct position p)
{
    uint64_t n = p.op;

    if (p.event < history_events(h, n))
        return (struct position){n, p.event + 1};
    while (++n <= history_operations(h))
        if (history_events(h, n))
            return (struct position){n, 1};
    return p;
}

struct position
history_previous(const struct history *h, struct position p)
{
    if (p.event > 1)
        return (struct position){p.op, p.event - 1};
    for (uint64_t n = p.op; n > 1; n--)
        if (history_events(h, n - 1))
            return (struct position){n - 1, history_events(h, n - 1)};
    return (struct position){0, 0};
}

/* --- going --------------------------------------------------------------------------------------
 */

struct seek {
    struct history *h;
    uint32_t k, last;
};

static bool
seek_seen(void *ctx, uint32_t k, const struct event *ev)
{
    struct seek *s = ctx;

    if (k + 1 == s->k)
        travel_copy(s->h->before, s->h->now);
    if (k == s->k) {
        s->h->event = *ev;
        s->h->has_event = true;
        return s->k == s->last; /* after the last event the operation runs to its end */
    }
    return true;
}

void
history_seek(struct history *h, struct position p)
{
    struct seek s = {.h = h};

    if (p.op > history_operations(h))
        p = history_end(h);
    s.last = history_events(h, p.op);
    s.k = p.event = p.event < s.last ? p.event : s.last;
    h->at = p;
    h->has_event = h->before_is_late = false;
    if (s.last == 0 || s.k == 0) {
        travel_to(h->now, h, s.last == 0 || p.op == 0 ? p.op : p.op - 1);
        travel_copy(h->before, h->now);
        return;
    }
    travel_to(h->now, h, p.op - 1);
    if (s.k == 1)
        travel_copy(h->before, h->now);
    travel_through(h->now, h, seek_seen, &s);
}

/* --- doing --------------------------------------------------------------------------------------
 */

struct count {
    uint32_t events;
    struct event last;
};

static void
count_seen(void *ctx, const struct event *ev)
{
    struct count *c = ctx;

    c->events++;
    c->last = *ev;
}

static uint64_t
events_since_keyframe(const struct history *h, uint64_t n)
{
    const struct mark *m = history_mark_before(h, n);
    struct position from = {m->op, history_events(h, m->op)}, to = {n, history_events(h, n)};

    return history_event_number(h, to) - history_event_number(h, from);
}

static void
maybe_keyframe(struct history *h, struct line *l)
{
    uint64_t n = line_end(l);

    if (events_since_keyframe(h, n) < KEYFRAME_EVENTS &&
        n - history_mark_before(h, n)->op < KEYFRAME_OPERATIONS)
        return;
    struct keyframe *k =
        keyframe_take(&h->now->m.arena, (struct keyframe *)(uintptr_t)h->now->base);
    h->now->base = k;
    line_mark(l, n, k);
}

/* Run it on `now`, which stands at the end of the line; record it. */
static bool
append(struct history *h, struct line *l, const struct operation *op, struct outcome *out,
       struct error *e)
{
    struct count c = {0};
    struct watch watch = {count_seen, &c};
    bool done;

    machine_watch(&h->now->m, &watch);
    done = machine_do(&h->now->m, op, out, e);
    machine_watch(&h->now->m, NULL);
    if (!done) {
        h->now->adrift = e->code == EXIT_LIMIT;
        return false;
    }
    h->now->op++;
    line_append(l, op, out, c.events);
    maybe_keyframe(h, l);
    h->event = c.last;
    h->has_event = c.events > 0;
    h->before_is_late = true;
    h->at = history_end(h);
    return true;
}

bool
history_do(struct history *h, const struct operation *op, struct outcome *out, struct error *e)
{
    struct line *l = h->on_branch ? &h->branch : &h->trunk;
    struct position back = h->at;

    travel_to(h->now, h, line_end(l));
    if (append(h, l, op, out, e))
        return true;
    history_seek(h, back);
    return false;
}

/* The operation after whose end one acts from here: before the first event of n that is n - 1. */
static uint64_t
operation_here(const struct history *h)
{
    uint64_t n = h->at.op;

    return h->at.event == 0 && n && history_events(h, n) ? n - 1 : n;
}

/* From n on the line is another: whoever stands beyond is nowhere on it. */
static void
strand_after(struct history *h, uint64_t n)
{
    struct traveller *all[] = {h->now, h->before, h->scout};

    for (int i = 0; i < 3; i++)
        if (all[i]->op > n)
            all[i]->adrift = true;
}

void
history_branch(struct history *h)
{
    uint64_t n = operation_here(h);

    if (!h->on_branch) {
        strand_after(h, n);
        h->branch = (struct line){.start = n};
        h->branch.events = history_event_number(h, (struct position){n, history_events(h, n)});
        h->on_branch = true;
    }
    history_seek(h, (struct position){n, history_events(h, n)});
}

/* No traveller may keep a keyframe as its base that is about to go. */
static void
come_home(struct history *h, uint64_t n)
{
    travel_to(h->now, h, n);
    travel_to(h->before, h, n);
    travel_to(h->scout, h, n);
}

static void
leave_marks_after(struct history *h, uint64_t n)
{
    struct traveller *all[] = {h->now, h->before, h->scout};

    for (int i = 0; i < 3; i++)
        all[i]->adrift = true;
    come_home(h, n);
}

void
history_truncate(struct history *h, uint64_t n)
{
    struct line *l = h->on_branch ? &h->branch : &h->trunk;

    if (n >= line_end(l) || n < l->start)
        return;
    leave_marks_after(h, n);
    line_cut(l, n);
    history_seek(h, h->at.op > n ? history_end(h) : h->at);
}

bool
history_act(struct history *h, const struct operation *op, struct outcome *out, struct error *e)
{
    struct position end = history_end(h), at = h->at;
    struct machine *clone;
    uint64_t n = operation_here(h);

    if (at.op == end.op && at.event == end.event)
        return history_do(h, op, out, e);
    /* Tried on a clone first: a refused operation must neither cut off a future nor leave a branch
     * behind. */
    if (!history_what_if(h, n, QUIRKS, op, NULL, out, &clone, e))
        return false;
    if (h->on_branch && n < h->branch.start) { /* looking at the trunk from a branch */
        history_leave_branch(h);
        history_seek(h, at);
    }
    if (h->on_branch)
        history_truncate(h, n);
    else
        history_branch(h);
    return history_do(h, op, out, e);
}

void
history_leave_branch(struct history *h)
{
    if (!h->on_branch)
        return;
    leave_marks_after(h, h->branch.start);
    h->on_branch = false;
    line_free(&h->branch);
    history_seek(h, (struct position){h->now->op, history_events(h, h->now->op)});
}

bool
history_what_if(struct history *h, uint64_t n, enum quirk q, const struct operation *op,
                const struct watch *watch, struct outcome *out, struct machine **clone,
                struct error *e)
{
    struct machine *m = &h->scout->m;
    bool done;

    travel_to(h->scout, h, n);
    h->scout->adrift = true;
    if (q < QUIRKS) {
        m->hw.s->quirks |= UINT64_C(1) << q;
        m->s->tampered = 1;
    }
    machine_watch(m, watch);
    done = machine_do(m, op, out, e);
    machine_watch(m, NULL);
    *clone = m;
    return done;
}
