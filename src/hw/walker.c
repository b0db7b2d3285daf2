/* walker.c - one walker for every radix format.
 *
 * A page table is a tree. CR3 names the root; at each level some bits of the virtual address
 * choose one entry, and the entry names the next table, until one names a page. (SDM vol. 3A, 4.3
 * for 32-bit paging, 4.5 for 4-level and 5-level paging.)
 *
 *   47     39 38     30 29     21 20     12 11         0
 *  |  PML4   |  PDPT   |   PD    |   PT    |  offset   |
 *       |         |         |         |          '--------------------------.
 *  CR3 -+-> entry +-> entry +-> entry +-> entry -> frame ------------------ + -> physical address
 *
 * Widths, flags and exceptions to the rule come from struct format. What an entry says is read in
 * hw/entry.h, who may use the page is judged in rights.c, and what bits cannot say of a family of CPUs
 * is a row of hw/family.h.
 */
#include "hw/walker.h"

#include <string.h>

#include "hw/entry.h"
#include "hw/hashed.h"
#include "hw/hierarchy.h"
#include "hw/tlb.h"
#include "hw/walk_cache.h"

/* --- where an entry lies --- */

static unsigned
index_of_width(const struct format *f, unsigned bits, unsigned level, vaddr_t va)
{
    return (unsigned)(va >> (f->page_shift + bits * (f->levels - 1U - level)) & low_bits(bits));
}

/* Index and address as somebody with a wrong idea would compute them. Always an entry that lies
 * inside one frame, whatever the idea. */
static unsigned __attribute__((cold))
quirky_index(const struct hw *hw, unsigned level, vaddr_t va)
{
    const struct format *f = &hw->geo.format;
    const struct format_level *l = &f->level[level];

    if (hw_quirk(hw, QUIRK_INDEX_TEN_BITS))
        return index_of_width(f, 10, level, va);
    if (hw_quirk(hw, QUIRK_INDEX_NINE_BITS))
        return index_of_width(f, 9, level, va);
    if (hw_quirk(hw, QUIRK_INDEX_LEFT))
        return (unsigned)(va >> (l->shift + 1) & low_bits(l->bits));
    return format_index(f, level, va);
}

static paddr_t __attribute__((cold))
quirky_slot(const struct hw *hw, paddr_t table, unsigned index, unsigned *size)
{
    uint64_t page = format_page(&hw->geo.format);
    paddr_t pa;

    if (hw_quirk(hw, QUIRK_ENTRY_HALF) && *size > 1)
        *size /= 2;
    pa = table + (hw_quirk(hw, QUIRK_ENTRY_BYTES) ? index : (uint64_t)index * *size);
    if ((pa & (page - 1)) + *size > page)
        pa &= ~(uint64_t)(*size - 1);
    return pa & low_bits(52);
}

struct place {
    unsigned index, size; /* size: bytes read */
    unsigned pat;         /* how the table is read (hw/memtype.h) */
    paddr_t pa;
};

/* Table address + index x size of an entry. */
static inline struct place
place_of(const struct hw *hw, paddr_t table, unsigned level, vaddr_t va)
{
    const struct format *f = &hw->geo.format;
    struct place p = {.size = f->entry_bytes};

    if (hw->s->quirks) {
        p.index = quirky_index(hw, level, va);
        p.pa = quirky_slot(hw, table, p.index, &p.size);
        return p;
    }
    p.index = format_index(f, level, va);
    p.pa = table + (uint64_t)p.index * p.size;
    return p;
}

/* --- the walk --- */

/* Not an address at all: no table is looked at, and CR2 keeps what it had. The stack segment has a
 * vector of its own for it (SDM vol. 1, 3.3.7.1). */
static bool
general_fault(struct hw *hw, unsigned cpu, const struct access *a, struct fault *out)
{
    *out = (struct fault){.vector = a->stack ? FAULT_SS : FAULT_GP, .va = a->va};
    if (a->stack)
        EMIT(hw, cpu, STACK_FAULT, .va = a->va, .kind = a->kind, .mode = a->user);
    else
        EMIT(hw, cpu, GENERAL_FAULT, .va = a->va, .kind = a->kind, .mode = a->user);
    return false;
}

