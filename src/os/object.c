/* Files, shared memory, and the page cache.
 *
 * A page of a file that was read once stays in a frame, found again by (object, page). Everybody
 * who maps the file maps that one frame: a second process of the same program reads nothing from
 * the disk, and shared memory is nothing but a file without a disk. Linux: struct address_space and
 * its xarray of folios (mm/filemap.c); ours is a hash with chains through the frame records.
 */
#include "os/object.h"

#include <string.h>

#include "base/assert.h"
#include "os/os.h"

_Static_assert(sizeof(struct object) == 40, "no padding: a state is compared byte by byte");

/* FNV-1a. Any mixing does; the bytes of a file only have to differ from those of the next one.
 * Never 0, which would mean zeros. */
static uint32_t
name_tag(const char *name)
{
    uint32_t h = 2166136261u;

    for (unsigned i = 0; i < OBJECT_NAME && name[i]; i++)
        h = (h ^ (uint8_t)name[i]) * 16777619u;
    return h ? h : 1;
}

static uint32_t
find_name(const struct os *os, const char *name)
{
    for (uint32_t i = 1; i < OBJECT_MAX; i++)
        if (os->s->object[i].kind == OBJECT_FILE &&
            strncmp(os->s->object[i].name, name, OBJECT_NAME - 1) == 0)
            return i;
    return 0;
}

/* A record nobody maps. One that was named but never mapped is as good as none. */
static uint32_t
object_new(struct os *os, enum object_kind kind)
{
    for (uint32_t i = 1; i < OBJECT_MAX; i++) {
        struct object *o = &os->s->object[i];

        if (o->refs)
            continue;
        memset(o, 0, sizeof *o);
        o->kind = kind;
        return i;
    }
    return 0;
}

uint32_t
object_open(struct os *os, const char *name)
{
    uint32_t object = find_name(os, name);

    if (object == 0 && (object = object_new(os, OBJECT_FILE)) != 0) {
        struct object *o = &os->s->object[object];

        strncpy(o->name, name, OBJECT_NAME - 1);
        o->tag = name_tag(o->name);
    }
    return object;
}

uint32_t
object_shared(struct os *os)
{
    return object_new(os, OBJECT_SHARED);
}

void
object_get(struct os *os, uint32_t object)
{
    if (object)
        os->s->object[object].refs++;
}

/* Every page of the object leaves the cache; a frame that nobody maps is free then. */
static void
drop_pages(struct os *os, unsigned cpu, uint32_t object)
{
    for (unsigned b = 0; b < CACHE_BUCKETS && os->s->object[object].pages; b++)
        for (uint32_t pfn = os->s->cache[b], next; pfn; pfn = next) {
            next = os->frame[pfn].next;
            if (os->frame[pfn].object != object)
                continue;
            cache_remove(os, pfn);
            frame_put(os, cpu, pfn);
        }
}

void
object_put(struct os *os, unsigned cpu, uint32_t object)
{
    struct object *o = &os->s->object[object];

    if (object == 0)
        return;
    pw_assert(o->refs > 0);
    if (--o->refs)
        return;
    drop_pages(os, cpu, object);
    memset(o, 0, sizeof *o);
}

uint32_t
object_page_tag(const struct os *os, uint32_t object, uint64_t page)
{
    uint32_t tag = os->s->object[object].tag + (uint32_t)page;

    return tag ? tag : 1;
}

static unsigned
bucket_of(uint32_t object, uint64_t page)
{
    return (unsigned)((page + object * 61u) % CACHE_BUCKETS);
}

pfn_t
cache_find(const struct os *os, uint32_t object, uint64_t page)
{
    uint32_t pfn = os->s->cache[bucket_of(object, page)];

    while (pfn && (os->frame[pfn].object != object || os->frame[pfn].offset != page))
        pfn = os->frame[pfn].next;
    return pfn;
}

/* The reference that frame_alloc gave becomes the cache's. */
void
cache_add(struct os *os, pfn_t pfn, uint32_t object, uint64_t page)
{
    struct frame *f = frame_edit(os, pfn);
    uint32_t *head = &os->s->cache[bucket_of(object, page)];

    f->object = object;
    f->offset = page;
    f->next = *head;
    *head = (uint32_t)pfn;
    os->s->object[object].pages++;
}

/* The caller still holds the cache's reference. */
void
cache_remove(struct os *os, pfn_t pfn)
{
    struct frame *f = frame_edit(os, pfn);
    uint32_t *head = &os->s->cache[bucket_of(f->object, f->offset)], at = *head;

    if (at == pfn) {
        *head = f->next;
    } else {
        while (os->frame[at].next != pfn)
            at = os->frame[at].next;
        frame_edit(os, at)->next = f->next;
    }
    os->s->object[f->object].pages--;
    f->object = 0;
    f->offset = 0;
    f->next = 0;
    f->locked = 0;
}
