/* memory.h - the host's memory, for everything but the emulated machine (base/arena.h).
 *
 * Promises   Never NULL. When the host has no more, the hook is called (the screen restores the
 *            terminal), one line is printed, and the program ends with EXIT_LIMIT. Nothing is
 *            lost: a file is only ever replaced whole (base/file.h). Blocks end with free().
 */
#pragma once

#include <stddef.h>

/* `count` records of `size` bytes, all zero. */
void *memory_new(size_t count, size_t size);
/* Room for `count` records of `size` bytes; what was there stays. */
void *memory_resize(void *block, size_t count, size_t size);
char *memory_text(const char *text);

/* For libraries that could not go on without memory either. */
_Noreturn void memory_exhausted(void);

/* Called before the end; NULL: nothing is. */
void memory_set_hook(void (*hook)(void));
