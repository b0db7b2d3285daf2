/* event.h - everything that happens, as typed records.
 *
 * Promises   One row of events.def an event, one row of fields.def a member. A record is built only
 *            while somebody watches. An event is emitted right after its change, so the state an
 *            observer sees contains it.
 * Reads      Nothing: texts and JSON are made above (machine/narrate.h), where names of levels and
 *            files are known.
 */
#pragma once

#include "base/types.h"

enum actor { ACTOR_CPU, ACTOR_MMU, ACTOR_KERNEL, ACTOR_DISK, ACTOR_CLOCK, ACTOR_YOU };

/* What a CPU wants of its data cache. */
enum line_use { LINE_DATA, LINE_ENTRY, LINE_CODE };

enum event_class { CLASS_PLAIN, CLASS_HIT, CLASS_MISS, CLASS_READ, CLASS_WRITE, CLASS_FAULT };

enum event_code {
    EV_NONE,
#define EVENT(code, name, actor, class, fields, text) EV_##code,
#include "base/events.def"
#undef EVENT
    EVENT_CODES
};

enum event_field {
#define FIELD(code, member, json, kind) FIELD_##code,
#include "base/fields.def"
#undef FIELD
    EVENT_FIELDS
};

enum field_kind { FIELD_HEX, FIELD_INT, FIELD_BYTES, FIELD_NAME };

struct event {
    uint16_t code; /* enum event_code */
    uint8_t cpu;
    uint8_t kind;  /* enum access_kind */
    uint8_t mode;  /* 0 kernel, 1 user */
    uint8_t level; /* 0 = the root table */
    uint8_t order;
    uint8_t prot;   /* enum right, or'ed */
    uint8_t area;   /* enum area_kind (os/area.h) */
    uint8_t signal; /* enum signal_kind (os/os.h) */
    uint8_t use;    /* enum frame_use (os/frame.h) */
    uint8_t call;   /* operation code (machine/operations.def) */
    uint8_t what;   /* enum line_use: why the cache was asked */
    uint8_t cache;  /* enum cache_id (hw/hw.h): which */
    uint8_t peer;   /* where a line comes from or goes to, where bytes are: enum cache_id, CACHES
                       for memory */
    uint8_t paging; /* enum paging_mode (hw/mode.h) in which it happened; 0 where it cannot change */
    uint8_t was;    /* the mode before */
    uint8_t reason; /* enum control_reason (hw/control.h) */
    uint16_t field; /* enum tunable or control bit (machine/tunable.h) */
    uint16_t error; /* x86 page-fault error code */
    uint32_t pid;   /* the process on this CPU, 0 if none */
    uint32_t asid;
    uint32_t cycles; /* what this event cost, in the model */
    uint32_t index;
    uint32_t set, way;
    uint32_t size;   /* bytes */
    uint32_t other;  /* another process */
    uint32_t object; /* os/object.h */
    uint64_t va, pa;
    uint64_t old, new;
    uint64_t start, end;
    uint64_t frame, frame2;
    uint64_t offset; /* page index in an object; byte in a cache line */
    uint64_t tag;    /* what a cache compares in a set */
    uint64_t count;
    uint64_t loaded, used; /* references, counted from 1 (os/resident.h) */
    uint64_t next;         /* place in the reference string, from 1; 0: never */
    uint32_t slot;         /* of the swap device (os/swap.h) */
    uint32_t policy;       /* enum policy (os/policy.h), enum tlb_policy (hw/tlb_policy.h) */
};

struct event_row {
    const char *name;
    enum actor actor;
    enum event_class class;
    uint64_t fields; /* bit i: enum event_field i */
    const char *text;
};

struct field_row {
    const char *member; /* as written in a sentence: the JSON name */
    enum field_kind kind;
};

extern const struct event_row event_row[EVENT_CODES];
extern const struct field_row field_row[EVENT_FIELDS];
extern const char *const actor_name[];

/* The value of a field of an event, whatever its width. */
uint64_t event_get(const struct event *ev, enum event_field field);

/* EV_NONE when there is no such event. */
enum event_code event_by_name(const char *name);

/* The one observer. `seen` may leave by longjmp: nobody below holds a resource while emitting. */
struct watch {
    void (*seen)(void *context, const struct event *ev);
    void *context;
};
