/* pane_chains.c - a page table that is no tree, two ways: along the chains, as the MMU searches it, and entry by entry, as it lies in memory.
 * Both read the bytes; only who waits for an entry is asked of the kernel.
 */
#include "view/panes.h"

#include <stdio.h>

#include "base/json.h"
#include "base/lang.h"
#include "hw/hashed.h"

enum { AT_ENTRY = 7, AT_PID = 13, AT_PAGE = 17, AT_FRAME = 28, AT_FLAGS = 33, AT_WAITING = 40, FLAGS = 6, LONGEST = 8 };

/* One entry in use; or an anchor's place in the list. */
struct row {
    uint32_t slot;  /* its anchor */
    uint32_t at;    /* its number */
    unsigned depth; /* in the chain, from 0 */
    uint64_t word;
};

typedef void each_row(void *ctx, const struct row *row);

static bool
has_table(const struct scene *s)
{
    return !format_is_tree(scene_format(s)) && s->now->preset.kernel;
}

static paddr_t
root_of(const struct scene *s)
{
    return s->now->os.s->kernel_root;
}

static struct row
row_at(const struct scene *s, uint32_t slot, uint32_t at, unsigned depth)
{
    return (struct row){slot, at, depth, phys_read(&s->now->hw.phys, hashed_entry_pa(root_of(s), at), 8)};
}

/* Chain after chain, as anchors and links in memory say. Returns the longest. */
static unsigned
chains_each(const struct scene *s, each_row *each, void *ctx)
{
    const struct geometry *g = &s->now->hw.geo;
    uint32_t entries = hashed_entries(g);
    unsigned longest = 0;

    for (uint32_t slot = 0; slot < hashed_anchors(g); slot++) {
        uint32_t at = (uint32_t)phys_read(&s->now->hw.phys, hashed_anchor_pa(g, root_of(s), slot), HASHED_ANCHOR);
        unsigned depth = 0;

        for (; at && at < entries && depth < entries; depth++) {
            struct row row = row_at(s, slot, at, depth);

            each(ctx, &row);
            at = hashed_next(row.word);
        }
        longest = depth > longest ? depth : longest;
    }
    return longest;
}

/* Entry after entry; those that are not in use too. */
static void
entries_each(const struct scene *s, each_row *each, void *ctx)
{
    for (uint32_t at = 1; at < hashed_entries(&s->now->hw.geo); at++) {
        struct row row = row_at(s, 0, at, 0);

        row.slot = hashed_slot(&s->now->hw.geo, hashed_process(row.word), hashed_page(row.word));
        each(ctx, &row);
    }
}

/* --- what is of interest --------------------------------------------------------------------------- */

/* The entry that is selected or that the event is about, by its number; 0 none. */
static uint32_t
wanted_entry(const struct scene *s, enum pane_id pane)
{
    paddr_t pa = pane_selected(s, pane) ? s->set.select_a : event_has(s, FIELD_PA) ? s->event.pa : 0;
    uint64_t index = pa < root_of(s) ? 0 : (pa - root_of(s)) / HASHED_ENTRY;

    return index < hashed_entries(&s->now->hw.geo) ? (uint32_t)index : 0;
}

/* The anchor of the access under way. Not told while it is what the question wants to know. */
static bool
wanted_anchor(const struct scene *s, uint32_t *slot)
{
    const struct cpu *cpu = &s->now->hw.s->cpu[scene_cpu(s)];

    *slot = hashed_slot(&s->now->hw.geo, cpu->task, vpn_of(scene_format(s), scene_va(s)));
    return cpu->task && scene_walks(s) && !(scene_asks(s) && s->unread);
}

/* --- rows ------------------------------------------------------------------------------------------- */

static unsigned
entry_link(const struct scene *s, const struct row *row, enum pane_id pane)
{
    paddr_t pa = hashed_entry_pa(root_of(s), row->at);
    unsigned focus = pane_selected(s, pane) && s->set.select_a == pa ? CELL_FOCUS : 0;

    return focus | link_bytes(s, pa, HASHED_ENTRY);
}

