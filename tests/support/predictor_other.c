#include "support/predictor_other.h"

#include <string.h>

/* Bits hi..lo of x, as manuals write them. */
static uint64_t
bits(uint64_t x, unsigned hi, unsigned lo)
{
    return hi - lo == 63 ? x : x >> lo & ((UINT64_C(1) << (hi - lo + 1)) - 1);
}

static bool
bit(uint64_t x, unsigned n)
{
    return x >> n & 1;
}

/* --- RISC-V, privileged specification 4.3.2: the steps have the manual's numbers --- */

static void
riscv_page_fault(char op, struct predict_told *r)
{
    r->code = op == 'x' ? 12 : op == 'r' ? 13 : 15;
}

static void
riscv_access_fault(char op, struct predict_told *r)
{
    r->code = op == 'x' ? 1 : op == 'r' ? 5 : 7;
}

/* Step 5 of old, "determine if the requested memory access is allowed". */
static bool
riscv_permits(const struct predict_riscv *h, uint64_t pte, char op, bool user)
{
    bool R = bit(pte, 1), W = bit(pte, 2), X = bit(pte, 3), U = bit(pte, 4);

    if (user && !U)
        return false;
    if (!user && U) {
        if (op == 'x')
            return false;
        if (!h->sum)
            return false;
    }
    if (op == 'x')
        return X;
    if (op == 'w')
        return W;
    return R || (h->mxr && X);
}

static bool
riscv_in_ram(const struct predict_riscv *h, uint64_t pa)
{
    return h->ram_from <= pa && pa < h->ram_to;
}

/* Step 6 on: a leaf was found at level i. */
static void
riscv_leaf(const struct predict_riscv *h, uint64_t va, char op, bool user, uint64_t slot,
           uint64_t pte, unsigned i, struct predict_told *r)
{
    uint64_t ppn = bits(pte, 53, 10), new_ = pte | 0x40;

    riscv_page_fault(op, r);
    if (!riscv_permits(h, pte, op, user))
        return;
    if (i > 0 && bits(ppn, 9 * i - 1, 0) != 0)
        return; /* a misaligned superpage */
    if (op == 'w')
        new_ |= 0x80;
    if (new_ != pte && !h->adue)
        return;
    r->pa = i == 0 ? ppn << 12 | bits(va, 11, 0)
                   : (ppn >> 9 * i << 9 * i) << 12 | bits(va, 12 + 9 * i - 1, 0);
    if (!riscv_in_ram(h, r->pa)) {
        riscv_access_fault(op, r);
        return;
    }
    r->ok = true;
    r->code = 0;
    r->changed = new_ != pte;
    r->at = slot;
    r->new_ = new_;
}

void
predict_riscv(const struct predict_riscv *h, uint64_t va, char op, bool user, predict_word *read,
              void *ctx, struct predict_told *r)
{
    unsigned top = h->levels == 3 ? 38 : 47;
    uint64_t a = bits(h->satp, 43, 0) << 12, above = bits(va, 63, top);

    memset(r, 0, sizeof *r);
    riscv_page_fault(op, r);
    if (above != 0 && above != bits(~UINT64_C(0), 63, top))
        return;
    for (unsigned i = h->levels; i-- > 0;) {
        uint64_t slot = a + bits(va, 12 + 9 * i + 8, 12 + 9 * i) * 8, pte;

        if (!riscv_in_ram(h, slot)) {
            riscv_access_fault(op, r);
            return;
        }
        pte = read(ctx, slot);
        if (!bit(pte, 0) || (!bit(pte, 1) && bit(pte, 2)) || bits(pte, 63, 54) != 0)
            return;
        if (bit(pte, 1) || bit(pte, 3)) {
            riscv_leaf(h, va, op, user, slot, pte, i, r);
            return;
        }
        if (bit(pte, 4) || bit(pte, 6) || bit(pte, 7))
            return; /* U, A and D of a pointer are reserved */
        a = bits(pte, 53, 10) << 12;
    }
}

/* --- AArch64, Arm ARM: AArch64.TranslateAddressS1Off, TranslationTableWalk, CheckPermission --- */

enum { SIZE = 0, TRANSLATION = 4, ACCESS_FLAG = 8, PERMISSION = 12 };

static void
arm_fault(struct predict_told *r, unsigned kind, unsigned level)
{
    r->ok = false;
    r->code = kind + level;
}

/* What the levels above have said, each bit a prohibition. */
struct above {
    bool no_el0, no_write, uxn, pxn;
};

