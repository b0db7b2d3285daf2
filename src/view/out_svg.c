/* Three layers: backgrounds, lines, letters. Coordinates are whole pixels: a cell is 8 x 17, so
 * nothing is blurred by rounding. A tspan per letter that is not ASCII, because not every viewer
 * obeys a list of x; the font size makes the usual advance (0.6 em) one cell for viewers that do
 * not obey textLength either.
 */
#include "view/out_svg.h"

#include <string.h>

#include "base/text.h"

enum { CELL_W = 8, CELL_H = 17, BASELINE = 13, MARGIN = 8 };

/* Colours as they will be painted, reverse applied. */
struct paint {
    uint32_t fg, bg;
    bool has_bg, bold, dim, underline;
};

static struct paint
paint_of(const struct cell *cell, enum theme theme)
{
    struct style s = theme_style(theme, 256, cell->role, cell->flags);
    struct paint p = {
        .fg = s.fg < 0 ? theme_foreground(theme) : theme_rgb(s.fg),
        .bg = s.bg < 0 ? theme_background(theme) : theme_rgb(s.bg),
        .has_bg = s.bg >= 0 || (s.attributes & STYLE_REVERSE),
        .bold = s.attributes & STYLE_BOLD,
        .dim = s.attributes & STYLE_DIM,
        .underline = s.attributes & STYLE_UNDERLINE,
    };

    if (s.attributes & STYLE_REVERSE) {
        uint32_t swap = p.fg;
        p.fg = p.bg;
        p.bg = swap;
    }
    return p;
}

static bool
same_ink(struct paint a, struct paint b)
{
    return a.fg == b.fg && a.bold == b.bold && a.dim == b.dim && a.underline == b.underline;
}

static void
put_escaped(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            buffer_puts(out, "&amp;");
            break;
        case '<':
            buffer_puts(out, "&lt;");
            break;
        case '>':
            buffer_puts(out, "&gt;");
            break;
        default:
            buffer_putc(out, *text);
        }
    }
}

static void
put_backgrounds(const struct canvas *c, enum theme theme, int y, int top, struct buffer *out)
{
    for (int x = 0, end; x < c->w; x = end) {
        struct paint p = paint_of(canvas_cell(c, x, y), theme);
        for (end = x + 1; end < c->w; end++) {
            struct paint q = paint_of(canvas_cell(c, end, y), theme);
            if (q.has_bg != p.has_bg || (p.has_bg && q.bg != p.bg))
                break;
        }
        if (p.has_bg)
            buffer_printf(out,
                          "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#%06x\"/>\n",
                          MARGIN + x * CELL_W, top, (end - x) * CELL_W, CELL_H, p.bg);
    }
}

/* From the middle of the cell to each side that the line touches. */
static void
put_arms(struct buffer *out, int x, int top, unsigned sides)
{
    int left = MARGIN + x * CELL_W;
    int middle_x = left + CELL_W / 2, middle_y = top + CELL_H / 2;

    if (sides & (LINE_LEFT | LINE_RIGHT))
        buffer_printf(out, "M%d %dH%d", sides & LINE_LEFT ? left : middle_x, middle_y,
                      sides & LINE_RIGHT ? left + CELL_W : middle_x);
    if (sides & (LINE_UP | LINE_DOWN))
        buffer_printf(out, "M%d %dV%d", middle_x, sides & LINE_UP ? top : middle_y,
                      sides & LINE_DOWN ? top + CELL_H : middle_y);
}

static void
put_lines(const struct canvas *c, enum theme theme, int y, int top, struct buffer *out)
{
    for (int x = 0; x < c->w;) {
        const struct cell *cell = canvas_cell(c, x, y);
        struct paint p = paint_of(cell, theme);
        if (!cell->line) {
            x++;
            continue;
        }
        buffer_printf(out, "<path stroke=\"#%06x\"%s d=\"", p.fg,
                      p.bold ? " stroke-width=\"2\"" : "");
        for (; x < c->w; x++) {
            cell = canvas_cell(c, x, y);
            if (!cell->line || !same_ink(p, paint_of(cell, theme)))
                break;
            put_arms(out, x, top, cell->line);
        }
        buffer_puts(out, "\"/>\n");
    }
}

static bool
is_ascii(const struct cell *cell)
{
    return cell->width == 1 && cell->cp < 0x7f && cell->combining[0] == 0 && !cell->line;
}

static bool
has_ink(const struct cell *cell, struct paint p)
{
    return cell->width && !cell->line && (cell->cp != ' ' || p.underline);
}

/* The cells x .. end-1 make one <text>: ASCII of one ink without two blanks in a row, or
 * characters of one ink that are not ASCII. */
