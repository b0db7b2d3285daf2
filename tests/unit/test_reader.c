/* Traces: what each form means, that the fast parser means the same as the definition, that
 * compressed is plain, and that nothing hostile becomes a short or a wrong trace.
 *
 * The definition is here once more, as a regular expression with strtoull behind it. The counts of
 * ls_head300k.lackey (the first 300,000 lines of valgrind 3.19's lackey over `ls -l /usr/bin`) were
 * taken with grep -c and sort -u. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>

#include "base/buffer.h"
#include "base/rng.h"
#include "replay/reader.h"

#define LS "tests/traces/ls_head300k.lackey.zst"

/* --- reading --- */

struct seen {
    uint64_t *page;
    uint8_t *kind;
    uint32_t *size;
    size_t n, room;
    struct reader_facts facts;
    struct error error;
};

static void
see(struct seen *s, const struct block *b)
{
    if (s->n + b->n > s->room) {
        s->room = 2 * (s->n + b->n);
        s->page = realloc(s->page, s->room * sizeof *s->page);
        s->kind = realloc(s->kind, s->room);
        s->size = realloc(s->size, s->room * sizeof *s->size);
        assert_true(s->page && s->kind && s->size);
    }
    for (size_t i = 0; i < b->n; i++) {
        s->page[s->n] = b->page[i];
        s->size[s->n] = b->size ? b->size[i] : 1;
        s->kind[s->n++] = b->kind ? b->kind[i] : ACCESS_READ;
    }
}

static void
forget(struct seen *s)
{
    free(s->page);
    free(s->kind);
    free(s->size);
    *s = (struct seen){0};
}

static bool
read_all(int fd, int form, unsigned shift, struct seen *s)
{
    const struct reader_want want = {form, shift, NULL};
    struct block b;
    struct reader *t;

    forget(s);
    t = reader_open(fd, "t", &want, &s->error);
    while (t && reader_next(t, &b, &s->error))
        see(s, &b);
    if (t)
        s->facts = *reader_facts(t);
    reader_close(t);
    return s->error.code == 0;
}

static int
file_of(const void *bytes, size_t length)
{
    int fd = memfd_create("trace", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, length), length);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static bool
read_bytes(const void *bytes, size_t length, int form, struct seen *s)
{
    return read_all(file_of(bytes, length), form, 12, s);
}

static bool
read_text(const char *text, int form, struct seen *s)
{
    return read_bytes(text, strlen(text), form, s);
}

static void
assert_same(const struct seen *a, const struct seen *b)
{
    assert_int_equal(a->n, b->n);
    assert_int_equal(a->facts.refs, a->n);
    assert_int_equal(a->facts.bad, b->facts.bad);
    if (a->n) {
        assert_memory_equal(a->page, b->page, a->n * sizeof *a->page);
        assert_memory_equal(a->kind, b->kind, a->n);
        assert_memory_equal(a->size, b->size, a->n * sizeof *a->size);
    }
    for (int i = 0; i < READER_BAD_KEPT; i++)
        assert_int_equal(a->facts.first[i].line, b->facts.first[i].line);
}

/* --- lackey, defined again --- */

static void
define_line(const regex_t *form, const char *line, uint64_t number, struct seen *s)
{
    regmatch_t part[4];
    unsigned long long address, size;
    uint8_t kind;

    errno = 0;
    if (regexec(form, line, 4, part, 0) == 0) {
        address = strtoull(line + part[2].rm_so, NULL, 16);
        size = strtoull(line + part[3].rm_so, NULL, 10);
        kind = line[part[1].rm_so] == 'I'   ? ACCESS_FETCH
               : line[part[1].rm_so] == 'L' ? ACCESS_READ
                                            : ACCESS_WRITE;
        if (errno == 0 && size >= 1 && size <= 65536) {
            see(s, &(struct block){&(uint64_t){address >> 12}, &kind, &(uint32_t){(uint32_t)size}, 1});
            s->facts.refs++;
            return;
        }
    }
    if (strspn(line, " \t\r") == strlen(line) || strncmp(line, "==", 2) == 0 ||
        strncmp(line, "--", 2) == 0 || strncmp(line, "**", 2) == 0)
        return;
    if (s->facts.bad < READER_BAD_KEPT)
        s->facts.first[s->facts.bad].line = number;
    s->facts.bad++;
}

