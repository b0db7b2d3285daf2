/* actions.c - the table of actions and what each does to a session. */
#include "app/actions.h"

#include <stdio.h>
#include <string.h>

#include "app/keymap.h"
#include "base/data.h"
#include "base/number.h"
#include "base/text.h"
#include "machine/operation.h"

enum {
    MAP = SITUATION_MAP,
    LESSON = SITUATION_LESSON,
    PLAY = SITUATION_PLAY,
    ASK = SITUATION_ASK,
    TASK = SITUATION_TASK,
    BRANCH = SITUATION_BRANCH,
    ANY = LESSON | PLAY,
};

const struct action_row action_row[ACTIONS] = {
#define ACTION(code, name, keys, where, label, help) [ACTION_##code] = {name, keys, where, label, help},
#include "app/actions.def"
#undef ACTION
};

/* --- looking up ---------------------------------------------------------------------------------- */

enum action_code
action_by_name(const char *name)
{
    for (int a = ACTION_NONE + 1; a < ACTIONS; a++)
        if (strcmp(action_row[a].name, name) == 0)
            return (enum action_code)a;
    return ACTION_NONE;
}

bool
action_key(enum action_code a, unsigned i, char out[16])
{
    const char *at = keymap_keys(a);

    for (;; i--) {
        size_t n = strcspn(at, " ");
        if (n == 0)
            return false;
        if (i == 0) {
            snprintf(out, 16, "%.*s", (int)n, at);
            return true;
        }
        at += n + (at[n] == ' ');
    }
}

bool
action_works(enum action_code a, unsigned situation)
{
    return a > ACTION_NONE && a < ACTIONS && action_row[a].where & situation;
}

enum action_code
action_by_key(const char *key, unsigned situation)
{
    char name[16];

    for (int a = ACTION_NONE + 1; a < ACTIONS; a++)
        for (unsigned i = 0; action_works((enum action_code)a, situation) && action_key((enum action_code)a, i, name); i++)
            if (strcmp(name, key) == 0)
                return (enum action_code)a;
    return ACTION_NONE;
}

bool
action_wants_argument(enum action_code a)
{
    const struct action_row *row = &action_row[a];
    size_t n = strlen(row->name);

    return !*row->keys && strncmp(row->help, row->name, n) == 0 && row->help[n] == ' ';
}

unsigned
action_situation(const struct session *s)
{
    if (!s)
        return SITUATION_MAP;
    if (history_on_branch(s->history))
        return (s->player ? SITUATION_LESSON : SITUATION_PLAY) | SITUATION_BRANCH | (session_task_open(s) ? SITUATION_TASK : 0);
    if (!s->player)
        return SITUATION_PLAY;
    if (session_question(s))
        return SITUATION_LESSON | SITUATION_ASK;
    return SITUATION_LESSON | (session_task_open(s) ? SITUATION_TASK : 0);
}

/* --- keys ---------------------------------------------------------------------------------------- */

static int
hex_digit(const char *key)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = key[0] && !key[1] ? strchr(digits, key[0]) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* +1, -1 or 0. */
static int
step_of(const char *key, const char *minus, const char *plus)
{
    return strcmp(key, plus) == 0 ? 1 : strcmp(key, minus) == 0 ? -1 : 0;
}

static bool
editing_bytes(const struct session *s)
{
    return s->scene.set.focus == PANE_HEX && !session_question(s);
}

/* A letter of an answer, or what picks one. In a pane that one went to by hand the arrows stay with that pane. */
static bool
question_takes(const struct session *s, const struct question *q, const char *key)
{
    bool elsewhere = s->pane_by_hand && s->scene.set.focus != PANE_STORY;

    if (strcmp(key, "Enter") == 0)
        return true;
    if (!q->choices)
        return key[0] >= '0' && key[0] <= '9' && !key[1];
    return (!elsewhere && step_of(key, "Up", "Down")) || (!key[1] && key[0] >= 'a' && key[0] < 'a' + (int)q->choices);
}

static bool
search_takes(const struct session *s, const char *key)
{
    return session_searching(s) && (step_of(key, "N", "n") || strcmp(key, "Escape") == 0);
}

