/* cmd_lesson.c - `pagewalk lesson new|check|test|api`: for people who write lessons. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/options.h"
#include "app/output.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "lesson/api.h"
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
    if (n == 0 || n > 64 || strspn(base, "abcdefghijklmnopqrstuvwxyz0123456789-") < n)
        return false;
    snprintf(id, 65, "%.*s", (int)n, base);
    return true;
}

/* O_EXCL: somebody's work is never overwritten, not even in a race. */
static bool
write_new(const char *path, const struct buffer *text, struct error *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    bool ok;

    if (fd < 0)
        return error_at(e, EXIT_WRITE, path, 0,
                        errno == EEXIST ? "is there already; nothing was written"
                                        : "cannot create: %s",
                        strerror(errno));
    ok = file_write_all(fd, text->data, text->length);
    if (close(fd) != 0 || !ok) {
        error_at(e, EXIT_WRITE, path, 0, "cannot write: %s", strerror(errno));
        unlink(path);
        return false;
    }
    return true;
}

static int
lesson_new(const struct usage *u, char **names)
{
    char id[65], path[PATH_MAX];
    struct buffer text = {0};
    struct error e = {0};
    size_t n;

    if (!names[0] || names[1])
        return options_refuse(u, "new: expected one NAME");
    if (!id_of(names[0], id))
        return options_refuse(u, "new: a lesson's name is 1 to 64 of a-z 0-9 -, not \"%.80s\"",
                              names[0]);
    n = strlen(names[0]);
    snprintf(path, sizeof path, "%s%s", names[0],
             n > 4 && strcmp(names[0] + n - 4, ".lua") == 0 ? "" : ".lua");
    if (starter_text(id, &text, &e) && write_new(path, &text, &e))
        output_warn("%s is written. Look at it with: pagewalk learn %s", path, path);
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

static const char *const *
view_names(void)
{
    static const char *names[PANES];

    for (int i = 1; i < PANES; i++)
        names[i - 1] = pane_row[i].name;
    return names;
}

static int
check_one(const char *path)
{
    struct checking c = {0};
    struct check_counts n = {0};
    bool good = lesson_check(path, view_names(), on_finding, &c, &n);
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

static int
lesson_check_all(const struct usage *u, char **files)
{
    int worst = EXIT_OK;

    if (!files[0])
        return options_refuse(u, "check: expected FILE...");
    for (; *files && !output_broken(); files++) {
        int code = check_one(*files);
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

    qsort(f->path, (size_t)f->count, sizeof f->path[0], by_path);
    output_printf("TAP version 13\n1..%d\n", f->count);
    for (int i = 0; i < f->count; i++) {
        struct checking c = {.tap = true};
        struct check_counts n = {0};
        bool good = !output_broken() && lesson_check(f->path[i], view_names(), on_finding, &c, &n);
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

static int
lesson_test(const struct usage *u, char **dirs)
{
    static struct files f;
    struct error e = {0};
    struct stat st;

    if (!dirs[0] || dirs[1])
        return options_refuse(u, "test: expected one DIR");
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

/* --- api --- */

static int
lesson_api(const struct usage *u, char **what)
{
    struct buffer out = {0};

    if (what[0] && strcmp(what[0], "luacheckrc") == 0)
        api_luacheckrc(&out);
    else if (!what[0] || strcmp(what[0], "annotations") == 0)
        api_annotations(&out);
    else
        return options_refuse(u, "api: expected annotations or luacheckrc, not \"%.40s\"", what[0]);
    output_buffer(&out);
    buffer_free(&out);
    return EXIT_OK;
}

static int
lesson_watch(const struct usage *u, char **rest)
{
    (void)rest;
    return options_refuse(u, "watch is not there yet; run check after saving");
}

/* --- the command --- */

static const struct {
    const char *name;
    int (*run)(const struct usage *u, char **rest);
} verbs[] = {{"new", lesson_new},
             {"check", lesson_check_all},
             {"test", lesson_test},
             {"api", lesson_api},
             {"watch", lesson_watch}};

int
cmd_lesson(int argc, char **argv)
{
    static const char *const names[] = {"new", "check", "test", "api", "watch", NULL};
    char **rest;
    const char *near;
    const struct option_row rows[] = {{0}};
    const struct usage u = {
        "lesson",
        "new|check|test|api ...",
        "  new NAME       write NAME.lua, a lesson that runs; never overwrites\n"
        "  check FILE...  tell a lesson in every way a learner may take through it; findings as "
        "file:line: step N: ...\n"
        "  test DIR       check every lesson of a folder; TAP\n"
        "  api [annotations|luacheckrc]\n"
        "                 what a lesson can call: for editors (pagewalk.d.lua), for luacheck "
        "(.luacheckrc)\n",
        rows,
        1,
        INT_MAX};
    int code = options_read(&u, argc, argv, &rest);

    if (code != OPTIONS_GO_ON)
        return code;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i].name, rest[0]) == 0)
            return verbs[i].run(&u, rest + 1);
    near = error_nearest(rest[0], names);
    if (near)
        return options_refuse(&u, "no \"%.40s\" (did you mean \"%s\"?)", rest[0], near);
    return options_refuse(&u, "\"%.40s\" is not one of new, check, test, api", rest[0]);
}
