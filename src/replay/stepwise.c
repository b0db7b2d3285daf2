#include "replay/stepwise.h"

#include <stdio.h>

#include "machine/burst.h"
#include "os/swap.h"

enum { BATCH = 4096, MEMORY_MOST = 1 << 20, SLOTS_MOST = 1 << 20 };

/* --- the machine --- */

static uint64_t
least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Frames that the CPU can address, an entry can name and the kernel's map of RAM has room for. */
static uint64_t
frames_possible(const struct preset *p)
{
    const struct format *f = &p->geo.format;
    uint64_t cpu = low_bits(p->geo.maxpa) + 1, entry = f->frame << f->frame_up | low_bits(f->page_shift);
    uint64_t map = p->layout.kernel
                       ? low_bits(f->va_bits) - (p->layout.kernel & low_bits(f->va_bits))
                       : UINT64_MAX;

    entry = low_bits(64 - (unsigned)__builtin_clzll(entry));
    return least(MEMORY_MOST, least(cpu, least(entry, map) + 1) >> f->page_shift);
}

/* With a limit, memory so large that nothing but the limit pushes a page out: page tables are in it too,
 * and the cached page beside each private copy. Always, a device that takes what is pushed out. */
static void
make_room(struct preset *p, uint64_t frames)
{
    uint64_t possible = frames_possible(p);
    uint64_t slots = least(frames ? possible : SLOTS_MOST, swap_slots_most(&p->geo.format));

    if (frames && p->geo.frames < possible)
        p->geo.frames = possible;
    if (p->geo.swap_slots < slots)
        p->geo.swap_slots = (uint32_t)slots;
    p->geo.slot_max = (uint32_t)p->geo.frames + 16 + p->geo.swap_slots;
}

static bool
operate(void *ctx, const char *line, struct error *e)
{
    uint8_t blob[OPERATION_BLOB];
    struct operation op;
    struct outcome out;

    if (!operation_parse(line, &op, blob, e) || !machine_do(ctx, &op, &out, e))
        return false;
    return out.kind == OUT_DONE ||
           error_set(e, EXIT_DATA, "%s: %s", line, call_error_name[out.error]);
}

bool
stepwise_map(const struct preset *p, stepwise_operate *does, void *ctx, struct error *e)
{
    unsigned long long first = format_page(&p->geo.format), length = p->layout.user_end - first;
    char unmap[64], map[96];

    snprintf(unmap, sizeof unmap, "munmap 0x%llx 0x%llx", first, length);
    snprintf(map, sizeof map, "mmap 0x%llx 0x%llx rwx private file=trace", first, length);
    return does(ctx, unmap, e) && does(ctx, map, e);
}

static bool
prepare(struct stepwise *s, const struct stepwise_want *want, struct error *e)
{
    char policy[64], limit[64];

    snprintf(policy, sizeof policy, "set policy %s", policy_row[want->policy].name);
    snprintf(limit, sizeof limit, "set resident_limit %llu", (unsigned long long)want->frames);
    return operate(&s->m, "spawn", e) && stepwise_map(&s->m.preset, operate, &s->m, e) &&
           (!want->load_r0 || operate(&s->m, "set load-leaves-r-0 1", e)) &&
           operate(&s->m, policy, e) && (!want->frames || operate(&s->m, limit, e));
}

static void
set_numbers(struct stepwise *s, const struct preset *p, bool addresses)
{
    const struct format *f = &p->geo.format;
    uint64_t page = format_page(f);

    if (addresses) {
        s->lowest = page;
        s->highest = p->layout.user_end - 1;
        return;
    }
    s->page_shift = f->page_shift;
    s->base = page;
    s->highest = vpn_of(f, p->layout.user_end) - 2;
}

bool
stepwise_open(struct stepwise *s, const struct stepwise_want *want, struct error *e)
{
    struct preset p = *want->preset;

    if (!p.kernel)
        return error_set(e, EXIT_DATA, "machine %s has no kernel that could replace a page",
                         p.name);
    make_room(&p, want->frames);
    if (want->frames > p.geo.frames)
        return error_set(e, EXIT_DATA, "machine %s can have %llu frames, not %llu", p.name,
                         (unsigned long long)p.geo.frames, (unsigned long long)want->frames);
    *s = (struct stepwise){0};
    set_numbers(s, &p, want->addresses);
    if (!pages_open(&s->pages, e))
        return false;
    if (!machine_open(&s->m, &p, want->seed, e)) {
        pages_close(&s->pages);
        return false;
    }
    if (prepare(s, want, e))
        return true;
    stepwise_close(s);
    return false;
}

