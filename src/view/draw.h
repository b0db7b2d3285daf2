/* draw.h - what the panes share when they write: a pen that moves through a rectangle row by row, and the few signs that mean the same in
 * every pane (frame labels, entry letters, class marks).
 *
 * Promises   A pen draws inside its rectangle only. A dry pen draws nothing and counts the rows, so that a pane can find out where things
 *            will be before it draws. Nothing allocates once the sentence scratch has reached its size.
 */
#pragma once

#include "view/scene.h"

struct pen {
    struct canvas *c;
    struct rect r;
    int x, y;   /* relative to r; y may be negative: rows scrolled out at the top */
    bool dry;
};

void pen_open(struct pen *p, struct canvas *c, struct rect r);
void pen_close(struct pen *p);

void pen_put(struct pen *p, const char *text, enum role role, unsigned flags);
void pen_putf(struct pen *p, enum role role, unsigned flags, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void pen_glyph(struct pen *p, enum glyph g, enum role role, unsigned flags);
/* "f3a" in the frame's colour. */
void pen_label(struct pen *p, pfn_t pfn, unsigned flags);
/* Text cut to the rest of the row. */
void pen_rest(struct pen *p, const char *text, enum role role, unsigned flags);
/* Wrapped text from the current row, `indent` cells in; ends at the start of the row after it. */
void pen_wrap(struct pen *p, int indent, const char *text, enum role role, unsigned flags);

/* To this column, at least one cell from what stands there. */
void pen_to(struct pen *p, int column);
void pen_line(struct pen *p);
int pen_left(const struct pen *p);        /* cells left in this row */
bool pen_full(const struct pen *p);       /* below the last row */
/* What a click on the current row means, all along it; TARGET_NONE ends it. */
void pen_target(struct pen *p, enum target_kind kind, uint64_t a, uint64_t b);
/* Small signs in the right column: there is more above, below. */
void pen_more(struct pen *p, bool above, bool below);

/* Rows to skip so that `wanted` rows .. of `total` fit `h`: follows the row of interest, moved by what the viewer scrolled. */
int scroll_for(int total, int h, int interest, int scrolled);

/* --- signs ------------------------------------------------------------------------------------------------------------------------ */

/* An entry's flags as letters, absent ones '-', in the order P W U A D S G X; what the format has not is left out. */
const char *entry_letters(const struct format *f, unsigned level, pte_t entry, char out[16]);

enum role class_role(enum event_class class);
enum glyph class_glyph(enum event_class class);

/* "512 B", "4 KiB", "1.5 MiB"; exact when it says no fraction. */
const char *size_text(uint64_t bytes, char out[16]);
/* 4, 8, or 16: hex digits an address of this machine is written with. */
int va_digits(const struct format *f);

/* The sentence of an event; the operation as typed. Valid until the next call. */
const char *sentence_text(const struct scene *s, const struct event *ev);
const char *operation_text(const struct scene *s, const struct operation *op);

/* An address or value as the viewer wants to read it; `digits` as in number_show. Returns out. */
const char *value_text(const struct scene *s, uint64_t value, int digits, char out[NUMBER_TEXT]);
/* What the emulated world answered: in words, valid until the next call; and with a sign before them. */
const char *outcome_text(const struct outcome *o);
void pen_outcome(struct pen *p, const struct outcome *o);

/* Where decimal is wanted: " (58)" behind a frame's label, which is a name in hex and stays. */
void pen_frame_number(struct pen *p, const struct scene *s, pfn_t pfn);

/* The name in the language in use of an actor ("MMU"). */
const char *actor_title(enum actor a);
