/* sandbox.h - a Lua 5.4 state in which a stranger's lesson can do no harm.
 *
 * Promises   A lesson reaches no file, process, clock, address or terminal, and cannot crash, hang
 *            or bloat the program. The instruction budget decides, so a verdict is the same on
 *            every machine; CPU time is only a last line. Every failure is a struct error with file
 *            and line: EXIT_DATA for the lesson's mistake, EXIT_LIMIT when it used up instructions,
 *            memory or time. After EXIT_LIMIT the sandbox is dead: close it, open another.
 * Owns       The lua_State, its memory, the modules it loaded.
 * Simplifies No metatables, coroutines, load, os or io for lessons: on stock Lua 5.4.4 some
 *            of these corrupt memory.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lua.h>

#include "base/error.h"

struct sandbox;

/* Zero in any field means its default. */
struct sandbox_limits {
    uint64_t step_instructions;     /* 10 M: VM instructions and charges of one step */
    uint64_t run_instructions;      /* 2 G: of the whole run */
    size_t memory_bytes;            /* 32 MiB live, on top of the empty state */
    size_t block_bytes;             /* 1 MiB: one table, the stack */
    size_t string_bytes;            /* 64 KiB: one string */
    size_t source_bytes;            /* 256 KiB: one file */
    unsigned cpu_ms;                /* 2000 per step; times 20 in instrumented builds */
    uint64_t seed;                  /* of math.random when `random` is NULL */
    uint64_t (*random)(void *user); /* 64 random bits, for example from the machine */
    void *user;                     /* for `random` and for sandbox_user() */
    /* Where `use` looks, in order; ends with NULL; must outlive the sandbox. */
    const char *const *module_dirs;
};

/* NULL and an error when the host has no memory. `limits` may be NULL. */
struct sandbox *sandbox_open(const struct sandbox_limits *limits, struct error *err);
void sandbox_close(struct sandbox *sb);

/* --- what lessons can call, before sandbox_freeze() ------------------------------------ */

/* `name` becomes a built-in name, or a member of a built-in table: "say", "m.read". Each call costs
 * 8 instructions by itself; work that grows with the arguments must be charged by `fn`
 * (sandbox_charge). `fn` gets no upvalues: use sandbox_user(). */
bool sandbox_register(struct sandbox *sb, const char *name, lua_CFunction fn, struct error *err);

/* The value on top of the stack becomes the built-in `name`, and is popped. Tables are frozen,
 * deeply. */
bool sandbox_set_builtin(struct sandbox *sb, const char *name, struct error *err);

/* --- running --------------------------------------------------------------------------- */

/* Compile; true leaves the chunk on the stack, false leaves the stack as it was. Text only: UTF-8,
 * no NUL; a BOM and CRLF are welcome. `chunk_name` is shown in messages: the path as the person
 * knows it. */
bool sandbox_load(struct sandbox *sb, const char *source, size_t len, const char *chunk_name,
                  struct error *err);

/* The same from a regular file; never blocks on a FIFO or a device (EXIT_OPEN). */
bool sandbox_load_file(struct sandbox *sb, const char *path, struct error *err);

/* The one way in: calls the function below its `nargs` arguments, all popped. True: `nresults`
 * results (LUA_MULTRET: all) on the stack. False: nothing. Refused from inside a call. */
bool sandbox_call(struct sandbox *sb, int nargs, int nresults, struct error *err);

/* Run the host's own stack work (reading a lesson's tables) under the same guard, because any lua_
 * function may raise. The stack is as it was afterwards, whatever `fn` left; results go through
 * `ctx`. Counts against the budget only what it charges. Not from inside a call, where the guard
 * already stands. */
bool sandbox_protect(struct sandbox *sb, void (*fn)(lua_State *L, void *ctx), void *ctx,
                     struct error *err);

/* A new step: the step's instructions and CPU time start again. */
void sandbox_begin_step(struct sandbox *sb);

/* From now on globals, and all tables reachable from them or returned by `use`, cannot change. */
bool sandbox_freeze(struct sandbox *sb, struct error *err);

/* --- for C functions that lessons call ------------------------------------------------- */

struct sandbox *sandbox_get(lua_State *L);
void *sandbox_user(lua_State *L);

/* Pay for work; raises when the budget is used up. One unit is about 10 ns. */
void sandbox_charge(lua_State *L, uint64_t units);

/* Raise `e` as an error of the lesson line that called; its code is kept if nobody catches it. */
_Noreturn void sandbox_raise(lua_State *L, const struct error *e);

/* Make the table at `index`, and all tables in it, read-only. Raises when memory is short. */
void sandbox_freeze_table(lua_State *L, int index);
/* Of the frozen table at `index`: a member nobody knows is an error, `NAME has no "..."`, with the nearest one. */
void sandbox_close_members(lua_State *L, int index, const char *name);

/* Push what really holds the members of the table at `index` (a frozen table itself is empty:
 * lua_next, lua_rawlen and lua_rawget must be used on this one, and never write to it). */
void sandbox_resolve(lua_State *L, int index);

/* True when a lesson may not write to the table at `index`. */
bool sandbox_is_frozen(lua_State *L, int index);

/* The next 64 random bits. */
uint64_t sandbox_random(struct sandbox *sb);

/* --- looking in ------------------------------------------------------------------------ */

lua_State *sandbox_state(struct sandbox *sb);
bool sandbox_is_dead(const struct sandbox *sb);
uint64_t sandbox_step_used(const struct sandbox *sb);
uint64_t sandbox_run_used(const struct sandbox *sb);
size_t sandbox_memory(const struct sandbox *sb);

/* The lesson lines that led to the last error, innermost first: "a.lua:3\na.lua:17\n". */
const char *sandbox_traceback(const struct sandbox *sb);
