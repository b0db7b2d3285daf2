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
 * Nothing here knows x86: widths, flags and exceptions to the rule come from struct format.
 */
#include "hw/walker.h"

#include <string.h>

#include "hw/hashed.h"
#include "hw/hierarchy.h"
#include "hw/tlb.h"
#include "hw/walk_cache.h"

/* --- what an entry says --- */

enum verdict { ENTRY_ABSENT, ENTRY_MALFORMED, ENTRY_TABLE, ENTRY_LEAF };

paddr_t
walker_root(const struct hw *hw, uint64_t cr3)
{
    const struct format *f = &hw->geo.format;

    return cr3 & (f->root | hashed_tags(f)) & low_bits(hw->geo.maxpa);
}

/* What the control registers say about entries: looked up once a walk, not once a level. */
struct rules {
    uint64_t reserved; /* in every entry */
    unsigned maxpa;    /* 64 where the format does not ask for it */
    bool pse;
};

/* A bit is reserved when it has no meaning *yet*: by position, because it would name memory the
 * CPU cannot address, or because the feature is off. Why fault on them and not ignore them: so
 * that old software cannot break when they get a meaning. */
static struct rules
rules_of(const struct hw *hw, const struct format *f, const struct cpu *c)
{
    struct rules r = {.maxpa = f->checks_maxpa ? hw->geo.maxpa : 64, .pse = c->cr4 & CR4_PSE};

    r.reserved = f->frame & ~low_bits(r.maxpa);
    if (!(c->efer & EFER_NXE))
        r.reserved |= f->flag.no_execute;
    return r;
}

static struct rules
rules_now(const struct hw *hw, unsigned cpu)
{
    return rules_of(hw, &hw->geo.format, &hw->s->cpu[cpu]);
}

static bool
is_leaf(const struct format *f, const struct rules *r, unsigned level, pte_t entry)
{
    uint8_t rule = f->level[level].large;

    if (level + 1 == f->levels)
        return true;
    return (entry & f->flag.large) && (rule == LARGE_ALWAYS || (rule == LARGE_IF_PSE && r->pse));
}

/* The part of a PSE-36 entry's second address field that names physical bits this CPU does not
 * have. */
static uint64_t
high_reserved(const struct format_level *l, unsigned maxpa)
{
    unsigned has = maxpa > l->high_to ? maxpa - l->high_to : 0;

    return (low_bits(l->high_bits) & ~low_bits(has)) << l->high_from;
}

static uint64_t
reserved_bits(const struct format *f, const struct rules *r, unsigned level, bool leaf)
{
    const struct format_level *l = &f->level[level];
    uint64_t bits = r->reserved | l->reserved;

    if (l->large == LARGE_RESERVED)
        bits |= f->flag.large;
    if (leaf)
        bits |= l->large_reserved | high_reserved(l, r->maxpa);
    return bits;
}

/* Garbage in an entry that is not present is nobody's business, so P comes first. */
static enum verdict
judge(const struct format *f, const struct rules *r, unsigned level, pte_t entry)
{
    bool leaf;

    if (!(entry & f->flag.present))
        return ENTRY_ABSENT;
    leaf = is_leaf(f, r, level, entry);
    if (entry & reserved_bits(f, r, level, leaf))
        return ENTRY_MALFORMED;
    return leaf ? ENTRY_LEAF : ENTRY_TABLE;
}

bool
walker_is_leaf(const struct hw *hw, unsigned cpu, unsigned level, pte_t entry)
{
    struct rules r = rules_now(hw, cpu);

    return is_leaf(&hw->geo.format, &r, level, entry);
}

uint64_t
walker_reserved(const struct hw *hw, unsigned cpu, unsigned level, bool leaf)
{
    struct rules r = rules_now(hw, cpu);

    return reserved_bits(&hw->geo.format, &r, level, leaf);
}

/* --- where an entry lies --- */

static unsigned
index_of_width(const struct format *f, unsigned bits, unsigned level, vaddr_t va)
{
    return (unsigned)(va >> (f->page_shift + bits * (f->levels - 1U - level)) & low_bits(bits));
}

/* Index and address as somebody with a wrong idea would compute them. Always an entry that lies
 * inside one frame, whatever the idea. */
static unsigned
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

static paddr_t
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
static struct place
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

/* --- a root in registers --- */

/* PAE's root has four entries, each for a whole GiB. The CPU loads all of them with CR3 and looks at
 * memory again only when CR3 is loaded again (SDM vol. 3A, 4.4.1).
 *
 *   CR3 --> |[0]|[1]|[2]|[3]| in memory
 *             :   :   :   :    MOV CR3 copies and checks
 *           |[0]|[1]|[2]|[3]| in the CPU --> the walk begins here
 */
