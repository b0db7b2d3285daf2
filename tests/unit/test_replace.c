/* Page replacement on the machine: the strings of the textbooks, with every policy, as counts of
 * references that found no page. The expected numbers are Silberschatz's (Operating System Concepts,
 * 10.4: FIFO 15, OPT 9, LRU 12), Belady's anomaly (1969), and for clock, LFU and the dialects those
 * of a simulation by hand with the definitions of os/policies.def. */
#include <stdio.h>
#include <string.h>

#include "os/evict.h"
#include "support/drive.h"
#include "test.h"

#define SILBERSCHATZ "7,0,1,2,0,3,0,4,2,3,0,3,2,1,2,0,1,7,0,1"
#define BELADY "1,2,3,4,1,2,5,1,2,3,4,5"

enum { BASE = 0x10000000, PAGE = 4096 };

struct watched {
    struct event event[8192];
    unsigned events;
    pfn_t foretold;
    uint32_t mm; /* among whose pages; 0: everybody's */
};

static struct watched seen;

/* Whom the kernel says it would choose is whom it then chooses; of random nobody knows. The hand that
 * has passed a page is already beyond it. */
static void
check_at(const struct machine *m, const struct event *ev)
{
    if (ev->code == EV_NO_ROOM || ev->code == EV_NO_FRAME) {
        seen.mm = ev->code == EV_NO_ROOM ? ev->pid : 0;
        seen.foretold = choose_peek(&m->os, seen.mm);
    } else if (ev->code == EV_VICTIM_CHOSEN) {
        assert_int_equal(seen.foretold, ev->policy == POLICY_RANDOM ? 0 : ev->frame);
    } else if (ev->code == EV_HAND_PASSED) {
        assert_int_equal(resident_hand(&m->os, seen.mm),
                         resident_round(&m->os, seen.mm, ev->frame));
    }
}

static void
note(void *ctx, const struct event *ev)
{
    check_at(ctx, ev);
    assert_in_range(seen.events, 0, 8191);
    seen.event[seen.events++] = *ev;
}

