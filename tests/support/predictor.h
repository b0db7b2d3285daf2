/* predictor.h - what an x86 processor answers to one access, worked out once more for tests.
 *
 * Promises   Shares no code and no table with the library: a test that compares the two can find a
 *            mistake in either. Changes nothing: the words a processor would rewrite are listed in
 *            the result. No allocation.
 * Reads      Memory through `predict_read`, below 2^maxpa only; what is not there should read as 0.
 * Simplifies One access inside one page, nothing cached, CR0.PG on and the registers legal. No
 *            protection keys, shadow stacks or nested tables. In PAE, CR3 counts as loaded just
 *            before the access (Intel's rule: reserved bits in any present PDPTE of the four are
 *            #GP(0)), and PDPTEs do not appear in `read_pa`.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum predict_mode { PREDICT_X86_32, PREDICT_4LEVEL, PREDICT_5LEVEL, PREDICT_PAE };
enum { PREDICT_MODES = PREDICT_PAE + 1, PREDICT_WORDS_MAX = 8 };

struct predict_cpu {
    uint64_t cr0, cr3, cr4, efer;
    unsigned maxpa;
    enum predict_mode mode;
};

struct predict_access {
    uint64_t va;
    char op; /* 'r', 'w' or 'x' */
    bool user, ac;
};

typedef uint64_t predict_read(void *ctx, uint64_t pa, unsigned bytes);

struct predict_change {
    uint64_t pa, old, new_;
};

/* ok: `pa` and exactly the words of `change`. Otherwise `vec` (13 or 14), `err`, for a page fault
 * `cr2`, and `optional`: accessed flags that a processor may or may not have set by then. Each word
 * is listed once, in the order of use. */
struct predict_result {
    bool ok;
    uint64_t pa;
    unsigned vec;
    unsigned err;
    uint64_t cr2;
    unsigned nchanges;
    struct predict_change change[PREDICT_WORDS_MAX];
    unsigned noptional;
    struct predict_change optional[PREDICT_WORDS_MAX];
    unsigned reads; /* table words the walk fetched, with repeats */
    uint64_t read_pa[PREDICT_WORDS_MAX];
};

void predict(const struct predict_cpu *cpu, const struct predict_access *access, predict_read *read,
             void *ctx, struct predict_result *result);
