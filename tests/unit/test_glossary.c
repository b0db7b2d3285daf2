/* The glossary's table: cards fit, every event has words, every word is reached, names are found. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "app/actions.h"
#include "app/card.h"
#include "app/chooser.h"
#include "base/text.h"

static void
cards_have_five_lines_of_76_cells_in_both_languages(void **state)
{
    struct error e = {0};

    (void)state;
    assert_true(action_speak(LANG_ZH, &e));
    for (int lang = 0; lang < LANGS; lang++) {
        lang_use((enum lang)lang);
        for (int t = TERM_NONE + 1; t < TERMS; t++) {
            struct buffer text = {0};
            unsigned lines = 0;
            char *line, *rest = NULL;

            card_text((enum term)t, CARD_WIDTH, &text);
            for (line = strtok_r(text.data, "\n", &rest); line;
                 line = strtok_r(NULL, "\n", &rest), lines++)
                if (text_width(line) > 76)
                    fail_msg("%s: %u cells: %s", term_row[t].names, text_width(line), line);
            if (lines > 5 || lines < 3)
                fail_msg("%s (%s): %u lines", term_row[t].names, lang_code[lang], lines);
            buffer_free(&text);
        }
    }
    lang_use(LANG_EN);
}

static void
a_card_says_what_where_and_a_source(void **state)
{
    (void)state;
    assert_true(TERMS - 1 >= 40);
    for (int t = TERM_NONE + 1; t < TERMS; t++) {
        assert_true(strlen(term_row[t].text) > 40);
        assert_true(strlen(term_row[t].where) > 3);
        assert_true(strlen(term_row[t].source) > 5);
    }
}

static void
every_event_and_pane_has_words_and_every_word_is_reached(void **state)
{
    bool reached[TERMS] = {false};
    enum term terms[TERMS_HERE];
    unsigned n;

    (void)state;
    for (int ev = EV_NONE + 1; ev < EVENT_CODES; ev++) {
        n = terms_of_event((enum event_code)ev, terms);
        if (n == 0)
            fail_msg("%s: no word", event_row[ev].name);
        for (unsigned i = 0; i < n; i++)
            reached[terms[i]] = true;
    }
    for (int pane = PANE_NONE + 1; pane < PANES; pane++) {
        n = terms_of_pane((enum pane_id)pane, terms);
        if (n == 0)
            fail_msg("%s: no word", pane_row[pane].name);
        for (unsigned i = 0; i < n; i++)
            reached[terms[i]] = true;
    }
    for (int t = TERM_NONE + 1; t < TERMS; t++)
        if (!reached[t])
            fail_msg("%s: no event and no pane leads there", term_row[t].names);
}

static void
names_are_unique_and_found_however_written(void **state)
{
    char name[TERM_NAME], word[TERM_NAME];

    (void)state;
    for (int t = TERM_NONE + 1; t < TERMS; t++)
        for (unsigned i = 0; term_name((enum term)t, i, name); i++) {
            assert_true(term_word((enum term)t, i, word));
            if (term_by_name(name) != (enum term)t || term_by_name(word) != (enum term)t)
                fail_msg("%s: two cards", name);
        }
    assert_int_equal(term_by_name("tlb MISS"), TERM_MISS);
    assert_int_equal(term_by_name("copy-on-write"), TERM_COW);
    assert_int_equal(term_by_name("ASID"), TERM_PCID);
    assert_int_equal(term_by_name(""), TERM_NONE);
    assert_int_equal(term_by_name("\xff\x1b[31m"), TERM_NONE);
    assert_int_equal(
        term_by_name("a name that is much longer than any name of a term could ever be"),
        TERM_NONE);
    assert_string_equal(term_nearest("canonicle"), "canonical");
}

static void
words_of_this_moment_come_once_event_first(void **state)
{
    static struct scene s;
    enum term terms[TERMS_HERE];
    unsigned n;

    (void)state;
    s.has_event = true;
    s.event.code = EV_TLB_HIT;
    s.set.focus = PANE_TLB;
    n = terms_here(&s, false, terms);
    assert_int_equal(terms[0], TERM_TLB);
    for (unsigned i = 0; i < n; i++)
        for (unsigned k = 0; k < i; k++)
            assert_int_not_equal(terms[i], terms[k]);
    s.set.focus = PANE_BUDDY;
    terms_here(&s, true, terms);
    assert_int_equal(terms[0], TERM_BUDDY_SYSTEM);
}

/* The second entry of a root table is absent; the frame it would stand in is a table. */
static void
what_is_selected_comes_before_its_pane(void **state)
{
    static struct session s;
    struct preset preset;
    struct error e = {0};
    enum term terms[TERMS_HERE];

    (void)state;
    assert_true(preset_load("x86-64", &preset, &e));
    assert_true(session_open_machine(&s, &preset, 1, &e));
    session_command(&s, "pane tree");
    s.scene.set.selected = true;
    s.scene.set.select_a = 0x5008;
    s.scene.set.select_b = 0;
    session_refresh(&s);
    terms_here(&s.scene, true, terms);
    assert_int_equal(terms[0], TERM_PRESENT);
    session_command(&s, "poke 0x5008 67");
    session_command(&s, "pane tree");
    s.scene.set.selected = true;
    session_refresh(&s);
    terms_here(&s.scene, true, terms);
    assert_int_equal(terms[0], TERM_TABLE);
    session_command(&s, "pane frames");
    s.scene.set.selected = true;
    s.scene.set.select_a = 1; /* the frame of zeros */
    session_refresh(&s);
    terms_here(&s.scene, true, terms);
    assert_int_equal(terms[0], TERM_ZERO);
    session_close(&s);
}

