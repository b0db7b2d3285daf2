/* Time travel where it is hardest: branches, cuts, positions inside operations, operations that emit
 * nothing, several CPUs. */
#include <stdio.h>
#include <string.h>

#include "machine/invariant.h"
#include "support/drive.h"
#include "test.h"

static struct history *
open_history(void)
{
    struct preset p;
    struct error e = {0};
    struct history *h;

    drive_preset("x86-64", &p);
    h = history_open(&p, 1, &e);
    assert_non_null(h);
    return h;
}

static bool
act(struct history *h, const char *line)
{
    struct operation op;
    uint8_t blob[OPERATION_BLOB];
    struct outcome out;
    struct error e = {0};
    bool done;

    assert_true(operation_parse(line, &op, blob, &e));
    done = history_act(h, &op, &out, &e);
    memset(blob, 0xee, sizeof blob); /* the record must hold its own bytes */
    return done;
}

static void
go(struct history *h, uint64_t op, uint32_t event)
{
    history_seek(h, (struct position){op, event});
}

static struct hash128
hash_here(const struct history *h)
{
    return machine_hash(history_machine(h));
}

static bool
is_code(void *code, const struct event *ev)
{
    return ev->code == *(const uint16_t *)code;
}

static uint64_t
found_at(struct history *h, struct position from, int direction, uint16_t code)
{
    struct position at;

    return history_find(h, from, direction, history_end(h), is_code, &code, &at) ? at.op : 0;
}

/* --- branches -----------------------------------------------------------------------------------
 */

/* Trunk: 1 spawn, 2 write 1, 3 write 2, 4 write 3. Branch after 2: reads. */
static struct history *
with_branch(paddr_t *pa)
{
    struct history *h = open_history();

    drive_history(h, "spawn");
    *pa = drive_history(h, "write 0x406000 1").pa;
    drive_history(h, "write 0x406000 2");
    drive_history(h, "write 0x406000 3");
    go(h, 2, 1);
    assert_true(act(h, "read 0x406000"));
    assert_true(act(h, "flush"));
    return h;
}

static void
the_writer_is_found_across_the_branch_point(void **state)
{
    paddr_t pa;
    struct history *h = with_branch(&pa);
    struct subject byte = {SUBJECT_MEMORY, pa, 0, 1};
    struct position at;

    (void)state;
    assert_int_equal(history_branch_point(h), 2);
    assert_true(history_writer(h, history_end(h), &byte, &at));
    assert_int_equal(at.op, 2); /* not 4: that is another future */
    history_leave_branch(h);
    assert_true(history_writer(h, history_end(h), &byte, &at));
    assert_int_equal(at.op, 4);
    history_close(h);
}

static void
searches_cross_the_branch_point_both_ways(void **state)
{
    paddr_t pa;
    struct history *h = with_branch(&pa);

    (void)state;
    assert_true(act(h, "read 0x406000"));
    assert_int_equal(found_at(h, (struct position){5, 1}, -1, EV_TLB_FLUSH), 4);
    assert_int_equal(found_at(h, (struct position){5, 1}, -1, EV_DATA_READ), 3);
    assert_int_equal(found_at(h, history_end(h), -1, EV_DATA_WRITE), 2);
    assert_int_equal(found_at(h, history_end(h), -1, EV_SPAWNED), 1);
    assert_int_equal(found_at(h, (struct position){2, 1}, 1, EV_DATA_READ), 3);
    history_leave_branch(h);
    assert_int_equal(found_at(h, (struct position){2, 1}, 1, EV_DATA_READ), 0);
    history_close(h);
}

static void
acting_inside_an_operation_begins_at_its_end(void **state)
{
    paddr_t pa;
    struct history *h = with_branch(&pa);

    (void)state;
    history_leave_branch(h);
    go(h, 3, 2);
    assert_true(act(h, "read 0x406000"));
    assert_int_equal(history_outcome(h, 4)->value, 2);
    history_leave_branch(h);
    go(h, 3, 0); /* before it began: the end of the one before */
    assert_true(act(h, "read 0x406000"));
    assert_int_equal(history_branch_point(h), 2);
    assert_int_equal(history_outcome(h, 3)->value, 1);
    go(h, 3, 0); /* on the branch the same rule */
    assert_true(act(h, "write 0x406000 9"));
    assert_int_equal(history_operations(h), 3);
    assert_string_equal(operation_row(history_operation(h, 3)->code)->name, "write");
    history_close(h);
}

