/* session.h - one sitting: a history, perhaps a lesson told on it, and where the viewer is. The screen, plain mode and `show` all drive this.
 *
 * Promises   Every move is a function here, so what a key does can be typed and tested without a terminal. Moving never runs Lua backwards.
 *            The gate (the last position that may be seen) is the position before the first open question, else the end of the told steps;
 *            on a branch, its end. No move goes beyond it.
 *            A picture depends on (step, position, answers), never on the way one came.
 * Owns       The history, the lesson and its player, the scene, its marks.
 */
#pragma once

#include "app/beside.h"
#include "lesson/bookmark.h"
#include "lesson/player.h"
#include "lesson/progress.h"
#include "view/pane.h"
#include "view/search.h"

enum { SESSION_JUMPS = 32, SESSION_EDIT_NONE = -1 };

/* Where a jump came from. */
struct session_place {
    unsigned step;
    struct position at;
};

struct session {
    struct history *history;
    struct lesson lesson;       /* valid while player is not NULL */
    struct player *player;      /* NULL in the playground */
    struct scene scene;         /* gathered after every move */
    char status[512];           /* what the status line says */
    bool status_is_error;
    bool stale;                 /* position or language changed since the scene was gathered */
    bool quit;
    unsigned step;              /* page of the story in view, 1-based; 0 in the playground */
    bool finished;              /* the last page was seen to its end, all answered */

    const struct question *shown; /* just answered: stays in view until the next move */
    unsigned picked;            /* highlighted choice of the open question */
    bool wrong;                 /* the last try was wrong, and nothing was picked since */
    char typed[40];             /* the last number typed as an answer */
    unsigned task_hints;        /* of the task in view */
    bool pane_by_hand;          /* the focus was moved there since the page came */
    int width, height;          /* of the screen, for what depends on the layout */
    enum glyph_set glyphs;
    char sought[SEARCH_TEXT];   /* searched in sought_pane, "": nothing */
    enum pane_id sought_pane;
    struct beside *beside;      /* another machine that does the same; NULL: none */
    struct bookmarks *bookmarks; /* NULL: none are kept (run, show) */
    int edit_digit;             /* hex pane: the first digit of a byte, or SESSION_EDIT_NONE */

    struct session_place jump[SESSION_JUMPS];
    unsigned jumps;
    struct session_place left;  /* where the story was left for the branch */

    /* What only a screen can do (enum action_code of actions.h): asked for by a command, done by whoever draws. 0: nothing. */
    int request;
    char request_text[256];

    struct scene_mark *marks;   /* of this key: */
    struct { uint64_t gate, operations, branch, told; } marks_key;
};

bool session_open_lesson(struct session *s, const char *id_or_path, struct error *e);
/* A process is spawned and runs at once, as the first operation (not on bare hardware). */
bool session_open_machine(struct session *s, const struct preset *preset, uint64_t seed, struct error *e);
/* The same with no operation done yet. */
bool session_open_bare(struct session *s, const struct preset *preset, uint64_t seed, struct error *e);
void session_close(struct session *s);
/* Operations were done to the history itself: go to their end. */
void session_done(struct session *s);

/* Tell the story up to `step` and stand at its beginning; what was not answered before it counts as skipped. Clipped to the last step. */
bool session_open_at(struct session *s, unsigned step, struct error *e);
/* The same, but questions before it are as they were left in earlier sittings (NULL: none were). */
bool session_resume(struct session *s, unsigned step, const struct progress_lesson *past, struct error *e);

/* Load the lesson's file again and stand at the same place of it (session_reload.c says what that is); the status tells. False: it is broken,
 * `e` says where, and the session is as it was. */
bool session_reload(struct session *s, struct error *e);

/* Gather the scene if anything moved. The picture is made from s->scene. */
void session_refresh(struct session *s);

