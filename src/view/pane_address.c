/* pane_address.c - the virtual address, cut where the hardware cuts it: sign extension, one index per level, offset. What each entry named
 * stands below its index; the last frame and the untouched offset make the physical address.
 */
#include "view/panes.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/lang.h"
#include "hw/segment.h"
#include "base/text.h"
#include "hw/cache.h"
#include "machine/words.h"

enum { FIELDS_MAX = LEVEL_MAX + 2 };

/* One piece of the address. */
struct field {
    const char *name;
    enum role role;
    unsigned shift, bits;
    int level;             /* -1: no table is indexed by it */
    uint64_t value;
    bool offset;
    bool hidden;           /* the open question may ask for it */
    int width;             /* cells */
};

struct address_view {
    vaddr_t va;
    struct field field[FIELDS_MAX];
    unsigned fields;
    unsigned read;         /* levels whose entry has been read */
    int reading;           /* the level the current event reads or writes, -1 */
    bool known;            /* translated: pa is valid */
};

static void
field_add(struct address_view *v, const char *name, enum role role, unsigned shift, unsigned bits, int level)
{
    v->field[v->fields++] = (struct field){.name = name, .role = role, .shift = shift, .bits = bits, .level = level,
                                           .value = (v->va >> shift) & low_bits(bits)};
}

/* A large page's offset swallows the indices below its level. */
static unsigned
offset_bits(const struct scene *s)
{
    return s->walk.shift ? s->walk.shift : scene_format(s)->page_shift;
}

static void
address_cut(const struct scene *s, struct address_view *v)
{
    const struct format *f = scene_format(s);
    unsigned offset = offset_bits(s);

    *v = (struct address_view){.va = scene_va(s), .reading = -1, .read = s->walk.levels};
    v->known = scene_walks(s) && s->walk.translated;
    if (event_has(s, FIELD_LEVEL) && event_has(s, FIELD_PA))
        v->reading = s->event.level;
    if (format_has_rule(f))
        field_add(v, f->halves ? tr("half") : tr("sign ext"),
                  format_is_canonical(f, v->va) ? ROLE_SIGN_EXTENSION : ROLE_ERROR, f->va_bits, 64u - f->va_bits, -1);
    if (!scene_paging(s) && segment_exists(&s->now->hw)) {
        unsigned bits = s->now->hw.geo.segment.bits;

        if (bits)
            field_add(v, tr("segment"), theme_index_role(0), f->va_bits - bits, bits, -1);
        field_add(v, tr("offset"), ROLE_OFFSET, 0, f->va_bits - bits, -1);
    } else if (!scene_paging(s)) {
        field_add(v, tr("physical address"), ROLE_OFFSET, 0, f->va_bits, -1);
    } else {
        for (unsigned i = 0; i < f->levels && f->level[i].shift >= offset; i++)
            field_add(v, format_is_tree(f) ? f->level[i].name : tr("page"), theme_index_role(f->levels - 1u - i), f->level[i].shift,
                      f->level[i].bits, (int)i);
        field_add(v, tr("offset"), ROLE_OFFSET, 0, offset, -1);
    }
    v->field[v->fields - 1].offset = true;
    for (unsigned i = 0; i < v->fields; i++) /* the bits stay: to read a number off them is the exercise */
        v->field[i].hidden = v->field[i].level >= (int)v->read && scene_asks(s) && s->unread;
}

static int
field_text(const struct scene *s, const struct field *f, char out[NUMBER_TEXT])
{
    if (f->hidden)
        return snprintf(out, NUMBER_TEXT, "?");
    if (f->level < 0 || !format_is_tree(scene_format(s)))
        return (int)strlen(value_text(s, f->value, 0, out));
    return snprintf(out, NUMBER_TEXT, "%llu", (unsigned long long)f->value);
}

