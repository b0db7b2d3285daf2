/* First in, first out, without a queue.
 *
 * Number the loads 1, 2, 3 ... When the last load was number n, the pages in memory are exactly those
 * of the last `frames` loads: a page is resident if its latest load is later than n - frames. One
 * number a page, no list, no victim to look for. (The victim is the page of load n - frames; nobody
 * needs its name. Whether it was dirty is asked when it is loaded again, or at the end.) */
#include "replay/counter.h"

struct fifo {
    struct replay_run *run;
    struct column load;  /* uint32_t a page: the number of its latest load, 0 none */
    struct column dirty; /* uint8_t a page: written since that load */
    uint32_t pages;
    uint32_t loads; /* the number of the latest load */
    uint32_t gone;  /* loads up to this one are evicted again */
    uint64_t frames;
    uint64_t forgotten; /* loads before number 1: numbers start again before they overflow */
    uint64_t writebacks;
};

static bool
fifo_open(void *counter, const struct replay_want *want, struct replay_run **run, size_t runs,
          struct error *e)
{
    struct fifo *f = counter;

    (void)want, (void)runs, (void)e;
    f->run = *run;
    f->frames = (*run)->frames;
    return true;
}

static bool
fifo_grow(void *counter, uint32_t pages, struct error *e)
{
    struct fifo *f = counter;

    f->pages = pages;
    return column_reserve(&f->load, pages + UINT64_C(1), sizeof(uint32_t), e) &&
           column_reserve(&f->dirty, pages + UINT64_C(1), sizeof(uint8_t), e);
}

/* Loads that are evicted again become 0; the others keep their distance. */
static void
number_again(struct fifo *f)
{
    uint32_t *load = f->load.cell;

    for (uint64_t id = 1; id <= f->pages; id++)
        load[id] = load[id] > f->gone ? load[id] - f->gone : 0;
    f->forgotten += f->gone;
    f->loads -= f->gone;
    f->gone = 0;
}

SPECIALISED static void
count(struct fifo *f, const struct stretch *s, const bool writes)
{
    uint32_t *load = f->load.cell, loads = f->loads, gone = f->gone;
    uint8_t *dirty = f->dirty.cell;
    uint64_t frames = f->frames;

    for (size_t i = 0; i < s->n; i++) {
        uint32_t id = s->id[i];
        if (load[id] <= gone) {
            load[id] = ++loads;
            gone += loads - gone > frames;
            if (writes) {
                f->writebacks += dirty[id];
                dirty[id] = 0;
            }
        }
        if (writes)
            dirty[id] |= s->write[i];
    }
    f->loads = loads;
    f->gone = gone;
}

static bool
fifo_feed(void *counter, const struct stretch *s, struct error *e)
{
    struct fifo *f = counter;

    (void)e;
    if (s->n > UINT32_MAX - f->loads)
        number_again(f);
    if (s->write)
        count(f, s, true);
    else
        count(f, s, false);
    return true;
}

static bool
fifo_end(void *counter, const struct pages *pages, struct error *e)
{
    struct fifo *f = counter;
    const uint32_t *load = f->load.cell;
    const uint8_t *dirty = f->dirty.cell;

    (void)pages, (void)e;
    f->run->faults = f->forgotten + f->loads;
    f->run->writebacks = f->writebacks;
    for (uint64_t id = 1; id <= f->pages; id++)
        f->run->writebacks += dirty[id] && load[id] <= f->gone;
    return true;
}

static void
fifo_close(void *counter)
{
    struct fifo *f = counter;

    column_free(&f->load);
    column_free(&f->dirty);
}

const struct counter_kind counter_fifo = {
    .size = sizeof(struct fifo),
    .open = fifo_open,
    .grow = fifo_grow,
    .feed = fifo_feed,
    .end = fifo_end,
    .close = fifo_close,
};
