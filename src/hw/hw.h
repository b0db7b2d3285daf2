/* hw.h - the silicon: CPUs with their registers and TLBs, physical memory, time.
 *
 * Promises   An access returns a fault, it never calls the kernel (os/trap.h does that and
 *            retries). Same machine, same arguments: same result, same events. Nothing here
 *            allocates, blocks or prints.
 * Owns       struct hw_state and the TLB entries, both in the arena's hot part, and the lines of
 *            the data caches. Copies of the arena are copies of the hardware.
 */
#pragma once

#include "base/arena.h"
#include "base/event.h"
#include "base/rng.h"
#include "base/tunable.h"
#include "hw/format.h"
#include "hw/phys.h"

/* Control-register bits (SDM vol. 3A, 2.5) the walker looks at. */
#define CR0_PE (UINT64_C(1) << 0)
#define CR0_WP (UINT64_C(1) << 16)
#define CR0_NW (UINT64_C(1) << 29)
#define CR0_CD (UINT64_C(1) << 30)
#define CR0_PG (UINT64_C(1) << 31)
#define CR4_PSE (UINT64_C(1) << 4)
#define CR4_PAE (UINT64_C(1) << 5)
#define CR4_PGE (UINT64_C(1) << 7)
#define CR4_LA57 (UINT64_C(1) << 12)
#define CR4_PCIDE (UINT64_C(1) << 17)
#define CR4_SMEP (UINT64_C(1) << 20)
#define CR4_SMAP (UINT64_C(1) << 21)
#define EFER_LME (UINT64_C(1) << 8)
#define EFER_LMA (UINT64_C(1) << 10)
#define EFER_NXE (UINT64_C(1) << 11)

/* RISC-V: where the root is and what mode it has (satp), what the kernel may touch (sstatus), who
 * sets A and D (menvcfg). Privileged specification, 4.1.1, 4.1.11, 3.1.18. */
#define SATP_MODE_SV39 UINT64_C(8)
#define SATP_MODE_SV48 UINT64_C(9)
#define SSTATUS_SUM (UINT64_C(1) << 18)
#define SSTATUS_MXR (UINT64_C(1) << 19)
#define MENVCFG_ADUE (UINT64_C(1) << 61)

/* AArch64: SCTLR_EL1 and TCR_EL1 (Arm ARM, D19.2). */
#define SCTLR_M (UINT64_C(1) << 0)
#define SCTLR_WXN (UINT64_C(1) << 19)
#define TCR_T0SZ(tcr) ((unsigned)(tcr)&63)
#define TCR_T1SZ(tcr) ((unsigned)((tcr) >> 16) & 63)
#define TCR_IPS(tcr) ((unsigned)((tcr) >> 32) & 7)
#define TCR_EPD(half) (UINT64_C(1) << ((half) ? 23 : 7))
#define TCR_TBI(half) (UINT64_C(1) << ((half) ? 38 : 37))
#define TCR_HPD(half) (UINT64_C(1) << ((half) ? 42 : 41))
#define TCR_TBID(half) (UINT64_C(1) << ((half) ? 52 : 51))
#define TCR_E0PD(half) (UINT64_C(1) << ((half) ? 56 : 55))

/* What an AArch64 CPU may have besides v8.0 (geometry.features). */
enum feature {
    FEATURE_HPD = 1 << 0,  /* rights of tables can be switched off */
    FEATURE_E0PD = 1 << 1, /* user mode can be kept out of a half */
    FEATURE_TTST = 1 << 2, /* halves of down to 16 bits */
    FEATURE_TBID = 1 << 3, /* a tag in the top byte for data alone */
};

/* What is known of a fault. The lower five are x86's error code (SDM vol. 3A, 4.7); other CPUs know
 * as much, and tell software less. */
