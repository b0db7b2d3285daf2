/* format.h - a page-table format, as data.
 *
 * Promises   A radix page table is this descriptor and, for what no table of bits can say, the rules
 *            of its family (hw/family.h); one walker (hw/walker.h) serves them all. Levels count
 *            from the root: level[0] is the table that CR3 names, level[levels - 1] the last one. A
 *            table that is no tree (hw/hashed.h) has one level, whose index would be the whole page
 *            number; what an entry says is the same.
 * Reads      Filled from a machine preset (assets/machines/NAME.json); constant once a machine
 *            exists.
 *
 *   47     39 38     30 29     21 20     12 11         0
 *  |  PML4   |  PDPT   |   PD    |   PT    |  offset   |     Intel SDM vol. 3A, 4.5
 */
#pragma once

#include "base/error.h"
#include "base/types.h"

enum table_kind {
    TABLE_RADIX,    /* a tree */
    TABLE_HASHED,   /* a hash table of the pages that are in memory */
    TABLE_INVERTED, /* an entry a frame: which page is in it */
};

enum large_rule {
    LARGE_NEVER,    /* the PS bit is not looked at: in the last level it means PAT */
    LARGE_RESERVED, /* a set PS bit is a reserved bit */
    LARGE_ALWAYS,
    LARGE_IF_PSE, /* only when CR4.PSE is set; else PS is ignored */
};

/* A root that is loaded into the CPU has so many entries at most. */
enum { ROOT_ENTRIES = 4 };
/* Whose rules hold where data alone does not say it: rights, roots, fault codes (hw/family.h). */
enum format_family { FAMILY_X86, FAMILY_RISCV, FAMILY_ARM, FAMILIES };

struct format_level {
    char name[8];      /* "PML4" */
    uint8_t shift;     /* lowest bit of the index in a virtual address */
    uint8_t bits;      /* width of the index */
    uint8_t large;     /* enum large_rule: may an entry here map a page of 1 << shift bytes? */
    uint8_t high_from; /* PSE-36: a large entry's bits from here on hold physical bits high_to.. */
    uint8_t high_bits; /* so many of them; 0: none */
    uint8_t high_to;
    bool bare; /* entries here have P and an address: no rights, no A, no D (PAE's PDPTE) */
    uint8_t unused;
    uint64_t reserved;       /* bits that must be 0 in every entry of this level */
    uint64_t large_reserved; /* bits that must be 0 in a large entry, besides */
};

/* Where the flags are; a flag the format does not have is 0. */
struct format_flags {
    uint64_t present, writable, user, write_through, cache_disable, accessed, dirty, large, global,
        no_execute;
    uint64_t readable;          /* else every page may be read */
    uint64_t kernel_no_execute; /* no_execute is then the user's alone */
};

/* What an entry that names a table says about everything below it, where it has bits of its own for
 * that. On x86 it has the same flags as an entry that maps a page, and uses none of these. */
struct format_table {
    uint64_t no_write, no_user, no_execute, no_kernel_execute, global;
    uint64_t reserved; /* bits that must be 0 in it */
};

struct format {
    char name[16];
    uint8_t va_bits;    /* 16, 32, 48, 57 */
    uint8_t pa_bits;    /* the most the format can name; MAXPHYADDR (struct geometry) may be less */
    uint8_t page_shift; /* 12: pages and frames of 4 KiB */
    uint8_t entry_bytes; /* 1, 2, 4 or 8 */
    uint8_t levels;
    bool
        canonical; /* bits above va_bits repeat the one below, else #GP; false: they do not exist */
    bool checks_maxpa;   /* frame bits at MAXPHYADDR and above are reserved */
    bool root_registers; /* MOV CR3 loads the root's entries into the CPU and checks them there */
    uint8_t kind;        /* enum table_kind */
    uint8_t family;      /* enum format_family */
    bool halves; /* two roots: bits from va_bits up are all 0 in one half, all 1 in the other */
    uint8_t frame_up; /* the frame bits stand this much lower than in the address */
    uint64_t frame;   /* the entry's bits that hold a table's or a page's address */
    uint64_t root;    /* CR3's bits that hold the root table's address; x86 alone */
    struct format_flags flag;
    uint64_t when_zero; /* flags that hold where their bit is 0; never `present` */
    uint64_t leaf; /* any of these bits: the entry maps a page. 0: `large` says it, or the level */
    uint64_t page_bits;  /* what a kernel sets besides in every entry that maps a page */
    uint64_t table_bits; /* ... and all it sets in one that names a table; 0: every right */
    struct format_table table;
    struct format_level level[LEVEL_MAX];
};

