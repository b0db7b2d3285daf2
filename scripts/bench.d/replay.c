/* Counting page replacement, against an ordinary simulator (tests/support/ordinary.c) that is run in
 * turn with it: A B A B ... Each run is a process of its own, from fork to exit, that reads the trace
 * from a file already in the page cache; what is compared is the CPU time of the process, since
 * neither waits for anything. A reads 64 KiB at a time; B maps the file and is told the next uses for
 * opt. B has a hash table of 2^24 chains, as the best known of its kind ships ("plain"), or one that
 * fits the memory that is simulated ("fitted"). Both must find the same faults.
 *
 * When the program has the command, `pagewalk replay` is timed too, start-up and report included.
 * The goals are ten times (lfu and opt eight, the curve twenty); targets are half of them, because
 * neighbours on a machine take more from tables that fit its cache than from those that never did. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assert.h"
#include "bench.h"
#include "replay/replay.h"
#include "support/ordinary.h"
#include "support/trace.h"

enum { ROUNDS = 5, BUFFER = 8192, PLAIN_BITS = 24, CURVE = POLICIES };

static char folder[] = "/tmp/pagewalk-bench-XXXXXX";

struct task {
    const char *trace;
    int policy; /* or CURVE */
    uint64_t frames;
    int rounds;
    const char *plain_target, *fitted_target;
};

/* What one process took, and what it found. */
struct cost {
    double seconds, peak_mib;
    uint64_t faults;
};

/* --- processes ----------------------------------------------------------------------------------
 */

static void
path_of(const char *trace, const char *kind, char *out, size_t size)
{
    snprintf(out, size, "%s/%s.%s", folder, trace, kind);
}

/* Work in a child; what it returns comes back through a pipe. */
static struct cost
in_a_process(uint64_t (*work)(const struct task *t, unsigned bits), const struct task *t,
             unsigned bits)
{
    struct cost c = {0};
    struct rusage usage;
    int ends[2], status;
    pid_t child;

    pw_assert(pipe(ends) == 0);
    fflush(stdout);
    child = fork();
    if (child == 0) {
        uint64_t found = work(t, bits);
        _exit(write(ends[1], &found, sizeof found) != sizeof found);
    }
    close(ends[1]);
    if (read(ends[0], &c.faults, sizeof c.faults) != sizeof c.faults)
        c.faults = 0;
    pw_assert(wait4(child, &status, 0, &usage) == child && status == 0);
    close(ends[0]);
    c.seconds = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    c.peak_mib = (double)usage.ru_maxrss / 1024;
    return c;
}

