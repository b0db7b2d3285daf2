/* Huge pages: made from pages, split into pages, mapped from the pool. */
#include "base/number.h"
#include "machine/do.h"
#include "os/huge.h"

static bool
refuse(vaddr_t va, enum huge_why why, struct error *e)
{
    return error_set(e, EXIT_DATA, "0x%llx: %s", (unsigned long long)va, huge_why_text[why]);
}

bool
do_collapse(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    enum huge_why why;
    uint32_t mm;

    if (!do_space_runs(m, op->cpu, e))
        return false;
    mm = os_current(&m->os, op->cpu)->mm;
    if ((why = huge_may_collapse(&m->os, mm, op->arg[0])) != HUGE_FINE)
        return refuse(op->arg[0], why, e);
    do_syscall(m, op);
    shootdown_lock(&m->os, mm);
    if (!huge_collapse(&m->os, op->cpu, mm, op->arg[0]))
        do_call_error(out, CALL_ENOMEM);
    return true;
}

bool
do_split(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    uint32_t mm;

    if (!do_space_runs(m, op->cpu, e))
        return false;
    mm = os_current(&m->os, op->cpu)->mm;
    if (!huge_find(&m->os, mm, op->arg[0]))
        return refuse(op->arg[0], HUGE_NOT_THERE, e);
    do_syscall(m, op);
    shootdown_lock(&m->os, mm);
    if (!huge_split(&m->os, op->cpu, mm, op->arg[0]))
        do_call_error(out, CALL_ENOMEM);
    return true;
}

bool
do_map_huge(struct machine *m, const struct operation *op, vaddr_t va, struct outcome *out,
            struct error *e)
{
    uint64_t size;
    char text[24];

    if (!do_space_runs(m, op->cpu, e))
        return false;
    size = huge_size(&m->os);
    if (size == 0)
        return do_refuse(e, huge_why_text[HUGE_NO_FORMAT]);
    if ((op->given & 8 && op->arg[3] == 0) || op->blob_size)
        return do_refuse(e,
                         "a huge page shows no file and is nobody else's: private, without file=");
    if (va % size)
        return error_set(e, EXIT_DATA, "0x%llx is not a multiple of %s: no huge page begins there",
                         (unsigned long long)va, number_size(size, text));
    do_syscall(m, op);
    do_call_error(out, os_mmap_huge(&m->os, op->cpu, &va, op->arg[1], (uint8_t)op->arg[2]));
    out->value = va;
    return true;
}
