/* Lessons: good ones do what they say, bad ones are told their line, and nothing depends on the way one went. Expected numbers are
 * computed by hand from the addresses (9 9 9 9 12 bits, 8-byte entries), not taken from the program.
 */
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "lesson/check.h"
#include "lesson/player_internal.h"
#include "lesson/report.h"
#include "lesson/starter.h"

static const char *const views[] = {"story", "address", "tree", "tlb", "frames", "layout", "entry", "hex", "buddy", "log", NULL};
static char folder[] = "/tmp/pagewalk-lesson-XXXXXX";

#define H "hints = { {en='a',zh='甲'}, {en='b',zh='乙'}, {en='c',zh='丙'} }"
#define TEXT(t) "{en='" t "',zh='" t "'}"
#define HEAD                                                                                       \
    "local VA = 0x7f3a12345678\n"                                                                  \
    "return lesson { id = 'made', part = 'tlb', title = {en='Made',zh='做'}, machine = 'x86-64', seed = 7, steps = {\n" \
    "function(m) m.spawn() m.mmap(page(VA), 0x4000, 'rw') m.say {en='x',zh='某'} end,\n"
#define TAIL "} }\n"

/* --- helpers ------------------------------------------------------------------------------------ */

static const char *
write_file(const char *name, const char *text)
{
    static char path[300];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    return path;
}

struct told {
    struct lesson lesson;
    struct history *history;
    struct player *player;
    struct error error;
};

/* Open a lesson made of HEAD, the steps and TAIL, and tell all of it. */
static void
tell(struct told *t, const char *steps)
{
    struct preset preset;
    char text[16000];

    memset(t, 0, sizeof *t);
    snprintf(text, sizeof text, "%s%s%s", HEAD, steps, TAIL);
    if (!lesson_load(write_file("made.lua", text), &t->lesson, &t->error))
        fail_msg("%d: %s", t->error.line, t->error.text);
    assert_true(preset_load(t->lesson.machine, &preset, &t->error));
    t->history = history_open(&preset, t->lesson.seed, &t->error);
    t->player = player_open(&t->lesson, t->history, &t->error);
    assert_non_null(t->player);
    while (player_tell(t->player, &t->error))
        continue;
}

static void
tell_well(struct told *t, const char *steps)
{
    tell(t, steps);
    if (t->error.code)
        fail_msg("line %d: %s", t->error.line, t->error.text);
    if (player_failure(t->player))
        fail_msg("%s", player_failure(t->player));
}

static void
end(struct told *t)
{
    player_close(t->player);
    if (t->history)
        history_close(t->history);
    lesson_free(&t->lesson);
}

struct findings {
    unsigned errors, advice;
    struct error first, last, advised; /* error, anything, advice: the first of it */
};

static void
found(void *ctx, enum check_level level, const struct error *what)
{
    struct findings *f = ctx;

    f->last = *what;
    if (level != CHECK_ERROR) {
        if (f->advice++ == 0)
            f->advised = *what;
    } else if (f->errors++ == 0)
        f->first = *what;
}

static const struct choice *
choice_of(const struct question *q, const char *text)
{
    for (unsigned i = 0; i < q->choices; i++)
        if (strcmp(q->choice[i].text[LANG_EN], text) == 0)
            return &q->choice[i];
    return NULL;
}

/* --- every bad lesson ----------------------------------------------------------------------------- */

/* The first line of each says what must be found: "-- expect: LINE: text". */
static void
check_bad(const char *path)
{
    struct findings f = {0};
    struct check_counts counts;
    char line[300] = "", *text;
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    line[strcspn(line, "\n")] = '\0';
    assert_int_equal(strncmp(line, "-- expect: ", 11), 0);
    long expected = strtol(line + 11, &text, 10);
    assert_false(lesson_check(path, views, found, &f, &counts));
    if (f.errors == 0 || f.first.line != expected || !strstr(f.first.text, text + 2) || strcmp(f.first.file, path) != 0)
        fail_msg("%s: expected %ld%s\n     got %s:%d: %s", path, expected, text, f.first.file, f.first.line, f.first.text);
    for (const char *c = f.first.text; *c; c++)
        assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
}

static void
every_bad_lesson_is_told_its_line(void **state)
{
    struct dirent *entry;
    unsigned n = 0;
    DIR *d = opendir("tests/lessons-bad");

    (void)state;
    assert_non_null(d);
    while ((entry = readdir(d))) {
        char path[300];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "tests/lessons-bad/%.200s", entry->d_name);
        check_bad(path);
        n++;
    }
    closedir(d);
    assert_true(n >= 70);
}

/* --- results and views -------------------------------------------------------------------------------- */