/* The frame an entry names, for the eye. */
static pfn_t
named_frame(const struct hw *hw, unsigned cpu, unsigned level, pte_t entry)
{
    const struct format *f = &hw->geo.format;

    if (!(entry & f->flag.present))
        return 0;
    if (walker_is_leaf(hw, cpu, level, entry))
        return pfn_of(f, format_large_base(f, level, entry));
    return pfn_of(f, format_address(f, entry));
}

/* False: the caches leave it to memory. */
static bool __attribute__((noinline))
ask_caches(struct hw *hw, unsigned cpu, vaddr_t va, const struct place *p, uint64_t *value)
{
    struct request r = {.va = va, .pa = p->pa, .size = (uint8_t)p->size, .use = LINE_ENTRY};

    r.type = (uint8_t)memory_type_at(hw, p->pa, p->pat);
    return hierarchy_read(hw, cpu, &r, value);
}

/* Through the caches, which then account for the time, or from memory. */
static inline uint64_t
load_place(struct hw *hw, unsigned cpu, vaddr_t va, const struct place *p, uint32_t *cycles)
{
    uint64_t value;

    *cycles = 0;
    if (cache_exists(hw) && hw_tunable(hw, TUNE_WALKS_CACHED) && ask_caches(hw, cpu, va, p, &value))
        return value;
    *cycles = hw_spend(hw, hw_tunable(hw, TUNE_DRAM_CYCLES));
    return phys_read(&hw->phys, p->pa, p->size);
}

uint64_t
walker_load(struct hw *hw, unsigned cpu, vaddr_t va, paddr_t pa, unsigned n, uint32_t *cycles)
{
    struct place p = {.size = n, .pa = pa};

    return load_place(hw, cpu, va, &p, cycles);
}

static pte_t
read_entry(struct hw *hw, unsigned cpu, vaddr_t va, const struct walk_start *start, paddr_t table,
           struct translation *t)
{
    struct place p = place_of(hw, table, t->level, start->va);
    uint32_t cycles;
    pte_t entry;

    p.pat = t->pat;
    entry = load_place(hw, cpu, va, &p, &cycles);
    t->slot[t->level] = p.pa;
    t->entry[t->level] = entry;
    t->reads++;
    EMIT(hw, cpu, WALK_READ, .va = va, .level = t->level, .index = p.index, .pa = p.pa,
         .new = entry, .frame = named_frame(hw, cpu, t->level, entry), .cycles = cycles);
    return entry;
}

/* Somebody who reads entries in a wrong way finds other tables: they are not kept. */
static bool
keeps_tables(const struct hw *hw)
{
    const uint64_t wrong = UINT64_C(1) << QUIRK_INDEX_LEFT | UINT64_C(1) << QUIRK_INDEX_TEN_BITS |
                           UINT64_C(1) << QUIRK_ENTRY_BYTES | UINT64_C(1) << QUIRK_ENTRY_HALF |
                           UINT64_C(1) << QUIRK_LEAF_DECIDES | UINT64_C(1) << QUIRK_WALK_FROM_ROOT;

    return walk_cache_exists(hw) && !(hw->s->quirks & wrong);
}

/* The table to begin with: the root's, or a lower one that a walk cache knows. */
static paddr_t
first_table(struct hw *hw, unsigned cpu, vaddr_t va, const struct walk_start *start,
            struct translation *t)
{
    const struct walk_entry *known = keeps_tables(hw) ? walk_cache_lookup(hw, cpu, va) : NULL;

    if (known) {
        t->first = known->level + 1;
        t->flags = known->flags;
        t->pat = known->pat;
        return known->table;
    }
    if (!walker_root_is_held(hw))
        EMIT(hw, cpu, WALK_START, .va = va, .pa = start->table,
             .frame = pfn_of(&hw->geo.format, start->table));
    t->first = start->level;
    t->flags = TLB_W | TLB_U;
    t->pat = (uint8_t)memory_table_index(hw, cpu, hw->s->cpu[cpu].cr3, true);
    return start->table;
}

/* What was read above the leaf is kept, now that it is marked accessed (SDM 4.10.3.1). */
static void
keep_tables(struct hw *hw, unsigned cpu, vaddr_t va, const struct translation *t)
{
    for (unsigned level = t->first; level < t->level; level++)
        walk_cache_fill(hw, cpu, va, level, t->entry[level], t->rights[level]);
}

/* The root's entry as it was when CR3 was loaded. It is read from no memory; its slot is where it
 * came from. */
