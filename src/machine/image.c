/* The initial state of a machine, from JSON into the hardware. */
#include "machine/image.h"

#include <string.h>

#include "hw/cache.h"
#include "hw/tlb.h"

/* --- small change -------------------------------------------------------------------------------
 */

/* A hex member that has at most `bits` bits. */
static bool
get_bits(struct json o, const char *name, unsigned bits, uint64_t *out, struct error *e)
{
    if (!json_get_hex(o, name, out, e))
        return false;
    return !(*out & ~low_bits(bits)) ||
           json_fail(json_find(o, name), e, "0x%llx has more than %u bits",
                     (unsigned long long)*out, bits);
}

static unsigned
bits_of(unsigned power)
{
    return (unsigned)__builtin_ctz(power);
}

static unsigned
vpn_bits(const struct geometry *g)
{
    return g->format.va_bits - g->format.page_shift;
}

static bool
get_frame(struct json o, const char *name, const struct geometry *g, pfn_t *out, struct error *e)
{
    if (!json_get_hex(o, name, out, e))
        return false;
    return *out < g->frames || json_fail(json_find(o, name), e, "there are only %llu frames",
                                         (unsigned long long)g->frames);
}

/* "ours" marks what no source prints; it changes nothing. */
static bool
check_ours(struct json o, struct error *e)
{
    bool ours;

    return json_opt_bool(o, "ours", &ours, e);
}

static uint64_t
ram_end(const struct geometry *g)
{
    return g->frames << g->format.page_shift;
}

/* --- memory -------------------------------------------------------------------------------------
 */

static int
hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

static bool
read_bytes(struct json o, struct image *m, struct image_span *s, struct error *e)
{
    struct json v = json_find(o, "bytes");
    const char *text;
    size_t n;

    if (!json_get_string(o, "bytes", &text, e))
        return false;
    n = strlen(text) / 2;
    if (!n || strlen(text) % 2 || strspn(text, "0123456789abcdef") != strlen(text))
        return json_fail(v, e, "expected pairs of lower-case hex digits, as in \"0700a0\"");
    if (n > IMAGE_BYTES - m->bytes_used)
        return json_fail(v, e, "an image holds at most %d bytes", IMAGE_BYTES);
    s->at = m->bytes_used;
    s->n = (uint32_t)n;
    for (size_t i = 0; i < n; i++)
        m->bytes[s->at + i] = (uint8_t)(hex_digit(text[2 * i]) << 4 | hex_digit(text[2 * i + 1]));
    m->bytes_used += s->n;
    return true;
}

static bool
overlaps(const struct image_span *s, paddr_t from, uint64_t n)
{
    return s->pa < from + n && from < s->pa + s->n;
}

/* One table, given entry by entry. A tree is given as bytes like everything else. */
static bool
is_flat(const struct geometry *g)
{
    return g->format.levels == 1;
}

static bool
check_span(struct json o, const struct geometry *g, const struct image *m, struct error *e)
{
    const struct image_span *s = &m->span[m->spans];
    struct json at = json_find(o, "at");

    if (s->pa >= ram_end(g) || s->n > ram_end(g) - s->pa)
        return json_fail(at, e, "0x%llx is beyond this machine's memory",
                         (unsigned long long)s->pa + s->n - 1);
    if (is_flat(g) && overlaps(s, m->cr3, format_table_bytes(&g->format, 0)))
        return json_fail(at, e, "the page table lies there");
    for (uint32_t i = 0; i < m->spans; i++)
        if (overlaps(s, m->span[i].pa, m->span[i].n))
            return json_fail(at, e, "these bytes are given twice");
    return true;
}

static bool
read_span(struct json o, const struct geometry *g, struct image *m, struct error *e)
{
    static const char *const names[] = {"at", "bytes", "ours", NULL};
    struct image_span *s = &m->span[m->spans];

    if (m->spans == IMAGE_SPANS)
        return json_fail(o, e, "an image has at most %d pieces of memory", IMAGE_SPANS);
    if (!json_only_members(o, names, e) || !json_get_hex(o, "at", &s->pa, e) ||
        !read_bytes(o, m, s, e) || !check_ours(o, e) || !check_span(o, g, m, e))
        return false;
    m->spans++;
    return true;
}

/* --- the page table -----------------------------------------------------------------------------
 */

static const struct image_entry *
entry_of(const struct image *m, vpn_t vpn)
{
    for (uint32_t i = 0; i < m->entries; i++)
        if (m->entry[i].vpn == vpn)
            return &m->entry[i];
    return NULL;
}

