/* pane_entry.c - one page-table entry, flag by flag, with what each means. Which one: the entry selected in the tree, else the one the
 * current event touches, else the last one read.
 */
#include "view/panes.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/lang.h"

/* One flag as people read it. */
struct flag_row {
    uint64_t bit;
    char letter;
    const char *name, *set, *clear;
};

enum { FLAGS = 10 };

static void
flags_fill(const struct format *f, unsigned level, bool leaf, struct flag_row row[FLAGS])
{
    const struct format_flags *g = &f->flag;
    bool last = level + 1 == f->levels;
    const struct flag_row all[FLAGS] = {
        {g->present, 'P', "present", "in force", "any use faults; the other bits are the kernel's"},
        {g->writable, 'W', "writable", "may be written", "a write faults"},
        {g->user, 'U', "user", "user mode may", "only the kernel may"},
        {g->write_through, 't', "write-through", "write-through", "write-back"},
        {g->cache_disable, 'c', "cache disable", "not cached", "cached"},
        {g->accessed, 'A', "accessed", "used since cleared", "not used since cleared"},
        {leaf ? g->dirty : 0, 'D', "dirty", "written since cleared", "not written since cleared"},
        {g->large, 'S', last ? "PAT" : "page size", last ? "memory type" : "maps a large page",
         last ? "memory type" : "names a table"},
        {leaf ? g->global : 0, 'G', "global", "stays in the TLB when CR3 is loaded", "goes when CR3 is loaded"},
        {g->no_execute, 'X', "no execute", "fetching faults", "may be executed"},
    };

    memcpy(row, all, sizeof all);
}

static unsigned
bit_number(uint64_t bit)
{
    return (unsigned)__builtin_ctzll(bit);
}

/* The level of the table a slot lies in: from the event, or from the kernel's books. */
static bool
slot_level(const struct scene *s, paddr_t slot, unsigned *level)
{
    pfn_t pfn = pfn_of(scene_format(s), slot);

    if (!s->now->os.frame || pfn >= s->now->hw.geo.frames || s->now->os.frame[pfn].use != USE_TABLE)
        return false;
    if (!format_is_tree(scene_format(s)) && !scene_is_hashed_entry(s, slot & ~(paddr_t)7))
        return false;
    *level = s->now->os.frame[pfn].level;
    return true;
}

/* The way of the current address: how far the tables lead. */
static bool
entry_on_path(const struct scene *s, int want, paddr_t *slot, unsigned *level)
{
    struct translation t;

    memset(&t, 0, sizeof t);
    walker_peek(&s->now->hw, scene_root(s), scene_va(s), &t);
    *level = t.level < scene_format(s)->levels ? t.level : scene_format(s)->levels - 1u;
    if (want >= 0 && (unsigned)want < *level)
        *level = (unsigned)want;
    *slot = t.slot[*level];
    return *slot != 0;
}

bool
entry_subject(const struct scene *s, paddr_t *slot, unsigned *level)
{
    if ((pane_selected(s, PANE_TREE) || pane_selected(s, PANE_ENTRY))) {
        *slot = s->set.select_a;
        *level = (unsigned)s->set.select_b;
        return *level < scene_format(s)->levels;
    }
    if (event_has(s, FIELD_LEVEL) && event_has(s, FIELD_PA) && s->event.level < scene_format(s)->levels) {
        *slot = s->event.pa;
        *level = s->event.level;
        return true;
    }
    if (event_has(s, FIELD_PA) && s->event.code == EV_POKED && slot_level(s, s->event.pa, level)) {
        *slot = s->event.pa & ~(paddr_t)(scene_format(s)->entry_bytes - 1u);
        return true;
    }
    if (s->walk.levels) {
        *level = s->walk.levels - 1;
        *slot = s->walk.slot[*level];
        return true;
    }
    return scene_paging(s) && scene_root(s) && entry_on_path(s, -1, slot, level);
}

void
entry_move(const struct scene *s, int dy, struct scene_settings *set)
{
    paddr_t slot;
    unsigned level;

    if (!entry_subject(s, &slot, &level) || !entry_on_path(s, (int)level + dy < 0 ? 0 : (int)level + dy, &slot, &level))
        return;
    set->selected = true;
    set->select_a = slot;
    set->select_b = level;
}