static int
run_end(const struct canvas *c, enum theme theme, int x, int y)
{
    const struct cell *first = canvas_cell(c, x, y);
    struct paint ink = paint_of(first, theme);
    bool ascii = is_ascii(first);
    int end = x + first->width;

    while (end < c->w) {
        const struct cell *cell = canvas_cell(c, end, y), *next = canvas_cell(c, end + 1, y);
        if (is_ascii(cell) != ascii || cell->line || !same_ink(ink, paint_of(cell, theme)))
            break;
        if (cell->cp == ' ' && !ink.underline &&
            (!next || !is_ascii(next) || next->cp == ' ' || !same_ink(ink, paint_of(next, theme))))
            break;
        end += cell->width;
    }
    return end;
}

static void
put_run(const struct canvas *c, struct paint ink, int x, int end, int y, int top,
        struct buffer *out)
{
    bool ascii = is_ascii(canvas_cell(c, x, y));
    char text[16];

    buffer_printf(out, "<text x=\"%d\" y=\"%d\" fill=\"#%06x\"", MARGIN + x * CELL_W,
                  top + BASELINE, ink.fg);
    if (ascii && end - x > 1)
        buffer_printf(out, " textLength=\"%d\"", (end - x) * CELL_W);
    buffer_puts(out, ink.bold ? " font-weight=\"bold\"" : "");
    buffer_puts(out, ink.dim ? " fill-opacity=\"0.75\"" : "");
    buffer_puts(out, ink.underline ? " text-decoration=\"underline\"" : "");
    buffer_putc(out, '>');
    for (int i = x; i < end; i++) {
        const struct cell *cell = canvas_cell(c, i, y);
        if (!ascii && i > x && cell->width)
            buffer_printf(out, "<tspan x=\"%d\">", MARGIN + i * CELL_W);
        put_escaped(out, canvas_cell_text(cell, text));
        if (!ascii && i > x && cell->width)
            buffer_puts(out, "</tspan>");
    }
    buffer_puts(out, "</text>\n");
}

static void
put_letters(const struct canvas *c, enum theme theme, int y, int top, struct buffer *out)
{
    for (int x = 0; x < c->w;) {
        const struct cell *cell = canvas_cell(c, x, y);
        struct paint p = paint_of(cell, theme);
        int end = x + 1;
        if (has_ink(cell, p)) {
            end = run_end(c, theme, x, y);
            put_run(c, p, x, end, y, top, out);
        }
        x = end;
    }
}

/* --- one picture --- */

static void
put_head(const struct canvas *c, enum theme theme, const char *title, struct buffer *out)
{
    int w = c->w * CELL_W + 2 * MARGIN, h = c->h * CELL_H + 2 * MARGIN;

    buffer_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    buffer_printf(out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                  "viewBox=\"0 0 %d %d\" role=\"img\">\n",
                  w, h, w, h);
    if (title) {
        struct buffer clean = {0};
        text_clean(&clean, title, strlen(title), 0);
        buffer_puts(out, "<title>");
        put_escaped(out, buffer_text(&clean));
        buffer_puts(out, "</title>\n");
        buffer_free(&clean);
    }
    buffer_printf(out, "<rect width=\"%d\" height=\"%d\" rx=\"6\" fill=\"#%06x\"/>\n", w, h,
                  theme_background(theme));
}

static const char open_lines[] =
    "<g fill=\"none\" stroke-width=\"1\" shape-rendering=\"crispEdges\">";
static const char open_letters[] =
    "<g font-family=\"'DejaVu Sans Mono','Noto Sans Mono',Menlo,Consolas,"
    "'Noto Sans Mono CJK SC','Noto Sans CJK SC','Microsoft YaHei',monospace\" "
    "font-size=\"13.3\" xml:space=\"preserve\">";

static int
top_of(int y)
{
    return MARGIN + y * CELL_H;
}

void
out_svg(const struct canvas *c, enum theme theme, const char *title, struct buffer *out)
{
    put_head(c, theme, title, out);
    for (int y = 0; y < c->h; y++)
        put_backgrounds(c, theme, y, top_of(y), out);
    buffer_printf(out, "%s\n", open_lines);
    for (int y = 0; y < c->h; y++)
        put_lines(c, theme, y, top_of(y), out);
    buffer_printf(out, "</g>\n%s\n", open_letters);
    for (int y = 0; y < c->h; y++)
        put_letters(c, theme, y, top_of(y), out);
    buffer_puts(out, "</g>\n</svg>\n");
}

void
out_svg_row(const struct canvas *c, enum theme theme, int y, struct buffer *out)
{
    put_backgrounds(c, theme, y, 0, out);
    buffer_puts(out, "<g class=\"lines\">");
    put_lines(c, theme, y, 0, out);
    buffer_puts(out, "</g><g class=\"letters\" xml:space=\"preserve\">");
    put_letters(c, theme, y, 0, out);
    buffer_puts(out, "</g>");
}

struct rect
out_svg_place(const struct canvas *c, int y)
{
    return rect_of(0, top_of(y), c->w * CELL_W + 2 * MARGIN, top_of(c->h) + MARGIN);
}
