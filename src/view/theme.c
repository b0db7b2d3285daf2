/* One table (roles.def) says how each meaning looks in each theme, with the colours of some of them
 * in another (hues.def); flags of the moment (focus, changed, read) are laid over it. */
#include "view/theme.h"

#include <string.h>

#include "base/assert.h"
#include "view/canvas.h"

/* D in the table is both "the theme's own" in a colour column and "dim" in the mono column; the
 * pasted
 * names keep them apart. */
enum {
    MONO_N = 0,
    MONO_B = STYLE_BOLD,
    MONO_D = STYLE_DIM,
    MONO_U = STYLE_UNDERLINE,
    MONO_R = STYLE_REVERSE,
    MONO_BR = STYLE_BOLD | STYLE_REVERSE,
    MONO_BU = STYLE_BOLD | STYLE_UNDERLINE,
};

enum hue {
#define HUE(NAME, ...) HUE_##NAME,
#include "view/hues.def"
#undef HUE
    HUE_COUNT
};

static const struct {
    int16_t high_contrast[2], colour_blind[2]; /* [256, 16] */
} hues[HUE_COUNT] = {
#define HUE(NAME, c256, c16, b256, b16) [HUE_##NAME] = {{c256, c16}, {b256, b16}},
#include "view/hues.def"
#undef HUE
};

struct look {
    const char *name;
    int16_t fg[2][2], bg[2][2]; /* [dark, light][256, 16] */
    uint8_t hue_fg, hue_bg;     /* enum hue */
    uint8_t mono;
};

