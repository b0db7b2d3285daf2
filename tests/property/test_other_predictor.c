/* Rights beyond x86, all of them: every combination of the bits that decide, at every level a page can
 * be found, against a predictor that was written from the manuals and shares no code with the walker.
 * Each access is made twice, so that the TLB has to agree. And the predictor itself against what real
 * emulators said. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "support/bare.h"
#include "support/predictor_other.h"
#include "support/vectors.h"

static const char op_letter[] = {[ACCESS_READ] = 'r', [ACCESS_WRITE] = 'w', [ACCESS_FETCH] = 'x'};
static unsigned long cases;

/* --- walker and predictor on the same bytes --- */

static uint64_t
word_at(void *ctx, uint64_t pa)
{
    const struct bare *b = ctx;

    return phys_read(&b->hw.phys, pa, 8);
}

/* The first time through the tables, the second time (if it was allowed) through the TLB. */
static void
expect(struct bare *b, const struct access *a, const struct predict_told *want, const char *what,
       uint64_t leaf, paddr_t slot)
{
    struct translation t;

    cases++;
    for (int again = 0; again < 2; again++) {
        bool ok = cpu_translate(&b->hw, 0, a, &t);

        if (ok != want->ok || (ok ? t.pa != want->pa : t.fault.code != want->code))
            fail_msg("%s, entry 0x%llx, %c by %s, try %d: %d 0x%llx %u, expected %d 0x%llx %u",
                     what, (unsigned long long)leaf, op_letter[a->kind],
                     a->user ? "user" : "kernel", again, ok, (unsigned long long)t.pa, t.fault.code,
                     want->ok, (unsigned long long)want->pa, want->code);
    }
    if (want->changed)
        assert_true(phys_read(&b->hw.phys, want->at, 8) == want->new_);
    else
        assert_true(phys_read(&b->hw.phys, slot, 8) == leaf);
    tlb_flush(&b->hw, 0, true);
    phys_write(&b->hw.phys, slot, 8, leaf);
}

/* --- RISC-V --- */

enum { ROOT = 0x1000, SECOND = 0x2000, THIRD = 0x3000, PAGE_SIZE_1G = 0x40000000 };

static void
riscv_accesses(struct bare *b, struct predict_riscv *h, vaddr_t va, uint64_t leaf, paddr_t slot)
{
    struct cpu *c = &b->hw.s->cpu[0];

    for (unsigned mode = 0; mode < 8; mode++) {
        h->sum = mode & 1, h->mxr = mode & 2, h->adue = mode & 4;
        c->sstatus = (h->sum ? SSTATUS_SUM : 0) | (h->mxr ? SSTATUS_MXR : 0);
        c->menvcfg = h->adue ? MENVCFG_ADUE : 0;
        for (unsigned who = 0; who < 6; who++) {
            struct access a = {.va = va, .kind = (uint8_t)(who % 3), .size = 1, .user = who / 3};
            struct predict_told want;

            predict_riscv(h, va, op_letter[a.kind], a.user, word_at, b, &want);
            expect(b, &a, &want, "sv39", leaf, slot);
        }
    }
}

/* All 2^8 flags and a few bits above, at each level; below a leaf that fits into memory, beside it. */
static void
riscv_rights_are_those_of_the_manual(void **state)
{
    const paddr_t slot[3] = {ROOT + 8, SECOND + 16, THIRD + 24};
    const vaddr_t va = PAGE_SIZE_1G + 2 * 0x200000 + 3 * 0x1000 + 0x128;
    struct predict_riscv h = {.levels = 3,
                              .satp = SATP_MODE_SV39 << 60 | ROOT >> 12,
                              .ram_from = 0,
                              .ram_to = 0x80000000};
    struct bare *b = bare_open("sv39", 4, 4);

    (void)state;
    b->hw.geo.open_to = h.ram_to;
    b->hw.s->cpu[0].satp = h.satp;
    for (unsigned level = 0; level < 3; level++) {
        static const uint64_t above[] = {0, UINT64_C(1) << 10, UINT64_C(1) << 54, UINT64_C(1) << 63,
                                         UINT64_C(1) << 53};
        const uint64_t frame = level == 0 ? PAGE_SIZE_1G : level == 1 ? 0x600000 : 0x5000;

        phys_write(&b->hw.phys, slot[0], 8, SECOND >> 2 | 1);
        phys_write(&b->hw.phys, slot[1], 8, THIRD >> 2 | 1);
        phys_write(&b->hw.phys, slot[2], 8, 0x7000 >> 2 | 0xdf);
        for (unsigned i = 0; i < sizeof above / sizeof *above; i++)
            for (uint64_t flags = 0; flags < 256; flags++) {
                bool names_table = (flags & 0xf) == 1 && level < 2;
                uint64_t to = names_table ? (level == 0 ? SECOND : THIRD) : frame;
                uint64_t leaf = (to >> 2 ^ above[i]) | flags;

                phys_write(&b->hw.phys, slot[level], 8, leaf);
                riscv_accesses(b, &h, va, leaf, slot[level]);
            }
    }
    bare_close(b);
}

