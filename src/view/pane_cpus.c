/* pane_cpus.c - one lane a CPU: who runs there, what its TLB knows of the page at stake, what it waits for, and the last events between
 * CPUs from left to right, one column each. */
#include "view/panes.h"

#include "base/json.h"
#include "base/lang.h"
#include "base/text.h"
#include "hw/ipi.h"

/* Columns; below LANE_WIDE a lane takes two rows, if there is room for that. */
enum { LANE_WIDE = 68, LANE_HEAD = 13, LANE_HOLDS = 11, LANE_STATE = 22, LANE_STRIP = 120, LANE_OTHER_ROWS = 3 };

/* --- the page at stake --------------------------------------------------------------------------------------------------------- */

static bool
lane_names_page(enum event_code code)
{
    return code == EV_ACCESS || code == EV_TLB_DROP || code == EV_TLB_FILL || code == EV_IPI_SENT;
}

/* The page that was last accessed, or that CPUs were last told about. */
static bool
lane_page(const struct scene *s, vaddr_t *va)
{
    for (unsigned i = s->logged; i-- > 0;)
        if (lane_names_page((enum event_code)s->log[i].ev.code)) {
            *va = s->log[i].ev.va & ~(format_page(scene_format(s)) - 1);
            return true;
        }
    return false;
}

/* This CPU's entry for it; `stale`: the tables of who runs there say something else. */
static const struct tlb_entry *
lane_entry(const struct scene *s, unsigned cpu, vaddr_t va, bool *stale)
{
    const struct tlb_entry *e = tlb_find(&s->now->hw, cpu, va);
    struct translation t;

    if (e)
        *stale = !walker_peek(&s->now->hw, walker_root(&s->now->hw, s->now->hw.s->cpu[cpu].cr3), va,
                              &t) ||
                 t.pfn != e->pfn;
    return e;
}

static void
lane_holds(struct pen *p, const struct scene *s, unsigned cpu)
{
    const struct tlb_entry *e;
    bool stale = false;
    vaddr_t va;

    if (!lane_page(s, &va))
        return;
    e = lane_entry(s, cpu, va, &stale);
    if (!e) {
        pen_glyph(p, GLYPH_DOT, ROLE_DIM, 0);
        return;
    }
    pen_label(p, e->pfn, stale ? CELL_BOLD : 0);
    if (stale) {
        pen_put(p, " ", ROLE_TEXT, 0);
        pen_put(p, tr("stale"), ROLE_STALE, 0);
    }
}

/* --- what a CPU is doing -------------------------------------------------------------------------------------------------------- */

static const struct shoot_state *
lane_state(const struct scene *s)
{
    return s->now->preset.kernel && s->now->hw.geo.cpus > 1 ? s->now->os.shoot : NULL;
}

static uint64_t
lane_cycles_to(const struct scene *s, uint64_t when)
{
    return when > s->now->hw.s->cycles ? when - s->now->hw.s->cycles : 0;
}

static void
lane_waits(struct pen *p, uint32_t waits)
{
    pen_put(p, tr("waits for"), ROLE_WARNING, CELL_BOLD);
    for (unsigned to = 0; to < CPU_MAX; to++)
        if (waits >> to & 1)
            pen_putf(p, ROLE_NUMBER, CELL_BOLD, " %u", to);
}

/* What another CPU wants of this one. */
static void
lane_asked(struct pen *p, const struct scene *s, const struct shootdown *by, unsigned from,
           unsigned cpu)
{
    uint64_t done = by->done[cpu];
    unsigned long long left = lane_cycles_to(s, done ? done : ipi_due(&s->now->hw, cpu, from));

    if (!done)
        pen_putf(p, ROLE_ACCENT, 0, tr("asked by %u, in %llu"), from, left);
    else if (by->how == SHOOT_DEFERRED)
        pen_putf(p, ROLE_DIM, 0, tr("looks for %u in %llu"), from, left);
    else
        pen_putf(p, ROLE_TLB_MISS, 0, tr("handles %u, %llu left"), from, left);
}

