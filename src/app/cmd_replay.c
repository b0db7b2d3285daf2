/* cmd_replay.c - `pagewalk replay TRACE`: how often a program's memory references would fault, by
 * policy and by number of frames. */
#include <stdlib.h>
#include <string.h>

#include "app/commands.h"
#include "app/options.h"
#include "app/output.h"
#include "app/picture.h"
#include "app/replay_machine.h"
#include "base/lang.h"

enum { PAGE = 4096 };

enum replay_format { REPLAY_TEXT, REPLAY_JSON, REPLAY_SVG };
static const char *const formats[] = {"text", "json", "svg", NULL};
static const char *const quirks[] = {"load-leaves-r-0", NULL};

struct looks {
    int format, lang, theme, glyphs; /* theme and glyphs -1: what the terminal says */
};

/* --- how it is shown --- */

/* False: there is but one size. */
static bool
picture(const struct replay_ask *ask, const struct replay_answer *a, const struct looks *looks,
        struct buffer *out)
{
    struct canvas *c = replay_picture(ask, a, picture_width(looks->format == REPLAY_SVG), PICTURE_HEIGHT,
                                      picture_glyphs(looks->glyphs, looks->format == REPLAY_SVG));

    if (!c)
        return false;
    if (looks->format == REPLAY_TEXT)
        buffer_putc(out, '\n');
    picture_put(c, looks->theme, looks->format == REPLAY_SVG, ask->name, out);
    canvas_destroy(c);
    return true;
}

static bool
print(const struct replay_ask *ask, const struct replay_answer *a, const struct looks *looks,
      struct error *e)
{
    struct buffer out = {0};

    if (looks->format == REPLAY_JSON)
        replay_json(ask, a, &out);
    if (looks->format == REPLAY_TEXT)
        replay_text(ask, a, &out);
    if (looks->format != REPLAY_JSON && !picture(ask, a, looks, &out) &&
        looks->format == REPLAY_SVG)
        error_at(e, EXIT_DATA, ask->name, 0, "it has one page: that makes no curve");
    output_buffer(&out);
    buffer_free(&out);
    return e->code == 0;
}

/* --- a whole machine --- */

static bool
asks_for(const struct replay_ask *ask, enum policy policy)
{
    for (unsigned i = 0; i < ask->policies; i++)
        if (ask->policy[i] == policy)
            return true;
    return false;
}

/* What a machine cannot do. */
static int
check_machine(const struct usage *u, const struct replay_ask *ask)
{
    const uint64_t page = format_page(&ask->machine->geo.format);

    if (asks_for(ask, POLICY_OPT))
        return options_refuse(u,
                              "opt must know the rest of the trace, which no running machine does: "
                              "leave out opt or --machine, or see pagewalk play --trace");
    if (ask->all)
        return options_refuse(u, "--frames all with --machine would be a machine for every size: "
                                 "name sizes, like --frames 64,256");
    if (ask->sizes * ask->policies > MACHINES_MAX)
        return options_refuse(u, "%zu sizes with %u policies: more than %d machines", ask->sizes,
                              ask->policies, MACHINES_MAX);
    if (ask->page && ask->page != page)
        return options_refuse(u, "--page: a page of machine %s has %llu bytes", ask->machine->name,
                              (unsigned long long)page);
    return OPTIONS_GO_ON;
}

/* --- the command --- */

/* Policies and sizes: what was named, else what a machine does by itself, or lru at every size. */
static bool
read_lists(struct replay_ask *ask, const char *policies, const char *frames, struct error *e)
{
    const struct preset *m = ask->machine;

    if (!policies)
        policies = policy_row[m ? m->tunable[TUNE_POLICY] : POLICY_LRU].name;
    if (!ask_policies(ask, policies, e))
        return false;
    return m && !frames ? true : ask_frames(ask, frames ? frames : "all", e);
}

/* What the rows of options cannot say. */
static int
check(const struct usage *u, struct replay_ask *ask, const char *policies, const char *frames,
      const struct looks *looks)
{
    struct error e = {0};
    int code;

    if (!read_lists(ask, policies, frames, &e))
        return options_refuse(u, "%s", e.text);
    if (ask->machine && (code = check_machine(u, ask)) != OPTIONS_GO_ON)
        return code;
    if (!ask->page)
        ask->page = ask->machine ? format_page(&ask->machine->geo.format) : PAGE;
    if (ask->sizes * ask->policies > ASK_RUNS_MAX)
        return options_refuse(u, "%zu sizes with %u policies: more than %d runs", ask->sizes,
                              ask->policies, ASK_RUNS_MAX);
    if (ask->page & (ask->page - 1))
        return options_refuse(u, "--page: %llu is no power of two", (unsigned long long)ask->page);
    if (looks->format == REPLAY_SVG && !ask->all && ask->sizes < 2)
        return options_refuse(u, "--format svg draws a curve: name several --frames");
    return OPTIONS_GO_ON;
}