static void
entry_head(struct pen *p, const struct scene *s, paddr_t slot, unsigned level, pte_t entry)
{
    const struct format *f = scene_format(s);
    char number[NUMBER_TEXT];

    pen_putf(p, theme_index_role(f->levels - 1u - level), CELL_BOLD, "%s[%u]", f->level[level].name, scene_index(s, level, slot));
    pen_putf(p, ROLE_DIM, 0, " %s ", tr("at"));
    pen_label(p, pfn_of(f, slot), 0);
    pen_frame_number(p, s, pfn_of(f, slot));
    pen_putf(p, ROLE_ADDRESS, 0, " %s", value_text(s, slot, 0, number));
    pen_line(p);
    pen_putf(p, ROLE_NUMBER, CELL_BOLD | link_bytes(s, slot, f->entry_bytes), "%s", value_text(s, entry, f->entry_bytes * 2, number));
    pen_line(p);
}

/* The event's old value, so that a change can be seen bit by bit. */
static pte_t
entry_before(const struct scene *s, paddr_t slot)
{
    const struct format *f = scene_format(s);

    return s->has_event ? phys_read(&s->before->hw.phys, slot, f->entry_bytes) : phys_read(&s->now->hw.phys, slot, f->entry_bytes);
}

static void
flag_line(struct pen *p, const struct flag_row *row, pte_t entry, pte_t before, bool dead)
{
    bool on = entry & row->bit;
    unsigned changed = (entry ^ before) & row->bit ? CELL_CHANGED : 0;

    pen_putf(p, ROLE_DIM, 0, "%2u ", bit_number(row->bit));
    pen_putf(p, on && !dead ? ROLE_TITLE : ROLE_DIM, changed | (on ? CELL_BOLD : 0), "%c %d", row->letter, on);
    pen_putf(p, dead ? ROLE_DIM : ROLE_TEXT, 0, " %s", tr(row->name));
    pen_to(p, 23);
    pen_rest(p, dead ? "" : tr(on ? row->set : row->clear), ROLE_DIM, 0);
    pen_line(p);
}

static void
frame_line(struct pen *p, const struct scene *s, unsigned level, pte_t entry, bool leaf, bool dead)
{
    const struct format *f = scene_format(s);
    char range[12];

    snprintf(range, sizeof range, "%d:%u", 63 - __builtin_clzll(f->frame), bit_number(f->frame));
    pen_putf(p, ROLE_DIM, 0, "%-7s ", range);
    if (dead && scene_slot(s, level, entry)) {
        pen_glyph(p, GLYPH_ARROW_RIGHT, ROLE_DIM, 0);
        pen_putf(p, ROLE_NUMBER, CELL_BOLD, " %u", scene_slot(s, level, entry));
        pen_putf(p, ROLE_DIM, 0, "  %s", tr("a slot of the swap device: the page is not in memory"));
    } else if (dead) {
        pen_rest(p, tr("no frame: the entry is absent"), ROLE_DIM, 0);
    } else {
        pfn_t pfn = scene_target(s, level, entry);

        pen_glyph(p, GLYPH_ARROW_RIGHT, ROLE_DIM, 0);
        pen_put(p, " ", ROLE_TEXT, 0);
        pen_label(p, pfn, CELL_BOLD | link_frame(s, pfn));
        pen_frame_number(p, s, pfn);
        pen_putf(p, ROLE_DIM, 0, "  ");
        if (f->kind == TABLE_INVERTED)
            pen_rest(p, tr("by the entry's place; these bits are not stored"), ROLE_DIM, 0);
        else
            pen_rest(p, leaf ? tr("the page's frame") : tr("the next table's frame"), ROLE_DIM, 0);
    }
    pen_line(p);
}

/* Reserved bits that are set. */
static uint64_t
entry_wrong(const struct scene *s, unsigned level, pte_t entry, bool leaf)
{
    return entry & walker_reserved(&s->now->hw, scene_cpu(s), level, leaf && level + 1 < scene_format(s)->levels);
}

