/* Trap: the way from the CPU into the kernel and back.
 *
 *   ACCESS --fault--> TRAP --mended--------------------> ACCESS     the instruction runs again
 *                      |  \--a page must go--> OUT -> MAP --^
 *                      |  \--needs the disk--> IO --> MAP --^        MAP may lead to OUT or IO again
 *                      \--cannot be mended--> signal, the process is gone
 *
 * Each arrow is one call of step(), and all it knows is in the task's record; so a process can
 * sleep in the middle (IO), others run, and a later tick goes on where it stopped. A kernel with a
 * stack per task keeps the same record, but in the form of return addresses. Silberschatz,
 * Operating System Concepts, 10.2.1; Linux arch/x86/mm/fault.c, exc_page_fault.
 */
#include "os/trap.h"

#include "base/assert.h"
#include "os/evict.h"
#include "os/fault.h"

/* An access touches two pages at most and each can fault a few times (stale TLB, the page, its first
 * write; and where few pages may stay, one of the two may push the other out). More means that
 * mending does not help: the hardware does not read the tables the kernel writes. */
enum { FAULTS_MAX = 16 };

/* --- the end of an access --- */

static bool
finish(struct task *task, struct access_end_result *r, enum access_end end)
{
    task->fault.stage = STAGE_NONE;
    r->end = end;
    return false;
}

/* What is wrong in user mode is the process's doing; in kernel mode the kernel trusted a bad
 * address, and the task it ran for dies. */
static bool
die(struct os *os, unsigned cpu, struct task *task, enum signal_kind signal,
    struct access_end_result *r)
{
    bool general = task->fault.fault.vector != FAULT_PF;
    uint32_t cycles = general ? hw_spend(os->hw, hw_tunable(os->hw, TUNE_TRAP_CYCLES)) : 0;

    if (!task->fault.access.user)
        signal = SIGNAL_KILL;
    EMIT(os->hw, cpu, SIGNAL, .va = task->fault.fault.va, .signal = (uint8_t)signal,
         .cycles = cycles);
    finish(task, r, END_SIGNAL);
    r->signal = signal;
    os_exit(os, cpu, task->pid, signal);
    return false;
}

/* Back to user mode. The saved program counter still names the instruction that faulted, so it
 * simply runs again (SDM vol. 3A, 6.5). */
static bool
mended(struct os *os, struct task *task, struct access_end_result *r)
{
    if (task->fault.reads)
        task->major++;
    else
        task->minor++;
    task->fault.reads = 0;
    if (hw_quirk(os->hw, QUIRK_NO_RESTART))
        return finish(task, r, END_SKIPPED);
    task->fault.stage = STAGE_ACCESS;
    return true;
}

/* The page at pa was touched; of programs alone, not of the kernel, it is remembered. */
static void
note_use(struct os *os, unsigned cpu, const struct task *task, const struct access_result *done)
{
    const struct fault_record *f = &task->fault;

    if (!f->access.user)
        return;
    resident_use(os, done->pa);
    if (done->beyond)
        resident_use(os, done->beyond);
    if (os->hw->s->quirks)
        choose_after_use(os, cpu, task->mm, f->absent ? f->fault.va : f->access.va, f->absent);
}

/* --- the stages; each returns whether there is a next one now --- */

static bool
stage_access(struct os *os, unsigned cpu, struct task *task, struct access_end_result *r)
{
    struct fault_record *f = &task->fault;
    struct access_result done;

    if (os->hw->geo.kpti)
        isolation_view(os, cpu, f->access.user);
    if (f->faults)
        EMIT(os->hw, cpu, RESTART, .va = f->access.va);
    if (cpu_access(os->hw, cpu, &f->access, f->faults != 0, &done)) {
        r->value = done.value;
        r->pa = done.pa;
        note_use(os, cpu, task, &done);
        return finish(task, r, END_DONE);
    }
    f->fault = done.fault;
    r->faults = ++f->faults;
    f->absent += done.fault.vector == FAULT_PF && !(done.fault.error & FAULT_P);
    r->absent = f->absent;
    f->stage = STAGE_TRAP;
    return true;
}

/* Faults that no area can excuse. #GP, #SS and a segment's trap name no page; a reserved bit means that the tables
 * themselves are broken. */
