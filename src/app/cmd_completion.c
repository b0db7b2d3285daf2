/* cmd_completion.c - `pagewalk completion`: the scripts for shells, and the names those scripts ask for. */
#include <string.h>

#include "app/commands.h"
#include "app/completion.h"
#include "app/lesson_verbs.h"
#include "app/options.h"
#include "app/output.h"
#include "lesson/lesson.h"
#include "machine/operation.h"
#include "machine/preset.h"
#include "os/policy.h"
#include "view/pane.h"

/* --- names --- */

/* bash expands the words that a completion offers: the name of a file in the machines' folder must not be a command in it. */
static void
print_name(const char *name)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+";

    if (!name[strspn(name, plain)])
        output_printf("%s\n", name);
}

static void
on_lesson(void *ctx, const struct lesson *l)
{
    (void)ctx;
    print_name(l->id);
}

/* In the middle of a line nobody wants to hear of it. */
static void
on_bad(void *ctx, const struct error *e)
{
    (void)ctx;
    (void)e;
}

static void
print_lessons(void)
{
    struct error ignored = {0};

    lesson_list(on_lesson, on_bad, NULL, &ignored);
}

static void
on_machine(void *ctx, const char *name)
{
    (void)ctx;
    print_name(name);
}

static void
print_machines(void)
{
    preset_list(on_machine, NULL);
}

static void
print_views(void)
{
    for (int i = PANE_NONE + 1; i < PANES; i++)
        print_name(pane_row[i].name);
}

/* What --set takes. */
static void
print_settings(void)
{
    for (size_t i = 0; preset_sizes[i]; i++)
        print_name(preset_sizes[i]);
    for (unsigned i = 0; i < set_field_count(); i++)
        if (set_field_at(i)->class == SET_TUNABLE || set_field_at(i)->class == SET_QUIRK)
            print_name(set_field_at(i)->name);
}

static void
print_policies(void)
{
    for (int i = 0; i < POLICIES; i++)
        print_name(policy_row[i].name);
}

static const struct {
    const char *name;
    void (*print)(void);
} names[] = {{"lessons", print_lessons}, {"machines", print_machines},
             {"views", print_views},     {"settings", print_settings},
             {"recipes", recipes_print}, {"policies", print_policies}};

/* An unknown kind is no complaint: the script may be newer than the program. */
static int
print_names(const char *kind)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].name, kind) == 0)
            names[i].print();
    return EXIT_OK;
}

/* --- scripts --- */

static const struct {
    const char *name;
    void (*make)(struct buffer *out);
} shells[] = {{"bash", completion_bash}, {"zsh", completion_zsh}, {"fish", completion_fish}};

static int
print_script(const struct usage *u, const char *shell)
{
    struct buffer out = {0};

    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        if (strcmp(shells[i].name, shell) != 0)
            continue;
        shells[i].make(&out);
        output_buffer(&out);
        buffer_free(&out);
        return EXIT_OK;
    }
    return options_refuse(u, "no script for \"%.40s\": expected bash, zsh or fish", shell);
}

int
cmd_completion(int argc, char **argv)
{
    const struct option_row rows[] = {{0}};
    const struct usage u = {"completion",
                            "bash|zsh|fish",
                            "Print the script that lets a shell complete pagewalk's words; make "
                            "install puts them in place.\n"
                            "In bash: eval \"$(pagewalk completion bash)\"\n",
                            rows,
                            1,
                            2};
    char **rest;
    int code = options_read(&u, argc, argv, &rest);

    if (code != OPTIONS_GO_ON)
        return code;
    if (rest[1] && strcmp(rest[0], "words") == 0) /* what the scripts ask */
        return print_names(rest[1]);
    if (rest[1])
        return options_refuse(&u, "one argument too many: \"%.60s\"", rest[1]);
    return print_script(&u, rest[0]);
}
