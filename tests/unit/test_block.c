/* Blocks of the kernel: the textbook's request, who its buddy is, and what is refused. Numbers by
 * hand, from Silberschatz 10.8.1 and the figure of 64 KiB to 2 MiB. */
#include <string.h>

#include "machine/invariant.h"
#include "support/drive.h"
#include "test.h"

enum { EVENTS = 32, KIB = 1024 };

struct rig {
    struct machine m;
    struct event event[EVENTS]; /* of the last operation */
    unsigned events;
};

static void
note(void *ctx, const struct event *ev)
{
    struct rig *r = ctx;

    assert_in_range(r->events, 0, EVENTS - 1);
    r->event[r->events++] = *ev;
}

static struct outcome
run(struct rig *r, const char *line)
{
    const struct watch watch = {note, r};
    struct outcome out;

    r->events = 0;
    machine_watch(&r->m, &watch);
    out = drive_machine(&r->m, line);
    machine_watch(&r->m, NULL);
    return out;
}

static int
setup(void **state)
{
    static struct rig r;
    struct preset p;
    struct error e = {0};

    drive_preset("toy64k", &p);
    assert_true(machine_open(&r.m, &p, 1, &e));
    *state = &r;
    return 0;
}

static int
teardown(void **state)
{
    struct rig *r = *state;
    struct violation v;

    assert_int_equal(invariant_check(&r->m, &v, 1), 0);
    machine_close(&r->m);
    return 0;
}

static int
teardown_broken(void **state)
{
    machine_close(&((struct rig *)*state)->m);
    return 0;
}

/* f0 and f1 are in use, so the first 2 MiB hold one free block of each order from 1 to 4. */
static void
fill_the_first_two_mebibytes(struct rig *r)
{
    static const char *const line[] = {"alloc 1M", "alloc 512K", "alloc 256K", "alloc 128K"};

    for (size_t i = 0; i < sizeof line / sizeof *line; i++) {
        run(r, line[i]);
        assert_int_equal(r->events, 1); /* an exact fit: nothing is split */
    }
    assert_int_equal(r->m.os.s->free_frames, 32);
}

static void
a_hundred_kibibytes_take_128_and_waste_28(void **state)
{
    struct rig *r = *state;
    const struct event *taken = &r->event[4];

    fill_the_first_two_mebibytes(r);
    assert_int_equal(run(r, "alloc 100K").value, 0x200000);
    assert_int_equal(r->events, 5);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(r->event[i].code, EV_BUDDY_SPLIT);
        assert_int_equal(r->event[i].order, 5 - i);
        assert_int_equal(r->event[i].frame2, 32 + (16 >> i));
    }
    assert_int_equal(taken->code, EV_BLOCK_ALLOC);
    assert_int_equal(taken->order, 1);
    assert_int_equal(event_get(taken, FIELD_ASKED), 100 * KIB);
    assert_int_equal(event_get(taken, FIELD_GRANTED), 128 * KIB);
    assert_int_equal(event_get(taken, FIELD_WASTED), 28 * KIB);
    assert_int_equal(r->m.os.s->free_frames, 30);
}

static void
the_buddy_of_0x60000_is_0x40000(void **state)
{
    struct rig *r = *state;

    assert_int_equal(run(r, "alloc 128K").value, 0x20000);
    assert_int_equal(run(r, "alloc 128K").value, 0x40000);
    assert_int_equal(run(r, "alloc 128K").value, 0x60000);
    run(r, "release 0x40000");
    assert_int_equal(r->events, 1);
    run(r, "release 0x60000");
    assert_int_equal(r->events, 2);
    assert_int_equal(r->event[1].code, EV_BUDDY_MERGE);
    assert_int_equal(r->event[1].frame2, 4);
    assert_int_equal(r->event[1].order, 2);
}

static void
merging_ends_at_the_largest_order(void **state)
{
    struct rig *r = *state;

    fill_the_first_two_mebibytes(r);
    run(r, "alloc 1");
    run(r, "release 0x200000");
    assert_int_equal(r->events, 1 + 5);
    assert_int_equal(r->m.os.s->free_count[5], 1);
    run(r, "alloc 2M");
    assert_int_equal(run(r, "alloc 64K").error, CALL_ENOMEM);
    assert_int_equal(r->event[0].code, EV_NO_MEMORY);
}