static void
entry_write(struct pen *p, const struct scene *s, paddr_t slot, unsigned level)
{
    const struct format *f = scene_format(s);
    pte_t entry = phys_read(&s->now->hw.phys, slot, f->entry_bytes);
    bool dead = !(entry & f->flag.present), leaf = walker_is_leaf(&s->now->hw, scene_cpu(s), level, entry);
    uint64_t wrong = entry_wrong(s, level, entry, leaf);
    struct flag_row row[FLAGS];
    char number[NUMBER_TEXT];

    entry_head(p, s, slot, level, entry);
    frame_line(p, s, level, scene_entry(s, slot), leaf, dead);
    flags_fill(f, level, leaf, row);
    for (int i = 0; i < FLAGS; i++)
        if (row[i].bit)
            flag_line(p, &row[i], entry, entry_before(s, slot), dead && i > 0);
    if (!dead && wrong) {
        pen_putf(p, ROLE_ERROR, 0, "%s ", value_text(s, wrong, 0, number));
        pen_rest(p, tr("reserved bits are set: any use faults"), ROLE_ERROR, 0);
        pen_line(p);
    }
}

void
pane_entry(const struct scene *s, struct canvas *c, struct rect r)
{
    struct pen p, dry = {.c = c, .r = r, .dry = true};
    unsigned level;
    paddr_t slot;
    int skip;

    pen_open(&p, c, r);
    if (!entry_subject(s, &slot, &level)) {
        pen_rest(&p, tr("No entry to show."), ROLE_DIM, 0);
    } else if (link_hidden(s, slot, scene_format(s)->entry_bytes)) {
        pen_putf(&p, ROLE_QUESTION, CELL_BOLD, "%s ?", scene_format(s)->level[level].name);
    } else {
        entry_write(&dry, s, slot, level);
        skip = scroll_for(dry.y, r.h, 0, s->set.scroll[PANE_ENTRY]);
        p.y = -skip;
        entry_write(&p, s, slot, level);
        pen_more(&p, skip > 0, dry.y - skip > r.h);
    }
    pen_close(&p);
}

void
pane_entry_json(const struct scene *s, struct buffer *out)
{
    const struct format *f = scene_format(s);
    struct flag_row row[FLAGS];
    unsigned level;
    paddr_t slot;
    pte_t entry;
    bool leaf;

    if (!entry_subject(s, &slot, &level) || link_hidden(s, slot, f->entry_bytes))
        return;
    entry = phys_read(&s->now->hw.phys, slot, f->entry_bytes);
    leaf = walker_is_leaf(&s->now->hw, scene_cpu(s), level, entry);
    json_key(out, "level");
    json_put_uint(out, level);
    json_key(out, "table");
    json_put_string(out, f->level[level].name);
    json_key(out, "index");
    json_put_uint(out, scene_index(s, level, slot));
    json_key(out, "pa");
    json_put_hex(out, slot);
    json_key(out, "entry");
    json_put_hex(out, entry);
    json_key(out, "leaf");
    json_put_bool(out, leaf);
    if (entry & f->flag.present) {
        json_key(out, "frame");
        json_put_uint(out, scene_target(s, level, scene_entry(s, slot)));
    }
    if (scene_slot(s, level, entry)) {
        json_key(out, "slot");
        json_put_uint(out, scene_slot(s, level, entry));
    }
    json_key(out, "frame_bits");
    json_open(out, '{');
    json_key(out, "from");
    json_put_uint(out, bit_number(f->frame));
    json_key(out, "to");
    json_put_uint(out, (unsigned)(63 - __builtin_clzll(f->frame)));
    json_close(out, '}');
    json_key(out, "reserved");
    json_put_hex(out, entry & f->flag.present ? entry_wrong(s, level, entry, leaf) : 0);
    flags_fill(f, level, leaf, row);
    json_key(out, "bits");
    json_open(out, '[');
    for (int i = 0; i < FLAGS; i++) {
        if (!row[i].bit)
            continue;
        json_open(out, '{');
        json_key(out, "bit");
        json_put_uint(out, bit_number(row[i].bit));
        json_key(out, "name");
        json_put_string(out, row[i].name);
        json_key(out, "set");
        json_put_bool(out, entry & row[i].bit);
        json_close(out, '}');
    }
    json_close(out, ']');
}
