/* Themes and the backends that print a canvas. Contrast after WCAG 2.1, 1.4.3. */
#include "test.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "view/canvas.h"
#include "view/out_ansi.h"
#include "view/out_svg.h"
#include "view/out_text.h"

static double
luminance(uint32_t rgb)
{
    static const double weight[3] = {0.2126, 0.7152, 0.0722};
    double sum = 0;

    for (int i = 0; i < 3; i++) {
        double v = (rgb >> (16 - 8 * i) & 255) / 255.0;
        sum += weight[i] * (v <= 0.03928 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
    }
    return sum;
}

static double
contrast(uint32_t a, uint32_t b)
{
    double x = luminance(a), y = luminance(b);

    return x > y ? (x + 0.05) / (y + 0.05) : (y + 0.05) / (x + 0.05);
}

static void
every_role_is_readable(void **state)
{
    static const unsigned flags[] = {0, CELL_FOCUS, CELL_CHANGED, CELL_READ, CELL_LINKED};

    (void)state;
    assert_true(fabs(contrast(0, 0xffffff) - 21) < 0.01);
    for (int t = THEME_DARK; t <= THEME_LIGHT; t++) {
        enum theme theme = (enum theme)t;
        for (int role = 0; role < ROLE_COUNT; role++) {
            for (size_t f = 0; f < sizeof flags / sizeof flags[0]; f++) {
                struct style s = theme_style(theme, 256, (enum role)role, flags[f]);
                uint32_t fg = s.fg < 0 ? theme_foreground(theme) : theme_rgb(s.fg);
                uint32_t bg = s.bg < 0 ? theme_background(theme) : theme_rgb(s.bg);
                if (contrast(fg, bg) < (role == ROLE_BORDER ? 3.0 : 4.5)) /* 3:1 for what is no text to read */
                    fail_msg("%s, %s, flags %u: contrast %.2f", theme_name(theme),
                             role_name((enum role)role), flags[f], contrast(fg, bg));
            }
        }
    }
}

static void
poor_terminals_get_colours_they_have(void **state)
{
    static const int depths[] = {16, 8};

    (void)state;
    for (int t = 0; t < THEME_COUNT; t++) {
        for (int role = 0; role < ROLE_COUNT; role++) {
            for (int d = 0; d < 2; d++) {
                struct style s = theme_style((enum theme)t, depths[d], (enum role)role, 0);
                assert_true(s.fg < depths[d] && s.bg < depths[d]);
                assert_true(s.fg < 0 || s.fg != s.bg);
            }
            struct style none = theme_style((enum theme)t, 0, (enum role)role, 0);
            assert_true(none.fg == -1 && none.bg == -1);
        }
    }
}

static bool
differ(struct style a, struct style b)
{
    return a.fg != b.fg || a.bg != b.bg || a.attributes != b.attributes;
}

/* Without colours: what an event did is still seen, and so are the cursor, faults, wrong answers
 * and stale entries. */
static void
mono_tells_states_apart(void **state)
{
    static const enum role loud[] = {ROLE_FAULT,      ROLE_WRONG,   ROLE_STALE,
                                     ROLE_CURSOR,     ROLE_CHANGED, ROLE_READ,
                                     ROLE_PAGE_TABLE, ROLE_FREE,    ROLE_BORDER_FOCUS};
    static const unsigned flags[] = {CELL_FOCUS, CELL_CHANGED, CELL_READ, CELL_LINKED};
    struct style plain = theme_style(THEME_MONO, 256, ROLE_TEXT, 0);

    (void)state;
    for (size_t i = 0; i < sizeof loud / sizeof loud[0]; i++)
        assert_true(differ(theme_style(THEME_MONO, 256, loud[i], 0), plain));
    for (int i = 0; i < 4; i++) {
        struct style a = theme_style(THEME_MONO, 256, ROLE_TEXT, flags[i]);
        assert_true(differ(a, plain));
        for (int j = 0; j < i; j++)
            assert_true(differ(a, theme_style(THEME_MONO, 256, ROLE_TEXT, flags[j])));
    }
}

static void
frames_get_one_colour_each(void **state)
{
    (void)state;
    for (uint64_t pfn = 0; pfn < 64; pfn++) {
        assert_in_range(theme_frame_role(pfn), ROLE_FRAME1, ROLE_FRAME8);
        assert_int_not_equal(theme_frame_role(pfn), theme_frame_role(pfn + 1));
    }
    assert_int_equal(theme_index_role(0), ROLE_INDEX0);
    assert_int_equal(theme_index_role(4), ROLE_INDEX4);
}

static void
themes_have_names(void **state)
{
    struct error err = {0};
    enum theme theme = THEME_DARK;

    (void)state;
    assert_true(theme_by_name("light", &theme, &err));
    assert_int_equal(theme, THEME_LIGHT);
    assert_false(theme_by_name("drak", &theme, &err));
    assert_non_null(strstr(err.text, "did you mean \"dark\""));
    assert_string_equal(role_name(ROLE_TLB_MISS), "tlb_miss");
    assert_int_equal(theme_rgb(16), 0x000000); /* corners of the cube, ends of the grey ramp */
    assert_int_equal(theme_rgb(231), 0xffffff);
    assert_int_equal(theme_rgb(196), 0xff0000);
    assert_int_equal(theme_rgb(232), 0x080808);
    assert_int_equal(theme_rgb(255), 0xeeeeee);
}

static struct canvas *
sample(void)
{
    struct canvas *c = canvas_create(24, 4, GLYPHS_UNICODE);

    canvas_box(c, rect_of(0, 0, 24, 4), "页表 <&>", ROLE_BORDER);
    canvas_put(c, 1, 1, "PML4[254] ▸ f7", ROLE_FRAME8, 0);
    canvas_put(c, 1, 2, "W=0", ROLE_TEXT, CELL_CHANGED);
    canvas_put(c, 5, 2, "“页” e\xcc\x81 😀 a && b", ROLE_TITLE, 0);
    return c;
}

static void
plain_text_is_rows(void **state)
{
    struct canvas *c = sample();
    struct buffer b = {0};

    (void)state;
    out_text(c, &b);
    assert_string_equal(b.data, "┌ 页表 <&> ────────────┐\n"
                                "│PML4[254] ▸ f7        │\n"
                                "│W=0 “页” e\xcc\x81 😀 a && b  │\n"
                                "└──────────────────────┘\n");
    buffer_free(&b);
    canvas_destroy(c);
}

static void
ansi_is_text_with_styles_only(void **state)
{
    struct canvas *c = sample();
    struct buffer ansi = {0}, text = {0}, stripped = {0};

    (void)state;
    out_text(c, &text);
    out_ansi(c, THEME_DARK, 256, &ansi);
    for (size_t i = 0; i < ansi.length; i++) {
        if (ansi.data[i] != '\033') {
            buffer_putc(&stripped, ansi.data[i]);
            continue;
        }
        assert_int_equal(ansi.data[++i], '[');
        i += 1 + strspn(ansi.data + i + 1, "0123456789;");
        assert_int_equal(ansi.data[i], 'm');
    }
    assert_string_equal(stripped.data, text.data);
    assert_non_null(strstr(ansi.data, "\033[0;1;38;5;16;48;5;221mW=0\033[0m")); /* CHANGED */
    for (char *row = strtok(ansi.data, "\n"); row; row = strtok(NULL, "\n"))
        assert_string_equal(row + strlen(row) - 4, "\033[0m");
    buffer_free(&ansi);
    out_ansi(c, THEME_DARK, 8, &ansi);
    assert_null(strstr(ansi.data, "38;5"));
    buffer_free(&ansi);
    buffer_free(&text);
    buffer_free(&stripped);
    canvas_destroy(c);
}

/* Elements nest and close, and no text holds a raw & or <: enough of XML for what we write. */
static void
assert_well_formed(const char *xml)
{
    const char *open[16];
    int depth = 0;

    for (const char *p = strchr(xml, '\n'); *p; p++) {
        if (*p == '&')
            assert_true(!strncmp(p, "&amp;", 5) || !strncmp(p, "&lt;", 4) ||
                        !strncmp(p, "&gt;", 4));
        if (*p != '<')
            continue;
        size_t name = strcspn(p + 1 + (p[1] == '/'), " />");
        const char *end = strchr(p, '>');
        assert_non_null(end);
        assert_null(memchr(p + 1, '<', (size_t)(end - p - 1)));
        if (p[1] == '/') {
            assert_true(depth > 0 && !strncmp(open[--depth], p + 2, name));
        } else if (end[-1] != '/') {
            assert_true(depth < 16);
            open[depth++] = p + 1;
        }
        p = end;
    }
    assert_int_equal(depth, 0);
}

static void
svg_is_a_picture_without_drift(void **state)
{
    struct canvas *c = sample();
    struct buffer b = {0};

    (void)state;
    out_svg(c, THEME_DARK, "show & \033tell", &b);
    assert_true(text_valid(b.data, b.length, NULL));
    assert_null(strchr(b.data, '\033'));
    assert_well_formed(b.data);
    assert_non_null(strstr(b.data, "<title>show &amp; \xef\xbf\xbdtell</title>"));
    assert_non_null(strstr(b.data, "width=\"208\" height=\"84\"")); /* 24 x 8 + 16, 4 x 17 + 16 */
    assert_non_null(strstr(b.data, "<text x=\"24\" y=\"21\" fill=\"#ffffff\" "
                                   "font-weight=\"bold\">页<tspan x=\"40\">表</tspan><"));
    assert_non_null(
        strstr(b.data, "x=\"16\" y=\"38\" fill=\"#ffafd7\" textLength=\"72\">PML4[254]<"));
    assert_non_null(
        strstr(b.data, "<rect x=\"16\" y=\"42\" width=\"24\" height=\"17\" fill=\"#ffd75f\"/>"));
    assert_non_null(strstr(b.data, "<text x=\"104\" y=\"55\" fill=\"#ffffff\" "
                                   "font-weight=\"bold\">😀<")); /* 8 + 12 x 8, 8 + 2 x 17 + 13 */
    assert_null(strstr(b.data, "┌"));                           /* borders are strokes */
    assert_null(strstr(b.data, "href"));
    buffer_free(&b);
    canvas_destroy(c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_role_is_readable),
        cmocka_unit_test(poor_terminals_get_colours_they_have),
        cmocka_unit_test(mono_tells_states_apart),
        cmocka_unit_test(frames_get_one_colour_each),
        cmocka_unit_test(themes_have_names),
        cmocka_unit_test(plain_text_is_rows),
        cmocka_unit_test(ansi_is_text_with_styles_only),
        cmocka_unit_test(svg_is_a_picture_without_drift),
    };

    return RUN_TESTS(tests);
}