bool
walker_root_is_held(const struct hw *hw)
{
    return hw->geo.format.root_registers && !hw_quirk(hw, QUIRK_ROOT_ON_USE);
}

pte_t *
walker_root_entry(const struct hw *hw, unsigned cpu, unsigned index)
{
    return &hw->root_entry[cpu * ROOT_ENTRIES + index];
}

bool
walker_root_is_legal(const struct hw *hw, const struct format *f, const struct cpu *c)
{
    const struct rules rules = rules_of(hw, f, c);
    paddr_t root = c->cr3 & f->root & low_bits(hw->geo.maxpa);

    if (!f->root_registers || hw_quirk(hw, QUIRK_ROOT_ON_USE))
        return true;
    for (unsigned i = 0; i < 1u << f->level[0].bits; i++) {
        paddr_t slot = root + (uint64_t)i * f->entry_bytes;

        if (judge(f, &rules, 0, phys_read(&hw->phys, slot, f->entry_bytes)) == ENTRY_MALFORMED)
            return false;
    }
    return true;
}

void
walker_load_root(struct hw *hw, unsigned cpu)
{
    const struct format *f = &hw->geo.format;

    for (unsigned i = 0; walker_root_is_held(hw) && i < 1u << f->level[0].bits; i++) {
        paddr_t slot = walker_root(hw, hw->s->cpu[cpu].cr3) + (uint64_t)i * f->entry_bytes;
        pte_t *held = walker_root_entry(hw, cpu, i), old = *held;

        *held = phys_read(&hw->phys, slot, f->entry_bytes);
        EMIT(hw, cpu, ROOT_LOAD, .level = 0, .index = i, .pa = slot, .old = old, .new = *held);
    }
}

/* --- rights --- */

/* A right holds only if every level grants it; one level is enough to forbid execution (SDM
 * 4.6.1). A flag the format does not have cannot forbid, nor can a level that has no rights. */
static uint8_t
combine(const struct format *f, unsigned level, uint8_t flags, pte_t entry)
{
    if (f->level[level].bare)
        return flags;
    if ((entry & f->flag.writable) != f->flag.writable)
        flags &= (uint8_t)~TLB_W;
    if ((entry & f->flag.user) != f->flag.user)
        flags &= (uint8_t)~TLB_U;
    if (entry & f->flag.no_execute)
        flags |= TLB_NX;
    return flags;
}

/* Only the leaf's D and G count; G only when CR4.PGE says so. */
static uint8_t
leaf_flags(const struct format *f, uint8_t flags, pte_t leaf, uint64_t cr4)
{
    if ((leaf & f->flag.dirty) == f->flag.dirty)
        flags |= TLB_D;
    if ((leaf & f->flag.global) && (cr4 & CR4_PGE))
        flags |= TLB_G;
    return flags;
}

/* A program runs (SDM 4.6.1, user mode). */
static bool
user_may(const struct access *a, uint8_t flags)
{
    return (flags & TLB_U) && (a->kind != ACCESS_WRITE || (flags & TLB_W));
}

/* The kernel runs (SDM 4.6.1, supervisor mode). SMEP: it must not execute a user page. SMAP: it
 * must not touch one by accident, except with EFLAGS.AC. CR0.WP = 0: it may write what is
 * read-only. */
static bool
kernel_may(const struct cpu *c, const struct access *a, uint8_t flags)
{
    if (flags & TLB_U) {
        if (a->kind == ACCESS_FETCH && (c->cr4 & CR4_SMEP))
            return false;
        if (a->kind != ACCESS_FETCH && (c->cr4 & CR4_SMAP) && !a->ac)
            return false;
    }
    return a->kind != ACCESS_WRITE || (flags & TLB_W) || !(c->cr0 & CR0_WP);
}

/* What the error code tells about the access itself (SDM 4.7). The I bit is there only on a CPU
 * that can forbid a fetch. */
static uint16_t
access_error(const struct cpu *c, const struct access *a)
{
    bool tells_fetch = (c->cr4 & CR4_SMEP) || ((c->cr4 & CR4_PAE) && (c->efer & EFER_NXE));
    unsigned error = 0;

    if (a->kind == ACCESS_WRITE)
        error |= FAULT_W;
    if (a->user)
        error |= FAULT_U;
    if (a->kind == ACCESS_FETCH && tells_fetch)
        error |= FAULT_I;
    return (uint16_t)error;
}

