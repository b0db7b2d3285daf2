/* pane_address.c - the virtual address, cut where the hardware cuts it: sign extension, one index per level, offset. What each entry named
 * stands below its index; the last frame and the untouched offset make the physical address.
 */
#include "view/panes.h"

#include <stdio.h>

#include "base/json.h"
#include "base/lang.h"
#include "base/text.h"

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
    if (f->canonical)
        field_add(v, tr("sign ext"), format_is_canonical(f, v->va) ? ROLE_SIGN_EXTENSION : ROLE_ERROR, f->va_bits, 64u - f->va_bits, -1);
    if (!scene_paging(s)) {
        field_add(v, tr("physical address"), ROLE_OFFSET, 0, f->va_bits, -1);
    } else {
        for (unsigned i = 0; i < f->levels && f->level[i].shift >= offset; i++)
            field_add(v, f->level[i].name, theme_index_role(f->levels - 1u - i), f->level[i].shift, f->level[i].bits, (int)i);
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
    return f->level < 0 ? (int)strlen(value_text(s, f->value, 0, out)) : snprintf(out, NUMBER_TEXT, "%llu", (unsigned long long)f->value);
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
    entry = s->walk.entry[f->level];
    if (!(entry & fmt->flag.present)) {
        pen_glyph(p, GLYPH_CROSS, ROLE_ERROR, 0);
        pen_rest(p, " P=0", ROLE_ERROR, 0);
        return;
    }
    pen_glyph(p, GLYPH_ARROW_RIGHT, ROLE_DIM, 0);
    pen_label(p, scene_target(s, (unsigned)f->level, entry), v->reading == f->level ? CELL_READ : 0);
    if (v->reading == f->level)
        pen_glyph(p, GLYPH_POINT_LEFT, ROLE_ACCENT, CELL_BOLD);
}

/* What went wrong, with the letters of the error code. */
static void
address_fault(struct pen *p, const struct scene *s)
{
    static const struct { uint16_t bit; const char *letter; } row[] = {
        {FAULT_P, "P"}, {FAULT_W, "W"}, {FAULT_U, "U"}, {FAULT_RSVD, "RSVD"}, {FAULT_I, "I"},
    };

    pen_put(p, s->walk.general ? "#GP" : "#PF", ROLE_FAULT, 0);
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
    snprintf(who, sizeof who, "   %s %u   cpu %u", tr("pid"), s->now->hw.s->cpu[scene_cpu(s)].task, scene_cpu(s));
    if (pen_left(p) >= (int)(text_width(who) + 3 + text_width(access ? tr("TLB miss") : tr("the program begins"))))
        pen_put(p, who, ROLE_DIM, 0);
    pen_put(p, "   ", ROLE_DIM, 0);
    if (!access || !scene_walks(s))
        pen_rest(p, access || v->va != s->now->os.layout.code ? "" : tr("the program begins"), ROLE_DIM, 0);
    else if (s->walk.faulted)
        address_fault(p, s);
    else if (s->walk.hit)
        pen_rest(p, tr("TLB hit"), ROLE_TLB_HIT, 0);
    else if (s->walk.missed)
        pen_rest(p, tr("TLB miss"), ROLE_TLB_MISS, 0);
    pen_line(p);
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
    pen_label(p, pfn_of(f, s->walk.pa & ~low_bits(bits)), 0);
    if (s->set.numbers == NUMBERS_DECIMAL) /* only in hex is it enough to write them side by side */
        pen_putf(p, ROLE_NUMBER, 0, " (%llu * %llu)", (unsigned long long)pfn_of(f, s->walk.pa & ~low_bits(bits)),
                 (unsigned long long)format_page(f));
    pen_put(p, " + ", ROLE_DIM, 0);
    pen_putf(p, ROLE_OFFSET, 0, "%s", value_text(s, v->va & low_bits(bits), 0, number));
    pen_put(p, " = ", ROLE_DIM, 0);
    pen_putf(p, ROLE_ADDRESS, CELL_BOLD | (s->event.code == EV_TRANSLATED ? CELL_CHANGED : 0), "%s",
             value_text(s, s->walk.pa, 0, number));
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

void
pane_address(const struct scene *s, struct canvas *c, struct rect r)
{
    struct address_view v;
    struct pen p;
    bool bits;

    address_cut(s, &v);
    pen_open(&p, c, r);
    p.y = s->set.scroll[PANE_ADDRESS] > 0 ? -s->set.scroll[PANE_ADDRESS] : 0;
    address_head(&p, s, &v);
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
    if (f->level >= 0 && scene_walks(s) && (unsigned)f->level < v->read) {
        json_key(out, "entry");
        json_put_hex(out, s->walk.entry[f->level]);
        json_key(out, "frame");
        json_put_uint(out, scene_target(s, (unsigned)f->level, s->walk.entry[f->level]));
    }
    json_close(out, '}');
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
    if (v.known) {
        json_key(out, "pa");
        json_put_hex(out, s->walk.pa);
        json_key(out, "frame");
        json_put_uint(out, pfn_of(scene_format(s), s->walk.pa & ~low_bits(offset_bits(s))));
    }
}
