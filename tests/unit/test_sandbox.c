/* The Lua sandbox against tests/lua-hostile, against its own promises, and, where it reimplements
 * Lua (patterns, string.format ...), against stock Lua. */
#include "test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <lauxlib.h>
#include <lualib.h>

#include "base/rng.h"
#include "lesson/pattern.h"
#include "lesson/sandbox.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
#define CPU_MS 150 /* the sandbox multiplies it by 20 */
#define SECONDS_MAX 10.0
#else
#define CPU_MS 2000 /* the default */
#define SECONDS_MAX 2.5
#endif

#define HOSTILE "tests/lua-hostile"

static char modules[] = "/tmp/pagewalk-sandbox-XXXXXX";
static const char *module_dirs[] = {modules, NULL};
static const struct sandbox_limits limits = {.cpu_ms = CPU_MS, .module_dirs = module_dirs};

/* --- a host ---------------------------------------------------------------------------------- */

static int
host_say(lua_State *L)
{
    size_t len = 0;
    luaL_checklstring(L, 1, &len);
    sandbox_charge(L, len / 8);
    return 0;
}

static int
host_byte_only(lua_State *L)
{
    lua_Integer n = luaL_checkinteger(L, 1);
    luaL_argcheck(L, n >= 0 && n <= 255, 1, "a byte is 0 to 255");
    lua_pushinteger(L, n);
    return 1;
}

static int
host_call_back(lua_State *L)
{
    struct error err = {0};

    lua_pushvalue(L, 1);
    if (!sandbox_call(sandbox_get(L), 0, 0, &err))
        sandbox_raise(L, &err);
    return 0;
}

static struct sandbox *
open_with_host(const struct sandbox_limits *l)
{
    struct error err = {0};
    struct sandbox *sb = sandbox_open(l, &err);

    assert_non_null(sb);
    assert_true(sandbox_register(sb, "say", host_say, &err));
    assert_true(sandbox_register(sb, "host.byte_only", host_byte_only, &err));
    assert_true(sandbox_register(sb, "host.call_back", host_call_back, &err));
    lua_pushinteger(sandbox_state(sb), 42);
    assert_true(sandbox_set_builtin(sb, "host.answer", &err));
    assert_int_equal(lua_gettop(sandbox_state(sb)), 0);
    return sb;
}

static bool
run(struct sandbox *sb, const char *source, struct error *err)
{
    return sandbox_load(sb, source, strlen(source), "test.lua", err) && sandbox_call(sb, 0, 0, err);
}

static void
assert_fails(struct sandbox *sb, const char *source, enum exit_code code, int line,
             const char *text)
{
    struct error err = {0};

    if (run(sb, source, &err))
        fail_msg("no error: %s", source);
    if (err.code != code || err.line != line || !strstr(err.text, text))
        fail_msg("%s\ngave %d %s:%d: %s", source, err.code, err.file, err.line, err.text);
}

/* --- the hostile scripts --------------------------------------------------------------------- */

static void
write_module(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s.lua", modules, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static int
make_modules(void **state)
{
    char path[128];

    (void)state;
    assert_non_null(mkdtemp(modules));
    snprintf(path, sizeof path, "%s/fifo.lua", modules);
    assert_int_equal(mkfifo(path, 0600), 0);
    snprintf(path, sizeof path, "%s/zero.lua", modules);
    assert_int_equal(symlink("/dev/zero", path), 0);
    snprintf(path, sizeof path, "%s/folder.lua", modules);
    assert_int_equal(mkdir(path, 0700), 0);
    write_module("half", "return { text = \"cut off he");
    write_module("circle-a", "use 'circle-b' return {}");
    write_module("circle-b", "use 'circle-a' return {}");
    write_module("loop", "while true do end");
    write_module("bytecode", "\x1bLua\x54");
    write_module("good",
                 "local M = { list = { 1, 2, 3 } }\nfunction M.three() return 3 end\nreturn M\n");
    write_module("bad", "local M = {}\n\nM.x.y = 1\nreturn M\n");
    return 0;
}

static int
remove_modules(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof command, "rm -r %s", modules);
    return system(command);
}

struct outcome {
    struct error err;
    bool ok;
    char result[256];
    uint64_t used;
    double seconds;
};

static double
now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* the computer is shared */
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void
take_result(lua_State *L, void *ctx)
{
    (void)L;
    (void)ctx;
}

/* Under valgrind everything takes fifty times as long: small budgets, and only that each script ends. */
static bool
is_slow(void)
{
    const char *slow = getenv("PW_SLOW");

    return slow && atoi(slow) >= 40;
}

