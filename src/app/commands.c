#include "app/commands.h"

#include <stdio.h>
#include <string.h>

#include "app/output.h"
#include "base/text.h"

const struct command_row command_row[] = {
#define COMMAND(function, name, arguments, help) {name, arguments, help, function},
#include "app/commands.def"
#undef COMMAND
    {0},
};

enum { COMMANDS = sizeof command_row / sizeof *command_row - 1 };

void
commands_help(void)
{
    output_puts("usage: pagewalk                 the course: continue, pick a lesson, playground\n"
                "       pagewalk COMMAND ...\n\n");
    for (const struct command_row *row = command_row; row->name; row++)
        output_printf("  %-10s %-20s %s\n", row->name, row->arguments, row->help);
    output_puts(
        "\n"
        "pagewalk COMMAND --help tells more. --version prints versions.\n"
        "Exit status: 0 done or passed; 1 an answer or expectation failed; 2 usage; 65 bad input;\n"
        "66 cannot open; 70 a bug of pagewalk; 74 cannot write; 75 stopped by a limit; 130 "
        "interrupted.\n");
}

static int
refuse(const char *word)
{
    const char *names[COMMANDS + 1], *near;
    char clean[64];
    int n = 0;

    for (const struct command_row *row = command_row; row->name; row++)
        names[n++] = row->name;
    names[n] = NULL;
    near = error_nearest(word, names);
    text_clean_to(clean, sizeof clean, word, 0);
    if (near)
        fprintf(stderr, "pagewalk: no command \"%s\" (did you mean \"%s\"?)\n", clean, near);
    else
        fprintf(stderr, "pagewalk: no command \"%s\"; see pagewalk --help\n", clean);
    return EXIT_USAGE;
}

int
commands_run(int argc, char **argv)
{
    for (const struct command_row *row = command_row; row->name; row++)
        if (strcmp(row->name, argv[0]) == 0)
            return row->run(argc, argv);
    return refuse(argv[0]);
}
