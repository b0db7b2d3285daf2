/* Lines of text as operations. What parses is printed and parsed again, and is the same; then it is
 * run on a small machine, on which every invariant holds after every operation until a hand
 * reaches into it. A refused operation changes nothing. The first byte chooses: its low two bits
 * the machine, bit 2 whether every event is told in words. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "machine/keyframe.h"
#include "machine/narrate.h"
#include "support/drive.h"
#include "support/fuzz.h"

enum { MACHINES = 4, FRAMES = 64, OPERATIONS = 200, COMPARED = 12 };

struct rig {
    struct machine m;
    struct keyframe *boot;
    struct hash128 hash; /* of the machine as it booted */
};

static void
open_rig(struct rig *rig, const char *name, unsigned cpus)
{
    struct preset p;
    struct error e = {0};

    drive_preset(name, &p);
    p.geo.frames = p.geo.frames < FRAMES ? p.geo.frames : FRAMES;
    p.geo.cpus = (uint8_t)cpus;
    p.layout.kernel = 0; /* its tables alone would fill these frames */
    pw_assert(machine_open(&rig->m, &p, 1, &e));
    rig->boot = keyframe_take(&rig->m.arena, NULL);
    rig->hash = machine_hash(&rig->m);
}

static struct rig *
rig_of(uint8_t choice)
{
    static struct rig rig[MACHINES];

    if (!rig[0].boot) {
        open_rig(&rig[0], "x86-64", 1);
        open_rig(&rig[1], "i386", 1);
        open_rig(&rig[2], "toy16", 1);
        open_rig(&rig[3], "x86-64", 2);
    }
    return &rig[choice % MACHINES];
}

static bool
same_hash(struct hash128 a, struct hash128 b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static void
print_and_parse_again(const struct operation *op)
{
    struct buffer text = {0}, again = {0};
    struct operation copy;
    uint8_t blob[OPERATION_BLOB];
    struct error e = {0};

    operation_format(op, &text);
    pw_assert(operation_parse(buffer_text(&text), &copy, blob, &e));
    pw_assert(copy.code == op->code && copy.cpu == op->cpu && copy.given == op->given);
    pw_assert(copy.blob_size == op->blob_size);
    pw_assert(memcmp(copy.blob, op->blob, op->blob_size) == 0);
    pw_assert(memcmp(copy.arg, op->arg, sizeof op->arg) == 0);
    operation_format(&copy, &again);
    pw_assert(strcmp(buffer_text(&text), buffer_text(&again)) == 0);
    buffer_free(&text);
    buffer_free(&again);
}

static void
tell(void *context, const struct event *ev)
{
    struct buffer text = {0};

    narrate_event(context, ev, &text);
    pw_assert(text.length > 0 && text_valid(text.data, text.length, NULL));
    buffer_truncate(&text, 0);
    narrate_json(context, 1, 1, ev, &text);
    pw_assert(text_valid(text.data, text.length, NULL) && !strchr(buffer_text(&text), '\n'));
    buffer_free(&text);
}

/* False when a pool of the machine is used up: that is the end of it. */
static bool
run(struct machine *m, const struct operation *op, bool compare)
{
    struct hash128 before = {0};
    struct outcome out;
    struct error e = {0};

    if (compare)
        before = machine_hash(m);
    if (machine_do(m, op, &out, &e)) {
        fuzz_check(m);
        return true;
    }
    pw_assert(e.code && e.text[0]);
    if (compare && e.code != EXIT_LIMIT)
        pw_assert(same_hash(before, machine_hash(m)));
    return e.code != EXIT_LIMIT;
}

static void
ignore(void *context, const char *word)
{
    (void)context;
    pw_assert(word[0]);
}

static bool
run_line(struct machine *m, const char *line, unsigned *done)
{
    struct operation op;
    uint8_t blob[OPERATION_BLOB];
    struct error e = {0};

    operation_complete(line, ignore, NULL);
    if (!operation_parse(line, &op, blob, &e)) {
        pw_assert(e.code == EXIT_DATA && e.text[0]);
        return true;
    }
    if (op.code == OP_NONE)
        return true;
    print_and_parse_again(&op);
    return run(m, &op, ++*done <= COMPARED);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rig *rig = rig_of(size ? data[0] : 0);
    struct watch watch = {tell, &rig->m};
    char *text = fuzz_text(data + (size > 0), size ? size - 1 : 0), *rest = text, *line;
    unsigned done = 0;

    machine_watch(&rig->m, size && (data[0] & 4) ? &watch : NULL);
    while (done < OPERATIONS && (line = fuzz_line(&rest)) && run_line(&rig->m, line, &done))
        continue;
    machine_watch(&rig->m, NULL);
    keyframe_restore(&rig->m.arena, rig->boot, rig->boot);
    pw_assert(same_hash(rig->hash, machine_hash(&rig->m)));
    free(text);
    return 0;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    return fuzz_mutate(data, size, most, seed);
}
