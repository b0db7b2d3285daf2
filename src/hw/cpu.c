/* cpu.c - what happens between "load from this address" and the bytes.
 *
 *   va --> TLB --hit--------------------> rights --> frame + offset --> data cache --> bytes
 *           '--miss--> walk --> TLB fill ----'
 *                        '--> fault: the instruction has not happened (SDM vol. 3A, 6.5)
 */
#include "hw/cpu.h"

#include <string.h>

#include "base/assert.h"
#include "hw/family.h"
#include "hw/glance.h"
#include "hw/hierarchy.h"
#include "hw/segment.h"
#include "hw/tlb_parts.h"
#include "hw/walk_cache.h"

/* --- translation --- */

static void
remember(struct hw *hw, unsigned cpu, const struct access *a, const struct translation *t)
{
    if (tlb_parts_exist(hw))
        tlb_parts_fill(hw, cpu, a, t);
    else
        tlb_fill(hw, cpu, a->va, t);
}

/* A walk that nobody watches and that finds nothing odd: no more than what is read from t hereafter.
 * False: not such a walk, and nothing has changed. */
static bool
walk_at_a_glance(struct hw *hw, unsigned cpu, const struct access *a, struct translation *t)
{
    struct glance g;
    uint16_t error;

    if (hw->watch || hw->s->quirks || !glance_exists(hw))
        return false;
    glance_prepare(&g, hw, cpu);
    if (!glance_walk(hw, &g, a->va, t) || !walker_allows(hw, cpu, a, t->flags, &error) ||
        (a->kind == ACCESS_WRITE && !(t->flags & TLB_D)))
        return false;
    t->fault.vector = FAULT_NONE;
    t->pa = walker_pa(hw, t->pfn, t->shift, a->va);
    hw->s->cpu[cpu].walks++;
    hw_spend(hw, hw->geo.format.levels * hw_tunable(hw, TUNE_DRAM_CYCLES));
    return true;
}

static bool
walk_and_fill(struct hw *hw, unsigned cpu, const struct access *a, struct translation *t)
{
    struct tlb_entry gone;

    if (!walk_at_a_glance(hw, cpu, a, t) && !walker_walk(hw, cpu, a, t))
        return false;
    if (tlb_parts_exist(hw))
        tlb_parts_fill(hw, cpu, a, t);
    else
        tlb_add(hw, cpu, a->va, t, &gone);
    return true;
}

/* The entry forbids the access, or the tables do by now: it goes, so that the next try sees the
 * tables (SDM 4.10.4.1). */
static bool
fault_on_hit(struct hw *hw, unsigned cpu, const struct access *a, uint16_t error, unsigned shift,
             struct translation *t)
{
    *t = (struct translation){0};
    tlb_drop(hw, cpu, a->va);
    return walker_page_fault(hw, cpu, a, walker_rights_level(hw, shift), error, &t->fault);
}

/* D=0 in the entry and this is a write: the bit must be set in memory first, and only a walk can
 * do that. */
static bool
recheck(struct hw *hw, unsigned cpu, const struct access *a, const struct tlb_entry *e,
        struct translation *t)
{
    uint8_t shift = e->shift;
    unsigned set, way;

    tlb_parts_place(hw, cpu, e, &set, &way);
    EMIT(hw, cpu, TLB_RECHECK, .va = a->va, .frame = e->pfn, .set = set, .way = way);
    if (!walker_walk(hw, cpu, a, t)) {
        tlb_drop(hw, cpu, a->va);
        return false;
    }
    if (t->shift != shift)
        tlb_drop(hw, cpu, a->va);
    remember(hw, cpu, a, t);
    return true;
}

static uint16_t
outside_error(const struct access *a)
{
    return FAULT_P | FAULT_OUTSIDE | (a->kind == ACCESS_WRITE ? FAULT_W : 0) |
           (a->kind == ACCESS_FETCH ? FAULT_I : 0) | (a->user ? FAULT_U : 0);
}

static bool
use_entry(struct hw *hw, unsigned cpu, const struct access *a, const struct tlb_entry *e,
          struct translation *t)
{
    uint16_t error;

