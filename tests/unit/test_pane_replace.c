/* The panes of page replacement and of the swap device: what they say, and what they keep to themselves. */
#include <string.h>

#include "support/stage.h"
#include "test.h"

/* Pages 0 1 2 in memory, written; 3 pushes 0 out, by the clock's first round. */
static const char *const story[] = {"spawn",
                                    "mmap 0x10000000 64K rw",
                                    "string 0x10000000 0w,1w,2w,3w,1,0,4,2",
                                    "set resident_limit 3",
                                    "ref 4",
                                    NULL};

static void
expect(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in\n%s", part, text);
}

static struct json
member(struct json o, const char *name)
{
    struct json v = json_find(o, name);

    if (!v.node)
        fail_msg("no \"%s\"", name);
    return v;
}

static int64_t
number(struct json o, const char *name)
{
    struct error e = {0};
    int64_t n = 0;

    assert_true(json_get_int(o, name, 0, 1 << 30, &n, &e));
    return n;
}

static void
end(struct stage *st)
{
    stage_look(st, stage_events(st), false);
}

/* Every cell with the cursor is one that selects `a`, and there is one. */
static void
expect_focus_on(struct stage *st, struct canvas *c, enum pane_id pane, uint64_t a)
{
    unsigned cells = 0;

    canvas_clear(c);
    pane_row[pane].draw(&st->scene, c, rect_of(0, 0, c->w, c->h));
    for (int i = 0; i < c->w * c->h; i++)
        if (c->cells[i].flags & CELL_FOCUS) {
            struct target t = c->targets[c->cells[i].target];
            assert_int_equal(t.kind, TARGET_ITEM);
            assert_int_equal(t.a, a);
            cells++;
        }
    assert_true(cells > 0);
}

static void
the_ring_its_hand_and_the_string(void **state)
{
    struct stage st;
    struct json_doc *doc;
    struct json root, page;
    const char *text;

    (void)state;
    stage_open(&st, "x86-64", story);
    end(&st);
    text = stage_text(&st, PANE_REPLACE, 78, 12);
    expect(text, "pid 1  policy clock  resident 3/3  evictions 1");
    expect(text, "string 4/8  hits 0  faults 4");
    expect(text, " 0w 1w 2w[3w] 1 0 4 2");
    expect(text, "would have to go now");
    doc = stage_json(&st, PANE_REPLACE);
    root = json_root(doc);
    page = json_first(member(root, "pages")); /* 3 has the place of 0, where the ring begins */
    assert_int_equal(number(page, "page"), 3);
    assert_int_equal(number(page, "loaded"), 4);
    page = json_next(page);
    assert_int_equal(number(page, "page"), 1);
    assert_int_equal(number(page, "next_use"), 5);
    assert_int_equal(number(root, "hand"), number(page, "frame"));
    assert_int_equal(number(root, "victim"), number(page, "frame")); /* R = 0 since the hand's round */
    json_free(doc);
    stage_close(&st);
}

/* Four frames fit below the string into the seven rows that the pane has on 120x40. */
static void
a_low_pane_spends_its_rows_on_the_ring(void **state)
{
    static const char *const four[] = {"spawn", "mmap 0x10000000 64K rw", "string 0x10000000 0w,1w,2w,3w,1,0", "ref 4", NULL};
    struct stage st;
    const char *text;
    int rows = 0;

    (void)state;
    stage_open(&st, "x86-64", four);
    stage_do(&st, "set resident_limit 4");
    end(&st);
    text = stage_text(&st, PANE_REPLACE, 49, 7);
    expect(text, "clock 4/4  string 4/6  hits 0  faults 4");
    assert_null(strstr(text, "pid"));
    for (const char *at = text; (at = strstr(at, "R D ")); at++)
        rows++;
    assert_int_equal(rows, 1 + 4); /* the columns' heads, and each page of the ring */
    stage_close(&st);
}

/* What a click on a row and the arrow keys take hold of. */
static void
the_rows_can_be_selected(void **state)
{
    static const struct { enum pane_id pane; enum subject_kind kind; unsigned rows; } row[] = {
        {PANE_REPLACE, SUBJECT_FRAME, 3}, {PANE_SWAP, SUBJECT_SLOT, 1}, {PANE_BUDDY, SUBJECT_FRAME, 6}};
    struct canvas *c = canvas_create(78, 14, GLYPHS_UNICODE);
    struct stage st;

    (void)state;
    stage_open(&st, "x86-64", story);
    end(&st);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct subject at = {0}, last = {0};
        unsigned moves = 0;

        for (; moves < row[i].rows; moves++, last = at) {
            pane_focus(&st.scene.set, row[i].pane);
            pane_move(&st.scene, row[i].pane, 0, 1, &st.scene.set);
            assert_true(pane_subject(&st.scene, row[i].pane, &at));
            assert_int_equal(at.kind, row[i].kind);
            assert_true(!moves || at.a != last.a);
        }
        if (row[i].pane != PANE_BUDDY) { /* the last row: no further */
            pane_move(&st.scene, row[i].pane, 0, 1, &st.scene.set);
            assert_true(pane_subject(&st.scene, row[i].pane, &at) && at.a == last.a);
        }
        expect_focus_on(&st, c, row[i].pane, at.a);
    }
    canvas_destroy(c);
    stage_close(&st);
}