static struct outcome
run_file(const char *path)
{
    struct sandbox_limits small = {.step_instructions = 100000, .cpu_ms = 20, .module_dirs = module_dirs};
    struct sandbox *sb = open_with_host(is_slow() ? &small : &limits);
    struct outcome o = {0};
    double start = now();

    o.ok = sandbox_load_file(sb, path, &o.err) && sandbox_call(sb, 0, 1, &o.err);
    if (o.ok && lua_type(sandbox_state(sb), -1) == LUA_TSTRING)
        snprintf(o.result, sizeof o.result, "%s", lua_tostring(sandbox_state(sb), -1));
    o.used = sandbox_step_used(sb);
    if (!o.ok) {
        struct error again = {0};
        assert_int_equal(lua_gettop(sandbox_state(sb)), 0);
        if (o.err.code == EXIT_LIMIT) { /* death is for ever */
            assert_true(sandbox_is_dead(sb));
            assert_false(sandbox_protect(sb, take_result, NULL, &again));
            assert_string_equal(again.text, o.err.text);
        }
    }
    sandbox_close(sb);
    o.seconds = now() - start;
    return o;
}

static void
first_line(const char *path, char *line, int size)
{
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, size, f));
    line[strcspn(line, "\n")] = '\0';
    fclose(f);
}

/* Fails unless the outcome is the expected one. Returns whether it must be the same at every run:
 * an "expect: limit" without a text may end by processor time, which no two computers share. */
static bool
judge(const char *path, const struct outcome *o)
{
    char line[256], kind[16] = "", *text;
    int after = 0;

    if (is_slow())
        return false;
    first_line(path, line, sizeof line);
    assert_int_equal(sscanf(line, "-- expect: %15s %n", kind, &after), 1);
    text = line + after;
    bool fits = strcmp(kind, "ok") == 0      ? o->ok && (!*text || strcmp(text, o->result) == 0)
                : strcmp(kind, "limit") == 0 ? o->err.code == EXIT_LIMIT
                : strcmp(kind, "error") == 0 ? o->err.code == EXIT_DATA || o->err.code == EXIT_OPEN
                                             : false;
    if (fits && !o->ok)
        fits = strstr(o->err.text, text) && o->err.file[0];
    if (!fits)
        fail_msg("%s\nwanted %s\ngot    %d %s:%d: %s%s", path, line, o->err.code, o->err.file,
                 o->err.line, o->err.text, o->result);
    for (const char *p = o->err.text; *p; p++)
        assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
    if (!o->ok && o->err.code != EXIT_OPEN && o->err.line == 0)
        fail_msg("%s: no line: %s", path, o->err.text);
    return strcmp(kind, "limit") != 0 || *text;
}

static int
is_lua(const struct dirent *d)
{
    size_t n = strlen(d->d_name);
    return n > 4 && strcmp(d->d_name + n - 4, ".lua") == 0;
}

static void
every_hostile_script_is_contained_and_ends(void **state)
{
    struct dirent **names;
    int n = scandir(HOSTILE, &names, is_lua, alphasort), by_time = 0;
    double worst = 0;
    char worst_name[64] = "";

    (void)state;
    assert_true(n >= 100);
    for (int i = 0; i < n; i++) {
        char path[300];
        snprintf(path, sizeof path, HOSTILE "/%s", names[i]->d_name);
        struct outcome o = run_file(path);
        bool repeats = judge(path, &o);
        if (getenv("SANDBOX_TIMES"))
            printf("# %.3f s %9llu  %s\n", o.seconds, (unsigned long long)o.used, names[i]->d_name);
        if (o.seconds > worst) {
            worst = o.seconds;
            snprintf(worst_name, sizeof worst_name, "%.63s", names[i]->d_name);
        }
        if (strstr(o.err.text, "processor time")) {
            printf("# by time: %s\n", names[i]->d_name);
            by_time++;
        } else if (repeats) { /* what the budget decides, it decides the same way twice */
            struct outcome again = run_file(path);
            if (o.used != again.used || memcmp(&o.err, &again.err, sizeof o.err) != 0 ||
                strcmp(o.result, again.result) != 0)
                fail_msg("%s: two runs differ: %llu %s:%d %s, then %llu %s:%d %s", path,
                         (unsigned long long)o.used, o.err.file, o.err.line, o.err.text,
                         (unsigned long long)again.used, again.err.file, again.err.line,
                         again.err.text);
        }
        free(names[i]);
    }
    free(names);
    printf("# %d hostile scripts, %d ended by time, worst %.2f s (%s)\n", n, by_time, worst,
           worst_name);
    assert_true(worst < SECONDS_MAX);
    assert_int_not_equal(access("escaped", F_OK), 0);
}

