/* Bytes as a lesson's Lua text: it is refused with a reason, or told to its end or to its first
 * mistake, with every question answered and skipped, every page visited again and every task
 * tried. Whatever it does ends soon: the sandbox's limits are lowered here (the linker puts
 * __wrap_sandbox_open in the place of sandbox_open). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"
#include "lesson/player.h"
#include "lesson/sandbox.h"
#include "support/drive.h"
#include "support/fuzz.h"

enum { STEP = 30000, RUN = 200000, MEMORY = 2 << 20 };

struct sandbox *__real_sandbox_open(const struct sandbox_limits *limits, struct error *err);
struct sandbox *__wrap_sandbox_open(const struct sandbox_limits *limits, struct error *err);

struct sandbox *
__wrap_sandbox_open(const struct sandbox_limits *limits, struct error *err)
{
    struct sandbox_limits low = *limits;

    low.step_instructions = STEP;
    low.run_instructions = RUN;
    low.memory_bytes = MEMORY;
    return __real_sandbox_open(&low, err);
}

/* A lesson is a file: this one has no name. */
static int
as_file(const uint8_t *data, size_t size, char path[64])
{
    int fd = memfd_create("lesson", MFD_CLOEXEC);

    pw_assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, 64, "/proc/self/fd/%d", fd);
    return fd;
}

static void
is_reason(const struct error *e)
{
    pw_assert(e->code && e->text[0] && text_valid(e->text, strlen(e->text), NULL));
    pw_assert(!strpbrk(e->text, "\n\033"));
}

static void
answer_all(struct player *p)
{
    struct question *q;

    for (unsigned i = 0; (q = player_question(p, i)); i++) {
        player_answer_number(p, q, q->number + 1);
        for (unsigned c = q->choices; c-- > 0;)
            player_answer(p, q, c);
        player_answer_number(p, q, q->number);
        player_skip(p, q);
        pw_assert(q->answered);
    }
}

static void
visit(struct player *p, struct history *h, unsigned step)
{
    struct position start = player_step_start(p, step), end = player_step_end(p, step);
    struct error e = {0};
    struct outcome out;
    struct operation op = {.code = OP_FLUSH};
    bool holds;

    history_seek(h, end);
    history_seek(h, start);
    pw_assert(history_position(h).op == start.op);
    if (!player_step(p, step)->task[LANG_EN])
        return;
    history_seek(h, end);
    history_branch(h);
    if (history_act(h, &op, &out, &e))
        player_task_holds(p, step, &holds, &e);
    history_leave_branch(h);
    player_task_done(p, step, true);
}

static void
tell(const struct lesson *lesson, const struct preset *preset)
{
    struct error e = {0};
    struct history *h = history_open(preset, lesson->seed, &e);
    struct player *p = NULL;

    if (h)
        p = player_open(lesson, h, &e);
    while (p && player_tell(p, &e))
        continue;
    if (e.code)
        is_reason(&e);
    if (p) {
        answer_all(p);
        for (unsigned step = 1; step <= player_told(p); step++)
            visit(p, h, step);
    }
    player_close(p);
    if (h)
        history_close(h);
}

/* The machine by its name; toy16 for one that is none (a path is not followed here). */
static const struct preset *
machine_named(const char *name)
{
    static const char *const names[] = {"toy16", "x86-64", "i386", "la57"};
    static struct preset preset[4];
    unsigned found = 0;

    for (unsigned i = 0; i < 4; i++) {
        if (!preset[i].name[0])
            drive_preset(names[i], &preset[i]);
        if (strcmp(name, names[i]) == 0)
            found = i;
    }
    return &preset[found];
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lesson lesson = {0};
    struct error e = {0};
    char path[64];
    int fd = as_file(data, size, path);

    if (lesson_load(path, &lesson, &e)) {
        pw_assert(lesson.steps >= 1 && lesson.title[LANG_EN]);
        tell(&lesson, machine_named(lesson.machine));
        lesson_free(&lesson);
    } else {
        is_reason(&e);
    }
    close(fd);
    return 0;
}
