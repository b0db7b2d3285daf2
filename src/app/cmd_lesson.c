/* cmd_lesson.c - `pagewalk lesson WORD`: for people who write lessons. The words are in lesson_verbs.def. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/commands.h"
#include "app/lesson_verbs.h"
#include "app/options.h"
#include "app/output.h"
#include "base/file.h"
#include "base/lang.h"
#include "base/memory.h"
#include "base/text.h"
#include "lesson/check.h"
#include "lesson/starter.h"
#include "view/pane.h"

enum { FILES_MAX = 4096 };

/* --- new --- */

/* "dir/my-lesson.lua" -> "my-lesson"; false when that is no id. */
static bool
id_of(const char *name, char id[65])
{
    const char *base = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
    size_t n = strlen(base);

    if (n > 4 && strcmp(base + n - 4, ".lua") == 0)
        n -= 4;
    if (!text_is_id(base, n, 64))
        return false;
    snprintf(id, 65, "%.*s", (int)n, base);
    return true;
}

int
lesson_new(int argc, char **argv)
{
    const struct option_row rows[] = {{0}};
    const struct usage u = {"lesson new", "NAME",
                            "Write NAME.lua, a lesson that runs; nothing is ever overwritten.\n", rows, 1, 1};
    char id[65], path[PATH_MAX], **names;
    struct buffer text = {0};
    struct error e = {0};
    size_t n;
    int code = options_read(&u, argc, argv, &names);

    if (code != OPTIONS_GO_ON)
        return code;
    if (!id_of(names[0], id))
        return options_refuse(&u, "a lesson's name is 1 to 64 of a-z 0-9 -, not \"%.80s\"", names[0]);
    n = strlen(names[0]);
    snprintf(path, sizeof path, "%s%s", names[0],
             n > 4 && strcmp(names[0] + n - 4, ".lua") == 0 ? "" : ".lua");
    if (starter_text(id, &text, &e) && file_save_new(path, text.data, text.length, &e))
        output_warn("%s is written. Work on it with: pagewalk lesson watch %s", path, path);
    buffer_free(&text);
    return e.code ? output_complain(&e) : EXIT_OK;
}

/* --- check --- */

struct checking {
    bool tap;            /* findings are diagnostics of a test */
    enum exit_code load; /* of the first error: EXIT_OPEN when the file could not be read */
    struct buffer findings;
};

static void
on_finding(void *ctx, enum check_level level, const struct error *what)
{
    struct checking *c = ctx;
    char text[1024];

    if (level == CHECK_ERROR && !c->load)
        c->load = what->code;
    error_format(what, text, sizeof text);
    buffer_puts(&c->findings, c->tap ? "# " : "");
    text_clean(&c->findings, text, strlen(text), 0);
    buffer_puts(&c->findings, level == CHECK_ADVICE ? " (advice)\n" : "\n");
}

/* A quirk that explains a choice does so in every language, whatever is spoken. */
static void
read_languages(void)
{
    enum lang spoken = lang_now();

    options_speak(LANG_ZH);
    options_speak(spoken);
}

int
lesson_verdict(const char *path)
{
    struct checking c = {0};
    struct check_counts n = {0};

    read_languages();
    bool good = lesson_check(path, pane_names(), on_finding, &c, &n);
    bool told = n.steps > 0;

    if (told) {
        output_buffer(&c.findings);
        output_clean(path);
        output_printf(
            ": %s: %u steps, %u questions, %u wrong answers, %u positions, %u expectations\n",
            good ? "good" : "not good", n.steps, n.questions, n.wrong_answers, n.positions,
            n.expectations);
    } else { /* there is no lesson to say anything about */
        fputs(buffer_text(&c.findings), stderr);
    }
    buffer_free(&c.findings);
    if (good)
        return EXIT_OK;
    return (told && c.load != EXIT_LIMIT) || !c.load ? EXIT_ANSWER : c.load;
}

int
lesson_check_all(int argc, char **argv)
{
    const struct option_row rows[] = {{0}};
    const struct usage u = {"lesson check", "FILE...",
                            "Tell lessons in every way a learner may take through them; findings as file:line: step N: ...\n",
                            rows, 1, INT_MAX};
    char **files;
    int code = options_read(&u, argc, argv, &files), worst = EXIT_OK;

    if (code != OPTIONS_GO_ON)
        return code;
    for (; *files && !output_broken(); files++) {
        code = lesson_verdict(*files);
        if (code > worst)
            worst = code;
    }
    return worst;
}

/* --- test --- */

struct files {
    char *path[FILES_MAX];
    int count;
};

static bool
is_lesson_name(const char *name)
{
    size_t n = strlen(name);

    return name[0] != '.' && n > 4 && strcmp(name + n - 4, ".lua") == 0 &&
           !(n > 6 && strcmp(name + n - 6, ".d.lua") == 0);
}