static enum signal_kind
hopeless(const struct os *os, const struct fault_record *f)
{
    if (f->fault.vector == FAULT_SS)
        return SIGNAL_BUS; /* Linux arch/x86/kernel/traps.c, exc_stack_segment */
    if (f->fault.vector != FAULT_PF)
        return f->fault.error & FAULT_P ? SIGNAL_SEGV_ACCERR : SIGNAL_SEGV_MAPERR;
    if (f->fault.error & (FAULT_OUTSIDE | FAULT_SIZE))
        return SIGNAL_BUS;
    if ((f->fault.error & FAULT_RSVD) || f->faults > FAULTS_MAX)
        return SIGNAL_KILL;
    return hw_quirk(os->hw, QUIRK_FAULT_KILLS) ? SIGNAL_SEGV_MAPERR : SIGNAL_NONE;
}

static void
enter_page_fault_handler(struct os *os, unsigned cpu, const struct fault *fault)
{
    uint32_t cycles = hw_spend(os->hw, hw_tunable(os->hw, TUNE_TRAP_CYCLES));

    EMIT(os->hw, cpu, TRAP, .va = fault->va, .error = walker_report(os->hw, fault),
         .cycles = cycles);
    isolation_view(os, cpu, false);
}

static bool
stage_trap(struct os *os, unsigned cpu, struct task *task, struct access_end_result *r)
{
    enum signal_kind signal = hopeless(os, &task->fault);

    if (task->fault.fault.vector == FAULT_PF)
        enter_page_fault_handler(os, cpu, &task->fault.fault);
    if (signal == SIGNAL_NONE)
        signal = fault_handle(os, cpu, task);
    if (signal)
        return die(os, cpu, task, signal, r);
    if (task->fault.stage != STAGE_TRAP)
        return true;
    return mended(os, task, r);
}

static bool
fall_asleep(struct os *os, unsigned cpu, struct task *task, struct access_end_result *r)
{
    task->state = TASK_BLOCKED;
    r->end = END_BLOCKED;
    EMIT(os->hw, cpu, BLOCKED, .other = task->pid,
         .count = task->fault.io_done - os->hw->s->cycles);
    return false;
}

static uint64_t time_passes(struct os *os, unsigned cpu, uint64_t until, bool tell);

/* Another thread went on while this one waited, and took the process down with it. */
static bool
killed_meanwhile(struct access_end_result *r)
{
    r->end = END_SIGNAL;
    r->signal = SIGNAL_KILL;
    return false;
}

static bool
stage_io(struct os *os, unsigned cpu, struct task *task, bool wait, struct access_end_result *r)
{
    uint64_t waited = 0;

    if (os->hw->s->cycles < task->fault.io_done) {
        if (!wait)
            return fall_asleep(os, cpu, task, r);
        waited = time_passes(os, cpu, task->fault.io_done, false);
        if (task->fault.stage == STAGE_NONE)
            return killed_meanwhile(r);
    }
    fault_io_done(os, cpu, task, waited);
    return true;
}

static bool
stage_map(struct os *os, unsigned cpu, struct task *task, struct access_end_result *r)
{
    enum signal_kind signal = fault_map(os, cpu, task);

    if (signal)
        return die(os, cpu, task, signal, r);
    if (task->fault.stage != STAGE_TRAP)
        return true;
    return mended(os, task, r);
}

static bool
step(struct os *os, unsigned cpu, struct task *task, bool wait, struct access_end_result *r)
{
    switch ((enum fault_stage)task->fault.stage) {
    case STAGE_ACCESS:
        return stage_access(os, cpu, task, r);
    case STAGE_TRAP:
        return stage_trap(os, cpu, task, r);
    case STAGE_OUT:
    case STAGE_IO:
        return stage_io(os, cpu, task, wait, r);
    case STAGE_MAP:
        return stage_map(os, cpu, task, r);
    case STAGE_NONE:
        break;
    }
    return false;
}

static void
advance(struct os *os, unsigned cpu, struct task *task, bool wait, struct access_end_result *r)
{
    while (step(os, cpu, task, wait, r))
        ;
}

/* --- the way in --- */

/* On a CPU where no process runs the access still happens, but nobody answers for a fault. */
static void
access_alone(struct os *os, unsigned cpu, const struct access *a, struct access_end_result *r)
{
    struct access_result done;

    if (cpu_access(os->hw, cpu, a, false, &done)) {
        r->value = done.value;
        r->pa = done.pa;
        return;
    }
    r->end = END_NO_PROCESS;
    r->faults = 1;
}

