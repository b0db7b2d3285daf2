/* vector.c - runs page-walk vectors on bare hardware: registers, some words of memory, accesses.
 * No kernel.
 *
 * The machine has one frame of RAM and a table for the frames beyond it: tables of a vector lie
 * anywhere below 2^52, and no two have anything in common, so memory is kept sparse and cleared
 * by what was touched.
 */
#include "machine/vector.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "hw/control.h"
#include "machine/preset.h"
#include "machine/vector_answer.h"
#include "machine/vector_other.h"

enum { FARS = 8192, SLOTS = 4096 };

/* Modes as the files call them. On x86 the registers of a vector choose the mode, and have to agree. */
static const struct mode {
    const char *name;
    enum vector_machine on;
    enum paging_mode paging;
} mode_row[] = {
    {"x86_32", VECTOR_X86, PAGING_32BIT},  {"pae", VECTOR_X86, PAGING_PAE},
    {"4level", VECTOR_X86, PAGING_4LEVEL}, {"5level", VECTOR_X86, PAGING_5LEVEL},
    {"sv39", VECTOR_SV39, PAGING_NONE},    {"sv48", VECTOR_SV48, PAGING_NONE},
    {"aarch64", VECTOR_ARM, PAGING_NONE},
};
enum { MODES = sizeof mode_row / sizeof *mode_row };

static const char *const machine_name[VECTOR_MACHINES] = {"x86", "sv39", "sv48", "aarch64"};

/* --- the rig --- */

/* What a vector leaves open is the same for all. */
static bool
load_machine(struct geometry *geo, const char *name, unsigned walk_cache, struct error *e)
{
    struct preset preset;

    if (!preset_load(name, &preset, e))
        return false;
    *geo = (struct geometry){.format = preset.geo.format,
                             .switches = preset.geo.switches,
                             .cpus = 1,
                             .tlb_sets = 16,
                             .tlb_ways = 4,
                             .frames = 1,
                             .slot_max = SLOTS,
                             .far_max = FARS};
    memcpy(geo->of_mode, preset.geo.of_mode, sizeof geo->of_mode);
    memset(geo->walk_cache, (int)walk_cache, LEVEL_MAX - 1); /* one size for all modes */
    return geo->format.page_shift == 12 ||
           error_set(e, EXIT_DATA, "preset %s: vectors need pages of 4 KiB", name);
}

static bool
load_geometry(struct vector_rig *rig, unsigned walk_cache, struct error *e)
{
    for (unsigned i = 0; i < VECTOR_MACHINES; i++)
        if (!load_machine(&rig->geo[i], machine_name[i], walk_cache, e))
            return false;
    return rig->geo[VECTOR_X86].switches ||
           error_set(e, EXIT_DATA, "preset x86: vectors need all its modes");
}

bool
vector_open(struct vector_rig *rig, struct error *e)
{
    return vector_open_with(rig, 0, e);
}

bool
vector_open_with(struct vector_rig *rig, unsigned walk_cache, struct error *e)
{
    size_t size = 0, hot;

    memset(rig, 0, sizeof *rig);
    if (!load_geometry(rig, walk_cache, e))
        return false;
    hw_plan_hot(&rig->plan, &rig->geo[VECTOR_X86], &size);
    hot = size = (size + CHUNK - 1) / CHUNK * CHUNK;
    hw_plan_large(&rig->plan, &rig->geo[VECTOR_X86], &size);
    return arena_open(&rig->arena, (size + CHUNK - 1) / CHUNK * CHUNK, hot, e);
}

void
vector_close(struct vector_rig *rig)
{
    arena_close(&rig->arena);
}

