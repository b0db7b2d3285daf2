/* Mouse reports, as xterm's control sequences define them (modes 1000, 1002 and 1006). */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "app/keys.h"

/* Everything behind ESC [ <; the number of characters that were not the report's, or -1: it never ended. */
static int
feed(const char *text, bool old, struct key *out)
{
    struct mouse_report r = {.open = true, .old = old};

    *out = (struct key){.x = -7};
    for (const char *at = text; *at; at++) {
        enum report_part part = report_take(&r, (uint32_t)(unsigned char)*at, out);
        assert_true(r.length < sizeof r.text);
        if (part == REPORT_BROKEN)
            return (int)strlen(at);
        if (part == REPORT_DONE || !r.open)
            return (int)strlen(at + 1);
    }
    return -1;
}

static void
expect(const char *text, enum mouse_button button, int x, int y)
{
    struct key k;

    assert_int_equal(feed(text, false, &k), 0);
    assert_int_equal(k.button, button);
    assert_int_equal(k.x, x);
    assert_int_equal(k.y, y);
    assert_string_equal(k.name, "Mouse");
}

static void
reports_name_button_and_place(void **state)
{
    (void)state;
    expect("0;1;1M", MOUSE_LEFT, 0, 0);
    expect("0;300;100M", MOUSE_LEFT, 299, 99);
    expect("0;12;5m", MOUSE_RELEASE, 11, 4);
    expect("32;12;5M", MOUSE_DRAG, 11, 4);
    expect("64;12;5M", MOUSE_WHEEL_UP, 11, 4);
    expect("65;12;5M", MOUSE_WHEEL_DOWN, 11, 4);
    expect("16;12;5M", MOUSE_LEFT, 11, 4); /* with Ctrl held */
}

static void
what_is_no_click_of_ours_ends_quietly(void **state)
{
    static const char *const text[] = {"1;2;3M",   "2;2;3M",   "34;2;3M",   "66;2;3M", "64;2;3m",
                                       "0;0;3M",   "0;2;0M",   ";;M",       "M",       "0;2M",
                                       "0;2;3;4M", "999;2;3M", "0;99999;1M"};
    struct key k;

    (void)state;
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        struct mouse_report r = {.open = true};
        for (const char *at = text[i]; *at; at++)
            assert_int_equal(report_take(&r, (uint32_t)*at, &k), REPORT_GOES_ON);
        assert_false(r.open);
    }
}

/* Nobody's key is swallowed by a report that breaks off. */
static void
a_broken_report_gives_the_key_back(void **state)
{
    struct key k;

    (void)state;
    assert_int_equal(feed("0;1q", false, &k), 1);
    assert_int_equal(feed("q", false, &k), 1);
    assert_int_equal(feed("0;1;1;1;1;1;1;1;1;1;1;1;1;1q", false, &k), 1); /* longer than any */
    assert_int_equal(feed("0;1", false, &k), -1);
}

static void
the_three_bytes_of_old_terminals(void **state)
{
    struct key k;

    (void)state;
    assert_int_equal(feed(" ,%", true, &k), 0);
    assert_int_equal(k.button, MOUSE_LEFT);
    assert_int_equal(k.x, 11);
    assert_int_equal(k.y, 4);
    assert_int_equal(feed("#,%", true, &k), 0);
    assert_int_equal(k.button, MOUSE_RELEASE);
    assert_int_equal(feed("`,%", true, &k), 0);
    assert_int_equal(k.button, MOUSE_WHEEL_UP);
    assert_int_equal(feed("\x7f", true, &k), 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_name_button_and_place),
        cmocka_unit_test(what_is_no_click_of_ours_ends_quietly),
        cmocka_unit_test(a_broken_report_gives_the_key_back),
        cmocka_unit_test(the_three_bytes_of_old_terminals),
    };

    return RUN_TESTS(tests);
}
