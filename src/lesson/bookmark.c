/* bookmark.c - see bookmark.h. The table in memory is what the file held at the last change; every change begins by reading it again. */
#include "lesson/bookmark.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/memory.h"
#include "base/text.h"
#include "lesson/statefile.h"

enum { STEPS_LARGEST = 100000 };

struct bookmarks {
    struct bookmark mark[BOOKMARKS_MOST]; /* in order */
    unsigned count;
    struct statefile file;
};

/* --- the table ----------------------------------------------------------------------------------- */

static int
order(const struct bookmark *a, const struct bookmark *b)
{
    int lesson = strcmp(a->lesson, b->lesson);

    if (lesson)
        return lesson;
    if (a->step != b->step)
        return a->step < b->step ? -1 : 1;
    return a->event < b->event ? -1 : a->event > b->event;
}

static unsigned
count_of(const struct bookmarks *b, const char *lesson)
{
    unsigned n = 0;

    for (unsigned i = 0; i < b->count; i++)
        n += strcmp(b->mark[i].lesson, lesson) == 0;
    return n;
}

/* Where it is, or where it belongs. */
static unsigned
place_of(const struct bookmarks *b, const struct bookmark *mark)
{
    unsigned at = 0;

    while (at < b->count && order(&b->mark[at], mark) < 0)
        at++;
    return at;
}

static bool
is_at(const struct bookmarks *b, unsigned at, const struct bookmark *mark)
{
    return at < b->count && order(&b->mark[at], mark) == 0;
}

static bool
put(struct bookmarks *b, const struct bookmark *mark)
{
    unsigned at = place_of(b, mark);

    if (!is_at(b, at, mark)) {
        if (b->count == BOOKMARKS_MOST || count_of(b, mark->lesson) == BOOKMARKS_LESSON)
            return false;
        memmove(b->mark + at + 1, b->mark + at, (b->count - at) * sizeof *b->mark);
        b->count++;
    }
    b->mark[at] = *mark;
    return true;
}

static void
take(struct bookmarks *b, const struct bookmark *mark)
{
    unsigned at = place_of(b, mark);

    if (!is_at(b, at, mark))
        return;
    b->count--;
    memmove(b->mark + at, b->mark + at + 1, (b->count - at) * sizeof *b->mark);
}

/* --- reading ------------------------------------------------------------------------------------- */

static bool
is_id(const char *id)
{
    return text_is_id(id, strlen(id), sizeof((struct bookmark *)0)->lesson - 1);
}

static bool
read_mark(struct json v, struct bookmarks *b, struct error *e)
{
    static const char *const members[] = {"lesson", "step", "event", "name", NULL};
    const char *lesson, *name = "";
    struct bookmark mark = {0};
    int64_t step, event;

    if (!json_only_members(v, members, e) || !json_get_string(v, "lesson", &lesson, e) ||
        !json_get_int(v, "step", 1, STEPS_LARGEST, &step, e) ||
        !json_get_int(v, "event", 0, UINT32_MAX, &event, e) ||
        !json_opt_string(v, "name", &name, e))
        return false;
    if (!is_id(lesson))
        return json_fail(v, e, "a lesson's id is expected");
    mark.step = (unsigned)step;
    mark.event = (uint32_t)event;
    snprintf(mark.lesson, sizeof mark.lesson, "%s", lesson);
    text_clean_to(mark.name, sizeof mark.name, name, 0);
    return put(b, &mark) || json_fail(v, e, "more than %d bookmarks in a lesson, or %d in all",
                                      BOOKMARKS_LESSON, BOOKMARKS_MOST);
}

/* A playground's are nowhere but in memory: they stay. */
static void
forget_kept(struct bookmarks *b)
{
    b->count = count_of(b, ""); /* "" comes first */
}

