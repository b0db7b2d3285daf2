/* glossary.h - what the words of events and panes mean: cards of at most five lines of 76 cells, made from glossary.def.
 *
 * Promises   Every event and every pane has at least one term; every term belongs to one. Names are found whatever their case, with blanks
 *            or with '-' between their words.
 */
#pragma once

#include "base/event.h"
#include "view/pane.h"

enum term {
    TERM_NONE,
#define TERM(code, ...) TERM_##code,
#define EVENT_TERMS(...)
#define PANE_TERMS(...)
#include "view/glossary.def"
#undef TERM
#undef EVENT_TERMS
#undef PANE_TERMS
    TERMS
};

enum { TERM_NAME = 40, TERMS_HERE = 20, CARD_WIDTH = 76, CARD_LINES = 5 };

struct term_row {
    const char *names; /* "frame|PFN|page frame" */
    const char *text, *where, *source;
};

extern const struct term_row term_row[TERMS];

/* Name number i of a term, 0 the one it is shown with; false past the last. */
bool term_name(enum term t, unsigned i, char out[TERM_NAME]);
/* The same as it is typed: "tlb-miss". */
bool term_word(enum term t, unsigned i, char out[TERM_NAME]);
/* TERM_NONE when there is none. */
enum term term_by_name(const char *name);
/* The nearest name as it is typed, for a message; NULL when none is near. Valid until the next call. */
const char *term_nearest(const char *name);

/* Terms of an event, of a pane, in order; how many. */
unsigned terms_of_event(enum event_code code, enum term out[TERMS_HERE]);
unsigned terms_of_pane(enum pane_id pane, enum term out[TERMS_HERE]);
/* Those of the current event, then those of the focused pane, before them those of what is selected in it; in a pane gone to by hand the
 * other way round. None twice. */
unsigned terms_here(const struct scene *s, bool pane_first, enum term out[TERMS_HERE]);
