/* pane_layout.c - the process as it sees itself: its areas from the highest address down, and how much of each promise is kept by a frame.
 * What is resident is counted in the page tables, not remembered.
 */
#include "view/panes.h"

#include "base/json.h"
#include "base/lang.h"
#include "base/text.h"

/* Present leaves of [start, end) below one table; what a whole large leaf maps counts in full. */
static uint64_t
resident_below(const struct scene *s, unsigned level, paddr_t table, vaddr_t start, vaddr_t end)
{
    const struct hw *hw = &s->now->hw;
    const struct format *f = &hw->geo.format;
    uint64_t span = UINT64_C(1) << f->level[level].shift, pages = 0;

    for (vaddr_t va = start; va < end;) {
        vaddr_t next = (va | (span - 1)) + 1;
        pte_t entry = phys_read(&hw->phys, table + (uint64_t)format_index(f, level, va) * f->entry_bytes, f->entry_bytes);

        if (next > end || next < va)
            next = end;
        if (entry & f->flag.present) {
            if (walker_is_leaf(hw, scene_cpu(s), level, entry))
                pages += (next - va) >> f->page_shift;
            else if (level + 1 < f->levels)
                pages += resident_below(s, level + 1, format_address(f, entry), va, next);
        }
        va = next;
    }
    return pages;
}

/* Where the table is no tree, the kernel's own record tells. */
static uint64_t
resident_listed(const struct scene *s, const struct mm *mm, const struct area *a)
{
    const struct os *os = &s->now->os;
    const struct format *f = scene_format(s);
    uint64_t pages = 0;
    paddr_t slot;

    for (vaddr_t va = a->start; table_next(os, (uint32_t)(mm - os->s->mm), &va, a->end, &slot); va += format_page(f))
        pages += (table_get(os, slot) & f->flag.present) != 0;
    return pages;
}

static uint64_t
area_resident(const struct scene *s, const struct mm *mm, const struct area *a)
{
    if (!format_is_tree(scene_format(s)))
        return resident_listed(s, mm, a);
    return resident_below(s, 0, mm->root, a->start, a->end);
}

static const char *
prot_text(const struct area *a, char out[6])
{
    out[0] = a->prot & RIGHT_R ? 'r' : '-';
    out[1] = a->prot & RIGHT_W ? 'w' : '-';
    out[2] = a->prot & RIGHT_X ? 'x' : '-';
    out[3] = a->shared ? 's' : 'p';
    out[4] = 0;
    return out;
}

/* Areas in the order of the list; the picture goes through them from the end. */
static unsigned
areas_list(const struct scene *s, const struct mm *mm, uint32_t list[AREA_MAX])
{
    unsigned n = 0;

    for (uint32_t i = mm->area; i && n < AREA_MAX; i = s->now->os.area[i].next)
        list[n++] = i;
    return n;
}

static unsigned
area_link(const struct scene *s, uint32_t index, const struct area *a)
{
    const struct area *old = &s->before->os.area[index];

    if (s->has_event && s->now != s->before &&
        (old->start != a->start || old->end != a->end || old->prot != a->prot || old->used != a->used))
        return CELL_CHANGED;
    if (event_has(s, FIELD_START) && s->event.start == a->start && event_has(s, FIELD_AREA))
        return CELL_READ;
    return 0;
}

/* One sign a page: there, or only promised. */
static void
area_strip(struct pen *p, const struct scene *s, const struct mm *mm, const struct area *a)
{
    const struct format *f = scene_format(s);
    uint64_t pages = (a->end - a->start) >> f->page_shift;
    vaddr_t here = scene_walks(s) ? s->walk.va >> f->page_shift : 0;

    if (pages > 64 || pages > (uint64_t)pen_left(p) || pages < 1)
        return;
    for (uint64_t i = 0; i < pages; i++) {
        vaddr_t va = a->start + (i << f->page_shift);
        bool there = resident_below(s, 0, mm->root, va, va + format_page(f));
        unsigned mark = scene_walks(s) && va >> f->page_shift == here ? CELL_LINKED : 0;

        pen_glyph(p, there ? GLYPH_FULL : GLYPH_DOT, there ? ROLE_USER : ROLE_DIM, mark);
    }
}

