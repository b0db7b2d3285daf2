/* The swap device: what leaves comes back, what is clean costs no write, slots are counted, and a
 * process sleeps as long as the disk works. */
#include <stdio.h>
#include <string.h>

#include "machine/invariant.h"
#include "os/evict.h"
#include "support/drive.h"
#include "test.h"

enum { A = 0x10000000, B = A + 0x1000, C = A + 0x2000, DISK = 300000 };

static struct event seen[4096];
static unsigned events;

static void
note(void *ctx, const struct event *ev)
{
    (void)ctx;
    assert_in_range(events, 0, 4095);
    seen[events++] = *ev;
}

static const struct event *
event_at(enum event_code code, unsigned n)
{
    for (unsigned i = 0; i < events; i++)
        if (seen[i].code == code && n-- == 0)
            return &seen[i];
    return NULL;
}

static unsigned
count(enum event_code code)
{
    unsigned n = 0;

    while (event_at(code, n))
        n++;
    return n;
}

/* What the kernel, the disk and the fault did, without the allocator's blocks. */
static const char *
story(void)
{
    static char text[4096];

    text[0] = '\0';
    for (unsigned i = 0; i < events; i++) {
        enum actor actor = event_row[seen[i].code].actor;

        if (actor != ACTOR_KERNEL && actor != ACTOR_DISK && seen[i].code != EV_RESTART &&
            seen[i].code != EV_TLB_DROP && seen[i].code != EV_PAGE_FAULT)
            continue;
        strcat(text, text[0] ? " " : "");
        strcat(text, event_row[seen[i].code].name);
    }
    return text;
}

static void
check_all(const struct machine *m)
{
    struct violation v[4];

    if (invariant_check(m, v, 4))
        fail_msg("%s: %s", invariant_row[v[0].invariant].id, v[0].where);
}

static struct outcome
run(struct machine *m, const char *line)
{
    struct outcome out;

    events = 0;
    out = drive_machine(m, line);
    check_all(m);
    return out;
}

/* Two CPUs; a process with three pages of anonymous memory at A, FIFO, and a limit. */
static void
open_machine(struct machine *m, const char *limit, uint32_t slots)
{
    static const struct watch watch = {note, NULL};
    struct preset p;
    struct error e = {0};
    char line[64] = "set resident_limit ";

    drive_preset("x86-64", &p);
    p.geo.frames = 64;
    p.geo.cpus = 2;
    p.geo.swap_slots = slots;
    p.layout.kernel = 0;
    assert_true(machine_open(m, &p, 1, &e));
    machine_watch(m, &watch);
    run(m, "spawn");
    run(m, "mmap 0x10000000 16K rw");
    run(m, "set policy fifo");
    run(m, strcat(line, limit));
}

static pte_t
entry_of(const struct machine *m, uint32_t mm, vaddr_t va)
{
    struct translation t = {0};

    walker_peek(&m->hw, m->os.s->mm[mm].root, va, &t);
    return t.entry[t.level];
}

/* --- D4 ------------------------------------------------------------------------------------------
 */

static void
a_page_leaves_and_comes_back(void **state)
{
    struct machine m;
    uint64_t before;
    paddr_t pa;

    (void)state;
    open_machine(&m, "1", 8);
    pa = run(&m, "write 0x10000ff8 0x1122334455667788 size=8").pa;
    before = m.hw.s->cycles;
    assert_int_equal(run(&m, "write 0x10001000 2").pa, pa & ~UINT64_C(0xfff)); /* its frame */
    assert_string_equal(
        story(), "page_fault area_found no_room victim_chosen slot_alloc slot_refs entry_write "
                 "tlb_drop page_out swap_write slot_refs frame_reused frame_zeroed "
                 "entry_write restart");
    assert_int_equal(entry_of(&m, 1, A), 1u << 12); /* slot 1 where a frame would be, P = 0 */
    assert_int_equal(event_at(EV_SWAP_WRITE, 0)->cycles, DISK);
    assert_true(m.hw.s->cycles - before >= DISK);
    assert_int_equal(m.os.s->task[1].major, 0); /* nothing was read for it */
    assert_int_equal(run(&m, "read 0x10000ff8 size=8").value, 0x1122334455667788);
    assert_string_equal(
        story(), "page_fault area_found no_room victim_chosen slot_alloc slot_refs entry_write "
                 "tlb_drop page_out swap_write slot_refs frame_reused slot_refs page_in "
                 "swap_read entry_write slot_refs restart");
    assert_int_equal(event_at(EV_PAGE_FAULT, 0)->error, 4); /* user, not present */
    assert_int_equal(m.os.s->task[1].major, 1);
    assert_int_equal(m.os.s->swap_writes, 2);
    assert_int_equal(m.os.s->swap_reads, 1);
    machine_close(&m);
}