bool
action_key_is_taken(const struct session *s, const char *key)
{
    const struct question *q = session_question(s);

    if (q && question_takes(s, q, key))
        return true;
    if (search_takes(s, key))
        return true;
    if (q)
        return false;
    return editing_bytes(s) && (hex_digit(key) >= 0 || step_of(key, "Left", "Right") || step_of(key, "Up", "Down"));
}

static bool
ask_for(struct session *s, enum action_code a, const char *text)
{
    s->request = a;
    snprintf(s->request_text, sizeof s->request_text, "%s", text);
    return true;
}

/* The line is begun, the rest is typed. */
static bool
ask_for_rest(struct session *s, enum action_code a)
{
    char text[KEYMAP_KEYS];

    snprintf(text, sizeof text, "%s ", action_row[a].name);
    return ask_for(s, ACTION_PROMPT, text);
}

static bool
press_answer(struct session *s, const struct question *q, const char *key)
{
    char text[24];

    if (step_of(key, "Up", "Down"))
        return session_pick(s, step_of(key, "Up", "Down"));
    if (!q->choices) {
        snprintf(text, sizeof text, "answer %s", key[1] ? "" : key);
        return ask_for(s, ACTION_PROMPT, text);
    }
    return session_answer(s, key[1] ? NULL : key);
}

static bool
select_by(struct session *s, int dx, int dy)
{
    session_refresh(s);
    if (session_searching(s))
        session_search_end(s);
    s->edit_digit = SESSION_EDIT_NONE;
    s->scene.set.hex_low_digit = false;
    pane_move(&s->scene, (enum pane_id)s->scene.set.focus, dx, dy, &s->scene.set);
    return true;
}

/* n and N as in every pager; Escape goes one level up. */
static bool
press_in_search(struct session *s, const char *key)
{
    if (step_of(key, "N", "n"))
        return session_search_go(s, step_of(key, "N", "n"));
    session_search_end(s);
    s->status[0] = '\0';
    return true;
}

bool
action_press(struct session *s, const char *key)
{
    const struct question *q = session_question(s);
    enum action_code a;

    if (q && question_takes(s, q, key))
        return press_answer(s, q, key);
    if (search_takes(s, key))
        return press_in_search(s, key);
    if (editing_bytes(s) && hex_digit(key) >= 0)
        return session_hex_digit(s, hex_digit(key));
    if (editing_bytes(s) && action_key_is_taken(s, key))
        return select_by(s, step_of(key, "Left", "Right"), step_of(key, "Up", "Down"));
    a = action_by_key(key, action_situation(s));
    if (a != ACTION_NONE && action_wants_argument(a))
        return ask_for_rest(s, a);
    if (a != ACTION_NONE)
        return action_run(s, a, "");
    if (strcmp(key, "Escape") == 0) { /* one level up: the zoomed pane */
        s->scene.set.zoomed = false;
        s->status[0] = '\0';
        return true;
    }
    return session_fail(s, session_words(s, tr("%s means nothing here. {help} lists what works."),
                                         tr("%s means nothing here. help lists what works.")), key);
}

/* --- running ------------------------------------------------------------------------------------- */

static bool
run_goto(struct session *s, const char *args)
{
    struct error e = {0};
    uint64_t number;
    bool page = strncmp(args, "step ", 5) == 0;

    if (!number_parse(page ? args + 5 : args, &number, &e))
        return session_fail(s, "%s", tr("goto N: an event's number; goto step N: a page of the story"));
    return page ? session_go_step(s, number > 100000 ? 100000 : (unsigned)number) : session_go_event(s, number);
}

static bool
run_bookmarks(struct session *s, const char *args)
{
    struct error e = {0};
    uint64_t number;

    if (!number_parse_range(args, 1, BOOKMARKS_LESSON, "bookmarks", &number, &e))
        return session_error(s, &e);
    return session_bookmark_go(s, (unsigned)number - 1);
}

