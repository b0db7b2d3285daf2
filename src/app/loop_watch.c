/* loop_watch.c - an author's screen: the lesson in view is loaded again when its file is saved. A broken file changes nothing but the status. */
#include "app/loop_internal.h"

#include <stdio.h>

#include "app/terminal.h"

void
app_watch(struct app *a)
{
    a->watching = true;
    file_watch_open(&a->watch, a->session->lesson.path);
    terminal_listen(a->watch.notices);
}

void
app_watch_end(struct app *a)
{
    if (!a->watching)
        return;
    a->watching = false;
    a->broken[0] = '\0';
    terminal_listen(-1);
    file_watch_close(&a->watch);
}

int
app_watch_pause(const struct app *a, int otherwise)
{
    int pause = a->watching ? file_watch_pause(&a->watch) : otherwise;

    return otherwise >= 0 && otherwise < pause ? otherwise : pause;
}

bool
app_watch_look(struct app *a)
{
    struct error e = {0};

    if (!a->watching || !file_watch_saved(&a->watch))
        return false;
    a->broken[0] = a->session->status[0] = '\0';
    if (!session_reload(a->session, &e))
        error_format(&e, a->broken, sizeof a->broken);
    return true;
}

void
app_watch_remind(struct app *a)
{
    if (a->broken[0] && a->session && !a->session->status[0])
        session_fail(a->session, tr("not loaded: %s"), a->broken);
}