static const struct look looks[ROLE_COUNT] = {
#define D (-1)
#define ROLE(NAME, name, df, db, df16, db16, lf, lb, lf16, lb16, hf, hb, mono)                     \
    [ROLE_##NAME] = {#name,                                                                        \
                     {{df, df16}, {lf, lf16}},                                                     \
                     {{db, db16}, {lb, lb16}},                                                     \
                     HUE_##hf,                                                                     \
                     HUE_##hb,                                                                     \
                     MONO_##mono},
#include "view/roles.def"
#undef ROLE
#undef D
};

/* Its contrast is a promise: letters are not dimmed. */
static bool
paints_ground(enum theme theme)
{
    return theme == THEME_HIGH_CONTRAST || theme == THEME_COLOUR_BLIND;
}

static int16_t
hue_colour(enum theme theme, enum hue hue, bool poor)
{
    return theme == THEME_HIGH_CONTRAST ? hues[hue].high_contrast[poor]
                                        : hues[hue].colour_blind[poor];
}

static struct style
style_of(enum theme theme, int colours, enum role role)
{
    const struct look *look = &looks[role];
    bool poor = colours < 256;

    if (theme == THEME_MONO || colours < 8)
        return (struct style){-1, -1, look->mono};
    if (paints_ground(theme))
        return (struct style){hue_colour(theme, look->hue_fg, poor),
                              hue_colour(theme, look->hue_bg, poor),
                              look->mono & (STYLE_BOLD | STYLE_UNDERLINE)};
    /* titles and the like are bold in colour too, so that they stand out on a bad projector */
    return (struct style){look->fg[theme][poor], look->bg[theme][poor], look->mono & STYLE_BOLD};
}

/* The marks of the moment, the strongest first. Underline and bold are added to whatever the
 * cell means. */
static struct style
lay_over(struct style base, enum theme theme, int colours, unsigned flags)
{
    struct style over;

    if (flags & CELL_FOCUS)
        over = style_of(theme, colours, ROLE_CURSOR);
    else if (flags & CELL_CHANGED)
        over = style_of(theme, colours, ROLE_CHANGED);
    else if (flags & CELL_READ)
        over = style_of(theme, colours, ROLE_READ);
    else
        over = base;
    if (flags & (CELL_FOCUS | CELL_CHANGED | CELL_READ))
        over.attributes |= base.attributes & STYLE_BOLD;
    if (flags & CELL_LINKED)
        over.attributes |= STYLE_UNDERLINE | STYLE_BOLD;
    over.attributes |= flags & (CELL_BOLD | CELL_DIM | CELL_UNDERLINE);
    if (flags & CELL_REVERSE)
        over.attributes ^= STYLE_REVERSE;
    return over;
}

/* Eight colours: the bright half becomes its plain twin, grey (8) what is readable on the
 * theme's background. */
static int16_t
to_eight(int16_t colour, enum theme theme, bool background)
{
    if (colour == 8)
        return background ? (theme == THEME_LIGHT ? 7 : 0) : (theme == THEME_LIGHT ? 0 : 7);
    return colour > 8 ? colour - 8 : colour;
}

struct style
theme_style(enum theme theme, int colours, enum role role, unsigned flags)
{
    struct style s;

    pw_assert(role < ROLE_COUNT && theme < THEME_COUNT);
    s = lay_over(style_of(theme, colours, role), theme, colours, flags);
    if (paints_ground(theme) && colours >= 8)
        s.attributes &= (uint8_t)~STYLE_DIM;
    if (colours >= 8 && colours < 16) {
        s.fg = to_eight(s.fg, theme, false);
        s.bg = to_eight(s.bg, theme, true);
    }
    return s;
}

/* Neighbouring frames get different colours because their numbers differ by one. */
enum role
theme_frame_role(uint64_t pfn)
{
    return (enum role)(ROLE_FRAME1 + pfn % 8);
}

enum role
theme_index_role(unsigned level)
{
    return (enum role)(ROLE_INDEX0 + (level > 4 ? 4 : level));
}

static const char *const theme_names[] = {
#define THEME(CODE, name, help) name,
#include "view/themes.def"
#undef THEME
    NULL};

const char *
theme_name(enum theme theme)
{
    pw_assert(theme < THEME_COUNT);
    return theme_names[theme];
}

const char *
theme_help(enum theme theme)
{
    static const char *const help[] = {
#define THEME(CODE, name, help) help,
#include "view/themes.def"
#undef THEME
    };

    pw_assert(theme < THEME_COUNT);
    return help[theme];
}

bool
theme_by_name(const char *name, enum theme *theme, struct error *err)
{
    const char *near;

    for (int i = 0; theme_names[i]; i++) {
        if (strcmp(theme_names[i], name) == 0) {
            *theme = (enum theme)i;
            return true;
        }
    }
    near = error_nearest(name, theme_names);
    if (near)
        return error_set(err, EXIT_USAGE, "no theme \"%.40s\" (did you mean \"%s\"?)", name, near);
    return error_set(err, EXIT_USAGE, "no theme \"%.40s\"; pagewalk list themes", name);
}

const char *
role_name(enum role role)
{
    pw_assert(role < ROLE_COUNT);
    return looks[role].name;
}

uint32_t
theme_rgb(int palette)
{
    static const uint32_t sixteen[16] = {0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd,
                                         0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00,
                                         0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff};
    static const uint32_t steps[6] = {0, 95, 135, 175, 215, 255};

    pw_assert(palette >= 0 && palette < 256);
    if (palette < 16)
        return sixteen[palette];
    if (palette >= 232)
        return (uint32_t)(8 + 10 * (palette - 232)) * 0x010101u;
    palette -= 16;
    return steps[palette / 36] << 16 | steps[palette / 6 % 6] << 8 | steps[palette % 6];
}

/* A picture on paper is mono, so mono is black on white. */
uint32_t
theme_background(enum theme theme)
{
    if (paints_ground(theme))
        return 0x000000;
    return theme == THEME_DARK ? 0x16181d : 0xffffff;
}

uint32_t
theme_foreground(enum theme theme)
{
    if (paints_ground(theme))
        return 0xffffff;
    return theme == THEME_DARK ? 0xd8dae0 : 0x1b1d22;
}
