/* A picture of 200 x 60 cells: x86-64 with two processes after a fork, every pane there is room
 * for, a page of a story with an open question. Positions go forwards through the whole history,
 * then backwards; the panes take the focus in turn. Gathering the scene (the history runs its
 * machine for that) and drawing it are timed apart. No randomness. Times are CPU times: nothing
 * here waits. */
#include <string.h>

#include "base/lang.h"
#include "bench.h"
#include "support/drive.h"
#include "test.h"
#include "view/pane.h"

enum { WIDTH = 200, HEIGHT = 60, PAGES = 24, FRAMES_MAX = 4096, WARM = 50 };

static const char *const begin[] = {
    "spawn",          "mmap 0x10000000 512K rw", "mmap 0x20000000 64K r private file=libc",
    "fetch 0x401000", "write 0x404010 7",
};

static const char *const end[] = {
    "read 0x20000000",
    "read 0x20001008",
    "fork",
    "write 0x10000010 9",
    "write 0x10003010 9",
    "switch 2",
    "read 0x10000010",
    "write 0x10000010 5",
    "write 0x10001010 5",
    "brk 0x420000",
    "write 0x410000 1",
    "munmap 0x10004000 16K",
    "mprotect 0x10000000 8K r",
    "read 0x10000010",
    "switch 1",
    "read 0x404010",
    "read 0x900000000",
};

static struct history *
prepare(void)
{
    struct preset preset;
    struct error e = {0};
    struct history *h;
    char line[64];

    drive_preset("x86-64", &preset);
    h = history_open(&preset, 1, &e);
    for (size_t i = 0; i < sizeof begin / sizeof *begin; i++)
        drive_history(h, begin[i]);
    for (int i = 0; i < PAGES; i++) {
        snprintf(line, sizeof line, "%s 0x%x", i % 3 ? "write" : "read", 0x10000000 + i * 0x1000);
        drive_history(h, line);
    }
    for (size_t i = 0; i < sizeof end / sizeof *end; i++)
        drive_history(h, end[i]);
    return h;
}

static void
tell_in_chinese(struct scene_page *page)
{
    page->lesson_title = "一个页，两个主人";
    page->title = "fork 之后的第一次写";
    page->text = "两个进程经由各自的表项读同一个页框，两边都没有写的权限。现在子进程要写一个字节。M"
                 "MU 拒绝，内核先看区域，再看这个页框有几个主人，"
                 "然后才复制：fork 的承诺一页一页地兑现，直到有人会察觉的那一刻。";
    page->after =
        "父进程的表项没有变：它仍是只读，要等到自己第一次写，那时只花一次缺页，不必再复制。";
    page->card_claim = "fork 会复制父进程的全部内存。";
    page->card_truth = "复制的只是页表。页框要等到写的时候才复制，一次一个。";
    page->question.text = "这次写完以后，这个页框归谁？";
}

static void
tell(struct scene_page *page, enum ask_state state)
{
    *page = (struct scene_page){
        .lesson_title = "One page, two owners",
        .part = "faults",
        .title = "The first write after the fork",
        .step = 5,
        .steps = 12,
        .text =
            "Both processes read the same frame through entries that have lost the right to write. "
            "Now the child writes one byte. "
            "The MMU refuses, the kernel looks at the area and at the number of owners, and only "
            "then is a frame copied: "
            "the promise of fork is kept page by page, at the moment when somebody would notice.",
        .after = "The parent's entry did not change: it stays read-only until its own first write, "
                 "which then costs a fault and no copy.",
        .card_claim = "fork copies the whole memory of the parent.",
        .card_truth =
            "It copies the tables. Frames are copied when they are written, one at a time.",
        .question =
            {
                .state = state,
                .text = "Who owns the frame after this write?",
                .choices = 4,
                .right = state == ASK_OPEN ? SCENE_CHOICES : 1,
                .choice = {"both, as before", "the parent alone", "the child alone",
                           "nobody: it is free"},
                .picked = 1,
                .because = state == ASK_OPEN
                               ? NULL
                               : "The child got a copy of its own, so one owner is left.",
                .hint = {"Count the owners.", "The child's entry names another frame now.",
                         "One of two left."},
                .hints = 3,
                .hints_shown = 2,
            },
    };
    if (lang_now() == LANG_ZH)
        tell_in_chinese(page);
}

struct samples {
    double gather[FRAMES_MAX], draw[FRAMES_MAX], whole[FRAMES_MAX];
    int count;
};

static void
one_frame(struct scene *s, struct history *h, struct canvas *c, struct position at,
          struct samples *into)
{
    double start = cpu_ms(), sought, gathered, drawn;

    history_seek(h, at);
    sought = cpu_ms();
    scene_gather(s, h, history_end(h));
    gathered = cpu_ms();
    screen_draw(s, c);
    drawn = cpu_ms();
    if (!into || into->count == FRAMES_MAX)
        return;
    into->gather[into->count] = gathered - sought;
    into->draw[into->count] = drawn - gathered;
    into->whole[into->count++] = drawn - start;
}

/* Through the history and back, a frame an event. */
static void
tour(struct scene *s, struct history *h, struct canvas *c, struct samples *into)
{
    uint64_t events = history_event_number(h, history_end(h));

    for (uint64_t i = 0; i < 2 * events; i++) {
        pane_focus(&s->set, (enum pane_id)(1 + i % (PANES - 1)));
        tell(&s->page, i % 5 ? ASK_RIGHT : ASK_OPEN);
        one_frame(s, h, c, history_at_number(h, i < events ? i : 2 * events - i), into);
    }
}

static void
in_language(enum lang lang, struct scene *s, struct history *h, struct canvas *c)
{
    static struct samples got;
    char name[32];

    got.count = 0;
    lang_use(lang);
    tour(s, h, c, &got);
    snprintf(name, sizeof name, "frame_%s_draw", lang_code[lang]);
    bench_times(name, got.draw, got.count, "<2", "<2");
    snprintf(name, sizeof name, "frame_%s_gather", lang_code[lang]);
    bench_times(name, got.gather, got.count, "-", "-");
    snprintf(name, sizeof name, "frame_%s", lang_code[lang]);
    bench_part(name, "rate", 1e3 / percentile(got.whole, got.count, 50), "/s", "-");
    bench_part(name, "p99_with_seek", percentile(got.whole, got.count, 99), "ms", "-");
    bench_part(name, "frames", got.count, "count", ">300");
}

int
main(void)
{
    static struct scene scene;
    struct history *h = prepare();
    struct canvas *c = canvas_create(WIDTH, HEIGHT, GLYPHS_UNICODE);
    struct error e = {0};
    double start;

    if (!lang_load("assets/lang", &e))
        fprintf(stderr, "no catalogue: %s\n", e.text);
    scene.set.hex_follows = true;
    scene.set.footer = "space next|enter next step|b back|tab pane|z zoom|: command|? help|q quit";
    for (int i = 0; i < WARM; i++)
        one_frame(&scene, h, c, history_end(h), NULL);
    start = now_ms();
    scene.mark = scene_marks(h, history_end(h), NULL, 0, &scene.marks);
    bench_line("frame_marks", now_ms() - start, "ms", "-");
    in_language(LANG_EN, &scene, h, c);
    in_language(LANG_ZH, &scene, h, c);
    free((void *)(uintptr_t)scene.mark);
    canvas_destroy(c);
    history_close(h);
    return 0;
}
