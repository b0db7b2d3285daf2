/* Whole files. A save goes through a temp file in the same directory and a rename, because only
 * a rename is atomic; the fsyncs
 * keep the order across a power cut: content first, then name (rename(2), "Notes"; the SQLite
 * crash tests expect no less).
 */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TEMP_PREFIX ".pagewalk-"

enum {
    LINKS_MAX = 40,
    READ_STEP = 64 * 1024,
    ABANDONED_SECONDS = 60,
    LOCK_TRIES = 1000,
    LOCK_WAIT_NS = 10 * 1000 * 1000,
    ASIDE_MOST = 1000
};

static int
open_retrying(const char *path, int flags)
{
    int fd;

    do
        fd = open(path, flags | O_CLOEXEC | O_NOCTTY);
    while (fd < 0 && errno == EINTR);
    return fd;
}

static bool
read_all(int fd, const char *path, size_t cap, struct buffer *out, struct error *err)
{
    size_t start = out->length;

    for (;;) {
        ssize_t n = read(fd, buffer_reserve(out, READ_STEP), READ_STEP);
        if (n == 0)
            return true;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_at(err, EXIT_OPEN, path, 0, "cannot read: %s", strerror(errno));
        out->length += (size_t)n;
        out->data[out->length] = '\0';
        if (out->length - start > cap)
            return error_at(err, EXIT_DATA, path, 0, "larger than %zu bytes, which is the limit",
                            cap);
    }
}

bool
file_read(const char *path, size_t cap, struct buffer *out, struct error *err)
{
    size_t start = out->length;
    struct stat st;
    int fd = open_retrying(path, O_RDONLY | O_NONBLOCK); /* else a FIFO waits for a writer */
    bool ok;

    if (fd < 0)
        return error_at(err, EXIT_OPEN, path, 0, "cannot open: %s", strerror(errno));
    if (fstat(fd, &st) || !S_ISREG(st.st_mode))
        ok = error_at(err, EXIT_OPEN, path, 0, "not a regular file");
    else
        ok = read_all(fd, path, cap, out, err);
    close(fd);
    if (!ok)
        buffer_truncate(out, start);
    return ok;
}

