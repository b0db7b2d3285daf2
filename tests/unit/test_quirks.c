/* Every quirk makes the machine wrong in the way its sentence says: a small scenario, the answer of
 * the honest machine and the answer of the one with the quirk, both worked out by hand. */
#include <stdio.h>
#include <string.h>

#include "support/drive.h"
#include "test.h"

enum { LINES = 10, EVENTS = 2048 };

/* What the last line of a scenario did. */
struct scene {
    struct machine m;
    uint64_t free_at_boot;
    struct outcome outcome[LINES]; /* of each line */
    int lines;
    struct event event[EVENTS]; /* of the last line */
    unsigned events;
};

static void
note(void *ctx, const struct event *ev)
{
    struct scene *s = ctx;

    assert_in_range(s->events, 0, EVENTS - 1);
    s->event[s->events++] = *ev;
}

/* The n-th event of that kind (from 0); NULL when there are fewer. */
static const struct event *
event_at(const struct scene *s, enum event_code code, unsigned n)
{
    for (unsigned i = 0; i < s->events; i++)
        if (s->event[i].code == code && n-- == 0)
            return &s->event[i];
    return NULL;
}

static unsigned
count(const struct scene *s, enum event_code code)
{
    unsigned n = 0;

    while (event_at(s, code, n))
        n++;
    return n;
}

static const struct outcome *
last(const struct scene *s)
{
    return &s->outcome[s->lines - 1];
}

/* --- answers ------------------------------------------------------------------------------------
 */

static uint64_t
first_index(const struct scene *s)
{
    return event_at(s, EV_WALK_READ, 0)->index;
}

static uint64_t
offset_of_first_entry(const struct scene *s)
{
    return event_at(s, EV_WALK_READ, 0)->pa - event_at(s, EV_WALK_START, 0)->pa;
}

static uint64_t
offset_in_frame(const struct scene *s)
{
    return last(s)->pa & 0xfff;
}

static uint64_t
address_is_frame_number_plus_0x123(const struct scene *s)
{
    return last(s)->pa == event_at(s, EV_TLB_FILL, 0)->frame + 0x123;
}

static uint64_t
whole_flushes(const struct scene *s)
{
    return count(s, EV_TLB_FLUSH);
}

static uint64_t
entries_read(const struct scene *s)
{
    return count(s, EV_WALK_READ);
}

static uint64_t
page_evicted(const struct scene *s)
{
    return event_at(s, EV_TLB_EVICT, 0)->va;
}

static uint64_t
set_asked(const struct scene *s)
{
    return event_at(s, EV_TLB_MISS, 0)->set;
}

static uint64_t
cache_set_asked(const struct scene *s)
{
    const struct event *hit = event_at(s, EV_LINE_HIT, 0);

    return hit ? hit->set : event_at(s, EV_LINE_MISS, 0)->set;
}

static uint64_t
cache_hits(const struct scene *s)
{
    return count(s, EV_LINE_HIT);
}

static uint64_t
interrupts(const struct scene *s)
{
    return count(s, EV_IPI_SENT);
}

static uint64_t
tlb_hits(const struct scene *s)
{
    return count(s, EV_TLB_HIT);
}

static uint64_t
value(const struct scene *s)
{
    return last(s)->value;
}

static uint64_t
faults(const struct scene *s)
{
    return last(s)->faults;
}

static uint64_t
is_killed(const struct scene *s)
{
    return last(s)->kind == OUT_SIGNAL;
}

static uint64_t
pages_of_its_own(const struct scene *s)
{
    return s->m.os.s->mm[1].rss_anon;
}

static uint64_t
tables(const struct scene *s)
{
    return s->m.os.s->mm[1].tables;
}

static uint64_t
frames_copied(const struct scene *s)
{
    return count(s, EV_FRAME_COPIED);
}

/* Does the parent still write into the frame it had before the fork (line 1)? */
static uint64_t
writer_kept_the_frame(const struct scene *s)
{
    return last(s)->pa == s->outcome[1].pa;
}

