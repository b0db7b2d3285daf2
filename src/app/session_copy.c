/* session_copy.c - what can be copied from the picture, as text: the value selected, the event's sentence, a whole pane. What an open question
 * hides cannot be copied either, because it is not shown.
 */
#include "app/session_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "hw/cache.h"
#include "view/panes.h"

const char *const copy_word[COPY_GRAINS] = {"value", "sentence", "pane", "screen"};

static bool
put_number(const struct session *s, struct buffer *out, uint64_t value)
{
    char text[NUMBER_TEXT];

    buffer_puts(out, value_text(&s->scene, value, 0, text));
    return true;
}

/* An entry or a byte as a number, a slot as its number; a frame, a TLB entry and a line by their address. */
static bool
put_subject(const struct session *s, const struct subject *at, struct buffer *out)
{
    const struct hw *hw = &history_machine(s->history)->hw;
    const struct tlb_entry *e;
    const struct cache_line *l;

    switch (at->kind) {
    case SUBJECT_FRAME:
        return put_number(s, out, pa_of(&hw->geo.format, at->a));
    case SUBJECT_MEMORY:
        return !link_hidden(&s->scene, at->a, at->n) && put_number(s, out, phys_read(&hw->phys, at->a, at->n));
    case SUBJECT_SLOT:
        return put_number(s, out, at->a);
    case SUBJECT_LINE:
        l = cache_at(&hw->cache[subject_cache(at)], subject_cpu(at), (unsigned)at->b, at->n);
        return l->valid && put_number(s, out, l->pa);
    case SUBJECT_TLB:
        e = tlb_at(hw, (unsigned)at->a, (unsigned)at->b, at->n);
        return e->flags & TLB_VALID && put_number(s, out, e->page);
    }
    return false;
}

static bool
put_value(const struct session *s, struct buffer *out)
{
    enum pane_id pane = (enum pane_id)s->scene.set.focus;
    struct subject at;

    if (pane_subject(&s->scene, pane, &at))
        return put_subject(s, &at, out);
    if (pane == PANE_ADDRESS || scene_walks(&s->scene))
        return put_number(s, out, scene_va(&s->scene));
    if (event_has(&s->scene, FIELD_VA))
        return put_number(s, out, s->scene.event.va);
    return event_has(&s->scene, FIELD_PA) && put_number(s, out, s->scene.event.pa);
}

static void
put_row(void *ctx, const char *row)
{
    struct buffer *out = ctx;

    buffer_puts(out, row);
    buffer_putc(out, '\n');
}

static bool
put_pane(const struct session *s, struct buffer *out)
{
    enum pane_id pane = (enum pane_id)s->scene.set.focus;
    int w = s->width ? s->width : 80, h = s->height ? s->height : 24;
    struct rect r = rect_of(0, 0, 78, 0);

    screen_pane_rect(&s->scene, w, h, pane, &r);
    search_all_rows(&s->scene, pane, r.w, s->glyphs, put_row, out);
    return out->length > 0;
}

bool
session_copy_text(struct session *s, enum copy_grain grain, struct buffer *out)
{
    session_refresh(s);
    switch (grain) {
    case COPY_VALUE:
        return put_value(s, out);
    case COPY_SENTENCE:
        if (s->scene.has_event)
            buffer_puts(out, sentence_text(&s->scene, &s->scene.event));
        return s->scene.has_event;
    case COPY_PANE:
        return put_pane(s, out);
    default:
        return false;
    }
}

void
session_file_name(const struct session *s, const char *what, const char *ending, char *out,
                  size_t size)
{
    unsigned long long event = session_here(s);

    if (s->player)
        snprintf(out, size, "pagewalk-%s-%s-%u.%llu.%s", s->lesson.id, what, s->step,
                 event - session_number(s, player_step_start(s->player, s->step)), ending);
    else
        snprintf(out, size, "pagewalk-%s-%s-%llu.%s", history_machine(s->history)->preset.name,
                 what, event, ending);
    for (char *at = out; (at = strpbrk(at, "/ ")); at++) /* a machine is called as its file says */
        *at = '-';
}
