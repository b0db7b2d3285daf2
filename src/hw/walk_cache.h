/* walk_cache.h - the paging-structure caches: what upper tables said, so that the next walk nearby
 * starts lower (SDM vol. 3A, 4.10.3; "table walk caches" on ARM).
 *
 * Promises   One small cache for each level above the last, fully associative, least recently used
 *            leaves. An entry stands for everything from the root down to its level: the next
 *            table, and the rights so far. Only entries that lead to a table, present and marked
 *            accessed, are kept. Without walk caches (no level has entries) nothing here is called.
 * Emits      WALK_CACHE_HIT, WALK_CACHE_FILL, WALK_CACHE_EVICT, WALK_CACHE_FLUSH.
 * Simplifies A lookup takes no time.
 * Invariant: at most one valid entry of a level matches an (asid, va).
 */
#pragma once

#include "hw/hw.h"

static inline bool
walk_cache_exists(const struct hw *hw)
{
    return hw->walk_entries != 0;
}

/* Entry `way` of a level's cache. */
struct walk_entry *walk_cache_at(const struct hw *hw, unsigned cpu, unsigned level, unsigned way);

/* The entry nearest to the page that a walk for va may start below, or NULL. No events, no stamps. */
struct walk_entry *walk_cache_find(const struct hw *hw, unsigned cpu, vaddr_t va);

/* The MMU looks: stamps, emits. */
const struct walk_entry *walk_cache_lookup(struct hw *hw, unsigned cpu, vaddr_t va);

/* Keep what the entry of `level` said on the way to va. */
void walk_cache_fill(struct hw *hw, unsigned cpu, vaddr_t va, unsigned level, pte_t entry,
                     uint8_t flags);

/* What would be used for va with this tag goes; everything with this tag; everything. */
void walk_cache_drop(struct hw *hw, unsigned cpu, vaddr_t va, asid_t asid);
void walk_cache_flush_asid(struct hw *hw, unsigned cpu, asid_t asid);
void walk_cache_flush(struct hw *hw, unsigned cpu);
