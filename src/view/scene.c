/* scene.c - from a history's position to what a picture is made of. One scan over the last events fills the log and replays the course of
 * the current operation: what it looked up, which entries it read, what it cost.
 */
#include "view/scene.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "hw/hashed.h"

static bool
position_before(struct position a, struct position b)
{
    return a.op != b.op ? a.op < b.op : a.event < b.event;
}

static enum scene_cost
cost_kind(const struct event *ev)
{
    switch (ev->code) {
    case EV_TLB_HIT:
    case EV_TLB_MISS:
    case EV_TLB_PART_HIT:
    case EV_TLB_FIRST_MISS:
    case EV_TLB_RECHECK:
        return COST_TLB;
    case EV_WALK_READ:
    case EV_ANCHOR_READ:
    case EV_PROBE_MISS:
    case EV_PROBE_HIT:
    case EV_ENTRY_MARK:
        return COST_TABLES;
    case EV_LINE_HIT:
    case EV_LINE_MISS:
    case EV_LINE_FILL:
    case EV_LINE_BACK:
        return ev->what == LINE_ENTRY ? COST_TABLES : COST_DATA;
    case EV_DATA_READ:
    case EV_DATA_WRITE:
        return COST_DATA;
    case EV_TRAP:
    case EV_RESTART:
    case EV_PAGE_FAULT:
    case EV_GENERAL_FAULT:
    case EV_STACK_FAULT:
        return COST_TRAP;
    case EV_FRAME_ZEROED:
        return COST_ZERO;
    case EV_FRAME_COPIED:
        return COST_COPY;
    case EV_IO_START:
    case EV_FRAME_LOADED:
    case EV_PAGE_OUT:
    case EV_SWAP_WRITE:
    case EV_PAGE_IN:
    case EV_SWAP_READ:
    case EV_BLOCKED:
    case EV_WOKEN:
    case EV_TICKED:
        return COST_DISK;
    default:
        return COST_OTHER;
    }
}

/* Whose time it was: a cache's, memory's (CACHES), or nobody's of these (beyond). */
static unsigned
level_of(const struct event *ev)
{
    switch (ev->code) {
    case EV_LINE_HIT:
    case EV_LINE_MISS:
        return ev->cache;
    case EV_LINE_BACK:
        return ev->peer;
    case EV_LINE_FILL:
    case EV_WALK_READ:
    case EV_DATA_READ:
    case EV_DATA_WRITE:
        return CACHES;
    default:
        return CACHES + 1;
    }
}

/* A new try of the access: nothing of it is known yet. */
static void
walk_begin(struct scene_walk *w, vaddr_t va)
{
    w->active = true;
    w->va = va;
    w->levels = w->known = 0;
    w->shift = 0;
    w->translated = w->hit = w->missed = w->faulted = w->held = false;
}

static void
walk_mark(struct scene_walk *w, const struct format *f, const struct event *ev)
{
    for (unsigned i = w->held; i < w->levels; i++)
        if (w->slot[i] == ev->pa)
            w->entry[i] = hashed_translation(f, ev->index, ev->new);
}