static void
define(const char *text, struct seen *s)
{
    char *copy = strdup(text), *rest = copy, *line;
    regex_t form;
    uint64_t number = 0;

    assert_int_equal(
        regcomp(&form, "^[ \t\r]*([ILSM])[ \t\r]+([0-9a-fA-F]+),([0-9]+)[ \t\r]*$", REG_EXTENDED),
        0);
    while ((line = strsep(&rest, "\n")))
        if (rest || *line)
            define_line(&form, line, ++number, s);
    regfree(&form);
    free(copy);
}

static void
put_usual(struct buffer *b, struct rng *r)
{
    static const char *const heads[] = {"I  ", " L ", " S ", " M "};
    uint64_t address = rng_next(r) >> rng_below(r, 64);

    buffer_printf(
        b, rng_below(r, 2) ? "%s%08llx,%llu\n" : "%s%llX,%llu\n", heads[rng_below(r, 4)],
        (unsigned long long)address,
        (unsigned long long)(rng_below(r, 9) ? rng_between(r, 1, 64) : rng_below(r, 200000)));
}

static const char *const odd_lines[] = {
    "",
    " ",
    "==12== Lackey, an example Valgrind tool",
    "--12-- warning",
    "=12= no noise",
    "hello, world",
    "I 0400d7d4,8",
    " L 10,1\r",
    "\tS\t10,1 ",
    "L 10",
    "L ,1",
    "L 10,",
    "L 10,0",
    "L 10,08",
    "L 10,1x",
    "L 0x10,1",
    "L -10,1",
    "LI 10,1",
    "II  10,1",
    "I  10 ,1",
    "I  10,1,1",
    "I  10;1",
    "X  10,1",
    " I 10,1",
    "L  10,1",
    "IL 10,1",
    "I  1ffffffffffffffff,1",
    "I  00000000000000000010,1",
    "I  0123456789abc,12",
    "I  0123456789abcd,12",
    "I  7ffffffffffff000,41",
    " M 0,65536",
    " M 0,65537",
    " M 0,18446744073709551617",
    " S g,1",
    " S @,1",
    " S `1,1",
    " S :0,1",
    " S /0,1",
    " S \xff\xff,1",
};

static void
put_odd(struct buffer *b, struct rng *r)
{
    size_t start = b->length, at;

    if (rng_below(r, 2)) {
        buffer_printf(b, "%s\n", odd_lines[rng_below(r, sizeof odd_lines / sizeof *odd_lines)]);
        return;
    }
    put_usual(b, r);
    at = start + rng_below(r, b->length - start);
    b->data[at] = (char)rng_between(r, 1, 255);
}

static void
fast_means_what_is_defined(void **state)
{
    struct buffer text = {0};
    struct seen got = {0}, want = {0};
    struct rng r;

    (void)state;
    for (unsigned seed = 0; seed < tries(30); seed++) {
        rng_seed(&r, seed);
        buffer_truncate(&text, 0);
        buffer_puts(&text, "I  04001090,3\n");
        while (text.length < 200000)
            (rng_below(&r, 1 + seed) ? put_odd : put_usual)(&text, &r);
        if (seed % 3 == 0) /* no newline at the end */
            text.data[--text.length] = '\0';
        define(text.data, &want);
        assert_true(read_bytes(text.data, text.length, READER_LACKEY, &got));
        assert_same(&got, &want);
        forget(&want);
    }
    forget(&got);
    buffer_free(&text);
}

