/* The stream: bytes of a source in, whole lines to a parser, blocks out. What a read cuts in two
 * waits in front of the next one:
 *
 *     |      carry (4 KiB)      |            text read (64 KiB)            | pad |
 *                  ^ start: the beginning of the cut line            ^ end
 */
#include "replay/trace.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/source.h"
#include "replay/trace_internal.h"

const char *const trace_form_name[] = {"lackey", "pages", "addresses", "u64", NULL};

static const struct {
    void (*parse)(struct parse *p, const char *at, const char *end);
    size_t (*cut)(const char *text, size_t length);
} parsers[TRACE_FORMS] = {
    [TRACE_LACKEY] = {lackey_parse, lackey_cut},
    [TRACE_PAGES] = {numbers_parse, numbers_cut},
    [TRACE_ADDRESSES] = {numbers_parse, numbers_cut},
};

struct trace {
    struct source *source;
    const char *name;
    const volatile sig_atomic_t *stop;
    size_t start, end; /* of what is not parsed yet, in text */
    bool waiting;      /* the text that was guessed from is still to be parsed */
    bool last;         /* the source is at its end */
    bool over;
    bool skipping; /* the rest of a line that is too long */
    struct parse parse;
    union {
        char text[TRACE_CARRY + TRACE_TEXT + TRACE_PAD];
        uint64_t word[(TRACE_CARRY + TRACE_TEXT) / 8];
    } in;
};

void
trace_bad(struct parse *p, const char *text, size_t length, const char *why)
{
    struct trace_facts *f = &p->facts;

    if (f->bad < TRACE_BAD_KEPT) {
        struct trace_bad *bad = &f->first[f->bad];
        int shown = length < 40 ? (int)length : 40;
        bad->line = p->line;
        snprintf(bad->what, sizeof bad->what, "\"%.*s%s\" %s", shown, text,
                 length > 40 ? "..." : "", why);
    }
    f->bad++;
}

/* --- text --- */

/* Behind what is there; less than TRACE_TEXT only for a pipe. */
static void
read_more(struct trace *t, struct error *e)
{
    size_t n = source_read(t->source, t->in.text + t->end, TRACE_CARRY + TRACE_TEXT - t->end, e);

    t->end += n;
    t->last = n == 0;
}

/* The cut line goes in front of the text to come; one that is too long is given up. */
static void
carry(struct trace *t)
{
    size_t rest = t->end - t->start;

    if (rest > TRACE_CARRY) {
        t->parse.line += t->parse.facts.form == TRACE_LACKEY;
        trace_bad(&t->parse, t->in.text + t->start, rest, "is longer than 4096 bytes");
        t->skipping = true;
        rest = 0;
    }
    memmove(t->in.text + TRACE_CARRY - rest, t->in.text + t->end - rest, rest);
    t->start = TRACE_CARRY - rest;
    t->end = TRACE_CARRY;
}

/* Pass over what is left of it: lackey's newline too, but not a separator, which may be one. */
static void
skip(struct trace *t)
{
    const bool lines = t->parse.facts.form == TRACE_LACKEY;

    while (t->skipping && t->start < t->end) {
        char c = t->in.text[t->start];
        t->skipping = lines ? c != '\n' : !numbers_separates(c);
        t->start += t->skipping || lines;
    }
}

static size_t
whole_lines(struct trace *t)
{
    if (!t->last)
        return parsers[t->parse.facts.form].cut(t->in.text + t->start, t->end - t->start);
    if (t->stop && *t->stop) /* what the interruption cut is not what was written */
        return 0;
    if (t->end > t->start)
        t->in.text[t->end++] = '\n';
    return t->end - t->start;
}

static void
next_lines(struct trace *t, struct block *b, struct error *e)
{
    if (!t->waiting) {
        carry(t);
        read_more(t, e);
    }
    t->waiting = false;
    skip(t);
    const size_t n = whole_lines(t);
    parsers[t->parse.facts.form].parse(&t->parse, t->in.text + t->start, t->in.text + t->start + n);
    t->start += n;
    *b = (struct block){t->parse.page, t->parse.kind, t->parse.n};
}

