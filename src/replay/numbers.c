/* Page numbers or addresses as text: what a teacher writes on the board (7,0,1,2,0,3), and the
 * "address letter" lists of many courses. A number is one reference; a letter beside it says
 * whether it reads or writes: attached (7w, W7), after it (0041f7a0 R), or, when a line begins with
 * a letter, before it (W 7).
 */
#include <string.h>

#include "replay/reader_internal.h"

bool
numbers_separates(char c)
{
    return c == ' ' || c == ',' || c == ';' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_letter(char c)
{
    return c == 'r' || c == 'R' || c == 'w' || c == 'W';
}

static uint8_t
kind_of(char letter)
{
    return letter == 'w' || letter == 'W' ? ACCESS_WRITE : ACCESS_READ;
}

/* 0x and hexadecimal digits, or digits of the base. False: it is no number; *large: it has more
 * than 64 bits. */
static bool
read_number(const char *at, const char *end, unsigned base, uint64_t *value, bool *large)
{
    *value = 0;
    *large = false;
    if (end - at > 2 && at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
        base = 16;
        at += 2;
    }
    if (at == end)
        return false;
    for (; at < end && reader_digit(*at) < base; at++) {
        *large |= __builtin_mul_overflow(*value, base, value);
        *large |= __builtin_add_overflow(*value, reader_digit(*at), value);
    }
    return at == end;
}

/* A letter alone belongs to the number after it in a line that began with one, else to the number
 * before it. */
static void
take_letter(struct parse *p, const char *word)
{
    if (p->fresh)
        p->ahead = true;
    if (p->ahead)
        p->letter = kind_of(*word);
    else if (p->n)
        p->kind[p->n - 1] = kind_of(*word);
}

static const char *
expected(const struct parse *p)
{
    if (p->facts.form == READER_PAGES)
        return "is no page number (like 7, 0x7, 7w)";
    return p->hex ? "is no hexadecimal address" : "is no address (like 4096, 0x1000, 0x1000w)";
}

static void
take_word(struct parse *p, const char *word, const char *end)
{
    const char *first = word, *last = end;
    uint8_t kind = p->ahead ? p->letter : ACCESS_READ;
    uint64_t value;
    bool large;

    if (is_letter(*word) && end - word == 1) {
        take_letter(p, word);
        return;
    }
    if (is_letter(*first))
        kind = kind_of(*first++);
    else if (is_letter(last[-1]))
        kind = kind_of(*--last);
    if (!read_number(first, last, p->hex ? 16 : 10, &value, &large)) {
        reader_bad(p, word, (size_t)(end - word), expected(p));
    } else if (large) {
        reader_bad(p, word, (size_t)(end - word), "does not fit into 64 bits");
    } else {
        p->page[p->n] = value >> p->shift;
        p->kind[p->n++] = kind;
    }
}

static const char *
word_end(const char *at, const char *end)
{
    while (at < end && !numbers_separates(*at) && *at != '#')
        at++;
    return at;
}

static void
new_line(struct parse *p)
{
    p->line++;
    p->fresh = true;
    p->ahead = p->comment = false;
    p->letter = ACCESS_READ;
}

void
numbers_parse(struct parse *p, const char *at, const char *end)
{
    if (p->line == 0)
        new_line(p);
    while (at < end) {
        const char *next = at + 1;

        if (*at == '\n') {
            new_line(p);
        } else if (*at == '#' || p->comment) {
            p->comment = true;
            next = memchr(at, '\n', (size_t)(end - at));
            next = next ? next : end;
        } else if (!numbers_separates(*at)) {
            next = word_end(at, end);
            take_word(p, at, next);
            p->fresh = false;
        }
        at = next;
    }
}

/* Up to the last number that is followed by another, so that a letter is never cut from its
 * number: words from the end backwards, the last of which may go on in what is not read yet. */
size_t
numbers_cut(const char *text, size_t length)
{
    size_t at = length, end = length;
    bool letter = true;

    while (at > 0 && letter) {
        while (at > 0 && numbers_separates(text[at - 1]))
            at--;
        end = at;
        while (at > 0 && !numbers_separates(text[at - 1]))
            at--;
        letter = end - at == 1 && is_letter(text[at]);
    }
    return at;
}

/* Digits and letters a-f, at least one of each. */
static bool
mixes(const char *at, const char *end)
{
    bool digit = false, letter = false;

    for (; at < end && reader_digit(*at) < 16; at++) {
        digit |= reader_digit(*at) < 10;
        letter |= reader_digit(*at) >= 10;
    }
    return at == end && digit && letter;
}

bool
numbers_look_hex(const char *text, size_t length)
{
    const char *end = text + length, *stop;
    bool comment = false;

    for (; text<end; text = stop> text ? stop : text + 1) {
        stop = word_end(text, end);
        comment = *text == '#' || (comment && *text != '\n');
        if (!comment && mixes(text, stop - (stop > text && is_letter(stop[-1]))))
            return true;
    }
    return false;
}
