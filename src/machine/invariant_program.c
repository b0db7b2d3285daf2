/* Invariants of programs in one piece (os/partition.h). On a machine without them all hold. */
#include "hw/segment.h"
#include "machine/invariant_internal.h"
#include "os/partition.h"

typedef unsigned long long ull;

static const struct partitions *
partitions_of(const struct census *c)
{
    static const struct partitions none;

    return c->m->os.partitions ? c->m->os.partitions : &none;
}

bool
check_pieces_tile(const struct census *c, char *where)
{
    const struct partitions *p = partitions_of(c);
    uint64_t page = format_page(&c->m->preset.geo.format);
    paddr_t at = p->count ? partition_base(&c->m->os) : 0;

    for (uint32_t i = 0; i < p->count; i++) {
        if (p->at[i].start != at || p->at[i].size == 0 || p->at[i].size % page)
            return broken(where, "0x%llx: a piece of %llu bytes, expected at 0x%llx",
                          (ull)p->at[i].start, (ull)p->at[i].size, (ull)at);
        at += p->at[i].size;
    }
    return !p->count || at == partition_base(&c->m->os) + partition_total(&c->m->os) ||
           broken(where, "the pieces end at 0x%llx", (ull)at);
}

bool
check_holes_apart(const struct census *c, char *where)
{
    const struct partitions *p = partitions_of(c);

    for (uint32_t i = 1; i < p->count; i++)
        if (!p->at[i].pid && !p->at[i - 1].pid)
            return broken(where, "the holes at 0x%llx and 0x%llx were not merged",
                          (ull)p->at[i - 1].start, (ull)p->at[i].start);
    return true;
}

static uint32_t
places_in_queue(const struct partitions *p, uint32_t pid)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < p->waiting && i < TASK_MAX; i++)
        n += p->queue[i] == pid;
    return n;
}

/* Partitions of a process that are large enough; others count twice, which is wrong in any case. */
static uint32_t
places_in_memory(const struct partitions *p, uint32_t pid)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < p->count; i++)
        if (p->at[i].pid == pid)
            n += p->at[i].size >= p->program[pid].asked ? 1 : 2;
    return n;
}

bool
check_program_places(const struct census *c, char *where)
{
    const struct partitions *p = partitions_of(c);

    for (uint32_t pid = 1; pid < TASK_MAX; pid++) {
        const struct task *t = &c->m->os.s->task[pid];
        bool lives = t->pid && t->state != TASK_DEAD && !t->mm, waits = t->state == TASK_WAITING;
        uint32_t queued = places_in_queue(p, pid), in = places_in_memory(p, pid);

        if (queued != (lives && waits) || in != (lives && !waits))
            return broken(where, "process %u: places in memory %u, in the queue %u", pid, in,
                          queued);
    }
    return true;
}

bool
check_program_frames(const struct census *c, char *where)
{
    const struct partitions *p = partitions_of(c);
    const struct format *f = &c->m->preset.geo.format;

    for (uint32_t i = 0; i < p->count; i++)
        for (pfn_t k = pfn_of(f, p->at[i].start); k < pfn_of(f, p->at[i].start + p->at[i].size);
             k++)
            if (k < c->m->preset.geo.frames && c->m->os.frame[k].owner != p->at[i].pid)
                return broken(where, "frame f%llx is of process %u, its partition of %u", (ull)k,
                              c->m->os.frame[k].owner, p->at[i].pid);
    return true;
}

bool
check_descriptor_true(const struct census *c, char *where)
{
    const struct partitions *p = partitions_of(c);

    for (uint32_t pid = 1; p->count && segment_exists(&c->m->hw) && pid < TASK_MAX; pid++) {
        paddr_t pa = partition_descriptor(pid);
        uint64_t word = phys_read(&c->m->hw.phys, pa, DESCRIPTOR_BYTES);
        struct descriptor d = descriptor_of(word);
        int at = partition_of(&c->m->os, pid);

        if (at < 0 ? word != 0
                   : d.base != p->at[at].start || d.limit != p->program[pid].asked ||
                         !(d.rights & SEGMENT_P))
            return broken(where, "process %u: the descriptor at 0x%llx is 0x%llx", pid, (ull)pa,
                          (ull)word);
    }
    return true;
}
