#include "machine/census.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "os/swap.h"

static void
add_leaf(struct census *c, const struct leaf *l)
{
    if (c->leaves == c->room) {
        c->room = c->room ? c->room * 2 : 256;
        c->leaf = memory_resize(c->leaf, c->room, sizeof *c->leaf);
    }
    c->leaf[c->leaves++] = *l;
}

static void
count_leaf(struct census *c, const struct leaf *l)
{
    const struct format *f = &c->m->hw.geo.format;
    uint8_t use;

    add_leaf(c, l);
    if (l->va >= c->m->preset.layout.user_end) {
        c->any_outside = true;
        c->outside = l->va;
    }
    if (l->pfn >= c->m->preset.geo.frames)
        return;
    c->maps[l->pfn]++;
    c->writable[l->pfn] += format_has(f, l->entry, f->flag.writable);
    use = c->m->os.frame[l->pfn].use;
    c->anon[l->mm] += use == USE_ANON;
    c->file[l->mm] += use == USE_FILE;
    c->zeros[l->mm] += use != USE_ANON && use != USE_FILE;
}

/* A page on the swap device. */
static void
count_slot(struct census *c, uint32_t mm, vaddr_t va, uint32_t slot)
{
    c->slots[slot]++;
    c->swapped[mm]++;
    if (!rmap_frame(&c->m->os, mm, va))
        return;
    c->any_twice = true;
    c->twice = va;
}

static bool
well_formed(const struct census *c, unsigned level, pte_t entry)
{
    const struct hw *hw = &c->m->hw;

    if (!(entry & c->m->hw.geo.format.flag.present))
        return entry == 0 ||
               (level + 1u == c->m->hw.geo.format.levels && swap_entry_slot(&c->m->os, entry));
    return !walker_wrong(hw, 0, level, entry);
}

static void walk_table(struct census *c, uint32_t mm, paddr_t table, unsigned level, vaddr_t base);

static void
visit(struct census *c, uint32_t mm, paddr_t slot, unsigned level, vaddr_t va)
{
    const struct format *f = &c->m->hw.geo.format;
    pte_t entry = phys_read(&c->m->hw.phys, slot, f->entry_bytes);

    if (!well_formed(c, level, entry))
        c->bad_entry = slot;
    if (!(entry & f->flag.present)) {
        if (swap_entry_slot(&c->m->os, entry) && level + 1u == f->levels)
            count_slot(c, mm, va, swap_entry_slot(&c->m->os, entry));
        return;
    }
    if (walker_is_leaf(&c->m->hw, 0, level, entry)) {
        struct leaf l = {.mm = mm, .level = (uint8_t)level, .va = va, .entry = entry};
        l.pfn = pfn_of(f, level + 1u == f->levels ? format_address(f, entry)
                                                  : format_large_base(f, level, entry));
        for (vaddr_t end = va + (UINT64_C(1) << f->level[level].shift); l.va < end;
             l.va += format_page(f), l.pfn++) /* a huge page counts as all of its pages */
            count_leaf(c, &l);
    } else {
        walk_table(c, mm, format_address(f, entry), level + 1, va);
    }
}

static void
walk_table(struct census *c, uint32_t mm, paddr_t table, unsigned level, vaddr_t base)
{
    const struct format *f = &c->m->hw.geo.format;
    pfn_t pfn = pfn_of(f, table);

    if (pfn >= c->m->preset.geo.frames || level >= f->levels) {
        c->bad_entry = table;
        return;
    }
    if (c->parents[pfn]++) { /* seen before: do not go down twice */
        c->cycle = true;
        return;
    }
    c->tables[mm]++;
    for (uint64_t i = 0; i < UINT64_C(1) << f->level[level].bits; i++) {
        vaddr_t va = base + (i << f->level[level].shift);
        if (level == 0 && c->m->preset.layout.kernel &&
            format_extend(f, va) >= c->m->preset.layout.user_end)
            break; /* the kernel's half is the kernel's own */
        visit(c, mm, table + i * f->entry_bytes, level, va);
    }
}

/* By the nodes, whoever's they are; a free one names frame 0. */
static void
count_held(struct census *c)
{
    for (uint32_t i = 1; i <= c->m->os.shoot->held_ever; i++)
        if (c->m->os.held[i].pfn && c->m->os.held[i].pfn < c->m->preset.geo.frames)
            c->held[c->m->os.held[i].pfn]++;
}

/* A table that is no tree: what the kernel's records say, and the entry of those that have one. */
static void
count_mapping(struct census *c, const struct mapping *m, uint32_t record)
{
    const struct format *f = &c->m->preset.geo.format;
    struct leaf l = {.mm = m->mm, .va = m->va, .entry = mapping_get(&c->m->os, record)};
    uint32_t slot = swap_entry_slot(&c->m->os, l.entry);

    if (!well_formed(c, 0, l.entry))
        c->bad_entry = m->place ? hashed_entry_pa(c->m->os.s->kernel_root, m->place) : m->va;
    if (slot)
        count_slot(c, m->mm, m->va, slot);
    if (!(l.entry & f->flag.present))
        return;
    l.pfn = table_pfn(f, l.entry);
    count_leaf(c, &l);
}

static void
count_mappings(struct census *c)
{
    const struct mappings *all = &c->m->os.mappings;

    for (uint32_t i = 1; i <= all->pool->used; i++)
        if (all->at[i].mm)
            count_mapping(c, &all->at[i], i);
}

void
census_take(struct census *c, const struct machine *m)
{
    size_t frames = m->preset.geo.frames;

    *c = (struct census){.m = m};
    c->maps = memory_new(frames, sizeof *c->maps);
    c->parents = memory_new(frames, sizeof *c->parents);
    c->writable = memory_new(frames, sizeof *c->writable);
    c->held = memory_new(frames, sizeof *c->held);
    c->slots = memory_new((size_t)m->preset.geo.swap_slots + 1, sizeof *c->slots);
    if (!m->preset.kernel)
        return;
    if (!format_is_tree(&m->preset.geo.format))
        count_mappings(c);
    else
        for (uint32_t i = 1; i < TASK_MAX; i++)
            if (m->os.s->mm[i].users)
                walk_table(c, i, m->os.s->mm[i].root, 0, 0);
    if (m->preset.geo.cpus > 1)
        count_held(c);
}

void
census_free(struct census *c)
{
    free(c->leaf);
    free(c->held);
    free(c->maps);
    free(c->parents);
    free(c->writable);
    free(c->slots);
}
