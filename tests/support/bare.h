/* bare.h - hardware without a kernel, for tests of src/hw: a preset's format, an arena, hand-made
 * tables, recorded events.
 *
 * Promises   Frames for tables are handed out from frame 1 up, in the order they are needed; the
 *            root is frame 1.
 */
#pragma once

#include "hw/control.h"

enum { BARE_EVENTS = 8192 };

struct bare {
    struct arena arena;
    struct hw_plan plan;
    struct geometry geo;
    struct hw hw;
    pfn_t next;
    struct watch watch;
    unsigned events;
    struct event event[BARE_EVENTS];
};

/* The format of assets/machines/NAME.json, for tests that change it. */
void bare_format(const char *preset, struct format *out);

/* A machine of that preset's format with its usual registers: CR0 PE|PG|WP; 64 bits: PAE,
 * LME|LMA|NXE; i386: PSE; pae: PAE, NXE, nothing loaded by MOV CR3 yet. 4096 frames (toy16: 8). */
struct bare *bare_open(const char *preset, unsigned sets, unsigned ways);
struct bare *bare_open_geometry(const struct geometry *geo);
void bare_close(struct bare *b);

/* Map the page of 1 << shift bytes at va to pa: tables P|W|U, the leaf `flags` (P and, if large,
 * PS are added). Returns the leaf's address. */
paddr_t bare_map(struct bare *b, vaddr_t va, paddr_t pa, unsigned shift, uint64_t flags);

/* Watch from now on, or not; forgets what was recorded. */
void bare_record(struct bare *b, bool on);
unsigned bare_count(const struct bare *b, enum event_code code);
/* The n-th (from 0) recorded event of that code. */
const struct event *bare_event(const struct bare *b, enum event_code code, unsigned n);
/* Names of the recorded events, one blank between two. */
const char *bare_names(const struct bare *b);
