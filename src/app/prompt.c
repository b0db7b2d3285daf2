/* prompt.c - a line editor. Not readline: that one wants the terminal for itself. */
#include "app/prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/actions.h"
#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "machine/operation.h"
#include "view/glossary.h"

enum { CANDIDATES = 128, CANDIDATE_BYTES = 48 };

void
prompt_open(struct prompt *p, const char *text)
{
    p->open = true;
    snprintf(p->text, sizeof p->text, "%s", text);
    p->cursor = (unsigned)strlen(p->text);
    p->at = p->lines;
}

void
prompt_free(struct prompt *p)
{
    for (unsigned i = 0; i < p->lines; i++)
        free(p->history[i]);
    p->lines = 0;
}

/* --- editing ------------------------------------------------------------------------------------- */

static unsigned
before(const struct prompt *p, unsigned at)
{
    do
        at -= at > 0;
    while (at > 0 && (p->text[at] & 0xc0) == 0x80);
    return at;
}

static unsigned
after(const struct prompt *p, unsigned at)
{
    at += p->text[at] != '\0';
    while ((p->text[at] & 0xc0) == 0x80)
        at++;
    return at;
}

static unsigned
word_before(const struct prompt *p, unsigned at)
{
    while (at > 0 && p->text[at - 1] == ' ')
        at--;
    while (at > 0 && p->text[at - 1] != ' ')
        at--;
    return at;
}

static void
erase(struct prompt *p, unsigned from, unsigned to)
{
    memmove(p->text + from, p->text + to, strlen(p->text + to) + 1);
    p->cursor = from;
}

static void
insert(struct prompt *p, const char *bytes, size_t n)
{
    size_t length = strlen(p->text);

    if (length + n >= sizeof p->text)
        return;
    memmove(p->text + p->cursor + n, p->text + p->cursor, length - p->cursor + 1);
    memcpy(p->text + p->cursor, bytes, n);
    p->cursor += (unsigned)n;
}

/* --- history ------------------------------------------------------------------------------------- */

static void
remember(struct prompt *p)
{
    if (!*p->text || (p->lines && strcmp(p->history[p->lines - 1], p->text) == 0))
        return;
    if (p->lines == PROMPT_HISTORY) {
        free(p->history[0]);
        memmove(p->history, p->history + 1, sizeof p->history - sizeof p->history[0]);
        p->lines--;
    }
    p->history[p->lines++] = memory_text(p->text);
}

static void
recall(struct prompt *p, int delta)
{
    if ((delta < 0 && p->at == 0) || (delta > 0 && p->at == p->lines))
        return;
    if (p->at == p->lines)
        memcpy(p->typed, p->text, sizeof p->typed);
    p->at = (unsigned)((int)p->at + delta);
    snprintf(p->text, sizeof p->text, "%s", p->at == p->lines ? p->typed : p->history[p->at]);
    p->cursor = (unsigned)strlen(p->text);
}

/* --- completion ---------------------------------------------------------------------------------- */

struct offers {
    const char *begun;
    void (*each)(void *ctx, const char *word);
    void *ctx;
};

static void
offer(const struct offers *o, const char *word)
{
    if (strncmp(word, o->begun, strlen(o->begun)) == 0)
        o->each(o->ctx, word);
}

/* A term has one word here: its first. */
static void
offer_terms(const struct offers *o)
{
    char word[TERM_NAME];

    for (int t = TERM_NONE + 1; t < TERMS; t++)
        if (term_word((enum term)t, 0, word))
            offer(o, word);
}

static void
offer_arguments(const struct offers *o, enum action_code a)
{
    static const char *const classes[] = {"fault", "hit", "miss", "read", "write"};

    if (a == ACTION_PANE_NEXT)
        for (int i = 1; i < PANES; i++)
            offer(o, pane_row[i].name);
    if (a == ACTION_THEME)
        for (int i = 0; i < THEME_COUNT; i++)
            offer(o, theme_name((enum theme)i));
    if (a == ACTION_LANGUAGE)
        for (int i = 0; i < LANGS; i++)
            offer(o, lang_code[i]);
    if (a == ACTION_GOTO)
        offer(o, "step");
    if (a == ACTION_NUMBERS)
        for (int i = 0; i < NUMBER_STYLES; i++)
            offer(o, number_style_word[i]);
    if (a == ACTION_COPY)
        for (int i = 0; i < COPY_GRAINS; i++)
            offer(o, copy_word[i]);
    if (a == ACTION_GLOSSARY)
        offer_terms(o);
    if (a != ACTION_FIND_NEXT && a != ACTION_FIND_PREVIOUS)
        return;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        offer(o, classes[i]);
    for (int i = EV_NONE + 1; i < EVENT_CODES; i++)
        offer(o, event_row[i].name);
}

