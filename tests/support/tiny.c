#include "support/tiny.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "test.h"

static const struct format x86 = {
    .name = "x86-64",
    .va_bits = 48,
    .pa_bits = 52,
    .page_shift = 12,
    .entry_bytes = 8,
    .levels = 4,
    .canonical = true,
    .checks_maxpa = true,
    .frame = 0x000ffffffffff000,
    .root = 0x000ffffffffff000,
    .flag = {.present = 1,
             .writable = 2,
             .user = 4,
             .write_through = 8,
             .cache_disable = 16,
             .accessed = 32,
             .dirty = 64,
             .large = 128,
             .global = 256,
             .no_execute = UINT64_C(1) << 63},
    .level =
        {{.name = "PML4", .shift = 39, .bits = 9, .large = LARGE_RESERVED},
         {.name = "PDPT",
          .shift = 30,
          .bits = 9,
          .large = LARGE_ALWAYS,
          .large_reserved = 0x3fffe000},
         {.name = "PD", .shift = 21, .bits = 9, .large = LARGE_ALWAYS, .large_reserved = 0x1fe000},
         {.name = "PT", .shift = 12, .bits = 9, .large = LARGE_NEVER}},
};

static const struct format small = {
    .name = "small",
    .va_bits = 16,
    .pa_bits = 14,
    .page_shift = 8,
    .entry_bytes = 2,
    .levels = 2,
    .frame = 0x3f00,
    .root = 0x3f00,
    .flag = {.present = 1, .writable = 2, .user = 4, .accessed = 32, .dirty = 64},
    .level = {{.name = "DIR", .shift = 12, .bits = 4, .large = LARGE_NEVER},
              {.name = "TAB", .shift = 8, .bits = 4, .large = LARGE_NEVER}},
};

static const struct layout x86_layout = {
    .code = 0x400000, .data = 0x600000, .heap = 0x800000,
    .code_size = 0x3000, .data_size = 0x2000, .heap_size = 0,
    .mmap_top = 0x7ffff7000000, .stack_top = 0x7ffffffdf000, .stack_size = 0x2000,
    .user_end = 0x800000000000, .kernel = 0xffff888000000000,
};

static const struct layout small_layout = {
    .code = 0x1000, .data = 0x2000, .heap = 0x3000,
    .code_size = 0x200, .data_size = 0x100, .heap_size = 0x100,
    .mmap_top = 0xe000, .stack_top = 0xf000, .stack_size = 0x100, .user_end = 0x10000,
};

static size_t
round_chunk(size_t n)
{
    return (n + CHUNK - 1) / CHUNK * CHUNK;
}

static void
power_on(struct tiny *t, enum tiny_kind kind)
{
    for (unsigned i = 0; i < t->hw.geo.cpus; i++) {
        struct cpu *c = &t->hw.s->cpu[i];

        c->cr0 = CR0_PE | CR0_PG | CR0_WP;
        c->cr4 = kind == TINY_X86 ? CR4_PAE : 0;
        c->efer = kind == TINY_X86 ? EFER_LME | EFER_LMA | EFER_NXE : 0;
    }
}

struct tiny *
tiny_open(enum tiny_kind kind, uint64_t frames, unsigned cpus)
{
    struct geometry geo = {
        .format = kind == TINY_X86 ? x86 : small,
        .cpus = (uint8_t)cpus,
        .maxpa = kind == TINY_X86 ? 46 : 14,
        .tlb_sets = 4,
        .tlb_ways = 4,
        .frames = frames             ? frames
                  : kind == TINY_X86 ? 1024
                                     : 64,
        .far_max = 64,
        .max_order = BUDDY_ORDERS - 1,
    };
    struct tiny *t = calloc(1, sizeof *t);
    struct error e = {0};
    size_t size = 0, hot;

    pw_assert(t);
    geo.slot_max = (uint32_t)(geo.frames < 65536 ? geo.frames : 65536);
    pw_assert(format_check(&geo.format, &e));
    hw_plan_hot(&t->hw_plan, &geo, &size);
    os_plan_hot(&t->os_plan, &geo, &size);
    hot = size = round_chunk(size);
    hw_plan_large(&t->hw_plan, &geo, &size);
    os_plan_large(&t->os_plan, &geo, &size);
    pw_assert(arena_open(&t->arena, round_chunk(size), hot, &e));
    hw_attach(&t->hw, &t->arena, &geo, &t->hw_plan, true);
    power_on(t, kind);
    os_attach(&t->os, &t->hw, &t->os_plan, kind == TINY_X86 ? &x86_layout : &small_layout);
    pw_assert(os_boot(&t->os));
    return t;
}

