/* contiguous.h - contiguous allocation in the plainest words: memory is a row of boxes, each with the
 * number of its owner. Shares no code with the kernel; slow and obvious. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { BOXES_MAX = 4096, OWNERS_MAX = 64, NOTES_MAX = 8 };

enum way_to_fit { WAY_FIRST, WAY_BEST, WAY_WORST, WAY_NEXT };

/* A byte that a program wrote at an address of its own. */
struct noted {
    uint64_t at;
    uint8_t value;
};

struct contiguous {
    unsigned boxes, box; /* how many, bytes of each */
    unsigned slots, slots_used;
    unsigned last; /* where next fit goes on */
    enum way_to_fit way;
    uint8_t owner[BOXES_MAX];
    bool lives[OWNERS_MAX];
    uint64_t wants[OWNERS_MAX];  /* bytes */
    unsigned stored[OWNERS_MAX]; /* slots of what was swapped out */
    struct noted note[OWNERS_MAX][NOTES_MAX];
    unsigned notes[OWNERS_MAX];
    unsigned queue[OWNERS_MAX], queued;
    uint64_t copied;
};

/* First box of an owner, -1: none. */
int contiguous_place(const struct contiguous *c, unsigned owner);

/* The new owner; 0: no number is left. */
unsigned contiguous_load(struct contiguous *c, uint64_t bytes);
void contiguous_leave(struct contiguous *c, unsigned owner);
/* False: not possible, nothing changed. */
bool contiguous_grow(struct contiguous *c, unsigned owner, uint64_t bytes);
void contiguous_compact(struct contiguous *c);
bool contiguous_swap_out(struct contiguous *c, unsigned owner);
