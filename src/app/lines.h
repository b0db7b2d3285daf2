/* lines.h - text input, a line at a time, whatever somebody feeds us.
 *
 * Promises   Constant memory. A named file must be a regular one (EXIT_OPEN; never blocks on a FIFO
 *            or device); "-" is standard input. A line longer than LINES_BYTES or with a NUL in it
 *            is EXIT_DATA with its number. CRLF and a byte-order mark at the start are welcome.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

enum { LINES_BYTES = 4096 };

struct lines {
    const char *name; /* for messages */
    FILE *file;
    int number; /* of the line read last */
    char text[LINES_BYTES + 2];
};

/* A regular file to read from; -1 and EXIT_OPEN when it is none. */
int lines_descriptor(const char *path, struct error *e);

bool lines_open(struct lines *l, const char *path, struct error *e);
void lines_close(struct lines *l);

/* True: a line is in `text`, without its end. False: the end, or an error (e->code). */
bool lines_next(struct lines *l, struct error *e);
