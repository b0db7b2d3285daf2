/* fuzz.h - what the fuzzers of tests/fuzz share.
 *
 * Promises   A fuzzer is one function over bytes: it returns, or a property that it asserts failed.
 *            The same function runs in two programs: fuzz_NAME, where libFuzzer makes the bytes
 *            up, and test_NAME, where they are the seeds, once each, in every ordinary build.
 * Reads      tests/fuzz/seeds, which says for each fuzzer where its seeds are.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/assert.h"
#include "machine/machine.h"

typedef int fuzzer(const uint8_t *data, size_t size);

/* What libFuzzer calls. */
fuzzer LLVMFuzzerTestOneInput;

/* The main of test_NAME: every seed once; speaks TAP, counts `seeds`. */
int replay_seeds(const char *name, fuzzer *one);

/* The input as a C string: a copy, so that reading past its end is noticed. */
char *fuzz_text(const uint8_t *data, size_t size);

/* Cut the next line off: a C string, NULL at the end. */
char *fuzz_line(char **rest);

/* Every invariant holds, unless a hand reached in. (A debug build's machine_do asked already.) */
void fuzz_check(const struct machine *m);

/* For LLVMFuzzerCustomMutator, where numbers matter more than bytes: mostly another number in the
 * place of one that is there, in its notation; else what libFuzzer does. */
size_t fuzz_mutate(uint8_t *data, size_t size, size_t most, unsigned seed);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);
