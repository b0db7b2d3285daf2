/* ipi.h - inter-processor interrupts: how one CPU makes another stop and listen.
 *
 * Promises   An interrupt arrives ipi_cycles after it was sent and then stays pending until its CPU
 *            takes it: between two instructions, never within one. A second one from the same
 *            sender, sent before the first was taken, is one with it.
 * Owns       hw->ipi[to][from], in the arena's hot part.
 * Emits      IPI_SENT, IPI_TAKEN.
 * Simplifies One vector, no priorities; a CPU can always be interrupted. The sender spends
 *            ipi_send_cycles on each (SDM vol. 3A, 11.6: the interrupt command register).
 */
#pragma once

#include "hw/hw.h"

/* What it is about, va and a number of pages, is only told; the receiver looks for itself. */
void ipi_send(struct hw *hw, unsigned from, unsigned to, vaddr_t va, uint64_t pages);

/* When it arrives or arrived; 0: none is on its way. */
static inline uint64_t
ipi_due(const struct hw *hw, unsigned to, unsigned from)
{
    return hw->ipi[to * CPU_MAX + from];
}

/* The CPU stops for it. `waited`: cycles in which nothing else happened. */
void ipi_take(struct hw *hw, unsigned to, unsigned from, uint64_t waited);
