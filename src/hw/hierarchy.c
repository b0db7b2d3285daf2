/* hierarchy.c - the way of an access from the CPU to memory and back.
 *
 *     CPU --> L1 / L1I --> L2 --> L3 --> memory      each asked only when the one before has nothing
 *         <--          <--    <--    <--             each keeps the line that comes by
 *
 * Why several: what is large is slow. A small cache answers in the time of an instruction, the large
 * one behind it still spares the way to memory (Hennessy and Patterson, Computer Architecture, 2.1).
 */
#include "hw/hierarchy.h"

#include <string.h>

/* --- the way --- */

static bool
is_there(const struct hw *hw, enum cache_id id)
{
    return hw->geo.cache[id].sets != 0;
}

enum cache_id
hierarchy_below(const struct hw *hw, enum cache_id id)
{
    for (id = id < CACHE_L2 ? CACHE_L2 : id + 1; id < CACHES && !is_there(hw, id);)
        id++;
    return id;
}

/* The MMU asks with physical addresses: an L1 that is found by virtual ones is no use to it. */
enum cache_id
hierarchy_first(const struct hw *hw, enum line_use use)
{
    if (use == LINE_ENTRY && hw_tunable(hw, TUNE_L1_INDEX) != INDEX_PHYSICAL)
        return hierarchy_below(hw, CACHE_L1);
    return use == LINE_CODE && is_there(hw, CACHE_L1I) ? CACHE_L1I : CACHE_L1;
}

static bool
is_private(const struct hw *hw, enum cache_id id)
{
    return is_there(hw, id) && !(hw->geo.cache[id].traits & CACHE_SHARED);
}

static uint64_t
latency(const struct hw *hw, enum cache_id id)
{
    static const enum tunable of[CACHES] = {
        [CACHE_L1] = TUNE_CACHE_CYCLES,
        [CACHE_L1I] = TUNE_CACHE_CYCLES,
        [CACHE_L2] = TUNE_L2_CYCLES,
        [CACHE_L3] = TUNE_L3_CYCLES,
    };

    return hw_tunable(hw, id == CACHES ? TUNE_DRAM_CYCLES : of[id]);
}

/* --- one look --- */

/* A part of a request that lies in one line of a level: where it is looked for. */
struct lookup {
    vaddr_t va;
    paddr_t pa;
    unsigned size, set, offset;
    uint64_t tag;
    uint8_t use, type;
    enum cache_index how;
};

/* Somebody may believe that L1 is found by virtual addresses, or the set by the top bits. */
static enum cache_index
how_asked(const struct hw *hw, enum cache_id id, enum line_use use)
{
    if (id == CACHE_L1 && use == LINE_DATA && hw->s->quirks && hw_quirk(hw, QUIRK_CACHE_VIRTUAL))
        return INDEX_VIRTUAL;
    return cache_index(&hw->cache[id]);
}

static struct lookup
lookup_of(const struct hw *hw, enum cache_id id, const struct request *r)
{
    const struct cache_geometry *g = &hw->geo.cache[id];
    struct lookup k = {.va = r->va, .pa = r->pa, .size = r->size, .use = r->use, .type = r->type};
    uint64_t key;

    k.how = how_asked(hw, id, r->use);
    key = k.how == INDEX_PHYSICAL ? r->pa : r->va;
    k.offset = cache_offset(g, r->pa);
    k.set = cache_set(g, key);
    k.tag = cache_tag_asked(&hw->cache[id], k.how, r->va, r->pa);
    if (hw->s->quirks && hw_quirk(hw, QUIRK_CACHE_TOP_SET))
        k.set = (unsigned)((key & low_bits(hw->geo.maxpa)) * g->sets >> hw->geo.maxpa);
    return k;
}