/* Columns follow the width of an address. */
struct layout_columns {
    int digits, range, prot, pages, name;
    bool start_only; /* decimal takes more room: the size says where it ends */
};

static struct layout_columns
layout_columns(const struct scene *s, int w)
{
    enum { BEHIND = 14 };
    const struct format *f = scene_format(s);
    struct layout_columns k = {.digits = f->va_bits > 32 ? 12 : va_digits(f), .range = 7};

    if (s->set.numbers == NUMBERS_DECIMAL)
        k.digits = f->va_bits > 32 ? 15 : f->va_bits > 16 ? 10 : 5;
    k.start_only = s->set.numbers == NUMBERS_DECIMAL && k.range + 2 * k.digits + BEHIND > w;
    k.prot = k.range + (k.start_only ? k.digits + 3 : 2 * k.digits + 2);
    k.pages = k.prot + 5;
    k.name = k.pages + 7;
    return k;
}

/* From and to. Hex has its 0x nowhere here, so decimal stands without a sign, too: the title line says which it is. */
static void
area_range(struct pen *p, const struct scene *s, const struct area *a, struct layout_columns k, unsigned flags)
{
    unsigned long long start = a->start, end = a->end;

    if (s->set.numbers == NUMBERS_HEX)
        pen_putf(p, ROLE_ADDRESS, flags, "%0*llx-%0*llx", k.digits, start, k.digits, end);
    else if (!k.start_only)
        pen_putf(p, ROLE_ADDRESS, flags, "%*llu-%-*llu", k.digits, start, k.digits, end);
    else
        pen_putf(p, ROLE_ADDRESS, flags, "%*llu-", k.digits, start); /* or it would look cut */
    if (k.start_only)
        pen_glyph(p, GLYPH_ELLIPSIS, ROLE_DIM, 0);
}

static void
area_row(struct pen *p, const struct scene *s, const struct mm *mm, uint32_t index)
{
    const struct area *a = &s->now->os.area[index];
    const struct format *f = scene_format(s);
    struct layout_columns k = layout_columns(s, p->r.w);
    bool here = scene_walks(s) && s->walk.va >= a->start && s->walk.va < a->end;
    uint64_t pages = (a->end - a->start) >> f->page_shift, there = area_resident(s, mm, a);
    unsigned link = area_link(s, index, a);
    char prot[6], waste[24];

    if (here)
        pen_glyph(p, GLYPH_POINT_RIGHT, ROLE_ACCENT, CELL_BOLD);
    else
        pen_put(p, " ", ROLE_TEXT, 0);
    pen_put(p, tr(area_kind_name[a->kind]), ROLE_TEXT, here ? CELL_BOLD : 0);
    pen_to(p, k.range);
    area_range(p, s, a, k, link | (here ? CELL_BOLD : 0));
    pen_to(p, k.prot);
    pen_put(p, prot_text(a, prot), ROLE_TEXT, link);
    pen_to(p, k.pages);
    pen_putf(p, there ? ROLE_USER : ROLE_DIM, 0, "%llu", (unsigned long long)there);
    pen_putf(p, ROLE_DIM, 0, "/%llu", (unsigned long long)pages);
    pen_to(p, k.name);
    area_strip(p, s, mm, a);
    if (a->waste) {
        pen_put(p, " ", ROLE_TEXT, 0);
        pen_putf(p, ROLE_DIM, 0, tr("wasted %s"), number_size(a->waste, waste));
    }
    if (a->object && a->object < OBJECT_MAX && s->now->os.s->object[a->object].name[0]) {
        pen_put(p, " ", ROLE_TEXT, 0);
        pen_rest(p, s->now->os.s->object[a->object].name, ROLE_DIM, 0);
    }
    pen_line(p);
}