/* --- moving --- (false: there was nowhere to go; the status says why) */
bool session_next_event(struct session *s);   /* stops before an open question; at a step's end goes on to the next step */
bool session_previous_event(struct session *s);
bool session_next_operation(struct session *s);
bool session_previous_operation(struct session *s);
bool session_next_step(struct session *s);    /* to the step's question or end first, then to the next step */
bool session_previous_step(struct session *s);
bool session_go_start(struct session *s);
bool session_go_end(struct session *s);
bool session_go_step(struct session *s, unsigned step);
bool session_go_event(struct session *s, uint64_t number);
bool session_find_event(struct session *s, int direction, const char *kind /* event name or class: fault, miss, write ... */);
bool session_who_wrote(struct session *s);    /* the focused pane's selection */
bool session_next_use(struct session *s);
bool session_go_back(struct session *s);      /* to where the last jump came from */

/* --- searching a pane --- (while a search is on, n and N go from match to match, Escape ends it) */
bool session_search(struct session *s, const char *text); /* in the focused pane */
bool session_search_go(struct session *s, int direction);
bool session_searching(const struct session *s);          /* a search is on in the focused pane */
void session_search_end(struct session *s);

/* --- bookmarks --- (of the story, or of the playground's trunk) */
struct session_bookmark {
    struct bookmark mark;
    uint64_t number; /* when reachable: the event it stands after */
    bool reachable;  /* told already, and not beyond the gate */
};
bool session_keep_bookmarks(struct session *s, struct error *note); /* from now on */
unsigned session_bookmarks(const struct session *s, struct session_bookmark out[BOOKMARKS_LESSON]);
bool session_bookmark(struct session *s, const char *name);         /* here; "": set one, or take it away */
bool session_bookmark_drop(struct session *s, unsigned index);
bool session_bookmark_go(struct session *s, unsigned index);
bool session_bookmark_step(struct session *s, int direction);       /* the next or previous one */
void session_bookmark_text(const struct session_bookmark *b, bool story, struct buffer *out);

/* --- copying --- */
enum copy_grain { COPY_VALUE, COPY_SENTENCE, COPY_PANE, COPY_SCREEN /* whoever draws has it */, COPY_GRAINS };
extern const char *const copy_word[COPY_GRAINS];
/* False when there is nothing of that kind. */
bool session_copy_text(struct session *s, enum copy_grain grain, struct buffer *out);
/* A name for a file about this moment: "pagewalk-cow-screen-3.7.svg". */
void session_file_name(const struct session *s, const char *what, const char *ending, char *out, size_t size);

/* --- answering --- */
/* The question that waits for an answer right here; NULL when none does. */
struct question *session_question(const struct session *s);
/* A task waits for the learner's hands on this page. */
bool session_task_open(const struct session *s);
bool session_pick(struct session *s, int delta);          /* move the highlight */
bool session_answer(struct session *s, const char *text); /* NULL: the highlighted choice; else a letter, a number in any spelling */
bool session_hint(struct session *s);
/* The story goes on only after an answer or a task. */
bool session_waits(const struct session *s);
/* Nothing is left to answer or to do, even if the last words were not read yet: a task done on a branch counts when one leaves from there. */
bool session_is_done(const struct session *s);
bool session_skip(struct session *s);

/* --- acting --- */
bool session_operate(struct session *s, const char *line);  /* an operation; starts a branch in a lesson */
bool session_leave_branch(struct session *s);
bool session_check(struct session *s);                       /* all invariants now; the status tells */
bool session_hex(struct session *s, const char *address);    /* focus the hex pane there; NULL or "": at what is selected */
bool session_hex_digit(struct session *s, int digit);        /* type a digit in the hex pane; two make a byte */

/* Run a command line: an action's name with arguments, or an operation. */
bool session_command(struct session *s, const char *line);

/* Where there are no keys the same is said with commands: both in the language in use. Keys stand as {action} (keymap_text). */
const char *session_words(const struct session *s, const char *keys, const char *commands)
    __attribute__((format_arg(2), format_arg(3)));

/* --- the status line --- (both cut to one line; session_fail returns false) */
bool session_say(struct session *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool session_fail(struct session *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool session_error(struct session *s, const struct error *e);
