#include "app/plain_say.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "app/output.h"
#include "base/text.h"
#include "lesson/report.h"
#include "machine/narrate.h"
#include "view/draw.h"

/* --- lines --- */

static void
print_wrapped(const char *text, unsigned width)
{
    struct buffer clean = {0};
    struct text_line line;
    const char *at, *end;

    text_clean(&clean, text, strlen(text), TEXT_NEWLINES);
    at = buffer_text(&clean);
    end = at + clean.length;
    while (text_wrap_next(&at, end, width, &line)) {
        if (line.length == 0) /* between paragraphs */
            continue;
        output_write(line.start, line.length);
        output_puts("\n");
    }
    buffer_free(&clean);
}

void
plain_say(const struct transcript *t, const char *label, const char *fmt, ...)
{
    struct buffer text = {0};
    va_list ap;

    buffer_printf(&text, "%s ", label);
    va_start(ap, fmt);
    buffer_vprintf(&text, fmt, ap);
    va_end(ap);
    print_wrapped(buffer_text(&text), t->width);
    buffer_free(&text);
}

void
plain_rows(const struct canvas *c)
{
    struct buffer out = {0};

    for (int y = 0; y < c->h; y++) {
        size_t before = out.length;
        canvas_row_text(c, y, &out);
        if (out.length > before)
            buffer_putc(&out, '\n');
    }
    output_buffer(&out);
    buffer_free(&out);
}

/* --- events --- */

/* The letters that are set; a listener need not hear the others. */
static void
put_flags(const struct format *f, unsigned level, pte_t entry, struct buffer *out)
{
    struct buffer all = {0};

    narrate_flags(f, level, entry, &all);
    for (const char *at = buffer_text(&all); *at; at++)
        if (*at != '-' && *at != ' ')
            buffer_printf(out, "%s%c", out->length ? " " : "", *at);
    if (!out->length)
        buffer_puts(out, tr("no flag"));
    buffer_free(&all);
}

/* What an entry's flags are called, before and after. */
static void
changed_entry(const struct transcript *t, const struct machine *m, const struct event *ev)
{
    const struct format *f = &m->hw.geo.format;
    struct buffer old = {0}, now = {0};

    put_flags(f, ev->level, ev->old, &old);
    put_flags(f, ev->level, ev->new, &now);
    plain_say(t, tr("CHANGED"), "%s[%u]: %s -> %s", f->level[ev->level].name, ev->index,
              buffer_text(&old), buffer_text(&now));
    buffer_free(&old);
    buffer_free(&now);
}

static void
changed_tlb(const struct transcript *t, const struct event *ev)
{
    char label[20];

    narrate_label(ev->frame, label);
    if (ev->code == EV_TLB_FILL)
        plain_say(t, tr("CHANGED"), tr("TLB set %u way %u: now the page of 0x%llx -> %s"), ev->set,
                  ev->way, (unsigned long long)ev->va, label);
    else
        plain_say(t, tr("CHANGED"), tr("TLB set %u way %u: the page of 0x%llx -> %s is gone"),
                  ev->set, ev->way, (unsigned long long)ev->va, label);
}

/* What the sentence alone does not spell out. */
static void
say_changed(const struct transcript *t, const struct machine *m, const struct event *ev)
{
    if (ev->code == EV_ENTRY_WRITE || ev->code == EV_ENTRY_MARK)
        changed_entry(t, m, ev);
    else if (ev->code == EV_TLB_FILL || ev->code == EV_TLB_DROP || ev->code == EV_TLB_EVICT)
        changed_tlb(t, ev);
}

static void
say_event(const struct transcript *t, const struct session *s, uint64_t number,
          const struct event *ev)
{
    plain_say(t, tr("EVENT"), "%" PRIu64 " %s, %s: %s", number, event_row[ev->code].name,
              tr(actor_name[event_row[ev->code].actor]), sentence_text(&s->scene, ev));
    say_changed(t, s->scene.now, ev);
}

static void
say_operation(const struct transcript *t, const struct scene *s, const struct scene_line *line)
{
    plain_say(t, tr("OPERATION"), "%" PRIu64 ": %s", line->at.op, operation_text(s, line->op));
}

/* The events of the way from `from` to here: those the scene's log still has; going back only the
 * one we stand at. */
static void
say_events(const struct transcript *t, struct session *s, uint64_t from)
{
    const struct scene *scene = &s->scene;
    bool forward = scene->number > from;
    uint64_t told = from;

    for (unsigned i = 0; forward && i < scene->logged; i++) {
        uint64_t number = history_event_number(s->history, scene->log[i].at);
        if (number <= from)
            continue;
        if (number > told + 1)
            plain_say(t, tr("NOTE"), tr("%llu events not told one by one"),
                      (unsigned long long)(number - told - 1));
        if (scene->log[i].at.event == 1)
            say_operation(t, scene, &scene->log[i]);
        say_event(t, s, number, &scene->log[i].ev);
        told = number;
    }
    if (!forward && scene->has_event)
        say_event(t, s, scene->number, &scene->event);
    if (!forward && !scene->has_event)
        plain_say(t, tr("NOTE"), tr("before event %llu"), (unsigned long long)scene->number + 1);
}