static bool
focus_by(struct session *s, int delta)
{
    enum pane_id order[PANES];
    int w = s->width ? s->width : 80, h = s->height ? s->height : 24;
    int n, at = delta > 0 ? -1 : 0;

    session_refresh(s);
    n = (int)screen_panes(&s->scene, w, h, order);
    if (n <= 0)
        return false;
    for (int i = 0; i < n; i++)
        if ((int)order[i] == s->scene.set.focus)
            at = i;
    at = (at + delta + n) % n;
    s->edit_digit = SESSION_EDIT_NONE;
    s->scene.set.hex_low_digit = false;
    pane_focus(&s->scene.set, order[at]);
    s->pane_by_hand = true;
    s->status[0] = '\0';
    return true;
}

static bool
run_pane(struct session *s, const char *args)
{
    enum pane_id pane;
    const char *near;

    if (!*args)
        return focus_by(s, 1);
    pane = pane_by_name(args);
    if (pane != PANE_NONE) {
        pane_focus(&s->scene.set, pane);
        s->pane_by_hand = true;
        return true;
    }
    near = error_nearest(args, pane_names());
    return session_fail(s, tr("No pane is called \"%s\" (did you mean \"%s\"?)"), args, near ? near : pane_row[PANE_TREE].name);
}

bool
action_speak(enum lang lang, struct error *e)
{
    static bool tried;
    char path[1024];
    bool ok = true;

    if (lang != LANG_EN && !tried) {
        tried = true;
        ok = data_path(path, sizeof path, "lang") && lang_load(path, e);
    }
    lang_use(lang);
    return ok;
}

static bool
run_language(struct session *s, const char *args)
{
    int lang = *args ? lang_by_code(args) : (int)(lang_now() + 1) % LANGS;
    struct error e = {0};

    if (lang < 0)
        return session_fail(s, "%s", tr("Languages: en, zh"));
    s->stale = true;
    s->status[0] = '\0';
    return action_speak((enum lang)lang, &e) || session_error(s, &e);
}

static bool
run_numbers(struct session *s, const char *args)
{
    enum number_style wanted = (enum number_style)((s->scene.set.numbers + 1) % NUMBER_STYLES);

    for (int i = 0; *args && i < NUMBER_STYLES; i++)
        if (strcmp(args, number_style_word[i]) == 0)
            wanted = (enum number_style)i;
    if (*args && strcmp(args, number_style_word[wanted]) != 0)
        return session_fail(s, "%s", tr("numbers hex or numbers decimal"));
    s->scene.set.numbers = wanted;
    if (wanted == NUMBERS_HEX)
        return session_say(s, "%s", tr("Addresses and values in hex: 0x stands before each."));
    return session_say(s, "%s", tr("Addresses and values in decimal; f3a stays the frame's name (hex)."));
}

static bool
run_cpu(struct session *s)
{
    unsigned cpus = history_machine(s->history)->hw.geo.cpus;

    if (cpus < 2)
        return session_fail(s, "%s", tr("This machine has one CPU."));
    s->scene.set.cpu = (s->scene.set.cpu + 1) % cpus;
    s->stale = true;
    return session_say(s, tr("CPU %u"), s->scene.set.cpu);
}

static bool
run_zoom(struct session *s)
{
    if (s->scene.set.plain)
        return ask_for(s, ACTION_ZOOM, "");
    s->scene.set.zoomed = !s->scene.set.zoomed;
    s->status[0] = '\0';
    return true;
}

