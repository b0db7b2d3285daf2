/* Presets by name: the files of the data directory. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/data.h"
#include "base/memory.h"
#include "machine/preset_internal.h"

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
is_preset_file(const char *name)
{
    size_t n = strlen(name);

    return n > 5 && n < 64 && strcmp(name + n - 5, ".json") == 0 && name[0] != '.';
}

/* The names in the data directory, sorted; NULL-terminated; free with free_names. */
static char **
list_names(void)
{
    char path[1024];
    char **names = memory_new(257, sizeof *names);
    unsigned n = 0;
    DIR *d = data_path(path, sizeof path, "machines") ? opendir(path) : NULL;

    for (struct dirent *f; d && n < 256 && (f = readdir(d));)
        if (is_preset_file(f->d_name))
            names[n] = memory_text(f->d_name), names[n++][strlen(f->d_name) - 5] = '\0';
    if (d)
        closedir(d);
    if (n)
        qsort(names, n, sizeof *names, by_name);
    return names;
}

static void
free_names(char **names)
{
    for (char **n = names; *n; n++)
        free(*n);
    free(names);
}

void
preset_list(void (*each)(void *ctx, const char *name), void *ctx)
{
    char **names = list_names();

    for (char **n = names; *n; n++)
        each(ctx, *n);
    free_names(names);
}

static bool
unknown(const char *name, struct error *e)
{
    char **names = list_names();
    const char *near = error_nearest(name, (const char *const *)names);

    if (near)
        error_set(e, EXIT_OPEN, "no machine \"%s\" (did you mean \"%s\"?)", name, near);
    else
        error_set(e, EXIT_OPEN, "no machine \"%s\": see `pagewalk list machines`", name);
    free_names(names);
    return false;
}

bool
preset_load(const char *name, struct preset *out, struct error *e)
{
    char path[1024], member[96];
    size_t n = strlen(name);

    if (strchr(name, '/') || (n > 5 && strcmp(name + n - 5, ".json") == 0))
        return preset_from_document(json_load_file(name, e), out, e);
    snprintf(member, sizeof member, "machines/%.64s.json", name);
    if (n > 64 || !data_path(path, sizeof path, member))
        return unknown(name, e);
    FILE *probe = fopen(path, "r");
    if (!probe)
        return unknown(name, e);
    fclose(probe);
    return preset_from_document(json_load_file(path, e), out, e);
}
