/* main.c - what must be so before any command runs, and the way out.
 *
 * Descriptors 0, 1 and 2 must exist, or a file opened later becomes somebody's stdout. SIGPIPE and
 * SIGXFSZ are ignored because a failed write is reported as such (exit 74), and only LC_CTYPE is
 * taken from the environment: a decimal comma must reach neither JSON nor Lua.
 */
#include <cjson/cJSON.h>
#include <fcntl.h>
#include <locale.h>
#include <lua.h>
#include <ncurses.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "app/commands.h"
#include "app/output.h"

/* A closed descriptor becomes /dev/null, opened so that it fails the way a closed one would: what
 * is written to a closed stdout is lost, and that is not a success. */
static void
open_standard_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 1 ? O_RDONLY : O_RDWR) != fd)
            _exit(EXIT_WRITE);
}

static void
set_locale(void)
{
    if (!setlocale(LC_CTYPE, ""))
        setlocale(LC_CTYPE, "C.UTF-8");
}

static int
print_version(void)
{
    output_puts("pagewalk " PW_VERSION "\n");
    output_printf("%s\n", curses_version());
    output_printf("cJSON %s\n%s\nzlib %s\nzstd %s\n", cJSON_Version(), LUA_RELEASE, zlibVersion(),
                  ZSTD_versionString());
    return EXIT_OK;
}

static int
run(int argc, char **argv)
{
    if (argc < 2)
        return cmd_start(argc, argv);
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
        return print_version();
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        commands_help();
        return EXIT_OK;
    }
    if (argv[1][0] == '-') /* options without a command are the course map's */
        return cmd_start(argc, argv);
    return commands_run(argc - 1, argv + 1);
}

int
main(int argc, char **argv)
{
    static char name[] = "pagewalk", *nothing[] = {name, NULL};

    open_standard_descriptors();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    set_locale();
    if (argc < 1 || !argv[0]) {
        argc = 1;
        argv = nothing;
    }
    return output_end(run(argc, argv));
}