bool
action_run(struct session *s, enum action_code a, const char *args)
{
    if (!action_works(a, action_situation(s)))
        return session_fail(s, tr("\"%s\" does nothing here."), action_row[a].name);
    switch (a) {
    case ACTION_NEXT_EVENT: return session_next_event(s);
    case ACTION_PREVIOUS_EVENT: return session_previous_event(s);
    case ACTION_NEXT_STEP: return session_next_step(s);
    case ACTION_PREVIOUS_STEP: return session_previous_step(s);
    case ACTION_NEXT_OP: return session_next_operation(s);
    case ACTION_PREVIOUS_OP: return session_previous_operation(s);
    case ACTION_START: return session_go_start(s);
    case ACTION_END: return session_go_end(s);
    case ACTION_GOTO: return run_goto(s, args);
    case ACTION_NEXT_FAULT: return session_find_event(s, 1, "fault");
    case ACTION_PREVIOUS_FAULT: return session_find_event(s, -1, "fault");
    case ACTION_FIND_NEXT: return session_find_event(s, 1, args);
    case ACTION_FIND_PREVIOUS: return session_find_event(s, -1, args);
    case ACTION_SEARCH: return *args ? session_search(s, args) : ask_for(s, ACTION_PROMPT, "search ");
    case ACTION_SEARCH_NEXT: return session_search_go(s, 1);
    case ACTION_SEARCH_PREVIOUS: return session_search_go(s, -1);
    case ACTION_WHO_WROTE: return session_who_wrote(s);
    case ACTION_NEXT_USE: return session_next_use(s);
    case ACTION_JUMP_BACK: return session_go_back(s);
    case ACTION_BOOKMARK: return session_bookmark(s, args);
    case ACTION_BOOKMARK_NEXT: return session_bookmark_step(s, 1);
    case ACTION_BOOKMARK_PREVIOUS: return session_bookmark_step(s, -1);
    case ACTION_BOOKMARKS: return *args ? run_bookmarks(s, args) : ask_for(s, a, args);
    case ACTION_ANSWER: return session_answer(s, args);
    case ACTION_HINT: return session_hint(s);
    case ACTION_SKIP: return session_skip(s);
    case ACTION_STORY: return session_leave_branch(s);
    case ACTION_CHECK: return session_check(s);
    case ACTION_PANE_NEXT: return run_pane(s, args);
    case ACTION_PANE_PREVIOUS: return focus_by(s, -1);
    case ACTION_ZOOM: return run_zoom(s);
    case ACTION_UP: return select_by(s, 0, -1);
    case ACTION_DOWN: return select_by(s, 0, 1);
    case ACTION_LEFT: return select_by(s, -1, 0);
    case ACTION_RIGHT: return select_by(s, 1, 0);
    case ACTION_HEX: return session_hex(s, args);
    case ACTION_LANGUAGE: return run_language(s, args);
    case ACTION_NUMBERS: return run_numbers(s, args);
    case ACTION_CPU: return run_cpu(s);
    case ACTION_QUIT: s->quit = true; return true;
    default: return ask_for(s, a, args); /* prompt, help, theme ...: the screen's */
    }
}

/* --- commands ------------------------------------------------------------------------------------ */

static bool
unknown_command(struct session *s, const char *word)
{
    const char *names[ACTIONS + OPERATION_CODES + 1];
    const char *near;
    int n = 0;

    for (int a = ACTION_NONE + 1; a < ACTIONS; a++)
        names[n++] = action_row[a].name;
    for (int o = OP_NONE + 1; o < OPERATION_CODES; o++)
        names[n++] = operation_row((enum operation_code)o)->name;
    names[n] = NULL;
    near = error_nearest(word, names);
    if (near)
        return session_fail(s, tr("\"%s\" is no command and no operation (did you mean \"%s\"?)"), word, near);
    return session_fail(s, session_words(s, tr("\"%s\" is no command and no operation. {help} lists them."),
                                         tr("\"%s\" is no command and no operation. help lists them.")), word);
}

bool
session_command(struct session *s, const char *line)
{
    char word[64];
    size_t n;
    enum action_code a;

    line += strspn(line, " \t");
    n = strcspn(line, " \t");
    s->status[0] = '\0';
    if (n == 0 || *line == '#')
        return true;
    snprintf(word, sizeof word, "%.*s", (int)n, line);
    a = action_by_name(word);
    if (a != ACTION_NONE) {
        char args[256];
        line += n;
        line += strspn(line, " \t");
        snprintf(args, sizeof args, "%s", line);
        for (n = strlen(args); n && (args[n - 1] == ' ' || args[n - 1] == '\t'); n--)
            args[n - 1] = '\0';
        return action_run(s, a, args);
    }
    if (operation_by_name(word) == OP_NONE)
        return unknown_command(s, word);
    return session_operate(s, line);
}

/* --- the footer ---------------------------------------------------------------------------------- */

