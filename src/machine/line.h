/* line.h - one line of history: operations with what came of them, and keyframes along the way. The
 * trunk is one, a branch another that begins at `start`.
 *
 * Owns       The records with their blobs, the keyframes.
 */
#pragma once

#include "machine/history.h"
#include "machine/keyframe.h"

struct entry {
    struct operation op;
    struct outcome outcome;
    uint64_t first; /* events before this operation, since boot */
    uint32_t events;
    uint32_t unused;
};

struct mark {
    uint64_t op; /* the state at the end of this operation */
    struct keyframe *keyframe;
};

struct line {
    uint64_t start;  /* operations before this line's first */
    uint64_t events; /* events before this line's first operation */
    struct entry *entry;
    size_t count, room;
    struct mark *mark;
    size_t marks, mark_room;
};

void line_append(struct line *l, const struct operation *op, const struct outcome *out,
                 uint32_t events);
void line_mark(struct line *l, uint64_t op, struct keyframe *k);
/* Forget operations after n, and keyframes of them (the caller has left those as bases). */
void line_cut(struct line *l, uint64_t n);
void line_free(struct line *l);

/* Operation n of this line (start < n). */
static inline const struct entry *
line_entry(const struct line *l, uint64_t n)
{
    return &l->entry[n - l->start - 1];
}

static inline uint64_t
line_end(const struct line *l)
{
    return l->start + l->count;
}

/* Events since boot up to the end of this line. */
uint64_t line_total(const struct line *l);

/* The last keyframe at or before operation n, NULL when this line has none. */
const struct mark *line_mark_before(const struct line *l, uint64_t n);
