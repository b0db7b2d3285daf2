/* The table of actions: names and keys are unambiguous, every key is one a terminal can send, the footer says what works. */
#include "test.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/actions.h"
#include "app/palette.h"
#include "app/prompt.h"
#include "base/lang.h"
#include "base/text.h"
#include "machine/operation.h"

static const unsigned situations[] = {
    SITUATION_MAP,
    SITUATION_LESSON,
    SITUATION_LESSON | SITUATION_ASK,
    SITUATION_LESSON | SITUATION_TASK,
    SITUATION_LESSON | SITUATION_BRANCH,
    SITUATION_PLAY,
    SITUATION_PLAY | SITUATION_BRANCH,
};

enum { SITUATIONS = sizeof situations / sizeof *situations };

static void
names_are_unique_and_no_operation_has_one(void **state)
{
    (void)state;
    for (int a = ACTION_NONE + 1; a < ACTIONS; a++) {
        assert_true(action_by_name(action_row[a].name) == (enum action_code)a);
        assert_true(operation_by_name(action_row[a].name) == OP_NONE);
        assert_true(strlen(action_row[a].help) > 5);
    }
    assert_true(action_by_name("nonsense") == ACTION_NONE);
}

static void
a_key_means_one_thing_in_a_situation(void **state)
{
    char key[16], other[16];

    (void)state;
    for (int s = 0; s < SITUATIONS; s++)
        for (int a = ACTION_NONE + 1; a < ACTIONS; a++)
            for (unsigned i = 0; action_works((enum action_code)a, situations[s]) && action_key((enum action_code)a, i, key); i++)
                for (int b = ACTION_NONE + 1; b < ACTIONS; b++)
                    for (unsigned j = 0; action_works((enum action_code)b, situations[s]) && action_key((enum action_code)b, j, other); j++)
                        if ((a != b || i != j) && strcmp(key, other) == 0)
                            fail_msg("%s means %s and %s", key, action_row[a].name, action_row[b].name);
}

static void
every_key_is_one_that_terminals_send(void **state)
{
    static const char *const known[] = {"Space", "Enter", "Escape", "Backspace", "Tab", "BackTab", "Left", "Right", "Up", "Down",
                                        "Home", "End", "PageUp", "PageDown", "F1", "Ctrl-L"};
    char key[16];

    (void)state;
    for (int a = ACTION_NONE + 1; a < ACTIONS; a++)
        for (unsigned i = 0; action_key((enum action_code)a, i, key); i++) {
            bool ok = strlen(key) == 1;
            for (size_t k = 0; k < sizeof known / sizeof *known; k++)
                ok |= strcmp(key, known[k]) == 0;
            if (!ok)
                fail_msg("%s has the key %s", action_row[a].name, key);
        }
}

/* tmux's and screen's prefixes, flow control, and what needs a function key only. */
static void
no_action_needs_a_key_that_others_take(void **state)
{
    char key[16];

    (void)state;
    for (int a = ACTION_NONE + 1; a < ACTIONS; a++)
        for (unsigned i = 0; action_key((enum action_code)a, i, key); i++) {
            assert_string_not_equal(key, "Ctrl-B");
            assert_string_not_equal(key, "Ctrl-A");
            assert_string_not_equal(key, "Ctrl-S");
            assert_string_not_equal(key, "Ctrl-Q");
            assert_true(key[0] != 'F' || !key[1] || i > 0);
        }
}

/* --- with a machine ------------------------------------------------------------------------------- */

static struct session *
open_play(void)
{
    static struct session s;
    struct preset preset;
    struct error e = {0};

    assert_true(preset_load("x86-64", &preset, &e));
    assert_true(session_open_machine(&s, &preset, 1, &e));
    return &s;
}

