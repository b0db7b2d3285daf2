#include "app/terminfo.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

#define FALLBACK_NAME "xterm-256color"

/* --- no memory inside curses --- */

static volatile sig_atomic_t inside_curses;
static struct sigaction before; /* what took SIGSEGV outside */

static void
end_inside_curses(void)
{
    if (inside_curses)
        _exit(EXIT_LIMIT);
}

/* Memory was refused and curses went on without it. Any other crash is somebody else's: the
 * instruction runs again, under the handler there was. */
static void
on_crash(int sig)
{
    if (errno == ENOMEM)
        memory_exhausted();
    sigaction(sig, &before, NULL);
}

void
terminfo_enter(void)
{
    static bool prepared;
    const struct sigaction mine = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK | SA_NODEFER};

    if (!prepared)
        prepared = atexit(end_inside_curses) == 0;
    errno = 0;
    inside_curses = true;
    sigaction(SIGSEGV, &mine, &before);
}

void
terminfo_leave(void)
{
    sigaction(SIGSEGV, &before, NULL);
    inside_curses = false;
}

/* --- names --- */

static bool
is_plain(const char *name)
{
    size_t n = strlen(name);

    return n && n <= TERMINFO_NAME && !strchr(name, '/') && text_valid(name, n, NULL);
}

static bool
can_move_cursor(const char *name)
{
    int status = 0;
    bool can;

    if (!is_plain(name) || setupterm(name, STDOUT_FILENO, &status) != OK || status != 1)
        return false;
    can = tigetstr("cup") != NULL && tigetstr("cup") != (char *)-1;
    del_curterm(cur_term);
    return can;
}

/* Is it known, though it cannot move the cursor? `dumb` and `unknown` are real entries. */
static bool
is_known(const char *name, int *status)
{
    if (!is_plain(name) || setupterm(name, STDOUT_FILENO, status) != OK)
        return false;
    del_curterm(cur_term);
    return true;
}

static const char *
choose(const char *term)
{
    int status = 0;

    if (strcmp(term, "unknown") == 0)
        return NULL;
    if (can_move_cursor(term))
        return term;
    if (is_known(term, &status) || status == 1) /* 1: hard copy */
        return NULL;
    return can_move_cursor(FALLBACK_NAME) ? FALLBACK_NAME : NULL;
}

bool
terminfo_choose(const char *term, char name[TERMINFO_NAME + 1])
{
    const char *chosen;

    terminfo_enter();
    chosen = choose(term);
    terminfo_leave();
    if (chosen)
        snprintf(name, TERMINFO_NAME + 1, "%s", chosen);
    return chosen != NULL;
}

SCREEN *
terminfo_open(const char *name)
{
    SCREEN *opened;

    terminfo_enter();
    opened = newterm(name, stdout, stdin);
    terminfo_leave();
    return opened;
}
