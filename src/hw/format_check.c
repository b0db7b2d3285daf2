/* format_check.c - a descriptor that anybody may write must not be able to break the walker.
 *
 * What holds after it: the levels cover the virtual address exactly, a table but the root fits into
 * one frame, an entry never crosses a frame, and no bit of an entry means two things.
 */
#include "hw/hashed.h"

#define SAY(...) error_set(why, EXIT_DATA, __VA_ARGS__)

static bool
check_sizes(const struct format *f, struct error *why)
{
    int pa_most = f->family == FAMILY_RISCV ? 56 : 52;

    if (f->entry_bytes != 1 && f->entry_bytes != 2 && f->entry_bytes != 4 && f->entry_bytes != 8)
        return SAY("entry_bytes: %d is not 1, 2, 4 or 8", f->entry_bytes);
    if (f->page_shift < 3 || f->page_shift > 20)
        return SAY("page_shift: %d is not within 3..20", f->page_shift);
    if (f->halves && (f->canonical || f->va_bits > 55))
        return SAY("halves: bit 55 names the half, so there are at most 55 bits and no sign");
    if (f->va_bits <= f->page_shift || f->va_bits > (f->canonical ? 63 : 64))
        return SAY("va_bits: %d is not within %d..%d", f->va_bits, f->page_shift + 1,
                   f->canonical ? 63 : 64);
    if (f->pa_bits <= f->page_shift || f->pa_bits > pa_most)
        return SAY("pa_bits: %d is not within %d..%d", f->pa_bits, f->page_shift + 1, pa_most);
    if (f->frame_up > f->page_shift)
        return SAY("frame_up: %d is more than page_shift", f->frame_up);
    if (f->levels < 1 || f->levels > LEVEL_MAX)
        return SAY("levels: %d levels, expected 1..%d", f->levels, LEVEL_MAX);
    return true;
}

/* The offset and the indices, side by side from bit 0 up, must make exactly va_bits. */
static bool
check_levels(const struct format *f, struct error *why)
{
    unsigned at = f->page_shift;

    for (unsigned i = f->levels; i-- > 0; at += f->level[i].bits) {
        const struct format_level *l = &f->level[i];

        int most = format_is_tree(f) ? 16 : HASHED_PAGE_BITS;

        if (l->bits < 1 || l->bits > most)
            return SAY("levels[%u].bits: %d is not within 1..%d", i, l->bits, most);
        if (l->shift != at)
            return SAY("levels[%u].shift: %d, but the bits below it make %u", i, l->shift, at);
        if (i && format_table_bytes(f, i) > format_page(f))
            return SAY("levels[%u].bits: a table of %llu bytes does not fit into a page of %llu", i,
                       (unsigned long long)format_table_bytes(f, i),
                       (unsigned long long)format_page(f));
    }
    if (at != f->va_bits)
        return SAY("levels: their bits and the offset make %u, va_bits is %d", at, f->va_bits);
    return true;
}

static bool
check_frame(const struct format *f, struct error *why)
{
    uint64_t entry = low_bits(f->entry_bytes * 8);
    unsigned lowest = f->page_shift - f->frame_up;

    if (f->frame == 0)
        return SAY("frame: no bit of an entry names a frame");
    if (f->frame & ~entry)
        return SAY("frame: 0x%llx does not fit into an entry of %d bytes",
                   (unsigned long long)f->frame, f->entry_bytes);
    if (f->frame & low_bits(lowest))
        return SAY("frame: 0x%llx has bits below %s %d", (unsigned long long)f->frame,
                   f->frame_up ? "page_shift - frame_up," : "page_shift", lowest);
    if ((f->frame + (UINT64_C(1) << lowest)) & f->frame)
        return SAY("frame: 0x%llx is not one row of bits from %s %d up",
                   (unsigned long long)f->frame,
                   f->frame_up ? "page_shift - frame_up," : "page_shift", lowest);
    if (f->frame & ~low_bits(f->pa_bits - f->frame_up))
        return SAY("frame: 0x%llx has bits above pa_bits %d", (unsigned long long)f->frame,
                   f->pa_bits);
    return true;
}