static void
every_odd_line_alone(void **state)
{
    struct seen got = {0}, want = {0};

    (void)state;
    for (size_t i = 0; i < sizeof odd_lines / sizeof *odd_lines; i++) {
        define(odd_lines[i], &want);
        assert_true(read_text(odd_lines[i], READER_LACKEY, &got));
        assert_same(&got, &want);
        forget(&want);
    }
    forget(&got);
}

static int
by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static void
ls_has_what_was_counted(void **state)
{
    struct seen s = {0};
    size_t kinds[3] = {0}, pages = 1;

    (void)state;
    assert_true(read_all(open(LS, O_RDONLY), READER_ANY, 12, &s));
    assert_int_equal(s.facts.form, READER_LACKEY);
    assert_int_equal(s.n, 300000);
    assert_int_equal(s.facts.bad, 0);
    for (size_t i = 0; i < s.n; i++)
        kinds[s.kind[i]]++;
    assert_int_equal(kinds[ACCESS_FETCH], 224939);
    assert_int_equal(kinds[ACCESS_READ], 54028);
    assert_int_equal(kinds[ACCESS_WRITE], 19447 + 1586);
    qsort(s.page, s.n, sizeof *s.page, by_value);
    for (size_t i = 1; i < s.n; i++)
        pages += s.page[i] != s.page[i - 1];
    assert_int_equal(pages, 129);
    forget(&s);
}

/* --- numbers --- */

static const struct {
    const char *text;
    int form;
    const char *want; /* "PAGE[w] ...", in hexadecimal */
    unsigned bad;
} number_case[] = {
    {"7,0,1,2,0,3\n", READER_PAGES, "7 0 1 2 0 3", 0},
    {"7 0 1", READER_PAGES, "7 0 1", 0},
    {"7; 0\r\n1\t2\r\n", READER_PAGES, "7 0 1 2", 0},
    {"# Belady, 1969\n1,2 # the first two\n3\n", READER_PAGES, "1 2 3", 0},
    {"10 0x10 0X1f", READER_PAGES, "a 10 1f", 0},
    {"7w 8W 9r", READER_PAGES, "7w 8w 9", 0},
    {"w7,R8", READER_PAGES, "7w 8", 0},
    {"7 W\n8 R\n9 w\n", READER_PAGES, "7w 8 9w", 0},
    {"W 7\nR 8\nW 9 R 10\n11\n", READER_PAGES, "7w 8 9w a b", 0},
    {"1 x 2 -3 4.5 0x 5q", READER_PAGES, "1 2", 5},
    {"18446744073709551615 18446744073709551616", READER_PAGES, "ffffffffffffffff", 1},
    {"4096 8191 0x2000 0x3fffw", READER_ADDRESSES, "1 1 2 3w", 0},
    {"0041f7a0 R\n13f5e2c0 W\n00001000 R\n", READER_ADDRESSES, "41f 13f5ew 1", 0},
    {"deadbeef\n4096\n", READER_ADDRESSES, "1", 1},
    {"", READER_PAGES, "", 0},
    {"\n\n# nothing\n", READER_PAGES, "", 0},
};

static void
numbers_mean_what_is_promised(void **state)
{
    struct seen s = {0};
    struct buffer got = {0};

    (void)state;
    for (size_t i = 0; i < sizeof number_case / sizeof *number_case; i++) {
        buffer_truncate(&got, 0);
        buffer_puts(&got, "");
        assert_true(read_text(number_case[i].text, number_case[i].form, &s));
        for (size_t k = 0; k < s.n; k++)
            buffer_printf(&got, "%s%llx%s", k ? " " : "", (unsigned long long)s.page[k],
                          s.kind[k] == ACCESS_WRITE ? "w" : "");
        assert_string_equal(buffer_text(&got), number_case[i].want);
        assert_int_equal(s.facts.bad, number_case[i].bad);
    }
    forget(&s);
    buffer_free(&got);
}