static struct cache_line *
find(const struct hw *hw, unsigned cpu, enum cache_id id, const struct lookup *k)
{
    const struct cache *c = &hw->cache[id];
    struct cache_line *l = cache_at(c, cpu, k->set, 0);
    bool by_va = k->how == INDEX_VIRTUAL;
    uint64_t line = cache_line_of(&c->geo, by_va ? k->va : k->pa);

    for (struct cache_line *end = l + c->geo.ways; l < end; l++)
        if (l->valid && (by_va ? l->va : l->pa) == line)
            return l;
    return NULL;
}

static void
stamp(struct hw *hw, struct cache_line *l)
{
    arena_touch(hw->arena, l, sizeof *l);
    l->used = ++hw->s->cache_clock;
}

/* Counts, stamps, says. NULL: a miss. */
static struct cache_line *
ask(struct hw *hw, unsigned cpu, enum cache_id id, const struct lookup *k, uint64_t cost)
{
    struct cache_line *l = find(hw, cpu, id, k);
    bool first = hw->geo.cache[id].traits & CACHE_FIRST;
    uint32_t cycles = hw_spend(hw, l || first ? cost : 0);

    if (!l) {
        hw->s->cpu[cpu].line_misses[id]++;
        EMIT(hw, cpu, LINE_MISS, .va = k->va, .pa = k->pa, .set = k->set, .tag = k->tag,
             .offset = k->offset, .size = k->size, .what = k->use, .cache = (uint8_t)id,
             .cycles = cycles);
        return NULL;
    }
    hw->s->cpu[cpu].line_hits[id]++;
    stamp(hw, l);
    EMIT(hw, cpu, LINE_HIT, .va = k->va, .pa = k->pa, .set = k->set,
         .way = cache_way_of(&hw->cache[id], l), .tag = k->tag, .offset = k->offset,
         .size = k->size, .what = k->use, .cache = (uint8_t)id, .cycles = cycles);
    return l;
}

/* --- writing back --- */

/* The bytes of a line go into the nearest cache below that has it and keeps stores, and into those on
 * the way; else to memory. Returns where they ended. */
static enum cache_id
hand_down(struct hw *hw, unsigned cpu, enum cache_id id, const struct cache_line *l)
{
    const struct cache *c = &hw->cache[id];
    size_t n = (size_t)1 << c->geo.line_shift;
    enum cache_id at = id;

    while ((at = hierarchy_below(hw, at)) < CACHES) {
        struct cache *b = &hw->cache[at];
        struct cache_line *t = cache_lookup(b, cpu, l->pa);

        if (!t)
            continue;
        arena_touch(hw->arena, t, sizeof *t);
        arena_touch(hw->arena, cache_bytes(b, t), (size_t)1 << b->geo.line_shift);
        memcpy(cache_bytes(b, t) + cache_offset(&b->geo, l->pa), cache_bytes(c, l), n);
        t->dirty = (b->geo.traits & CACHE_BACK) != 0;
        if (t->dirty)
            return at;
    }
    phys_take_back(&hw->phys, l->pa, cache_bytes(c, l), n);
    return CACHES;
}

static void
write_back(struct hw *hw, unsigned cpu, enum cache_id id, struct cache_line *l)
{
    struct cache *c = &hw->cache[id];
    enum cache_id to;
    uint32_t cycles;

    if (!l->dirty)
        return;
    to = hand_down(hw, cpu, id, l);
    cycles = hw_spend(hw, latency(hw, to));
    arena_touch(hw->arena, l, sizeof *l);
    l->dirty = 0;
    EMIT(hw, cpu, LINE_BACK, .va = l->va, .pa = l->pa, .set = cache_set_of(c, l),
         .way = cache_way_of(c, l), .tag = cache_tag_of(c, l), .size = 1U << c->geo.line_shift,
         .cache = (uint8_t)id, .peer = (uint8_t)to, .cycles = cycles);
}

