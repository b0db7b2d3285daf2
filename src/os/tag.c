/* tag.c - without tags a TLB can only know the address space its CPU runs in, since loading CR3
 * drops the others. With tags it may know many, and the kernel has to think of those too. */
#include "os/tag.h"

#include "base/assert.h"
#include "hw/control.h"

_Static_assert(TASK_MAX <= 4096, "a PCID has 12 bits");

static bool
is_tagged(const struct os *os, unsigned cpu)
{
    return os->hw->s->cpu[cpu].cr4 & CR4_PCIDE;
}

/* Nobody runs: the kernel's own root, in which no user page exists. A CPU must not keep walking
 * tables that may be freed under it. Linux rather keeps the last address space until it must let go
 * (lazy TLB), which saves the flush when the same process comes back. */
static paddr_t
root_of(const struct os *os, uint32_t pid)
{
    return pid ? os->s->mm[os->s->task[pid].mm].root : os->s->kernel_root;
}

void
tag_load(struct os *os, unsigned cpu, uint32_t pid)
{
    uint64_t value = root_of(os, pid);

    if (is_tagged(os, cpu)) {
        value |= pid ? os->s->task[pid].mm : 0;
        if (hw_tunable(os->hw, TUNE_SWITCH_KEEPS))
            value |= CR3_KEEP;
    }
    cpu_load_cr3(os->hw, cpu, value);
}

/* Entries made before have no tag that says whose they are: they go, global ones stay true. */
void
tag_begin(struct os *os, unsigned cpu)
{
    tlb_flush(os->hw, cpu, false);
    tag_load(os, cpu, os->hw->s->cpu[cpu].task);
}

/* The hardware does none of this by itself; forgetting it is the classic kernel bug. */
void
tag_invalidate(struct os *os, uint32_t mm, vaddr_t va)
{
    if (hw_quirk(os->hw, QUIRK_NO_INVALIDATE))
        return;
    for (unsigned cpu = 0; cpu < os->hw->geo.cpus; cpu++) {
        const struct task *task = os_current(os, cpu);

        if (task && task->mm == mm)
            cpu_invlpg(os->hw, cpu, va);
        else if (is_tagged(os, cpu))
            control_invpcid(os->hw, cpu, INVPCID_ADDRESS, mm, va);
    }
}

void
tag_forget(struct os *os, uint32_t mm)
{
    for (unsigned cpu = 0; cpu < os->hw->geo.cpus; cpu++)
        if (is_tagged(os, cpu))
            control_invpcid(os->hw, cpu, INVPCID_CONTEXT, mm, 0);
}

/* A global entry is true in every address space, so in the one that runs. */
paddr_t
tag_root(const struct os *os, unsigned cpu, const struct tlb_entry *e)
{
    const struct hw *hw = os->hw;

    if (e->asid == tlb_asid(hw, cpu) || (e->flags & TLB_G))
        return walker_root(hw, hw->s->cpu[cpu].cr3);
    if (e->asid >= TASK_MAX)
        return 0;
    return e->asid ? os->s->mm[e->asid].root : os->s->kernel_root;
}
