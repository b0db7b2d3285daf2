/* peek.c - looking at page tables without touching them: what the walker would find, for everybody
 * who only wants to know. */
#include <string.h>

#include "hw/entry.h"
#include "hw/hashed.h"

bool
walker_is_leaf(const struct hw *hw, unsigned cpu, unsigned level, pte_t entry)
{
    struct rules r = rules_now(hw, cpu);

    return is_leaf(&hw->geo.format, &r, level, entry);
}

uint64_t
walker_wrong(const struct hw *hw, unsigned cpu, unsigned level, pte_t entry)
{
    const struct format *f = &hw->geo.format;
    struct rules r = rules_now(hw, cpu);

    return wrong_bits(f, &r, level, entry, is_leaf(f, &r, level, entry));
}

uint64_t
walker_reserved(const struct hw *hw, unsigned cpu, unsigned level, bool leaf)
{
    struct rules r = rules_now(hw, cpu);

    return reserved_bits(&hw->geo.format, &r, level, leaf);
}

/* The leaf was found: where the page is. */
static bool
peek_done(const struct format *f, const struct rules *rules, vaddr_t va, struct translation *t)
{
    pte_t leaf = t->entry[t->level];

    t->shift = f->level[t->level].shift;
    t->pfn = pfn_of(f, format_large_base(f, t->level, leaf));
    t->flags = leaf_flags(f, rules, t->level, t->flags, leaf);
    t->pa = pa_of(f, t->pfn) | (va & low_bits(t->shift));
    return true;
}

static bool
peek_hashed(const struct hw *hw, paddr_t root, vaddr_t va, struct translation *t)
{
    const struct format *f = &hw->geo.format;
    const struct rules rules = rules_now(hw, 0);

    if (!hashed_peek(hw, root, va, t))
        return false;
    t->flags = TLB_W | TLB_U;
    return judge(f, &rules, 0, t->entry[0]) == ENTRY_LEAF && peek_done(f, &rules, va, t);
}

/* The tables of a half that has a root of its own are not those below `root`. */
static bool
peek_start(const struct hw *hw, paddr_t root, vaddr_t va, struct walk_start *start)
{
    const struct format *f = &hw->geo.format;
    const struct family *k = family_of(f);
    const struct access a = {.va = va};
    uint16_t error;

    if (k && !k->start(hw, &hw->s->cpu[0], &a, start, &error))
        return false;
    if (!k)
        *start = (struct walk_start){.va = va};
    if (!f->halves || !(va >> 55 & 1))
        start->table = root;
    return format_is_canonical(f, va);
}

/* `held`: the root's entries as the CPU has them; NULL: from memory. */
static bool
peek(const struct hw *hw, paddr_t root, const pte_t *held, vaddr_t va, struct translation *t)
{
    const struct format *f = &hw->geo.format;
    struct rules rules = rules_now(hw, 0);
    struct walk_start start;
    paddr_t table;

    memset(t, 0, sizeof *t);
    if (!peek_start(hw, root, va, &start))
        return false;
    if (!format_is_tree(f))
        return peek_hashed(hw, root, va, t);
    t->flags = TLB_W | TLB_U;
    rules.flat = start.flat;
    table = start.table;
    for (t->level = start.level;; t->level++) {
        unsigned index = format_index(f, t->level, start.va);
        paddr_t slot = table + (uint64_t)index * f->entry_bytes;
        bool in_memory = t->level || !held;
        pte_t entry = in_memory ? phys_read(&hw->phys, slot, f->entry_bytes) : held[index];
        enum verdict said = judge(f, &rules, t->level, entry);

        t->slot[t->level] = slot;
        t->entry[t->level] = entry;
        t->reads += in_memory;
        if (said == ENTRY_LEAF)
            return peek_done(f, &rules, va, t);
        if (said != ENTRY_TABLE)
            return false;
        t->flags = combine_table(f, &rules, t->level, t->flags, entry);
        table = format_address(f, entry);
    }
}

bool
walker_peek(const struct hw *hw, paddr_t root, vaddr_t va, struct translation *t)
{
    return peek(hw, root, NULL, va, t);
}

bool
walker_peek_cpu(const struct hw *hw, unsigned cpu, vaddr_t va, struct translation *t)
{
    const pte_t *held = walker_root_is_held(hw) ? walker_root_entry(hw, cpu, 0) : NULL;

    return peek(hw, walker_root(hw, hw->s->cpu[cpu].cr3), held, va, t);
}
