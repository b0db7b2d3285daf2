/* inject.c - preloaded into pagewalk: one chosen call fails, as it might on a bad day.
 *
 * INJECT=memory:N        the Nth allocation finds no memory
 * INJECT=calls:N:ERRNO   the Nth system call that concerns a file below INJECT_DIR fails with ERRNO
 * N = 0: none fails; at the end of the process the number of calls goes to the file INJECT_COUNT.
 *
 * The program is the one that is shipped: nothing in it knows of this. (LD_PRELOAD, ld.so(8).)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FDS = 1024 };

static const char *below;    /* INJECT_DIR */
static bool concerns[FDS];   /* descriptors of files below it */
static bool memory, calls;   /* what is counted */
static long chosen, counted; /* which one fails; how many there were */
static int with;             /* its errno */

__attribute__((constructor)) static void
begin(void)
{
    const char *how = getenv("INJECT");

    below = getenv("INJECT_DIR");
    if (how && sscanf(how, "memory:%ld", &chosen) == 1)
        memory = true;
    else if (how && sscanf(how, "calls:%ld:%d", &chosen, &with) >= 1)
        calls = true;
}

__attribute__((destructor)) static void
end(void)
{
    const char *path = getenv("INJECT_COUNT");
    char text[32];
    int n = snprintf(text, sizeof text, "%ld\n", counted), fd;

    memory = calls = false;
    if (!path || (fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0600)) < 0)
        return;
    if (syscall(SYS_write, fd, text, (size_t)n) != n)
        abort();
    syscall(SYS_close, fd);
}

/* --- memory: glibc calls these names itself, so strdup, fopen, opendir are in it too --- */

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

static bool
no_memory(void)
{
    if (!memory || ++counted != chosen)
        return false;
    errno = ENOMEM;
    return true;
}

void *
malloc(size_t n)
{
    return no_memory() ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
    return no_memory() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
    return no_memory() ? NULL : __libc_realloc(p, n);
}

void *
mmap(void *at, size_t n, int prot, int flags, int fd, off_t offset)
{
    return no_memory() ? MAP_FAILED : (void *)syscall(SYS_mmap, at, n, prot, flags, fd, offset);
}

/* --- system calls of a save --- */

static bool
is_below(const char *path)
{
    return calls && below && strncmp(path, below, strlen(below)) == 0;
}

static bool
is_ours(int fd)
{
    return calls && fd >= 0 && fd < FDS && concerns[fd];
}

static bool
fails(bool ours)
{
    if (!ours || ++counted != chosen)
        return false;
    errno = with;
    return true;
}

static int
opened(const char *path, int fd)
{
    if (fd >= 0 && fd < FDS)
        concerns[fd] = is_below(path);
    return fd;
}

int
open(const char *path, int flags, ...)
{
    va_list ap;
    mode_t mode;

    va_start(ap, flags);
    mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
    va_end(ap);
    if (fails(is_below(path)))
        return -1;
    return opened(path, (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

int
mkostemp(char *path, int flags)
{
    static unsigned next;
    char *x = path + strlen(path) - 6;

    if (fails(is_below(path)))
        return -1;
    snprintf(x, 7, "%06u", (unsigned)getpid() % 1000 * 1000 + next++ % 1000);
    return opened(path, (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL | flags, 0600));
}

/* A descriptor is gone even when close says EIO or EINTR (close(2), NOTES). */
int
close(int fd)
{
    bool failed = fails(is_ours(fd));

    if (fd >= 0 && fd < FDS)
        concerns[fd] = false;
    if (failed) {
        syscall(SYS_close, fd);
        errno = with;
        return -1;
    }
    return (int)syscall(SYS_close, fd);
}

#define ON_FD(type, name, number, params, ...)                                                     \
    type name params                                                                               \
    {                                                                                              \
        return fails(is_ours(fd)) ? -1 : (type)syscall(number, __VA_ARGS__);                       \
    }
#define ON_PATH(name, number, params, ...)                                                         \
    int name params                                                                                \
    {                                                                                              \
        return fails(is_below(path)) ? -1 : (int)syscall(number, __VA_ARGS__);                     \
    }

ON_FD(ssize_t, read, SYS_read, (int fd, void *p, size_t n), fd, p, n)
ON_FD(ssize_t, write, SYS_write, (int fd, const void *p, size_t n), fd, p, n)
ON_FD(int, fsync, SYS_fsync, (int fd), fd)
ON_FD(int, fchmod, SYS_fchmod, (int fd, mode_t mode), fd, mode)
ON_FD(int, fchown, SYS_fchown, (int fd, uid_t u, gid_t g), fd, u, g)
ON_FD(int, flock, SYS_flock, (int fd, int how), fd, how)
ON_FD(int, fstat, SYS_fstat, (int fd, struct stat *st), fd, st)
ON_PATH(stat, SYS_stat, (const char *path, struct stat *st), path, st)
ON_PATH(lstat, SYS_lstat, (const char *path, struct stat *st), path, st)
ON_PATH(mkdir, SYS_mkdir, (const char *path, mode_t mode), path, mode)
ON_PATH(unlink, SYS_unlink, (const char *path), path)

int
rename(const char *from, const char *path)
{
    return fails(is_below(path)) ? -1 : (int)syscall(SYS_rename, from, path);
}
