/* mode.h - which paging an x86 CPU does, and who says so.
 *
 * Promises   The mode is a function of CR0.PG, CR4.PAE, EFER.LMA and CR4.LA57 alone (SDM vol. 3A, 4.1.1);
 *            software asks for LMA with EFER.LME, the CPU sets it when paging begins. On a machine
 *            whose registers choose (geometry.switches) the format is always that of the mode.
 * Simplifies CS.L: all code is of the mode's own width, there is no compatibility mode; so paging
 *            may be turned off from where a CPU would have to leave 64-bit code first.
 *
 *   PG = 0 --> none
 *   PG = 1 --> PAE = 0 --> 32-bit
 *              PAE = 1 --> LMA = 0 --> PAE
 *                          LMA = 1 --> LA57 = 0 --> 4-level
 *                                      LA57 = 1 --> 5-level
 */
#pragma once

#include "hw/hw.h"

extern const char *const paging_mode_name[PAGING_MODES];

enum paging_mode mode_of(const struct cpu *c);

/* The format in which these registers make it translate. */
const struct format *mode_format(const struct hw *hw, const struct cpu *c);

/* Make hw's format that of CPU 0's mode; nothing where the format is fixed. Emits PAGING when it
 * changes. Whoever puts other bytes into the arena calls it. */
void mode_follow(struct hw *hw);
