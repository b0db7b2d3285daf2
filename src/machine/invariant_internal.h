/* invariant_internal.h - the checks by name; only invariant*.c include this. */
#pragma once

#include "machine/census.h"
#include "machine/invariant.h"

enum { INVARIANT_WHERE = sizeof((struct violation *)0)->where };

#define INVARIANT(code, id, check, text) bool check_##check(const struct census *c, char *where);
#include "machine/invariants.def"
#undef INVARIANT

/* Say what was found; returns false. */
bool broken(char where[INVARIANT_WHERE], const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
