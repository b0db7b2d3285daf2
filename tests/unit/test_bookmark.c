/* Bookmarks: what two instances keep is kept, what is damaged is put aside, and nobody gets beyond the gate by one. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/actions.h"
#include "base/file.h"
#include "view/panes.h"

static char folder[] = "/tmp/pagewalk-bookmark-XXXXXX";
static char path[100], lesson_path[100];

/* Page 2 asks before the first entry is read, when some events of it were seen. */
static const char lesson_text[] =
    "return lesson { id = 'made', part = 'tlb', title = {en='Made',zh='做'}, machine = 'x86-64', "
    "seed = 7, steps = {\n"
    "function(m) m.spawn() m.mmap(0x500000, 0x4000, 'rw') m.say {en='first',zh='开头'} end,\n"
    "step { text = {en='second',zh='其次'},\n"
    "  ask = { id = 'index', op = { 'read', 0x500000, { size = 1 } }, before = { 'walk_read', 1 "
    "},\n"
    "    text = {en='Which entry?',zh='哪一项？'}, answer = function(r) return r.event and "
    "r.event.index end,\n"
    "    wrong = { { value = function(r) return 509 end, because = {en='no',zh='不'} } }, right = "
    "{en='yes',zh='对'},\n"
    "    hints = { {en='a',zh='甲'}, {en='b',zh='乙'}, {en='c',zh='丙'} } } },\n"
    "step { text = {en='third',zh='第三'}, prepare = function(m) m.read(0x501000) end },\n"
    "} }\n";

static void
clear(void)
{
    char command[200];

    snprintf(command, sizeof command, "rm -rf %s/pagewalk && mkdir -m 700 %s/pagewalk", folder,
             folder);
    assert_int_equal(system(command), 0);
}