/* --- words --- */

static void
next_words(struct trace *t, struct block *b, struct error *e)
{
    uint64_t *word = &t->in.word[TRACE_CARRY / 8];
    size_t rest = t->end - t->start, n;

    if (!t->waiting) {
        memmove(word, t->in.text + t->start, rest);
        t->start = TRACE_CARRY;
        t->end = TRACE_CARRY + rest;
        read_more(t, e);
    }
    t->waiting = false;
    n = (t->end - t->start) / 8;
    if (t->last && (t->end - t->start) % 8 && !(t->stop && *t->stop))
        error_at(e, EXIT_DATA, t->name, 0, "cut short: the last page number has %zu of 8 bytes",
                 (t->end - t->start) % 8);
    for (size_t i = 0; i < n; i++)
        word[i] = le64toh(word[i]);
    t->start += n * 8;
    *b = (struct block){word, NULL, n};
}

/* --- life --- */

/* A byte-order mark before text; before words it would be part of one. */
static void
drop_mark(struct trace *t, int form)
{
    const char *text = t->in.text + t->start;
    const size_t length = t->end - t->start;

    if (form != TRACE_U64 && length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 &&
        !memchr(text, '\0', length))
        t->start += 3;
}

static bool
guess(struct trace *t, const struct trace_want *want, struct error *e)
{
    drop_mark(t, want->form);

    struct parse *p = &t->parse;
    const char *text = t->in.text + t->start;
    const size_t length = t->end - t->start;

    if (want->form == TRACE_ANY && length && !trace_guess(p, text, length, t->last))
        return error_at(e, EXIT_DATA, t->name, 0,
                        "no trace: neither lackey lines, nor numbers, nor 64-bit page numbers");
    if (want->form != TRACE_ANY)
        p->facts.form = (enum trace_form)want->form;
    p->hex = p->facts.form == TRACE_ADDRESSES && numbers_look_hex(text, length);
    if (p->facts.form == TRACE_PAGES)
        p->shift = 0;
    return true;
}

/* The first text, as much of it as there can be, so that it does not matter how a pipe cuts it. */
static bool
begin(struct trace *t, const struct trace_want *want, struct error *e)
{
    t->start = t->end = TRACE_CARRY;
    t->parse.shift = want->page_shift;
    while (!t->last && !e->code && t->end < TRACE_CARRY + TRACE_TEXT)
        read_more(t, e);
    if (e->code)
        return false;
    t->waiting = true;
    return guess(t, want, e);
}

struct trace *
trace_open(int fd, const char *name, const struct trace_want *want, struct error *e)
{
    struct trace *t = calloc(1, sizeof *t);
    struct source *source = source_open(fd, name, want->stop, e);

    if (!source || !t) {
        error_set(e, EXIT_LIMIT, "no memory to read a trace");
        source_close(source);
        free(t);
        return NULL;
    }
    t->source = source;
    t->name = name;
    t->stop = want->stop;
    if (begin(t, want, e))
        return t;
    trace_close(t);
    return NULL;
}

void
trace_close(struct trace *t)
{
    if (!t)
        return;
    source_close(t->source);
    free(t);
}

bool
trace_next(struct trace *t, struct block *b, struct error *e)
{
    *b = (struct block){0};
    if (t->over || (t->stop && *t->stop))
        return false;
    t->parse.n = 0;
    (t->parse.facts.form == TRACE_U64 ? next_words : next_lines)(t, b, e);
    t->parse.facts.refs += b->n;
    t->over = t->last || e->code;
    return e->code == 0;
}

const struct trace_facts *
trace_facts(const struct trace *t)
{
    return &t->parse.facts;
}

uint64_t
trace_taken(const struct trace *t)
{
    return source_taken(t->source);
}

uint64_t
trace_size(const struct trace *t)
{
    return source_size(t->source);
}
