/* Fork: a second process from one, without copying a page.
 *
 * The child gets tables of its own with the same entries, so both see the same frames at the same
 * addresses. What is private loses the right to write in *both* tables: the first to write faults
 * and gets a copy (fault.c), and from there on the two differ in one page. The parent's TLB must
 * forget its writable entries, or it would write into the frame that the child still reads.
 *
 * Linux mm/memory.c: copy_page_range, copy_present_pte; OSTEP 23. Linux leaves out pages that a
 * fault can find again in a file; here the child's tables are a full copy, so that the two trees
 * can be laid side by side.
 */
#include "os/process.h"

#include "base/assert.h"
#include "os/swap.h"

/* A page on its way to the child. */
struct copy {
    uint32_t child; /* address space */
    uint32_t area;  /* the parent's */
    vaddr_t va;
    paddr_t slot; /* the parent's entry */
    pte_t entry;
};

static bool
stays_writable(const struct os *os, const struct copy *c)
{
    return os->area[c->area].shared || hw_quirk(os->hw, QUIRK_FORK_WRITABLE);
}

/* The belief that fork copies memory: a frame of its own for each private page, at once. */
static bool
copy_page(struct os *os, unsigned cpu, const struct copy *c)
{
    pfn_t from = table_pfn(&os->hw->geo.format, c->entry);
    pfn_t pfn = frame_alloc(os, cpu, USE_ANON, false);
    uint8_t prot = os->area[c->area].prot;
    uint32_t cycles;

    if (pfn == 0)
        return false;
    frame_edit(os, pfn)->owner = c->child;
    phys_copy_frame(&os->hw->phys, pfn, from);
    cycles = hw_spend(os->hw, hw_tunable(os->hw, TUNE_COPY_CYCLES));
    EMIT(os->hw, cpu, FRAME_COPIED, .frame = pfn, .frame2 = from, .cycles = cycles);
    if (page_map(os, cpu, c->child, c->va, pfn, prot, prot & RIGHT_W))
        return true;
    frame_put(os, cpu, pfn);
    return false;
}

static bool
share_page(struct os *os, unsigned cpu, uint32_t parent, const struct copy *c)
{
    const struct format *f = &os->hw->geo.format;
    pfn_t pfn = table_pfn(f, c->entry);
    bool was = format_has(f, c->entry, f->flag.writable), writable = was && stays_writable(os, c);

    if (was && !writable) {
        pte_t shut = format_without(f, c->entry, f->flag.writable);

        page_keep_dirty(os, pfn, c->entry, shut);
        table_set(os, cpu, parent, c->va, c->slot, shut);
    }
    frame_get(os, cpu, pfn);
    if (page_map(os, cpu, c->child, c->va, pfn, os->area[c->area].prot, writable))
        return true;
    frame_put(os, cpu, pfn);
    return false;
}

/* A page that is not in memory: the child's entry names the same slot. */
static bool
share_slot(struct os *os, unsigned cpu, const struct copy *c, uint32_t slot)
{
    paddr_t place = table_slot(os, cpu, c->child, c->va, true);

    if (place == 0)
        return false;
    swap_get(os, cpu, slot);
    os->s->mm[c->child].swapped++;
    table_set(os, cpu, c->child, c->va, place, c->entry);
    return true;
}

/* All pages of one area. A poked entry is not ours to hand on. */
static bool
fork_pages(struct os *os, unsigned cpu, uint32_t parent, uint32_t child, uint32_t area,
           uint64_t *shared)
{
    uint64_t page = format_page(&os->hw->geo.format);
    vaddr_t end = os->area[area].end;
    bool copies = hw_quirk(os->hw, QUIRK_FORK_COPIES) && !os->area[area].shared;
    struct copy c = {.child = child, .area = area, .va = os->area[area].start};

    for (; table_next(os, parent, &c.va, end, &c.slot); c.va += page) {
        uint32_t swapped;

        c.entry = table_get(os, c.slot);
        swapped = swap_entry_slot(os, c.entry);
        if (swapped && !share_slot(os, cpu, &c, swapped))
            return false;
        if (swapped || !page_is_known(os, parent, c.va, c.entry))
            continue;
        if (!(copies ? copy_page(os, cpu, &c) : share_page(os, cpu, parent, &c)))
            return false;
        *shared += !copies;
    }
    return true;
}

static bool
fork_area(struct os *os, unsigned cpu, uint32_t child, uint32_t area)
{
    struct area like = os->area[area];

    object_get(os, like.object);
    if (area_add(os, cpu, child, &like))
        return true;
    object_put(os, cpu, like.object);
    return false;
}

static bool
fork_space(struct os *os, unsigned cpu, uint32_t parent, uint32_t child, uint64_t *shared)
{
    os->s->mm[child].brk = os->s->mm[parent].brk;
    for (uint32_t area = os->s->mm[parent].area; area; area = os->area[area].next)
        if (!fork_area(os, cpu, child, area) || !fork_pages(os, cpu, parent, child, area, shared))
            return false;
    return true;
}

uint32_t
os_fork(struct os *os, unsigned cpu)
{
    const struct task *task = os_current(os, cpu);
    uint32_t pid;
    uint64_t shared = 0;

    bool copied;

    if (!task || task->state != TASK_RUNNING ||
        !huge_split_range(os, cpu, task->mm, 0, os->layout.user_end) ||
        (pid = process_new(os, cpu)) == 0)
        return 0;
    shootdown_begin(os, cpu, task->mm, true);
    copied = fork_space(os, cpu, task->mm, pid, &shared);
    shootdown_end(os, cpu);
    shootdown_wait(os, cpu);
    if (!copied) {
        process_undo(os, cpu, pid);
        return 0;
    }
    EMIT(os->hw, cpu, FORKED, .other = pid, .count = shared);
    return pid;
}