static void
gap_row(struct pen *p, const struct scene *s, vaddr_t from, vaddr_t to)
{
    bool here = scene_walks(s) && s->walk.va >= from && s->walk.va < to;
    char size[16];

    if (from >= to)
        return;
    if (here)
        pen_glyph(p, GLYPH_POINT_RIGHT, ROLE_WARNING, CELL_BOLD);
    else
        pen_put(p, " ", ROLE_TEXT, 0);
    pen_glyph(p, GLYPH_TREE_DOWN, ROLE_DIM, 0);
    pen_putf(p, here ? ROLE_WARNING : ROLE_DIM, 0, " %s ", size_text(to - from, size));
    pen_rest(p, here ? tr("nobody's: the address lies here") : tr("nobody's"), here ? ROLE_WARNING : ROLE_DIM, 0);
    pen_line(p);
}

/* The kernel's own area is the same in every address space and closed to the user: all of RAM. */
static vaddr_t
kernel_end(const struct scene *s)
{
    return s->now->os.layout.kernel + s->now->preset.geo.frames * format_page(scene_format(s));
}

static void
kernel_row(struct pen *p, const struct scene *s)
{
    vaddr_t start = s->now->os.layout.kernel, end = kernel_end(s);
    bool here = scene_walks(s) && s->walk.va >= start && s->walk.va < end;
    char size[16];

    if (!start)
        return;
    if (here)
        pen_glyph(p, GLYPH_POINT_RIGHT, ROLE_ACCENT, CELL_BOLD);
    else
        pen_put(p, " ", ROLE_TEXT, 0);
    pen_put(p, tr(area_kind_name[AREA_KERNEL]), ROLE_KERNEL, here ? CELL_BOLD : 0);
    pen_put(p, " ", ROLE_TEXT, 0);
    pen_putf(p, ROLE_ADDRESS, 0, s->set.numbers == NUMBERS_DECIMAL ? "%llu " : "%llx ", (unsigned long long)start);
    pen_putf(p, ROLE_DIM, 0, "%s ", size_text(end - start, size));
    pen_rest(p, tr("all of memory, closed to the user"), ROLE_DIM, 0);
    pen_line(p);
}

static void
layout_head(struct pen *p, const struct scene *s, const struct mm *mm)
{
    uint32_t pid = s->now->hw.s->cpu[scene_cpu(s)].task;
    const struct task *t = &s->now->os.s->task[pid];
    const struct mm *old = s->before->os.s->mm + (mm - s->now->os.s->mm);

    pen_putf(p, ROLE_TITLE, CELL_BOLD, "%s %u", tr("pid"), pid);
    pen_putf(p, ROLE_DIM, 0, "  %s ", tr("resident"));
    pen_putf(p, ROLE_NUMBER, s->has_event && old->rss_anon != mm->rss_anon ? CELL_CHANGED : 0, "%llu", (unsigned long long)mm->rss_anon);
    pen_putf(p, ROLE_DIM, 0, " + %s ", tr("file"));
    pen_putf(p, ROLE_NUMBER, s->has_event && old->rss_file != mm->rss_file ? CELL_CHANGED : 0, "%llu", (unsigned long long)mm->rss_file);
    pen_putf(p, ROLE_DIM, 0, "  %s ", tr("tables"));
    pen_putf(p, ROLE_NUMBER, s->has_event && old->tables != mm->tables ? CELL_CHANGED : 0, "%u", mm->tables);
    if (pen_left(p) > 22)
        pen_putf(p, ROLE_DIM, 0, "  %s %u+%u", tr("faults"), t->minor, t->major);
    pen_line(p);
}

static int
layout_write(struct pen *p, const struct scene *s, const struct mm *mm)
{
    uint32_t list[AREA_MAX];
    unsigned n = areas_list(s, mm, list);
    vaddr_t above = s->now->os.layout.user_end;
    int here = 0;

    kernel_row(p, s);
    for (unsigned i = n; i-- > 0;) {
        const struct area *a = &s->now->os.area[list[i]];

        gap_row(p, s, a->end, above);
        if (scene_walks(s) && s->walk.va >= a->start && s->walk.va < a->end)
            here = p->y;
        if (p->dry)
            pen_line(p);
        else
            area_row(p, s, mm, list[i]);
        above = a->start;
    }
    gap_row(p, s, 0, above);
    return here;
}

