/* UTF-8 by hand, because mbrtowc and wcwidth depend on a locale that may not be installed.
 *
 *   bytes  bits  from      first     others       RFC 3629, section 4
 *     1      7   U+0000    0xxxxxxx
 *     2     11   U+0080    110xxxxx  10xxxxxx
 *     3     16   U+0800    1110xxxx  10xxxxxx x2
 *     4     21   U+10000   11110xxx  10xxxxxx x3
 */
#include "base/text.h"

#include <string.h>

struct range {
    uint32_t first, last;
};

#define WIDE(first, last)
#define UNSAFE(first, last)
static const struct range combining[] = {
#define COMBINING(first, last) {first, last},
#include "base/text_widths.def"
#undef COMBINING
};
#undef WIDE
#define COMBINING(first, last)
static const struct range wide[] = {
#define WIDE(first, last) {first, last},
#include "base/text_widths.def"
#undef WIDE
};
#undef UNSAFE
#define WIDE(first, last)
static const struct range unsafe[] = {
#define UNSAFE(first, last) {first, last},
#include "base/text_widths.def"
#undef UNSAFE
};
#undef WIDE
#undef COMBINING

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static bool
within(const struct range *ranges, size_t count, uint32_t cp)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (cp > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && cp >= ranges[low].first;
}

size_t
text_decode(const char *s, size_t length, uint32_t *cp)
{
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *u = (const unsigned char *)s;
    size_t n;
    uint32_t c;

    if (length == 0)
        return 0;
    if (u[0] < 0x80) {
        *cp = u[0];
        return 1;
    }
    n = u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : 2;
    if (u[0] < 0xc2 || u[0] > 0xf4 || length < n)
        return 0;
    c = u[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((u[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (u[i] & 0x3f);
    }
    if (c < lowest[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *cp = c;
    return n;
}

size_t
text_encode(uint32_t cp, char out[4])
{
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;

    if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
        return 0;
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (cp & 0x3f));
        cp >>= 6;
    }
    out[0] = (char)(first[n] | cp);
    return n;
}

bool
text_valid(const char *s, size_t length, size_t *bad)
{
    uint32_t cp;
    size_t at = 0, n;

    while (at < length) {
        n = text_decode(s + at, length - at, &cp);
        if (n == 0) {
            if (bad)
                *bad = at;
            return false;
        }
        at += n;
    }
    return true;
}

int
text_cell_width(uint32_t cp)
{
    if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
        return -1;
    if (cp < 0x300)
        return 1;
    if (within(combining, LENGTH(combining), cp))
        return 0;
    return within(wide, LENGTH(wide), cp) ? 2 : 1;
}

bool
text_is_safe(uint32_t cp)
{
    if (cp < 0xa0)
        return cp >= 0x20 && cp < 0x7f;
    return cp <= 0x10ffff && !within(unsafe, LENGTH(unsafe), cp);
}

size_t
text_step(const char *s, size_t length, uint32_t *cp)
{
    size_t n = text_decode(s, length, cp);

    if (n == 0 || !text_is_safe(*cp))
        *cp = TEXT_MARK;
    return n ? n : 1;
}

size_t
text_clip(const char *s, size_t length, unsigned cells, unsigned *used)
{
    unsigned width = 0;
    size_t at = 0, n;
    uint32_t cp;

    for (; at < length; at += n) {
        unsigned w;
        n = text_step(s + at, length - at, &cp);
        w = (unsigned)text_cell_width(cp);
        if (width + w > cells)
            break;
        width += w;
    }
    if (used)
        *used = width;
    return at;
}

unsigned
text_width_n(const char *s, size_t length)
{
    unsigned width;

    text_clip(s, length, UINT32_MAX, &width);
    return width;
}

unsigned
text_width(const char *s)
{
    return text_width_n(s, strlen(s));
}

bool
text_is_id(const char *s, size_t length, size_t most)
{
    return length >= 1 && length <= most &&
           strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") >= length;
}

/* Stand-ins, looked up in order. Box drawing is told by range below. */
static const struct {
    uint32_t cp;
    char ascii;
} stand_ins[] = {
    {0xa0, ' '},   {0xb7, '.'},   {0xd7, 'x'},    {0x2010, '-'},  {0x2011, '-'}, {0x2012, '-'},
    {0x2013, '-'}, {0x2014, '-'}, {0x2018, '\''}, {0x2019, '\''}, {0x201c, '"'}, {0x201d, '"'},
    {0x2022, '*'}, {0x2026, '~'}, {0x2190, '<'},  {0x2191, '^'},  {0x2192, '>'}, {0x2193, 'v'},
    {0x21d2, '>'}, {0x2212, '-'}, {0x2264, '<'},  {0x2265, '>'},  {0x2500, '-'}, {0x2502, '|'},
    {0x2588, '#'}, {0x2591, ':'}, {0x2592, '%'},  {0x25a0, '#'},  {0x25b2, '^'}, {0x25b8, '>'},
    {0x25bc, 'v'}, {0x25be, 'v'}, {0x25c2, '<'},  {0x25cf, 'O'},  {0x2713, '+'}, {0x2717, 'x'},
    {0x3000, ' '}, {0x3001, ','}, {0x3002, '.'},
};

char
text_ascii(uint32_t cp)
{
    if (cp < 0x80)
        return text_is_safe(cp) ? (char)cp : '?';
    if (cp >= 0xff01 && cp <= 0xff5e) /* full-width forms of ! .. ~ */
        return (char)(cp - 0xff01 + '!');
    for (size_t i = 0; i < LENGTH(stand_ins); i++)
        if (stand_ins[i].cp == cp)
            return stand_ins[i].ascii;
    return cp > 0x2502 && cp <= 0x257f ? '+' : '?';
}

static void
put_ascii(struct buffer *out, uint32_t cp)
{
    char c = text_ascii(cp);

    if (text_cell_width(cp) > 0)
        buffer_putc(out, c);
    if (text_cell_width(cp) == 2)
        buffer_putc(out, c == '?' ? '?' : ' ');
}

static void
put_utf8(struct buffer *out, uint32_t cp)
{
    char bytes[4];

    buffer_append(out, bytes, text_encode(cp, bytes));
}

/* Too many marks in a row are a tower of ink over the lines above: the rest of the row becomes
 * one visible mark. */
void
text_clean(struct buffer *out, const char *s, size_t length, unsigned flags)
{
    unsigned row = 0;
    uint32_t cp;

    for (size_t at = 0, n; at < length; at += n) {
        n = text_step(s + at, length - at, &cp);
        row = text_cell_width(cp) == 0 ? row + 1 : 0;
        if (row > TEXT_COMBINING_MAX + 1)
            continue;
        if (row == TEXT_COMBINING_MAX + 1)
            cp = TEXT_MARK;
        if (s[at] == '\n' && (flags & TEXT_NEWLINES))
            buffer_putc(out, '\n');
        else if (flags & TEXT_ASCII)
            put_ascii(out, cp);
        else
            put_utf8(out, cp);
    }
}

char *
text_clean_to(char *out, size_t size, const char *s, unsigned flags)
{
    struct buffer b = {0};
    size_t length, n;
    uint32_t cp;

    text_clean(&b, s, strlen(s), flags);
    for (length = 0; length < b.length; length += n) {
        n = text_decode(b.data + length, b.length - length, &cp);
        if (length + n >= size)
            break;
    }
    memcpy(out, buffer_text(&b), length);
    out[length] = '\0';
    buffer_free(&b);
    return out;
}
