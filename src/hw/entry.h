/* entry.h - what one entry of a page table says, to the MMU that reads it.
 *
 * Promises   Pure: bits in, a verdict or rights out. In a header, because it is asked once a level on
 *            the path that has to be quick; for walker.c, root.c and peek.c, nobody else.
 * Source     SDM vol. 3A, 4.3 to 4.6; for other families hw/family.h says who has the word.
 */
#pragma once

#include "hw/family.h"

enum verdict { ENTRY_ABSENT, ENTRY_MALFORMED, ENTRY_OUTSIDE, ENTRY_TABLE, ENTRY_LEAF };

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
static inline struct rules
rules_of(const struct hw *hw, const struct format *f, const struct cpu *c)
{
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

static inline struct rules
rules_now(const struct hw *hw, unsigned cpu)
{
    return rules_of(hw, &hw->geo.format, &hw->s->cpu[cpu]);
}

static inline bool
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
static inline uint64_t
high_reserved(const struct format_level *l, unsigned maxpa)
{
    unsigned has = maxpa > l->high_to ? maxpa - l->high_to : 0;

    return (low_bits(l->high_bits) & ~low_bits(has)) << l->high_from;
}

static inline uint64_t
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

static inline uint64_t
wrong_bits(const struct format *f, const struct rules *r, unsigned level, pte_t entry, bool leaf)
{
    uint64_t wrong = format_plain(f, entry) & reserved_bits(f, r, level, leaf);

    if (wrong == 0 && f->family != FAMILY_X86)
        wrong = family_of(f)->odd(f, level, entry);
    return wrong;
}

/* Garbage in an entry that is not present is nobody's business, so P comes first. */
static inline enum verdict
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

/* A right holds only if every level grants it; one level is enough to forbid execution (SDM
 * 4.6.1). A flag the format does not have cannot forbid, nor can a level that has no rights. */
static inline uint8_t
combine(const struct format *f, unsigned level, uint8_t flags, pte_t entry)
{
    pte_t plain = format_plain(f, entry);

    if (f->level[level].bare)
        return flags;
    if ((plain & f->flag.writable) != f->flag.writable)
        flags &= (uint8_t)~TLB_W;
    if ((plain & f->flag.user) != f->flag.user)
        flags &= (uint8_t)~TLB_U;
    if (plain & f->flag.no_execute)
        flags |= TLB_NX;
    return flags;
}

/* An entry that names a table, where it has bits of its own for what holds below it. */
static inline uint8_t
combine_table(const struct format *f, const struct rules *r, unsigned level, uint8_t flags,
              pte_t entry)
{
    const struct format_table *t = &f->table;

    if (f->family == FAMILY_X86)
        return combine(f, level, flags, entry);
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
static inline uint8_t
leaf_flags(const struct format *f, const struct rules *r, unsigned level, uint8_t flags, pte_t leaf)
{
    pte_t plain = format_plain(f, leaf);

    flags = combine(f, level, flags, leaf);
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
