/* course.h - the course as one person sees it: all lessons in order, how far each has been taken, what comes next.
 *
 * Reads      The lessons' heads and the progress file. A lesson that cannot be read is left out and said in `bad`.
 */
#pragma once

#include "app/session.h"

enum course_state { COURSE_NEW, COURSE_BEGUN, COURSE_DONE };

struct course_lesson {
    char id[65];
    char part[32];
    char *title[LANGS];
    char needs[LESSON_NEEDS][65];
    unsigned need_count, steps, minutes, gifts;
    char machine[64];
    enum course_state state;
    unsigned step;           /* where it was left; 0: never opened */
};

struct course {
    struct course_lesson *lesson;
    unsigned count;
    int next;                /* recommended: index, -1 when all is done */
    int last;                /* left unfinished last time; -1 */
    unsigned bad;
    char bad_text[512];      /* the first lesson that cannot be read */
};

bool course_open(struct course *c, const struct progress *p, struct error *e);
void course_close(struct course *c);
