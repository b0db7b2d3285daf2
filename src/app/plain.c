/* plain.c - the transcript. After every command the session is compared with what was told before,
 * and what is new is said: the page, the events on the way, what the last one changed, the
 * question, its verdict. Nothing is drawn, so nothing has to be redrawn.
 */
#include "app/plain.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/actions.h"
#include "app/lines.h"
#include "app/options.h"
#include "app/output.h"
#include "app/plain_say.h"
#include "base/number.h"
#include "base/text.h"
#include "view/glossary.h"

static volatile sig_atomic_t interrupted;

static void
on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

/* Without SA_RESTART, so that a waiting read returns. */
static void
catch_interrupt(struct sigaction *before)
{
    struct sigaction catcher = {.sa_handler = on_interrupt};

    sigemptyset(&catcher.sa_mask);
    interrupted = 0;
    sigaction(SIGINT, &catcher, before);
}

/* --- commands that only a transcript has --- */

/* Actions that mean nothing without a picture. */
static bool
is_for_a_screen(enum action_code a)
{
    static const enum action_code codes[] = {
        ACTION_ZOOM,   ACTION_THEME, ACTION_GLYPHS, ACTION_PROMPT,      ACTION_SAVE_SCREEN,
        ACTION_REDRAW, ACTION_MAP,   ACTION_MOUSE,  ACTION_SEARCH_NEXT, ACTION_SEARCH_PREVIOUS,
        ACTION_COPY,
    };

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i] == a)
            return true;
    return false;
}

static void
help(const struct transcript *t, const struct session *s)
{
    struct buffer names = {0};
    unsigned here = action_situation(s);

    for (int a = ACTION_NONE + 1; a < ACTIONS; a++)
        if (action_works((enum action_code)a, here) && !is_for_a_screen((enum action_code)a))
            plain_say(t, action_row[a].name, "%s", tr(action_row[a].help));
    plain_say(t, "state", "%s", tr("state NAME: a pane as text; state alone names them"));
    for (int o = OP_NONE + 1; o < OPERATION_CODES; o++)
        buffer_printf(&names, "%s%s", names.length ? ", " : "",
                      operation_row((enum operation_code)o)->name);
    plain_say(t, tr("OPERATIONS"), "%s", buffer_text(&names));
    plain_say(t, tr("NOTE"), "%s",
              tr("An empty line is next. While a question is open its letter, or the number, is an "
                 "answer."));
    buffer_free(&names);
}

static void
list_panes(const struct transcript *t)
{
    for (int i = PANE_NONE + 1; i < PANES; i++)
        plain_say(t, pane_row[i].name, "%s", tr(pane_row[i].help));
}

static void
state(const struct transcript *t, struct session *s, const char *name)
{
    enum pane_id pane = pane_by_name(name);
    struct canvas *c;

    if (!*name || pane == PANE_NONE) {
        if (*name)
            plain_say(t, tr("ERROR"), tr("No pane is called \"%s\". There are:"), name);
        list_panes(t);
        return;
    }
    session_refresh(s);
    c = canvas_create((int)t->width, 60, GLYPHS_ASCII);
    pane_row[pane].draw(&s->scene, c, rect_of(0, 0, (int)t->width, 60));
    plain_say(t, tr("STATE"), "%s", tr(pane_row[pane].title));
    plain_rows(c);
    canvas_destroy(c);
}

static void
list_bookmarks(const struct transcript *t, struct session *s)
{
    struct session_bookmark all[BOOKMARKS_LESSON];
    unsigned n = session_bookmarks(s, all);

    if (!n)
        session_bookmark_step(s, 1); /* it says what to do */
    for (unsigned i = 0; i < n; i++) {
        struct buffer text = {0};

        session_bookmark_text(&all[i], s->player != NULL, &text);
        plain_say(t, tr("BOOKMARK"), "%u  %s%s", i + 1, buffer_text(&text), all[i].number == t->number && all[i].reachable ? "  *" : "");
        buffer_free(&text);
    }
}

static void
say_card(const struct transcript *t, enum term term)
{
    char name[TERM_NAME];

    term_name(term, 0, name);
    plain_say(t, tr("WORD"), "%s: %s %s %s (%s)", name, tr(term_row[term].text), tr("Shown in"),
              tr(term_row[term].where), term_row[term].source);
}

/* A word's card, or those of the event. */
static void
glossary(const struct transcript *t, const struct session *s, const char *word)
{
    enum term terms[TERMS_HERE], one = term_by_name(word);
    unsigned n = *word ? 0 : terms_here(&s->scene, false, terms);
    const char *near = *word && one == TERM_NONE ? term_nearest(word) : NULL;

    if (one != TERM_NONE)
        say_card(t, one);
    else if (near)
        plain_say(t, tr("ERROR"), tr("No card for \"%.60s\" (did you mean \"%s\"?)"), word, near);
    else if (*word)
        plain_say(t, tr("ERROR"), tr("No card for \"%.60s\". glossary lists them all."), word);
    for (unsigned i = 0; i < n; i++)
        say_card(t, terms[i]);
}

