/* history.h - time travel: operations, some keyframes, and a machine that is run forward to
 * wherever one looks.
 *
 * Promises   A position (n, k) is the instant right after event k of operation n; (n, 0) is before
 *            its first event; (0, 0) is the machine as it booted. After an operation's last event,
 *            k = events of n, it has run to its end. The state at a position does not depend on the
 *            way one came. Going back runs no Lua and undoes nothing: nearest keyframe, run
 *            forward, stop inside emit.
 * Owns       The machine now, the machine one event ago, the operations, the keyframes. A branch
 *            starts at the end of an operation of the trunk.
 */
#pragma once

#include "machine/machine.h"

struct position {
    uint64_t op;    /* n */
    uint32_t event; /* k */
};

struct history;

struct history *history_open(const struct preset *preset, uint64_t seed, struct error *e);
void history_close(struct history *h);

/* Append an operation at the end of the line we are on (trunk, or branch) and run it to its end:
 * the position becomes (n, events of n). */
bool history_do(struct history *h, const struct operation *op, struct outcome *out,
                struct error *e);

/* Start a branch at the end of the current operation (on a branch already: nothing). The position
 * becomes that end. */
void history_branch(struct history *h);

/* Act from the end of the current operation: appends at the trunk's end; earlier on the trunk a
 * branch starts; on a branch what came later is cut off. */
bool history_act(struct history *h, const struct operation *op, struct outcome *out,
                 struct error *e);
bool history_on_branch(const struct history *h);
uint64_t history_branch_point(const struct history *h); /* last operation shared with the trunk */
void history_leave_branch(struct history *h); /* back to the trunk, at the branch point's end */
/* Cut the current line after operation n (an author's rerun of a step; never used on the way back).
 */
void history_truncate(struct history *h, uint64_t n);

uint64_t history_operations(const struct history *h);          /* on this line */
uint32_t history_events(const struct history *h, uint64_t op); /* events of operation op */
uint64_t
history_event_number(const struct history *h,
                     struct position p); /* events up to and including p, over all operations */
struct position history_at_number(const struct history *h, uint64_t number);
const struct operation *history_operation(const struct history *h, uint64_t op);
const struct outcome *history_outcome(const struct history *h, uint64_t op);

/* Go there. Positions past the end are clipped to the end. */
void history_seek(struct history *h, struct position p);
struct position history_position(const struct history *h);
struct position history_end(const struct history *h);
/* Neighbours in event order; a position's own when there is none. Positions (n, 0) with n > 1 count
 * as (n - 1, last). */
struct position history_next(const struct history *h, struct position p);
struct position history_previous(const struct history *h, struct position p);

const struct machine *history_machine(const struct history *h); /* at the position */
const struct machine *history_before(struct history *h); /* one event ago (at (0,0): the same) */

/* The event at the position; false at (n, 0). */
bool history_event(const struct history *h, struct event *ev);

/* Events of operations from .. to in order, at most up to `limit` (inclusive); the callback returns
 * false to stop. Uses a machine of its own. */
void history_scan(struct history *h, struct position from, struct position limit,
                  bool (*each)(void *ctx, struct position at, const struct event *ev), void *ctx);

/* Next (+1) or previous (-1) event for which `match` holds, from p exclusive, not beyond limit.
 * False when there is none. */
bool history_find(struct history *h, struct position p, int direction, struct position limit,
                  bool (*match)(void *ctx, const struct event *ev), void *ctx,
                  struct position *found);

/* "Who wrote this last?" Bits of the state one can point at. */
enum subject_kind {
    SUBJECT_MEMORY, /* n bytes at a */
    SUBJECT_TLB,    /* cpu a, set b, way n */
    SUBJECT_LINE,   /* of a cache: subject_line makes it */
    SUBJECT_FRAME,  /* the record or the bytes of frame a */
    SUBJECT_SLOT,   /* of the swap device: number a */
};
struct subject {
    enum subject_kind kind;
    uint64_t a, b;
    uint32_t n;
};
static inline struct subject
subject_line(unsigned cpu, unsigned id, uint64_t set, unsigned way)
{
    return (struct subject){.kind = SUBJECT_LINE, .a = (uint64_t)id << 8 | cpu, .b = set, .n = way};
}
static inline unsigned
subject_cpu(const struct subject *s) /* of a line */
{
    return (unsigned)(s->a & 0xff);
}
static inline unsigned
subject_cache(const struct subject *s) /* of a line: enum cache_id */
{
    return (unsigned)(s->a >> 8);
}
/* The last event at or before p after which the subject differed from before it. False: unchanged
 * since boot. */
bool history_writer(struct history *h, struct position p, const struct subject *s,
                    struct position *found);
/* The first event after p (up to limit) that reads or writes the subject. */
bool history_next_use(struct history *h, struct position p, struct position limit,
                      const struct subject *s, struct position *found);

/* A clone of the machine at the end of operation n, with quirk q on (QUIRKS: none), in which `op`
 * is run; events go to `watch`. The history is unchanged. */
bool history_what_if(struct history *h, uint64_t n, enum quirk q, const struct operation *op,
                     const struct watch *watch, struct outcome *out, struct machine **clone,
                     struct error *e);