/* In, only read, out: no write. Written once: one write, into the same slot. */
static void
a_clean_page_costs_no_write(void **state)
{
    struct machine m;
    uint32_t slot;

    (void)state;
    open_machine(&m, "1", 8);
    run(&m, "write 0x10000000 7");
    run(&m, "write 0x10001000 8");
    run(&m, "read 0x10000000"); /* A is back, clean */
    slot = m.os.frame[rmap_frame(&m.os, 1, A)].slot;
    assert_int_equal(slot, 1);
    run(&m, "read 0x10001000");
    assert_int_equal(count(EV_PAGE_OUT) + count(EV_SWAP_WRITE), 0);
    assert_int_equal(event_at(EV_VICTIM_CLEAN, 0)->slot, slot);
    assert_int_equal(run(&m, "write 0x10000001 9").kind, OUT_DONE); /* B is clean too */
    assert_int_equal(count(EV_PAGE_OUT), 0);
    run(&m, "read 0x10001000");
    assert_int_equal(count(EV_PAGE_OUT), 1);
    assert_int_equal(event_at(EV_PAGE_OUT, 0)->slot, slot);
    assert_int_equal(run(&m, "read 0x10000000").value, 7);
    assert_int_equal(run(&m, "read 0x10000001").value, 9);
    assert_int_equal(m.os.s->swap_used, 2);
    machine_close(&m);
}

/* A page of a file is dropped and read again; the zero page costs nothing and never leaves. */
static void
a_page_of_a_file_needs_no_slot(void **state)
{
    struct machine m;
    uint64_t first;

    (void)state;
    open_machine(&m, "1", 8);
    run(&m, "mmap 0x20000000 8K r private file=data");
    first = run(&m, "read 0x20000010").value;
    run(&m, "read 0x10000000"); /* the zero page */
    assert_int_equal(count(EV_VICTIM_CHOSEN), 0);
    run(&m, "read 0x20001000");
    assert_string_equal(
        story(), "page_fault area_found no_room victim_chosen entry_write tlb_drop "
                 "victim_dropped frame_reused io_start frame_loaded frame_shared entry_write "
                 "restart");
    assert_int_equal(event_at(EV_VICTIM_DROPPED, 0)->offset, 0);
    assert_int_equal(run(&m, "read 0x20000010").value, first);
    assert_int_equal(m.os.s->swap_used, 0);
    assert_int_equal(m.os.s->swap_writes, 0);
    machine_close(&m);
}

/* Memory that is shared has no slot yet: it stays, and so the process is killed as before. */
static void
shared_memory_stays(void **state)
{
    struct machine m;

    (void)state;
    open_machine(&m, "1", 8);
    run(&m, "mmap 0x20000000 8K rw shared");
    run(&m, "mmap 0x30000000 8K rw shared file=log");
    run(&m, "write 0x20000000 1");
    assert_int_equal(run(&m, "write 0x20001000 1").signal, SIGNAL_KILL);
    run(&m, "spawn");
    run(&m, "mmap 0x30000000 8K rw shared file=log");
    run(&m, "read 0x30000000");
    run(&m, "read 0x30001000"); /* clean: dropped */
    assert_int_equal(count(EV_VICTIM_DROPPED), 1);
    run(&m, "write 0x30001000 5");
    assert_int_equal(run(&m, "read 0x30000000").signal, SIGNAL_KILL);
    machine_close(&m);
}

/* --- fork --------------------------------------------------------------------------------------- */

/* A is in a slot when the parent forks: both entries name it. The child reads it in, finds it clean
 * and shared; the parent finds it in memory; whoever writes gets a copy of its own. */
