/* asid.c - a number is found with a bitmap; that none is left is seen there too.
 *
 * Whether a number is of this generation is one comparison at each switch. So nothing has to be done
 * to the address spaces when a generation ends: their contexts are simply too old, and each asks for
 * a new number when it runs next.
 */
#include "os/asid.h"

#include "base/assert.h"
#include "os/os.h"

bool
asid_exists(const struct os *os)
{
    return os->hw->geo.asid_bits != 0;
}

void
asid_boot(struct os *os)
{
    if (!asid_exists(os))
        return;
    os->asids->generation = 1;
    os->asids->next = 1;
}

/* --- the bitmap --- */

static bool
is_used(const struct asids *a, uint32_t number)
{
    return a->used[number / 64] >> number % 64 & 1;
}

static void
mark(struct asids *a, uint64_t context)
{
    asid_t number = asid_number(context);

    if (number)
        a->used[number / 64] |= UINT64_C(1) << number % 64;
}

/* The first free number from `from` on, 0: none. */
static uint32_t
find_free(const struct os *os, uint32_t from)
{
    uint32_t end = 1u << os->hw->geo.asid_bits;

    for (uint32_t number = from; number < end; number++)
        if (!is_used(os->asids, number))
            return number;
    return 0;
}

/* --- roll-over --- */

/* An address space that runs cannot be given another number behind its back: its CPU goes on using
 * the one it has. A CPU that has not switched since the last roll-over is still under that one. */
static void
begin_generation(struct os *os, unsigned cpu)
{
    struct asids *a = os->asids;
    uint32_t kept = 0;

    a->generation++;
    for (size_t i = 0; i < sizeof a->used / sizeof *a->used; i++)
        a->used[i] = 0;
    for (unsigned i = 0; i < os->hw->geo.cpus; i++) {
        if (a->active[i])
            a->reserved[i] = a->active[i];
        a->active[i] = 0;
        kept += a->reserved[i] && !is_used(a, asid_number(a->reserved[i]));
        mark(a, a->reserved[i]);
    }
    if (!hw_quirk(os->hw, QUIRK_ROLLOVER_KEEPS))
        a->pending = (1u << os->hw->geo.cpus) - 1;
    a->next = 1;
    EMIT(os->hw, cpu, ASID_ROLLOVER, .count = a->generation, .index = kept);
}

/* Does a CPU still run under this? Then it stays, in this generation too. */
static bool
renew_reserved(struct os *os, uint64_t old, uint64_t new)
{
    struct asids *a = os->asids;
    bool found = false;

    for (unsigned i = 0; old && i < os->hw->geo.cpus; i++)
        if (a->reserved[i] == old) {
            a->reserved[i] = new;
            found = true;
        }
    return found;
}

/* Its old number if a CPU runs under it or nobody has taken it, else the next free one. */
static void
new_context(struct os *os, unsigned cpu, uint32_t mm)
{
    struct asids *a = os->asids;
    uint64_t old = a->context[mm], same = a->generation << ASID_SHIFT | asid_number(old);
    uint32_t number;

    if (old && (renew_reserved(os, old, same) || !is_used(a, asid_number(old)))) {
        mark(a, same);
        a->context[mm] = same;
        EMIT(os->hw, cpu, ASID_KEPT, .other = mm, .index = asid_number(old),
             .count = a->generation);
        return;
    }
    if ((number = find_free(os, a->next)) == 0) {
        begin_generation(os, cpu);
        number = find_free(os, 1);
        pw_assert(number); /* there are more numbers than CPUs (machine/preset_tlb.c) */
    }
    a->next = number;
    mark(a, number);
    a->context[mm] = a->generation << ASID_SHIFT | number;
    EMIT(os->hw, cpu, ASID_GIVEN, .other = mm, .index = number, .count = a->generation);
}

/* --- what the kernel asks --- */

asid_t
asid_enter(struct os *os, unsigned cpu, uint32_t mm)
{
    struct asids *a = os->asids;

    if (asid_generation(a->context[mm]) != a->generation)
        new_context(os, cpu, mm);
    if (a->pending >> cpu & 1) {
        a->pending &= ~(1u << cpu);
        tlb_flush(os->hw, cpu, false); /* global entries are true in every address space */
    }
    a->active[cpu] = a->context[mm];
    return asid_number(a->context[mm]);
}

void
asid_leave(struct os *os, unsigned cpu)
{
    os->asids->active[cpu] = os->asids->reserved[cpu] = 0;
}

void
asid_forget(struct os *os, uint32_t mm)
{
    os->asids->context[mm] = 0;
}

asid_t
asid_of(const struct os *os, uint32_t mm)
{
    const struct asids *a = os->asids;
    uint64_t context = a->context[mm];

    if (asid_generation(context) == a->generation)
        return asid_number(context);
    for (unsigned i = 0; context && i < os->hw->geo.cpus; i++)
        if (a->reserved[i] == context)
            return asid_number(context);
    return 0;
}

uint32_t
asid_owner(const struct os *os, asid_t asid)
{
    for (uint32_t mm = 1; asid && mm < TASK_MAX; mm++)
        if (asid_of(os, mm) == asid)
            return mm;
    return 0;
}

bool
asid_is_past(const struct os *os, unsigned cpu, asid_t asid)
{
    return asid_exists(os) && hw_has_pcids(os->hw, cpu) &&
           (os->asids->pending >> cpu & 1) && asid && asid != tlb_asid(os->hw, cpu);
}
