/* rights.c - may this access use the page, and how is it told when it may not?
 *
 * x86's rules (SDM vol. 3A, 4.6 and 4.7); those of other families are rows of hw/family.h.
 */
#include "hw/family.h"
#include "hw/tlb.h"
#include "hw/walk_cache.h"

/* A program runs (SDM 4.6.1, user mode). */
static bool
user_may(const struct access *a, uint8_t flags)
{
    return (flags & TLB_U) && (a->kind != ACCESS_WRITE || (flags & TLB_W));
}

/* The kernel runs (SDM 4.6.1, supervisor mode). SMEP: it must not execute a user page. SMAP: it
 * must not touch one by accident, except with EFLAGS.AC. CR0.WP = 0: it may write what is
 * read-only. */
static bool
kernel_may(const struct cpu *c, const struct access *a, uint8_t flags)
{
    if (flags & TLB_U) {
        if (a->kind == ACCESS_FETCH && (c->cr4 & CR4_SMEP))
            return false;
        if (a->kind != ACCESS_FETCH && (c->cr4 & CR4_SMAP) && !a->ac)
            return false;
    }
    return a->kind != ACCESS_WRITE || (flags & TLB_W) || !(c->cr0 & CR0_WP);
}

/* What the error code tells about the access itself (SDM 4.7). The I bit is there only on a CPU
 * that can forbid a fetch. */
uint16_t
walker_access_error(const struct hw *hw, const struct cpu *c, const struct access *a)
{
    bool tells_fetch = (c->cr4 & CR4_SMEP) || ((c->cr4 & CR4_PAE) && (c->efer & EFER_NXE)) ||
                       hw->geo.format.family != FAMILY_X86;
    unsigned error = 0;

    if (a->kind == ACCESS_WRITE)
        error |= FAULT_W;
    if (a->user)
        error |= FAULT_U;
    if (a->kind == ACCESS_FETCH && tells_fetch)
        error |= FAULT_I;
    return (uint16_t)error;
}

bool
walker_allows(const struct hw *hw, unsigned cpu, const struct access *a, uint8_t flags,
              uint16_t *error)
{
    const struct cpu *c = &hw->s->cpu[cpu];
    const struct family *k = family_of(&hw->geo.format);
    bool executes = a->kind == ACCESS_FETCH && (flags & TLB_NX) && (c->efer & EFER_NXE);

    if (k ? k->allows(c, a, flags)
          : !executes && (a->user ? user_may(a, flags) : kernel_may(c, a, flags)))
        return true;
    *error = walker_access_error(hw, c, a) | FAULT_P;
    return false;
}

bool
walker_marks(const struct hw *hw, unsigned cpu)
{
    const struct family *k = family_of(&hw->geo.format);

    return !k || k->marks(&hw->s->cpu[cpu]);
}

bool
walker_is_marked(const struct hw *hw, unsigned cpu, const struct access *a, pte_t leaf)
{
    const struct format *f = &hw->geo.format;
    pte_t want = f->flag.accessed | (a->kind == ACCESS_WRITE ? f->flag.dirty : 0);

    return walker_marks(hw, cpu) || (format_plain(f, leaf) & want) == want;
}

/* --- faults --- */

unsigned
walker_rights_level(const struct hw *hw, unsigned shift)
{
    const struct format *f = &hw->geo.format;
    unsigned level = f->levels;

    if (f->family == FAMILY_X86) /* all levels together have decided */
        return level;
    while (level > 1 && f->level[level - 1].shift < shift)
        level--;
    return level - 1;
}

uint16_t
walker_report(const struct hw *hw, const struct fault *fault)
{
    return hw->geo.format.family == FAMILY_X86 ? fault->error : (uint16_t)fault->code;
}

bool
walker_page_fault(struct hw *hw, unsigned cpu, const struct access *a, unsigned level,
                  uint16_t error, struct fault *out)
{
    const struct family *k = family_of(&hw->geo.format);

    *out = (struct fault){.vector = FAULT_PF, .level = (uint8_t)level, .error = error, .va = a->va};
    if (k)
        out->code = k->code(a, level, error);
    hw->s->cpu[cpu].cr2 = a->va;
    if (walk_cache_exists(hw)) /* or it would come again (SDM 4.10.4.1) */
        walk_cache_drop(hw, cpu, a->va, tlb_asid(hw, cpu));
    EMIT(hw, cpu, PAGE_FAULT, .va = a->va, .error = walker_report(hw, out), .level = (uint8_t)level,
         .kind = a->kind, .mode = a->user);
    return false;
}
