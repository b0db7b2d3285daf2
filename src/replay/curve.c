/* The LRU faults of every size, in one pass.
 *
 * A reference hits in exactly those memories that have at least as many frames as its page's depth in
 * the LRU stack (Mattson et al. 1970), so the depths, counted, are the whole curve. The depth is 1 +
 * the live marks on the time line between the page's last reference and now. A tree adds them up:
 *
 *   node, level 1                 [0 ......... before child 15]      16 sums, one cache line
 *   nodes, level 0     [0 .. before word 15]   [0 .. before word 15]  ...
 *   marks              word word word ...      64 positions each
 *
 * An entry is the number of marks in its node before that child. Marks of the future are set in
 * advance, so a new reference changes nothing; the one mark that goes lowers the entries after it,
 * in one node a level. (Olken 1981 keeps a search tree of pages instead, which is slower by pointers.) */
#include "replay/counter.h"
#include "replay/timeline.h"

enum { FAN_SHIFT = 4, FAN = 1 << FAN_SHIFT, LEVELS_MAX = 7 };

typedef uint32_t node __attribute__((vector_size(FAN * sizeof(uint32_t)), may_alias));

struct curve {
    struct timeline line;
    struct column level[LEVELS_MAX]; /* node */
    int levels;
    struct column hits;   /* uint64_t a depth: how many references found their page there */
    struct column faults; /* at the end, uint64_t a size */
    uint64_t refs;
    uint32_t seen;  /* pages with a position */
    uint32_t pages; /* at the end: different ones */
};

/* [j]: 1 in every entry after j. */
#define AFTER(j)                                                                                   \
    {                                                                                              \
        0 > j, 1 > j, 2 > j, 3 > j, 4 > j, 5 > j, 6 > j, 7 > j, 8 > j, 9 > j, 10 > j, 11 > j,      \
            12 > j, 13 > j, 14 > j, 15 > j                                                         \
    }
static const node after[FAN] = {
    AFTER(0), AFTER(1), AFTER(2),  AFTER(3),  AFTER(4),  AFTER(5),  AFTER(6),  AFTER(7),
    AFTER(8), AFTER(9), AFTER(10), AFTER(11), AFTER(12), AFTER(13), AFTER(14), AFTER(15),
};

/* All positions marked, as the time line is after it was opened or compacted. Position 0 is marked
 * too, and nobody's. */
static bool
plant(struct curve *c, struct error *e)
{
    uint64_t children = c->line.end / 64 + 1, width = 64;
    int k = 0;

    for (; k == 0 || children > 1; k++, width *= FAN) {
        uint32_t *entry;
        children = (children + FAN - 1) / FAN;
        if (!column_reserve(&c->level[k], children, sizeof(node), e))
            return false;
        entry = c->level[k].cell;
        for (uint64_t i = 0; i < children * FAN; i++)
            entry[i] = (uint32_t)(i % FAN * width);
    }
    c->levels = k;
    return true;
}

static bool
curve_open(void *counter, const struct replay_want *want, struct replay_run **run, size_t runs,
           struct error *e)
{
    struct curve *c = counter;

    (void)want, (void)run, (void)runs;
    return timeline_open(&c->line, e) && plant(c, e);
}

static bool
curve_grow(void *counter, uint32_t end, struct error *e)
{
    struct curve *c = counter;

    return timeline_grow(&c->line, end, e) &&
           column_reserve(&c->hits, end + UINT64_C(1), sizeof(uint64_t), e);
}

/* Take the mark at a position away. Returns the marks before it, position 0 among them. */
static inline uint32_t
take_mark(node *const *level, int levels, uint64_t *live, uint32_t at)
{
    uint64_t *word = &live[at / 64], child = at / 64;
    uint32_t before = bits_set(*word & low_bits(at % 64));

    *word &= ~(UINT64_C(1) << at % 64);
    for (int k = 0; k < levels; k++) {
        node *n = level[k] + child / FAN;
        before += ((uint32_t *)n)[child % FAN];
        *n -= after[child % FAN];
        child /= FAN;
    }
    return before;
}

/* From former positions to depths; 0 stays 0. */
static void
measure(struct curve *c, uint32_t *depth, size_t n)
{
    uint32_t seen = c->seen;
    uint64_t *live = c->line.live.cell;
    node *level[LEVELS_MAX];
    int levels = c->levels;

    for (int k = 0; k < levels; k++)
        level[k] = c->level[k].cell;
    for (size_t i = 0; i < n; i++) {
        if (depth[i])
            depth[i] = seen + 1 - take_mark(level, levels, live, depth[i]);
        else
            seen++;
    }
    c->seen = seen;
}

static bool
curve_feed(void *counter, const struct stretch *s, struct error *e)
{
    struct curve *c = counter;
    uint64_t *hits = c->hits.cell;
    uint32_t depth[STRETCH_MAX];
    size_t n;

    if (!timeline_has_room(&c->line, s->n) &&
        !(timeline_compact(&c->line, 1, NULL, 0, e) && plant(c, e)))
        return false;
    n = timeline_look_back(&c->line, s->id, s->n, depth, hits);
    measure(c, depth, n);
    for (size_t i = 0; i < n; i++)
        hits[depth[i]]++;
    c->refs += s->n;
    return true;
}

static bool
curve_end(void *counter, const struct pages *pages, struct error *e)
{
    struct curve *c = counter;
    const uint64_t *hits = c->hits.cell;
    uint64_t *faults, left = c->refs;

    c->pages = pages_count(pages);
    if (!column_reserve(&c->faults, c->pages + UINT64_C(1), sizeof *faults, e))
        return false;
    faults = c->faults.cell;
    for (uint32_t i = 0; i < c->pages; i++)
        faults[i] = left -= hits[i + 1];
    return true;
}

const uint64_t *
curve_faults(const void *counter, size_t *n)
{
    const struct curve *c = counter;

    *n = c->pages;
    return c->faults.cell;
}

static void
curve_close(void *counter)
{
    struct curve *c = counter;

    timeline_close(&c->line);
    for (int k = 0; k < LEVELS_MAX; k++)
        column_free(&c->level[k]);
    column_free(&c->hits);
    column_free(&c->faults);
}

const struct counter_kind counter_curve = {
    .size = sizeof(struct curve),
    .open = curve_open,
    .grow = curve_grow,
    .feed = curve_feed,
    .end = curve_end,
    .close = curve_close,
};
