/* How fast traces are read: lackey's text as valgrind writes it, in its own proportions (per 100
 * lines 73 I, 17 L, 10 S, as counted for `ls -l /usr/bin`), a list of numbers, and binary page
 * numbers, from a file in memory. Millions of references a second, the best of some rounds; the
 * target for lackey is four times what fgets and strtoull make of it. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/rng.h"
#include "bench.h"
#include "replay/reader.h"

enum { LINES = 4000000, ROUNDS = 7, SEED = 20260103 };

static void
put_lackey(struct buffer *b, struct rng *r)
{
    const uint64_t which = rng_below(r, 100), code = 0x4001000 + rng_below(r, 0x40000);
    const uint64_t data = 0x1ffefff000 + rng_below(r, 0x1000);

    if (which < 73)
        buffer_printf(b, "I  %08llx,%u\n", (unsigned long long)code, 1 + (unsigned)which % 7);
    else
        buffer_printf(b, " %c %08llx,8\n", which < 90 ? 'L' : 'S', (unsigned long long)data);
}

static void
put_number(struct buffer *b, struct rng *r)
{
    buffer_printf(b, "%llu\n", (unsigned long long)rng_below(r, 1000000));
}

static void
put_word(struct buffer *b, struct rng *r)
{
    const uint64_t page = rng_below(r, 1000000);

    buffer_append(b, &page, sizeof page);
}

static uint64_t
read_once(int fd, int form)
{
    const struct reader_want want = {form, 12, NULL};
    struct error e = {0};
    struct block b;
    struct reader *t;
    uint64_t refs;

    pw_assert(lseek(fd, 0, SEEK_SET) == 0);
    t = reader_open(dup(fd), "bench", &want, &e);
    pw_assert(t);
    while (reader_next(t, &b, &e))
        continue;
    refs = reader_facts(t)->refs;
    pw_assert(e.code == 0 && reader_facts(t)->bad == 0);
    reader_close(t);
    return refs;
}

static void
bench(const char *name, int form, void (*put)(struct buffer *b, struct rng *r), const char *target)
{
    struct buffer text = {0};
    struct rng r;
    double best = 0;
    int fd = memfd_create("bench", MFD_CLOEXEC);

    rng_seed(&r, SEED);
    for (int i = 0; i < LINES; i++)
        put(&text, &r);
    pw_assert(fd >= 0 && file_write_all(fd, text.data, text.length));
    buffer_free(&text);
    for (int i = 0; i < ROUNDS; i++) {
        double start = cpu_ms(), rate;
        pw_assert(read_once(fd, form) == LINES);
        rate = LINES / (cpu_ms() - start) / 1e3;
        best = rate > best ? rate : best;
    }
    close(fd);
    bench_line(name, best, "Mrefs/s", target);
}

int
main(void)
{
    bench("reader_lackey", READER_LACKEY, put_lackey, ">40");
    bench("reader_numbers", READER_PAGES, put_number, "-");
    bench("reader_u64", READER_U64, put_word, "-");
    return 0;
}
