/* vector_answer.c - answers in JSON, and the judgement whether they are the expected ones. */
#include "machine/vector_answer.h"

#include <string.h>

#include "base/text.h"

/* --- how each family tells a fault --- */

static void
put_x86(struct buffer *b, const struct fault *f)
{
    json_key(b, "vec"), json_put_int(b, f->vector);
    json_key(b, "err"), json_put_int(b, f->error);
    if (f->vector == FAULT_PF)
        json_key(b, "cr2"), json_put_hex(b, f->va);
}

static void
put_riscv(struct buffer *b, const struct fault *f)
{
    json_key(b, "cause"), json_put_int(b, f->code);
    json_key(b, "tval"), json_put_hex(b, f->va);
}

static const char *const arm_kind[4] = {"address_size", "translation", "access_flag", "permission"};

static void
put_arm(struct buffer *b, const struct fault *f)
{
    json_key(b, "fsc"), json_put_int(b, f->code);
    json_key(b, "level"), json_put_int(b, f->code & 3);
    json_key(b, "kind"), json_put_string(b, arm_kind[f->code >> 2 & 3]);
}

static void (*const put_fault[FAMILIES])(struct buffer *, const struct fault *) = {
    [FAMILY_X86] = put_x86, [FAMILY_RISCV] = put_riscv, [FAMILY_ARM] = put_arm};

void
answer_put(struct buffer *b, const struct answer *o, bool control)
{
    if (o->fault.vector == FAULT_NONE) {
        json_key(b, "ok"), json_put_int(b, 1);
        if (!control)
            json_key(b, "pa"), json_put_hex(b, o->pa);
        return;
    }
    put_fault[o->family](b, &o->fault);
}

void
answer_put_marks(struct buffer *b, const struct answer *o)
{
    json_key(b, "ad");
    json_open(b, '[');
    for (unsigned i = 0; i < o->marks; i++) {
        json_open(b, '[');
        json_put_hex(b, o->mark[i].pa);
        json_put_hex(b, o->mark[i].old);
        json_put_hex(b, o->mark[i].new);
        json_close(b, ']');
    }
    json_close(b, ']');
}

/* --- is it what was expected? --- */

static bool
fault_is_x86(const struct fault *f, struct json expected, bool *same, struct error *e)
{
    int64_t vec = 0, err = 0;
    uint64_t cr2 = f->va;

    if (!json_opt_int(expected, "vec", 0, 255, &vec, e) ||
        !json_opt_int(expected, "err", 0, 0xffff, &err, e) ||
        !json_opt_hex(expected, "cr2", &cr2, e))
        return false;
    *same = vec == f->vector && err == f->error && (vec != FAULT_PF || cr2 == f->va);
    return true;
}

static bool
fault_is_riscv(const struct fault *f, struct json expected, bool *same, struct error *e)
{
    int64_t cause = -1;
    uint64_t tval = 0;

    if (!json_get_int(expected, "cause", 0, 63, &cause, e) ||
        !json_get_hex(expected, "tval", &tval, e))
        return false;
    *same = cause == (int64_t)f->code && tval == f->va;
    return true;
}

static bool
fault_is_arm(const struct fault *f, struct json expected, bool *same, struct error *e)
{
    int64_t fsc = -1, level = -1;
    const char *kind;

    if (!json_get_int(expected, "fsc", 0, 63, &fsc, e) ||
        !json_get_int(expected, "level", 0, 3, &level, e) ||
        !json_get_string(expected, "kind", &kind, e))
        return false;
    *same = fsc == (int64_t)f->code && level == (int64_t)(f->code & 3) &&
            strcmp(kind, arm_kind[f->code >> 2 & 3]) == 0;
    return true;
}

/* Every member of the expectation that says something about the result must say what the result is.
 */
bool
answer_is(const struct answer *o, struct json expected, bool *same, struct error *e)
{
    static bool (*const fault_is[FAMILIES])(const struct fault *, struct json, bool *,
                                            struct error *) = {
        [FAMILY_X86] = fault_is_x86, [FAMILY_RISCV] = fault_is_riscv, [FAMILY_ARM] = fault_is_arm};
    static const char *const told_by[FAMILIES] = {
        [FAMILY_X86] = "vec", [FAMILY_RISCV] = "cause", [FAMILY_ARM] = "fsc"};
    const char *told = told_by[o->family];
    int64_t ok = 0;
    uint64_t pa = o->pa;

    if (json_kind(expected) != JSON_OBJECT)
        return json_fail(expected, e, "an expectation is an object");
    if (!json_opt_int(expected, "ok", 0, 1, &ok, e) || !json_opt_hex(expected, "pa", &pa, e))
        return false;
    if (!ok == !json_find(expected, told).node)
        return json_fail(expected, e, "expected either \"ok\" or \"%s\"", told);
    *same = false;
    if (o->fault.vector == FAULT_NONE)
        *same = ok && pa == o->pa;
    return o->fault.vector == FAULT_NONE || ok || fault_is[o->family](&o->fault, expected, same, e);
}

