/* Programs in one piece of memory: `load`, `grow`, `compact`, `swapout` (os/partition.h). */
#include "base/number.h"
#include "hw/segment.h"
#include "machine/do.h"
#include "os/partition.h"

/* --- what programs without pages mean for other operations --- */

bool
do_space_runs(const struct machine *m, unsigned cpu, struct error *e)
{
    const struct task *t;

    if (!do_somebody_runs(m, cpu, e))
        return false;
    t = os_current(&m->os, cpu);
    return t->mm || error_set(e, EXIT_DATA,
                              "process %u is a program in one piece: it has no pages (spawn one "
                              "that has)",
                              t->pid);
}

bool
do_can_run(const struct machine *m, unsigned cpu, const struct task *t, struct error *e)
{
    if (t->state == TASK_WAITING)
        return error_set(e, EXIT_DATA, "process %u waits for room in memory", t->pid);
    return t->mm || !hw_pages(&m->hw, cpu) ||
           error_set(e, EXIT_DATA, "process %u has no page tables: it can run only with cr0.pg off",
                     t->pid);
}

void
do_note_write(struct machine *m, unsigned cpu, const struct access *a,
              const struct access_end_result *r)
{
    pfn_t last = pfn_of(&m->preset.geo.format, r->pa + a->size - 1);

    if (a->kind != ACCESS_WRITE || r->end != END_DONE || hw_pages(&m->hw, cpu))
        return;
    if (last >= m->preset.geo.frames || m->os.frame[last].use != USE_PROGRAM ||
        m->os.frame[pfn_of(&m->preset.geo.format, r->pa)].use != USE_PROGRAM)
        m->s->tampered = 1;
}

/* --- their own --- */

static bool
has_partitions(const struct machine *m, struct error *e)
{
    return (m->preset.kernel && m->os.partitions) ||
           error_set(e, EXIT_DATA,
                     "machine %s keeps no memory for programs in one piece (see machines "
                     "partitions, no-mmu)",
                     m->preset.name);
}

/* Could it ever be loaded? */
static bool
is_possible(const struct machine *m, uint64_t bytes, struct error *e)
{
    uint64_t most = partition_total(&m->os);
    char text[24];

    if (segment_exists(&m->hw) && most > segment_most(&m->preset.geo))
        most = segment_most(&m->preset.geo);
    if (segment_exists(&m->hw) && most > SEGMENT_LIMIT_MAX)
        most = SEGMENT_LIMIT_MAX;
    return (bytes > 0 && bytes <= most) ||
           error_set(e, EXIT_DATA, "a program of this machine has 1 byte to %s",
                     number_size(most, text));
}

static bool
can_move(const struct machine *m, struct error *e)
{
    return segment_exists(&m->hw) ||
           error_set(e, EXIT_DATA,
                     "machine %s has no base register: programs use physical addresses, so none "
                     "can be moved",
                     m->preset.name);
}

static const struct task *
program_at(const struct machine *m, uint64_t pid, struct error *e)
{
    const struct task *t = pid < TASK_MAX ? &m->os.s->task[pid] : NULL;

    if (t && t->pid && !t->mm && partition_of(&m->os, (uint32_t)pid) >= 0)
        return t;
    error_set(e, EXIT_DATA, "process %llu is no program in one piece that is in memory",
              (unsigned long long)pid);
    return NULL;
}

bool
do_load(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    if (!has_partitions(m, e) || !is_possible(m, op->arg[0], e))
        return false;
    out->value = program_load(&m->os, op->cpu, op->arg[0]);
    if (!out->value) {
        out->kind = OUT_CALL_ERROR;
        out->error = CALL_ENOMEM;
    } else if (m->os.s->task[out->value].state == TASK_READY && !os_current(&m->os, op->cpu) &&
               !hw_pages(&m->hw, op->cpu)) {
        os_switch(&m->os, op->cpu, (uint32_t)out->value);
    }
    return true;
}

bool
do_grow(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    uint32_t pid = m->hw.s->cpu[op->cpu].task;

    if (!has_partitions(m, e) || !do_somebody_runs(m, op->cpu, e) || !program_at(m, pid, e) ||
        !is_possible(m, op->arg[0], e))
        return false;
    if (op->arg[0] < m->os.partitions->program[pid].asked)
        return do_refuse(e, "a program only grows: SIZE is what it wants in all");
    EMIT(&m->hw, op->cpu, SYSCALL, .call = op->code);
    if (!program_grow(&m->os, op->cpu, pid, op->arg[0])) {
        out->kind = OUT_CALL_ERROR;
        out->error = CALL_ENOMEM;
    }
    return true;
}

bool
do_compact(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    uint64_t before;

    if (!has_partitions(m, e) || !can_move(m, e))
        return false;
    before = m->os.partitions->copied;
    program_compact(&m->os, op->cpu);
    out->value = m->os.partitions->copied - before;
    return true;
}

bool
do_swapout(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    (void)out;
    if (!has_partitions(m, e) || !can_move(m, e) || !program_at(m, op->arg[0], e))
        return false;
    if (!program_fits_swap(&m->os, (uint32_t)op->arg[0]))
        return error_set(e, EXIT_DATA, "the swap device has %u free slots, too few for it",
                         m->preset.geo.swap_slots - m->os.s->swap_used);
    program_swap_out(&m->os, op->cpu, (uint32_t)op->arg[0]);
    return true;
}