static void
fork_copies_the_entry_that_names_a_slot(void **state)
{
    struct machine m;
    pfn_t shared;

    (void)state;
    open_machine(&m, "2", 8);
    run(&m, "write 0x10000000 7");
    run(&m, "write 0x10001000 8");
    run(&m, "write 0x10002000 9"); /* A goes */
    assert_int_equal(run(&m, "fork").value, 2);
    assert_int_equal(m.os.swap[1].refs, 2);
    assert_int_equal(m.os.s->mm[2].swapped, 1);
    assert_int_equal(entry_of(&m, 2, A), entry_of(&m, 1, A));
    run(&m, "set resident_limit 8");
    run(&m, "switch 2");
    assert_int_equal(run(&m, "write 0x10000000 70").kind, OUT_DONE);
    assert_int_equal(count(EV_PAGE_FAULT), 2); /* in, and then a copy: the parent's entry counts */
    assert_int_equal(count(EV_COW_COPY), 1);
    assert_int_equal(m.os.swap[1].refs, 1);
    run(&m, "switch 1");
    assert_int_equal(run(&m, "read 0x10000000").value, 7);
    run(&m, "switch 2");
    assert_int_equal(run(&m, "read 0x10000000").value, 70);
    shared = rmap_frame(&m.os, 1, A);
    assert_int_not_equal(shared, rmap_frame(&m.os, 2, A));
    run(&m, "switch 1");
    assert_int_equal(run(&m, "write 0x10000000 71").faults, 0); /* the last holder may at once */
    assert_int_equal(rmap_frame(&m.os, 1, A), shared);
    machine_close(&m);
}

/* B is mapped by both when it leaves: both entries change, and both TLBs forget. The second finds it
 * in memory once the first has read it in. */
static void
a_shared_page_leaves_both(void **state)
{
    struct machine m;

    (void)state;
    open_machine(&m, "0", 8);
    run(&m, "write 0x10000000 7");
    run(&m, "write 0x10001000 8");
    run(&m, "fork");
    run(&m, "switch 2 cpu=1");
    assert_int_equal(run(&m, "read 0x10000000 cpu=1").value, 7);
    run(&m, "read 0x10000000");
    run(&m, "set resident_limit 2");
    run(&m, "write 0x10002000 9"); /* A goes */
    assert_int_equal(count(EV_TLB_DROP), 2);
    assert_int_equal(m.os.swap[1].refs, 2);
    assert_int_equal(m.os.s->mm[2].rss_anon, 1);
    run(&m, "set resident_limit 0");
    assert_int_equal(run(&m, "read 0x10000000 cpu=1").value, 7);
    assert_int_equal(count(EV_PAGE_IN), 1);
    assert_int_equal(run(&m, "read 0x10000000").value, 7);
    assert_int_equal(count(EV_SWAP_HIT), 1);
    assert_int_equal(count(EV_PAGE_IN), 0);
    assert_int_equal(m.os.s->task[1].major, 0);
    assert_int_equal(rmap_frame(&m.os, 1, A), rmap_frame(&m.os, 2, A));
    assert_int_equal(m.os.swap[1].refs, 1);
    run(&m, "exit 2");
    run(&m, "exit 1");
    assert_int_equal(m.os.s->swap_used, 0);
    machine_close(&m);
}

/* --- the end of slots ------------------------------------------------------------------------- */

static void
exit_and_munmap_give_slots_back(void **state)
{
    struct machine m;
    uint32_t frames;

    (void)state;
    open_machine(&m, "1", 8);
    frames = m.os.s->free_frames;
    run(&m, "write 0x10000000 1");
    run(&m, "write 0x10001000 2");
    run(&m, "write 0x10002000 3");
    assert_int_equal(m.os.s->swap_used, 2);
    run(&m, "munmap 0x10000000 4K");
    assert_int_equal(count(EV_SLOT_FREE), 1);
    assert_int_equal(m.os.s->mm[1].swapped, 1);
    run(&m, "munmap 0x10000000 16K");
    assert_int_equal(m.os.s->swap_used, 0);
    assert_int_equal(m.os.s->free_frames, frames);
    run(&m, "mmap 0x10000000 16K rw");
    run(&m, "write 0x10000000 1");
    run(&m, "write 0x10001000 2");
    run(&m, "mprotect 0x10000000 16K r"); /* the entry that names a slot stays as it is */
    assert_int_equal(run(&m, "read 0x10000000").value, 1);
    assert_int_equal(run(&m, "write 0x10000000 5").signal, SIGNAL_SEGV_ACCERR);
    assert_int_equal(m.os.s->swap_used, 0);
    assert_int_equal(m.os.s->free_frames, frames + 1); /* the root table */
    machine_close(&m);
}