/* Gives every field its width; returns whether they fit with their bits drawn. */
static bool
address_fit(const struct scene *s, struct address_view *v, int w, bool bits)
{
    int total = 0;

    for (unsigned i = 0; i < v->fields; i++) {
        struct field *f = &v->field[i];
        char text[NUMBER_TEXT];
        int name = (int)text_width(f->name), value = field_text(s, f, text);

        f->width = name > value ? name : value;
        if (f->width < 6)
            f->width = 6; /* room for an arrow and a label */
        if (bits && f->width < (int)f->bits)
            f->width = (int)f->bits;
        total += f->width + 1;
    }
    return total - 1 <= w;
}

static void
field_bits(struct pen *p, const struct field *f, bool wide)
{
    char bits[65];

    for (unsigned i = 0; i < f->bits; i++)
        bits[i] = (char)('0' + (f->value >> (f->bits - 1 - i) & 1));
    bits[f->bits] = 0;
    if (wide)
        pen_put(p, bits, f->role, 0);
}

/* A level that was not read: only the last of them left something, the table where the walk began. */
static void
field_known(struct pen *p, const struct scene *s, unsigned level)
{
    if (level + 1 < s->walk.known) {
        pen_glyph(p, GLYPH_DOT, ROLE_DIM, 0);
        return;
    }
    pen_glyph(p, GLYPH_CHECK, ROLE_TLB_HIT, 0);
    pen_label(p, s->walk.below, s->event.code == EV_WALK_CACHE_HIT ? CELL_READ : 0);
}

/* The bit that says "nothing here" by its name. */
static const char *
absent_text(const struct format *f)
{
    static const char *const text[FAMILIES] = {[FAMILY_X86] = " P=0", [FAMILY_RISCV] = " V=0", [FAMILY_ARM] = " v=0"};

    return text[f->family];
}

/* Below an index: what its entry said. */
static void
field_found(struct pen *p, const struct scene *s, const struct address_view *v, const struct field *f)
{
    const struct format *fmt = scene_format(s);
    pte_t entry;

    if (f->level < 0 || !scene_walks(s))
        return;
    if ((unsigned)f->level >= v->read) {
        if (scene_asks(s) && !s->walk.hit)
            pen_put(p, "?", ROLE_QUESTION, 0);
        return;
    }
    if ((unsigned)f->level < s->walk.known) {
        field_known(p, s, (unsigned)f->level);
        return;
    }
    entry = s->walk.entry[f->level];
    if (!(entry & fmt->flag.present)) {
        pen_glyph(p, GLYPH_CROSS, ROLE_ERROR, 0);
        pen_rest(p, absent_text(fmt), ROLE_ERROR, 0);
        return;
    }
    pen_glyph(p, GLYPH_ARROW_RIGHT, ROLE_DIM, 0);
    pen_label(p, scene_target(s, (unsigned)f->level, entry), v->reading == f->level ? CELL_READ : 0);
    if (v->reading == f->level)
        pen_glyph(p, GLYPH_POINT_LEFT, ROLE_ACCENT, CELL_BOLD);
}

/* What went wrong, with the letters of the error code, or as its CPU tells it. */
static void
address_fault(struct pen *p, const struct scene *s)
{
    static const struct { uint16_t bit; const char *letter; } row[] = {
        {FAULT_P, "P"}, {FAULT_W, "W"}, {FAULT_U, "U"}, {FAULT_RSVD, "RSVD"}, {FAULT_I, "I"},
    };

    if (scene_format(s)->family != FAMILY_X86) {
        struct buffer text = {0};

        words_fault_short(scene_format(s), (uint16_t)s->walk.error, &text);
        pen_rest(p, buffer_text(&text), ROLE_FAULT, 0);
        buffer_free(&text);
        return;
    }
    pen_put(p, s->walk.stack ? "#SS" : s->walk.general ? "#GP" : "#PF", ROLE_FAULT, 0);
    for (size_t i = 0; i < sizeof row / sizeof *row && !s->walk.general; i++)
        if (s->walk.error & row[i].bit)
            pen_putf(p, ROLE_ERROR, 0, " %s", row[i].letter);
}

