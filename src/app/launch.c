/* launch.c - see launch.h. */
#include "app/launch.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/course.h"
#include "app/file_watch.h"
#include "app/keymap.h"
#include "app/lesson_verbs.h"
#include "app/output.h"
#include "app/plain.h"
#include "app/terminal.h"
#include "base/lang.h"
#include "base/memory.h"
#include "base/number.h"

/* The first complaint is shown; `pagewalk keys` says all. */
static void
note_complaint(void *ctx, const struct error *e)
{
    struct launch *l = ctx;

    if (!l->note.code)
        l->note = *e;
}

int
launch_begin(struct launch *l, const struct usage *u)
{
    const char *wish = getenv("PAGEWALK_PLAIN");

    l->looks.no_mouse |= !terminal_mouse_wanted();
    l->why_plain = l->plain ? "--plain" : wish && *wish ? "PAGEWALK_PLAIN" : terminal_refusal();
    if (l->why_plain && !l->plain && !terminal_stdin_drives())
        return options_refuse(u, "no usable terminal (%s), and stdin has nothing to drive plain mode with", l->why_plain);
    if (l->why_plain && l->looks.record)
        return options_refuse(u, "--record records the screen, and this is plain mode (%s)", l->why_plain);
    options_speak(l->looks.lang >= 0 ? l->looks.lang : options_own_lang());
    l->progress = progress_open(&l->note);
    keymap_load(note_complaint, l);
    if (l->note.code && l->why_plain)
        output_complain(&l->note);
    return OPTIONS_GO_ON;
}

void
launch_end(struct launch *l)
{
    progress_close(l->progress);
    l->progress = NULL;
}

/* --- plain mode ---------------------------------------------------------------------------------- */

static void
keep_place(void *ctx, struct session *s)
{
    struct launch *l = ctx;
    struct error e = {0};

    session_refresh(s);
    if (s->player && !progress_record(l->progress, s->player, s->step, session_is_done(s), &e) && e.code)
        output_complain(&e);
}

static int
run_plain(struct launch *l, struct session *s)
{
    struct plain plain = {.why = l->why_plain, .width = (unsigned)l->width, .moved = keep_place, .ctx = l};
    struct error note = {0};
    int code;

    if (!session_keep_bookmarks(s, &note))
        output_complain(&note);
    code = plain_run(s, &plain);
    session_close(s);
    free(s);
    return code;
}

static int
plain_lesson(struct launch *l, const struct course *c, unsigned number)
{
    struct session *s = memory_new(1, sizeof *s);
    struct error e = {0};

    if (app_open_lesson(s, l->progress, c->lesson[number - 1].id, 0, &e))
        return run_plain(l, s);
    free(s);
    return output_complain(&e);
}

static void
list_course(const struct launch *l, const struct course *c)
{
    static const char *const state[] = {"new", "begun", "done"};

    output_printf("%s (%s)\n", tr("plain mode"), l->why_plain);
    for (unsigned i = 0; i < c->count; i++) {
        const struct course_lesson *x = &c->lesson[i];
        output_printf("%u ", i + 1);
        output_clean(x->title[lang_now()] ? x->title[lang_now()] : x->title[LANG_EN]);
        output_printf(" (%s, %s%s%s)\n", x->id, tr(state[x->state]), (int)i == c->next ? ", " : "",
                      (int)i == c->next ? tr("next") : "");
    }
    output_printf("%s\n", tr("Type a lesson's number, or quit. Enter: the one that comes next."));
    output_flush();
}

/* One lesson a visit: its own `quit` ends the program. */
static int
plain_course(struct launch *l, struct course *c)
{
    char line[64];
    struct error e = {0};
    uint64_t number = (uint64_t)((c->last >= 0 ? c->last : c->next) + 1);

    list_course(l, c);
    for (;;) {
        if (!fgets(line, sizeof line, stdin))
            return EXIT_OK;
        line[strcspn(line, "\r\n")] = '\0';
        if (strcmp(line, "quit") == 0 || strcmp(line, "q") == 0)
            return EXIT_OK;
        if (!*line && number > 0)
            return plain_lesson(l, c, (unsigned)number);
        if (number_parse_range(line, 1, c->count, "lesson", &number, &e))
            return plain_lesson(l, c, (unsigned)number);
        output_complain(&e);
        e = (struct error){0};
    }
}

/* --- an author's ear ----------------------------------------------------------------------------- */

static volatile sig_atomic_t interrupted;

static void
on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

int
launch_watch_plain(const char *path)
{
    struct sigaction catcher = {.sa_handler = on_interrupt}; /* without SA_RESTART, so that poll() returns */
    struct file_watch watch;

    sigemptyset(&catcher.sa_mask);
    sigaction(SIGINT, &catcher, NULL);
    file_watch_open(&watch, path);
    do {
        output_printf("-- %s\n", lesson_verdict(path) == EXIT_OK ? tr("good") : tr("not good"));
        output_flush();
        while (!interrupted && !output_broken() && !file_watch_saved(&watch))
            poll(&(struct pollfd){.fd = watch.notices, .events = POLLIN}, 1, file_watch_pause(&watch));
    } while (!interrupted && !output_broken());
    file_watch_close(&watch);
    return interrupted ? EXIT_INTERRUPTED : EXIT_WRITE;
}

/* --- either -------------------------------------------------------------------------------------- */

static int
run_screen(struct launch *l, struct session *s)
{
    struct app_start how = {l->looks, s, l->progress, l->note, l->watch};
    int code;

    l->progress = NULL; /* app_run closes it */
    code = app_run(&how);
    free(s);
    return code;
}

int
launch_session(struct launch *l, struct session *s)
{
    return l->why_plain ? run_plain(l, s) : run_screen(l, s);
}

int
launch_map(struct launch *l)
{
    struct course c;
    struct error e = {0};
    int code;

    if (!l->why_plain)
        return run_screen(l, NULL);
    if (!course_open(&c, l->progress, &e))
        return output_complain(&e);
    code = plain_course(l, &c);
    course_close(&c);
    return code;
}
