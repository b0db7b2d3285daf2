/* pane_tree.c - the page-table tree, read out of the emulated bytes from CR3 down. The way of the current address is opened at every level,
 * the other entries are one line each; where there are too many, those furthest from the way are summed up.
 */
#include "view/panes.h"

#include "base/json.h"
#include "base/lang.h"
#include "machine/words.h"

enum { TABLE_ENTRIES = 4096, TREE_ALL = TABLE_ENTRIES };

struct climb {
    const struct scene *s;
    unsigned around;
    vaddr_t target;
    void (*each)(void *ctx, const struct tree_row *row);
    void *ctx;
    unsigned rows;
};

static void
climb_row(struct climb *k, const struct tree_row *row)
{
    k->rows++;
    if (k->each)
        k->each(k->ctx, row);
}

/* Does the current event name this slot? Then it is listed even when absent. The start of a walk names the whole root table. */
static bool
slot_is_named(const struct scene *s, paddr_t slot, unsigned bytes)
{
    return event_has(s, FIELD_PA) && s->event.code != EV_WALK_START && s->event.code != EV_TRANSLATED &&
           s->event.pa >= slot && s->event.pa < slot + bytes;
}

const pte_t *
root_register(const struct scene *s, unsigned level, paddr_t slot)
{
    const struct hw *hw = &s->now->hw;
    uint64_t offset = slot - scene_root(s);

    if (level || !walker_root_is_held(hw) || offset >= format_table_bytes(scene_format(s), 0))
        return NULL;
    return walker_root_entry(hw, scene_cpu(s), (unsigned)(offset / scene_format(s)->entry_bytes));
}

unsigned
root_link(const struct scene *s, unsigned level, paddr_t slot)
{
    const pte_t *held = root_register(s, level, slot);

    if (!held || !s->has_event)
        return 0;
    if (*held != s->before->hw.root_entry[held - s->now->hw.root_entry])
        return CELL_CHANGED;
    return s->event.code == EV_WALK_REGISTER && s->event.pa == slot ? CELL_READ : 0;
}

/* Present entries of a table, and the one on the path even when absent; of a root in registers all. */
static unsigned
table_list(const struct climb *k, unsigned level, paddr_t table, int path, uint16_t list[TABLE_ENTRIES], unsigned *at)
{
    const struct format *f = scene_format(k->s);
    unsigned n = 0, entries = 1u << f->level[level].bits;

    *at = 0;
    for (unsigned i = 0; i < entries && i < TABLE_ENTRIES; i++) {
        if ((int)i == path)
            *at = n;
        else if (!root_register(k->s, level, table + (uint64_t)i * f->entry_bytes) &&
                 !slot_is_named(k->s, table + (uint64_t)i * f->entry_bytes, f->entry_bytes) &&
                 !(phys_read(&k->s->now->hw.phys, table + (uint64_t)i * f->entry_bytes, f->entry_bytes) & f->flag.present))
            continue;
        list[n++] = (uint16_t)i;
    }
    return n;
}

static void
climb_skipped(struct climb *k, unsigned level, unsigned skipped, bool last)
{
    if (skipped)
        climb_row(k, &(struct tree_row){.level = level, .skipped = skipped, .last = last});
}

static void
climb_table(struct climb *k, unsigned level, paddr_t table, vaddr_t base, bool on_path)
{
    const struct format *f = scene_format(k->s);
    const struct hw *hw = &k->s->now->hw;
    uint16_t list[TABLE_ENTRIES];
    unsigned at, n = table_list(k, level, table, on_path ? (int)format_index(f, level, k->target) : -1, list, &at);
    unsigned first = at > k->around ? at - k->around : 0;
    unsigned end = n - at > k->around + 1 ? at + k->around + 1 : n;

    /* A line that says "1 more" takes as much room as the one it hides. */
    first = first == 1 ? 0 : first;
    end = end + 1 == n ? n : end;
    climb_skipped(k, level, first, false);
    for (unsigned i = first; i < end; i++) {
        struct tree_row row = {.level = level, .index = list[i], .slot = table + (uint64_t)list[i] * f->entry_bytes};
        paddr_t next;

        row.memory = phys_read(&hw->phys, row.slot, f->entry_bytes);
        row.entry = root_register(k->s, level, row.slot) ? *root_register(k->s, level, row.slot) : row.memory;
        row.va = format_extend(f, base | (vaddr_t)row.index << f->level[level].shift);
        row.present = row.entry & f->flag.present;
        row.leaf = walker_is_leaf(hw, scene_cpu(k->s), level, row.entry);
        row.path = on_path && i == at;
        row.hidden = link_hidden(k->s, row.slot, f->entry_bytes);
        row.last = i + 1 == n;
        climb_row(k, &row);
        next = format_address(f, row.entry);
        if (row.path && row.present && !row.leaf && !row.hidden && level + 1 < f->levels)
            climb_table(k, level + 1, next, base | (vaddr_t)row.index << f->level[level].shift, true);
    }
    climb_skipped(k, level, n - end, true);
}

