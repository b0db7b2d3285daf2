/* memtype.h - may these bytes be kept, and when does a store reach memory? (SDM vol. 3A, 12.3)
 *
 * Simplifies One variable MTRR range and no fixed ones; stores to WC memory are not gathered. CR0.CD
 *            stops fills and leaves hits (no-fill mode).
 *
 * Two tables are asked: the MTRRs, by physical address, set up by firmware; and the PAT, by three bits
 * of the page-table entry, set up by the kernel. The stricter one wins, more or less.
 */
#pragma once

#include "hw/hw.h"

/* As MTRRs and the PAT encode them. */
enum memory_type {
    MEMORY_UC = 0,       /* never kept: every access reaches memory, in order */
    MEMORY_WC = 1,       /* never kept; stores may be gathered */
    MEMORY_WT = 4,       /* kept; a store reaches memory at once */
    MEMORY_WP = 5,       /* kept for reading; a store goes to memory and drops the lines */
    MEMORY_WB = 6,       /* kept; a store waits in the line */
    MEMORY_UC_MINUS = 7, /* in the PAT only: UC, but a WC of the MTRRs wins */
    MEMORY_TYPES
};

/* "UC", "UC-" and so on; NULL where the number is reserved. */
extern const char *const memory_type_name[MEMORY_TYPES];

/* What an MTRR and a PAT entry make together (SDM vol. 3A, table 12-7). */
enum memory_type memory_type_of(unsigned mtrr, unsigned pat);

/* What the MTRRs say about an address; UC while they are off. */
unsigned memory_mtrr(const struct hw *hw, paddr_t pa);

/* PAT, PCD and PWT of the entry that maps a page, as a number from 0 to 7; `last_level`: it is of the
 * last level, where PAT is bit 7 and not bit 12. */
unsigned memory_pat_index(const struct format *f, pte_t entry, bool last_level);
/* PCD and PWT of what names a table: CR3 or the entry above. */
unsigned memory_table_index(const struct hw *hw, unsigned cpu, pte_t above, bool is_cr3);

/* The type of an access to pa through a page of that index. */
enum memory_type memory_type_at(const struct hw *hw, paddr_t pa, unsigned pat_index);

/* Would WRMSR take it? Not with a reserved type. */
bool memory_may_set(enum tunable t, uint64_t value);

/* What is counted of accesses to memory of that type, by what they were for (enum line_use). */
static inline struct traffic *
memory_traffic(struct hw *hw, unsigned use, unsigned type)
{
    _Static_assert((int)MEMORY_WB < TRAFFIC_TYPES, "every effective type is counted");
    return &hw->s->traffic[use == LINE_ENTRY][type];
}

static inline bool
memory_is_kept(unsigned type)
{
    return type == MEMORY_WB || type == MEMORY_WT || type == MEMORY_WP;
}
