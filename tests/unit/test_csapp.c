/* The machine of Bryant and O'Hallaron, Computer Systems: A Programmer's Perspective, 9.6.4, and the
 * ten addresses that published exams and lectures answer. Each is asked from the printed state, which
 * `reset` puts back. The answers below were worked out by hand from the printed tables:
 *
 *   VA  VPN 13..6 | VPO 5..0     TLBT 13..8 | TLBI 7..6      PA  PPN 11..6 | CO 1..0, CI 5..2, CT 11..6
 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "hw/cache.h"
#include "machine/invariant.h"
#include "support/drive.h"

enum { EVENTS = 64 };

struct run {
    struct machine m;
    struct watch watch;
    struct event event[EVENTS];
    unsigned events;
};

static void
note(void *ctx, const struct event *ev)
{
    struct run *r = ctx;

    assert_in_range(r->events, 0, EVENTS - 1);
    r->event[r->events++] = *ev;
}

static void
open_run(struct run *r)
{
    struct preset p;
    struct error e = {0};

    memset(r, 0, sizeof *r);
    drive_preset("csapp", &p);
    assert_true(machine_open(&r->m, &p, 1, &e));
    r->watch = (struct watch){note, r};
    machine_watch(&r->m, &r->watch);
}

static struct outcome
again(struct run *r, const char *line)
{
    r->events = 0;
    return drive_machine(&r->m, line);
}

static const struct event *
first(const struct run *r, enum event_code code, enum line_use what)
{
    for (unsigned i = 0; i < r->events; i++)
        if (r->event[i].code == code &&
            (code < EV_LINE_HIT || code > EV_LINE_FILL || r->event[i].what == what))
            return &r->event[i];
    return NULL;
}

static unsigned
count(const struct run *r, enum event_code code)
{
    unsigned n = 0;

    for (unsigned i = 0; i < r->events; i++)
        n += r->event[i].code == code;
    return n;
}

/* --- the ten addresses --------------------------------------------------------------------------
 */

enum { NONE = -1 };

struct answer {
    unsigned va, vpn, tlbi, tlbt;
    bool hit, fault;
    int ppn, pa, co, ci, ct;
    bool cached;
    int byte; /* NONE: the exam does not print what memory holds */
};

static const struct answer answer[] = {
    {0x03d4, 0x0f, 3, 0x03, true, false, 0x0d, 0x354, 0, 0x5, 0x0d, true, 0x36},
    {0x03d7, 0x0f, 3, 0x03, true, false, 0x0d, 0x357, 3, 0x5, 0x0d, true, 0x1d},
    {0x027c, 0x09, 1, 0x02, false, false, 0x17, 0x5fc, 0, 0xf, 0x17, false, NONE},
    {0x03a9, 0x0e, 2, 0x03, false, false, 0x11, 0x469, 1, 0xa, 0x11, false, NONE},
    {0x0040, 0x01, 1, 0x00, false, true, NONE, NONE, NONE, NONE, NONE, false, NONE},
    {0x0b8f, 0x2e, 2, 0x0b, false, true, NONE, NONE, NONE, NONE, NONE, false, NONE},
    {0x0020, 0x00, 0, 0x00, false, false, 0x28, 0xa20, 0, 0x8, 0x28, false, NONE},
    {0x0175, 0x05, 1, 0x01, false, false, 0x16, 0x5b5, 1, 0xd, 0x16, true, 0x96},
    {0x0add, 0x2b, 3, 0x0a, true, false, 0x34, 0xd1d, 1, 0x7, 0x34, false, NONE},
    {0x02ea, 0x0b, 3, 0x02, false, true, NONE, NONE, NONE, NONE, NONE, false, NONE},
};

static void
expect_data(const struct run *r, const struct answer *a, const struct outcome *out)
{
    const struct event *line = first(r, a->cached ? EV_LINE_HIT : EV_LINE_MISS, LINE_DATA);

    assert_int_equal(first(r, EV_TRANSLATED, 0)->frame, a->ppn);
    assert_int_equal(first(r, EV_TRANSLATED, 0)->pa, a->pa);
    assert_non_null(line);
    assert_int_equal(line->offset, a->co);
    assert_int_equal(line->set, a->ci);
    assert_int_equal(line->tag, a->ct);
    assert_int_equal(first(r, EV_LINE_FILL, LINE_DATA) != NULL, !a->cached);
    assert_int_equal(out->pa, a->pa);
    if (a->byte != NONE)
        assert_int_equal(out->value, a->byte);
}

