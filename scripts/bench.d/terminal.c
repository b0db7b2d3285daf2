/* The program behind a terminal of 200 x 60: from exec to the last byte of the first screen, from a
 * key to the last byte of its answer, and the memory it takes when a lesson has been told to its
 * end. Keys: every lesson event by event for the first time (questions are skipped with S), the
 * first one then back and forth by event and by page, the playground the same after the operations
 * below.
 *
 * Held against the target is the p99 of the time from key to last byte without the time in which
 * the program was ready and others had the CPUs, in the quietest of some rounds of the same keys.
 * The time on the clock, with everything in it, and on the CPU stand beside it. Neighbours that are
 * installed start in turn with ours. */
#include <cjson/cJSON.h>

#include "pty.h"

enum {
    WIDTH = 200,
    HEIGHT = 60,
    STARTS = 25,
    LESSONS_MAX = 32,
    ROUNDS = 4,
    KEYS = 500,
    KEYS_MAX = 16384,
    TELLING_MAX = 3000
};

static const char *program;
static char home[] = "/tmp/bench-home-XXXXXX";

static const char *const operations[] = {
    "mmap 0x10000000 64K rw",
    "write 0x10000000 1",
    "write 0x10001000 2",
    "read 0x10002000",
    "fork",
    "write 0x10000000 3",
    "switch 2",
    "write 0x10001008 4",
    "read 0x404000",
    "write 0x404000 5",
    "brk 0x410000",
    "write 0x40f000 6",
    "munmap 0x10002000 8K",
    "read 0x900000000",
    "switch 1",
    "write 0x10000010 7",
    "read 0x10001000",
    "flush",
    "read 0x10000000",
};

/* --- starting -----------------------------------------------------------------------------------
 */

struct start {
    const char *name, *target;
    const char *argv[6];
    double wall[STARTS], cpu[STARTS];
    int tried;
};

static void
start_once(struct start *s)
{
    struct pty p;
    double waited;

    if (!pty_open(&p, WIDTH, HEIGHT, s->argv))
        return;
    if (pty_settle(&p, 3000) && s->tried < STARTS) {
        s->wall[s->tried] = p.last - p.started;
        pty_times(&p, &s->cpu[s->tried++], &waited);
    }
    pty_close(&p);
}

static int
is_installed(const char *name)
{
    char path[64];

    snprintf(path, sizeof path, "/usr/bin/%s", name);
    return strchr(name, '/') || access(path, X_OK) == 0;
}

static void
start_report(struct start *s)
{
    if (!s->tried)
        return;
    bench_times(s->name, s->wall, s->tried, s->target, "-");
    bench_part(s->name, "cpu_median", percentile(s->cpu, s->tried, 50), "ms", "-");
}

static void
measure_starts(const char *lesson)
{
    static struct start start[] = {
        {.name = "start_map", .target = "<30"},
        {.name = "start_lesson", .target = "<30", .argv = {NULL, "learn"}},
        {.name = "start_play", .target = "<30", .argv = {NULL, "play"}},
        {.name = "start_tig", .target = "-", .argv = {"tig"}},
        {.name = "start_htop", .target = "-", .argv = {"htop"}},
        {.name = "start_vis", .target = "-", .argv = {"vis", "Makefile"}},
        {.name = "start_vim", .target = "-", .argv = {"vim", "-n", "-u", "NONE", "Makefile"}},
        {.name = "start_less", .target = "-", .argv = {"less", "Makefile"}},
    };
    int count = (int)(sizeof start / sizeof *start);

    start[0].argv[0] = start[1].argv[0] = start[2].argv[0] = program;
    start[1].argv[2] = lesson;
    for (int round = -2; round < STARTS; round++) /* two to warm up */
        for (int i = 0; i < count; i++)
            if (is_installed(start[i].argv[0])) {
                if (round == 0)
                    start[i].tried = 0;
                start_once(&start[i]);
            }
    for (int i = 0; i < count; i++)
        start_report(&start[i]);
}

