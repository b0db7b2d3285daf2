/* compare.c - see compare.h. */
#include "machine/compare.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

const char *const compare_grain_name[COMPARE_GRAINS + 1] = {"faults", "events", "all", NULL};

#define F(field) (UINT64_C(1) << FIELD_##field)
static const uint64_t places = F(PA) | F(FRAME) | F(FRAME2) | F(LEVEL) | F(INDEX) | F(VALUE) | F(OLD) | F(NEW) | F(SET) | F(WAY) |
                               F(TAG) | F(SLOT) | F(FROM) | F(TO) | F(CACHE);
#undef F

/* --- the events of an operation -------------------------------------------------------------------- */

/* How the allocator came to a block is about places alone. */
static bool
counts(enum compare_grain grain, const struct event *ev)
{
    if (grain == COMPARE_FAULTS)
        return event_row[ev->code].class == CLASS_FAULT;
    return grain == COMPARE_ALL || (ev->code != EV_BUDDY_SPLIT && ev->code != EV_BUDDY_MERGE);
}

static bool
tell(void *ctx, struct position at, const struct event *ev)
{
    struct told *t = ctx;

    if (!counts(t->grain, ev))
        return true;
    if (t->n == t->room) {
        t->room = t->room ? 2 * t->room : 256;
        t->event = memory_resize(t->event, t->room, sizeof *t->event);
        t->at = memory_resize(t->at, t->room, sizeof *t->at);
    }
    t->event[t->n] = *ev;
    t->at[t->n++] = at;
    return true;
}

void
told_read(struct told *t, struct history *h, uint64_t n, enum compare_grain grain)
{
    t->n = 0;
    t->grain = grain;
    history_scan(h, (struct position){n, 0}, (struct position){n, history_events(h, n)}, tell, t);
}

void
told_free(struct told *t)
{
    free(t->event);
    free(t->at);
    *t = (struct told){0};
}

/* --- one event ------------------------------------------------------------------------------------- */

static bool
differ(const struct event *a, const struct event *b, enum compare_grain grain, struct difference *d)
{
    const uint64_t members = event_row[a->code].fields & (grain == COMPARE_ALL ? UINT64_MAX : ~places);

    d->name = a->code != b->code;
    d->cpu = a->cpu != b->cpu;
    d->pid = a->pid != b->pid;
    d->cycles = grain == COMPARE_ALL && a->cycles != b->cycles;
    d->fields = 0;
    for (int i = 0; i < EVENT_FIELDS && !d->name; i++)
        if (members >> i & 1 && event_get(a, (enum event_field)i) != event_get(b, (enum event_field)i))
            d->fields |= UINT64_C(1) << i;
    return d->name || d->cpu || d->pid || d->cycles || d->fields;
}

/* --- what it came to ------------------------------------------------------------------------------- */

static bool
gives_a_place(enum operation_code code)
{
    return code == OP_MMAP || code == OP_BRK || code == OP_ALLOC;
}

static bool
outcomes_differ(struct history *h[2], uint64_t n, enum compare_grain grain)
{
    const struct outcome *x = history_outcome(h[0], n), *y = history_outcome(h[1], n);
    const enum operation_code code = (enum operation_code)history_operation(h[0], n)->code;

    if (x->kind != y->kind || x->signal != y->signal || x->error != y->error)
        return true;
    if (grain == COMPARE_ALL)
        return x->value != y->value || x->pa != y->pa;
    return !gives_a_place(code) && x->value != y->value;
}

/* --- the operation --------------------------------------------------------------------------------- */

static struct position
place_of(struct history *h, const struct told *t, const struct difference *d)
{
    return d->index < t->n ? t->at[d->index] : (struct position){d->op, history_events(h, d->op)};
}

static enum difference_kind
hold_against(const struct told told[2], struct difference *d)
{
    const struct told *a = &told[0], *b = &told[1];

    for (d->index = 0; d->index < a->n && d->index < b->n; d->index++)
        if (differ(&a->event[d->index], &b->event[d->index], a->grain, d))
            return DIFFER_EVENT;
    return a->n != b->n ? DIFFER_MISSING : DIFFER_NOT;
}

bool
compare_operation(struct history *h[2], const struct told told[2], uint64_t n, struct difference *out)
{
    *out = (struct difference){.op = n};
    out->kind = hold_against(told, out);
    if (out->kind == DIFFER_NOT && outcomes_differ(h, n, told->grain))
        out->kind = DIFFER_OUTCOME;
    for (int i = 0; i < 2; i++)
        out->at[i] = place_of(h[i], &told[i], out);
    return out->kind != DIFFER_NOT;
}