/* Power off and on: only what the last vector touched is not zero. */
static void
rig_reset(struct vector_rig *rig, enum vector_machine on, unsigned maxpa)
{
    struct arena *a = &rig->arena;
    struct geometry geo = rig->geo[on];

    memset(a->base, 0, a->hot);
    for (uint32_t i = 0; i < a->listed; i++)
        memset(a->base + ((size_t)a->list[i] << CHUNK_SHIFT), 0, CHUNK);
    arena_clean(a);
    geo.maxpa = (uint8_t)maxpa;
    hw_attach(&rig->hw, a, &geo, &rig->plan, true);
    rig->hw.s->quirks = rig->amd ? UINT64_C(1) << QUIRK_ROOT_ON_USE : 0;
}

/* --- reading a vector --- */

/* "0x..": a register or an address below 2^bits. */
static bool
get_word(struct json o, const char *name, unsigned bits, uint64_t *out, struct error *e)
{
    if (!json_get_hex(o, name, out, e))
        return false;
    if (*out & ~low_bits(bits))
        return json_fail(json_find(o, name), e, "0x%llx has more than %u bits",
                         (unsigned long long)*out, bits);
    return true;
}

static bool
opt_flag(struct json o, const char *name, bool *out, struct error *e)
{
    int64_t value = 0;

    if (!json_opt_int(o, name, 0, 1, &value, e))
        return false;
    *out = value;
    return true;
}

static bool
put_word(struct hw *hw, struct json at, uint64_t pa, uint64_t value, struct error *e)
{
    unsigned size = hw->geo.format.entry_bytes;

    if (pa % size || pa & ~low_bits(52))
        return json_fail(at, e, "0x%llx is no address of a word of %u bytes",
                         (unsigned long long)pa, size);
    if (value & ~low_bits(8 * size))
        return json_fail(at, e, "0x%llx does not fit into a word of %u bytes",
                         (unsigned long long)value, size);
    phys_write(&hw->phys, pa, size, value);
    if (hw->s->phys.slots_full)
        return json_fail(at, e, "more than %d frames with words in them", SLOTS);
    return true;
}

static bool
load_memory(struct hw *hw, struct json mem, struct error *e)
{
    for (struct json v = json_first(mem); v.node; v = json_next(v)) {
        struct json pa = json_first(v);
        uint64_t words[2];

        if (json_kind(v) != JSON_ARRAY || json_count(v) != 2)
            return json_fail(v, e, "expected [\"0x address\", \"0x value\"]");
        if (!json_as_hex(pa, &words[0], e) || !json_as_hex(json_next(pa), &words[1], e) ||
            !put_word(hw, v, words[0], words[1], e))
            return false;
    }
    return true;
}

static bool
load_x86(struct hw *hw, struct json row, enum paging_mode mode, struct error *e)
{
    struct cpu *c = &hw->s->cpu[0];
    unsigned bits = mode >= PAGING_4LEVEL ? 64 : 32;

    if (!get_word(row, "cr0", bits, &c->cr0, e) || !get_word(row, "cr3", bits, &c->cr3, e) ||
        !get_word(row, "cr4", bits, &c->cr4, e) || !get_word(row, "efer", 64, &c->efer, e))
        return false;
    if (!(c->cr0 & CR0_PG) || !(c->cr0 & CR0_PE))
        return json_fail(json_find(row, "cr0"), e, "paging is off (PG and PE must be set)");
    if (mode_of(c) != mode)
        return json_fail(json_find(row, "mode"), e, "cr0, cr4 and efer select %s",
                         paging_mode_name[mode_of(c)]);
    if (c->cr4 & CR4_PCIDE)
        c->asid = c->cr3 & 0xfff;
    mode_follow(hw);
    return true;
}

/* The header of a row, as far as its CPU has it. */
static bool
load_registers(struct hw *hw, struct json row, const struct mode *mode, struct error *e)
{
    switch (hw->geo.format.family) {
    case FAMILY_RISCV:
        return vector_load_riscv(hw, row, e);
    case FAMILY_ARM:
        return vector_load_arm(hw, row, e);
    default:
        return load_x86(hw, row, mode->paging, e);
    }
}

