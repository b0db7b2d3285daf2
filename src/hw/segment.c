/* segment.c - from a segment's number and an offset to a physical address, or a fault.
 *
 * The check comes before the addition: an offset that is not below the limit never becomes an
 * address. In a segment that grows down the legal offsets are the highest ones:
 *
 *   grows up     base ->|#########|.......|       offset 0 .. limit - 1
 *   grows down          |.......|#########|<- base      most - limit .. most - 1, most = the largest
 *                                                       a segment can be
 */
#include "hw/segment.h"

#include "base/assert.h"

_Static_assert(sizeof(struct segment_unit) == 8 + 2 * 4, "no padding: compared byte by byte");

/* --- descriptors --- */

struct descriptor
descriptor_of(uint64_t word)
{
    return (struct descriptor){
        .base = word & SEGMENT_BASE_MAX,
        .limit = word >> 32 & SEGMENT_LIMIT_MAX,
        .rights = (uint8_t)(word >> 56),
    };
}

uint64_t
descriptor_word(struct descriptor d)
{
    pw_assert(d.base <= SEGMENT_BASE_MAX && d.limit <= SEGMENT_LIMIT_MAX);
    return d.base | d.limit << 32 | (uint64_t)d.rights << 56;
}

/* --- addresses --- */

static unsigned
offset_bits(const struct geometry *geo)
{
    return geo->format.va_bits - geo->segment.bits;
}

uint64_t
segment_number(const struct geometry *geo, vaddr_t va)
{
    return geo->segment.bits ? va >> offset_bits(geo) : 0;
}

uint64_t
segment_offset(const struct geometry *geo, vaddr_t va)
{
    return va & low_bits(offset_bits(geo));
}

uint64_t
segment_most(const struct geometry *geo)
{
    return low_bits(offset_bits(geo)) + 1;
}

/* --- a translation --- */

static bool
fault(const struct access *a, enum fault_bit why, struct translation *t)
{
    t->fault = (struct fault){.vector = FAULT_SEGMENT, .error = (uint16_t)why, .va = a->va};
    return false;
}

static bool
absent(struct hw *hw, unsigned cpu, const struct access *a, struct translation *t)
{
    EMIT(hw, cpu, SEGMENT_ABSENT, .va = a->va, .index = (uint32_t)segment_number(&hw->geo, a->va));
    return fault(a, 0, t);
}

uint8_t
segment_prot(uint8_t rights)
{
    return (uint8_t)((rights & SEGMENT_R ? RIGHT_R : 0) | (rights & SEGMENT_W ? RIGHT_W : 0) |
                     (rights & SEGMENT_X ? RIGHT_X : 0));
}

static bool
allows(uint8_t rights, uint8_t kind)
{
    static const uint8_t needed[] = {
        [ACCESS_READ] = SEGMENT_R, [ACCESS_WRITE] = SEGMENT_W, [ACCESS_FETCH] = SEGMENT_X};

    return rights & needed[kind];
}

/* All n bytes from this offset on. */
static bool
within(const struct geometry *geo, const struct descriptor *d, uint64_t offset, unsigned n)
{
    uint64_t most = segment_most(geo);

    if (offset + n > most)
        return false;
    return d->rights & SEGMENT_DOWN ? offset + d->limit >= most : offset + n <= d->limit;
}

static struct descriptor
read_descriptor(struct hw *hw, unsigned cpu, uint64_t number)
{
    paddr_t pa = hw->segment[cpu].table + number * DESCRIPTOR_BYTES;
    uint64_t word = phys_read(&hw->phys, pa, DESCRIPTOR_BYTES);
    uint32_t cycles = hw_spend(hw, hw_tunable(hw, TUNE_DRAM_CYCLES));

    EMIT(hw, cpu, SEGMENT_READ, .index = (uint32_t)number, .pa = pa, .new = word, .cycles = cycles);
    return descriptor_of(word);
}

bool
segment_translate(struct hw *hw, unsigned cpu, const struct access *a, struct translation *t)
{
    uint64_t number = segment_number(&hw->geo, a->va), offset = segment_offset(&hw->geo, a->va);
    struct descriptor d;

    if (number >= hw->segment[cpu].count)
        return absent(hw, cpu, a, t);
    d = read_descriptor(hw, cpu, number);
    if (!(d.rights & SEGMENT_P))
        return absent(hw, cpu, a, t);
    if (!allows(d.rights, a->kind)) {
        EMIT(hw, cpu, SEGMENT_DENIES, .va = a->va, .index = (uint32_t)number,
             .prot = segment_prot(d.rights), .kind = a->kind);
        return fault(a, FAULT_P, t);
    }
    if (!within(&hw->geo, &d, offset, a->size)) {
        EMIT(hw, cpu, SEGMENT_LIMIT, .va = a->va, .index = (uint32_t)number, .offset = offset,
             .old = d.limit, .size = a->size);
        return fault(a, 0, t);
    }
    t->fault.vector = FAULT_NONE;
    t->pa = (d.base + offset - (d.rights & SEGMENT_DOWN ? segment_most(&hw->geo) : 0)) &
            low_bits(hw->geo.maxpa);
    EMIT(hw, cpu, SEGMENT_ADDED, .va = a->va, .index = (uint32_t)number, .offset = offset,
         .start = d.base, .pa = t->pa);
    return true;
}

void
segment_load(struct hw *hw, unsigned cpu, paddr_t table, uint32_t count)
{
    struct segment_unit *u = &hw->segment[cpu];

    if (u->table == table && u->count == count)
        return;
    *u = (struct segment_unit){.table = table, .count = count};
    EMIT(hw, cpu, SEGMENT_TABLE, .pa = table, .count = count);
}
