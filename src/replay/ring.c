/* FIFO, clock and random replacement: a ring of frames with pages in them, and a hand.
 *
 * Frames are filled in the order 0, 1, 2 ...; then each newcomer takes the frame of its victim, and the
 * hand, which begins at frame 0, stays behind it. The victim is
 *
 *   fifo     the page the hand points at: nobody has been there longer.
 *   clock    the first page from the hand on whose reference bit is clear; the bits passed are cleared
 *            (F. Corbato, 1968).
 *   random   the page of frame rng_below(&rng, frames), one call an eviction, of a generator that each
 *            run seeds with the seed of the replay.
 *
 * An empty frame has page 0 in it, which is nobody. What is known of a page is two bits, so that those
 * of a million pages stay in the cache, and neighbours on the machine cannot push them out: a
 * reference that hits need not know in which frame. */
#include "base/rng.h"
#include "replay/counter.h"

enum flavour { FIFO, CLOCK, CLOCK_R0, RANDOM };
enum { RESIDENT = 1, REFERENCED = 2, FRAMES_AHEAD = 8 };

struct ring {
    struct replay_run *run;
    struct column page_in; /* uint32_t a frame */
    struct column state;   /* two bits a page, in words of 64 */
    struct column dirty;   /* a bit a page */
    uint64_t frames, hand;
    uint64_t faults, writebacks;
    struct rng rng;
};

static bool
ring_open(void *counter, const struct replay_want *want, struct replay_run **run, size_t runs,
          struct error *e)
{
    struct ring *r = counter;

    (void)runs, (void)e;
    r->run = *run;
    r->frames = (*run)->frames;
    rng_seed(&r->rng, want->seed);
    return true;
}

static bool
ring_grow(void *counter, uint32_t end, struct error *e)
{
    struct ring *r = counter;
    uint64_t frames = r->frames < end ? r->frames : end;

    return column_reserve(&r->page_in, frames + FRAMES_AHEAD, sizeof(uint32_t), e) &&
           column_reserve(&r->state, end / 32, sizeof(uint64_t), e) &&
           column_reserve(&r->dirty, end / 64, sizeof(uint64_t), e);
}

static inline bool
is(const uint64_t *state, uint32_t page, unsigned what)
{
    return state[page / 32] >> page % 32 * 2 & what;
}

static inline void
mark(uint64_t *state, uint32_t page, uint64_t what)
{
    state[page / 32] |= what << page % 32 * 2;
}

static inline void
unmark(uint64_t *state, uint32_t page, uint64_t what)
{
    state[page / 32] &= ~(what << page % 32 * 2);
}

static inline uint64_t
frame_after(const struct ring *r, uint64_t frame)
{
    return frame + 1 < r->frames ? frame + 1 : 0;
}

/* The bits of pages some frames on are fetched into the cache meanwhile. */
static inline uint64_t
sweep(const struct ring *r, const uint32_t *page_in, uint64_t *state)
{
    uint64_t frame = r->hand;

    for (; is(state, page_in[frame], REFERENCED); frame = frame_after(r, frame)) {
        __builtin_prefetch(&state[page_in[frame + FRAMES_AHEAD] / 32]);
        unmark(state, page_in[frame], REFERENCED);
    }
    return frame;
}

/* A frame for a newcomer: its former page has left. */
static inline uint64_t
vacate(struct ring *r, const uint32_t *page_in, uint64_t *state, const enum flavour flavour,
       const bool writes)
{
    uint64_t frame = r->hand;

    if (flavour == CLOCK || flavour == CLOCK_R0)
        frame = sweep(r, page_in, state);
    else if (flavour == RANDOM && r->faults >= r->frames)
        frame = rng_below(&r->rng, r->frames);
    r->hand = frame_after(r, frame);
    unmark(state, page_in[frame], RESIDENT);
    if (writes) {
        r->writebacks += bit_is_set(r->dirty.cell, page_in[frame]);
        bit_clear(r->dirty.cell, page_in[frame]);
    }
    return frame;
}

SPECIALISED static void
count(struct ring *ring, const struct stretch *s, const enum flavour flavour, const bool writes)
{
    /* What nobody else can change, the compiler keeps in registers. */
    const struct stretch in = *s;
    struct ring r = *ring;
    uint32_t *page_in = r.page_in.cell;
    uint64_t *state = r.state.cell;

    for (size_t i = 0; i < in.n; i++) {
        uint32_t id = in.id[i];
        bool hit = is(state, id, RESIDENT);
        if (!hit) {
            page_in[vacate(&r, page_in, state, flavour, writes)] = id;
            r.faults++;
            mark(state, id, RESIDENT);
        }
        if (flavour == CLOCK || (flavour == CLOCK_R0 && hit))
            mark(state, id, REFERENCED);
        if (writes && in.write[i])
            bit_set(r.dirty.cell, id);
    }
    *ring = r;
}

#define FEED(name, flavour)                                                                        \
    static bool name(void *counter, const struct stretch *s, struct error *e)                      \
    {                                                                                              \
        (void)e;                                                                                   \
        if (s->write)                                                                              \
            count(counter, s, flavour, true);                                                      \
        else                                                                                       \
            count(counter, s, flavour, false);                                                     \
        return true;                                                                               \
    }

FEED(feed_fifo, FIFO)
FEED(feed_clock, CLOCK)
FEED(feed_clock_r0, CLOCK_R0)
FEED(feed_random, RANDOM)

static bool
ring_end(void *counter, const struct pages *pages, struct error *e)
{
    struct ring *r = counter;

    (void)pages, (void)e;
    r->run->faults = r->faults;
    r->run->writebacks = r->writebacks;
    return true;
}

static void
ring_close(void *counter)
{
    struct ring *r = counter;

    column_free(&r->page_in);
    column_free(&r->state);
    column_free(&r->dirty);
}

#define RING(feeder, each)                                                                         \
    {                                                                                              \
        .size = sizeof(struct ring), .repeats = each, .open = ring_open, .grow = ring_grow,        \
        .feed = feeder, .end = ring_end, .close = ring_close                                       \
    }

const struct counter_kind counter_fifo = RING(feed_fifo, false);
const struct counter_kind counter_clock = RING(feed_clock, false);
const struct counter_kind counter_clock_r0 = RING(feed_clock_r0, true);
const struct counter_kind counter_random = RING(feed_random, false);