/* --- budget ---------------------------------------------------------------------------------- */

static void
a_step_that_uses_too_much_dies_and_stays_dead(void **state)
{
    struct sandbox_limits l = {.step_instructions = 10000};
    struct sandbox *sb = open_with_host(&l);
    struct error err = {0};

    (void)state;
    assert_true(run(sb, "for i = 1, 1000 do end", &err));
    assert_fails(sb, "\nfor i = 1, 100000 do end", EXIT_LIMIT, 2, "instructions");
    assert_true(sandbox_is_dead(sb));
    sandbox_begin_step(sb);
    assert_fails(sb, "return 1", EXIT_LIMIT, 2, "instructions");
    sandbox_close(sb);
}

static void
a_new_step_has_a_new_budget_but_the_run_has_one(void **state)
{
    struct sandbox_limits l = {.step_instructions = 10000, .run_instructions = 45000};
    struct sandbox *sb = open_with_host(&l);
    struct error err = {0};

    (void)state;
    for (int i = 0; i < 4; i++) {
        sandbox_begin_step(sb);
        assert_true(run(sb, "for i = 1, 9000 do end", &err));
        assert_in_range(sandbox_step_used(sb), 8900, 10000);
    }
    assert_in_range(sandbox_run_used(sb), 36000, 40000);
    sandbox_begin_step(sb);
    assert_fails(sb, "for i = 1, 9900 do end", EXIT_LIMIT, 1, "the lesson ran out");
    sandbox_close(sb);
}

static void
a_step_costs_the_same_alone_and_after_others(void **state)
{
    const char *step = "local t = {} for i = 1, 777 do t[i] = ('x'):rep(i % 50) end table.sort(t)";
    struct sandbox *a = open_with_host(NULL), *b = open_with_host(NULL);
    struct error err = {0};

    (void)state;
    sandbox_begin_step(a);
    assert_true(run(a, step, &err));
    assert_true(run(b, "for i = 1, 12345 do local _ = tostring(i) end", &err));
    sandbox_begin_step(b);
    assert_true(run(b, step, &err));
    assert_int_equal(sandbox_step_used(a), sandbox_step_used(b));
    assert_true(sandbox_step_used(a) > 10000);
    sandbox_close(a);
    sandbox_close(b);
}

static void
memory_is_counted_and_the_cap_is_for_the_lesson_alone(void **state)
{
    struct sandbox_limits l = {.memory_bytes = 150000};
    struct sandbox *sb = open_with_host(&l);
    struct error err = {0};

    (void)state;
    size_t empty = sandbox_memory(sb);
    assert_true(run(sb, "t = ('x'):rep(50000)", &err));
    assert_true(sandbox_memory(sb) >= empty + 50000);
    assert_fails(sb, "\n\nu = {}\nfor i = 1, 9 do u[i] = ('x'):rep(20000) .. i end", EXIT_LIMIT, 4,
                 "memory");
    sandbox_close(sb);
}

/* --- source ---------------------------------------------------------------------------------- */

static void
source_is_text_of_limited_size(void **state)
{
    struct sandbox *sb = open_with_host(&limits);
    struct error err = {0};
    size_t large = (256 << 10) + 1;
    char *text = malloc(large + 1);

    (void)state;
    assert_true(run(sb, "\xef\xbb\xbfreturn 1", &err));
    assert_fails(sb, "local a = 1\r\nlocal b = 2\r\nerror('here')\r\n", EXIT_DATA, 3, "here");
    assert_fails(sb, "-- one\n-- caf\xe9\n", EXIT_DATA, 2, "0xe9 is not UTF-8");
    assert_fails(sb, "\x1bLua", EXIT_DATA, 1, "compiled");
    assert_fails(sb, "local a = 1\nlocal = 2", EXIT_DATA, 2, "<name> expected");
    assert_false(sandbox_load(sb, "a\nb\0c", 5, "nul.lua", &err));
    assert_int_equal(err.line, 2);
    assert_string_equal(err.file, "nul.lua");
    memset(text, '-', large);
    text[large] = '\0';
    assert_fails(sb, text, EXIT_DATA, 0, "262145 bytes are too many");
    text[large - 1] = '\0';
    err = (struct error){0};
    assert_true(run(sb, text, &err));
    free(text);
    sandbox_close(sb);
}

static void
a_file_that_is_no_file_is_refused_at_once(void **state)
{
    static const char *const odd[] = {"fifo", "zero", "folder", "missing"};
    struct sandbox *sb = open_with_host(&limits);
    char path[128];

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct error err = {0};
        snprintf(path, sizeof path, "%s/%s.lua", modules, odd[i]);
        assert_false(sandbox_load_file(sb, path, &err));
        assert_int_equal(err.code, EXIT_OPEN);
        assert_string_equal(err.file, path);
    }
    sandbox_close(sb);
}

