/* Looking for something in time: events of a kind, who wrote this, when it is used. Everything runs
 * on the scout, so the position stays. */
#include <string.h>

#include "base/assert.h"
#include "hw/cache.h"
#include "machine/traveller.h"
#include "os/swap.h"

static bool
not_after(struct position a, struct position b)
{
    return a.op < b.op || (a.op == b.op && a.event <= b.event);
}

struct scan {
    uint64_t op;
    struct position from, limit;
    bool (*each)(void *ctx, struct position at, const struct event *ev);
    void *ctx;
    bool stopped;
};

static bool
scan_seen(void *ctx, uint32_t k, const struct event *ev)
{
    struct scan *s = ctx;
    struct position at = {s->op, k};

    if (!not_after(s->from, at))
        return true;
    if (!not_after(at, s->limit) || !s->each(s->ctx, at, ev))
        s->stopped = true;
    return !s->stopped;
}

void
history_scan(struct history *h, struct position from, struct position limit,
             bool (*each)(void *ctx, struct position at, const struct event *ev), void *ctx)
{
    struct scan s = {.from = from, .limit = limit, .each = each, .ctx = ctx};
    uint64_t end = history_operations(h) < limit.op ? history_operations(h) : limit.op;

    for (s.op = from.op ? from.op : 1; s.op <= end && !s.stopped; s.op++) {
        travel_to(h->scout, h, s.op - 1);
        travel_through(h->scout, h, scan_seen, &s);
    }
}

/* --- the next or previous event of a kind -------------------------------------------------------
 */

struct find {
    bool (*match)(void *ctx, const struct event *ev);
    void *ctx;
    bool last, any; /* last: keep looking for a later one */
    struct position at;
};

static bool
find_each(void *ctx, struct position at, const struct event *ev)
{
    struct find *f = ctx;

    if (!f->match(f->ctx, ev))
        return true;
    f->any = true;
    f->at = at;
    return f->last;
}

static bool
find_forward(struct history *h, struct position p, struct position limit, struct find *f)
{
    struct position from = {p.op, p.event + 1};

    history_scan(h, from, limit, find_each, f);
    return f->any;
}

/* From keyframe to keyframe, backwards; the last match in the first stretch that has one. */
static bool
find_backward(struct history *h, struct position p, struct find *f)
{
    struct position limit = history_previous(h, p);

    f->last = true;
    while (limit.op && !f->any) {
        const struct mark *m = history_mark_before(h, limit.op - 1);
        history_scan(h, (struct position){m->op + 1, 1}, limit, find_each, f);
        limit = (struct position){m->op, history_events(h, m->op)};
    }
    return f->any;
}

bool
history_find(struct history *h, struct position p, int direction, struct position limit,
             bool (*match)(void *ctx, const struct event *ev), void *ctx, struct position *found)
{
    struct find f = {.match = match, .ctx = ctx};

    if (direction > 0 ? !find_forward(h, p, limit, &f) : !find_backward(h, p, &f))
        return false;
    *found = f.at;
    return true;
}

/* --- who wrote this last? -----------------------------------------------------------------------
 */

enum { SAMPLE_MAX = 320 }; /* a cache line and its record */

/* The bytes of a subject in a machine. Stamps of use are left out: a TLB entry that was only hit
 * was not written. */
static size_t
sample(const struct machine *m, const struct subject *s, unsigned char out[SAMPLE_MAX])
{
    switch (s->kind) {
    case SUBJECT_MEMORY: {
        size_t n = s->n < SAMPLE_MAX ? s->n : SAMPLE_MAX;
        phys_copy_out(&m->hw.phys, s->a, out, n);
        return n;
    }
    case SUBJECT_TLB: {
        struct tlb_entry x = *tlb_at(&m->hw, (unsigned)s->a, (unsigned)s->b, s->n);
        x.used = 0;
        memcpy(out, &x, sizeof x);
        return sizeof x;
    }
    case SUBJECT_LINE: {
        const struct cache *c = &m->hw.cache[subject_cache(s)];
        const struct cache_line *l = cache_at(c, subject_cpu(s), (unsigned)s->b, s->n);
        struct cache_line x = *l;
        size_t n = (size_t)1 << c->geo.line_shift;
        x.used = 0;
        memcpy(out, &x, sizeof x);
        memcpy(out + sizeof x, cache_bytes(c, l), n);
        return sizeof x + n;
    }
    case SUBJECT_FRAME: {
        const struct frame *f = &m->os.frame[s->a];
        uint32_t part[] = {f->refs,
                           f->maps,
                           f->owner,
                           f->use,
                           f->order,
                           f->object,
                           f->slot,
                           f->dirty,
                           f->history,
                           f->seen,
                           m->hw.phys.content[s->a].slot,
                           m->hw.phys.content[s->a].tag};
        memcpy(out, part, sizeof part);
        return sizeof part;
    }
    case SUBJECT_SLOT:
        memcpy(out, &m->os.swap[s->a], sizeof *m->os.swap);
        return sizeof *m->os.swap;
    }
    return 0;
}

