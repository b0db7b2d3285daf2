/* A session driven without a terminal, by the names of keys: predicting before revealing, going back, acting on a branch, tasks, the hex pane.
 * Expected numbers come from the address by hand: 0x7f3a12345678 is 254, 232, 145, 325 and offset 0x678 when cut 9 9 9 9 12.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/actions.h"
#include "app/play_trace.h"
#include "os/policy.h"
#include "view/panes.h"

static char folder[] = "/tmp/pagewalk-session-XXXXXX";
static char path[300];

#define HINTS "hints = { {en='nudge',zh='甲'}, {en='concept',zh='乙'}, {en='explicit',zh='丙'} }"
static const char lesson_text[] =
    "local VA = 0x7f3a12345678\n"
    "return lesson { id = 'made', part = 'tlb', title = {en='Made',zh='做'}, machine = 'x86-64', seed = 7, steps = {\n"
    "function(m) m.spawn() m.mmap(page(VA), 0x4000, 'rw') m.say {en='first words',zh='开头'} end,\n"
    "step { title = {en='Two',zh='二'}, view = 'address', text = {en='second words',zh='其次'},\n"
    "  ask = { id = 'pml4', op = { 'read', VA, { size = 1 } }, before = { 'walk_read', 1 },\n"
    "    text = {en='Which entry?',zh='哪一项？'}, answer = function(r) return r.event and r.event.index end,\n"
    "    wrong = { { value = function(r) return 509 end, because = {en='one bit left',zh='左'} },\n"
    "              { value = function(r) return 127 end, because = {en='one bit right',zh='右'} } },\n"
    "    right = {en='it is so',zh='对'}, " HINTS " },\n"
    "  after = {en='known now',zh='已知'} },\n"
    "step { text = {en='third words',zh='第三'}, prepare = function(m) m.view('hex', 0x3210) end,\n"
    "  ask = { id = 'offset', text = {en='Offset bits?',zh='偏移？'}, number = true,\n"
    "    answer = function(r) return r.m.geometry().page_shift end, right = {en='twelve',zh='十二'}, " HINTS " } },\n"
    "step { text = {en='fourth words',zh='第四'},\n"
    "  task = { text = {en='Fault once.',zh='缺页一次。'},\n"
    "    goal = function(r) return count(r, 'page_fault') == 1 end,\n"
    "    solution = { { 'write', VA + 0x1000 } }, " HINTS " } },\n"
    "} }\n";

static struct session *
open_lesson(void)
{
    static struct session s;
    struct error e = {0};

    if (!session_open_lesson(&s, path, &e))
        fail_msg("%s:%d: %s", e.file, e.line, e.text);
    return &s;
}

static struct session *
open_play(void)
{
    static struct session s;
    struct preset preset;
    struct error e = {0};

    assert_true(preset_load("x86-64", &preset, &e));
    assert_true(session_open_machine(&s, &preset, 1, &e));
    return &s;
}

static uint64_t
session_number_of(const struct session *s)
{
    return history_event_number(s->history, history_position(s->history));
}

static void
press(struct session *s, const char *keys)
{
    char key[16];

    while (*(keys += strspn(keys, " "))) {
        size_t n = strcspn(keys, " ");
        snprintf(key, sizeof key, "%.*s", (int)n, keys);
        action_press(s, key);
        keys += n;
    }
    session_refresh(s);
}

static void
press_until_asked(struct session *s)
{
    for (int i = 0; i < 200 && !session_question(s); i++)
        press(s, "Space");
    assert_non_null(session_question(s));
}

static char
letter_of(const struct question *q, bool right)
{
    for (unsigned i = 0; i < q->choices; i++)
        if (q->choice[i].right == right)
            return (char)('a' + i);
    fail_msg("no such choice");
    return '?';
}

static void
press_letter(struct session *s, char letter)
{
    press(s, (char[]){letter, 0});
}

static void
answer_right(struct session *s)
{
    struct question *q = session_question(s);
    char text[80];

    assert_non_null(q);
    if (q->choices) {
        press_letter(s, letter_of(q, true));
        return;
    }
    snprintf(text, sizeof text, "answer %s", q->answer);
    assert_true(session_command(s, text));
    session_refresh(s);
}

/* --- the story ------------------------------------------------------------------------------------ */

