/* picture.c - see picture.h. */
#include "app/picture.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "app/terminal.h"
#include "view/out_ansi.h"
#include "view/out_svg.h"
#include "view/out_text.h"

enum { WIDTH = 80, WIDTH_LEAST = 40, WIDTH_MOST = 160 };

int
picture_width(bool svg)
{
    struct winsize size = {0};

    if (svg || !isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return WIDTH;
    return size.ws_col < WIDTH_LEAST  ? WIDTH_LEAST
           : size.ws_col > WIDTH_MOST ? WIDTH_MOST
                                      : size.ws_col;
}

/* How many colours stdout shows; 0: attributes only, -1: not even these. */
static int
own_colours(enum theme theme)
{
    const char *term = getenv("TERM");

    if (!isatty(STDOUT_FILENO) || !term || !*term || strcmp(term, "dumb") == 0 ||
        strcmp(term, "unknown") == 0)
        return -1;
    if (theme == THEME_MONO)
        return 0;
    return strstr(term, "256") || getenv("COLORTERM") ? 256 : 16;
}

enum glyph_set
picture_glyphs(int asked, bool svg)
{
    if (asked >= 0)
        return (enum glyph_set)asked;
    return !svg && isatty(STDOUT_FILENO) ? terminal_glyphs() : GLYPHS_UNICODE;
}

void
picture_put(const struct canvas *c, int theme, bool svg, const char *title, struct buffer *out)
{
    const enum theme own = theme >= 0 ? (enum theme)theme : terminal_theme();

    if (svg)
        out_svg(c, theme >= 0 ? own : THEME_DARK, title, out);
    else if (own_colours(own) >= 0)
        out_ansi(c, own, own_colours(own), out);
    else
        out_text(c, out);
}
