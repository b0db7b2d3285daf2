#include "lesson/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "lesson/player_internal.h"

enum {
    STORY_WORDS = 60,
    STORY_CELLS = 38,   /* of the story pane on the narrowest screen that shows it beside others */
    STORY_LINES = 18,
    WALKED_OPS = 2000,  /* operations whose ends are visited both ways */
    WALKED_EVENTS = 400,
};

struct check {
    const char *path;
    const char *const *views;
    void (*found)(void *ctx, enum check_level level, const struct error *what);
    void *ctx;
    struct check_counts *counts;
    struct lesson lesson;
    struct preset preset;
    struct history *history; /* the lesson as told */
    struct player *player;
};

/* --- findings ----------------------------------------------------------------------------------- */

static void
report(struct check *c, enum check_level level, const struct error *e)
{
    if (level == CHECK_ERROR)
        c->counts->errors++;
    else
        c->counts->advice++;
    c->found(c->ctx, level, e);
}

__attribute__((format(printf, 4, 5))) static void
complain(struct check *c, enum check_level level, unsigned step, const char *fmt, ...)
{
    struct error e = {0};
    char text[400];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (step)
        error_at(&e, EXIT_DATA, c->path, c->player->line[step - 1], "step %u: %s", step, text);
    else
        error_at(&e, EXIT_DATA, c->path, 0, "%s", text);
    report(c, level, &e);
}

/* --- telling ------------------------------------------------------------------------------------ */

static bool
open_telling(struct check *c, struct history **h, struct player **p, struct error *e)
{
    *p = NULL;
    *h = history_open(&c->preset, c->lesson.seed, e);
    if (*h)
        *p = player_open(&c->lesson, *h, e);
    if (*p)
        player_set_views(*p, c->views);
    return *p;
}

static void
close_telling(struct history *h, struct player *p)
{
    player_close(p);
    if (h)
        history_close(h);
}

static bool
tell_all(struct check *c, struct history **h, struct player **p)
{
    struct error e = {0};

    if (open_telling(c, h, p, &e))
        while (player_tell(*p, &e))
            continue;
    if (!e.code)
        return true;
    report(c, CHECK_ERROR, &e);
    return false;
}

/* --- digests: two records are equal when these are ------------------------------------------------ */

static void
add_text(struct hash_state *h, char *const text[LANGS])
{
    for (int lang = 0; lang < LANGS; lang++)
        hash_add(h, text[lang] ? text[lang] : "\1", text[lang] ? strlen(text[lang]) + 1 : 2);
}

static void
add_question(struct hash_state *h, const struct question *q)
{
    hash_add(h, q->id, strlen(q->id) + 1);
    hash_add(h, q->answer, strlen(q->answer) + 1);
    hash_add(h, &q->before.op, sizeof q->before.op);
    hash_add(h, &q->before.event, sizeof q->before.event);
    add_text(h, q->text);
    add_text(h, q->right);
    for (int i = 0; i < 3; i++)
        add_text(h, q->hint[i]);
    for (unsigned i = 0; i < q->choices; i++) {
        add_text(h, q->choice[i].text);
        add_text(h, q->choice[i].because);
        hash_add(h, q->choice[i].right ? "y" : "n", 1);
    }
}

static struct hash128
digest(struct player *p, unsigned step)
{
    const struct step *s = player_step(p, step);
    struct hash_state h;
    struct question *q;

    hash_begin(&h, step);
    add_text(&h, s->title);
    add_text(&h, s->text);
    add_text(&h, s->after);
    add_text(&h, s->note);
    add_text(&h, s->card_claim);
    add_text(&h, s->card_truth);
    add_text(&h, s->task);
    hash_add(&h, s->view, strlen(s->view) + 1);
    hash_add(&h, &s->view_at, sizeof s->view_at);
    hash_add(&h, &s->first_op, sizeof s->first_op);
    hash_add(&h, &s->shown_op, sizeof s->shown_op);
    hash_add(&h, &s->last_op, sizeof s->last_op);
    if (s->solution)
        hash_add(&h, s->solution, strlen(s->solution));
    for (unsigned i = 0; (q = player_question(p, i)); i++)
        if (q->step == step)
            add_question(&h, q);
    return hash_end(&h);
}

static struct hash128
state_at(struct history *h, uint64_t op)
{
    history_seek(h, (struct position){op, op ? history_events(h, op) : 0});
    return machine_hash(history_machine(h));
}

