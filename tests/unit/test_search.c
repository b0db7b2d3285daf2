/* Searching panes: what the bytes of a machine must look like is known from the machine, not from the drawing. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/actions.h"
#include "machine/operation.h"
#include "view/panes.h"

static struct session *
open_play(void)
{
    static struct session s;
    struct preset preset;
    struct error e = {0};

    assert_true(preset_load("x86-64", &preset, &e));
    assert_true(session_open_machine(&s, &preset, 1, &e));
    s.width = 80;
    s.height = 24;
    return &s;
}

static void
look(struct session *s, const char *pane, const char *text)
{
    char line[SEARCH_TEXT + 16];

    snprintf(line, sizeof line, "pane %s", pane);
    assert_true(session_command(s, line));
    snprintf(line, sizeof line, "search %s", text);
    session_command(s, line);
}

/* The cells of the current match, as text, on a screen of 80x24. */
static const char *
current(struct session *s)
{
    static char text[200];
    struct canvas *c = canvas_create(80, 24, GLYPHS_UNICODE);
    size_t n = 0;

    session_refresh(s);
    screen_draw(&s->scene, c);
    for (int i = 0; i < 80 * 24; i++)
        if (c->cells[i].role == ROLE_CURSOR && c->cells[i].owner == (uint16_t)s->scene.set.focus &&
            c->cells[i].width && n < 190)
            n += strlen(canvas_cell_text(&c->cells[i], text + n));
    text[n] = '\0';
    canvas_destroy(c);
    return text;
}

static unsigned
cells_found(struct session *s)
{
    struct canvas *c = canvas_create(80, 24, GLYPHS_UNICODE);
    unsigned n = 0;

    session_refresh(s);
    screen_draw(&s->scene, c);
    for (int i = 0; i < 80 * 24; i++)
        n += c->cells[i].role == ROLE_FOUND;
    canvas_destroy(c);
    return n;
}

static void
bytes_are_found_far_below_the_pane(void **state)
{
    struct session *s = open_play();

    (void)state;
    /* The frame holds zeros but for five bytes at its end; a pane of 80x24 shows the first dozen rows. */
    assert_true(session_operate(s, "poke 0x7ff0 de ad be ef 12"));
    assert_true(session_command(s, "hex 0x7000"));
    assert_true(session_command(s, "search deadbeef"));
    assert_string_equal(current(s), "de ad be ef");
    assert_true(session_command(s, "search ad be"));
    assert_string_equal(current(s), "ad be");
    assert_non_null(strstr(s->status, "1 of 1"));
    assert_false(session_command(s, "search deadbeee"));
    assert_true(s->status_is_error && !session_searching(s));
    session_close(s);
}

static void
n_goes_round_and_counts(void **state)
{
    struct session *s = open_play();
    unsigned rows = 0;

    (void)state;
    for (int o = OP_NONE + 1; o < OPERATION_CODES;
         o++) /* the playground's page lists every operation's arguments */
        for (const char *at = operation_row((enum operation_code)o)->args; (at = strstr(at, "VA"));
             at += 2)
            rows++;
    look(s, "story", "VA");
    assert_true(rows > 5);
    assert_non_null(strstr(s->status, "1 of "));
    for (unsigned i = 0; i < 200; i++) {
        assert_string_equal(current(s), "VA");
        action_press(s, "n");
        if (s->scene.set.sought_at == 0)
            break;
        assert_int_equal(s->scene.set.sought_at, i + 1);
    }
    assert_int_equal(s->scene.set.sought_at, 0);
    action_press(s, "N");
    assert_true(s->scene.set.sought_at + 1 <= rows && s->scene.set.sought_at > 3);
    session_close(s);
}

static void
case_counts_only_with_a_capital(void **state)
{
    struct session *s = open_play();

    (void)state;
    look(s, "tree", "pml4");
    assert_string_equal(current(s), "PML4");
    look(s, "tree", "Pml4");
    assert_false(session_searching(s));
    session_close(s);
}