unsigned
tree_each(const struct scene *s, unsigned around, void (*each)(void *ctx, const struct tree_row *row), void *ctx)
{
    struct climb k = {.s = s, .around = around, .target = scene_va(s), .each = each, .ctx = ctx};

    if (!scene_paging(s) || !scene_root(s) || !format_is_tree(scene_format(s)))
        return 0;
    climb_table(&k, 0, scene_root(s), scene_upper(s) ? ~low_bits(scene_format(s)->va_bits) : 0, true);
    return k.rows;
}

/* --- drawing ------------------------------------------------------------------------------------ */

struct tree_draw {
    const struct scene *s;
    struct pen *pen;
    unsigned closed;   /* bit l: level l has shown its last entry, no line goes on */
    paddr_t wanted;    /* slot whose row is asked for */
    int row, found;    /* the row number now, and that of `wanted` */
    int wide;          /* columns: 0 little room .. 2 much */
};

static void
tree_indent(struct tree_draw *d, const struct tree_row *row)
{
    struct pen *p = d->pen;

    for (unsigned i = 0; i < row->level; i++) {
        if (d->closed >> i & 1)
            pen_put(p, " ", ROLE_DIM, 0);
        else
            pen_glyph(p, GLYPH_TREE_DOWN, ROLE_DIM, 0);
        pen_put(p, " ", ROLE_DIM, 0);
    }
    pen_glyph(p, row->last ? GLYPH_TREE_LAST : GLYPH_TREE_BRANCH, ROLE_DIM, 0);
}

/* What stands behind an entry: the next table, or a page. */
static void
tree_target(struct tree_draw *d, const struct tree_row *row, unsigned link)
{
    const struct format *f = scene_format(d->s);
    struct pen *p = d->pen;
    char size[16];

    pen_glyph(p, row->leaf ? GLYPH_ARROW_RIGHT : GLYPH_POINT_RIGHT, ROLE_DIM, 0);
    pen_put(p, " ", ROLE_DIM, 0);
    if (row->leaf && row->level + 1 < f->levels) {
        pen_label(p, pfn_of(f, format_large_base(f, row->level, row->entry)), link);
        pen_putf(p, ROLE_DIM, 0, " %s", size_text(UINT64_C(1) << f->level[row->level].shift, size));
    } else {
        pen_label(p, pfn_of(f, format_address(f, row->entry)), link);
        if (!row->leaf && row->level + 1 < f->levels)
            pen_putf(p, ROLE_PAGE_TABLE, 0, " %s", f->level[row->level + 1].name);
    }
}

static void
tree_entry(struct tree_draw *d, const struct tree_row *row)
{
    const struct format *f = scene_format(d->s);
    unsigned link = row->hidden ? 0 : link_bytes(d->s, row->slot, f->entry_bytes) | root_link(d->s, row->level, row->slot);
    bool selected = pane_selected(d->s, PANE_TREE) && d->s->set.select_a == row->slot;
    unsigned bold = row->path ? CELL_BOLD : CELL_DIM;
    struct pen *p = d->pen;
    char letters[16], number[NUMBER_TEXT];

    if (row->hidden)
        pen_put(p, "[?]", theme_index_role(f->levels - 1u - row->level), CELL_BOLD | (selected ? CELL_FOCUS : 0));
    else
        pen_putf(p, theme_index_role(f->levels - 1u - row->level), (row->path ? CELL_BOLD : 0) | (selected ? CELL_FOCUS : 0),
                 "[%u]", row->index);
    pen_put(p, " ", ROLE_TEXT, 0);
    if (row->hidden) {
        pen_put(p, "?", ROLE_QUESTION, CELL_BOLD);
        return;
    }
    pen_put(p, entry_letters(f, row->level, row->entry, letters), ROLE_TEXT, link | (link ? 0 : bold));
    pen_put(p, " ", ROLE_TEXT, 0);
    if (row->present)
        tree_target(d, row, link);
    else if (scene_slot(d->s, row->level, row->entry))
        pen_putf(p, row->path ? ROLE_WARNING : ROLE_DIM, link, "%s %u", tr("slot"), scene_slot(d->s, row->level, row->entry));
    else
        pen_put(p, tr("absent"), row->path ? ROLE_WARNING : ROLE_DIM, link);
    if (row->memory != row->entry)
        pen_rest(p, tr(" memory differs"), ROLE_WARNING, 0);
    if (link) {
        pen_put(p, " ", ROLE_TEXT, 0);
        pen_glyph(p, GLYPH_POINT_LEFT, ROLE_ACCENT, CELL_BOLD);
        pen_rest(p, link & CELL_CHANGED ? tr("changed") : tr("read"), ROLE_ACCENT, CELL_BOLD);
    } else if (row->leaf && row->present && pen_left(p) > va_digits(f) + 4) {
        pen_putf(p, ROLE_DIM, 0, "  %s", value_text(d->s, row->va, 0, number));
    }
}