static void
acting_on_the_trunk_from_a_branch_leaves_it(void **state)
{
    paddr_t pa;
    struct history *h = with_branch(&pa);

    (void)state;
    go(h, 1, 1);
    assert_true(act(h, "read 0x406000"));
    assert_int_equal(history_branch_point(h), 1);
    assert_int_equal(history_outcome(h, 2)->value, 0);
    history_leave_branch(h);
    assert_int_equal(history_operations(h), 4);
    history_close(h);
}

/* The searcher stood in the trunk's future when the branch began. */
static void
a_search_on_a_new_branch_forgets_the_trunk(void **state)
{
    paddr_t pa;
    struct history *h = with_branch(&pa);
    struct subject byte = {SUBJECT_MEMORY, pa, 0, 1};
    struct operation read = {.code = OP_READ, .arg = {0x406000}, .given = 1};
    struct position at;
    struct event ev;
    struct machine *clone;
    struct outcome out;
    struct error e = {0};

    (void)state;
    history_leave_branch(h);
    found_at(h, (struct position){0, 0}, 1, EV_DATA_READ); /* looks through to the end */
    go(h, 2, history_events(h, 2));
    history_branch(h);
    drive_history(h, "write 0x406000 7");
    drive_history(h, "write 0x406000 8");
    drive_history(h, "write 0x406000 9");
    assert_true(history_what_if(h, 4, QUIRKS, &read, NULL, &out, &clone, &e));
    assert_int_equal(out.value, 8); /* 3 on the trunk */
    assert_true(history_writer(h, history_end(h), &byte, &at));
    assert_int_equal(at.op, 5);
    history_seek(h, at);
    assert_true(history_event(h, &ev));
    assert_int_equal(ev.old, 8);
    assert_int_equal(found_at(h, (struct position){4, 1}, 1, EV_DATA_WRITE), 4);
    history_close(h);
}

static void
a_refused_act_changes_nothing(void **state)
{
    paddr_t pa;
    struct history *h = with_branch(&pa);
    struct hash128 before;

    (void)state;
    go(h, 3, 1);
    before = hash_here(h);
    assert_false(act(h, "switch 9"));
    assert_true(history_on_branch(h));
    assert_int_equal(history_operations(h), 4);
    assert_int_equal(history_position(h).op, 3);
    assert_int_equal(history_position(h).event, 1);
    assert_true(hash_equal(before, hash_here(h)));
    history_close(h);
}

/* --- silent operations --------------------------------------------------------------------------
 */

static void
operations_without_events_are_places_too(void **state)
{
    struct history *h = open_history();
    struct position p;
    struct event ev;

    (void)state;
    drive_history(h, "spawn");
    drive_history(h, "invlpg 0x1000"); /* nothing there to drop */
    drive_history(h, "invlpg 0x2000");
    drive_history(h, "read 0x406000");
    assert_int_equal(history_events(h, 2), 0);
    go(h, 2, 5);
    assert_int_equal(history_position(h).op, 2);
    assert_int_equal(history_position(h).event, 0);
    assert_false(history_event(h, &ev));
    assert_int_equal(history_machine(h)->s->op, 2);
    assert_true(machine_equal(history_machine(h), history_before(h)));
    p = history_next(h, history_position(h));
    assert_int_equal(p.op, 4);
    assert_int_equal(p.event, 1);
    p = history_previous(h, p);
    assert_int_equal(p.op, 1);
    assert_int_equal(p.event, history_events(h, 1));
    p = history_at_number(h, history_events(h, 1) + 1);
    assert_int_equal(p.op, 4);
    go(h, 2, 0);
    assert_true(act(h, "write 0x406000 1"));
    assert_int_equal(history_branch_point(h), 2);
    history_close(h);
}

/* --- cuts ---------------------------------------------------------------------------------------
 */

