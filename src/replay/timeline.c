/* Numbering again costs a walk over all pages; the room for it is chosen so that many times as many
 * references lie between two of them. */
#include "replay/timeline.h"

#include <string.h>

enum { ROOM_MIN = 1 << 14, ROOM_FACTOR = 4 };

/* `first` positions are taken, all of them marked; the rest is future. */
static bool
make_room(struct timeline *t, uint32_t first, struct error *e)
{
    uint64_t end = t->ids * (uint64_t)ROOM_FACTOR + ROOM_MIN;

    end = end < UINT32_MAX ? end & ~UINT64_C(63) : UINT32_MAX & ~63u;
    if (!column_reserve(&t->live, end / 64 + 1, sizeof(uint64_t), e))
        return false;
    memset(t->live.cell, 0xff, end / 64 * sizeof(uint64_t));
    t->now = first;
    t->end = (uint32_t)end;
    return true;
}

bool
timeline_open(struct timeline *t, struct error *e)
{
    return make_room(t, 1, e);
}

void
timeline_close(struct timeline *t)
{
    column_free(&t->last);
    column_free(&t->live);
    column_free(&t->sums);
}

bool
timeline_grow(struct timeline *t, uint32_t ids, struct error *e)
{
    t->ids = ids;
    return column_reserve(&t->last, ids, sizeof(uint32_t), e);
}

void
timeline_refer(struct timeline *t, const uint32_t *id, size_t n, uint32_t *before)
{
    uint32_t *last = t->last.cell, now = t->now;

    for (size_t i = 0; i < n; i++) {
        __builtin_prefetch(&last[id[i + AHEAD]]);
        before[i] = last[id[i]];
        last[id[i]] = now++;
    }
    t->now = now;
}

/* Most references of programs go to and fro between two pages. The second one of the stack then only
 * changes places with the first: both positions stay marked. */
size_t
timeline_look_back(struct timeline *t, const uint32_t *id, size_t n, uint32_t *before,
                   uint64_t hits[3])
{
    uint32_t *last = t->last.cell, first = t->first, second = t->second, now = t->now;
    uint32_t first_at = last[first], second_at = last[second];
    size_t deeper = 0, repeats = 0;

    for (size_t i = 0; i < n; i++) {
        if (id[i] == first) {
            repeats++;
            continue;
        }
        if (id[i] != second) {
            before[deeper++] = last[id[i]];
            __builtin_prefetch(&last[id[i + AHEAD]]);
            last[second] = second_at;
            second_at = first_at;
            first_at = now++;
        }
        second = first;
        first = id[i];
    }
    last[first] = first_at;
    last[second] = second_at;
    last[0] = 0;
    t->first = first;
    t->second = second;
    t->now = now;
    hits[1] += repeats;
    hits[2] += n - repeats - deeper;
    return deeper;
}

/* before[w] = marks from `from` up to word w. */
static void
add_up(const struct timeline *t, uint32_t from, uint32_t *before)
{
    const uint64_t *live = t->live.cell;
    uint32_t sum = 0;

    for (uint32_t w = from / 64; w <= t->now / 64; w++) {
        before[w] = sum;
        sum += bits_set(w == from / 64 ? live[w] & ~UINT64_C(0) << from % 64 : live[w]);
    }
}

/* Positions begin at 1. */
static uint32_t
new_position(const struct timeline *t, const uint32_t *before, uint32_t from, uint32_t at)
{
    const uint64_t *live = t->live.cell;
    uint64_t lower = live[at / 64] & low_bits(at % 64);

    if (at / 64 == from / 64)
        lower &= ~UINT64_C(0) << from % 64;
    return 1 + before[at / 64] + bits_set(lower);
}

bool
timeline_compact(struct timeline *t, uint32_t from, uint32_t *tail, size_t n, struct error *e)
{
    uint32_t *last = t->last.cell, *before, first;

    if (!column_reserve(&t->sums, t->now / 64 + UINT64_C(1), sizeof *before, e))
        return false;
    before = t->sums.cell;
    add_up(t, from, before);
    for (uint32_t id = 0; id < t->ids; id++)
        last[id] = last[id] >= from ? new_position(t, before, from, last[id]) : 0;
    for (size_t i = 0; i < n; i++)
        tail[i] = new_position(t, before, from, tail[i]);
    first = new_position(t, before, from, t->now);
    return make_room(t, first, e);
}
