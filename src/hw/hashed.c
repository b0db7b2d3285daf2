/* Finding a page in a table that is no tree.
 *
 *   (process, page) --hash--> anchor --> entry --next--> entry --next--> ... the one that says so
 *
 * or, with `table_scan`, entry 1, 2, 3 ... until one says so: what an inverted table costs by itself.
 * A hand may have bent a chain into a ring; nobody looks at more entries than there are.
 */
#include "hw/hashed.h"

/* --- sizes and places --- */

static unsigned
anchor_bits(const struct geometry *g)
{
    unsigned bits = 0;

    while (UINT64_C(1) << bits < g->frames)
        bits++;
    return bits;
}

uint32_t
hashed_anchors(const struct geometry *g)
{
    return UINT32_C(1) << anchor_bits(g);
}

uint32_t
hashed_entries(const struct geometry *g)
{
    return g->format.kind == TABLE_INVERTED ? (uint32_t)g->frames : hashed_anchors(g);
}

static uint64_t
entry_bytes(const struct geometry *g)
{
    return (uint64_t)hashed_entries(g) * HASHED_ENTRY;
}

uint64_t
hashed_bytes(const struct geometry *g)
{
    return entry_bytes(g) + (uint64_t)hashed_anchors(g) * HASHED_ANCHOR;
}

/* The page number, folded to the width of an anchor's number, and where the process begins: steps
 * of the golden ratio lie evenly, however many there are (Knuth, The Art of Computer Programming,
 * vol. 3, 6.4). PowerPC hashes so, segment number xor page number, and its kernels choose the
 * segment numbers to the same end. */
uint32_t
hashed_slot(const struct geometry *g, uint32_t process, vpn_t vpn)
{
    unsigned bits = anchor_bits(g);
    uint64_t start = process * UINT64_C(0x9e3779b1) & low_bits(32), folded = 0;

    for (unsigned at = 0; bits && at < HASHED_PAGE_BITS; at += bits)
        folded ^= vpn >> at;
    return (uint32_t)((folded ^ start >> (32 - bits)) & low_bits(bits));
}

paddr_t
hashed_anchor_pa(const struct geometry *g, paddr_t root, uint32_t slot)
{
    return hashed_entry_pa(root, 0) + entry_bytes(g) + (uint64_t)slot * HASHED_ANCHOR;
}

uint32_t
hashed_index(const struct hw *hw, unsigned cpu, paddr_t pa)
{
    return (uint32_t)((pa - hashed_entry_pa(walker_root(hw, hw->s->cpu[cpu].cr3), 0)) /
                      HASHED_ENTRY);
}

/* --- the search --- */

struct search {
    const struct geometry *g;
    paddr_t root;
    uint32_t process;
    vpn_t vpn;
    bool scan;
    uint32_t at;   /* the entry to look at; 0: there is none */
    uint32_t left; /* entries that may still be looked at */
};

static struct search
search_for(const struct hw *hw, paddr_t root, vaddr_t va)
{
    const struct format *f = &hw->geo.format;

    return (struct search){
        .g = &hw->geo,
        .root = root,
        .process = (uint32_t)(root & low_bits(HASHED_TAG_BITS)),
        .vpn = vpn_of(f, va) & low_bits(HASHED_PAGE_BITS),
        .at = 1,
        .left = hashed_entries(&hw->geo) - 1,
    };
}

static bool
goes_on(const struct search *s)
{
    return s->at != 0 && s->at < hashed_entries(s->g) && s->left != 0;
}

static void
step(struct search *s, uint64_t word)
{
    s->at = s->scan ? s->at + 1 : hashed_next(word);
    s->left--;
}

/* An entry of process 0 is nobody's. */
static bool
is_ours(const struct hw *hw, const struct search *s, uint64_t word)
{
    bool same = hashed_process(word) == s->process || hw_quirk(hw, QUIRK_TAG_NO_PROCESS);

    return hashed_process(word) && same && hashed_page(word) == s->vpn;
}

