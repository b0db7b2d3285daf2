/* Page tables, as the kernel sees them: it builds the tree, the MMU reads it.
 *
 * Every table is one frame and its entries are bytes in emulated memory. The tree is built lazily:
 * a table exists only when something below it does, which is what makes sparse address spaces cheap
 * (OSTEP 20; SDM vol. 3A, 4.5). The upper levels grant everything, because the MMU takes the
 * strictest of all levels; rights are decided in the last one.
 *
 * The bytes may have been changed behind the kernel's back (`poke`). So it follows an entry only to
 * a table of which its own record says: of this process, of this level, for these addresses.
 * Anything else is treated as absent.
 */
#include "base/assert.h"
#include "os/os.h"
#include "hw/walk_cache.h"
#include "os/table.h"
#include "os/tag.h"

static const struct format *
format_of(const struct os *os)
{
    return &os->hw->geo.format;
}

static unsigned
last_level(const struct os *os)
{
    return format_of(os)->levels - 1u;
}

/* First address that the table of this level around va translates. */
static vaddr_t
table_base(const struct format *f, unsigned level, vaddr_t va)
{
    unsigned span = f->level[level].shift + f->level[level].bits;

    return level == 0 ? 0 : va & ~low_bits(span);
}

static paddr_t
slot_in(const struct format *f, unsigned level, paddr_t table, vaddr_t va)
{
    return table + (uint64_t)format_index(f, level, va) * f->entry_bytes;
}

static bool
is_tree(const struct os *os)
{
    return format_is_tree(format_of(os));
}

pte_t
table_get(const struct os *os, paddr_t slot)
{
    if (!is_tree(os))
        return mapping_get(os, (uint32_t)slot);
    return phys_read(&os->hw->phys, slot, format_of(os)->entry_bytes);
}

/* Where the CPU keeps the root's entries in registers it does not notice that one of them changed in
 * memory: CR3 is loaded again, on every CPU that has it (Linux fills all four when a process
 * begins, to spare itself this: arch/x86/mm/pgtable.c, PREALLOCATED_PMDS). */
static void
reload_root(struct os *os, paddr_t slot)
{
    const struct hw *hw = os->hw;

    if (!walker_root_is_held(hw) || hw_quirk(hw, QUIRK_NO_INVALIDATE))
        return;
    for (unsigned cpu = 0; cpu < hw->geo.cpus; cpu++) {
        uint64_t cr3 = hw->s->cpu[cpu].cr3;

        if (slot - walker_root(hw, cr3) < format_table_bytes(format_of(os), 0))
            cpu_load_cr3(os->hw, cpu, cr3);
    }
}

void
table_entry_write(struct os *os, unsigned cpu, unsigned level, vaddr_t va, paddr_t slot,
                  pte_t entry)
{
    pte_t old = table_get(os, slot);

    phys_write(&os->hw->phys, slot, format_of(os)->entry_bytes, entry);
    EMIT(os->hw, cpu, ENTRY_WRITE, .va = va, .level = (uint8_t)level,
         .index = format_index(format_of(os), level, va), .pa = slot, .old = old, .new = entry);
    if (level == 0) {
        reload_root(os, slot);
        isolation_mirror(os, cpu, va, slot, entry);
    }
}

/* --- the tree --- */

/* The table that an entry of `level` leads to, or 0 when it leads to none of this owner's. */
static pfn_t
child(const struct os *os, uint32_t owner, unsigned level, vaddr_t va, pte_t entry)
{
    const struct format *f = format_of(os);
    pfn_t pfn = table_pfn(f, entry);
    const struct frame *t = &os->frame[pfn];

    if (!(entry & f->flag.present) || pfn == 0 || pfn >= os->hw->geo.frames)
        return 0;
    return t->use == USE_TABLE && t->owner == owner && t->level == level + 1 &&
                   t->offset == table_base(f, level + 1, va)
               ? pfn
               : 0;
}

/* Follow the tables of `owner` down from root: the level of the last table that is there. slot[] is
 * where va's entry in each one lies. */
unsigned
table_descend(const struct os *os, uint32_t owner, paddr_t root, vaddr_t va,
              paddr_t slot[LEVEL_MAX])
{
    const struct format *f = format_of(os);
    paddr_t table = root;

    for (unsigned level = 0;; level++) {
        pfn_t next;

        slot[level] = slot_in(f, level, table, va);
        if (level == last_level(os) ||
            (next = child(os, owner, level, va, table_get(os, slot[level]))) == 0)
            return level;
        table = pa_of(f, next);
    }
}

