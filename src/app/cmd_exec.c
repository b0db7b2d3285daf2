/* cmd_exec.c - `pagewalk exec FILE`: operations in, events out, as they happen. No history is kept:
 * memory does not grow with the file. */
#include <inttypes.h>
#include <string.h>

#include "app/commands.h"
#include "app/lines.h"
#include "app/options.h"
#include "app/output.h"
#include "machine/invariant.h"
#include "machine/narrate.h"

struct exec {
    struct machine machine;
    struct lines in;
    bool json;
    uint64_t events; /* since the start */
    uint64_t op_events, op_cycles;
    struct buffer out;
};

/* --- events --- */

static void
event_text(struct exec *x, const struct event *ev)
{
    buffer_printf(&x->out, "%7" PRIu64 "  %-6s  ", x->events,
                  actor_name[event_row[ev->code].actor]);
    narrate_event(&x->machine, ev, &x->out);
    if (ev->cycles)
        buffer_printf(&x->out, "  +%u", ev->cycles);
    buffer_putc(&x->out, '\n');
}

static void
on_event(void *context, const struct event *ev)
{
    struct exec *x = context;

    x->events++;
    x->op_events++;
    x->op_cycles += ev->cycles;
    if (output_broken())
        return;
    if (x->json) {
        narrate_json(&x->machine, x->events, x->machine.s->op, ev, &x->out);
        buffer_putc(&x->out, '\n');
    } else {
        event_text(x, ev);
    }
    output_buffer(&x->out);
}

/* --- operations --- */

static void
outcome_text(struct exec *x, const struct operation *op, const struct outcome *out)
{
    switch (out->kind) {
    case OUT_DONE:
        if (op->code == OP_READ)
            buffer_printf(&x->out, "0x%" PRIx64 " from 0x%" PRIx64, out->value, out->pa);
        else if (op->code == OP_WRITE || op->code == OP_FETCH)
            buffer_printf(&x->out, "done at 0x%" PRIx64, out->pa);
        else if (op->code == OP_MMAP || op->code == OP_BRK || op->code == OP_ALLOC)
            buffer_printf(&x->out, "0x%" PRIx64, out->value);
        else if (op->code == OP_SPAWN || op->code == OP_FORK || op->code == OP_THREAD)
            buffer_printf(&x->out, "process %" PRIu64, out->value);
        else
            buffer_puts(&x->out, "done");
        break;
    case OUT_SIGNAL:
        buffer_puts(&x->out, signal_name[out->signal]);
        break;
    case OUT_FAULT:
        buffer_puts(&x->out, "faulted: no kernel mends it");
        break;
    case OUT_BLOCKED:
        buffer_puts(&x->out, "blocked until the disk is done");
        break;
    case OUT_WAITS:
        buffer_puts(&x->out, "waits for other CPUs");
        break;
    case OUT_CALL_ERROR:
        buffer_puts(&x->out, call_error_name[out->error]);
        break;
    case OUT_SKIPPED:
        buffer_puts(&x->out, "skipped");
        break;
    }
}

static void
print_operation(struct exec *x, const struct operation *op)
{
    if (x->json)
        return;
    buffer_printf(&x->out, "%" PRIu64 ": ", x->machine.s->op + 1);
    operation_format(op, &x->out);
    buffer_putc(&x->out,
                '\n'); /* goes out with what follows: a refused operation is not part of the data */
}

static void
print_outcome(struct exec *x, const struct operation *op, const struct outcome *out)
{
    if (x->json)
        return;
    buffer_puts(&x->out, "   = ");
    outcome_text(x, op, out);
    buffer_printf(&x->out, "; %" PRIu64 " event%s, %" PRIu64 " cycles (model)\n\n", x->op_events,
                  x->op_events == 1 ? "" : "s", x->op_cycles);
    output_buffer(&x->out);
}

