#include "base/arena.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "base/assert.h"

static void *
reserve(size_t size)
{
    return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
                0);
}

bool
arena_open(struct arena *a, size_t size, size_t hot, struct error *e)
{
    size_t chunks = size >> CHUNK_SHIFT;

    pw_assert(size % CHUNK == 0 && hot % CHUNK == 0 && hot <= size);
    *a = (struct arena){.size = size, .hot = hot};
    a->base = reserve(size);
    a->marked = reserve(chunks);
    a->slices = reserve(chunks * sizeof *a->slices);
    a->list = reserve(chunks * sizeof *a->list);
    if (a->base == MAP_FAILED || (void *)a->marked == MAP_FAILED ||
        (void *)a->slices == MAP_FAILED || (void *)a->list == MAP_FAILED)
        return error_set(e, EXIT_LIMIT, "cannot reserve %zu bytes for a machine", size);
    a->highest = (uint32_t)(hot >> CHUNK_SHIFT);
    return true;
}

void
arena_close(struct arena *a)
{
    size_t chunks = a->size >> CHUNK_SHIFT;

    if (!a->base)
        return;
    munmap(a->base, a->size);
    munmap(a->marked, chunks);
    munmap(a->slices, chunks * sizeof *a->slices);
    munmap(a->list, chunks * sizeof *a->list);
    *a = (struct arena){0};
}

void
arena_mark(struct arena *a, size_t chunk, uint64_t slices)
{
    if (chunk < a->hot >> CHUNK_SHIFT)
        return;
    pw_assert(chunk < arena_chunks(a));
    a->slices[chunk] |= slices;
    if (a->marked[chunk] & ARENA_TOUCHED)
        return;
    a->marked[chunk] = ARENA_EVER | ARENA_TOUCHED;
    a->list[a->listed++] = (uint32_t)chunk;
    if (chunk >= a->highest)
        a->highest = (uint32_t)chunk + 1;
}

void
arena_clean(struct arena *a)
{
    while (a->listed) {
        uint32_t chunk = a->list[--a->listed];
        a->marked[chunk] = ARENA_EVER;
        a->slices[chunk] = 0;
    }
}

size_t
arena_plan(size_t *next, size_t count, size_t size, bool own)
{
    size_t align = own ? CHUNK : 64, at = (*next + align - 1) / align * align;

    *next = at + count * size;
    return at;
}
