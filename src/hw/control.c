/* control.c - control registers have rules of their own (SDM vol. 2B, MOV to control registers;
 * vol. 3A, 4.10.4.1).
 *
 *    63    62      M M-1                12 11     0
 *  | keep | reserved | address of the root |  PCID  |     CR3; PCID and keep only with CR4.PCIDE
 */
#include "hw/control.h"

#define PCID UINT64_C(0xfff)

bool
control_load_cr0(struct hw *hw, unsigned cpu, uint64_t value)
{
    struct cpu *c = &hw->s->cpu[cpu];
    uint64_t changed = c->cr0 ^ value;

    if ((value & CR0_PG) && !(value & CR0_PE))
        return false;
    if (!(value & CR0_PG) && (c->cr4 & CR4_PCIDE))
        return false;
    c->cr0 = value;
    if (changed & (CR0_PG | CR0_PE))
        tlb_flush(hw, cpu, true);
    return true;
}

/* Bits above MAXPHYADDR must be 0 where a register has them; bit 63 is an order when PCIDs are on.
 */
bool
control_load_cr3(struct hw *hw, unsigned cpu, uint64_t value)
{
    const struct cpu *c = &hw->s->cpu[cpu];
    uint64_t reserved = c->efer & EFER_LMA ? ~low_bits(hw->geo.maxpa) : 0;

    if (c->cr4 & CR4_PCIDE)
        reserved &= ~CR3_KEEP;
    if (value & reserved)
        return false;
    cpu_load_cr3(hw, cpu, value);
    return true;
}

static bool
cr4_is_legal(const struct cpu *c, uint64_t value)
{
    uint64_t changed = c->cr4 ^ value;
    bool long_mode = c->efer & EFER_LMA;

    if (long_mode && (!(value & CR4_PAE) || (changed & CR4_LA57)))
        return false;
    if ((changed & value & CR4_PCIDE) && (!long_mode || (c->cr3 & PCID)))
        return false;
    return true;
}

bool
control_load_cr4(struct hw *hw, unsigned cpu, uint64_t value)
{
    struct cpu *c = &hw->s->cpu[cpu];
    uint64_t changed = c->cr4 ^ value;

    if (!cr4_is_legal(c, value))
        return false;
    c->cr4 = value;
    if (changed & value & CR4_PCIDE)
        c->asid = 0;
    if ((changed & (CR4_PGE | CR4_PAE | CR4_PSE)) || (changed & ~value & CR4_PCIDE))
        tlb_flush(hw, cpu, true);
    else if (changed & value & CR4_SMEP)
        tlb_flush_asid(hw, cpu, tlb_asid(hw, cpu));
    return true;
}

bool
control_invpcid(struct hw *hw, unsigned cpu, uint64_t type, uint64_t pcid, vaddr_t va)
{
    bool tagged = hw->s->cpu[cpu].cr4 & CR4_PCIDE;

    if (type > INVPCID_ALL || (pcid & ~PCID))
        return false;
    if (type <= INVPCID_CONTEXT && pcid && !tagged)
        return false;
    if (type == INVPCID_ADDRESS && !format_is_canonical(&hw->geo.format, va))
        return false;
    if (type == INVPCID_ADDRESS)
        tlb_drop_asid(hw, cpu, va, (asid_t)pcid, false);
    else if (type == INVPCID_CONTEXT)
        tlb_flush_asid(hw, cpu, (asid_t)pcid);
    else
        tlb_flush(hw, cpu, type == INVPCID_ALL_GLOBAL);
    return true;
}

/* --- beyond x86 --- */

/* Where a root register holds the number of the address space: 16 bits from here. */
static asid_t
asid_in(const struct hw *hw, uint64_t root)
{
    return root >> (hw->geo.format.family == FAMILY_RISCV ? 44 : 48) & 0xffff;
}

static bool
load_root(struct hw *hw, unsigned cpu, uint64_t value)
{
    const struct format *f = &hw->geo.format;
    struct cpu *c = &hw->s->cpu[cpu];
    uint64_t old = c->cr3, mode = value >> 60;

    if (f->family == FAMILY_RISCV && mode && mode != walker_root_value(hw, 0) >> 60)
        return false;
    c->cr3 = value;
    c->asid = asid_in(hw, value);
    EMIT(hw, cpu, CR3_LOAD, .old = old, .new = value, .frame = pfn_of(f, walker_root(hw, value)));
    return true;
}

bool
control_load_other(struct hw *hw, unsigned cpu, unsigned index, uint64_t value)
{
    struct cpu *c = &hw->s->cpu[cpu];
    uint64_t *const to[6] = {&c->cr0, NULL, &c->cr2, NULL, &c->cr4, &c->efer};

    if (index == 3)
        return load_root(hw, cpu, value);
    *to[index] = value;
    return true;
}
