/* lesson.h - a lesson's head: what can be known without telling it. One Lua file each. */
#pragma once

#include "base/error.h"
#include "base/lang.h"
#include "base/types.h"

enum { LESSON_ROWS = 16, LESSON_NEEDS = 8, LESSON_BREAKS = 8 };

/* What virtual memory is for, lesson/gifts.def. */
enum gift {
#define GIFT(code, name, text) GIFT_##code,
#include "lesson/gifts.def"
#undef GIFT
    GIFTS
};

struct gift_row {
    const char *name, *text;
};
extern const struct gift_row gift_row[GIFTS];

struct lesson {
    char id[65];
    char path[512]; /* as shown in messages */
    char part[32];  /* "translation", "tlb", "faults" ... */
    char *title[LANGS];
    char rows[LESSON_ROWS][8]; /* curriculum rows */
    unsigned row_count;
    unsigned gifts; /* 1 << enum gift each */
    char needs[LESSON_NEEDS][65];
    unsigned need_count;
    char breaks[LESSON_BREAKS][4]; /* invariants (machine/invariants.def) it breaks on purpose */
    unsigned break_count;
    char machine[64];
    unsigned minutes;
    unsigned steps; /* in the file */
    uint64_t seed;
};

/* What a part of the course is called, in the language in use; an author's own part is called by
 * its id. The course's parts come in the order of the course, other parts after them. */
const char *lesson_part_title(const char *part);
/* Is it a part of the course? *near: the nearest name that is, NULL when none is near. */
bool lesson_part_known(const char *part, const char **near);

/* Load and check the head (the chunk runs, no step does). */
bool lesson_load(const char *path, struct lesson *out, struct error *e);
void lesson_free(struct lesson *l);

/* By id: the user's lessons first, then the shipped ones; or by path. EXIT_OPEN with the nearest
 * id. */
bool lesson_find(const char *id_or_path, struct lesson *out, struct error *e);

/* All shipped and the user's own lessons, in course order (parts in order, then `needs`, then id).
 * Bad files go to `bad`. */
bool lesson_list(void (*each)(void *ctx, const struct lesson *l),
                 void (*bad)(void *ctx, const struct error *e), void *ctx, struct error *e);
