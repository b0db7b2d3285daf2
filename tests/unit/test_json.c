/* Refusals after RFC 8259 and the limits in base/json.h; every entry of a list is one document. */
#include "test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/rng.h"
#include "base/text.h"

static struct json_doc *
parse(const char *text, struct error *err)
{
    memset(err, 0, sizeof *err);
    return json_parse(text, strlen(text), "t.json", err);
}

static void
expect_error(const char *text, int line, const char *part)
{
    struct error err;
    struct json_doc *doc = parse(text, &err);

    if (doc)
        fail_msg("accepted: %s", text);
    if (err.code != EXIT_DATA || err.line != line || !strstr(err.text, part) ||
        strcmp(err.file, "t.json"))
        fail_msg("%s\n  gives %s:%d: %s (code %d)\n  expected line %d and \"%s\"", text, err.file,
                 err.line, err.text, err.code, line, part);
}

static void
invalid_documents_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        "\n",
        "{",
        "}",
        "[",
        "]",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "{1:2}",
        "nul",
        "True",
        "NaN",
        "Infinity",
        "-Infinity",
        "truex",
        "nulll",
        "[1] 2",
        "{} {}",
        "[]]",
        "1 // x",
        "/* */ 1",
        "01",
        "-01",
        "[01]",
        "5.",
        "[5.]",
        ".5",
        "+1",
        "-",
        "--1",
        "1e",
        "1e+",
        "1.e3",
        "0x10",
        "1_000",
        "1e999",
        "-1e999",
        "[1,1e400]",
        "12345678901234567890123456789012345678901",
        "\"abc",
        "\"a\\",
        "\"\\q\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\u0000\"",
        "{\"a\\u0000b\":1}",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800x\"",
        "\"\\ud800\\u0041\"",
        "\"a\nb\"",
        "\"a\tb\"",
        "\"\033\"",
        "\"\x01\"",
        "\xef\xbb\xbf{}",
        "\"\xff\"",
        "\"\xc0\xaf\"",
        "\"\xed\xa0\x80\"",
        "\xa0 1",
        "{\"a\":1,\"a\":1}",
        "{\"a\":1,\"b\":2,\"\\u0061\":3}",
        "[{\"x\":{\"k\":1,\"k\":2}}]",
        "\v1",
        "1\f",
        "[1]\x7f",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct error err;
        struct json_doc *doc = parse(bad[i], &err);
        if (doc)
            fail_msg("accepted: %s", bad[i]);
        assert_int_equal(err.code, EXIT_DATA);
        assert_true(err.text[0] && err.line >= 1);
    }
}

static void
valid_documents_are_accepted(void **state)
{
    static const char *const good[] = {
        "0",
        "-1",
        "1.5",
        "1e3",
        "1E-2",
        "-0",
        "null",
        "true",
        " [ ] ",
        "{}",
        "\r\n\t{\"a\" : [1 , 2 ]}\n",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"",
        "\"页表\"",
        "{\"A\":1,\"a\":2}",
        "\"\"",
        "{\"\":1}",
        "9007199254740993",
        "[[[[1]]]]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct error err;
        struct json_doc *doc = parse(good[i], &err);
        if (!doc)
            fail_msg("refused: %s: %s", good[i], err.text);
        json_free(doc);
    }
}

static void
errors_name_line_and_reason(void **state)
{
    (void)state;
    expect_error("{\n  \"a\": 1\n  \"b\": 2\n}", 3, "a comma or } expected, found '\"'");
    expect_error("[1,\n2,\n", 3, "a value expected, but the text ends here");
    expect_error("{\n\"a\": 1,\n\"b\": 1,\n\"a\": 2}", 4, "the member \"a\" stands twice");
    expect_error("[1,\n\n012]", 3, "must not start with 0");
    expect_error("{}\n\n x", 3, "the end of the file expected, found 'x'");
    expect_error("[\n\"\xff\"]", 2, "not UTF-8 (byte 0xff)");
    expect_error("[\n\n\"\\u0000\"]", 3, "\\u0000 is not allowed");
    expect_error("\xef\xbb\xbf{}", 1, "byte-order mark");
    expect_error("[\033]", 1, "found '\xef\xbf\xbd'"); /* the message itself is clean */
}

