/* report.h - a lesson run without a screen: what `run` and `list` print.
 *
 * Promises   report_run tells every step, answers every question with the machine's own answer and checks the invariants after every operation.
 *            The run stays open until report_close, so that a caller can print it in other forms too.
 */
#pragma once

#include "base/buffer.h"
#include "lesson/player.h"

struct report {
    struct history *history;
    struct player *player;
    uint64_t operations, events;
    uint64_t kind[EVENT_CODES]; /* how many of the events are of which kind */
    unsigned questions, passed, failed;
    uint64_t checked;       /* operations after which the invariants were checked */
    uint64_t violations;
    char first_violation[200];
    char state[33];         /* hash of the final state */
};

/* `seed` NULL: the lesson's. False: the lesson does not run; `r` is closed. */
bool report_run(const struct lesson *l, const uint64_t *seed, struct report *r, struct error *e);
void report_close(struct report *r);

/* Did everything hold? */
bool report_passed(const struct report *r);

/* The document pagewalk.run/1, with a newline. */
void report_json(const struct report *r, struct buffer *out);

/* One element of the list document's "lessons". */
void report_list_json(const struct lesson *l, unsigned questions, struct buffer *out);
/* How many questions it asks: they are known only after it was told. */
bool report_questions(const struct lesson *l, unsigned *questions, struct error *e);
