/* The side that tells: collecting pages, sending interrupts, waiting, freeing.
 *
 * The order is what matters. Entry first, so that no TLB can fill from it again; then the others'
 * TLBs; then the frame. A frame that is freed while a TLB still leads to it is somebody else's
 * memory to a program that does nothing wrong. */
#include "os/shootdown.h"

#include "base/assert.h"
#include "hw/ipi.h"
#include "os/os.h"
#include "os/shootdown_internal.h"
#include "os/tag.h"

_Static_assert(sizeof(struct shootdown) == (3 + CPU_MAX) * 8 + 8 * 4, "no padding");
_Static_assert(sizeof(struct shoot_state) ==
                   CPU_MAX * (sizeof(struct shootdown) + 4) + 7 * 8 + 4 * 4,
               "no padding");

const char *const shootdown_name[SHOOTDOWNS] = {
#define SHOOTDOWN(code, name, text) name,
#include "os/shootdowns.def"
#undef SHOOTDOWN
};

static bool
alone(const struct os *os)
{
    return os->hw->geo.cpus == 1;
}

/* --- frames that wait --- */

static struct held *
held_edit(struct os *os, uint32_t node)
{
    struct held *h = &os->held[node];

    arena_touch(os->hw->arena, h, sizeof *h);
    return h;
}

/* 0: no node is left. */
static uint32_t
held_new(struct os *os)
{
    struct shoot_state *s = os->shoot;
    uint32_t node = s->held_free;

    if (node)
        s->held_free = os->held[node].next;
    else if (s->held_ever < os->rmap_max)
        node = ++s->held_ever;
    return node;
}

static void
release(struct os *os, unsigned cpu, struct shootdown *s)
{
    while (s->held) {
        uint32_t node = s->held;
        struct held h = os->held[node];

        s->held = h.next;
        *held_edit(os, node) = (struct held){.next = os->shoot->held_free};
        os->shoot->held_free = node;
        frame_put(os, cpu, h.pfn);
    }
}

/* --- whom to tell --- */

/* The CPUs other than `cpu` whose TLB may hold a translation of mm that a program can use: those that
 * run it, and with tags those that still hold entries of it. (Linux lets the latter find out when
 * they come back to it.) */
static uint32_t
runners(const struct os *os, unsigned cpu, uint32_t mm)
{
    bool all = hw_quirk(os->hw, QUIRK_IPI_TO_ALL);
    uint32_t mask = 0;

    for (unsigned i = 0; i < os->hw->geo.cpus; i++) {
        const struct task *task = os_current(os, i);

        if (i != cpu && (all || (task && task->mm == mm) ||
                         (os->shoot->lazy[i] != mm && tag_knows(os, i, mm))))
            mask |= 1u << i;
    }
    return mask;
}

static bool
anybody(const struct os *os, unsigned cpu, uint32_t mm)
{
    if (alone(os) || hw_quirk(os->hw, QUIRK_NO_SHOOTDOWN) || hw_quirk(os->hw, QUIRK_INVLPG_ALL))
        return false;
    for (unsigned i = 0; i < os->hw->geo.cpus; i++)
        if (os->shoot->lazy[i] == mm)
            return true;
    return runners(os, cpu, mm) != 0;
}

/* A CPU that runs nobody uses no user address: it need not be disturbed, only remember to flush before
 * it does (Linux: should_flush_tlb, and tlb_gen in switch_mm_irqs_off). */
static void
skip_lazy(struct os *os, unsigned cpu, const struct shootdown *s)
{
    for (unsigned i = 0; i < os->hw->geo.cpus; i++) {
        if (os->shoot->lazy[i] != s->mm)
            continue;
        os->shoot->stale |= 1u << i;
        os->shoot->skipped++;
        EMIT(os->hw, cpu, IPI_SKIPPED, .index = i);
    }
}

/* --- telling --- */

static bool
defers(const struct os *os, const struct shootdown *s)
{
    return hw_tunable(os->hw, TUNE_SHOOTDOWN) == SHOOTDOWN_DEFERRED && !s->keeps;
}

