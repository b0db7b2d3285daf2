/* predictor_other.h - what a RISC-V hart and an AArch64 core answer to one access, worked out once more
 * for tests, step by step as the manuals list the steps.
 *
 * Promises   Shares no code and no table with the library. Changes nothing: of RISC-V the one word that
 *            the hart would rewrite is in the result. No allocation.
 * Simplifies One access, nothing cached. RISC-V: Sv39 and Sv48 without Svnapot and Svpbmt. AArch64: EL1
 *            and EL0, stage 1, 4 KiB, no hardware update of AF.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef uint64_t predict_word(void *ctx, uint64_t pa);

struct predict_riscv {
    unsigned levels; /* 3 or 4 */
    uint64_t satp;
    bool sum, mxr, adue;
    uint64_t ram_from, ram_to;
};

struct predict_arm {
    uint64_t ttbr0, ttbr1, tcr, sctlr;
    unsigned pamax;
    bool hpd, e0pd, ttst, tbid;
};

struct predict_told {
    bool ok;
    uint64_t pa;
    unsigned code; /* scause, or fault status */
    bool changed;  /* the word at `at` is now `new_` */
    uint64_t at, new_;
};

void predict_riscv(const struct predict_riscv *hart, uint64_t va, char op, bool user,
                   predict_word *read, void *ctx, struct predict_told *r);
void predict_arm(const struct predict_arm *core, uint64_t va, char op, bool user,
                 predict_word *read, void *ctx, struct predict_told *r);