void
stepwise_close(struct stepwise *s)
{
    machine_close(&s->m);
    pages_close(&s->pages);
}

/* --- references --- */

/* A page that is touched for the first time is never there. */
static void
count_page(void *ctx, vaddr_t va)
{
    struct stepwise *s = ctx;
    uint64_t page = vpn_of(&s->m.preset.geo.format, va);
    uint32_t id;

    pages_number(&s->pages, &page, &id, 1, &s->error);
}

static bool
make(struct stepwise *s, const vaddr_t *va, const uint8_t *kind, size_t n, struct error *e)
{
    const struct burst b = {va, kind, n, count_page, s};
    uint64_t before = s->m.s->op;
    bool done = machine_burst(&s->m, 0, &b, &s->faults, e);

    s->refs += s->m.s->op - before;
    if (s->error.code)
        *e = s->error;
    return done && !s->error.code;
}

static bool
outside(const struct stepwise *s, uint64_t number, struct error *e)
{
    return error_set(
        e, EXIT_DATA,
        "reference %llu: machine %s has no place for %s 0x%llx: a process's are 0x%llx "
        "to 0x%llx",
        (unsigned long long)s->fed + 1, s->m.preset.name, s->page_shift ? "page" : "address",
        (unsigned long long)number, (unsigned long long)s->lowest, (unsigned long long)s->highest);
}

/* --- of one byte each --- */

/* The addresses of the first n numbers; returns how many of them there are before one that is
 * outside. */
static size_t
addresses_of(const struct stepwise *s, const uint64_t *number, size_t n, vaddr_t *va)
{
    const uint64_t lowest = s->lowest, span = s->highest - lowest, base = s->base;
    const unsigned shift = s->page_shift;
    size_t good = 0;
    bool bad = false;

    for (size_t i = 0; i < n; i++) {
        va[i] = base + (number[i] << shift);
        bad |= number[i] - lowest > span;
    }
    if (!bad)
        return n;
    while (number[good] - lowest <= span)
        good++;
    return good;
}

static bool
feed_bytes(struct stepwise *s, const struct block *b, struct error *e)
{
    vaddr_t va[BATCH];

    for (size_t at = 0, n, good; at < b->n; at += n) {
        n = b->n - at < BATCH ? b->n - at : BATCH;
        good = addresses_of(s, b->page + at, n, va);
        if (!make(s, va, b->kind ? b->kind + at : NULL, good, e))
            return false;
        s->fed += good;
        if (good < n)
            return outside(s, b->page[at + good], e);
    }
    return true;
}

/* --- of several bytes --- */

struct batch {
    vaddr_t va[BATCH];
    uint8_t kind[BATCH];
    size_t n;
};

static bool
make_batch(struct stepwise *s, struct batch *x, struct error *e)
{
    size_t n = x->n;

    x->n = 0;
    return make(s, x->va, x->kind, n, e);
}

static bool
put(struct stepwise *s, struct batch *x, vaddr_t va, uint8_t kind, struct error *e)
{
    if (x->n == BATCH && !make_batch(s, x, e))
        return false;
    x->va[x->n] = va;
    x->kind[x->n++] = kind;
    return true;
}

/* One for each page that it reaches into. */
static bool
put_pages(struct stepwise *s, struct batch *x, vaddr_t va, uint64_t size, uint8_t kind,
          struct error *e)
{
    uint64_t page = format_page(&s->m.preset.geo.format);

    for (vaddr_t at = va; at - va < size || at == va; at = (at & ~(page - 1)) + page)
        if (!put(s, x, at, kind, e))
            return false;
    s->fed++;
    return true;
}

static bool
feed_ranges(struct stepwise *s, const struct block *b, struct error *e)
{
    struct batch x;

    x.n = 0;
    for (size_t i = 0; i < b->n; i++) {
        uint64_t va = b->page[i], rest = s->highest - va;

        if (va - s->lowest > s->highest - s->lowest || (b->size[i] && b->size[i] - 1 > rest))
            return make_batch(s, &x, e) && outside(s, va, e);
        if (!put_pages(s, &x, va, b->size[i], b->kind ? b->kind[i] : ACCESS_READ, e))
            return false;
    }
    return make_batch(s, &x, e);
}

bool
stepwise_feed(struct stepwise *s, const struct block *b, struct error *e)
{
    return b->size && !s->page_shift ? feed_ranges(s, b, e) : feed_bytes(s, b, e);
}
