/* Progress: nothing that was reached gets lost, whoever writes at the same time and whatever kills the writer. */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/rng.h"
#include "lesson/progress.h"

static char folder[] = "/tmp/pagewalk-progress-XXXXXX";
static char path[100];

/* --- helpers ------------------------------------------------------------------------------------ */

static void
clear(void)
{
    char command[200];

    snprintf(command, sizeof command, "rm -rf %s/pagewalk", folder);
    assert_int_equal(system(command), 0);
}

static void
write_progress(const char *text, size_t length)
{
    char dir[100];
    FILE *f;

    snprintf(dir, sizeof dir, "%s/pagewalk", folder);
    mkdir(dir, 0700);
    f = fopen(path, "w");
    assert_non_null(f);
    fwrite(text, 1, length, f);
    fclose(f);
}

static struct progress *
open_quietly(void)
{
    struct error note = {0};
    struct progress *p = progress_open(&note);

    if (note.code)
        fail_msg("%s", note.text);
    return p;
}

static void
record(struct progress *p, const char *id, unsigned step, bool done, const char *question, enum answer_state state)
{
    struct progress_question q = {.state = state, .tries = 1};
    struct progress_lesson l = {.step = step, .done = done, .question = &q, .questions = question ? 1 : 0};
    struct error e = {0};

    snprintf(l.id, sizeof l.id, "%s", id);
    snprintf(q.id, sizeof q.id, "%s", question ? question : "");
    if (!progress_merge(p, &l, &e))
        fail_msg("%s", e.text);
}

/* --- what is kept ------------------------------------------------------------------------------- */

static void
what_was_recorded_comes_back(void **state)
{
    struct progress *p;
    const struct progress_lesson *l;
    struct stat st;

    (void)state;
    clear();
    p = open_quietly();
    assert_null(progress_find(p, "cow"));
    assert_null(progress_latest(p));
    record(p, "cow", 3, false, "first", ANSWER_WRONG);
    record(p, "tlb", 12, true, NULL, ANSWER_OPEN);
    record(p, "cow", 2, false, "second", ANSWER_SKIPPED);
    progress_close(p);
    p = open_quietly();
    l = progress_find(p, "cow");
    assert_int_equal(l->step, 2); /* the later place, not the larger */
    assert_int_equal(l->questions, 2);
    assert_int_equal(l->question[0].state, ANSWER_WRONG);
    assert_int_equal(l->question[1].state, ANSWER_SKIPPED);
    assert_true(progress_find(p, "tlb")->done);
    assert_string_equal(progress_latest(p)->id, "cow");
    progress_close(p);
    assert_int_equal(stat(path, &st), 0);
}

static void
better_stays(void **state)
{
    struct progress *p;

    (void)state;
    clear();
    p = open_quietly();
    record(p, "cow", 11, true, "q", ANSWER_RIGHT);
    record(p, "cow", 1, false, "q", ANSWER_WRONG);
    progress_close(p);
    p = open_quietly();
    assert_true(progress_find(p, "cow")->done);
    assert_int_equal(progress_find(p, "cow")->question[0].state, ANSWER_RIGHT);
    assert_int_equal(progress_find(p, "cow")->step, 1);
    progress_close(p);
}

/* Both were opened before either wrote. */
static void
two_at_once_lose_nothing(void **state)
{
    struct progress *a, *b;

    (void)state;
    clear();
    a = open_quietly();
    b = open_quietly();
    record(a, "cow", 4, true, "x", ANSWER_RIGHT);
    record(b, "tlb", 5, false, "y", ANSWER_WRONG);
    record(b, "cow", 1, false, NULL, ANSWER_OPEN);
    progress_close(a);
    progress_close(b);
    a = open_quietly();
    assert_true(progress_find(a, "cow")->done);
    assert_int_equal(progress_find(a, "cow")->question[0].state, ANSWER_RIGHT);
    assert_int_equal(progress_find(a, "tlb")->step, 5);
    progress_close(a);
}

static void
write_many(unsigned who)
{
    struct progress *p = open_quietly();

    for (unsigned i = 1; i <= 10; i++) {
        char question[20];
        snprintf(question, sizeof question, "q%u-%u", who, i);
        record(p, "cow", i, false, question, ANSWER_RIGHT);
    }
    progress_close(p);
    _exit(0);
}

