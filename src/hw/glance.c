/* glance.c - most walks find nothing odd on their way.
 *
 * So their entries need not be judged one by one: it is enough to remember which bits all of them had,
 * and which any of them had, and to look at the end. What is on the way of an odd entry is then read
 * for nothing, which hurts nobody: reading memory is always possible.
 *
 *   all  = PML4E & PDPTE & PDE      present, accessed, writable, user: only if every level says so
 *   any  = PML4E | PDPTE | PDE      reserved, large, no-execute: already if one does
 */
#include "hw/glance.h"

#include "hw/cache.h"
#include "hw/tlb.h"
#include "hw/walk_cache.h"

/* Every table lies in one page, and every entry has all its flags. */
static bool
has_usual_tables(const struct format *f)
{
    for (unsigned level = 0; level < f->levels; level++)
        if (f->level[level].bare || format_table_bytes(f, level) > format_page(f))
            return false;
    return (f->root & (format_page(f) - 1)) == 0;
}

bool
glance_exists(const struct hw *hw)
{
    const struct format *f = &hw->geo.format;

    return format_is_tree(f) && f->family == FAMILY_X86 && f->when_zero == 0 && f->frame_up == 0 &&
           f->leaf == 0 && !f->root_registers && hw->geo.open_to == 0 && !walk_cache_exists(hw) &&
           !cache_exists(hw) && has_usual_tables(f);
}

static bool
may_be_large(const struct format *f, const struct rules *r, unsigned level)
{
    uint8_t rule = f->level[level].large;

    return rule == LARGE_ALWAYS || (rule == LARGE_IF_PSE && r->pse);
}

/* The shift that leaves an index times the size of an entry. */
static unsigned
scale(const struct format *f)
{
    return (unsigned)__builtin_ctz(f->entry_bytes);
}

void
glance_prepare(struct glance *g, const struct hw *hw, unsigned cpu)
{
    const struct format *f = &hw->geo.format;
    unsigned last = f->levels - 1U;

    *g = (struct glance){.rules = rules_now(hw, cpu),
                         .root = walker_root(hw, hw->s->cpu[cpu].cr3),
                         .entry_mask = low_bits(8u * f->entry_bytes),
                         .frame = f->frame,
                         .usual = f->flag.present | f->flag.accessed,
                         .grants = f->flag.writable | f->flag.user,
                         .forbids = f->flag.no_execute};
    g->leaf_wrong = reserved_bits(f, &g->rules, last, true);
    for (unsigned level = 0; level <= last; level++) {
        g->index[level].shift = f->level[level].shift - scale(f);
        g->index[level].mask = low_bits(f->level[level].bits) << scale(f);
        if (level == last)
            continue;
        g->table_wrong |= reserved_bits(f, &g->rules, level, false);
        if (may_be_large(f, &g->rules, level))
            g->table_wrong |= f->flag.large;
    }
}

/* The word of memory in which a table's entry lies. Only stored RAM is looked at; anything else reads as
 * absent here, and is left to walker_walk. */
static inline uint64_t
word_of(const struct phys *p, paddr_t table, uint64_t at)
{
    const unsigned char *bytes = phys_stored(p, table >> p->page_shift);
    uint64_t word;

    if (!bytes)
        return 0;
    memcpy(&word, bytes + (at & ~UINT64_C(7)), 8);
    return le64toh(word);
}

/* From the root down. With constants for levels and whole_words (entries of 8 bytes) the compiler makes
 * straight code of it. */
static inline __attribute__((always_inline)) bool
descend(const struct hw *hw, const struct glance *g, vaddr_t va, unsigned levels, bool whole_words,
        pte_t *leaf)
{
    const struct phys *p = &hw->phys;
    paddr_t table = g->root;
    pte_t all = ~UINT64_C(0), any = 0, above = 0, entry = 0;

    for (unsigned level = 0; level < levels; level++) {
        uint64_t at = va >> g->index[level].shift & g->index[level].mask;

        above = any;
        entry = word_of(p, table, at);
        if (!whole_words)
            entry = entry >> (at % 8 * 8) & g->entry_mask;
        all &= entry;
        any |= entry;
        table = entry & g->frame;
    }
    *leaf = (entry & (all | ~g->grants)) | (any & g->forbids);
    return (all & g->usual) == g->usual && !(above & g->table_wrong) && !(entry & g->leaf_wrong);
}

bool
glance_walk(const struct hw *hw, struct glance *g, vaddr_t va, struct translation *t)
{
    const struct format *f = &hw->geo.format;
    const unsigned levels = f->levels;
    pte_t leaf;

    if (levels == 4 && f->entry_bytes == 8 ? !descend(hw, g, va, 4, true, &leaf)
                                           : !descend(hw, g, va, levels, false, &leaf))
        return false;
    if ((leaf & ~g->frame) != g->bits) {
        g->bits = leaf & ~g->frame;
        g->flags = leaf_flags(f, &g->rules, levels - 1, TLB_W | TLB_U, leaf);
    }
    t->flags = g->flags;
    t->shift = f->page_shift;
    t->pfn = pfn_of(f, leaf & g->frame);
    t->pat = 0;
    return true;
}
