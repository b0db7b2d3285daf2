/* pane_story.c - the page of the story with its question; in the playground, what one can do here. The page is laid out twice: once dry, to
 * know where the question ends, so that a long page opens with its question in sight.
 */
#include "view/panes.h"

#include <stdio.h>

#include "base/json.h"
#include "base/lang.h"

/* How a page names the key of an action. */
static const char *
key_of(const struct scene *s, const char *action)
{
    return s->set.key ? s->set.key(action) : action;
}

static void
story_paragraph(struct pen *p, const char *text, enum role role, unsigned flags)
{
    if (!text || !*text)
        return;
    pen_wrap(p, 0, text, role, flags);
    pen_line(p);
}

static void
story_labelled(struct pen *p, enum glyph g, const char *label, enum role role, const char *text)
{
    if (!text || !*text)
        return;
    pen_glyph(p, g, role, CELL_BOLD);
    pen_put(p, " ", role, 0);
    pen_rest(p, label, role, CELL_BOLD);
    pen_line(p);
    pen_wrap(p, 2, text, ROLE_TEXT, 0);
    pen_line(p);
}

static void
story_choice(struct pen *p, const struct scene_question *q, unsigned i)
{
    bool picked = q->picked == i, open = q->state == ASK_OPEN;
    bool right = !open && q->right == i, wrong = q->state == ASK_WRONG && picked && !right;
    bool tried = !right && q->right >= SCENE_CHOICES && (q->tried >> i & 1);
    enum role role = right ? ROLE_CORRECT : wrong ? ROLE_WRONG : picked && open ? ROLE_CURSOR : ROLE_TEXT;
    int w = p->r.w;

    if (!p->dry && q->right >= SCENE_CHOICES) /* may be answered still */
        canvas_target(p->c, TARGET_CHOICE, i, 0);
    if (right)
        pen_glyph(p, GLYPH_CHECK, role, 0);
    else if (wrong)
        pen_glyph(p, GLYPH_CROSS, role, 0);
    else if (picked && open)
        pen_glyph(p, GLYPH_POINT_RIGHT, role, 0);
    else if (tried)
        pen_glyph(p, GLYPH_CROSS, ROLE_WRONG, 0);
    else
        pen_put(p, " ", role, 0);
    if (tried && picked && open)
        pen_glyph(p, GLYPH_CROSS, role, 0);
    else
        pen_put(p, " ", role, 0);
    pen_putf(p, role == ROLE_TEXT ? ROLE_KEY : role, 0, "%c ", 'a' + (int)i);
    if (w > 4)
        pen_wrap(p, 4, q->choice[i], role, 0);
    else
        pen_line(p);
    canvas_target(p->c, TARGET_NONE, 0, 0);
}

static void
story_hints(struct pen *p, const char *const hint[], unsigned shown, unsigned there)
{
    for (unsigned i = 0; i < shown && i < SCENE_HINTS; i++) {
        pen_putf(p, ROLE_HINT, 0, "%s %u/%u", tr("Hint"), i + 1, there);
        pen_line(p);
        pen_wrap(p, 2, hint[i], ROLE_TEXT, 0);
    }
}

static void
story_task(struct pen *p, const struct scene *s)
{
    const struct scene_page *page = &s->page;
    char text[160];
    const char *label = page->task_given_up ? tr("Task: skipped") : page->task_done ? tr("Task: done") : tr("Your task");
    enum glyph g = page->task_given_up ? GLYPH_BULLET : page->task_done ? GLYPH_CHECK : GLYPH_POINT_RIGHT;

    story_labelled(p, g, label, page->task_given_up ? ROLE_WARNING : page->task_done ? ROLE_CORRECT : ROLE_ACCENT, page->task);
    snprintf(text, sizeof text, tr("Not done yet. Go on, or %s and try afresh."), key_of(s, "story"));
    if (page->task_tried && !page->task_done)
        story_paragraph(p, s->set.plain ? tr("Not done yet. Go on, or story and try afresh.") : text, ROLE_WARNING, 0);
    story_hints(p, page->task_hint, page->task_hints_shown, page->task_hints);
    if (page->task_hints_shown)
        pen_line(p);
}