static const struct event *
event_at(enum event_code code, unsigned n)
{
    for (unsigned i = 0; i < seen.events; i++)
        if (seen.event[i].code == code && n-- == 0)
            return &seen.event[i];
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

static void
line(struct machine *m, const char *begin, const char *end)
{
    char text[2048];

    snprintf(text, sizeof text, "%s %s", begin, end);
    drive_machine(m, text);
}

/* A process that may have `frames` pages, a file of 16 pages mapped at BASE, and a string. */
static void
open_string(struct machine *m, const char *string, unsigned frames, const char *policy,
            uint64_t seed)
{
    static struct watch watch = {note, NULL};
    char limit[16];
    struct preset p;
    struct error e = {0};

    drive_preset("x86-64", &p);
    p.geo.frames = 64;
    p.layout.kernel = 0;
    assert_true(machine_open(m, &p, seed, &e));
    snprintf(limit, sizeof limit, "%u", frames);
    drive_machine(m, "spawn");
    drive_machine(m, "mmap 0x10000000 64K r private file=data");
    line(m, "string 0x10000000", string);
    line(m, "set resident_limit", limit);
    line(m, "set policy", policy);
    watch.context = m;
    machine_watch(m, &watch);
    seen.events = 0;
}

static uint64_t
faults_of(const char *string, unsigned frames, const char *policy, const char *dialect)
{
    struct machine m;
    uint64_t faults;

    open_string(&m, string, frames, policy, 1);
    if (dialect) {
        char text[64];

        snprintf(text, sizeof text, "set %s on", dialect);
        drive_machine(&m, text);
    }
    drive_machine(&m, "ref 1000");
    assert_int_equal(m.os.s->string.at, m.os.s->string.length);
    assert_int_equal(m.os.s->string.hits + m.os.s->string.faults, m.os.s->string.length);
    assert_int_equal(count(EV_REFERENCE), m.os.s->string.length);
    faults = m.os.s->string.faults;
    assert_int_equal(m.os.s->task[1].major, faults);
    assert_int_equal(m.os.s->evictions, faults - frames);
    machine_close(&m);
    return faults;
}

static void
the_textbooks_counts(void **state)
{
    static const struct {
        const char *string, *policy, *dialect;
        uint64_t three, four;
    } row[] = {
        {SILBERSCHATZ, "fifo", NULL, 15, 10}, {SILBERSCHATZ, "lru", NULL, 12, 8},
        {SILBERSCHATZ, "opt", NULL, 9, 8},    {SILBERSCHATZ, "clock", NULL, 14, 9},
        {SILBERSCHATZ, "lfu", NULL, 11, 9},   {SILBERSCHATZ, "clock", "load-leaves-r-0", 11, 8},
        {BELADY, "fifo", NULL, 9, 10},        {BELADY, "lru", NULL, 10, 8},
        {BELADY, "opt", NULL, 7, 6},          {BELADY, "clock", NULL, 9, 10},
        {BELADY, "lfu", NULL, 10, 8},         {BELADY, "clock", "load-leaves-r-0", 10, 8},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        uint64_t three = faults_of(row[i].string, 3, row[i].policy, row[i].dialect);
        uint64_t four = faults_of(row[i].string, 4, row[i].policy, row[i].dialect);

        if (three != row[i].three || four != row[i].four)
            fail_msg("%s %s: %d and %d instead of %d and %d", row[i].policy, row[i].string,
                     (int)three, (int)four, (int)row[i].three, (int)row[i].four);
    }
}

/* Every victim, by hand: Silberschatz fig. 10.12 (FIFO), 10.14 (OPT), 10.15 (LRU). */
static void
the_textbooks_victims(void **state)
{
    static const struct {
        const char *policy, *victims;
    } row[] = {
        {"fifo", "701230423012"},
        {"opt", "710432"},
        {"lru", "712304032"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct machine m;
        char got[32] = "";

        open_string(&m, SILBERSCHATZ, 3, row[i].policy, 1);
        drive_machine(&m, "ref 20");
        for (unsigned n = 0; event_at(EV_VICTIM_CHOSEN, n); n++)
            snprintf(got + n, sizeof got - n, "%d",
                     (int)((event_at(EV_VICTIM_CHOSEN, n)->va - BASE) / PAGE));
        assert_string_equal(got, row[i].victims);
        assert_int_equal(event_at(EV_VICTIM_CHOSEN, 0)->next, 18); /* 7 is the string's 18th */
        machine_close(&m);
    }
}

/* --- the clock, bit by bit ---------------------------------------------------------------------- */

static bool
bit_set(const struct machine *m, unsigned page)
{
    struct translation t;

    assert_true(walker_peek(&m->hw, m->os.s->mm[1].root, BASE + page * PAGE, &t));
    return t.entry[t.level] >> 5 & 1; /* A is bit 5: SDM vol. 3A, table 4-20 */
}

static pfn_t
frame_of(const struct machine *m, unsigned page)
{
    return rmap_frame(&m->os, 1, BASE + page * PAGE);
}

/* 0 1 2 in a row, all R = 1. 3: the hand clears all three and takes 0, then stands on 1. A hit on 2
 * sets its bit and moves nothing. 4: takes 1 at once. 5: 2 gets its second chance, 3 has R = 1 from
 * loading and is passed too, 4 too; 2 it is. */
static void
the_hand_goes_round(void **state)
{
    struct machine m;
    pfn_t place;

    (void)state;
    open_string(&m, "0,1,2,3,2,4,5", 3, "clock", 1);
    drive_machine(&m, "ref 3");
    assert_true(bit_set(&m, 0) && bit_set(&m, 1) && bit_set(&m, 2));
    assert_int_equal(resident_hand(&m.os, 1), frame_of(&m, 0));
    place = frame_of(&m, 0);
    drive_machine(&m, "ref");
    assert_int_equal(count(EV_HAND_PASSED), 3);
    assert_int_equal(event_at(EV_VICTIM_CHOSEN, 0)->va, BASE);
    assert_int_equal(frame_of(&m, 3), place); /* the newcomer has its victim's place */
    assert_true(bit_set(&m, 3) && !bit_set(&m, 1) && !bit_set(&m, 2));
    assert_int_equal(resident_hand(&m.os, 1), frame_of(&m, 1));
    seen.events = 0;
    drive_machine(&m, "ref");
    assert_int_equal(count(EV_PAGE_FAULT), 0);
    assert_int_equal(count(EV_WALK_START), 1); /* the TLB had to forget the page with its bit */
    assert_true(bit_set(&m, 2));
    assert_int_equal(resident_hand(&m.os, 1), frame_of(&m, 1));
    drive_machine(&m, "ref");
    assert_int_equal(count(EV_HAND_PASSED), 0);
    assert_int_equal(event_at(EV_VICTIM_CHOSEN, 0)->va, BASE + 1 * PAGE);
    drive_machine(&m, "ref");
    assert_int_equal(count(EV_HAND_PASSED), 3);
    assert_int_equal(event_at(EV_VICTIM_CHOSEN, 1)->va, BASE + 2 * PAGE);
    assert_int_equal(resident_hand(&m.os, 1), frame_of(&m, 3));
    machine_close(&m);
}

/* The hand stands on 1 and stays there when 2, which it does not point at, is unmapped; when its own
 * page goes it moves on to the next. */
static void
the_hand_stays_when_another_page_goes(void **state)
{
    struct machine m;

    (void)state;
    open_string(&m, "0,1,2,3", 3, "clock", 1);
    drive_machine(&m, "ref 4"); /* 3 came into 0's place: the ring is 3 1 2 */
    assert_int_equal(resident_hand(&m.os, 1), frame_of(&m, 1));
    drive_machine(&m, "munmap 0x10002000 4K");
    assert_int_equal(resident_hand(&m.os, 1), frame_of(&m, 1));
    drive_machine(&m, "munmap 0x10001000 4K");
    assert_int_equal(resident_hand(&m.os, 1), frame_of(&m, 3));
    machine_close(&m);
}

/* --- random -------------------------------------------------------------------------------------- */

/* An independent run of the definition: frames are filled in order, a newcomer takes its victim's
 * frame, one draw an eviction. */
static void
random_draws_once_an_eviction(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        static const unsigned string[] = {7, 0, 1, 2, 0, 3, 0, 4, 2, 3,
                                          0, 3, 2, 1, 2, 0, 1, 7, 0, 1};
        struct machine m;
        struct rng r;
        unsigned frame[3] = {99, 99, 99}, used = 0, faults = 0;

        rng_seed(&r, seed);
        open_string(&m, SILBERSCHATZ, 3, "random", seed);
        for (unsigned i = 0; i < 20; i++) {
            unsigned at = 0, victims = count(EV_VICTIM_CHOSEN);

            drive_machine(&m, "ref");
            while (at < 3 && frame[at] != string[i])
                at++;
            if (at < 3)
                continue;
            faults++;
            at = used < 3 ? used++ : (unsigned)rng_below(&r, 3);
            if (frame[at] != 99) {
                assert_int_equal(event_at(EV_VICTIM_CHOSEN, victims)->va, BASE + frame[at] * PAGE);
                assert_int_equal(event_at(EV_VICTIM_CHOSEN, victims)->index, at);
            }
            frame[at] = string[i];
        }
        assert_int_equal(m.os.s->string.faults, faults);
        machine_close(&m);
    }
}

/* --- what OPT may know ------------------------------------------------------------------------- */

static void
refused(struct machine *m, const char *text, const char *why)
{
    uint8_t blob[OPERATION_BLOB];
    struct operation op;
    struct outcome out;
    struct error e = {0};

    if (operation_parse(text, &op, blob, &e) && machine_do(m, &op, &out, &e))
        fail_msg("%s: taken", text);
    if (!strstr(e.text, why))
        fail_msg("%s: %s", text, e.text);
}

static void
opt_without_a_future_is_refused(void **state)
{
    struct preset p;
    struct machine m;
    struct error e = {0};

    (void)state;
    drive_preset("x86-64", &p);
    assert_false(preset_override(&p, "policy=opt", &e));
    assert_non_null(strstr(e.text, "opt must know the future"));
    e = (struct error){0};
    assert_true(preset_override(&p, "policy=lfu", &e));
    assert_int_equal(p.tunable[TUNE_POLICY], POLICY_LFU);
    assert_true(machine_open(&m, &p, 1, &e));
    drive_machine(&m, "spawn");
    refused(&m, "set policy opt", "opt must know the future");
    refused(&m, "set policy 3", "opt must know the future");
    refused(&m, "set policy best", "best");
    refused(&m, "ref", "no string of references is loaded");
    refused(&m, "string - 1,2", "no string is loaded that could go on");
    refused(&m, "string 0x10000000 1,,2", "\",2\" are no references");
    refused(&m, "string 0x10000000 1,2w,", "are no references");
    refused(&m, "string 0x10000000 4294967296", "are no references");
    refused(&m, "string 0x10000001 1", "begins at a page");
    refused(&m, "string 0x7ffffffff000 1", "outside the user's half");
    drive_machine(&m, "string 0x10000000 1 2w 3");
    drive_machine(&m, "string - 4,5");
    assert_int_equal(m.os.s->string.length, 5);
    assert_true(refstring_at(&m.os, 1).write && !refstring_at(&m.os, 2).write);
    assert_int_equal(refstring_at(&m.os, 4).page, 5);
    drive_machine(&m, "set policy opt");
    drive_machine(&m, "spawn");
    drive_machine(&m, "switch 2");
    refused(&m, "ref", "belongs to process 1");
    drive_machine(&m, "exit 1");
    assert_int_equal(m.os.s->string.length, 0); /* it goes with its process */
    machine_close(&m);
}

/* Pages that the string does not name, and pages of the past, are never used again: they go first,
 * the lowest first. Other accesses do not move the string. */
static void
opt_looks_from_the_place_in_the_string(void **state)
{
    struct machine m;

    (void)state;
    open_string(&m, "5,3,4,3,5", 3, "opt", 1);
    drive_machine(&m, "ref 2");           /* 5 3 */
    drive_machine(&m, "read 0x10001000"); /* 1, which the string does not know */
    assert_int_equal(m.os.s->string.at, 2);
    drive_machine(&m, "ref"); /* 4: 1 is never used, 3 next at 4, 5 at 5 */
    assert_int_equal(event_at(EV_VICTIM_CHOSEN, 0)->va, BASE + 1 * PAGE);
    assert_int_equal(event_at(EV_VICTIM_CHOSEN, 0)->next, 0);
    drive_machine(&m, "read 0x10002000"); /* now 4 is never used again; 2 comes */
    assert_int_equal(event_at(EV_VICTIM_CHOSEN, 1)->va, BASE + 4 * PAGE);
    drive_machine(&m, "read 0x10006000"); /* 2 */
    drive_machine(&m, "read 0x10007000"); /* 6 */
    assert_int_equal(event_at(EV_VICTIM_CHOSEN, 3)->va, BASE + 6 * PAGE);
    machine_close(&m);
}

/* --- the policy can change at any time ---------------------------------------------------------- */

/* 0 1 2 2 0: 1 was used longest ago, 0 loaded first, 1 used least. */
static void
times_are_kept_whatever_the_policy(void **state)
{
    struct machine m;
    const struct resident *r;

    (void)state;
    open_string(&m, "0,1,2,2,0", 3, "random", 1);
    drive_machine(&m, "ref 5");
    r = &m.os.resident[frame_of(&m, 0)];
    assert_int_equal(r->loaded, 1);
    assert_int_equal(r->used, 5);
    assert_int_equal(r->uses, 2);
    r = &m.os.resident[frame_of(&m, 1)];
    assert_int_equal(r->loaded, 2);
    assert_int_equal(r->used, 2);
    assert_int_equal(r->uses, 1);
    drive_machine(&m, "set policy fifo");
    drive_machine(&m, "read 0x10003000");
    assert_int_equal(event_at(EV_VICTIM_CHOSEN, 0)->va, BASE);
    assert_int_equal(event_at(EV_VICTIM_CHOSEN, 0)->loaded, 1);
    assert_int_equal(event_at(EV_VICTIM_CHOSEN, 0)->used, 5);
    assert_int_equal(event_at(EV_VICTIM_CHOSEN, 0)->count, 2);
    assert_int_equal(event_at(EV_VICTIM_CHOSEN, 0)->policy, POLICY_FIFO);
    drive_machine(&m, "set policy lru");
    drive_machine(&m, "read 0x10004000");
    assert_int_equal(event_at(EV_VICTIM_CHOSEN, 1)->va, BASE + PAGE);
    drive_machine(&m, "set policy lfu"); /* 2: twice, 3 and 4: once, 3 longer ago */
    drive_machine(&m, "read 0x10005000");
    assert_int_equal(event_at(EV_VICTIM_CHOSEN, 2)->va, BASE + 3 * PAGE);
    machine_close(&m);
}

/* Three pages that came at once: none is older, none was used; the first on the ring goes. */
static void
of_equals_the_first_on_the_ring_goes(void **state)
{
    static const char *const policy[] = {"fifo", "lru", "lfu"};

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct machine m;

        open_string(&m, "0", 3, policy[i], 1);
        drive_machine(&m, "set map-takes-frames on");
        drive_machine(&m, "mmap 0x20000000 12K rw");
        drive_machine(&m, "read 0x10000000");
        assert_int_equal(event_at(EV_VICTIM_CHOSEN, 0)->va, 0x20000000);
        machine_close(&m);
    }
}

