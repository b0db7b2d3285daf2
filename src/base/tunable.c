#include "base/tunable.h"

const struct tunable_row tunable_row[TUNABLES] = {
#define TUNABLE(code, name, value, least, most, text)                                              \
    [TUNE_##code] = {name, value, least, most, text},
#include "base/tunables.def"
#undef TUNABLE
};

const struct quirk_row quirk_row[QUIRKS] = {
#define QUIRK(code, name, text) [QUIRK_##code] = {name, text},
#include "base/quirks.def"
#undef QUIRK
};

_Static_assert(QUIRKS <= 64, "the state keeps the quirks in one 64-bit word");
