/* The short way is what remains of cpu_access, os_access and resident_use when there is nothing to
 * decide: the page's entry is in the TLB and allows the access, or a walk at a glance (hw/glance.h)
 * finds one that does.
 *
 * What the TLB said of a page is noted in a line. Programs stay on a few pages for a while, so most
 * accesses find their line, change three words, and are done. A line is empty again when its entry
 * leaves. What all accesses change (time, counters) is added when somebody else has to see it. */
#include "machine/burst.h"

#include "base/assert.h"
#include "hw/cache.h"
#include "hw/glance.h"
#include "hw/tlb_parts.h"
#include "machine/do.h"

enum { LINES = 256, NO_PAGE = 1, FLAG_SETS = 256 };

/* Of a page that may be read. */
struct line {
    vaddr_t page; /* its first byte; NO_PAGE: the line is empty */
    struct tlb_entry *entry;
    struct resident *stay; /* the frame's record of its uses, or nobody's */
    pfn_t pfn;
    unsigned may; /* a bit for each enum access_kind */
};

struct way {
    struct machine *m;
    struct glance glance;
    /* The same for the whole burst: */
    unsigned cpu, shift;
    vaddr_t page_bits; /* of an address: those that name its page */
    uint64_t cycles_each, cycles_walk;
    asid_t asid;
    bool walks; /* by glance */
    uint8_t allowed[FLAG_SETS]; /* by the entry's flags: a bit for each enum access_kind */
    bool only_small; /* no page in the TLB is larger than the smallest; known once it was asked */
    bool asked;
    /* Not yet in the state: */
    uint64_t made, clock, walked, references;
    size_t last; /* the number of the last access made */
    struct resident nobody;
    struct line line[LINES];
};

/* --- the state --- */

static bool
has_short_way(const struct machine *m, unsigned cpu)
{
    const struct task *t = m->preset.kernel ? os_current(&m->os, cpu) : NULL;

    return t && t->state == TASK_RUNNING && t->fault.stage == STAGE_NONE && !m->hw.watch &&
           !m->hw.s->quirks && !cache_exists(&m->hw) && !tlb_parts_exist(&m->hw) &&
           !m->hw.s->phys.slots_full && !m->os.s->limit_hit && hw_pages(&m->hw, cpu) &&
           m->hw.geo.cpus == 1 && m->hw.geo.format.family == FAMILY_X86; /* whose rights allowed_by knows */
}

static inline unsigned
kind_of(const struct burst *b, size_t i)
{
    return b->kind ? b->kind[i] : ACCESS_READ;
}

/* The byte that access number `ahead` of those not paid for writes. */
static inline uint64_t
value_of(const struct way *w, uint64_t ahead)
{
    return (w->m->s->op + w->made + ahead) & 0xff;
}

/* What a task remembers of its last access. */
static struct access
access_at(const struct way *w, const struct burst *b, size_t i)
{
    struct access a = {.va = b->va[i], .kind = (uint8_t)kind_of(b, i), .size = 1, .user = true};

    if (a.kind == ACCESS_WRITE)
        a.value = value_of(w, 0);
    return a;
}

static void
pay(struct way *w, const struct burst *b)
{
    struct hw_state *s = w->m->hw.s;
    struct cpu *c = &s->cpu[w->cpu];
    uint64_t cycles = w->made * w->cycles_each + w->walked * w->cycles_walk;

    if (w->made == 0)
        return;
    os_current(&w->m->os, w->cpu)->fault =
        (struct fault_record){.access = access_at(w, b, w->last)};
    s->cycles += cycles;
    c->access_cycles += cycles;
    c->accesses += w->made;
    c->hits += w->made - w->walked;
    c->misses += w->walked;
    c->walks += w->walked;
    s->tlb_clock = w->clock;
    w->m->os.s->references = w->references;
    w->m->s->op += w->made;
}

/* The rights of a user's access, as walker_allows has them; a write needs D in the entry too, or it
 * walks again. */
static uint8_t
allowed_by(unsigned flags, bool no_execute)
{
    const unsigned dirty = TLB_W | TLB_D;

    if (!(flags & TLB_U))
        return 0;
    return (uint8_t)(1u << ACCESS_READ | ((flags & dirty) == dirty) << ACCESS_WRITE |
                     !(no_execute && (flags & TLB_NX)) << ACCESS_FETCH);
}

