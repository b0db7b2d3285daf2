/* walker.h - the page-table walk: from the root named by CR3 to the entry that maps an address,
 * one read per level.
 *
 * Promises   Entries are read from physical memory, every one an event; through the data cache where
 *            there is one and `walks_cached` is 1, with the cache's events before the read's. On success, and only
 *            then, A is set in every entry used and D in the leaf of a write (one ENTRY_MARK per
 *            entry that changed; RISC-V marks the leaf alone, AArch64 leaves it to software). On a
 *            fault nothing in memory changes.
 *            A root that the CPU holds in registers (format.root_registers) is not read.
 * Emits      WALK_START, or WALK_REGISTER where the root is in registers; WALK_READ{1,levels}
 *            ENTRY_MARK*, or a fault after the read that decided it (PAGE_FAULT, GENERAL_FAULT,
 *            STACK_FAULT).
 * Simplifies No speculative walks, no protection keys, no shadow stacks.
 */
#pragma once

#include "hw/hw.h"

struct access {
    vaddr_t va;
    uint8_t kind; /* enum access_kind */
    uint8_t size; /* 1, 2, 4 or 8 bytes */
    bool user;    /* CPL 3 */
    bool ac;      /* EFLAGS.AC: a supervisor may touch user pages in spite of SMAP */
    bool stack;   /* through SS, as PUSH and whatever has RSP or RBP for its base */
    uint8_t unused[3];
    uint64_t value; /* what a write stores */
};

/* FAULT_SEGMENT is none of x86's: the trap of a machine with segments only (hw/segment.h). */
enum fault_vector {
    FAULT_NONE = 0,
    FAULT_SS = 12,
    FAULT_GP = 13,
    FAULT_PF = 14,
    FAULT_SEGMENT = 255
};

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
    pfn_t pfn;      /* frame of the (large) page's first byte */
    uint8_t shift;  /* page size is 1 << shift */
    uint8_t flags;  /* enum tlb_flag without TLB_VALID */
    uint8_t level;  /* level of the leaf */
    uint8_t first;  /* level of the first one read: above it a walk cache answered */
    uint32_t reads; /* entries and anchors read */
    uint8_t pat;    /* of the leaf (hw/memtype.h), on the way of the table; 0 without caches */
    uint8_t rights[LEVEL_MAX - 1]; /* enum tlb_flag: what is left of them below each level */
    pte_t entry[LEVEL_MAX];        /* as read, root first; of an inverted table with its frame */
    paddr_t slot[LEVEL_MAX];       /* where they lie */
};

/* Walk for `a` on this CPU with all checks. True unless t->fault. Spends cycles, counts the walk,
 * sets A and D. */
bool walker_walk(struct hw *hw, unsigned cpu, const struct access *a, struct translation *t);

/* What this CPU would find for va, were it to walk now: as walker_peek, from its own CR3 and, where
 * the format has them, its own root registers. */
bool walker_peek_cpu(const struct hw *hw, unsigned cpu, vaddr_t va, struct translation *t);

/* What the tables say about va, without rights, side effects, events, quirks or time. `root` is
 * CR3's table address; CR4 and EFER are those of CPU 0. True when a leaf is present and well
 * formed; otherwise t->level is the level whose entry was not, and entry/slot are valid up to it.
 */
bool walker_peek(const struct hw *hw, paddr_t root, vaddr_t va, struct translation *t);

/* Do the rights in `flags` (enum tlb_flag) allow this access on this CPU? Fills error (without
 * FAULT_RSVD) when they do not. */
bool walker_allows(const struct hw *hw, unsigned cpu, const struct access *a, uint8_t flags,
                   uint16_t *error);

/* One read of the MMU's own, n bytes: through the data cache, which then tells the time, or from
 * memory, and then it costs `cycles`. */
uint64_t walker_load(struct hw *hw, unsigned cpu, vaddr_t va, paddr_t pa, unsigned n,
                     uint32_t *cycles);

/* What a fault of this access tells about the access itself: fault bits. */
uint16_t walker_access_error(const struct hw *hw, const struct cpu *c, const struct access *a);

/* The table address in a value of the root register (CR3, satp, TTBR0), and back; of a table that is
 * no tree with the process it asks for. */
paddr_t walker_root(const struct hw *hw, uint64_t cr3);
uint64_t walker_root_value(const struct hw *hw, paddr_t table);

/* The root's entries are in the CPU's registers, and walks begin there. */
bool walker_root_is_held(const struct hw *hw);
/* One of these registers; only where walker_root_is_held. */
pte_t *walker_root_entry(const struct hw *hw, unsigned cpu, unsigned index);

/* Could a CPU with these registers, in this format, load its root's entries? False: one that is
 * present has a reserved bit. True where it would load none. */
bool walker_root_is_legal(const struct hw *hw, const struct format *f, const struct cpu *c);

/* Load them (ROOT_LOAD each), unjudged; nothing where the format keeps its root in memory alone. */
void walker_load_root(struct hw *hw, unsigned cpu);

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
