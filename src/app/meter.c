#include "app/meter.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

enum { FIRST_AFTER_MS = 500, EVERY_MS = 200 };

void
meter_start(struct meter *m)
{
    *m = (struct meter){.on = isatty(STDERR_FILENO), .begun = clock_ms()};
    m->told = m->begun + FIRST_AFTER_MS - EVERY_MS;
}

void
meter_move(struct meter *m, uint64_t taken, uint64_t size, uint64_t refs)
{
    double million = (double)refs / 1e6;
    uint64_t at;

    if (!m->on || (at = clock_ms()) < m->told + EVERY_MS)
        return;
    if (size)
        fprintf(stderr, "\r%3.0f %%  ", 100.0 * (double)taken / (double)size);
    else
        fprintf(stderr, "\r");
    fprintf(stderr, "%.1f M references, %.1f M/s   ", million, million * 1000 / (double)(at - m->begun));
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