/* The copy on write is the same page in another frame: as old as it was, used as often, and the new
 * frame is its process'. */
static void
a_copy_goes_on_where_the_page_was(void **state)
{
    struct machine m;
    const struct resident *r;
    pfn_t before;

    (void)state;
    open_string(&m, "0", 3, "lru", 1);
    drive_machine(&m, "mmap 0x20000000 8K rw private file=data");
    drive_machine(&m, "read 0x10003000"); /* reference 1 */
    drive_machine(&m, "read 0x20000000"); /* 2 */
    drive_machine(&m, "read 0x10003000"); /* 3 */
    before = rmap_frame(&m.os, 1, 0x20000000);
    drive_machine(&m, "write 0x20000000"); /* 4 */
    r = &m.os.resident[rmap_frame(&m.os, 1, 0x20000000)];
    assert_int_not_equal(rmap_frame(&m.os, 1, 0x20000000), before);
    assert_int_equal(m.os.frame[rmap_frame(&m.os, 1, 0x20000000)].owner, 1);
    assert_int_equal(r->loaded, 2);
    assert_int_equal(r->used, 4);
    assert_int_equal(r->uses, 2);
    machine_close(&m);
}

/* --- global replacement --------------------------------------------------------------------------
 */

/* Five of toy16's eight frames are left for pages (one is the kernel's, one the zero page's, one
 * the process' table); a second process takes one for its table and then the first one's oldest
 * pages. */
