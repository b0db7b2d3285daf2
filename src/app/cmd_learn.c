/* cmd_learn.c - `pagewalk`, `pagewalk learn` and `pagewalk play`: onto the screen, or into plain mode when there is none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "app/launch.h"
#include "app/options.h"
#include "app/output.h"
#include "base/memory.h"

static int
learn(struct launch *l, const char *lesson, uint64_t step)
{
    struct session *s;
    struct error e = {0};

    if (!lesson)
        return launch_map(l);
    s = memory_new(1, sizeof *s);
    if (!app_open_lesson(s, l->progress, lesson, (unsigned)step, &e)) {
        free(s);
        return output_complain(&e);
    }
    return launch_session(l, s);
}

static int
start(struct usage *u, int argc, char **argv)
{
    struct launch l = LAUNCH_INIT;
    uint64_t step = 0;
    const struct option_row rows[] = {
        {OPTION_NUMBER, "step", "N", "begin at page N of the story", &step, 1, 200, NULL},
        LAUNCH_OPTIONS(l),
        {OPTION_FLAG, "present", NULL, "for a projector: answers hidden until asked for", &l.looks.present, 0, 0, NULL},
        {0},
    };
    char **rest;
    int code;

    u->rows = rows;
    code = options_read(u, argc, argv, &rest);
    if (code != OPTIONS_GO_ON)
        return code;
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

    return start(&u, argc, argv);
}

int
cmd_learn(int argc, char **argv)
{
    struct usage u = {"learn", "[LESSON]",
                      "A lesson, by its id (pagewalk list) or by the path of a .lua file; without one the course map.\n"
                      "It goes on where it was left.\n",
                      NULL, 0, 1};

    return start(&u, argc, argv);
}
