/* Huge pages: the walk stops one level early, at an entry with PS set.
 *
 *   PD[i] --> table --> 512 entries --> 512 frames, anywhere          before
 *   PD[i] -----------------------------> 512 frames, one block        after a collapse
 *
 * The block must begin at a multiple of its size: the address bits that would say otherwise are the
 * offset's now, and reserved in the entry.
 */
#include "os/huge_internal.h"

#include "base/assert.h"
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

unsigned
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

uint64_t
huge_frames(const struct os *os)
{
    return UINT64_C(1) << huge_order(os);
}

vaddr_t
huge_first(const struct os *os, vaddr_t va)
{
    return va & ~(huge_size(os) - 1);
}

vaddr_t
huge_page(const struct os *os, vaddr_t base, uint64_t i)
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
           page_is_known(os, mm, huge_first(os, va), entry);
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
        table_entry_write(os, cpu, huge_level(os), huge_first(os, va), slot, entry);
    else
        table_write(os, cpu, va, table_find(os, mm, va), entry);
}

bool
huge_or_page_known(const struct os *os, uint32_t mm, vaddr_t va, pte_t entry)
{
    return page_is_known(os, mm, huge_find(os, mm, va) ? huge_first(os, va) : va, entry);
}

/* --- split --- */

/* The entries of a new table: the frames, rights and marks that the one entry had. */
static void
fill_table(struct os *os, unsigned cpu, uint32_t mm, vaddr_t base, pfn_t table, pte_t old)
{
    const struct format *f = format_of(os);
    pfn_t first = table_pfn(f, old);
    pte_t marks = format_plain(f, old) & (f->flag.accessed | f->flag.dirty);
    uint8_t prot = os->area[area_find(os, mm, base)].prot;

    for (uint64_t i = 0; i < huge_frames(os); i++) {
        pte_t entry = table_entry(os, first + i, prot, format_has(f, old, f->flag.writable));

        table_entry_write(os, cpu, f->levels - 1u, huge_page(os, base, i),
                          pa_of(f, table) + i * f->entry_bytes, format_with(f, entry, marks));
    }
}

bool
huge_split(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va)
{
    unsigned last = format_of(os)->levels - 1u;
    paddr_t slot = huge_find(os, mm, va);
    vaddr_t base;
    pfn_t table;

    if (slot == 0)
        return true;
    base = huge_first(os, va);
    if ((table = table_new(os, cpu, mm, last, base)) == 0)
        return false;
    EMIT(os->hw, cpu, TABLE_ALLOC, .va = base, .level = (uint8_t)last, .frame = table);
    fill_table(os, cpu, mm, base, table, table_get(os, slot));
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
        page_forget(os, mm, huge_page(os, base, i), first + i);
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