static void
address_head(struct pen *p, const struct scene *s, const struct address_view *v)
{
    static const char *const kind[] = {"read", "write", "fetch"};
    char who[64], number[NUMBER_TEXT];
    bool access = s->op && scene_walks(s) && (s->op->code == OP_READ || s->op->code == OP_WRITE || s->op->code == OP_FETCH);

    if (access)
        pen_putf(p, ROLE_TITLE, CELL_BOLD, "%s ", tr(kind[s->op->code - OP_READ]));
    pen_putf(p, ROLE_ADDRESS, access ? CELL_BOLD : 0, "%s", value_text(s, v->va, va_digits(scene_format(s)), number));
    if (s->now->preset.kernel)
        snprintf(who, sizeof who, "   %s %u   cpu %u", tr("pid"), s->now->hw.s->cpu[scene_cpu(s)].task, scene_cpu(s));
    else
        snprintf(who, sizeof who, "   cpu %u", scene_cpu(s));
    if (pen_left(p) >= (int)(text_width(who) + 3 + text_width(access ? tr("TLB miss") : tr("the program begins"))))
        pen_put(p, who, ROLE_DIM, 0);
    pen_put(p, "   ", ROLE_DIM, 0);
    if (!access || !scene_walks(s))
        pen_rest(p, access || v->va != s->now->os.layout.code || !s->now->preset.kernel ? "" : tr("the program begins"), ROLE_DIM, 0);
    else if (s->walk.faulted)
        address_fault(p, s);
    else if (s->walk.hit)
        pen_rest(p, tr("TLB hit"), ROLE_TLB_HIT, 0);
    else if (s->walk.missed)
        pen_rest(p, tr("TLB miss"), ROLE_TLB_MISS, 0);
    pen_line(p);
}

/* --- the same address as TLB and data cache cut it --- */

/* A piece of the virtual or the physical address, as Bryant and O'Hallaron name them. */
struct part {
    const char *name;
    unsigned shift, bits;
    enum role role;
    bool physical;
};

enum { PARTS = 6 };

static void
parts_of(const struct scene *s, struct part part[PARTS])
{
    const struct geometry *g = &s->now->hw.geo;
    unsigned page = g->format.page_shift, tlb = (unsigned)__builtin_ctz(g->tlb_sets);
    unsigned line = g->cache[CACHE_L1].line_shift, set = (unsigned)__builtin_ctz(g->cache[CACHE_L1].sets);
    const struct part all[PARTS] = {
        {"TLBT", page + tlb, g->format.va_bits - page - tlb, ROLE_INDEX1, false},
        {"TLBI", page, tlb, ROLE_INDEX0, false},
        {"VPO", 0, page, ROLE_OFFSET, false},
        {"CT", line + set, g->maxpa > line + set ? g->maxpa - line - set : 0, ROLE_INDEX1, true},
        {"CI", line, set, ROLE_INDEX0, true},
        {"CO", 0, line, ROLE_OFFSET, true},
    };

    memcpy(part, all, sizeof all);
}

static bool
part_known(const struct address_view *v, const struct part *part)
{
    return !part->physical || v->known;
}

static uint64_t
part_value(const struct scene *s, const struct address_view *v, const struct part *part)
{
    return (part->physical ? s->walk.pa : v->va) >> part->shift & low_bits(part->bits);
}

/* The bits stay while a question is open, the number is the learner's to make of them. */
static void
part_cell(struct pen *p, const struct scene *s, const struct address_view *v, const struct part *part, int row)
{
    bool shown = part_known(v, part);
    uint64_t value = shown ? part_value(s, v, part) : 0;
    char bits[65] = "", number[NUMBER_TEXT];

    for (unsigned i = 0; i < part->bits && i < 64; i++)
        bits[i] = !shown ? '-' : value >> (part->bits - 1 - i) & 1 ? '1' : '0';
    if (row == 0)
        pen_put(p, part->name, part->role, 0);
    else if (row == 1)
        pen_put(p, bits, shown ? part->role : ROLE_DIM, 0);
    else if (scene_asks(s))
        pen_put(p, "?", ROLE_QUESTION, 0);
    else if (shown)
        pen_put(p, value_text(s, value, 0, number), part->role, CELL_BOLD);
}