/* --- the page --- */

static void
say_text(const struct transcript *t, const char *label, const char *text)
{
    if (text && *text)
        plain_say(t, label, "%s", text);
}

static void
say_page(struct transcript *t, const struct session *s)
{
    const struct scene_page *page = &s->scene.page;

    plain_say(t, tr("LESSON"), tr("%s, step %u of %u: %s"), s->lesson.id, page->step, page->steps,
              page->title ? page->title : "");
    say_text(t, tr("STORY"), page->text);
    say_text(t, tr("OFTEN BELIEVED"), page->card_claim);
    say_text(t, tr("IN TRUTH"), page->card_truth);
    if (page->task)
        say_text(t, page->task_done ? tr("TASK (done)") : tr("TASK"), page->task);
    t->after_told = t->task_done_told = false;
    t->question_text = NULL;
}

static void
say_after(struct transcript *t, const struct session *s, bool acted)
{
    const struct scene_page *page = &s->scene.page;

    for (unsigned i = t->task_hints; i < page->task_hints_shown && i < page->task_hints; i++)
        plain_say(t, tr("HINT"), tr("%u of %u: %s"), i + 1, page->task_hints, page->task_hint[i]);
    t->task_hints = page->task_hints_shown;
    if (acted && page->task_tried && !page->task_done)
        plain_say(t, tr("TASK"), "%s", tr("not done yet. Go on, or story and try afresh."));
    if (page->task && page->task_done && !t->task_done_told) {
        t->task_done_told = true;
        plain_say(t, tr("TASK"), "%s", tr("done. story goes back to the story."));
    }
    if (page->after && !t->after_told)
        say_text(t, tr("STORY"), page->after);
    t->after_told = t->after_told || page->after;
}

/* --- the question --- */

static unsigned
question_number(const struct session *s, const struct question *wanted)
{
    const struct question *q;

    for (unsigned i = 0; (q = player_question(s->player, i)); i++)
        if (q == wanted)
            return i + 1;
    return 0;
}

static void
ask(const struct transcript *t, const struct session *s)
{
    const struct scene_question *q = &s->scene.page.question;
    struct buffer text = {0};

    buffer_printf(&text, tr("%u of %u: %s"), question_number(s, session_question(s)), t->questions,
                  q->text);
    for (unsigned i = 0; i < q->choices; i++)
        buffer_printf(&text, "%s(%c) %s", i ? "  " : " ", 'a' + (int)i, q->choice[i]);
    if (!q->choices)
        buffer_printf(&text, " %s", tr("Type the number."));
    plain_say(t, tr("QUESTION"), "%s", buffer_text(&text));
    buffer_free(&text);
}

/* "not (a) 0. " and the like: a choice by its letter and text, or the number. */
static void
put_choice(struct buffer *out, const char *before, const struct scene_question *q, unsigned i,
           const char *number)
{
    if (i < q->choices)
        buffer_printf(out, "%s(%c) %s. ", before, 'a' + (int)i, q->choice[i]);
    else if (number)
        buffer_printf(out, "%s%s. ", before, number);
}

static void
say_verdict(const struct transcript *t, const struct session *s, const struct scene_question *q)
{
    const char *number = s->shown ? s->shown->answer : NULL;
    struct buffer text = {0};

    if (q->state == ASK_WRONG)
        put_choice(&text, tr("not "), q, q->picked, q->typed);
    else
        put_choice(&text, q->state == ASK_SKIPPED ? tr("the answer is ") : "", q, q->right, number);
    if (q->because)
        buffer_printf(&text, "%s ", q->because);
    if (q->state == ASK_WRONG)
        buffer_puts(&text, tr("Try again, or hint, or skip."));
    plain_say(t,
              q->state == ASK_RIGHT   ? tr("RIGHT:")
              : q->state == ASK_WRONG ? tr("WRONG:")
                                      : tr("SKIPPED:"),
              "%s", buffer_text(&text));
    buffer_free(&text);
}

static void
say_question(struct transcript *t, const struct session *s)
{
    const struct scene_question *q = &s->scene.page.question;
    const struct question *open = s->player ? session_question(s) : NULL;
    unsigned tries = open ? open->tries : 0;
    bool fresh = q->text != t->question_text;

    if (q->state == ASK_NONE) {
        t->question_text = NULL;
        return;
    }
    if (fresh && open) {
        ask(t, s);
        t->hints = 0;
    }
    if (q->state != ASK_OPEN && (fresh || q->state != t->question_state || tries != t->tries))
        say_verdict(t, s, q);
    for (unsigned i = t->hints; i < q->hints_shown && i < SCENE_HINTS; i++)
        plain_say(t, tr("HINT"), tr("%u of %u: %s"), i + 1, q->hints, q->hint[i]);
    t->question_text = q->text;
    t->question_state = q->state;
    t->hints = q->hints_shown;
    t->tries = tries;
}

