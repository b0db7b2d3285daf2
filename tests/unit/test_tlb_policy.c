/* Who leaves a full set of the TLB: each policy against a model that keeps what silicon would keep
 * (lists, or the bits of a tree), not stamps. */
#include "test.h"

#include <string.h>

#include "hw/tlb_policy.h"
#include "support/bare.h"

enum { PAGES = 40, WAYS_MAX = 16 };

/* --- the model: one set ------------------------------------------------------------------------ */

struct model {
    enum tlb_policy policy;
    unsigned ways;
    int held[WAYS_MAX];      /* page, -1: invalid */
    unsigned rank[WAYS_MAX]; /* ways, from the first in line to leave to the last: lru, fifo */
    bool bit[WAYS_MAX];      /* bit[1] is the tree's root; true: the victim is on the right */
};

static void
to_the_end(struct model *m, unsigned way)
{
    unsigned at = 0;

    while (m->rank[at] != way)
        at++;
    memmove(m->rank + at, m->rank + at + 1, (m->ways - at - 1) * sizeof *m->rank);
    m->rank[m->ways - 1] = way;
}

static void
turn_away(struct model *m, unsigned way)
{
    for (unsigned node = m->ways + way; node > 1; node /= 2)
        m->bit[node / 2] = node % 2 == 0; /* came from the left: point right */
}

static void
use(struct model *m, unsigned way, bool filled)
{
    if (filled || m->policy == TLB_LRU)
        to_the_end(m, way);
    turn_away(m, way);
}

static unsigned
leaves(const struct model *m)
{
    unsigned node = 1;

    if (m->policy != TLB_PLRU)
        return m->rank[0];
    while (node < m->ways)
        node = 2 * node + m->bit[node];
    return node - m->ways;
}

/* True on a hit. */
static bool
model_read(struct model *m, int page)
{
    unsigned way = 0;

    while (way < m->ways && m->held[way] != page)
        way++;
    if (way < m->ways) {
        use(m, way, false);
        return true;
    }
    for (way = 0; way < m->ways && m->held[way] >= 0; way++)
        ;
    if (way == m->ways)
        way = leaves(m);
    m->held[way] = page;
    use(m, way, true);
    return false;
}

static void
model_drop(struct model *m, int page)
{
    for (unsigned way = 0; way < m->ways; way++)
        if (m->held[way] == page)
            m->held[way] = -1;
}

/* --- the machine ------------------------------------------------------------------------------- */

static vaddr_t
address(unsigned page)
{
    return 0x400000 + (vaddr_t)page * 0x1000;
}

static struct bare *
open_mapped(unsigned sets, unsigned ways, enum tlb_policy policy)
{
    struct bare *b = bare_open("x86-64", sets, ways);

    for (unsigned i = 0; i < PAGES; i++)
        bare_map(b, address(i), 0x800000 + i * 0x1000, 12, 6);
    b->hw.s->tunable[TUNE_TLB_POLICY] = policy;
    return b;
}

static bool
read_hits(struct bare *b, unsigned page)
{
    struct access a = {.va = address(page), .kind = ACCESS_READ, .size = 1, .user = true};
    uint64_t misses = b->hw.s->cpu[0].misses;
    struct access_result r;

    assert_true(cpu_access(&b->hw, 0, &a, false, &r));
    return b->hw.s->cpu[0].misses == misses;
}

static void
compare(enum tlb_policy policy, unsigned ways, unsigned pages)
{
    struct bare *b = open_mapped(1, ways, policy);
    struct model m = {.policy = policy, .ways = ways};
    struct rng r;
    unsigned hits = 0;

    memset(m.held, -1, sizeof m.held);
    for (unsigned way = 0; way < ways; way++)
        m.rank[way] = way;
    rng_seed(&r, 7 * ways + policy);
    for (unsigned i = 0; i < 4000; i++) {
        unsigned page = (unsigned)rng_below(&r, pages);
        bool hit;

        if (rng_below(&r, 50) == 0) {
            cpu_invlpg(&b->hw, 0, address(page));
            model_drop(&m, (int)page);
            continue;
        }
        hit = model_read(&m, (int)page);
        hits += hit;
        if (read_hits(b, page) != hit)
            fail_msg("%s, %u ways, access %u: page %u should%s hit", tlb_policy_name[policy], ways,
                     i, page, hit ? "" : " not");
    }
    assert_in_range(hits, 200, 3800); /* both happen */
    bare_close(b);
}