static void
a_question_stops_every_way_forward(void **state)
{
    struct session *s = open_lesson();
    struct position here;

    (void)state;
    press_until_asked(s);
    here = history_position(s->history);
    assert_int_equal(s->scene.page.question.state, ASK_OPEN);
    assert_int_equal(s->scene.numbers, s->scene.number); /* the gate is here */
    press(s, "Space n Right N PageDown ] End G f W");
    session_command(s, "goto 100000");
    session_command(s, "goto step 4");
    session_command(s, "find data_read");
    session_refresh(s);
    assert_int_equal(history_position(s->history).op, here.op);
    assert_int_equal(history_position(s->history).event, here.event);
    assert_int_equal(s->step, 2);
    for (unsigned i = 0; i < s->scene.logged; i++)
        assert_true(s->scene.log[i].ev.code != EV_WALK_READ || s->scene.log[i].at.op < here.op);
    session_close(s);
}

static void
a_wrong_answer_tells_its_belief_and_can_be_mended(void **state)
{
    struct session *s = open_lesson();
    const struct scene_question *q = &s->scene.page.question;

    (void)state;
    press_until_asked(s);
    press_letter(s, letter_of(session_question(s), false));
    assert_int_equal(q->state, ASK_WRONG);
    assert_non_null(strstr(q->because, "one bit"));
    assert_true(q->right >= q->choices); /* what is right is not told */
    assert_non_null(session_question(s));
    answer_right(s);
    assert_int_equal(q->state, ASK_RIGHT);
    assert_string_equal(q->because, "it is so");
    assert_string_equal(q->choice[q->right], "254");
    assert_int_equal(player_question(s->player, 0)->state, ANSWER_WRONG); /* the first try counts */
    press(s, "Space");
    assert_int_equal(s->scene.event.code, EV_WALK_READ);
    assert_int_equal(s->scene.event.index, 254);
    session_close(s);
}

static void
what_was_tried_stays_marked_while_the_question_is_open(void **state)
{
    struct session *s = open_lesson();
    const struct scene_question *q = &s->scene.page.question;
    struct buffer out = {0};
    char wrong, listed[] = "\"tried\":[\"?\"]";

    (void)state;
    press_until_asked(s);
    assert_int_equal(q->tried, 0);
    wrong = letter_of(session_question(s), false);
    press_letter(s, wrong);
    assert_int_equal(q->tried, 1u << (wrong - 'a'));
    press(s, "Down Down Down Left Space");
    press_until_asked(s);
    assert_int_equal(q->state, ASK_OPEN); /* gone away and come back */
    assert_int_equal(q->tried, 1u << (wrong - 'a'));
    pane_story_json(&s->scene, &out);
    *strchr(listed, '?') = wrong;
    assert_non_null(strstr(buffer_text(&out), listed));
    buffer_free(&out);
    answer_right(s);
    assert_int_equal(q->tried, 0); /* the page says how it went */
    session_close(s);
}

static void
a_wrong_number_is_named(void **state)
{
    struct session *s = open_lesson();
    const struct scene_question *q = &s->scene.page.question;
    struct canvas *c;
    struct buffer rows = {0};

    (void)state;
    press_until_asked(s);
    answer_right(s);
    for (int i = 0; i < 40 && !(session_question(s) && session_question(s)->has_number); i++)
        press(s, "Space");
    assert_null(q->typed);
    assert_true(session_answer(s, "0x1f")); /* 4096-byte pages: 12 bits of offset */
    session_refresh(s);
    assert_int_equal(q->state, ASK_WRONG);
    assert_string_equal(q->typed, "0x1f");
    c = canvas_create(60, 30, GLYPHS_ASCII);
    pane_story(&s->scene, c, rect_of(0, 0, 60, 30));
    for (int y = 0; y < 30; y++)
        canvas_row_text(c, y, &rows);
    assert_non_null(strstr(buffer_text(&rows), "Not 0x1f."));
    canvas_destroy(c);
    buffer_free(&rows);
    assert_true(session_answer(s, "12"));
    session_refresh(s);
    assert_int_equal(q->state, ASK_RIGHT);
    assert_null(q->typed);
    session_close(s);
}

