/* Growth by doubling, like any vector, but by mremap(2): the kernel moves page-table entries instead
 * of bytes, and hands out zeroed memory only where somebody touches it. A replay of a million pages
 * therefore never holds a table and its copy. */
#include "replay/column.h"

#include <string.h>
#include <sys/mman.h>

enum { GRAIN = 1 << 14 };

static void *
resize(struct column *c, size_t bytes)
{
    void *cell;

    if (c->cell)
        cell = mremap(c->cell, c->bytes, bytes, MREMAP_MAYMOVE);
    else
        cell = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return cell == MAP_FAILED ? NULL : cell;
}

bool
column_reserve(struct column *c, uint64_t cells, size_t size, struct error *e)
{
    uint64_t want = cells * size, twice = c->bytes * 2;
    void *cell;

    if (want <= c->bytes)
        return true;
    if (cells > (UINT64_MAX >> 2) / size)
        return error_set(e, EXIT_LIMIT, "out of memory: %llu entries of %zu bytes",
                         (unsigned long long)cells, size);
    want = (want + GRAIN - 1) & -(uint64_t)GRAIN;
    twice = twice > want ? twice : want;
    cell = resize(c, twice);
    if (!cell) /* no room to grow generously; just enough, then */
        cell = resize(c, twice = want);
    if (!cell)
        return error_set(e, EXIT_LIMIT, "out of memory: the host refuses %llu MiB for the replay",
                         (unsigned long long)(want >> 20) + 1);
    c->cell = cell;
    c->bytes = twice;
    return true;
}

void
column_free(struct column *c)
{
    if (c->cell)
        munmap(c->cell, c->bytes);
    *c = (struct column){0};
}