/* Whatever 64 KiB end in: a letter stays with its number, a number whole. */
static void
numbers_are_never_cut(void **state)
{
    static const struct {
        const char *before, *after;
    } style[] = {{"", ","}, {"", " W\n"}, {"W ", "\n"}, {"", "w "}, {" ", "\r\n"}, {"", " w "}};
    struct buffer text = {0};
    struct seen s = {0};

    (void)state;
    for (size_t i = 0; i < sizeof style / sizeof *style; i++) {
        buffer_truncate(&text, 0);
        for (unsigned n = 0; n < 60000; n++)
            buffer_printf(&text, "%s%u%s", style[i].before, n, style[i].after);
        assert_true(read_bytes(text.data, text.length, READER_PAGES, &s));
        assert_int_equal(s.n, 60000);
        for (unsigned n = 0; n < 60000; n++) {
            assert_int_equal(s.page[n], n);
            assert_int_equal(s.kind[n], i > 0 && i != 4 ? ACCESS_WRITE : ACCESS_READ);
        }
    }
    forget(&s);
    buffer_free(&text);
}

static void
bad_lines_have_their_numbers(void **state)
{
    struct seen s = {0};

    (void)state;
    assert_true(read_text("1\n2 two\n\n# x\nthree 4\n5\n", READER_PAGES, &s));
    assert_int_equal(s.facts.bad, 2);
    assert_int_equal(s.facts.first[0].line, 2);
    assert_string_equal(s.facts.first[0].what, "\"two\" is no page number (like 7, 0x7, 7w)");
    assert_int_equal(s.facts.first[1].line, 5);
    forget(&s);
}

/* --- recognition --- */

static void
forms_are_told_apart(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
        int form; /* -1: none */
        const char *assumed;
    } row[] = {
#define ROW(bytes, form, assumed) {bytes, sizeof bytes - 1, form, assumed}
        ROW("==1== Lackey\nls: hello\nI  04001090,3\n", READER_LACKEY, ""),
        ROW(" L 10,1\n", READER_LACKEY, ""),
        ROW("7,0,1,2", READER_PAGES, ""),
        ROW("\xef\xbb\xbf"
            "7,0,1,2",
            READER_PAGES, ""),
        ROW("5000 6000", READER_PAGES, "page numbers"),
        ROW("1048575", READER_PAGES, "page numbers"),
        ROW("1048576", READER_ADDRESSES, "1048576"),
        ROW("0x7fff0000", READER_ADDRESSES, "2147418112"),
        ROW("0041f7a0 R\n", READER_ADDRESSES, "hexadecimal"),
        ROW("\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0", READER_U64, ""),
        ROW("\0\0\0\0\0\1\0\0", READER_U64, "large"),
        ROW("\1\0\0\0\0\0\0\1", -1, ""),
        ROW("\1\0\0", -1, ""),
        ROW("1 2 3 x", READER_PAGES, ""),
        ROW("Once upon a time 1 2", -1, ""),
        ROW("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", -1, ""),
    };
    struct seen s = {0};

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        bool ok = read_bytes(row[i].bytes, row[i].length, READER_ANY, &s);
        assert_int_equal(ok, row[i].form >= 0);
        assert_int_equal(s.error.code, ok ? EXIT_OK : EXIT_DATA);
        if (!ok)
            continue;
        assert_int_equal(s.facts.form, row[i].form);
        assert_non_null(strstr(s.facts.assumed, row[i].assumed));
        assert_int_equal(s.facts.assumed[0] != 0, row[i].assumed[0] != 0);
    }
    forget(&s);
}

/* --- words --- */

static void
words_are_page_numbers(void **state)
{
    uint64_t *word = malloc(100003 * sizeof *word);
    uint8_t *bytes = malloc(100003 * 8);
    struct seen s = {0};
    struct rng r;

    (void)state;
    rng_seed(&r, 9);
    for (size_t i = 0; i < 100003; i++) {
        word[i] = rng_below(&r, 1000000);
        for (int k = 0; k < 8; k++)
            bytes[8 * i + (size_t)k] = (uint8_t)(word[i] >> 8 * k);
    }
    assert_true(read_bytes(bytes, 100003 * 8, READER_ANY, &s));
    assert_int_equal(s.facts.form, READER_U64);
    assert_int_equal(s.n, 100003);
    assert_memory_equal(s.page, word, 100003 * sizeof *word);
    assert_false(read_bytes(bytes, 100003 * 8 - 3, READER_ANY, &s));
    assert_int_equal(s.error.code, EXIT_DATA);
    assert_string_equal(s.error.text, "cut short: the last page number has 5 of 8 bytes");
    forget(&s);
    free(word);
    free(bytes);
}

