/* pane_segments.c - the segment table of this CPU as it stands in memory: one descriptor a row, and what the current access made of it.
 *
 *   table at 0x100, 6 segments
 *     seg  at     base  limit  rights
 *   >   2  0x110  4300    400  r-x
 *   2:53 -> 4300 + 53 = 4353
 */
#include "view/panes.h"

#include "base/json.h"
#include "base/lang.h"
#include "hw/segment.h"
#include "machine/narrate.h"

enum { AT_NUMBER = 2, AT_PLACE = 6, AT_BASE = 14, AT_LIMIT = 24, AT_RIGHTS = 32 };

static const struct segment_unit *
unit_of(const struct scene *s)
{
    return segment_exists(&s->now->hw) ? &s->now->hw.segment[scene_cpu(s)] : NULL;
}

static struct descriptor
descriptor_at(const struct scene *s, uint32_t number)
{
    return descriptor_of(phys_read(&s->now->hw.phys, unit_of(s)->table + (paddr_t)number * DESCRIPTOR_BYTES, DESCRIPTOR_BYTES));
}

/* The number that the event is about, or -1. */
static int64_t
number_wanted(const struct scene *s)
{
    if (pane_selected(s, PANE_SEGMENTS))
        return (int64_t)s->set.select_a;
    if (s->has_event && s->event.code >= EV_SEGMENT_READ && s->event.code <= EV_SEGMENT_ABSENT)
        return s->event.index;
    return -1;
}

static void
rights_put(struct pen *p, const struct descriptor *d, unsigned flags)
{
    char prot[4];

    if (!(d->rights & SEGMENT_P)) {
        pen_put(p, tr("absent"), ROLE_DIM, flags);
        return;
    }
    narrate_prot(segment_prot(d->rights), prot);
    pen_put(p, prot, ROLE_TEXT, flags);
    if (d->rights & SEGMENT_DOWN)
        pen_putf(p, ROLE_WARNING, flags, " %s", tr("grows down"));
}

static void
row_put(struct pen *p, const struct scene *s, uint32_t number)
{
    paddr_t pa = unit_of(s)->table + (paddr_t)number * DESCRIPTOR_BYTES;
    struct descriptor d = descriptor_at(s, number);
    unsigned flags = link_bytes(s, pa, DESCRIPTOR_BYTES);
    char text[NUMBER_TEXT];

    if (pane_selected(s, PANE_SEGMENTS) && s->set.select_a == number)
        flags |= CELL_FOCUS;
    pen_target(p, TARGET_ITEM, number, 0);
    if (number_wanted(s) == (int64_t)number)
        pen_glyph(p, GLYPH_POINT_RIGHT, ROLE_ACCENT, 0);
    pen_to(p, AT_NUMBER);
    pen_putf(p, ROLE_NUMBER, CELL_BOLD | flags, "%u", number);
    pen_to(p, AT_PLACE);
    pen_put(p, value_text(s, pa, 0, text), ROLE_ADDRESS, flags);
    pen_to(p, AT_BASE);
    pen_putf(p, ROLE_NUMBER, flags, "%llu", (unsigned long long)d.base);
    pen_to(p, AT_LIMIT);
    pen_putf(p, ROLE_NUMBER, flags, "%llu", (unsigned long long)d.limit);
    pen_to(p, AT_RIGHTS);
    rights_put(p, &d, flags);
    pen_target(p, TARGET_NONE, 0, 0);
    pen_line(p);
}

/* What became of the address: shown once its event has been seen. */
static void
sum_put(struct pen *p, const struct scene *s)
{
    const struct event *e = &s->event;

    if (!s->has_event)
        return;
    if (e->code == EV_SEGMENT_ADDED)
        pen_putf(p, ROLE_ACCENT, 0, "%u:%llu  %s %llu, %s %llu", e->index, (unsigned long long)e->offset, tr("base"),
                 (unsigned long long)e->start, tr("physical"), (unsigned long long)e->pa);
    else if (e->code == EV_SEGMENT_LIMIT)
        pen_putf(p, ROLE_FAULT, 0, "%u:%llu  %s %llu", e->index, (unsigned long long)e->offset, tr("beyond the limit"),
                 (unsigned long long)e->old);
    else if (e->code == EV_SEGMENT_DENIES || e->code == EV_SEGMENT_ABSENT)
        pen_putf(p, ROLE_FAULT, 0, "%u  %s", e->index, tr(e->code == EV_SEGMENT_DENIES ? "not allowed" : "no such segment"));
    pen_line(p);
}

