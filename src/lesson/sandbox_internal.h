/* sandbox_internal.h - what the files of the sandbox share. Nobody else includes this.
 *
 * A function that raises does not return: Lua leaves by longjmp. So nothing that must be freed is
 * held across a lua_ call; what has to live that long hangs on struct sandbox.
 */
#pragma once

#include <locale.h>
#include <time.h>

#include <lauxlib.h>
#include <lua.h>

#include "base/rng.h"
#include "lesson/sandbox.h"

enum {
    SANDBOX_HOOK_COUNT = 100,   /* costs the same as 100,000: the price is having a hook at all */
    SANDBOX_DEPTH = 2000,       /* Lua calls within each other */
    SANDBOX_RESULTS = 200,      /* values one call may return */
    SANDBOX_ERROR_BYTES = 1024, /* of error("...") */
    SANDBOX_CHUNKS = 64,        /* files of one run */
    SANDBOX_CHUNK_SHOWN = 56,   /* Lua cuts chunk names at 60 */
};

/* Slots of the registry that belong to us. */
enum sandbox_slot {
    SLOT_ENV = 0x5eed, /* the environment: an empty table in front of SLOT_GLOBALS */
    SLOT_GLOBALS,      /* name -> value */
    SLOT_BUILTINS,     /* name -> true: not the lesson's to change */
    SLOT_MODULES,      /* name -> what `use` returns; false while it loads */
};

enum refusal {
    REFUSED_NOTHING,
    REFUSED_TOTAL,
    REFUSED_BLOCK,
    REFUSED_STRING,
};

struct sandbox_chunk {
    char shown[SANDBOX_CHUNK_SHOWN + 4]; /* as Lua's messages show it */
    char full[256];
};

struct sandbox {
    lua_State *L;
    struct sandbox_limits limits;
    struct rng rng;
    locale_t c_locale; /* `<` and number texts follow the locale; a lesson must not */

    size_t memory, memory_limit;
    enum refusal refusal; /* the last one, and where the lesson was */
    char refused_file[256];
    int refused_line;
    bool exempt; /* set-up by the host: count, never refuse */

    uint64_t step_left, run_left;
    uint64_t cpu_limit_ns, cpu_start_ns, coarse_ns;
    bool inside; /* in a guarded call */
    bool frozen;
    bool dead; /* sticky: `verdict` is every later answer */
    struct error verdict;
    enum exit_code raised; /* what sandbox_raise() carried */

    unsigned chunks;
    struct sandbox_chunk chunk[SANDBOX_CHUNKS];
    char *source; /* one file at a time, source_bytes + 1 */
    char traceback[2048];
};

/* Kill the lesson with EXIT_LIMIT at the line it is on, and raise. */
_Noreturn void sandbox_die(lua_State *L, struct sandbox *sb, const char *why);

/* Count from here: the hook runs after every `count` instructions. */
void sandbox_arm_hook(lua_State *L, int count);

/* The lua_Alloc of a sandbox. */
void *sandbox_allocate(void *ud, void *block, size_t old_size, size_t new_size);

/* Die for the memory that was refused; place and reason were noted then. */
void sandbox_note_memory_death(struct sandbox *sb);

/* The innermost lesson line from `level` outwards. False: there is none. */
bool sandbox_place(lua_State *L, struct sandbox *sb, int level, char *file, size_t size, int *line);

/* Fill `err` from the error value at `index`: our own words, no metamethods, nothing a terminal
 * obeys. */
void sandbox_describe(lua_State *L, struct sandbox *sb, int index, enum exit_code code,
                      struct error *err);

/* Full name behind the name Lua shows, or NULL. */
const char *sandbox_chunk_full(const struct sandbox *sb, const char *shown);

/* sandbox_env.c; all raise */
void sandbox_env_open(lua_State *L);
void sandbox_put_builtin(lua_State *L, const char *name);            /* pops the value */
void sandbox_put_functions(lua_State *L, const luaL_Reg *functions); /* full names, metered */
void sandbox_freeze_all(lua_State *L);
void sandbox_check_table(lua_State *L, int arg);    /* pushes what holds the members */
void sandbox_check_writable(lua_State *L, int arg); /* a table that a lesson may change */

/* sandbox_load.c; raises */
int sandbox_use(lua_State *L);

int sandbox_format(lua_State *L);

/* One for each library. */
void sandbox_open_base(lua_State *L);
void sandbox_open_string(lua_State *L);
void sandbox_open_table(lua_State *L);
void sandbox_open_math(lua_State *L);
void sandbox_open_utf8(lua_State *L);

/* An integer argument within low..high, or an error that names the range. */
lua_Integer sandbox_check_range(lua_State *L, int arg, lua_Integer low, lua_Integer high);

/* A text of `n` bytes is about to be made: refuse what is over the cap, charge the rest. */
void sandbox_check_length(lua_State *L, size_t n);

/* Text of any value without addresses; pushes it. */
void sandbox_push_text(lua_State *L, int index);

/* Sort the `n` slots 1..n of the table on top of the stack, stably, in place. `compare_index`: a
 * Lua function, or 0 for `<`. Uses raw access; the table must be a scratch of ours. */
void sandbox_merge_sort(lua_State *L, lua_Integer n, int compare_index);
