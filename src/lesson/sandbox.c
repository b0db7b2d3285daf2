/* The guard around a lesson: memory, instructions, time, and the one door in.
 *
 * Why not the usual recipe (count hook, capped allocator, luaL_openlibs): of 56 hostile scripts it
 * lets 23 hang and 4 crash. A hook never runs inside one C function, pcall() swallows its error,
 * and finalizers and coroutines switch it off. So here every C function pays for its work, death is
 * sticky (the hook re-arms at every instruction, and our pcall passes the error on), and what
 * cannot be guarded is not there. Lua 5.4 manual, sections 4.3 (lua_Alloc) and 4.7 (lua_sethook).
 */
#include "lesson/sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/memory.h"
#include "base/text.h"
#include "lesson/sandbox_internal.h"

/* --- limits -------------------------------------------------------------------------------- */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
#define INSTRUMENTED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define INSTRUMENTED 1
#endif
#endif
#ifndef INSTRUMENTED
#define INSTRUMENTED 0
#endif

/* Is this build so slow that CPU time says little? Valgrind preloads a library of its own. */
static bool
is_instrumented(void)
{
    const char *preload = getenv("LD_PRELOAD");

    return INSTRUMENTED || (preload && strstr(preload, "vgpreload"));
}

static struct sandbox_limits
with_defaults(const struct sandbox_limits *given)
{
    struct sandbox_limits l = {0};

    if (given)
        l = *given;
    l.step_instructions = l.step_instructions ? l.step_instructions : 10u * 1000 * 1000;
    l.run_instructions = l.run_instructions ? l.run_instructions : 2000ull * 1000 * 1000;
    l.memory_bytes = l.memory_bytes ? l.memory_bytes : 32u << 20;
    l.block_bytes = l.block_bytes ? l.block_bytes : 1u << 20;
    l.string_bytes = l.string_bytes ? l.string_bytes : 64u << 10;
    l.source_bytes = l.source_bytes ? l.source_bytes : 256u << 10;
    l.cpu_ms = l.cpu_ms ? l.cpu_ms : 2000;
    return l;
}

/* --- where the lesson is ------------------------------------------------------------------- */

const char *
sandbox_chunk_full(const struct sandbox *sb, const char *shown)
{
    for (unsigned i = 0; i < sb->chunks; i++) {
        if (strcmp(sb->chunk[i].shown, shown) == 0)
            return sb->chunk[i].full;
    }
    return NULL;
}

bool
sandbox_place(lua_State *L, struct sandbox *sb, int level, char *file, size_t size, int *line)
{
    lua_Debug ar;

    for (; lua_getstack(L, level, &ar); level++) {
        if (!lua_getinfo(L, "Sl", &ar) || ar.currentline <= 0)
            continue;
        const char *full = sandbox_chunk_full(sb, ar.short_src);
        snprintf(file, size, "%s", full ? full : ar.short_src);
        *line = ar.currentline;
        return true;
    }
    return false;
}

static void
record_traceback(lua_State *L, struct sandbox *sb)
{
    lua_Debug ar;
    size_t used = 0;

    sb->traceback[0] = '\0';
    for (int level = 0, shown = 0; shown < 20 && lua_getstack(L, level, &ar); level++) {
        if (!lua_getinfo(L, "Sl", &ar) || ar.currentline <= 0)
            continue;
        const char *full = sandbox_chunk_full(sb, ar.short_src);
        size_t room = sizeof sb->traceback - used;
        int n = snprintf(sb->traceback + used, room, "%s:%d\n", full ? full : ar.short_src,
                         ar.currentline);
        if (n < 0 || (size_t)n >= room) {
            sb->traceback[used] = '\0';
            return;
        }
        used += (size_t)n;
        shown++;
    }
}

/* --- instructions and time ----------------------------------------------------------------- */

