/* cmd_learn.c - `pagewalk`, `pagewalk learn` and `pagewalk play`: onto the screen, or into plain mode when there is none. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "app/file_watch.h"
#include "app/launch.h"
#include "app/lesson_verbs.h"
#include "app/options.h"
#include "app/output.h"
#include "base/memory.h"

static bool
is_path(const char *lesson)
{
    return strchr(lesson, '/') || strchr(lesson, '.');
}

/* A file may be broken when one begins to watch it: the screen comes when it has been mended. */
static bool
open_lesson(struct launch *l, struct session *s, const char *lesson, uint64_t step, struct error *e)
{
    struct file_watch watch;
    bool opened;

    if (!l->watch)
        return app_open_lesson(s, l->progress, lesson, (unsigned)step, e);
    file_watch_open(&watch, lesson);
    while (!(opened = app_open_lesson(s, NULL, lesson, (unsigned)step, e)) && e->code == EXIT_DATA && is_path(lesson)) {
        output_complain(e);
        output_warn("waiting for it to be saved");
        *e = (struct error){0};
        while (!file_watch_saved(&watch))
            poll(&(struct pollfd){.fd = watch.notices, .events = POLLIN}, 1, file_watch_pause(&watch));
    }
    file_watch_close(&watch);
    return opened;
}

/* The file of a lesson that may be broken, so that only an id is looked for. */
static int
watch_plain(const char *lesson)
{
    struct lesson found = {0};
    struct error e = {0};
    int code;

    if (is_path(lesson))
        return launch_watch_plain(lesson);
    if (!lesson_find(lesson, &found, &e))
        return output_complain(&e);
    code = launch_watch_plain(found.path);
    lesson_free(&found);
    return code;
}

static int
learn(struct launch *l, const char *lesson, uint64_t step)
{
    struct session *s;
    struct error e = {0};

    if (!lesson)
        return launch_map(l);
    if (l->watch && l->why_plain)
        return watch_plain(lesson);
    s = memory_new(1, sizeof *s);
    if (!open_lesson(l, s, lesson, step, &e)) {
        free(s);
        return output_complain(&e);
    }
    return launch_session(l, s);
}

/* `watch`: `lesson watch`, which has no --watch of its own because it means nothing else. */
static int
start(struct usage *u, int argc, char **argv, bool watch)
{
    struct launch l = LAUNCH_INIT;
    uint64_t step = 0;
    const struct option_row rows[] = {
        {OPTION_NUMBER, "step", "N", "begin at page N of the story", &step, 1, 200, NULL},
        LAUNCH_OPTIONS(l),
        {watch ? OPTION_END : OPTION_FLAG, "present", NULL, "for a projector: a large pane; PageDown shows answers", &l.looks.present, 0, 0,
         NULL},
        {u->most ? OPTION_FLAG : OPTION_END, "watch", NULL, "load the lesson again whenever its file is saved", &l.watch, 0, 0, NULL},
        {0},
    };
    char **rest;
    int code;

    u->rows = rows;
    code = options_read(u, argc, argv, &rest);
    if (code != OPTIONS_GO_ON)
        return code;
    l.watch |= watch;
    if (l.watch && !rest[0])
        return options_refuse(u, "--watch needs a LESSON");
    code = launch_begin(&l, u);
    if (code == OPTIONS_GO_ON)
        code = learn(&l, u->most ? rest[0] : NULL, step);
    launch_end(&l);
    return code;
}

int
cmd_start(int argc, char **argv)
{
    struct usage u = {"", "", "The course: continue, pick a lesson, playground, help. pagewalk --help lists the commands.\n", NULL, 0, 0};

    return start(&u, argc, argv, false);
}

int
cmd_learn(int argc, char **argv)
{
    struct usage u = {"learn", "[LESSON]",
                      "A lesson, by its id (pagewalk list) or by the path of a .lua file; without one the course map.\n"
                      "It goes on where it was left.\n",
                      NULL, 0, 1};

    return start(&u, argc, argv, false);
}

int
lesson_watch(int argc, char **argv)
{
    struct usage u = {"lesson watch", "FILE",
                      "A lesson on the screen, loaded again whenever its file, or a module beside it, is saved. The page is kept by its\n"
                      "title, else by its question, else by its number. While the file is broken the version before stays, and the status\n"
                      "line says what is wrong. No progress is kept. With --plain: the verdict of `lesson check`, at every save.\n",
                      NULL, 1, 1};

    return start(&u, argc, argv, true);
}
