/* The scene against the machine itself: a second machine of the same preset runs the same operations with a plain recorder on it. */
#include <stdlib.h>
#include <string.h>

#include "support/stage.h"
#include "test.h"

static const char *const story[] = {"spawn", "write 0x404010 7", "read 0x401000", "read 0x401010", "fork", "write 0x404018 9",
                                    "read 0x999000", NULL};

enum { RECORD_MAX = 4096 };

struct record {
    struct event ev[RECORD_MAX];
    uint64_t op[RECORD_MAX];
    unsigned n;
    uint64_t now;
};

static void
record_seen(void *ctx, const struct event *ev)
{
    struct record *r = ctx;

    r->op[r->n] = r->now;
    r->ev[r->n++] = *ev;
}

static struct record *
record_run(const char *preset, const char *const *operations)
{
    struct record *r = calloc(1, sizeof *r);
    struct watch watch = {record_seen, r};
    struct machine m;
    struct preset p;
    struct error e = {0};

    assert_true(preset_load(preset, &p, &e));
    assert_true(machine_open(&m, &p, 1, &e));
    machine_watch(&m, &watch);
    for (; *operations; operations++) {
        uint8_t blob[OPERATION_BLOB];
        struct operation op;
        struct outcome out;

        r->now++;
        assert_true(operation_parse(*operations, &op, blob, &e));
        assert_true(machine_do(&m, &op, &out, &e));
    }
    machine_close(&m);
    return r;
}

static void
nothing_has_happened_at_boot(void **state)
{
    struct stage st;

    (void)state;
    stage_open(&st, "x86-64", story);
    stage_look(&st, 0, false);
    assert_int_equal(st.scene.number, 0);
    assert_int_equal(st.scene.logged, 0);
    assert_false(st.scene.has_event);
    assert_null(st.scene.op);
    assert_int_equal(st.scene.numbers, stage_events(&st));
    stage_close(&st);
}

static void
the_log_is_what_a_recorder_saw(void **state)
{
    struct record *r = record_run("x86-64", story);
    struct stage st;

    (void)state;
    stage_open(&st, "x86-64", story);
    assert_int_equal(stage_events(&st), r->n);
    for (unsigned number = 1; number <= r->n; number++) {
        unsigned shown = number < SCENE_LOG ? number : SCENE_LOG;

        stage_look(&st, number, number % 2);
        assert_int_equal(st.scene.number, number);
        assert_int_equal(st.scene.logged, shown);
        assert_memory_equal(&st.scene.event, &r->ev[number - 1], sizeof(struct event));
        for (unsigned i = 0; i < shown; i++) {
            assert_memory_equal(&st.scene.log[i].ev, &r->ev[number - shown + i], sizeof(struct event));
            assert_int_equal(st.scene.log[i].at.op, r->op[number - shown + i]);
        }
    }
    stage_close(&st);
    free(r);
}

static void
the_log_keeps_the_last_events_of_a_long_operation(void **state)
{
    static const char *const eager[] = {"spawn", "set map-takes-frames 1", "mmap 0x20000000 0x100000 rw", NULL};
    struct record *r = record_run("x86-64", eager);
    struct stage st;

    (void)state;
    stage_open(&st, "x86-64", eager);
    assert_true(r->n > 2 * SCENE_LOG); /* else this tests nothing */
    stage_look(&st, r->n - 3, false);
    assert_int_equal(st.scene.logged, SCENE_LOG);
    for (unsigned i = 0; i < SCENE_LOG; i++)
        assert_memory_equal(&st.scene.log[i].ev, &r->ev[r->n - 3 - SCENE_LOG + i], sizeof(struct event));
    stage_close(&st);
    free(r);
}

static void
cycles_add_up_to_those_of_the_operation(void **state)
{
    struct record *r = record_run("x86-64", story);
    struct stage st;

    (void)state;
    stage_open(&st, "x86-64", story);
    for (unsigned number = 1; number <= r->n; number++) {
        uint64_t sum = 0, parts = 0;

        for (unsigned i = 0; i < number; i++)
            sum += r->op[i] == r->op[number - 1] ? r->ev[i].cycles : 0;
        stage_look(&st, number, false);
        for (int k = 0; k < SCENE_COST_KINDS; k++)
            parts += st.scene.walk.cost[k];
        assert_int_equal(st.scene.walk.cycles, sum);
        assert_int_equal(parts, sum);
    }
    stage_close(&st);
    free(r);
}

