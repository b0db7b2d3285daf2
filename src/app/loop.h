/* loop.h - the program on the screen: course map, lessons, playground, and the events between them.
 *
 * Promises   Draws only when something came in; one frame for a burst of keys or resizes. The place is saved when the learner pauses, changes
 *            lesson, quits, or INT, TERM or HUP comes, and when the terminal is gone. Below 60x18 keys that change anything are ignored.
 */
#pragma once

#include "app/session.h"

struct app_looks {
    int lang;    /* enum lang; -1: from the environment */
    int glyphs;  /* enum glyph_set; -1: from the terminal */
    int theme;   /* enum theme; -1: from the environment */
    bool present;
    bool no_mouse; /* it stays the terminal's until asked for */
    const char *record; /* a file for a recording of the sitting; NULL: none */
};

struct app_start {
    struct app_looks looks;
    struct session *session; /* opened by the caller, closed here; NULL: the course map */
    struct progress *progress;
    struct error note; /* code 0: none; what was wrong on the way here, shown first */
    bool watch;              /* load the session's lesson again whenever its file is saved, and keep no progress of it */
};

/* Returns an exit code; takes the session and the progress over. EXIT_USAGE: the terminal cannot be used. */
int app_run(const struct app_start *start);

/* Open a lesson where it was left; step 0: there, else at that step. */
bool app_open_lesson(struct session *s, const struct progress *p, const char *id_or_path, unsigned step, struct error *e);