/* Lessons of a folder and of those in it, but not of lib/: what lessons share is no lesson. */
static void
collect(struct files *f, const char *dir, int depth)
{
    DIR *d = opendir(dir);
    struct stat st;

    for (struct dirent *entry; d && (entry = readdir(d));) {
        char path[PATH_MAX];
        if (entry->d_name[0] == '.' || !file_join(path, sizeof path, dir, entry->d_name) ||
            stat(path, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode) && depth > 0 && strcmp(entry->d_name, "lib") != 0)
            collect(f, path, depth - 1);
        else if (S_ISREG(st.st_mode) && is_lesson_name(entry->d_name) && f->count < FILES_MAX)
            f->path[f->count++] = memory_text(path);
    }
    if (d)
        closedir(d);
}

static int
by_path(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
test_files(struct files *f)
{
    int failed = 0;

    read_languages();
    qsort(f->path, (size_t)f->count, sizeof f->path[0], by_path);
    output_printf("TAP version 13\n1..%d\n", f->count);
    for (int i = 0; i < f->count; i++) {
        struct checking c = {.tap = true};
        struct check_counts n = {0};
        bool good = !output_broken() && lesson_check(f->path[i], pane_names(), on_finding, &c, &n);
        output_printf("%sok %d - ", good ? "" : "not ", i + 1);
        output_clean(f->path[i]);
        output_puts("\n");
        output_buffer(&c.findings);
        output_flush();
        buffer_free(&c.findings);
        free(f->path[i]);
        failed += !good;
    }
    return failed ? EXIT_ANSWER : EXIT_OK;
}

int
lesson_test(int argc, char **argv)
{
    static struct files f;
    const struct option_row rows[] = {{0}};
    const struct usage u = {"lesson test", "DIR", "Check every lesson of a folder and of those in it, but not of lib/; TAP.\n",
                            rows, 1, 1};
    struct error e = {0};
    struct stat st;
    char **dirs;
    int code = options_read(&u, argc, argv, &dirs);

    if (code != OPTIONS_GO_ON)
        return code;
    if (stat(dirs[0], &st) != 0)
        error_at(&e, EXIT_OPEN, dirs[0], 0, "cannot open: %s", strerror(errno));
    else if (!S_ISDIR(st.st_mode))
        error_at(&e, EXIT_OPEN, dirs[0], 0, "not a folder");
    if (e.code)
        return output_complain(&e);
    f.count = 0;
    collect(&f, dirs[0], 3);
    if (f.count == 0) {
        error_at(&e, EXIT_OPEN, dirs[0], 0, "there is no lesson (*.lua) in it");
        return output_complain(&e);
    }
    return test_files(&f);
}

/* --- the command --- */

static const struct {
    const char *name, *arguments, *help;
    int (*run)(int argc, char **argv);
} verbs[] = {
#define VERB(function, name, arguments, help) {name, arguments, help, function},
#include "app/lesson_verbs.def"
#undef VERB
};

enum { VERBS = sizeof verbs / sizeof *verbs };

/* "new|check|...", and a line of help for each. */
static void
describe_verbs(struct buffer *words, struct buffer *text)
{
    for (int i = 0; i < VERBS; i++) {
        buffer_printf(words, "%s%s", i ? "|" : "", verbs[i].name);
        buffer_printf(text, "  %-8s %-8s  %s\n", verbs[i].name, verbs[i].arguments, verbs[i].help);
    }
    buffer_puts(words, " ...");
    buffer_puts(text, "\npagewalk lesson WORD --help tells more.\n");
}

static int
refuse_verb(const struct usage *u, const char *word)
{
    const char *names[VERBS + 1], *near;

    for (int i = 0; i < VERBS; i++)
        names[i] = verbs[i].name;
    names[VERBS] = NULL;
    near = error_nearest(word, names);
    if (near)
        return options_refuse(u, "no \"%.40s\" (did you mean \"%s\"?)", word, near);
    return options_refuse(u, "\"%.40s\" is not one of %s", word, u->arguments);
}

int
cmd_lesson(int argc, char **argv)
{
    const struct option_row rows[] = {{0}};
    struct buffer words = {0}, text = {0};
    char **rest;
    int code;

    for (int i = 0; argc > 1 && i < VERBS; i++)
        if (strcmp(verbs[i].name, argv[1]) == 0)
            return verbs[i].run(argc - 1, argv + 1);
    describe_verbs(&words, &text);
    struct usage u = {"lesson", buffer_text(&words), buffer_text(&text), rows, 1, INT_MAX};
    code = options_read(&u, argc, argv, &rest);
    if (code == OPTIONS_GO_ON)
        code = refuse_verb(&u, rest[0]);
    buffer_free(&words);
    buffer_free(&text);
    return code;
}