/* 0x404010 = PML4 0, PDPT 0, PD 2, PT 4, offset 0x10: SDM vol. 3A, figure 4-8. */
static void
a_walk_is_followed_entry_by_entry(void **state)
{
    static const unsigned index[] = {0, 0, 2, 4};
    struct stage st;
    paddr_t table;

    (void)state;
    stage_open(&st, "x86-64", story);
    stage_look_at(&st, "data_write", 1, false);
    assert_true(st.scene.walk.active);
    assert_true(st.scene.walk.translated);
    assert_int_equal(st.scene.walk.levels, 4);
    table = st.scene.now->hw.s->cpu[0].cr3 & ~UINT64_C(0xfff);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(st.scene.walk.slot[i], table + index[i] * 8);
        assert_int_equal(st.scene.walk.entry[i], phys_read(&st.scene.now->hw.phys, st.scene.walk.slot[i], 8));
        table = st.scene.walk.entry[i] & UINT64_C(0x000ffffffffff000);
    }
    assert_int_equal(st.scene.walk.pa, table | 0x10);
    assert_int_equal(st.scene.walk.shift, 12);
    stage_close(&st);
}

static void
a_hit_reads_no_entry(void **state)
{
    struct stage st;

    (void)state;
    stage_open(&st, "x86-64", story);
    stage_look_at(&st, "tlb_hit", 1, false);
    assert_int_equal(st.scene.walk.va, 0x401010);
    assert_true(st.scene.walk.hit);
    assert_int_equal(st.scene.walk.levels, 0);
    assert_int_equal(st.scene.unread, 0); /* and none will be */
    assert_int_equal(st.scene.walk.shift, 12);
    stage_close(&st);
}

static void
what_is_unread_shrinks_by_one_a_level(void **state)
{
    struct stage st;
    unsigned before;

    (void)state;
    stage_open(&st, "x86-64", story);
    stage_look_at(&st, "tlb_miss", 2, true); /* the restart of the write: everything is mapped now */
    before = st.scene.unread;
    assert_int_equal(before, 4);
    for (unsigned level = 0; level < 4; level++) {
        stage_look(&st, st.scene.number + (level ? 1 : 2), true); /* walk_start stands between */
        assert_string_equal(event_row[st.scene.event.code].name, "walk_read");
        assert_int_equal(st.scene.unread, 3 - level);
    }
    stage_close(&st);
}

static void
marks_end_at_the_gate(void **state)
{
    struct stage st;
    unsigned all, some;
    struct scene_mark *m;
    struct position gate;

    (void)state;
    stage_open(&st, "x86-64", story);
    m = scene_marks(st.h, history_end(st.h), NULL, 0, &all);
    free(m);
    gate = history_at_number(st.h, stage_events(&st) / 2);
    m = scene_marks(st.h, gate, (struct position[]){{1, history_events(st.h, 1)}}, 1, &some);
    assert_in_range(some, 2, all);
    for (unsigned i = 0; i < some; i++) {
        assert_in_range(m[i].number, 1, stage_events(&st) / 2);
        assert_true(i == 0 || m[i - 1].number <= m[i].number);
    }
    assert_int_equal(m[0].class, CLASS_PLAIN); /* the step that begins after the first operation */
    assert_int_equal(m[0].number, history_events(st.h, 1) + 1);
    free(m);
    stage_close(&st);
}

static void
an_outcome_is_told_at_the_operations_end_only(void **state)
{
    struct stage st;

    (void)state;
    stage_open(&st, "x86-64", story);
    stage_look(&st, stage_events(&st), false);
    assert_non_null(st.scene.outcome);
    assert_int_equal(st.scene.outcome->kind, OUT_SIGNAL);
    stage_look(&st, stage_events(&st) - 1, false);
    assert_null(st.scene.outcome);
    stage_close(&st);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_has_happened_at_boot),
        cmocka_unit_test(the_log_is_what_a_recorder_saw),
        cmocka_unit_test(the_log_keeps_the_last_events_of_a_long_operation),
        cmocka_unit_test(cycles_add_up_to_those_of_the_operation),
        cmocka_unit_test(a_walk_is_followed_entry_by_entry),
        cmocka_unit_test(a_hit_reads_no_entry),
        cmocka_unit_test(what_is_unread_shrinks_by_one_a_level),
        cmocka_unit_test(marks_end_at_the_gate),
        cmocka_unit_test(an_outcome_is_told_at_the_operations_end_only),
    };

    return RUN_TESTS(tests);
}
