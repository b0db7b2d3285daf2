#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>

static pw_assert_hook *on_failure;

void
pw_assert_set_hook(pw_assert_hook *hook)
{
    on_failure = hook;
}

_Noreturn void
pw_assert_failed(const char *file, int line, const char *expression)
{
    if (on_failure)
        on_failure(file, line, expression);
    else
        fprintf(stderr, "pagewalk: %s:%d: our own bug: %s does not hold\n", file, line, expression);
    abort();
}
