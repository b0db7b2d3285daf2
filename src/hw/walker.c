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
 * Widths, flags and exceptions to the rule come from struct format. What bits cannot say stands in
 * hw/family.h for every family but x86, whose rules are here: they are on the path that has to be
 * quick.
 */
#include "hw/walker.h"

#include <string.h>

#include "hw/cache.h"
#include "hw/family.h"

/* --- what an entry says --- */

enum verdict { ENTRY_ABSENT, ENTRY_MALFORMED, ENTRY_OUTSIDE, ENTRY_TABLE, ENTRY_LEAF };

paddr_t
walker_root(const struct hw *hw, uint64_t cr3)
{
    const struct format *f = &hw->geo.format;

    if (f->family == FAMILY_RISCV) /* satp holds a page number, not an address */
        return (cr3 << f->page_shift) & (f->frame << f->frame_up);
    return cr3 & f->frame & low_bits(hw->geo.maxpa);
}

uint64_t
walker_root_value(const struct hw *hw, paddr_t table)
{
    const struct family *k = family_of(&hw->geo.format);

    return k ? k->root(&hw->geo.format, table) : table;
}

bool
walker_marks(const struct hw *hw, unsigned cpu)
{
    const struct family *k = family_of(&hw->geo.format);

    return !k || k->marks(&hw->s->cpu[cpu]);
}

/* What the control registers say about entries: looked up once a walk, not once a level. */
struct rules {
    uint64_t reserved; /* in every entry */
    unsigned maxpa;    /* 64 where the format does not ask for it */
    bool pse;
    bool flat;   /* entries that name tables say nothing about rights */
    bool global; /* G counts */
};

/* A bit is reserved when it has no meaning *yet*: by position, because it would name memory the
 * CPU cannot address, or because the feature is off. Why fault on them and not ignore them: so
 * that old software cannot break when they get a meaning. */
static struct rules
rules_now(const struct hw *hw, unsigned cpu)
{
    const struct format *f = &hw->geo.format;
    const struct cpu *c = &hw->s->cpu[cpu];
    const struct family *k = family_of(f);
    struct rules r = {.maxpa = f->checks_maxpa ? hw->geo.maxpa : 64,
                      .pse = c->cr4 & CR4_PSE,
                      .global = k || (c->cr4 & CR4_PGE)};

    if (k)
        r.maxpa = k->pa_bits(hw, c);
    r.reserved = f->frame & ~(low_bits(r.maxpa) >> f->frame_up);
    if (!k && !(c->efer & EFER_NXE))
        r.reserved |= f->flag.no_execute;
    return r;
}

static bool
is_leaf(const struct format *f, const struct rules *r, unsigned level, pte_t entry)
{
    uint8_t rule = f->level[level].large;

    if (level + 1 == f->levels)
        return true;
    if (f->leaf)
        return entry & f->leaf;
    return format_has(f, entry, f->flag.large) &&
           (rule == LARGE_ALWAYS || (rule == LARGE_IF_PSE && r->pse));
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
    else
        bits |= f->table.reserved;
    return bits;
}

static uint64_t
wrong_bits(const struct format *f, const struct rules *r, unsigned level, pte_t entry, bool leaf)
{
    uint64_t wrong = format_plain(f, entry) & reserved_bits(f, r, level, leaf);

    if (wrong == 0 && f->family != FAMILY_X86)
        wrong = family_of(f)->odd(f, level, entry);
    return wrong;
}

