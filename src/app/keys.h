/* keys.h - what was pressed, by name: "Space", "Enter", "Left", "PageUp", "Ctrl-L", "F1", or the letter itself.
 *
 * Promises   Escape is a key of its own after 25 ms. Text that was pasted carries `pasted`, so that a paste outside an input line does nothing.
 *            Mouse reports come as "Mouse" with a place. What is unknown is dropped.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { KEY_NAME = 16 };

enum mouse_button { MOUSE_NONE, MOUSE_LEFT, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };

struct key {
    char name[KEY_NAME];
    uint32_t cp;               /* the letter, 0 for other keys */
    bool pasted;
    enum mouse_button button;
    int x, y;
};

/* The next key; false when nothing waits. */
bool key_read(struct key *out);