/* --- keys ---------------------------------------------------------------------------------------
 */

struct keys {
    double wall[KEYS_MAX], own[KEYS_MAX], cpu[KEYS_MAX]; /* own: the clock without the waiting */
    int count, round[ROUNDS + 1];                        /* where each round's keys begin */
    int rounds;
};

/* Press it and wait for the answer; false: the screen did not change. */
static int
press(struct pty *p, const char *key, struct keys *k)
{
    double cpu[2], waited[2], start;

    pty_times(p, &cpu[0], &waited[0]);
    start = now_ms();
    pty_type(p, key);
    if (!pty_settle(p, 40))
        return 0;
    pty_times(p, &cpu[1], &waited[1]);
    if (k && k->count < KEYS_MAX) {
        k->wall[k->count] = p->last - start;
        k->own[k->count] = p->last - start - (waited[1] - waited[0]);
        k->cpu[k->count++] = cpu[1] - cpu[0];
    }
    return 1;
}

static void
round_ends(struct keys *k)
{
    k->round[++k->rounds] = k->count;
}

static double
quietest_p99(struct keys *k)
{
    double best = 1e9, p99;

    for (int i = 0; i < k->rounds; i++) {
        p99 = percentile(k->own + k->round[i], k->round[i + 1] - k->round[i], 99);
        best = p99 < best ? p99 : best;
    }
    return best;
}

static void
keys_report(const char *what, struct keys *k)
{
    char name[64];

    bench_part(what, "p99", quietest_p99(k), "ms", "<5");
    snprintf(name, sizeof name, "%s_clock", what);
    bench_times(name, k->wall, k->count, "-", "-");
    snprintf(name, sizeof name, "%s_cpu", what);
    bench_times(name, k->cpu, k->count, "-", "-");
    bench_part(what, "keys", k->count, "count", ">500");
}

/* A round of keys; where it goes no further it turns round. */
static void
back_and_forth(struct pty *p, const char *back, const char *forth, struct keys *k)
{
    int wanted = k->count + KEYS, still = 0;
    const char *key = back;

    while (k->count < wanted && still < 4 && !p->ended) {
        if (press(p, key, k)) {
            still = 0;
            continue;
        }
        still++;
        key = key == back ? forth : back;
    }
    round_ends(k);
}

#define KEY_RIGHT "\033OC"
#define KEY_LEFT "\033OD"
#define KEY_PAGE_DOWN "\033[6~"
#define KEY_PAGE_UP "\033[5~"

static void
measure_moves(struct pty *p, const char *where)
{
    static struct keys events, pages;
    char name[32];

    events.count = pages.count = events.rounds = pages.rounds = 0;
    for (int i = 0; i < ROUNDS; i++) {
        back_and_forth(p, KEY_LEFT, KEY_RIGHT, &events);
        back_and_forth(p, KEY_PAGE_UP, KEY_PAGE_DOWN, &pages);
    }
    snprintf(name, sizeof name, "key_%s_event", where);
    keys_report(name, &events);
    snprintf(name, sizeof name, "key_%s_page", where);
    keys_report(name, &pages);
}

static void
measure_playground(void)
{
    const char *argv[] = {program, "play", NULL};
    char line[96];
    struct pty p;

    if (!pty_open(&p, WIDTH, HEIGHT, argv) || !pty_settle(&p, 3000))
        return;
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        snprintf(line, sizeof line, ":%s\r", operations[i]);
        press(&p, line, NULL);
    }
    measure_moves(&p, "playground");
    pty_close(&p);
}

/* --- lessons ------------------------------------------------------------------------------------
 */

static void
progress_path(char *out, size_t size)
{
    snprintf(out, size, "%s/.local/state/pagewalk/progress.json", home);
}

/* The program keeps the place a moment after the last key; the file then says what is done. */
static int
is_finished(struct pty *p)
{
    char path[128], text[8192];
    FILE *f;

    for (double until = now_ms() + 1600; now_ms() < until;)
        pty_read(p, 100);
    progress_path(path, sizeof path);
    if (!(f = fopen(path, "r")))
        return 0;
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    return strstr(text, "\"done\"") != NULL;
}