static void
lane_does(struct pen *p, const struct scene *s, unsigned cpu)
{
    const struct shoot_state *all = lane_state(s);

    for (unsigned from = 0; all && from < s->now->hw.geo.cpus; from++)
        if (all->of[from].waits >> cpu & 1) {
            lane_asked(p, s, &all->of[from], from, cpu);
            return;
        }
    if (all && all->of[cpu].waits && all->of[cpu].how == SHOOT_HELD)
        lane_waits(p, all->of[cpu].waits);
    else if (all && all->lazy[cpu])
        pen_put(p, all->stale >> cpu & 1 ? tr("idle, must flush") : tr("idle, keeps its tables"),
                ROLE_DIM, 0);
    else
        pen_put(p, s->now->hw.s->cpu[cpu].task ? tr("runs") : tr("idle"), ROLE_DIM, 0);
}

/* --- the strip: events between CPUs, one column each ----------------------------------------------------------------------------- */

static bool
lane_shows(enum event_code code)
{
    switch (code) {
    case EV_ACCESS:
    case EV_TLB_DROP:
    case EV_TLB_FLUSH:
    case EV_IPI_SENT:
    case EV_IPI_SKIPPED:
    case EV_IPI_DEFERRED:
    case EV_IPI_TAKEN:
    case EV_IPI_ACK:
    case EV_SHOOTDOWN_DONE:
    case EV_FRAME_FREE:
        return true;
    default:
        return false;
    }
}

/* What a lane is in between two events. */
struct lane {
    unsigned asked, handles; /* bit i: by CPU i */
    unsigned missing;        /* acknowledgements it waits for */
};

static void
lane_step(struct lane lane[CPU_MAX], const struct event *ev)
{
    unsigned other = ev->index % CPU_MAX, cpu = ev->cpu % CPU_MAX;

    if (ev->code == EV_IPI_SENT) {
        lane[other].asked |= 1u << cpu;
        lane[cpu].missing++;
    } else if (ev->code == EV_IPI_TAKEN) {
        lane[cpu].asked &= ~(1u << other);
        lane[cpu].handles |= 1u << other;
    } else if (ev->code == EV_IPI_ACK) {
        lane[cpu].handles &= ~(1u << other);
        lane[other].missing -= lane[other].missing > 0;
    } else if (ev->code == EV_SHOOTDOWN_DONE) {
        lane[cpu].missing = 0;
    }
}

static void
lane_own_sign(struct pen *p, const struct event *ev)
{
    switch (ev->code) {
    case EV_ACCESS:
        pen_glyph(p, GLYPH_CURSOR, ROLE_TEXT, 0);
        break;
    case EV_TLB_DROP:
    case EV_TLB_FLUSH:
        pen_glyph(p, GLYPH_CROSS, ROLE_STALE, 0);
        break;
    case EV_IPI_SENT:
        pen_glyph(p, GLYPH_ARROW_RIGHT, ROLE_ACCENT, CELL_BOLD);
        break;
    case EV_IPI_TAKEN:
        pen_glyph(p, GLYPH_POINT_DOWN, ROLE_TLB_MISS, CELL_BOLD);
        break;
    case EV_IPI_ACK:
        pen_glyph(p, GLYPH_CHECK, ROLE_CORRECT, CELL_BOLD);
        break;
    case EV_FRAME_FREE:
        pen_glyph(p, GLYPH_POINT_UP, ROLE_FREE, 0);
        break;
    default:
        pen_glyph(p, GLYPH_BULLET, ROLE_DIM, 0);
        break;
    }
}

static void
lane_between(struct pen *p, const struct lane *lane)
{
    if (lane->handles)
        pen_glyph(p, GLYPH_SHADE, ROLE_TLB_MISS, 0);
    else if (lane->asked)
        pen_glyph(p, GLYPH_DOT, ROLE_ACCENT, 0);
    else if (lane->missing)
        pen_glyph(p, GLYPH_LIGHT, ROLE_WARNING, 0);
    else
        pen_glyph(p, GLYPH_TRACK, ROLE_BORDER, 0);
}

/* The last `columns` events that show, as far back as the log goes. */
static void
lane_strip(struct pen *p, const struct scene *s, unsigned cpu, int columns)
{
    struct lane lane[CPU_MAX] = {{0}};
    int shown = 0, skip;

    for (unsigned i = 0; i < s->logged; i++)
        shown += lane_shows((enum event_code)s->log[i].ev.code);
    skip = shown > columns ? shown - columns : 0;
    for (unsigned i = 0; i < s->logged; i++) {
        const struct event *ev = &s->log[i].ev;

        if (!lane_shows((enum event_code)ev->code))
            continue;
        lane_step(lane, ev);
        if (skip-- > 0)
            continue;
        pen_target(p, TARGET_TIME, s->number - (s->logged - 1 - i), 0);
        if (ev->cpu == cpu)
            lane_own_sign(p, ev);
        else
            lane_between(p, &lane[cpu]);
        pen_target(p, TARGET_NONE, 0, 0);
    }
}

