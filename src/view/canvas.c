/* The grid itself: cells, clipping, whole wide characters, text.
 *
 * A terminal has no half characters. When a narrow character lands on one half of a wide one,
 * the other half must become a
 * blank; every write goes through set_cell, which sees to that.
 */
#include "view/canvas.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/memory.h"
#include "base/text.h"

static int
clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

/* ---- Rectangles ---- */

struct rect
rect_of(int x, int y, int w, int h)
{
    return (struct rect){x, y, w < 0 ? 0 : w, h < 0 ? 0 : h};
}

struct rect
rect_inside(struct rect r, int margin)
{
    return rect_of(r.x + margin, r.y + margin, r.w - 2 * margin, r.h - 2 * margin);
}

struct rect
rect_cut(struct rect a, struct rect b)
{
    int x = a.x > b.x ? a.x : b.x, y = a.y > b.y ? a.y : b.y;
    int right = a.x + a.w < b.x + b.w ? a.x + a.w : b.x + b.w;
    int bottom = a.y + a.h < b.y + b.h ? a.y + a.h : b.y + b.h;

    return rect_of(x, y, right - x, bottom - y);
}

/* ---- Life ---- */

struct canvas *
canvas_create(int w, int h, enum glyph_set glyphs)
{
    struct canvas *c = memory_new(1, sizeof *c);

    c->glyphs = glyphs;
    canvas_resize(c, w, h);
    return c;
}

void
canvas_destroy(struct canvas *c)
{
    if (!c)
        return;
    free(c->cells);
    free(c->targets);
    free(c);
}

static void
resize(struct canvas *c, int w, int h)
{
    if (w * h != c->w * c->h || !c->cells) {
        free(c->cells);
        c->cells = memory_new(1, (size_t)w * (size_t)h * sizeof *c->cells);
        free(c->targets);
        c->target_room = (unsigned)clamp(w * h + 1, 1, UINT16_MAX);
        c->targets = memory_new(c->target_room, sizeof *c->targets);
    }
    c->w = w;
    c->h = h;
    canvas_clear(c);
}

void
canvas_resize(struct canvas *c, int w, int h)
{
    resize(c, clamp(w, 1, CANVAS_WIDTH_MAX), clamp(h, 1, CANVAS_HEIGHT_MAX));
}

struct canvas *
canvas_create_sheet(int w, int h, enum glyph_set glyphs)
{
    struct canvas *c = canvas_create(1, 1, glyphs);

    resize(c, clamp(w, 1, CANVAS_WIDTH_MAX), clamp(h, 1, CANVAS_SHEET_MAX));
    return c;
}

static struct cell
blank(const struct canvas *c, enum role role, unsigned flags)
{
    return (struct cell){.cp = ' ',
                         .width = 1,
                         .role = (uint8_t)role,
                         .flags = (uint8_t)flags,
                         .owner = c->owner,
                         .target = c->target};
}

void
canvas_clear(struct canvas *c)
{
    struct cell empty;

    c->clip = rect_of(0, 0, c->w, c->h);
    c->clip_count = 0;
    c->owner = c->target = 0;
    c->targets[0] = (struct target){TARGET_NONE, 0, 0};
    c->target_count = 1;
    empty = blank(c, ROLE_TEXT, 0);
    for (int i = 0; i < c->w * c->h; i++)
        c->cells[i] = empty;
}

void
canvas_clip_push(struct canvas *c, struct rect r)
{
    pw_assert(c->clip_count < CANVAS_CLIPS_MAX);
    c->clips[c->clip_count++] = c->clip;
    c->clip = rect_cut(c->clip, r);
}

void
canvas_clip_pop(struct canvas *c)
{
    pw_assert(c->clip_count > 0);
    c->clip = c->clips[--c->clip_count];
}

/* ---- Cells ---- */

static bool
in_clip(const struct canvas *c, int x, int y)
{
    return x >= c->clip.x && x < c->clip.x + c->clip.w && y >= c->clip.y &&
           y < c->clip.y + c->clip.h;
}

static struct cell *
cell_at(const struct canvas *c, int x, int y)
{
    return &c->cells[y * c->w + x];
}

/* What loses its other half becomes a blank of its own style. */
static void
blank_in_place(struct cell *cell)
{
    cell->cp = ' ';
    cell->width = 1;
    cell->combining[0] = cell->combining[1] = 0;
    cell->line = 0;
}

/* Cells first .. first+count-1 of a row are about to be overwritten: blank the halves that stick
 * out. */