static void
translation_put(struct pen *p, const struct scene *s, const struct row *row)
{
    const struct format *f = scene_format(s);
    paddr_t pa = hashed_entry_pa(root_of(s), row->at) + HASHED_ENTRY / 2;
    pte_t entry = scene_entry(s, pa);
    char letters[16];

    pen_to(p, AT_FRAME);
    if (link_hidden(s, pa, 8)) {
        pen_put(p, "?", ROLE_QUESTION, CELL_BOLD);
        return;
    }
    pen_label(p, scene_target(s, 0, entry), link_frame(s, scene_target(s, 0, entry)));
    pen_to(p, AT_FLAGS);
    if (pen_left(p) >= FLAGS)
        pen_put(p, entry_letters(f, 0, entry, letters), ROLE_TEXT, 0);
}

static void
entry_put(struct pen *p, const struct scene *s, const struct row *row, enum pane_id pane)
{
    unsigned link = entry_link(s, row, pane);
    char number[NUMBER_TEXT];

    pen_to(p, AT_ENTRY);
    pen_putf(p, ROLE_NUMBER, CELL_BOLD | link, "%u", row->at);
    pen_to(p, AT_PID);
    pen_putf(p, ROLE_NUMBER, 0, "%u", hashed_process(row->word));
    pen_to(p, AT_PAGE);
    pen_put(p, value_text(s, hashed_page(row->word), 0, number), ROLE_ADDRESS, 0);
    translation_put(p, s, row);
}

static void
titles_put(struct pen *p, const char *first, const char *last)
{
    pen_put(p, first, ROLE_DIM, 0);
    pen_to(p, AT_ENTRY);
    pen_put(p, tr("entry"), ROLE_DIM, 0);
    pen_to(p, AT_PID);
    pen_put(p, tr("pid"), ROLE_DIM, 0);
    pen_to(p, AT_PAGE);
    pen_put(p, tr("page"), ROLE_DIM, 0);
    pen_to(p, AT_FRAME);
    pen_put(p, tr("frame"), ROLE_DIM, 0);
    pen_to(p, AT_WAITING);
    pen_put(p, last, ROLE_DIM, 0);
    pen_line(p);
}

struct drawing {
    const struct scene *s;
    struct pen *p;
    enum pane_id pane;
    int skip, n, interest; /* rows to leave out, so far, of interest */
    uint32_t wanted, slot;
    bool has_slot;
    unsigned unused; /* entries: a run of those that are not in use */
    unsigned length[LONGEST + 1], depth, used;
};

/* --- along the chains --- */

static void
chain_measure(void *ctx, const struct row *row)
{
    struct drawing *d = ctx;

    if (row->depth)
        d->length[row->depth < LONGEST ? row->depth : LONGEST]--;
    d->length[row->depth + 1 < LONGEST ? row->depth + 1 : LONGEST]++;
    if (row->at == d->wanted || (!d->wanted && d->has_slot && row->slot == d->slot && row->depth == 0))
        d->interest = d->n;
    d->n++;
}

static void
chain_line(void *ctx, const struct row *row)
{
    struct drawing *d = ctx;
    struct pen *p = d->p;
    bool path = d->has_slot && row->slot == d->slot;

    if (d->skip-- > 0 || pen_full(p))
        return;
    pen_target(p, TARGET_ITEM, hashed_entry_pa(root_of(d->s), row->at), 0);
    if (row->depth == 0)
        pen_putf(p, path ? ROLE_ACCENT : ROLE_TEXT,
                 (path ? CELL_BOLD : 0) | link_bytes(d->s, hashed_anchor_pa(&d->s->now->hw.geo, root_of(d->s), row->slot), HASHED_ANCHOR),
                 "%u", row->slot);
    else
        pen_glyph(p, GLYPH_ARROW_RIGHT, path ? ROLE_ACCENT : ROLE_DIM, 0);
    entry_put(p, d->s, row, d->pane);
    pen_target(p, TARGET_NONE, 0, 0);
    pen_line(p);
}

/* Entries for each anchor. */
static const char *
load_text(int used, uint32_t anchors, char out[NUMBER_TEXT])
{
    snprintf(out, NUMBER_TEXT, "%.2f", (double)used / anchors);
    return out;
}

