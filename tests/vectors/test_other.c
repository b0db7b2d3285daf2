/* Page-walk vectors of RISC-V and AArch64, confirmed by QEMU and Spike (AArch64's blocks at level 0 by
 * the manual alone), through the same door as `pagewalk walk --check`. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "machine/vector.h"
#include "support/vectors.h"

static unsigned
run_file(const char *path)
{
    struct vector_rig rig;
    struct vector_report report = {0};
    struct vectors v;
    struct error e = {0};
    unsigned passed = 0;

    if (!vector_open(&rig, &e))
        fail_msg("%s", e.text);
    assert_true(vectors_open(&v, path));
    while (vectors_next_row(&v)) {
        if (!vector_run(&rig, v.line, strlen(v.line), true, &report, &e))
            fail_msg("%s: %s", e.text, v.line);
        if (report.verdict != VECTOR_PASSED)
            fail_msg("%s", report.difference.data);
        passed++;
    }
    assert_string_equal(v.broken, "");
    vector_report_free(&report);
    vectors_close(&v);
    vector_close(&rig);
    return passed;
}

static void
riscv_gives_what_real_emulators_gave(void **state)
{
    unsigned passed = run_file("tests/vectors/riscv.jsonl.gz");

    (void)state;
    assert_int_equal(passed, 1700);
    printf("COUNT vectors_riscv %u\n", passed);
}

static void
aarch64_gives_what_real_emulators_gave(void **state)
{
    unsigned passed = run_file("tests/vectors/aarch64.jsonl.gz");

    (void)state;
    assert_int_equal(passed, 1679);
    printf("COUNT vectors_aarch64 %u\n", passed);
}

/* A judge that passes everything would pass these too. */
static void
a_wrong_expectation_is_told(void **state)
{
    static const char *const row[] = {
        "{\"id\":\"a\",\"mode\":\"sv39\",\"satp\":\"0x8000000000080000\",\"status\":{\"sum\":0,"
        "\"mxr\":0},"
        "\"adue\":1,\"ram\":[\"0x80000000\",\"0x90000000\"],\"mem\":[],\"acc\":{\"va\":\"0x1000\","
        "\"op\":"
        "\"r\",\"user\":1},\"exp\":{\"cause\":12,\"tval\":\"0x1000\"},\"ad\":[]}",
        "{\"id\":\"b\",\"mode\":\"aarch64\",\"pamax\":40,\"feat\":[],\"ttbr0\":\"0x80000000\","
        "\"ttbr1\":\"0x0\",\"tcr\":\"0x280103510\",\"mair\":\"0x0\",\"sctlr\":\"0x1\",\"mem\":[],"
        "\"acc\":{\"va\":\"0x1000\",\"op\":\"r\",\"user\":1},\"exp\":{\"fsc\":5,\"level\":1,"
        "\"kind\":"
        "\"translation\"}}",
    };
    struct vector_rig rig;
    struct vector_report report = {0};
    struct error e = {0};

    (void)state;
    assert_true(vector_open(&rig, &e));
    assert_true(vector_run(&rig, row[0], strlen(row[0]), true, &report, &e));
    assert_int_equal(report.verdict, VECTOR_FAILED);
    assert_non_null(strstr(report.difference.data, "\"cause\":13"));
    assert_true(vector_run(&rig, row[1], strlen(row[1]), true, &report, &e));
    assert_int_equal(report.verdict, VECTOR_FAILED);
    assert_non_null(strstr(report.difference.data, "\"fsc\":4,\"level\":0"));
    vector_report_free(&report);
    vector_close(&rig);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(riscv_gives_what_real_emulators_gave),
        cmocka_unit_test(aarch64_gives_what_real_emulators_gave),
        cmocka_unit_test(a_wrong_expectation_is_told),
    };

    return RUN_TESTS(tests);
}