static void
errors_name_the_file_and_line_that_is_to_blame(void **state)
{
    struct sandbox *sb = open_with_host(&limits);
    struct error err = {0};
    char want[160], long_name[200];

    (void)state;
    assert_false(run(sb, "\nlocal m = use 'bad'", &err));
    snprintf(want, sizeof want, "%s/bad.lua", modules);
    assert_string_equal(err.file, want);
    assert_int_equal(err.line, 3);
    snprintf(want, sizeof want, "%s/bad.lua:3\ntest.lua:2\n", modules);
    assert_string_equal(sandbox_traceback(sb), want);
    assert_fails(sb, "local function f()\n  error('blame', 2)\nend\n\nf()", EXIT_DATA, 5, "blame");
    assert_fails(sb, "\n\nassert(1 == 2, 'told you')", EXIT_DATA, 3, "told you");
    assert_fails(sb, "\nlocal t = stirng.rep", EXIT_DATA, 2, "did you mean 'string'");

    memset(long_name, 'd', 150);
    strcpy(long_name + 150, "/lesson.lua");
    err = (struct error){0};
    assert_true(sandbox_load(sb, "\nerror 'x'", 10, long_name, &err));
    assert_false(sandbox_call(sb, 0, 0, &err));
    assert_string_equal(err.file, long_name);
    assert_int_equal(err.line, 2);
    sandbox_close(sb);
}

/* --- freezing -------------------------------------------------------------------------------- */

static void
after_freezing_nothing_is_carried_in_globals(void **state)
{
    struct sandbox *sb = open_with_host(&limits);
    struct error err = {0};

    (void)state;
    assert_true(run(sb,
                    "G = { list = { 1, 2, 3 }, deep = { deeper = { 7 } } } n = 1\n"
                    "M = use 'good' function f() return n end",
                    &err));
    assert_true(sandbox_freeze(sb, &err));
    assert_fails(sb, "\nn = 2", EXIT_DATA, 2, "'n' cannot be set inside a step");
    assert_fails(sb, "new = 2", EXIT_DATA, 1, "'new' cannot be set");
    assert_fails(sb, "G.list[1] = 2", EXIT_DATA, 1, "read-only");
    assert_fails(sb, "G.deep.deeper.x = 2", EXIT_DATA, 1, "read-only");
    assert_fails(sb, "table.insert(G.list, 4)", EXIT_DATA, 1, "read-only");
    assert_fails(sb, "table.remove(G.list)", EXIT_DATA, 1, "read-only");
    assert_fails(sb, "table.sort(G.list)", EXIT_DATA, 1, "read-only");
    assert_fails(sb, "rawset(G, 'x', 1)", EXIT_DATA, 1, "read-only");
    assert_fails(sb, "M.x = 1", EXIT_DATA, 1, "read-only");
    assert_fails(sb, "use 'half'", EXIT_DATA, 1, "at the top");
    assert_true(run(sb, "local t = {} t.x = 1 assert(f() == 1 and use 'good' == M)", &err));
    assert_true(run(sb,
                    "assert(#G.list == 3 and rawlen(G.list) == 3 and G.deep.deeper[1] == 7)\n"
                    "assert(table.concat(G.list, ' ') == '1 2 3' and rawget(G, 'x') == nil)\n"
                    "local n = 0 for i, v in ipairs(G.list) do n = n + i * v end\n"
                    "for k, v in pairs(G.list) do n = n + k * v end assert(n == 28)\n"
                    "assert(select('#', table.unpack(G.list)) == 3 and next(G) == 'deep')",
                    &err));
    sandbox_close(sb);
}

struct reading {
    lua_Integer members;
    bool frozen;
};

static void
read_lesson(lua_State *L, void *ctx)
{
    struct reading *r = ctx;

    sandbox_resolve(L,
                    LUA_REGISTRYINDEX); /* any table; nothing happens to one that is not frozen */
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "k");
    sandbox_freeze_table(L, -1);
    r->frozen = sandbox_is_frozen(L, -1);
    sandbox_resolve(L, -1);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
        r->members++;
}

static void
raise_plainly(lua_State *L, void *ctx)
{
    luaL_error(L, "%s", (const char *)ctx);
}

