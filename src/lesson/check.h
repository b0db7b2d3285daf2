/* check.h - `lesson check`: prove that a lesson works in every way a learner may take through it.
 *
 * Promises   Told twice with equal results; every question answered wrong in each way and then right; every position reached forwards and backwards
 *            with equal states; every step alone in a fresh state with an equal record; both languages there; texts that fit.
 *            Each finding names the file, the line of its step and the step.
 */
#pragma once

#include "lesson/player.h"

enum check_level { CHECK_ERROR, CHECK_ADVICE };

struct check_counts {
    unsigned steps, questions, wrong_answers, positions, expectations;
    unsigned errors, advice;
};

/* `views`: the names of the panes, ends with NULL. True when there was no error (advice does not count). */
bool lesson_check(const char *path, const char *const *views,
                  void (*found)(void *ctx, enum check_level level, const struct error *what), void *ctx,
                  struct check_counts *counts);