/* 0x7f3a12345678: PML4 254, PDPT 232, PD 145, PT 325, offset 0x678 (by hand: >>39, >>30, >>21, >>12). */
static void
operations_and_views_say_what_the_machine_did(void **state)
{
    struct told t;

    (void)state;
    tell_well(&t, "function(m)\n"
                  " m.expect(index(VA, 0), 254, 'PML4') m.expect(index(VA, 1), 232, 'PDPT') m.expect(index(VA, 2), 145, 'PD')\n"
                  " m.expect(index(VA, 3), 325, 'PT') m.expect(offset(VA), 0x678, 'offset') m.expect(page(VA), 0x7f3a12345000, 'page')\n"
                  " m.expect(bits(VA, 47, 39), 254, 'bits') m.expect(hex(VA), '0x7f3a12345678', 'hex') "
                  "m.expect(bin(5, 4), '0101', 'bin')\n"
                  " m.expect(size(4096), '4K', 'size') m.expect(le(0x1234, 4), '34120000', 'le') "
                  "m.expect(sext(0x800, 12), -2048, 'sext')\n"
                  " m.expect(m.walk(VA).present, false, 'nothing mapped')\n"
                  " local w = m.write(VA, 0x1122334455667788, { size = 8 })\n"
                  " m.expect(w.kind, 'done', 'written') m.expect(w.faults, 1, 'one fault')\n"
                  " local f = find(w, 'page_fault') m.expect(f.errbits, 'W U', 'bits of the code') m.expect(f.va, VA, 'its address')\n"
                  " local r = m.read(VA, { size = 8 })\n"
                  " m.expect(r.value, 0x1122334455667788, 'what was written') m.expect(r.faults, 0, 'no fault')\n"
                  " m.expect(r.pa & 0xfff, 0x678, 'the offset passes through')\n"
                  " local e = find(w, 'walk_read', 1) m.expect(e.table, 'PML4', 'root') m.expect(e.index, 254, 'index')\n"
                  " m.expect(e.pa, m.process().root + 8 * 254, 'eight bytes an entry')\n"
                  " local walk = m.walk(VA) m.expect(#walk.entries, 4, 'four levels') m.expect(walk.pa, r.pa, 'walk')\n"
                  " m.expect(walk.entries[4].index, 325, 'last') m.expect(walk.flags.dirty, true, 'D') "
                  "m.expect(walk.size, 4096, 'size')\n"
                  " m.expect(m.word(r.pa, 2), 0x7788, 'low bytes') m.expect(m.bytes(r.pa, 2)[1], 0x88, 'little-endian')\n"
                  " m.expect(m.frame(walk.frame).use, 'anon', 'use') m.expect(m.frame(walk.frame).refs, 1, 'one owner')\n"
                  " m.expect(m.process().rss, 1, 'one page') m.expect(m.pid(), 1, 'pid') m.expect(#m.pids(), 1, 'pids')\n"
                  " local g = m.geometry() m.expect(#g.levels, 4, 'levels') m.expect(g.page, 4096, 'page') "
                  "m.expect(g.levels[1].name, 'PML4', 'name')\n"
                  " m.expect(#m.cache(), 0, 'no cache') m.expect(m.cache().sets, 0, 'none') m.expect(m.geometry().cache_line, 0, 'no lines')\n"
                  " m.expect(#m.tlb() >= 1, true, 'TLB') m.expect(m.tlb()[1].stale, false, 'fresh')\n"
                  " local n = m.munmap(page(VA) + 1, 4096) m.expect(n.kind, 'error', 'kind') m.expect(n.error, 'EINVAL', 'error')\n"
                  " local s = m.run('read 0x10') m.expect(s.kind, 'signal', 'kind') "
                  "m.expect(s.signal, 'SIGSEGV (SEGV_MAPERR)', 'signal')\n"
                  " m.say {en='x',zh='某'}\n"
                  "end,\n");
    unsigned passed, failed;
    player_expectations(t.player, &passed, &failed);
    assert_int_equal(failed, 0);
    assert_int_equal(passed, 47);
    end(&t);
}

/* Silberschatz's string in three frames under OPT: 9 faults; the last victim is page 2, whose turn never comes again. */
static void
what_page_replacement_knows_can_be_looked_at(void **state)
{
    struct told t;

    (void)state;
    tell_well(&t, "function(m)\n"
                  " m.mmap(0x10000000, 0x10000, 'r', 'private', { file = 'data' })\n"
                  " m.string(0x10000000, {7,0,1,2,0,3,0,'4',2,3,0,3,2,1,2,0,1,7,0,1})\n"
                  " m.set('resident_limit', 3) m.set('policy', 'opt')\n"
                  " local r = m.ref(20)\n"
                  " m.expect(m.refs().faults, 9, 'faults') m.expect(m.refs().hits, 11, 'hits') m.expect(m.refs().at, 20, 'at')\n"
                  " m.expect(#m.refs(), 20, 'length') m.expect(m.refs()[8].page, 4, 'page') m.expect(m.refs()[8].write, false, 'read')\n"
                  " m.expect(count(r, 'victim_chosen'), 6, 'victims')\n"
                  " local v = find(r, 'victim_chosen', 6) m.expect(v.va, 0x10002000, 'last') m.expect(v.policy, 'opt', 'policy')\n"
                  " local ring = m.resident() m.expect(#ring, 3, 'ring') m.expect(ring.policy, 'opt', 'policy')\n"
                  " m.expect(ring.limit, 3, 'limit') m.expect(ring[1].page, 7, 'in the place of 2, which had that of 7') "
                  "m.expect(ring[1].loaded, 18, 'loaded')\n"
                  " m.expect(m.frame(ring[1].frame).used, 18, 'used') m.expect(m.frame(ring[1].frame).uses, 1, 'uses')\n"
                  " m.set('policy', 'fifo') m.mmap(0x20000000, 0x4000, 'rw') m.write(0x20000000, 9) m.write(0x20001000, 9)\n"
                  " m.write(0x20002000, 9) m.write(0x20003000, 9)\n"
                  " m.expect(m.swap().used, 1, 'slots') m.expect(m.swap()[1].slot, 1, 'slot') m.expect(m.swap().writes, 1, 'writes')\n"
                  " m.expect(m.walk(0x20000000).entries[4].slot, 1, 'the entry') m.expect(m.process().swapped, 1, 'swapped')\n"
                  " m.read(0x20000000) m.expect(m.frame(m.walk(0x20000000).frame).slot, 1, 'kept')\n"
                  " m.say {en='x',zh='某'}\n"
                  "end,\n");
    unsigned passed, failed;
    player_expectations(t.player, &passed, &failed);
    assert_int_equal(failed, 0);
    assert_int_equal(passed, 22);
    end(&t);
}

