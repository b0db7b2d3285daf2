/* What is written about a lesson's functions and tables, against what is really there: the sandbox's own registry, the tables that are pushed,
 * and the made files as Lua reads them.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lesson/api.h"
#include "lesson/player_internal.h"
#include "lesson/report.h"
#include "lesson/sandbox_internal.h"
#include "machine/operation.h"

static char folder[] = "/tmp/pagewalk-api-XXXXXX";

/* --- sets of names --------------------------------------------------------------------------------- */

enum { NAMES = 512, NAME = 48 };

struct names {
    char name[NAMES][NAME];
    int count;
};

static void
add(struct names *all, const char *library, const char *name)
{
    assert_true(all->count < NAMES);
    snprintf(all->name[all->count++], NAME, "%s%s%s", library, *library ? "." : "", name);
}

static int
compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void
assert_same(struct names *written, struct names *real)
{
    qsort(written->name, (size_t)written->count, NAME, compare);
    qsort(real->name, (size_t)real->count, NAME, compare);
    for (int i = 0; i < real->count || i < written->count; i++) {
        if (i >= written->count || (i < real->count && strcmp(written->name[i], real->name[i]) > 0))
            fail_msg("%s is registered and has no row in api.def, builtins.def or operations.def",
                     real->name[i]);
        if (i >= real->count || strcmp(written->name[i], real->name[i]) < 0)
            fail_msg("%s has a row and is not registered", written->name[i]);
    }
}

/* Names of the table on top of the stack. */
static void
take_names(lua_State *L, const char *library, struct names *all)
{
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        assert_int_equal(lua_type(L, -2), LUA_TSTRING);
        add(all, library, lua_tostring(L, -2));
    }
}

/* --- what there is ---------------------------------------------------------------------------------- */

static const char *
write_lesson_for(const char *machine, const char *steps)
{
    static char path[300];
    FILE *f;

    snprintf(path, sizeof path, "%s/made.lua", folder);
    f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f,
            "return lesson { id = 'made', part = 'tlb', title = {en='Made',zh='做'}, machine = "
            "'%s', steps = { %s } }\n",
            machine, steps);
    fclose(f);
    return path;
}

static const char *
write_lesson(const char *steps)
{
    return write_lesson_for("x86-64", steps);
}

static void
take_registered(lua_State *L, void *ctx)
{
    struct names *all = ctx;

    lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_GLOBALS);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        const char *name = lua_tostring(L, -2);
        if (lua_type(L, -1) != LUA_TTABLE) {
            add(all, "", name);
            continue;
        }
        sandbox_resolve(L, -1);
        take_names(L, name, all);
        lua_pop(L, 1);
    }
}

static void
real_names(struct names *all)
{
    struct script script;
    struct lesson head;
    struct error e = {0};

    all->count = 0;
    assert_true(script_open(&script, write_lesson("function(m) m.spawn() end"), NULL, &head, &e));
    assert_true(sandbox_protect(script.sandbox, take_registered, all, &e));
    script_close(&script);
    lesson_free(&head);
    assert_true(all->count > 100);
}

static void
every_registered_name_has_a_row(void **state)
{
    static struct names written, real;
    const struct api *api = api_model();

    (void)state;
    written.count = 0;
    for (unsigned i = 0; i < api->functions; i++)
        add(&written, "", api->function[i].name);
    real_names(&real);
    assert_same(&written, &real);
}

/* --- the made files ----------------------------------------------------------------------------------- */

/* Run a made file in stock Lua; its globals are then looked at. */
static lua_State *
run(struct buffer *text)
{
    lua_State *L = luaL_newstate();

    assert_non_null(L);
    if (luaL_loadstring(L, buffer_text(text)) != LUA_OK || lua_pcall(L, 0, 0, 0) != LUA_OK)
        fail_msg("%s", lua_tostring(L, -1));
    return L;
}

static void
annotate(struct buffer *out)
{
    static const char *const none[] = {NULL};

    api_annotations(&(struct api_names){none, none}, out);
}

