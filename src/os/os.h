/* os.h - the kernel: its state, its tasks, and the calls a process can make.
 *
 * Promises   Outcomes of the emulated world (SIGSEGV, out of memory, EINVAL) are results and
 *            events, never host errors. Long work is bounded in events. Everything a call changes
 *            is in the arena.
 * Owns       struct os_state (hot), frames, reverse map, areas (through their doors).
 */
#pragma once

#include "hw/cpu.h"
#include "os/asid.h"
#include "os/block.h"
#include "os/buddy.h"
#include "base/rng.h"
#include "os/huge.h"
#include "os/isolation.h"
#include "os/mapping.h"
#include "os/object.h"
#include "os/refstring.h"
#include "os/resident.h"
#include "os/rmap.h"
#include "os/shootdown.h"
#include "os/space.h"

#define SIGNALS(X)                                                                                 \
    X(NONE, "none")                                                                                \
    X(SEGV_MAPERR, "SIGSEGV (SEGV_MAPERR)")                                                        \
    X(SEGV_ACCERR, "SIGSEGV (SEGV_ACCERR)")                                                        \
    X(KILL, "SIGKILL")                                                                             \
    X(BUS, "SIGBUS")

enum signal_kind {
#define X(code, text) SIGNAL_##code,
    SIGNALS(X)
#undef X
    SIGNAL_COUNT
};

extern const char *const signal_name[SIGNAL_COUNT];

enum task_state {
    TASK_NONE,
    TASK_READY,
    TASK_RUNNING,
    TASK_BLOCKED,
    TASK_DEAD, /* killed by a signal; its memory is gone, its number kept until it is needed */
    TASK_WAITING, /* a program in one piece that has no place in memory (os/partition.h) */
};

enum fault_stage {
    STAGE_NONE,    /* no fault in progress */
    STAGE_ACCESS,  /* (re)run the instruction */
    STAGE_TRAP,    /* in the kernel, nothing decided yet */
    STAGE_OUT,     /* a page that must leave is being written to the disk; done at io_done */
    STAGE_IO,      /* a frame is being filled by the disk; done at io_done */
    STAGE_MAP,     /* the frame is ready: write the entry */
};

/* A fault is a record, not a call stack: os/trap advances it from stage to stage, now or at a later
 * tick. */
struct fault_record {
    struct access access;
    struct fault fault;
    uint32_t stage;      /* enum fault_stage */
    uint32_t faults;     /* so far, of this one access: 0 is a hit */
    uint32_t frame;      /* locked during I/O: the one that is waited for */
    uint32_t object;     /* what is being read, when it is a file's */
    uint64_t offset;
    uint64_t io_done;    /* emulated time */
    uint32_t hand;       /* a frame this fault owns: emptied for it, or filled from a slot for it */
    uint32_t absent;     /* of the faults: those that found no page */
    uint32_t reads;      /* transfers from the disk it waited for: then it is a major fault */
    uint32_t unused;
};

struct task {
    uint32_t pid;        /* 0: free record; else its index */
    uint32_t parent;
    uint32_t state;      /* enum task_state */
    uint32_t mm;         /* 0: a program in one piece, which has a partition instead */
    uint32_t signal;     /* what killed it */
    uint32_t minor, major; /* faults that needed no I/O, and that did */
    uint32_t unused;
    struct fault_record fault;
};

/* Where things are in a process of this machine (from the preset; constant). A size of 0: the
 * machine has no such area. */
struct layout {
    vaddr_t code, data, heap;    /* first addresses */
    uint64_t code_size, data_size, heap_size; /* bytes at spawn; the heap's may be 0 */
    vaddr_t mmap_top;            /* mappings are placed below it, downwards */
    vaddr_t stack_top;           /* first address above the stack */
    uint64_t stack_size;         /* bytes at spawn */
    vaddr_t user_end;            /* first address that is not the user's */
    vaddr_t kernel;              /* where the kernel maps all of RAM with large pages, 0: nowhere */
};

struct os_state {
    struct task task[TASK_MAX];
    struct mm mm[TASK_MAX];
    struct object object[OBJECT_MAX];
    uint32_t cache[CACHE_BUCKETS];   /* hash heads: frames */
    uint32_t free_head[BUDDY_ORDERS];
    uint32_t free_count[BUDDY_ORDERS]; /* blocks */
    uint32_t free_frames;
    uint32_t rmap_used, rmap_free;   /* pool of nodes: ever used, free list */
    uint32_t area_used, area_free;
    uint32_t zero_page;              /* its frame */
    uint32_t limit_hit;              /* a pool of ours was exhausted: EXIT_LIMIT */
    uint32_t ring_first, ring_last;  /* resident pages (os/resident.h) */
    uint32_t ring_pages;
    uint32_t hand;                   /* the clock's, on the ring of everybody */
    uint32_t swap_ever, swap_free;   /* slots: ever used, free list */
    uint32_t swap_used;              /* slots in use */
    uint64_t references;             /* user accesses, one for each page touched */
    uint64_t evictions, swap_reads, swap_writes;
    paddr_t kernel_root;             /* the table whose kernel half every root copies; 0 none */
    uint32_t huge_pool[HUGE_POOL_MAX]; /* first frames of blocks that are held back (os/huge.h) */
    uint32_t huge_pooled, unused;
    struct refstring string;
    struct rng rng;                  /* the machine's own randomness */
};

