/* Random loading, ending, growing, compacting and swapping of programs in one piece, compared after
 * every operation with a model that shares no code: where everybody is, who waits, every byte that
 * was written. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "machine/invariant.h"
#include "os/partition.h"
#include "support/contiguous.h"
#include "support/drive.h"
#include "test.h"

enum { SITTINGS = 24, OPERATIONS = 250 };

struct rig {
    struct machine m;
    struct contiguous model;
    struct rng rng;
    uint64_t done;
};

static bool
run(struct rig *r, struct outcome *out, const char *fmt, unsigned long long value)
{
    struct operation op;
    uint8_t blob[OPERATION_BLOB];
    struct error e = {0};
    char line[64];

    snprintf(line, sizeof line, "%s %llu", fmt, value);
    if (!operation_parse(line, &op, blob, &e))
        fail_msg("%s: %s", line, e.text);
    r->done++;
    return machine_do(&r->m, &op, out, &e);
}

/* --- comparing --- */

static void
compare_places(const struct rig *r)
{
    const struct partitions *p = r->m.os.partitions;

    for (uint32_t pid = 1; pid < OWNERS_MAX; pid++) {
        int at = partition_of(&r->m.os, pid), want = contiguous_place(&r->model, pid);

        assert_int_equal(at < 0, want < 0);
        if (at >= 0)
            assert_int_equal(p->at[at].start,
                             partition_base(&r->m.os) + (uint64_t)want * r->model.box);
    }
    assert_int_equal(p->waiting, r->model.queued);
    for (uint32_t i = 0; i < p->waiting; i++)
        assert_int_equal(p->queue[i], r->model.queue[i]);
    assert_int_equal(p->copied, r->model.copied);
    assert_int_equal(r->m.os.s->swap_used, r->model.slots_used);
}

/* In memory each byte is where the model says, not where the kernel believes. */
static void
compare_bytes(const struct rig *r)
{
    for (unsigned owner = 1; owner < OWNERS_MAX; owner++) {
        int at = contiguous_place(&r->model, owner);

        for (unsigned i = 0; at >= 0 && i < r->model.notes[owner]; i++) {
            const struct noted *n = &r->model.note[owner][i];
            paddr_t pa = partition_base(&r->m.os) + (uint64_t)at * r->model.box + n->at;

            assert_int_equal(phys_read(&r->m.hw.phys, pa, 1), n->value);
        }
    }
}

/* --- what is done --- */

static unsigned
somebody(struct rig *r, bool in_memory)
{
    unsigned from = (unsigned)rng_below(&r->rng, OWNERS_MAX);

    for (unsigned i = 0; i < OWNERS_MAX; i++) {
        unsigned owner = (from + i) % OWNERS_MAX;

        if (owner && r->model.lives[owner] &&
            (!in_memory || contiguous_place(&r->model, owner) >= 0))
            return owner;
    }
    return 0;
}

static unsigned
running(struct rig *r)
{
    unsigned owner = somebody(r, true);
    struct outcome out;

    if (owner && r->m.hw.s->cpu[0].task != owner)
        assert_true(run(r, &out, "switch", owner));
    return owner;
}

static void
do_write(struct rig *r)
{
    unsigned owner = running(r);
    struct outcome out;
    struct noted n;

    if (!owner || r->model.notes[owner] == NOTES_MAX)
        return;
    n.at = rng_below(&r->rng, r->model.wants[owner]);
    assert_true(run(r, &out, "write", n.at)); /* the low byte of the operation's number */
    n.value = (uint8_t)r->m.s->op;
    for (unsigned i = 0; i < r->model.notes[owner]; i++)
        if (r->model.note[owner][i].at == n.at) {
            r->model.note[owner][i] = n;
            return;
        }
    r->model.note[owner][r->model.notes[owner]++] = n;
}

static void
do_growing(struct rig *r)
{
    unsigned owner = running(r);
    struct outcome out;
    uint64_t bytes;
    bool grew;

    if (!owner)
        return;
    bytes = r->model.wants[owner] + rng_below(&r->rng, 60000);
    if (bytes > (uint64_t)r->model.boxes * r->model.box)
        return;
    grew = contiguous_grow(&r->model, owner, bytes);
    assert_true(run(r, &out, "grow", bytes));
    assert_int_equal(out.kind == OUT_DONE, grew);
}

static void
do_loading(struct rig *r)
{
    uint64_t bytes = 1 + rng_below(&r->rng, rng_below(&r->rng, 3) ? 90000 : 500000);
    struct outcome out;

    assert_true(run(r, &out, "load", bytes));
    assert_int_equal(out.value, contiguous_load(&r->model, bytes));
}

static void
do_ending(struct rig *r)
{
    unsigned owner = somebody(r, false);
    struct outcome out;

    if (!owner)
        return;
    contiguous_leave(&r->model, owner);
    assert_true(run(r, &out, "exit", owner));
}

static void
do_swapping(struct rig *r)
{
    unsigned owner = somebody(r, true);
    struct outcome out;

    if (owner)
        assert_int_equal(run(r, &out, "swapout", owner), contiguous_swap_out(&r->model, owner));
}

static void
do_something(struct rig *r)
{
    uint64_t dice = rng_below(&r->rng, 100);
    struct outcome out;

    if (dice < 32) {
        do_loading(r);
    } else if (dice < 52) {
        do_ending(r);
    } else if (dice < 75) {
        do_write(r);
    } else if (dice < 87) {
        do_growing(r);
    } else if (dice < 93) {
        do_swapping(r);
    } else if (dice < 96) {
        r->model.way = (enum way_to_fit)rng_below(&r->rng, 4);
        assert_true(run(r, &out, "set fit", r->model.way));
    } else {
        contiguous_compact(&r->model);
        drive_machine(&r->m, "compact");
        r->done++;
    }
}

static void
sitting(struct rig *r, const struct preset *p, uint64_t seed)
{
    struct error e = {0};
    struct violation v;

    assert_true(machine_open(&r->m, p, 1, &e));
    memset(&r->model, 0, sizeof r->model);
    r->model.boxes = p->geo.program_frames;
    r->model.box = (unsigned)format_page(&p->geo.format);
    r->model.slots = p->geo.swap_slots;
    rng_seed(&r->rng, seed);
    for (unsigned i = 0; i < OPERATIONS; i++) {
        do_something(r);
        compare_places(r);
        compare_bytes(r);
        if (i % 16 == 0 && invariant_check(&r->m, &v, 1))
            fail_msg("sitting %llu, operation %u: %s: %s", (unsigned long long)seed, i,
                     invariant_row[v.invariant].id, v.where);
    }
    machine_close(&r->m);
}

static void
as_the_model_says(void **state)
{
    static struct rig r;
    struct preset p;

    (void)state;
    drive_preset("partitions", &p);
    p.geo.swap_slots = 1500; /* so that it is full now and then */
    for (uint64_t seed = 1; seed <= SITTINGS; seed++)
        sitting(&r, &p, seed);
    printf("COUNT partition_operations %llu\n", (unsigned long long)r.done);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_the_model_says)};

    return RUN_TESTS(tests);
}
