/* A lesson's file as code: the sandbox it runs in, the `lesson` and `step` that it calls, and the head that is read from its table. */
#include <stdlib.h>
#include <string.h>

#include "base/data.h"
#include "base/memory.h"
#include "base/text.h"
#include "lesson/api.h"
#include "lesson/player_internal.h"
#include "machine/invariant.h"

/* Addresses of these are keys of the registry: the lesson's table, and table -> line. */
static const char lesson_key, lines_key;

/* --- what the file calls -------------------------------------------------------------------- */

static void
note_line(lua_State *L)
{
    lua_Debug ar;
    int line = 0;

    if (lua_getstack(L, 1, &ar) && lua_getinfo(L, "l", &ar))
        line = ar.currentline;
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &lines_key) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &lines_key);
    }
    lua_pushvalue(L, 1);
    lua_pushinteger(L, line);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

static int
call_step(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    note_line(L);
    return 1;
}

static int
call_lesson(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &lesson_key) != LUA_TNIL)
        return luaL_error(L, "a file holds one lesson");
    lua_pop(L, 1);
    note_line(L);
    lua_pushvalue(L, 1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lesson_key);
    return 1;
}

/* The chunk is the argument. */
static int
run_chunk(lua_State *L)
{
    lua_call(L, 0, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lesson_key);
    if (lua_isnil(L, -1) || !lua_rawequal(L, -1, -2))
        return luaL_error(L, "a lesson's file ends with: return lesson { ... }");
    sandbox_freeze_table(L, -1);
    return 0;
}

int
script_line(lua_State *L, int index)
{
    lua_Debug ar;
    int line = 0;

    index = lua_absindex(L, index);
    if (lua_type(L, index) == LUA_TFUNCTION) {
        lua_pushvalue(L, index);
        return lua_getinfo(L, ">S", &ar) ? ar.linedefined : 0;
    }
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &lines_key) == LUA_TTABLE) {
        lua_pushvalue(L, index);
        lua_rawget(L, -2);
        line = (int)lua_tointeger(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return line;
}

void
script_push_step(lua_State *L, unsigned n)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lesson_key);
    given_get(L, -1, "steps");
    sandbox_resolve(L, -1);
    lua_rawgeti(L, -1, n);
    lua_insert(L, -4);
    lua_pop(L, 3);
}

/* --- the head ------------------------------------------------------------------------------- */

struct head_reader {
    struct lesson *head;
    int line;
    unsigned step; /* the one that is looked at; 0: the head */
};

static void
read_title(lua_State *L, struct lesson *head)
{
    const char *raw[LANGS];

    given_get(L, 1, "title");
    given_story(L, -1, "title", raw);
    for (int lang = 0; lang < LANGS; lang++) {
        struct buffer clean = {0};
        text_clean(&clean, raw[lang], strnlen(raw[lang], 200), 0);
        head->title[lang] = memory_text(buffer_text(&clean));
        buffer_free(&clean);
    }
    lua_pop(L, 1);
}

static void
read_word(lua_State *L, const char *name, char *out, size_t size)
{
    given_get(L, 1, name);
    snprintf(out, size, "%s", given_word(L, -1, name, 1, size - 1));
    lua_pop(L, 1);
}

