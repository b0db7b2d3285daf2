/* Rights, exhaustively: every combination of what the last entry says, what the one above says, what the tables above them allow, the
 * registers that rule rights, and who wants what; the walker against a predictor that shares no code with it (support/predictor.h).
 *
 *   last entry   P W U NX A D reserved     7 bits
 *   directory    P W U NX A PS reserved    7 bits; with PS it is the last one, and the entry below is not read
 *   above        W U                       2 bits; not in PAE, whose root has no rights
 *   registers    WP SMEP SMAP NXE AC       5 bits
 *   access       read write fetch, by user and kernel: 6
 *
 * That is 2^21 * 6 = 12,582,912 cases a mode: all of them, or one of 1037 where each takes long.
 */
#include "test.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hw/tlb.h"
#include "support/bare.h"
#include "support/predictor.h"

enum { MAXPA = 36, STRIDE = 61, ACCESSES = 6, LEVELS_MOST = 5 };
enum { LEAF_BITS = 7, DIR_BITS = 7, UPPER_BITS = 2, CR_BITS = 5 };
#define ALL (UINT64_C(1) << (LEAF_BITS + DIR_BITS + UPPER_BITS + CR_BITS))

static const struct mode {
    const char *preset;
    enum predict_mode mode;
    unsigned levels, entry_bytes;
    uint64_t va;
    uint64_t nx, reserved; /* bits of the last entry and the directory */
} modes[] = {
    {"i386", PREDICT_X86_32, 2, 4, 0x12345678, 1u << 8,
     1u << 21}, /* no NX: G. Bit 21 is reserved in a 4 MiB page alone */
    {"pae", PREDICT_PAE, 3, 8, 0x12345678, UINT64_C(1) << 63, UINT64_C(1) << 51},
    {"x86-64", PREDICT_4LEVEL, 4, 8, 0x7f3a12345678, UINT64_C(1) << 63, UINT64_C(1) << 51},
    {"la57", PREDICT_5LEVEL, 5, 8, 0x7f3a12345678, UINT64_C(1) << 63, UINT64_C(1) << 51},
};

/* Tables lie in frames 1, 2, 3 ... and the page in frame 9; a large page at 8 MiB. */
struct rig {
    const struct mode *mode;
    struct bare *b;
    uint64_t slot[LEVELS_MOST], word[LEVELS_MOST]; /* of the entries on the way, from the root */
};

static uint64_t
word_at(void *ctx, uint64_t pa, unsigned bytes)
{
    const struct rig *r = ctx;

    (void)bytes;
    for (unsigned i = 0; i < r->mode->levels; i++)
        if (r->slot[i] == pa)
            return r->word[i];
    return 0;
}

static void
rig_open(struct rig *r, const struct mode *mode)
{
    struct geometry geo = {.cpus = 1,
                           .tlb_sets = 1,
                           .tlb_ways = 1,
                           .maxpa = MAXPA,
                           .frames = 64,
                           .slot_max = 64,
                           .far_max = 16};
    const struct format *f;

    *r = (struct rig){.mode = mode};
    bare_format(mode->preset, &geo.format);
    r->b = bare_open_geometry(&geo);
    f = &r->b->geo.format;
    for (unsigned i = 0; i < mode->levels; i++) {
        uint64_t index = mode->va >> f->level[i].shift & low_bits(f->level[i].bits);

        r->slot[i] = (uint64_t)(i + 1) * 4096 + index * mode->entry_bytes;
    }
}

/* Bit i of `bits` is flag[i]. */
static uint64_t
flags_of(unsigned bits, const uint64_t *flag, unsigned n)
{
    uint64_t flags = 0;

    for (unsigned i = 0; i < n; i++)
        flags |= bits >> i & 1 ? flag[i] : 0;
    return flags;
}

static void
set_words(struct rig *r, unsigned leaf, unsigned directory, unsigned upper)
{
    const struct mode *m = r->mode;
    const uint64_t leaf_flag[] = {1, 2, 4, 1 << 5, 1 << 6, m->nx, m->reserved},
                   dir_flag[] = {1, 2, 4, 1 << 5, 1 << 7, m->nx, m->reserved};
    const unsigned last = m->levels - 1;
    uint64_t page = directory >> 4 & 1 ? UINT64_C(8) << 20 : (uint64_t)m->levels * 4096;

    for (unsigned i = 0; i + 2 < m->levels; i++)
        r->word[i] = (uint64_t)(i + 2) * 4096 | 1 |
                     (m->mode == PREDICT_PAE ? 0 : (upper & 1) << 1 | (upper >> 1) << 2);
    r->word[last - 1] = page | flags_of(directory, dir_flag, DIR_BITS);
    r->word[last] = UINT64_C(9) * 4096 | flags_of(leaf, leaf_flag, LEAF_BITS);
    for (unsigned i = 0; i < m->levels; i++)
        phys_write(&r->b->hw.phys, r->slot[i], m->entry_bytes, r->word[i]);
}

