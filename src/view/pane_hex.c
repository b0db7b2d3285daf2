/* pane_hex.c - the bytes of one frame. It follows the current event until the cursor is moved by hand. In a page table the bytes are kept
 * together entry by entry, and what each says stands beside them.
 */
#include "view/panes.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/lang.h"

paddr_t
hex_cursor(const struct scene *s)
{
    if (s->set.hex_follows) {
        if (event_has(s, FIELD_PA))
            return s->event.pa;
        if (event_frame(s))
            return pa_of(scene_format(s), event_frame(s));
        if (scene_walks(s) && s->walk.translated)
            return s->walk.pa;
    }
    return s->set.hex_at;
}

struct hex_shape {
    pfn_t pfn;
    paddr_t base;        /* of the frame */
    paddr_t cursor;
    unsigned row;        /* bytes a row */
    unsigned group;      /* bytes kept together */
    bool table;
    unsigned level;
    int digits;          /* of an address */
    int skip;            /* rows above the first one shown */
    unsigned rows;       /* rows of the frame */
};

static bool
frame_level(const struct scene *s, pfn_t pfn, unsigned *level)
{
    const struct frame *f = s->now->os.frame ? &s->now->os.frame[pfn < s->now->hw.geo.frames ? pfn : 0] : NULL;

    *level = f && f->use == USE_TABLE && f->level < scene_format(s)->levels ? f->level : 0;
    return f && f->use == USE_TABLE && format_is_tree(scene_format(s)) && pfn < s->now->hw.geo.frames;
}

/* Seven in hex, always; in decimal what the last address of this machine takes. */
static int
address_digits(const struct scene *s)
{
    uint64_t last = pa_of(scene_format(s), s->now->hw.geo.frames) - 1;

    return s->set.numbers == NUMBERS_DECIMAL ? snprintf(NULL, 0, "%llu", (unsigned long long)last) : 7;
}

static struct hex_shape
hex_fit(const struct scene *s, struct rect r)
{
    const struct format *f = scene_format(s);
    struct hex_shape k = {.cursor = hex_cursor(s), .group = 1, .digits = address_digits(s)};
    uint64_t page = format_page(f);
    int at, side = k.digits + 4; /* the address and the gaps */

    k.pfn = pfn_of(f, k.cursor);
    k.base = pa_of(f, k.pfn);
    k.table = frame_level(s, k.pfn, &k.level);
    if (k.table)
        k.group = f->entry_bytes;
    k.row = r.w >= side + 16 * 3 ? 16 : r.w >= side + 8 * 3 ? 8 : 4;
    if (k.table && r.w < side + 16 * 3 + 26)
        k.row = k.row > 8 ? 8 : k.row; /* room for what the entries say */
    if (k.row > page)
        k.row = (unsigned)page;
    k.rows = (unsigned)(page / k.row);
    at = (int)((k.cursor - k.base) / k.row);
    k.skip = scroll_for((int)k.rows, r.h > 1 ? r.h - 1 : 1, at, s->set.hex_follows ? s->set.scroll[PANE_HEX] : 0);
    return k;
}

static void
hex_head(struct pen *p, const struct scene *s, const struct hex_shape *k)
{
    const struct format *f = scene_format(s);
    char number[NUMBER_TEXT];

    pen_label(p, k->pfn, CELL_BOLD | link_frame(s, k->pfn));
    pen_frame_number(p, s, k->pfn);
    pen_putf(p, ROLE_ADDRESS, 0, "  %s", value_text(s, k->cursor, 0, number));
    if (k->table)
        pen_putf(p, ROLE_PAGE_TABLE, 0, "  %s", f->level[k->level].name);
    else if (s->now->os.frame && s->now->preset.kernel && k->pfn < s->now->hw.geo.frames)
        pen_putf(p, ROLE_DIM, 0, "  %s", tr(frame_use_name[s->now->os.frame[k->pfn].use]));
    if (s->set.numbers == NUMBERS_DECIMAL && pen_left(p) > 16) /* two digits of a byte would else be read as decimal */
        pen_putf(p, ROLE_DIM, 0, "  %s", tr("bytes in hex"));
    if (!s->set.hex_follows && pen_left(p) > 12)
        pen_putf(p, ROLE_DIM, 0, "  %s", tr("stays here"));
    pen_line(p);
}

static void
hex_byte(struct pen *p, const struct scene *s, const struct hex_shape *k, paddr_t pa)
{
    unsigned value = (unsigned)phys_read(&s->now->hw.phys, pa, 1);
    unsigned flags = link_bytes(s, pa, 1), focus = pa == k->cursor && s->set.focus == PANE_HEX ? CELL_FOCUS : 0;
    enum role role = value ? ROLE_NUMBER : ROLE_DIM;

    if (link_hidden(s, pa, 1)) {
        pen_put(p, "??", ROLE_QUESTION, focus);
        return;
    }
    pen_putf(p, role, flags | (s->set.hex_low_digit ? 0 : focus), "%x", value >> 4);
    pen_putf(p, role, flags | focus, "%x", value & 15);
}

