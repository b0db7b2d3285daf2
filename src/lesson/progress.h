/* progress.h - what the learner has done: progress.json in the state directory.
 *
 * Promises   Saving merges: the file is read again under a lock and joined with what is recorded, so two programs at once lose nothing (done stays
 *            done, right beats wrong beats skipped, the later place wins). Old file or new one, never a mix, whatever kills us.
 *            A damaged file is moved to progress.json.bad-N, never deleted. A file of a newer version is neither read nor overwritten.
 *            Where nothing can be saved the program goes on without, and says so once.
 */
#pragma once

#include "base/error.h"
#include "lesson/player.h"

struct progress_question {
    char id[48];
    enum answer_state state;
    unsigned tries;
};

struct progress_lesson {
    char id[65];
    bool done;
    unsigned step;     /* where one was, 1-based; 0: never begun */
    unsigned best;     /* most questions right at the first try */
    uint64_t turn;     /* grows with every record: the highest is the latest place */
    struct progress_question *question;
    unsigned questions;
};

struct progress;

/* Never fails; `note` (may be empty afterwards) is what the learner should be told. */
struct progress *progress_open(struct error *note);
void progress_close(struct progress *p);

/* NULL: never begun. Valid until the next record. */
const struct progress_lesson *progress_find(const struct progress *p, const char *id);
/* The lesson one was in last, NULL when none. */
const struct progress_lesson *progress_latest(const struct progress *p);

/* Keep where the learner is (step) and how the questions went. False once: it could not be saved, `e` says why. */
bool progress_record(struct progress *p, struct player *player, unsigned step, bool done, struct error *e);
/* The same from plain values; `turn` is set here. */
bool progress_merge(struct progress *p, const struct progress_lesson *now, struct error *e);
