/* Decimal on the screen: the same numbers, nothing cut, nothing that could be read as hex, and JSON as ever. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/actions.h"
#include "base/json.h"
#include "base/number.h"
#include "machine/narrate.h"
#include "view/panes.h"

static struct session *
open_machine(const char *name)
{
    static struct session s;
    struct preset preset;
    struct error e = {0};

    assert_true(preset_load(name, &preset, &e));
    assert_true(session_open_machine(&s, &preset, 1, &e));
    return &s;
}

static struct session *
open_play(void)
{
    struct session *s = open_machine("x86-64");

    assert_true(session_command(s, "read 0x404000"));
    assert_true(session_command(s, "write 0x7fffffffeff8 0x1122334455667788 size=8"));
    return s;
}

static void
pane_text(struct session *s, enum pane_id pane, int w, struct buffer *out)
{
    struct canvas *c = canvas_create(w, 60, GLYPHS_ASCII);

    session_refresh(s);
    pane_row[pane].draw(&s->scene, c, rect_of(0, 0, w, 60));
    for (int y = 0; y < 60; y++) {
        canvas_row_text(c, y, out);
        buffer_putc(out, '\n');
    }
    canvas_destroy(c);
}

static void
styles_write_the_same_value(void **state)
{
    static const uint64_t values[] = {0, 9, 10, 4096, 0xffff800000000000u, UINT64_MAX};
    char text[NUMBER_TEXT];
    struct error e = {0};
    uint64_t back;

    (void)state;
    for (int style = 0; style < NUMBER_STYLES; style++)
        for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
            numbers_use((enum number_style)style);
            assert_true(number_parse(number_show(values[i], 16, text), &back, &e));
            assert_true(back == values[i]);
            assert_int_equal(strncmp(text, "0x", 2) == 0, style == NUMBERS_HEX);
        }
    assert_int_equal(numbers_use(NUMBERS_HEX), NUMBERS_DECIMAL);
}

/* No pane writes a hex number in decimal: no 0x, and where addresses stand, those of hand calculation. */
static void
expect_no_hex(struct session *s)
{
    assert_true(session_command(s, "numbers decimal"));
    for (int pane = PANE_NONE + 1; pane < PANES; pane++)
        for (int w = 44; w < 120; w += 25) {
            struct buffer text = {0};

            if (pane == PANE_TIMELINE)
                continue;
            pane_text(s, (enum pane_id)pane, w, &text);
            if (strstr(buffer_text(&text), "0x"))
                fail_msg("%s: %s", pane_row[pane].name, strstr(buffer_text(&text), "0x"));
            buffer_free(&text);
        }
}

static void
no_pane_writes_hex(void **state)
{
    struct session *s = open_play();

    (void)state;
    expect_no_hex(s);
    session_close(s);
}

/* Tags, and TLBT to CO: the machine with a data cache, at a hit. */
static void
nor_with_a_data_cache(void **state)
{
    struct session *s = open_machine("csapp");
    struct buffer text = {0};

    (void)state;
    assert_true(session_command(s, "read 0x3d4"));
    expect_no_hex(s);
    pane_text(s, PANE_ADDRESS, 60, &text); /* CS:APP, 9.6.4: VPN 0xf, TLBT 3, PPN 0xd, PA 0x354, CI 5 */
    assert_non_null(strstr(buffer_text(&text), "VPN 15 > PPN 13 * 64 + 20 = 852"));
    buffer_free(&text);
    session_close(s);
}

static void
addresses_are_whole_in_decimal(void **state)
{
    struct session *s = open_play();
    struct buffer text = {0};

    (void)state;
    session_command(s, "numbers decimal");
    pane_text(s, PANE_ADDRESS, 44, &text); /* 0x7fffffffeff8 */
    assert_non_null(strstr(buffer_text(&text), "write 140737488351224 "));
    buffer_truncate(&text, 0);
    pane_text(s, PANE_TLB, 44, &text); /* 0x7fffffffe000 and 0x404000 */
    assert_non_null(strstr(buffer_text(&text), " 140737488347136 "));
    assert_non_null(strstr(buffer_text(&text), " 4210688 "));
    buffer_truncate(&text, 0);
    pane_text(s, PANE_LAYOUT, 44, &text); /* the data area begins at 0x404000 and has two pages */
    assert_non_null(strstr(buffer_text(&text), " 4210688-~ rw-p 1/2"));
    buffer_truncate(&text, 0);
    pane_text(s, PANE_LAYOUT, 80, &text);
    assert_non_null(strstr(buffer_text(&text), " 4210688-4218880 "));
    buffer_truncate(&text, 0);
    pane_text(s, PANE_HEX, 80, &text);
    assert_non_null(strstr(buffer_text(&text), "bytes in hex"));
    assert_non_null(strstr(buffer_text(&text), "88 77 66 55 44 33 22 11"));
    buffer_free(&text);
    session_close(s);
}