static void
a_failed_expectation_names_its_line(void **state)
{
    struct told t;

    (void)state;
    tell(&t, "function(m)\n m.expect(1 + 1, 3, 'sum')\nend,\n");
    assert_int_equal(t.error.code, 0);
    assert_non_null(strstr(player_failure(t.player), "made.lua:5: step 2: sum: got 2, expected 3"));
    end(&t);
}

/* --- texts ---------------------------------------------------------------------------------------------- */

static void
texts_are_filled_in_both_languages(void **state)
{
    struct told t;

    (void)state;
    tell_well(&t, "step { bind = { va = VA, i = 5, f = 0x3a, w = {en='word',zh='词'}, n = -1 },\n"
                  "  text = { en = '{va:hex} {i:bin9} {f:label} {i} {w} {{x} {n:hex}', zh = '甲\\n乙 {w}\\n\\n丙' }, title = {en='{i}',zh='第 {i} 页'}"
                  " },\n");
    const struct step *s = player_step(t.player, 2);
    assert_string_equal(s->text[LANG_EN], "0x7f3a12345678 000000101 f3a 5 word {x} 0xffffffffffffffff");
    assert_string_equal(s->text[LANG_ZH], "甲乙 词\n\n丙");
    assert_string_equal(s->title[LANG_ZH], "第 5 页");
    end(&t);
}

static void
nothing_a_terminal_obeys_comes_out(void **state)
{
    struct told t;

    (void)state;
    tell_well(&t, "step { bind = { x = '\\27[31m' }, text = {en='a\\27]0;t\\7 {x} \\u{202e}b', zh='某'} },\n");
    for (const char *c = player_step(t.player, 2)->text[LANG_EN]; *c; c++)
        assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
    assert_null(strstr(player_step(t.player, 2)->text[LANG_EN], "\u202e"));
    end(&t);
}

/* --- questions --------------------------------------------------------------------------------------------- */

#define FIRST_READ                                                                                 \
    "step { text = {en='x',zh='某'}, run = function(m) m.read(VA) m.flush() end, ask = {\n"         \
    " id = 'first', text = {en='Which?',zh='哪个？'}, op = { 'read', VA }, before = { 'walk_read', 1 }, format = 'hex',\n" \
    " answer = function(r) return r.event and r.event.pa end,\n"                                   \
    " wrong = { { quirk = 'index-not-scaled', because = {en='not {choice} but {answer}',zh='某'} }, { quirk = 'entry-four-bytes' },\n" \
    "  { quirk = 'tlb-fifo' }, { value = function(r) return VA end, because = {en='virtual',zh='虚'} } },\n" \
    " right = {en='{table}[{index}]',zh='{table}'}, " H " } },\n"

/* The wrong choices are root + 254, root + 4 * 254 and the address itself; a quirk that changes nothing is no choice. */
static void
wrong_choices_are_what_other_machines_do(void **state)
{
    struct told t;
    char text[40];

    (void)state;
    tell_well(&t, FIRST_READ);
    struct question *q = player_question(t.player, 0);
    assert_int_equal(q->choices, 4);
    history_seek(t.history, history_end(t.history));
    uint64_t root = history_machine(t.history)->os.s->mm[history_machine(t.history)->os.s->task[1].mm].root;
    snprintf(text, sizeof text, "0x%llx", (unsigned long long)root + 8 * 254);
    assert_true(choice_of(q, text)->right);
    assert_string_equal(choice_of(q, text)->because[LANG_EN], "PML4[254]");
    assert_string_equal(q->answer, text);
    snprintf(text, sizeof text, "0x%llx", (unsigned long long)root + 254);
    assert_false(choice_of(q, text)->right);
    assert_int_equal(strncmp(choice_of(q, text)->because[LANG_EN], "not 0x", 6), 0);
    snprintf(text, sizeof text, "0x%llx", (unsigned long long)root + 4 * 254);
    assert_non_null(strstr(choice_of(q, text)->because[LANG_EN], "entries are 4 bytes"));
    assert_string_equal(choice_of(q, "0x7f3a12345678")->because[LANG_EN], "virtual");
    /* It stands before the first walk_read: ACCESS, TLB_MISS, WALK_START come before. */
    assert_int_equal(q->before.event, 4);
    assert_string_equal(q->kind, "walk_read");
    end(&t);
}

