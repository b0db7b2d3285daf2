/* cmd_show.c - `pagewalk show`: one moment, as a picture or as the numbers the picture is made of.
 * The moment is reached by the same moves as on the screen, so what is shown here is what one would
 * see there.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/lines.h"
#include "app/options.h"
#include "app/output.h"
#include "app/session.h"
#include "base/json.h"
#include "base/lang.h"
#include "base/number.h"
#include "machine/narrate.h"
#include "view/film.h"
#include "view/out_ansi.h"
#include "view/out_svg.h"
#include "view/out_text.h"

enum show_format { SHOW_TEXT, SHOW_ANSI, SHOW_SVG, SHOW_HTML, SHOW_JSON };
static const char *const show_formats[] = {"text", "ansi", "svg", "html", "json", NULL};

struct show {
    const char *at, *view, *machine, *exec;
    struct option_size size;
    int format, lang, theme, glyphs;
    uint64_t seed;
    struct beside_wish beside;
    enum pane_id pane; /* PANE_NONE: the whole screen */
};

/* --- the moment --- */

/* STEP or STEP.EVENT: so many events after the step began. */
static bool
read_at(const char *text, uint64_t *step, uint64_t *event, bool *at_event, struct error *e)
{
    char left[24];
    const char *dot = strchr(text, '.');

    snprintf(left, sizeof left, "%.*s", dot && dot - text < 23 ? (int)(dot - text) : 23, text);
    *event = 0;
    *at_event = dot != NULL;
    return number_parse_range(left, 1, 100000, "--at", step, e) &&
           (!dot || number_parse_range(dot + 1, 0, UINT32_MAX, "--at", event, e));
}

/* The events that may be seen while the question is open. */
static uint64_t
seen_before(const struct session *s, const struct question *q)
{
    uint64_t before = q->before.op - 1;

    if (q->before.event > 1)
        return history_event_number(s->history,
                                    (struct position){q->before.op, q->before.event - 1});
    return history_event_number(s->history,
                                (struct position){before, history_events(s->history, before)});
}

/* What stands between us and a later moment of this step counts as skipped. */
static void
open_the_way(struct session *s, unsigned step, uint64_t number)
{
    const struct step *page = player_step(s->player, step);
    struct question *q;

    while ((q = player_open_question(s->player, step)) && seen_before(s, q) < number)
        player_skip(s->player, q);
    if (page->task[LANG_EN] && !page->task_done &&
        history_event_number(s->history, player_step_end(s->player, step)) < number)
        player_task_done(s->player, step, true);
}

static bool
go_to_event(struct session *s, unsigned step, uint64_t event, struct error *e)
{
    uint64_t start = history_event_number(s->history, player_step_start(s->player, step)), last;

    open_the_way(s, step, start + event);
    last = history_event_number(s->history, player_step_end(s->player, step));
    if (start + event > last)
        return error_set(e, EXIT_USAGE, "--at: step %u has events 0..%llu, not %llu", step,
                         (unsigned long long)(last - start), (unsigned long long)event);
    return session_go_event(s, start + event) || error_set(e, EXIT_USAGE, "--at: %s", s->status);
}

static bool
open_lesson(struct session *s, const char *lesson, const char *at, struct error *e)
{
    uint64_t step = 1, event;
    bool at_event = false;

    if (at && !read_at(at, &step, &event, &at_event, e))
        return e->code = EXIT_USAGE, false;
    if (!session_open_lesson(s, lesson, e))
        return false;
    if (step > s->lesson.steps) {
        error_set(e, EXIT_USAGE, "--at: lesson %s has steps 1..%u, not %llu", s->lesson.id,
                  s->lesson.steps, (unsigned long long)step);
    } else if (session_open_at(s, (unsigned)step, e) && at_event && event > 0) {
        go_to_event(s, (unsigned)step, event, e);
    }
    if (!e->code)
        return true;
    session_close(s);
    return false;
}

static bool
run_line(struct session *s, const struct lines *in, struct error *e)
{
    struct operation op;
    struct outcome out;
    uint8_t blob[OPERATION_BLOB];

    if (operation_parse(in->text, &op, blob, e) &&
        (op.code == OP_NONE || history_do(s->history, &op, &out, e)))
        return true;
    return error_place(e, in->name, in->number);
}

