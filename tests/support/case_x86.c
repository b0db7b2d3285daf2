/* case_x86.c - reading and printing single-access cases. */
#include "support/case_x86.h"

#include <inttypes.h>

const char *
case_mode_name(enum predict_mode mode)
{
    static const char *const names[PREDICT_MODES] = {
        [PREDICT_X86_32] = "x86_32",
        [PREDICT_4LEVEL] = "4level",
        [PREDICT_5LEVEL] = "5level",
        [PREDICT_PAE] = "pae",
    };
    return names[mode];
}

unsigned
case_entry_bytes(enum predict_mode mode)
{
    return mode == PREDICT_X86_32 ? 4 : 8;
}

struct case_word *
case_find(struct case_x86 *c, uint64_t pa)
{
    for (unsigned i = 0; i < c->nmem; i++) {
        if (c->mem[i].pa == pa) {
            return &c->mem[i];
        }
    }
    return NULL;
}

uint64_t
case_read(void *ctx, uint64_t pa, unsigned bytes)
{
    (void)bytes; /* the listed words have the size of an entry, and entries are what is read */
    const struct case_word *w = case_find(ctx, pa);
    return w ? w->value : 0;
}

void
case_predict(const struct case_x86 *c, struct predict_result *result)
{
    predict(&c->cpu, &c->acc, case_read, (void *)c, result);
}

static void
changes_print(FILE *out, const char *name, const struct predict_change *list, unsigned n)
{
    fprintf(out, ", \"%s\": [", name);
    for (unsigned i = 0; i < n; i++) {
        fprintf(out, "%s[\"0x%" PRIx64 "\", \"0x%" PRIx64 "\", \"0x%" PRIx64 "\"]", i ? ", " : "",
                list[i].pa, list[i].old, list[i].new_);
    }
    fputc(']', out);
}

static void
expectation_print(FILE *out, const struct case_x86 *c)
{
    struct predict_result r;
    case_predict(c, &r);
    if (r.ok) {
        fprintf(out, ", \"exp\": {\"ok\": 1, \"pa\": \"0x%" PRIx64 "\"}", r.pa);
    } else if (r.vec == 14) {
        fprintf(out, ", \"exp\": {\"vec\": 14, \"err\": %u, \"cr2\": \"0x%" PRIx64 "\"}", r.err,
                r.cr2);
    } else {
        fprintf(out, ", \"exp\": {\"vec\": %u, \"err\": %u}", r.vec, r.err);
    }
    changes_print(out, "ad", r.change, r.nchanges);
    changes_print(out, "ad_opt", r.optional, r.noptional);
}

void
case_print(FILE *out, const char *id, const struct case_x86 *c)
{
    fprintf(out,
            "{\"id\": \"%s\", \"mode\": \"%s\", \"maxpa\": %u, \"cr0\": \"0x%" PRIx64
            "\", \"cr3\": \"0x%" PRIx64 "\", \"cr4\": \"0x%" PRIx64 "\", \"efer\": \"0x%" PRIx64
            "\", \"mem\": [",
            id, case_mode_name(c->cpu.mode), c->cpu.maxpa, c->cpu.cr0, c->cpu.cr3, c->cpu.cr4,
            c->cpu.efer);
    for (unsigned i = 0; i < c->nmem; i++) {
        fprintf(out, "%s[\"0x%" PRIx64 "\", \"0x%" PRIx64 "\"]", i ? ", " : "", c->mem[i].pa,
                c->mem[i].value);
    }
    fprintf(out,
            "], \"acc\": {\"va\": \"0x%" PRIx64 "\", \"op\": \"%c\", \"user\": %d, \"ac\": %d}",
            c->acc.va, c->acc.op, c->acc.user, c->acc.ac);
    expectation_print(out, c);
    fputs("}\n", out);
}