static uint64_t
frames_lost(const struct scene *s)
{
    return s->free_at_boot - s->m.os.s->free_frames;
}

static uint64_t
string_faults(const struct scene *s)
{
    return s->m.os.s->string.faults;
}

static uint64_t
pages_written(const struct scene *s)
{
    return count(s, EV_PAGE_OUT);
}

/* Knuth: a block of 2^k begins at a multiple of 2^k. */
static uint64_t
some_block_is_misplaced(const struct scene *s)
{
    for (unsigned order = 1; order < BUDDY_ORDERS; order++)
        for (uint32_t pfn = s->m.os.s->free_head[order]; pfn; pfn = s->m.os.frame[pfn].next)
            if (pfn % (1u << order))
                return 1;
    return 0;
}

static uint64_t
merges(const struct scene *s)
{
    return count(s, EV_BUDDY_MERGE);
}

/* --- beliefs ------------------------------------------------------------------------------------
 */

struct belief {
    enum quirk quirk;
    const char *machine;
    const char *line[LINES + 1]; /* "ro VA": a hand clears R/W in the page's entry */
    uint64_t (*answer)(const struct scene *s);
    uint64_t honest, wrong;
};

/* 0x123456789000 is 0x24, 0xd1, 0xb3, 0x189 in four levels; its bits 48..40 are 0x12, 51..42 4. */
#define SPLIT                                                                                      \
    {                                                                                              \
        "spawn", "read 0x123456789000"                                                             \
    }

/* The string of the textbooks in three frames, by a policy. */
#define TEXTBOOK(policy)                                                                           \
    {                                                                                              \
        "spawn", "mmap 0x10000000 64K r private file=data",                                        \
            "string 0x10000000 7,0,1,2,0,3,0,4,2,3,0,3,2,1,2,0,1,7,0,1", "set resident_limit 3",   \
            "set policy " policy, "ref 20"                                                         \
    }

/* Room for one page: 0x10000000 is written, leaves for the next, and comes back. */
#define ONE_PAGE                                                                                   \
    "spawn", "set policy fifo", "set resident_limit 1", "mmap 0x10000000 8K rw",                   \
        "write 0x10000000 7", "write 0x10001000 8", "read 0x10000000"

/* Two threads of a process on two CPUs have the same page in their TLBs. */
#define TWO_CPUS "spawn", "thread", "switch 2 cpu=1", "write 0x406000 7", "read 0x406000 cpu=1"