struct named_flag {
    const char *name;
    uint64_t mask;
};

/* Each flag is one bit of its own, outside the frame. */
static bool
check_flags(const struct format *f, uint64_t *used, struct error *why)
{
    const struct format_flags *g = &f->flag;
    const struct named_flag flag[] = {
        {"present", g->present},
        {"writable", g->writable},
        {"user", g->user},
        {"write_through", g->write_through},
        {"cache_disable", g->cache_disable},
        {"accessed", g->accessed},
        {"dirty", g->dirty},
        {"large", g->large},
        {"global", g->global},
        {"no_execute", g->no_execute},
        {"readable", g->readable},
        {"kernel_no_execute", g->kernel_no_execute},
    };

    if (g->present == 0)
        return SAY("flags.present: an entry must be able to say that there is nothing");
    for (unsigned i = 0; i < sizeof flag / sizeof *flag; i++) {
        uint64_t mask = flag[i].mask;

        if (mask & (mask - 1))
            return SAY("flags.%s: more than one bit", flag[i].name);
        if (mask & ~low_bits(f->entry_bytes * 8))
            return SAY("flags.%s: outside an entry of %d bytes", flag[i].name, f->entry_bytes);
        if (mask & f->frame)
            return SAY("flags.%s: lies inside the frame bits 0x%llx", flag[i].name,
                       (unsigned long long)f->frame);
        if (mask & *used)
            return SAY("flags.%s: its bit is another flag's", flag[i].name);
        *used |= mask;
    }
    return true;
}

/* PSE-36's second address field. */
static bool
check_high(const struct format *f, unsigned i, uint64_t used, struct error *why)
{
    const struct format_level *l = &f->level[i];

    if (l->high_bits == 0)
        return true;
    if (l->large != LARGE_ALWAYS && l->large != LARGE_IF_PSE)
        return SAY("levels[%u].high: only a level with large pages has such bits", i);
    if (l->high_from + l->high_bits > l->shift ||
        (low_bits(l->high_bits) << l->high_from & (used | l->large_reserved)))
        return SAY("levels[%u].high.from: bits %d..%d of an entry are not free", i, l->high_from,
                   l->high_from + l->high_bits - 1);
    if (l->high_to < l->shift || l->high_to + l->high_bits > f->pa_bits ||
        (low_bits(l->high_bits) << l->high_to & f->frame))
        return SAY(
            "levels[%u].high.to: physical bits %d..%d come from elsewhere, or lie above pa_bits", i,
            l->high_to, l->high_to + l->high_bits - 1);
    return true;
}

static bool
check_large(const struct format *f, unsigned i, uint64_t used, struct error *why)
{
    const struct format_level *l = &f->level[i];
    unsigned below =
        (unsigned)l->shift - f->frame_up; /* entry bits from here on name a large page */
    bool last = i + 1 == f->levels;
    bool type = f->when_zero & f->flag.large; /* 0 is a block, and no block is so small */

    if (l->bare && (last || l->large == LARGE_ALWAYS || l->large == LARGE_IF_PSE))
        return SAY("levels[%u].rights: a level that maps pages has rights", i);
    if (l->bare)
        used = f->flag.present; /* the others mean nothing here, so they may be reserved */
    if (l->large > LARGE_IF_PSE)
        return SAY("levels[%u].large: no such rule", i);
    if (last && l->large != LARGE_NEVER && !(l->large == LARGE_RESERVED && type))
        return SAY("levels[%u].large: the last level maps pages anyway, it must be \"never\"", i);
    if (l->large != LARGE_NEVER && f->flag.large == 0 && f->leaf == 0)
        return SAY("levels[%u].large: the format has no flag \"large\"", i);
    if ((l->large == LARGE_ALWAYS || l->large == LARGE_IF_PSE) && !(f->frame & ~low_bits(below)))
        return SAY("levels[%u].large: no frame bits are left for a page of that size", i);
    if ((l->reserved & (used | f->frame)) || (l->reserved & ~low_bits(f->entry_bytes * 8)))
        return SAY("levels[%u].reserved: 0x%llx overlaps flags or frame, or is outside the entry",
                   i, (unsigned long long)l->reserved);
    if ((l->large_reserved & (used | (f->frame & ~low_bits(below)))) ||
        (l->large_reserved & ~low_bits(f->entry_bytes * 8)))
        return SAY("levels[%u].large_reserved: 0x%llx overlaps flags or the large page's frame, or "
                   "is outside the entry",
                   i, (unsigned long long)l->large_reserved);
    return check_high(f, i, used, why);
}

