/* ipi.c - interrupts between CPUs. Time is one for all CPUs, so an interrupt is the time at which it
 * arrives. */
#include "hw/ipi.h"

void
ipi_send(struct hw *hw, unsigned from, unsigned to, vaddr_t va, uint64_t pages)
{
    uint32_t cycles = hw_spend(hw, hw_tunable(hw, TUNE_IPI_SEND));
    uint64_t *due = &hw->ipi[to * CPU_MAX + from];

    if (*due == 0)
        *due = hw->s->cycles + hw_tunable(hw, TUNE_IPI_CYCLES);
    EMIT(hw, from, IPI_SENT, .index = to, .va = va, .count = pages, .cycles = cycles);
}

void
ipi_take(struct hw *hw, unsigned to, unsigned from, uint64_t waited)
{
    hw->ipi[to * CPU_MAX + from] = 0;
    EMIT(hw, to, IPI_TAKEN, .index = from, .cycles = (uint32_t)waited);
}
