/* pane.h - a pane is a pure function from a scene to a rectangle of cells. One file each, one row
 * in panes.def each.
 *
 * Promises   A pane draws inside its rectangle only, at any size from 1x1 up, reads the scene only
 *            and allocates nothing. What was read and what changed by the current event is marked
 *            (CELL flags), with the same label and colour for a frame everywhere.
 */
#pragma once

#include "view/scene.h"

enum pane_id {
    PANE_NONE,
#define PANE(code, name, title, draw, help) PANE_##code,
#include "view/panes.def"
#undef PANE
    PANES
};

struct buffer;

struct pane_row {
    const char *name;  /* `show --view NAME` */
    const char *title; /* English; tr() */
    void (*draw)(const struct scene *s, struct canvas *c, struct rect r);
    void (*json)(const struct scene *s, struct buffer *out);
    const char *help;
};

extern const struct pane_row pane_row[PANES];

enum pane_id pane_by_name(const char *name);
/* The names of all panes; ends with NULL. */
const char *const *pane_names(void);

/* Has this machine what the pane shows? Others are no tabs, though they can be asked for by name. */
bool pane_belongs(const struct scene *s, enum pane_id pane);

/* Give a pane the focus: keeps set->recent, forgets the selection of the pane that had it. */
void pane_focus(struct scene_settings *set, enum pane_id pane);

/* What the viewer's selection in a pane points at, for "who wrote this last?". False when nothing
 * is selected there. */
bool pane_subject(const struct scene *s, enum pane_id pane, struct subject *out);

/* Move the selection of a pane by (dx, dy) items; changes only `set`. */
void pane_move(const struct scene *s, enum pane_id pane, int dx, int dy,
               struct scene_settings *set);

/* Focus a pane and select what TARGET_ITEM a, b stands for in it. */
void pane_select(enum pane_id pane, uint64_t a, uint64_t b, struct scene_settings *set);

/* Show what lies dy rows further down, whatever is focused or selected. */
void pane_scroll(const struct scene *s, enum pane_id pane, int dy, struct scene_settings *set);

/* Everything a pane shows, as members of an object that the caller has opened (for `show --format
 * json`): every number drawn occurs there. */
void pane_json(const struct scene *s, enum pane_id pane, struct buffer *out);

/* The whole screen: chooses a layout for the size (60x18 .. 200x60 and beyond), draws title line,
 * panes, sentence, timeline, keys. Below 60x18 a card. */
void screen_draw(const struct scene *s, struct canvas *c);
/* The row of keys, "space next|z zoom": the key is what stands before the first blank of each part. A
 * click on part number i is TARGET_KEY i. */
void screen_keys(const char *footer, struct canvas *c, struct rect r);
/* Where a pane draws at this size; false when it is not on the screen. */
bool screen_pane_rect(const struct scene *s, int width, int height, enum pane_id pane, struct rect *out);
/* All panes in Tab order, those on the screen at this size first, then those reached as tabs;
 * returns how many. */
unsigned screen_panes(const struct scene *s, int width, int height, enum pane_id out[PANES]);
