/* pane_memtype.c - may the bytes of the current access be kept? Who says so, the registers they choose
 * from, the cell where both answers meet, and what reached memory so far.
 *
 * A walk's reads have a type each: of a table says what names it, CR3 or the entry above.
 */
#include "view/panes.h"

#include <string.h>

#include "base/json.h"
#include "base/lang.h"
#include "hw/cache.h"
#include "hw/memtype.h"
#include "hw/tlb.h"

enum { PAT_ENTRIES = 8, ROWS = 5, COLUMNS = 6, MTRRS_ON = 1 << 11, RANGE_COUNTS = 1 << 11 };

static const uint8_t of_row[ROWS] = {MEMORY_UC, MEMORY_WC, MEMORY_WT, MEMORY_WP, MEMORY_WB};
static const uint8_t of_column[COLUMNS] = {MEMORY_UC, MEMORY_UC_MINUS, MEMORY_WC,
                                           MEMORY_WT, MEMORY_WP,       MEMORY_WB};

static const char *const type_text[MEMORY_TYPES] = {
    [MEMORY_UC] = "never kept, in order",  [MEMORY_WC] = "never kept, gathered",
    [MEMORY_WT] = "kept, a store goes on", [MEMORY_WP] = "kept until a store",
    [MEMORY_WB] = "kept, a store waits",
};

/* Whose type is shown. */
struct typed {
    bool found;     /* there is a translation */
    bool table;     /* a table is read, of the level above `level` + 1 */
    bool cr3;       /* ... the root */
    unsigned level; /* of the entry that chooses; its bits mean nothing while it is hidden */
    bool hidden;
    pte_t bits;     /* that entry, or CR3 */
    paddr_t pa;     /* what is read or written */
    unsigned said;  /* index into the PAT by the bits */
    unsigned index; /* ... and as used: by the TLB's copy of them */
    unsigned mtrr, pat, effective;
};

static const char *
named(unsigned type)
{
    return type < MEMORY_TYPES && memory_type_name[type] ? memory_type_name[type] : "?";
}

static uint64_t
tunable_now(const struct scene *s, enum tunable t)
{
    return hw_tunable(&s->now->hw, t);
}

static unsigned
pat_entry(const struct scene *s, unsigned index)
{
    return (unsigned)(tunable_now(s, TUNE_PAT) >> 8 * index & 7);
}

static bool
mtrrs_are_on(const struct scene *s)
{
    return tunable_now(s, TUNE_MTRR_DEF) & MTRRS_ON;
}

static bool
has_range(const struct scene *s)
{
    return mtrrs_are_on(s) && (tunable_now(s, TUNE_MTRR_MASK) & RANGE_COUNTS);
}

static paddr_t
range_base(const struct scene *s)
{
    return tunable_now(s, TUNE_MTRR_BASE) & ~UINT64_C(0xfff);
}

/* From the lowest bit that must agree; a mask with gaps names more such pieces. */
static uint64_t
range_size(const struct scene *s)
{
    uint64_t bits = tunable_now(s, TUNE_MTRR_MASK) & ~UINT64_C(0xfff);

    return bits & -bits;
}

static bool
in_range(const struct scene *s, paddr_t pa)
{
    uint64_t bits = tunable_now(s, TUNE_MTRR_MASK) & ~UINT64_C(0xfff);

    return has_range(s) && (pa & bits) == (range_base(s) & bits);
}

/* The level of the table that the current event is about. */
static bool
event_table(const struct scene *s, unsigned *level)
{
    enum event_code code = s->has_event ? (enum event_code)s->event.code : EV_NONE;

    *level = code == EV_WALK_READ ? s->event.level : code == EV_WALK_START ? 0 : s->walk.levels;
    if (code == EV_WALK_READ || code == EV_WALK_START)
        return true;
    return (code == EV_LINE_HIT || code == EV_LINE_MISS || code == EV_LINE_FILL) &&
           s->event.what == LINE_ENTRY && *level < scene_format(s)->levels;
}

static void
typed_finish(const struct scene *s, struct typed *y)
{
    y->pat = pat_entry(s, y->index);
    y->mtrr = memory_mtrr(&s->now->hw, y->pa);
    y->effective = memory_type_of(y->mtrr, y->pat);
}

