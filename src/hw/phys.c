/* phys.c - physical memory that costs only what is written to it.
 *
 * Most frames of a machine are never looked into, so a frame's bytes are a promise first:
 * "zeros", or "what pattern T says". The first write turns the promise into a slot, 4096 real
 * bytes. Why not one big array: a million frames would be 4 GiB to save and compare at every
 * keyframe, and a table entry may name any address up to 2^52.
 */
#include "hw/phys.h"

#include "base/assert.h"
#include "hw/cache.h"

/* --- the record of a frame --- */

static uint32_t
far_hash(const struct phys *p, pfn_t pfn)
{
    return (uint32_t)(pfn * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (p->far_max - 1);
}

/* The place of a frame beyond RAM: its own, or the empty one where it belongs. Records are never
 * removed, so the first empty place ends the search; far_enter keeps one empty. */
static struct far *
far_place(const struct phys *p, pfn_t pfn)
{
    uint32_t i = far_hash(p, pfn);

    while (p->far[i].pfn && p->far[i].pfn != pfn)
        i = (i + 1) & (p->far_max - 1);
    return &p->far[i];
}

const struct content *
phys_content(const struct phys *p, pfn_t pfn)
{
    struct far *f;

    if (pfn < p->frames)
        return &p->content[pfn];
    if (p->s->fars == 0)
        return NULL;
    f = far_place(p, pfn);
    return f->pfn ? &f->content : NULL;
}

static struct content *
far_enter(struct phys *p, pfn_t pfn)
{
    struct far *f;

    if (p->far_max == 0)
        return NULL;
    f = far_place(p, pfn);
    if (f->pfn == 0) {
        if (p->s->fars + 1 >= p->far_max)
            return NULL;
        arena_touch(p->arena, f, sizeof *f);
        f->pfn = pfn;
        p->s->fars++;
    }
    return &f->content;
}

/* The record, to be changed: the door. NULL (and slots_full) when there is no place for one more
 * frame beyond RAM. */
static struct content *
content_edit(struct phys *p, pfn_t pfn)
{
    struct content *c = pfn < p->frames ? &p->content[pfn] : far_enter(p, pfn);

    if (!c) {
        p->s->slots_full = 1;
        return NULL;
    }
    arena_touch(p->arena, c, sizeof *c);
    return c;
}

/* --- slots --- */

static unsigned char *
slot_bytes(const struct phys *p, uint32_t slot)
{
    return p->slot + ((size_t)slot << p->page_shift);
}

/* 0 when all are taken. */
static uint32_t
slot_take(struct phys *p)
{
    uint32_t slot = p->s->slot_free;

    if (slot) {
        p->s->slot_free = p->slot_next[slot];
        return slot;
    }
    if (p->s->slots_used == p->slot_max) {
        p->s->slots_full = 1;
        return 0;
    }
    return ++p->s->slots_used;
}

static void
slot_give(struct phys *p, uint32_t slot)
{
    if (!slot)
        return;
    arena_touch(p->arena, &p->slot_next[slot], sizeof p->slot_next[slot]);
    p->slot_next[slot] = p->s->slot_free;
    p->s->slot_free = slot;
}

/* --- patterns --- */

/* A file's bytes need no storage: any byte of any page can be computed. A multiplicative hash,
 * nothing to learn here. */
uint8_t
phys_pattern(uint32_t tag, uint32_t offset)
{
    uint32_t h = (tag ^ offset * UINT32_C(0x85ebca6b)) * UINT32_C(0x9e3779b1);

    h ^= h >> 15;
    h *= UINT32_C(0x2c1b3c6d);
    return (uint8_t)(h >> 24);
}

static void
pattern_fill(unsigned char *to, uint32_t tag, uint32_t offset, size_t n)
{
    if (tag == 0)
        memset(to, 0, n);
    else
        for (size_t i = 0; i < n; i++)
            to[i] = phys_pattern(tag, offset + (uint32_t)i);
}

/* --- bytes --- */

/* The frame's bytes for writing: the first time, what was promised is written down. NULL at the
 * limit. */
static unsigned char *
frame_store(struct phys *p, pfn_t pfn)
{
    const struct content *known = phys_content(p, pfn);
    size_t page = (size_t)1 << p->page_shift;
    struct content *c;
    unsigned char *bytes;
    uint32_t slot;

    if (known && known->slot)
        return slot_bytes(p, known->slot);
    if (!(c = content_edit(p, pfn)) || !(slot = slot_take(p)))
        return NULL;
    bytes = slot_bytes(p, slot);
    arena_touch(p->arena, bytes, page);
    pattern_fill(bytes, c->tag, 0, page);
    *c = (struct content){.slot = slot};
    return bytes;
}

static void
part_out(const struct phys *p, pfn_t pfn, uint32_t offset, void *to, size_t n)
{
    const struct content *c = phys_content(p, pfn);

    if (c && c->slot)
        memcpy(to, slot_bytes(p, c->slot) + offset, n);
    else
        pattern_fill(to, c ? c->tag : 0, offset, n);
}

static bool
part_back(struct phys *p, pfn_t pfn, uint32_t offset, const void *from, size_t n)
{
    unsigned char *bytes = frame_store(p, pfn);

    if (!bytes)
        return false;
    arena_touch(p->arena, bytes + offset, n);
    memcpy(bytes + offset, from, n);
    return true;
}

static void
part_in(struct phys *p, pfn_t pfn, uint32_t offset, const void *from, size_t n)
{
    if (part_back(p, pfn, offset, from, n) && p->cache)
        cache_snoop(p->cache, p, ((paddr_t)pfn << p->page_shift) + offset, n);
}

static uint64_t
load_le(const unsigned char *at, unsigned n)
{
    uint64_t v8;
    uint32_t v4;
    uint16_t v2;

    switch (n) {
    case 8:
        memcpy(&v8, at, 8);
        return le64toh(v8);
    case 4:
        memcpy(&v4, at, 4);
        return le32toh(v4);
    case 2:
        memcpy(&v2, at, 2);
        return le16toh(v2);
    default:
        return *at;
    }
}

uint64_t
phys_read_any(const struct phys *p, paddr_t pa, unsigned n)
{
    const struct content *c = phys_content(p, pa >> p->page_shift);
    uint32_t offset = (uint32_t)(pa & low_bits(p->page_shift));
    unsigned char bytes[8];

    pw_assert(offset + n <= UINT32_C(1) << p->page_shift);
    if (!c || (!c->slot && !c->tag))
        return 0;
    if (c->slot)
        return load_le(slot_bytes(p, c->slot) + offset, n);
    pattern_fill(bytes, c->tag, offset, n);
    return load_le(bytes, n);
}

void
phys_write(struct phys *p, paddr_t pa, unsigned n, uint64_t value)
{
    uint32_t offset = (uint32_t)(pa & low_bits(p->page_shift));
    uint64_t le = htole64(value);

    pw_assert(offset + n <= UINT32_C(1) << p->page_shift);
    part_in(p, pa >> p->page_shift, offset, &le, n);
}

/* A line is never longer than a page, and aligned. */
void
phys_take_back(struct phys *p, paddr_t pa, const void *bytes, size_t n)
{
    part_back(p, pa >> p->page_shift, (uint32_t)(pa & low_bits(p->page_shift)), bytes, n);
}

/* How many of n bytes at pa lie in pa's frame. */
static size_t
frame_part(const struct phys *p, paddr_t pa, size_t n)
{
    size_t left = ((size_t)1 << p->page_shift) - (size_t)(pa & low_bits(p->page_shift));

    return n < left ? n : left;
}

void
phys_copy_out(const struct phys *p, paddr_t pa, void *bytes, size_t n)
{
    unsigned char *to = bytes;

    for (size_t k; n; pa += k, to += k, n -= k) {
        k = frame_part(p, pa, n);
        part_out(p, pa >> p->page_shift, (uint32_t)(pa & low_bits(p->page_shift)), to, k);
    }
}

void
phys_copy_in(struct phys *p, paddr_t pa, const void *bytes, size_t n)
{
    const unsigned char *from = bytes;

    for (size_t k; n; pa += k, from += k, n -= k) {
        k = frame_part(p, pa, n);
        part_in(p, pa >> p->page_shift, (uint32_t)(pa & low_bits(p->page_shift)), from, k);
    }
}

/* --- whole frames --- */

bool
phys_is_blank(const struct phys *p, pfn_t pfn)
{
    const struct content *c = phys_content(p, pfn);

    return (!c || (!c->slot && !c->tag)) &&
           !(p->cache &&
             cache_has_newer(p->cache, (paddr_t)pfn << p->page_shift, (size_t)1 << p->page_shift));
}

/* What is newer in a cache comes first: whoever reads a whole frame reads it from memory. */
static void
settle(struct phys *p, pfn_t pfn)
{
    if (p->cache)
        cache_clean(p->cache, p, (paddr_t)pfn << p->page_shift, (size_t)1 << p->page_shift);
}

void
phys_pattern_frame(struct phys *p, pfn_t pfn, uint32_t tag)
{
    const struct content *known = phys_content(p, pfn);
    struct content *c;

    if (!tag && (!known || (!known->slot && !known->tag)))
        c = NULL; /* zeros already: touch nothing */
    else if (!(c = content_edit(p, pfn)))
        return;
    if (c) {
        slot_give(p, c->slot);
        *c = (struct content){.tag = tag};
    }
    if (p->cache)
        cache_snoop(p->cache, p, (paddr_t)pfn << p->page_shift, (size_t)1 << p->page_shift);
}

void
phys_zero_frame(struct phys *p, pfn_t pfn)
{
    phys_pattern_frame(p, pfn, 0);
}

/* Copying a promise copies the promise. */
void
phys_copy_frame(struct phys *p, pfn_t to, pfn_t from)
{
    const struct content *c;

    if (to == from)
        return;
    settle(p, from);
    c = phys_content(p, from);
    if (!c || !c->slot)
        phys_pattern_frame(p, to, c ? c->tag : 0);
    else
        part_in(p, to, 0, slot_bytes(p, c->slot), (size_t)1 << p->page_shift);
}

/* --- from the start --- */

static void
far_reset(struct phys *p)
{
    for (uint32_t i = 0; p->s->fars && i < p->far_max; i++) {
        if (!p->far[i].pfn)
            continue;
        arena_touch(p->arena, &p->far[i], sizeof p->far[i]);
        p->far[i] = (struct far){0};
    }
}

/* Slots that were used are zeroed too: an equal memory then has equal bytes in the arena. */
void
phys_reset(struct phys *p)
{
    size_t page = (size_t)1 << p->page_shift;

    for (uint64_t i = 0; i < p->frames; i++) {
        if (!p->content[i].slot && !p->content[i].tag)
            continue;
        arena_touch(p->arena, &p->content[i], sizeof p->content[i]);
        p->content[i] = (struct content){0};
    }
    for (uint32_t slot = 1; slot <= p->s->slots_used; slot++) {
        arena_touch(p->arena, &p->slot_next[slot], sizeof p->slot_next[slot]);
        p->slot_next[slot] = 0;
        arena_touch(p->arena, slot_bytes(p, slot), page);
        memset(slot_bytes(p, slot), 0, page);
    }
    far_reset(p);
    *p->s = (struct phys_state){0};
}

/* --- bytes kept elsewhere --- */

void
phys_forget(struct phys *p, struct content *kept)
{
    slot_give(p, kept->slot);
    *kept = (struct content){0};
}

void
phys_save(struct phys *p, struct content *to, pfn_t from)
{
    size_t page = (size_t)1 << p->page_shift;
    const struct content *c;

    settle(p, from);
    c = phys_content(p, from);
    if (!c || !c->slot) {
        phys_forget(p, to);
        to->tag = c ? c->tag : 0;
        return;
    }
    if (!to->slot && !(to->slot = slot_take(p)))
        return;
    to->tag = 0;
    arena_touch(p->arena, slot_bytes(p, to->slot), page);
    memcpy(slot_bytes(p, to->slot), slot_bytes(p, c->slot), page);
}

void
phys_load(struct phys *p, pfn_t to, const struct content *from)
{
    if (from->slot)
        part_in(p, to, 0, slot_bytes(p, from->slot), (size_t)1 << p->page_shift);
    else
        phys_pattern_frame(p, to, from->tag);
}

bool
phys_same(const struct phys *p, pfn_t pfn, const struct content *kept)
{
    size_t page = (size_t)1 << p->page_shift, part;
    unsigned char is[64], was[64];

    for (size_t at = 0; at < page; at += part) {
        part = page - at < sizeof is ? page - at : sizeof is;
        part_out(p, pfn, (uint32_t)at, is, part);
        if (kept->slot)
            memcpy(was, slot_bytes(p, kept->slot) + at, part);
        else
            pattern_fill(was, kept->tag, (uint32_t)at, part);
        if (memcmp(is, was, part) != 0)
            return false;
    }
    return true;
}