/* A line goes because somebody says so, not to make room. */
static void
drop(struct hw *hw, unsigned cpu, enum cache_id id, struct cache_line *l)
{
    struct cache *c = &hw->cache[id];
    struct cache_line gone;

    write_back(hw, cpu, id, l);
    arena_touch(hw->arena, l, sizeof *l);
    gone = *l;
    *l = (struct cache_line){0};
    EMIT(hw, cpu, LINE_DROP, .va = gone.va, .pa = gone.pa, .set = cache_set_of(c, l),
         .way = cache_way_of(c, l), .tag = cache_tag_of(c, &gone), .size = 1U << c->geo.line_shift,
         .cache = (uint8_t)id);
}

/* --- other caches --- */

/* The private caches that are not on the way of a request: those of other CPUs, and L1I when data is
 * asked for. Where they hold the line, a dirty one is written back; `take`: and it goes. */
static void
ask_others(struct hw *hw, unsigned cpu, const struct lookup *k, bool take)
{
    enum cache_id own = hierarchy_first(hw, (enum line_use)k->use);

    for (enum cache_id id = CACHE_L1; id < CACHES; id++) {
        if (!is_private(hw, id))
            continue;
        for (unsigned other = 0; other < hw->geo.cpus; other++) {
            if (other == cpu && (id == own || id >= CACHE_L2))
                continue;
            for (struct cache_line *l = NULL; (l = cache_next(&hw->cache[id], other, k->pa, l));) {
                if (take)
                    drop(hw, other, id, l);
                else
                    write_back(hw, other, id, l);
            }
        }
    }
}

static bool
has_others(const struct hw *hw)
{
    return hw->geo.cpus > 1 || is_there(hw, CACHE_L1I);
}

/* Only a cache that keeps stores can have what memory does not have; one that does not is told of
 * every store by memory. */
static bool
keeps_stores(const struct hw *hw)
{
    return ((hw->geo.cache[CACHE_L1].traits | hw->geo.cache[CACHE_L2].traits |
             hw->geo.cache[CACHE_L3].traits) &
            CACHE_BACK) != 0;
}

/* --- filling --- */

/* Who leaves says so before the new line comes. */
static struct cache_line *
make_room(struct hw *hw, unsigned cpu, enum cache_id id, unsigned set)
{
    struct cache *c = &hw->cache[id];
    struct cache_line *l = cache_victim(c, cpu, set);
    struct cache_line gone;

    if (!l->valid)
        return l;
    write_back(hw, cpu, id, l);
    arena_touch(c->arena, l, sizeof *l);
    gone = *l;
    *l = (struct cache_line){0};
    EMIT(hw, cpu, LINE_EVICT, .pa = gone.pa, .set = set, .way = cache_way_of(c, l),
         .tag = cache_tag_of(c, &gone), .size = 1U << c->geo.line_shift, .cache = (uint8_t)id);
    return l;
}

static struct cache_line *obtain(struct hw *hw, unsigned cpu, enum cache_id *id,
                                 const struct request *r);

/* The line's bytes, from the next level, which gets them first. Returns memory's time. */
static uint32_t
bring(struct hw *hw, unsigned cpu, enum cache_id id, const struct request *r, struct cache_line *l)
{
    struct cache *c = &hw->cache[id];
    enum cache_id below = hierarchy_below(hw, id);
    const struct cache_line *from;
    uint32_t cycles;

    if (below == CACHES) {
        memory_traffic(hw, r->use, r->type)->reads++;
        memory_traffic(hw, r->use, r->type)->fills++;
        cycles = hw_spend(hw, latency(hw, CACHES));
        cache_copy_line(c, &hw->phys, l, r->pa);
        return cycles;
    }
    from = obtain(hw, cpu, &below, r);
    arena_touch(c->arena, cache_bytes(c, l), (size_t)1 << c->geo.line_shift);
    memcpy(cache_bytes(c, l),
           cache_bytes(&hw->cache[below], from) +
               cache_offset(&hw->geo.cache[below], cache_line_of(&c->geo, r->pa)),
           (size_t)1 << c->geo.line_shift);
    return 0;
}