/* Reading an entry of `level`. */
static struct typed
typed_table(const struct scene *s, const struct translation *t, unsigned level)
{
    const struct hw *hw = &s->now->hw;
    struct typed y = {
        .found = t->slot[level] != 0, .table = true, .cr3 = level == 0, .pa = t->slot[level]};

    y.level = level ? level - 1 : 0;
    y.bits = level ? t->entry[level - 1] : hw->s->cpu[scene_cpu(s)].cr3;
    y.hidden = level && link_hidden(s, t->slot[level - 1], scene_format(s)->entry_bytes);
    y.said = y.index = memory_table_index(hw, scene_cpu(s), y.bits, y.cr3);
    typed_finish(s, &y);
    return y;
}

/* The page itself. */
static struct typed
typed_page(const struct scene *s, const struct translation *t, bool present)
{
    const struct hw *hw = &s->now->hw;
    const struct format *f = scene_format(s);
    const struct tlb_entry *e = tlb_find(hw, scene_cpu(s), scene_va(s));
    unsigned level = t->level < f->levels ? t->level : f->levels - 1u;
    struct typed y = {.found = present || e, .level = level, .bits = t->entry[level], .pa = t->pa};

    y.hidden = link_hidden(s, t->slot[level], f->entry_bytes);
    y.said = y.index = present ? memory_pat_index(f, y.bits, level + 1 == f->levels) : 0;
    if (e) {
        y.pa = walker_pa(hw, e->pfn, e->shift, scene_va(s));
        y.index = e->pat;
    }
    typed_finish(s, &y);
    return y;
}

static bool
peek_now(const struct scene *s, struct translation *t)
{
    memset(t, 0, sizeof *t);
    return walker_peek_cpu(&s->now->hw, scene_cpu(s), scene_va(s), t);
}

static struct typed
typed_now(const struct scene *s)
{
    struct translation t;
    unsigned level;
    bool present;

    if (!scene_paging(s))
        return (struct typed){0};
    present = peek_now(s, &t);
    return event_table(s, &level) ? typed_table(s, &t, level) : typed_page(s, &t, present);
}

/* While something is asked, or is going to be on this page, the registers can be read, and not what they choose. */
static bool
tells(const struct scene *s, const struct typed *y)
{
    return y->found && !y->hidden && !scene_keeps(s);
}

/* Nor where an access goes that is still to be translated. */
static bool
place_hidden(const struct scene *s, const struct typed *y)
{
    return y->hidden || (!y->table && scene_asks(s) && scene_walks(s) && !s->walk.translated);
}

static void
access_line(struct pen *p, const struct scene *s, const struct typed *y)
{
    const struct format *f = scene_format(s);
    char number[NUMBER_TEXT];

    if (y->table) {
        unsigned level = y->cr3 ? 0 : y->level + 1;

        pen_putf(p, theme_index_role(f->levels - 1u - level), CELL_BOLD, "%s[%u]",
                 f->level[level].name, scene_index(s, level, y->pa));
        pen_putf(p, ROLE_DIM, 0, " %s ", tr("at"));
    } else {
        pen_putf(p, ROLE_ADDRESS, 0, "%s ", value_text(s, scene_va(s), 0, number));
        pen_glyph(p, GLYPH_ARROW_RIGHT, ROLE_DIM, 0);
        pen_put(p, " ", ROLE_TEXT, 0);
    }
    if (place_hidden(s, y))
        pen_put(p, "?", ROLE_QUESTION, CELL_BOLD);
    else
        pen_put(p, value_text(s, y->pa, 0, number), ROLE_ADDRESS, CELL_BOLD);
    pen_putf(p, ROLE_DIM, 0, "  %s", tr(y->table ? "tables" : "data"));
    pen_line(p);
}

static void
bit_put(struct pen *p, const struct typed *y, const char *name, uint64_t bit)
{
    pen_putf(p, ROLE_DIM, 0, "  %s ", name);
    if (y->hidden)
        pen_put(p, "?", ROLE_QUESTION, 0);
    else
        pen_putf(p, ROLE_NUMBER, y->bits & bit ? CELL_BOLD : 0, "%d", (y->bits & bit) != 0);
}

static uint64_t
pat_bit(const struct format *f, const struct typed *y)
{
    return y->level + 1 == f->levels ? f->flag.large : UINT64_C(1) << 12;
}

