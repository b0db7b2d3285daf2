#include "hw/hw.h"

#include <string.h>

#include "hw/cache.h"

/* No padding: a state is compared byte by byte. */
_Static_assert(sizeof(struct cpu) == 5 * 8 + 2 * 4 + 5 * 8, "no padding");
_Static_assert(sizeof(struct cache_line) == 3 * 8 + 8, "no padding");
_Static_assert(sizeof(struct tlb_entry) == 4 * 8 + 4 + 2 + 2, "no padding");
_Static_assert(sizeof(struct content) == 8 && sizeof(struct far) == 16, "no padding");
_Static_assert(sizeof(struct phys_state) == 4 * 4, "no padding");
_Static_assert(sizeof(struct hw_state) ==
                   (4 + TUNABLES) * 8 + sizeof(struct phys_state) + CPU_MAX * sizeof(struct cpu),
               "no padding");

/* Where the hardware lies in the arena. The hot part is small and compared whole at every
 * keyframe (registers, time, TLBs); what grows with memory comes after it and is written through
 * the doors of phys.c.
 *
 *   0          state   tlb        hot |  lines   content   far   slot_next   slot
 *  |----------|-----------------------|----------------------------------------------|
 */

static bool
has_root_registers(const struct geometry *geo)
{
    return geo->format.root_registers || (geo->switches && geo->of_mode[PAGING_PAE].root_registers);
}

void
hw_plan_hot(struct hw_plan *plan, const struct geometry *geo, size_t *next)
{
    plan->state = arena_plan(next, 1, sizeof(struct hw_state), false);
    plan->tlb = arena_plan(next, (size_t)geo->cpus * geo->tlb_sets * geo->tlb_ways,
                           sizeof(struct tlb_entry), false);
    plan->root_entry = 0; /* no such registers: a place that nobody uses */
    if (has_root_registers(geo))
        plan->root_entry = arena_plan(next, (size_t)geo->cpus * ROOT_ENTRIES, sizeof(pte_t), false);
}

/* Slot 0 is never used: 0 means "not stored". */
void
hw_plan_large(struct hw_plan *plan, const struct geometry *geo, size_t *next)
{
    const struct cache_geometry *c = &geo->cache;
    size_t lines = (size_t)geo->cpus * c->sets * c->ways;

    plan->cache_line = plan->cache_bytes = 0; /* no cache: a place that nobody uses */
    if (lines) {
        plan->cache_line = arena_plan(next, lines, sizeof(struct cache_line), true);
        plan->cache_bytes = arena_plan(next, lines, (size_t)1 << c->line_shift, true);
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
        .cache = hw->geo.cache.sets ? &hw->cache : NULL,
    };
}

static void
cache_attach(struct cache *c, struct hw *hw, const struct hw_plan *plan)
{
    *c = (struct cache){
        .arena = hw->arena,
        .line = (void *)(hw->arena->base + plan->cache_line),
        .bytes = hw->arena->base + plan->cache_bytes,
        .geo = hw->geo.cache,
        .cpus = hw->geo.cpus,
    };
}

void
hw_attach(struct hw *hw, struct arena *arena, const struct geometry *geo,
          const struct hw_plan *plan, bool fresh)
{
    *hw = (struct hw){.arena = arena, .geo = *geo};
    hw->s = (void *)(arena->base + plan->state);
    hw->tlb = (void *)(arena->base + plan->tlb);
    hw->root_entry = (void *)(arena->base + plan->root_entry);
    cache_attach(&hw->cache, hw, plan);
    phys_attach(&hw->phys, hw, plan);
    if (fresh)
        for (unsigned i = 0; i < TUNABLES; i++)
            hw->s->tunable[i] = tunable_row[i].value;
}

void
hw_reset(struct hw *hw)
{
    const struct geometry *g = &hw->geo;

    memset(hw->s->cpu, 0, sizeof hw->s->cpu);
    memset(hw->tlb, 0, (size_t)g->cpus * g->tlb_sets * g->tlb_ways * sizeof *hw->tlb);
    if (has_root_registers(g))
        memset(hw->root_entry, 0, (size_t)g->cpus * ROOT_ENTRIES * sizeof *hw->root_entry);
    hw->s->tlb_clock = 0;
    cache_reset(&hw->cache);
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
