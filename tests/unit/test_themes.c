/* The themes that promise something: high-contrast (WCAG 2.1, 1.4.6: 7:1) and colour-blind. What protanopes, deuteranopes and tritanopes see is
 * simulated after Machado, Oliveira and Fernandes (IEEE TVCG 15, 2009; severity 1.0), and distances are CIE76 in CIELAB under D65.
 */
#include "test.h"

#include <math.h>

#include "view/canvas.h"

/* A just noticeable difference is about 2.3; colours that lie ten times further apart are never taken for each other. */
static const double APART = 20;

struct colour {
    double c[3];
};

static const double vision[][3][3] = {
    {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
    {{0.152286, 1.052583, -0.204868},
     {0.114503, 0.786281, 0.099216},
     {-0.003882, -0.048116, 1.051998}},
    {{0.367322, 0.860646, -0.227968},
     {0.280085, 0.672501, 0.047413},
     {-0.011820, 0.042940, 0.968881}},
    {{1.255528, -0.076749, -0.178779},
     {-0.078411, 0.930809, 0.147602},
     {0.004733, 0.691367, 0.303900}},
};
static const char *const vision_name[] = {"any", "a protanope's", "a deuteranope's",
                                          "a tritanope's"};

enum { VISIONS = sizeof vision / sizeof *vision };

static struct colour
times(const double m[3][3], struct colour v)
{
    struct colour out;

    for (int i = 0; i < 3; i++)
        out.c[i] = m[i][0] * v.c[0] + m[i][1] * v.c[1] + m[i][2] * v.c[2];
    return out;
}

/* IEC 61966-2-1. */
static struct colour
linear(uint32_t rgb)
{
    struct colour out;

    for (int i = 0; i < 3; i++) {
        double v = (rgb >> (16 - 8 * i) & 255) / 255.0;
        out.c[i] = v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
    }
    return out;
}

static struct colour
lab(struct colour rgb)
{
    static const double xyz[3][3] = {{0.4124564, 0.3575761, 0.1804375},
                                     {0.2126729, 0.7151522, 0.0721750},
                                     {0.0193339, 0.1191920, 0.9503041}};
    static const double white[3] = {0.95047, 1, 1.08883};
    struct colour t;

    for (int i = 0; i < 3; i++)
        rgb.c[i] = fmin(1, fmax(0, rgb.c[i]));
    t = times(xyz, rgb);
    for (int i = 0; i < 3; i++) {
        double v = t.c[i] / white[i];
        t.c[i] = v > 216.0 / 24389 ? cbrt(v) : (24389.0 / 27 * v + 16) / 116;
    }
    return (struct colour){{116 * t.c[1] - 16, 500 * (t.c[0] - t.c[1]), 200 * (t.c[1] - t.c[2])}};
}

static double
distance(uint32_t a, uint32_t b, int eyes)
{
    struct colour x = lab(times(vision[eyes], linear(a))), y = lab(times(vision[eyes], linear(b)));

    return sqrt(pow(x.c[0] - y.c[0], 2) + pow(x.c[1] - y.c[1], 2) + pow(x.c[2] - y.c[2], 2));
}

static double
luminance(uint32_t rgb)
{
    struct colour v = linear(rgb);

    return 0.2126 * v.c[0] + 0.7152 * v.c[1] + 0.0722 * v.c[2];
}

static double
contrast(uint32_t a, uint32_t b)
{
    double x = luminance(a), y = luminance(b);

    return (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
}

/* The yardstick itself, against published values: CIELAB of the sRGB red; pure red and a dark green are one colour to a deuteranope and two to
 * everybody else. */
static void
the_yardstick_is_right(void **state)
{
    struct colour red = lab(linear(0xff0000));

    (void)state;
    assert_true(fabs(red.c[0] - 53.24) < 0.05 && fabs(red.c[1] - 80.09) < 0.05 &&
                fabs(red.c[2] - 67.20) < 0.05);
    for (int eyes = 0; eyes < VISIONS; eyes++) {
        assert_true(distance(0xffffff, 0x000000, eyes) > 99);
        assert_true(distance(0x808080, 0x808080, eyes) < 0.01);
    }
    assert_true(distance(0xa00000, 0x5a6400, 0) > 60 && distance(0xa00000, 0x5a6400, 2) < 15);
    assert_true(fabs(contrast(0x777777, 0xffffff) - 4.48) < 0.01);
}

/* Roles that stand side by side and mean different things. */
static const enum role pairs[][2] = {
    {ROLE_TLB_HIT, ROLE_TLB_MISS},
    {ROLE_CORRECT, ROLE_WRONG},
    {ROLE_CORRECT, ROLE_WARNING},
    {ROLE_WARNING, ROLE_ERROR},
    {ROLE_TEXT, ROLE_ERROR},
    {ROLE_TEXT, ROLE_WARNING},
    {ROLE_TEXT, ROLE_ACCENT},
    {ROLE_ADDRESS, ROLE_STALE},
    {ROLE_USER, ROLE_KERNEL},
    {ROLE_USER, ROLE_PAGE_TABLE},
    {ROLE_USER, ROLE_FREE},
    {ROLE_USER, ROLE_SHARED},
    {ROLE_USER, ROLE_ZERO_PAGE},
    {ROLE_PAGE_TABLE, ROLE_KERNEL},
    {ROLE_PAGE_TABLE, ROLE_FREE},
    {ROLE_PAGE_TABLE, ROLE_SHARED},
    {ROLE_PAGE_TABLE, ROLE_ZERO_PAGE},
    {ROLE_KERNEL, ROLE_FREE},
    {ROLE_KERNEL, ROLE_SHARED},
    {ROLE_KERNEL, ROLE_ZERO_PAGE},
    {ROLE_SHARED, ROLE_FREE},
    {ROLE_ZERO_PAGE, ROLE_FREE},
    {ROLE_TIMELINE, ROLE_TIMELINE_MARK},
    {ROLE_TIMELINE, ROLE_ERROR},
    {ROLE_TIMELINE, ROLE_TLB_MISS},
    {ROLE_TLB_MISS, ROLE_ERROR},
    {ROLE_READ, ROLE_CHANGED},
    {ROLE_READ, ROLE_FAULT},
    {ROLE_CHANGED, ROLE_FAULT},
    {ROLE_CURSOR, ROLE_READ},
    {ROLE_CURSOR, ROLE_CHANGED},
    {ROLE_CURSOR, ROLE_FAULT},
    {ROLE_OFFSET, ROLE_INDEX0},
    {ROLE_INDEX0, ROLE_INDEX1},
    {ROLE_INDEX1, ROLE_INDEX2},
    {ROLE_INDEX2, ROLE_INDEX3},
    {ROLE_INDEX3, ROLE_INDEX4},
    {ROLE_INDEX4, ROLE_SIGN_EXTENSION},
    {ROLE_FRAME1, ROLE_FRAME2},
    {ROLE_FRAME2, ROLE_FRAME3},
    {ROLE_FRAME3, ROLE_FRAME4},
    {ROLE_FRAME4, ROLE_FRAME5},
    {ROLE_FRAME5, ROLE_FRAME6},
    {ROLE_FRAME6, ROLE_FRAME7},
    {ROLE_FRAME7, ROLE_FRAME8},
    {ROLE_FRAME8, ROLE_FRAME1},
};

enum { PAIRS = sizeof pairs / sizeof *pairs };

/* How far apart two roles look: by their letters or by what is behind them. */
static double
roles_apart(enum theme theme, int colours, const enum role pair[2], int eyes)
{
    struct style a = theme_style(theme, colours, pair[0], 0),
                 b = theme_style(theme, colours, pair[1], 0);

    return fmax(distance(theme_rgb(a.fg), theme_rgb(b.fg), eyes),
                distance(theme_rgb(a.bg), theme_rgb(b.bg), eyes));
}

/* Where colours are few the letters' weight counts as well. */
static bool
same_weight(enum theme theme, int colours, const enum role pair[2])
{
    return theme_style(theme, colours, pair[0], 0).attributes ==
           theme_style(theme, colours, pair[1], 0).attributes;
}

static void
any_eyes_tell_states_apart(void **state)
{
    (void)state;
    for (int p = 0; p < PAIRS; p++)
        for (int eyes = 0; eyes < VISIONS; eyes++) {
            double rich = roles_apart(THEME_COLOUR_BLIND, 256, pairs[p], eyes);
            double poor = roles_apart(THEME_COLOUR_BLIND, 16, pairs[p], eyes);
            if (rich < APART)
                fail_msg("%s and %s: %.1f to %s eyes", role_name(pairs[p][0]),
                         role_name(pairs[p][1]), rich, vision_name[eyes]);
            if (poor < APART && same_weight(THEME_COLOUR_BLIND, 16, pairs[p]))
                fail_msg("16 colours, %s and %s: %.1f to %s eyes", role_name(pairs[p][0]),
                         role_name(pairs[p][1]), poor, vision_name[eyes]);
        }
}

static bool
same_style(struct style a, struct style b)
{
    return a.fg == b.fg && a.bg == b.bg && a.attributes == b.attributes;
}

/* Eight colours are too few for eight frames and five fields (each of which has its label); the states stay apart. */
static void
eight_colours_tell_states_apart(void **state)
{
    static const enum theme painted[] = {THEME_HIGH_CONTRAST, THEME_COLOUR_BLIND};

    (void)state;
    for (int t = 0; t < 2; t++)
        for (int p = 0; p < PAIRS; p++) {
            struct style a = theme_style(painted[t], 8, pairs[p][0], 0),
                         b = theme_style(painted[t], 8, pairs[p][1], 0);
            if (same_style(a, b) && (pairs[p][0] < ROLE_FRAME1 || pairs[p][0] > ROLE_FRAME8) &&
                pairs[p][0] < ROLE_OFFSET)
                fail_msg("%s: %s and %s look the same", theme_name(painted[t]),
                         role_name(pairs[p][0]), role_name(pairs[p][1]));
        }
}

/* No cell of theirs shows the terminal's own background, so they look the same on a white and on a black one. */
static void
a_painted_theme_is_readable_on_any_terminal(void **state)
{
    static const struct {
        enum theme theme;
        int colours;
        double least;
    } row[] = {{THEME_HIGH_CONTRAST, 256, 7},
               {THEME_COLOUR_BLIND, 256, 4.5},
               {THEME_HIGH_CONTRAST, 16, 4.5},
               {THEME_COLOUR_BLIND, 16, 4.5}};

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        for (int role = 0; role < ROLE_COUNT; role++)
            for (unsigned flags = 0; flags < 256; flags++) {
                struct style s = theme_style(row[i].theme, row[i].colours, (enum role)role, flags);
                double c;
                assert_true(s.fg >= 0 && s.bg >= 0);
                assert_false(s.attributes & STYLE_DIM);
                c = contrast(theme_rgb(s.fg), theme_rgb(s.bg));
                if (c < row[i].least)
                    fail_msg("%s, %d colours, %s, flags %u: contrast %.2f",
                             theme_name(row[i].theme), row[i].colours, role_name((enum role)role),
                             flags, c);
            }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_yardstick_is_right),
        cmocka_unit_test(any_eyes_tell_states_apart),
        cmocka_unit_test(eight_colours_tell_states_apart),
        cmocka_unit_test(a_painted_theme_is_readable_on_any_terminal),
    };

    return RUN_TESTS(tests);
}
