/* plain.h - a session as a transcript: labelled lines out, commands in. For screen readers, dumb
 * terminals, pipes.
 *
 * Promises   Append-only text: no escape byte, no cursor motion, no boxes. The first line says why
 *            plain mode is on. Commands are the names of actions.def and the operations; every
 *            lesson can be finished. Ends at `quit` or at the end of the input.
 * Reads      Lines from stdin, a terminal or not. Owns nothing: the session is the caller's.
 */
#pragma once

#include "app/session.h"

struct plain {
    const char *why; /* "--plain", "TERM=dumb", "stdout is no terminal" */
    unsigned width;  /* 0: $COLUMNS, else 80 */
    /* Called after every command, so that the place can be saved; may be NULL. */
    void (*moved)(void *ctx, struct session *s);
    void *ctx;
};

/* EXIT_OK, EXIT_WRITE, or EXIT_INTERRUPTED after SIGINT. */
int plain_run(struct session *s, const struct plain *p);
