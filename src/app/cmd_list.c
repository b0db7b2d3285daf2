/* cmd_list.c - `pagewalk list [WHAT]`: what there is, from the tables everything else is made of.
 */
#include <stdlib.h>
#include <string.h>

#include "app/card.h"
#include "app/commands.h"
#include "app/options.h"
#include "app/output.h"
#include "app/rows.h"
#include "base/data.h"
#include "base/event.h"
#include "base/json.h"
#include "base/text.h"
#include "lesson/report.h"
#include "os/policy.h"
#include "view/pane.h"

struct listing {
    bool json;
    struct buffer out;
    char part[32]; /* the part whose heading was printed last */
    unsigned rows; /* of what is read from files */
    int code;
};

/* --- the two shapes --- */

static void
begin(struct listing *l, const char *what)
{
    if (!l->json)
        return;
    json_open(&l->out, '{');
    json_key(&l->out, "schema");
    json_put_string(&l->out, "pagewalk.list/1");
    json_key(&l->out, what);
    json_open(&l->out, '[');
}

static void
end(struct listing *l)
{
    if (l->json) {
        json_close(&l->out, ']');
        json_close(&l->out, '}');
        buffer_putc(&l->out, '\n');
    }
    output_buffer(&l->out);
}

static void
member(struct listing *l, const char *name, const char *value)
{
    json_key(&l->out, name);
    json_put_string(&l->out, value);
}

static void
number(struct listing *l, const char *name, uint64_t value)
{
    json_key(&l->out, name);
    json_put_uint(&l->out, value);
}

/* What may have 64 bits is a string. */
static void
value(struct listing *l, const char *name, uint64_t v, uint64_t most)
{
    json_key(&l->out, name);
    if (most > (uint64_t)JSON_INTEGER_MAX)
        json_put_hex(&l->out, v);
    else
        json_put_uint(&l->out, v);
}

/* A row of "name  what it is", the names in a column. */
static void
text_row(struct listing *l, int column, const char *name, const char *help)
{
    if ((int)strlen(name) > column)
        buffer_printf(&l->out, "%s\n%-*s  ", name, column, "");
    else
        buffer_printf(&l->out, "%-*s  ", column, name);
    text_clean(&l->out, help, strlen(help), 0);
    buffer_putc(&l->out, '\n');
}

/* Objects with a name and a help text. */
static void
named_row(struct listing *l, int column, const char *name, const char *help)
{
    if (!l->json) {
        text_row(l, column, name, help);
        return;
    }
    json_open(&l->out, '{');
    member(l, "name", name);
    member(l, "help", help);
    json_close(&l->out, '}');
}

/* A listing without a row is a broken installation, not a success. */
static void
say_if_none(struct listing *l, const char *what)
{
    struct error e = {0};

    if (l->rows || l->code)
        return;
    error_at(&e, EXIT_OPEN, data_root(), 0, "there are no %s; see pagewalk doctor", what);
    l->code = output_complain(&e);
}

/* --- lessons --- */

static void
on_bad(void *ctx, const struct error *e)
{
    struct listing *l = ctx;

    output_complain(e);
    l->code = EXIT_DATA;
}

static void
lesson_text(struct listing *l, const struct lesson *x, unsigned questions)
{
    const char *title = x->title[lang_now()] ? x->title[lang_now()] : x->title[LANG_EN];
    unsigned width = text_width(title);

    if (strcmp(l->part, x->part) != 0) {
        buffer_printf(&l->out, "%s%s\n", l->part[0] ? "\n" : "", x->part);
        memcpy(l->part, x->part, sizeof l->part);
    }
    buffer_printf(&l->out, "  %-18s ", x->id);
    text_clean(&l->out, title, strlen(title), 0);
    buffer_printf(&l->out, "%*s %2u steps, %2u questions  %s ", width < 34 ? (int)(34 - width) : 0,
                  "", x->steps, questions, x->machine);
    for (unsigned i = 0; i < x->row_count; i++)
        buffer_printf(&l->out, " %s", x->rows[i]);
    buffer_putc(&l->out, '\n');
}

static void
on_lesson(void *ctx, const struct lesson *x)
{
    struct listing *l = ctx;
    struct error e = {0};
    unsigned questions;

    l->rows++;
    if (!report_questions(x, &questions, &e))
        on_bad(l, &e);

    if (l->json)
        report_list_json(x, questions, &l->out);
    else
        lesson_text(l, x, questions);
}

static void
list_lessons(struct listing *l)
{
    struct error e = {0};

    if (!lesson_list(on_lesson, on_bad, l, &e))
        l->code = output_complain(&e);
    say_if_none(l, "lessons");
}

/* --- rows --- */

static void
row_text(struct listing *l, const struct row *r)
{
    const bool is[] = {row_runs(r), row_is_seen(r), row_is_taught(r), row_is_checked(r)};
    const char *concept = tr(r->concept);

    buffer_printf(&l->out, "%-4s ", r->id);
    for (size_t i = 0; i < sizeof is / sizeof *is; i++)
        buffer_printf(&l->out, "%c ", is[i] ? 'x' : '.');
    text_clean(&l->out, concept, strlen(concept), 0);
    for (unsigned i = 0; i < r->lessons; i++)
        buffer_printf(&l->out, "%s%s", i ? " " : "  ", r->lesson[i]);
    buffer_putc(&l->out, '\n');
}

