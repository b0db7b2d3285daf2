/* test.h - what every test program includes: cmocka with the headers it forgets to ask for. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* How many times slower than a release build things may be. */
static inline unsigned
slowness(void)
{
    const char *slow = getenv("PW_SLOW");

    return slow ? (unsigned)atoi(slow) : 1;
}

/* How often a random test tries: half as often under the sanitizers, a tenth where everything takes fifty
 * times as long (valgrind). */
static inline unsigned
tries(unsigned n)
{
    if (slowness() >= 40)
        return (n + 9) / 10;
    return slowness() > 1 ? (n + 1) / 2 : n;
}

#define RUN_TESTS(tests) cmocka_run_group_tests_name(__FILE__, tests, NULL, NULL)
