/* terminal_looks.c - what the environment says about looks and the mouse, before a terminal is opened. */
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "app/terminal.h"

enum theme
terminal_theme(void)
{
    const char *no_colour = getenv("NO_COLOR"), *wish = getenv("PAGEWALK_THEME"),
               *hint = getenv("COLORFGBG");
    struct error ignored = {0};
    enum theme theme;
    const char *back;

    if (wish && *wish && theme_by_name(wish, &theme, &ignored))
        return theme;
    if (no_colour && *no_colour)
        return THEME_MONO;
    back = hint ? strrchr(hint, ';') : NULL; /* "0;15": black on white */
    if (back && (strcmp(back, ";7") == 0 || strcmp(back, ";15") == 0))
        return THEME_LIGHT;
    return THEME_DARK;
}

bool
terminal_mouse_wanted(void)
{
    const char *wish = getenv("PAGEWALK_MOUSE");

    return !wish || (strcmp(wish, "off") != 0 && strcmp(wish, "no") != 0 && strcmp(wish, "0") != 0);
}

/* A locale that is there and is not UTF-8 says that the terminal is not either; C and a locale that is not installed say nothing. */
static bool
charset_is_foreign(void)
{
    const char *locale = setlocale(LC_CTYPE, "");

    if (!locale || strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0)
        return false;
    return strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

enum glyph_set
terminal_glyphs(void)
{
    const char *term = getenv("TERM");
    bool console = term && strcmp(term, "linux") == 0; /* few glyphs, no Chinese */

    return console || charset_is_foreign() ? GLYPHS_ASCII : GLYPHS_UNICODE;
}
