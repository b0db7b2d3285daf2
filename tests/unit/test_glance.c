/* Which machines' walks may be done at a glance, and that those of others are not. What a glance sees is
 * held against the predictor in tests/property/test_walker_vs_predictor.c, and what a burst does with it
 * in tests/property/test_burst.c. */
#include <string.h>

#include "hw/cpu.h"
#include "hw/glance.h"
#include "machine/machine.h"
#include "support/bare.h"
#include "support/drive.h"
#include "test.h"

static bool
glances(const char *name)
{
    struct preset p;
    struct machine m;
    struct error e = {0};
    bool yes;

    drive_preset(name, &p);
    assert_true(machine_open(&m, &p, 1, &e));
    yes = glance_exists(&m.hw);
    machine_close(&m);
    return yes;
}

static void
trees_of_x86_are_seen_at_a_glance(void **state)
{
    (void)state;
    assert_true(glances("x86-64") && glances("la57") && glances("i386") && glances("toy16"));
    assert_false(glances("sv39") || glances("aarch64"));    /* rights of their own */
    assert_false(glances("hashed") || glances("inverted")); /* no trees */
    assert_false(glances("pae"));                           /* its root is in registers */
    assert_false(glances("walk-cache"));                    /* a walk may begin below */
    assert_false(glances("hierarchy"));                     /* entries come through caches */
}

/* CS:APP's table has 256 entries of 2 bytes, eight pages of 64 bytes. Without the data cache nothing else
 * would keep a glance from it. */
static void
a_table_of_several_pages_is_walked(void **state)
{
    struct preset p;
    struct machine m;
    struct error e = {0};
    struct access a = {.kind = ACCESS_READ, .size = 1};
    struct access_result r;

    (void)state;
    drive_preset("csapp", &p);
    memset(p.geo.cache, 0, sizeof p.geo.cache);
    assert_true(machine_open(&m, &p, 1, &e));
    assert_false(glance_exists(&m.hw));
    for (unsigned vpn = 0; vpn < 256; vpn++) { /* the entry of page n says frame n % 64 */
        phys_write(&m.hw.phys, 0xe00 + 2 * vpn, 2, (uint64_t)(vpn % 64) << 6 | 1);
        tlb_flush(&m.hw, 0, true);
        a.va = (vaddr_t)vpn << 6 | 5;
        assert_true(cpu_access(&m.hw, 0, &a, false, &r));
        assert_int_equal(r.pa, (paddr_t)(vpn % 64) << 6 | 5);
    }
    machine_close(&m);
}

/* A format whose leaves have a bit of their own, at a level that knows no large pages by PS. */
static void
a_leaf_by_a_bit_of_its_own_is_one(void **state)
{
    const uint64_t leaf = 1 << 9, accessed = 1 << 5, user = 1 << 2;
    struct bare *b = bare_open("x86-64", 1, 4);
    struct format *f = &b->hw.geo.format;
    struct access a = {.va = 0x412345, .kind = ACCESS_READ, .size = 1, .user = true};
    struct access_result r;

    (void)state;
    f->leaf = leaf;
    f->level[1].large = f->level[2].large = LARGE_NEVER;
    bare_map(b, 0x400000, 0x200000, 21, user | accessed | leaf);
    assert_false(glance_exists(&b->hw));
    for (int i = 0; i < 3; i++) {
        assert_true(cpu_access(&b->hw, 0, &a, false, &r));
        assert_int_equal(r.pa, 0x212345);
    }
    assert_int_equal(tlb_count(&b->hw, 0), 1); /* found again, not filled again */
    assert_int_equal(b->hw.s->cpu[0].hits, 2);
    bare_close(b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(trees_of_x86_are_seen_at_a_glance),
                                       cmocka_unit_test(a_table_of_several_pages_is_walked),
                                       cmocka_unit_test(a_leaf_by_a_bit_of_its_own_is_one)};

    return RUN_TESTS(tests);
}
