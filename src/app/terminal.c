/* terminal.c - see terminal.h. What curses 6.4 leaves to us: it restores the terminal for INT and TERM only, endwin() may not be called from a
 * handler, initscr() exits by itself when the terminfo is missing, and getch() spins after a hangup.
 */
#include "app/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <ncurses.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "app/keys.h"
#include "app/terminfo.h"
#include "base/assert.h"
#include "base/lang.h"
#include "base/memory.h"
#include "base/text.h"

#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"
/* Clicks and the wheel, motion while a button is down, and reports without a limit of 223 columns. */
#define MOUSE_ON "\033[?1000h\033[?1002h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1002l\033[?1000l"

enum {
    RESTORE_BYTES = 256,
    SIGNAL_STACK = 64 * 1024,
    PATIENCE_SECONDS = 3, /* from INT, TERM or HUP to the end, should we hang in a write */
};

static SCREEN *screen_of_curses;
static struct termios saved_modes;
static bool modes_are_saved, paste_is_on;
static volatile sig_atomic_t mouse_is_on;
static char restore_bytes[RESTORE_BYTES];
static size_t restore_length;
static volatile sig_atomic_t ours;       /* the terminal is in our modes */
static volatile sig_atomic_t end_signal; /* INT, TERM, HUP */
static volatile sig_atomic_t stop_asked, went_on, resized;
static int wake[2] = {-1, -1};
static int other = -1; /* poll() ignores it then */
static bool gone;
static char name_in_use[TERMINFO_NAME + 1];
static char replay[640];

/* --- may we? ------------------------------------------------------------------------------------- */

const char *
terminal_refusal(void)
{
    static char why[TERMINFO_NAME + 8];
    const char *term = getenv("TERM");
    char clean[TERMINFO_NAME + 1];

    if (!isatty(STDOUT_FILENO))
        return "stdout is no terminal";
    if (!isatty(STDIN_FILENO))
        return "stdin is no terminal";
    if (!term || !*term)
        return "TERM is not set";
    if (terminfo_choose(term, name_in_use))
        return NULL;
    snprintf(why, sizeof why, "TERM=%s", text_clean_to(clean, sizeof clean, term, 0));
    return why;
}

bool
terminal_stdin_drives(void)
{
    struct stat st;

    if (fstat(STDIN_FILENO, &st) != 0)
        return false;
    return !(S_ISCHR(st.st_mode) && major(st.st_rdev) == 1 && minor(st.st_rdev) == 3); /* /dev/null */
}

const char *
terminal_name(void)
{
    return name_in_use;
}

/* --- letters ------------------------------------------------------------------------------------- */

static void
use_utf8(void)
{
    if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8");
}

/* --- giving it back from a handler --------------------------------------------------------------- */

/* Append a capability without its $<delay>. */
static void
prepare(const char *bytes)
{
    while (bytes && bytes != (char *)-1 && *bytes && restore_length < RESTORE_BYTES) {
        if (bytes[0] == '$' && bytes[1] == '<' && strchr(bytes, '>')) {
            bytes = strchr(bytes, '>') + 1;
            continue;
        }
        restore_bytes[restore_length++] = *bytes++;
    }
}

static void
prepare_restoring(void)
{
    static const char *const caps[] = {"sgr0", "op", "rmkx", "cnorm", "rmcup"};

    restore_length = 0;
    prepare(MOUSE_OFF);
    if (paste_is_on)
        prepare(PASTE_OFF);
    for (size_t i = 0; i < sizeof caps / sizeof *caps; i++)
        prepare(tigetstr(caps[i]));
    prepare("\r");
}

/* A terminal that takes nothing more must not keep us: it is let go on (^S), and if nobody reads the other side, what waits there is thrown away. */
static void
write_restoring(void)
{
    size_t done = 0;
    int pushed = 0;

    while (done < restore_length) {
        ssize_t n = write(STDOUT_FILENO, restore_bytes + done, restore_length - done);
        if (n > 0) {
            done += (size_t)n;
        } else if (n < 0 && errno == EAGAIN && pushed < 2) {
            if (pushed++ == 0)
                tcflow(STDOUT_FILENO, TCOON);
            else
                tcflush(STDOUT_FILENO, TCOFLUSH);
        } else if (errno != EINTR) {
            break;
        }
    }
}

static void
restore_now(void)
{
    int flags = fcntl(STDOUT_FILENO, F_GETFL);

    if (!ours)
        return;
    ours = 0;
    fcntl(STDOUT_FILENO, F_SETFL, flags | O_NONBLOCK);
    write_restoring();
    fcntl(STDOUT_FILENO, F_SETFL, flags);
    if (mouse_is_on) /* reports on the way would be typed into the shell */
        tcflush(STDIN_FILENO, TCIFLUSH);
    if (modes_are_saved)
        tcsetattr(STDIN_FILENO, TCSANOW, &saved_modes);
}

