/* Bytes as a machine's description: a JSON text, and behind a NUL byte the lines to run on it (none:
 * a few lines made from its own layout). Whatever preset_parse accepts can be opened or is refused
 * with a reason, and works: no operation crashes it, and without quirks every invariant holds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/fuzz.h"

enum { FRAMES = 256, SLOTS = 300, OPERATIONS = 60 };

/* Does nothing once a pool of the machine is used up. */
static void
run_line(struct machine *m, const char *line)
{
    struct operation op;
    uint8_t blob[OPERATION_BLOB];
    struct outcome out;
    struct error e = {0};

    if (m->hw.s->phys.slots_full || (m->preset.kernel && m->os.s->limit_hit))
        return;
    if (!operation_parse(line, &op, blob, &e) || op.code == OP_NONE)
        return;
    if (!machine_do(m, &op, &out, &e)) {
        pw_assert(e.code && e.text[0]);
        return;
    }
    fuzz_check(m);
}

static void
run_at(struct machine *m, const char *before, uint64_t number, const char *after)
{
    char line[128];

    snprintf(line, sizeof line, "%s 0x%llx %s", before, (unsigned long long)number, after);
    run_line(m, line);
}

static void
run_on(struct machine *m, const char *name, uint64_t va, uint64_t length, const char *after)
{
    char line[64];

    snprintf(line, sizeof line, "%s 0x%llx", name, (unsigned long long)va);
    run_at(m, line, length, after);
}

/* A life in a few lines, wherever this machine keeps things. */
static void
run_own(struct machine *m)
{
    const struct layout *l = &m->preset.layout;
    uint64_t page = format_page(&m->preset.geo.format);

    run_line(m, "spawn");
    run_at(m, "fetch", l->code, "");
    run_at(m, "write", l->data, "7 size=8");
    run_at(m, "write", l->stack_top - 1, "1");
    run_at(m, "brk", l->heap + 3 * page, "");
    run_at(m, "write", l->heap + page, "1");
    run_at(m, "mmap -", 3 * page, "rw");
    run_at(m, "read", l->mmap_top - 2 * page, "size=4");
    run_at(m, "write", l->mmap_top - page, "");
    run_line(m, "fork");
    run_at(m, "write", l->data, "9");
    run_line(m, "switch 2");
    run_at(m, "write", l->data, "9");
    run_on(m, "mprotect", l->data, page, "r");
    run_on(m, "munmap", l->mmap_top - 2 * page, page, "");
    run_at(m, "read", l->kernel, "as=kernel");
    run_at(m, "read", l->user_end, "");
    run_line(m, "read 0xffffffffffffffff size=8");
    run_line(m, "exit 1");
    run_line(m, "exit");
    run_line(m, "spawn");
}

static void
try_preset(struct preset *p, char *lines)
{
    struct machine m;
    struct error e = {0};
    unsigned done = 0;
    char *line;

    p->geo.frames = p->geo.frames < FRAMES ? p->geo.frames : FRAMES;
    if (p->geo.program_frames >= p->geo.frames)
        p->geo.program_frames = (uint32_t)p->geo.frames / 2;
    p->geo.slot_max = p->geo.slot_max < SLOTS ? p->geo.slot_max : SLOTS;
    if (!machine_open(&m, p, 1, &e)) {
        pw_assert(e.code && e.text[0]);
        return;
    }
    if (!lines)
        run_own(&m);
    while (done++ < OPERATIONS && (line = fuzz_line(&lines)))
        run_line(&m, line);
    machine_close(&m);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    size_t length = strlen(text);
    struct preset *p = malloc(sizeof *p);
    struct error e = {0};

    pw_assert(p);
    if (preset_parse(text, length, "input", p, &e))
        try_preset(p, length < size ? text + length + 1 : NULL);
    else
        pw_assert((e.code == EXIT_DATA || e.code == EXIT_LIMIT) && e.text[0]);
    free(p);
    free(text);
    return 0;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    return fuzz_mutate(data, size, most, seed);
}
