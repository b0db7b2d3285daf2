/* trace.h - the traces that replacement is measured and checked on, as page numbers.
 *
 * Promises   Always the same references. zipf10, unif and loop100k are computed: 20 million each, of
 *            a million pages drawn by Zipf's law, of a million drawn evenly, of 100,000 in a loop.
 *            ls and sort are recordings (tests/traces/NAME.rle.zst: `ls -l /usr/bin`, and `sort -n`
 *            of 3000 numbers, under valgrind's lackey; a line is a page number in hex and how often
 *            it is referenced in a row). belady12, silb20 and ostep11 are textbook strings.
 *            tests/traces/SHA256 has the sums of all long ones.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trace;

/* Ends the program when there is no such trace. */
struct trace *trace_open(const char *name);
/* The next references, at most n; 0 at the end. */
size_t trace_read(struct trace *t, uint64_t *page, size_t n);
void trace_close(struct trace *t);
