/* swap.h - the swap device: slots of one page each, and the entries that name them.
 *
 * Promises   Reading a slot gives the bytes that were written to it: zeros, a pattern, or stored
 *            bytes, as frames have them. A slot lives as long as an entry names it or a frame in
 *            memory holds the same page (then it is in the swap cache).
 * Owns       os->swap[] (through its door), os_state.swap_*, frame.slot.
 * Emits      SLOT_ALLOC, SLOT_REFS, SLOT_FREE.
 * Simplifies One device, no clusters, no priorities. A page in the swap cache is always mapped by
 *            somebody or on its way; Linux also keeps those that nobody maps (mm/swap_state.c).
 *            A slot whose entry somebody pokes away is lost, as in a real kernel. A page that was
 *            written keeps its slot, out of date, and is written there again when it leaves.
 * Invariant: refs = entries that name the slot + 1 when a frame holds it; a slot is free exactly
 * when that is 0.
 *
 * An entry that is not present is the kernel's to fill (SDM vol. 3A, table 4-20: all bits but P are
 * ignored). The slot's number stands where a frame's would; an entry of 0 means nothing, so slots
 * count from 1:
 *
 *   x86-64   63     52 51            12 11   1  0        i386    31            12 11   1  0
 *           |    0    |      slot      |  0  |  0|              |      slot      |  0  |  0|
 *   toy16                    14  12 11       1  0
 *                           | slot |     0     |  0|
 */
#pragma once

#include "os/space.h"

struct swap_slot {
    uint32_t refs;
    uint32_t
        frame; /* the frame that holds the same page, or 0; of a free slot: the next free one */
    uint32_t kept;   /* 1: the bytes are the page as it was when it left memory last */
    uint32_t unused;
    struct content content;
};

/* The largest slot number that fits into an entry of this format. */
uint64_t swap_slots_most(const struct format *f);

pte_t swap_entry(const struct os *os, uint32_t slot);
/* The slot in use that an entry names, or 0. */
uint32_t swap_entry_slot(const struct os *os, pte_t entry);

/* Is there a slot for one more page? One that only a frame holds will do: that page can be written
 * again. */
bool swap_has_room(const struct os *os);
/* A slot for the page in this frame, which has none; 0 when the device is full. */
uint32_t swap_take(struct os *os, unsigned cpu, pfn_t pfn);

/* One more entry names the slot, or one less. */
void swap_get(struct os *os, unsigned cpu, uint32_t slot);
void swap_put(struct os *os, unsigned cpu, uint32_t slot);

/* This frame holds the slot's page from now on, or no longer (nothing happens when it has none). */
void swap_attach(struct os *os, unsigned cpu, uint32_t slot, pfn_t pfn);
void swap_detach(struct os *os, unsigned cpu, pfn_t pfn);

/* The frame's page was written since it was saved: what its slot has is out of date. */
void swap_outdate(struct os *os, pfn_t pfn);
/* The bytes. */
void swap_save(struct os *os, pfn_t pfn);
void swap_load(struct os *os, pfn_t pfn);

/* For a page of a program in one piece, which no entry names: the frame's bytes in a slot of their own.
 * There is a free slot. */
uint32_t swap_keep(struct os *os, pfn_t pfn);
/* The slot is free again; its bytes go into frame pfn first, unless that is 0. */
void swap_give_back(struct os *os, uint32_t slot, pfn_t pfn);

/* Slots in use. */
uint32_t swap_used(const struct os *os);
