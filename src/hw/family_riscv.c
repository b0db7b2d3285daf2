/* RISC-V, Sv39 and Sv48 (privileged specification, 4.3.2 and 4.4 to 4.5).
 *
 *   63 54 53                          10 9 8 7 6 5 4 3 2 1 0
 *  | 0   | physical page number         |RSW|D|A|G|U|X|W|R|V|
 *
 * No bit says "this is a page": an entry without R, W and X names a table, at any level but the
 * last. Rights stand in the page's entry alone. Whatever is wrong, software hears one of three
 * numbers, which say what the access was.
 */
#include "hw/family.h"

static bool
riscv_bare(const struct hw *hw, const struct cpu *c, const struct access *a, paddr_t *pa,
           uint16_t *error)
{
    (void)c;
    *pa = a->va;
    *error = FAULT_P | FAULT_OUTSIDE;
    return hw_is_open(hw, *pa);
}

/* An address whose upper bits are no sign is a page fault like any other. */
static bool
riscv_start(const struct hw *hw, const struct cpu *c, const struct access *a,
            struct walk_start *start, uint16_t *error)
{
    const struct format *f = &hw->geo.format;

    *start = (struct walk_start){
        .table = format_address(f, c->satp << (f->page_shift - f->frame_up) & f->frame),
        .va = a->va};
    *error = 0;
    return format_is_canonical(f, a->va);
}

/* More than a CPU may have: what is not there is not open. */
static unsigned
riscv_pa_bits(const struct hw *hw, const struct cpu *c)
{
    (void)hw;
    (void)c;
    return 64;
}

/* W without R waits for a meaning. A table where only pages can be is none. */
static uint64_t
riscv_odd(const struct format *f, unsigned level, pte_t entry)
{
    if ((entry & f->flag.writable) && !(entry & f->flag.readable))
        return f->flag.writable;
    return level + 1u == f->levels && !(entry & f->leaf) ? f->leaf : 0;
}

static uint16_t
riscv_malformed(const struct format *f, unsigned level, pte_t entry)
{
    (void)f;
    (void)level;
    (void)entry;
    return FAULT_P | FAULT_RSVD;
}

/* sstatus.MXR: what may be executed may be read. sstatus.SUM: the kernel may touch the user's pages;
 * it may never execute them. */
static bool
riscv_allows(const struct cpu *c, const struct access *a, uint8_t flags)
{
    bool execute = !(flags & TLB_NX);

    if (a->user != ((flags & TLB_U) != 0) &&
        (a->user || a->kind == ACCESS_FETCH || !(c->sstatus & SSTATUS_SUM)))
        return false;
    switch (a->kind) {
    case ACCESS_FETCH:
        return execute;
    case ACCESS_WRITE:
        return flags & TLB_W;
    default:
        return !(flags & TLB_NR) || (execute && (c->sstatus & SSTATUS_MXR));
    }
}

/* Svadu with ADUE set; else Svade: the kernel has to. */
static bool
riscv_marks(const struct cpu *c)
{
    return c->menvcfg & MENVCFG_ADUE;
}

/* scause (4.1.8). */
static uint16_t
riscv_code(const struct access *a, unsigned level, uint16_t error)
{
    static const uint16_t page[] = {[ACCESS_READ] = 13, [ACCESS_WRITE] = 15, [ACCESS_FETCH] = 12};
    static const uint16_t outside[] = {[ACCESS_READ] = 5, [ACCESS_WRITE] = 7, [ACCESS_FETCH] = 1};

    (void)level;
    return (error & FAULT_OUTSIDE ? outside : page)[a->kind];
}

/* satp: mode, address space, page number. */
static uint64_t
riscv_root(const struct format *f, paddr_t table)
{
    uint64_t mode = f->levels == 3 ? SATP_MODE_SV39 : SATP_MODE_SV48;

    return mode << 60 | table >> f->page_shift;
}

const struct family family_riscv = {.bare = riscv_bare,
                                    .start = riscv_start,
                                    .pa_bits = riscv_pa_bits,
                                    .odd = riscv_odd,
                                    .malformed = riscv_malformed,
                                    .allows = riscv_allows,
                                    .marks = riscv_marks,
                                    .code = riscv_code,
                                    .root = riscv_root};