/* The course of an access, event by event. */
static void
walk_follow(struct scene_walk *w, const struct format *f, const struct event *ev)
{
    w->cycles += ev->cycles;
    w->cost[cost_kind(ev)] += ev->cycles;
    if (level_of(ev) <= CACHES)
        w->level[level_of(ev)] += ev->cycles;
    switch (ev->code) {
    case EV_ACCESS:
    case EV_RESTART:
        walk_begin(w, ev->va);
        break;
    case EV_TLB_HIT:
    case EV_TLB_MISS:
    case EV_TLB_PART_HIT:
        walk_begin(w, ev->va);
        w->hit = ev->code != EV_TLB_MISS;
        w->missed = ev->code == EV_TLB_MISS;
        break;
    case EV_WALK_START:
        w->levels = w->known = 0;
        w->held = false;
        break;
    case EV_WALK_CACHE_HIT:
        w->levels = w->known = ev->level + 1u;
        w->held = false;
        w->below = ev->frame;
        memset(w->slot, 0, sizeof w->slot);
        memset(w->entry, 0, sizeof w->entry);
        break;
    case EV_WALK_REGISTER:
        w->levels = 0;
        w->held = true;
        /* fall through */
    case EV_WALK_READ:
        if (w->levels < SCENE_LEVELS) {
            w->slot[w->levels] = ev->pa;
            w->entry[w->levels++] = hashed_translation(f, ev->index, ev->new);
        }
        break;
    case EV_ENTRY_MARK:
    case EV_ENTRY_WRITE:
        walk_mark(w, f, ev);
        break;
    case EV_TRANSLATED:
    case EV_SEGMENT_ADDED:
        w->translated = true;
        w->pa = ev->pa;
        break;
    case EV_PAGE_FAULT:
    case EV_GENERAL_FAULT:
    case EV_STACK_FAULT:
        walk_begin(w, ev->va);
        w->faulted = true;
        w->error = ev->error;
        w->general = ev->code != EV_PAGE_FAULT;
        w->stack = ev->code == EV_STACK_FAULT;
        break;
    default:
        break;
    }
}

struct gathering {
    struct scene *s;
    struct history *h;
    uint64_t op; /* whose record `record` is */
    const struct operation *record;
    uint64_t skipped; /* events that the log has no room for */
};

static bool
gather_event(void *ctx, struct position at, const struct event *ev)
{
    struct gathering *g = ctx;
    struct scene *s = g->s;

    if (position_before(s->at, at))
        return false;
    if (at.op == s->at.op) {
        unsigned levels = s->walk.levels, known = s->walk.known;

        walk_follow(&s->walk, &s->now->hw.geo.format, ev);
        if (s->walk.faulted) { /* what was read before the fault stays in sight */
            s->walk.levels = levels;
            s->walk.known = known;
        }
    }
    if (g->skipped) {
        g->skipped--;
        return true;
    }
    if (at.op != g->op) {
        g->op = at.op;
        g->record = history_operation(g->h, at.op);
    }
    if (s->logged < SCENE_LOG)
        s->log[s->logged++] = (struct scene_line){.at = at, .ev = *ev, .op = g->record};
    return true;
}

/* Scan from the start of the operation or of the log's window, whichever is earlier. */
static void
gather_log(struct scene *s, struct history *h)
{
    struct gathering g = {.s = s, .h = h};
    struct position from = {s->at.op, 1};
    uint64_t first = s->number > SCENE_LOG ? s->number - SCENE_LOG + 1 : 1;

    s->logged = 0;
    memset(&s->walk, 0, sizeof s->walk);
    if (first <= s->origin)
        first = s->origin + 1;
    if (s->number <= s->origin)
        return;
    if (first < s->number - s->at.event + 1)
        from = history_at_number(h, first);
    else
        g.skipped = first - (s->number - s->at.event + 1);
    history_scan(h, from, s->at, gather_event, &g);
}

/* The address argument of an operation that accesses memory. */
static bool
op_address(const struct operation *op, vaddr_t *va)
{
    if (!op || (op->code != OP_READ && op->code != OP_WRITE && op->code != OP_FETCH))
        return false;
    *va = op->arg[0];
    return true;
}

/* Which entries lie between the CPU and the page, and have not been read? */
static void
gather_unread(struct scene *s, struct history *h)
{
    const struct hw *hw = &s->now->hw;
    bool ended = s->at.event >= history_events(h, s->at.op);
    const struct operation *op = ended ? history_operation(h, s->at.op + 1) : s->op;
    unsigned cpu = op ? op->cpu : 0, read = ended ? 0 : s->walk.levels;
    struct translation t;
    vaddr_t va;

    s->unread = 0;
    if (!ended && s->walk.active)
        va = s->walk.va;
    else if (!op_address(op, &va))
        return;
    /* After a hit no table will be read, so nothing in them is a secret. */
    if ((!ended && (s->walk.hit || s->walk.translated || s->walk.faulted)) || !hw_pages(hw, cpu))
        return;
    memset(&t, 0, sizeof t);
    walker_peek_cpu(hw, cpu, format_extend(&hw->geo.format, va), &t);
    for (unsigned i = read; i <= t.level && i < hw->geo.format.levels; i++)
        s->unread_slot[s->unread++] = t.slot[i];
}

