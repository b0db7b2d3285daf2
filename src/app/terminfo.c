#include "app/terminfo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

#define FALLBACK_NAME "xterm-256color"

/* --- no memory inside curses --- */

static bool inside_curses;

static void
end_inside_curses(void)
{
    if (inside_curses)
        _exit(EXIT_LIMIT);
}

static void
enter_curses(void)
{
    static bool prepared;

    if (!prepared)
        prepared = atexit(end_inside_curses) == 0;
    inside_curses = true;
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

    enter_curses();
    chosen = choose(term);
    inside_curses = false;
    if (chosen)
        snprintf(name, TERMINFO_NAME + 1, "%s", chosen);
    return chosen != NULL;
}

SCREEN *
terminfo_open(const char *name)
{
    SCREEN *opened;

    enter_curses();
    opened = newterm(name, stdout, stdin);
    inside_curses = false;
    return opened;
}