/* Virtual pieces, and beside them the physical ones. */
static void
address_parts(struct pen *p, const struct scene *s, const struct address_view *v)
{
    struct part part[PARTS];

    parts_of(s, part);
    for (int row = 0; row < 3; row++) {
        int x = 0;

        for (int i = 0; i < PARTS; i++) {
            int width = part[i].bits > 4 ? (int)part[i].bits : 4;

            if (i == PARTS / 2) {
                p->x = x;
                pen_glyph(p, row == 1 ? GLYPH_ARROW_RIGHT : GLYPH_TREE_DOWN, ROLE_DIM, 0);
                x += 2;
            }
            p->x = x;
            part_cell(p, s, v, &part[i], row);
            x += width + 1;
        }
        pen_line(p);
    }
}

/* " + 0x14 = 0x354", in decimal with what the page number counts. */
static void
address_page_sum(struct pen *p, const struct scene *s, const struct address_view *v)
{
    const struct format *f = scene_format(s);
    char number[NUMBER_TEXT];

    if (s->set.numbers == NUMBERS_DECIMAL)
        pen_putf(p, ROLE_NUMBER, 0, " * %llu", (unsigned long long)format_page(f));
    pen_put(p, " + ", ROLE_OFFSET, 0);
    pen_put(p, value_text(s, v->va & low_bits(f->page_shift), 0, number), ROLE_OFFSET, 0);
    pen_put(p, " = ", ROLE_ADDRESS, CELL_BOLD);
    pen_put(p, value_text(s, s->walk.pa, 0, number), ROLE_ADDRESS, CELL_BOLD | (s->event.code == EV_TRANSLATED ? CELL_CHANGED : 0));
}

/* VPN 0xf -> PPN 0xd + 0x14 = 0x354 */
static void
address_pages(struct pen *p, const struct scene *s, const struct address_view *v)
{
    const struct format *f = scene_format(s);
    bool absent = scene_walks(s) && v->read && !(s->walk.entry[v->read - 1] & f->flag.present);
    char number[NUMBER_TEXT];

    pen_put(p, "VPN ", ROLE_DIM, 0);
    if (scene_asks(s))
        pen_put(p, "?", ROLE_QUESTION, 0);
    else
        pen_put(p, value_text(s, vpn_of(f, v->va), 0, number), theme_index_role(0), CELL_BOLD);
    pen_put(p, " ", ROLE_TEXT, 0);
    pen_glyph(p, GLYPH_ARROW_RIGHT, ROLE_DIM, 0);
    pen_put(p, " PPN ", ROLE_DIM, 0);
    if (absent) {
        pen_glyph(p, GLYPH_CROSS, ROLE_ERROR, 0);
        pen_put(p, absent_text(f), ROLE_ERROR, 0);
    } else if (!v->known) {
        pen_put(p, scene_asks(s) ? "?" : "", ROLE_QUESTION, 0);
        if (!scene_asks(s))
            pen_glyph(p, GLYPH_DOT, ROLE_DIM, 0);
    } else {
        pen_put(p, value_text(s, pfn_of(f, s->walk.pa), 0, number), theme_frame_role(pfn_of(f, s->walk.pa)), CELL_BOLD);
        address_page_sum(p, s, v);
    }
    pen_line(p);
}

/* A flat table and a data cache: then the pieces are what exams ask for, and one row has room for all of them. */
static bool
address_is_flat(const struct scene *s, int w)
{
    struct part part[PARTS];
    int width = 2;

    if (scene_format(s)->levels != 1 || !cache_exists(&s->now->hw) || !scene_paging(s))
        return false;
    parts_of(s, part);
    for (int i = 0; i < PARTS; i++)
        width += (part[i].bits > 4 ? (int)part[i].bits : 4) + 1;
    return width - 1 <= w;
}

