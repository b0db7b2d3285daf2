/* theme.h - meanings to colours.
 *
 * Promises   Drawing code names meanings (roles), backends ask here how they look. Every role is
 *            readable on its background in every theme, and `mono` tells states apart by bold,
 *            dim, underline and reverse only. high-contrast and colour-blind paint their own black
 *            ground and underline what mono underlines.
 * Simplifies `mono` is also what a terminal without colours and NO_COLOR get.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum role {
#define ROLE(NAME, name, ...) ROLE_##NAME,
#include "view/roles.def"
#undef ROLE
    ROLE_COUNT
};

enum theme {
#define THEME(CODE, name, help) THEME_##CODE,
#include "view/themes.def"
#undef THEME
    THEME_COUNT
};

enum style_attributes { STYLE_BOLD = 1, STYLE_DIM = 2, STYLE_UNDERLINE = 4, STYLE_REVERSE = 8 };

/* Palette numbers; -1 is the terminal's own foreground or background. */
struct style {
    int16_t fg, bg;
    uint8_t attributes; /* enum style_attributes */
};

/* How a cell with this role and these flags (enum cell_flags) looks with `colours` available:
 * 256, 16, 8, or fewer for none. */
struct style theme_style(enum theme theme, int colours, enum role role, unsigned flags);

/* The colour of a frame: pfn picks one of FRAME1..FRAME8, neighbours differ. */
enum role theme_frame_role(uint64_t pfn);

/* The colour of the address field of level 0 (leaf table) .. 4. */
enum role theme_index_role(unsigned level);

const char *theme_name(enum theme theme);
const char *theme_help(enum theme theme); /* English; tr() */
bool theme_by_name(const char *name, enum theme *theme, struct error *err);
const char *role_name(enum role role);

/* 0xrrggbb of a palette number as xterm has it, and of a theme's own background and foreground. */
uint32_t theme_rgb(int palette);
uint32_t theme_background(enum theme theme);
uint32_t theme_foreground(enum theme theme);