static void
the_annotations_define_what_is_registered(void **state)
{
    static struct names written, real;
    struct buffer text = {0};
    lua_State *L;

    (void)state;
    annotate(&text);
    L = run(&text);
    written.count = 0;
    lua_pushglobaltable(L);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        const char *name = lua_tostring(L, -2);
        if (lua_type(L, -1) == LUA_TTABLE && strcmp(name, "_G") != 0)
            take_names(L, name, &written);
        else if (lua_type(L, -1) != LUA_TTABLE)
            add(&written, "", name);
    }
    lua_close(L);
    /* A value without a function is annotated as nil, which is no member of a table. */
    const struct api *api = api_model();
    for (unsigned i = 0; i < api->functions; i++)
        if (api->function[i].is_value)
            add(&written, "", api->function[i].name);
    real_names(&real);
    assert_same(&written, &real);
    buffer_free(&text);
}

/* "function m.read(va, options) end": the names, as in the @param lines above it. */
static void
the_annotations_name_each_parameter_once_and_in_order(void **state)
{
    struct buffer text = {0};
    char params[400] = "", *save = NULL;
    int functions = 0;

    (void)state;
    annotate(&text);
    char *copy = strdup(buffer_text(&text));
    for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char name[32];
        if (sscanf(line, "---@param %31[^ ]", name) == 1) {
            size_t n = strlen(params);
            name[strcspn(name, "?")] = '\0';
            snprintf(params + n, sizeof params - n, "%s%s", n ? ", " : "", name);
        } else if (strncmp(line, "function ", 9) == 0) {
            char expected[500];
            snprintf(expected, sizeof expected, "%.*s(%s) end", (int)strcspn(line, "("), line,
                     params);
            assert_string_equal(line, expected);
            functions++;
            params[0] = '\0';
        }
    }
    assert_true(functions > 100);
    free(copy);
    buffer_free(&text);
}

/* Every class that a type names exists, so that an editor can follow it. */
static void
no_type_is_unknown(void **state)
{
    static const char *const known[] = {"integer",     "string",     "boolean",      "number",
                                        "any",         "table",      "nil",          "fun",
                                        "function",    "event_name", "quirk_name",   "field_name",
                                        "format_name", "pane_name",  "machine_name", "operation"};
    struct buffer text = {0};
    const struct api *api = api_model();
    const char *at;

    (void)state;
    annotate(&text);
    for (at = strstr(buffer_text(&text), "---@"); at; at = strstr(at + 1, "---@")) {
        char line[400], name[64], *word = line, *save = NULL;
        snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
        if (sscanf(line, "---@param %*s %399[^\n]", line) != 1 &&
            sscanf(line, "---@return %399[^\n]", line) != 1)
            continue;
        for (word = strtok_r(line, " ,|[]()<>:?", &save); word;
             word = strtok_r(NULL, " ,|[]()<>:?", &save)) {
            bool found = *word == '"' || (*word >= '0' && *word <= '9') || strlen(word) <= 1;
            for (size_t i = 0; i < sizeof known / sizeof *known; i++)
                found |= strcmp(word, known[i]) == 0;
            for (unsigned i = 0; i < api->classes; i++)
                found |= strcmp(word, api->class[i].name) == 0;
            snprintf(name, sizeof name, "%s", word);
            if (!found)
                fail_msg("no class \"%s\"", name);
        }
    }
    buffer_free(&text);
}

/* luacheck's file is Lua too: the globals it allows are those there are, no more. */
static void
luacheck_allows_what_is_registered(void **state)
{
    static struct names written, real;
    struct buffer text = {0};
    lua_State *L;

    (void)state;
    api_luacheckrc(&text);
    L = run(&text);
    written.count = 0;
    lua_getglobal(L, "read_globals");
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        if (lua_type(L, -1) == LUA_TSTRING) {
            add(&written, "", lua_tostring(L, -1));
            continue;
        }
        lua_getfield(L, -1, "fields");
        for (lua_Integer i = 1; lua_rawgeti(L, -1, i) == LUA_TSTRING; i++) {
            add(&written, lua_tostring(L, -4), lua_tostring(L, -1));
            lua_pop(L, 1);
        }
        lua_pop(L, 2);
    }
    lua_close(L);
    real_names(&real);
    assert_same(&written, &real);
    buffer_free(&text);
}

