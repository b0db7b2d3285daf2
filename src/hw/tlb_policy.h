/* tlb_policy.h - who leaves a full set of the TLB.
 *
 * Promises   One small function per policy, chosen by the tunable `tlb_policy`. All read the stamps
 *            that every entry has, so the policy can change at any time. Only `random` changes
 *            something: the hardware's seeded numbers go on.
 */
#pragma once

#include "hw/hw.h"

enum tlb_policy { TLB_LRU, TLB_FIFO, TLB_PLRU, TLB_RANDOM, TLB_POLICIES };

extern const char *const tlb_policy_name[TLB_POLICIES + 1]; /* ends with NULL */

/* The one in force now: a quirk goes before the tunable. */
enum tlb_policy tlb_policy_now(const struct hw *hw);

/* Can sets of so many ways be managed so? A tree needs a power of two. */
bool tlb_policy_fits(uint64_t policy, unsigned ways);

/* The way of a full set that must leave. */
unsigned tlb_policy_victim(struct hw *hw, const struct tlb_entry *set, unsigned ways);

/* The same without drawing a number: -1 when only chance knows. */
int tlb_policy_next(const struct hw *hw, const struct tlb_entry *set, unsigned ways);