static void
tree_line(void *ctx, const struct tree_row *row)
{
    struct tree_draw *d = ctx;
    unsigned bit = 1u << row->level;

    if (!row->skipped)
        pen_target(d->pen, TARGET_ITEM, row->slot, row->level);
    tree_indent(d, row);
    if (row->skipped)
        pen_putf(d->pen, ROLE_DIM, 0, " %u %s", row->skipped, tr("more entries"));
    else
        tree_entry(d, row);
    d->closed = row->last ? d->closed | bit : d->closed & ~bit;
    pen_target(d->pen, TARGET_NONE, 0, 0);
    pen_line(d->pen);
}

static void
tree_seek(void *ctx, const struct tree_row *row)
{
    struct tree_draw *d = ctx;

    if (!row->skipped && (d->wanted ? row->slot == d->wanted : row->path))
        d->found = d->row;
    d->row++;
}

/* As many neighbours as there is room for; all of them once the viewer scrolls or selects. */
static unsigned
tree_around(const struct scene *s, int h)
{
    static const unsigned step[] = {TREE_ALL, 32, 16, 8, 4, 3, 2, 1, 0};
    unsigned i = 0;

    if (pane_selected(s, PANE_TREE) || s->set.scroll[PANE_TREE])
        return TREE_ALL;
    while (step[i] && tree_each(s, step[i], NULL, NULL) > (unsigned)(h > 1 ? h - 1 : 1))
        i++;
    return step[i];
}

static void
tree_head(struct pen *p, const struct scene *s)
{
    const struct format *f = scene_format(s);
    const struct cpu *cpu = &s->now->hw.s->cpu[scene_cpu(s)];
    const uint64_t *root = scene_upper(s) ? &cpu->ttbr1 : &cpu->cr3;
    unsigned link = link_state(s, root, sizeof *root);

    if (s->has_event && s->event.code == EV_WALK_START && s->event.cpu == scene_cpu(s))
        link = CELL_READ;
    pen_putf(p, ROLE_TITLE, CELL_BOLD, "%s ", words_root(f, scene_va(s)));
    if (!scene_paging(s)) {
        pen_rest(p, tr("Paging is off: an address is a physical address."), ROLE_DIM, 0);
    } else if (!scene_root(s)) {
        pen_rest(p, tr("No process runs here."), ROLE_DIM, 0);
    } else {
        pen_label(p, pfn_of(f, scene_root(s)), link);
        pen_putf(p, ROLE_PAGE_TABLE, 0, " %s", f->level[0].name);
        if (walker_root_is_held(&s->now->hw))
            pen_put(p, tr(" in registers"), ROLE_PAGE_TABLE, 0);
        if (!format_is_tree(f))
            pen_putf(p, ROLE_DIM, 0, "  %s", tr("is no tree: see the panes chains and entries"));
        else if (cpu->task && !scene_upper(s))
            pen_putf(p, ROLE_DIM, 0, "   %s %u", tr("pid"), cpu->task);
        if (link)
            pen_putf(p, ROLE_ACCENT, CELL_BOLD, "  %s", link == CELL_CHANGED ? tr("changed") : tr("read"));
    }
    pen_line(p);
}

