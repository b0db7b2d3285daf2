/* terminal.h - taking the terminal and giving it back, whatever happens.
 *
 * Promises   After terminal_open the terminal is ours; it is given back by terminal_close, by a fatal signal (SEGV, BUS, FPE, ILL, ABRT, QUIT), by
 *            a failed pw_assert, and by INT, TERM or HUP when a second one comes or three seconds pass and nobody has listened, as when the
 *            terminal takes no more output. Those handlers use prepared bytes and async-signal-safe calls only, which endwin() is not,
 *            and end by the signal's default action.
 *            INT, TERM, HUP, TSTP, CONT and WINCH are flags that terminal_wait reports.
 * Owns       Signal dispositions, the terminal's modes, one pipe that wakes terminal_wait.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "view/canvas.h"

/* Why the screen cannot be used ("TERM=dumb", "stdout is no terminal"), or NULL. */
const char *terminal_refusal(void);
/* Can plain mode be driven: is there anything to read from? */
bool terminal_stdin_drives(void);

/* The terminfo name in use; "" before terminal_refusal has found one. */
const char *terminal_name(void);

/* False: PAGEWALK_MOUSE is off, no or 0. */
bool terminal_mouse_wanted(void);

/* What the environment says about looks; where it says nothing, dark and Unicode. */
enum theme terminal_theme(void);
enum glyph_set terminal_glyphs(void);

bool terminal_open(struct error *e);
void terminal_close(void);

/* The command that comes back to what is on the screen: a failed pw_assert names it. */
void terminal_set_replay(const char *command);

/* Does the terminal report its mouse? Known once it is open. */
bool terminal_has_mouse(void);
/* Reports of clicks, drags and the wheel on or off; off gives selecting back to the terminal. */
void terminal_mouse(bool on);
/* Before terminal_close: throw away what was typed ahead, because it is the rest of a click. */
void terminal_drop_input(void);

enum terminal_news {
    NEWS_NONE = 0,
    NEWS_KEY = 1,      /* something to read */
    NEWS_RESIZED = 2,  /* the size changed: curses knows it already */
    NEWS_REDRAW = 4,   /* we were stopped: draw everything again */
    NEWS_FILE = 16,    /* something to read from what terminal_listen was told */
    NEWS_END = 8,      /* INT, TERM or HUP came: terminal_signal says which; or the terminal is gone */
};

/* Sleep until something happens; -1: for ever. Returns enum terminal_news, or'ed. Handles stopping and going on. */
unsigned terminal_wait(int milliseconds);
/* Wake for this descriptor too; -1: no more. */
void terminal_listen(int fd);
/* The terminal has hung up: nothing can be read any more. */
bool terminal_gone(void);
/* INT, TERM, HUP or 0. */
int terminal_signal(void);
/* After terminal_close: what to return because of that signal. INT: EXIT_INTERRUPTED; TERM, HUP: does not return. */
int terminal_exit_code(int signal);
