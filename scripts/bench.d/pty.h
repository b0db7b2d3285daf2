/* pty.h - a program behind a pseudo-terminal, and when it fell silent.
 *
 * Silent is: nothing left to read, and the kernel says that the program sleeps (it waits for a
 * key), twice in a row. So the time of the last byte is known without a guess at how long a pause
 * must be.
 */
#pragma once

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

struct pty {
    int fd;
    pid_t pid;
    double started, first, last; /* ms: exec, first and last byte since pty_forget */
    size_t bytes;                /* since pty_forget */
    int ended;                   /* the program closed the terminal */
};

static inline void
pty_child(const char *const argv[])
{
    setenv("TERM", "xterm-256color", 1);
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

static inline int
pty_open(struct pty *p, int columns, int rows, const char *const argv[])
{
    struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};

    memset(p, 0, sizeof *p);
    p->started = now_ms();
    p->pid = forkpty(&p->fd, NULL, NULL, &size);
    if (p->pid == 0)
        pty_child(argv);
    return p->pid > 0;
}

/* Read what is there; 0 when nothing came within `wait` ms. */
static inline int
pty_read(struct pty *p, int wait)
{
    struct pollfd in = {.fd = p->fd, .events = POLLIN};
    char bytes[65536];
    ssize_t n;

    if (poll(&in, 1, wait) <= 0)
        return 0;
    n = read(p->fd, bytes, sizeof bytes);
    if (n <= 0) {
        p->ended = n == 0 || errno == EIO;
        return 0;
    }
    p->last = now_ms();
    if (!p->bytes)
        p->first = p->last;
    p->bytes += (size_t)n;
    return 1;
}

static inline FILE *
pty_proc(const struct pty *p, const char *file)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/%s", (int)p->pid, file);
    return fopen(path, "r");
}

static inline char
pty_state(const struct pty *p)
{
    FILE *f = pty_proc(p, "stat");
    char state = '?';

    if (f && fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
        state = '?';
    if (f)
        fclose(f);
    return state;
}

/* ms this program was on a CPU so far, and ms it was ready to run while others had the CPUs: the
 * latter is the machine's noise and not the program's work. */
static inline void
pty_times(const struct pty *p, double *on_cpu, double *waited)
{
    FILE *f = pty_proc(p, "schedstat");
    unsigned long long ns[2] = {0, 0};

    if (f && fscanf(f, "%llu %llu", &ns[0], &ns[1]) != 2)
        ns[0] = ns[1] = 0;
    if (f)
        fclose(f);
    *on_cpu = (double)ns[0] / 1e6;
    *waited = (double)ns[1] / 1e6;
}

/* A value in kB from a line "NAME:   123 kB" of /proc/PID/FILE, in MiB. */
static inline double
pty_memory(const struct pty *p, const char *file, const char *name)
{
    FILE *f = pty_proc(p, file);
    char line[256];
    long kb = 0;

    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':')
            kb = strtol(line + strlen(name) + 1, NULL, 10);
    if (f)
        fclose(f);
    return (double)kb / 1024;
}

static inline void
pty_forget(struct pty *p)
{
    p->bytes = 0;
}

/* Read until it is silent; false when not a byte came within `limit` ms, or it ended. */
static inline int
pty_settle(struct pty *p, double limit)
{
    double start = now_ms();
    int quiet = 0;

    while (quiet < 2 && now_ms() - start < limit + (p->bytes ? 1000 : 0) && !p->ended) {
        if (pty_read(p, 1))
            quiet = 0;
        else if (p->bytes)
            quiet = pty_state(p) == 'S' ? quiet + 1 : 0;
    }
    return p->bytes > 0 && !p->ended;
}

static inline void
pty_type(struct pty *p, const char *keys)
{
    ssize_t ignored;

    pty_forget(p);
    ignored = write(p->fd, keys, strlen(keys));
    (void)ignored;
}

static inline void
pty_close(struct pty *p)
{
    kill(p->pid, SIGKILL);
    close(p->fd);
    waitpid(p->pid, NULL, 0);
}
