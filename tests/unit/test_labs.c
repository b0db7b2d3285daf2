/* Broken kernels: the invariant lights up, and the hunt backwards ends at the event that did it.
 *
 * What breaks follows from what the kernel leaves out; where the hunt ends, from who may write the thing at all: "who wrote this last?" of
 * the TLB entry, the frame or the slot that the invariant names.
 */
#include "test.h"

#include <string.h>

#include "hw/tlb.h"
#include "machine/invariant.h"
#include "support/drive.h"

enum { LINES = 12, FOUND = 8, HOPS = 4 };

static const struct lab {
    enum quirk quirk;
    const char *machine, *line[LINES];
    const char *invariant; /* that lights up at the end; the only one, or the first */
    enum subject_kind
        subject; /* what it points at: the TLB's entry or the frame of `page`, its entry in the
                    directory, or slot 1 */
    vaddr_t page;
    const char *event; /* that did it */
} lab[] = {
    {QUIRK_NO_INVALIDATE,
     "x86-64",
     {"spawn", "write 0x406000 7", "munmap 0x406000 4K"},
     "F4",
     SUBJECT_FRAME,
     0x406000,
     "frame_free"},
    {QUIRK_NO_ACK_WAIT,
     "smp",
     {"spawn", "thread", "switch 2 cpu=1", "write 0x406000 7", "read 0x406000 cpu=1",
      "munmap 0x406000 4K"},
     "F4",
     SUBJECT_FRAME,
     0x406000,
     "frame_free"},
    {QUIRK_ROLLOVER_KEEPS,
     "asid",
     {"spawn", "spawn", "spawn", "spawn", "read 0x404000", "switch 2", "switch 3", "switch 4"},
     "L1",
     SUBJECT_TLB,
     0x404000,
     "tlb_fill"},
    {QUIRK_USER_GLOBAL,
     "pcid",
     {"spawn", "spawn", "read 0x404000", "switch 2"},
     "L1",
     SUBJECT_TLB,
     0x404000,
     "tlb_fill"},
    {QUIRK_LOSES_DIRTY,
     "x86-64",
     {"spawn", "set policy fifo", "set resident_limit 1", "mmap 0x10000000 8K rw",
      "write 0x10000000 7", "write 0x10001000 8"},
     "W5",
     SUBJECT_SLOT,
     0x10000000,
     "slot_alloc"}, /* and nothing wrote its bytes since */
    {QUIRK_MISALIGNED_HUGE,
     "x86-64",
     {"spawn", "mmap 0x40000000 2M rw", "write 0x40000000 7", "collapse 0x40000000"},
     "T3",
     SUBJECT_MEMORY,
     0x40000000,
     "entry_write"},
    {QUIRK_NO_SHOOTDOWN,
     "smp",
     {"spawn", "thread", "switch 2 cpu=1", "write 0x406000 7", "read 0x406000 cpu=1",
      "munmap 0x406000 4K"},
     "F4",
     SUBJECT_FRAME,
     0x406000,
     "frame_free"},
};

static bool
lights_up(const struct history *h, const char *id)
{
    struct violation found[FOUND];
    unsigned n = invariant_check(history_machine(h), found, FOUND);

    for (unsigned i = 0; i < n && i < FOUND; i++)
        if (strcmp(invariant_row[found[i].invariant].id, id) == 0)
            return true;
    return false;
}

/* What a CPU's TLB has of this page, whosever it is. */
static struct tlb_entry *
find_entry(const struct machine *m, vaddr_t page, struct subject *out)
{
    for (unsigned cpu = 0; cpu < m->hw.geo.cpus; cpu++) {
        struct tlb_entry *e = tlb_find(&m->hw, cpu, page);

        for (unsigned set = 0; e && set < m->hw.geo.tlb_sets; set++)
            for (unsigned way = 0; way < m->hw.geo.tlb_ways; way++)
                if (tlb_at(&m->hw, cpu, set, way) == e) {
                    *out = (struct subject){.kind = SUBJECT_TLB, .a = cpu, .b = set, .n = way};
                    return e;
                }
    }
    fail_msg("no TLB has 0x%llx", (unsigned long long)page);
    return NULL;
}

/* Where the walk of CPU 0 ends: the entry that maps 2 MiB. */
static struct subject
directory_entry(const struct machine *m, vaddr_t page)
{
    struct translation t = {0};

    walker_peek_cpu(&m->hw, 0, page, &t);
    return (struct subject){.kind = SUBJECT_MEMORY, .a = t.slot[t.level], .n = 8};
}

static struct subject
subject_of(const struct lab *l, const struct history *h)
{
    struct subject s = {.kind = SUBJECT_SLOT, .a = 1};
    const struct tlb_entry *e;

    if (l->subject == SUBJECT_SLOT)
        return s;
    if (l->subject == SUBJECT_MEMORY)
        return directory_entry(history_machine(h), l->page);
    e = find_entry(history_machine(h), l->page, &s);
    if (l->subject == SUBJECT_FRAME)
        s = (struct subject){.kind = SUBJECT_FRAME, .a = e->pfn};
    return s;
}

static struct history *
play(const struct lab *l, bool broken)
{
    struct preset p;
    struct error e = {0};
    struct history *h;

    drive_preset(l->machine, &p);
    p.quirks = broken ? UINT64_C(1) << l->quirk : 0;
    h = history_open(&p, 1, &e);
    assert_non_null(h);
    for (unsigned i = 0; l->line[i]; i++)
        drive_history(h, l->line[i]);
    return h;
}

/* Back from writer to writer, a few at most. */
static void
hunt(const struct lab *l, struct history *h)
{
    const struct subject s = subject_of(l, h);
    struct position at = history_end(h);
    struct event ev;

    for (int hop = 0; hop < HOPS && history_writer(h, at, &s, &at); hop++) {
        history_seek(h, at);
        assert_true(history_event(h, &ev));
        if (strcmp(event_row[ev.code].name, l->event) == 0)
            return;
        at = history_previous(h, at);
    }
    fail_msg("%s: the hunt does not come to %s", quirk_row[l->quirk].name, l->event);
}

static void
a_broken_kernel_is_found_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lab / sizeof *lab; i++) {
        struct history *h = play(&lab[i], false);

        if (lights_up(h, lab[i].invariant))
            fail_msg("%s: %s lights up on a kernel that is whole", quirk_row[lab[i].quirk].name,
                     lab[i].invariant);
        history_close(h);
        h = play(&lab[i], true);
        if (!lights_up(h, lab[i].invariant))
            fail_msg("%s: %s does not light up", quirk_row[lab[i].quirk].name, lab[i].invariant);
        hunt(&lab[i], h);
        history_close(h);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_broken_kernel_is_found_out),
    };

    return RUN_TESTS(tests);
}
