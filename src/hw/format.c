#include "hw/format.h"

/* A 4 MiB page of 32-bit paging (SDM vol. 3A, 4.3): with PSE-36 the entry's bits that a 4 MiB
 * page does not need carry the physical bits that 32 bits have no room for.
 *
 *   31        22 21 20            13 12 11       0
 *  | PA 31..22  | 0 |  PA 39..32    | PAT | flags |
 */
paddr_t
format_large_base(const struct format *f, unsigned level, pte_t entry)
{
    const struct format_level *l = &f->level[level];

    return (format_address(f, entry) & ~low_bits(l->shift)) |
           (entry >> l->high_from & low_bits(l->high_bits)) << l->high_to;
}
