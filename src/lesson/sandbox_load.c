/* How source text gets in: checked, compiled as text only, into our environment.
 *
 * Lua's own loader takes bytecode unless told otherwise, and bytecode can crash the interpreter. It
 * also hands a new chunk the real globals; ours get the sandbox's environment as their only
 * upvalue. A file is opened without blocking and must be a regular file: a lesson folder may hold a
 * FIFO.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "lesson/sandbox_internal.h"

/* --- checks -------------------------------------------------------------------------------- */

static int
line_at(const char *source, size_t offset)
{
    int line = 1;

    for (size_t i = 0; i < offset; i++)
        line += source[i] == '\n';
    return line;
}

static bool
check_source(const struct sandbox *sb, const char *source, size_t len, const char *name,
             struct error *err)
{
    size_t bad = 0;

    if (len > sb->limits.source_bytes)
        return error_at(err, EXIT_DATA, name, 0,
                        "%zu bytes are too many; a lesson file has at most"
                        " %zu",
                        len, sb->limits.source_bytes);
    if (len > 0 && source[0] == '\x1b')
        return error_at(err, EXIT_DATA, name, 1, "this is compiled Lua; a lesson is text");
    const char *nul = memchr(source, '\0', len);
    if (nul)
        return error_at(err, EXIT_DATA, name, line_at(source, (size_t)(nul - source)),
                        "a NUL byte; a lesson is text");
    if (!text_valid(source, len, &bad))
        return error_at(err, EXIT_DATA, name, line_at(source, bad),
                        "byte 0x%02x is not UTF-8; save the file as UTF-8",
                        (unsigned char)source[bad]);
    return true;
}

/* --- names --------------------------------------------------------------------------------- */

/* Remember `name`; returns how Lua shall show it. Long names keep their end. */
static const char *
add_chunk(struct sandbox *sb, const char *name, struct error *err)
{
    char full[sizeof sb->chunk[0].full];

    text_clean_to(full, sizeof full, name, 0);
    for (unsigned i = 0; i < sb->chunks; i++) {
        if (strcmp(sb->chunk[i].full, full) == 0)
            return sb->chunk[i].shown;
    }
    if (sb->chunks == SANDBOX_CHUNKS) {
        error_set(err, EXIT_LIMIT, "a lesson uses at most %d files", SANDBOX_CHUNKS);
        return NULL;
    }
    struct sandbox_chunk *c = &sb->chunk[sb->chunks++];
    size_t n = strlen(full), most = SANDBOX_CHUNK_SHOWN;
    snprintf(c->full, sizeof c->full, "%s", full);
    if (n <= most)
        memcpy(c->shown, full, n + 1);
    else
        snprintf(c->shown, sizeof c->shown, "...%s", full + n - (most - 3));
    return c->shown;
}

/* --- compiling ----------------------------------------------------------------------------- */

/* Where brackets nest deepest, for the one error that Lua's parser reports without a line. */
static int
deepest_line(const char *source, size_t len)
{
    int line = 1, found = 1;
    long depth = 0, deepest = 0;

    for (size_t i = 0; i < len; i++) {
        line += source[i] == '\n';
        depth += strchr("([{", source[i]) != NULL;
        depth -= strchr(")]}", source[i]) != NULL;
        if (depth > deepest) {
            deepest = depth;
            found = line;
        }
    }
    return found;
}

static void
describe_syntax(struct sandbox *sb, const char *source, size_t len, const char *name,
                struct error *err)
{
    if (strstr(lua_tostring(sb->L, -1), "C stack overflow"))
        error_at(err, EXIT_DATA, name, deepest_line(source, len),
                 "brackets or blocks are nested deeper than 200 levels");
    else
        sandbox_describe(sb->L, sb, -1, EXIT_DATA, err);
}

static bool
compile(struct sandbox *sb, const char *source, size_t len, const char *name, struct error *err)
{
    lua_State *L = sb->L;
    char chunk[SANDBOX_CHUNK_SHOWN + 8];

    if (len >= 3 && memcmp(source, "\xef\xbb\xbf", 3) == 0) {
        source += 3;
        len -= 3;
    }
    const char *shown = add_chunk(sb, name, err);
    if (!shown || !check_source(sb, source, len, name, err))
        return false;
    if (!lua_checkstack(L, 8))
        return error_set(err, EXIT_LIMIT, "the Lua stack is full");
    snprintf(chunk, sizeof chunk, "=%s", shown);
    sb->refusal = REFUSED_NOTHING;
    int status = luaL_loadbufferx(L, source, len, chunk, "t");
    if (status == LUA_OK) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_ENV);
        lua_setupvalue(L, -2, 1);
        return true;
    }
    if (status == LUA_ERRMEM) {
        sandbox_note_memory_death(sb);
        *err = err->code ? *err : sb->verdict;
    } else {
        describe_syntax(sb, source, len, name, err);
    }
    lua_pop(L, 1);
    return error_place(err, name, 0);
}

