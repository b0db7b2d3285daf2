/* Huge pages: the walk stops one level early, at an entry with PS set.
 *
 *   PD[i] --> table --> 512 entries --> 512 frames, anywhere          before
 *   PD[i] -----------------------------> 512 frames, one block        after a collapse
 *
 * The block must begin at a multiple of its size: the address bits that would say otherwise are the
 * offset's now, and reserved in the entry.
 */
#include "os/huge.h"

#include "base/assert.h"
#include "hw/walk_cache.h"
#include "os/swap.h"
#include "os/table.h"
#include "os/tag.h"

const char *const huge_why_text[HUGE_WHY_COUNT] = {
#define X(code, text) text,
    HUGE_WHYS(X)
#undef X
};

static const struct format *
format_of(const struct os *os)
{
    return &os->hw->geo.format;
}

/* The level whose entries map huge pages. */
static unsigned
huge_level(const struct os *os)
{
    return format_of(os)->levels - 2u;
}

uint64_t
huge_size(const struct os *os)
{
    const struct format *f = format_of(os);

    if (!format_is_tree(f) || f->levels < 3 || f->level[huge_level(os)].large != LARGE_ALWAYS ||
        f->level[f->levels - 1].bits > os->hw->geo.max_order)
        return 0;
    return UINT64_C(1) << f->level[huge_level(os)].shift;
}

unsigned
huge_order(const struct os *os)
{
    return format_of(os)->level[format_of(os)->levels - 1].bits;
}

static uint64_t
huge_frames(const struct os *os)
{
    return UINT64_C(1) << huge_order(os);
}

static vaddr_t
first_byte(const struct os *os, vaddr_t va)
{
    return va & ~(huge_size(os) - 1);
}

static vaddr_t
page_va(const struct os *os, vaddr_t base, uint64_t i)
{
    return base + i * format_page(format_of(os));
}

/* --- where they are --- */

/* Entries that somebody poked are none of ours. */
static bool
is_ours(const struct os *os, uint32_t mm, vaddr_t va, pte_t entry)
{
    return (entry & format_of(os)->flag.present) &&
           walker_is_leaf(os->hw, 0, huge_level(os), entry) &&
           page_is_known(os, mm, first_byte(os, va), entry);
}

paddr_t
huge_find(const struct os *os, uint32_t mm, vaddr_t va)
{
    paddr_t path[LEVEL_MAX];
    unsigned level = huge_level(os);

    if (os->s->mm[mm].huge == 0 || table_descend(os, mm, os->s->mm[mm].root, va, path) != level)
        return 0;
    return is_ours(os, mm, va, table_get(os, path[level])) ? path[level] : 0;
}

/* Move *va on to the first huge page that reaches into [*va, end). Where there is none in a table,
 * everything the table could map is skipped in one step. */
static bool
next_huge(const struct os *os, uint32_t mm, vaddr_t *va, vaddr_t end)
{
    const struct format *f = format_of(os);
    paddr_t path[LEVEL_MAX];

    while (os->s->mm[mm].huge && *va < end) {
        unsigned level = table_descend(os, mm, os->s->mm[mm].root, *va, path);
        vaddr_t next;

        if (level > huge_level(os))
            level = huge_level(os);
        else if (huge_find(os, mm, *va))
            return true;
        next = (*va | low_bits(f->level[level].shift)) + 1;
        if (next <= *va)
            return false;
        *va = next;
    }
    return false;
}

bool
huge_holds(const struct os *os, pfn_t pfn)
{
    const struct rmap *r = &os->rmap[os->frame[pfn].rmap];

    return os->frame[pfn].rmap && huge_find(os, r->mm, r->va);
}

/* --- one entry, whatever its size --- */

paddr_t
huge_or_page(const struct os *os, uint32_t mm, vaddr_t va)
{
    paddr_t slot = huge_find(os, mm, va);

    return slot ? slot : table_find(os, mm, va);
}

void
huge_or_page_write(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, pte_t entry)
{
    paddr_t slot = huge_find(os, mm, va);

    if (slot)
        table_entry_write(os, cpu, huge_level(os), first_byte(os, va), slot, entry);
    else
        table_write(os, cpu, va, table_find(os, mm, va), entry);
}

