/* layout.h - which pane gets which rectangle: a table of cuts for each class of screen sizes.
 *
 * Promises   The same size and settings give the same rectangles, whatever the machine does. Neighbours share a border line.
 */
#pragma once

#include "view/pane.h"

struct place {
    enum pane_id pane;
    struct rect r;     /* with its border */
    bool tabs;         /* shows one of several panes; its upper border is the strip of their names */
};

struct placement {
    struct place place[PANES];
    unsigned places;
    bool too_small;
    struct rect title, body, sentence, timeline, footer; /* h 0: not there */
};

void layout_place(const struct scene *s, int w, int h, struct placement *out);

/* Panes that are not on this screen by themselves, in order: what the tabs are. */
unsigned layout_tabs(const struct scene *s, const struct placement *l, enum pane_id out[PANES]);

/* What a pane may draw on: inside its border, a blank away from it (prose: on both sides). */
struct rect layout_inside(const struct place *at);