/* Garbage in an entry that is not present is nobody's business, so P comes first. */
static enum verdict
judge(const struct format *f, const struct rules *r, unsigned level, pte_t entry)
{
    bool leaf;

    if (!(entry & f->flag.present))
        return ENTRY_ABSENT;
    leaf = is_leaf(f, r, level, entry);
    if (wrong_bits(f, r, level, entry, leaf))
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

/* --- rights --- */

/* A right holds only if every level grants it; one level is enough to forbid execution (SDM
 * 4.6.1). A flag the format does not have cannot forbid. */
static uint8_t
combine(const struct format *f, uint8_t flags, pte_t entry)
{
    pte_t plain = format_plain(f, entry);

    if ((plain & f->flag.writable) != f->flag.writable)
        flags &= (uint8_t)~TLB_W;
    if ((plain & f->flag.user) != f->flag.user)
        flags &= (uint8_t)~TLB_U;
    if (plain & f->flag.no_execute)
        flags |= TLB_NX;
    return flags;
}

/* An entry that names a table, where it has bits of its own for what holds below it. */
static uint8_t
combine_table(const struct format *f, const struct rules *r, uint8_t flags, pte_t entry)
{
    const struct format_table *t = &f->table;

    if (f->family == FAMILY_X86)
        return combine(f, flags, entry);
    if (entry & t->global)
        flags |= TLB_G;
    if (r->flat)
        return flags;
    if (entry & t->no_write)
        flags &= (uint8_t)~TLB_W;
    if (entry & t->no_user)
        flags &= (uint8_t)~TLB_U;
    if (entry & t->no_execute)
        flags |= TLB_NX;
    if (entry & t->no_kernel_execute)
        flags |= TLB_KNX;
    return flags;
}

/* Only the leaf's D and G count; G only when CR4.PGE says so. */
static uint8_t
leaf_flags(const struct format *f, const struct rules *r, uint8_t flags, pte_t leaf)
{
    pte_t plain = format_plain(f, leaf);

    flags = combine(f, flags, leaf);
    if ((plain & f->flag.dirty) == f->flag.dirty)
        flags |= TLB_D;
    if ((plain & f->flag.global) && r->global)
        flags |= TLB_G;
    if ((plain & f->flag.readable) != f->flag.readable)
        flags |= TLB_NR;
    if (plain & f->flag.kernel_no_execute)
        flags |= TLB_KNX;
    return flags;
}

/* --- the walk --- */

/* Not an address at all: no table is looked at, and CR2 keeps what it had. */
static bool
general_fault(struct hw *hw, unsigned cpu, const struct access *a, struct fault *out)
{
    *out = (struct fault){.vector = FAULT_GP, .va = a->va};
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

/* Through the data cache, which then accounts for the time, or from memory. */
static pte_t
load_entry(struct hw *hw, unsigned cpu, vaddr_t va, const struct place *p, uint32_t *cycles)
{
    *cycles = 0;
    if (cache_exists(hw) && hw_tunable(hw, TUNE_WALKS_CACHED))
        return cache_read(hw, cpu, va, p->pa, p->size, LINE_ENTRY);
    *cycles = hw_spend(hw, hw_tunable(hw, TUNE_DRAM_CYCLES));
    return phys_read(&hw->phys, p->pa, p->size);
}

static pte_t
read_entry(struct hw *hw, unsigned cpu, vaddr_t va, const struct walk_start *start, paddr_t table,
           struct translation *t)
{
    struct place p = place_of(hw, table, t->level, start->va);
    uint32_t cycles;
    pte_t entry = load_entry(hw, cpu, va, &p, &cycles);

    t->slot[t->level] = p.pa;
    t->entry[t->level] = entry;
    t->reads++;
    EMIT(hw, cpu, WALK_READ, .va = va, .level = t->level, .index = p.index, .pa = p.pa,
         .new = entry, .frame = named_frame(hw, cpu, t->level, entry), .cycles = cycles);
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
    paddr_t table = start->table;

    EMIT(hw, cpu, WALK_START, .va = va, .pa = table, .frame = pfn_of(f, table));
    t->flags = TLB_W | TLB_U;
    rules.flat = start->flat;
    for (t->level = start->level; hw_is_open(hw, table); t->level++) {
        pte_t entry = read_entry(hw, cpu, va, start, table, t);
        enum verdict said = judge(f, &rules, t->level, entry);

        if (said == ENTRY_LEAF)
            t->flags = leaf_flags(f, &rules, t->flags, entry);
        if (said != ENTRY_TABLE)
            return said;
        if (!leaf_decides)
            t->flags = combine_table(f, &rules, t->flags, entry);
        table = format_address(f, entry);
    }
    return ENTRY_OUTSIDE;
}

/* Set bits in one entry, in memory. Read again first: a table may serve as two levels at once,
 * and then the mark made for one must not be lost by the other. (Silicon does this in one locked
 * operation: SDM 8.1.2.2.) */
static void
mark(struct hw *hw, unsigned cpu, vaddr_t va, unsigned level, paddr_t pa, uint64_t bits)
{
    unsigned size = hw->geo.format.entry_bytes;
    pte_t old = phys_read(&hw->phys, pa, size);

    if ((old & bits) == bits)
        return;
    phys_write(&hw->phys, pa, size, old | bits);
    EMIT(hw, cpu, ENTRY_MARK, .va = va, .level = (uint8_t)level,
         .index = place_of(hw, 0, level, va).index, .pa = pa, .old = old, .new = old | bits);
}

/* A in every entry that was used, D in the leaf of a write (SDM 4.8); beyond x86 in the leaf alone.
 * The MMU sets these bits and never clears them. */
static void
mark_used(struct hw *hw, unsigned cpu, const struct access *a, struct translation *t)
{
    const struct format_flags *flag = &hw->geo.format.flag;
    unsigned first = hw->geo.format.family == FAMILY_X86 ? 0 : t->level;

    if (!walker_marks(hw, cpu)) /* the leaf has them, or this would be a fault */
        return;
    if (hw->s->quirks && (hw_quirk(hw, QUIRK_ENTRY_HALF) || hw_quirk(hw, QUIRK_ENTRY_BYTES)))
        return; /* what was read there was not an entry */
    for (unsigned i = first; i <= t->level; i++) {
        uint64_t bits = flag->accessed;

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

    t->shift = f->level[t->level].shift;
    t->pfn = pfn_of(f, format_large_base(f, t->level, t->entry[t->level]));
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
    said = descend(hw, cpu, a->va, &start, t);
    if (said != ENTRY_LEAF)
        return walker_page_fault(hw, cpu, a, t->level,
                                 walker_access_error(hw, c, a) | walk_error(hw, t, said),
                                 &t->fault);
    locate(hw, a->va, t);
    if (!may_use(hw, cpu, a, t, &error))
        return walker_page_fault(hw, cpu, a, walker_rights_level(hw, t->shift), error, &t->fault);
    mark_used(hw, cpu, a, t);
    return true;
}

/* --- looking without touching --- */

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

bool
walker_peek(const struct hw *hw, paddr_t root, vaddr_t va, struct translation *t)
{
    const struct format *f = &hw->geo.format;
    struct rules rules = rules_now(hw, 0);
    struct walk_start start;
    paddr_t table;

    memset(t, 0, sizeof *t);
    if (!peek_start(hw, root, va, &start))
        return false;
    t->flags = TLB_W | TLB_U;
    rules.flat = start.flat;
    table = start.table;
    for (t->level = start.level;; t->level++) {
        paddr_t slot = table + (uint64_t)format_index(f, t->level, start.va) * f->entry_bytes;
        pte_t entry = phys_read(&hw->phys, slot, f->entry_bytes);
        enum verdict said = judge(f, &rules, t->level, entry);

        t->slot[t->level] = slot;
        t->entry[t->level] = entry;
        t->reads++;
        if (said == ENTRY_ABSENT || said == ENTRY_MALFORMED)
            return false;
        if (said == ENTRY_LEAF)
            break;
        t->flags = combine_table(f, &rules, t->flags, entry);
        table = format_address(f, entry);
    }
    t->flags = leaf_flags(f, &rules, t->flags, t->entry[t->level]);
    t->shift = f->level[t->level].shift;
    t->pfn = pfn_of(f, format_large_base(f, t->level, t->entry[t->level]));
    t->pa = pa_of(f, t->pfn) | (va & low_bits(t->shift));
    return true;
}