/* The same refusals with and without keys. */
static void
without_keys_commands_are_named(void **state)
{
    struct session *s = open_lesson();

    (void)state;
    press_until_asked(s);
    assert_false(session_next_event(s));
    assert_non_null(strstr(s->status, "S: the answer"));
    s->scene.set.plain = true;
    assert_false(session_next_event(s));
    assert_string_equal(s->status, "Answer first: type its letter. hint: a hint, skip: the answer.");
    assert_true(session_command(s, "skip"));
    assert_true(session_command(s, "end"));
    assert_true(session_operate(s, "spawn"));
    assert_false(session_next_event(s));
    assert_string_equal(s->status, "The branch ends here. story: back to the story; or type an operation");
    assert_true(session_operate(s, "read 0x7f3a12345678"));
    assert_null(strchr(s->status, '['));
    assert_false(session_go_step(s, 1));
    assert_string_equal(s->status, "story first: it goes back to the story.");
    session_close(s);
}

static void
letters_arrows_and_enter_belong_to_the_question(void **state)
{
    struct session *s = open_lesson();

    (void)state;
    press_until_asked(s);
    assert_int_equal(s->scene.page.question.choices, 3);
    assert_true(action_key_is_taken(s, "b"));  /* else: back */
    assert_false(action_key_is_taken(s, "f")); /* only three answers */
    press(s, "Down Down");
    assert_int_equal(s->scene.page.question.picked, 2);
    press(s, "Down");
    assert_int_equal(s->scene.page.question.picked, 0);
    for (unsigned i = 0; i < 3 && session_question(s); i++) {
        press(s, "Enter");
        if (session_question(s))
            press(s, "Down");
    }
    assert_null(session_question(s));
    session_close(s);
}

static void
hints_come_one_by_one_and_skipping_is_remembered(void **state)
{
    struct session *s = open_lesson();

    (void)state;
    press_until_asked(s);
    assert_int_equal(s->scene.page.question.hints, 3);
    for (unsigned i = 1; i <= 4; i++) {
        press(s, "H");
        assert_int_equal(s->scene.page.question.hints_shown, i < 3 ? i : 3);
    }
    press(s, "S");
    assert_int_equal(s->scene.page.question.state, ASK_SKIPPED);
    assert_int_equal(player_question(s->player, 0)->state, ANSWER_SKIPPED);
    press(s, "Space");
    assert_int_equal(s->scene.event.code, EV_WALK_READ);
    session_close(s);
}

static void
a_number_is_read_in_any_spelling(void **state)
{
    static const char *const spelling[] = {"answer 12", "answer 0xc", "answer 0b1100", "answer 1_2", "answer 0ch",
                                           "answer 0o14", "answer 012", "answer 0B1100"};

    (void)state;
    for (size_t i = 0; i < sizeof spelling / sizeof *spelling; i++) {
        struct session *s = open_lesson();
        struct error e = {0};

        assert_true(session_open_at(s, 3, &e));
        session_refresh(s);
        assert_non_null(session_question(s));
        assert_false(session_command(s, "answer twelve"));
        assert_true(session_command(s, "answer 9"));
        assert_non_null(session_question(s));
        assert_true(session_command(s, spelling[i]));
        if (session_question(s))
            fail_msg("\"%s\" is not twelve", spelling[i]);
        session_close(s);
    }
}

static void
a_digit_opens_the_prompt_when_a_number_is_asked(void **state)
{
    struct session *s = open_lesson();
    struct error e = {0};

    (void)state;
    assert_true(session_open_at(s, 3, &e));
    press(s, "1");
    assert_int_equal(s->request, ACTION_PROMPT);
    assert_string_equal(s->request_text, "answer 1");
    session_close(s);
}

/* (page, position) of every stop from the beginning to the end. */
static unsigned
walk_forward(struct session *s, struct session_place *at, unsigned room)
{
    unsigned n = 0;

    do {
        at[n++] = (struct session_place){s->step, history_position(s->history)};
        while (session_question(s))
            session_skip(s);
        if (session_task_open(s))
            session_skip(s);
    } while (n < room && session_next_event(s));
    return n;
}

static void
back_retraces_every_stop(void **state)
{
    struct session *s = open_lesson();
    struct session_place at[400];
    unsigned n = walk_forward(s, at, 400);

    (void)state;
    assert_in_range(n, 40, 399);
    session_refresh(s);
    assert_true(s->finished);
    for (unsigned i = n - 1; i > 0; i--) {
        assert_true(session_previous_event(s));
        assert_int_equal(s->step, at[i - 1].step);
        assert_int_equal(session_number_of(s), history_event_number(s->history, at[i - 1].at));
    }
    assert_false(session_previous_event(s));
    session_close(s);
}