static void
the_host_reads_under_the_same_guard(void **state)
{
    struct sandbox *sb = open_with_host(&limits);
    struct error err = {0};
    struct reading r = {0};

    (void)state;
    assert_true(sandbox_protect(sb, read_lesson, &r, &err));
    assert_true(r.frozen);
    assert_int_equal(r.members, 1);
    assert_false(sandbox_protect(sb, raise_plainly, (void *)"step 3 has no text", &err));
    assert_int_equal(err.code, EXIT_DATA);
    assert_string_equal(err.text, "step 3 has no text");
    assert_int_equal(lua_gettop(sandbox_state(sb)), 0);
    sandbox_close(sb);
}

/* --- random numbers -------------------------------------------------------------------------- */

static void
random_numbers_come_from_the_seed(void **state)
{
    const char *source =
        "local t = {} for i = 1, 5 do t[i] = math.random(1000) end\n"
        "for i = 1, 1000 do local r = math.random(3, 5) assert(r >= 3 and r <= 5)\n"
        "local f = math.random() assert(f >= 0 and f < 1) end\n"
        "assert(math.type(math.random(math.mininteger, math.maxinteger)) == 'integer')\n"
        "return table.concat(t, ' ')";
    char text[3][64];

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct sandbox_limits l = {.seed = i == 2 ? 8 : 7};
        struct sandbox *sb = open_with_host(&l);
        struct error err = {0};
        assert_true(sandbox_load(sb, source, strlen(source), "r.lua", &err));
        assert_true(sandbox_call(sb, 0, 1, &err));
        snprintf(text[i], sizeof text[i], "%s", lua_tostring(sandbox_state(sb), -1));
        sandbox_close(sb);
    }
    assert_string_equal(text[0], text[1]);
    assert_string_not_equal(text[0], text[2]);
}

/* --- against stock Lua ----------------------------------------------------------------------- */