static void
end_by(int sig)
{
    struct sigaction plain = {.sa_handler = SIG_DFL};
    sigset_t only;

    sigaction(sig, &plain, NULL);
    sigemptyset(&only);
    sigaddset(&only, sig);
    sigprocmask(SIG_UNBLOCK, &only, NULL);
    raise(sig);
}

static void
on_crash(int sig)
{
    restore_now();
    end_by(sig);
}

static void
on_assert(const char *file, int line, const char *expression)
{
    restore_now();
    fprintf(stderr, "pagewalk: %s:%d: our own bug: %s does not hold\n", file, line, expression);
    if (*replay)
        fprintf(stderr, "pagewalk: it was seen after: %s\n", replay);
}

/* --- signals ------------------------------------------------------------------------------------- */

static void
wake_up(void)
{
    int kept = errno;
    ssize_t ignored = write(wake[1], "", 1);

    (void)ignored; /* full: somebody is about to wake up anyway */
    errno = kept;
}

static void
on_end(int sig)
{
    if (end_signal) { /* nobody listened to the first one */
        restore_now();
        end_by(sig);
    }
    end_signal = sig;
    alarm(PATIENCE_SECONDS);
    wake_up();
}

static void
on_alarm(int sig)
{
    (void)sig;
    restore_now();
    end_by(end_signal);
}

static void
on_flag(int sig)
{
    if (sig == SIGTSTP)
        stop_asked = 1;
    else if (sig == SIGCONT)
        went_on = 1;
    else
        resized = 1;
    wake_up();
}

static void
take_signal(int sig, void (*handler)(int), int flags)
{
    struct sigaction now, act = {.sa_handler = handler, .sa_flags = flags};

    sigaction(sig, NULL, &now);
    if (now.sa_handler == SIG_IGN && (sig == SIGHUP || sig == SIGTSTP || sig == SIGINT)) /* nohup, no job control */
        return;
    sigemptyset(&act.sa_mask);
    sigaction(sig, &act, NULL);
}

static void
take_signals(void)
{
    static const int crash[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT};
    static char stack[SIGNAL_STACK];
    stack_t own = {.ss_sp = stack, .ss_size = sizeof stack};

    sigaltstack(&own, NULL);
    for (size_t i = 0; i < sizeof crash / sizeof *crash; i++)
        take_signal(crash[i], on_crash, SA_ONSTACK | SA_NODEFER);
    take_signal(SIGINT, on_end, SA_ONSTACK);
    take_signal(SIGTERM, on_end, SA_ONSTACK);
    take_signal(SIGHUP, on_end, SA_ONSTACK);
    take_signal(SIGALRM, on_alarm, SA_ONSTACK);
    take_signal(SIGTSTP, on_flag, SA_RESTART);
    take_signal(SIGCONT, on_flag, SA_RESTART);
    take_signal(SIGWINCH, on_flag, SA_RESTART);
    signal(SIGPIPE, SIG_IGN);
    pw_assert_set_hook(on_assert);
    memory_set_hook(restore_now);
}

/* --- opening and closing ------------------------------------------------------------------------- */

static void
write_to_terminal(const char *bytes)
{
    fflush(stdout);
    ssize_t ignored = write(STDOUT_FILENO, bytes, strlen(bytes));
    (void)ignored; /* a terminal that is gone is noticed by terminal_wait */
}

static void
mouse_reports(bool on)
{
    if (mouse_is_on)
        write_to_terminal(on ? MOUSE_ON : MOUSE_OFF);
}

static void
paste_marks(bool on)
{
    if (paste_is_on)
        write_to_terminal(on ? PASTE_ON : PASTE_OFF);
}

/* Sizes from the kernel, not from exported LINES and COLUMNS; a terminal that claims 65535 x 65535 gets what a canvas can be. */
static void
choose_size(void)
{
    struct winsize size = {0};
    char text[16];

    use_env(TRUE);
    use_tioctl(TRUE);
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || (size.ws_col <= CANVAS_WIDTH_MAX && size.ws_row <= CANVAS_HEIGHT_MAX))
        return;
    use_tioctl(FALSE);
    snprintf(text, sizeof text, "%d", size.ws_row < CANVAS_HEIGHT_MAX ? size.ws_row : CANVAS_HEIGHT_MAX);
    setenv("LINES", text, 1);
    snprintf(text, sizeof text, "%d", size.ws_col < CANVAS_WIDTH_MAX ? size.ws_col : CANVAS_WIDTH_MAX);
    setenv("COLUMNS", text, 1);
}

/* ^S would freeze the screen with nothing on it to say that ^Q goes on. */
static void
ignore_stop_key(void)
{
    struct termios modes;

    if (tcgetattr(STDIN_FILENO, &modes) != 0)
        return;
    modes.c_iflag &= ~(tcflag_t)IXON;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &modes);
    def_prog_mode();
}