/* --- the same again, and each step alone ---------------------------------------------------------- */

static void
check_repeat(struct check *c)
{
    struct history *h;
    struct player *p;

    if (tell_all(c, &h, &p)) {
        for (unsigned n = 1; n <= c->lesson.steps; n++)
            if (!hash_equal(digest(p, n), digest(c->player, n)))
                complain(c, CHECK_ERROR, n, "told a second time it is not the same");
        uint64_t end = history_operations(c->history);
        if (history_operations(h) != end || !hash_equal(state_at(h, end), state_at(c->history, end)))
            complain(c, CHECK_ERROR, c->lesson.steps, "a second telling ends in another state");
    }
    close_telling(h, p);
}

/* The operations before the step as records, then the step itself. */
static bool
tell_alone(struct check *c, unsigned step, struct history *h, struct player *p, struct error *e)
{
    const struct step *s = player_step(c->player, step);
    struct outcome out;

    for (uint64_t n = 1; n < s->first_op; n++)
        if (!history_do(h, history_operation(c->history, n), &out, e))
            return false;
    player_start_at(p, step);
    return player_tell(p, e);
}

static void
check_alone(struct check *c)
{
    for (unsigned n = 2; n <= c->lesson.steps; n++) {
        struct error e = {0};
        struct history *h;
        struct player *p;
        if (!open_telling(c, &h, &p, &e) || !tell_alone(c, n, h, p, &e))
            complain(c, CHECK_ERROR, n, "told alone it fails: %.300s", e.text);
        else if (!hash_equal(digest(p, n), digest(c->player, n)))
            complain(c, CHECK_ERROR, n, "told alone it is not the same: it leans on Lua values of earlier steps");
        close_telling(h, p);
    }
}

/* --- answers -------------------------------------------------------------------------------------- */

static void
answer_choices(struct check *c, struct player *p, struct question *q)
{
    unsigned right = 0, at = 0;

    for (unsigned i = 0; i < q->choices; i++) {
        if (q->choice[i].right) {
            right++;
            at = i;
        } else if (player_answer(p, q, i) || q->answered) {
            complain(c, CHECK_ERROR, q->step, "question %s: a wrong choice is taken as right", q->id);
        } else {
            c->counts->wrong_answers++;
        }
    }
    if (right != 1)
        complain(c, CHECK_ERROR, q->step, "question %s: %u right choices", q->id, right);
    else if (!player_answer(p, q, at) || !q->answered)
        complain(c, CHECK_ERROR, q->step, "question %s: the right choice is refused", q->id);
}

static void
check_answers(struct check *c)
{
    struct history *h;
    struct player *p;
    struct question *q;

    if (tell_all(c, &h, &p)) {
        for (unsigned i = 0; (q = player_question(p, i)); i++) {
            c->counts->questions++;
            if (!q->has_number) {
                answer_choices(c, p, q);
            } else if (player_answer_number(p, q, q->number + 1) || !player_answer_number(p, q, q->number)) {
                complain(c, CHECK_ERROR, q->step, "question %s: the number is not judged", q->id);
            }
        }
        uint64_t end = history_operations(c->history);
        if (!hash_equal(state_at(h, end), state_at(c->history, end)))
            complain(c, CHECK_ERROR, c->lesson.steps, "answering changes the machine");
    }
    close_telling(h, p);
}

/* --- forwards and backwards ------------------------------------------------------------------------ */

static void
check_operations_both_ways(struct check *c)
{
    struct history *h = c->history;
    uint64_t end = history_operations(h) < WALKED_OPS ? history_operations(h) : WALKED_OPS;
    struct hash128 *state = memory_new(end + 1, sizeof *state);
    bool same = true;

    for (uint64_t n = 0; same && n <= end; n++)
        state[n] = state_at(h, n);
    for (uint64_t n = end + 1; same && n-- > 0; c->counts->positions++)
        same = hash_equal(state[n], state_at(h, n));
    for (uint64_t n = 0; same && n <= end; n++)
        same = hash_equal(state[n], state_at(h, n));
    if (!same)
        complain(c, CHECK_ERROR, 0, "forwards and backwards differ");
    free(state);
}