/* Every line gives the same text in the sandbox and in stock Lua 5.4. */
static const char *const same[] = {
    "('hello'):sub(2, 3)",
    "('hello'):sub(-3)",
    "('hello'):sub(0)",
    "('hello'):sub(10)",
    "('hello'):sub(-100, 2)",
    "('hello'):sub(3, 2)",
    "('hello'):sub(2, -2)",
    "('hello'):sub(1, 100)",
    "('hello'):sub(math.mininteger, math.maxinteger)",
    "('abc'):byte()",
    "('abc'):byte(-1)",
    "table.concat({('abc'):byte(1, -1)}, ' ')",
    "#{('abc'):byte(10)}",
    "string.char(72, 105)",
    "('Hello1'):upper() .. ('Hello1'):lower()",
    "('abc'):reverse()",
    "#'\\0\\0'",
    "('ab'):len()",
    "('ab'):rep(3)",
    "('ab'):rep(3, ',')",
    "('ab'):rep(0)",
    "('ab'):rep(-1)",
    "('ab'):rep(1, ',')",
    "('a.b'):find('.', 1, true)",
    "('abc'):find('b', -2, true)",
    "tostring(('abc'):find('', 10, true))",
    "('abc'):find('', 4, true)",
    "('abc'):find('c', 3, true)",
    "tostring(('abc'):find('a', 2, true))",
    "string.format('%d %i %5d|%-5d|%05d %+d', 1, -2, 3, 4, 5, 6)",
    "string.format('%x %X %#x %o', 255, 255, 255, 8)",
    "string.format('%x', -1)",
    "string.format('%5.2f %g %e %G', 3.14159, 1e20, 12345.678, 1e-10)",
    "string.format('%s %s %s %s', nil, true, 1, 1.5)",
    "string.format('%10s|%-10s|%.2s', 'a', 'b', 'cde')",
    "string.format('%c%c%%', 65, 66)",
    "string.format('%q', 1) and 1",
    "string.format('%.3d', 7)",
    "string.format('%s', 2^53)",
    "string.format('%d', 3.0)",
    "string.format('%.20s', 'short')",
    "tostring(1e15) .. tostring(1e100) .. tostring(-0.0)",
    "tostring(2^63)",
    "1 .. ''",
    "1.0 .. ''",
    "tonumber('0x10')",
    "tonumber('  12  ')",
    "tostring(tonumber('12a'))",
    "tonumber('1e2')",
    "tonumber('0x1p4')",
    "tonumber('ff', 16)",
    "tonumber(' -zz ', 36)",
    "tostring(tonumber('8', 8))",
    "tostring(tonumber(''))",
    "tonumber('7fffffffffffffff', 16)",
    "tonumber('ffffffffffffffff', 16)",
    "tostring(tonumber('1 2'))",
    "tostring(tonumber('- 1', 10))",
    "tostring(tonumber({}))",
    "math.floor(3.7) .. math.floor(-3.7) .. math.ceil(3.2) .. math.ceil(-3.2) .. math.floor(5)",
    "math.abs(-5) .. math.abs(math.mininteger) .. math.abs(-2.5)",
    "math.floor(1e300)",
    "math.max(1, 5, 3) .. math.min(2, 1.5) .. math.max(3)",
    "math.tointeger(3.0)",
    "tostring(math.tointeger(3.5))",
    "math.type(1) .. math.type(1.0) .. tostring(math.type('1'))",
    "tostring(math.ult(1, -1)) .. tostring(math.ult(-1, 1))",
    "math.maxinteger .. math.mininteger",
    "select('#') .. select('#', nil, nil)",
    "select(2, 'a', 'b', 'c')",
    "select(-1, 'a', 'b')",
    "table.concat({1, 2, 3}, ', ')",
    "table.concat({1, 2, 3}, ', ', 2)",
    "table.concat({}, 'x')",
    "table.concat({1, 2, 3}, '-', 2, 3)",
    "table.concat({1, 2.5, 'x'})",
    "table.concat({1}, 'x', 3)",
    "table.pack(1, nil, 3).n",
    "select('#', table.unpack({1, 2, nil, 4}, 1, 4))",
    "table.unpack({1, 2, 3}, 2, 2)",
    "select('#', table.unpack({}, 3, 1))",
    "(function() local t = {1, 2, 3} table.insert(t, 2, 'x') table.insert(t, 'y')"
    " return table.concat(t, ' ') end)()",
    "(function() local t = {1, 2, 3} local r = table.remove(t, 1) .. table.remove(t)"
    " return r .. table.concat(t, ' ') .. tostring(table.remove({})) end)()",
    "(function() local t = {5, 2, 8, 1, 9, 3} table.sort(t) return table.concat(t, ' ') end)()",
    "(function() local t = {'b', 'a', 'B', 'aa', ''} table.sort(t) return table.concat(t, ' ') "
    "end)()",
    "(function() local t = {5, 2, 8} table.sort(t, function(a, b) return a > b end)"
    " return table.concat(t, ' ') end)()",
    "(function() local t = {} for i = 1, 1000 do t[i] = i * 7919 % 1009 end table.sort(t)"
    " return table.concat(t, ' ') end)()",
    "utf8.char(72, 228, 8364, 0x1f600)",
    "utf8.len('h\xc3\xa4\xe2\x82\xac')",
    "utf8.len('')",
    "tostring(select(2, utf8.len('a\xff')))",
    "utf8.len('\xc3\xa4\xc3\xa4', 3)",
    "utf8.len('abc', -1)",
    "utf8.codepoint('\xe2\x82\xac')",
    "table.concat({utf8.codepoint('a\xc3\xa4', 1, -1)}, ' ')",
    "utf8.offset('a\xc3\xa4z', 3)",
    "utf8.offset('a\xc3\xa4z', -1)",
    "utf8.offset('a\xc3\xa4z', -2)",
    "utf8.offset('a\xc3\xa4z', 0, 3)",
    "tostring(utf8.offset('abc', 5))",
    "utf8.offset('abc', 4)",
    "tostring(utf8.offset('abc', -4))",
    "utf8.offset('a\xc3\xa4z', 2, 2)",
    "(function() local s = '' for p, c in utf8.codes('a\xc3\xa4\xe2\x82\xac') do"
    " s = s .. p .. ':' .. c .. ' ' end return s end)()",
    "(function() local s = '' for i, v in ipairs({1, 2, nil, 4}) do s = s .. i .. v end return s "
    "end)()",
    "tostring(pcall(error))",
    "select(2, pcall(error, 'plain', 0))",
    "tostring(rawequal('a', 'a'))",
    "rawlen({1, 2}) .. rawlen('abc')",
    "rawget({5}, 1)",
    "type(nil) .. type({}) .. type(type)",
    "select('#', pcall(function() return 1, nil, nil end))",
    "assert(1, 'unused')",
    "0xffffffffffffffff .. ''",
    "10 // 3 .. 10 % -3",
    "1 << 63",
    "7 / 2",
    "1 < 2 and 'y' or 'n'",
    "('x'):rep(3):match('x+')",
    "('key = value'):match('(%w+)%s*=%s*(%w+)')",
    "('  x '):match('^%s*(.-)%s*$')",
    "('abc'):match('()b()')",
    "('THE (quick) fox'):find('%((%a+)%)')",
    "('f(a(b)c)d'):match('%b()')",
    "('hello world'):match('%f[%w]w%w*')",
    "('abab'):match('(ab)%1')",
    "('2026-11-21'):match('(%d+)-(%d+)')",
    "('a-b'):match('[a%-]+')",
    "(']'):match('[]]')",
    "('x'):match('[^%s]')",
    "('[[x]]'):match('%[%[(.-)%]%]')",
};

