/* Invariants of the swap device and of page replacement. */
#include <stdlib.h>

#include "base/memory.h"
#include "machine/invariant_internal.h"
#include "os/evict.h"
#include "os/partition.h"

typedef unsigned long long ull;

/* --- slots --------------------------------------------------------------------------------------
 */

static bool
frames_know_slots(const struct census *c, char *where)
{
    const struct os *os = &c->m->os;

    for (uint64_t i = 0; i < c->m->preset.geo.frames; i++) {
        uint32_t slot = os->frame[i].slot;

        if (slot &&
            (slot > os->s->swap_ever || os->swap[slot].refs == 0 || os->swap[slot].frame != i))
            return broken(where, "frame f%llx believes to hold the page of slot %u", (ull)i, slot);
    }
    return true;
}

/* How often the images of programs in one piece use a slot. */
static uint32_t
images_with(const struct os *os, uint32_t slot)
{
    uint32_t n = 0;

    for (uint32_t pid = 1; os->partitions && pid < TASK_MAX; pid++) {
        const struct program *g = &os->partitions->program[pid];
        uint32_t at = g->image;

        for (uint32_t i = 0; i < g->pages && at; i++, at = os->image_next[at])
            n += at == slot;
    }
    return n;
}

bool
check_swap_refs(const struct census *c, char *where)
{
    const struct os *os = &c->m->os;

    for (uint32_t i = 1; i <= os->s->swap_ever; i++) {
        const struct swap_slot *s = &os->swap[i];
        bool held = s->refs && s->frame && os->frame[s->frame].slot == i;

        if (s->refs && s->frame && !held)
            return broken(where, "slot %u: frame f%x does not hold its page", i, s->frame);
        if (s->refs != c->slots[i] + held + images_with(os, i))
            return broken(where, "slot %u: refs %u, found %u", i, s->refs,
                          c->slots[i] + held + images_with(os, i));
    }
    return frames_know_slots(c, where);
}

bool
check_swap_same(const struct census *c, char *where)
{
    const struct os *os = &c->m->os;

    for (uint64_t i = 1; i < c->m->preset.geo.frames; i++) {
        const struct frame *f = &os->frame[i];

        if (f->slot == 0 || f->slot > c->m->preset.geo.swap_slots || f->locked == LOCK_READ ||
            evict_is_dirty(os, i))
            continue;
        if (!phys_same(&c->m->hw.phys, i, &os->swap[f->slot].content))
            return broken(where, "frame f%llx is clean and differs from slot %u", (ull)i, f->slot);
    }
    return true;
}

/* The free list reaches every slot that nobody holds, once; such a slot keeps no bytes. */
static bool
list_is_right(const struct census *c, unsigned char *seen, char *where)
{
    const struct os *os = &c->m->os;

    for (uint32_t i = os->s->swap_free; i; i = os->swap[i].frame)
        if (i > os->s->swap_ever || seen[i]++ || os->swap[i].refs)
            return broken(where, "slot %u is free and in use, or free twice", i);
        else if (os->swap[i].content.slot || os->swap[i].content.tag)
            return broken(where, "slot %u is free and keeps bytes", i);
    for (uint32_t i = 1; i <= os->s->swap_ever; i++)
        if (!seen[i] && !os->swap[i].refs)
            return broken(where, "slot %u is neither free nor in use", i);
    return true;
}

bool
check_swap_free(const struct census *c, char *where)
{
    const struct os *os = &c->m->os;
    unsigned char *seen = memory_new((size_t)os->s->swap_ever + 1, 1);
    uint32_t used = 0;
    bool ok;

    ok = list_is_right(c, seen, where);
    free(seen);
    for (uint32_t i = 1; ok && i <= os->s->swap_ever; i++)
        used += os->swap[i].refs != 0;
    if (ok && used != os->s->swap_used)
        ok = broken(where, "%u slots are in use, counted %u", used, os->s->swap_used);
    return ok;
}

bool
check_swap_counts(const struct census *c, char *where)
{
    for (uint32_t i = 1; i < TASK_MAX; i++) {
        const struct mm *mm = &c->m->os.s->mm[i];

        if (mm->users && mm->swapped != c->swapped[i])
            return broken(where, "process %u: %llu pages in slots, found %llu", i, (ull)mm->swapped,
                          (ull)c->swapped[i]);
    }
    return !c->any_twice ||
           broken(where, "0x%llx is in memory and on the swap device", (ull)c->twice);
}

bool
check_swap_kept(const struct census *c, char *where)
{
    const struct os *os = &c->m->os;

    for (uint32_t i = 1; i <= os->s->swap_ever; i++)
        if (os->swap[i].refs && !os->swap[i].frame && !os->swap[i].kept)
            return broken(where, "slot %u: the page left memory and was not saved", i);
    return true;
}

/* --- replacement --------------------------------------------------------------------------------
 */

bool
check_ring_pages(const struct census *c, char *where)
{
    const struct os *os = &c->m->os;
    uint64_t pages = 0, length = 0;
    uint32_t before = 0;

    for (uint64_t i = 0; i < c->m->preset.geo.frames; i++) {
        bool page = os->frame[i].use == USE_ANON || os->frame[i].use == USE_FILE;

        if (os->resident[i].on_ring != page)
            return broken(where, "frame f%llx is %s the ring", (ull)i, page ? "not on" : "on");
        pages += page;
    }
    for (uint32_t i = os->s->ring_first; i; before = i, i = os->resident[i].next)
        if (os->resident[i].prev != before || !os->resident[i].on_ring || length++ > pages)
            return broken(where, "frame f%x is linked wrongly", i);
    return (length == pages && os->s->ring_pages == pages && os->s->ring_last == before) ||
           broken(where, "%llu pages, %llu on the ring, counted %u", (ull)pages, (ull)length,
                  os->s->ring_pages);
}

bool
check_ring_hands(const struct census *c, char *where)
{
    const struct os *os = &c->m->os;

    if (os->s->hand && !os->resident[os->s->hand].on_ring)
        return broken(where, "the hand stands on f%x, which holds no page", os->s->hand);
    for (uint32_t i = 1; i < TASK_MAX; i++) {
        uint32_t hand = os->s->mm[i].users ? os->s->mm[i].hand : 0;

        if (hand && (hand >= c->m->preset.geo.frames || !resident_maps(os, i, hand)))
            return broken(where, "the hand of process %u stands on f%x, which it does not map", i,
                          hand);
    }
    return true;
}

/* A page that is on its way has the number of the reference that is being made. */
bool
check_ring_times(const struct census *c, char *where)
{
    const struct os *os = &c->m->os;

    for (uint32_t i = os->s->ring_first; i; i = os->resident[i].next) {
        const struct resident *r = &os->resident[i];

        if (r->loaded == 0 || r->loaded > r->used || r->used > os->s->references + 1)
            return broken(where, "frame f%x: loaded at %llu, used at %llu, of %llu references", i,
                          (ull)r->loaded, (ull)r->used, (ull)os->s->references);
    }
    return true;
}
