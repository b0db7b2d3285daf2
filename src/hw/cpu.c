/* cpu.c - what happens between "load from this address" and the bytes.
 *
 *   va --> TLB --hit--------------------> rights --> frame + offset --> data cache --> bytes
 *           '--miss--> walk --> TLB fill ----'
 *                        '--> fault: the instruction has not happened (SDM vol. 3A, 6.5)
 */
#include "hw/cpu.h"

#include <string.h>

#include "base/assert.h"
#include "hw/cache.h"
#include "hw/family.h"

/* --- translation --- */

static bool
walk_and_fill(struct hw *hw, unsigned cpu, const struct access *a, struct translation *t)
{
    if (!walker_walk(hw, cpu, a, t))
        return false;
    tlb_fill(hw, cpu, a->va, t);
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

    EMIT(hw, cpu, TLB_RECHECK, .va = a->va, .frame = e->pfn,
         .set = (uint32_t)(e - tlb_at(hw, cpu, 0, 0)) / hw->geo.tlb_ways,
         .way = (uint32_t)(e - tlb_at(hw, cpu, 0, 0)) % hw->geo.tlb_ways);
    if (!walker_walk(hw, cpu, a, t)) {
        tlb_drop(hw, cpu, a->va);
        return false;
    }
    if (t->shift != shift)
        tlb_drop(hw, cpu, a->va);
    tlb_fill(hw, cpu, a->va, t);
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
    t->pa = walker_pa(hw, e->pfn, e->shift, a->va);
    return hw_is_open(hw, t->pa) || fault_on_hit(hw, cpu, a, outside_error(a), e->shift, t);
}

/* CR0.PG = 0: there are no tables, addresses are physical. */
static bool
unpaged(struct hw *hw, unsigned cpu, const struct access *a, struct translation *t)
{
    const struct family *k = family_of(&hw->geo.format);
    uint16_t error;

    t->fault.vector = FAULT_NONE;
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
    e = tlb_lookup(hw, cpu, a->va);
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

/* One side of a page boundary: n bytes at pa. */
static uint64_t
read_bytes(struct hw *hw, unsigned cpu, const struct access *a, vaddr_t va, paddr_t pa, unsigned n)
{
    bool cached = cache_exists(hw); /* then the time is the cache's to tell */
    uint32_t cycles = cached ? 0 : hw_spend(hw, hw_tunable(hw, TUNE_DRAM_CYCLES));
    uint64_t value = cached ? cache_read(hw, cpu, va, pa, n, LINE_DATA) : load(hw, pa, n);

    EMIT(hw, cpu, DATA_READ, .va = va, .pa = pa, .frame = pfn_of(&hw->geo.format, pa), .size = n,
         .new = value, .kind = a->kind, .cycles = cycles);
    return value;
}

static void
write_bytes(struct hw *hw, unsigned cpu, const struct access *a, vaddr_t va, paddr_t pa, unsigned n,
            uint64_t value)
{
    uint64_t old = hw->watch ? load(hw, pa, n) : 0;
    uint32_t cycles;

    if (cache_exists(hw))
        cache_write(hw, cpu, va, pa, n);
    cycles = hw_spend(hw, hw_tunable(hw, TUNE_DRAM_CYCLES));
    value &= low_bits(8 * n);
    store(hw, pa, n, value);
    EMIT(hw, cpu, DATA_WRITE, .va = va, .pa = pa, .frame = pfn_of(&hw->geo.format, pa), .size = n,
         .old = old, .new = value, .kind = a->kind, .cycles = cycles);
}

static uint64_t
transfer(struct hw *hw, unsigned cpu, const struct access *a, vaddr_t va, paddr_t pa, unsigned n,
         uint64_t value)
{
    if (a->kind != ACCESS_WRITE)
        return read_bytes(hw, cpu, a, va, pa, n);
    write_bytes(hw, cpu, a, va, pa, n, value);
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
    r->value = transfer(hw, cpu, a, a->va, t.pa, first, a->value);
    r->value |= transfer(hw, cpu, a, upper.va, u.pa, second, a->value >> 8 * first) << 8 * first;
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
    r->value = transfer(hw, cpu, a, a->va, t.pa, a->size, a->value);
    return true;
}

bool
cpu_access(struct hw *hw, unsigned cpu, const struct access *a, bool again, struct access_result *r)
{
    struct access cut = *a;
    unsigned second = bytes_beyond(hw, a->va, a->size);

    pw_assert(cpu < hw->geo.cpus && a->size <= 8);
    if (!format_has_rule(&hw->geo.format) && hw_pages(hw, cpu))
        cut.va = format_extend(&hw->geo.format, a->va);
    *r = (struct access_result){0};
    if (!again)
        EMIT(hw, cpu, ACCESS, .va = cut.va, .size = a->size, .kind = a->kind, .mode = a->user);
    return second ? access_split(hw, cpu, &cut, second, r) : access_whole(hw, cpu, &cut, r);
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
    if (format_is_canonical(&hw->geo.format, va)) /* else it names no page: nothing happens */
        tlb_drop(hw, cpu, format_extend(&hw->geo.format, va));
}
