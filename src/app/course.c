/* course.c - see course.h. What comes next: the first lesson that is not done and whose needs all are; when needs are in the way of everything,
 * simply the first one that is not done. */
#include "app/course.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct filling {
    struct course *c;
    const struct progress *p;
};

static void
add_lesson(void *ctx, const struct lesson *l)
{
    struct filling *f = ctx;
    struct course *c = f->c;
    const struct progress_lesson *past = f->p ? progress_find(f->p, l->id) : NULL;
    struct course_lesson *to;

    c->lesson = memory_resize(c->lesson, c->count + 1, sizeof *c->lesson);
    to = &c->lesson[c->count++];
    *to = (struct course_lesson){.steps = l->steps, .minutes = l->minutes, .need_count = l->need_count, .gifts = l->gifts};
    memcpy(to->id, l->id, sizeof to->id);
    memcpy(to->part, l->part, sizeof to->part);
    memcpy(to->needs, l->needs, sizeof to->needs);
    memcpy(to->machine, l->machine, sizeof to->machine);
    for (int lang = 0; lang < LANGS; lang++)
        to->title[lang] = l->title[lang] ? memory_text(l->title[lang]) : NULL;
    if (!past)
        return;
    to->step = past->step < l->steps ? past->step : l->steps;
    to->state = past->done ? COURSE_DONE : past->step ? COURSE_BEGUN : COURSE_NEW;
}

static void
count_bad(void *ctx, const struct error *e)
{
    struct filling *f = ctx;

    if (f->c->bad++ == 0)
        error_format(e, f->c->bad_text, sizeof f->c->bad_text);
}

static bool
is_done(const struct course *c, const char *id)
{
    for (unsigned i = 0; i < c->count; i++)
        if (strcmp(c->lesson[i].id, id) == 0)
            return c->lesson[i].state == COURSE_DONE;
    return true; /* not here, so it cannot be waited for */
}

static bool
is_ready(const struct course *c, const struct course_lesson *l)
{
    for (unsigned i = 0; i < l->need_count; i++)
        if (!is_done(c, l->needs[i]))
            return false;
    return true;
}

static int
choose_next(const struct course *c)
{
    int first = -1;

    for (unsigned i = 0; i < c->count; i++) {
        if (c->lesson[i].state == COURSE_DONE)
            continue;
        if (is_ready(c, &c->lesson[i]))
            return (int)i;
        if (first < 0)
            first = (int)i;
    }
    return first;
}

static int
find_latest(const struct course *c, const struct progress *p)
{
    const struct progress_lesson *latest = p ? progress_latest(p) : NULL;

    for (unsigned i = 0; latest && i < c->count; i++)
        if (strcmp(c->lesson[i].id, latest->id) == 0 && c->lesson[i].state == COURSE_BEGUN)
            return (int)i;
    return -1;
}

bool
course_open(struct course *c, const struct progress *p, struct error *e)
{
    struct filling f = {c, p};

    *c = (struct course){.next = -1, .last = -1};
    if (!lesson_list(add_lesson, count_bad, &f, e)) {
        course_close(c);
        return false;
    }
    c->next = choose_next(c);
    c->last = find_latest(c, p);
    return true;
}

void
course_close(struct course *c)
{
    for (unsigned i = 0; i < c->count; i++)
        for (int lang = 0; lang < LANGS; lang++)
            free(c->lesson[i].title[lang]);
    free(c->lesson);
    c->lesson = NULL;
    c->count = 0;
}
