/* clock.h - how much time has passed, for what people wait for: never for what a machine does.
 *
 * Promises   Milliseconds since some moment in the past; never backwards, whatever is done to the date.
 */
#pragma once

#include <stdint.h>

uint64_t clock_ms(void);
