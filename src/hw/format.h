/* format.h - a page-table format, as data.
 *
 * Promises   A radix page table is this descriptor and nothing else; one walker (hw/walker.h)
 *            serves them all. Levels count from the root: level[0] is the table that CR3 names,
 *            level[levels - 1] the last one. A table that is no tree (hw/hashed.h) has one level,
 *            whose index would be the whole page number; what an entry says is the same.
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
    uint64_t frame;      /* the entry's bits that hold a table's or a page's address */
    uint64_t root;       /* CR3's bits that hold the root table's address */
    struct format_flags flag;
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

/* The address with its upper bits made what they must be: sign-extended if canonical, else cut. */
static inline vaddr_t
format_extend(const struct format *f, vaddr_t va)
{
    uint64_t low = low_bits(f->va_bits);

    return f->canonical && (va >> (f->va_bits - 1) & 1) ? va | ~low : va & low;
}

/* Without the rule every address will do: its upper bits do not exist. */
static inline bool
format_is_canonical(const struct format *f, vaddr_t va)
{
    return !f->canonical || format_extend(f, va) == va;
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