enum fault_bit {
    FAULT_P = 1 << 0, /* the entry was present: a rights or reserved-bit fault */
    FAULT_W = 1 << 1,
    FAULT_U = 1 << 2,
    FAULT_RSVD = 1 << 3,
    FAULT_I = 1 << 4,        /* instruction fetch, reported when NXE or SMEP is on */
    FAULT_UNMARKED = 1 << 8, /* A (or D, of a write) is 0, and software has to set it */
    FAULT_SIZE = 1 << 9,     /* a physical address of more bits than this CPU has */
    FAULT_OUTSIDE = 1 << 10, /* physical memory that is not open to this mode */
};

/* The caches between a CPU and memory. L1 keeps data, and code too where there is no L1I; below them
 * L2 and L3 keep both. A machine has an L1 or no cache at all. */
enum cache_id { CACHE_L1, CACHE_L1I, CACHE_L2, CACHE_L3, CACHES };

enum cache_trait {
    CACHE_BACK = 1, /* a store ends in the line, which then is dirty; else it goes on, to memory */
    CACHE_SHARED = 2, /* one for all CPUs, else one for each */
    CACHE_FIRST = 4, /* asked before what lies below, so that a miss costs its time too; else at the
                         same moment (look-through and look-aside) */
};

/* Of one cache; sets 0: there is none. */
struct cache_geometry {
    uint16_t sets, ways; /* sets: a power of two */
    uint8_t line_shift;  /* a line is 1 << line_shift bytes, at most a page */
    uint8_t traits;      /* enum cache_trait */
    uint8_t unused[2];
};

/* Whether addresses are cut into segments when paging is off (hw/segment.h). */
struct segment_geometry {
    uint8_t given;
    uint8_t bits; /* of an address that are the segment's number; 0: there is one segment */
    uint8_t unused[2];
    uint32_t count; /* segments of the table at power-on */
    paddr_t table;  /* where it lies then */
};

/* TLBs beside the first one (hw/tlb_parts.h). */
enum tlb_part { TLB_FETCH, TLB_LARGE, TLB_SECOND, TLB_PARTS };

struct tlb_part_geometry {
    uint16_t sets, ways; /* sets: a power of two, 0: there is none */
};

/* How an x86 CPU translates (hw/mode.h). */
enum paging_mode {
    PAGING_NONE,
    PAGING_32BIT,
    PAGING_PAE,
    PAGING_4LEVEL,
    PAGING_5LEVEL,
    PAGING_MODES
};

/* Fixed when the machine is made; but where the registers choose the mode, `format` is always that of
 * the mode now. */
struct geometry {
    struct format format;
    struct format of_mode[PAGING_MODES]; /* with `switches`; NONE: as 32-bit */
    uint8_t cpus;
    uint8_t maxpa;     /* MAXPHYADDR: physical address bits this CPU has */
    uint16_t tlb_sets; /* a power of two */
    uint16_t tlb_ways;
    uint8_t max_order; /* of the page allocator: its largest block has 1 << max_order frames */
    bool switches;     /* the control registers choose the format */
    uint8_t asid_bits; /* of a tag that the kernel hands out (os/asid.h); 0: one for each process */
    uint8_t kpti;      /* address spaces have a second root (os/isolation.h) */
    struct tlb_part_geometry tlb_part[TLB_PARTS];
    uint8_t features;  /* enum feature */
    struct cache_geometry cache[CACHES];
    uint8_t walk_cache[8]; /* entries for each level above the last (hw/walk_cache.h); 0: none */
    struct segment_geometry segment;
    uint64_t frames;            /* RAM */
    paddr_t open_from, open_to; /* RISC-V: what kernel and user may touch at all; open_to 0: all */
    uint32_t slot_max;
    uint32_t far_max;
    uint32_t swap_slots;     /* pages the swap device holds; 0: there is none */
    uint32_t string_max;     /* references a string may have */
    uint32_t program_frames; /* the last of RAM: for programs in one piece (os/partition.h) */
};

