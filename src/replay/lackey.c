/* What valgrind's lackey writes with --trace-mem=yes, a reference a line:
 *
 *     I  04001090,3        an instruction of 3 bytes is fetched
 *      L 1ffeffe7e8,8      8 bytes are loaded;  S: stored;  M: loaded and stored (modified)
 *
 * Lackey itself makes 1.5 million lines a second and a long trace has billions, so the usual line
 * is taken apart 16 bytes at a time. Whatever is unusual in any way goes to slow_line, which is the
 * definition; on a CPU without SSE2 all lines do.
 */
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "replay/reader_internal.h"

enum { SIZE_MAX_BYTES = 65536 };

/* --- the definition --- */

/* Valgrind's own lines: ==1234== and --1234--, also with a time between, and **1234** . */
static bool
is_noise(const char *line, size_t length)
{
    return length >= 2 && line[0] == line[1] &&
           (line[0] == '=' || line[0] == '-' || line[0] == '*');
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static const char *
skip_blanks(const char *at, const char *end)
{
    while (at < end && is_blank(*at))
        at++;
    return at;
}

/* Digits of that base. NULL: none, or more than 64 bits. */
static const char *
read_digits(const char *at, const char *end, unsigned base, uint64_t *value)
{
    const char *first = at;

    *value = 0;
    for (; at < end && reader_digit(*at) < base; at++)
        if (__builtin_mul_overflow(*value, base, value) ||
            __builtin_add_overflow(*value, reader_digit(*at), value))
            return NULL;
    return at > first ? at : NULL;
}

static bool
read_kind(char letter, uint8_t *kind)
{
    switch (letter) {
    case 'I':
        *kind = ACCESS_FETCH;
        return true;
    case 'L':
        *kind = ACCESS_READ;
        return true;
    case 'S':
    case 'M':
        *kind = ACCESS_WRITE;
        return true;
    }
    return false;
}

/* [blanks] letter blanks hexadecimal , decimal [blanks] */
static bool
read_line(const char *at, const char *end, uint64_t *address, uint8_t *kind, uint64_t *size)
{
    at = skip_blanks(at, end);
    if (end - at < 2 || !read_kind(at[0], kind) || !is_blank(at[1]))
        return false;
    at = read_digits(skip_blanks(at + 1, end), end, 16, address);
    if (!at || at == end || *at != ',')
        return false;
    at = read_digits(at + 1, end, 10, size);
    return at && skip_blanks(at, end) == end && *size >= 1 && *size <= SIZE_MAX_BYTES;
}

bool
lackey_is_line(const char *line, size_t length)
{
    uint64_t address, size;
    uint8_t kind;

    return read_line(line, line + length, &address, &kind, &size);
}

static void
slow_line(struct parse *p, const char *line, const char *end)
{
    uint64_t address, size;

    if (read_line(line, end, &address, &p->kind[p->n], &size)) {
        p->size[p->n] = (uint32_t)size;
        p->page[p->n++] = address >> p->shift;
    } else if (!is_noise(line, (size_t)(end - line)) && skip_blanks(line, end) < end)
        reader_bad(p, line, (size_t)(end - line), "is no reference (like \" L 1ffeffe7e8,8\")");
}

/* --- the fast way --- */

#ifdef __SSE2__

/* The three characters before the address, as a little-endian number. The lowest bits of the letter
 * and a blank, xor'ed, are different for the four: they are the row. */
#define HEAD(a, b) ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)' ' << 16)
static const struct {
    uint32_t text;
    uint8_t kind;
} heads[8] = {
    [('I' ^ ' ') & 7] = {HEAD('I', ' '), ACCESS_FETCH},
    [('L' ^ ' ') & 7] = {HEAD(' ', 'L'), ACCESS_READ},
    [('S' ^ ' ') & 7] = {HEAD(' ', 'S'), ACCESS_WRITE},
    [('M' ^ ' ') & 7] = {HEAD(' ', 'M'), ACCESS_WRITE},
};

/* Bytes up to `most`, compared without sign. */
static inline __m128i
at_most(__m128i v, char most)
{
    return _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(most)), v);
}

