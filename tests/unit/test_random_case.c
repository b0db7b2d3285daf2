/* test_random_case.c - the random accesses are reproducible, legal and spread over all causes. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "support/random_case.h"

enum { CASES = 100000 };

/* Causes as they show: P and RSVD of the error code, or the page the walk ended at. */
enum cause { OK_SMALL, OK_LARGE, ABSENT, MALFORMED, REFUSED, GENERAL, CAUSES };

static const char *const CAUSE_NAME[CAUSES] = {"ok 4 KiB",  "ok large", "absent",
                                               "malformed", "refused",  "#GP"};

/* Percent, at least. Large pages need PSE in x86_32; only wide addresses can be non-canonical and
 * only PAE loads PDPTEs. */
static const unsigned LEAST[PREDICT_MODES][CAUSES] = {
    [PREDICT_X86_32] = {15, 10, 5, 2, 10, 0},
    [PREDICT_4LEVEL] = {10, 10, 5, 8, 10, 2},
    [PREDICT_5LEVEL] = {10, 10, 5, 8, 10, 2},
    [PREDICT_PAE] = {10, 10, 5, 5, 10, 2},
};

static unsigned
mode_depth(enum predict_mode mode)
{
    return mode == PREDICT_5LEVEL   ? 5
           : mode == PREDICT_4LEVEL ? 4
                                    : 2; /* PAE: PDPTEs are not read by the walk */
}

static enum cause
cause_of(const struct predict_result *r, enum predict_mode mode)
{
    if (r->ok) {
        return r->reads == mode_depth(mode) ? OK_SMALL : OK_LARGE;
    }
    return r->vec == 13 ? GENERAL : !(r->err & 1) ? ABSENT : r->err & 8 ? MALFORMED : REFUSED;
}

static void
every_cause_is_common(void **state)
{
    (void)state;
    for (unsigned mode = 0; mode < PREDICT_MODES; mode++) {
        struct random_source source = {.state = 1};
        unsigned n[CAUSES] = {0}, at_level[6] = {0};
        for (unsigned i = 0; i < CASES; i++) {
            struct case_x86 c;
            struct predict_result r;
            random_case(&source, (enum predict_mode)mode, &c);
            case_predict(&c, &r);
            n[cause_of(&r, (enum predict_mode)mode)]++;
            at_level[r.ok ? 0 : r.reads]++;
        }
        for (unsigned i = 0; i < CAUSES; i++) {
            print_message("%s %-9s %5.1f %%\n", case_mode_name((enum predict_mode)mode),
                          CAUSE_NAME[i], 100.0 * n[i] / CASES);
            assert_true(n[i] >= LEAST[mode][i] * (CASES / 100));
        }
        for (unsigned i = 1; i <= mode_depth((enum predict_mode)mode); i++) {
            assert_true(at_level[i] >=
                        CASES / 100 * 3); /* faults stop the walk after any number of reads */
        }
        assert_in_range(n[OK_SMALL] + n[OK_LARGE], CASES / 100 * 35, CASES / 100 * 48);
    }
}

static bool
case_legal(const struct case_x86 *c)
{
    uint64_t word_top = c->cpu.mode == PREDICT_X86_32 ? 32 : 64;
    bool pae = c->cpu.cr4 >> 5 & 1, la57 = c->cpu.cr4 >> 12 & 1, lma = c->cpu.efer >> 10 & 1;
    bool pcide = c->cpu.cr4 >> 17 & 1;
    enum predict_mode mode = !pae   ? PREDICT_X86_32
                             : !lma ? PREDICT_PAE
                             : la57 ? PREDICT_5LEVEL
                                    : PREDICT_4LEVEL;
    if (mode != c->cpu.mode || c->cpu.cr3 >> c->cpu.maxpa || (pcide && !lma) ||
        c->nmem > CASE_WORDS_MAX || (!lma && (c->acc.va | c->cpu.cr3) >> 32) || c->acc.va & 7) {
        return false;
    }
    for (unsigned i = 0; i < c->nmem; i++) {
        if (c->mem[i].pa % (word_top / 8) || c->mem[i].pa >> c->cpu.maxpa ||
            (word_top == 32 && c->mem[i].value >> 32) ||
            case_find((struct case_x86 *)c, c->mem[i].pa) != &c->mem[i]) {
            return false;
        }
    }
    return true;
}

static void
registers_and_words_are_possible(void **state)
{
    (void)state;
    struct random_source source = {.state = 2};
    for (unsigned i = 0; i < CASES; i++) {
        struct case_x86 c;
        random_case(&source, (enum predict_mode)(i % PREDICT_MODES), &c);
        if (!case_legal(&c)) {
            case_print(stdout, "illegal", &c);
            fail();
        }
    }
}

static void
tables_can_be_kept_low(void **state)
{
    (void)state;
    struct random_source source = {.state = 3, .table_bits = 24};
    for (unsigned i = 0; i < CASES; i++) {
        struct case_x86 c;
        random_case(&source, PREDICT_4LEVEL, &c);
        for (unsigned j = 0; j < c.nmem; j++) {
            assert_true(c.mem[j].pa < 1 << 24);
        }
    }
}

static void
the_same_seed_gives_the_same_cases(void **state)
{
    (void)state;
    struct random_source one = {.state = 42}, two = {.state = 42}, other = {.state = 43};
    unsigned equal_to_other = 0;
    for (unsigned i = 0; i < 1000; i++) {
        struct case_x86 a, b, c;
        random_case(&one, PREDICT_4LEVEL, &a);
        random_case(&two, PREDICT_4LEVEL, &b);
        random_case(&other, PREDICT_4LEVEL, &c);
        assert_int_equal(a.nmem, b.nmem);
        assert_memory_equal(a.mem, b.mem, a.nmem * sizeof a.mem[0]);
        assert_int_equal(a.acc.va, b.acc.va);
        assert_int_equal(a.cpu.cr3, b.cpu.cr3);
        equal_to_other += a.acc.va == c.acc.va;
    }
    assert_true(equal_to_other < 5);
}

/* SplitMix64 from seed 1234567: the first values that the algorithm's authors' C version gives. */
static void
the_generator_is_splitmix64(void **state)
{
    (void)state;
    struct random_source source = {.state = 1234567};
    assert_true(random_next(&source) == UINT64_C(6457827717110365317));
    assert_true(random_next(&source) == UINT64_C(3203168211198807973));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cause_is_common),
        cmocka_unit_test(registers_and_words_are_possible),
        cmocka_unit_test(tables_can_be_kept_low),
        cmocka_unit_test(the_same_seed_gives_the_same_cases),
        cmocka_unit_test(the_generator_is_splitmix64),
    };
    return RUN_TESTS(tests);
}