static void
the_slots_and_who_names_them(void **state)
{
    struct stage st;
    struct json_doc *doc;
    struct json slot;

    (void)state;
    stage_open(&st, "x86-64", story);
    stage_do(&st, "fork");
    end(&st);
    expect(stage_text(&st, PANE_SWAP, 60, 8), "slots in use 1/1024  written 1  read 0");
    expect(stage_text(&st, PANE_SWAP, 60, 8), "1     2     \xc2\xb7       pid 1 0x10000000 +1"); /* parent's and child's */
    doc = stage_json(&st, PANE_SWAP);
    slot = json_first(member(json_root(doc), "in_use"));
    assert_int_equal(number(slot, "refs"), 2);
    assert_int_equal(json_count(member(slot, "named_by")), 2);
    json_free(doc);
    stage_do(&st, "set resident_limit 0");
    stage_do(&st, "read 0x10000000");
    end(&st);
    expect(stage_text(&st, PANE_SWAP, 60, 8), "pid 2 0x10000000"); /* the parent's is in memory */
    stage_do(&st, "exit 2");
    end(&st);
    expect(stage_text(&st, PANE_SWAP, 60, 8), "pid 1 0x10000000 (in memory)");
    stage_close(&st);
}

/* While it may be asked who must go, nobody is pointed at; nor is the next use, which gives it away under OPT. */
static void
an_open_question_hides_the_victim(void **state)
{
    struct stage st;
    struct json_doc *doc;
    const char *text;

    (void)state;
    stage_open(&st, "x86-64", story);
    stage_do(&st, "set policy opt");
    end(&st);
    doc = stage_json(&st, PANE_REPLACE);
    assert_int_equal(number(json_first(member(json_root(doc), "pages")), "loaded"), 4);
    assert_non_null(json_find(json_root(doc), "victim").node);
    json_free(doc);
    st.scene.page.question = (struct scene_question){.state = ASK_OPEN, .text = "Who?", .right = SCENE_CHOICES};
    text = stage_text(&st, PANE_REPLACE, 78, 12);
    expect(text, "Not shown: who has to go.");
    assert_null(strstr(text, "would have to go now"));
    assert_null(strstr(text, "never"));
    assert_null(strstr(text, "\xe2\x9c\x97")); /* the cross */
    doc = stage_json(&st, PANE_REPLACE);
    assert_null(json_find(json_root(doc), "victim").node);
    for (struct json page = json_first(member(json_root(doc), "pages")); page.node; page = json_next(page))
        assert_null(json_find(page, "next_use").node);
    json_free(doc);
    stage_close(&st);
}

/* A story asks on its next page, perhaps; on a branch nobody asks. */
static void
a_story_tells_the_victim_only_once_it_is_chosen(void **state)
{
    struct stage st;

    (void)state;
    stage_open(&st, "x86-64", story);
    end(&st);
    expect(stage_text(&st, PANE_REPLACE, 78, 12), "would have to go now");
    st.scene.page.steps = 12;
    assert_null(strstr(stage_text(&st, PANE_REPLACE, 78, 12), "to go"));
    assert_null(strstr(stage_text(&st, PANE_REPLACE, 78, 12), "\xe2\x9c\x97")); /* the cross */
    st.scene.on_branch = true;
    expect(stage_text(&st, PANE_REPLACE, 78, 12), "would have to go now");
    st.scene.on_branch = false;
    st.scene.has_event = true;
    st.scene.event.code = EV_VICTIM_CHOSEN;
    expect(stage_text(&st, PANE_REPLACE, 78, 12), "has to go");
    stage_close(&st);
}

static void
machines_without_say_so(void **state)
{
    static const char *const nothing[] = {"spawn", NULL};
    struct stage st;

    (void)state;
    stage_open(&st, "x86-64", nothing);
    end(&st);
    expect(stage_text(&st, PANE_REPLACE, 60, 8), "No page is in memory.");
    expect(stage_text(&st, PANE_SWAP, 60, 8), "No page has had to leave.");
    stage_close(&st);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ring_its_hand_and_the_string),
        cmocka_unit_test(a_low_pane_spends_its_rows_on_the_ring),
        cmocka_unit_test(the_rows_can_be_selected),
        cmocka_unit_test(the_slots_and_who_names_them),
        cmocka_unit_test(an_open_question_hides_the_victim),
        cmocka_unit_test(a_story_tells_the_victim_only_once_it_is_chosen),
        cmocka_unit_test(machines_without_say_so),
    };

    return RUN_TESTS(tests);
}
