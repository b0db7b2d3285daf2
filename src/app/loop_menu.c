/* loop_menu.c - boxes over the picture: who opens one, who gets its keys, and what comes of the choice. */
#include "app/loop_internal.h"

#include <stdio.h>
#include <string.h>

/* --- bookmarks ----------------------------------------------------------------------------------- */

static void
open_bookmarks(struct app *a)
{
    struct session_bookmark all[BOOKMARKS_LESSON];
    unsigned n = session_bookmarks(a->session, all);

    if (!n) {
        session_bookmark_step(a->session, 1); /* it says what to do */
        return;
    }
    app_open_chooser(a, ACTION_BOOKMARKS, true, tr("Bookmarks"),
                     tr("Enter goes there    Delete takes it away    Esc closes"));
    for (unsigned i = 0; i < n; i++) {
        struct buffer text = {0};

        session_bookmark_text(&all[i], a->session->player != NULL, &text);
        chooser_add(&a->chooser, "", (int)i, buffer_text(&text),
                    all[i].reachable ? "" : tr("the story is not there yet"));
        buffer_free(&text);
    }
}

/* --- the glossary -------------------------------------------------------------------------------- */

/* "frame, PFN, page frame": whichever one knows, the filter finds it. */
static void
all_names(enum term t, char out[CHOOSER_TEXT])
{
    char name[TERM_NAME];

    *out = '\0';
    for (unsigned i = 0; term_name(t, i, name); i++)
        snprintf(out + strlen(out), CHOOSER_TEXT - strlen(out), "%s%s", i ? ", " : "", name);
}

static void
open_words(struct app *a)
{
    app_open_chooser(a, ACTION_GLOSSARY, true, tr("Words"),
                     tr("Enter opens the card    Esc closes"));
    for (int t = TERM_NONE + 1; t < TERMS; t++) {
        char names[CHOOSER_TEXT];

        all_names((enum term)t, names);
        chooser_add(&a->chooser, "", t, names, tr(term_row[t].text));
    }
}

static void
open_glossary(struct app *a, const char *word)
{
    const struct session *s = a->session;
    enum term terms[TERMS_HERE], t = term_by_name(word);
    char text[200];

    if (!*word && s)
        card_open(&a->card, terms, terms_here(&s->scene, s->pane_by_hand, terms));
    if (!*word && a->card.open)
        return;
    if (!*word) {
        open_words(a);
    } else if (t != TERM_NONE) {
        card_open(&a->card, &t, 1);
    } else {
        const char *near = term_nearest(word);

        if (near)
            snprintf(text, sizeof text, tr("No card for \"%.60s\" (did you mean \"%s\"?)"), word,
                     near);
        else
            snprintf(text, sizeof text, tr("No card for \"%.60s\". glossary lists them all."),
                     word);
        app_say(a, true, text);
    }
}

/* --- outside ------------------------------------------------------------------------------------- */

void
app_open_chooser(struct app *a, enum action_code what, bool filters, const char *title,
                 const char *hint)
{
    a->chooser_for = what;
    chooser_open(&a->chooser, filters, title, hint);
    a->chooser.removes = what == ACTION_BOOKMARKS;
}

void
app_menu(struct app *a, enum action_code code, const char *text)
{
    if (code == ACTION_SAVE_SCREEN)
        app_save_screen(a, text);
    else if (code == ACTION_COPY)
        app_copy(a, text);
    else if (code == ACTION_BOOKMARKS)
        open_bookmarks(a);
    else if (code == ACTION_GLOSSARY)
        open_glossary(a, text);
}

static void
chosen(struct app *a, int value)
{
    enum term t = (enum term)value;

    if (a->chooser_for == ACTION_COPY)
        app_copy_chosen(a, value);
    else if (a->chooser_for == ACTION_BOOKMARKS)
        session_bookmark_go(a->session, (unsigned)value);
    else if (a->chooser_for == ACTION_GLOSSARY)
        card_open(&a->card, &t, 1);
}

static void
give_to_chooser(struct app *a, const struct key *key)
{
    int value = 0;

    switch (chooser_key(&a->chooser, key, &value)) {
    case CHOOSER_CHOSEN:
        chosen(a, value);
        break;
    case CHOOSER_REMOVED:
        if (a->chooser_for == ACTION_BOOKMARKS)
            session_bookmark_drop(a->session, (unsigned)value);
        break;
    default:
        break;
    }
}

void
app_menu_key(struct app *a, const struct key *key)
{
    if (a->chooser.open)
        give_to_chooser(a, key);
    else if (a->card.open && card_key(&a->card, key) == CARD_LIST)
        open_words(a);
}

void
app_menu_draw(const struct app *a, struct canvas *c)
{
    if (a->card.open)
        card_draw(&a->card, c);
    if (a->chooser.open)
        chooser_draw(&a->chooser, c);
}