static void
every_policy_does_what_its_hardware_would(void **state)
{
    (void)state;
    for (unsigned ways = 2; ways <= WAYS_MAX; ways *= 2) {
        compare(TLB_LRU, ways, ways + 3);
        compare(TLB_FIFO, ways, ways + 3);
        compare(TLB_PLRU, ways, ways + 3);
    }
    compare(TLB_LRU, 3, 5);
    compare(TLB_FIFO, 12, 15);
}

/* Four ways filled in order, then the first used again. Unused for longest: page 1. First in: page
 * 0. The tree: the root points away from the left half, the fork there from page 3, so 2. */
static void
three_policies_name_three_victims(void **state)
{
    static const struct {
        enum tlb_policy policy;
        unsigned victim;
    } expected[] = {{TLB_LRU, 1}, {TLB_FIFO, 0}, {TLB_PLRU, 2}};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct bare *b = open_mapped(1, 4, expected[i].policy);

        for (unsigned page = 0; page < 4; page++)
            read_hits(b, page);
        read_hits(b, 0);
        assert_int_equal(tlb_policy_next(&b->hw, tlb_at(&b->hw, 0, 0, 0), 4), expected[i].victim);
        bare_record(b, true);
        assert_false(read_hits(b, 4));
        assert_int_equal(bare_event(b, EV_TLB_EVICT, 0)->va, address(expected[i].victim));
        assert_int_equal(bare_event(b, EV_TLB_EVICT, 0)->policy, expected[i].policy);
        bare_close(b);
    }
}

/* The same seed, the same victims; another seed, others; in the long run every way as often. */
static void
chance_is_seeded_and_fair(void **state)
{
    unsigned count[4] = {0}, differ = 0;
    struct bare *b[3];

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        b[i] = open_mapped(1, 4, TLB_RANDOM);
        rng_seed(&b[i]->hw.s->rng, i == 2 ? 2 : 1);
        bare_record(b[i], true);
    }
    for (unsigned i = 0; i < 400; i++) {
        for (unsigned k = 0; k < 3; k++) {
            bare_record(b[k], true);
            read_hits(b[k], i % PAGES);
        }
        if (i < 4)
            continue;
        assert_int_equal(bare_event(b[0], EV_TLB_EVICT, 0)->way,
                         bare_event(b[1], EV_TLB_EVICT, 0)->way);
        if (bare_count(b[2], EV_TLB_EVICT))
            differ +=
                bare_event(b[0], EV_TLB_EVICT, 0)->way != bare_event(b[2], EV_TLB_EVICT, 0)->way;
        count[bare_event(b[0], EV_TLB_EVICT, 0)->way]++;
    }
    assert_true(differ > 100);
    for (unsigned way = 0; way < 4; way++)
        assert_in_range(count[way], 65, 135); /* 99, and four standard deviations */
    assert_int_equal(tlb_policy_next(&b[0]->hw, tlb_at(&b[0]->hw, 0, 0, 0), 4), -1);
    for (unsigned i = 0; i < 3; i++)
        bare_close(b[i]);
}

/* Sixteen entries as one set, four sets, sixteen sets; pages whose numbers differ by 4, five of
 * them, ten rounds. One set: five misses. Four sets: all five in one of four ways, so every access
 * misses. Sixteen sets of one: 0, 4, 8, 12 have places of their own, 16 shares the first's; two
 * conflict for ever, three miss once. */
static void
the_shape_decides_who_conflicts(void **state)
{
    static const struct {
        unsigned sets, ways, misses;
    } shape[] = {{1, 16, 5}, {4, 4, 50}, {16, 1, 2 * 10 + 3}};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct bare *b = open_mapped(shape[i].sets, shape[i].ways, TLB_LRU);
        unsigned misses = 0;

        for (unsigned k = 0; k < 50; k++)
            misses += !read_hits(b, k % 5 * 4);
        assert_int_equal(misses, shape[i].misses);
        bare_close(b);
    }
}

static void
a_tree_needs_a_power_of_two(void **state)
{
    (void)state;
    assert_true(tlb_policy_fits(TLB_PLRU, 1));
    assert_true(tlb_policy_fits(TLB_PLRU, 8));
    assert_false(tlb_policy_fits(TLB_PLRU, 6));
    assert_true(tlb_policy_fits(TLB_LRU, 6));
    assert_false(tlb_policy_fits(TLB_POLICIES, 4));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_policy_does_what_its_hardware_would),
        cmocka_unit_test(three_policies_name_three_victims),
        cmocka_unit_test(chance_is_seeded_and_fair),
        cmocka_unit_test(the_shape_decides_who_conflicts),
        cmocka_unit_test(a_tree_needs_a_power_of_two),
    };

    return RUN_TESTS(tests);
}
