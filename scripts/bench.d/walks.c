/* Translations, against Unicorn: an emulator of x86 CPUs that walks the same tables, four levels of 4 KiB
 * pages. A load of one byte from each of so many pages in turn, both on one machine in one run, turn by
 * turn. Millions of loads a second of CPU time, the best of some rounds; and ours over Unicorn's.
 *
 * Hits: 8 pages, which either's TLB holds. Walks: 4096 pages, so that each load misses, which our
 * counters confirm; Unicorn's rate falls no further with more. Ours are those of an unwatched machine whose
 * kernel keeps the time of each use (machine/burst.h). Unicorn's are made by a loop of five instructions
 * (without a load it would run at three times the rate of hits); Debian's version runs only where each
 * page is mapped to itself. That it does walk is seen in the end from a page whose P is cleared. */
#include <string.h>
#include <unicorn/unicorn.h>

#include "base/assert.h"
#include "bench.h"
#include "hw/hw.h"
#include "machine/burst.h"
#include "support/drive.h"
#include "test.h"

enum { ROUNDS = 9, HOT = 8, COLD = 4096, HITS = 20000000, WALKS = 2000000, BURST = 8192 };
enum { PAGE = 4096, DATA = 0x8000000 };

/* --- ours --- */

static void
open_ours(struct machine *m)
{
    struct preset preset;
    struct error e = {0};
    char line[64];

    drive_preset("x86-64", &preset);
    preset.geo.frames = preset.geo.slot_max = 4 * COLD;
    pw_assert(machine_open(m, &preset, 1, &e));
    drive_machine(m, "spawn");
    snprintf(line, sizeof line, "mmap 0x%x 0x%x rw", DATA, COLD * PAGE);
    drive_machine(m, line);
    for (unsigned i = 0; i < COLD; i++) {
        snprintf(line, sizeof line, "write 0x%x 1", DATA + i * PAGE);
        drive_machine(m, line);
    }
}

static double
run_ours(struct machine *m, unsigned pages, unsigned loads)
{
    static vaddr_t va[BURST];
    const struct burst b = {.va = va, .n = BURST};
    const uint64_t *walks = &m->hw.s->cpu[0].walks;
    uint64_t before = *walks, absent = 0;
    struct error e = {0};
    double start;

    loads -= loads % BURST;
    for (unsigned i = 0; i < BURST; i++)
        va[i] = DATA + (vaddr_t)(i % pages) * PAGE;
    start = cpu_ms();
    for (unsigned made = 0; made < loads; made += BURST)
        pw_assert(machine_burst(m, 0, &b, &absent, &e));
    start = cpu_ms() - start;
    before = *walks - before;
    pw_assert(absent == 0 && (pages == COLD ? before >= loads - HOT : before <= HOT));
    return loads / start / 1e3;
}

/* --- Unicorn's --- */

enum { ROOT = 0x1000000, LAST = ROOT + 3 * PAGE, CODE = 0x200000, RAM = DATA + COLD * PAGE };

static void
put(uc_engine *uc, uint64_t pa, uint64_t word)
{
    pw_assert(uc_mem_write(uc, pa, &word, sizeof word) == UC_ERR_OK);
}

static void
put_register(uc_engine *uc, int which, uint64_t value)
{
    pw_assert(uc_reg_write(uc, which, &value) == UC_ERR_OK);
}

/* Where a table lies, for an entry that names it: present, writable, user, accessed, dirty. */
static uint64_t
named(uint64_t pa)
{
    return pa | 0x67;
}

static uc_engine *
open_unicorn(void)
{
    uc_x86_msr efer = {.rid = 0xc0000080, .value = EFER_LME | EFER_LMA | EFER_NXE};
    uc_engine *uc;

    pw_assert(uc_open(UC_ARCH_X86, UC_MODE_64, &uc) == UC_ERR_OK);
    pw_assert(uc_mem_map(uc, 0, RAM, UC_PROT_ALL) == UC_ERR_OK);
    put(uc, ROOT, named(ROOT + PAGE));
    put(uc, ROOT + PAGE, named(ROOT + 2 * PAGE));
    for (unsigned i = 0; i < RAM / PAGE / 512; i++)
        put(uc, ROOT + 2 * PAGE + 8 * i, named(LAST + i * PAGE));
    for (unsigned i = 0; i < RAM / PAGE; i++)
        put(uc, LAST + 8 * i, named((uint64_t)i * PAGE));
    put_register(uc, UC_X86_REG_CR3, ROOT);
    put_register(uc, UC_X86_REG_CR4, CR4_PAE);
    pw_assert(uc_reg_write(uc, UC_X86_REG_MSR, &efer) == UC_ERR_OK);
    put_register(uc, UC_X86_REG_CR0, CR0_PE | CR0_WP | CR0_PG);
    return uc;
}

static uc_err
load_in_turn(uc_engine *uc, unsigned pages, unsigned loads)
{
    unsigned char loop[] = {
        0x8a, 0x04, 0x3e,             /* mov al, [rsi + rdi] */
        0x48, 0x81, 0xc7, 0, 0, 0, 0, /* add rdi, PAGE */
        0x48, 0x81, 0xe7, 0, 0, 0, 0, /* and rdi, pages * PAGE - 1 */
        0x48, 0xff, 0xc9,             /* dec rcx */
        0x75, 0xea,                   /* jnz loop */
    };
    uint32_t page = htole32(PAGE), last = htole32(pages * PAGE - 1);

    memcpy(loop + 6, &page, sizeof page);
    memcpy(loop + 13, &last, sizeof last);
    pw_assert(uc_mem_write(uc, CODE, loop, sizeof loop) == UC_ERR_OK);
    put_register(uc, UC_X86_REG_RSI, DATA);
    put_register(uc, UC_X86_REG_RDI, 0);
    put_register(uc, UC_X86_REG_RCX, loads);
    return uc_emu_start(uc, CODE, CODE + sizeof loop, 0, 0);
}

static double
run_unicorn(uc_engine *uc, unsigned pages, unsigned loads)
{
    double start = cpu_ms();

    pw_assert(load_in_turn(uc, pages, loads) == UC_ERR_OK);
    return loads / (cpu_ms() - start) / 1e3;
}

/* --- both --- */

static void
measure(struct machine *m, uc_engine *uc, const char *what, unsigned pages, unsigned loads,
        const char *target)
{
    double best[2] = {0};

    for (int round = -1; round < ROUNDS; round++) { /* the first to warm up */
        double rate[] = {run_ours(m, pages, loads), run_unicorn(uc, pages, loads)};

        for (int i = 0; i < 2; i++)
            best[i] = round >= 0 && rate[i] > best[i] ? rate[i] : best[i];
    }
    bench_part(what, "ours", best[0], "M/s", "-");
    bench_part(what, "unicorn", best[1], "M/s", "-");
    bench_part(what, "times_unicorn", best[0] / best[1], "x", target);
}

int
main(void)
{
    uc_engine *uc = open_unicorn();
    struct machine m;

    open_ours(&m);
    measure(&m, uc, "tlb_hits", HOT, HITS, ">1");
    measure(&m, uc, "cold_walks", COLD, WALKS, ">3");
    uc_close(uc);
    uc = open_unicorn();
    put(uc, LAST + 8 * (DATA / PAGE + 1), 0);
    pw_assert(load_in_turn(uc, HOT, HOT) == UC_ERR_EXCEPTION);
    uc_close(uc);
    machine_close(&m);
    return 0;
}
