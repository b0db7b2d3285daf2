/* Processes: born, switched to, gone.
 *
 * A process is a task that runs in an address space. Spawning one makes promises only: areas for
 * code, data, heap and stack, and a root table that is empty but for the kernel's half. Not one
 * page of it is in memory before it is touched.
 *
 * Linux: fs/exec.c and fs/binfmt_elf.c (what is promised), kernel/sched/core.c context_switch and
 * arch/x86/mm/tlb.c switch_mm_irqs_off (what a switch is to the MMU: another CR3), kernel/exit.c
 * and mm/mmap.c exit_mmap.
 */
#include "os/process.h"

#include <string.h>

#include "base/assert.h"
#include "hw/segment.h"
#include "os/fault.h"
#include "os/partition.h"
#include "os/tag.h"
#include "os/trap.h"

/* --- numbers --- */

/* The lowest number that was never used or was given back; a process that a signal killed keeps its
 * own as long as there are others. */
uint32_t
process_free_pid(const struct os *os)
{
    for (uint32_t pid = 1; pid < TASK_MAX; pid++)
        if (os->s->task[pid].state == TASK_NONE)
            return pid;
    for (uint32_t pid = 1; pid < TASK_MAX; pid++)
        if (os->s->task[pid].state == TASK_DEAD)
            return pid;
    return 0;
}

uint32_t
os_thread(struct os *os, unsigned cpu)
{
    struct task *task = os_current(os, cpu);
    uint32_t pid = task ? process_free_pid(os) : 0;

    if (pid == 0)
        return 0;
    os->s->task[pid] =
        (struct task){.pid = pid, .parent = task->pid, .state = TASK_READY, .mm = task->mm};
    os->s->mm[task->mm].users++;
    EMIT(os->hw, cpu, THREAD_MADE, .other = pid, .count = os->s->mm[task->mm].users);
    return pid;
}

/* An address space has the number of its first task. */
uint32_t
process_new(struct os *os, unsigned cpu)
{
    uint32_t pid = process_free_pid(os), parent = os->hw->s->cpu[cpu].task;

    if (pid == 0)
        return 0;
    os->s->task[pid] = (struct task){.pid = pid, .parent = parent, .state = TASK_READY, .mm = pid};
    os->s->mm[pid] = (struct mm){
        .users = 1,
        .brk_start = os->layout.heap,
        .brk = os->layout.heap + os->layout.heap_size,
        .stack_top = os->layout.stack_top,
    };
    if (table_new_root(os, cpu, pid))
        return pid;
    memset(&os->s->task[pid], 0, sizeof(struct task));
    memset(&os->s->mm[pid], 0, sizeof(struct mm));
    return 0;
}

/* --- an address space --- */

static uint64_t
page_round(const struct os *os, uint64_t bytes)
{
    uint64_t page = format_page(&os->hw->geo.format);

    return (bytes + page - 1) & ~(page - 1);
}

static bool
promise(struct os *os, unsigned cpu, uint32_t mm, vaddr_t start, uint64_t size, struct area like)
{
    if (size == 0)
        return true;
    like.start = start;
    like.end = start + page_round(os, size);
    object_get(os, like.object);
    if (area_add(os, cpu, mm, &like))
        return true;
    object_put(os, cpu, like.object);
    return false;
}

/* Code and data show the program's file: read when touched, shared by all who run it, copied when
 * data is written. */
static bool
promise_program(struct os *os, unsigned cpu, uint32_t mm)
{
    const struct layout *l = &os->layout;
    struct area code = {.kind = AREA_CODE, .prot = RIGHT_R | RIGHT_X};
    struct area data = {.kind = AREA_DATA, .prot = RIGHT_R | RIGHT_W};
    struct area heap = {.kind = AREA_HEAP, .prot = RIGHT_R | RIGHT_W};
    struct area stack = {.kind = AREA_STACK, .prot = RIGHT_R | RIGHT_W};
    uint32_t program = l->code_size || l->data_size ? object_open(os, "program") : 0;
    uint64_t bytes = page_round(os, l->stack_size);

    if (program == 0 && (l->code_size || l->data_size))
        return false;
    code.object = data.object = program;
    data.offset = vpn_of(&os->hw->geo.format, page_round(os, l->code_size));
    return promise(os, cpu, mm, l->code, l->code_size, code) &&
           promise(os, cpu, mm, l->data, l->data_size, data) &&
           promise(os, cpu, mm, l->heap, l->heap_size, heap) &&
           promise(os, cpu, mm, l->stack_top - bytes, bytes, stack);
}

/* Pages, then promises, then tables. QUIRK_EXIT_LEAKS forgets the last. */
static void
tear_down(struct os *os, unsigned cpu, uint32_t mm)
{
    page_zap_range(os, cpu, mm, 0, os->layout.user_end);
    page_forget_rest(os, cpu, mm);
    area_cut(os, cpu, mm, 0, os->layout.user_end);
    refstring_forget(os, mm);
    tag_forget(os, mm);
    if (!hw_quirk(os->hw, QUIRK_EXIT_LEAKS))
        table_free_all(os, cpu, mm);
    memset(&os->s->mm[mm], 0, sizeof(struct mm));
}

void
process_undo(struct os *os, unsigned cpu, uint32_t pid)
{
    tear_down(os, cpu, pid);
    memset(&os->s->task[pid], 0, sizeof(struct task));
}

uint32_t
os_spawn(struct os *os, unsigned cpu)
{
    uint32_t pid = process_new(os, cpu);

    if (pid == 0)
        return 0;
    if (!promise_program(os, cpu, pid)) {
        process_undo(os, cpu, pid);
        return 0;
    }
    EMIT(os->hw, cpu, SPAWNED, .other = pid,
         .frame = pfn_of(&os->hw->geo.format, os->s->mm[pid].root));
    return pid;
}