void
pane_tree(const struct scene *s, struct canvas *c, struct rect r)
{
    unsigned around = tree_around(s, r.h);
    struct tree_draw d = {.s = s, .found = -1};
    struct pen p;
    int total, skip;

    if (pane_selected(s, PANE_TREE))
        d.wanted = s->set.select_a;
    total = (int)tree_each(s, around, tree_seek, &d);
    skip = scroll_for(total, r.h - 1, d.found < 0 ? 0 : d.found, s->set.scroll[PANE_TREE]);
    pen_open(&p, c, r);
    tree_head(&p, s);
    pen_close(&p);
    if (r.h < 2)
        return;
    pen_open(&p, c, rect_of(r.x, r.y + 1, r.w, r.h - 1));
    p.y = -skip;
    d.pen = &p;
    tree_each(s, around, tree_line, &d);
    pen_more(&p, skip > 0, total - skip > r.h - 1);
    pen_close(&p);
}

/* --- selecting ---------------------------------------------------------------------------------- */

struct tree_step {
    paddr_t from;
    int row, at, wanted;
    paddr_t slot;
    unsigned level;
    bool found;
};

static void
tree_find(void *ctx, const struct tree_row *row)
{
    struct tree_step *t = ctx;

    if (!row->skipped && (t->from ? row->slot == t->from : row->path))
        t->at = t->row;
    t->row++;
}

static void
tree_take(void *ctx, const struct tree_row *row)
{
    struct tree_step *t = ctx;

    if (t->row++ == t->wanted && !row->skipped) {
        t->slot = row->slot;
        t->level = row->level;
        t->found = true;
    }
}

void
tree_move(const struct scene *s, int dy, struct scene_settings *set)
{
    bool had = pane_selected(s, PANE_TREE);
    struct tree_step t = {.from = had ? s->set.select_a : 0};
    int total = (int)tree_each(s, TREE_ALL, tree_find, &t);

    t.wanted = t.at + (had ? dy : 0); /* the first move takes hold of the way's last entry */
    if (t.wanted < 0)
        t.wanted = 0;
    if (t.wanted >= total)
        t.wanted = total - 1;
    t.row = 0;
    tree_each(s, TREE_ALL, tree_take, &t);
    if (t.found) {
        set->selected = true;
        set->select_a = t.slot;
        set->select_b = t.level;
    }
}

/* --- JSON --------------------------------------------------------------------------------------- */

static void
tree_row_json(const struct scene *s, const struct tree_row *row, struct buffer *out)
{
    const struct format *f = scene_format(s);
    unsigned link = link_bytes(s, row->slot, f->entry_bytes) | root_link(s, row->level, row->slot);

    json_open(out, '{');
    json_key(out, "level");
    json_put_uint(out, row->level);
    json_key(out, "path");
    json_put_bool(out, row->path);
    if (row->hidden) {
        json_key(out, "hidden");
        json_put_bool(out, true);
    } else {
        json_key(out, "index");
        json_put_uint(out, row->index);
        json_key(out, "pa");
        json_put_hex(out, row->slot);
        json_key(out, "va");
        json_put_hex(out, row->va);
        json_key(out, "entry");
        json_put_hex(out, row->entry);
        if (root_register(s, row->level, row->slot)) {
            json_key(out, "memory");
            json_put_hex(out, row->memory);
        }
        json_key(out, "present");
        json_put_bool(out, row->present);
        json_key(out, "leaf");
        json_put_bool(out, row->leaf);
        json_key(out, "frame");
        json_put_uint(out, scene_target(s, row->level, row->entry));
        if (row->leaf && row->level + 1u < f->levels) {
            json_key(out, "size");
            json_put_uint(out, UINT64_C(1) << f->level[row->level].shift);
        }
        if (scene_slot(s, row->level, row->entry)) {
            json_key(out, "slot");
            json_put_uint(out, scene_slot(s, row->level, row->entry));
        }
        json_key(out, "event");
        json_put_string(out, link & CELL_CHANGED ? "changed" : link & CELL_READ ? "read" : "");
    }
    json_close(out, '}');
}

struct tree_json {
    const struct scene *s;
    struct buffer *out;
};

static void
tree_json_line(void *ctx, const struct tree_row *row)
{
    struct tree_json *j = ctx;

    tree_row_json(j->s, row, j->out);
}

void
pane_tree_json(const struct scene *s, struct buffer *out)
{
    struct tree_json j = {s, out};

    json_key(out, "paging");
    json_put_bool(out, scene_paging(s));
    json_key(out, "root");
    json_put_uint(out, pfn_of(scene_format(s), scene_root(s)));
    json_key(out, "pid");
    json_put_uint(out, s->now->hw.s->cpu[scene_cpu(s)].task);
    json_key(out, "entries");
    json_open(out, '[');
    tree_each(s, TREE_ALL, tree_json_line, &j);
    json_close(out, ']');
}
