/* pane_swap.c - the swap device: which slots are in use, whose page each keeps, and whether a frame holds the same page.
 *
 * Nobody keeps a list of who names a slot: the entries are looked through, once for the rows that are drawn.
 */
#include "view/panes.h"

#include "base/json.h"
#include "base/lang.h"
#include "os/partition.h"
#include "os/swap.h"

enum { ROWS_MAX = 200, AT_REFS = 6, AT_FRAME = 12, AT_HOLDER = 20 };

/* Entries that name a slot, one after the other: begin with all zeros. */
struct naming {
    uint32_t mm;
    vaddr_t va;
    uint32_t slot;
};

static bool
naming_next(const struct os *os, struct naming *n)
{
    uint64_t page = format_page(&os->hw->geo.format);
    paddr_t at;

    for (n->va += n->slot ? page : 0; n->mm < TASK_MAX; n->mm++, n->va = 0)
        while (os->s->mm[n->mm].swapped && table_next(os, n->mm, &n->va, os->layout.user_end, &at)) {
            n->slot = swap_entry_slot(os, table_get(os, at));
            if (n->slot)
                return true;
            n->va += page;
        }
    return false;
}

/* Of a program in one piece no entry names the slots: its image does. */
static bool
image_place(const struct os *os, uint32_t slot, uint32_t *pid, vaddr_t *va)
{
    uint32_t page;

    *pid = program_of_slot(os, slot, &page);
    *va = page * format_page(&os->hw->geo.format);
    return *pid != 0;
}

/* What a row says. */
struct row {
    uint32_t slot;
    uint32_t named; /* entries that name it */
    uint32_t mm;    /* the first of them, or of the frame's mappings */
    vaddr_t va;
};

/* The rows from the skip-th used slot on; returns how many. */
static unsigned
rows_collect(const struct scene *s, unsigned skip, struct row row[ROWS_MAX], unsigned room)
{
    const struct os *os = &s->now->os;
    struct naming at = {0};
    unsigned n = 0;

    for (uint32_t slot = 1; slot <= os->s->swap_ever && n < room; slot++)
        if (os->swap[slot].refs && skip-- == 0) {
            row[n++] = (struct row){.slot = slot};
            skip = 0;
        }
    while (naming_next(os, &at))
        for (unsigned i = 0; i < n; i++)
            if (row[i].slot == at.slot && row[i].named++ == 0) {
                row[i].mm = at.mm;
                row[i].va = at.va;
            }
    for (unsigned i = 0; i < n; i++)
        if (!row[i].named)
            row[i].named = image_place(os, row[i].slot, &row[i].mm, &row[i].va);
    return n;
}

static unsigned
slot_link(const struct scene *s, uint32_t slot)
{
    const struct swap_slot *now = &s->now->os.swap[slot], *old = &s->before->os.swap[slot];

    if (!s->has_event)
        return 0;
    if (now->refs != old->refs || now->frame != old->frame)
        return CELL_CHANGED;
    return event_has(s, FIELD_SLOT) && s->event.slot == slot ? CELL_READ : 0;
}

static void
holder_put(struct pen *p, const struct scene *s, const struct row *row)
{
    uint32_t frame = s->now->os.swap[row->slot].frame;
    const struct rmap *map = &s->now->os.rmap[frame ? s->now->os.frame[frame].rmap : 0];
    uint32_t mm = row->named ? row->mm : map->mm;
    char number[NUMBER_TEXT];

    if (!mm)
        return;
    pen_putf(p, ROLE_DIM, 0, "%s ", tr("pid"));
    pen_putf(p, ROLE_NUMBER, 0, "%u ", mm);
    pen_putf(p, ROLE_ADDRESS, 0, "%s", value_text(s, row->named ? row->va : map->va, 0, number));
    if (row->named > 1)
        pen_putf(p, ROLE_DIM, 0, " +%u", row->named - 1);
    if (!row->named)
        pen_putf(p, ROLE_DIM, 0, " (%s)", tr("in memory"));
}

static void
slot_row(struct pen *p, const struct scene *s, const struct row *row)
{
    const struct swap_slot *slot = &s->now->os.swap[row->slot];
    unsigned link = slot_link(s, row->slot) | (pane_selected(s, PANE_SWAP) && s->set.select_a == row->slot ? CELL_FOCUS : 0);

    pen_target(p, TARGET_ITEM, row->slot, 0);
    pen_putf(p, ROLE_NUMBER, CELL_BOLD | link, "%u", row->slot);
    pen_to(p, AT_REFS);
    pen_putf(p, ROLE_TEXT, link, "%u", slot->refs);
    pen_to(p, AT_FRAME);
    if (slot->frame)
        pen_label(p, slot->frame, link_frame(s, slot->frame));
    else
        pen_glyph(p, GLYPH_DOT, ROLE_DIM, 0);
    pen_to(p, AT_HOLDER);
    holder_put(p, s, row);
    pen_target(p, TARGET_NONE, 0, 0);
    pen_line(p);
}

