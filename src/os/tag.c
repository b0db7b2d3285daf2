/* tag.c - without tags a TLB can only know the address space its CPU runs in, since loading CR3
 * drops the others. With tags it may know many, and the kernel has to think of those too. */
#include "os/tag.h"

#include "base/assert.h"
#include "hw/control.h"

_Static_assert(TASK_MAX <= 4096, "a PCID has 12 bits");

static bool
is_tagged(const struct os *os, unsigned cpu)
{
    return hw_has_pcids(os->hw, cpu);
}

/* Nobody runs: the kernel's own root, in which no user page exists. A CPU must not keep walking
 * tables that may be freed under it. Linux rather keeps the last address space until it must let go
 * (lazy TLB), which saves the flush when the same process comes back. */
static paddr_t
root_of(const struct os *os, uint32_t pid)
{
    return pid ? os->s->mm[os->s->task[pid].mm].root : os->s->kernel_root;
}

/* The tag of mm in TLBs, 0: no TLB can know anything of it. */
static asid_t
number_of(const struct os *os, uint32_t mm)
{
    return asid_exists(os) ? asid_of(os, mm) : mm;
}

/* It is about to run here. */
static asid_t
enter(struct os *os, unsigned cpu, uint32_t pid)
{
    uint32_t mm = os->s->task[pid].mm;

    if (!asid_exists(os))
        return mm;
    if (pid && is_tagged(os, cpu))
        return asid_enter(os, cpu, mm);
    asid_leave(os, cpu);
    return 0;
}

void
tag_load(struct os *os, unsigned cpu, uint32_t pid)
{
    uint64_t value = root_of(os, pid);
    asid_t number = enter(os, cpu, pid);

    if (!is_tagged(os, cpu)) {
        cpu_load_root(os->hw, cpu, value);
        return;
    }
    value |= number;
    if (hw_tunable(os->hw, TUNE_SWITCH_KEEPS))
        value |= CR3_KEEP;
    cpu_load_cr3(os->hw, cpu, value);
}

/* Entries made before have no tag that says whose they are: they go, global ones stay true. */
void
tag_begin(struct os *os, unsigned cpu)
{
    tlb_flush(os->hw, cpu, false);
    shootdown_unlazy(os, cpu);
    tag_load(os, cpu, os->hw->s->cpu[cpu].task);
}

/* Under one of its tags. */
static void
drop_tagged(struct os *os, unsigned cpu, asid_t number, vaddr_t va)
{
    if (number == tlb_asid(os->hw, cpu))
        cpu_invlpg(os->hw, cpu, va);
    else if (number)
        control_invpcid(os->hw, cpu, INVPCID_ADDRESS, number, va);
}

void
tag_drop(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va)
{
    if (!is_tagged(os, cpu)) {
        if (tag_runs(os, cpu) == mm)
            cpu_invlpg(os->hw, cpu, va);
        return;
    }
    drop_tagged(os, cpu, number_of(os, mm), va);
    if (isolation_is_on(os))
        drop_tagged(os, cpu, mm | ISOLATION_TAG, va);
}

/* Everything under its tags. */
static void
forget_tagged(struct os *os, unsigned cpu, uint32_t mm)
{
    if (number_of(os, mm))
        control_invpcid(os->hw, cpu, INVPCID_CONTEXT, number_of(os, mm), 0);
    if (isolation_is_on(os))
        control_invpcid(os->hw, cpu, INVPCID_CONTEXT, mm | ISOLATION_TAG, 0);
}

void
tag_drop_all(struct os *os, unsigned cpu, uint32_t mm)
{
    if (is_tagged(os, cpu))
        forget_tagged(os, cpu, mm);
    else if (tag_runs(os, cpu) == mm)
        tlb_flush_asid(os->hw, cpu, tlb_asid(os->hw, cpu));
}

uint32_t
tag_runs(const struct os *os, unsigned cpu)
{
    const struct task *task = os_current(os, cpu);

    if (task)
        return task->mm;
    return os->hw->geo.cpus > 1 ? os->shoot->lazy[cpu] : 0;
}

