/* Segments: the tables of two textbooks, to the byte. Silberschatz (five segments: 2:53 is 4353, 3:852 is
 * 4052, 0:1222 is a trap), OSTEP 16.2 and 16.3 (heap 4200 is 34920; stack 15 KiB is 27 KiB). */
#include "hw/segment.h"
#include "machine/machine.h"
#include "support/drive.h"
#include "test.h"

enum { KIB = 1024 };

static int
setup(void **state)
{
    static struct machine m;
    struct preset p;
    struct error e = {0};

    drive_preset("segments", &p);
    assert_true(machine_open(&m, &p, 1, &e));
    *state = &m;
    return 0;
}

static int
teardown(void **state)
{
    machine_close(*state);
    return 0;
}

static vaddr_t
address(uint64_t segment, uint64_t offset)
{
    return segment << 12 | offset;
}

/* Physical address of a user's access, or -1 for a trap. */
static int64_t
access(struct machine *m, uint8_t kind, vaddr_t va, unsigned size)
{
    struct access a = {.va = va, .kind = kind, .size = (uint8_t)size, .user = true, .value = 0x5a};
    struct access_result r;

    if (cpu_access(&m->hw, 0, &a, false, &r))
        return (int64_t)r.pa;
    assert_int_equal(r.fault.vector, FAULT_SEGMENT);
    assert_int_equal(r.fault.va, va);
    return -1;
}

static void
put(struct machine *m, uint64_t segment, struct descriptor d)
{
    phys_write(&m->hw.phys, m->hw.segment[0].table + 8 * segment, 8, descriptor_word(d));
}

static void
silberschatz_table(void **state)
{
    struct machine *m = *state;

    assert_int_equal(access(m, ACCESS_FETCH, address(2, 53), 1), 4353);
    assert_int_equal(access(m, ACCESS_READ, address(3, 852), 1), 4052);
    assert_int_equal(access(m, ACCESS_FETCH, address(0, 1222), 1), -1);
}

static void
ostep_segments(void **state)
{
    struct machine *m = *state;

    put(m, 0, (struct descriptor){32 * KIB, 2 * KIB, SEGMENT_P | SEGMENT_R | SEGMENT_X});
    put(m, 1, (struct descriptor){34 * KIB, 3 * KIB, SEGMENT_P | SEGMENT_R | SEGMENT_W});
    put(m, 3,
        (struct descriptor){28 * KIB, 2 * KIB, SEGMENT_P | SEGMENT_R | SEGMENT_W | SEGMENT_DOWN});
    assert_int_equal(access(m, ACCESS_FETCH, address(0, 100), 1), 32868); /* virtual 100 */
    assert_int_equal(access(m, ACCESS_READ, address(1, 4200 - 4096), 1), 34920);
    assert_int_equal(access(m, ACCESS_READ, address(1, 7 * KIB - 4096), 1), -1); /* virtual 7 KiB */
    assert_int_equal(access(m, ACCESS_WRITE, address(3, 3 * KIB), 1), 27 * KIB); /* 15 KiB */
}

static void
limits_are_exact(void **state)
{
    struct machine *m = *state;

    assert_int_equal(access(m, ACCESS_READ, address(3, 1099), 1), 3200 + 1099);
    assert_int_equal(access(m, ACCESS_READ, address(3, 1100), 1), -1);
    assert_int_equal(access(m, ACCESS_READ, address(3, 1092), 8), 3200 + 1092);
    assert_int_equal(access(m, ACCESS_READ, address(3, 1093), 8),
                     -1); /* its last byte is outside */
    assert_int_equal(access(m, ACCESS_READ, address(5, 2048), 1),
                     26 * KIB); /* lowest of the stack */
    assert_int_equal(access(m, ACCESS_READ, address(5, 2047), 1), -1);
    assert_int_equal(access(m, ACCESS_READ, address(5, 4095), 1), 28 * KIB - 1);
    assert_int_equal(access(m, ACCESS_READ, address(5, 4092), 8),
                     -1);                                           /* would go on in segment 6 */
    assert_int_equal(access(m, ACCESS_READ, address(6, 0), 1), -1); /* the table has six */
}

static void
rights_are_kept(void **state)
{
    struct machine *m = *state;

    assert_int_equal(access(m, ACCESS_WRITE, address(2, 0), 1), -1); /* r-x */
    assert_int_equal(access(m, ACCESS_FETCH, address(3, 0), 1), -1); /* rw- */
    assert_int_equal(access(m, ACCESS_WRITE, address(4, 0), 1), -1); /* r-- */
    assert_int_equal(access(m, ACCESS_WRITE, address(3, 0), 1), 3200);
    put(m, 3, (struct descriptor){3200, 1100, SEGMENT_R | SEGMENT_W}); /* P = 0 */
    assert_int_equal(access(m, ACCESS_READ, address(3, 0), 1), -1);
}

static void
a_trap_touches_no_memory(void **state)
{
    struct machine *m = *state;
    struct hash128 before = machine_hash(m), after;
    uint64_t cycles = m->hw.s->cycles;

    assert_int_equal(access(m, ACCESS_WRITE, address(3, 1100), 4), -1);
    m->hw.s->cycles = cycles; /* the descriptor was read, which takes time */
    after = machine_hash(m);
    assert_memory_equal(&before, &after, sizeof before);
}

/* The table is memory: whoever changes a base moves the segment. */
static void
the_table_is_bytes(void **state)
{
    struct machine *m = *state;

    drive_machine(m, "poke 0x110 00 20 00 00"); /* the base of segment 2 */
    assert_int_equal(access(m, ACCESS_READ, address(2, 53), 1), 0x2000 + 53);
}

static void
an_access_over_two_frames_is_one_segment(void **state)
{
    struct machine *m = *state;
    struct access a = {.va = address(0, 2692 - 4),
                       .kind = ACCESS_WRITE,
                       .size = 8,
                       .user = true,
                       .value = UINT64_C(0x1122334455667788)};
    struct access_result r;

    put(m, 0, (struct descriptor){1404, 4000, SEGMENT_P | SEGMENT_R | SEGMENT_W});
    assert_true(cpu_access(&m->hw, 0, &a, false, &r)); /* 4092 .. 4099 */
    assert_int_equal(r.pa, 4092);
    assert_int_equal(phys_read(&m->hw.phys, 4092, 4), 0x55667788);
    assert_int_equal(phys_read(&m->hw.phys, 4096, 4), 0x11223344);
}

static void
the_kernel_uses_physical_addresses(void **state)
{
    assert_int_equal(drive_machine(*state, "read 0x9123 as=kernel").pa, 0x9123);
}

static void
descriptors_are_what_they_say(void **state)
{
    struct descriptor d = descriptor_of(UINT64_C(0x17000800deadbee0));

    (void)state;
    assert_int_equal(d.base, 0xdeadbee0);
    assert_int_equal(d.limit, 0x800);
    assert_int_equal(d.rights, SEGMENT_P | SEGMENT_R | SEGMENT_W | SEGMENT_DOWN);
    assert_int_equal(descriptor_word(d), UINT64_C(0x17000800deadbee0));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(silberschatz_table),
        TEST(ostep_segments),
        TEST(limits_are_exact),
        TEST(rights_are_kept),
        TEST(a_trap_touches_no_memory),
        TEST(the_table_is_bytes),
        TEST(an_access_over_two_frames_is_one_segment),
        TEST(the_kernel_uses_physical_addresses),
        cmocka_unit_test(descriptors_are_what_they_say),
    };

    return RUN_TESTS(tests);
}
