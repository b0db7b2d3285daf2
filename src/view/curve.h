/* curve.h - curves: faults by frames, cycles by CPUs; several of them side by side.
 *
 * Promises   A pure function of the points: it draws inside its rectangle and keeps nothing. Every
 *            curve has a sign of its own beside its colour; where several meet there is a sign for
 *            that. An axis is logarithmic, and says so, when x spans more than a factor 12, y 64; else y
 *            begins at 0.
 *            Where more frames fault more (L. A. Belady et al., "An anomaly in space-time
 *            characteristics of certain programs running in a paging machine", CACM 12(6), 1969)
 *            the point is marked and told in words below.
 */
#pragma once

#include "view/canvas.h"

enum {
    CURVE_SERIES_MAX = 6,
    CURVE_WIDTH_LEAST = 40, /* in less nothing is drawn */
    CURVE_HEIGHT_LEAST = 10,
};

struct curve_series {
    const char *name;
    const uint64_t *x; /* rising; NULL: 1, 2, 3 ... */
    const uint64_t *y;
    size_t n;
    bool may_rise; /* going up is no anomaly: it is dice, or a price */
};

/* `across` and `up` name the axes, in the language in use. */
void curve_draw(const struct curve_series *series, unsigned count, const char *across, const char *up, struct canvas *c,
                struct rect r);
