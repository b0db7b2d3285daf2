#include "hw/format.h"

/* Two bit masks say where an address is in an entry; everything else here is arithmetic on the descriptor. */

vaddr_t
format_extend(const struct format *f, vaddr_t va)
{
    uint64_t low = low_bits(f->va_bits), sign = UINT64_C(1) << (f->va_bits - 1);

    if (f->canonical && (va & sign))
        return va | ~low;
    return va & low;
}

/* Without the rule every address will do: its upper bits do not exist. */
bool
format_is_canonical(const struct format *f, vaddr_t va)
{
    return !f->canonical || format_extend(f, va) == va;
}

/* A 4 MiB page of 32-bit paging (SDM vol. 3A, 4.3): with PSE-36 the entry's bits that a 4 MiB page does not need
 * carry the physical bits that 32 bits have no room for.
 *
 *   31        22 21 20            13 12 11       0
 *  | PA 31..22  | 0 |  PA 39..32    | PAT | flags |
 */
paddr_t
format_large_base(const struct format *f, unsigned level, pte_t entry)
{
    const struct format_level *l = &f->level[level];

    return (entry & f->frame & ~low_bits(l->shift))
         | (entry >> l->high_from & low_bits(l->high_bits)) << l->high_to;
}