static bool
read_all(const struct json_doc *doc, void *ctx, struct error *e)
{
    static const char *const members[] = {"schema", "bookmarks", NULL};
    struct bookmarks *b = ctx;
    struct json list;

    forget_kept(b);
    if (!json_only_members(json_root(doc), members, e) ||
        !json_get_array(json_root(doc), "bookmarks", &list, e))
        return false;
    for (struct json v = json_first(list); v.node; v = json_next(v))
        if (!read_mark(v, b, e))
            return false;
    return true;
}

/* What the file holds now; nothing when it is of no use. */
static void
take_in(struct bookmarks *b, struct error *note)
{
    struct error why = {0};

    if (statefile_read(&b->file, read_all, b, &why) || !why.code)
        return;
    forget_kept(b);
    *note = why;
}

/* --- writing ------------------------------------------------------------------------------------- */

static void
put_mark(struct buffer *out, const struct bookmark *mark)
{
    json_open(out, '{');
    json_key(out, "lesson");
    json_put_string(out, mark->lesson);
    json_key(out, "step");
    json_put_uint(out, mark->step);
    json_key(out, "event");
    json_put_uint(out, mark->event);
    json_key(out, "name");
    json_put_string(out, mark->name);
    json_close(out, '}');
}

static bool
save(const struct bookmarks *b, struct error *e)
{
    struct buffer out = {0};
    bool done;

    json_open(&out, '{');
    json_key(&out, "schema");
    json_put_string(&out, b->file.schema);
    json_key(&out, "bookmarks");
    json_open(&out, '[');
    for (unsigned i = 0; i < b->count; i++)
        if (b->mark[i].lesson[0])
            put_mark(&out, &b->mark[i]);
    json_close(&out, ']');
    json_close(&out, '}');
    buffer_putc(&out, '\n');
    done = statefile_save(&b->file, &out, e);
    buffer_free(&out);
    return done;
}

static bool
change(struct bookmarks *b, const struct bookmark *mark, bool keep, struct error *e)
{
    struct error why = {0};
    bool fits = true, saved;

    if (mark->lesson[0] && statefile_begin(&b->file, &why))
        take_in(b, &why);
    if (keep)
        fits = put(b, mark);
    else
        take(b, mark);
    saved = !mark->lesson[0] || (fits && save(b, &why));
    statefile_end(&b->file);
    if (!fits)
        return error_set(e, EXIT_LIMIT, "no more bookmarks: %d in a lesson, %d in all",
                         BOOKMARKS_LESSON, BOOKMARKS_MOST);
    if (!saved)
        return statefile_say(&b->file, &why, e);
    if (why.code) /* it was damaged, and begins anew */
        *e = why;
    return !why.code;
}

/* --- outside ------------------------------------------------------------------------------------- */

struct bookmarks *
bookmarks_open(struct error *note)
{
    struct bookmarks *b = memory_new(1, sizeof *b);

    statefile_open(&b->file, "bookmarks", "pagewalk.bookmarks/1", note);
    take_in(b, note);
    return b;
}

void
bookmarks_close(struct bookmarks *b)
{
    free(b);
}

unsigned
bookmarks_of(const struct bookmarks *b, const char *lesson, struct bookmark out[BOOKMARKS_LESSON])
{
    unsigned n = 0;

    for (unsigned i = 0; i < b->count && n < BOOKMARKS_LESSON; i++)
        if (strcmp(b->mark[i].lesson, lesson) == 0)
            out[n++] = b->mark[i];
    return n;
}

bool
bookmarks_keep(struct bookmarks *b, const struct bookmark *mark, struct error *e)
{
    struct bookmark clean = *mark;

    pw_assert(!mark->lesson[0] || is_id(mark->lesson));
    text_clean_to(clean.name, sizeof clean.name, mark->name, 0);
    return change(b, &clean, true, e);
}

bool
bookmarks_drop(struct bookmarks *b, const struct bookmark *mark, struct error *e)
{
    return change(b, mark, false, e);
}
