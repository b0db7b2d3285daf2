/* Least recently used, without a list, for any number of sizes at once.
 *
 * The pages in `frames` frames are those with the `frames` latest last references. On the time line
 * (replay/timeline.h) that is everything from a certain position on, the tail: a page is resident if
 * its last reference lies at or after it. A fault moves the tail past the next mark. All sizes share
 * the marks and differ only in their tails; the fewer frames, the later the tail.
 *
 * That smaller memories hold a subset of what larger ones hold (Mattson et al., "Evaluation
 * techniques for storage hierarchies", 1970) also makes one number a page enough for writebacks: a
 * page is dirty in the `dirty` largest memories. */
#include "replay/counter.h"
#include "replay/timeline.h"

struct lru_size {
    uint64_t free; /* frames not filled yet */
    uint64_t faults, writebacks;
    struct replay_run *run;
};

struct lru {
    struct timeline line;
    struct column tail;  /* uint32_t a size, the largest memory (the earliest tail) first */
    struct column size;  /* struct lru_size */
    struct column dirty; /* uint32_t a page */
    uint32_t sizes;
    bool writes; /* there were any */
    bool quick;  /* count_one does, so far */
};

static bool
lru_open(void *counter, const struct replay_want *want, struct replay_run **run, size_t runs,
         struct error *e)
{
    struct lru *l = counter;
    struct lru_size *size;
    uint32_t *tail;

    (void)want;
    l->sizes = (uint32_t)runs;
    l->quick = runs == 1 && run[0]->frames > 1;
    if (!timeline_open(&l->line, e) || !column_reserve(&l->tail, runs, sizeof *tail, e) ||
        !column_reserve(&l->size, runs, sizeof *size, e))
        return false;
    size = l->size.cell;
    tail = l->tail.cell;
    for (size_t i = 0; i < runs; i++) {
        size[i] = (struct lru_size){.free = run[i]->frames, .run = run[i]};
        tail[i] = 1;
    }
    return true;
}

static bool
lru_grow(void *counter, uint32_t end, struct error *e)
{
    struct lru *l = counter;

    return timeline_grow(&l->line, end, e) && column_reserve(&l->dirty, end, sizeof(uint32_t), e);
}

/* The sizes from `hits` on have evicted the page since; those below `dirty` of them wrote it back. */
static void
note_writes(struct lru_size *size, uint32_t hits, uint32_t sizes, uint32_t *dirty, bool write)
{
    for (uint32_t k = hits; k < *dirty; k++)
        size[k].writebacks++;
    *dirty = write ? sizes : hits < *dirty ? hits : *dirty;
}

static inline void
fault(struct lru_size *size, uint32_t *tail, const uint64_t *live)
{
    size->faults++;
    if (size->free)
        size->free--;
    else
        *tail = timeline_next(live, *tail) + 1;
}

SPECIALISED static void
count(struct lru *l, const struct stretch *s, const uint32_t *before, const bool writes)
{
    uint32_t *tail = l->tail.cell, *dirty = l->dirty.cell, sizes = l->sizes;
    uint64_t *live = l->line.live.cell;
    struct lru_size *size = l->size.cell;

    for (size_t i = 0; i < s->n; i++) {
        uint32_t at = before[i], hits = sizes;
        for (; hits && at < tail[hits - 1]; hits--)
            fault(&size[hits - 1], &tail[hits - 1], live);
        if (hits) /* else nobody will look at that mark again */
            bit_clear(live, at);
        if (writes)
            note_writes(size, hits, sizes, &dirty[s->id[i]], s->write[i]);
    }
}

/* The same for one size of two frames at least and no writes, as most runs are: its tail stays in a
 * register, and the two pages used last are in memory. */
static void
count_one(struct lru *l, const struct stretch *s, uint32_t *before)
{
    uint64_t top[3] = {0}, *live = l->line.live.cell;
    struct lru_size *size = l->size.cell;
    uint32_t *place = l->tail.cell, tail = *place;
    size_t n = timeline_look_back(&l->line, s->id, s->n, before, top);

    for (size_t i = 0; i < n; i++)
        if (before[i] >= tail)
            bit_clear(live, before[i]);
        else
            fault(size, &tail, live);
    *place = tail;
}

static bool
lru_feed(void *counter, const struct stretch *s, struct error *e)
{
    struct lru *l = counter;
    uint32_t *tail = l->tail.cell, before[STRETCH_MAX];

    if (!timeline_has_room(&l->line, s->n) &&
        !timeline_compact(&l->line, tail[0], tail, l->sizes, e))
        return false;
    l->writes = s->write;
    if (l->quick && !s->write) {
        count_one(l, s, before);
        return true;
    }
    l->quick = false;
    timeline_refer(&l->line, s->id, s->n, before);
    if (s->write)
        count(l, s, before, true);
    else
        count(l, s, before, false);
    return true;
}

static bool
lru_end(void *counter, const struct pages *pages, struct error *e)
{
    struct lru *l = counter;
    struct lru_size *size = l->size.cell;
    uint32_t *tail = l->tail.cell, *last = l->line.last.cell, *dirty = l->dirty.cell, hits;

    (void)e;
    for (uint32_t id = REGION; l->writes && id < pages->end; id++) {
        for (hits = l->sizes; dirty[id] && hits && last[id] < tail[hits - 1]; hits--)
            continue;
        note_writes(size, hits, l->sizes, &dirty[id], false);
    }
    for (uint32_t k = 0; k < l->sizes; k++) {
        size[k].run->faults = size[k].faults;
        size[k].run->writebacks = size[k].writebacks;
    }
    return true;
}

static void
lru_close(void *counter)
{
    struct lru *l = counter;

    timeline_close(&l->line);
    column_free(&l->tail);
    column_free(&l->size);
    column_free(&l->dirty);
}

const struct counter_kind counter_lru = {
    .size = sizeof(struct lru),
    .shares = true,
    .open = lru_open,
    .grow = lru_grow,
    .feed = lru_feed,
    .end = lru_end,
    .close = lru_close,
};
