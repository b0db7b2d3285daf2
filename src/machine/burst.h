/* burst.h - many accesses of the running process in a row.
 *
 * Promises   The machine is left byte for byte as machine_do would leave it after one operation
 *            `read VA`, `write VA` or `fetch VA` each. While nobody watches, on a machine of one x86
 *            CPU without quirk and data cache, an access takes a short way through the same state if
 *            its page is in the TLB or a walk at a glance (hw/glance.h) finds it; all others take the
 *            way of the operation.
 * Reads      hw/tlb.h and os/resident.h, whose fields it changes as they would.
 */
#pragma once

#include "machine/machine.h"

/* Bytes at these addresses, in this order. */
struct burst {
    const vaddr_t *va;
    const uint8_t *kind; /* enum access_kind; NULL: all are reads */
    size_t n;
    /* Called after each access that found no page, as the first to a page does. May be NULL. */
    void (*was_absent)(void *ctx, vaddr_t va);
    void *ctx;
};

/* True when all were made; *absent grows by the accesses that found no page. Else `e` says what
 * stopped it: nobody runs here, the process was ended by a signal, a limit. */
bool machine_burst(struct machine *m, unsigned cpu, const struct burst *b, uint64_t *absent,
                   struct error *e);
