/* session_search.c - `/`: a text sought in the focused pane. The view marks the matches (view/search.h); here is which one is shown. */
#include "app/session_internal.h"

#include <stdio.h>

#include "base/text.h"
#include "view/search.h"

bool
session_searching(const struct session *s)
{
    return s->sought[0] && s->scene.set.focus == (int)s->sought_pane;
}

void
session_search_end(struct session *s)
{
    s->sought[0] = '\0';
}

/* Matches of the pane as it is on the screen now. */
static unsigned
matches(const struct session *s)
{
    int w = s->width ? s->width : 80, h = s->height ? s->height : 24;
    struct rect r;

    if (!screen_pane_rect(&s->scene, w, h, s->sought_pane, &r))
        return 0;
    return search_count(&s->scene, s->sought_pane, r.w, r.h, s->glyphs, s->sought);
}

static bool
show_match(struct session *s, unsigned count)
{
    return session_say(s, tr("%u of %u in %s: \"%s\"    n next    N previous    Esc ends"),
                       s->scene.set.sought_at + 1, count, tr(pane_row[s->sought_pane].title),
                       s->sought);
}

static bool
no_match(struct session *s)
{
    char text[sizeof s->sought];

    snprintf(text, sizeof text, "%s", s->sought);
    session_search_end(s);
    return session_fail(s, tr("\"%s\" is not in %s, as far as it may be seen now."), text,
                        tr(pane_row[s->sought_pane].title));
}

bool
session_search(struct session *s, const char *text)
{
    unsigned count;

    session_refresh(s);
    s->sought_pane = (enum pane_id)s->scene.set.focus;
    s->scene.set.sought_at = 0;
    text_clean_to(s->sought, sizeof s->sought, text, 0);
    count = matches(s);
    return count ? show_match(s, count) : no_match(s);
}

bool
session_search_go(struct session *s, int direction)
{
    unsigned count, at = s->scene.set.sought_at;

    if (!session_searching(s))
        return session_fail(s, "%s", tr("Nothing is sought here. / searches the focused pane."));
    session_refresh(s);
    count = matches(s);
    if (!count)
        return no_match(s);
    at = at < count ? at : count - 1; /* there may be fewer than a moment ago */
    s->scene.set.sought_at = (at + (direction > 0 ? 1 : count - 1)) % count;
    return show_match(s, count);
}
