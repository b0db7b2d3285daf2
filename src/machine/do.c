/* What each operation does. A row of operations.def names its function here; checks come before the
 * first change, so a refused operation changes nothing. */
#include <string.h>

#include "base/assert.h"
#include "hw/hierarchy.h"
#include "machine/do.h"
#include "machine/invariant.h"

const char *const call_error_name[] = {"OK", "EINVAL", "ENOMEM", "EEXIST"};

bool
do_refuse(struct error *e, const char *why)
{
    return error_set(e, EXIT_DATA, "%s", why);
}

bool
do_may_run(const struct machine *m, unsigned cpu, struct error *e)
{
    if (!m->preset.kernel)
        return error_set(e, EXIT_DATA, "machine %s has no kernel, so no processes", m->preset.name);
    return m->preset.geo.cpus == 1 || !shootdown_waits(&m->os, cpu) ||
           error_set(e, EXIT_DATA, "cpu %u waits for acknowledgements: tick, or use another cpu",
                     cpu);
}

bool
do_somebody_runs(const struct machine *m, unsigned cpu, struct error *e)
{
    const struct task *t = m->preset.kernel ? os_current(&m->os, cpu) : NULL;

    if (!do_may_run(m, cpu, e))
        return false;
    if (!t)
        return error_set(e, EXIT_DATA, "no process runs on cpu %u: spawn one, or switch to one",
                         cpu);
    if (t->state == TASK_BLOCKED)
        return error_set(e, EXIT_DATA, "process %u sleeps until the disk is done: tick, or switch",
                         t->pid);
    return true;
}

void
do_syscall(struct machine *m, const struct operation *op)
{
    shootdown_return(&m->os, op->cpu);
    EMIT(&m->hw, op->cpu, SYSCALL, .call = op->code);
    isolation_view(&m->os, op->cpu, false);
}

void
do_call_error(struct outcome *out, enum call_error error)
{
    if (error != CALL_OK)
        out->kind = OUT_CALL_ERROR;
    out->error = error;
}

/* --- accesses -----------------------------------------------------------------------------------
 */

void
do_take_access(struct outcome *out, const struct access_end_result *r)
{
    static const enum outcome_kind kind[] = {
        [END_DONE] = OUT_DONE,
        [END_SIGNAL] = OUT_SIGNAL,
        [END_BLOCKED] = OUT_BLOCKED,
        [END_SKIPPED] = OUT_SKIPPED,
    };

    out->kind = kind[r->end];
    out->value = r->value;
    out->pa = r->pa;
    out->faults = r->faults;
    out->absent = r->absent;
    out->signal = r->signal;
}

/* A machine without a kernel takes the fault and stops there. */
static void
bare_access(struct machine *m, const struct operation *op, const struct access *a,
            struct outcome *out)
{
    struct access_result r = {0};

    if (!cpu_access(&m->hw, op->cpu, a, false, &r)) {
        out->kind = OUT_FAULT;
        out->faults = 1;
        return;
    }
    out->value = r.value;
    out->pa = r.pa;
}

static bool
access_memory(struct machine *m, const struct operation *op, struct access *a, bool wait,
              struct outcome *out, struct error *e)
{
    struct access_end_result r = {0};

    a->va = format_has_rule(&m->hw.geo.format) ? op->arg[0]
                                               : format_extend(&m->hw.geo.format, op->arg[0]);
    if (a->va != op->arg[0])
        return error_set(e, EXIT_DATA, "0x%llx has more bits than an address of this machine (%u)",
                         (unsigned long long)op->arg[0], m->hw.geo.format.va_bits);
    if (!m->preset.kernel) {
        bare_access(m, op, a, out);
        return true;
    }
    if (!do_somebody_runs(m, op->cpu, e))
        return false;
    os_access(&m->os, op->cpu, a, wait, &r);
    do_note_write(m, op->cpu, a, &r);
    do_take_access(out, &r);
    return true;
}

static uint8_t
size_of(const struct operation *op, int arg)
{
    return op->given >> arg & 1 ? (uint8_t)op->arg[arg] : 1;
}

