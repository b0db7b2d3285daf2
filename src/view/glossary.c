/* glossary.c - see glossary.h. */
#include "view/glossary.h"

#include <stdio.h>
#include <string.h>

#include "view/panes.h"

const struct term_row term_row[TERMS] = {
#define TERM(code, names, text, where, source) [TERM_##code] = {names, text, where, source},
#define EVENT_TERMS(...)
#define PANE_TERMS(...)
#include "view/glossary.def"
#undef TERM
#undef EVENT_TERMS
#undef PANE_TERMS
};

/* The rows name terms without their prefix. */
#define TERM(code, ...) code = TERM_##code,
#define EVENT_TERMS(...)
#define PANE_TERMS(...)
enum {
#include "view/glossary.def"
};
#undef TERM
#undef EVENT_TERMS
#undef PANE_TERMS

enum { TERMS_A_ROW = 10 };

#define TERM(...)
#define PANE_TERMS(...)
#define EVENT_TERMS(event, ...) [EV_##event] = {__VA_ARGS__},
static const uint8_t event_terms[EVENT_CODES][TERMS_A_ROW] = {
#include "view/glossary.def"
};
#undef EVENT_TERMS
#undef PANE_TERMS

#define EVENT_TERMS(...)
#define PANE_TERMS(pane, ...) [PANE_##pane] = {__VA_ARGS__},
static const uint8_t pane_terms[PANES][TERMS_A_ROW] = {
#include "view/glossary.def"
};
#undef TERM
#undef EVENT_TERMS
#undef PANE_TERMS

/* --- names --------------------------------------------------------------------------------------- */

bool
term_name(enum term t, unsigned i, char out[TERM_NAME])
{
    const char *at = term_row[t].names;

    for (; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
        if (i-- == 0) {
            snprintf(out, TERM_NAME, "%.*s", (int)strcspn(at, "|"), at);
            return true;
        }
    return false;
}

static void
make_word(char *name)
{
    for (; *name; name++)
        if (*name == ' ')
            *name = '-';
        else if (*name >= 'A' && *name <= 'Z')
            *name = (char)(*name - 'A' + 'a');
}

bool
term_word(enum term t, unsigned i, char out[TERM_NAME])
{
    if (!term_name(t, i, out))
        return false;
    make_word(out);
    return true;
}

enum term
term_by_name(const char *name)
{
    char wanted[TERM_NAME], word[TERM_NAME];

    if (strlen(name) >= sizeof wanted)
        return TERM_NONE;
    strcpy(wanted, name);
    make_word(wanted);
    for (int t = TERM_NONE + 1; t < TERMS; t++)
        for (unsigned i = 0; term_word((enum term)t, i, word); i++)
            if (strcmp(word, wanted) == 0)
                return (enum term)t;
    return TERM_NONE;
}

const char *
term_nearest(const char *name)
{
    static _Thread_local char words[4 * TERMS][TERM_NAME];
    const char *list[4 * TERMS + 1];
    char wanted[TERM_NAME];
    unsigned n = 0;

    for (int t = TERM_NONE + 1; t < TERMS; t++)
        for (unsigned i = 0; n < 4 * TERMS && term_word((enum term)t, i, words[n]); i++, n++)
            list[n] = words[n];
    list[n] = NULL;
    snprintf(wanted, sizeof wanted, "%s", name);
    make_word(wanted);
    return error_nearest(wanted, list);
}

/* --- what belongs to what ------------------------------------------------------------------------ */

static unsigned
add_row(const uint8_t row[TERMS_A_ROW], unsigned n, enum term out[TERMS_HERE])
{
    for (unsigned i = 0; i < TERMS_A_ROW && row[i] && n < TERMS_HERE; i++) {
        bool there = false;

        for (unsigned k = 0; k < n; k++)
            there |= out[k] == row[i];
        if (!there)
            out[n++] = (enum term)row[i];
    }
    return n;
}

unsigned
terms_of_event(enum event_code code, enum term out[TERMS_HERE])
{
    return add_row(event_terms[code], 0, out);
}

unsigned
terms_of_pane(enum pane_id pane, enum term out[TERMS_HERE])
{
    return add_row(pane_terms[pane], 0, out);
}

/* An entry by what is special about it: of which the pane's own words say nothing. */
static enum term
term_of_entry(const struct scene *s, paddr_t slot, unsigned level)
{
    const struct format *f = scene_format(s);
    pte_t entry = scene_entry(s, slot);

    if (link_hidden(s, slot, f->entry_bytes))
        return TERM_NONE;
    if (!(entry & f->flag.present))
        return TERM_PRESENT;
    if (level + 1 < f->levels)
        return walker_is_leaf(&s->now->hw, scene_cpu(s), level, entry) ? TERM_LARGE : TERM_TABLE;
    return TERM_FRAME;
}

static enum term
term_of_frame(const struct scene *s, pfn_t pfn)
{
    static const enum term by_use[] = {
        [USE_TABLE] = TERM_TABLE, [USE_ZERO] = TERM_ZERO, [USE_FILE] = TERM_PAGE_CACHE};
    const struct frame *f =
        s->now->os.frame && pfn < s->now->hw.geo.frames ? &s->now->os.frame[pfn] : NULL;

    if (!f)
        return TERM_NONE;
    if (f->maps > 1)
        return TERM_RMAP;
    return f->use < sizeof by_use / sizeof *by_use ? by_use[f->use] : TERM_NONE;
}

/* The word of what is selected by hand. */
static unsigned
add_selection(const struct scene *s, unsigned n, enum term out[TERMS_HERE])
{
    enum pane_id pane = (enum pane_id)s->set.focus;
    uint8_t row[TERMS_A_ROW] = {0};

    if (pane == PANE_TREE && pane_selected(s, pane))
        row[0] = (uint8_t)term_of_entry(s, s->set.select_a, (unsigned)s->set.select_b);
    else if (pane == PANE_FRAMES && pane_selected(s, pane))
        row[0] = (uint8_t)term_of_frame(s, s->set.select_a);
    return add_row(row, n, out);
}

static unsigned
add_pane(const struct scene *s, unsigned n, enum term out[TERMS_HERE])
{
    return add_row(pane_terms[s->set.focus], add_selection(s, n, out), out);
}

unsigned
terms_here(const struct scene *s, bool pane_first, enum term out[TERMS_HERE])
{
    unsigned n = pane_first ? add_pane(s, 0, out) : 0;

    if (s->has_event)
        n = add_row(event_terms[s->event.code], n, out);
    return add_pane(s, n, out);
}
