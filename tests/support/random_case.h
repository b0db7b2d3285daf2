/* random_case.h - random single accesses for property tests, the same for the same seed.
 *
 * Promises   Register values that software could really have loaded; a chain of tables from CR3
 *            towards the page; then, in most cases, a blow to one of its words. About 40 % of the
 *            accesses succeed and every kind of fault is common: test_random_case.c has the shares.
 *            Some chains pass through one table twice; a third of the cases have lookalikes next to
 *            the entries that count. Over a million a second, prediction included; no allocation.
 * Reads      Only the random source: not the predictor, which judges the case later.
 *
 *     struct random_source source = {.state = seed};
 *     struct case_x86 c;
 *     struct predict_result want;
 *     random_case(&source, PREDICT_4LEVEL, &c);
 *     case_predict(&c, &want);
 *     ... on a difference: case_print(stderr, "seed ...", &c)
 */
#pragma once

#include "support/case_x86.h"

/* table_bits: all table words lie below 2^table_bits (0: anywhere the entries can point). Pages lie
 * anywhere below 2^maxpa, and a damaged entry may lead anywhere there too. */
struct random_source {
    uint64_t state;
    unsigned table_bits;
};

uint64_t random_next(struct random_source *r);
/* 0 .. n-1, n > 0. */
unsigned random_below(struct random_source *r, unsigned n);
/* True in `percent` of 100 calls. */
bool random_chance(struct random_source *r, unsigned percent);

void random_case(struct random_source *r, enum predict_mode mode, struct case_x86 *out);
