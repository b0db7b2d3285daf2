/* link.c - what the current event read and changed. */
#include "view/link.h"

#include <string.h>

#include "hw/cache.h"
#include "hw/segment.h"
#include "hw/walk_cache.h"

bool
event_has(const struct scene *s, enum event_field field)
{
    return s->has_event && (event_row[s->event.code].fields >> field & 1);
}

pfn_t
event_frame(const struct scene *s)
{
    if (event_has(s, FIELD_FRAME))
        return s->event.frame;
    if (event_has(s, FIELD_PA))
        return pfn_of(&s->now->hw.geo.format, s->event.pa);
    return 0;
}

/* The bytes an event names: an entry of a table, or data. */
static unsigned
event_bytes(const struct scene *s)
{
    if (!event_has(s, FIELD_PA) || s->event.code == EV_WALK_START || s->event.code == EV_TRANSLATED ||
        s->event.code == EV_SEGMENT_ADDED || s->event.code == EV_SEGMENT_TABLE || s->event.code == EV_PARTITION_MOVED)
        return 0;
    if (event_has(s, FIELD_SIZE))
        return s->event.size;
    if (s->event.code == EV_SEGMENT_READ || s->event.code == EV_DESCRIPTOR_WRITE)
        return DESCRIPTOR_BYTES;
    return event_has(s, FIELD_LEVEL) ? s->now->hw.geo.format.entry_bytes : 1;
}

static bool
bytes_differ(const struct scene *s, paddr_t pa, unsigned n)
{
    unsigned char a[16], b[16];

    for (unsigned at = 0; at < n; at += sizeof a) {
        size_t part = n - at < sizeof a ? n - at : sizeof a;

        phys_copy_out(&s->now->hw.phys, pa + at, a, part);
        phys_copy_out(&s->before->hw.phys, pa + at, b, part);
        if (memcmp(a, b, part) != 0)
            return true;
    }
    return false;
}

unsigned
link_bytes(const struct scene *s, paddr_t pa, unsigned n)
{
    unsigned size;

    if (!s->has_event)
        return 0;
    if (s->now != s->before && bytes_differ(s, pa, n))
        return CELL_CHANGED;
    size = event_bytes(s);
    return size && s->event.pa < pa + n && pa < s->event.pa + size ? CELL_READ : 0;
}

/* What of a record people see; its places in lists do not count. */
static bool
frame_differs(const struct frame *a, const struct frame *b)
{
    return a->use != b->use || a->refs != b->refs || a->maps != b->maps || a->owner != b->owner ||
           a->object != b->object || a->offset != b->offset || a->level != b->level || a->slot != b->slot || a->locked != b->locked;
}

unsigned
link_frame(const struct scene *s, pfn_t pfn)
{
    const struct format *f = &s->now->hw.geo.format;

    if (!s->has_event)
        return 0;
    if (s->now != s->before && pfn < s->now->hw.geo.frames && s->now->os.frame && s->before->os.frame &&
        frame_differs(&s->now->os.frame[pfn], &s->before->os.frame[pfn]))
        return CELL_CHANGED;
    if (event_bytes(s) && pfn_of(f, s->event.pa) == pfn)
        return event_row[s->event.code].class == CLASS_WRITE ? CELL_CHANGED : CELL_READ;
    if (event_has(s, FIELD_FRAME) && s->event.frame == pfn && pfn && s->event.code == EV_WALK_READ)
        return CELL_LINKED; /* named by the entry, not touched yet */
    if (event_has(s, FIELD_FRAME) && s->event.frame == pfn && pfn)
        return s->event.code == EV_FRAME_ZEROED || s->event.code == EV_FRAME_COPIED || s->event.code == EV_FRAME_LOADED ||
                       s->event.code == EV_SWAP_READ
                   ? CELL_CHANGED
                   : CELL_READ;
    return event_has(s, FIELD_FRAME2) && s->event.frame2 == pfn && pfn ? CELL_READ : 0;
}

unsigned
link_tlb(const struct scene *s, unsigned cpu, unsigned set, unsigned way)
{
    const struct tlb_entry *a = tlb_at(&s->now->hw, cpu, set, way);
    const struct tlb_entry *b = tlb_at(&s->before->hw, cpu, set, way);

    if (!s->has_event)
        return 0;
    if (a->page != b->page || a->pfn != b->pfn || a->flags != b->flags || a->filled != b->filled)
        return CELL_CHANGED;
    if (s->event.cpu != cpu || !event_has(s, FIELD_SET) || event_has(s, FIELD_TAG) || s->event.set != set)
        return 0;
    return !event_has(s, FIELD_WAY) || s->event.way == way ? CELL_READ : 0;
}

unsigned
link_walk_entry(const struct scene *s, unsigned cpu, unsigned level, unsigned way)
{
    const struct walk_entry *a = walk_cache_at(&s->now->hw, cpu, level, way);
    const struct walk_entry *b = walk_cache_at(&s->before->hw, cpu, level, way);

    if (!s->has_event)
        return 0;
    if (a->region != b->region || a->table != b->table || a->valid != b->valid || a->asid != b->asid)
        return CELL_CHANGED;
    return s->event.code == EV_WALK_CACHE_HIT && s->event.cpu == cpu && s->event.level == level && s->event.way == way ? CELL_READ : 0;
}

unsigned
link_line(const struct scene *s, unsigned cpu, unsigned id, unsigned set, unsigned way)
{
    const struct cache *now = &s->now->hw.cache[id], *before = &s->before->hw.cache[id];
    const struct cache_line *a = cache_at(now, cpu, set, way), *b = cache_at(before, cpu, set, way);

    if (!s->has_event)
        return 0;
    if (a->pa != b->pa || a->valid != b->valid || a->dirty != b->dirty || a->filled != b->filled ||
        memcmp(cache_bytes(now, a), cache_bytes(before, b), (size_t)1 << now->geo.line_shift) != 0)
        return CELL_CHANGED;
    if (s->event.cpu != cpu || !event_has(s, FIELD_TAG) || s->event.cache != id || s->event.set != set)
        return 0;
    return !event_has(s, FIELD_WAY) || s->event.way == way ? CELL_READ : 0;
}

unsigned
link_state(const struct scene *s, const void *field, size_t n)
{
    const unsigned char *now = field;
    size_t offset = (size_t)(now - (const unsigned char *)s->now->hw.s);
    const unsigned char *before = (const unsigned char *)s->before->hw.s + offset;

    return s->has_event && memcmp(now, before, n) != 0 ? CELL_CHANGED : 0;
}

bool
link_hidden(const struct scene *s, paddr_t pa, unsigned n)
{
    unsigned size = s->now->hw.geo.format.entry_bytes;

    if (!scene_asks(s))
        return false;
    for (unsigned i = 0; i < s->unread; i++)
        if (s->unread_slot[i] < pa + n && pa < s->unread_slot[i] + size)
            return true;
    return false;
}