static void
answers_are_judged_and_counted(void **state)
{
    struct told t;

    (void)state;
    tell_well(&t, FIRST_READ
              "step { text = {en='x',zh='某'}, ask = { id = 'n', op = { 'read', VA }, text = {en='q',zh='问'}, number = true,\n"
              " answer = function(r) return count(r, 'walk_read') end, right = {en='{answer}',zh='{answer}'}, " H " } },\n"
              "step { text = {en='x',zh='某'}, ask = { id = 'yes', text = {en='q',zh='问'}, answer = function(r) return r.m.pid() == 1"
                  " end,\n"
              " wrong = { { value = false } }, right = {en='r',zh='对'}, " H " } },\n");
    struct question *q = player_open_question(t.player, 2);
    unsigned right = 0;
    while (!q->choice[right].right)
        right++;
    assert_false(player_answer(t.player, q, right ? 0 : 1));
    assert_int_equal(q->state, ANSWER_WRONG);
    assert_false(q->answered);
    assert_false(player_answer(t.player, q, 99));
    assert_int_equal(q->tries, 1);
    assert_true(player_answer(t.player, q, right));
    assert_int_equal(q->state, ANSWER_WRONG);
    assert_null(player_open_question(t.player, 2));
    q = player_open_question(t.player, 3);
    assert_true(q->has_number);
    assert_int_equal(q->number, 0); /* the TLB remembers */
    assert_true(player_answer_number(t.player, q, 0));
    assert_int_equal(q->state, ANSWER_RIGHT);
    q = player_open_question(t.player, 4);
    assert_string_equal(q->answer, "yes");
    assert_string_equal(q->kind, "fact");
    assert_non_null(choice_of(q, "no"));
    player_skip(t.player, q);
    assert_int_equal(q->state, ANSWER_SKIPPED);
    assert_null(player_open_question(t.player, 4));
    end(&t);
}

/* A quirk must sometimes act before the operation asked about: fork, then a write by the child. */
static void
a_quirk_can_act_since_an_earlier_operation(void **state)
{
    struct told t;

    (void)state;
    tell_well(&t, "function(m) m.write(VA, 1)\n"
                  " local f = m.fork()\n"
                  " m.say {en='x',zh='某'}\n"
                  " m.ask { id = 'cow', op = { 'write', VA, 2 }, before = 'page_fault', text = {en='q',zh='问'},\n"
                  "  answer = function(r) return r.event and count(r, 'cow_copy') or 0 end,\n"
                  "  wrong = { { quirk = 'fork-leaves-writable', since = f } }, right = {en='r',zh='对'}, " H " }\n"
                  "end,\n");
    struct question *q = player_question(t.player, 0);
    assert_int_equal(q->choices, 2);
    assert_true(choice_of(q, "1")->right);
    assert_non_null(choice_of(q, "0"));
    end(&t);
}

/* What a lesson sees of events is English whatever the screen speaks, and telling leaves the screen's language alone. */
static void
the_language_of_the_screen_changes_nothing(void **state)
{
    static const char steps[] = "function(m) local w = m.write(VA, 1) m.say {en='x',zh='某'}\n"
                                " m.expect(find(w, 'access').access, 'write', 'kind') m.expect(find(w, 'area_found').area, 'mmap', 'area')\n"
                                " m.expect(find(w, 'area_found').prot, 'rw-', 'rights') end,\n" FIRST_READ;
    struct told english, chinese;
    struct error e = {0};
    char directory[400];

    (void)state;
    tell_well(&english, steps);
    snprintf(directory, sizeof directory, "%s/assets/lang", getenv("PAGEWALK_DATA"));
    lang_load(directory, &e);
    lang_use(LANG_ZH);
    tell_well(&chinese, steps);
    assert_int_equal(lang_now(), LANG_ZH);
    lang_use(LANG_EN);
    struct question *a = player_question(english.player, 0), *b = player_question(chinese.player, 0);
    assert_int_equal(a->choices, b->choices);
    for (unsigned i = 0; i < a->choices; i++)
        assert_string_equal(a->choice[i].text[LANG_EN], b->choice[i].text[LANG_EN]);
    end(&english);
    end(&chinese);
}

