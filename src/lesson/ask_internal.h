/* ask_internal.h - what the files that make a question share. Nobody else includes this. */
#pragma once

#include "lesson/player_internal.h"

enum { ANSWER_BYTES = 240 };

/* An answer as the learner would see it. */
struct reply {
    bool none, is_number;
    int64_t number;
    char text[LANGS][ANSWER_BYTES];
};

struct asking {
    lua_State *L;
    struct player *p;
    struct question *q;
    int table, words;        /* stack indices; words 0: none */
    char format[8];
    uint64_t op;             /* the operation asked about, 0: none */
    enum event_code kind;    /* EV_NONE: whatever comes first */
    uint32_t nth;
    struct event event;      /* the event asked about, when there is an operation */
    bool has_event;
};

/* reply.c: the value on top of the stack as the learner would see it; pops it. */
void reply_take(struct asking *a, struct reply *r);
bool reply_equal(const struct choice *c, const struct reply *r);

/* inquire.c: asking machines. */
void inquire_before(struct asking *a);
/* The event asked about among those in the trail, counted from 1; 0: it did not happen. */
uint32_t inquire_event(const struct asking *a);
/* Machine, outcome and trail of the operation as it really went. */
const struct machine *inquire_truth(struct asking *a, struct outcome *out);
/* Run operations first..a->op in a clone with the quirk on. NULL: the clone refused one of them. The clone is the history's and lives until the
 * history is used again. */
const struct machine *inquire_clone(struct asking *a, uint64_t first, enum quirk quirk, struct outcome *out);
/* Push r of the answer function: the outcome, the events in the trail, the event asked about, m. */
void inquire_push(struct asking *a, const struct machine *m, const struct outcome *out);
/* What does `function` (a stack index) say about the machine m after the operation? */
void inquire(struct asking *a, int function, const struct machine *m, const struct outcome *out, struct reply *reply);

/* choice.c */
struct choice *choice_add(struct asking *a, const struct reply *r);
void choice_read_wrongs(struct asking *a);
void choice_shuffle(struct asking *a);
/* The number of the operation whose result stands in member `name` of the table at index; 0: not given. */
uint64_t inquire_operation(struct asking *a, int index, const char *name);
