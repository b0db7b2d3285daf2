/* link.h - cause and effect across panes: what the current event read, what it changed.
 *
 * Promises   Every pane asks here, so all of them mark the same things. "Changed" compares the two states; "read" is what the event names.
 *            Answers are enum cell_flags: CELL_READ, CELL_CHANGED,
 *            CELL_LINKED (named by what was read), or 0.
 */
#pragma once

#include "view/scene.h"

/* n bytes of physical memory. */
unsigned link_bytes(const struct scene *s, paddr_t pa, unsigned n);
/* A frame: its record, or bytes in it that the event names. */
unsigned link_frame(const struct scene *s, pfn_t pfn);
unsigned link_tlb(const struct scene *s, unsigned cpu, unsigned set, unsigned way);
/* An entry of a level's walk cache. */
unsigned link_walk_entry(const struct scene *s, unsigned cpu, unsigned level, unsigned way);
/* A line of the data cache. */
unsigned link_line(const struct scene *s, unsigned cpu, unsigned id, unsigned set, unsigned way);
/* A register or counter that lies in hot state: compares n bytes at the same offset in both states. */
unsigned link_state(const struct scene *s, const void *field, size_t n);

/* Must these bytes not be seen, because the open question is about a walk that has not read them yet? */
bool link_hidden(const struct scene *s, paddr_t pa, unsigned n);

/* True when the event carries this field. */
bool event_has(const struct scene *s, enum event_field field);
/* The frame the event is about: its frame, or the one its physical address lies in; 0 none. */
pfn_t event_frame(const struct scene *s);
