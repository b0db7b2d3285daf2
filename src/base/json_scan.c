/* A recursive-descent recogniser of JSON (RFC 8259). It builds nothing but the list of lines. */
#include "base/json_scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"

enum { NUMBER_LENGTH_MAX = 40 };

struct reader {
    const char *p, *end;
    int line, depth;
    const char *name;
    struct json_scan *scan;
    struct error *err;
};

static bool value(struct reader *r);

static bool
fail(struct reader *r, const char *what)
{
    return error_at(r->err, EXIT_DATA, r->name, r->line, "%s", what);
}

/* "... expected, found 'x'", with the byte made visible. */
static bool
unexpected(struct reader *r, const char *expected)
{
    char one[5] = {0}, shown[16];
    uint32_t cp;

    if (r->p >= r->end)
        return error_at(r->err, EXIT_DATA, r->name, r->line, "%s expected, but the text ends here",
                        expected);
    text_step(r->p, (size_t)(r->end - r->p), &cp);
    text_encode(cp, one);
    return error_at(r->err, EXIT_DATA, r->name, r->line, "%s expected, found '%s'", expected,
                    text_clean_to(shown, sizeof shown, one, 0));
}

static void
skip_blanks(struct reader *r)
{
    for (; r->p < r->end && strchr(" \t\r\n", *r->p) && *r->p; r->p++)
        r->line += *r->p == '\n';
}

static bool
at(const struct reader *r, char c)
{
    return r->p < r->end && *r->p == c;
}

static bool
at_digit(const struct reader *r)
{
    return r->p < r->end && *r->p >= '0' && *r->p <= '9';
}

static bool
digits(struct reader *r)
{
    if (!at_digit(r))
        return unexpected(r, "a digit");
    while (at_digit(r))
        r->p++;
    return true;
}

/* -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)? */
static bool
number(struct reader *r, bool *integer)
{
    const char *start = r->p;

    if (at(r, '-'))
        r->p++;
    if (at(r, '0')) {
        *integer = r->p == start;
        r->p++;
        if (at_digit(r))
            return fail(r, "a number must not start with 0");
    } else {
        *integer = true;
        if (!digits(r))
            return false;
    }
    if (at(r, '.')) {
        *integer = false;
        r->p++;
        if (!digits(r))
            return false;
    }
    if (at(r, 'e') || at(r, 'E')) {
        *integer = false;
        r->p++;
        if (at(r, '+') || at(r, '-'))
            r->p++;
        if (!digits(r))
            return false;
    }
    return r->p - start <= NUMBER_LENGTH_MAX || fail(r, "a number with more than 40 characters");
}