bool
sandbox_load(struct sandbox *sb, const char *source, size_t len, const char *chunk_name,
             struct error *err)
{
    if (sb->dead) {
        *err = err->code ? *err : sb->verdict;
        return false;
    }
    locale_t outer = uselocale(sb->c_locale);
    bool loaded = compile(sb, source, len, chunk_name, err);
    uselocale(outer);
    return loaded;
}

/* --- files --------------------------------------------------------------------------------- */

static int
open_regular(const char *path, struct stat *st, struct error *err)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

    if (fd < 0) {
        error_at(err, EXIT_OPEN, path, 0, "cannot open: %s", strerror(errno));
        return -1;
    }
    if (fstat(fd, st) == 0 && S_ISREG(st->st_mode))
        return fd;
    close(fd);
    error_at(err, EXIT_OPEN, path, 0, "not a regular file");
    return -1;
}

/* Into sb->source, one byte more than the cap so that "too large" is seen even if the file grows.
 */
static bool
read_source(struct sandbox *sb, const char *path, size_t *len, struct error *err)
{
    struct stat st = {0};
    int fd = open_regular(path, &st, err);
    ssize_t got = 1;

    if (fd < 0)
        return false;
    *len = 0;
    while (got > 0 && *len <= sb->limits.source_bytes) {
        got = read(fd, sb->source + *len, sb->limits.source_bytes + 1 - *len);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            *len += (size_t)got;
    }
    int failure = errno;
    close(fd);
    return got >= 0 ? true
                    : error_at(err, EXIT_OPEN, path, 0, "cannot read: %s", strerror(failure));
}

bool
sandbox_load_file(struct sandbox *sb, const char *path, struct error *err)
{
    size_t len = 0;

    return read_source(sb, path, &len, err) && sandbox_load(sb, sb->source, len, path, err);
}

/* --- use "name" ---------------------------------------------------------------------------- */

static bool
is_module_name(const char *name, size_t len)
{
    return text_is_id(name, len, 64);
}

static bool
find_module(struct sandbox *sb, const char *name, struct error *err)
{
    char path[4096];
    size_t len = 0;

    for (const char *const *dir = sb->limits.module_dirs; dir && *dir; dir++) {
        int n = snprintf(path, sizeof path, "%s/%s.lua", *dir, name);
        if (n < 0 || (size_t)n >= sizeof path || access(path, F_OK) != 0)
            continue;
        return read_source(sb, path, &len, err) && compile(sb, sb->source, len, path, err);
    }
    return error_set(err, EXIT_DATA, "there is no module '%s'", name);
}

/* Raise with the place in the module, not the line that said `use`. */
static void
raise_load_error(lua_State *L, struct sandbox *sb, const struct error *e)
{
    if (sb->dead)
        sandbox_die(L, sb, "");
    for (unsigned i = 0; i < sb->chunks && e->file[0]; i++) {
        if (strcmp(sb->chunk[i].full, e->file) != 0)
            continue;
        lua_pushfstring(L, "%s:%d: %s", sb->chunk[i].shown, e->line, e->text);
        sb->raised = e->code;
        lua_error(L);
    }
    sandbox_raise(L, e);
}

int
sandbox_use(lua_State *L)
{
    struct sandbox *sb = sandbox_get(L);
    struct error err = {0};
    size_t len = 0;
    const char *name = luaL_checklstring(L, 1, &len);

    sandbox_charge(L, 1000);
    lua_settop(L, 1);
    if (!is_module_name(name, len))
        return luaL_error(L, "a module's name is 1 to 64 of a-z, 0-9 and '-'");
    lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_MODULES);
    lua_getfield(L, 2, name);
    if (lua_toboolean(L, 3))
        return 1;
    if (lua_isboolean(L, 3))
        return luaL_error(L, "module '%s' uses itself, directly or through others", name);
    if (sb->frozen)
        return luaL_error(L, "'use' stands at the top of a lesson, not inside a step");
    lua_pop(L, 1);
    lua_pushboolean(L, 0);
    lua_setfield(L, 2, name);
    if (!find_module(sb, name, &err))
        raise_load_error(L, sb, &err);
    lua_call(L, 0, 1);
    if (!lua_toboolean(L, 3))
        return luaL_error(L, "module '%s' returns nothing; it should return a table", name);
    if (lua_type(L, 3) == LUA_TTABLE)
        sandbox_freeze_table(L, 3);
    lua_pushvalue(L, 3);
    lua_setfield(L, 2, name);
    return 1;
}
