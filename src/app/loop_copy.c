/* loop_copy.c - copying and saving what is seen: to the terminal's clipboard, and to files, of which none is written over unless asked. */
#include "app/loop_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/clip.h"
#include "base/file.h"
#include "base/text.h"

/* --- saying where it went ------------------------------------------------------------------------ */

/* A path as people write it: the home folder is ~. */
static const char *
short_path(const char *path, char out[512])
{
    const char *home = getenv("HOME");
    size_t n = home ? strlen(home) : 0;

    if (n > 1 && strncmp(path, home, n) == 0 && path[n] == '/')
        snprintf(out, 512, "~%s", path + n);
    else
        snprintf(out, 512, "%s", path);
    return out;
}

/* And back; other names are taken from the current folder, and said whole where that fits. False: it is too long. */
static bool
long_path(const char *typed, char out[512])
{
    const char *home = getenv("HOME");
    char folder[256];

    if (strncmp(typed, "~/", 2) == 0 && home)
        return file_join(out, 512, home, typed + 2);
    if (typed[0] != '/' && getcwd(folder, sizeof folder))
        return file_join(out, 512, folder, typed);
    return snprintf(out, 512, "%s", typed) < 512;
}

static void
say_copied(struct app *a, const char *what, size_t bytes, const struct clip_done *done)
{
    char text[700], path[512], size[24];

    snprintf(size, sizeof size, "%zu", bytes);
    short_path(done->path, path);
    if (done->sent && done->saved)
        snprintf(text, sizeof text, tr("Copied: %s. Sent to the terminal's clipboard; also in %s"),
                 what, path);
    else if (done->saved && bytes > CLIP_BYTES)
        snprintf(text, sizeof text,
                 tr("Copied: %s. %s bytes are too many for a terminal's clipboard; they are in %s"),
                 what, size, path);
    else if (done->saved)
        snprintf(text, sizeof text, tr("Copied: %s. This terminal has no clipboard; it is in %s"),
                 what, path);
    else
        snprintf(text, sizeof text,
                 tr("Copied: %s. Sent to the terminal's clipboard; it could not be saved"), what);
    app_say(a, !done->saved, text);
}

static void
say_error(struct app *a, const struct error *e)
{
    char text[700];

    error_format(e, text, sizeof text);
    app_say(a, true, text);
}

/* --- files --------------------------------------------------------------------------------------- */

/* "FILE !" may overwrite. */
static bool
takes_force(char *path)
{
    size_t n = strlen(path);

    if (n < 3 || strcmp(path + n - 2, " !") != 0)
        return false;
    path[n - 2] = '\0';
    return true;
}

static void
write_file(struct app *a, const char *target, const struct buffer *bytes)
{
    char path[512], text[700], shown[512];
    struct error e = {0};
    bool force, saved, taken;

    if (!long_path(target, path)) {
        app_say(a, true, tr("The file's name is too long."));
        return;
    }
    force = takes_force(path);
    saved = force ? file_save(path, bytes->data, bytes->length, &e)
                  : file_save_new(path, bytes->data, bytes->length, &e);
    taken = !saved && !force && access(path, F_OK) == 0;
    if (saved)
        snprintf(text, sizeof text, "%s: %s", tr("Saved"), short_path(path, shown));
    else if (taken)
        snprintf(text, sizeof text,
                 tr("%s is there already. Put \" !\" behind the name to replace it."), path);
    if (saved || taken)
        app_say(a, taken, text);
    else
        say_error(a, &e);
}

/* A name that is not taken yet. */
static void
propose(const struct session *s, const char *what, const char *ending, char *out, size_t size)
{
    char with_number[32];

    session_file_name(s, what, ending, out, size);
    for (int n = 2; n < 100 && access(out, F_OK) == 0; n++) {
        snprintf(with_number, sizeof with_number, "%d.%s", n, ending);
        session_file_name(s, what, with_number, out, size);
    }
}

static void
ask_for_file(struct app *a, const char *command, const char *what, const char *ending)
{
    char line[PROMPT_BYTES], name[160];

    propose(a->session, what, ending, name, sizeof name);
    snprintf(line, sizeof line, "%s %s", command, name);
    prompt_open(&a->prompt, line);
}

