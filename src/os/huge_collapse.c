/* Many small pages become a large one: a block is taken, the way to the pages is cut, they are copied,
 * and one entry leads to the block. Linux mm/khugepaged.c, collapse_huge_page.
 */
#include "hw/walk_cache.h"
#include "os/huge_internal.h"
#include "os/swap.h"
#include "os/tag.h"

static const struct format *
format_of(const struct os *os)
{
    return &os->hw->geo.format;
}

/* --- may it? --- */

static bool
sleeps_in(const struct os *os, uint32_t mm)
{
    for (uint32_t pid = 1; pid < TASK_MAX; pid++)
        if (os->s->task[pid].pid && os->s->task[pid].mm == mm &&
            os->s->task[pid].fault.stage != STAGE_NONE)
            return true;
    return false;
}

/* One page of those that are to become one; *there counts those in memory. */
static enum huge_why
page_may(const struct os *os, uint32_t mm, vaddr_t va, uint64_t *there)
{
    pte_t entry = table_get(os, table_find(os, mm, va));
    const struct frame *frame = &os->frame[rmap_frame(os, mm, va)];

    if (swap_entry_slot(os, entry))
        return HUGE_SWAPPED;
    if (!(entry & format_of(os)->flag.present))
        return rmap_frame(os, mm, va) || entry ? HUGE_STRANGE : HUGE_FINE;
    if (!page_is_known(os, mm, va, entry) || (frame->use != USE_ANON && frame->use != USE_ZERO))
        return HUGE_STRANGE;
    if (frame->locked || (frame->use == USE_ANON && frame->refs != frame->maps))
        return HUGE_BUSY;
    *there += frame->use == USE_ANON;
    return HUGE_FINE;
}

static enum huge_why
pages_may(const struct os *os, uint32_t mm, vaddr_t base)
{
    uint64_t limit = hw_tunable(os->hw, TUNE_RESIDENT_LIMIT), there = 0;
    const struct mm *space = &os->s->mm[mm];
    enum huge_why why = HUGE_FINE;

    for (uint64_t i = 0; i < huge_frames(os) && why == HUGE_FINE; i++)
        why = page_may(os, mm, huge_page(os, base, i), &there);
    if (why != HUGE_FINE)
        return why;
    if (there == 0)
        return HUGE_EMPTY;
    if (limit && space->rss_anon + space->rss_file - there + huge_frames(os) > limit)
        return HUGE_LIMIT;
    return HUGE_FINE;
}

enum huge_why
huge_may_collapse(const struct os *os, uint32_t mm, vaddr_t va)
{
    vaddr_t base;
    uint32_t area;

    if (huge_size(os) == 0)
        return HUGE_NO_FORMAT;
    base = huge_first(os, va);
    if (huge_find(os, mm, va))
        return HUGE_ALREADY;
    area = area_find(os, mm, base);
    if (!area || os->area[area].end - base < huge_size(os) || os->area[area].object ||
        os->area[area].shared || os->area[area].prot == 0)
        return HUGE_AREA;
    if (!table_find(os, mm, base))
        return HUGE_EMPTY;
    return sleeps_in(os, mm) ? HUGE_BUSY : pages_may(os, mm, base);
}

/* --- collapse --- */

void
huge_claim(struct os *os, pfn_t first, uint32_t mm)
{
    for (pfn_t pfn = first; pfn < first + huge_frames(os); pfn++) {
        struct frame *f = frame_edit(os, pfn);

        *f = (struct frame){.use = USE_ANON, .refs = 1, .owner = mm};
        resident_add(os, pfn);
    }
}

/* From the middle of a block twice as large: right in size, wrong in place. */
static pfn_t
take_misaligned(struct os *os, unsigned cpu)
{
    unsigned order = huge_order(os);
    pfn_t half = huge_frames(os) / 2, block = buddy_take(os, cpu, order + 1);

    if (block == 0)
        return 0;
    buddy_give(os, cpu, block, order - 1);
    buddy_give(os, cpu, block + 3 * half, order - 1);
    return block + half;
}

static pfn_t
take_block(struct os *os, unsigned cpu)
{
    if (hw_quirk(os->hw, QUIRK_MISALIGNED_HUGE) && huge_order(os) < os->hw->geo.max_order)
        return take_misaligned(os, cpu);
    return buddy_take(os, cpu, huge_order(os));
}

