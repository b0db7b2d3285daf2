/* Select Graphic Rendition (ECMA-48, 8.3.117): ESC [ parameters m. Each change starts with 0, so
 * no state leaks from before. */
#include "view/out_ansi.h"

static bool
same(struct style a, struct style b)
{
    return a.fg == b.fg && a.bg == b.bg && a.attributes == b.attributes;
}

/* 30..37 and 40..47, 90..97 and 100..107 for the bright half, 38;5;n and 48;5;n for the palette. */
static void
put_colour(struct buffer *out, int colour, int base)
{
    if (colour < 0)
        return;
    if (colour < 8)
        buffer_printf(out, ";%d", base + colour);
    else if (colour < 16)
        buffer_printf(out, ";%d", base + 60 + colour - 8);
    else
        buffer_printf(out, ";%d;5;%d", base + 8, colour);
}

static void
put_style(struct buffer *out, struct style s)
{
    buffer_puts(out, "\033[0");
    if (s.attributes & STYLE_BOLD)
        buffer_puts(out, ";1");
    if (s.attributes & STYLE_DIM)
        buffer_puts(out, ";2");
    if (s.attributes & STYLE_UNDERLINE)
        buffer_puts(out, ";4");
    if (s.attributes & STYLE_REVERSE)
        buffer_puts(out, ";7");
    put_colour(out, s.fg, 30);
    put_colour(out, s.bg, 40);
    buffer_putc(out, 'm');
}

/* A blank that only has a foreground colour is nothing to see. */
static bool
invisible(const struct cell *cell, struct style s)
{
    return cell->cp == ' ' && s.bg < 0 && !(s.attributes & (STYLE_REVERSE | STYLE_UNDERLINE));
}

void
out_ansi_row(const struct canvas *c, int y, enum theme theme, int colours, struct buffer *out)
{
    const struct style plain = {-1, -1, 0};
    struct style now = plain;
    char text[16];
    int last = c->w - 1;

    for (; last >= 0; last--) {
        const struct cell *cell = canvas_cell(c, last, y);
        if (!invisible(cell, theme_style(theme, colours, cell->role, cell->flags)))
            break;
    }
    for (int x = 0; x <= last; x++) {
        const struct cell *cell = canvas_cell(c, x, y);
        struct style s = theme_style(theme, colours, cell->role, cell->flags);
        if (cell->width == 0)
            continue;
        if (!same(s, now))
            put_style(out, s);
        now = s;
        buffer_puts(out, canvas_cell_text(cell, text));
    }
    if (!same(now, plain))
        buffer_puts(out, "\033[0m");
}

void
out_ansi(const struct canvas *c, enum theme theme, int colours, struct buffer *out)
{
    for (int y = 0; y < c->h; y++) {
        out_ansi_row(c, y, theme, colours, out);
        buffer_putc(out, '\n');
    }
}
