#include "base/data.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char root[PATH_MAX];
static const char *source;
static bool tree; /* assets/ and lessons/ are apart */

static bool
is_tree(const char *path)
{
    char probe[PATH_MAX + 32];

    snprintf(probe, sizeof probe, "%s/assets/machines", path);
    return access(probe, R_OK) == 0;
}

static bool
take_tree(const char *folder, const char *below, const char *why)
{
    char path[PATH_MAX];

    if ((size_t)snprintf(path, sizeof path, "%s%s", folder, below) >= sizeof path || !is_tree(path))
        return false;
    memcpy(root, path, sizeof root);
    source = why;
    return true;
}

/* The nearest folder above the one the binary is in that looks like the work tree, or like where
 * it was installed: also in a staging folder, or moved as a whole. */
static bool
find_tree(void)
{
    char exe[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);

    if (n <= 0)
        return false;
    exe[n] = '\0';
    for (int up = 0; up < 6; up++) { /* build/asan/tests/unit/NAME is five deep */
        char *slash = strrchr(exe, '/');
        if (!slash)
            return false;
        *slash = '\0';
        if (up > 0 && (take_tree(exe, "", "beside the program") ||
                       (up == 1 && take_tree(exe, "/share/pagewalk", "installed"))))
            return true;
    }
    return false;
}

static void
find(void)
{
    const char *given = getenv("PAGEWALK_DATA");

    if (source)
        return;
    if (given && given[0] == '/') {
        snprintf(root, sizeof root, "%s", given);
        source = "PAGEWALK_DATA";
        tree = is_tree(root);
    } else if (find_tree()) {
        tree = true;
    } else {
        snprintf(root, sizeof root, "%s", PW_DATADIR);
        source = "installed";
        tree = is_tree(root);
    }
}

bool
data_path(char *out, size_t size, const char *name)
{
    bool lessons = strncmp(name, "lessons", 7) == 0;

    find();
    return (size_t)snprintf(out, size, "%s/%s%s", root, tree && !lessons ? "assets/" : "", name) <
           size;
}

const char *
data_root(void)
{
    find();
    return root;
}

const char *
data_root_source(void)
{
    find();
    return source;
}
