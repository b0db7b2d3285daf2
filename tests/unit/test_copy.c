/* Copying: the sequence is what RFC 4648 and tmux(1) say, the text is what the machine holds, and nothing hidden gets out. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/actions.h"
#include "app/clip.h"
#include "base/file.h"
#include "view/panes.h"

static char folder[] = "/tmp/pagewalk-copy-XXXXXX";

static void
base64_as_in_the_rfc(void **state)
{
    static const char *const vector[][2] = {{"", ""},
                                            {"f", "Zg=="},
                                            {"fo", "Zm8="},
                                            {"foo", "Zm9v"},
                                            {"foob", "Zm9vYg=="},
                                            {"fooba", "Zm9vYmE="},
                                            {"foobar", "Zm9vYmFy"},
                                            {"\xff\xfe\xfd", "//79"}};
    char expected[100];

    (void)state;
    for (size_t i = 0; i < sizeof vector / sizeof *vector; i++) {
        struct buffer out = {0};

        clip_sequence(vector[i][0], strlen(vector[i][0]), false, &out);
        snprintf(expected, sizeof expected, "\033]52;c;%s\a", vector[i][1]);
        assert_string_equal(buffer_text(&out), expected);
        buffer_free(&out);
    }
}

static void
tmux_gets_it_plain_and_wrapped(void **state)
{
    struct buffer out = {0};

    (void)state;
    clip_sequence("foo", 3, true, &out);
    assert_string_equal(buffer_text(&out), "\033]52;c;Zm9v\a"
                                           "\033Ptmux;\033\033]52;c;Zm9v\a\033\\");
    buffer_free(&out);
}

static void
the_copy_is_always_in_a_file(void **state)
{
    struct clip_done done;
    struct error e = {0};
    struct buffer text = {0};

    (void)state;
    setenv("XDG_STATE_HOME", folder, 1);
    assert_true(clip_copy("first", 5, &done, &e));
    assert_true(done.saved && !done.sent);
    assert_true(clip_copy("se\0cond", 7, &done, &e));
    assert_true(file_read(done.path, 100, &text, &e));
    assert_int_equal(text.length, 7);
    buffer_free(&text);
    setenv("XDG_STATE_HOME", "/proc/none", 1);
    assert_false(clip_copy("x", 1, &done, &e));
    assert_int_equal(e.code, EXIT_WRITE);
}

static void
an_existing_file_stays(void **state)
{
    char path[100];
    struct error e = {0};
    struct buffer text = {0};

    (void)state;
    snprintf(path, sizeof path, "%s/file", folder);
    assert_true(file_save_new(path, "one", 3, &e));
    assert_false(file_save_new(path, "two", 3, &e));
    assert_int_equal(e.code, EXIT_WRITE);
    assert_true(file_read(path, 100, &text, &e));
    assert_string_equal(buffer_text(&text), "one");
    unlink(path);
    assert_int_equal(symlink("/nowhere/else", path),
                     0); /* a link that leads nowhere is something, too */
    assert_false(file_save_new(path, "two", 3, &e));
    unlink(path);
    buffer_free(&text);
}

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
expect_copied(struct session *s, const char *expected)
{
    struct buffer text = {0};

    assert_true(session_copy_text(s, COPY_VALUE, &text));
    assert_string_equal(buffer_text(&text), expected);
    buffer_free(&text);
}

static void
the_value_is_the_machines(void **state)
{
    struct session *s = open_play();
    struct buffer text = {0};

    (void)state;
    session_command(s, "poke 0x7ff0 ab");
    session_command(s, "hex 0x7ff0");
    expect_copied(s, "0xab");
    session_command(s,
                    "poke 0x5008 67 a0 00 00 00 00 00 80"); /* the second entry of the root table */
    session_command(s, "pane tree");
    s->scene.set.selected = true;
    s->scene.set.select_a = 0x5008;
    expect_copied(s, "0x800000000000a067");
    session_command(s, "pane frames");
    s->scene.set.selected = true;
    s->scene.set.select_a = 0x3a;
    expect_copied(s, "0x3a000");
    assert_true(session_copy_text(s, COPY_SENTENCE, &text));
    assert_non_null(strstr(buffer_text(&text), "0x5008"));
    buffer_free(&text);
    session_close(s);
}

static void
a_pane_is_copied_with_what_is_out_of_sight(void **state)
{
    struct session *s = open_play();
    struct buffer text = {0};

    (void)state;
    s->width = 80;
    s->height = 24;
    session_command(s, "poke 0x7ff8 de ad be ef");
    session_command(s, "hex 0x7000");
    assert_true(session_copy_text(s, COPY_PANE, &text));
    assert_non_null(strstr(buffer_text(&text), "de ad be ef"));
    assert_null(strchr(buffer_text(&text), '\x1b'));
    buffer_free(&text);
    session_close(s);
}

/* What a question asks about is hidden in the pane, so the value is not to be had either. */
static void
nothing_hidden_is_copied(void **state)
{
    static struct session s;
    struct error e = {0};
    bool asked = false;

    (void)state;
    assert_true(session_open_lesson(&s, "four-level", &e));
    for (int i = 0; i < 400; i++) {
        session_refresh(&s);
        for (unsigned k = 0; session_question(&s) && k < s.scene.unread; k++) {
            struct buffer text = {0};

            session_command(&s, "pane tree");
            s.scene.set.selected = true;
            s.scene.set.select_a = s.scene.unread_slot[k];
            assert_false(session_copy_text(&s, COPY_VALUE, &text));
            asked = true;
            buffer_free(&text);
        }
        if (session_question(&s))
            session_skip(&s);
        else if (!session_next_event(&s) && !session_next_step(&s) && !session_skip(&s))
            break;
    }
    assert_true(asked);
    session_close(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_as_in_the_rfc),
        cmocka_unit_test(tmux_gets_it_plain_and_wrapped),
        cmocka_unit_test(the_copy_is_always_in_a_file),
        cmocka_unit_test(an_existing_file_stays),
        cmocka_unit_test(the_value_is_the_machines),
        cmocka_unit_test(a_pane_is_copied_with_what_is_out_of_sight),
        cmocka_unit_test(nothing_hidden_is_copied),
    };
    char command[100];
    int failed;

    assert_non_null(mkdtemp(folder));
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) || failed;
}
