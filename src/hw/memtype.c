/* memtype.c - firmware says what memory is, the kernel says how a page wants to be used.
 *
 *     MTRRs, by address --.
 *                          +--> effective type (SDM vol. 3A, table 12-7)
 *     PAT[PAT PCD PWT] ---'
 *
 * Why two: firmware knows where devices are; only the kernel knows that a page of them is a picture
 * that may be written in gathered stores.
 */
#include "hw/memtype.h"

enum { MTRR_ON = 1 << 11, TYPE_MASK = 0xff };

const char *const memory_type_name[MEMORY_TYPES] = {
    [MEMORY_UC] = "UC", [MEMORY_WC] = "WC", [MEMORY_WT] = "WT",
    [MEMORY_WP] = "WP", [MEMORY_WB] = "WB", [MEMORY_UC_MINUS] = "UC-",
};

/* Rows MTRR, columns PAT: UC, WC, -, -, WT, WP, WB, UC-.
 *
 * SDM vol. 3A, "Effective Page-Level Memory Types for Pentium III and More Recent Processor Families" (table
 * 11-7, later 12-7). WC or WT with WP, and UC- with WP, were "undefined" once; its note 3 says that every
 * processor with both makes of them what stands here. Not the lesser number: UC- under WP is WC.
 */
enum memory_type
memory_type_of(unsigned mtrr, unsigned pat)
{
    enum { UC = MEMORY_UC, WC = MEMORY_WC, WT = MEMORY_WT, WP = MEMORY_WP, WB = MEMORY_WB };
    static const uint8_t type[MEMORY_TYPES][MEMORY_TYPES] = {
        [UC] = {UC, WC, UC, UC, UC, UC, UC, UC}, [WC] = {UC, WC, UC, UC, UC, UC, WC, WC},
        [WT] = {UC, WC, UC, UC, WT, WP, WT, UC}, [WP] = {UC, WC, UC, UC, WT, WP, WP, WC},
        [WB] = {UC, WC, UC, UC, WT, WP, WB, UC},
    };

    return (enum memory_type)type[mtrr % MEMORY_TYPES][pat % MEMORY_TYPES];
}

unsigned
memory_mtrr(const struct hw *hw, paddr_t pa)
{
    uint64_t def = hw_tunable(hw, TUNE_MTRR_DEF), base = hw_tunable(hw, TUNE_MTRR_BASE);
    uint64_t mask = hw_tunable(hw, TUNE_MTRR_MASK), bits = mask & ~UINT64_C(0xfff);

    if (!(def & MTRR_ON))
        return MEMORY_UC;
    if ((mask & MTRR_ON) && (pa & bits) == (base & bits))
        return (unsigned)(base & TYPE_MASK);
    return (unsigned)(def & TYPE_MASK);
}

/* PWT and PCD of an entry, or of CR3. */
static unsigned
low_index(const struct format *f, pte_t entry)
{
    return ((entry & f->flag.write_through) != 0) | ((entry & f->flag.cache_disable) != 0) << 1;
}

unsigned
memory_pat_index(const struct format *f, pte_t entry, bool last_level)
{
    uint64_t pat = last_level ? f->flag.large : UINT64_C(1) << 12;

    if (!f->flag.cache_disable) /* no format of this family */
        return 0;
    return low_index(f, entry) | ((entry & pat) != 0) << 2;
}

/* With PCIDs these bits of CR3 belong to the number. */
unsigned
memory_table_index(const struct hw *hw, unsigned cpu, pte_t above, bool is_cr3)
{
    if (is_cr3 && hw_has_pcids(hw, cpu))
        return 0;
    return low_index(&hw->geo.format, above);
}

enum memory_type
memory_type_at(const struct hw *hw, paddr_t pa, unsigned pat_index)
{
    unsigned pat = (unsigned)(hw_tunable(hw, TUNE_PAT) >> 8 * pat_index & 7);

    return memory_type_of(memory_mtrr(hw, pa), pat);
}

static bool
is_type(uint64_t type)
{
    return type == MEMORY_UC || type == MEMORY_WC || (type >= MEMORY_WT && type <= MEMORY_WB);
}

bool
memory_may_set(enum tunable t, uint64_t value)
{
    if (t == TUNE_MTRR_DEF || t == TUNE_MTRR_BASE)
        return is_type(value & TYPE_MASK);
    if (t == TUNE_PAT)
        for (unsigned i = 0; i < 8; i++) {
            uint64_t type = value >> 8 * i & TYPE_MASK;

            if (!is_type(type) && type != MEMORY_UC_MINUS)
                return false;
        }
    return true;
}
