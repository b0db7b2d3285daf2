/* control.c - control registers have rules of their own (SDM vol. 2B, MOV to control registers;
 * vol. 3A, 4.10.4.1).
 *
 *    63    62      M M-1                12 11     0
 *  | keep | reserved | address of the root |  PCID  |     CR3; PCID and keep only with CR4.PCIDE
 */
#include "hw/control.h"

#define PCID UINT64_C(0xfff)

const char *const control_reason_text[CONTROL_REASON_COUNT] = {
#define X(code, text) [REFUSED_##code] = text,
    CONTROL_REASONS(X)
#undef X
};

/* The registers as they would be. Where paging begins with LME = 1, long mode does too: LMA = LME and
 * PG (SDM vol. 3A, 4.1.1). */
static struct cpu
with(const struct cpu *c, unsigned number, uint64_t value)
{
    struct cpu next = *c;

    if (number == 3)
        next.cr3 = value;
    else if (number == 4)
        next.cr4 = value;
    else if (number == CONTROL_EFER)
        next.efer = (value & ~EFER_LMA) | (c->efer & EFER_LMA);
    else
        next.cr0 = value;
    if (number == 0 && ((c->cr0 ^ value) & CR0_PG)) {
        next.efer &= ~EFER_LMA;
        if ((value & CR0_PG) && (next.efer & EFER_LME))
            next.efer |= EFER_LMA;
    }
    if ((next.cr4 ^ c->cr4) & CR4_PCIDE)
        next.asid = 0;
    return next;
}

/* A root that the CPU keeps is loaded not only with CR3, but also when MOV to CR0 or CR4 changes how
 * it would be read (SDM vol. 3A, 4.4.1). */
static bool
loads_root(const struct cpu *c, const struct cpu *next)
{
    return (next->cr0 & CR0_PG) &&
           (((c->cr0 ^ next->cr0) & (CR0_PG | CR0_CD | CR0_NW)) ||
            ((c->cr4 ^ next->cr4) & (CR4_PAE | CR4_PGE | CR4_PSE | CR4_SMEP)));
}

static enum control_reason
judge_cr0(const struct cpu *c, const struct cpu *next)
{
    bool pg = next->cr0 & CR0_PG;

    if (pg && !(next->cr0 & CR0_PE))
        return REFUSED_PG_PE;
    if (!pg && (c->cr4 & CR4_PCIDE))
        return REFUSED_PG_PCIDE;
    return pg && (next->efer & EFER_LMA) && !(c->cr4 & CR4_PAE) ? REFUSED_LONG_PAE : REFUSED_NONE;
}

/* Bits above MAXPHYADDR must be 0 where a register has them; bit 63 is an order when PCIDs are on. */
static enum control_reason
judge_cr3(const struct hw *hw, const struct cpu *next)
{
    uint64_t reserved = next->efer & EFER_LMA ? ~low_bits(hw->geo.maxpa) : 0;

    if (next->cr4 & CR4_PCIDE)
        reserved &= ~CR3_KEEP;
    return next->cr3 & reserved ? REFUSED_CR3_BITS : REFUSED_NONE;
}

static enum control_reason
judge_cr4(const struct cpu *c, const struct cpu *next)
{
    uint64_t changed = c->cr4 ^ next->cr4;
    bool long_mode = c->efer & EFER_LMA;

    if (long_mode && !(next->cr4 & CR4_PAE))
        return REFUSED_PAE_LONG;
    if (long_mode && (changed & CR4_LA57))
        return REFUSED_LA57_LONG;
    if (!(changed & next->cr4 & CR4_PCIDE))
        return REFUSED_NONE;
    return !long_mode ? REFUSED_PCIDE_LONG : c->cr3 & PCID ? REFUSED_PCIDE_CR3 : REFUSED_NONE;
}

enum control_reason
control_judge(const struct hw *hw, unsigned cpu, unsigned number, uint64_t value)
{
    const struct cpu *c = &hw->s->cpu[cpu];
    const struct cpu next = with(c, number, value);
    enum control_reason why = REFUSED_NONE;

    if (number == 0)
        why = judge_cr0(c, &next);
    else if (number == 3)
        why = judge_cr3(hw, &next);
    else if (number == 4)
        why = judge_cr4(c, &next);
    else if ((c->efer ^ next.efer) & EFER_LME && c->cr0 & CR0_PG)
        why = REFUSED_LME_PG;
    if (why == REFUSED_NONE && (loads_root(c, &next) || (number == 3 && c->cr0 & CR0_PG)) &&
        !walker_root_is_legal(hw, mode_format(hw, &next), &next))
        why = REFUSED_ROOT_BITS;
    return why;
}

/* Everything that changes with a register, but for the TLB. */
static void
load(struct hw *hw, unsigned cpu, unsigned number, uint64_t value)
{
    struct cpu *c = &hw->s->cpu[cpu], before = *c;

    *c = with(c, number, value);
    mode_follow(hw);
    if (loads_root(&before, c))
        walker_load_root(hw, cpu);
}

bool
control_load_cr0(struct hw *hw, unsigned cpu, uint64_t value)
{
    uint64_t changed = hw->s->cpu[cpu].cr0 ^ value;

    if (control_judge(hw, cpu, 0, value) != REFUSED_NONE)
        return false;
    load(hw, cpu, 0, value);
    if (changed & (CR0_PG | CR0_PE))
        tlb_flush(hw, cpu, true);
    return true;
}

bool
control_load_cr3(struct hw *hw, unsigned cpu, uint64_t value)
{
    if (control_judge(hw, cpu, 3, value) != REFUSED_NONE)
        return false;
    cpu_load_cr3(hw, cpu, value);
    return true;
}

bool
control_load_cr4(struct hw *hw, unsigned cpu, uint64_t value)
{
    uint64_t changed = hw->s->cpu[cpu].cr4 ^ value;

    if (control_judge(hw, cpu, 4, value) != REFUSED_NONE)
        return false;
    load(hw, cpu, 4, value);
    if ((changed & (CR4_PGE | CR4_PAE | CR4_PSE)) || (changed & ~value & CR4_PCIDE))
        tlb_flush(hw, cpu, true);
    else if (changed & value & CR4_SMEP)
        tlb_flush_asid(hw, cpu, tlb_asid(hw, cpu));
    return true;
}

/* EFER.NXE changes what bit 63 of an entry means; entries in the TLB were read the old way. */
bool
control_load_efer(struct hw *hw, unsigned cpu, uint64_t value)
{
    uint64_t changed = hw->s->cpu[cpu].efer ^ value;

    if (control_judge(hw, cpu, CONTROL_EFER, value) != REFUSED_NONE)
        return false;
    load(hw, cpu, CONTROL_EFER, value);
    if (changed & EFER_NXE)
        tlb_flush(hw, cpu, true);
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