static void
the_footer_names_a_key_that_works_for_every_label(void **state)
{
    struct session *s = open_play();
    struct footer out = {0};
    char *item, *rest;
    int items = 0;

    (void)state;
    action_footer(s, GLYPHS_ASCII, &out);
    for (item = strtok_r(out.text.data, "|", &rest); item; item = strtok_r(NULL, "|", &rest), items++) {
        char key[16];
        snprintf(key, sizeof key, "%.*s", (int)strcspn(item, " "), item);
        if (action_by_key(key, action_situation(s)) == ACTION_NONE || action_by_key(key, action_situation(s)) != out.action[items])
            fail_msg("\"%s\" is on the footer and does nothing", item);
    }
    assert_in_range(items, 5, 10);
    assert_int_equal(out.parts, items);
    buffer_free(&out.text);
    session_close(s);
}

/* The cells of the row up to the end of this action's part. */
static unsigned
footer_reaches(const struct footer *f, enum action_code wanted)
{
    const char *text = f->text.data, *end = text;

    for (unsigned i = 0; i < f->parts; i++, end++) {
        end += strcspn(end, "|");
        if (f->action[i] == wanted)
            return text_width_n(text, (size_t)(end - text)) + i + 1; /* two blanks where a bar stands, one before all */
    }
    return UINT_MAX;
}

static void
help_and_quit_are_on_the_narrowest_row(void **state)
{
    struct session *s = open_play();
    struct footer out = {0};
    struct error e = {0};
    char directory[400];

    (void)state;
    snprintf(directory, sizeof directory, "%s/assets/lang", getenv("PAGEWALK_DATA"));
    assert_true(lang_load(directory, &e));
    for (int lang = 0; lang < LANGS; lang++) {
        lang_use((enum lang)lang);
        for (int map = 0; map < 2; map++) {
            action_footer(map ? NULL : s, GLYPHS_UNICODE, &out);
            assert_in_range(footer_reaches(&out, ACTION_HELP), 1, 78);
            assert_in_range(footer_reaches(&out, ACTION_QUIT), 1, 78);
        }
    }
    lang_use(LANG_EN);
    buffer_free(&out.text);
    session_close(s);
}

struct words {
    int count;
    bool found;
    const char *wanted;
};

static void
count_word(void *ctx, const char *word)
{
    struct words *w = ctx;

    w->count++;
    w->found |= strcmp(word, w->wanted) == 0;
}

static void
expect_completion(const struct session *s, const char *line, const char *wanted)
{
    struct words w = {.wanted = wanted};

    prompt_complete(s, line, count_word, &w);
    if (!w.found)
        fail_msg("\"%s\" does not offer %s (%d words)", line, wanted, w.count);
}

static void
completion_offers_operations_actions_and_their_words(void **state)
{
    struct session *s = open_play();
    struct words none = {.wanted = "answer"};

    (void)state;
    expect_completion(s, "re", "read");
    expect_completion(s, "re", "redraw");
    expect_completion(s, "read 0x404000 si", "size=8");
    expect_completion(s, "pane t", "tlb");
    expect_completion(s, "find tlb_", "tlb_fill");
    expect_completion(s, "language ", "zh");
    expect_completion(s, "theme m", "mono");
    expect_completion(s, "set cr0.", "cr0.wp");
    prompt_complete(s, "ans", count_word, &none); /* no question is open */
    assert_int_equal(none.count, 0);
    session_close(s);
}

static struct key
key_named(const char *name)
{
    struct key k = {0};

    snprintf(k.name, sizeof k.name, "%s", name);
    if (!name[1])
        k.cp = (uint32_t)name[0];
    return k;
}

static enum prompt_end
type(struct prompt *p, struct session *s, const char *name)
{
    struct key k = key_named(name);

    return prompt_key(p, &k, s);
}

