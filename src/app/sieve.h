/* sieve.h - a list that is filtered as one types, one of its rows picked: what the palette and the lists of the chooser have in common.
 *
 * Promises   A row passes when every word of the filter occurs in one of its texts, whatever its case. Up and Down go round the ends, pages stop there.
 */
#pragma once

#include "app/keys.h"
#include "view/canvas.h"

enum { SIEVE_FILTER = 64 };

struct sieve {
    char filter[SIEVE_FILTER];
    unsigned picked; /* of the rows that pass */
};

/* The next word of a filter and its length; false when there is none. */
bool sieve_word(const char **at, size_t *length);
bool sieve_finds(const char *text, const char *word, size_t length);

/* Does the key move in a list of `count` rows, and did it? */
bool sieve_move(struct sieve *s, const char *key, unsigned count);
/* Does the key change the filter, and did it? Then the first row is picked. */
bool sieve_type(struct sieve *s, const struct key *key);
/* After the rows have changed: one of them is picked. */
void sieve_fit(struct sieve *s, unsigned count);

/* The first row to be seen of a window of `rows`. */
unsigned sieve_top(const struct sieve *s, int rows);
/* The line where the filter is typed; `nothing` says below it that no row passes, NULL: one does. */
void sieve_draw(const struct sieve *s, struct canvas *c, struct rect in, const char *nothing);
