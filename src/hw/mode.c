#include "hw/mode.h"

const char *const paging_mode_name[PAGING_MODES] = {"no paging", "32-bit paging", "PAE paging",
                                                    "4-level paging", "5-level paging"};

enum paging_mode
mode_of(const struct cpu *c)
{
    if (!(c->cr0 & CR0_PG))
        return PAGING_NONE;
    if (!(c->cr4 & CR4_PAE))
        return PAGING_32BIT;
    if (!(c->efer & EFER_LMA))
        return PAGING_PAE;
    return c->cr4 & CR4_LA57 ? PAGING_5LEVEL : PAGING_4LEVEL;
}

const struct format *
mode_format(const struct hw *hw, const struct cpu *c)
{
    return hw->geo.switches ? &hw->geo.of_mode[mode_of(c)] : &hw->geo.format;
}

void
mode_follow(struct hw *hw)
{
    enum paging_mode old = hw->paging, new = mode_of(&hw->s->cpu[0]);

    if (!hw->geo.switches || new == old)
        return;
    hw->paging = new;
    hw->geo.format = hw->geo.of_mode[new];
    EMIT(hw, 0, PAGING, .was = (uint8_t)old);
}
