#include "app/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/event.h"
#include "base/json.h"
#include "base/memory.h"
#include "lesson/report.h"

static const struct {
    const char *id, *concept, *events, *views, *tests;
} table[] = {
#define ROW(id, concept, events, views, tests) {id, concept, events, views, tests},
#include "app/rows.def"
#undef ROW
};

enum { ROWS = sizeof table / sizeof *table };

/* --- the table --- */

static unsigned
split(const char *words, struct row_word *to)
{
    unsigned n = 0;

    while (*words && n < ROW_WORDS) {
        size_t length = strcspn(words, " ");
        snprintf(to[n++].name, sizeof to->name, "%.*s", (int)length, words);
        words += length + (words[length] == ' ');
    }
    return n;
}

static struct row *
rows_new(void)
{
    struct row *row = memory_new(ROWS, sizeof *row);

    for (unsigned i = 0; i < ROWS; i++) {
        struct row *r = &row[i];
        r->id = table[i].id;
        r->concept = table[i].concept;
        r->events = split(table[i].events, r->event);
        r->views = split(table[i].views, r->view);
        r->tests = split(table[i].tests, r->test);
    }
    return row;
}

/* --- what the lessons do --- */

struct survey {
    struct row *row;
    void (*bad)(void *ctx, const struct error *e);
    void *ctx;
};

static uint64_t
times_emitted(const struct report *r, const char *name)
{
    for (int code = EV_NONE + 1; code < EVENT_CODES; code++)
        if (strcmp(event_row[code].name, name) == 0)
            return r->kind[code];
    return 0;
}

static uint64_t
times_shown(const struct report *r, const char *name)
{
    uint64_t n = 0;

    for (unsigned i = 1; i <= player_told(r->player); i++)
        n += strcmp(player_step(r->player, i)->view, name) == 0;
    return n;
}

static void
credit(struct row *row, const struct report *r, const char *lesson)
{
    for (unsigned i = 0; i < row->events; i++)
        row->event[i].found += times_emitted(r, row->event[i].name);
    for (unsigned i = 0; i < row->views; i++)
        row->view[i].found += times_shown(r, row->view[i].name);
    if (row->lessons < ROW_LESSONS)
        snprintf(row->lesson[row->lessons++], sizeof *row->lesson, "%s", lesson);
}

static bool
claims(const struct lesson *l, const char *id)
{
    for (unsigned i = 0; i < l->row_count; i++)
        if (strcmp(l->rows[i], id) == 0)
            return true;
    return false;
}

/* A lesson in which anything fails teaches nothing. */
static void
on_lesson(void *ctx, const struct lesson *l)
{
    struct survey *s = ctx;
    struct error e = {0};
    struct report r;

    if (!report_run(l, NULL, &r, &e)) {
        s->bad(s->ctx, &e);
        return;
    }
    for (unsigned i = 0; i < ROWS; i++)
        if (report_passed(&r) && claims(l, s->row[i].id))
            credit(&s->row[i], &r, l->id);
    report_close(&r);
}

struct row *
rows_survey(unsigned *n, void (*bad)(void *ctx, const struct error *e), void *ctx, struct error *e)
{
    struct survey s = {rows_new(), bad, ctx};

    *n = ROWS;
    if (lesson_list(on_lesson, bad, &s, e))
        return s.row;
    free(s.row);
    return NULL;
}

/* --- what is done --- */

static bool
all_found(const struct row_word *word, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (word[i].found == 0)
            return false;
    return n > 0;
}

bool
row_runs(const struct row *r)
{
    return all_found(r->event, r->events);
}

bool
row_is_seen(const struct row *r)
{
    return all_found(r->view, r->views);
}

bool
row_is_taught(const struct row *r)
{
    return r->lessons > 0;
}

bool
row_is_checked(const struct row *r)
{
    return r->tests > 0;
}

bool
row_is_done(const struct row *r)
{
    return row_runs(r) && row_is_seen(r) && row_is_taught(r) && row_is_checked(r);
}

/* --- as JSON --- */

static void
put_words(struct buffer *out, const char *name, const struct row_word *word, unsigned n)
{
    json_key(out, name);
    json_open(out, '[');
    for (unsigned i = 0; i < n; i++)
        json_put_string(out, word[i].name);
    json_close(out, ']');
}

static void
put_found(struct buffer *out, const char *name, const struct row_word *word, unsigned n)
{
    json_key(out, name);
    json_open(out, '{');
    for (unsigned i = 0; i < n; i++) {
        json_key(out, word[i].name);
        json_put_uint(out, word[i].found);
    }
    json_close(out, '}');
}

static void
put_verdict(struct buffer *out, const char *name, bool verdict)
{
    json_key(out, name);
    json_put_bool(out, verdict);
}

void
row_json(const struct row *r, struct buffer *out)
{
    json_open(out, '{');
    json_key(out, "id");
    json_put_string(out, r->id);
    json_key(out, "concept");
    json_put_string(out, tr(r->concept));
    put_verdict(out, "runs", row_runs(r));
    put_verdict(out, "seen", row_is_seen(r));
    put_verdict(out, "taught", row_is_taught(r));
    put_verdict(out, "checked", row_is_checked(r));
    put_verdict(out, "done", row_is_done(r));
    put_found(out, "events", r->event, r->events);
    put_found(out, "views", r->view, r->views);
    json_key(out, "lessons");
    json_open(out, '[');
    for (unsigned i = 0; i < r->lessons; i++)
        json_put_string(out, r->lesson[i]);
    json_close(out, ']');
    put_words(out, "tests", r->test, r->tests);
    json_close(out, '}');
}
