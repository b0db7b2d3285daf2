/* Expected widths: East Asian Width of the Unicode character database, checked by hand for the
 * named characters and against the C library's own table (an independent copy of that database) for
 * whole blocks. */
#include "test.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/text.h"

static size_t
decode(const char *bytes, size_t length)
{
    uint32_t cp = 0;

    return text_decode(bytes, length, &cp);
}

static void
decoding_is_strict(void **state)
{
    uint32_t cp = 0;

    (void)state;
    assert_int_equal(text_decode("A", 1, &cp), 1);
    assert_int_equal(cp, 'A');
    assert_int_equal(text_decode("\xc3\xa9", 2, &cp), 2);
    assert_int_equal(cp, 0xe9);
    assert_int_equal(text_decode("\xe4\xb8\xad", 3, &cp), 3);
    assert_int_equal(cp, 0x4e2d);
    assert_int_equal(text_decode("\xf4\x8f\xbf\xbf", 4, &cp), 4);
    assert_int_equal(cp, 0x10ffff);
    assert_int_equal(decode("", 0), 0);
    assert_int_equal(decode("\x80", 1), 0);     /* a continuation byte alone */
    assert_int_equal(decode("\xc0\xaf", 2), 0); /* overlong '/' */
    assert_int_equal(decode("\xc1\xbf", 2), 0);
    assert_int_equal(decode("\xe0\x80\xaf", 3), 0);
    assert_int_equal(decode("\xf0\x80\x80\xaf", 4), 0);
    assert_int_equal(decode("\xed\xa0\x80", 3), 0);     /* U+D800 */
    assert_int_equal(decode("\xed\xbf\xbf", 3), 0);     /* U+DFFF */
    assert_int_equal(decode("\xf4\x90\x80\x80", 4), 0); /* U+110000 */
    assert_int_equal(decode("\xf5\x80\x80\x80", 4), 0);
    assert_int_equal(decode("\xff", 1), 0);
    assert_int_equal(decode("\xe4\xb8", 2), 0); /* cut off */
    assert_int_equal(decode("\xe4\xb8\x41", 3), 0);
}

static void
every_code_point_survives_a_round_trip(void **state)
{
    char bytes[4];
    uint32_t cp, back;

    (void)state;
    for (cp = 0; cp <= 0x110000; cp++) {
        size_t n = text_encode(cp, bytes);
        bool valid = cp <= 0x10ffff && !(cp >= 0xd800 && cp <= 0xdfff);
        assert_int_equal(n > 0, valid);
        if (n) {
            assert_int_equal(text_decode(bytes, n, &back), n);
            assert_int_equal(back, cp);
        }
    }
}