static void
tell(struct os *os, unsigned cpu, struct shootdown *s, unsigned to)
{
    uint64_t timer = hw_tunable(os->hw, TUNE_TIMER_CYCLES);

    if (s->done[to]) /* it is about to look already */
        return;
    if (s->how == SHOOT_DEFERRED) {
        s->done[to] = (os->hw->s->cycles / timer + 1) * timer;
        EMIT(os->hw, cpu, IPI_DEFERRED, .index = to, .count = s->done[to] - os->hw->s->cycles);
        return;
    }
    os->shoot->interrupts++;
    ipi_send(os->hw, cpu, to, s->start, s->pages);
}

/* Above the threshold forgetting everything is cheaper than page by page (Linux:
 * tlb_single_page_flush_ceiling). */
static bool
is_full(const struct os *os, const struct shootdown *s)
{
    uint64_t pages = (s->end - s->start) >> os->hw->geo.format.page_shift;

    return s->full || pages > hw_tunable(os->hw, TUNE_FLUSH_ABOVE);
}

static void
begin_waiting(struct os *os, struct shootdown *s)
{
    s->stage = SHOOT_WAIT;
    s->how = hw_quirk(os->hw, QUIRK_NO_ACK_WAIT) ? SHOOT_FREED
             : defers(os, s)                     ? SHOOT_DEFERRED
                                                 : SHOOT_HELD;
    s->since = os->hw->s->cycles;
    s->full = is_full(os, s);
    os->shoot->rounds++;
    os->shoot->full += s->full;
    os->shoot->pages += s->pages;
}

static void
close_record(struct os *os, unsigned cpu)
{
    release(os, cpu, &os->shoot->of[cpu]);
    os->shoot->of[cpu] = (struct shootdown){0};
}

static void
tell_all(struct os *os, unsigned cpu, struct shootdown *s)
{
    uint32_t targets = runners(os, cpu, s->mm);

    if (s->start != s->end) {
        skip_lazy(os, cpu, s);
        if (targets)
            begin_waiting(os, s);
        for (unsigned to = 0; to < os->hw->geo.cpus; to++)
            if (targets >> to & 1)
                tell(os, cpu, s, to);
        s->waits |= targets;
    }
    s->stage = SHOOT_WAIT;
    if (s->waits == 0)
        close_record(os, cpu);
    else if (s->how == SHOOT_FREED)
        release(os, cpu, s);
}

void
shootdown_complete(struct os *os, unsigned cpu)
{
    const struct shootdown *s = &os->shoot->of[cpu];
    uint64_t waited = os->hw->s->cycles - s->since;

    if (s->how == SHOOT_HELD) {
        os->shoot->waited += waited;
        EMIT(os->hw, cpu, SHOOTDOWN_DONE, .va = s->start, .count = waited);
    }
    close_record(os, cpu);
}

/* --- a call --- */

static void
open_record(struct os *os, unsigned cpu, uint32_t mm, bool keeps)
{
    struct shootdown *s = &os->shoot->of[cpu];

    if (s->stage == SHOOT_WAIT && (s->how == SHOOT_HELD || s->mm != mm || keeps))
        shootdown_drive(os, cpu);
    s->mm = mm;
    s->stage = SHOOT_COLLECT;
    s->keeps = keeps;
}

void
shootdown_begin(struct os *os, unsigned cpu, uint32_t mm, bool keeps)
{
    if (alone(os))
        return;
    shootdown_lock(os, mm);
    open_record(os, cpu, mm, keeps);
}

static void
add(struct os *os, struct shootdown *s, vaddr_t va)
{
    vaddr_t page = va & ~(format_page(&os->hw->geo.format) - 1);
    vaddr_t next = page + format_page(&os->hw->geo.format);

    s->pages++;
    if (s->start == s->end) {
        s->start = page;
        s->end = next;
        return;
    }
    s->start = page < s->start ? page : s->start;
    s->end = next > s->end ? next : s->end;
}

/* QUIRK_INVLPG_ALL is the belief that the hardware tells the others; on ARM it does (TLBI ...IS). */
static void
drop_here(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va)
{
    bool everywhere = hw_quirk(os->hw, QUIRK_INVLPG_ALL);

    for (unsigned i = 0; i < os->hw->geo.cpus; i++)
        if (i == cpu || everywhere)
            tag_drop(os, i, mm, va);
}

