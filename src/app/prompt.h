/* prompt.h - the line one types after `:`, with history and completion over actions and operations.
 *
 * Promises   Always valid UTF-8, never longer than PROMPT_BYTES. Completion offers only what could be meant there. Knows no terminal.
 */
#pragma once

#include "app/keys.h"
#include "app/session.h"

enum { PROMPT_BYTES = 256, PROMPT_HISTORY = 64 };

struct prompt {
    bool open;
    char text[PROMPT_BYTES];
    unsigned cursor;                 /* in bytes, between two characters */
    char *history[PROMPT_HISTORY];   /* oldest first */
    unsigned lines, at;              /* at == lines: the line being typed */
    char typed[PROMPT_BYTES];        /* kept while one looks into the history */
};

enum prompt_end { PROMPT_GOES_ON, PROMPT_ENTERED, PROMPT_CANCELLED };

void prompt_open(struct prompt *p, const char *text);
void prompt_free(struct prompt *p);

/* A key; Tab completes and lists the candidates in the session's status. ENTERED: p->text is the line, kept in the history. */
enum prompt_end prompt_key(struct prompt *p, const struct key *key, struct session *s);

/* Candidates for the last word of a line: calls `each` in order. */
void prompt_complete(const struct session *s, const char *line, void (*each)(void *ctx, const char *word), void *ctx);