static bool
load(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    struct access a = {.kind = ACCESS_READ,
                       .size = size_of(op, 1),
                       .user = op->arg[2] == 0,
                       .stack = op->arg[4] != 0};

    return access_memory(m, op, &a, op->arg[3] == 0, out, e);
}

static bool
store(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    struct access a = {.kind = ACCESS_WRITE,
                       .size = size_of(op, 2),
                       .user = op->arg[3] == 0,
                       .stack = op->arg[5] != 0};

    a.value = op->given & 2 ? op->arg[1] : (m->s->op & 0xff);
    if (a.size < 8 && a.value >> (8 * a.size))
        return error_set(e, EXIT_DATA, "0x%llx does not fit into %u byte%s (size=)",
                         (unsigned long long)a.value, a.size, a.size == 1 ? "" : "s");
    return access_memory(m, op, &a, op->arg[4] == 0, out, e);
}

static bool
fetch(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    struct access a = {.kind = ACCESS_FETCH, .size = 1, .user = op->arg[1] == 0};

    return access_memory(m, op, &a, op->arg[2] == 0, out, e);
}

/* --- the address space --------------------------------------------------------------------------
 */

/* What a mapping shows: 0 is nothing but zeros of its own. */
static bool
object_of(struct machine *m, const struct operation *op, bool shared, uint32_t *object,
          struct error *e)
{
    char name[OBJECT_NAME] = "";

    *object = 0;
    if (op->blob_size == 0 && !shared)
        return true;
    pw_assert(op->blob_size < sizeof name);
    if (op->blob_size) {
        memcpy(name, op->blob, op->blob_size);
        *object = object_open(&m->os, name);
    } else {
        *object = object_shared(&m->os);
    }
    return *object != 0 ||
           error_set(e, EXIT_LIMIT, "this machine knows at most %d files and shared memories",
                     OBJECT_MAX - 1);
}

static bool
map(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    vaddr_t va = op->given & 1 ? op->arg[0] : 0;
    bool shared = op->given & 8 && op->arg[3] == 0;
    uint32_t object;

    if (op->given & 32 && op->arg[5] == 0)
        return do_map_huge(m, op, va, out, e);
    if (!do_space_runs(m, op->cpu, e) || !object_of(m, op, shared, &object, e))
        return false;
    do_syscall(m, op);
    do_call_error(out,
                  os_mmap(&m->os, op->cpu, &va, op->arg[1], (uint8_t)op->arg[2], shared, object));
    out->value = va;
    return true;
}

/* The other CPUs have been told; the call ends when they have acknowledged. */
static void
wait_for_cpus(struct machine *m, const struct operation *op, bool wait, struct outcome *out)
{
    if (wait)
        shootdown_wait(&m->os, op->cpu);
    if (shootdown_waits(&m->os, op->cpu))
        out->kind = OUT_WAITS;
}

static bool
unmap(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    if (!do_space_runs(m, op->cpu, e))
        return false;
    do_syscall(m, op);
    do_call_error(out, os_munmap(&m->os, op->cpu, op->arg[0], op->arg[1]));
    wait_for_cpus(m, op, op->arg[2] == 0, out);
    return true;
}

static bool
protect(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    if (!do_space_runs(m, op->cpu, e))
        return false;
    do_syscall(m, op);
    do_call_error(out, os_mprotect(&m->os, op->cpu, op->arg[0], op->arg[1], (uint8_t)op->arg[2]));
    wait_for_cpus(m, op, op->arg[3] == 0, out);
    return true;
}

static bool
set_brk(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    if (!do_space_runs(m, op->cpu, e))
        return false;
    do_syscall(m, op);
    do_call_error(out, os_brk(&m->os, op->cpu, op->arg[0]));
    out->value = m->os.s->mm[os_current(&m->os, op->cpu)->mm].brk;
    return true;
}

/* --- silicon and hands --------------------------------------------------------------------------
 */

