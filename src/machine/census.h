/* census.h - what the page tables and lists really say, found by walking everything. The invariants
 * compare it with what is written down.
 */
#pragma once

#include "machine/machine.h"

/* One user page. */
struct leaf {
    uint32_t mm;
    uint8_t level;
    uint8_t unused[3];
    vaddr_t va;
    pte_t entry;
    pfn_t pfn;
};

struct census {
    const struct machine *m;
    struct leaf *leaf;
    size_t leaves, room;
    uint32_t *maps;     /* [frames] leaves that name the frame */
    uint32_t *parents;  /* [frames] entries that name the frame as a table, plus 1 for a root */
    uint32_t *writable; /* [frames] of maps, those with W */
    uint32_t *held;     /* [frames] times a shootdown holds the frame */
    uint32_t tables[TASK_MAX];
    uint64_t anon[TASK_MAX], file[TASK_MAX];
    uint64_t zeros[TASK_MAX]; /* leaves of neither kind: the zero page */
    uint32_t *slots;            /* [swap_slots + 1] entries that name the slot */
    uint64_t swapped[TASK_MAX]; /* entries that name a slot */
    vaddr_t twice;              /* such a page that the kernel also believes in memory */
    bool any_twice;
    paddr_t bad_entry; /* slot of an entry that is malformed; 0 none */
    bool cycle;
    vaddr_t outside; /* a user leaf at or above user_end */
    bool any_outside;
};

void census_take(struct census *c, const struct machine *m);
void census_free(struct census *c);