void
app_save_screen(struct app *a, const char *target)
{
    struct buffer picture = {0};
    char name[512];

    if (!*target) {
        ask_for_file(a, "save-screen", "screen", "svg");
        return;
    }
    snprintf(name, sizeof name, "%s", target);
    takes_force(name); /* the ending that says what is written stands before the ! */
    app_picture(a, name, &picture);
    write_file(a, target, &picture);
    buffer_free(&picture);
}

/* --- copying ------------------------------------------------------------------------------------- */

enum { MENU_PANE_FILE = COPY_GRAINS, MENU_SCREEN_FILE };

static bool
take_text(struct app *a, enum copy_grain grain, struct buffer *out)
{
    if (grain != COPY_SCREEN)
        return session_copy_text(a->session, grain, out);
    app_picture(a, "", out);
    return true;
}

/* What the message names: the value itself, else the kind. */
static void
name_of(const struct app *a, enum copy_grain grain, const struct buffer *text, char out[160])
{
    if (grain == COPY_VALUE)
        snprintf(out, 160, "%s", buffer_text(text));
    else if (grain == COPY_PANE)
        snprintf(out, 160, "%s", tr(pane_row[a->session->scene.set.focus].title));
    else
        snprintf(out, 160, "%s", grain == COPY_SENTENCE ? tr("the sentence") : tr("the screen"));
}

static void
copy(struct app *a, enum copy_grain grain, const char *file)
{
    struct buffer text = {0};
    struct clip_done done;
    struct error e = {0};
    char what[160];

    if (!take_text(a, grain, &text)) {
        app_say(a, true,
                grain == COPY_SENTENCE
                    ? tr("No event is here, so there is no sentence.")
                    : tr("Nothing is selected here, or it is hidden by the question."));
    } else if (*file) {
        write_file(a, file, &text);
    } else {
        name_of(a, grain, &text, what);
        if (clip_copy(text.data, text.length, &done, &e))
            say_copied(a, what, text.length, &done);
        else
            say_error(a, &e);
    }
    buffer_free(&text);
}

static void
offer(struct app *a, const char *key, enum copy_grain grain, const char *text)
{
    struct buffer value = {0};
    char note[CHOOSER_TEXT] = "";

    if (grain == COPY_PANE)
        snprintf(note, sizeof note, "%s", tr(pane_row[a->session->scene.set.focus].title));
    else if (grain != COPY_SCREEN && !session_copy_text(a->session, grain, &value))
        snprintf(note, sizeof note, "%s", tr("none here"));
    else
        text_clean_to(note, sizeof note, buffer_text(&value), 0);
    chooser_add(&a->chooser, key, grain, text, note);
    buffer_free(&value);
}

static void
open_copy_menu(struct app *a)
{
    app_open_chooser(a, ACTION_COPY, false, tr("Copy"),
                     tr("its letter, or Enter copies    Esc closes"));
    offer(a, "y", COPY_VALUE, tr("the value selected"));
    offer(a, "s", COPY_SENTENCE, tr("the sentence of the event"));
    offer(a, "p", COPY_PANE, tr("the whole pane, rows out of sight too"));
    offer(a, "w", COPY_SCREEN, tr("the whole screen"));
    chooser_add(&a->chooser, "f", MENU_PANE_FILE, tr("the pane into a file"), "copy pane FILE");
    chooser_add(&a->chooser, "o", MENU_SCREEN_FILE, tr("the screen into a file"),
                "save-screen FILE");
}

void
app_copy(struct app *a, const char *args)
{
    size_t n = strcspn(args, " ");

    if (!*args) {
        open_copy_menu(a);
        return;
    }
    for (int grain = 0; grain < COPY_GRAINS; grain++)
        if (strlen(copy_word[grain]) == n && strncmp(copy_word[grain], args, n) == 0) {
            copy(a, (enum copy_grain)grain, args + n + strspn(args + n, " "));
            return;
        }
    app_say(a, true,
            tr("copy value, sentence, pane or screen; a file's name behind it writes there"));
}

void
app_copy_chosen(struct app *a, int value)
{
    const char *pane = pane_row[a->session->scene.set.focus].name;

    if (value == MENU_PANE_FILE)
        ask_for_file(a, "copy pane", pane, "txt");
    else if (value == MENU_SCREEN_FILE)
        app_save_screen(a, "");
    else
        copy(a, (enum copy_grain)value, "");
}
