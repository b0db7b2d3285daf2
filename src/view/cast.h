/* cast.h - pictures as a recording for asciinema: asciicast v2, one JSON value a line
 * (docs.asciinema.org/manual/asciicast/v2).
 *
 * Promises   A header, then one event a picture: only the rows that differ from the one before. A change
 *            of size is an event too. Times are seconds from the start and never go back.
 */
#pragma once

#include "base/buffer.h"
#include "view/canvas.h"

struct cast {
    enum theme theme;
    struct canvas *shown; /* NULL before the first picture */
};

/* The header is written with the first picture, whose size it has. `title` may be NULL. */
void cast_picture(struct cast *cast, const struct canvas *c, uint64_t milliseconds,
                  const char *title, struct buffer *out);
void cast_close(struct cast *cast);
