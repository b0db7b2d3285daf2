#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

static char dir[] = "/tmp/pagewalk-file-XXXXXX";
static char path[PATH_MAX];

static int
make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int
remove_dir(void **state)
{
    char command[PATH_MAX];

    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return system(command);
}

static const char *
in_dir(const char *name)
{
    assert_true(file_join(path, sizeof path, dir, name));
    return path;
}

static void
expect_content(const char *name, const char *content)
{
    struct buffer b = {0};
    struct error err = {0};

    if (!file_read(in_dir(name), 1 << 20, &b, &err))
        fail_msg("%s: %s", name, err.text);
    assert_string_equal(buffer_text(&b), content);
    buffer_free(&b);
}

static int
files_in_dir(void)
{
    DIR *d = opendir(dir);
    int count = 0;

    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));)
        count += e->d_name[0] != '.' || strlen(e->d_name) > 2;
    closedir(d);
    return count;
}

static void
a_saved_file_reads_back(void **state)
{
    struct error err = {0};
    struct stat st;
    int before = files_in_dir();

    (void)state;
    umask(022);
    assert_true(file_save(in_dir("new"), "one", 3, &err));
    expect_content("new", "one");
    assert_int_equal(stat(in_dir("new"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644);
    assert_int_equal(chmod(in_dir("new"), 0600), 0);
    assert_true(file_save(in_dir("new"), "", 0, &err));
    expect_content("new", "");
    assert_true(file_save(in_dir("new"), "three", 5, &err));
    expect_content("new", "three");
    assert_int_equal(stat(in_dir("new"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(files_in_dir(), before + 1); /* no temp file stays */
}

static void
a_symlink_stays_a_symlink(void **state)
{
    struct error err = {0};
    struct stat st;

    (void)state;
    assert_true(file_save(in_dir("target"), "old", 3, &err));
    assert_int_equal(symlink("target", in_dir("link")), 0);
    assert_int_equal(symlink("link", in_dir("link2")), 0);
    assert_true(file_save(in_dir("link2"), "new", 3, &err));
    expect_content("target", "new");
    assert_int_equal(lstat(in_dir("link2"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(symlink("not-there-yet", in_dir("dangling")), 0);
    assert_true(file_save(in_dir("dangling"), "x", 1, &err));
    expect_content("not-there-yet", "x");
    assert_int_equal(symlink("loop", in_dir("loop")), 0);
    assert_false(file_save(in_dir("loop"), "x", 1, &err));
    assert_int_equal(err.code, EXIT_WRITE);
}

static void
what_cannot_be_written_is_left_alone(void **state)
{
    struct error err = {0};

    (void)state;
    assert_false(file_save(in_dir("no/such/dir"), "x", 1, &err));
    assert_int_equal(err.code, EXIT_WRITE);
    memset(&err, 0, sizeof err);
    assert_false(file_save(dir, "x", 1, &err));
    assert_int_equal(err.code, EXIT_WRITE);
    memset(&err, 0, sizeof err);
    assert_int_equal(mkfifo(in_dir("fifo"), 0600), 0);
    assert_false(file_save(in_dir("fifo"), "x", 1, &err));
    assert_int_equal(err.code, EXIT_WRITE);
}

/* A full disk, played by the limit on file size: the write fails in the middle. */
static void
a_failed_save_keeps_the_old_file(void **state)
{
    struct error err = {0};
    int before, status = 0;
    pid_t child;

    (void)state;
    assert_true(file_save(in_dir("precious"), "precious", 8, &err));
    before = files_in_dir();
    fflush(NULL);
    child = fork();
    if (child == 0) {
        struct rlimit limit = {4096, 4096};
        char *big = calloc(1, 100000);
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        _exit(!big || file_save(in_dir("precious"), big, 100000, &err) ? 1 : (int)err.code);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EXIT_WRITE);
    expect_content("precious", "precious");
    assert_int_equal(files_in_dir(), before);
}

/* A writer killed at random moments leaves the old or the new content, 300 times. */
static void
a_killed_save_leaves_old_or_new(void **state)
{
    static char a[50000], b[50000];
    unsigned seen_b = 0;

    (void)state;
    memset(a, 'a', sizeof a);
    memset(b, 'b', sizeof b);
    for (int i = 0; i < 300; i++) {
        struct error err = {0};
        struct buffer now = {0};
        pid_t child;
        assert_true(file_save(in_dir("killed"), a, sizeof a, &err));
        fflush(NULL);
        child = fork();
        if (child == 0) {
            file_save(in_dir("killed"), b, sizeof b, &err);
            pause();
        }
        usleep((useconds_t)(i * 10));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        assert_true(file_read(in_dir("killed"), sizeof a, &now, &err));
        assert_int_equal(now.length, sizeof a);
        assert_true(!memcmp(now.data, a, sizeof a) || !memcmp(now.data, b, sizeof b));
        seen_b += now.data[0] == 'b';
        buffer_free(&now);
    }
    assert_true(seen_b < 300);
}

static void
reading_knows_its_limits(void **state)
{
    struct buffer b = {0};
    struct error err = {0};

    (void)state;
    assert_true(file_save(in_dir("ten"), "0123456789", 10, &err));
    assert_true(file_read(in_dir("ten"), 10, &b, &err));
    assert_true(file_read(in_dir("ten"), 10, &b, &err)); /* appends */
    assert_string_equal(b.data, "01234567890123456789");
    assert_false(file_read(in_dir("ten"), 9, &b, &err));
    assert_int_equal(err.code, EXIT_DATA);
    assert_int_equal(b.length, 20);
    memset(&err, 0, sizeof err);
    assert_false(file_read(dir, 9, &b, &err));
    assert_int_equal(err.code, EXIT_OPEN);
    memset(&err, 0, sizeof err);
    assert_true(file_read("/proc/self/status", 1 << 20, &b, &err)); /* says it has 0 bytes */
    assert_true(b.length > 100);
    buffer_free(&b);
}

static void
directories_follow_xdg(void **state)
{
    char out[PATH_MAX], expected[PATH_MAX];
    struct error err = {0};
    struct stat st;

    (void)state;
    setenv("HOME", dir, 1);
    unsetenv("XDG_STATE_HOME");
    assert_true(file_directory(FILE_STATE, false, out, sizeof out, &err));
    file_join(expected, sizeof expected, dir, ".local/state/pagewalk");
    assert_string_equal(out, expected);
    assert_int_equal(stat(out, &st), -1);
    assert_true(file_directory(FILE_STATE, true, out, sizeof out, &err));
    assert_int_equal(stat(out, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    setenv("XDG_CONFIG_HOME", "relative/path", 1); /* ignored */
    assert_true(file_directory(FILE_CONFIG, false, out, sizeof out, &err));
    file_join(expected, sizeof expected, dir, ".config/pagewalk");
    assert_string_equal(out, expected);
    setenv("XDG_DATA_HOME", "/somewhere/data", 1);
    assert_true(file_directory(FILE_DATA, false, out, sizeof out, &err));
    assert_string_equal(out, "/somewhere/data/pagewalk");
    setenv("XDG_DATA_HOME", "/proc/nothing", 1);
    assert_false(file_directory(FILE_DATA, true, out, sizeof out, &err));
    assert_int_equal(err.code, EXIT_WRITE);
    memset(&err, 0, sizeof err);
    unsetenv("XDG_DATA_HOME");
    unsetenv("HOME");
    assert_false(file_directory(FILE_DATA, false, out, sizeof out, &err));
    assert_non_null(strstr(err.text, "HOME"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_saved_file_reads_back),
        cmocka_unit_test(a_symlink_stays_a_symlink),
        cmocka_unit_test(what_cannot_be_written_is_left_alone),
        cmocka_unit_test(a_failed_save_keeps_the_old_file),
        cmocka_unit_test(a_killed_save_leaves_old_or_new),
        cmocka_unit_test(reading_knows_its_limits),
        cmocka_unit_test(directories_follow_xdg),
    };

    return cmocka_run_group_tests_name(__FILE__, tests, make_dir, remove_dir);
}