static void
set_modes(void)
{
    cbreak();
    noecho();
    nonl();
    ignore_stop_key();
    intrflush(stdscr, FALSE);
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    leaveok(stdscr, FALSE);
}

bool
terminal_open(struct error *e)
{
    const char *why = terminal_refusal();

    if (why)
        return error_set(e, EXIT_USAGE, "no usable terminal: %s", why);
    use_utf8();
    if (wake[0] < 0 && pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0)
        return error_set(e, EXIT_LIMIT, "no pipe: %s", strerror(errno));
    modes_are_saved = tcgetattr(STDIN_FILENO, &saved_modes) == 0;
    take_signals();
    choose_size();
    if (!getenv("ESCDELAY"))
        set_escdelay(25);
    screen_of_curses = terminfo_open(name_in_use);
    if (!screen_of_curses)
        return error_set(e, EXIT_USAGE, "the terminal %s cannot be opened", name_in_use);
    set_term(screen_of_curses);
    set_modes();
    paste_is_on = tigetstr("BE") != NULL && tigetstr("BE") != (char *)-1;
    prepare_restoring();
    ours = 1;
    take_signals(); /* curses put its own over what was at the default */
    paste_marks(true);
    key_learn();
    return true;
}

void
terminal_close(void)
{
    if (!screen_of_curses)
        return;
    terminal_mouse(false);
    paste_marks(false);
    curs_set(1);
    endwin();
    ours = 0;
    alarm(0);
    /* No delscreen: it stumbles over what it once found no memory for, and the program is at its end. */
    screen_of_curses = NULL;
    pw_assert_set_hook(NULL);
    memory_set_hook(NULL);
}

void
terminal_set_replay(const char *command)
{
    text_clean_to(replay, sizeof replay, command, 0);
}

void
terminal_mouse(bool on)
{
    if (!on)
        mouse_reports(false);
    mouse_is_on = on && terminal_has_mouse();
    if (on)
        mouse_reports(true);
}

bool
terminal_has_mouse(void)
{
    const char *report = tigetstr("kmous");

    return report && report != (char *)-1;
}

void
terminal_drop_input(void)
{
    tcflush(STDIN_FILENO, TCIFLUSH);
}

/* --- waiting ------------------------------------------------------------------------------------- */

static void
stop_here(void)
{
    stop_asked = 0;
    mouse_reports(false);
    paste_marks(false);
    curs_set(1);
    endwin();
    ours = 0;
    end_by(SIGTSTP);
    /* `fg` or kill -CONT */
    take_signal(SIGTSTP, on_flag, SA_RESTART);
    went_on = 1;
}

static void
go_on(void)
{
    went_on = 0;
    reset_prog_mode();
    clearok(stdscr, TRUE);
    refresh();
    ours = 1;
    paste_marks(true);
    mouse_reports(true);
    resized = 1;
}

static bool
take_size(void)
{
    struct winsize size;
    int w, h;

    resized = 0;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || !size.ws_col || !size.ws_row)
        return false;
    w = size.ws_col < CANVAS_WIDTH_MAX ? size.ws_col : CANVAS_WIDTH_MAX;
    h = size.ws_row < CANVAS_HEIGHT_MAX ? size.ws_row : CANVAS_HEIGHT_MAX;
    if (w == COLS && h == LINES)
        return false;
    return resize_term(h, w) == OK;
}

static void
drain(void)
{
    char bytes[64];

    while (read(wake[0], bytes, sizeof bytes) > 0)
        continue;
}

/* Readable and nothing to read: the end of the file, which poll() would report for ever. */
static bool
bytes_wait(void)
{
    int count = 0;

    gone = ioctl(STDIN_FILENO, FIONREAD, &count) != 0 || count == 0;
    return !gone;
}

void
terminal_listen(int fd)
{
    other = fd;
}

unsigned
terminal_wait(int milliseconds)
{
    struct pollfd fds[3] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = wake[0], .events = POLLIN}, {.fd = other, .events = POLLIN}};
    unsigned news = NEWS_NONE;

    poll(fds, 3, end_signal || stop_asked || went_on || resized ? 0 : milliseconds);
    if (fds[1].revents)
        drain();
    if (fds[2].revents)
        news |= NEWS_FILE;
    if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL))
        gone = true;
    else if (fds[0].revents & POLLIN)
        news |= bytes_wait() ? NEWS_KEY : NEWS_NONE;
    if (end_signal || gone)
        return news | NEWS_END;
    if (stop_asked)
        stop_here();
    if (went_on) {
        go_on();
        news |= NEWS_REDRAW;
    }
    if (resized && take_size())
        news |= NEWS_RESIZED;
    return news;
}

bool
terminal_gone(void)
{
    return gone;
}

int
terminal_signal(void)
{
    return end_signal;
}

int
terminal_exit_code(int sig)
{
    if (sig == SIGINT)
        return EXIT_INTERRUPTED;
    end_by(sig);
    return 128 + sig;
}
