/* Processes: numbers, switches, exits; and thousands of random calls after each of which every
 * count is right. */
#include <string.h>

#include "support/tiny.h"
#include "test.h"

enum { RW = RIGHT_R | RIGHT_W, PAGE = 4096 };

static int
setup(void **state)
{
    *state = tiny_open(TINY_X86, 0, 2);
    return 0;
}

static void
spawn_takes_one_frame_and_runs_nobody(void **state)
{
    struct tiny *t = *state;
    uint32_t before = t->os.s->free_frames;

    tiny_record(t);
    assert_int_equal(os_spawn(&t->os, 0), 1);
    assert_string_equal(tiny_story(t),
                        "frame_alloc table_alloc area_added area_added area_added spawned");
    assert_int_equal(before - t->os.s->free_frames, 1);
    assert_int_equal(t->os.s->task[1].state, TASK_READY);
    assert_int_equal(t->hw.s->cpu[0].task, 0);
    assert_int_equal(tiny_event(t, EV_SPAWNED, 0)->frame << 12, t->os.s->mm[1].root);
}

static void
a_switch_loads_cr3_and_empties_the_tlb(void **state)
{
    struct tiny *t = *state;
    uint32_t a = tiny_run(t), b = os_spawn(&t->os, 0);

    tiny_write(t, 0x7ffffffde000, 1);
    assert_true(tlb_count(&t->hw, 0) > 0);
    tiny_record(t);
    os_switch(&t->os, 0, b);
    assert_int_equal(t->hw.s->cpu[0].cr3, t->os.s->mm[b].root);
    assert_int_equal(tlb_count(&t->hw, 0), 0);
    assert_int_equal(tiny_event(t, EV_SWITCHED, 0)->other, b);
    assert_int_equal(t->os.s->task[a].state, TASK_READY);
    assert_int_equal(t->os.s->task[b].state, TASK_RUNNING);
    assert_int_equal(tiny_read(t, 0x7ffffffde000).value, 0); /* same address, other process */
    os_switch(&t->os, 0, 0);
    assert_int_equal(t->hw.s->cpu[0].cr3, t->os.s->kernel_root);
    assert_int_equal(tiny_read(t, 0x7ffffffde000).end, END_NO_PROCESS);
    os_switch(&t->os, 0, a);
    assert_int_equal(tiny_read(t, 0x7ffffffde000).value, 1);
}

static void
the_kernels_half_is_the_same_in_every_root(void **state)
{
    struct tiny *t = *state;
    uint32_t a = tiny_run(t), b = os_spawn(&t->os, 0);

    for (unsigned i = 0; i < 512; i++) {
        pte_t kernel = phys_read(&t->hw.phys, t->os.s->kernel_root + i * 8, 8);

        assert_int_equal(kernel != 0, i == 273); /* 0xffff888000000000, bits 47:39 */
        assert_int_equal(phys_read(&t->hw.phys, t->os.s->mm[a].root + i * 8, 8), kernel);
        assert_int_equal(phys_read(&t->hw.phys, t->os.s->mm[b].root + i * 8, 8), kernel);
    }
}

static void
exit_gives_everything_back(void **state)
{
    struct tiny *t = *state;
    uint32_t before = t->os.s->free_frames;
    vaddr_t va = 0;

    tiny_run(t);
    tiny_mmap(t, 0x40000000, 64, RW);
    for (unsigned i = 0; i < 64; i++)
        (i % 2 ? tiny_write(t, 0x40000000 + i * PAGE, 1) : tiny_read(t, 0x40000000 + i * PAGE));
    os_mmap(&t->os, 0, &va, 4 * PAGE, RW, true, object_open(&t->os, "a.txt"));
    tiny_write(t, va, 1);
    tiny_read(t, 0x400000);
    tiny_write(t, 0x600000, 1);
    tiny_record(t);
    os_exit(&t->os, 0, 1, SIGNAL_NONE);
    assert_int_equal(t->os.s->free_frames, before);
    assert_int_equal(tiny_event(t, EV_EXITED, 0)->count, tiny_count(t, EV_FRAME_FREE));
    assert_int_equal(tiny_count(t, EV_TABLE_FREE),
                     10); /* root; PDPT PD PT PT for the program, PD PT; PDPT PD PT */
    assert_int_equal(t->os.s->free_count[10] + t->os.s->free_count[9], 1);
    assert_int_equal(t->os.s->task[1].state, TASK_NONE);
    assert_int_equal(t->hw.s->cpu[0].cr3, t->os.s->kernel_root);
}