/* What hw/hashed.h promises of a table that is no tree. */
static bool
check_kind(const struct format *f, struct error *why)
{
    if (format_is_tree(f))
        return true;
    if (f->kind > TABLE_INVERTED)
        return SAY("kind: no such kind");
    if (f->levels != 1 || f->level[0].large != LARGE_NEVER)
        return SAY("levels: a table that is no tree has one level, without large pages");
    if (f->entry_bytes != HASHED_ENTRY / 2)
        return SAY("entry_bytes: %d, but in a table that is no tree it is %d", f->entry_bytes,
                   HASHED_ENTRY / 2);
    if (f->page_shift < HASHED_TAG_BITS)
        return SAY("page_shift: %d leaves no room for a process number in CR3", f->page_shift);
    return true;
}

/* A table lies at a multiple of its own size, or of the page's where it is larger. */
static bool
check_root(const struct format *f, struct error *why)
{
    uint64_t table = format_table_bytes(f, 0), page = format_page(f);

    if (f->family != FAMILY_X86) /* its register is no address, or has no format of its own */
        return true;
    if (f->root == 0 || f->root & ((table < page ? table : page) - 1))
        return SAY("root: 0x%llx cannot hold the address of a table of %llu bytes",
                   (unsigned long long)f->root, (unsigned long long)table);
    if ((f->root + (f->root & -f->root)) & f->root || !(f->root & format_address(f, f->frame)))
        return SAY("root: 0x%llx is not one row of bits that reaches into the frame's",
                   (unsigned long long)f->root);
    if (f->root_registers && (1u << f->level[0].bits > ROOT_ENTRIES || f->levels < 2))
        return SAY("root_registers: a root of at most %d entries, above other tables",
                   ROOT_ENTRIES);
    return true;
}

/* What software writes besides, and what entries that name tables say. */
static bool
check_others(const struct format *f, uint64_t used, struct error *why)
{
    const struct format_table *t = &f->table;
    uint64_t entry = low_bits(f->entry_bytes * 8);
    uint64_t below = t->no_write | t->no_user | t->no_execute | t->no_kernel_execute | t->global;

    if ((f->when_zero & ~used) || (f->when_zero & f->flag.present))
        return SAY("when_zero: only flags, and not \"present\": an entry of zeros is absent");
    if (f->leaf & ~used)
        return SAY("leaf: 0x%llx has bits that are no flags", (unsigned long long)f->leaf);
    if (f->page_bits & (f->frame | ~entry))
        return SAY("page_bits: 0x%llx overlaps the frame, or is outside the entry",
                   (unsigned long long)f->page_bits);
    if (f->table_bits & (f->frame | t->reserved | ~entry))
        return SAY(
            "table_bits: 0x%llx overlaps the frame or reserved bits, or is outside the entry",
            (unsigned long long)f->table_bits);
    if (f->table_bits && !(f->table_bits & f->flag.present))
        return SAY("table_bits: without \"present\" the entry would be absent");
    if ((below | t->reserved) & (f->frame | f->flag.present | ~entry))
        return SAY("table: its bits overlap the frame or \"present\", or are outside the entry");
    return true;
}

bool
format_check(const struct format *f, struct error *why)
{
    uint64_t used = 0;

    if (!check_sizes(f, why) || !check_levels(f, why) || !check_kind(f, why) ||
        !check_frame(f, why) || !check_flags(f, &used, why) || !check_root(f, why) ||
        !check_others(f, used, why))
        return false;
    for (unsigned i = 0; i < f->levels; i++)
        if (!check_large(f, i, used, why))
            return false;
    return true;
}
