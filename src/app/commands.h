/* commands.h - the one table of what `pagewalk WORD` can be.
 *
 * Promises   A command gets argv[0] = its own name, reads its options, writes data to stdout
 *            (output.h) and everything else to stderr, and returns an exit code. It need not flush:
 *            main does, and turns a failed write into EXIT_WRITE.
 */
#pragma once

struct command_row {
    const char *name, *arguments, *help;
    int (*run)(int argc, char **argv);
};

/* Ends with a row without a name. */
extern const struct command_row command_row[];

#define COMMAND(function, name, arguments, help) int function(int argc, char **argv);
#include "app/commands.def"
#undef COMMAND

/* `pagewalk` alone: the course map. */
int cmd_start(int argc, char **argv);

/* Run the command that argv[0] names; EXIT_USAGE and the nearest name when there is none. */
int commands_run(int argc, char **argv);

/* All commands with their help, on stdout. */
void commands_help(void);
