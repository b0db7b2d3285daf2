/* chooser.h - a box with rows to choose from, drawn over the picture: a menu with a letter a row, or a list that is filtered as one types.
 *
 * Promises   Enter or a row's letter chooses; typing in a list filters it, every word must occur. Texts are cleaned. Knows no terminal.
 */
#pragma once

#include "app/sieve.h"

enum { CHOOSER_ROWS = 256, CHOOSER_TEXT = 120 };

struct chooser_row {
    char key[4]; /* a menu's letter */
    char text[CHOOSER_TEXT];
    char note[CHOOSER_TEXT]; /* dim, behind it */
    int value;
};

struct chooser {
    bool open, filters;
    bool removes; /* Delete takes a row away */
    char title[80], hint[120];
    struct sieve sieve; /* of the rows shown */
    struct chooser_row row[CHOOSER_ROWS];
    unsigned rows;
    unsigned shown[CHOOSER_ROWS], count; /* rows that pass the filter */
};

enum chooser_end { CHOOSER_GOES_ON, CHOOSER_CHOSEN, CHOOSER_REMOVED, CHOOSER_CANCELLED };

/* A menu when `filters` is false. `hint` is the last line. */
void chooser_open(struct chooser *c, bool filters, const char *title, const char *hint);
void chooser_add(struct chooser *c, const char *key, int value, const char *text, const char *note);

/* CHOSEN, or REMOVED by the key Delete: *value is the row's. It is closed then, and by CANCELLED. */
enum chooser_end chooser_key(struct chooser *c, const struct key *key, int *value);

void chooser_draw(const struct chooser *c, struct canvas *to);
