/* Orders to the caches. */
#include "hw/hierarchy.h"
#include "machine/do.h"

static bool
has_cache(const struct machine *m, struct error *e)
{
    return cache_exists(&m->hw) || do_refuse(e, "this machine has no cache");
}

/* Translated without a trace: what an order to the caches costs the TLB is nothing to learn here. */
bool
do_clflush(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    struct translation t = {.pa = op->arg[0] & low_bits(m->hw.geo.maxpa)};

    if (!has_cache(m, e))
        return false;
    if (hw_pages(&m->hw, op->cpu) && !walker_peek_cpu(&m->hw, op->cpu, op->arg[0], &t))
        return error_set(e, EXIT_DATA, "no page is mapped at 0x%llx",
                         (unsigned long long)op->arg[0]);
    out->value = hierarchy_flush_line(&m->hw, op->cpu, op->arg[0], t.pa);
    return true;
}

bool
do_wbinvd(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    if (!has_cache(m, e))
        return false;
    out->value = hierarchy_flush(&m->hw, op->cpu);
    return true;
}
