/* Clock and random replacement: frames with pages in them, and a victim that is a frame.
 *
 * Frames are filled in the order 0, 1, 2 ...; then each newcomer takes the frame of its victim.
 *
 * Clock (F. Corbato, 1968): the hand starts at frame 0, clears the reference bits it passes, evicts
 * the first page whose bit was clear, and stays behind that frame. The bits are kept by frame, 64 in
 * a word, so that one instruction passes a whole word of referenced pages.
 *
 * Random: the victim's frame is rng_below(&rng, frames), one call an eviction, of a generator that
 * each run seeds with the seed of the replay. */
#include "base/rng.h"
#include "replay/counter.h"

struct ring {
    struct replay_run *run;
    struct column frame_of;   /* uint32_t a page: its frame + 1, 0 not resident */
    struct column page_in;    /* uint32_t a frame */
    struct column referenced; /* a bit a frame, in words of 64; clear beyond the last frame */
    struct column dirty;      /* uint8_t a frame */
    uint64_t frames;
    uint32_t used, hand;
    uint64_t faults, writebacks;
    struct rng rng;
};

enum flavour { CLOCK, CLOCK_R0, RANDOM };

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
ring_grow(void *counter, uint32_t pages, struct error *e)
{
    struct ring *r = counter;
    uint64_t frames = r->frames < pages ? r->frames : pages;

    return column_reserve(&r->frame_of, pages + UINT64_C(1), sizeof(uint32_t), e) &&
           column_reserve(&r->page_in, frames, sizeof(uint32_t), e) &&
           column_reserve(&r->referenced, frames / 64 + 1, sizeof(uint64_t), e) &&
           column_reserve(&r->dirty, frames, sizeof(uint8_t), e);
}

/* The first frame from the hand on whose bit is clear. The bits on the way are cleared: 0 .. 63 of
 * them in each word, round the last frame if need be. */
static uint32_t
sweep(uint64_t *referenced, uint32_t hand, uint64_t frames)
{
    for (;;) {
        uint64_t ahead = ~UINT64_C(0) << hand % 64, *word = &referenced[hand / 64];
        uint64_t clear = ~*word & ahead;
        uint64_t found = (hand & ~63u) + (clear ? (unsigned)__builtin_ctzll(clear) : 64u);
        *word &= clear ? ~ahead | -(clear & -clear) : ~ahead;
        if (clear && found < frames)
            return (uint32_t)found;
        hand = found < frames ? (uint32_t)found : 0;
    }
}

static inline uint32_t
victim(struct ring *r, const enum flavour flavour)
{
    if (flavour == RANDOM)
        return (uint32_t)rng_below(&r->rng, r->frames);
    return sweep(r->referenced.cell, r->hand, r->frames);
}

/* A frame for a newcomer: its former page has left. */
static inline uint32_t
vacate(struct ring *r, const enum flavour flavour)
{
    uint32_t frame, *page_in = r->page_in.cell, *frame_of = r->frame_of.cell;
    uint8_t *dirty = r->dirty.cell;

    r->faults++;
    if (r->used < r->frames)
        return r->used++;
    frame = victim(r, flavour);
    frame_of[page_in[frame]] = 0;
    r->writebacks += dirty[frame];
    dirty[frame] = 0;
    r->hand = frame + 1; /* behind the last frame, sweep begins at the first */
    return frame;
}

SPECIALISED static void
count(struct ring *r, const struct stretch *s, const enum flavour flavour, const bool writes)
{
    uint32_t *frame_of = r->frame_of.cell, *page_in = r->page_in.cell;
    uint64_t *referenced = r->referenced.cell;
    uint8_t *dirty = r->dirty.cell;

    for (size_t i = 0; i < s->n; i++) {
        uint32_t id = s->id[i], frame = frame_of[id] - 1;
        bool fault = frame == UINT32_MAX;
        if (fault) {
            frame = vacate(r, flavour);
            page_in[frame] = id;
            frame_of[id] = frame + 1;
        }
        if (flavour == CLOCK || (flavour == CLOCK_R0 && !fault))
            referenced[frame / 64] |= UINT64_C(1) << frame % 64;
        if (writes)
            dirty[frame] |= s->write[i];
    }
}

static bool
clock_feed(void *counter, const struct stretch *s, struct error *e)
{
    (void)e;
    if (s->write)
        count(counter, s, CLOCK, true);
    else
        count(counter, s, CLOCK, false);
    return true;
}

static bool
clock_r0_feed(void *counter, const struct stretch *s, struct error *e)
{
    (void)e;
    if (s->write)
        count(counter, s, CLOCK_R0, true);
    else
        count(counter, s, CLOCK_R0, false);
    return true;
}

static bool
random_feed(void *counter, const struct stretch *s, struct error *e)
{
    (void)e;
    count(counter, s, RANDOM, s->write != NULL);
    return true;
}

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

    column_free(&r->frame_of);
    column_free(&r->page_in);
    column_free(&r->referenced);
    column_free(&r->dirty);
}

#define RING(feeder, each)                                                                         \
    {                                                                                              \
        .size = sizeof(struct ring), .repeats = each, .open = ring_open, .grow = ring_grow,        \
        .feed = feeder, .end = ring_end, .close = ring_close                                       \
    }

const struct counter_kind counter_clock = RING(clock_feed, false);
const struct counter_kind counter_clock_r0 = RING(clock_r0_feed, true);
const struct counter_kind counter_random = RING(random_feed, false);
