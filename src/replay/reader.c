/* The stream: bytes of a source in, whole lines to a parser, blocks out. What a read cuts in two
 * waits in front of the next one:
 *
 *     |      carry (4 KiB)      |            text read (64 KiB)            | pad |
 *                  ^ start: the beginning of the cut line            ^ end
 */
#include "replay/reader.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "replay/source.h"
#include "replay/reader_internal.h"

const char *const reader_form_name[] = {"lackey", "pages", "addresses", "u64", NULL};

static const struct {
    void (*parse)(struct parse *p, const char *at, const char *end);
    size_t (*cut)(const char *text, size_t length);
} parsers[READER_FORMS] = {
    [READER_LACKEY] = {lackey_parse, lackey_cut},
    [READER_PAGES] = {numbers_parse, numbers_cut},
    [READER_ADDRESSES] = {numbers_parse, numbers_cut},
};

struct reader {
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
        char text[READER_CARRY + READER_TEXT + READER_PAD];
        uint64_t word[(READER_CARRY + READER_TEXT) / 8];
    } in;
};

void
reader_bad(struct parse *p, const char *text, size_t length, const char *why)
{
    struct reader_facts *f = &p->facts;

    if (f->bad < READER_BAD_KEPT) {
        struct reader_bad *bad = &f->first[f->bad];
        int shown = length < 40 ? (int)length : 40;
        bad->line = p->line;
        snprintf(bad->what, sizeof bad->what, "\"%.*s%s\" %s", shown, text,
                 length > 40 ? "..." : "", why);
    }
    f->bad++;
}

/* --- text --- */

/* Behind what is there; less than READER_TEXT only for a pipe. */
static void
read_more(struct reader *r, struct error *e)
{
    size_t n = source_read(r->source, r->in.text + r->end, READER_CARRY + READER_TEXT - r->end, e);

    r->end += n;
    r->last = n == 0;
}

/* The cut line goes in front of the text to come; one that is too long is given up. */
static void
carry(struct reader *r)
{
    size_t rest = r->end - r->start;

    if (rest > READER_CARRY) {
        r->parse.line += r->parse.facts.form == READER_LACKEY;
        reader_bad(&r->parse, r->in.text + r->start, rest, "is longer than 4096 bytes");
        r->skipping = true;
        rest = 0;
    }
    memmove(r->in.text + READER_CARRY - rest, r->in.text + r->end - rest, rest);
    r->start = READER_CARRY - rest;
    r->end = READER_CARRY;
}

/* Pass over what is left of it: lackey's newline too, but not a separator, which may be one. */
static void
skip(struct reader *r)
{
    const bool lines = r->parse.facts.form == READER_LACKEY;

    while (r->skipping && r->start < r->end) {
        char c = r->in.text[r->start];
        r->skipping = lines ? c != '\n' : !numbers_separates(c);
        r->start += r->skipping || lines;
    }
}

static bool
stopped(const struct reader *r)
{
    return r->stop && *r->stop;
}

static size_t
whole_lines(struct reader *r)
{
    if (!r->last || stopped(r)) /* what the interruption cut is not what was written */
        return parsers[r->parse.facts.form].cut(r->in.text + r->start, r->end - r->start);
    if (r->end > r->start)
        r->in.text[r->end++] = '\n';
    return r->end - r->start;
}

static void
next_lines(struct reader *r, struct block *b, struct error *e)
{
    if (!r->waiting) {
        carry(r);
        read_more(r, e);
    }
    r->waiting = false;
    skip(r);
    const size_t n = whole_lines(r);
    parsers[r->parse.facts.form].parse(&r->parse, r->in.text + r->start, r->in.text + r->start + n);
    r->start += n;
    *b = (struct block){r->parse.page, r->parse.kind,
                        r->parse.facts.form == READER_LACKEY ? r->parse.size : NULL, r->parse.n};
}

/* --- words --- */

static void
next_words(struct reader *r, struct block *b, struct error *e)
{
    uint64_t *word = &r->in.word[READER_CARRY / 8];
    size_t rest = r->end - r->start, n;

    if (!r->waiting) {
        memmove(word, r->in.text + r->start, rest);
        r->start = READER_CARRY;
        r->end = READER_CARRY + rest;
        read_more(r, e);
    }
    r->waiting = false;
    n = (r->end - r->start) / 8;
    if (r->last && (r->end - r->start) % 8 && !stopped(r))
        error_at(e, EXIT_DATA, r->name, 0, "cut short: the last page number has %zu of 8 bytes",
                 (r->end - r->start) % 8);
    for (size_t i = 0; i < n; i++)
        word[i] = le64toh(word[i]);
    r->start += n * 8;
    *b = (struct block){word, NULL, NULL, n};
}

/* --- life --- */

/* A byte-order mark before text; before words it would be part of one. */
static void
drop_mark(struct reader *r, int form)
{
    const char *text = r->in.text + r->start;
    const size_t length = r->end - r->start;

    if (form != READER_U64 && length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 &&
        !memchr(text, '\0', length))
        r->start += 3;
}

static bool
guess(struct reader *r, const struct reader_want *want, struct error *e)
{
    drop_mark(r, want->form);

    struct parse *p = &r->parse;
    const char *text = r->in.text + r->start;
    const size_t length = r->end - r->start;

    if (want->form == READER_ANY && length && !reader_guess(p, text, length, r->last))
        return error_at(e, EXIT_DATA, r->name, 0,
                        "no trace: neither lackey lines, nor numbers, nor 64-bit page numbers");
    if (want->form != READER_ANY)
        p->facts.form = (enum reader_form)want->form;
    p->hex = p->facts.form == READER_ADDRESSES && numbers_look_hex(text, length);
    if (p->facts.form == READER_PAGES)
        p->shift = 0;
    return true;
}

/* The first text, as much of it as there can be, so that it does not matter how a pipe cuts it. */
static bool
begin(struct reader *r, const struct reader_want *want, struct error *e)
{
    r->start = r->end = READER_CARRY;
    r->parse.shift = want->page_shift;
    while (!r->last && !e->code && r->end < READER_CARRY + READER_TEXT)
        read_more(r, e);
    if (e->code)
        return false;
    r->waiting = true;
    return guess(r, want, e);
}

struct reader *
reader_open(int fd, const char *name, const struct reader_want *want, struct error *e)
{
    struct source *source = source_open(fd, name, want->stop, e);
    struct reader *r;

    if (!source)
        return NULL;
    r = memory_new(1, sizeof *r);
    r->source = source;
    r->name = name;
    r->stop = want->stop;
    if (begin(r, want, e))
        return r;
    reader_close(r);
    return NULL;
}

void
reader_close(struct reader *r)
{
    if (!r)
        return;
    source_close(r->source);
    free(r);
}

bool
reader_next(struct reader *r, struct block *b, struct error *e)
{
    *b = (struct block){0};
    if (r->over)
        return false;
    r->parse.n = 0;
    (r->parse.facts.form == READER_U64 ? next_words : next_lines)(r, b, e);
    r->parse.facts.refs += b->n;
    r->over = r->last || e->code;
    return e->code == 0;
}

const struct reader_facts *
reader_facts(const struct reader *r)
{
    return &r->parse.facts;
}

uint64_t
reader_taken(const struct reader *r)
{
    return source_taken(r->source);
}

uint64_t
reader_size(const struct reader *r)
{
    return source_size(r->source);
}
