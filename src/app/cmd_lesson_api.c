/* cmd_lesson_api.c - `pagewalk lesson api`: the table of what a lesson can call, in the shape that somebody needs. */
#include <stdio.h>
#include <string.h>

#include "app/lesson_verbs.h"
#include "app/options.h"
#include "app/output.h"
#include "lesson/api.h"
#include "machine/preset.h"
#include "view/pane.h"

enum { MACHINES_MAX = 64, MACHINE_NAME = 64 };

struct machines {
    char name[MACHINES_MAX][MACHINE_NAME];
    const char *list[MACHINES_MAX + 1];
    unsigned count;
};

static void
add_machine(void *ctx, const char *name)
{
    struct machines *all = ctx;

    if (all->count == MACHINES_MAX)
        return;
    snprintf(all->name[all->count], MACHINE_NAME, "%s", name);
    all->list[all->count] = all->name[all->count];
    all->count++;
}

static void
annotate(struct buffer *out)
{
    static struct machines all;

    all = (struct machines){0};
    preset_list(add_machine, &all);
    api_annotations(&(struct api_names){pane_names(), all.list}, out);
}

static const struct {
    const char *name;
    void (*make)(struct buffer *out);
} shape[] = {{"text", api_text}, {"lua", annotate},          {"luacheckrc", api_luacheckrc},
             {"json", api_json}, {"markdown", api_markdown}, {"mdoc", api_mdoc}};

enum { SHAPES = sizeof shape / sizeof *shape };

int
lesson_api(int argc, char **argv)
{
    static const char *words[SHAPES + 1];
    int format = 0, code;
    const struct option_row rows[] = {
        {OPTION_WORD, "format", NULL, "for whom (text)", &format, 0, 0, words},
        {0},
    };
    const struct usage u = {"lesson api",
                            "",
                            "What a lesson can call and what its tables hold: text, markdown and "
                            "json to read, lua for an editor\n"
                            "(pagewalk.d.lua beside the lesson), luacheckrc for luacheck "
                            "(.luacheckrc), mdoc for the manual.\n",
                            rows,
                            0,
                            0};
    struct buffer out = {0};
    char **rest;

    for (int i = 0; i < SHAPES; i++)
        words[i] = shape[i].name;
    code = options_read(&u, argc, argv, &rest);
    if (code != OPTIONS_GO_ON)
        return code;
    shape[format].make(&out);
    output_buffer(&out);
    buffer_free(&out);
    return EXIT_OK;
}
