/* The optimal policy (L. Belady, "A study of replacement algorithms", 1966): evict the page whose
 * next use is farthest away. It must know the future, so the trace is kept, four bytes a reference.
 *
 * Read backwards once, each reference is replaced by the moment at which its page is used next. Then
 * pages are not needed any more: a resident page *is* the moment of its next use. Memory is a set of
 * moments. A reference at moment i hits if i is in the set; it puts its own next moment in; the
 * victim is the latest moment. A moment that has passed is never the latest, so nobody takes it out.
 *
 * A page that is not used again gets a moment of its own after the end of the trace, the later the
 * lower its page number: the tie is in the numbering. */
#include "replay/counter.h"

#include <string.h>

enum { LEVELS_MAX = 6 };

/* A bit a moment; above it a bit a word that has any, and so on up to a single word. */
struct moments {
    struct column level[LEVELS_MAX];
    int levels;
};

struct opt {
    struct replay_run **run;
    size_t runs;
    struct column at;    /* uint32_t a reference: its page, in the end the moment of its next use */
    struct column write; /* a bit a reference */
    uint64_t refs;
    uint32_t ids; /* numbers of pages are below */
    bool writes;  /* there were any */
};

static bool
opt_open(void *counter, const struct replay_want *want, struct replay_run **run, size_t runs,
         struct error *e)
{
    struct opt *o = counter;

    (void)want, (void)e;
    o->run = run;
    o->runs = runs;
    return true;
}

static bool
opt_grow(void *counter, uint32_t end, struct error *e)
{
    struct opt *o = counter;

    (void)e;
    o->ids = end;
    return true;
}

static bool
opt_feed(void *counter, const struct stretch *s, struct error *e)
{
    struct opt *o = counter;
    uint64_t *write;

    if (o->refs + s->n + o->ids > UINT32_MAX)
        return error_set(e, EXIT_LIMIT,
                         "opt must remember the whole trace, and this one has more "
                         "than 2^32 references");
    if (!column_reserve(&o->at, o->refs + s->n + AHEAD, sizeof(uint32_t), e) ||
        !column_reserve(&o->write, (o->refs + s->n) / 64 + 1, sizeof(uint64_t), e))
        return false;
    memcpy((uint32_t *)o->at.cell + o->refs, s->id, s->n * sizeof *s->id);
    write = o->write.cell;
    for (size_t i = 0; s->write && i < s->n; i++)
        write[(o->refs + i) / 64] |= (uint64_t)s->write[i] << (o->refs + i) % 64;
    o->writes |= s->write != NULL;
    o->refs += s->n;
    return true;
}

/* --- the set of moments -------------------------------------------------------------------------
 */

static bool
moments_open(struct moments *m, uint64_t n, struct error *e)
{
    for (m->levels = 0; m->levels == 0 || n > 1; m->levels++) {
        n = (n + 63) / 64;
        if (!column_reserve(&m->level[m->levels], n, sizeof(uint64_t), e))
            return false;
    }
    return true;
}

static void
moments_close(struct moments *m)
{
    for (int k = 0; k < LEVELS_MAX; k++)
        column_free(&m->level[k]);
}

static inline bool
moments_have(const struct moments *m, uint64_t i)
{
    return bit_is_set(m->level[0].cell, i);
}

static inline void
moments_put(const struct moments *m, uint64_t i)
{
    for (int k = 0; k < m->levels; k++, i /= 64) {
        uint64_t *word = (uint64_t *)m->level[k].cell + i / 64, before = *word;
        *word |= UINT64_C(1) << i % 64;
        if (before)
            break;
    }
}

static inline uint64_t
moments_take_latest(const struct moments *m)
{
    uint64_t latest = 0, *word;

    for (int k = m->levels; k-- > 0;)
        latest =
            latest * 64 + 63 - (unsigned)__builtin_clzll(((uint64_t *)m->level[k].cell)[latest]);
    for (uint64_t k = 0, i = latest; k < (uint64_t)m->levels; k++, i /= 64) {
        word = (uint64_t *)m->level[k].cell + i / 64;
        *word &= ~(UINT64_C(1) << i % 64);
        if (*word)
            break;
    }
    return latest;
}

/* --- one size -----------------------------------------------------------------------------------
 */

/* dirty: a bit a moment; the page next used then was written since it was loaded. */
SPECIALISED static void
count(const struct opt *o, struct replay_run *run, const struct moments *m, uint64_t *dirty,
      const bool writes)
{
    const uint32_t *next = o->at.cell;
    const uint64_t *write = o->write.cell;
    uint64_t resident = 0, faults = 0, latest;

    for (uint64_t i = 0; i < o->refs; i++) {
        bool hit = moments_have(m, i);
        __builtin_prefetch((uint64_t *)m->level[0].cell + next[i + AHEAD] / 64);
        if (!hit) {
            faults++;
            if (resident < run->frames) {
                resident++;
            } else {
                latest = moments_take_latest(m);
                if (writes)
                    run->writebacks += bit_is_set(dirty, latest);
            }
        }
        moments_put(m, next[i]);
        if (writes)
            dirty[next[i] / 64] |= (uint64_t)(bit_is_set(write, i) || (hit && bit_is_set(dirty, i)))
                                   << next[i] % 64;
    }
    run->faults = faults;
}

static bool
run_one(const struct opt *o, struct replay_run *run, struct error *e)
{
    uint64_t last = o->refs + o->ids;
    struct moments m = {0};
    struct column dirty = {0};
    bool done =
        moments_open(&m, last, e) && column_reserve(&dirty, last / 64 + 1, sizeof(uint64_t), e);

    run->writebacks = 0;
    if (done && o->writes)
        count(o, run, &m, dirty.cell, true);
    else if (done)
        count(o, run, &m, NULL, false);
    moments_close(&m);
    column_free(&dirty);
    return done;
}

/* Backwards: the page of each reference gives way to the moment of its next use. */
static bool
look_ahead(struct opt *o, const struct pages *pages, struct error *e)
{
    struct column column = {0};
    uint32_t *at = o->at.cell, *next, id;

    if (!column_reserve(&column, pages->end, sizeof *next, e))
        return false;
    next = column.cell;
    if (!pages_rank(pages, next, e)) {
        column_free(&column);
        return false;
    }
    for (uint32_t i = 0; i < pages->end; i++)
        next[i] = (uint32_t)(o->refs + pages->end - 1 - next[i]);
    for (uint64_t i = o->refs; i-- > 0;) {
        id = at[i];
        at[i] = next[id];
        next[id] = (uint32_t)i;
    }
    column_free(&column);
    return true;
}

static bool
opt_end(void *counter, const struct pages *pages, struct error *e)
{
    struct opt *o = counter;

    if (!look_ahead(o, pages, e))
        return false;
    for (size_t i = 0; i < o->runs; i++)
        if (!run_one(o, o->run[i], e))
            return false;
    return true;
}

static void
opt_close(void *counter)
{
    struct opt *o = counter;

    column_free(&o->at);
    column_free(&o->write);
}

const struct counter_kind counter_opt = {
    .size = sizeof(struct opt),
    .shares = true,
    .open = opt_open,
    .grow = opt_grow,
    .feed = opt_feed,
    .end = opt_end,
    .close = opt_close,
};
