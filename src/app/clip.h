/* clip.h - text to the terminal's clipboard (OSC 52) and to a file, because a terminal may take it or not and never says.
 *
 * Promises   The latest copy is always in copied.txt in the state directory, whatever the terminal does. Under tmux the sequence goes both as it
 *            is (tmux takes it when set-clipboard is on) and wrapped (for allow-passthrough). Nothing is sent to a terminal that would
 *            print it, nor more than CLIP_BYTES, where terminals stop listening.
 */
#pragma once

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"

enum { CLIP_BYTES = 74994 };

/* The escape sequence; `tmux`: what to send to tmux. */
void clip_sequence(const char *text, size_t length, bool tmux, struct buffer *out);

struct clip_done {
    bool sent; /* to the terminal */
    bool saved;
    char path[512]; /* where it was saved */
};

/* Copy. False: neither worked, `e` says why. */
bool clip_copy(const char *text, size_t length, struct clip_done *done, struct error *e);
