/* hierarchy.h - how an access goes through the caches: L1, L2, L3, memory.
 *
 * Promises   An access costs the sum of what its events say. A level that is asked before the next one
 *            (CACHE_FIRST) takes its time whether it has the line or not; memory takes dram_cycles. A
 *            line that is missing is brought into every level on the way, and who leaves is said first.
 *            A dirty line holds the only new copy: it is written back when it leaves, when another CPU
 *            asks for it, and before the kernel or a device reads its frame.
 * Reads      hw/cache.h; the memory type of the access (hw/memtype.h).
 * Emits      Per level LINE_HIT or LINE_MISS; LINE_BACK, LINE_EVICT and LINE_FILL; LINE_DROP where a line
 *            is taken from a cache; CACHE_FLUSH.
 * Simplifies No level must hold what the one above holds, and none must not. A write-back goes to the
 *            nearest level below that has the line, else to memory, and is paid for at once: no write
 *            buffers. Only one CPU may have a line while it is written: the others drop it (MESI without
 *            its names).
 */
#pragma once

#include "hw/cache.h"
#include "hw/memtype.h"

/* A part of memory, as an access asks for it. */
struct request {
    vaddr_t va;
    paddr_t pa;
    uint8_t size; /* bytes, 1 to 8 */
    uint8_t use;  /* enum line_use */
    uint8_t type; /* enum memory_type */
};

/* The next cache on the way of a request to memory; after the last one CACHES, for memory. */
enum cache_id hierarchy_first(const struct hw *hw, enum line_use use);
enum cache_id hierarchy_below(const struct hw *hw, enum cache_id id);

/* The CPU reads. True: through a cache, which spent the time. False: past them all, in memory's time,
 * which is not spent yet. */
bool hierarchy_read(struct hw *hw, unsigned cpu, const struct request *r, uint64_t *value);

/* The CPU is about to store. True: the bytes are in a line now, and memory's are old. False: they
 * have to go to memory, whose time is not spent yet. */
bool hierarchy_write(struct hw *hw, unsigned cpu, const struct request *r, uint64_t value);

/* What the CPU would read, without doing it: no events, no time. */
uint64_t hierarchy_peek(const struct hw *hw, unsigned cpu, const struct request *r);

/* The newest bytes at pa (n of 1, 2, 4, 8, in one line), whoever has them. */
uint64_t hierarchy_newest(const struct hw *hw, paddr_t pa, unsigned n);

/* What lies below a level at a line's address: the next cache that has it, else memory. */
void hierarchy_lies_below(const struct hw *hw, unsigned cpu, enum cache_id id, paddr_t pa,
                          unsigned char *bytes, size_t n);

/* CLFLUSH: the line goes from every cache, written back where it is dirty; from an L1 found by virtual
 * addresses only where va would be found. Returns the lines that went. */
unsigned hierarchy_flush_line(struct hw *hw, unsigned cpu, vaddr_t va, paddr_t pa);
/* Before L1 is looked up in another way: its lines go, written back. */
void hierarchy_rewire(struct hw *hw);
/* WBINVD: all lines of this CPU's caches and of the shared ones. */
unsigned hierarchy_flush(struct hw *hw, unsigned cpu);
