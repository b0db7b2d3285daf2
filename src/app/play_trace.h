/* play_trace.h - `pagewalk play --trace`: a trace to step through on the screen.
 *
 * Promises   What happens to the machine is recorded operations: its process gets one private file
 *            wherever a page can be mapped (replay/stepwise.h), the references are loaded as the
 *            string, policy and limit are set. Then each `ref` makes one of them. An access that
 *            crosses a page is two references; a fetch is a read. Of a trace that is longer than the
 *            string may be the beginning is taken, and the status says so.
 */
#pragma once

#include "app/session.h"

struct play_trace {
    const char *path;
    uint64_t frames; /* resident_limit; 0: as it is */
    int policy;      /* enum policy; -1: as it is */
};

/* The session was opened with a machine. */
bool play_trace_load(struct session *s, const struct play_trace *ask, struct error *e);