/* "op" in single accesses, "acc" in steps. */
static bool
read_access(const struct hw *hw, struct json o, const char *kind_member, struct access *a,
            struct error *e)
{
    const char *kind;

    *a = (struct access){.size = 1};
    if (!get_word(o, "va", format_has_rule(&hw->geo.format) ? 64 : hw->geo.format.va_bits, &a->va,
                  e) ||
        !json_get_string(o, kind_member, &kind, e) || !opt_flag(o, "user", &a->user, e) ||
        !opt_flag(o, "ac", &a->ac, e))
        return false;
    if (strlen(kind) != 1 || !strchr("rwx", *kind))
        return json_fail(json_find(o, kind_member), e, "\"%s\" is not r, w or x", kind);
    a->kind = *kind == 'r' ? ACCESS_READ : *kind == 'w' ? ACCESS_WRITE : ACCESS_FETCH;
    return true;
}

/* --- what the MMU did --- */

/* The observer: words whose A or D bits changed, each once, from its first value to its last. */
static void
note_mark(void *context, const struct event *ev)
{
    struct answer *o = context;

    if (ev->code != EV_ENTRY_MARK)
        return;
    for (unsigned i = 0; i < o->marks; i++)
        if (o->mark[i].pa == ev->pa) {
            o->mark[i].new = ev->new;
            return;
        }
    if (o->marks < MARKS_MAX)
        o->mark[o->marks++] = (struct marked){ev->pa, ev->old, ev->new};
}

static void
translate(struct hw *hw, const struct access *a, struct answer *o)
{
    struct watch watch = {note_mark, o};
    struct translation t;

    *o = (struct answer){.family = hw->geo.format.family};
    hw->watch = &watch;
    if (cpu_translate(hw, 0, a, &t))
        o->pa = t.pa;
    else
        o->fault = t.fault;
    hw->watch = NULL;
}

/* --- one access --- */

/* The registers are as a MOV CR3 left them, so a root that the CPU keeps is loaded by now; unless that
 * raised #GP. */
static bool
load_root(struct hw *hw, struct answer *o)
{
    *o = (struct answer){.family = hw->geo.format.family};
    if (!walker_root_is_held(hw) || control_load_cr3(hw, 0, hw->s->cpu[0].cr3))
        return true;
    o->fault.vector = FAULT_GP;
    return false;
}

/* The member that says what this rig's dialect gives; where nobody knows ("amd": null), none. */
static const char *
expectation(const struct vector_rig *rig, struct json row)
{
    struct json amd = json_find(row, "amd");

    if (!rig->amd || !amd.node)
        return "exp";
    return json_kind(amd) == JSON_NULL ? NULL : "amd";
}

static bool
run_single(struct vector_rig *rig, struct json row, const char *id, bool check,
           struct vector_report *r, struct error *e)
{
    struct hw *hw = &rig->hw;
    const char *expected = expectation(rig, row);
    bool same = false, marks = false;
    struct json acc, exp;
    struct answer o;
    struct access a;

    if (!json_get_object(row, "acc", &acc, e) || !read_access(hw, acc, "op", &a, e))
        return false;
    if (load_root(hw, &o))
        translate(hw, &a, &o);
    answer_put(&r->line, &o, false);
    answer_put_marks(&r->line, &o);
    if (!check || !expected)
        return true;
    if (!json_get_object(row, expected, &exp, e) || !answer_is(&o, exp, &same, e) ||
        !answer_marks_are(&o, row, &marks, e))
        return false;
    r->verdict = VECTOR_PASSED;
    if (!same || !marks)
        answer_differs(r, id, -1, &o, exp, json_find(row, "ad"));
    return true;
}

/* --- several steps --- */

enum step_kind {
    STEP_ACCESS,
    STEP_WRITE_PHYS,
    STEP_MOV_CR0,
    STEP_MOV_CR3,
    STEP_MOV_CR4,
    STEP_INVLPG,
    STEP_INVPCID,
    STEPS
};