bool
walker_allows(const struct hw *hw, unsigned cpu, const struct access *a, uint8_t flags,
              uint16_t *error)
{
    const struct cpu *c = &hw->s->cpu[cpu];
    bool executes = a->kind == ACCESS_FETCH && (flags & TLB_NX) && (c->efer & EFER_NXE);

    if (!executes && (a->user ? user_may(a, flags) : kernel_may(c, a, flags)))
        return true;
    *error = access_error(c, a) | FAULT_P;
    return false;
}

/* --- faults --- */

bool
walker_page_fault(struct hw *hw, unsigned cpu, const struct access *a, unsigned level,
                  uint16_t error, struct fault *out)
{
    *out = (struct fault){.vector = FAULT_PF, .level = (uint8_t)level, .error = error, .va = a->va};
    hw->s->cpu[cpu].cr2 = a->va;
    if (walk_cache_exists(hw)) /* or it would come again (SDM 4.10.4.1) */
        walk_cache_drop(hw, cpu, a->va, tlb_asid(hw, cpu));
    EMIT(hw, cpu, PAGE_FAULT, .va = a->va, .error = error, .level = (uint8_t)level, .kind = a->kind,
         .mode = a->user);
    return false;
}

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

/* --- the walk --- */

/* The frame an entry names, for the eye. */
static pfn_t
named_frame(const struct hw *hw, unsigned cpu, unsigned level, pte_t entry)
{
    const struct format *f = &hw->geo.format;

    if (!(entry & f->flag.present))
        return 0;
    if (walker_is_leaf(hw, cpu, level, entry))
        return pfn_of(f, format_large_base(f, level, entry));
    return pfn_of(f, entry & f->frame);
}

