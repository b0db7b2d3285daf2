/* pane_entry.c - one page-table entry, flag by flag, with what each means. Which one: the entry selected in the tree, else the one the
 * current event touches, else the last one read.
 */
#include "view/panes.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/lang.h"
#include "machine/words.h"

/* One flag as people read it. */
struct flag_row {
    uint64_t bit;
    char letter;
    const char *name, *set, *clear;
};

enum { FLAGS = 11 };

/* The words of other CPUs; a row without a bit is none. */
static void
flags_fill_other(const struct format *f, bool leaf, struct flag_row row[FLAGS])
{
    struct entry_word word[ENTRY_WORDS];
    unsigned words = words_of_entry(f, leaf, word);

    memset(row, 0, FLAGS * sizeof *row);
    for (unsigned i = 0; i < words; i++)
        row[i] = (struct flag_row){word[i].bit, word[i].letter, word[i].name, word[i].set, word[i].clear};
}

static void
flags_fill(const struct format *f, unsigned level, bool leaf, struct flag_row row[FLAGS])
{
    uint64_t here = f->level[level].bare ? f->flag.present | f->flag.write_through | f->flag.cache_disable : ~UINT64_C(0);
    const struct format_flags *g = &f->flag;
    bool last = level + 1 == f->levels;
    uint64_t pat = leaf && !last && g->large ? format_page(f) : 0; /* bit 7 is taken: PAT moves up to the lowest address bit */
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
        {pat, 'T', "PAT", "memory type", "memory type"},
        {g->no_execute, 'X', "no execute", "fetching faults", "may be executed"},
    };

    if (f->family == FAMILY_X86)
        memcpy(row, all, sizeof all);
    else
        flags_fill_other(f, leaf, row);
    for (int i = 0; i < FLAGS; i++)
        row[i].bit &= here;
}

static unsigned
bit_number(uint64_t bit)
{
    return (unsigned)__builtin_ctzll(bit);
}

/* The lowest bit of an address in the entry, where it may stand lower than in the address: a large page
 * begins at a multiple of its size. */
static unsigned
address_from(const struct format *f, unsigned level, bool leaf)
{
    return leaf ? (unsigned)f->level[level].shift - f->frame_up : bit_number(f->frame);
}

static unsigned
address_to(const struct format *f)
{
    return 63u - (unsigned)__builtin_clzll(f->frame);
}

