/* Page-table formats: what the shipped ones say, and that nonsense is refused with the member's
 * name. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "machine/format_json.h"
#include "support/bare.h"

/* The toy's format, with one piece of its text replaced. */
static void
expect_refused(const char *preset, const char *piece, const char *instead, const char *reason)
{
    struct buffer text = {0}, changed = {0};
    struct error e = {0};
    struct json_doc *doc;
    struct format f;
    char path[64], *at;

    snprintf(path, sizeof path, "assets/machines/%s.json", preset);
    assert_true(file_read(path, 1 << 20, &text, &e));
    at = strstr(text.data, piece);
    if (!at)
        fail_msg("%s has no %s", preset, piece);
    buffer_append(&changed, text.data, (size_t)(at - text.data));
    buffer_puts(&changed, instead);
    buffer_puts(&changed, at + strlen(piece));
    doc = json_parse(changed.data, changed.length, "m.json", &e);
    if (!doc)
        fail_msg("%s", e.text);
    if (format_from_json(json_find(json_root(doc), "format"), &f, &e))
        fail_msg("accepted: %s", instead);
    assert_int_equal(e.code, EXIT_DATA);
    assert_string_equal(e.file, "m.json");
    assert_true(e.line > 1);
    if (!strstr(e.text, reason))
        fail_msg("\"%s\" does not say \"%s\"", e.text, reason);
    json_free(doc);
    buffer_free(&text);
    buffer_free(&changed);
}

static void
nonsense_is_refused_by_name(void **state)
{
    (void)state;
    expect_refused("toy16", "\"bits\": 4", "\"bits\": 5",
                   "levels: their bits and page_shift make 17, va_bits is 16");
    expect_refused("toy16", "\"entry_bytes\": 2", "\"entry_bytes\": 0", "entry_bytes");
    expect_refused("toy16", "\"entry_bytes\": 2", "\"entry_bytes\": 3",
                   "entry_bytes: 3 is not 1, 2, 4 or 8");
    expect_refused("toy16", "\"entry_bytes\": 2", "\"entry_bytes\": 1",
                   "frame: 0x7000 does not fit into an entry of 1 bytes");
    expect_refused("toy16", "\"dirty\": 6", "\"dirty\": 12",
                   "flags.dirty: lies inside the frame bits");
    expect_refused("toy16", "\"dirty\": 6", "\"dirty\": 5",
                   "flags.dirty: its bit is another flag's");
    expect_refused("toy16", "\"dirty\": 6", "\"dirty\": 16",
                   "flags.dirty: outside an entry of 2 bytes");
    expect_refused("toy16", "\"dirty\": 6", "\"dirty\": 64", "flags.dirty");
    expect_refused("toy16", "\"present\": 0, ", "", "flags.present");
    expect_refused("toy16", "\"dirty\": 6", "\"dirt\": 6", "dirty");
    expect_refused("toy16", "\"frame\": \"0x7000\"", "\"frame\": \"0x7800\"",
                   "frame: 0x7800 has bits below page_shift");
    expect_refused("toy16", "\"frame\": \"0x7000\"", "\"frame\": \"0xf000\"",
                   "frame: 0xf000 has bits above pa_bits");
    expect_refused("toy16", "\"frame\": \"0x7000\"", "\"frame\": 28672", "frame");
    expect_refused("toy16", "\"pa_bits\": 15", "\"pa_bits\": 53", "pa_bits");
    expect_refused("toy16", "\"page_shift\": 12", "\"page_shift\": 40", "page_shift");
    expect_refused("toy16", "\"name\": \"PT\"", "\"name\": \"\"", "levels[0].name");
    expect_refused("toy16", "\"name\": \"PT\", ", "", "name");
    expect_refused("toy16", "\"bits\": 4", "\"bits\": 4, \"large\": \"always\"", "levels[0].large");
    expect_refused("toy16", "\"bits\": 4", "\"bits\": 4, \"large\": \"maybe\"",
                   "\"maybe\" is not never, reserved");
    expect_refused("toy16", "\"bits\": 4", "\"bits\": 4, \"reserved\": \"0x1\"",
                   "levels[0].reserved");
    expect_refused("toy16", "{ \"name\": \"PT\", \"bits\": 4 }", "", "0 levels");
    expect_refused("toy16", "\"canonical\"", "\"cannonical\"", "canonical");
    expect_refused("toy16", "\"canonical\"", "\"kind\": \"forest\", \"canonical\"",
                   "\"forest\" is not radix");
    expect_refused("x86-64", "\"va_bits\"", "\"kind\": \"hashed\", \"va_bits\"", "has one level");
    expect_refused("hashed", "\"entry_bytes\": 8", "\"entry_bytes\": 4", "entry_bytes: 4");
    expect_refused("hashed", "\"bits\": 36", "\"bits\": 37", "bits");
    expect_refused("i386", "\"bits\": 10 }", "\"bits\": 11 }", "levels");
    expect_refused("i386", "\"from\": 13", "\"from\": 14",
                   "levels[0].high.from: bits 14..21 of an entry are not free");
    expect_refused("i386", "\"to\": 32", "\"to\": 31", "levels[0].high.to");
    expect_refused("i386", "\"to\": 32", "\"to\": 33", "levels[0].high.to");
    expect_refused("i386", "\"large\": 7, ", "",
                   "levels[0].large: the format has no flag \"large\"");
    expect_refused("x86-64", "\"va_bits\": 48", "\"va_bits\": 57", "va_bits is 57");
    expect_refused("x86-64", "\"0x1fe000\"", "\"0x3fe000\"", "levels[2].large_reserved");
}