/* --- operations ---------------------------------------------------------------------------------------- */

/* Each word of an operation's grammar is a parameter or an option of its function, under the same name. */
static void
operations_keep_the_names_of_their_arguments(void **state)
{
    const struct api *api = api_model();

    (void)state;
    for (int i = OP_NONE + 1; i < OPERATION_CODES; i++) {
        const struct operation_row *row = operation_row((enum operation_code)i);
        const struct api_function *f = &api->function[i - 1];
        char words[128], *save = NULL;
        struct buffer lua = {0};
        assert_string_equal(f->name + 2, row->name);
        for (unsigned p = 0; p < f->params; p++)
            buffer_printf(&lua, " %s ", f->param[p].name);
        for (unsigned c = 0; c < api->classes; c++)
            for (unsigned m = 0; strcmp(api->class[c].name, f->param[f->params - 1].type) == 0 &&
                                 m < api->class[c].members;
                 m++)
                buffer_printf(&lua, " %s ", api->class[c].member[m].name);
        snprintf(words, sizeof words, "%s", row->args);
        for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
            char name[32], wanted[40];
            w += *w == '[';
            w[strcspn(w, "]=|")] = '\0';
            for (size_t n = 0; n <= strlen(w); n++)
                name[n] = (char)(w[n] ? w[n] | 0x20 : 0);
            snprintf(wanted, sizeof wanted, " %s ", name);
            if (!strstr(buffer_text(&lua), wanted))
                fail_msg("m.%s: no %s in%s", row->name, name, buffer_text(&lua));
        }
        assert_non_null(strstr(buffer_text(&lua), " cpu "));
        buffer_free(&lua);
    }
}

static void
add_completion(void *ctx, const char *word)
{
    add(ctx, "m", word);
}

/* The line after `:` completes the same operations. */
static void
the_prompt_completes_the_same_operations(void **state)
{
    static struct names typed;
    const struct api *api = api_model();

    (void)state;
    typed.count = 0;
    operation_complete("", add_completion, &typed);
    assert_int_equal(typed.count, OPERATION_CODES - 1);
    for (int i = 0; i < typed.count; i++)
        assert_string_equal(typed.name[i], api->function[i].name);
}

/* --- tables that are pushed ------------------------------------------------------------------------------ */

/* Lua that fails for a member of `value` that the class does not have, or for one that is always there and is not. */
static void
put_check(struct buffer *lua, const struct api_class *c)
{
    buffer_printf(lua, "local function is_%s(value)\n  local known = {", c->name);
    for (unsigned i = 0; i < c->members; i++)
        if (c->member[i].name[0] != '[')
            buffer_printf(lua, "['%s'] = %s, ", c->member[i].name,
                          c->member[i].optional ? "false" : "true");
    buffer_printf(lua,
                  "}\n  for k, v in pairs(value) do\n"
                  "    if type(k) == 'string' then m.expect(known[k] ~= nil, true, 'class %s has a "
                  "member for ' .. k) end\n"
                  "    SEEN['%s.' .. k] = true\n  end\n"
                  "  for k, always in pairs(known) do\n"
                  "    if always then m.expect(value[k] ~= nil, true, '%s.' .. k .. ' is always "
                  "there') end\n  end\nend\n",
                  c->name, c->name, c->name);
}

static const char *const got[] = {"result",   "reply",     "walk",  "entry",    "flags",
                                  "tlb",      "tlb_entry", "frame", "process",  "area",
                                  "geometry", "level",     "event", "ring",     "resident_page",
                                  "refs",     "ref",       "swap",  "swap_slot"};