void
prompt_complete(const struct session *s, const char *line, void (*each)(void *ctx, const char *word), void *ctx)
{
    const char *last = strrchr(line, ' ');
    struct offers o = {last ? last + 1 : line, each, ctx};
    char first[24];
    enum action_code a;

    snprintf(first, sizeof first, "%.*s", (int)strcspn(line, " "), line);
    a = last ? action_by_name(first) : ACTION_NONE;
    if (a != ACTION_NONE) {
        offer_arguments(&o, a);
        return;
    }
    operation_complete(line, each, ctx);
    for (int i = ACTION_NONE + 1; i < ACTIONS && !last; i++)
        if (action_works((enum action_code)i, action_situation(s)))
            offer(&o, action_row[i].name);
}

struct found {
    char word[CANDIDATES][CANDIDATE_BYTES];
    unsigned count;
};

static void
collect(void *ctx, const char *word)
{
    struct found *f = ctx;

    if (f->count < CANDIDATES)
        snprintf(f->word[f->count++], CANDIDATE_BYTES, "%s", word);
}

static size_t
common_length(const struct found *f)
{
    size_t n = strlen(f->word[0]);

    for (unsigned i = 1; i < f->count; i++)
        for (size_t j = 0; j < n; j++)
            if (f->word[i][j] != f->word[0][j])
                n = j;
    return n;
}

static void
list_candidates(struct session *s, const struct found *f)
{
    struct buffer all = {0};

    for (unsigned i = 0; i < f->count; i++)
        buffer_printf(&all, "%s%s", i ? "  " : "", f->word[i]);
    session_say(s, "%s", buffer_text(&all));
    buffer_free(&all);
}

static void
complete(struct prompt *p, struct session *s)
{
    struct found *f = memory_new(1, sizeof *f);
    char line[PROMPT_BYTES];
    const char *last;
    size_t begun, n;

    snprintf(line, sizeof line, "%.*s", (int)p->cursor, p->text);
    last = strrchr(line, ' ');
    begun = strlen(last ? last + 1 : line);
    prompt_complete(s, line, collect, f);
    if (f->count == 0) {
        session_fail(s, "%s", tr("Nothing to complete here."));
        free(f);
        return;
    }
    n = common_length(f);
    if (n > begun)
        insert(p, f->word[0] + begun, n - begun);
    if (f->count == 1 && f->word[0][n - 1] != '=')
        insert(p, " ", 1);
    else if (f->count > 1)
        list_candidates(s, f);
    free(f);
}

/* --- keys ---------------------------------------------------------------------------------------- */

static bool
edit(struct prompt *p, const char *name)
{
    unsigned at = p->cursor, end = (unsigned)strlen(p->text);

    if (strcmp(name, "Left") == 0 || strcmp(name, "Ctrl-B") == 0)
        p->cursor = before(p, at);
    else if (strcmp(name, "Right") == 0 || strcmp(name, "Ctrl-F") == 0)
        p->cursor = after(p, at);
    else if (strcmp(name, "Home") == 0 || strcmp(name, "Ctrl-A") == 0)
        p->cursor = 0;
    else if (strcmp(name, "End") == 0 || strcmp(name, "Ctrl-E") == 0)
        p->cursor = end;
    else if (strcmp(name, "Backspace") == 0)
        erase(p, before(p, at), at);
    else if (strcmp(name, "Delete") == 0 || strcmp(name, "Ctrl-D") == 0)
        erase(p, at, after(p, at));
    else if (strcmp(name, "Ctrl-W") == 0)
        erase(p, word_before(p, at), at);
    else if (strcmp(name, "Ctrl-U") == 0)
        erase(p, 0, at);
    else if (strcmp(name, "Ctrl-K") == 0)
        erase(p, at, end);
    else if (strcmp(name, "Up") == 0 || strcmp(name, "Ctrl-P") == 0)
        recall(p, -1);
    else if (strcmp(name, "Down") == 0 || strcmp(name, "Ctrl-N") == 0)
        recall(p, 1);
    else
        return false;
    return true;
}

enum prompt_end
prompt_key(struct prompt *p, const struct key *key, struct session *s)
{
    char bytes[4];

    if (key->cp) {
        insert(p, bytes, text_encode(key->cp, bytes));
        return PROMPT_GOES_ON;
    }
    if (strcmp(key->name, "Tab") == 0) {
        complete(p, s);
        return PROMPT_GOES_ON;
    }
    if (edit(p, key->name))
        return PROMPT_GOES_ON;
    if (strcmp(key->name, "Enter") == 0 && !key->pasted) {
        remember(p);
        p->open = false;
        return PROMPT_ENTERED;
    }
    if (strcmp(key->name, "Escape") == 0 || strcmp(key->name, "Ctrl-G") == 0) {
        p->open = false;
        return PROMPT_CANCELLED;
    }
    return PROMPT_GOES_ON;
}
