/* terminfo.h - which terminal description curses gets.
 *
 * Promises   A name whose description can move the cursor, or none; curses is opened with it. When
 *            curses finds no memory it ends the program by itself, or does not look and crashes:
 *            between terminfo_enter and terminfo_leave both end it with EXIT_LIMIT.
 */
#pragma once

#include <ncurses.h>
#include <stdbool.h>

enum { TERMINFO_NAME = 64 };

/* The name to use for $TERM, put into `name`. A name nobody knows is most often a modern terminal on
 * an old server: then xterm-256color, if that is known. */
bool terminfo_choose(const char *term, char name[TERMINFO_NAME + 1]);

/* newterm on stdin and stdout; NULL when it cannot be opened. */
SCREEN *terminfo_open(const char *name);

/* Around calls of curses that may ask for memory. */
void terminfo_enter(void);
void terminfo_leave(void);