static void
limits_hold(void **state)
{
    struct error err = {0};
    struct buffer b = {0};
    struct json_doc *doc;

    (void)state;
    for (int levels = 64; levels <= 65; levels++) {
        buffer_truncate(&b, 0);
        buffer_repeat(&b, '[', (size_t)levels);
        buffer_repeat(&b, ']', (size_t)levels);
        doc = parse(b.data, &err);
        assert_int_equal(doc != NULL, levels == 64);
        json_free(doc);
    }
    assert_non_null(strstr(err.text, "64 levels"));

    buffer_truncate(&b, 0); /* an array and 999,999 zeros: exactly a million values */
    buffer_putc(&b, '[');
    for (int i = 0; i < 999998; i++)
        buffer_puts(&b, "0,");
    buffer_puts(&b, "0]");
    doc = parse(b.data, &err);
    assert_non_null(doc);
    assert_int_equal(json_count(json_root(doc)), 999999);
    json_free(doc);
    buffer_truncate(&b, b.length - 1);
    buffer_puts(&b, ",0]");
    assert_null(parse(b.data, &err));
    assert_non_null(strstr(err.text, "million"));

    buffer_truncate(&b, 0);
    buffer_repeat(&b, ' ', JSON_BYTES_MAX);
    buffer_puts(&b, "1");
    assert_null(parse(b.data, &err));
    assert_non_null(strstr(err.text, "16 MiB"));
    memset(&err, 0, sizeof err);
    assert_null(json_parse("[1\0]", 4, "n", &err));
    assert_non_null(strstr(err.text, "NUL"));
    buffer_free(&b);
}

static const char machine[] = "{\n"
                              "  \"schema\": \"pagewalk.machine/1\",\n"
                              "  \"frames\": 64,\n"
                              "  \"big\": 9007199254740991,\n"
                              "  \"bigger\": 9007199254740992,\n"
                              "  \"float\": 1.0, \"exponent\": 1e3, \"minus_zero\": -0,\n"
                              "  \"root\": \"0xffff800000000000\",\n"
                              "  \"name\": \"four \\u9875\",\n"
                              "  \"wp\": true,\n"
                              "  \"levels\": [\n"
                              "    {\"bits\": 9},\n"
                              "    {\"bits\": 99}\n"
                              "  ]\n"
                              "}\n";

static void
members_are_read_by_type(void **state)
{
    struct error err;
    struct json_doc *doc = parse(machine, &err);
    struct json root, levels, level;
    int64_t n = 0;
    uint64_t u = 0;
    bool flag = false;
    const char *text = NULL;

    (void)state;
    assert_non_null(doc);
    root = json_root(doc);
    assert_true(json_schema(doc, "pagewalk.machine/1", &err));
    assert_true(json_get_int(root, "frames", 1, 64, &n, &err));
    assert_int_equal(n, 64);
    assert_true(json_get_int(root, "big", 0, INT64_MAX, &n, &err));
    assert_true(n == 9007199254740991);
    assert_true(json_get_hex(root, "root", &u, &err));
    assert_true(u == 0xffff800000000000ull);
    assert_true(json_get_string(root, "name", &text, &err));
    assert_string_equal(text, "four 页");
    assert_true(json_get_bool(root, "wp", &flag, &err));
    assert_true(flag);
    assert_true(json_get_array(root, "levels", &levels, &err));
    assert_int_equal(json_count(levels), 2);
    level = json_first(levels);
    assert_true(json_get_int(level, "bits", 1, 12, &n, &err));
    assert_int_equal(n, 9);
    assert_int_equal(json_line(level), 11);
    n = 5;
    assert_true(json_opt_int(root, "missing", 0, 9, &n, &err));
    assert_int_equal(n, 5);
    assert_null(json_find(root, "FRAMES").node);
    assert_int_equal(json_kind(json_find(root, "FRAMES")), JSON_NONE);
    json_free(doc);
}