static void
twenty_writers_lose_nothing(void **state)
{
    struct progress *p;
    int status;

    (void)state;
    clear();
    for (unsigned who = 0; who < 20; who++)
        if (fork() == 0)
            write_many(who);
    for (unsigned who = 0; who < 20; who++) {
        wait(&status);
        assert_int_equal(status, 0);
    }
    p = open_quietly();
    assert_int_equal(progress_find(p, "cow")->questions, 200);
    assert_int_equal(progress_find(p, "cow")->turn, 200); /* every record took a turn of its own */
    progress_close(p);
}

/* The writer says in a pipe what it has recorded; whatever was said must be there after the kill. */
/* Writes until it is killed, and says after each save which step is safe. */
static void
record_for_ever(unsigned round, int to)
{
    struct progress *p = open_quietly();

    for (unsigned step = 1;; step++) {
        char id[40];

        snprintf(id, sizeof id, "l%u-%u", round, step % 50);
        record(p, id, step, true, NULL, ANSWER_OPEN);
        if (write(to, &step, sizeof step) < 0)
            _exit(1);
    }
}

/* The last step that was said to be safe. */
static unsigned
kill_a_writer(unsigned round, long nanoseconds)
{
    int pipes[2];
    unsigned said = 0, step;
    pid_t child;

    assert_int_equal(pipe(pipes), 0);
    child = fork();
    if (child == 0)
        record_for_ever(round, pipes[1]);
    close(pipes[1]);
    nanosleep(&(struct timespec){.tv_nsec = nanoseconds}, NULL);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    while (read(pipes[0], &step, sizeof step) == (ssize_t)sizeof step)
        said = step;
    close(pipes[0]);
    return said;
}

static void
a_kill_loses_nothing_that_was_recorded(void **state)
{
    const char *slow = getenv("PW_SLOW");
    unsigned kills = 1000 / (slow ? (unsigned)atoi(slow) : 1);
    struct rng dice;

    (void)state;
    rng_seed(&dice, 20260103);
    for (unsigned n = 0; n < kills; n++) {
        unsigned round = n % 20, said;
        struct progress *p;

        if (round == 0)
            clear();
        said = kill_a_writer(round, (long)rng_below(&dice, 4000000));
        p = open_quietly();
        for (unsigned step = said > 49 ? said - 49 : 1; step <= said; step++) {
            char id[40];

            snprintf(id, sizeof id, "l%u-%u", round, step % 50);
            assert_non_null(progress_find(p, id));
            assert_true(progress_find(p, id)->step >= step);
        }
        progress_close(p);
    }
    printf("COUNT kills %u\n", kills);
}

static bool
temp_survives(const char *name, time_t age)
{
    char temp[160];
    struct timespec then[2] = {{.tv_sec = time(NULL) - age}, {.tv_sec = time(NULL) - age}};
    int fd;

    snprintf(temp, sizeof temp, "%s/pagewalk/%s", folder, name);
    fd = open(temp, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(utimensat(AT_FDCWD, temp, then, 0), 0);
    progress_close(open_quietly());
    return access(temp, F_OK) == 0;
}

static void
what_a_killed_save_left_is_swept_up(void **state)
{
    (void)state;
    clear();
    write_progress("", 0);
    unlink(path);
    assert_false(temp_survives(".pagewalk-aBc123", 3600));
    assert_true(temp_survives(".pagewalk-aBc124", 2));
    assert_true(temp_survives(".pagewalk-notes-of-mine", 3600));
    assert_true(temp_survives("pagewalk-aBc123", 3600));
}

/* --- what is damaged ------------------------------------------------------------------------------ */

static const char good[] = "{\"schema\":\"pagewalk.progress/1\",\"lessons\":{\"cow\":{\"done\":true,\"step\":3,\"best\":2,\"turn\":9,"
                           "\"questions\":{\"q\":{\"state\":\"right\",\"tries\":1}}}}}\n";

static void
a_damaged_file_is_put_aside(void **state)
{
    struct error note = {0};
    struct progress *p;
    struct stat st;
    char bad[120];

    (void)state;
    clear();
    for (int n = 1; n <= 2; n++) {
        write_progress("{\"schema\":", 10);
        p = progress_open(&note);
        assert_int_equal(note.code, EXIT_DATA);
        note = (struct error){0};
        snprintf(bad, sizeof bad, "%s.bad-%d", path, n);
        assert_int_equal(stat(bad, &st), 0);
        assert_int_equal(st.st_size, 10);
        record(p, "cow", 1, false, NULL, ANSWER_OPEN);
        progress_close(p);
        p = open_quietly();
        assert_non_null(progress_find(p, "cow"));
        progress_close(p);
    }
}

/* Cut anywhere: what is read is all or nothing. */
static void
a_file_cut_anywhere_does_no_harm(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof good - 1; n++) {
        struct error note = {0};
        clear();
        write_progress(good, n);
        struct progress *p = progress_open(&note);
        if (n < sizeof good - 2) /* only the newline is missing: still whole */
            assert_null(progress_find(p, "cow"));
        assert_int_equal(note.code, n < sizeof good - 2 ? EXIT_DATA : EXIT_OK);
        progress_close(p);
    }
}