bool
huge_or_page_known(const struct os *os, uint32_t mm, vaddr_t va, pte_t entry)
{
    return page_is_known(os, mm, huge_find(os, mm, va) ? first_byte(os, va) : va, entry);
}

/* --- collapse: may it? --- */

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
        why = page_may(os, mm, page_va(os, base, i), &there);
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
    base = first_byte(os, va);
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

/* The frames of a block become pages of mm, each with one owner: the entry that is to come. */
static void
claim(struct os *os, pfn_t first, uint32_t mm)
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
        if (rmap_frame(os, mm, page_va(os, base, i)))
            tag_invalidate(os, cpu, mm, page_va(os, base, i));
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

/* The page at va goes on in frame `to`. Its node of the reverse map is taken over, so only a page that
 * was not there can find the pool empty. */
static bool
move_page(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, pfn_t to)
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
        pte_t entry = table_get(os, table_find(os, mm, page_va(os, base, i)));

        if (entry & f->flag.present)
            all |= format_plain(f, entry) & (f->flag.accessed | f->flag.dirty);
    }
    return all;
}

static pte_t
huge_entry(const struct os *os, uint32_t mm, vaddr_t base, pfn_t first, pte_t marks)
{
    uint8_t prot = os->area[area_find(os, mm, base)].prot;

    return format_with(format_of(os),
                       table_leaf_entry(os, huge_level(os), first, prot, prot & RIGHT_W), marks);
}

bool
huge_collapse(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va)
{
    vaddr_t base = first_byte(os, va);
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
    claim(os, first, mm);
    unlink_table(os, cpu, mm, base, slot);
    for (uint64_t i = 0; i < huge_frames(os); i++)
        whole &= move_page(os, cpu, mm, page_va(os, base, i), first + i);
    table_entry_write(os, cpu, huge_level(os), base, slot, huge_entry(os, mm, base, first, marks));
    os->s->mm[mm].huge++;
    table_free(os, cpu, mm, table);
    EMIT(os->hw, cpu, HUGE_COLLAPSED, .va = base, .frame = first, .count = huge_frames(os));
    return whole;
}

/* --- split --- */

bool
huge_split(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va)
{
    const struct format *f = format_of(os);
    unsigned last = f->levels - 1u;
    paddr_t slot = huge_find(os, mm, va);
    vaddr_t base;
    pte_t old;
    pfn_t table, first;
    uint8_t prot;

    if (slot == 0)
        return true;
    base = first_byte(os, va);
    if ((table = table_new(os, cpu, mm, last, base)) == 0)
        return false;
    EMIT(os->hw, cpu, TABLE_ALLOC, .va = base, .level = (uint8_t)last, .frame = table);
    old = table_get(os, slot);
    first = table_pfn(f, old);
    prot = os->area[area_find(os, mm, base)].prot;
    for (uint64_t i = 0; i < huge_frames(os); i++)
        table_entry_write(
            os, cpu, last, page_va(os, base, i), pa_of(f, table) + i * f->entry_bytes,
            format_with(f, table_entry(os, first + i, prot, format_has(f, old, f->flag.writable)),
                        format_plain(f, old) & (f->flag.accessed | f->flag.dirty)));
    table_entry_write(os, cpu, huge_level(os), base, slot,
                      table_link_entry(os, huge_level(os), table));
    os->s->mm[mm].huge--;
    tag_invalidate_now(os, cpu, mm, base);
    EMIT(os->hw, cpu, HUGE_SPLIT, .va = base, .frame = table, .count = huge_frames(os));
    return true;
}

bool
huge_split_range(struct os *os, unsigned cpu, uint32_t mm, vaddr_t start, vaddr_t end)
{
    for (vaddr_t va = start; next_huge(os, mm, &va, end);)
        if (!huge_split(os, cpu, mm, va))
            return false;
    return true;
}