/* The bits that choose, and where they are. */
static void
bits_line(struct pen *p, const struct scene *s, const struct typed *y)
{
    const struct format *f = scene_format(s);

    pen_putf(p, ROLE_TITLE, CELL_BOLD, "%-5s", y->cr3 ? "CR3" : f->level[y->level].name);
    if (!y->table)
        bit_put(p, y, "PAT", pat_bit(f, y));
    bit_put(p, y, "PCD", f->flag.cache_disable);
    bit_put(p, y, "PWT", f->flag.write_through);
    if (tells(s, y)) {
        pen_put(p, "  ", ROLE_TEXT, 0);
        pen_glyph(p, GLYPH_ARROW_RIGHT, ROLE_DIM, 0);
        pen_putf(p, ROLE_NUMBER, 0, " %u", y->said);
        if (y->index != y->said)
            pen_putf(p, ROLE_WARNING, CELL_BOLD, "  TLB: %u", y->index);
    }
    pen_line(p);
}

/* A name, behind a sign where it is the one chosen. */
static void
choice_put(struct pen *p, const char *name, bool chosen, int width)
{
    if (chosen)
        pen_glyph(p, GLYPH_POINT_RIGHT, ROLE_ACCENT, CELL_BOLD);
    else
        pen_put(p, " ", ROLE_TEXT, 0);
    pen_putf(p, chosen ? ROLE_ACCENT : ROLE_TEXT, chosen ? CELL_BOLD : 0, "%-*s", width, name);
}

static void
pat_line(struct pen *p, const struct scene *s, const struct typed *y)
{
    pen_put(p, "PAT   ", ROLE_TITLE, CELL_BOLD);
    for (unsigned i = 0; i < PAT_ENTRIES; i++)
        choice_put(p, named(pat_entry(s, i)), tells(s, y) && i == y->index, 3);
    pen_line(p);
}

static void
mtrr_line(struct pen *p, const struct scene *s, const struct typed *y)
{
    unsigned other = mtrrs_are_on(s) ? (unsigned)(tunable_now(s, TUNE_MTRR_DEF) & 7) : MEMORY_UC;
    bool inside = in_range(s, y->pa);
    char number[NUMBER_TEXT], size[16];

    pen_put(p, "MTRR  ", ROLE_TITLE, CELL_BOLD);
    if (has_range(s)) {
        choice_put(p, named((unsigned)(tunable_now(s, TUNE_MTRR_BASE) & 7)), tells(s, y) && inside,
                   2);
        pen_putf(p, ROLE_DIM, 0, " %s +%s  ", value_text(s, range_base(s), 0, number),
                 size_text(range_size(s), size));
    }
    choice_put(p, named(other), tells(s, y) && !inside, 2);
    pen_putf(p, ROLE_DIM, 0, " %s",
             !mtrrs_are_on(s) ? tr("off: everywhere")
             : has_range(s)   ? tr("elsewhere")
                              : tr("everywhere"));
    pen_line(p);
}

static bool
may_fill(const struct scene *s)
{
    return !(s->now->hw.s->cpu[scene_cpu(s)].cr0 & CR0_CD);
}

static void
effective_line(struct pen *p, const struct scene *s, const struct typed *y)
{
    const uint64_t *cr0 = &s->now->hw.s->cpu[scene_cpu(s)].cr0;
    bool shut = memory_is_kept(y->effective) && !may_fill(s);

    pen_put(p, "CR0.CD ", ROLE_TITLE, CELL_BOLD);
    pen_putf(p, ROLE_NUMBER, CELL_BOLD | link_state(s, cr0, sizeof *cr0), "%d", !may_fill(s));
    pen_putf(p, ROLE_TITLE, CELL_BOLD, "  %s ", tr("effective"));
    if (!tells(s, y)) {
        pen_put(p, "?", ROLE_QUESTION, CELL_BOLD);
    } else {
        pen_putf(p, ROLE_ACCENT, CELL_BOLD, "%s ", named(y->effective));
        pen_rest(p, shut ? tr("no line comes in") : tr(type_text[y->effective]), ROLE_TEXT, 0);
    }
    pen_line(p);
}

/* Columns of what reached memory, beside the table. */
enum { ROWS_IN_FULL = 11, COUNTED = 23, READS = 26, FILLS = 32, STORES = 38 };

static void
table_head(struct pen *p)
{
    pen_put(p, "   ", ROLE_DIM, 0);
    for (unsigned i = 0; i < COLUMNS; i++)
        pen_putf(p, ROLE_DIM, 0, " %-2s", named(of_column[i]));
    pen_to(p, READS);
    pen_put(p, tr("reads"), ROLE_DIM, 0);
    pen_to(p, FILLS);
    pen_put(p, tr("fills"), ROLE_DIM, 0);
    pen_to(p, STORES);
    pen_put(p, tr("stores"), ROLE_DIM, 0);
    pen_line(p);
}