/* --- compressed --- */

static size_t
gzip_of(const void *bytes, size_t length, uint8_t *out, size_t room)
{
    z_stream z = {0};

    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)bytes;
    z.avail_in = (uInt)length;
    z.next_out = out;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return room - z.avail_out;
}

static size_t
zstd_of(const void *bytes, size_t length, uint8_t *out, size_t room)
{
    size_t n = ZSTD_compress(out, room, bytes, length, 3);

    assert_false(ZSTD_isError(n));
    return n;
}

typedef size_t packer(const void *bytes, size_t length, uint8_t *out, size_t room);
static packer *const packers[] = {gzip_of, zstd_of};

static void
compressed_is_plain(void **state)
{
    const size_t room = 4 << 20;
    uint8_t *packed = malloc(room);
    struct buffer text = {0};
    struct seen plain = {0}, s = {0};
    struct rng r;

    (void)state;
    rng_seed(&r, 4);
    while (text.length < 2000000) /* very compressible too: much comes out of little */
        text.length % 3 ? put_usual(&text, &r) : buffer_repeat(&text, '\n', 5000);
    assert_true(read_bytes(text.data, text.length, READER_ANY, &plain));
    for (int i = 0; i < 2; i++) {
        size_t half = text.length / 2, n;
        n = packers[i](text.data, text.length, packed, room);
        assert_true(read_bytes(packed, n, READER_ANY, &s));
        assert_same(&s, &plain);
        /* two members, two frames */
        n = packers[i](text.data, half, packed, room);
        n += packers[i](text.data + half, text.length - half, packed + n, room - n);
        assert_true(read_bytes(packed, n, READER_ANY, &s));
        assert_same(&s, &plain);
    }
    forget(&plain);
    forget(&s);
    buffer_free(&text);
    free(packed);
}

static void
what_is_cut_or_damaged_is_no_trace(void **state)
{
    uint8_t packed[512], damaged[520];
    const char *text = "1,2,3,4,1,2,5,1,2,3,4,5\n";
    struct seen s = {0};

    (void)state;
    for (int i = 0; i < 2; i++) {
        size_t n = packers[i](text, strlen(text), packed, sizeof packed);
        assert_true(read_bytes(packed, n, READER_ANY, &s));
        assert_int_equal(s.n, 12);
        for (size_t cut = 1; cut < n; cut++) {
            assert_false(read_bytes(packed, cut, READER_ANY, &s));
            assert_int_equal(s.error.code, EXIT_DATA);
        }
        memcpy(damaged, packed, n);
        memcpy(damaged + n, "garbage", 7);
        assert_false(read_bytes(damaged, n + 7, READER_ANY, &s));
        assert_int_equal(s.error.code, EXIT_DATA);
    }
    forget(&s);
}

/* --- hostile --- */

