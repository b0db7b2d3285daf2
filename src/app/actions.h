/* actions.h - everything a person can do, made from actions.def: keys, footer, palette, `:` commands, plain mode.
 *
 * Promises   A key means one thing in a situation. What one can press one can type. What an open question or the hex pane takes for itself
 *            (letters of the answers, hex digits) never reaches an action; nor do n, N and Escape while a search is on. Nothing here knows a terminal: what only a screen can do
 *            becomes s->request.
 */
#pragma once

#include "app/session.h"
#include "base/buffer.h"

enum action_code {
    ACTION_NONE,
#define ACTION(code, name, keys, where, label, help) ACTION_##code,
#include "app/actions.def"
#undef ACTION
    ACTIONS
};

enum situation {
    SITUATION_MAP = 1,
    SITUATION_LESSON = 2,
    SITUATION_PLAY = 4,
    SITUATION_ASK = 8,
    SITUATION_TASK = 16,
    SITUATION_BRANCH = 32,
};

struct action_row {
    const char *name, *keys;
    unsigned where; /* enum situation, or'ed */
    const char *label, *help;
};

extern const struct action_row action_row[ACTIONS];

enum action_code action_by_name(const char *name);
/* The action a key means in a situation. */
enum action_code action_by_key(const char *key, unsigned situation);
/* Key number i of an action (keymap.h), 0-based; false past the last. */
bool action_key(enum action_code a, unsigned i, char out[16]);
bool action_works(enum action_code a, unsigned situation);
/* True when it cannot run without a word after its name. */
bool action_wants_argument(enum action_code a);

/* Where we are. NULL: on the course map. */
unsigned action_situation(const struct session *s);

/* A key of the keyboard, by name ("Space", "a", "Ctrl-L"): answers, edits, or runs an action. False: it means nothing here, or it failed
 * (the status says why). */
bool action_press(struct session *s, const char *key);
/* True when the question or the hex pane takes this key. */
bool action_key_is_taken(const struct session *s, const char *key);

/* Run an action; args may be "". */
bool action_run(struct session *s, enum action_code a, const char *args);

/* Speak a language, reading its catalogue the first time. A missing catalogue leaves the program's own words English; lessons bring theirs. */
bool action_speak(enum lang lang, struct error *e);

/* What the footer says now, "Space next|Enter next step|...", and the action of each part (ACTION_NONE: keys that are no action's). */
enum { FOOTER_PARTS = 24 };
struct footer {
    struct buffer text;
    enum action_code action[FOOTER_PARTS];
    unsigned parts;
};
void action_footer(const struct session *s, enum glyph_set glyphs, struct footer *out);
/* How a key is written for people ("Left": an arrow). */
const char *action_key_text(const char *key, enum glyph_set glyphs);
