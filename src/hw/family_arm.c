/* AArch64, stage 1 of EL1 and EL0 with 4 KiB pages (Arm ARM, D8.2 to D8.4).
 *
 *   63 ..59 54  53  52      47                        12 11 10 9 8 7 6  5 4   2 1 0
 *  | table |UXN|PXN|  | 0  | next table, block or page  |nG|AF| SH |AP |NS| attr |t|v|
 *
 * Two roots: bit 55 of an address chooses between TTBR0 (programs) and TTBR1 (the kernel). How many
 * bits each half translates stands in TCR, so a walk may begin below level 0. AF is the only mark,
 * and without FEAT_HAFDBS software sets it.
 */
#include "hw/family.h"

enum { TAG_SHIFT = 56, PA_MOST = 48 };

static unsigned
half_of(vaddr_t va)
{
    return va >> 55 & 1;
}

/* TBI: the top byte is the program's own and is not looked at; with TBID that holds for data alone.
 * The bits that are looked at. */
static unsigned
bits_looked_at(const struct hw *hw, const struct cpu *c, const struct access *a)
{
    unsigned half = half_of(a->va);
    bool data_alone = (hw->geo.features & FEATURE_TBID) && (c->tcr & TCR_TBID(half));

    if (!(c->tcr & TCR_TBI(half)) || (data_alone && a->kind == ACCESS_FETCH))
        return 64;
    return TAG_SHIFT;
}

static bool
arm_bare(const struct hw *hw, const struct cpu *c, const struct access *a, paddr_t *pa,
         uint16_t *error)
{
    *pa = a->va & low_bits(bits_looked_at(hw, c, a));
    *error = FAULT_P | FAULT_SIZE;
    return !(*pa & ~low_bits(hw->geo.maxpa));
}

/* TCR.IPS, but never more than the CPU has, nor than a table of 4 KiB pages can name. */
static unsigned
output_bits(const struct hw *hw, const struct cpu *c)
{
    static const uint8_t ips[8] = {32, 36, 40, 42, 44, 48, 52, 52};
    unsigned bits = ips[TCR_IPS(c->tcr)];

    if (bits > hw->geo.maxpa)
        bits = hw->geo.maxpa;
    return bits < PA_MOST ? bits : PA_MOST;
}

/* Bits that this half translates. FEAT_TTST allows 16 of them. */
static unsigned
half_bits(const struct hw *hw, const struct cpu *c, unsigned half)
{
    unsigned size = half ? TCR_T1SZ(c->tcr) : TCR_T0SZ(c->tcr);
    unsigned most = hw->geo.features & FEATURE_TTST ? 48 : 39;

    return 64 - (size < 16 ? 16 : size > most ? most : size);
}

/* Is there any way for this access into this half? */
static bool
is_closed(const struct hw *hw, const struct cpu *c, const struct access *a, unsigned half)
{
    if (c->tcr & TCR_EPD(half))
        return true;
    return a->user && (hw->geo.features & FEATURE_E0PD) && (c->tcr & TCR_E0PD(half));
}

/* The first level whose index reaches the top bit, and its table, which has as many entries as those
 * bits can count and lies at a multiple of its size. */
static bool
begin_at(const struct hw *hw, const struct cpu *c, unsigned half, unsigned bits,
         struct walk_start *start)
{
    const struct format *f = &hw->geo.format;
    uint64_t base = half ? c->ttbr1 : c->ttbr0;
    unsigned entries;

    while (start->level + 1u < f->levels && f->level[start->level].shift >= bits)
        start->level++;
    entries = bits - f->level[start->level].shift;
    base &= low_bits(PA_MOST);
    start->table = base & ~low_bits(entries + 3);
    return !(base & ~low_bits(output_bits(hw, c)));
}

static bool
arm_start(const struct hw *hw, const struct cpu *c, const struct access *a,
          struct walk_start *start, uint16_t *error)
{
    unsigned half = half_of(a->va), bits = half_bits(hw, c, half);
    uint64_t looked_at = low_bits(bits_looked_at(hw, c, a)) & ~low_bits(bits);

    *start = (struct walk_start){.va = a->va & low_bits(bits)};
    start->flat = (hw->geo.features & FEATURE_HPD) && (c->tcr & TCR_HPD(half));
    *error = 0;
    if ((a->va & looked_at) != (half ? looked_at : 0) || is_closed(hw, c, a, half))
        return false;
    if (begin_at(hw, c, half, bits, start))
        return true;
    *error = FAULT_P | FAULT_SIZE;
    return false;
}

static uint64_t
arm_odd(const struct format *f, unsigned level, pte_t entry)
{
    (void)f;
    (void)level;
    (void)entry;
    return 0;
}

/* A block where none can be counts as nothing at all; else the address is too large. */
static uint16_t
arm_malformed(const struct format *f, unsigned level, pte_t entry)
{
    if (f->level[level].large == LARGE_RESERVED && format_has(f, entry, f->flag.large))
        return FAULT_P | FAULT_RSVD;
    return FAULT_P | FAULT_SIZE;
}

/* EL0 is kept from a page by AP[1], except from executing it: that is UXN's to say. What EL0 may
 * write, EL1 does not execute. SCTLR.WXN: what may be written is not executed. */
static bool
arm_allows(const struct cpu *c, const struct access *a, uint8_t flags)
{
    bool user_writes = (flags & TLB_U) && (flags & TLB_W);
    bool writes = a->user ? user_writes : flags & TLB_W;

    switch (a->kind) {
    case ACCESS_FETCH:
        if (writes && (c->sctlr & SCTLR_WXN))
            return false;
        return a->user ? !(flags & TLB_NX) : !(flags & TLB_KNX) && !user_writes;
    case ACCESS_WRITE:
        return writes;
    default:
        return !a->user || (flags & TLB_U);
    }
}

static bool
arm_marks(const struct cpu *c)
{
    (void)c;
    return false;
}

/* The fault status code of ESR_EL1: kind and level (D19.2.37). */
static uint16_t
arm_code(const struct access *a, unsigned level, uint16_t error)
{
    enum { SIZE = 0, TRANSLATION = 4, ACCESS_FLAG = 8, PERMISSION = 12 };
    unsigned kind = PERMISSION;

    (void)a;
    if (error & FAULT_SIZE)
        kind = SIZE;
    else if (!(error & FAULT_P) || (error & FAULT_RSVD))
        kind = TRANSLATION;
    else if (error & FAULT_UNMARKED)
        kind = ACCESS_FLAG;
    return (uint16_t)(kind + level);
}

static uint64_t
arm_root(const struct format *f, paddr_t table)
{
    (void)f;
    return table;
}

const struct family family_arm = {.bare = arm_bare,
                                  .start = arm_start,
                                  .pa_bits = output_bits,
                                  .odd = arm_odd,
                                  .malformed = arm_malformed,
                                  .allows = arm_allows,
                                  .marks = arm_marks,
                                  .code = arm_code,
                                  .root = arm_root};
