/* invariant.h - what must hold between operations, checked from scratch.
 *
 * Promises   Reads the machine only. Each violation names its invariant and the place. A machine
 *            without a kernel is checked for its TLB and stored pages alone. Between events of one
 *            operation the state is legitimately inconsistent: do not ask then.
 */
#pragma once

#include "machine/machine.h"

enum invariant_code {
#define INVARIANT(code, id, check, text) INV_##code,
#include "machine/invariants.def"
#undef INVARIANT
    INVARIANTS
};

struct invariant_row {
    const char *id;
    const char *text;
};

extern const struct invariant_row invariant_row[INVARIANTS];

struct violation {
    enum invariant_code invariant;
    char where[120]; /* "frame f2a: refs 3, found 2" */
};

/* All violations, the first `room` of them into `out`; returns how many there are in all (at most
 * one per invariant). */
unsigned invariant_check(const struct machine *m, struct violation *out, unsigned room);
