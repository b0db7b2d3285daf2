/* cache.c - one cache: where lines are, who leaves, and how copies stay true.
 *
 *     tag (CT)     |  set (CI) | byte (CO)      an address, as the cache sees it
 *
 * What a program used it will use again, with its neighbours: so whole lines are kept. The middle
 * bits choose a set, the upper ones are compared with the tags there (Bryant and O'Hallaron, Computer
 * Systems, 6.4). Taking the middle bits lets neighbouring lines go to different sets.
 */
#include "hw/cache.h"

#include <string.h>

static size_t
number_of(const struct cache *c, const struct cache_line *l)
{
    return (size_t)(l - c->line);
}

size_t
cache_lines(const struct cache *c)
{
    return (size_t)c->cpus * c->geo.sets * c->geo.ways;
}

struct cache_line *
cache_at(const struct cache *c, unsigned cpu, unsigned set, unsigned way)
{
    unsigned of = c->cpus == 1 ? 0 : cpu;

    return c->line + ((size_t)of * c->geo.sets + set) * c->geo.ways + way;
}

unsigned char *
cache_bytes(const struct cache *c, const struct cache_line *l)
{
    return c->bytes + (number_of(c, l) << c->geo.line_shift);
}

unsigned
cache_set_of(const struct cache *c, const struct cache_line *l)
{
    return (unsigned)(number_of(c, l) / c->geo.ways % c->geo.sets);
}

unsigned
cache_way_of(const struct cache *c, const struct cache_line *l)
{
    return (unsigned)(number_of(c, l) % c->geo.ways);
}

unsigned
cache_colour_bits(const struct cache_geometry *g, unsigned page_shift)
{
    unsigned top = g->line_shift + (g->sets ? (unsigned)__builtin_ctz(g->sets) : 0);

    return top > page_shift ? top - page_shift : 0;
}

uint64_t
cache_tag_asked(const struct cache *c, enum cache_index how, vaddr_t va, paddr_t pa)
{
    unsigned colours = cache_colour_bits(&c->geo, c->page_shift);

    if (how == INDEX_VIRTUAL_SET)
        return cache_tag(&c->geo, pa) << colours | (pa >> c->page_shift & low_bits(colours));
    return cache_tag(&c->geo, how == INDEX_VIRTUAL ? va : pa);
}

uint64_t
cache_tag_of(const struct cache *c, const struct cache_line *l)
{
    return cache_tag_asked(c, cache_index(c), l->va, l->pa);
}

/* --- finding --- */

/* By a physical address there is one set to look in; lines found by virtual ones may lie in any. */
struct cache_line *
cache_next(const struct cache *c, unsigned cpu, paddr_t pa, struct cache_line *l)
{
    bool anywhere = cache_index(c) != INDEX_PHYSICAL;
    struct cache_line *first = cache_at(c, cpu, anywhere ? 0 : cache_set(&c->geo, pa), 0);
    struct cache_line *end = first + (anywhere ? (size_t)c->geo.sets : 1) * c->geo.ways;

    for (l = l ? l + 1 : first; l < end; l++)
        if (l->valid && l->pa == cache_line_of(&c->geo, pa))
            return l;
    return NULL;
}

struct cache_line *
cache_lookup(const struct cache *c, unsigned cpu, paddr_t pa)
{
    return c->geo.sets ? cache_next(c, cpu, pa, NULL) : NULL;
}

struct cache_line *
cache_victim(const struct cache *c, unsigned cpu, unsigned set)
{
    struct cache_line *l = cache_at(c, cpu, set, 0), *oldest = l;

    for (struct cache_line *end = l + c->geo.ways; l < end; l++) {
        if (!l->valid)
            return l;
        if (l->used < oldest->used)
            oldest = l;
    }
    return oldest;
}

/* --- keeping copies true --- */

void
cache_copy_line(struct cache *c, const struct phys *p, struct cache_line *l, paddr_t pa)
{
    size_t n = (size_t)1 << c->geo.line_shift;

    arena_touch(c->arena, cache_bytes(c, l), n);
    phys_copy_out(p, cache_line_of(&c->geo, pa), cache_bytes(c, l), n);
}