static bool
read_entry(struct json o, const struct geometry *g, struct image *m, struct error *e)
{
    static const char *const names[] = {"vpn", "ppn", "ours", NULL};
    struct image_entry *x = &m->entry[m->entries];

    if (m->entries == IMAGE_ENTRIES)
        return json_fail(o, e, "an image has at most %d entries", IMAGE_ENTRIES);
    if (!json_only_members(o, names, e) || !get_bits(o, "vpn", vpn_bits(g), &x->vpn, e) ||
        !get_frame(o, "ppn", g, &x->pfn, e) || !check_ours(o, e))
        return false;
    if (entry_of(m, x->vpn))
        return json_fail(json_find(o, "vpn"), e, "VPN 0x%llx has an entry already",
                         (unsigned long long)x->vpn);
    m->entries++;
    return true;
}

static bool
read_root(struct json o, const struct geometry *g, struct image *m, struct error *e)
{
    const struct format *f = &g->format;
    struct json v = json_find(o, "cr3");

    if (!is_flat(g) && (json_find(o, "entries").node || json_find(o, "tlb").node))
        return json_fail(o, e,
                         "\"entries\" and \"tlb\" need a page table of one level, this one has "
                         "%d",
                         f->levels);
    if (!json_get_hex(o, "cr3", &m->cr3, e))
        return false;
    if (is_flat(g) && m->cr3 & low_bits(f->page_shift))
        return json_fail(v, e, "0x%llx is not the start of a frame", (unsigned long long)m->cr3);
    if (m->cr3 >= ram_end(g) || format_table_bytes(f, 0) > ram_end(g) - m->cr3)
        return json_fail(v, e, "the page table's %llu bytes reach beyond memory",
                         (unsigned long long)format_table_bytes(f, 0));
    return true;
}

/* --- TLB and cache ------------------------------------------------------------------------------
 */

static bool
cell_is_new(struct json o, const struct image_cell *cells, uint32_t n, struct error *e)
{
    const struct image_cell *new = &cells[n];

    for (uint32_t i = 0; i < n; i++) {
        if (cells[i].set != new->set)
            continue;
        if (cells[i].way == new->way)
            return json_fail(o, e, "set %u, way %u is given twice", new->set, new->way);
        if (cells[i].valid && new->valid && cells[i].tag == new->tag)
            return json_fail(json_find(o, "tag"), e, "set %u holds tag 0x%llx already", new->set,
                             (unsigned long long)new->tag);
    }
    return true;
}

/* What the two have in common. tag_bits: what an address has above its set. */
static bool
read_cell(struct json o, unsigned sets, unsigned ways, unsigned tag_bits, struct image_cell *x,
          struct error *e)
{
    int64_t set, way = 0;

    if (!json_get_int(o, "set", 0, (int64_t)sets - 1, &set, e) ||
        !json_opt_int(o, "way", 0, (int64_t)ways - 1, &way, e) ||
        !json_get_bool(o, "valid", &x->valid, e) || !get_bits(o, "tag", tag_bits, &x->tag, e) ||
        !check_ours(o, e))
        return false;
    x->set = (uint16_t)set;
    x->way = (uint16_t)way;
    return true;
}

static vpn_t
tlb_vpn(const struct geometry *g, const struct image_cell *x)
{
    return x->tag << bits_of(g->tlb_sets) | x->set;
}

/* Only what the table says may be valid in the TLB: the machine begins honest. */
static bool
check_translation(struct json o, const struct geometry *g, const struct image *m,
                  const struct image_cell *x, struct error *e)
{
    const struct image_entry *said = entry_of(m, tlb_vpn(g, x));

    if (!said)
        return json_fail(o, e, "\"entries\" has none for its VPN, 0x%llx",
                         (unsigned long long)tlb_vpn(g, x));
    return said->pfn == x->pfn ||
           json_fail(json_find(o, "ppn"), e, "the entry of VPN 0x%llx says 0x%llx",
                     (unsigned long long)said->vpn, (unsigned long long)said->pfn);
}

static bool
read_tlb_cell(struct json o, const struct geometry *g, struct image *m, struct error *e)
{
    static const char *const names[] = {"set", "way", "tag", "valid", "ppn", "ours", NULL};
    struct image_cell *x = &m->tlb[m->tlb_cells];
    unsigned set_bits = bits_of(g->tlb_sets);

    if (m->tlb_cells == IMAGE_CELLS)
        return json_fail(o, e, "an image has at most %d TLB entries", IMAGE_CELLS);
    if (vpn_bits(g) < set_bits)
        return json_fail(o, e, "the TLB has more sets than there are pages");
    if (!json_only_members(o, names, e) ||
        !read_cell(o, g->tlb_sets, g->tlb_ways, vpn_bits(g) - set_bits, x, e) ||
        !cell_is_new(o, m->tlb, m->tlb_cells, e))
        return false;
    if (!x->valid && json_find(o, "ppn").node)
        return json_fail(json_find(o, "ppn"), e, "an invalid entry has none");
    if (x->valid && (!get_frame(o, "ppn", g, &x->pfn, e) || !check_translation(o, g, m, x, e)))
        return false;
    m->tlb_cells++;
    return true;
}

