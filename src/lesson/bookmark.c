/* bookmark.c - see bookmark.h. The table in memory is what the file held at the last change; every change begins by reading it again. */
#include "lesson/bookmark.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"

enum { STEPS_LARGEST = 100000 };

static const char schema[] = "pagewalk.bookmarks/1";

struct bookmarks {
    struct bookmark mark[BOOKMARKS_MOST]; /* in order */
    unsigned count;
    char path[512], lock[512];
    bool blocked, said; /* it cannot be saved; that was said */
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

static bool
read_all(const struct json_doc *doc, struct bookmarks *b, struct error *e)
{
    static const char *const members[] = {"schema", "bookmarks", NULL};
    struct json list;

    if (!json_schema(doc, schema, e) || !json_only_members(json_root(doc), members, e) ||
        !json_get_array(json_root(doc), "bookmarks", &list, e))
        return false;
    for (struct json v = json_first(list); v.node; v = json_next(v))
        if (!read_mark(v, b, e))
            return false;
    return true;
}

/* A playground's are nowhere but in memory: they stay. */
static void
forget_kept(struct bookmarks *b)
{
    b->count = count_of(b, ""); /* "" comes first */
}

static void
set_aside(struct bookmarks *b, const struct error *why, struct error *note)
{
    char moved[540];

    forget_kept(b);
    if (file_put_aside(b->path, moved, sizeof moved)) {
        error_set(note, EXIT_DATA,
                  "the bookmarks were damaged; they are kept as %.300s, and begin anew", moved);
        return;
    }
    b->blocked = b->said = true;
    error_set(note, EXIT_DATA, "the bookmarks cannot be read and are not saved: %.300s", why->text);
}

/* What the file holds now. */
static void
take_in(struct bookmarks *b, struct error *note)
{
    struct error why = {0};
    struct json_doc *doc;
    struct stat st;

    if (lstat(b->path, &st) != 0)
        return;
    forget_kept(b);
    doc = json_load_file(b->path, &why);
    if (doc && json_schema_is_newer(doc, schema)) {
        b->blocked = b->said = true;
        error_at(note, EXIT_DATA, b->path, 0,
                 "written by a newer pagewalk (this one knows %s): bookmarks are not saved",
                 schema);
    } else if (!doc || !read_all(doc, b, &why)) {
        set_aside(b, &why, note);
    }
    if (doc)
        json_free(doc);
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
    json_put_string(&out, schema);
    json_key(&out, "bookmarks");
    json_open(&out, '[');
    for (unsigned i = 0; i < b->count; i++)
        if (b->mark[i].lesson[0])
            put_mark(&out, &b->mark[i]);
    json_close(&out, ']');
    json_close(&out, '}');
    buffer_putc(&out, '\n');
    done = file_save(b->path, out.data, out.length, e);
    buffer_free(&out);
    return done;
}

/* Say only once that nothing is kept. */
static bool
say_once(struct bookmarks *b, const struct error *why, struct error *e)
{
    char text[400];

    if (b->said)
        return true;
    b->said = true;
    error_format(why, text, sizeof text);
    return error_set(e, EXIT_WRITE, "bookmarks are not saved: %s", text);
}

static bool
change(struct bookmarks *b, const struct bookmark *mark, bool keep, struct error *e)
{
    struct error why = {0};
    char dir[400];
    int held = -1;
    bool fits = true, saved;

    if (!b->blocked && mark->lesson[0]) {
        b->blocked = !file_directory(FILE_STATE, true, dir, sizeof dir, &why);
        held = b->blocked ? -1 : file_lock(b->lock);
        if (!b->blocked)
            take_in(b, &why);
    }
    if (keep)
        fits = put(b, mark);
    else
        take(b, mark);
    saved = !mark->lesson[0] || (!b->blocked && fits && save(b, &why));
    if (held >= 0)
        close(held);
    if (!fits)
        return error_set(e, EXIT_LIMIT, "no more bookmarks: %d in a lesson, %d in all",
                         BOOKMARKS_LESSON, BOOKMARKS_MOST);
    if (!saved)
        return say_once(b, &why, e);
    if (why.code) /* it was damaged, and begins anew */
        *e = why;
    return !why.code;
}

/* --- outside ------------------------------------------------------------------------------------- */

struct bookmarks *
bookmarks_open(struct error *note)
{
    struct bookmarks *b = memory_new(1, sizeof *b);
    struct error why = {0};
    char dir[400];

    if (!file_directory(FILE_STATE, false, dir, sizeof dir, &why) ||
        !file_join(b->path, sizeof b->path, dir, "bookmarks.json") ||
        !file_join(b->lock, sizeof b->lock, dir, "bookmarks.lock")) {
        b->blocked = true;
        say_once(b, &why, note);
        return b;
    }
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