void
tiny_close(struct tiny *t)
{
    arena_close(&t->arena);
    free(t);
}

uint32_t
tiny_run(struct tiny *t)
{
    uint32_t pid = os_spawn(&t->os, 0);

    pw_assert(pid);
    os_switch(&t->os, 0, pid);
    return pid;
}

static struct access_end_result
access(struct tiny *t, unsigned cpu, struct access a, bool wait)
{
    struct access_end_result r;

    a.size = 1;
    a.user = true;
    os_access(&t->os, cpu, &a, wait, &r);
    return r;
}

struct access_end_result
tiny_access(struct tiny *t, unsigned cpu, vaddr_t va, enum access_kind kind, bool wait)
{
    return access(t, cpu, (struct access){.va = va, .kind = (uint8_t)kind}, wait);
}

struct access_end_result
tiny_read(struct tiny *t, vaddr_t va)
{
    return tiny_access(t, 0, va, ACCESS_READ, true);
}

struct access_end_result
tiny_write(struct tiny *t, vaddr_t va, uint8_t value)
{
    return access(t, 0, (struct access){.va = va, .kind = ACCESS_WRITE, .value = value}, true);
}

vaddr_t
tiny_mmap(struct tiny *t, vaddr_t va, unsigned pages, uint8_t prot)
{
    enum call_error error =
        os_mmap(&t->os, 0, &va, pages * format_page(&t->hw.geo.format), prot, false, 0);

    pw_assert(error == CALL_OK);
    return va;
}

pte_t
tiny_entry(struct tiny *t, uint32_t mm, vaddr_t va)
{
    struct translation tr;
    bool found = walker_peek(&t->hw, t->os.s->mm[mm].root, va, &tr);

    return found ? tr.entry[tr.level] : 0;
}

pfn_t
tiny_frame(struct tiny *t, uint32_t mm, vaddr_t va)
{
    struct translation tr;

    return walker_peek(&t->hw, t->os.s->mm[mm].root, va, &tr) ? pfn_of(&t->hw.geo.format, tr.pa)
                                                              : 0;
}

/* --- events --- */

static void
keep(void *context, const struct event *ev)
{
    struct tiny *t = context;

    pw_assert(t->events < TINY_EVENTS);
    t->event[t->events++] = *ev;
}

void
tiny_record(struct tiny *t)
{
    t->watch = (struct watch){keep, t};
    t->hw.watch = &t->watch;
    t->events = 0;
}

unsigned
tiny_count(const struct tiny *t, enum event_code code)
{
    unsigned n = 0;

    for (unsigned i = 0; i < t->events; i++)
        n += t->event[i].code == code;
    return n;
}

const struct event *
tiny_event(const struct tiny *t, enum event_code code, unsigned n)
{
    for (unsigned i = 0; i < t->events; i++)
        if (t->event[i].code == code && n-- == 0)
            return &t->event[i];
    return NULL;
}

static bool
is_block(uint16_t code)
{
    return code == EV_BUDDY_SPLIT || code == EV_BUDDY_MERGE;
}

static bool
is_told(uint16_t code)
{
    enum actor actor = event_row[code].actor;

    return ((actor == ACTOR_KERNEL || actor == ACTOR_DISK) && !is_block(code)) ||
           code == EV_PAGE_FAULT || code == EV_TRAP || code == EV_RESTART || code == EV_TLB_DROP;
}