static void
a_byte_changed_anywhere_does_no_harm(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof good - 1; n++) {
        char text[sizeof good];
        struct error note = {0};
        memcpy(text, good, sizeof good);
        text[n] ^= 1 << (n % 7);
        clear();
        write_progress(text, sizeof good - 1);
        struct progress *p = progress_open(&note);
        const struct progress_lesson *l = progress_find(p, "cow");
        if (l)
            assert_true(l->step <= 100000 && l->questions <= 1);
        progress_close(p);
    }
}

static void
a_newer_version_is_left_alone(void **state)
{
    static const char newer[] = "{\"schema\":\"pagewalk.progress/2\",\"all\":[]}\n";
    struct progress_lesson l = {.id = "cow", .step = 1};
    struct error note = {0}, e = {0};
    struct buffer there = {0};
    struct progress *p;

    (void)state;
    clear();
    write_progress(newer, sizeof newer - 1);
    p = progress_open(&note);
    assert_int_equal(note.code, EXIT_DATA);
    assert_non_null(strstr(note.text, "newer"));
    assert_true(progress_merge(p, &l, &e)); /* kept in memory; it was said already */
    assert_int_equal(progress_find(p, "cow")->step, 1);
    progress_close(p);
    assert_true(file_read(path, 1000, &there, &e));
    assert_string_equal(buffer_text(&there), newer);
    buffer_free(&there);
}

static void
where_nothing_can_be_saved_it_says_so_once(void **state)
{
    struct progress_lesson l = {.id = "cow", .step = 1};
    struct error note = {0}, e = {0};
    struct progress *p;
    char file[120];
    FILE *f;

    (void)state;
    clear();
    snprintf(file, sizeof file, "%s/pagewalk", folder); /* a file where the directory should be */
    f = fopen(file, "w");
    fclose(f);
    p = progress_open(&note);
    assert_false(progress_merge(p, &l, &e));
    assert_int_equal(e.code, EXIT_WRITE);
    e = (struct error){0};
    l.step = 2;
    assert_true(progress_merge(p, &l, &e));
    assert_int_equal(progress_find(p, "cow")->step, 2);
    progress_close(p);
    unlink(file);
}

static void
without_a_home_it_runs(void **state)
{
    struct progress_lesson l = {.id = "cow", .step = 1};
    struct error note = {0}, e = {0};
    struct progress *p;
    char *home = strdup(getenv("HOME") ? getenv("HOME") : "/");

    (void)state;
    unsetenv("XDG_STATE_HOME");
    unsetenv("HOME");
    p = progress_open(&note);
    assert_int_equal(note.code, EXIT_WRITE);
    assert_true(progress_merge(p, &l, &e));
    progress_close(p);
    setenv("HOME", home, 1);
    setenv("XDG_STATE_HOME", folder, 1);
    free(home);
}

/* --- frame ------------------------------------------------------------------------------------------ */

static int
set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/pagewalk/progress.json", folder);
    return setenv("XDG_STATE_HOME", folder, 1);
}

static int
tear_down(void **state)
{
    char command[100];

    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_recorded_comes_back),
        cmocka_unit_test(better_stays),
        cmocka_unit_test(two_at_once_lose_nothing),
        cmocka_unit_test(twenty_writers_lose_nothing),
        cmocka_unit_test(a_kill_loses_nothing_that_was_recorded),
        cmocka_unit_test(what_a_killed_save_left_is_swept_up),
        cmocka_unit_test(a_damaged_file_is_put_aside),
        cmocka_unit_test(a_file_cut_anywhere_does_no_harm),
        cmocka_unit_test(a_byte_changed_anywhere_does_no_harm),
        cmocka_unit_test(a_newer_version_is_left_alone),
        cmocka_unit_test(where_nothing_can_be_saved_it_says_so_once),
        cmocka_unit_test(without_a_home_it_runs),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