static void
prepare(struct way *w, struct machine *m, unsigned cpu)
{
    const struct hw *hw = &m->hw;
    uint64_t dram = hw_tunable(hw, TUNE_DRAM_CYCLES);

    w->m = m;
    w->cpu = cpu;
    for (unsigned flags = 0; flags < FLAG_SETS; flags++)
        w->allowed[flags] = allowed_by(flags, hw->s->cpu[cpu].efer & EFER_NXE);
    w->shift = hw->geo.format.page_shift;
    w->page_bits = ~low_bits(w->shift);
    w->cycles_each = hw_tunable(hw, TUNE_TLB_CYCLES) + dram;
    w->cycles_walk = hw->geo.format.levels * dram;
    w->walks = glance_exists(hw);
    w->nobody = (struct resident){0};
}

/* --- a page's line --- */

static inline struct line *
line_of(struct way *w, vaddr_t va)
{
    return &w->line[(va >> w->shift) % LINES];
}

static void
forget_all(struct way *w)
{
    for (unsigned i = 0; i < LINES; i++)
        w->line[i].page = NO_PAGE;
}

/* Nothing is known of the TLB any more, and nothing owed to the state. */
static void
take_stock(struct way *w)
{
    w->made = w->walked = 0;
    w->asked = false;
    w->asid = tlb_asid(&w->m->hw, w->cpu);
    w->clock = w->m->hw.s->tlb_clock;
    w->references = w->m->os.s->references;
    forget_all(w);
    if (w->walks)
        glance_prepare(&w->glance, &w->m->hw, w->cpu);
}

/* An entry leaves the TLB, if it was valid. */
static inline void
forget(struct way *w, const struct tlb_entry *gone)
{
    struct line *l = line_of(w, gone->page);

    if (gone->shift > w->shift)
        forget_all(w);
    else if (l->page == gone->page)
        l->page = NO_PAGE;
}

static struct resident *
stay_of(struct way *w, pfn_t pfn)
{
    struct resident *r = &w->m->os.resident[pfn];

    if (pfn >= w->m->hw.geo.frames || !r->on_ring)
        return &w->nobody;
    arena_touch(&w->m->arena, r, sizeof *r);
    return r;
}

static inline void
note(struct way *w, struct line *l, vaddr_t va, struct tlb_entry *e, pfn_t pfn)
{
    *l = (struct line){.page = va & w->page_bits,
                       .entry = e,
                       .stay = stay_of(w, pfn),
                       .pfn = pfn,
                       .may = w->allowed[e->flags]};
}

/* --- the short way --- */

/* May it be made here? A frame's first write needs a place for its bytes: not here. */
static inline bool
allows(const struct way *w, unsigned may, unsigned kind, pfn_t pfn)
{
    return (may >> kind & 1) && (kind != ACCESS_WRITE || phys_stored(&w->m->hw.phys, pfn));
}

static inline void
use(struct way *w, struct line *l, vaddr_t va, unsigned kind, uint64_t reference, uint64_t value)
{
    l->stay->used = reference;
    l->stay->uses++;
    if (kind == ACCESS_WRITE)
        phys_write(&w->m->hw.phys, pa_of(&w->m->hw.geo.format, l->pfn) | (va & ~w->page_bits), 1,
                   value);
}

/* Accesses from number `at` on, as long as their lines are known: how many were made. */
static inline __attribute__((always_inline)) size_t
hit(struct way *w, const struct burst *b, size_t at, bool has_kinds)
{
    const vaddr_t *va = b->va, page = w->page_bits;
    const uint64_t clock = w->clock + 1 - at, references = w->references + 1 - at;
    size_t n = b->n, i;

    for (i = at; i < n; i++) {
        struct line *l = line_of(w, va[i]);
        unsigned kind = has_kinds ? b->kind[i] : ACCESS_READ;

        if (l->page != (va[i] & page) || (kind != ACCESS_READ && !allows(w, l->may, kind, l->pfn)))
            break;
        l->entry->used = clock + i;
        use(w, l, va[i], kind, references + i, value_of(w, i - at + 1));
    }
    return i - at;
}

static size_t
make_hits(struct way *w, const struct burst *b, size_t at)
{
    size_t n = b->kind ? hit(w, b, at, true) : hit(w, b, at, false);

    w->made += n;
    w->clock += n;
    w->references += n;
    w->last = at + n - 1;
    return n;
}

static bool
has_only_small(const struct way *w)
{
    const struct hw *hw = &w->m->hw;
    const struct tlb_entry *e = tlb_at(hw, w->cpu, 0, 0);

    for (const struct tlb_entry *end = tlb_at(hw, w->cpu, hw->geo.tlb_sets, 0); e < end; e++)
        if ((e->flags & TLB_VALID) && e->shift != w->shift)
            return false;
    return true;
}