/* CT, CI and CO of the physical address, where a line has room for them. */
static void
address_line(struct pen *p, const struct scene *s, const struct address_view *v)
{
    struct part part[PARTS];
    char number[NUMBER_TEXT];

    if (!cache_exists(&s->now->hw) || !v->known || scene_asks(s))
        return;
    parts_of(s, part);
    for (int i = PARTS / 2; i < PARTS && pen_left(p) > 12; i++)
        pen_putf(p, part[i].role, 0, "   %s %s", part[i].name, value_text(s, part_value(s, v, &part[i]), 0, number));
}

/* frame label + offset = physical address */
static void
address_sum(struct pen *p, const struct scene *s, const struct address_view *v)
{
    const struct format *f = scene_format(s);
    unsigned bits = offset_bits(s);
    char number[NUMBER_TEXT];

    pen_put(p, tr("physical"), ROLE_DIM, 0);
    pen_put(p, "  ", ROLE_DIM, 0);
    if (!scene_walks(s) || !v->known) {
        pen_put(p, scene_asks(s) ? "?" : "", ROLE_QUESTION, 0);
        if (!scene_asks(s))
            pen_glyph(p, GLYPH_DOT, ROLE_DIM, 0);
        pen_line(p);
        return;
    }
    if (!scene_paging(s)) {
        pen_putf(p, ROLE_ADDRESS, CELL_BOLD | (s->event.code == EV_SEGMENT_ADDED ? CELL_CHANGED : 0), "%s",
                 value_text(s, s->walk.pa, 0, number));
        pen_line(p);
        return;
    }
    pen_label(p, pfn_of(f, s->walk.pa & ~low_bits(bits)), 0);
    if (s->set.numbers == NUMBERS_DECIMAL) /* only in hex is it enough to write them side by side */
        pen_putf(p, ROLE_NUMBER, 0, " (%llu * %llu)", (unsigned long long)pfn_of(f, s->walk.pa & ~low_bits(bits)),
                 (unsigned long long)format_page(f));
    pen_put(p, " + ", ROLE_DIM, 0);
    pen_putf(p, ROLE_OFFSET, 0, "%s", value_text(s, v->va & low_bits(bits), 0, number));
    pen_put(p, " = ", ROLE_DIM, 0);
    pen_putf(p, ROLE_ADDRESS, CELL_BOLD | (s->event.code == EV_TRANSLATED ? CELL_CHANGED : 0), "%s",
             value_text(s, s->walk.pa, 0, number));
    address_line(p, s, v);
    pen_line(p);
}

/* Too narrow for columns: one field a row. */
static void
address_stack(struct pen *p, const struct scene *s, const struct address_view *v)
{
    char text[NUMBER_TEXT];

    for (unsigned i = 0; i < v->fields; i++) {
        field_text(s, &v->field[i], text);
        pen_put(p, v->field[i].name, v->field[i].role, 0);
        pen_to(p, 9);
        pen_put(p, text, v->field[i].role, CELL_BOLD);
        pen_put(p, " ", ROLE_TEXT, 0);
        field_found(p, s, v, &v->field[i]);
        pen_line(p);
    }
}

/* Under each field its range of bits, so that the binary digits can be counted. */
static void
address_columns(struct pen *p, const struct scene *s, const struct address_view *v, bool bits)
{
    for (int row = 0; row < 4; row++) {
        int x = 0;

        if (row == 1 && !bits)
            continue;
        for (unsigned i = 0; i < v->fields; i++) {
            const struct field *f = &v->field[i];
            char text[NUMBER_TEXT];

            p->x = x;
            field_text(s, f, text);
            if (row == 0)
                pen_put(p, f->name, f->role, v->reading >= 0 && v->reading == f->level ? CELL_BOLD | CELL_UNDERLINE : 0);
            else if (row == 1)
                field_bits(p, f, bits);
            else if (row == 2)
                pen_put(p, text, f->role, CELL_BOLD);
            else
                field_found(p, s, v, f);
            x += f->width + 1;
        }
        pen_line(p);
    }
}

/* Under a kernel only a process has virtual addresses; without one there is nothing to cut. */
static bool
address_is_nobodys(const struct scene *s)
{
    return s->now->preset.kernel && scene_paging(s) && !s->now->hw.s->cpu[scene_cpu(s)].task && !scene_walks(s) &&
           scene_va(s) == s->now->os.layout.code;
}

