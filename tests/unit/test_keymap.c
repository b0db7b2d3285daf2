/* The file of keys: what it changes, what it may not, and that no text breaks it. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/keymap.h"
#include "app/keys.h"

enum { SAID = 8192 };

static char said[SAID];

static void
note(void *ctx, const struct error *e)
{
    size_t n = strlen(said);

    (void)ctx;
    assert_int_equal(e->code, EXIT_DATA);
    error_format(e, said + n, (unsigned)(SAID - n - 2));
    strcat(said, "\n");
}

static unsigned
read_keys(const char *text)
{
    said[0] = '\0';
    return keymap_parse(text, strlen(text), "keys", note, NULL);
}

static enum action_code
means(const char *key)
{
    return action_by_key(key, SITUATION_PLAY);
}

/* One complaint, exactly this. */
static void
expect_said(const char *text, const char *line)
{
    unsigned n = read_keys(text);

    if (n != 1 || strncmp(said, line, strlen(line)) != 0 || strcmp(said + strlen(line), "\n") != 0)
        fail_msg("%u complaints:\n%sexpected:\n%s", n, said, line);
}

static void
without_a_file_the_table_holds(void **state)
{
    (void)state;
    keymap_reset();
    for (int a = ACTION_NONE + 1; a < ACTIONS; a++) {
        assert_string_equal(keymap_keys((enum action_code)a), action_row[a].keys);
        assert_false(keymap_is_changed((enum action_code)a));
    }
    assert_int_equal(read_keys(""), 0);
    assert_int_equal(read_keys("# only\n\n   # words\n"), 0);
    assert_string_equal(keymap_keys(ACTION_NEXT_EVENT), "Space Right n");
}

static void
a_line_gives_a_key_to_an_action(void **state)
{
    (void)state;
    assert_int_equal(
        read_keys(
            "\xef\xbb\xbfJ\tnext-fault   # mine\r\nj next\r\n F5 back\nHash check\nF6 numbers\n\xc3\xa9 who"),
        0);
    assert_string_equal(keymap_keys(ACTION_NEXT_FAULT),
                        "J f"); /* one's own first: the footer shows it */
    assert_string_equal(keymap_keys(ACTION_NEXT_EVENT), "j Space Right n");
    assert_string_equal(keymap_keys(ACTION_DOWN), "Down"); /* j is not its key any more */
    assert_int_equal(means("j"), ACTION_NEXT_EVENT);
    assert_int_equal(means("F5"), ACTION_PREVIOUS_EVENT);
    assert_int_equal(means("#"), ACTION_CHECK);
    assert_int_equal(means("\xc3\xa9"), ACTION_WHO_WROTE);
    assert_true(keymap_is_changed(ACTION_DOWN) && !keymap_is_changed(ACTION_UP));
    keymap_reset();
    assert_int_equal(means("j"), ACTION_DOWN);
}

static void
keys_change_places_and_are_freed(void **state)
{
    (void)state;
    assert_int_equal(read_keys("x zoom\nz hex\nM none\n"),
                     0); /* M was meant: nobody complains that the mouse has no key */
    assert_int_equal(means("x"), ACTION_ZOOM);
    assert_int_equal(means("z"), ACTION_HEX);
    assert_int_equal(means("M"), ACTION_NONE);
    assert_string_equal(keymap_keys(ACTION_MOUSE), "");
    assert_string_equal(keymap_key(ACTION_MOUSE), ":mouse");
}

/* The course map and a lesson are never seen together. */
static void
one_key_may_mean_two_things_where_they_never_meet(void **state)
{
    (void)state;
    assert_int_equal(read_keys("o open\no op\n"), 0);
    assert_int_equal(action_by_key("o", SITUATION_MAP), ACTION_OPEN);
    assert_int_equal(action_by_key("o", SITUATION_LESSON), ACTION_NEXT_OP);
}

static void
what_is_wrong_is_named_with_its_line(void **state)
{
    (void)state;
    expect_said("\nspace next\n", "keys:2: no key \"space\" (did you mean \"Space\"?)");
    expect_said("z zooom\n", "keys:1: no action \"zooom\" (did you mean \"zoom\"?)");
    expect_said("z\n", "keys:1: \"z\" needs an action behind it: key action");
    expect_said("z # zoom\n", "keys:1: \"z\" needs an action behind it: key action");
    expect_said("z zoom now\n", "keys:1: \"now\" is one word too many: key action");
    expect_said("Ctrl-C next\n",
                "keys:1: \"Ctrl-C\" never arrives: it interrupts or stops the program");
    expect_said("Ctrl-I next\n", "keys:1: \"Ctrl-I\" arrives as Tab");
    expect_said("ctrl-l next\n",
                "keys:1: \"ctrl-l\" is no key: Ctrl- and one capital letter, as in Ctrl-L");
    expect_said(
        "F25 next\n",
        "keys:1: no key \"F25\": expected a letter or a sign, Space, Enter, Left, F5, Ctrl-L ...");
    expect_said(
        "zz next\n",
        "keys:1: no key \"zz\": expected a letter or a sign, Space, Enter, Left, F5, Ctrl-L ...");
    expect_said("\x01 next\n", "keys:1: \"\xef\xbf\xbd\" is no key of its own");
    assert_int_equal(means("z"), ACTION_ZOOM);
}