/* The page size that the translation found. */
static void
gather_shift(struct scene *s)
{
    const struct hw *hw = &s->now->hw;
    unsigned cpu = s->op ? s->op->cpu : 0, last = s->walk.levels - 1;

    if (s->walk.hit) {
        const struct tlb_entry *e = tlb_find(hw, cpu, s->walk.va);

        s->walk.shift = e ? e->shift : 0;
    } else if (s->walk.levels && walker_is_leaf(hw, cpu, last, s->walk.entry[last])) {
        s->walk.shift = hw->geo.format.level[last].shift;
    }
}

void
scene_gather(struct scene *s, struct history *h, struct position gate)
{
    vaddr_t va;

    s->now = history_machine(h);
    s->before = history_before(h);
    s->at = history_position(h);
    s->end = history_end(h);
    s->gate = gate;
    s->number = history_event_number(h, s->at);
    s->numbers = history_event_number(h, gate);
    s->op = s->number > s->origin ? history_operation(h, s->at.op) : NULL;
    s->events = s->op ? history_events(h, s->at.op) : 0;
    s->outcome = s->op && s->at.event >= s->events && !position_before(gate, s->at)
                     ? history_outcome(h, s->at.op)
                     : NULL;
    if (gate.op == s->at.op && gate.event < s->events)
        s->events = gate.event;
    s->on_branch = history_on_branch(h);
    memset(&s->event, 0, sizeof s->event);
    s->has_event = s->number > s->origin && s->at.event && history_event(h, &s->event);
    if (s->set.cpu >= s->now->hw.geo.cpus)
        s->set.cpu = 0;
    gather_log(s, h);
    if (!s->walk.active && op_address(s->op, &va)) {
        walk_begin(&s->walk, format_extend(&s->now->hw.geo.format, va));
    }
    gather_shift(s);
    gather_unread(s, h);
}

/* --- marks -------------------------------------------------------------------------------------- */

struct marking {
    struct history *h;
    struct scene_mark *mark;
    unsigned count, room;
    const struct position *step;
    unsigned steps, next_step;
};

static void
mark_add(struct marking *m, uint64_t number, enum event_class class)
{
    if (m->count == m->room) {
        m->room = m->room ? m->room * 2 : 64;
        m->mark = memory_resize(m->mark, m->room, sizeof *m->mark);
    }
    m->mark[m->count++] = (struct scene_mark){.number = number, .class = class};
}

static bool
mark_event(void *ctx, struct position at, const struct event *ev)
{
    struct marking *m = ctx;

    while (m->next_step < m->steps && position_before(m->step[m->next_step], at))
        mark_add(m, history_event_number(m->h, m->step[m->next_step++]) + 1, CLASS_PLAIN);
    if (ev->code == EV_PAGE_FAULT || ev->code == EV_GENERAL_FAULT || ev->code == EV_STACK_FAULT ||
        ev->code == EV_CONTROL_FAULT || ev->code == EV_NO_MEMORY || ev->code == EV_SWAP_FULL ||
        ev->code == EV_SIGNAL)
        mark_add(m, history_event_number(m->h, at), CLASS_FAULT);
    else if (ev->code == EV_TLB_MISS)
        mark_add(m, history_event_number(m->h, at), CLASS_MISS);
    else if (ev->code == EV_TLB_EVICT || ev->code == EV_VICTIM_CHOSEN || ev->code == EV_EXITED)
        mark_add(m, history_event_number(m->h, at), CLASS_WRITE);
    return true;
}

struct scene_mark *
scene_marks(struct history *h, struct position gate, const struct position *step, unsigned steps,
            unsigned *count)
{
    struct marking m = {.h = h, .step = step, .steps = steps};

    history_scan(h, (struct position){1, 1}, gate, mark_event, &m);
    *count = m.count;
    return m.mark;
}
