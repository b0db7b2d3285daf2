/* tunable.h - the switches of a machine: numbers that `set` changes, and quirks that make it wrong
 * on purpose.
 */
#pragma once

#include "base/types.h"

enum tunable {
#define TUNABLE(code, name, value, least, most, text) TUNE_##code,
#include "base/tunables.def"
#undef TUNABLE
    TUNABLES
};

enum quirk {
#define QUIRK(code, name, text) QUIRK_##code,
#include "base/quirks.def"
#undef QUIRK
    QUIRKS /* at most 64: the state keeps them in one word */
};

struct tunable_row {
    const char *name;
    uint64_t value, least, most;
    const char *text;
};

struct quirk_row {
    const char *name;
    const char *text;
};

extern const struct tunable_row tunable_row[TUNABLES];
extern const struct quirk_row quirk_row[QUIRKS];
