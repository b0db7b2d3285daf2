/* vector_other.h - the registers of vectors for CPUs beyond x86. (vector.c's own.) */
#pragma once

#include "base/json.h"
#include "hw/hw.h"

/* The row's header into geometry and registers: "satp", "status", "adue" and "ram" (RISC-V), or "ttbr0",
 * "ttbr1", "tcr", "sctlr", "pamax" and "feat" (AArch64). */
bool vector_load_riscv(struct hw *hw, struct json row, struct error *e);
bool vector_load_arm(struct hw *hw, struct json row, struct error *e);