static void
read_anchor(struct hw *hw, unsigned cpu, vaddr_t va, struct search *s, struct translation *t)
{
    uint32_t slot = hashed_slot(s->g, s->process, s->vpn), cycles;
    paddr_t pa = hashed_anchor_pa(s->g, s->root, slot);

    s->at = (uint32_t)walker_load(hw, cpu, va, pa, HASHED_ANCHOR, &cycles);
    t->reads++;
    EMIT(hw, cpu, ANCHOR_READ, .va = va, .index = slot, .pa = pa, .new = s->at, .count = s->at,
         .offset = s->vpn, .cycles = cycles);
}

/* Whose is this entry? */
static bool
probe(struct hw *hw, unsigned cpu, vaddr_t va, struct search *s, struct translation *t)
{
    paddr_t pa = hashed_entry_pa(s->root, s->at);
    uint32_t cycles, at = s->at;
    uint64_t word = walker_load(hw, cpu, va, pa, 8, &cycles);
    bool ours = is_ours(hw, s, word);

    t->reads++;
    if (!ours)
        step(s, word);
    if (ours)
        EMIT(hw, cpu, PROBE_HIT, .va = va, .index = at, .pa = pa, .new = word,
             .other = hashed_process(word), .offset = hashed_page(word), .cycles = cycles);
    else
        EMIT(hw, cpu, PROBE_MISS, .va = va, .index = at, .pa = pa, .new = word,
             .other = hashed_process(word), .offset = hashed_page(word),
             .count = goes_on(s) ? s->at : 0, .cycles = cycles);
    return ours;
}

static void
read_translation(struct hw *hw, unsigned cpu, vaddr_t va, const struct search *s,
                 struct translation *t)
{
    const struct format *f = &hw->geo.format;
    paddr_t pa = hashed_entry_pa(s->root, s->at) + HASHED_ENTRY / 2;
    uint32_t cycles;
    uint64_t stored = walker_load(hw, cpu, va, pa, f->entry_bytes, &cycles);

    t->slot[0] = pa;
    t->entry[0] = hashed_translation(f, s->at, stored);
    t->reads++;
    EMIT(hw, cpu, WALK_READ, .va = va, .level = 0, .index = s->at, .pa = pa, .new = stored,
         .frame = t->entry[0] & f->flag.present ? pfn_of(f, format_address(f, t->entry[0])) : 0,
         .cycles = cycles);
}

bool
hashed_find(struct hw *hw, unsigned cpu, vaddr_t va, struct translation *t)
{
    paddr_t root = walker_root(hw, hw->s->cpu[cpu].cr3);
    struct search s = search_for(hw, root, va);

    EMIT(hw, cpu, WALK_START, .va = va, .pa = hashed_entry_pa(root, 0),
         .frame = pfn_of(&hw->geo.format, root));
    s.scan = hw->geo.format.kind == TABLE_INVERTED && hw_tunable(hw, TUNE_TABLE_SCAN);
    if (!s.scan)
        read_anchor(hw, cpu, va, &s, t);
    while (goes_on(&s))
        if (probe(hw, cpu, va, &s, t)) {
            read_translation(hw, cpu, va, &s, t);
            return true;
        }
    return false;
}

bool
hashed_peek(const struct hw *hw, paddr_t root, vaddr_t va, struct translation *t)
{
    const struct format *f = &hw->geo.format;
    struct search s = search_for(hw, root, va);
    paddr_t anchor = hashed_anchor_pa(s.g, root, hashed_slot(s.g, s.process, s.vpn));

    s.at = (uint32_t)phys_read(&hw->phys, anchor, HASHED_ANCHOR);
    t->reads = 1;
    while (goes_on(&s)) {
        uint64_t word = phys_read(&hw->phys, hashed_entry_pa(root, s.at), 8);

        t->reads++;
        if (hashed_process(word) != s.process || hashed_page(word) != s.vpn || !s.process) {
            step(&s, word);
            continue;
        }
        t->slot[0] = hashed_entry_pa(root, s.at) + HASHED_ENTRY / 2;
        t->entry[0] = hashed_translation(f, s.at, phys_read(&hw->phys, t->slot[0], f->entry_bytes));
        t->reads++;
        return true;
    }
    return false;
}
