#include "replay/stepwise.h"

#include <stdarg.h>
#include <stdio.h>

#include "machine/burst.h"

enum { BATCH = 4096, TABLES = 4096, FRAMES_MOST = 1 << 22, SLOTS_MOST = 1 << 20 };

/* --- the machine --- */

/* Memory for the frames asked for and the page tables of a scattered program, and a device that takes
 * what they push out. */
static void
make_room(struct preset *p, uint64_t frames)
{
    uint64_t need = 2 * frames + TABLES;

    if (frames && p->geo.frames < need && need <= FRAMES_MOST)
        p->geo.frames = need;
    p->geo.swap_slots = SLOTS_MOST;
    p->geo.slot_max = (uint32_t)p->geo.frames + 16 + SLOTS_MOST;
}

static bool
operate(struct machine *m, struct error *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static bool
operate(struct machine *m, struct error *e, const char *fmt, ...)
{
    char line[128];
    uint8_t blob[OPERATION_BLOB];
    struct operation op;
    struct outcome out;
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    if (!operation_parse(line, &op, blob, e) || !machine_do(m, &op, &out, e))
        return false;
    return out.kind == OUT_DONE ||
           error_set(e, EXIT_DATA, "%s: %s", line, call_error_name[out.error]);
}

/* Instead of the usual program, one file from the first page that can be mapped to the last. */
static bool
map_everything(struct stepwise *s, struct error *e)
{
    const struct layout *l = &s->m.preset.layout;
    unsigned long long first = s->first, length = l->user_end - s->first;

    return operate(&s->m, e, "munmap 0x%llx 0x%llx", first, length) &&
           operate(&s->m, e, "mmap 0x%llx 0x%llx rwx private file=trace", first, length);
}

static bool
prepare(struct stepwise *s, const struct stepwise_want *want, struct error *e)
{
    return operate(&s->m, e, "spawn") && map_everything(s, e) &&
           (!want->load_r0 || operate(&s->m, e, "set load-leaves-r-0 1")) &&
           operate(&s->m, e, "set policy %s", policy_row[want->policy].name) &&
           operate(&s->m, e, "set resident_limit %llu", (unsigned long long)want->frames);
}

bool
stepwise_open(struct stepwise *s, const struct stepwise_want *want, struct error *e)
{
    struct preset p = *want->preset;

    if (!p.kernel)
        return error_set(e, EXIT_DATA, "machine %s has no kernel that could replace a page", p.name);
    make_room(&p, want->frames);
    *s = (struct stepwise){.first = format_page(&p.geo.format),
                           .page_shift = want->addresses ? 0 : p.geo.format.page_shift};
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

struct batch {
    vaddr_t va[BATCH];
    uint8_t kind[BATCH];
    size_t n;
};

static void
count_page(void *ctx, vaddr_t va)
{
    struct stepwise *s = ctx;
    uint64_t page = vpn_of(&s->m.preset.geo.format, va);
    uint32_t id;

    pages_number(&s->pages, &page, &id, 1, &s->error);
}

static bool
make(struct stepwise *s, struct batch *x, struct error *e)
{
    const struct burst b = {x->va, x->kind, x->n, count_page, s};
    uint64_t before = s->m.s->op;
    bool done = machine_burst(&s->m, 0, &b, &s->faults, e);

    s->refs += s->m.s->op - before;
    x->n = 0;
    if (s->error.code)
        *e = s->error;
    return done && !s->error.code;
}

/* The address of a number of the trace, if it can be one. */
static bool
address_of(const struct stepwise *s, uint64_t number, uint64_t size, vaddr_t *va, struct error *e)
{
    uint64_t end = s->m.preset.layout.user_end;

    *va = s->page_shift ? s->first + (number << s->page_shift) : number;
    if (number <= (end - s->first) >> s->page_shift && *va >= s->first && *va < end &&
        size <= end - *va)
        return true;
    return error_set(e, EXIT_DATA, "%s 0x%llx is beyond what a process of machine %s can have",
                     s->page_shift ? "page" : "address", (unsigned long long)number,
                     s->m.preset.name);
}

static void
put(struct batch *x, vaddr_t va, uint8_t kind)
{
    x->va[x->n] = va;
    x->kind[x->n++] = kind;
}

bool
stepwise_feed(struct stepwise *s, const struct block *b, struct error *e)
{
    uint64_t page = format_page(&s->m.preset.geo.format);
    struct batch x;

    x.n = 0;
    for (size_t i = 0; i < b->n; i++) {
        uint8_t kind = b->kind ? b->kind[i] : ACCESS_READ;
        uint64_t size = b->size && !s->page_shift ? b->size[i] : 1;
        vaddr_t va, second;

        if (!address_of(s, b->page[i], size, &va, e)) {
            make(s, &x, e);
            return false;
        }
        put(&x, va, kind);
        for (second = (va & ~(page - 1)) + page; second < va + size; second += page) {
            if (x.n == BATCH && !make(s, &x, e))
                return false;
            put(&x, second, kind);
        }
        if (x.n >= BATCH - 1 && !make(s, &x, e))
            return false;
    }
    return make(s, &x, e);
}
