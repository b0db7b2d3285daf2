/* Fault curves: points stand where arithmetic puts them, curves are told apart without colour, and
 * the anomaly of Belady's own string (1 2 3 4 1 2 5 1 2 3 4 5; CACM 12(6), 1969: FIFO faults 9 times
 * with 3 frames and 10 times with 4, LRU 10 and 8) is marked. */
#include "test.h"

#include <string.h>

#include "view/curve.h"

static const uint64_t fifo[] = {12, 12, 9, 10, 5}, lru[] = {12, 12, 10, 8, 5};

static const struct curve_series belady[] = {{"fifo", NULL, fifo, 5, false},
                                             {"lru", NULL, lru, 5, false}};

/* Cells that show this sign, and where the last one is. */
static int
find(const struct canvas *c, const char *sign, int *x, int *y)
{
    char text[16];
    int found = 0;

    for (int i = 0; i < c->w * c->h; i++)
        if (strcmp(canvas_cell_text(&c->cells[i], text), sign) == 0) {
            found++;
            *x = i % c->w;
            *y = i / c->w;
        }
    return found;
}

static bool
row_says(const struct canvas *c, int y, const char *text)
{
    struct buffer row = {0};
    bool says;

    canvas_row_text(c, y, &row);
    says = strstr(buffer_text(&row), text) != NULL;
    buffer_free(&row);
    return says;
}

/* 51 wide leaves 41 columns for 1..5 frames: ten columns a frame. 18 high, with two words below and
 * the axes, leave 13 rows for 0..12 faults: a row a fault. */
static void
points_stand_where_they_belong(void **state)
{
    struct canvas *c = canvas_create(51, 18, GLYPHS_ASCII);
    int x = 0, y = 0;

    (void)state;
    curve_draw(belady, 2, "frames", "faults", c, rect_of(0, 0, 51, 18));
    for (int i = 0; i < 5; i++) {
        const struct cell *f = canvas_cell(c, 8 + 10 * i, 1 + 12 - (int)fifo[i]);
        const struct cell *l = canvas_cell(c, 8 + 10 * i, 1 + 12 - (int)lru[i]);
        assert_int_equal(f->cp, fifo[i] == lru[i] ? '*' : 'o');
        assert_int_equal(l->cp, fifo[i] == lru[i] ? '*' : 'x');
    }
    /* The mark: above fifo's point at 4 frames, and before the words. */
    assert_int_equal(find(c, "!", &x, &y), 2);
    assert_int_equal(canvas_cell(c, 8 + 30, 1 + 12 - 10 - 1)->cp, '!');
    assert_true(row_says(c, 17, "! fifo: 3 frames, 9 faults; 4 frames, 10 faults"));
    assert_true(row_says(c, 0, "o fifo  x lru  * several"));
    canvas_destroy(c);
}

static void
dice_and_stacks_have_no_anomaly(void **state)
{
    struct curve_series dice = {"random", NULL, fifo, 5, true};
    struct canvas *c = canvas_create(80, 20, GLYPHS_UNICODE);
    int x, y;

    (void)state;
    curve_draw(&dice, 1, "frames", "faults", c, rect_of(0, 0, 80, 20));
    assert_int_equal(find(c, "!", &x, &y), 0);
    canvas_clear(c);
    curve_draw(&belady[1], 1, "frames", "faults", c, rect_of(0, 0, 80, 20));
    assert_int_equal(find(c, "!", &x, &y), 0);
    canvas_destroy(c);
}

static void
nothing_is_drawn_outside(void **state)
{
    uint64_t many[408];
    struct curve_series s[CURVE_SERIES_MAX];

    (void)state;
    for (int i = 0; i < 408; i++)
        many[i] = (uint64_t)1 << (i * 7 % 61);
    for (int k = 0; k < CURVE_SERIES_MAX; k++)
        s[k] = (struct curve_series){"a name that is rather long", NULL, many + k, 400, false};
    for (int w = 0; w < 70; w += 7)
        for (int h = 0; h < 24; h++) {
            struct canvas *c = canvas_create(80, 30, GLYPHS_ASCII);
            canvas_fill(c, rect_of(0, 0, 80, 30), ROLE_FREE, 0);
            curve_draw(s, CURVE_SERIES_MAX, "frames", "faults", c, rect_of(5, 3, w, h));
            for (int i = 0; i < 80 * 30; i++) {
                bool in = i % 80 >= 5 && i % 80 < 5 + w && i / 80 >= 3 && i / 80 < 3 + h;
                assert_true(in || (c->cells[i].cp == ' ' && c->cells[i].role == ROLE_FREE));
            }
            canvas_destroy(c);
        }
}

static void
odd_points_are_drawn_too(void **state)
{
    static const uint64_t zero[] = {0, 0, 0}, one[] = {7}, sizes[] = {5, 5000000, UINT64_MAX};
    static const uint64_t large[] = {UINT64_MAX, 1, 0};
    const struct curve_series odd[] = {{"zero", NULL, zero, 3, false},
                                       {"one", NULL, one, 1, false},
                                       {"none", NULL, one, 0, false},
                                       {"large", sizes, large, 3, false}};
    struct canvas *c = canvas_create(80, 20, GLYPHS_ASCII);
    int x, y;

    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        canvas_clear(c);
        curve_draw(&odd[i], 1, "frames", "faults", c, rect_of(0, 0, 80, 20));
        assert_int_equal(find(c, "o", &x, &y) > 0, odd[i].n > 0);
    }
    canvas_destroy(c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_stand_where_they_belong),
        cmocka_unit_test(dice_and_stacks_have_no_anomaly),
        cmocka_unit_test(nothing_is_drawn_outside),
        cmocka_unit_test(odd_points_are_drawn_too),
    };

    return RUN_TESTS(tests);
}
