/* cache.c - bytes of memory kept where the CPU reaches them in a few cycles.
 *
 *     tag (CT)     |  set (CI) | byte (CO)      a physical address, as the cache sees it
 *
 * Memory answers in hundreds of cycles, and what a program used it will use again, with its
 * neighbours: so whole lines are kept. The middle bits choose a set, the upper ones are compared
 * with the tags there (Bryant and O'Hallaron, Computer Systems, 6.4). Taking the middle bits lets
 * neighbouring lines go to different sets.
 */
#include "hw/cache.h"

#include <string.h>

static size_t
number_of(const struct cache *c, const struct cache_line *l)
{
    return (size_t)(l - c->line);
}

static size_t
lines_of(const struct cache *c)
{
    return (size_t)c->cpus * c->geo.sets * c->geo.ways;
}

struct cache_line *
cache_at(const struct cache *c, unsigned cpu, unsigned set, unsigned way)
{
    return c->line + ((size_t)cpu * c->geo.sets + set) * c->geo.ways + way;
}

unsigned char *
cache_bytes(const struct cache *c, const struct cache_line *l)
{
    return c->bytes + (number_of(c, l) << c->geo.line_shift);
}

static paddr_t
line_of(const struct cache *c, paddr_t pa)
{
    return pa & ~low_bits(c->geo.line_shift);
}

static unsigned
way_of(const struct cache *c, const struct cache_line *l)
{
    return (unsigned)(number_of(c, l) % c->geo.ways);
}

/* --- finding --- */

static struct cache_line *
find(const struct cache *c, unsigned cpu, unsigned set, paddr_t line)
{
    struct cache_line *l = cache_at(c, cpu, set, 0);

    for (struct cache_line *end = l + c->geo.ways; l < end; l++)
        if (l->valid && l->pa == line)
            return l;
    return NULL;
}

struct cache_line *
cache_lookup(const struct cache *c, unsigned cpu, paddr_t pa)
{
    return find(c, cpu, cache_set(&c->geo, pa), line_of(c, pa));
}

/* --- keeping copies true --- */

/* The line's bytes become memory's at pa. */
static void
copy_line(struct cache *c, const struct phys *p, struct cache_line *l, paddr_t pa)
{
    size_t n = (size_t)1 << c->geo.line_shift;

    arena_touch(c->arena, cache_bytes(c, l), n);
    phys_copy_out(p, line_of(c, pa), cache_bytes(c, l), n);
}

void
cache_snoop(struct cache *c, const struct phys *p, paddr_t pa, size_t n)
{
    paddr_t size = (paddr_t)1 << c->geo.line_shift;

    for (paddr_t at = line_of(c, pa); at < pa + n; at += size)
        for (unsigned cpu = 0; cpu < c->cpus; cpu++) {
            struct cache_line *l = cache_lookup(c, cpu, at);
            if (l)
                copy_line(c, p, l, at);
        }
}

/* --- filling --- */

/* An empty place, else the line used longest ago. */
static struct cache_line *
victim(const struct cache *c, unsigned cpu, unsigned set)
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

static void
stamp(struct hw *hw, struct cache_line *l)
{
    arena_touch(hw->arena, l, sizeof *l);
    l->used = ++hw->s->cache_clock;
}

/* One lookup: a part of an access that lies in one line. */
struct lookup {
    vaddr_t va;
    paddr_t pa;  /* as the cache is asked */
    paddr_t mem; /* where the bytes are; the same, unless a quirk asks with another address */
    unsigned size, set;
    uint64_t tag;
    enum line_use what;
};

static struct lookup
lookup_of(const struct hw *hw, vaddr_t va, paddr_t pa, unsigned n, enum line_use what)
{
    const struct cache_geometry *g = &hw->geo.cache;
    unsigned room = (1U << g->line_shift) - cache_offset(g, pa);
    struct lookup k = {.va = va, .pa = pa, .mem = pa, .size = n < room ? n : room, .what = what};

    if (hw->s->quirks && hw_quirk(hw, QUIRK_CACHE_VIRTUAL) && what == LINE_DATA)
        k.pa = va;
    k.set = cache_set(g, k.pa);
    k.tag = cache_tag(g, k.pa);
    if (hw->s->quirks && hw_quirk(hw, QUIRK_CACHE_TOP_SET))
        k.set = (unsigned)((k.pa & low_bits(hw->geo.maxpa)) * g->sets >> hw->geo.maxpa);
    return k;
}