/* Of the line, the bytes from `pa` to `end` are memory's now; a dirty line keeps the others. */
static void
refresh(struct cache *c, const struct phys *p, struct cache_line *l, paddr_t pa, paddr_t end)
{
    paddr_t size = (paddr_t)1 << c->geo.line_shift;
    paddr_t from = pa > l->pa ? pa : l->pa, to = end < l->pa + size ? end : l->pa + size;
    unsigned char *at = cache_bytes(c, l) + (from - l->pa);

    arena_touch(c->arena, at, to - from);
    phys_copy_out(p, from, at, to - from);
    if (l->dirty && to - from == size) {
        arena_touch(c->arena, l, sizeof *l);
        l->dirty = 0;
    }
}

void
cache_snoop(struct cache *cache, const struct phys *p, paddr_t pa, size_t n)
{
    for (struct cache *c = cache; c < cache + CACHES; c++) {
        paddr_t size = (paddr_t)1 << c->geo.line_shift;

        if (!c->geo.sets)
            continue;
        for (paddr_t at = cache_line_of(&c->geo, pa); at < pa + n; at += size)
            for (unsigned cpu = 0; cpu < c->cpus; cpu++)
                for (struct cache_line *l = NULL; (l = cache_next(c, cpu, at, l));)
                    refresh(c, p, l, pa, pa + n);
    }
}

bool
cache_has_newer(const struct cache *cache, paddr_t pa, size_t n)
{
    for (const struct cache *c = cache; c < cache + CACHES; c++) {
        paddr_t size = (paddr_t)1 << c->geo.line_shift;

        if (!(c->geo.traits & CACHE_BACK))
            continue;
        for (paddr_t at = cache_line_of(&c->geo, pa); at < pa + n; at += size)
            for (unsigned cpu = 0; cpu < c->cpus; cpu++)
                for (struct cache_line *l = NULL; (l = cache_next(c, cpu, at, l));)
                    if (l->dirty)
                        return true;
    }
    return false;
}

/* Memory gets the dirty lines of one cache. */
static bool
clean_level(struct cache *c, struct phys *p, paddr_t pa, paddr_t end)
{
    paddr_t size = (paddr_t)1 << c->geo.line_shift;
    bool any = false;

    for (paddr_t at = cache_line_of(&c->geo, pa); at < end; at += size)
        for (unsigned cpu = 0; cpu < c->cpus; cpu++)
            for (struct cache_line *l = NULL; (l = cache_next(c, cpu, at, l));)
                if (l->dirty) {
                    arena_touch(c->arena, l, sizeof *l);
                    l->dirty = 0;
                    phys_take_back(p, at, cache_bytes(c, l), size);
                    any = true;
                }
    return any;
}

/* The nearer to the CPU, the newer: so L1 comes last, and then all are what memory is. */
void
cache_clean(struct cache *cache, struct phys *p, paddr_t pa, size_t n)
{
    bool any = false;

    for (unsigned id = CACHES; id-- > 0;)
        if (cache[id].geo.traits & CACHE_BACK)
            any |= clean_level(&cache[id], p, pa, pa + n);
    if (any)
        cache_snoop(cache, p, pa, n);
}

/* --- from the start --- */

void
cache_put(struct hw *hw, unsigned cpu, unsigned way, paddr_t pa, bool valid)
{
    struct cache *c = &hw->cache[CACHE_L1];
    struct cache_line *l = cache_at(c, cpu, cache_set(&c->geo, pa), way);

    arena_touch(hw->arena, l, sizeof *l);
    *l = (struct cache_line){.pa = cache_line_of(&c->geo, pa), .valid = valid};
    l->filled = l->used = ++hw->s->cache_clock;
    if (valid)
        cache_copy_line(c, &hw->phys, l, pa);
}

void
cache_reset(struct cache *c)
{
    size_t n = cache_lines(c);

    if (!n)
        return;
    arena_touch(c->arena, c->line, n * sizeof *c->line);
    memset(c->line, 0, n * sizeof *c->line);
    arena_touch(c->arena, c->bytes, n << c->geo.line_shift);
    memset(c->bytes, 0, n << c->geo.line_shift);
}