static void
widths_of_named_characters(void **state)
{
    static const struct {
        uint32_t cp;
        int width;
    } cases[] = {
        {0x1b, -1},  {0x7f, -1},  {0x9b, -1},  {'A', 1},     {0xe9, 1},    {0x301, 0},
        {0x4e2d, 2}, {0x3002, 2}, {0xff0c, 2}, {0xff21, 2},  {0x3000, 2},  {0xac00, 2},
        {0x1160, 0}, {0x2500, 1}, {0x253c, 1}, {0x2192, 1},  {0x25b8, 1},  {0x2713, 1},
        {0xb7, 1},   {0x2026, 1}, {0xfffd, 1}, {0x1f600, 2}, {0x20000, 2}, {0x3042, 2},
        {0xff71, 1}, {0x3099, 0}, {0x4dc0, 1}, {0x2e80, 2},  {0x303f, 1},  {0xa0, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (text_cell_width(cases[i].cp) != cases[i].width)
            fail_msg("U+%04X: %d cells expected", cases[i].cp, cases[i].width);
}

static void
widths_agree_with_the_c_library(void **state)
{
    static const uint32_t blocks[][2] = {
        {0x20, 0x7e},     {0xa1, 0xac},     {0xae, 0x4ff},    {0x2010, 0x2027}, {0x2190, 0x21ff},
        {0x2500, 0x25ff}, {0x3001, 0x3029}, {0x3041, 0x3096}, {0x30a0, 0x30ff}, {0x3400, 0x4db5},
        {0x4e00, 0x9fef}, {0xac00, 0xd7a3}, {0xff01, 0xff60}, {0xffe0, 0xffe6}, {0x20000, 0x2a6d6},
    };
    unsigned compared = 0;

    (void)state;
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        skip();
    for (size_t b = 0; b < sizeof blocks / sizeof blocks[0]; b++) {
        for (uint32_t cp = blocks[b][0]; cp <= blocks[b][1]; cp++) {
            int theirs = wcwidth((wchar_t)cp);
            if (theirs < 0 || !text_is_safe(cp))
                continue; /* unassigned there */
            if (text_cell_width(cp) != theirs)
                fail_msg("U+%04X: %d here, %d there", cp, text_cell_width(cp), theirs);
            compared++;
        }
    }
    setlocale(LC_CTYPE, "C");
    assert_true(compared > 80000);
}

static void
width_and_clip_count_cells(void **state)
{
    unsigned used;

    (void)state;
    assert_int_equal(text_width(""), 0);
    assert_int_equal(text_width("abc"), 3);
    assert_int_equal(text_width("页表 PTE"), 8);
    assert_int_equal(text_width("e\xcc\x81t\xcc\xa7"), 2);
    assert_int_equal(text_width("a\033[2Jb"), 6); /* ESC shows as one mark */
    assert_int_equal(text_width("\xff\xfe"), 2);
    assert_int_equal(text_clip("页表", 6, 3, &used), 3); /* a half does not fit */
    assert_int_equal(used, 2);
    assert_int_equal(text_clip("ae\xcc\x81z", 5, 2, &used), 4); /* the mark stays with its base */
    assert_int_equal(used, 2);
    assert_int_equal(text_clip("abc", 3, 9, &used), 3);
    assert_int_equal(used, 3);
}

static void
expect_clean(const char *in, size_t length, unsigned flags, const char *out)
{
    struct buffer b = {0};

    text_clean(&b, in, length, flags);
    assert_string_equal(buffer_text(&b), out);
    assert_int_equal(b.length, strlen(out));
    buffer_free(&b);
}
#define CLEAN(in, flags, out) expect_clean(in, sizeof(in) - 1, flags, out)
#define M "\xef\xbf\xbd"

static void
nothing_that_steers_a_terminal_gets_through(void **state)
{
    (void)state;
    CLEAN("plain, 页表", 0, "plain, 页表");
    CLEAN("\033]0;owned\007\033[2J", 0, M "]0;owned" M M "[2J");
    CLEAN("a\nb\tc\rd", 0, "a" M "b" M "c" M "d");
    CLEAN("a\nb\tc", TEXT_NEWLINES, "a\nb" M "c");
    CLEAN("a\0b", 0, "a" M "b");
    CLEAN("\x7f\xc2\x9b"
          "31m",
          0, M M "31m"); /* DEL, C1 CSI */
    CLEAN("\xe2\x80\xae"
          "txt.exe",
          0, M "txt.exe");                               /* U+202E */
    CLEAN("\xe2\x81\xa6\xe2\x80\x8f\xd8\x9c", 0, M M M); /* U+2066 U+200F U+061C */
    CLEAN("a\xe2\x80\x8b\xe2\x81\xa0\xef\xbb\xbf"
          "b",
          0, "a" M M M "b"); /* 200B 2060 FEFF */
    CLEAN("\xff\xc0\xaf", 0, M M M);
    CLEAN("\xed\xa0\x80", 0, M M M);
    CLEAN("\xe2\x80\xa8", 0, M); /* U+2028 */
}

static void
a_tower_of_combining_marks_becomes_one_mark(void **state)
{
    struct buffer in = {0}, out = {0};

    (void)state;
    CLEAN("a\xcc\x81\xcc\x81\xcc\x81\xcc\x81z", 0, "a\xcc\x81\xcc\x81\xcc\x81\xcc\x81z");
    CLEAN("a\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81z", 0,
          "a\xcc\x81\xcc\x81\xcc\x81\xcc\x81" M "z");
    buffer_puts(&in, "a");
    for (int i = 0; i < 10000; i++)
        buffer_puts(&in, "\xcc\x81");
    text_clean(&out, in.data, in.length, 0);
    assert_int_equal(out.length, 1 + 4 * 2 + 3);
    buffer_free(&in);
    buffer_free(&out);
}

static void
ascii_mode_is_ascii_and_keeps_the_width(void **state)
{
    (void)state;
    CLEAN("页表 → f7 — ok", TEXT_ASCII, "???? > f7 - ok");
    CLEAN("┌─┬─┐│", TEXT_ASCII, "+-+-+|");
    CLEAN("\033x\xff", TEXT_ASCII, "?x?");
    CLEAN("ＡＢ：", TEXT_ASCII, "A B : ");
    CLEAN("e\xcc\x81", TEXT_ASCII, "e");
}

static void
a_fixed_array_is_cut_at_a_whole_character(void **state)
{
    char out[6];

    (void)state;
    assert_string_equal(text_clean_to(out, sizeof out, "abcdefgh", 0), "abcde");
    assert_string_equal(text_clean_to(out, sizeof out, "页表项", 0), "页");
    assert_string_equal(text_clean_to(out, 1, "x", 0), "");
}

/* Wrapped lines joined by '|'. */
static void
expect_lines(const char *text, unsigned cells, const char *expected)
{
    const char *at = text, *end = text + strlen(text);
    struct text_line line;
    struct buffer b = {0};
    unsigned count = 0;

    while (text_wrap_next(&at, end, cells, &line)) {
        if (count++)
            buffer_putc(&b, '|');
        buffer_append(&b, line.start, line.length);
        assert_true(line.width <= cells);
        assert_int_equal(line.width, text_width_n(line.start, line.length));
    }
    assert_string_equal(buffer_text(&b), expected);
    assert_int_equal(text_wrap_count(text, cells), count);
    buffer_free(&b);
}

static void
latin_wraps_at_blanks(void **state)
{
    (void)state;
    expect_lines("", 10, "");
    expect_lines("one two three", 7, "one two|three");
    expect_lines("one two three", 8, "one two|three");
    expect_lines("one  two", 4, "one|two");
    expect_lines("a\n\nb\n", 10, "a||b");
    expect_lines("  indented text", 10, "  indented|text");
    expect_lines("copy-on-write", 20, "copy-on-write");
    expect_lines("ab 0x00007f3a12345678", 10, "ab|0x00007f3a|12345678");
}

static void
chinese_wraps_by_its_own_rules(void **state)
{
    (void)state;
    expect_lines("页表的每一项", 4, "页表|的每|一项");
    expect_lines("页表的每一项", 5, "页表|的每|一项");
    expect_lines("地址转换。然后", 8, "地址转|换。然后"); /* no line starts with the full stop */
    expect_lines("处理器（内核）", 8, "处理器|（内核）"); /* none ends with the bracket */
    expect_lines("查 TLB 命中", 6, "查 TLB|命中");
    expect_lines("先查TLB再走页表", 7, "先查TLB|再走页|表");
    expect_lines("他说：“好”，对", 8, "他说：|“好”，对");
    expect_lines("长长长！！！！", 6, "长长|长！！|！！"); /* nothing else is possible at the end */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decoding_is_strict),
        cmocka_unit_test(every_code_point_survives_a_round_trip),
        cmocka_unit_test(widths_of_named_characters),
        cmocka_unit_test(widths_agree_with_the_c_library),
        cmocka_unit_test(width_and_clip_count_cells),
        cmocka_unit_test(nothing_that_steers_a_terminal_gets_through),
        cmocka_unit_test(a_tower_of_combining_marks_becomes_one_mark),
        cmocka_unit_test(ascii_mode_is_ascii_and_keeps_the_width),
        cmocka_unit_test(a_fixed_array_is_cut_at_a_whole_character),
        cmocka_unit_test(latin_wraps_at_blanks),
        cmocka_unit_test(chinese_wraps_by_its_own_rules),
    };

    return RUN_TESTS(tests);
}