static void
exit_that_forgets_its_tables(void **state)
{
    struct tiny *t = *state;
    uint32_t before = t->os.s->free_frames, pid = tiny_run(t);

    tiny_write(t, 0x7ffffffde000, 1);
    t->hw.s->quirks = UINT64_C(1) << QUIRK_EXIT_LEAKS;
    os_exit(&t->os, 0, pid, SIGNAL_NONE);
    assert_int_equal(before - t->os.s->free_frames, 4);
    assert_non_null(tiny_wrong(t)); /* tables that belong to nobody */
    t->hw.s->quirks = 0;
    assert_int_equal(tiny_run(t), pid);
    assert_int_equal(tiny_read(t, 0x7ffffffde000).value, 0);
    os_exit(&t->os, 0, pid, SIGNAL_NONE);
    assert_int_equal(before - t->os.s->free_frames, 4);
    tiny_close(t);
    *state = tiny_open(TINY_X86, 0, 1);
}

static void
a_process_killed_elsewhere_leaves_its_cpu(void **state)
{
    struct tiny *t = *state;
    uint32_t pid;

    tiny_run(t);
    pid = os_spawn(&t->os, 1);
    os_switch(&t->os, 1, pid);
    os_exit(&t->os, 0, pid, SIGNAL_KILL);
    assert_int_equal(t->hw.s->cpu[1].task, 0);
    assert_int_equal(t->hw.s->cpu[1].cr3, t->os.s->kernel_root);
    assert_int_equal(t->os.s->task[pid].state, TASK_DEAD);
}

static void
numbers_of_the_killed_come_last(void **state)
{
    struct tiny *t = *state;

    for (uint32_t pid = 1; pid < TASK_MAX; pid++)
        assert_int_equal(os_spawn(&t->os, 0), pid);
    assert_int_equal(os_spawn(&t->os, 0), 0);
    os_exit(&t->os, 0, 5, SIGNAL_KILL);
    os_exit(&t->os, 0, 9, SIGNAL_NONE);
    assert_int_equal(os_spawn(&t->os, 0), 9);
    assert_int_equal(os_spawn(&t->os, 0), 5);
    assert_int_equal(t->os.s->task[5].signal, SIGNAL_NONE);
}

static void
shared_memory_survives_its_maker(void **state)
{
    struct tiny *t = *state;
    vaddr_t va = 0;
    uint32_t child;

    tiny_run(t);
    os_mmap(&t->os, 0, &va, PAGE, RW, true, 0);
    child = os_fork(&t->os, 0);
    tiny_write(t, va, 0x42);
    os_exit(&t->os, 0, 1, SIGNAL_NONE);
    os_switch(&t->os, 0, child);
    assert_int_equal(tiny_read(t, va).value, 0x42);
}

/* --- thousands of random calls --- */

static uint32_t
roll(uint32_t *seed, uint32_t n)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % n;
}

/* One of the first pages of an area of the process, mostly; else anywhere. */
static vaddr_t
somewhere(uint32_t *seed, const struct tiny *t, unsigned cpu)
{
    uint64_t page = format_page(&t->hw.geo.format), pages;
    uint32_t area = t->os.s->mm[t->hw.s->cpu[cpu].task].area;

    for (uint32_t n = roll(seed, 6); n && area && t->os.area[area].next; n--)
        area = t->os.area[area].next;
    if (area == 0 || roll(seed, 40) == 0)
        return t->hw.geo.format.va_bits == 16 ? roll(seed, 256) * page
                                              : 0x400000 + roll(seed, 2048) * page;
    pages = (t->os.area[area].end - t->os.area[area].start) / page;
    return t->os.area[area].start + roll(seed, pages < 8 ? (uint32_t)pages : 8) * page;
}

static void
random_access(struct tiny *t, unsigned cpu, uint32_t *seed)
{
    vaddr_t va = somewhere(seed, t, cpu);
    uint32_t area = area_find(&t->os, t->hw.s->cpu[cpu].task, va);
    bool writable = area && (t->os.area[area].prot & RIGHT_W);
    struct access a = {.va = va + roll(seed, 240),
                       .kind = writable ? ACCESS_WRITE : ACCESS_READ,
                       .size = (uint8_t)(1 << roll(seed, 4)),
                       .user = roll(seed, 20) != 0,
                       .value = roll(seed, 256)};
    struct access_end_result r;

    if (roll(seed, 3) == 0)
        a.kind = ACCESS_READ;
    if (roll(seed, 100) == 0)
        a = (struct access){
            .va = va + 255, .kind = (uint8_t)roll(seed, 3), .size = 8, .user = true};
    os_access(&t->os, cpu, &a, roll(seed, 3) != 0, &r);
}

