/* isolation.c - what Meltdown cost: two loads of CR3 for each call, because a mapping that rights forbid
 * was not forbidden to speculation. Which view a CPU has is read off CR3 itself. */
#include "os/isolation.h"

#include "hw/control.h"
#include "os/os.h"
#include "os/tag.h"

static bool
exists(const struct os *os)
{
    return os->hw->geo.kpti != 0;
}

bool
isolation_is_on(const struct os *os)
{
    return exists(os) && hw_tunable(os->hw, TUNE_KPTI);
}

/* --- roots --- */

bool
isolation_new(struct os *os, unsigned cpu, uint32_t mm)
{
    pfn_t pfn;

    if (!exists(os))
        return true;
    if ((pfn = frame_alloc(os, cpu, USE_TABLE, true)) == 0)
        return false;
    os->isolation->user_root[mm] = pa_of(&os->hw->geo.format, pfn);
    return true;
}

void
isolation_free(struct os *os, unsigned cpu, uint32_t mm)
{
    if (!exists(os) || !os->isolation->user_root[mm])
        return;
    frame_put(os, cpu, pfn_of(&os->hw->geo.format, os->isolation->user_root[mm]));
    os->isolation->user_root[mm] = 0;
}

void
isolation_mirror(struct os *os, unsigned cpu, vaddr_t va, paddr_t slot, uint64_t entry)
{
    const struct format *f = &os->hw->geo.format;
    uint64_t in_page = slot & (format_page(f) - 1);
    uint32_t mm = os->frame[pfn_of(f, slot)].owner;
    paddr_t at = exists(os) && mm ? os->isolation->user_root[mm] : 0;
    uint64_t old;

    if (!at || va >= os->layout.user_end)
        return;
    old = phys_read(&os->hw->phys, at + in_page, f->entry_bytes);
    phys_write(&os->hw->phys, at + in_page, f->entry_bytes, entry);
    EMIT(os->hw, cpu, ENTRY_WRITE, .va = va, .level = 0, .index = format_index(f, 0, va),
         .pa = at + in_page, .old = old, .new = entry);
}

/* --- views --- */

void
isolation_view(struct os *os, unsigned cpu, bool user)
{
    const struct cpu *c = &os->hw->s->cpu[cpu];
    const struct task *task = os_current(os, cpu);
    uint64_t value;

    if (!isolation_is_on(os) || !task || !task->mm)
        return;
    value = user ? os->isolation->user_root[task->mm] : os->s->mm[task->mm].root;
    if (value == walker_root(os->hw, c->cr3))
        return;
    if (c->cr4 & CR4_PCIDE) {
        value |= task->mm | (user ? ISOLATION_TAG : 0);
        if (hw_tunable(os->hw, TUNE_SWITCH_KEEPS))
            value |= CR3_KEEP;
    }
    cpu_load_cr3(os->hw, cpu, value);
}

/* Entries of the other arrangement go, global ones too. */
void
isolation_turned(struct os *os, unsigned cpu)
{
    struct cpu *c = &os->hw->s->cpu[cpu];

    if (!exists(os))
        return;
    if (isolation_is_on(os) && (c->cr4 & CR4_PGE))
        control_load_cr4(os->hw, cpu, c->cr4 & ~CR4_PGE);
    else
        tlb_flush(os->hw, cpu, true);
    if (!isolation_is_on(os))
        tag_load(os, cpu, c->task);
}