static void
wrong_members_are_named_with_line_and_path(void **state)
{
    static const char *const names[] = {"schema", "frames",   "big",        "bigger",
                                        "float",  "exponent", "minus_zero", "root",
                                        "name",   "wp",       "level",      NULL};
    struct error err;
    struct json_doc *doc = parse(machine, &err);
    struct json root = json_root(doc), levels, object;
    int64_t n = 3;
    uint64_t u = 3;
    bool flag = false;
    const char *text = NULL;

    (void)state;
#define REFUSED(call, where, message)                                                              \
    do {                                                                                           \
        memset(&err, 0, sizeof err);                                                               \
        assert_false(call);                                                                        \
        assert_string_equal(err.text, message);                                                    \
        assert_int_equal(err.line, where);                                                         \
        assert_int_equal(err.code, EXIT_DATA);                                                     \
    } while (0)
    REFUSED(json_get_int(root, "frames", 1, 63, &n, &err), 3, "frames: 64 is not within 1..63");
    REFUSED(json_get_int(root, "bigger", 0, INT64_MAX, &n, &err), 5,
            "bigger: an integer within +-(2^53-1) expected");
    REFUSED(json_get_int(root, "float", 0, 9, &n, &err), 6,
            "float: an integer within +-(2^53-1) expected");
    REFUSED(json_get_int(root, "exponent", 0, 9999, &n, &err), 6,
            "exponent: an integer within +-(2^53-1) expected");
    REFUSED(json_get_int(root, "minus_zero", 0, 9, &n, &err), 6,
            "minus_zero: an integer within +-(2^53-1) expected");
    REFUSED(json_get_int(root, "name", 0, 9, &n, &err), 8,
            "name: a number expected, found a string");
    REFUSED(json_get_int(root, "none", 0, 9, &n, &err), 1, "the member \"none\" is missing");
    REFUSED(json_get_hex(root, "frames", &u, &err), 3,
            "frames: a string like \"0x1f\" expected (at most 16 lower-case digits)");
    REFUSED(json_get_bool(root, "frames", &flag, &err), 3,
            "frames: true or false expected, found a number");
    REFUSED(json_get_string(root, "wp", &text, &err), 9,
            "wp: a string expected, found true or false");
    REFUSED(json_get_object(root, "levels", &object, &err), 10,
            "levels: an object expected, found an array");
    assert_true(json_get_array(root, "levels", &levels, &err) || true);
    memset(&err, 0, sizeof err);
    REFUSED(json_get_int(json_next(json_first(levels)), "bits", 1, 12, &n, &err), 12,
            "levels[1].bits: 99 is not within 1..12");
    REFUSED(json_only_members(root, names, &err), 10,
            "levels: no such member (did you mean \"level\"?)");
    REFUSED(json_schema(doc, "pagewalk.course/1", &err), 2,
            "schema: \"pagewalk.course/1\" expected, found \"pagewalk.machine/1\"");
    assert_int_equal(n, 3);
    assert_int_equal(u, 3);
    json_free(doc);

    doc = parse("{\"schema\":\"pagewalk.machine/2\"}", &err);
    REFUSED(json_schema(doc, "pagewalk.machine/1", &err), 1,
            "schema: \"pagewalk.machine/2\" is newer than this pagewalk, which reads "
            "\"pagewalk.machine/1\"");
    json_free(doc);
    doc = parse("{\"a\\u001b[2J\":1}", &err);
    REFUSED(json_only_members(json_root(doc), names, &err), 1, "a\xef\xbf\xbd[2J: no such member");
    json_free(doc);
}