void
os_access(struct os *os, unsigned cpu, const struct access *a, bool wait,
          struct access_end_result *r)
{
    struct task *task = os_current(os, cpu);

    *r = (struct access_end_result){.end = END_DONE};
    shootdown_return(os, cpu);
    if (!task) {
        access_alone(os, cpu, a, r);
    } else if (task->state == TASK_BLOCKED) {
        r->end = END_BLOCKED;
    } else {
        task->fault = (struct fault_record){.access = *a, .stage = STAGE_ACCESS};
        advance(os, cpu, task, wait, r);
    }
}

void
os_resume(struct os *os, unsigned cpu)
{
    struct task *task = os_current(os, cpu);
    struct access_end_result r = {0};

    if (task && task->fault.stage == STAGE_ACCESS)
        advance(os, cpu, task, false, &r);
}

/* --- time and the disk --- */

/* The CPU a process is on, or -1. */
static int
cpu_of(const struct os *os, uint32_t pid)
{
    for (unsigned cpu = 0; cpu < os->hw->geo.cpus; cpu++)
        if (os->hw->s->cpu[cpu].task == pid)
            return (int)cpu;
    return -1;
}

/* The kernel goes on for a process that is on no CPU: as far as its instruction. */
static void
advance_asleep(struct os *os, unsigned cpu, struct task *task, struct access_end_result *r)
{
    while (task->fault.stage != STAGE_ACCESS && step(os, cpu, task, false, r))
        ;
}

/* The disk's interrupt is taken on `cpu`; the entry is written there and then. The instruction runs
 * again when and where the process does: at once if no other took its CPU meanwhile. */
static void
wake(struct os *os, unsigned cpu, struct task *task)
{
    int home = cpu_of(os, task->pid);
    struct access_end_result r = {0};

    fault_io_done(os, cpu, task, 0);
    task->state = home < 0 ? TASK_READY : TASK_RUNNING;
    EMIT(os->hw, cpu, WOKEN, .other = task->pid);
    if (home >= 0)
        advance(os, (unsigned)home, task, false, &r);
    else
        advance_asleep(os, cpu, task, &r);
}

void
os_wake(struct os *os, unsigned cpu)
{
    for (uint32_t pid = 1; pid < TASK_MAX; pid++) {
        struct task *task = &os->s->task[pid];

        if (task->state == TASK_BLOCKED && task->fault.io_done <= os->hw->s->cycles)
            wake(os, cpu, task);
    }
}

uint64_t
os_next_io(const struct os *os)
{
    uint64_t next = 0;

    for (uint32_t pid = 1; pid < TASK_MAX; pid++) {
        const struct task *task = &os->s->task[pid];

        if (task->state == TASK_BLOCKED && (next == 0 || task->fault.io_done < next))
            next = task->fault.io_done;
    }
    return next;
}

uint64_t
os_next_event(const struct os *os)
{
    uint64_t io = os_next_io(os), interrupt = shootdown_next(os);

    return io == 0 || (interrupt && interrupt < io) ? interrupt : io;
}

static uint64_t
clock_to(struct os *os, unsigned cpu, uint64_t until, bool tell)
{
    uint64_t now = os->hw->s->cycles;

    if (until <= now)
        return 0;
    os->hw->s->cycles = until;
    if (tell)
        EMIT(os->hw, cpu, TICKED, .count = until - now, .cycles = (uint32_t)(until - now));
    return until - now;
}

/* Stops at each transfer that ends and each interrupt between CPUs on the way: whoever waits for it goes
 * on at that time, not at the end. Returns the cycles in which nothing ran. */
static uint64_t
time_passes(struct os *os, unsigned cpu, uint64_t until, bool tell)
{
    uint64_t next, idle = 0;

    while ((next = os_next_event(os)) != 0 && next <= until) {
        idle += clock_to(os, cpu, next, tell);
        shootdown_due(os);
        os_wake(os, cpu);
    }
    return idle + clock_to(os, cpu, until, tell);
}

void
os_tick(struct os *os, unsigned cpu, uint64_t cycles)
{
    time_passes(os, cpu, os->hw->s->cycles + cycles, true);
}
