/* template.h - texts with {names} in them, filled with values the lesson bound and members of an event.
 *
 * Promises   {name}, {name:hex|dec|bin|label|size} (hex16, bin9: least digits), {{ for a brace; nothing else: there is no expression language.
 *            A single newline is a blank (between two wide letters nothing), an empty line a paragraph. What comes out passed the cleaning gate.
 */
#pragma once

#include "base/buffer.h"
#include "base/lang.h"
#include "machine/machine.h"

enum { BOUND_NAME = 32, BOUND_MAX = 64 };

/* A value the step bound. */
struct bound {
    char name[BOUND_NAME];
    bool is_text;
    int64_t number;
    char *text[LANGS]; /* owned */
};

struct template_scope {
    const struct bound *bound;
    unsigned bounds;
    const struct machine *machine; /* for the names of tables and files; with `event` */
    const struct event *event;     /* NULL: no members */
    const char *answer, *choice;   /* NULL: not known here */
};

/* Append the filled text. False: `why` says which {..} is wrong and what was meant. */
bool template_fill(const char *text, enum lang lang, const struct template_scope *scope, struct buffer *out, struct error *why);

/* An integer in a named format. False: no such format. */
bool template_number(int64_t value, const char *format, struct buffer *out);
extern const char *const template_formats[]; /* ends with NULL */