static void
write_text(const char *to, const char *text)
{
    FILE *f = fopen(to, "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void
write_file(const char *text)
{
    write_text(path, text);
}

static struct bookmarks *
open_quietly(void)
{
    struct error note = {0};
    struct bookmarks *b = bookmarks_open(&note);

    if (note.code)
        fail_msg("%s", note.text);
    return b;
}

static struct bookmark
mark_of(const char *lesson, unsigned step, unsigned event, const char *name)
{
    struct bookmark m = {.step = step, .event = event};

    snprintf(m.lesson, sizeof m.lesson, "%s", lesson);
    snprintf(m.name, sizeof m.name, "%s", name);
    return m;
}

static void
keep(struct bookmarks *b, const char *lesson, unsigned step, unsigned event, const char *name)
{
    struct bookmark m = mark_of(lesson, step, event, name);
    struct error e = {0};

    if (!bookmarks_keep(b, &m, &e))
        fail_msg("%s", e.text);
}

static unsigned
count(const struct bookmarks *b, const char *lesson)
{
    struct bookmark all[BOOKMARKS_LESSON];

    return bookmarks_of(b, lesson, all);
}

/* --- the file ------------------------------------------------------------------------------------ */

static void
what_is_kept_comes_back_in_order(void **state)
{
    struct bookmark all[BOOKMARKS_LESSON], m = mark_of("cow", 2, 9, "");
    struct error e = {0};
    struct bookmarks *b;

    (void)state;
    clear();
    b = open_quietly();
    keep(b, "cow", 10, 1, "late");
    keep(b, "cow", 2, 9, "");
    keep(b, "cow", 2, 3, "early \xe9\xa1\xb5");
    keep(b, "tlb", 1, 0, "other");
    keep(b, "cow", 2, 9, "renamed");
    bookmarks_close(b);
    b = open_quietly();
    assert_int_equal(bookmarks_of(b, "cow", all), 3);
    assert_string_equal(all[0].name, "early \xe9\xa1\xb5");
    assert_string_equal(all[1].name, "renamed");
    assert_int_equal(all[2].step, 10);
    assert_true(bookmarks_drop(b, &m, &e));
    bookmarks_close(b);
    b = open_quietly();
    assert_int_equal(count(b, "cow"), 2);
    bookmarks_close(b);
}

static void
instances_at_the_same_time_lose_nothing(void **state)
{
    enum { INSTANCES = 4, EACH = 12 };
    pid_t child[INSTANCES];
    struct bookmarks *b;
    int status;

    (void)state;
    clear();
    for (int i = 0; i < INSTANCES; i++) {
        child[i] = fork();
        if (child[i] == 0) {
            struct error e = {0};
            b = bookmarks_open(&e);
            for (unsigned k = 0; k < EACH; k++) {
                struct bookmark m = mark_of("cow", (unsigned)i + 1, k, "x"),
                                gone = mark_of("cow", 99, k, "");
                bookmarks_keep(b, &gone, &e);
                bookmarks_keep(b, &m, &e);
                bookmarks_drop(b, &gone, &e);
            }
            bookmarks_close(b);
            _exit(e.code != 0);
        }
    }
    for (int i = 0; i < INSTANCES; i++) {
        assert_int_equal(waitpid(child[i], &status, 0), child[i]);
        assert_int_equal(status, 0);
    }
    b = open_quietly();
    assert_int_equal(count(b, "cow"), INSTANCES * EACH);
    bookmarks_close(b);
}

static void
damaged_files_are_put_aside_and_never_crash(void **state)
{
    static const char *const bad[] = {
        "",
        "{",
        "[]",
        "null",
        "{\"schema\":\"pagewalk.bookmarks/1\"}",
        "{\"schema\":\"pagewalk.progress/1\",\"bookmarks\":[]}",
        "{\"schema\":\"pagewalk.bookmarks/1\",\"bookmarks\":[{\"lesson\":\"../"
        "x\",\"step\":1,\"event\":0}]}",
        "{\"schema\":\"pagewalk.bookmarks/"
        "1\",\"bookmarks\":[{\"lesson\":\"cow\",\"step\":0,\"event\":0}]}",
        "{\"schema\":\"pagewalk.bookmarks/"
        "1\",\"bookmarks\":[{\"lesson\":\"cow\",\"step\":1,\"event\":-1}]}",
        "{\"schema\":\"pagewalk.bookmarks/"
        "1\",\"bookmarks\":[{\"lesson\":\"cow\",\"step\":1e99,\"event\":0}]}",
        "{\"schema\":\"pagewalk.bookmarks/"
        "1\",\"bookmarks\":[{\"lesson\":\"cow\",\"step\":1,\"event\":0,\"evil\":1}]}",
        "{\"schema\":\"pagewalk.bookmarks/1\",\"bookmarks\":[[[[[[1]]]]]]}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct error note = {0};
        struct bookmarks *b;
        char aside[120];

        clear();
        write_file(bad[i]);
        b = bookmarks_open(&note);
        if (note.code != EXIT_DATA)
            fail_msg("%s: taken", bad[i]);
        assert_int_equal(count(b, "cow"), 0);
        snprintf(aside, sizeof aside, "%s.bad-1", path);
        assert_int_equal(access(aside, F_OK), 0);
        keep(b, "cow", 1, 1, "");
        bookmarks_close(b);
    }
}

static void
names_from_the_file_are_cleaned(void **state)
{
    struct bookmark all[BOOKMARKS_LESSON];
    struct bookmarks *b;

    (void)state;
    clear();
    write_file("{\"schema\":\"pagewalk.bookmarks/"
               "1\",\"bookmarks\":[{\"lesson\":\"cow\",\"step\":1,\"event\":0,\"name\":\"a\\u001b["
               "31m\\u202eb\"}]}");
    b = open_quietly();
    assert_int_equal(bookmarks_of(b, "cow", all), 1);
    assert_null(strchr(all[0].name, '\x1b'));
    assert_null(strstr(all[0].name, "\xe2\x80\xae"));
    bookmarks_close(b);
}

static void
a_huge_file_is_refused_not_swallowed(void **state)
{
    struct error note = {0};
    struct bookmarks *b;
    FILE *f;

    (void)state;
    clear();
    f = fopen(path, "w");
    fputs("{\"schema\":\"pagewalk.bookmarks/1\",\"bookmarks\":[", f);
    for (int i = 0; i < 100000; i++)
        fprintf(f, "%s{\"lesson\":\"l%d\",\"step\":1,\"event\":%d}", i ? "," : "", i % 5000, i);
    fputs("]}", f);
    fclose(f);
    b = bookmarks_open(&note);
    assert_int_equal(note.code, EXIT_DATA);
    assert_int_equal(count(b, "l1"), 0);
    bookmarks_close(b);
}

static void
a_newer_file_is_left_alone(void **state)
{
    const char *text = "{\"schema\":\"pagewalk.bookmarks/2\",\"more\":1}";
    struct buffer after = {0};
    struct error note = {0}, e = {0};
    struct bookmark m = mark_of("cow", 1, 1, "");
    struct bookmarks *b;

    (void)state;
    clear();
    write_file(text);
    b = bookmarks_open(&note);
    assert_non_null(strstr(note.text, "newer"));
    bookmarks_keep(b, &m, &e);
    assert_int_equal(count(b, "cow"), 1);
    assert_true(file_read(path, 1000, &after, &e));
    assert_string_equal(buffer_text(&after), text);
    buffer_free(&after);
    bookmarks_close(b);
}

static void
there_are_only_so_many(void **state)
{
    struct error e = {0};
    struct bookmarks *b;
    struct bookmark m = mark_of("cow", 1, 1000, "");

    (void)state;
    clear();
    b = open_quietly();
    for (unsigned i = 0; i < BOOKMARKS_LESSON; i++)
        keep(b, "cow", 1, i, "");
    assert_false(bookmarks_keep(b, &m, &e));
    assert_int_equal(e.code, EXIT_LIMIT);
    keep(b, "tlb", 1, 1, "");
    assert_int_equal(count(b, "cow"), BOOKMARKS_LESSON);
    bookmarks_close(b);
}

/* --- in a session -------------------------------------------------------------------------------- */

static struct session *
open_lesson(void)
{
    static struct session s;
    struct error e = {0};

    if (!session_open_lesson(&s, lesson_path, &e))
        fail_msg("%s", e.text);
    assert_true(session_keep_bookmarks(&s, &e));
    return &s;
}

static uint64_t
here(const struct session *s)
{
    return history_event_number(s->history, history_position(s->history));
}

static void
a_place_is_found_again_in_the_next_sitting(void **state)
{
    struct session *s;
    uint64_t place;
    unsigned step;

    (void)state;
    clear();
    s = open_lesson();
    while (!session_question(s) && session_next_event(s))
        continue;
    place = here(s);
    step = s->step;
    assert_true(session_command(s, "bookmark the question"));
    session_close(s);

    s = open_lesson();
    assert_false(session_command(s, "next-bookmark")); /* the story has not told that page yet */
    while (!session_question(s) && session_next_event(s))
        continue;
    session_command(s, "start");
    assert_true(here(s) < place || s->step < step);
    assert_true(session_command(s, "next-bookmark"));
    assert_int_equal(here(s), place);
    assert_int_equal(s->step, step);
    assert_non_null(strstr(s->status, "the question"));
    assert_true(session_command(s, "return"));
    assert_true(session_command(s, "bookmarks 1"));
    assert_int_equal(here(s), place);
    assert_true(session_command(s, "bookmark")); /* takes it away */
    assert_false(session_command(s, "bookmarks 1"));
    session_close(s);
}

static void
nobody_gets_beyond_the_gate(void **state)
{
    struct session *s;
    struct session_bookmark all[BOOKMARKS_LESSON];
    struct error e = {0};
    struct bookmark later = mark_of("made", 3, 2, "later"),
                    same = mark_of("made", 2, 15, "behind the question");

    (void)state;
    clear();
    s = open_lesson();
    while (!session_question(s) && session_next_event(s))
        continue;
    assert_int_equal(s->step, 2);
    assert_non_null(session_question(s));
    assert_true(bookmarks_keep(s->bookmarks, &later, &e));
    assert_true(bookmarks_keep(s->bookmarks, &same, &e));
    assert_int_equal(session_bookmarks(s, all), 2);
    for (unsigned i = 0; i < 2; i++) {
        uint64_t before = here(s);
        if (all[i].reachable)
            assert_true(all[i].number <= before); /* a step ends at the gate */
        session_bookmark_go(s, i);
        assert_true(here(s) <= before);
        assert_non_null(session_question(s));
    }
    assert_false(all[1].reachable);
    s->stale = true;
    session_refresh(s);
    for (unsigned i = 0; i < s->scene.bookmarks; i++)
        assert_true(s->scene.bookmark[i] <= s->scene.numbers);
    session_close(s);
}

static void
a_playground_keeps_its_own_until_it_ends(void **state)
{
    static struct session s;
    struct preset preset;
    struct error e = {0};
    struct canvas *c = canvas_create(80, 24, GLYPHS_ASCII);
    bool drawn = false;
    uint64_t place;

    (void)state;
    clear();
    assert_true(preset_load("x86-64", &preset, &e));
    assert_true(session_open_machine(&s, &preset, 1, &e));
    assert_true(session_keep_bookmarks(&s, &e));
    session_command(&s, "read 0x404000");
    session_command(&s, "back");
    session_command(&s, "back");
    place = here(&s);
    assert_true(session_command(&s, "bookmark"));
    session_command(&s, "start");
    session_refresh(&s);
    screen_draw(&s.scene, c);
    for (int x = 0; x < 80; x++)
        drawn |= c->cells[22 * 80 + x].cp == 'B' && c->cells[22 * 80 + x].owner == PANE_TIMELINE;
    assert_true(drawn);
    assert_true(session_command(&s, "next-bookmark"));
    assert_int_equal(here(&s), place);
    session_command(&s, "write 0x404000 1"); /* a branch */
    assert_true(history_on_branch(s.history));
    assert_false(session_command(&s, "bookmark"));
    assert_true(s.status_is_error);
    session_close(&s);
    assert_int_not_equal(access(path, F_OK), 0);
    canvas_destroy(c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_comes_back_in_order),
        cmocka_unit_test(instances_at_the_same_time_lose_nothing),
        cmocka_unit_test(damaged_files_are_put_aside_and_never_crash),
        cmocka_unit_test(names_from_the_file_are_cleaned),
        cmocka_unit_test(a_huge_file_is_refused_not_swallowed),
        cmocka_unit_test(a_newer_file_is_left_alone),
        cmocka_unit_test(there_are_only_so_many),
        cmocka_unit_test(a_place_is_found_again_in_the_next_sitting),
        cmocka_unit_test(nobody_gets_beyond_the_gate),
        cmocka_unit_test(a_playground_keeps_its_own_until_it_ends),
    };
    int failed;

    assert_non_null(mkdtemp(folder));
    setenv("XDG_STATE_HOME", folder, 1);
    snprintf(path, sizeof path, "%s/pagewalk/bookmarks.json", folder);
    snprintf(lesson_path, sizeof lesson_path, "%s/made.lua", folder);
    write_text(lesson_path, lesson_text);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(lesson_path);
    clear();
    snprintf(path, sizeof path, "%s/pagewalk", folder);
    rmdir(path);
    rmdir(folder);
    return failed;
}
