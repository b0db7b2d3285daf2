/* The invariants, one small function each: true when it holds, else `where` says what was found.
 * Frames and lists here; tables, TLB and areas in invariant_space.c. */
#include "machine/invariant_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "os/swap.h"

const struct invariant_row invariant_row[INVARIANTS] = {
#define INVARIANT(code, id, check, text) [INV_##code] = {id, text},
#include "machine/invariants.def"
#undef INVARIANT
};

bool
broken(char where[INVARIANT_WHERE], const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(where, INVARIANT_WHERE, fmt, ap);
    va_end(ap);
    return false;
}

static uint64_t
frames_of(const struct census *c)
{
    return c->m->preset.geo.frames;
}

/* --- frames -------------------------------------------------------------------------------------
 */

bool
check_frame_uses(const struct census *c, char *where)
{
    uint64_t free_frames = 0;

    for (uint64_t i = 0; i < frames_of(c); i++) {
        const struct frame *f = &c->m->os.frame[i];
        if (f->use >= FRAME_USE_COUNT)
            return broken(where, "frame f%llx has use %u", (unsigned long long)i, f->use);
        free_frames += frame_is_free(f);
    }
    if (free_frames != c->m->os.s->free_frames)
        return broken(where, "%llu frames are free, counted %u", (unsigned long long)free_frames,
                      c->m->os.s->free_frames);
    return true;
}

static bool
in_cache(const struct frame *f)
{
    return f->use == USE_FILE && f->object != 0;
}

/* Faults that own the frame: it was emptied or filled for them. */
static uint32_t
hands(const struct census *c, uint64_t pfn)
{
    uint32_t n = 0;

    for (uint32_t pid = 1; pid < TASK_MAX; pid++)
        n += c->m->os.s->task[pid].fault.hand == pfn;
    return n;
}

bool
check_frame_refs(const struct census *c, char *where)
{
    for (uint64_t i = 0; i < frames_of(c); i++) {
        const struct frame *f = &c->m->os.frame[i];
        uint32_t kernel = f->use == USE_TABLE || f->use == USE_ZERO || f->use == USE_RESERVED ||
                          f->use == USE_BLOCK || f->use == USE_PROGRAM;
        uint32_t owners = c->maps[i] + in_cache(f) + kernel + (i ? hands(c, i) : 0) + c->held[i];

        if (!frame_is_free(f) && f->refs != owners)
            return broken(where, "frame f%llx: refs %u, found %u", (unsigned long long)i, f->refs,
                          owners);
    }
    return true;
}

static bool
rmap_holds(const struct machine *m, const struct leaf *l)
{
    for (uint32_t n = m->os.frame[l->pfn].rmap, steps = 0; n && steps <= m->os.rmap_max;
         n = m->os.rmap[n].next, steps++)
        if (m->os.rmap[n].mm == l->mm && m->os.rmap[n].va == l->va)
            return true;
    return false;
}

static uint32_t
rmap_length(const struct machine *m, uint64_t pfn)
{
    uint32_t length = 0;

    for (uint32_t n = m->os.frame[pfn].rmap; n && length <= m->os.rmap_max; n = m->os.rmap[n].next)
        length++;
    return length;
}

bool
check_frame_rmap(const struct census *c, char *where)
{
    for (uint64_t i = 0; i < frames_of(c); i++)
        if (c->m->os.frame[i].maps != c->maps[i] || rmap_length(c->m, i) != c->maps[i])
            return broken(where, "frame f%llx: maps %u, list of %u, found %u",
                          (unsigned long long)i, c->m->os.frame[i].maps, rmap_length(c->m, i),
                          c->maps[i]);
    for (size_t i = 0; i < c->leaves; i++)
        if (c->leaf[i].pfn < frames_of(c) && !rmap_holds(c->m, &c->leaf[i]))
            return broken(where, "frame f%llx: 0x%llx of process %u is not in its list",
                          (unsigned long long)c->leaf[i].pfn, (unsigned long long)c->leaf[i].va,
                          c->leaf[i].mm);
    return true;
}

/* It runs nobody, and will flush before it does. */
static bool
will_flush(const struct machine *m, unsigned cpu)
{
    return m->preset.geo.cpus > 1 && !m->hw.s->cpu[cpu].task && (m->os.shoot->stale >> cpu & 1);
}

/* Can a program reach frame pfn through entry x of that CPU? The kernel's large pages cover all of RAM,
 * free frames too: that is what they are for. */
static bool
leads_to(const struct machine *m, unsigned cpu, const struct tlb_entry *x, uint64_t pfn)
{
    uint64_t frames;

    if (!(x->flags & TLB_VALID) || !(x->flags & TLB_U) || will_flush(m, cpu) ||
        asid_is_past(&m->os, cpu, x->asid))
        return false;
    frames = UINT64_C(1) << (x->shift - m->hw.geo.format.page_shift);
    return pfn >= x->pfn && pfn < x->pfn + frames;
}

