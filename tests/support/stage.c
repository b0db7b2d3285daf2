#include "stage.h"

#include <string.h>

#include "test.h"
#include "view/out_text.h"

void
stage_do(struct stage *st, const char *operation)
{
    uint8_t blob[OPERATION_BLOB];
    struct operation op;
    struct outcome out;
    struct error e = {0};

    if (!operation_parse(operation, &op, blob, &e) || !history_do(st->h, &op, &out, &e))
        fail_msg("%s: %s", operation, e.text);
}

void
stage_open(struct stage *st, const char *preset, const char *const *operations)
{
    struct preset p;
    struct error e = {0};

    memset(st, 0, sizeof *st);
    if (!preset_load(preset, &p, &e))
        fail_msg("%s: %s", preset, e.text);
    st->h = history_open(&p, 1, &e);
    if (!st->h)
        fail_msg("%s", e.text);
    st->scene.set.hex_follows = true;
    pane_focus(&st->scene.set, PANE_STORY);
    for (; *operations; operations++)
        stage_do(st, *operations);
}

void
stage_close(struct stage *st)
{
    history_close(st->h);
    buffer_free(&st->text);
}

uint64_t
stage_events(const struct stage *st)
{
    return history_event_number(st->h, history_end(st->h));
}

void
stage_look(struct stage *st, uint64_t number, bool gated)
{
    struct position at = history_at_number(st->h, number);

    history_seek(st->h, at);
    scene_gather(&st->scene, st->h, gated ? at : history_end(st->h));
}

struct search {
    enum event_code code;
    unsigned left;
    struct position at;
};

static bool
search_each(void *ctx, struct position at, const struct event *ev)
{
    struct search *s = ctx;

    if (ev->code == s->code && --s->left == 0)
        s->at = at;
    return s->left > 0;
}

void
stage_look_at(struct stage *st, const char *event, unsigned nth, bool gated)
{
    struct search s = {.code = event_by_name(event), .left = nth};

    history_scan(st->h, (struct position){1, 1}, history_end(st->h), search_each, &s);
    if (s.left)
        fail_msg("no %s number %u", event, nth);
    stage_look(st, history_event_number(st->h, s.at), gated);
}

struct json_doc *
stage_json(struct stage *st, enum pane_id pane)
{
    struct json_doc *doc;
    struct error e = {0};

    buffer_truncate(&st->text, 0);
    json_open(&st->text, '{');
    pane_json(&st->scene, pane, &st->text);
    json_close(&st->text, '}');
    doc = json_parse(buffer_text(&st->text), st->text.length, pane_row[pane].name, &e);
    if (!doc)
        fail_msg("%s: %s", e.text, buffer_text(&st->text));
    return doc;
}

static const char *
canvas_text(struct stage *st, struct canvas *c)
{
    buffer_truncate(&st->text, 0);
    out_text(c, &st->text);
    canvas_destroy(c);
    return buffer_text(&st->text);
}

const char *
stage_text(struct stage *st, enum pane_id pane, int w, int h)
{
    struct canvas *c = canvas_create(w, h, GLYPHS_UNICODE);

    pane_row[pane].draw(&st->scene, c, rect_of(0, 0, w, h));
    return canvas_text(st, c);
}

const char *
stage_screen(struct stage *st, int w, int h)
{
    struct canvas *c = canvas_create(w, h, GLYPHS_UNICODE);

    screen_draw(&st->scene, c);
    return canvas_text(st, c);
}