static const char *const step_name[STEPS + 1] = {"access",  "write_phys", "mov_cr0", "mov_cr3",
                                                 "mov_cr4", "invlpg",     "invpcid", NULL};

static bool
step_of(struct json step, enum step_kind *kind, struct error *e)
{
    const char *op, *near;
    unsigned i = 0;

    if (!json_get_string(step, "op", &op, e))
        return false;
    while (i < STEPS && strcmp(op, step_name[i]) != 0)
        i++;
    *kind = (enum step_kind)i;
    if (i < STEPS)
        return true;
    near = error_nearest(op, step_name);
    return json_fail(json_find(step, "op"), e, "no step \"%s\"%s%s%s", op,
                     near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static bool
do_write(struct hw *hw, struct json step, struct error *e)
{
    uint64_t pa, value;

    return json_get_hex(step, "pa", &pa, e) && json_get_hex(step, "val", &value, e) &&
           put_word(hw, step, pa, value, e);
}

static bool
do_invpcid(struct hw *hw, struct json step, bool *legal, struct error *e)
{
    int64_t type, pcid;
    uint64_t va, wide;

    if (!json_get_int(step, "type", 0, JSON_INTEGER_MAX, &type, e) ||
        !get_word(step, "va", 64, &va, e))
        return false;
    if (json_kind(json_find(step, "pcid")) == JSON_STRING) {
        if (!json_get_hex(step, "pcid", &wide, e))
            return false;
    } else {
        if (!json_get_int(step, "pcid", 0, JSON_INTEGER_MAX, &pcid, e))
            return false;
        wide = (uint64_t)pcid;
    }
    *legal = control_invpcid(hw, 0, (uint64_t)type, wide, va);
    return true;
}

/* A step that is no access; `legal` is false when it raises #GP. */
static bool
do_control(struct hw *hw, enum step_kind kind, struct json step, bool *legal, struct error *e)
{
    unsigned bits = hw->geo.format.va_bits > 32 ? 64 : 32;
    uint64_t value;

    *legal = true;
    if (kind == STEP_WRITE_PHYS)
        return do_write(hw, step, e);
    if (kind == STEP_INVPCID)
        return do_invpcid(hw, step, legal, e);
    if (!get_word(step, kind == STEP_INVLPG ? "va" : "val", bits, &value, e))
        return false;
    switch (kind) {
    case STEP_MOV_CR0:
        *legal = control_load_cr0(hw, 0, value);
        break;
    case STEP_MOV_CR3:
        *legal = control_load_cr3(hw, 0, value);
        break;
    case STEP_MOV_CR4:
        *legal = control_load_cr4(hw, 0, value);
        break;
    default:
        cpu_invlpg(hw, 0, value);
        break;
    }
    return true;
}

/* What a step must give, or one of the results it may give. */
static bool
check_step(struct json step, const char *id, int n, const struct answer *o, struct vector_report *r,
           struct error *e)
{
    struct json must = json_find(step, "must"), may = json_find(step, "may");
    bool same = false;

    if (must.node && !answer_is(o, must, &same, e))
        return false;
    for (struct json v = json_first(may); !must.node && !same && v.node; v = json_next(v))
        if (!answer_is(o, v, &same, e))
            return false;
    if (!same && (must.node || may.node))
        answer_differs(r, id, n, o, must.node ? must : may, (struct json){0});
    return true;
}

static bool
run_step(struct hw *hw, struct json step, const char *id, int n, bool check,
         struct vector_report *r, struct error *e)
{
    struct answer o = {0};
    enum step_kind kind;
    struct access a;
    bool legal;

    if (!step_of(step, &kind, e))
        return false;
    if (kind == STEP_ACCESS) {
        if (!read_access(hw, step, "acc", &a, e))
            return false;
        translate(hw, &a, &o);
    } else {
        if (!do_control(hw, kind, step, &legal, e))
            return false;
        o.fault.vector = legal ? FAULT_NONE : FAULT_GP;
    }
    if (kind != STEP_WRITE_PHYS && kind != STEP_INVLPG) {
        json_open(&r->line, '{');
        json_key(&r->line, "step"), json_put_int(&r->line, n);
        answer_put(&r->line, &o, kind != STEP_ACCESS);
        json_close(&r->line, '}');
    }
    return !check || check_step(step, id, n, &o, r, e);
}

static bool
run_steps(struct hw *hw, struct json steps, const char *id, bool check, struct vector_report *r,
          struct error *e)
{
    int n = 0;

    walker_load_root(hw, 0);
    if (check)
        r->verdict = VECTOR_PASSED;
    json_key(&r->line, "results");
    json_open(&r->line, '[');
    for (struct json v = json_first(steps); v.node; v = json_next(v))
        if (!run_step(hw, v, id, n++, check, r, e))
            return false;
    json_close(&r->line, ']');
    return true;
}

/* --- a line --- */

/* NULL: a mode that has no machine. */
static bool
read_mode(struct json row, const char *id, const struct mode **mode, struct vector_report *r,
          struct error *e)
{
    const char *name;
    char clean[2][80];
    unsigned i = 0;

    if (!json_get_string(row, "mode", &name, e))
        return false;
    while (i < MODES && strcmp(name, mode_row[i].name) != 0)
        i++;
    *mode = i < MODES ? &mode_row[i] : NULL;
    if (i == MODES) {
        r->verdict = VECTOR_NO_MODEL;
        buffer_printf(
            &r->difference,
            "%s: mode \"%s\": no such machine (there are x86_32, pae, 4level, 5level, sv39, "
            "sv48, aarch64)\n",
            text_clean_to(clean[0], sizeof clean[0], id, 0),
            text_clean_to(clean[1], sizeof clean[1], name, 0));
    }
    return true;
}

static bool
run_row(struct vector_rig *rig, struct json row, bool check, struct vector_report *r,
        struct error *e)
{
    const struct mode *mode;
    struct json mem, steps;
    const char *id;
    int64_t maxpa = 52; /* of x86 alone */

    if (json_kind(row) != JSON_OBJECT)
        return json_fail(row, e, "a vector is an object");
    if (!json_get_string(row, "id", &id, e) || !read_mode(row, id, &mode, r, e))
        return false;
    if (!mode)
        return true;
    if (mode->on == VECTOR_X86 && !json_get_int(row, "maxpa", 32, 52, &maxpa, e))
        return false;
    rig_reset(rig, mode->on, (unsigned)maxpa);
    if (!load_registers(&rig->hw, row, mode, e) || !json_get_array(row, "mem", &mem, e) ||
        !load_memory(&rig->hw, mem, e))
        return false;
    json_open(&r->line, '{');
    json_key(&r->line, "id"), json_put_string(&r->line, id);
    steps = json_find(row, "steps");
    if (json_kind(steps) == JSON_ARRAY ? !run_steps(&rig->hw, steps, id, check, r, e)
                                       : !run_single(rig, row, id, check, r, e))
        return false;
    json_close(&r->line, '}');
    return true;
}

bool
vector_run(struct vector_rig *rig, const char *json, size_t length, bool check,
           struct vector_report *r, struct error *e)
{
    struct json_doc *doc = json_parse(json, length, "vector", e);
    bool done;

    buffer_truncate(&r->line, 0);
    buffer_truncate(&r->difference, 0);
    r->verdict = VECTOR_RAN;
    if (!doc)
        return false;
    done = run_row(rig, json_root(doc), check, r, e);
    json_free(doc);
    return done;
}

void
vector_report_free(struct vector_report *r)
{
    buffer_free(&r->line);
    buffer_free(&r->difference);
}