void
pane_layout(const struct scene *s, struct canvas *c, struct rect r)
{
    const struct mm *mm = scene_mm(s);
    struct pen p, dry = {.c = c, .r = r, .dry = true};
    int here, skip;

    pen_open(&p, c, r);
    if (!mm)
        pen_rest(&p, s->now->preset.kernel ? tr("No process runs here.") : tr("No kernel, no processes: only the hardware."), ROLE_DIM, 0);
    else
        layout_head(&p, s, mm);
    pen_close(&p);
    if (!mm || r.h < 2)
        return;
    here = layout_write(&dry, s, mm);
    skip = scroll_for(dry.y, r.h - 1, here, s->set.scroll[PANE_LAYOUT]);
    pen_open(&p, c, rect_of(r.x, r.y + 1, r.w, r.h - 1));
    p.y = -skip;
    layout_write(&p, s, mm);
    pen_more(&p, skip > 0, dry.y - skip > r.h - 1);
    pen_close(&p);
}

static void
area_json(const struct scene *s, const struct mm *mm, uint32_t index, struct buffer *out)
{
    const struct area *a = &s->now->os.area[index];
    char prot[6];

    json_open(out, '{');
    json_key(out, "start");
    json_put_hex(out, a->start);
    json_key(out, "end");
    json_put_hex(out, a->end);
    json_key(out, "kind");
    json_put_string(out, area_kind_name[a->kind]);
    json_key(out, "prot");
    json_put_string(out, prot_text(a, prot));
    json_key(out, "pages");
    json_put_uint(out, (a->end - a->start) >> scene_format(s)->page_shift);
    json_key(out, "resident");
    json_put_uint(out, area_resident(s, mm, a));
    if (a->waste) {
        json_key(out, "waste");
        json_put_uint(out, a->waste);
    }
    if (a->object && a->object < OBJECT_MAX) {
        json_key(out, "file");
        json_put_string(out, s->now->os.s->object[a->object].name);
    }
    json_close(out, '}');
}

static void
gap_json(vaddr_t from, vaddr_t to, struct buffer *out)
{
    if (from >= to)
        return;
    json_open(out, '{');
    json_key(out, "start");
    json_put_hex(out, from);
    json_key(out, "end");
    json_put_hex(out, to);
    json_close(out, '}');
}

/* What is nobody's, from the highest address down. */
static void
gaps_json(const struct scene *s, const struct mm *mm, struct buffer *out)
{
    uint32_t list[AREA_MAX];
    vaddr_t above = s->now->os.layout.user_end;

    for (unsigned i = areas_list(s, mm, list); i-- > 0; above = s->now->os.area[list[i]].start)
        gap_json(s->now->os.area[list[i]].end, above, out);
    gap_json(0, above, out);
}

void
pane_layout_json(const struct scene *s, struct buffer *out)
{
    const struct mm *mm = scene_mm(s);
    uint32_t list[AREA_MAX];

    json_key(out, "pid");
    json_put_uint(out, s->now->hw.s->cpu[scene_cpu(s)].task);
    json_key(out, "areas");
    json_open(out, '[');
    if (mm)
        for (unsigned i = areas_list(s, mm, list); i-- > 0;)
            area_json(s, mm, list[i], out);
    json_close(out, ']');
    if (!mm)
        return;
    if (s->now->os.layout.kernel) {
        json_key(out, "kernel");
        gap_json(s->now->os.layout.kernel, kernel_end(s), out);
    }
    json_key(out, "gaps");
    json_open(out, '[');
    gaps_json(s, mm, out);
    json_close(out, ']');
    json_key(out, "rss_anon");
    json_put_uint(out, mm->rss_anon);
    json_key(out, "rss_file");
    json_put_uint(out, mm->rss_file);
    json_key(out, "tables");
    json_put_uint(out, mm->tables);
    json_key(out, "minor_faults");
    json_put_uint(out, s->now->os.s->task[s->now->hw.s->cpu[scene_cpu(s)].task].minor);
    json_key(out, "major_faults");
    json_put_uint(out, s->now->os.s->task[s->now->hw.s->cpu[scene_cpu(s)].task].major);
}
