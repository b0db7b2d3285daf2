/* tlb_policy.c - least recently used, first in first out, a tree that comes close, or chance.
 *
 * The tree of pseudo-LRU has a bit at every fork, and each use of an entry turns the bits on its
 * way so that they point to the other side; the victim is where they lead from the root.
 *
 *             0 -->                entry 0 was used last: the root points right;
 *          1 -->   <-- 0           of 2 and 3, entry 3 was used last: its fork points to 2,
 *         0     1  2     3         which leaves, though 1 may have been unused for longer
 *
 * So a bit points away from the half with the latest use, and needs no place of its own: the stamps
 * of a full set say the same. (Silicon keeps the ways - 1 bits and no stamps: that is its point.)
 */
#include "hw/tlb_policy.h"

const char *const tlb_policy_name[TLB_POLICIES + 1] = {
    [TLB_LRU] = "lru", [TLB_FIFO] = "fifo", [TLB_PLRU] = "plru", [TLB_RANDOM] = "random"};

enum tlb_policy
tlb_policy_now(const struct hw *hw)
{
    if (hw->s->quirks && hw_quirk(hw, QUIRK_TLB_FIFO))
        return TLB_FIFO;
    return (enum tlb_policy)hw_tunable(hw, TUNE_TLB_POLICY);
}

bool
tlb_policy_fits(uint64_t policy, unsigned ways)
{
    return policy < TLB_POLICIES && (policy != TLB_PLRU || (ways & (ways - 1)) == 0);
}

static int
least_recently_used(const struct tlb_entry *set, unsigned ways)
{
    unsigned oldest = 0;

    for (unsigned way = 1; way < ways; way++)
        if (set[way].used < set[oldest].used)
            oldest = way;
    return (int)oldest;
}

static int
first_in(const struct tlb_entry *set, unsigned ways)
{
    unsigned oldest = 0;

    for (unsigned way = 1; way < ways; way++)
        if (set[way].filled < set[oldest].filled)
            oldest = way;
    return (int)oldest;
}

static uint64_t
latest_use(const struct tlb_entry *half, unsigned ways)
{
    uint64_t latest = 0;

    for (unsigned way = 0; way < ways; way++)
        if (half[way].used > latest)
            latest = half[way].used;
    return latest;
}

static int
where_the_tree_points(const struct tlb_entry *set, unsigned ways)
{
    const struct tlb_entry *half = set;

    while (ways > 1) {
        ways /= 2;
        if (latest_use(half + ways, ways) < latest_use(half, ways))
            half += ways;
    }
    return (int)(half - set);
}

static int
nobody_knows(const struct tlb_entry *set, unsigned ways)
{
    (void)set;
    (void)ways;
    return -1;
}

typedef int chooses_fn(const struct tlb_entry *set, unsigned ways);

static chooses_fn *const chooses[TLB_POLICIES] = {
    [TLB_LRU] = least_recently_used,
    [TLB_FIFO] = first_in,
    [TLB_PLRU] = where_the_tree_points,
    [TLB_RANDOM] = nobody_knows,
};

int
tlb_policy_next(const struct hw *hw, const struct tlb_entry *set, unsigned ways)
{
    return chooses[tlb_policy_now(hw)](set, ways);
}

unsigned
tlb_policy_victim(struct hw *hw, const struct tlb_entry *set, unsigned ways)
{
    int way = tlb_policy_next(hw, set, ways);

    return way < 0 ? (unsigned)rng_below(&hw->s->rng, ways) : (unsigned)way;
}