static void
repair_around(struct canvas *c, int first, int count, int y)
{
    if (first > 0 && cell_at(c, first, y)->width == 0)
        blank_in_place(cell_at(c, first - 1, y));
    if (first + count < c->w && cell_at(c, first + count, y)->width == 0)
        blank_in_place(cell_at(c, first + count, y));
}

static void
set_cell(struct canvas *c, int x, int y, uint32_t cp, int width, enum role role, unsigned flags)
{
    struct cell cell = blank(c, role, flags);

    repair_around(c, x, width, y);
    cell.cp = cp;
    cell.width = (uint8_t)width;
    *cell_at(c, x, y) = cell;
    if (width == 2) {
        cell.cp = 0;
        cell.width = 0;
        *cell_at(c, x + 1, y) = cell;
    }
}

/* A wide character that only half fits leaves a blank in the half that is inside. */
static void
draw(struct canvas *c, int x, int y, uint32_t cp, int width, enum role role, unsigned flags)
{
    bool left = in_clip(c, x, y), right = width < 2 || in_clip(c, x + 1, y);

    if (left && right)
        set_cell(c, x, y, cp, width, role, flags);
    else if (left)
        set_cell(c, x, y, ' ', 1, role, flags);
    else if (width == 2 && right)
        set_cell(c, x + 1, y, ' ', 1, role, flags);
}

static void
add_combining(struct canvas *c, int x, int y, uint32_t cp)
{
    struct cell *cell;

    if (!in_clip(c, x, y) || c->glyphs == GLYPHS_ASCII)
        return;
    cell = cell_at(c, x, y);
    if (cell->width == 0)
        cell--;
    for (int i = 0; i < 2; i++) {
        if (cell->combining[i] == 0) {
            cell->combining[i] = cp;
            return;
        }
    }
}

static void
draw_ascii(struct canvas *c, int x, int y, uint32_t cp, int width, enum role role, unsigned flags)
{
    char a = text_ascii(cp);

    draw(c, x, y, (unsigned char)a, 1, role, flags);
    if (width == 2)
        draw(c, x + 1, y, a == '?' ? '?' : ' ', 1, role, flags);
}

/* ---- Text ---- */

int
canvas_put_n(struct canvas *c, int x, int y, const char *text, size_t length, enum role role,
             unsigned flags)
{
    int start = x, width;
    uint32_t cp;

    for (size_t at = 0; at < length;) {
        at += text_step(text + at, length - at, &cp);
        width = text_cell_width(cp);
        if (width == 0) {
            if (x > start)
                add_combining(c, x - 1, y, cp);
            continue;
        }
        if (c->glyphs == GLYPHS_ASCII)
            draw_ascii(c, x, y, cp, width, role, flags);
        else
            draw(c, x, y, cp, width, role, flags);
        x += width;
    }
    return x - start;
}

int
canvas_put(struct canvas *c, int x, int y, const char *text, enum role role, unsigned flags)
{
    return canvas_put_n(c, x, y, text, strlen(text), role, flags);
}

int
canvas_putf(struct canvas *c, int x, int y, enum role role, unsigned flags, const char *fmt, ...)
{
    struct buffer text = {0};
    va_list ap;
    int width;

    va_start(ap, fmt);
    buffer_vprintf(&text, fmt, ap);
    va_end(ap);
    width = canvas_put_n(c, x, y, text.data, text.length, role, flags);
    buffer_free(&text);
    return width;
}

const char *
glyph_text(enum glyph_set set, enum glyph g)
{
    static const char *const table[GLYPH_COUNT][2] = {
#define GLYPH(name, unicode, ascii) {unicode, ascii},
#include "view/glyphs.def"
#undef GLYPH
    };

    pw_assert(g < GLYPH_COUNT);
    return table[g][set];
}

int
canvas_put_glyph(struct canvas *c, int x, int y, enum glyph g, enum role role, unsigned flags)
{
    return canvas_put(c, x, y, glyph_text(c->glyphs, g), role, flags);
}

int
canvas_put_fit(struct canvas *c, int x, int y, int width, const char *text, enum role role,
               unsigned flags)
{
    size_t length = strlen(text), bytes;
    unsigned used;

    if (width <= 0)
        return 0;
    bytes = text_clip(text, length, (unsigned)width, &used);
    if (bytes < length)
        bytes = text_clip(text, length, (unsigned)width - 1, &used);
    canvas_put_n(c, x, y, text, bytes, role, flags);
    if (bytes < length)
        used += (unsigned)canvas_put_glyph(c, x + (int)used, y, GLYPH_ELLIPSIS, role, flags);
    for (; (int)used < width; used++)
        draw(c, x + (int)used, y, ' ', 1, role, flags);
    return width;
}