static int
replay(const struct replay_ask *ask, const struct looks *looks)
{
    struct replay_answer a = {0};
    struct error e = {0};
    int code;

    options_speak(looks->lang);
    if (replay_answer(ask, &a, &e) && print(ask, &a, looks, &e))
        code = a.interrupted ? EXIT_INTERRUPTED : EXIT_OK;
    else
        code = output_complain(&e);
    replay_answer_free(&a);
    return code;
}

int
cmd_replay(int argc, char **argv)
{
    struct replay_ask ask = {.limit = UINT64_MAX, .seed = 1};
    struct looks looks = {.theme = -1, .glyphs = -1};
    struct preset preset;
    struct option_list set = {0};
    const char *policies = NULL, *frames = NULL, *machine = NULL;
    int form = READER_ANY, quirk = -1, code;
    struct error e = {0};
    char **rest;
    const struct option_row rows[] = {
        {OPTION_TEXT, "policy", "NAME[,NAME...]",
         "whom to evict (lru; a machine's own): see pagewalk list policies; or all", &policies, 0,
         0, NULL},
        {OPTION_TEXT, "frames", "N[,N...]|A..B|all",
         "how many frames there are (all: every size; one pass for lru)", &frames, 0, 0, NULL},
        {OPTION_TEXT, "machine", "NAME",
         "the whole machine, TLB and walks included; --frames limits its process", &machine, 0, 0,
         NULL},
        {OPTION_LIST, "set", "KEY=VALUE", "override a field of the machine: tlb.sets, tlb.ways ...",
         &set, 0, 0, NULL},
        {OPTION_NUMBER, "page", "SIZE", "bytes of a page, for addresses (4K)", &ask.page, 1,
         UINT64_C(1) << 30, NULL},
        {OPTION_NUMBER, "limit", "N", "only the first N references", &ask.limit, 1, UINT64_MAX,
         NULL},
        {OPTION_WORD, "input", NULL, "how the trace is written (found out by itself)", &form, 0, 0,
         reader_form_name},
        {OPTION_WORD, "quirk", NULL, "a dialect: a page that clock loads begins with R = 0", &quirk,
         0, 0, quirks},
        {OPTION_NUMBER, "seed", "N", "the choices of random (1)", &ask.seed, 0, UINT64_MAX, NULL},
        {OPTION_WORD, "format", NULL, "a table with a curve, numbers, or the curve alone (text)",
         &looks.format, 0, 0, formats},
        {OPTION_WORD, "lang", NULL, "language (en)", &looks.lang, 0, 0, option_langs},
        {OPTION_WORD, "theme", NULL, "colours of the curve", &looks.theme, 0, 0, option_themes},
        {OPTION_WORD, "glyphs", NULL, "how the curve is drawn (unicode)", &looks.glyphs, 0, 0,
         option_glyphs},
        {0},
    };
    const struct usage u = {
        "replay",
        "TRACE",
        "Count the page faults of a memory trace. TRACE may be compressed with gzip or zstd; - is\n"
        "standard input. How it may be written:\n"
        "  lackey     what valgrind --tool=lackey --trace-mem=yes prints\n"
        "  pages      page numbers, decimal or 0x, with commas, blanks or lines between: 7,0,1,2\n"
        "  addresses  addresses likewise; hexadecimal without 0x if digits are mixed with a-f\n"
        "  u64        page numbers of 8 bytes, little-endian\n"
        "In pages and addresses # starts a comment, and w or r beside a number says write or "
        "read:\n"
        "7w, 7 W; W 7 in a line that begins with a letter. By itself a list of numbers is taken "
        "for\n"
        "addresses if one of the first 64 KiB is above 0xfffff, else for pages.\n"
        "Lines that are no reference are left out; more than 1 % of them is exit 65.\n",
        rows,
        1,
        1};

    if ((code = options_read(&u, argc, argv, &rest)) != OPTIONS_GO_ON)
        return code;
    ask.path = rest[0];
    ask.name = strcmp(rest[0], "-") == 0 ? "standard input" : rest[0];
    ask.form = form;
    ask.load_r0 = quirk >= 0;
    if (set.count && !machine)
        return options_refuse(&u, "--set changes a machine: name one with --machine");
    if (machine && !(preset_load(machine, &preset, &e) && options_override(&set, &preset, &e)))
        return output_complain(&e);
    ask.machine = machine ? &preset : NULL;
    if ((code = check(&u, &ask, policies, frames, &looks)) == OPTIONS_GO_ON)
        code = replay(&ask, &looks);
    free(ask.frames);
    return code;
}
