/* loop_draw.c - the frame, and what only a screen can do: looks, pictures in files, whose the mouse is. */
#include "app/loop_internal.h"

#include <stdio.h>
#include <string.h>

#include "app/keymap.h"
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
    s->scene.set.footer = buffer_text(&a->footer.text);
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

    app_watch_remind(a);
    make_footer(a);
    if (a->session) {
        draw_session(a, c, typing);
    } else {
        a->map.footer = buffer_text(&a->footer.text);
        map_draw(&a->map, c);
    }
    if (a->palette.open && !app_sees_nothing(a))
        palette_draw(&a->palette, c);
    if (!app_sees_nothing(a))
        app_menu_draw(a, c);
    screen_show(a->screen, typing);
    tape_picture(a->tape, c, screen_theme(a->screen));
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
    char text[160];

    if (*name && !theme_by_name(name, &theme, &e)) {
        app_say(a, true, e.text);
        return;
    }
    screen_set_theme(a->screen, theme);
    snprintf(text, sizeof text, "%s: %s", theme_name(theme), tr(theme_help(theme)));
    app_say(a, false, text);
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
    char text[160];

    if (!terminal_has_mouse()) {
        app_say(a, true, tr("This terminal does not report its mouse."));
        return;
    }
    a->mouse = !a->mouse;
    terminal_mouse(a->mouse);
    snprintf(text, sizeof text, tr("The mouse is the terminal's: select and copy as usual. %s takes it back."), keymap_key(ACTION_MOUSE));
    app_say(a, false, a->mouse ? tr("The mouse works here again.") : text);
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
