/* launch.h - what `pagewalk`, `learn` and `play` share: how things look, and whether there is a screen.
 *
 * Promises   Without a usable terminal it is plain mode if stdin can drive it, else one line and EXIT_USAGE. The first line of plain mode
 *            says why.
 */
#pragma once

#include "app/loop.h"
#include "app/options.h"

struct launch {
    struct app_looks looks;
    bool plain;              /* --plain */
    bool watch;              /* --watch: load the lesson again when it is saved */
    uint64_t width;          /* --width of plain mode; 0: $COLUMNS, else 80 */
    const char *why_plain;   /* NULL: the screen */
    struct progress *progress;
    struct error note;       /* what opening the progress or reading the keys had to say */
};

#define LAUNCH_INIT {.looks = {-1, -1, -1, false, false, NULL}}

#define LAUNCH_OPTIONS(l)                                                                          \
    {OPTION_WORD, "lang", NULL, "language", &(l).looks.lang, 0, 0, option_langs},                  \
    {OPTION_WORD, "glyphs", NULL, "what is drawn with", &(l).looks.glyphs, 0, 0, option_glyphs},   \
    {OPTION_WORD, "theme", NULL, "colours", &(l).looks.theme, 0, 0, option_themes},                \
    {OPTION_FLAG, "no-mouse", NULL, "leave the mouse to the terminal", &(l).looks.no_mouse, 0, 0, NULL}, \
    {OPTION_FLAG, "plain", NULL, "sentences instead of a screen", &(l).plain, 0, 0, NULL},   \
    {OPTION_TEXT, "record", "FILE", "record the sitting for asciinema", &(l).looks.record, 0, 0, NULL}, \
    {OPTION_NUMBER, "width", "N", "columns of --plain ($COLUMNS, else 80)", &(l).width, 20, 500, NULL}

/* Decide, set the language, open the progress. OPTIONS_GO_ON or an exit code. */
int launch_begin(struct launch *l, const struct usage *u);
void launch_end(struct launch *l);

/* Run it to its end; takes the session (made by malloc) over. */
int launch_session(struct launch *l, struct session *s);
int launch_map(struct launch *l);
/* Print the verdict of `lesson check` on a file now and whenever it is saved, until interrupted. */
int launch_watch_plain(const char *path);
