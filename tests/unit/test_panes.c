/* What the panes draw: inside their rectangle at any size, numbers that arithmetic confirms, nothing behind the gate, and the same picture
 * from wherever one comes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/lang.h"
#include "support/stage.h"
#include "test.h"

static const char *const story[] = {"spawn", "write 0x404010 7", "read 0x401000", "read 0x401010", "mmap 0x10000000 0x8000 rw",
                                    "read 0x10001000", "fork", "write 0x404018 9", NULL};
/* The last one merges with the wrong neighbour. */
static const char *const block_story[] = {"alloc 100K", "alloc 400K", "alloc 2M", "alloc 128K", "alloc 128K", "set wrong-buddy on",
                                          "release 0x20000", "release 0x40000", NULL};
static const char *const toy_story[] = {"spawn", "write 0x2000 1", "read 0x1000", NULL};

static void
expect_text(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in\n%s", part, text);
}

static void
expect_no_text(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("\"%s\" is in\n%s", part, text);
}

/* --- JSON, briefly --- */

static int64_t
number_of(struct json o, const char *name)
{
    struct error e = {0};
    int64_t v = -1;

    if (!json_get_int(o, name, 0, INT64_MAX >> 11, &v, &e))
        fail_msg("%s: %s", name, e.text);
    return v;
}

static uint64_t
hex_of(struct json o, const char *name)
{
    struct error e = {0};
    uint64_t v = 0;

    if (!json_get_hex(o, name, &v, &e))
        fail_msg("%s: %s", name, e.text);
    return v;
}

static bool
flag_of(struct json o, const char *name)
{
    struct error e = {0};
    bool v = false;

    if (!json_get_bool(o, name, &v, &e))
        fail_msg("%s: %s", name, e.text);
    return v;
}

static struct json
array_of(struct json o, const char *name)
{
    struct error e = {0};
    struct json a = {0};

    if (!json_get_array(o, name, &a, &e))
        fail_msg("%s: %s", name, e.text);
    return a;
}

/* The element whose member `name` is this word. */
static struct json
element_named(struct json array, const char *name, const char *word)
{
    for (struct json v = json_first(array); v.node; v = json_next(v)) {
        struct error e = {0};
        const char *text;

        if (json_get_string(v, name, &text, &e) && strcmp(text, word) == 0)
            return v;
    }
    fail_msg("no element with %s %s", name, word);
    return (struct json){0};
}

/* --- sizes --- */

static void
draw_and_see_that_nothing_else_changed(const struct scene *s, int pane, int w, int h, enum glyph_set glyphs)
{
    enum { X = 7, Y = 3 };
    struct canvas *c = canvas_create(w + 2 * X, h + 2 * Y, glyphs);

    for (int y = 0; y < c->h; y++)
        for (int x = 0; x < c->w; x++)
            canvas_put(c, x, y, "#", ROLE_TEXT, 0);
    canvas_fill(c, rect_of(X, Y, w, h), ROLE_TEXT, 0);
    pane_row[pane].draw(s, c, rect_of(X, Y, w, h));
    assert_int_equal(c->clip_count, 0);
    for (int y = 0; y < c->h; y++)
        for (int x = 0; x < c->w; x++) {
            const struct cell *cell = canvas_cell(c, x, y);

            if (x >= X && x < X + w && y >= Y && y < Y + h)
                assert_true(glyphs == GLYPHS_UNICODE || cell->cp <= 0x7e);
            else if (cell->cp != '#')
                fail_msg("%s at %dx%d wrote at %d,%d", pane_row[pane].name, w, h, x - X, y - Y);
        }
    canvas_destroy(c);
}

static void
every_size_of_every_pane(struct stage *st)
{
    static const int width[] = {1, 2, 3, 5, 8, 13, 21, 34, 44, 57, 78, 120};
    static const int height[] = {1, 2, 3, 4, 6, 9, 15, 40};
    const size_t each = slowness() < 40 ? 1 : 3;

    for (int pane = 1; pane < PANES; pane++)
        for (size_t i = 0; i < sizeof width / sizeof *width; i++)
            for (size_t k = i % each; k < sizeof height / sizeof *height; k += each)
                draw_and_see_that_nothing_else_changed(&st->scene, pane, width[i], height[k], (i + k) % 2 ? GLYPHS_ASCII : GLYPHS_UNICODE);
}

/* A hit, a walk through the cache, a fault, a store, and the state put back: bare hardware. */
static const char *const csapp_story[] = {"read 0x3d4", "read 0x27c", "read 0x40", "write 0x175 7", "reset", "read 0x175", NULL};

/* Before paging: programs that come, move, wait and leave; segments that trap. */
static const char *const piece_story[] = {"load 100K", "load 300", "load 900K", "load 900K", "write 0x10 7", "exit 2", "compact",
                                          "swapout 3", "read 0x10", "read 0xf00000", NULL};
static const char *const segment_story[] = {"read 0x2035", "read 0x4c6", "write 0x5c00 1", "write 0x2000 1", "read 0x9000", NULL};

static void
panes_stay_in_their_rectangle(void **state)
{
    static const struct { const char *preset; const char *const *ops; } run[] = {
        {"x86-64", story}, {"toy16", toy_story}, {"csapp", csapp_story}, {"toy64k", block_story}, {"partitions", piece_story},
        {"segments", segment_story}};

    (void)state;
    for (size_t i = 0; i < sizeof run / sizeof *run; i++) {
        struct stage st;

        stage_open(&st, run[i].preset, run[i].ops);
        for (uint64_t number = 0; number <= stage_events(&st); number += (i ? 9 : 37) * (slowness() >= 40 ? 5 : 1)) {
            stage_look(&st, number, true);
            every_size_of_every_pane(&st);
        }
        stage_close(&st);
    }
}

static void
draw_every_size(const char *machine, const char *const *ops)
{
    struct stage st;

    stage_open(&st, machine, ops);
    stage_look(&st, stage_events(&st) - 4, true);
    for (int w = 1; w <= 220; w += 7)
        for (int h = 1; h <= 70; h += 5) {
            struct canvas *c = canvas_create(w, h, GLYPHS_UNICODE);

            screen_draw(&st.scene, c);
            assert_int_equal(c->clip_count, 0);
            canvas_destroy(c);
        }
    stage_close(&st);
}

