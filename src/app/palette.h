/* palette.h - `?`: what works here, filtered while one types, run on Enter. Help and command palette are one.
 *
 * Promises   Lists exactly the actions that work in the situation, then the operations (in a machine). A filter matches names, keys and help,
 *            in any language; every word of it must occur. What needs an argument comes back as a line to be finished.
 */
#pragma once

#include "app/actions.h"
#include "app/sieve.h"

enum { PALETTE_ITEMS = 128 };

struct palette_item {
    enum action_code action; /* ACTION_NONE: an operation */
    int operation;
};

struct palette {
    bool open;
    struct sieve sieve; /* of the items */
    struct palette_item item[PALETTE_ITEMS];
    unsigned items;
};

enum palette_end { PALETTE_GOES_ON, PALETTE_RUNS, PALETTE_TYPES, PALETTE_CANCELLED };

/* s NULL: on the course map. */
void palette_open(struct palette *p, const struct session *s);

/* RUNS: *action is to be run. TYPES: `line` is to be finished at the prompt. */
enum palette_end palette_key(struct palette *p, const struct key *key, const struct session *s, enum action_code *action,
                             char *line, unsigned size);

void palette_draw(const struct palette *p, struct canvas *c);
