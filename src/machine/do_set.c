/* set: tunables, quirks, and control registers with what the CPU says to them. */
#include "hw/control.h"
#include "hw/hierarchy.h"
#include "machine/do.h"
#include "os/policy.h"
#include "os/tag.h"

/* Only the bits in field.c may differ: the others name modes this machine does not have. Where the
 * registers choose the mode, those that do may differ too. */
static bool
may_set(const struct machine *m, const struct set_field *f, uint64_t old, uint64_t value,
        struct error *e)
{
    static const uint64_t mode_bits[6] = {[0] = CR0_PE, [4] = CR4_PAE | CR4_LA57, [5] = EFER_LME};
    static const uint64_t free_bits[6] = {[0] = CR0_WP | CR0_PG | CR0_CD,
                                          [2] = ~UINT64_C(0),
                                          [3] = ~UINT64_C(0),
                                          [4] = CR4_PSE | CR4_PGE | CR4_PCIDE | CR4_SMEP | CR4_SMAP,
                                          [5] = EFER_NXE};
    uint64_t free;

    if (f->class == SET_TUNABLE && !memory_may_set((enum tunable)f->index, value))
        return error_set(e, EXIT_DATA, "%s: 0x%llx names a memory type that is reserved", f->name,
                         (unsigned long long)value);
    if (f->class == SET_TUNABLE)
        return (value >= tunable_row[f->index].least && value <= tunable_row[f->index].most) ||
               error_set(e, EXIT_DATA, "%s takes %llu to %llu", f->name,
                         (unsigned long long)tunable_row[f->index].least,
                         (unsigned long long)tunable_row[f->index].most);
    if (f->class != SET_REGISTER && value > 1)
        return error_set(e, EXIT_DATA, "%s is 0 or 1", f->name);
    if (f->class == SET_QUIRK)
        return true;
    if (!set_field_is_of(f, m->hw.geo.format.family, old, value, e))
        return false;
    if (m->hw.geo.format.family != FAMILY_X86)
        return true;
    free = free_bits[f->index] | (m->hw.geo.switches ? mode_bits[f->index] : 0);
    if (f->class == SET_BIT && !(free >> f->bit & 1) && old != value)
        return error_set(e, EXIT_DATA, "%s cannot change on this machine", f->name);
    if (f->class == SET_REGISTER && ((old ^ value) & ~free))
        return error_set(e, EXIT_DATA, "%s: bits 0x%llx cannot change on this machine", f->name,
                         (unsigned long long)((old ^ value) & ~free));
    return true;
}

/* The register that a bit belongs to, with that bit as asked. */
static uint64_t
with_bit(const struct machine *m, unsigned cpu, const struct set_field *f, uint64_t value)
{
    struct set_field whole = {.class = SET_REGISTER, .index = f->index};
    uint64_t bit = UINT64_C(1) << f->bit;

    return (machine_field(m, cpu, &whole) & ~bit) | value << f->bit;
}

/* What the CPU does not take raises #GP: an answer, and nothing has changed. */
static enum control_reason
set_register(struct machine *m, unsigned cpu, unsigned number, uint64_t value)
{
    const struct cpu *c = &m->hw.s->cpu[cpu];
    const uint64_t cr4 = c->cr4;
    enum control_reason why =
        number == 2 ? REFUSED_NONE : control_judge(&m->hw, cpu, number, value);

    if (why != REFUSED_NONE)
        return why;
    if (number == 0)
        control_load_cr0(&m->hw, cpu, value);
    else if (number == 2)
        m->hw.s->cpu[cpu].cr2 = value;
    else if (number == 3)
        control_load_cr3(&m->hw, cpu, value);
    else if (number == 4)
        control_load_cr4(&m->hw, cpu, value);
    else
        control_load_efer(&m->hw, cpu, value);
    if ((cr4 ^ c->cr4) & CR4_PCIDE && m->preset.kernel)
        tag_begin(&m->os, cpu);
    if ((cr4 ^ c->cr4) != CR4_PCIDE) /* that the kernel knows of: nothing is wrong */
        m->s->tampered = 1;
    return REFUSED_NONE;
}

