/* error.h - a person's mistake, carried up to whoever can print it.
 *
 * Promises   Fixed size, no allocation. The first error set wins; a text is one line and names what
 *            was found and what was expected. `file` and `line` are where the person should look
 *            (line 0: the whole file).
 */
#pragma once

#include <stdbool.h>

/* Exit codes, the same for every command. */
enum exit_code {
    EXIT_OK = 0,
    EXIT_ANSWER = 1, /* it ran, but an answer or an expectation failed */
    EXIT_USAGE = 2,
    EXIT_DATA = 65, /* bad input data */
    EXIT_OPEN = 66, /* cannot open */
    EXIT_BUG = 70,
    EXIT_WRITE = 74,
    EXIT_LIMIT = 75,
    EXIT_INTERRUPTED = 130,
};

struct error {
    enum exit_code code; /* 0: no error */
    int line;
    char file[256];
    char text[512];
};

/* Both return false, so that a caller can write `return error_set(...)`. */
bool error_set(struct error *e, enum exit_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
bool error_at(struct error *e, enum exit_code code, const char *file, int line, const char *fmt,
              ...) __attribute__((format(printf, 5, 6)));

/* Say where an error happened, if it does not say so itself. Returns false. */
bool error_place(struct error *e, const char *file, int line);

/* "file:line: text", "file: text" or "text". */
void error_format(const struct error *e, char *out, unsigned size);

/* The name nearest to `word` (edit distance at most a third of its length), or NULL. `names` ends
 * with NULL. */
const char *error_nearest(const char *word, const char *const *names);
