#include "hw/hw.h"

#include <string.h>

#include "hw/cache.h"

/* No padding: a state is compared byte by byte. */
_Static_assert(sizeof(struct cpu) == 5 * 8 + 2 * 4 + (5 + 2 * CACHES) * 8, "no padding");
_Static_assert(sizeof(struct cache_line) == 4 * 8 + 8, "no padding");
_Static_assert(sizeof(struct tlb_entry) == 4 * 8 + 4 + 2 + 2, "no padding");
_Static_assert(sizeof(struct walk_entry) == 3 * 8 + 4 + 4, "no padding");
_Static_assert(sizeof(struct content) == 8 && sizeof(struct far) == 16, "no padding");
_Static_assert(sizeof(struct phys_state) == 4 * 4, "no padding");
_Static_assert(sizeof(struct hw_state) == (4 + TUNABLES) * 8 + sizeof(struct rng) +
                                              sizeof(struct phys_state) +
                                              CPU_MAX * sizeof(struct cpu) +
                                              TRAFFIC_USES * TRAFFIC_TYPES * sizeof(struct traffic),
               "no padding");

/* Where the hardware lies in the arena. The hot part is small and compared whole at every
 * keyframe (registers, time, TLBs); what grows with memory comes after it and is written through
 * the doors of phys.c.
 *
 *   0          state   tlb   ipi  hot |  lines   content   far   slot_next   slot
 *  |----------|-----------------------|----------------------------------------------|
 */

static unsigned
walk_entries(const struct geometry *geo)
{
    unsigned n = 0;

    for (size_t i = 0; i < sizeof geo->walk_cache; i++)
        n += geo->walk_cache[i];
    return n;
}

static bool
has_root_registers(const struct geometry *geo)
{
    return geo->format.root_registers || (geo->switches && geo->of_mode[PAGING_PAE].root_registers);
}

static unsigned
more_entries(const struct geometry *geo)
{
    unsigned n = 0;

    for (unsigned i = 0; i < TLB_PARTS; i++)
        n += (unsigned)geo->tlb_part[i].sets * geo->tlb_part[i].ways;
    return n;
}

void
hw_plan_hot(struct hw_plan *plan, const struct geometry *geo, size_t *next)
{
    plan->state = arena_plan(next, 1, sizeof(struct hw_state), false);
    plan->tlb = arena_plan(next, (size_t)geo->cpus * geo->tlb_sets * geo->tlb_ways,
                           sizeof(struct tlb_entry), false);
    plan->tlb_more = 0; /* no other TLBs: a place that nobody uses */
    if (more_entries(geo))
        plan->tlb_more = arena_plan(next, (size_t)geo->cpus * more_entries(geo),
                                    sizeof(struct tlb_entry), false);
    plan->ipi = arena_plan(next, geo->cpus > 1 ? CPU_MAX * CPU_MAX : 0, sizeof(uint64_t), false);
    plan->walk = 0; /* no walk caches: a place that nobody uses */
    if (walk_entries(geo))
        plan->walk = arena_plan(next, (size_t)geo->cpus * walk_entries(geo),
                                sizeof(struct walk_entry), false);
    plan->segment =
        arena_plan(next, geo->segment.given ? geo->cpus : 0, sizeof(struct segment_unit), false);
    plan->root_entry = 0; /* no such registers: a place that nobody uses */
    if (has_root_registers(geo))
        plan->root_entry = arena_plan(next, (size_t)geo->cpus * ROOT_ENTRIES, sizeof(pte_t), false);
}

static unsigned
cache_cpus(const struct geometry *geo, unsigned id)
{
    return geo->cache[id].traits & CACHE_SHARED ? 1 : geo->cpus;
}

/* Slot 0 is never used: 0 means "not stored". */
void
hw_plan_large(struct hw_plan *plan, const struct geometry *geo, size_t *next)
{
    for (unsigned id = 0; id < CACHES; id++) {
        const struct cache_geometry *c = &geo->cache[id];
        size_t lines = (size_t)cache_cpus(geo, id) * c->sets * c->ways;

        plan->cache_line[id] = plan->cache_bytes[id] = 0; /* no cache: a place that nobody uses */
        if (!lines)
            continue;
        plan->cache_line[id] = arena_plan(next, lines, sizeof(struct cache_line), true);
        plan->cache_bytes[id] = arena_plan(next, lines, (size_t)1 << c->line_shift, true);
    }
    plan->content = arena_plan(next, geo->frames, sizeof(struct content), true);
    plan->far = arena_plan(next, geo->far_max, sizeof(struct far), true);
    plan->slot_next = arena_plan(next, (size_t)geo->slot_max + 1, sizeof(uint32_t), true);
    plan->slot = arena_plan(next, (size_t)geo->slot_max + 1, format_page(&geo->format), true);
}