/* Each of these ends with an error of step 2, in little time, and the step leaves nothing behind. */
static void
hostile_steps_are_contained(void **state)
{
    static const char *const hostile[] = {
        "function(m) while true do pcall(m.ask, {}) end end,\n",
        "function(m) while true do pcall(m.ask, { id = 'q', op = 'flush', text = {en='q',zh='问'},"
        " answer = function() return nil end }) end end,\n",
        "function(m) local t = {} for i = 1, 60000 do t['k' .. i] = 1 end while true do pcall(m.card, t) end end,\n",
        "function(m) local t = {} for i = 1, 1000 do t['k' .. i] = 1 end m.bind(t) end,\n",
        "function(m) while true do m.say {en='x',zh='x'} end end,\n",
        "function(m) m.say {en=string.rep('x', 60000),zh='某'} end,\n",
        "function(m) m.mmap(nil, 1 << 40, 'rw') local t = {} for i = 1, 1 << 40 do t[i] = m.geometry() end end,\n",
        "function(m) while true do pcall(m.fork) end end,\n",
        "function(m) for i = 1, 100 do m.task { text={en='t',zh='做'}, goal=function() return false end,"
        " solution={'flush'}, " H " } end end,\n",
        "step { task = { text={en='t',zh='做'}, goal=function(r) while true do end end, solution={'flush'}, " H " } },\n",
        "step { bind = function(m) while true do m.word(0) end end, text={en='x',zh='某'} },\n",
        "function(m) m.ask(m) end,\n",
        "function(m) m.ask(function() end) end,\n",
        "function(m) m.run(string.rep('read 1 ', 100)) end,\n",
        "function(m) m.poke(0x1000, string.rep('00', 600)) end,\n",
        "function(m) m.mmap(nil, 4096, 'rw', { file = string.rep('f', 900) }) end,\n",
        "function(m) m.mmap(nil, 4096, 'rw', { file = 'a b' }) end,\n",
        "function(m) m.read(VA, VA, VA, VA, VA, VA, VA, VA, VA, VA, VA) end,\n",
        "function(m) m.read(table.unpack({}, 1, 190)) end,\n",
        "function(m) m.tick(1 << 62) m.tick(1 << 62) m.tick(1 << 62) m.tick(1 << 62) error('reached') end,\n",
    };

    (void)state;
    for (unsigned i = 0; i < sizeof hostile / sizeof *hostile; i += slowness() >= 40 ? 3 : 1) {
        struct told t;
        tell(&t, hostile[i]);
        if (!t.error.code || strncmp(t.error.text, "step 2: ", 8) != 0)
            fail_msg("%s got %d: %s", hostile[i], t.error.code, t.error.text);
        assert_int_equal(player_told(t.player), 1);
        assert_int_equal(history_operations(t.history), 2);
        assert_null(player_question(t.player, 0));
        end(&t);
    }
}

/* --- steps ---------------------------------------------------------------------------------------------------- */

static void
telling_leaves_the_position_and_failing_leaves_nothing(void **state)
{
    struct told t;
    struct error e = {0};

    (void)state;
    tell(&t, FIRST_READ "function(m) m.read(VA) m.ask { id = 'half', op = 'flush', text = {en='q',zh='问'} } end,\n");
    assert_int_equal(t.error.code, EXIT_DATA);
    assert_int_equal(player_told(t.player), 2);
    assert_int_equal(history_operations(t.history), player_step(t.player, 2)->last_op);
    assert_int_equal(history_position(t.history).op, 0);
    assert_null(player_question(t.player, 1));
    assert_false(player_tell(t.player, &e)); /* and it fails the same way again */
    assert_string_equal(e.text, t.error.text);
    struct position start = player_step_start(t.player, 2), stop = player_step_end(t.player, 2);
    assert_int_equal(start.op, 2);
    assert_int_equal(stop.op, 5);
    end(&t);
}

/* What sets the stage belongs to the step, but the page begins after it. */
static void
a_page_begins_after_what_prepares_it(void **state)
{
    struct told t;

    (void)state;
    tell_well(&t, "step { text = {en='x',zh='某'}, prepare = function(m) m.read(VA) m.flush() end, run = function(m) m.read(VA) end },\n");
    assert_int_equal(player_step(t.player, 2)->first_op, 3);
    assert_int_equal(player_step(t.player, 2)->last_op, 5);
    assert_int_equal(player_step_start(t.player, 2).op, 4);
    assert_int_equal(player_step_end(t.player, 2).op, 5);
    end(&t);
}

static void
a_task_is_judged_on_the_branch(void **state)
{
    struct told t;
    struct operation op;
    uint8_t blob[OPERATION_BLOB];
    struct outcome out;
    struct error e = {0};
    bool holds;

    (void)state;
    tell_well(&t, "step { text = {en='x',zh='某'}, task = { text = {en='Fault once.',zh='缺页一次。'},\n"
                  " goal = function(r) return count(r, 'page_fault') == 1 and r.m.process().rss == 1 end,\n"
                  " solution = { { 'write', VA } }, " H " } },\n");
    const struct step *s = player_step(t.player, 2);
    assert_string_equal(s->solution, "write 0x7f3a12345678");
    assert_int_equal(s->task_op, 3);
    assert_int_equal(player_step_end(t.player, 2).op, 2); /* the solution is hidden while the task is open */
    history_seek(t.history, player_step_end(t.player, 2));
    assert_true(player_task_holds(t.player, 2, &holds, &e) && !holds);
    assert_true(operation_parse("flush", &op, blob, &e) && history_act(t.history, &op, &out, &e));
    assert_true(player_task_holds(t.player, 2, &holds, &e) && !holds);
    assert_true(operation_parse("write 0x7f3a12347000 9", &op, blob, &e) && history_act(t.history, &op, &out, &e));
    struct position here = history_position(t.history);
    assert_true(player_task_holds(t.player, 2, &holds, &e) && holds);
    assert_int_equal(history_position(t.history).event, here.event);
    assert_true(operation_parse("write 0x7f3a12346000 9", &op, blob, &e) && history_act(t.history, &op, &out, &e));
    assert_true(player_task_holds(t.player, 2, &holds, &e) && !holds);
    history_leave_branch(t.history);
    player_task_done(t.player, 2, false);
    assert_int_equal(player_step_end(t.player, 2).op, 3);
    end(&t);
}

