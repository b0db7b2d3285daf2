#include "support/bare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "machine/format_json.h"

static void
stop_on(const struct error *e)
{
    char text[1024];

    error_format(e, text, sizeof text);
    fprintf(stderr, "%s\n", text);
    abort();
}

void
bare_format(const char *preset, struct format *out)
{
    struct error e = {0};
    char path[256];
    struct json_doc *doc;
    struct json format;

    snprintf(path, sizeof path, "assets/machines/%s.json", preset);
    doc = json_load_file(path, &e);
    if (!doc || !json_get_object(json_root(doc), "format", &format, &e) ||
        !format_from_json(format, out, &e))
        stop_on(&e);
    json_free(doc);
}

struct bare *
bare_open_geometry(const struct geometry *geo)
{
    struct bare *b = calloc(1, sizeof *b);
    struct error e = {0};
    size_t size = 0, hot;

    pw_assert(b != NULL);
    b->geo = *geo;
    hw_plan_hot(&b->plan, geo, &size);
    hot = size = (size + CHUNK - 1) / CHUNK * CHUNK;
    hw_plan_large(&b->plan, geo, &size);
    if (!arena_open(&b->arena, (size + CHUNK - 1) / CHUNK * CHUNK, hot, &e))
        stop_on(&e);
    hw_attach(&b->hw, &b->arena, geo, &b->plan, true);
    b->next = 2;
    for (unsigned i = 0; i < geo->cpus; i++)
        b->hw.s->cpu[i].cr3 = format_page(&geo->format);
    return b;
}

struct bare *
bare_open(const char *preset, unsigned sets, unsigned ways)
{
    struct geometry geo = {.cpus = 1,
                           .tlb_sets = (uint16_t)sets,
                           .tlb_ways = (uint16_t)ways,
                           .slot_max = 4096,
                           .far_max = 1024};
    struct bare *b;
    bool wide;

    bare_format(preset, &geo.format);
    wide = geo.format.va_bits > 32;
    geo.maxpa = wide ? 46 : geo.format.va_bits == 32 ? 36 : geo.format.pa_bits;
    geo.frames = geo.format.va_bits == 16 ? 8 : 4096;
    b = bare_open_geometry(&geo);
    b->hw.s->cpu[0].cr0 = CR0_PE | CR0_PG | CR0_WP;
    b->hw.s->cpu[0].cr4 = wide ? CR4_PAE : CR4_PSE;
    b->hw.s->cpu[0].efer = wide ? EFER_LME | EFER_LMA | EFER_NXE : 0;
    if (geo.format.root_registers) {
        b->hw.s->cpu[0].cr4 = CR4_PAE;
        b->hw.s->cpu[0].efer = EFER_NXE;
    }
    return b;
}

void
bare_close(struct bare *b)
{
    arena_close(&b->arena);
    free(b);
}

paddr_t
bare_map(struct bare *b, vaddr_t va, paddr_t pa, unsigned shift, uint64_t flags)
{
    const struct format *f = &b->geo.format;
    paddr_t table = walker_root(&b->hw, b->hw.s->cpu[0].cr3), slot;

    for (unsigned level = 0;; level++) {
        slot = table + (uint64_t)format_index(f, level, va) * f->entry_bytes;
        if (f->level[level].shift == shift)
            break;
        if (!(phys_read(&b->hw.phys, slot, f->entry_bytes) & 1))
            phys_write(&b->hw.phys, slot, f->entry_bytes,
                       pa_of(f, b->next++) | (f->level[level].bare ? 1 : 7));
        table = phys_read(&b->hw.phys, slot, f->entry_bytes) & f->frame;
    }
    phys_write(&b->hw.phys, slot, f->entry_bytes,
               pa | flags | 1 | (shift > f->page_shift ? f->flag.large : 0));
    return slot;
}

static void
keep(void *context, const struct event *ev)
{
    struct bare *b = context;

    pw_assert(b->events < BARE_EVENTS);
    b->event[b->events++] = *ev;
}

void
bare_record(struct bare *b, bool on)
{
    b->watch = (struct watch){keep, b};
    b->hw.watch = on ? &b->watch : NULL;
    b->events = 0;
}

unsigned
bare_count(const struct bare *b, enum event_code code)
{
    unsigned n = 0;

    for (unsigned i = 0; i < b->events; i++)
        n += b->event[i].code == code;
    return n;
}

const struct event *
bare_event(const struct bare *b, enum event_code code, unsigned n)
{
    for (unsigned i = 0; i < b->events; i++)
        if (b->event[i].code == code && n-- == 0)
            return &b->event[i];
    pw_assert(!"no such event was recorded");
}

const char *
bare_names(const struct bare *b)
{
    static char names[4096];
    size_t at = 0;

    names[0] = '\0';
    for (unsigned i = 0; i < b->events && at < sizeof names; i++)
        at += (size_t)snprintf(names + at, sizeof names - at, "%s%s", i ? " " : "",
                               event_row[b->event[i].code].name);
    return names;
}
