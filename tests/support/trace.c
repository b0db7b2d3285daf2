#include "support/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/assert.h"
#include "base/rng.h"

enum { SYNTHETIC = 20000000, PAGES = 1000000, LOOP = 100000, GUIDES = 1 << 20, SEED = 42 };

struct trace {
    size_t (*read)(struct trace *t, uint64_t *page, size_t n);
    uint64_t at; /* references so far */
    const uint8_t *string;
    size_t length;
    uint64_t random; /* state of splitmix64 */
    /* zipf: cumulated weights; which page has which rank; where to begin to look for a weight */
    double *sum;
    uint32_t *page, *guide;
    /* recordings */
    FILE *file;
    ZSTD_DStream *stream;
    ZSTD_inBuffer in;
    char packed[1 << 16], text[1 << 16];
    ZSTD_outBuffer out;
    size_t taken; /* of out */
    uint64_t run_page, run_left;
};

/* --- computed -----------------------------------------------------------------------------------
 */

static size_t
read_loop(struct trace *t, uint64_t *page, size_t n)
{
    size_t i;

    for (i = 0; i < n && t->at < SYNTHETIC; i++)
        page[i] = t->at++ % LOOP;
    return i;
}

static size_t
read_even(struct trace *t, uint64_t *page, size_t n)
{
    size_t i;

    for (i = 0; i < n && t->at < SYNTHETIC; i++, t->at++)
        page[i] = rng_splitmix(&t->random) % PAGES;
    return i;
}

/* The first rank whose cumulated weight is above u. */
static uint32_t
rank_of(const struct trace *t, double u)
{
    uint32_t r = t->guide[(uint32_t)(u / t->sum[PAGES - 1] * GUIDES)];

    while (r > 0 && t->sum[r - 1] > u)
        r--;
    while (r < PAGES - 1 && t->sum[r] <= u)
        r++;
    return r;
}

static size_t
read_zipf(struct trace *t, uint64_t *page, size_t n)
{
    size_t i;

    for (i = 0; i < n && t->at < SYNTHETIC; i++, t->at++) {
        double u = (double)(rng_splitmix(&t->random) >> 11) * 0x1p-53 * t->sum[PAGES - 1];
        page[i] = t->page[rank_of(t, u)];
    }
    return i;
}

static void
open_zipf(struct trace *t)
{
    uint32_t r = 0;

    t->sum = malloc(PAGES * sizeof *t->sum);
    t->page = malloc(PAGES * sizeof *t->page);
    t->guide = malloc((GUIDES + 1) * sizeof *t->guide);
    pw_assert(t->sum && t->page && t->guide);
    for (uint32_t i = 0; i < PAGES; i++) {
        t->sum[i] = (i ? t->sum[i - 1] : 0) + 1.0 / (i + 1);
        t->page[i] = i;
    }
    for (uint32_t i = PAGES - 1; i >= 1; i--) {
        uint32_t j = (uint32_t)(rng_splitmix(&t->random) % (i + 1)), swap = t->page[i];
        t->page[i] = t->page[j];
        t->page[j] = swap;
    }
    for (uint32_t g = 0; g <= GUIDES; g++) {
        while (r < PAGES - 1 && t->sum[r] <= (double)g / GUIDES * t->sum[PAGES - 1])
            r++;
        t->guide[g] = r;
    }
}

/* --- recorded -----------------------------------------------------------------------------------
 */

/* The next character of the text, or EOF. */
static int
next_char(struct trace *t)
{
    while (t->taken == t->out.pos) {
        if (t->in.pos == t->in.size) {
            t->in = (ZSTD_inBuffer){t->packed, fread(t->packed, 1, sizeof t->packed, t->file), 0};
            if (t->in.size == 0)
                return EOF;
        }
        t->out = (ZSTD_outBuffer){t->text, sizeof t->text, 0};
        t->taken = 0;
        pw_assert(!ZSTD_isError(ZSTD_decompressStream(t->stream, &t->out, &t->in)));
    }
    return t->text[t->taken++];
}

static bool
next_run(struct trace *t)
{
    int c;

    t->run_page = t->run_left = 0;
    while ((c = next_char(t)) != ' ') {
        if (c == EOF)
            return false;
        t->run_page = t->run_page * 16 + (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    while ((c = next_char(t)) != '\n')
        t->run_left = t->run_left * 10 + (uint64_t)(c - '0');
    return true;
}

static size_t
read_recording(struct trace *t, uint64_t *page, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++, t->run_left--) {
        if (!t->run_left && !next_run(t))
            break;
        page[i] = t->run_page;
    }
    return i;
}

static bool
open_recording(struct trace *t, const char *name)
{
    char path[64];

    snprintf(path, sizeof path, "tests/traces/%s.rle.zst", name);
    t->file = fopen(path, "rb");
    t->stream = ZSTD_createDStream();
    t->read = read_recording;
    return t->file && t->stream;
}

/* --- strings ------------------------------------------------------------------------------------
 */

static const struct {
    const char *name;
    size_t length;
    uint8_t page[20];
} strings[] = {
    {"belady12", 12, {1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5}},
    {"silb20", 20, {7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1}},
    {"ostep11", 11, {0, 1, 2, 0, 1, 3, 0, 3, 1, 2, 1}},
};

static size_t
read_string(struct trace *t, uint64_t *page, size_t n)
{
    size_t i;

    for (i = 0; i < n && t->at < t->length; i++)
        page[i] = t->string[t->at++];
    return i;
}

static bool
open_string(struct trace *t, const char *name)
{
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
        if (strcmp(strings[i].name, name) == 0) {
            t->string = strings[i].page;
            t->length = strings[i].length;
            t->read = read_string;
            return true;
        }
    return false;
}

/* ------------------------------------------------------------------------------------------------
 */

struct trace *
trace_open(const char *name)
{
    struct trace *t = calloc(1, sizeof *t);

    pw_assert(t);
    t->random = SEED * UINT64_C(0x9e3779b97f4a7c15);
    if (strcmp(name, "loop100k") == 0) {
        t->read = read_loop;
    } else if (strcmp(name, "unif") == 0) {
        t->read = read_even;
    } else if (strcmp(name, "zipf10") == 0) {
        open_zipf(t);
        t->read = read_zipf;
    } else {
        pw_assert(open_string(t, name) || open_recording(t, name));
    }
    return t;
}

size_t
trace_read(struct trace *t, uint64_t *page, size_t n)
{
    return t->read(t, page, n);
}

void
trace_close(struct trace *t)
{
    if (t->file)
        fclose(t->file);
    ZSTD_freeDStream(t->stream);
    free(t->sum);
    free(t->page);
    free(t->guide);
    free(t);
}