static void
randomness_is_the_seeds_and_the_steps(void **state)
{
    struct told a, b;
    static const char steps[] = "function(m) m.bind { n = math.random(1, 1000000000) } m.say {en='{n}',zh='数 {n}'} end,\n"
                                "function(m) m.bind { n = math.random(1, 1000000000) } m.say {en='{n}',zh='数 {n}'} end,\n";

    (void)state;
    tell_well(&a, steps);
    tell_well(&b, steps);
    assert_string_equal(player_step(a.player, 2)->text[0], player_step(b.player, 2)->text[0]);
    assert_string_not_equal(player_step(a.player, 2)->text[0], player_step(a.player, 3)->text[0]);
    end(&a);
    end(&b);
}

/* --- check ------------------------------------------------------------------------------------------------------ */

static void
check(const char *name, const char *text, struct findings *f, struct check_counts *counts)
{
    memset(f, 0, sizeof *f);
    lesson_check(write_file(name, text), views, found, f, counts);
}

static void
the_starter_passes_its_check(void **state)
{
    struct buffer text = {0};
    struct findings f;
    struct check_counts counts;
    struct error e = {0};

    (void)state;
    assert_true(starter_text("my-first", &text, &e));
    check("my-first.lua", buffer_text(&text), &f, &counts);
    if (f.errors)
        fail_msg("%d: %s", f.first.line, f.first.text);
    assert_int_equal(counts.steps, 2);
    assert_int_equal(counts.questions, 1);
    assert_int_equal(counts.wrong_answers, 2);
    assert_int_equal(counts.expectations, 1);
    assert_false(starter_text("../x", &text, &e));
    buffer_free(&text);
}

static void
check_finds_what_telling_does_not(void **state)
{
    struct findings f;
    struct check_counts counts;

    (void)state;
    check("made.lua", HEAD "step { text = {en='Only English words here', zh='Only English words here'} },\n" TAIL, &f, &counts);
    assert_int_equal(f.errors, 1);
    assert_string_equal(f.first.text, "step 2: text: no Chinese text");
    assert_int_equal(f.first.line, 4);
    check("made.lua", HEAD "step { title = {en='t',zh='题'} },\n" TAIL, &f, &counts);
    assert_string_equal(f.first.text, "step 2: nothing happens here and nothing is said");
    check("made.lua", "local kept = {}\n" HEAD "function(m) kept[1] = 1 m.say {en='x',zh='某'} end,\n"
          "function(m) m.bind { n = kept[1] or 0 } m.say {en='{n}',zh='数 {n}'} end,\n" TAIL, &f, &counts);
    assert_string_equal(f.first.text, "step 3: told alone it is not the same: it leans on Lua values of earlier steps");
    check("made.lua", HEAD "function(m) m.say {en='x',zh='某'} m.expect(1, 2, 'sum') end,\n" TAIL, &f, &counts);
    assert_int_equal(f.errors, 1);
    assert_non_null(strstr(f.first.text, "sum: got 1, expected 2"));
}

#define EXPECTED ", expected { en = \"...\", zh = \"...\" }"

/* Before anything is told: nobody is stopped on the third page by a text that could be seen to lack a language. */
static void
loading_refuses_a_step_without_a_language(void **state)
{
    static const struct {
        const char *step, *said;
    } given[] = {
        {"step { after = 'x' },\n",
         "step 2: after: a plain string" EXPECTED},
        {"step { card = { claim = {zh='某'} } },\n",
         "step 2: card claim: the English text (en) is missing" EXPECTED},
        {"step { ask = { id = 'q', wrong = { { value = 1 }, { value = 2, because = {en='x'} } } } },\n",
         "step 2: question q: because: the Chinese text (zh) is missing" EXPECTED},
        {"step { ask = { { id = 'q', hints = { {en='x',zh='某'}, 'x' } } } },\n",
         "step 2: question q: hint: a plain string" EXPECTED},
        {"step { task = { text = {en='x',zh=''} } },\n",
         "step 2: task: text: the Chinese text (zh) is empty" EXPECTED},
    };
    char text[2000];

    (void)state;
    for (unsigned i = 0; i < sizeof given / sizeof *given; i++) {
        struct lesson lesson;
        struct error e = {0};
        snprintf(text, sizeof text, "%s%s%s", HEAD, given[i].step, TAIL);
        assert_false(lesson_load(write_file("made.lua", text), &lesson, &e));
        assert_string_equal(e.text, given[i].said);
        assert_int_equal(e.line, 4);
    }
}