static void
cards_turn_round_and_lead_to_the_list(void **state)
{
    static const enum term three[] = {TERM_TLB, TERM_SET, TERM_WAY};
    const struct key right = {.name = "Right"}, left = {.name = "Left"}, enter = {.name = "Enter"},
                     escape = {.name = "Escape"};
    struct canvas *c = canvas_create(80, 24, GLYPHS_ASCII);
    struct card card;

    (void)state;
    assert_false(card_open(&card, three, 0));
    assert_true(card_open(&card, three, 3));
    card_key(&card, &left);
    assert_int_equal(card.at, 2);
    card_key(&card, &right);
    assert_int_equal(card.at, 0);
    for (int w = 1; w < 80; w++) {
        canvas_resize(c, w, 1 + w / 4);
        card_draw(&card, c); /* no cell outside: the sanitizers watch */
    }
    assert_int_equal(card_key(&card, &enter), CARD_LIST);
    assert_false(card.open);
    card_open(&card, three, 3);
    assert_int_equal(card_key(&card, &escape), CARD_CLOSED);
    canvas_destroy(c);
}

static struct key
letter(char c)
{
    struct key key = {.cp = (unsigned char)c};

    key.name[0] = c;
    return key;
}

static void
a_list_filters_and_a_menu_takes_letters(void **state)
{
    static struct chooser c;
    const struct key enter = {.name = "Enter"}, delete = {.name = "Delete"},
                     down = {.name = "Down"};
    struct key m = letter('m'), b = letter('b');
    int value = 0;

    (void)state;
    chooser_open(&c, true, "list", "");
    chooser_add(&c, "", 7, "walk", "page by page");
    chooser_add(&c, "", 8, "miss", "");
    chooser_add(&c, "", 9, "\x1b[2Jdimmer", "");
    assert_null(strchr(c.row[2].text, '\x1b'));
    assert_int_equal(chooser_key(&c, &m, &value), CHOOSER_GOES_ON);
    assert_int_equal(c.count, 2);
    assert_int_equal(chooser_key(&c, &delete, &value), CHOOSER_GOES_ON);
    chooser_key(&c, &down, &value);
    assert_int_equal(chooser_key(&c, &enter, &value), CHOOSER_CHOSEN);
    assert_int_equal(value, 9);
    chooser_open(&c, false, "menu", "");
    chooser_add(&c, "a", 1, "one", "");
    chooser_add(&c, "b", 2, "two", "");
    assert_int_equal(chooser_key(&c, &m, &value), CHOOSER_GOES_ON);
    assert_int_equal(chooser_key(&c, &b, &value), CHOOSER_CHOSEN);
    assert_int_equal(value, 2);
    for (int i = 0; i < 2 * CHOOSER_ROWS; i++)
        chooser_add(&c, "", i, "row", "");
    assert_int_equal(c.rows, CHOOSER_ROWS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cards_have_five_lines_of_76_cells_in_both_languages),
        cmocka_unit_test(a_card_says_what_where_and_a_source),
        cmocka_unit_test(every_event_and_pane_has_words_and_every_word_is_reached),
        cmocka_unit_test(names_are_unique_and_found_however_written),
        cmocka_unit_test(words_of_this_moment_come_once_event_first),
        cmocka_unit_test(what_is_selected_comes_before_its_pane),
        cmocka_unit_test(cards_turn_round_and_lead_to_the_list),
        cmocka_unit_test(a_list_filters_and_a_menu_takes_letters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