/* A list of short names into an array of `size`-byte strings. */
static unsigned
read_names(lua_State *L, const char *name, char *out, size_t size, unsigned most, bool upper)
{
    lua_Integer n = 0;
    int type = given_get(L, 1, name);

    if (type != LUA_TNIL && type != LUA_TTABLE)
        luaL_error(L, "%s: a list is expected", name);
    if (type == LUA_TTABLE) {
        n = given_count(L, -1);
        if (n > most)
            luaL_error(L, "%s: at most %d", name, (int)most);
        sandbox_resolve(L, -1);
        for (lua_Integer i = 1; i <= n; i++) {
            size_t length = 0;
            const char *text = lua_rawgeti(L, -1, i) == LUA_TSTRING ? lua_tolstring(L, -1, &length) : "";
            if (length == 0 || length >= size ||
                strspn(text, upper ? "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" : "abcdefghijklmnopqrstuvwxyz0123456789-") != length)
                luaL_error(L, "%s: entry %d is no name", name, (int)i);
            memcpy(out + (size_t)(i - 1) * size, text, length + 1);
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return (unsigned)n;
}

static unsigned
read_gifts(lua_State *L)
{
    char name[GIFTS][16];
    unsigned n = read_names(L, "gifts", name[0], sizeof name[0], GIFTS, false), gifts = 0;

    for (unsigned i = 0; i < n; i++) {
        unsigned gift = 0;
        while (gift < GIFTS && strcmp(gift_row[gift].name, name[i]) != 0)
            gift++;
        if (gift == GIFTS)
            luaL_error(L, "gifts: \"%s\" is not caching, uniform or protection", name[i]);
        gifts |= 1u << gift;
    }
    return gifts;
}

static uint64_t
read_number(lua_State *L, const char *name, lua_Integer least, lua_Integer most, uint64_t otherwise)
{
    uint64_t value = otherwise;

    if (given_get(L, 1, name) != LUA_TNIL) {
        int exact;
        lua_Integer n = lua_tointegerx(L, -1, &exact);
        if (!exact || lua_type(L, -1) != LUA_TNUMBER || n < least || n > most)
            luaL_error(L, "%s: a whole number from %I to %I is expected", name, (LUAI_UACINT)least, (LUAI_UACINT)most);
        value = (uint64_t)n;
    }
    lua_pop(L, 1);
    return value;
}

static void
look_at_step(lua_State *L, struct head_reader *r, unsigned step)
{
    int line = script_line(L, -1), head = r->line;

    r->step = step;
    r->line = line ? line : head;
    script_look_at_texts(L, -1);
    r->step = 0;
    r->line = head;
}

static unsigned
read_steps(lua_State *L, struct head_reader *r)
{
    lua_Integer n;

    if (given_get(L, 1, "steps") != LUA_TTABLE)
        luaL_error(L, "steps: a list of steps is expected");
    n = given_count(L, -1);
    if (n < 1 || n > STEPS_MAX)
        luaL_error(L, "steps: 1 to %d steps are expected", STEPS_MAX);
    sandbox_resolve(L, -1);
    for (lua_Integer i = 1; i <= n; i++) {
        int type = lua_rawgeti(L, -1, i);
        if (type != LUA_TTABLE && type != LUA_TFUNCTION)
            luaL_error(L, "step %d: a %s; a step is step { ... } or function(m) ... end", (int)i, luaL_typename(L, -1));
        if (type == LUA_TTABLE)
            look_at_step(L, r, (unsigned)i);
        lua_pop(L, 1);
    }
    lua_pop(L, 2);
    return (unsigned)n;
}

static void
check_invariant_name(lua_State *L, const char *name)
{
    const char *names[INVARIANTS + 1] = {0};

    for (unsigned i = 0; i < INVARIANTS; i++) {
        if (strcmp(invariant_row[i].id, name) == 0)
            return;
        names[i] = invariant_row[i].id;
    }
    given_nearest(L, "breaks: no invariant", name, names);
}

static void
read_head(lua_State *L, void *ctx)
{
    struct head_reader *r = ctx;
    struct lesson *head = r->head;

    lua_rawgetp(L, LUA_REGISTRYINDEX, &lesson_key);
    r->line = script_line(L, 1);
    given_only(L, 1, api_members("lesson"), "lesson");
    read_word(L, "id", head->id, sizeof head->id);
    read_word(L, "part", head->part, sizeof head->part);
    read_title(L, head);
    read_word(L, "machine", head->machine, sizeof head->machine);
    head->row_count = read_names(L, "rows", head->rows[0], sizeof head->rows[0], LESSON_ROWS, true);
    head->gifts = read_gifts(L);
    head->need_count = read_names(L, "needs", head->needs[0], sizeof head->needs[0], LESSON_NEEDS, false);
    head->break_count = read_names(L, "breaks", head->breaks[0], sizeof head->breaks[0], LESSON_BREAKS, true);
    for (unsigned i = 0; i < head->break_count; i++)
        check_invariant_name(L, head->breaks[i]);
    head->minutes = (unsigned)read_number(L, "minutes", 1, 600, 10);
    head->seed = read_number(L, "seed", 0, INT64_MAX, 1);
    head->steps = read_steps(L, r);
}

/* --- opening -------------------------------------------------------------------------------- */

static uint64_t
next_random(void *user)
{
    struct script *s = user;

    return rng_next(&s->rng);
}

static void
set_dirs(struct script *s, const char *path)
{
    const char *slash = strrchr(path, '/');
    unsigned n = 0;

    if (slash)
        snprintf(s->own_dir, sizeof s->own_dir, "%.*s", slash == path ? 1 : (int)(slash - path), path);
    else
        snprintf(s->own_dir, sizeof s->own_dir, ".");
    s->dirs[n++] = s->own_dir;
    if (data_path(s->lib_dir, sizeof s->lib_dir, "lessons/lib"))
        s->dirs[n++] = s->lib_dir;
    s->dirs[n] = NULL;
}

static bool
run_file(struct script *s, const char *path, struct head_reader *reader, struct error *e)
{
    struct sandbox *sb = s->sandbox;
    lua_State *L = sandbox_state(sb);

    if (!sandbox_register(sb, "lesson", call_lesson, e) || !sandbox_register(sb, "step", call_step, e) || !api_open(sb, e))
        return false;
    lua_pushcfunction(L, run_chunk);
    if (!sandbox_load_file(sb, path, e)) {
        lua_pop(L, 1);
        return false;
    }
    return sandbox_call(sb, 1, 0, e) && sandbox_freeze(sb, e) && sandbox_protect(sb, read_head, reader, e);
}

bool
script_open(struct script *s, const char *path, struct player *player, struct lesson *head, struct error *e)
{
    struct head_reader reader = {.head = head};

    memset(s, 0, sizeof *s);
    memset(head, 0, sizeof *head);
    snprintf(head->path, sizeof head->path, "%s", path);
    set_dirs(s, path);
    s->player = player;
    rng_seed(&s->rng, 0);
    s->limits = (struct sandbox_limits){.random = next_random, .user = s, .module_dirs = s->dirs};
    s->sandbox = sandbox_open(&s->limits, e);
    if (s->sandbox && run_file(s, path, &reader, e))
        return true;
    if (reader.step) {
        struct error whole = *e;
        snprintf(whole.text, sizeof whole.text, "step %u: %.400s", reader.step, e->text);
        *e = whole;
    }
    error_place(e, path, reader.line);
    script_close(s);
    lesson_free(head);
    return false;
}

void
script_close(struct script *s)
{
    sandbox_close(s->sandbox);
    s->sandbox = NULL;
}