static void
long_lines_are_bad_lines(void **state)
{
    struct buffer text = {0};
    struct seen s = {0};

    (void)state;
    buffer_puts(&text, "I  04001090,3\n");
    buffer_repeat(&text, 'I', 1 << 20);
    buffer_puts(&text, "\n L 1000,8\n");
    buffer_repeat(&text, ' ', 5000);
    buffer_puts(&text, "x\n S 2000,8");
    assert_true(read_bytes(text.data, text.length, READER_ANY, &s));
    assert_int_equal(s.n, 3);
    assert_int_equal(s.page[2], 2);
    assert_int_equal(s.facts.bad, 2);
    assert_int_equal(s.facts.first[0].line, 2);
    assert_int_equal(s.facts.first[1].line, 4);
    buffer_truncate(&text, 0);
    buffer_puts(&text, "1\n2 ");
    buffer_repeat(&text, '7', 1 << 20);
    buffer_puts(&text, "\n3\nfour");
    assert_true(read_bytes(text.data, text.length, READER_PAGES, &s));
    assert_int_equal(s.n, 3);
    assert_int_equal(s.facts.bad, 2);
    assert_int_equal(s.facts.first[0].line, 2);
    assert_int_equal(s.facts.first[1].line, 4);
    forget(&s);
    buffer_free(&text);
}

static void
nul_bytes_are_no_text(void **state)
{
    struct seen s = {0};

    (void)state;
    assert_true(read_bytes("I  10,1\n\0\nI  20\0,1\n", 19, READER_LACKEY, &s));
    assert_int_equal(s.n, 1);
    assert_int_equal(s.facts.bad, 2);
    assert_true(read_bytes("1,2\0,3\0\n", 8, READER_PAGES, &s));
    assert_int_equal(s.n, 1);
    assert_int_equal(s.facts.bad, 2);
    forget(&s);
}

/* A pipe gives its bytes in pieces of any size. */
static void
pipes_cut_where_they_like(void **state)
{
    char text[] = "I  04001090,3\n L 1ffeffe7e8,8\n==1== x\n S 1ffeffe7e8,8\nbad\n M 4000,4";
    struct seen want = {0}, s = {0};

    (void)state;
    assert_true(read_text(text, READER_ANY, &want));
    assert_int_equal(want.n, 4);
    for (size_t cut = 1; cut + 1 < sizeof text; cut++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        if (fork() == 0) {
            close(ends[0]);
            _exit(write(ends[1], text, cut) < 0 ||
                  write(ends[1], text + cut, sizeof text - 1 - cut) < 0);
        }
        close(ends[1]);
        assert_true(read_all(ends[0], READER_ANY, 12, &s));
        assert_same(&s, &want);
    }
    forget(&s);
    forget(&want);
}

/* What was read is still given, but for the number that the stop has cut in two. */
static void
a_stopped_trace_ends_whole(void **state)
{
    volatile sig_atomic_t stop = 0;
    const struct reader_want want = {READER_ANY, 12, &stop};
    struct buffer text = {0};
    struct error e = {0};
    struct reader *t;
    struct block b;
    unsigned blocks = 0;

    (void)state;
    while (text.length < 700000)
        buffer_puts(&text, "123456\n");
    t = reader_open(file_of(text.data, text.length), "t", &want, &e);
    for (stop = 1; reader_next(t, &b, &e); blocks++)
        for (size_t i = 0; i < b.n; i++)
            assert_int_equal(b.page[i], 123456);
    assert_int_equal(e.code, 0);
    assert_int_equal(blocks, 2);
    assert_true(reader_facts(t)->refs > 9000 && reader_facts(t)->refs < 50000); /* of 100000 */
    reader_close(t);
    buffer_free(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fast_means_what_is_defined),
        cmocka_unit_test(every_odd_line_alone),
        cmocka_unit_test(ls_has_what_was_counted),
        cmocka_unit_test(numbers_mean_what_is_promised),
        cmocka_unit_test(numbers_are_never_cut),
        cmocka_unit_test(bad_lines_have_their_numbers),
        cmocka_unit_test(forms_are_told_apart),
        cmocka_unit_test(words_are_page_numbers),
        cmocka_unit_test(compressed_is_plain),
        cmocka_unit_test(what_is_cut_or_damaged_is_no_trace),
        cmocka_unit_test(long_lines_are_bad_lines),
        cmocka_unit_test(nul_bytes_are_no_text),
        cmocka_unit_test(pipes_cut_where_they_like),
        cmocka_unit_test(a_stopped_trace_ends_whole),
    };

    return RUN_TESTS(tests);
}