static void
count_put(struct pen *p, const struct scene *s, const uint64_t *count, int column)
{
    unsigned changed = link_state(s, count, sizeof *count);

    pen_to(p, column);
    if (scene_asks(s))
        pen_putf(p, ROLE_QUESTION, 0, "%5s", "?");
    else
        pen_putf(p, *count ? ROLE_NUMBER : ROLE_DIM, changed | (*count ? CELL_BOLD : 0), "%5llu",
                 (unsigned long long)*count);
}

/* A row of the manual's table; beside it, what reached memory of an effective type. */
static void
table_row(struct pen *p, const struct scene *s, const struct typed *y, unsigned row,
          unsigned counted)
{
    const struct traffic *t = &s->now->hw.s->traffic[y->table][counted];
    bool here = tells(s, y) && y->mtrr == of_row[row];

    pen_putf(p, here ? ROLE_TITLE : ROLE_DIM, here ? CELL_BOLD : 0, "%-3s", named(of_row[row]));
    for (unsigned i = 0; i < COLUMNS; i++) {
        choice_put(p, named(memory_type_of(of_row[row], of_column[i])),
                   here && y->pat == of_column[i], 2);
        if (of_column[i] == MEMORY_UC_MINUS)
            pen_put(p, " ", ROLE_TEXT, 0);
    }
    pen_to(p, COUNTED);
    pen_put(p, named(counted), ROLE_TEXT, 0);
    count_put(p, s, &t->reads, READS);
    count_put(p, s, &t->fills, FILLS);
    count_put(p, s, &t->stores, STORES);
    pen_line(p);
}

/* How a walk for this address reads its tables. */
static void
walk_line(struct pen *p, const struct scene *s)
{
    struct translation t;

    peek_now(s, &t);
    pen_put(p, tr("tables"), ROLE_TITLE, CELL_BOLD);
    for (unsigned level = 0; level < scene_format(s)->levels && t.slot[level]; level++) {
        struct typed y = typed_table(s, &t, level);

        pen_putf(p, ROLE_DIM, 0, "  %s ", scene_format(s)->level[level].name);
        if (tells(s, &y))
            pen_put(p, named(y.effective), ROLE_TEXT, CELL_BOLD);
        else
            pen_put(p, "?", ROLE_QUESTION, CELL_BOLD);
    }
    pen_line(p);
}

/* `brief`: of the table the row of the cell chosen, and the counts of what stands there. */
static void
memtype_write(struct pen *p, const struct scene *s, const struct typed *y, bool brief)
{
    if (y->found) {
        access_line(p, s, y);
        bits_line(p, s, y);
    } else {
        pen_rest(p, tr("Nothing is translated that has a memory type."), ROLE_DIM, 0);
        pen_line(p);
    }
    pat_line(p, s, y);
    mtrr_line(p, s, y);
    if (y->found)
        effective_line(p, s, y);
    table_head(p);
    for (unsigned row = 0; row < ROWS; row++)
        if (!brief)
            table_row(p, s, y, row, of_row[row]);
        else if (of_row[row] == y->mtrr)
            table_row(p, s, y, row, y->effective);
    if (y->found)
        walk_line(p, s);
}

void
pane_memtype(const struct scene *s, struct canvas *c, struct rect r)
{
    struct pen p, dry = {.c = c, .r = r, .dry = true};
    struct typed y = {0};
    bool brief;
    int skip;

    pen_open(&p, c, r);
    if (!pane_belongs(s, PANE_MEMTYPE)) {
        pen_rest(&p, tr("This machine has no memory types."), ROLE_DIM, 0);
        pen_close(&p);
        return;
    }
    y = typed_now(s);
    brief = r.h < ROWS_IN_FULL && tells(s, &y);
    memtype_write(&dry, s, &y, brief);
    skip = scroll_for(dry.y, r.h, 0, s->set.scroll[PANE_MEMTYPE]);
    p.y = -skip;
    memtype_write(&p, s, &y, brief);
    pen_more(&p, skip > 0, dry.y - skip > r.h);
    pen_close(&p);
}

/* --- JSON --------------------------------------------------------------------------------------- */

