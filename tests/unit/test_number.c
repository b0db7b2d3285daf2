/* Numbers, random numbers, hashes, buffers. Reference outputs of splitmix64 (seed 1234567) and
 * xoshiro256** (state 1, 2, 3, 4) are the ones that other published implementations of the two
 * algorithms test against. */
#include "test.h"

#include <string.h>

#include "base/buffer.h"
#include "base/hash.h"
#include "base/number.h"
#include "base/rng.h"

static void
numbers_as_people_write_them(void **state)
{
    static const struct {
        const char *text;
        uint64_t value;
    } cases[] = {
        {"0", 0},
        {"4096", 4096},
        {"0x1000", 4096},
        {"0XfF", 255},
        {"0b101", 5},
        {"1_000", 1000},
        {"0x7f3a_1234_5678", 0x7f3a12345678},
        {"4K", 4096},
        {"4k", 4096},
        {"2M", 2097152},
        {"1G", 1073741824},
        {"010", 10},
        {"0o10", 8},
        {"0O17_7", 127},
        {"0b1_0000", 16},
        {"1000h", 4096},
        {"0FFH", 255},
        {"0b11h", 0xb11},
        {"1_0000h", 65536},
        {"18446744073709551615", UINT64_MAX},
        {"0xffffffffffffffff", UINT64_MAX},
        {"17179869183G", 17179869183ull << 30},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        uint64_t value = 1;
        if (!number_parse(cases[i].text, &value, &err) || value != cases[i].value)
            fail_msg("%s gives %llu %s", cases[i].text, (unsigned long long)value, err.text);
    }
}

static void
what_is_no_number_is_refused(void **state)
{
    static const char *const cases[] = {
        "",
        " 8",
        "8 ",
        "8x",
        "-1",
        "+1",
        "0x",
        "0b",
        "0b2",
        "0o",
        "0o8",
        "0x10h",
        "h",
        "10hh",
        "10h ",
        "1_h",
        "1__0h",
        "4Kh",
        "10000000000000000h",
        "x10",
        "1__0",
        "_1",
        "1_",
        "0x_1",
        "4KB",
        "K",
        "0x4K0G",
        "1.5",
        "1e3",
        "4 K",
        "0x1g",
        "４",
        "1\n",
        "99999999999999999999",
        "18446744073709551616",
        "0x10000000000000000",
        "17179869184G",
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        uint64_t value = 42;
        if (number_parse(cases[i], &value, &err))
            fail_msg("\"%s\" was taken as %llu", cases[i], (unsigned long long)value);
        assert_int_equal(value, 42);
        assert_int_equal(err.code, EXIT_DATA);
    }
}

static void
a_range_is_named(void **state)
{
    struct error err = {0};
    uint64_t value = 7;

    (void)state;
    assert_true(number_parse_range("64", 1, 64, "frames", &value, &err));
    assert_int_equal(value, 64);
    assert_false(number_parse_range("0", 1, 64, "frames", &value, &err));
    assert_string_equal(err.text, "frames: 0 is not within 1..64");
    assert_int_equal(value, 64);
}

static void
hex_strings_of_json(void **state)
{
    static const char *const bad[] = {"",    "0x", "0X1f", "0x1F", "1f", "0x12345678901234567",
                                      "0x1 "};
    uint64_t value = 0;

    (void)state;
    assert_true(number_parse_hex("0x1f", &value));
    assert_int_equal(value, 31);
    assert_true(number_parse_hex("0xffff800000000000", &value));
    assert_true(value == 0xffff800000000000ull);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (number_parse_hex(bad[i], &value))
            fail_msg("\"%s\" was taken", bad[i]);
}

static void
sizes_use_the_largest_unit(void **state)
{
    char out[24];

    (void)state;
    assert_string_equal(number_size(0, out), "0");
    assert_string_equal(number_size(100, out), "100");
    assert_string_equal(number_size(4096, out), "4K");
    assert_string_equal(number_size(6144, out), "6K");
    assert_string_equal(number_size(2097152, out), "2M");
    assert_string_equal(number_size(1ull << 40, out), "1024G");
}

static void
random_numbers_equal_the_reference(void **state)
{
    static const uint64_t mixed[] = {6457827717110365317ull, 3203168211198807973ull,
                                     9817491932198370423ull, 4593380528125082431ull,
                                     16408922859458223821ull};
    static const uint64_t starred[] = {11520, 0, 1509978240, 1215971899390074240ull};
    struct rng r = {{1, 2, 3, 4}};
    uint64_t seed = 1234567;

    (void)state;
    for (int i = 0; i < 5; i++)
        assert_true(rng_splitmix(&seed) == mixed[i]);
    for (int i = 0; i < 4; i++)
        assert_true(rng_next(&r) == starred[i]);
}

