/* program.c - programs in one piece: loaded, moved, swapped out as a whole, waiting for room.
 *
 *   load --hole--> in memory --grow, compact--> moved: bytes copied, descriptor written
 *     |               |  ^
 *     |          swap out |
 *     v               v  |  as soon as a hole is large enough, longest waiting first
 *   waits in the queue --'
 *
 * What makes moving possible is that a program never sees where it is: its addresses begin at 0, and
 * the base is added by the hardware at each access. The price of every move is a copy of all its
 * bytes. Silberschatz, Operating System Concepts, 9.2 (contiguous allocation) and 9.5 (swapping).
 */
#include "base/assert.h"
#include "hw/segment.h"
#include "os/partition.h"
#include "os/process.h"
#include "os/swap.h"

/* --- bytes --- */

static pfn_t
frames_of(const struct os *os, uint64_t bytes)
{
    return pfn_of(&os->hw->geo.format, bytes);
}

/* Frames of [pa, pa + bytes) that hold something are made zeros. */
static void
clear(struct os *os, unsigned cpu, uint32_t pid, paddr_t pa, uint64_t bytes)
{
    pfn_t first = frames_of(os, pa), n = frames_of(os, bytes), dirty = 0;
    uint32_t cycles;

    for (pfn_t i = first; i < first + n; i++) {
        const struct content *c = phys_content(&os->hw->phys, i);

        if (!c || (!c->slot && !c->tag))
            continue;
        phys_zero_frame(&os->hw->phys, i);
        dirty++;
    }
    if (!dirty)
        return;
    cycles = hw_spend(os->hw, dirty * hw_tunable(os->hw, TUNE_ZERO_CYCLES));
    EMIT(os->hw, cpu, PARTITION_CLEARED, .other = pid, .start = pa, .new = bytes, .cycles = cycles);
}

/* From the low end up, so that a program may be moved down onto itself. */
static void
copy(struct os *os, unsigned cpu, uint32_t pid, paddr_t from, paddr_t to, uint64_t bytes)
{
    pfn_t n = frames_of(os, bytes);
    uint32_t cycles;

    for (pfn_t i = 0; i < n; i++)
        phys_copy_frame(&os->hw->phys, frames_of(os, to) + i, frames_of(os, from) + i);
    os->partitions->copied += bytes;
    cycles = hw_spend(os->hw, n * hw_tunable(os->hw, TUNE_COPY_CYCLES));
    EMIT(os->hw, cpu, PARTITION_MOVED, .other = pid, .start = from, .pa = to, .new = bytes,
         .cycles = cycles);
}

/* --- the swap device: an image is a chain of slots --- */

static uint32_t
disk(struct os *os, pfn_t pages, uint64_t bytes)
{
    os->partitions->swapped += bytes;
    return hw_spend(os->hw, pages * hw_tunable(os->hw, TUNE_DISK_CYCLES));
}

static void
link_image(struct os *os, uint32_t slot, uint32_t next)
{
    arena_touch(os->hw->arena, &os->image_next[slot], sizeof *os->image_next);
    os->image_next[slot] = next;
}

static void
write_image(struct os *os, unsigned cpu, const struct partition *x)
{
    struct program *g = &os->partitions->program[x->pid];
    pfn_t first = frames_of(os, x->start);
    uint32_t cycles;

    g->pages = (uint32_t)frames_of(os, x->size);
    for (uint32_t i = 0, last = 0; i < g->pages; i++) {
        uint32_t slot = swap_keep(os, first + i);

        if (last)
            link_image(os, last, slot);
        else
            g->image = slot;
        last = slot;
    }
    cycles = disk(os, g->pages, x->size);
    EMIT(os->hw, cpu, PROGRAM_OUT, .other = x->pid, .start = x->start, .new = x->size,
         .slot = g->image, .cycles = cycles);
}