/* f10 is frame 16: the label stays what it is everywhere, and its number is said where a frame is spoken of. */
static void
labels_stay_and_are_explained(void **state)
{
    struct session *s = open_play();
    struct buffer hex = {0}, decimal = {0};
    struct event ev = {.code = EV_FRAME_ZEROED, .frame = 0x10};

    (void)state;
    session_refresh(s);
    buffer_puts(&hex, sentence_text(&s->scene, &ev));
    session_command(s, "numbers decimal");
    buffer_puts(&decimal, sentence_text(&s->scene, &ev));
    assert_non_null(strstr(buffer_text(&hex), "Frame f10 is"));
    assert_non_null(strstr(buffer_text(&decimal), "Frame f10 (16) is"));
    buffer_free(&hex);
    buffer_free(&decimal);
    session_close(s);
}

static void
programs_see_no_difference(void **state)
{
    struct session *s = open_play();
    struct buffer before = {0}, after = {0};

    (void)state;
    for (int round = 0; round < 2; round++) {
        struct buffer *out = round ? &after : &before;

        session_command(s, round ? "numbers decimal" : "numbers hex");
        session_refresh(s);
        json_open(out, '{');
        for (int pane = PANE_NONE + 1; pane < PANES; pane++)
            pane_json(&s->scene, (enum pane_id)pane, out);
        json_close(out, '}');
        for (unsigned i = 0; i < s->scene.logged; i++)
            narrate_json(s->scene.now, i, 1, &s->scene.log[i].ev, out);
    }
    assert_string_equal(buffer_text(&before), buffer_text(&after));
    assert_int_equal(numbers_now(), NUMBERS_HEX); /* nothing is left on */
    buffer_free(&before);
    buffer_free(&after);
    session_close(s);
}

/* What a decimal screen shows can be typed. */
static void
a_shown_operation_can_be_typed_again(void **state)
{
    struct session *s = open_play();
    uint8_t blob[OPERATION_BLOB];
    struct operation again;
    struct error e = {0};

    (void)state;
    session_command(s, "numbers decimal");
    session_refresh(s);
    assert_string_equal(operation_text(&s->scene, s->scene.op),
                        "write 140737488351224 1234605616436508552 size=8");
    assert_true(operation_parse(operation_text(&s->scene, s->scene.op), &again, blob, &e));
    assert_int_equal(again.code, OP_WRITE);
    assert_true(session_command(s, "read 0o20040000"));
    session_refresh(s);
    assert_string_equal(operation_text(&s->scene, s->scene.op), "read 4210688");
    session_close(s);
}

/* At 80x24 the title says it. */
static void
the_screen_says_that_it_is_decimal(void **state)
{
    struct session *s = open_play();
    struct canvas *c = canvas_create(80, 24, GLYPHS_ASCII);
    struct buffer row = {0};

    (void)state;
    action_press(s, "#");
    session_refresh(s);
    screen_draw(&s->scene, c);
    canvas_row_text(c, 0, &row);
    assert_non_null(strstr(buffer_text(&row), "> decimal >"));
    action_press(s, "#");
    session_refresh(s);
    screen_draw(&s->scene, c);
    buffer_truncate(&row, 0);
    canvas_row_text(c, 0, &row);
    assert_null(strstr(buffer_text(&row), "decimal"));
    assert_false(session_command(s, "numbers octal"));
    buffer_free(&row);
    canvas_destroy(c);
    session_close(s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(styles_write_the_same_value),
        cmocka_unit_test(no_pane_writes_hex),
        cmocka_unit_test(nor_with_a_data_cache),
        cmocka_unit_test(addresses_are_whole_in_decimal),
        cmocka_unit_test(labels_stay_and_are_explained),
        cmocka_unit_test(programs_see_no_difference),
        cmocka_unit_test(a_shown_operation_can_be_typed_again),
        cmocka_unit_test(the_screen_says_that_it_is_decimal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