/* "6/256 IPT entries" */
static void
used_put(struct pen *p, const struct scene *s, unsigned used)
{
    pen_putf(p, ROLE_NUMBER, 0, "%u", used);
    pen_putf(p, ROLE_DIM, 0, "/%u ", hashed_entries(&s->now->hw.geo));
    pen_put(p, scene_format(s)->level[0].name, ROLE_PAGE_TABLE, CELL_BOLD);
    pen_putf(p, ROLE_DIM, 0, " %s", tr("entries"));
}

/* How full the table is, and how many chains have each length. */
static void
chains_head(struct pen *p, const struct scene *s, const struct drawing *d, unsigned longest)
{
    const struct geometry *g = &s->now->hw.geo;
    uint32_t anchors = hashed_anchors(g), waiting = s->now->os.mappings.pool->waiting;
    char number[NUMBER_TEXT];

    used_put(p, s, (unsigned)d->n);
    pen_putf(p, ROLE_DIM, 0, " %s ", tr("load"));
    pen_put(p, load_text(d->n, anchors, number), ROLE_NUMBER, 0);
    if (waiting)
        pen_putf(p, ROLE_WARNING, 0, " %u %s", waiting, tr("wait"));
    pen_line(p);
    pen_putf(p, ROLE_DIM, 0, "%s ", tr("chains of"));
    for (unsigned k = 1; k <= LONGEST && k <= longest; k++) {
        pen_putf(p, ROLE_DIM, 0, k == LONGEST ? "%u+:" : "%u:", k);
        pen_putf(p, ROLE_NUMBER, 0, "%u ", d->length[k]);
    }
    pen_putf(p, ROLE_DIM, 0, " %s %u", tr("longest"), longest);
    pen_line(p);
}

/* Where the address under way hangs. */
static void
anchor_line(struct pen *p, const struct scene *s, const struct drawing *d)
{
    const struct geometry *g = &s->now->hw.geo;
    const struct cpu *cpu = &s->now->hw.s->cpu[scene_cpu(s)];
    paddr_t pa = hashed_anchor_pa(g, root_of(s), d->slot);
    char number[NUMBER_TEXT];

    if (scene_walks(s) && cpu->task) {
        pen_putf(p, ROLE_DIM, 0, "%s %u %s ", tr("pid"), cpu->task, tr("page"));
        pen_put(p, value_text(s, vpn_of(&g->format, scene_va(s)), 0, number), ROLE_ADDRESS, 0);
        pen_put(p, " ", ROLE_DIM, 0);
        pen_glyph(p, GLYPH_ARROW_RIGHT, ROLE_DIM, 0);
        pen_putf(p, ROLE_DIM, 0, " %s ", tr("anchor"));
        if (d->has_slot)
            pen_putf(p, ROLE_ACCENT, CELL_BOLD | link_bytes(s, pa, HASHED_ANCHOR), "%u", d->slot);
        else
            pen_put(p, "?", ROLE_QUESTION, CELL_BOLD);
    }
    pen_line(p);
}

static bool
no_table(const struct scene *s, struct canvas *c, struct rect r)
{
    struct pen p;

    if (has_table(s))
        return false;
    pen_open(&p, c, r);
    pen_wrap(&p, 0, tr("The page table of this machine is a tree."), ROLE_DIM, 0);
    pen_close(&p);
    return true;
}

static struct drawing
drawing_of(const struct scene *s, enum pane_id pane)
{
    struct drawing d = {.s = s, .pane = pane, .wanted = wanted_entry(s, pane)};

    d.has_slot = wanted_anchor(s, &d.slot);
    return d;
}

enum { HEAD = 4, ENTRIES_HEAD = 2 };