int
canvas_put_wrapped(struct canvas *c, struct rect r, int skip, const char *text, enum role role,
                   unsigned flags)
{
    const char *end = text + strlen(text);
    struct text_line line;
    int count = 0;

    if (r.w <= 0)
        return 0;
    canvas_clip_push(c, r);
    while (text_wrap_next(&text, end, (unsigned)r.w, &line)) {
        if (count >= skip)
            canvas_put_n(c, r.x, r.y + count - skip, line.start, line.length, role, flags);
        count++;
    }
    canvas_clip_pop(c);
    return count;
}

void
canvas_fill(struct canvas *c, struct rect r, enum role role, unsigned flags)
{
    r = rect_cut(r, c->clip);
    for (int y = r.y; y < r.y + r.h; y++) {
        if (r.w)
            repair_around(c, r.x, r.w, y);
        for (int x = r.x; x < r.x + r.w; x++)
            *cell_at(c, x, y) = blank(c, role, flags);
    }
}

void
canvas_restyle(struct canvas *c, struct rect r, enum role role)
{
    r = rect_cut(r, c->clip);
    for (int y = r.y; y < r.y + r.h; y++)
        for (int x = r.x; x < r.x + r.w; x++)
            cell_at(c, x, y)->role = (uint8_t)role;
}

void
canvas_flag(struct canvas *c, struct rect r, unsigned flags)
{
    r = rect_cut(r, c->clip);
    for (int y = r.y; y < r.y + r.h; y++)
        for (int x = r.x; x < r.x + r.w; x++)
            cell_at(c, x, y)->flags |= (uint8_t)flags;
}

/* ---- Targets ---- */

void
canvas_target(struct canvas *c, enum target_kind kind, uint64_t a, uint64_t b)
{
    c->target = 0;
    if (kind == TARGET_NONE || c->target_count == c->target_room)
        return;
    c->target = (uint16_t)c->target_count;
    c->targets[c->target_count++] = (struct target){kind, a, b};
}

void
canvas_target_fill(struct canvas *c, struct rect r)
{
    r = rect_cut(r, c->clip);
    for (int y = r.y; y < r.y + r.h; y++)
        for (int x = r.x; x < r.x + r.w; x++)
            cell_at(c, x, y)->target = c->target;
}

struct target
canvas_target_at(const struct canvas *c, int x, int y)
{
    const struct cell *cell = canvas_cell(c, x, y);

    return cell ? c->targets[cell->target] : (struct target){TARGET_NONE, 0, 0};
}

/* What lies under the pointer there lies under it here. */
static void
take_target(struct canvas *c, struct target t)
{
    struct target now = c->targets[c->target];

    if (t.kind != now.kind || t.a != now.a || t.b != now.b)
        canvas_target(c, t.kind, t.a, t.b);
}

static void
copy_cell(struct canvas *c, int x, int y, const struct cell *from)
{
    struct cell *to;

    draw(c, x, y, from->cp, from->width, (enum role)from->role, from->flags);
    if (!in_clip(c, x, y) || (from->width == 2 && !in_clip(c, x + 1, y)))
        return;
    to = cell_at(c, x, y);
    memcpy(to->combining, from->combining, sizeof to->combining);
    to->line = from->line;
}

void
canvas_copy(struct canvas *c, int x, int y, const struct canvas *from, struct rect r)
{
    r = rect_cut(r, rect_of(0, 0, from->w, from->h));
    for (int row = 0; row < r.h; row++)
        for (int column = 0; column < r.w; column++) {
            const struct cell *cell = cell_at(from, r.x + column, r.y + row);

            if (cell->width) {
                take_target(c, from->targets[cell->target]);
                copy_cell(c, x + column, y + row, cell);
            }
        }
    canvas_target(c, TARGET_NONE, 0, 0);
}

/* ---- Lines ---- */

