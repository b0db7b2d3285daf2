/* device.h - what lies below memory: a disk with an arm and a platter, or flash. How long a page takes.
 *
 * Promises   Cycles of a model, from tunables: a disk takes seek + rotation + transfer, an SSD has
 *            nothing that moves.
 * Simplifies Every request is answered alone and from anywhere: no queue, and a page beside the last one
 *            is no nearer.
 */
#pragma once

#include "os/os.h"

/* `which`: TUNE_SWAP_ON or TUNE_FILES_ON, which says what device those pages are on. */
uint64_t device_cycles(const struct os *os, enum tunable which);