static void
list_rows(struct listing *l)
{
    struct error e = {0};
    unsigned n, done = 0;
    struct row *row = rows_survey(&n, on_bad, l, &e);

    if (!row) {
        l->code = output_complain(&e);
        return;
    }
    if (!l->json)
        buffer_printf(&l->out, "%s\n", tr("row  runs, seen, taught, checked"));
    for (unsigned i = 0; i < n; i++) {
        done += row_is_done(&row[i]);
        if (l->json)
            row_json(&row[i], &l->out);
        else
            row_text(l, &row[i]);
    }
    if (!l->json)
        buffer_printf(&l->out, tr("%u of %u rows are done\n"), done, n);
    free(row);
}

/* --- machines --- */

static void
machine_json(struct listing *l, const struct preset *p)
{
    json_open(&l->out, '{');
    member(l, "name", p->name);
    json_key(&l->out, "title");
    json_open(&l->out, '{');
    member(l, "en", p->title_en);
    member(l, "zh", p->title_zh);
    json_close(&l->out, '}');
    member(l, "dialect", p->dialect);
    number(l, "frames", p->geo.frames);
    number(l, "page", UINT64_C(1) << p->geo.format.page_shift);
    number(l, "levels", p->geo.format.levels);
    number(l, "max_order", p->geo.max_order);
    number(l, "tlb_sets", p->geo.tlb_sets);
    number(l, "tlb_ways", p->geo.tlb_ways);
    number(l, "cache_sets", p->geo.cache[CACHE_L1].sets);
    number(l, "cache_ways", p->geo.cache[CACHE_L1].sets ? p->geo.cache[CACHE_L1].ways : 0);
    number(l, "cache_line", p->geo.cache[CACHE_L1].sets ? UINT64_C(1) << p->geo.cache[CACHE_L1].line_shift : 0);
    number(l, "cpus", p->geo.cpus);
    json_key(&l->out, "kernel");
    json_put_bool(&l->out, p->kernel);
    json_close(&l->out, '}');
}

static void
on_machine(void *ctx, const char *name)
{
    struct listing *l = ctx;
    struct preset p;
    struct error e = {0};

    l->rows++;
    if (!preset_load(name, &p, &e)) {
        on_bad(l, &e);
        return;
    }
    if (l->json)
        machine_json(l, &p);
    else
        text_row(l, 10, p.name, lang_now() == LANG_ZH ? p.title_zh : p.title_en);
}

static void
list_machines(struct listing *l)
{
    preset_list(on_machine, l);
    say_if_none(l, "machines");
}

/* --- tables --- */

static void
list_operations(struct listing *l)
{
    for (int i = OP_NONE + 1; i < OPERATION_CODES; i++) {
        const struct operation_row *row = operation_row((enum operation_code)i);
        if (l->json) {
            json_open(&l->out, '{');
            member(l, "name", row->name);
            member(l, "arguments", row->args);
            member(l, "help", tr(row->help));
            json_close(&l->out, '}');
        } else {
            buffer_printf(&l->out, "%s%s%s\n    %s\n", row->name, *row->args ? " " : "", row->args,
                          tr(row->help));
        }
    }
    if (!l->json)
        buffer_puts(&l->out, "\nEvery operation takes cpu=N. Numbers: 4096, 0x1000, 1000h, 0b101, 4K, 2M. "
                             "# starts a comment.\n");
}

static const char *const class_names[] = {"plain", "hit", "miss", "read", "write", "fault"};

static void
list_events(struct listing *l)
{
    for (int i = EV_NONE + 1; i < EVENT_CODES; i++) {
        const struct event_row *row = &event_row[i];
        if (!l->json) {
            text_row(l, 15, row->name, tr(row->text));
            continue;
        }
        json_open(&l->out, '{');
        member(l, "name", row->name);
        member(l, "actor", actor_name[row->actor]);
        member(l, "class", class_names[row->class]);
        json_key(&l->out, "members");
        json_open(&l->out, '[');
        for (int f = 0; f < EVENT_FIELDS; f++)
            if (row->fields >> f & 1)
                json_put_string(&l->out, field_row[f].member);
        json_close(&l->out, ']');
        member(l, "text", tr(row->text));
        json_close(&l->out, '}');
    }
}

static void
list_views(struct listing *l)
{
    for (int i = PANE_NONE + 1; i < PANES; i++)
        named_row(l, 9, pane_row[i].name, tr(pane_row[i].help));
}

static void
list_policies(struct listing *l)
{
    for (int i = 0; i < POLICIES; i++)
        named_row(l, 9, policy_row[i].name, tr(policy_row[i].text));
}