static void
memory_report(const struct pty *p, const char *lesson, const char *target)
{
    static const char *const what[][3] = {
        {"resident", "status", "VmRSS"},
        {"resident_peak", "status", "VmHWM"},
        {"proportional", "smaps_rollup", "Pss"},
        {"private", "status", "RssAnon"},
    };
    char name[96];

    snprintf(name, sizeof name, "%.79s_told", lesson);
    for (size_t i = 0; i < sizeof what / sizeof *what; i++)
        bench_part(name, what[i][0], pty_memory(p, what[i][1], what[i][2]), "MiB",
                   i == 0 ? target : "-");
}

/* The first telling: what a key costs includes running the lesson's Lua and its clones. */
static int
tell_lesson(struct pty *p, struct keys *told)
{
    int finished = 0;

    for (int i = 0; i < TELLING_MAX && !finished && !p->ended; i += 200) {
        for (int k = 0; k < 100; k++) {
            press(p, KEY_RIGHT, told);
            press(p, "S", told);
        }
        finished = is_finished(p);
    }
    return finished;
}

/* From nothing known about it to its end. */
static int
visit_lesson(const char *lesson, int round, int first, struct keys *told)
{
    const char *argv[] = {program, "learn", lesson, NULL};
    char path[128];
    struct pty p;
    int finished;

    progress_path(path, sizeof path);
    unlink(path);
    if (!pty_open(&p, WIDTH, HEIGHT, argv) || !pty_settle(&p, 3000))
        return 0;
    finished = tell_lesson(&p, told);
    if (!finished)
        printf("%s was not told to its end\n", lesson);
    if (round == 0)
        memory_report(&p, lesson, first ? "<12" : "-");
    if (round == 0 && first)
        measure_moves(&p, "lesson");
    pty_close(&p);
    return finished;
}

static int
measure_lessons(char lesson[][80], int lessons)
{
    static struct keys told;
    int finished = 0;

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < lessons; i++)
            finished += visit_lesson(lesson[i], round, i == 0, &told);
        round_ends(&told);
    }
    keys_report("key_told", &told);
    return finished == 2 * lessons;
}

/* The lessons of the course, in order. */
static int
list_lessons(char out[][80])
{
    static char text[1 << 16];
    char command[512];
    const cJSON *item;
    cJSON *list;
    FILE *f;
    int n = 0;

    snprintf(command, sizeof command, "'%s' list --format json", program);
    if (!(f = popen(command, "r")))
        return 0;
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    pclose(f);
    list = cJSON_Parse(text);
    cJSON_ArrayForEach(item, cJSON_GetObjectItem(list, "lessons"))
    {
        const cJSON *id = cJSON_GetObjectItem(item, "id");
        if (cJSON_IsString(id) && n < LESSONS_MAX)
            snprintf(out[n++], 80, "%s", id->valuestring);
    }
    cJSON_Delete(list);
    return n;
}

static int
settle_in(void)
{
    static const char *const elsewhere[] = {"XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME",
                                            "XDG_CACHE_HOME"};

    program = getenv("PAGEWALK") ? getenv("PAGEWALK") : "build/pagewalk";
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        unsetenv(elsewhere[i]);
    return mkdtemp(home) && setenv("HOME", home, 1) == 0;
}

int
main(void)
{
    static char lesson[LESSONS_MAX][80];
    int lessons = settle_in() ? list_lessons(lesson) : 0;
    char clean[128];
    int ok;

    if (!lessons) {
        printf("no lesson to measure\n");
        return 1;
    }
    measure_starts(lesson[0]);
    ok = measure_lessons(lesson, lessons);
    measure_playground();
    snprintf(clean, sizeof clean, "rm -rf '%s'", home);
    return system(clean) != 0 || !ok;
}
