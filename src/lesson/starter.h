/* starter.h - the lesson that `lesson new` writes: short, complete, and it passes `lesson check`. */
#pragma once

#include "base/buffer.h"
#include "base/error.h"

/* The text of a lesson with that id ([a-z0-9-], 1..64). */
bool starter_text(const char *id, struct buffer *out, struct error *e);
