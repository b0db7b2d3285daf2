/* shootdown.h - making other CPUs' TLBs forget what a page table no longer says.
 *
 *   CPU 0:  entry changed, INVLPG, interrupts sent  ......waits......  frames freed, goes on
 *   CPU 1:       still uses the old translation  | taken, INVLPG, acknowledged
 *
 * Promises   Only CPUs that run the address space, or hold entries tagged with it, are told. A frame that was taken out of it is
 *            freed after the last of them has acknowledged, not before (unless
 *            QUIRK_NO_ACK_WAIT). Until then it is held here. Nothing is lost by waiting: an
 *            initiator takes interrupts while it waits. On a machine of one CPU nothing of this
 *            happens and nothing is written.
 * Owns       struct shoot_state (hot), the nodes that hold frames.
 * Emits      IPI_SENT, IPI_SKIPPED, IPI_DEFERRED; IPI_TAKEN, TLB_DROP | TLB_FLUSH, IPI_ACK;
 *            SHOOTDOWN_DONE, then what freeing frames emits.
 * Simplifies Page tables that become empty go at once: this MMU walks in one step, and where it
 *            keeps parts of walks the others are told of the table before it goes. A handler's time is not taken from the process it interrupts.
 * Source     Linux arch/x86/mm/tlb.c (flush_tlb_mm_range, should_flush_tlb), mm/mmu_gather.c;
 *            SDM vol. 3A, 4.10.5.
 * Invariant: a TLB entry that differs from the tables belongs to a page that a shootdown its CPU has
 * not acknowledged names, or to a CPU that must flush before it runs a process.
 */
#pragma once

#include "base/types.h"

enum shootdown_policy {
#define SHOOTDOWN(code, name, text) SHOOTDOWN_##code,
#include "os/shootdowns.def"
#undef SHOOTDOWN
    SHOOTDOWNS
};

extern const char *const shootdown_name[SHOOTDOWNS];

enum shoot_stage {
    SHOOT_IDLE,
    SHOOT_COLLECT, /* a call is changing entries */
    SHOOT_WAIT,    /* told; some have not acknowledged */
};

enum shoot_how {
    SHOOT_HELD,     /* the initiator waits */
    SHOOT_FREED,    /* QUIRK_NO_ACK_WAIT: it went on and freed the frames */
    SHOOT_DEFERRED, /* it went on, the frames wait for the CPUs' timers */
};

/* What one CPU began; records of [CPU_MAX]. */
struct shootdown {
    vaddr_t start, end;     /* the pages meant; nothing when start = end */
    uint64_t since;         /* when its CPU began to tell the others */
    uint64_t done[CPU_MAX]; /* when that CPU's handler (or timer) gets to it; 0: not yet known */
    uint32_t mm;
    uint32_t stage; /* enum shoot_stage */
    uint32_t how;   /* enum shoot_how, from SHOOT_WAIT on */
    uint32_t pages; /* entries taken away */
    uint32_t waits; /* bit i: CPU i has not acknowledged */
    uint32_t held;  /* first node of the frames that wait, 0 none */
    uint32_t full;  /* too many pages: whole TLBs */
    uint32_t keeps; /* the call only takes rights: nothing may be deferred */
};

struct shoot_state {
    struct shootdown of[CPU_MAX];
    uint32_t lazy[CPU_MAX]; /* address space a CPU keeps although it runs nobody, 0 none */
    uint64_t interrupts, acknowledged, skipped; /* CPUs told, and what came of it */
    uint64_t rounds;                            /* times a CPU told the others something */
    uint64_t full;                              /* of these: whole TLBs */
    uint64_t pages;
    uint64_t waited;               /* cycles that initiators waited */
    uint32_t stale;                /* bit i: lazy CPU i must flush before it runs a process */
    uint32_t held_ever, held_free; /* nodes: ever used, free list */
    uint32_t unused;
};

/* A frame that is held, once for each entry that named it. */
struct held {
    uint32_t pfn, next;
};

struct os;

/* --- the side that tells --- */

/* A call of this CPU is about to take entries of mm away. Whoever is changing mm ends first.
 * `keeps`: only rights go, no frames. */
void shootdown_begin(struct os *os, unsigned cpu, uint32_t mm, bool keeps);
/* It has taken that of va: this CPU forgets, the others are collected or told. */
void shootdown_page(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va);
/* The same outside a call, for a page that is used again at once: ends when all have
 * acknowledged. */
void shootdown_now(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va);
/* An owner of pfn is gone: frame_put, now or when nobody can use the frame any more. */
void shootdown_put(struct os *os, unsigned cpu, uint32_t mm, pfn_t pfn);
/* All entries are changed: the others are told. Returns at once; shootdown_waits says whether this
 * CPU must wait. */
void shootdown_end(struct os *os, unsigned cpu);

/* --- waiting: drives emulated time --- */

bool shootdown_waits(const struct os *os, unsigned cpu);
void shootdown_wait(struct os *os, unsigned cpu);
/* Until nobody is changing mm, as a lock would. */
void shootdown_lock(struct os *os, uint32_t mm);
/* Until no TLB can hold an old translation of [start, end), or (0, 0) of anything in mm. */
void shootdown_settle(struct os *os, uint32_t mm, vaddr_t start, vaddr_t end);
/* Memory is short: frames that are held come back. */
void shootdown_reclaim(struct os *os);

/* --- the side that is told (shootdown_take.c) --- */

/* When the next interrupt or handler is due, 0: nothing. */
uint64_t shootdown_next(const struct os *os);
/* Everything that is due by now happens. */
void shootdown_due(struct os *os);
/* This CPU is in a handler: it ends first, then the program goes on. */
void shootdown_return(struct os *os, unsigned cpu);
/* It loaded CR3, which without tags empties its TLB: no need to look for what was deferred. */
void shootdown_flushed(struct os *os, unsigned cpu);

/* Before it leaves a kept address space that changed meanwhile: with tags that must go by name. */
void shootdown_catch_up(struct os *os, unsigned cpu);
/* It keeps no address space any more. */
void shootdown_unlazy(struct os *os, unsigned cpu);

/* May an entry with this tag in this CPU's TLB still differ from the tables at va? */
bool shootdown_excuses(const struct os *os, unsigned cpu, asid_t asid, vaddr_t va);
