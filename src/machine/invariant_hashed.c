/* The invariant of page tables that are no trees: what the MMU finds by following anchors and links
 * in memory, held against the kernel's records. */
#include "machine/invariant_internal.h"

typedef unsigned long long ull;

/* Entry `at` was reached from anchor `slot`. */
static bool
entry_is_recorded(const struct census *c, uint32_t slot, uint32_t at, uint64_t word, char *where)
{
    const struct geometry *g = &c->m->preset.geo;
    const struct mappings *all = &c->m->os.mappings;
    const struct mapping *m = &all->at[all->holder[at]];

    if (!all->holder[at] || m->place != at || m->mm != hashed_process(word) ||
        vpn_of(&g->format, m->va) != hashed_page(word))
        return broken(where, "entry %u says process %u, page 0x%llx; the kernel's record does not",
                      at, hashed_process(word), (ull)hashed_page(word));
    return hashed_slot(g, m->mm, hashed_page(word)) == slot ||
           broken(where, "entry %u hangs on anchor %u, where its page does not belong", at, slot);
}

/* Adds the entries of one chain to *found. */
static bool
chain_is_recorded(const struct census *c, uint32_t slot, uint32_t *found, char *where)
{
    const struct geometry *g = &c->m->preset.geo;
    const struct phys *p = &c->m->hw.phys;
    paddr_t root = c->m->os.s->kernel_root;
    uint32_t n = hashed_entries(g), steps = 0, before = n;
    uint32_t at = (uint32_t)phys_read(p, hashed_anchor_pa(g, root, slot), HASHED_ANCHOR);

    for (uint64_t word; at; at = hashed_next(word)) {
        if (at >= n || at == before || steps++ == n)
            return broken(where, "the chain of anchor %u leads nowhere, or in a circle", slot);
        word = phys_read(p, hashed_entry_pa(root, at), 8);
        if (!entry_is_recorded(c, slot, at, word, where))
            return false;
        before = at;
        ++*found;
    }
    return true;
}

/* Records that have an entry, and those that wait for one. */
static void
count_records(const struct census *c, uint32_t *placed, uint32_t *waiting)
{
    const struct mappings *all = &c->m->os.mappings;

    for (uint32_t i = 1; i <= all->pool->used; i++) {
        const struct mapping *m = &all->at[i];

        *placed += m->place != 0;
        *waiting += m->place == 0 && (m->entry & c->m->preset.geo.format.flag.present);
    }
}

bool
check_hashed_chains(const struct census *c, char *where)
{
    const struct geometry *g = &c->m->preset.geo;
    uint32_t found = 0, placed = 0, waiting = 0;

    if (format_is_tree(&g->format))
        return true;
    for (uint32_t slot = 0; slot < hashed_anchors(g); slot++)
        if (!chain_is_recorded(c, slot, &found, where))
            return false;
    count_records(c, &placed, &waiting);
    if (found != placed)
        return broken(where, "%u entries are reached, %u pages have one", found, placed);
    return waiting == c->m->os.mappings.pool->waiting ||
           broken(where, "%u pages wait for an entry, counted %u", waiting,
                  c->m->os.mappings.pool->waiting);
}