/* The slots come back; their bytes go into memory at `pfn` first, unless that is 0. */
static void
use_up_image(struct os *os, struct program *g, pfn_t pfn)
{
    for (uint32_t i = 0; i < g->pages; i++) {
        uint32_t slot = g->image;

        g->image = os->image_next[slot];
        link_image(os, slot, 0);
        swap_give_back(os, slot, pfn ? pfn + i : 0);
    }
    g->image = g->pages = 0;
}

static void
read_image(struct os *os, unsigned cpu, uint32_t pid, paddr_t to)
{
    struct program *g = &os->partitions->program[pid];
    uint32_t slot = g->image, cycles, pages = g->pages;
    uint64_t bytes = pages * format_page(&os->hw->geo.format);

    use_up_image(os, g, frames_of(os, to));
    cycles = disk(os, pages, bytes);
    EMIT(os->hw, cpu, PROGRAM_IN, .other = pid, .start = to, .new = bytes, .slot = slot,
         .cycles = cycles);
}

bool
program_fits_swap(const struct os *os, uint32_t pid)
{
    uint64_t size = partition_round(os, os->partitions->program[pid].asked);

    return frames_of(os, size) <= os->hw->geo.swap_slots - os->s->swap_used;
}

uint32_t
program_of_slot(const struct os *os, uint32_t slot, uint32_t *page)
{
    for (uint32_t pid = 1; os->partitions && pid < TASK_MAX; pid++) {
        const struct program *g = &os->partitions->program[pid];
        uint32_t at = g->image;

        for (*page = 0; *page < g->pages; at = os->image_next[at], ++*page)
            if (at == slot)
                return pid;
    }
    return 0;
}

/* --- the queue --- */

static void
enter_queue(struct os *os, uint32_t pid)
{
    struct partitions *p = os->partitions;

    os->s->task[pid].state = TASK_WAITING;
    p->queue[p->waiting++] = pid;
}

static void
no_room(struct os *os, unsigned cpu, uint32_t pid)
{
    const struct partitions *p = os->partitions;

    enter_queue(os, pid);
    EMIT(os->hw, cpu, PROGRAM_WAITS, .other = pid, .count = p->program[pid].asked,
         .new = partition_free(os), .old = partition_largest(os));
}

static void
leave_queue(struct partitions *p, uint32_t place)
{
    p->waiting--;
    for (uint32_t i = place; i < p->waiting; i++)
        p->queue[i] = p->queue[i + 1];
    p->queue[p->waiting] = 0;
}

/* Into a hole: what it left on the swap device, or zeros. */
static bool
enter(struct os *os, unsigned cpu, uint32_t pid)
{
    struct partitions *p = os->partitions;
    uint64_t size = partition_round(os, p->program[pid].asked);
    int at = partition_choose(os, cpu, size);
    paddr_t start;

    if (at < 0)
        return false;
    start = p->at[at].start;
    partition_take(os, cpu, at, pid);
    clear(os, cpu, pid, start, size);
    if (p->program[pid].image)
        read_image(os, cpu, pid, start);
    partition_describe(os, cpu, pid);
    os->s->task[pid].state = TASK_READY;
    return true;
}

/* A program that was just swapped out (`but`) would only take the place it was to leave. */
static void
serve(struct os *os, unsigned cpu, uint32_t but)
{
    struct partitions *p = os->partitions;

    for (uint32_t i = 0; i < p->waiting;) {
        uint32_t pid = p->queue[i];

        if (pid != but && partition_largest(os) >= partition_round(os, p->program[pid].asked) &&
            enter(os, cpu, pid))
            leave_queue(p, i);
        else
            i++;
    }
}

void
program_serve_queue(struct os *os, unsigned cpu)
{
    serve(os, cpu, 0);
}

/* --- what can be asked for --- */