static void
every_screen_size_can_be_drawn(void **state)
{
    (void)state;
    draw_every_size("x86-64", story);
    draw_every_size("csapp", csapp_story);
    draw_every_size("partitions", piece_story);
    draw_every_size("segments", segment_story);
}

static void
too_small_a_window_says_what_it_needs(void **state)
{
    struct stage st;

    (void)state;
    stage_open(&st, "x86-64", story);
    stage_look(&st, 1, true);
    expect_text(stage_screen(&st, 59, 18), "60 x 18");
    expect_text(stage_screen(&st, 60, 17), "60 x 17");
    expect_no_text(stage_screen(&st, 60, 18), "60 x 18");
    stage_close(&st);
}

/* --- numbers --- */

/* 0x123456789000: bits 47..39 = 0x24, 38..30 = 0xd1, 29..21 = 0xb3, 20..12 = 0x189 (worked out by hand). */
static void
an_address_is_cut_into_its_indices(void **state)
{
    static const char *const ops[] = {"spawn", "read 0x123456789abc", NULL};
    static const char *const name[] = {"PML4", "PDPT", "PD", "PT"};
    static const int64_t value[] = {36, 209, 179, 393};
    struct stage st;
    struct json_doc *doc;
    struct json fields;
    const char *text;

    (void)state;
    stage_open(&st, "x86-64", ops);
    stage_look_at(&st, "access", 1, false);
    doc = stage_json(&st, PANE_ADDRESS);
    fields = array_of(json_root(doc), "fields");
    for (int i = 0; i < 4; i++)
        assert_int_equal(number_of(element_named(fields, "name", name[i]), "value"), value[i]);
    assert_int_equal(hex_of(element_named(fields, "name", tr("offset")), "value"), 0xabc);
    json_free(doc);
    text = stage_text(&st, PANE_ADDRESS, 78, 8);
    expect_text(text, "000100100 011010001 010110011 110001001 101010111100");
    expect_text(text, "36 ");
    expect_text(text, "209 ");
    expect_text(text, "179 ");
    expect_text(text, "393 ");
    expect_text(text, "0xabc");
    for (int w = 16; w < 78; w++) /* however narrow: every index is there */
        for (int i = 0; i < 4; i++) {
            char digits[8];

            snprintf(digits, sizeof digits, "%d", (int)value[i]);
            expect_text(stage_text(&st, PANE_ADDRESS, w, 12), digits);
        }
    stage_close(&st);
}

static void
i386_has_two_indices_of_ten_bits(void **state)
{
    static const char *const ops[] = {"spawn", "read 0x8049123", NULL};
    struct stage st;
    struct json_doc *doc;
    struct json fields;

    (void)state;
    stage_open(&st, "i386", ops);
    stage_look_at(&st, "access", 1, false);
    doc = stage_json(&st, PANE_ADDRESS);
    fields = array_of(json_root(doc), "fields");
    assert_int_equal(json_count(fields), 3);
    assert_int_equal(number_of(element_named(fields, "name", "PD"), "value"), 0x8049123 >> 22);
    assert_int_equal(number_of(element_named(fields, "name", "PT"), "value"), 0x8049123 >> 12 & 1023);
    json_free(doc);
    stage_close(&st);
}

static void
the_physical_address_is_frame_and_offset(void **state)
{
    struct stage st;
    struct json_doc *doc;

    (void)state;
    stage_open(&st, "x86-64", story);
    stage_look_at(&st, "translated", 1, false);
    doc = stage_json(&st, PANE_ADDRESS);
    assert_int_equal(hex_of(json_root(doc), "pa"), (uint64_t)number_of(json_root(doc), "frame") * 4096 + 0x10);
    json_free(doc);
    stage_close(&st);
}

/* Every present leaf of the program's tables, against what the kernel counted. */
static void
the_tree_shows_the_tables_bytes(void **state)
{
    struct stage st;
    struct json_doc *doc;
    unsigned leaves = 0;

    (void)state;
    stage_open(&st, "x86-64", story);
    stage_look_at(&st, "data_write", 1, false);
    doc = stage_json(&st, PANE_TREE);
    assert_int_equal(number_of(json_root(doc), "root"), st.scene.now->hw.s->cpu[0].cr3 >> 12);
    for (struct json v = json_first(array_of(json_root(doc), "entries")); v.node; v = json_next(v)) {
        pte_t entry = hex_of(v, "entry");

        assert_int_equal(entry, phys_read(&st.scene.now->hw.phys, hex_of(v, "pa"), 8));
        assert_int_equal(number_of(v, "frame"), (entry & UINT64_C(0x000ffffffffff000)) >> 12);
        leaves += number_of(v, "level") == 3;
    }
    assert_int_equal(leaves, 1); /* the one page written so far */
    json_free(doc);
    expect_text(stage_text(&st, PANE_TREE, 60, 20), "[4] PWUAD--X");
    stage_close(&st);
}

/* Poke 0 into the entry that maps 0x404000: memory says absent, the TLB still answers. */
static void
a_stale_tlb_entry_is_found(void **state)
{
    struct stage st;
    struct json_doc *doc;
    char poke[64];
    unsigned stale = 0;

    (void)state;
    stage_open(&st, "x86-64", (const char *const[]){"spawn", "write 0x404010 7", "read 0x404020", NULL});
    stage_look(&st, stage_events(&st), false);
    expect_no_text(stage_text(&st, PANE_TLB, 60, 20), "stale");
    stage_look_at(&st, "data_write", 1, false);
    snprintf(poke, sizeof poke, "poke 0x%llx 0000000000000000", (unsigned long long)st.scene.walk.slot[3]);
    stage_do(&st, poke);
    stage_look(&st, stage_events(&st), false);
    doc = stage_json(&st, PANE_TLB);
    for (struct json v = json_first(array_of(json_root(doc), "entries")); v.node; v = json_next(v)) {
        stale += flag_of(v, "stale");
        assert_true(flag_of(v, "stale") == (hex_of(v, "page") == 0x404000));
    }
    assert_int_equal(stale, 1);
    json_free(doc);
    expect_text(stage_text(&st, PANE_TLB, 60, 20), "stale");
    expect_text(stage_text(&st, PANE_TREE, 60, 20), "[4] -------- absent"); /* what was poked stays in sight */
    stage_close(&st);
}

