#include "test.h"

#include <string.h>

#include "base/rng.h"
#include "base/text.h"
#include "view/canvas.h"
#include "view/out_text.h"

static void
expect_row(const struct canvas *c, int y, const char *expected)
{
    struct buffer b = {0};

    canvas_row_text(c, y, &b);
    assert_string_equal(buffer_text(&b), expected);
    buffer_free(&b);
}

static void
expect_all(const struct canvas *c, const char *expected)
{
    struct buffer b = {0};

    out_text(c, &b);
    assert_string_equal(buffer_text(&b), expected);
    buffer_free(&b);
}

/* The invariant of canvas.h, plus: every row of the text is as wide as it should be. */
static void
assert_whole(const struct canvas *c)
{
    for (int y = 0; y < c->h; y++) {
        for (int x = 0; x < c->w; x++) {
            const struct cell *cell = canvas_cell(c, x, y), *next = canvas_cell(c, x + 1, y);
            if (cell->width == 2)
                assert_true(next && next->width == 0);
            if (cell->width == 0)
                assert_true(x > 0 && canvas_cell(c, x - 1, y)->width == 2);
            if (cell->width)
                assert_int_equal(text_cell_width(cell->cp), cell->width);
            assert_true(cell->width == 0 || text_is_safe(cell->cp));
        }
    }
}

static void
text_lands_in_cells(void **state)
{
    struct canvas *c = canvas_create(12, 2, GLYPHS_UNICODE);

    (void)state;
    assert_int_equal(canvas_put(c, 1, 0, "页表x", ROLE_TITLE, CELL_BOLD), 5);
    expect_row(c, 0, " 页表x");
    assert_int_equal(canvas_cell(c, 1, 0)->width, 2);
    assert_int_equal(canvas_cell(c, 2, 0)->width, 0);
    assert_int_equal(canvas_cell(c, 5, 0)->cp, 'x');
    assert_int_equal(canvas_cell(c, 3, 0)->role, ROLE_TITLE);
    assert_int_equal(canvas_cell(c, 3, 0)->flags, CELL_BOLD);
    assert_int_equal(canvas_putf(c, 0, 1, ROLE_TEXT, 0, "f%x|%s", 18, "e\xcc\x81\xcc\xa7\xcc\x82z"),
                     6);
    expect_row(c, 1, "f12|e\xcc\x81\xcc\xa7z"); /* the third mark has no room */
    assert_null(canvas_cell(c, 12, 0));
    assert_null(canvas_cell(c, 0, -1));
    assert_whole(c);
    canvas_destroy(c);
}

