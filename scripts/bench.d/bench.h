/* bench.h - what the benchmarks share: a clock, samples, and the lines scripts/bench reads. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline double
now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Of this thread on a CPU: work that waits for nothing is measured so, whoever else is busy. */
static inline double
cpu_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static inline int
by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The name is `what` and `part` with _ between, `what` alone when part is empty. */
static inline void
bench_part(const char *what, const char *part, double value, const char *unit, const char *target)
{
    printf("BENCH %s%s%s %.3f %s %s\n", what, *part ? "_" : "", part, value, unit, target);
}

static inline void
bench_line(const char *what, double value, const char *unit, const char *target)
{
    bench_part(what, "", value, unit, target);
}

/* The value a share of the samples does not exceed; sorts them. */
static inline double
percentile(double *sample, int n, int percent)
{
    qsort(sample, (size_t)n, sizeof *sample, by_value);
    return sample[n * percent / 100 < n ? n * percent / 100 : n - 1];
}

/* Median and p99 of times in ms, each with its target. */
static inline void
bench_times(const char *what, double *sample, int n, const char *median_target,
            const char *p99_target)
{
    bench_part(what, "median", percentile(sample, n, 50), "ms", median_target);
    bench_part(what, "p99", percentile(sample, n, 99), "ms", p99_target);
}