/* Every event from the start, and the same way back. */
static void
check_events_both_ways(struct check *c)
{
    struct history *h = c->history;
    struct position place[WALKED_EVENTS], at = {0, 0};
    struct hash128 state[WALKED_EVENTS];
    unsigned n = 0;

    for (; n < WALKED_EVENTS; n++) {
        history_seek(h, at);
        place[n] = at;
        state[n] = machine_hash(history_machine(h));
        struct position next = history_next(h, at);
        if (next.op == at.op && next.event == at.event) {
            n++;
            break;
        }
        at = next;
    }
    for (unsigned i = n; i-- > 0; c->counts->positions++) {
        history_seek(h, place[i]);
        struct position before = history_previous(h, place[i]);
        if (!hash_equal(state[i], machine_hash(history_machine(h))) ||
            (i > 0 && (before.op != place[i - 1].op || before.event != place[i - 1].event))) {
            complain(c, CHECK_ERROR, 0, "stepping back from event %u of operation %llu leads elsewhere", place[i].event,
                     (unsigned long long)place[i].op);
            return;
        }
    }
}

/* --- texts ---------------------------------------------------------------------------------------- */

static unsigned
count_words(const char *text)
{
    unsigned words = 0;

    for (bool inside = false; *text; text++) {
        bool blank = *text == ' ' || *text == '\n';
        words += !blank && !inside;
        inside = !blank;
    }
    return words;
}

static bool
has_wide(const char *text)
{
    uint32_t cp;

    for (size_t n; *text; text += n) {
        n = text_step(text, strlen(text), &cp);
        if (text_cell_width(cp) == 2)
            return true;
    }
    return false;
}

static void
check_text(struct check *c, unsigned step, const char *what, char *const text[LANGS])
{
    if (!text[LANG_EN])
        return;
    /* One or two words without a Chinese letter may well be a name: "fork", "page_fault". */
    if (count_words(text[LANG_ZH]) > 2 && !has_wide(text[LANG_ZH]))
        complain(c, CHECK_ERROR, step, "%s: no Chinese text", what);
    if (has_wide(text[LANG_EN]))
        complain(c, CHECK_ERROR, step, "%s: the English text holds Chinese", what);
}

static void
check_story(struct check *c, unsigned step, const struct step *s)
{
    if (!s->text[LANG_EN] && !s->task[LANG_EN] && !player_open_question(c->player, step) && s->first_op > s->last_op)
        complain(c, CHECK_ERROR, step, "nothing happens here and nothing is said");
    if (!s->text[LANG_EN])
        return;
    if (count_words(s->text[LANG_EN]) >= STORY_WORDS)
        complain(c, CHECK_ADVICE, step, "%u words of story; fewer than %d read better", count_words(s->text[LANG_EN]), STORY_WORDS);
    for (int lang = 0; lang < LANGS; lang++) {
        unsigned lines = text_wrap_count(s->text[lang], STORY_CELLS);
        if (lines > STORY_LINES)
            complain(c, CHECK_ERROR, step, "text (%s): %u lines of %d cells; %d fit beside the other panes", lang_code[lang], lines,
                     STORY_CELLS, STORY_LINES);
    }
}

/* Does the text give the answer away? Whole words only, and nothing as short as a digit. */
static bool
tells(const char *text, const char *answer)
{
    size_t n = strlen(answer);

    if (!text || n < 3)
        return false;
    for (const char *at = text; (at = strstr(at, answer)); at++) {
        char before = at > text ? at[-1] : ' ', after = at[n];
        bool joined = (before >= '0' && before <= '9') || ((before | 0x20) >= 'a' && (before | 0x20) <= 'z') ||
                      (after >= '0' && after <= '9') || ((after | 0x20) >= 'a' && (after | 0x20) <= 'z');
        if (!joined)
            return true;
    }
    return false;
}

static void
check_question_texts(struct check *c, const struct question *q)
{
    const struct step *s = player_step(c->player, q->step);
    char what[80];

    snprintf(what, sizeof what, "question %s", q->id);
    check_text(c, q->step, what, q->text);
    check_text(c, q->step, what, q->right);
    for (int i = 0; i < 3; i++)
        check_text(c, q->step, what, q->hint[i]);
    for (unsigned i = 0; i < q->choices; i++) {
        check_text(c, q->step, what, q->choice[i].because);
        if (!q->choice[i].because[LANG_EN])
            complain(c, CHECK_ADVICE, q->step, "question %s: choice \"%s\" has no because", q->id, q->choice[i].text[LANG_EN]);
    }
    if (tells(s->text[LANG_EN], q->answer) || tells(q->text[LANG_EN], q->answer))
        complain(c, CHECK_ADVICE, q->step, "question %s: its answer %s stands in the text before it", q->id, q->answer);
}