static struct cache_line *
fill(struct hw *hw, unsigned cpu, enum cache_id id, const struct request *r, const struct lookup *k)
{
    struct cache *c = &hw->cache[id];
    struct cache_line *l = make_room(hw, cpu, id, k->set);
    uint32_t cycles = bring(hw, cpu, id, r, l);

    stamp(hw, l);
    l->pa = cache_line_of(&c->geo, k->pa);
    l->va = cache_line_of(&c->geo, k->use == LINE_ENTRY ? k->pa : k->va);
    l->filled = l->used;
    l->valid = 1;
    EMIT(hw, cpu, LINE_FILL, .va = k->va, .pa = l->pa, .set = k->set, .way = cache_way_of(c, l),
         .tag = k->tag, .size = 1U << c->geo.line_shift, .what = k->use, .cache = (uint8_t)id,
         .peer = (uint8_t)hierarchy_below(hw, id), .cycles = cycles);
    return l;
}

/* CR0.CD: what is in a cache is used, what is not stays out (SDM vol. 3A, 12.5.1, no-fill mode). */
static bool
may_fill(const struct hw *hw, unsigned cpu)
{
    return hw->geo.format.family != FAMILY_X86 || !(hw->s->cpu[cpu].cr0 & CR0_CD);
}

/* The line of a request in a level, brought if it is not there. Where nothing may be brought, the
 * first level that has it; then `id` says which, and NULL is a miss of all. */
static struct cache_line *
obtain(struct hw *hw, unsigned cpu, enum cache_id *id, const struct request *r)
{
    struct lookup k = lookup_of(hw, *id, r);
    struct cache_line *l = ask(hw, cpu, *id, &k, latency(hw, *id));

    if (l)
        return l;
    if (*id == hierarchy_first(hw, (enum line_use)r->use) && has_others(hw))
        ask_others(hw, cpu, &k, false);
    if (may_fill(hw, cpu))
        return fill(hw, cpu, *id, r, &k);
    *id = hierarchy_below(hw, *id);
    return *id < CACHES ? obtain(hw, cpu, id, r) : NULL;
}

/* Who goes past the caches finds nothing newer in them, and leaves nothing older. */
static void
clear_way(struct hw *hw, paddr_t pa)
{
    for (enum cache_id id = CACHE_L1; id < CACHES; id++) {
        const struct cache *c = &hw->cache[id];

        for (unsigned of = 0; is_there(hw, id) && of < c->cpus; of++)
            for (struct cache_line *l = NULL; (l = cache_next(c, of, pa, l));)
                drop(hw, of, id, l);
    }
}

/* --- accesses --- */

/* The first part of a request that lies in one line of L1, whose lines are the shortest. */
static struct request
part_of(const struct hw *hw, const struct request *r, unsigned done)
{
    const struct cache_geometry *g = &hw->geo.cache[CACHE_L1];
    struct request part = {.va = r->va + done, .pa = r->pa + done, .use = r->use, .type = r->type};
    unsigned room = (1U << g->line_shift) - cache_offset(g, part.pa), left = r->size - done;

    part.size = (uint8_t)(left < room ? left : room);
    return part;
}

/* The part's bytes; false: no cache has them, and none may have them. */
static bool
read_part(struct hw *hw, unsigned cpu, const struct request *part, uint64_t *value)
{
    enum cache_id id = hierarchy_first(hw, (enum line_use)part->use);
    const struct cache_line *l = id < CACHES ? obtain(hw, cpu, &id, part) : NULL;
    uint64_t bytes = 0;

    if (!l)
        return false;
    memcpy(&bytes, cache_bytes(&hw->cache[id], l) + cache_offset(&hw->geo.cache[id], part->pa),
           part->size);
    *value = le64toh(bytes);
    return true;
}

