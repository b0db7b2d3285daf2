/* session_page.c - the page of the story as the scene shows it: texts in the language in use, and the question that belongs to the position. */
#include "app/session_internal.h"

#include <string.h>

static const char *
in_use(char *const text[LANGS])
{
    const char *mine = text[lang_now()];

    return mine && *mine ? mine : text[LANG_EN];
}

/* The question to show: the one just answered, the open one if we stand before its event, else the last answered one that we are past. */
static const struct question *
question_here(const struct session *s, bool *open)
{
    const struct question *found = NULL, *q;

    *open = false;
    if (s->shown)
        return s->shown;
    if ((q = session_question(s))) {
        *open = true;
        return q;
    }
    for (unsigned i = 0; (q = player_question(s->player, i)); i++)
        if (q->step == s->step && q->answered && session_number(s, session_before(s, q)) <= session_here(s))
            found = q;
    return found;
}

static unsigned
right_choice(const struct question *q)
{
    for (unsigned i = 0; i < q->choices; i++)
        if (q->choice[i].right)
            return i;
    return SCENE_CHOICES;
}

static void
show_choices(struct scene_question *to, const struct question *q)
{
    to->choices = q->choices < SCENE_CHOICES ? q->choices : SCENE_CHOICES;
    for (unsigned i = 0; i < to->choices; i++)
        to->choice[i] = in_use(q->choice[i].text);
}

static const char *
because_of(const struct question *q, unsigned choice)
{
    return choice < q->choices ? in_use(q->choice[choice].because) : NULL;
}

/* A wrong try reveals why it is wrong, not what is right: one may try again. */
static void
show_open(struct scene_question *to, const struct question *q, const struct session *s)
{
    to->state = s->wrong ? ASK_WRONG : ASK_OPEN;
    to->picked = s->wrong ? q->picked : s->picked;
    to->right = SCENE_CHOICES;
    to->because = s->wrong ? because_of(q, q->picked) : NULL;
    to->tried = q->tried;
    to->typed = s->wrong && !q->choices ? s->typed : NULL;
}

static void
show_answered(struct scene_question *to, const struct question *q)
{
    to->right = right_choice(q);
    to->state = q->state == ANSWER_SKIPPED ? ASK_SKIPPED : ASK_RIGHT;
    to->picked = to->right;
    to->because = q->choices ? because_of(q, to->right) : in_use(q->right);
}

static void
show_question(struct session *s)
{
    struct scene_question *to = &s->scene.page.question;
    const struct question *q;
    bool open;

    if (session_on_branch(s) || !(q = question_here(s, &open)))
        return;
    to->text = in_use(q->text);
    show_choices(to, q);
    to->hints_shown = q->hints_shown;
    for (to->hints = 0; to->hints < SCENE_HINTS && q->hint[to->hints][LANG_EN]; to->hints++)
        to->hint[to->hints] = in_use(q->hint[to->hints]);
    if (open)
        show_open(to, q, s);
    else
        show_answered(to, q);
}

static void
show_task(struct session *s, const struct step *step)
{
    struct scene_page *page = &s->scene.page;

    page->task = in_use(step->task);
    page->task_done = step->task_done;
    page->task_tried = page->task && session_on_branch(s);
    page->task_given_up = step->task_given_up;
    page->task_hints_shown = s->task_hints;
    for (page->task_hints = 0; page->task_hints < SCENE_HINTS && step->task_hint[page->task_hints][LANG_EN]; page->task_hints++)
        page->task_hint[page->task_hints] = in_use(step->task_hint[page->task_hints]);
}

/* `after` may use what the page's events told, so it waits for the last of them, the last answer and the task. */
static bool
page_is_complete(const struct session *s)
{
    struct question *q = session_open_question(s);

    if (session_on_branch(s) || session_task_open(s) || (q && q->step <= s->step))
        return false;
    return session_here(s) >= session_number(s, player_step_end(s->player, s->step));
}

void
session_page(struct session *s)
{
    struct scene_page *page = &s->scene.page;
    const struct step *step = s->player ? player_step(s->player, s->step) : NULL;

    memset(page, 0, sizeof *page);
    if (!step)
        return;
    page->lesson_title = in_use(s->lesson.title);
    page->part = lesson_part_title(s->lesson.part);
    page->step = s->step;
    page->steps = s->lesson.steps;
    page->begins = !session_on_branch(s) && session_here(s) <= session_number(s, player_step_start(s->player, s->step));
    page->title = in_use(step->title);
    page->text = in_use(step->text);
    page->note = in_use(step->note);
    page->card_claim = in_use(step->card_claim);
    page->card_truth = in_use(step->card_truth);
    page->will_ask = !session_on_branch(s) && player_open_question(s->player, s->step);
    show_task(s, step);
    if (page_is_complete(s)) {
        page->after = in_use(step->after);
        page->ends_lesson = s->step == s->lesson.steps && !session_task_open(s);
        s->finished |= page->ends_lesson;
    }
    show_question(s);
}