/* Through the caches, which then account for the time, or from memory. */
static uint64_t
load_place(struct hw *hw, unsigned cpu, vaddr_t va, const struct place *p, uint32_t *cycles)
{
    *cycles = 0;
    if (cache_exists(hw) && hw_tunable(hw, TUNE_WALKS_CACHED)) {
        struct request r = {.va = va, .pa = p->pa, .size = (uint8_t)p->size, .use = LINE_ENTRY};
        uint64_t value;

        r.type = (uint8_t)memory_type_at(hw, p->pa, p->pat);
        if (hierarchy_read(hw, cpu, &r, &value))
            return value;
    }
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
read_entry(struct hw *hw, unsigned cpu, vaddr_t va, paddr_t table, struct translation *t)
{
    struct place p = place_of(hw, table, t->level, va);
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

/* The table to begin with: CR3's, or a lower one that a walk cache knows. */
static paddr_t
start_of(struct hw *hw, unsigned cpu, vaddr_t va, struct translation *t)
{
    const struct format *f = &hw->geo.format;
    const struct walk_entry *known = keeps_tables(hw) ? walk_cache_lookup(hw, cpu, va) : NULL;
    paddr_t table = walker_root(hw, hw->s->cpu[cpu].cr3);

    if (known) {
        t->first = known->level + 1;
        t->flags = known->flags;
        t->pat = known->pat;
        return known->table;
    }
    if (!walker_root_is_held(hw))
        EMIT(hw, cpu, WALK_START, .va = va, .pa = table, .frame = pfn_of(f, table));
    t->flags = TLB_W | TLB_U;
    t->pat = (uint8_t)memory_table_index(hw, cpu, hw->s->cpu[cpu].cr3, true);
    return table;
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
descend(struct hw *hw, unsigned cpu, vaddr_t va, struct translation *t)
{
    const struct format *f = &hw->geo.format;
    const struct rules rules = rules_now(hw, cpu);
    const bool leaf_decides = hw_quirk(hw, QUIRK_LEAF_DECIDES);
    const bool held = walker_root_is_held(hw);
    paddr_t table = start_of(hw, cpu, va, t);

    for (t->level = t->first;; t->level++) {
        pte_t entry =
            t->level == 0 && held ? held_entry(hw, cpu, va, t) : read_entry(hw, cpu, va, table, t);
        enum verdict said = judge(f, &rules, t->level, entry);

        if (said == ENTRY_ABSENT || said == ENTRY_MALFORMED)
            return said;
        if (said == ENTRY_LEAF || !leaf_decides)
            t->flags = combine(f, t->level, t->flags, entry);
        if (said == ENTRY_LEAF)
            return said;
        t->rights[t->level] = t->flags;
        t->pat = (uint8_t)memory_table_index(hw, cpu, entry, false);
        table = entry & f->frame;
    }
}

/* A table that is no tree: the one entry, if there is one for this page of this process. */
static enum verdict
look_up(struct hw *hw, unsigned cpu, vaddr_t va, struct translation *t)
{
    const struct format *f = &hw->geo.format;
    const struct rules rules = rules_now(hw, cpu);

    if (!hashed_find(hw, cpu, va, t))
        return ENTRY_ABSENT;
    t->flags = combine(f, 0, TLB_W | TLB_U, t->entry[0]);
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

/* A in every entry that was used, D in the leaf of a write (SDM 4.8). The MMU sets these bits and
 * never clears them. */
static void
mark_used(struct hw *hw, unsigned cpu, const struct access *a, struct translation *t)
{
    const struct format_flags *flag = &hw->geo.format.flag;

    if (hw->s->quirks && (hw_quirk(hw, QUIRK_ENTRY_HALF) || hw_quirk(hw, QUIRK_ENTRY_BYTES)))
        return; /* what was read there was not an entry */
    for (unsigned i = t->first; i <= t->level; i++) {
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
locate(const struct hw *hw, unsigned cpu, vaddr_t va, struct translation *t)
{
    const struct format *f = &hw->geo.format;
    pte_t leaf = t->entry[t->level];

    t->shift = f->level[t->level].shift;
    t->pfn = pfn_of(f, format_large_base(f, t->level, leaf));
    t->flags = leaf_flags(f, t->flags, leaf, hw->s->cpu[cpu].cr4);
    t->pat = cache_exists(hw) ? (uint8_t)memory_pat_index(f, leaf, t->level + 1 == f->levels) : 0;
    t->pa = walker_pa(hw, t->pfn, t->shift, va);
}

/* Order of judgement: canonical, present and well formed from the root down, and only then the
 * rights of all levels together. */
bool
walker_walk(struct hw *hw, unsigned cpu, const struct access *a, struct translation *t)
{
    const struct format *f = &hw->geo.format;
    struct cpu *c = &hw->s->cpu[cpu];
    enum verdict said;
    uint16_t error;

    memset(t, 0, offsetof(struct translation, entry));
    if (!format_is_canonical(f, a->va))
        return general_fault(hw, cpu, a, &t->fault);
    c->walks++;
    said = format_is_tree(f) ? descend(hw, cpu, a->va, t) : look_up(hw, cpu, a->va, t);
    if (said == ENTRY_ABSENT)
        return walker_page_fault(hw, cpu, a, t->level, access_error(c, a), &t->fault);
    if (said == ENTRY_MALFORMED)
        return walker_page_fault(hw, cpu, a, t->level, access_error(c, a) | FAULT_P | FAULT_RSVD,
                                 &t->fault);
    if (!walker_allows(hw, cpu, a, t->flags, &error))
        return walker_page_fault(hw, cpu, a, f->levels, error, &t->fault);
    locate(hw, cpu, a->va, t);
    mark_used(hw, cpu, a, t);
    if (keeps_tables(hw))
        keep_tables(hw, cpu, a->va, t);
    return true;
}

/* --- looking without touching --- */

static bool
peek_done(const struct hw *hw, vaddr_t va, struct translation *t)
{
    const struct format *f = &hw->geo.format;

    t->shift = f->level[t->level].shift;
    t->pfn = pfn_of(f, format_large_base(f, t->level, t->entry[t->level]));
    t->flags = leaf_flags(f, t->flags, t->entry[t->level], hw->s->cpu[0].cr4);
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
    t->flags = combine(f, 0, TLB_W | TLB_U, t->entry[0]);
    return judge(f, &rules, 0, t->entry[0]) == ENTRY_LEAF && peek_done(hw, va, t);
}

/* `held`: the root's entries as the CPU has them; NULL: from memory. */
static bool
peek(const struct hw *hw, paddr_t root, const pte_t *held, vaddr_t va, struct translation *t)
{
    const struct format *f = &hw->geo.format;
    const struct rules rules = rules_now(hw, 0);
    paddr_t table = root;

    memset(t, 0, sizeof *t);
    if (!format_is_canonical(f, va))
        return false;
    if (!format_is_tree(f))
        return peek_hashed(hw, root, va, t);
    t->flags = TLB_W | TLB_U;
    for (;; t->level++) {
        unsigned index = format_index(f, t->level, va);
        paddr_t slot = table + (uint64_t)index * f->entry_bytes;
        bool in_memory = t->level || !held;
        pte_t entry = in_memory ? phys_read(&hw->phys, slot, f->entry_bytes) : held[index];
        enum verdict said = judge(f, &rules, t->level, entry);

        t->slot[t->level] = slot;
        t->entry[t->level] = entry;
        t->reads += in_memory;
        if (said == ENTRY_ABSENT || said == ENTRY_MALFORMED)
            return false;
        t->flags = combine(f, t->level, t->flags, entry);
        table = entry & f->frame;
        if (said == ENTRY_LEAF)
            break;
    }
    return peek_done(hw, va, t);
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
