/* drive.h - drive a machine or a history with lines of text, for tests; and a seeded stream of
 * plausible operations. */
#pragma once

#include "base/rng.h"
#include "machine/history.h"

/* Load a shipped preset; fails the test when it cannot. */
void drive_preset(const char *name, struct preset *out);

/* Each returns the outcome; a refused line fails the test. */
struct outcome drive_machine(struct machine *m, const char *line);
struct outcome drive_history(struct history *h, const char *line);

/* A random operation that may or may not be refused: processes come and go, memory is mapped,
 * touched, forked, poked. */
void drive_random(struct rng *r, const struct machine *m, struct operation *op,
                  uint8_t blob[OPERATION_BLOB]);

/* Something with huge pages, on CPU 0 of a machine that has them: room for them, pages in that room,
 * made into one and taken apart, whole and in part. */
void drive_huge(struct rng *r, const struct machine *m, struct operation *op,
                uint8_t blob[OPERATION_BLOB]);
