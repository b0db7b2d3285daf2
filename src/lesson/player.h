/* player.h - a lesson being told: steps are run once, forwards, and recorded; going anywhere else shows the record.
 *
 * Promises   Lua runs in exactly four cases: loading, telling the next step, a task's goal after the learner acted, and `lesson check`'s reruns.
 *            After player_tell the trunk of the history holds the step's operations and the position is unchanged.
 *            Questions stand at positions: the event they ask about is the first one not shown while they are open.
 * Owns       The sandbox, the records of the steps told so far, the answers. Not the history.
 */
#pragma once

#include "base/lang.h"
#include "lesson/lesson.h"
#include "machine/history.h"

enum answer_state { ANSWER_OPEN, ANSWER_RIGHT, ANSWER_WRONG /* at least one wrong try, then right or still open */, ANSWER_SKIPPED };

struct choice {
    char *text[LANGS];
    char *because[LANGS];  /* the belief behind it (wrong) or the explanation (right); may be NULL */
    bool right;
};

struct question {
    char id[48];
    char *text[LANGS];
    char *hint[3][LANGS];
    char kind[24];             /* the event asked about, "fact" without one */
    char *right[LANGS];        /* explanation, also after success; may be NULL */
    struct choice choice[8];
    unsigned choices;          /* 0: a number is typed */
    bool has_number;
    uint64_t number;           /* the right number when one is typed */
    char answer[64];           /* the right answer as text, for reports */
    struct position before;    /* the event asked about: everything from here on is hidden while the question is open */
    unsigned step;
    /* how it went */
    enum answer_state state;
    bool answered;             /* right or skipped: no longer open */
    unsigned picked, tries, hints_shown;
    unsigned tried;            /* wrong choices picked so far: 1 << choice */
};

struct step {
    char *title[LANGS], *text[LANGS], *after[LANGS], *note[LANGS];
    char *card_claim[LANGS], *card_truth[LANGS];
    char *task[LANGS];          /* NULL: no task */
    char *task_hint[3][LANGS];
    bool task_done, task_given_up;
    uint64_t task_op;           /* first operation of the author's solution; until the task is done the step ends before it. 0: no task */
    uint64_t first_op, last_op; /* its operations on the trunk; first > last: none */
    uint64_t shown_op;          /* the first of them that the page tells; those before it set the stage */
    char view[24];              /* the pane the author wants in front, "" for none */
    bool has_view_at;           /* hex only: */
    uint64_t view_at;           /* the physical address its cursor stands at */
    char *solution;             /* the author's operations of the task, as text lines */
};

struct player;

struct player *player_open(const struct lesson *lesson, struct history *h, struct error *e);
void player_close(struct player *p);

/* The panes a step may ask for; ends with NULL. Without it any name will do. */
void player_set_views(struct player *p, const char *const *views);

const struct lesson *player_lesson(const struct player *p);

/* Run the next step and record it. False with code 0: there is none. Errors are the lesson's: file, line, "step N: ...". */
bool player_tell(struct player *p, struct error *e);
unsigned player_told(const struct player *p);
const struct step *player_step(const struct player *p, unsigned step); /* 1-based */
/* Where a step begins: the end of the operations before it. */
struct position player_step_start(const struct player *p, unsigned step);
struct position player_step_end(const struct player *p, unsigned step);

/* The question that is open at this step: the first unanswered one. NULL when none. */
struct question *player_open_question(struct player *p, unsigned step);
struct question *player_question(struct player *p, unsigned index); /* 0-based over the lesson as told, NULL past the end */

/* Try an answer. True when it was right (then it is no longer open). */
bool player_answer(struct player *p, struct question *q, unsigned choice);
bool player_answer_number(struct player *p, struct question *q, uint64_t number);
void player_skip(struct player *p, struct question *q);

/* After the learner acted on the branch of a step with a task: does the goal hold now? */
bool player_task_holds(struct player *p, unsigned step, bool *holds, struct error *e);
void player_task_done(struct player *p, unsigned step, bool given_up);

/* Expectations the author stated, so far. */
void player_expectations(const struct player *p, unsigned *passed, unsigned *failed);
/* Where and how the first failed one failed, or NULL. */
const char *player_failure(const struct player *p);