#define T(x) "{en='" x "',zh='" x "'}"
/* Enough of a life that every kind of table comes up: faults, a TLB, a fork, a signal, a death, an error of a call, a file. */
static const char life[] =
    "local function look(r) is_result(r) for _, e in ipairs(r.events) do is_event(e) end return r "
    "end\n"
    "local pid = look(m.spawn()).value\n"
    "local heap = 0\n"
    "for _, a in ipairs(m.process().areas) do is_area(a) if a.kind == 'heap' then heap = a.start "
    "end end\n"
    "look(m.read(m.process().areas[1].start))\n"
    "look(m.write(heap, 5))\n"
    "local w = m.walk(heap) is_walk(w) is_flags(w.flags) for _, e in ipairs(w.entries) do "
    "is_entry(e) end\n"
    "is_walk(m.walk(heap + 0x40000000))\n"
    "for pfn = 0, 127 do is_frame(m.frame(pfn)) end\n"
    "look(m.alloc(100)) look(m.mmap(0x10000000, 0x8000, 'rw')) m.string(0x10000000, "
    "'0w,1w,2w,3,0,3,0')\n"
    "m.set('resident_limit', 2) look(m.ref(5)) \n"
    "for page = 0, 3 do local w = m.walk(0x10000000 + page * 0x1000) "
    "is_entry(w.entries[#w.entries]) end\n"
    "local ring = m.resident() is_ring(ring) for _, p in ipairs(ring) do is_resident_page(p) end\n"
    "local refs = m.refs() is_refs(refs) for _, r in ipairs(refs) do is_ref(r) end\n"
    "local swap = m.swap() is_swap(swap) for _, s in ipairs(swap) do is_swap_slot(s) end\n"
    "for pfn = 0, 127 do is_frame(m.frame(pfn)) end\n"
    "m.set('resident_limit', 0)\n"
    "local t = m.tlb() is_tlb(t) for _, e in ipairs(t) do is_tlb_entry(e) end\n"
    "for pfn = 0, 127 do is_frame(m.frame(pfn)) end\n"
    "local g = m.geometry() is_geometry(g) for _, l in ipairs(g.levels) do is_level(l) end\n"
    "local R m.ask { id = 'q', text = " T(
        "q") ", op = { 'read', heap }, answer = function(r) R = r return r.value end, number = "
             "true,\n"
             "  right = " T("r") ", hints = { " T("a") ", " T("b") ", " T(
                 "c") " } } is_reply(R)\n"
                      "look(m.mmap(nil, 0x4000, 'rw', { file = 'data.txt' }))\n"
                      "look(m.munmap(heap + 1, 0x1000))\n"
                      "look(m.fork()) is_process(m.process())\n"
                      "look(m.write(heap, 6)) look(m.invlpg(heap)) look(m.flush()) "
                      "look(m.set('dram_cycles', 90))\n"
                      "look(m.poke(0x10, {1, 2})) look(m.tick(5))\n"
                      "look(m.read(0x10)) is_process(m.process(pid))\n"
                      "look(m.switch(2)) look(m.read(heap))\n";

/* What only a machine with a data cache has. */
static const char *const got_of_cache[] = {"cache", "cache_line"};
static const char life_with_cache[] =
    "m.read(0x3d4)\n"
    "local c = m.cache() is_cache(c) for _, l in ipairs(c) do is_cache_line(l) end\n";

/* What only a machine with walk caches has. */
static const char *const got_of_walks[] = {"walk_row"};
static const char life_with_walks[] =
    "m.spawn() m.mmap(0x10000000, 0x1000, 'rw') m.write(0x10000000, 1)\n"
    "for _, row in ipairs(m.walk_cache()) do is_walk_row(row) end\n";

/* ... with programs in one piece, or with segments. */
static const char *const got_of_partitions[] = {"partitions", "partition", "segments",
                                                "descriptor"};