static void
without_a_free_frame_anybodys_page_goes(void **state)
{
    struct preset p;
    struct machine m;
    struct error e = {0};
    const struct watch watch = {note, &m};
    uint64_t before;

    (void)state;
    drive_preset("toy16", &p);
    assert_true(machine_open(&m, &p, 1, &e));
    machine_watch(&m, &watch);
    seen.events = 0;
    drive_machine(&m, "set policy fifo");
    drive_machine(&m, "spawn");
    drive_machine(&m, "mmap 0x4000 0x6000 rw");
    for (int i = 0; i < 5; i++) {
        char text[32];

        snprintf(text, sizeof text, "write 0x%x %d", 0x4000 + i * PAGE, 10 + i);
        drive_machine(&m, text);
    }
    assert_int_equal(m.os.s->free_frames, 0);
    before = m.hw.s->cycles;
    drive_machine(&m, "spawn"); /* a table must have a frame too, and waits for it on the spot */
    assert_int_equal(event_at(EV_VICTIM_CHOSEN, 0)->va, 0x4000);
    assert_int_equal(count(EV_SWAP_WRITE), 1);
    assert_int_equal(event_at(EV_SWAP_WRITE, 0)->cycles, 300000);
    assert_true(m.hw.s->cycles >= before + 300000);
    drive_machine(&m, "switch 2");
    drive_machine(&m, "write 0x3000 9");
    assert_int_equal(event_at(EV_VICTIM_CHOSEN, 1)->va, 0x5000);
    assert_int_equal(event_at(EV_VICTIM_CHOSEN, 1)->other, 1);
    drive_machine(&m, "switch 1");
    assert_int_equal(drive_machine(&m, "read 0x4000").value, 10);
    assert_int_equal(drive_machine(&m, "read 0x5000").value, 11);
    assert_int_equal(count(EV_NO_FRAME), 4);
    assert_int_equal(count(EV_NO_MEMORY), 0); /* a page left each time */
    drive_machine(&m, "exit 1");
    drive_machine(&m, "exit 2");
    assert_int_equal(m.os.s->free_frames, 6);
    assert_int_equal(m.os.s->swap_used, 0);
    machine_close(&m);
}

