#include "machine/traveller.h"

#include <stdlib.h>

#include "base/assert.h"
#include "base/memory.h"
#include "hw/mode.h"

struct traveller *
traveller_open(const struct preset *preset, uint64_t seed, struct error *e)
{
    struct traveller *t = memory_new(1, sizeof *t);

    if (!machine_open(&t->m, preset, seed, e)) {
        free(t);
        return NULL;
    }
    return t;
}

void
traveller_close(struct traveller *t)
{
    if (!t)
        return;
    machine_close(&t->m);
    free(t);
}

const struct line *
history_line(const struct history *h, uint64_t n)
{
    return h->on_branch && n > h->branch.start ? &h->branch : &h->trunk;
}

const struct entry *
history_entry(const struct history *h, uint64_t n)
{
    return line_entry(history_line(h, n), n);
}

const struct mark *
history_mark_before(const struct history *h, uint64_t n)
{
    const struct mark *m = h->on_branch ? line_mark_before(&h->branch, n) : NULL;

    if (m)
        return m;
    return line_mark_before(&h->trunk, h->on_branch && n > h->branch.start ? h->branch.start : n);
}

static void
replay_one(struct traveller *t, const struct history *h)
{
    struct outcome out;
    struct error e = {0};
    bool done = machine_redo(&t->m, &history_entry(h, t->op + 1)->op, &out, &e);

    pw_assert(done && "a recorded operation runs again");
    t->op++;
}

void
travel_to(struct traveller *t, const struct history *h, uint64_t n)
{
    const struct mark *mark = history_mark_before(h, n);

    pw_assert(mark && "operation 0 has a keyframe");
    if (t->adrift || t->op > n || t->op < mark->op) {
        keyframe_restore(&t->m.arena, t->base, mark->keyframe);
        mode_follow(&t->m.hw);
        t->base = mark->keyframe;
        t->op = mark->op;
        t->adrift = false;
    }
    machine_watch(&t->m, NULL);
    while (t->op < n)
        replay_one(t, h);
}

struct through {
    travel_seen *seen;
    void *ctx;
    uint32_t k;
    jmp_buf out;
};

static void
pass_on(void *context, const struct event *ev)
{
    struct through *x = context;

    x->k++;
    if (!x->seen(x->ctx, x->k, ev))
        longjmp(x->out, 1);
}

uint32_t
travel_through(struct traveller *t, const struct history *h, travel_seen *seen, void *ctx)
{
    struct through x = {.seen = seen, .ctx = ctx};
    struct watch watch = {pass_on, &x};

    machine_watch(&t->m, &watch);
    if (setjmp(x.out) == 0)
        replay_one(t, h);
    else
        t->adrift = true;
    machine_watch(&t->m, NULL);
    return x.k;
}

void
travel_copy(struct traveller *to, const struct traveller *from)
{
    keyframe_sync(&to->m.arena, to->base, &from->m.arena, from->base);
    mode_follow(&to->m.hw);
    to->base = from->base;
    to->op = from->op;
    to->adrift = true;
}