static bool
tlb_names_frame(const struct machine *m, uint64_t pfn)
{
    size_t n = (size_t)m->preset.geo.tlb_sets * m->preset.geo.tlb_ways;
    size_t more = m->hw.tlb_more_entries;

    for (size_t i = 0; i < m->preset.geo.cpus * n; i++)
        if (leads_to(m, (unsigned)(i / n), &m->hw.tlb[i], pfn))
            return true;
    for (size_t i = 0; i < m->preset.geo.cpus * more; i++)
        if (leads_to(m, (unsigned)(i / more), &m->hw.tlb_more[i], pfn))
            return true;
    return false;
}

bool
check_frame_free(const struct census *c, char *where)
{
    for (uint64_t i = 0; i < frames_of(c); i++) {
        const struct frame *f = &c->m->os.frame[i];

        if (!frame_is_free(f))
            continue;
        if (f->refs || f->maps || f->rmap || c->maps[i] || c->parents[i])
            return broken(where, "frame f%llx is free, but refs %u, mappings %u",
                          (unsigned long long)i, f->refs, c->maps[i] + c->parents[i]);
        if (tlb_names_frame(c->m, i))
            return broken(where, "frame f%llx is free, but a TLB entry names it",
                          (unsigned long long)i);
    }
    return true;
}

bool
check_frame_tables(const struct census *c, char *where)
{
    for (uint64_t i = 0; i < frames_of(c); i++)
        if (c->writable[i] && (c->parents[i] || c->m->os.frame[i].use == USE_TABLE))
            return broken(where, "frame f%llx is a page table and a writable user page",
                          (unsigned long long)i);
    return true;
}

bool
check_frame_zero(const struct census *c, char *where)
{
    uint32_t zero = c->m->os.s->zero_page;
    const struct content *content = phys_content(&c->m->hw.phys, zero);
    uint64_t page = format_page(&c->m->hw.geo.format);

    if (c->writable[zero])
        return broken(where, "the zero page f%x is writable somewhere", zero);
    for (uint64_t at = 0; content && (content->slot || content->tag) && at < page; at += 8)
        if (phys_read(&c->m->hw.phys, zero * page + at, 8))
            return broken(where, "the zero page f%x is not zero at offset 0x%llx", zero,
                          (unsigned long long)at);
    return true;
}

/* --- buddy --------------------------------------------------------------------------------------
 */

/* Each free list, walked once: calls `each` with every block until it says no. */
static bool
each_block(const struct census *c,
           bool (*each)(const struct census *, uint32_t pfn, unsigned order, void *, char *),
           void *ctx, char *where)
{
    for (unsigned order = 0; order < BUDDY_ORDERS; order++) {
        uint64_t steps = 0;
        for (uint32_t b = c->m->os.s->free_head[order]; b; b = c->m->os.frame[b].next) {
            if (b >= frames_of(c) || steps++ > frames_of(c))
                return broken(where, "the list of order %u is a ring, or leaves memory", order);
            if (!each(c, b, order, ctx, where))
                return false;
        }
    }
    return true;
}

static bool
tile_block(const struct census *c, uint32_t pfn, unsigned order, void *ctx, char *where)
{
    unsigned char *covered = ctx;

    for (uint64_t i = pfn; i < pfn + (UINT64_C(1) << order); i++) {
        if (i >= frames_of(c) || covered[i]++)
            return broken(where, "frame f%llx is in two free blocks, or beyond memory",
                          (unsigned long long)i);
        if (c->m->os.frame[i].use != (i == pfn ? USE_FREE : USE_TAIL))
            return broken(where, "frame f%llx is in a free block and in use",
                          (unsigned long long)i);
    }
    return true;
}

bool
check_buddy_tiles(const struct census *c, char *where)
{
    unsigned char *covered = memory_new(frames_of(c), 1);
    bool ok;

    ok = each_block(c, tile_block, covered, where);
    for (uint64_t i = 0; ok && i < frames_of(c); i++)
        if (frame_is_free(&c->m->os.frame[i]) && !covered[i])
            ok = broken(where, "frame f%llx is free and in no block", (unsigned long long)i);
    free(covered);
    return ok;
}

static bool
aligned_block(const struct census *c, uint32_t pfn, unsigned order, void *ctx, char *where)
{
    (void)c;
    (void)ctx;
    return pfn % (1u << order) == 0 ||
           broken(where, "the block f%x of order %u is not aligned", pfn, order);
}

bool
check_buddy_aligned(const struct census *c, char *where)
{
    return each_block(c, aligned_block, NULL, where);
}

static bool
unmerged_block(const struct census *c, uint32_t pfn, unsigned order, void *ctx, char *where)
{
    uint64_t buddy = pfn ^ (UINT64_C(1) << order);

    (void)ctx;
    if (order == c->m->preset.geo.max_order || buddy >= frames_of(c))
        return true;
    if (c->m->os.frame[buddy].use == USE_FREE && c->m->os.frame[buddy].order == order)
        return broken(where, "f%x and f%llx of order %u are both free", pfn,
                      (unsigned long long)buddy, order);
    return true;
}

