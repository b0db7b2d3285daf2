/* rows.h - the curriculum, and how much of it is there.
 *
 * Promises   Nothing here is claimed, all of it is found out: the shipped lessons are run, and what they emit and show
 *            is held against what each row needs (app/rows.def).
 */
#pragma once

#include "base/buffer.h"
#include "base/error.h"
#include "base/types.h"

enum { ROW_WORDS = 8, ROW_LESSONS = 8 };

struct row_word { /* one word of a column, and how often it was found */
    char name[48];
    uint64_t found;
};

struct row {
    const char *id, *concept;
    struct row_word event[ROW_WORDS], view[ROW_WORDS], test[ROW_WORDS];
    unsigned events, views, tests;
    char lesson[ROW_LESSONS][65];
    unsigned lessons;
};

/* All rows, in the order of the curriculum. Lessons that do not run go to `bad`. Free it. */
struct row *rows_survey(unsigned *n, void (*bad)(void *ctx, const struct error *e), void *ctx,
                        struct error *e);

bool row_runs(const struct row *r);
bool row_is_seen(const struct row *r);
bool row_is_taught(const struct row *r);
bool row_is_checked(const struct row *r);
bool row_is_done(const struct row *r);

/* One element of the list document's "rows". */
void row_json(const struct row *r, struct buffer *out);
