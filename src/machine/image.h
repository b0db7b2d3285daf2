/* image.h - what a machine's memory, page table, TLB and cache hold when it is switched on: the
 * printed state of an exercise, as emulated bytes.
 *
 * Promises   What was read fits the machine: addresses and numbers have the bits the geometry gives
 *            them, nothing is said twice, a valid TLB entry is what the page table says. A cached
 *            line has no bytes of its own: they come from memory.
 * Reads      The member "image" of a preset. Only a machine without a kernel has one.
 */
#pragma once

#include "base/json.h"
#include "hw/hw.h"

enum { IMAGE_SPANS = 128, IMAGE_BYTES = 4096, IMAGE_ENTRIES = 256, IMAGE_CELLS = 64 };

/* Bytes of memory. */
struct image_span {
    paddr_t pa;
    uint32_t at, n; /* in struct image's bytes */
};

/* A page-table entry. */
struct image_entry {
    vpn_t vpn;
    pfn_t pfn;
};

/* One place of the TLB or the cache. */
struct image_cell {
    uint16_t set, way;
    bool valid;
    uint64_t tag;
    pfn_t pfn; /* TLB, valid */
};

struct image {
    bool given;
    uint32_t fill; /* memory that nobody lists is a pattern made from this; 0: zeros */
    uint64_t cr3;
    uint32_t spans, bytes_used, entries, tlb_cells, line_cells;
    struct image_span span[IMAGE_SPANS];
    uint8_t bytes[IMAGE_BYTES];
    struct image_entry entry[IMAGE_ENTRIES];
    struct image_cell tlb[IMAGE_CELLS];
    struct image_cell line[IMAGE_CELLS];
};

/* Read "image" of a preset whose geometry is known. */
bool image_from_json(struct json o, const struct geometry *geo, struct image *out, struct error *e);

/* Put it into hardware that has just been reset. The TLB and the lines are CPU 0's; every CPU gets
 * the root. */
void image_load(const struct image *image, struct hw *hw);