bool
huge_split_edges(struct os *os, unsigned cpu, uint32_t mm, vaddr_t start, vaddr_t end)
{
    uint64_t size = huge_size(os);

    if (os->s->mm[mm].huge == 0)
        return true;
    return (start % size == 0 || huge_split(os, cpu, mm, start)) &&
           (end % size == 0 || huge_split(os, cpu, mm, end));
}

bool
huge_split_frame(struct os *os, unsigned cpu, pfn_t pfn)
{
    struct rmap at = os->rmap[os->frame[pfn].rmap];

    return !huge_holds(os, pfn) || huge_split(os, cpu, at.mm, at.va);
}

/* --- removal --- */

/* The entry first, then the frames, as with a page. */
static void
zap(struct os *os, unsigned cpu, uint32_t mm, vaddr_t base)
{
    paddr_t slot = huge_find(os, mm, base);
    pfn_t first = table_pfn(format_of(os), table_get(os, slot));

    for (uint64_t i = 0; i < huge_frames(os); i++)
        page_forget(os, mm, page_va(os, base, i), first + i);
    table_entry_write(os, cpu, huge_level(os), base, slot, 0);
    os->s->mm[mm].huge--;
    tag_invalidate(os, cpu, mm, base);
    for (uint64_t i = 0; i < huge_frames(os); i++)
        shootdown_put(os, cpu, mm, first + i);
}

void
huge_zap_range(struct os *os, unsigned cpu, uint32_t mm, vaddr_t start, vaddr_t end)
{
    for (vaddr_t va = start; next_huge(os, mm, &va, end);) {
        pw_assert(va % huge_size(os) == 0 && end - va >= huge_size(os));
        zap(os, cpu, mm, va);
        table_trim(os, cpu, mm, va);
    }
}

/* --- the pool --- */

/* Nobody's, and not free either. */
static void
hold(struct os *os, unsigned cpu, pfn_t first)
{
    for (pfn_t pfn = first; pfn < first + huge_frames(os); pfn++) {
        struct frame *f = frame_edit(os, pfn);

        f->use = USE_RESERVED;
        f->refs = 1;
    }
    os->s->huge_pool[os->s->huge_pooled++] = (uint32_t)first;
    EMIT(os->hw, cpu, HUGE_RESERVED, .frame = first, .count = os->s->huge_pooled);
}

void
huge_reserve(struct os *os, unsigned cpu, uint64_t wanted)
{
    pfn_t first;

    if (huge_size(os) == 0)
        return;
    while (os->s->huge_pooled > wanted)
        buddy_give(os, cpu, os->s->huge_pool[--os->s->huge_pooled], huge_order(os));
    while (os->s->huge_pooled < wanted && os->s->huge_pooled < HUGE_POOL_MAX &&
           (first = buddy_take(os, cpu, huge_order(os))) != 0)
        hold(os, cpu, first);
}

static bool
map_one(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va)
{
    paddr_t slot = table_reach(os, cpu, mm, os->s->mm[mm].root, huge_level(os), va);
    pfn_t first;

    if (slot == 0)
        return false;
    first = os->s->huge_pool[--os->s->huge_pooled];
    claim(os, first, mm);
    for (uint64_t i = 0; i < huge_frames(os); i++)
        if (!move_page(os, cpu, mm, page_va(os, va, i), first + i))
            return false; /* a limit of ours, not of the machine */
    table_entry_write(os, cpu, huge_level(os), va, slot,
                      huge_entry(os, mm, va, first,
                                 walker_marks(os->hw, cpu)
                                     ? 0
                                     : format_of(os)->flag.accessed | format_of(os)->flag.dirty));
    os->s->mm[mm].huge++;
    return true;
}

bool
huge_in_pool(const struct os *os, unsigned cpu, uint64_t pages)
{
    if (pages > os->s->huge_pooled)
        EMIT(os->hw, cpu, HUGE_NONE_LEFT, .count = os->s->huge_pooled, .index = (uint32_t)pages);
    return pages <= os->s->huge_pooled;
}

bool
huge_map(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, uint64_t pages)
{
    for (uint64_t i = 0; i < pages; i++)
        if (!map_one(os, cpu, mm, va + i * huge_size(os)))
            return false;
    return true;
}
