/* loop_draw.c - the frame, and what only a screen can do: looks, pictures in files, the mouse. */
#include "app/loop_internal.h"

#include <stdio.h>
#include <string.h>

#include "app/terminal.h"
#include "base/text.h"
#include "view/out_ansi.h"
#include "view/out_svg.h"
#include "view/out_text.h"

/* --- the frame ----------------------------------------------------------------------------------- */

static void
make_footer(struct app *a)
{
    if (a->session)
        session_refresh(a->session);
    buffer_truncate(&a->footer, 0);
    action_footer(a->session, screen_canvas(a->screen)->glyphs, &a->footer);
}

/* While one types, the last row is the line; what there is to say stands above it, in as many rows as it takes. */
static void
draw_above_prompt(const struct session *s, struct canvas *c)
{
    int rows;

    if (!s->status[0])
        return;
    rows = (int)text_wrap_count(s->status, (unsigned)(c->w > 2 ? c->w - 2 : 1));
    if (rows > c->h / 2)
        rows = c->h / 2;
    canvas_fill(c, rect_of(0, c->h - 1 - rows, c->w, rows), ROLE_STATUS, 0);
    canvas_put_wrapped(c, rect_of(1, c->h - 1 - rows, c->w - 2, rows), 0, s->status, s->status_is_error ? ROLE_ERROR : ROLE_STATUS, 0);
}

static void
note_replay(const struct session *s)
{
    const struct position at = history_position(s->history);
    char command[700];

    if (s->player)
        snprintf(command, sizeof command, "pagewalk learn %s --step %u, event (%llu, %u)%s", s->lesson.id, s->step,
                 (unsigned long long)at.op, at.event, history_on_branch(s->history) ? " of a branch" : "");
    else
        snprintf(command, sizeof command, "pagewalk play %s --seed %llu, operation %llu of %llu", history_machine(s->history)->preset.name,
                 (unsigned long long)history_machine(s->history)->seed, (unsigned long long)at.op,
                 (unsigned long long)history_operations(s->history));
    terminal_set_replay(command);
}

static void
draw_session(struct app *a, struct canvas *c, bool typing)
{
    struct session *s = a->session;

    s->width = c->w;
    s->height = c->h;
    s->glyphs = c->glyphs;
    session_refresh(s);
    note_replay(s);
    s->scene.set.footer = buffer_text(&a->footer);
    s->scene.set.prompt = typing ? a->prompt.text : NULL;
    s->scene.set.prompt_cursor = a->prompt.cursor;
    screen_draw(&s->scene, c);
    if (typing)
        draw_above_prompt(s, c);
}

void
app_draw(struct app *a)
{
    struct canvas *c = screen_canvas(a->screen);
    bool typing = a->prompt.open && a->session;

    make_footer(a);
    if (a->session) {
        draw_session(a, c, typing);
    } else {
        a->map.footer = buffer_text(&a->footer);
        map_draw(&a->map, c);
    }
    if (a->palette.open)
        palette_draw(&a->palette, c);
    app_menu_draw(a, c);
    screen_show(a->screen, typing);
}

/* --- requests ------------------------------------------------------------------------------------ */

void
app_say(struct app *a, bool error, const char *text)
{
    if (a->session && error)
        session_fail(a->session, "%s", text);
    else if (a->session)
        session_say(a->session, "%s", text);
    else {
        snprintf(a->note, sizeof a->note, "%s", text);
        a->map.message = a->note;
        a->map.message_is_error = error;
    }
}

static void
choose_theme(struct app *a, const char *name)
{
    enum theme theme = (enum theme)((screen_theme(a->screen) + 1) % THEME_COUNT);
    struct error e = {0};

    if (*name && !theme_by_name(name, &theme, &e)) {
        app_say(a, true, e.text);
        return;
    }
    screen_set_theme(a->screen, theme);
    app_say(a, false, theme_name(theme));
}

static bool
ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n >= m && strcmp(text + n - m, end) == 0;
}

void
app_picture(struct app *a, const char *path, struct buffer *out)
{
    struct canvas *c = screen_canvas(a->screen);
    enum theme theme = screen_theme(a->screen);

    draw_session(a, c, false);
    if (ends_with(path, ".svg"))
        out_svg(c, theme, a->session->player ? a->session->lesson.title[LANG_EN] : "pagewalk", out);
    else if (ends_with(path, ".ans"))
        out_ansi(c, theme, 256, out);
    else
        out_text(c, out);
}

static void
take_mouse(struct app *a)
{
    a->mouse = !a->mouse;
    terminal_mouse(a->mouse);
    app_say(a, false, a->mouse ? tr("The mouse works here again.")
                           : tr("The mouse is the terminal's: select and copy as usual. M takes it back."));
}

void
app_request(struct app *a, enum action_code code, const char *text)
{
    enum glyph_set glyphs = screen_canvas(a->screen)->glyphs;

    switch (code) {
    case ACTION_PROMPT:
        a->session->status[0] = '\0';
        prompt_open(&a->prompt, text);
        break;
    case ACTION_HELP:
        palette_open(&a->palette, a->session);
        break;
    case ACTION_THEME:
        choose_theme(a, text);
        break;
    case ACTION_GLYPHS:
        screen_set_glyphs(a->screen, glyphs == GLYPHS_ASCII ? GLYPHS_UNICODE : GLYPHS_ASCII);
        break;
    case ACTION_MOUSE:
        take_mouse(a);
        break;
    case ACTION_REDRAW:
        screen_forget(a->screen);
        break;
    case ACTION_MAP:
        app_go_to_map(a);
        break;
    default:
        app_menu(a, code, text);
        break;
    }
}

/* --- the mouse ----------------------------------------------------------------------------------- */

/* A place on the timeline is a time. */
static void
click_timeline(struct session *s, const struct canvas *c, const struct key *key)
{
    int first = c->w, last = 0;

    for (int x = 0; x < c->w; x++)
        if (screen_pane_at(&s->scene, c->w, c->h, x, key->y) == PANE_TIMELINE) {
            first = x < first ? x : first;
            last = x;
        }
    if (last > first)
        session_go_event(s, s->scene.origin + (s->scene.numbers - s->scene.origin) * (uint64_t)(key->x - first) / (uint64_t)(last - first));
}

static void
click_session(struct session *s, const struct canvas *c, const struct key *key)
{
    enum pane_id pane = screen_pane_at(&s->scene, c->w, c->h, key->x, key->y);

    if (pane == PANE_NONE)
        return;
    if (key->button != MOUSE_LEFT)
        pane_move(&s->scene, pane, 0, key->button == MOUSE_WHEEL_UP ? -1 : 1, &s->scene.set);
    else if (pane == PANE_TIMELINE)
        click_timeline(s, c, key);
    else {
        pane_focus(&s->scene.set, pane);
        s->pane_by_hand = true;
    }
}

void
app_mouse(struct app *a, const struct key *key)
{
    const struct canvas *c = screen_canvas(a->screen);

    if (a->palette.open || a->prompt.open || a->chooser.open || a->card.open)
        return;
    if (a->session)
        click_session(a->session, c, key);
    else if (key->button != MOUSE_LEFT)
        map_move(&a->map, key->button == MOUSE_WHEEL_UP ? -1 : 1);
    else
        map_pick_row(&a->map, c, key->y);
}
