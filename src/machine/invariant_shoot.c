/* Invariants of shootdowns. */
#include "machine/invariant_internal.h"

#include "hw/ipi.h"

/* A record is one of three things, and says nothing but that. */
static bool
record_is_sound(const struct machine *m, unsigned cpu, char *where)
{
    const struct shootdown *s = &m->os.shoot->of[cpu];

    if (s->stage == SHOOT_IDLE)
        return (!s->mm && !s->waits && !s->held && s->start == s->end) ||
               broken(where, "cpu %u tells nobody anything, but its record is not empty", cpu);
    if (s->stage != SHOOT_WAIT || !s->waits || !s->mm || s->start >= s->end)
        return broken(where, "cpu %u: a record of stage %u, waiting for 0x%x", cpu, s->stage,
                      s->waits);
    if (s->waits >> m->preset.geo.cpus || s->waits >> cpu & 1)
        return broken(where, "cpu %u waits for itself, or for nobody: 0x%x", cpu, s->waits);
    for (unsigned to = 0; to < m->preset.geo.cpus; to++)
        if ((s->waits >> to & 1) && !s->done[to] && !ipi_due(&m->hw, to, cpu))
            return broken(where, "cpu %u waits for cpu %u, which was not told", cpu, to);
    return true;
}

/* Nodes in use and free ones are all that were ever used. */
static bool
nodes_are_counted(const struct machine *m, char *where)
{
    const struct shoot_state *s = m->os.shoot;
    uint32_t n = 0;

    for (unsigned cpu = 0; cpu < m->preset.geo.cpus; cpu++)
        for (uint32_t i = s->of[cpu].held; i && n <= s->held_ever; i = m->os.held[i].next)
            n++;
    for (uint32_t i = s->held_free; i && n <= s->held_ever; i = m->os.held[i].next)
        n++;
    return n == s->held_ever ||
           broken(where, "%u nodes hold frames or are free, counted %u", n, s->held_ever);
}

bool
check_shoot_sound(const struct census *c, char *where)
{
    if (c->m->preset.geo.cpus == 1)
        return true;
    for (unsigned cpu = 0; cpu < c->m->preset.geo.cpus; cpu++)
        if (!record_is_sound(c->m, cpu, where))
            return false;
    return nodes_are_counted(c->m, where);
}