static uint64_t
read_memory(const struct hw *hw, const struct request *r)
{
    uint64_t bytes = 0;

    phys_copy_out(&hw->phys, r->pa, &bytes, r->size);
    return le64toh(bytes);
}

bool
hierarchy_read(struct hw *hw, unsigned cpu, const struct request *r, uint64_t *value)
{
    bool may = memory_is_kept(r->type), kept = may;

    *value = 0;
    for (unsigned done = 0; done < r->size;) {
        struct request part = part_of(hw, r, done);
        uint64_t bytes;

        if (!may)
            clear_way(hw, part.pa);
        if (!may || !read_part(hw, cpu, &part, &bytes)) {
            kept = false;
            memory_traffic(hw, part.use, part.type)->reads++;
            bytes = read_memory(hw, &part);
        }
        *value |= bytes << 8 * done;
        done += part.size;
    }
    return kept;
}

static void
put(struct hw *hw, enum cache_id id, struct cache_line *l, const struct lookup *k,
    const unsigned char *bytes)
{
    unsigned char *at = cache_bytes(&hw->cache[id], l) + k->offset;

    arena_touch(hw->arena, at, k->size);
    memcpy(at, bytes, k->size);
}

/* Down to the first level that keeps stores; levels that do not change with it. A store that no level
 * keeps has the time of memory, whether a line is here or not. */
static bool
store_at(struct hw *hw, unsigned cpu, enum cache_id id, const struct request *r,
         const unsigned char *bytes)
{
    struct cache_line *l;
    struct lookup k;
    bool keeps;

    if (id == CACHES)
        return false;
    keeps = hw->geo.cache[id].traits & CACHE_BACK && r->type == MEMORY_WB;
    k = lookup_of(hw, id, r);
    l = ask(hw, cpu, id, &k, keeps ? latency(hw, id) : 0);
    if (!keeps) {
        keeps = store_at(hw, cpu, hierarchy_below(hw, id), r, bytes);
        if (keeps && l)
            put(hw, id, l, &k, bytes);
        return keeps;
    }
    if (!l && !may_fill(hw, cpu))
        return store_at(hw, cpu, hierarchy_below(hw, id), r, bytes);
    if (!l)
        l = fill(hw, cpu, id, r, &k);
    put(hw, id, l, &k, bytes);
    arena_touch(hw->arena, l, sizeof *l);
    l->dirty = 1;
    return true;
}

bool
hierarchy_write(struct hw *hw, unsigned cpu, const struct request *r, uint64_t value)
{
    uint64_t le = htole64(value);
    bool may = memory_is_kept(r->type) && r->type != MEMORY_WP, kept = true;

    for (unsigned done = 0; done < r->size;) {
        struct request part = part_of(hw, r, done);
        struct lookup k = lookup_of(hw, CACHE_L1, &part);

        if (!may)
            clear_way(hw, part.pa);
        else if (keeps_stores(hw) && has_others(hw))
            ask_others(hw, cpu, &k, true);
        if (!may || !store_at(hw, cpu, CACHE_L1, &part, (const unsigned char *)&le + done)) {
            memory_traffic(hw, part.use, part.type)->stores++;
            kept = false;
        }
        done += part.size;
    }
    return kept;
}

/* --- looking without touching --- */

void
hierarchy_lies_below(const struct hw *hw, unsigned cpu, enum cache_id id, paddr_t pa,
                     unsigned char *bytes, size_t n)
{
    while ((id = hierarchy_below(hw, id)) < CACHES) {
        const struct cache *c = &hw->cache[id];
        const struct cache_line *l = cache_lookup(c, cpu, pa);

        if (!l)
            continue;
        memcpy(bytes, cache_bytes(c, l) + cache_offset(&c->geo, pa), n);
        return;
    }
    phys_copy_out(&hw->phys, pa, bytes, n);
}