static void
a_picture_does_not_depend_on_the_way(void **state)
{
    struct session *s = open_lesson();
    struct session_place at[400];
    unsigned n = walk_forward(s, at, 400);
    uint64_t middle = history_event_number(s->history, at[n / 2].at);
    struct scene_line there;
    struct hash128 hash, again;

    (void)state;
    assert_true(session_go_event(s, middle));
    session_refresh(s);
    there = s->scene.log[s->scene.logged - 1];
    hash = machine_hash(s->scene.now);
    press(s, "Home");
    while (session_number_of(s) < middle)
        press(s, "Space");
    assert_int_equal(session_number_of(s), middle);
    assert_int_equal(s->scene.log[s->scene.logged - 1].ev.code, there.ev.code);
    again = machine_hash(s->scene.now);
    assert_memory_equal(&hash, &again, sizeof hash);
    session_close(s);
}

static void
arrows_pick_an_answer_until_one_goes_to_a_pane(void **state)
{
    struct session *s = open_lesson();

    (void)state;
    press_until_asked(s);
    press(s, "Down");
    assert_int_equal(s->picked, 1);
    assert_true(session_command(s, "pane tree"));
    press(s, "Down");
    assert_int_equal(s->picked, 1);
    assert_true(s->scene.set.selected);
    answer_right(s); /* the letters answer wherever one is */
    session_close(s);
}

static void
a_jump_keeps_the_pane_one_asked_in(void **state)
{
    struct session *s = open_lesson();
    struct error e = {0};

    (void)state;
    assert_true(session_open_at(s, 4, &e));
    assert_true(session_command(s, "pane tree"));
    press(s, "F");
    assert_int_equal(s->step, 2); /* whose own view is another pane */
    assert_int_equal(s->scene.set.focus, PANE_TREE);
    press(s, "'");
    assert_int_equal(s->step, 4);
    assert_int_equal(s->scene.set.focus, PANE_TREE);
    session_close(s);
}

static void
after_waits_for_the_last_event_and_the_answer(void **state)
{
    struct session *s = open_lesson();

    (void)state;
    press_until_asked(s);
    assert_null(s->scene.page.after);
    answer_right(s);
    assert_null(s->scene.page.after);
    press(s, "Enter");
    assert_int_equal(s->step, 2);
    assert_string_equal(s->scene.page.after, "known now");
    press(s, "Left");
    assert_null(s->scene.page.after);
    session_close(s);
}

static void
a_language_changes_the_page_at_once(void **state)
{
    struct session *s = open_lesson();

    (void)state;
    session_refresh(s);
    assert_string_equal(s->scene.page.text, "first words");
    session_command(s, "language zh");
    session_refresh(s);
    assert_string_equal(s->scene.page.text, "开头");
    session_command(s, "language en");
    session_refresh(s);
    assert_string_equal(s->scene.page.text, "first words");
    session_close(s);
}

/* --- branches and tasks ---------------------------------------------------------------------------- */

static void
acting_starts_a_branch_and_escape_returns(void **state)
{
    struct session *s = open_lesson();
    struct position here;
    uint64_t trunk = history_operations(s->history);

    (void)state;
    press(s, "Space Space");
    here = history_position(s->history);
    assert_true(session_command(s, "flush"));
    session_refresh(s);
    assert_true(s->scene.on_branch);
    assert_int_equal(s->scene.op->code, OP_FLUSH);
    press(s, "Left");
    press(s, "Escape");
    assert_false(s->scene.on_branch);
    assert_int_equal(history_position(s->history).op, here.op);
    assert_int_equal(history_position(s->history).event, here.event);
    assert_int_equal(history_operations(s->history), trunk);
    session_close(s);
}

static void
acting_inside_the_operation_asked_about_would_tell_its_end(void **state)
{
    struct session *s = open_lesson();

    (void)state;
    press_until_asked(s);
    assert_true(history_position(s->history).event > 0);
    assert_false(session_command(s, "flush"));
    assert_true(s->status_is_error);
    assert_false(history_on_branch(s->history));
    session_close(s);
}