/* SDM vol. 3A, figure 4-11: address bits 51..12; 9 bits a level. */
static void
x86_64_is_as_in_the_manual(void **state)
{
    static const unsigned shift[] = {39, 30, 21, 12};
    struct format f;

    (void)state;
    bare_format("x86-64", &f);
    assert_int_equal(f.levels, 4);
    assert_true(f.frame == 0x000ffffffffff000);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(f.level[i].shift, shift[i]);
        assert_int_equal(format_table_bytes(&f, i), 4096);
    }
    assert_int_equal(format_index(&f, 0, 0x123456789000), 0x24);
    assert_int_equal(format_index(&f, 3, 0x123456789000), 0x189);
}

static void
i386_and_toy16_are_ten_ten_twelve_and_four_twelve(void **state)
{
    struct format f;

    (void)state;
    bare_format("i386", &f);
    assert_int_equal(f.level[0].shift, 22);
    assert_int_equal(format_index(&f, 0, 0xffc00000), 1023);
    bare_format("toy16", &f);
    assert_int_equal(f.levels, 1);
    assert_int_equal(format_table_bytes(&f, 0), 32);
    assert_int_equal(format_extend(&f, 0x12345), 0x2345);
}

/* Bits above va_bits repeat the top bit, or do not exist. */
static void
addresses_are_sign_extended_where_the_format_says_so(void **state)
{
    struct format f;

    (void)state;
    bare_format("x86-64", &f);
    assert_true(format_extend(&f, 0x0000800000000000) == 0xffff800000000000);
    assert_true(format_extend(&f, 0xabcd7fffffffffff) == 0x00007fffffffffff);
    assert_true(format_is_canonical(&f, 0x00007fffffffffff));
    assert_false(format_is_canonical(&f, 0x0000800000000000));
    assert_true(format_is_canonical(&f, 0xffff800000000000));
    assert_false(format_is_canonical(&f, 0xffff7fffffffffff));
    bare_format("la57", &f);
    assert_true(format_is_canonical(&f, 0x00ffffffffffffff));
    assert_false(format_is_canonical(&f, 0x0100000000000000));
    assert_true(format_is_canonical(&f, 0xff00000000000000));
}

static void
a_large_entry_names_its_page(void **state)
{
    struct format f;

    (void)state;
    bare_format("i386", &f);
    assert_true(format_large_base(&f, 0, 0x00c00000 | 0xabu << 13 | 0x1e7) == 0xab00c00000);
    bare_format("x86-64", &f);
    assert_true(format_large_base(&f, 2, 0x80000000402001e7) == 0x40200000);
    assert_true(format_large_base(&f, 1, 0x00000000c00011e7) == 0xc0000000); /* bit 12 is PAT */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nonsense_is_refused_by_name),
        cmocka_unit_test(x86_64_is_as_in_the_manual),
        cmocka_unit_test(i386_and_toy16_are_ten_ten_twelve_and_four_twelve),
        cmocka_unit_test(addresses_are_sign_extended_where_the_format_says_so),
        cmocka_unit_test(a_large_entry_names_its_page),
    };

    return RUN_TESTS(tests);
}