uint64_t
hierarchy_peek(const struct hw *hw, unsigned cpu, const struct request *r)
{
    enum cache_id first = hierarchy_first(hw, (enum line_use)r->use);
    unsigned char bytes[8] = {0};
    uint64_t value;

    for (unsigned done = 0; done < r->size;) {
        struct request part = part_of(hw, r, done);
        struct lookup k = lookup_of(hw, first, &part);
        const struct cache_line *l = first < CACHES ? find(hw, cpu, first, &k) : NULL;

        if (l)
            memcpy(bytes + done, cache_bytes(&hw->cache[first], l) + k.offset, part.size);
        else
            hierarchy_lies_below(hw, cpu, first, part.pa, bytes + done, part.size);
        done += part.size;
    }
    memcpy(&value, bytes, sizeof value);
    return le64toh(value);
}

uint64_t
hierarchy_newest(const struct hw *hw, paddr_t pa, unsigned n)
{
    for (enum cache_id id = CACHE_L1; cache_exists(hw) && id < CACHES; id++) {
        const struct cache *c = &hw->cache[id];

        if (!(c->geo.traits & CACHE_BACK) || !c->geo.sets)
            continue;
        for (unsigned cpu = 0; cpu < c->cpus; cpu++)
            for (struct cache_line *l = NULL; (l = cache_next(c, cpu, pa, l));) {
                uint64_t value = 0;

                if (!l->dirty)
                    continue;
                memcpy(&value, cache_bytes(c, l) + cache_offset(&c->geo, pa), n);
                return le64toh(value);
            }
    }
    return phys_read(&hw->phys, pa, n);
}

/* --- flushing --- */

/* May this CPU's order reach the line? In an L1 found by virtual addresses, only where va is found. */
static bool
is_meant(const struct hw *hw, enum cache_id id, const struct cache_line *l, vaddr_t va)
{
    const struct cache *c = &hw->cache[id];
    enum cache_index how = cache_index(c);

    if (how == INDEX_PHYSICAL)
        return true;
    return cache_set_of(c, l) == cache_set(&c->geo, va) &&
           (how == INDEX_VIRTUAL_SET || l->va == cache_line_of(&c->geo, va));
}

unsigned
hierarchy_flush_line(struct hw *hw, unsigned cpu, vaddr_t va, paddr_t pa)
{
    unsigned n = 0;

    (void)cpu;
    for (enum cache_id id = CACHE_L1; id < CACHES; id++) {
        const struct cache *c = &hw->cache[id];

        for (unsigned of = 0; is_there(hw, id) && of < c->cpus; of++)
            for (struct cache_line *l = NULL; (l = cache_next(c, of, pa, l));)
                if (is_meant(hw, id, l, va)) {
                    drop(hw, of, id, l);
                    n++;
                }
    }
    return n;
}

void
hierarchy_rewire(struct hw *hw)
{
    for (enum cache_id id = CACHE_L1; id <= CACHE_L1I; id++)
        for (size_t i = 0; i < cache_lines(&hw->cache[id]); i++) {
            struct cache_line *l = &hw->cache[id].line[i];

            if (l->valid)
                drop(hw, (unsigned)(i / hw->geo.cache[id].ways / hw->geo.cache[id].sets), id, l);
        }
}

unsigned
hierarchy_flush(struct hw *hw, unsigned cpu)
{
    unsigned n = 0;

    for (enum cache_id id = CACHE_L1; id < CACHES; id++) {
        const struct cache *c = &hw->cache[id];
        struct cache_line *l = is_there(hw, id) ? cache_at(c, cpu, 0, 0) : NULL;

        for (size_t i = 0; l && i < (size_t)c->geo.sets * c->geo.ways; i++) {
            if (!l[i].valid)
                continue;
            write_back(hw, cpu, id, &l[i]);
            arena_touch(hw->arena, &l[i], sizeof l[i]);
            l[i] = (struct cache_line){0};
            n++;
        }
    }
    EMIT(hw, cpu, CACHE_FLUSH, .count = n);
    return n;
}
