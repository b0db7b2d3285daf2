/* format_json.h - a page-table format from the "format" member of a machine preset.
 *
 * Promises   Strict: a member that is missing, unknown, of the wrong type or that contradicts
 *            another one is refused with file, line, path and reason (EXIT_DATA). What is
 *            accepted passes format_check, so it cannot break the walker.
 *
 * Members    kind      "radix" (a tree), "hashed" or "inverted" (hw/hashed.h): then one level, and a
 *                      kernel, which alone fills such a table
 *            name, va_bits, pa_bits, page_shift, entry_bytes
 *            canonical, checks_maxpa   true or false (false)
 *            frame     the entry's address bits as a hex mask
 *            flags     {"present": 0, ...}: bit numbers, only those the format has
 *            levels    root first: {"name", "bits"} and where it differs
 *                      "large": "never" | "reserved" | "always" | "if_pse",
 *                      "reserved", "large_reserved": hex masks,
 *                      "high": {"from", "bits", "to"} (PSE-36)
 *            The lowest bit of each index follows from the levels below it.
 */
#pragma once

#include "base/json.h"
#include "hw/format.h"

bool format_from_json(struct json object, struct format *out, struct error *e);
