/* text.h - UTF-8, cells, lines, and the gate for text from outside.
 *
 * Promises   Widths come from our own table, never from the locale, so a picture is the same
 *            everywhere. Decoding is strict (no overlong forms, no surrogates, nothing above
 *            U+10FFFF). Nothing allocates except through the buffer given. text_clean is the one
 *            gate: every text that pagewalk did not write itself (lessons, file names,
 *            arguments, JSON, errors that quote them) passes through it before it reaches a
 *            terminal, stderr or an export. Canvas cells pass the same test.
 * Simplifies Ambiguous-width characters count 1; grapheme clusters beyond a base and its
 *            combining marks are not joined.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

enum {
    TEXT_MARK = 0xfffd,     /* stands for what may not be shown; '?' in ASCII */
    TEXT_COMBINING_MAX = 4, /* marks in a row that text_clean lets through */
};

/* Bytes of the code point at s (1..4), or 0: end of text or not UTF-8. */
size_t text_decode(const char *s, size_t length, uint32_t *cp);

/* Bytes written to out (1..4), or 0 if cp is no code point. No NUL is added. */
size_t text_encode(uint32_t cp, char out[4]);

/* True if all of it is UTF-8; otherwise *bad (if not NULL) is the offset of the first wrong
 * byte. */
bool text_valid(const char *s, size_t length, size_t *bad);

/* Cells of one code point: -1 control, 0 combining or invisible, 1, or 2 (CJK, full-width). */
int text_cell_width(uint32_t cp);

/* May this code point reach a terminal? No for controls, bidi controls, zero-width characters,
 * line separators and non-characters. */
bool text_is_safe(uint32_t cp);

/* One step through any bytes: how many to skip (at least 1 of a length that is not 0), and in *cp
 * what to show for them, TEXT_MARK for a byte that is no UTF-8 or a character that is not safe. */
size_t text_step(const char *s, size_t length, uint32_t *cp);

/* Cells of a text as the canvas draws it: what may not be shown counts one cell for its mark. */
unsigned text_width(const char *s);
unsigned text_width_n(const char *s, size_t length);

/* Bytes of the longest beginning that fits into `cells`, combining marks included. *used (if not
 * NULL) is its width. */
size_t text_clip(const char *s, size_t length, unsigned cells, unsigned *used);

/* A one-cell ASCII stand-in for a code point: itself, '-' for a dash, '>' for an arrow ... '?'
 * when there is none. */
char text_ascii(uint32_t cp);

enum text_clean_flags {
    TEXT_NEWLINES = 1, /* let \n through */
    TEXT_ASCII = 2,    /* nothing above 0x7e comes out; a wide letter gives two '?' */
};

/* Append a cleaned text. Cleaning twice changes nothing. */
void text_clean(struct buffer *out, const char *s, size_t length, unsigned flags);

/* The same for a C string into a fixed array, cut at a whole character. Returns out. */
char *text_clean_to(char *out, size_t size, const char *s, unsigned flags);

/* Is it 1 to `most` of a-z, 0-9 and -, as ids of lessons and names of modules are? */
bool text_is_id(const char *s, size_t length, size_t most);

struct text_line {
    const char *start;
    size_t length; /* bytes, without the blanks or newline at the break */
    unsigned width;
};

/* Wrapping, one line at a call: start with *at = text, go on while it returns true.
 * '\n' ends a line; Latin words stay whole when they fit into `cells`; CJK may break between any
 * two letters except
 * that no line starts with closing punctuation and none ends with an opening bracket. A line is
 * never wider than `cells`. */
bool text_wrap_next(const char **at, const char *end, unsigned cells, struct text_line *line);

/* How many lines that makes. */
unsigned text_wrap_count(const char *s, unsigned cells);