/* Enough events for several keyframes, and all three machines far behind the cut. */
static void
a_cut_brings_everybody_back(void **state)
{
    struct history *h = open_history();
    struct hash128 cut;
    struct position at;
    struct subject frame = {SUBJECT_FRAME, 100, 0, 0};
    char line[64];

    (void)state;
    drive_history(h, "spawn");
    drive_history(h, "mmap 0x10000000 8M rw");
    for (int i = 0; i < 1000; i++) {
        snprintf(line, sizeof line, "write 0x%x %d", 0x10000000 + i * 4096, i & 255);
        drive_history(h, line);
    }
    assert_true(history_event_number(h, history_end(h)) > 3 * 4096);
    go(h, 300, history_events(h, 300));
    cut = hash_here(h);
    history_seek(h, history_end(h));
    history_before(h);
    history_writer(h, history_end(h), &frame, &at);
    found_at(h, (struct position){900, 1}, 1, EV_PAGE_FAULT);
    history_truncate(h, 300);
    assert_int_equal(history_operations(h), 300);
    assert_int_equal(history_position(h).op, 300);
    assert_true(hash_equal(cut, hash_here(h)));
    drive_history(h, "read 0x10000000");
    go(h, 300, history_events(h, 300));
    assert_true(hash_equal(cut, hash_here(h)));
    assert_int_equal(found_at(h, history_end(h), -1, EV_PAGE_FAULT), 300);
    history_close(h);
}

/* --- any way leads to the same place ------------------------------------------------------------
 */

enum { SESSIONS = 200, STEPS = 60, LINE_MAX_OPS = STEPS + 1, CHECKS = 3 };

/* What the line should be: the operations, in order. */
struct story {
    struct operation op[LINE_MAX_OPS];
    uint8_t blob[LINE_MAX_OPS][OPERATION_BLOB];
    unsigned count;
};

static void
story_add(struct story *s, const struct operation *op)
{
    assert_true(s->count < LINE_MAX_OPS);
    s->op[s->count] = *op;
    if (op->blob_size)
        memcpy(s->blob[s->count], op->blob, op->blob_size);
    s->op[s->count].blob = s->blob[s->count];
    s->count++;
}

struct stop {
    const struct machine *m;
    uint32_t k, seen;
    struct hash128 now, before;
};

static void
hash_at_stop(void *ctx, const struct event *ev)
{
    struct stop *s = ctx;

    (void)ev;
    s->seen++;
    if (s->seen + 1 == s->k)
        s->before = machine_hash(s->m);
    if (s->seen == s->k)
        s->now = machine_hash(s->m);
}

/* Run the story from the start to (n, k), 1 <= k, without any history. */
static void
run_straight(const struct preset *p, const struct story *s, struct position at, struct stop *stop)
{
    struct machine m;
    struct error e = {0};
    struct outcome out;
    struct watch watch = {hash_at_stop, stop};

    assert_true(machine_open(&m, p, 1, &e));
    *stop = (struct stop){.m = &m, .k = at.event};
    for (uint64_t n = 1; n <= at.op; n++) {
        if (n == at.op) {
            stop->before = machine_hash(&m);
            machine_watch(&m, &watch);
        }
        assert_true(machine_do(&m, &s->op[n - 1], &out, &e));
    }
    if (stop->seen == at.event) /* the last event: the operation has run to its end */
        stop->now = machine_hash(&m);
    machine_close(&m);
}

static struct position
some_position(struct history *h, struct rng *r)
{
    return history_at_number(h, rng_below(r, history_event_number(h, history_end(h)) + 1));
}

static void
same_as_straight(struct history *h, struct rng *r, const struct preset *p, const struct story *s)
{
    struct position at = some_position(h, r);
    struct stop stop;

    assert_int_equal(history_operations(h), s->count);
    if (at.event == 0)
        return;
    history_seek(h, at);
    run_straight(p, s, at, &stop);
    assert_true(hash_equal(stop.now, hash_here(h)));
    assert_true(hash_equal(stop.before, machine_hash(history_before(h))));
}

/* On some CPU, sometimes without waiting for the disk. */
static void
some_operation(struct rng *r, const struct machine *m, struct operation *op, uint8_t *blob)
{
    drive_random(r, m, op, blob);
    op->cpu = (uint8_t)rng_below(r, m->preset.geo.cpus);
    if (rng_below(r, 3))
        return;
    if (op->code == OP_READ)
        op->arg[3] = 1;
    else if (op->code == OP_WRITE)
        op->arg[4] = 1;
    else if (op->code == OP_FETCH)
        op->arg[2] = 1;
}