static void
list_fields(struct listing *l)
{
    static const char *const classes[] = {"tunable", "quirk", "register", "bit"};

    for (unsigned i = 0; i < set_field_count(); i++) {
        const struct set_field *f = set_field_at(i);
        if (!l->json) {
            text_row(l, 22, f->name, tr(f->help));
            continue;
        }
        json_open(&l->out, '{');
        member(l, "name", f->name);
        member(l, "class", classes[f->class]);
        if (f->class == SET_TUNABLE) {
            const uint64_t most = tunable_row[f->index].most;
            value(l, "default", tunable_row[f->index].value, most);
            value(l, "least", tunable_row[f->index].least, most);
            value(l, "most", most, most);
        }
        member(l, "help", tr(f->help));
        json_close(&l->out, '}');
    }
}

static void
list_themes(struct listing *l)
{
    for (int i = 0; i < THEME_COUNT; i++)
        named_row(l, 13, theme_name((enum theme)i), tr(theme_help((enum theme)i)));
}

static void
list_quirks(struct listing *l)
{
    for (int i = 0; i < QUIRKS; i++)
        named_row(l, 22, quirk_row[i].name, tr(quirk_row[i].text));
}

/* --- the glossary --- */

static void
names_json(struct listing *l, enum term t)
{
    char name[TERM_NAME];

    json_key(&l->out, "names");
    json_open(&l->out, '[');
    for (unsigned i = 0; term_name(t, i, name); i++)
        json_put_string(&l->out, name);
    json_close(&l->out, ']');
}

static bool
is_among(enum term t, const enum term *terms, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (terms[i] == t)
            return true;
    return false;
}

/* The events and panes a term belongs to. */
static void
owners_json(struct listing *l, enum term t)
{
    enum term terms[TERMS_HERE];

    json_key(&l->out, "events");
    json_open(&l->out, '[');
    for (int ev = EV_NONE + 1; ev < EVENT_CODES; ev++)
        if (is_among(t, terms, terms_of_event((enum event_code)ev, terms)))
            json_put_string(&l->out, event_row[ev].name);
    json_close(&l->out, ']');
    json_key(&l->out, "views");
    json_open(&l->out, '[');
    for (int pane = PANE_NONE + 1; pane < PANES; pane++)
        if (is_among(t, terms, terms_of_pane((enum pane_id)pane, terms)))
            json_put_string(&l->out, pane_row[pane].name);
    json_close(&l->out, ']');
}

static void
list_glossary(struct listing *l)
{
    char name[TERM_NAME];

    for (int t = TERM_NONE + 1; t < TERMS; t++) {
        term_word((enum term)t, 0, name);
        if (!l->json) {
            buffer_printf(&l->out, "%s%s\n", t > 1 ? "\n" : "", name);
            card_text((enum term)t, CARD_WIDTH, &l->out);
            continue;
        }
        json_open(&l->out, '{');
        member(l, "name", name);
        names_json(l, (enum term)t);
        member(l, "text", tr(term_row[t].text));
        member(l, "where", tr(term_row[t].where));
        member(l, "source", term_row[t].source);
        owners_json(l, (enum term)t);
        json_close(&l->out, '}');
    }
}

/* --- the command --- */

static const struct {
    const char *name;
    void (*list)(struct listing *l);
} kinds[] = {
    {"lessons", list_lessons}, {"machines", list_machines}, {"operations", list_operations},
    {"events", list_events},   {"views", list_views},       {"policies", list_policies},
    {"fields", list_fields},   {"quirks", list_quirks},     {"themes", list_themes},
    {"glossary", list_glossary}, {"rows", list_rows},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

static int
refuse_kind(const struct usage *u, const char *word)
{
    const char *names[KINDS + 1], *near;

    for (int i = 0; i < KINDS; i++)
        names[i] = kinds[i].name;
    names[KINDS] = NULL;
    near = error_nearest(word, names);
    if (near)
        return options_refuse(u, "no \"%.40s\" (did you mean \"%s\"?)", word, near);
    return options_refuse(u,
                          "\"%.40s\" is not one of lessons, machines, operations, events, views, "
                          "policies, fields, quirks, themes, glossary, rows",
                          word);
}

int
cmd_list(int argc, char **argv)
{
    struct listing l = {0};
    int format = 0, lang = LANG_EN, kind = 0, code;
    char **rest;
    const struct option_row rows[] = {
        {OPTION_WORD, "format", NULL, "how it is printed (text)", &format, 0, 0, option_text_json},
        {OPTION_WORD, "lang", NULL, "language of the texts (en)", &lang, 0, 0, option_langs},
        {0},
    };
    const struct usage u = {"list",
                            "[lessons|machines|operations|events|views|policies|fields|quirks|themes|glossary|rows]",
                            "Print what there is; lessons by part unless another kind is named.\n",
                            rows,
                            0,
                            1};

    if ((code = options_read(&u, argc, argv, &rest)) != OPTIONS_GO_ON)
        return code;
    while (rest[0] && kind < KINDS && strcmp(kinds[kind].name, rest[0]) != 0)
        kind++;
    if (kind == KINDS)
        return refuse_kind(&u, rest[0]);
    options_speak(lang);
    l.json = format == 1;
    begin(&l, kinds[kind].name);
    kinds[kind].list(&l);
    end(&l);
    buffer_free(&l.out);
    return l.code;
}
