/* cache.h - a CPU's data cache: sets x ways of lines, found by physical address.
 *
 * Promises   A valid line holds what memory holds: every change of memory, whoever makes it, changes
 *            the line too (cache_snoop). LRU within a set. Without a cache (sets 0) nothing here is
 *            called.
 * Owns       The lines and their bytes, in the arena, written through cache_snoop and the lookups.
 * Emits      LINE_HIT, or LINE_MISS and, for a load, LINE_EVICT and LINE_FILL.
 * Simplifies One level; loads, stores and fetches share it. Write-through: a store goes to memory at
 *            once, and one that misses brings no line. Writes of the kernel and of devices update a
 *            line where silicon would drop it; they and the A and D marks of the MMU have no events
 *            here.
 * Invariant: a valid line holds what memory holds. A line lies in the set its address names; the
 *            valid lines of a set have different tags.
 */
#pragma once

#include "hw/hw.h"

static inline bool
cache_exists(const struct hw *hw)
{
    return hw->geo.cache.sets != 0;
}

/* CO, CI and CT of an address: the byte in the line, the set, and what is compared there. */
static inline unsigned
cache_offset(const struct cache_geometry *g, paddr_t pa)
{
    return (unsigned)(pa & low_bits(g->line_shift));
}

static inline unsigned
cache_set(const struct cache_geometry *g, paddr_t pa)
{
    return (unsigned)(pa >> g->line_shift) & (g->sets - 1U);
}

static inline uint64_t
cache_tag(const struct cache_geometry *g, paddr_t pa)
{
    return (pa >> g->line_shift) / g->sets;
}

/* Line `way` of `set`, and its bytes. */
struct cache_line *cache_at(const struct cache *c, unsigned cpu, unsigned set, unsigned way);
unsigned char *cache_bytes(const struct cache *c, const struct cache_line *l);

/* The valid line that holds pa, or NULL. No events, no stamps. */
struct cache_line *cache_lookup(const struct cache *c, unsigned cpu, paddr_t pa);

/* The CPU reads n bytes (1 to 8) at pa; spends the time. va: the address translated, for events. */
uint64_t cache_read(struct hw *hw, unsigned cpu, vaddr_t va, paddr_t pa, unsigned n,
                    enum line_use what);
/* A store is about to write n bytes at pa: are their lines here? The write itself is memory's. */
void cache_write(struct hw *hw, unsigned cpu, vaddr_t va, paddr_t pa, unsigned n);

/* n bytes of memory at pa have changed: so do their copies. */
void cache_snoop(struct cache *c, const struct phys *p, paddr_t pa, size_t n);

/* Make a line hold pa's bytes, or (not `valid`) remember the tag only: how an initial state is made.
 */
void cache_put(struct hw *hw, unsigned cpu, unsigned way, paddr_t pa, bool valid);

/* All lines are zeros. */
void cache_reset(struct cache *c);