static void
check_texts(struct check *c)
{
    bool card = false, task = false;

    for (unsigned n = 1; n <= c->lesson.steps; n++) {
        const struct step *s = player_step(c->player, n);
        check_text(c, n, "title", s->title);
        check_text(c, n, "text", s->text);
        check_text(c, n, "after", s->after);
        check_text(c, n, "note", s->note);
        check_text(c, n, "card", s->card_claim);
        check_text(c, n, "card", s->card_truth);
        check_text(c, n, "task", s->task);
        check_story(c, n, s);
        card = card || s->card_claim[LANG_EN];
        task = task || s->task[LANG_EN];
    }
    struct question *q;
    unsigned questions = 0;
    for (; (q = player_question(c->player, questions)); questions++)
        check_question_texts(c, q);
    if (questions < 4)
        complain(c, CHECK_ADVICE, 0, "%u predictions; four make a lesson", questions);
    if (!card)
        complain(c, CHECK_ADVICE, 0, "no misconception card");
    if (!task)
        complain(c, CHECK_ADVICE, 0, "no task");
}

/* --- the head --------------------------------------------------------------------------------------- */

/* A part of one's own is allowed: the map shows it after the course's. */
static void
check_part(struct check *c)
{
    const char *near;

    if (lesson_part_known(c->lesson.part, &near))
        return;
    if (near)
        complain(c, CHECK_ADVICE, 0, "part \"%s\" is not one of the course (did you mean \"%s\"?)", c->lesson.part, near);
    else
        complain(c, CHECK_ADVICE, 0, "part \"%s\" is not one of the course: see `pagewalk list`", c->lesson.part);
}

static void
check_head(struct check *c)
{
    const char *name = strrchr(c->path, '/');
    size_t n = strlen(c->lesson.id);

    check_part(c);
    name = name ? name + 1 : c->path;
    if (strncmp(name, c->lesson.id, n) != 0 || strcmp(name + n, ".lua") != 0)
        complain(c, CHECK_ADVICE, 0, "id \"%s\" in a file named %s: `pagewalk learn %s` looks for %s.lua", c->lesson.id, name,
                 c->lesson.id, c->lesson.id);
    for (unsigned i = 0; i < c->lesson.need_count; i++) {
        struct lesson other;
        struct error e = {0};
        if (lesson_find(c->lesson.needs[i], &other, &e))
            lesson_free(&other);
        else
            complain(c, CHECK_ADVICE, 0, "needs: %.300s", e.text);
    }
}

/* --- all of it --------------------------------------------------------------------------------------- */

static void
check_told(struct check *c)
{
    unsigned passed, failed;

    player_expectations(c->player, &passed, &failed);
    c->counts->steps = c->lesson.steps;
    c->counts->expectations = passed + failed;
    if (failed) {
        struct error e = {0};
        error_set(&e, EXIT_ANSWER, "%s", player_failure(c->player));
        report(c, CHECK_ERROR, &e);
    }
    check_head(c);
    check_texts(c);
    check_repeat(c);
    check_answers(c);
    check_operations_both_ways(c);
    check_events_both_ways(c);
    check_alone(c);
}

bool
lesson_check(const char *path, const char *const *views,
             void (*found)(void *ctx, enum check_level level, const struct error *what), void *ctx,
             struct check_counts *counts)
{
    struct check c = {.path = path, .views = views, .found = found, .ctx = ctx, .counts = counts};
    struct error e = {0};

    memset(counts, 0, sizeof *counts);
    if (!lesson_load(path, &c.lesson, &e)) {
        report(&c, CHECK_ERROR, &e);
        return false;
    }
    if (!preset_load(c.lesson.machine, &c.preset, &e)) {
        error_place(&e, path, 0);
        report(&c, CHECK_ERROR, &e);
    } else if (tell_all(&c, &c.history, &c.player)) {
        check_told(&c);
    }
    close_telling(c.history, c.player);
    lesson_free(&c.lesson);
    return counts->errors == 0;
}
