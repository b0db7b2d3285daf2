/* terminfo.h - which terminal description curses gets.
 *
 * Promises   A name whose description can move the cursor, or none; curses is opened with it. Curses
 *            ends the program by itself when it finds no memory here: then with EXIT_LIMIT, and
 *            before the terminal was touched.
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
