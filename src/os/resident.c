/* The ring of resident pages.
 *
 * Textbooks draw memory as a row of frames bent into a circle (Silberschatz, Operating System
 * Concepts, 10.4.5; Tanenbaum, Modern Operating Systems, 3.4.5). Here the frames that hold pages
 * are linked in the order in which they were first filled, and a page keeps its victim's place
 * because it keeps its victim's frame.
 */
#include "os/resident.h"

#include "os/os.h"
#include "os/sample.h"

_Static_assert(sizeof(struct resident) == 32, "no padding: a state is compared byte by byte");

static struct resident *
resident_edit(struct os *os, pfn_t pfn)
{
    struct resident *r = &os->resident[pfn];

    arena_touch(os->hw->arena, r, sizeof *r);
    return r;
}

/* --- the ring --- */

static void
link_after(struct os *os, pfn_t pfn, pfn_t prev)
{
    uint32_t next = prev ? os->resident[prev].next : os->s->ring_first;
    struct resident *r = resident_edit(os, pfn);

    r->prev = (uint32_t)prev;
    r->next = next;
    r->on_ring = 1;
    *(prev ? &resident_edit(os, prev)->next : &os->s->ring_first) = (uint32_t)pfn;
    *(next ? &resident_edit(os, next)->prev : &os->s->ring_last) = (uint32_t)pfn;
    os->s->ring_pages++;
}

static void
unlink_page(struct os *os, pfn_t pfn)
{
    struct resident *r = resident_edit(os, pfn);

    *(r->prev ? &resident_edit(os, r->prev)->next : &os->s->ring_first) = r->next;
    *(r->next ? &resident_edit(os, r->next)->prev : &os->s->ring_last) = r->prev;
    r->next = r->prev = r->on_ring = 0;
    os->s->ring_pages--;
}

void
resident_add(struct os *os, pfn_t pfn)
{
    link_after(os, pfn, os->s->ring_last);
    resident_load(os, pfn);
}

void
resident_remove(struct os *os, pfn_t pfn)
{
    if (!os->resident[pfn].on_ring)
        return;
    if (os->s->hand == pfn)
        os->s->hand = os->resident[pfn].next;
    unlink_page(os, pfn);
}

bool
resident_maps(const struct os *os, uint32_t mm, pfn_t pfn)
{
    uint32_t node = os->frame[pfn].rmap;

    while (node && os->rmap[node].mm != mm)
        node = os->rmap[node].next;
    return node != 0;
}

pfn_t
resident_next(const struct os *os, uint32_t mm, pfn_t pfn)
{
    do
        pfn = pfn ? os->resident[pfn].next : os->s->ring_first;
    while (pfn && mm && !resident_maps(os, mm, pfn));
    return pfn;
}

pfn_t
resident_round(const struct os *os, uint32_t mm, pfn_t pfn)
{
    pfn_t next = resident_next(os, mm, pfn);

    return next ? next : resident_next(os, mm, 0);
}

/* --- the hands --- */

static uint32_t *
hand_of(const struct os *os, uint32_t mm)
{
    return mm ? &os->s->mm[mm].hand : &os->s->hand;
}

pfn_t
resident_hand(const struct os *os, uint32_t mm)
{
    uint32_t hand = *hand_of(os, mm);

    return hand ? hand : resident_next(os, mm, 0);
}

void
resident_set_hand(struct os *os, uint32_t mm, pfn_t pfn)
{
    *hand_of(os, mm) = (uint32_t)pfn;
}

void
resident_left(struct os *os, uint32_t mm, pfn_t pfn)
{
    if (os->s->mm[mm].hand == pfn && !resident_maps(os, mm, pfn))
        os->s->mm[mm].hand = (uint32_t)resident_next(os, mm, pfn);
}

/* --- times --- */

/* The reference that is being made now has the number after the last one that was. */
void
resident_load(struct os *os, pfn_t pfn)
{
    struct resident *r = resident_edit(os, pfn);

    r->loaded = r->used = os->s->references + 1;
    r->uses = 0;
    sample_begin(os, pfn, 0);
}

void
resident_follow(struct os *os, pfn_t pfn, pfn_t from)
{
    unlink_page(os, pfn);
    link_after(os, pfn, from);
}

void
resident_inherit(struct os *os, pfn_t pfn, pfn_t from)
{
    struct resident *r = resident_edit(os, pfn);

    r->loaded = os->resident[from].loaded;
    r->used = os->resident[from].used;
    r->uses = os->resident[from].uses;
    sample_begin(os, pfn, from);
    resident_follow(os, pfn, from);
}

void
resident_use(struct os *os, paddr_t pa)
{
    pfn_t pfn = pfn_of(&os->hw->geo.format, pa);
    struct resident *r;

    os->s->references++;
    if (pfn >= os->hw->geo.frames || !os->resident[pfn].on_ring)
        return;
    r = resident_edit(os, pfn);
    r->used = os->s->references;
    r->uses++;
}