struct finding {
    const struct transcript *t;
    const char *pane;
};

static void
say_row(void *ctx, const char *row)
{
    const struct finding *f = ctx;

    plain_say(f->t, f->pane, "%s", row);
}

/* Nothing has the focus here, so all panes are searched and the rows are said. */
static void
search(const struct transcript *t, struct session *s, const char *text)
{
    unsigned rows = 0;

    session_refresh(s);
    for (int i = PANE_NONE + 1; i < PANES && *text; i++) {
        struct finding f = {t, pane_row[i].name};
        rows += search_rows(&s->scene, (enum pane_id)i, (int)t->width, text, say_row, &f);
    }
    if (!rows)
        plain_say(t, tr("NOTE"), tr("No pane has \"%s\" in it."), text);
}

/* --- one line --- */

static bool
is_command(const char *line, const char *name, const char **rest)
{
    size_t n = strlen(name);

    if (strncmp(line, name, n) != 0 || (line[n] && line[n] != ' '))
        return false;
    *rest = line + n + strspn(line + n, " ");
    return true;
}

/* A lone letter or number while a question is open. */
static bool
is_answer(const struct session *s, const char *line)
{
    const struct question *q = session_question(s);
    struct error e = {0};
    uint64_t value;

    if (!q)
        return false;
    if (q->choices)
        return line[0] && !line[1] && line[0] >= 'a' && line[0] < 'a' + (int)q->choices;
    return number_parse(line, &value, &e);
}

/* What only a screen does. */
static void
answer_request(const struct transcript *t, struct session *s)
{
    int request = s->request;

    s->request = 0;
    if (request == ACTION_HELP)
        help(t, s);
    else if (request == ACTION_BOOKMARKS)
        list_bookmarks(t, s);
    else if (request == ACTION_GLOSSARY)
        glossary(t, s, s->request_text);
    else if (request == ACTION_MAP)
        s->quit = true;
    else if (request)
        plain_say(t, tr("NOTE"), tr("\"%s\" needs the screen."), action_row[request].name);
}

static bool
is_operation(const char *line)
{
    char word[32];

    snprintf(word, sizeof word, "%.*s", (int)strcspn(line, " \t"), line);
    return operation_by_name(word) != OP_NONE && action_by_name(word) == ACTION_NONE;
}

static void
obey(struct transcript *t, struct session *s, const char *line)
{
    const char *rest;

    line += strspn(line, " \t");
    if (!*line)
        session_command(s, "next");
    else if (is_answer(s, line))
        session_answer(s, line);
    else if (is_command(line, "state", &rest))
        state(t, s, rest);
    else if (is_command(line, "search", &rest))
        search(t, s, rest);
    else if (is_command(line, "language", &rest) && lang_by_code(rest) >= 0)
        options_speak(lang_by_code(rest));
    else if (!line[1] && action_by_key(line, action_situation(s)) != ACTION_NONE)
        action_press(s, line);
    else if (session_command(s, line))
        t->acted = is_operation(line);
    s->stale = s->stale || is_command(line, "language", &rest);
    answer_request(t, s);
}

/* --- the loop --- */

static void
prompt(bool echo, const char *line)
{
    if (!line) {
        output_puts("> ");
    } else if (echo) { /* or the transcript of a pipe would not show what was asked */
        output_clean(line);
        output_puts("\n");
    }
    output_flush();
}

static int
converse(struct transcript *t, struct session *s, const struct plain *p)
{
    struct lines in;
    struct error e = {0};
    bool echo = !isatty(STDIN_FILENO);

    lines_open(&in, "-", &e);
    while (!s->quit && !output_broken()) {
        prompt(echo, NULL);
        if (!lines_next(&in, &e) || interrupted)
            break;
        prompt(echo, in.text);
        s->status[0] = '\0';
        obey(t, s, in.text);
        plain_tell(t, s);
        if (p->moved)
            p->moved(p->ctx, s);
    }
    if (!s->quit)
        output_puts("\n");
    if (interrupted)
        return EXIT_INTERRUPTED;
    return e.code ? output_complain(&e) : EXIT_OK;
}

static unsigned
width_of(const struct plain *p)
{
    const char *columns = getenv("COLUMNS");
    struct error e = {0};
    uint64_t n = 80;

    if (p->width)
        return p->width;
    if (columns && !number_parse_range(columns, 20, 500, "COLUMNS", &n, &e))
        n = 80;
    return (unsigned)n;
}

int
plain_run(struct session *s, const struct plain *p)
{
    struct transcript t = {.width = width_of(p)};
    struct sigaction before;
    int code;

    s->scene.set.plain = true;
    catch_interrupt(&before);
    plain_open(&t, s, p->why);
    plain_tell(&t, s);
    code = converse(&t, s, p);
    sigaction(SIGINT, &before, NULL);
    plain_close(&t);
    return code;
}