/* Entries decoded, or letters. */
static void
hex_side(struct pen *p, const struct scene *s, const struct hex_shape *k, paddr_t pa)
{
    const struct format *f = scene_format(s);

    if (!k->table) {
        for (unsigned i = 0; i < k->row && pen_left(p) > 0; i++) {
            unsigned value = (unsigned)phys_read(&s->now->hw.phys, pa + i, 1);

            if (value >= 0x20 && value < 0x7f && !link_hidden(s, pa + i, 1))
                pen_putf(p, ROLE_TEXT, 0, "%c", (int)value);
            else
                pen_glyph(p, GLYPH_DOT, ROLE_DIM, 0);
        }
        return;
    }
    for (unsigned i = 0; i < k->row && i + k->group <= k->row; i += k->group) {
        pte_t entry = phys_read(&s->now->hw.phys, pa + i, k->group);

        if (!(entry & f->flag.present) || link_hidden(s, pa + i, k->group) || pen_left(p) < 7)
            continue;
        pen_putf(p, theme_index_role(f->levels - 1u - k->level), 0, "[%u]",
                 (unsigned)((pa + i - k->base) / k->group & low_bits(f->level[k->level].bits)));
        pen_glyph(p, GLYPH_ARROW_RIGHT, ROLE_DIM, 0);
        pen_label(p, scene_target(s, k->level, entry), 0);
        pen_put(p, " ", ROLE_TEXT, 0);
    }
}

void
pane_hex(const struct scene *s, struct canvas *c, struct rect r)
{
    struct hex_shape k = hex_fit(s, r);
    struct pen p;

    pen_open(&p, c, r);
    hex_head(&p, s, &k);
    for (unsigned row = (unsigned)k.skip; row < k.rows && !pen_full(&p); row++) {
        paddr_t pa = k.base + (paddr_t)row * k.row;

        pen_putf(&p, ROLE_DIM, 0, s->set.numbers == NUMBERS_DECIMAL ? "%*llu" : "%*llx", k.digits, (unsigned long long)pa);
        for (unsigned i = 0; i < k.row; i++) {
            pen_put(&p, i % (k.group > 1 ? k.group : 8) == 0 ? "  " : " ", ROLE_TEXT, 0);
            canvas_target(c, TARGET_ITEM, pa + i, 0);
            hex_byte(&p, s, &k, pa + i);
            canvas_target(c, TARGET_NONE, 0, 0);
        }
        pen_put(&p, "  ", ROLE_TEXT, 0);
        hex_side(&p, s, &k, pa);
        pen_line(&p);
    }
    pen_close(&p);
}

void
hex_move(const struct scene *s, int dx, int dy, struct scene_settings *set)
{
    uint64_t last = pa_of(scene_format(s), s->now->hw.geo.frames) - 1;
    int64_t at = (int64_t)hex_cursor(s) + dx + (int64_t)dy * 16;

    set->hex_at = at < 0 ? 0 : (uint64_t)at > last ? last : (uint64_t)at;
    set->hex_follows = false;
    set->hex_low_digit = false;
}

/* What the present entries of a page table say. */
static void
hex_entries_json(const struct scene *s, unsigned level, paddr_t base, struct buffer *out)
{
    const struct format *f = scene_format(s);

    for (unsigned i = 0; i < 1u << f->level[level].bits; i++) {
        paddr_t slot = base + (paddr_t)i * f->entry_bytes;
        pte_t entry = phys_read(&s->now->hw.phys, slot, f->entry_bytes);

        if (!(entry & f->flag.present) || link_hidden(s, slot, f->entry_bytes))
            continue;
        json_open(out, '{');
        json_key(out, "index");
        json_put_uint(out, i);
        json_key(out, "frame");
        json_put_uint(out, scene_target(s, level, entry));
        json_close(out, '}');
    }
}

void
pane_hex_json(const struct scene *s, struct buffer *out)
{
    static const char digit[] = "0123456789abcdef";
    const struct format *f = scene_format(s);
    paddr_t cursor = hex_cursor(s), base = pa_of(f, pfn_of(f, cursor));
    unsigned level;

    json_key(out, "frame");
    json_put_uint(out, pfn_of(f, cursor));
    json_key(out, "cursor");
    json_put_hex(out, cursor);
    json_key(out, "rows");
    json_open(out, '[');
    for (uint64_t at = 0; at < format_page(f); at += 16) {
        char text[33];
        unsigned n = 0;

        for (unsigned i = 0; i < 16 && at + i < format_page(f); i++) {
            unsigned value = (unsigned)phys_read(&s->now->hw.phys, base + at + i, 1);
            bool hidden = link_hidden(s, base + at + i, 1);

            text[n++] = hidden ? '?' : digit[value >> 4];
            text[n++] = hidden ? '?' : digit[value & 15];
        }
        text[n] = 0;
        json_open(out, '{');
        json_key(out, "pa");
        json_put_hex(out, base + at);
        json_key(out, "bytes");
        json_put_string(out, text);
        json_close(out, '}');
    }
    json_close(out, ']');
    if (!frame_level(s, pfn_of(f, cursor), &level))
        return;
    json_key(out, "entries");
    json_open(out, '[');
    hex_entries_json(s, level, base, out);
    json_close(out, ']');
}