static void
a_refused_operation_leaves_the_story(void **state)
{
    struct session *s = open_lesson();
    struct position here = history_position(s->history);

    (void)state;
    assert_false(session_command(s, "switch 60"));
    assert_true(s->status_is_error);
    assert_false(history_on_branch(s->history));
    assert_int_equal(history_position(s->history).op, here.op);
    session_close(s);
}

static void
a_task_blocks_until_its_goal_holds(void **state)
{
    struct session *s = open_lesson();
    struct error e = {0};
    uint64_t told;

    (void)state;
    assert_true(session_open_at(s, 4, &e));
    told = history_event_number(s->history, player_step_end(s->player, 4));
    press(s, "Space End");
    assert_true(session_task_open(s));
    assert_int_equal(session_number_of(s), told); /* the author's way stays hidden */
    assert_true(session_command(s, "read 0x7f3a12345678"));
    assert_true(session_task_open(s)); /* that page is there already */
    assert_true(session_command(s, "write 0x7f3a12347000"));
    assert_false(session_task_open(s));
    press(s, "Escape");
    assert_int_equal(s->step, 4);
    assert_true(s->scene.page.task_done);
    press(s, "Enter");
    assert_true(s->finished);
    assert_int_equal(s->scene.op->code, OP_WRITE);
    assert_int_equal(s->scene.op->arg[0], 0x7f3a12346678); /* the author's, for everybody */
    session_close(s);
}

static void
a_try_that_is_not_enough_says_so_and_hints_stay_on_the_page(void **state)
{
    struct session *s = open_lesson();
    struct error e = {0};

    (void)state;
    assert_true(session_open_at(s, 4, &e));
    session_refresh(s);
    assert_false(s->scene.page.task_tried);
    assert_true(session_waits(s));
    assert_true(session_command(s, "read 0x7f3a12345678")); /* no fault: the page is there already */
    press(s, "H");
    assert_true(s->scene.page.task_tried);
    assert_false(s->scene.page.task_done);
    assert_int_equal(s->scene.page.task_hints_shown, 1);
    assert_string_equal(s->scene.page.task_hint[0], "nudge");
    assert_false(session_is_done(s));
    assert_true(session_command(s, "write 0x7f3a12347000"));
    assert_true(session_is_done(s)); /* even if one leaves from the branch */
    assert_false(s->finished);
    press(s, "Escape Enter");
    assert_true(s->scene.page.ends_lesson);
    session_close(s);
}

static void
a_page_about_bytes_stands_at_them_and_the_next_follows_again(void **state)
{
    struct session *s = open_lesson();
    struct error e = {0};
    struct subject at;

    (void)state;
    assert_true(session_open_at(s, 3, &e));
    session_refresh(s);
    assert_int_equal(s->scene.set.focus, PANE_HEX);
    assert_true(pane_subject(&s->scene, PANE_HEX, &at));
    assert_int_equal(at.a, 0x3210);
    answer_right(s);
    press(s, "Enter Enter");
    assert_int_equal(s->step, 4);
    assert_true(s->scene.set.hex_follows);
    session_close(s);
}

static void
what_was_answered_once_stays_answered_on_resuming(void **state)
{
    struct session *s = open_lesson();
    struct progress_question past[] = {{"pml4", ANSWER_RIGHT, 1}};
    struct progress_lesson lesson = {.question = past, .questions = 1, .step = 4};
    struct error e = {0};

    (void)state;
    assert_true(session_resume(s, 4, &lesson, &e));
    assert_int_equal(s->step, 4);
    assert_int_equal(player_question(s->player, 0)->state, ANSWER_RIGHT);
    assert_int_equal(player_question(s->player, 1)->state, ANSWER_SKIPPED);
    session_close(s);
}

/* --- the playground --------------------------------------------------------------------------------- */

static void
a_playground_starts_with_a_running_process(void **state)
{
    struct session *s = open_play();

    (void)state;
    assert_true(session_command(s, "read 0x404000"));
    session_refresh(s);
    assert_int_equal(s->scene.outcome->kind, OUT_DONE);
    assert_false(s->scene.on_branch);
    assert_int_equal(history_operations(s->history), 2);
    press(s, "Home");
    assert_true(session_command(s, "flush"));
    assert_true(history_on_branch(s->history)); /* the past is left alone */
    press(s, "Escape");
    assert_int_equal(history_operations(s->history), 2);
    session_close(s);
}