/* A machine on which the operations of a file were run; its end is shown, or --at an event of all
 * of them. */
static bool
open_machine(struct session *s, const struct show *w, struct error *e)
{
    struct preset preset;
    struct lines in = {0};
    uint64_t number = 0;

    if (w->at && !number_parse_range(w->at, 0, UINT32_MAX, "--at", &number, e))
        return e->code = EXIT_USAGE, false;
    if (!preset_load(w->machine, &preset, e))
        return false;
    /* A file makes its own processes, as with `exec`. */
    if (!(w->exec ? session_open_bare : session_open_machine)(s, &preset, w->seed, e))
        return false;
    if (w->exec) {
        if (lines_open(&in, w->exec, e))
            while (lines_next(&in, e) && run_line(s, &in, e))
                continue;
        lines_close(&in);
    }
    if (!e->code)
        s->beside = beside_open(&w->beside, w->machine, &(struct option_list){0}, w->seed, e);
    if (!e->code && w->at && !session_go_event(s, number))
        error_set(e, EXIT_USAGE, "--at: %s", s->status);
    if (!e->code)
        return true;
    session_close(s);
    return false;
}

/* --- the picture --- */

static struct canvas *
draw(struct session *s, const struct show *w)
{
    struct canvas *c = canvas_create(w->size.w, w->size.h, (enum glyph_set)w->glyphs);

    if (w->pane == PANE_NONE)
        screen_draw(&s->scene, c);
    else
        pane_row[w->pane].draw(&s->scene, c, rect_of(0, 0, w->size.w, w->size.h));
    return c;
}

/* A film of one picture. */
static void
web_page(const struct session *s, const struct canvas *c, const struct show *w, const char *title,
         struct buffer *out, struct error *e)
{
    struct film *f = film_open((enum theme)w->theme, title, lang_code[lang_now()], 0);

    film_add(f, &s->scene, c);
    film_html(f, out, e);
    film_close(f);
}

static void
picture(struct session *s, const struct show *w, struct buffer *out, struct error *e)
{
    struct canvas *c = draw(s, w);
    char title[256];

    snprintf(title, sizeof title, "pagewalk %s", s->player ? s->lesson.id : w->machine);
    if (w->format == SHOW_TEXT)
        out_text(c, out);
    else if (w->format == SHOW_ANSI)
        out_ansi(c, (enum theme)w->theme, 256, out);
    else if (w->format == SHOW_HTML)
        web_page(s, c, w, title, out, e);
    else
        out_svg(c, (enum theme)w->theme, title, out);
    canvas_destroy(c);
}

/* --- the numbers --- */

static void
put_position(struct buffer *out, const struct scene *scene)
{
    json_key(out, "position");
    json_open(out, '{');
    json_key(out, "op");
    json_put_uint(out, scene->at.op);
    json_key(out, "event");
    json_put_uint(out, scene->at.event);
    json_key(out, "n");
    json_put_uint(out, scene->number);
    if (!scene_asks(scene)) { /* while a question is open nobody may know */
        json_key(out, "events");
        json_put_uint(out, scene->events);
    }
    json_close(out, '}');
    json_key(out, "event");
    if (scene->has_event)
        narrate_json(scene->now, scene->number, scene->at.op, &scene->event, out);
    else
        json_put_null(out);
}

static void
put_panes(struct buffer *out, const struct scene *scene, enum pane_id only)
{
    json_key(out, "panes");
    json_open(out, '{');
    for (int i = PANE_NONE + 1; i < PANES; i++) {
        if (only != PANE_NONE && (int)only != i)
            continue;
        json_key(out, pane_row[i].name);
        json_open(out, '{');
        pane_json(scene, (enum pane_id)i, out);
        json_close(out, '}');
    }
    json_close(out, '}');
}

static void
document(struct session *s, const struct show *w, struct buffer *out)
{
    json_open(out, '{');
    json_key(out, "schema");
    json_put_string(out, "pagewalk.show/1");
    json_key(out, "lesson");
    if (s->player)
        json_put_string(out, s->lesson.id);
    else
        json_put_null(out);
    json_key(out, "machine");
    json_put_string(out, s->scene.now->preset.name);
    json_key(out, "step");
    json_put_uint(out, s->step);
    put_position(out, &s->scene);
    put_panes(out, &s->scene, w->pane);
    json_close(out, '}');
    buffer_putc(out, '\n');
}

