/* The short way is what remains of cpu_access, tlb_lookup, os_access and resident_use when there is
 * nothing to decide: the page's entry is in its set, of the usual size, and allows the access. What
 * every such access adds to the same few words of the state (time, counters, stamps) is kept in
 * registers until something else has to see it.
 *
 * A hint says where a page's entry was last; it is believed only after a look at the entry. */
#include "machine/burst.h"

#include "base/assert.h"
#include "hw/cache.h"
#include "hw/tlb.h"
#include "machine/do.h"

enum { HINTS = 64 };

struct way {
    struct machine *m;
    unsigned cpu;
    struct tlb_entry *hint[HINTS];
    /* The same for the whole burst: */
    unsigned shift;
    uint64_t cycles_each;
    uint32_t asid;
    uint8_t mask[3], wanted[3]; /* of the entry's flags, by enum access_kind */
    /* Not yet in the state: */
    uint64_t made, clock, references;
    struct access last;
    bool owes;
};

/* --- the state --- */

static bool
has_short_way(const struct machine *m, unsigned cpu)
{
    const struct task *t = m->preset.kernel ? os_current(&m->os, cpu) : NULL;

    return t && t->state == TASK_RUNNING && t->fault.stage == STAGE_NONE && !m->hw.watch &&
           !m->hw.s->quirks && !cache_exists(&m->hw) && (m->hw.s->cpu[cpu].cr0 & CR0_PG);
}

static void
take_stock(struct way *w)
{
    w->made = 0;
    w->clock = w->m->hw.s->tlb_clock;
    w->references = w->m->os.s->references;
    w->owes = false;
}

static void
pay(struct way *w)
{
    struct hw_state *s = w->m->hw.s;

    if (!w->owes)
        return;
    s->cycles += w->made * w->cycles_each;
    s->cpu[w->cpu].hits += w->made;
    s->tlb_clock = w->clock;
    w->m->os.s->references = w->references;
    w->m->s->op += w->made;
    os_current(&w->m->os, w->cpu)->fault = (struct fault_record){.access = w->last};
    take_stock(w);
}

/* The rights of a user's access, as walker_allows has them; a write needs D in the entry too, or it
 * walks again. */
static void
set_rights(struct way *w)
{
    const struct cpu *c = &w->m->hw.s->cpu[w->cpu];
    uint8_t no_execute = c->efer & EFER_NXE ? TLB_NX : 0;

    w->mask[ACCESS_READ] = w->wanted[ACCESS_READ] = TLB_VALID | TLB_U;
    w->mask[ACCESS_WRITE] = w->wanted[ACCESS_WRITE] = TLB_VALID | TLB_U | TLB_W | TLB_D;
    w->mask[ACCESS_FETCH] = TLB_VALID | TLB_U | no_execute;
    w->wanted[ACCESS_FETCH] = TLB_VALID | TLB_U;
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
    set_rights(w);
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
stamp(struct way *w, pfn_t pfn)
{
    struct resident *r;

    if (pfn >= w->m->hw.geo.frames || !w->m->os.resident[pfn].on_ring)
        return;
    r = &w->m->os.resident[pfn];
    arena_touch(&w->m->arena, r, sizeof *r);
    r->used = w->references;
    r->uses++;
}

static inline bool
goes_short(struct way *w, vaddr_t va, unsigned kind)
{
    struct tlb_entry *e = entry_of(w, va);

    if (!e || (e->flags & w->mask[kind]) != w->wanted[kind] ||
        (kind == ACCESS_WRITE && !is_stored(w, e->pfn)))
        return false;
    w->made++;
    e->used = ++w->clock;
    w->references++;
    stamp(w, e->pfn);
    w->last = (struct access){.va = va, .kind = (uint8_t)kind, .size = 1, .user = true};
    if (kind == ACCESS_WRITE) {
        w->last.value = (w->m->s->op + w->made) & 0xff;
        phys_write(&w->m->hw.phys, walker_pa(&w->m->hw, e->pfn, w->shift, va), 1, w->last.value);
    }
    w->owes = true;
    return true;
}

/* --- the long way --- */

static bool
goes_long(struct machine *m, unsigned cpu, vaddr_t va, unsigned kind, uint64_t *absent,
          struct error *e)
{
    static const enum operation_code code[] = {
        [ACCESS_READ] = OP_READ, [ACCESS_WRITE] = OP_WRITE, [ACCESS_FETCH] = OP_FETCH};
    const struct operation op = {
        .code = (uint8_t)code[kind], .cpu = (uint8_t)cpu, .given = 1, .arg = {va}};
    struct outcome out;

    if (!machine_do(m, &op, &out, e))
        return false;
    *absent += out.absent != 0;
    return out.kind == OUT_DONE ||
           error_set(e, EXIT_DATA, "the access to 0x%llx ends with %s", (unsigned long long)va,
                     signal_name[out.signal]);
}

bool
machine_burst(struct machine *m, unsigned cpu, const struct burst *b, uint64_t *absent,
              struct error *e)
{
    struct way w = {.m = m, .cpu = cpu};
    bool is_short = has_short_way(m, cpu), done = true;

    if (is_short)
        prepare(&w);
    for (size_t i = 0; i < b->n && done; i++) {
        unsigned kind = b->kind ? b->kind[i] : ACCESS_READ;

        pw_assert(kind <= ACCESS_FETCH);
        if (is_short && goes_short(&w, b->va[i], kind))
            continue;
        if (is_short)
            pay(&w);
        if (b->goes_long)
            b->goes_long(b->ctx, b->va[i]);
        done = goes_long(m, cpu, b->va[i], kind, absent, e);
        is_short = has_short_way(m, cpu);
        if (is_short)
            take_stock(&w);
    }
    if (is_short)
        pay(&w);
    return done;
}
