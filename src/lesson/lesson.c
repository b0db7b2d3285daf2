/* Finding lessons: one file by path, one by id, or all of them in course order. */
#include "lesson/lesson.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/data.h"
#include "base/file.h"
#include "base/memory.h"
#include "lesson/player_internal.h"

enum { FILES_MAX = 20000, FOLDERS_DEEP = 2 };

static const struct {
    const char *id, *title;
} part[] = {
    {"why", "Why virtual memory"},   {"translation", "Translation"},      {"tlb", "The TLB and its friends"},
    {"faults", "Faults and sharing"}, {"replacement", "Page replacement"}, {"allocators", "The kernel's allocators"},
};
enum { COURSE_PARTS = sizeof part / sizeof *part };

const struct gift_row gift_row[GIFTS] = {
#define GIFT(code, name, text) {name, text},
#include "lesson/gifts.def"
#undef GIFT
};

/* --- one -------------------------------------------------------------------------------------- */

bool
lesson_load(const char *path, struct lesson *out, struct error *e)
{
    struct script script;

    if (!script_open(&script, path, NULL, out, e))
        return false;
    script_close(&script);
    return true;
}

void
lesson_free(struct lesson *l)
{
    for (int lang = 0; lang < LANGS; lang++) {
        free(l->title[lang]);
        l->title[lang] = NULL;
    }
}

/* --- files ------------------------------------------------------------------------------------ */

struct paths {
    char **path;
    size_t count, room;
};

static void
paths_add(struct paths *p, const char *path)
{
    if (p->count == p->room) {
        p->room = p->room ? 2 * p->room : 64;
        p->path = memory_resize(p->path, p->room, sizeof *p->path);
    }
    p->path[p->count] = memory_text(path);
    p->count++;
}

static void
paths_free(struct paths *p)
{
    for (size_t i = 0; i < p->count; i++)
        free(p->path[i]);
    free(p->path);
    *p = (struct paths){0};
}

/* An editor's annotations (.d.lua) are no lesson. */
static bool
ends_in_lua(const char *name)
{
    size_t n = strlen(name);

    return n > 4 && strcmp(name + n - 4, ".lua") == 0 && !(n > 6 && strcmp(name + n - 6, ".d.lua") == 0);
}

/* Every *.lua in the folder and in its folders, except lib/. Symbolic links to folders are followed only as deep as folders go. */
static void
collect(const char *dir, int deep, struct paths *out)
{
    char path[512];
    struct dirent *entry;
    DIR *d = opendir(dir);

    while (d && out->count < FILES_MAX && (entry = readdir(d))) {
        struct stat st;
        if (entry->d_name[0] == '.' || !file_join(path, sizeof path, dir, entry->d_name) || stat(path, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode) && deep > 0 && strcmp(entry->d_name, "lib") != 0)
            collect(path, deep - 1, out);
        else if (!S_ISDIR(st.st_mode) && ends_in_lua(entry->d_name))
            paths_add(out, path);
    }
    if (d)
        closedir(d);
}

static int
compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The user's files, then the shipped ones; each in order of their paths. *own says how many are the user's. */
static void
collect_all(struct paths *out, size_t *own)
{
    char base[400], dir[448];
    struct error ignored = {0};

    if (file_directory(FILE_DATA, false, base, sizeof base, &ignored) && file_join(dir, sizeof dir, base, "lessons"))
        collect(dir, FOLDERS_DEEP, out);
    *own = out->count;
    if (out->count)
        qsort(out->path, out->count, sizeof *out->path, compare_paths);
    if (data_path(dir, sizeof dir, "lessons"))
        collect(dir, FOLDERS_DEEP, out);
    if (out->count > *own)
        qsort(out->path + *own, out->count - *own, sizeof *out->path, compare_paths);
}

/* --- by id ------------------------------------------------------------------------------------ */

static bool
file_is_named(const char *path, const char *id)
{
    const char *name = strrchr(path, '/');
    size_t n = strlen(id);

    name = name ? name + 1 : path;
    return strncmp(name, id, n) == 0 && strcmp(name + n, ".lua") == 0;
}

static bool
fail_to_find(const char *id, const struct paths *files, struct error *e)
{
    const char **names = memory_new(files->count + 1, sizeof *names);
    char *copies = memory_new(1, files->count * 72 + 1);

    for (size_t i = 0; i < files->count; i++) {
        const char *name = strrchr(files->path[i], '/') + 1;
        char *copy = copies + i * 72;
        snprintf(copy, 72, "%.*s", (int)(strlen(name) - 4), name);
        names[i] = copy;
    }
    const char *near = strlen(id) < 65 ? error_nearest(id, names) : NULL;
    if (near)
        error_set(e, EXIT_OPEN, "no lesson \"%.64s\" (did you mean \"%s\"?)", id, near);
    else
        error_set(e, EXIT_OPEN, "no lesson \"%.64s\": see `pagewalk list`", id);
    free(names);
    free(copies);
    return false;
}

static bool
find_by_id(const char *id, struct lesson *out, struct error *e)
{
    struct paths files = {0};
    size_t own;
    bool found = false, named = false;

    collect_all(&files, &own);
    for (size_t i = 0; i < files.count && !named; i++) {
        if (!file_is_named(files.path[i], id))
            continue;
        named = true;
        found = lesson_load(files.path[i], out, e);
    }
    if (!named)
        fail_to_find(id, &files, e);
    paths_free(&files);
    return found;
}

