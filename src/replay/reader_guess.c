/* What is in the file? Decided by its first 64 KiB and the rules in reader.h, so that the same file
 * is always read the same way; `assumed` says which rule decided when another reading would also
 * have given numbers.
 */
#include <stdio.h>
#include <string.h>

#include "replay/reader_internal.h"

/* 2^20 pages of 4 KiB are 4 GiB; programs live above 1 MiB. */
enum { SMALL_MAX = 0xfffff, USUAL_SHIFT = 12 };

static bool
has_lackey_line(const char *text, size_t length)
{
    const char *end = text + length, *stop;

    for (; text < end; text = stop + 1) {
        stop = memchr(text, '\n', (size_t)(end - text));
        stop = stop ? stop : end;
        if (lackey_is_line(text, (size_t)(stop - text)))
            return true;
    }
    return false;
}

static uint64_t
largest(const uint64_t *number, size_t n)
{
    uint64_t most = 0;

    for (size_t i = 0; i < n; i++)
        most = number[i] > most ? number[i] : most;
    return most;
}

/* Page numbers of 64-bit addresses have at most 52 bits. */
static bool
guess_u64(struct parse *p, const char *text, size_t length)
{
    size_t n = length / sizeof *p->page;
    uint64_t most;

    memcpy(p->page, text, n * sizeof *p->page);
    most = largest(p->page, n);
    if (n == 0 || most >> 52)
        return false;
    p->facts.form = READER_U64;
    if (most >> 36)
        snprintf(p->facts.assumed, sizeof p->facts.assumed,
                 "read as 64-bit page numbers, though 0x%llx is large for one",
                 (unsigned long long)most);
    return true;
}

/* Addresses that are all in the first page would be a strange trace. */
static void
explain_numbers(struct parse *p, uint64_t most, bool hex)
{
    const unsigned page_shift = p->shift ? p->shift : USUAL_SHIFT;
    char *out = p->facts.assumed;
    const size_t size = sizeof p->facts.assumed;

    if (hex)
        snprintf(out, size, "read as hexadecimal addresses, because digits are mixed with a-f");
    else if (most > SMALL_MAX)
        snprintf(out, size,
                 "read as addresses, because %llu is above %d; --input pages reads page numbers",
                 (unsigned long long)most, SMALL_MAX);
    else if (most >> page_shift)
        snprintf(
            out, size,
            "read as page numbers, because none is above %d; --input addresses reads addresses",
            SMALL_MAX);
}

/* A trial: what do the parsers make of it? */
static bool
guess_numbers(struct parse *p, const char *text, size_t length)
{
    const bool hex = numbers_look_hex(text, length);
    struct parse *trial = p; /* empty until now, and empty again afterwards */
    const unsigned shift = p->shift;
    size_t n, bad;
    uint64_t most;

    trial->hex = hex;
    trial->shift = 0;
    numbers_parse(trial, text, text + length);
    n = trial->n;
    bad = trial->facts.bad;
    most = largest(trial->page, n);
    memset(p, 0, sizeof *p);
    p->shift = shift;
    if (bad >= n)
        return false;
    p->facts.form = hex || most > SMALL_MAX ? READER_ADDRESSES : READER_PAGES;
    explain_numbers(p, most, hex);
    return true;
}

bool
reader_guess(struct parse *p, const char *text, size_t length, bool all)
{
    if (has_lackey_line(text, length)) {
        p->facts.form = READER_LACKEY;
        return true;
    }
    if (memchr(text, '\0', length))
        return guess_u64(p, text, length);
    return guess_numbers(p, text, all ? length : numbers_cut(text, length));
}
