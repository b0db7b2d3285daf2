/* reader_internal.h - what reader.c and the parsers share: whole lines or numbers in, references out.
 */
#pragma once

#include "replay/reader.h"

enum {
    READER_TEXT = 128 * 1024, /* bytes read at a time */
    READER_CARRY = 4096,     /* of the line that was cut; a longer one is bad */
    READER_PAD = 64,         /* bytes after the text that may be looked at */
    /* Every second byte a number: as many references as one text can hold. */
    READER_ROOM = (READER_TEXT + READER_CARRY) / 2 + 1,
};

struct parse {
    struct reader_facts facts;
    uint64_t line;  /* whose beginning was passed last, from 1 */
    unsigned shift; /* from what is written to a page number */
    bool hex;       /* numbers without 0x are hexadecimal */
    bool comment;   /* up to the end of the line */
    bool fresh;     /* nothing stands in this line yet */
    bool ahead;     /* letters of this line stand before their numbers */
    uint8_t letter; /* the kind such a letter gave */
    size_t n;       /* references of this block */
    uint64_t page[READER_ROOM];
    uint8_t kind[READER_ROOM];
    uint32_t size[READER_ROOM]; /* lackey's */
};

/* Everything between at and end, which is a line's end (lackey) or a separator (numbers); READER_PAD
 * bytes behind it are there. */
void lackey_parse(struct parse *p, const char *at, const char *end);
void numbers_parse(struct parse *p, const char *at, const char *end);

/* How much of the text can be parsed though more follows. 0: none of it. */
size_t lackey_cut(const char *text, size_t length);
size_t numbers_cut(const char *text, size_t length);

/* Is this one of lackey's lines? The newline is not part of it. */
bool lackey_is_line(const char *line, size_t length);
bool numbers_separates(char c);

/* Which form a trace has that begins so (`all`: and has no more): into facts.form and .assumed.
 * False: none. */
bool reader_guess(struct parse *p, const char *text, size_t length, bool all);
/* Is one of the numbers without 0x made of digits and letters a-f? */
bool numbers_look_hex(const char *text, size_t length);

/* Count a bad line and keep it if it is one of the first; `text` is quoted. */
void reader_bad(struct parse *p, const char *text, size_t length, const char *why);

/* The value of a hexadecimal digit, 16 or more for anything else. */
static inline unsigned
reader_digit(char c)
{
    unsigned decimal = (unsigned char)c - (unsigned)'0', letter = ((unsigned char)c | 32u) - 'a';

    return decimal < 10 ? decimal : letter < 6 ? letter + 10 : 16;
}