bool
check_buddy_merged(const struct census *c, char *where)
{
    return each_block(c, unmerged_block, NULL, where);
}

static bool
count_block(const struct census *c, uint32_t pfn, unsigned order, void *ctx, char *where)
{
    (void)c;
    (void)pfn;
    (void)where;
    ((uint32_t *)ctx)[order]++;
    return true;
}

bool
check_buddy_counts(const struct census *c, char *where)
{
    uint32_t count[BUDDY_ORDERS] = {0};
    uint64_t total = 0;

    if (!each_block(c, count_block, count, where))
        return false;
    for (unsigned order = 0; order < BUDDY_ORDERS; order++) {
        total += (uint64_t)count[order] << order;
        if (count[order] != c->m->os.s->free_count[order])
            return broken(where, "order %u: %u blocks, counted %u", order, count[order],
                          c->m->os.s->free_count[order]);
    }
    return total == c->m->os.s->free_frames ||
           broken(where, "the lists hold %llu frames, counted %u", (unsigned long long)total,
                  c->m->os.s->free_frames);
}

/* The smallest order that holds what was asked, by counting up; the kernel counts leading zeros. */
static unsigned
order_asked(const struct census *c, uint64_t bytes)
{
    unsigned order = 0;

    while (format_page(&c->m->hw.geo.format) << order < bytes)
        order++;
    return order;
}

static bool
block_is_whole(const struct census *c, uint64_t first)
{
    const struct frame *f = &c->m->os.frame[first];
    uint64_t n = UINT64_C(1) << f->order;

    if (first % n != 0 || first + n > frames_of(c))
        return false;
    for (uint64_t i = 1; i < n; i++)
        if (f[i].use != USE_PART)
            return false;
    return first + n == frames_of(c) || f[n].use != USE_PART;
}

bool
check_buddy_blocks(const struct census *c, char *where)
{
    for (uint64_t i = 0; i < frames_of(c); i++) {
        const struct frame *f = &c->m->os.frame[i];

        if (f->use == USE_PART)
            return broken(where, "frame f%llx is part of no block", (unsigned long long)i);
        if (f->use != USE_BLOCK)
            continue;
        if (f->order > c->m->preset.geo.max_order || f->order != order_asked(c, f->offset))
            return broken(where, "the block f%llx of order %u does not fit its %llu bytes",
                          (unsigned long long)i, f->order, (unsigned long long)f->offset);
        if (!block_is_whole(c, i))
            return broken(where, "the block f%llx of order %u is not aligned, or not whole",
                          (unsigned long long)i, f->order);
        i += (UINT64_C(1) << f->order) - 1;
    }
    return true;
}

/* --- stored pages -------------------------------------------------------------------------------
 */

bool
check_slot_owners(const struct census *c, char *where)
{
    const struct phys *p = &c->m->hw.phys;
    unsigned char *owned = memory_new((size_t)p->s->slots_used + 1, 1);
    bool ok = true;

    for (uint64_t i = 0; ok && i < p->frames; i++) {
        uint32_t slot = p->content[i].slot;
        if (slot > p->s->slots_used || (slot && owned[slot]++))
            ok = broken(where, "frame f%llx: slot %u is somebody else's", (unsigned long long)i,
                        slot);
    }
    for (uint32_t i = 1; ok && i <= c->m->preset.geo.swap_slots; i++) {
        uint32_t slot = c->m->os.swap[i].content.slot;
        if (slot > p->s->slots_used || (slot && owned[slot]++))
            ok = broken(where, "slot %u of the swap device: its stored page %u is somebody else's",
                        i, slot);
    }
    for (uint32_t s = p->s->slot_free, steps = 0; ok && s; s = p->slot_next[s])
        if (s > p->s->slots_used || owned[s]++ || steps++ > p->s->slots_used)
            ok = broken(where, "slot %u is free and owned, or free twice", s);
    free(owned);
    return ok;
}

/* --- the check ----------------------------------------------------------------------------------
 */

typedef bool check_fn(const struct census *c, char where[INVARIANT_WHERE]);

static check_fn *const check_row[INVARIANTS] = {
#define INVARIANT(code, id, check, text) [INV_##code] = check_##check,
#include "machine/invariants.def"
#undef INVARIANT
};

/* What bare hardware has too. */
static bool
applies(const struct machine *m, enum invariant_code i)
{
    return m->preset.kernel || i == INV_L3 || i == INV_L4 || i == INV_P1 || i == INV_D1 ||
           i == INV_D2;
}

unsigned
invariant_check(const struct machine *m, struct violation *out, unsigned room)
{
    struct census c;
    unsigned found = 0;

    census_take(&c, m);
    for (int i = 0; i < INVARIANTS; i++) {
        struct violation v = {.invariant = (enum invariant_code)i};
        if (!applies(m, v.invariant) || check_row[i](&c, v.where))
            continue;
        if (found < room)
            out[found] = v;
        found++;
    }
    census_free(&c);
    return found;
}
