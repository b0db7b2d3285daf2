/* The side that is told: interrupts arrive, handlers run, CPUs acknowledge.
 *
 * An interrupt is a record with a time, as a fault is (os/trap.h), so a machine can be looked at,
 * or saved, while one is on its way. Handlers of different CPUs run at the same time: each ends at
 * a time of its own. */
#include "base/assert.h"
#include "hw/control.h"
#include "hw/ipi.h"
#include "os/os.h"
#include "os/shootdown_internal.h"
#include "os/tag.h"

/* --- what is next --- */

/* When the handlers that this CPU is in end; 0: it is in none. A timer that will tick is none. */
static uint64_t
busy_until(const struct os *os, unsigned cpu)
{
    uint64_t until = 0;

    for (unsigned i = 0; i < os->hw->geo.cpus; i++) {
        const struct shootdown *s = &os->shoot->of[i];

        if ((s->waits >> cpu & 1) && s->how != SHOOT_DEFERRED && s->done[cpu] > until)
            until = s->done[cpu];
    }
    return until;
}

/* When `to` does its next step for `from`: the handler ends, or (one at a time) begins. */
static uint64_t
step_at(const struct os *os, unsigned from, unsigned to)
{
    const struct shootdown *s = &os->shoot->of[from];
    uint64_t due, busy;

    if (!(s->waits >> to & 1))
        return 0;
    if (s->done[to])
        return s->done[to];
    due = ipi_due(os->hw, to, from);
    busy = busy_until(os, to);
    return busy > due ? busy : due;
}

static uint64_t
next_step(const struct os *os, unsigned *from, unsigned *to)
{
    uint64_t next = 0;

    for (unsigned i = 0; i < os->hw->geo.cpus; i++)
        for (unsigned j = 0; os->shoot->of[i].waits && j < os->hw->geo.cpus; j++) {
            uint64_t at = step_at(os, i, j);

            if (at == 0 || (next && at >= next))
                continue;
            next = at;
            *from = i;
            *to = j;
        }
    return next;
}

/* --- the handler --- */

static uint64_t
handler_cycles(const struct os *os, const struct shootdown *s)
{
    uint64_t pages = (s->end - s->start) >> os->hw->geo.format.page_shift;
    uint64_t cycles = hw_tunable(os->hw, TUNE_HANDLER_CYCLES);

    if (hw_tunable(os->hw, TUNE_EARLY_ACK))
        return cycles; /* the initiator does not see the rest */
    return cycles + (s->full ? hw_tunable(os->hw, TUNE_FLUSH_CYCLES)
                             : pages * hw_tunable(os->hw, TUNE_INVLPG_CYCLES));
}

/* Whoever runs another address space by now, without tags, loaded CR3 since: there is nothing left to
 * forget. */
static void
forget(struct os *os, unsigned cpu, const struct shootdown *s)
{
    if (s->full) {
        tag_drop_all(os, cpu, s->mm);
        return;
    }
    for (vaddr_t va = s->start; va < s->end; va += format_page(&os->hw->geo.format))
        tag_drop(os, cpu, s->mm, va);
}

static void
acknowledge(struct os *os, unsigned from, unsigned to, uint64_t waited)
{
    struct shootdown *s = &os->shoot->of[from];

    s->waits &= ~(1u << to);
    s->done[to] = 0;
    os->shoot->acknowledged++;
    EMIT(os->hw, to, IPI_ACK, .index = from, .count = (uint64_t)__builtin_popcount(s->waits),
         .cycles = (uint32_t)waited);
}

/* An early acknowledgement says "I am in the handler, and forget before I leave it": enough for the
 * initiator, because a handler uses no user address. */
static void
finish(struct os *os, unsigned from, unsigned to, uint64_t waited)
{
    struct shootdown was = os->shoot->of[from];
    bool early = hw_tunable(os->hw, TUNE_EARLY_ACK) && was.how != SHOOT_DEFERRED;

    if (!early)
        forget(os, to, &was);
    acknowledge(os, from, to, waited);
    if (early)
        forget(os, to, &was);
    if (os->shoot->of[from].waits == 0 && os->shoot->of[from].stage == SHOOT_WAIT)
        shootdown_complete(os, from);
}

static void
step(struct os *os, unsigned from, unsigned to, uint64_t waited)
{
    struct shootdown *s = &os->shoot->of[from];

    if (s->done[to]) {
        finish(os, from, to, waited);
        return;
    }
    s->done[to] = os->hw->s->cycles + handler_cycles(os, s);
    ipi_take(os->hw, to, from, waited);
    if (s->done[to] == os->hw->s->cycles) /* all costs are 0 */
        finish(os, from, to, 0);
}

/* --- time --- */

uint64_t
shootdown_next(const struct os *os)
{
    unsigned from, to;

    return os->hw->geo.cpus == 1 ? 0 : next_step(os, &from, &to);
}

void
shootdown_due(struct os *os)
{
    unsigned from, to;
    uint64_t at;

    while (os->hw->geo.cpus > 1 && (at = next_step(os, &from, &to)) != 0 && at <= os->hw->s->cycles)
        step(os, from, to, 0);
}

/* The clock goes to the next step, whoever's it is. */
static void
step_in_time(struct os *os)
{
    unsigned from = 0, to = 0;
    uint64_t at = next_step(os, &from, &to), now = os->hw->s->cycles;

    pw_assert(at);
    step(os, from, to, at > now ? hw_spend(os->hw, at - now) : 0);
}

void
shootdown_drive(struct os *os, unsigned cpu)
{
    const struct shootdown *s = &os->shoot->of[cpu];

    while (s->waits)
        step_in_time(os);
}

void
shootdown_return(struct os *os, unsigned cpu)
{
    while (os->hw->geo.cpus > 1 && busy_until(os, cpu))
        step_in_time(os);
}

void
shootdown_flushed(struct os *os, unsigned cpu)
{
    bool tagged = hw_has_pcids(os->hw, cpu);

    for (unsigned i = 0; os->hw->geo.cpus > 1 && !tagged && i < os->hw->geo.cpus; i++) {
        const struct shootdown *s = &os->shoot->of[i];

        if ((s->waits >> cpu & 1) && s->how == SHOOT_DEFERRED)
            finish(os, i, cpu, 0);
    }
}

/* With tags a load of CR3 is no flush. */
void
shootdown_catch_up(struct os *os, unsigned cpu)
{
    if (os->hw->geo.cpus > 1 && (os->shoot->stale >> cpu & 1) && hw_has_pcids(os->hw, cpu))
        tag_drop_all(os, cpu, os->shoot->lazy[cpu]);
}

void
shootdown_unlazy(struct os *os, unsigned cpu)
{
    if (os->hw->geo.cpus == 1)
        return;
    os->shoot->lazy[cpu] = 0;
    os->shoot->stale &= ~(1u << cpu);
}

/* --- for whoever looks --- */

bool
shootdown_excuses(const struct os *os, unsigned cpu, asid_t asid, vaddr_t va)
{
    uint32_t mm = os->hw->geo.cpus > 1 ? tag_owner(os, cpu, asid) : 0;

    if (asid_is_past(os, cpu, asid))
        return true;
    if (mm == 0)
        return false;
    if (os->shoot->lazy[cpu] == mm && (os->shoot->stale >> cpu & 1))
        return true;
    for (unsigned i = 0; i < os->hw->geo.cpus; i++) {
        const struct shootdown *s = &os->shoot->of[i];

        if (s->mm == mm && (s->waits >> cpu & 1) && va >= s->start && va < s->end)
            return true;
    }
    return false;
}
