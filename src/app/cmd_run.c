/* cmd_run.c - `pagewalk run LESSON`: the lesson without a screen, for graders and CI. The same seed
 * gives the same bytes: no times, no paths but those that were given.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/options.h"
#include "app/output.h"
#include "base/text.h"
#include "lesson/report.h"

enum run_format { RUN_TEXT, RUN_JSON, RUN_TAP, RUN_JUNIT };
static const char *const run_formats[] = {"text", "json", "tap", "junit", NULL};

static const char *
in_use(char *const text[LANGS])
{
    return text[lang_now()] ? text[lang_now()] : text[LANG_EN] ? text[LANG_EN] : "";
}

/* --- text --- */

static void
print_text(const struct lesson *l, const struct report *r, struct buffer *out)
{
    const struct question *q;

    buffer_printf(out, "%s: ", l->id);
    text_clean(out, in_use(l->title), strlen(in_use(l->title)), 0);
    buffer_printf(out, "\n%u steps, %" PRIu64 " operations, %" PRIu64 " events\n",
                  player_told(r->player), r->operations, r->events);
    for (unsigned i = 0; (q = player_question(r->player, i)); i++) {
        buffer_printf(out, "step %u  %s: ", q->step, q->id);
        text_clean(out, in_use(q->text), strlen(in_use(q->text)), 0);
        buffer_printf(out, "\n    = ");
        text_clean(out, q->answer, strlen(q->answer), 0);
        buffer_putc(out, '\n');
    }
    buffer_printf(out, "expectations: %u passed, %u failed\n", r->passed, r->failed);
    buffer_printf(out, "invariants: checked %" PRIu64 " times, %" PRIu64 " violations\n",
                  r->checked, r->violations);
    buffer_printf(out, "state: %s\n", r->state);
}

/* --- the cases of TAP and JUnit --- */

/* The lesson as test cases: that it was told, each question, the expectations, the invariants. */
struct test_case {
    char name[160];
    const char *failure; /* NULL: passed */
};

enum { CASES_MAX = 1024 };

static void
name_case(struct test_case *c, const char *failure, const char *what, const char *id)
{
    char raw[160];

    snprintf(raw, sizeof raw, "%s%s", what, id);
    text_clean_to(c->name, sizeof c->name, raw, 0);
    c->failure = failure;
}

static unsigned
list_cases(const struct lesson *l, const struct report *r, struct test_case *c)
{
    const struct question *q;
    const char *failure = player_failure(r->player);
    unsigned n = 0;

    name_case(&c[n++], player_told(r->player) == l->steps ? NULL : "not every step was told",
              "all steps are told", "");
    for (unsigned i = 0; (q = player_question(r->player, i)) && n < CASES_MAX - 2; i++)
        name_case(&c[n++], q->answered ? NULL : "no answer was accepted", "question ", q->id);
    name_case(&c[n++], r->failed ? failure ? failure : "an expectation failed" : NULL,
              "expectations", "");
    name_case(&c[n++], r->violations ? r->first_violation : NULL, "invariants", "");
    return n;
}

static void
print_tap(const struct test_case *c, unsigned count, struct buffer *out)
{
    buffer_printf(out, "TAP version 13\n1..%u\n", count);
    for (unsigned i = 0; i < count; i++) {
        buffer_printf(out, "%sok %u - %s\n", c[i].failure ? "not " : "", i + 1, c[i].name);
        if (!c[i].failure)
            continue;
        buffer_puts(out, "# ");
        text_clean(out, c[i].failure, strlen(c[i].failure), 0);
        buffer_putc(out, '\n');
    }
}

/* What passed the gate holds no control characters, so only the five signs are left to escape. */
static void
put_xml(struct buffer *out, const char *text)
{
    struct buffer clean = {0};

    text_clean(&clean, text, strlen(text), 0);
    for (const char *s = buffer_text(&clean); *s; s++) {
        const char *entity = *s == '&'   ? "&amp;"
                             : *s == '<' ? "&lt;"
                             : *s == '>' ? "&gt;"
                             : *s == '"' ? "&quot;"
                                         : NULL;
        if (entity)
            buffer_puts(out, entity);
        else
            buffer_putc(out, *s);
    }
    buffer_free(&clean);
}

static void
print_junit(const struct lesson *l, const struct test_case *c, unsigned count, struct buffer *out)
{
    unsigned failures = 0;

    for (unsigned i = 0; i < count; i++)
        failures += c[i].failure != NULL;
    buffer_printf(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites>\n  <testsuite name=\"%s\" tests=\"%u\" failures=\"%u\" errors=\"0\">\n",
        l->id, count, failures);
    for (unsigned i = 0; i < count; i++) {
        buffer_printf(out, "    <testcase classname=\"%s\" name=\"", l->id);
        put_xml(out, c[i].name);
        buffer_puts(out, c[i].failure ? "\"><failure message=\"" : "\"/>\n");
        if (c[i].failure) {
            put_xml(out, c[i].failure);
            buffer_puts(out, "\"/></testcase>\n");
        }
    }
    buffer_puts(out, "  </testsuite>\n</testsuites>\n");
}

/* --- the command --- */

static void
print_report(const struct lesson *l, const struct report *r, int format)
{
    static struct test_case cases[CASES_MAX];
    struct buffer out = {0};

    if (format == RUN_JSON)
        report_json(r, &out);
    else if (format == RUN_TEXT)
        print_text(l, r, &out);
    else if (format == RUN_TAP)
        print_tap(cases, list_cases(l, r, cases), &out);
    else
        print_junit(l, cases, list_cases(l, r, cases), &out);
    output_buffer(&out);
    buffer_free(&out);
}

static void
complain_of(const struct report *r)
{
    const char *failure = player_failure(r->player);

    if (r->failed && failure)
        output_warn("%s", failure);
    if (r->violations)
        output_warn("%s", r->first_violation);
}

static int
run_lesson(const char *name, const uint64_t *seed, int format)
{
    struct lesson l;
    struct report r;
    struct error e = {0};
    int code;

    if (!lesson_find(name, &l, &e))
        return output_complain(&e);
    if (!report_run(&l, seed, &r, &e)) {
        lesson_free(&l);
        return output_complain(&e);
    }
    print_report(&l, &r, format);
    code = report_passed(&r) ? EXIT_OK : EXIT_ANSWER;
    output_flush();
    if (code != EXIT_OK)
        complain_of(&r);
    report_close(&r);
    lesson_free(&l);
    return code;
}

int
cmd_run(int argc, char **argv)
{
    uint64_t seed = UINT64_MAX;
    int format = RUN_TEXT, lang = LANG_EN, code;
    char **rest;
    const struct option_row rows[] = {
        {OPTION_WORD, "format", NULL, "how it is reported (text)", &format, 0, 0, run_formats},
        {OPTION_NUMBER, "seed", "N", "another seed than the lesson's own", &seed, 0, UINT64_MAX - 1,
         NULL},
        {OPTION_WORD, "lang", NULL, "language of the texts (en)", &lang, 0, 0, option_langs},
        {0},
    };
    const struct usage u = {
        "run",
        "LESSON",
        "Tell a lesson (by id, or a .lua file) to its end and answer its questions with the "
        "machine's answers.\n"
        "Exit 1 if an expectation of its author fails or an invariant of the machine is broken.\n",
        rows,
        1,
        1};

    if ((code = options_read(&u, argc, argv, &rest)) != OPTIONS_GO_ON)
        return code;
    options_speak(lang);
    return run_lesson(rest[0], seed == UINT64_MAX ? NULL : &seed, format);
}
