/* cmd_lesson_cookbook.c - `pagewalk lesson cookbook`: recipes for authors. Each is a whole lesson of assets/cookbook, so that it can be run, and a
 * test checks it like any other lesson.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/lesson_verbs.h"
#include "app/options.h"
#include "app/output.h"
#include "base/data.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "lesson/lesson.h"

enum { RECIPE_BYTES = 65536 };

struct cookbook {
    char folder[1024];
    struct dirent **entry;
    int count;
};

static int
is_recipe(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);

    return n > 4 && text_is_id(entry->d_name, n - 4, 64) && strcmp(entry->d_name + n - 4, ".lua") == 0;
}

static bool
cookbook_open(struct cookbook *c, struct error *e)
{
    *c = (struct cookbook){0};
    if (data_path(c->folder, sizeof c->folder, "cookbook"))
        c->count = scandir(c->folder, &c->entry, is_recipe, alphasort);
    for (int i = 0; i < c->count; i++)
        *strchr(c->entry[i]->d_name, '.') = '\0'; /* entries are known by their names without ".lua" */
    if (c->count > 0)
        return true;
    return error_at(e, EXIT_OPEN, c->folder, 0, "there are no recipes; see pagewalk doctor");
}

static void
cookbook_close(struct cookbook *c)
{
    for (int i = 0; i < c->count; i++)
        free(c->entry[i]);
    free(c->entry);
}

static bool
recipe_path(struct cookbook *c, int i, char path[2048])
{
    return snprintf(path, 2048, "%s/%s.lua", c->folder, c->entry[i]->d_name) < 2048;
}

/* --- list and search --- */

static bool
recipe_says(const char *path, const char *word, struct error *e)
{
    struct buffer text = {0};
    bool found = file_read(path, RECIPE_BYTES, &text, e) && strcasestr(buffer_text(&text), word);

    buffer_free(&text);
    return found;
}

static bool
list_recipe(const char *path, const char *name, struct error *e)
{
    struct lesson lesson = {0};

    if (!lesson_load(path, &lesson, e))
        return false;
    output_printf("%-12s  ", name);
    output_clean(lesson.title[lang_now()] ? lesson.title[lang_now()] : lesson.title[LANG_EN]);
    output_puts("\n");
    lesson_free(&lesson);
    return true;
}

/* Those that say the word; all when it is NULL. */
static int
list_recipes(struct cookbook *c, const char *word)
{
    char path[2048];
    int listed = 0;

    for (int i = 0; i < c->count; i++) {
        struct error e = {0};
        if (!recipe_path(c, i, path) || (word && !recipe_says(path, word, &e))) {
            if (e.code)
                return output_complain(&e);
            continue;
        }
        if (!list_recipe(path, c->entry[i]->d_name, &e))
            return output_complain(&e);
        listed++;
    }
    if (!listed)
        output_warn("no recipe says \"%.60s\"", word);
    return listed ? EXIT_OK : EXIT_ANSWER;
}

void
recipes_print(void)
{
    struct cookbook c;
    struct error ignored = {0};

    if (!cookbook_open(&c, &ignored))
        return;
    for (int i = 0; i < c.count; i++)
        output_printf("%s\n", c.entry[i]->d_name);
    cookbook_close(&c);
}

/* --- print --- */

static int
refuse_name(struct cookbook *c, const char *name)
{
    const char **names = memory_new((size_t)c->count + 1, sizeof *names), *near;
    struct error e = {0};

    for (int i = 0; i < c->count; i++)
        names[i] = c->entry[i]->d_name;
    near = error_nearest(name, names);
    if (near)
        error_set(&e, EXIT_OPEN, "no recipe \"%.60s\" (did you mean \"%s\"?)", name, near);
    else
        error_set(&e, EXIT_OPEN, "no recipe \"%.60s\": see `pagewalk lesson cookbook`", name);
    free(names);
    return output_complain(&e);
}

static int
print_recipe(struct cookbook *c, const char *name)
{
    struct buffer text = {0};
    struct error e = {0};
    char path[2048];
    int i = 0;

    while (i < c->count && strcmp(c->entry[i]->d_name, name) != 0)
        i++;
    if (i == c->count || !recipe_path(c, i, path))
        return refuse_name(c, name);
    if (file_read(path, RECIPE_BYTES, &text, &e))
        output_buffer(&text);
    buffer_free(&text);
    return e.code ? output_complain(&e) : EXIT_OK;
}

int
lesson_cookbook(int argc, char **argv)
{
    const char *word = NULL;
    int lang = LANG_EN, code;
    const struct option_row rows[] = {
        {OPTION_TEXT, "search", "WORD", "list the recipes that say this", &word, 0, 0, NULL},
        {OPTION_WORD, "lang", NULL, "language of the titles (en)", &lang, 0, 0, option_langs},
        {0},
    };
    const struct usage u = {"lesson cookbook",
                            "[NAME]",
                            "Small complete lessons to copy from: without NAME their list, with it "
                            "the text of one, as in\n"
                            "pagewalk lesson cookbook ask >my-lesson.lua\n",
                            rows,
                            0,
                            1};
    struct cookbook c;
    struct error e = {0};
    char **rest;

    code = options_read(&u, argc, argv, &rest);
    if (code != OPTIONS_GO_ON)
        return code;
    if (rest[0] && word)
        return options_refuse(&u, "NAME and --search exclude each other");
    options_speak(lang);
    if (!cookbook_open(&c, &e))
        return output_complain(&e);
    code = rest[0] ? print_recipe(&c, rest[0]) : list_recipes(&c, word);
    cookbook_close(&c);
    return code;
}
