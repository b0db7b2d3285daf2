/* The optimal policy (L. Belady, "A study of replacement algorithms", 1966): evict the page whose
 * next use is farthest away. To *be* it one must know the future. To count its faults one need not,
 * as Belady himself showed (his MIN): put the decision off until the page is referenced again.
 *
 * That reference hits if the page could have stayed since the one before, that is, if at every
 * moment in between a frame was left beside those that later hits turned out to need: with n frames
 * at most n - 1 stays may pass over a moment. A fault takes nothing from anybody; a hit makes every
 * moment its stay passes over fuller by one.
 *
 *   moment        1  2  3  4  5  6  7  8
 *   reference     a  b  c  b  d  a  d  b       3 frames
 *   a's stay         ================
 *   stays over    0  1  2  1  1  0  0          2 at moment 3: full
 *
 * A stay passes over the latest moments, up to now. So of two moments the earlier can never again be
 * the fuller one unless it is now; only the moments at which the number falls are kept, and it falls
 * by one at each: moments are a set. A hit adds the moment before it (the number falls there, now
 * that it is 0) and takes out the latest at or before the page's last reference (it no longer falls
 * there). If there is none, the earliest of the set got fuller. Once that one is full, nothing passes
 * over it any more, and only pages referenced since can hit.
 *
 * Most references of programs go to and fro between two pages. With two frames at least, each return to the
 * second latest page hits, and only the first of them decides anything: as nobody else comes in between, those
 * after it can be counted as part of the same moment. They are left out, if they are reads and no size has a
 * single frame; so a moment is a reference that decides.
 *
 * A page that is not referenced again leaves no such trace. Whether it was written back is decided at
 * the end: among pages that never come again the one with the lowest number is evicted first. */
#include "replay/counter.h"
#include "replay/moments.h"

#include <stdlib.h>

struct opt_size {
    struct replay_run *run;
    struct moments falls;
    uint64_t stays; /* over the earliest of these */
    uint32_t since; /* pages referenced before cannot hit */
    uint64_t faults, writebacks;
    struct column faulted; /* a bit a reference */
    struct column dirty;   /* a bit a page: written since it was loaded */
};

struct opt {
    struct opt_size *size;
    size_t sizes;
    struct column room; /* struct opt_size */
    struct column last; /* uint32_t a page: the moment of its last reference; 0: none */
    uint32_t now;       /* of the next reference, at least 1 */
    uint32_t first, second; /* the pages referenced last, 0: none; their moments may be exchanged */
    bool turns;             /* every size has two frames */
    bool turned;            /* the last that decided was a return to the second; never without turns */
    bool writes;            /* there were any */
};

static bool
opt_open(void *counter, const struct replay_want *want, struct replay_run **run, size_t runs,
         struct error *e)
{
    struct opt *o = counter;

    (void)want;
    if (!column_reserve(&o->room, runs, sizeof *o->size, e))
        return false;
    o->size = o->room.cell;
    o->sizes = runs;
    o->now = 1;
    for (size_t i = 0; i < runs; i++)
        o->size[i] = (struct opt_size){.run = run[i], .since = 1};
    o->turns = runs > 0 && run[runs - 1]->frames > 1;
    return true;
}

static bool
opt_grow(void *counter, uint32_t end, struct error *e)
{
    struct opt *o = counter;

    for (size_t i = 0; i < o->sizes; i++)
        if (!column_reserve(&o->size[i].dirty, end / 64, sizeof(uint64_t), e))
            return false;
    return column_reserve(&o->last, end, sizeof(uint32_t), e);
}

/* --- references ---------------------------------------------------------------------------------
 */

/* Those that decide something: each with the moment of the page's reference before. */
struct decisive {
    uint32_t id[STRETCH_MAX], before[STRETCH_MAX];
    uint8_t write[STRETCH_MAX];
    size_t n;
};

SPECIALISED static void
look_back(struct opt *o, const struct stretch *s, struct decisive *to, const bool writes)
{
    uint32_t *last = o->last.cell, now = o->now, first = o->first, second = o->second;
    uint32_t first_at = last[first], second_at = last[second];
    bool turned = o->turned;
    size_t n = 0;

    for (size_t i = 0; i < s->n; i++) {
        const uint32_t id = s->id[i];
        const bool write = writes && s->write[i], again = id == first, turn = id == second;

        if (!write && again)
            continue;
        if (!write && turn && turned) {
            second = first;
            first = id;
            continue;
        }
        __builtin_prefetch(&last[s->id[i + AHEAD]]);
        to->id[n] = id;
        to->write[n] = write;
        to->before[n++] = again ? first_at : turn ? second_at : last[id];
        if (!again) {
            if (!turn)
                last[second] = second_at;
            turned = turn && o->turns;
            second = first;
            second_at = first_at;
            first = id;
        }
        first_at = now++;
    }
    last[first] = first_at;
    last[second] = second_at;
    last[0] = 0;
    o->first = first;
    o->second = second;
    o->turned = turned;
    to->n = n;
}

/* A page stayed in memory from the moment `before` to now. */
static void
stay(struct opt_size *z, uint32_t before, uint32_t now)
{
    uint64_t fall;

    moments_put(&z->falls, now - 1);
    fall = moments_latest(&z->falls, before);
    if (fall) {
        moments_take(&z->falls, fall);
    } else if (++z->stays == z->run->frames - 1) {
        z->since = (uint32_t)moments_earliest(&z->falls, z->since);
        moments_take(&z->falls, z->since);
        z->stays--;
    }
}

