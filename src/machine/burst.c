/* The short way is what remains of cpu_access, tlb_lookup, os_access and resident_use when there is
 * nothing to decide: the page's entry is in its set, of the usual size, and allows the access. Programs
 * stay on a page for a while, so what accesses in a row to one page add to its entry, and to the few
 * words that all accesses change (time, counters, stamps), is added once for the row; and to the
 * latter not before something else has to see them.
 *
 * A hint says where a page's entry was last; it is believed only after a look at the entry. */
#include "machine/burst.h"

#include "base/assert.h"
#include "hw/cache.h"
#include "hw/tlb_parts.h"
#include "machine/do.h"

enum { HINTS = 256, FLAG_SETS = 64 };

struct way {
    struct machine *m;
    unsigned cpu;
    struct tlb_entry *hint[HINTS];
    /* The same for the whole burst: */
    unsigned shift;
    uint64_t cycles_each;
    uint32_t asid;
    uint8_t allowed[FLAG_SETS]; /* by the entry's flags: a bit for each enum access_kind */
    /* Not yet in the state: */
    uint64_t made, clock, references;
    size_t last; /* the number of the last access made */
};

/* --- the state --- */

static bool
has_short_way(const struct machine *m, unsigned cpu)
{
    const struct task *t = m->preset.kernel ? os_current(&m->os, cpu) : NULL;

    return t && t->state == TASK_RUNNING && t->fault.stage == STAGE_NONE && !m->hw.watch &&
           !m->hw.s->quirks && !cache_exists(&m->hw) && !tlb_parts_exist(&m->hw) &&
           hw_pages(&m->hw, cpu) &&
           m->hw.geo.format.family == FAMILY_X86; /* whose rights allowed_by knows */
}

static void
take_stock(struct way *w)
{
    w->made = 0;
    w->clock = w->m->hw.s->tlb_clock;
    w->references = w->m->os.s->references;
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

    if (w->made == 0)
        return;
    os_current(&w->m->os, w->cpu)->fault =
        (struct fault_record){.access = access_at(w, b, w->last)};
    s->cycles += w->made * w->cycles_each;
    s->cpu[w->cpu].hits += w->made;
    s->cpu[w->cpu].accesses += w->made;
    s->cpu[w->cpu].access_cycles += w->made * w->cycles_each;
    s->tlb_clock = w->clock;
    w->m->os.s->references = w->references;
    w->m->s->op += w->made;
    take_stock(w);
}

/* The rights of a user's access, as walker_allows has them; a write needs D in the entry too, or it
 * walks again. */
static uint8_t
allowed_by(unsigned flags, bool no_execute)
{
    const unsigned user = TLB_VALID | TLB_U, dirty = TLB_W | TLB_D;

    if ((flags & user) != user)
        return 0;
    return (uint8_t)(1u << ACCESS_READ | ((flags & dirty) == dirty) << ACCESS_WRITE |
                     !(no_execute && (flags & TLB_NX)) << ACCESS_FETCH);
}

static void
prepare(struct way *w)
{
    const struct hw *hw = &w->m->hw;

    for (unsigned i = 0; i < HINTS; i++)
        w->hint[i] = tlb_at(hw, w->cpu, 0, 0);
    w->shift = hw->geo.format.page_shift;
    w->cycles_each = hw_tunable(hw, TUNE_TLB_CYCLES) + hw_tunable(hw, TUNE_DRAM_CYCLES);
    w->asid = tlb_asid(hw, w->cpu);
    for (unsigned flags = 0; flags < FLAG_SETS; flags++)
        w->allowed[flags] = allowed_by(flags, hw->s->cpu[w->cpu].efer & EFER_NXE);
    take_stock(w);
}

/* --- the short way --- */

static inline bool
is_of(const struct way *w, const struct tlb_entry *e, vaddr_t page)
{
    return e->page == page && e->shift == w->shift && e->asid == w->asid;
}