static void
head_rows(struct pen *p, const struct scene *s)
{
    const struct os_state *os = s->now->os.s;

    pen_putf(p, ROLE_DIM, 0, "%s ", tr("slots in use"));
    pen_putf(p, ROLE_NUMBER, link_state(s, &os->swap_used, sizeof os->swap_used), "%u", os->swap_used);
    pen_putf(p, ROLE_DIM, 0, "/%u  %s ", s->now->hw.geo.swap_slots, tr("written"));
    pen_putf(p, ROLE_NUMBER, link_state(s, &os->swap_writes, sizeof os->swap_writes), "%llu", (unsigned long long)os->swap_writes);
    pen_putf(p, ROLE_DIM, 0, "  %s ", tr("read"));
    pen_putf(p, ROLE_NUMBER, link_state(s, &os->swap_reads, sizeof os->swap_reads), "%llu", (unsigned long long)os->swap_reads);
    pen_line(p);
    pen_put(p, tr("slot"), ROLE_DIM, 0);
    pen_to(p, AT_REFS);
    pen_put(p, tr("refs"), ROLE_DIM, 0);
    pen_to(p, AT_FRAME);
    pen_put(p, tr("frame"), ROLE_DIM, 0);
    pen_to(p, AT_HOLDER);
    pen_put(p, tr("page"), ROLE_DIM, 0);
    pen_line(p);
}

/* The row of the slot that is selected or that the event is about. */
static int
interest_of(const struct scene *s)
{
    uint64_t wanted = pane_selected(s, PANE_SWAP) ? s->set.select_a : event_has(s, FIELD_SLOT) ? s->event.slot : 0;
    int n = 0;

    for (uint32_t slot = 1; slot < wanted && slot <= s->now->os.s->swap_ever; slot++)
        n += s->now->os.swap[slot].refs != 0;
    return n;
}

/* The next slot in use from `slot` in this direction; `slot` itself when there is none. */
static uint32_t
slot_beside(const struct os *os, uint32_t slot, int dy)
{
    uint32_t at = slot;

    while (dy < 0 ? at > 1 : at < os->s->swap_ever)
        if (os->swap[dy < 0 ? --at : ++at].refs)
            return at;
    return slot;
}

void
swap_move(const struct scene *s, int dy, struct scene_settings *set)
{
    uint32_t slot;

    if (!s->now->preset.kernel || !s->now->os.s->swap_used)
        return;
    slot = slot_beside(&s->now->os, pane_selected(s, PANE_SWAP) ? (uint32_t)s->set.select_a : 0, pane_selected(s, PANE_SWAP) ? dy : 1);
    set->selected = true;
    set->select_a = slot;
}

void
pane_swap(const struct scene *s, struct canvas *c, struct rect r)
{
    int h = r.h > 2 ? r.h - 2 : 0, total = s->now->preset.kernel ? (int)s->now->os.s->swap_used : 0, skip;
    struct row row[ROWS_MAX];
    unsigned n;
    struct pen p;

    pen_open(&p, c, r);
    if (!s->now->preset.kernel || !s->now->hw.geo.swap_slots) {
        pen_rest(&p, tr("This machine has no swap device."), ROLE_DIM, 0);
        pen_close(&p);
        return;
    }
    head_rows(&p, s);
    pen_close(&p);
    if (!h)
        return;
    skip = scroll_for(total, h, interest_of(s), s->set.scroll[PANE_SWAP]);
    n = rows_collect(s, (unsigned)skip, row, h < ROWS_MAX ? (unsigned)h : ROWS_MAX);
    pen_open(&p, c, rect_of(r.x, r.y + 2, r.w, h));
    for (unsigned i = 0; i < n; i++)
        slot_row(&p, s, &row[i]);
    if (!n)
        pen_rest(&p, tr("No page has had to leave."), ROLE_DIM, 0);
    pen_more(&p, skip > 0, total - skip > h);
    pen_close(&p);
}

/* --- JSON --- */

static void
uint_json(struct buffer *out, const char *name, uint64_t value)
{
    json_key(out, name);
    json_put_uint(out, value);
}

static void
place_json(uint32_t mm, vaddr_t va, struct buffer *out)
{
    json_open(out, '{');
    uint_json(out, "pid", mm);
    json_key(out, "va");
    json_put_hex(out, va);
    json_close(out, '}');
}

static void
slot_json(const struct os *os, uint32_t slot, struct buffer *out)
{
    uint32_t frame = os->swap[slot].frame, entries = 0;
    struct naming at = {0};

    json_open(out, '{');
    uint_json(out, "slot", slot);
    uint_json(out, "refs", os->swap[slot].refs);
    json_key(out, "named_by");
    json_open(out, '[');
    while (naming_next(os, &at))
        if (at.slot == slot) {
            place_json(at.mm, at.va, out);
            entries++;
        }
    if (image_place(os, slot, &at.mm, &at.va))
        place_json(at.mm, at.va, out);
    json_close(out, ']');
    uint_json(out, "entries", entries);
    if (entries > 1)
        uint_json(out, "more", entries - 1);
    if (frame) {
        uint_json(out, "frame", frame);
        json_key(out, "mapped_by");
        json_open(out, '[');
        for (uint32_t n = os->frame[frame].rmap; n; n = os->rmap[n].next)
            place_json(os->rmap[n].mm, os->rmap[n].va, out);
        json_close(out, ']');
    }
    json_close(out, '}');
}

void
pane_swap_json(const struct scene *s, struct buffer *out)
{
    const struct os *os = &s->now->os;

    if (!s->now->preset.kernel)
        return;
    uint_json(out, "slots", s->now->hw.geo.swap_slots);
    uint_json(out, "used", swap_used(os));
    uint_json(out, "writes", os->s->swap_writes);
    uint_json(out, "reads", os->s->swap_reads);
    json_key(out, "in_use");
    json_open(out, '[');
    for (uint32_t slot = 1; slot <= os->s->swap_ever; slot++)
        if (os->swap[slot].refs)
            slot_json(os, slot, out);
    json_close(out, ']');
}
