/* phys.h - physical memory: bytes, sparse up to 2^52.
 *
 * Promises   Reading is always possible. A frame is zero, or a pattern computed from a tag and
 *            an offset (a file's page), or stored in a slot; the first write stores. Words are
 *            little-endian. Never allocates from the host.
 * Owns       content[] of the frames that are RAM, a small hash table for frames beyond, the
 *            slots.
 * Simplifies Memory without a device behind it reads as zero and takes writes (a real bus would
 *            abort or return ones).
 * Invariant: a slot belongs to exactly one frame, or page kept elsewhere, or is on the free list.
 */
#pragma once

#include <endian.h>
#include <string.h>

#include "base/arena.h"

/* 8 bytes a frame; all zero: the frame's bytes are zero. */
struct content {
    uint32_t slot; /* 0: not stored */
    uint32_t tag;  /* pattern when not stored; 0: zeros */
};

/* A frame outside RAM that has been written (page-walk vectors, devices). */
struct far {
    uint64_t pfn; /* 0: unused */
    struct content content;
};

struct phys_state {
    uint32_t slots_used; /* slots ever handed out; slot numbers start at 1 */
    uint32_t slot_free;  /* head of the free list, 0 none */
    uint32_t slots_full; /* 1 once a write found no slot: the machine stopped at a limit
                            (EXIT_LIMIT), never an emulated out-of-memory */
    uint32_t fars;
};

struct cache;

struct phys {
    struct arena *arena;
    struct phys_state *s;
    struct content *content; /* [frames] */
    struct far *far;         /* [far_max], open addressing */
    uint32_t *slot_next;     /* [slot_max + 1], the free list */
    unsigned char *slot;     /* [slot_max + 1][page] */
    uint64_t frames;         /* RAM is frames 0 .. frames - 1 */
    uint32_t far_max;        /* a power of two */
    uint32_t slot_max;
    uint8_t page_shift;
    struct cache *cache; /* [CACHES], told of every change of bytes; NULL: there are none */
};

/* phys_read for any frame and content. */
uint64_t phys_read_any(const struct phys *p, paddr_t pa, unsigned n);

/* The bytes of a frame of RAM; NULL: none are stored. */
static inline const unsigned char *
phys_stored(const struct phys *p, pfn_t pfn)
{
    uint32_t slot = pfn < p->frames ? p->content[pfn].slot : 0;

    return slot ? p->slot + ((size_t)slot << p->page_shift) : NULL;
}

/* n is 1, 2, 4 or 8 and the bytes lie in one frame. Inline is what walks and loads do: an aligned word
 * of stored RAM. */
static inline uint64_t
phys_read(const struct phys *p, paddr_t pa, unsigned n)
{
    const unsigned char *bytes = phys_stored(p, pa >> p->page_shift);
    uint64_t word;

    if (!bytes || (pa & (n - 1)))
        return phys_read_any(p, pa, n);
    memcpy(&word, bytes + (pa & low_bits(p->page_shift) & ~UINT64_C(7)), 8);
    word = le64toh(word);
    return n == 8 ? word : word >> (pa % 8 * 8) & low_bits(8 * n);
}

void phys_write(struct phys *p, paddr_t pa, unsigned n, uint64_t value);

/* A line of a cache comes back to memory, which tells no cache. */
void phys_take_back(struct phys *p, paddr_t pa, const void *bytes, size_t n);

/* Any range. */
void phys_copy_out(const struct phys *p, paddr_t pa, void *bytes, size_t n);
void phys_copy_in(struct phys *p, paddr_t pa, const void *bytes, size_t n);

/* Whole frames: make it zeros (its slot is given back), a pattern, or the same bytes as another
 * frame. */
void phys_zero_frame(struct phys *p, pfn_t pfn);
void phys_pattern_frame(struct phys *p, pfn_t pfn, uint32_t tag);
void phys_copy_frame(struct phys *p, pfn_t to, pfn_t from);

/* All memory is zeros, nothing is stored. */
void phys_reset(struct phys *p);

/* A frame's bytes kept elsewhere (on a disk), in a record the caller owns and has touched, and back.
 * A promise stays a promise. */
void phys_save(struct phys *p, struct content *to, pfn_t from);
void phys_load(struct phys *p, pfn_t to, const struct content *from);
void phys_forget(struct phys *p, struct content *kept);
bool phys_same(const struct phys *p, pfn_t pfn, const struct content *kept);

/* Zeros that were never stored, and no cache has anything newer. */
bool phys_is_blank(const struct phys *p, pfn_t pfn);

/* The content record of a frame, NULL when it is outside RAM and was never written. */
const struct content *phys_content(const struct phys *p, pfn_t pfn);

/* The byte that pattern `tag` has at `offset`. Tags are (object << 16 | page) hashes made by the
 * kernel; never 0. */
uint8_t phys_pattern(uint32_t tag, uint32_t offset);
