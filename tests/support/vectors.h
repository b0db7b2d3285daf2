/* vectors.h - the page-walk vectors in tests/vectors, row by row.
 *
 * Promises   Reads .jsonl and .jsonl.gz. A row that is not JSON, lacks a field or does not fit ends
 *            the reading with `broken` set to what is wrong: a test checks it, so a cut file cannot
 *            look like a short one.
 * Owns       The open file, the line and the parsed row: `row` is valid until the next call.
 */
#pragma once

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "support/case_x86.h"

#define VECTORS_X86 "tests/vectors/x86.jsonl.gz" /* tests run in the project's top folder */

/* The expectation has the predictor's form: ok/pa or vec/err/cr2, `change` = "ad", `optional` =
 * "ad_opt". Reads are not part of the vectors. */
struct vector_x86 {
    char id[32];
    char cause[48];
    struct case_x86 given;
    struct predict_result expect;
    bool at_mov_cr3; /* the fault belongs to loading CR3 (PAE) */
};

struct vectors {
    void *gz;
    char *line;
    unsigned capacity;
    unsigned rows;
    cJSON *row;
    char broken[160]; /* "" as long as all is well */
};

bool vectors_open(struct vectors *v, const char *path);
/* The next row as JSON, for files of any kind; false at the end or when broken. */
bool vectors_next_row(struct vectors *v);
/* The next row of a single-access x86 file. */
bool vectors_next_x86(struct vectors *v, struct vector_x86 *out);
void vectors_close(struct vectors *v);

/* Registers, memory words and mode: what single-access and multi-step rows share. `acc` if the row
 * has one. */
bool vector_case_parse(const cJSON *row, struct case_x86 *out);
/* "0x1f" or a plain number. */
uint64_t vector_number(const cJSON *item);