static void
files_that_cannot_be_read(void **state)
{
    char dir[] = "/tmp/pagewalk-test-XXXXXX", fifo[64];
    struct error err = {0};

    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(fifo, sizeof fifo, "%s/fifo", dir);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_null(json_load_file(fifo, &err)); /* must not wait for a writer */
    assert_int_equal(err.code, EXIT_OPEN);
    memset(&err, 0, sizeof err);
    assert_null(json_load_file(dir, &err));
    assert_int_equal(err.code, EXIT_OPEN);
    memset(&err, 0, sizeof err);
    assert_null(json_load_file("/dev/zero", &err));
    assert_int_equal(err.code, EXIT_OPEN);
    memset(&err, 0, sizeof err);
    unlink(fifo);
    rmdir(dir);
    assert_null(json_load_file(fifo, &err));
    assert_int_equal(err.code, EXIT_OPEN);
    assert_string_equal(err.file, fifo);
}

/* Truncated at every byte: never accepted. One byte replaced at every place: refused or a readable
 * document, never a crash. */
static void
damaged_documents_do_no_harm(void **state)
{
    size_t length = strlen(machine) - 1; /* without the last newline */
    char *copy = malloc(length);
    struct rng r;
    unsigned refused = 0, kept = 0;

    (void)state;
    rng_seed(&r, 5);
    assert_non_null(copy);
    for (size_t cut = 0; cut < length; cut++) {
        struct error err = {0};
        char *exact = malloc(cut + !cut); /* so that a read past the end is seen */
        memcpy(exact, machine, cut);
        assert_null(json_parse(exact, cut, "cut", &err));
        assert_int_equal(err.code, EXIT_DATA);
        free(exact);
    }
    for (size_t i = 0; i < length * 40; i++) {
        struct error err = {0};
        struct json_doc *doc;
        memcpy(copy, machine, length);
        copy[i % length] = (char)rng_below(&r, 256);
        doc = json_parse(copy, length, "flip", &err);
        if (doc)
            kept++;
        else
            refused++;
        assert_int_equal(doc == NULL, err.code == EXIT_DATA);
        json_free(doc);
    }
    assert_true(refused > 1000 && kept > 100);
    free(copy);
}

static void
the_emitter_writes_what_the_reader_reads(void **state)
{
    struct buffer b = {0};
    struct error err = {0};
    struct json_doc *doc;
    const char *text;

    (void)state;
    json_open(&b, '{');
    json_key(&b, "n");
    json_put_int(&b, -5);
    json_key(&b, "va");
    json_put_hex(&b, 0xffff800000000000ull);
    json_key(&b, "list");
    json_open(&b, '[');
    json_put_bool(&b, true);
    json_put_null(&b);
    json_open(&b, '{');
    json_close(&b, '}');
    json_put_uint(&b, 9007199254740991ull);
    json_close(&b, ']');
    json_key(&b, "text");
    json_put_string(&b, "a \"b\" \\ 页\n\033[2J\xff");
    json_close(&b, '}');
    assert_string_equal(b.data, "{\"n\":-5,\"va\":\"0xffff800000000000\",\"list\":[true,null,{},"
                                "9007199254740991],\"text\":\"a \\\"b\\\" \\\\ 页\\n\xef\xbf\xbd[2J"
                                "\xef\xbf\xbd\"}");
    doc = json_parse(b.data, b.length, "emitted", &err);
    assert_non_null(doc);
    assert_true(json_get_string(json_root(doc), "text", &text, &err));
    assert_string_equal(text, "a \"b\" \\ 页\n\xef\xbf\xbd[2J\xef\xbf\xbd");
    json_free(doc);
    buffer_putc(&b, '\n'); /* the next line of a stream starts without a comma */
    size_t line = b.length;
    json_open(&b, '{');
    json_close(&b, '}');
    assert_string_equal(b.data + line, "{}");
    buffer_free(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(invalid_documents_are_refused),
        cmocka_unit_test(valid_documents_are_accepted),
        cmocka_unit_test(errors_name_line_and_reason),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(members_are_read_by_type),
        cmocka_unit_test(wrong_members_are_named_with_line_and_path),
        cmocka_unit_test(files_that_cannot_be_read),
        cmocka_unit_test(damaged_documents_do_no_harm),
        cmocka_unit_test(the_emitter_writes_what_the_reader_reads),
    };

    return RUN_TESTS(tests);
}