static void
every_pane_can_be_searched_for_a_word_it_shows(void **state)
{
    struct session *s = open_play();

    (void)state;
    session_operate(s, "read 0x404000");
    for (int pane = PANE_NONE + 1; pane < PANES; pane++) {
        struct buffer row = {0};
        struct canvas *c;
        char word[40] = "";

        if (pane == PANE_TIMELINE)
            continue;
        c = canvas_create(44, 60, GLYPHS_UNICODE);
        session_refresh(s);
        pane_row[pane].draw(&s->scene, c, rect_of(0, 0, 44, 60));
        for (int y = 0; y < 60 && strlen(word) < 3; y++) {
            buffer_truncate(&row, 0);
            canvas_row_text(c, y, &row);
            sscanf(buffer_text(&row), " %39s", word);
        }
        if (search_count(&s->scene, (enum pane_id)pane, 44, 5, GLYPHS_UNICODE, word) == 0)
            fail_msg("%s: \"%s\" is shown and not found", pane_row[pane].name, word);
        buffer_free(&row);
        canvas_destroy(c);
    }
    session_close(s);
}

static void
odd_texts_find_nothing_and_break_nothing(void **state)
{
    static const char *const odd[] = {
        "\xff\xfe", "\x1b[31m", "\xe2\x80\xae", "%s%n%s",
        "((((",     "\\",       "\xe4\xb8",     "é\xcc\x81\xcc\x81\xcc\x81",
        "   "};
    char endless[1000];
    struct session *s = open_play();

    (void)state;
    memset(endless, 'a', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    for (int pane = PANE_NONE + 1; pane < PANES; pane++)
        for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
            pane_focus(&s->scene.set, (enum pane_id)pane);
            session_search(s, odd[i]);
            cells_found(s);
            session_search(s, endless);
            assert_false(session_searching(s));
            for (int w = 1; w < 5; w++)
                search_count(&s->scene, (enum pane_id)pane, w, 1, GLYPHS_ASCII, odd[i]);
        }
    session_close(s);
}

static void
wide_letters_are_found_whole(void **state)
{
    struct session *s = open_play();
    struct error e = {0};

    (void)state;
    assert_true(action_speak(LANG_ZH, &e));
    s->stale = true;
    look(s, "story", "游乐场");
    if (!session_searching(s))
        look(s, "story", "操作");
    assert_true(session_searching(s));
    assert_true(strlen(current(s)) >= 6);
    lang_use(LANG_EN);
    session_close(s);
}

static void
the_search_ends_with_escape_and_gives_n_back(void **state)
{
    struct session *s = open_play();
    uint64_t here;

    (void)state;
    look(s, "tree", "pdpt");
    assert_true(action_key_is_taken(s, "n"));
    session_go_start(s);
    here = history_event_number(s->history, history_position(s->history));
    look(s, "tree", "cr3");
    action_press(s, "n");
    assert_true(history_event_number(s->history, history_position(s->history)) == here);
    action_press(s, "Escape");
    assert_false(session_searching(s));
    assert_int_equal(cells_found(s), 0);
    action_press(s, "n");
    assert_true(history_event_number(s->history, history_position(s->history)) == here + 1);
    session_close(s);
}

static void
what_is_hidden_is_not_found(void **state)
{
    static struct session s;
    struct error e = {0};

    (void)state;
    /* Everything the log may show is at or before the gate: no row beyond it is on the sheet, so no later number is found. */
    assert_true(session_open_lesson(&s, "four-level", &e));
    s.width = 120;
    s.height = 40;
    for (int i = 0; i < 60 && !session_question(&s); i++)
        action_press(&s, "Enter");
    assert_non_null(session_question(&s));
    session_refresh(&s);
    assert_true(scene_asks(&s.scene));
    for (uint64_t n = s.scene.numbers + 1; n < s.scene.numbers + 30; n++) {
        char text[24];
        snprintf(text, sizeof text, "%5llu ", (unsigned long long)n);
        assert_int_equal(search_count(&s.scene, PANE_LOG, 60, 20, GLYPHS_UNICODE, text), 0);
    }
    session_close(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_found_far_below_the_pane),
        cmocka_unit_test(n_goes_round_and_counts),
        cmocka_unit_test(case_counts_only_with_a_capital),
        cmocka_unit_test(every_pane_can_be_searched_for_a_word_it_shows),
        cmocka_unit_test(odd_texts_find_nothing_and_break_nothing),
        cmocka_unit_test(wide_letters_are_found_whole),
        cmocka_unit_test(the_search_ends_with_escape_and_gives_n_back),
        cmocka_unit_test(what_is_hidden_is_not_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
