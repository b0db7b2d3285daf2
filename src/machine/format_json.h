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
 *            family    "x86" | "riscv" | "arm" ("x86"): whose rules hold (hw/family.h)
 *            halves    true: two roots, one for each half of the addresses (false)
 *            frame_up  how much lower the frame bits stand than in the address (0)
 *            when_zero flags that hold where their bit is 0, by name
 *            leaf      hex mask: any of these bits makes an entry map a page
 *            page_bits, table_bits   hex masks: what a kernel sets besides
 *            table     {"no_write", "no_user", "no_execute", "no_kernel_execute", "global": bit
 *                      numbers, "reserved": hex mask} of an entry that names a table
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