const char *
action_key_text(const char *key, enum glyph_set glyphs)
{
    static const struct { const char *key; enum glyph glyph; } arrow[] = {
        {"Left", GLYPH_ARROW_LEFT}, {"Right", GLYPH_ARROW_RIGHT}, {"Up", GLYPH_ARROW_UP}, {"Down", GLYPH_ARROW_DOWN}};

    for (unsigned i = 0; i < sizeof arrow / sizeof arrow[0] && glyphs == GLYPHS_UNICODE; i++)
        if (strcmp(key, arrow[i].key) == 0)
            return glyph_text(glyphs, arrow[i].glyph);
    if (strcmp(key, "Escape") == 0)
        return "Esc";
    return key;
}

static void
footer_item(struct footer *out, enum action_code a, const char *key, const char *label)
{
    if (out->parts == FOOTER_PARTS)
        return;
    buffer_printf(&out->text, "%s%s %s", out->parts ? "|" : "", key, label);
    out->action[out->parts++] = a;
}

static void
footer_action(const struct session *s, enum action_code a, enum glyph_set glyphs, struct footer *out)
{
    const char *label = a == ACTION_NEXT_STEP && !s->player ? tr("next operation") : tr(action_row[a].label);
    char key[16];

    for (unsigned i = 0; action_key(a, i, key); i++)
        if (!s || !action_key_is_taken(s, key)) {
            footer_item(out, a, action_key_text(key, glyphs), label);
            return;
        }
}

static void
footer_question(const struct question *q, struct footer *out)
{
    char keys[8];

    if (!q->choices) {
        footer_item(out, ACTION_NONE, "0-9", tr("type the answer"));
        return;
    }
    snprintf(keys, sizeof keys, "a-%c", 'a' + (int)q->choices - 1);
    footer_item(out, ACTION_NONE, keys, tr("answer"));
}

/* What the row names first, because it is what comes next: acting in a playground or a task, the course at a lesson's end. */
static enum action_code
footer_first(const struct session *s, unsigned now)
{
    if (now & (SITUATION_PLAY | SITUATION_TASK))
        return ACTION_PROMPT;
    return s && s->scene.page.ends_lesson ? ACTION_MAP : ACTION_NONE;
}

/* Where nothing comes after, the row does not promise it. */
static bool
footer_omits(const struct session *s, enum action_code a, enum action_code first)
{
    bool forward = a == ACTION_NEXT_EVENT || a == ACTION_NEXT_STEP;

    if (a == first)
        return true;
    if (a == ACTION_NEXT_STEP && s && s->scene.set.present && session_waits(s))
        return false;
    return forward && s && (session_waits(s) || s->scene.page.ends_lesson);
}

/* A narrow row drops what comes last: never the keys that go on, that tell the others, and that lead out. */
enum footer_ranks { RANK_NOW, RANK_MOVE, RANK_WAY_OUT, RANK_REST, FOOTER_RANKS };

static unsigned
footer_rank(enum action_code a)
{
    if (!(action_row[a].where & (SITUATION_MAP | SITUATION_LESSON | SITUATION_PLAY)))
        return RANK_NOW;
    if (a == ACTION_NEXT_EVENT || a == ACTION_NEXT_STEP || a == ACTION_PREVIOUS_EVENT || a == ACTION_OPEN)
        return RANK_MOVE;
    return a == ACTION_HELP || a == ACTION_QUIT ? RANK_WAY_OUT : RANK_REST;
}

void
action_footer(const struct session *s, enum glyph_set glyphs, struct footer *out)
{
    unsigned now = action_situation(s);
    const struct question *q = s ? session_question(s) : NULL;
    enum action_code first = footer_first(s, now);

    buffer_truncate(&out->text, 0);
    out->parts = 0;
    if (s && session_searching(s))
        footer_item(out, ACTION_NONE, "n N", tr("matches"));
    if (q)
        footer_question(q, out);
    else if (s && editing_bytes(s))
        footer_item(out, ACTION_NONE, "0-9a-f", tr("change the byte"));
    if (first != ACTION_NONE)
        footer_action(s, first, glyphs, out);
    for (unsigned rank = 0; rank < FOOTER_RANKS; rank++)
        for (int a = ACTION_NONE + 1; a < ACTIONS; a++) {
            if (footer_rank((enum action_code)a) != rank || !*action_row[a].label || !action_works((enum action_code)a, now))
                continue;
            if (footer_omits(s, (enum action_code)a, first))
                continue;
            footer_action(s, (enum action_code)a, glyphs, out);
        }
}
