/* cache.h - bytes of memory kept near a CPU: one cache, sets x ways of lines.
 *
 * Promises   LRU within a set. What the kernel and devices write to memory changes the lines that hold
 *            it too (cache_snoop), and what they read is written back first (cache_clean): they are
 *            coherent, and have no events here. Without caches nothing here is called.
 * Owns       The lines and their bytes, in the arena.
 * Emits      Nothing: how accesses go through the caches is hw/hierarchy.h.
 * Simplifies Writes of the kernel and of devices update a line where silicon would drop it; the A and D
 *            marks of the MMU do so too.
 * Invariant: a line that is not dirty holds what lies below it, as long as L1 is found by physical
 *            addresses. A line lies in the set its address names; the valid lines of a set have
 *            different tags.
 */
#pragma once

#include "hw/hw.h"

/* How L1 is looked up: the tunable l1_index. By a virtual set the look-up need not wait for the TLB,
 * and one byte of memory may be in two lines. */
enum cache_index { INDEX_PHYSICAL, INDEX_VIRTUAL_SET, INDEX_VIRTUAL };

static inline bool
cache_exists(const struct hw *hw)
{
    return hw->geo.cache[CACHE_L1].sets != 0;
}

/* CO, CI and CT of an address: the byte in the line, the set, and what is compared there. */
static inline unsigned
cache_offset(const struct cache_geometry *g, uint64_t address)
{
    return (unsigned)(address & low_bits(g->line_shift));
}

static inline unsigned
cache_set(const struct cache_geometry *g, uint64_t address)
{
    return (unsigned)(address >> g->line_shift) & (g->sets - 1U);
}

static inline uint64_t
cache_tag(const struct cache_geometry *g, uint64_t address)
{
    return (address >> g->line_shift) / g->sets;
}

static inline uint64_t
cache_line_of(const struct cache_geometry *g, uint64_t address)
{
    return address & ~low_bits(g->line_shift);
}

static inline enum cache_index
cache_index(const struct cache *c)
{
    return c->index ? (enum cache_index) * c->index : INDEX_PHYSICAL;
}

/* Bits of the set that lie above the page's offset: what a virtual set can differ in for one physical
 * address. Pages that agree in them have one colour. */
unsigned cache_colour_bits(const struct cache_geometry *g, unsigned page_shift);

/* What is compared in the set: where the set is virtual and the tag physical, the tag has every bit
 * above the page's offset. */
uint64_t cache_tag_asked(const struct cache *c, enum cache_index how, vaddr_t va, paddr_t pa);
uint64_t cache_tag_of(const struct cache *c, const struct cache_line *l);

/* Line `way` of `set`, and its bytes. */
struct cache_line *cache_at(const struct cache *c, unsigned cpu, unsigned set, unsigned way);
unsigned char *cache_bytes(const struct cache *c, const struct cache_line *l);
unsigned cache_set_of(const struct cache *c, const struct cache_line *l);
unsigned cache_way_of(const struct cache *c, const struct cache_line *l);
size_t cache_lines(const struct cache *c); /* of all CPUs */

/* The valid line that holds pa, or NULL; where L1 is found by virtual addresses, the first of them.
 * No events, no stamps. */
struct cache_line *cache_lookup(const struct cache *c, unsigned cpu, paddr_t pa);
/* The next one after l (NULL: the first). */
struct cache_line *cache_next(const struct cache *c, unsigned cpu, paddr_t pa,
                              struct cache_line *l);

/* An empty place in the set, else the line used longest ago. */
struct cache_line *cache_victim(const struct cache *c, unsigned cpu, unsigned set);

/* The line's bytes become memory's at pa. */
void cache_copy_line(struct cache *c, const struct phys *p, struct cache_line *l, paddr_t pa);

/* For all caches of a machine, cache[CACHES]: n bytes of memory at pa have changed, and so do their
 * copies. */
void cache_snoop(struct cache *cache, const struct phys *p, paddr_t pa, size_t n);
/* Is a line dirty there? */
bool cache_has_newer(const struct cache *cache, paddr_t pa, size_t n);
/* Memory gets what is newer in a line, for n bytes at pa; no line is dirty there then. */
void cache_clean(struct cache *cache, struct phys *p, paddr_t pa, size_t n);

/* Make a line of L1 hold pa's bytes, or (not `valid`) remember the tag only: how an initial state is
 * made. */
void cache_put(struct hw *hw, unsigned cpu, unsigned way, paddr_t pa, bool valid);

/* All lines are zeros. */
void cache_reset(struct cache *c);
