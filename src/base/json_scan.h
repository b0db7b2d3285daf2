/* json_scan.h - the grammar and the limits, checked before cJSON sees a byte.
 *
 * Promises   Accepts exactly RFC 8259 within the limits of base/json.h, less what would be
 *            silently lost: NUL, lone surrogates, a byte-order mark. Allocates only `notes` (a
 *            note per value, in document order), which the caller frees.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct json_note {
    uint32_t line : 31;
    uint32_t integer : 1; /* a number written without point, exponent or minus zero */
};

struct json_scan {
    struct json_note *notes;
    size_t count, capacity;
};

bool json_scan(struct json_scan *scan, const char *text, size_t length, const char *name,
               struct error *err);
