#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

static void (*on_end)(void);

void
memory_set_hook(void (*hook)(void))
{
    on_end = hook;
}

/* No stdio, no atexit: either could ask for memory. */
_Noreturn void
memory_exhausted(void)
{
    static const char text[] = "pagewalk: the computer has no memory left\n";
    ssize_t ignored;

    if (on_end)
        on_end();
    ignored = write(STDERR_FILENO, text, sizeof text - 1);
    (void)ignored;
    _exit(EXIT_LIMIT);
}

static void *
kept(void *block)
{
    if (!block)
        memory_exhausted();
    return block;
}

void *
memory_new(size_t count, size_t size)
{
    return kept(calloc(count ? count : 1, size ? size : 1));
}

void *
memory_resize(void *block, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes))
        memory_exhausted();
    return kept(realloc(block, bytes ? bytes : 1));
}

char *
memory_text(const char *text)
{
    return kept(strdup(text));
}