/* A page of both: told as the child's when a page of the child must go. Only the parent has used it, so
 * one bit is cleared. */
static void
a_shared_page_is_told_as_his_who_needs_room(void **state)
{
    struct machine m;
    unsigned written = 0;

    (void)state;
    open_string(&m, "0", 3, "clock", 1);
    drive_machine(&m, "set resident_limit 0");
    drive_machine(&m, "mmap 0x20000000 4K rw");
    drive_machine(&m, "write 0x20000000");
    drive_machine(&m, "fork"); /* the child's entry has A = 0 */
    drive_machine(&m, "switch 2");
    drive_machine(&m, "set resident_limit 1");
    seen.events = 0;
    drive_machine(&m, "write 0x7fffffffe000");
    assert_int_equal(event_at(EV_VICTIM_CHOSEN, 0)->va, 0x20000000);
    assert_int_equal(event_at(EV_VICTIM_CHOSEN, 0)->other, 2);
    assert_int_equal(event_at(EV_HAND_PASSED, 0)->other, 2);
    for (unsigned i = 0; event_at(EV_ENTRY_WRITE, i); i++)
        written += event_at(EV_ENTRY_WRITE, i)->va == 0x20000000;
    assert_int_equal(written, 1 /* the parent's A */ + 2 /* out of both */);
    machine_close(&m);
}

