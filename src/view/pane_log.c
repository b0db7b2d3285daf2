/* pane_log.c - what happened, newest last. Each operation has a line of its own above its events. */
#include "view/panes.h"

#include "base/json.h"
#include "base/lang.h"
#include "base/text.h"
#include "machine/narrate.h"

static bool
begins_operation(const struct scene *s, unsigned i)
{
    return i == 0 || s->log[i - 1].at.op != s->log[i].at.op;
}

static void
log_operation(struct pen *p, const struct scene *s, const struct scene_line *line)
{
    pen_glyph(p, GLYPH_POINT_RIGHT, ROLE_ACCENT, 0);
    pen_putf(p, ROLE_DIM, 0, " %llu ", (unsigned long long)line->at.op);
    if (line->op)
        pen_rest(p, operation_text(s, line->op), ROLE_TITLE, CELL_BOLD);
    pen_line(p);
}

static void
log_event(struct pen *p, const struct scene *s, unsigned i)
{
    const struct scene_line *line = &s->log[i];
    const struct event_row *row = &event_row[line->ev.code];
    bool current = i + 1 == s->logged;
    uint64_t number = s->number - (s->logged - 1 - i);

    pen_target(p, TARGET_TIME, number, 0);
    pen_putf(p, ROLE_DIM, 0, "%5llu ", (unsigned long long)number);
    pen_glyph(p, class_glyph(row->class), class_role(row->class), CELL_BOLD);
    pen_put(p, " ", ROLE_TEXT, 0);
    if (p->r.w >= 60) {
        pen_rest(p, actor_title(row->actor), ROLE_DIM, 0);
        pen_to(p, 15);
    }
    pen_rest(p, sentence_text(s, &line->ev), current ? ROLE_TITLE : row->class == CLASS_FAULT ? ROLE_ERROR : ROLE_TEXT,
             current ? CELL_BOLD : 0);
    pen_target(p, TARGET_NONE, 0, 0);
    pen_line(p);
}

static void
log_write(struct pen *p, const struct scene *s, unsigned i)
{
    if (begins_operation(s, i)) {
        if (p->dry || p->y < 0 || pen_full(p))
            pen_line(p);
        else
            log_operation(p, s, &s->log[i]);
    }
    if (p->dry || p->y < 0 || pen_full(p))
        pen_line(p);
    else
        log_event(p, s, i);
}

void
pane_log(const struct scene *s, struct canvas *c, struct rect r)
{
    struct pen p, dry = {.c = c, .r = r, .dry = true};
    int skip;

    for (unsigned i = 0; i < s->logged; i++)
        log_write(&dry, s, i);
    skip = dry.y - r.h + (s->set.scroll[PANE_LOG] < 0 ? s->set.scroll[PANE_LOG] : 0);
    if (skip < 0)
        skip = 0;
    pen_open(&p, c, r);
    p.y = -skip;
    for (unsigned i = 0; i < s->logged; i++)
        log_write(&p, s, i);
    if (!s->logged)
        pen_rest(&p, tr("Nothing has happened yet."), ROLE_DIM, 0);
    pen_more(&p, skip > 0, dry.y - skip > r.h);
    pen_close(&p);
}

void
pane_log_json(const struct scene *s, struct buffer *out)
{
    json_key(out, "operations");
    json_open(out, '[');
    for (unsigned i = 0; i < s->logged; i++) {
        if (!begins_operation(s, i) || !s->log[i].op)
            continue;
        json_open(out, '{');
        json_key(out, "op");
        json_put_uint(out, s->log[i].at.op);
        json_key(out, "text");
        json_put_string(out, operation_text(s, s->log[i].op));
        json_close(out, '}');
    }
    json_close(out, ']');
    json_key(out, "events");
    json_open(out, '[');
    for (unsigned i = 0; i < s->logged; i++)
        narrate_json(s->now, s->number - (s->logged - 1 - i), s->log[i].at.op, &s->log[i].ev, out);
    json_close(out, ']');
}
