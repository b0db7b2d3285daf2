/* The list that completion is made from has everything: each command, and for each value something that can stand there. */
#include "test.h"

#include <string.h>

#include "app/commands.h"
#include "app/completion.h"

static const struct completion_command *
find(const char *path)
{
    for (const struct completion_command *c = completion_list(); c->path; c++)
        if (strcmp(c->path, path) == 0)
            return c;
    return NULL;
}

static void
every_command_is_heard(void **state)
{
    (void)state;
    assert_non_null(find(""));
    for (const struct command_row *row = command_row; row->name; row++)
        if (!find(row->name))
            fail_msg("%s: the command does something before it reads its options", row->name);
    assert_non_null(find("lesson check"));
    assert_null(find("list lessons"));
}

static void
every_value_completes_with_something(void **state)
{
    (void)state;
    for (const struct completion_command *c = completion_list(); c->path; c++) {
        if (!c->with)
            fail_msg("pagewalk %s %s: completion.def has no row \"%s\"", c->path, c->word, c->word);
        for (unsigned i = 0; i < c->options; i++)
            if (!c->option[i].with)
                fail_msg("pagewalk %s --%s VALUE: completion.def has no row \"--%s\"", c->path, c->option[i].name, c->option[i].name);
    }
}

/* The script for fish knows options by name alone. */
static void
an_option_takes_a_value_everywhere_or_nowhere(void **state)
{
    (void)state;
    for (const struct completion_command *c = completion_list(); c->path; c++)
        for (const struct completion_command *d = c + 1; d->path; d++)
            for (unsigned i = 0; i < c->options; i++)
                for (unsigned k = 0; k < d->options; k++)
                    if (strcmp(c->option[i].name, d->option[k].name) == 0 && c->option[i].takes_value != d->option[k].takes_value)
                        fail_msg("--%s takes a value for %s and none for %s", c->option[i].name, c->path, d->path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_is_heard),
        cmocka_unit_test(every_value_completes_with_something),
        cmocka_unit_test(an_option_takes_a_value_everywhere_or_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