/* --- AArch64 --- */

static uint64_t
spread(unsigned n, const unsigned *at, unsigned count)
{
    uint64_t x = 0;

    for (unsigned i = 0; i < count; i++)
        x |= (uint64_t)(n >> i & 1) << at[i];
    return x;
}

static void
arm_accesses(struct bare *b, struct predict_arm *core, vaddr_t va, uint64_t leaf, paddr_t slot)
{
    for (unsigned mode = 0; mode < 4; mode++) {
        core->sctlr = SCTLR_M | (mode & 1 ? SCTLR_WXN : 0);
        core->hpd = mode & 2;
        b->hw.geo.features = core->hpd ? FEATURE_HPD : 0;
        b->hw.s->cpu[0].sctlr = core->sctlr;
        for (unsigned who = 0; who < 6; who++) {
            struct access a = {.va = va, .kind = (uint8_t)(who % 3), .size = 1, .user = who / 3};
            struct predict_told want;

            predict_arm(core, va, op_letter[a.kind], a.user, word_at, b, &want);
            expect(b, &a, &want, "aarch64", leaf, slot);
        }
    }
}

/* All of valid, type, AP, AF, nG, PXN, UXN and an address too large, below all of what tables can say. */
static void
arm_half(struct bare *b, struct predict_arm *core, vaddr_t va, unsigned level)
{
    static const unsigned leaf_bit[] = {0, 1, 6, 7, 10, 11, 53, 54, 45};
    static const unsigned table_bit[] = {59, 60, 61, 62};
    const unsigned index[4] = {(unsigned)(va >> 39 & 511), 1, 2, 3};
    paddr_t table = ROOT;

    for (unsigned above = 0; above < 16; above++) {
        paddr_t slot = 0;

        table = ROOT;
        for (unsigned i = 0; i < level; i++) {
            slot = table + 8 * index[i];
            table = ROOT + (i + 1) * 0x1000;
            phys_write(&b->hw.phys, slot, 8,
                       table | 3 | (i == level - 1 ? spread(above, table_bit, 4) : 0));
        }
        slot = table + 8 * index[level];
        for (unsigned n = 0; n < 1u << 9; n++) {
            uint64_t frame = level < 3 && n & 2 ? table + 0x1000
                             : level == 1       ? PAGE_SIZE_1G
                                                : 0x600000;
            uint64_t leaf = frame | spread(n, leaf_bit, 9);

            phys_write(&b->hw.phys, slot, 8, leaf);
            arm_accesses(b, core, va, leaf, slot);
        }
        if (level == 0)
            break;
    }
}

static void
arm_rights_are_those_of_the_manual(void **state)
{
    const vaddr_t low = PAGE_SIZE_1G + 2 * 0x200000 + 3 * 0x1000 + 0x128;
    struct predict_arm core = {.ttbr0 = ROOT,
                               .ttbr1 = ROOT,
                               .pamax = 44,
                               .tcr = UINT64_C(0x605b5103510)}; /* 48 bits, HPD0 and HPD1, IPS 48 */
    struct bare *b = bare_open("aarch64", 4, 4);

    (void)state;
    b->hw.geo.maxpa = 44;
    b->hw.s->cpu[0].ttbr0 = core.ttbr0;
    b->hw.s->cpu[0].ttbr1 = core.ttbr1;
    b->hw.s->cpu[0].tcr = core.tcr;
    for (unsigned level = 0; level < 4; level++) {
        arm_half(b, &core, low, level);
        arm_half(b, &core, low | UINT64_C(0xffff) << 48, level);
    }
    bare_close(b);
}