static const struct belief belief[] = {
    {QUIRK_FIFO_RENEWED, "x86-64", TEXTBOOK("fifo"), string_faults, 15, 12},
    {QUIRK_LRU_LOADED, "x86-64", TEXTBOOK("lru"), string_faults, 12, 15},
    {QUIRK_LOAD_R0, "x86-64", TEXTBOOK("clock"), string_faults, 14, 11},
    {QUIRK_HAND_ON_HIT, "x86-64", TEXTBOOK("clock"), string_faults, 14, 10},
    {QUIRK_CLEARED_IN_TLB, /* 3 clears all and takes 0; 1 is used; 4 takes 2, or 1 when R is 0 */
     "x86-64",
     {"spawn", "mmap 0x10000000 64K r private file=data", "set resident_limit 3",
      "string 0x10000000 0,1,2,3,1,4", "ref 6", "read 0x10001000"},
     faults,
     0,
     1},
    {QUIRK_WRITES_CLEAN, "x86-64", {ONE_PAGE, "read 0x10001000"}, pages_written, 0, 1},
    {QUIRK_SLOT_GIVEN_UP, "x86-64", {ONE_PAGE, "read 0x10001000"}, pages_written, 0, 1},
    {QUIRK_LOSES_DIRTY, "x86-64", {ONE_PAGE}, value, 7, 0},
    {QUIRK_VICTIM_IN_TLB, "x86-64", {ONE_PAGE}, value, 7, 8},
    {QUIRK_INDEX_LEFT, "x86-64", SPLIT, first_index, 0x24, 0x12},
    {QUIRK_ROOT_ON_USE, /* its root table is frame 4; absent in memory, the register holds it still */
     "pae",
     {"spawn", "read 0x8048000", "poke 0x4000 0000000000000000", "flush", "read 0x8048000"},
     faults,
     0,
     1},
    {QUIRK_INDEX_TEN_BITS, "x86-64", SPLIT, first_index, 0x24, 0x4},
    {QUIRK_INDEX_NINE_BITS, /* 0x12345678 is 0x48, 0x345 in tens; its bits 29..21 are 0x91 */
     "i386",
     {"spawn", "read 0x12345678"},
     first_index,
     0x48,
     0x91},
    {QUIRK_ENTRY_BYTES, "x86-64", SPLIT, offset_of_first_entry, 0x24 * 8, 0x24},
    {QUIRK_ENTRY_HALF, "x86-64", SPLIT, offset_of_first_entry, 0x24 * 8, 0x24 * 4},
    {QUIRK_NO_OFFSET, "x86-64", {"spawn", "read 0x406123"}, offset_in_frame, 0x123, 0},
    {QUIRK_FRAME_PLUS,
     "x86-64",
     {"spawn", "read 0x406123"},
     address_is_frame_number_plus_0x123,
     0,
     1},
    {QUIRK_LEAF_DECIDES, /* R/W is cleared in the entry above the last: PML4[0] of root f5 */
     "x86-64",
     {"spawn", "write 0x406000 7", "poke 0x5000 25", "flush", "write 0x406000 8"},
     faults,
     1,
     0},
    {QUIRK_TLB_OFF, "x86-64", {"spawn", "read 0x406000", "read 0x406000"}, entries_read, 0, 4},
    {QUIRK_TLB_FIFO, /* four ways: 4 5 6 7, then 4 again, then 8 needs a place */
     "toy16",
     {"spawn", "mmap 0x4000 0x5000 r", "read 0x4000", "read 0x5000", "read 0x6000", "read 0x7000",
      "read 0x4000", "read 0x8000"},
     page_evicted,
     0x5000,
     0x4000},
    {QUIRK_TLB_ONE_SET, /* five pages of one set of four ways: the first is still there, or not */
     "x86-64",
     {"spawn", "mmap 0x10000000 128K rw", "write 0x10000000", "write 0x10004000",
      "write 0x10008000", "write 0x1000c000", "write 0x10010000", "read 0x10000000"},
     tlb_hits,
     0,
     1},
    {QUIRK_TLB_ONE_WAY, /* 16 entries: pages 0x10000 and 0x10010 share one */
     "x86-64",
     {"spawn", "mmap 0x10000000 128K rw", "write 0x10000000", "write 0x10010000",
      "read 0x10000000"},
     tlb_hits,
     1,
     0},
    {QUIRK_WALK_FROM_ROOT,
     "walk-cache",
     {"spawn", "mmap 0x10000000 128K rw", "write 0x10000000", "write 0x10001000", "flush",
      "read 0x10000000", "read 0x10001000"},
     entries_read,
     1,
     4},
    {QUIRK_TLB_ANY_SET, "x86-64", {"spawn", "read 0x406003"}, set_asked, 0x406 % 4, 0x3 % 4},
    {QUIRK_TLB_KEEPS_SWITCH,
     "x86-64",
     {"spawn", "write 0x406000 7", "spawn", "switch 2", "read 0x406000"},
     value,
     0,
     7},
    {QUIRK_TLB_AUTO,
     "x86-64",
     {"spawn", "write 0x406000 7", "ro 0x406000", "write 0x406000 8"},
     faults,
     0,
     1},
    {QUIRK_TLB_NO_VALID, "csapp", {"read 0x027c"}, tlb_hits, 0, 1}, /* set 1 holds tag 2, V=0 */
    {QUIRK_TLB_V0_FAULTS, "csapp", {"read 0x027c"}, faults, 0, 1},
    {QUIRK_CACHE_VIRTUAL, "csapp", {"read 0x03d4"}, cache_hits, 1, 0}, /* tag 0xf is not there */
    {QUIRK_CACHE_TOP_SET, "csapp", {"read 0x03d4"}, cache_set_asked, 0x5, 0x3}, /* PA 0x354 */
    {QUIRK_NO_INVALIDATE,
     "x86-64",
     {"spawn", "write 0x406000 7", "munmap 0x406000 4096", "read 0x406000"},
     is_killed,
     1,
     0},
    {QUIRK_USER_GLOBAL, /* 2 writes through what the TLB kept of 1 */
     "pcid",
     {"spawn", "write 0x404000 7", "spawn", "switch 2", "write 0x404000 8", "switch 1", "read 0x404000"},
     value,
     7,
     8},
    {QUIRK_ROLLOVER_KEEPS, /* the fourth, with numbers for three */
     "asid",
     {"spawn", "spawn", "spawn", "spawn", "switch 2", "switch 3", "switch 4"},
     whole_flushes,
     1,
     0},
    {QUIRK_NO_SHOOTDOWN,
     "smp",
     {TWO_CPUS, "munmap 0x406000 4K", "read 0x406000 cpu=1"},
     is_killed,
     1,
     0},
    {QUIRK_NO_ACK_WAIT,
     "smp",
     {TWO_CPUS, "munmap 0x406000 4K", "read 0x406000 cpu=1"},
     is_killed,
     1,
     0},
    {QUIRK_IPI_TO_ALL,
     "smp",
     {TWO_CPUS, "munmap 0x406000 4K"},
     interrupts,
     1,
     3}, /* of 4 CPUs 2 run it */
    {QUIRK_INVLPG_ALL, "smp", {TWO_CPUS, "munmap 0x406000 4K"}, interrupts, 1, 0},
    {QUIRK_EAGER_MAP, "x86-64", {"spawn", "mmap 0x10000000 16K rw"}, pages_of_its_own, 0, 4},
    {QUIRK_NO_ZERO_PAGE, "x86-64", {"spawn", "read 0x406000"}, pages_of_its_own, 0, 1},
    {QUIRK_FAULT_KILLS, "x86-64", {"spawn", "read 0x406000"}, is_killed, 0, 1},
    {QUIRK_NO_RESTART, "x86-64", {"spawn", "write 0x406000 7", "read 0x406000"}, value, 7, 0},
    {QUIRK_FORK_COPIES,
     "x86-64",
     {"spawn", "write 0x406000 7", "write 0x407000 8", "fork"},
     frames_copied,
     0,
     2},
    {QUIRK_FORK_WRITABLE,
     "x86-64",
     {"spawn", "write 0x406000 7", "fork", "write 0x406000 9", "switch 2", "read 0x406000"},
     value,
     7,
     9},
    {QUIRK_OTHER_COPIES,
     "x86-64",
     {"spawn", "write 0x406000 7", "fork", "write 0x406000 9"},
     writer_kept_the_frame,
     0,
     1},
    {QUIRK_LAST_COPIES,
     "x86-64",
     {"spawn", "write 0x406000 7", "fork", "write 0x406000 9", "switch 2", "write 0x406000 8"},
     frames_copied,
     0,
     1},
    {QUIRK_EXIT_LEAKS, /* one table a level */
     "x86-64",
     {"spawn", "write 0x406000 7", "exit"},
     frames_lost,
     0,
     4},
    {QUIRK_TABLES_STAY, /* the root alone, or with the table of the page that is gone */
     "i386",
     {"spawn", "mmap 0x10000000 4K rw", "write 0x10000000 7", "munmap 0x10000000 4K"},
     tables,
     1,
     2},
    {QUIRK_MISALIGNED_HUGE, /* bits 20..13 of the entry are reserved */
     "x86-64",
     {"spawn", "mmap 0x40000000 2M rw", "write 0x40000000 7", "collapse 0x40000000",
      "read 0x40000000"},
     faults,
     0,
     1},
    {QUIRK_WRONG_BUDDY,
     "x86-64",
     {"spawn", "write 0x406000", "write 0x407000", "write 0x408000", "exit"},
     some_block_is_misplaced,
     0,
     1},
    /* The buddy of block 6, order 1, is 4 (Silberschatz 10.8.1 in frames of 64 KiB), not 8. */
    {QUIRK_NEXT_BUDDY,
     "toy64k",
     {"alloc 2M", "alloc 128K", "alloc 128K", "alloc 128K", "alloc 256K", "release 0x40000",
      "release 0x60000"},
     merges,
     1,
     0},
    {QUIRK_NO_MERGE, "toy64k", {"alloc 64K", "release 0x20000"}, merges, 1, 0},
    {QUIRK_NO_ZEROING,
     "x86-64",
     {"spawn", "write 0x408000 1", "write 0x406000 7", "munmap 0x406000 4096", "write 0x407001 1",
      "read 0x407000"},
     value,
     0,
     7},
    /* The first entry with that page number is the first process's: the second writes into its frame. */
    {QUIRK_TAG_NO_PROCESS,
     "inverted",
     {"set table_scan 1", "spawn", "write 0x406000 1", "spawn", "switch 2", "write 0x406000 2",
      "switch 1", "read 0x406000"},
     value,
     1,
     2},
};