void
pane_chains(const struct scene *s, struct canvas *c, struct rect r)
{
    struct drawing d;
    struct pen p;
    unsigned longest;

    if (no_table(s, c, r))
        return;
    d = drawing_of(s, PANE_CHAINS);
    longest = chains_each(s, chain_measure, &d);
    pen_open(&p, c, r);
    chains_head(&p, s, &d, longest);
    anchor_line(&p, s, &d);
    titles_put(&p, tr("anchor"), "");
    pen_close(&p);
    if (r.h <= HEAD)
        return;
    d.p = &p;
    d.skip = scroll_for(d.n, r.h - HEAD, d.interest, s->set.scroll[PANE_CHAINS]);
    pen_open(&p, c, rect_of(r.x, r.y + HEAD, r.w, r.h - HEAD));
    pen_more(&p, d.skip > 0, d.n - d.skip > r.h - HEAD);
    if (d.n == 0)
        pen_rest(&p, tr("No page is in memory."), ROLE_DIM, 0);
    chains_each(s, chain_line, &d);
    pen_close(&p);
}

/* --- entry by entry --- */

/* An entry in use has a row, a run of others one row together. */
static bool
begins_row(struct drawing *d, const struct row *row)
{
    bool used = hashed_process(row->word) != 0, begins = used || d->unused == 0;

    d->unused = used ? 0 : d->unused + 1;
    return begins;
}

static void
entry_measure(void *ctx, const struct row *row)
{
    struct drawing *d = ctx;

    d->n += begins_row(d, row);
    d->used += hashed_process(row->word) != 0;
    if (row->at == d->wanted)
        d->interest = d->n - 1;
}

/* Pages that are in the entry's frame and have no entry. */
static void
waiting_put(struct pen *p, const struct scene *s, const struct row *row)
{
    const struct os *os = &s->now->os;
    unsigned others = 0;

    for (uint32_t n = os->frame[row->at].rmap; n; n = os->rmap[n].next)
        others += os->rmap[n].mm != hashed_process(row->word) || vpn_of(scene_format(s), os->rmap[n].va) != hashed_page(row->word);
    if (others && scene_format(s)->kind == TABLE_INVERTED) {
        pen_to(p, AT_WAITING);
        pen_putf(p, ROLE_WARNING, 0, "+%u", others);
    }
}

static void
entry_line(void *ctx, const struct row *row)
{
    struct drawing *d = ctx;
    struct pen *p = d->p;

    if (!begins_row(d, row) || d->skip-- > 0 || pen_full(p))
        return;
    if (hashed_process(row->word)) {
        pen_target(p, TARGET_ITEM, hashed_entry_pa(root_of(d->s), row->at), 0);
        entry_put(p, d->s, row, d->pane);
        waiting_put(p, d->s, row);
        pen_target(p, TARGET_NONE, 0, 0);
    } else {
        pen_to(p, AT_ENTRY);
        pen_putf(p, ROLE_DIM, entry_link(d->s, row, d->pane), "%u", row->at);
        pen_putf(p, ROLE_DIM, 0, " ...  %s", tr("not in use"));
    }
    pen_line(p);
}

void
pane_entries(const struct scene *s, struct canvas *c, struct rect r)
{
    struct drawing d;
    struct pen p;

    if (no_table(s, c, r))
        return;
    d = drawing_of(s, PANE_ENTRIES);
    entries_each(s, entry_measure, &d);
    pen_open(&p, c, r);
    used_put(&p, s, d.used);
    pen_putf(&p, ROLE_DIM, 0, "  %s", size_text(hashed_bytes(&s->now->hw.geo), (char[16]){0}));
    pen_line(&p);
    titles_put(&p, "", scene_format(s)->kind == TABLE_INVERTED ? tr("wait") : "");
    pen_close(&p);
    if (r.h <= ENTRIES_HEAD)
        return;
    d.p = &p;
    d.unused = 0;
    d.skip = scroll_for(d.n, r.h - ENTRIES_HEAD, d.interest, s->set.scroll[PANE_ENTRIES]);
    pen_open(&p, c, rect_of(r.x, r.y + ENTRIES_HEAD, r.w, r.h - ENTRIES_HEAD));
    pen_more(&p, d.skip > 0, d.n - d.skip > r.h - ENTRIES_HEAD);
    entries_each(s, entry_line, &d);
    pen_close(&p);
}

/* --- selecting --------------------------------------------------------------------------------------- */

struct stepping {
    uint32_t from, before, last, found;
    int dy;
};