struct writer {
    const struct machine *m;
    const struct subject *subject;
    unsigned char old[SAMPLE_MAX];
    uint64_t op;
    struct position limit, at;
    bool any;
};

/* A frame's bytes are not sampled: the events that write memory name the place. */
static bool
writes_bytes(const struct writer *w, const struct event *ev)
{
    uint64_t fields = event_row[ev->code].fields;

    if (fields >> FIELD_CACHE & 1 && !(ev->code == EV_LINE_BACK && ev->peer == CACHES))
        return false; /* a line changed, not memory */
    return w->subject->kind == SUBJECT_FRAME && event_row[ev->code].class == CLASS_WRITE &&
           (ev->code != EV_DATA_WRITE || ev->peer == CACHES) && fields >> FIELD_PA & 1 &&
           ev->pa >> w->m->hw.phys.page_shift == w->subject->a;
}

static void
compare(struct writer *w, struct position at, const struct event *ev)
{
    unsigned char now[SAMPLE_MAX];
    size_t n = sample(w->m, w->subject, now);

    if (memcmp(now, w->old, n) == 0 && !writes_bytes(w, ev))
        return;
    memcpy(w->old, now, n);
    w->any = true;
    w->at = at;
}

static bool
writer_seen(void *ctx, uint32_t k, const struct event *ev)
{
    struct writer *w = ctx;
    struct position at = {w->op, k};

    if (!not_after(at, w->limit))
        return false;
    compare(w, at, ev);
    return true;
}

/* Run (from, limit.op] and remember the last event that changed the subject. */
static void
writer_stretch(struct history *h, struct writer *w, uint64_t from)
{
    travel_to(h->scout, h, from);
    sample(w->m, w->subject, w->old);
    for (w->op = from + 1; w->op <= w->limit.op && !h->scout->adrift; w->op++)
        travel_through(h->scout, h, writer_seen, w);
}

static size_t
offset_in(const struct machine *m, const void *p)
{
    return (size_t)((const unsigned char *)p - m->arena.base);
}

/* Were these bytes of a frame, or where they are kept, written between the keyframe's base and it?
 */
static bool
content_touched(const struct machine *m, const struct keyframe *k, pfn_t pfn, size_t at, size_t n)
{
    const struct phys *p = &m->hw.phys;
    struct content c;
    size_t record = offset_in(m, &p->content[pfn]), page = (size_t)1 << p->page_shift;

    keyframe_read(k, record, sizeof c, &c);
    return keyframe_touched(k, record, sizeof c) ||
           (c.slot && keyframe_touched(k, offset_in(m, p->slot + c.slot * page + at), n));
}

/* The stamp of a fill is never used again: the same valid entry at both ends means that nothing
 * happened between. No entry at both ends means nothing: one may have come and gone. */
static bool
tlb_differs(const struct machine *m, const struct keyframe *from, const struct keyframe *end,
            const struct subject *s)
{
    struct tlb_entry a, b;
    size_t at = offset_in(m, tlb_at(&m->hw, (unsigned)s->a, (unsigned)s->b, s->n));

    keyframe_read(from, at, sizeof a, &a);
    keyframe_read(end, at, sizeof b, &b);
    a.used = b.used = 0;
    return !(a.flags & TLB_VALID) || memcmp(&a, &b, sizeof a) != 0;
}

