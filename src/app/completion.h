/* completion.h - everything that may follow `pagewalk`, as one list, and the scripts that shells make completions from.
 *
 * Promises   The list is made by asking each command what it takes (options_listen), so it has no rows of its own to forget. Only what a value
 *            stands for is looked up, in completion.def.
 * Owns       One list, built when first asked for and never freed.
 */
#pragma once

#include <stdbool.h>

#include "base/buffer.h"

enum { COMPLETION_OPTIONS = 32, COMPLETION_COMMANDS = 96 };

struct completion_option {
    const char *name, *help; /* without dashes */
    bool takes_value;
    const char *
        with; /* of a value: "words a b c", "nothing", "files", "machines" ...; NULL: completion.def does not say */
};

struct completion_command {
    const char *path; /* "", "learn", "lesson check" */
    const char *help;
    const char *word; /* its argument as the usage names it, "" when there is none */
    const char *with; /* as of an option */
    unsigned options;
    struct completion_option option[COMPLETION_OPTIONS];
};

/* Ends with a row whose path is NULL; a command comes before its verbs. */
const struct completion_command *completion_list(void);

void completion_bash(struct buffer *out);
void completion_zsh(struct buffer *out);
void completion_fish(struct buffer *out);