/* Five registers rule translation on every family, under other names. */
struct cpu {
    union {
        uint64_t cr0, sctlr;
    };
    union {
        uint64_t cr2, stval, far; /* the address of the last fault */
    };
    union {
        uint64_t cr3, satp, ttbr0; /* the root */
    };
    union {
        uint64_t cr4, sstatus, tcr;
    };
    union {
        uint64_t efer, menvcfg, ttbr1;
    };
    uint32_t task; /* process running here, 0 none */
    uint32_t asid;
    uint64_t hits, misses, walks;                    /* TLB counters; hits + misses = lookups */
    uint64_t line_hits[CACHES], line_misses[CACHES]; /* their sum: lookups of that cache */
    uint64_t accesses, access_cycles; /* loads, stores and fetches done, and their time from the TLB
                                         to the bytes: the effective access time */
};

/* Rights a translation carries: AND of writable, AND of user, OR of no_execute over the levels. */
enum tlb_flag {
    TLB_VALID = 1,
    TLB_W = 2,
    TLB_U = 4,
    TLB_NX = 8,
    TLB_G = 16,
    TLB_D = 32,
    TLB_NR = 64,   /* may not be read (RISC-V) */
    TLB_KNX = 128, /* the kernel may not execute it; TLB_NX is then the user's (AArch64) */
};

struct tlb_entry {
    uint64_t page;   /* virtual address of the page's first byte */
    uint64_t pfn;    /* frame of the page's first byte */
    uint64_t used;   /* stamp of the last use, hw_state.tlb_clock */
    uint64_t filled; /* stamp of the fill */
    uint32_t asid;
    uint8_t shift; /* page size is 1 << shift */
    uint8_t flags; /* enum tlb_flag */
    uint8_t pat;   /* of the page's entry (hw/memtype.h) */
    uint8_t unused;
};

/* What an upper entry said, and those above it (hw/walk_cache.h). */
struct walk_entry {
    uint64_t region; /* virtual address of the first byte it answers for */
    uint64_t table;  /* physical address of the next table */
    uint64_t used;   /* stamp of the last use, hw_state.tlb_clock */
    uint32_t asid;
    uint8_t level; /* of the entry remembered */
    uint8_t flags; /* enum tlb_flag: the rights so far */
    uint8_t valid;
    uint8_t pat; /* how the next table is read (hw/memtype.h) */
};

/* The segment-table registers of a CPU. */
struct segment_unit {
    paddr_t table;
    uint32_t count;
    uint32_t unused;
};

/* A line of a cache; its bytes lie beside it (hw/cache.h). */
struct cache_line {
    uint64_t pa;     /* of its first byte; of an invalid line what it held last */
    uint64_t va;     /* the address it was filled under */
    uint64_t used;   /* stamp of the last use, hw_state.cache_clock */
    uint64_t filled; /* stamp of the fill */
    uint8_t valid;
    uint8_t dirty; /* newer than what lies below */
    uint8_t unused[6];
};

/* Accesses that went through the caches and reached memory, by the type of that memory: a fill is a read
 * that brought a line. A dirty line that is written back is none of them. */
struct traffic {
    uint64_t reads, fills, stores;
};
enum { TRAFFIC_USES = 2, TRAFFIC_TYPES = 7 }; /* [1]: page-table entries; enum memory_type */

/* One level's caches, as pointers into the arena. */
struct cache {
    struct arena *arena;
    struct cache_line *line; /* [cpus][sets][ways] */
    unsigned char *bytes;    /* [cpus][sets][ways][1 << line_shift] */
    struct cache_geometry geo;
    uint32_t cpus; /* 1 where it is shared */
    uint8_t page_shift;
    const uint64_t *index; /* enum cache_index: how it is looked up; NULL: physically */
};

struct hw_state {
    uint64_t cycles; /* emulated time */
    uint64_t tlb_clock;
    uint64_t cache_clock;
    struct traffic traffic[TRAFFIC_USES][TRAFFIC_TYPES];
    uint64_t quirks; /* bit i: enum quirk i */
    uint64_t tunable[TUNABLES];
    struct rng rng; /* for what silicon leaves to chance */
    struct phys_state phys;
    struct cpu cpu[CPU_MAX];
};

