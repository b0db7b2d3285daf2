/* machine.h - hardware and kernel put together: the computer you can see through.
 *
 * Promises   All state is one arena. machine_do is the only way to change it, and it is
 *            deterministic: same preset, same seed, same operations give the same bytes, watched or
 *            not, on every compiler. A refused operation changes nothing.
 * Owns       The arena. m->hw and m->os are views into it; const for everybody above this floor.
 */
#pragma once

#include "base/hash.h"
#include "machine/operation.h"
#include "machine/preset.h"
#include "os/trap.h"

struct machine_state {
    uint64_t op;       /* number of the operation last begun; 0 before the first */
    uint64_t tampered; /* 1 once a hand reached in (poke, a quirk): invariants may be broken on
                          purpose */
};

struct machine {
    struct arena arena;
    struct machine_state *s;
    struct hw hw;
    struct os os;
    struct preset preset; /* resolved; constant */
    uint64_t seed;
};

enum outcome_kind {
    OUT_DONE,
    OUT_SIGNAL,
    OUT_BLOCKED,
    OUT_WAITS, /* for other CPUs to acknowledge */
    OUT_CALL_ERROR,
    OUT_SKIPPED,
    OUT_FAULT, /* on a machine without a kernel: nobody mends it */
};

/* What the emulated world answered. */
struct outcome {
    enum outcome_kind kind;
    uint64_t value;  /* read: bytes; mmap, brk: address; spawn, fork: pid */
    paddr_t pa;      /* read, write, fetch */
    uint32_t faults; /* page faults on the way */
    uint32_t absent; /* of these: no page was there */
    enum signal_kind signal;
    enum call_error error;
};

extern const char *const call_error_name[]; /* "EINVAL" ... */

bool machine_open(struct machine *m, const struct preset *preset, uint64_t seed, struct error *e);
void machine_close(struct machine *m);

/* Power off and on: memory, TLB, cache and registers are what the preset says. Time, tunables and
 * quirks stay. Only for a machine without a kernel. */
void machine_reset(struct machine *m);

/* Run one operation to its end. False: refused (no such process, nothing runs here, not a page
 * ...), nothing changed; `e` says why. EXIT_LIMIT when a pool of the machine is exhausted. */
bool machine_do(struct machine *m, const struct operation *op, struct outcome *out,
                struct error *e);
/* The same, once more from the same state: debug builds, which check all invariants after an operation,
 * have done so. */
bool machine_redo(struct machine *m, const struct operation *op, struct outcome *out,
                  struct error *e);

/* Watch it: NULL stops. The observer is not state. */
void machine_watch(struct machine *m, const struct watch *watch);

/* Equal states have equal hashes, whatever path led there. */
struct hash128 machine_hash(const struct machine *m);
/* Byte for byte. */
bool machine_equal(const struct machine *a, const struct machine *b);

/* Value of a settable field now. */
uint64_t machine_field(const struct machine *m, unsigned cpu, const struct set_field *f);
