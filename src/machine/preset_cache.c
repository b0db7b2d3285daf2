/* The caches of a preset: one beside memory ("cache"), or levels in front of it ("caches"). */
#include <string.h>

#include "machine/narrate.h"
#include "machine/preset_internal.h"

bool
preset_power_of_two(struct json v, int64_t n, struct error *e)
{
    return (n & (n - 1)) == 0 || json_fail(v, e, "%lld is not a power of two", (long long)n);
}

unsigned
preset_line_most(const struct format *f)
{
    return f->page_shift < 8 ? 1u << f->page_shift : 256;
}

/* Sets, ways and line of one cache. */
static bool
read_cache_size(struct json o, const struct format *f, struct cache_geometry *c, struct error *e)
{
    int64_t sets = c->sets, ways = c->ways, line = INT64_C(1) << c->line_shift;

    if (!json_get_int(o, "sets", 0, 4096, &sets, e) || !json_get_int(o, "ways", 1, 16, &ways, e) ||
        !json_get_int(o, "line", 1, preset_line_most(f), &line, e) ||
        !preset_power_of_two(json_find(o, "sets"), sets, e) ||
        !preset_power_of_two(json_find(o, "line"), line, e))
        return false;
    c->sets = (uint16_t)sets;
    c->ways = (uint16_t)ways;
    c->line_shift = (uint8_t)__builtin_ctzll((uint64_t)line);
    return true;
}

/* One of a hierarchy: asked before the next, for one CPU or for all, writing back or through. */
static bool
read_level(struct json o, struct preset *p, struct error *e)
{
    static const char *const names[] = {"name", "sets", "ways", "line", "write", "shared", NULL};
    const char *name, *write = "back";
    struct cache_geometry *c;
    bool shared = false;
    unsigned id = 0;

    if (!json_only_members(o, names, e) || !json_get_string(o, "name", &name, e) ||
        !json_opt_string(o, "write", &write, e) || !json_opt_bool(o, "shared", &shared, e))
        return false;
    while (id < CACHES && strcmp(name, narrate_cache(id)) != 0)
        id++;
    if (id == CACHES)
        return json_fail(json_find(o, "name"), e, "a cache is L1, L1I, L2 or L3, not \"%s\"", name);
    c = &p->geo.cache[id];
    if (c->sets)
        return json_fail(json_find(o, "name"), e, "%s is there already", name);
    if (strcmp(write, "back") != 0 && strcmp(write, "through") != 0)
        return json_fail(json_find(o, "write"), e, "a cache writes back or through, not \"%s\"",
                         write);
    c->traits =
        (uint8_t)(CACHE_FIRST | (*write == 'b' ? CACHE_BACK : 0) | (shared ? CACHE_SHARED : 0));
    return read_cache_size(o, &p->geo.format, c, e);
}

/* What hierarchy.c takes for granted: everything goes through L1; what is far has no shorter lines, and
 * is not private where something nearer is shared. */
static bool
check_levels(struct json list, const struct preset *p, struct error *e)
{
    const struct cache_geometry *c = p->geo.cache, *upper = &c[CACHE_L1];

    if (!upper->sets)
        return json_fail(list, e, "a machine with caches has an L1");
    if ((upper->traits | c[CACHE_L1I].traits) & CACHE_SHARED)
        return json_fail(list, e, "an L1 belongs to one CPU");
    for (unsigned id = CACHE_L1I; id < CACHES; id++) {
        if (!c[id].sets)
            continue;
        if (c[id].line_shift < upper->line_shift)
            return json_fail(list, e, "lines of %s are shorter than those above it",
                             narrate_cache(id));
        if ((upper->traits & CACHE_SHARED) && !(c[id].traits & CACHE_SHARED))
            return json_fail(list, e, "%s is below a shared cache, so it is shared too",
                             narrate_cache(id));
        if (id > CACHE_L1I)
            upper = &c[id];
    }
    return c[CACHE_L1I].sets == 0 || c[CACHE_L1I].line_shift == c[CACHE_L1].line_shift ||
           json_fail(list, e, "lines of L1I are as long as those of L1");
}

static bool
read_levels(struct json root, struct preset *p, struct error *e)
{
    struct json list;

    p->geo.cache[CACHE_L1] = (struct cache_geometry){0};
    if (json_find(root, "cache").node)
        return json_fail(json_find(root, "caches"), e, "a machine has \"cache\" or \"caches\"");
    if (!json_get_array(root, "caches", &list, e))
        return false;
    for (struct json v = json_first(list); v.node; v = json_next(v))
        if (!read_level(v, p, e))
            return false;
    return check_levels(list, p, e);
}

/* "cache" is one that memory is asked beside, and that every store goes through; "caches" is a
 * hierarchy. Without either there is none; --set can still make one. */
bool
preset_read_cache(struct json root, struct preset *p, struct error *e)
{
    static const char *const names[] = {"sets", "ways", "line", NULL};
    unsigned shift = p->geo.format.page_shift;
    struct cache_geometry *c = &p->geo.cache[CACHE_L1];
    struct json cache = json_find(root, "cache");

    *c = (struct cache_geometry){.ways = 1, .line_shift = (uint8_t)(shift < 6 ? shift : 6)};
    if (json_find(root, "caches").node)
        return read_levels(root, p, e);
    return !cache.node ||
           (json_get_object(root, "cache", &cache, e) && json_only_members(cache, names, e) &&
            read_cache_size(cache, &p->geo.format, c, e));
}