bool
file_write_all(int fd, const void *bytes, size_t length)
{
    const char *p = bytes;

    while (length) {
        ssize_t n = write(fd, p, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        p += n;
        length -= (size_t)n;
    }
    return true;
}

bool
file_join(char *out, size_t size, const char *dir, const char *name)
{
    size_t length = strlen(dir);
    const char *slash = length && dir[length - 1] == '/' ? "" : "/";
    int n = snprintf(out, size, "%s%s%s", dir, slash, name);

    return n >= 0 && (size_t)n < size;
}

static void
directory_of(const char *path, char out[PATH_MAX])
{
    char copy[PATH_MAX];

    snprintf(copy, sizeof copy, "%s", path);
    snprintf(out, PATH_MAX, "%s", dirname(copy));
}

/* Follow symlinks of the last component by hand: realpath() gives up when the target does not
 * exist yet. */
static bool
resolve(const char *path, char out[PATH_MAX])
{
    char link[PATH_MAX], dir[PATH_MAX];
    struct stat st;

    if (strlen(path) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return false;
    }
    strcpy(out, path);
    for (int i = 0; i < LINKS_MAX; i++) {
        ssize_t n;
        if (lstat(out, &st) || !S_ISLNK(st.st_mode))
            return true;
        n = readlink(out, link, sizeof link - 1);
        if (n < 0)
            return false;
        link[n] = '\0';
        directory_of(out, dir);
        if (link[0] == '/')
            strcpy(out, link);
        else if (!file_join(out, PATH_MAX, dir, link))
            break;
    }
    errno = ELOOP;
    return false;
}

/* The mode of what is there, or what open() would give a new file. */
static mode_t
mode_for(const struct stat *old)
{
    mode_t mask;

    if (old)
        return old->st_mode & 07777;
    mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static bool
fill_temp(int fd, const struct stat *old, const void *bytes, size_t length)
{
    if (!file_write_all(fd, bytes, length))
        return false;
    if (old && old->st_uid != geteuid() && fchown(fd, old->st_uid, old->st_gid) != 0 &&
        errno != EPERM)
        return false;
    return fchmod(fd, mode_for(old)) == 0 && fsync(fd) == 0;
}

static bool
sync_directory(const char *dir)
{
    int fd = open_retrying(dir, O_RDONLY | O_DIRECTORY);
    bool ok;

    if (fd < 0)
        return errno == EACCES; /* we may write names in a directory that we may not list */
    ok = fsync(fd) == 0 || errno == EINVAL;
    close(fd);
    return ok;
}

static bool
cannot_write(struct error *err, const char *path, const char *why)
{
    return error_at(err, EXIT_WRITE, path, 0, "cannot write: %s", why);
}

bool
file_save(const char *path, const void *bytes, size_t length, struct error *err)
{
    char target[PATH_MAX], dir[PATH_MAX], temp[PATH_MAX];
    struct stat st, *old = NULL;
    bool ok;
    int fd, why;

    if (!resolve(path, target))
        return cannot_write(err, path, strerror(errno));
    if (stat(target, &st) == 0) {
        if (!S_ISREG(st.st_mode))
            return cannot_write(err, path, "not a regular file");
        old = &st;
    }
    directory_of(target, dir);
    if (!file_join(temp, sizeof temp, dir, TEMP_PREFIX "XXXXXX"))
        return cannot_write(err, path, strerror(ENAMETOOLONG));
    fd = mkostemp(temp, O_CLOEXEC);
    if (fd < 0)
        return cannot_write(err, path, strerror(errno));
    ok = fill_temp(fd, old, bytes, length);
    why = errno;
    if (close(fd) != 0 && ok) {
        ok = false;
        why = errno;
    }
    if (ok && rename(temp, target) != 0) {
        ok = false;
        why = errno;
    }
    if (!ok) {
        unlink(temp);
        return cannot_write(err, path, strerror(why));
    }
    if (!sync_directory(dir)) /* the new file is there and whole, but may not survive a power cut */
        return cannot_write(err, dir, strerror(errno));
    return true;
}

/* A save takes milliseconds; who has not come to its rename after a minute never will. */
static bool
is_abandoned(const char *dir, const char *name, char path[PATH_MAX])
{
    struct stat st;

    return strncmp(name, TEMP_PREFIX, strlen(TEMP_PREFIX)) == 0 &&
           strlen(name) == strlen(TEMP_PREFIX) + 6 && file_join(path, PATH_MAX, dir, name) &&
           lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
           time(NULL) - st.st_mtime > ABANDONED_SECONDS;
}

void
file_sweep(const char *dir)
{
    char path[PATH_MAX];
    DIR *d = opendir(dir);

    for (struct dirent *f; d && (f = readdir(d));)
        if (is_abandoned(dir, f->d_name, path))
            unlink(path);
    if (d)
        closedir(d);
}

/* mkdir -p with 0700 for what is new. */
static bool
make_directories(const char *path)
{
    char part[PATH_MAX];
    struct stat st;

    snprintf(part, sizeof part, "%s", path);
    for (char *p = part + 1;; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char kept = *p;
        *p = '\0';
        if (mkdir(part, 0700) != 0 && errno != EEXIST && stat(part, &st) != 0)
            return false;
        *p = kept;
        if (kept == '\0')
            break;
    }
    if (stat(path, &st) != 0)
        return false;
    errno = ENOTDIR;
    return S_ISDIR(st.st_mode);
}

static bool
absolute(const char *value)
{
    return value && value[0] == '/';
}

bool
file_directory(enum file_place place, bool create, char *out, size_t size, struct error *err)
{
    static const char *const variable[] = {"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"};
    static const char *const fallback[] = {".config", ".local/state", ".local/share"};
    const char *value = getenv(variable[place]), *home = getenv("HOME");
    char base[PATH_MAX];
    bool fits;

    if (absolute(value))
        fits = (size_t)snprintf(base, sizeof base, "%s", value) < sizeof base;
    else if (absolute(home))
        fits = file_join(base, sizeof base, home, fallback[place]);
    else
        return error_set(err, EXIT_WRITE, "neither %s nor HOME names an absolute directory",
                         variable[place]);
    if (!fits || !file_join(out, size, base, "pagewalk") || strlen(out) >= PATH_MAX)
        return error_set(err, EXIT_WRITE, "%s: the path is too long", variable[place]);
    if (create && !make_directories(out))
        return error_at(err, EXIT_WRITE, out, 0, "cannot create: %s", strerror(errno));
    return true;
}

bool
file_save_new(const char *path, const void *bytes, size_t length, struct error *err)
{
    int fd;

    do
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0666);
    while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return error_at(err, EXIT_WRITE, path, 0,
                        errno == EEXIST ? "is there already; nothing was written"
                                        : "cannot create: %s",
                        strerror(errno));
    close(fd);
    if (file_save(path, bytes, length, err)) /* the name is ours now */
        return true;
    unlink(path);
    return false;
}

int
file_lock(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);

    for (int i = 0; fd >= 0 && i < LOCK_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return fd;
        if (errno != EWOULDBLOCK && errno != EINTR)
            break;
        nanosleep(&(struct timespec){.tv_nsec = LOCK_WAIT_NS}, NULL);
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

bool
file_put_aside(const char *path, char *moved, size_t size)
{
    struct stat st;

    for (int n = 1; n < ASIDE_MOST; n++)
        if (snprintf(moved, size, "%s.bad-%d", path, n) < (int)size && lstat(moved, &st) != 0)
            return rename(path, moved) == 0;
    return false;
}