void
pane_address(const struct scene *s, struct canvas *c, struct rect r)
{
    struct address_view v;
    struct pen p;
    bool bits;

    address_cut(s, &v);
    pen_open(&p, c, r);
    if (address_is_nobodys(s)) {
        pen_wrap(&p, 0, tr("No process runs here."), ROLE_DIM, 0);
        pen_close(&p);
        return;
    }
    p.y = s->set.scroll[PANE_ADDRESS] > 0 ? -s->set.scroll[PANE_ADDRESS] : 0;
    address_head(&p, s, &v);
    if (address_is_flat(s, r.w)) {
        address_parts(&p, s, &v);
        address_pages(&p, s, &v);
        pen_close(&p);
        return;
    }
    bits = address_fit(s, &v, r.w, true) && r.h >= 6;
    if (bits || address_fit(s, &v, r.w, false))
        address_columns(&p, s, &v, bits);
    else
        address_stack(&p, s, &v);
    address_sum(&p, s, &v);
    pen_close(&p);
}

static void
field_json(const struct scene *s, const struct address_view *v, const struct field *f, struct buffer *out)
{
    json_open(out, '{');
    json_key(out, "name");
    json_put_string(out, f->name);
    json_key(out, "shift");
    json_put_uint(out, f->shift);
    json_key(out, "bits");
    json_put_uint(out, f->bits);
    json_key(out, "value");
    if (f->hidden)
        json_put_null(out);
    else if (f->level < 0)
        json_put_hex(out, f->value);
    else
        json_put_uint(out, f->value);
    if (f->level >= 0 && scene_walks(s) && (unsigned)f->level + 1 == s->walk.known) {
        json_key(out, "known");
        json_put_uint(out, s->walk.below);
    }
    if (f->level >= (int)s->walk.known && scene_walks(s) && (unsigned)f->level < v->read) {
        json_key(out, "entry");
        json_put_hex(out, s->walk.entry[f->level]);
        json_key(out, "frame");
        json_put_uint(out, scene_target(s, (unsigned)f->level, s->walk.entry[f->level]));
    }
    json_close(out, '}');
}

/* A part that is not known yet, or that is asked for, has no value. */
static void
parts_json(const struct scene *s, const struct address_view *v, struct buffer *out)
{
    struct part part[PARTS];

    parts_of(s, part);
    json_key(out, "parts");
    json_open(out, '[');
    for (int i = 0; i < PARTS; i++) {
        json_open(out, '{');
        json_key(out, "name");
        json_put_string(out, part[i].name);
        json_key(out, "shift");
        json_put_uint(out, part[i].shift);
        json_key(out, "bits");
        json_put_uint(out, part[i].bits);
        json_key(out, "value");
        if (scene_asks(s) || !part_known(v, &part[i]))
            json_put_null(out);
        else
            json_put_hex(out, part_value(s, v, &part[i]));
        json_close(out, '}');
    }
    json_close(out, ']');
    if (!scene_asks(s)) {
        json_key(out, "vpn");
        json_put_hex(out, vpn_of(scene_format(s), v->va));
    }
}

void
pane_address_json(const struct scene *s, struct buffer *out)
{
    struct address_view v;

    address_cut(s, &v);
    json_key(out, "va");
    json_put_hex(out, v.va);
    json_key(out, "pid");
    json_put_uint(out, s->now->hw.s->cpu[scene_cpu(s)].task);
    json_key(out, "cpu");
    json_put_uint(out, scene_cpu(s));
    json_key(out, "fields");
    json_open(out, '[');
    for (unsigned i = 0; i < v.fields; i++)
        field_json(s, &v, &v.field[i], out);
    json_close(out, ']');
    if (cache_exists(&s->now->hw))
        parts_json(s, &v, out);
    if (v.known) {
        json_key(out, "pa");
        json_put_hex(out, s->walk.pa);
        json_key(out, "frame");
        json_put_uint(out, pfn_of(scene_format(s), s->walk.pa & ~low_bits(offset_bits(s))));
    }
}
