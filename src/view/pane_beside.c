/* pane_beside.c - two machines that do the same operations: the events of the current one on both, row by row, and where they first part.
 *
 *   x86-64                      | x86-64 quirks=no-invalidate
 *   they part at event 7: ...
 *     TLB miss ...              |   TLB miss ...
 *   x walk ...                  | x TLB hit ...
 */
#include "view/panes.h"

#include "base/json.h"
#include "base/lang.h"
#include "machine/narrate.h"

enum { HEAD = 3, WIDE = 3 }; /* rows above the events; cells between the columns */

/* The difference lies in the operation that is shown. */
static bool
parts_here(const struct scene *s)
{
    return s->beside->first.kind != DIFFER_NOT && s->beside->first.op == s->at.op;
}

static const char *
sentence_of(const struct scene *s, unsigned side, const struct event *ev)
{
    struct scene there = *s; /* worded by the machine it happened on */

    there.now = s->beside->machine[side];
    return sentence_text(&there, ev);
}

/* --- the verdict ------------------------------------------------------------------------------------ */

static void
put_members(struct pen *p, const struct scene *s)
{
    const struct scene_beside *b = s->beside;
    const struct event *ev[2] = {&b->told[0].event[b->first.index], &b->told[1].event[b->first.index]};
    struct buffer value[2] = {{0}, {0}};

    if (b->first.name)
        pen_put(p, tr("another event"), ROLE_ERROR, 0);
    for (int i = 0; i < EVENT_FIELDS && !b->first.name; i++) {
        if (!(b->first.fields >> i & 1))
            continue;
        for (unsigned side = 0; side < 2; side++) {
            buffer_truncate(&value[side], 0);
            narrate_member(b->machine[side], ev[side], field_row[i].member, &value[side]);
        }
        pen_putf(p, ROLE_ERROR, 0, "%s %s | %s  ", field_row[i].member, buffer_text(&value[0]), buffer_text(&value[1]));
    }
    if (b->first.cpu)
        pen_putf(p, ROLE_ERROR, 0, "cpu %u | %u  ", ev[0]->cpu, ev[1]->cpu);
    if (b->first.pid)
        pen_putf(p, ROLE_ERROR, 0, "pid %u | %u  ", ev[0]->pid, ev[1]->pid);
    if (b->first.cycles)
        pen_putf(p, ROLE_ERROR, 0, "%s %u | %u", tr("cycles"), ev[0]->cycles, ev[1]->cycles);
    buffer_free(&value[0]);
    buffer_free(&value[1]);
}

static void
put_verdict(struct pen *p, const struct scene *s)
{
    const struct difference *d = &s->beside->first;

    if (d->kind == DIFFER_NOT) {
        pen_rest(p, tr("No difference so far."), ROLE_CORRECT, 0);
        return;
    }
    if (!parts_here(s)) {
        pen_putf(p, ROLE_WARNING, 0, tr("They part in operation %llu."), (unsigned long long)d->op);
        return;
    }
    pen_put(p, tr("Here they part: "), ROLE_ERROR, CELL_BOLD);
    if (d->kind == DIFFER_EVENT)
        put_members(p, s);
    else if (d->kind == DIFFER_MISSING)
        pen_rest(p, tr("only one of them has an event here"), ROLE_ERROR, 0);
    else if (d->kind == DIFFER_OUTCOME)
        pen_rest(p, tr("the same events, another end"), ROLE_ERROR, 0);
    else
        pen_rest(p, s->beside->refused, ROLE_ERROR, 0);
}

/* --- a column ---------------------------------------------------------------------------------------- */

static void
column_event(struct pen *p, const struct scene *s, unsigned side, uint32_t i)
{
    const struct event *ev = &s->beside->told[side].event[i];
    const enum event_class class = event_row[ev->code].class;
    const bool differs = parts_here(s) && s->beside->first.index == i;

    if (!differs)
        pen_glyph(p, class_glyph(class), class_role(class), CELL_BOLD);
    else
        pen_glyph(p, GLYPH_CROSS, ROLE_ERROR, CELL_BOLD);
    pen_put(p, " ", ROLE_TEXT, 0);
    pen_rest(p, sentence_of(s, side, ev), differs ? ROLE_ERROR : ROLE_TEXT, differs ? CELL_BOLD : 0);
    pen_line(p);
}

static const struct outcome *
outcome_of(const struct scene *s, unsigned side)
{
    return side ? s->beside->outcome : s->outcome;
}

