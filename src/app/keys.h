/* keys.h - what was pressed, by name: "Space", "Enter", "Left", "PageUp", "Ctrl-L", "F1", or the letter itself.
 *
 * Promises   Escape is a key of its own after 25 ms. Text that was pasted carries `pasted`, so that a paste outside an input line does nothing.
 *            Mouse reports come as "Mouse" with a place, however the bytes of one were cut up; one that is damaged is dropped, and what is no
 *            part of it is a key again. What is unknown is dropped.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { KEY_NAME = 16 };

enum mouse_button {
    MOUSE_NONE,
    MOUSE_LEFT,
    MOUSE_DRAG, /* moved with the left button down */
    MOUSE_RELEASE,
    MOUSE_WHEEL_UP,
    MOUSE_WHEEL_DOWN,
};

struct key {
    char name[KEY_NAME];
    uint32_t cp;               /* the letter, 0 for other keys */
    bool pasted;
    enum mouse_button button;
    int x, y;
};

/* Names of keys that are no letter, ends with NULL; beside them F1 .. F24 and Ctrl-A .. Ctrl-Z. "Hash" stands for # where that begins a comment. */
extern const char *const key_names[];
/* Can this key be bound? NULL: yes; "": there is no such key; else why not. */
const char *key_refusal(const char *name);

/* Teach curses the sequences it has no names for. Called once the terminal is open. */
void key_learn(void);

/* The next key; false when nothing waits. */
bool key_read(struct key *out);

/* One more character of a mouse report, for key_read and its tests. */
enum report_part { REPORT_GOES_ON, REPORT_DONE, REPORT_BROKEN };
struct mouse_report {
    bool open, old;    /* old: the three bytes of X10, as terminals without SGR reports send them */
    char text[16];
    unsigned length;
};
enum report_part report_take(struct mouse_report *r, uint32_t cp, struct key *out);
