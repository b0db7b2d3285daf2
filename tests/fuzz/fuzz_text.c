/* Bytes as text from outside, through the gate, the scissors and the line breaker. The first byte
 * gives the flags of text_clean, the second the cells. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "support/fuzz.h"

/* Only what a terminal may see comes out, and cleaning it again changes nothing. */
static void
clean(const char *s, size_t length, unsigned flags)
{
    struct buffer once = {0}, twice = {0};
    uint32_t cp;

    text_clean(&once, s, length, flags);
    for (size_t at = 0, n; at < once.length; at += n) {
        n = text_decode(once.data + at, once.length - at, &cp);
        pw_assert(n > 0 && cp);
        if (cp == '\n' && (flags & TEXT_NEWLINES))
            continue;
        pw_assert(text_is_safe(cp) && (cp < 0x7f || !(flags & TEXT_ASCII)));
    }
    text_clean(&twice, buffer_text(&once), once.length, flags);
    pw_assert(once.length == twice.length);
    pw_assert(strcmp(buffer_text(&once), buffer_text(&twice)) == 0);
    buffer_free(&once);
    buffer_free(&twice);
}

/* Into a small array: a beginning of the whole, cut at a character. */
static void
clean_to(const char *s, unsigned flags, size_t size)
{
    struct buffer whole = {0};
    char *out = malloc(size);

    pw_assert(out);
    text_clean(&whole, s, strlen(s), flags);
    pw_assert(text_clean_to(out, size, s, flags) == out && strlen(out) < size);
    pw_assert(strncmp(buffer_text(&whole), out, strlen(out)) == 0);
    pw_assert(text_valid(out, strlen(out), NULL));
    pw_assert(strlen(out) == whole.length || strlen(out) + 4 >= size);
    buffer_free(&whole);
    free(out);
}

/* The longest beginning that fits: one character more would not. */
static void
clip(const char *s, size_t length, unsigned cells)
{
    unsigned used, more;
    uint32_t cp;
    size_t at = text_clip(s, length, cells, &used);

    pw_assert(at <= length && used <= cells && text_width_n(s, at) == used);
    pw_assert(text_clip(s, at, cells, &more) == at && more == used);
    if (at == length)
        return;
    at += text_step(s + at, length - at, &cp);
    pw_assert(at <= length && text_width_n(s, at) > cells);
}

static void
only_blanks_between(const char *from, const char *to)
{
    for (const char *p = from; p < to; p++)
        pw_assert(*p == ' ' || *p == '\n');
}

/* Lines in order, none too wide, and nothing lost between two but blanks and one newline. */
static void
wrap(const char *s, size_t length, unsigned cells)
{
    const char *at = s, *end = s + length, *reached = s;
    struct text_line line;
    unsigned count = 0;

    while (text_wrap_next(&at, end, cells, &line)) {
        pw_assert(line.start >= reached && line.start + line.length <= at && at <= end);
        only_blanks_between(reached, line.start);
        pw_assert(line.width <= (cells < 2 ? 2 : cells));
        pw_assert(line.width == text_width_n(line.start, line.length));
        pw_assert(at > line.start && !memchr(line.start, '\n', line.length));
        reached = line.start + line.length;
        count++;
    }
    pw_assert(at == end);
    only_blanks_between(reached, end);
    if (strlen(s) == length)
        pw_assert(text_wrap_count(s, cells) == count);
}

static void
code_points(const char *s, size_t length)
{
    uint32_t cp;
    char back[4];

    for (size_t at = 0, n; at < length; at += n ? n : 1) {
        n = text_decode(s + at, length - at, &cp);
        if (n == 0)
            continue;
        pw_assert(text_encode(cp, back) == n && memcmp(back, s + at, n) == 0);
        pw_assert(text_ascii(cp) >= 0x20 && text_ascii(cp) < 0x7f);
        pw_assert(!text_is_safe(cp) || text_cell_width(cp) >= 0);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned flags = size > 0 ? data[0] & 3 : 0, cells = size > 1 ? data[1] : 0;
    size_t head = size > 1 ? 2 : size, length = size - head;
    char *text = fuzz_text(data + head, length);

    code_points(text, length);
    clean(text, length, flags);
    clean_to(text, flags, cells + 1u);
    clip(text, length, cells);
    wrap(text, length, cells);
    wrap(text, length, cells % 8);
    free(text);
    return 0;
}