static inline void
fault(struct opt_size *z, uint32_t id, uint32_t now, const bool writes)
{
    z->faults++;
    bit_set(z->faulted.cell, now);
    if (writes) {
        z->writebacks += bit_is_set(z->dirty.cell, id);
        bit_clear(z->dirty.cell, id);
    }
}

SPECIALISED static void
count(struct opt_size *z, const struct decisive *in, uint32_t now, const bool writes)
{
    const struct moments falls = z->falls;
    const bool single = z->run->frames == 1; /* no stay passes over anything */
    uint32_t since = z->since;

    for (size_t i = 0; i < in->n; i++, now++) {
        if (in->before[i] < since) {
            fault(z, in->id[i], now, writes);
        } else if (!single && !moments_advance(&falls, in->before[i], now - 1)) {
            stay(z, in->before[i], now);
            since = z->since;
        }
        since = single ? now : since;
        if (writes && in->write[i])
            bit_set(z->dirty.cell, in->id[i]);
    }
    z->since = since;
}

static bool
opt_feed(void *counter, const struct stretch *s, struct error *e)
{
    struct opt *o = counter;
    struct decisive d;

    if (s->n >= UINT32_MAX - o->now)
        return error_set(e, EXIT_LIMIT,
                         "opt counts moments in 32 bits, and this trace has more than 2^32");
    o->writes = s->write;
    if (s->write)
        look_back(o, s, &d, true);
    else
        look_back(o, s, &d, false);
    for (size_t i = 0; i < o->sizes; i++) {
        struct opt_size *size = &o->size[i];
        if (!moments_reserve(&size->falls, o->now + d.n, e) ||
            !column_reserve(&size->faulted, (o->now + d.n) / 64 + 1, sizeof(uint64_t), e))
            return false;
        if (s->write)
            count(size, &d, o->now, true);
        else
            count(size, &d, o->now, false);
    }
    o->now += (uint32_t)d.n;
    return true;
}

/* --- the end ------------------------------------------------------------------------------------
 */

/* The pages and their last references, earliest first. */
struct farewell {
    uint32_t moment, id;
};

static int
by_moment(const void *a, const void *b)
{
    uint32_t x = ((const struct farewell *)a)->moment, y = ((const struct farewell *)b)->moment;

    return (x > y) - (x < y);
}

static size_t
farewells(const struct opt *o, uint32_t ids, struct farewell *to)
{
    const uint32_t *last = o->last.cell;
    size_t n = 0;

    for (uint32_t id = REGION; id < ids; id++)
        if (last[id])
            to[n++] = (struct farewell){last[id], id};
    qsort(to, n, sizeof *to, by_moment);
    return n;
}

/* Go through time once more. Each fault that finds no free frame evicts a page that never comes
 * again, if one is there; these stand in `gone`, by rank + 1. A page that was evicted though it
 * came again is counted already. */
static void
evict_the_gone(struct opt_size *z, const struct farewell *page, size_t n, const uint32_t *rank,
               const uint32_t *id_of, const struct moments *gone)
{
    uint64_t faults = 0, first;
    uint32_t moment = 1;

    for (size_t i = 0; i < n; i++) {
        for (; moment <= page[i].moment; moment++) {
            if (!bit_is_set(z->faulted.cell, moment) || ++faults <= z->run->frames ||
                !(first = moments_earliest(gone, 0)))
                continue;
            z->writebacks += bit_is_set(z->dirty.cell, id_of[first - 1]);
            moments_take(gone, first);
        }
        moments_put(gone, rank[page[i].id] + UINT64_C(1));
    }
    while ((first = moments_earliest(gone, 0)))
        moments_take(gone, first);
}

struct ending {
    struct column rank, id_of, page;
    struct moments gone;
};

static bool
count_the_gone(struct opt *o, const struct pages *pages, struct ending *end, struct error *e)
{
    uint32_t *rank, *id_of;
    size_t n;

    if (!column_reserve(&end->rank, pages->end, sizeof *rank, e) ||
        !column_reserve(&end->id_of, pages->end, sizeof *id_of, e) ||
        !column_reserve(&end->page, pages->end, sizeof(struct farewell), e) ||
        !moments_reserve(&end->gone, pages->end + UINT64_C(1), e) ||
        !pages_rank(pages, end->rank.cell, e))
        return false;
    rank = end->rank.cell;
    id_of = end->id_of.cell;
    for (uint32_t id = REGION; id < pages->end; id++)
        id_of[rank[id]] = id;
    n = farewells(o, pages->end, end->page.cell);
    for (size_t i = 0; i < o->sizes; i++)
        evict_the_gone(&o->size[i], end->page.cell, n, rank, id_of, &end->gone);
    return true;
}

static bool
opt_end(void *counter, const struct pages *pages, struct error *e)
{
    struct opt *o = counter;
    struct ending end = {0};
    bool done = !o->writes || count_the_gone(o, pages, &end, e);

    column_free(&end.rank);
    column_free(&end.id_of);
    column_free(&end.page);
    moments_close(&end.gone);
    for (size_t i = 0; i < o->sizes; i++) {
        o->size[i].run->faults = o->size[i].faults;
        o->size[i].run->writebacks = o->size[i].writebacks;
    }
    return done;
}

static void
opt_close(void *counter)
{
    struct opt *o = counter;

    for (size_t i = 0; i < o->sizes; i++) {
        moments_close(&o->size[i].falls);
        column_free(&o->size[i].faulted);
        column_free(&o->size[i].dirty);
    }
    column_free(&o->room);
    column_free(&o->last);
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