static uint64_t
clock_ns(clockid_t clock)
{
    struct timespec t = {0};

    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void
sandbox_die(lua_State *L, struct sandbox *sb, const char *why)
{
    char file[sizeof sb->verdict.file];
    int line = 0;

    if (!sb->dead) {
        sb->dead = true;
        sb->verdict = (struct error){0};
        error_set(&sb->verdict, EXIT_LIMIT, "%s", why);
        if (sandbox_place(L, sb, 0, file, sizeof file, &line))
            error_place(&sb->verdict, file, line);
        record_traceback(L, sb);
        sandbox_arm_hook(L, 1);
    }
    lua_pushnil(L); /* a value that needs no memory */
    lua_error(L);
    pw_assert(!"lua_error returned");
    abort();
}

/* The coarse clock costs a few nanoseconds, the CPU clock a system call: ask the second only when
 * the first has moved. */
static void
check_time(lua_State *L, struct sandbox *sb)
{
    uint64_t now = clock_ns(CLOCK_MONOTONIC_COARSE);

    if (now - sb->coarse_ns < 4000000u)
        return;
    sb->coarse_ns = now;
    if (clock_ns(CLOCK_THREAD_CPUTIME_ID) - sb->cpu_start_ns > sb->cpu_limit_ns)
        sandbox_die(L, sb, "this step is too slow: it ran out of processor time");
}

static void
spend(lua_State *L, struct sandbox *sb, uint64_t units)
{
    if (units > sb->step_left)
        sandbox_die(L, sb, "this step ran out of instructions (an endless loop?)");
    sb->step_left -= units;
    if (units > sb->run_left)
        sandbox_die(L, sb, "the lesson ran out of instructions");
    sb->run_left -= units;
    check_time(L, sb);
}

static void
count_hook(lua_State *L, lua_Debug *ar)
{
    struct sandbox *sb = sandbox_get(L);
    lua_Debug deep;

    (void)ar;
    if (sb->dead)
        sandbox_die(L, sb, "");
    spend(L, sb, SANDBOX_HOOK_COUNT);
    if (lua_getstack(L, SANDBOX_DEPTH, &deep))
        luaL_error(L, "calls are nested deeper than %d (endless recursion?)", SANDBOX_DEPTH);
}

void
sandbox_arm_hook(lua_State *L, int count)
{
    lua_sethook(L, count_hook, LUA_MASKCOUNT, count);
}

void
sandbox_charge(lua_State *L, uint64_t units)
{
    struct sandbox *sb = sandbox_get(L);

    if (sb->dead)
        sandbox_die(L, sb, "");
    if (sb->inside && !sb->exempt)
        spend(L, sb, units);
}

void
sandbox_begin_step(struct sandbox *sb)
{
    sb->step_left = sb->limits.step_instructions;
    sb->cpu_start_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    sb->coarse_ns = clock_ns(CLOCK_MONOTONIC_COARSE);
    if (!sb->dead) /* restart the count, so that a step costs the same alone and after others */
        sandbox_arm_hook(sb->L, SANDBOX_HOOK_COUNT);
}

/* --- errors -------------------------------------------------------------------------------- */

/* Split "shown:12: text" when the file is one of ours. Returns the text. */
static const char *
split_place(const struct sandbox *sb, const char *message, const char **file, int *line)
{
    for (unsigned i = 0; i < sb->chunks; i++) {
        const char *shown = sb->chunk[i].shown;
        size_t n = strlen(shown);
        if (strncmp(message, shown, n) != 0 || message[n] != ':')
            continue;
        char *end;
        long number = strtol(message + n + 1, &end, 10);
        if (end == message + n + 1 || strncmp(end, ": ", 2) != 0)
            continue;
        *file = sb->chunk[i].full;
        *line = (int)number;
        return end + 2;
    }
    return message;
}

void
sandbox_describe(lua_State *L, struct sandbox *sb, int index, enum exit_code code,
                 struct error *err)
{
    char text[sizeof err->text];
    const char *file = NULL;
    int line = 0;

    if (lua_type(L, index) == LUA_TSTRING)
        text_clean_to(text, sizeof text, split_place(sb, lua_tostring(L, index), &file, &line), 0);
    else
        snprintf(text, sizeof text, "error with a %s value instead of a text",
                 luaL_typename(L, index));
    if (!*text)
        snprintf(text, sizeof text, "error() was called without a text");
    if (file)
        error_at(err, code, file, line, "%s", text);
    else
        error_set(err, code, "%s", text);
}

/* The message handler: the stack still stands, so lines are known. */
static int
on_error(lua_State *L)
{
    struct sandbox *sb = sandbox_get(L);
    char file[256];
    int line = 0;

    if (sb->dead)
        return 1;
    sb->verdict = (struct error){0};
    sandbox_describe(L, sb, 1, sb->raised ? sb->raised : EXIT_DATA, &sb->verdict);
    if (sandbox_place(L, sb, 0, file, sizeof file, &line))
        error_place(&sb->verdict, file, line);
    record_traceback(L, sb);
    return 1;
}

void
sandbox_raise(lua_State *L, const struct error *e)
{
    struct error copy = *e;

    sandbox_get(L)->raised = copy.code;
    luaL_error(L, "%s", copy.text);
    abort();
}

static bool
report(struct sandbox *sb, int status, struct error *err)
{
    if (status == LUA_ERRMEM)
        sandbox_note_memory_death(sb);
    else if (status == LUA_ERRERR && !sb->dead && !sb->verdict.code)
        error_set(&sb->verdict, EXIT_DATA, "an error while handling an error");
    if (!err->code)
        *err = sb->verdict;
    return false;
}

/* --- the door ------------------------------------------------------------------------------ */

static int
guarded_pcall(struct sandbox *sb, int nargs, int nresults)
{
    lua_State *L = sb->L;
    int handler = lua_gettop(L) - nargs;
    locale_t outer = uselocale(sb->c_locale);

    lua_pushcfunction(L, on_error);
    lua_insert(L, handler);
    sb->inside = true;
    sb->raised = EXIT_OK;
    sb->verdict = (struct error){0};
    int status = lua_pcall(L, nargs, nresults, handler);
    sb->inside = false;
    if (status != LUA_OK)
        lua_pop(L, 1);
    lua_remove(L, handler);
    uselocale(outer);
    return status;
}

bool
sandbox_call(struct sandbox *sb, int nargs, int nresults, struct error *err)
{
    if (sb->inside)
        return error_set(err, EXIT_DATA, "a lesson function cannot be called from inside another");
    if (sb->dead || !lua_checkstack(sb->L, nresults > 0 ? nresults + 8 : 8)) {
        lua_pop(sb->L, nargs + 1);
        if (!sb->dead)
            return error_set(err, EXIT_LIMIT, "the Lua stack is full");
        *err = err->code ? *err : sb->verdict;
        return false;
    }
    int status = guarded_pcall(sb, nargs, nresults);
    return status == LUA_OK ? true : report(sb, status, err);
}

struct protected_call {
    void (*fn)(lua_State *L, void *ctx);
    void *ctx;
};

static int
run_protected(lua_State *L)
{
    struct protected_call *call = lua_touserdata(L, 1);

    lua_settop(L, 0);
    call->fn(L, call->ctx);
    return 0;
}

bool
sandbox_protect(struct sandbox *sb, void (*fn)(lua_State *L, void *ctx), void *ctx,
                struct error *err)
{
    struct protected_call call = {fn, ctx};

    pw_assert(!sb->inside);
    if (sb->dead) {
        *err = err->code ? *err : sb->verdict;
        return false;
    }
    if (!lua_checkstack(sb->L, 8))
        return error_set(err, EXIT_LIMIT, "the Lua stack is full");
    lua_pushcfunction(sb->L, run_protected);
    lua_pushlightuserdata(sb->L, &call);
    int status = guarded_pcall(sb, 1, 0);
    return status == LUA_OK ? true : report(sb, status, err);
}

/* --- life ---------------------------------------------------------------------------------- */

static int
on_panic(lua_State *L)
{
    (void)L;
    pw_assert(!"a Lua error outside sandbox_call and sandbox_protect");
    return 0;
}

static void
open_everything(lua_State *L, void *ctx)
{
    (void)ctx;
    sandbox_env_open(L);
    sandbox_open_base(L);
    sandbox_open_string(L);
    sandbox_open_table(L);
    sandbox_open_math(L);
    sandbox_open_utf8(L);
}

static bool
start(struct sandbox *sb, struct error *err)
{
    sb->source = memory_new(1, sb->limits.source_bytes + 1);
    sb->c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    sb->exempt = true;
    sb->L = lua_newstate(sandbox_allocate, sb);
    if (!sb->c_locale || !sb->L)
        memory_exhausted();
    *(struct sandbox **)lua_getextraspace(sb->L) = sb;
    lua_atpanic(sb->L, on_panic);
    if (!sandbox_protect(sb, open_everything, NULL, err))
        return false;
    sb->exempt = false;
    sb->memory_limit = sb->memory + sb->limits.memory_bytes;
    sandbox_begin_step(sb);
    return true;
}

struct sandbox *
sandbox_open(const struct sandbox_limits *limits, struct error *err)
{
    struct sandbox *sb = memory_new(1, sizeof *sb);

    sb->limits = with_defaults(limits);
    sb->cpu_limit_ns = (uint64_t)sb->limits.cpu_ms * 1000000u * (is_instrumented() ? 20 : 1);
    sb->run_left = sb->limits.run_instructions;
    rng_seed(&sb->rng, sb->limits.seed);
    if (start(sb, err))
        return sb;
    sandbox_close(sb);
    return NULL;
}

void
sandbox_close(struct sandbox *sb)
{
    if (!sb)
        return;
    if (sb->L) {
        pw_assert(!sb->inside);
        lua_sethook(sb->L, NULL, 0, 0);
        lua_close(sb->L);
    }
    if (sb->c_locale)
        freelocale(sb->c_locale);
    free(sb->source);
    free(sb);
}

/* --- looking in ---------------------------------------------------------------------------- */

struct sandbox *
sandbox_get(lua_State *L)
{
    return *(struct sandbox **)lua_getextraspace(L);
}

void *
sandbox_user(lua_State *L)
{
    return sandbox_get(L)->limits.user;
}

uint64_t
sandbox_random(struct sandbox *sb)
{
    return sb->limits.random ? sb->limits.random(sb->limits.user) : rng_next(&sb->rng);
}

lua_State *
sandbox_state(struct sandbox *sb)
{
    return sb->L;
}

bool
sandbox_is_dead(const struct sandbox *sb)
{
    return sb->dead;
}

uint64_t
sandbox_step_used(const struct sandbox *sb)
{
    return sb->limits.step_instructions - sb->step_left;
}

uint64_t
sandbox_run_used(const struct sandbox *sb)
{
    return sb->limits.run_instructions - sb->run_left;
}

size_t
sandbox_memory(const struct sandbox *sb)
{
    return sb->memory;
}

const char *
sandbox_traceback(const struct sandbox *sb)
{
    return sb->traceback;
}
