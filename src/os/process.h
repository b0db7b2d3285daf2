/* process.h - what the calls that make and end processes share inside the kernel. */
#pragma once

#include "os/os.h"

/* A READY task with a new, empty address space of the same number; 0: no number or no memory. */
uint32_t process_new(struct os *os, unsigned cpu);

/* The lowest number for a new task; 0: there is none. */
uint32_t process_free_pid(const struct os *os);

/* No CPU runs this process any more. */
void process_leave_cpus(struct os *os, uint32_t pid);

/* One that could not be finished goes, before anybody has heard of it. */
void process_undo(struct os *os, unsigned cpu, uint32_t pid);
