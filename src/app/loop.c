/* loop.c - see loop.h. One place decides who gets a key: the palette, the line being typed, the map, or the session. */
#include "app/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/actions.h"
#include "app/loop_internal.h"
#include "app/output.h"
#include "app/terminal.h"
#include "base/memory.h"

enum { PAUSE_MS = 1200, KEYS_A_FRAME = 512, WIDTH_MIN = 60, HEIGHT_MIN = 18 };

/* --- the place ----------------------------------------------------------------------------------- */

static void
keep_place(struct app *a)
{
    struct error e = {0};

    if (!a->unsaved || !a->session || !a->session->player)
        return;
    a->unsaved = false;
    if (a->watching)
        return;
    if (!progress_record(a->progress, a->session->player, a->session->step, session_is_done(a->session), &e) && e.code)
        session_error(a->session, &e);
}

/* --- going to and fro ---------------------------------------------------------------------------- */

static void
close_session(struct app *a)
{
    if (!a->session)
        return;
    keep_place(a);
    app_watch_end(a);
    session_close(a->session);
    if (a->session != a->given)
        free(a->session);
    a->session = NULL;
}

static bool
show_map(struct app *a)
{
    struct error e = {0};

    close_session(a);
    map_close(&a->map);
    if (map_open(&a->map, a->progress, &e))
        return true;
    a->end_error = e;
    a->quit = true;
    return false;
}

void
app_go_to_map(struct app *a)
{
    show_map(a);
}

static void
use_session(struct app *a, struct session *s)
{
    struct error note = {0};

    a->session = s;
    a->unsaved = s->player != NULL;
    s->scene.set.present = a->present;
    if (!session_keep_bookmarks(s, &note))
        session_error(s, &note);
}

bool
app_open_lesson(struct session *s, const struct progress *p, const char *id_or_path, unsigned step, struct error *e)
{
    const struct progress_lesson *past;

    if (!session_open_lesson(s, id_or_path, e))
        return false;
    if (step > s->lesson.steps) {
        error_set(e, EXIT_USAGE, "--step: lesson %s has steps 1..%u, not %u", s->lesson.id, s->lesson.steps, step);
        session_close(s);
        return false;
    }
    past = p ? progress_find(p, s->lesson.id) : NULL;
    if (step == 0)
        step = past && !past->done && past->step > 1 ? past->step : 1;
    if (step == 1 || session_resume(s, step, past, e))
        return true;
    session_close(s);
    return false;
}

static bool
open_play(struct session *s, struct error *e)
{
    struct preset preset;

    return preset_load("x86-64", &preset, e) && session_open_machine(s, &preset, 1, e);
}

static void
map_complain(struct app *a, const struct error *e)
{
    error_format(e, a->note, sizeof a->note);
    a->map.message = a->note;
    a->map.message_is_error = true;
}

static void
open_item(struct app *a)
{
    const struct map_item *item = map_picked(&a->map);
    struct error e = {0};
    struct session *s;
    bool opened;

    if (item->kind == MAP_HELP) {
        palette_open(&a->palette, NULL);
        return;
    }
    s = memory_new(1, sizeof *s);
    if (item->kind == MAP_PLAY)
        opened = open_play(s, &e);
    else
        opened = app_open_lesson(s, a->progress, a->map.course.lesson[item->lesson].id, 0, &e);
    if (opened) {
        use_session(a, s);
        return;
    }
    free(s);
    map_complain(a, &e);
}

/* --- keys ---------------------------------------------------------------------------------------- */

static void
map_action(struct app *a, enum action_code code)
{
    struct error e = {0};

    switch (code) {
    case ACTION_UP:
    case ACTION_DOWN:
        map_move(&a->map, code == ACTION_UP ? -1 : 1);
        break;
    case ACTION_OPEN:
        open_item(a);
        break;
    case ACTION_LANGUAGE:
        if (!action_speak((enum lang)((lang_now() + 1) % LANGS), &e))
            map_complain(a, &e);
        break;
    case ACTION_QUIT:
        a->quit = true;
        break;
    default:
        app_request(a, code, "");
    }
}

static void
map_key(struct app *a, const struct key *key)
{
    a->map.message = NULL;
    if (strcmp(key->name, "PageUp") == 0 || strcmp(key->name, "PageDown") == 0) {
        for (int i = 0; i < 8; i++)
            map_move(&a->map, key->name[4] == 'U' ? -1 : 1);
        return;
    }
    map_action(a, action_by_key(key->name, SITUATION_MAP));
}

static void
take_request(struct app *a)
{
    struct session *s = a->session;
    int request = s ? s->request : 0;

    if (!request)
        return;
    s->request = 0;
    app_request(a, (enum action_code)request, s->request_text);
}

void
app_run_action(struct app *a, enum action_code code)
{
    if (a->session)
        action_run(a->session, code, "");
    else
        map_action(a, code);
}