static bool
arm_forbids(const struct predict_arm *c, const struct above *t, uint64_t d, char op, bool el0)
{
    bool wxn = bit(c->sctlr, 19);
    bool ap2 = bit(d, 7) || t->no_write, ap1 = bit(d, 6) && !t->no_el0;
    bool priv_w = !ap2, user_r = ap1, user_w = ap1 && !ap2;
    bool user_xn = bit(d, 54) || t->uxn || (user_w && wxn);
    bool priv_xn = bit(d, 53) || t->pxn || (priv_w && wxn) || user_w;

    if (op == 'x')
        return el0 ? user_xn : priv_xn;
    if (op == 'w')
        return !(el0 ? user_w : priv_w);
    return el0 && !user_r;
}

static void
arm_page(const struct predict_arm *c, const struct above *t, uint64_t va, char op, bool el0,
         uint64_t d, unsigned level, struct predict_told *r)
{
    unsigned offset = 12 + 9 * (3 - level);

    if (!bit(d, 10)) {
        arm_fault(r, ACCESS_FLAG, level);
    } else if (arm_forbids(c, t, d, op, el0)) {
        arm_fault(r, PERMISSION, level);
    } else {
        r->ok = true;
        r->pa = bits(d, 47, offset) << offset | bits(va, offset - 1, 0);
    }
}

static void
arm_walk(const struct predict_arm *c, uint64_t va, char op, bool el0, unsigned in, bool flat,
         uint64_t base, predict_word *read, void *ctx, struct predict_told *r)
{
    static const unsigned ips[8] = {32, 36, 40, 42, 44, 48, 52, 52};
    unsigned out = ips[bits(c->tcr, 34, 32)], level, low;
    struct above t = {false, false, false, false};
    uint64_t table, d;

    out = out > c->pamax ? c->pamax : out;
    out = out > 48 ? 48 : out;
    level = in > 39 ? 0 : in > 30 ? 1 : in > 21 ? 2 : 3;
    if (out < 48 && bits(base, 47, out) != 0) {
        arm_fault(r, SIZE, 0);
        return;
    }
    low = in - (12 + 9 * (3 - level)) + 3; /* log2 of the first table's bytes */
    table = bits(base, 47, low) << low;
    for (unsigned high = in;; level++) {
        unsigned shift = 12 + 9 * (3 - level);

        d = read(ctx, table + bits(va, high - 1, shift) * 8);
        high = shift;
        if (!bit(d, 0) || (level == 3 && !bit(d, 1)) || (level == 0 && !bit(d, 1))) {
            arm_fault(r, TRANSLATION, level);
            return;
        }
        if (out < 48 && bits(d, 47, out) != 0) {
            arm_fault(r, SIZE, level);
            return;
        }
        if (level == 3 || !bit(d, 1))
            break;
        if (!flat) {
            t.pxn = t.pxn || bit(d, 59);
            t.uxn = t.uxn || bit(d, 60);
            t.no_el0 = t.no_el0 || bit(d, 61);
            t.no_write = t.no_write || bit(d, 62);
        }
        table = bits(d, 47, 12) << 12;
    }
    arm_page(c, &t, va, op, el0, d, level, r);
}

void
predict_arm(const struct predict_arm *c, uint64_t va, char op, bool el0, predict_word *read,
            void *ctx, struct predict_told *r)
{
    bool upper = bit(va, 55);
    unsigned size = upper ? (unsigned)bits(c->tcr, 21, 16) : (unsigned)bits(c->tcr, 5, 0);
    bool tbi =
        bit(c->tcr, upper ? 38 : 37) && !(op == 'x' && c->tbid && bit(c->tcr, upper ? 52 : 51));
    unsigned top = tbi ? 55 : 63, most = c->ttst ? 48 : 39;
    uint64_t above;

    memset(r, 0, sizeof *r);
    if (!bit(c->sctlr, 0)) {
        if (bits(va, top, c->pamax) != 0)
            arm_fault(r, SIZE, 0);
        else
            r->ok = true, r->pa = bits(va, top, 0);
        return;
    }
    size = size < 16 ? 16 : size > most ? most : size;
    above = bits(va, top, 64 - size);
    if (above != (upper ? bits(~UINT64_C(0), top, 64 - size) : 0) || bit(c->tcr, upper ? 23 : 7) ||
        (el0 && c->e0pd && bit(c->tcr, upper ? 56 : 55)))
        arm_fault(r, TRANSLATION, 0);
    else
        arm_walk(c, va, op, el0, 64 - size, c->hpd && bit(c->tcr, upper ? 42 : 41),
                 upper ? c->ttbr1 : c->ttbr0, read, ctx, r);
}
