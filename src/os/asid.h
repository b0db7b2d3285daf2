/* asid.h - hardware tags for address spaces when there are fewer tags than address spaces.
 *
 *   generation 1:  1 A   2 B   3 C    D comes, and no number is left
 *   generation 2:  1 D   2     3 C    C runs on another CPU and keeps its own; A and B have none
 *
 * Promises   A number is given out once in a generation. When none is left a new generation begins:
 *            all numbers are free but those of address spaces that run, which keep theirs, and every
 *            CPU drops what its TLB knows before it runs another address space (unless
 *            QUIRK_ROLLOVER_KEEPS). A number belongs to the address space: its threads share it. 0 is
 *            the kernel's own. On a machine without `asid_bits` nothing of this exists.
 * Owns       struct asids (hot).
 * Emits      ASID_ROLLOVER, ASID_GIVEN or ASID_KEPT, TLB_FLUSH.
 * Source     Linux arch/arm64/mm/context.c. There a CPU that idles keeps its last address space.
 * Invariant: no two address spaces have one number in one generation.
 */
#pragma once

#include "base/types.h"

enum { ASID_SHIFT = 16 }; /* a context is generation << ASID_SHIFT | number; 0: none yet */

struct asids {
    uint64_t generation;
    uint64_t context[TASK_MAX];  /* of each address space */
    uint64_t active[CPU_MAX];    /* the one a CPU runs under since the generation began; 0: none */
    uint64_t reserved[CPU_MAX];  /* the one it ran under when the generation began */
    uint64_t used[4096 / 64];    /* bit i: number i is given out in this generation */
    uint32_t next;               /* where the search for a number goes on */
    uint32_t pending;            /* bit i: CPU i has not flushed since the generation began */
};

struct os;

static inline asid_t
asid_number(uint64_t context)
{
    return (asid_t)(context & ((UINT64_C(1) << ASID_SHIFT) - 1));
}

static inline uint64_t
asid_generation(uint64_t context)
{
    return context >> ASID_SHIFT;
}

/* Does this machine hand out numbers? */
bool asid_exists(const struct os *os);
void asid_boot(struct os *os);

/* The CPU is about to run mm with tags: its number. */
asid_t asid_enter(struct os *os, unsigned cpu, uint32_t mm);
/* It will run nobody, or without tags. */
void asid_leave(struct os *os, unsigned cpu);
/* An address space is gone. Its number stays given out for the rest of the generation. */
void asid_forget(struct os *os, uint32_t mm);

/* The number under which a TLB may hold translations of mm, 0: none. */
asid_t asid_of(const struct os *os, uint32_t mm);
/* The address space with that number, 0: none. */
uint32_t asid_owner(const struct os *os, asid_t asid);
/* This CPU flushes before an entry with that tag can be used again. */
bool asid_is_past(const struct os *os, unsigned cpu, asid_t asid);