/* Tell, wait, and go on collecting. */
static void
flush_record(struct os *os, unsigned cpu)
{
    struct shootdown was = os->shoot->of[cpu];

    tell_all(os, cpu, &os->shoot->of[cpu]);
    shootdown_drive(os, cpu);
    open_record(os, cpu, was.mm, was.keeps);
}

/* In the middle of a call what it has collected so far goes first: a CPU has one record. */
static void
tell_now(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va)
{
    struct shootdown *s = &os->shoot->of[cpu], was = *s;

    if (was.stage == SHOOT_COLLECT)
        flush_record(os, cpu);
    open_record(os, cpu, mm, true);
    add(os, s, va);
    tell_all(os, cpu, s);
    shootdown_drive(os, cpu);
    if (was.stage == SHOOT_COLLECT)
        open_record(os, cpu, was.mm, was.keeps);
}

void
shootdown_now(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va)
{
    drop_here(os, cpu, mm, va);
    if (anybody(os, cpu, mm))
        tell_now(os, cpu, mm, va);
}

/* With an interrupt a page, the round of the one before ends first. */
void
shootdown_page(struct os *os, unsigned cpu, uint32_t mm, vaddr_t va)
{
    const struct shootdown *s = &os->shoot->of[cpu];

    drop_here(os, cpu, mm, va);
    if (!anybody(os, cpu, mm))
        return;
    if (s->stage != SHOOT_COLLECT || s->mm != mm) {
        tell_now(os, cpu, mm, va);
        return;
    }
    if (s->start != s->end && hw_tunable(os->hw, TUNE_SHOOTDOWN) == SHOOTDOWN_EACH)
        flush_record(os, cpu);
    add(os, &os->shoot->of[cpu], va);
}

/* The frame of the page that was named last. Out of nodes, it cannot wait for the end of the call. */
void
shootdown_put(struct os *os, unsigned cpu, uint32_t mm, pfn_t pfn)
{
    struct shootdown *s = &os->shoot->of[cpu];
    uint32_t node = 0;

    if (alone(os) || s->stage != SHOOT_COLLECT || s->mm != mm || s->start == s->end) {
        frame_put(os, cpu, pfn);
        return;
    }
    if ((node = held_new(os)) == 0) {
        flush_record(os, cpu);
        frame_put(os, cpu, pfn);
        return;
    }
    *held_edit(os, node) = (struct held){.pfn = (uint32_t)pfn, .next = s->held};
    s->held = node;
}

void
shootdown_end(struct os *os, unsigned cpu)
{
    if (alone(os))
        return;
    tell_all(os, cpu, &os->shoot->of[cpu]);
}

/* --- waiting --- */

bool
shootdown_waits(const struct os *os, unsigned cpu)
{
    const struct shootdown *s = &os->shoot->of[cpu];

    return !alone(os) && s->stage == SHOOT_WAIT && s->how == SHOOT_HELD;
}

void
shootdown_wait(struct os *os, unsigned cpu)
{
    if (shootdown_waits(os, cpu))
        shootdown_drive(os, cpu);
}

void
shootdown_lock(struct os *os, uint32_t mm)
{
    for (unsigned i = 0; !alone(os) && i < os->hw->geo.cpus; i++)
        if (os->shoot->of[i].mm == mm)
            shootdown_wait(os, i);
}

static bool
overlaps(const struct shootdown *s, vaddr_t start, vaddr_t end)
{
    return (start == 0 && end == 0) || s->full || (start < s->end && s->start < end);
}

void
shootdown_settle(struct os *os, uint32_t mm, vaddr_t start, vaddr_t end)
{
    for (unsigned i = 0; !alone(os) && i < os->hw->geo.cpus; i++) {
        const struct shootdown *s = &os->shoot->of[i];

        if (s->stage == SHOOT_WAIT && s->mm == mm && overlaps(s, start, end))
            shootdown_drive(os, i);
    }
}

void
shootdown_reclaim(struct os *os)
{
    for (unsigned i = 0; !alone(os) && i < os->hw->geo.cpus; i++)
        if (os->shoot->of[i].stage == SHOOT_WAIT && os->shoot->of[i].held)
            shootdown_drive(os, i);
}
