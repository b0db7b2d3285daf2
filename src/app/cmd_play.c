/* cmd_play.c - `pagewalk play [MACHINE]`: a free machine with a process that runs. */
#include <stdlib.h>

#include "app/commands.h"
#include "app/launch.h"
#include "app/output.h"
#include "base/memory.h"

static bool
open_machine(struct session *s, const char *name, const struct option_list *set, uint64_t seed, struct error *e)
{
    struct preset preset;

    if (!preset_load(name, &preset, e))
        return false;
    for (int i = 0; i < set->count; i++)
        if (!preset_override(&preset, set->item[i], e))
            return false;
    return session_open_machine(s, &preset, seed, e);
}

int
cmd_play(int argc, char **argv)
{
    struct launch l = LAUNCH_INIT;
    struct option_list set = {0};
    uint64_t seed = 1;
    const struct option_row rows[] = {
        {OPTION_LIST, "set", "KEY=VALUE", "override a field of the machine: frames, tlb.sets, tlb.ways, cpus ...", &set, 0, 0, NULL},
        {OPTION_NUMBER, "seed", "N", "fixes every choice", &seed, 0, UINT64_MAX, NULL},
        LAUNCH_OPTIONS(l),
        {0},
    };
    const struct usage u = {"play", "[MACHINE]", "A machine of your own (pagewalk list machines; x86-64 when none is named).\n", rows,
                            0, 1};
    struct session *s;
    struct error e = {0};
    char **rest;
    int code = options_read(&u, argc, argv, &rest);

    if (code != OPTIONS_GO_ON)
        return code;
    code = launch_begin(&l, &u);
    if (code != OPTIONS_GO_ON)
        return code;
    s = memory_new(1, sizeof *s);
    if (open_machine(s, rest[0] ? rest[0] : "x86-64", &set, seed, &e)) {
        code = launch_session(&l, s);
    } else {
        free(s);
        code = output_complain(&e);
    }
    launch_end(&l);
    return code;
}
