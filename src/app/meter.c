#include "app/meter.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define FIRST_AFTER 0.5
#define EVERY 0.2

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void
meter_start(struct meter *m)
{
    *m = (struct meter){.on = isatty(STDERR_FILENO), .begun = now()};
    m->told = m->begun + FIRST_AFTER - EVERY;
}

void
meter_move(struct meter *m, uint64_t taken, uint64_t size, uint64_t refs)
{
    double at, million = (double)refs / 1e6;

    if (!m->on || (at = now()) < m->told + EVERY)
        return;
    if (size)
        fprintf(stderr, "\r%3.0f %%  ", 100.0 * (double)taken / (double)size);
    else
        fprintf(stderr, "\r");
    fprintf(stderr, "%.1f M references, %.1f M/s   ", million, million / (at - m->begun));
    fflush(stderr);
    m->told = at;
    m->shown = true;
}

void
meter_stop(struct meter *m)
{
    if (m->shown)
        fprintf(stderr, "\r%50s\r", "");
    m->shown = m->on = false;
}