/* --- the command --- */

static int
show(const struct usage *u, const char *lesson, const struct show *w)
{
    static struct session s;
    struct buffer out = {0};
    struct error e = {0};

    if (!(lesson ? open_lesson(&s, lesson, w->at, &e) : open_machine(&s, w, &e)))
        return e.code == EXIT_USAGE ? options_refuse(u, "%s", e.text) : output_complain(&e);
    s.status[0] = '\0';
    if (w->pane != PANE_NONE)
        pane_focus(&s.scene.set, w->pane);
    session_refresh(&s);
    if (w->format == SHOW_JSON)
        document(&s, w, &out);
    else
        picture(&s, w, &out, &e);
    output_buffer(&out);
    buffer_free(&out);
    session_close(&s);
    return e.code ? output_complain(&e) : EXIT_OK;
}

static int
refuse_view(const struct usage *u, const char *name)
{
    const char *near = error_nearest(name, pane_names());

    if (near)
        return options_refuse(u, "--view: no \"%.40s\" (did you mean \"%s\"?)", name, near);
    return options_refuse(u, "--view: no \"%.40s\"; see pagewalk list views", name);
}

/* What cannot go together. */
static int
check_choice(const struct usage *u, const char *lesson, struct show *w)
{
    if (!lesson && !w->machine)
        return options_refuse(u, "expected a LESSON, or --machine NAME");
    if (lesson && (w->machine || w->exec || w->beside.machine || w->beside.set.count))
        return options_refuse(
            u, "a LESSON brings its own machine: not together with --machine, --exec or --beside");
    if (w->view && strcmp(w->view, "screen") != 0 && (w->pane = pane_by_name(w->view)) == PANE_NONE)
        return refuse_view(u, w->view);
    return OPTIONS_GO_ON;
}

int
cmd_show(int argc, char **argv)
{
    struct show w = {.size = {80, 24}, .seed = 1, .beside = BESIDE_INIT};
    int code;
    char **rest;
    const struct option_row rows[] = {
        {OPTION_TEXT, "at", "STEP[.EVENT]",
         "the beginning of a step, or so many events after it (1); with --exec: an event", &w.at, 0,
         0, NULL},
        {OPTION_TEXT, "view", "NAME", "one pane (pagewalk list views); else the whole screen",
         &w.view, 0, 0, NULL},
        {OPTION_SIZE, "size", "WxH", "cells (80x24)", &w.size, CANVAS_HEIGHT_MAX, CANVAS_WIDTH_MAX,
         NULL},
        {OPTION_WORD, "format", NULL, "picture or numbers (text)", &w.format, 0, 0, show_formats},
        {OPTION_WORD, "lang", NULL, "language (en)", &w.lang, 0, 0, option_langs},
        {OPTION_WORD, "theme", NULL, "colours of ansi and svg (dark)", &w.theme, 0, 0,
         option_themes},
        {OPTION_WORD, "glyphs", NULL, "how lines are drawn (unicode)", &w.glyphs, 0, 0,
         option_glyphs},
        {OPTION_TEXT, "machine", "NAME", "no lesson: this machine", &w.machine, 0, 0, NULL},
        BESIDE_OPTIONS(w.beside),
        {OPTION_TEXT, "exec", "FILE",
         "run the operations of a file on --machine first (- is standard input)", &w.exec, 0, 0,
         NULL},
        {OPTION_NUMBER, "seed", "N", "of --machine (1)", &w.seed, 0, UINT64_MAX, NULL},
        {0},
    };
    const struct usage u = {"show",
                            "[LESSON]",
                            "Print one moment of a lesson, or of a machine. Questions before that "
                            "moment count as skipped; what an open\n"
                            "question hides stays hidden.\n",
                            rows,
                            0,
                            1};

    if ((code = options_read(&u, argc, argv, &rest)) != OPTIONS_GO_ON ||
        (code = check_choice(&u, rest[0], &w)) != OPTIONS_GO_ON)
        return code;
    options_speak(w.lang);
    return show(&u, rest[0], &w);
}
