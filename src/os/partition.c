/* partition.c - the array of partitions and holes: searching, splitting, merging.
 *
 *   take:     |      hole      |   ->   | pid 4 |  hole  |
 *   release:  | hole | pid 4 | hole |   ->   |      hole      |
 *
 * The array is short (two entries a process at most), so it is searched and shifted as a whole; what a
 * search costs is told by the holes it looks at.
 */
#include "os/partition.h"

#include <string.h>

#include "base/assert.h"
#include "hw/segment.h"
#include "os/os.h"

_Static_assert(sizeof(struct partition) == 24 && sizeof(struct program) == 16, "no padding");
_Static_assert(sizeof(struct partitions) ==
                   5 * 8 + 2 * 4 + PARTITIONS_MAX * sizeof(struct partition) +
                       TASK_MAX * (sizeof(struct program) + sizeof(uint32_t)),
               "no padding: a state is compared byte by byte");

const char *const fit_name[FIT_COUNT] = {
#define X(code, name) name,
    FITS(X)
#undef X
};

/* --- looking --- */

paddr_t
partition_base(const struct os *os)
{
    const struct geometry *g = &os->hw->geo;

    return pa_of(&g->format, g->frames - g->program_frames);
}

uint64_t
partition_total(const struct os *os)
{
    return os->hw->geo.program_frames * format_page(&os->hw->geo.format);
}

uint64_t
partition_round(const struct os *os, uint64_t bytes)
{
    uint64_t page = format_page(&os->hw->geo.format);

    return (bytes + page - 1) & ~(page - 1);
}

int
partition_of(const struct os *os, uint32_t pid)
{
    for (uint32_t i = 0; pid && i < os->partitions->count; i++)
        if (os->partitions->at[i].pid == pid)
            return (int)i;
    return -1;
}

uint64_t
partition_free(const struct os *os)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < os->partitions->count; i++)
        sum += os->partitions->at[i].pid ? 0 : os->partitions->at[i].size;
    return sum;
}

uint64_t
partition_largest(const struct os *os)
{
    uint64_t most = 0;

    for (uint32_t i = 0; i < os->partitions->count; i++)
        if (!os->partitions->at[i].pid && os->partitions->at[i].size > most)
            most = os->partitions->at[i].size;
    return most;
}

uint64_t
partition_wasted(const struct os *os)
{
    const struct partitions *p = os->partitions;
    uint64_t sum = 0;

    for (uint32_t i = 0; i < p->count; i++)
        if (p->at[i].pid)
            sum += p->at[i].size - p->program[p->at[i].pid].asked;
    return sum;
}

paddr_t
partition_descriptor(uint32_t pid)
{
    return (paddr_t)pid * DESCRIPTOR_BYTES;
}

/* --- the array --- */

static void
insert(struct partitions *p, int at, struct partition new)
{
    pw_assert(p->count < PARTITIONS_MAX);
    memmove(&p->at[at + 1], &p->at[at], (p->count - (uint32_t)at) * sizeof *p->at);
    p->at[at] = new;
    p->count++;
}

static void
cut(struct partitions *p, int at)
{
    p->count--;
    memmove(&p->at[at], &p->at[at + 1], (p->count - (uint32_t)at) * sizeof *p->at);
    memset(&p->at[p->count], 0, sizeof *p->at);
}

/* Whose its frames are. */
static void
mark_frames(struct os *os, const struct partition *x)
{
    const struct format *f = &os->hw->geo.format;

    for (pfn_t i = pfn_of(f, x->start); i < pfn_of(f, x->start + x->size); i++)
        frame_edit(os, i)->owner = x->pid;
}

void
partition_boot(struct os *os)
{
    const struct geometry *g = &os->hw->geo;

    if (!os->partitions)
        return;
    for (pfn_t i = g->frames - g->program_frames; i < g->frames; i++) {
        frame_edit(os, i)->use = USE_PROGRAM;
        frame_edit(os, i)->refs = 1;
    }
    insert(os->partitions, 0,
           (struct partition){.start = partition_base(os), .size = partition_total(os)});
}

/* --- searching --- */

/* Is hole `at` a better choice than `best` (-1: none yet)? It is large enough. */
static bool
is_better(const struct partitions *p, enum fit fit, int at, int best)
{
    if (best < 0)
        return true;
    if (fit == FIT_BEST)
        return p->at[at].size < p->at[best].size;
    return fit == FIT_WORST && p->at[at].size > p->at[best].size;
}

/* Where a search begins: next fit at the hole the last one ended in. */
static uint32_t
begin_of(const struct partitions *p, enum fit fit)
{
    uint32_t i = 0;

    while (fit == FIT_NEXT && i + 1 < p->count && p->at[i].start + p->at[i].size <= p->rover)
        i++;
    return i;
}