static bool
line_touched(const struct machine *m, const struct keyframe *k, const struct subject *s)
{
    const struct cache *c = &m->hw.cache[subject_cache(s)];
    const struct cache_line *l = cache_at(c, subject_cpu(s), (unsigned)s->b, s->n);

    return keyframe_touched(k, offset_in(m, l), sizeof *l) ||
           keyframe_touched(k, offset_in(m, cache_bytes(c, l)), (size_t)1 << c->geo.line_shift);
}

/* May the subject have been written between two neighbouring keyframes? */
static bool
worth_running(const struct machine *m, const struct keyframe *from, const struct keyframe *end,
              const struct subject *s)
{
    size_t page = (size_t)1 << m->hw.phys.page_shift;
    pfn_t pfn = s->a >> m->hw.phys.page_shift;

    switch (s->kind) {
    case SUBJECT_LINE:
        return line_touched(m, end, s);
    case SUBJECT_TLB:
        return tlb_differs(m, from, end, s);
    case SUBJECT_MEMORY:
        return pfn >= m->hw.phys.frames || content_touched(m, end, pfn, s->a & (page - 1), s->n);
    case SUBJECT_FRAME:
        return keyframe_touched(end, offset_in(m, &m->os.frame[s->a]), sizeof *m->os.frame) ||
               content_touched(m, end, s->a, 0, page);
    case SUBJECT_SLOT:
        return keyframe_touched(end, offset_in(m, &m->os.swap[s->a]), sizeof *m->os.swap);
    }
    return true;
}

bool
history_writer(struct history *h, struct position p, const struct subject *s,
               struct position *found)
{
    struct writer w = {.m = &h->scout->m, .subject = s, .limit = p};
    const struct mark *end = NULL;

    while (w.limit.op && !w.any) {
        const struct mark *from = history_mark_before(h, w.limit.op - 1);
        if (!end || worth_running(w.m, from->keyframe, end->keyframe, s))
            writer_stretch(h, &w, from->op);
        w.limit = (struct position){from->op, history_events(h, from->op)};
        end = from;
    }
    *found = w.at;
    return w.any;
}

/* --- when is it used next? ----------------------------------------------------------------------
 */

struct use {
    const struct machine *m;
    const struct subject *s;
};

static bool
uses(void *ctx, const struct event *ev)
{
    const struct use *u = ctx;
    uint64_t fields = event_row[ev->code].fields;
    unsigned shift = u->m->hw.phys.page_shift;

    switch (u->s->kind) {
    case SUBJECT_MEMORY: {
        uint64_t size = ev->size ? ev->size : 8;
        if (fields >> FIELD_PA & 1 && ev->pa < u->s->a + u->s->n && u->s->a < ev->pa + size)
            return true;
        return (ev->code == EV_FRAME_ZEROED || ev->code == EV_FRAME_COPIED ||
                ev->code == EV_FRAME_LOADED || ev->code == EV_SWAP_READ ||
                ev->code == EV_PAGE_OUT) &&
               ev->frame == u->s->a >> shift;
    }
    case SUBJECT_LINE:
        return fields >> FIELD_TAG & 1 && fields >> FIELD_WAY & 1 && ev->cpu == subject_cpu(u->s) &&
               ev->cache == subject_cache(u->s) && ev->set == u->s->b && ev->way == u->s->n;
    case SUBJECT_TLB:
        return (fields >> FIELD_WAY & 1 && !(fields >> FIELD_TAG & 1) && ev->cpu == u->s->a &&
                ev->set == u->s->b && ev->way == u->s->n) ||
               (ev->code == EV_TLB_FLUSH && ev->cpu == u->s->a);
    case SUBJECT_FRAME:
        return (fields >> FIELD_FRAME & 1 && ev->frame == u->s->a) ||
               (fields >> FIELD_FRAME2 & 1 && ev->frame2 == u->s->a) ||
               (fields >> FIELD_PA & 1 && ev->pa >> shift == u->s->a);
    case SUBJECT_SLOT:
        return fields >> FIELD_SLOT & 1 && ev->slot == u->s->a;
    }
    return false;
}

bool
history_next_use(struct history *h, struct position p, struct position limit,
                 const struct subject *s, struct position *found)
{
    struct use u = {&h->scout->m, s};

    return history_find(h, p, 1, limit, uses, &u, found);
}