/* --- playing ------------------------------------------------------------------------------------
 */

static struct outcome
clear_writable(struct machine *m, vaddr_t va)
{
    struct translation t;
    char line[80];

    assert_true(walker_peek(&m->hw, m->os.s->mm[1].root, va, &t));
    snprintf(line, sizeof line, "poke 0x%llx %02x", (unsigned long long)t.slot[t.level],
             (unsigned)(t.entry[t.level] & 0xfd)); /* R/W is bit 1 */
    return drive_machine(m, line);
}

static void
play(struct scene *s, const struct belief *b, bool quirky)
{
    const struct watch watch = {note, s};
    struct preset p;
    struct error e = {0};
    char set[80];

    memset(s, 0, sizeof *s);
    drive_preset(b->machine, &p);
    assert_true(machine_open(&s->m, &p, 1, &e));
    s->free_at_boot = p.kernel ? s->m.os.s->free_frames : 0;
    snprintf(set, sizeof set, "set %s %d", quirk_row[b->quirk].name, quirky);
    drive_machine(&s->m, set);
    for (; b->line[s->lines]; s->lines++) {
        const char *line = b->line[s->lines];

        s->events = 0;
        machine_watch(&s->m, &watch);
        s->outcome[s->lines] = strncmp(line, "ro ", 3) == 0 ? clear_writable(&s->m, 0x406000)
                                                            : drive_machine(&s->m, line);
    }
}

static void
check(const struct belief *b, bool quirky)
{
    static struct scene s;
    uint64_t expected = quirky ? b->wrong : b->honest, got;

    play(&s, b, quirky);
    got = b->answer(&s);
    machine_close(&s.m);
    if (got != expected)
        fail_msg("%s %s: expected 0x%llx, got 0x%llx", quirk_row[b->quirk].name,
                 quirky ? "on" : "off", (unsigned long long)expected, (unsigned long long)got);
}

static void
each_quirk_does_what_its_sentence_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof belief / sizeof *belief; i++) {
        assert_int_not_equal(belief[i].honest, belief[i].wrong);
        check(&belief[i], false);
        check(&belief[i], true);
    }
}

static void
no_quirk_is_left_out(void **state)
{
    uint64_t seen = 0;

    (void)state;
    for (size_t i = 0; i < sizeof belief / sizeof *belief; i++)
        seen |= UINT64_C(1) << belief[i].quirk;
    for (int q = 0; q < QUIRKS; q++)
        if (!(seen >> q & 1))
            fail_msg("no scenario shows what %s does", quirk_row[q].name);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_quirk_does_what_its_sentence_says),
        cmocka_unit_test(no_quirk_is_left_out),
    };

    return RUN_TESTS(tests);
}