static pte_t
held_entry(struct hw *hw, unsigned cpu, vaddr_t va, struct translation *t)
{
    struct place p = place_of(hw, walker_root(hw, hw->s->cpu[cpu].cr3), 0, va);
    pte_t entry = *walker_root_entry(hw, cpu, p.index);

    t->slot[0] = p.pa;
    t->entry[0] = entry;
    EMIT(hw, cpu, WALK_REGISTER, .va = va, .level = 0, .index = p.index, .pa = p.pa, .new = entry,
         .frame = named_frame(hw, cpu, 0, entry));
    return entry;
}

/* Down the tree, one read per level, until an entry is not a table. t->level is then where it was
 * read. */
static enum verdict
descend(struct hw *hw, unsigned cpu, vaddr_t va, const struct walk_start *start,
        struct translation *t)
{
    const struct format *f = &hw->geo.format;
    struct rules rules = rules_now(hw, cpu);
    const bool leaf_decides = hw_quirk(hw, QUIRK_LEAF_DECIDES);
    const bool held = walker_root_is_held(hw), cached = cache_exists(hw);
    paddr_t table = first_table(hw, cpu, va, start, t);

    rules.flat = start->flat;
    for (t->level = t->first; hw_is_open(hw, table); t->level++) {
        pte_t entry = t->level == 0 && held ? held_entry(hw, cpu, va, t)
                                            : read_entry(hw, cpu, va, start, table, t);
        enum verdict said = judge(f, &rules, t->level, entry);

        if (said == ENTRY_LEAF)
            t->flags = leaf_flags(f, &rules, t->level, t->flags, entry);
        if (said != ENTRY_TABLE)
            return said;
        if (!leaf_decides)
            t->flags = combine_table(f, &rules, t->level, t->flags, entry);
        t->rights[t->level] = t->flags;
        if (cached)
            t->pat = (uint8_t)memory_table_index(hw, cpu, entry, false);
        table = format_address(f, entry);
    }
    return ENTRY_OUTSIDE;
}

/* A table that is no tree: the one entry, if there is one for this page of this process. */
static enum verdict
look_up(struct hw *hw, unsigned cpu, vaddr_t va, struct translation *t)
{
    const struct format *f = &hw->geo.format;
    const struct rules rules = rules_now(hw, cpu);

    if (!hashed_find(hw, cpu, va, t))
        return ENTRY_ABSENT;
    t->flags = leaf_flags(f, &rules, 0, TLB_W | TLB_U, t->entry[0]);
    return judge(f, &rules, 0, t->entry[0]);
}

/* Set bits in one entry, in memory. Read again first: a table may serve as two levels at once,
 * and then the mark made for one must not be lost by the other. (Silicon does this in one locked
 * operation: SDM 8.1.2.2.) */
static void
mark(struct hw *hw, unsigned cpu, vaddr_t va, unsigned level, paddr_t pa, uint64_t bits)
{
    unsigned size = hw->geo.format.entry_bytes;
    pte_t old = hierarchy_newest(hw, pa, size);

    if ((old & bits) == bits)
        return;
    phys_write(&hw->phys, pa, size, old | bits);
    EMIT(hw, cpu, ENTRY_MARK, .va = va, .level = (uint8_t)level,
         .index = format_is_tree(&hw->geo.format) ? place_of(hw, 0, level, va).index
                                                  : hashed_index(hw, cpu, pa),
         .pa = pa, .old = old, .new = old | bits);
}

/* A in every entry that was used, D in the leaf of a write (SDM 4.8); beyond x86 in the leaf alone.
 * The MMU sets these bits and never clears them. */
static void
mark_used(struct hw *hw, unsigned cpu, const struct access *a, struct translation *t)
{
    const struct format_flags *flag = &hw->geo.format.flag;
    unsigned first = hw->geo.format.family == FAMILY_X86 ? t->first : t->level;

    if (!walker_marks(hw, cpu)) /* the leaf has them, or this would be a fault */
        return;
    if (hw->s->quirks && (hw_quirk(hw, QUIRK_ENTRY_HALF) || hw_quirk(hw, QUIRK_ENTRY_BYTES)))
        return; /* what was read there was not an entry */
    for (unsigned i = first; i <= t->level; i++) {
        uint64_t bits = hw->geo.format.level[i].bare ? 0 : flag->accessed;

        if (i == t->level && a->kind == ACCESS_WRITE)
            bits |= flag->dirty;
        if ((t->entry[i] & bits) != bits)
            mark(hw, cpu, a->va, i, t->slot[i], bits);
    }
    if (a->kind == ACCESS_WRITE)
        t->flags |= TLB_D;
}