    if (!walker_allows(hw, cpu, a, e->flags, &error))
        return fault_on_hit(hw, cpu, a, error, e->shift, t);
    if (a->kind == ACCESS_WRITE && !(e->flags & TLB_D))
        return recheck(hw, cpu, a, e, t);
    t->fault.vector = FAULT_NONE;
    t->pfn = e->pfn;
    t->shift = e->shift;
    t->flags = e->flags & (uint8_t)~TLB_VALID;
    t->pat = e->pat;
    t->pa = walker_pa(hw, e->pfn, e->shift, a->va);
    return hw_is_open(hw, t->pa) || fault_on_hit(hw, cpu, a, outside_error(a), e->shift, t);
}

/* CR0.PG = 0: there are no page tables. The user's addresses are cut into segments where a machine
 * has them; else all addresses are physical. */
static bool
unpaged(struct hw *hw, unsigned cpu, const struct access *a, struct translation *t)
{
    const struct family *k = family_of(&hw->geo.format);
    uint16_t error;

    if (segment_exists(hw) && a->user)
        return segment_translate(hw, cpu, a, t);
    t->fault.vector = FAULT_NONE;
    t->pat = 0;
    t->pa = a->va & low_bits(hw->geo.maxpa);
    return !k || k->bare(hw, &hw->s->cpu[cpu], a, &t->pa, &error) ||
           walker_page_fault(hw, cpu, a, 0, error, &t->fault);
}

/* Upper bits that are not what they must be: the walker says so itself, and the TLB is not asked.
 * Unless it takes no offence (AArch64 with TBI: they are the program's own): then without them. */
static bool
translate_odd(struct hw *hw, unsigned cpu, const struct access *a, struct translation *t)
{
    const struct format *f = &hw->geo.format;
    const struct family *k = family_of(f);
    struct access cut = *a;
    struct walk_start start;
    uint16_t error;

    if (!k || !k->start(hw, &hw->s->cpu[cpu], a, &start, &error))
        return walker_walk(hw, cpu, a, t);
    cut.va = format_extend(f, a->va);
    return cpu_translate(hw, cpu, &cut, t);
}

bool
cpu_translate(struct hw *hw, unsigned cpu, const struct access *a, struct translation *t)
{
    struct tlb_entry *e = NULL;
    bool found;

    if (!hw_pages(hw, cpu))
        return unpaged(hw, cpu, a, t);
    if (!format_is_canonical(&hw->geo.format, a->va))
        return translate_odd(hw, cpu, a, t);
    e = tlb_parts_exist(hw) ? tlb_parts_lookup(hw, cpu, a) : tlb_lookup(hw, cpu, a->va);
    if (!e && hw->s->quirks && hw_quirk(hw, QUIRK_TLB_V0_FAULTS) && tlb_invalid(hw, cpu, a->va))
        return walker_page_fault(hw, cpu, a, walker_rights_level(hw, hw->geo.format.page_shift), 0,
                                 &t->fault);
    found = e ? use_entry(hw, cpu, a, e, t) : walk_and_fill(hw, cpu, a, t);
    if (found)
        EMIT(hw, cpu, TRANSLATED, .va = a->va, .pa = t->pa,
             .frame = pfn_of(&hw->geo.format, t->pa));
    return found;
}

/* --- bytes --- */

static uint64_t
load(const struct hw *hw, paddr_t pa, unsigned n)
{
    uint64_t page = format_page(&hw->geo.format);
    uint64_t value = 0;

    if ((pa & (page - 1)) + n <= page && (n & (n - 1)) == 0)
        return phys_read(&hw->phys, pa, n);
    for (unsigned i = 0; i < n; i++)
        value |= phys_read(&hw->phys, pa + i, 1) << 8 * i;
    return value;
}

static void
store(struct hw *hw, paddr_t pa, unsigned n, uint64_t value)
{
    uint64_t page = format_page(&hw->geo.format);

    if ((pa & (page - 1)) + n <= page) {
        phys_write(&hw->phys, pa, n, value);
        return;
    }
    for (unsigned i = 0; i < n; i++)
        phys_write(&hw->phys, pa + i, 1, value >> 8 * i & 0xff);
}

