/* session_mark.c - bookmarks: places one marked, told as (step, events of it), so that they outlive this sitting. A place the story has not
 * reached, or that lies beyond the gate, is listed but nobody gets there.
 */
#include "app/session_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/number.h"
#include "base/text.h"

bool
session_keep_bookmarks(struct session *s, struct error *note)
{
    if (!s->bookmarks)
        s->bookmarks = bookmarks_open(note);
    s->stale = true;
    return note->code == 0;
}

static const char *
lesson_id(const struct session *s)
{
    return s->player ? s->lesson.id : "";
}

static uint64_t
start_of(const struct session *s, unsigned step)
{
    return s->player ? session_number(s, player_step_start(s->player, step)) : 0;
}

/* Where it is in time; false when that may not be seen now. */
static bool
place(const struct session *s, const struct bookmark *mark, uint64_t *number)
{
    uint64_t end;

    if (s->player && mark->step > player_told(s->player))
        return false;
    end = session_number(s, s->player ? player_step_end(s->player, mark->step)
                                      : history_end(s->history));
    *number = start_of(s, mark->step) + mark->event;
    if (*number > end)
        *number = end; /* the lesson has changed since */
    return *number <= session_number(s, session_gate(s));
}

unsigned
session_bookmarks(const struct session *s, struct session_bookmark out[BOOKMARKS_LESSON])
{
    struct bookmark mark[BOOKMARKS_LESSON];
    unsigned n =
        s->bookmarks && !session_on_branch(s) ? bookmarks_of(s->bookmarks, lesson_id(s), mark) : 0;

    for (unsigned i = 0; i < n; i++) {
        out[i] = (struct session_bookmark){.mark = mark[i]};
        out[i].reachable = place(s, &mark[i], &out[i].number);
    }
    return n;
}

/* For the timeline. */
void
session_gather_bookmarks(struct session *s)
{
    struct session_bookmark all[BOOKMARKS_LESSON];
    unsigned n = session_bookmarks(s, all);

    s->scene.bookmarks = 0;
    for (unsigned i = 0; i < n && s->scene.bookmarks < SCENE_BOOKMARKS; i++)
        if (all[i].reachable)
            s->scene.bookmark[s->scene.bookmarks++] = all[i].number;
}

/* --- setting ------------------------------------------------------------------------------------- */

static struct bookmark
bookmark_here(const struct session *s)
{
    struct bookmark mark = {.step = s->player ? s->step : 0,
                            .event = (uint32_t)(session_here(s) - start_of(s, s->step))};

    memcpy(mark.lesson, lesson_id(s), strlen(lesson_id(s)) + 1);
    return mark;
}

static bool
is_kept(const struct session *s, const struct bookmark *here)
{
    struct session_bookmark all[BOOKMARKS_LESSON];
    unsigned n = session_bookmarks(s, all);

    for (unsigned i = 0; i < n; i++)
        if (all[i].mark.step == here->step && all[i].mark.event == here->event)
            return true;
    return false;
}

static bool
can_mark(struct session *s)
{
    if (!s->bookmarks)
        return session_fail(s, "%s", tr("Bookmarks are not kept here."));
    if (session_on_branch(s))
        return session_fail(
            s, "%s", tr("A branch is gone once one leaves it: bookmarks are for the story."));
    return true;
}

static bool
say_kept(struct session *s, const char *name)
{
    if (!s->player)
        return session_say(
            s, "%s",
            session_words(
                s, tr("Marked, for as long as this playground is open. { and } go to bookmarks."),
                tr("Marked, for as long as this playground is open. bookmarks lists them.")));
    if (*name)
        return session_say(s, tr("Marked as \"%s\"."), name);
    return session_say(
        s, "%s",
        session_words(s, tr("Marked. { and } go to bookmarks, @ lists them, ; here takes it away."),
                      tr("Marked. bookmarks lists them, bookmark once more takes it away.")));
}

bool
session_bookmark(struct session *s, const char *name)
{
    struct bookmark here = bookmark_here(s);
    struct error e = {0};
    bool drop = !*name && can_mark(s) && is_kept(s, &here);

    if (!can_mark(s))
        return false;
    text_clean_to(here.name, sizeof here.name, name, 0);
    s->stale = true;
    if (drop ? !bookmarks_drop(s->bookmarks, &here, &e) : !bookmarks_keep(s->bookmarks, &here, &e))
        return session_error(s, &e);
    return drop ? session_say(s, "%s", tr("The bookmark is gone.")) : say_kept(s, here.name);
}

bool
session_bookmark_drop(struct session *s, unsigned index)
{
    struct session_bookmark all[BOOKMARKS_LESSON];
    struct error e = {0};

    if (!can_mark(s) || index >= session_bookmarks(s, all))
        return false;
    s->stale = true;
    return bookmarks_drop(s->bookmarks, &all[index].mark, &e)
               ? session_say(s, "%s", tr("The bookmark is gone."))
               : session_error(s, &e);
}

/* --- going there --------------------------------------------------------------------------------- */

static bool
go(struct session *s, const struct session_bookmark *to)
{
    if (!to->reachable)
        return session_fail(s, tr("The story is not there yet: step %u."), to->mark.step);
    session_mark_jump(s);
    if (s->player)
        session_enter(s, to->mark.step, history_at_number(s->history, to->number));
    else
        session_stand(s, history_at_number(s->history, to->number));
    if (to->mark.name[0])
        return session_say(s, tr("Bookmark \"%s\""), to->mark.name);
    return session_say(s, "%s", tr("Bookmark"));
}

bool
session_bookmark_go(struct session *s, unsigned index)
{
    struct session_bookmark all[BOOKMARKS_LESSON];

    s->status[0] = '\0';
    if (!can_mark(s))
        return false;
    if (index >= session_bookmarks(s, all))
        return session_fail(s, "%s", tr("There is no such bookmark."));
    return go(s, &all[index]);
}

/* By (step, event): where one page ends and the next begins two places have the same number. */
static int
side_of(const struct session *s, const struct bookmark *mark)
{
    struct bookmark here = bookmark_here(s);

    if (mark->step != here.step)
        return mark->step > here.step ? 1 : -1;
    return mark->event > here.event ? 1 : mark->event < here.event ? -1 : 0;
}

bool
session_bookmark_step(struct session *s, int direction)
{
    struct session_bookmark all[BOOKMARKS_LESSON], *found = NULL;
    unsigned n;

    s->status[0] = '\0';
    if (!can_mark(s))
        return false;
    n = session_bookmarks(s, all);
    for (unsigned i = 0; i < n; i++) {
        struct session_bookmark *b = &all[direction > 0 ? i : n - 1 - i];

        if (!found && b->reachable && side_of(s, &b->mark) == direction)
            found = b;
    }
    if (found)
        return go(s, found);
    return session_fail(
        s, "%s",
        n ? tr("No bookmark that way.")
          : session_words(s, tr("There are no bookmarks. ; sets one here."),
                          tr("There are no bookmarks. bookmark NAME sets one here.")));
}

void
session_bookmark_text(const struct session_bookmark *b, bool story, struct buffer *out)
{
    if (story)
        buffer_printf(out, "%s %u  %s %u", tr("step"), b->mark.step, tr("event"), b->mark.event);
    else
        buffer_printf(out, "%s %u", tr("event"), b->mark.event);
    if (b->mark.name[0])
        buffer_printf(out, "  %s", b->mark.name);
}
