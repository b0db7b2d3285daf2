/* stepwise.h - a trace on a whole machine: each reference is an access of a process, with its TLB, page
 * tables, faults, page cache, swap device and replacement.
 *
 * Promises   The state afterwards is that of the operations `read`, `write` and `fetch` one by one
 *            (machine/burst.h). A reference whose page was not there counts as a fault; with a
 *            resident limit of N frames the counts are those of replay.h with N frames. An access that
 *            crosses a page is two references.
 * Owns       The machine: one process, all of whose memory is one private mapping of a file, since a
 *            trace does not say what was mapped where. Page p of a trace without addresses is at
 *            0x1000 + p * page size: no process can map page 0.
 */
#pragma once

#include "machine/machine.h"
#include "os/policy.h"
#include "replay/block.h"
#include "replay/pages.h"

struct stepwise {
    struct machine m;
    unsigned page_shift; /* what makes an address of a block's numbers; 0: they are addresses */
    vaddr_t base;        /* ... with this added: the address of page 0 */
    uint64_t lowest, highest; /* numbers that a trace can have */
    uint64_t fed;             /* references of the trace */
    uint64_t refs, faults;    /* of the process: some are two */
    struct pages pages;       /* different ones so far */
    struct error error;       /* of counting them */
};

struct stepwise_want {
    const struct preset *preset;
    enum policy policy; /* not POLICY_OPT, which must know the trace in advance */
    uint64_t frames;    /* resident_limit; 0: the preset's, else as much as its memory has */
    uint64_t seed;
    bool load_r0;
    bool addresses; /* blocks hold addresses */
};

/* Operations after which a process has one private file from the first page that can be mapped to the
 * last, instead of the usual program. `operate` runs a line. */
typedef bool stepwise_operate(void *ctx, const char *line, struct error *e);
bool stepwise_map(const struct preset *p, stepwise_operate *operate, void *ctx, struct error *e);

/* EXIT_DATA: not on this machine. On success stepwise_close must follow. */
bool stepwise_open(struct stepwise *s, const struct stepwise_want *want, struct error *e);
void stepwise_close(struct stepwise *s);

/* False: an address that no process of the machine can have (with the number of the reference), or a
 * limit; what came before counts. */
bool stepwise_feed(struct stepwise *s, const struct block *b, struct error *e);
