/* walker.h - the page-table walk: from the root named by CR3 to the entry that maps an address,
 * one read per level.
 *
 * Promises   Entries are read from physical memory, every one an event; through the data cache where
 *            there is one and `walks_cached` is 1, with the cache's events before the read's. On success, and only
 *            then, A is set in every entry used and D in the leaf of a write (one ENTRY_MARK per
 *            entry that changed; RISC-V marks the leaf alone, AArch64 leaves it to software). On a
 *            fault nothing in memory changes.
 * Emits      WALK_START WALK_READ{1,levels} ENTRY_MARK*, or a fault after the read that decided
 *            it (PAGE_FAULT, GENERAL_FAULT).
 * Simplifies No speculative walks, no paging-structure caches, no protection keys, no shadow
 *            stacks.
 */
#pragma once

#include "hw/hw.h"

struct access {
    vaddr_t va;
    uint8_t kind; /* enum access_kind */
    uint8_t size; /* 1, 2, 4 or 8 bytes */
    bool user;    /* CPL 3 */
    bool ac;      /* EFLAGS.AC: a supervisor may touch user pages in spite of SMAP */
    uint32_t unused;
    uint64_t value; /* what a write stores */
};

enum fault_vector { FAULT_NONE = 0, FAULT_GP = 13, FAULT_PF = 14 };

struct fault {
    uint8_t vector; /* enum fault_vector */
    uint8_t level;  /* the level whose entry decided; levels when rights decided after the leaf was
                       found, beyond x86 the leaf's */
    uint16_t error; /* enum fault_bit */
    uint32_t code;  /* beyond x86: what the CPU tells software (scause, AArch64's fault status) */
    vaddr_t va;     /* CR2, stval, FAR */
};

struct translation {
    struct fault fault; /* vector FAULT_NONE: the rest is valid */
    paddr_t pa;
    pfn_t pfn;     /* frame of the (large) page's first byte */
    uint8_t shift; /* page size is 1 << shift */
    uint8_t flags; /* enum tlb_flag without TLB_VALID */
    uint8_t level; /* level of the leaf */
    uint8_t reads; /* table entries read */
    uint32_t unused;
    pte_t entry[LEVEL_MAX];  /* as read, root first */
    paddr_t slot[LEVEL_MAX]; /* where they lie */
};

/* Walk for `a` on this CPU with all checks. True unless t->fault. Spends cycles, counts the walk,
 * sets A and D. */
bool walker_walk(struct hw *hw, unsigned cpu, const struct access *a, struct translation *t);

/* What the tables say about va, without rights, side effects, events, quirks or time. `root` is
 * CR3's table address; CR4 and EFER are those of CPU 0. True when a leaf is present and well
 * formed; otherwise t->level is the level whose entry was not, and entry/slot are valid up to it.
 */
bool walker_peek(const struct hw *hw, paddr_t root, vaddr_t va, struct translation *t);

/* Do the rights in `flags` (enum tlb_flag) allow this access on this CPU? Fills error (without
 * FAULT_RSVD) when they do not. */
bool walker_allows(const struct hw *hw, unsigned cpu, const struct access *a, uint8_t flags,
                   uint16_t *error);

/* What a fault of this access tells about the access itself: fault bits. */
uint16_t walker_access_error(const struct hw *hw, const struct cpu *c, const struct access *a);

/* The table address in a value of the root register (CR3, satp, TTBR0), and back. */
paddr_t walker_root(const struct hw *hw, uint64_t cr3);
uint64_t walker_root_value(const struct hw *hw, paddr_t table);
/* The number by which the CPU tells software about the fault: error code, scause, fault status. */
uint16_t walker_report(const struct hw *hw, const struct fault *fault);
/* Does the hardware set A and D now? */
bool walker_marks(const struct hw *hw, unsigned cpu);

/* The bits of a present entry that make it malformed at this level; 0: it is well formed. */
uint64_t walker_wrong(const struct hw *hw, unsigned cpu, unsigned level, pte_t entry);

/* Bits that must be zero in an entry of this level (flags: that must not say yes), given MAXPHYADDR
 * and EFER.NXE; `leaf`: the entry maps a page. */
uint64_t walker_reserved(const struct hw *hw, unsigned cpu, unsigned level, bool leaf);

/* Does this entry map a page at this level (last level, or PS set where PS counts)? */
bool walker_is_leaf(const struct hw *hw, unsigned cpu, unsigned level, pte_t entry);

/* Which level a fault of rights is said to be of, when a page of 1 << shift bytes was found. */
unsigned walker_rights_level(const struct hw *hw, unsigned shift);

/* Are A, and for a write D, set where the hardware sets none? They are missing otherwise: a fault. */
bool walker_is_marked(const struct hw *hw, unsigned cpu, const struct access *a, pte_t leaf);

/* Raise #PF: CR2, the event, the record. `level` as in struct fault. Returns false. */
bool walker_page_fault(struct hw *hw, unsigned cpu, const struct access *a, unsigned level,
                       uint16_t error, struct fault *out);

/* Frame and offset put together: the physical address of va in the page of 1 << shift bytes that
 * starts with frame pfn. */
paddr_t walker_pa(const struct hw *hw, pfn_t pfn, unsigned shift, vaddr_t va);
