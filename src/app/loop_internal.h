/* loop_internal.h - what the files of the loop share. Nobody else includes this. */
#pragma once

#include "app/actions.h"
#include "app/file_watch.h"
#include "app/card.h"
#include "app/chooser.h"
#include "app/loop.h"
#include "app/map.h"
#include "app/palette.h"
#include "app/prompt.h"
#include "app/screen.h"
#include "app/tape.h"

struct app {
    struct session *session, *given; /* NULL: the course map is shown */
    struct progress *progress;
    struct screen *screen;
    struct tape *tape; /* NULL: nothing is recorded */
    struct map map;
    struct prompt prompt;
    struct palette palette;
    struct chooser chooser;
    enum action_code chooser_for; /* who opened it */
    struct card card;
    struct footer footer;
    struct error end_error;
    char note[512];
    bool mouse, present, quit;
    bool watching;             /* the session is a file that is loaded again when it is saved: */
    struct file_watch watch;
    char broken[512];          /* why its last state could not be loaded; "" */
    bool pointed;  /* the last key was the mouse's */
    bool dragging; /* the timeline's mark follows the mouse */
    struct click { /* the last one, for the second of a double click */
        struct target target;
        int x, y;
        uint64_t at_ms;
    } click;
    bool unsaved; /* something may have changed since the place was kept */
};

/* Draw what is seen now. */
void app_draw(struct app *a);
/* The window is too small for a session; that is all it says. */
bool app_sees_nothing(const struct app *a);
/* What only a screen can do. */
void app_request(struct app *a, enum action_code code, const char *text);
void app_mouse(struct app *a, const struct key *key);
/* Run an action wherever we are; as if its key had been pressed. */
void app_run_action(struct app *a, enum action_code code);
/* Give a key to the palette, which is open. */
void app_palette_key(struct app *a, const struct key *key);
/* The status line, of the session or of the map. */
void app_say(struct app *a, bool error, const char *text);
/* The picture without what is drawn over it: SVG or ANSI by the end of a file's name, else text. */
void app_picture(struct app *a, const char *path, struct buffer *out);

/* loop_menu.c: boxes over the picture. */
void app_menu(struct app *a, enum action_code code, const char *text);
void app_menu_key(struct app *a, const struct key *key);
void app_menu_draw(const struct app *a, struct canvas *c);
void app_open_chooser(struct app *a, enum action_code what, bool filters, const char *title, const char *hint);

/* --- loop_copy.c --- */
/* "value", "pane FILE" ...; "": the menu. */
void app_copy(struct app *a, const char *args);
void app_copy_chosen(struct app *a, int value);
/* "": ask where to. */
void app_save_screen(struct app *a, const char *target);

/* Leave the session for the course map. */
void app_go_to_map(struct app *a);

/* --- loop_watch.c --- */
void app_watch(struct app *a);
void app_watch_end(struct app *a);
/* How long to sleep at most; `otherwise` when nothing is watched. */
int app_watch_pause(const struct app *a, int otherwise);
/* Load the lesson again if it was saved. True: there is something to draw. */
bool app_watch_look(struct app *a);
/* A file that is broken is said to be, until it is mended or something else is to be said. */
void app_watch_remind(struct app *a);
