/* What the kernel does of its own accord: it takes blocks of memory and gives them back, and looks who
 * uses memory. */
#include "base/number.h"
#include "machine/do.h"
#include "os/sample.h"

bool
do_alloc(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    uint64_t page = format_page(&m->preset.geo.format), most = page << m->preset.geo.max_order;
    char size[24];
    pfn_t pfn;

    if (!m->preset.kernel)
        return error_set(e, EXIT_DATA, "machine %s has no kernel that could take memory",
                         m->preset.name);
    if (op->arg[0] == 0 || op->arg[0] > most)
        return error_set(e, EXIT_DATA, "alloc takes 1 byte to %s, the largest block there is",
                         number_size(most, size));
    pfn = block_alloc(&m->os, op->cpu, op->arg[0]);
    if (!pfn)
        do_call_error(out, CALL_ENOMEM);
    out->value = pa_of(&m->preset.geo.format, pfn);
    return true;
}

/* Why is there nothing to give back at pa? */
static bool
no_block(const struct machine *m, paddr_t pa, struct error *e)
{
    const struct format *f = &m->preset.geo.format;
    unsigned long long at = (unsigned long long)pa;
    pfn_t pfn = pfn_of(f, pa);
    const struct frame *frame;

    if (pfn >= m->preset.geo.frames)
        return error_set(e, EXIT_DATA, "0x%llx is beyond this machine's %llu frames", at,
                         (unsigned long long)m->preset.geo.frames);
    while (pfn && m->os.frame[pfn].use == USE_PART)
        pfn--;
    frame = &m->os.frame[pfn];
    if (frame_is_free(frame))
        return error_set(e, EXIT_DATA, "0x%llx is free already", at);
    if (frame->use == USE_BLOCK)
        return error_set(e, EXIT_DATA, "0x%llx is inside a block that begins at 0x%llx", at,
                         (unsigned long long)pa_of(f, pfn));
    return error_set(e, EXIT_DATA, "0x%llx is no block of alloc's: it is %s", at,
                     frame_use_name[frame->use]);
}

bool
do_release(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    const struct format *f = &m->preset.geo.format;
    pfn_t pfn = pfn_of(f, op->arg[0]);

    (void)out;
    if (!m->preset.kernel)
        return error_set(e, EXIT_DATA, "machine %s has no kernel that could give memory back",
                         m->preset.name);
    if (pfn >= m->preset.geo.frames || m->os.frame[pfn].use != USE_BLOCK ||
        pa_of(f, pfn) != op->arg[0])
        return no_block(m, op->arg[0], e);
    block_free(&m->os, op->cpu, pfn);
    return true;
}

bool
do_sample(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    uint32_t pid = do_living(m, op, e);

    if (!pid)
        return false;
    if (!m->os.s->task[pid].mm)
        return error_set(e, EXIT_DATA, "process %u is a program in one piece: it has no pages",
                         pid);
    out->value = os_sample(&m->os, op->cpu, m->os.s->task[pid].mm);
    return true;
}