static void
traffic_json(const struct scene *s, const char *name, unsigned use, struct buffer *out)
{
    json_key(out, name);
    json_open(out, '{');
    for (unsigned i = 0; i < ROWS; i++) {
        const struct traffic *t = &s->now->hw.s->traffic[use][of_row[i]];

        json_key(out, named(of_row[i]));
        json_open(out, '{');
        json_key(out, "reads");
        json_put_uint(out, t->reads);
        json_key(out, "fills");
        json_put_uint(out, t->fills);
        json_key(out, "stores");
        json_put_uint(out, t->stores);
        json_close(out, '}');
    }
    json_close(out, '}');
}

static void
table_json(struct buffer *out)
{
    json_key(out, "table");
    json_open(out, '{');
    for (unsigned row = 0; row < ROWS; row++) {
        json_key(out, named(of_row[row]));
        json_open(out, '{');
        for (unsigned i = 0; i < COLUMNS; i++) {
            json_key(out, named(of_column[i]));
            json_put_string(out, named(memory_type_of(of_row[row], of_column[i])));
        }
        json_close(out, '}');
    }
    json_close(out, '}');
}

static void
registers_json(const struct scene *s, struct buffer *out)
{
    json_key(out, "pat");
    json_open(out, '[');
    for (unsigned i = 0; i < PAT_ENTRIES; i++)
        json_put_string(out, named(pat_entry(s, i)));
    json_close(out, ']');
    json_key(out, "mtrrs_on");
    json_put_bool(out, mtrrs_are_on(s));
    json_key(out, "elsewhere");
    json_put_string(
        out, named(mtrrs_are_on(s) ? (unsigned)(tunable_now(s, TUNE_MTRR_DEF) & 7) : MEMORY_UC));
    if (has_range(s)) {
        json_key(out, "range");
        json_put_hex(out, range_base(s));
        json_key(out, "range_bytes");
        json_put_uint(out, range_size(s));
        json_key(out, "range_type");
        json_put_string(out, named((unsigned)(tunable_now(s, TUNE_MTRR_BASE) & 7)));
    }
    json_key(out, "cr0_cd");
    json_put_uint(out, !may_fill(s));
}

static void
typed_json(const struct scene *s, const struct typed *y, struct buffer *out)
{
    const struct format *f = scene_format(s);
    unsigned level = !y->table ? y->level : y->cr3 ? 0 : y->level + 1;

    json_key(out, "reads");
    json_put_string(out, y->table ? f->level[level].name : "page");
    if (y->table) {
        json_key(out, "index");
        json_put_uint(out, scene_index(s, level, y->pa));
    } else {
        json_key(out, "va");
        json_put_hex(out, scene_va(s));
    }
    json_key(out, "chosen_by");
    json_put_string(out, y->cr3 ? "CR3" : f->level[y->level].name);
    if (y->hidden)
        return;
    if (!place_hidden(s, y)) {
        json_key(out, "pa");
        json_put_hex(out, y->pa);
    }
    if (!y->table) {
        json_key(out, "entry_pat");
        json_put_uint(out, (y->bits & pat_bit(f, y)) != 0);
    }
    json_key(out, "pcd");
    json_put_uint(out, (y->bits & f->flag.cache_disable) != 0);
    json_key(out, "pwt");
    json_put_uint(out, (y->bits & f->flag.write_through) != 0);
    if (!tells(s, y))
        return;
    json_key(out, "entry_index");
    json_put_uint(out, y->said);
    json_key(out, "pat_index");
    json_put_uint(out, y->index);
    json_key(out, "pat_type");
    json_put_string(out, named(y->pat));
    json_key(out, "mtrr_type");
    json_put_string(out, named(y->mtrr));
    json_key(out, "effective");
    json_put_string(out, named(y->effective));
}

static void
walk_json(const struct scene *s, struct buffer *out)
{
    struct translation t;

    peek_now(s, &t);
    json_key(out, "walk");
    json_open(out, '{');
    for (unsigned level = 0; level < scene_format(s)->levels && t.slot[level]; level++) {
        struct typed y = typed_table(s, &t, level);

        json_key(out, scene_format(s)->level[level].name);
        json_put_string(out, tells(s, &y) ? named(y.effective) : "?");
    }
    json_close(out, '}');
}

void
pane_memtype_json(const struct scene *s, struct buffer *out)
{
    struct typed y;

    if (!pane_belongs(s, PANE_MEMTYPE))
        return;
    y = typed_now(s);
    if (y.found)
        typed_json(s, &y, out);
    registers_json(s, out);
    table_json(out);
    if (!scene_asks(s)) {
        traffic_json(s, "data", 0, out);
        traffic_json(s, "tables", 1, out);
    }
    if (y.found)
        walk_json(s, out);
}