void
app_palette_key(struct app *a, const struct key *key)
{
    enum action_code code;
    char line[64];

    switch (palette_key(&a->palette, key, a->session, &code, line, sizeof line)) {
    case PALETTE_RUNS:
        app_run_action(a, code);
        break;
    case PALETTE_TYPES:
        prompt_open(&a->prompt, line);
        break;
    default:
        break;
    }
}

static void
give_to_prompt(struct app *a, const struct key *key)
{
    a->session->status[0] = '\0';
    if (prompt_key(&a->prompt, key, a->session) == PROMPT_ENTERED)
        session_command(a->session, a->prompt.text);
}

bool
app_sees_nothing(const struct app *a)
{
    const struct canvas *c = screen_canvas(a->screen);

    return a->session && (c->w < WIDTH_MIN || c->h < HEIGHT_MIN);
}

/* Where one sees nothing, nothing may change. */
static bool
is_blind(const struct app *a, const struct key *key)
{
    enum action_code code = action_by_key(key->name, action_situation(a->session));

    return app_sees_nothing(a) && code != ACTION_QUIT && code != ACTION_REDRAW;
}

static void
take_key(struct app *a, const struct key *key)
{
    if (is_blind(a, key) || (key->pasted && !a->prompt.open && !a->palette.open && !a->chooser.open))
        return;
    a->pointed = key->button != MOUSE_NONE;
    if (a->pointed)
        app_mouse(a, key);
    else if (a->palette.open)
        app_palette_key(a, key);
    else if (a->chooser.open || a->card.open)
        app_menu_key(a, key);
    else if (a->prompt.open && a->session)
        give_to_prompt(a, key);
    else if (a->session)
        action_press(a->session, key->name);
    else
        map_key(a, key);
    take_request(a);
    if (a->session && a->session->quit)
        a->quit = true;
    a->unsaved |= a->session && a->session->player;
}

/* --- the loop ------------------------------------------------------------------------------------ */

static void
take_keys(struct app *a)
{
    struct key key;

    for (int i = 0; i < KEYS_A_FRAME && !a->quit && !terminal_signal() && key_read(&key); i++) {
        if (i && key.button != MOUSE_NONE) /* it points at what is there now, not at what was */
            app_draw(a);
        take_key(a, &key);
    }
}

static void
run_loop(struct app *a)
{
    unsigned news = NEWS_REDRAW;

    while (!a->quit) {
        if (news & (NEWS_RESIZED | NEWS_REDRAW))
            screen_fit(a->screen);
        if (news)
            app_draw(a);
        news = terminal_wait(app_watch_pause(a, a->unsaved && a->session ? PAUSE_MS : -1));
        if (news & NEWS_END)
            break;
        if (!news)
            keep_place(a);
        if (news & NEWS_KEY)
            take_keys(a);
        news = app_watch_look(a) ? news | NEWS_FILE : news & ~(unsigned)NEWS_FILE;
    }
}

static bool
open_screen(struct app *a, const struct app_looks *looks, struct error *e)
{
    enum theme theme = looks->theme >= 0 ? (enum theme)looks->theme : terminal_theme();
    enum glyph_set glyphs = looks->glyphs >= 0 ? (enum glyph_set)looks->glyphs : terminal_glyphs();

    if (!terminal_open(e))
        return false;
    a->screen = screen_open(theme, glyphs);
    a->mouse = !looks->no_mouse && terminal_has_mouse();
    terminal_mouse(a->mouse);
    return true;
}

static int
close_all(struct app *a)
{
    int sig = terminal_signal();

    close_session(a);
    map_close(&a->map);
    progress_close(a->progress);
    prompt_free(&a->prompt);
    buffer_free(&a->footer.text);
    screen_close(a->screen);
    terminal_mouse(false);
    if (a->pointed)
        terminal_drop_input();
    terminal_close();
    tape_close(a->tape, &a->end_error);
    if (sig)
        return terminal_exit_code(sig);
    if (a->end_error.code)
        return output_complain(&a->end_error);
    return terminal_gone() ? EXIT_WRITE : EXIT_OK;
}

static void
show_note(struct app *a, const struct error *note)
{
    if (note->code && a->session)
        session_error(a->session, note);
    else if (note->code)
        map_complain(a, note);
}

int
app_run(const struct app_start *start)
{
    static struct app app;
    struct app *a = &app;
    struct error e = {0};

    *a = (struct app){.given = start->session, .progress = start->progress, .present = start->looks.present};
    if (start->session)
        use_session(a, start->session);
    if ((start->looks.record && !(a->tape = tape_open(start->looks.record, &e))) ||
        !open_screen(a, &start->looks, &e)) {
        close_all(a);
        return output_complain(&e);
    }
    if (start->watch)
        app_watch(a);
    if (a->session || show_map(a)) {
        show_note(a, &start->note);
        run_loop(a);
    }
    return close_all(a);
}
