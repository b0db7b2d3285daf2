/* cmd_play.c - `pagewalk play [MACHINE]`: a free machine with a process that runs. */
#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "app/launch.h"
#include "app/output.h"
#include "app/play_trace.h"
#include "base/memory.h"
#include "os/policy.h"

static bool
open_machine(struct session *s, bool plain, const char *name, const struct option_list *set, uint64_t seed, struct error *e)
{
    struct preset preset;

    if (!preset_load(name, &preset, e) || !options_override(set, &preset, e) || !session_open_machine(s, &preset, seed, e))
        return false;
    s->scene.set.plain = plain;
    return true;
}

/* False: the session is closed. */
static bool
open_beside(struct session *s, const struct beside_wish *wish, const char *name, const struct option_list *set, uint64_t seed,
            struct error *e)
{
    s->beside = beside_open(wish, name, set, seed, e);
    if (e->code) {
        session_close(s);
        return false;
    }
    if (s->beside) {
        pane_focus(&s->scene.set, PANE_BESIDE);
        s->scene.set.zoomed = true;
    }
    return true;
}

/* False: the session is closed. */
static bool
open_trace(struct session *s, const struct play_trace *trace, struct error *e)
{
    if (!trace->path || play_trace_load(s, trace, e))
        return true;
    session_close(s);
    return false;
}

int
cmd_play(int argc, char **argv)
{
    struct launch l = LAUNCH_INIT;
    struct option_list set = {0};
    struct play_trace trace = {.policy = -1};
    struct beside_wish beside = BESIDE_INIT;
    const char *policies[POLICIES + 1] = {NULL};
    uint64_t seed = 1;
    const struct option_row rows[] = {
        {OPTION_LIST, "set", "KEY=VALUE", "override a field of the machine: frames, tlb.sets, tlb.ways, cpus ...", &set, 0, 0, NULL},
        {OPTION_TEXT, "trace", "FILE", "a memory trace to step through, in any form that replay reads", &trace.path, 0, 0, NULL},
        {OPTION_NUMBER, "frames", "N", "with --trace: pages that may be in memory at once", &trace.frames, 1, 1 << 20, NULL},
        {OPTION_WORD, "policy", NULL, "with --trace: whom to evict", &trace.policy, 0, 0, policies},
        {OPTION_NUMBER, "seed", "N", "fixes every choice", &seed, 0, UINT64_MAX, NULL},
        BESIDE_OPTIONS(beside),
        LAUNCH_OPTIONS(l),
        {0},
    };
    const struct usage u = {"play", "[MACHINE]", "A machine of your own (pagewalk list machines; x86-64 when none is named).\n", rows,
                            0, 1};
    struct session *s;
    const char *name;
    struct error e = {0};
    char **rest;
    int code;

    for (int i = 0; i < POLICIES; i++)
        policies[i] = policy_row[i].name;
    code = options_read(&u, argc, argv, &rest);
    if (code != OPTIONS_GO_ON)
        return code;
    if (trace.path && strcmp(trace.path, "-") == 0)
        return options_refuse(&u, "--trace takes a file: commands come from standard input");
    if (!trace.path && (trace.frames || trace.policy >= 0))
        return options_refuse(&u, "--frames and --policy go with --trace FILE");
    code = launch_begin(&l, &u);
    if (code != OPTIONS_GO_ON)
        return code;
    s = memory_new(1, sizeof *s);
    name = rest[0] ? rest[0] : "x86-64";
    if (open_machine(s, l.why_plain != NULL, name, &set, seed, &e) && open_trace(s, &trace, &e) &&
        open_beside(s, &beside, name, &set, seed, &e)) {
        code = launch_session(&l, s);
    } else {
        free(s);
        code = output_complain(&e);
    }
    launch_end(&l);
    return code;
}