static void
bounded_draws_are_fair(void **state)
{
    struct rng r;
    unsigned count[6] = {0}, high = 0;
    const uint64_t large =
        3ull << 62; /* three quarters of the range: a plain % would double its first third */

    (void)state;
    rng_seed(&r, 1);
    for (int i = 0; i < 60000; i++)
        count[rng_below(&r, 6)]++;
    for (int i = 0; i < 6; i++)
        assert_in_range(count[i], 9600, 10400); /* 10000 +- 4.4 standard deviations */
    for (int i = 0; i < 30000; i++) {
        uint64_t x = rng_below(&r, large);
        assert_true(x < large);
        high += x >= 1ull << 62;
    }
    assert_in_range(high, 19600, 20400); /* two thirds; with the bias it would be half */
    for (int i = 0; i < 1000; i++)
        assert_in_range(rng_between(&r, 5, 7), 5, 7);
    assert_int_equal(rng_below(&r, 1), 0);
}

static void
a_hash_does_not_depend_on_the_cutting(void **state)
{
    unsigned char bytes[300];
    struct hash128 whole;

    (void)state;
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7);
    whole = hash_bytes(bytes, sizeof bytes, 9);
    for (size_t cut = 0; cut <= sizeof bytes; cut++) {
        struct hash_state h;
        hash_begin(&h, 9);
        hash_add(&h, bytes, cut);
        hash_add(&h, bytes + cut, (sizeof bytes - cut) / 2);
        hash_add(&h, bytes + cut + (sizeof bytes - cut) / 2,
                 sizeof bytes - cut - (sizeof bytes - cut) / 2);
        assert_true(hash_equal(hash_end(&h), whole));
    }
    assert_false(hash_equal(hash_bytes(bytes, sizeof bytes, 10), whole));
    assert_false(hash_equal(hash_bytes("a", 1, 0), hash_bytes("a\0", 2, 0)));
    assert_false(hash_equal(hash_bytes("", 0, 0), hash_bytes("\0", 1, 0)));
}

/* Flipping any bit, or any two bits 32 bytes apart (the lane's stride), changes about half of the
 * output. */
static void
a_flipped_bit_changes_half_of_the_hash(void **state)
{
    unsigned char page[128] = {0};
    struct hash128 zero = hash_bytes(page, sizeof page, 0);
    unsigned changed = 0, flips = 0;

    (void)state;
    for (unsigned bit = 0; bit < 64 * 8; bit++) {
        for (unsigned other = 0; other < 3; other++) {
            unsigned at = other ? bit / 8 + 32 : 0;
            unsigned char mask = (unsigned char)(other == 2 ? 0x80 : 1u << bit % 8);
            struct hash128 h;
            page[bit / 8] ^= (unsigned char)(1u << bit % 8);
            if (other)
                page[at] ^= mask;
            h = hash_bytes(page, sizeof page, 0);
            assert_false(hash_equal(h, zero));
            changed += (unsigned)(__builtin_popcountll(h.hi ^ zero.hi) +
                                  __builtin_popcountll(h.lo ^ zero.lo));
            flips++;
            memset(page, 0, sizeof page);
        }
    }
    assert_in_range(changed / flips, 62, 66);
}

static void
a_hash_prints_as_32_digits(void **state)
{
    struct hash128 h = {0x123456789abcdef0ull, 0xfull};
    char out[33];

    (void)state;
    assert_string_equal(hash_hex(h, out), "123456789abcdef0000000000000000f");
}

static void
a_buffer_grows_and_stays_a_string(void **state)
{
    struct buffer b = {0};

    (void)state;
    assert_string_equal(buffer_text(&b), "");
    for (int i = 0; i < 5000; i++)
        buffer_printf(&b, "%d,", i % 10);
    assert_int_equal(b.length, 10000);
    assert_int_equal(strlen(b.data), 10000);
    assert_memory_equal(b.data + 9990, "5,6,7,8,9,", 10);
    buffer_truncate(&b, 4);
    buffer_append(&b, "\0x", 2);
    assert_int_equal(b.length, 6);
    assert_memory_equal(b.data, "0,1,\0x", 7);
    buffer_repeat(&b, '-', 1000);
    assert_int_equal(b.length, 1006);
    buffer_free(&b);
    assert_int_equal(b.length, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_as_people_write_them),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(a_range_is_named),
        cmocka_unit_test(hex_strings_of_json),
        cmocka_unit_test(sizes_use_the_largest_unit),
        cmocka_unit_test(random_numbers_equal_the_reference),
        cmocka_unit_test(bounded_draws_are_fair),
        cmocka_unit_test(a_hash_does_not_depend_on_the_cutting),
        cmocka_unit_test(a_flipped_bit_changes_half_of_the_hash),
        cmocka_unit_test(a_hash_prints_as_32_digits),
        cmocka_unit_test(a_buffer_grows_and_stays_a_string),
    };

    return RUN_TESTS(tests);
}