static void
story_verdict(struct pen *p, const struct scene_question *q)
{
    static const char *const verdict[] = {"", "", "Right.", "Not this time.", "Skipped: here is the answer."};
    enum role role = q->state == ASK_RIGHT ? ROLE_CORRECT : q->state == ASK_WRONG ? ROLE_WRONG : ROLE_WARNING;
    char text[120];

    pen_glyph(p, q->state == ASK_RIGHT ? GLYPH_CHECK : q->state == ASK_WRONG ? GLYPH_CROSS : GLYPH_BULLET, role, 0);
    if (q->state == ASK_WRONG && q->typed) {
        snprintf(text, sizeof text, tr("Not %s. Try another number."), q->typed);
        pen_wrap(p, 2, text, role, 0);
    } else {
        pen_wrap(p, 2, tr(verdict[q->state]), role, 0);
    }
}

/* Returns the row after the question. */
static int
story_question(struct pen *p, const struct scene_question *q, bool plain)
{
    bool open = q->state == ASK_OPEN;

    if (q->state == ASK_NONE)
        return p->y;
    pen_put(p, "?", ROLE_QUESTION, CELL_REVERSE);
    pen_wrap(p, 2, q->text, ROLE_QUESTION, 0);
    for (unsigned i = 0; i < q->choices && i < SCENE_CHOICES; i++)
        story_choice(p, q, i);
    if (!q->choices && open)
        pen_wrap(p, 2, plain ? tr("Type the number.") : tr("Type the number, then Enter."), ROLE_DIM, 0);
    story_hints(p, q->hint, q->hints_shown, q->hints);
    if (!open)
        story_verdict(p, q);
    if (q->because && (q->state == ASK_RIGHT || q->state == ASK_WRONG || q->state == ASK_SKIPPED))
        pen_wrap(p, 2, q->because, ROLE_TEXT, 0);
    pen_line(p);
    return p->y;
}

/* Not at the cost of a page's first words: the row of keys says it too. */
static void
story_end(struct pen *p, const struct scene *s)
{
    char text[256];

    snprintf(text, sizeof text, tr("%s opens the course: what comes next. Or stay: %s goes back in time, %s tries things out."),
             key_of(s, "map"), key_of(s, "back"), key_of(s, "prompt"));
    story_labelled(p, GLYPH_CHECK, tr("The end of this lesson"), ROLE_CORRECT,
                   s->set.plain ? tr("quit leaves. Or stay: back goes back in time, an operation tries things out.") : text);
}

/* Returns the row that should be in sight. */
static int
story_write(struct pen *p, const struct scene *s)
{
    const struct scene_page *page = &s->page;
    int sight = 0;

    story_paragraph(p, page->title, ROLE_TITLE, CELL_BOLD);
    story_paragraph(p, page->text, ROLE_TEXT, 0);
    story_labelled(p, GLYPH_CROSS, tr("Often believed"), ROLE_WARNING, page->card_claim);
    story_labelled(p, GLYPH_CHECK, tr("In truth"), ROLE_CORRECT, page->card_truth);
    if (page->task) {
        story_task(p, s);
        sight = p->y;
    }
    if (page->question.state != ASK_NONE)
        sight = story_question(p, &page->question, s->set.plain);
    if (page->after) {
        story_paragraph(p, page->after, ROLE_TEXT, 0);
        sight = p->y;
    }
    if (page->ends_lesson)
        story_end(p, s);
    return sight;
}

/* --- the playground ----------------------------------------------------------------------------- */

static void
playground_outcome(struct pen *p, const struct scene *s)
{
    const struct outcome *o = s->outcome;

    if (!o)
        return;
    pen_put(p, "  ", ROLE_TEXT, 0);
    pen_outcome(p, o);
    pen_line(p);
    if (o->faults) {
        pen_putf(p, ROLE_TEXT, 0, "  %s %u", tr("page faults on the way:"), o->faults);
        pen_line(p);
    }
}

static void
playground_write(struct pen *p, const struct scene *s)
{
    char text[256];

    story_paragraph(p, tr("Playground"), ROLE_TITLE, CELL_BOLD);
    if (s->op) {
        pen_put(p, "> ", ROLE_ACCENT, 0);
        pen_rest(p, operation_text(s, s->op), ROLE_TITLE, CELL_BOLD);
        pen_line(p);
        playground_outcome(p, s);
        pen_line(p);
    }
    snprintf(text, sizeof text, tr("Press %s and type an operation. Everything it does can be walked through, forwards and back."),
             key_of(s, "prompt"));
    pen_wrap(p, 0, s->set.plain ? tr("Type an operation. Everything it does can be walked through, forwards and back.") : text,
             ROLE_TEXT, 0);
    pen_line(p);
    for (unsigned code = OP_NONE + 1; code < OPERATION_CODES; code++) {
        const struct operation_row *row = operation_row((enum operation_code)code);

        pen_put(p, row->name, ROLE_KEY, 0);
        pen_put(p, " ", ROLE_TEXT, 0);
        pen_rest(p, row->args, ROLE_DIM, 0);
        pen_line(p);
    }
}

