/* `pagewalk replay` against an ordinary simulator (tests/support/ordinary.c) that is run in turn with
 * it: A B A B ... Each run is a process of its own, from start to exit, reading a trace that is already
 * in the page cache; what is compared is how long it takes, by the clock on the wall. A is the program as
 * it is installed, its report included. It has two threads (replay/belt.h); "processors" is how many it
 * kept busy, so its lead in CPU time is so many times smaller. B has one, maps the file and is told the
 * next uses for opt. It has a hash table of 2^24 chains, as the best known of its kind ships ("plain"),
 * or one that fits the memory that is simulated ("fitted"). Both must find the same faults.
 *
 * The yardstick is the command-line simulator of libCacheSim, as it ships (hash tables of 2^24), which is
 * no package that could be installed. Run in turn with B on one machine, all their faults equal, it took
 * so many times as long as B as `yardstick` says below: medians of five, of the two ways to build it (with
 * and without tcmalloc) the quicker one. So A is as many times quicker than it as than B, times that.
 * Its clock is the dialect in which a page is loaded with R = 0, which does less.
 *
 * Targets are what the program is to reach on an idle machine; there is no allowance for another. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assert.h"
#include "bench.h"
#include "os/policy.h"
#include "support/ordinary.h"
#include "support/trace.h"

enum { ROUNDS = 5, BUFFER = 8192, PLAIN_BITS = 24, CURVE = POLICIES, REPORT = 16384 };

static char folder[] = "/tmp/pagewalk-bench-XXXXXX";

struct task {
    const char *trace;
    int policy; /* or CURVE */
    uint64_t frames;
    int rounds;
    bool fitted; /* compare with that one too, once */
    double yardstick;   /* how many times as long as B it takes; 0: not known */
    const char *target; /* how many times as long as A it is to take */
};

/* What one process took, and what it found. */
struct cost {
    double seconds, cpu_seconds, peak_mib;
    uint64_t faults;
};

/* --- processes ----------------------------------------------------------------------------------
 */

static void
path_of(const char *trace, const char *kind, char *out, size_t size)
{
    snprintf(out, size, "%s/%s.%s", folder, trace, kind);
}

static const char *
policy_of(const struct task *t)
{
    return t->policy == CURVE ? policy_row[POLICY_LRU].name : policy_row[t->policy].name;
}

/* All that comes out of the pipe; what does not fit is not looked at. */
static void
read_report(int fd, char *report)
{
    static char rest[REPORT];
    size_t length = 0;
    ssize_t got = 1;

    while (got > 0 && length < REPORT - 1) {
        got = read(fd, report + length, REPORT - 1 - length);
        length += got > 0 ? (size_t)got : 0;
    }
    report[length] = '\0';
    while (got > 0)
        got = read(fd, rest, sizeof rest);
}

/* A line "policy frames faults". */
static uint64_t
faults_in(const struct task *t, const char *report)
{
    char policy[16];
    unsigned long long frames, faults;

    for (const char *line = report; line; line = strchr(line, '\n'), line += line != NULL)
        if (sscanf(line, "%15s %llu %llu", policy, &frames, &faults) == 3 &&
            strcmp(policy, policy_of(t)) == 0 && frames == t->frames)
            return faults;
    pw_assert(!"a report with this policy and size");
    return 0;
}

/* Work in a child whose standard output is the report. */
static struct cost
in_a_process(void (*work)(const struct task *t, unsigned bits), const struct task *t, unsigned bits)
{
    static char report[REPORT];
    struct cost c = {0};
    struct rusage usage;
    int ends[2], status;
    const double begun = now_ms();
    pid_t child;

    fflush(stdout);
    pw_assert(pipe(ends) == 0);
    child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        work(t, bits);
        exit(0);
    }
    close(ends[1]);
    read_report(ends[0], report);
    close(ends[0]);
    pw_assert(wait4(child, &status, 0, &usage) == child && status == 0);
    c.seconds = (now_ms() - begun) / 1e3;
    c.cpu_seconds = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    c.peak_mib = (double)usage.ru_maxrss / 1024;
    c.faults = faults_in(t, report);
    return c;
}

static void
tell(const struct task *t, uint64_t faults)
{
    printf("%s %llu %llu\n", policy_of(t), (unsigned long long)t->frames,
           (unsigned long long)faults);
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

/* As faults, the references written. */
static void
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
    tell(t, refs);
}

static void
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
    tell(t, n);
}

/* --- A and B ------------------------------------------------------------------------------------
 */

