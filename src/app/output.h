/* output.h - how data reaches stdout and complaints reach stderr.
 *
 * Promises   Every write is checked: a full disk is one line and EXIT_WRITE, a reader that has gone
 *            is EXIT_WRITE without a word. After a failed write nothing more is written, and
 *            output_broken lets loops end early. Complaints are one line and passed the cleaning
 *            gate.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

void output_write(const void *bytes, size_t length);
void output_puts(const char *text);
void output_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Text from outside. */
void output_clean(const char *text);
/* Write a buffer and empty it. */
void output_buffer(struct buffer *b);
void output_flush(void);
bool output_broken(void);

/* At the end: flush and check. `code`, or EXIT_WRITE if something was not written. */
int output_end(int code);

/* "file:line: what is wrong" on stderr. Returns the error's code. */
int output_complain(const struct error *e);
/* The same for a text of one's own; "pagewalk: " is put before it. */
void output_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