static void
expect_answer(struct run *r, const struct answer *a)
{
    const struct event *ask;
    struct outcome out;
    char line[32];

    snprintf(line, sizeof line, "read 0x%04x", a->va);
    again(r, "reset");
    out = again(r, line);
    ask = first(r, a->hit ? EV_TLB_HIT : EV_TLB_MISS, 0);
    assert_non_null(ask);
    assert_int_equal(ask->set, a->tlbi);
    if (a->hit)
        assert_int_equal(tlb_at(&r->m.hw, 0, ask->set, ask->way)->page, a->vpn << 6);
    assert_int_equal(a->vpn, a->tlbt << 2 | a->tlbi);
    assert_int_equal(count(r, EV_WALK_READ), !a->hit);
    if (!a->hit)
        assert_int_equal(first(r, EV_WALK_READ, 0)->index, a->vpn);
    assert_int_equal(count(r, EV_PAGE_FAULT), a->fault);
    assert_int_equal(out.faults, a->fault);
    if (!a->fault)
        expect_data(r, a, &out);
}

static void
ten_addresses_are_answered_as_published(void **state)
{
    static struct run r;

    (void)state;
    open_run(&r);
    for (int cached = 1; cached >= 0; cached--) { /* an exam's answers do not depend on it */
        again(&r, cached ? "set walks_cached 1" : "set walks_cached 0");
        for (size_t i = 0; i < sizeof answer / sizeof *answer; i++)
            expect_answer(&r, &answer[i]);
    }
    machine_close(&r.m);
    printf("COUNT addresses %d\n", (int)(sizeof answer / sizeof *answer));
}

/* Two of the ten hang on it (0x027c, 0x02ea). */
static void
a_tag_without_its_valid_bit_is_a_miss(void **state)
{
    static struct run r;

    (void)state;
    open_run(&r);
    assert_int_equal(tlb_at(&r.m.hw, 0, 1, 1)->page, 0x09 << 6); /* 0x027c's page, V=0 */
    assert_false(tlb_at(&r.m.hw, 0, 1, 1)->flags & TLB_VALID);
    assert_true(tlb_invalid(&r.m.hw, 0, 0x027c));
    again(&r, "read 0x027c");
    assert_int_equal(count(&r, EV_TLB_MISS), 1);
    assert_int_equal(count(&r, EV_PAGE_FAULT), 0);
    machine_close(&r.m);
}

/* --- B6: entry and data, hit and miss -----------------------------------------------------------
 */

/* "PTEA hit/miss, PA hit/miss" of a walk, from its events. */
static const char *
label(const struct run *r)
{
    static const char *const text[2][2] = {{"PTEA miss, PA miss", "PTEA miss, PA hit"},
                                           {"PTEA hit, PA miss", "PTEA hit, PA hit"}};

    if (!first(r, EV_WALK_READ, 0) || !first(r, EV_DATA_READ, 0))
        return NULL;
    return text[first(r, EV_LINE_HIT, LINE_ENTRY) != NULL]
               [first(r, EV_LINE_HIT, LINE_DATA) != NULL];
}

struct pair {
    const char *before[4]; /* after a reset */
    const char *line, *label;
};

/* Entries are 2 bytes and lines 4: VPN 8 and 9 share a line. 0x0175's byte is printed as cached. */
static const struct pair four[] = {
    {{NULL}, "read 0x027c", "PTEA miss, PA miss"},
    {{NULL}, "read 0x0175", "PTEA miss, PA hit"},
    {{"read 0x0200"}, "read 0x027c", "PTEA hit, PA miss"},
    {{"read 0x0175", "flush"}, "read 0x0175", "PTEA hit, PA hit"},
};

static void
run_pair(struct run *r, const struct pair *p)
{
    uint64_t before;
    const char *got;

    again(r, "reset");
    for (int i = 0; p->before[i]; i++)
        again(r, p->before[i]);
    before = r->m.hw.s->cpu[0].line_hits[CACHE_L1] + r->m.hw.s->cpu[0].line_misses[CACHE_L1];
    again(r, p->line);
    got = label(r);
    assert_non_null(got);
    assert_string_equal(got, p->label);
    /* one level: one entry and the byte */
    assert_int_equal(r->m.hw.s->cpu[0].line_hits[CACHE_L1] +
                         r->m.hw.s->cpu[0].line_misses[CACHE_L1] - before,
                     1 + 1);
    assert_int_equal(count(r, EV_LINE_HIT) + count(r, EV_LINE_MISS), 1 + 1);
}

static void
entry_and_data_make_exactly_four_cases(void **state)
{
    static struct run r;
    const char *seen[8];
    unsigned n = 0;

    (void)state;
    open_run(&r);
    for (size_t i = 0; i < sizeof four / sizeof *four; i++)
        run_pair(&r, &four[i]);
    again(&r, "reset");
    for (unsigned i = 0; i < 4096; i++) { /* whatever is read, there is no fifth */
        char line[32];
        const char *l;
        unsigned k = 0;

        snprintf(line, sizeof line, "read 0x%x", (i * 0x9e5) & 0x3ff); /* the 16 listed pages */
        again(&r, i % 7 == 6 ? "flush" : line);
        l = label(&r);
        while (l && k < n && strcmp(seen[k], l) != 0)
            k++;
        if (l && k == n)
            seen[n++] = l;
    }
    assert_int_equal(n, 4);
    machine_close(&r.m);
}