static const char *
stock_text(lua_State *stock, const char *expression)
{
    lua_settop(stock, 0);
    lua_pushfstring(stock, "return tostring((%s))", expression);
    assert_int_equal(luaL_loadstring(stock, lua_tostring(stock, 1)), LUA_OK);
    if (lua_pcall(stock, 0, 1, 0) != LUA_OK)
        fail_msg("stock Lua: %s", lua_tostring(stock, -1));
    return lua_tostring(stock, -1);
}

static void
what_is_kept_of_lua_behaves_like_lua(void **state)
{
    lua_State *stock = luaL_newstate();
    char source[2048];

    (void)state;
    luaL_openlibs(stock);
    for (unsigned i = 0; i < sizeof same / sizeof same[0]; i++) {
        struct sandbox *sb = open_with_host(&limits);
        struct error err = {0};
        bool by_pattern = strstr(same[i], ":find('%") != NULL; /* patterns only when asked */
        if (strstr(same[i], "%q") || by_pattern) {
            sandbox_close(sb);
            continue;
        }
        snprintf(source, sizeof source, "return tostring((%s))", same[i]);
        if (!sandbox_load(sb, source, strlen(source), "same.lua", &err) ||
            !sandbox_call(sb, 0, 1, &err)) {
            /* a source with a lone 0xff is no lesson; write it as an escape */
            if (!strstr(err.text, "not UTF-8"))
                fail_msg("%s\n%s", same[i], err.text);
        } else if (strcmp(lua_tostring(sandbox_state(sb), -1), stock_text(stock, same[i])) != 0) {
            fail_msg("%s\nstock: %s\nours:  %s", same[i], stock_text(stock, same[i]),
                     lua_tostring(sandbox_state(sb), -1));
        }
        sandbox_close(sb);
    }
    lua_close(stock);
}

static void
what_we_add_does_what_it_says(void **state)
{
    struct sandbox *sb = open_with_host(&limits);
    struct error err = {0};

    (void)state;
    assert_true(run(
        sb,
        "assert(table.concat(('a,b,,c'):split(','), '|') == 'a|b||c')\n"
        "assert(#(''):split(',') == 1 and #(','):split(',') == 2)\n"
        "assert(('  a b\\n'):trim() == 'a b' and ('   '):trim() == '')\n"
        "assert(('abc'):startswith('ab') and not ('abc'):startswith('b') and "
        "('a'):startswith(''))\n"
        "assert(('ab'):pad(5) == 'ab   ' and ('ab'):pad(5, 'right') == '   ab')\n"
        "assert(('ab'):pad(5, 'center') == ' ab  ' and ('abc'):pad(2) == 'abc')\n"
        "assert(('\xe4\xb8\xad'):width() == 2 and ('\xe4\xb8\xad'):pad(4) == '\xe4\xb8\xad  ')\n"
        "assert(string.hex(255) == '0xff' and string.hex(255, 4) == '0x00ff')\n"
        "assert(string.hex(-1) == '0xffffffffffffffff' and string.hex('AB') == '4142')\n"
        "assert(('a.b'):find('.') == 2 and ('a.b'):find('.', 1, false) == 1)\n"
        "assert(host.answer == 42 and host.byte_only(7) == 7)\n"
        "local list = {} for i = 1, 50 do list[i] = { key = i % 3, at = i } end\n"
        "table.sort(list, function(a, b) return a.key < b.key end)\n"
        "for i = 2, 50 do local a, b = list[i - 1], list[i]\n"
        "  assert(a.key < b.key or a.key == b.key and a.at < b.at) end\n",
        &err));
    sandbox_close(sb);
}

/* --- patterns -------------------------------------------------------------------------------- */

static void
random_text(struct rng *r, char *out, const char *letters, unsigned most)
{
    unsigned n = (unsigned)rng_below(r, most + 1);

    for (unsigned i = 0; i < n; i++)
        out[i] = letters[rng_below(r, strlen(letters))];
    out[n] = '\0';
}