static void
random_map(struct tiny *t, unsigned cpu, uint32_t *seed)
{
    uint64_t page = format_page(&t->hw.geo.format);
    vaddr_t va = roll(seed, 2) ? somewhere(seed, t, cpu) : 0;
    uint32_t object = roll(seed, 3) ? 0 : object_open(&t->os, roll(seed, 2) ? "a.txt" : "b.txt");

    os_mmap(&t->os, cpu, &va, (1 + roll(seed, 4)) * page, (uint8_t)roll(seed, 8), roll(seed, 2),
            object);
}

static void
random_work(struct tiny *t, unsigned cpu, uint32_t *seed)
{
    uint64_t page = format_page(&t->hw.geo.format);
    uint32_t what = roll(seed, 60);

    if (what == 0)
        os_fork(&t->os, cpu);
    else if (what < 4)
        random_map(t, cpu, seed);
    else if (what < 6)
        os_munmap(&t->os, cpu, somewhere(seed, t, cpu), roll(seed, 4) * page);
    else if (what < 8)
        os_mprotect(&t->os, cpu, somewhere(seed, t, cpu), roll(seed, 4) * page,
                    (uint8_t)roll(seed, 8));
    else if (what == 8)
        os_brk(&t->os, cpu, t->os.layout.heap + roll(seed, 8 * (uint32_t)page));
    else
        random_access(t, cpu, seed);
}

static void
random_call(struct tiny *t, unsigned cpu, uint32_t *seed)
{
    const struct task *task = os_current(&t->os, cpu);
    uint32_t pid = 1 + roll(seed, 6), what = roll(seed, 120);
    enum task_state state = (enum task_state)t->os.s->task[pid].state;

    if (what == 0 && state != TASK_NONE && state != TASK_DEAD)
        os_exit(&t->os, cpu, pid, roll(seed, 2) ? SIGNAL_NONE : SIGNAL_KILL);
    else if (what < 3 || (what < 30 && !task))
        os_spawn(&t->os, cpu);
    else if (what < 10 || (what < 60 && !task)) {
        if (state == TASK_READY)
            os_switch(&t->os, cpu, pid);
    } else if (what < 13)
        os_tick(&t->os, cpu, roll(seed, 400000));
    else if (task)
        random_work(t, cpu, seed);
}

/* What a hand with no idea does: eight bytes into an entry of some page table. */
static void
random_poke(struct tiny *t, uint32_t *seed)
{
    static const uint64_t flags[] = {0, 1, 3, 5, 7, 0x67, 0x87, 0xe7};
    const struct format *f = &t->hw.geo.format;
    pfn_t table = roll(seed, (uint32_t)t->hw.geo.frames);
    uint64_t entry =
        roll(seed, 8) ? pa_of(f, roll(seed, 2 * (uint32_t)t->hw.geo.frames)) | flags[roll(seed, 8)]
                      : (uint64_t)roll(seed, UINT32_MAX) << roll(seed, 40);

    if (t->os.frame[table].use == USE_TABLE && t->os.frame[table].owner)
        phys_write(&t->hw.phys, pa_of(f, table) + roll(seed, 16) * f->entry_bytes, f->entry_bytes,
                   entry);
}

struct game {
    enum tiny_kind kind;
    uint32_t seed;
    unsigned calls;
    uint64_t quirks;
    bool poke;
};

/* Invariants are asked of a right kernel whose tables nobody touched; that everything comes back,
 * of every one that does not leak. */
