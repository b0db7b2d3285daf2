/* The terminal is given back after a failed assertion and after a fault in the middle of drawing: a child draws on a pty of ours and dies. */
#include "test.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include "app/screen.h"
#include "app/terminal.h"
#include "base/assert.h"

struct seen {
    char bytes[65536];
    size_t length;
    int status;
    struct termios before, after;
};

static _Noreturn void
draw_and(void (*die)(void))
{
    const struct rlimit no_core = {0, 0};
    struct error e = {0};
    struct screen *s;

    setrlimit(RLIMIT_CORE, &no_core);
    if (!terminal_open(&e))
        _exit(99);
    terminal_set_replay("pagewalk learn made --step 3");
    terminal_mouse(true);
    s = screen_open(THEME_DARK, GLYPHS_ASCII);
    canvas_put(screen_canvas(s), 0, 0, "drawn", ROLE_TEXT, 0);
    screen_show(s, false);
    die();
    _exit(98);
}

static void
watch_it_die(struct seen *seen, void (*die)(void))
{
    int master, slave;
    pid_t child;
    struct winsize size = {.ws_row = 24, .ws_col = 80};

    memset(seen, 0, sizeof *seen);
    assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
    assert_int_equal(tcgetattr(slave, &seen->before), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(master);
        login_tty(slave);
        setenv("TERM", "xterm-256color", 1);
        draw_and(die);
    }
    for (int idle = 0; idle < 400 && seen->length < sizeof seen->bytes - 1; idle++) {
        struct pollfd p = {.fd = master, .events = POLLIN};
        if (poll(&p, 1, 25) > 0 && p.revents & POLLIN)
            seen->length += (size_t)read(master, seen->bytes + seen->length, sizeof seen->bytes - 1 - seen->length);
        else if (waitpid(child, &seen->status, WNOHANG) == child)
            break;
    }
    assert_int_equal(tcgetattr(slave, &seen->after), 0);
    close(slave);
    close(master);
}

static void
expect_restored(const struct seen *seen, int sig)
{
    const char *drawn = strstr(seen->bytes, "drawn");

    assert_non_null(drawn);
    assert_non_null(strstr(seen->bytes, "\033[?1049h"));      /* the alternate screen was taken */
    assert_non_null(strstr(drawn, "\033[?1049l"));            /* and given back */
    assert_non_null(strstr(drawn, "\033[?2004l"));
    assert_non_null(strstr(seen->bytes, "\033[?1006h"));      /* so was the mouse */
    assert_non_null(strstr(drawn, "\033[?1006l"));
    assert_non_null(strstr(drawn, "\033[?1002l"));
    assert_non_null(strstr(drawn, "\033[?1000l"));
    assert_true(WIFSIGNALED(seen->status));
    assert_int_equal(WTERMSIG(seen->status), sig);
    assert_int_equal(seen->before.c_lflag, seen->after.c_lflag);
    assert_int_equal(seen->before.c_iflag, seen->after.c_iflag);
    assert_int_equal(seen->before.c_oflag, seen->after.c_oflag);
}

static void
fail_an_assertion(void)
{
    pw_assert(1 + 1 == 3);
}

static void
a_failed_assertion_restores_and_names_the_way_back(void **state)
{
    static struct seen seen;
    const char *end;

    (void)state;
    watch_it_die(&seen, fail_an_assertion);
    expect_restored(&seen, SIGABRT);
    end = strstr(seen.bytes, "\033[?1049l");
    assert_non_null(strstr(end, "1 + 1 == 3"));
    assert_non_null(strstr(end, "pagewalk learn made --step 3"));
}

static void
raise_segv(void)
{
    raise(SIGSEGV);
}

static void
raise_quit(void)
{
    raise(SIGQUIT);
}

static void
term_twice(void)
{
    raise(SIGTERM);
    raise(SIGTERM); /* nobody asked terminal_wait in between */
}

/* As ^S does, or a terminal whose other side nobody reads. */
static void
freeze_and_segv(void)
{
    tcflow(STDOUT_FILENO, TCOOFF);
    raise(SIGSEGV);
}

static void
freeze_and_term(void)
{
    tcflow(STDOUT_FILENO, TCOOFF);
    raise(SIGTERM);
    for (;;) /* as curses does: a drawing that never gets through */
        (void)!write(STDOUT_FILENO, "frozen", 6);
}

static void
a_frozen_terminal_keeps_nobody(void **state)
{
    static struct seen seen;

    (void)state;
    watch_it_die(&seen, freeze_and_segv);
    expect_restored(&seen, SIGSEGV);
    watch_it_die(&seen, freeze_and_term);
    expect_restored(&seen, SIGTERM);
    assert_null(strstr(seen.bytes, "frozen"));
}

static void
fatal_signals_restore_and_end_by_themselves(void **state)
{
    static struct seen seen;

    (void)state;
    watch_it_die(&seen, raise_segv);
    expect_restored(&seen, SIGSEGV);
    watch_it_die(&seen, raise_quit);
    expect_restored(&seen, SIGQUIT);
    watch_it_die(&seen, term_twice);
    expect_restored(&seen, SIGTERM);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_assertion_restores_and_names_the_way_back),
        cmocka_unit_test(fatal_signals_restore_and_end_by_themselves),
        cmocka_unit_test(a_frozen_terminal_keeps_nobody),
    };

    return RUN_TESTS(tests);
}
