/* beside.h - another machine beside the session's, which does whatever is done there, up to where they part.
 *
 * Promises   The other line of operations is derived: after beside_follow it has the same operations as the session's, on whatever branch one
 *            stands, up to the first difference (machine/compare.h) or all. After it nothing can be compared, so nothing is done there.
 * Owns       The other history; what is shown of it.
 */
#pragma once

#include "app/options.h"
#include "view/scene.h"

/* What `--beside` and its companions ask for. */
struct beside_wish {
    const char *machine;    /* NULL: the same preset */
    struct option_list set; /* fields of the other alone */
    int grain;              /* enum compare_grain */
};

#define BESIDE_INIT {.grain = COMPARE_EVENTS}
#define BESIDE_OPTIONS(w)                                                                          \
    {OPTION_TEXT, "beside", "NAME", "another machine that does the same, up to the first difference", &(w).machine, 0, 0, NULL},  \
    {OPTION_LIST, "beside-set", "KEY=VALUE", "change a field of that machine alone", &(w).set, 0, 0, NULL},                       \
    {OPTION_WORD, "by", NULL, "what differs: faults, events, or places and prices too", &(w).grain, 0, 0, compare_grain_name}

struct beside;

/* NULL and e->code 0: nobody wished for one. `set` holds for both machines. */
struct beside *beside_open(const struct beside_wish *wish, const char *machine, const struct option_list *set, uint64_t seed,
                           struct error *e);
void beside_close(struct beside *b);

/* Do what was done in h; forget what no longer was. */
void beside_follow(struct beside *b, struct history *h);
/* The first difference, in positions of h; NULL: none in what was followed. */
const struct difference *beside_difference(const struct beside *b);
/* What is to be seen beside the scene. */
void beside_gather(struct beside *b, struct history *h, struct scene *s);
