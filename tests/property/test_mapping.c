/* Page tables that are no trees against a dictionary: random pages come, change and go; the kernel
 * and the MMU find what the dictionary says. Then random sessions, every invariant after each
 * operation. */
#include <stdio.h>
#include <stdlib.h>

#include "machine/invariant.h"
#include "support/drive.h"
#include "test.h"

/* --- the dictionary: a list, searched from its start --------------------------------------------- */

enum { WORDS = 600, PROCESSES = 5, FRAMES = 64, STEPS = 6000 };

struct word {
    uint32_t mm; /* 0: free */
    vaddr_t va;
    pte_t entry;
};

static struct word dictionary[WORDS];

static struct word *
word_find(uint32_t mm, vaddr_t va)
{
    for (int i = 0; i < WORDS; i++)
        if (dictionary[i].mm == mm && (mm == 0 || dictionary[i].va == va))
            return &dictionary[i];
    return NULL;
}

static void
word_set(uint32_t mm, vaddr_t va, pte_t entry)
{
    struct word *w = word_find(mm, va);

    if (!w)
        w = word_find(0, 0);
    assert_non_null(w);
    *w = (struct word){.mm = entry ? mm : 0, .va = va, .entry = entry};
}

/* The lowest page of mm at or after va. */
static const struct word *
word_next(uint32_t mm, vaddr_t va)
{
    const struct word *best = NULL;

    for (int i = 0; i < WORDS; i++)
        if (dictionary[i].mm == mm && dictionary[i].va >= va &&
            (!best || dictionary[i].va < best->va))
            best = &dictionary[i];
    return best;
}

/* --- the same in both ---------------------------------------------------------------------------- */

static void
open_small(struct machine *m, const char *preset)
{
    struct preset p;
    struct error e = {0};

    drive_preset(preset, &p);
    p.geo.frames = FRAMES;
    assert_true(machine_open(m, &p, 1, &e));
    for (int i = 0; i < PROCESSES; i++)
        drive_machine(m, "spawn");
}

static vaddr_t
random_page(struct rng *r)
{
    static const vaddr_t base[] = {0x401000, 0x10000000, 0x7ffff7ff0000, 0x7fffffe00000};
    uint64_t which = rng_below(r, 4), page = rng_below(r, 24);

    return base[which] + page * 4096;
}

/* Present in some frame, or, now and then, what is said of a page that is not in memory. */
static pte_t
random_entry(struct rng *r)
{
    uint64_t frame = 1 + rng_below(r, FRAMES - 1), rights = rng_below(r, 4) << 1,
             kind = rng_below(r, 8);

    return kind == 0 ? 0 : kind == 1 ? frame << 12 : frame << 12 | rights | 1;
}

static void
change_something(struct machine *m, struct rng *r)
{
    uint32_t mm = (uint32_t)(1 + rng_below(r, PROCESSES));
    vaddr_t va = random_page(r);
    pte_t entry = random_entry(r);
    paddr_t slot = table_slot(&m->os, 0, mm, va, true);

    assert_true(slot);
    table_set(&m->os, 0, mm, va, slot, entry);
    word_set(mm, va, entry);
}

static void
kernel_finds_it(struct machine *m, uint32_t mm, vaddr_t va)
{
    const struct word *w = word_find(mm, va);
    paddr_t slot = table_find(&m->os, mm, va);

    assert_int_equal(slot ? table_get(&m->os, slot) : 0, w ? w->entry : 0);
}

/* From the bytes alone. What the MMU finds is true; a page in memory that it does not find waits, and
 * then another page has its frame's entry (inverted), or the table is full (hashed). */
static bool
mmu_finds_it(struct machine *m, uint32_t mm, vaddr_t va)
{
    const struct word *w = word_find(mm, va);
    struct translation t;
    bool found = walker_peek(&m->hw, m->os.s->mm[mm].root, va, &t);

    if (!found)
        return false;
    assert_non_null(w);
    assert_int_equal(t.entry[0] & ~UINT64_C(0x60), w->entry);
    assert_int_equal(t.pfn, w->entry >> 12 & 0xfffffff);
    return true;
}

static void
everybody_agrees(struct machine *m, uint64_t *found)
{
    unsigned seen[FRAMES] = {0}, present = 0, hits = 0;
    bool inverted = m->preset.geo.format.kind == TABLE_INVERTED;

    for (int i = 0; i < WORDS; i++) {
        const struct word *w = &dictionary[i];
        bool hit = w->mm && mmu_finds_it(m, w->mm, w->va);

        if (w->mm)
            kernel_finds_it(m, w->mm, w->va);
        present += w->mm && (w->entry & 1);
        hits += hit;
        if (hit && inverted) /* one entry a frame */
            assert_int_equal(seen[w->entry >> 12 & 0xfffffff]++, 0);
    }
    assert_int_equal(present - hits, m->os.mappings.pool->waiting);
    if (!inverted) /* 64 entries, of which entry 0 is not used */
        assert_int_equal(hits, present < FRAMES - 1 ? present : hits);
    *found += hits;
}

static void
pages_come_in_order(struct machine *m, struct rng *r)
{
    uint32_t mm = (uint32_t)(1 + rng_below(r, PROCESSES));
    vaddr_t va = random_page(r);
    const struct word *w;
    paddr_t slot;

    for (; table_next(&m->os, mm, &va, 0x800000000000, &slot); va += 4096) {
        w = word_next(mm, va);
        assert_non_null(w);
        assert_int_equal(va, w->va);
        assert_int_equal(table_get(&m->os, slot), w->entry);
    }
    assert_null(word_next(mm, va));
}

