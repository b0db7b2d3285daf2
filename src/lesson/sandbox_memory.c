/* Memory: every byte a lesson holds is counted, and what is over the cap is refused.
 *
 * Lua tells an allocator exact sizes, and for a new object its type in place of the old size, so a
 * string can have a cap of its own: comparing or joining texts is one instruction, whatever their
 * length. A refused lesson is dead; which allocation fails must not become part of a result.
 * Lua 5.4 manual, section 4.6 (lua_Alloc).
 */
#include <stdlib.h>

#include "base/assert.h"
#include "base/memory.h"
#include "lesson/sandbox_internal.h"

/* A string's header; Lua asks for header + length + 1. */
enum { STRING_HEADER = 32 };

static enum refusal
judge_block(const struct sandbox *sb, const void *block, size_t old_size, size_t new_size)
{
    size_t held = block ? old_size : 0;

    if (sb->exempt || new_size <= held)
        return REFUSED_NOTHING;
    /* For a new object old_size is its type. */
    if (!block && old_size == LUA_TSTRING && new_size > sb->limits.string_bytes + STRING_HEADER)
        return REFUSED_STRING;
    if (new_size > sb->limits.block_bytes)
        return REFUSED_BLOCK;
    if (sb->memory - held + new_size > sb->memory_limit)
        return REFUSED_TOTAL;
    return REFUSED_NOTHING;
}

/* Lua keeps no line for a memory error, so note it here. Reading the call stack is safe: it
 * allocates nothing, and Lua saves its program counter before it asks for memory. */
static void
note_refusal(struct sandbox *sb, enum refusal why)
{
    sb->refusal = why;
    sb->refused_line = 0;
    sandbox_place(sb->L, sb, 0, sb->refused_file, sizeof sb->refused_file, &sb->refused_line);
}

void *
sandbox_allocate(void *ud, void *block, size_t old_size, size_t new_size)
{
    struct sandbox *sb = ud;
    size_t held = block ? old_size : 0;
    enum refusal why = judge_block(sb, block, old_size, new_size);

    if (why != REFUSED_NOTHING) {
        note_refusal(sb, why);
        return NULL;
    }
    if (new_size == 0) {
        free(block);
        sb->memory -= held;
        return NULL;
    }
    block = memory_resize(block, new_size, 1);
    sb->memory += new_size - held;
    return block;
}

void
sandbox_note_memory_death(struct sandbox *sb)
{
    static const char *const why[] = {
        [REFUSED_TOTAL] = "the lesson uses too much memory",
        [REFUSED_BLOCK] = "one table or the call stack grows too large (endless recursion?)",
        [REFUSED_STRING] = "one string grows too long",
    };

    if (sb->dead)
        return;
    pw_assert(sb->refusal != REFUSED_NOTHING);
    sb->dead = true;
    sb->verdict = (struct error){0};
    error_set(&sb->verdict, EXIT_LIMIT, "%s", why[sb->refusal]);
    if (sb->refused_line)
        error_place(&sb->verdict, sb->refused_file, sb->refused_line);
    sandbox_arm_hook(sb->L, 1);
    lua_gc(sb->L, LUA_GCSTOP); /* nothing is worth collecting any more */
}