/* --- the predictor and the emulators --- */

static uint64_t
number(const cJSON *o, const char *name)
{
    return vector_number(cJSON_GetObjectItemCaseSensitive(o, name));
}

static uint64_t
word_of_row(void *ctx, uint64_t pa)
{
    const cJSON *pair;

    cJSON_ArrayForEach(
        pair,
        cJSON_GetObjectItem(ctx, "mem")) if (vector_number(cJSON_GetArrayItem(pair, 0)) ==
                                             pa) return vector_number(cJSON_GetArrayItem(pair, 1));
    return 0;
}

static bool
has_feature(const cJSON *row, const char *name)
{
    const cJSON *f;

    cJSON_ArrayForEach(f, cJSON_GetObjectItem(row, "feat")) if (strcmp(f->valuestring, name) ==
                                                                0) return true;
    return false;
}

static void
row_agrees(cJSON *row, const char *line)
{
    const cJSON *acc = cJSON_GetObjectItem(row, "acc"), *exp = cJSON_GetObjectItem(row, "exp");
    const cJSON *ram = cJSON_GetObjectItem(row, "ram"), *st = cJSON_GetObjectItem(row, "status");
    char op = cJSON_GetObjectItem(acc, "op")->valuestring[0];
    bool user = number(acc, "user"), arm = ram == NULL;
    struct predict_told r;

    if (arm) {
        struct predict_arm c = {
            number(row, "ttbr0"),     number(row, "ttbr1"),           number(row, "tcr"),
            number(row, "sctlr"),     (unsigned)number(row, "pamax"), has_feature(row, "hpd"),
            has_feature(row, "e0pd"), has_feature(row, "ttst"),       has_feature(row, "tbid")};

        predict_arm(&c, number(acc, "va"), op, user, word_of_row, row, &r);
    } else {
        struct predict_riscv h = {.levels = number(row, "satp") >> 60 == 8 ? 3 : 4,
                                  .satp = number(row, "satp"),
                                  .sum = number(st, "sum"),
                                  .mxr = number(st, "mxr"),
                                  .adue = number(row, "adue"),
                                  .ram_from = vector_number(cJSON_GetArrayItem(ram, 0)),
                                  .ram_to = vector_number(cJSON_GetArrayItem(ram, 1))};

        predict_riscv(&h, number(acc, "va"), op, user, word_of_row, row, &r);
        if (r.ok && r.changed != (cJSON_GetArraySize(cJSON_GetObjectItem(row, "ad")) == 1))
            fail_msg("a mark too many or too few: %s", line);
    }
    if (r.ok != (bool)number(exp, "ok") || (r.ok && r.pa != number(exp, "pa")) ||
        (!r.ok && r.code != number(exp, arm ? "fsc" : "cause")))
        fail_msg("predicted %d 0x%llx %u: %s", r.ok, (unsigned long long)r.pa, r.code, line);
}

static void
the_predictor_agrees_with_real_emulators(void **state)
{
    static const char *const path[] = {"tests/vectors/riscv.jsonl.gz",
                                       "tests/vectors/aarch64.jsonl.gz"};
    unsigned rows = 0;

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct vectors v;

        assert_true(vectors_open(&v, path[i]));
        for (; vectors_next_row(&v); rows++)
            row_agrees(v.row, v.line);
        assert_string_equal(v.broken, "");
        vectors_close(&v);
    }
    assert_int_equal(rows, 1700 + 1679);
    printf("COUNT predicted_other %u\n", rows);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_predictor_agrees_with_real_emulators),
        cmocka_unit_test(riscv_rights_are_those_of_the_manual),
        cmocka_unit_test(arm_rights_are_those_of_the_manual),
    };
    int failed = RUN_TESTS(tests);

    printf("COUNT other_cases %lu\n", cases);
    return failed;
}