/* Compare a result with what string.find of stock Lua left on its stack from slot 1. */
static bool
agrees(lua_State *stock, int status, enum pattern_result ours, const struct pattern_match *m,
       const char *subject)
{
    if (status != LUA_OK || ours == PATTERN_MALFORMED)
        return status != LUA_OK && ours == PATTERN_MALFORMED;
    if (lua_isnil(stock, 1) || ours == PATTERN_NO)
        return lua_isnil(stock, 1) && ours == PATTERN_NO;
    if (lua_tointeger(stock, 1) != (lua_Integer)m->start + 1 ||
        lua_tointeger(stock, 2) != (lua_Integer)m->end || lua_gettop(stock) != 2 + (int)m->captures)
        return false;
    for (unsigned i = 0; i < m->captures; i++) {
        const struct pattern_capture *c = &m->capture[i];
        int at = 3 + (int)i;
        size_t length = 0;
        if (c->is_position ? lua_type(stock, at) != LUA_TNUMBER ||
                                 lua_tointeger(stock, at) != (lua_Integer)c->start + 1
                           : lua_type(stock, at) != LUA_TSTRING ||
                                 memcmp(lua_tolstring(stock, at, &length), subject + c->start,
                                        c->length) != 0 ||
                                 length != c->length)
            return false;
    }
    return true;
}

static void
the_matcher_agrees_with_stock_lua(void **state)
{
    lua_State *stock = luaL_newstate();
    struct rng r;
    unsigned matched = 0, refused = 0;

    (void)state;
    luaL_openlibs(stock);
    rng_seed(&r, 2026);
    for (unsigned i = 0; i < 200000; i++) {
        char subject[16], pattern[16];
        struct pattern_match m;
        random_text(&r, subject, "aabbc(1) .-]", 12);
        random_text(&r, pattern, i % 2 ? "ab%.[]^$*+-?()1fbdsw" : "abc.*+-?()%aws1", 9);
        if (!strpbrk(pattern, "^$*+?.([%-"))
            continue; /* stock Lua then searches for the plain text, even for ")" */
        enum pattern_result ours =
            pattern_find(subject, strlen(subject), pattern, strlen(pattern), 0, 1000000, &m);
        lua_settop(stock, 0);
        lua_getglobal(stock, "string");
        lua_getfield(stock, 1, "find");
        lua_remove(stock, 1);
        lua_pushstring(stock, subject);
        lua_pushstring(stock, pattern);
        int status = lua_pcall(stock, 2, LUA_MULTRET, 0);
        if (!agrees(stock, status, ours, &m, subject))
            fail_msg("'%s' in '%s': stock %d %s, ours %d %zu-%zu %s", pattern, subject, status,
                     lua_tostring(stock, 1), ours, m.start + 1, m.end, m.complaint);
        matched += ours == PATTERN_YES;
        refused += ours == PATTERN_MALFORMED;
    }
    printf("# %u matched, %u malformed\n", matched, refused);
    assert_true(matched > 10000 && refused > 10000);
    lua_close(stock);
}

static void
the_matcher_stops_at_its_budget(void **state)
{
    struct pattern_match m;
    char many[501];

    (void)state;
    assert_int_equal(pattern_find("aaaa", 4, "a-a-a-b", 7, 0, 50, &m), PATTERN_TOO_DEAR);
    assert_int_equal(m.steps, 50);
    assert_int_equal(pattern_find("aaab", 4, "a*b", 3, 0, 50, &m), PATTERN_YES);
    assert_in_range(m.steps, 4, 49);
    for (int i = 0; i < 500; i += 2)
        memcpy(many + i, "a?", 3);
    assert_int_equal(pattern_find(many, 500, many, 300, 0, 1u << 30, &m), PATTERN_YES);
    memset(many, 'a', 250); /* now each of the a? has something to take, and may give it back */
    assert_int_equal(pattern_find(many, 250, many + 250, 250, 0, 1u << 30, &m), PATTERN_YES);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_hostile_script_is_contained_and_ends),
        cmocka_unit_test(a_step_that_uses_too_much_dies_and_stays_dead),
        cmocka_unit_test(a_new_step_has_a_new_budget_but_the_run_has_one),
        cmocka_unit_test(a_step_costs_the_same_alone_and_after_others),
        cmocka_unit_test(memory_is_counted_and_the_cap_is_for_the_lesson_alone),
        cmocka_unit_test(source_is_text_of_limited_size),
        cmocka_unit_test(a_file_that_is_no_file_is_refused_at_once),
        cmocka_unit_test(errors_name_the_file_and_line_that_is_to_blame),
        cmocka_unit_test(after_freezing_nothing_is_carried_in_globals),
        cmocka_unit_test(the_host_reads_under_the_same_guard),
        cmocka_unit_test(random_numbers_come_from_the_seed),
        cmocka_unit_test(what_is_kept_of_lua_behaves_like_lua),
        cmocka_unit_test(what_we_add_does_what_it_says),
        cmocka_unit_test(the_matcher_agrees_with_stock_lua),
        cmocka_unit_test(the_matcher_stops_at_its_budget),
    };

    return cmocka_run_group_tests_name(__FILE__, tests, make_modules, remove_modules);
}