static void
a_hit_is_marked_in_the_tlb(void **state)
{
    struct stage st;

    (void)state;
    stage_open(&st, "x86-64", story);
    stage_look_at(&st, "tlb_hit", 1, false);
    expect_text(stage_text(&st, PANE_TLB, 60, 20), "hit");
    stage_look_at(&st, "tlb_fill", 1, false);
    expect_text(stage_text(&st, PANE_TLB, 60, 20), "filled");
    stage_close(&st);
}

/* Set 4 loses its line at event 10, gets the table entry's at 11; set 15 is asked in vain at 15. */
static void
the_cache_marks_what_was_hit_filled_and_evicted(void **state)
{
    static const struct { uint64_t number; const char *row; } moment[] = {
        {4, "  5  0x0d 1  36 72 f0 1d  \u2713hit"},
        {10, "  4  \u00b7                    \u25c2evicted"},
        {11, "  4  0x38 1  c1 04 c1 05  \u25c2filled"},
        {15, " 15  0x14 0               \u2717miss"},
        {36, " 13  0x16 1  04 07 34 15  \u25c2changed"}, /* the store went through the line */
    };
    struct stage st;

    (void)state;
    stage_open(&st, "csapp", csapp_story);
    for (size_t i = 0; i < sizeof moment / sizeof *moment; i++) {
        stage_look(&st, moment[i].number, false);
        expect_text(stage_text(&st, PANE_CACHE, 60, 20), moment[i].row);
    }
    stage_close(&st);
}

/* What a TLB entry of the printed state says while it is not valid, and how the address is cut. */
static void
a_machine_with_a_cache_shows_tags(void **state)
{
    struct stage st;

    (void)state;
    stage_open(&st, "csapp", csapp_story);
    stage_look(&st, 7, false); /* 0x027c: the tag is there, V is 0 */
    expect_text(stage_text(&st, PANE_TLB, 60, 20), "1  0x0240 0x2  \u00b7     0");
    expect_text(stage_text(&st, PANE_TLB, 60, 20), "1  0x03c0 0x3  fd    1");
    stage_look(&st, 14, false); /* 0x027c = 000010 01 111100, 0x5fc = 010111 1111 00 */
    expect_text(stage_text(&st, PANE_ADDRESS, 60, 8), "000010 01   111100 \u2192 010111 1111 00");
    expect_text(stage_text(&st, PANE_ADDRESS, 60, 8), "VPN 0x9 \u2192 PPN 0x17 + 0x3c = 0x5fc");
    stage_close(&st);
}

/* A question may ask for a number that the bits give: the bits stay, the numbers and ages go. */
static void
an_open_question_hides_the_parts(void **state)
{
    struct stage st;

    (void)state;
    stage_open(&st, "csapp", csapp_story);
    stage_look(&st, 3, true);
    st.scene.page.question.state = ASK_OPEN;
    expect_text(stage_text(&st, PANE_ADDRESS, 60, 8), "000011 11   010100 \u2192 001101 0101 00");
    expect_text(stage_text(&st, PANE_ADDRESS, 60, 8), "?      ?    ?");
    expect_no_text(stage_text(&st, PANE_ADDRESS, 60, 8), "0x5");
    expect_text(stage_text(&st, PANE_ADDRESS, 60, 8), "VPN ?");
    stage_look(&st, 7, true); /* PT[9] at 0xe12 is unread; set 4 will hold it */
    st.scene.page.question.state = ASK_OPEN;
    expect_no_text(stage_text(&st, PANE_ADDRESS, 60, 8), "0x17");
    stage_look(&st, 11, true); /* and holds it now: 0xe12 and 0xe13 are bytes 2 and 3 of the line */
    st.scene.page.question.state = ASK_OPEN;
    expect_text(stage_text(&st, PANE_CACHE, 60, 20), "0x38 1  c1 04 ?? ??");
    stage_close(&st);
}