static void
conflicts_are_named_with_both_lines(void **state)
{
    (void)state;
    expect_said("j next\n\nj back\n",
                "keys:3: \"j\" is back here and next on line 1, which counts");
    assert_int_equal(means("j"), ACTION_NEXT_EVENT);
    expect_said("j none\nj back\n", "keys:2: \"j\" is back here and none on line 1, which counts");
    expect_said("q who\n", "keys:1: \"q\" is who here, and quit is left without a key");
    expect_said(
        "? who\n\nF1 when\n",
        "keys:3: \"F1\" is when here and \"?\" is who on line 1: help is left without a key");
    assert_int_equal(means("?"), ACTION_WHO_WROTE); /* it counts all the same */
    assert_int_equal(read_keys("j next\nj next\n"), 0);
    assert_int_equal(read_keys("q who\nQ quit\n"), 0);
}

static void
texts_name_the_keys_of_now(void **state)
{
    (void)state;
    keymap_reset();
    assert_string_equal(keymap_text("{hint}: a hint, {story} or {back}. {nonsense} {} {"),
                        "H: a hint, Esc or b. {nonsense} {} {");
    assert_int_equal(read_keys("% hint\nF2 story\n"), 0);
    assert_string_equal(keymap_text("{hint} %s {story}"), "%% %s F2");
}

/* Every default key can be bound, by the name it is written with. */
static void
defaults_are_keys_that_can_be_bound(void **state)
{
    char key[16];

    (void)state;
    keymap_reset();
    for (int a = ACTION_NONE + 1; a < ACTIONS; a++)
        for (unsigned i = 0; action_key((enum action_code)a, i, key); i++)
            if (key_refusal(key))
                fail_msg("%s of %s: %s", key, action_row[a].name, key_refusal(key));
}

static void
hostile_texts_are_told_and_change_nothing_else(void **state)
{
    static char many[400 * 1024];
    size_t n = 0;

    (void)state;
    said[0] = '\0';
    assert_int_equal(keymap_parse("j next\n\xff\xfe next\n", 15, "keys", note, NULL), 1);
    assert_string_equal(said, "keys:2: this is no UTF-8 text; the default keys are used\n");
    said[0] = '\0';
    assert_int_equal(keymap_parse("j next\nk\0up\n", 12, "keys", note, NULL), 1);
    assert_string_equal(said, "keys:2: this is no UTF-8 text; the default keys are used\n");
    assert_int_equal(means("j"), ACTION_DOWN);
    assert_int_equal(read_keys("\x1b[2J \x1b]0;owned\x07\n"), 1);
    assert_null(strchr(said, '\x1b'));
    for (int i = 0; i < 24; i++) /* more keys than an action can have */
        n += (size_t)sprintf(many + n, "F%d next\nCtrl-%c back\n", i + 1,
                             "ABDEFGKLNOPQRSTUVWXYABDE"[i]);
    many[n] = '\0';
    read_keys(many);
    assert_true(strlen(keymap_keys(ACTION_NEXT_EVENT)) < KEYMAP_KEYS);
    assert_non_null(strstr(said, "has too many keys"));
}

static unsigned counted;

static void
count(void *ctx, const struct error *e)
{
    (void)ctx;
    assert_true(e->line > 0 && e->text[0]);
    counted++;
}

static void
more_lines_than_anybody_writes(void **state)
{
    char *text = malloc(700 * 16);
    size_t n = 0;

    (void)state;
    assert_non_null(text);
    for (int i = 0; i < 700; i++)
        n += (size_t)sprintf(text + n, "j next\n");
    counted = 0;
    assert_int_equal(keymap_parse(text, n, "keys", count, NULL), 700 - KEYMAP_LINES);
    assert_int_equal(counted, 700 - KEYMAP_LINES);
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_file_the_table_holds),
        cmocka_unit_test(a_line_gives_a_key_to_an_action),
        cmocka_unit_test(keys_change_places_and_are_freed),
        cmocka_unit_test(one_key_may_mean_two_things_where_they_never_meet),
        cmocka_unit_test(what_is_wrong_is_named_with_its_line),
        cmocka_unit_test(conflicts_are_named_with_both_lines),
        cmocka_unit_test(texts_name_the_keys_of_now),
        cmocka_unit_test(defaults_are_keys_that_can_be_bound),
        cmocka_unit_test(hostile_texts_are_told_and_change_nothing_else),
        cmocka_unit_test(more_lines_than_anybody_writes),
    };

    return RUN_TESTS(tests);
}
