/* case_x86.h - one x86 memory access with everything it depends on: registers, table words, access.
 *
 * Promises   Plain data: copying the struct copies the case. Only mem[0..nmem) has meaning; what is
 *            not listed reads as 0. A word's size is that of a table entry (4 bytes in
 *            PREDICT_X86_32, else 8), and no address is listed twice.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "support/predictor.h"

enum { CASE_WORDS_MAX = 48 };

struct case_word {
    uint64_t pa, value;
};

struct case_x86 {
    struct predict_cpu cpu;
    struct predict_access acc;
    unsigned nmem;
    struct case_word mem[CASE_WORDS_MAX];
};

/* "x86_32", "4level", "5level", "pae". */
const char *case_mode_name(enum predict_mode mode);
unsigned case_entry_bytes(enum predict_mode mode);

/* The word listed at pa, or NULL. */
struct case_word *case_find(struct case_x86 *c, uint64_t pa);

/* A predict_read over the case's words; ctx is a struct case_x86. */
uint64_t case_read(void *ctx, uint64_t pa, unsigned bytes);

/* predict() on the case's own words. */
void case_predict(const struct case_x86 *c, struct predict_result *result);

/* One line of JSON in the form of the page-walk vectors, with the prediction as "exp" and "ad": a
 * failing random case can be kept as a vector. */
void case_print(FILE *out, const char *id, const struct case_x86 *c);
