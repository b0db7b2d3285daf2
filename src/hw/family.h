/* family.h - what differs between families of CPUs and is no bit of an entry: where a walk begins,
 * who may do what, how a fault is told.
 *
 * Promises   Pure: reads registers and geometry, changes nothing, emits nothing. x86's rules stand in
 *            entry.h, root.c and rights.c themselves, for they are on the path that has to be quick;
 *            the others are rows of this table.
 * Reads      struct cpu by its family's names.
 */
#pragma once

#include "hw/walker.h"

struct walk_start {
    paddr_t table; /* the root */
    vaddr_t va;    /* the bits that are looked up: the others are gone */
    uint8_t level; /* that the root stands for */
    bool flat;     /* AArch64: what entries that name tables say about rights is not heard */
    uint8_t unused[6];
};

struct family {
    /* Translation is off. False and the fault's bits when the address cannot be had. */
    bool (*bare)(const struct hw *hw, const struct cpu *c, const struct access *a, paddr_t *pa,
                 uint16_t *error);
    /* Where the walk of a->va starts. False and the fault's bits when it does not even start. */
    bool (*start)(const struct hw *hw, const struct cpu *c, const struct access *a,
                  struct walk_start *start, uint16_t *error);
    /* How many bits of physical address an entry may name. */
    unsigned (*pa_bits)(const struct hw *hw, const struct cpu *c);
    /* Bits of a present entry that do not go together at this level; 0: all is well. */
    uint64_t (*odd)(const struct format *f, unsigned level, pte_t entry);
    /* What a malformed entry is called: fault bits. */
    uint16_t (*malformed)(const struct format *f, unsigned level, pte_t entry);
    /* The rights of a translation (enum tlb_flag). */
    bool (*allows)(const struct cpu *c, const struct access *a, uint8_t flags);
    /* Does hardware set A and D now? */
    bool (*marks)(const struct cpu *c);
    /* What the CPU tells software: the cause of the trap. */
    uint16_t (*code)(const struct access *a, unsigned level, uint16_t error);
    /* The value of the root register for a table, address space 0. */
    uint64_t (*root)(const struct format *f, paddr_t table);
};

extern const struct family family_riscv, family_arm;

/* NULL for x86. */
static inline const struct family *
family_of(const struct format *f)
{
    static const struct family *const row[FAMILIES] = {
        [FAMILY_RISCV] = &family_riscv, [FAMILY_ARM] = &family_arm};

    return row[f->family];
}
