/* Two machines side by side: that they part where by rights they must, and nowhere else.
 *
 * Expected from arithmetic and the manuals: the two differ in one named thing, and the first event that this thing touches is the answer.
 */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "app/session.h"
#include "support/drive.h"
#include "view/panes.h"

static struct session *
open_beside(const char *machine, const char *other, const char *set, enum compare_grain grain)
{
    static struct session s;
    struct beside_wish wish = {.machine = other, .grain = (int)grain};
    struct option_list none = {0};
    struct preset preset;
    struct error e = {0};

    if (set)
        wish.set.item[wish.set.count++] = set;
    assert_true(preset_load(machine, &preset, &e));
    assert_true(session_open_machine(&s, &preset, 1, &e));
    s.beside = beside_open(&wish, machine, &none, 1, &e);
    assert_int_equal(e.code, 0);
    assert_non_null(s.beside);
    session_refresh(&s);
    return &s;
}

static const struct difference *
difference(struct session *s)
{
    session_refresh(s);
    return beside_difference(s->beside);
}

static void
expect_event_here(struct session *s, const char *name)
{
    session_refresh(s);
    assert_true(s->scene.has_event);
    assert_string_equal(event_row[s->scene.event.code].name, name);
}

/* --- they part where they must ------------------------------------------------------------------------- */

/* A kernel that does not invalidate: the first thing it leaves out is the INVLPG of an unmapped page. */
static void
a_quirk_shows_where_it_bites(void **state)
{
    struct session *s = open_beside("x86-64", NULL, "no-invalidate=1", COMPARE_EVENTS);

    (void)state;
    assert_true(session_command(s, "read 0x404000"));
    assert_null(difference(s));
    assert_true(session_command(s, "munmap 0x404000 4K"));
    assert_int_equal(difference(s)->kind, DIFFER_EVENT);
    assert_int_equal(difference(s)->op, 3);
    assert_true(difference(s)->name);
    expect_event_here(s, "tlb_drop"); /* there, and not at the operation's end */
    assert_true(s->scene.at.event < history_events(s->history, 3));
    session_close(s);
}

/* Four levels and five: the root is read in both, then one has another table to read before the page is found. The kernel parts even
 * earlier, where it makes the table below the root: it covers 512 GiB here, 256 TiB there. */
static void
two_formats_part_at_the_tables(void **state)
{
    struct session *s = open_beside("x86-64", "la57", NULL, COMPARE_EVENTS);

    (void)state;
    assert_true(session_command(s, "read 0x404000"));
    assert_int_equal(difference(s)->op, 2);
    assert_int_equal(difference(s)->fields, UINT64_C(1) << FIELD_VA);
    expect_event_here(s, "table_alloc");
    session_close(s);
}

/* What a program meets does not depend on the number of levels. */
static void
faults_are_the_same_on_both_formats(void **state)
{
    static const char *const line[] = {"read 0x404000",    "write 0x405000 7",   "fork",
                                       "write 0x405000 8", "munmap 0x404000 4K", "read 0x404000"};
    struct session *s = open_beside("x86-64", "la57", NULL, COMPARE_FAULTS);

    (void)state;
    for (size_t i = 0; i < sizeof line / sizeof *line; i++)
        assert_true(session_command(s, line[i]));
    assert_null(difference(s));
    session_close(s);
}

/* Half as many ways: the same answers until the third page of a set, where the smaller TLB has to evict. Pages 0x10000000, 0x10004000 ... all lie in set 0 of 4. */
static void
a_smaller_tlb_parts_at_the_first_eviction(void **state)
{
    struct session *s = open_beside("x86-64", NULL, "tlb.ways=2", COMPARE_EVENTS);

    (void)state;
    assert_true(session_command(s, "mmap 0x10000000 64K rw"));
    assert_true(session_command(s, "read 0x10000000"));
    assert_true(session_command(s, "read 0x10004000"));
    assert_null(difference(s));
    assert_true(session_command(s, "read 0x10008000"));
    assert_non_null(difference(s));
    assert_int_equal(difference(s)->op, 5);
    assert_true(difference(s)->name);
    session_close(s);
}