/* Beyond x86 a value that the CPU does not have is no exception: the register keeps what it had. */
static bool
set_other(struct machine *m, unsigned cpu, const struct set_field *f, uint64_t value,
          struct error *e)
{
    if (f->class == SET_BIT)
        value = with_bit(m, cpu, f, value);
    if (!control_load_other(&m->hw, cpu, f->index, value))
        return error_set(e, EXIT_DATA, "the CPU refuses 0x%llx", (unsigned long long)value);
    m->s->tampered = 1;
    return true;
}

static enum control_reason
apply(struct machine *m, unsigned cpu, const struct set_field *f, uint64_t value)
{
    switch (f->class) {
    case SET_TUNABLE:
        if (f->index == TUNE_L1_INDEX && cache_exists(&m->hw))
            hierarchy_rewire(&m->hw);
        m->hw.s->tunable[f->index] = value;
        if (f->index == TUNE_HUGE_PAGES && m->preset.kernel)
            huge_reserve(&m->os, cpu, value);
        if (f->index == TUNE_KPTI && m->preset.kernel)
            isolation_turned(&m->os, cpu);
        break;
    case SET_QUIRK:
        m->hw.s->quirks = (m->hw.s->quirks & ~(UINT64_C(1) << f->index)) | value << f->index;
        m->s->tampered = 1;
        break;
    case SET_REGISTER:
        return set_register(m, cpu, f->index, value);
    case SET_BIT:
        return set_register(m, cpu, f->index, with_bit(m, cpu, f, value));
    }
    return REFUSED_NONE;
}

/* A process in one piece has no page tables for paging to begin with. */
static bool
has_tables(const struct machine *m, unsigned cpu, const struct set_field *f, uint64_t value,
           struct error *e)
{
    const struct task *t = m->preset.kernel ? os_current(&m->os, cpu) : NULL;
    uint64_t next = f->class == SET_BIT ? with_bit(m, cpu, f, value) : value;
    bool register_0 = m->hw.geo.format.family == FAMILY_X86 &&
                      (f->class == SET_BIT || f->class == SET_REGISTER) && f->index == 0;

    if (!register_0 || !(next & CR0_PG) || !t || t->mm)
        return true;
    return error_set(e, EXIT_DATA, "process %u has no page tables: switch to another first",
                     t->pid);
}

/* Where nobody knows the future, nobody can choose by it. */
static bool
has_future(const struct machine *m, const struct set_field *f, uint64_t value, struct error *e)
{
    return f->class != SET_TUNABLE || f->index != TUNE_POLICY || value != POLICY_OPT ||
           m->os.s->string.length ||
           do_refuse(
               e, "opt must know the future: load a string of references first (string VA PAGES)");
}

bool
do_set(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    const struct set_field *f = set_field_at((unsigned)op->arg[0]);
    uint64_t old = machine_field(m, op->cpu, f);
    enum control_reason why = REFUSED_NONE;
    bool is_register = f->class == SET_REGISTER || f->class == SET_BIT;

    if (!may_set(m, f, old, op->arg[1], e) || !has_future(m, f, op->arg[1], e) ||
        !has_tables(m, op->cpu, f, op->arg[1], e) || !do_fits_tlb(m, f, op->arg[1], e))
        return false;
    if (is_register && m->hw.geo.format.family != FAMILY_X86) {
        if (!set_other(m, op->cpu, f, op->arg[1], e))
            return false;
    } else {
        why = apply(m, op->cpu, f, op->arg[1]);
    }
    if (why != REFUSED_NONE) {
        out->kind = OUT_FAULT;
        out->faults = 1;
        EMIT(&m->hw, op->cpu, CONTROL_FAULT, .field = (uint16_t)op->arg[0], .old = old,
             .new = op->arg[1], .reason = (uint8_t)why);
        return true;
    }
    out->value = op->arg[1];
    EMIT(&m->hw, op->cpu, TUNED, .field = (uint16_t)op->arg[0], .old = old, .new = op->arg[1]);
    return true;
}