/* Who leaves says so before the new line comes. */
static struct cache_line *
make_room(struct hw *hw, unsigned cpu, unsigned set)
{
    struct cache *c = &hw->cache;
    struct cache_line *l = victim(c, cpu, set);
    paddr_t gone = l->pa;

    if (!l->valid)
        return l;
    arena_touch(c->arena, l, sizeof *l);
    *l = (struct cache_line){0};
    EMIT(hw, cpu, LINE_EVICT, .pa = gone, .set = set, .way = way_of(c, l),
         .tag = cache_tag(&c->geo, gone), .size = 1U << c->geo.line_shift);
    return l;
}

static struct cache_line *
fill(struct hw *hw, unsigned cpu, const struct lookup *k)
{
    struct cache *c = &hw->cache;
    struct cache_line *l = make_room(hw, cpu, k->set);
    uint32_t cycles = hw_spend(hw, hw_tunable(hw, TUNE_DRAM_CYCLES));

    stamp(hw, l);
    l->pa = line_of(c, k->pa);
    l->filled = l->used;
    l->valid = 1;
    copy_line(c, &hw->phys, l, k->mem);
    EMIT(hw, cpu, LINE_FILL, .va = k->va, .pa = l->pa, .set = k->set, .way = way_of(c, l),
         .tag = k->tag, .size = 1U << c->geo.line_shift, .what = (uint8_t)k->what,
         .cycles = cycles);
    return l;
}

/* --- accesses --- */

/* Counts, stamps, says. NULL: a miss. */
static struct cache_line *
ask(struct hw *hw, unsigned cpu, const struct lookup *k, uint64_t latency)
{
    struct cache *c = &hw->cache;
    struct cache_line *l = find(c, cpu, k->set, line_of(c, k->pa));
    unsigned offset = cache_offset(&c->geo, k->pa);
    uint32_t cycles;

    if (!l) {
        hw->s->cpu[cpu].line_misses++;
        EMIT(hw, cpu, LINE_MISS, .va = k->va, .pa = k->pa, .set = k->set, .tag = k->tag,
             .offset = offset, .size = k->size, .what = (uint8_t)k->what);
        return NULL;
    }
    cycles = hw_spend(hw, latency);
    hw->s->cpu[cpu].line_hits++;
    stamp(hw, l);
    EMIT(hw, cpu, LINE_HIT, .va = k->va, .pa = k->pa, .set = k->set, .way = way_of(c, l),
         .tag = k->tag, .offset = offset, .size = k->size, .what = (uint8_t)k->what,
         .cycles = cycles);
    return l;
}

uint64_t
cache_read(struct hw *hw, unsigned cpu, vaddr_t va, paddr_t pa, unsigned n, enum line_use what)
{
    uint64_t value = 0;

    for (unsigned done = 0; done < n;) {
        struct lookup k = lookup_of(hw, va + done, pa + done, n - done, what);
        struct cache_line *l = ask(hw, cpu, &k, hw_tunable(hw, TUNE_CACHE_CYCLES));
        uint64_t part = 0;

        if (!l)
            l = fill(hw, cpu, &k);
        memcpy(&part, cache_bytes(&hw->cache, l) + cache_offset(&hw->geo.cache, k.pa), k.size);
        value |= le64toh(part) << 8 * done;
        done += k.size;
    }
    return value;
}

/* The time of a store is memory's, whether the line is here or not. */
void
cache_write(struct hw *hw, unsigned cpu, vaddr_t va, paddr_t pa, unsigned n)
{
    for (unsigned done = 0; done < n;) {
        struct lookup k = lookup_of(hw, va + done, pa + done, n - done, LINE_DATA);

        ask(hw, cpu, &k, 0);
        done += k.size;
    }
}

/* --- from the start --- */

void
cache_put(struct hw *hw, unsigned cpu, unsigned way, paddr_t pa, bool valid)
{
    struct cache *c = &hw->cache;
    struct cache_line *l = cache_at(c, cpu, cache_set(&c->geo, pa), way);

    stamp(hw, l);
    l->pa = line_of(c, pa);
    l->filled = l->used;
    l->valid = valid;
    if (valid)
        copy_line(c, &hw->phys, l, pa);
}

void
cache_reset(struct cache *c)
{
    size_t n = lines_of(c);

    if (!n)
        return;
    arena_touch(c->arena, c->line, n * sizeof *c->line);
    memset(c->line, 0, n * sizeof *c->line);
    arena_touch(c->arena, c->bytes, n << c->geo.line_shift);
    memset(c->bytes, 0, n << c->geo.line_shift);
}