/* First and next fit stop at the first hole that will do; best and worst must see them all. */
int
partition_choose(struct os *os, unsigned cpu, uint64_t size)
{
    struct partitions *p = os->partitions;
    enum fit fit = (enum fit)hw_tunable(os->hw, TUNE_FIT);
    uint32_t begin = begin_of(p, fit);
    int best = -1;

    p->searches++;
    for (uint32_t n = 0; n < p->count; n++) {
        int i = (int)((begin + n) % p->count);

        if (p->at[i].pid)
            continue;
        p->examined++;
        EMIT(os->hw, cpu, HOLE_EXAMINED, .start = p->at[i].start, .new = p->at[i].size,
             .count = size);
        if (p->at[i].size >= size && is_better(p, fit, i, best))
            best = i;
        if (best >= 0 && (fit == FIT_FIRST || fit == FIT_NEXT))
            break;
    }
    return best;
}

/* --- taking and giving back --- */

void
partition_take(struct os *os, unsigned cpu, int at, uint32_t pid)
{
    struct partitions *p = os->partitions;
    struct partition taken = p->at[at];
    uint64_t asked = p->program[pid].asked, size = partition_round(os, asked);

    pw_assert(taken.pid == 0 && taken.size >= size);
    if (taken.size > size)
        insert(p, at + 1,
               (struct partition){.start = taken.start + size, .size = taken.size - size});
    taken.size = size;
    taken.pid = pid;
    p->at[at] = taken;
    p->rover = taken.start + size;
    mark_frames(os, &taken);
    EMIT(os->hw, cpu, PARTITION_TAKEN, .other = pid, .start = taken.start,
         .end = taken.start + size, .count = asked, .new = size, .old = size - asked);
}

void
partition_merge(struct os *os, unsigned cpu, int at)
{
    struct partitions *p = os->partitions;
    bool merged = false;

    if ((uint32_t)at + 1 < p->count && !p->at[at + 1].pid) {
        p->at[at].size += p->at[at + 1].size;
        cut(p, at + 1);
        merged = true;
    }
    if (at > 0 && !p->at[at - 1].pid) {
        at--;
        p->at[at].size += p->at[at + 1].size;
        cut(p, at + 1);
        merged = true;
    }
    if (merged)
        EMIT(os->hw, cpu, HOLES_MERGED, .start = p->at[at].start,
             .end = p->at[at].start + p->at[at].size, .new = p->at[at].size);
}

void
partition_release(struct os *os, unsigned cpu, int at)
{
    struct partition *x = &os->partitions->at[at];
    uint32_t pid = x->pid;

    x->pid = 0;
    mark_frames(os, x);
    EMIT(os->hw, cpu, PARTITION_FREED, .other = pid, .start = x->start, .end = x->start + x->size);
    partition_merge(os, cpu, at);
}

bool
partition_extend(struct os *os, unsigned cpu, int at, uint64_t size)
{
    struct partitions *p = os->partitions;
    struct partition *x = &p->at[at], *hole = x + 1;
    uint64_t more = size - x->size;

    if (size > x->size) {
        if ((uint32_t)at + 1 >= p->count || hole->pid || hole->size < more)
            return false;
        hole->start += more;
        hole->size -= more;
        x->size = size;
        if (hole->size == 0)
            cut(p, at + 1);
        mark_frames(os, x);
    }
    EMIT(os->hw, cpu, PARTITION_GROWN, .other = x->pid, .start = x->start,
         .end = x->start + x->size, .count = p->program[x->pid].asked);
    return true;
}

void
partition_swap_places(struct os *os, int at)
{
    struct partitions *p = os->partitions;
    struct partition hole = p->at[at], program = p->at[at + 1];

    pw_assert(hole.pid == 0 && program.pid != 0);
    program.start = hole.start;
    hole.start += program.size;
    p->at[at] = program;
    p->at[at + 1] = hole;
    mark_frames(os, &hole);
    mark_frames(os, &program);
}

/* --- the hardware's side --- */

void
partition_describe(struct os *os, unsigned cpu, uint32_t pid)
{
    paddr_t pa = partition_descriptor(pid);
    int at = partition_of(os, pid);
    struct descriptor d = {0};
    uint64_t old, new;

    if (!segment_exists(os->hw))
        return;
    if (at >= 0) {
        d.base = os->partitions->at[at].start;
        d.limit = os->partitions->program[pid].asked;
        d.rights = SEGMENT_P | SEGMENT_R | SEGMENT_W | SEGMENT_X;
    }
    old = phys_read(&os->hw->phys, pa, DESCRIPTOR_BYTES);
    new = descriptor_word(d);
    if (old == new)
        return;
    phys_write(&os->hw->phys, pa, DESCRIPTOR_BYTES, new);
    EMIT(os->hw, cpu, DESCRIPTOR_WRITE, .other = pid, .pa = pa, .old = old, .new = new);
}