/* One slot: the first page takes it, the second cannot leave. */
static void
a_full_device_kills_as_before(void **state)
{
    struct machine m;

    (void)state;
    open_machine(&m, "1", 1);
    run(&m, "write 0x10000000 1");
    run(&m, "write 0x10001000 2");
    assert_int_equal(m.os.s->swap_used, 1);
    assert_int_equal(run(&m, "write 0x10002000 3").signal, SIGNAL_KILL);
    assert_int_equal(event_at(EV_SWAP_FULL, 0)->count, 1);
    assert_int_equal(count(EV_VICTIM_CHOSEN), 0);
    assert_int_equal(m.os.s->swap_used, 0);
    machine_close(&m);
    open_machine(&m, "1", 0); /* no device: nothing is said about it */
    run(&m, "write 0x10000000 1");
    assert_int_equal(run(&m, "write 0x10001000 2").signal, SIGNAL_KILL);
    assert_int_equal(count(EV_SWAP_FULL), 0);
    machine_close(&m);
}

/* Two slots for three pages of which two fit: a page in memory gives up its slot. */
static void
a_page_in_memory_lends_its_slot(void **state)
{
    struct machine m;

    (void)state;
    open_machine(&m, "2", 2);
    run(&m, "write 0x10000000 1");
    run(&m, "write 0x10001000 2");
    for (int i = 0; i < 4; i++) {
        assert_int_equal(run(&m, "write 0x10002000 3").kind, OUT_DONE);
        assert_int_equal(run(&m, "write 0x10000000 1").kind, OUT_DONE);
        assert_int_equal(run(&m, "write 0x10001000 2").kind, OUT_DONE);
    }
    assert_int_equal(run(&m, "read 0x10002000").value, 3);
    assert_true(m.os.s->swap_used <= 2);
    machine_close(&m);
}

/* --- the disk takes its time ------------------------------------------------------------------ */

static void
a_fault_may_sleep_twice(void **state)
{
    struct machine m;

    (void)state;
    open_machine(&m, "1", 8);
    run(&m, "spawn");
    run(&m, "write 0x10000000 7");
    run(&m, "write 0x10001000 8");
    assert_int_equal(run(&m, "read 0x10000000 wait=no").kind, OUT_BLOCKED);
    assert_int_equal(m.os.s->task[1].fault.stage, STAGE_OUT);
    assert_int_equal(m.os.frame[m.os.s->task[1].fault.hand].locked, LOCK_WRITE);
    assert_int_equal(count(EV_PAGE_OUT), 1);
    run(&m, "switch 2"); /* another runs meanwhile */
    run(&m, "tick");
    assert_string_equal(story(),
                        "swap_write slot_refs woken frame_reused slot_refs page_in blocked");
    assert_int_equal(m.os.s->task[1].fault.stage, STAGE_IO);
    assert_int_equal(m.os.s->task[1].state, TASK_BLOCKED);
    run(&m, "tick");
    assert_string_equal(story(), "swap_read woken entry_write slot_refs");
    assert_int_equal(m.os.s->task[1].state, TASK_READY);
    assert_int_equal(m.os.s->task[1].fault.hand, 0);
    run(&m, "switch 1");
    assert_int_equal(count(EV_RESTART), 1);
    assert_int_equal(event_at(EV_DATA_READ, 0)->new, 7);
    assert_int_equal(m.os.s->task[1].major, 1);
    machine_close(&m);
}

/* Both processes want A while it is on its way out for a third page: they wait for the write, then
 * for one read. The frame under way is nobody's victim. */