struct os {
    struct hw *hw;
    struct os_state *s;
    struct frame *frame;   /* [frames] */
    struct rmap *rmap;     /* [rmap_max + 1] */
    uint32_t *rmap_bucket; /* [1 << rmap_bits], hash heads: nodes */
    struct area *area;     /* [area_max + 1] */
    struct resident *resident; /* [frames] */
    struct swap_slot *swap;    /* [swap_slots + 1] */
    uint32_t *refs;            /* [string_max]: page << 1 | written */
    struct shoot_state *shoot; /* these two: nothing on a machine of one CPU */
    struct held *held;         /* [rmap_max + 1] */
    struct mappings mappings;  /* where the page table is no tree */
    struct partitions *partitions; /* programs in one piece; NULL: this machine has none */
    struct asids *asids;           /* nothing where the geometry has no asid_bits */
    struct isolation *isolation;   /* nothing where the geometry has no kpti */
    uint32_t *image_next;          /* [swap_slots + 1]: the next slot of the same program's image */
    uint32_t rmap_max, area_max, rmap_bits;
    struct layout layout;
};

struct os_plan {
    size_t state, shoot, partitions, asids, isolation; /* hot */
    size_t frame, rmap, rmap_bucket, area, resident, swap, refs, held, image_next;
    struct mapping_plan mappings;
    uint32_t rmap_max, area_max, rmap_bits;
};
void os_plan_hot(struct os_plan *plan, const struct geometry *geo, size_t *next);
void os_plan_large(struct os_plan *plan, const struct geometry *geo, size_t *next);
void os_attach(struct os *os, struct hw *hw, const struct os_plan *plan,
               const struct layout *layout);

/* Frame 0 is reserved, the rest given to the buddy allocator; the zero page and the kernel's map of
 * RAM are made. Emits nothing that matters: boot is before the first event. False when the machine
 * is too small. */
bool os_boot(struct os *os);

enum call_error { CALL_OK, CALL_EINVAL, CALL_ENOMEM, CALL_EEXIST };

/* --- calls (process.c, call.c); pid 0 results mean failure. `cpu` runs the caller. --- */
/* Emits SPAWNED; 0: no memory or no free process. The process is READY, no CPU runs it. */
uint32_t os_spawn(struct os *os, unsigned cpu);
/* Emits CR3_LOAD, TLB_FLUSH, SWITCHED; pid must be READY (or 0: idle). An access in which
 * it slept goes on. */
void os_switch(struct os *os, unsigned cpu, uint32_t pid);
/* Another task in the address space of the one that runs: a thread of it. Its pid, READY; 0: no free
 * process. Emits THREAD_MADE. */
uint32_t os_thread(struct os *os, unsigned cpu);
/* The child's pid, READY; 0: no memory or no free process. Emits FORKED. */
uint32_t os_fork(struct os *os, unsigned cpu);
/* The process ends with all its threads. Everything goes back. With SIGNAL_NONE the number is free again, else it stays DEAD.
 * Emits EXITED. */
void os_exit(struct os *os, unsigned cpu, uint32_t pid, enum signal_kind why);
/* *va: in, the wished address or 0; out, where it is. Shared without an object:
 * new shared memory. */
enum call_error os_mmap(struct os *os, unsigned cpu, vaddr_t *va, uint64_t length, uint8_t prot,
                        bool shared, uint32_t object);
/* The same with huge pages of the pool, for private memory of no file; *va must be a multiple of their
 * size, the length is rounded up to one. Emits HUGE_MAPPED, or HUGE_NONE_LEFT. */
enum call_error os_mmap_huge(struct os *os, unsigned cpu, vaddr_t *va, uint64_t length,
                             uint8_t prot);
/* These two may return before the other CPUs have acknowledged (os/shootdown.h): ask
 * shootdown_waits. */
enum call_error os_munmap(struct os *os, unsigned cpu, vaddr_t va, uint64_t length);
enum call_error os_mprotect(struct os *os, unsigned cpu, vaddr_t va, uint64_t length, uint8_t prot);
/* This one waits. */
enum call_error os_brk(struct os *os, unsigned cpu, vaddr_t brk);

static inline struct task *
os_current(const struct os *os, unsigned cpu)
{
    uint32_t pid = os->hw->s->cpu[cpu].task;
    return pid ? &os->s->task[pid] : NULL;
}