static inline unsigned
bits(__m128i v)
{
    return (unsigned)_mm_movemask_epi8(v);
}

/* Sixteen nibbles in sixteen bytes, the first the highest: one number. */
static inline uint64_t
join_nibbles(__m128i nibble)
{
    __m128i pair = _mm_or_si128(_mm_slli_epi16(nibble, 4), _mm_srli_epi16(nibble, 8));
    __m128i bytes = _mm_packus_epi16(_mm_and_si128(pair, _mm_set1_epi16(0xff)), pair);
    uint64_t number;

    _mm_storel_epi64((__m128i *)&number, bytes);
    return __builtin_bswap64(number);
}

/* A line of one of the four heads, hexadecimal digits, a comma, one or two decimal digits that do
 * not begin with 0, and a newline, its tail within 16 bytes. Returns where the next one begins;
 * NULL, and nothing done: it is not that. */
static inline const char *
fast_line(const char *line, unsigned shift, uint64_t *page, uint8_t *kind, uint32_t *size)
{
    const __m128i text = _mm_loadu_si128((const __m128i *)(line + 3));
    const __m128i digit = _mm_sub_epi8(text, _mm_set1_epi8('0'));
    const __m128i letter =
        _mm_sub_epi8(_mm_or_si128(text, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
    const __m128i is_digit = at_most(digit, 9), is_letter = at_most(letter, 5);
    const __m128i ten = _mm_add_epi8(letter, _mm_set1_epi8(10));
    const unsigned newlines = bits(_mm_cmpeq_epi8(text, _mm_set1_epi8('\n')));
    const unsigned commas = bits(_mm_cmpeq_epi8(text, _mm_set1_epi8(',')));
    const unsigned decimal = bits(is_digit), hex = decimal | bits(is_letter);
    unsigned n, c, head, row;

    memcpy(&head, line, sizeof head);
    head &= 0xffffff;
    row = (head ^ head >> 8) & 7;
    if (!newlines || !commas || heads[row].text != head)
        return NULL;
    n = (unsigned)__builtin_ctz(newlines);
    c = (unsigned)__builtin_ctz(commas);
    /* Digits before the comma and after it, nothing else before the newline. */
    if (c == 0 || n < c + 2 || n > c + 3 || line[3 + c + 1] == '0' ||
        (((hex & ((1u << c) - 1)) | (decimal & ~((1u << c) - 1)) | 1u << c) & ((1u << n) - 1)) !=
            (1u << n) - 1)
        return NULL;
    *kind = heads[row].kind;
    *size = (uint32_t)(line[3 + c + 1] - '0');
    if (n == c + 3)
        *size = (uint32_t)(10 * *size + (line[3 + c + 2] - '0'));
    *page =
        join_nibbles(_mm_or_si128(_mm_and_si128(is_digit, digit), _mm_and_si128(is_letter, ten))) >>
        (64 - 4 * c) >> shift;
    return line + 3 + n + 1;
}

#else

static const char *
fast_line(const char *line, unsigned shift, uint64_t *page, uint8_t *kind, uint32_t *size)
{
    (void)line, (void)shift, (void)page, (void)kind, (void)size;
    return NULL;
}

#endif

/* --- lines --- */

void
lackey_parse(struct parse *p, const char *at, const char *end)
{
    const unsigned shift = p->shift;
    uint64_t line = p->line;
    size_t n = p->n;

    while (at < end) {
        const char *next = fast_line(at, shift, &p->page[n], &p->kind[n], &p->size[n]);

        line++;
        if (next) {
            at = next;
            n++;
            continue;
        }
        next = memchr(at, '\n', (size_t)(end - at));
        p->line = line;
        p->n = n;
        slow_line(p, at, next);
        n = p->n;
        at = next + 1;
    }
    p->line = line;
    p->n = n;
}

size_t
lackey_cut(const char *text, size_t length)
{
    const char *last = memrchr(text, '\n', length);

    return last ? (size_t)(last + 1 - text) : 0;
}