/* All frames are in use and the page that a private write must copy is the oldest: it stays until it
 * is copied. */
static void
the_source_of_a_copy_is_no_victim(void **state)
{
    struct preset p;
    struct machine m;
    struct error e = {0};
    const struct watch watch = {note, &m};
    uint64_t byte;

    (void)state;
    drive_preset("toy16", &p);
    p.tunable[TUNE_POLICY] = POLICY_FIFO;
    assert_true(machine_open(&m, &p, 1, &e));
    drive_machine(&m, "spawn");
    drive_machine(&m, "mmap 0x4000 8K r private file=a");
    byte = drive_machine(&m, "read 0x4001").value;
    drive_machine(&m, "munmap 0x4000 4K"); /* the page stays in the cache, the oldest there is */
    drive_machine(&m, "mmap 0x4000 4K rw private file=a");
    drive_machine(&m, "write 0x3000");
    drive_machine(&m, "write 0xf000");
    drive_machine(&m, "mmap 0xa000 8K rw");
    drive_machine(&m, "write 0xa000");
    drive_machine(&m, "write 0xb000");
    assert_int_equal(m.os.s->free_frames, 0);
    machine_watch(&m, &watch);
    seen.events = 0;
    drive_machine(&m, "write 0x4000 7");
    assert_int_equal(event_at(EV_VICTIM_CHOSEN, 0)->va, 0x3000); /* the next oldest */
    assert_int_equal(count(EV_VICTIM_CHOSEN), 1);
    assert_int_equal(drive_machine(&m, "read 0x4001").value, byte);
    machine_close(&m);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_textbooks_counts),
        cmocka_unit_test(the_textbooks_victims),
        cmocka_unit_test(the_hand_goes_round),
        cmocka_unit_test(the_hand_stays_when_another_page_goes),
        cmocka_unit_test(random_draws_once_an_eviction),
        cmocka_unit_test(opt_without_a_future_is_refused),
        cmocka_unit_test(opt_looks_from_the_place_in_the_string),
        cmocka_unit_test(times_are_kept_whatever_the_policy),
        cmocka_unit_test(of_equals_the_first_on_the_ring_goes),
        cmocka_unit_test(a_copy_goes_on_where_the_page_was),
        cmocka_unit_test(without_a_free_frame_anybodys_page_goes),
        cmocka_unit_test(a_shared_page_is_told_as_his_who_needs_room),
        cmocka_unit_test(the_source_of_a_copy_is_no_victim),
    };

    return RUN_TESTS(tests);
}
