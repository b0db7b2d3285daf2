/* keys.c - from curses to names. Numbers of extended keys differ from terminal to terminal, so only those with a KEY_ constant are known; the
 * return type of get_wch is looked at first, because a letter and a key can have the same number.
 */
#include "app/keys.h"

#include <ncurses.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { PASTE_BEGINS = KEY_MAX + 1, PASTE_ENDS = KEY_MAX + 2 };

static bool pasting;

struct named {
    int code;
    const char *name;
};

static const struct named special[] = {
    {KEY_LEFT, "Left"},      {KEY_RIGHT, "Right"},       {KEY_UP, "Up"},       {KEY_DOWN, "Down"},   {KEY_HOME, "Home"},
    {KEY_END, "End"},        {KEY_PPAGE, "PageUp"},      {KEY_NPAGE, "PageDown"}, {KEY_BTAB, "BackTab"}, {KEY_DC, "Delete"},
    {KEY_ENTER, "Enter"},    {KEY_BACKSPACE, "Backspace"}, {KEY_FIND, "Home"}, {KEY_SELECT, "End"},
};

static bool
name_special(int code, struct key *out)
{
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (special[i].code == code) {
            snprintf(out->name, sizeof out->name, "%s", special[i].name);
            return true;
        }
    if (code > KEY_F0 && code <= KEY_F0 + 24) {
        snprintf(out->name, sizeof out->name, "F%d", code - KEY_F0);
        return true;
    }
    return false;
}

static bool
name_control(unsigned code, struct key *out)
{
    const char *name = code == 27                  ? "Escape"
                       : code == 13 || code == 10  ? "Enter"
                       : code == 9                 ? "Tab"
                       : code == 8 || code == 127  ? "Backspace"
                                                   : NULL;

    if (name)
        snprintf(out->name, sizeof out->name, "%s", name);
    else if (code >= 1 && code <= 26)
        snprintf(out->name, sizeof out->name, "Ctrl-%c", 'A' + (int)code - 1);
    else
        return false;
    return true;
}

static bool
name_letter(uint32_t cp, struct key *out)
{
    char bytes[5] = {0};

    if (cp < 32 || cp == 127)
        return name_control(cp, out);
    if (!text_is_safe(cp) || !text_encode(cp, bytes))
        return false;
    out->cp = cp;
    snprintf(out->name, sizeof out->name, "%s", cp == ' ' ? "Space" : bytes);
    return true;
}

static bool
name_mouse(struct key *out)
{
    MEVENT m;

    if (getmouse(&m) != OK)
        return false;
    out->x = m.x;
    out->y = m.y;
    out->button = m.bstate & (BUTTON1_PRESSED | BUTTON1_CLICKED) ? MOUSE_LEFT
                  : m.bstate & BUTTON4_PRESSED                   ? MOUSE_WHEEL_UP
                  : m.bstate & BUTTON5_PRESSED                   ? MOUSE_WHEEL_DOWN
                                                                 : MOUSE_NONE;
    snprintf(out->name, sizeof out->name, "Mouse");
    return out->button != MOUSE_NONE;
}

static bool
name_key(int kind, wint_t code, struct key *out)
{
    *out = (struct key){.pasted = pasting};
    if (kind != KEY_CODE_YES)
        return name_letter((uint32_t)code, out);
    if (code == PASTE_BEGINS || code == PASTE_ENDS) {
        pasting = code == PASTE_BEGINS;
        return false;
    }
    return code == KEY_MOUSE ? name_mouse(out) : name_special((int)code, out);
}

bool
key_read(struct key *out)
{
    wint_t code;
    int kind;

    while ((kind = get_wch(&code)) != ERR)
        if (name_key(kind, code, out))
            return true;
    return false;
}