static void
others_wait_for_a_page_on_its_way(void **state)
{
    struct machine m;

    (void)state;
    open_machine(&m, "0", 8);
    run(&m, "write 0x10000000 7");
    run(&m, "fork");
    run(&m, "switch 2 cpu=1");
    run(&m, "set resident_limit 1");
    assert_int_equal(run(&m, "write 0x10001000 1 wait=no").kind, OUT_BLOCKED); /* A goes out */
    run(&m, "set resident_limit 0");
    assert_int_equal(run(&m, "read 0x10000000 wait=no cpu=1").kind, OUT_BLOCKED);
    assert_int_equal(count(EV_PAGE_IN), 0);
    assert_int_equal(m.os.s->task[1].fault.io_done, m.os.s->task[2].fault.io_done);
    run(&m, "tick");
    assert_int_equal(count(EV_SWAP_WRITE), 1);
    assert_int_equal(count(EV_PAGE_IN), 1); /* the child's, into a frame of its own */
    assert_int_equal(m.os.s->task[2].state, TASK_BLOCKED);
    assert_int_equal(run(&m, "read 0x10000000 wait=no").kind, OUT_BLOCKED); /* the parent joins */
    assert_int_equal(count(EV_PAGE_IN), 0);
    run(&m, "tick");
    assert_int_equal(count(EV_SWAP_READ), 1);
    assert_int_equal(event_at(EV_DATA_READ, 0)->new, 7);
    assert_int_equal(event_at(EV_DATA_READ, 1)->new, 7);
    assert_int_equal(rmap_frame(&m.os, 1, A), rmap_frame(&m.os, 2, A));
    machine_close(&m);
}

static void
a_sleeper_that_is_killed_leaves_nothing(void **state)
{
    struct machine m;

    (void)state;
    open_machine(&m, "0", 8);
    run(&m, "write 0x10000000 7");
    run(&m, "fork");
    run(&m, "switch 2 cpu=1");
    run(&m, "set resident_limit 1");
    run(&m, "write 0x10001000 1 wait=no"); /* A goes out; the child's entry names its slot too */
    run(&m, "exit 1");
    run(&m, "set resident_limit 0");
    assert_int_equal(run(&m, "read 0x10000000 cpu=1").value, 7); /* it was written all the same */
    run(&m, "set resident_limit 1");
    run(&m, "write 0x10001000 1 cpu=1"); /* A out again */
    run(&m, "set resident_limit 0");
    run(&m, "read 0x10000000 wait=no cpu=1"); /* A on its way in */
    run(&m, "exit 2");
    assert_int_equal(m.os.s->swap_used, 0);
    assert_int_equal(os_next_io(&m.os), 0);
    machine_close(&m);
}

/* With no limit of its own but no frame either, a process takes another's page, and sleeps for it. */
static void
global_replacement_sleeps_too(void **state)
{
    struct preset p;
    struct machine m;
    struct error e = {0};
    const struct watch watch = {note, NULL};

    (void)state;
    drive_preset("toy16", &p);
    assert_true(machine_open(&m, &p, 1, &e));
    machine_watch(&m, &watch);
    run(&m, "set policy lru");
    run(&m, "spawn");
    run(&m, "spawn"); /* two tables: four frames are left */
    run(&m, "mmap 0x4000 0x6000 rw");
    run(&m, "write 0x4000 1");
    run(&m, "write 0x5000 2");
    run(&m, "switch 2");
    run(&m, "write 0x3000 3");
    run(&m, "write 0xf000 4");
    assert_int_equal(m.os.s->free_frames, 0);
    run(&m, "switch 1");
    run(&m, "read 0x4000");
    assert_int_equal(run(&m, "write 0x6000 5 wait=no").kind, OUT_BLOCKED);
    assert_int_equal(event_at(EV_VICTIM_CHOSEN, 0)->va, 0x5000); /* used longest ago of all */
    run(&m, "switch 2");
    assert_int_equal(run(&m, "read 0x3000").value, 3);
    run(&m, "tick");
    assert_int_equal(m.os.s->task[1].state, TASK_READY);
    run(&m, "switch 1");
    assert_int_equal(run(&m, "read 0x6000").value, 5);
    assert_int_equal(run(&m, "read 0x5000").value, 2);
    assert_int_equal(event_at(EV_VICTIM_CHOSEN, 0)->other, 2); /* 0xf000 */
    machine_close(&m);
}

/* --- entries, format by format ----------------------------------------------------------------- */

