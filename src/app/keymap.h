/* keymap.h - which key runs what: the defaults of actions.def, changed by a person's file of lines
 *
 *     # a comment
 *     J  next-fault      this key runs this action (a name of actions.def), whatever it ran before
 *     b  none            this key runs nothing any more
 *
 * Promises   A key means one action in a situation. A line that is wrong is reported with file:line and the nearest name and does nothing; all
 *            others count. A key bound twice where both could be meant, and an action that is left without a key, are reported with both lines.
 * Owns       The one map in use, the program's like its language. It begins with the defaults.
 * Simplifies The letters of an open question, the digits of the hex pane, and the keys inside the palette and the input line are theirs.
 */
#pragma once

#include "app/actions.h"

enum { KEYMAP_KEYS = 96, KEYMAP_LINES = 512 };

typedef void keymap_complain(void *ctx, const struct error *e);

/* The keys of an action now, separated by blanks. */
const char *keymap_keys(enum action_code a);
bool keymap_is_changed(enum action_code a);

/* The key that a sentence names: one's own, else a letter rather than an arrow; ":name" when there is none. Valid until the keys change. */
const char *keymap_key(enum action_code a);
const char *keymap_key_named(const char *action);
/* A text that names keys as {action}: with the keys of now, a % among them doubled, so that it can be a format. Valid until the next call. */
const char *keymap_text(const char *text) __attribute__((format_arg(1)));

void keymap_reset(void);
/* Begin with the defaults and change them by a file's text; returns how many complaints there were. */
unsigned keymap_parse(const char *text, size_t length, const char *file, keymap_complain *complain,
                      void *ctx);
/* The same with the person's own file; no file is no complaint. */
unsigned keymap_load(keymap_complain *complain, void *ctx);
/* Where that file is (or would be); false when there is no such place. */
bool keymap_path(char *out, size_t size);