/* --- reset --------------------------------------------------------------------------------------
 */

/* Everything but time, the operation's number and what `set` changed is as at the start. */
static void
reset_gives_back_the_printed_state(void **state)
{
    static struct run a, b;

    (void)state;
    open_run(&a);
    open_run(&b);
    again(&a, "read 0x027c");
    again(&a, "write 0x03d4 7");
    again(&a, "poke 0xe02 ff");
    again(&a, "set cr0.pg off");
    assert_int_equal(a.m.s->tampered, 1);
    again(&a, "reset");
    assert_false(machine_equal(&a.m, &b.m)); /* it is later */
    a.m.hw.s->cycles = b.m.hw.s->cycles;
    *a.m.s = *b.m.s;
    assert_true(machine_equal(&a.m, &b.m));
    machine_close(&a.m);
    machine_close(&b.m);
}

static void
a_machine_with_a_kernel_is_not_reset(void **state)
{
    struct operation op;
    uint8_t blob[OPERATION_BLOB];
    struct outcome out;
    struct error e = {0};
    struct preset p;
    struct machine m;

    (void)state;
    drive_preset("x86-64", &p);
    assert_true(machine_open(&m, &p, 1, &e));
    assert_true(operation_parse("reset", &op, blob, &e));
    assert_false(machine_do(&m, &op, &out, &e));
    assert_int_equal(e.code, EXIT_DATA);
    machine_close(&m);
}

/* A position is the same state from wherever one comes, across resets too. */
static void
time_travel_goes_over_a_reset(void **state)
{
    static const char *const line[] = {"read 0x03d4", "write 0x03d4 9", "reset",
                                       "read 0x03d4", "read 0x0add",    "poke 0xe02 81 0a",
                                       "read 0x0040", "reset",          "read 0x0040",
                                       "flush",       "read 0x0175"};
    struct hash128 hash[128];
    struct position at[128];
    struct error e = {0};
    struct preset p;
    struct history *h;
    unsigned n = 0;

    (void)state;
    drive_preset("csapp", &p);
    h = history_open(&p, 1, &e);
    assert_non_null(h);
    for (size_t i = 0; i < sizeof line / sizeof *line; i++)
        drive_history(h, line[i]);
    history_seek(h, (struct position){0, 0});
    for (struct position x = history_position(h); n < 128; n++) {
        struct position next = history_next(h, x);
        history_seek(h, x);
        hash[n] = machine_hash(history_machine(h));
        at[n] = x;
        if (next.op == x.op && next.event == x.event)
            break;
        x = next;
    }
    assert_in_range(n, 50, 127);
    for (unsigned i = 0, k = 0; i < 2000; i++) {
        k = (k + 37 * (i % 11 + 1)) % (n + 1);
        history_seek(h, at[k]);
        assert_true(hash_equal(machine_hash(history_machine(h)), hash[k]));
    }
    history_close(h);
}

/* Addresses, writes, pokes into tables and data, switches: whatever is done, the honest machine keeps
 * its invariants, and a tampered one those of the cache. */
static void
lines_stay_true_whatever_is_done(void **state)
{
    static const char *const step[][2] = {{"read", ""},  {"read", "size=8"},  {"write", "17"},
                                          {"fetch", ""}, {"write", "size=4"}, {"invlpg", ""}};
    static struct run r;
    struct rng dice;

    (void)state;
    open_run(&r);
    rng_seed(&dice, 1);
    for (int i = 0; i < 3000; i++) {
        uint64_t which = rng_below(&dice, 40), where = rng_below(&dice, 0x4000);
        struct violation v[1];
        char line[64];

        if (which == 39)
            snprintf(line, sizeof line, "reset");
        else if (which == 38)
            snprintf(line, sizeof line, "set walks_cached %d", (int)rng_below(&dice, 2));
        else if (which == 37)
            snprintf(line, sizeof line, "poke 0x%x 01 0f 3c", (unsigned)where & 0xffc);
        else
            snprintf(line, sizeof line, "%s 0x%x %s", step[which % 6][0], (unsigned)where & 0xfff,
                     step[which % 6][1]);
        again(&r, line);
        assert_int_equal(invariant_check(&r.m, v, 1), 0);
    }
    machine_close(&r.m);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_addresses_are_answered_as_published),
        cmocka_unit_test(a_tag_without_its_valid_bit_is_a_miss),
        cmocka_unit_test(entry_and_data_make_exactly_four_cases),
        cmocka_unit_test(reset_gives_back_the_printed_state),
        cmocka_unit_test(a_machine_with_a_kernel_is_not_reset),
        cmocka_unit_test(time_travel_goes_over_a_reset),
        cmocka_unit_test(lines_stay_true_whatever_is_done),
    };

    return RUN_TESTS(tests);
}