/* --- the pane -------------------------------------------------------------------------------------------------------------------- */

static void
lane_head(struct pen *p, const struct scene *s, unsigned cpu)
{
    uint32_t task = s->now->hw.s->cpu[cpu].task;
    bool here = s->has_event && s->event.cpu == cpu;

    pen_putf(p, here ? ROLE_ACCENT : ROLE_TITLE, CELL_BOLD, "cpu %u", cpu);
    pen_to(p, 7);
    if (task)
        pen_putf(p, ROLE_TEXT, 0, "%s %u", tr("pid"), task);
    else
        pen_glyph(p, GLYPH_DOT, ROLE_DIM, 0);
}

static bool
lane_in_one_row(const struct pen *p, const struct scene *s)
{
    return p->r.w >= LANE_WIDE || p->r.h < 2 * s->now->hw.geo.cpus + LANE_OTHER_ROWS;
}

static void
lane_row(struct pen *p, const struct scene *s, unsigned cpu)
{
    int columns;

    lane_head(p, s, cpu);
    pen_to(p, LANE_HEAD + 1);
    lane_holds(p, s, cpu);
    pen_to(p, LANE_HEAD + LANE_HOLDS + 1);
    lane_does(p, s, cpu);
    if (lane_in_one_row(p, s)) {
        pen_to(p, LANE_HEAD + LANE_HOLDS + LANE_STATE + 1);
    } else {
        pen_line(p);
        pen_to(p, 2);
    }
    columns = pen_left(p) - 1;
    lane_strip(p, s, cpu, columns < LANE_STRIP ? columns : LANE_STRIP);
    pen_line(p);
}

static void
lane_title(struct pen *p, const struct scene *s)
{
    char text[NUMBER_TEXT];
    vaddr_t va;

    if (!lane_page(s, &va))
        return;
    pen_put(p, tr("what each TLB holds for"), ROLE_DIM, 0);
    pen_putf(p, ROLE_ADDRESS, 0, " %s", value_text(s, va, va_digits(scene_format(s)), text));
    pen_line(p);
}

static void
lane_counts(struct pen *p, const struct scene *s)
{
    const struct shoot_state *all = lane_state(s);
    unsigned frames = 0;

    if (!all) {
        pen_wrap(p, 0, tr("One CPU: no other TLB has to be told."), ROLE_DIM, 0);
        return;
    }
    for (unsigned cpu = 0; cpu < s->now->hw.geo.cpus; cpu++)
        for (uint32_t n = all->of[cpu].held; n; n = s->now->os.held[n].next) {
            if (frames++ == 0)
                pen_put(p, tr("frames held"), ROLE_TITLE, 0);
            pen_put(p, " ", ROLE_TEXT, 0);
            pen_label(p, s->now->os.held[n].pfn, 0);
        }
    if (frames)
        pen_line(p);
    pen_putf(p, ROLE_TEXT, 0, "%s %llu", tr("interrupts"), (unsigned long long)all->interrupts);
    pen_putf(p, ROLE_TEXT, 0, "  %s %llu", tr("acknowledged"),
             (unsigned long long)all->acknowledged);
    pen_putf(p, ROLE_TEXT, 0, "  %s %llu", tr("cycles waited"), (unsigned long long)all->waited);
    pen_line(p);
}

static void
lane_legend(struct pen *p)
{
    static const struct {
        enum glyph glyph;
        enum role role;
        const char *text;
    } sign[] = {
        {GLYPH_CURSOR, ROLE_TEXT, "access"},
        {GLYPH_ARROW_RIGHT, ROLE_ACCENT, "sends"},
        {GLYPH_DOT, ROLE_ACCENT, "on its way"},
        {GLYPH_POINT_DOWN, ROLE_TLB_MISS, "takes it"},
        {GLYPH_SHADE, ROLE_TLB_MISS, "in the handler"},
        {GLYPH_CROSS, ROLE_STALE, "forgets"},
        {GLYPH_CHECK, ROLE_CORRECT, "acknowledges"},
        {GLYPH_LIGHT, ROLE_WARNING, "waits"},
        {GLYPH_BULLET, ROLE_DIM, "goes on"},
        {GLYPH_POINT_UP, ROLE_FREE, "frees a frame"},
    };

    for (size_t i = 0; i < sizeof sign / sizeof *sign; i++) {
        const char *text = tr(sign[i].text);

        if (pen_left(p) < (int)text_width(text) + 3)
            pen_line(p);
        pen_glyph(p, sign[i].glyph, sign[i].role, 0);
        pen_put(p, " ", ROLE_TEXT, 0);
        pen_put(p, text, ROLE_DIM, 0);
        pen_put(p, "  ", ROLE_TEXT, 0);
    }
}