/* Nobody walks to the pages any more, and no TLB knows them: from here on nobody can write to what is
 * about to be copied. */
static void
unlink_table(struct os *os, unsigned cpu, uint32_t mm, vaddr_t base, paddr_t slot)
{
    shootdown_begin(os, cpu, mm, true);
    table_entry_write(os, cpu, huge_level(os), base, slot, 0);
    for (uint64_t i = 0; i < huge_frames(os); i++)
        if (rmap_frame(os, mm, huge_page(os, base, i)))
            tag_invalidate(os, cpu, mm, huge_page(os, base, i));
    shootdown_end(os, cpu);
    shootdown_wait(os, cpu);
    if (walk_cache_exists(os->hw)) /* they may know the table, whatever was in it */
        tag_invalidate_now(os, cpu, mm, base);
}

static void
fill(struct os *os, unsigned cpu, pfn_t to, pfn_t from)
{
    bool zeros = from == 0 || from == os->s->zero_page;
    uint32_t cycles;

    if (zeros && phys_is_blank(&os->hw->phys, to))
        return;
    if (zeros)
        phys_zero_frame(&os->hw->phys, to);
    else
        phys_copy_frame(&os->hw->phys, to, from);
    cycles = hw_spend(os->hw, hw_tunable(os->hw, zeros ? TUNE_ZERO_CYCLES : TUNE_COPY_CYCLES));
    if (zeros)
        EMIT(os->hw, cpu, FRAME_ZEROED, .frame = to, .cycles = cycles);
    else
        EMIT(os->hw, cpu, FRAME_COPIED, .frame = to, .frame2 = from, .cycles = cycles);
}

bool
huge_move(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, pfn_t to)
{
    pfn_t from = rmap_frame(os, mm, va);

    fill(os, cpu, to, from);
    if (from && os->resident[from].on_ring)
        resident_inherit(os, to, from);
    else
        resident_load(os, to);
    if (from && os->s->mm[mm].hand == from)
        os->s->mm[mm].hand = (uint32_t)to;
    if (from)
        page_forget(os, mm, va, from);
    if (!page_remember(os, mm, va, to))
        return false;
    if (from)
        frame_put(os, cpu, from);
    return true;
}

/* What the MMU marked in any of the entries it marked in all of them. */
static pte_t
marks_of(const struct os *os, unsigned cpu, uint32_t mm, vaddr_t base)
{
    const struct format *f = format_of(os);
    pte_t all = walker_marks(os->hw, cpu) ? 0 : f->flag.accessed | f->flag.dirty;

    for (uint64_t i = 0; i < huge_frames(os); i++) {
        pte_t entry = table_get(os, table_find(os, mm, huge_page(os, base, i)));

        if (entry & f->flag.present)
            all |= format_plain(f, entry) & (f->flag.accessed | f->flag.dirty);
    }
    return all;
}

pte_t
huge_entry_for(const struct os *os, uint32_t mm, vaddr_t base, pfn_t first, pte_t marks)
{
    uint8_t prot = os->area[area_find(os, mm, base)].prot;

    return format_with(format_of(os),
                       table_leaf_entry(os, huge_level(os), first, prot, prot & RIGHT_W), marks);
}

bool
huge_collapse(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va)
{
    vaddr_t base = huge_first(os, va);
    pfn_t first = take_block(os, cpu), table;
    paddr_t path[LEVEL_MAX], slot;
    bool whole = true;
    pte_t marks;

    if (first == 0)
        return false;
    table_descend(os, mm, os->s->mm[mm].root, base, path);
    slot = path[huge_level(os)];
    table = pfn_of(format_of(os), path[huge_level(os) + 1]);
    marks = marks_of(os, cpu, mm, base);
    huge_claim(os, first, mm);
    unlink_table(os, cpu, mm, base, slot);
    for (uint64_t i = 0; i < huge_frames(os); i++)
        whole &= huge_move(os, cpu, mm, huge_page(os, base, i), first + i);
    table_entry_write(os, cpu, huge_level(os), base, slot,
                      huge_entry_for(os, mm, base, first, marks));
    os->s->mm[mm].huge++;
    table_free(os, cpu, mm, table);
    EMIT(os->hw, cpu, HUGE_COLLAPSED, .va = base, .frame = first, .count = huge_frames(os));
    return whole;
}