/* --- the rest --- */

static void
say_selection(struct transcript *t, struct session *s, bool by_the_page)
{
    const struct scene_settings *set = &s->scene.set;
    struct subject at;
    bool moved = set->selected &&
                 (set->select_a != t->select_a || set->select_b != t->select_b || !t->selected);

    if (t->started && !by_the_page && set->focus != t->focus && !moved)
        plain_say(t, tr("PANE"), "%s", pane_row[set->focus].name);
    if (t->started && moved && pane_subject(&s->scene, (enum pane_id)set->focus, &at)) {
        unsigned long long a = at.a;
        if (at.kind == SUBJECT_TLB)
            plain_say(t, tr("SELECTED"), tr("TLB of cpu %llu, set %llu way %u"), a,
                      (unsigned long long)at.b, at.n);
        else if (at.kind == SUBJECT_LINE)
            plain_say(t, tr("SELECTED"), tr("cache %s of cpu %u, set %llu way %u"),
                      narrate_cache(subject_cache(&at)), subject_cpu(&at), (unsigned long long)at.b,
                      at.n);
        else if (at.kind == SUBJECT_FRAME)
            plain_say(t, tr("SELECTED"), tr("frame f%llx"), a);
        else if (at.kind == SUBJECT_SLOT)
            plain_say(t, tr("SELECTED"), tr("swap slot %llu"), a);
        else
            plain_say(t, tr("SELECTED"), tr("%u bytes at physical address 0x%llx"), at.n, a);
    }
    t->focus = set->focus;
    t->select_a = set->select_a;
    t->select_b = set->select_b;
    t->selected = set->selected;
}

static void
say_end(struct transcript *t, const struct session *s)
{
    unsigned right = 0, wrong = 0, skipped = 0;
    const struct question *q;

    if (!s->finished || t->finished)
        return;
    t->finished = true;
    for (unsigned i = 0; (q = player_question(s->player, i)); i++) {
        right += q->state == ANSWER_RIGHT;
        wrong += q->state == ANSWER_WRONG;
        skipped += q->state == ANSWER_SKIPPED;
    }
    plain_say(t, tr("END"),
              tr("of the lesson. %u questions: %u right, %u after a wrong try, %u skipped. quit "
                 "leaves; back looks again."),
              right + wrong + skipped, right, wrong, skipped);
}

/* The verdict lines and the end say these in full. */
static bool
status_is_said(const struct transcript *t, const struct session *s)
{
    return (!s->status_is_error && s->scene.page.question.state > ASK_OPEN &&
            s->scene.page.question.state != t->question_state) ||
           (s->finished && !t->finished);
}

static void
say_status(const struct transcript *t, const struct session *s)
{
    if (s->status[0])
        plain_say(t, s->status_is_error ? tr("ERROR") : tr("NOTE"), "%s", s->status);
}

/* After an operation of the learner's own all of it is new, wherever the story stood. */
static uint64_t
told_up_to(const struct transcript *t, const struct session *s)
{
    if (t->acted)
        return s->scene.number - s->scene.at.event;
    return s->scene.on_branch == t->on_branch ? t->number : s->scene.number;
}

void
plain_tell(struct transcript *t, struct session *s)
{
    bool new_page, moved, said, acted = t->acted;

    session_refresh(s);
    moved = s->scene.number != t->number || s->scene.on_branch != t->on_branch || t->acted;
    new_page = s->player && (s->step != t->step || t->lang != (int)lang_now());
    said = status_is_said(t, s);
    if (t->started && s->scene.on_branch != t->on_branch)
        plain_say(t, tr("NOTE"), "%s",
                  s->scene.on_branch ? tr("a branch begins: story goes back")
                                     : tr("back in the story"));
    if (new_page)
        say_page(t, s);
    if (t->started && moved)
        say_events(t, s, told_up_to(t, s));
    t->acted = false;
    t->step = s->step;
    t->number = s->scene.number;
    t->on_branch = s->scene.on_branch;
    t->lang = (int)lang_now();
    if (!said)
        say_status(t, s);
    say_question(t, s);
    say_after(t, s, acted);
    say_selection(t, s, new_page);
    say_end(t, s);
    t->started = true;
}

void
plain_open(struct transcript *t, struct session *s, const char *why)
{
    struct error e = {0};

    plain_say(t, tr("plain mode"),
              tr("(from %s). Commands: next, back, step, hint, skip, state NAME, help, quit, and "
                 "operations."),
              why);
    t->lang = (int)lang_now();
    if (s->player && !report_questions(&s->lesson, &t->questions, &e))
        t->questions = 0;
    if (!s->player)
        plain_say(t, tr("MACHINE"), "%s", history_machine(s->history)->preset.name);
}

void
plain_close(struct transcript *t)
{
    (void)t;
}