/* The leaf entry of 0x404000 is at index 4 of its table. Its frame number starts at bit 12: the second nibble of byte 1. */
static void
two_hex_digits_change_the_translation(void **state)
{
    struct session *s = open_play();
    uint64_t before, slot, frame;
    char line[64];

    (void)state;
    assert_true(session_command(s, "read 0x404000"));
    session_refresh(s);
    before = s->scene.outcome->pa;
    assert_int_equal(s->scene.walk.levels, 4);
    slot = s->scene.walk.slot[3];
    assert_int_equal(slot & 0xfff, 4 * 8);
    frame = (before >> 12) + 1;
    assert_true(frame < 16);
    snprintf(line, sizeof line, "hex 0x%llx", (unsigned long long)slot + 1);
    assert_true(session_command(s, line));
    assert_int_equal(s->scene.set.focus, PANE_HEX);
    press(s, (char[]){"0123456789abcdef"[frame & 15], 0});
    assert_int_equal(history_operations(s->history), 2); /* half a byte is nothing yet */
    press(s, "0");
    assert_int_equal(history_operations(s->history), 3);
    assert_true(session_command(s, "read 0x404000"));
    session_refresh(s);
    assert_int_equal(s->scene.outcome->pa, before); /* the TLB remembers */
    assert_true(session_command(s, "flush"));
    assert_true(session_command(s, "read 0x404000"));
    session_refresh(s);
    assert_int_equal(s->scene.outcome->pa, frame << 12);
    session_close(s);
}

static void
who_wrote_goes_to_the_writer_and_return_comes_back(void **state)
{
    struct session *s = open_play();
    uint64_t here;
    char line[64];

    (void)state;
    assert_true(session_command(s, "write 0x404010 0x55"));
    session_refresh(s);
    snprintf(line, sizeof line, "hex 0x%llx", (unsigned long long)s->scene.outcome->pa);
    assert_true(session_command(s, line));
    session_command(s, "flush");
    here = session_number_of(s);
    assert_true(session_who_wrote(s));
    session_refresh(s);
    assert_int_equal(s->scene.event.code, EV_DATA_WRITE);
    press(s, "'");
    assert_int_equal(session_number_of(s), here);
    session_close(s);
}

static void
check_sees_a_hand_that_reached_in(void **state)
{
    struct session *s = open_play();
    char line[64];

    (void)state;
    assert_true(session_command(s, "read 0x404000"));
    assert_true(session_command(s, "check"));
    session_refresh(s);
    snprintf(line, sizeof line, "poke 0x%llx 00", (unsigned long long)s->scene.walk.slot[3]);
    assert_true(session_command(s, line));
    assert_false(session_command(s, "check"));
    session_close(s);
}

/* A presenter's remote has one key to go on with: it reaches the end, past every question. */
static void
the_next_page_is_enough_to_present(void **state)
{
    struct session *s = open_lesson();
    unsigned presses = 0;

    (void)state;
    while (!session_is_done(s) && session_next_step(s))
        ;
    assert_true(session_waits(s)); /* a learner has to answer */
    s->scene.set.present = true;
    for (; !session_is_done(s) && presses < 200; presses++) {
        session_next_step(s);
        session_refresh(s);
    }
    assert_true(session_is_done(s));
    session_close(s);
}

static void
a_wrong_word_names_the_nearest_one(void **state)
{
    struct session *s = open_play();

    (void)state;
    assert_false(session_command(s, "raed 0x404000"));
    assert_non_null(strstr(s->status, "read"));
    assert_false(session_command(s, "zom"));
    assert_non_null(strstr(s->status, "zoom"));
    assert_false(session_command(s, "find page_falt"));
    assert_non_null(strstr(s->status, "page_fault"));
    assert_false(session_command(s, "pane tlbb"));
    assert_non_null(strstr(s->status, "\"tlb\""));
    session_close(s);
}

static void
what_is_typed_is_cleaned_before_it_is_shown(void **state)
{
    struct session *s = open_play();

    (void)state;
    assert_false(session_command(s, "\033[31mred\a\xe2\x80\xae"));
    assert_null(strchr(s->status, '\033'));
    assert_null(strchr(s->status, '\a'));
    assert_null(strstr(s->status, "\xe2\x80\xae"));
    session_close(s);
}

/* --- frame ------------------------------------------------------------------------------------------ */