static int
pane_write(struct pen *p, const struct scene *s)
{
    if (s->page.steps)
        return story_write(p, s);
    playground_write(p, s);
    return 0;
}

void
pane_story(const struct scene *s, struct canvas *c, struct rect r)
{
    struct pen dry = {.c = c, .r = r, .dry = true}, p;
    int sight = pane_write(&dry, s), skip, w = r.w;
    int total = dry.y;

    if (total - 1 > r.h && w > 12) { /* room for the signs that there is more: they must not cover a letter */
        w = r.w - 2;
        dry = (struct pen){.c = c, .r = rect_of(r.x, r.y, w, r.h), .dry = true};
        sight = pane_write(&dry, s);
        total = dry.y;
    }
    skip = sight > r.h ? sight - r.h : 0;
    skip += s->set.scroll[PANE_STORY];
    if (skip > total - r.h)
        skip = total - r.h;
    if (skip < 0)
        skip = 0;
    pen_open(&p, c, r);
    p.y = -skip;
    p.r.w = w;
    pane_write(&p, s);
    p.r.w = r.w;
    pen_more(&p, skip > 0, total - 1 - skip > r.h);
    pen_close(&p);
}

static void
json_text(struct buffer *out, const char *name, const char *text)
{
    if (!text)
        return;
    json_key(out, name);
    json_put_string(out, text);
}

static void
question_json(const struct scene_question *q, struct buffer *out)
{
    static const char *const state[] = {"none", "open", "right", "wrong", "skipped"};

    json_key(out, "question");
    json_open(out, '{');
    json_text(out, "state", state[q->state]);
    json_text(out, "text", q->text);
    json_key(out, "choices");
    json_open(out, '[');
    for (unsigned i = 0; i < q->choices && i < SCENE_CHOICES; i++)
        json_put_string(out, q->choice[i]);
    json_close(out, ']');
    json_key(out, "picked");
    json_put_uint(out, q->picked);
    json_key(out, "tried");
    json_open(out, '[');
    for (unsigned i = 0; i < q->choices && i < SCENE_CHOICES; i++)
        if (q->right >= SCENE_CHOICES && (q->tried >> i & 1))
            json_put_string(out, (char[]){(char)('a' + i), '\0'});
    json_close(out, ']');
    json_text(out, "typed", q->typed);
    if (q->state != ASK_OPEN) {
        json_key(out, "right");
        if (q->right < q->choices)
            json_put_uint(out, q->right);
        else
            json_put_null(out);
        json_text(out, "because", q->because);
    }
    json_key(out, "hints_there");
    json_put_uint(out, q->hints);
    json_key(out, "hints");
    json_open(out, '[');
    for (unsigned i = 0; i < q->hints_shown && i < SCENE_HINTS; i++)
        json_put_string(out, q->hint[i]);
    json_close(out, ']');
    json_close(out, '}');
}

void
pane_story_json(const struct scene *s, struct buffer *out)
{
    const struct scene_page *page = &s->page;

    json_key(out, "step");
    json_put_uint(out, page->step);
    json_key(out, "steps");
    json_put_uint(out, page->steps);
    json_text(out, "lesson", page->lesson_title);
    json_text(out, "title", page->title);
    json_text(out, "text", page->text);
    json_text(out, "card_claim", page->card_claim);
    json_text(out, "card_truth", page->card_truth);
    json_text(out, "task", page->task);
    if (page->task) {
        json_key(out, "task_hints");
        json_open(out, '[');
        for (unsigned i = 0; i < page->task_hints_shown && i < page->task_hints; i++)
            json_put_string(out, page->task_hint[i]);
        json_close(out, ']');
    }
    json_text(out, "after", page->after);
    if (s->op)
        json_text(out, "operation", operation_text(s, s->op));
    if (s->outcome) {
        json_key(out, "page_faults");
        json_put_uint(out, s->outcome->faults);
    }
    if (page->question.state != ASK_NONE)
        question_json(&page->question, out);
}
