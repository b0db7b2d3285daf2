/* What an operation gives back to the lesson: a fresh plain table with its outcome and its events. */
#include <stdlib.h>
#include <string.h>

#include "lesson/player_internal.h"
#include "base/memory.h"
#include "machine/narrate.h"

/* --- the trail ------------------------------------------------------------------------------ */

void
trail_begin(struct trail *t, uint32_t cap)
{
    t->count = 0;
    t->cap = cap;
    t->total = t->cycles = 0;
}

void
trail_add(struct trail *t, const struct event *ev)
{
    t->total++;
    t->cycles += ev->cycles;
    if (t->count == t->cap)
        return;
    if (t->count == t->room) {
        t->room = t->room ? 2 * t->room : 64;
        t->event = memory_resize(t->event, t->room, sizeof *t->event);
    }
    t->event[t->count++] = *ev;
}

void
trail_free(struct trail *t)
{
    free(t->event);
    *t = (struct trail){0};
}

/* --- tables --------------------------------------------------------------------------------- */

static void
set_integer(lua_State *L, const char *name, uint64_t value)
{
    lua_pushinteger(L, (lua_Integer)value);
    lua_setfield(L, -2, name);
}

/* A member as its word: "PML4", "write", "rw-". English whatever the screen speaks, so that a lesson does the same in both. */
static void
set_word(lua_State *L, const struct machine *m, const struct event *ev, const char *member)
{
    struct player *p = player_of(L);
    enum lang before = lang_now();

    buffer_truncate(&p->scratch, 0);
    lang_use(LANG_EN);
    bool there = narrate_member(m, ev, member, &p->scratch);
    lang_use(before);
    if (!there)
        return;
    lua_pushlstring(L, buffer_text(&p->scratch), p->scratch.length);
    lua_setfield(L, -2, member);
}

static void
set_field(lua_State *L, const struct machine *m, const struct event *ev, enum event_field field)
{
    const struct field_row *row = &field_row[field];

    if (row->kind == FIELD_NAME)
        set_word(L, m, ev, row->member);
    else
        set_integer(L, row->member, event_get(ev, field));
    if (field == FIELD_LEVEL)
        set_word(L, m, ev, "table");
    if (field == FIELD_ERROR)
        set_word(L, m, ev, "errbits");
    if (field == FIELD_END)
        set_integer(L, "stop", ev->end);
}

void
result_push_event(lua_State *L, const struct machine *m, const struct event *ev, uint32_t at)
{
    const struct event_row *row = &event_row[ev->code];

    sandbox_charge(L, 60);
    lua_createtable(L, 0, 14);
    lua_pushstring(L, row->name);
    lua_setfield(L, -2, "event");
    lua_pushstring(L, actor_name[row->actor]);
    lua_setfield(L, -2, "actor");
    set_integer(L, "at", at);
    set_integer(L, "cpu", ev->cpu);
    set_integer(L, "pid", ev->pid);
    set_integer(L, "cycles", ev->cycles);
    for (unsigned i = 0; i < EVENT_FIELDS; i++) {
        if (row->fields >> i & 1)
            set_field(L, m, ev, (enum event_field)i);
    }
}

static void
set_events(lua_State *L, struct player *p, const struct machine *m)
{
    uint32_t shown = p->trail.count;

    set_integer(L, "event_count", p->trail.total);
    set_integer(L, "cycles", p->trail.cycles);
    lua_createtable(L, (int)shown, 0);
    for (uint32_t i = 0; i < shown; i++) {
        result_push_event(L, m, &p->trail.event[i], i + 1);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "events");
}

void
result_push(lua_State *L, struct player *p, const struct machine *m, uint64_t op, const struct outcome *out)
{
    static const char *const kinds[] = {[OUT_DONE] = "done", [OUT_SIGNAL] = "signal", [OUT_BLOCKED] = "blocked", [OUT_FAULT] = "fault",
                                        [OUT_WAITS] = "waits", [OUT_CALL_ERROR] = "error", [OUT_SKIPPED] = "skipped"};

    lua_createtable(L, 0, 12);
    if (out) {
        set_integer(L, "op", op);
        lua_pushstring(L, kinds[out->kind]);
        lua_setfield(L, -2, "kind");
        set_integer(L, "value", out->value);
        set_integer(L, "pa", out->pa);
        set_integer(L, "faults", out->faults);
        if (out->kind == OUT_SIGNAL) {
            lua_pushstring(L, signal_name[out->signal]);
            lua_setfield(L, -2, "signal");
        }
        if (out->kind == OUT_CALL_ERROR) {
            lua_pushstring(L, call_error_name[out->error]);
            lua_setfield(L, -2, "error");
        }
    }
    set_events(L, p, m);
}
