#include "os/device.h"

enum device { DEVICE_DISK, DEVICE_SSD };

/* Until the arm is over the track, half a turn of the platter on average, then the page itself
 * (Hennessy and Patterson, Computer Architecture, appendix D). */
static uint64_t
disk_cycles(const struct hw *hw)
{
    return hw_tunable(hw, TUNE_SEEK_CYCLES) + hw_tunable(hw, TUNE_ROTATION_CYCLES) +
           hw_tunable(hw, TUNE_DISK_CYCLES);
}

uint64_t
device_cycles(const struct os *os, enum tunable which)
{
    return hw_tunable(os->hw, which) == DEVICE_SSD ? hw_tunable(os->hw, TUNE_SSD_CYCLES)
                                                   : disk_cycles(os->hw);
}
