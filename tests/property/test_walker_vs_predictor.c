/* A million random accesses: the walker against a predictor that was written from the manual and
 * shares no code with it. Each access is made twice, so that the TLB has to agree too. A
 * difference prints the case as a vector that `pagewalk walk --check` takes. */
#include "test.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hw/glance.h"
#include "support/bare.h"
#include "support/random_case.h"

enum { CASES = 1000000, FAR_EVERY = 16, NEAR_BITS = 24 };

static unsigned glances;

static const char *const preset[PREDICT_MODES] = {
    [PREDICT_X86_32] = "i386",
    [PREDICT_4LEVEL] = "x86-64",
    [PREDICT_5LEVEL] = "la57",
};

static struct bare *
rig_open(enum predict_mode mode)
{
    struct geometry geo = {.cpus = 1,
                           .tlb_sets = 4,
                           .tlb_ways = 4,
                           .frames = 1 << (NEAR_BITS - 12),
                           .slot_max = 8192,
                           .far_max = 4096};
    struct bare *b;

    bare_format(preset[mode], &geo.format);
    b = bare_open_geometry(&geo);
    bare_record(b, true);
    return b;
}

/* Put the case into memory and registers. */
static void
load(struct bare *b, const struct case_x86 *c)
{
    unsigned size = case_entry_bytes(c->cpu.mode);

    b->hw.geo.maxpa = (uint8_t)c->cpu.maxpa;
    b->hw.s->cpu[0] = (struct cpu){.cr0 = c->cpu.cr0,
                                   .cr3 = c->cpu.cr3,
                                   .cr4 = c->cpu.cr4,
                                   .efer = c->cpu.efer,
                                   .cr2 = 0x5a5a};
    for (unsigned i = 0; i < c->nmem; i++)
        phys_write(&b->hw.phys, c->mem[i].pa, size, c->mem[i].value);
}

/* Near words are simply cleared; when words lay beyond RAM, everything that was touched is. */
static void
unload(struct bare *b, const struct case_x86 *c)
{
    memset(b->hw.tlb, 0, sizeof *b->hw.tlb * b->geo.tlb_sets * b->geo.tlb_ways);
    b->events = 0;
    for (unsigned i = 0; i < c->nmem; i++)
        phys_write(&b->hw.phys, c->mem[i].pa, case_entry_bytes(c->cpu.mode), 0);
    if (b->hw.s->phys.fars < 2048)
        return;
    memset(b->arena.base, 0, b->arena.hot);
    for (uint32_t i = 0; i < b->arena.listed; i++)
        memset(b->arena.base + ((size_t)b->arena.list[i] << CHUNK_SHIFT), 0, CHUNK);
    arena_clean(&b->arena);
    hw_attach(&b->hw, &b->arena, &b->geo, &b->plan, true);
    bare_record(b, true);
}

static uint64_t
word_after(const struct case_x86 *c, const struct predict_result *want, unsigned i)
{
    for (unsigned k = 0; k < want->nchanges; k++)
        if (want->change[k].pa == c->mem[i].pa)
            return want->change[k].new_;
    return c->mem[i].value;
}

/* Memory holds exactly the words of the case, with the expected A and D bits: on a fault, as they
 * were. */
static const char *
compare_memory(const struct bare *b, const struct case_x86 *c, const struct predict_result *want)
{
    for (unsigned i = 0; i < c->nmem; i++)
        if (phys_read(&b->hw.phys, c->mem[i].pa, case_entry_bytes(c->cpu.mode)) !=
            word_after(c, want, i))
            return "memory";
    return NULL;
}

static const char *
compare_reads(const struct bare *b, const struct predict_result *want)
{
    if (bare_count(b, EV_WALK_READ) != want->reads)
        return "number of reads";
    for (unsigned i = 0; i < want->reads; i++)
        if (bare_event(b, EV_WALK_READ, i)->pa != want->read_pa[i])
            return "address of a read";
    return NULL;
}

static const char *
compare_answer(const struct bare *b, const struct predict_result *want, bool ok,
               const struct translation *t)
{
    if (ok != want->ok)
        return "success or fault";
    if (ok)
        return t->pa == want->pa ? NULL : "physical address";
    if (t->fault.vector != want->vec)
        return "vector";
    if (want->vec == 13)
        return b->hw.s->cpu[0].cr2 == 0x5a5a ? NULL : "#GP wrote CR2";
    if (t->fault.error != want->err)
        return "error code";
    return t->fault.va == want->cr2 && b->hw.s->cpu[0].cr2 == want->cr2 ? NULL : "CR2";
}