static void
set_registers(struct rig *r, unsigned bits, struct predict_cpu *cpu)
{
    const struct mode *m = r->mode;
    const bool wide = m->mode == PREDICT_4LEVEL || m->mode == PREDICT_5LEVEL;

    *cpu = (struct predict_cpu){
        .cr0 = CR0_PE | CR0_PG | (bits & 1 ? CR0_WP : 0),
        .cr3 = 4096,
        .cr4 = (m->mode == PREDICT_X86_32 ? CR4_PSE : CR4_PAE) |
               (m->mode == PREDICT_5LEVEL ? CR4_LA57 : 0) | (bits & 2 ? CR4_SMEP : 0) |
               (bits & 4 ? CR4_SMAP : 0),
        .efer = (wide ? EFER_LME | EFER_LMA : 0) |
                (bits & 8 && m->mode != PREDICT_X86_32 ? EFER_NXE : 0),
        .maxpa = MAXPA,
        .mode = m->mode,
    };
    r->b->hw.s->cpu[0] = (struct cpu){
        .cr0 = cpu->cr0, .cr3 = cpu->cr3, .cr4 = cpu->cr4, .efer = cpu->efer, .cr2 = 0x5a5a};
    if (m->mode == PREDICT_PAE)
        *walker_root_entry(&r->b->hw, 0, 0) = r->word[0];
}

static const char *
compare_words(struct rig *r, const struct predict_result *want)
{
    for (unsigned i = 0; i < r->mode->levels; i++) {
        uint64_t now = r->word[i];

        for (unsigned k = 0; k < want->nchanges; k++)
            if (want->change[k].pa == r->slot[i])
                now = want->change[k].new_;
        if (phys_read(&r->b->hw.phys, r->slot[i], r->mode->entry_bytes) != now)
            return "an entry";
    }
    return NULL;
}

static const char *
compare(struct rig *r, const struct predict_result *want, bool ok, const struct translation *t)
{
    if (ok != want->ok)
        return "success or fault";
    if (ok)
        return t->pa == want->pa ? compare_words(r, want) : "physical address";
    if (t->fault.vector != want->vec || t->fault.error != want->err)
        return "error code";
    return r->b->hw.s->cpu[0].cr2 == want->cr2 ? compare_words(r, want) : "CR2";
}

/* Case n: what the walker says, and once more when the TLB answers. */
static const char *
run_case(struct rig *r, uint64_t n, const char *op, unsigned user)
{
    struct access a = {
        .va = r->mode->va, .size = 1, .user = user, .kind = (uint8_t)(strchr("rwx", *op) - "rwx")};
    const unsigned cr = (unsigned)(n >> (LEAF_BITS + DIR_BITS + UPPER_BITS)) & 31;
    struct predict_access access = {.va = a.va, .op = *op, .user = user, .ac = cr >> 4 & 1};
    struct predict_result want;
    struct predict_cpu cpu;
    struct translation t;
    const char *what;
    bool ok;

    set_words(r, n & 127, n >> LEAF_BITS & 127, n >> (LEAF_BITS + DIR_BITS) & 3);
    set_registers(r, cr, &cpu);
    a.ac = access.ac;
    predict(&cpu, &access, word_at, r, &want);
    memset(r->b->hw.tlb, 0, sizeof *r->b->hw.tlb);
    ok = cpu_translate(&r->b->hw, 0, &a, &t);
    if ((what = compare(r, &want, ok, &t)) || !ok)
        return what;
    ok = cpu_translate(&r->b->hw, 0, &a, &t);
    return r->b->hw.s->cpu[0].hits == 1 ? compare(r, &want, ok, &t) : "the TLB kept nothing";
}

static uint64_t
run_mode(const struct mode *mode, uint64_t stride, uint64_t allowed[2])
{
    const uint64_t most = mode->mode == PREDICT_PAE ? ALL >> UPPER_BITS : ALL;
    uint64_t cases = 0;
    struct rig r;

    rig_open(&r, mode);
    for (uint64_t i = 0; i < most * ACCESSES; i += stride, cases++) {
        const unsigned access = (unsigned)(i % ACCESSES);
        uint64_t n = i / ACCESSES;
        const char *what;

        if (mode->mode == PREDICT_PAE) /* the bits above stay 0 */
            n = (n >> (LEAF_BITS + DIR_BITS)) << (LEAF_BITS + DIR_BITS + UPPER_BITS) |
                (n & low_bits(LEAF_BITS + DIR_BITS));
        if ((what = run_case(&r, n, &"rwx"[access % 3], access / 3)))
            fail_msg("%s: case 0x%" PRIx64 ", %c by %s: %s differs", mode->preset, n,
                     "rwx"[access % 3], access / 3 ? "user" : "kernel", what);
        allowed[r.b->hw.s->cpu[0].hits != 0]++;
    }
    bare_close(r.b);
    return cases;
}

static void
rights_are_right_in_every_combination(void **state)
{
    const uint64_t stride = slowness() > 1 ? STRIDE * 17 : 1;
    uint64_t cases = 0, allowed[2] = {0};

    (void)state;
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        cases += run_mode(&modes[i], stride, allowed);
    assert_true(allowed[0] > cases / 20 && allowed[1] > cases / 20);
    printf("COUNT rights %" PRIu64 "\n", cases);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rights_are_right_in_every_combination)};

    return RUN_TESTS(tests);
}