static bool
mark_from_json(struct json v, struct marked *m, struct error *e)
{
    struct json pa = json_first(v), old, new;

    if (json_kind(v) != JSON_ARRAY || json_count(v) != 3)
        return json_fail(v, e, "expected [\"0x address\", \"0x old\", \"0x new\"]");
    old = json_next(pa);
    new = json_next(old);
    return json_as_hex(pa, &m->pa, e) && json_as_hex(old, &m->old, e) &&
           json_as_hex(new, &m->new, e);
}

/* Which of our marks does this list contain, and does it contain any that we did not make? */
static bool
match_marks(const struct answer *o, struct json list, bool *seen, unsigned *missing,
            struct error *e)
{
    for (struct json v = json_first(list); v.node; v = json_next(v)) {
        struct marked m;
        unsigned i;

        if (!mark_from_json(v, &m, e))
            return false;
        for (i = 0; i < o->marks; i++)
            if (o->mark[i].pa == m.pa && o->mark[i].old == m.old && o->mark[i].new == m.new)
                break;
        if (i < o->marks)
            seen[i] = true;
        else
            ++*missing;
    }
    return true;
}

/* On success exactly "ad" (AArch64 may leave it out); on a fault any part of "ad_opt" besides. */
bool
answer_marks_are(const struct answer *o, struct json row, bool *same, struct error *e)
{
    bool seen[MARKS_MAX] = {false};
    unsigned missing = 0, optional = 0;
    struct json ad = json_find(row, "ad");

    if (!ad.node && o->family == FAMILY_ARM) { /* nothing is marked there */
        *same = o->marks == 0;
        return true;
    }
    if (!json_get_array(row, "ad", &ad, e) || !match_marks(o, ad, seen, &missing, e))
        return false;
    if (o->fault.vector != FAULT_NONE &&
        !match_marks(o, json_find(row, "ad_opt"), seen, &optional, e))
        return false;
    *same = missing == 0;
    for (unsigned i = 0; i < o->marks; i++)
        *same = *same && seen[i];
    return true;
}

static void
put_expected(struct buffer *b, struct json v)
{
    const char *text;
    int64_t number;
    struct error none = {0};
    bool object = json_kind(v) == JSON_OBJECT;

    switch (json_kind(v)) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        json_open(b, object ? '{' : '[');
        for (struct json m = json_first(v); m.node; m = json_next(m)) {
            if (object)
                json_key(b, json_name(m));
            put_expected(b, m);
        }
        json_close(b, object ? '}' : ']');
        break;
    case JSON_STRING:
        if (json_as_string(v, &text, &none))
            json_put_string(b, text);
        break;
    case JSON_NUMBER:
        if (json_as_int(v, -JSON_INTEGER_MAX, JSON_INTEGER_MAX, &number, &none))
            json_put_int(b, number);
        else /* a fraction: no register holds one */
            json_put_null(b);
        break;
    default:
        json_put_null(b);
    }
}

/* "dev-7: step 3: {"ok":1,..}, expected {..}". What was found is written apart first: the emitter
 * puts commas by what stands before. */
void
answer_differs(struct vector_report *r, const char *id, int step, const struct answer *o,
               struct json expected, struct json ad)
{
    struct buffer found = {0}, wanted = {0}, marks = {0};
    char name[80];

    r->verdict = VECTOR_FAILED;
    json_open(&found, '{');
    answer_put(&found, o, false);
    if (ad.node)
        answer_put_marks(&found, o);
    json_close(&found, '}');
    put_expected(&wanted, expected);
    put_expected(&marks, ad);
    buffer_printf(&r->difference, "%s: ", text_clean_to(name, sizeof name, id, 0));
    if (step >= 0)
        buffer_printf(&r->difference, "step %d: ", step);
    buffer_printf(&r->difference, "%s, expected %s", buffer_text(&found), buffer_text(&wanted));
    if (ad.node)
        buffer_printf(&r->difference, " with \"ad\" %s", buffer_text(&marks));
    buffer_putc(&r->difference, '\n');
    buffer_free(&found);
    buffer_free(&wanted);
    buffer_free(&marks);
}
