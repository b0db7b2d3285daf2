/* card.h - the cards of the glossary, drawn over the picture one at a time: the words of the event and of the pane one is in.
 *
 * Promises   On a screen of 80 columns or more a card is whole: at most CARD_LINES lines.
 */
#pragma once

#include "app/keys.h"
#include "view/glossary.h"

struct card {
    bool open;
    enum term term[TERMS_HERE];
    unsigned terms, at;
};

/* Returns false when there are no terms to show. */
bool card_open(struct card *c, const enum term *terms, unsigned count);

enum card_end { CARD_GOES_ON, CARD_LIST /* all words are wanted */, CARD_CLOSED };
enum card_end card_key(struct card *c, const struct key *key);

/* The lines of a card, at most `width` cells wide, in the language in use. */
void card_text(enum term t, unsigned width, struct buffer *out);

void card_draw(const struct card *c, struct canvas *to);