static int
set_up(void **state)
{
    char here[400];
    FILE *f;

    (void)state;
    if (!getcwd(here, sizeof here) || !mkdtemp(folder))
        return -1;
    setenv("PAGEWALK_DATA", here, 0);
    snprintf(path, sizeof path, "%s/made.lua", folder);
    f = fopen(path, "w");
    if (!f)
        return -1;
    fputs(lesson_text, f);
    return fclose(f);
}

static int
tear_down(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

/* --- a trace to step through ---------------------------------------------------------------------- */

static const char silberschatz[] = "7,0,1,2w,0,3,0,4,2,3,0,3,2,1,2,0,1,7,0,1"; /* 3 frames, LRU: 12 faults (10.4) */

static bool
load_trace(struct session *s, const char *text, const struct play_trace *how, struct error *e)
{
    char file[320];
    struct play_trace ask = *how;
    FILE *out;
    bool done;

    snprintf(file, sizeof file, "%s/trace", folder);
    out = fopen(file, "w");
    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
    ask.path = file;
    done = play_trace_load(s, &ask, e);
    unlink(file);
    return done;
}

static struct session *
open_trace(const char *text, const struct play_trace *how)
{
    struct session *s = open_play();
    struct error e = {0};

    if (!load_trace(s, text, how, &e))
        fail_msg("%s", e.text);
    return s;
}

static const struct refstring *
string_of(const struct session *s)
{
    return &history_machine(s->history)->os.s->string;
}

static void
enter_makes_the_references_of_a_trace(void **state)
{
    struct session *s = open_trace(silberschatz, &(struct play_trace){.frames = 3, .policy = POLICY_LRU});
    uint64_t before = history_operations(s->history);

    (void)state;
    assert_int_equal(s->scene.set.focus, PANE_REPLACE);
    assert_int_equal(string_of(s)->length, 20);
    assert_int_equal(string_of(s)->at, 0);
    assert_non_null(strstr(s->status, "all 20 of trace"));
    press(s, "Enter");
    assert_string_equal(s->status, "Reference 1 of 20, page 7: a fault. Hits 0, faults 1.");
    press(s, "N ] PageDown");
    assert_string_equal(s->status, "Reference 4 of 20, page 2w: a fault. Hits 0, faults 4.");
    press(s, "Enter");
    assert_string_equal(s->status, "Reference 5 of 20, page 0: a hit. Hits 1, faults 4.");
    for (int i = 5; i < 20; i++)
        press(s, "Enter");
    assert_int_equal(string_of(s)->faults, 12);
    assert_int_equal(history_operations(s->history), before + 20);
    press(s, "Enter");
    assert_string_equal(s->status, "All 20 references are made. Hits 8, faults 12.");
    press(s, "Space");
    assert_int_equal(history_operations(s->history), before + 20);
    session_close(s);
}

static void
space_makes_a_reference_event_by_event(void **state)
{
    struct session *s = open_trace("1 2 1", &(struct play_trace){.policy = -1});
    uint64_t before = history_operations(s->history);

    (void)state;
    press(s, "Space");
    assert_int_equal(history_position(s->history).op, before + 1);
    assert_int_equal(history_position(s->history).event, 1);
    assert_null(strstr(s->status, "fault"));
    press(s, "Space Space");
    assert_int_equal(history_position(s->history).event, 3);
    press(s, "Enter");
    assert_int_equal(history_operations(s->history), before + 1);
    press(s, "Enter Enter");
    assert_int_equal(history_operations(s->history), before + 3);
    assert_int_equal(string_of(s)->hits, 1);
    press(s, "[ [");
    assert_int_equal(string_of(s)->at, 1);
    press(s, "] ]"); /* what was made is there */
    assert_int_equal(history_operations(s->history), before + 3);
    session_close(s);
}

static void
a_trace_is_cut_where_the_string_is_full(void **state)
{
    static char text[5000 * 5 + 1];
    struct session *s;

    (void)state;
    for (int i = 0; i < 5000; i++)
        snprintf(text + 5 * i, 6, "%4d\n", i % 100);
    s = open_trace(text, &(struct play_trace){.frames = 8, .policy = POLICY_OPT});
    assert_int_equal(string_of(s)->length, history_machine(s->history)->preset.geo.string_max);
    assert_non_null(strstr(s->status, "the first 4096 of trace"));
    assert_int_equal(refstring_at(&history_machine(s->history)->os, 4095).page, 95);
    assert_int_equal(hw_tunable(&history_machine(s->history)->hw, TUNE_POLICY), POLICY_OPT);
    session_close(s);
}

/* 0x401ffc + 8 reaches into page 0x402; a fetch is a read, M writes. */
static void
addresses_keep_their_pages(void **state)
{
    struct session *s = open_trace("I  00401ffc,8\n L 00401000,1\n M 1ffeffe7e8,4\n", &(struct play_trace){.policy = -1});
    const struct os *os = &history_machine(s->history)->os;

    (void)state;
    assert_int_equal(string_of(s)->length, 4);
    assert_int_equal(refstring_at(os, 0).page, 0x401);
    assert_int_equal(refstring_at(os, 1).page, 0x402);
    assert_int_equal(refstring_at(os, 2).page, 0x401);
    assert_int_equal(refstring_at(os, 3).page, 0x1ffeffe);
    assert_true(refstring_at(os, 3).write && !refstring_at(os, 0).write);
    session_close(s);
}

static void
what_is_no_trace_for_a_machine_is_refused(void **state)
{
    static const struct {
        const char *text, *says;
    } row[] = {
        {" L 1000,1\n L 7ffc00001000,1\n", "reference 2: a string on machine x86-64 has no place for address 0x7ffc00001000"},
        {" L 10,1\n", "reference 1: a string on machine x86-64 has no place for address 0x10"},
        {"once upon a time\n", "no trace"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct session *s = open_play();
        struct error e = {0};

        assert_false(load_trace(s, row[i].text, &(struct play_trace){.policy = -1}, &e));
        assert_int_equal(e.code, EXIT_DATA);
        if (!strstr(e.text, row[i].says))
            fail_msg("says: %s", e.text);
        session_close(s);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_stops_every_way_forward),
        cmocka_unit_test(a_wrong_answer_tells_its_belief_and_can_be_mended),
        cmocka_unit_test(what_was_tried_stays_marked_while_the_question_is_open),
        cmocka_unit_test(a_wrong_number_is_named),
        cmocka_unit_test(without_keys_commands_are_named),
        cmocka_unit_test(letters_arrows_and_enter_belong_to_the_question),
        cmocka_unit_test(hints_come_one_by_one_and_skipping_is_remembered),
        cmocka_unit_test(a_number_is_read_in_any_spelling),
        cmocka_unit_test(a_digit_opens_the_prompt_when_a_number_is_asked),
        cmocka_unit_test(back_retraces_every_stop),
        cmocka_unit_test(a_picture_does_not_depend_on_the_way),
        cmocka_unit_test(arrows_pick_an_answer_until_one_goes_to_a_pane),
        cmocka_unit_test(a_jump_keeps_the_pane_one_asked_in),
        cmocka_unit_test(after_waits_for_the_last_event_and_the_answer),
        cmocka_unit_test(a_language_changes_the_page_at_once),
        cmocka_unit_test(acting_starts_a_branch_and_escape_returns),
        cmocka_unit_test(acting_inside_the_operation_asked_about_would_tell_its_end),
        cmocka_unit_test(a_refused_operation_leaves_the_story),
        cmocka_unit_test(a_task_blocks_until_its_goal_holds),
        cmocka_unit_test(a_try_that_is_not_enough_says_so_and_hints_stay_on_the_page),
        cmocka_unit_test(a_page_about_bytes_stands_at_them_and_the_next_follows_again),
        cmocka_unit_test(what_was_answered_once_stays_answered_on_resuming),
        cmocka_unit_test(a_playground_starts_with_a_running_process),
        cmocka_unit_test(two_hex_digits_change_the_translation),
        cmocka_unit_test(who_wrote_goes_to_the_writer_and_return_comes_back),
        cmocka_unit_test(check_sees_a_hand_that_reached_in),
        cmocka_unit_test(the_next_page_is_enough_to_present),
        cmocka_unit_test(a_wrong_word_names_the_nearest_one),
        cmocka_unit_test(what_is_typed_is_cleaned_before_it_is_shown),
        cmocka_unit_test(enter_makes_the_references_of_a_trace),
        cmocka_unit_test(space_makes_a_reference_event_by_event),
        cmocka_unit_test(a_trace_is_cut_where_the_string_is_full),
        cmocka_unit_test(addresses_keep_their_pages),
        cmocka_unit_test(what_is_no_trace_for_a_machine_is_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