pfn_t
table_new(struct os *os, unsigned cpu, uint32_t owner, unsigned level, vaddr_t va)
{
    pfn_t pfn = frame_alloc(os, cpu, USE_TABLE, true);
    struct frame *f;

    if (pfn == 0)
        return 0;
    f = frame_edit(os, pfn);
    f->owner = owner;
    f->level = (uint8_t)level;
    f->offset = table_base(format_of(os), level, va);
    if (owner)
        os->s->mm[owner].tables++;
    return pfn;
}

/* An entry that leads to a table: all rights, but no bit that must be 0 here (PAE's top level has
 * no R/W and U/S). */
pte_t
table_link_entry(const struct os *os, unsigned level, pfn_t pfn)
{
    const struct format *f = format_of(os);
    pte_t flags = f->flag.present | f->flag.writable | f->flag.user;

    if (f->table_bits)
        return format_naming(f, pa_of(f, pfn)) | f->table_bits;
    return pa_of(f, pfn) | (flags & ~walker_reserved(os->hw, 0, level, false));
}

/* Hang a new table below the entry at `slot`. */
static bool
grow(struct os *os, unsigned cpu, uint32_t owner, unsigned level, vaddr_t va, paddr_t slot)
{
    pfn_t pfn = table_new(os, cpu, owner, level + 1, va);

    if (pfn == 0)
        return false;
    EMIT(os->hw, cpu, TABLE_ALLOC, .va = os->frame[pfn].offset, .level = (uint8_t)(level + 1),
         .frame = pfn);
    table_entry_write(os, cpu, level, va, slot, table_link_entry(os, level, pfn));
    return true;
}

/* The entry of va at `wanted`, tables made on the way; 0 when out of memory. */
paddr_t
table_reach(struct os *os, unsigned cpu, uint32_t owner, paddr_t root, unsigned wanted, vaddr_t va)
{
    const struct format *f = format_of(os);
    paddr_t table = root;

    for (unsigned level = 0; level < wanted; level++) {
        paddr_t slot = slot_in(f, level, table, va);

        if (!child(os, owner, level, va, table_get(os, slot)) &&
            !grow(os, cpu, owner, level, va, slot))
            return 0;
        table = pa_of(f, child(os, owner, level, va, table_get(os, slot)));
    }
    return slot_in(f, wanted, table, va);
}

paddr_t
table_find(const struct os *os, uint32_t mm, vaddr_t va)
{
    paddr_t path[LEVEL_MAX];

    if (!is_tree(os))
        return mapping_find(os, mm, va);
    return table_descend(os, mm, os->s->mm[mm].root, va, path) == last_level(os)
               ? path[last_level(os)]
               : 0;
}

paddr_t
table_slot(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, bool make)
{
    if (make && !is_tree(os))
        return mapping_make(os, mm, va);
    if (make)
        return table_reach(os, cpu, mm, os->s->mm[mm].root, last_level(os), va);
    return table_find(os, mm, va);
}

/* Where a table is missing, everything it would translate is skipped in one step. */
bool
table_next(const struct os *os, uint32_t mm, vaddr_t *va, vaddr_t end, paddr_t *slot)
{
    const struct format *f = format_of(os);
    paddr_t path[LEVEL_MAX];

    if (!is_tree(os))
        return mapping_next(os, mm, va, end, slot);
    while (*va < end) {
        unsigned level = table_descend(os, mm, os->s->mm[mm].root, *va, path);
        vaddr_t next = (*va | low_bits(f->level[level].shift)) + 1;

        *slot = path[level];
        if (level == last_level(os) && table_get(os, *slot))
            return true;
        if (next <= *va)
            return false;
        *va = next;
    }
    return false;
}

/* --- last-level entries --- */

pte_t
table_leaf_entry(const struct os *os, unsigned level, pfn_t pfn, uint8_t prot, bool writable)
{
    const struct format *f = format_of(os);
    pte_t entry = format_naming(f, pa_of(f, pfn)) | f->flag.present;

    if (level < last_level(os))
        entry |= f->flag.large;
    if (prot)
        entry |= f->flag.user | (hw_quirk(os->hw, QUIRK_USER_GLOBAL) ? f->flag.global : 0);
    if (writable)
        entry |= f->flag.writable;
    if (prot != RIGHT_X) /* to write and not to read is nobody's wish */
        entry |= f->flag.readable;
    if (!(prot & RIGHT_X))
        entry |= f->flag.no_execute & ~walker_reserved(os->hw, 0, level, true);
    return format_plain(f, entry) | f->page_bits;
}

pte_t
table_entry(const struct os *os, pfn_t pfn, uint8_t prot, bool writable)
{
    return table_leaf_entry(os, last_level(os), pfn, prot, writable);
}