static void
the_slot_stands_where_a_frame_would(void **state)
{
    static const struct {
        const char *name;
        uint64_t most;
        pte_t third;
    } row[] = {
        {"x86-64", UINT32_MAX / 4, 0x3000}, {"i386", (1 << 20) - 1, 0x3000}, {"toy16", 7, 0x3000}};

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct preset p;
        struct machine m;
        struct error e = {0};

        drive_preset(row[i].name, &p);
        assert_int_equal(swap_slots_most(&p.geo.format), row[i].most);
        assert_true(machine_open(&m, &p, 1, &e));
        m.os.swap[3].refs = 1;
        assert_int_equal(swap_entry(&m.os, 3), row[i].third);
        assert_int_equal(swap_entry_slot(&m.os, row[i].third), 3);
        assert_int_equal(swap_entry_slot(&m.os, row[i].third | 1), 0); /* present */
        assert_int_equal(swap_entry_slot(&m.os, row[i].third | 4), 0);
        assert_int_equal(swap_entry_slot(&m.os, 0x2000), 0); /* not in use */
        assert_int_equal(swap_entry_slot(&m.os, 0), 0);
        machine_close(&m);
    }
}

/* A format without D can only tell by the right to write, which mprotect and fork take away: what
 * was written before must not be lost. */
static void
without_d_the_right_to_write_tells(void **state)
{
    static const char *const takes_right[] = {"mprotect 0x8000 4K r", "fork"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct preset p;
        struct machine m;
        struct error e = {0};

        drive_preset("toy16", &p);
        p.geo.format.flag.dirty = 0;
        p.geo.frames = 7;
        p.tunable[TUNE_POLICY] = POLICY_FIFO;
        p.tunable[TUNE_RESIDENT_LIMIT] = 1;
        assert_true(machine_open(&m, &p, 1, &e));
        run(&m, "spawn");
        run(&m, "mmap 0x8000 16K rw");
        run(&m, "write 0x8000 1");
        run(&m, "write 0x9000 2");
        assert_int_equal(run(&m, "read 0x8000").value, 1); /* keeps its slot */
        run(&m, "write 0x8000 9");
        run(&m, takes_right[i]);
        run(&m, "write 0x9000 3");
        assert_int_equal(run(&m, "read 0x8000").value, 9);
        machine_close(&m);
    }
}

/* The entry of the untouched page C names this slot, by somebody's hand; then C is unmapped. */
static void
poke_and_unmap(struct machine *m, uint32_t slot)
{
    char line[80];

    snprintf(line, sizeof line, "poke 0x%llx 00 %02x 00 00 00 00 00 00",
             (unsigned long long)table_find(&m->os, 1, C), slot << 4);
    drive_machine(m, line);
    drive_machine(m, "munmap 0x10002000 4K");
}

/* A slot that was poked into an entry goes with it, as any other would; but a process that has no page
 * on the device gives none up, and a frame must not believe in a slot that is free. */
static void
a_poked_slot_does_not_confuse_the_counts(void **state)
{
    struct machine m;
    struct frame *a;

    (void)state;
    open_machine(&m, "1", 8);
    run(&m, "write 0x10000000 7");
    run(&m, "write 0x10001000 8"); /* A is out */
    run(&m, "set resident_limit 0");
    run(&m, "read 0x10000000"); /* and back, its slot kept */
    a = &m.os.frame[rmap_frame(&m.os, 1, A)];
    poke_and_unmap(&m, a->slot);
    assert_int_equal(m.os.s->mm[1].swapped, 0);
    assert_int_equal(m.os.s->swap_used, 1);
    run(&m, "set resident_limit 1");
    run(&m, "write 0x10003000 5"); /* A and B are out */
    run(&m, "set resident_limit 0");
    run(&m, "read 0x10000000");
    run(&m, "mmap 0x10002000 4K rw");
    a = &m.os.frame[rmap_frame(&m.os, 1, A)];
    poke_and_unmap(&m, a->slot);
    assert_int_equal(a->slot, 0);
    assert_int_equal(m.os.s->mm[1].swapped, 0);
    assert_int_equal(drive_machine(&m, "read 0x10001000").value, 8);
    assert_int_equal(m.os.s->mm[1].swapped, 0);
    machine_close(&m);
}