static void
step_seek(void *ctx, const struct row *row)
{
    struct stepping *k = ctx;

    if (!hashed_process(row->word))
        return;
    if (k->from == 0 || (k->dy > 0 && k->last == k->from))
        k->found = k->found ? k->found : row->at;
    if (k->dy < 0 && row->at == k->from)
        k->found = k->last;
    k->last = row->at;
}

void
chains_move(const struct scene *s, enum pane_id pane, int dy, struct scene_settings *set)
{
    struct stepping k = {.dy = dy};

    if (!has_table(s))
        return;
    if (pane_selected(s, pane))
        k.from = wanted_entry(s, pane);
    if (pane == PANE_CHAINS)
        chains_each(s, step_seek, &k);
    else
        entries_each(s, step_seek, &k);
    if (!k.found)
        return;
    set->selected = true;
    set->select_a = hashed_entry_pa(root_of(s), k.found);
}

/* --- JSON --------------------------------------------------------------------------------------------- */

static void
uint_json(struct buffer *out, const char *name, uint64_t value)
{
    json_key(out, name);
    json_put_uint(out, value);
}

struct writing {
    const struct scene *s;
    struct buffer *out;
};

static void
row_json(void *ctx, const struct row *row)
{
    const struct writing *w = ctx;
    paddr_t pa = hashed_entry_pa(root_of(w->s), row->at);

    if (!hashed_process(row->word))
        return;
    json_open(w->out, '{');
    uint_json(w->out, "anchor", row->slot);
    uint_json(w->out, "depth", row->depth);
    uint_json(w->out, "entry", row->at);
    json_key(w->out, "pa");
    json_put_hex(w->out, pa);
    uint_json(w->out, "pid", hashed_process(row->word));
    json_key(w->out, "page");
    json_put_hex(w->out, hashed_page(row->word));
    uint_json(w->out, "next", hashed_next(row->word));
    if (!link_hidden(w->s, pa + 8, 8)) {
        json_key(w->out, "value");
        json_put_hex(w->out, phys_read(&w->s->now->hw.phys, pa + 8, 8));
        uint_json(w->out, "frame", scene_target(w->s, 0, scene_entry(w->s, pa + 8)));
    }
    json_close(w->out, '}');
}

static void
table_json(const struct scene *s, struct buffer *out)
{
    uint_json(out, "anchors", hashed_anchors(&s->now->hw.geo));
    uint_json(out, "entries", hashed_entries(&s->now->hw.geo));
    uint_json(out, "bytes", hashed_bytes(&s->now->hw.geo));
    uint_json(out, "waiting", s->now->os.mappings.pool->waiting);
}

void
pane_chains_json(const struct scene *s, struct buffer *out)
{
    struct writing w = {s, out};
    struct drawing d;
    unsigned longest;

    if (!has_table(s))
        return;
    d = drawing_of(s, PANE_CHAINS);
    longest = chains_each(s, chain_measure, &d);
    table_json(s, out);
    uint_json(out, "used", (uint64_t)d.n);
    uint_json(out, "longest", longest);
    json_key(out, "load");
    json_put_string(out, load_text(d.n, hashed_anchors(&s->now->hw.geo), (char[NUMBER_TEXT]){0}));
    if (d.has_slot)
        uint_json(out, "anchor", d.slot);
    if (scene_walks(s)) {
        json_key(out, "page");
        json_put_hex(out, vpn_of(scene_format(s), scene_va(s)));
        uint_json(out, "pid", s->now->hw.s->cpu[scene_cpu(s)].task);
    }
    json_key(out, "lengths");
    json_open(out, '[');
    for (unsigned k = 1; k <= LONGEST; k++)
        json_put_uint(out, d.length[k]);
    json_close(out, ']');
    json_key(out, "chains");
    json_open(out, '[');
    chains_each(s, row_json, &w);
    json_close(out, ']');
}

void
pane_entries_json(const struct scene *s, struct buffer *out)
{
    struct writing w = {s, out};
    struct drawing d;

    if (!has_table(s))
        return;
    d = drawing_of(s, PANE_ENTRIES);
    entries_each(s, entry_measure, &d);
    table_json(s, out);
    uint_json(out, "used", d.used);
    json_key(out, "in_use");
    json_open(out, '[');
    entries_each(s, row_json, &w);
    json_close(out, ']');
}