static void
run_program(const struct task *t, unsigned bits)
{
    const char *program = getenv("PAGEWALK");
    char path[128], frames[24];

    (void)bits;
    path_of(t->trace, "u64", path, sizeof path);
    snprintf(frames, sizeof frames, "%llu", (unsigned long long)t->frames);
    execl(program ? program : "build/pagewalk", "pagewalk", "replay", path, "--input", "u64",
          "--policy", policy_of(t), "--frames", t->policy == CURVE ? "all" : frames, (char *)NULL);
    _exit(1);
}

/* Of the curve, the faults with t->frames frames. */
static void
run_ordinary(const struct task *t, unsigned bits)
{
    size_t bytes, n;
    const uint64_t *page = map_file(t, "u64", &bytes);
    const uint32_t *next = t->policy == POLICY_OPT ? map_file(t, "next", &n) : NULL;
    uint64_t *hits, faults;

    n = bytes / sizeof *page;
    if (t->policy != CURVE) {
        tell(t, ordinary_faults((enum policy)t->policy, t->frames, bits, page, next, n));
        return;
    }
    hits = calloc(n + 1, sizeof *hits);
    pw_assert(hits);
    ordinary_depths(bits, page, n, hits);
    faults = n;
    for (uint64_t d = 1; d <= t->frames && d <= n; d++)
        faults -= hits[d];
    tell(t, faults);
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

/* How many times less time A takes: the median; and of A's runs, the median and the highest peak. */
static double
ratio(const struct task *t, unsigned bits, int rounds, struct cost *of_a)
{
    double ratios[ROUNDS], seconds[ROUNDS], cpu[ROUNDS], peaks[ROUNDS];

    for (int i = 0; i < rounds; i++) {
        struct cost a = in_a_process(run_program, t, 0), b = in_a_process(run_ordinary, t, bits);
        pw_assert(a.faults == b.faults);
        ratios[i] = b.seconds / a.seconds;
        seconds[i] = a.seconds;
        cpu[i] = a.cpu_seconds;
        peaks[i] = a.peak_mib;
    }
    of_a->seconds = percentile(seconds, rounds, 50);
    of_a->cpu_seconds = percentile(cpu, rounds, 50);
    of_a->peak_mib = percentile(peaks, rounds, 100);
    return percentile(ratios, rounds, 50);
}

static void
measure(const struct task *t, double refs)
{
    char name[64];
    struct cost cost, ignored;
    double times;
    bool small = t->policy == POLICY_FIFO || t->policy == POLICY_LRU || t->policy == POLICY_CLOCK;

    snprintf(name, sizeof name, "replay_%s_%llu_%s", t->trace, (unsigned long long)t->frames,
             t->policy == CURVE ? "curve" : policy_of(t));
    times = ratio(t, PLAIN_BITS, t->rounds, &cost);
    bench_part(name, "times_plain", times, "x", t->yardstick ? "-" : t->target);
    if (t->yardstick)
        bench_part(name, "times_yardstick", times * t->yardstick, "x", t->target);
    if (t->fitted)
        bench_part(name, "times_fitted", ratio(t, bits_for(t->frames), 1, &ignored),
                   "x", "-");
    bench_part(name, "rate", refs / cost.seconds / 1e6, "M/s", "-");
    bench_part(name, "processors", cost.cpu_seconds / cost.seconds, "", "-");
    bench_part(name, "peak", cost.peak_mib, "MiB", small ? "<16" : "-");
}

static const struct task tasks[] = {
    {"zipf10", POLICY_FIFO, 65536, 3, true, 1.88, ">10"},
    {"zipf10", POLICY_LRU, 65536, 3, true, 1.90, ">10"},
    {"zipf10", POLICY_CLOCK, 65536, 3, true, 1.60, ">10"},
    {"zipf10", POLICY_LFU, 65536, 3, true, 3.08, ">8"},
    {"zipf10", POLICY_OPT, 65536, 3, true, 2.70, ">8"},
    {"zipf10", CURVE, 65536, 1, false, 0, ">20"},
    {"ls", POLICY_FIFO, 64, ROUNDS, true, 2.93, ">8"},
    {"ls", POLICY_LRU, 64, ROUNDS, true, 2.52, ">8"},
    {"ls", POLICY_CLOCK, 64, ROUNDS, true, 2.92, ">8"},
    {"ls", POLICY_LFU, 64, ROUNDS, false, 6.64, ">8"},
    {"ls", POLICY_OPT, 64, ROUNDS, false, 3.56, ">8"},
    {"ls", CURVE, 64, 1, false, 0, "-"},
    {"sort", POLICY_FIFO, 64, ROUNDS, false, 0, "-"},
    {"sort", POLICY_LRU, 64, ROUNDS, false, 0, "-"},
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
            in_a_process(run_program, t, 0); /* the page cache is warm */
        }
        measure(t, refs);
    }
    forget(written);
    return rmdir(folder) != 0;
}