static void
phys_attach(struct phys *p, struct hw *hw, const struct hw_plan *plan)
{
    unsigned char *base = hw->arena->base;

    *p = (struct phys){
        .arena = hw->arena,
        .s = &hw->s->phys,
        .content = (void *)(base + plan->content),
        .far = (void *)(base + plan->far),
        .slot_next = (void *)(base + plan->slot_next),
        .slot = base + plan->slot,
        .frames = hw->geo.frames,
        .far_max = hw->geo.far_max,
        .slot_max = hw->geo.slot_max,
        .page_shift = hw->geo.format.page_shift,
        .cache = cache_exists(hw) ? hw->cache : NULL,
    };
}

static void
caches_attach(struct hw *hw, const struct hw_plan *plan)
{
    for (unsigned id = 0; id < CACHES; id++)
        hw->cache[id] = (struct cache){
            .arena = hw->arena,
            .line = (void *)(hw->arena->base + plan->cache_line[id]),
            .bytes = hw->arena->base + plan->cache_bytes[id],
            .geo = hw->geo.cache[id],
            .cpus = cache_cpus(&hw->geo, id),
            .page_shift = hw->geo.format.page_shift,
            .index = id <= CACHE_L1I ? &hw->s->tunable[TUNE_L1_INDEX] : NULL,
        };
}

void
hw_attach(struct hw *hw, struct arena *arena, const struct geometry *geo,
          const struct hw_plan *plan, bool fresh)
{
    *hw = (struct hw){.arena = arena, .geo = *geo};
    hw->s = (void *)(arena->base + plan->state);
    hw->tlb = (void *)(arena->base + plan->tlb);
    hw->tlb_more = (void *)(arena->base + plan->tlb_more);
    hw->tlb_more_entries = more_entries(geo);
    hw->ipi = (void *)(arena->base + plan->ipi);
    caches_attach(hw, plan);
    hw->walk = (void *)(arena->base + plan->walk);
    hw->walk_entries = walk_entries(geo);
    hw->segment = (void *)(arena->base + plan->segment);
    hw->root_entry = (void *)(arena->base + plan->root_entry);
    phys_attach(&hw->phys, hw, plan);
    if (!fresh)
        return;
    rng_seed(&hw->s->rng, 0);
    for (unsigned i = 0; i < TUNABLES; i++)
        hw->s->tunable[i] = tunable_row[i].value;
}

void
hw_reset(struct hw *hw)
{
    const struct geometry *g = &hw->geo;

    memset(hw->s->cpu, 0, sizeof hw->s->cpu);
    memset(hw->s->traffic, 0, sizeof hw->s->traffic);
    memset(hw->tlb, 0, (size_t)g->cpus * g->tlb_sets * g->tlb_ways * sizeof *hw->tlb);
    memset(hw->tlb_more, 0, (size_t)g->cpus * hw->tlb_more_entries * sizeof *hw->tlb_more);
    memset(hw->walk, 0, (size_t)g->cpus * hw->walk_entries * sizeof *hw->walk);
    if (has_root_registers(g))
        memset(hw->root_entry, 0, (size_t)g->cpus * ROOT_ENTRIES * sizeof *hw->root_entry);
    hw->s->tlb_clock = 0;
    for (unsigned id = 0; id < CACHES; id++)
        cache_reset(&hw->cache[id]);
    hw->s->cache_clock = 0;
    phys_reset(&hw->phys);
}

void
hw_emit(const struct hw *hw, unsigned cpu, struct event *ev)
{
    ev->cpu = (uint8_t)cpu;
    ev->paging = (uint8_t)hw->paging;
    ev->pid = hw->s->cpu[cpu].task;
    ev->asid = hw->s->cpu[cpu].asid;
    hw->watch->seen(hw->watch->context, ev);
}