static bool
is_allocator(uint16_t code)
{
    return is_block(code) || code == EV_FRAME_FREE || code == EV_NO_MEMORY;
}

static const char *
names(const struct tiny *t, bool (*wanted)(uint16_t code))
{
    static char text[65536];
    size_t at = 0;

    text[0] = '\0';
    for (unsigned i = 0; i < t->events; i++)
        if (wanted(t->event[i].code))
            at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", at ? " " : "",
                                   event_row[t->event[i].code].name);
    return text;
}

const char *
tiny_story(const struct tiny *t)
{
    return names(t, is_told);
}

const char *
tiny_blocks(const struct tiny *t)
{
    return names(t, is_allocator);
}

/* --- invariants, counted from the page tables and lists up, sharing nothing with the code that
 * keeps them --- */

struct tally {
    uint32_t *maps;      /* leaves per frame */
    uint32_t *tables;    /* links to a table per frame */
    uint64_t anon, file; /* of one address space */
    uint32_t used;       /* tables of one address space */
    char *wrong;
};

enum { WRONG = 256 };

static void
complain(struct tally *y, const char *what, uint64_t a, uint64_t b)
{
    if (y->wrong[0] == '\0')
        snprintf(y->wrong, WRONG, "%s (0x%llx, 0x%llx)", what, (unsigned long long)a,
                 (unsigned long long)b);
}

static bool
rmap_lists(const struct os *os, pfn_t pfn, uint32_t mm, vaddr_t va)
{
    for (uint32_t n = os->frame[pfn].rmap; n; n = os->rmap[n].next)
        if (os->rmap[n].mm == mm && os->rmap[n].va == va)
            return true;
    return false;
}

static void
count_leaf(struct tiny *t, struct tally *y, uint32_t mm, vaddr_t va, pfn_t pfn)
{
    uint8_t use = t->os.frame[pfn].use;

    y->maps[pfn]++;
    y->anon += use == USE_ANON;
    y->file += use == USE_FILE;
    if (!rmap_lists(&t->os, pfn, mm, va))
        complain(y, "a leaf that the reverse map does not list", pfn, va);
    if (!area_find(&t->os, mm, va))
        complain(y, "a page outside of all areas", pfn, va);
    if (frame_is_free(&t->os.frame[pfn]))
        complain(y, "a mapped frame is free", pfn, va);
}

static void
count_table(struct tiny *t, struct tally *y, uint32_t mm, pfn_t table, unsigned level, vaddr_t base)
{
    const struct format *f = &t->hw.geo.format;

    y->tables[table]++;
    y->used++;
    for (unsigned i = 0; i < 1u << f->level[level].bits; i++) {
        pte_t entry =
            phys_read(&t->hw.phys, pa_of(f, table) + (uint64_t)i * f->entry_bytes, f->entry_bytes);
        vaddr_t va = base + ((uint64_t)i << f->level[level].shift);
        pfn_t pfn = pfn_of(f, entry & f->frame);

        if (!(entry & f->flag.present) || va >= t->os.layout.user_end)
            continue;
        if (level + 1u == f->levels)
            count_leaf(t, y, mm, va, pfn);
        else
            count_table(t, y, mm, pfn, level + 1, va);
    }
}

static void
check_spaces(struct tiny *t, struct tally *y)
{
    for (uint32_t mm = 1; mm < TASK_MAX; mm++) {
        const struct mm *m = &t->os.s->mm[mm];
        uint32_t areas = 0;

        if (!m->root)
            continue;
        y->anon = y->file = y->used = 0;
        count_table(t, y, mm, pfn_of(&t->hw.geo.format, m->root), 0, 0);
        if (y->anon != m->rss_anon || y->file != m->rss_file)
            complain(y, "rss", y->anon, m->rss_anon);
        if (y->used != m->tables)
            complain(y, "tables of a process", y->used, m->tables);
        for (uint32_t a = m->area; a; a = t->os.area[a].next, areas++)
            if (t->os.area[a].start >= t->os.area[a].end ||
                (t->os.area[a].next && t->os.area[t->os.area[a].next].start < t->os.area[a].end))
                complain(y, "areas out of order", t->os.area[a].start, t->os.area[a].end);
        if (areas != m->areas)
            complain(y, "number of areas", areas, m->areas);
    }
}