static void
play(struct game g)
{
    struct tiny *t = tiny_open(g.kind, g.kind == TINY_X86 ? 160 : 0, 2);
    uint32_t before = t->os.s->free_frames, seed = g.seed;
    bool leaks = g.quirks >> QUIRK_EXIT_LEAKS & 1;

    t->hw.s->quirks = g.quirks;
    for (unsigned i = 0; i < g.calls; i++) {
        const char *wrong;

        random_call(t, roll(&seed, 2), &seed);
        if (g.poke && roll(&seed, 8) == 0)
            random_poke(t, &seed);
        else if (!g.poke && !g.quirks && (wrong = tiny_wrong(t)) != NULL)
            fail_msg("seed %u, call %u: %s", g.seed, i, wrong);
    }
    for (uint32_t pid = 1; pid < TASK_MAX; pid++)
        if (t->os.s->task[pid].state != TASK_NONE && t->os.s->task[pid].state != TASK_DEAD)
            os_exit(&t->os, 0, pid, SIGNAL_NONE);
    if (!leaks)
        assert_int_equal(t->os.s->free_frames, before);
    assert_int_equal(t->os.s->limit_hit, 0);
    tiny_close(t);
}

static void
random_calls_keep_every_count_right(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= tries(10); seed++) {
        play((struct game){TINY_X86, seed, 2000, 0, false});
        play((struct game){TINY_64, seed, 2000, 0, false});
    }
}

/* A wrong kernel makes wrong emulated memory; it never makes the host fall over. */
static void
random_calls_on_wrong_kernels_end(void **state)
{
    (void)state;
    for (unsigned q = 0; q < QUIRKS; q++) {
        play((struct game){TINY_X86, q, tries(3000), UINT64_C(1) << q, false});
        play((struct game){TINY_64, q, tries(3000), UINT64_C(1) << q, false});
    }
    play((struct game){TINY_64, 99, tries(3000), low_bits(QUIRKS), false});
}

static void
random_pokes_into_tables_end(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 20; seed++) {
        play((struct game){TINY_X86, seed, tries(3000), 0, true});
        play((struct game){TINY_64, seed, tries(3000), 0, true});
    }
}

/* Same calls, same bytes: with an observer and without. */
static void
watching_changes_nothing(void **state)
{
    struct tiny *a = tiny_open(TINY_X86, 160, 2), *b = tiny_open(TINY_X86, 160, 2);
    uint32_t s = 7, u = 7;

    (void)state;
    for (unsigned i = 0; i < 3000; i++) {
        tiny_record(b);
        random_call(a, roll(&s, 2), &s);
        random_call(b, roll(&u, 2), &u);
    }
    assert_true(a->os.s->rmap_used > 50); /* something happened */
    assert_int_equal(a->hw.s->cycles, b->hw.s->cycles);
    assert_memory_equal(a->arena.base, b->arena.base, a->arena.size);
    tiny_close(a);
    tiny_close(b);
}

/* What is written above the hot part is announced first: an unmarked chunk has not changed. */
static void
every_write_goes_through_a_door(void **state)
{
    struct tiny *t = tiny_open(TINY_64, 0, 2);
    unsigned char *copy = test_malloc(t->arena.size);
    uint32_t seed = 3;

    (void)state;
    for (unsigned round = 0; round < 30; round++) {
        memcpy(copy, t->arena.base, t->arena.size);
        arena_clean(&t->arena);
        for (unsigned i = 0; i < 20; i++)
            random_call(t, roll(&seed, 2), &seed);
        for (uint32_t c = (uint32_t)(t->arena.hot >> CHUNK_SHIFT); c < arena_chunks(&t->arena); c++)
            if (!(t->arena.marked[c] & ARENA_TOUCHED))
                assert_memory_equal(copy + (size_t)c * CHUNK, t->arena.base + (size_t)c * CHUNK,
                                    CHUNK);
    }
    test_free(copy);
    tiny_close(t);
}

#define WITH_MACHINE(f) cmocka_unit_test_setup_teardown(f, setup, tiny_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_MACHINE(spawn_takes_one_frame_and_runs_nobody),
        WITH_MACHINE(a_switch_loads_cr3_and_empties_the_tlb),
        WITH_MACHINE(the_kernels_half_is_the_same_in_every_root),
        WITH_MACHINE(exit_gives_everything_back),
        WITH_MACHINE(exit_that_forgets_its_tables),
        WITH_MACHINE(a_process_killed_elsewhere_leaves_its_cpu),
        WITH_MACHINE(numbers_of_the_killed_come_last),
        WITH_MACHINE(shared_memory_survives_its_maker),
        cmocka_unit_test(random_calls_keep_every_count_right),
        cmocka_unit_test(random_calls_on_wrong_kernels_end),
        cmocka_unit_test(random_pokes_into_tables_end),
        cmocka_unit_test(watching_changes_nothing),
        cmocka_unit_test(every_write_goes_through_a_door),
    };

    return RUN_TESTS(tests);
}