static const void *
map_file(const struct task *t, const char *kind, size_t *bytes)
{
    char path[128];
    struct stat st;
    const void *at;
    int fd;

    path_of(t->trace, kind, path, sizeof path);
    fd = open(path, O_RDONLY);
    pw_assert(fd >= 0 && fstat(fd, &st) == 0);
    *bytes = (size_t)st.st_size;
    at = mmap(NULL, *bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    pw_assert(at != MAP_FAILED);
    close(fd);
    return at;
}

static uint64_t
write_trace(const struct task *t, unsigned bits)
{
    static uint64_t page[BUFFER];
    struct trace *trace = trace_open(t->trace);
    char path[128];
    FILE *file;
    uint64_t refs = 0;
    size_t n;

    (void)bits;
    path_of(t->trace, "u64", path, sizeof path);
    file = fopen(path, "wb");
    pw_assert(file);
    for (; (n = trace_read(trace, page, BUFFER)) > 0; refs += n)
        pw_assert(fwrite(page, sizeof *page, n, file) == n);
    pw_assert(fclose(file) == 0);
    trace_close(trace);
    return refs;
}

static uint64_t
write_next_uses(const struct task *t, unsigned bits)
{
    size_t bytes, n;
    const uint64_t *page = map_file(t, "u64", &bytes);
    uint32_t *next = malloc(bytes / 2);
    char path[128];
    FILE *file;

    n = bytes / sizeof *page;
    path_of(t->trace, "next", path, sizeof path);
    file = fopen(path, "wb");
    pw_assert(next && file);
    ordinary_next_uses(bits, page, n, next);
    pw_assert(fwrite(next, sizeof *next, n, file) == n && fclose(file) == 0);
    return n;
}

/* --- A and B ------------------------------------------------------------------------------------
 */

/* Of the curve, the faults with t->frames frames. */
static uint64_t
run_replay(const struct task *t, unsigned bits)
{
    static uint64_t page[BUFFER];
    bool curve = t->policy == CURVE;
    struct replay_run run = {.policy = (enum policy)t->policy, .frames = t->frames};
    struct replay_want want = {.run = &run, .runs = curve ? 0 : 1, .curve = curve};
    struct error e = {0};
    struct replay *r = replay_open(&want, &e);
    struct block b = {.page = page};
    char path[128];
    ssize_t got;
    size_t n;
    int fd;

    (void)bits;
    path_of(t->trace, "u64", path, sizeof path);
    fd = open(path, O_RDONLY);
    pw_assert(r && fd >= 0);
    while ((got = read(fd, page, sizeof page)) > 0) {
        b.n = (size_t)got / sizeof *page;
        pw_assert(replay_feed(r, &b, &e));
    }
    pw_assert(replay_end(r, &e));
    if (!curve)
        return run.faults;
    const uint64_t *faults = replay_curve(r, &n);
    return faults[(t->frames < n ? t->frames : n) - 1];
}

static uint64_t
run_ordinary(const struct task *t, unsigned bits)
{
    size_t bytes, n;
    const uint64_t *page = map_file(t, "u64", &bytes);
    const uint32_t *next = t->policy == POLICY_OPT ? map_file(t, "next", &n) : NULL;
    uint64_t *hits, faults;

    n = bytes / sizeof *page;
    if (t->policy != CURVE)
        return ordinary_faults((enum policy)t->policy, t->frames, bits, page, next, n);
    hits = calloc(n + 1, sizeof *hits);
    pw_assert(hits);
    ordinary_depths(bits, page, n, hits);
    faults = n;
    for (uint64_t d = 1; d <= t->frames && d <= n; d++)
        faults -= hits[d];
    return faults;
}

/* The program, its report thrown away; no faults come back. */
static uint64_t
run_program(const struct task *t, unsigned bits)
{
    const char *program = getenv("PAGEWALK");
    char path[128], frames[24];

    (void)bits;
    path_of(t->trace, "u64", path, sizeof path);
    snprintf(frames, sizeof frames, "%llu", (unsigned long long)t->frames);
    if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
        _exit(1);
    execl(program ? program : "build/pagewalk", "pagewalk", "replay", path, "--input", "u64",
          "--policy", policy_row[t->policy].name, "--frames", frames, (char *)NULL);
    _exit(1);
}

/* Asked once, of a lonely reference. */
static bool
program_replays(void)
{
    char command[256];
    const char *program = getenv("PAGEWALK");

    snprintf(command, sizeof command,
             "echo 1 | %s replay - --input pages --policy lru --frames 1 >/dev/null 2>&1",
             program ? program : "build/pagewalk");
    return system(command) == 0;
}

/* --- reports ------------------------------------------------------------------------------------
 */

static unsigned
bits_for(uint64_t frames)
{
    unsigned bits = 10;

    while (bits < PLAIN_BITS && UINT64_C(1) << bits < 4 * frames)
        bits++;
    return bits;
}

static const char *
name_of(const struct task *t, char *out, size_t size)
{
    snprintf(out, size, "replay_%s_%llu_%s", t->trace, (unsigned long long)t->frames,
             t->policy == CURVE ? "curve" : policy_row[t->policy].name);
    return out;
}

/* How many times less CPU time A takes. */
static double
ratio(const struct task *t, unsigned bits, double *seconds, double *peak_mib)
{
    double ratios[ROUNDS], a_seconds[ROUNDS], peaks[ROUNDS];

    for (int i = 0; i < t->rounds; i++) {
        struct cost a = in_a_process(run_replay, t, 0), b = in_a_process(run_ordinary, t, bits);
        pw_assert(a.faults == b.faults);
        ratios[i] = b.seconds / a.seconds;
        a_seconds[i] = a.seconds;
        peaks[i] = a.peak_mib;
    }
    *seconds = percentile(a_seconds, t->rounds, 50);
    *peak_mib = percentile(peaks, t->rounds, 50);
    return percentile(ratios, t->rounds, 50);
}

static void
measure_program(const struct task *t, const char *name, double refs)
{
    double seconds[ROUNDS], peak = 0;

    for (int i = 0; i < t->rounds; i++) {
        struct cost c = in_a_process(run_program, t, 0);
        seconds[i] = c.seconds;
        peak = c.peak_mib;
    }
    bench_part(name, "program_rate", refs / percentile(seconds, t->rounds, 50) / 1e6, "M/s", "-");
    bench_part(name, "program_peak", peak, "MiB", "-");
}

static void
measure(const struct task *t, double refs, bool program)
{
    char name[64];
    double seconds, peak, plain, fitted;
    bool small = t->policy == POLICY_FIFO || t->policy == POLICY_LRU || t->policy == POLICY_CLOCK;

    name_of(t, name, sizeof name);
    fitted = ratio(t, t->policy == CURVE ? 20 : bits_for(t->frames), &seconds, &peak);
    if (t->plain_target) {
        plain = ratio(t, PLAIN_BITS, &seconds, &peak);
        bench_part(name, "times_plain", plain, "x", t->plain_target);
    }
    bench_part(name, "times_fitted", fitted, "x", t->fitted_target);
    bench_part(name, "rate", refs / seconds / 1e6, "M/s", "-");
    bench_part(name, "peak", peak, "MiB", small ? "<16" : "-");
    if (program && t->policy != CURVE)
        measure_program(t, name, refs);
}

static const struct task tasks[] = {
    {"zipf10", POLICY_FIFO, 65536, ROUNDS, ">5", ">2"},
    {"zipf10", POLICY_LRU, 65536, ROUNDS, ">5", ">2"},
    {"zipf10", POLICY_CLOCK, 65536, ROUNDS, ">5", ">2"},
    {"zipf10", POLICY_LFU, 65536, ROUNDS, ">4", ">2"},
    {"zipf10", POLICY_OPT, 65536, ROUNDS, ">4", ">2"},
    {"zipf10", CURVE, 65536, 1, NULL, ">10"},
    {"zipf10", POLICY_FIFO, 1024, ROUNDS, NULL, "-"},
    {"zipf10", POLICY_LRU, 1024, ROUNDS, NULL, "-"},
    {"loop100k", POLICY_FIFO, 65536, ROUNDS, NULL, "-"},
    {"loop100k", POLICY_LRU, 65536, ROUNDS, NULL, "-"},
    {"ls", POLICY_FIFO, 64, ROUNDS, NULL, "-"},
    {"ls", POLICY_LRU, 64, ROUNDS, NULL, "-"},
    {"ls", POLICY_CLOCK, 64, ROUNDS, NULL, "-"},
    {"ls", POLICY_LFU, 64, ROUNDS, NULL, "-"},
    {"ls", POLICY_OPT, 64, ROUNDS, NULL, "-"},
    {"ls", CURVE, 64, ROUNDS, NULL, "-"},
    {"sort", POLICY_FIFO, 64, ROUNDS, NULL, "-"},
    {"sort", POLICY_LRU, 64, ROUNDS, NULL, "-"},
    {"sort", CURVE, 64, ROUNDS, NULL, "-"},
};

static void
forget(const char *trace)
{
    char path[128];

    path_of(trace, "u64", path, sizeof path);
    unlink(path);
    path_of(trace, "next", path, sizeof path);
    unlink(path);
}

int
main(void)
{
    const char *written = "";
    bool program = program_replays();
    double refs = 0;

    pw_assert(mkdtemp(folder));
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++) {
        const struct task *t = &tasks[i];
        if (strcmp(t->trace, written) != 0) {
            if (*written)
                forget(written);
            written = t->trace;
            refs = (double)in_a_process(write_trace, t, 0).faults;
            in_a_process(write_next_uses, t, 20);
            in_a_process(run_replay, t, 0); /* the page cache is warm */
        }
        measure(t, refs, program);
    }
    forget(written);
    return rmdir(folder) != 0;
}