static void
overwritten_halves_become_blanks(void **state)
{
    static const struct {
        int x;
        const char *over, *row;
    } cases[] = {
        {0, "x", "x 表|"},  /* left half of the first */
        {1, "x", " x表|"},  /* right half of the first */
        {1, "xy", " xy |"}, /* right half of one, left half of the next */
        {1, "中", " 中 |"}, {0, "中", "中表|"}, {3, "x", "页 x|"}, {3, "中", "页 中"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct canvas *c = canvas_create(6, 1, GLYPHS_UNICODE);
        canvas_put(c, 0, 0, "页表|", ROLE_TEXT, 0);
        canvas_put(c, cases[i].x, 0, cases[i].over, ROLE_TEXT, 0);
        expect_row(c, 0, cases[i].row);
        assert_whole(c);
        canvas_destroy(c);
    }
}

static void
edges_and_clips_cut_wide_characters(void **state)
{
    struct canvas *c = canvas_create(7, 3, GLYPHS_UNICODE);

    (void)state;
    canvas_put(c, 0, 0, ".......", ROLE_TEXT, 0);
    canvas_put(c, 4, 0, "页表", ROLE_TEXT, 0);
    expect_row(c, 0, "....页"); /* half of the last would stick out */
    canvas_put(c, -1, 1, "页表x", ROLE_TEXT, 0);
    expect_row(c, 1, " 表x");
    canvas_put(c, 0, 2, "abcdefg", ROLE_TEXT, 0);
    canvas_clip_push(c, rect_of(2, 0, 3, 3));
    assert_int_equal(canvas_put(c, 1, 2, "页表页", ROLE_TEXT, 0), 6);
    expect_row(c, 2, "ab 表fg");
    canvas_clip_push(c, rect_of(0, 0, 4, 9)); /* nested: only columns 2 and 3 remain */
    canvas_put(c, 0, 2, "ABCDEFG", ROLE_TEXT, 0);
    expect_row(c, 2, "abCD fg");
    canvas_put(c, 0, 7, "outside", ROLE_TEXT, 0);
    canvas_put(c, 0, -1, "outside", ROLE_TEXT, 0);
    canvas_clip_pop(c);
    canvas_clip_pop(c);
    canvas_put(c, 0, 2, "z", ROLE_TEXT, 0);
    expect_row(c, 2, "zbCD fg");
    assert_whole(c);
    canvas_destroy(c);
}

static void
nothing_unsafe_gets_into_a_cell(void **state)
{
    struct canvas *c = canvas_create(20, 1, GLYPHS_UNICODE);

    (void)state;
    assert_int_equal(canvas_put(c, 0, 0, "a\033[m\n\t\xe2\x80\xae\xff\xc2\x9b", ROLE_TEXT, 0), 9);
    expect_row(c, 0, "a\xef\xbf\xbd[m\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    assert_whole(c);
    canvas_destroy(c);
}

static void
boxes_join_where_they_meet(void **state)
{
    struct canvas *c = canvas_create(11, 5, GLYPHS_UNICODE);

    (void)state;
    canvas_box(c, rect_of(0, 0, 6, 5), NULL, ROLE_BORDER);
    canvas_box(c, rect_of(5, 0, 6, 3), NULL, ROLE_BORDER);
    canvas_box(c, rect_of(5, 2, 6, 3), NULL, ROLE_BORDER);
    canvas_hline(c, 0, 2, 6, ROLE_BORDER);
    expect_all(c, "┌────┬────┐\n"
                  "│    │    │\n"
                  "├────┼────┤\n"
                  "│    │    │\n"
                  "└────┴────┘\n");
    canvas_put(c, 5, 2, "*", ROLE_TEXT, 0); /* text ends the line: nothing joins it any more */
    canvas_vline(c, 5, 2, 2, ROLE_BORDER);
    expect_row(c, 2, "├────│────┤");
    assert_whole(c);
    canvas_destroy(c);

    c = canvas_create(11, 3, GLYPHS_ASCII);
    canvas_box(c, rect_of(0, 0, 6, 3), NULL, ROLE_BORDER);
    canvas_box(c, rect_of(5, 0, 6, 3), NULL, ROLE_BORDER);
    expect_all(c, "+----+----+\n|    |    |\n+----+----+\n");
    canvas_destroy(c);
}

static void
focus_wins_and_titles_fit(void **state)
{
    struct canvas *c = canvas_create(16, 3, GLYPHS_UNICODE);

    (void)state;
    canvas_box(c, rect_of(0, 0, 8, 3), "TLB", ROLE_BORDER_FOCUS);
    canvas_box(c, rect_of(7, 0, 9, 3), "页表的项目", ROLE_BORDER);
    expect_row(c, 0, "┌ TLB ─┬ 页表 ─┐");
    assert_int_equal(canvas_cell(c, 7, 1)->role, ROLE_BORDER_FOCUS);
    assert_int_equal(canvas_cell(c, 15, 1)->role, ROLE_BORDER);
    assert_int_equal(canvas_cell(c, 10, 0)->role, ROLE_TITLE);
    canvas_box(c, rect_of(0, 0, 1, 3), "x", ROLE_BORDER); /* too small: nothing */
    assert_int_equal(canvas_cell(c, 0, 1)->role, ROLE_BORDER_FOCUS);
    canvas_destroy(c);
}

static void
fitted_and_wrapped_text(void **state)
{
    struct canvas *c = canvas_create(10, 4, GLYPHS_UNICODE);

    (void)state;
    canvas_put(c, 0, 0, "##########", ROLE_TEXT, 0);
    canvas_put_fit(c, 1, 0, 6, "ab", ROLE_TEXT, 0);
    expect_row(c, 0, "#ab    ###");
    canvas_put_fit(c, 1, 0, 6, "abcdefg", ROLE_TEXT, 0);
    expect_row(c, 0, "#abcde…###");
    canvas_put_fit(c, 1, 0, 6, "页表项目", ROLE_TEXT, 0);
    expect_row(c, 0, "#页表… ###");
    canvas_put_fit(c, 1, 0, 6, "abcdef", ROLE_TEXT, 0);
    expect_row(c, 0, "#abcdef###");
    assert_int_equal(
        canvas_put_wrapped(c, rect_of(1, 1, 4, 2), 1, "one two three four", ROLE_TEXT, 0), 5);
    expect_row(c, 1, " two");
    expect_row(c, 2, " thre");
    expect_row(c, 3, "");
    canvas_destroy(c);
}

static void
ascii_mode_has_no_other_byte(void **state)
{
    struct canvas *c = canvas_create(40, 8, GLYPHS_ASCII);
    struct buffer b = {0};

    (void)state;
    canvas_box(c, rect_of(0, 0, 40, 8), "Story 故事", ROLE_BORDER);
    canvas_put(c, 2, 1, "页表 → é — “x” ▸ 。\xcc\x81 😀", ROLE_TEXT, 0);
    canvas_put_fit(c, 2, 2, 5, "too long", ROLE_TEXT, 0);
    for (int g = 0; g < GLYPH_COUNT; g++)
        assert_int_equal(canvas_put_glyph(c, 2 + g, 3, (enum glyph)g, ROLE_TEXT, 0), 1);
    out_text(c, &b);
    for (size_t i = 0; i < b.length; i++)
        assert_in_range((unsigned char)b.data[i], '\n', 0x7e);
    expect_row(c, 1, "| ???? > ? - \"x\" > .  ??               |");
    assert_whole(c);
    buffer_free(&b);
    canvas_destroy(c);
}

static void
every_glyph_takes_one_cell(void **state)
{
    (void)state;
    for (int g = 0; g < GLYPH_COUNT; g++) {
        assert_int_equal(text_width(glyph_text(GLYPHS_UNICODE, (enum glyph)g)), 1);
        assert_int_equal(strlen(glyph_text(GLYPHS_ASCII, (enum glyph)g)), 1);
    }
}

static void
fills_and_flags_stay_inside(void **state)
{
    struct canvas *c = canvas_create(8, 2, GLYPHS_UNICODE);

    (void)state;
    c->owner = 7;
    canvas_put(c, 0, 0, "页页页页", ROLE_TEXT, 0);
    canvas_fill(c, rect_of(1, 0, 4, 9), ROLE_STATUS, 0);
    expect_row(c, 0, "      页");
    canvas_flag(c, rect_of(6, 0, 100, 1), CELL_CHANGED);
    canvas_restyle(c, rect_of(-5, 0, 6, 1), ROLE_FAULT);
    assert_int_equal(canvas_cell(c, 6, 0)->flags, CELL_CHANGED);
    assert_int_equal(canvas_cell(c, 5, 0)->flags, 0);
    assert_int_equal(canvas_cell(c, 0, 0)->role, ROLE_FAULT);
    assert_int_equal(canvas_cell(c, 1, 0)->role, ROLE_STATUS);
    assert_int_equal(canvas_cell(c, 1, 0)->owner, 7);
    assert_whole(c);
    canvas_destroy(c);
}

static void
sizes_are_clamped_and_resizing_empties(void **state)
{
    struct canvas *c = canvas_create(0, -3, GLYPHS_UNICODE);

    (void)state;
    assert_int_equal(c->w, 1);
    assert_int_equal(c->h, 1);
    canvas_put(c, 0, 0, "页", ROLE_TEXT, 0);
    expect_row(c, 0, "");
    canvas_resize(c, 100000, 100000);
    assert_int_equal(c->w, CANVAS_WIDTH_MAX);
    assert_int_equal(c->h, CANVAS_HEIGHT_MAX);
    canvas_put(c, 498, 199, "页", ROLE_TEXT, 0);
    assert_int_equal(canvas_cell(c, 498, 199)->cp, 0x9875);
    canvas_clip_push(c, rect_of(0, 0, 1, 1));
    canvas_resize(c, 3, 2);
    assert_int_equal(c->clip_count, 0);
    expect_all(c, "\n\n");
    canvas_put(c, 0, 1, "abc", ROLE_TEXT, 0);
    expect_all(c, "\nabc\n");
    canvas_destroy(c);
}

/* Random drawing, random sizes: no cell is ever half a character, and nothing is written outside
 * (the sanitizer sees that). */
static void
random_drawing_keeps_characters_whole(void **state)
{
    static const char *const texts[] = {
        "页表", "x",        "中x中",   "e\xcc\x81", "\033[2J", "─┼", "long text of words",
        "😀",    "\xff\xfe", "\xcc\x81"};
    struct rng r;

    (void)state;
    rng_seed(&r, 11);
    for (int round = 0; round < 300; round++) {
        struct canvas *c = canvas_create((int)rng_between(&r, 1, 40), (int)rng_between(&r, 1, 12),
                                         (enum glyph_set)rng_below(&r, 2));
        for (int i = 0; i < 60; i++) {
            int x = (int)rng_below(&r, 60) - 10, y = (int)rng_below(&r, 20) - 4;
            int w = (int)rng_below(&r, 30) - 2, h = (int)rng_below(&r, 12) - 2;
            const char *text = texts[rng_below(&r, sizeof texts / sizeof texts[0])];
            switch (rng_below(&r, 8)) {
            case 0:
                canvas_box(c, (struct rect){x, y, w, h}, text, ROLE_BORDER);
                break;
            case 1:
                canvas_fill(c, rect_of(x, y, w, h), ROLE_TEXT, 0);
                break;
            case 2:
                canvas_put_wrapped(c, (struct rect){x, y, w, h}, (int)rng_below(&r, 3), text,
                                   ROLE_TEXT, 0);
                break;
            case 3:
                canvas_put_fit(c, x, y, w, text, ROLE_TEXT, 0);
                break;
            case 4:
                if (c->clip_count < 3)
                    canvas_clip_push(c, rect_of(x, y, w, h));
                else
                    canvas_clip_pop(c);
                break;
            default:
                canvas_put(c, x, y, text, ROLE_TEXT, 0);
            }
            assert_whole(c);
        }
        canvas_destroy(c);
    }
}

/* 200 x 60, twelve panes of mixed text, one frame over the other. */
static void
a_dense_frame_is_whole(void **state)
{
    struct canvas *c = canvas_create(200, 60, GLYPHS_UNICODE);

    (void)state;
    for (int frame = 0; frame < 10; frame++) {
        canvas_clear(c);
        for (int pane = 0; pane < 12; pane++) {
            struct rect r = rect_of(pane % 4 * 50, pane / 4 * 20, 50, 20);
            canvas_box(c, r, "Page tables 页表", ROLE_BORDER);
            for (int y = 1; y < 19; y++)
                canvas_putf(c, r.x + 1, r.y + y, ROLE_ADDRESS, 0,
                            "└[%d] P W U A  ▸ f%x  0x%016x 页表的一项 ab", y + frame, y * 7, y * 4096);
        }
        assert_whole(c);
    }
    canvas_destroy(c);
}

/* A click means what was drawn last; what is drawn without a meaning has none; a wide letter means the same on both halves. */
static void
targets_are_drawn_over(void **state)
{
    struct canvas *c = canvas_create(10, 2, GLYPHS_UNICODE);

    (void)state;
    canvas_target(c, TARGET_ITEM, 7, 8);
    canvas_put(c, 0, 0, "页表abc", ROLE_TEXT, 0);
    canvas_target(c, TARGET_NONE, 0, 0);
    canvas_put(c, 5, 0, "x", ROLE_TEXT, 0);
    for (int x = 0; x < 7; x++)
        assert_int_equal(canvas_target_at(c, x, 0).kind, x == 5 ? TARGET_NONE : TARGET_ITEM);
    assert_int_equal(canvas_target_at(c, 3, 0).a, 7);
    assert_int_equal(canvas_target_at(c, 3, 0).b, 8);
    assert_int_equal(canvas_target_at(c, 7, 0).kind, TARGET_NONE);
    assert_int_equal(canvas_target_at(c, -1, 0).kind, TARGET_NONE);
    assert_int_equal(canvas_target_at(c, 0, 2).kind, TARGET_NONE);
    canvas_target(c, TARGET_KEY, 1, 0);
    canvas_target_fill(c, rect_of(8, 0, 100, 100)); /* cut to the canvas; letters stay */
    assert_int_equal(canvas_target_at(c, 9, 1).kind, TARGET_KEY);
    canvas_clear(c);
    assert_int_equal(canvas_target_at(c, 9, 1).kind, TARGET_NONE);
    assert_int_equal(canvas_cell(c, 0, 0)->target, 0);
    canvas_destroy(c);
}

/* More meanings than cells: those that come too late mean nothing, and nothing breaks. */
static void
targets_end_with_the_cells(void **state)
{
    struct canvas *c = canvas_create(3, 1, GLYPHS_UNICODE);

    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        canvas_target(c, TARGET_ROW, i, 0);
        canvas_put(c, 0, 0, "a", ROLE_TEXT, 0);
        assert_int_equal(canvas_target_at(c, 0, 0).kind, i < 3 ? TARGET_ROW : TARGET_NONE);
    }
    canvas_resize(c, CANVAS_WIDTH_MAX, CANVAS_HEIGHT_MAX);
    for (unsigned i = 0; i < 100000; i++)
        canvas_target(c, TARGET_ROW, i, 0);
    assert_true(c->target_count <= UINT16_MAX);
    canvas_destroy(c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_lands_in_cells),
        cmocka_unit_test(overwritten_halves_become_blanks),
        cmocka_unit_test(edges_and_clips_cut_wide_characters),
        cmocka_unit_test(nothing_unsafe_gets_into_a_cell),
        cmocka_unit_test(boxes_join_where_they_meet),
        cmocka_unit_test(focus_wins_and_titles_fit),
        cmocka_unit_test(fitted_and_wrapped_text),
        cmocka_unit_test(ascii_mode_has_no_other_byte),
        cmocka_unit_test(every_glyph_takes_one_cell),
        cmocka_unit_test(fills_and_flags_stay_inside),
        cmocka_unit_test(sizes_are_clamped_and_resizing_empties),
        cmocka_unit_test(random_drawing_keeps_characters_whole),
        cmocka_unit_test(a_dense_frame_is_whole),
        cmocka_unit_test(targets_are_drawn_over),
        cmocka_unit_test(targets_end_with_the_cells),
    };

    return RUN_TESTS(tests);
}