static void
a_mebibyte_in_two_pieces_cannot_be_had(void **state)
{
    struct rig *r = *state;

    fill_the_first_two_mebibytes(r);
    for (int i = 0; i < 4; i++)
        run(r, "alloc 512K");
    run(r, "release 0x200000");
    run(r, "release 0x300000");
    assert_int_equal(r->m.os.s->free_frames, 16);
    assert_int_equal(run(r, "alloc 1M").error, CALL_ENOMEM);
    assert_int_equal(run(r, "alloc 512K").value, 0x300000); /* last in, first out */
}

/* A refused operation leaves no trace. */
static void
refuse(struct rig *r, const char *line, const char *because)
{
    struct hash128 before = machine_hash(&r->m), after;
    struct operation op;
    uint8_t blob[OPERATION_BLOB];
    struct outcome out;
    struct error e = {0};

    assert_true(operation_parse(line, &op, blob, &e));
    assert_false(machine_do(&r->m, &op, &out, &e));
    assert_int_equal(e.code, EXIT_DATA);
    if (!strstr(e.text, because) || strchr(e.text, '\n'))
        fail_msg("\"%s\" gives \"%s\", expected \"%s\" in one line", line, e.text, because);
    after = machine_hash(&r->m);
    assert_memory_equal(&before, &after, sizeof before);
}

static void
wrong_requests_are_refused(void **state)
{
    struct rig *r = *state;

    run(r, "alloc 512K"); /* f8 */
    refuse(r, "release 0xf0000", "begins at 0x80000");
    refuse(r, "release 0x80010", "begins at 0x80000");
    refuse(r, "release 0", "the kernel itself");
    refuse(r, "release 0x10000", "the zero page");
    refuse(r, "release 0x400000", "beyond");
    refuse(r, "release 0xffffffffffffffff", "beyond");
    refuse(r, "alloc 0", "1 byte to 2M");
    refuse(r, "alloc 2097153", "1 byte to 2M");
    run(r, "release 0x80000");
    refuse(r, "release 0x80000", "free already");
    refuse(r, "release 0x20000", "free already");
}

struct holding {
    pfn_t first;
    unsigned order;
};

/* Frames of a block that are inside memory and were nobody's; owns them from now on. */
static void
own(bool *owned, const struct holding *h, bool now)
{
    for (pfn_t i = h->first; i < h->first + (UINT64_C(1) << h->order); i++) {
        assert_in_range(i, 2, 63);
        assert_int_equal(owned[i], !now);
        owned[i] = now;
    }
}

/* A quirk breaks the emulated memory, never what the host relies on: a frame has one owner, and in
 * the end all of them are back. */
static void
with_wrong_buddies_blocks_are_still_handed_out_once(void **state)
{
    static const uint64_t quirks[] = {0, UINT64_C(1) << QUIRK_WRONG_BUDDY,
                                      UINT64_C(1) << QUIRK_NEXT_BUDDY,
                                      UINT64_C(1) << QUIRK_NO_MERGE};
    struct rig *r = *state;
    struct holding held[64];
    bool owned[64] = {false};
    unsigned n = 0;
    struct rng rng;

    rng_seed(&rng, 7);
    for (int i = 0; i < 20000; i++) {
        if (i % 100 == 0)
            r->m.hw.s->quirks = quirks[rng_below(&rng, 4)];
        if (n && rng_below(&rng, 2)) {
            struct holding *h = &held[rng_below(&rng, n)];

            own(owned, h, false);
            block_free(&r->m.os, 0, h->first);
            *h = held[--n];
        } else {
            struct holding h = {.order = (unsigned)rng_below(&rng, 4)};

            h.first = block_alloc(&r->m.os, 0, UINT64_C(0x10000) << h.order);
            if (!h.first)
                continue;
            own(owned, &h, true);
            held[n++] = h;
        }
    }
    while (n)
        block_free(&r->m.os, 0, held[--n].first);
    assert_int_equal(r->m.os.s->free_frames, 62);
}

#define WITH_MACHINE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_MACHINE(a_hundred_kibibytes_take_128_and_waste_28),
        WITH_MACHINE(the_buddy_of_0x60000_is_0x40000),
        WITH_MACHINE(merging_ends_at_the_largest_order),
        WITH_MACHINE(a_mebibyte_in_two_pieces_cannot_be_had),
        WITH_MACHINE(wrong_requests_are_refused),
        cmocka_unit_test_setup_teardown(with_wrong_buddies_blocks_are_still_handed_out_once, setup,
                                        teardown_broken),
    };

    return RUN_TESTS(tests);
}