/* One side of a page boundary: n bytes where va was translated to. */
static struct request
request_of(const struct hw *hw, const struct access *a, vaddr_t va, const struct translation *t,
           unsigned n)
{
    bool code = a->kind == ACCESS_FETCH && hw->geo.cache[CACHE_L1I].sets;

    return (struct request){.va = va,
                            .pa = t->pa,
                            .size = (uint8_t)n,
                            .use = code ? LINE_CODE : LINE_DATA,
                            .type = (uint8_t)memory_type_at(hw, t->pa, t->pat)};
}

static uint64_t
read_bytes(struct hw *hw, unsigned cpu, const struct access *a, vaddr_t va,
           const struct translation *t, unsigned n)
{
    bool cached = false; /* then the time is the cache's to tell */
    uint32_t cycles;
    uint64_t value;

    if (cache_exists(hw)) {
        struct request r = request_of(hw, a, va, t, n);
        cached = hierarchy_read(hw, cpu, &r, &value);
    } else {
        value = load(hw, t->pa, n);
    }
    cycles = cached ? 0 : hw_spend(hw, hw_tunable(hw, TUNE_DRAM_CYCLES));
    EMIT(hw, cpu, DATA_READ, .va = va, .pa = t->pa, .frame = pfn_of(&hw->geo.format, t->pa),
         .size = n, .new = value, .kind = a->kind, .peer = cached ? CACHE_L1 : CACHES,
         .cycles = cycles);
    return value;
}

/* What is there before a store, for the event. */
static uint64_t
value_now(const struct hw *hw, unsigned cpu, const struct access *a, vaddr_t va,
          const struct translation *t, unsigned n)
{
    struct request r;

    if (!cache_exists(hw))
        return load(hw, t->pa, n);
    r = request_of(hw, a, va, t, n);
    return hierarchy_peek(hw, cpu, &r);
}

static void
write_bytes(struct hw *hw, unsigned cpu, const struct access *a, vaddr_t va,
            const struct translation *t, unsigned n, uint64_t value)
{
    uint64_t old = hw->watch ? value_now(hw, cpu, a, va, t, n) : 0;
    bool kept = false; /* in a line: memory is older now */
    uint32_t cycles = 0;

    value &= low_bits(8 * n);
    if (cache_exists(hw)) {
        struct request r = request_of(hw, a, va, t, n);
        kept = hierarchy_write(hw, cpu, &r, value);
    }
    if (!kept) {
        cycles = hw_spend(hw, hw_tunable(hw, TUNE_DRAM_CYCLES));
        store(hw, t->pa, n, value);
    }
    EMIT(hw, cpu, DATA_WRITE, .va = va, .pa = t->pa, .frame = pfn_of(&hw->geo.format, t->pa),
         .size = n, .old = old, .new = value, .kind = a->kind, .peer = kept ? CACHE_L1 : CACHES,
         .cycles = cycles);
}

static uint64_t
transfer(struct hw *hw, unsigned cpu, const struct access *a, vaddr_t va,
         const struct translation *t, unsigned n, uint64_t value)
{
    if (a->kind != ACCESS_WRITE)
        return read_bytes(hw, cpu, a, va, t, n);
    write_bytes(hw, cpu, a, va, t, n, value);
    return value & low_bits(8 * n);
}

/* --- accesses --- */

/* Bytes of the access that lie beyond va's page. */
static unsigned
bytes_beyond(const struct hw *hw, vaddr_t va, unsigned size)
{
    uint64_t page = format_page(&hw->geo.format), end = (va & (page - 1)) + size;

    return end > page ? (unsigned)(end - page) : 0;
}

/* Two pages, two translations, and only then the bytes. CR2 is the first address that failed,
 * here the second page's start. */
static bool
access_split(struct hw *hw, unsigned cpu, const struct access *a, unsigned second,
             struct access_result *r)
{
    unsigned first = a->size - second;
    struct access upper = *a;
    struct translation t, u;

    upper.size = (uint8_t)second;
    upper.va = a->va + first;
    if (!format_has_rule(&hw->geo.format))
        upper.va = format_extend(&hw->geo.format, upper.va); /* 0xffffffff is followed by 0 */
    if (!cpu_translate(hw, cpu, a, &t)) {
        r->fault = t.fault;
        return false;
    }
    if (!cpu_translate(hw, cpu, &upper, &u)) {
        r->fault = u.fault;
        return false;
    }
    r->pa = t.pa;
    r->beyond = u.pa;
    r->value = transfer(hw, cpu, a, a->va, &t, first, a->value);
    r->value |= transfer(hw, cpu, a, upper.va, &u, second, a->value >> 8 * first) << 8 * first;
    return true;
}