static void
head_put(struct pen *p, const struct scene *s)
{
    char text[NUMBER_TEXT];

    pen_putf(p, ROLE_DIM, 0, "%s ", tr("table at"));
    pen_put(p, value_text(s, unit_of(s)->table, 0, text), ROLE_ADDRESS, link_state(s, &unit_of(s)->table, sizeof unit_of(s)->table));
    pen_putf(p, ROLE_DIM, 0, "  %s ", tr("segments"));
    pen_putf(p, ROLE_NUMBER, 0, "%u", unit_of(s)->count);
    pen_line(p);
    pen_to(p, AT_NUMBER);
    pen_put(p, "#", ROLE_DIM, 0);
    pen_to(p, AT_PLACE);
    pen_put(p, tr("at"), ROLE_DIM, 0);
    pen_to(p, AT_BASE);
    pen_put(p, tr("base"), ROLE_DIM, 0);
    pen_to(p, AT_LIMIT);
    pen_put(p, tr("limit"), ROLE_DIM, 0);
    pen_to(p, AT_RIGHTS);
    pen_put(p, tr("rights"), ROLE_DIM, 0);
    pen_line(p);
}

void
segments_move(const struct scene *s, int dy, struct scene_settings *set)
{
    int64_t at = number_wanted(s);

    if (!unit_of(s) || !unit_of(s)->count)
        return;
    at = at < 0 ? 0 : at + dy;
    at = at < 0 ? 0 : at >= (int64_t)unit_of(s)->count ? (int64_t)unit_of(s)->count - 1 : at;
    set->selected = true;
    set->select_a = (uint64_t)at;
}

/* Where the selected descriptor stands. */
bool
segments_subject(const struct scene *s, uint64_t number, paddr_t *pa)
{
    if (!unit_of(s) || number >= unit_of(s)->count)
        return false;
    *pa = unit_of(s)->table + number * DESCRIPTOR_BYTES;
    return true;
}

void
pane_segments(const struct scene *s, struct canvas *c, struct rect r)
{
    int total = unit_of(s) ? (int)unit_of(s)->count : 0, h, skip;
    struct pen p;

    pen_open(&p, c, r);
    if (!unit_of(s) || scene_paging(s)) {
        pen_rest(&p, tr(unit_of(s) ? "Paging is on: segments are not asked." : "This machine has no segments."), ROLE_DIM, 0);
        pen_close(&p);
        return;
    }
    if (!total)
        pen_rest(&p, tr("No program runs: there is no segment."), ROLE_DIM, 0);
    else
        head_put(&p, s);
    h = r.h - p.y - 1;
    skip = scroll_for(total, h, (int)number_wanted(s), s->set.scroll[PANE_SEGMENTS]);
    for (int i = skip; i < total && i < skip + h; i++)
        row_put(&p, s, (uint32_t)i);
    sum_put(&p, s);
    pen_more(&p, skip > 0, total - skip > h);
    pen_close(&p);
}

/* --- JSON --- */

static void
row_json(const struct scene *s, uint32_t number, struct buffer *out)
{
    struct descriptor d = descriptor_at(s, number);
    char prot[4];

    narrate_prot(segment_prot(d.rights), prot);
    json_open(out, '{');
    json_key(out, "segment");
    json_put_uint(out, number);
    json_key(out, "at");
    json_put_hex(out, unit_of(s)->table + (paddr_t)number * DESCRIPTOR_BYTES);
    json_key(out, "base");
    json_put_uint(out, d.base);
    json_key(out, "limit");
    json_put_uint(out, d.limit);
    json_key(out, "present");
    json_put_bool(out, d.rights & SEGMENT_P);
    json_key(out, "rights");
    json_put_string(out, prot);
    json_key(out, "grows_down");
    json_put_bool(out, d.rights & SEGMENT_DOWN);
    json_close(out, '}');
}

void
pane_segments_json(const struct scene *s, struct buffer *out)
{
    if (!unit_of(s))
        return;
    json_key(out, "table");
    json_put_hex(out, unit_of(s)->table);
    json_key(out, "count");
    json_put_uint(out, unit_of(s)->count);
    json_key(out, "segments");
    json_open(out, '[');
    for (uint32_t i = 0; i < unit_of(s)->count; i++)
        row_json(s, i, out);
    json_close(out, ']');
    if (s->has_event && (s->event.code == EV_SEGMENT_ADDED || s->event.code == EV_SEGMENT_LIMIT)) {
        json_key(out, "offset");
        json_put_uint(out, s->event.offset);
        json_key(out, "physical");
        json_put_uint(out, s->event.pa);
    }
}
