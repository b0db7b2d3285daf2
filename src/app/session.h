/* session.h - one sitting: a history, perhaps a lesson told on it, and where the viewer is. The screen, plain mode and `show` all drive this.
 *
 * Promises   Every move is a function here, so what a key does can be typed and tested without a terminal. Moving never runs Lua backwards.
 *            The gate (the last position that may be seen) is the position before an open question, else the end of the told steps.
 * Owns       The history, the lesson player, the scene, its marks.
 */
#pragma once

#include "lesson/player.h"
#include "view/pane.h"

struct session {
    struct history *history;
    struct player *player;      /* NULL in the playground */
    struct scene scene;         /* gathered after every move */
    char status[512];           /* what the status line says */
    bool status_is_error;
    bool stale;                 /* position or language changed since the scene was gathered */
    bool quit;
};

bool session_open_lesson(struct session *s, const char *id_or_path, struct error *e);
bool session_open_machine(struct session *s, const struct preset *preset, uint64_t seed, struct error *e);
void session_close(struct session *s);

/* Gather the scene if anything moved. The picture is made from s->scene. */
void session_refresh(struct session *s);

/* --- moving --- (false: there was nowhere to go; the status says why) */
bool session_next_event(struct session *s);   /* stops before an open question; at a step's end goes on to the next step */
bool session_previous_event(struct session *s);
bool session_next_operation(struct session *s);
bool session_previous_operation(struct session *s);
bool session_next_step(struct session *s);    /* stops before an open question */
bool session_previous_step(struct session *s);
bool session_go_start(struct session *s);
bool session_go_end(struct session *s);
bool session_go_step(struct session *s, unsigned step);
bool session_go_event(struct session *s, uint64_t number);
bool session_find_event(struct session *s, int direction, const char *kind /* event name or class: fault, miss, write ... */);
bool session_who_wrote(struct session *s);    /* the focused pane's selection */
bool session_next_use(struct session *s);
bool session_go_back(struct session *s);      /* to where the last jump came from */

/* --- answering --- */
bool session_pick(struct session *s, int delta);          /* move the highlight */
bool session_answer(struct session *s, const char *text); /* NULL: the highlighted choice; else a letter, a number in any spelling */
bool session_hint(struct session *s);
bool session_skip(struct session *s);

/* --- acting --- */
bool session_operate(struct session *s, const char *line);  /* an operation; starts a branch in a lesson */
bool session_leave_branch(struct session *s);
bool session_check(struct session *s);                       /* all invariants now; the status tells */

/* Run a command line: an action's name with arguments, or an operation. */
bool session_command(struct session *s, const char *line);