static const char life_before_paging[] =
    "m.load(5000) m.load(2048) m.exit(1) m.load(1966000)\n"
    "local p = m.partitions() is_partitions(p) for _, x in ipairs(p) do is_partition(x) end\n"
    "m.switch(2) local s = m.segments() is_segments(s) for _, x in ipairs(s) do is_descriptor(x) "
    "end\n";

/* What may be absent must still have been seen once, or nobody knows whether it is ever there. Of events another test asks. */
static void
put_seen(struct buffer *lua, const struct api_class *c)
{
    for (unsigned i = 0;
         i < c->members && strcmp(c->name, "event") != 0 && strcmp(c->name, "reply") != 0; i++)
        if (c->member[i].name[0] != '[')
            buffer_printf(lua, "m.expect(SEEN['%s.%s'], true, '%s.%s was seen')\n", c->name,
                          c->member[i].name, c->name, c->member[i].name);
}

static void
hold(const char *machine, const char *const *class, size_t classes, const char *lived,
     unsigned least)
{
    const struct api *api = api_model();
    struct buffer lua = {0}, seen = {0};
    struct lesson lesson;
    struct report report;
    struct error e = {0};

    buffer_puts(&lua, "function(m) local SEEN = {}\nm.say " T("x") "\n");
    for (size_t n = 0; n < classes; n++)
        for (unsigned i = 0; i < api->classes; i++)
            if (strcmp(api->class[i].name, class[n]) == 0) {
                assert_false(api->class[i].given);
                put_check(&lua, &api->class[i]);
                put_seen(&seen, &api->class[i]);
            }
    buffer_printf(&lua, "%s%s end", lived, buffer_text(&seen));
    assert_true(lesson_load(write_lesson_for(machine, buffer_text(&lua)), &lesson, &e));
    if (!report_run(&lesson, NULL, &report, &e))
        fail_msg("%d: %s", e.line, e.text);
    if (player_failure(report.player))
        fail_msg("%s", player_failure(report.player));
    assert_true(report.passed > least);
    report_close(&report);
    lesson_free(&lesson);
    buffer_free(&lua);
    buffer_free(&seen);
}

static void
the_tables_hold_what_is_pushed(void **state)
{
    (void)state;
    hold("x86-64", got, sizeof got / sizeof *got, life, 500);
    hold("csapp", got_of_cache, sizeof got_of_cache / sizeof *got_of_cache, life_with_cache, 20);
    hold("walk-cache", got_of_walks, 1, life_with_walks, 20);
    hold("partitions", got_of_partitions, sizeof got_of_partitions / sizeof *got_of_partitions,
         life_before_paging, 10);
}

/* Every class that lessons get is asked above. */
static void
no_class_goes_unasked(void **state)
{
    const struct api *api = api_model();
    unsigned given_to_it = 0;

    (void)state;
    for (unsigned i = 0; i < api->classes; i++)
        given_to_it += !api->class[i].given;
    assert_int_equal(given_to_it, sizeof got / sizeof *got +
                                       sizeof got_of_cache / sizeof *got_of_cache + 1 +
                                       sizeof got_of_partitions / sizeof *got_of_partitions);
}

static int
set_up(void **state)
{
    char here[400];

    (void)state;
    if (!getcwd(here, sizeof here) || !mkdtemp(folder))
        return -1;
    setenv("PAGEWALK_DATA", here, 0);
    return 0;
}

static int
tear_down(void **state)
{
    char command[100];

    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_registered_name_has_a_row),
        cmocka_unit_test(the_annotations_define_what_is_registered),
        cmocka_unit_test(the_annotations_name_each_parameter_once_and_in_order),
        cmocka_unit_test(no_type_is_unknown),
        cmocka_unit_test(luacheck_allows_what_is_registered),
        cmocka_unit_test(operations_keep_the_names_of_their_arguments),
        cmocka_unit_test(the_prompt_completes_the_same_operations),
        cmocka_unit_test(the_tables_hold_what_is_pushed),
        cmocka_unit_test(no_class_goes_unasked),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