static struct tlb_entry *
search(const struct way *w, vaddr_t page)
{
    const struct hw *hw = &w->m->hw;
    struct tlb_entry *e = tlb_at(hw, w->cpu, tlb_set(hw, page, w->shift), 0);

    for (struct tlb_entry *end = e + hw->geo.tlb_ways; e < end; e++)
        if (is_of(w, e, page) && (e->flags & TLB_VALID))
            return e;
    return NULL;
}

/* The page's entry, of this size and address space, valid or just gone. */
static inline struct tlb_entry *
entry_of(struct way *w, vaddr_t va)
{
    struct tlb_entry **hint = &w->hint[(va >> w->shift) % HINTS];
    vaddr_t page = va & ~low_bits(w->shift);
    struct tlb_entry *e = *hint;

    if (is_of(w, e, page))
        return e;
    e = search(w, page);
    if (e)
        *hint = e;
    return e;
}

/* RAM, and written before: a frame's first write needs a place for its bytes. */
static inline bool
is_stored(const struct way *w, pfn_t pfn)
{
    return pfn < w->m->hw.geo.frames && w->m->hw.phys.content[pfn].slot;
}

static inline void
stamp(struct way *w, pfn_t pfn, uint32_t uses)
{
    struct resident *r;

    if (pfn >= w->m->hw.geo.frames || !w->m->os.resident[pfn].on_ring)
        return;
    r = &w->m->os.resident[pfn];
    arena_touch(&w->m->arena, r, sizeof *r);
    r->used = w->references;
    r->uses += uses;
}

/* Is access number i one that the entry allows? A write is made, if it is. */
static inline bool
may(struct way *w, const struct tlb_entry *e, const struct burst *b, size_t i, uint64_t ahead)
{
    unsigned kind = kind_of(b, i);

    if (!(w->allowed[e->flags] >> kind & 1) || (kind == ACCESS_WRITE && !is_stored(w, e->pfn)))
        return false;
    if (kind == ACCESS_WRITE)
        phys_write(&w->m->hw.phys, walker_pa(&w->m->hw, e->pfn, w->shift, b->va[i]), 1,
                   value_of(w, ahead));
    return true;
}

/* How many from number `at` on stay in the page of the first and may. Reads all may, or none. */
static inline size_t
row_on(struct way *w, const struct tlb_entry *e, const struct burst *b, size_t at)
{
    const vaddr_t *va = b->va, page = e->page;
    const uint64_t size = UINT64_C(1) << w->shift;
    size_t n = b->n, i = at;

    if (b->kind)
        while (i < n && (va[i] ^ page) < size && may(w, e, b, i, i - at + 1))
            i++;
    else if (may(w, e, b, at, 1))
        while (i < n && (va[i] ^ page) < size)
            i++;
    return i - at;
}

/* The accesses in a row to the page of number `at`: how many were made. */
static inline size_t
go_short(struct way *w, const struct burst *b, size_t at)
{
    struct tlb_entry *e = entry_of(w, b->va[at]);
    size_t n = e ? row_on(w, e, b, at) : 0;

    if (n == 0)
        return 0;
    w->made += n;
    w->clock += n;
    w->references += n;
    e->used = w->clock;
    stamp(w, e->pfn, (uint32_t)n);
    w->last = at + n - 1;
    return n;
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
    struct way w = {.m = m, .cpu = cpu};
    bool is_short = has_short_way(m, cpu), done = true;

    if (is_short)
        prepare(&w);
    for (size_t i = 0, n; i < b->n && done; i += n) {
        if (is_short && (n = go_short(&w, b, i)) > 0)
            continue;
        n = 1;
        if (is_short)
            pay(&w, b);
        done = goes_long(m, cpu, b, i, absent, e);
        is_short = has_short_way(m, cpu);
        if (is_short)
            take_stock(&w);
    }
    if (is_short)
        pay(&w, b);
    return done;
}
