/* block.h - a stretch of a memory trace, as readers hand it on and counters take it. */
#pragma once

#include "base/types.h"

/* Page numbers (or addresses, if the reader was asked for these) in the order of reference. The arrays
 * belong to the reader and live until its next block; `kind` may be NULL: then all are reads; `size`
 * too: then nobody knows, and one byte will do. */
struct block {
    const uint64_t *page;
    const uint8_t *kind; /* enum access_kind; a write makes the page dirty */
    const uint32_t *size; /* bytes */
    size_t n;
};