static paddr_t
line_pa(const struct cache_geometry *c, const struct image_cell *x)
{
    return (x->tag * c->sets + x->set) << c->line_shift;
}

static bool
read_line(struct json o, const struct geometry *g, struct image *m, struct error *e)
{
    static const char *const names[] = {"set", "way", "tag", "valid", "ours", NULL};
    const struct cache_geometry *c = &g->cache[CACHE_L1];
    struct image_cell *x = &m->line[m->line_cells];
    unsigned below = c->sets ? bits_of(c->sets) + c->line_shift : 0;

    if (m->line_cells == IMAGE_CELLS)
        return json_fail(o, e, "an image has at most %d lines", IMAGE_CELLS);
    if (!c->sets || below > g->maxpa)
        return json_fail(o, e, "this machine has no cache to hold it");
    if (!json_only_members(o, names, e) ||
        !read_cell(o, c->sets, c->ways, g->maxpa - below, x, e) ||
        !cell_is_new(o, m->line, m->line_cells, e))
        return false;
    if (line_pa(c, x) >= ram_end(g))
        return json_fail(json_find(o, "tag"), e, "its line is beyond this machine's memory");
    m->line_cells++;
    return true;
}

/* --- all of it ----------------------------------------------------------------------------------
 */

typedef bool read_fn(struct json, const struct geometry *, struct image *, struct error *);

static bool
read_list(struct json o, const char *name, read_fn *each, const struct geometry *g, struct image *m,
          struct error *e)
{
    struct json list = json_find(o, name);

    if (!list.node)
        return true;
    if (!json_get_array(o, name, &list, e))
        return false;
    for (struct json v = json_first(list); v.node; v = json_next(v))
        if (!each(v, g, m, e))
            return false;
    return true;
}

bool
image_from_json(struct json o, const struct geometry *g, struct image *m, struct error *e)
{
    static const char *const names[] = {"cr3", "fill", "memory", "entries", "tlb", "lines", NULL};
    int64_t fill = 0;

    memset(m, 0, sizeof *m);
    if (!json_only_members(o, names, e) || !read_root(o, g, m, e) ||
        !json_opt_int(o, "fill", 1, 4095, &fill, e) ||
        !read_list(o, "memory", read_span, g, m, e) ||
        !read_list(o, "entries", read_entry, g, m, e) ||
        !read_list(o, "tlb", read_tlb_cell, g, m, e) || !read_list(o, "lines", read_line, g, m, e))
        return false;
    m->fill = (uint32_t)fill;
    m->given = true;
    return true;
}

static void
load_memory(const struct image *m, struct hw *hw)
{
    const struct format *f = &hw->geo.format;

    for (pfn_t i = 0; m->fill && i < hw->geo.frames; i++)
        phys_pattern_frame(&hw->phys, i, m->fill << 20 | (uint32_t)(i & 0xfffff));
    for (uint64_t at = 0; is_flat(&hw->geo) && at < format_table_bytes(f, 0); at += format_page(f))
        phys_zero_frame(&hw->phys, pfn_of(f, m->cr3 + at));
    for (uint32_t i = 0; i < m->spans; i++)
        phys_copy_in(&hw->phys, m->span[i].pa, m->bytes + m->span[i].at, m->span[i].n);
    for (uint32_t i = 0; i < m->entries; i++)
        phys_write(&hw->phys, m->cr3 + m->entry[i].vpn * f->entry_bytes, f->entry_bytes,
                   (format_naming(f, pa_of(f, m->entry[i].pfn)) & f->frame) | f->flag.present);
}

static void
load_tlb(const struct image *m, struct hw *hw)
{
    const struct format *f = &hw->geo.format;

    for (uint32_t i = 0; i < m->tlb_cells; i++) {
        const struct image_cell *x = &m->tlb[i];
        vaddr_t page = format_extend(f, tlb_vpn(&hw->geo, x) << f->page_shift);
        struct translation t = {0};
        bool valid = x->valid && walker_peek(hw, m->cr3, page, &t);

        tlb_put(hw, 0, x->way, page, x->pfn, valid ? TLB_VALID | t.flags : 0);
    }
}

void
image_load(const struct image *m, struct hw *hw)
{
    if (!m->given)
        return;
    load_memory(m, hw);
    for (unsigned cpu = 0; cpu < hw->geo.cpus; cpu++) {
        hw->s->cpu[cpu].cr3 = m->cr3;
        walker_load_root(hw, cpu);
    }
    load_tlb(m, hw);
    for (uint32_t i = 0; i < m->line_cells; i++)
        cache_put(hw, 0, m->line[i].way, line_pa(&hw->geo.cache[CACHE_L1], &m->line[i]),
                  m->line[i].valid);
}