/* Both columns skip the same rows, so that what stands beside each other happened as the same event. */
static int
rows_skipped(const struct scene *s, int h)
{
    const struct scene_beside *b = s->beside;
    const uint32_t most = b->shown[0] > b->shown[1] ? b->shown[0] : b->shown[1];
    const int total = (int)most + (s->outcome != NULL), interest = parts_here(s) && b->first.index < most ? (int)b->first.index : total - 1;

    return scroll_for(total, h, interest < 0 ? 0 : interest, s->set.scroll[PANE_BESIDE]);
}

static void
column(const struct scene *s, struct canvas *c, struct rect r, unsigned side, int skip)
{
    const struct scene_beside *b = s->beside;
    struct pen p;

    pen_open(&p, c, r);
    p.y = -skip;
    for (uint32_t i = 0; i < b->shown[side]; i++) {
        if (p.y < 0 || pen_full(&p))
            pen_line(&p);
        else
            column_event(&p, s, side, i);
    }
    if (side == 1 && !b->did)
        pen_rest(&p, tr("not done here"), ROLE_DIM, 0);
    else if (outcome_of(s, side) && p.y >= 0 && !pen_full(&p))
        pen_outcome(&p, outcome_of(s, side));
    pen_close(&p);
}

void
pane_beside(const struct scene *s, struct canvas *c, struct rect r)
{
    const int half = (r.w - WIDE) / 2, h = r.h - HEAD;
    struct pen p;

    pen_open(&p, c, r);
    if (!s->beside) {
        pen_wrap(&p, 0, tr("This machine is alone. pagewalk play MACHINE --beside OTHER sets another one beside it."), ROLE_DIM, 0);
        pen_close(&p);
        return;
    }
    pen_put(&p, s->beside->name[0], ROLE_TITLE, CELL_BOLD);
    pen_to(&p, half + WIDE);
    pen_rest(&p, s->beside->name[1], ROLE_TITLE, CELL_BOLD);
    pen_line(&p);
    put_verdict(&p, s);
    pen_line(&p);
    if (s->op)
        pen_rest(&p, operation_text(s, s->op), ROLE_ACCENT, 0);
    pen_close(&p);
    if (h <= 0 || half <= 0)
        return;
    for (unsigned side = 0; side < 2; side++)
        column(s, c, rect_of(r.x + (side ? half + WIDE : 0), r.y + HEAD, half, h), side, rows_skipped(s, h));
}

/* --- numbers ------------------------------------------------------------------------------------------ */

static void
put_side(const struct scene *s, unsigned side, struct buffer *out)
{
    const struct scene_beside *b = s->beside;

    json_open(out, '{');
    json_key(out, "machine");
    json_put_string(out, b->name[side]);
    json_key(out, "events");
    json_open(out, '[');
    for (uint32_t i = 0; i < b->shown[side]; i++)
        narrate_json(b->machine[side], i + 1, s->at.op, &b->told[side].event[i], out);
    json_close(out, ']');
    if (outcome_of(s, side)) {
        json_key(out, "end");
        json_put_string(out, outcome_text(outcome_of(s, side)));
    }
    json_close(out, '}');
}

static void
put_difference(const struct scene *s, struct buffer *out)
{
    static const char *const kind[] = {"none", "event", "missing", "outcome", "refused"};
    const struct difference *d = &s->beside->first;

    json_key(out, "difference");
    json_put_string(out, kind[d->kind]);
    if (d->kind == DIFFER_NOT)
        return;
    json_key(out, "op");
    json_put_uint(out, d->op);
    json_key(out, "event");
    json_put_uint(out, d->index + 1);
    json_key(out, "members");
    json_open(out, '[');
    for (int i = 0; i < EVENT_FIELDS; i++)
        if (d->kind == DIFFER_EVENT && d->fields >> i & 1)
            json_put_string(out, field_row[i].member);
    json_close(out, ']');
    if (d->kind == DIFFER_REFUSED) {
        json_key(out, "refused");
        json_put_string(out, s->beside->refused);
    }
}

void
pane_beside_json(const struct scene *s, struct buffer *out)
{
    if (!s->beside)
        return;
    json_key(out, "by");
    json_put_string(out, compare_grain_name[s->beside->grain]);
    put_difference(s, out);
    if (s->op) {
        json_key(out, "operation");
        json_put_string(out, operation_text(s, s->op));
    }
    json_key(out, "sides");
    json_open(out, '[');
    put_side(s, 0, out);
    put_side(s, 1, out);
    json_close(out, ']');
}
