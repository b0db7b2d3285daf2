/* tape.h - a sitting on the screen, recorded as it is drawn: an asciinema file (view/cast.h).
 *
 * Promises   Never overwrites a file. Each picture is in the file before the next one is drawn, so a sitting
 *            that is killed leaves a recording that plays. When a write fails, recording stops and
 *            tape_close says why.
 */
#pragma once

#include "base/error.h"
#include "view/canvas.h"

struct tape;

/* NULL: EXIT_WRITE, the file is there already or cannot be made. */
struct tape *tape_open(const char *path, struct error *e);
void tape_picture(struct tape *t, const struct canvas *c, enum theme theme);
/* False when something could not be written. NULL is fine. */
bool tape_close(struct tape *t, struct error *e);