/* A bit is set in some entry's A. */
static bool
marks_accessed(const struct case_x86 *c, const struct predict_result *want)
{
    const uint64_t accessed = 1 << 5;

    for (unsigned k = 0; k < want->nchanges; k++)
        for (unsigned i = 0; i < c->nmem; i++)
            if (c->mem[i].pa == want->change[k].pa &&
                (want->change[k].new_ & ~c->mem[i].value & accessed))
                return true;
    return false;
}

/* The walk at a glance, before anything has been touched: what it sees must be so, and where all is
 * usual it must see it. */
static const char *
compare_glance(const struct bare *b, const struct case_x86 *c, const struct access *a,
               const struct predict_result *want, bool all_near)
{
    const struct format *f = &b->hw.geo.format;
    bool usual = want->ok && want->reads == f->levels && !marks_accessed(c, want);
    struct translation t;
    struct glance g;
    uint16_t error = 0;
    bool allowed;

    if (!format_is_canonical(f, a->va))
        return NULL;
    glance_prepare(&g, &b->hw, 0);
    if (!glance_walk(&b->hw, &g, a->va, &t))
        return usual && all_near ? "not seen at a glance" : NULL;
    glances++;
    allowed = walker_allows(&b->hw, 0, a, t.flags, &error);
    if (allowed != want->ok || (!want->ok && error != want->err))
        return "rights at a glance";
    if (want->ok && (!usual || walker_pa(&b->hw, t.pfn, t.shift, a->va) != want->pa))
        return "seen at a glance";
    return NULL;
}

/* NULL, or what differs. */
static const char *
run_case(struct bare *b, const struct case_x86 *c, const struct predict_result *want, bool all_near)
{
    const char *kinds = "rwx";
    struct access a = {.va = c->acc.va,
                       .size = 1,
                       .user = c->acc.user,
                       .ac = c->acc.ac,
                       .kind = (uint8_t)(strchr(kinds, c->acc.op) - kinds)};
    const char *what;
    struct translation t;
    bool ok;

    load(b, c);
    if ((what = compare_glance(b, c, &a, want, all_near)))
        return what;
    ok = cpu_translate(&b->hw, 0, &a, &t);
    if ((what = compare_answer(b, want, ok, &t)) || (what = compare_reads(b, want)) ||
        (what = compare_memory(b, c, want)))
        return what;
    b->events = 0;
    ok = cpu_translate(&b->hw, 0, &a, &t);
    if (want->ok && bare_count(b, EV_TLB_HIT) != 1)
        return "the second access missed the TLB";
    if (want->ok && bare_count(b, EV_WALK_READ) != 0)
        return "the second access read tables";
    if (!want->ok && bare_count(b, EV_TLB_HIT) != 0)
        return "a fault left something in the TLB";
    return compare_answer(b, want, ok, &t);
}

static void
the_walker_and_the_predictor_agree(void **state)
{
    static const enum predict_mode modes[] = {PREDICT_4LEVEL, PREDICT_X86_32, PREDICT_4LEVEL,
                                              PREDICT_5LEVEL};
    struct random_source source = {.state = 20240229};
    struct bare *rig[PREDICT_MODES] = {NULL};
    unsigned ok = 0, rsvd = 0,
             scale = (unsigned)strtoul(getenv("PW_SCALE") ? getenv("PW_SCALE") : "1", NULL, 10);
    unsigned cases = CASES * (scale ? scale : 1);

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        rig[modes[i + 1]] = rig_open(modes[i + 1]);
    for (unsigned i = 0; i < cases; i++) {
        enum predict_mode mode = modes[i % 4];
        struct predict_result want;
        struct case_x86 c;
        const char *what;

        source.table_bits = i % FAR_EVERY ? NEAR_BITS : 0;
        random_case(&source, mode, &c);
        case_predict(&c, &want);
        what = run_case(rig[mode], &c, &want, source.table_bits != 0);
        if (what) {
            printf("case %u differs in: %s\n", i, what);
            case_print(stdout, "random", &c);
        }
        assert_null(what);
        ok += want.ok;
        rsvd += !want.ok && want.err & 8;
        unload(rig[mode], &c);
    }
    for (unsigned i = 0; i < PREDICT_MODES; i++)
        if (rig[i])
            bare_close(rig[i]);
    assert_true(ok > cases / 10 && ok < cases * 9 / 10 &&
                rsvd > cases / 100); /* the cases are worth something */
    assert_true(glances > cases / 100);
    printf("COUNT cases %u\n", cases);
    printf("COUNT glances %u\n", glances);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_walker_and_the_predictor_agree)};

    return RUN_TESTS(tests);
}