/* The character whose arms point to the sides in the mask; a lone arm is drawn as a whole line. */
static uint32_t
line_character(const struct canvas *c, unsigned sides)
{
    static const uint32_t characters[16] = {
        [LINE_UP] = 0x2502,
        [LINE_DOWN] = 0x2502,
        [LINE_UP | LINE_DOWN] = 0x2502,
        [LINE_RIGHT] = 0x2500,
        [LINE_LEFT] = 0x2500,
        [LINE_RIGHT | LINE_LEFT] = 0x2500,
        [LINE_DOWN | LINE_RIGHT] = 0x250c,
        [LINE_DOWN | LINE_LEFT] = 0x2510,
        [LINE_UP | LINE_RIGHT] = 0x2514,
        [LINE_UP | LINE_LEFT] = 0x2518,
        [LINE_UP | LINE_DOWN | LINE_RIGHT] = 0x251c,
        [LINE_UP | LINE_DOWN | LINE_LEFT] = 0x2524,
        [LINE_DOWN | LINE_RIGHT | LINE_LEFT] = 0x252c,
        [LINE_UP | LINE_RIGHT | LINE_LEFT] = 0x2534,
        [LINE_UP | LINE_RIGHT | LINE_DOWN | LINE_LEFT] = 0x253c,
    };
    uint32_t cp = characters[sides & 15];

    return c->glyphs == GLYPHS_ASCII ? (unsigned char)text_ascii(cp) : cp;
}

static void
join(struct canvas *c, int x, int y, unsigned sides, enum role role)
{
    struct cell *cell;

    if (!in_clip(c, x, y))
        return;
    cell = cell_at(c, x, y);
    if (cell->line) {
        sides |= cell->line;
        if (cell->role == ROLE_BORDER_FOCUS)
            role = ROLE_BORDER_FOCUS;
    }
    set_cell(c, x, y, line_character(c, sides), 1, role, 0);
    cell->line = (uint8_t)sides;
}

void
canvas_hline(struct canvas *c, int x, int y, int w, enum role role)
{
    for (int i = 0; i < w; i++)
        join(c, x + i, y, (i > 0 ? LINE_LEFT : 0u) | (i < w - 1 ? LINE_RIGHT : 0u), role);
    if (w == 1)
        join(c, x, y, LINE_LEFT | LINE_RIGHT, role);
}

void
canvas_vline(struct canvas *c, int x, int y, int h, enum role role)
{
    for (int i = 0; i < h; i++)
        join(c, x, y + i, (i > 0 ? LINE_UP : 0u) | (i < h - 1 ? LINE_DOWN : 0u), role);
    if (h == 1)
        join(c, x, y, LINE_UP | LINE_DOWN, role);
}

void
canvas_box(struct canvas *c, struct rect r, const char *title, enum role role)
{
    unsigned used;
    size_t bytes;

    if (r.w < 2 || r.h < 2)
        return;
    canvas_hline(c, r.x, r.y, r.w, role);
    canvas_hline(c, r.x, r.y + r.h - 1, r.w, role);
    canvas_vline(c, r.x, r.y, r.h, role);
    canvas_vline(c, r.x + r.w - 1, r.y, r.h, role);
    if (!title || r.w < 6)
        return;
    bytes = text_clip(title, strlen(title), (unsigned)r.w - 4, &used);
    role = role == ROLE_BORDER_FOCUS ? ROLE_BORDER_FOCUS : ROLE_TITLE;
    canvas_put(c, r.x + 1, r.y, " ", role, 0);
    canvas_put_n(c, r.x + 2, r.y, title, bytes, role, 0);
    canvas_put(c, r.x + 2 + (int)used, r.y, " ", role, 0);
}

/* ---- Reading back ---- */

const struct cell *
canvas_cell(const struct canvas *c, int x, int y)
{
    return x >= 0 && x < c->w && y >= 0 && y < c->h ? cell_at(c, x, y) : NULL;
}

bool
cell_looks_same(const struct cell *a, const struct cell *b)
{
    return a->cp == b->cp && a->role == b->role && a->flags == b->flags && a->width == b->width &&
           a->combining[0] == b->combining[0] && a->combining[1] == b->combining[1];
}

bool
canvas_same_row(const struct canvas *a, const struct canvas *b, int y)
{
    for (int x = 0; x < a->w; x++)
        if (!cell_looks_same(canvas_cell(a, x, y), canvas_cell(b, x, y)))
            return false;
    return true;
}

const char *
canvas_cell_text(const struct cell *cell, char out[16])
{
    size_t n = 0;

    if (cell->width) {
        n = text_encode(cell->cp, out);
        for (int i = 0; i < 2 && cell->combining[i]; i++)
            n += text_encode(cell->combining[i], out + n);
    }
    out[n] = '\0';
    return out;
}

void
canvas_row_text(const struct canvas *c, int y, struct buffer *out)
{
    char text[16];
    int last = c->w - 1;

    if (y < 0 || y >= c->h)
        return;
    while (last >= 0 && cell_at(c, last, y)->cp == ' ')
        last--;
    for (int x = 0; x <= last; x++)
        buffer_puts(out, canvas_cell_text(cell_at(c, x, y), text));
}
