/* The gate, hammered: 100,000 random byte strings, half of them made of the bytes and characters
 * that do harm. What comes out is valid UTF-8 without a control, bidi or zero-width character, is
 * not changed by a second cleaning, and counts its cells right. */
#include "test.h"

#include <string.h>

#include "base/rng.h"
#include "base/text.h"

enum { STRINGS = 100000, LENGTH_MAX = 200 };

static const char *const harmful[] = {
    "\033[2J",
    "\033]0;x\007",
    "\xc2\x9b",
    "\x7f",
    "\r",
    "\n",
    "\t",
    "\xe2\x80\xae",
    "\xe2\x80\x8b",
    "\xe2\x81\xa6",
    "\xd8\x9c",
    "\xef\xbb\xbf",
    "\xed\xa0\x80",
    "\xc0\xaf",
    "\xf5",
    "\xcc\x81",
    "\xcc\x81\xcc\x81\xcc\x81",
    "页",
    "\xe9",
    "a",
    "\xe2\x80\xa8",
    "\xef\xb8\x8f",
    "\xf3\xa0\x81\x81",
};

static void
make_string(struct rng *r, struct buffer *b)
{
    bool nasty = rng_below(r, 2);
    size_t pieces = rng_below(r, LENGTH_MAX);

    buffer_truncate(b, 0);
    for (size_t i = 0; i < pieces; i++) {
        if (nasty)
            buffer_puts(b, harmful[rng_below(r, sizeof harmful / sizeof harmful[0])]);
        else
            buffer_putc(b, (char)rng_below(r, 256));
    }
}

/* Judged on bytes and code points spelled out here, not by the functions under test. */
static void
assert_harmless(const struct buffer *b, bool newlines, bool ascii)
{
    const unsigned char *p = (const unsigned char *)b->data;

    for (size_t i = 0; i < b->length; i++) {
        unsigned c = p[i];
        if (c < 0x20)
            assert_true(c == '\n' && newlines);
        assert_int_not_equal(c, 0x7f);
        if (ascii)
            assert_true(c < 0x7f);
        if (c == 0xc2) /* U+0080 .. U+009F */
            assert_true(p[i + 1] >= 0xa0);
        if (c == 0xd8) /* U+061C */
            assert_int_not_equal(p[i + 1], 0x9c);
        if (c == 0xe2 && p[i + 1] == 0x80)
            assert_true(!(p[i + 2] >= 0x8b && p[i + 2] <= 0x8f) &&
                        !(p[i + 2] >= 0xa8 && p[i + 2] <= 0xae));
        if (c == 0xe2 && p[i + 1] == 0x81)
            assert_true(p[i + 2] < 0xa0 || p[i + 2] > 0xaf);
        if (c == 0xef && p[i + 1] == 0xbb)
            assert_int_not_equal(p[i + 2], 0xbf);
        if (c == 0xed)
            assert_true(p[i + 1] < 0xa0);
        assert_true(c != 0xc0 && c != 0xc1 && c < 0xf5);
    }
}

static void
nothing_harmful_comes_out(void **state)
{
    struct buffer in = {0}, once = {0}, twice = {0};
    struct rng r;

    (void)state;
    rng_seed(&r, 20240601);
    for (int i = 0; i < STRINGS; i++) {
        unsigned flags = (unsigned)rng_below(&r, 4);
        make_string(&r, &in);
        buffer_truncate(&once, 0);
        buffer_truncate(&twice, 0);
        text_clean(&once, buffer_text(&in), in.length, flags);
        text_clean(&twice, buffer_text(&once), once.length, flags);
        assert_true(text_valid(buffer_text(&once), once.length, NULL));
        assert_harmless(&once, flags & TEXT_NEWLINES, flags & TEXT_ASCII);
        assert_int_equal(once.length, twice.length);
        assert_memory_equal(buffer_text(&once), buffer_text(&twice), once.length);
    }
    buffer_free(&in);
    buffer_free(&once);
    buffer_free(&twice);
}

/* Wrapping loses nothing but blanks and newlines, and no line is too wide or starts with a full
 * stop. */
static void
wrapped_lines_hold_everything(void **state)
{
    static const char *const pieces[] = {"a",         "word ", "页",      "表",
                                         "。",        "（",    "）",      "，",
                                         " ",         "\n",    "0x7f3a ", "averyveryverylongword",
                                         "e\xcc\x81", "-",     "“",       "”"};
    struct rng r;

    (void)state;
    rng_seed(&r, 7);
    for (int i = 0; i < 20000; i++) {
        struct buffer b = {0};
        const char *at, *end, *expected;
        struct text_line line;
        unsigned cells = 2 + (unsigned)rng_below(&r, 30);
        for (size_t n = rng_below(&r, 40); n > 0; n--)
            buffer_puts(&b, pieces[rng_below(&r, sizeof pieces / sizeof pieces[0])]);
        at = expected = buffer_text(&b);
        end = at + b.length;
        while (text_wrap_next(&at, end, cells, &line)) {
            assert_true(line.width <= cells);
            for (; expected < line.start; expected++)
                assert_true(*expected == ' ' || *expected == '\n');
            expected = line.start + line.length;
        }
        for (; expected < end; expected++)
            assert_true(*expected == ' ' || *expected == '\n');
        buffer_free(&b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_harmful_comes_out),
        cmocka_unit_test(wrapped_lines_hold_everything),
    };

    return RUN_TESTS(tests);
}
