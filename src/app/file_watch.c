/* file_watch.c - see file_watch.h. A state is a number made from what stat says of the file and of the modules beside it: two states that differ in
 * nothing stat tells are the same to us.
 */
#include "app/file_watch.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"

enum {
    QUIET_MS = 60,     /* between the pieces of one save */
    AWAY_MS = 1000,    /* between deleting and creating */
    NOTICED_MS = 1000, /* how often to look when notices come */
    ALONE_MS = 250,    /* and when none do */
};

/* --- the state ----------------------------------------------------------------------------------- */

/* 0: not there. */
static uint64_t
state_of(const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return 0;
    uint64_t parts[] = {st.st_dev, st.st_ino, (uint64_t)st.st_size, (uint64_t)st.st_mtim.tv_sec,
                        (uint64_t)st.st_mtim.tv_nsec};
    return hash_bytes(parts, sizeof parts, hash_bytes(path, strlen(path), 0).lo).lo | 1;
}

static bool
is_module(const char *name)
{
    size_t n = strlen(name);

    return name[0] != '.' && n > 4 && strcmp(name + n - 4, ".lua") == 0;
}

/* The sum does not depend on the order in which a folder is read. */
static uint64_t
state_now(const struct file_watch *w)
{
    uint64_t sum = state_of(w->path);
    char path[4096];
    DIR *d = sum ? opendir(w->folder) : NULL;

    for (struct dirent *entry; d && (entry = readdir(d));)
        if (is_module(entry->d_name) && file_join(path, sizeof path, w->folder, entry->d_name))
            sum += state_of(path);
    if (d)
        closedir(d);
    return sum;
}

/* --- watching -------------------------------------------------------------------------------------- */

static void
set_folder(struct file_watch *w)
{
    const char *slash = strrchr(w->path, '/');

    if (slash)
        snprintf(w->folder, sizeof w->folder, "%.*s", slash == w->path ? 1 : (int)(slash - w->path),
                 w->path);
    else
        snprintf(w->folder, sizeof w->folder, ".");
}

void
file_watch_open(struct file_watch *w, const char *path)
{
    *w = (struct file_watch){.notices = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
    snprintf(w->path, sizeof w->path, "%s", path);
    set_folder(w);
    if (w->notices >= 0 && inotify_add_watch(w->notices, w->folder,
                                             IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO |
                                                 IN_MOVED_FROM | IN_CREATE | IN_DELETE) < 0)
        file_watch_close(w);
    w->taken = w->seen = state_now(w);
}

void
file_watch_close(struct file_watch *w)
{
    if (w->notices >= 0)
        close(w->notices);
    w->notices = -1;
}

int
file_watch_pause(const struct file_watch *w)
{
    if (w->seen != w->taken)
        return QUIET_MS;
    return w->notices >= 0 ? NOTICED_MS : ALONE_MS;
}

static void
drain(int fd)
{
    char notices[4096];

    while (fd >= 0 && read(fd, notices, sizeof notices) > 0)
        continue;
}

bool
file_watch_saved(struct file_watch *w)
{
    uint64_t state, now = clock_ms();

    drain(w->notices);
    state = state_now(w);
    if (state != w->seen) {
        w->seen = state;
        w->changed_ms = now;
    }
    if (w->seen == w->taken || now - w->changed_ms < (state ? QUIET_MS : AWAY_MS))
        return false;
    w->taken = w->seen;
    return true;
}
