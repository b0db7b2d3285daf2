/* keys.c - from curses to names. Numbers of extended keys differ from terminal to terminal, so only those with a KEY_ constant are known; the
 * return type of get_wch is looked at first, because a letter and a key can have the same number. Mouse reports are read here and not by curses,
 * whose terminfo entries know the wide (SGR) reports and dragging for some terminals only.
 */
#include "app/keys.h"

#include <ncurses.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { PASTE_BEGINS = KEY_MAX + 1, PASTE_ENDS, REPORT_BEGINS, REPORT_OLD };

static bool pasting;
static struct mouse_report report;

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

/* --- mouse reports: ESC [ < button ; column ; row and M for a press or m for a release (xterm's mode 1006), or ESC [ M and three bytes --- */

enum { WHEEL = 64, MOTION = 32, MODIFIERS = 4 | 8 | 16, RELEASED = 3 };

static enum mouse_button
button_of(unsigned code, bool release)
{
    code &= ~(unsigned)MODIFIERS;
    if (code & WHEEL)
        return release ? MOUSE_NONE : code == WHEEL ? MOUSE_WHEEL_UP : code == WHEEL + 1 ? MOUSE_WHEEL_DOWN : MOUSE_NONE;
    if (release || code == RELEASED)
        return MOUSE_RELEASE;
    return code == 0 ? MOUSE_LEFT : code == MOTION ? MOUSE_DRAG : MOUSE_NONE;
}

static enum report_part
report_end(struct mouse_report *r, unsigned code, bool release, int column, int row, struct key *out)
{
    r->open = false;
    *out = (struct key){.name = "Mouse", .button = button_of(code, release), .x = column - 1, .y = row - 1};
    return column > 0 && row > 0 && out->button != MOUSE_NONE ? REPORT_DONE : REPORT_GOES_ON;
}

/* The three bytes are values plus 32. */
static enum report_part
report_take_old(struct mouse_report *r, uint32_t cp, struct key *out)
{
    const char *at = r->text;

    if (cp < 32 || cp > 126) {
        r->open = false;
        return REPORT_BROKEN;
    }
    r->text[r->length++] = (char)cp;
    return r->length < 3 ? REPORT_GOES_ON : report_end(r, (unsigned)at[0] - 32, false, at[1] - 32, at[2] - 32, out);
}

enum report_part
report_take(struct mouse_report *r, uint32_t cp, struct key *out)
{
    unsigned code, column, row;
    int end = 0;

    if (r->old)
        return report_take_old(r, cp, out);
    if ((cp >= '0' && cp <= '9') || cp == ';') { /* one too many takes the place of the last: then it is no report of a place */
        r->length -= r->length + 1 == sizeof r->text;
        r->text[r->length++] = (char)cp;
        return REPORT_GOES_ON;
    }
    r->text[r->length] = '\0';
    r->open = false;
    if ((cp != 'M' && cp != 'm') || sscanf(r->text, "%3u;%4u;%4u%n", &code, &column, &row, &end) != 3 || end != (int)r->length)
        return cp == 'M' || cp == 'm' ? REPORT_GOES_ON : REPORT_BROKEN;
    return report_end(r, code, cp == 'm', (int)column, (int)row, out);
}

/* --- names that a person writes ------------------------------------------------------------------ */

const char *const key_names[] = {"Space", "Enter", "Escape", "Tab",  "BackTab", "Backspace", "Delete", "Left", "Right",
                                 "Up",    "Down",  "Home",   "End",  "PageUp",  "PageDown",  "Hash",   NULL};

static const char *
refusal_of_control(const char *name)
{
    char letter = name[5];

    if (letter < 'A' || letter > 'Z' || name[6])
        return "is no key: Ctrl- and one capital letter, as in Ctrl-L";
    if (letter == 'C' || letter == 'Z')
        return "never arrives: it interrupts or stops the program";
    if (letter == 'I' || letter == 'H')
        return letter == 'I' ? "arrives as Tab" : "arrives as Backspace";
    return letter == 'J' || letter == 'M' ? "arrives as Enter" : NULL;
}

const char *
key_refusal(const char *name)
{
    size_t n = strlen(name);
    unsigned number;
    uint32_t cp;
    int end = 0;

    if (text_decode(name, n, &cp) == n)
        return cp > ' ' && text_is_safe(cp) && text_cell_width(cp) > 0 ? NULL : "is no key of its own";
    for (int i = 0; key_names[i]; i++)
        if (strcmp(key_names[i], name) == 0)
            return NULL;
    if (name[0] == 'F' && name[1] >= '1' && name[1] <= '9' && sscanf(name + 1, "%2u%n", &number, &end) == 1 && end + 1 == (int)n &&
        number <= 24)
        return NULL;
    return strncasecmp(name, "Ctrl-", 5) == 0 ? refusal_of_control(name) : "";
}

/* --- reading ------------------------------------------------------------------------------------- */

void
key_learn(void)
{
    define_key("\033[200~", PASTE_BEGINS);
    define_key("\033[201~", PASTE_ENDS);
    define_key("\033[<", REPORT_BEGINS);
    define_key("\033[M", REPORT_OLD);
}

static bool
begin_report(wint_t code)
{
    report = (struct mouse_report){.open = true, .old = code == REPORT_OLD};
    return false;
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
    return code == REPORT_BEGINS || code == REPORT_OLD ? begin_report(code) : name_special((int)code, out);
}

/* True when the character belonged to a report; *whole when it ended one. */
static bool
taken_by_report(int kind, wint_t code, struct key *out, bool *whole)
{
    enum report_part part = REPORT_BROKEN;

    *whole = false;
    if (!report.open)
        return false;
    if (kind == KEY_CODE_YES)
        report.open = false;
    else
        part = report_take(&report, (uint32_t)code, out);
    *whole = part == REPORT_DONE;
    return part != REPORT_BROKEN;
}

bool
key_read(struct key *out)
{
    wint_t code;
    int kind;
    bool whole;

    while ((kind = get_wch(&code)) != ERR) {
        if (taken_by_report(kind, code, out, &whole)) {
            if (whole && !pasting)
                return true;
        } else if (name_key(kind, code, out)) {
            return true;
        }
    }
    return false;
}