/* Must TLBs forget the old entry? Not when the new one only allows more: a fault drops the
 * TLB's entry by itself, so one that is too strict costs at most one spurious fault (SDM vol. 3A,
 * 4.10.4.1 and 4.10.4.3). */
static bool
takes_away(const struct format *f, pte_t old, pte_t new)
{
    pte_t rights = f->flag.present | f->flag.writable | f->flag.user | f->flag.readable;
    pte_t was = format_plain(f, old), is = format_plain(f, new);

    return (was & f->flag.present) &&
           ((was & ~is & rights) || (is & ~was & f->flag.no_execute) || ((was ^ is) & f->frame));
}

void
table_write(struct os *os, unsigned cpu, vaddr_t va, paddr_t slot, pte_t entry)
{
    if (is_tree(os))
        table_entry_write(os, cpu, last_level(os), va, slot, entry);
    else
        mapping_set(os, cpu, (uint32_t)slot, entry);
}

void
table_set(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, paddr_t slot, pte_t entry)
{
    pte_t old = table_get(os, slot);

    table_write(os, cpu, va, slot, entry);
    if (takes_away(format_of(os), old, entry))
        tag_invalidate(os, cpu, mm, va);
}

/* Sets what the MMU would have set, had it been one that does. */
bool
table_mark(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va, bool write)
{
    const struct format *f = format_of(os);
    paddr_t slot = walker_marks(os->hw, cpu) ? 0 : huge_or_page(os, mm, va);
    pte_t old = slot ? table_get(os, slot) : 0, new = old;

    if (!(old & f->flag.present) || (write && !format_has(f, old, f->flag.writable)))
        return false;
    new = format_with(f, old, f->flag.accessed | (write ? f->flag.dirty : 0));
    if (new != old)
        huge_or_page_write(os, cpu, mm, va, new); /* which only allows more */
    return new != old;
}

/* --- giving tables back --- */

static bool
is_empty(const struct os *os, pfn_t pfn, unsigned level)
{
    const struct format *f = format_of(os);
    uint64_t bytes = format_table_bytes(f, level), word;
    unsigned step = bytes % 8 == 0 ? 8 : 1;

    for (uint64_t at = 0; at < bytes; at += step) {
        word = phys_read(&os->hw->phys, pa_of(f, pfn) + at, step);
        if (word)
            return false;
    }
    return true;
}

void
table_free(struct os *os, unsigned cpu, uint32_t mm, pfn_t pfn)
{
    struct frame gone = os->frame[pfn];

    os->s->mm[mm].tables--;
    EMIT(os->hw, cpu, TABLE_FREE, .va = gone.offset, .level = gone.level, .frame = pfn);
    frame_put(os, cpu, pfn);
}

/* From the bottom up: an empty table is unlinked from the one above, which may be empty then. */
void
table_trim(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va)
{
    const struct format *f = format_of(os);
    paddr_t path[LEVEL_MAX];
    unsigned level;

    if (hw_quirk(os->hw, QUIRK_TABLES_STAY))
        return;
    if (!is_tree(os)) {
        mapping_trim(os, cpu, mm, va);
        return;
    }
    for (level = table_descend(os, mm, os->s->mm[mm].root, va, path); level > 0; level--) {
        pfn_t pfn = pfn_of(f, path[level]);

        if (!is_empty(os, pfn, level))
            return;
        table_entry_write(os, cpu, level - 1, va, path[level - 1], 0);
        if (walk_cache_exists(os->hw)) /* they may know the table, whatever was in it */
            tag_invalidate_now(os, cpu, mm, va);
        table_free(os, cpu, mm, pfn);
    }
}

/* Depth first, at most as deep as there are levels. Entries are not cleared one by one: nobody
 * walks this tree any more. */
static void
free_below(struct os *os, unsigned cpu, uint32_t mm, pfn_t table, unsigned level, vaddr_t base)
{
    const struct format *f = format_of(os);

    for (unsigned i = 0; level < last_level(os) && i < 1u << f->level[level].bits; i++) {
        vaddr_t va = base + ((uint64_t)i << f->level[level].shift);
        pfn_t next =
            child(os, mm, level, va, table_get(os, slot_in(f, level, pa_of(f, table), va)));

        if (next)
            free_below(os, cpu, mm, next, level + 1, va);
    }
    table_free(os, cpu, mm, table);
}

/* Tables that a poke unlinked are still counted, but only a look at every frame finds them. */
static void
free_lost(struct os *os, unsigned cpu, uint32_t mm)
{
    for (pfn_t pfn = 1; pfn < os->hw->geo.frames && os->s->mm[mm].tables; pfn++)
        if (os->frame[pfn].use == USE_TABLE && os->frame[pfn].owner == mm)
            table_free(os, cpu, mm, pfn);
}