/* tlb_find, which has to look for pages of other sizes too only if there are any. */
static struct tlb_entry *
find(struct way *w, vaddr_t va)
{
    const struct hw *hw = &w->m->hw;
    vaddr_t page = va & w->page_bits;
    struct tlb_entry *e, *end;

    if (!w->asked) {
        w->asked = true;
        w->only_small = has_only_small(w);
    }
    if (!w->only_small)
        return tlb_find(hw, w->cpu, va);
    e = tlb_at(hw, w->cpu, (unsigned)(va >> w->shift) & (hw->geo.tlb_sets - 1U), 0);
    for (end = e + hw->geo.tlb_ways; e < end; e++)
        if (tlb_matches(e, page, w->shift, w->asid))
            return e;
    return NULL;
}

/* The TLB does not know the page of number `at`. A walk at a glance, and the access; false: it takes
 * more than that. */
static bool
walk(struct way *w, const struct burst *b, size_t at)
{
    struct hw *hw = &w->m->hw;
    vaddr_t va = b->va[at];
    unsigned kind = kind_of(b, at);
    struct line *l = line_of(w, va);
    struct tlb_entry *e, gone;
    struct translation t;

    if (!w->walks || format_extend(&hw->geo.format, va) != va ||
        !glance_walk(hw, &w->glance, va, &t) || !allows(w, w->allowed[t.flags], kind, t.pfn))
        return false;
    hw->s->tlb_clock = w->clock;
    e = tlb_add(hw, w->cpu, va, &t, &gone);
    w->clock = hw->s->tlb_clock;
    forget(w, &gone);
    note(w, l, va, e, t.pfn);
    use(w, l, va, kind, ++w->references, value_of(w, 1));
    w->made++;
    w->walked++;
    w->last = at;
    return true;
}

/* The TLB knows it: from now on its line does too. False: what it knows does not allow the access. */
static bool
learn(struct way *w, const struct burst *b, size_t at, struct tlb_entry *e)
{
    vaddr_t va = b->va[at];
    pfn_t pfn = pfn_of(&w->m->hw.geo.format, walker_pa(&w->m->hw, e->pfn, e->shift, va));

    if (!allows(w, w->allowed[e->flags], kind_of(b, at), pfn))
        return false;
    note(w, line_of(w, va), va, e, pfn);
    return true;
}

/* As many of the accesses from number `at` on as can be made so: how many were. */
static size_t
go_short(struct way *w, const struct burst *b, size_t at)
{
    struct tlb_entry *e;
    size_t i = at;

    while ((i += make_hits(w, b, i)) < b->n) {
        e = find(w, b->va[i]);
        if (e ? !learn(w, b, i, e) : !walk(w, b, i))
            break;
        i += e == NULL;
    }
    return i - at;
}

/* --- the long way --- */

static bool
goes_long(struct machine *m, unsigned cpu, const struct burst *b, size_t i, uint64_t *absent,
          struct error *e)
{
    static const enum operation_code code[] = {
        [ACCESS_READ] = OP_READ, [ACCESS_WRITE] = OP_WRITE, [ACCESS_FETCH] = OP_FETCH};
    unsigned kind = kind_of(b, i);
    struct operation op = {.cpu = (uint8_t)cpu, .given = 1, .arg = {b->va[i]}};
    struct outcome out;

    pw_assert(kind <= ACCESS_FETCH);
    op.code = (uint8_t)code[kind];
    if (!machine_do(m, &op, &out, e))
        return false;
    *absent += out.absent != 0;
    if (out.absent && b->was_absent)
        b->was_absent(b->ctx, b->va[i]);
    return out.kind == OUT_DONE || error_set(e, EXIT_DATA, "the access to 0x%llx ends with %s",
                                             (unsigned long long)b->va[i], signal_name[out.signal]);
}

bool
machine_burst(struct machine *m, unsigned cpu, const struct burst *b, uint64_t *absent,
              struct error *e)
{
    struct way w;
    bool done = true;

    prepare(&w, m, cpu);
    for (size_t i = 0; i < b->n && done;) {
        if (has_short_way(m, cpu)) {
            take_stock(&w);
            i += go_short(&w, b, i);
            pay(&w, b);
        }
        if (i < b->n)
            done = goes_long(m, cpu, b, i++, absent, e);
    }
    return done;
}