static void
a_table_is_a_dictionary(const char *preset)
{
    struct machine m;
    struct rng r;
    uint64_t found = 0;

    rng_seed(&r, 16);
    for (int i = 0; i < WORDS; i++)
        dictionary[i] = (struct word){0};
    open_small(&m, preset);
    for (int i = 0; i < STEPS; i++) {
        uint32_t mm = (uint32_t)(1 + rng_below(&r, PROCESSES));

        change_something(&m, &r);
        kernel_finds_it(&m, mm, random_page(&r));
        pages_come_in_order(&m, &r);
        if (i % 8 == 0)
            everybody_agrees(&m, &found);
    }
    assert_in_range(found, STEPS, UINT64_MAX); /* the MMU was really asked */
    for (uint32_t mm = 1; mm <= PROCESSES; mm++)
        mapping_free_all(&m.os, 0, mm);
    for (uint32_t i = 0; i < hashed_bytes(&m.preset.geo); i += 4) /* nothing is left behind */
        assert_int_equal(phys_read(&m.hw.phys, 0x1000 + i, 4), 0);
    machine_close(&m);
}

static void
a_hashed_table_is_a_dictionary(void **state)
{
    (void)state;
    a_table_is_a_dictionary("hashed");
}

static void
an_inverted_table_is_a_dictionary(void **state)
{
    (void)state;
    a_table_is_a_dictionary("inverted");
}

/* --- sessions ------------------------------------------------------------------------------------- */

enum { SESSIONS = 200, OPERATIONS = 60 };

static void
nothing_is_wrong(const struct machine *m, uint64_t seed, int n, const struct operation *op)
{
    struct violation v[4];
    unsigned found = invariant_check(m, v, 4);

    if (found)
        fail_msg("%s, seed %llu, operation %d (%s): %s: %s", m->preset.name,
                 (unsigned long long)seed, n, operation_row(op->code)->name,
                 invariant_row[v[0].invariant].id, v[0].where);
}

static void
one_session(const char *preset, uint64_t seed, uint64_t *evictions, uint64_t *waited)
{
    struct machine m;
    struct preset p;
    struct rng r;
    struct error e = {0};

    drive_preset(preset, &p);
    p.geo.frames = seed % 3 == 0 ? 24 : 96;
    p.geo.cpus = (uint8_t)(1 + seed % 2);
    p.tunable[TUNE_TABLE_SCAN] = seed % 2;
    rng_seed(&r, seed);
    assert_true(machine_open(&m, &p, seed, &e));
    for (int i = 0; i < OPERATIONS; i++) {
        struct operation op;
        uint8_t blob[OPERATION_BLOB];
        struct outcome out;

        if (i == 0)
            operation_parse("spawn", &op, blob, &e);
        else
            drive_random(&r, &m, &op, blob);
        if (!machine_do(&m, &op, &out, &e))
            assert_true(e.code == EXIT_DATA || e.code == EXIT_LIMIT);
        nothing_is_wrong(&m, seed, i, &op);
        *waited += m.os.mappings.pool->waiting;
    }
    *evictions += m.os.s->evictions;
    machine_close(&m);
}

static void
sessions_keep_every_invariant(void **state)
{
    uint64_t evictions = 0, waited = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= SESSIONS; seed++)
        one_session(seed % 4 < 2 ? "hashed" : "inverted", seed, &evictions, &waited);
    assert_in_range(evictions, 20, UINT64_MAX);
    assert_in_range(waited, 100, UINT64_MAX); /* pages without an entry were part of it */
}

/* --- a hand in the table -------------------------------------------------------------------------- */

/* Anywhere in the table: whose an entry is, where a chain goes on, what it says, an anchor. */
static void
poke_table(struct machine *m, struct rng *r)
{
    paddr_t pa = 0x1000 + rng_below(r, hashed_bytes(&m->preset.geo) / 4) * 4;
    uint64_t small = rng_below(r, 4), value = rng_next(r);

    phys_write(&m->hw.phys, pa, 4, small ? value & 0xff : value & 0xffffffff);
    m->s->tampered = 1; /* as an operation would say */
}

static void
nobody_is_left(struct machine *m)
{
    for (uint32_t pid = 1; pid < TASK_MAX; pid++)
        if (m->os.s->task[pid].state != TASK_NONE && m->os.s->task[pid].state != TASK_DEAD)
            os_exit(&m->os, 0, pid, SIGNAL_NONE);
    for (uint32_t at = 1; at < hashed_entries(&m->preset.geo); at++)
        assert_int_equal(m->os.mappings.holder[at], 0);
    for (uint32_t i = 1; i <= m->os.mappings.pool->used; i++)
        assert_int_equal(m->os.mappings.at[i].mm, 0);
}

/* The kernel never follows what it did not write: programs may die of it, nothing else. */
static void
a_hand_in_the_table_confuses_programs_only(void **state)
{
    uint64_t killed = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= SESSIONS; seed++) {
        struct machine m;
        struct rng r;
        struct error e = {0};

        rng_seed(&r, seed);
        open_small(&m, seed % 2 ? "hashed" : "inverted");
        for (int i = 0; i < OPERATIONS; i++) {
            struct operation op;
            uint8_t blob[OPERATION_BLOB];
            struct outcome out = {0};

            if (i % 3 == 0)
                poke_table(&m, &r);
            drive_random(&r, &m, &op, blob);
            machine_do(&m, &op, &out, &e);
            killed += out.kind == OUT_SIGNAL;
        }
        nobody_is_left(&m);
        machine_close(&m);
    }
    assert_in_range(killed, 1, UINT64_MAX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hashed_table_is_a_dictionary),
        cmocka_unit_test(an_inverted_table_is_a_dictionary),
        cmocka_unit_test(sessions_keep_every_invariant),
        cmocka_unit_test(a_hand_in_the_table_confuses_programs_only),
    };

    return RUN_TESTS(tests);
}