/* What no row speaks of: the MMU does not look at it, and the kernel may keep there what it likes. */
static uint64_t
entry_ignored(const struct scene *s, unsigned level, bool leaf)
{
    const struct format *f = scene_format(s);
    uint64_t wrong = walker_reserved(&s->now->hw, scene_cpu(s), level, leaf && level + 1 < f->levels);
    uint64_t meant = f->frame | (leaf ? f->page_bits : 0) | wrong;
    struct flag_row row[FLAGS];

    flags_fill(f, level, leaf, row);
    for (int i = 0; i < FLAGS; i++)
        meant |= row[i].bit;
    return low_bits(f->entry_bytes * 8u) & ~meant;
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
    walker_peek_cpu(&s->now->hw, scene_cpu(s), scene_va(s), &t);
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
    if (s->walk.levels > s->walk.known) {
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

/* A root that the CPU holds: what is in its register now, and whether memory still says the same. */
static void
register_line(struct pen *p, const struct scene *s, paddr_t slot, unsigned level, pte_t entry)
{
    const pte_t *held = root_register(s, level, slot);
    char number[NUMBER_TEXT];

    if (!held)
        return;
    pen_put(p, tr("register"), ROLE_DIM, 0);
    pen_putf(p, ROLE_NUMBER, CELL_BOLD | root_link(s, level, slot), " %s ", value_text(s, *held, 0, number));
    if (*held == entry)
        pen_rest(p, tr("as in memory"), ROLE_DIM, 0);
    else
        pen_rest(p, tr("not what memory says: until CR3 is loaded"), ROLE_WARNING, 0);
    pen_line(p);
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

    snprintf(range, sizeof range, "%u:%u", address_to(f), address_from(f, level, leaf));
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

/* PSE-36: physical bits beyond those of a 32-bit address, where a 4 MiB page needs none. */
static void
high_line(struct pen *p, const struct format_level *l, pte_t entry)
{
    char range[12];

    snprintf(range, sizeof range, "%u:%u", l->high_from + l->high_bits - 1u, l->high_from);
    pen_putf(p, ROLE_DIM, 0, "%-7s ", range);
    pen_putf(p, ROLE_NUMBER, CELL_BOLD, "0x%llx", (unsigned long long)(entry >> l->high_from & low_bits(l->high_bits)));
    pen_putf(p, ROLE_DIM, 0, "  %s %u:%u", tr("physical bits"), l->high_to + l->high_bits - 1u, l->high_to);
    pen_line(p);
}

static void
ignored_line(struct pen *p, const struct scene *s, pte_t entry, uint64_t ignored)
{
    char number[NUMBER_TEXT];

    pen_putf(p, ROLE_NUMBER, 0, "%s ", value_text(s, entry & ignored, 0, number));
    pen_rest(p, tr("in bits the MMU ignores: the kernel's own"), ROLE_DIM, 0);
    pen_line(p);
}

/* What the kernel's looks at A have found so far. */
static void
history_line(struct pen *p, const struct frame *f)
{
    if (!f->history && !f->seen)
        return;
    pen_putf(p, ROLE_DIM, 0, "%s ", tr("A when looked at, newest first"));
    for (int bit = 7; bit >= 0; bit--)
        pen_putf(p, ROLE_NUMBER, CELL_BOLD, "%d", f->history >> bit & 1);
    pen_putf(p, ROLE_DIM, 0, "  %s ", tr("set in all"));
    pen_putf(p, ROLE_NUMBER, CELL_BOLD, "%u", f->seen);
    pen_line(p);
}

/* Reserved bits that are set. */
static uint64_t
entry_wrong(const struct scene *s, unsigned level, pte_t entry, bool leaf)
{
    if (scene_format(s)->family != FAMILY_X86)
        return walker_wrong(&s->now->hw, scene_cpu(s), level, entry);
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
    register_line(p, s, slot, level, entry);
    frame_line(p, s, level, scene_entry(s, slot), leaf, dead);
    if (!dead && leaf && f->level[level].high_bits)
        high_line(p, &f->level[level], entry);
    flags_fill(f, level, leaf, row);
    for (int i = 0; i < FLAGS; i++)
        if (row[i].bit)
            flag_line(p, &row[i], entry, entry_before(s, slot), dead && i > 0);
    if (!dead && wrong) {
        pen_putf(p, ROLE_ERROR, 0, "%s ", value_text(s, wrong, 0, number));
        pen_rest(p, tr("reserved bits are set: any use faults"), ROLE_ERROR, 0);
        pen_line(p);
    }
    if (!dead && entry_ignored(s, level, leaf))
        ignored_line(p, s, entry, entry_ignored(s, level, leaf));
    if (!dead && leaf && s->now->os.frame && scene_target(s, level, scene_entry(s, slot)) < s->now->hw.geo.frames)
        history_line(p, &s->now->os.frame[scene_target(s, level, scene_entry(s, slot))]);
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

static void
range_json(struct buffer *out, const char *name, unsigned from, unsigned to)
{
    json_key(out, name);
    json_open(out, '{');
    json_key(out, "from");
    json_put_uint(out, from);
    json_key(out, "to");
    json_put_uint(out, to);
    json_close(out, '}');
}

static void
entry_address_json(const struct format *f, unsigned level, pte_t entry, bool leaf, struct buffer *out)
{
    const struct format_level *l = &f->level[level];
    bool present = entry & f->flag.present;

    range_json(out, "frame_bits", address_from(f, level, leaf && present), address_to(f));
    if (!present || !leaf || !l->high_bits)
        return;
    range_json(out, "high_bits", l->high_from, l->high_from + l->high_bits - 1u);
    range_json(out, "physical_bits", l->high_to, l->high_to + l->high_bits - 1u);
    json_key(out, "high");
    json_put_uint(out, entry >> l->high_from & low_bits(l->high_bits));
}

static void
entry_history_json(const struct scene *s, unsigned level, pte_t entry, bool leaf, struct buffer *out)
{
    pfn_t pfn = scene_target(s, level, entry);

    if (!leaf || !(entry & scene_format(s)->flag.present) || !s->now->os.frame || pfn >= s->now->hw.geo.frames)
        return;
    json_key(out, "history");
    json_put_uint(out, s->now->os.frame[pfn].history);
    json_key(out, "seen");
    json_put_uint(out, s->now->os.frame[pfn].seen);
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
    json_key(out, "table_frame");
    json_put_uint(out, pfn_of(f, slot));
    json_key(out, "entry");
    json_put_hex(out, entry);
    if (root_register(s, level, slot)) {
        json_key(out, "register");
        json_put_hex(out, *root_register(s, level, slot));
    }
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
    entry_address_json(f, level, entry, leaf, out);
    json_key(out, "reserved");
    json_put_hex(out, entry & f->flag.present ? entry_wrong(s, level, entry, leaf) : 0);
    json_key(out, "ignored");
    json_put_hex(out, entry & f->flag.present ? entry & entry_ignored(s, level, leaf) : 0);
    entry_history_json(s, level, scene_entry(s, slot), leaf, out);
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