paddr_t
walker_pa(const struct hw *hw, pfn_t pfn, unsigned shift, vaddr_t va)
{
    paddr_t base = pa_of(&hw->geo.format, pfn);

    if (hw->s->quirks && hw_quirk(hw, QUIRK_NO_OFFSET))
        return base;
    if (hw->s->quirks && hw_quirk(hw, QUIRK_FRAME_PLUS))
        return pfn + (va & low_bits(shift));
    return base | (va & low_bits(shift));
}

/* The leaf was found: where the page is. */
static void
locate(const struct hw *hw, vaddr_t va, struct translation *t)
{
    const struct format *f = &hw->geo.format;
    pte_t leaf = t->entry[t->level];

    t->shift = f->level[t->level].shift;
    t->pfn = pfn_of(f, format_large_base(f, t->level, leaf));
    t->pat = cache_exists(hw) ? (uint8_t)memory_pat_index(f, leaf, t->level + 1 == f->levels) : 0;
    t->pa = walker_pa(hw, t->pfn, t->shift, va);
}

/* Where to start. An x86 CPU refuses what is no address with an exception of its own, before it looks
 * at any table; the others call it one more way to have no translation. */
static bool
begin(struct hw *hw, unsigned cpu, const struct access *a, struct walk_start *start,
      struct fault *out)
{
    const struct family *k = family_of(&hw->geo.format);
    const struct cpu *c = &hw->s->cpu[cpu];
    uint16_t error;

    if (k)
        return k->start(hw, c, a, start, &error) ||
               walker_page_fault(hw, cpu, a, 0, walker_access_error(hw, c, a) | error, out);
    *start = (struct walk_start){.table = walker_root(hw, c->cr3), .va = a->va};
    return format_is_canonical(&hw->geo.format, a->va) || general_fault(hw, cpu, a, out);
}

/* Why the walk did not end at a page. */
static uint16_t
walk_error(const struct hw *hw, const struct translation *t, enum verdict said)
{
    const struct format *f = &hw->geo.format;
    const struct family *k = family_of(f);

    if (said == ENTRY_ABSENT)
        return 0;
    if (said == ENTRY_OUTSIDE)
        return FAULT_P | FAULT_OUTSIDE;
    return k ? k->malformed(f, t->level, t->entry[t->level]) : FAULT_P | FAULT_RSVD;
}

/* What is left to judge when the page is found: marks that software has to make (AArch64 asks for them
 * first), rights, and whether the memory is there for this mode. */
static bool
may_use(const struct hw *hw, unsigned cpu, const struct access *a, const struct translation *t,
        uint16_t *error)
{
    if (!walker_is_marked(hw, cpu, a, t->entry[t->level])) {
        *error = walker_access_error(hw, &hw->s->cpu[cpu], a) | FAULT_P | FAULT_UNMARKED;
        return false;
    }
    if (!walker_allows(hw, cpu, a, t->flags, error))
        return false;
    *error = walker_access_error(hw, &hw->s->cpu[cpu], a) | FAULT_P | FAULT_OUTSIDE;
    return hw_is_open(hw, t->pa);
}

/* Order of judgement: canonical, present and well formed from the root down, and only then the
 * rights of all levels together. */
bool
walker_walk(struct hw *hw, unsigned cpu, const struct access *a, struct translation *t)
{
    struct cpu *c = &hw->s->cpu[cpu];
    struct walk_start start;
    enum verdict said;
    uint16_t error;

    memset(t, 0, offsetof(struct translation, entry));
    if (!begin(hw, cpu, a, &start, &t->fault))
        return false;
    c->walks++;
    said = format_is_tree(&hw->geo.format) ? descend(hw, cpu, a->va, &start, t)
                                           : look_up(hw, cpu, a->va, t);
    if (said != ENTRY_LEAF)
        return walker_page_fault(hw, cpu, a, t->level,
                                 walker_access_error(hw, c, a) | walk_error(hw, t, said),
                                 &t->fault);
    locate(hw, a->va, t);
    if (!may_use(hw, cpu, a, t, &error))
        return walker_page_fault(hw, cpu, a, walker_rights_level(hw, t->shift), error, &t->fault);
    mark_used(hw, cpu, a, t);
    if (keeps_tables(hw))
        keep_tables(hw, cpu, a->va, t);
    return true;
}
