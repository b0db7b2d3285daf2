#include "base/event.h"

#include <string.h>

#define F(field) (UINT64_C(1) << FIELD_##field)

const struct event_row event_row[EVENT_CODES] = {
#define EVENT(code, name, actor, class, fields, text)                                              \
    [EV_##code] = {name, ACTOR_##actor, CLASS_##class, fields, text},
#include "base/events.def"
#undef EVENT
};

const struct field_row field_row[EVENT_FIELDS] = {
#define FIELD(code, member, json, kind) [FIELD_##code] = {json, FIELD_##kind},
#include "base/fields.def"
#undef FIELD
};

const char *const actor_name[] = {"cpu", "mmu", "kernel", "disk", "clock", "you"};

uint64_t
event_get(const struct event *ev, enum event_field field)
{
    switch (field) {
#define FIELD(code, member, json, kind)                                                            \
    case FIELD_##code:                                                                             \
        return ev->member;
#include "base/fields.def"
#undef FIELD
    case EVENT_FIELDS:
        break;
    }
    return 0;
}

enum event_code
event_by_name(const char *name)
{
    for (int i = 1; i < EVENT_CODES; i++)
        if (strcmp(event_row[i].name, name) == 0)
            return (enum event_code)i;
    return EV_NONE;
}