void
pane_cpus(const struct scene *s, struct canvas *c, struct rect r)
{
    struct pen p;

    pen_open(&p, c, r);
    p.y = s->set.scroll[PANE_CPUS] > 0 ? -s->set.scroll[PANE_CPUS] : 0;
    lane_title(&p, s);
    for (unsigned cpu = 0; cpu < s->now->hw.geo.cpus; cpu++)
        lane_row(&p, s, cpu);
    lane_counts(&p, s);
    lane_legend(&p);
    pen_close(&p);
}

/* --- JSON ------------------------------------------------------------------------------------------------------------------------ */

static void
lane_uint(struct buffer *out, const char *key, uint64_t value)
{
    json_key(out, key);
    json_put_uint(out, value);
}

static void
lane_json_asked(const struct scene *s, unsigned cpu, struct buffer *out)
{
    const struct shoot_state *all = lane_state(s);

    json_key(out, "asked_by");
    json_open(out, '[');
    for (unsigned from = 0; all && from < s->now->hw.geo.cpus; from++) {
        const struct shootdown *by = &all->of[from];
        uint64_t done = by->done[cpu];

        if (!(by->waits >> cpu & 1))
            continue;
        json_open(out, '{');
        lane_uint(out, "cpu", from);
        json_key(out, "stage");
        json_put_string(out, !done                       ? "on its way"
                             : by->how == SHOOT_DEFERRED ? "deferred"
                                                         : "handler");
        lane_uint(out, "cycles_left",
                  lane_cycles_to(s, done ? done : ipi_due(&s->now->hw, cpu, from)));
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void
lane_json(const struct scene *s, unsigned cpu, struct buffer *out)
{
    const struct shoot_state *all = lane_state(s);
    const struct tlb_entry *e = NULL;
    bool stale = false;
    vaddr_t va;

    if (lane_page(s, &va))
        e = lane_entry(s, cpu, va, &stale);
    json_open(out, '{');
    lane_uint(out, "cpu", cpu);
    lane_uint(out, "pid", s->now->hw.s->cpu[cpu].task);
    if (e) {
        lane_uint(out, "frame", e->pfn);
        json_key(out, "stale");
        json_put_bool(out, stale);
    }
    lane_uint(out, "lazy", all ? all->lazy[cpu] : 0);
    json_key(out, "waits_for");
    json_open(out, '[');
    for (unsigned to = 0; all && to < CPU_MAX; to++)
        if (all->of[cpu].waits >> to & 1)
            json_put_uint(out, to);
    json_close(out, ']');
    lane_json_asked(s, cpu, out);
    json_key(out, "holds_frames");
    json_open(out, '[');
    for (uint32_t n = all ? all->of[cpu].held : 0; n; n = s->now->os.held[n].next)
        json_put_uint(out, s->now->os.held[n].pfn);
    json_close(out, ']');
    json_close(out, '}');
}

void
pane_cpus_json(const struct scene *s, struct buffer *out)
{
    const struct shoot_state *all = lane_state(s);
    vaddr_t va;

    if (lane_page(s, &va)) {
        json_key(out, "page");
        json_put_hex(out, va);
    }
    json_key(out, "cpus");
    json_open(out, '[');
    for (unsigned cpu = 0; cpu < s->now->hw.geo.cpus; cpu++)
        lane_json(s, cpu, out);
    json_close(out, ']');
    lane_uint(out, "interrupts", all ? all->interrupts : 0);
    lane_uint(out, "acknowledged", all ? all->acknowledged : 0);
    lane_uint(out, "skipped", all ? all->skipped : 0);
    lane_uint(out, "rounds", all ? all->rounds : 0);
    lane_uint(out, "waited", all ? all->waited : 0);
}