static void
what_one_refuses_parts_them(void **state)
{
    struct session *s = open_beside("smp", "x86-64", NULL, COMPARE_EVENTS);

    (void)state;
    assert_true(session_command(s, "read 0x404000"));
    assert_null(difference(s));
    assert_true(session_command(s, "spawn cpu=1")); /* the other has one CPU */
    assert_int_equal(difference(s)->kind, DIFFER_REFUSED);
    assert_int_equal(difference(s)->op, 3);
    assert_true(strlen(s->scene.beside->refused) > 0);
    session_close(s);
}

/* --- and nowhere else ------------------------------------------------------------------------------------ */

static void
equal_machines_never_part(void **state)
{
    enum { SESSIONS = 20, OPERATIONS = 60 };
    unsigned done = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= SESSIONS; seed++) {
        struct session *s = open_beside("x86-64", "x86-64", NULL, COMPARE_ALL);
        struct rng r;

        rng_seed(&r, seed);
        for (int i = 0; i < OPERATIONS / (slowness() > 1 ? 4 : 1); i++) {
            struct operation op;
            struct outcome out;
            struct error e = {0};
            uint8_t blob[OPERATION_BLOB];

            drive_random(&r, history_machine(s->history), &op, blob);
            done += history_act(s->history, &op, &out, &e);
        }
        session_done(s);
        assert_null(difference(s));
        session_close(s);
    }
    assert_in_range(done, SESSIONS * 5, UINT32_MAX);
}

/* --- time ------------------------------------------------------------------------------------------------ */

/* Going back and doing something else: what came later is forgotten on both. */
static void
another_branch_is_followed(void **state)
{
    struct session *s = open_beside("x86-64", NULL, "no-invalidate=1", COMPARE_EVENTS);

    (void)state;
    assert_true(session_command(s, "read 0x404000"));
    assert_true(session_command(s, "munmap 0x404000 4K"));
    assert_int_equal(difference(s)->op, 3);
    session_previous_operation(s);
    session_previous_operation(s);
    assert_true(session_command(s, "write 0x404000 1")); /* from the first operation's end */
    assert_null(difference(s));
    session_leave_branch(s);
    assert_int_equal(difference(s)->op, 3);
    session_close(s);
}

/* Forward from the start stops at the difference; from there it goes on. */
static void
forward_stops_once(void **state)
{
    struct session *s = open_beside("x86-64", NULL, "no-invalidate=1", COMPARE_EVENTS);

    (void)state;
    assert_true(session_command(s, "read 0x404000"));
    assert_true(session_command(s, "munmap 0x404000 4K"));
    assert_true(session_go_start(s));
    assert_true(session_go_end(s));
    expect_event_here(s, "tlb_drop");
    assert_string_equal(s->status, "Here the two machines part.");
    assert_true(session_go_end(s));
    session_refresh(s);
    assert_int_equal(s->scene.at.event, history_events(s->history, 3));
    assert_int_equal(s->scene.beside->shown[1] + 1,
                     s->scene.beside->shown[0]); /* one event fewer there */
    session_close(s);
}

static void
nothing_is_beside_unless_asked(void **state)
{
    struct beside_wish wish = BESIDE_INIT;
    struct option_list none = {0};
    struct error e = {0};

    (void)state;
    assert_null(beside_open(&wish, "x86-64", &none, 1, &e));
    assert_int_equal(e.code, 0);
    wish.machine = "x86-65";
    assert_null(beside_open(&wish, "x86-64", &none, 1, &e));
    assert_int_equal(e.code, EXIT_OPEN);
    e = (struct error){0};
    wish.machine = NULL;
    wish.set.item[wish.set.count++] = "tlb.ways=0";
    assert_null(beside_open(&wish, "x86-64", &none, 1, &e));
    assert_int_not_equal(e.code, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quirk_shows_where_it_bites),
        cmocka_unit_test(two_formats_part_at_the_tables),
        cmocka_unit_test(faults_are_the_same_on_both_formats),
        cmocka_unit_test(a_smaller_tlb_parts_at_the_first_eviction),
        cmocka_unit_test(what_one_refuses_parts_them),
        cmocka_unit_test(equal_machines_never_part),
        cmocka_unit_test(another_branch_is_followed),
        cmocka_unit_test(forward_stops_once),
        cmocka_unit_test(nothing_is_beside_unless_asked),
    };

    return RUN_TESTS(tests);
}