/* What somebody poked over an entry stays: the kernel forgets the page that was there. */
static void
a_poked_entry_is_left_alone(void **state)
{
    struct machine m;
    char line[80];
    paddr_t place;

    (void)state;
    open_machine(&m, "1", 8);
    run(&m, "write 0x10000000 7");
    place = table_find(&m.os, 1, A);
    snprintf(line, sizeof line, "poke 0x%llx 00 00 00 00 00 00 00 40", (unsigned long long)place);
    drive_machine(&m, line);
    drive_machine(&m, "write 0x10001000 8");
    assert_int_equal(table_get(&m.os, place), UINT64_C(0x40) << 56);
    assert_int_equal(m.os.s->mm[1].swapped, 0);
    assert_int_equal(m.os.s->mm[1].rss_anon, 1);
    machine_close(&m);
}

/* The parent's D went with its entry, the frame knows; once the bytes are on their way they are no
 * longer newer than the disk's. */
static void
what_is_being_written_is_clean(void **state)
{
    struct machine m;
    pfn_t pfn;

    (void)state;
    open_machine(&m, "0", 8);
    run(&m, "write 0x10000000 7");
    run(&m, "fork");
    run(&m, "exit 1");
    run(&m, "switch 2");
    pfn = rmap_frame(&m.os, 2, A);
    assert_false(entry_of(&m, 2, A) & m.preset.geo.format.flag.dirty);
    assert_true(evict_is_dirty(&m.os, pfn));
    run(&m, "set resident_limit 1");
    assert_int_equal(run(&m, "write 0x10002000 1 wait=no").kind, OUT_BLOCKED);
    assert_int_equal(count(EV_PAGE_OUT), 1);
    assert_false(evict_is_dirty(&m.os, pfn));
    machine_close(&m);
}

/* Page 1 of the file is asked for first; while the kernel reads page 0 for a mapping of its own the
 * disk is long done with it. Of two transfers of DISK cycles that begin at about the same time
 * nobody waits longer than for the later one. */
static void
a_transfer_that_has_ended_takes_no_time(void **state)
{
    struct machine m;
    uint64_t before;

    (void)state;
    open_machine(&m, "0", 8);
    run(&m, "mmap 0x20000000 8K r file=a");
    assert_int_equal(run(&m, "read 0x20001000 wait=no").kind, OUT_BLOCKED);
    run(&m, "spawn");
    run(&m, "switch 2 cpu=1");
    run(&m, "tick 5");
    before = m.hw.s->cycles;
    drive_machine(&m, "set map-takes-frames 1");
    events = 0;
    drive_machine(&m, "mmap 0x30000000 8K r file=a cpu=1");
    assert_int_equal(count(EV_FRAME_LOADED), 2);
    assert_int_equal(event_at(EV_FRAME_LOADED, 0)->cycles, DISK);
    assert_int_equal(event_at(EV_FRAME_LOADED, 1)->cycles, 0);
    assert_int_equal(m.hw.s->cycles, before + DISK);
    machine_close(&m);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_leaves_and_comes_back),
        cmocka_unit_test(a_clean_page_costs_no_write),
        cmocka_unit_test(a_page_of_a_file_needs_no_slot),
        cmocka_unit_test(shared_memory_stays),
        cmocka_unit_test(fork_copies_the_entry_that_names_a_slot),
        cmocka_unit_test(a_shared_page_leaves_both),
        cmocka_unit_test(exit_and_munmap_give_slots_back),
        cmocka_unit_test(a_full_device_kills_as_before),
        cmocka_unit_test(a_page_in_memory_lends_its_slot),
        cmocka_unit_test(a_fault_may_sleep_twice),
        cmocka_unit_test(others_wait_for_a_page_on_its_way),
        cmocka_unit_test(a_sleeper_that_is_killed_leaves_nothing),
        cmocka_unit_test(global_replacement_sleeps_too),
        cmocka_unit_test(the_slot_stands_where_a_frame_would),
        cmocka_unit_test(without_d_the_right_to_write_tells),
        cmocka_unit_test(a_transfer_that_has_ended_takes_no_time),
        cmocka_unit_test(a_poked_slot_does_not_confuse_the_counts),
        cmocka_unit_test(a_poked_entry_is_left_alone),
        cmocka_unit_test(what_is_being_written_is_clean),
    };

    return RUN_TESTS(tests);
}
