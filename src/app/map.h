/* map.h - the course map: continue, the lessons by part, the playground, help. What `pagewalk` alone shows.
 *
 * Promises   The first line is what most people want next. Done, begun and open differ by sign, not by colour alone. Works from 1x1 up.
 */
#pragma once

#include "app/course.h"
#include "app/keys.h"

enum map_kind { MAP_PART, MAP_CONTINUE, MAP_LESSON, MAP_PLAY, MAP_HELP };

struct map_item {
    enum map_kind kind;
    int lesson; /* index, -1 */
};

struct map {
    struct course course;
    struct map_item *item;
    unsigned items, picked;
    const char *footer, *message;
    bool message_is_error;
};

bool map_open(struct map *m, const struct progress *p, struct error *e);
void map_close(struct map *m);

/* Move the selection; parts are passed over. */
void map_move(struct map *m, int delta);
const struct map_item *map_picked(const struct map *m);
void map_draw(const struct map *m, struct canvas *c);