/* --- running --- */

/* What a switch is to the hardware. A program in one piece has no page tables of its own but one
 * segment; where there are such programs CR3 is loaded only when it changes. */
static void
load_space(struct os *os, unsigned cpu, uint32_t pid)
{
    bool whole = pid && os->s->task[pid].mm == 0;
    uint32_t space = whole ? 0 : pid;
    paddr_t root = space ? os->s->mm[os->s->task[space].mm].root : os->s->kernel_root;

    if (!os->partitions || os->hw->s->cpu[cpu].cr3 != walker_root_value(os->hw, root))
        tag_load(os, cpu, space);
    if (segment_exists(os->hw))
        segment_load(os->hw, cpu, whole ? partition_descriptor(pid) : 0, whole);
}

static void
load_root(struct os *os, unsigned cpu, uint32_t pid)
{
    shootdown_catch_up(os, cpu);
    load_space(os, cpu, pid);
    shootdown_flushed(os, cpu);
}

/* Between threads nothing changes for the MMU. With lazy_tlb a CPU that will run nobody keeps the last
 * address space, which saves the flush when the same process comes back, unless its pages
 * changed meanwhile (Linux arch/x86/mm/tlb.c, switch_mm_irqs_off). */
static void
change_space(struct os *os, unsigned cpu, uint32_t from, uint32_t pid)
{
    uint32_t to = os->s->task[pid].mm, *lazy = &os->shoot->lazy[cpu];
    bool stale = os->shoot->stale >> cpu & 1;

    if (pid == 0 && from && hw_tunable(os->hw, TUNE_LAZY_TLB)) {
        *lazy = from;
        return;
    }
    if (pid == 0 || to != (from ? from : *lazy) || stale)
        load_root(os, cpu, pid);
    shootdown_unlazy(os, cpu);
}

void
os_switch(struct os *os, unsigned cpu, uint32_t pid)
{
    struct task *from = os_current(os, cpu);

    pw_assert(pid == 0 || os->s->task[pid].state == TASK_READY);
    isolation_view(os, cpu, false);
    if (from && from->state == TASK_RUNNING)
        from->state = TASK_READY;
    if (os->hw->geo.cpus > 1 && !os->partitions)
        change_space(os, cpu, from ? from->mm : 0, pid);
    else if (!from || !from->mm || from->mm != os->s->task[pid].mm)
        load_space(os, cpu, pid);
    os->hw->s->cpu[cpu].task = pid;
    if (pid)
        os->s->task[pid].state = TASK_RUNNING;
    EMIT(os->hw, cpu, SWITCHED, .other = pid);
    os_resume(os, cpu);
}

static void
leave_cpu(struct os *os, unsigned cpu)
{
    load_space(os, cpu, 0);
    os->hw->s->cpu[cpu].task = 0;
    shootdown_unlazy(os, cpu);
}

void
process_leave_cpus(struct os *os, uint32_t pid)
{
    for (unsigned cpu = 0; cpu < os->hw->geo.cpus; cpu++)
        if (os->hw->s->cpu[cpu].task == pid)
            leave_cpu(os, cpu);
}

/* A process that ends leaves its address space first, wherever it runs, or is kept. */
static void
leave_cpus(struct os *os, uint32_t mm)
{
    bool many = os->hw->geo.cpus > 1;

    for (unsigned cpu = 0; cpu < os->hw->geo.cpus; cpu++) {
        const struct task *task = os_current(os, cpu);

        if (task ? task->mm == mm : many && os->shoot->lazy[cpu] == mm)
            leave_cpu(os, cpu);
    }
}

/* All threads go with it (Linux: exit_group(2), which is what exit(3) calls). */
static void
end_tasks(struct os *os, unsigned cpu, uint32_t mm)
{
    for (uint32_t pid = 1; pid < TASK_MAX; pid++)
        if (os->s->task[pid].mm == mm && os->s->task[pid].state != TASK_NONE &&
            os->s->task[pid].state != TASK_DEAD)
            fault_cancel(os, cpu, &os->s->task[pid]);
    leave_cpus(os, mm);
}

static void
forget_tasks(struct os *os, uint32_t mm)
{
    for (uint32_t pid = 1; pid < TASK_MAX; pid++)
        if (os->s->task[pid].mm == mm && os->s->task[pid].state != TASK_DEAD)
            memset(&os->s->task[pid], 0, sizeof(struct task));
}

void
os_exit(struct os *os, unsigned cpu, uint32_t pid, enum signal_kind why)
{
    struct task *task = &os->s->task[pid], last = *task;
    uint32_t before = os->s->free_frames, frames = 0;

    pw_assert(last.state != TASK_NONE && last.state != TASK_DEAD);
    if (last.mm) {
        shootdown_settle(os, last.mm, 0, 0);
        end_tasks(os, cpu, last.mm);
        tear_down(os, cpu, last.mm);
        forget_tasks(os, last.mm);
    } else {
        fault_cancel(os, cpu, task);
        process_leave_cpus(os, pid);
        frames = program_leave(os, cpu, pid);
        memset(task, 0, sizeof *task);
    }
    if (why != SIGNAL_NONE)
        *task = (struct task){
            .pid = pid,
            .parent = last.parent,
            .state = TASK_DEAD,
            .signal = why,
            .minor = last.minor,
            .major = last.major,
        };
    EMIT(os->hw, cpu, EXITED, .other = pid, .count = os->s->free_frames - before + frames);
    if (last.mm == 0)
        program_serve_queue(os, cpu);
}