static bool
run_line(struct exec *x, struct error *e)
{
    struct operation op;
    struct outcome out = {0};
    uint8_t blob[OPERATION_BLOB];

    if (!operation_parse(x->in.text, &op, blob, e))
        return error_place(e, x->in.name, x->in.number);
    if (op.code == OP_NONE)
        return true;
    x->op_events = x->op_cycles = 0;
    print_operation(x, &op);
    if (!machine_do(&x->machine, &op, &out, e)) {
        buffer_truncate(&x->out, 0);
        return error_place(e, x->in.name, x->in.number);
    }
    print_outcome(x, &op, &out);
    return true;
}

static void
run_lines(struct exec *x, struct error *e)
{
    struct watch watch = {on_event, x};

    machine_watch(&x->machine, &watch);
    while (!output_broken() && lines_next(&x->in, e))
        if (!run_line(x, e))
            break;
    machine_watch(&x->machine, NULL);
}

/* --- invariants --- */

/* On stderr, so that the events stay a stream of one kind. */
static int
check(const struct machine *m)
{
    struct violation found[INVARIANTS];
    unsigned n = invariant_check(m, found, INVARIANTS);

    for (unsigned i = 0; i < n; i++)
        output_warn("%s: %s (%s)", invariant_row[found[i].invariant].id, found[i].where,
                    invariant_row[found[i].invariant].text);
    output_warn("%d invariants checked, %u violated", INVARIANTS, n);
    return n ? EXIT_ANSWER : EXIT_OK;
}

/* --- the command --- */

static int
run_file(struct exec *x, const char *path, bool checked)
{
    struct error e = {0};
    int code = EXIT_OK;

    if (!lines_open(&x->in, path, &e))
        return output_complain(&e);
    run_lines(x, &e);
    output_flush(); /* so that what ran comes before what is wrong */
    if (e.code)
        code = output_complain(&e);
    if (checked && check(&x->machine) != EXIT_OK && code == EXIT_OK)
        code = EXIT_ANSWER;
    lines_close(&x->in);
    return code;
}

int
cmd_exec(int argc, char **argv)
{
    static struct exec x;
    const char *machine = "x86-64";
    struct option_list set = {0};
    struct preset preset;
    struct error e = {0};
    uint64_t seed = 1;
    bool checked = false;
    int format = 0, lang = LANG_EN, code;
    char **rest;
    const struct option_row rows[] = {
        {OPTION_TEXT, "machine", "NAME", "a preset's name or a .json file (x86-64)", &machine, 0, 0,
         NULL},
        {OPTION_LIST, "set", "KEY=VALUE", "change a field of the preset; may be repeated", &set, 0,
         0, NULL},
        {OPTION_NUMBER, "seed", "N", "the machine's own randomness (1)", &seed, 0, UINT64_MAX,
         NULL},
        {OPTION_WORD, "format", NULL, "sentences, or an event a line as JSON (text)", &format, 0, 0,
         option_text_json},
        {OPTION_WORD, "lang", NULL, "language of the sentences (en)", &lang, 0, 0, option_langs},
        {OPTION_FLAG, "check", NULL, "check all invariants at the end; exit 1 if one is violated",
         &checked, 0, 0, NULL},
        {0},
    };
    const struct usage u = {
        "exec",
        "FILE",
        "Run operations, one a line (see pagewalk list operations), and print what happened.\n"
        "FILE - is standard input. A wrong or refused line ends it: exit 65, and what ran before "
        "stays.\n",
        rows,
        1,
        1};

    if ((code = options_read(&u, argc, argv, &rest)) != OPTIONS_GO_ON)
        return code;
    options_speak(lang);
    if (!preset_load(machine, &preset, &e) || !options_override(&set, &preset, &e) || !machine_open(&x.machine, &preset, seed, &e))
        return e.code == EXIT_USAGE ? options_refuse(&u, "%s", e.text) : output_complain(&e);
    x.json = format == 1;
    code = run_file(&x, rest[0], checked);
    machine_close(&x.machine);
    buffer_free(&x.out);
    return code;
}
