#include "support/contiguous.h"

#include <string.h>

static unsigned
boxes_for(const struct contiguous *c, uint64_t bytes)
{
    return (unsigned)((bytes + c->box - 1) / c->box);
}

static unsigned
boxes_of(const struct contiguous *c, unsigned owner)
{
    unsigned n = 0;

    for (unsigned i = 0; i < c->boxes; i++)
        n += c->owner[i] == owner;
    return n;
}

int
contiguous_place(const struct contiguous *c, unsigned owner)
{
    for (unsigned i = 0; i < c->boxes; i++)
        if (c->owner[i] == owner)
            return (int)i;
    return -1;
}

/* Length of the row of free boxes that begins at i. */
static unsigned
row_at(const struct contiguous *c, unsigned i)
{
    unsigned n = 0;

    while (i + n < c->boxes && c->owner[i + n] == 0)
        n++;
    return n;
}

static bool
begins_row(const struct contiguous *c, unsigned i)
{
    return c->owner[i] == 0 && (i == 0 || c->owner[i - 1] != 0);
}

/* Where so many boxes go, -1: nowhere. */
static int
look(const struct contiguous *c, unsigned need)
{
    int chosen = -1;

    if (c->way == WAY_NEXT) {
        for (unsigned i = 0; i < c->boxes; i++)
            if (begins_row(c, i) && i + row_at(c, i) > c->last && row_at(c, i) >= need)
                return (int)i;
        for (unsigned i = 0; i < c->boxes; i++)
            if (begins_row(c, i) && row_at(c, i) >= need)
                return (int)i;
        return -1;
    }
    for (unsigned i = 0; i < c->boxes; i++) {
        if (!begins_row(c, i) || row_at(c, i) < need)
            continue;
        if (chosen < 0 || (c->way == WAY_BEST && row_at(c, i) < row_at(c, (unsigned)chosen)) ||
            (c->way == WAY_WORST && row_at(c, i) > row_at(c, (unsigned)chosen)))
            chosen = (int)i;
    }
    return chosen;
}

static void
own(struct contiguous *c, unsigned from, unsigned n, unsigned owner)
{
    memset(c->owner + from, (int)owner, n);
}

static bool
enter(struct contiguous *c, unsigned owner)
{
    unsigned need = boxes_for(c, c->wants[owner]);
    int at = look(c, need);

    if (at < 0)
        return false;
    own(c, (unsigned)at, need, owner);
    c->last = (unsigned)at + need;
    c->slots_used -= c->stored[owner];
    c->stored[owner] = 0;
    return true;
}

static void
unqueue(struct contiguous *c, unsigned place)
{
    memmove(c->queue + place, c->queue + place + 1, (--c->queued - place) * sizeof *c->queue);
}

static void
admit(struct contiguous *c, unsigned but)
{
    for (unsigned i = 0; i < c->queued;)
        if (c->queue[i] != but && enter(c, c->queue[i]))
            unqueue(c, i);
        else
            i++;
}

unsigned
contiguous_load(struct contiguous *c, uint64_t bytes)
{
    unsigned owner = 1;

    while (owner < OWNERS_MAX && c->lives[owner])
        owner++;
    if (owner == OWNERS_MAX)
        return 0;
    c->lives[owner] = true;
    c->wants[owner] = bytes;
    c->notes[owner] = 0;
    if (!enter(c, owner))
        c->queue[c->queued++] = owner;
    return owner;
}

static void
vacate(struct contiguous *c, unsigned owner)
{
    for (unsigned i = 0; i < c->boxes; i++)
        if (c->owner[i] == owner)
            c->owner[i] = 0;
}

void
contiguous_leave(struct contiguous *c, unsigned owner)
{
    vacate(c, owner);
    c->slots_used -= c->stored[owner];
    c->stored[owner] = 0;
    c->lives[owner] = false;
    for (unsigned i = 0; i < c->queued; i++)
        if (c->queue[i] == owner)
            unqueue(c, i--);
    admit(c, 0);
}

static bool
store(struct contiguous *c, unsigned owner)
{
    unsigned n = boxes_of(c, owner);

    if (c->slots_used + n > c->slots)
        return false;
    c->slots_used += n;
    c->stored[owner] = n;
    vacate(c, owner);
    c->queue[c->queued++] = owner;
    return true;
}

bool
contiguous_swap_out(struct contiguous *c, unsigned owner)
{
    if (!store(c, owner))
        return false;
    admit(c, owner);
    return true;
}

bool
contiguous_grow(struct contiguous *c, unsigned owner, uint64_t bytes)
{
    unsigned have = boxes_of(c, owner), need = boxes_for(c, bytes);
    unsigned at = (unsigned)contiguous_place(c, owner);
    int to;

    if (need <= have || row_at(c, at + have) >= need - have) {
        own(c, at, need, owner);
        c->wants[owner] = bytes;
        return true;
    }
    to = look(c, need);
    if (to >= 0) {
        vacate(c, owner);
        own(c, (unsigned)to, need, owner);
        c->last = (unsigned)to + need;
        c->copied += (uint64_t)have * c->box;
    } else if (!store(c, owner)) {
        return false;
    }
    c->wants[owner] = bytes;
    admit(c, 0);
    return true;
}

/* Pick up all that is there, put it down again from the first box on. */
void
contiguous_compact(struct contiguous *c)
{
    uint8_t old[BOXES_MAX];
    unsigned to = 0;

    memcpy(old, c->owner, sizeof old);
    memset(c->owner, 0, sizeof c->owner);
    for (unsigned i = 0; i < c->boxes; i++)
        if (old[i]) {
            c->copied += to != i ? c->box : 0;
            c->owner[to++] = old[i];
        }
    admit(c, 0);
}