void
table_free_all(struct os *os, unsigned cpu, uint32_t mm)
{
    if (is_tree(os)) {
        free_below(os, cpu, mm, pfn_of(format_of(os), os->s->mm[mm].root), 0, 0);
        free_lost(os, cpu, mm);
        isolation_free(os, cpu, mm);
    } else {
        mapping_free_all(os, cpu, mm);
    }
    os->s->mm[mm].root = 0;
}

/* --- roots and the kernel's half --- */

/* The kernel is mapped in every address space at the same place, so that a trap need not change
 * CR3: all roots share the tables below these entries (Linux arch/x86/mm/pgtable.c, pgd_ctor). */
static void
copy_kernel_half(struct os *os, paddr_t root)
{
    const struct format *f = format_of(os);
    uint64_t bytes = format_table_bytes(f, 0);

    for (uint64_t at = 0; at < bytes; at += f->entry_bytes) {
        pte_t entry = table_get(os, os->s->kernel_root + at);

        if (entry)
            phys_write(&os->hw->phys, root + at, f->entry_bytes, entry);
    }
}

bool
table_new_root(struct os *os, unsigned cpu, uint32_t mm)
{
    pfn_t pfn;

    if (!is_tree(os)) { /* everybody's is the same */
        os->s->mm[mm].root = mapping_root(os, mm);
        return true;
    }
    if (!isolation_new(os, cpu, mm))
        return false;
    pfn = table_new(os, cpu, mm, 0, 0);
    if (pfn == 0) {
        isolation_free(os, cpu, mm);
        return false;
    }
    os->s->mm[mm].root = pa_of(format_of(os), pfn);
    if (os->s->kernel_root && !format_of(os)->halves) /* else its half has a root of its own */
        copy_kernel_half(os, os->s->mm[mm].root);
    EMIT(os->hw, cpu, TABLE_ALLOC, .va = 0, .level = 0, .frame = pfn);
    return true;
}

static bool
may_be_large(const struct os *os, unsigned level)
{
    uint8_t rule = format_of(os)->level[level].large;

    return rule == LARGE_ALWAYS || (rule == LARGE_IF_PSE && (os->hw->s->cpu[0].cr4 & CR4_PSE));
}

/* The level nearest the root at which one entry may map memory at pa without reaching beyond
 * `ram`. */
static unsigned
level_that_fits(const struct os *os, vaddr_t va, paddr_t pa, uint64_t ram)
{
    const struct format *f = format_of(os);

    for (unsigned level = 0; level < last_level(os); level++) {
        uint64_t size = UINT64_C(1) << f->level[level].shift;

        if (may_be_large(os, level) && (va | pa) % size == 0 && ram - pa >= size)
            return level;
    }
    return last_level(os);
}

static pte_t
ram_entry(const struct os *os, unsigned level, paddr_t pa)
{
    const struct format *f = format_of(os);
    const struct format_flags *flag = &f->flag;
    bool large = level < last_level(os);
    pte_t entry = format_naming(f, pa) | flag->present | flag->readable | flag->writable;

    if (large)
        entry |= flag->large;
    if (f->family != FAMILY_X86) /* in every address space, and nobody waits for marks here */
        entry |= flag->global | flag->accessed | flag->dirty;
    else if (os->hw->s->cpu[0].cr4 & CR4_PGE) /* the same in all address spaces */
        entry |= flag->global;
    entry |= flag->no_execute & ~walker_reserved(os->hw, 0, level, true);
    return format_plain(f, entry) | f->page_bits;
}

/* RAM that the kernel's part of the address space has room for. On i386 that is less than there may
 * be: the rest is high memory. */
static uint64_t
ram_bytes(const struct os *os)
{
    const struct format *f = format_of(os);
    uint64_t ram = pa_of(f, os->hw->geo.frames);
    uint64_t room = (format_has_rule(f) ? 0 : low_bits(f->va_bits) + 1) - os->layout.kernel;

    return ram < room ? ram : room;
}

bool
table_map_ram(struct os *os)
{
    const struct format *f = format_of(os);
    uint64_t ram = ram_bytes(os), size;
    pfn_t root = table_new(os, 0, 0, 0, 0);

    if (root == 0)
        return false;
    os->s->kernel_root = pa_of(f, root);
    for (paddr_t pa = 0; pa < ram; pa += size) {
        vaddr_t va = os->layout.kernel + pa;
        unsigned level = level_that_fits(os, va, pa, ram);
        paddr_t slot = table_reach(os, 0, 0, os->s->kernel_root, level, va);

        if (slot == 0)
            return false;
        table_entry_write(os, 0, level, va, slot, ram_entry(os, level, pa));
        size = UINT64_C(1) << f->level[level].shift;
    }
    return true;
}