/* Advice, not an error: a part of one's own is allowed. */
static void
a_part_that_is_misspelt_is_noticed(void **state)
{
    static const char *const steps = "', title = {en='t',zh='题'}, machine = 'x86-64', steps = { step { text = {en='x',zh='某'},\n"
                                     "card = { claim = {en='x',zh='某'}, truth = {en='x',zh='某'} } } } }\n";
    static const struct {
        const char *part, *said;
    } given[] = {
        {"transaltion", "part \"transaltion\" is not one of the course (did you mean \"translation\"?)"},
        {"my-own-topics", "part \"my-own-topics\" is not one of the course: see `pagewalk list`"},
        {"translation", NULL},
    };
    struct check_counts counts;
    char text[600];

    (void)state;
    for (unsigned i = 0; i < sizeof given / sizeof *given; i++) {
        struct findings f;
        snprintf(text, sizeof text, "return lesson { id = 'made', part = '%s%s", given[i].part, steps);
        check("made.lua", text, &f, &counts);
        assert_int_equal(f.errors, 0);
        assert_int_equal(f.advice, given[i].said ? 3 : 2); /* few predictions, no task */
        if (given[i].said)
            assert_string_equal(f.advised.text, given[i].said);
    }
}

/* --- run and list -------------------------------------------------------------------------------------------------- */

/* T3: a poked entry that is not present and not zero (the first of root f5). */
#define BROKEN "function(m) m.poke(0x5000, '0200000000000000') m.say {en='x',zh='某'} end,\n"
#define BREAKS(names) "return lesson { breaks = { " names " }, id = 'made', part = 'tlb', title = {en='Made',zh='做'},\n" \
    "machine = 'x86-64', steps = {\n" \
    "function(m) m.spawn() m.say {en='x',zh='某'} end,\n"

static void
what_is_broken_on_purpose_is_said_before(void **state)
{
    static const struct {
        const char *text;
        uint64_t violations;
    } given[] = {
        {HEAD BROKEN TAIL, 1},
        {BREAKS("'T3'") BROKEN TAIL, 0},
        {BREAKS("'T3', 'F3'") BROKEN TAIL, 1},
        {BREAKS("'T3'") TAIL, 1},
    };
    struct error e = {0};
    struct lesson l;

    (void)state;
    for (unsigned i = 0; i < sizeof given / sizeof *given; i++) {
        struct report r;
        assert_true(lesson_load(write_file("made.lua", given[i].text), &l, &e));
        assert_true(report_run(&l, NULL, &r, &e));
        assert_int_equal(r.violations, given[i].violations);
        report_close(&r);
        lesson_free(&l);
    }
    assert_false(lesson_load(write_file("made.lua", BREAKS("'T33'") TAIL), &l, &e));
    assert_non_null(strstr(e.text, "breaks: no invariant \"T33\""));
}

static void
a_run_reports_as_json(void **state)
{
    struct lesson l;
    struct report r, again;
    struct buffer out = {0};
    struct error e = {0};

    (void)state;
    assert_true(lesson_load(write_file("made.lua", HEAD FIRST_READ TAIL), &l, &e));
    assert_true(report_run(&l, NULL, &r, &e));
    assert_true(report_passed(&r));
    assert_int_equal(r.questions, 1);
    assert_int_equal(r.operations, 5);
    assert_int_equal(r.checked, 5);
    assert_int_equal(r.violations, 0);
    report_json(&r, &out);
    const char *begin = "{\"schema\":\"pagewalk.run/1\",\"lesson\":\"made\",\"steps\":2,\"events\":";
    assert_int_equal(strncmp(buffer_text(&out), begin, strlen(begin)), 0);
    assert_non_null(strstr(buffer_text(&out), "\"expectations\":{\"passed\":0,\"failed\":0}"));
    assert_non_null(strstr(buffer_text(&out), "\"kind\":\"walk_read\""));
    assert_true(report_run(&l, NULL, &again, &e));
    assert_string_equal(r.state, again.state);
    assert_int_equal(strlen(r.state), 32);
    report_close(&r);
    report_close(&again);
    buffer_truncate(&out, 0);
    report_list_json(&l, 1, &out);
    assert_non_null(strstr(buffer_text(&out), "{\"id\":\"made\",\"part\":\"tlb\",\"title\":{\"en\":\"Made\",\"zh\":\"做\"},"
                           "\"rows\":[],\"steps\":2,\"questions\":1"));
    buffer_free(&out);
    lesson_free(&l);
}

/* --- finding --------------------------------------------------------------------------------------------------------- */

struct seen {
    unsigned lessons, bad;
    char order[400];
    struct error first;
};

static void
each(void *ctx, const struct lesson *l)
{
    struct seen *s = ctx;

    s->lessons++;
    if (strncmp(l->id, "zz-", 3) == 0)
        snprintf(s->order + strlen(s->order), sizeof s->order - strlen(s->order), "%s ", l->id);
}

static void
bad(void *ctx, const struct error *e)
{
    struct seen *s = ctx;

    if (s->bad++ == 0)
        s->first = *e;
}

static void
put_lesson(const char *dir, const char *file, const char *id, const char *part, const char *needs)
{
    char path[200], text[400];

    snprintf(path, sizeof path, "%s/%s", dir, file);
    snprintf(text, sizeof text, "return lesson { id='%s', part='%s', needs={%s}, title={en='t',zh='题'}, machine='x86-64',\n"
             "steps={ step { text={en='x',zh='某'} } } }\n", id, part, needs);
    write_file(path, text);
}

