/* source.h - the bytes of a trace: a file or a pipe, plain, gzip or zstd, told apart by how they
 * begin.
 *
 * Promises   Constant memory, whatever the length. Compressed data that is damaged or ends too
 *            early is EXIT_DATA, never a short trace; what cannot be read is EXIT_OPEN. Several
 *            gzip members or zstd frames in a row are one stream (RFC 1952, RFC 8878).
 * Owns       The descriptor.
 * Simplifies Files are read, not mapped: 64 KiB at a time is as fast as a mapping, does not count as
 *            memory of ours, and a file cut while we read is no SIGBUS.
 */
#pragma once

#include <signal.h>
#include <stdint.h>

#include "base/error.h"

enum { SOURCE_STEP = 64 * 1024 };

struct source;

/* `name` stands in messages and must live as long. When *stop (NULL: never) becomes true, by a
 * signal's handler, the source is at its end. */
struct source *source_open(int fd, const char *name, const volatile sig_atomic_t *stop,
                           struct error *e);
void source_close(struct source *s);

/* Up to `room` bytes. 0: the end, or an error (e->code). */
size_t source_read(struct source *s, void *to, size_t room, struct error *e);

/* How far we are in the file, and its size; a pipe has size 0. */
uint64_t source_taken(const struct source *s);
uint64_t source_size(const struct source *s);
