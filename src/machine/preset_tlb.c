/* The TLB and the walk caches of a preset, and what --set may change of them. */
#include <string.h>

#include "hw/tlb_policy.h"
#include "machine/preset_internal.h"

enum {
    TLB_MOST = 65536,
    WAYS_MOST = 1024,
    WALK_CACHE_MOST = 64, /* entries, those of a set, of a level */
    ASID_BITS_MOST = 12   /* a PCID has no more */
};

/* Sets and ways, of one TLB. One set: fully associative. One way: direct-mapped. */
static bool
read_shape(struct json tlb, int64_t *sets, int64_t *ways, struct error *e)
{
    if (!json_get_int(tlb, "sets", 1, TLB_MOST, sets, e) ||
        !json_get_int(tlb, "ways", 1, WAYS_MOST, ways, e) ||
        !preset_power_of_two(json_find(tlb, "sets"), *sets, e))
        return false;
    return *sets * *ways <= TLB_MOST ||
           json_fail(tlb, e, "%lld sets of %lld ways are more than %d entries", (long long)*sets,
                     (long long)*ways, TLB_MOST);
}

/* Those beside it (hw/tlb_parts.h). */
static bool
read_part(struct json tlb, const char *name, struct tlb_part_geometry *to, struct error *e)
{
    static const char *const names[] = {"sets", "ways", NULL};
    struct json part = json_find(tlb, name);
    int64_t sets, ways;

    if (!part.node)
        return true;
    if (!json_get_object(tlb, name, &part, e) || !json_only_members(part, names, e) ||
        !read_shape(part, &sets, &ways, e))
        return false;
    *to = (struct tlb_part_geometry){(uint16_t)sets, (uint16_t)ways};
    return true;
}

bool
preset_tlb(struct json root, struct preset *p, struct error *e)
{
    static const char *const names[] = {"sets", "ways", "fetch", "large", "second", NULL};
    struct json tlb;
    int64_t sets, ways;

    if (!json_get_object(root, "tlb", &tlb, e) || !json_only_members(tlb, names, e) ||
        !read_shape(tlb, &sets, &ways, e))
        return false;
    p->geo.tlb_sets = (uint16_t)sets;
    p->geo.tlb_ways = (uint16_t)ways;
    for (unsigned i = 0; i < TLB_PARTS; i++)
        if (!read_part(tlb, names[2 + i], &p->geo.tlb_part[i], e))
            return false;
    return true;
}

/* The policy is read after the shape. */
bool
preset_tlb_fits(struct json policy, const struct preset *p, struct error *e)
{
    return tlb_policy_fits(p->tunable[TUNE_TLB_POLICY], p->geo.tlb_ways) ||
           json_fail(policy, e, "plru needs 2, 4, 8 ... ways; tlb.ways is %u", p->geo.tlb_ways);
}

/* Entries by the name of a level; the last one has none, what it says is the TLB's to keep. */
bool
preset_walk_cache(struct json root, struct preset *p, struct error *e)
{
    const struct format *f = &p->geo.format;
    struct json o = json_find(root, "walk_cache");
    const char *names[LEVEL_MAX] = {0};

    if (!o.node)
        return true;
    for (unsigned i = 0; i + 1u < f->levels; i++) {
        int64_t entries = 0;

        names[i] = f->level[i].name;
        if (!json_opt_int(o, names[i], 0, WALK_CACHE_MOST, &entries, e))
            return false;
        p->geo.walk_cache[i] = (uint8_t)entries;
    }
    return json_only_members(o, names, e);
}

/* At a roll-over each CPU may keep one, and one more must be free. 0 is the kernel's. */
static bool
asids_suffice(const struct geometry *g)
{
    return g->asid_bits == 0 || (1u << g->asid_bits) - 1 > g->cpus;
}

static const char no_roots[] =
    "kpti needs an x86 with one CPU, a page table that is a tree, and no asid_bits";

static bool
roots_fit(const struct geometry *g)
{
    return !g->kpti || (g->cpus == 1 && g->format.family == FAMILY_X86 &&
                        format_is_tree(&g->format) && !g->asid_bits);
}

bool
preset_read_asids(struct json root, struct preset *p, struct error *e)
{
    int64_t bits = 0;
    bool kpti = false;

    if (!json_opt_bool(root, "kpti", &kpti, e))
        return false;
    p->geo.kpti = kpti;
    if (!roots_fit(&p->geo))
        return json_fail(json_find(root, "kpti"), e, "%s", no_roots);
    if (!json_opt_int(root, "asid_bits", 0, ASID_BITS_MOST, &bits, e))
        return false;
    p->geo.asid_bits = (uint8_t)bits;
    if (bits && p->geo.format.family != FAMILY_X86)
        return json_fail(json_find(root, "asid_bits"), e, "this kernel hands out x86's PCIDs only");
    return asids_suffice(&p->geo) ||
           json_fail(
               json_find(root, "asid_bits"), e,
               "%u ASIDs besides 0 are too few: a machine of %u CPUs needs one more than CPUs",
               (1u << bits) - 1, p->geo.cpus);
}

/* --- play --set key=value -----------------------------------------------------------------------
 */

bool
preset_set_tlb(struct preset *p, const char *key, const char *text, struct error *e)
{
    uint64_t v = 0, ways = TLB_MOST / p->geo.tlb_sets;

    if (strcmp(key, "tlb.sets") == 0 &&
        preset_power(key, text, 1, TLB_MOST / p->geo.tlb_ways, &v, e))
        p->geo.tlb_sets = (uint16_t)v;
    else if (strcmp(key, "tlb.ways") == 0 &&
             preset_number(key, text, 1, ways < WAYS_MOST ? ways : WAYS_MOST, &v, e))
        p->geo.tlb_ways = (uint16_t)v;
    else if (strcmp(key, "walk_cache") == 0 && preset_number(key, text, 0, WALK_CACHE_MOST, &v, e))
        memset(p->geo.walk_cache, (int)v, p->geo.format.levels - 1u);
    else if (strcmp(key, "asid_bits") == 0 && preset_number(key, text, 0, ASID_BITS_MOST, &v, e))
        p->geo.asid_bits = (uint8_t)v;
    else
        return e->code != EXIT_OK;
    return true;
}

bool
preset_tlb_still_fits(struct preset *p, const struct geometry *before, uint64_t policy,
                      struct error *e)
{
    unsigned ways = p->geo.tlb_ways;

    if (!roots_fit(&p->geo)) {
        p->geo = *before;
        return error_set(e, EXIT_USAGE, "%s", no_roots);
    }
    if (!asids_suffice(&p->geo)) {
        error_set(e, EXIT_USAGE, "asid_bits %u are too few for %u CPUs", p->geo.asid_bits,
                  p->geo.cpus);
        p->geo = *before;
        return false;
    }
    if (tlb_policy_fits(p->tunable[TUNE_TLB_POLICY], ways))
        return true;
    p->geo = *before;
    p->tunable[TUNE_TLB_POLICY] = policy;
    return error_set(e, EXIT_USAGE, "plru needs 2, 4, 8 ... ways; tlb.ways is %u", ways);
}