bool
lesson_find(const char *id_or_path, struct lesson *out, struct error *e)
{
    if (strchr(id_or_path, '/') || ends_in_lua(id_or_path))
        return lesson_load(id_or_path, out, e);
    return find_by_id(id_or_path, out, e);
}

/* --- all, in course order --------------------------------------------------------------------- */

struct entry {
    struct lesson lesson;
    unsigned depth; /* longest chain of `needs` below it */
};

struct course {
    struct entry *entry;
    size_t count;
};

static struct entry *
course_find(const struct course *c, const char *id)
{
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->entry[i].lesson.id, id) == 0)
            return &c->entry[i];
    return NULL;
}

static unsigned
part_rank(const char *id)
{
    unsigned i = 0;

    while (i < COURSE_PARTS && strcmp(part[i].id, id) != 0)
        i++;
    return i;
}

bool
lesson_part_known(const char *id, const char **near)
{
    const char *names[COURSE_PARTS + 1];

    for (unsigned i = 0; i < COURSE_PARTS; i++)
        names[i] = part[i].id;
    names[COURSE_PARTS] = NULL;
    *near = error_nearest(id, names);
    return part_rank(id) < COURSE_PARTS;
}

const char *
lesson_part_title(const char *id)
{
    unsigned rank = part_rank(id);

    return rank < COURSE_PARTS ? tr(part[rank].title) : id;
}

static int
compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    unsigned rx = part_rank(x->lesson.part), ry = part_rank(y->lesson.part);
    int parts = strcmp(x->lesson.part, y->lesson.part);

    if (rx != ry)
        return rx < ry ? -1 : 1;
    if (parts)
        return parts;
    if (x->depth != y->depth)
        return x->depth < y->depth ? -1 : 1;
    return strcmp(x->lesson.id, y->lesson.id);
}

/* Rounds until nothing changes; lessons that need each other in a ring stop at the cap. */
static void
course_measure(struct course *c)
{
    bool changed = c->count <= 1000; /* with more, nobody reads them in order */

    for (int round = 0; changed && round < 32; round++) {
        changed = false;
        for (size_t i = 0; i < c->count; i++) {
            for (unsigned n = 0; n < c->entry[i].lesson.need_count; n++) {
                struct entry *below = course_find(c, c->entry[i].lesson.needs[n]);
                if (below && below->depth + 1 > c->entry[i].depth) {
                    c->entry[i].depth = below->depth + 1;
                    changed = true;
                }
            }
        }
    }
}

static int
compare_ids(const void *a, const void *b)
{
    const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
    int ids = strcmp(x->lesson.id, y->lesson.id);

    return ids ? ids : (x > y) - (x < y);
}

/* Two files with one id: the first stays; a user's lesson silently takes the place of a shipped one. */
static void
course_dedupe(struct course *c, size_t own, void (*bad)(void *ctx, const struct error *e), void *ctx)
{
    struct entry **sorted = memory_new(c->count + 1, sizeof *sorted);
    size_t kept = 0;

    for (size_t i = 0; i < c->count; i++)
        sorted[i] = &c->entry[i];
    qsort(sorted, c->count, sizeof *sorted, compare_ids);
    for (size_t i = 1, first = 0; i < c->count; i++) {
        struct error e = {0};
        if (strcmp(sorted[i]->lesson.id, sorted[first]->lesson.id) != 0) {
            first = i;
            continue;
        }
        error_at(&e, EXIT_DATA, sorted[i]->lesson.path, 0, "id \"%s\" is taken by %.200s", sorted[i]->lesson.id,
                 sorted[first]->lesson.path);
        if ((size_t)(sorted[i] - c->entry) < own || (size_t)(sorted[first] - c->entry) >= own)
            bad(ctx, &e);
        lesson_free(&sorted[i]->lesson);
        sorted[i]->lesson.id[0] = '\0';
    }
    for (size_t i = 0; i < c->count; i++)
        if (c->entry[i].lesson.id[0])
            c->entry[kept++] = c->entry[i];
    c->count = kept;
    free(sorted);
}

bool
lesson_list(void (*each)(void *ctx, const struct lesson *l), void (*bad)(void *ctx, const struct error *e),
            void *ctx, struct error *e)
{
    struct paths files = {0};
    struct course course = {0};
    size_t own, own_good = 0;

    collect_all(&files, &own);
    course.entry = memory_new(files.count + 1, sizeof *course.entry);
    for (size_t i = 0; i < files.count; i++) {
        struct error why = {0};
        if (lesson_load(files.path[i], &course.entry[course.count].lesson, &why))
            own_good += i < own, course.count++;
        else
            bad(ctx, &why);
    }
    bool full = files.count >= FILES_MAX;
    paths_free(&files);
    course_dedupe(&course, own_good, bad, ctx);
    course_measure(&course);
    qsort(course.entry, course.count, sizeof *course.entry, compare_entries);
    for (size_t i = 0; i < course.count; i++) {
        each(ctx, &course.entry[i].lesson);
        lesson_free(&course.entry[i].lesson);
    }
    free(course.entry);
    return full ? error_set(e, EXIT_LIMIT, "more than %d lesson files; the rest is left out", FILES_MAX) : true;
}
