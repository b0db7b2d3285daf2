/* The instructions by which software tells a CPU what its TLB must forget. */
#include "base/number.h"
#include "hw/control.h"
#include "hw/tlb_policy.h"
#include "machine/do.h"

bool
do_invlpg(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    (void)out;
    (void)e;
    cpu_invlpg(&m->hw, op->cpu, op->arg[0]);
    return true;
}

/* What is left out is 0, as a program may leave zeros in the descriptor. */
bool
do_invpcid(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    uint64_t type = op->arg[0], pcid = op->arg[1], va = op->arg[2];

    (void)out;
    if (m->preset.geo.format.family != FAMILY_X86)
        return error_set(e, EXIT_DATA, "the CPU of this machine has no INVPCID");
    return control_invpcid(&m->hw, op->cpu, type, pcid, va) ||
           error_set(e, EXIT_DATA, "the CPU refuses type %llu, PCID %llu, address 0x%llx with #GP",
                     (unsigned long long)type, (unsigned long long)pcid, (unsigned long long)va);
}

bool
do_flush(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    (void)e;
    out->value = tlb_flush(&m->hw, op->cpu, false);
    return true;
}

/* A tree of pairs has 2, 4, 8 ... leaves. */
bool
do_fits_tlb(const struct machine *m, const struct set_field *f, uint64_t value, struct error *e)
{
    if (f->class == SET_TUNABLE && f->index == TUNE_KPTI && value && !m->preset.geo.kpti)
        return error_set(e, EXIT_DATA, "kpti: this machine's address spaces have one root each");
    return f->class != SET_TUNABLE || f->index != TUNE_TLB_POLICY ||
           tlb_policy_fits(value, m->preset.geo.tlb_ways) ||
           error_set(e, EXIT_DATA, "plru needs sets of 2, 4, 8 ... ways; this TLB has %u",
                     m->preset.geo.tlb_ways);
}