static void
the_prompt_edits_completes_and_remembers(void **state)
{
    struct session *s = open_play();
    struct prompt p = {0};

    (void)state;
    prompt_open(&p, "");
    for (const char *c = "rea"; *c; c++)
        type(&p, s, (char[]){*c, 0});
    type(&p, s, "Tab");
    assert_string_equal(p.text, "read ");
    type(&p, s, "9");
    type(&p, s, "Home");
    type(&p, s, "Delete");
    type(&p, s, "t");
    type(&p, s, "End");
    type(&p, s, "Backspace");
    assert_string_equal(p.text, "tead ");
    assert_int_equal(type(&p, s, "Enter"), PROMPT_ENTERED);
    prompt_open(&p, "new");
    type(&p, s, "Up");
    assert_string_equal(p.text, "tead ");
    type(&p, s, "Down");
    assert_string_equal(p.text, "new");
    type(&p, s, "Ctrl-W");
    assert_string_equal(p.text, "");
    assert_int_equal(type(&p, s, "Escape"), PROMPT_CANCELLED);
    prompt_free(&p);
    session_close(s);
}

static void
the_prompt_never_overflows_nor_splits_a_character(void **state)
{
    struct session *s = open_play();
    struct prompt p = {0};
    struct key wide = {.name = "\xe4\xb8\xad", .cp = 0x4e2d};

    (void)state;
    prompt_open(&p, "");
    for (int i = 0; i < 1000; i++)
        prompt_key(&p, &wide, s);
    assert_true(strlen(p.text) < PROMPT_BYTES && strlen(p.text) % 3 == 0);
    type(&p, s, "Left");
    type(&p, s, "Backspace");
    assert_int_equal(strlen(p.text) % 3, 0);
    assert_int_equal(p.cursor % 3, 0);
    session_close(s);
}

static void
the_palette_filters_by_name_key_and_help_and_runs(void **state)
{
    struct session *s = open_play();
    struct palette p;
    enum action_code action;
    struct key k;
    char line[64];
    unsigned all;

    (void)state;
    palette_open(&p, s);
    all = p.items;
    assert_true(all > 30);
    for (const char *c = "invar"; *c; c++) {
        k = key_named((char[]){*c, 0});
        palette_key(&p, &k, s, &action, line, sizeof line);
    }
    assert_int_equal(p.items, 1);
    k = key_named("Enter");
    assert_int_equal(palette_key(&p, &k, s, &action, line, sizeof line), PALETTE_RUNS);
    assert_int_equal(action, ACTION_CHECK);

    palette_open(&p, s);
    k = key_named("z");
    palette_key(&p, &k, s, &action, line, sizeof line);
    assert_int_equal(p.item[0].action, ACTION_ZOOM); /* the key, before everything with a z in it */

    palette_open(&p, s);
    for (const char *c = "mprotect"; *c; c++) {
        k = key_named((char[]){*c, 0});
        palette_key(&p, &k, s, &action, line, sizeof line);
    }
    k = key_named("Enter");
    assert_int_equal(palette_key(&p, &k, s, &action, line, sizeof line), PALETTE_TYPES);
    assert_string_equal(line, "mprotect ");
    session_close(s);
}

static void
the_palette_lists_only_what_works(void **state)
{
    struct palette p;

    (void)state;
    palette_open(&p, NULL);
    assert_true(p.items > 3);
    for (unsigned i = 0; i < p.items; i++)
        assert_true(p.item[i].action && action_works(p.item[i].action, SITUATION_MAP));
}

static int
set_up(void **state)
{
    char here[400];

    (void)state;
    if (!getcwd(here, sizeof here))
        return -1;
    setenv("PAGEWALK_DATA", here, 0);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_unique_and_no_operation_has_one),
        cmocka_unit_test(a_key_means_one_thing_in_a_situation),
        cmocka_unit_test(every_key_is_one_that_terminals_send),
        cmocka_unit_test(no_action_needs_a_key_that_others_take),
        cmocka_unit_test(the_footer_names_a_key_that_works_for_every_label),
        cmocka_unit_test(help_and_quit_are_on_the_narrowest_row),
        cmocka_unit_test(completion_offers_operations_actions_and_their_words),
        cmocka_unit_test(the_prompt_edits_completes_and_remembers),
        cmocka_unit_test(the_prompt_never_overflows_nor_splits_a_character),
        cmocka_unit_test(the_palette_filters_by_name_key_and_help_and_runs),
        cmocka_unit_test(the_palette_lists_only_what_works),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