static bool
poke(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    const struct format *f = &m->hw.geo.format;
    paddr_t pa = op->arg[0];
    uint64_t old = 0, new = 0;
    unsigned shown = op->blob_size < 8 ? op->blob_size : 8;

    (void)out;
    if (pfn_of(f, pa) >= m->preset.geo.frames || /* first, so that the sum cannot go round */
        pfn_of(f, pa + op->blob_size - 1) >= m->preset.geo.frames)
        return error_set(e, EXIT_DATA, "0x%llx is beyond this machine's %llu frames",
                         (unsigned long long)pa, (unsigned long long)m->preset.geo.frames);
    phys_copy_out(&m->hw.phys, pa, &old, shown);
    memcpy(&new, op->blob, shown);
    phys_copy_in(&m->hw.phys, pa, op->blob, op->blob_size);
    m->s->tampered = 1;
    EMIT(&m->hw, op->cpu, POKED, .pa = pa, .frame = pfn_of(f, pa), .size = op->blob_size,
         .old = old, .new = new);
    return true;
}

static bool
reset(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    (void)out;
    if (m->preset.kernel)
        return error_set(e, EXIT_DATA, "machine %s has a kernel whose processes would be lost",
                         m->preset.name);
    machine_reset(m);
    EMIT(&m->hw, op->cpu, RESET, .pid = 0);
    return true;
}

enum { IDLE_CYCLES = 1000 };

/* Without N: until the next interrupt, or a thousand cycles when none is expected. */
static uint64_t
until_next_event(const struct machine *m)
{
    uint64_t now = m->hw.s->cycles, next = m->preset.kernel ? os_next_event(&m->os) : 0;

    if (next == 0)
        return IDLE_CYCLES;
    return next > now ? next - now : 1;
}

static bool
tick(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    uint64_t n = op->given & 1 ? op->arg[0] : until_next_event(m);

    if (n == 0 || n > UINT32_MAX) /* an event's cycles are 32 bits wide */
        return do_refuse(e, "tick takes 1 to 4294967295 cycles");
    if (m->preset.kernel) {
        os_tick(&m->os, op->cpu, n); /* says so itself, once for each stretch */
    } else {
        hw_spend(&m->hw, n);
        EMIT(&m->hw, op->cpu, TICKED, .count = n, .cycles = (uint32_t)n);
    }
    out->value = m->hw.s->cycles;
    return true;
}

/* --- the one way in -----------------------------------------------------------------------------
 */

typedef bool does_fn(struct machine *, const struct operation *, struct outcome *, struct error *);

static does_fn *const does_row[OPERATION_CODES] = {
#define OPERATION(code, name, args, does, help) [OP_##code] = does,
#include "machine/operations.def"
#undef OPERATION
};

static bool
limit_reached(const struct machine *m, struct error *e)
{
    if (m->hw.s->phys.slots_full)
        return !error_set(e, EXIT_LIMIT, "this machine's memory holds no more different pages");
    if (m->preset.kernel && m->os.s->limit_hit)
        return !error_set(e, EXIT_LIMIT, "a table of this machine's kernel is full");
    return false;
}

/* Debug builds check every invariant of an honest machine after every operation; with a large memory,
 * where that takes long, now and then. */
static void
self_check(const struct machine *m)
{
#ifdef PW_DEBUG
    const uint64_t every = 1 + (m->preset.geo.frames >> 10);
    struct violation v;

    pw_assert(m->s->op % every || m->s->tampered || invariant_check(m, &v, 1) == 0);
#else
    (void)m;
#endif
}

bool
machine_redo(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    *out = (struct outcome){.kind = OUT_DONE};
    if (op->code == OP_NONE || op->code >= OPERATION_CODES)
        return do_refuse(e, "there is no such operation");
    if (op->cpu >= m->preset.geo.cpus)
        return error_set(e, EXIT_DATA, "there is no cpu %u: this machine has %u", op->cpu,
                         m->preset.geo.cpus);
    m->s->op++;
    if (!does_row[op->code](m, op, out, e)) {
        m->s->op--;
        return false;
    }
    if (m->preset.geo.cpus > 1 && m->preset.kernel)
        shootdown_due(&m->os);
    if (m->preset.geo.kpti && m->preset.kernel)
        isolation_view(&m->os, op->cpu, true); /* back to the program */
    return !limit_reached(m, e);
}

bool
machine_do(struct machine *m, const struct operation *op, struct outcome *out, struct error *e)
{
    const bool done = machine_redo(m, op, out, e);

    if (done)
        self_check(m);
    return done;
}
