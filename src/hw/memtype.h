/* memtype.h - may these bytes be kept, and when does a store reach memory? (SDM vol. 3A, 12.3)
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

static inline bool
memory_is_kept(unsigned type)
{
    return type == MEMORY_WB || type == MEMORY_WT || type == MEMORY_WP;
}
