/* Numbers by hand: strtoull takes blanks, signs and leftovers, and says overflow only in errno. */
#include "base/number.h"

#include <stdio.h>
#include <string.h>

enum { NO_DIGIT = 99 };

static unsigned
digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A') + 10;
    return NO_DIGIT;
}

static unsigned
shift_of(char suffix)
{
    switch (suffix) {
    case 'k':
    case 'K':
        return 10;
    case 'm':
    case 'M':
        return 20;
    case 'g':
    case 'G':
        return 30;
    }
    return 0;
}

static bool
not_a_number(const char *text, struct error *err)
{
    return error_set(err, EXIT_DATA,
                     "\"%.60s\" is not a number (like 4096, 0x1000, 1000h, 0b101, 4K, 2M)", text);
}

static bool
too_large(const char *text, struct error *err)
{
    return error_set(err, EXIT_DATA, "%.60s does not fit into 64 bits", text);
}

/* What stands before or behind the digits says their base; *text is moved to the first of them. */
static unsigned
base_of(const char **text)
{
    static const struct {
        char letter, capital;
        unsigned base;
    } prefix[] = {{'x', 'X', 16}, {'b', 'B', 2}, {'o', 'O', 8}};
    const char *p = *text;
    size_t n = strlen(p);

    if (n > 1 && p[0] >= '0' && p[0] <= '9' && (p[n - 1] == 'h' || p[n - 1] == 'H') && p[1] != 'x' && p[1] != 'X')
        return 16;
    for (size_t i = 0; p[0] == '0' && i < sizeof prefix / sizeof *prefix; i++)
        if (p[1] == prefix[i].letter || p[1] == prefix[i].capital) {
            *text = p + 2;
            return prefix[i].base;
        }
    return 10;
}

/* Digits with `_` between them; NULL when there is none. Returns what follows. */
static const char *
read_digits(const char *p, unsigned base, uint64_t *n, bool *overflow)
{
    if (digit_of(*p) >= base)
        return NULL;
    for (; digit_of(*p) < base || (*p == '_' && digit_of(p[1]) < base); p++) {
        if (*p == '_')
            continue;
        *overflow |= __builtin_mul_overflow(*n, base, n);
        *overflow |= __builtin_add_overflow(*n, digit_of(*p), n);
    }
    return p;
}

bool
number_parse(const char *text, uint64_t *value, struct error *err)
{
    const char *digits = text, *p;
    unsigned base = base_of(&digits), shift;
    uint64_t n = 0;
    bool overflow = false;

    p = read_digits(digits, base, &n, &overflow);
    if (!p)
        return not_a_number(text, err);
    shift = base == 10 ? shift_of(*p) : 0;
    if (shift) {
        overflow |= n > UINT64_MAX >> shift;
        n <<= shift;
    }
    if (shift || (base == 16 && digits == text))
        p++; /* the unit, or the h */
    if (*p)
        return not_a_number(text, err);
    if (overflow)
        return too_large(text, err);
    *value = n;
    return true;
}

bool
number_parse_range(const char *text, uint64_t min, uint64_t max, const char *what, uint64_t *value,
                   struct error *err)
{
    struct error inner = {0};
    uint64_t n = 0;

    if (!number_parse(text, &n, &inner))
        return error_set(err, EXIT_DATA, "%s: %s", what, inner.text);
    if (n < min || n > max)
        return error_set(err, EXIT_DATA, "%s: %.60s is not within %llu..%llu", what, text,
                         (unsigned long long)min, (unsigned long long)max);
    *value = n;
    return true;
}

bool
number_parse_hex(const char *text, uint64_t *value)
{
    uint64_t n = 0;
    size_t length = strlen(text);

    if (length < 3 || length > 18 || text[0] != '0' || text[1] != 'x')
        return false;
    for (const char *p = text + 2; *p; p++) {
        if (digit_of(*p) > 15 || (*p >= 'A' && *p <= 'F'))
            return false;
        n = n << 4 | digit_of(*p);
    }
    *value = n;
    return true;
}

char *
number_size(uint64_t bytes, char out[24])
{
    static const char units[] = {'\0', 'K', 'M', 'G'};
    unsigned unit = 0;

    while (bytes && bytes % 1024 == 0 && unit < 3) {
        bytes /= 1024;
        unit++;
    }
    snprintf(out, 24, "%llu%.1s", (unsigned long long)bytes, &units[unit]);
    return out;
}

const char *const number_style_word[NUMBER_STYLES] = {"hex", "decimal"};

static _Thread_local enum number_style style_now;

enum number_style
numbers_use(enum number_style style)
{
    enum number_style before = style_now;

    style_now = style;
    return before;
}

enum number_style
numbers_now(void)
{
    return style_now;
}

char *
number_show(uint64_t value, int digits, char out[NUMBER_TEXT])
{
    if (style_now == NUMBERS_DECIMAL)
        snprintf(out, NUMBER_TEXT, "%llu", (unsigned long long)value);
    else
        snprintf(out, NUMBER_TEXT, "0x%0*llx", digits, (unsigned long long)value);
    return out;
}