static void
lessons_are_listed_in_course_order(void **state)
{
    struct seen s = {0};
    struct error e = {0};
    struct lesson l;
    char dir[300];

    (void)state;
    setenv("XDG_DATA_HOME", folder, 1);
    snprintf(dir, sizeof dir, "%s/pagewalk", folder);
    mkdir(dir, 0700);
    snprintf(dir, sizeof dir, "%s/pagewalk/lessons", folder);
    mkdir(dir, 0700);
    put_lesson("pagewalk/lessons", "zz-c.lua", "zz-c", "tlb", "");
    put_lesson("pagewalk/lessons", "zz-a.lua", "zz-a", "tlb", "'zz-c'");
    put_lesson("pagewalk/lessons", "zz-w.lua", "zz-w", "why", "");
    put_lesson("pagewalk/lessons", "zz-o.lua", "zz-o", "own", "");
    put_lesson("pagewalk/lessons", "zz-x.lua", "zz-w", "why", "");
    write_file("pagewalk/lessons/zz-bad.lua", "return 5\n");
    snprintf(dir, sizeof dir, "%s/pagewalk/lessons/zz-fifo.lua", folder);
    mkfifo(dir, 0600);
    assert_true(lesson_list(each, bad, &s, &e));
    assert_string_equal(s.order, "zz-w zz-c zz-a zz-o ");
    assert_true(s.bad >= 3); /* no lesson, a FIFO, an id twice */
    assert_true(lesson_find("zz-a", &l, &e));
    assert_string_equal(l.part, "tlb");
    lesson_free(&l);
    assert_false(lesson_find("zz-aa", &l, &e));
    assert_int_equal(e.code, EXIT_OPEN);
    e = (struct error){0};
    assert_false(lesson_find("/nowhere/x.lua", &l, &e));
    assert_int_equal(e.code, EXIT_OPEN);
    e = (struct error){0};
    assert_false(lesson_find("../../etc/passwd", &l, &e));
    unlink(dir);
}

/* None of these may block, and each is told as what it is. */
static void
what_is_no_file_is_refused(void **state)
{
    struct lesson l;
    char path[300];

    (void)state;
    snprintf(path, sizeof path, "%s/fifo.lua", folder);
    mkfifo(path, 0600);
    const char *const wrong[] = {folder, path, "/dev/zero", "/nowhere.lua"};
    for (unsigned i = 0; i < 4; i++) {
        struct error e = {0};
        assert_false(lesson_load(wrong[i], &l, &e));
        assert_int_equal(e.code, EXIT_OPEN);
        assert_string_equal(e.file, wrong[i]);
    }
}

/* A file cut anywhere is one error with its line, never a crash; a whole one still works. */
static void
a_lesson_cut_anywhere_is_refused(void **state)
{
    char text[4000];
    size_t n;

    (void)state;
    snprintf(text, sizeof text, "%s", HEAD FIRST_READ TAIL);
    n = strlen(text);
    while (text[n - 1] == '\n' || text[n - 1] == ' ')
        n--;
    for (size_t cut = 0; cut < n; cut += 7) {
        struct lesson l;
        struct error e = {0};
        char part[4000];
        memcpy(part, text, cut);
        part[cut] = '\0';
        assert_false(lesson_load(write_file("cut.lua", part), &l, &e));
        assert_int_equal(e.code, EXIT_DATA);
    }
}

/* --- frame ------------------------------------------------------------------------------------------------------------- */

static int
set_up(void **state)
{
    char here[400];

    (void)state;
    if (!getcwd(here, sizeof here) || !mkdtemp(folder))
        return -1;
    setenv("PAGEWALK_DATA", here, 0);
    return 0;
}

static int
tear_down(void **state)
{
    char command[100];

    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bad_lesson_is_told_its_line),
        cmocka_unit_test(operations_and_views_say_what_the_machine_did),
        cmocka_unit_test(what_page_replacement_knows_can_be_looked_at),
        cmocka_unit_test(a_failed_expectation_names_its_line),
        cmocka_unit_test(texts_are_filled_in_both_languages),
        cmocka_unit_test(nothing_a_terminal_obeys_comes_out),
        cmocka_unit_test(wrong_choices_are_what_other_machines_do),
        cmocka_unit_test(answers_are_judged_and_counted),
        cmocka_unit_test(a_quirk_can_act_since_an_earlier_operation),
        cmocka_unit_test(the_language_of_the_screen_changes_nothing),
        cmocka_unit_test(hostile_steps_are_contained),
        cmocka_unit_test(telling_leaves_the_position_and_failing_leaves_nothing),
        cmocka_unit_test(a_page_begins_after_what_prepares_it),
        cmocka_unit_test(a_task_is_judged_on_the_branch),
        cmocka_unit_test(randomness_is_the_seeds_and_the_steps),
        cmocka_unit_test(the_starter_passes_its_check),
        cmocka_unit_test(check_finds_what_telling_does_not),
        cmocka_unit_test(loading_refuses_a_step_without_a_language),
        cmocka_unit_test(a_part_that_is_misspelt_is_noticed),
        cmocka_unit_test(what_is_broken_on_purpose_is_said_before),
        cmocka_unit_test(a_run_reports_as_json),
        cmocka_unit_test(lessons_are_listed_in_course_order),
        cmocka_unit_test(what_is_no_file_is_refused),
        cmocka_unit_test(a_lesson_cut_anywhere_is_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