static bool
access_whole(struct hw *hw, unsigned cpu, const struct access *a, struct access_result *r)
{
    struct translation t;

    if (!cpu_translate(hw, cpu, a, &t)) {
        r->fault = t.fault;
        return false;
    }
    r->pa = t.pa;
    r->value = transfer(hw, cpu, a, a->va, &t, a->size, a->value);
    return true;
}

static bool
done(struct hw *hw, unsigned cpu, uint64_t since, bool ok)
{
    if (ok) {
        hw->s->cpu[cpu].accesses++;
        hw->s->cpu[cpu].access_cycles += hw->s->cycles - since;
    }
    return ok;
}

bool
cpu_access(struct hw *hw, unsigned cpu, const struct access *a, bool again, struct access_result *r)
{
    struct access cut = *a;
    unsigned second = bytes_beyond(hw, a->va, a->size);
    uint64_t since = hw->s->cycles;

    pw_assert(cpu < hw->geo.cpus && a->size <= 8);
    if (!format_has_rule(&hw->geo.format) && hw_pages(hw, cpu))
        cut.va = format_extend(&hw->geo.format, a->va);
    *r = (struct access_result){0};
    if (!again)
        EMIT(hw, cpu, ACCESS, .va = cut.va, .size = a->size, .kind = a->kind, .mode = a->user);
    return done(hw, cpu, since,
                second ? access_split(hw, cpu, &cut, second, r) : access_whole(hw, cpu, &cut, r));
}

/* --- what software tells the CPU --- */

/* A new root means other translations, and nothing in the TLB says which root an entry came from:
 * so they go. With PCIDs they are tagged and may stay (SDM 4.10.4.1). */
void
cpu_load_cr3(struct hw *hw, unsigned cpu, uint64_t value)
{
    struct cpu *c = &hw->s->cpu[cpu];
    uint64_t old = c->cr3, keep = UINT64_C(1) << 63;
    bool tagged = c->cr4 & CR4_PCIDE;

    c->cr3 = tagged ? value & ~keep : value;
    if (tagged)
        c->asid = value & 0xfff;
    EMIT(hw, cpu, CR3_LOAD, .old = old, .new = c->cr3,
         .frame = pfn_of(&hw->geo.format, walker_root(hw, value)));
    walker_load_root(hw, cpu);
    if (hw_quirk(hw, QUIRK_TLB_KEEPS_SWITCH) || (tagged && (value & keep)))
        return;
    tlb_flush_asid(hw, cpu, tlb_asid(hw, cpu));
}

/* Elsewhere a new root drops nothing by itself: software says what goes, and the kernel does so with
 * the next instruction (RISC-V SFENCE.VMA, AArch64 TLBI). */
static void
load_other_root(struct hw *hw, unsigned cpu, paddr_t root)
{
    struct cpu *c = &hw->s->cpu[cpu];
    uint64_t old = c->cr3;

    c->cr3 = walker_root_value(hw, root);
    c->asid = 0;
    EMIT(hw, cpu, CR3_LOAD, .old = old, .new = c->cr3, .frame = pfn_of(&hw->geo.format, root));
    if (!hw_quirk(hw, QUIRK_TLB_KEEPS_SWITCH))
        tlb_flush_asid(hw, cpu, tlb_asid(hw, cpu));
}

void
cpu_load_root(struct hw *hw, unsigned cpu, paddr_t root)
{
    if (hw->geo.format.family == FAMILY_X86)
        cpu_load_cr3(hw, cpu, root);
    else
        load_other_root(hw, cpu, root);
}

void
cpu_invlpg(struct hw *hw, unsigned cpu, vaddr_t va)
{
    if (!format_is_canonical(&hw->geo.format, va))
        return; /* it names no page: nothing happens */
    tlb_drop(hw, cpu, format_extend(&hw->geo.format, va));
    if (walk_cache_exists(hw))
        walk_cache_flush_asid(hw, cpu, tlb_asid(hw, cpu));
}