static void
invariants_hold(const struct machine *m, uint64_t seed)
{
    struct violation v;

    if (invariant_check(m, &v, 1))
        fail_msg("seed %llu, operation %llu: %s: %s", (unsigned long long)seed,
                 (unsigned long long)m->s->op, invariant_row[v.invariant].id, v.where);
}

/* Act from anywhere; the story follows by the rule of the header. */
static void
act_somewhere(struct history *h, struct rng *r, struct story *trunk, struct story *now,
              uint64_t seed)
{
    struct position end = history_end(h), at = rng_below(r, 3) ? end : some_position(h, r);
    struct operation op;
    uint8_t blob[OPERATION_BLOB];
    struct outcome out;
    struct error e = {0};

    history_seek(h, at);
    some_operation(r, history_machine(h), &op, blob);
    if (!history_act(h, &op, &out, &e)) {
        assert_true(e.code == EXIT_DATA || e.code == EXIT_LIMIT);
        return;
    }
    invariants_hold(history_machine(h), seed);
    now->count = (unsigned)at.op;
    story_add(now, &op);
    if (!history_on_branch(h))
        *trunk = *now;
}

static void
leave(struct history *h, const struct story *trunk, struct story *now)
{
    history_leave_branch(h);
    *now = *trunk;
    history_seek(h, history_end(h));
}

static void
one_session(const struct preset *p, uint64_t seed)
{
    static struct story trunk, now;
    struct error e = {0};
    struct history *h = history_open(p, 1, &e);
    struct rng r;
    struct operation spawn = {.code = OP_SPAWN};
    struct outcome out;

    rng_seed(&r, seed);
    trunk.count = now.count = 0;
    assert_true(history_do(h, &spawn, &out, &e));
    story_add(&now, &spawn);
    trunk = now;
    for (int i = 1; i < STEPS; i++) {
        act_somewhere(h, &r, &trunk, &now, seed);
        if (history_on_branch(h) && rng_below(&r, 8) == 0)
            leave(h, &trunk, &now);
        if (rng_below(&r, 4) == 0)
            same_as_straight(h, &r, p, &now);
    }
    leave(h, &trunk, &now);
    for (int i = 0; i < CHECKS; i++)
        same_as_straight(h, &r, p, &now);
    history_close(h);
}

static void
branches_equal_straight_runs(void **state)
{
    static const char *const name[] = {"x86-64", "i386", "toy16", "la57", "pae"};
    struct preset p;

    (void)state;
    for (uint64_t seed = 1; seed <= tries(SESSIONS); seed++) {
        drive_preset(name[seed % 5], &p);
        if (p.geo.frames > 96)
            p.geo.frames = 96;
        p.layout.kernel = 0;
        p.geo.cpus = 2;
        one_session(&p, seed);
    }
}

/* The state one event ago, reached by doing, from behind and from before, is one and the same. */
static void
a_picture_does_not_depend_on_the_way(void **state)
{
    struct history *h = open_history();
    struct hash128 now, before;
    struct position at;

    (void)state;
    drive_history(h, "spawn");
    drive_history(h, "write 0x406000 1");
    at = history_position(h);
    now = hash_here(h);
    before = machine_hash(history_before(h));
    drive_history(h, "poke 0x5000 00");
    drive_history(h, "invlpg 0x406000");
    for (int i = 0; i < 3; i++) {
        if (i == 1)
            go(h, 0, 0);
        else
            history_seek(h, history_end(h));
        history_seek(h, at);
        assert_true(hash_equal(now, hash_here(h)));
        assert_true(hash_equal(before, machine_hash(history_before(h))));
    }
    history_close(h);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_writer_is_found_across_the_branch_point),
        cmocka_unit_test(searches_cross_the_branch_point_both_ways),
        cmocka_unit_test(acting_inside_an_operation_begins_at_its_end),
        cmocka_unit_test(acting_on_the_trunk_from_a_branch_leaves_it),
        cmocka_unit_test(a_search_on_a_new_branch_forgets_the_trunk),
        cmocka_unit_test(a_refused_act_changes_nothing),
        cmocka_unit_test(operations_without_events_are_places_too),
        cmocka_unit_test(a_cut_brings_everybody_back),
        cmocka_unit_test(branches_equal_straight_runs),
        cmocka_unit_test(a_picture_does_not_depend_on_the_way),
    };

    return RUN_TESTS(tests);
}
