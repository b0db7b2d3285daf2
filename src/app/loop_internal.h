/* loop_internal.h - what the files of the loop share. Nobody else includes this. */
#pragma once

#include "app/actions.h"
#include "app/card.h"
#include "app/chooser.h"
#include "app/loop.h"
#include "app/map.h"
#include "app/palette.h"
#include "app/prompt.h"
#include "app/screen.h"

struct app {
    struct session *session, *given; /* NULL: the course map is shown */
    struct progress *progress;
    struct screen *screen;
    struct map map;
    struct prompt prompt;
    struct palette palette;
    struct chooser chooser;
    enum action_code chooser_for; /* who opened it */
    struct card card;
    struct buffer footer;
    struct error end_error;
    char note[512];
    bool mouse, present, quit;
    bool unsaved; /* something may have changed since the place was kept */
};

/* Draw what is seen now. */
void app_draw(struct app *a);
/* What only a screen can do. */
void app_request(struct app *a, enum action_code code, const char *text);
void app_mouse(struct app *a, const struct key *key);
/* The status line, of the session or of the map. */
void app_say(struct app *a, bool error, const char *text);
/* The picture without what is drawn over it: SVG or ANSI by the end of a file's name, else text. */
void app_picture(struct app *a, const char *path, struct buffer *out);

/* loop_menu.c: boxes over the picture. */
void app_menu(struct app *a, enum action_code code, const char *text);
void app_menu_key(struct app *a, const struct key *key);
void app_menu_draw(const struct app *a, struct canvas *c);
void app_open_chooser(struct app *a, enum action_code what, bool filters, const char *title, const char *hint);

/* Leave the session for the course map. */
void app_go_to_map(struct app *a);
