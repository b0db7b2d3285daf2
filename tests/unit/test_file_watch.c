/* Has a file been saved? With notices of the system and without, whatever way it is written. */
#include "test.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/file_watch.h"

static char folder[] = "/tmp/pagewalk-watch-XXXXXX";
static char path[64], other[64], module[64];

static void
put(const char *name, const char *mode, const char *text)
{
    FILE *f = fopen(name, mode);

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

/* Ask as a loop would, for some time at most. */
static bool
saved_within(struct file_watch *w, int milliseconds)
{
    struct timespec start, now;

    clock_gettime(CLOCK_MONOTONIC, &start);
    for (;;) {
        if (file_watch_saved(w))
            return true;
        clock_gettime(CLOCK_MONOTONIC, &now);
        if ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 >
            milliseconds)
            return false;
        int pause = file_watch_pause(w) < milliseconds ? file_watch_pause(w) : milliseconds;
        poll(&(struct pollfd){.fd = w->notices, .events = POLLIN}, 1, pause);
    }
}

static void
begin(struct file_watch *w, bool notices)
{
    put(path, "w", "one");
    file_watch_open(w, path);
    assert_true(w->notices >= 0);
    if (!notices)
        file_watch_close(w);
    assert_false(file_watch_saved(w));
}

/* Each way of saving is reported once. */
static void
is_told_once(struct file_watch *w)
{
    assert_true(saved_within(w, 8000));
    assert_false(saved_within(w, 120));
}

static void
each_way_to_save(bool notices)
{
    struct file_watch w;

    begin(&w, notices);
    put(path, "w", "two, in place");
    is_told_once(&w);
    put(path, "a", "more");
    is_told_once(&w);
    put(other, "w", "renamed over it");
    assert_int_equal(rename(other, path), 0);
    is_told_once(&w);
    unlink(path);
    put(path, "w", "deleted and created");
    is_told_once(&w);
    put(module, "w", "return {}");
    is_told_once(&w);
    unlink(path);
    is_told_once(&w);
    put(path, "w", "back");
    is_told_once(&w);
    file_watch_close(&w);
}

static void
with_notices(void **state)
{
    (void)state;
    each_way_to_save(true);
}

static void
without_notices(void **state)
{
    (void)state;
    each_way_to_save(false);
}

/* What is not a module beside it is nobody's business: swap files, backups, other folders. */
static void
neighbours_do_not_count(void **state)
{
    struct file_watch w;
    char name[80];

    (void)state;
    begin(&w, true);
    for (const char *const *n =
             (const char *const[]){"made.lua~", ".made.lua.swp", "4913", "#made.lua#", NULL};
         *n; n++) {
        snprintf(name, sizeof name, "%s/%s", folder, *n);
        put(name, "w", "x");
    }
    assert_false(saved_within(&w, 400));
    file_watch_close(&w);
}

/* The pieces of one save are one save: none is reported before it has been quiet. */
static void
pieces_are_one_save(void **state)
{
    struct file_watch w;

    (void)state;
    begin(&w, true);
    for (int i = 0; i < 5; i++) {
        put(path, "a", "piece");
        assert_false(file_watch_saved(&w));
        usleep(5000);
    }
    is_told_once(&w);
    file_watch_close(&w);
}

static int
set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/made.lua", folder);
    snprintf(other, sizeof other, "%s/made.tmp", folder);
    snprintf(module, sizeof module, "%s/words.lua", folder);
    return 0;
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
        cmocka_unit_test(with_notices),
        cmocka_unit_test(without_notices),
        cmocka_unit_test(neighbours_do_not_count),
        cmocka_unit_test(pieces_are_one_save),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
