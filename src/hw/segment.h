/* segment.h - segmentation: an address is a number and an offset, and the number picks a base.
 *
 *   virtual address     | segment |     offset      |        bits 0: no number, one segment only;
 *                            |            |                 then it is the base and limit of old
 *                            v            |  below the limit?
 *   segment table:  base, limit, rights   |
 *                       |                 |
 *                       '-------( + )-----'-----> physical address
 *
 * A descriptor is 8 bytes of memory, little-endian, at table + 8 * number:
 *
 *    63       56 55                  32 31                            0
 *   |   rights  |        limit         |              base             |   limit: bytes it has
 *
 * Promises   With CR0.PG = 0 the user's accesses are translated so, one descriptor read each; the
 *            kernel's are physical. A fault is a result, nothing was changed. A segment that grows
 *            down ends below its base: offsets count backwards from the top (OSTEP 16.3).
 * Owns       The segment-table registers of each CPU.
 * Emits      SEGMENT_READ, then SEGMENT_ADDED or SEGMENT_LIMIT, SEGMENT_DENIES; SEGMENT_ABSENT.
 * Simplifies Real CPUs keep descriptors in hidden registers and read memory only when a selector is
 *            loaded. Not combined with paging.
 * Source     Silberschatz, Operating System Concepts, 9.2 (base and limit) and segmentation; OSTEP
 *            15 and 16.
 */
#pragma once

#include "hw/walker.h"

enum { DESCRIPTOR_BYTES = 8 };

enum segment_right {
    SEGMENT_P = 1 << 0, /* there is such a segment */
    SEGMENT_R = 1 << 1,
    SEGMENT_W = 1 << 2,
    SEGMENT_X = 1 << 3,
    SEGMENT_DOWN = 1 << 4, /* grows downwards */
};

#define SEGMENT_LIMIT_MAX UINT64_C(0xffffff)
#define SEGMENT_BASE_MAX UINT64_C(0xffffffff)

struct descriptor {
    paddr_t base;   /* of its first byte; grows down: of the byte above its last one */
    uint64_t limit; /* bytes */
    uint8_t rights; /* enum segment_right */
};

/* Between the 8 bytes and their meaning. */
struct descriptor descriptor_of(uint64_t word);
uint64_t descriptor_word(struct descriptor d);

/* Rights as enum right. */
uint8_t segment_prot(uint8_t rights);

/* Number and offset of an address of this machine. */
uint64_t segment_number(const struct geometry *geo, vaddr_t va);
uint64_t segment_offset(const struct geometry *geo, vaddr_t va);
/* Bytes a segment can have at most. */
uint64_t segment_most(const struct geometry *geo);

/* Physical address of a user's access, or t->fault (FAULT_SEGMENT). */
bool segment_translate(struct hw *hw, unsigned cpu, const struct access *a, struct translation *t);

/* Load the segment-table registers: where it lies, how many segments it has. Emits SEGMENT_TABLE
 * when they change. */
void segment_load(struct hw *hw, unsigned cpu, paddr_t table, uint32_t count);

static inline bool
segment_exists(const struct hw *hw)
{
    return hw->geo.segment.given;
}