static void
check_frame(struct tiny *t, struct tally *y, pfn_t pfn)
{
    const struct frame *f = &t->os.frame[pfn];
    uint32_t owners = y->maps[pfn], nodes = 0;

    for (uint32_t n = f->rmap; n; n = t->os.rmap[n].next)
        nodes++;
    if (f->maps != y->maps[pfn] || nodes != f->maps)
        complain(y, "maps", pfn, f->maps);
    owners += f->use == USE_RESERVED || f->use == USE_ZERO || f->use == USE_TABLE ||
              f->use == USE_BLOCK ||
              (f->use == USE_FILE && f->object);
    if (f->refs != owners)
        complain(y, "refs", pfn, f->refs);
    if (f->use == USE_TABLE && y->tables[pfn] != (f->owner != 0))
        complain(y, "links to a table", pfn, y->tables[pfn]);
    if (f->use == USE_FILE && f->object && cache_find(&t->os, f->object, f->offset) != pfn)
        complain(y, "cached page not found", pfn, f->object);
}

/* Free blocks cover every free frame once, are aligned, and no two buddies are both free. */
static void
check_blocks(struct tiny *t, struct tally *y)
{
    uint64_t covered = 0, not_used = 0;

    for (unsigned k = 0; k < BUDDY_ORDERS; k++) {
        uint32_t n = 0;

        for (uint32_t b = t->os.s->free_head[k]; b; b = t->os.frame[b].next, n++) {
            pfn_t buddy = b ^ (1u << k);

            covered += 1u << k;
            if (b % (1u << k) || t->os.frame[b].use != USE_FREE || t->os.frame[b].order != k)
                complain(y, "free block", b, k);
            if (k + 1 < BUDDY_ORDERS && buddy < t->hw.geo.frames &&
                t->os.frame[buddy].use == USE_FREE && t->os.frame[buddy].order == k)
                complain(y, "two free buddies", b, k);
        }
        if (n != t->os.s->free_count[k])
            complain(y, "free blocks of an order", n, t->os.s->free_count[k]);
    }
    for (pfn_t p = 0; p < t->hw.geo.frames; p++)
        not_used += frame_is_free(&t->os.frame[p]);
    if (covered != not_used || covered != t->os.s->free_frames)
        complain(y, "free frames", covered, not_used);
}

static void
check_tlb(struct tiny *t, struct tally *y)
{
    unsigned entries = t->hw.geo.cpus * t->hw.geo.tlb_sets * t->hw.geo.tlb_ways;

    for (unsigned i = 0; i < entries; i++)
        if ((t->hw.tlb[i].flags & TLB_VALID) && t->hw.tlb[i].pfn < t->hw.geo.frames &&
            frame_is_free(&t->os.frame[t->hw.tlb[i].pfn]))
            complain(y, "the TLB names a free frame", t->hw.tlb[i].page, t->hw.tlb[i].pfn);
}

const char *
tiny_wrong(struct tiny *t)
{
    static char wrong[WRONG];
    size_t frames = t->hw.geo.frames;
    struct tally y = {.maps = calloc(frames, sizeof(uint32_t)),
                      .tables = calloc(frames, sizeof(uint32_t)),
                      .wrong = wrong};

    pw_assert(y.maps && y.tables);
    wrong[0] = '\0';
    check_spaces(t, &y);
    for (pfn_t p = 0; p < frames; p++)
        check_frame(t, &y, p);
    check_blocks(t, &y);
    check_tlb(t, &y);
    free(y.maps);
    free(y.tables);
    return wrong[0] ? wrong : NULL;
}

int
tiny_teardown(void **state)
{
    const char *wrong = tiny_wrong(*state);

    tiny_close(*state);
    assert_null(wrong);
    return 0;
}
