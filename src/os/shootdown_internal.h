/* shootdown_internal.h - between the side that tells and the side that is told. */
#pragma once

#include "os/shootdown.h"

/* The last CPU has acknowledged what `cpu` began: frames go back, the record is free. */
void shootdown_complete(struct os *os, unsigned cpu);
/* Time passes, for interrupts alone, until what `cpu` began is complete. */
void shootdown_drive(struct os *os, unsigned cpu);