struct hw {
    struct arena *arena;
    struct hw_state *s;
    struct tlb_entry *tlb;   /* [cpus][sets][ways] */
    struct tlb_entry *tlb_more; /* [cpus][tlb_more_entries]: the parts, one after the other */
    unsigned tlb_more_entries;  /* of one CPU; 0: it has no other TLBs */
    uint64_t *ipi;           /* [CPU_MAX][CPU_MAX] (hw/ipi.h); nothing on a machine of one CPU */
    struct walk_entry *walk; /* [cpus][walk_entries] */
    unsigned walk_entries;   /* of one CPU; 0: it has no walk caches */
    struct segment_unit *segment; /* [cpus]; nothing on a machine without segments */
    pte_t *root_entry; /* [cpus][ROOT_ENTRIES]; nothing unless the format keeps its root there */
    struct cache cache[CACHES];
    struct phys phys;
    struct geometry geo;
    enum paging_mode paging;   /* whose format geo has; only with geo.switches */
    const struct watch *watch; /* the one pointer to the outside; not state */
};

/* Place the hardware's regions: the hot ones first, then the large ones. Offsets are kept in the
 * plan until the arena exists. */
struct hw_plan {
    size_t state, tlb, tlb_more, ipi, walk, segment; /* hot */
    size_t root_entry;                               /* hot; only with format.root_registers */
    size_t cache_line[CACHES], cache_bytes[CACHES]; /* large; nothing where there is no cache */
    size_t content, far, slot_next, slot;           /* large */
};
void hw_plan_hot(struct hw_plan *plan, const struct geometry *geo, size_t *next);
void hw_plan_large(struct hw_plan *plan, const struct geometry *geo, size_t *next);

/* Point `hw` into an arena that was planned so, and (when `fresh`) set power-on values: tunables
 * at their defaults, the seed 0. */
void hw_attach(struct hw *hw, struct arena *arena, const struct geometry *geo,
               const struct hw_plan *plan, bool fresh);

/* As when it was switched on: memory, TLBs, caches and registers are zeros. Time, tunables and quirks
 * stay. */
void hw_reset(struct hw *hw);

/* Is translation on? Otherwise addresses are physical. */
static inline bool
hw_pages(const struct hw *hw, unsigned cpu)
{
    const struct cpu *c = &hw->s->cpu[cpu];

    if (hw->geo.format.family == FAMILY_X86)
        return c->cr0 & CR0_PG;
    return hw->geo.format.family == FAMILY_RISCV ? c->satp >> 60 != 0 : (c->sctlr & SCTLR_M) != 0;
}

/* Are there PCIDs, and in use? (x86 alone; other families tag by registers of their own.) */
static inline bool
hw_has_pcids(const struct hw *hw, unsigned cpu)
{
    return hw->geo.format.family == FAMILY_X86 && (hw->s->cpu[cpu].cr4 & CR4_PCIDE);
}

/* May kernel and user touch these bytes? (RISC-V: what the machine's protection, PMP, leaves open.) */
static inline bool
hw_is_open(const struct hw *hw, paddr_t pa)
{
    return hw->geo.open_to == 0 || (pa >= hw->geo.open_from && pa < hw->geo.open_to);
}

static inline bool
hw_quirk(const struct hw *hw, enum quirk q)
{
    return hw->s->quirks >> q & 1;
}

static inline uint64_t
hw_tunable(const struct hw *hw, enum tunable t)
{
    return hw->s->tunable[t];
}

/* Fills in cpu, pid and asid and hands the event to the observer. Use EMIT, which costs one test
 * when nobody watches; its arguments are evaluated only then, so nothing may happen in them. */
void hw_emit(const struct hw *hw, unsigned cpu, struct event *ev);

#define EMIT(hw, on_cpu, ev_code, ...)                                                             \
    do {                                                                                           \
        if (__builtin_expect((hw)->watch != NULL, 0))                                              \
            hw_emit((hw), (on_cpu), &(struct event){.code = EV_##ev_code, __VA_ARGS__});           \
    } while (0)

/* Let n cycles pass; returns n as the width an event wants. */
static inline uint32_t
hw_spend(struct hw *hw, uint64_t n)
{
    hw->s->cycles += n;
    return (uint32_t)n;
}
