/* What the operations on processes do: they are made, run, copied, ended. */
#include "machine/do.h"

bool
do_spawn(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    uint32_t pid;

    if (!do_may_run(m, op->cpu, e))
        return false;
    do_syscall(m, op);
    pid = os_spawn(&m->os, op->cpu);
    if (!pid)
        do_call_error(out, CALL_ENOMEM);
    else if (!os_current(&m->os, op->cpu))
        os_switch(&m->os, op->cpu, pid);
    out->value = pid;
    return true;
}

bool
do_switch(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    uint64_t pid = op->arg[0];

    (void)out;
    if (!do_may_run(m, op->cpu, e))
        return false;
    if (pid >= TASK_MAX ||
        (pid && (!m->os.s->task[pid].pid || m->os.s->task[pid].state == TASK_DEAD)))
        return error_set(e, EXIT_DATA, "there is no process %llu", (unsigned long long)pid);
    if (pid && m->os.s->task[pid].state == TASK_RUNNING)
        return error_set(e, EXIT_DATA, "process %llu runs already", (unsigned long long)pid);
    if (pid && m->os.s->task[pid].state == TASK_BLOCKED)
        return error_set(e, EXIT_DATA, "process %llu sleeps until the disk is done: tick",
                         (unsigned long long)pid);
    if (pid && !do_can_run(m, op->cpu, &m->os.s->task[pid], e))
        return false;
    os_switch(&m->os, op->cpu, (uint32_t)pid);
    return true;
}

bool
do_fork(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    if (!do_space_runs(m, op->cpu, e))
        return false;
    do_syscall(m, op);
    out->value = os_fork(&m->os, op->cpu);
    if (!out->value)
        do_call_error(out, CALL_ENOMEM);
    return true;
}

bool
do_null_call(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    (void)out;
    if (!do_space_runs(m, op->cpu, e))
        return false;
    do_syscall(m, op);
    return true;
}

bool
do_thread(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    if (!do_space_runs(m, op->cpu, e))
        return false;
    do_syscall(m, op);
    out->value = os_thread(&m->os, op->cpu);
    if (!out->value)
        do_call_error(out, CALL_ENOMEM);
    return true;
}

uint32_t
do_living(const struct machine *m, const struct operation *op, struct error *e)
{
    uint64_t pid = op->arg[0];

    if (!(op->given & 1)) {
        if (!do_somebody_runs(m, op->cpu, e))
            return 0;
        pid = os_current(&m->os, op->cpu)->pid;
    }
    if (m->preset.kernel && pid && pid < TASK_MAX && m->os.s->task[pid].pid &&
        m->os.s->task[pid].state != TASK_DEAD)
        return (uint32_t)pid;
    error_set(e, EXIT_DATA, "there is no process %llu", (unsigned long long)pid);
    return 0;
}

bool
do_exit(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    uint32_t pid = do_living(m, op, e);

    (void)out;
    if (!pid)
        return false;
    do_syscall(m, op);
    os_exit(&m->os, op->cpu, pid, SIGNAL_NONE);
    return true;
}