/* Each end an operation can have is called what it is. */
static void
the_story_tells_how_it_ended(void **state)
{
    static const struct { const char *preset, *ops[8], *words; } end[] = {
        {"x86-64", {"spawn", "read 0x404000"}, "done"},
        {"x86-64", {"spawn", "read 0x10"}, "the process got a signal SIGSEGV"},
        {"x86-64", {"spawn", "read 0x401000 wait=no"}, "the process sleeps"},
        {"x86-64", {"spawn", "mmap 0x401800 4K rw"}, "the call failed EINVAL"},
        {"smp", {"spawn", "write 0x404000 1", "thread", "switch 2 cpu=1", "read 0x404000 cpu=1", "munmap 0x404000 4K wait=no"},
         "waits for other CPUs"},
        {"csapp", {"read 0x1000"}, "faulted: no kernel mends it"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof end / sizeof *end; i++) {
        struct stage st;

        stage_open(&st, end[i].preset, end[i].ops);
        stage_look(&st, stage_events(&st), false);
        expect_text(stage_text(&st, PANE_STORY, 60, 8), end[i].words);
        stage_close(&st);
    }
}

/* With every frame in sight, the letters count what the kernel's books count. */
static void
the_frame_map_counts_right(void **state)
{
    struct stage st;
    const struct os *os;
    const char *text;
    unsigned free_signs = 0, frames;

    (void)state;
    stage_open(&st, "toy16", toy_story);
    stage_look(&st, stage_events(&st), false);
    os = &st.scene.now->os;
    frames = (unsigned)st.scene.now->hw.geo.frames;
    text = stage_text(&st, PANE_FRAMES, 60, 8);
    for (const char *at = text; at < strchr(text, '\n') && (at = strstr(at, "·")) && at < strchr(text, '\n'); at++)
        free_signs++;
    assert_int_equal(frames, 8);
    assert_int_equal(free_signs, os->s->free_frames);
    stage_close(&st);
}

static void
free_memory_is_summed_up(void **state)
{
    struct stage st;
    struct json_doc *doc;
    const char *text;
    int64_t used;

    (void)state;
    stage_open(&st, "x86-64", story);
    stage_look(&st, stage_events(&st), false);
    text = stage_text(&st, PANE_FRAMES, 60, 12);
    expect_text(text, " free\n");
    doc = stage_json(&st, PANE_FRAMES);
    used = (int64_t)json_count(array_of(json_root(doc), "used"));
    assert_int_equal(used + 1, 4096 - number_of(json_root(doc), "free")); /* frame 0 is the kernel's and not listed */
    json_free(doc);
    stage_close(&st);
}

/* A free frame in the middle of nowhere: its row is taken out of the sum. */
static void
a_selected_free_frame_has_its_row(void **state)
{
    struct stage st;

    (void)state;
    stage_open(&st, "x86-64", story);
    stage_look(&st, stage_events(&st), false);
    expect_no_text(stage_text(&st, PANE_FRAMES, 60, 16), "f800");
    pane_focus(&st.scene.set, PANE_FRAMES);
    st.scene.set.selected = true;
    st.scene.set.select_a = 0x805;
    expect_text(stage_text(&st, PANE_FRAMES, 60, 16), "f800");
    expect_text(stage_text(&st, PANE_FRAMES, 60, 16), "f805");
    stage_close(&st);
}

static void
resident_pages_add_up_to_rss(void **state)
{
    struct stage st;
    struct json_doc *doc;
    int64_t resident = 0;

    (void)state;
    stage_open(&st, "x86-64", (const char *const[]){"spawn", "write 0x404010 7", "write 0x406000 1", "write 0x408000 1", "read 0x401000",
                                                    "write 0x7fffffffe000 1", NULL});
    stage_look(&st, stage_events(&st), false);
    doc = stage_json(&st, PANE_LAYOUT);
    for (struct json v = json_first(array_of(json_root(doc), "areas")); v.node; v = json_next(v)) {
        assert_int_equal(number_of(v, "pages"), (hex_of(v, "end") - hex_of(v, "start")) / 4096);
        resident += number_of(v, "resident");
    }
    assert_int_equal(resident, number_of(json_root(doc), "rss_anon") + number_of(json_root(doc), "rss_file"));
    assert_int_equal(resident, 5);
    json_free(doc);
    stage_close(&st);
}

/* Bits of a written user data page: P W U A D, no execute (SDM vol. 3A, table 4-20). */
static void
an_entry_is_decoded_bit_by_bit(void **state)
{
    static const int on[] = {0, 1, 2, 5, 6, 63}, off[] = {3, 4, 8};
    struct stage st;
    struct json_doc *doc;
    struct json bits;

    (void)state;
    stage_open(&st, "x86-64", story);
    stage_look_at(&st, "data_write", 1, false);
    doc = stage_json(&st, PANE_ENTRY);
    assert_int_equal(number_of(json_root(doc), "level"), 3);
    assert_int_equal(number_of(json_root(doc), "index"), 4);
    bits = array_of(json_root(doc), "bits");
    for (struct json v = json_first(bits); v.node; v = json_next(v)) {
        for (size_t i = 0; i < sizeof on / sizeof *on; i++)
            assert_true(number_of(v, "bit") != on[i] || flag_of(v, "set"));
        for (size_t i = 0; i < sizeof off / sizeof *off; i++)
            assert_true(number_of(v, "bit") != off[i] || !flag_of(v, "set"));
    }
    assert_int_equal(json_count(bits), 10);
    json_free(doc);
    stage_close(&st);
}

/* A 4 MiB page of 32-bit paging, SDM vol. 3A, table 4-4: address 31:22, physical bits 39:32 in 20:13, PAT in bit 12, bits 11:9 ignored.
 * PD[256] of root f3 is at 0x3400. */
static void
a_large_entry_is_decoded_as_one(void **state)
{
    static const char *const ops[] = {"spawn", "poke 0x3400 875e40e0", "read 0x40012345 size=1", NULL};
    struct stage st;
    struct json_doc *doc;
    struct json root, frame_bits;
    struct error e = {0};

    (void)state;
    stage_open(&st, "i386", ops);
    stage_look_at(&st, "walk_read", 1, false);
    doc = stage_json(&st, PANE_ENTRY);
    root = json_root(doc);
    assert_true(json_get_object(root, "frame_bits", &frame_bits, &e));
    assert_int_equal(number_of(frame_bits, "from"), 22);
    assert_int_equal(number_of(frame_bits, "to"), 31);
    assert_int_equal(hex_of(root, "ignored"), 0xe00);
    assert_int_equal(hex_of(root, "reserved"), 0);
    assert_int_equal(number_of(root, "frame"), 0x2e0400);
    assert_int_equal(number_of(element_named(array_of(root, "bits"), "name", "PAT"), "bit"), 12);
    json_free(doc);
    expect_text(stage_text(&st, PANE_ENTRY, 60, 20), "20:13   0x2  physical bits 39:32");
    stage_close(&st);
}

/* RISC-V privileged specification, Sv39: R = W = X = 0 points to the next table, where U, A and D are reserved. */
static void
an_entry_that_names_a_table_grants_nothing(void **state)
{
    struct stage st;

    (void)state;
    stage_open(&st, "sv39", (const char *const[]){"spawn", "write 0x15abc 1 size=1", "flush", "read 0x15abc size=1", NULL});
    stage_look_at(&st, "data_write", 1, false);
    expect_text(stage_text(&st, PANE_ENTRY, 60, 20), "1 R 1 readable        may be read");
    stage_look_at(&st, "walk_read", 6, false); /* the empty root 1, the write again 3, then L2 and L1 */
    expect_text(stage_text(&st, PANE_ENTRY, 60, 20), "1 R 0 readable        names a table");
    expect_text(stage_text(&st, PANE_ENTRY, 60, 20), "7 D 0 dirty           must be 0 in a table's entry");
    stage_close(&st);
}

/* RISC-V privileged specification, Sv39: PPN[2] in bits 53:28 of an entry, PPN[1] in 27:19, PPN[0] in 18:10. A page has all three, a page
 * of 2 MiB the upper two. The process's L1 is frame 5. */
static void
an_entry_says_where_its_frame_stands(void **state)
{
    static const char *const ops[] = {"spawn", "write 0x15abc 1 size=1", "poke 0x5018 5300080000000000", "read 0x612345 size=1", NULL};
    static const struct {
        const char *event;
        unsigned nth;
        int from;
    } moment[] = {{"data_write", 1, 10}, {"data_read", 1, 19}};
    struct stage st;

    (void)state;
    stage_open(&st, "sv39", ops);
    for (size_t i = 0; i < sizeof moment / sizeof *moment; i++) {
        struct json_doc *doc;
        struct json frame_bits;
        struct error e = {0};

        stage_look_at(&st, moment[i].event, moment[i].nth, false);
        doc = stage_json(&st, PANE_ENTRY);
        assert_true(json_get_object(json_root(doc), "frame_bits", &frame_bits, &e));
        assert_int_equal(number_of(frame_bits, "from"), moment[i].from);
        assert_int_equal(number_of(frame_bits, "to"), 53);
        json_free(doc);
    }
    stage_close(&st);
}

/* Arm ARM, D8.2: bit 55 of an address says which root its tables hang under; and a page of the heap has bits 9:8, SH, which are not ignored. */
static void
the_tree_is_that_of_the_address(void **state)
{
    static const char *const ops[] = {"spawn", "write 0x405abc 42 size=1", "read 0xffff000000000010 size=1 as=kernel", NULL};
    const struct cpu *cpu;
    struct json_doc *doc;
    struct stage st;

    (void)state;
    stage_open(&st, "aarch64", ops);
    stage_look_at(&st, "data_write", 1, false);
    expect_text(stage_text(&st, PANE_TREE, 60, 20), "TTBR0 f5 L0   pid 1");
    expect_text(stage_text(&st, PANE_ENTRY, 60, 20), "0x0 in bits the MMU ignores");
    stage_look_at(&st, "data_read", 1, false);
    cpu = &st.scene.now->hw.s->cpu[0];
    doc = stage_json(&st, PANE_TREE);
    assert_int_equal(number_of(json_root(doc), "root"), cpu->ttbr1 >> 12);
    json_free(doc);
    expect_text(stage_text(&st, PANE_TREE, 60, 20), "TTBR1 f2 L0");
    expect_text(stage_text(&st, PANE_TREE, 60, 20), "2 MiB  0xffff000000200000");
    expect_no_text(stage_text(&st, PANE_TREE, 60, 20), "pid");
    stage_close(&st);
}

/* Numbers that this kernel gave to nobody: the page is in the TLB once for each, and no table says that one of them is old. */
static void
asids_of_a_hand_are_told_apart(void **state)
{
    static const char *const ops[] = {"spawn", "write 0x405abc 42 size=1", "set ttbr0 0x7000000005000", "read 0x405abc size=1", NULL};
    struct stage st;
    struct json_doc *doc;
    int64_t asids = 0;

    (void)state;
    stage_open(&st, "aarch64", ops);
    stage_look(&st, stage_events(&st), false);
    doc = stage_json(&st, PANE_TLB);
    for (struct json v = json_first(array_of(json_root(doc), "entries")); v.node; v = json_next(v)) {
        assert_int_equal(hex_of(v, "page"), 0x405000);
        assert_false(flag_of(v, "stale"));
        asids += number_of(v, "asid");
    }
    assert_int_equal(asids, 0 + 7);
    json_free(doc);
    expect_text(stage_text(&st, PANE_TLB, 44, 20), "ASID 7");
    stage_close(&st);
}

/* 2^20 pages of 4 bytes, against a directory and one table. */
static void
the_price_of_the_tables_is_shown(void **state)
{
    struct stage st;
    struct json_doc *doc;

    (void)state;
    stage_open(&st, "i386", (const char *const[]){"spawn", "write 0x804b000 7", NULL});
    stage_look(&st, stage_events(&st), false);
    doc = stage_json(&st, PANE_COST);
    assert_int_equal(number_of(json_root(doc), "tables"), 2);
    assert_int_equal(number_of(json_root(doc), "table_bytes"), 8192);
    assert_int_equal(number_of(json_root(doc), "flat_bytes"), 4 << 20);
    json_free(doc);
    expect_text(stage_text(&st, PANE_COST, 60, 20), "page tables 2: 8 KiB  one flat table 4 MiB");
    stage_close(&st);
}

static void
poked_bytes_stand_in_memory(void **state)
{
    struct stage st;
    const char *text;

    (void)state;
    stage_open(&st, "x86-64", (const char *const[]){"spawn", "poke 0x20010 deadbeef", NULL});
    stage_look(&st, stage_events(&st), false);
    text = stage_text(&st, PANE_HEX, 70, 20);
    expect_text(text, "20010  de ad be ef 00 00 00 00  00");
    stage_close(&st);
}

static void
free_blocks_add_up(void **state)
{
    struct stage st;

    (void)state;
    stage_open(&st, "x86-64", story);
    for (uint64_t number = 1; number <= stage_events(&st); number += 11) {
        struct json_doc *doc;
        int64_t frames = 0;

        stage_look(&st, number, false);
        doc = stage_json(&st, PANE_BUDDY);
        for (struct json v = json_first(array_of(json_root(doc), "orders")); v.node; v = json_next(v)) {
            assert_int_equal(json_count(array_of(v, "blocks")), number_of(v, "count"));
            frames += number_of(v, "count") << number_of(v, "order");
        }
        if (st.scene.at.event == history_events(st.h, st.scene.at.op)) /* between events a block may be in the allocator's hands */
            assert_int_equal(frames, number_of(json_root(doc), "free"));
        json_free(doc);
    }
    stage_close(&st);
}

/* At the end of an operation the blocks of the tree cover it once, without a gap, each at a multiple of its size. */
static void
the_tree_is_tiled(void **state)
{
    static const char *const ops[] = {"alloc 100K", "alloc 300K", "spawn", "write 0x30000 1", "release 0x20000", "alloc 1M", NULL};
    struct stage st;

    (void)state;
    stage_open(&st, "toy64k", ops);
    for (uint64_t number = 1; number <= stage_events(&st); number++) {
        struct error e = {0};
        struct json tree;
        struct json_doc *doc;
        int64_t next;

        stage_look(&st, number, false);
        if (st.scene.at.event != history_events(st.h, st.scene.at.op))
            continue;
        doc = stage_json(&st, PANE_BUDDY);
        assert_true(json_get_object(json_root(doc), "tree", &tree, &e));
        next = number_of(tree, "frame");
        assert_int_equal(next % 32, 0);
        for (struct json v = json_first(array_of(tree, "blocks")); v.node; v = json_next(v)) {
            assert_int_equal(number_of(v, "frame"), next);
            assert_int_equal(next % (1 << number_of(v, "order")), 0);
            next += 1 << number_of(v, "order");
        }
        assert_int_equal(next, number_of(tree, "frame") + 32);
        json_free(doc);
    }
    stage_close(&st);
}

/* --- what may not be seen --- */

static void
ask(struct stage *st)
{
    st->scene.page.steps = st->scene.page.step = 1;
    st->scene.page.question = (struct scene_question){.state = ASK_OPEN, .text = "What comes next?", .right = SCENE_CHOICES};
}

/* Two machines that differ only in what comes later give the same picture while the gate stands between. */
static void
nothing_behind_the_gate_is_drawn(void **state)
{
    static const char *const common[] = {"spawn", "write 0x404010 7", "read 0x401000", NULL};
    struct stage a, b;
    uint64_t gate;

    (void)state;
    stage_open(&a, "x86-64", common);
    stage_open(&b, "x86-64", common);
    gate = stage_events(&a);
    stage_do(&a, "read 0x404000");
    stage_do(&b, "fork");
    stage_do(&b, "read 0x999000");
    for (int pane = 1; pane < PANES; pane++) {
        stage_look(&a, gate, true);
        stage_look(&b, gate, true);
        pane_focus(&a.scene.set, (enum pane_id)pane);
        pane_focus(&b.scene.set, (enum pane_id)pane);
        for (int zoom = 0; zoom < 2; zoom++) {
            char *other;

            a.scene.set.zoomed = b.scene.set.zoomed = zoom;
            other = strdup(stage_screen(&b, 200, 60));
            assert_string_equal(stage_screen(&a, 200, 60), other);
            free(other);
        }
    }
    stage_close(&a);
    stage_close(&b);
}

static void
an_open_question_hides_what_the_walk_has_not_read(void **state)
{
    struct stage st;
    struct json_doc *doc;
    char leaf[32], hidden_hex[32];
    paddr_t slot;

    (void)state;
    stage_open(&st, "x86-64", story);
    stage_look_at(&st, "data_write", 1, false);
    slot = st.scene.walk.slot[3];
    snprintf(leaf, sizeof leaf, "f%llx", (unsigned long long)(st.scene.walk.pa >> 12));
    snprintf(hidden_hex, sizeof hidden_hex, "%llx  ?? ?? ?? ?? ?? ?? ?? ??", (unsigned long long)slot);
    stage_look(&st, st.scene.number, false);
    stage_look_at(&st, "tlb_miss", 2, true); /* the restart: the page is mapped, the walk has not begun */
    expect_text(stage_text(&st, PANE_TREE, 60, 30), leaf);
    ask(&st);
    expect_no_text(stage_text(&st, PANE_TREE, 60, 30), leaf);
    expect_text(stage_text(&st, PANE_TREE, 60, 30), "[?] ?");
    st.scene.set.hex_follows = false;
    st.scene.set.hex_at = slot;
    doc = stage_json(&st, PANE_HEX);
    json_free(doc);
    expect_text(stage_text(&st, PANE_HEX, 78, 30), "?? ?? ?? ?? ?? ?? ?? ??");
    expect_no_text(stage_text(&st, PANE_ENTRY, 60, 20), leaf);
    expect_text(stage_text(&st, PANE_ADDRESS, 78, 8), "?");
    expect_text(stage_text(&st, PANE_TIMELINE, 60, 1), "/?");
    /* a wrong try gives nothing away either */
    st.scene.page.question.state = ASK_WRONG;
    expect_no_text(stage_text(&st, PANE_TREE, 60, 30), leaf);
    st.scene.page.question.state = ASK_RIGHT;
    expect_text(stage_text(&st, PANE_TREE, 60, 30), leaf);
    stage_close(&st);
}

/* --- places --- */

static bool
is_drawn(const struct canvas *c, enum pane_id pane)
{
    for (int i = 0; i < c->w * c->h; i++)
        if (c->cells[i].owner == pane)
            return true;
    return false;
}

static void
reach_every_pane(const char *machine, const char *const *ops)
{
    struct canvas *c = canvas_create(60, 18, GLYPHS_UNICODE);
    struct stage st;

    stage_open(&st, machine, ops);
    stage_look(&st, 1, true);
    for (int w = 60; w <= 220; w += 10)
        for (int h = 18; h <= 70; h += 4) {
            enum pane_id list[PANES];

            canvas_resize(c, w, h);
            unsigned n = screen_panes(&st.scene, w, h, list), seen = 0;

            for (unsigned i = 0; i < n; i++) {
                assert_false(seen >> list[i] & 1);
                seen |= 1u << list[i];
                pane_focus(&st.scene.set, list[i]);
                screen_draw(&st.scene, c);
                if (!is_drawn(c, list[i]))
                    fail_msg("%s has no place at %dx%d", pane_row[list[i]].name, w, h);
            }
            for (int i = PANE_NONE + 1; i < PANES; i++) /* the timeline is always there */
                if (i != PANE_TIMELINE && pane_belongs(&st.scene, (enum pane_id)i) && !(seen >> i & 1))
                    fail_msg("%s cannot be reached at %dx%d", pane_row[i].name, w, h);
        }
    canvas_destroy(c);
    stage_close(&st);
}

/* --- what a click means --- */

struct counted {
    unsigned kind[TARGET_SCROLL + 1];
    uint64_t slots, frames;
};

static struct counted
count_targets(const struct stage *st, const struct canvas *c)
{
    struct counted n = {{0}, 0, 0};

    for (int y = 0; y < c->h; y++)
        for (int x = 0; x < c->w; x++) {
            struct target t = canvas_target_at(c, x, y);
            enum pane_id pane = (enum pane_id)canvas_cell(c, x, y)->owner;

            n.kind[t.kind]++;
            if (t.kind == TARGET_ITEM && pane == PANE_TREE) {
                n.slots++;
                assert_true(t.b < 4 && t.a % 8 == 0 && t.a < UINT64_C(4096) * 4096);
            } else if (t.kind == TARGET_ITEM && pane == PANE_FRAMES) {
                n.frames++;
                assert_true(t.a < st->scene.now->hw.geo.frames);
            } else if (t.kind == TARGET_PANE) {
                assert_true(t.a > PANE_NONE && t.a < PANES);
            } else if (t.kind == TARGET_TIME) {
                assert_true(t.a >= st->scene.origin && t.a <= st->scene.numbers);
            }
        }
    return n;
}

/* Selecting what a cell names puts the cursor onto that cell, in every pane that has a selection. */
static void
a_target_selects_what_is_drawn_there(void **state)
{
    static const enum pane_id panes[] = {PANE_TREE, PANE_TLB, PANE_FRAMES, PANE_HEX};
    struct canvas *c = canvas_create(200, 60, GLYPHS_UNICODE), *after = canvas_create(200, 60, GLYPHS_UNICODE);
    struct stage st;
    struct counted n;

    (void)state;
    stage_open(&st, "x86-64", story);
    stage_look(&st, 20, true);
    screen_draw(&st.scene, c);
    n = count_targets(&st, c);
    assert_true(n.slots > 20 && n.frames >= 64 && n.kind[TARGET_TIME] > 100 && n.kind[TARGET_PANE] > 50);
    for (size_t p = 0; p < sizeof panes / sizeof *panes; p++) {
        struct scene_settings kept = st.scene.set;
        unsigned tried = 0;

        for (int i = 0; i < c->w * c->h; i += 7) {
            struct target t = c->targets[c->cells[i].target];
            bool marked = false;

            if (c->cells[i].owner != panes[p] || t.kind != TARGET_ITEM)
                continue;
            tried++;
            pane_select(panes[p], t.a, t.b, &st.scene.set);
            screen_draw(&st.scene, after);
            for (int k = 0; k < c->w * c->h; k++)
                if (after->cells[k].flags & CELL_FOCUS) {
                    struct target there = after->targets[after->cells[k].target];
                    assert_true(there.kind == TARGET_ITEM && there.a == t.a && (there.b == t.b || panes[p] == PANE_HEX));
                    marked = true;
                }
            assert_true(marked);
            assert_int_equal(st.scene.set.focus, panes[p]);
            st.scene.set = kept;
        }
        assert_true(tried > 3);
    }
    canvas_destroy(c);
    canvas_destroy(after);
    stage_close(&st);
}

/* The first cell of the timeline is the beginning, the last the end, and numbers never fall between them. */
static void
the_timeline_names_times_in_order(void **state)
{
    struct canvas *c = canvas_create(120, 1, GLYPHS_UNICODE);
    struct stage st;
    uint64_t last = 0;

    (void)state;
    stage_open(&st, "x86-64", story);
    stage_look(&st, 20, true);
    for (int w = 10; w <= 120; w += 11) {
        struct target t = {TARGET_NONE, 0, 0};

        canvas_clear(c);
        pane_row[PANE_TIMELINE].draw(&st.scene, c, rect_of(0, 0, w, 1));
        last = st.scene.origin;
        assert_int_equal(canvas_target_at(c, 0, 0).a, last);
        for (int x = 0; x < w && canvas_target_at(c, x, 0).kind == TARGET_TIME; x++) {
            t = canvas_target_at(c, x, 0);
            assert_true(t.a >= last);
            last = t.a;
        }
        assert_int_equal(last, st.scene.numbers);
    }
    canvas_destroy(c);
    stage_close(&st);
}

static void
every_pane_can_be_reached_at_every_size(void **state)
{
    (void)state;
    reach_every_pane("x86-64", story);
    if (slowness() >= 40)
        return;
    reach_every_pane("csapp", csapp_story);
    reach_every_pane("partitions", piece_story);
    reach_every_pane("segments", segment_story);
}

/* Wide letters in the story: the border right of it stands in one column. */
static void
chinese_keeps_the_columns(void **state)
{
    struct canvas *c = canvas_create(80, 24, GLYPHS_UNICODE);
    struct stage st;

    (void)state;
    stage_open(&st, "x86-64", story);
    stage_look(&st, 20, true);
    st.scene.page = (struct scene_page){.steps = 3, .step = 1, .part = "地址转换", .lesson_title = "四级页表：一次完整的翻译过程，从头到尾看一遍再看一遍",
                                        .title = "第一次读取", .text = "程序读取一个字节，TLB 从未见过这一页，于是 MMU 从 CR3 开始，每一级读取一个表项。"};
    screen_draw(&st.scene, c);
    for (int y = 1; y <= 19; y++) {
        assert_true(canvas_cell(c, 0, y)->line != 0);
        assert_true(canvas_cell(c, 33, y)->line != 0);
    }
    for (int y = 0; y < 24; y++)
        for (int x = 0; x < 80; x++)
            if (canvas_cell(c, x, y)->width == 2)
                assert_true(x < 79 && canvas_cell(c, x + 1, y)->width == 0);
    canvas_destroy(c);
    stage_close(&st);
}

/* A position looks the same whichever way one came. */
static void
direction_leaves_no_trace(void **state)
{
    struct stage st;
    char **forth;
    uint64_t n;

    (void)state;
    stage_open(&st, "x86-64", story);
    n = stage_events(&st);
    forth = calloc(n + 1, sizeof *forth);
    for (uint64_t i = 0; i <= n; i++) {
        stage_look(&st, i, true);
        forth[i] = strdup(stage_screen(&st, 160, 45));
    }
    for (uint64_t i = n + 1; i-- > 0;) {
        stage_look(&st, i, true);
        assert_string_equal(stage_screen(&st, 160, 45), forth[i]);
        free(forth[i]);
    }
    free(forth);
    stage_close(&st);
}

/* --- selections --- */

static void
a_selected_entry_is_a_subject(void **state)
{
    struct subject sub;
    struct stage st;

    (void)state;
    stage_open(&st, "x86-64", story);
    stage_look_at(&st, "data_write", 1, false);
    pane_focus(&st.scene.set, PANE_TREE);
    assert_true(pane_subject(&st.scene, PANE_TREE, &sub)); /* nothing picked: the entry it marks */
    assert_int_equal(sub.a, st.scene.walk.slot[3]);
    pane_move(&st.scene, PANE_TREE, 0, 1, &st.scene.set); /* takes hold of the last entry of the way */
    assert_true(pane_subject(&st.scene, PANE_TREE, &sub));
    assert_int_equal(sub.kind, SUBJECT_MEMORY);
    assert_int_equal(sub.a, st.scene.walk.slot[3]);
    assert_int_equal(sub.n, 8);
    pane_move(&st.scene, PANE_TREE, 0, -1, &st.scene.set);
    assert_true(pane_subject(&st.scene, PANE_TREE, &sub));
    assert_int_equal(sub.a, st.scene.walk.slot[2]); /* its only neighbour above is the entry that named the table */
    pane_focus(&st.scene.set, PANE_TLB);
    assert_false(pane_subject(&st.scene, PANE_TLB, &sub)); /* a selection stays in its pane */
    stage_close(&st);
}

static void
cursors_stop_at_the_ends(void **state)
{
    struct stage st;

    (void)state;
    stage_open(&st, "x86-64", story);
    stage_look(&st, stage_events(&st), false);
    for (int pane = 1; pane < PANES; pane++) {
        struct subject sub;

        pane_focus(&st.scene.set, (enum pane_id)pane);
        for (int i = 0; i < 40; i++)
            pane_move(&st.scene, (enum pane_id)pane, 999, 999, &st.scene.set);
        if (pane == PANE_FRAMES && pane_subject(&st.scene, PANE_FRAMES, &sub))
            assert_int_equal(sub.a, 4095);
        if (pane == PANE_HEX && pane_subject(&st.scene, PANE_HEX, &sub))
            assert_in_range(sub.a, 0, 4096 * 4096 - 1);
        stage_screen(&st, 120, 40);
        for (int i = 0; i < 80; i++)
            pane_move(&st.scene, (enum pane_id)pane, -999, -999, &st.scene.set);
        if (pane == PANE_FRAMES && pane_subject(&st.scene, PANE_FRAMES, &sub))
            assert_int_equal(sub.a, 0);
        if (pane == PANE_TLB && pane_subject(&st.scene, PANE_TLB, &sub))
            assert_int_equal(sub.b, 0);
        stage_screen(&st, 120, 40);
    }
    stage_close(&st);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_story_tells_how_it_ended),
        cmocka_unit_test(panes_stay_in_their_rectangle),
        cmocka_unit_test(every_screen_size_can_be_drawn),
        cmocka_unit_test(too_small_a_window_says_what_it_needs),
        cmocka_unit_test(an_address_is_cut_into_its_indices),
        cmocka_unit_test(i386_has_two_indices_of_ten_bits),
        cmocka_unit_test(the_physical_address_is_frame_and_offset),
        cmocka_unit_test(the_tree_shows_the_tables_bytes),
        cmocka_unit_test(a_stale_tlb_entry_is_found),
        cmocka_unit_test(a_hit_is_marked_in_the_tlb),
        cmocka_unit_test(the_cache_marks_what_was_hit_filled_and_evicted),
        cmocka_unit_test(a_machine_with_a_cache_shows_tags),
        cmocka_unit_test(an_open_question_hides_the_parts),
        cmocka_unit_test(the_frame_map_counts_right),
        cmocka_unit_test(free_memory_is_summed_up),
        cmocka_unit_test(a_selected_free_frame_has_its_row),
        cmocka_unit_test(resident_pages_add_up_to_rss),
        cmocka_unit_test(an_entry_is_decoded_bit_by_bit),
        cmocka_unit_test(a_large_entry_is_decoded_as_one),
        cmocka_unit_test(an_entry_that_names_a_table_grants_nothing),
        cmocka_unit_test(the_tree_is_that_of_the_address),
        cmocka_unit_test(asids_of_a_hand_are_told_apart),
        cmocka_unit_test(an_entry_says_where_its_frame_stands),
        cmocka_unit_test(the_price_of_the_tables_is_shown),
        cmocka_unit_test(poked_bytes_stand_in_memory),
        cmocka_unit_test(free_blocks_add_up),
        cmocka_unit_test(the_tree_is_tiled),
        cmocka_unit_test(nothing_behind_the_gate_is_drawn),
        cmocka_unit_test(an_open_question_hides_what_the_walk_has_not_read),
        cmocka_unit_test(every_pane_can_be_reached_at_every_size),
        cmocka_unit_test(a_target_selects_what_is_drawn_there),
        cmocka_unit_test(the_timeline_names_times_in_order),
        cmocka_unit_test(chinese_keeps_the_columns),
        cmocka_unit_test(direction_leaves_no_trace),
        cmocka_unit_test(a_selected_entry_is_a_subject),
        cmocka_unit_test(cursors_stop_at_the_ends),
    };

    return RUN_TESTS(tests);
}
