/* cmd_export.c - `pagewalk export`: a whole lesson as something that needs no pagewalk to be watched.
 *
 * The lesson is walked as a learner would who answers everything right: one picture an event, one with
 * each question open and one with it answered. Pages of a machine are pictures of the screen, so what is
 * in the film is what one sees there.
 */
#include <stdio.h>
#include <string.h>

#include "app/commands.h"
#include "app/options.h"
#include "app/output.h"
#include "app/session.h"
#include "base/file.h"
#include "base/lang.h"
#include "view/cast.h"
#include "view/film.h"
#include "view/out_text.h"

enum export_format { EXPORT_HTML, EXPORT_CAST, EXPORT_TEXT };
static const char *const export_formats[] = {"html", "cast", "text", NULL};

enum { PICTURES_MAX = 20000 };

struct export
{
    struct option_size size;
    int format, lang, theme, glyphs;
    uint64_t pace; /* milliseconds a picture stands */
    const char *output;

    struct session session;
    struct canvas *canvas;
    struct film *film;
    struct cast cast;
    uint64_t time; /* of the next picture, in milliseconds */
    unsigned pictures;
    struct buffer out;
};

/* --- one picture --- */

static void
picture(struct export *x)
{
    const struct scene *scene = &x->session.scene;

    session_refresh(&x->session);
    screen_draw(scene, x->canvas);
    if (x->format == EXPORT_HTML) {
        film_add(x->film, scene, x->canvas);
    } else if (x->format == EXPORT_CAST) {
        cast_picture(&x->cast, x->canvas, x->time, scene->page.lesson_title, &x->out);
        x->time += scene_asks(scene) || scene->page.begins ? 4 * x->pace : x->pace;
    } else {
        out_text(x->canvas, &x->out);
        buffer_puts(&x->out, "\f\n");
    }
    x->pictures++;
}

/* --- the way through the lesson --- */

static void
answer(struct session *s, const struct question *q)
{
    char text[24];
    unsigned right = 0;

    while (right < q->choices && !q->choice[right].right)
        right++;
    if (q->choices)
        snprintf(text, sizeof text, "%c", 'a' + (int)right);
    else
        snprintf(text, sizeof text, "0x%llx", (unsigned long long)q->number);
    session_answer(s, text);
}

/* On by one picture. False: the lesson has ended, or could not be told (then `e`). */
static bool
advance(struct session *s, struct error *e)
{
    const struct question *q = session_question(s);

    if (q)
        answer(s, q);
    else if (session_task_open(s))
        session_skip(s);
    else if (!session_next_event(s))
        return session_is_done(s) ? false : error_set(e, EXIT_DATA, "%s", s->status);
    s->status[0] = '\0';
    return true;
}

static bool
walk(struct export *x, struct error *e)
{
    do {
        picture(x);
        if (x->pictures == PICTURES_MAX)
            return error_set(e, EXIT_LIMIT, "lesson %s has more than %d pictures",
                             x->session.lesson.id, PICTURES_MAX);
    } while (advance(&x->session, e));
    return e->code == EXIT_OK;
}

/* --- the command --- */

static bool
deliver(struct export *x, struct error *e)
{
    if (x->format == EXPORT_HTML && !film_html(x->film, &x->out, e))
        return false;
    if (x->output)
        return file_save(x->output, x->out.data, x->out.length, e);
    output_buffer(&x->out);
    return true;
}

static int
export_lesson(struct export *x, const char *name)
{
    struct session *s = &x->session;
    struct error e = {0};

    if (!session_open_lesson(s, name, &e))
        return output_complain(&e);
    if (session_open_at(s, 1, &e)) {
        const char *title = s->lesson.title[lang_now()];

        s->width = x->size.w;
        s->height = x->size.h;
        x->canvas = canvas_create(x->size.w, x->size.h, (enum glyph_set)x->glyphs);
        x->cast.theme = (enum theme)x->theme;
        x->film = film_open((enum theme)x->theme, title ? title : s->lesson.title[LANG_EN],
                            lang_code[lang_now()], (unsigned)x->pace);
        if (walk(x, &e))
            deliver(x, &e);
        film_close(x->film);
        cast_close(&x->cast);
        canvas_destroy(x->canvas);
    }
    buffer_free(&x->out);
    session_close(s);
    return e.code ? output_complain(&e) : EXIT_OK;
}

int
cmd_export(int argc, char **argv)
{
    static struct export x;
    char **rest;
    int code;
    const struct option_row rows[] = {
        {OPTION_WORD, "format", NULL,
         "a web page that scrubs, an asciinema recording, or pages of text (html)", &x.format, 0, 0,
         export_formats},
        {OPTION_SIZE, "size", "WxH", "cells (120x40)", &x.size, CANVAS_HEIGHT_MAX, CANVAS_WIDTH_MAX,
         NULL},
        {OPTION_TEXT, "output", "FILE", "write there instead of to standard output", &x.output, 0,
         0, NULL},
        {OPTION_NUMBER, "pace", "MS", "how long a picture stands when nobody moves on (1000)", &x.pace, 1,
         60000, NULL},
        {OPTION_WORD, "lang", NULL, "language (en)", &x.lang, 0, 0, option_langs},
        {OPTION_WORD, "theme", NULL, "colours (dark)", &x.theme, 0, 0, option_themes},
        {OPTION_WORD, "glyphs", NULL, "how lines are drawn (unicode)", &x.glyphs, 0, 0,
         option_glyphs},
        {0},
    };
    const struct usage u = {"export",
                            "LESSON",
                            "A whole lesson, told as to somebody who answers everything right: one "
                            "picture an event. Nothing takes real time.\n",
                            rows,
                            1,
                            1};

    x = (struct export){.size = {120, 40}, .pace = 1000};
    if ((code = options_read(&u, argc, argv, &rest)) != OPTIONS_GO_ON)
        return code;
    options_speak(x.lang);
    return export_lesson(&x, rest[0]);
}