uint32_t
program_load(struct os *os, unsigned cpu, uint64_t bytes)
{
    uint32_t pid = process_free_pid(os), parent = os->hw->s->cpu[cpu].task;

    if (pid == 0)
        return 0;
    os->s->task[pid] = (struct task){.pid = pid, .parent = parent, .state = TASK_READY};
    os->partitions->program[pid] = (struct program){.asked = bytes};
    if (!enter(os, cpu, pid))
        no_room(os, cpu, pid);
    return pid;
}

/* A program that runs is taken off its CPU. */
static void
swap_out(struct os *os, unsigned cpu, uint32_t pid)
{
    struct partitions *p = os->partitions;
    int at = partition_of(os, pid);

    process_leave_cpus(os, pid);
    write_image(os, cpu, &p->at[at]);
    partition_release(os, cpu, at);
    partition_describe(os, cpu, pid);
    enter_queue(os, pid);
}

void
program_swap_out(struct os *os, unsigned cpu, uint32_t pid)
{
    swap_out(os, cpu, pid);
    serve(os, cpu, pid);
}

/* Elsewhere, if a hole is large enough. The old place is free only after the copy. */
static bool
move(struct os *os, unsigned cpu, uint32_t pid)
{
    struct partitions *p = os->partitions;
    struct partition old = p->at[partition_of(os, pid)];
    uint64_t size = partition_round(os, p->program[pid].asked);
    int to = partition_choose(os, cpu, size), from;
    paddr_t start;

    if (to < 0)
        return false;
    start = p->at[to].start;
    partition_take(os, cpu, to, pid);
    copy(os, cpu, pid, old.start, start, old.size);
    clear(os, cpu, pid, start + old.size, size - old.size);
    for (from = 0; p->at[from].start != old.start; from++)
        ;
    partition_release(os, cpu, from);
    partition_describe(os, cpu, pid);
    return true;
}

bool
program_grow(struct os *os, unsigned cpu, uint32_t pid, uint64_t bytes)
{
    struct partitions *p = os->partitions;
    int at = partition_of(os, pid);
    struct partition old = p->at[at];
    uint64_t before = p->program[pid].asked, size = partition_round(os, bytes);

    p->program[pid].asked = bytes;
    if (partition_extend(os, cpu, at, size)) {
        clear(os, cpu, pid, old.start + old.size, size - old.size);
        partition_describe(os, cpu, pid);
        return true;
    }
    p->program[pid].asked = before;
    if (!segment_exists(os->hw))
        return false;
    EMIT(os->hw, cpu, PROGRAM_OUTGROWS, .other = pid, .count = bytes, .new = old.size);
    p->program[pid].asked = bytes;
    if (!move(os, cpu, pid)) {
        if (frames_of(os, old.size) > os->hw->geo.swap_slots - os->s->swap_used) {
            p->program[pid].asked = before;
            return false;
        }
        swap_out(os, cpu, pid);
    }
    program_serve_queue(os, cpu);
    return true;
}

void
program_compact(struct os *os, unsigned cpu)
{
    struct partitions *p = os->partitions;

    for (uint32_t i = 0; i + 1 < p->count; i++) {
        struct partition x = p->at[i + 1];

        if (p->at[i].pid || !x.pid)
            continue;
        partition_swap_places(os, (int)i);
        copy(os, cpu, x.pid, x.start, p->at[i].start, x.size);
        partition_describe(os, cpu, x.pid);
        partition_merge(os, cpu, (int)i + 1);
    }
    program_serve_queue(os, cpu);
}

uint32_t
program_leave(struct os *os, unsigned cpu, uint32_t pid)
{
    struct partitions *p = os->partitions;
    int at = partition_of(os, pid);
    uint32_t frames = at < 0 ? 0 : (uint32_t)frames_of(os, p->at[at].size);

    use_up_image(os, &p->program[pid], 0);
    for (uint32_t i = 0; i < p->waiting; i++)
        if (p->queue[i] == pid)
            leave_queue(p, i);
    if (at >= 0)
        partition_release(os, cpu, at);
    p->program[pid] = (struct program){0};
    partition_describe(os, cpu, pid);
    return frames;
}
