/* References known in advance: `string` loads them, `ref` makes them (os/refstring.h). */
#include "machine/do.h"

enum {
    REFERENCES_MAX = OPERATION_BLOB / 2, /* in one `string` */
    REFS_MAX = 1000,                     /* made by one `ref` */
};

/* Each of them, with its page an address of the user's half. */
static bool
read_string(const struct machine *m, const struct operation *op, vaddr_t base,
            struct reference ref[REFERENCES_MAX], uint32_t *n, struct error *e)
{
    uint64_t page = format_page(&m->hw.geo.format), most;
    uint32_t at = 0;

    *n = 0;
    if (base % page || base >= m->preset.layout.user_end)
        return do_refuse(e, "a string begins at a page of the user's half");
    most = (m->preset.layout.user_end - base) / page;
    for (; *n < REFERENCES_MAX && operation_page(op, &at, &ref[*n].page, &ref[*n].write); ++*n)
        if (ref[*n].page >= most)
            return error_set(e, EXIT_DATA, "page %u lies outside the user's half", ref[*n].page);
    return (at == op->blob_size && *n) || do_refuse(e, "there are no references in this string");
}

bool
do_string(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    const struct refstring *old = &m->os.s->string;
    bool begins = op->given & 1;
    struct reference ref[REFERENCES_MAX];
    uint32_t n, mm;

    if (!do_space_runs(m, op->cpu, e))
        return false;
    mm = os_current(&m->os, op->cpu)->mm;
    if (!begins && old->mm == 0)
        return do_refuse(e, "no string is loaded that could go on: say where its page 0 is");
    if (!read_string(m, op, begins ? op->arg[0] : old->base, ref, &n, e))
        return false;
    if (!refstring_load(&m->os, op->cpu, begins ? mm : 0, op->arg[0], ref, n))
        return error_set(e, EXIT_DATA, "this machine keeps at most %u references (--set string=N)",
                         m->preset.geo.string_max);
    out->value = old->length;
    return true;
}

/* The running process makes one reference; false when it cannot go on. */
static bool
reference_make(struct machine *m, const struct operation *op, struct outcome *out)
{
    struct refstring *s = &m->os.s->string;
    struct access_end_result r = {0};
    struct access a = {.size = 1, .user = true};
    struct reference ref = refstring_take(&m->os, op->cpu, &a.va);

    a.kind = ref.write ? ACCESS_WRITE : ACCESS_READ;
    a.value = ref.write ? m->s->op & 0xff : 0;
    os_access(&m->os, op->cpu, &a, op->arg[1] == 0, &r);
    do_note_write(m, op->cpu, &a, &r);
    if (r.absent)
        s->faults += s->mm != 0;
    else
        s->hits += s->mm != 0;
    r.faults += out->faults;
    do_take_access(out, &r);
    return out->kind == OUT_DONE && s->at < s->length;
}

bool
do_ref(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    const struct refstring *s = &m->os.s->string;
    uint64_t n = op->given & 1 ? op->arg[0] : 1, made = 0;

    if (n == 0 || n > REFS_MAX)
        return error_set(e, EXIT_DATA, "ref takes 1 to %d references at once", REFS_MAX);
    if (!do_space_runs(m, op->cpu, e))
        return false;
    if (s->mm == 0)
        return do_refuse(e, "no string of references is loaded: string VA PAGES");
    if (s->mm != os_current(&m->os, op->cpu)->mm)
        return error_set(e, EXIT_DATA, "the string belongs to process %u, which does not run here",
                         s->mm);
    if (s->at == s->length)
        return error_set(e, EXIT_DATA, "all %u references of the string have been made", s->length);
    while (made++ < n && reference_make(m, op, out))
        ;
    out->value = s->at;
    return true;
}