uint32_t
tag_owner(const struct os *os, unsigned cpu, asid_t asid)
{
    if (!is_tagged(os, cpu))
        return tag_runs(os, cpu);
    if (isolation_is_on(os))
        return asid & ~ISOLATION_TAG;
    return asid_exists(os) ? asid_owner(os, asid) : asid;
}

static bool
knows_walk(const struct hw *hw, unsigned cpu, asid_t asid)
{
    for (unsigned i = 0; i < hw->walk_entries; i++) {
        const struct walk_entry *x = &hw->walk[(size_t)cpu * hw->walk_entries + i];

        if (x->valid && x->asid == asid)
            return true;
    }
    return false;
}

static bool
knows_more(const struct hw *hw, unsigned cpu, asid_t asid)
{
    const struct tlb_entry *e = hw->tlb_more + (size_t)cpu * hw->tlb_more_entries;

    for (unsigned i = 0; i < hw->tlb_more_entries; i++)
        if (e[i].flags & TLB_VALID && e[i].asid == asid)
            return true;
    return false;
}

bool
tag_knows(const struct os *os, unsigned cpu, uint32_t mm)
{
    const struct geometry *g = &os->hw->geo;
    const struct tlb_entry *e = os->hw->tlb + (size_t)cpu * g->tlb_sets * g->tlb_ways;
    asid_t number = number_of(os, mm);

    if (!is_tagged(os, cpu) || !number || asid_is_past(os, cpu, number))
        return false;
    for (unsigned i = 0; i < g->tlb_sets * g->tlb_ways; i++)
        if (e[i].flags & TLB_VALID && e[i].asid == number)
            return true;
    return knows_more(os->hw, cpu, number) || knows_walk(os->hw, cpu, number);
}

/* The hardware does none of this by itself; forgetting it is the classic kernel bug. */
void
tag_invalidate(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va)
{
    if (!hw_quirk(os->hw, QUIRK_NO_INVALIDATE))
        shootdown_page(os, cpu, mm, va);
}

void
tag_invalidate_now(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va)
{
    if (!hw_quirk(os->hw, QUIRK_NO_INVALIDATE))
        shootdown_now(os, cpu, mm, va);
}

void
tag_forget(struct os *os, uint32_t mm)
{
    for (unsigned cpu = 0; cpu < os->hw->geo.cpus; cpu++)
        if (is_tagged(os, cpu))
            forget_tagged(os, cpu, mm);
    if (asid_exists(os))
        asid_forget(os, mm);
}

/* Of the view that a tag is for. */
static paddr_t
root_of_tag(const struct os *os, asid_t asid)
{
    uint32_t mm = asid & ~ISOLATION_TAG;

    if (mm >= TASK_MAX)
        return 0;
    return asid & ISOLATION_TAG ? os->isolation->user_root[mm] : os->s->mm[mm].root;
}

/* A global entry is true in every address space, so in the one that runs; and it is the kernel's, which
 * a user's root does not show. */
paddr_t
tag_root(const struct os *os, unsigned cpu, const struct tlb_entry *e)
{
    const struct hw *hw = os->hw;

    if ((e->flags & TLB_G) && isolation_is_on(os))
        return os->s->kernel_root;
    if (e->asid == tlb_asid(hw, cpu) || (e->flags & TLB_G))
        return walker_root(hw, hw->s->cpu[cpu].cr3);
    if (hw->geo.format.family != FAMILY_X86) /* this kernel gives no other CPU numbers: it is a hand's */
        return 0;
    if (e->asid == 0)
        return os->s->kernel_root;
    if (asid_exists(os))
        return asid_is_past(os, cpu, e->asid) ? 0 : os->s->mm[asid_owner(os, e->asid)].root;
    if (isolation_is_on(os))
        return root_of_tag(os, e->asid);
    return e->asid < TASK_MAX ? os->s->mm[e->asid].root : 0;
}

bool
tag_peek(const struct os *os, unsigned cpu, const struct tlb_entry *e, struct translation *t)
{
    const struct hw *hw = os->hw;
    paddr_t root = tag_root(os, cpu, e);

    if (root && root == walker_root(hw, hw->s->cpu[cpu].cr3)) /* the CPU may hold it: that counts */
        return walker_peek_cpu(hw, cpu, e->page, t);
    return root && walker_peek(hw, root, e->page, t);
}
