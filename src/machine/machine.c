/* Making a machine: plan the regions of the arena, attach hardware and kernel to it, boot. */
#include "machine/machine.h"

#include <string.h>

#include "base/assert.h"
#include "hw/mode.h"
#include "hw/segment.h"

_Static_assert(sizeof(struct machine_state) == 2 * 8, "no padding: compared byte by byte");

struct machine_plan {
    size_t state;
    struct hw_plan hw;
    struct os_plan os;
    size_t hot, size;
};

static void
plan_machine(struct machine_plan *p, const struct geometry *geo)
{
    size_t next = 0;

    p->state = arena_plan(&next, 1, sizeof(struct machine_state), false);
    hw_plan_hot(&p->hw, geo, &next);
    os_plan_hot(&p->os, geo, &next);
    p->hot = (next + CHUNK - 1) / CHUNK * CHUNK;
    next = p->hot;
    hw_plan_large(&p->hw, geo, &next);
    os_plan_large(&p->os, geo, &next);
    p->size = (next + CHUNK - 1) / CHUNK * CHUNK;
}

static void
load_registers(struct machine *m)
{
    for (unsigned i = 0; i < m->preset.geo.cpus; i++) {
        struct cpu *c = &m->hw.s->cpu[i];
        c->cr0 = m->preset.cr0;
        c->cr4 = m->preset.cr4;
        c->efer = m->preset.efer;
        if (segment_exists(&m->hw))
            m->hw.segment[i] = (struct segment_unit){.table = m->preset.geo.segment.table,
                                                     .count = m->preset.geo.segment.count};
    }
    mode_follow(&m->hw);
}

static void
power_on(struct machine *m)
{
    load_registers(m);
    memcpy(m->hw.s->tunable, m->preset.tunable, sizeof m->hw.s->tunable);
    m->hw.s->quirks = m->preset.quirks;
    m->s->tampered = m->preset.quirks != 0;
    rng_seed(&m->os.s->rng, m->seed);
    rng_seed(&m->hw.s->rng, ~m->seed); /* numbers of its own, so that neither disturbs the other */
    image_load(&m->preset.image, &m->hw);
}

void
machine_reset(struct machine *m)
{
    hw_reset(&m->hw);
    load_registers(m);
    image_load(&m->preset.image, &m->hw);
    m->s->tampered = m->hw.s->quirks != 0;
}

bool
machine_open(struct machine *m, const struct preset *preset, uint64_t seed, struct error *e)
{
    struct machine_plan plan;

    memset(m, 0, sizeof *m);
    m->preset = *preset;
    m->seed = seed;
    plan_machine(&plan, &preset->geo);
    if (!arena_open(&m->arena, plan.size, plan.hot, e))
        return false;
    m->s = (struct machine_state *)(m->arena.base + plan.state);
    hw_attach(&m->hw, &m->arena, &preset->geo, &plan.hw, true);
    os_attach(&m->os, &m->hw, &plan.os, &preset->layout);
    power_on(m);
    if (preset->kernel && !os_boot(&m->os)) {
        machine_close(m);
        return error_set(e, EXIT_DATA, "machine %s: %llu frames are too few for a kernel",
                         preset->name, (unsigned long long)preset->geo.frames);
    }
    return true;
}

void
machine_close(struct machine *m)
{
    arena_close(&m->arena);
}

void
machine_watch(struct machine *m, const struct watch *watch)
{
    m->hw.watch = watch;
}

struct hash128
machine_hash(const struct machine *m)
{
    struct hash_state h;

    hash_begin(&h, 0);
    for (uint32_t c = 0; c < m->arena.highest; c++) {
        const unsigned char *p = m->arena.base + ((size_t)c << CHUNK_SHIFT);
        if (!arena_ever(&m->arena, c) || chunk_is_zero(p))
            continue;
        hash_add(&h, &c, sizeof c);
        hash_add(&h, p, CHUNK);
    }
    return hash_end(&h);
}

bool
machine_equal(const struct machine *a, const struct machine *b)
{
    uint32_t top = a->arena.highest > b->arena.highest ? a->arena.highest : b->arena.highest;

    if (a->arena.size != b->arena.size)
        return false;
    for (uint32_t c = 0; c < top; c++) {
        size_t at = (size_t)c << CHUNK_SHIFT;
        if ((arena_ever(&a->arena, c) || arena_ever(&b->arena, c)) &&
            memcmp(a->arena.base + at, b->arena.base + at, CHUNK) != 0)
            return false;
    }
    return true;
}

static uint64_t
register_of(const struct cpu *c, unsigned index)
{
    switch (index) {
    case 0:
        return c->cr0;
    case 2:
        return c->cr2;
    case 3:
        return c->cr3;
    case 4:
        return c->cr4;
    default:
        return c->efer;
    }
}

uint64_t
machine_field(const struct machine *m, unsigned cpu, const struct set_field *f)
{
    switch (f->class) {
    case SET_TUNABLE:
        return m->hw.s->tunable[f->index];
    case SET_QUIRK:
        return m->hw.s->quirks >> f->index & 1;
    case SET_REGISTER:
        return register_of(&m->hw.s->cpu[cpu], f->index);
    case SET_BIT:
        return register_of(&m->hw.s->cpu[cpu], f->index) >> f->bit & 1;
    }
    pw_assert(!"a field has one of four classes");
}
