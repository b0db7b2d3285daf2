/* root.c - where walks begin: in memory, or in registers of the CPU.
 *
 * PAE's root has four entries, each for a whole GiB. The CPU loads all of them with CR3 and looks at
 * memory again only when CR3 is loaded again (SDM vol. 3A, 4.4.1).
 *
 *   CR3 --> |[0]|[1]|[2]|[3]| in memory
 *             :   :   :   :    MOV CR3 copies and checks
 *           |[0]|[1]|[2]|[3]| in the CPU --> the walk begins here
 */
#include "hw/entry.h"
#include "hw/hashed.h"

paddr_t
walker_root(const struct hw *hw, uint64_t cr3)
{
    const struct format *f = &hw->geo.format;

    if (f->family == FAMILY_RISCV) /* satp holds a page number, not an address */
        return (cr3 << f->page_shift) & (f->frame << f->frame_up);
    return cr3 & (f->root | hashed_tags(f)) & low_bits(hw->geo.maxpa);
}

uint64_t
walker_root_value(const struct hw *hw, paddr_t table)
{
    const struct family *k = family_of(&hw->geo.format);

    return k ? k->root(&hw->geo.format, table) : table;
}

bool
walker_root_is_held(const struct hw *hw)
{
    return hw->geo.format.root_registers && !hw_quirk(hw, QUIRK_ROOT_ON_USE);
}

pte_t *
walker_root_entry(const struct hw *hw, unsigned cpu, unsigned index)
{
    return &hw->root_entry[cpu * ROOT_ENTRIES + index];
}

bool
walker_root_is_legal(const struct hw *hw, const struct format *f, const struct cpu *c)
{
    const struct rules rules = rules_of(hw, f, c);
    paddr_t root = c->cr3 & f->root & low_bits(hw->geo.maxpa);

    if (!f->root_registers || hw_quirk(hw, QUIRK_ROOT_ON_USE))
        return true;
    for (unsigned i = 0; i < 1u << f->level[0].bits; i++) {
        paddr_t slot = root + (uint64_t)i * f->entry_bytes;

        if (judge(f, &rules, 0, phys_read(&hw->phys, slot, f->entry_bytes)) == ENTRY_MALFORMED)
            return false;
    }
    return true;
}

void
walker_load_root(struct hw *hw, unsigned cpu)
{
    const struct format *f = &hw->geo.format;

    for (unsigned i = 0; walker_root_is_held(hw) && i < 1u << f->level[0].bits; i++) {
        paddr_t slot = walker_root(hw, hw->s->cpu[cpu].cr3) + (uint64_t)i * f->entry_bytes;
        pte_t *held = walker_root_entry(hw, cpu, i), old = *held;

        *held = phys_read(&hw->phys, slot, f->entry_bytes);
        EMIT(hw, cpu, ROOT_LOAD, .level = 0, .index = i, .pa = slot, .old = old, .new = *held);
    }
}
