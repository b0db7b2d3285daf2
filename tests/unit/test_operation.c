/* Operations as text: what is accepted, what is refused and how it is said; parse and format are
 * inverse. */
#include <string.h>

#include "support/drive.h"
#include "test.h"

static void
parses_to(const char *line, const char *canonical)
{
    struct operation op, again;
    uint8_t blob[OPERATION_BLOB], blob2[OPERATION_BLOB];
    struct error e = {0};
    struct buffer b = {0};

    if (!operation_parse(line, &op, blob, &e))
        fail_msg("%s: %s", line, e.text);
    operation_format(&op, &b);
    assert_string_equal(buffer_text(&b), canonical);
    assert_true(operation_parse(buffer_text(&b), &again, blob2, &e));
    assert_int_equal(op.code, again.code);
    assert_int_equal(op.given, again.given);
    assert_memory_equal(op.arg, again.arg, sizeof op.arg);
    assert_int_equal(op.blob_size, again.blob_size);
    assert_memory_equal(blob, blob2, op.blob_size);
    buffer_free(&b);
}

static void
refused(const char *line, const char *because)
{
    struct operation op;
    uint8_t blob[OPERATION_BLOB];
    struct error e = {0};

    assert_false(operation_parse(line, &op, blob, &e));
    assert_int_equal(e.code, EXIT_DATA);
    if (!strstr(e.text, because))
        fail_msg("\"%s\" gives \"%s\", expected \"%s\" in it", line, e.text, because);
}

static void
lines_become_records_and_lines_again(void **state)
{
    (void)state;
    parses_to("read 0x401000", "read 0x401000");
    parses_to("  read 4K size=4 # a comment", "read 0x1000 size=4");
    parses_to("write 0x1_000", "write 0x1000");
    parses_to("write 0x1000 0xff size=8 as=kernel cpu=3",
              "write 0x1000 0xff size=8 as=kernel cpu=3");
    parses_to("mmap - 8K rw", "mmap - 8192 rw");
    parses_to("mmap 0x10000 4096 r private file=libc.so",
              "mmap 0x10000 4096 r private file=libc.so");
    parses_to("mmap - 4096 - shared", "mmap - 4096 - shared");
    parses_to("alloc 102400", "alloc 100K");
    parses_to("alloc 0x200000", "alloc 2M");
    parses_to("alloc 100001", "alloc 100001");
    parses_to("release 2M", "release 0x200000");
    parses_to("poke 0x3000 de ad BE ef", "poke 0x3000 de ad be ef");
    parses_to("poke 0x3000 deadbeef", "poke 0x3000 de ad be ef");
    parses_to("set no-invalidate on", "set no-invalidate 1");
    parses_to("set cr0.wp 0", "set cr0.wp 0");
    parses_to("exit", "exit");
    parses_to("tick 5", "tick 5");
    parses_to("string 0x1000 7,0,12w,3", "string 0x1000 7,0,12w,3");
    parses_to("string - 7 0 12w", "string - 7,0,12w");
    parses_to("ref 3 wait=no", "ref 3 wait=no");
    parses_to("set policy lru", "set policy lru");
    parses_to("set policy 0", "set policy fifo");
}

static void
mistakes_are_named(void **state)
{
    (void)state;
    refused("reed 0x1000", "did you mean \"read\"");
    refused("read", "read needs VA");
    refused("read 0x1000 7 8", "too many");
    refused("read 0x1000 size=3", "not one of 1, 2, 4, 8");
    refused("read 0x1000 siz=4", "did you mean \"size=\"");
    refused("read 0xfffffffffffffffff", "");
    refused("read 0x1000 cpu=8", "cpu");
    refused("mmap - 4096 rq", "no rights");
    refused("poke 0 1g", "no bytes");
    refused("poke 0 123", "no bytes");
    refused("set cr0.wq 1", "did you mean \"cr0.wp\"");
    refused("mmap - 4096 r file=", "name");
    refused("string 0x1000", "needs PAGES");
    refused("string 0x1000 7,x", "\"x\" are no references");
    refused("set policy clok", "did you mean \"clock\"");
}

static void
count_word(void *ctx, const char *word)
{
    (void)word;
    ++*(int *)ctx;
}

static void
completion_offers_what_fits(void **state)
{
    int n = 0;

    (void)state;
    operation_complete("m", count_word, &n); /* mmap munmap mprotect */
    assert_int_equal(n, 3);
    n = 0;
    operation_complete("read 0x1000 si", count_word, &n); /* size=1 2 4 8 */
    assert_int_equal(n, 4);
    n = 0;
    operation_complete("set cr4.", count_word, &n); /* pse pae pge la57 pcide smep smap */
    assert_int_equal(n, 7);
    n = 0;
    operation_complete("set policy cl", count_word, &n); /* clock, and the quirk clean-is-written */
    assert_int_equal(n, 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_become_records_and_lines_again),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(completion_offers_what_fits),
    };

    return RUN_TESTS(tests);
}