static inline bool
format_is_tree(const struct format *f)
{
    return f->kind == TABLE_RADIX;
}

/* 1 << page_shift. */
static inline uint64_t
format_page(const struct format *f)
{
    return UINT64_C(1) << f->page_shift;
}

static inline unsigned
format_index(const struct format *f, unsigned level, vaddr_t va)
{
    return (unsigned)((va >> f->level[level].shift) & low_bits(f->level[level].bits));
}

static inline vpn_t
vpn_of(const struct format *f, vaddr_t va)
{
    return va >> f->page_shift;
}

static inline pfn_t
pfn_of(const struct format *f, paddr_t pa)
{
    return pa >> f->page_shift;
}

static inline paddr_t
pa_of(const struct format *f, pfn_t pfn)
{
    return pfn << f->page_shift;
}

/* Do addresses have upper bits that translate nothing and must say one thing? */
static inline bool
format_has_rule(const struct format *f)
{
    return f->canonical || f->halves;
}

/* The address with its upper bits made what they must be: those of its half (which bit 55 names), or
 * sign-extended if canonical, else cut. */
static inline vaddr_t
format_extend(const struct format *f, vaddr_t va)
{
    uint64_t low = low_bits(f->va_bits);

    if (f->halves)
        return va >> 55 & 1 ? va | ~low : va & low;
    return f->canonical && (va >> (f->va_bits - 1) & 1) ? va | ~low : va & low;
}

/* Without the rule every address will do: its upper bits do not exist. */
static inline bool
format_is_canonical(const struct format *f, vaddr_t va)
{
    return !format_has_rule(f) || format_extend(f, va) == va;
}

/* The entry with each flag as its name says it, 1 for yes; and back again. */
static inline pte_t
format_plain(const struct format *f, pte_t entry)
{
    return entry ^ f->when_zero;
}

/* Does the entry have any of these flags? Never one the format does not have. */
static inline bool
format_has(const struct format *f, pte_t entry, uint64_t flags)
{
    return (format_plain(f, entry) & flags) != 0;
}

static inline pte_t
format_with(const struct format *f, pte_t entry, uint64_t flags)
{
    return format_plain(f, format_plain(f, entry) | flags);
}

static inline pte_t
format_without(const struct format *f, pte_t entry, uint64_t flags)
{
    return format_plain(f, format_plain(f, entry) & ~flags);
}

/* Beyond x86, above the last level: does a present entry name a table? */
static inline bool
format_names_table(const struct format *f, pte_t entry)
{
    return f->leaf ? !(entry & f->leaf) : !format_has(f, entry, f->flag.large);
}

/* The physical address an entry names, and the bits that name one. */
static inline paddr_t
format_address(const struct format *f, pte_t entry)
{
    return (entry & f->frame) << f->frame_up;
}

static inline pte_t
format_naming(const struct format *f, paddr_t pa)
{
    return pa >> f->frame_up;
}

/* The physical address a large entry at this level maps (its page's first byte). */
paddr_t format_large_base(const struct format *f, unsigned level, pte_t entry);

/* Bytes of one table at this level: entries times entry_bytes. */
static inline uint64_t
format_table_bytes(const struct format *f, unsigned level)
{
    return (uint64_t)f->entry_bytes << f->level[level].bits;
}

/* Does this descriptor make sense? Levels add up to va_bits, flags lie outside the frame bits,
 * ... `why` names the member. */
bool format_check(const struct format *f, struct error *why);