/* The four digits after \u; -1 when there are not four. */
static int
four_hex(struct reader *r)
{
    int value = 0;

    if (r->end - r->p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        const char *all = "0123456789abcdef", c = r->p[i];
        const char *found = c ? strchr(all, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;
        if (!found)
            return -1;
        value = value << 4 | (int)(found - all);
    }
    r->p += 4;
    return value;
}

static bool
unicode_escape(struct reader *r)
{
    int high = four_hex(r), low;

    if (high < 0)
        return fail(r, "\\u needs four hex digits");
    if (high == 0)
        return fail(r, "\\u0000 is not allowed");
    if (high >= 0xdc00 && high <= 0xdfff)
        return fail(r, "half a surrogate pair");
    if (high < 0xd800 || high > 0xdbff)
        return true;
    if (r->end - r->p < 6 || r->p[0] != '\\' || r->p[1] != 'u')
        return fail(r, "half a surrogate pair");
    r->p += 2;
    low = four_hex(r);
    return (low >= 0xdc00 && low <= 0xdfff) || fail(r, "half a surrogate pair");
}

static bool
string(struct reader *r)
{
    r->p++; /* the quote */
    while (r->p < r->end && *r->p != '"') {
        if ((unsigned char)*r->p < 0x20)
            return fail(r, "a raw control character in a string (write it as \\n, \\t or \\u001b)");
        if (*r->p++ != '\\')
            continue;
        if (at(r, 'u')) {
            r->p++;
            if (!unicode_escape(r))
                return false;
        } else if (r->p < r->end && *r->p && strchr("\"\\/bfnrt", *r->p)) {
            r->p++;
        } else {
            return unexpected(r, "one of \"\\/bfnrtu after a backslash");
        }
    }
    if (r->p >= r->end)
        return unexpected(r, "the end of a string");
    r->p++;
    return true;
}

/* What follows the bracket: items up to the closing one. */
static bool
items(struct reader *r, char close)
{
    bool object = close == '}';

    r->p++;
    skip_blanks(r);
    if (at(r, close)) {
        r->p++;
        return true;
    }
    for (;;) {
        skip_blanks(r);
        if (object) {
            if (!at(r, '"'))
                return unexpected(r, "a member name in quotes");
            if (!string(r))
                return false;
            skip_blanks(r);
            if (!at(r, ':'))
                return unexpected(r, "a colon");
            r->p++;
            skip_blanks(r);
        }
        if (!value(r))
            return false;
        skip_blanks(r);
        if (at(r, close)) {
            r->p++;
            return true;
        }
        if (!at(r, ','))
            return unexpected(r, object ? "a comma or }" : "a comma or ]");
        r->p++;
    }
}

static bool
container(struct reader *r, char close)
{
    bool ok;

    if (++r->depth > JSON_DEPTH_MAX)
        return fail(r, "more than 64 levels of nesting");
    ok = items(r, close);
    r->depth--;
    return ok;
}

static bool
word(struct reader *r, const char *text)
{
    size_t length = strlen(text);

    if ((size_t)(r->end - r->p) < length || memcmp(r->p, text, length))
        return unexpected(r, "a value");
    r->p += length;
    return true;
}

static bool
note_value(struct reader *r, size_t *index)
{
    struct json_scan *scan = r->scan;

    if (scan->count == JSON_VALUES_MAX)
        return fail(r, "more than a million values");
    if (scan->count == scan->capacity) {
        scan->capacity = scan->capacity ? scan->capacity * 2 : 64;
        scan->notes = memory_resize(scan->notes, scan->capacity, sizeof *scan->notes);
    }
    *index = scan->count++;
    scan->notes[*index] = (struct json_note){.line = (uint32_t)r->line & 0x7fffffff};
    return true;
}

static bool
value(struct reader *r)
{
    bool integer = false, ok;
    size_t index = 0;

    if (r->p >= r->end)
        return unexpected(r, "a value");
    if (!note_value(r, &index))
        return false;
    switch (*r->p) {
    case '{':
        return container(r, '}');
    case '[':
        return container(r, ']');
    case '"':
        return string(r);
    case 't':
        return word(r, "true");
    case 'f':
        return word(r, "false");
    case 'n':
        return word(r, "null");
    }
    if (!at(r, '-') && !at_digit(r))
        return unexpected(r, "a value");
    ok = number(r, &integer);
    r->scan->notes[index].integer = integer;
    return ok;
}

static int
line_of(const char *text, size_t offset)
{
    int line = 1;

    for (size_t i = 0; i < offset; i++)
        line += text[i] == '\n';
    return line;
}

/* What concerns bytes rather than grammar. */
static bool
bytes_are_good(const char *text, size_t length, const char *name, struct error *err)
{
    const char *nul;
    size_t bad;

    if (length > JSON_BYTES_MAX)
        return error_at(err, EXIT_DATA, name, 0, "larger than 16 MiB, which is the limit");
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        return error_at(err, EXIT_DATA, name, 1, "starts with a byte-order mark: save it without");
    nul = length ? memchr(text, '\0', length) : NULL;
    if (nul)
        return error_at(err, EXIT_DATA, name, line_of(text, (size_t)(nul - text)), "a NUL byte");
    if (!text_valid(text, length, &bad))
        return error_at(err, EXIT_DATA, name, line_of(text, bad), "not UTF-8 (byte 0x%02x)",
                        (unsigned char)text[bad]);
    return true;
}

bool
json_scan(struct json_scan *scan, const char *text, size_t length, const char *name,
          struct error *err)
{
    struct reader r = {text, text + length, 1, 0, name, scan, err};

    if (!bytes_are_good(text, length, name, err))
        return false;
    skip_blanks(&r);
    if (!value(&r))
        return false;
    skip_blanks(&r);
    return r.p == r.end || unexpected(&r, "the end of the file");
}
