/* plain_say.h - what plain mode says: labelled, wrapped sentences about what is new since the last
 * command.
 */
#pragma once

#include "app/session.h"

struct transcript {
    unsigned width;
    unsigned questions; /* of the whole lesson; 0: unknown */
    /* What was told last. */
    unsigned step;
    uint64_t number;
    bool acted; /* an operation was typed since */
    bool on_branch, started, finished, after_told, task_done_told;
    const char *question_text;
    enum ask_state question_state;
    unsigned hints, tries, task_hints;
    int focus;
    uint64_t select_a, select_b;
    bool selected;
    int lang;
};

/* "LABEL text", wrapped and clean. */
void plain_say(const struct transcript *t, const char *label, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The rows of a drawn pane, without the empty ones. */
void plain_rows(const struct canvas *c);

void plain_open(struct transcript *t, struct session *s, const char *why);
/* Say what is new. */
void plain_tell(struct transcript *t, struct session *s);
void plain_close(struct transcript *t);
